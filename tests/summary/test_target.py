"""Survival functions through printed numbers, and the points that a median's limits add."""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.reconstruction.summary.inputs import PrintedMedian, SummaryArm, SurvivalPoint
from survrecon.reconstruction.summary.target import FollowedOnGrid, central_survival, draw_target, median_limit_survival

GRID = np.linspace(0, 60, 601)
AT_RISK = FollowedOnGrid(grid=GRID, followed=np.ones((50, GRID.size)))


def test_goes_through_the_printed_points() -> None:
    arm = SummaryArm(
        name="a",
        n=300,
        points=(
            SurvivalPoint(time=12, survival=0.8, rounding=0.005),
            SurvivalPoint(time=36, survival=0.4, rounding=0.005),
        ),
    )
    target = draw_target(arm, AT_RISK, np.random.default_rng(0))
    survival = target.survival(np.ones(50))
    assert np.abs(survival[:, 120] - 0.8).max() <= 0.005 + 1e-9
    assert np.abs(survival[:, 360] - 0.4).max() <= 0.005 + 1e-9
    assert (np.diff(survival, axis=1) <= 1e-12).all()
    assert survival[:, 120].std() > 0.002, "rounding is varied"


def test_hazard_changes_once_by_at_most_two() -> None:
    arm = SummaryArm(name="a", n=300, points=(SurvivalPoint(time=30, survival=0.5, rounding=0.0),))
    hazard = draw_target(arm, AT_RISK, np.random.default_rng(0)).printed
    early, late = hazard[:, 50] / 5, (hazard[:, 300] - hazard[:, 250]) / 5
    assert (np.abs(np.log(early / late)) <= np.log(2) + 1e-9).all()
    assert np.log(early / late).std() > 0.2
    slopes = np.diff(hazard[:, :301], axis=1)
    changes = (np.abs(np.diff(slopes, axis=1)) > 1e-9).sum(axis=1)
    assert (changes <= 2).all(), "one change, which touches at most two steps of the grid"


def test_tail_starts_after_the_last_point_with_the_mean_hazard() -> None:
    """S(30) = exp(-0.6): mean hazard 0.02; with factor 1 the tail to 60 adds 0.6."""
    arm = SummaryArm(name="a", n=300, points=(SurvivalPoint(time=30, survival=float(np.exp(-0.6)), rounding=0.0),))
    target = draw_target(arm, AT_RISK, np.random.default_rng(0))
    assert (target.scaled[:, :301] == 0).all()
    assert target.scaled[:, -1] == pytest.approx(0.6)


def test_median_limits_by_hand() -> None:
    """Standard error 0.1 of log S: its 95% band is 0.19600 wide on either side, on the log scale.

    plain 0.5 / (1 - 0.19600) = 0.621888; log 0.5 exp(0.19600) = 0.608261; log-log: S = exp(-H) with
    log H + 0.19600 / H = log(log 2) = -0.366513, met by H = 0.447170: -0.804817 + 0.438305 = -0.366512,
    S = 0.639435. Mean 0.623195.
    """
    assert median_limit_survival(np.array([0.1]), lower=True)[0] == pytest.approx(0.623195, abs=5e-6)


def test_the_level_of_a_median_limit() -> None:
    """A 90% band is 1.64485 standard errors wide: the same survival as 95% of an error that is so much smaller."""
    narrow = median_limit_survival(np.array([0.1]), lower=True, level=0.9)[0]
    assert narrow == pytest.approx(
        median_limit_survival(np.array([0.1 * 1.644854 / 1.959964]), lower=True)[0], abs=1e-6
    )
    assert narrow < median_limit_survival(np.array([0.1]), lower=True)[0]


def test_limits_add_points_on_either_side_of_one_half() -> None:
    arm = SummaryArm(name="a", n=200, median=PrintedMedian(time=20, rounding=0.5, low=16, high=26))
    target = draw_target(arm, AT_RISK, np.random.default_rng(0))
    survival = target.survival(np.ones(50))
    assert (survival[:, 160] > 0.53).all()
    assert (survival[:, 260] < 0.47).all()


def test_without_survival_all_of_the_hazard_is_free() -> None:
    target = draw_target(SummaryArm(name="a", n=100, events=30), AT_RISK, np.random.default_rng(0))
    assert (target.printed == 0).all()
    assert (target.scaled[:, -1] > 0).all()


def test_central_survival_by_hand() -> None:
    """Through (20, one half): hazard log 2 / 20, carried on."""
    arm = SummaryArm(name="a", n=100, median=PrintedMedian(time=20, rounding=0.5))
    assert central_survival(arm, np.array([0.0, 10.0, 20.0, 40.0]), 30) == pytest.approx([1, 0.5**0.5, 0.5, 0.25])
