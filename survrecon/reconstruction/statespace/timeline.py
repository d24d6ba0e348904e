"""The follow-up of one arm cut into bins, in each of which events and censorings may fall."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from survrecon.arrays import monotone_fit
from survrecon.model.curve import AtRiskConvention, RiskTable
from survrecon.reconstruction.statespace.crowding import finest_unit
from survrecon.reconstruction.statespace.reading import CurveDetail, PointReading
from survrecon.reconstruction.statespace.settings import GUARDS, SAMPLER

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.reconstruction.statespace.priors import CensoringPrior, MarkModel, Priors

__all__ = [
    "Timeline",
    "falls_at_printed_times",
    "mark_crowds",
    "mark_gaps",
    "next_point",
    "open_until",
    "sampled_timeline",
    "stepped_timeline",
    "told_ahead",
]

_EITHER_SIDE = 0.5


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Timeline:
    """Bins of time of one arm, J of them, each open on the left.

    Parameters
    ----------
    left, right : array of float, shape (J,)
        Limits.
    points : tuple of tuple of float, length J
        Survival read at the right end of each bin (clicks: within it).
    can_fail : array of bool, shape (J,)
        Whether events may fall in the bin.
    step : array of int, shape (J,)
        Index of the step at the right end, -1 where there is none (steps only).
    printed : array of int, shape (J,)
        Number at risk printed for the right end, -1 where there is none.
    end : array of int, shape (J,)
        The last bin of the interval between printed numbers at risk.
    target : array of int, shape (J,)
        Number at risk at that end; 0 after the last printed one.
    hazard : array of float, shape (J,)
        Cumulative hazard -ln S at the right end as the points alone show it (steps: before the step).
    weight : array of float, shape (J,)
        Share of the censorings that the bin would have if they were spread evenly, or over the marks.
    marks : array of int, shape (J,), or None
        Censoring marks in the bin.
    mark_times : array of float or None
        All marks, rising.
    counts_after : bool
        Whether printed numbers count patients with time > t, not time >= t.
    open_until : float
        Until when patients may be seen after a last point that is itself a drop; 0 where the points show the end.
    to_zero : bool
        Whether the curve falls to 0: its last patients fail together, they are not the last to be censored.
    crowd : array of float, shape (J,), or None
        Patients a column by which marks run together, where that is followed; then ``weight`` is what the marks make
        of it.
    hidden : array of float or None
        Patients beyond one that each mark between steps is expected to hide.
    reach : int
        Columns from a mark in which the next one touches it.
    told : array of int, shape (J,), or None
        Events from the start up to the right end of a bin where the figure tells them, -1 elsewhere.
    """

    left: FloatArray
    right: FloatArray
    points: tuple[tuple[float, ...], ...]
    can_fail: npt.NDArray[np.bool_]
    step: IntArray
    printed: IntArray
    end: IntArray
    target: IntArray
    hazard: FloatArray
    weight: FloatArray
    marks: IntArray | None = None
    mark_times: FloatArray | None = None
    counts_after: bool = False
    to_zero: bool = False
    open_until: float = 0.0
    crowd: FloatArray | None = None
    hidden: FloatArray | None = None
    reach: int = 1
    told: IntArray | None = None

    def __len__(self) -> int:
        return int(self.left.size)

    @property
    def last_interval(self) -> int:
        """First bin after the last printed number at risk."""
        return int(np.flatnonzero(self.end == len(self) - 1)[0])

    @property
    def narrow(self) -> npt.NDArray[np.bool_]:
        """Bins (J,) that are the smaller part of a column, cut by a printed time."""
        width = self.right - self.left
        return np.asarray(width < 0.5 * np.median(width))

    def weighted(self, weight: FloatArray) -> Timeline:
        """Return the same bins with other weights of censoring."""
        return replace(self, weight=weight)


def sampled_timeline(
    time: FloatArray,
    survival: FloatArray,
    read: PointReading,
    table: RiskTable | None,
    marks: FloatArray | None,
    prior: CensoringPrior,
) -> Timeline:
    """Return time bins for points (m,) whose steps cannot be told apart.

    Bins end at the points of a trace or of drops, and at even columns for clicks; risk times always end one.
    """
    column = float(np.median(np.diff(np.unique(time)))) if time.size > 1 else float(max(time[-1], 1.0))
    seen = float(time[-1]) + (column if read.detail is CurveDetail.TRACE else 0.0)
    to_zero = bool(survival.size and survival[-1] <= max(read.grid / 2, GUARDS.lowest))
    counts, told_at = _counts(table, _fallen(time, survival) if to_zero else np.inf)
    stop = _last_time(seen, counts, prior)
    ends = time
    if read.detail is CurveDetail.CLICKS:
        ends = np.arange(1, SAMPLER.columns + 1) / SAMPLER.columns * time[-1]
    after = _counts_after(table)
    if read.detail is CurveDetail.DROPS and not after:
        counts = [(t * (1 - GUARDS.same), count) for t, count in counts]  # a step at a printed time comes after it
    hidden = _hidden_until(time, counts, column) if read.detail is CurveDetail.TRACE else 0.0
    edges = _distinct(np.concatenate([[0.0], ends[ends > 0], [seen, stop], [t for t, _ in counts], [hidden]]))
    left, right = edges[:-1], edges[1:]
    size = left.size
    printed, told = np.full(size, -1), np.full(size, -1)
    for (t, count), events in zip(counts, told_at, strict=True):
        printed[_bin_of(edges, t)], told[_bin_of(edges, t)] = count, events
    margin = 0.5 * column if read.detail is CurveDetail.TRACE else -GUARDS.same
    can_fail = left < max(time[-1] + margin, hidden * (1 - GUARDS.tiny))
    if counts and counts[-1][1] == 0:
        can_fail &= left < counts[-1][0]
    weight = (right - left) / edges[-1]
    counted = None
    if marks is not None and marks.size:
        counted = np.bincount([_bin_of(edges, t) for t in marks], minlength=size)
        weight = (counted > 0) + GUARDS.tiny
    return Timeline(
        left=left,
        right=right,
        points=_points_of_bins(edges, time, survival),
        can_fail=can_fail,
        step=np.full(size, -1),
        printed=printed,
        end=_ends(printed),
        target=_targets(printed),
        hazard=_hazard(time, survival, right),
        weight=weight,
        marks=counted,
        mark_times=marks if counted is not None else None,
        counts_after=after,
        to_zero=to_zero,
        told=told if (told >= 0).any() else None,
    )


def _distinct(edges: FloatArray) -> FloatArray:
    """Return edges in order, each once."""
    edges = np.unique(edges)
    return np.asarray(edges[np.append(True, np.diff(edges) > GUARDS.tiny * edges[-1])])


def _points_of_bins(edges: FloatArray, time: FloatArray, survival: FloatArray) -> tuple[tuple[float, ...], ...]:
    """Return the survival of the points after the start, by bin."""
    points: list[list[float]] = [[] for _ in range(edges.size - 1)]
    for t, s in zip(time[time > 0], survival[time > 0], strict=True):
        points[_bin_of(edges, t)].append(float(s))
    return tuple(map(tuple, points))


def stepped_timeline(
    times: FloatArray,
    levels: FloatArray,
    last: float,
    table: RiskTable | None,
    marks: FloatArray | None,
    same: float,
    rng: np.random.Generator,
    priors: Priors,
    open_until: float = 0.0,
) -> Timeline:
    """Return time bins between steps at ``times`` (k,) down to ``levels`` (k,), followed up to ``last``.

    Where patients may be seen on until ``open_until`` the last bin weighs as much as a follow-up drawn up to there.

    A printed time closer than ``same`` to a step stands before or after it, as its convention says. So does a mark
    where times are counted in days or longer; where they are not, one that was rounded to the time of a step may stand
    on either side, and does by chance.
    """
    to_zero = bool(levels.size and levels[-1] <= GUARDS.lowest)
    counts, told_at = _counts(table, float(times[-1]) if to_zero else np.inf)
    after = _counts_after(table)
    times = times.copy()
    for t, _ in counts:
        times[np.abs(times - t) <= same] = t
    keyed = [(float(t), 1, k) for k, t in enumerate(times)]
    keyed += [(t, 2 if after else 0, count) for t, count in counts]
    keyed.sort(key=lambda item: item[:2])
    stop = max(_last_time(last, counts, priors.censoring), keyed[-1][0] if keyed else last)
    right = np.array([t for t, _, _ in keyed] + [stop])
    left = np.concatenate([[0.0], right[:-1]])
    step = np.array([k if what == 1 else -1 for _, what, k in keyed] + [-1])
    printed = np.array([k if what != 1 else -1 for _, what, k in keyed] + [-1])
    told = np.full(right.size, -1)
    told[printed >= 0] = told_at
    so_far = np.concatenate([[0], np.cumsum(step >= 0)[:-1]])
    level = np.concatenate([[1.0], levels])[so_far]
    weight = np.maximum(right - left, GUARDS.mark * stop) / stop
    if open_until > stop:  # else hardly any would be left for it, and too few would be at risk at the last drops
        weight[-1] += rng.random() * (open_until - stop) / stop
    counted = None
    if marks is not None and marks.size:
        at_printed = np.array([t for t, _ in counts])
        counted = _marks_of_bins(marks, right, times, at_printed, same, priors.marks, rng, after=after)
        marks = _at_times(marks, at_printed, same)  # where a step of that time is, whose patients they still belong to
        weight = counted + GUARDS.small
    return Timeline(
        left=left,
        right=right,
        points=((),) * right.size,
        can_fail=step >= 0,
        step=step,
        printed=printed,
        end=_ends(printed),
        target=_targets(printed),
        hazard=-np.log(_before_zero(level)),
        weight=weight,
        marks=counted,
        mark_times=marks if counted is not None else None,
        counts_after=after,
        to_zero=to_zero,
        open_until=open_until,
        told=told if (told >= 0).any() else None,
    )


def _marks_of_bins(
    marks: FloatArray,
    right: FloatArray,
    times: FloatArray,
    at_printed: FloatArray,
    same: float,
    model: MarkModel,
    rng: np.random.Generator,
    *,
    after: bool,
) -> IntArray:
    """Return how many marks each bin has (J,); those tied with a step by rounding alone stand on either side of it."""
    bins = _bins_of_marks(marks, right, times, at_printed, same, model, after=after)
    if _tied_by_chance(marks, times, same, float(right[-1]), model):
        tied = np.isin(marks, times)
        bins = bins - (tied & (rng.random(marks.size) < _EITHER_SIDE))
    return np.asarray(np.bincount(np.minimum(bins, right.size - 1), minlength=right.size))


def _bins_of_marks(
    marks: FloatArray,
    right: FloatArray,
    times: FloatArray,
    at_printed: FloatArray,
    same: float,
    model: MarkModel,
    *,
    after: bool,
) -> IntArray:
    """Return the bin of each mark (m,): after a step at its time, as such a patient was still at risk there."""
    placed = _at_times(marks, at_printed, same)
    if not _tied_by_chance(marks, times, same, float(right[-1]), model):
        placed = _at_times(placed, times, same)
    return np.asarray(np.searchsorted(right, placed, side="right") - (after & np.isin(placed, at_printed)))


def _tied_by_chance(marks: FloatArray, times: FloatArray, same: float, last: float, model: MarkModel) -> bool:
    """Whether marks and steps at one time are so by rounding, as exact times that are many come close to each other.

    Where times are counted in days, or are few, those at one time are the same time.
    """
    close = 2 * same / last * marks.size * times.size
    return close > model.tied_by_chance and same <= model.exact_time * last and finest_unit(marks, last) <= 2 * same


def _at_times(marks: FloatArray, times: FloatArray, same: float) -> FloatArray:
    """Return marks, those closer than ``same`` to one of the times (k,), rising, at it."""
    if not times.size:
        return marks
    after = np.minimum(np.searchsorted(times, marks), times.size - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(np.abs(times[before] - marks) < np.abs(times[after] - marks), times[before], times[after])
    return np.where(np.abs(nearest - marks) <= same, nearest, marks)


def _counts_after(table: RiskTable | None) -> bool:
    return table is not None and table.convention is AtRiskConvention.AFTER


def _counts(table: RiskTable | None, fallen: float) -> tuple[list[tuple[float, int]], list[int]]:
    """Return the printed times after 0 with their numbers, and the events told up to each, -1 where none are.

    The 0 of a curve that has ``fallen`` to 0 by then is left out: it says nothing more, and as a number to be met it
    would have all who are left censored before the last drop.
    """
    if table is None:
        return [], []
    kept = (table.time > GUARDS.same) & ~((table.at_risk == 0) & (table.time >= fallen))
    events = table.events or (None,) * len(table)
    told = [-1 if d is None else d for d, keep in zip(events, kept, strict=True) if keep]
    return list(zip(table.time[kept].tolist(), table.at_risk[kept].tolist(), strict=True)), told


def _fallen(time: FloatArray, survival: FloatArray) -> float:
    """Return when points (m,) that end at 0 have come down to their last level."""
    return float(time[np.flatnonzero(survival > survival[-1])[-1] + 1]) if (survival > survival[-1]).any() else 0.0


def _last_time(seen: float, counts: list[tuple[float, int]], prior: CensoringPrior) -> float:
    """Return when the last patient leaves: at the end of the curve, or a little after the last printed time."""
    if not counts or counts[-1][0] < seen - GUARDS.same:
        return seen
    gap = counts[-1][0] - (counts[-2][0] if len(counts) > 1 else 0.0)
    return counts[-1][0] + (prior.beyond_table * gap if counts[-1][1] > 0 else 0.0)


def _hidden_until(time: FloatArray, counts: list[tuple[float, int]], column: float) -> float:
    """Return until when patients may fail unseen after the last column of a trace, 0 where its end tells.

    Those who fail together at a printed time right after the last column are still at risk there.
    """
    last = counts[-1] if counts else (0.0, 0)
    return (
        last[0] + column if last[1] > 0 and time[-1] <= last[0] <= time[-1] + SAMPLER.hidden_columns * column else 0.0
    )


def _bin_of(edges: FloatArray, time: float) -> int:
    """Return the bin that ends at ``time`` or holds it."""
    return int(np.clip(np.searchsorted(edges, time * (1 - GUARDS.tiny)) - 1, 0, edges.size - 2))


def _ends(printed: IntArray) -> IntArray:
    ends = np.unique(np.append(np.flatnonzero(printed >= 0), printed.size - 1))
    return np.asarray(ends[np.searchsorted(ends, np.arange(printed.size))])


def _targets(printed: IntArray) -> IntArray:
    return np.maximum(printed[_ends(printed)], 0)


def _hazard(time: FloatArray, survival: FloatArray, at: FloatArray) -> FloatArray:
    """Return -ln S at times, from a decreasing fit of the points, linear between them."""
    fit = -np.log(np.minimum(_before_zero(monotone_fit(survival, increasing=False)), 1.0))
    times = np.unique(time)
    heights = fit[np.searchsorted(time, times, side="right") - 1]
    return np.maximum.accumulate(np.interp(at, np.append(0.0, times), np.append(0.0, heights)))


def _before_zero(levels: FloatArray) -> FloatArray:
    """Return falling survival with the last level above 0 kept to the end.

    A curve falls to 0 with its last patient, not by a hazard that the patients before would have met.
    """
    above = levels[levels > GUARDS.lowest]
    return np.maximum(levels, above[-1] if above.size else GUARDS.lowest)


def open_until(time: FloatArray, survival: FloatArray, table: RiskTable | None, prior: CensoringPrior) -> float:
    """Return until when patients may be seen after points (m,) that end with a drop, 0 where they show a plateau.

    A list of drops ends with the last of them, while patients are followed on. Somebody followed to the next time of
    an evenly printed table would have been printed there.
    """
    if time.size < 2 or not 0 < survival[-1] < survival[-2]:
        return 0.0
    last = float(time[-1])
    if table is None or len(table) < 2:
        return last * (1 + prior.longest_open)
    following = float(table.time[-1] + (table.time[-1] - table.time[-2]))
    if table.at_risk[-1] == 0:
        following = float(table.time[-1])
    return following if following > last else last * (1 + prior.longest_open)


def told_ahead(line: Timeline) -> IntArray:
    """Return the events that the figure tells up to the next column from each bin on, -1 where it tells none (J,)."""
    if line.told is None:
        return np.full(len(line), -1)
    at = np.flatnonzero(line.told >= 0)
    following = np.searchsorted(at, np.arange(len(line)))
    return np.where(following < at.size, line.told[at[np.minimum(following, at.size - 1)]], -1)


def next_point(line: Timeline) -> IntArray:
    """Return for each bin the first one from it on with a point, J if there is none."""
    size = len(line)
    own = np.where([bool(p) for p in line.points], np.arange(size), size)
    return np.asarray(np.minimum.accumulate(own[::-1])[::-1])


def mark_gaps(line: Timeline) -> tuple[IntArray, IntArray]:
    """Return the bins between each bin and the next marked one, and the marks from each bin on."""
    size = len(line)
    if line.marks is None:
        return np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    own = np.where(line.marks > 0, np.arange(size), size)
    following = np.append(np.minimum.accumulate(own[::-1])[::-1][1:], size)
    return following - np.arange(size) - 1, np.cumsum((line.marks > 0)[::-1], dtype=np.int64)[::-1]


def falls_at_printed_times(line: Timeline, off: int) -> tuple[FloatArray, FloatArray]:
    """Return the hazard of points before and after the end of each bin's interval (J,), relative to it.

    A fall between the points on both sides of a printed time may come before or after it: often both are visits.
    Points less than ``off`` bins away may be of either side.
    """
    size = len(line)
    own = np.where([bool(p) for p in line.points], np.arange(size), -1)
    before = np.maximum.accumulate(own)[np.maximum(line.end - off, 0)]
    after = next_point(line)[np.minimum(line.end + off, size - 1)]
    known = (before >= 0) & (after < size) & (line.printed[line.end] >= 0)
    at = line.hazard[line.end]
    low = np.where(known, line.hazard[np.maximum(before, 0)] - at, 0.0)
    return low, np.where(known, line.hazard[np.minimum(after, size - 1)] - at, 0.0)


def mark_crowds(line: Timeline, model: MarkModel) -> FloatArray:
    """Return how many patients each mark likely hides (J,), by how far its neighbours are: as many as come near it.

    A mark hides others of its own bin, and those whose marks touch it.
    """
    crowd = np.zeros(len(line))
    if line.marks is not None:
        at = np.flatnonzero(line.marks > 0)
        gaps = np.diff(at, prepend=-1).astype(float)
        gaps[:-1] = (gaps[:-1] + gaps[1:]) / 2
        crowd[at] = model.crowd_width / np.maximum(gaps, 2.0)
    return crowd
