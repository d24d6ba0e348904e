"""When a reading contradicts itself: the thresholds of its grade, and of where follow-up ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["WEIGHT_OF_DOUBTS", "EndSettings", "QualitySettings"]

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
    hatched: float = 1.0
    """Weight of several curves that are all dotted: lines that are drawn so differ, hatched bands do not."""
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
    no_row: float = 0.6
    """Weight of an arm without a row of numbers at risk beside arms that have one."""


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
