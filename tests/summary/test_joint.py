"""Two data cut-offs: the variance of the later estimate given the earlier one, and data sets that print both."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from survrecon.errors import ReconstructionError
from survrecon.model.document import FollowUp
from survrecon.reconstruction.summary.accepted import CutoffDraws
from survrecon.reconstruction.summary.draws import draw_at_cutoff, draw_summary
from survrecon.reconstruction.summary.inputs import SummaryArm, SurvivalPoint
from survrecon.reconstruction.summary.joint import FurtherHistories, TwoCutoffs, draw_joint
from survrecon.reconstruction.summary.patients import PatientBatch
from survrecon.reconstruction.summary.settings import JOINT

DATES = {"recruitment_start": "2006-07", "recruitment_end": "2008-08"}
EARLIER, LATER = (FollowUp(data_cutoff=cutoff, **DATES) for cutoff in ("2010-07-07", "2011-10-01"))


def arm(name: str, *points: tuple[float, float], events: int | None = None) -> SummaryArm:
    found = tuple(SurvivalPoint(time=time, survival=survival, rounding=0.005) for time, survival in points)
    return SummaryArm(name=name, n=300, points=found, events=events)


def cutoffs(*later: SummaryArm, earlier: tuple[SummaryArm, ...] = (), end: FollowUp = LATER) -> TwoCutoffs:
    earlier = earlier or (arm("a", (36, 0.6)),)
    return TwoCutoffs(earlier=earlier, later=later, earlier_follow_up=EARLIER, later_follow_up=end, time_unit="months")


@cache
def state() -> CutoffDraws:
    both = cutoffs(arm("a", (48, 0.5)))
    return draw_at_cutoff(both.earlier, EARLIER, time_unit="months", k=120, rng=np.random.default_rng(0))


def test_the_later_estimate_varies_about_the_earlier_one_as_derived() -> None:
    """3000 trials of 300 patients at two cut-offs: the standard deviation is the formula's within 5%."""
    rng = np.random.default_rng(1)
    death, entry = rng.exponential(60, (3000, 300)), rng.uniform(22, 48, (3000, 300))
    batches = [
        PatientBatch.in_order(np.minimum(death, entry + gap), death <= entry + gap, np.zeros(death.shape, dtype=bool))
        for gap in (0, 15)
    ]
    first, second = (batch.survival_at(36) for batch in batches)
    variance = first**2 * (batches[0].greenwood_at(36) - batches[1].greenwood_at(36))
    assert np.std(second - first) == pytest.approx(np.sqrt(variance.mean()), rel=0.05)
    assert np.mean(second - first) == pytest.approx(0, abs=0.001)


def test_further_histories_vary_by_that_variance() -> None:
    """Of patients at the earlier cut-off, followed on again and again."""
    before = state().arms["a"].batch
    histories = FurtherHistories.of(arm("a", (36, 0.6)), state(), 14.8)
    later = [histories.draw(np.random.default_rng(seed))[0] for seed in range(20)]
    change = np.concatenate([batch.survival_at(36) - before.survival_at(36) for batch in later])
    greenwood = np.mean([batch.greenwood_at(36).mean() for batch in later])
    variance = 0.6**2 * (before.greenwood_at(36).mean() - greenwood)
    assert np.std(change) == pytest.approx(np.sqrt(variance), rel=0.1)
    assert np.mean(change) == pytest.approx(0, abs=0.002)


def test_patients_are_the_same_ones_and_stay_lost() -> None:
    before = state().arms["a"].batch
    after, _ = FurtherHistories.of(arm("a", (36, 0.6)), state(), 14.8).draw(np.random.default_rng(0))
    for row in range(5):
        assert set(before.time[row][before.event[row]]) <= set(after.time[row][after.event[row]])
        assert set(before.time[row][before.lost[row]]) <= set(after.time[row][after.lost[row]])
    assert after.time.max() <= before.time.max() + 14.8 + 1e-9


def test_histories_with_a_total_have_it_and_weigh_its_chance() -> None:
    """Totals weighted by their chances have the mean of the totals that come without one."""
    histories = FurtherHistories.of(arm("a", (36, 0.6)), state(), 14.8)
    free = np.concatenate([histories.draw(np.random.default_rng(seed))[0].events for seed in range(8)])
    totals = range(int(free.min()), int(free.max()) + 1)
    chance = []
    for total in totals:
        batch, weight = histories.draw(np.random.default_rng(total), events=total)
        assert set(batch.events[weight > 0]) <= {total}
        chance.append(weight.mean())
    assert sum(chance) == pytest.approx(1, abs=0.1)
    assert np.average(totals, weights=chance) == pytest.approx(free.mean(), abs=1)


def test_two_identical_cutoffs_give_the_analysis_of_one_alone() -> None:
    arms = arm("a", (36, 0.6)), arm("b", (36, 0.5))
    both = cutoffs(*arms, earlier=arms, end=EARLIER)
    joint = draw_joint(both, k=30, rng=np.random.default_rng(4))
    alone = draw_summary(arms, EARLIER, time_unit="months", k=30, rng=np.random.default_rng(4))
    for name in ("a", "b"):
        for one, other, single in zip(joint.earlier[name], joint.later[name], alone.ipd[name], strict=True):
            assert np.array_equal(one.time, single.time)
            assert np.array_equal(other.time, single.time)
            assert np.array_equal(other.event, single.event)
    assert joint.effective == pytest.approx(30)


def test_every_data_set_prints_the_numbers_of_both() -> None:
    joint = draw_joint(cutoffs(arm("a", (48, 0.5), events=140)), k=20, rng=np.random.default_rng(0))
    assert {one.events for one in joint.later["a"]} == {140}
    assert all(abs(one.survival_at(48) - 0.5) <= 0.005 + 1e-9 for one in joint.later["a"])
    assert all(abs(one.survival_at(36) - 0.6) <= 0.005 + 1e-9 for one in joint.earlier["a"])
    assert all(one.n == 300 for one in joint.later["a"])
    pairs = zip(joint.earlier["a"], joint.later["a"], strict=True)
    moved = [float(late.survival_at(36) - early.survival_at(36)) for early, late in pairs]
    assert np.std(moved) > 0.005, "survival at 36 months is estimated anew"


def test_numbers_that_contradict_each_other_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survrecon.reconstruction.summary.joint.JOINT", replace(JOINT, histories=5))
    with pytest.raises(ReconstructionError, match="effective sample size of 50"):
        draw_joint(cutoffs(arm("a", (36, 0.75), (48, 0.74))), k=30, rng=np.random.default_rng(0))


def test_cutoffs_without_dates_or_in_the_wrong_order_are_refused() -> None:
    later = (arm("a", (48, 0.5)),)
    for end, says in ((FollowUp(data_cutoff="2009-10-01", **DATES), "the earlier one first"), (FollowUp(), "by date")):
        with pytest.raises(ReconstructionError, match=says):
            _ = cutoffs(*later, end=end).gap
