"""Corners from pixels, on lines painted by hand: sixteen times as fine, then averaged, so that coverage is exact."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from survrecon.digitizing.raster.marks import Marks
from survrecon.digitizing.raster.steps.line_cover import beside_marks, near_pixels
from survrecon.digitizing.raster.steps.staircase import fit_staircase
from survrecon.digitizing.raster.trace import Path

FINE = 16
HEIGHT, WIDTH = 60, 90
Array = npt.NDArray[np.float64]

AT = np.array([0.0, 12.3, 30.7, 31.4, 50.2, 71.9])
LEVEL = np.array([8.4, 15.2, 22.6, 30.1, 35.8, 48.3])
"""The steps at 30.7 and 31.4 stand in neighbouring columns, nearer than the line is wide."""


def painted(at: Array, level: Array, half: float, *, round_joins: bool) -> Array:
    """Return the coverage of pixels by a line of width 2 half along a step curve that runs on to the right."""
    y, x = (np.indices((HEIGHT * FINE, WIDTH * FINE)) + 0.5) / FINE
    ink = np.zeros(x.shape, bool)
    ends = np.append(at[1:], WIDTH + 10.0)
    starts = np.concatenate([[-10.0], at[1:]])
    for k, row in enumerate(level):
        pieces = [(starts[k], ends[k], row, row)]
        if k + 1 < len(level):
            pieces.append((ends[k], ends[k], row, level[k + 1]))
        for x0, x1, y0, y1 in pieces:
            dx = np.maximum(np.maximum(x0 - x, x - x1), 0.0)
            dy = np.maximum(np.maximum(y0 - y, y - y1), 0.0)
            ink |= (np.hypot(dx, dy) if round_joins else np.maximum(dx, dy)) <= half
    return np.asarray(ink.reshape(HEIGHT, FINE, WIDTH, FINE).mean(axis=(1, 3)), float)


def path_of(at: Array, level: Array) -> Path:
    rows = level[np.searchsorted(at, np.arange(WIDTH) + 0.5, side="right") - 1].astype(np.int64)
    return Path(start=0, stop=WIDTH, rows=rows, cost=0.0)


NOTHING = np.zeros((HEIGHT, WIDTH))


@pytest.mark.parametrize("round_joins", [True, False])
@pytest.mark.parametrize("half", [0.8, 1.5, 2.6])
def test_corners_to_a_twentieth_of_a_pixel(half: float, round_joins: bool) -> None:
    coverage = painted(AT, LEVEL, half, round_joins=round_joins)
    near = near_pixels(coverage, NOTHING, NOTHING, path_of(AT, LEVEL), half, broken=False)
    rough = AT + np.array([0, 0.4, -0.3, 0.3, -0.4, 0.2])
    x, y, noise = fit_staircase(near, rough, LEVEL + np.array([0.3, -0.2, 0.2, -0.3, 0.2, 0.3]), 1.1 * half)
    assert len(x) == len(AT)
    assert x == pytest.approx(AT, abs=0.05)
    assert np.delete(y, 2) == pytest.approx(np.delete(LEVEL, 2), abs=0.05)
    assert y[2] == pytest.approx(LEVEL[2], abs=0.2)  # seen on less than a column
    assert noise < 0.05


def test_a_step_hidden_in_anothers_column_is_found() -> None:
    coverage = painted(AT, LEVEL, 1.5, round_joins=True)
    near = near_pixels(coverage, NOTHING, NOTHING, path_of(AT, LEVEL), 1.5, broken=False)
    rough_x, rough_y = np.delete(AT, 3), np.delete(LEVEL, 2)  # one step from 15.2 to 30.1
    x, y, _ = fit_staircase(near, rough_x, rough_y, 1.5)
    assert x == pytest.approx(AT, abs=0.1)
    assert y == pytest.approx(LEVEL, abs=0.3)


def test_a_step_too_many_is_left_out() -> None:
    coverage = painted(AT, LEVEL, 1.5, round_joins=True)
    near = near_pixels(coverage, NOTHING, NOTHING, path_of(AT, LEVEL), 1.5, broken=False)
    rough_x, rough_y = np.insert(AT, 5, 60.0), np.insert(LEVEL, 5, 36.4)
    x, y, _ = fit_staircase(near, rough_x, rough_y, 1.5)
    assert x == pytest.approx(AT, abs=0.05)
    assert y == pytest.approx(LEVEL, abs=0.05)


def test_plus_signs_do_not_move_the_corners() -> None:
    coverage = painted(AT, LEVEL, 1.5, round_joins=True)
    signs = [(27.5, 15.2), (53.0, 35.8)]
    for column, row in signs:
        coverage[int(row) - 5 : int(row) + 6, int(column) : int(column) + 2] = 1.0
        coverage[int(row) : int(row) + 2, int(column) - 5 : int(column) + 7] = 1.0
    near = near_pixels(coverage, NOTHING, NOTHING, path_of(AT, LEVEL), 1.5, broken=False)
    near = beside_marks(near, Marks(columns=np.array([c + 0.5 for c, _ in signs]), reach=5.5), AT, LEVEL)
    x, y, _ = fit_staircase(near, AT + 0.2, LEVEL + 0.2, 1.5)
    assert x == pytest.approx(AT, abs=0.1)
    assert y == pytest.approx(LEVEL, abs=0.1)


def test_what_another_curve_covers_moves_nothing() -> None:
    coverage = painted(AT, LEVEL, 1.5, round_joins=True)
    over = np.zeros(coverage.shape)
    over[:, 46:56] = 1.0
    coverage = np.where(over > 0, 0.0, coverage)
    near = near_pixels(coverage, NOTHING, over, path_of(AT, LEVEL), 1.5, broken=False)
    x, _, _ = fit_staircase(near, AT + np.array([0, 0.3, 0.2, 0.2, 0.5, 0.3]), LEVEL, 1.5)
    assert x[4] == pytest.approx(AT[4] + 0.5, abs=0.1)  # where it was, for nothing is seen of it
    assert np.delete(x, 4) == pytest.approx(np.delete(AT, 4), abs=0.05)


def test_gaps_of_a_dashed_line_say_nothing() -> None:
    coverage = painted(AT, LEVEL, 1.5, round_joins=True)
    gaps = np.arange(WIDTH) % 14 >= 9
    coverage[:, gaps] = 0.0
    near = near_pixels(coverage, NOTHING, NOTHING, path_of(AT, LEVEL), 1.5, broken=True)
    _, y, _ = fit_staircase(near, AT, LEVEL + 0.3, 1.5)
    assert y == pytest.approx(LEVEL, abs=0.1)
