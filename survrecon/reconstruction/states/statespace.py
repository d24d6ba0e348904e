"""The state-space method: decode the steps where they can be told apart, else sample; draws on demand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from survrecon.curve import AtRiskConvention, FloatArray, IntArray, SurvivalCurve
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

_SAMPLED = 400  # particles of one pass; passes are independent, so their draws do not share ancestors
_PILOT = 300
_DECODED = 400
_PASSES = 3  # for the single data set
_MORE_PASSES = 8  # for draws
_A_PASS = 40  # draws of one pass that the single data set is chosen from
_CREDIBLE = 20.0  # log evidence that a pass may be behind the best one: more, and it has lost its way
_SAME_TIME = 2e-6  # of the follow-up: times of a vector file closer than this are one
_WIDER = (1.02, 1.02, 2.0, 4.0, 10.0)  # of the rounding, until a decoding is found
_NOISIER = (1.0, 2.0, 4.0, 8.0)
_FEWEST_COLUMNS, _MOST_COLUMNS = 100, 4000  # of pixels in a figure's time axis


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Pass:
    """One finished pass over the slots of a timeline, and how much wider than found its noise had to be."""

    line: Timeline
    read: Reading
    done: Passed
    widened: float
    seed: tuple[int, ...]

    def draw(self, size: int, total: int | None) -> tuple[int, IntArray, IntArray]:
        """Return events and censorings (J, size), and how many draws had to be turned to meet the total."""
        rng = np.random.default_rng([*self.seed, 3])
        if self.done.stored:
            events, censored = draw_backward(self.done, self.line, self.read, size, total, rng)
        else:
            events, censored = trace_back(self.done, size, rng)
        return _settled(self.line, events, censored, total)


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
        passes = method.first()
        if passes:
            return method.result(passes)
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
    read = reading(time, survival, n, curve.resolution)
    if read.kind is Kind.DROPS and curve.resolution is not None:
        columns = _columns(time, survival, curve.resolution.time)
        if columns is not None:
            time, survival = columns
            read = reading(time, survival, n, curve.resolution)
    return _Points(time=time, survival=survival, read=read)


def _columns(time: FloatArray, survival: FloatArray, width: float | None) -> tuple[FloatArray, FloatArray] | None:
    """Return a step curve one point a pixel column, or None where the figure is no picture.

    Steps of several patients, and neighbours that the pixels ran together, are no events one by one: followed
    column by column they may be any events that give the same fall.
    """
    if not width or not _FEWEST_COLUMNS <= time[-1] / width <= _MOST_COLUMNS:
        return None
    at = np.arange(0.0, float(time[-1]), width)
    level = np.minimum.accumulate(np.append(1.0, survival))[np.searchsorted(time, at, side="right")]
    return at, level


class _Method:
    """Decoding or sampling of one arm, in independent passes."""

    def __init__(self, problem: Problem, points: _Points) -> None:
        self.problem, self.points, self.read = problem, points, points.read
        self.gone_at_start = _gone_at_start(problem)
        self.n = problem.n - self.gone_at_start
        self.seed = int(problem.rng.integers(2**63))
        self.decodes = self.read.kind is Kind.STEPS
        self.at_end = self.read.kind in (Kind.STEPS, Kind.DROPS)
        self.pass_ = cache(self._pass)

    def first(self) -> list[_Pass]:
        """Return the passes that the single data set is chosen from."""
        return self._credible(1 if self.decodes else _PASSES)

    def result(self, passes: list[_Pass]) -> Reconstruction:
        line, total = passes[0].line, self.problem.events
        drawn = [p.draw(2 * _A_PASS if self.decodes else _A_PASS, total) for p in passes]
        events, censored = (np.concatenate([d[part] for d in drawn], axis=1) for part in (1, 2))
        forced = sum(d[0] for d in drawn)
        best = middle(events, censored)
        ipd = self._patients(line, events[:, best], censored[:, best], None)
        diagnostics: dict[str, Any] = {
            "path": "decoded" if self.decodes else "sampled",
            "kind": self.read.kind.name.lower(),
            "noise": self.read.noise,
            "widened": max(p.widened for p in passes),
            "unique": self.decodes and _unique(line, events, censored),
            "forced": forced,
        }
        conflict = forced == events.shape[1] and total is not None
        warning = "the total of events conflicts with the points: events were turned to meet it"
        return Reconstruction(
            ipd=ipd,
            method="statespace",
            diagnostics=diagnostics,
            assumptions=(
                "between printed numbers at risk, any pattern of censoring is possible: draws vary it",
                "intervals over draws tend to be too narrow, most so without a risk table: see benchmarks/RESULTS.md",
            ),
            warnings=(warning,) if conflict else (),
            drawer=self.draws,
        )

    def draws(self, k: int) -> list[PseudoIPD]:
        """Return ``k`` data sets, as many from each credible pass."""
        passes = self._credible(_MORE_PASSES)
        sets: list[PseudoIPD] = []
        for i, one in enumerate(passes):
            size = k // len(passes) + (i < k % len(passes))
            if size:
                _, events, censored = one.draw(size, self.problem.events)
                rng = np.random.default_rng([self.seed, 2, i])
                sets += [self._patients(one.line, events[:, d], censored[:, d], rng) for d in range(size)]
        order = np.random.default_rng([self.seed, 4]).permutation(len(sets))
        return [sets[i] for i in order]

    def _credible(self, number: int) -> list[_Pass]:
        found = [p for p in (self.pass_(k) for k in range(number)) if p is not None]
        if not found:
            return []
        least = min(p.widened for p in found)
        found = [p for p in found if p.widened == least]
        best = max(p.done.evidence for p in found)
        return [p for p in found if p.done.evidence >= best - _CREDIBLE]

    def _patients(
        self, line: Timeline, events: IntArray, censored: IntArray, rng: np.random.Generator | None
    ) -> PseudoIPD:
        unit = self.problem.curve.time_unit
        ipd = to_patients(line, events, censored, at_end=self.at_end, arm=self.problem.arm, time_unit=unit, rng=rng)
        start = np.zeros(self.gone_at_start)
        if not start.size:
            return ipd
        return replace(ipd, time=np.append(ipd.time, start), event=np.append(ipd.event, start > 0))

    def _pass(self, number: int) -> _Pass | None:
        seed = (self.seed, 1, number)
        return self._decoded(seed) if self.decodes else self._sampled(seed)

    def _decoded(self, seed: tuple[int, ...]) -> _Pass | None:
        """Decode twice: first with censoring spread evenly, then as dense as the first pass found it."""
        p, rng = self.problem, np.random.default_rng(seed)
        times, levels = find_steps(self.points.time, self.points.survival, self.read.grid)
        half = self.read.noise * 3**0.5
        for attempt, wider in enumerate(_WIDER):
            for same in self._same_times:
                line = stepped_timeline(times, levels, float(self.points.time[-1]), p.risk_table, p.censor_times, same)
                size, tolerance = _DECODED * (4 if attempt else 1), wider * half + 1e-12
                done = decode(line, levels, self.n, tolerance, p.events, size, rng)
                if done is None:
                    continue
                if line.marks is None:
                    _, censored = trace_back(done, 100, rng)
                    weighted = line.weighted(smoothed(line, censored))
                    again = decode(weighted, levels, self.n, tolerance, p.events, size, rng)
                    done = done if again is None else again
                return _Pass(line=line, read=self.read, done=done, widened=wider, seed=seed)
        return None

    @property
    def _same_times(self) -> list[float]:
        """How close to a printed time a step may be to stand at it: files round times, and pixels are wide."""
        last, resolution = float(self.points.time[-1]), self.problem.curve.resolution
        read = resolution.time if resolution is not None else 0.0
        return [_SAME_TIME * last] if read <= _SAME_TIME * last else [_SAME_TIME * last, read]

    def _sampled(self, seed: tuple[int, ...]) -> _Pass | None:
        line, total, rng = self._line, self.problem.events, np.random.default_rng(seed)
        settings = Settings(particles=_SAMPLED, goal=self._goal)
        for wider in _NOISIER:
            read = replace(self.read, noise=self.read.noise * wider)
            done = run_filter(line, read, self.n, total, settings, rng)
            if done is not None:
                return _Pass(line=line, read=read, done=done, widened=wider, seed=seed)
        return None

    @cached_property
    def _line(self) -> Timeline:
        p, time, survival = self.problem, self.points.time, self.points.survival
        if self.read.kind is Kind.DROPS:
            time, first = np.unique(time, return_index=True)
            survival = np.minimum.reduceat(survival, first)
        return sampled_timeline(time, survival, self.read, p.risk_table, p.censor_times)

    @cached_property
    def _goal(self) -> tuple[FloatArray, FloatArray] | None:
        """Mean and spread of the events after each slot, from a small pass that ignores the total."""
        line = self._line
        if self.problem.events is None or not (line.pin >= 0).any():
            return None
        few, rng = Settings(particles=_PILOT, store_every=len(line) + 1), np.random.default_rng([self.seed, 5])
        pilot = run_filter(line, self.read, self.n, None, few, rng)
        if pilot is None:
            return None
        events, _ = trace_back(pilot, 100, rng)
        later = events.sum(axis=0) - np.cumsum(events, axis=0)
        return later.mean(axis=1), 1.2 * later.std(axis=1) + 0.5


def _unique(line: Timeline, events: IntArray, censored: IntArray) -> bool:
    """Whether all draws (J, K) are one data set: the same counts, and each censoring at a mark of its own."""
    marks = np.zeros(len(line), dtype=np.int64) if line.marks is None else line.marks
    same = (events == events[:, :1]).all() and (censored == censored[:, :1]).all()
    return bool(same and (censored[:, 0] == marks).all())


def _gone_at_start(problem: Problem) -> int:
    """Return how many patients a table that counts time > 0 no longer counts at 0: censored then."""
    table = problem.risk_table
    if table is None or table.convention is not AtRiskConvention.AFTER or table.time[0] > 0:
        return 0
    return problem.n - int(table.at_risk[0])


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
