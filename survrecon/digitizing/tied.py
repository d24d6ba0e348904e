"""Times that a figure does not tell apart: steps of several arms in one place, marks and ends at a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from survrecon.digitizing.geometry import FloatArray
from survrecon.digitizing.result import DigitizedArm

__all__ = ["at_the_same_times"]

_STROKES = 0.15  # columns: strokes no further apart are told as one time
_MARK = 0.6  # columns: a mark, or a line's end, is not placed better


def at_the_same_times(arms: Sequence[DigitizedArm], column: float) -> tuple[DigitizedArm, ...]:
    """Return arms whose events and censorings in one place have one time.

    Whether a patient censored at another's event was still at risk then, and which of two events came first, would
    otherwise hang on hundredths of a pixel. Tied, they count as the Kaplan-Meier estimate and Cox's model count ties.

    Parameters
    ----------
    arms : sequence of DigitizedArm
        The arms of one panel.
    column : float
        Width of a pixel in units of time.
    """
    strokes = [_strokes(a) for a in arms]
    times = np.unique(np.concatenate(strokes)) if strokes else np.zeros(0)
    if not len(times):
        return tuple(arms)
    group = np.cumsum(np.concatenate([[True], np.diff(times) > _STROKES * column])) - 1
    mean = np.bincount(group, times) / np.bincount(group)
    out = []
    for arm, own in zip(arms, strokes, strict=True):
        time = np.where(
            np.isin(arm.time, own), mean[group[np.searchsorted(times, arm.time).clip(0, len(times) - 1)]], arm.time
        )
        if len(time) > 1 and arm.time[-1] not in own:
            time[-1] = max(_nearest(arm.time[-1:], mean, _MARK * column)[0], time[-2])
        marks = arm.censor_times
        out.append(
            replace(
                arm,
                time=np.maximum.accumulate(time),
                censor_times=None if marks is None else np.sort(_nearest(np.asarray(marks), mean, _MARK * column)),
            )
        )
    return tuple(out)


def _strokes(arm: DigitizedArm) -> FloatArray:
    """Return the times at which a curve falls."""
    return np.asarray(arm.time[1:][np.diff(arm.survival) < 0], float)


def _nearest(at: FloatArray, times: FloatArray, reach: float) -> FloatArray:
    """Return the nearest of ``times`` where it lies within reach, else the time itself."""
    if not len(at):
        return at
    near = times[np.abs(at[:, None] - times[None]).argmin(axis=1)]
    return np.where(np.abs(near - at) <= reach, near, at)
