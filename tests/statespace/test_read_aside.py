"""What is read beside where it is: marks a column late, lines half a row high, clicks; visits; arms in step."""

from collections.abc import Callable

import numpy as np
import pytest

from survrecon.model.curve import SurvivalCurve
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.reconstruction.statespace.censoring import CensoringBalance, events_to_come
from survrecon.reconstruction.statespace.emission import clumping
from survrecon.reconstruction.statespace.model import ArmModel
from survrecon.reconstruction.statespace.particles import island_plan
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS
from survrecon.reconstruction.statespace.reading import CurveDetail, PointReading, points_in_order
from survrecon.reconstruction.statespace.sampler import noise_of_clicks
from survrecon.reconstruction.statespace.timeline import Timeline, sampled_timeline
from tests.build import table
from tests.statespace.figures import HEIGHT, WIDTH, clicks, printed, simulated, trace

PRIOR = DEFAULT_PRIORS.censoring
READ = PointReading(detail=CurveDetail.TRACE, grid=0.0025, noise=0.001, bias=0.0007)


def flat_after_a_fall(level: float) -> Timeline:
    """A fall at the first of ten points, 100 at risk at the start and 40 at the end of nine more."""
    return sampled_timeline(np.arange(1.0, 11), np.full(10, level), READ, table([0, 10], [100, 40]), None, PRIOR)


def test_a_line_read_high_has_no_fewer_events() -> None:
    """The true fall is to 0.50: 50 die, 10 of 50 leave. Read at 0.51, with that shift known, it is the same."""
    right = CensoringBalance(flat_after_a_fall(0.50), None, 0.0, PRIOR).remaining(
        1, np.array([50]), np.array([0.5]), np.array([50])
    )
    high = CensoringBalance(flat_after_a_fall(0.51), None, 0.0, PRIOR)
    shifted = high.remaining(1, np.array([50]), np.array([0.5]), np.array([50]), bias=np.array([0.01]))
    np.testing.assert_allclose([right[0], shifted[0]], 10)


def test_events_to_come_follow_the_shift() -> None:
    """Of 50 at risk 25 die as S falls from 0.50 to 0.25; were both 0.01 lower, half of one more would."""
    risk = table([0, 5, 10], [100, 50, 20])
    line = sampled_timeline(np.arange(1.0, 11), np.repeat([0.5, 0.25], 5), READ, risk, None, PRIOR)
    mean, slope, _ = events_to_come(line, CensoringBalance(line, 75, 0.0, PRIOR), 100, 75, 0.0)
    at = int(np.flatnonzero(line.printed == 50)[0])
    assert mean[at] == pytest.approx(25, abs=1)
    assert 0.01 * slope[at] == pytest.approx(50 * (0.25 / 0.5 - 0.24 / 0.49), rel=0.2)


def test_islands_take_shifts_of_their_own_where_a_step_is_less_than_a_row() -> None:
    line = flat_after_a_fall(0.5)
    plan, rng = island_plan(12, 5, 4), np.random.default_rng(1)
    many = ArmModel(line, READ, 1000, None, DEFAULT_PRIORS, plan, rng).initial_state().bias.reshape(12, 5)
    np.testing.assert_allclose(np.sort(many[:, 0]) / READ.grid, (np.arange(12) + 0.5) / 12 - 0.5)
    assert (many == many[:, :1]).all()
    assert not ArmModel(line, READ, 100, None, DEFAULT_PRIORS, plan, rng).initial_state().bias.any()


def test_a_mark_read_a_column_late_does_not_move_an_event() -> None:
    """Marks stand at the right ends of their columns, so some are across a printed time or a step."""
    off = []
    for seed in (2, 5, 6, 7):
        arm = simulated(90, seed)
        column = float(arm.time[-1]) / WIDTH
        late = (np.unique(np.round(arm.time[~arm.event] / column)) + 0.5) * column
        draws = reconstruct(
            trace(arm, seed),
            n=90,
            risk_table=printed(arm, 2),
            events=arm.events,
            censor_times=late,
            rng=np.random.default_rng(seed),
        ).draws(40)
        at = np.linspace(0.05, 0.8, 40) * float(arm.time[-1])
        apart = np.array([np.abs(draw.survival_at(at) - arm.survival_at(at)) for draw in draws])
        off.append(np.median(apart.mean(axis=0)))
    assert np.mean(off) < 0.1 / HEIGHT


def visits(n: int, seed: int) -> PseudoIPD:
    """Patients whose failures are found at visits each six months, half of them a few days off."""
    rng = np.random.default_rng(seed)
    failing = np.ceil(rng.exponential(30, n) / 6) * 6
    failing += np.where(rng.random(n) < 0.5, 0.0, rng.normal(0, 0.3, n))
    leaving = rng.uniform(40, 60, n)
    return PseudoIPD(time=np.maximum(np.minimum(failing, leaving), 0.1), event=failing <= leaving)


def test_visits_come_in_clumps() -> None:
    for arm, low, high in ((visits(300, 1), 5, np.inf), (simulated(300, 1), 1, 2)):
        points = points_in_order(trace(arm, 1), 300)
        line = sampled_timeline(points.time, points.survival, points.read, None, None, PRIOR)
        assert low <= clumping(line, 300, points.read.noise, DEFAULT_PRIORS.events) < high


@pytest.mark.parametrize(("reader", "within"), [(trace, 0.06), (clicks, 0.3)])
def test_visits_are_not_taken_for_few_patients(
    reader: Callable[[PseudoIPD, int], SurvivalCurve], within: float
) -> None:
    for seed in (1, 2, 3):
        arm = visits(300, seed)
        found = reconstruct(reader(arm, seed), n=300, rng=np.random.default_rng(seed)).ipd.events
        assert found == pytest.approx(arm.events, rel=within)


@pytest.mark.parametrize("n", [150, 800])
def test_noise_of_clicks_is_not_taken_for_events(n: int) -> None:
    """Clicks are 0.75 pixels off; of many patients almost any click may be an event's."""
    found = []
    for seed in range(4):
        points = points_in_order(clicks(simulated(n, seed), seed, points=150), n)
        assert points.read.detail is CurveDetail.CLICKS
        line = sampled_timeline(points.time, points.survival, points.read, None, None, PRIOR)
        found.append(noise_of_clicks(line, points.read, n, None, DEFAULT_PRIORS, np.random.default_rng(seed)))
    assert 0.5 / HEIGHT < np.mean(found) < 1.1 / HEIGHT
