"""What paths are led by: events still to come, falls across printed times, crowds of marks, the shift of a line."""

import numpy as np
import pytest

from survrecon.model.curve import SurvivalCurve
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.reconstruction.statespace.censoring import CensoringBalance, events_to_come
from survrecon.reconstruction.statespace.emission import Emission, EventTransition
from survrecon.reconstruction.statespace.particles import Particles
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS
from survrecon.reconstruction.statespace.reading import CurveDetail, PointReading
from survrecon.reconstruction.statespace.timeline import Timeline, falls_at_printed_times, mark_crowds, sampled_timeline
from tests.build import table
from tests.statespace.figures import HEIGHT, clicks, simulated, trace

READ = PointReading(detail=CurveDetail.TRACE, grid=0.0025, noise=0.001, bias=0.0007)


def line_of(survival: list[float], printed: dict[float, int], marks: list[float] | None = None) -> Timeline:
    """One point a unit of time."""
    time = np.arange(1.0, len(survival) + 1)
    risk = table(list(printed), list(printed.values())) if printed else None
    return sampled_timeline(
        time, np.array(survival), READ, risk, None if marks is None else np.array(marks), DEFAULT_PRIORS.censoring
    )


def paths(size: int, n: int) -> Particles:
    one = np.ones(size)
    return Particles.at_start(n, level=0 * one, density=one, before_printed=0 * one, closing=np.inf * one)


def test_events_to_come_of_two_intervals() -> None:
    """100 patients: S falls to 0.8 at once, 80 at 4 (20 events); then to 0.6 at once, 60 left: 20 more."""
    line = line_of([0.8, 0.8, 0.8, 0.8, 0.6, 0.6, 0.6, 0.6, 0.6], {0: 100, 4: 80, 8: 60})
    mean, _, spread = events_to_come(
        line, CensoringBalance(line, 40, READ.noise, DEFAULT_PRIORS.censoring), 100, 40, READ.noise
    )
    first, second = int(np.flatnonzero(line.printed == 80)[0]), int(np.flatnonzero(line.printed == 60)[0])
    assert mean[first] == pytest.approx(20, abs=0.5)
    assert mean[second] == pytest.approx(0, abs=0.5)
    assert spread[first] < 3, "nobody was censored, so little is open"


def test_a_total_far_from_even_spreading_leaves_more_open() -> None:
    line = line_of([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.3], {0: 100, 4: 40, 8: 10})
    balance = CensoringBalance(line, 50, READ.noise, DEFAULT_PRIORS.censoring)
    usual = events_to_come(line, balance, 100, 50, READ.noise)[2][0]
    assert events_to_come(line, balance, 100, 70, READ.noise)[2][0] > 2 * usual


def test_a_fall_across_a_printed_time_may_be_on_either_side() -> None:
    """The points at 3 and 4 read 0.9 and 0.6; the printed time 3.5 is between them."""
    line = line_of([1.0, 0.95, 0.9, 0.6, 0.6], {0: 100, 3.5: 85})
    low, high = falls_at_printed_times(line, 0)
    assert high[0] - low[0] == pytest.approx(np.log(0.9 / 0.6))
    wide = falls_at_printed_times(line, 2)
    assert wide[1][0] - wide[0][0] == pytest.approx(np.log(0.95 / 0.6)), "the point before may be of either side"
    assert (low[-1], high[-1]) == (0, 0), "no printed number ends the last interval"


def test_visits_at_printed_times_are_placed_by_the_numbers_at_risk() -> None:
    """All deaths at months 3, 6, 9, counted at risk there: 115 enter, 8 a quarter leave alive."""
    at, n = [], 115
    for month in (3.0, 6.0, 9.0):
        at += [(month - 0.5 - 0.3 * k, False) for k in range(8)]
        died = round((n - 8) * 0.2)
        at += [(month, True)] * died
        n -= 8 + died
    at += [(12.0, False)] * n
    arm = PseudoIPD(time=np.array([t for t, _ in at]), event=np.array([e for _, e in at]))
    risk = table([0, 3, 6, 9], [int(arm.at_risk(t)) for t in (0, 3, 6, 9)])
    draws = reconstruct(trace(arm, 5), n=115, risk_table=risk, rng=np.random.default_rng(3)).draws(40)
    assert np.mean([d.events for d in draws]) == pytest.approx(arm.events, abs=1.5)


def test_an_isolated_mark_hides_less_than_one_in_a_crowd() -> None:
    """Marks in slots 5, 7, 9 and 29: gaps before them 6, 2, 2 and 20, the mean of both sides 4, 2, 11 and 20."""
    line = line_of([0.9] * 40, {}, [4.5, 6.5, 8.5, 28.5])
    crowds = mark_crowds(line, DEFAULT_PRIORS.marks)
    at = np.flatnonzero(crowds)
    np.testing.assert_allclose(crowds[at], 2 / np.array([3.5, 2, 11, 20]), rtol=0.2)


def test_a_plateau_at_the_top_does_not_push_the_shift_down() -> None:
    """Points at 1 with a sixth of them a row lower: the line is about a third of a row low, not a whole one."""
    levels = [1.0] * 5 + [0.9975]
    line = line_of(levels * 10, {})
    emission, state = Emission(line, READ, DEFAULT_PRIORS.reading), paths(4, 100)
    for j in range(60):
        emission.learn_shift(j, state, np.zeros(4))
    assert -0.0012 < state.bias.mean() < -0.0003
    assert 0 < emission.bias_variance < READ.bias**2 / 3


def test_a_flat_end_spreads_censoring_evenly() -> None:
    """With the total known and no event left the curve does not show where the ten patients leave."""
    line = line_of([0.8] * 2 + [0.5] * 20, {0: 40, 2: 30})
    balance = CensoringBalance(line, 10, READ.noise, DEFAULT_PRIORS.censoring)
    j = int(np.flatnonzero(line.printed == 30)[0]) + 6
    for level in (0.499, 0.5, 0.501):
        _, share = balance.expected(j, np.array([10]), np.array([level]), np.array([10]))
        assert np.asarray(share)[0] == pytest.approx(1 / (len(line) - j), rel=0.5)


def test_a_curve_that_ends_at_zero_keeps_its_censored() -> None:
    """30 of 60 die over ten months, 29 leave alive in the eleventh, the last one dies at its end."""
    died, left = np.linspace(0.3, 10, 30), np.linspace(10.1, 10.9, 29)
    time, event = np.concatenate([died, left, [11.0]]), np.repeat([True, False, True], [30, 29, 1])
    arm = PseudoIPD(time=time, event=event)
    at = np.append(np.linspace(0, 10.8, 60), 11.0)
    points = SurvivalCurve(
        time=at, survival=np.round(np.append(np.asarray(arm.survival_at(at[:-1]), dtype=float), 0.0), 3)
    )
    result = reconstruct(points, n=60, rng=np.random.default_rng(1))
    assert result.ipd.events == pytest.approx(31, abs=5)


def test_a_last_patient_fails_more_often_where_most_did() -> None:
    line = line_of([0.5, 0.1], {})
    noise = np.full(len(line), READ.noise)
    events, state = EventTransition(line, 100, noise, DEFAULT_PRIORS.events, clicks=False), paths(3, 100)
    state.survival, state.at_risk = np.array([0.05, 0.5, 0.05]), np.array([1, 1, 2])
    most, half, of_two = events.last_fails(state)
    odds = 0.5 * np.log(20) / 5  # half of the hazard so far, of which 1 / (n S) was not seen
    assert most == pytest.approx(odds / (1 + odds))
    assert most > 10 * half
    assert of_two == 0


def test_few_points_do_not_tell_of_heavy_censoring() -> None:
    """One point each six months of 300 patients: the totals of six arms are right within 8% on average."""
    off = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        died, left = rng.exponential(20, 300), np.minimum(rng.uniform(18, 36, 300), rng.exponential(150, 300))
        arm = PseudoIPD(time=np.minimum(died, left), event=died <= left)
        at = np.append(np.arange(0, arm.time.max(), 6), arm.time.max())
        points = SurvivalCurve(time=at, survival=np.round(np.asarray(arm.survival_at(at), dtype=float), 3))
        off.append(reconstruct(points, n=300, rng=np.random.default_rng(seed)).ipd.events - arm.events)
    assert abs(np.mean(off)) < 0.08 * 200


def test_a_total_of_clicks_is_not_used_up_before_the_curve_ends() -> None:
    """400 patients, half censored evenly: every draw has the total, and follows the curve to its end."""
    arm = simulated(400, 8, censoring=1.5)
    result = reconstruct(clicks(arm, 2, points=140), n=400, events=arm.events, rng=np.random.default_rng(2))
    late = 0.9 * float(arm.time[-1])
    for draw in [result.ipd, *result.draws(30)]:
        assert draw.events == arm.events
        assert abs(float(draw.survival_at(late)) - float(arm.survival_at(late))) < 8 / HEIGHT
