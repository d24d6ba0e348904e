"""Sequential Monte Carlo: resampling, islands, genealogies and backward sampling. Nothing here knows of survival.

Particles of several islands stand one island after the other in arrays (P,), P = islands times particles each. Islands
are resampled among themselves alone, so that they share no ancestors; an island's evidence is the log of its mean
weight, collected whenever its weights are reset.

References
----------
Kitagawa, Monte Carlo filter and smoother for non-Gaussian nonlinear state space models, J Comput Graph Stat 5 (1996)
1-25; Godsill, Doucet and West, Monte Carlo smoothing for nonlinear time series, J Am Stat Assoc 99 (2004) 156-168.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from survrecon.arrays import BoolArray, FloatArray, IntArray

__all__ = [
    "distinct_histories",
    "effective_sample_size",
    "gumbel_choice",
    "matching_particles",
    "normalized",
    "parents",
    "resample_islands",
    "systematic_resampling",
    "tempered_shares",
]


def systematic_resampling(weight: FloatArray, size: int, rng: np.random.Generator | None) -> IntArray:
    """Return ``size`` indices, each as often as its weight (P,) asks for, give or take one.

    Without a random stream, the first place is in the middle of its share: equal weights give every index once.

    Examples
    --------
    >>> systematic_resampling(np.array([0.0, 1.0, 0.0, 3.0]), 4, np.random.default_rng(0)).tolist()
    [1, 3, 3, 3]
    """
    edges = np.cumsum(weight)
    shift = 0.5 if rng is None else rng.random()
    places = (shift + np.arange(size)) / size * edges[-1]
    return np.asarray(np.minimum(np.searchsorted(edges, places, side="right"), weight.size - 1))


def effective_sample_size(weight: FloatArray) -> FloatArray:
    """Return (sum w)^2 / sum w^2 over the last axis: the number of equal weights with the same variance of a mean.

    References
    ----------
    Kish, Survey Sampling, 1965, section 11.7.

    Examples
    --------
    >>> float(effective_sample_size(np.array([1.0, 1.0, 2.0]))), float(effective_sample_size(np.zeros(3)))
    (2.6666666666666665, 0.0)
    """
    total, squares = weight.sum(axis=-1), (weight**2).sum(axis=-1)
    return np.asarray(np.where(squares > 0, total**2 / np.where(squares > 0, squares, 1.0), 0.0))


def resample_islands(
    log_weight: FloatArray,
    evidence: FloatArray,
    rng: np.random.Generator,
    *,
    poor: float,
    impossible: float,
    last: bool = False,
) -> tuple[IntArray | None, FloatArray, BoolArray]:
    """Resample the islands in which few particles carry the weight.

    Parameters
    ----------
    log_weight : array of float, shape (P,)
        Since each island was last resampled.
    evidence : array of float, shape (K,)
        Log evidence of the islands, which is added to in place; -inf where no particle is possible.
    rng : Generator
        Of the resampling.
    poor : float
        Share of the particles, by effective sample size, below which an island is resampled.
    impossible : float
        A log weight of half of this is taken for none.
    last : bool
        Whether the filter ends here: the evidence of all islands is collected, and none is resampled.

    Returns
    -------
    ancestors : array of int, shape (P,), or None
        Of each particle; ``None`` where none was resampled.
    log_weight : array of float, shape (P,)
        0 in islands that were resampled.
    alive : array of bool, shape (K,)
        Islands with a possible particle.
    """
    rows = log_weight.reshape(evidence.size, -1)
    each, largest = rows.shape[1], rows.max(axis=1)
    alive = largest > impossible / 2
    evidence[~alive] = -np.inf
    weight = np.exp(rows - np.where(alive, largest, 0.0)[:, None])
    resampled = alive & (last | (effective_sample_size(weight) < poor * each))
    evidence[resampled] += largest[resampled] + np.log(weight[resampled].sum(axis=1) / each)
    if last or not resampled.any():
        return None, log_weight, alive
    index = np.arange(log_weight.size)
    for k in np.flatnonzero(resampled):
        index[k * each : (k + 1) * each] = k * each + systematic_resampling(weight[k], each, rng)
    return index, np.where(resampled[:, None], 0.0, rows).ravel(), alive


def normalized(log_weight: FloatArray, islands: int) -> FloatArray:
    """Return log weights (P,) that sum to 1 within each island."""
    rows = log_weight.reshape(islands, -1)
    rows = rows - rows.max(axis=1, keepdims=True)
    return np.asarray((rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))).ravel())


def tempered_shares(evidence: FloatArray, best: float, *, least: float, most: float) -> FloatArray:
    """Return how much each island counts (K,): 1 for one whose log evidence is ``best``, less for the others.

    The log evidence of a few particles is noisy. It is divided by the median distance of the islands from the best
    one, within ``least`` and ``most``: where islands differ by more than their evidence is known to, it is known less
    well than that.

    Examples
    --------
    >>> tempered_shares(np.array([0.0, -4.0, -8.0]), 0.0, least=4.0, most=20.0).round(3).tolist()
    [1.0, 0.368, 0.135]
    """
    behind = float(np.median(evidence.max() - evidence))
    return np.asarray(np.exp((evidence - best) / np.clip(behind, least, most)))


def parents(ancestors: IntArray | None, index: IntArray) -> IntArray:
    """Return which particles (K,) those at ``index`` (K,) came from where there was a resampling."""
    return index if ancestors is None else ancestors[index]


def distinct_histories(lineage: IntArray, parts: int) -> tuple[int, ...]:
    """Return how many of the paths differ in each of even parts of the steps: the ancestral sample size there.

    Parameters
    ----------
    lineage : array of int, shape (J, K)
        The particle of each step that each of K paths goes through.
    parts : int
        Parts of the steps.

    Examples
    --------
    >>> distinct_histories(np.array([[0, 0, 0], [0, 0, 1], [3, 4, 5], [3, 4, 5]]), 2)
    (2, 3)
    """
    edges = np.linspace(0, len(lineage), parts + 1).round().astype(np.int64)
    return tuple(
        int(np.unique(lineage[first : max(stop, first + 1)], axis=1).shape[1])
        for first, stop in zip(np.minimum(edges[:-1], len(lineage) - 1), edges[1:], strict=True)
    )


def matching_particles(
    state: IntArray, goal: IntArray, among: IntArray, own: IntArray, most: int, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Return pairs (path, particle) in order of paths, by which a path may go on backward: particles in its state.

    Parameters
    ----------
    state : array of int, shape (M,)
        Discrete state of the particles that are possible.
    goal : array of int, shape (K,)
        State that each path comes from.
    among : array of int, shape (M,)
        Which particles they are.
    own : array of int, shape (K,)
        The particle that each path came from in the filter, which is always among its pairs, last.
    most : int
        Particles to try for a path; of more, evenly spaced ones.
    rng : Generator
        For where they start.
    """
    order = np.argsort(state, kind="stable")
    rising = state[order]
    first = rising.searchsorted(goal, side="left")
    count = rising.searchsorted(goal, side="right") - first
    tried = np.minimum(count, most)
    stop = np.cumsum(tried + 1)
    path = np.repeat(np.arange(goal.size), tried + 1)
    place = np.arange(path.size) - (stop - tried - 1)[path]
    step = (count / np.maximum(tried, 1))[path]
    place = np.minimum(first[path] + ((place + rng.random()) * step).astype(np.int64), state.size - 1)
    particle = among[order[place]]
    particle[stop - 1] = own
    return path, particle


def gumbel_choice(path: IntArray, particle: IntArray, score: FloatArray, rng: np.random.Generator) -> IntArray:
    """Draw one particle for each path (K,) by log weights of pairs (Gumbel-max trick).

    The largest of log weights plus Gumbel noise is a draw by the weights.

    Parameters
    ----------
    path, particle : array of int, shape (M,)
        Pairs, in order of paths.
    score : array of float, shape (M,)
        Log weights.
    rng : Generator
        Of the draw.
    """
    score = score - np.log(rng.standard_exponential(score.size))
    starts = np.append(True, path[1:] != path[:-1])
    group = np.cumsum(starts) - 1
    most = np.maximum.reduceat(score, np.flatnonzero(starts))
    best = np.flatnonzero(score == most[group])
    own = group[best]
    alone = np.append(True, own[1:] != own[:-1])  # weights too small for the noise may tie
    return np.asarray(particle[best[alone]])
