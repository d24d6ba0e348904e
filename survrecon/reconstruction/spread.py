"""Guyot's algorithm with the total of events spread over all intervals: our extension, not the paper's.

The paper corrects only the last interval for a total of events. But survival alone leaves the total open in
every interval, because patients censored early make the same drop with fewer events. So one number, the
shift, moves the censored of all intervals later (more events) or earlier (fewer), and with them the number
extrapolated to the last interval. Where that does not suffice, the curve is stretched a little,
S^(1 + stretch). What is then still missing is settled patient by patient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from survrecon.ipd import Reconstruction
from survrecon.reconstruction.guyot import close_interval, extrapolate_censored, patients
from survrecon.reconstruction.interval import Interval, Passage, forward, split
from survrecon.reconstruction.problem import Problem

__all__ = ["spread"]

_HALVINGS = 12
_LARGEST_SHIFT = 0.95
_LARGEST_STRETCH = 0.25


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Candidate:
    """A walk through all intervals with one shift and one stretch."""

    passages: list[Passage]
    shift: float
    stretch: float
    unmet: list[float]

    @property
    def events(self) -> int:
        return sum(passage.events for passage in self.passages)


def spread(problem: Problem) -> Reconstruction:
    """Rebuild one arm, meeting the total of events by small changes everywhere.

    Parameters
    ----------
    problem : Problem
        Repaired and consistent inputs. Without a total the result is that of the published algorithm.

    Returns
    -------
    Reconstruction
        One data set of exactly n patients; no draws.
    """
    intervals = split(problem.curve, problem.n, problem.risk_table)
    chosen = _walk(intervals, 0.0, 0.0)
    if problem.events is not None and chosen.events != problem.events:
        chosen = _meet_total(intervals, chosen, problem.events)
    return Reconstruction(
        ipd=patients(problem, intervals, chosen.passages),
        method="spread",
        diagnostics={
            "converged": not chosen.unmet,
            "not_converged_at": chosen.unmet,
            "shift": chosen.shift,
            "stretch": chosen.stretch,
        },
    )


def _walk(intervals: list[Interval], shift: float, stretch: float) -> _Candidate:
    """Walk through all intervals of the curve S^(1 + stretch), with the censored shifted."""
    if stretch:
        intervals = [replace(i, survival=i.survival ** (1 + stretch)) for i in intervals]
    *closed, last = intervals
    passages: list[Passage] = []
    survival, unmet = 1.0, []
    for interval in closed:
        passage, met = close_interval(interval, survival, shift)
        survival = passage.survival
        passages.append(passage)
        if not met:
            unmet.append(interval.upper)
    censored = extrapolate_censored(closed, passages, last)
    censored += round(-shift * (censored if shift > 0 else last.at_risk - censored))
    passages.append(forward(last, survival, censored))
    return _Candidate(passages=passages, shift=shift, stretch=stretch, unmet=unmet)


def _meet_total(intervals: list[Interval], start: _Candidate, events: int) -> _Candidate:
    """Shift first, then stretch, then settle single patients."""
    sign = 1.0 if start.events < events else -1.0
    shifted = _closest(lambda x: _walk(intervals, sign * x, 0.0), _LARGEST_SHIFT, start, events)
    if shifted.events == events:
        return shifted
    side = 1.0 if shifted.events < events else -1.0
    stretched = _closest(lambda x: _walk(intervals, shifted.shift, side * x), _LARGEST_STRETCH, shifted, events)
    return stretched if stretched.events == events else _settle(intervals, stretched, events)


def _closest(at: Callable[[float], _Candidate], limit: float, start: _Candidate, events: int) -> _Candidate:
    """Return the candidate closest to the total, by halving from 0 (``start``) to ``limit``."""
    short = start.events < events
    best, low, high = start, 0.0, limit
    x = limit
    for _ in range(_HALVINGS):
        candidate = at(x)
        if abs(candidate.events - events) < abs(best.events - events):
            best = candidate
        if candidate.events == events or (x == limit and (candidate.events < events) is short):
            break
        low, high = (x, high) if (candidate.events < events) is short else (low, x)
        x = (low + high) / 2
    return best


def _settle(intervals: list[Interval], candidate: _Candidate, events: int) -> _Candidate:
    """Turn single censored patients into events, or back, late in the curve where they weigh least on it.

    The patient stays in its interval, so that numbers at risk hold.
    """
    passages = list(candidate.passages)
    missing = events - candidate.events
    for index in reversed(range(len(passages))):
        if missing:
            passages[index], missing = _settle_interval(intervals[index], passages[index], missing)
    return replace(candidate, passages=passages)


def _settle_interval(interval: Interval, passage: Passage, missing: int) -> tuple[Passage, int]:
    """Settle what one interval can; return what is still missing."""
    deaths, censored, left = list(passage.deaths), passage.censored, passage.left
    free_at_end = interval.left is None
    for k in reversed(range(len(deaths))):
        while missing > 0 and (censored > interval.time[k]).any():
            later = int(np.argmax(censored > interval.time[k]))
            censored = np.delete(censored, later)
            deaths[k], missing = deaths[k] + 1, missing - 1
        while missing > 0 and free_at_end and left > 0:
            deaths[k], left, missing = deaths[k] + 1, left - 1, missing - 1
        while missing < 0 and deaths[k] > 0:
            censored = np.sort(np.append(censored, interval.time[k]))
            deaths[k], missing = deaths[k] - 1, missing + 1
    return replace(passage, deaths=deaths, censored=censored, left=left), missing
