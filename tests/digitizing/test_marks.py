"""Censoring marks on a level line."""

from __future__ import annotations

import numpy as np

from survrecon.digitizing.raster.marks import find_marks

MARKED = (30, 60, 90, 120, 150)  # columns of strokes two pixels wide, six pixels beyond the line on either side


def _line() -> np.ndarray:
    coverage = np.zeros((80, 200))
    coverage[39:42, :190] = 1.0  # three rows about 40.5
    for column in MARKED:
        coverage[33:48, column : column + 2] = 1.0
    return coverage


def _found(coverage: np.ndarray, hidden: np.ndarray) -> list[float]:
    marks = find_marks(coverage, np.array([0.0]), np.array([40.5]), 190.0, 3.0, hidden=hidden)
    return [] if marks is None else marks.columns.tolist()


def test_marks_in_full_sight() -> None:
    assert np.allclose(_found(_line(), np.zeros((80, 200), bool)), [c + 1.0 for c in MARKED], atol=0.1)


def test_a_mark_behind_another_curve_is_left_out() -> None:
    """What is half seen may be a step of the other curve; a mark too many misleads more than one too few."""
    hidden = np.zeros((80, 200), bool)
    hidden[42:60, 85:98] = True
    assert np.allclose(_found(_line(), hidden), [c + 1.0 for c in MARKED if c != 90], atol=0.1)


def test_half_a_stroke_in_full_sight_is_no_mark() -> None:
    coverage = _line()
    coverage[42:60, 85:98] = 0.0
    assert np.allclose(_found(coverage, np.zeros((80, 200), bool)), [c + 1.0 for c in MARKED if c != 90], atol=0.1)


def test_short_marks_on_a_dashed_line_count_where_other_lines_bear_such() -> None:
    """Strokes of two pixels beside a line of three: alone they may be the ends of dashes."""
    coverage = np.zeros((80, 200))
    for start in range(0, 190, 14):
        coverage[39:42, start : start + 10] = 1.0
    for column in MARKED:
        coverage[37:44, column : column + 2] = 1.0
    alone, told, taller = (
        find_marks(coverage, np.array([0.0]), np.array([40.5]), 190.0, 3.0, broken=True, reaches=reaches)
        for reaches in ((), (3.5,), (9.0,))
    )
    assert (alone, taller) == (None, None)
    assert told is not None
    assert np.allclose(told.columns, [c + 1.0 for c in MARKED], atol=0.1)
