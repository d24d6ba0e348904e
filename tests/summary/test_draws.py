"""Every draw prints what the paper prints: patients are made first, then the numbers a paper would print of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from survrecon.errors import ReconstructionError
from survrecon.model.document import FollowUp
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.summary.draws import draw_summary
from survrecon.reconstruction.summary.inputs import PrintedMedian, SummaryArm, SurvivalPoint, scenarios
from survrecon.reconstruction.summary.reconstruct import reconstruct_summary

FOLLOW_UP = FollowUp(recruitment_start="2001-01-01", recruitment_end="2003-01-01", data_cutoff="2005-01-01")


def trial_arm(rng: np.random.Generator, n: int, hazard: float, shape: float) -> PseudoIPD:
    """Patients with Weibull events, uniform entry over two years, cut off two years later."""
    death = rng.weibull(shape, n) / hazard
    followed = rng.uniform(24, 48, n)
    return PseudoIPD(time=np.minimum(death, followed), event=death <= followed, arm="a")


def printed(ipd: PseudoIPD, at: float, *, total: bool) -> SummaryArm:
    """What a paper prints of it: survival to a percent, the median to a month, perhaps the total of events."""
    times, survival = ipd.kaplan_meier()
    reached = times[survival <= 0.5]
    return SummaryArm(
        name="a",
        n=ipd.n,
        points=(SurvivalPoint(time=at, survival=round(float(ipd.survival_at(at)), 2), rounding=0.005),),
        median=PrintedMedian(time=float(round(reached[0])), rounding=0.5) if reached.size else None,
        events=ipd.events if total else None,
    )


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(60, 400),
    hazard=st.floats(0.01, 0.05),
    shape=st.floats(0.8, 1.3),
    total=st.booleans(),
)
def test_every_draw_prints_the_same(seed: int, n: int, hazard: float, shape: float, total: bool) -> None:
    ipd = trial_arm(np.random.default_rng(seed), n, hazard, shape)
    arm = printed(ipd, 18.0, total=total)
    assume(arm.median is None or ipd.at_risk(arm.median.time) >= 8)  # papers print no medians of the last few
    drawn = draw_summary([arm], FOLLOW_UP, time_unit="months", k=10, rng=np.random.default_rng(seed))
    assert len(drawn.ipd["a"]) >= 1
    for draw in drawn.ipd["a"]:
        assert draw.n == n
        again = printed(draw, 18.0, total=total)
        assert abs(float(draw.survival_at(18.0)) - arm.points[0].survival) <= 0.005 + 1e-9
        assert again.events == arm.events
        if arm.median is not None and again.median is not None:
            assert abs(again.median.time - arm.median.time) <= 1  # our print rounds a rest on one half otherwise


def test_as_many_events_as_the_printed_point_needs() -> None:
    """Half of 200 dead by 24 months, nobody's follow-up ends before: fewer events only where patients were lost."""
    arm = SummaryArm(name="a", n=200, points=(SurvivalPoint(time=24, survival=0.5, rounding=0.005),))
    drawn = draw_summary([arm], FOLLOW_UP, time_unit="months", k=50, rng=np.random.default_rng(0))
    deaths = np.array([int(draw.event[draw.time <= 24].sum()) for draw in drawn.ipd["a"]])
    assert deaths.max() <= 101
    assert deaths.std() < 3, "binomial chance alone would be 7"
    half_way = np.array([float(draw.survival_at(12.0)) for draw in drawn.ipd["a"]])
    assert half_way.std() > 0.025, "no less than the wiggles of 200 patients leave open half the way"


def test_same_seed_same_draws_and_another_differs() -> None:
    arm = SummaryArm(name="a", n=80, points=(SurvivalPoint(time=24, survival=0.6, rounding=0.005),))

    def times(seed: int) -> list[float]:
        drawn = draw_summary([arm], FOLLOW_UP, time_unit="months", k=3, rng=np.random.default_rng(seed))
        return [float(draw.time.sum()) for draw in drawn.ipd["a"]]

    assert times(1) == times(1)
    assert times(1) != times(2)


def test_total_events_alone_build_an_arm() -> None:
    arm = SummaryArm(name="a", n=100, events=30)
    drawn = draw_summary([arm], FOLLOW_UP, time_unit="months", k=20, rng=np.random.default_rng(0))
    assert {draw.events for draw in drawn.ipd["a"]} == {30}


def test_contradictory_numbers_are_refused_with_the_hardest() -> None:
    arm = SummaryArm(name="a", n=100, points=(SurvivalPoint(time=24, survival=0.5, rounding=0.005),), events=20)
    with pytest.raises(ReconstructionError, match=r"the hardest is: (20 events|survival at 24)"):
        draw_summary([arm], FOLLOW_UP, time_unit="months", k=5, rng=np.random.default_rng(0))


def test_nothing_to_build_from_is_refused() -> None:
    with pytest.raises(ReconstructionError, match="at least one printed survival"):
        draw_summary([SummaryArm(name="a", n=50)], FOLLOW_UP, time_unit="months", k=5, rng=np.random.default_rng(0))


def test_reconstruction_says_what_it_is() -> None:
    arms = [
        SummaryArm(name=name, n=100, points=(SurvivalPoint(time=24, survival=s, rounding=0.005),))
        for name, s in (("control", 0.4), ("drug", 0.6))
    ]
    found = reconstruct_summary(arms, FOLLOW_UP, time_unit="months", draws=12, rng=np.random.default_rng(0))
    result = found["drug"]
    assert result.method == "summary"
    assert any("not read from a figure" in warning for warning in result.warnings)
    assert any("accrual" in assumption for assumption in result.assumptions)
    assert any(draw is result.ipd for draw in result.draws(12)), "the data set shown is one of the draws"
    with pytest.raises(ReconstructionError, match="12 draws"):
        result.draws(13)


def test_scenarios_follow_what_is_printed() -> None:
    bare = SummaryArm(name="a", n=100, points=(SurvivalPoint(time=24, survival=0.5, rounding=0.005),))
    counted = SummaryArm(name="b", n=100, points=bare.points, events=55)
    names = [variation.name for variation in scenarios([bare, counted], FOLLOW_UP)]
    assert names == [
        "early accrual",
        "late accrual",
        "drop-out in a",
        "drop-out in b",
        "tail hazard half",
        "tail hazard double",
    ]
    assert not any("tail" in variation.name for variation in scenarios([counted], FOLLOW_UP))
    assumed = FollowUp.model_validate(
        {"assumed": {"shortest": (10, 20), "longest": (40, 50), "reason": "nothing at all is printed"}}
    )
    assert [v.name for v in scenarios([counted], assumed)][-2:] == ["low shortest follow-up", "high shortest follow-up"]


def test_tail_scenarios_order_the_events() -> None:
    arm = SummaryArm(name="a", n=200, points=(SurvivalPoint(time=18, survival=0.7, rounding=0.005),))
    events = {}
    for variation in scenarios([arm], FOLLOW_UP):
        drawn = draw_summary(
            [arm], FOLLOW_UP, time_unit="months", k=20, rng=np.random.default_rng(0), variation=variation
        )
        events[variation.name] = np.mean([draw.events for draw in drawn.ipd["a"]])
    assert events["tail hazard half"] < events["tail hazard double"]
    assert events["late accrual"] < events["early accrual"]
