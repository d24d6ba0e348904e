"""Printed hazard ratios and p values against a rebuilt contrast: Delta, its interval I, the margin M."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
import pytest

from survrecon.agreement import Verdict, check_comparison, check_hazard_ratio, check_logrank, published_log_se
from survrecon.analysis.comparison import compare_arms
from survrecon.errors import PublishedError
from survrecon.published import Because, Explained, ModelKind, PublishedFact, Quantity
from tests.analysis.patients import patients
from tests.by_hand.facts import fact, ratio

Z = 1.959963984540054
CONTROL = patients(time=[2, 4, 6, 3, 8, 9], event=[1, 0, 0, 1, 1, 1], arm="placebo")
DRUG = patients(time=[1, 3, 5, 7, 10, 12], event=[1, 1, 0, 1, 0, 1], arm="drug")


def check_ratio(printed: PublishedFact, *log_hrs: float, se: float = 0.2, **more: Any) -> Any:
    errors = np.full(len(log_hrs), se)
    return check_hazard_ratio(printed, np.array(log_hrs), errors, of="drug", over="placebo", **more)


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


def test_model_kinds_are_all_named() -> None:
    """A new kind needs words beside its verdict."""
    assert set(ModelKind) == {"unadjusted", "stratified", "adjusted", "not stated"}
