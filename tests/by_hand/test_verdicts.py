"""The rule of verdicts, the margins, and rows that are no comparison."""

from __future__ import annotations

from math import inf

import pytest

from survrecon.checks.agreement import check_fact
from survrecon.checks.results import Verdict, as_input, judge, without_verdict
from survrecon.checks.settings import MEASURED_COVERAGE
from survrecon.errors import PublishedError
from survrecon.model.published import ModelKind, RatioClass
from survrecon.model.settings import MARGINS
from survrecon.records.schema import SourceKind
from tests.by_hand.facts import arm, fact, ratio


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((-1, 1), Verdict.AGREES),
        ((-1.01, 0), Verdict.CONSISTENT),
        ((-2, 2), Verdict.CONSISTENT),
        ((-2.01, 0), Verdict.INCONCLUSIVE),
        ((0.01, 1.01), Verdict.DOUBTFUL),
        ((1, 2), Verdict.DOUBTFUL),
        ((1.01, 2), Verdict.DIFFERS),
        ((-2, -1.01), Verdict.DIFFERS),
        ((-inf, inf), Verdict.INCONCLUSIVE),
        ((inf, inf), Verdict.DIFFERS),
    ],
)
def test_the_rule(interval: tuple[float, float], verdict: Verdict) -> None:
    """M is -1 to 1 and W is -2 to 2, ends included; the first rule that holds decides."""
    assert judge(*interval, margin=(-1, 1), wide=2) is verdict


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((-9, 0), Verdict.AGREES),
        ((-9, 2), Verdict.CONSISTENT),
        ((-9, 3), Verdict.INCONCLUSIVE),
        ((1, 2), Verdict.DIFFERS),
    ],
)
def test_the_rule_of_bounds(interval: tuple[float, float], verdict: Verdict) -> None:
    """A bound holds from minus infinity to 0, and W reaches 2 beyond; none of it is excluded but all."""
    assert judge(*interval, margin=(-inf, 0), wide=2, printed=(-inf, 0)) is verdict


@pytest.mark.parametrize("kind", list(SourceKind))
def test_intervals_are_widened_to_their_measured_coverage(kind: SourceKind) -> None:
    """An interval that held the truth in 92.5% is too short by 1.960/1.780; one that held it in 95% is not."""
    factor = MEASURED_COVERAGE.widening(kind)
    assert factor >= 1
    if kind is SourceKind.TRACED:
        assert factor == pytest.approx(1.960 / 1.780, abs=1e-3)


def test_classes_of_ratios() -> None:
    """Every model is of one class, and its words tell it."""
    found = {model.value: model.ratio_class for model in ModelKind}
    assert [name for name, one in found.items() if one is RatioClass.UNADJUSTED] == ["unadjusted"]
    assert [name for name, one in found.items() if one is RatioClass.OTHER_MODEL] == ["stratified", "not stated"]
    assert len({one.words for one in RatioClass}) == len(RatioClass)


def test_margins() -> None:
    assert [MARGINS.log_hazard_ratio.of(se) for se in (0.0, 0.3, 1.0)] == [0.05, 0.075, 0.10]
    assert [MARGINS.events.of(d) for d in (10, 200)] == [1, 4]
    assert MARGINS.median.of(10) == 0.3


def test_rows_without_a_comparison() -> None:
    printed = fact("survival", 0.6, arm="drug", at=4)
    row = without_verdict(printed, Verdict.NOT_BUILDABLE, "no survival is printed")
    assert (row.published, row.obtained, row.label) == (0.6, None, "survival at 4, drug")
    used = as_input(check_fact(printed, [arm(1, 2, 3, 9, 9)]))
    assert used.verdict is Verdict.USED_AS_INPUT
    assert used.obtained == pytest.approx(0.4)
    with pytest.raises(PublishedError, match="use check_comparison"):
        check_fact(ratio(0.5), [arm(1)])
