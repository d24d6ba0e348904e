"""Thresholds of a reading's grade and of where follow-up ends; of marks, lines that no curve follows, and snapping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MARKS",
    "SNAPPING",
    "UNFOLLOWED",
    "WEIGHT_OF_DOUBTS",
    "EndSettings",
    "MarkSettings",
    "QualitySettings",
    "SnapSettings",
    "UnfollowedSettings",
]

WEIGHT_OF_DOUBTS: Mapping[str, float] = {
    "arm name": 1.0,
    "curve": 1.0,
    "direction": 0.2,
    "end of follow-up": 0.6,
    "hazard ratio": 0.4,
    "marks": 0.3,
    "n": 0.6,
    "numbers at risk": 0.6,
    "panel": 0.6,
    "survival axis": 0.6,
    "time axis": 0.6,
    "time unit": 0.0,
}
"""What a doubt about each field weighs where its reading is not trusted at all (see `QualitySettings.check_from`).

A wrong name or curve is wrong for every number of an arm; a single cell, label or mark is one of many, a missing unit
is said and assumed. Ratios and their direction enter no patient.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class QualitySettings:
    """When a figure contradicts its reading, and what each contradiction weighs.

    Weights add up. One thing that makes a reading wrong if it is true weighs 1; one that cannot be with any right
    reading weighs 3.
    """

    check_from: float = 1.0
    """Sum of weights from which a reading is `check`: one thing that may be wrong for a whole arm."""
    unreliable_from: float = 3.0
    """Sum of weights from which it is `unreliable`: one impossibility, or three things that may be wrong."""
    most_of_a_kind: float = 1.6
    """Most that several things about one field weigh together, none of them alone impossible: they have one cause."""
    other_doubt: float = 0.4
    """Weight of a doubt whose field is not in `WEIGHT_OF_DOUBTS`."""
    unmarked: float = 0.3
    """Weight of an arm without censoring marks beside one that has some: they may be lost, and are one of many
    things that tell who was censored."""
    levels_off: float = 1.5
    """Pixels by which a level may be off: half a line, and half a pixel of the axis at each end."""
    columns_off: float = 2.0
    """Pixels by which a number's time may be off its column; steps within them may be on either side."""
    time_off: float = 0.004
    """The same as a share of the follow-up: printed times are rounded."""
    clear_excess: float = 0.03
    """Share of an arm's patients by which a number lies above its curve and no reading of both is off so far."""
    one_cell: float = 1.0
    """Weight of a single number that the curve or the row does not allow: a digit was misread."""
    small_excess: float = 1.0
    """Weight of several such numbers, none of them far off: an adjusted curve, or a calibration a little off."""
    large_excess: float = 3.0
    """Weight of several such numbers far off: row and curve are of different arms, or the curve is wrong."""
    exchanged: float = 1.0
    """Weight of rows that fit their curves only when they are exchanged: names are wrong then, if no curve is."""
    settled: float = 0.8
    """How sure it is which row is of which curve where each row fits its own curve and no other."""
    reconciled: float = 0.05
    """Share of the time axis by which curve and table may disagree about the end, and either be taken."""
    lost_end: float = 0.12
    """Share of the time axis from which on a curve that stops before patients do was lost by the tracing."""
    ends_apart: float = 0.6
    """Weight of a curve and a table that disagree about the end by more than `reconciled`."""
    ends_far_apart: float = 1.0
    """Weight of the same by more than `lost_end`."""
    one_line: float = 0.7
    """Share of the shorter follow-up over which two curves coincide and may be one line read twice."""
    coincident: float = 1.0
    """Weight of two curves that may be one line."""
    solid_followed: float = 0.75
    """Share of a solid line's columns that must show its ink; marks, words and other lines hide the rest."""
    broken_followed: float = 0.3
    """The same of a dashed or dotted line: its gaps show none."""
    little_ink: float = 1.0
    """Weight of a curve that shows less ink."""
    upright_dots: float = 3.0
    """Line widths that dots stand high from which on they are strokes of hatching."""
    hatched: float = 1.0
    """Weight of a curve of such dots: it follows the edge of a band, or strays within."""
    aslant: float = 0.33
    """Share of a fall drawn aslant from which on events are joined by slopes, and no steps are drawn."""
    seen_step: float = 2.5
    """Pixels that a patient's step is high at least, before slopes tell of anything but crowded small steps."""
    slopes: float = 1.0
    """Weight of a curve of slopes: it lies below the steps it stands for, by up to an event's height."""
    late_start: float = 0.985
    """Survival below which a curve's first level is no full survival: two per cent die at no one time."""
    early_events: float = 3.0
    """Patients who may have an event within the first column of pixels, more than two per cent of a small arm."""
    least_start: float = 0.93
    """Survival below which no first level is full survival, however few the patients."""
    not_full: float = 1.0
    """Weight of such a curve: it starts below full survival, at a landmark or by a misread axis."""
    tick_off: float = 0.06
    """Share of the mean spacing of ticks by which a tick may be off the fitted axis."""
    axis_off: float = 1.0
    """Weight of an axis that does not fit its ticks."""
    few_ticks: int = 2
    """So many ticks fit any axis, so that a misread one is not noticed."""
    unproved_axis: float = 0.3
    """Weight of an axis with so few."""
    longest_name: int = 70
    """Letters of a name beyond which it is a sentence."""
    shortest_piece: int = 2
    """Letters of a name that may be the beginning of one whose rest was not read."""
    phrase: int = 8
    """Letters of another name that begins alike, from which on it is a phrase, and no code such as AB."""
    no_name: float = 1.0
    """Weight of a name that is none: numbers, a statistic, a heading."""
    unread_share: float = 0.2
    """Share of a table's cells that may be unread before its rows are in question."""
    unread: float = 1.0
    """Weight of a table with more."""
    no_row: float = 1.0
    """Weight of an arm without a row of numbers at risk beside arms that have one: a row that was not seen, mostly."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EndSettings:
    """How well the end of a curve is known."""

    reconciled: float = 0.05
    """Share of the time axis by which curve and table may disagree about the end, on record: a gap of a dash, a cap,
    a mark, or a table that counts patients whose line was not drawn on."""
    columns_off: float = 2.0
    """Pixels by which the end of a line is off: half its width, and a mark's or a frame's edge."""
    time_off: float = 0.004
    """The same as a share of the time axis: printed times are rounded."""


@dataclass(frozen=True, kw_only=True)
class MarkSettings:
    """Censoring marks."""

    shortest: int = 2
    """Pixels that a stroke stands out of a line at least."""
    shortest_on_dashes: int = 4
    """The same of a broken line, whose dashes' ends look like short strokes, unless other lines bear as short marks."""
    alike: float = 1.0
    """Pixels by which the marks of two lines of a figure may differ in height."""
    peaks_seen: float = 0.6
    """Of the marks that fit into a run: peaks are counted where so many are seen."""
    next_mark: float = 0.75
    """Pixels between marks that merge."""
    prominence: float = 0.12
    """Of the strongest in a run: a peak that stands out by more is a mark."""
    tiny: float = 1e-09
    """Guards a division."""
    stroke_fall: float = 0.35
    """Of the coverage next to the line: a stroke ends where less is left."""
    edge_slack: float = 0.25
    """Pixels: where within a pixel the line's edge ends."""
    ring_off: float = 1.5
    """Line widths by which the middle of a ring may be off the line."""
    ring_pixels: float = 5.0
    """Pixels: the same for thin lines."""
    hole_widths: float = 3.0
    """Line widths, and ..."""
    hole_pixels: float = 6.0
    """... pixels that the hole of an open symbol is high and wide at most."""
    least_hole: int = 3
    """Pixels that it is at least; noise within a line leaves smaller ones."""
    ring_widths: float = 3.0
    """Line widths: the inside of a ring is no wider."""
    ring: float = 0.4
    """Coverage of a ring's pixel."""
    single: float = 0.25
    """Quantile of the lengths of marked runs that is a single mark's."""
    beyond: float = 3.5
    """Pixels beyond a stroke's end where a mark has no more ink, and a line that crosses has."""
    usual_strength: float = 0.32
    """Of the usual stroke: marks of one figure are alike."""
    least_strength: float = 0.7
    """Of the faintest stroke: below, nothing is a mark."""
    one_sided: float = 0.55
    """Of the usual strength: a stroke of which one side is hidden shows so much on the other."""
    shortest_strength: float = 0.4
    """The same for two pixels."""
    short_strength: float = 0.3
    """Coverage of strokes three pixels tall, which must be bolder than taller ones."""
    stroke_end: float = 0.25
    """Pixels by which a stroke's soft end is left out."""
    line_edge: float = 0.6
    """Pixels of the line's soft edge that are left out."""
    wide_leak: float = 0.12
    """The same for two."""
    leak: float = 0.04
    """Coverage beside the line, where its soft edge reaches a pixel further."""
    faintest: float = 0.16
    """Coverage of a stroke that is told from noise."""
    tallest: float = 0.06
    """Of the plot's height, on either side of the line: a taller stroke is no mark."""
    seldom: float = 0.2
    """Share of marks in which a pixel is inked: less is what differs from place to place."""
    flat: float = 0.3
    """Rows by which a level may vary below a mark that stands alone."""
    new: float = 0.25
    """Share of a shape's pixels that no mark beside it explains."""
    bars: float = 0.7
    """Of the tallest column's ink: the usual column has less where strokes slant."""
    symmetric: float = 0.6
    """Share of a shape that its mirror image covers."""
    covered: float = 0.8
    """Share of the shape's pixels that are inked where one stands."""
    ink: float = 0.4
    """Coverage of a mark's pixel."""


MARKS = MarkSettings()


@dataclass(frozen=True, kw_only=True, slots=True)
class UnfollowedSettings:
    """What of the ink that no curve covers looks like a curve."""

    ink: float = 0.25
    """Distance from the background, of 1, that counts as ink; as where words and keys are told from curves."""
    beside: float = 1.5
    """Line widths around a curve that are its own: its soft edge, and marks that hardly stick out."""
    gap: float = 0.02
    """Share of the plot's width that a gap may have: a dash's, or where another line crosses."""
    length: float = 0.3
    """Share of the plot's width that a line must run; words, keys and leader lines are shorter."""
    thickness: float = 2.5
    """Line widths, at the middle of its columns, beyond which it is a word, a band or a block."""
    thinnest: float = 3.0
    """Pixels that a line may have however thin the curves are: a soft edge takes one on each side."""
    fall: float = 0.04
    """Share of the plot's height that it must fall: grids, guide lines and frames are level."""
    rising: float = 0.08
    """Share of its columns in which it may rise, by more than a pixel: letters rise as often as they fall."""
    clear: float = 1.5
    """Line widths above and below it at which the page must show: soft edges end before."""
    contrast: float = 0.8
    """Of `ink`, by which it must be darker than there; bands are tinted on one side at least."""
    seen: float = 0.4
    """Share of its columns that must show ink; dashes show more."""


UNFOLLOWED = UnfollowedSettings()


@dataclass(frozen=True, kw_only=True)
class SnapSettings:
    """How far from a click its line may be, and what its line is."""

    reach: float = 8.0
    """Pixels from a click to the ink that is meant: a hand's error on a picture that is not enlarged."""
    least_ink: float = 0.25
    """Contrast to the page, of 1, from which a pixel is ink."""
    around: float = 0.3
    """Share of the pixels within reach that show no line: the strongest of them is what is behind one."""
    ground: float = 0.8
    """Share of the pixels around a line that are what is behind it: a line of 3 pixels takes a tenth of them."""
    most_ground: float = 0.4
    """Most coverage, of 1, that what is behind a line is taken to have: more is another line."""
    solid_ink: float = 0.7
    """Share of the darkest contrast nearby from which a pixel shows the line's own colour, and not its edge's."""
    off_colour: float = 0.18
    """Distance from the line's colour, of 1, from which ink is less and less taken for it."""
    beside_band: float = 4.0
    """What a pixel outside the clicks' reach costs, in columns of bare page."""
    to_the_end: float = 8.0
    """What each column costs that the path leaves out before the last click, in columns of bare page."""
    shortest: int = 2
    """Columns between first and last click, at least."""
    at_click: float = 3.0
    """Pixels by which the line may pass a click's own ink above or below, so that no other line is taken there."""
    least_drop: float = 0.75
    """Pixels; levels that are closer are one: what a band behind a line, or a screen's smoothing, makes of it."""
    inked: float = 0.5
    """Coverage of a pixel from which it is the line's."""
    bare_tread: float = 0.3
    """Share of its columns with ink below which a level is none: a path across the gap of a dashed line."""
    least_upright: float = 0.25
    """Share of the rows between two levels that a column of ink covers to be where the line falls: a dash of it."""
    whole_upright: float = 0.7
    """The same, to be one fall whatever levels its smoothed edges show."""
    dashed_upright: float = 0.4
    """The same, of a line of dashes, with its gaps."""
    tall: float = 3.0
    """Line widths that such a fall is high, at least: short levels on a lower one are steps of the curve."""


SNAPPING = SnapSettings()
