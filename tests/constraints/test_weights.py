"""Effective sample sizes, combinations and resampling, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.constraints.weighting import Weighted, combinations_of, effective_size, kish, resampled, rounds_of


def test_kish_by_hand() -> None:
    """(1 + 1 + 2)^2 / (1 + 1 + 4) = 16/6; equal weights count fully; one weight counts once; none, not at all."""
    assert kish(np.array([1.0, 1.0, 2.0])) == pytest.approx(16 / 6)
    assert kish(np.full(7, 0.3)) == pytest.approx(7)
    assert kish(np.array([0.0, 5.0, 0.0])) == 1
    assert kish(np.zeros(4)) == 0


def test_effective_size_counts_shared_draws_once() -> None:
    """Four combinations of two draws by two.

    Combinations: equal, 4. First arm: weights 3 and 1, (3 + 1)^2 / (9 + 1) = 1.6. Second arm: 2 and 2, 2.
    """
    rows = np.array([[0, 0], [0, 1], [0, 1], [1, 0]])
    assert effective_size(rows, np.ones(4)) == pytest.approx(1.6)
    assert effective_size(rows, np.array([1.0, 1, 1, 3])) == pytest.approx(36 / 20)  # by draws 3, 3 and 4, 2
    assert effective_size(np.zeros((0, 2), dtype=int), np.zeros(0)) == 0


def test_every_combination_comes_once() -> None:
    alive = [np.arange(5), np.array([7, 8, 9])]
    rows = np.concatenate([combinations_of(alive, turn) for turn in range(rounds_of(alive))])
    assert len(rows) == 15
    assert len({tuple(row) for row in rows.tolist()}) == 15


def test_three_arms_never_repeat_a_combination() -> None:
    alive = [np.arange(6), np.arange(6), np.arange(6)]
    rows = np.concatenate([combinations_of(alive, turn) for turn in range(rounds_of(alive))])
    assert len({tuple(row) for row in rows.tolist()}) == len(rows) == 36


def test_resampling_keeps_to_the_weights() -> None:
    """Weights 1, 3 and 4 of 8: of 16 draws 2, 6 and 8, whatever the generator."""
    rows = np.array([[0, 5], [1, 6], [2, 7]])
    weighted = Weighted(rows=rows, weights=np.array([1.0, 3.0, 4.0]), tried=10)
    for seed in range(5):
        found = resampled(weighted, 16, np.random.default_rng(seed))
        assert np.bincount(found[:, 0]).tolist() == [2, 6, 8]
        assert (found[:, 1] - found[:, 0] == 5).all()
