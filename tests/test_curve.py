"""Points of a curve in any order are one step curve."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from survrecon.model.curve import SurvivalCurve


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
