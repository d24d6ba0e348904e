"""What the points of a curve are taken for: steps, a few landmarks such as one reading every three months, or clicks.

Landmarks read as steps have all their events fall on the landmarks: too late by half a gap, and on the wrong side of a
printed number at risk. Between landmarks the events are therefore spread evenly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.convention import PointKind
from survrecon.model.curve import RiskTable, StepCurve, SurvivalCurve
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.settings import VISIT_STEPS
from survrecon.reconstruction.statespace.decode import decode, decoding_goal, find_steps
from survrecon.reconstruction.statespace.patients import visit_unit
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS, ReadingModel
from survrecon.reconstruction.statespace.reading import CurveDetail, grid_height, is_landmarks, judge_reading
from survrecon.reconstruction.statespace.settings import SAMPLER
from survrecon.reconstruction.statespace.timeline import stepped_timeline

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = ["PointsTakenAs", "between_landmarks", "judge_points", "seen_at_visits", "steps_instead"]

_BETWEEN = "points are landmarks, not steps: events are spread evenly between them"
_STATED = {
    PointKind.STEPS: "points are steps, as stated: the events of each drop fall at its time",
    PointKind.LANDMARKS: "points are landmarks, as stated: events are spread evenly between them",
    PointKind.CLICKS: "points are clicks, as stated: events fall between them",
}
_SEVERAL = (
    "points are taken as clicks along the curve, as each stands for several events: events fall between them "
    "(if each point is a drop, state that points are steps)"
)

_FIT_ALONE = "points are taken as steps: events spread between them would contradict the other inputs"


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsTakenAs:
    """What points are taken for.

    Parameters
    ----------
    kind : PointKind
        As a method needs to know it: ``auto`` where it judges the points itself.
    landmarks : bool
        Whether events are spread between the points before anything else is done.
    assumptions : tuple of str
        What is assumed of them, in words, where anything is.
    """

    kind: PointKind
    landmarks: bool = False
    assumptions: tuple[str, ...] = ()


def judge_points(
    asked: PointKind,
    points: SurvivalCurve,
    fixed: StepCurve,
    n: int,
    table: RiskTable | None,
    events: int | None,
    model: ReadingModel = DEFAULT_PRIORS.reading,
) -> PointsTakenAs:
    """Return what points are taken for, as stated or told by the data.

    Parameters
    ----------
    asked : PointKind
        What the caller states.
    points : SurvivalCurve
        As digitized.
    fixed : StepCurve
        Repaired.
    n : int
        Number of patients.
    table : RiskTable or None
        Numbers at risk, under a definite convention.
    events : int or None
        Total events, if told.
    model : ReadingModel
        How points are judged.
    """
    if asked is not PointKind.AUTO:
        return PointsTakenAs(kind=asked, landmarks=asked is PointKind.LANDMARKS, assumptions=(_STATED[asked],))
    order = np.lexsort((-points.survival, points.time))
    time, survival = points.time[order], points.survival[order]
    if (np.diff(time) == 0).any():  # both corners: steps whatever they stand for
        drops = int(np.count_nonzero(np.diff(fixed.survival) < 0))
        several = 0 < model.events_a_drop * drops < n * (1 - fixed.survival[-1])
        steps = several and points.resolution is None and not (np.diff(survival) > 0).any()
        return PointsTakenAs(kind=PointKind.STEPS if steps and visit_unit(time) else PointKind.AUTO)
    landmarks = is_landmarks(points, fixed, n, model)
    clicks = judge_reading(time, survival, n, points.resolution, model=model).detail is CurveDetail.CLICKS
    if not (landmarks or clicks):
        return PointsTakenAs(kind=PointKind.AUTO)
    unit = seen_at_visits(points, n, table, events)
    if unit is not None:
        return PointsTakenAs(kind=PointKind.STEPS, assumptions=(_at_visits(unit, points.time_unit),))
    if landmarks:
        return PointsTakenAs(kind=PointKind.AUTO, landmarks=True, assumptions=(_BETWEEN,))
    rises = bool((np.diff(survival) > 0).any())
    return PointsTakenAs(kind=PointKind.AUTO, assumptions=() if rises else (_SEVERAL,))


def steps_instead(points: SurvivalCurve) -> PointsTakenAs:
    """Return what points are taken for that contradict the other inputs as landmarks but fit them as steps."""
    if visit_unit(points.time) is None:
        return PointsTakenAs(kind=PointKind.AUTO)
    return PointsTakenAs(kind=PointKind.STEPS, assumptions=(_FIT_ALONE,))


def _at_visits(unit: float, of_time: str) -> str:
    where = f"at whole {of_time}" if abs(unit - 1) < VISIT_STEPS.whole_unit else f"at visits every {unit:.3g} {of_time}"
    return (
        f"points are taken as steps {where}: the events of each drop fall at its time "
        "(state that points are landmarks if they are read off a curve)"
    )


def between_landmarks(fixed: StepCurve, n: int) -> StepCurve:
    """Return the curve with each drop split into drops of one patient, evenly spread since the point before.

    Examples
    --------
    >>> curve = between_landmarks(StepCurve(time=[0, 6], survival=[1, 0.7], resolution=0.01), 10)
    >>> curve.time, curve.survival
    (array([0., 1., 3., 5.]), array([1. , 0.9, 0.8, 0.7]))
    """
    time, survival = [fixed.time[:1]], [fixed.survival[:1]]
    for k in range(1, len(fixed)):
        fall = fixed.survival[k - 1] - fixed.survival[k]
        parts = min(max(round(n * fall), 1), VISIT_STEPS.most_parts)
        share = np.arange(1, parts + 1) / parts
        gap = fixed.time[k] - fixed.time[k - 1]
        if fall == 0:
            time.append(fixed.time[k : k + 1])
            survival.append(fixed.survival[k : k + 1])
            continue
        time.append(fixed.time[k - 1] + gap * (share - 0.5 / parts))
        survival.append(np.append(fixed.survival[k - 1] - fall * share[:-1], fixed.survival[k]))
    return replace(fixed, time=np.concatenate(time), survival=np.concatenate(survival))


def seen_at_visits(points: SurvivalCurve, n: int, table: RiskTable | None, events: int | None) -> float | None:
    """Return the time between visits where points, one a drop, are steps at visits; ``None`` where they are not.

    Parameters
    ----------
    points : SurvivalCurve
        As digitized: few, of several events each, never rising.
    n : int
        Number of patients.
    table : RiskTable or None
        Under a definite convention.
    events : int or None
        Total events, if told.
    """
    order = np.lexsort((-points.survival, points.time))
    time, survival = np.maximum(points.time[order], 0.0), np.clip(points.survival[order], 0.0, 1.0)
    unit, grid = visit_unit(time), grid_height(survival)
    if unit is None or grid == 0 or (np.diff(survival) > grid / 2).any():
        return None
    times, levels = find_steps(time, survival, grid)
    if not times.size:
        return None
    odds = VISIT_STEPS.each_drop * (times.size - VISIT_STEPS.even_odds) + _by_their_times(times, unit)
    if grid * n <= VISIT_STEPS.decodable:
        if not _decodes(times, levels, n, grid, table, events, np.random.default_rng(VISIT_STEPS.seed)):
            return None
        odds -= np.log(_by_chance(times, levels, n, grid, table, events))
    return unit if odds > 0 else None


def _by_their_times(times: FloatArray, unit: float) -> float:
    """Return the log odds of steps by which visits have a point: papers choose even times, or ever rarer ones."""
    gaps = np.round(np.diff(np.append(0.0, times)) / unit)
    return VISIT_STEPS.left_out if (np.diff(gaps[1:]) < 0).any() else VISIT_STEPS.by_rule


def _decodes(
    times: FloatArray,
    levels: FloatArray,
    n: int,
    grid: float,
    table: RiskTable | None,
    events: int | None,
    rng: np.random.Generator,
) -> bool:
    """Whether whole numbers of patients give these levels."""
    last = float(times[-1])
    line = stepped_timeline(times, levels, last, table, None, SAMPLER.same_time * last, rng, DEFAULT_PRIORS)
    goal = decoding_goal(line, levels, VISIT_STEPS.rounding * grid, DEFAULT_PRIORS.decoding)
    return decode(line, goal, n, events, VISIT_STEPS.particles, DEFAULT_PRIORS, rng) is not None


def _by_chance(
    times: FloatArray, levels: FloatArray, n: int, grid: float, table: RiskTable | None, events: int | None
) -> float:
    """Return how often landmarks of trials like this one would pass for steps, half a time more than found."""
    rng = np.random.default_rng(VISIT_STEPS.seed + 1)
    passed = 0
    for _ in range(VISIT_STEPS.simulated):
        arm = _seen_all_the_time(times, levels, n, table, rng)
        seen = np.round(arm.survival_at(times) / grid) * grid
        falls = seen < np.append(1.0, seen)[: seen.size] - grid / 2
        if not falls.any():
            continue
        printed = None
        if table is not None:
            printed = RiskTable(
                time=table.time, at_risk=arm.at_risk(table.time, table.convention), convention=table.convention
            )
        total = None if events is None else arm.events
        passed += _decodes(times[falls], seen[falls], n, grid, printed, total, rng)
    return (passed + 0.5) / (VISIT_STEPS.simulated + 1)


def _seen_all_the_time(
    times: FloatArray, levels: FloatArray, n: int, table: RiskTable | None, rng: np.random.Generator
) -> PseudoIPD:
    """Draw patients whose curve passes near the points, and who leave about as the printed numbers say."""
    hazard = -np.log(np.maximum(levels, VISIT_STEPS.least_survival))
    knots, height = np.append(0.0, times), np.append(0.0, hazard)
    exposure = rng.exponential(size=n)
    end = float(times[-1])
    died = np.where(exposure <= height[-1], np.interp(exposure, height, knots), 2 * end)
    latest = VISIT_STEPS.latest_leaving
    left = end * rng.uniform(rng.uniform(0.0, VISIT_STEPS.earliest_leaving), latest, n)
    if table is not None and (table.time > 0).any():
        alive = np.exp(-np.interp(table.time, knots, height))
        stay = np.minimum.accumulate(np.clip(table.at_risk / (n * alive), 0.0, 1.0))
        until = np.append(table.time, latest * max(end, table.time[-1]))
        left = np.interp(-rng.random(n), -np.append(stay, 0.0), until)
    time = np.maximum(np.minimum(died, left), VISIT_STEPS.first_time * end)
    return PseudoIPD(time=time, event=(died <= left) & (died <= end))
