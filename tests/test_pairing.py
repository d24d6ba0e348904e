"""Pairs of draws of two arms: alike in follow-up wherever they are used, and never a draw with itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon import compare_arms, constrain, reconstruct, what_would_help
from survrecon.analysis.pairing import (
    SHARED,
    follow_up_scores,
    in_joint_order,
    joint_pairs,
    reorder_if_identical,
    shared_part,
)
from survrecon.model.ipd import PseudoIPD, Reconstruction
from tests.build import table
from tests.statespace.figures import clicks, printed, simulated, trace
from tests.weighting.trials import fact

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray


def data_sets(seed: int, k: int) -> list[PseudoIPD]:
    """Draws of an arm of 20 whose follow-up is from 5 to 10 long."""
    rng = np.random.default_rng(seed)
    return [
        PseudoIPD(time=rng.uniform(0, late, 20), event=np.ones(20, dtype=bool), arm="arm")
        for late in rng.uniform(5, 10, k)
    ]


def seen(draws: list[PseudoIPD]) -> FloatArray:
    """How long the patients of each draw were followed."""
    return np.array([one.time.sum() for one in draws])


def correlation(first: list[PseudoIPD], second: list[PseudoIPD]) -> float:
    return float(np.corrcoef(follow_up_scores(first), follow_up_scores(second))[0, 1])


def test_draws_of_two_arms_are_alike_one_by_one() -> None:
    arms = [data_sets(seed, 400) for seed in (1, 2)]
    ordered = [in_joint_order(sets, np.random.default_rng(k), SHARED) for k, sets in enumerate(arms)]
    for sets, done in zip(arms, ordered, strict=True):
        assert {id(one) for one in sets} == {id(one) for one in done}
        assert abs(np.corrcoef(seen(done), np.arange(400))[0, 1]) < 0.15, "the first draws are like the last"
    assert correlation(*ordered) == pytest.approx(SHARED**2, abs=0.1)


@pytest.mark.parametrize(("shared", "expected"), [((0.8, 0.8), 0.64), ((0.8, 0.5), 0.4), ((0.8, 0.0), 0.0)])
def test_further_pairs_are_of_the_same_prior(shared: tuple[float, float], expected: float) -> None:
    scores = [follow_up_scores(data_sets(seed, 600)) for seed in (1, 2)]
    rows = joint_pairs(scores, shared, np.random.default_rng(3))
    assert [sorted(own) for own in rows.T] == [list(range(600))] * 2
    assert np.corrcoef(scores[0][rows[:, 0]], scores[1][rows[:, 1]])[0, 1] == pytest.approx(expected, abs=0.1)


def test_draws_of_another_arm_stay_as_they_are() -> None:
    first, second = data_sets(1, 5), data_sets(2, 5)
    assert reorder_if_identical(first, second) is second
    assert reorder_if_identical(first[:1], first[:1]) == first[:1]


def test_the_same_draws_are_paired_anew_by_the_prior() -> None:
    first = in_joint_order(data_sets(1, 400), np.random.default_rng(1), SHARED)
    copies = [PseudoIPD(time=d.time, event=d.event, arm="other") for d in first]
    second = list(reorder_if_identical(first, copies, shared=SHARED))
    assert {id(one) for one in second} == {id(one) for one in copies}
    assert sum(np.array_equal(a.time, b.time) for a, b in zip(first, second, strict=True)) < 10
    assert correlation(first, second) == pytest.approx(SHARED**2, abs=0.1)
    assert seen(list(reorder_if_identical(first, copies, shared=SHARED, arm=2))).tolist() != seen(second).tolist()


@pytest.fixture(scope="module")
def twins() -> tuple[Reconstruction, Reconstruction]:
    """One curve taken for both arms, rebuilt from one seed."""
    points = trace(simulated(60, 1), 1)
    first, second = (reconstruct(points, n=60, arm=arm) for arm in ("placebo", "drug"))
    return first, second


@pytest.mark.parametrize("seed", [None, 0])
def test_two_arms_of_one_curve_do_not_pass_for_certain(seed: int | None) -> None:
    """Each draw used to be compared with itself: the reconstruction SE was exactly 0."""
    points = trace(simulated(60, 1), 1)
    first, second = (
        reconstruct(points, n=60, arm=arm, rng=None if seed is None else np.random.default_rng(seed))
        for arm in ("placebo", "drug")
    )
    for control, treatment in ((first, second), (first.draws(40), second.draws(40))):
        ratio = compare_arms(control=control, treatment=treatment, draws=40).hazard_ratio
        assert (ratio.reconstruction_se or 0) > 1e-3
        assert ratio.value == pytest.approx(1, abs=0.05)


@pytest.mark.slow
def test_constraints_and_questions_pair_the_same_draws_anew(twins: tuple[Reconstruction, Reconstruction]) -> None:
    control, treatment = twins
    assert what_would_help(control=control, treatment=treatment, truths=1, draws=20).width > 0
    ratio = fact("hazard_ratio", of="drug", over="placebo", value=1.0, decimals=1)
    used = constrain(twins, [ratio], draws=60).constraints.used[0]
    assert used.interval is not None
    assert used.interval.low != used.interval.high


def test_weights_do_not_break_up_pairs() -> None:
    """With N alone draws of two arms correlate by 0.6 in follow-up; `constrain` used to pair them at random, by 0.0."""
    arms = [
        reconstruct(trace(simulated(100, seed), seed), n=100, arm=arm, rng=np.random.default_rng(seed))
        for seed, arm in ((1, "placebo"), (2, "drug"))
    ]
    before = correlation(*(arm.draws(200) for arm in arms))
    value = compare_arms(control=arms[0], treatment=arms[1]).hazard_ratio.value
    ratio = fact("hazard_ratio", of="drug", over="placebo", value=round(value or 1, 1), decimals=1)
    found = constrain(arms, [ratio], draws=200).reconstructions
    after = correlation(*(found[arm].draws(200) for arm in ("placebo", "drug")))
    assert before == pytest.approx(SHARED**2, abs=0.2)
    assert after == pytest.approx(before, abs=0.2)


@pytest.mark.slow
def test_what_inputs_settle_is_not_shared() -> None:
    """Sharing used to end with the first printed number, whatever it left open; now it goes by what is open."""
    arm = simulated(100, 4)
    points = clicks(arm, 4)
    alone, with_total, with_table = (
        reconstruct(points, n=100, **more)
        for more in ({}, {"events": arm.events}, {"risk_table": printed(arm, 2), "events": arm.events})
    )
    assert alone.shared_follow_up == SHARED
    assert SHARED > with_total.shared_follow_up > 0
    assert SHARED > with_table.shared_follow_up > 0
    shares = ["arms are followed alike" in " ".join(one.assumptions) for one in (alone, with_table)]
    assert shares == [True, False]
    nothing = reconstruct(points, n=100, risk_table=table([0], [100]))
    assert nothing.shared_follow_up == SHARED


@pytest.mark.parametrize("apart", [0.03, 0.02, 0.01])
def test_the_part_shared_is_that_of_two_normal_deviations(apart: float) -> None:
    """Prior correlation 0.64 and evidence on each arm alone, by inverting the precision matrix."""
    given = (0.03 / apart) ** 2 - 1
    prior = np.linalg.inv(np.array([[1, 0.64], [0.64, 1]]))
    cov = np.linalg.inv(prior + given * np.eye(2))
    times = 100 * (1 + apart * np.array([-1.0, 1.0]))
    assert shared_part(times) ** 2 == pytest.approx(cov[0, 1] / cov[0, 0], rel=1e-9)
