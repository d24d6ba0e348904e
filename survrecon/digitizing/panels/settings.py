"""Every threshold of axes and panels, with its unit and reason."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "CALIBRATION",
    "DRAWN",
    "LABELS",
    "OVERVIEW",
    "PLOT",
    "RECOGNITION",
    "REGIONS",
    "TITLES",
    "CalibrationSettings",
    "DrawnAxisSettings",
    "LabelSettings",
    "OverviewSettings",
    "PlotSettings",
    "RecognitionSettings",
    "RegionSettings",
    "TitleSettings",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelSettings:
    """When numbers are the tick labels of an axis."""

    stray: float = 0.12
    """Tick spacings: how far a label's centre may stray from its tick; a one-digit number is centred to a tenth."""
    least_stray: float = 2.0
    """Pixels or points: boxes of recognised words are no finer."""
    level: float = 0.5
    """Word heights: labels of one row differ less in height."""
    overlap: float = 0.5
    """Share of the narrower label: labels of one column overlap by more."""
    most_runs: int = 6
    """Panels side by side or one under the other that are looked for in one row or column of numbers."""
    highest: float = 120.0
    """Value: a survival axis in percent ends at 100, or one tick above."""
    fraction: float = 1.2
    """Value: a survival axis in fractions ends at 1, or one tick above."""
    percent: float = 5.0
    """Value: an axis that ends lower and above ``fraction`` is taken only with ``small_labels`` from 0 on."""
    small_labels: int = 4
    """Labels: an axis up to 1.4 (a hazard) or 4% (rare events) has as many; two or three may be anything."""
    finest: int = 50
    """Steps between first and last value: labels are round numbers; those of a table are not."""
    finest_value: float = 0.001
    """Value: labels have no more decimals."""
    enough: int = 6
    """Labels of both axes together: with fewer a panel is taken only where no other has as many."""
    fewest: int = 5
    """Labels of both axes together: with fewer any four numbers of a table would make a panel."""
    above: float = 0.3
    """Word heights: the row of time labels may begin this far above the lowest survival label."""
    below_spans: float = 0.6
    """Heights of the survival axis: how far below it the time labels may stand, where the axis is cut ..."""
    below_heights: float = 6.0
    """... and word heights, where it is not."""
    before: float = 4.0
    """Word heights: the first time label may stand this far left of the survival labels' right edge."""
    shortest: float = 0.3
    """Heights of the survival axis: a time axis is not shorter."""
    per_label: float = 0.05
    """Heights of the survival axis that one more label of a time axis outweighs, where two rows are in question."""
    repeated: float = 0.25
    """Tick spacings: labels of an axis stand no further from those of a table's head that says them again."""
    under: float = 0.5
    """Tick spacings beyond a plot's first and last label within which the cells of a table under it stand."""
    row_of_cells: int = 2
    """Further numbers at the height of a survival label that make it a cell of a row: labels stand alone."""
    same_row: float = 50.0
    """Pixels or points: panels that begin within this height of each other are counted from left to right."""
    exact: float = 1e-6
    """Steps: what arithmetic leaves of a whole number of them."""
    alike: float = 0.6
    """Share of characters: a text that resembles the number expected at its place so much is a misread label."""
    odd: float = 0.3
    """Confidence of a number among the labels that breaks their progression, at most."""
    repaired: float = 0.5
    """Confidence of a label that was read otherwise and taken for the number that the progression demands."""
    same_width: float = 0.25
    """Share: panels that have one survival axis in common are equally wide within this."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CalibrationSettings:
    """When strokes are tick marks, and when they are evenly spaced."""

    faint: float = 0.06
    """Share of full contrast: below it a stroke is not told from noise."""
    of_peak: float = 0.4
    """Share of the strongest stroke: below it ink is the foot of a blurred one."""
    of_noise: float = 3.0
    """Times the median contrast of the line: below it ink is texture."""
    agree: float = 1.25
    """Pixels between a tick and the fitted axis: marks are drawn to whole pixels and blurred by one more."""
    widest: float = 5.0
    """Pixels: a tick mark of a small picture is no wider ..."""
    widest_share: float = 0.008
    """... nor than this share of a large one."""
    reach: float = 0.42
    """Tick spacings around a label within which its mark is sought: nearer to it than to the next label."""
    reach_heights: float = 0.75
    """Word heights: and not further than this ..."""
    least_reach: float = 6.0
    """... or this many pixels, for labels of five pixels."""
    most_ticks: float = 0.5
    """Share of the labels whose marks must agree, where there are more than three."""
    least_score: float = 1.5
    """Marks found, less half their residual: fewer prove nothing."""
    residual_cost: float = 0.5
    """Marks that a pixel of residual outweighs, when lines of pixels are compared."""
    near_best: float = 0.2
    """Share of the labels: lines that show fewer marks than the best by no more are averaged with it."""
    same_mark: float = 0.75
    """Pixels: a mark seen in two lines of pixels is straight."""
    uneven: float = 0.12
    """Tick spacings: how far a designer's tick is off an even scale at most; further off it is another stroke."""
    label_slack: float = 0.35
    """Word heights: how far a label's centre may be off its mark, against the other labels, where ticks are uneven."""
    placed_labels: int = 4
    """Labels: with fewer, strokes that happen to stand beside each are no ticks that a designer placed."""
    label_precision: float = 2.0
    """Pixels or points from a label's centre to its tick, where no marks are found."""
    outward: int = 12
    """Pixels above the labels in which marks are sought beyond the axis line: they may point inwards."""
    inward: int = 15
    """Pixels right of the labels of a vertical axis, for the same reason."""
    swallowed: float = 0.4
    """Word heights: a label's box that reaches further out than the others' holds the tick mark too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnAxisSettings:
    """Ticks among a drawing's strokes; lengths in points."""

    straight: float = 0.02
    """Points by which a straight line may lean."""
    agree: float = 0.06
    """Points between a tick and the fitted axis, as programs draw it."""
    placed: float = 0.6
    """Points between a tick and the fitted axis, where a designer drew the ticks again by hand."""
    precision: float = 0.01
    """Points: coordinates are written with two decimals."""
    thin: float = 1.5
    """Points: a filled box that is thinner is a line."""
    long: float = 2.5
    """Points: and one that is longer, where letters are no shapes."""
    corners: int = 12
    """Corners: a stroke with more is a curve, and no axis."""
    most_ticks: float = 0.6
    """Share of the labels whose ticks must agree, where there are more than three."""
    reach: float = 0.45
    """Tick spacings around a label within which its tick is sought."""
    reach_heights: float = 1.2
    """Word heights: and not further than this ..."""
    least_reach: float = 4.0
    """... or this many points."""
    tick_length: float = 20.0
    """Points: a longer stroke at a tick's place is a grid line."""
    past_tick: float = 1.2
    """Tick spacings: what reaches further beyond the last tick is the page's frame."""
    above: float = 0.3
    """Heights of the plot: a level line further above is no axis or frame of it."""
    tall: float = 0.9
    """Heights of the plot: a frame is as high at least."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlotSettings:
    """Where a plot ends, given its ticks."""

    even: float = 0.08
    """Tick spacings: marks without labels are ticks where their gaps differ by less."""
    landmark: float = 0.2
    """Tick spacings: a survival axis this near to a first tick after 0 stands at it, and curves begin there."""
    unknown_gap: float = 0.1
    """Widths of the figure: the tick spacing where there is one tick."""
    short_of_tick: float = 0.05
    """Tick spacings: an axis line reaches the last tick but for this."""
    below: float = 0.6
    """Heights of the plot: the time axis stands no further below the lowest survival tick."""
    at_tick: float = 0.04
    """Tick spacings: an axis line that ends nearer to the last tick ends at it, as R draws it."""
    beyond_tick: float = 0.9
    """Tick spacings beyond the last tick where curves may go on, when the axis line ends at that tick."""
    without_line: float = 1.05
    """Tick spacings beyond the last tick where curves may go on, when there is no axis line."""
    faint_line: float = 0.05
    """Share of full contrast of an axis line in pale grey."""
    pad: float = 0.03
    """Heights of the plot above and below it that are looked at: lines have a width."""
    sampled: int = 40
    """Pixels left of the last tick from which the plot's background is taken."""
    shade: float = 0.02
    """Contrast: a plot whose background differs less from the page has none of its own."""
    same_shade: float = 0.05
    """Contrast: columns that differ less from a plot's background belong to it."""
    grid_line: int = 8
    """Pixels: a gap in a plot's background no wider than this is a grid line."""
    corner_x: float = 0.06
    """Widths of the figure: axis lines whose ends are further apart make no corner."""
    corner_y: float = 0.15
    """Heights of the figure, likewise; a vertical line may end above the time axis."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecognitionSettings:
    """How pictures are given to character recognition, and its boxes taken."""

    longest: int = 2200
    """Pixels: larger figures are reduced for reading."""
    sure: float = 0.9
    """Confidence of a turned word from which it is not tried the other way up."""
    as_found: float = 0.9
    """Share of its confidence that a word running upwards keeps as it was read, lying."""
    usual_turn: float = 0.01
    """Confidence that reading upwards, as axis titles run, has ahead of reading downwards."""
    padding: float = 0.12
    """Heights of a box: the detector draws boxes this much too wide on each side."""
    padding_across: float = 0.25
    """Widths of a box: and no more than this of a short one."""
    upright: float = 1.3
    """Times its width: a box of several letters that is higher holds a word running upwards."""
    ink: int = 60
    """Of 255 away from the background: a letter's stroke, and not the blur around it."""
    thousands: float = 0.45
    """Word heights: a blank that parts thousands is narrower; between tick labels or cells there is more."""
    wider: float = 1.15
    """Times the widest gap between letters: the narrowest gap between numbers."""
    share: float = 0.45
    """Of its width: how far a number's share of a line may be off its share of the line's characters."""
    blank: int = 40
    """Of 255: a cell with less contrast is empty."""
    small: int = 40
    """Pixels: lower cells are enlarged to the recogniser's own line height."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RegionSettings:
    """What of a figure belongs to a panel, and what is running text."""

    lead: float = 0.12
    """Heights of a plot: a panel's letter and title stand within this above it, where nothing tells more."""
    most_lead: float = 0.5
    """Heights of a plot: its letter stands no higher above it, a legend in between."""
    above_letter: float = 0.3
    """Word heights above a panel's letter where its part of the figure begins."""
    wide_gap: float = 0.8
    """Share of the widest gap between two panels: the first gap of at least this parts them."""
    towards_right: float = 0.35
    """Share of the gap to the panel at the right that belongs to that one: its own axis labels and title."""
    heading: float = 0.1
    """Heights of a plot: a title may stand inside it, this far from the top."""
    letter: float = 0.15
    """Widths of a plot: a panel's letter stands no further right of the axis."""
    level: float = 0.6
    """Word heights: words of one line differ less in height."""
    alike: float = 0.8
    """Share of characters: a typed title that resembles a panel's so much names it."""
    few_words: int = 5
    """Words: a line of running text has more; names, titles and headings of tables have fewer."""
    sentence: float = 12.0
    """Word heights: a line of running text is longer."""
    set_solid: float = 1.9
    """Word heights from one line of running text to the next; rows of a legend stand as close, but are short."""
    size: float = 1.35
    """Times: lines of one paragraph are equally high within this."""
    flush: float = 3.0
    """Word heights: lines of a paragraph begin, or end, at one place but for an indent."""
    margin: float = 0.08
    """Heights of a page: running heads and feet stand within this of its edges."""
    lines: int = 3
    """Lines: fewer are a title, or a note in a plot."""
    apart: float = 6.5
    """Word heights: what stands further from a panel, with nothing of it in between, belongs to something else."""
    sideways: float = 9.0
    """Word heights: names of rows and labels of curves may stand as far to the left or right."""
    few_panels: int = 12
    """Panels: more on one page are no Kaplan-Meier panels; only as many are tried."""
    inset_share: float = 0.05
    """Share of the outer time axis by which an inset's first and last tick may differ and still be the same range."""
    last_tick: float = 0.1
    """Share of a time axis that may follow its last tick."""
    picture: float = 0.02
    """Share of a page's area: a smaller picture is a logo."""
    fewest_pixels: float = 900.0
    """Pixels along the longer side of a part of a page that is traced: type of 6 points is then read."""
    most_pixels: float = 4000.0
    """Pixels along the longer side: more are reduced again before they are read."""
    picture_room: float = 0.04
    """Share of a picture's size around it that is read with it: letters and labels set in type."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TitleSettings:
    """Where an axis's title stands."""

    beyond: float = 30.0
    """Pixels or points that a vertical axis's title may reach beyond the axis."""
    above: float = 0.3
    """Word heights: the time axis's title may begin this far above the foot of the tick labels."""
    below: float = 5.0
    """Word heights: and stands no lower than this."""
    left: float = 0.1
    """Widths of the plot: its middle stands no further left of the plot ..."""
    right: float = 0.05
    """... nor further right."""
    quoted: int = 40
    """Characters around a word that are quoted with it."""
    nobody: float = 1e-9
    """Survival below which nobody is left, so that a share of it is not taken."""
    from_caption: float = 0.5
    """Confidence of a time unit that the caption names and the axis's title does not."""
    sloppy: float = 0.5
    """Confidence that an axis with a percent sign that ends at 1 is in fractions after all."""
    implied: float = 0.05
    """Share: under competing events, implied events fall short of the printed ones by this at least ..."""
    implied_most: float = 0.30
    """... and at most: more is a misreading."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OverviewSettings:
    """The picture of a page with its panels."""

    lightened: float = 0.35
    """Share of white mixed into the page, so that what was read stands out."""
    type_size: int = 15
    """Pixels: the panels' names are read on a page of 150 dots an inch."""
    longest: float = 1600.0
    """Pixels along the longer side of a drawing that is no page."""


LABELS = LabelSettings()
CALIBRATION = CalibrationSettings()
DRAWN = DrawnAxisSettings()
PLOT = PlotSettings()
RECOGNITION = RecognitionSettings()
OVERVIEW = OverviewSettings()
REGIONS = RegionSettings()
TITLES = TitleSettings()
