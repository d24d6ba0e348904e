"""What `repair_curve` changes, and that it says so."""

import numpy as np
import pytest

from survrecon.errors import CurveError
from survrecon.model.curve import Resolution, SurvivalCurve
from survrecon.model.repair import estimate_resolution, repair_curve
from tests.build import curve


def whats(points: SurvivalCurve) -> list[str]:
    return [repair.what for repair in repair_curve(points)[1]]


def test_clean_curve_is_left_alone() -> None:
    points = curve(time=[0, 1, 2], survival=[1, 0.8, 0.7], resolution=0.001)
    fixed, repairs = repair_curve(points)
    assert repairs == ()
    np.testing.assert_array_equal(fixed.time, points.time)
    np.testing.assert_array_equal(fixed.survival, points.survival)
    assert fixed.resolution == Resolution(survival=0.001)


def test_small_rise_is_levelled_by_least_squares() -> None:
    """Of 0.70, 0.72 the closest curve that never rises is 0.71, 0.71: moved by 0.01."""
    fixed, repairs = repair_curve(curve(time=[0, 1, 2, 3], survival=[1, 0.7, 0.72, 0.5]))
    np.testing.assert_allclose(fixed.survival, [1, 0.71, 0.71, 0.5])
    (repair,) = repairs
    assert repair.where == "2 points from time 1 to 2"
    assert repair.amount == pytest.approx(0.01)


def test_corners_in_the_wrong_order_are_swapped_not_averaged() -> None:
    time = [0, 2, 4, 4.02, 6, 8, 10]
    fixed, repairs = repair_curve(curve(time=time, survival=[1, 1, 0.8, 0.98, 0.79, 0.6, 0.5]))
    np.testing.assert_allclose(fixed.survival, [1, 1, 0.98, 0.8, 0.79, 0.6, 0.5])
    assert [r.what for r in repairs] == ["corners of a step put in order"]


def test_large_drop_is_never_deleted() -> None:
    fixed, repairs = repair_curve(curve(time=[0, 1, 2, 3], survival=[1, 0.98, 0.5, 0.49]))
    assert repairs == ()
    assert fixed.survival[2] == 0.5


def test_click_beside_the_origin_is_the_origin_but_a_drop_at_0_is_an_event() -> None:
    assert whats(curve(time=[0, 5], survival=[0.995, 0.9])) == ["point beside the origin moved to (0, 1)"]
    fixed, repairs = repair_curve(curve(time=[0, 5], survival=[0.9, 0.8], resolution=0.001))
    assert [r.what for r in repairs] == ["origin (0, 1) added above a drop at time 0"]
    np.testing.assert_allclose(fixed.survival, [0.9, 0.8])


def test_points_above_1_and_below_0_are_clipped() -> None:
    fixed, repairs = repair_curve(curve(time=[0, 1, 2, 3], survival=[1, 1.02, 0.3, -0.01]))
    np.testing.assert_allclose(fixed.survival, [1, 1, 0.3, 0])
    assert repairs[0].amount == pytest.approx(0.02)


def test_one_point_is_a_curve() -> None:
    fixed, _ = repair_curve(curve(time=[3], survival=[0.5]))
    np.testing.assert_allclose(fixed.time, [0, 3])


@pytest.mark.parametrize(
    ("survival", "expected"),
    [
        (np.round(np.linspace(1, 0.2, 300) * 400) / 400, 1 / 400),
        (np.round(np.exp(-np.linspace(0, 1, 50)), 3), 1e-3),
        (np.repeat(np.exp(-np.linspace(0, 1, 50)), 2), 1e-6),
        (np.exp(-np.linspace(0, 1, 50)), 1 / 400),
    ],
    ids=["pixel rows", "three decimals", "corners of a vector file", "clicks"],
)
def test_resolution_of_survival(survival: np.ndarray[tuple[int, ...], np.dtype[np.float64]], expected: float) -> None:
    points = curve(time=np.sort(np.random.default_rng(1).random(survival.size)), survival=survival)
    assert estimate_resolution(points).survival == pytest.approx(expected)


def test_resolution_from_rises_is_twice_their_size() -> None:
    rng = np.random.default_rng(2)
    survival = np.clip(np.repeat(np.linspace(0.99, 0.4, 10), 50) + rng.normal(0, 0.004, 500), 0, 1)
    points = curve(time=np.arange(500.0), survival=survival)
    resolution = estimate_resolution(points)
    assert resolution.survival == pytest.approx(0.008, rel=0.15)
    assert resolution.time == 1.0


@pytest.mark.parametrize("first", [2006.0, 24.0])
def test_an_origin_farther_away_than_the_curve_is_long_is_refused(first: float) -> None:
    """Calendar years as times would give a median of 2010.3 years."""
    with pytest.raises(CurveError, match=r"time from 0, .*; got points from time .* calendar years"):
        repair_curve(curve(time=first + np.array([0.0, 2, 4, 6]), survival=[1, 0.8, 0.5, 0.3]))


def test_a_start_at_1_later_than_0_is_said_as_of_a_landmark() -> None:
    (repair,) = repair_curve(curve(time=[6, 9, 12, 24], survival=[1, 0.9, 0.8, 0.5]))[1]
    assert "assumed flat before a start at 1, of a landmark analysis perhaps" in repair.what
    assert repair.amount == 6


def test_the_upper_corner_of_a_first_drop_is_no_landmark() -> None:
    assert whats(curve(time=[6, 6, 12, 24], survival=[1, 0.9, 0.8, 0.5])) == ["origin (0, 1) added"]
    assert whats(curve(time=[6, 12, 24], survival=[0.9, 0.8, 0.5])) == ["origin (0, 1) added"]
