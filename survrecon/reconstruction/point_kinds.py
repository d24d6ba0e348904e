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
from survrecon.reconstruction.statespace.decode import decode, find_steps, heights
from survrecon.reconstruction.statespace.patients import visit_unit
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS, ReadingModel
from survrecon.reconstruction.statespace.reading import CurveDetail, grid_height, is_landmarks, reading
from survrecon.reconstruction.statespace.settings import SAMPLER
from survrecon.reconstruction.statespace.timeline import stepped_timeline

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = ["PointsTakenAs", "between_landmarks", "judge_points", "seen_at_visits", "steps_instead"]

_MOST_PARTS = 500
_WHOLE = 0.01  # of a unit of time, from one
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
    clicks = reading(time, survival, n, points.resolution, model=model).kind is CurveDetail.CLICKS
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
    where = f"at whole {of_time}" if abs(unit - 1) < _WHOLE else f"at visits every {unit:.3g} {of_time}"
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
        parts = min(max(round(n * fall), 1), _MOST_PARTS)
        share = np.arange(1, parts + 1) / parts
        gap = fixed.time[k] - fixed.time[k - 1]
        if fall == 0:
            time.append(fixed.time[k : k + 1])
            survival.append(fixed.survival[k : k + 1])
            continue
        time.append(fixed.time[k - 1] + gap * (share - 0.5 / parts))
        survival.append(np.append(fixed.survival[k - 1] - fall * share[:-1], fixed.survival[k]))
    return replace(fixed, time=np.concatenate(time), survival=np.concatenate(survival))


_SEED = 20
_DECODABLE = 1.0  # rounding unit times patients: beyond it any drop is possible
_ROUNDED = 0.51  # of a printed unit
_PARTICLES, _SIMULATED = 800, 10
_AS_MANY, _EACH = 11.0, 0.5  # drops at which steps are as likely as landmarks, and what each more adds to the log odds
_LEFT_OUT, _BY_RULE = 2.0, -1.0  # what a visit left out between others adds, and times that follow a rule
_LEAST = 1e-4  # of survival


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
    odds = _EACH * (times.size - _AS_MANY) + _by_their_times(times, unit)
    if grid * n <= _DECODABLE:
        if not _decodes(times, levels, n, grid, table, events, np.random.default_rng(_SEED)):
            return None
        odds -= np.log(_by_chance(times, levels, n, grid, table, events))
    return unit if odds > 0 else None


def _by_their_times(times: FloatArray, unit: float) -> float:
    """Return the log odds of steps by which visits have a point: papers choose even times, or ever rarer ones."""
    gaps = np.round(np.diff(np.append(0.0, times)) / unit)
    return _LEFT_OUT if (np.diff(gaps[1:]) < 0).any() else _BY_RULE


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
    goal = heights(line, levels, _ROUNDED * grid, DEFAULT_PRIORS.decoding)
    return decode(line, goal, n, events, _PARTICLES, DEFAULT_PRIORS, rng) is not None


def _by_chance(
    times: FloatArray, levels: FloatArray, n: int, grid: float, table: RiskTable | None, events: int | None
) -> float:
    """Return how often landmarks of trials like this one would pass for steps, half a time more than found."""
    rng = np.random.default_rng(_SEED + 1)
    passed = 0
    for _ in range(_SIMULATED):
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
    return (passed + 0.5) / (_SIMULATED + 1)


def _seen_all_the_time(
    times: FloatArray, levels: FloatArray, n: int, table: RiskTable | None, rng: np.random.Generator
) -> PseudoIPD:
    """Draw patients whose curve passes near the points, and who leave about as the printed numbers say."""
    hazard = -np.log(np.maximum(levels, _LEAST))
    knots, height = np.append(0.0, times), np.append(0.0, hazard)
    exposure = rng.exponential(size=n)
    end = float(times[-1])
    died = np.where(exposure <= height[-1], np.interp(exposure, height, knots), 2 * end)
    left = end * rng.uniform(rng.uniform(0.0, 0.8), 1.25, n)
    if table is not None and (table.time > 0).any():
        alive = np.exp(-np.interp(table.time, knots, height))
        stay = np.minimum.accumulate(np.clip(table.at_risk / (n * alive), 0.0, 1.0))
        left = np.interp(-rng.random(n), -np.append(stay, 0.0), np.append(table.time, 1.25 * max(end, table.time[-1])))
    time = np.maximum(np.minimum(died, left), 1e-6 * end)
    return PseudoIPD(time=time, event=(died <= left) & (died <= end))
