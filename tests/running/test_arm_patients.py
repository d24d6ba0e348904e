"""Rebuilt patients leave where the follow-up of their arm ends."""

from __future__ import annotations

import numpy as np

from survrecon.checks.agreement import of_the_whole_follow_up
from survrecon.checks.results import Verdict, compared_number
from survrecon.model.curve import AtRiskConvention, Resolution, RiskTable, SurvivalCurve
from survrecon.model.published import PublishedFact
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.records.schema import Arm
from survrecon.running.arm_patients import followed_to_the_end, without_zero_counts

CURVE = SurvivalCurve(
    time=np.array([0, 5, 5, 11, 11, 19.3]),
    survival=np.array([1, 1, 0.8, 0.8, 0.5, 0.5]),
    resolution=Resolution(survival=0.001),
)


def arm(ends_at: float | None, *, cut: bool = False) -> Arm:
    return Arm(name="A", role="control", n=40, place="p", source="s", ends_at=ends_at, cut=cut)


def table(*counts: int) -> RiskTable:
    times = np.arange(0.0, 5.0 * len(counts), 5.0)
    return RiskTable(time=times, at_risk=np.array(counts, np.int64), convention=AtRiskConvention.BEFORE)


def test_nobody_leaves_at_a_round_time_beyond_the_end() -> None:
    read = table(40, 36, 25, 9, 0)
    seen = without_zero_counts(read, arm(19.3))
    assert seen is not None
    assert seen.at_risk.tolist() == [40, 36, 25, 9]
    made = followed_to_the_end(reconstruct(CURVE, n=40, risk_table=seen), arm(19.3))
    assert made.ipd.time[-1] == 19.3
    assert {draw.time[-1] for draw in made.draws(5)} == {19.3}
    np.testing.assert_array_equal(made.ipd.at_risk(read.time), read.at_risk)
    assert without_zero_counts(read, arm(None)) is read


def test_who_is_followed_beyond_the_figure_is_censored_at_its_end() -> None:
    read = table(40, 36, 25, 9, 4)
    ends = arm(20.0, cut=True)
    made = followed_to_the_end(reconstruct(CURVE, n=40, risk_table=without_zero_counts(read, ends)), ends)
    for ipd in (made.ipd, *made.draws(5)):
        assert ipd.time[-1] == 20.0
        assert int((ipd.time == 20.0).sum()) >= 4
        np.testing.assert_array_equal(ipd.at_risk(read.time), read.at_risk)
    assert made.warnings[-1] == "curve cut at 20: patients still followed there are censored then"


def test_numbers_that_count_later_times_are_met_too() -> None:
    times, counts = np.array([0.0, 10.0, 20.0]), np.array([40, 25, 4], np.int64)
    read = RiskTable(time=times, at_risk=counts, convention=AtRiskConvention.AFTER)
    ends = arm(20.0, cut=True)
    made = followed_to_the_end(reconstruct(CURVE, n=40, risk_table=read), ends)
    np.testing.assert_array_equal(made.ipd.at_risk(read.time, read.convention), read.at_risk)


def test_an_arm_without_a_known_end_is_left_as_it_is() -> None:
    made = reconstruct(CURVE, n=40)
    assert followed_to_the_end(made, arm(None)) is made


def test_of_a_cut_curve_nothing_of_the_whole_follow_up_is_judged() -> None:
    told = {"decimals": 2, "place": "text", "source": "p"}
    ratio = PublishedFact(quantity="hazard_ratio", of="B", over="A", value=0.7, model="unadjusted", **told)
    median = PublishedFact(quantity="median", arm="A", value=11, **told)
    for fact, verdict in ((ratio, Verdict.NOT_CHECKABLE), (median, Verdict.AGREES)):
        check = compared_number(
            fact, quantity=fact.quantity.value, label="x", published=1.0, obtained=1.0, difference=0.0,
            limits=(-0.01, 0.01), margin=0.05,
        )  # fmt: skip
        assert of_the_whole_follow_up(check, {"A": 20.0}).verdict is verdict
        assert of_the_whole_follow_up(check, {}) is check
    assert of_the_whole_follow_up(check, {"C": 20.0}) is check
