"""Chances and draws of counts, against scipy's distributions."""

import numpy as np
import pytest
from scipy import stats

from survrecon.reconstruction.statespace.counts import (
    draw_poisson,
    geometric,
    geometric_up_to,
    log_poisson,
    negative_binomial,
    negative_binomial_up_to,
    poisson,
    poisson_up_to,
)

MEANS = np.array([1e-4, 0.3, 2.0, 40.0])
COUNTS = np.arange(30)[:, None]


def test_poisson() -> None:
    right = stats.poisson.pmf(COUNTS, MEANS)
    np.testing.assert_allclose(poisson(COUNTS, MEANS), right, rtol=1e-9)
    np.testing.assert_allclose(poisson_up_to(29, MEANS), right, rtol=1e-9)
    np.testing.assert_allclose(log_poisson(COUNTS, MEANS), stats.poisson.logpmf(COUNTS, MEANS), rtol=1e-9)


def test_poisson_of_a_mean_whose_chance_of_none_is_no_number() -> None:
    found = poisson_up_to(399, np.array([900.0, 2.0]))
    np.testing.assert_allclose(found[350], stats.poisson.pmf(350, [900.0, 2.0]), rtol=1e-6)


def test_geometric() -> None:
    right = stats.geom.pmf(COUNTS + 1, 1 / (1 + MEANS))
    np.testing.assert_allclose(geometric(COUNTS, MEANS), right, rtol=1e-9)
    np.testing.assert_allclose(geometric_up_to(29, MEANS), right, rtol=1e-9)


@pytest.mark.parametrize("shape", [0.05, 1.0, 20.0])
def test_negative_binomial(shape: float) -> None:
    right = stats.nbinom.pmf(COUNTS, shape, shape / (shape + MEANS))
    np.testing.assert_allclose(negative_binomial(COUNTS, MEANS, shape), right, rtol=1e-8)
    np.testing.assert_allclose(negative_binomial_up_to(29, MEANS, shape), right, rtol=1e-8)


@pytest.mark.parametrize("mean", [1e-3, 0.2, 3.0, 30.0])
def test_draws_have_the_chances_of_a_poisson_distribution(mean: float) -> None:
    size = 100_000
    drawn = draw_poisson(np.full(size, mean), np.random.default_rng(1))
    counts = np.arange(int(mean + 10 * mean**0.5 + 5))
    expected = size * stats.poisson.pmf(counts, mean)
    seen = np.bincount(drawn, minlength=counts.size)[: counts.size]
    assert drawn.max() < counts.size
    np.testing.assert_array_less(np.abs(seen - expected), 4.5 * np.sqrt(expected) + 2)


def test_nothing_is_drawn_for_nobody() -> None:
    assert draw_poisson(np.zeros(0), np.random.default_rng(1)).size == 0
    assert not draw_poisson(np.zeros(50), np.random.default_rng(1)).any()
