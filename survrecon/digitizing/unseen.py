"""What a plot area leaves open about its curves: stretches behind something, and two solid lines of one colour."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from survrecon.digitizing.geometry import FloatArray
from survrecon.digitizing.trace import Path

__all__ = ["hidden_stretches", "jump", "upper_and_lower"]

_LONG = 0.02  # of the plot's width: a longer stretch without ink is told
_SHORTEST = 10  # columns
_DASHES = 4.0  # usual gaps between dashes that make a longer one


def hidden_stretches(
    coverage: FloatArray, others: FloatArray, path: Path, width: float, *, broken: bool
) -> list[tuple[int, int]]:
    """Return the stretches of columns where neither a curve's ink is seen nor another curve's on top of it.

    Parameters
    ----------
    coverage, others : numpy.ndarray, shape (h, w)
        Ink of the curve's colour and of all other curves.
    path : Path
        The curve's path.
    width : float
        Its line width.
    broken : bool
        Whether it is dashed or dotted.
    """
    h, w = coverage.shape
    reach = int(np.ceil(width / 2 + 1))
    rows = np.clip(path.rows[:, None] + np.arange(-reach, reach + 1)[None, :], 0, h - 1)
    columns = path.columns[:, None]
    bare = (coverage[rows, columns].max(axis=1) < 0.3) & (others[rows, columns].max(axis=1) < 0.3)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], bare.astype(int), [0]])))
    runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    least = max(float(_SHORTEST), _LONG * w)
    if broken and runs:
        least = max(least, _DASHES * float(np.median([b - a for a, b in runs])))
    return [(a, b) for a, b in runs if b - a >= least]


def upper_and_lower(coverage: FloatArray) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return the uppermost and the lowest run of ink of every column, with their soft edges."""
    ink = coverage > 0.3
    starts = ink & ~np.concatenate([np.zeros((1, ink.shape[1]), bool), ink[:-1]])
    number = np.cumsum(starts, axis=0)
    upper, lower = ink & (number == 1), ink & (number == number[-1])
    return _softened(upper), _softened(lower)


def _softened(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    out = mask.copy()
    out[1:] |= mask[:-1]
    out[:-1] |= mask[1:]
    return out


def jump(coverage: FloatArray, path: Path, width: float) -> int:
    """Return the column where a solid line's path falls through bare background, its end where it never does."""
    ink = np.maximum(coverage, np.concatenate([coverage[:, 1:], coverage[:, -1:]], axis=1))
    ink = np.maximum(ink, np.concatenate([coverage[:, :1], coverage[:, :-1]], axis=1))
    total = np.concatenate([np.zeros((1, ink.shape[1])), np.cumsum(ink < 0.3, axis=0)])
    before, after = path.rows[:-1], path.rows[1:]
    bare = total[after, path.columns[1:]] - total[np.minimum(before + 1, after), path.columns[1:]]
    falls = np.flatnonzero(bare > max(8.0, 3.0 * width))
    return int(falls[0]) + 1 if len(falls) else path.stop
