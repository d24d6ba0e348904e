"""Patients of chance who print the printed points: how far the curve between two points is left to chance."""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.arrays import FloatArray
from survrecon.reconstruction.summary.design import Design
from survrecon.reconstruction.summary.inputs import SummaryArm, SurvivalPoint
from survrecon.reconstruction.summary.simulate import simulate_patients
from survrecon.reconstruction.summary.target import FollowedOnGrid, Target, draw_target

GRID = np.linspace(0, 48, 401)
K = 300


def design(shortest: float, loss: float = 0.0) -> Design:
    return Design(
        shortest=np.full(K, shortest),
        longest=np.full(K, 48.0),
        shape=np.ones(K),
        loss={"a": np.full(K, loss)},
        tail_factor=np.full(K, np.nan),
    )


def even_hazard(survival: float, at: float) -> Target:
    """A curve through one printed point, of one hazard, and the same hazard after it."""
    rate = -np.log(survival) / at
    return Target(
        printed=np.tile(rate * np.minimum(GRID, at), (K, 1)),
        scaled=np.tile(rate * np.maximum(GRID - at, 0), (K, 1)),
        median_time=np.full(K, np.nan),
        times=np.full((K, 1), at),
        levels=np.full((K, 1), survival),
        printed_levels=np.stack([np.full((K, 1), survival - 0.005), np.full((K, 1), survival + 0.005)]),
    )


def test_half_way_to_a_point_the_curve_is_a_bridge() -> None:
    """200 patients, none censored before 24, S(24) = 0.5: each of the 100 events comes before 12 with one chance.

    The chance is (1 - sqrt(0.5)) / 0.5 = 0.586, so S(12) is 1 - 0.5 * 0.586 = 0.707 give or take
    sqrt(100 * 0.586 * 0.414) / 200 = 0.0246; the 300 draws tell that to 4%.
    """
    made = simulate_patients(
        GRID, even_hazard(0.5, 24), design(24.0), "a", 200, factor=np.ones(K), rng=np.random.default_rng(0)
    )
    assert made.batch.survival_at(24.0) == pytest.approx(0.5)
    half_way = made.batch.survival_at(12.0)
    assert np.mean(half_way) == pytest.approx(0.707, abs=0.003)
    assert np.std(half_way) == pytest.approx(0.0246, rel=0.12)


def test_the_number_of_events_is_left_to_chance_where_patients_leave() -> None:
    """Entry until 12 and losses: all draws print S(24), by various numbers of events; where told, the total is met."""
    leaving = design(12.0, loss=0.01)
    arguments = GRID, even_hazard(0.5, 24), leaving, "a", 200
    free = simulate_patients(*arguments, factor=np.ones(K), rng=np.random.default_rng(0))
    assert np.mean(np.abs(free.batch.survival_at(24.0) - 0.5) <= 0.005) > 0.7, "a step here is 0.006"
    before = (free.batch.event & (free.batch.time <= 24)).sum(axis=1)
    assert 2 < np.std(before) < 6
    total = int(np.median(free.batch.events))
    told = simulate_patients(
        *arguments, factor=np.ones(K), rng=np.random.default_rng(0), total=total, limit=float(np.log(2))
    )
    assert set(told.batch.events) == {total}
    assert 0.7 * K < told.rows.size < K, "some would need a hazard beyond half to double"
    assert np.all((told.factor >= 0.5) & (told.factor <= 2))


def test_lost_patients_are_marked() -> None:
    """Nobody is lost without a hazard of loss; at 0.1 a month hardly anybody is followed to the end."""

    def share(loss: float) -> FloatArray:
        target, many = even_hazard(0.9, 24), design(24.0, loss)
        made = simulate_patients(GRID, target, many, "a", 50, factor=np.ones(K), rng=np.random.default_rng(0))
        assert not np.any(made.batch.lost & made.batch.event)
        return np.asarray(made.batch.lost.mean(axis=1), dtype=float)

    assert share(0.0).max() == 0
    assert share(0.1).mean() > 0.8


def test_a_power_of_time_moves_the_hazard_and_not_the_printed_point() -> None:
    arm = SummaryArm(name="a", n=100, points=(SurvivalPoint(time=24, survival=0.5, rounding=0.0),))
    at_risk = FollowedOnGrid(grid=GRID, followed=np.ones((K, GRID.size)))
    early, even, late = (
        draw_target(arm, at_risk, np.random.default_rng(0), power=power)
        for power in (np.full(K, 0.5), None, np.full(K, 2.0))
    )
    at = int(np.searchsorted(GRID, 6.0))
    assert np.all(early.printed[:, at] > even.printed[:, at])
    assert np.all(even.printed[:, at] > late.printed[:, at])
    for target in (early, even, late):
        assert target.printed[:, -1] == pytest.approx(np.log(2))
