"""Densities of events and of points, each against its formula written out with numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from survrecon.arrays import FloatArray
from survrecon.model.convention import PointKind
from survrecon.model.curve import Resolution, SurvivalCurve
from survrecon.model.repair import repair_curve
from survrecon.reconstruction.statespace.censored_counts import CensoringTransition
from survrecon.reconstruction.statespace.decode import _tie
from survrecon.reconstruction.statespace.emission import Emission, EventTransition, clumping, event_rates, plateau_noise
from survrecon.reconstruction.statespace.model import ArmModel
from survrecon.reconstruction.statespace.particles import Particles, island_plan
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS
from survrecon.reconstruction.statespace.reading import CurveDetail, PointReading, is_landmarks, judge_reading
from survrecon.reconstruction.statespace.sampler import _Filter, log_noise_prior
from survrecon.reconstruction.statespace.timeline import Timeline, open_until, sampled_timeline
from tests.build import table

TRACE = PointReading(detail=CurveDetail.TRACE, grid=0.0025, noise=0.001, bias=0.0)
CLICKS = PointReading(detail=CurveDetail.CLICKS, grid=0.0, noise=0.002, bias=0.0)
EVENTS, READING = DEFAULT_PRIORS.events, DEFAULT_PRIORS.reading


def line_of(
    survival: list[float] | FloatArray, read: PointReading = TRACE, printed: dict[float, int] | None = None
) -> Timeline:
    """One point a unit of time."""
    levels = np.asarray(survival, dtype=float)
    risk = table(list(printed), list(printed.values())) if printed else None
    return sampled_timeline(np.arange(1.0, levels.size + 1), levels, read, risk, None, DEFAULT_PRIORS.censoring)


def at_risk(*n: int, survival: float = 1.0) -> Particles:
    size = len(n)
    state = Particles.at_start(
        0, level=np.zeros(size), density=np.ones(size), before_printed=np.zeros(size), closing=np.full(size, np.inf)
    )
    state.at_risk, state.survival = np.array(n), np.full(size, survival)
    return state


def transition(line: Timeline, n: int, *, clicks: bool = False, zero_bin: int = -1) -> EventTransition:
    return EventTransition(line, n, np.full(len(line), 0.001), EVENTS, clicks=clicks, zero_bin=zero_bin)


def poisson(count: int, mean: float) -> float:
    return float(stats.poisson.pmf(count, mean))


def visit(count: int, mean: float) -> float:
    """A geometric number from 0."""
    return float((mean / (1 + mean)) ** count / (1 + mean))


def test_events_are_those_of_the_hazard_or_of_a_visit() -> None:
    """0.7 Poisson(n h) + 0.3 Geometric(n h'), h' over three bins, n h' at least 0.02."""
    events = transition(line_of(np.exp(-0.01 * np.arange(1, 101))), 80)
    events.hazard[5], events.nearby[5] = 0.02, 0.03
    state = at_risk(50, 20)
    found = np.exp(events.log_density(5, np.array([3, 0]), state))
    assert found[0] == pytest.approx(0.7 * poisson(3, 1.0) + 0.3 * visit(3, 1.5))
    assert found[1] == pytest.approx(0.7 * poisson(0, 0.4) + 0.3 * visit(0, 0.6))
    events.nearby[5] = 0.0
    assert np.exp(events.log_density(5, np.array([1, 1]), state))[0] == pytest.approx(
        0.7 * poisson(1, 1.0) + 0.3 * visit(1, 0.02)
    )
    np.testing.assert_allclose(
        np.log(events.density_up_to(5, 4, state)), events.log_density(5, np.arange(5)[:, None], state), rtol=1e-9
    )


def test_between_clicks_everything_may_happen_at_once() -> None:
    """A burst in half a percent, of three in a hundred of those at risk on average, one at least."""
    events = transition(line_of(np.exp(-0.01 * np.arange(1, 101)), CLICKS), 200, clicks=True)
    events.hazard[5], events.nearby[5] = 1e-6, 0.0
    many, few = np.exp(events.log_density(5, np.array([12, 12]), at_risk(200, 20)))
    rest = 0.995 * 0.3 * visit(12, 0.02)
    assert many == pytest.approx(0.005 * visit(12, 6.0) + rest, rel=1e-6)
    assert few == pytest.approx(0.005 * visit(12, 1.0) + rest, rel=1e-6)


def test_where_a_curve_falls_to_zero_all_who_are_left_fail() -> None:
    """exp(-1.2 (n - 1)) + exp(-3) n^-1.5."""
    events = transition(line_of([0.5, 0.4, 0.3, 0.2]), 40, zero_bin=2)
    events.hazard[2], events.nearby[2] = 1e-9, 0.0
    density = events.density_up_to(2, 8, at_risk(3, 8))
    assert density[3, 0] == pytest.approx(np.exp(-2.4) + np.exp(-3) * 3**-1.5, rel=1e-3)
    assert density[8, 1] == pytest.approx(np.exp(-8.4) + np.exp(-3) * 8**-1.5, rel=1e-3)


def test_ties_cost_little_where_drops_are_of_several() -> None:
    """The early drops of 100 patients are of 3, of 1.5 and of 1."""
    for each, cost in ((3.0, 1 / 3), (1.5, 1.2), (1.0, 1.2)):
        levels = np.asarray(1 - each / 100 * np.arange(1, 11), dtype=float)
        assert _tie(levels, 100, EVENTS) == pytest.approx(cost)


def test_the_hazard_is_smoothed_over_ten_events() -> None:
    """1,000 bins, S falls to 1/2, N = 500: 0.8 x 500 / 2 = 200 events, one in five bins; 25 bins on both sides."""
    line = line_of(np.exp(-np.log(2) * np.arange(1, 1001) / 1000))
    assert event_rates(line, 500, EVENTS)[3] == 51


def blocks(sums: list[float], of: int) -> Timeline:
    """Bins of one event each or none, in blocks of so many bins."""
    events = np.concatenate([np.full(of, total / of) for total in sums])
    return line_of(1 - np.cumsum(events) / 100)


def test_clumps_are_seen_in_blocks_of_three_events() -> None:
    """60 events in 20 blocks of three bins, of which 12 count: sums 6 and 0 in turn, off their neighbours by 6.

    By chance 1.5 times the mean, 3: the ratio is 36 / 4.5 = 8.
    """
    n, line = 100, blocks([6, 0] * 6 + [3] * 7 + [3.2], of=3)
    assert clumping(line, n, 0.0, EVENTS) == pytest.approx(8, rel=0.02)


def test_few_blocks_tell_no_clumps() -> None:
    """36 events are 12 blocks, 21 are 7."""
    assert clumping(blocks([6, 0] * 5 + [6, 0.2], of=3), 100, 0.0, EVENTS) > 4
    assert clumping(blocks([6, 0, 6, 0, 6, 0, 3], of=3), 100, 0.0, EVENTS) == 1


@pytest.mark.parametrize(("large", "clumped"), [(4, False), (5, True)])
def test_events_come_in_clumps_from_twice_the_variance_on(large: int, clumped: bool) -> None:
    """Sums 4 and 2 differ by 2 from their neighbours, 4 / 4.5 = 0.9; 5 and 1 by 4, 16 / 4.5 = 3.6."""
    line = blocks([large, 6 - large] * 6 + [3] * 7 + [3.2], of=3)
    events = EventTransition(line, 100, np.full(len(line), 1e-9), EVENTS, clicks=False)
    assert (events.shape is not None) is clumped


def test_a_little_clumped_is_not_clumped() -> None:
    """Sums of 4.2 and 1.8: 2.4^2 / 4.5 = 1.28, between one and two times the variance by chance."""
    events = np.repeat(np.array([4.2, 1.8] * 6 + [3.0] * 7 + [3.2]) / 3, 3)
    line = line_of(1 - np.cumsum(events) / 100)
    assert EventTransition(line, 100, np.full(len(line), 1e-9), EVENTS, clicks=False).shape is None


def test_a_last_patient_fails_by_half_of_the_hazard_that_is_not_seen() -> None:
    """-ln 0.05 / (100 x 0.05), of which half are the odds."""
    odds = 0.5 * np.log(20) / 5
    found = transition(line_of([0.5, 0.1]), 100).last_fails(at_risk(1, 2, survival=0.05))
    np.testing.assert_allclose(found, [odds / (1 + odds), 0.0])


def test_events_after_the_last_column_cost_one_in_a_hundred_and_more() -> None:
    """The total misses 0, 1 and 3 events: log 0.99, log 0.01 and log 0.01 - 2 x 1.5."""
    line = line_of([0.9] * 10, printed={0: 50, 20: 30})
    model = ArmModel(line, TRACE, 50, 3, DEFAULT_PRIORS, island_plan(1, 3, 4), np.random.default_rng(0))
    follow = _Filter(model, EVENTS, 8, np.random.default_rng(0))
    j = model.events.last_bin
    model.events.hazard[j] = 0.0
    state = follow.state
    state.at_risk, state.events, state.survival = np.array([30, 30, 30]), np.array([3, 2, 0]), np.full(3, 0.9)
    died = follow._after_last(j, np.array([9, 9, 9]))
    np.testing.assert_array_equal(died, [0, 1, 3])
    np.testing.assert_allclose(follow.log_weight, np.log([0.99, 0.01, 0.01]) - [0, 0, 3])


def test_a_point_is_normal_about_the_exact_survival() -> None:
    emission = Emission(line_of([0.9, 0.8], TRACE, {0: 9, 2: 1}), TRACE, READING)
    found = emission.log_density(0, np.array([[0.9, 0.902]]), at_risk(9, 9))
    np.testing.assert_allclose(found, [[0, -2]], atol=1e-9)


def test_a_click_shows_the_curve_now_before_or_slips() -> None:
    """1/2 now, 0.4 before the bin, 0.1 before the last events, 0.02 a slip of three standard deviations on average."""
    line = line_of(np.linspace(0.99, 0.5, 50), CLICKS)
    emission = Emission(line, CLICKS, READING)
    j = next(i for i, points in enumerate(line.points) if points and 0.6 < points[0] < 0.9)
    point = line.points[j][0]
    state = at_risk(40, 40, survival=point + 0.1)
    state.survival, state.earlier = np.array([point + 0.1, point]), np.array([point, point + 0.1])
    slip = 0.02 * np.exp(-0.1 / (3 * 0.002))
    found = np.exp(emission.log_density(j, np.full((1, 2), point - 0.1), state))[0]
    np.testing.assert_allclose(found, [0.1 + slip, 0.4 + slip], rtol=1e-6)
    off = np.exp(emission.log_density(j, np.full((1, 2), point - 0.02), at_risk(40, 40, survival=point + 0.5)))[0]
    np.testing.assert_allclose(off, 0.5 * np.exp(-0.5 * 10**2) + 0.02 * np.exp(-10 / 3), rtol=1e-6)
    now = np.exp(emission.log_density(j, np.full((1, 2), point), at_risk(40, 40, survival=point + 0.5)))[0]
    np.testing.assert_allclose(now, 0.52, rtol=1e-6)


def test_clicks_may_be_two_bins_off_a_printed_time() -> None:
    """Points in bins 10, 12 and 14, the printed time ends bin 12: the falls on both sides are those two bins away."""
    time, survival = np.array([1.0, 2, 3, 4, 5]), np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    line = sampled_timeline(time, survival, CLICKS, table([0, 3.01], [50, 30]), None, DEFAULT_PRIORS.censoring)
    plan = island_plan(2, 3, 4)
    made = CensoringTransition(line, 50, None, CLICKS, DEFAULT_PRIORS, plan, np.random.default_rng(0))
    end = int(line.end[0])
    occupied = [j for j, points in enumerate(line.points) if points]
    before = max(j for j in occupied if j <= end - 2)
    after = min(j for j in occupied if j >= end + 2)
    assert made.low[0] == pytest.approx(line.hazard[before] - line.hazard[end])
    assert made.high[0] == pytest.approx(line.hazard[after] - line.hazard[end])
    wide = np.array([3.0, 3.01 - 0.03, 3.01 + 0.02])
    near = sampled_timeline(
        np.sort(np.append(time, wide[1:])), np.array([0.9, 0.8, 0.72, 0.7, 0.68, 0.6, 0.5]), CLICKS,
        table([0, 3.01], [50, 30]), None, DEFAULT_PRIORS.censoring,
    )  # fmt: skip
    found = CensoringTransition(near, 50, None, CLICKS, DEFAULT_PRIORS, plan, np.random.default_rng(0))
    at = int(near.end[0])
    gaps = [j - at for j, points in enumerate(near.points) if points]
    assert any(0 < gap <= 4 and gap > 2 for gap in gaps), "a point three or four bins after the printed time"
    first = at + min(gap for gap in gaps if gap >= 2)
    assert found.high[0] == pytest.approx(near.hazard[first] - near.hazard[at])


def test_a_long_plateau_counts_as_a_dozen_points() -> None:
    """300 columns at one level: the noise is wider by the root of 300 / 12."""
    noise = plateau_noise(line_of([0.9] * 10 + [0.5] * 300), TRACE, READING)
    assert noise[200] == pytest.approx(0.001 * (300 / 12) ** 0.5, rel=0.01)


def test_noise_of_clicks_has_a_log_normal_prior() -> None:
    """About 0.0018, the log with a standard deviation of 0.7: one such deviation away, -1/2."""
    found = log_noise_prior(np.array([0.0018, 0.0018 * np.exp(0.7), 0.0018 * np.exp(-1.4)]), READING)
    np.testing.assert_allclose(found, [0, -0.5, -2], atol=1e-12)


def test_least_noises() -> None:
    """Clicks 0.0002, a line without a rise on no grid 0.00001."""
    rng = np.random.default_rng(1)
    time = np.sort(rng.uniform(0, 10, 30))
    clicked = np.exp(-time / 9) + np.where(np.arange(30) % 2 == 1, 2e-2, 0.0)
    assert judge_reading(time, clicked, 100, None).noise == pytest.approx(2e-4)
    smooth = np.exp(-np.arange(200) / 300.0 + 0.001 * np.sin(np.arange(200)) / 9)
    read = judge_reading(np.arange(200.0), smooth, 100, None)
    assert read.detail is CurveDetail.TRACE
    assert read.noise == pytest.approx(1e-5, rel=0.01)


def test_a_line_between_rows() -> None:
    """Rows of 0.002 and no grid: noise 0.43 of a row, a shared shift of 0.29."""
    time = np.arange(0.0, 60, 0.1)
    survival = np.minimum.accumulate(np.exp(-time / 50) + np.random.default_rng(1).normal(0, 1e-4, time.size))
    read = judge_reading(time, survival, 300, Resolution(survival=0.002, time=0.1))
    assert (read.noise, read.bias) == pytest.approx((0.00086, 0.00058))


@pytest.mark.parametrize(
    ("points", "uneven", "trace"), [(60, 0.015, True), (60, 0.03, False), (35, 0.0, False), (45, 0, True)]
)
def test_even_points_are_a_trace(points: int, uneven: float, trace: bool) -> None:
    """More than 40 gaps whose range is less than 2% of their mean."""
    gaps = np.ones(points)
    gaps[::2] += uneven
    time = np.cumsum(gaps)
    read = judge_reading(time, np.exp(-0.02 * time).round(5), 30, None)
    assert (read.detail is CurveDetail.TRACE) is trace


@pytest.mark.parametrize(("unit", "decoded"), [(0.2, True), (0.4, False)])
def test_steps_are_told_apart_up_to_a_quarter_of_a_patient(unit: float, decoded: bool) -> None:
    """100 patients whose survival is printed in units of 0.002 and 0.004."""
    grid = unit / 100
    levels = np.round(np.cumprod(1 - 1 / np.arange(100.0, 20, -1.5)) / grid) * grid
    time = np.repeat(np.cumsum(np.random.default_rng(1).exponential(size=levels.size)), 2)
    corners = np.column_stack([np.append(1.0, levels[:-1]), levels]).ravel()
    assert (judge_reading(time, corners, 100, None).detail is CurveDetail.STEPS) is decoded


@pytest.mark.parametrize(("n", "decoded"), [(83, True), (157, False)])
def test_stated_steps_are_decoded_up_to_a_patient(n: int, decoded: bool) -> None:
    """Two decimals are 0.8 and 1.6 patients."""
    found = judge_reading(
        np.cumsum(np.arange(12) % 3 + 1.3), np.linspace(0.97, 0.4, 12).round(2), n, None, PointKind.STEPS
    )
    assert (found.detail is CurveDetail.STEPS) is decoded


@pytest.mark.parametrize(
    ("points", "events", "clicks"), [(20, 2.0, False), (20, 3.5, True), (50, 3.5, True), (80, 3.5, False)]
)
def test_points_of_several_events_are_clicks(points: int, events: float, clicks: bool) -> None:
    """More than 2.5 events each while few are censored, and fewer than 60 points."""
    time = np.cumsum(np.random.default_rng(1).uniform(0.5, 1.5, points))
    survival = np.linspace(1, 0.2, points + 1)[1:].round(6)
    n = round(events * points / 0.8)
    assert (judge_reading(time, survival, n, None).detail is CurveDetail.CLICKS) is clicks


def test_those_followed_on_stay_half_as_long_again() -> None:
    found = open_until(np.array([1.0, 4.0]), np.array([0.9, 0.8]), None, DEFAULT_PRIORS.censoring)
    assert found == pytest.approx(6.0)


def test_patients_at_the_last_printed_time_go_on_for_a_quarter() -> None:
    """Printed at 0, 4 and 12, the curve ends at 10: the last bin ends at 12 + 8 / 4."""
    assert line_of([0.9] * 10, printed={0: 50, 4: 40, 12: 20}).right[-1] == pytest.approx(14)


@pytest.mark.parametrize(
    ("points", "plateaus", "landmarks"), [(15, 0, True), (25, 0, False), (15, 3, True), (15, 5, False), (9, 0, True)]
)
def test_landmarks_are_few_and_nearly_all_fall(points: int, plateaus: int, landmarks: bool) -> None:
    """Fewer than 20 drops of several events each; 15 of 18 points fall, 15 of 20 do not: 83 and 75%."""
    levels = np.round(np.linspace(1, 0.4, points + 1), 4)
    survival = np.append(levels, np.full(plateaus, levels[-1]))
    time = np.arange(float(survival.size))
    points_ = SurvivalCurve(time=time, survival=survival)
    fixed, _ = repair_curve(points_)
    assert is_landmarks(points_, fixed, 400, READING) is landmarks


def test_landmarks_stand_for_several_events() -> None:
    """15 points down to 0.4: 2.5 events each are 62.5 patients."""
    survival = np.round(np.linspace(1, 0.4, 16), 4)
    points = SurvivalCurve(time=np.arange(16.0), survival=survival)
    fixed, _ = repair_curve(points)
    assert [is_landmarks(points, fixed, n, READING) for n in (60, 66)] == [False, True]
