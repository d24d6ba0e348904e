"""Combinations of data sets, one of each arm, their weights, and what the weights leave.

Given the figure, the draws of one arm know nothing of the other's, so any draw of one goes with any of the other:
200 draws an arm are 40,000 trials. Round r pairs draw t of the first arm with draw t + r of the second (t + 2r of
a third), so no combination comes twice. Draws that belong together, as those of a ``summary`` record that share
their follow-up design, have round 0 alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survrecon.curve import FloatArray, IntArray

__all__ = ["Weighted", "combinations_of", "effective_size", "kish", "resampled", "rounds_of"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Weighted:
    """Combinations with a weight above 0.

    Parameters
    ----------
    rows : array of int, shape (T, A)
        Which draw of each arm.
    weights : array of float, shape (T,)
        Their likelihoods.
    tried : int
        Combinations that were weighted, those of weight 0 among them.
    """

    rows: IntArray
    weights: FloatArray
    tried: int

    @property
    def effective_size(self) -> float:
        """Equally weighted data sets that these are worth."""
        return effective_size(self.rows, self.weights)


def kish(weights: FloatArray) -> float:
    """Return (sum w)^2 / sum w^2, the number of equal weights with the same variance of a mean.

    References
    ----------
    Kish, Survey Sampling, 1965, section 11.7.

    Examples
    --------
    >>> kish(np.array([1.0, 1.0, 2.0])), kish(np.zeros(3))
    (2.6666666666666665, 0.0)
    """
    total = float(weights.sum())
    return total**2 / float(weights @ weights) if total > 0 else 0.0


def effective_size(rows: IntArray, weights: FloatArray) -> float:
    """Return the least of Kish's number over combinations and over each arm's draws.

    Combinations share draws, so their own number says too much; a draw's weight is the sum over the
    combinations that it is in.

    Parameters
    ----------
    rows : array of int, shape (T, A)
        Which draw of each arm.
    weights : array of float, shape (T,)
        Of the combinations.

    Examples
    --------
    >>> effective_size(np.array([[0, 0], [0, 1], [1, 2]]), np.ones(3))
    1.8
    """
    of_arms = (
        [kish(np.bincount(rows[:, m], weights).astype(float)) for m in range(rows.shape[1])] if rows.size else [0.0]
    )
    return min(kish(weights), *of_arms)


def combinations_of(alive: Sequence[IntArray], turn: int) -> IntArray:
    """Return the combinations of one round, (T, A), of the draws in ``alive``, one array an arm.

    Examples
    --------
    >>> combinations_of([np.array([0, 1, 2]), np.array([5, 6])], turn=1).tolist()
    [[0, 6], [1, 5], [2, 6]]
    """
    t = np.arange(max(len(draws) for draws in alive))
    return np.stack([draws[(t + m * turn) % len(draws)] for m, draws in enumerate(alive)], axis=1)


def resampled(weighted: Weighted, k: int, rng: np.random.Generator) -> IntArray:
    """Return ``k`` combinations, (k, A), each as often as its weight asks for, give or take one.

    References
    ----------
    Kitagawa, Monte Carlo filter and smoother for non-Gaussian nonlinear state space models,
    J Comput Graph Stat 5 (1996) 1-25, appendix: stratified and systematic resampling.
    """
    edges = np.cumsum(weighted.weights)
    places = (rng.random() + np.arange(k)) / k * edges[-1]
    chosen = np.minimum(np.searchsorted(edges, places, side="right"), edges.size - 1)
    return np.asarray(weighted.rows[rng.permutation(chosen)])


def rounds_of(alive: Sequence[IntArray]) -> int:
    """Return how many rounds there are before a combination comes again."""
    sizes = sorted(map(len, alive))
    return sizes[-2] if len(sizes) > 1 else 1
