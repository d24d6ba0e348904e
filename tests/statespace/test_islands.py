"""Islands of paths, what a draw going backward may follow, and the noise of clicks."""

import numpy as np
import pytest

from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.reconstruction.statespace.particles import ParticleHistories
from survrecon.reconstruction.statespace.smc import gumbel_choice, matching_particles
from tests.build import followed
from tests.statespace.figures import HEIGHT, clicks, simulated


def passed(log_weight: list[float], evidence: list[float]) -> ParticleHistories:
    empty = np.zeros((0, len(log_weight)), dtype=np.int64)
    return ParticleHistories(
        events=empty, censored=empty, log_weight=np.array(log_weight), ancestors=[], evidence=np.array(evidence)
    )


def test_weights_sum_to_one_within_each_island() -> None:
    weights = np.exp(passed([], [0.0, 0.0]).island_weights(np.log([1.0, 3.0, 10.0, 30.0])))
    np.testing.assert_allclose(weights, [0.25, 0.75, 0.25, 0.75])


def test_an_island_far_behind_gives_no_draws() -> None:
    """Evidence counts a quarter: 4 units of its log behind is a share of 1/e, 400 is nothing."""
    done = passed([0.0] * 6, [0.0, -4.0, -400.0])
    np.testing.assert_allclose(done.shares(0.0), [1.0, np.exp(-1), np.exp(-100)])
    island = done.final(20_000, np.random.default_rng(1)) // 2
    assert (island == 0).mean() == pytest.approx(1 / (1 + np.exp(-1)), abs=0.01)
    assert (island < 2).all()


def test_a_path_may_go_on_from_particles_in_its_own_state() -> None:
    """Particles 10 and 30 of the four have 3 patients left, particle 40 has 4; each path's own comes last."""
    state, among = np.array([3, 5, 3, 4]), np.array([10, 20, 30, 40])
    path, particle = matching_particles(
        state, np.array([3, 4, 9]), among, np.array([1, 2, 3]), 60, np.random.default_rng(0)
    )
    np.testing.assert_array_equal(path, [0, 0, 0, 1, 1, 2])
    np.testing.assert_array_equal(particle, [10, 30, 1, 40, 2, 3])


def test_particles_are_chosen_by_weight() -> None:
    """Weights 1 and 3 of each of 20,000 paths: a quarter and three quarters, standard error 0.003."""
    path = np.repeat(np.arange(20_000), 2)
    particle, score = np.tile([7, 8], 20_000), np.tile(np.log([1.0, 3.0]), 20_000)
    found = gumbel_choice(path, particle, score, np.random.default_rng(2))
    assert (found == 8).mean() == pytest.approx(0.75, abs=0.012)


@pytest.mark.slow
def test_noise_of_clicks_is_found() -> None:
    """Three quarters of a pixel in survival, half a pixel in time; the mean over six arms within a half."""
    found = []
    for seed in range(6):
        arm = simulated(150, seed)
        result = reconstruct(clicks(arm, seed, points=110), n=150, rng=np.random.default_rng(seed))
        found.append(float(followed(result).noise))
    assert np.exp(np.mean(np.log(found))) * HEIGHT == pytest.approx(0.75, rel=0.5)


def test_heavy_early_censoring_is_seen_in_tall_late_steps() -> None:
    """52 of 70 leave before 16 months, when 6 events have been; then 9 at risk lose one by one, in tall steps."""
    rng = np.random.default_rng(4)
    censored = np.sort(rng.uniform(0.5, 16, 52))
    died = np.array([1.5, 3, 5, 8, 11, 14, 16.5, 17, 17.6, 18.1, 18.7, 19.2])
    rest = np.array([16.2, 16.8, 17.3, 18.3, 19.0, 19.5])
    arm = PseudoIPD(
        time=np.concatenate([censored, died, rest]), event=np.repeat([False, True, False], [52, died.size, 6])
    )
    result = reconstruct(clicks(arm, 3, points=120), n=70, rng=np.random.default_rng(1))
    assert result.ipd.events == pytest.approx(arm.events, abs=6)
