"""Combinations of data sets, one of each arm, their weights, and what the weights leave.

A combination is a trial: one draw of each arm. What the arms have in common before anything printed is used is their
follow-up, by the prior of `survrecon.pairing`; given that, the draws of one arm know nothing of the other's. So each
round pairs all draws anew by that prior, and 200 draws an arm are up to 40,000 trials. What is printed weights the
pairs, and never breaks them up: a draw's partner in the end is one that the prior gave it. Draws that belong
together, as those of a ``summary`` record that share their follow-up design, have one round as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from survrecon.curve import FloatArray, IntArray
from survrecon.pairing import joint_pairs

__all__ = ["Weighted", "effective_size", "kish", "merged", "resampled", "rounds"]


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


def rounds(
    scores: Sequence[FloatArray],
    shared: Sequence[float],
    alive: Sequence[npt.NDArray[np.bool_]],
    rng: np.random.Generator,
) -> Iterator[IntArray]:
    """Yield combinations (T, A) of the draws that are alive, paired by the prior, a round's worth at a time.

    There are as many rounds as draws, so that on average every combination comes as often as the prior has it come.

    Parameters
    ----------
    scores, shared
        As for `survrecon.pairing.joint_pairs`.
    alive : sequence of array of bool, shape (k,)
        By arm: the draws that print what is printed of the arm alone; the others are in no combination.
    rng : Generator
        Of the pairing.
    """
    waiting: list[IntArray] = []
    k = min(map(len, scores)) if len(scores) > 1 else 1
    for turn in range(k):
        rows = joint_pairs(scores, shared, rng)
        waiting.append(rows[np.all([own[rows[:, m]] for m, own in enumerate(alive)], axis=0)])
        if sum(map(len, waiting)) >= k / 2 or turn == k - 1:
            yield np.concatenate(waiting)
            waiting = []


def merged(rows: IntArray, weights: FloatArray, tried: int) -> Weighted:
    """Return combinations (T, A) each once; one that came again has the sum of its weights.

    Examples
    --------
    >>> once = merged(np.array([[0, 1], [2, 0], [0, 1]]), np.array([1.0, 0.5, 1.0]), tried=9)
    >>> once.rows.tolist(), once.weights.tolist()
    ([[0, 1], [2, 0]], [2.0, 0.5])
    """
    each, place = np.unique(rows, axis=0, return_inverse=True)
    summed = np.bincount(place.ravel(), weights, minlength=len(each)).astype(float)
    return Weighted(rows=each, weights=summed, tried=tried)


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
