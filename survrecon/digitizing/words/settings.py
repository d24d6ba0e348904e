"""Every threshold of the reading of words, with its unit and reason."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "COUNTS",
    "GLYPHS",
    "KEYS",
    "LAYOUT",
    "NAMES",
    "PLAUSIBLE",
    "TABLE",
    "CountSettings",
    "GlyphSettings",
    "KeySettings",
    "LayoutSettings",
    "NameSettings",
    "PlausibleSettings",
    "TableSettings",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class GlyphSettings:
    """How wide characters are, in digits: where a part of a word stands follows from them."""

    thin: str = " .,:;'|!()[]iljtfrI/-"
    """Characters of half the width in the sans-serif types that figures use."""
    broad: str = "mwMW%@"
    """Characters half as wide again as a digit."""
    narrow: float = 0.5
    """Digits: width of a thin character."""
    wide: float = 1.5
    """Digits: width of a broad character."""
    capital: float = 1.2
    """Digits: width of a capital letter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlausibleSettings:
    """What tells text from strokes that were taken for letters."""

    speck: float = 0.01
    """Pixels or points: no word is lower, so that distances can be told in word heights."""
    widest: float = 2.2
    """Word heights a character: text set wider than this is a line, not a word."""
    confidence: float = 0.7
    """Confidence of the recognition below which strokes are as likely as letters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LayoutSettings:
    """When words form lines; all in heights of the words."""

    level: float = 0.45
    """Word heights: words whose middles differ by less stand on one line; half a height would join lines set solid."""
    gap: float = 1.2
    """Word heights: the widest space between words of one line; columns of tables stand further apart."""
    overlap: float = 0.5
    """Word heights: neighbours may overlap by this, as boxes of recognised words are drawn too wide."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TableSettings:
    """How the rows and columns of numbers at risk are found."""

    before: float = 0.42
    """Tick spacings: numbers may stand this far left of the first tick and still be cells, set flush left or right."""
    beyond: float = 0.6
    """Tick spacings: the same at the right of the last tick."""
    name_before: float = 0.15
    """Tick spacings: a number this far left of the first tick, beside one that stands at it, is a name."""
    off_tick: float = 0.3
    """Tick spacings: columns within this of the ticks, all moved alike, stand at the ticks."""
    aligned: float = 0.06
    """Tick spacings: half the cells of a table that is set by its ticks slip by less; what is left of them is none."""
    one_column: float = 0.25
    """Tick spacings: cells closer than this stand in one column."""
    level: float = 0.55
    """Word heights: cells whose middles differ by less stand in one row."""
    beside: float = 0.6
    """Word heights: a name this far above or below the middle of a row stands beside it."""
    rows_apart: float = 4.5
    """Word heights: from one row to the next of one table, with names over three lines or a heading between."""
    heading_reach: float = 5.0
    """Word heights: a heading such as "Number at risk" stands at most this far above the first row."""
    name_reach: float = 1.9
    """Word heights: from the middle of a row to a line of its name above or below."""
    long_name_reach: float = 4.4
    """Word heights: the same to the third or fourth line of a name, where another line of it stands between."""
    short_row: float = 0.3
    """Share of the longest row's cells that a row without a name must have."""
    named_gap: float = 0.7
    """Word heights: a number this close to the word before it is part of a name, not a column of its own."""
    lone_spacing: float = 40.0
    """Pixels or points between ticks of an axis with one label."""
    same_value: float = 1e-9
    """Values of two ticks closer than this are one."""
    headed_worth: float = 1000.0
    """Cells: a block under a heading goes before any other."""
    below_worth: float = 100.0
    """Cells: one under the axis before one above it."""
    decimals: int = 6
    """Decimals of a column's time that is read from its place."""
    ten: float = 10.0
    """Times are printed in powers of ten, and halves of them."""
    below_reach: float = 14.0
    """Word heights: numbers at risk without a heading begin this close under the plot, with room for an axis title."""
    unheaded_slip: float = 0.12
    """Tick spacings: the cells of such a table stand this close to the ticks, all moved alike; chance gives 0.25."""
    late_columns: int = 5
    """Cells of a row without a heading that rises at first, as where patients enter late: fewer do so by chance."""
    lone_column: float = 4.0
    """Word heights: width of the place of a table's only column."""
    packed_numbers: int = 3
    """Numbers: a word with more of them, and fewer letters than digits, is a row of the table read as one."""
    label_slip: float = 0.15
    """Tick spacings: a label this close to its value's place names a tick, though its mark was not found."""
    regular: float = 0.02
    """Steps: ticks whose distances are whole multiples of the least within this are at equal distances."""
    most_ticks: int = 200
    """The most columns that a table may have: a guard, no figure has a fourth of it."""
    total_column: float = 1.5
    """Word heights: totals whose middles are closer stand in one column."""
    odd_times: float = 0.2
    """Share of a table's own times that may be misread."""
    most_cells: float = 0.9
    """Share of the cells that must stand at ticks, so that one misplaced word does not move the columns."""
    parted_reach: float = 1.0
    """Word heights: how far the place of a part of a word, told by widths of characters, may be off."""
    least_size: float = 1e-6
    """Least height of a row that distances are measured in: a file of words may hold boxes without height."""
    from_below: float = 1.3
    """Names go on below: a line between two rows is the upper one's unless this many times closer to the lower."""
    name_words: float = 2.5
    """Word heights: words of one name beside a row are closer; panel letters are further off."""
    reread_reach: float = 0.48
    """Column spacings: half the width of the place that is read again for a cell."""
    reread_wide: float = 0.7
    """Column spacings: the same where cells with brackets overlap their neighbours."""
    bracketed_reaches: tuple[float, ...] = (0.41, 0.47, 0.52, 0.58)
    """Column spacings: half the widths of places that are read for a cell with brackets cut out of a longer word."""
    last_cell: float = 0.8
    """Word heights: half the width of the place in which a last number of one or two digits is looked for."""
    key_overlap: float = 0.9
    """Word heights by which a letter behind a sample of line may be taken for the sample's end."""
    name_width: float = 2.4
    """Word heights from there that are read again for the name of a row: a letter, or a number of two digits."""
    letter_width: float = 1.3
    """The same for a single letter alone."""
    name_confidence: float = 0.8
    """How sure such a name must be read."""
    title_reach: float = 2.2
    """Word heights from the first of such names up to their title."""
    reread_height: float = 0.75
    """Word heights: the same of its height."""
    inner_height: float = 0.3
    """Word heights: half the height of the middle of a place, where ink is a cell's own."""
    reread_close: float = 0.7
    """Word heights: half the width of a place that is read a second time, round one digit."""
    reread_confidence: float = 0.9
    """The most that a cell which was blank at first reading is trusted."""
    parted_confidence: float = 0.85
    """What is left of a word's confidence where it is parted into a name and a cell."""
    split_confidence: float = 0.6
    """The same where digits that run together are parted into cells."""
    disputed_confidence: float = 0.5
    """The same where two readings of one cell differ."""
    near_nice: float = 0.06
    """Tick spacings: a column this close to a round time stands at it."""
    weighted_share: float = 0.3
    """Share of cells with decimals from which the counts are weighted, not patients."""
    units: tuple[float, ...] = (12.0, 52.0, 365.25, 365.0, 7.0, 30.4, 1 / 12.0, 1 / 52.0, 1 / 7.0)
    """Months, weeks or days of a year, days of a week or month: a table's times may be in another than the axis."""
    same_unit: float = 0.04
    """Share by which the places of such times may differ from their values on the axis."""
    bracket_gap: float = 0.8
    """Word heights: a number in brackets this close behind another is of its cell."""
    percentages: int = 3
    """Columns whose percentages of the first count tell it, together with its last digits."""
    rows_and_sum: int = 3
    """Rows of a table, and columns, from which one row can be told to be the sum of the others."""
    percent_share: float = 0.6
    """Share of cells with a percent sign from which the table is one of percentages."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CountSettings:
    """How a second number of a cell, and the counts themselves, are judged."""

    no_time: float = 1e-9
    """Units of time: less is time 0."""
    most_patients: int = 10_000_000
    """Patients: more are not one arm of a trial or register, but numbers that were read as one."""
    leave: float = 0.02
    """Share of N that may leave at a column's very time, and so be counted on both sides."""
    leave_least: float = 2.0
    """Patients that may leave at a column's very time in a small arm."""
    percent_slack: float = 1.0
    """Percentage points: rounding of a printed percentage, up or down."""
    shown: int = 5
    """Cells of a row that a doubt shows."""
    curve_slack: float = 0.02
    """Survival: by how much the curve at a column may differ from the one whose events are printed."""
    misread: float = 0.3
    """Confidence of a cell that numbers at risk cannot have."""
    late_trust: float = 0.7
    """Confidence of the cells that rise at first from which patients enter late."""
    excess: float = 0.004
    """Survival, beside half a patient: how much the share at risk may exceed the curve by the drawing alone."""
    offset: float = 0.12
    """Column spacings: numbers may be counted this much before the tick that they stand under."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NameSettings:
    """How names are tied to curves and rows; costs are in differences of a colour's channel, from 0 to 1."""

    coloured: float = 0.2
    """Difference of channels, as a share of the ink's depth, from which it has a colour of its own."""
    same_ink: float = 0.25
    """Difference of channels up to which text and curve have one colour."""
    colour_weight: float = 2.0
    """Cost of a whole difference between a key's colour and the curve's."""
    duty_weight: float = 1.2
    """Cost of a whole difference between how much of key and curve is ink: tells dashed from solid."""
    ink_cost: float = 0.35
    """Cost of a tie by the colour of the letters: a key's is surer."""
    place_cost: float = 0.45
    """Cost of a tie by the place of a label beside a curve."""
    place_weight: float = 0.1
    """Cost of each word height between a label and its curve."""
    label_beside: float = 2.0
    """Word heights: a label so near to its curve, whose ink looks like a sample beside it, need not be a legend's."""
    place_reach: float = 5.0
    """Word heights: a label further from every curve names none."""
    leader_cost: float = 0.1
    """Cost of a tie by a line that leads from a label to a curve."""
    limit: float = 0.75
    """A key or coloured label that costs more is no tie."""
    row_limit: float = 1.4
    """A row of the risk table that costs more is not tied to a curve."""
    row_key: float = 0.8
    """Cost of a tie by a key beside a row, which may be the end of an axis line."""
    row_ink: float = 0.4
    """Cost of a tie by the colour of a row."""
    as_like: float = 0.02
    """Likeness by which two names differ no more where a third is as like the one as the other."""
    same_name: float = 0.75
    """Likeness from which the name of a row is that of a label."""
    hue_weight: float = 0.5
    """Cost of a right angle between the hues of letters and curve."""
    depth_weight: float = 0.2
    """Cost of a whole difference of channels where the hue is the same: pale letters are small, not another colour."""
    ink_place: float = 0.01
    """Cost of each word height between coloured letters and the curve: legends may be far off."""
    stem: int = 4
    """Letters: of longer names the last may be an ending, or be cut off at an edge."""
    sentence_reach: int = 40
    """Characters from a name to its number of patients in a sentence."""
    black: float = 0.4
    """Channel, 0 to 1: ink darker than this in all channels is black."""
    darkest_grey: float = 0.3
    """Channel, 0 to 1: letters darker than this are black, and may belong to any curve."""
    lightest_grey: float = 0.9
    """Channel, 0 to 1: letters lighter than this are white ones on a coloured field."""
    leader_reach: float = 0.8
    """Word heights: a leader line ends this close to its curve."""
    none_printed: float = 0.7
    """How sure it is that no name is printed where fewer words than curves stand beside the axes' labels."""
    at_end: float = 0.25
    """Word heights: a curve that ends so near a label's middle, right before it, is the label's."""
    end_gap: float = 2.5
    """Word heights: from the end of a curve to the label that its ink runs up to."""
    beside_end: float = 1.25
    """Word heights by which marks at a curve's end may be off the middle of its label's first line."""
    on_line: float = 0.35
    """Word heights: ink this close to a curve is the curve's, and no key."""
    along_weight: float = 0.25
    """Cost of a word height to the right of a curve's end, in word heights above or below it."""
    close_call: float = 0.06
    """Cost: two names whose exchange costs less more are not told apart; a label set half a height closer is."""
    close_confidence: float = 0.5
    """How sure such a name is."""
    untold: float = 1.1
    """Cost of a name or row that nothing ties to a curve."""
    one_legend: float = 0.6
    """Word heights by which keys of one legend differ in place and length: boxes of words are off by less."""
    next_entry: float = 4.5
    """Word heights from one entry of a legend to the next: a name may run over three lines."""
    row_share: float = 0.6
    """What a row's own evidence counts beside that of the label of its name, which is printed larger."""
    claim_limit: float = 8.0
    """A claim that costs more has no curve: far more patients at risk than any curve leaves."""
    no_tie: float = 10.0
    """Factor: an impossible pair costs this many times the dearest possible one."""
    short_line: float = 0.3
    """Cost of a line of no length, where others run on: a key or a frame and no curve."""
    order_weight: float = 0.02
    """Cost of the last row for the first curve: decides where nothing else does, and is then a doubt."""
    untold_confidence: float = 0.3
    """How sure a row is that only the order of rows and curves ties."""
    legend_line: float = 8.0
    """Pixels or points: names of one line of a legend are in the order from the left."""
    most_excess: float = 0.5
    """Survival: a larger excess is a misread cell as likely as another curve."""
    excess_weight: float = 12.0
    """Cost of a survival of 1 by which more patients are at risk than the curve allows."""
    at_column_weight: float = 12.0
    """Cost of a survival of 1 of the same at the columns themselves: decides before the order does, and is a doubt."""
    step_slip: float = 1.0
    """Pixels by which the height of a step may be off."""
    step_share: float = 0.75
    """Share of one patient's step below which a step is smaller: arms of about as many patients are not told apart."""
    least_patient: float = 3.0
    """Pixels of one patient's step from which on the heights of steps tell anything."""
    step_apart: float = 2.6
    """Pixels: steps nearer to each other are one, whose stroke was traced in pieces."""
    fewest_steps: int = 5
    """Steps of a curve from which on their heights tell the number of its patients."""
    step_weight: float = 0.6
    """Cost of a curve all of whose steps are smaller than one patient of a row; a third of that settles a tie."""
    excess_tie: float = 0.01
    """Survival by which an exchange of rows must exceed what the curves allow, to be ruled out."""
    other_name: float = 0.7
    """Likeness of two names that differ in a number, a comparison or a negation: that of no tie."""
    short_word: int = 3
    """Letters: names that differ in words as short as A, B, II or III are of two arms."""
    surely_same: float = 0.93
    """Likeness from which two lines are the name of a row: a letter or two may be misread."""
    level: float = 0.6
    """Word heights: what stands less above or below stands beside a name."""
    one_size: float = 1.45
    """Ratio of the heights of two lines up to which they may be one name."""
    most_words: int = 14
    """Words: a longer text is a sentence."""
    contained: float = 0.9
    """Likeness of two names of which one has all words of the other."""
    line_gap: float = 1.75
    """Word heights: from one line of a name to the next."""
    entries_apart: float = 4.5
    """Word heights between the entries of a legend, two at most between."""
    columns_reach: float = 20.0
    """Word heights: from a name in a legend to the numbers of its row."""
    head_reach: float = 9.0
    """Word heights: from the numbers of a legend up to their heads."""
    limits_ink: float = 0.1
    """Difference of channels up to which lines around another are of its colour, and may be its confidence limits."""
    estimate_and_limits: int = 3
    """Lines of one colour that are a curve and its limits."""
    limits_cross: float = 0.005
    """Survival by which a limit may seem to lie on the wrong side of its curve."""
    limits_nested: float = 0.9
    """Share of the follow-up in which neither limit crosses its curve: they begin together, and tangle there."""
    limits_apart: float = 0.006
    """Survival by which a limit stands away from its curve where it is told from it."""
    limits_uneven: float = 2.0
    """Times as far from the curve as the other: limits on the scale of ln(-ln S) are that uneven in small arms."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeySettings:
    """What the keys of a legend, the ink of letters and leader lines look like."""

    near: float = 2.2
    """Word heights: from the sample of line to its word."""
    gap: float = 0.9
    """Word heights: between dashes of one sample."""
    shortest_sample: float = 0.6
    """Word heights: a shorter piece of ink is a letter or a mark."""
    longest_sample: float = 8.5
    """Word heights: a longer one is a line of the plot."""
    serif: float = 0.4
    """Word heights: what of a word may stand out of its box."""
    reach: float = 9.0
    """Word heights: how far a sample is looked for."""
    least_reach: float = 40.0
    """Pixels: the same in small figures."""
    half_height: float = 0.42
    """Word heights: a sample stands this close to the middle of its word."""
    off_level: float = 0.65
    """Word heights: the same of samples that are set at the foot of their words, looked for where there is none."""
    beside: float = 0.1
    """Word heights: boxes of words are drawn this much too wide."""
    least_width: int = 5
    """Pixels: the narrowest place in which to look."""
    least_height: int = 3
    """Pixels: the lowest place in which to look."""
    no_colour: float = 1e-9
    """Squared channels: a curve of the page's own colour has none."""
    least_share: float = 0.5
    """Share of the curve's colour from which a pixel is of it, and not a soft edge."""
    most_share: float = 1.25
    """Share of the curve's colour up to which it is."""
    other_tone: float = 0.13
    """Channel, 0 to 1: a pixel further from the mixtures of curve and page has another colour."""
    own_pixels: float = 0.12
    """Share of a sample's pixels that have the curve's full colour; the rest are soft edges and marks."""
    least_pixels: int = 3
    """Pixels of the curve's colour: fewer are chance."""
    line_in_box: float = 1.1
    """Word heights: a run of ink at the start of a word's box that is as long and thin is its sample of line ..."""
    thin_in_box: float = 0.3
    """... and thinner than this for most of its length."""
    line_and_letters: int = 3
    """Runs of ink in such a box at least: the line, and letters that stand apart."""
    rule: float = 0.8
    """Word heights above or below a sample's place: ink that fills both is a frame or an axis; marks are lower."""
    grey: float = 0.2
    """Channel: a colour whose channels differ by less is grey, as letters are."""
    thickest: float = 0.55
    """Word heights: grey ink thicker than this is a letter."""
    filled: float = 0.85
    """Share of its place that a swatch fills."""
    faintest: float = 0.2
    """Channel: fainter ink is noise of a JPEG."""
    pale: float = 0.4
    """Channel: contrast of a pale line, whose thin sample may be fainter than other ink is asked to be ..."""
    pale_share: float = 0.4
    """... and the share of that contrast that such a sample has at least."""
    tick: float = 0.8
    """Word heights right of a label of the survival axis within which its tick stands."""
    soft_edge: int = 1
    """Columns right of a frame or an axis that its soft edge darkens."""
    dark_columns: float = 0.8
    """Quantile of a sample's columns, by darkest ink, that is as dark as its line: marks are darker, gaps paler."""
    gap_ink: float = 0.5
    """Share of that from which a column is of a dash: compression and soft edges leave gaps less."""
    strong: float = 0.8
    """Share of the darkest ink from which a pixel is in the middle of a stroke."""
    field: float = 0.08
    """Channel: a word whose background differs more from the page stands on a coloured field."""
    leader_ink: float = 0.35
    """Channel: leader lines are as dark as letters, and darker than grids."""
    shortest_leader: float = 8.0
    """Pixels: a shorter line is a mark."""
    longest_leader: float = 6.0
    """Word heights: how far a leader line is followed."""
    leader_thickness: float = 3.5
    """Pixels of ink for each pixel of length, soft edges counted."""
    leader_straight: float = 0.08
    """Ratio of the spread across to that along: a leader line is straight, letters are not."""
    leader_length: float = 0.25
    """Word heights: a leader line ends this much further from its label than it begins."""
    leader_gap: float = 0.6
    """Word heights: from the box of a label to the start of its line."""
    shortest_drawn: float = 3.0
    """Points: a shorter stroke is a mark."""
    widest_drawn: float = 0.3
    """Share of the plot's width: a wider stroke is no sample."""
    highest_drawn: float = 20.0
    """Points: a higher one is a frame."""
    level: float = 0.6
    """Word heights: a drawn sample stands this close to the middle of its word."""
    overlap: float = 0.3
    """Word heights: a drawn sample may overlap the box of its word by this."""
    drawn_gap: float = 3.0
    """Word heights: from a drawn sample to its word."""
    shortest: float = 0.5
    """Word heights: the shortest drawn sample."""
    longest: float = 10.0
    """Word heights: the longest."""
    flat: float = 0.15
    """Word heights: a lower stroke is a line, a higher one a swatch."""
    white: float = 0.9
    """Channel: lighter fills are blank."""
    swatch_cost: float = 1.5
    """Word heights by which a line may be further off than a swatch and still be the sample."""


GLYPHS = GlyphSettings()
PLAUSIBLE = PlausibleSettings()
LAYOUT = LayoutSettings()
TABLE = TableSettings()
COUNTS = CountSettings()
NAMES = NameSettings()
KEYS = KeySettings()
