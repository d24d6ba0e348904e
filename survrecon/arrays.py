"""Types of arrays, and what is asked of any array: its runs, a monotone sequence near it, its row nearest the mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BoolArray", "FloatArray", "ImageArray", "IntArray", "monotone_fit", "nearest_to_mean", "run_edges", "runs"]

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


_LEAST_SPREAD = 1e-9
"""Root mean square distance from the mean below which rows are alike but for the rounding of floats."""


def nearest_to_mean(features: Sequence[FloatArray], weights: Sequence[float]) -> int:
    """Return the row that is nearest to the mean of all rows, by several features at once.

    Parameters
    ----------
    features : sequence of array, each of shape (k,) or (k, m)
        Of k rows. The squared distance by a feature is in units of its mean over the rows.
    weights : sequence of float
        What the squared distance by each feature counts.

    Examples
    --------
    >>> nearest_to_mean([np.array([1.0, 2.0, 6.0]), np.array([[0.0, 1.0], [0.0, 1.0], [4.0, 1.0]])], [1.0, 1.0])
    1
    """
    distance = np.zeros(len(features[0]))
    for feature, weight in zip(features, weights, strict=True):
        rows = feature.reshape(distance.size, -1)
        away = rows - rows.mean(axis=0)
        spread = max(float(np.sqrt((away**2).sum(axis=1).mean())), _LEAST_SPREAD)
        distance += weight * ((away / spread) ** 2).sum(axis=1)
    return int(np.argmin(distance))
