"""Corners fitted to edges that are computed from known steps; drops held against the number of patients."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from survrecon.digitizing.raster.steps.edges import Edges, fit_corners
from survrecon.digitizing.raster.tied import whole_steps

Array = npt.NDArray[np.float64]


def _edges(at: Array, level: Array, n: int, half: float) -> Edges:
    """The edges of a line of width 2 * half along a step curve: column means, by fine sums."""
    fine = (np.arange(400) + 0.5) / 400

    def mean(shift: float) -> Array:
        places = np.arange(n)[:, None] + fine[None, :] + shift
        return np.asarray(level[np.searchsorted(at, places, side="right")].mean(axis=1))

    return Edges(top=mean(-half) - half, bottom=mean(half) + half, weight=np.ones(n), half=half)


AT, LEVEL = np.array([20.3, 41.0, 43.6, 80.25]), np.array([10.0, 14.2, 19.0, 24.5, 31.0])


def test_places_and_levels_are_found_to_hundredths_of_a_pixel() -> None:
    edges = _edges(AT, LEVEL, 120, 1.4)
    x, y, _ = fit_corners(edges, np.array([0.0, 21.0, 42.0, 79.0]), np.array([10.0, 14.0, 23.0, 30.0]))
    assert x[1:] == pytest.approx(AT, abs=0.03)
    assert y == pytest.approx(LEVEL, abs=0.03)


def test_marks_on_both_sides_do_not_move_the_line() -> None:
    edges = _edges(AT, LEVEL, 120, 1.4)
    top, bottom = edges.top.copy(), edges.bottom.copy()
    for column in (10, 30, 60, 61, 100):
        top[column] -= 5.0
        bottom[column] += 5.0
    marked = Edges(top=top, bottom=bottom, weight=edges.weight, half=edges.half)
    x, y, _ = fit_corners(marked, np.concatenate([[0.0], AT]), LEVEL)
    assert x[1:] == pytest.approx(AT, abs=0.1)
    assert y == pytest.approx(LEVEL, abs=0.1)


def test_a_false_step_goes() -> None:
    edges = _edges(AT, LEVEL, 120, 1.4)
    start = np.array([0.0, 20.3, 41.0, 43.6, 60.0, 80.25])
    x, y, _ = fit_corners(edges, start, np.array([10.0, 14.2, 19.0, 24.5, 24.55, 31.0]))
    assert len(x) == 5
    assert y[-1] == pytest.approx(31.0, abs=0.03)


def test_what_cannot_be_fitted_stays() -> None:
    rng = np.random.default_rng(0)
    rough = Edges(top=rng.uniform(0, 40, 120), bottom=rng.uniform(0, 40, 120), weight=np.ones(120), half=1.0)
    x, y, noise = fit_corners(rough, np.array([0.0, 60.0]), np.array([10.0, 20.0]))
    assert noise > 0.4
    assert (x.tolist(), y.tolist()) == ([0.0, 60.0], [10.0, 20.0])


def test_two_low_drops_are_one_patient() -> None:
    """Of ten patients one is 0.1: 0.04 and 0.06 half a column apart are one event, at the mean of their area."""
    time, survival = whole_steps(
        np.array([0.0, 4.0, 4.5, 9.0]), np.array([1.0, 0.96, 0.9, 0.9]), 10, pixel=0.002, column=0.5
    )
    assert survival.tolist() == [1.0, 0.9, 0.9]
    assert time.tolist() == pytest.approx([0.0, 4.3, 9.0])


def test_patients_below_a_pixel_are_left_alone() -> None:
    time, survival = np.array([0.0, 4.0, 5.0, 9.0]), np.array([1.0, 0.999, 0.997, 0.997])
    _, kept = whole_steps(time, survival, 900, pixel=0.003, column=0.1)
    assert kept.tolist() == survival.tolist()
