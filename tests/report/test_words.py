"""Checks, follow-up and context facts as rows of words; the strip beside a check."""

from __future__ import annotations

from dataclasses import replace
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from survrecon.checks.agreement import check_hazard_ratio, check_logrank
from survrecon.checks.results import Agreement, Verdict
from survrecon.model.document import FollowUp
from survrecon.model.estimate import Interval
from survrecon.model.published import PublishedFact
from survrecon.report.content.checklist import context_words, follow_up_pairs
from survrecon.report.content.checks import check_rows
from survrecon.report.json import assumptions
from survrecon.report.page import strip
from survrecon.report.settings import STRIP
from tests.by_hand.facts import fact, ratio

if TYPE_CHECKING:
    from survrecon.checks.results import RecordResult
    from tests.report.conftest import MakeResult


def test_a_strip_shows_margin_and_interval() -> None:
    def check(difference: float | None, low: float | None, high: float | None) -> Agreement:
        return Agreement(
            quantity="survival",
            label="",
            fact=fact("survival", 0.5, 1, arm="drug", at=12),
            published=0.5,
            obtained=0.5,
            difference=difference,
            interval=Interval(low=low, high=high),
            margin=0.01,
            verdict=Verdict.AGREES,
        )

    drawn = strip(check(0.0, -0.005, 0.005))
    assert drawn is not None
    assert drawn.middle == drawn.point == STRIP.width / 2
    assert drawn.zone[0] < drawn.bar[0] < drawn.middle < drawn.bar[0] + drawn.bar[1] < drawn.zone[0] + drawn.zone[1]
    far = strip(check(5.0, 4.0, None))
    assert far is not None
    assert (far.zone, far.middle) == (drawn.zone, drawn.middle), "one scale and one zero"
    assert far.point < STRIP.width  # cut at the edge
    assert strip(check(None, None, None)) is None


def test_a_ratio_printed_the_other_way_round_is_shown_as_compared(result: RecordResult) -> None:
    printed = ratio(2.0, of="placebo", over="drug")
    check = Agreement(
        quantity="hazard_ratio",
        label=printed.label,
        fact=printed,
        published=0.5,
        obtained=0.57,
        difference=float(np.log(0.57 / 0.5)),
        interval=Interval(low=0.1, high=0.2),
        margin=0.1,
        verdict=Verdict.DIFFERS,
        turned=True,
    )
    (row,) = check_rows(replace(result, checks=(check,)))
    assert (row.paper, row.rebuilt) == ("0.500", "0.570")
    assert row.reconstruction == "0.553 to 0.611"  # 0.5 exp(0.1) to 0.5 exp(0.2)
    assert row.confidence == "0.340 to 0.950"


@pytest.mark.parametrize(
    ("keys", "paper"),
    [
        ({"value": 50.0, "interval": [0.0, 60.0]}, "0.020 (0.017 to NR)"),
        ({"value": 1.1, "interval": [0.9, 1.3]}, "0.909 (0.769 to 1.111)"),
        ({"value": 2.0, "interval": {"low": 1.6, "high": 2.5, "level": 0.9}}, "0.500 (90% CI 0.400 to 0.625)"),
        ({"value": 2.0, "bound": "more than"}, "<0.500"),
    ],
    ids=["limit of 0", "near 1", "level", "bound"],
)
def test_a_ratio_that_was_turned_round(result: RecordResult, keys: dict[str, Any], paper: str) -> None:
    """The check says that it was; a lower limit printed as 0.0 turns into none."""
    printed = ratio(decimals=1, of="placebo", over="drug", **keys)
    checks = check_hazard_ratio(printed, np.array([-0.7]), np.array([0.2]), of="drug", over="placebo")
    row = check_rows(replace(result, checks=checks[:1]))[0]
    assert row.paper == paper


@pytest.mark.parametrize(("obtained", "turned"), [(1.2, False), (0.4, True)])
def test_no_ratio_near_one_is_taken_for_its_reciprocal(result: RecordResult, *, obtained: float, turned: bool) -> None:
    """1.00 is its own reciprocal: which way round it was compared is not to be guessed from the number."""
    of, over = ("placebo", "drug") if turned else ("drug", "placebo")
    printed = ratio(1.0, 2, of=of, over=over, interval=[0.5, 1.8])
    checks = check_hazard_ratio(printed, np.log([obtained]), np.array([0.2]), of="drug", over="placebo")
    row = check_rows(replace(result, checks=checks[:1]))[0]
    assert row.paper == ("1.000 (0.556 to 2.000)" if turned else "1.00 (0.50 to 1.80)")


@pytest.mark.parametrize(
    ("keys", "paper", "rebuilt"),
    [
        ({"value": 0.03}, "p = 0.03", "z = -2.17, p 0.030"),
        ({"value": 0.03, "sides": 1}, "p = 0.03 (one-sided)", "z = -2.17, p 0.015 (one-sided)"),
        ({"value": 0.97, "sides": 1}, "p = 0.97 (one-sided)", "z = -2.17, p 0.98 (one-sided)"),
        ({"value": 0.05, "bound": "less than"}, "p <0.05", "z = -2.17, p 0.030"),
    ],
)
def test_a_p_has_the_sides_that_are_printed(
    result: RecordResult, keys: dict[str, Any], paper: str, rebuilt: str
) -> None:
    printed = fact("logrank_p", decimals=2, model="unadjusted", **keys)
    check = check_logrank(printed, np.array([-2.17]), direction=-1)
    (row,) = check_rows(replace(result, checks=(check,)))
    assert (row.paper, row.rebuilt) == (paper, rebuilt)


def test_a_median_not_reached_keeps_its_lower_end(result: RecordResult) -> None:
    median = next(check for check in result.checks if check.published == 18.0)
    open_end = replace(median, obtained=None, difference=None, interval=Interval(low=-1.0, high=None))
    (row,) = check_rows(replace(result, checks=(open_end,)))
    assert (row.rebuilt, row.reconstruction) == ("not reached", "17.0 to NR")


def test_a_standard_error_is_compared_as_a_ratio(result: RecordResult) -> None:
    check = replace(
        result.checks[0],
        quantity="hazard_ratio_se",
        published=0.25,
        obtained=0.26,
        difference=0.26 / 0.25 - 1,
        interval=Interval(low=0.0, high=0.1),
    )
    (row,) = check_rows(replace(result, checks=(check,)))
    assert (row.paper, row.rebuilt, row.reconstruction) == ("0.250", "0.260", "0.250 to 0.275")


def test_follow_up_says_what_is_printed_and_what_assumed(result: RecordResult) -> None:
    reason = "no source at hand prints the recruitment window"
    follow_up = FollowUp.model_validate(
        {
            "median": 30,
            "method": "reverse Kaplan-Meier",
            "shortest": 12,
            "assumed": {"shortest": [10, 14], "longest": [40, 44], "reason": reason},
            "source": "DOE",
            "note": "printed twice",
        }
    )
    document = result.record.document.model_copy(update={"follow_up": follow_up})
    changed = replace(result, record=replace(result.record, document=document))
    words = dict(follow_up_pairs(changed))
    assert words["recruitment"] == "not printed"
    assert words["median follow-up"] == "30 months; method: reverse Kaplan-Meier"
    assert words["printed range"] == "12 to not printed months"
    assert words["assumed, not printed"] == f"shortest 10 to 14, longest 40 to 44 months: {reason}"
    assert (words["source"], words["note"]) == ("DOE", "printed twice")
    assert f"follow-up: {reason}" in assumptions(changed)


def test_context_facts_keep_unit_and_denominator() -> None:
    base = {"quantity": "context", "decimals": 0, "place": "p. 2", "source": "DOE"}
    count = PublishedFact.model_validate(base | {"name": "treated", "value": 5, "out_of": 60, "unit": "patients"})
    median = PublishedFact.model_validate(base | {"name": "age", "value": 61, "spread": [30, 80], "also": ["ROE"]})
    assert context_words(count) == ("treated", "5 of 60 patients", "p. 2 (DOE)")
    assert context_words(median) == ("age", "61 (range 30 to 80)", "p. 2 (DOE, ROE)")


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.AGREES, "all within the margin of the paper's 0.50"),
        (Verdict.CONSISTENT, "the paper's 0.50 among them"),
        (Verdict.INCONCLUSIVE, "the paper's 0.50 among them: too wide to say"),
        (Verdict.DOUBTFUL, "not the paper's 0.50"),
        (Verdict.DIFFERS, "all further from the paper's 0.50 than the margin"),
        (Verdict.ANOTHER_ESTIMAND, ""),
    ],
)
def test_one_sentence_says_how_far_and_how_closely(make_result: MakeResult, verdict: Verdict, words: str) -> None:
    """0.52 is 0.0392 above 0.50 on the log scale; I = -0.1 to 0.15 there is 0.452 to 0.581."""
    by_hand = make_result()
    check = replace(
        by_hand.checks[0],
        fact=by_hand.checks[0].fact.model_copy(update={"value": 0.5, "decimals": 2, "interval": None}),
        obtained=0.52,
        published=0.50,
        difference=log(0.52 / 0.50),
        interval=Interval(low=-0.1, high=0.15),
        margin=0.05,
        turned=False,
        verdict=verdict,
    )
    row = check_rows(replace(by_hand, checks=(check,)))[0]
    assert row.sentence == (f"0.520; the printed numbers allow 0.452 to 0.581, {words}" if words else "")
