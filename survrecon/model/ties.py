"""Times that differ by round-off are one time, as R's survfit and coxph have it by default (``timefix``)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["snapped", "tied"]

_Floats = npt.NDArray[np.float64]
_TOLERANCE = float(np.sqrt(np.finfo(float).eps))
"""R's: of the times' mean size, and absolutely. Files of 15 and 17 digits differ by far less, clicks by far more."""


def tied(*times: _Floats) -> tuple[_Floats, ...]:
    """Return arrays of times in which all that differ by round-off, within or across arrays, are the least of them.

    Examples
    --------
    >>> tied(np.array([0.3, 1.0]), np.array([0.1 + 0.2]))[1].tolist()
    [0.3]
    """
    every = np.unique(np.concatenate(times)) if times else np.empty(0)
    gaps = np.diff(every)
    close = gaps <= _TOLERANCE * max(1.0, float(np.abs(every).mean())) if every.size else gaps > 0
    if not close.any():
        return times
    first = every[np.append(True, ~close)]
    return tuple(first[np.searchsorted(first, array, side="right") - 1] for array in times)


def snapped(times: _Floats, to: _Floats) -> _Floats:
    """Return times, each that differs from one of ``to`` (rising) by round-off alone put onto it.

    Examples
    --------
    >>> snapped(np.array([0.1 + 0.2, 0.5]), np.array([0.0, 0.3])).tolist()
    [0.3, 0.5]
    """
    if not (times.size and to.size):
        return times
    right = np.clip(np.searchsorted(to, times), 1, max(to.size - 1, 1))
    right = np.minimum(right, to.size - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(np.abs(times - to[left]) <= np.abs(times - to[right]), to[left], to[right])
    close = np.abs(times - nearest) <= _TOLERANCE * max(1.0, float(np.abs(to).mean()))
    return np.where(close, nearest, times)
