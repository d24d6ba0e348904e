"""Sequential Monte Carlo against a Kalman filter and smoother: x' = 0.9 x + Normal(0, 0.5), y = x + Normal(0, 0.8)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from survrecon.arrays import FloatArray, IntArray
from survrecon.reconstruction.statespace.smc import (
    distinct_histories,
    effective_sample_size,
    gumbel_choice,
    matching_particles,
    parents,
    resample_islands,
    systematic_resampling,
    tempered_shares,
)

KEPT, MOVES, NOISE, STEPS = 0.9, 0.5, 0.8, 25
ISLANDS, EACH = 10, 300


def observed(seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    x, y = 0.0, []
    for _ in range(STEPS):
        x = KEPT * x + MOVES * rng.standard_normal()
        y.append(x + NOISE * rng.standard_normal())
    return np.array(y)


@dataclass(frozen=True, kw_only=True)
class Exact:
    filtered: FloatArray
    smoothed: FloatArray
    variance: FloatArray
    log_likelihood: float


def kalman(y: FloatArray) -> Exact:
    """Kalman filter, and the smoother of Rauch, Tung and Striebel."""
    mean, variance, total = 0.0, 0.0, 0.0
    means, variances, predicted = [], [], []
    for value in y:
        ahead, wide = KEPT * mean, KEPT**2 * variance + MOVES**2
        spread = wide + NOISE**2
        total += -0.5 * (np.log(2 * np.pi * spread) + (value - ahead) ** 2 / spread)
        mean, variance = ahead + wide / spread * (value - ahead), wide * NOISE**2 / spread
        means.append(mean)
        variances.append(variance)
        predicted.append((ahead, wide))
    smoothed, widths = [means[-1]], [variances[-1]]
    for j in range(STEPS - 2, -1, -1):
        ahead, wide = predicted[j + 1]
        gain = variances[j] * KEPT / wide
        smoothed.append(means[j] + gain * (smoothed[-1] - ahead))
        widths.append(variances[j] + gain**2 * (widths[-1] - wide))
    return Exact(
        filtered=np.array(means),
        smoothed=np.array(smoothed[::-1]),
        variance=np.array(widths[::-1]),
        log_likelihood=float(total),
    )


@dataclass(frozen=True, kw_only=True)
class Followed:
    states: list[FloatArray]
    log_weights: list[FloatArray]
    ancestors: list[IntArray | None]
    evidence: FloatArray


def bootstrap(y: FloatArray, seed: int) -> Followed:
    """Follow particles drawn from the transition, resampled where few carry the weight."""
    rng = np.random.default_rng(seed)
    x, log_weight, evidence = np.zeros(ISLANDS * EACH), np.zeros(ISLANDS * EACH), np.zeros(ISLANDS)
    states, log_weights, ancestors = [], [], []
    for j, value in enumerate(y):
        x = KEPT * x + MOVES * rng.standard_normal(x.size)
        log_weight = log_weight - 0.5 * (np.log(2 * np.pi * NOISE**2) + ((value - x) / NOISE) ** 2)
        states.append(x)
        log_weights.append(log_weight)
        index, log_weight, alive = resample_islands(
            log_weight, evidence, rng, poor=0.5, impossible=-1e300, last=j == STEPS - 1
        )
        assert alive.all()
        ancestors.append(index)
        x = x[parents(index, np.arange(x.size))]
    return Followed(states=states, log_weights=log_weights, ancestors=ancestors, evidence=evidence)


def island_means(followed: Followed, j: int) -> FloatArray:
    rows = followed.log_weights[j].reshape(ISLANDS, -1)
    weight = np.exp(rows - rows.max(axis=1, keepdims=True))
    return np.asarray((weight * followed.states[j].reshape(ISLANDS, -1)).sum(axis=1) / weight.sum(axis=1))


@pytest.mark.parametrize("seed", [1, 2])
def test_filtered_means_are_those_of_a_kalman_filter(seed: int) -> None:
    """The mean over ten islands within four standard errors, as the islands show them."""
    y = observed(seed)
    exact, followed = kalman(y), bootstrap(y, seed + 10)
    for j in range(STEPS):
        means = island_means(followed, j)
        error = means.std(ddof=1) / ISLANDS**0.5
        assert means.mean() == pytest.approx(exact.filtered[j], abs=4.5 * error + 0.002)


@pytest.mark.parametrize("seed", [1, 2])
def test_evidence_is_the_likelihood(seed: int) -> None:
    """The mean of the islands' likelihoods is unbiased for that of the Kalman filter."""
    y = observed(seed)
    exact, followed = kalman(y), bootstrap(y, seed + 20)
    ratio = np.exp(followed.evidence - exact.log_likelihood)
    assert ratio.mean() == pytest.approx(1, abs=4 * ratio.std(ddof=1) / ISLANDS**0.5)
    assert ratio.std() < 0.8


@pytest.mark.parametrize("seed", [1, 2])
def test_paths_drawn_backward_are_those_of_a_smoother(seed: int) -> None:
    """300 paths of one island drawn backward; Rauch, Tung and Striebel give their means and variances."""
    y = observed(seed)
    exact, followed, rng = kalman(y), bootstrap(y, seed + 30), np.random.default_rng(seed)
    means, variances = [], []
    for k in range(ISLANDS):
        own, size = slice(k * EACH, (k + 1) * EACH), 60
        index = systematic_resampling(np.exp(followed.log_weights[-1][own]), size, rng)
        path = np.zeros((STEPS, size))
        path[-1] = followed.states[-1][own][index]
        for j in range(STEPS - 2, -1, -1):
            x = followed.states[j][own]
            transition = -0.5 * ((path[j + 1][:, None] - KEPT * x) / MOVES) ** 2
            score = (followed.log_weights[j][own] + transition).ravel()
            chosen = gumbel_choice(np.repeat(np.arange(size), EACH), np.tile(np.arange(EACH), size), score, rng)
            path[j] = x[chosen]
        means.append(path.mean(axis=1))
        variances.append(path.var(axis=1))
    found, error = np.mean(means, axis=0), np.std(means, axis=0, ddof=1) / ISLANDS**0.5
    np.testing.assert_array_less(np.abs(found - exact.smoothed), 4.5 * error + 0.01)
    np.testing.assert_allclose(np.mean(variances, axis=0).mean(), exact.variance.mean(), rtol=0.1)


def test_an_island_without_a_possible_particle_has_no_evidence() -> None:
    evidence = np.zeros(2)
    index, log_weight, alive = resample_islands(
        np.array([0.0, 0.0, -1e300, -1e300]), evidence, np.random.default_rng(0), poor=0.5, impossible=-1e300
    )
    assert index is None
    np.testing.assert_array_equal(alive, [True, False])
    np.testing.assert_array_equal(evidence, [0, -np.inf])
    assert log_weight[0] == 0


def test_islands_are_resampled_among_themselves_where_few_carry_the_weight() -> None:
    """Weights 1, 0, 0, 0 are one particle of four, less than half; 1, 1, 1, 0 are three."""
    evidence = np.zeros(2)
    log_weight = np.log(np.array([1.0, 1e-9, 1e-9, 1e-9, 1.0, 1.0, 1.0, 1e-9]))
    index, after, _ = resample_islands(log_weight, evidence, np.random.default_rng(0), poor=0.5, impossible=-1e300)
    assert index is not None
    np.testing.assert_array_equal(index, [0, 0, 0, 0, 4, 5, 6, 7])
    np.testing.assert_allclose(evidence, [np.log(0.25), 0.0], atol=1e-8)
    np.testing.assert_allclose(after, [0, 0, 0, 0, *log_weight[4:]])


def test_systematic_resampling_gives_each_its_share() -> None:
    """Weights 1, 2, 5 of 16 draws: 2, 4 and 10 wherever the first place is."""
    for seed in range(20):
        index = systematic_resampling(np.array([1.0, 2.0, 5.0]), 16, np.random.default_rng(seed))
        np.testing.assert_array_equal(np.bincount(index), [2, 4, 10])


def test_effective_sample_size() -> None:
    np.testing.assert_allclose(
        effective_sample_size(np.array([[1.0, 1, 1, 1], [1, 0, 0, 0], [3, 1, 0, 0]])), [4, 1, 1.6]
    )


def test_evidence_is_tempered_by_how_far_islands_are_apart() -> None:
    """Medians 2, 10 and 60 behind the best: divided by 4 at least, by the median, by 20 at most."""
    for behind, divisor in ((2.0, 4.0), (10.0, 10.0), (60.0, 20.0)):
        evidence = np.array([0.0, -behind, -behind])
        shares = tempered_shares(evidence, 0.0, least=4.0, most=20.0)
        np.testing.assert_allclose(shares, [1, np.exp(-behind / divisor), np.exp(-behind / divisor)])


def test_of_many_particles_in_a_state_some_are_tried() -> None:
    state = np.zeros(1000, dtype=np.int64)
    path, particle = matching_particles(
        state, np.array([0]), np.arange(1000), np.array([5]), 60, np.random.default_rng(0)
    )
    assert path.size == 61
    assert particle[-1] == 5
    assert np.ptp(np.diff(particle[:-1])) <= 1


def test_distinct_histories_of_quarters() -> None:
    lineage = np.array([[0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 2, 2], [0, 1, 2, 3]])
    assert distinct_histories(lineage, 4) == (1, 2, 3, 4)
    assert distinct_histories(lineage, 2) == (2, 4)
    assert distinct_histories(lineage[:2], 4) == (1, 1, 2, 2), "fewer steps than parts"
