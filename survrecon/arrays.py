"""Types of arrays, and what is asked of any array: its runs, and the monotone sequence nearest to it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["BoolArray", "FloatArray", "ImageArray", "IntArray", "monotone_fit", "run_edges", "runs"]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
ImageArray = npt.NDArray[np.uint8]
IntArray = npt.NDArray[np.int64]


def run_edges(mask: npt.ArrayLike) -> IntArray:
    """Return where the runs of a mask begin and where they end, in turn: start, end, start, end.

    Parameters
    ----------
    mask : array of bool, shape (n,)
        What holds at each place; an end is the place after the last of a run.

    Examples
    --------
    >>> run_edges([True, True, False, False, True]).tolist()
    [0, 2, 4, 5]
    """
    padded = np.concatenate([[False], np.asarray(mask, dtype=bool), [False]])
    return np.flatnonzero(padded[1:] != padded[:-1])


def runs(mask: npt.ArrayLike) -> list[tuple[int, int]]:
    """Return the runs of a mask as pairs: the start of each, and the place after its end.

    Examples
    --------
    >>> runs([True, True, False, False, True])
    [(0, 2), (4, 5)]
    """
    edges = run_edges(mask).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def monotone_fit(values: FloatArray, weights: FloatArray | None = None, *, increasing: bool = True) -> FloatArray:
    """Return the monotone sequence nearest to values in (weighted) least squares: isotonic regression.

    Parameters
    ----------
    values : array of float, shape (n,)
        Any sequence.
    weights : array of float, shape (n,), optional
        Positive weights; default all alike.
    increasing : bool
        Whether the sequence never falls, or else never rises. Values that are so already come back as they are.

    Examples
    --------
    >>> monotone_fit(np.array([1.0, 0.7, 0.8, 0.5]), increasing=False).tolist()
    [1.0, 0.75, 0.75, 0.5]
    """
    steps = np.diff(values)
    if not (steps < 0 if increasing else steps > 0).any():
        return values
    from scipy.optimize import isotonic_regression

    return np.asarray(isotonic_regression(values, weights=weights, increasing=increasing).x, dtype=float)
