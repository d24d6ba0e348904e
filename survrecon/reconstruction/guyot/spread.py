"""Guyot's algorithm with censoring fitted to the steps and the total of events: our extension, not the paper's.

The paper spreads the censored of an interval evenly, and corrects only the last interval for a total of
events. But patients censored early make the same drop with fewer events than patients censored late. So each
interval has a shift, towards late (positive) or early (negative) censoring:

1. Without a total, the shift stays 0 unless another one brings the rebuilt curve clearly closer to the points.
2. A total moves the shifts of all intervals together, with them the number extrapolated to the last
   interval, and stretches the curve a little, S^(1 + stretch), by at most three times its resolution.
3. A total that this path skips or does not reach is settled patient by patient.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.diagnostics import SpreadDiagnostics
from survrecon.model.ipd import Reconstruction
from survrecon.reconstruction.guyot.guyot import (
    Passage,
    RiskInterval,
    close_interval,
    extrapolate_censored,
    forward,
    last_interval,
    patients,
    risk_intervals,
)
from survrecon.reconstruction.settings import SPREADING

if TYPE_CHECKING:
    from survrecon.reconstruction.problem import Problem

__all__ = ["spread"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Candidate:
    """A walk through all intervals with one shift and one stretch."""

    passages: list[Passage]
    shifts: tuple[float, ...]
    stretch: float
    unmet: list[float]

    @property
    def events(self) -> int:
        return sum(passage.events for passage in self.passages)


def spread(problem: Problem) -> Reconstruction:
    """Rebuild one arm, fitting when patients are censored to the steps and the total of events.

    Parameters
    ----------
    problem : Problem
        Repaired and consistent inputs.

    Returns
    -------
    Reconstruction
        One data set of exactly n patients; no draws.
    """
    intervals = risk_intervals(problem.curve, problem.n, problem.risk_table)
    resolution = problem.resolution.survival
    chosen = _closest_walk(intervals, resolution)
    if problem.events is not None and chosen.events != problem.events:
        chosen = _meet_total(intervals, chosen, problem.events, resolution)
    return Reconstruction(
        ipd=patients(problem, intervals, chosen.passages),
        method="spread",
        diagnostics=SpreadDiagnostics(
            converged=not chosen.unmet,
            not_converged_at=tuple(chosen.unmet),
            shifts=chosen.shifts,
            stretch=chosen.stretch,
        ),
    )


def _closest_walk(intervals: list[RiskInterval], resolution: float) -> _Candidate:
    """Walk, leaving the censored of an interval evenly spread unless the steps of the curve tell otherwise."""
    *closed, _ = intervals
    shifts, survival = [], 1.0
    for interval in closed:
        even = close_interval(interval, survival)[0]
        best, least, chosen = even, _distance(interval, even, resolution) - SPREADING.gain, 0.0
        if even.censored.size and least > 0:
            for shift in SPREADING.shifts:
                passage, met = close_interval(interval, survival, shift)
                distance = _distance(interval, passage, resolution)
                if met and distance < least:
                    best, least, chosen = passage, distance, shift
        survival = best.survival
        shifts.append(chosen)
    return _walk(intervals, (*shifts, 0.0), 0.0)


def _walk(intervals: list[RiskInterval], shifts: tuple[float, ...], stretch: float) -> _Candidate:
    """Walk through all intervals of the curve S^(1 + stretch), with the censored shifted."""
    if stretch:
        intervals = [replace(i, survival=i.survival ** (1 + stretch)) for i in intervals]
    *closed, last = intervals
    passages: list[Passage] = []
    survival, unmet = 1.0, []
    for interval, shift in zip(closed, shifts, strict=False):
        passage, met = close_interval(interval, survival, shift)
        survival = passage.survival
        passages.append(passage)
        if not met:
            unmet.append(interval.upper)
    censored = extrapolate_censored(closed, passages, last)
    censored += round(-shifts[-1] * (censored if shifts[-1] > 0 else last.at_risk - censored))
    passages.append(forward(last, survival, censored))
    return _Candidate(passages=passages, shifts=shifts, stretch=stretch, unmet=unmet)


def _meet_total(intervals: list[RiskInterval], start: _Candidate, events: int, resolution: float) -> _Candidate:
    """Go along the path of both changes as far as the total needs; settle single patients if it is skipped."""
    if len(intervals) == 1:  # nothing to spread over: step 7 of the paper
        passage = last_interval(intervals[0], 1.0, [], [], events)
        best = replace(start, passages=[passage])
    else:
        best = _along_path(intervals, start, events, resolution)
    return best if best.events == events else _settle(intervals, best, events)


def _along_path(intervals: list[RiskInterval], start: _Candidate, events: int, resolution: float) -> _Candidate:
    """Shift and stretch together, from nothing to the largest change.

    Halving finds where the total is passed; of the walks around that place which meet it, the one closest to
    the curve is taken.
    """
    sign = 1.0 if start.events < events else -1.0

    def at(share: float) -> _Candidate:
        most = SPREADING.largest_shift
        shifts = np.clip(np.array(start.shifts) + sign * share * 2 * most, -most, most)
        return _walk(intervals, tuple(shifts.tolist()), sign * share * SPREADING.stretch * resolution)

    low, high, share, tried = 0.0, 1.0, 1.0, [start]
    for _ in range(SPREADING.halvings):
        tried.append(at(share))
        if tried[-1].events == events:
            break
        passed = (tried[-1].events < events) is (start.events > events)
        if share == 1 and not passed:
            break
        low, high = (low, share) if passed else (share, high)
        share = (low + high) / 2
    low, high = max(share - SPREADING.around, 0.0), min(share + SPREADING.around, 1.0)
    tried += [at(x) for x in np.linspace(low, high, SPREADING.neighbours)]
    return min(
        tried,
        key=lambda c: (
            abs(c.events - events),
            sum(_distance(i, p, resolution) for i, p in zip(intervals, c.passages, strict=True)),
        ),
    )


def _distance(interval: RiskInterval, passage: Passage, resolution: float) -> float:
    """Return the squared distance of the rebuilt curve from the points, in units of its variance.

    A point is off by its resolution, and by what rounding to whole events leaves: 1/sqrt(12) of an event.
    """
    at_risk = np.maximum(passage.at_risk, 1)
    variance = resolution**2 + (interval.survival / at_risk) ** 2 / SPREADING.uniform
    return float(np.sum((interval.survival - passage.curve) ** 2 / np.maximum(variance, SPREADING.least_variance)))


def _settle(intervals: list[RiskInterval], candidate: _Candidate, events: int) -> _Candidate:
    """Turn single censored patients into events, or back, late in the curve where they weigh least on it.

    Each patient stays in its interval, so that numbers at risk hold; no drop changes by a second patient
    before every other one has changed by one.
    """
    passages = list(candidate.passages)
    missing = events - candidate.events
    for _ in range(abs(missing)):
        before = missing
        for index in reversed(range(len(passages))):
            passages[index], missing = _settle_interval(intervals[index], passages[index], missing)
        if missing in (0, before):
            break
    return replace(candidate, passages=passages)


def _settle_interval(interval: RiskInterval, passage: Passage, missing: int) -> tuple[Passage, int]:
    """Change every drop of an interval by at most one patient; return what is still missing."""
    deaths, censored, left = list(passage.deaths), passage.censored, passage.left
    for k in reversed(range(len(deaths))):
        later = np.flatnonzero(censored > interval.time[k])
        if missing > 0 and later.size:
            censored = np.delete(censored, later[0])
        elif missing > 0 and interval.left is None and left > 0:
            left -= 1
        elif missing < 0 and deaths[k] > 0:
            censored = np.sort(np.append(censored, interval.time[k]))
        else:
            continue
        change = 1 if missing > 0 else -1
        deaths[k], missing = deaths[k] + change, missing - change
    return replace(passage, deaths=deaths, censored=censored, left=left), missing
