"""Marks that run together: how many patients they hide, and the grid of days or weeks that their times lie on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from survrecon.reconstruction.statespace.censoring import outlived
from survrecon.reconstruction.statespace.settings import GRID, GUARDS, SAMPLER

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.reconstruction.statespace.priors import MarkModel
    from survrecon.reconstruction.statespace.timeline import Timeline

__all__ = [
    "WeightedTimeline",
    "finest_unit",
    "grid_of_columns",
    "marks_run_together",
    "open_columns",
    "run_gain",
    "timelines_behind_marks",
    "timelines_in_columns",
]


def finest_unit(times: FloatArray, last: float) -> float:
    """Return the unit of which gaps of exact marks (m,) are multiples; that of the file's rounding, if none is seen."""
    gaps = np.diff(np.unique(times))
    gaps = gaps[gaps > 2 * GRID.rounding * last]
    if gaps.size < 2:
        return GRID.rounding * last
    unit = float(gaps.min())
    for top in GRID.multiples:  # small multiples first: they tell the unit well enough for larger ones
        near = gaps[gaps < top * unit]
        count = np.round(near / unit)
        if np.abs(near / unit - count).max() > GRID.off_unit + top * 2 * GRID.rounding * last / unit:
            return GRID.rounding * last
        unit = float((near * count).sum() / (count**2).sum())
    return unit


def grid_of_columns(at: FloatArray, length: float) -> tuple[float, float]:
    """Return columns between times of the grid that marks at columns (m,) lie on, say weeks, and a place of one.

    The spacing is 0 where times are on no grid, or on one as fine as the columns. Times of a grid, rounded to columns,
    are alike in phase; the coarsest grid is taken by which they are as much so as they must be.
    """
    if at.size < GRID.fewest_marks or length < GRID.fewest_marks:
        return 0.0, 0.0
    turns = np.arange(1 / GRID.widest, 1 / GRID.finest, GRID.turn / length)
    alike = np.abs(np.exp(2j * np.pi * np.outer(turns, at)).mean(axis=1))
    by_chance = np.sqrt(np.log(GRID.false_alarms * turns.size) / at.size)
    fits = alike > np.maximum(GRID.on_grid * np.sinc(turns), by_chance)
    coarsest = turns[int(np.argmax(fits))]
    if not fits.any() or abs(coarsest - 0.5) < GRID.ambiguous:
        return 0.0, 0.0
    fine = coarsest + np.linspace(-GRID.turn, 1 + GRID.turn, GRID.fine_turns) / length
    phases = np.exp(2j * np.pi * np.outer(fine, at)).mean(axis=1)
    best = int(np.abs(phases).argmax())
    return float(1 / fine[best]), float(np.angle(phases[best]) / (2 * np.pi) / fine[best])


def open_columns(at: FloatArray, spacing: float, place: float) -> npt.NDArray[np.bool_]:
    """Return which columns (J,) hold a time of the grid."""
    turn = (at - place) / spacing
    return np.asarray(np.abs(turn - np.round(turn)) * spacing <= GRID.half_column)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class WeightedTimeline:
    """A timeline whose weights say where censored patients are expected, and how much it counts (shares sum to 1)."""

    line: Timeline
    share: float = 1.0


def marks_run_together(line: Timeline, n: int, events: int | None, model: MarkModel) -> bool:
    """Whether many of the patients censored have no mark of their own.

    Where most have, it matters more that a mark may be read a column off than how many a mark hides.
    """
    assert line.marks is not None
    ends = np.unique(line.end)
    censored = float(_totals(line, n, events)[ends].sum())
    return censored - int((line.marks > 0).sum()) > model.crowded * censored


def timelines_in_columns(line: Timeline, n: int, events: int | None, model: MarkModel) -> list[WeightedTimeline]:
    """Return how many patients are expected in each column of a picture, by bandwidths that its marks support.

    From a mark on columns are taken until one is free, and then all are free up to the next mark.
    """
    assert line.marks is not None
    width = line.right - line.left
    column, marked = float(np.median(width)), line.marks > 0
    at = line.right[marked] / column
    spacing, place = grid_of_columns(at, float(line.right[-1] / column))
    part = width / column
    part = part if spacing == 0 else np.where(open_columns(line.right / column, spacing, place) | marked, part, 0.0)
    reach = _reach(np.flatnonzero(marked), spacing, model.widest_mark)
    totals = _totals(line, n, events)
    found = []
    for bandwidth in model.bandwidths:
        rate = np.maximum(totals * part / np.bincount(line.end, part)[line.end].clip(GUARDS.small), GUARDS.mark)
        kernel = bandwidth * line.right[-1] / column
        open_ = _smoothed(part, kernel).clip(GUARDS.open_part)
        for _ in range(SAMPLER.crowd_rounds):
            taken, support = _taken(rate, marked, line.narrow, reach)
            mean = np.where(line.narrow, rate, rate / -np.expm1(-rate))
            expected = _scaled(taken * mean, marked.astype(float), totals, line.end)
            rate = np.maximum(_smoothed(expected, kernel) / open_ * part, GUARDS.mark)
        crowded = replace(line, weight=np.maximum(expected, GUARDS.mark), crowd=rate, reach=reach)
        found.append((support - model.bandwidth_freedom / bandwidth, WeightedTimeline(line=crowded)))
    return _supported(found, model.least_support)


def timelines_behind_marks(line: Timeline, n: int, events: int | None, model: MarkModel) -> list[WeightedTimeline]:
    """Return how many patients each mark between exact steps is expected to hide, by bandwidths that marks support.

    They left at one time, in the unit, days perhaps, that times were counted in.
    """
    assert line.mark_times is not None
    assert line.marks is not None
    times, last = line.mark_times, float(line.right[-1])
    unit = finest_unit(times, last)
    units = max(float(np.ceil(last / unit / SAMPLER.crowd_bins)), 1.0)  # of the grid in a bin
    own = np.round(times / (units * unit)).astype(np.int64)
    bins = max(round(last / (units * unit)), int(own.max())) + 1
    bin_of_mark = np.repeat(np.arange(len(line)), line.marks)
    interval, totals = line.end[bin_of_mark], _totals(line, n, events)[bin_of_mark]
    found, one = [], np.ones(times.size)
    for bandwidth in model.bandwidths:
        hidden = one
        for _ in range(SAMPLER.crowd_rounds):
            counted = _scaled(one + hidden, one, totals, interval)
            everywhere = (
                _smoothed(np.bincount(own, counted, minlength=bins).astype(float), max(bandwidth * bins, 0.5)) / units
            )
            rate = np.maximum(everywhere[own], GUARDS.small)
            hidden = np.maximum(rate / -np.expm1(-rate) - 1, GUARDS.small)
        support = np.log(np.expm1(np.minimum(rate, GUARDS.most_marked))).sum() - everywhere.sum() * units
        expected = np.maximum(_scaled(one + hidden, one, totals, interval) - 1, GUARDS.mark)
        weight = np.asarray(np.bincount(bin_of_mark, 1 + expected, minlength=len(line)) + GUARDS.small, dtype=float)
        crowded = replace(line, weight=weight, hidden=expected)
        found.append((support - model.bandwidth_freedom / bandwidth, WeightedTimeline(line=crowded)))
    return _supported(found, model.least_support)


def run_gain(rate: FloatArray, narrow: npt.NDArray[np.bool_], reach: int) -> FloatArray:
    """Return the log odds of columns to be taken, not free; a part of a column need not be, for marks to touch."""
    some = np.clip(rate * reach, GUARDS.tiny, GUARDS.most_marked)
    return np.asarray(np.where(narrow, rate, np.log(np.expm1(some)) / reach))


def _supported(found: list[tuple[float, WeightedTimeline]], least: float) -> list[WeightedTimeline]:
    """Return the bandwidths that count, the one that counts most first."""
    best = max(support for support, _ in found)
    shares = [(float(np.exp(support - best)), crowding) for support, crowding in found]
    kept = sorted((pair for pair in shares if pair[0] >= least), key=lambda pair: -pair[0])
    total = sum(share for share, _ in kept)
    return [replace(crowding, share=share / total) for share, crowding in kept]


def _reach(at: IntArray, spacing: float, widest: int) -> int:
    """Return how many columns after a mark the next one still touches it, judged by the closest two that do not.

    ``at`` (m,) are columns with a mark, ``spacing`` the columns from one time of a grid to the next: times one after
    the other that have marks of their own say that marks do not reach that far.
    """
    closest = int(np.diff(at).min()) if at.size > 1 else 2
    return 1 if closest <= spacing + 1 else int(np.clip(closest - 1, 1, widest))


def _totals(line: Timeline, n: int, events: int | None) -> FloatArray:
    """Return about how many patients are censored in the interval of each bin (J,), as the points show it."""
    kept, total = outlived(line), np.zeros(len(line))
    at_risk, before, died = n, 0.0, 0.0
    for end in np.unique(line.end):
        bins = np.flatnonzero(line.end == end)
        left = int(line.target[end])
        if end == len(line) - 1 and events is not None:
            censored = max(at_risk - left - max(events - died, 0.0), 0.0)
        else:
            fall = np.exp(min(before - line.hazard[end], 0.0))
            censored = float(np.clip((at_risk * fall - left) / kept[bins[0]], 0, at_risk - left))
        total[bins] = censored
        died += at_risk - left - censored
        at_risk, before = left, line.hazard[end]
    return total


def _taken(
    rate: FloatArray, marked: npt.NDArray[np.bool_], narrow: npt.NDArray[np.bool_], reach: int
) -> tuple[FloatArray, float]:
    """Return the chance of each column (J,) to be taken, given marks and rates, and the log chance of the marks."""
    start = np.flatnonzero(marked)
    gain = run_gain(rate, narrow, reach)
    log_run = np.cumsum(gain)
    first = np.append(0, start) if start[0] else start
    last = np.append(first[1:], rate.size)  # exclusive
    segment = np.repeat(np.arange(first.size), last - first)
    free = np.where(last < rate.size, np.maximum(last - reach, first + 1), last)  # the first that must be free
    score = np.where(np.arange(rate.size) < free[segment], log_run, -np.inf)
    best = np.maximum.reduceat(score, first)
    score = np.exp(score - best[segment])
    later = np.append(np.cumsum(score[::-1])[::-1], 0.0)
    whole = np.add.reduceat(score, first)
    share = (later[:-1] - later[last][segment]) / whole[segment]
    chances = best - log_run[first] + gain[first] + np.log(whole)
    if start[0]:
        share[: start[0]], chances = 0.0, chances[1:]  # nobody leaves before the first mark
    return np.asarray(np.where(marked, 1.0, np.clip(share, 0.0, 1.0))), float(chances.sum() - rate.sum())


def _scaled(found: FloatArray, least: FloatArray, totals: FloatArray, interval: IntArray) -> FloatArray:
    """Return ``found`` with what is beyond ``least`` made to meet the totals of the intervals."""
    more = np.maximum(found - least, GUARDS.tiny)
    size = int(interval.max()) + 1
    missing = np.bincount(interval, totals, size) / np.maximum(np.bincount(interval, minlength=size), 1)
    missing = np.maximum(missing - np.bincount(interval, least, size), GUARDS.shortfall)
    return np.asarray(least + more * (missing / np.bincount(interval, more, size).clip(GUARDS.vanishing))[interval])


def _smoothed(counts: FloatArray, width: float) -> FloatArray:
    """Return counts smoothed by a Gaussian kernel of a width in columns; nothing is lost at the ends."""
    half = int(min(np.ceil(3 * width), counts.size))
    kernel = np.exp(-0.5 * (np.arange(-half, half + 1) / max(width, GUARDS.narrowest)) ** 2)
    kernel /= kernel.sum()
    cut = slice(half, half + counts.size)
    return np.asarray(np.convolve(counts, kernel)[cut] / np.convolve(np.ones(counts.size), kernel)[cut])
