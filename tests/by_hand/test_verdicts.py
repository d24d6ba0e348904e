"""The rule of verdicts, the margins, and rows that are no comparison."""

from __future__ import annotations

from math import inf

import pytest

from survrecon.checks.agreement import check_fact
from survrecon.checks.results import Verdict, as_input, judge, without_verdict
from survrecon.errors import PublishedError
from survrecon.model.settings import MARGINS
from tests.by_hand.facts import arm, fact, ratio


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
