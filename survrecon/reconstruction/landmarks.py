"""What the points of a curve are taken for: steps, a few landmarks such as one reading every three months, or clicks.

Landmarks read as steps have all their events fall on the landmarks: too late by half a gap, and on the wrong side of a
printed number at risk. Between landmarks the events are therefore spread evenly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from survrecon.convention import PointKind
from survrecon.curve import RiskTable, SurvivalCurve
from survrecon.reconstruction.states.noise import Kind, reading
from survrecon.reconstruction.visits import seen_at_visits, visit_unit

__all__ = ["Taken", "between_landmarks", "is_landmarks", "steps_instead", "take_points"]

_FEW_DROPS = 20
_EVENTS_A_DROP = 2.5
_SHARE_OF_DROPS = 0.8
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
class Taken:
    """What points are taken for.

    Parameters
    ----------
    kind : PointKind
        As a method needs to know it: ``auto`` where it judges the points itself.
    landmarks : bool
        Whether events are spread between the points before anything else is done.
    said : tuple of str
        The assumption, where there is one.
    """

    kind: PointKind
    landmarks: bool = False
    said: tuple[str, ...] = ()


def take_points(
    asked: PointKind, points: SurvivalCurve, fixed: SurvivalCurve, n: int, table: RiskTable | None, events: int | None
) -> Taken:
    """Return what points are taken for, as stated or told by the data.

    Parameters
    ----------
    asked : PointKind
        What the caller states.
    points, fixed : SurvivalCurve
        As digitized, and repaired.
    n : int
        Number of patients.
    table : RiskTable or None
        Numbers at risk, under a definite convention.
    events : int or None
        Total events, if told.
    """
    if asked is not PointKind.AUTO:
        return Taken(kind=asked, landmarks=asked is PointKind.LANDMARKS, said=(_STATED[asked],))
    order = np.lexsort((-points.survival, points.time))
    time, survival = points.time[order], points.survival[order]
    if (np.diff(time) == 0).any():  # both corners: steps whatever they stand for
        drops = int(np.count_nonzero(np.diff(fixed.survival) < 0))
        several = 0 < _EVENTS_A_DROP * drops < n * (1 - fixed.survival[-1])
        steps = several and points.resolution is None and not (np.diff(survival) > 0).any()
        return Taken(kind=PointKind.STEPS if steps and visit_unit(time) else PointKind.AUTO)
    landmarks = is_landmarks(points, fixed, n)
    clicks = reading(time, survival, n, points.resolution).kind is Kind.CLICKS
    if not (landmarks or clicks):
        return Taken(kind=PointKind.AUTO)
    unit = seen_at_visits(points, n, table, events)
    if unit is not None:
        return Taken(kind=PointKind.STEPS, said=(_at_visits(unit, points.time_unit),))
    if landmarks:
        return Taken(kind=PointKind.AUTO, landmarks=True, said=(_BETWEEN,))
    rises = bool((np.diff(survival) > 0).any())
    return Taken(kind=PointKind.AUTO, said=() if rises else (_SEVERAL,))


def steps_instead(points: SurvivalCurve) -> Taken:
    """Return what points are taken for that contradict the other inputs as landmarks but fit them as steps."""
    if visit_unit(points.time) is None:
        return Taken(kind=PointKind.AUTO)
    return Taken(kind=PointKind.STEPS, said=(_FIT_ALONE,))


def _at_visits(unit: float, of_time: str) -> str:
    where = f"at whole {of_time}" if abs(unit - 1) < _WHOLE else f"at visits every {unit:.3g} {of_time}"
    return (
        f"points are taken as steps {where}: the events of each drop fall at its time "
        "(state that points are landmarks if they are read off a curve)"
    )


def is_landmarks(points: SurvivalCurve, fixed: SurvivalCurve, n: int) -> bool:
    """Return whether points are landmarks rather than steps.

    They are few, each stands for several events, and survival falls from nearly every point to the next: a
    curve of true steps, at visits say, also shows the plateaus between them.

    Parameters
    ----------
    points, fixed : SurvivalCurve
        As digitized, and repaired.
    n : int
        Number of patients.
    """
    drops = int(np.count_nonzero(np.diff(fixed.survival) < 0))
    if not 0 < drops < _FEW_DROPS or n * (1 - fixed.survival[-1]) < _EVENTS_A_DROP * drops:
        return False
    survival = points.survival[np.lexsort((-points.survival, points.time))]
    margin = fixed.resolution.survival if fixed.resolution else 0.0
    return survival.size < 3 or float(np.mean(-np.diff(survival) > margin / 2)) >= _SHARE_OF_DROPS


def between_landmarks(fixed: SurvivalCurve, n: int) -> SurvivalCurve:
    """Return the curve with each drop split into drops of one patient, evenly spread since the point before.

    Examples
    --------
    >>> curve = between_landmarks(SurvivalCurve(time=[0, 6], survival=[1, 0.7]), 10)
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
