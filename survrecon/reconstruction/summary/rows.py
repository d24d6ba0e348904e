"""Linear interpolation of many rows at once."""

from __future__ import annotations

import numpy as np

from survrecon.curve import FloatArray

__all__ = ["interpolate_rows"]


def interpolate_rows(x: FloatArray, xp: FloatArray, fp: FloatArray) -> FloatArray:
    """Interpolate row i of ``x`` in row i of ``xp`` and ``fp``; beyond the ends the end values are carried on.

    Parameters
    ----------
    x : array of float, shape (k, n) or (n,)
        Where.
    xp : array of float, shape (k, m)
        Rising in each row.
    fp : array of float, shape (k, m) or (m,)
        Values there.

    Returns
    -------
    array of float, shape (k, n)

    Examples
    --------
    >>> interpolate_rows(np.array([1.0, 9.0]), np.array([[0.0, 2.0], [0.0, 4.0]]), np.array([0.0, 8.0])).tolist()
    [[4.0, 8.0], [2.0, 8.0]]
    """
    k = len(xp)
    if k == 0:
        return np.empty((0, np.shape(x)[-1]))
    low, high = xp[:, :1], xp[:, -1:]
    shift = np.arange(k)[:, None] * (float((high - low).max()) + 1.0)  # lays the rows side by side, apart
    inside = np.clip(np.broadcast_to(x, (k, np.shape(x)[-1])), low, high)
    values = np.interp(
        (inside - low + shift).ravel(), (xp - low + shift).ravel(), np.broadcast_to(fp, xp.shape).ravel()
    )
    return np.asarray(values.reshape(inside.shape), dtype=float)
