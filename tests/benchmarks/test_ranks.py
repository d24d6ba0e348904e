"""Coverage is measured right: on draws that are calibrated by construction, and on ones that are not."""

import numpy as np
import pytest

from benchmarks.ranks import LEVELS, binomial_interval, place


def held(truths: np.ndarray, draws: np.ndarray, level: float) -> float:
    return float(np.mean([place(t, d).held(level) for t, d in zip(truths, draws, strict=True)]))


@pytest.mark.parametrize("level", LEVELS)
def test_whole_numbers_from_one_distribution_are_held_at_the_nominal_share(level: float) -> None:
    """Truth and 200 draws come from one Poisson distribution of mean 3, of which 1,000 trials are taken.

    The standard error of the share is at most sqrt(0.25 / 1000) = 0.016; four of them are allowed.
    """
    numbers = np.random.default_rng(0).poisson(3, (1000, 201)).astype(float)
    assert held(numbers[:, 0], numbers[:, 1:], level) == pytest.approx(level, abs=0.064)


def test_a_closed_interval_of_whole_numbers_holds_too_much() -> None:
    """Half of Poisson(3) lies in 2..4, closed: 61.6% by its probabilities 0.224, 0.224 and 0.168."""
    numbers = np.random.default_rng(0).poisson(3, (1000, 201)).astype(float)
    closed = np.mean([place(row[0], row[1:]).closed[0] for row in numbers])
    assert closed == pytest.approx(0.616, abs=0.064)


def test_draws_half_as_wide_as_the_truth_hold_too_little() -> None:
    """A standard normal truth lies within 1.96 / 2 in 67.3% of trials."""
    rng = np.random.default_rng(0)
    assert held(rng.normal(size=1000), rng.normal(0, 0.5, (1000, 400)), 0.95) == pytest.approx(0.673, abs=0.064)


def test_draws_of_one_value_are_fixed_and_right_or_wrong() -> None:
    assert place(7, [7] * 50).right
    wrong = place(8, [7] * 50)
    assert wrong.fixed
    assert not wrong.right
    assert wrong.held(0.95) == pytest.approx(0.0)


def test_binomial_interval_as_r_gives_it() -> None:
    """R 4.3: binom.test(8, 10)$conf.int is 0.4439045 0.9747893; binom.test(0, 10)$conf.int ends at 0.3084971."""
    some, none = binomial_interval(8, 10), binomial_interval(0, 10)
    assert [some.low, some.high] == pytest.approx([0.4439045, 0.9747893])
    assert [none.low, none.high] == pytest.approx([0.0, 0.3084971])
