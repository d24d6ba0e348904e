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
_LEAST_UNSEEN = 0.1  # part of the censored without a mark of their own
_LOWEST = 1e-4
_SHIFT = 1e-3  # of survival, to see how the events to come depend on it


def events_to_come(
    line: Timeline, balance: Balance, n: int, events: int, noise: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the mean of the events after each slot (J,), its change with a shift of the curve, its standard deviation.

    An interval's patients who leave are events or censorings, and the fall of the curve divides them once it is known
    where in the interval censorings lie. That place is unknown, more so where the total is far from what even spreading
    gives.
    """
    mean, variance = _expected(line, balance, n, line.hazard)
    missing = events - mean.sum()
    variance *= max(1.0, missing**2 / max(variance.sum(), 1e-9))
    higher, lower = (
        _later(_expected(line, balance, n, -np.log(np.maximum(np.exp(-line.hazard) - shift, _LOWEST)))[0])
        for shift in (_SHIFT, -_SHIFT)
    )
    spread = np.sqrt(_later(variance) + _LEAST**2 + (line.target * noise) ** 2)
    return _later(mean), (higher - lower) / (2 * _SHIFT), spread


def _later(values: FloatArray) -> FloatArray:
    """Return the sum after each slot (J,)."""
    return np.asarray(np.cumsum(values[::-1])[::-1] - values)


def _expected(line: Timeline, balance: Balance, n: int, hazard: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of the events of each slot (J,)."""
    mean, variance = np.zeros(len(line)), np.zeros(len(line))
    at_risk, before = n, 0.0
    for end in np.unique(line.end):
        slots = np.flatnonzero(line.end == end)
        left = int(line.target[end])
        fall = np.minimum(np.exp(before - hazard[slots]), 1.0)
        censored = float(np.clip((at_risk * fall[-1] - left) / balance.kept[slots[0]], 0, at_risk - left))
        share = np.diff(1 - fall, prepend=0.0) / max(1 - fall[-1], 1e-12)
        mean[slots] = (at_risk - left - censored) * share
        hidden = (hazard[end] - before) * censored
        unseen = 1.0
        if line.marks is not None:  # the places of the others are known
            unseen = max(1 - float(line.marks[slots].sum()) / max(censored, 1.0), _LEAST_UNSEEN)
        place = unseen * (_PLACE**2 * unseen + _ONE_PLACE / max(censored, 1.0))
        variance[slots] = hidden**2 * place / slots.size
        at_risk, before = left, hazard[end]
    return mean, variance
