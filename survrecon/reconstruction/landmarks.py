"""A curve known at a few landmarks only, such as one reading every three months.

Read as steps, its events would all fall on the landmarks: too late by half a gap, and on the wrong side of a
printed number at risk. Between landmarks the events are therefore spread evenly.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from survrecon.curve import SurvivalCurve

__all__ = ["between_landmarks", "is_landmarks"]

_FEW_DROPS = 20
_EVENTS_A_DROP = 2.5
_SHARE_OF_DROPS = 0.8
_MOST_PARTS = 500


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
