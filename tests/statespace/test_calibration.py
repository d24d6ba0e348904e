"""Simulation-based calibration: the truth's rank among draws is uniform over simulated trials."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.cases import Arm
from benchmarks.ranks import Place, place
from benchmarks.simulated import simulate
from survrecon.model.ipd import PseudoIPD, Reconstruction
from survrecon.reconstruction.reconstruct import reconstruct

TRIALS, DRAWS, SEED, LARGEST = 60, 30, 5, 120


def rebuilt(trial: int) -> tuple[Arm, Reconstruction]:
    """One arm of a trial: pixel columns, with its risk table in every second trial."""
    arm = simulate(np.random.default_rng([SEED, trial]), largest=LARGEST).arms[trial % 2]
    table = arm.table if trial % 4 < 2 else None
    rng = np.random.default_rng([SEED, trial, 1])
    return arm, reconstruct(arm.points["trace"], n=arm.patients.n, risk_table=table, rng=rng)


def followed(patients: PseudoIPD) -> float:
    """How long all patients were seen, in all."""
    return float(patients.time.sum())


@pytest.mark.slow
def test_ranks_of_the_truth_are_uniform() -> None:
    """Follow-up in all, and numbers at risk at half of it: of 60 trials 50 and 80% are in the middle, give or take.

    Three standard errors of a share of 60 are 19 and 15%; the largest distance of 60 uniform ranks is more than 0.25
    once in a thousand. Draws with half of the width of what is open have a distance of 0.25 and more.
    """
    places: dict[str, list[Place]] = {"followed": [], "at risk": []}
    for trial in range(TRIALS):
        arm, result = rebuilt(trial)
        draws, half = result.draws(DRAWS), float(arm.patients.time[-1]) / 2
        places["followed"].append(place(followed(arm.patients), [followed(one) for one in draws]))
        places["at risk"].append(place(int(arm.patients.at_risk(half)), [int(one.at_risk(half)) for one in draws]))
    rng = np.random.default_rng(SEED)
    for name, found in places.items():
        open_ = [one for one in found if not one.fixed]
        assert len(open_) > TRIALS / 3, name
        wide = 3 / len(open_) ** 0.5
        assert np.mean([one.held(0.5) for one in open_]) == pytest.approx(0.5, abs=0.5 * wide), name
        assert np.mean([one.held(0.8) for one in open_]) == pytest.approx(0.8, abs=0.4 * wide), name
        ranks = np.sort([(one.less + rng.random() * (one.equal + 1)) / (one.draws + 1) for one in open_])
        distance = np.abs(ranks - (np.arange(len(open_)) + 0.5) / len(open_)).max() + 0.5 / len(open_)
        assert distance < 1.95 / len(open_) ** 0.5, name
