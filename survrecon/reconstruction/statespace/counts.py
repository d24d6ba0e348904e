"""Chances of counts and draws of them, fast where means are small: most bins hold no event and no censoring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from survrecon.reconstruction.statespace.settings import GUARDS

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray

__all__ = [
    "LARGEST",
    "draw_poisson",
    "geometric",
    "geometric_up_to",
    "log_poisson",
    "negative_binomial",
    "negative_binomial_up_to",
    "poisson",
    "poisson_up_to",
]

LARGEST = 400
"""Count up to which chances are taken term by term, or from a table."""
_LOG_FACTORIAL = gammaln(np.arange(LARGEST + 1) + 1.0)


def _log_factorial(count: IntArray) -> FloatArray:
    if np.max(count, initial=0) <= LARGEST:
        return np.asarray(_LOG_FACTORIAL[count])
    return np.asarray(gammaln(np.asarray(count) + 1.0))


def log_poisson(count: IntArray, mean: FloatArray) -> FloatArray:
    """Return the log chance of ``count`` by a mean, broadcast against each other."""
    return np.asarray(count * np.log(mean) - (mean + _log_factorial(count)))


def poisson(count: IntArray, mean: FloatArray) -> FloatArray:
    """Return the chance of ``count`` by a mean, broadcast against each other."""
    return np.asarray(np.exp(log_poisson(count, mean)))


def negative_binomial(count: IntArray, mean: FloatArray, shape: float) -> FloatArray:
    """Return the chance of ``count`` by a mean with variance mean + mean^2 / ``shape``."""
    choices = gammaln(count + shape) - gammaln(shape) - _log_factorial(count)
    return np.asarray(np.exp(choices + count * np.log(mean / (mean + shape)) - shape * np.log1p(mean / shape)))


def geometric(count: IntArray, mean: FloatArray) -> FloatArray:
    """Return the chance of ``count`` by a mean, broadcast against each other."""
    share = 1 / (1 + mean)
    return np.asarray(np.exp(count * np.log(mean * share)) * share)


def poisson_up_to(most: int, mean: FloatArray) -> FloatArray:
    """Return the chances of 0 to ``most`` (most + 1, P) by means (P,), term by term."""
    if mean.max() > GUARDS.underflow:
        return poisson(np.arange(most + 1)[:, None], mean)
    chance = np.empty((most + 1, mean.size))
    np.exp(-mean, out=chance[0])
    for count in range(most):
        np.multiply(chance[count], mean / (count + 1), out=chance[count + 1])
    return chance


def negative_binomial_up_to(most: int, mean: FloatArray, shape: float) -> FloatArray:
    """Return the chances of 0 to ``most`` (most + 1, P) by means (P,), term by term."""
    chance = np.empty((most + 1, mean.size))
    np.exp(-shape * np.log1p(mean / shape), out=chance[0])
    ratio = mean / (mean + shape)
    for count in range(most):
        np.multiply(chance[count], ratio * ((count + shape) / (count + 1)), out=chance[count + 1])
    return chance


def geometric_up_to(most: int, mean: FloatArray) -> FloatArray:
    """Return the chances of 0 to ``most`` (most + 1, P) by means (P,), term by term."""
    chance = np.empty((most + 1, mean.size))
    np.divide(1.0, 1 + mean, out=chance[0])
    ratio = mean * chance[0]
    for count in range(most):
        np.multiply(chance[count], ratio, out=chance[count + 1])
    return chance


def draw_poisson(mean: FloatArray, rng: np.random.Generator) -> IntArray:
    """Draw counts (P,) by means (P,)."""
    if mean.size == 0 or mean.max() > GUARDS.few:
        return np.asarray(rng.poisson(mean))
    drawn, place = np.zeros(mean.size, dtype=np.int64), rng.random(mean.size)
    left = np.flatnonzero(place > 1 - mean)  # the chance of 0 is at least that
    mean, above, count = mean[left], place[left], 0
    chance = np.exp(-mean)
    while left.size:
        above = above - chance
        more = np.flatnonzero((above > 0) & (chance > 0))
        left, mean, chance, above = left[more], mean[more], chance[more], above[more]
        count += 1
        drawn[left] = count
        chance = chance * mean / count
    return drawn
