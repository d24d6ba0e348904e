"""The restricted mean survival time, by hand on the eight patients of ``test_kaplan_meier``."""

from __future__ import annotations

from math import sqrt

import pytest

from survrecon.analysis.rmst import horizon, rmst, rmst_difference
from survrecon.errors import AnalysisError
from survrecon.kaplan_meier import kaplan_meier

KM = kaplan_meier([1, 2, 2, 3, 4, 5, 6, 7], [1, 1, 1, 0, 1, 0, 1, 0])
ALL = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])


def test_area_and_variance() -> None:
    """S is 1, 7/8, 5/8, 15/32 from 0, 1, 2, 4; up to 5.

    Area: 1 + 7/8 + 2 (5/8) + 15/32 = 3.59375.
    Variance, (area after)^2 d / (n (n - d)): after 1, 2.59375^2/56; after 2, 1.71875^2 (2/35); after 4,
    0.46875^2/12.
    """
    mean, se = rmst(KM, 5)
    assert mean == pytest.approx(3.59375, abs=1e-12)
    assert se == pytest.approx(sqrt(2.59375**2 / 56 + 1.71875**2 * 2 / 35 + 0.46875**2 / 12), abs=1e-12)


def test_nothing_is_left_after_the_last_event() -> None:
    """1, 2, 3, 4, all events: the mean is 2.5; areas after are 1.5, 0.75, 0.25, 0 and the last adds nothing."""
    mean, se = rmst(ALL, 6)
    assert mean == 2.5
    assert se == pytest.approx(sqrt(1.5**2 / 12 + 0.75**2 / 6 + 0.25**2 / 2), abs=1e-12)


def test_before_the_first_event() -> None:
    assert rmst(ALL, 0.5) == (0.5, 0.0)


def test_difference() -> None:
    """To 4: 1 + 7/8 + 10/8 = 3.125 against 2.5; two draws of one arm share the other's single curve."""
    found = rmst_difference([ALL], [KM, KM], 4, of="drug", over="placebo")
    assert found.value == pytest.approx(0.625)
    assert found.sampling_se == pytest.approx(sqrt(rmst(KM, 4)[1] ** 2 + rmst(ALL, 4)[1] ** 2))
    assert found.reconstruction_se == 0
    assert (found.of, found.over) == ("drug", "placebo")


def test_horizon() -> None:
    """Largest times 7 and 4; the second arm's curve is 0 from 4 on, so both are known up to 7."""
    assert horizon([KM], [ALL]) == 4
    assert horizon([KM], [ALL], 6.5) == 6.5
    for tau in (0, 7.5):
        with pytest.raises(AnalysisError, match="at most 7"):
            horizon([KM], [ALL], tau)
