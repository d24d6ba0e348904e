"""Censoring marks on a level line, some of them half behind another curve."""

from __future__ import annotations

import numpy as np

from survrecon.digitizing.marks import find_marks

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


def test_a_mark_half_behind_another_curve() -> None:
    """Only its upper half is seen; the other curve's pixels say nothing against it."""
    hidden = np.zeros((80, 200), bool)
    hidden[42:60, 85:98] = True
    coverage = np.where(hidden, 0.0, _line())
    assert np.allclose(_found(coverage, hidden), [c + 1.0 for c in MARKED], atol=0.1)


def test_half_a_stroke_in_full_sight_is_no_mark() -> None:
    coverage = _line()
    coverage[42:60, 85:98] = 0.0
    assert np.allclose(_found(coverage, np.zeros((80, 200), bool)), [c + 1.0 for c in MARKED if c != 90], atol=0.1)
