"""The restricted mean survival time, by hand on the eight patients of ``test_kaplan_meier``."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import pytest

from survrecon.analysis.medians import Horizon, horizon, rmst, rmst_difference
from survrecon.errors import AnalysisError
from survrecon.model.kaplan_meier import kaplan_meier
from tests.analysis.patients import patients

if TYPE_CHECKING:
    from survrecon.model.ipd import PseudoIPD

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


def data(*times: float) -> PseudoIPD:
    return patients(time=times, event=[1] * len(times), arm="drug")


def test_a_horizon_that_is_asked_for() -> None:
    """Largest times 7, censored, and 4, where the curve is 0: both are known up to 7."""
    eight = patients(time=[1, 2, 2, 3, 4, 5, 6, 7], event=[1, 1, 1, 0, 1, 0, 1, 0], arm="placebo")
    assert horizon([eight], [data(1, 2, 3, 4)], 6.5) == Horizon(tau=6.5, rule="as asked for")
    for tau in (0, 7.5):
        with pytest.raises(AnalysisError, match="at most 7"):
            horizon([eight], [data(1, 2, 3, 4)], tau)


def test_ten_patients_and_a_tenth_of_all_are_at_risk_at_the_horizon() -> None:
    """Of 1 to 30, ten are at risk last at 21; of 1 to 300, a tenth, 30, at 271: the earlier of the two.

    Of 141 to 281, fifteen of 141 are at risk last at 267, before 271.
    """
    many, few, middle = (data(*range(1, 301)), data(*range(1, 31)), data(*range(141, 282)))
    rule = "the last time with 10 patients and 10% of N at risk in both arms"
    assert horizon([many], [few]) == Horizon(tau=21, rule=rule)
    assert horizon([many], [many]) == Horizon(tau=271, rule=rule)
    assert horizon([middle], [many]).tau == 267
    assert middle.at_risk(267) == 15


def test_one_horizon_for_all_draws() -> None:
    """The second draw has ten at risk up to 11 alone."""
    draws = [data(*range(1, 31)), data(*range(1, 11), *range(1, 21))]
    assert horizon(draws, [data(*range(1, 301))]).tau == 11


def test_a_small_arm_has_half_at_risk() -> None:
    """Of nine, five are at risk last at 5."""
    found = horizon([data(*range(1, 10))], [data(*range(1, 301))])
    assert found == Horizon(tau=5, rule="the last time with half of an arm of fewer than 10 at risk")


def test_nobody_is_followed_for_long() -> None:
    """Eleven of twelve times are 0: ten are at risk at time 0 alone, where no mean is to be had."""
    found = horizon([data(*[0] * 11, 3)], [data(*range(1, 301))])
    assert found == Horizon(tau=3, rule="the last time with anybody at risk in both arms")


def test_the_horizon_of_the_paper_comes_first() -> None:
    """Where the data reach it: the largest time of an arm with somebody left is 30."""
    alive = patients(time=range(1, 31), event=[0] * 30, arm="drug")
    assert horizon([alive], [alive], printed=24) == Horizon(tau=24, rule="as the paper prints")
    late = horizon([alive], [alive], printed=60)
    assert late.tau == 21
    assert late.rule.endswith("; the paper's 60 lies beyond the data")
    assert horizon([alive], [alive], 12, printed=24).tau == 12
