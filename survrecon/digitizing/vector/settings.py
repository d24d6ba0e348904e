"""Numbers of reading drawings with a name, a unit and a reason."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DRAWING", "LINES", "PDF", "SVG_DRAWING", "DrawingSettings", "LineSettings", "PdfSettings", "SvgSettings"]


@dataclass(frozen=True, kw_only=True)
class LineSettings:
    """Which drawn lines are curves, and which shapes are marks."""

    least_width: float = 1e-06
    """Points: guards a division by a line's width."""
    level: float = 1e-06
    """Points: a smaller step is rounding."""
    at_zero: float = 0.002
    """Of the time axis: a first point no later is at time 0."""
    at_full: float = 0.0005
    """Survival by which a first level may be off full survival, by rounding."""
    axis_edge: float = 0.3
    """Points below the axis where marks may still stand."""
    touching_share: float = 0.12
    """Of a mark's height: the same."""
    touching: float = 0.6
    """Points between a mark and the line that bears it."""
    beside: float = 0.03
    """Points left and right of a mark where the line is looked for, for marks stand at steps."""
    filled_height: float = 1.5
    """Points: the height of a filled mark, at least."""
    filled_stroke: float = 0.3
    """Of its height: a filled shape that is narrower is a stroke."""
    same_tone: float = 0.05
    """Difference of colours that are the same."""
    crossed: float = 0.2
    """Points by which height and width of a slanted cross may differ."""
    tiny: float = 1e-06
    """Guards a division."""
    round_shape: float = 0.3
    """Of its height, by which a circle's width may differ."""
    least_mark: float = 0.8
    """Points: and its height, at least."""
    upright: float = 0.05
    """Points: the width of an upright stroke."""
    small_plot: float = 4.0
    """Points: the same in small plots."""
    largest: float = 0.06
    """Of the plot's height: a larger shape is no mark."""
    late_start: float = 0.25
    """Of the plot's width: and no later."""
    off_full: float = 0.04
    """Of the plot's height: a curve starts no further from full survival."""
    least_fall: float = 0.005
    """Of the plot's height: a line that falls by less is a rule or a guide line."""
    frame: float = 0.9
    """Of the plot's height: the first side of a frame is longer."""
    rounded: float = 0.5
    """Points: how far a line that a program exported may run back."""
    few: float = 0.1
    """Of a line's pieces: how many may run back by rounding."""
    frame_corners: int = 5
    """Corners: two sides of a frame with a tick at either end have no more."""
    frame_edge: float = 0.01
    """Of the plot's width: how far the right side of a frame is from the plot's edge at most."""
    outline: int = 8
    """Corners: a closed path with fewer is a box."""
    hair: float = 0.3
    """Points: a closed path that is thinner on average is a line that runs out and back."""
    recent: int = 8
    """Chains of a style that a stroke may continue: a page draws few curves at a time."""
    most_pieces: int = 200
    """Chains of a style that are joined out of order: more are a dotted line, or hatching."""
    below: float = 0.2
    """Of the plot's height below the axis: what reaches further down is no curve."""
    shortest: float = 0.08
    """Of the plot's width: a curve reaches further."""
    same: float = 0.02
    """Points: coordinates closer than this are the same."""


LINES = LineSettings()


@dataclass(frozen=True, kw_only=True)
class DrawingSettings:
    """Drawings and their pictures."""

    white: int = 255
    """Grey levels of a byte."""
    type_size: float = 0.8
    """Of a word's height: the size of its type."""
    least_type: float = 6.0
    """Pixels: smaller type is not drawn."""
    slanted: float = 0.2
    """Share of slanted pieces above which a line was simplified by a program."""
    rising_below: float = 0.93
    """An axis that ends below this share of full survival cannot show a curve that starts there."""
    picture_side: int = 1200
    """Pixels that its longer side has."""
    largest_scale: float = 4.0
    """Pixels a point, at most, of a picture that is drawn of a page."""


DRAWING = DrawingSettings()


@dataclass(frozen=True, kw_only=True)
class PdfSettings:
    """Pages of a PDF."""

    least_span: float = 1e-06
    """Guards a division by a picture's width."""
    most_side: int = 4000
    """The same at most."""
    least_side: int = 900
    """Pixels that a page's longer side has at least."""
    side_slack: float = 0.95
    """Of the longest side that is read, to stay below it."""
    picture_share: float = 0.15
    """Of the page: a larger picture is the figure."""
    inch: int = 72
    """Points."""
    usual_dots: int = 150
    """Dots an inch that a page is drawn with."""
    largest_page: int = 5000
    """Points: a larger page is no page."""
    white: int = 255
    """Grey levels of a byte."""
    line_slip: float = 0.6
    """Word heights by which letters of one line may differ in height."""
    step_back: float = 1.5
    """Word heights by which a letter may stand before the last one's end: kerning and accents."""
    word_gap: float = 0.75
    """Word heights between words of one run."""
    same_angle: float = 0.1
    """Radians by which letters of one word may differ."""
    least_size: float = 1e-06
    """Points: guards a division by a word's height."""
    upwards: float = 0.7
    """Sine of the angle from which on text runs upwards."""
    wide_plus: float = 1.4
    """The same at most."""
    tiny: float = 1e-06
    """Guards a division."""
    narrow_plus: float = 0.7
    """Width over height of a glyph that may be a plus sign, at least."""


PDF = PdfSettings()


@dataclass(frozen=True, kw_only=True)
class SvgSettings:
    """Drawings in SVG."""

    letter: float = 0.52
    """Of the type's size: the usual width of a letter."""
    type_size: float = 12.0
    """Points, where a file says none."""
    white: float = 255.0
    """Grey levels of a byte."""
    invisible: float = 0.01
    """Opacity below which nothing is seen."""
    largest: int = 20000
    """Points: a larger drawing is none."""
    ppi: float = 72.0
    """Points an inch."""
    descent: float = 0.22
    """The same below."""
    ascent: float = 0.78
    """Of the type's size above the line."""
    descent_upwards: float = 0.25
    """The same below."""
    ascent_upwards: float = 0.75
    """Of the type's size above the line of upright text."""
    half_turn: int = 180
    """Degrees."""
    upwards: float = 0.7
    """Sine of the angle from which on text runs upwards."""
    next_column: float = 62.0
    """Points between columns of a comment's words where there is no next one."""


SVG_DRAWING = SvgSettings()
