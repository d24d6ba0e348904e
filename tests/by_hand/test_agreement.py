"""Verdicts on numbers small enough to check with a pencil: Delta, its interval I, the margin M."""

from __future__ import annotations

from math import inf, log
from typing import Any

import numpy as np
import pytest

from survrecon import margins
from survrecon.agreement import (
    Verdict,
    as_input,
    check_arm,
    check_comparison,
    check_fact,
    check_hazard_ratio,
    check_logrank,
    check_rmst,
    not_reported,
    published_log_se,
    without_verdict,
)
from survrecon.analysis.comparison import compare_arms, summarize_arm
from survrecon.errors import PublishedError
from survrecon.ipd import PseudoIPD
from survrecon.published import Because, Explained, ModelKind, PublishedFact, Quantity
from survrecon.verdicts import judge
from tests.analysis.patients import patients

Z = 1.959963984540054


def fact(quantity: str, value: Any, decimals: int = 2, **more: Any) -> PublishedFact:
    return PublishedFact.model_validate(
        {"quantity": quantity, "value": value, "decimals": decimals, "place": "text", "source": "paper", **more}
    )


def ratio(value: float, decimals: int = 2, **more: Any) -> PublishedFact:
    return fact("hazard_ratio", value, decimals, **{"of": "drug", "over": "placebo", "model": "unadjusted", **more})


def check_ratio(printed: PublishedFact, *log_hrs: float, se: float = 0.2, **more: Any) -> Any:
    errors = np.full(len(log_hrs), se)
    return check_hazard_ratio(printed, np.array(log_hrs), errors, of="drug", over="placebo", **more)


def arm(*times: float, events: int | None = None) -> PseudoIPD:
    """Patients of whom the first ``events`` have one."""
    d = len(times) if events is None else events
    return patients(time=times, event=[1] * d + [0] * (len(times) - d), arm="drug")


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((-1, 1), Verdict.AGREES),
        ((-1.01, 0), Verdict.INCONCLUSIVE),
        ((1, 2), Verdict.INCONCLUSIVE),
        ((1.01, 2), Verdict.DIFFERS),
        ((-2, -1.01), Verdict.DIFFERS),
        ((-2, 2), Verdict.INCONCLUSIVE),
        ((inf, inf), Verdict.DIFFERS),
    ],
)
def test_the_rule(interval: tuple[float, float], verdict: Verdict) -> None:
    """M is -1 to 1, ends included."""
    assert judge(*interval, margin_low=-1, margin_high=1) is verdict


def test_hazard_ratio_and_its_standard_error() -> None:
    """Printed 0.50 (0.40 to 0.62), obtained 0.51 with a standard error of 0.11 from one data set.

    Published se = ln(0.62/0.40)/3.92 = 0.11180; a quarter of it is below 0.05, so M = 0.05.
    Delta = ln(0.51/0.50) = 0.01980; I = ln(0.51/0.505) to ln(0.51/0.495) = 0.00985 to 0.02985: agrees.
    Standard errors: 0.11/0.11180 - 1 = -0.0161; rounding takes the published one from
    ln(0.615/0.405)/3.92 = 0.10656 to ln(0.625/0.395)/3.92 = 0.11706, so I = -0.0603 to 0.0323: agrees.
    """
    first, second = check_ratio(ratio(0.50, interval=[0.40, 0.62]), log(0.51), se=0.11)
    assert (first.quantity, second.quantity) == ("hazard_ratio", "hazard_ratio_se")
    assert first.verdict is second.verdict is Verdict.AGREES
    assert first.margin == 0.05
    assert first.difference == pytest.approx(log(0.51 / 0.5))
    assert first.interval.low == pytest.approx(log(0.51 / 0.505))
    assert first.interval.high == pytest.approx(log(0.51 / 0.495))
    assert second.published == pytest.approx(log(0.62 / 0.40) / (2 * Z))
    assert second.difference == pytest.approx(0.11 / second.published - 1)
    assert second.interval.low == pytest.approx(0.11 / (log(0.625 / 0.395) / (2 * Z)) - 1)
    assert second.interval.high == pytest.approx(0.11 / (log(0.615 / 0.405) / (2 * Z)) - 1)


def test_hazard_ratio_printed_the_other_way_round() -> None:
    """Printed 2.00 of placebo over drug is 0.50 of drug over placebo; its rounding 1.995 to 2.005 turns as well."""
    (check,) = check_ratio(ratio(2.0, of="placebo", over="drug"), log(0.5))
    assert check.published == pytest.approx(0.5)
    assert check.difference == pytest.approx(0.0)
    assert check.interval.low == pytest.approx(-log(2 / 1.995))
    assert check.interval.high == pytest.approx(log(2.005 / 2))
    assert check.note == "printed as 2.00 of placebo over drug"


def test_interval_over_draws() -> None:
    """200 draws of ln HR, ln 0.5 + (i - 99.5)/1000: the 5th and the 196th are 0.0955 below and above."""
    draws = log(0.5) + (np.arange(200) - 99.5) / 1000
    (check,) = check_ratio(ratio(0.5, decimals=6), *draws)
    assert check.interval.low == pytest.approx(-0.0955, abs=2e-6)
    assert check.interval.high == pytest.approx(0.0955, abs=2e-6)
    assert check.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("model", "by", "words"),
    [
        ("unadjusted", [], ""),
        ("stratified", ["centre", "stage"], "published: stratified by centre, stage"),
        ("adjusted", [], "published: adjusted for factors not named"),
        ("not stated", [], "published model not stated"),
    ],
)
def test_the_published_model_is_named(model: str, by: list[str], words: str) -> None:
    (check,) = check_ratio(ratio(0.5, model=model, model_by=by), log(0.5))
    assert check.note == words


def test_a_recorded_reason_goes_with_a_difference_alone() -> None:
    reason = Explained(
        quantity=Quantity.HAZARD_RATIO, because=Because.MODEL, evidence="the paper's model is stratified by centre"
    )
    (differs,) = check_ratio(ratio(0.5), log(0.8), explanations=[reason])
    (agrees,) = check_ratio(ratio(0.5), log(0.5), explanations=[reason])
    assert (differs.verdict, differs.explanation) == (Verdict.DIFFERS, reason)
    assert (agrees.verdict, agrees.explanation) == (Verdict.AGREES, None)


def test_hazard_ratio_without_an_answer() -> None:
    (check,) = check_ratio(ratio(0.5), np.nan)
    assert check.verdict is Verdict.NOT_CHECKABLE
    with pytest.raises(PublishedError, match="a hazard ratio of drug and placebo"):
        check_ratio(ratio(0.5, over="other"), 0.0)
    assert published_log_se(ratio(0.5)) is None
    assert published_log_se(ratio(0.5, interval=[0.2, "not reached"])) is None


@pytest.mark.parametrize(
    ("z", "verdict"),
    [
        ((-2.17,), Verdict.AGREES),
        ((-2.40,), Verdict.INCONCLUSIVE),
        ((-2.60,), Verdict.DIFFERS),
        ((2.17,), Verdict.DIFFERS),
    ],
)
def test_printed_p(z: tuple[float, ...], verdict: Verdict) -> None:
    """p = 0.03 is |z| = 2.170; 0.035 to 0.025 is 2.108 to 2.241; the effect is printed below 1, so z < 0.

    I is z + 2.108 to z + 2.241 and M 0.25: -2.40 gives -0.292 to -0.159, -2.60 gives -0.492 to -0.359.
    """
    check = check_logrank(fact("logrank_p", 0.03, model="not stated"), np.array(z), direction=-1)
    assert check.verdict is verdict
    assert check.published == pytest.approx(-2.1701, abs=1e-4)
    assert check.label == "log-rank z, p = 0.03"


@pytest.mark.parametrize(
    ("bound", "z", "verdict"),
    [
        ("less than", [-3.4, -3.5], Verdict.AGREES),
        ("less than", [-3.2, -3.5], Verdict.INCONCLUSIVE),
        ("less than", [-3.1, -3.2], Verdict.DIFFERS),
        ("less than", [3.4, 3.5], Verdict.DIFFERS),
        ("more than", [-3.1, -3.2], Verdict.AGREES),
        ("more than", [-3.4, -3.5], Verdict.DIFFERS),
    ],
)
def test_printed_bound_of_p(bound: str, z: list[float], verdict: Verdict) -> None:
    """p < 0.001 is z beyond -3.2905 where the printed effect is below 1."""
    printed = fact("logrank_p", 0.001, 3, bound=bound, model="unadjusted")
    check = check_logrank(printed, np.array(z), direction=-1)
    assert check.verdict is verdict
    assert check.margin is None


def test_p_without_a_direction() -> None:
    printed = fact("logrank_p", 0.03, model="unadjusted")
    check = check_logrank(printed, np.array([2.17]))
    assert (check.verdict, check.note) == (Verdict.AGREES, "direction not printed, that of the rebuilt data taken")
    assert check_logrank(printed, np.array([np.nan])).verdict is Verdict.NOT_CHECKABLE


def test_p_rounded_to_nothing() -> None:
    """p = 0.00 may be anything below 0.005, so z has no outer end."""
    check = check_logrank(fact("logrank_p", 0.0, model="unadjusted"), np.array([-4.0]), direction=-1)
    assert check.verdict is Verdict.INCONCLUSIVE


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
    """1% of tau = 36 is 0.36: 20.3 against 20.0 agrees, 20.5 differs."""
    assert (
        check_rmst("restricted mean", np.array([20.3]), published=20.0, rounding=0.05, tau=36).verdict is Verdict.AGREES
    )
    check = check_rmst("restricted mean", np.array([20.5]), published=20.0, rounding=0.05, tau=36, note="to 36")
    assert (check.verdict, check.note) == (Verdict.DIFFERS, "to 36")


def test_margins() -> None:
    assert [margins.hazard_ratio_margin(se) for se in (None, 0.3, 1.0)] == [0.05, 0.075, 0.10]
    assert [margins.events_margin(d) for d in (10, 200)] == [1, 4]
    assert margins.median_margin(10, pixel=0.5) == 0.5


def test_rows_without_a_comparison() -> None:
    printed = fact("survival", 0.6, arm="drug", at=4)
    row = without_verdict(printed, Verdict.NOT_BUILDABLE, "no survival is printed")
    assert (row.published, row.obtained, row.label) == (0.6, None, "survival at 4, drug")
    assert not_reported("hazard_ratio", "hazard ratio", 0.7).verdict is Verdict.NOT_REPORTED
    used = as_input(check_fact(printed, [arm(1, 2, 3, 9, 9)]))
    assert used.verdict is Verdict.USED_AS_INPUT
    assert used.obtained == pytest.approx(0.4)
    with pytest.raises(PublishedError, match="use check_comparison"):
        check_fact(ratio(0.5), [arm(1)])


CONTROL = patients(time=[2, 4, 6, 3, 8, 9], event=[1, 0, 0, 1, 1, 1], arm="placebo")
DRUG = patients(time=[1, 3, 5, 7, 10, 12], event=[1, 1, 0, 1, 0, 1], arm="drug")


def test_a_comparison_takes_its_own_facts_ratios_first() -> None:
    """The p value comes after the ratio, which gives it its direction and, from printed events, its margin.

    4 and 4 events: se = sqrt(1/4 + 1/4) = 0.707, a quarter is 0.177, so M = 0.10.
    """
    facts = [
        fact("logrank_p", 0.5, 1, model="not stated"),
        ratio(0.6),
        ratio(0.7, of="other"),
        fact("events", 4, 0, arm="drug"),
        fact("events", 4, 0, arm="placebo"),
    ]
    comparison = compare_arms(control=CONTROL, treatment=DRUG)
    checks = check_comparison(comparison, facts)
    assert [c.quantity for c in checks] == ["hazard_ratio", "logrank_z"]
    assert checks[0].margin == 0.10
    assert checks[0].obtained == pytest.approx(comparison.hazard_ratio.value)
    assert checks[1].published is not None
    assert checks[1].published < 0
    used = check_comparison(comparison, facts, used=[facts[1]])
    assert [c.verdict is Verdict.USED_AS_INPUT for c in used] == [True, False]


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


def test_model_kinds_are_all_named() -> None:
    """A new kind needs words beside its verdict."""
    assert set(ModelKind) == {"unadjusted", "stratified", "adjusted", "not stated"}
