"""On course for the total of events: how many are still to come after each slot, by the printed numbers at risk."""

from __future__ import annotations

import numpy as np

from survrecon.curve import FloatArray
from survrecon.reconstruction.states.censoring import Balance
from survrecon.reconstruction.states.timeline import Timeline

__all__ = ["events_to_come"]

_PLACE = 0.2  # sd of the mean place of an interval's censorings, as a part of the interval
_ONE_PLACE = 1 / 12  # variance of the place of one patient
_LEAST = 0.5


def events_to_come(
    line: Timeline, balance: Balance, n: int, events: int, noise: float
) -> tuple[FloatArray, FloatArray]:
    """Return the mean and the standard deviation of the events after each slot (J,).

    An interval's patients who leave are events or censorings, and the fall of the curve divides them once it is known
    where in the interval censorings lie. That place is unknown, more so where the total is far from what even spreading
    gives.
    """
    mean, variance = np.zeros(len(line)), np.zeros(len(line))
    at_risk, hazard = n, 0.0
    for end in np.unique(line.end):
        slots = np.flatnonzero(line.end == end)
        left = int(line.target[end])
        fall = np.exp(hazard - line.hazard[slots])
        censored = float(np.clip((at_risk * fall[-1] - left) / balance.kept[slots[0]], 0, at_risk - left))
        share = np.diff(1 - fall, prepend=0.0) / max(1 - fall[-1], 1e-12)
        mean[slots] = (at_risk - left - censored) * share
        hidden = (line.hazard[end] - hazard) * censored
        variance[slots] = hidden**2 * (_PLACE**2 + _ONE_PLACE / max(censored, 1.0)) / slots.size
        at_risk, hazard = left, line.hazard[end]
    missing = events - mean.sum()
    variance *= max(1.0, missing**2 / max(variance.sum(), 1e-9))
    later = np.cumsum(variance[::-1])[::-1] - variance
    return np.cumsum(mean[::-1])[::-1] - mean, np.sqrt(later + _LEAST**2 + (line.target * noise) ** 2)
