"""The state-space method: decode the steps where they can be told apart, else sample; draws on demand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from survrecon.curve import FloatArray, IntArray, SurvivalCurve
from survrecon.ipd import PseudoIPD, Reconstruction
from survrecon.reconstruction.problem import Problem
from survrecon.reconstruction.spread import spread
from survrecon.reconstruction.states.backward import draw_backward, trace_back
from survrecon.reconstruction.states.decoding import decode, find_steps, smoothed
from survrecon.reconstruction.states.filtering import Passed, Settings, run_filter
from survrecon.reconstruction.states.noise import Kind, Reading, reading
from survrecon.reconstruction.states.patients import middle, to_patients
from survrecon.reconstruction.states.timeline import Timeline, sampled_timeline, stepped_timeline

__all__ = ["statespace"]

_SAMPLED = 500  # particles of one pass; passes are independent, so their draws do not share ancestors
_PILOT = 300
_DECODED = 400
_A_PASS = 50  # draws taken from one pass
_FIRST_PASSES = 2
_SAME_TIME = 2e-6  # of the follow-up: times of a vector file closer than this are one
_WIDER = (1.02, 1.02, 2.0, 4.0, 10.0)  # of the rounding, until a decoding is found
_NOISIER = (1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Draws:
    """Draws of one pass: events and censorings (J, K) of the slots of a timeline."""

    line: Timeline
    events: IntArray
    censored: IntArray
    widened: float


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Points:
    """Points in order of time, within the axes, and how they were read."""

    time: FloatArray
    survival: FloatArray
    read: Reading


def statespace(problem: Problem) -> Reconstruction:
    """Rebuild the patients of one arm.

    Parameters
    ----------
    problem : Problem
        Inputs that agree with each other, and the points before repair.

    Returns
    -------
    Reconstruction
        The draw nearest to the middle; ``draws`` gives more. Diagnostics: ``path`` ("decoded" or "sampled"), the
        ``kind`` of points, ``noise`` of a point, ``widened`` (how much more noise than found was needed), whether
        the solution is ``unique``, and ``forced`` draws, whose total of events had to be adjusted.
    """
    for method in _methods(problem):
        found = method.first()
        if found is not None:
            return method.result(found)
    result = spread(problem)
    return replace(result, warnings=(*result.warnings, "no path through the points: the deterministic method was used"))


def _methods(problem: Problem) -> list[_Method]:
    points = _ordered(problem.digitized or problem.curve, problem.n)
    if points.read.kind is not Kind.STEPS:
        return [_Method(problem, points)]
    coarse = replace(points, read=replace(points.read, kind=Kind.DROPS))
    return [_Method(problem, points), _Method(problem, coarse)]


def _ordered(curve: SurvivalCurve, n: int) -> _Points:
    order = np.lexsort((-curve.survival, curve.time))
    time, survival = np.maximum(curve.time[order], 0.0), np.clip(curve.survival[order], 0.0, 1.0)
    return _Points(time=time, survival=survival, read=reading(time, survival, n, curve.resolution))


class _Method:
    """Decoding or sampling of one arm, in independent passes."""

    def __init__(self, problem: Problem, points: _Points) -> None:
        self.problem, self.points, self.read = problem, points, points.read
        self.seed = int(problem.rng.integers(2**63))
        self.decodes = self.read.kind is Kind.STEPS
        self.at_end = self.read.kind in (Kind.STEPS, Kind.DROPS)
        self.pass_ = cache(self._pass)

    def first(self) -> list[_Draws] | None:
        passes = [self.pass_(k) for k in range(1 if self.decodes else _FIRST_PASSES)]
        found = [p for p in passes if p is not None]
        return found or None

    def result(self, found: list[_Draws]) -> Reconstruction:
        events = np.concatenate([d.events for d in found], axis=1)
        censored = np.concatenate([d.censored for d in found], axis=1)
        forced, events, censored = _settled(found[0].line, events, censored, self.problem.events)
        best = middle(events, censored)
        ipd = self._patients(found[0].line, events[:, best], censored[:, best], np.random.default_rng([self.seed, 0]))
        unique = bool((events == events[:, :1]).all() and (censored == censored[:, :1]).all())
        diagnostics: dict[str, Any] = {
            "path": "decoded" if self.decodes else "sampled",
            "kind": self.read.kind.name.lower(),
            "noise": self.read.noise,
            "widened": max(d.widened for d in found),
            "unique": unique,
            "forced": forced,
        }
        warnings = []
        if forced == events.shape[1] and self.problem.events is not None:
            warnings.append("the total of events conflicts with the points: events were turned to meet it")
        return Reconstruction(
            ipd=ipd,
            method="statespace",
            diagnostics=diagnostics,
            assumptions=("between printed numbers at risk, any pattern of censoring is possible: draws vary it",),
            warnings=tuple(warnings),
            drawer=self.draws,
        )

    def draws(self, k: int) -> list[PseudoIPD]:
        """Return ``k`` data sets from as many passes as they need."""
        sets: list[PseudoIPD] = []
        number = 0
        while len(sets) < k:
            draws = self.pass_(number)
            number += 1
            if draws is None:
                continue
            _, events, censored = _settled(draws.line, draws.events, draws.censored, self.problem.events)
            rng = np.random.default_rng([self.seed, 2, number])
            take = min(events.shape[1], k - len(sets))
            sets += [self._patients(draws.line, events[:, i], censored[:, i], rng) for i in range(take)]
        return sets

    def _patients(self, line: Timeline, events: IntArray, censored: IntArray, rng: np.random.Generator) -> PseudoIPD:
        unit = self.problem.curve.time_unit
        return to_patients(line, events, censored, at_end=self.at_end, arm=self.problem.arm, time_unit=unit, rng=rng)

    def _pass(self, number: int) -> _Draws | None:
        rng = np.random.default_rng([self.seed, 1, number])
        return self._decoded(rng) if self.decodes else self._sampled(rng)

    def _decoded(self, rng: np.random.Generator) -> _Draws | None:
        """Decode twice: first with censoring spread evenly, then as dense as the first pass found it."""
        p = self.problem
        times, levels = find_steps(self.points.time, self.points.survival, self.read.grid)
        last = float(self.points.time[-1])
        line = stepped_timeline(times, levels, last, p.risk_table, p.censor_times, _SAME_TIME * last)
        half = self.read.noise * 3**0.5
        for attempt, wider in enumerate(_WIDER):
            size = _DECODED * (4 if attempt else 1)
            done = decode(line, levels, p.n, wider * half + 1e-12, p.events, size, rng)
            if done is None:
                continue
            events, censored = trace_back(done, 2 * _A_PASS, rng)
            if line.marks is None:
                again = line.weighted(smoothed(line, censored))
                done = decode(again, levels, p.n, wider * half + 1e-12, p.events, size, rng)
                if done is not None:
                    events, censored = trace_back(done, 2 * _A_PASS, rng)
            return _Draws(line=line, events=events, censored=censored, widened=wider)
        return None

    @property
    def _line(self) -> Timeline:
        p, time, survival = self.problem, self.points.time, self.points.survival
        if self.read.kind is Kind.DROPS:
            time, first = np.unique(time, return_index=True)
            survival = np.minimum.reduceat(survival, first)
        return sampled_timeline(time, survival, self.read, p.risk_table, p.censor_times)

    def _sampled(self, rng: np.random.Generator) -> _Draws | None:
        line, total = self._line, self.problem.events
        goal = self._goal(line, rng) if total is not None and (line.pin >= 0).any() else None
        for wider in _NOISIER:
            read = replace(self.read, noise=self.read.noise * wider)
            done = run_filter(line, read, self.problem.n, total, Settings(particles=_SAMPLED, goal=goal), rng)
            if done is not None:
                events, censored = draw_backward(done, line, read, _A_PASS, total, rng)
                return _Draws(line=line, events=events, censored=censored, widened=wider)
        return None

    def _goal(self, line: Timeline, rng: np.random.Generator) -> tuple[FloatArray, FloatArray] | None:
        """Return mean and spread of the events after each slot, from a small pass that ignores the total."""
        few = Settings(particles=_PILOT, store_every=len(line) + 1)
        pilot: Passed | None = run_filter(line, self.read, self.problem.n, None, few, rng)
        if pilot is None:
            return None
        events, _ = trace_back(pilot, 100, rng)
        later = events.sum(axis=0) - np.cumsum(events, axis=0)
        return later.mean(axis=1), 1.2 * later.std(axis=1) + 0.5


def _settled(line: Timeline, events: IntArray, censored: IntArray, total: int | None) -> tuple[int, IntArray, IntArray]:
    """Turn events into censorings or back, in the last slots that allow it, where a draw misses the total.

    Numbers at risk stay as they are. Returns how many draws were changed, and the draws (J, K).
    """
    if total is None or (events.sum(axis=0) == total).all():
        return 0, events, censored
    events, censored = events.copy(), censored.copy()
    off = np.flatnonzero(events.sum(axis=0) != total)
    for k in off:
        missing = total - int(events[:, k].sum())
        source, goal = (censored, events) if missing > 0 else (events, censored)
        allowed = np.flatnonzero((source[:, k] > 0) & line.can_fail)
        for j in allowed[::-1]:
            turned = min(abs(missing), int(source[j, k]))
            source[j, k] -= turned
            goal[j, k] += turned
            missing -= turned if missing > 0 else -turned
            if missing == 0:
                break
    return off.size, events, censored
