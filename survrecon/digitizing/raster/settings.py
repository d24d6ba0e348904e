"""Numbers of tracing with a name, a unit and a reason, one class a stage."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NOT_CURVES", "PANEL", "TONES", "TRACING", "NotCurves", "PanelSettings", "Tones", "Tracing"]


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
    """Which tones of ink are lines of their own; differences and strengths are shares of full contrast, 0 to 1."""

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
    two_rows: float = 3.0
    """Rows: a line that falls between two is no thicker, blur included."""


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
    beside_fall: float = 0.015
    """Of the plot's width: as many columns without ink beside a fall tell that something covers line and fall."""


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


PANEL = PanelSettings()
