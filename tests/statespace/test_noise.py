"""How points are judged."""

import numpy as np
import pytest

from survrecon.arrays import monotone_fit
from survrecon.model.curve import Resolution
from survrecon.reconstruction.statespace.reading import CurveDetail, grid_height, judge_reading
from tests.statespace.figures import HEIGHT, clicks, corners, simulated, trace


def test_kinds_of_points() -> None:
    arm = simulated(100, seed=1)
    for points, kind in (
        (corners(arm), CurveDetail.STEPS),
        (trace(arm, 1), CurveDetail.TRACE),
        (clicks(arm, 1), CurveDetail.CLICKS),
    ):
        assert judge_reading(points.time, points.survival, 100, None).detail is kind
    coarse = corners(arm, decimals=2)
    assert judge_reading(coarse.time, coarse.survival, 100, None).detail is CurveDetail.DROPS
    fine = corners(arm)
    assert judge_reading(fine.time, fine.survival, 100, Resolution(survival=0.01)).detail is CurveDetail.DROPS


def test_few_landmarks_are_read_like_clicks() -> None:
    times, survival = np.array([0.0, 3.0, 6.0, 9.0]), np.array([1.0, 0.8, 0.6, 0.5])
    assert judge_reading(times, survival, 200, None).detail is CurveDetail.CLICKS


def test_points_between_which_several_fail_are_no_steps() -> None:
    """40 points down to 0.5, without corners: of 80 patients each is one event, of 400 five."""
    times, survival = np.arange(41.0), np.linspace(1, 0.5, 41)
    assert judge_reading(times, survival, 80, None).detail is CurveDetail.STEPS
    assert judge_reading(times, survival, 400, None).detail is CurveDetail.CLICKS


def test_lines_of_a_picture_are_read_between_its_rows() -> None:
    """A falling line on no grid, rows of 0.002: noise is 0.43 of a row, and a shift of half a row is possible."""
    time = np.arange(0.0, 60, 0.1)
    survival = np.minimum.accumulate(np.exp(-time / 50) + np.random.default_rng(1).normal(0, 1e-4, time.size))
    read = judge_reading(time, survival, 300, Resolution(survival=0.002, time=0.1))
    assert read.detail is CurveDetail.TRACE
    assert (read.grid, read.noise, read.bias) == pytest.approx((0.002, 0.00086, 0.00058))
    assert not read.blurs(500)
    assert read.blurs(501)


@pytest.mark.parametrize(
    ("values", "unit"),
    [([1, 0.9975, 0.99], 0.0025), ([1, 0.99667, 0.5], 1e-5), ([0.9, 0.7, 0.4], 0.1), ([0.987654321, 1], 0.0)],
)
def test_grid(values: list[float], unit: float) -> None:
    assert grid_height(np.array(values)) == pytest.approx(unit)


def test_rows_printed_with_more_decimals_than_they_have() -> None:
    rows = np.arange(433, 100, -1)[::3] / 433
    assert grid_height(rows) == pytest.approx(3 / 433)


def test_noise_of_a_trace_is_found_beside_its_drops() -> None:
    """0.3 pixels of noise and rounding: sqrt(0.3^2 + 1/12) = 0.42; estimated from some 200 rises, within a fifth."""
    points = trace(simulated(400, seed=2), 5)
    found = judge_reading(points.time, points.survival, 400, None)
    assert found.noise * HEIGHT == pytest.approx(0.42, abs=0.08)
    assert found.bias * HEIGHT == pytest.approx(0.29, abs=0.01)


def test_decreasing_fit_pools_neighbours() -> None:
    np.testing.assert_allclose(monotone_fit(np.array([1.0, 0.5, 0.7, 0.2]), increasing=False), [1.0, 0.6, 0.6, 0.2])
