"""Points of a curve in any order are one step curve."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survrecon.errors import CurveError
from survrecon.model.curve import StepCurve, SurvivalCurve
from survrecon.model.repair import repair_curve


def test_points_out_of_order() -> None:
    """S is 1 from 0, 0.8 from 2, 0.6 from 5, however the points are listed."""
    curve = SurvivalCurve(time=np.array([5.0, 0, 2]), survival=np.array([0.6, 1, 0.8]))
    assert curve.at([1, 2, 4, 5, 9]).tolist() == [1, 0.8, 0.8, 0.6, 0.6]
    assert curve.before([2, 5]).tolist() == [1, 0.8]


@given(st.permutations(range(7)))
def test_any_order_is_the_same_curve(order: list[int]) -> None:
    """Both corners of each step among them."""
    time, survival = np.array([0, 2, 2, 5, 5, 7, 7.0]), np.array([1, 1, 0.8, 0.8, 0.6, 0.6, 0.1])
    straight = SurvivalCurve(time=time, survival=survival)
    mixed = SurvivalCurve(time=time[order], survival=survival[order])
    at = np.linspace(0, 8, 33)
    assert mixed.at(at).tolist() == straight.at(at).tolist()
    assert mixed.before(at).tolist() == straight.before(at).tolist()


@pytest.mark.parametrize(
    ("time", "survival"),
    [([1, 2], [1, 0.5]), ([0, 2, 2], [1, 0.8, 0.6]), ([0, 3, 2], [1, 0.8, 0.6]), ([0, 1, 2], [1, 0.6, 0.8])],
    ids=["starts late", "a time twice", "out of order", "rises"],
)
def test_what_is_no_step_curve_is_refused(time: list[float], survival: list[float]) -> None:
    """Raw points may be all of this; the curve that methods work on may not."""
    points = SurvivalCurve(time=np.array(time, dtype=float), survival=np.array(survival), resolution=None)
    assert len(points) == len(time)
    with pytest.raises(CurveError, match="step curve: times rise strictly from 0"):
        StepCurve(time=points.time, survival=points.survival, resolution=0.01)  # type: ignore[arg-type]


def test_a_step_curve_has_a_resolution() -> None:
    with pytest.raises(CurveError, match="step curve: a resolution"):
        StepCurve(time=np.array([0.0, 2]), survival=np.array([1, 0.8]), resolution=None)  # type: ignore[arg-type]


def test_repair_makes_a_step_curve_and_leaves_one_alone() -> None:
    first, repairs = repair_curve(SurvivalCurve(time=np.array([2.0, 0, 5]), survival=np.array([0.8, 1, 0.6])))
    assert type(first) is StepCurve
    assert repairs
    again, none = repair_curve(first)
    assert (again.time.tolist(), again.survival.tolist()) == ([0, 2, 5], [1, 0.8, 0.6])
    assert not none
