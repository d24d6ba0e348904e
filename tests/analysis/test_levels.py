"""An estimate's interval at any level: by its own rule, within its natural bounds, ``interval`` at its own level."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from survrecon.analysis.comparison import compare_arms
from survrecon.errors import AnalysisError
from survrecon.model.estimate import Estimate, Interval, Scale
from survrecon.model.kaplan_meier import kaplan_meier
from tests.analysis.patients import patients

if TYPE_CHECKING:
    from collections.abc import Iterator

    from survrecon.analysis.results import Comparison

CONTROL = [patients(time=[1, 3, 5, 6, 8, last, *range(9, 15)], event=[1] * 12, arm="placebo") for last in (9, 10, 11)]
DRUG = [
    patients(time=[2, 4, 7, 9, last, 11, *range(8, 16)], event=[1, 1, 0] + [1] * 11, arm="drug") for last in (9, 10, 12)
]


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare_arms(control=CONTROL, treatment=DRUG, milestones=[2, 8])


def estimates(comparison: Comparison) -> Iterator[Estimate]:
    yield from (comparison.hazard_ratio, comparison.central_hazard_ratio, comparison.logrank.z)
    yield comparison.rmst_difference.difference
    for arm in comparison.arms:
        yield from (arm.median, arm.follow_up, arm.events, *(m.survival for m in arm.milestones))


def test_the_interval_at_its_own_level_is_the_interval(comparison: Comparison) -> None:
    """Of every kind of estimate that an analysis returns."""
    for estimate in estimates(comparison):
        assert estimate.confidence_interval() == estimate.interval


def test_another_level_is_wider_or_narrower_and_says_so(comparison: Comparison) -> None:
    for estimate in estimates(comparison):
        if estimate.interval is None:
            continue
        narrow, wide = estimate.confidence_interval(0.5), estimate.confidence_interval(0.99)
        assert narrow is not None
        assert wide is not None
        assert (narrow.level, wide.level) == (0.5, 0.99)
        assert wide.low is None or (narrow.low is not None and wide.low <= narrow.low)
        assert wide.high is None or (narrow.high is not None and wide.high >= narrow.high)


def test_survival_stays_a_probability(comparison: Comparison) -> None:
    """11 of 12 alive: the normal interval ends at 1.073, the log-log one within 0 to 1."""
    first = comparison.arms[0].milestones[0].survival
    assert first.value == pytest.approx(11 / 12)
    for level in (0.5, 0.95, 0.999):
        found = first.confidence_interval(level)
        assert found is not None
        assert 0 < found.low < first.value < found.high < 1  # type: ignore[operator]


def test_a_median_has_the_limits_of_its_band() -> None:
    """One curve's interval at 90% is where its own 90% band crosses a half."""
    data = patients(time=range(1, 31), event=[1] * 30, arm="drug")
    median = compare_arms(control=CONTROL[0], treatment=data).arms[1].median
    found, band = median.confidence_interval(0.9), kaplan_meier(data.time, data.event).median_limits(level=0.9)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((band.low, band.high))
    assert median.interval is not None
    assert found.low > median.interval.low  # type: ignore[operator]


def test_it_survives_another_process(comparison: Comparison) -> None:
    for estimate in estimates(comparison):
        again = pickle.loads(pickle.dumps(estimate))
        assert again.confidence_interval(0.9) == estimate.confidence_interval(0.9)


def test_an_interval_of_one_level_alone_has_no_other() -> None:
    rounding = Estimate(value=0.7, interval=Interval(low=0.6, high=0.8), scale=Scale.LOG)
    assert rounding.confidence_interval(0.95) == rounding.interval
    with pytest.raises(AnalysisError, match=r"the one level that is known, 0\.95"):
        rounding.confidence_interval(0.9)
    with pytest.raises(AnalysisError, match=r"write 0\.95 for 95%"):
        rounding.confidence_interval(95)


def test_nobody_had_an_event() -> None:
    alive = patients(time=[5, 6, 7], event=[0] * 3, arm="drug")
    survival = compare_arms(control=CONTROL[0], treatment=alive, milestones=[3]).arms[1].milestones[0].survival
    assert (survival.value, survival.interval, survival.confidence_interval(0.9)) == (1.0, None, None)


def test_a_limit_of_nought_turned_round_is_no_limit() -> None:
    assert Interval(low=0.0, high=0.16, level=0.9).inverted() == Interval(low=6.25, high=None, level=0.9)
    assert Interval(low=0.0, high=0.0).inverted() == Interval(low=None, high=None)
    assert Interval(low=0.5, high=None).inverted() == Interval(low=None, high=2.0)
