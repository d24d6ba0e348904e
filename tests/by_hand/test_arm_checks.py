"""What is printed of one arm against its rebuilt patients: Delta, its interval I, the margin M."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from survrecon.analysis.comparison import summarize_arm
from survrecon.checks.agreement import check_arm, check_fact
from survrecon.checks.results import Verdict
from survrecon.model.published import PublishedFact
from tests.analysis.patients import patients
from tests.by_hand.facts import arm, fact, ratio

DRUG = patients(time=[1, 3, 5, 7, 10, 12], event=[1, 1, 0, 1, 0, 1], arm="drug")


def test_survival() -> None:
    """Of ten patients four have events at 1, 2, 3, 4: S(4) = 0.60. Printed 0.605: Delta -0.005, I +-0.0005 about it."""
    data = arm(1, 2, 3, 4, *[9] * 6, events=4)
    check = check_fact(fact("survival", 0.605, 3, arm="drug", at=4), [data])
    assert check.verdict is Verdict.AGREES
    assert check.difference == pytest.approx(-0.005)
    assert check.interval is not None
    assert check.interval.low == pytest.approx(-0.0055)
    assert check_fact(fact("survival", 0.62, arm="drug", at=4), [data]).verdict is Verdict.DIFFERS
    late = check_fact(fact("survival", 0.6, arm="drug", at=12), [data])
    assert (late.verdict, late.note) == (Verdict.NOT_CHECKABLE, "the rebuilt data end at 9")
    assert check_fact(fact("survival", 0.6, 3, arm="drug", at=9.05), [data]).verdict is Verdict.AGREES


def test_survival_beside_a_step() -> None:
    """S falls from 0.7 to 0.6 at 4. Printed at 3.98: 0.60, which is S after the step; 0.65 is neither."""
    data = arm(1, 2, 3, 4, *[9] * 6, events=4)
    printed = fact("survival", 0.60, 3, arm="drug", at=3.98)
    assert check_fact(printed, [data]).verdict is Verdict.DIFFERS
    near = check_fact(printed, [data], pixel=0.05)
    assert near.verdict is Verdict.CONSISTENT
    assert near.note == "a step within a pixel of the printed time: S 0.700 before, 0.600 after"
    between = fact("survival", 0.65, 3, arm="drug", at=3.98)
    assert check_fact(between, [data], pixel=0.05).verdict is Verdict.DIFFERS


def test_median() -> None:
    """Median 10.0 obtained, S = 0.6 before it and 0.4 from it on.

    Printed 10.2: Delta = -0.2, I = -0.25 to -0.15, M = 3% = 0.306. Printed 10.5: -0.55 to -0.45 against 0.315.
    """
    data = arm(7, 8, 9, 9.5, 10, 10, *[20] * 4, events=6)
    assert check_fact(fact("median", 10.2, 1, arm="drug"), [data]).verdict is Verdict.AGREES
    assert check_fact(fact("median", 12.0, 1, arm="drug"), [data]).verdict is Verdict.DIFFERS
    near = fact("median", 10.5, 1, arm="drug")
    assert check_fact(near, [data]).verdict is Verdict.DIFFERS
    assert check_fact(near, [data], pixel=0.6).verdict is Verdict.AGREES


def test_median_of_a_flat_curve() -> None:
    """S is 0.505 from 5 on and crosses a half at 14: printed 9.0 is far off, but S(9) is a half to within 0.01."""
    data = patients(time=[*[5] * 99, *[14] * 10, *[20] * 91], event=[1] * 109 + [0] * 91, arm="drug")
    check = check_fact(fact("median", 9.0, 1, arm="drug"), [data])
    assert check.verdict is Verdict.AGREES
    assert check.note == "S at the printed median 0.505 to 0.505"


def test_median_between_two_draws() -> None:
    """One draw crosses a half at the printed 10.0, the other at 20: neither rule holds of both."""
    draws = [arm(10, 10, 20, 20, 20, events=3), arm(10, 10, 10, 20, 20, events=3)]
    check = check_fact(fact("median", 10.0, 1, arm="drug"), draws)
    assert check.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("events", "verdict"), [(4, Verdict.AGREES), (5, Verdict.AGREES), (7, Verdict.DIFFERS)], ids=["0.6", "0.5", "0.3"]
)
def test_median_not_reached(events: int, verdict: Verdict) -> None:
    data = arm(*range(1, 11), events=events)
    check = check_fact(fact("median", "not reached", 0, arm="drug"), [data])
    assert check.verdict is verdict
    assert check.published is None


def test_median_not_estimable() -> None:
    check = check_fact(fact("median", "not estimable", 0, arm="drug"), [arm(1, 2, 3)])
    assert check.verdict is Verdict.NOT_CHECKABLE


def test_median_printed_but_not_reached_here() -> None:
    check = check_fact(fact("median", 5.0, 1, arm="drug"), [arm(*range(1, 11), events=2)])
    assert (check.verdict, check.obtained, check.difference) == (Verdict.DIFFERS, None, None)


def test_median_printed_as_a_bound() -> None:
    printed = fact("median", 5.0, 1, arm="drug", bound="more than")
    assert check_fact(printed, [arm(6, 7, 8, 9)]).verdict is Verdict.AGREES
    assert check_fact(printed, [arm(1, 2, 3, 9)]).verdict is Verdict.DIFFERS


@pytest.mark.parametrize(
    ("printed", "identified", "verdict"),
    [
        (10, True, Verdict.AGREES),
        (11, True, Verdict.DIFFERS),
        (11, False, Verdict.AGREES),
        (12, False, Verdict.DIFFERS),
    ],
)
def test_events(printed: int, identified: bool, verdict: Verdict) -> None:
    """Ten events: exact where identified, else to within one."""
    check = check_fact(fact("events", printed, 0, arm="drug"), [arm(*range(10))], identified=identified)
    assert check.verdict is verdict


def test_events_of_two_draws() -> None:
    """9 and 11 events against 10, which may be off by one."""
    draws = [arm(*range(12), events=9), arm(*range(12), events=11)]
    check = check_fact(fact("events", 10, 0, arm="drug"), draws)
    assert (check.verdict, check.obtained, check.difference) == (Verdict.AGREES, 10.0, 0.0)


def test_events_at_least() -> None:
    data = [arm(*range(10))]
    assert check_fact(fact("events_at_least", 8, 0, arm="drug"), data).verdict is Verdict.AGREES
    assert check_fact(fact("events_at_least", 11, 0, arm="drug"), data).verdict is Verdict.DIFFERS
    at_most = fact("events", 11, 0, arm="drug", bound="less than")
    assert check_fact(at_most, data).verdict is Verdict.AGREES


def test_restricted_mean() -> None:
    """Ten patients, events at 1, 2, 3, 4: the area to 9 is 1 + 0.9 + 0.8 + 0.7 + 5 x 0.6 = 6.4; 1% of 9 is 0.09.

    Printed 6.35: Delta = 0.05, I = 0.045 to 0.055. Printed 6.20: 0.195 to 0.205.
    """
    data = arm(1, 2, 3, 4, *[9] * 6, events=4)
    near = check_fact(fact("restricted_mean", 6.35, arm="drug", at=9), [data])
    assert (near.verdict, near.label) == (Verdict.AGREES, "restricted mean to 9, drug")
    assert near.obtained == pytest.approx(6.4)
    assert near.margin == pytest.approx(0.09)
    assert near.interval is not None
    assert near.interval.low == pytest.approx(0.045)
    assert check_fact(fact("restricted_mean", 6.2, arm="drug", at=9), [data]).verdict is Verdict.DIFFERS
    late = check_fact(fact("restricted_mean", 7.0, 1, arm="drug", at=12), [data])
    assert (late.verdict, late.note) == (Verdict.NOT_CHECKABLE, "the rebuilt data end at 9")
    with pytest.raises(ValidationError, match="from 0 to its time"):
        fact("restricted_mean", 13.0, 1, arm="drug", at=12)


@pytest.mark.parametrize(
    ("printed", "verdict"),
    [
        (fact("survival", 0.90, arm="drug", at=0.5, bound="more than"), Verdict.AGREES),
        (fact("survival", 0.50, arm="drug", at=4, bound="more than"), Verdict.AGREES),
        (fact("survival", 0.70, arm="drug", at=4, bound="more than"), Verdict.DIFFERS),
        (fact("survival", 0.70, arm="drug", at=4, bound="less than"), Verdict.AGREES),
        (fact("survival", 0.50, arm="drug", at=4, bound="less than"), Verdict.DIFFERS),
        (fact("restricted_mean", 6.0, 1, arm="drug", at=9, bound="more than"), Verdict.AGREES),
        (fact("restricted_mean", 7.0, 1, arm="drug", at=9, bound="more than"), Verdict.DIFFERS),
        (fact("restricted_mean", 7.0, 1, arm="drug", at=9, bound="less than"), Verdict.AGREES),
        (fact("events", 3, 0, arm="drug", bound="more than"), Verdict.AGREES),
        (fact("events", 3, 0, arm="drug", bound="less than"), Verdict.DIFFERS),
        (fact("median", 5.0, 1, arm="drug", bound="less than"), Verdict.DIFFERS),
    ],
    ids=lambda value: f"{value.quantity} {value.printed}" if isinstance(value, PublishedFact) else value.name,
)
def test_printed_bounds(printed: PublishedFact, verdict: Verdict) -> None:
    """Four events at 1 to 4 of ten: S(0.5) = 1, S(4) = 0.6, area to 9 is 6.4, median not reached."""
    check = check_fact(printed, [arm(1, 2, 3, 4, *[9] * 6, events=4)])
    assert (check.verdict, check.margin) == (verdict, None)


def test_a_bound_beside_a_step() -> None:
    """S falls from 0.7 to 0.6 at 4: "> 0.65" at 4.01 differs, unless a pixel takes the time before the step."""
    data = arm(1, 2, 3, 4, *[9] * 6, events=4)
    printed = fact("survival", 0.65, arm="drug", at=4.01, bound="more than")
    assert check_fact(printed, [data]).verdict is Verdict.DIFFERS
    assert check_fact(printed, [data], pixel=0.05).verdict is Verdict.CONSISTENT


@pytest.mark.parametrize(
    ("keys", "rule"),
    [
        ({"quantity": "events_at_least", "value": 5, "bound": "less than"}, "no upper bound"),
        ({"quantity": "median", "value": "not reached", "bound": "less than"}, "'bound' goes with a number"),
        ({"quantity": "median", "value": 5, "sides": 1}, "'sides' go with a p value"),
        ({"quantity": "median", "value": 5, "test": "Wald"}, "'test' goes with a p_value"),
    ],
)
def test_facts_that_say_nothing(keys: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValidationError, match=rule):
        fact(decimals=0, arm="drug", **keys)


def test_an_arm_takes_its_own_facts() -> None:
    facts = [
        fact("events", 4, 0, arm="drug"),
        fact("survival", 0.5, arm="placebo", at=4),
        fact("survival", 0.67, arm="drug", at=4),
        ratio(0.5),
        fact("context", 55, 0, arm="drug", name="median age"),
    ]
    checks = check_arm(summarize_arm(DRUG), facts, used=[facts[2]], identified=True)
    assert [(c.quantity, c.verdict) for c in checks] == [
        ("events", Verdict.AGREES),
        ("survival", Verdict.USED_AS_INPUT),
    ]
