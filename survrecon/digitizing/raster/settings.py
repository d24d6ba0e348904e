"""Numbers of tracing with a name, a unit and a reason, one class a stage."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "NOT_CURVES",
    "PANEL",
    "PIXELS",
    "TIED",
    "TONES",
    "TRACING",
    "NotCurves",
    "PanelSettings",
    "PixelSettings",
    "TiedSettings",
    "Tones",
    "Tracing",
]


@dataclass(frozen=True, kw_only=True)
class NotCurves:
    """Words, legend keys, axes, frames, rules, guide lines: what stands in a plot area and is no curve."""

    ink: float = 0.25
    """Of full contrast: what is fainter is neither a letter nor a line, but compression noise or a band."""
    text_pad: float = 0.25
    """Word heights: by so much a word's letters may stand out of its box."""
    key_reach: float = 0.13
    """Of the plot's width: a legend key lies no further left of its words."""
    key_height: float = 0.75
    """Word heights: a key lies no further above or below the middle of its words."""
    key_apart: float = 0.5
    """Word heights: a legend key stands further than this from other ink at its left."""
    next_dash: float = 1.5
    """Widest gaps between its dashes: what follows no further away belongs to the same broken line."""
    text_margin: int = 3
    """Pixels: the soft edges of letters."""
    neutral: float = 0.15
    """Difference of channels, 0 to 1: axes, frames, rules and guide lines are black or grey, compression tints them."""
    line_margin: float = 0.6
    """Pixels: the soft edges of an axis line."""
    axis_length: float = 0.85
    """Of the plot: an axis line or frame runs along all of it but for a gap at its ends."""
    axis_near: float = 0.1
    """Of the plot: frame and axis lines lie no further from its edges, where paddings of both sides are allowed for."""
    axis_left: float = 0.03
    """Of the plot's width: at the left, where curves begin, time 0 is known better."""
    thickest: float = 0.02
    """Of the plot's longer side: a thicker stretch is a bar or a block of marks."""
    straight: float = 0.9
    """Inked share of its box: less is two levels of a curve with a low step between them."""
    shortest_rule: float = 0.15
    """Of the plot's width: a shorter level line may be a key or a mark."""
    shortest_upright: float = 0.12
    """Of the plot's height: the same for upright lines."""
    dash_gap: float = 0.03
    """Of the plot: dashes of guide lines have shorter gaps."""
    hatched: float = 0.5
    """Of a dashed line's own ink: with as much on both sides it is a row of a hatched area."""
    guide_start: float = 0.02
    """Of the plot's width: a guide line begins at the axis, give or take its dash."""
    below_full: float = 0.03
    """Of the plot's height: a line this near to full survival may be where a curve begins."""
    crossing: float = 0.06
    """Of the plot's height: a curve that comes down to a guide line is higher; a mark on a level is not."""
    joint: int = 4
    """Pixels: a step that ends where a level begins lies no further away, soft edges included."""
    joint_rows: int = 3
    """Pixels: a stroke from above shows on as many of the rows above the level's start."""
    turns: int = 3
    """Rounds: a frame's sides are told once its top is, and its bottom after its sides."""


NOT_CURVES = NotCurves()


@dataclass(frozen=True, kw_only=True)
class Tones:
    """Which tones of ink are lines of their own; differences and strengths are shares of full contrast, 0 to 1.

    Differences are of red, green and blue, not of perceived colour: a soft edge mixes ink and paper evenly there, so
    that all pixels of a line lie on one ray from the paper, and how far along says what share is ink. In CIE Lab the
    mixtures of one ink leave their straight line by up to 10 units (red, navy), more than inks of two arms may be apart
    (4 between two usual blues): each of these thresholds would stay, and be wider.
    """

    near: float = 0.12
    """Difference of a pixel from a tone: compression moves tones by less."""
    parent: float = 0.3
    """Difference of a pixel from a stronger tone, where soft edges are allowed for."""
    solid: float = 0.8
    """Coverage by the stronger tone, of which a softer edge has less."""
    edge: int = 3
    """Pixels: how far soft edges reach."""
    shortest: float = 0.2
    """Of the plot's width: a line shows its tone on as many columns away from a stronger one."""
    outline: float = 0.6
    """Of its pixels: more of them beside a filled area are that area's outline."""
    fewest: int = 30
    """Pixels of level line that tell how much ink a line holds across."""
    thinnest: float = 0.25
    """Quantile of the ink across: higher ones are widened by marks and steps."""
    same_ink: float = 0.75
    """Of the stronger line's ink across: a line between two rows keeps it, a grey one has its grey's share."""
    grid_faintest: float = 0.015
    """Difference from the background: less is compression."""
    grid_darkest: float = 0.45
    """Of full contrast: darker lines are curves, axes or frames."""
    grid_thickest: int = 5
    """Rows: what is thicker is a stripe of the background or a band."""
    grid_missing: float = 0.4
    """Of the line's contrast, below which it is missing there."""
    grid_empty: float = 0.15
    """Of the plot: a grid line is missing on no more."""
    stripe_other: float = 0.06
    """Of the plot: curves cross a thick stripe on no more; a confidence band does not fill it from end to end."""
    grid_same: float = 0.08
    """Difference from the line's tone below which a pixel is the grid line's alone."""
    on_band: float = 0.12
    """Of full contrast: how much darker than its band a line is, and the band than the page, where bands are dark."""
    dark_band: float = 0.6
    """Coverage of an area filled in the line's tone; paler bands are taken away as they are."""
    hatch: int = 5
    """Pixels: the strokes of a hatched band leave smaller gaps."""
    band_line: float = 0.97
    """Quantile of how much darker than the band its pixels are: about the line's own share of its pixels."""
    band_contrast: float = 0.05
    """Of the line's strength: what is darker than its band by less is compression, and no line is seen there."""
    blend: float = 0.1
    """Difference of a tone from a mixture of two: compression moves mixtures more than tones."""
    least_share: float = 0.12
    """Of a mixture: less of the second tone is compression."""
    most_ink: float = 1.15
    """Shares of a mixture together: more is darker than either."""
    main_share: float = 0.6
    """Of the line's tone in a mixture with a band drawn over it; half and half may be an arm of its own."""
    neutral: float = 0.15
    """Difference of channels: black and grey have less, compression included."""
    hairline: float = 0.7
    """Pixels of ink across: a line of one pixel keeps nearly all of it between two rows."""
    same_colour_ink: float = 0.6
    """The same for two tones of one colour, of which arms seldom are: compression pales thin coloured lines."""
    two_rows: float = 3.0
    """Rows: a line that falls between two is no thicker, blur included."""
    halo_share: float = 0.6
    """Of a tone's pixels beside stronger ones: more make it a halo."""
    pale: float = 0.3
    """Strength below which a halo is looked for further away: compression smears pale tones."""
    halo_strength: float = 1.1
    """Of the fainter tone's strength: the stronger one's pixels are that much darker."""
    halo_parent: float = 0.2
    """Difference of a pixel from the stronger tone whose halo is looked at."""
    near_tone: float = 0.12
    """Difference of a pixel from a tone whose place is asked for."""
    halo_stronger: float = 1.15
    """Of a tone's strength: from here on another one is stronger, and may have this one as its halo."""
    settled: float = 0.15
    """Difference of a pixel from a tone within which it helps to settle that tone."""
    edge_to: float = 1.15
    """The same at most."""
    edge_from: float = 0.7
    """Share of the other tone from which on a mixture is its edge; less may be a paler line of its colour."""
    mixed_apart: float = 0.06
    """Difference from a mixture of another tone with the background below which a tone is that one's edge."""
    apart: float = 0.16
    """Difference of two tones below which they are one."""
    rarest: float = 0.002
    """Of all core pixels: rarer tones are noise."""
    pale_weight: float = 0.3
    """Weight of a tone beside its strength: pale lines count, but less than dark ones."""
    bins: int = 16
    """Steps of each channel in which tones are counted."""
    least_strength: float = 1e-06
    """Of full contrast: guards a division."""
    band_cover: float = 0.75
    """Coverage by an area up to which it is taken away as a band; above, the line would be lost with it."""
    filled_area: float = 0.02
    """Of the plot: a smaller filled area is no confidence band."""
    filled: float = 0.05
    """Of full contrast: what is filled more faintly is noise."""
    fewest_core: int = 20
    """Pixels of lines' cores, without which there is no line."""
    peak_slack: float = 0.02
    """Of full contrast: a line's core is as dark as its neighbours but for noise."""
    widest_line: float = 0.006
    """Of the plot's width, to each side: a line is no thicker, so that what is thicker is a filled area."""
    faintest: float = 0.12
    """Of full contrast: what is fainter is background, grid or noise."""
    ray_floor: float = 0.3
    """Share below which differences are not magnified further."""
    most_ray: float = 1.3
    """Share of a tone above which a pixel is another one's."""
    least_ray: float = 0.05
    """Share of a tone below which all tones look alike."""
    widest: float = 14.0
    """Pixels: a thicker stroke is a block of marks or a band."""
    width_quantile: float = 0.25
    """Quantile of thickness taken as the line's: marks and steps are thicker."""
    dark_quantile: float = 0.9
    """Quantile that is taken as the usual darkest pixel of clear strokes."""
    clear_share: float = 0.8
    """Of the usual darkest pixel: the same for blurred lines."""
    clear_peak: float = 0.7
    """Coverage of a stroke's darkest pixel that tells its thickness; blurred lines are asked for less."""
    stroke_ink: float = 0.25
    """Coverage from which a pixel belongs to a stroke whose thickness is measured."""
    most_mixed: float = 1.2
    """Shares of both together, at most: compression darkens a little."""
    least_mixed: float = 0.02
    """Share of each tone in a mixture, at least."""
    parallel: float = 0.02
    """Determinant of two tones' products below which their mixtures cannot be told apart."""
    mixture_fit: float = 0.09
    """Difference from a mixture of two tones below which a pixel is one."""
    unexplained: float = 0.07
    """Difference from every tone's ray above which a pixel may be a mixture of two."""
    trust_fall: float = 0.16
    """Difference from the ray by which trust falls by 1."""
    trust_offset: float = 1.5
    """Trust in a pixel of a tone's very ray; above 1, so that small differences cost nothing."""
    strong_share: float = 1.3
    """Of a fainter tone: a pixel darker than that is not its."""
    sure_away: float = 0.15
    """Difference from a tone's ray within which a pixel is surely of it."""
    darker: float = 1.6
    """Of a paler tone: a pixel so much darker belongs to a darker line, whose soft edges look like the paler tone."""
    least_core: float = 0.5
    """Of a darker tone: a line's core has more of it wherever it falls between two rows."""
    sure_share: float = 0.8
    """Of a stronger tone: from here on a pixel is that line's core, and the fainter tone around it its edge."""
    most_share: float = 1.15
    """Of a tone: a darker pixel is not its."""
    wet: float = 0.03
    """Of full contrast: fainter pixels hold no ink of any tone."""
    same_ray: float = 0.13
    """Difference from a mixture with the background below which two tones share a ray: one may be the other's edge."""


TONES = Tones()


@dataclass(frozen=True, kw_only=True)
class Tracing:
    """Which paths through a colour's ink are curves."""

    ink: float = 0.3
    """Coverage from which a pixel is the line's: soft edges have less."""
    thin: float = 1.8
    """Line widths, and a pixel: a line and its soft edges are no thicker, marks are."""
    own_share: float = 0.25
    """Of the ink that no other curve explains: so much stands apart from them where there is one more."""
    own_columns: float = 0.04
    """Of the plot's width: the same, at least."""
    own_runs: int = 4
    """Dashes or stretches that stand apart: fewer may be letters."""
    widths_bare: float = 3.0
    """Line widths without ink in a fall: beyond that no soft stroke may hide between two levels."""
    height_bare: float = 0.08
    """Of the plot's height: the same where steps are drawn without strokes; a patient's step is seldom as high."""
    thick: float = 1.8
    """Line widths, and a pixel: a line drawn thicker is one of several thicknesses, soft edges allowed for."""
    thin_widths: float = 2.0
    """Line widths: a thicker stretch of what is no curve is a word or a key."""
    thin_pixels: float = 6.0
    """Pixels added to that for soft edges and the margin around lines."""
    longest_hidden: float = 0.12
    """Of the plot's width: over a longer stretch without ink, and nothing that could cover it, no curve runs on."""
    beside_fall: float = 0.015
    """Of the plot's width: as many columns without ink beside a fall tell that something covers line and fall."""
    left_ink: float = 0.6
    """Coverage of ink that the first curve of a colour left."""
    fewest_dots: int = 12
    """Dots that make a dotted line; fewer may be what marks left."""
    dot_ink: float = 0.4
    """Coverage of a dot."""
    longest_mark: float = 4.0
    """Pixels along the line: longer runs are dashes, shorter ones may be marks."""
    twin_solid: float = 0.75
    """Share of inked columns that each of two solid lines of one colour has."""
    bare_price: float = 0.75
    """Price of a bare column for the first curve of a colour, above that of ending: it is followed by ink."""
    left_over: float = 0.1
    """Of the plot's width: less ink beside the first curve is no second one."""
    own_width: float = 0.08
    """Of the plot's width: so many columns show a curve's own ink at least."""
    next_price: float = 0.55
    """The same for further ones, which others of the colour hide at times."""
    ghost_ink: float = 0.4
    """Coverage of the ink that shows whether a line follows another's edge."""
    more_chroma: float = 0.2
    """The same beyond the other line's."""
    all_along: float = 0.9
    """Share of a line's ink beside another of its hue from which it is that line's; a paler arm parts from it."""
    one_hue: float = 0.95
    """Cosine between two tones' colours above which they are of one hue: compression makes one line two of them."""
    ghost_chroma: float = 0.3
    """Difference of channels of a clear colour, which is no ghost of black."""
    solid: float = 0.75
    """Share of inked columns above which a line is solid, and no ghost of another."""
    least_fall: float = 0.005
    """Of the plot's height: a level line is no curve beside one that falls."""
    grey: float = 0.1
    """Difference of channels up to which a line may be a grid line."""
    strong_share: float = 0.6
    """Of the shortest curve: a colour is on so many columns at least, for dashes leave gaps."""
    strong: float = 0.4
    """Coverage of a column in which a colour has a line."""
    most_strokes: float = 10.0
    """Strokes that a column of one tone has in the middle: more than the most arms, their marks and a grid together."""
    full_cover: float = 0.85
    """Mean coverage across a line that counts as all of it, for its edges are soft."""
    least_scale: float = 1e-06
    """Guards a division by a line's width."""
    broken: float = 0.3
    """Share of inked columns that a dashed or dotted curve has at least."""
    faint: float = 0.25
    """Of the boldest curve's contrast: a greyer line is a grid line or an edge."""
    shortest: float = 0.12
    """Of the plot's width: a curve reaches further."""
    hidden_price: float = 0.52
    """Price of a column where something else may cover the curve; a little above the price of ending."""
    fall_widths: float = 3.0
    """Line widths: the same for thick lines."""
    fall_pixels: float = 8.0
    """Pixels without ink in a fall that show a jump to another line; soft strokes leave fewer."""
    longer_gaps: float = 4.0
    """Usual gaps between dashes that make a longer one."""
    longest_bare: float = 0.02
    """Of the plot's width: a longer stretch without ink is told."""
    last_stroke: float = 4.0
    """Pixels: a stroke that ends a curve is at least so deep; a mark's lower half is not."""
    dash_ratio: float = 2.5
    """By how much the long ones are longer, at least."""
    dot_length: float = 2.2
    """Line widths: dots are no longer."""
    long_dash: float = 0.8
    """The same for the long ones."""
    short_dash: float = 0.2
    """Quantile of dashes' lengths that is short where long and short ones alternate."""
    least_gaps: float = 0.06
    """Of the path: gaps are together longer in a dashed line."""
    dash_ink: float = 0.35
    """Coverage of a column within a dash."""
    start_slip: float = 0.02
    """Price of each row by which a curve begins off full survival."""
    bare_drop: float = 0.3
    """Price of each bare pixel in a vertical step, of a column's."""


TRACING = Tracing()


@dataclass(frozen=True, kw_only=True)
class PanelSettings:
    """The plot area, and from pixels to data units."""

    axis_near: float = 0.05
    """Of the plot's width: a vertical line this near to the survival axis's ticks is that axis, or the plot's frame."""
    below_zero: float = 0.03
    """Of the plot's height: room for the line and the marks of a curve that ends at 0."""
    seen: float = 0.3
    """Coverage from which a column shows a curve's ink: compressed thin lines have little."""
    usual_gaps: float = 2.5
    """Usual gaps of a broken line: a longer one is no gap between dashes."""
    solid: float = 0.9
    """Share of a solid line's columns that show its ink."""
    end_widths: float = 2.0
    """Line widths that another curve runs on beyond a curve's end, where it hides that end."""
    own_ink: float = 0.3
    """Coverage by a curve's own colour up to which it is."""
    foreign: float = 0.6
    """Coverage by another curve's colour from which a pixel is that one's."""
    mark_share: float = 0.6
    """Of a mark's reach: so much of its upper half tells it from a stroke downwards."""
    foot: float = 0.7
    """Pixels below half a line width where the line of a last patient's event ends: the axis hides the rest."""
    at_full: float = 1.5
    """Pixels: the same for the survival that is put out."""
    rising_below: float = 0.93
    """An axis that ends below this share of full survival cannot show a curve that starts there."""
    full_slip: float = 3.0
    """Pixels from full survival within which a curve's first level is full survival."""
    odd_label: float = 0.3
    """Confidence in a number that breaks an axis's progression."""
    at_once_width: float = 0.01
    """Of the plot's width, within which an axis and a grid line that are taken for a curve fall ..."""
    at_once_fall: float = 0.1
    """... by more than this of its height."""
    good_fall: float = 0.02
    """Of the plot's height: and falls by more."""
    good_width: float = 0.2
    """Of the plot's width: such a curve reaches further."""
    good_share: float = 0.75
    """Share of inked columns of a curve that shows which way curves run."""
    blank_range: int = 25
    """Grey levels of 255: a picture with less between its darkest and lightest pixel is blank."""


PANEL = PanelSettings()


@dataclass(frozen=True, kw_only=True)
class PixelSettings:
    """Background, rotation and straight lines of a picture."""

    tiny: float = 1e-09
    """Guards a division."""
    unbroken: float = 0.985
    """Inked share of a straight line, compression allowed for."""
    smallest_panel: int = 50
    """Pixels: a smaller one is no panel."""
    panel_row: float = 0.3
    """Of a row or column: a panel covers more of it."""
    own_tone: float = 0.02
    """Of full contrast: a panel's background differs by more from the page's, and by less within."""
    most_panel: float = 0.95
    """Of the picture: and less, or it is the page."""
    least_panel: float = 0.1
    """Of the picture: a panel with a background of its own covers more."""
    thick_pixels: float = 4.0
    """Pixels that a line may be thick in small pictures."""
    faintest: float = 0.2
    """Of full contrast: and darker."""
    thickest: float = 0.012
    """Of the picture's longer side: and thinner."""
    long_share: float = 0.3
    """Of the picture: a straight line is longer."""
    white: int = 255
    """Grey levels of a byte."""
    sharper: float = 1.05
    """Times as sharp as it stands: a figure is turned for no less."""
    fine_step: float = 0.01
    """Degrees between those."""
    fine_end: float = 0.1201
    """The same, with the last one."""
    fine_reach: float = 0.12
    """Degrees around the best of these that are tried finely."""
    coarse_step: float = 0.1
    """Degrees between the angles tried first."""
    past_end: float = 1e-09
    """Degrees: so that the last angle is tried."""
    paper: float = 0.15
    """Of full contrast: fainter differences are the paper's."""
    code_bits: int = 15
    """Bits of three such channels."""
    levels: float = 31.999
    """Levels of each channel in which the background is counted, a little less than 32."""
    worth: float = 0.06
    """Degrees below which a figure is left as it is."""
    steepest: float = 3.0
    """Degrees of rotation that a scan is searched for."""


PIXELS = PixelSettings()


@dataclass(frozen=True, kw_only=True)
class TiedSettings:
    """Times that a figure does not tell apart."""

    least_time: float = 1e-09
    """Guards weights of levels that last no time."""
    least_step: float = 1e-12
    """Guards a division by the least step."""
    near_steps: float = 6.0
    """Columns within which two low drops are one step."""
    step_share: float = 0.6
    """Of one patient's step: a lower drop is no step of its own."""
    mark: float = 0.6
    """Columns: a mark, or a line's end, is not placed better."""
    strokes: float = 0.15
    """Columns: strokes no further apart are told as one time."""


TIED = TiedSettings()
