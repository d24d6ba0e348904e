"""Of which arm over which a printed ratio is: assumed, settled by numbers of single arms, or not established."""

from __future__ import annotations

from dataclasses import replace
from math import log
from typing import Any

import numpy as np
import pytest

from survrecon.analysis.comparison import compare_arms
from survrecon.checks.agreement import check_arm, check_comparison, check_hazard_ratio
from survrecon.checks.direction import (
    noting_exchanged,
    row_rules_out,
    speaks_of_exchanged_arms,
    with_settled_directions,
)
from survrecon.checks.results import Verdict
from survrecon.digitizing.result import PrintedStatistic
from survrecon.digitizing.words.printed import statistics_in
from survrecon.model.published import DirectionSource, PublishedFact, printed_direction
from survrecon.records.schema import Arm, ArmRole, ControlSource, RecordDocument
from survrecon.running.facts import control_as_read, direction_doubts, printed_facts
from survrecon.weighting.constraints import not_usable
from tests.analysis.patients import patients
from tests.build import curve, table
from tests.by_hand.facts import fact, ratio

OPEN = DirectionSource.NOT_ESTABLISHED
# medians 5 and 11; the hazard of drug is lower
SHORT = patients(time=[1, 2, 3, 4, 5, 6, 7, 8, 9], event=[1] * 9, arm="placebo")
LONG = patients(time=[3, 5, 7, 9, 11, 13, 15, 17, 19], event=[1] * 9, arm="drug")
BETTER = compare_arms(control=SHORT, treatment=LONG)
REBUILT = BETTER.hazard_ratio.value or 0.0


def checked(printed: PublishedFact, *log_hrs: float) -> Any:
    draws = np.array(log_hrs)
    return check_hazard_ratio(printed, draws, np.full(draws.size, 0.2), of="drug", over="placebo")


def medians(placebo: float, drug: float) -> list[PublishedFact]:
    return [fact("median", value, 0, arm=arm) for arm, value in (("placebo", placebo), ("drug", drug))]


def printed(value: float, **keys: Any) -> PublishedFact:
    return ratio(round(value, 3), decimals=3, **keys)


def test_without_a_direction_both_ratios_are_shown_and_none_is_judged() -> None:
    """Rebuilt 0.5 of drug over placebo, 2 the other way; printed 0.50 fits one of them, and says nothing of which."""
    (check,) = checked(ratio(0.5, interval=[0.4, 0.62], direction=OPEN), log(0.5))
    assert (check.verdict, check.published, check.obtained) == (Verdict.DIRECTION_NOT_ESTABLISHED, 0.5, 0.5)
    assert check.note == "rebuilt 0.500 of drug over placebo, 2.000 of placebo over drug"
    assert printed_direction(check.fact) == 0
    assert check.fact.label == "hazard ratio, drug and placebo, direction not established"
    assert "direction is not established" in (not_usable(check.fact) or "")
    assert not_usable(ratio(0.5, model="weighted")) is not None


def test_a_ratio_whose_inverse_fits_says_that_arms_may_be_swapped() -> None:
    """Printed 0.50 of drug over placebo by the arms' names; rebuilt 2.0."""
    first, _ = checked(ratio(0.5, interval=[0.4, 0.62], direction=DirectionSource.NAMES), log(2.0))
    assert first.verdict is Verdict.DIFFERS
    (doubt,) = direction_doubts([first])
    assert (doubt.field, doubt.arm, doubt.options[0]) == ("direction", "drug", "control")
    assert doubt.why == "arms may be swapped, or the ratio is of control over treatment"


def test_a_ratio_that_differs_either_way_says_nothing_of_swapped_arms() -> None:
    first, _ = checked(ratio(0.5, interval=[0.4, 0.62], direction=DirectionSource.NAMES), log(0.8))
    assert first.verdict is Verdict.DIFFERS
    assert direction_doubts([first]) == ()


def test_agreement_in_either_direction_is_none_where_names_alone_tell_it() -> None:
    """0.99 and 1/0.99 are within the margin of 0.05 of a rebuilt 1.00."""
    by_names, by_words = (checked(ratio(0.99, direction=how), log(1.0))[0] for how in (DirectionSource.NAMES, None))
    assert by_names.verdict is Verdict.DIRECTION_NOT_ESTABLISHED
    assert by_words.verdict is Verdict.AGREES


@pytest.mark.parametrize("model", ["adjusted", "weighted", "cause-specific", "subdistribution"])
def test_a_ratio_of_another_estimand_has_no_verdict(model: str) -> None:
    (check,) = checked(ratio(0.5, interval=[0.4, 0.62], model=model), log(0.5))
    assert (check.verdict, check.obtained, check.margin) == (Verdict.ANOTHER_ESTIMAND, 0.5, None)


def test_medians_tell_the_arms_apart_and_the_fit_then_chooses() -> None:
    """Medians 5 and 11 hold as named and not exchanged: then the inverse of what fits is no longer possible."""
    for value, of in ((REBUILT, "drug"), (1 / REBUILT, "placebo")):
        facts = [printed(value, direction=OPEN), *medians(5, 11)]
        (settled, *_) = with_settled_directions(facts, [BETTER])
        assert (settled.of, settled.direction) == (of, DirectionSource.OWN_NUMBERS)
        first = check_comparison(BETTER, [settled])[0]
        assert first.verdict is Verdict.AGREES
        assert "told apart by median" in first.note


def test_the_fit_never_chooses_alone() -> None:
    for facts in ([printed(REBUILT, direction=OPEN)], [printed(REBUILT, direction=OPEN), *medians(11, 5)]):
        assert with_settled_directions(facts, [BETTER])[0] == facts[0]
    told = with_settled_directions(
        [printed(REBUILT, direction=OPEN), *medians(11, 5)], [BETTER], apart=lambda _: "numbers at risk of drug"
    )
    assert told[0].direction is OPEN  # what contradicts itself settles nothing


def test_a_median_of_the_other_arm_says_that_arms_may_be_swapped() -> None:
    checks = [check for arm in BETTER.arms for check in check_arm(arm, medians(11, 5))]
    noted = noting_exchanged(checks, [BETTER])
    assert [check.note for check in speaks_of_exchanged_arms(noted)] == [
        "arms may be swapped: it holds of drug",
        "arms may be swapped: it holds of placebo",
    ]
    assert [doubt.arm for doubt in direction_doubts(noted)] == ["placebo", "drug"]
    kept = noting_exchanged([check for arm in BETTER.arms for check in check_arm(arm, medians(5, 11))], [BETTER])
    assert speaks_of_exchanged_arms(kept) == ()


def test_a_row_at_risk_that_is_impossible_under_the_other_curve() -> None:
    """Of 100 patients 80 are at risk at 10: S there is 0.85 of one arm and 0.50 of the other."""
    own, other = curve([0, 5, 12], [1, 0.85, 0.8]), curve([0, 5, 12], [1, 0.5, 0.4])
    row = table([0, 10], [100, 80])
    assert row_rules_out(100, row, own, other, step=0.01)
    assert not row_rules_out(100, row, other, own, step=0.01)
    assert not row_rules_out(100, table([0, 10], [100, 45]), own, other, step=0.01)


def facts_of(line: str, arms: list[str], control: str | None = None, **keys: Any) -> list[PublishedFact]:
    found = [replace(statistic, **keys) for statistic in statistics_in(line)]
    return printed_facts(found, arms=arms, control=control, time_unit="months", source="figure")[0]


@pytest.mark.parametrize(
    ("arms", "control", "of", "how"),
    [
        (["Placebo", "Drug"], None, "Drug", DirectionSource.NAMES),
        (["Drug", "Placebo"], None, "Drug", DirectionSource.NAMES),
        (["Younger", "Older"], None, "Older", OPEN),
        (["Younger", "Older"], "Older", "Younger", DirectionSource.CONTROL_STATED),
        (["Drug", "Placebo"], "Drug", "Placebo", DirectionSource.CONTROL_STATED),
    ],
)
def test_what_tells_the_direction(arms: list[str], control: str | None, of: str, how: DirectionSource) -> None:
    (found,) = facts_of("HR 0.65 (95% CI 0.48-0.88)", arms, control)
    assert (found.of, found.direction) == (of, how)
    assert found.note


def test_words_tell_the_direction_before_names_do() -> None:
    (found,) = facts_of("HR, Placebo vs Drug 1.54", ["Placebo", "Drug"])
    assert (found.of, found.over, found.direction) == ("Placebo", "Drug", None)


def test_ratios_of_strata_are_of_the_arms_of_their_stratum() -> None:
    arms = ["Young / Placebo", "Young / Drug", "Old / Placebo", "Old / Drug"]
    (found,) = facts_of("HR 0.65", arms, stratum="Old")
    assert (found.of, found.over, found.stratum) == ("Old / Drug", "Old / Placebo", "Old")
    strata, controls, source = control_as_read(arms, [], None)
    assert (strata["Young / Drug"], controls, source) == (
        "Young",
        ("Young / Placebo", "Old / Placebo"),
        ControlSource.NAMES,
    )


def test_contrasts_stay_within_a_stratum() -> None:
    told = (("A", "control", "young"), ("B", "treatment", "young"), ("C", "control", "old"), ("D", "treatment", "old"))
    arms = [Arm(name=name, role=ArmRole(role), stratum=of, n=9, place="p", source="s") for name, role, of in told]
    document = RecordDocument.model_validate(
        {
            "format": 1,
            "digitized": {"kind": "traced", "citation": "c", "what": "w", "how": "h"},
            "analysis": {"trial": "t", "endpoint": "e"},
            "axes": {"time_unit": "months"},
            "arms": [arm.model_dump() for arm in arms],
            "references": {"s": {"citation": "c", "read": "r"}},
        }
    )
    assert [(control.name, treatment.name) for control, treatment in document.contrasts] == [("A", "B"), ("C", "D")]


@pytest.mark.parametrize(
    ("arms", "typed", "over", "expected"),
    [
        (["Drug", "Placebo"], None, None, ("Placebo", ControlSource.NAMES)),
        (["A", "B"], None, None, ("A", ControlSource.ORDER)),
        (["A", "B"], None, "B", ("B", ControlSource.TEXT)),
        (["Drug", "Placebo"], "Drug", None, ("Drug", ControlSource.TYPED)),
    ],
)
def test_how_the_control_is_known(
    arms: list[str], typed: str | None, over: str | None, expected: tuple[str, ControlSource]
) -> None:
    statistic = PrintedStatistic(quantity="hazard_ratio", value=0.5, text="HR 0.5", over=over)
    _, controls, source = control_as_read(arms, [statistic], typed)
    assert (*controls, source) == expected


def test_milestones_of_a_rising_figure_are_shares_with_the_event() -> None:
    found = printed_facts(
        [replace(s, arm="A") for text in ("12 months 30%", "12-month survival 70%") for s in statistics_in(text)],
        arms=["A", "B"], control=None, time_unit="months", source="figure", rising=True,
    )[0]  # fmt: skip
    assert [one.number for one in found] == [0.7]


def test_a_median_not_reached_and_a_limit_not_reached_are_facts() -> None:
    (open_,) = facts_of("median NR", ["A", "B"], arm="A")
    (half,) = facts_of("median 24.8 (95% CI 20.1-NE)", ["A", "B"], arm="A")
    assert open_.value == "not reached"
    assert half.interval is not None
    assert (half.interval.low, half.interval.high) == (20.1, None)
