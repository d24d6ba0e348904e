"""What stands in brackets beside a number at risk: decided by what adds up in all columns, or not at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from survrecon.digitizing.words.counts import ArmCells, SecondNumber, as_totals, what_seconds_count
from survrecon.running.facts import totals_of_table
from tests.digitizing.layouts import counts, curve, read
from tests.digitizing.made import a_figure, a_table, an_arm

AT_RISK, CENSORED, EVENTS = (200, 130, 70, 20), (0, 20, 50, 85), (0, 50, 80, 95)
SURVIVAL = (1.0, 0.74, 0.55, 0.4)


def arm(second: tuple[float | None, ...]) -> ArmCells:
    return ArmCells(times=(0.0, 10.0, 20.0, 30.0), at_risk=AT_RISK, second=second, survival=SURVIVAL)


def since(totals: tuple[int, ...]) -> tuple[float, ...]:
    return tuple(float(v) for v in np.diff(totals, prepend=0))


@pytest.mark.parametrize(
    ("second", "heading", "kind"),
    [
        (CENSORED, "Number at risk (number censored)", SecondNumber.CENSORED),
        (EVENTS, "Number at risk (events)", SecondNumber.EVENTS),
        (since(CENSORED), "No. at risk (censored)", SecondNumber.CENSORED_SINCE),
        (since(EVENTS), "No. at risk (No. of events)", SecondNumber.EVENTS_SINCE),
        ((100, 65, 35, 10), "Number at risk (%)", SecondNumber.PERCENT),
        (EVENTS, "", SecondNumber.EVENTS),  # nothing else adds up
    ],
)
def test_what_adds_up(second: tuple[float, ...], heading: str, kind: SecondNumber) -> None:
    assert what_seconds_count([arm(second)], heading, percent=False) is kind


def test_totals() -> None:
    assert as_totals(SecondNumber.CENSORED_SINCE, arm(since(CENSORED))) == CENSORED
    assert as_totals(SecondNumber.CENSORED, arm(CENSORED)) == CENSORED


@pytest.mark.parametrize(
    ("second", "heading"),
    [
        (EVENTS, "Number at risk (censored)"),  # the heading says what cannot be
        ((0, 90, 20, 85), "Number at risk (events)"),  # more events than the curve allows, and they fall
        ((0, None, 50, 85), "Number at risk"),
        ((0, 0, 0, 0), "Number at risk"),
    ],
)
def test_what_does_not_add_up_is_told_by_no_heading(second: tuple[float | None, ...], heading: str) -> None:
    found = what_seconds_count([arm(second)], heading, percent=False)
    assert found is None or found is SecondNumber.CENSORED  # a hole in totals leaves the rest


def test_all_arms_must_add_up() -> None:
    other = ArmCells(times=(0.0, 10.0, 20.0, 30.0), at_risk=AT_RISK, second=(0, 3, 2, 1), survival=SURVIVAL)
    assert what_seconds_count([arm(CENSORED), other], "censored", percent=False) is None


def test_decided_numbers_are_handed_on_as_totals_and_others_are_a_doubt() -> None:
    bracketed = [
        tuple(f"{n} ({c:g})" for n, c in zip(AT_RISK, second, strict=True))
        for second in (since(CENSORED), (1, 2, 3, 2))
    ]
    words = counts(("Drug", bracketed[0]), heading="Number at risk (censored)")
    made = read(words, [curve(*SURVIVAL)])
    assert made.risk_table is not None
    assert made.risk_table.rows["Drug"] == AT_RISK
    assert made.risk_table.extra == {"Drug": {"censored": CENSORED}}
    made = read(counts(("Drug", bracketed[1]), heading="Number at risk"), [curve(*SURVIVAL)])
    assert made.risk_table is not None
    assert made.risk_table.extra == {}
    assert any("brackets" in d.why and d.field == "numbers at risk" for d in made.doubts)


def test_the_last_column_tells_the_total_of_events() -> None:
    """Events so far, where no step follows; of those censored so far only beside nobody at risk: 100 - 88."""
    falls = an_arm("A", [6, 18, 29], [0.9, 0.7, 0.7])
    table = a_table([0, 12, 24], A=[100, 70, 30])
    counted: dict[str, dict[str, tuple[int | None, ...]]] = {"A": {"events": (0, 10, 21)}}
    assert totals_of_table(a_figure(falls, table=replace(table, extra=counted))) == {"A": 21}
    later = an_arm("A", [6, 18, 26, 29], [0.9, 0.7, 0.6, 0.6])
    assert totals_of_table(a_figure(later, table=replace(table, extra=counted))) == {}
    censored: dict[str, dict[str, tuple[int | None, ...]]] = {"A": {"censored": (0, 20, 88)}}
    assert totals_of_table(a_figure(falls, table=replace(table, extra=censored))) == {}
    nobody = a_table([0, 12, 24], A=[100, 70, 0])
    assert totals_of_table(a_figure(falls, table=replace(nobody, extra=censored))) == {"A": 12}
    assert totals_of_table(a_figure(falls)) == {}
