"""Printed hazard ratios and p values against a rebuilt contrast: Delta, its interval I, the margin M."""

from __future__ import annotations

from dataclasses import replace
from math import log
from typing import Any

import numpy as np
import pytest

from survrecon.analysis.comparison import compare_arms
from survrecon.checks.agreement import (
    check_comparison,
    check_comparisons,
    check_hazard_ratio,
    check_logrank,
    check_p,
    published_log_se,
)
from survrecon.checks.contrasts import se_from_p
from survrecon.checks.results import Verdict
from survrecon.errors import PublishedError
from survrecon.model.published import Because, Explained, ModelKind, PublishedFact, Quantity
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
    assert check.verdict is Verdict.CONSISTENT


def test_an_interval_is_widened_to_its_measured_coverage() -> None:
    """The same draws: the lower middle one is 0.0005 below ln 0.5, its limits 0.095 below and 0.096 above it.

    Widened by a half: 0.143 below ln 0.5 and 0.1435 above.
    """
    draws = log(0.5) + (np.arange(200) - 99.5) / 1000
    errors = np.full(200, 0.2)
    check, *_ = check_hazard_ratio(ratio(0.5, decimals=6), draws, errors, of="drug", over="placebo", widening=1.5)
    assert check.interval is not None
    assert (check.interval.low, check.interval.high) == pytest.approx((-0.143, 0.1435), abs=2e-6)


def test_a_stratified_ratio_has_the_margin_of_another_model() -> None:
    """Printed 0.50 (0.28 to 0.90): SE = ln(0.90/0.28)/3.92 = 0.298; M = 0.0745, and 0.6 SE = 0.179.

    Rebuilt 0.58 is 0.148 above: inside the second alone. Of another estimand there is no verdict at all.
    """
    margins = {}
    for model in ("unadjusted", "stratified", "not stated", "adjusted", "switching-adjusted"):
        check, *_ = check_ratio(ratio(0.5, model=model, interval=[0.28, 0.90]), log(0.58))
        margins[model] = (str(check.verdict), None if check.margin is None else round(check.margin, 3))
    assert margins == {
        "unadjusted": ("differs", 0.074),
        "stratified": ("agrees", 0.179),
        "not stated": ("agrees", 0.179),
        "adjusted": ("another estimand", None),
        "switching-adjusted": ("another estimand", None),
    }


@pytest.mark.parametrize(
    ("value", "p", "se"),
    [
        (1.25, 0.29, 0.211),  # ln 1.25 = 0.2231, z = 1.058
        (1.06, 0.70, 0.151),  # 0.0583 over 0.3853
        (1.01, 0.90, None),  # 1.005 to 1.015 leaves ln HR between 0.005 and 0.015
    ],
)
def test_a_ratio_without_an_interval_has_the_standard_error_of_its_p(value: float, p: float, se: float | None) -> None:
    found = se_from_p(ratio(value), fact("logrank_p", p, model="not stated"))
    assert found == (None if se is None else pytest.approx(se, abs=5e-4))


def test_where_a_standard_error_comes_from_is_said() -> None:
    """4 and 4 events give sqrt(1/4 + 1/4) = 0.707, which comes before the p."""
    comparison = compare_arms(control=CONTROL, treatment=DRUG)
    events = [fact("events", 4, 0, arm=arm) for arm in ("drug", "placebo")]
    p = fact("logrank_p", 0.02, model="unadjusted")
    notes = [check_comparison(comparison, [ratio(0.5), p, *more])[0].note for more in (events, [])]
    assert notes == ["SE 0.707 from the printed events", "SE 0.298 from the printed p"]


@pytest.mark.parametrize(
    ("model", "by", "words"),
    [
        ("unadjusted", [], ""),
        ("stratified", ["centre", "stage"], "the model differs; published: stratified by centre, stage"),
        ("adjusted", [], "published: adjusted for factors not named"),
        ("not stated", [], "the model may differ; published model not stated"),
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
    (turned,) = check_ratio(ratio(2.5, 1, of="placebo", over="drug"), np.nan)
    assert (turned.verdict, turned.published, turned.turned) == (Verdict.NOT_CHECKABLE, pytest.approx(0.4), True)
    with pytest.raises(PublishedError, match="a hazard ratio of drug and placebo"):
        check_ratio(ratio(0.5, over="other"), 0.0)
    assert published_log_se(ratio(0.5)) is None
    assert published_log_se(ratio(0.5, interval=[0.2, "not reached"])) is None


@pytest.mark.parametrize(
    ("z", "verdict"),
    [
        ((-2.17,), Verdict.AGREES),
        ((-2.40,), Verdict.DOUBTFUL),
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
        ("less than", [-3.2, -3.5], Verdict.CONSISTENT),
        ("less than", [-2.7, -3.5], Verdict.INCONCLUSIVE),
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


@pytest.mark.parametrize(
    ("bound", "turned", "log_hr", "verdict"),
    [
        ("less than", False, log(0.3), Verdict.AGREES),
        ("less than", False, log(0.6), Verdict.DIFFERS),
        ("more than", False, log(0.6), Verdict.AGREES),
        ("more than", False, log(0.3), Verdict.DIFFERS),
        ("less than", True, log(3.0), Verdict.AGREES),
        ("less than", True, log(1.9), Verdict.DIFFERS),
        ("more than", True, log(1.9), Verdict.AGREES),
    ],
)
def test_printed_bound_of_a_hazard_ratio(*, bound: str, turned: bool, log_hr: float, verdict: Verdict) -> None:
    """ "< 0.5" of drug over placebo holds for 0.3 and not for 0.6; of placebo over drug it says above 2."""
    arms = {"of": "placebo", "over": "drug"} if turned else {}
    (check,) = check_ratio(ratio(0.5, 1, bound=bound, **arms), log_hr)
    assert (check.verdict, check.margin, check.turned) == (verdict, None, turned)
    assert check.published == pytest.approx(2.0 if turned else 0.5)


def test_draws_on_both_sides_of_a_bound() -> None:
    """ln(0.55/0.5) = 0.095 beyond the bound is inside W = 0.20, ln(0.65/0.5) = 0.262 is not."""
    found = [check_ratio(ratio(0.5, 1, bound="less than"), log(0.45), log(high))[0].verdict for high in (0.55, 0.65)]
    assert found == [Verdict.CONSISTENT, Verdict.INCONCLUSIVE]


def test_p_above_a_bound_is_no_large_z_of_the_other_side() -> None:
    """p > 0.05 is |z| below 1.96: z = 5 against the printed direction has p < 0.000001."""
    printed = fact("logrank_p", 0.05, bound="more than", model="unadjusted")
    found = {z: check_logrank(printed, np.array([z]), direction=-1).verdict for z in (-1.9, 1.9, 5.0, -2.0)}
    assert found == {-1.9: Verdict.AGREES, 1.9: Verdict.AGREES, 5.0: Verdict.DIFFERS, -2.0: Verdict.DIFFERS}


@pytest.mark.parametrize(
    ("p", "more", "z", "published", "verdict"),
    [
        (0.0012, {}, -3.04, -3.0357, Verdict.AGREES),
        (0.0012, {}, -3.34, -3.0357, Verdict.DIFFERS),
        (0.9700, {}, -1.88, -1.8808, Verdict.AGREES),
        (0.0010, {"bound": "less than"}, -3.10, -3.0902, Verdict.AGREES),
        (0.0010, {"bound": "less than"}, -3.05, -3.0902, Verdict.DIFFERS),
        (0.6000, {"bound": "more than"}, -0.30, -0.2533, Verdict.AGREES),
    ],
)
def test_one_sided_p(p: float, more: dict[str, Any], z: float, published: float, verdict: Verdict) -> None:
    """0.0012 one-sided is z = -3.036 where the printed effect is below 1; two-sided it would be -3.239.

    Above a half the effect is against the alternative: 0.97 is 1.881 on the effect's side.
    """
    printed = fact("logrank_p", p, 4, sides=1, model="unadjusted", **more)
    check = check_logrank(printed, np.array([z]), direction=-1)
    assert check.published == pytest.approx(published, abs=1e-4)
    assert check.verdict is verdict
    assert check.label.endswith("(one-sided)")


def test_a_bound_of_a_one_sided_p_that_either_direction_meets() -> None:
    """One-sided p > 0.05 holds for a small effect, and for any effect against the alternative."""
    check = check_logrank(fact("logrank_p", 0.05, bound="more than", sides=1, model="unadjusted"), np.array([-1.0]))
    assert check.verdict is Verdict.NOT_CHECKABLE
    assert check.note == "a bound of a one-sided p that either direction meets"


@pytest.mark.parametrize(
    ("test", "note"),
    [
        (None, "test not named"),
        ("Cox", "which test of Cox's model is not named: Wald's, score or likelihood ratio"),
        ("Wilcoxon", "test not computed: Wilcoxon"),
        ("other", "test not computed: other"),
    ],
)
def test_p_of_no_named_test(test: str | None, note: str) -> None:
    printed = fact("p_value", 0.03, test=test, model="not stated")
    check = check_p(printed, logrank_z=np.array([-2.17]), wald_z=np.array([-2.17]), direction=-1)
    assert (check.verdict, check.note) == (Verdict.NOT_CHECKABLE, note)


def test_p_of_walds_test() -> None:
    """ln HR over its standard error, -0.434/0.2 = -2.17, not the log-rank z."""
    printed = fact("p_value", 0.03, test="Wald", model="unadjusted")
    check = check_p(printed, logrank_z=np.array([0.0]), wald_z=np.array([-2.17]), direction=-1)
    assert (check.verdict, check.quantity, check.label) == (Verdict.AGREES, "wald_z", "Wald z, p = 0.03")
    with pytest.raises(PublishedError, match="use check_p"):
        check_logrank(printed, np.array([-2.17]))


def test_the_level_of_an_interval_gives_its_standard_error() -> None:
    """ln(0.76/0.40) = 0.6419 is 2 x 1.645 standard errors at 90%, 2 x 1.960 at 95%."""
    printed = ratio(0.55, interval={"low": 0.40, "high": 0.76, "level": 0.9})
    found = published_log_se(printed)
    assert found is not None
    assert found[0] == pytest.approx(0.6419 / (2 * 1.6449), abs=1e-4)


def test_a_bound_tells_the_direction_of_p() -> None:
    """HR < 0.5: the effect is below 1, so p = 0.03 is z = -2.17; HR < 1.2 tells nothing."""
    comparison = compare_arms(control=CONTROL, treatment=DRUG)
    for value, sign in ((0.5, -1), (1.2, 1 if comparison.z[0] >= 0 else -1)):
        p = check_comparison(
            comparison, [ratio(value, bound="less than"), fact("logrank_p", 0.03, model="not stated")]
        )[-1]
        assert p.published == pytest.approx(sign * 2.1701, abs=1e-4)


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


def test_a_p_that_names_no_arms_is_of_no_pair_of_three() -> None:
    """With one comparison it is of that; with two it was judged against both."""
    other = replace(compare_arms(control=CONTROL, treatment=DRUG), of="other")
    both = (compare_arms(control=CONTROL, treatment=DRUG), other)
    p, named = (
        fact("logrank_p", 0.5, 1, model="not stated", **arms) for arms in ({}, {"of": "drug", "over": "placebo"})
    )
    assert [c.quantity for c in check_comparisons(both[:1], [p, named])] == ["logrank_z", "logrank_z"]
    judged, open_ = check_comparisons(both, [p, named])
    assert (judged.quantity, judged.fact) == ("logrank_z", named)
    assert (open_.verdict, open_.note) == (Verdict.NOT_CHECKABLE, "it does not say of which two arms")


def test_model_kinds_are_all_named() -> None:
    """A new kind needs words beside its verdict."""
    others = {"weighted", "cause-specific", "subdistribution", "switching-adjusted"}
    assert set(ModelKind) == {"unadjusted", "stratified", "adjusted", "not stated"} | others
