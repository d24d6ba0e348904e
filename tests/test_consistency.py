"""The range of totals, derived by hand."""

import pytest

from survrecon.model.consistency import check_risk_table, events_range, resolve_convention
from survrecon.model.curve import Resolution, StepCurve
from tests.build import steps, table

HALF = steps(time=[0, 5, 9], survival=[1, 0.5, 0.5], resolution=0.0)


def test_range_of_one_closed_interval() -> None:
    """Of 40, 10 are left at 9 and survival halves: fewest 10 (1/0.5 - 1) = 10, most 40 x 0.5 = 20."""
    assert events_range(HALF, 40, table(time=[0, 9], at_risk=[40, 10])) == (10, 20)


def test_range_is_widened_by_the_resolution() -> None:
    """N delta = 40 x 0.025 = 1; three times that, 3."""
    points = steps(time=HALF.time, survival=HALF.survival, resolution=0.025)
    risk = table(time=[0, 9], at_risk=[40, 10])
    assert events_range(points, 40, risk) == (9, 21)
    assert events_range(points, 40, risk, widen=3) == (7, 23)


def test_range_without_a_risk_table() -> None:
    """At least one of two last patients, at most 40 x 0.5."""
    assert events_range(HALF, 40) == (1, 20)


def test_range_after_the_last_number() -> None:
    """At time 5, before the drop, 30 are left: 0 events before, then from 1 to 15."""
    assert events_range(HALF, 40, table(time=[0, 5], at_risk=[40, 30])) == (1, 15)


def test_a_last_patient_may_fail_after_the_last_column() -> None:
    """As after the last number, and one more where the curve was read in columns and somebody is left."""
    columns = Resolution(survival=0.0, time=0.1)
    half = StepCurve(time=HALF.time, survival=HALF.survival, resolution=columns)
    assert events_range(half, 40, table(time=[0, 5], at_risk=[40, 30])) == (1, 16)
    gone = table(time=[0, 9], at_risk=[40, 0])
    assert events_range(half, 40, gone) == events_range(HALF, 40, gone)


def test_range_under_after() -> None:
    """At time 5, after the drop, 15 are left: 15 (1/0.5 - 1) = 15 to 20 events before it, none later."""
    risk = table(time=[0, 5], at_risk=[40, 15], convention="after")
    assert events_range(HALF, 40, risk) == (15, 20)


def test_range_of_a_curve_that_reaches_zero() -> None:
    gone = steps(time=[0, 5], survival=[1, 0], resolution=0.0)
    assert events_range(gone, 40) == (1, 40)
    assert events_range(gone, 40, table(time=[0, 6], at_risk=[40, 0])) == (1, 40)


def test_number_a_little_above_the_curve_is_a_warning() -> None:
    """40 x 0.5 = 20 at time 9; 21 is within three times the resolution 0.01 and the time slip."""
    points = steps(time=HALF.time, survival=HALF.survival, resolution=0.01)
    (warning,) = check_risk_table(points, 40, table(time=[0, 9], at_risk=[40, 21]))
    assert warning == "numbers at risk a little above what the curve allows, at time 9"


@pytest.mark.parametrize(("first", "expected"), [(100, "before"), (98, "after"), (90, "before")])
def test_auto_convention_rests_on_the_first_number(first: int, expected: str) -> None:
    risk = table(time=[0, 9], at_risk=[first, 40], convention="auto")
    assert resolve_convention(100, risk)[0].convention == expected
