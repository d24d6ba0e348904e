"""Effective sample sizes, combinations and resampling, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.reconstruction.statespace.smc import effective_sample_size
from survrecon.weighting.search import Weighted, distinct_combinations, effective_size, resampled, rounds


def test_kish_by_hand() -> None:
    """(1 + 1 + 2)^2 / (1 + 1 + 4) = 16/6; equal weights count fully; one weight counts once; none, not at all."""
    assert effective_sample_size(np.array([1.0, 1.0, 2.0])) == pytest.approx(16 / 6)
    assert effective_sample_size(np.full(7, 0.3)) == pytest.approx(7)
    assert effective_sample_size(np.array([0.0, 5.0, 0.0])) == 1
    assert effective_sample_size(np.zeros(4)) == 0


def test_effective_size_counts_shared_draws_once() -> None:
    """Four combinations of two draws by two.

    Combinations: equal, 4. First arm: weights 3 and 1, (3 + 1)^2 / (9 + 1) = 1.6. Second arm: 2 and 2, 2.
    """
    rows = np.array([[0, 0], [0, 1], [0, 1], [1, 0]])
    assert effective_size(rows, np.ones(4)) == pytest.approx(1.6)
    assert effective_size(rows, np.array([1.0, 1, 1, 3])) == pytest.approx(36 / 20)  # by draws 3, 3 and 4, 2
    assert effective_size(np.zeros((0, 2), dtype=int), np.zeros(0)) == 0


def test_a_combination_that_comes_again_counts_as_often() -> None:
    """Three rounds give (0, 1) twice and (1, 0) once: weights 2 and 1 of two combinations, (2 + 1)^2 / 5 = 1.8."""
    found = distinct_combinations(np.array([[0, 1], [1, 0], [0, 1]]), np.ones(3), tried=6)
    assert found.rows.tolist() == [[0, 1], [1, 0]]
    assert found.weights.tolist() == [2, 1]
    assert found.effective_size == pytest.approx(1.8)


def test_without_a_common_part_every_combination_comes_as_often() -> None:
    """30 rounds of 30 draws a turn: each of 900 combinations once on average, of any number of arms."""
    scores = [np.sort(np.random.default_rng(m).standard_normal(30)) for m in range(3)]
    alive = [np.ones(30, dtype=bool)] * 3
    rows = np.concatenate(list(rounds(scores, [0.0] * 3, alive, np.random.default_rng(0))))
    assert rows.shape == (900, 3)
    assert all((np.bincount(own) == 30).all() for own in rows.T)
    assert max(abs(np.corrcoef(rows.T)[np.triu_indices(3, 1)])) < 0.15


def test_draws_that_print_something_else_are_in_no_combination() -> None:
    scores = [np.linspace(-1, 1, 20)] * 2
    alive = [np.arange(20) < 5, np.arange(20) % 2 == 0]
    found = list(rounds(scores, [0.8, 0.8], alive, np.random.default_rng(0)))
    rows = np.concatenate(found)
    assert (rows[:, 0] < 5).all()
    assert (rows[:, 1] % 2 == 0).all()
    assert 20 < len(rows) < 200
    assert all(len(one) >= 10 for one in found[:-1])


def test_resampling_keeps_to_the_weights() -> None:
    """Weights 1, 3 and 4 of 8: of 16 draws 2, 6 and 8, whatever the generator."""
    rows = np.array([[0, 5], [1, 6], [2, 7]])
    weighted = Weighted(rows=rows, weights=np.array([1.0, 3.0, 4.0]), tried=10)
    for seed in range(5):
        found = resampled(weighted, 16, np.random.default_rng(seed))
        assert np.bincount(found[:, 0]).tolist() == [2, 6, 8]
        assert (found[:, 1] - found[:, 0] == 5).all()
