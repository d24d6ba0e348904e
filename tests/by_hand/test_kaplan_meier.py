"""The Kaplan-Meier estimate, its bands, its median and follow-up, by hand on eight patients."""

from __future__ import annotations

from math import exp, inf, log, sqrt

import numpy as np
import pytest

from survrecon.analysis.medians import milestone, pooled_median, reverse_kaplan_meier
from survrecon.errors import AnalysisError
from survrecon.model.curve import Resolution, SurvivalCurve
from survrecon.model.estimate import Scale, Status
from survrecon.model.ipd import PseudoIPD
from survrecon.model.kaplan_meier import BandTransform, kaplan_meier
from tests.analysis.patients import patients

TIME = [1, 2, 2, 3, 4, 5, 6, 7]
EVENT = [1, 1, 1, 0, 1, 0, 1, 0]
Z = 1.959963984540054
EXACT = 1e-12


def test_estimate() -> None:
    """Eight patients: 1, 2, 2, 3+, 4, 5+, 6, 7+.

    ====  ==  ==  =================  ==========================================
    time  n   d   S                  Greenwood's sum of d / (n (n - d))
    ====  ==  ==  =================  ==========================================
    1     8   1   7/8                1/56
    2     7   2   7/8 5/7 = 5/8      1/56 + 2/35 = 3/40
    4     4   1   5/8 3/4 = 15/32    3/40 + 1/12 = 19/120
    6     2   1   15/32 1/2 = 15/64  19/120 + 1/2 = 79/120
    ====  ==  ==  =================  ==========================================
    """
    km = kaplan_meier(TIME[::-1], EVENT[::-1])
    assert km.time.tolist() == [1, 2, 4, 6]
    assert km.at_risk.tolist() == [8, 7, 4, 2]
    assert km.events.tolist() == [1, 2, 1, 1]
    assert km.survival.tolist() == pytest.approx([7 / 8, 5 / 8, 15 / 32, 15 / 64], abs=EXACT)
    assert km.greenwood.tolist() == pytest.approx([1 / 56, 3 / 40, 19 / 120, 79 / 120], abs=EXACT)
    assert (km.n, km.last, km.reach) == (8, 7.0, 7.0)
    assert [km.at(t) for t in (0.5, 1, 3.9, 9)] == pytest.approx([1, 7 / 8, 5 / 8, 15 / 64])
    assert [km.before(t) for t in (1, 4, 9)] == pytest.approx([1, 5 / 8, 15 / 64])
    assert [km.greenwood_at(t) for t in (0.5, 4)] == pytest.approx([0, 19 / 120])


def test_median_and_its_limits() -> None:
    """S is first below a half at 4: the median. Its limits are where the bands cross a half.

    With h = 1.96 sqrt(Greenwood): at 1, h = 0.2619 and ln S = -0.1335; at 2, h = 0.5368, ln S = -0.4700;
    at 6, h = 1.5903, ln S = -1.4508.

    =======  =====================================  ==========================================  =============
    band     lower at 1                             lower at 2                                  upper at 6
    =======  =====================================  ==========================================  =============
    plain    0.875 (1 - 0.2619) = 0.646             0.625 (1 - 0.5368) = 0.290 < 1/2: limit 2   0.607: none
    log      0.875 exp(-0.2619) = 0.673             0.625 exp(-0.5368) = 0.365 < 1/2: limit 2   1.150: none
    log-log  exp(-0.1335 exp(0.2619/0.1335))        (limit 1)                                   exp(-1.4508
             = 0.387 < 1/2: limit 1                                                             / 2.993) = 0.616
    =======  =====================================  ==========================================  =============
    """
    km = kaplan_meier(TIME, EVENT)
    assert km.median() == 4
    lower, upper = km.band(BandTransform.LOG_LOG)
    assert lower[0] == pytest.approx(0.387, abs=5e-4)
    assert upper[3] == pytest.approx(0.616, abs=5e-4)
    assert km.band(BandTransform.PLAIN)[0][1] == pytest.approx(0.290, abs=5e-4)
    assert km.band(BandTransform.LOG)[1][3] == pytest.approx(1.150, abs=5e-4)
    limits = [km.median_limits(t) for t in BandTransform]
    assert [(i.low, i.high) for i in limits] == [(2, None), (2, None), (1, None)]


@pytest.mark.parametrize(
    ("time", "event", "median"),
    [
        ([1, 2, 5, 7], [1, 1, 1, 0], 3.5),
        ([1, 2, 5, 7], [1, 1, 0, 0], 2.0),
        ([1, 2, 5, 7], [1, 0, 0, 0], None),
        ([1, 2, 5, 7], [0, 0, 0, 0], None),
        ([1, 1, 1, 1], [1, 1, 1, 1], 1.0),
    ],
    ids=["middle of a flat at one half", "flat to the end", "stays above", "no event", "all at once"],
)
def test_median_of_four(time: list[float], event: list[int], median: float | None) -> None:
    assert kaplan_meier(time, event).median() == median


def test_a_curve_that_ends_at_zero() -> None:
    """1, 2, 3, 4, all events: the variance of ln S has no end at S = 0, so no band there; S is known for ever."""
    km = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])
    assert km.survival.tolist() == [0.75, 0.5, 0.25, 0.0]
    assert km.greenwood.tolist() == pytest.approx([1 / 12, 1 / 4, 3 / 4, inf])
    assert km.reach == inf
    assert km.median_limits(BandTransform.PLAIN).high is None


def test_follow_up() -> None:
    """Censorings as events: at 3, n = 5, S = 4/5; at 5, n = 3, S = 8/15; at 7, n = 1, S = 0: the median is 7."""
    km = reverse_kaplan_meier(patients(time=TIME, event=EVENT))
    assert km.survival.tolist() == pytest.approx([4 / 5, 8 / 15, 0.0], abs=EXACT)
    assert km.median() == 7


def test_milestone() -> None:
    """S(4) = 15/32 with Greenwood 19/120: limits S^exp(-+1.96 sqrt(19/120) / ln S)."""
    found = milestone([kaplan_meier(TIME, EVENT)], 4.5).survival
    S, stretch = 15 / 32, exp(Z * sqrt(19 / 120) / -log(15 / 32))
    assert found.interval is not None
    assert found.value == pytest.approx(S)
    assert found.sampling_se == pytest.approx(S * sqrt(19 / 120))
    assert found.reconstruction_se is None
    assert found.interval.low == pytest.approx(S**stretch)
    assert found.interval.high == pytest.approx(S ** (1 / stretch))


def test_milestone_over_two_draws() -> None:
    """S(1) is 3/4 and 1/2: mean 5/8; variance between (1 + 1/2) (1/8)^2 2; within, mean of S^2 Greenwood."""
    draws = [kaplan_meier([1, 2, 2, 2], [1, 0, 0, 0]), kaplan_meier([1, 1, 2, 2], [1, 1, 0, 0])]
    found = milestone(draws, 1).survival
    assert found.value == 5 / 8
    assert found.reconstruction_se == pytest.approx(sqrt(1.5 * 2 / 64))
    assert found.sampling_se == pytest.approx(sqrt((9 / 16 / 12 + 1 / 4 / 4) / 2))


def test_milestones_without_an_answer() -> None:
    km = kaplan_meier(TIME, EVENT)
    assert milestone([km], 8).survival.status is Status.NOT_ESTIMABLE
    assert milestone([km], 0.5).survival.interval is None  # S is 1: no band
    with pytest.raises(AnalysisError, match="a time from 0"):
        milestone([km], -1)


def test_median_over_draws() -> None:
    """Medians 2 and 8: on the log scale their mean is ln 4, the variance between 1.5 (ln 2)^2 2."""
    draws = [kaplan_meier([1, 2, 3], [1, 1, 1]), kaplan_meier([4, 8, 12], [1, 1, 1])]
    found = pooled_median(draws)
    assert found.value == pytest.approx(4)
    assert found.scale is Scale.LOG
    assert found.reconstruction_se == pytest.approx(log(2) * sqrt(3))


def test_median_of_one_draw_keeps_its_own_limits() -> None:
    found = pooled_median([kaplan_meier(TIME, EVENT)])
    assert found.interval is not None
    assert found.value == pytest.approx(4)
    assert found.interval.low == pytest.approx(1)
    assert found.interval.high is None
    assert found.reconstruction_se is None


def test_median_not_reached_by_half_of_the_draws() -> None:
    reached, not_reached = kaplan_meier([1, 2, 3], [1, 1, 1]), kaplan_meier([1, 2, 3], [0, 0, 0])
    assert pooled_median([reached, not_reached]).status is Status.NOT_REACHED
    assert pooled_median([reached, reached, not_reached]).value == pytest.approx(2)


def test_median_at_time_zero_is_pooled_as_it_is() -> None:
    """A logarithm of 0 has no place; the plain scale does."""
    found = pooled_median([kaplan_meier([0, 0, 3], [1, 1, 1])])
    assert (found.value, found.scale) == (0.0, Scale.IDENTITY)


def test_residuals_within_the_time_that_a_figure_tells_apart() -> None:
    """One of two fails at 3: S is 1, then 0.5. Read 0.5 at 2.9 fits half a pixel later, 0.4 at 5 misses by 0.1."""
    ipd = PseudoIPD(time=np.array([3.0, 9.0]), event=np.array([True, False]), arm="drug")
    time, survival = np.array([0.0, 2.9, 5.0]), np.array([1.0, 0.5, 0.4])
    blurred = SurvivalCurve(time=time, survival=survival, resolution=Resolution(survival=0.01, time=0.2))
    np.testing.assert_allclose(ipd.residuals_from(blurred), [0, 0, 0.1])
    sharp = SurvivalCurve(time=time, survival=survival)
    np.testing.assert_allclose(ipd.residuals_from(sharp), [0, 0.5, 0.1])
