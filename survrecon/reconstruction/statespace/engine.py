"""The state-space method: decode the steps where they can be told apart, else sample; draws on demand."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.analysis.pairing import SHARED, in_joint_order, shared_part
from survrecon.model.convention import PointKind
from survrecon.model.curve import AtRiskConvention
from survrecon.model.diagnostics import SolutionPath, StateSpaceDiagnostics
from survrecon.model.ipd import PseudoIPD, Reconstruction
from survrecon.reconstruction.guyot.spread import spread
from survrecon.reconstruction.statespace.backward import ArmPass, trace_back
from survrecon.reconstruction.statespace.crowding import (
    WeightedTimeline,
    marks_run_together,
    timelines_behind_marks,
    timelines_in_columns,
)
from survrecon.reconstruction.statespace.decode import decode, decoding_goal, find_steps, smoothed
from survrecon.reconstruction.statespace.particles import island_plan
from survrecon.reconstruction.statespace.patients import Visits, find_visits, middle_draw, to_patients
from survrecon.reconstruction.statespace.reading import (
    CurveDetail,
    PointReading,
    Points,
    points_for_sampling,
    points_in_order,
)
from survrecon.reconstruction.statespace.sampler import noise_of_clicks, run_filter
from survrecon.reconstruction.statespace.settings import GUARDS, QUICK_SAMPLER, SAMPLER
from survrecon.reconstruction.statespace.smc import distinct_histories
from survrecon.reconstruction.statespace.timeline import Timeline, open_until, sampled_timeline, stepped_timeline

if TYPE_CHECKING:
    from survrecon.arrays import IntArray
    from survrecon.reconstruction.problem import Problem
    from survrecon.reconstruction.statespace.backward import DecodingGoal
    from survrecon.reconstruction.statespace.particles import ParticleHistories

__all__ = ["statespace"]

_QUARTERS = ("first", "second", "third", "last")
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
        The draw nearest to the middle; ``draws`` gives more. Its diagnostics are
        `survrecon.model.diagnostics.StateSpaceDiagnostics`.
    """
    for method in _attempts(problem):
        passes = method.first()
        if passes:
            return method.result(passes)
    result = spread(problem)
    return replace(result, warnings=(*result.warnings, "no path through the points: the deterministic method was used"))


def _attempts(problem: Problem) -> list[_ArmPasses]:
    points = points_in_order(problem.digitized or problem.curve, problem.n, problem.points, problem.priors.reading)
    if points.read.detail is not CurveDetail.STEPS:
        return [_ArmPasses(problem, points)]
    return [_ArmPasses(problem, points), _ArmPasses(problem, points_for_sampling(points, problem.n))]


class _ArmPasses:
    """Decoding or sampling of one arm, in independent passes."""

    def __init__(self, problem: Problem, points: Points) -> None:
        self.problem, self.points, self.read, self.priors = problem, points, points.read, problem.priors
        self.gone_at_start = _gone_at_start(problem)
        self.n = problem.n - self.gone_at_start
        self.sampler = QUICK_SAMPLER if problem.quick else SAMPLER
        self.seed = int(problem.rng.integers(SAMPLER.seeds))
        self.decodes = self.read.detail is CurveDetail.STEPS
        self.at_end = self.read.detail in (CurveDetail.STEPS, CurveDetail.DROPS)
        self.attempt = 0  # of widening, at which a decoding was found: others need no less
        self.shared_follow_up = 0.0 if _more_than_n(problem) else SHARED
        self.made: dict[int, ArmPass | None] = {}
        self._timelines_behind: dict[tuple[bytes, bytes], list[WeightedTimeline]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Return what passes are made from, not the passes, which are large: the same seed makes the same again."""
        kept = {k: v for k, v in self.__dict__.items() if k not in {"_timelines", "_read_with_noise"}}
        return kept | {"made": {}, "_timelines_behind": {}, "attempt": 0}

    def first(self) -> list[ArmPass]:
        """Return the pass that the single data set is chosen from, if any is possible."""
        return self._passes(1 if self.decodes else len(self._timelines))

    def result(self, passes: list[ArmPass]) -> Reconstruction:
        """Return the data set in the middle of some draws of these passes."""
        total = self.problem.events
        sizes = self._draws_of_passes(passes, self.sampler.candidates[not self.decodes])
        drawn = [p.draw(size, total) for p, size in zip(passes, sizes, strict=True) if size]
        events = np.concatenate([paths.events for _, paths in drawn], axis=1)
        censored = np.concatenate([paths.censored for _, paths in drawn], axis=1)
        best = middle_draw(events, censored)
        line = passes[0].line
        ipd = self._patients(line, events[:, best], censored[:, best], None)
        if _more_than_n(self.problem):
            self.shared_follow_up = shared_part((line.left + line.right) / 2 @ (events + censored))
        lineages = [distinct_histories(paths.lineage, SAMPLER.parts) for _, paths in drawn]
        diagnostics = StateSpaceDiagnostics(
            path=SolutionPath.DECODED if self.decodes else SolutionPath.SAMPLED,
            kind=self.read.detail,
            noise=passes[0].read.noise / passes[0].widened,
            widened=max(p.widened for p in passes),
            unique=self.decodes and _unique(line, events, censored),
            forced=sum(turned for turned, _ in drawn),
            histories=events.shape[1],
            distinct_histories=tuple(map(sum, zip(*lineages, strict=True))),
        )
        return Reconstruction(
            ipd=ipd,
            method="statespace",
            diagnostics=diagnostics,
            assumptions=self._assumed(),
            warnings=_warnings(diagnostics, told=total is not None or line.told is not None),
            drawer=self.draws,
            shared_follow_up=self.shared_follow_up,
        )

    def _assumed(self) -> tuple[str, ...]:
        return (
            *_ASSUMED,
            *((_SHARED_FOLLOW_UP,) if self.shared_follow_up > SHARED / 2 else ()),
            *((_OPEN,) if self._open_until > 0 else ()),
            *((_JOINED,) if self.points.in_columns else ()),
        )

    def draws(self, k: int) -> list[PseudoIPD]:
        """Return ``k`` data sets, from each pass as many as its islands count."""
        passes = self._passes(self._passes_for_draws)
        sets: list[PseudoIPD] = []
        for i, (one, size) in enumerate(zip(passes, self._draws_of_passes(passes, k), strict=True)):
            if size:
                _, paths = one.draw(size, self.problem.events)
                rng = np.random.default_rng([self.seed, 2, i])
                sets += [self._patients(one.line, paths.events[:, d], paths.censored[:, d], rng) for d in range(size)]
        return in_joint_order(sets, np.random.default_rng([self.seed, 4]), self.shared_follow_up)

    @staticmethod
    def _draws_of_passes(passes: list[ArmPass], k: int) -> list[int]:
        """Return how many of ``k`` draws each pass gives: as many as its islands count."""
        best = max(float(p.histories.evidence.max()) for p in passes)
        counts = np.cumsum([p.share * p.histories.shares(best).sum() for p in passes])
        return [int(size) for size in np.diff(np.round(k * counts / counts[-1]), prepend=0)]

    @property
    def _passes_for_draws(self) -> int:
        """Passes that draws are taken from."""
        if self.decodes:
            return self.sampler.drawn_from
        blurred = self.read.blurs(self.n) and self.problem.risk_table is None
        return SAMPLER.samplings if blurred else len(self._timelines)

    def _passes(self, number: int) -> list[ArmPass]:
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
            prior=self.priors.placement,
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
        return open_until(points.time, points.survival, p.risk_table, self.priors.censoring)

    @cached_property
    def _visits(self) -> Visits | None:
        return find_visits(self.points.time, self.points.survival) if self.at_end else None

    def _pass(self, number: int) -> ArmPass | None:
        seed = (self.seed, 1, number)
        if self.decodes:
            return self._decoded(seed)
        return self._sampled(seed, self._timelines[number % len(self._timelines)])

    def _decoded(self, seed: tuple[int, ...]) -> ArmPass | None:
        """Decode twice: first with censoring spread evenly, then as dense as the first pass found it."""
        p, rng = self.problem, np.random.default_rng(seed)
        times, levels = find_steps(self.points.time, self.points.survival, self.read.grid)
        half, last = self.read.noise * 3**0.5, float(self.points.time[-1])
        for attempt, wider in list(enumerate(self.sampler.wider_rounding))[self.attempt :]:
            for same in self._same_times:
                line = stepped_timeline(
                    times, levels, last, p.risk_table, p.censor_times, same, rng, self.priors, self._open_until
                )
                if line.marks is not None:
                    line = self._crowded(line, seed[-1])
                goal = decoding_goal(line, levels, wider * half + GUARDS.tiny, self.priors.decoding)
                histories = self._decoding(line, goal, attempt, rng)
                if histories is not None:
                    self.attempt = attempt
                    return ArmPass(
                        line=line, read=self.read, model=self.priors.reading, histories=histories, widened=wider,
                        seed=seed, goal=goal,
                    )  # fmt: skip
        return None

    def _decoding(
        self, line: Timeline, goal: DecodingGoal, attempt: int, rng: np.random.Generator
    ) -> ParticleHistories | None:
        """Decode one timeline, without marks a second time, by the density of censoring that the first one found."""
        p, searching = self.problem, attempt > self.attempt  # once found, fewer particles do
        size = self.sampler.decoded * (SAMPLER.search_factor if searching else 1)
        histories = decode(line, goal, self.n, p.events, size, self.priors, rng)
        if histories is None and searching and p.points is PointKind.STEPS:  # many numbers at risk are possible
            histories = decode(line, goal, self.n, p.events, SAMPLER.harder * size, self.priors, rng)
        if histories is not None and line.marks is None:
            censored = trace_back(histories, SAMPLER.first_pass, rng).censored
            weighted = line.weighted(smoothed(line, censored, self.priors.decoding))
            again = decode(weighted, goal, self.n, p.events, size, self.priors, rng)
            histories = histories if again is None else again
        return histories

    def _crowded(self, line: Timeline, number: int) -> Timeline:
        """Return the bins with marks that hide as many as one of the ways says, each as often as it counts."""
        assert line.marks is not None
        alike = line.right.tobytes(), line.marks.tobytes()  # of one curve, times and marks of bins make them equal
        if alike not in self._timelines_behind:
            self._timelines_behind[alike] = timelines_behind_marks(line, self.n, self.problem.events, self.priors.marks)
        ways = self._timelines_behind[alike]
        place = (number % SAMPLER.decodings + 0.5) / SAMPLER.decodings
        return ways[int(np.searchsorted(np.cumsum([way.share for way in ways])[:-1], place))].line

    @property
    def _same_times(self) -> list[float]:
        """How close to a printed time a step may be to stand at it: files round times, and pixels are wide."""
        last, resolution = float(self.points.time[-1]), self.problem.curve.resolution
        read = resolution.time if resolution is not None else 0.0
        exact = SAMPLER.same_time * last
        return [exact] if read <= exact else [exact, read]

    def _sampled(self, seed: tuple[int, ...], weighted: WeightedTimeline) -> ArmPass | None:
        line, total, rng = weighted.line, self.problem.events, np.random.default_rng(seed)
        islands, particles = self._islands_and_particles
        plan = island_plan(islands, particles, len(self.priors.censoring.even_parts))
        for wider in SAMPLER.wider_noise:
            read = replace(self._read_with_noise, noise=self._read_with_noise.noise * wider)
            histories = run_filter(line, read, self.n, total, self.priors, plan, rng, store_every=self._store_every)
            if histories is not None:
                return ArmPass(
                    line=line, read=read, model=self.priors.reading, histories=histories, widened=wider, seed=seed,
                    share=weighted.share,
                )  # fmt: skip
        return None

    @property
    def _islands_and_particles(self) -> tuple[int, int]:
        """Islands, and particles of each."""
        if self.read.detail is CurveDetail.CLICKS:
            return self.sampler.click_islands, self.sampler.blurred_particles
        islands, particles = self.sampler.islands, self.sampler.particles
        if self.read.blurs(self.n):
            islands, particles = self.sampler.blurred_islands, self.sampler.blurred_particles
        return max(islands // len(self._timelines), self.sampler.fewest_islands), particles

    @property
    def _store_every(self) -> int:
        """Bins between states kept; of clicks none: what lies ahead of them is no quadratic in survival."""
        return len(self._first_timeline) + 1 if self.read.detail is CurveDetail.CLICKS else SAMPLER.store_every

    @property
    def _first_timeline(self) -> Timeline:
        return self._timelines[0].line

    @cached_property
    def _timelines(self) -> list[WeightedTimeline]:
        """Bins of columns, drops or clicks: as many ways as marks that run together support."""
        p, time, survival = self.problem, self.points.time, self.points.survival
        if self.read.detail is CurveDetail.DROPS:
            time, first = np.unique(time, return_index=True)
            survival = np.minimum.reduceat(survival, first)
        marks = self.priors.marks
        line = sampled_timeline(time, survival, self.read, p.risk_table, p.censor_times, self.priors.censoring)
        known = p.events is not None or bool((line.printed >= 0).any())
        known = known and self.read.detail is CurveDetail.TRACE and line.marks is not None
        if known and marks_run_together(line, self.n, p.events, marks):
            return timelines_in_columns(line, self.n, p.events, marks)
        return [WeightedTimeline(line=line)]

    @cached_property
    def _read_with_noise(self) -> PointReading:
        """How the points were read, the noise of clicks as paths through them show it."""
        if self.read.detail is not CurveDetail.CLICKS:
            return self.read
        rng = np.random.default_rng([self.seed, 6])
        return replace(
            self.read,
            noise=noise_of_clicks(self._first_timeline, self.read, self.n, self.problem.events, self.priors, rng),
        )


def _warnings(found: StateSpaceDiagnostics, *, told: bool) -> tuple[str, ...]:
    """Return what a reader must know: told events that no path met, draws that share their past."""
    warnings = []
    if found.forced == found.histories and told:
        warnings.append("the total of events conflicts with the points: events were turned to meet it")
    fewest = min(found.distinct_histories)
    if fewest < SAMPLER.few_distinct * found.histories and not found.unique:
        quarter = _QUARTERS[found.distinct_histories.index(fewest)]
        warnings.append(
            f"draws share their past: in the {quarter} quarter of the follow-up {fewest} of {found.histories} differ, "
            "so intervals of what happens there may be too narrow"
        )
    return tuple(warnings)


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
