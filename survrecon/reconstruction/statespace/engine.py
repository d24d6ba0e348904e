"""The state-space method: decode the steps where they can be told apart, else sample; draws on demand."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.analysis.pairing import SHARED, in_joint_order, shared_part
from survrecon.model.convention import PointKind
from survrecon.model.curve import AtRiskConvention
from survrecon.model.ipd import PseudoIPD, Reconstruction
from survrecon.reconstruction.guyot.spread import spread
from survrecon.reconstruction.statespace.backward import Pass, trace_back
from survrecon.reconstruction.statespace.crowding import Crowding, behind_marks, in_columns, run_together
from survrecon.reconstruction.statespace.decode import decode, find_steps, heights, smoothed
from survrecon.reconstruction.statespace.patients import middle, to_patients
from survrecon.reconstruction.statespace.reading import Kind, PointReading, Points, ordered, undecoded
from survrecon.reconstruction.statespace.sampler import Settings, noise_of_clicks, run_filter
from survrecon.reconstruction.statespace.timeline import Timeline, open_until, sampled_timeline, stepped_timeline
from survrecon.reconstruction.statespace.visits import Visits, find_visits

if TYPE_CHECKING:
    from survrecon.arrays import IntArray
    from survrecon.reconstruction.problem import Problem

__all__ = ["statespace"]

_PARTICLES, _ISLANDS = 180, 12  # particles of one island; islands share no ancestors
_FEWER, _MORE_ISLANDS = 90, 24  # where steps are less than a row: more numbers at risk are possible, none exactly
_FEWEST_ISLANDS = 6  # where marks that run together are taken in several ways
_ISLANDS_OF_CLICKS = 48
_STORE_EVERY = 8
_DECODED = 400
_HARDER = 8  # times as many, for drops of several patients each
_DECODINGS, _SAMPLINGS = 8, 2  # of which draws are taken, the latter where hardly anything shows numbers at risk
_CANDIDATES = (80, 120)  # draws, decoded and sampled, that the single data set is chosen from
_SAME_TIME = 2e-6  # of the follow-up: times of a vector file closer than this are one
_WIDER = (1.02, 1.02, 2.0, 4.0, 10.0)  # of the rounding, until a decoding is found
_NOISIER = (1.0, 2.0, 4.0, 8.0)
_ASSUMED = (
    "between printed numbers at risk, any pattern of censoring is possible: draws vary it",
    "how trials censor is taken from simulated ones: intervals may miss an unlike trial, see benchmarks/RESULTS.md",
)
_SHARED_FOLLOW_UP = (
    "arms are followed alike: draws of two arms with one number are alike in how long patients were seen"
)
_OPEN = "the points end with a drop: how long patients are followed after it is not shown, draws vary it"
_JOINED = "steps are too many to tell each one's patients: the curve is followed in columns, events fall within them"


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
    points = ordered(problem.digitized or problem.curve, problem.n, problem.points)
    if points.read.kind is not Kind.STEPS:
        return [_Method(problem, points)]
    return [_Method(problem, points), _Method(problem, undecoded(points, problem.n))]


class _Method:
    """Decoding or sampling of one arm, in independent passes."""

    def __init__(self, problem: Problem, points: Points) -> None:
        self.problem, self.points, self.read = problem, points, points.read
        self.gone_at_start = _gone_at_start(problem)
        self.n = problem.n - self.gone_at_start
        self.seed = int(problem.rng.integers(2**63))
        self.decodes = self.read.kind is Kind.STEPS
        self.at_end = self.read.kind in (Kind.STEPS, Kind.DROPS)
        self.attempt = 0  # of widening, at which a decoding was found: others need no less
        self.shared = 0.0 if _more_than_n(problem) else SHARED
        self.made: dict[int, Pass | None] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Return what passes are made from, not the passes, which are large: the same seed makes the same again."""
        found = {"_lines", "_read"}
        return {k: v for k, v in self.__dict__.items() if k not in found} | {"made": {}, "attempt": 0}

    def first(self) -> list[Pass]:
        """Return the pass that the single data set is chosen from, if any is possible."""
        return self._passes(1 if self.decodes else len(self._lines))

    def result(self, passes: list[Pass]) -> Reconstruction:
        line, total = passes[0].line, self.problem.events
        sizes = self._sizes(passes, _CANDIDATES[not self.decodes])
        drawn = [p.draw(size, total) for p, size in zip(passes, sizes, strict=True) if size]
        events, censored = (np.concatenate([d[part] for d in drawn], axis=1) for part in (1, 2))
        forced = sum(d[0] for d in drawn)
        best = middle(events, censored)
        ipd = self._patients(line, events[:, best], censored[:, best], None)
        diagnostics: dict[str, Any] = {
            "path": "decoded" if self.decodes else "sampled",
            "kind": self.read.kind.name.lower(),
            "noise": passes[0].read.noise / passes[0].widened,
            "widened": max(p.widened for p in passes),
            "unique": self.decodes and _unique(line, events, censored),
            "forced": forced,
        }
        if _more_than_n(self.problem):
            self.shared = shared_part((line.left + line.right) / 2 @ (events + censored))
        conflict = forced == events.shape[1] and total is not None
        warning = "the total of events conflicts with the points: events were turned to meet it"
        return Reconstruction(
            ipd=ipd,
            method="statespace",
            diagnostics=diagnostics,
            assumptions=(
                *_ASSUMED,
                *((_SHARED_FOLLOW_UP,) if self.shared > SHARED / 2 else ()),
                *((_OPEN,) if self._open_until > 0 else ()),
                *((_JOINED,) if self.points.joined else ()),
            ),
            warnings=(warning,) if conflict else (),
            drawer=self.draws,
            shared_follow_up=self.shared,
        )

    def draws(self, k: int) -> list[PseudoIPD]:
        """Return ``k`` data sets, from each pass as many as its islands count."""
        passes = self._passes(self._of_draws)
        sets: list[PseudoIPD] = []
        for i, (one, size) in enumerate(zip(passes, self._sizes(passes, k), strict=True)):
            if size:
                _, events, censored = one.draw(size, self.problem.events)
                rng = np.random.default_rng([self.seed, 2, i])
                sets += [self._patients(one.line, events[:, d], censored[:, d], rng) for d in range(size)]
        return in_joint_order(sets, np.random.default_rng([self.seed, 4]), self.shared)

    @staticmethod
    def _sizes(passes: list[Pass], k: int) -> list[int]:
        """Return how many of ``k`` draws each pass gives: as many as its islands count."""
        best = max(float(p.done.evidence.max()) for p in passes)
        counts = np.cumsum([p.share * p.done.shares(best).sum() for p in passes])
        return [int(size) for size in np.diff(np.round(k * counts / counts[-1]), prepend=0)]

    @property
    def _of_draws(self) -> int:
        """Passes that draws are taken from."""
        if self.decodes:
            return _DECODINGS
        return _SAMPLINGS if self.read.blurs(self.n) and self.problem.risk_table is None else len(self._lines)

    def _passes(self, number: int) -> list[Pass]:
        """Return the passes that needed no more noise than the one that needed least."""
        for k in range(number):
            if k not in self.made:
                self.made[k] = self._pass(k)
        found = [p for p in (self.made[k] for k in range(number)) if p is not None]
        least = min((p.widened for p in found), default=0.0)
        return [p for p in found if p.widened == least]

    def _patients(
        self, line: Timeline, events: IntArray, censored: IntArray, rng: np.random.Generator | None
    ) -> PseudoIPD:
        unit = self.problem.curve.time_unit
        if self._open_until > 0:
            line = replace(line, open_until=self._open_until)  # of sampled ones too
        ipd = to_patients(
            line,
            events,
            censored,
            at_end=self.at_end,
            arm=self.problem.arm,
            time_unit=unit,
            rng=rng,
            visits=self._visits,
        )
        start = np.zeros(self.gone_at_start)
        if not start.size:
            return ipd
        return replace(ipd, time=np.append(ipd.time, start), event=np.append(ipd.event, start > 0))

    @cached_property
    def _open_until(self) -> float:
        p, points = self.problem, self.points
        if not self.at_end or p.censor_times is not None:
            return 0.0
        return open_until(points.time, points.survival, p.risk_table)

    @cached_property
    def _visits(self) -> Visits | None:
        return find_visits(self.points.time, self.points.survival) if self.at_end else None

    def _pass(self, number: int) -> Pass | None:
        seed = (self.seed, 1, number)
        return self._decoded(seed) if self.decodes else self._sampled(seed, self._lines[number % len(self._lines)])

    def _decoded(self, seed: tuple[int, ...]) -> Pass | None:
        """Decode twice: first with censoring spread evenly, then as dense as the first pass found it."""
        p, rng = self.problem, np.random.default_rng(seed)
        times, levels = find_steps(self.points.time, self.points.survival, self.read.grid)
        half = self.read.noise * 3**0.5
        for attempt, wider in list(enumerate(_WIDER))[self.attempt :]:
            for same in self._same_times:
                last = float(self.points.time[-1])
                line = stepped_timeline(times, levels, last, p.risk_table, p.censor_times, same, rng, self._open_until)
                if line.marks is not None:
                    line = self._crowded(line, seed[-1])
                searching = attempt > self.attempt  # once found, fewer particles do
                size, goal = _DECODED * (4 if searching else 1), heights(line, levels, wider * half + 1e-12)
                done = decode(line, goal, self.n, p.events, size, rng)
                if done is None and searching and p.points is PointKind.STEPS:  # many numbers at risk are possible
                    done = decode(line, goal, self.n, p.events, _HARDER * size, rng)
                if done is None:
                    continue
                if line.marks is None:
                    _, censored = trace_back(done, 100, rng)
                    weighted = line.weighted(smoothed(line, censored))
                    again = decode(weighted, goal, self.n, p.events, size, rng)
                    done = done if again is None else again
                self.attempt = attempt
                return Pass(line=line, read=self.read, done=done, widened=wider, seed=seed, heights=goal)
        return None

    def _crowded(self, line: Timeline, number: int) -> Timeline:
        """Return the slots with marks that hide as many as one of the ways says, each as often as it counts."""
        ways = behind_marks(line, self.n, self.problem.events)
        place = (number % _DECODINGS + 0.5) / _DECODINGS
        return ways[int(np.searchsorted(np.cumsum([way.share for way in ways])[:-1], place))].line

    @property
    def _same_times(self) -> list[float]:
        """How close to a printed time a step may be to stand at it: files round times, and pixels are wide."""
        last, resolution = float(self.points.time[-1]), self.problem.curve.resolution
        read = resolution.time if resolution is not None else 0.0
        return [_SAME_TIME * last] if read <= _SAME_TIME * last else [_SAME_TIME * last, read]

    def _sampled(self, seed: tuple[int, ...], crowding: Crowding) -> Pass | None:
        line, total, rng = crowding.line, self.problem.events, np.random.default_rng(seed)
        islands, particles = self._size
        settings = Settings(islands=islands, particles=particles, store_every=self._store_every)
        for wider in _NOISIER:
            read = replace(self._read, noise=self._read.noise * wider)
            done = run_filter(line, read, self.n, total, settings, rng)
            if done is not None:
                return Pass(line=line, read=read, done=done, widened=wider, seed=seed, share=crowding.share)
        return None

    @property
    def _size(self) -> tuple[int, int]:
        """Islands, and particles of each."""
        if self.read.kind is Kind.CLICKS:
            return _ISLANDS_OF_CLICKS, _FEWER
        islands, particles = (_MORE_ISLANDS, _FEWER) if self.read.blurs(self.n) else (_ISLANDS, _PARTICLES)
        return max(islands // len(self._lines), _FEWEST_ISLANDS), particles

    @property
    def _store_every(self) -> int:
        """Slots between states kept; of clicks none: what lies ahead of them is no quadratic in survival."""
        return len(self._line) + 1 if self.read.kind is Kind.CLICKS else _STORE_EVERY

    @property
    def _line(self) -> Timeline:
        return self._lines[0].line

    @cached_property
    def _lines(self) -> list[Crowding]:
        """Slots of columns, drops or clicks: as many ways as marks that run together support."""
        p, time, survival = self.problem, self.points.time, self.points.survival
        if self.read.kind is Kind.DROPS:
            time, first = np.unique(time, return_index=True)
            survival = np.minimum.reduceat(survival, first)
        line = sampled_timeline(time, survival, self.read, p.risk_table, p.censor_times)
        known = p.events is not None or bool((line.pin >= 0).any())
        known = known and self.read.kind is Kind.TRACE and line.marks is not None
        if known and run_together(line, self.n, p.events):
            return in_columns(line, self.n, p.events)
        return [Crowding(line=line)]

    @cached_property
    def _read(self) -> PointReading:
        """How the points were read, the noise of clicks as paths through them show it."""
        if self.read.kind is not Kind.CLICKS:
            return self.read
        rng = np.random.default_rng([self.seed, 6])
        return replace(self.read, noise=noise_of_clicks(self._line, self.read, self.n, self.problem.events, rng))


def _unique(line: Timeline, events: IntArray, censored: IntArray) -> bool:
    """Whether all draws (J, K) are one data set: the same counts, and each censoring at a mark of its own."""
    marks = np.zeros(len(line), dtype=np.int64) if line.marks is None else line.marks
    same = (events == events[:, :1]).all() and (censored == censored[:, :1]).all()
    return bool(same and (censored[:, 0] == marks).all())


def _more_than_n(problem: Problem) -> bool:
    """Whether anything printed tells how many were censored, or when; a risk table of time 0 alone does not."""
    table = problem.risk_table
    counted = table is not None and bool(table.time[-1] > 0)
    return counted or problem.events is not None or problem.censor_times is not None


def _gone_at_start(problem: Problem) -> int:
    """Return how many patients a table that counts time > 0 no longer counts at 0: censored then."""
    table = problem.risk_table
    if table is None or table.convention is not AtRiskConvention.AFTER or table.time[0] > 0:
        return 0
    return problem.n - int(table.at_risk[0])
