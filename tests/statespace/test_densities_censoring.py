"""Densities of censoring and of marks, each against its formula written out with numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from survrecon.arrays import FloatArray, IntArray
from survrecon.reconstruction.statespace.backward import DecodingGoal
from survrecon.reconstruction.statespace.censored_counts import (
    CensoringTransition,
    closings,
    density_before,
    fitting_endings,
)
from survrecon.reconstruction.statespace.censoring import CensoringBalance, CensoringPattern, even_patterns
from survrecon.reconstruction.statespace.crowding import (
    WeightedTimeline,
    _reach,
    _supported,
    marks_run_together,
    timelines_behind_marks,
    timelines_in_columns,
)
from survrecon.reconstruction.statespace.decode import _Decoder, _Pairs, decoding_goal, smoothed
from survrecon.reconstruction.statespace.particles import ParticleHistories, Particles, island_plan
from survrecon.reconstruction.statespace.patients import Visits, _at_the_end, _followed_on, _late, _likely
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS
from survrecon.reconstruction.statespace.reading import CurveDetail, PointReading
from survrecon.reconstruction.statespace.timeline import Timeline, mark_crowds, sampled_timeline, stepped_timeline
from tests.build import table

READ = PointReading(detail=CurveDetail.TRACE, grid=0.0025, noise=0.001, bias=0.0)
PRIOR, MARKS, DECODING = DEFAULT_PRIORS.censoring, DEFAULT_PRIORS.marks, DEFAULT_PRIORS.decoding
PLACEMENT = DEFAULT_PRIORS.placement
MANY = 20_000


def line_of(
    survival: FloatArray, printed: dict[float, int] | None = None, marks: list[float] | None = None
) -> Timeline:
    """One point a unit of time."""
    risk = table(list(printed), list(printed.values())) if printed else None
    time = np.arange(1.0, survival.size + 1)
    return sampled_timeline(time, survival, READ, risk, None if marks is None else np.array(marks), PRIOR)


def flat(bins: int = 100, **inputs: dict[float, int] | list[float]) -> Timeline:
    return line_of(np.full(bins, 0.9), **inputs)  # type: ignore[arg-type]


def transition(line: Timeline, islands: int = 8, each: int = 2500, n: int = 100) -> CensoringTransition:
    plan = island_plan(islands, each, 4)
    return CensoringTransition(line, n, None, READ, DEFAULT_PRIORS, plan, np.random.default_rng(1))


def paths(size: int, n: int = 50) -> Particles:
    state = Particles.at_start(
        n, level=np.zeros(size), density=np.ones(size), before_printed=np.zeros(size), closing=np.full(size, np.inf)
    )
    state.survival = np.full(size, 0.9)
    state.hidden_rate, state.hidden_left, state.settled = (
        np.zeros(size),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
    )
    return state


def assert_distribution(values: FloatArray, cumulative: Callable[[FloatArray], FloatArray]) -> None:
    """Largest distance of the empirical distribution less than 1.7 / sqrt(m): more once in 150 by chance."""
    expected, rank = cumulative(np.sort(values)), np.arange(values.size + 1) / values.size
    distance = max(np.abs(expected - rank[:-1]).max(), np.abs(expected - rank[1:]).max())
    assert distance < 1.7 / values.size**0.5


def mixture(often: float, mean: float, sd: float, low: float, high: float) -> Callable[[FloatArray], FloatArray]:
    def cumulative(x: FloatArray) -> FloatArray:
        uniform = np.clip((x - low) / (high - low), 0, 1)
        return np.asarray(often * stats.norm.cdf(x, mean, sd) + (1 - often) * uniform)

    return cumulative


def test_density_before_a_printed_number() -> None:
    """85% normal about 0.4 of the path's level with standard deviation 0.4, the others from -4 to 1.5."""
    made = transition(flat(printed={0: 100, 60: 50}))
    found = np.log(made.draw_density(0, np.full(MANY, 1.0), np.full(MANY, np.inf)))
    assert_distribution(found, mixture(0.85, 0.4, 0.4, -4.0, 1.5))


def test_density_before_an_ending_within_a_printed_interval() -> None:
    made = transition(flat(printed={0: 100, 60: 50}))
    found = np.log(made.draw_density(0, np.full(MANY, 1.0), np.full(MANY, 0.3)))
    assert_distribution(found, mixture(0.85, -2.5, 0.4, -4.0, 1.5))


@pytest.mark.parametrize(("closing", "often"), [(np.inf, 0.7), (-np.inf, 0.9)])
def test_density_without_a_printed_number_ahead(closing: float, often: float) -> None:
    """Normal about the path's level with standard deviation 0.5, or from -5 to 2: 70%, and 90% once a trial ends."""
    found = np.log(transition(flat()).draw_density(0, np.full(MANY, 0.7), np.full(MANY, closing)))
    assert_distribution(found, mixture(often, 0.7, 0.5, -5.0, 2.0))


def test_levels_of_paths_are_normal() -> None:
    """Standard deviation 1.2, in strata of islands without an ending."""
    made = transition(flat(), islands=40, each=500)
    own = made.first_paths().level.reshape(40, -1)[1::2]
    assert_distribution(own.ravel(), lambda x: stats.norm.cdf(x, 0, 1.2))


def test_the_density_changes_six_times_a_follow_up() -> None:
    line = flat(200)
    made = transition(line, islands=8, each=250, n=10_000)
    state, changes = made.first_paths(), np.zeros(2000)
    state.closing = np.full(2000, np.inf)
    for j in range(len(line) - 1):
        before = state.density
        made.draw(j, state)
        changes += state.density != before
    assert changes.mean() == pytest.approx(6, abs=0.25)


def test_a_trial_that_ends_lets_all_leave_about_evenly() -> None:
    """The log density has a standard deviation of 0.5 then."""
    made, state = transition(flat(40)), paths(MANY)
    state.closing = np.full(MANY, 0.25)
    made._close(20, state)
    assert_distribution(np.log(state.density), lambda x: stats.norm.cdf(x, 0, 0.5))
    assert (state.closing == -np.inf).all()


def test_endings_are_even_or_by_the_log_of_their_length() -> None:
    """Half and half, the latter from 2% of the follow-up to all of it."""
    length = 1 - closings(np.random.default_rng(3), MANY, PRIOR)
    assert_distribution(
        length, lambda x: 0.5 * np.clip(x, 0, 1) + 0.5 * np.clip(1 + np.log(np.maximum(x, 1e-9)) / np.log(50), 0, 1)
    )


def test_who_drops_out_before_an_ending() -> None:
    """Nobody (a thousandth) in a quarter of the trials; else a share x, up to 0.6, whose log (1 + 100 x) is even."""
    place = np.array([0.1, 0.25, 0.5, 0.75, 1.0])
    share = 1 - 0.4 ** np.exp(density_before(place, np.full(5, 0.6), PRIOR))
    np.testing.assert_allclose(share, [0.001, 0.001, *(0.01 * (61 ** (k / 3) - 1) for k in (1, 2, 3))], rtol=1e-9)


@pytest.mark.parametrize(("share", "possible"), [(0.08, True), (0.15, False)])
def test_nobody_drops_out_where_the_first_ending_nearly_fits(share: float, possible: bool) -> None:
    """Censored as a mix of a share before the shortest drop-out, at S = 1, and of the rest, evenly afterwards."""
    time = (np.arange(500) + 1) / 500
    line = sampled_timeline(time, np.exp(-time), READ, None, None, PRIOR)
    early = time <= 0.02
    survival = np.exp(-line.hazard[:500])
    censored = share * survival[early].mean() + (1 - share) * survival[~early].mean()
    n = 10_000_000
    _, before = fitting_endings(line, n, round(n * (1 - censored)), 40, PRIOR, np.random.default_rng(2))
    assert bool((before == 0).any()) is possible
    if possible:
        assert (before == 0).sum() == 10


def test_falls_at_printed_times_are_as_counted_or_not_or_both() -> None:
    """Half before as the convention says, 30% partly, the rest on the other side."""
    part = transition(flat(printed={0: 100, 60: 50}))._before_printed(MANY)
    assert (part == 0).mean() == pytest.approx(0.5, abs=0.012)
    assert (part == 1).mean() == pytest.approx(0.2, abs=0.012)


@pytest.mark.parametrize(("kind", "even"), [(0, 0.0), (1, 0.05), (2, 0.2), (3, 0.5)])
def test_part_of_the_censored_are_even_however_late_the_others_are(kind: int, even: float) -> None:
    """A flat curve tilted by 14 over 101 bins: of the early ones only the even part is left."""
    line = flat(100)
    balance = CensoringBalance(line, 5, 0.0, PRIOR, even_patterns(PRIOR))
    _, share = balance.tables[kind]
    tilt = np.exp(14 * np.arange(101) / 100)
    weight = (1 - even) * tilt / tilt.mean() + even
    width, fewer = line.right - line.left, np.exp(-line.hazard)
    weight = weight * width * fewer
    assert share[-1, 0] == pytest.approx(weight[0] / weight.sum(), rel=1e-6)
    assert share[-1, 50] == pytest.approx(weight[50] / weight[50:].sum(), rel=1e-6)


def test_a_tilt_that_the_noise_hides_is_drawn_towards_none() -> None:
    """By (noise / (3 S^2))^2 over the slope of the mean of 1 / S, times the tilt."""
    line = line_of(np.exp(-0.01 * np.arange(1, 101)))
    exact, noisy = (CensoringBalance(line, 5, noise, PRIOR).tables[0][0] for noise in (0.0, 0.002))
    slope = np.gradient(exact[:, 0], np.linspace(-14, 14, 29))
    survival = np.exp(-line.hazard[0])
    k = 17  # a tilt of 3
    assert noisy[k, 0] - exact[k, 0] == pytest.approx(3 * (0.002 / survival**2 / 3) ** 2 / slope[k], rel=1e-3)


def test_a_curve_that_reaches_zero_has_time_after_it() -> None:
    """A tenth of the follow-up in which the censored would have left, had they not failed."""
    line = line_of(np.append(np.linspace(0.95, 0.1, 50), 0.0))
    assert line.to_zero
    balance = CensoringBalance(line, None, 0.0, PRIOR)
    last = float(line.weight[-1])
    assert balance.ahead[-1] == pytest.approx(last + 0.1 * float(line.weight.sum()))


def marked(*at: float) -> Timeline:
    return flat(marks=list(at))


def marked_bins(line: Timeline) -> list[int]:
    assert line.marks is not None
    return [int(j) for j in np.flatnonzero(line.marks)]


def test_a_mark_is_read_a_bin_late_in_three_of_ten_and_early_in_half_as_many() -> None:
    line = marked(10.0, 30.0)
    made, state = transition(line), paths(MANY)
    j = marked_bins(line)[0]
    assert made._unmarked(j - 1, np.full(MANY, 40), state).mean() == pytest.approx(0.3, abs=0.012)
    state = paths(MANY)
    state.density = np.zeros(MANY)
    left = made._marked(j, np.zeros(MANY), np.full(MANY, 40), state)
    assert (left == 0).mean() == pytest.approx(0.15, abs=0.01)


def test_patients_without_a_mark_cost_two_each_up_to_twenty() -> None:
    line = flat(marks=[10.0], printed={0: 100, 60: 40})
    made, state = transition(line), paths(3)
    j = int(np.flatnonzero(line.printed == 40)[0])
    state.at_risk = np.array([40, 43, 75])
    left, cost = made._meet(j, state)
    np.testing.assert_array_equal(left, [0, 3, 35])
    np.testing.assert_allclose(cost, [0, -6, -40])


def hidden(made: CensoringTransition, j: int, rest: float, marks: int) -> FloatArray:
    """Means of hidden patients by island (8, 2500), of paths at the level exp(0.5)."""
    state = paths(MANY)
    state.level = np.full(MANY, 0.5)
    return made._hidden(j, np.full(MANY, rest), marks, state).reshape(8, -1)


def test_marks_hide_as_many_each_or_as_their_neighbours_say() -> None:
    """Islands 0, 1, 6, 7 (in turn four and four): rest / marks; 2, 3: two bins over the gap; 4, 5: by time."""
    line = marked(10.0, 12.0, 90.0)
    made = transition(line)
    j = marked_bins(line)[1]
    found = hidden(made, j, 6.0, 3)
    np.testing.assert_allclose(found[0], 2.0)
    gap = ((j - marked_bins(line)[0]) + (marked_bins(line)[2] - j)) / 2
    crowded = found[2] == 8.0
    assert crowded.mean() == pytest.approx(0.03, abs=0.012)
    np.testing.assert_allclose(found[2][~crowded], np.exp(0.5) * 2 / gap)
    rate = 9.0 * made.even_part[j]
    np.testing.assert_allclose(found[4], min(np.expm1(1.5 * rate), rate * (made.gap[j] - 1.5)))


def test_the_last_mark_often_hides_all_who_are_left_and_two_more() -> None:
    line = marked(10.0, 12.0, 90.0)
    found = hidden(transition(line), marked_bins(line)[2], 6.0, 1)
    assert (found[2] == 8.0).mean() == pytest.approx(0.7, abs=0.03)


def test_by_time_few_marks_stand_apart_where_many_leave() -> None:
    """The smaller of a run's length and of those who leave in the gap but for 1.5 bins; 0.003 at least."""
    line = marked(10.0, 14.0, 90.0)
    made = transition(line)
    j = marked_bins(line)[0]
    made.even_part[j] = 0.2
    rate = 30 * 0.2
    np.testing.assert_allclose(hidden(made, j, 28.0, 2)[4], rate * (made.gap[j] - 1.5))
    made.even_part[j] = 1e-6
    np.testing.assert_allclose(hidden(made, j, 0.0, 2)[[0, 4], 0], 0.003)


def test_a_run_of_marks_takes_seven_tenths_of_a_bin_a_patient() -> None:
    """The log of its width is normal with standard deviation 0.5; patients leave at their number over it."""
    line = flat(1000, marks=[10.0, 995.0])
    made, state = transition(line), paths(MANY)
    j = marked_bins(line)[0]
    state.hidden_left, state.density = np.full(MANY, 100), np.zeros(MANY)
    made._marked(j, np.zeros(MANY), np.full(MANY, 10**6), state)
    assert_distribution(-np.log(state.hidden_rate), lambda x: stats.norm.cdf(x, np.log(0.7), 0.5))


def test_crowds_of_marks() -> None:
    """Two bins over the mean gap on both sides."""
    line = marked(10.0, 14.0, 20.0)
    at = marked_bins(line)
    assert mark_crowds(line, MARKS)[at[1]] == pytest.approx(2 / 5)


@pytest.mark.parametrize(("shown", "together"), [(60, True), (75, False)])
def test_marks_run_together_where_a_third_have_none(shown: int, together: bool) -> None:
    """100 are censored, of whom 60 and 75 have a mark of their own."""
    line = line_of(np.full(100, 1.0), marks=list(np.linspace(2, 98, shown)))
    assert marks_run_together(line, 100, None, MARKS) is together


@pytest.mark.parametrize(("apart", "reach"), [(4, 3), (10, 8), (30, 8)])
def test_a_mark_is_eight_columns_wide_at_most(apart: int, reach: int) -> None:
    assert _reach(np.array([0, apart, 5 * apart]), 0.0, MARKS.widest_mark) == reach


def crowd_line() -> Timeline:
    rng = np.random.default_rng(4)
    at = np.unique(np.concatenate([rng.normal(40, 3, 30), rng.uniform(1, 99, 12)]).round())
    return line_of(np.full(100, 1.0), printed={0: 200, 100: 60}, marks=list(at))


def test_bandwidths_of_crowded_marks() -> None:
    """0.5, 1, 2 and 4% of the follow-up by their support, less 1 / (2 sqrt(pi)) over each; those of 5% of the best."""
    line = crowd_line()
    supports, base = {}, timelines_in_columns(line, 200, None, MARKS)
    for width in (0.005, 0.01, 0.02, 0.04):
        free = replace(MARKS, bandwidths=(width, 1.0), bandwidth_freedom=0.0, least_support=0.0)
        pair = timelines_in_columns(line, 200, None, free)
        one = next(c for c in pair if not np.array_equal(c.line.weight, wide_weight(line)))
        other = next(c for c in pair if c is not one)
        supports[width] = np.log(one.share / other.share) - 1 / (2 * np.pi**0.5) / width
    values = np.array(list(supports.values()))
    shares = np.exp(values - values.max())
    kept = np.sort(shares[shares >= 0.05])[::-1]
    assert [one.share for one in base] == pytest.approx(list(kept / kept.sum()), rel=0.05)


def wide_weight(line: Timeline) -> FloatArray:
    return timelines_in_columns(line, 200, None, replace(MARKS, bandwidths=(1.0,)))[0].line.weight


@pytest.mark.parametrize(("same", "before"), [(1.5e-6, False), (4e-6, True)])
def test_ties_of_rounded_times_are_by_chance_where_they_are_many(same: float, before: bool) -> None:
    """2 same x marks x steps: 40 x 100 x 3e-6 = 0.012 is less than 0.02, 0.032 is more."""
    rng = np.random.default_rng(1)
    steps = np.sort(rng.random(100))
    seen = np.unique(np.append(rng.random(39), steps[50]))
    found = set()
    for seed in range(12):
        line = stepped_timeline(
            steps, 1 - np.arange(1, 101) / 200, 1.0, None, seen, same, np.random.default_rng(seed), DEFAULT_PRIORS
        )
        assert line.marks is not None
        slot = int(np.flatnonzero(line.step == 50)[0])
        found.add(int(line.marks[slot + 1]))
    assert (len(found) > 1) is before


@pytest.mark.parametrize(("same", "exact"), [(0.8e-5, True), (1.6e-5, False)])
def test_times_are_exact_that_are_rounded_to_a_hundred_thousandth(same: float, exact: bool) -> None:
    rng = np.random.default_rng(1)
    steps = np.sort(rng.random(100))
    seen = np.unique(np.append(rng.random(200), steps[50]))
    found = set()
    for seed in range(12):
        line = stepped_timeline(
            steps, 1 - np.arange(1, 101) / 200, 1.0, None, seen, same, np.random.default_rng(seed), DEFAULT_PRIORS
        )
        assert line.marks is not None
        found.add(tuple(line.marks.tolist()))
    assert (len(found) > 1) is exact


def decoder(marks: list[float] | None = None, n: int = 60) -> _Decoder:
    """Steps at 1 to 8 of 60 patients, 20 of whom are printed at 9."""
    levels = 1 - np.arange(1, 9) / 60
    line = stepped_timeline(
        np.arange(1.0, 9), levels, 10.0, table([0, 9], [n, 20]), None if marks is None else np.array(marks), 1e-6,
        np.random.default_rng(0), DEFAULT_PRIORS,
    )  # fmt: skip
    goal = DecodingGoal(levels=levels, tolerance=1e-4, density_kept=0.9, density_sd=0.1)
    return _Decoder(line, goal, n, None, 3, DEFAULT_PRIORS, np.random.default_rng(0))


def one_pair_each(left: list[int]) -> _Pairs:
    """For each particle one pair, with as many censored before the step."""
    count = len(left)
    return _Pairs(
        particle=np.arange(count), died=np.ones(count, dtype=np.int64), left=np.array(left), spacing=np.ones(count)
    )


def negative_binomial(count: int, mean: float) -> float:
    return float(stats.nbinom.logpmf(count, 1.5, 1.5 / (1.5 + mean)))


def test_censorings_between_steps_are_negative_binomial_or_a_burst() -> None:
    """Shape 1.5, or exp(-9) times an exponential of three in ten of those at risk, three at least."""
    made = decoder()
    made.log_density = np.zeros(3)
    made.at_risk = np.array([60, 60, 6])
    to_come, share = made.balance.expected(2, made.at_risk, made.survival, made.events_so_far)
    found = made._censoring(2, one_pair_each([4, 40, 5]))
    for k, (count, scale) in enumerate(((4, 18.0), (40, 18.0), (5, 3.0))):
        mean = max(float((to_come * share)[k]), 1e-4)
        expected = np.logaddexp(negative_binomial(count, mean), -9 - count / scale)
        assert found[k] == pytest.approx(expected, rel=1e-9)


def test_nobody_expected_is_a_ten_thousandth() -> None:
    made = decoder()
    made.log_density = np.full(3, -99.0)
    found = made._censoring(2, one_pair_each([1, 2, 0]))
    bursts = [-9 - 1 / 18, -9 - 2 / 18, -9.0]
    expected = [np.logaddexp(negative_binomial(c, 1e-4), b) for c, b in zip((1, 2, 0), bursts, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_patients_behind_marks_between_steps() -> None:
    """Beyond the marks a burst costs 12; nobody expected is a thousandth; a hundredth a mark may hide somebody."""
    made = decoder([1.5, 2.5, 2.6])
    made.log_density = np.full(3, -99.0)
    marks = made.line.marks
    assert marks is not None
    j = int(np.flatnonzero(marks == 2)[0])
    found = made._censoring(j, one_pair_each([2, 3, 32]))
    expected = [np.logaddexp(negative_binomial(c, 1e-3), -12 - c / 18) for c in (0, 1, 30)]
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    made.log_density, made.survival = np.full(3, 5.0), np.full(3, 1.0)
    made.at_risk = np.full(3, 22)  # 20 are printed: fewer are to come than there are marks
    made.hidden_share[j] = 0.5
    mean = (
        np.exp(5.0) * 0.01 * 3 * 0.5 if made.marks_left[j] - made.marks_left[int(made.line.end[j]) + 1] == 3 else None
    )
    ahead = int(made.marks_left[j] - made.marks_left[int(made.line.end[j]) + 1])
    mean = np.exp(5.0) * 0.01 * ahead * 0.5
    low = made._censoring(j, one_pair_each([2, 3, 4]))
    expected = [np.logaddexp(negative_binomial(c, mean), -12 - c / 6.6) for c in (0, 1, 2)]
    np.testing.assert_allclose(low, expected, rtol=1e-6)


def test_marks_at_a_printed_time_without_a_patient() -> None:
    """Each mark without a patient costs 8; patients without a mark cost 4."""
    made = decoder([8.5, 8.6])
    marks = made.line.marks
    assert marks is not None
    j = int(np.flatnonzero(made.line.printed == 20)[0])
    assert marks[j] == 2
    made.at_risk = np.array([20, 21, 25])
    made._meet(j)
    np.testing.assert_allclose(made.log_weight, [-16, -8, 0])
    bare = decoder([1.5])
    bare.at_risk = np.array([20, 21, 25])
    bare._meet(j)
    np.testing.assert_allclose(bare.log_weight, [0, -4, -4])


def test_the_log_density_between_steps_wanders() -> None:
    """Standard deviation 0.5, of which exp(-4) is kept over the follow-up."""
    line = decoder().line
    goal = decoding_goal(line, np.zeros(1), 0.1, DECODING)
    kept = np.exp(-4 / len(line))
    assert goal.density_kept == pytest.approx(kept)
    assert goal.density_sd == pytest.approx(0.5 * (1 - kept**2) ** 0.5)
    made = [
        _Decoder(line, goal, 60, None, 4000, DEFAULT_PRIORS, np.random.default_rng(seed)).log_density.std()
        for seed in range(3)
    ]
    assert np.mean(made) == pytest.approx(0.5, rel=0.03)


def test_the_density_of_a_first_pass_is_smoothed_over_a_twentieth() -> None:
    """All 10 left in the bin at 5.5 of 10; 10% even: weight by exp(-d^2 / (2 x 0.5^2))."""
    line = stepped_timeline(
        np.arange(1.0, 10), 1 - np.arange(1, 10) / 20, 10.0, None, None, 1e-6, np.random.default_rng(0), DEFAULT_PRIORS
    )
    censored: IntArray = np.zeros((10, 4), dtype=np.int64)
    censored[5] = 10
    middle = np.arange(10) + 0.5
    near = np.exp(-0.5 * ((middle[:, None] - middle) / 0.5) ** 2)
    expected = near[:, 5] * 10 / near.sum(axis=1) + 0.1 * 10 / 10
    np.testing.assert_allclose(smoothed(line, censored, DECODING), expected / expected.sum(), rtol=1e-6)


def late_parts(draws: int, wide: float) -> FloatArray:
    """How early the earliest of places that fill a bin comes, moved or not; one bin of a width, the rest of another."""
    line = stepped_timeline(
        np.array([wide, 1.0]), np.array([0.9, 0.8]), 1.0, None, None, 1e-9, np.random.default_rng(0), DEFAULT_PRIORS
    )
    places = np.linspace(0, 1, 11)
    rng = np.random.default_rng(5)
    return np.array([_late(line, np.zeros(11, dtype=np.int64), places, rng, PLACEMENT)[0] for _ in range(draws)])


def test_patients_leave_late_in_long_bins_of_half_of_the_draws() -> None:
    """In the last part of the bin, whose log is even from 0.02 to 1."""
    first = late_parts(4000, 0.5)
    moved = first[first > 0]
    assert moved.size == pytest.approx(2000, abs=130)
    assert_distribution(np.log(1 - moved), lambda x: np.clip(1 - x / np.log(0.02), 0, 1))


@pytest.mark.parametrize(("wide", "long"), [(0.02, False), (0.045, True)])
def test_bins_of_three_hundredths_are_long(wide: float, long: bool) -> None:
    assert bool((late_parts(40, wide) > 0).any()) is long


def test_all_hidden_by_the_last_marks_are_behind_the_last_in_half_of_the_draws() -> None:
    rng = np.random.default_rng(1)
    assert np.mean([_at_the_end(1, 9, rng, PLACEMENT) for _ in range(4000)]) == pytest.approx(0.5, abs=0.03)


def test_those_followed_on_have_a_hazard_that_may_have_changed() -> None:
    """One patient, seen on without limit: its time is exponential by a hazard times exp(0.5 z), if all stay."""
    line = stepped_timeline(
        np.array([1.0]), np.array([np.exp(-1.0)]), 1.0, None, None, 1e-9, np.random.default_rng(0), DEFAULT_PRIORS, 1e6
    )
    rng = np.random.default_rng(2)
    hazard = float(line.hazard[-1] / line.right[-1])
    times = np.array([_followed_on(line, 1, rng, PLACEMENT, None)[0] - 1.0 for _ in range(6000)])
    z = np.random.default_rng(3).standard_normal(40_000)
    staying = np.where(np.random.default_rng(4).random(40_000) < 0.5, 1.0, np.random.default_rng(5).random(40_000))
    exponential = np.random.default_rng(6).exponential(size=40_000)
    simulated = exponential / (hazard * np.exp(0.5 * z) * (1 + staying) / 2)
    whole = times[times > 0]
    low, high = np.quantile(whole, [0.25, 0.9])
    kept = simulated * np.where(np.round(staying) == 1, 1.0, np.random.default_rng(7).random(40_000))
    expected = np.quantile(kept, [0.25, 0.9])
    np.testing.assert_allclose([low, high], expected, rtol=0.12)


class _Told(np.random.Generator):
    """A generator whose uniform numbers are one half, and whose normal ones are given."""

    z = 0.0

    def random(self, size: int | None = None, *_: object, **__: object) -> float | FloatArray:  # type: ignore[override]
        return 0.5 if size is None else np.full(size, 0.5)

    def standard_normal(self, *_: object, **__: object) -> float:  # type: ignore[override]
        return self.z


def test_a_hazard_one_deviation_higher_ends_follow_up_sooner_by_exp_half() -> None:
    """All stay, and follow-up has no limit: the median time to the end is ln 2 / (hazard exp(0.5 z))."""
    line = stepped_timeline(
        np.array([1.0]), np.array([np.exp(-1.0)]), 1.0, None, None, 1e-9, np.random.default_rng(0), DEFAULT_PRIORS, 1e9
    )
    hazard = float(line.hazard[-1] / line.right[-1])
    rng, prior = _Told(np.random.PCG64(0)), replace(PLACEMENT, evenly=1.0)
    for z in (-1.0, 0.0, 2.0):
        rng.z = z
        (time,) = _followed_on(line, 1, rng, prior, None)
        assert time - 1.0 == pytest.approx(np.log(2) / (hazard * np.exp(0.5 * z)), rel=1e-6)


def test_visits_are_unevenly_attended() -> None:
    """The shares of two visits are gamma with shape 1.5: the first one's is a beta with 1.5 and 1.5."""
    visits, rng = Visits(apart=1.0, exact=True), np.random.default_rng(1)
    places = (np.arange(400) + 0.5) / 400
    first = []
    for _ in range(1500):
        times = visits.placed(0.5, 3.0, places, rng, PLACEMENT.visit_shape)
        assert times is not None
        first.append(float((times == 1).mean()))
    assert_distribution(np.array(first) + 1e-6, lambda x: stats.beta.cdf(x, 1.5, 1.5))


def test_marks_hide_unlike_numbers() -> None:
    """One mark of 400: exp(s z) times a gamma of shape a, s even from 0.3 to 1.5 and log a from 0 to log 20."""
    line = stepped_timeline(
        np.array([0.5]), np.array([0.9]), 1.0, None, np.linspace(0.01, 0.99, 400), 1e-9, np.random.default_rng(0),
        DEFAULT_PRIORS,
    )  # fmt: skip
    rng = np.random.default_rng(2)
    draws = np.log([_likely(line, rng, PLACEMENT) for _ in range(1500)])
    jumps = np.diff(draws, axis=1)
    other = np.random.default_rng(3)
    shape = np.exp(other.uniform(0, np.log(20), 4000))
    rough = np.log(other.gamma(shape, size=4000)) - np.log(other.gamma(shape, size=4000))
    assert np.median(np.abs(jumps)) == pytest.approx(np.median(np.abs(rough)), rel=0.12)
    apart = draws[:, 300] - draws[:, 100]  # farther apart than 60 marks: independent
    sd = other.uniform(0.3, 1.5, 4000)
    whole = rough + sd * np.sqrt(2 * 0.72) * other.standard_normal(4000)
    assert np.median(np.abs(apart)) == pytest.approx(np.median(np.abs(whole)), rel=0.12)


def test_hidden_numbers_change_over_two_to_sixty_marks() -> None:
    """By 30 marks away half of the draws have forgotten: the log of the distance is even from log 2 to log 60."""
    line = stepped_timeline(
        np.array([0.5]), np.array([0.9]), 1.0, None, np.linspace(0.01, 0.99, 400), 1e-9, np.random.default_rng(0),
        DEFAULT_PRIORS,
    )  # fmt: skip
    rng = np.random.default_rng(2)
    draws = np.log([_likely(line, rng, PLACEMENT) for _ in range(3000)])
    spread = draws - draws.mean()
    near = np.mean(spread[:, 100:200] * spread[:, 110:210])
    far = np.mean(spread[:, 100:200] * spread[:, 140:240])
    other = np.random.default_rng(4)
    step, sd = np.exp(other.uniform(np.log(2), np.log(60), 4000)), other.uniform(0.3, 1.5, 4000)
    places = other.random(4000) * step + np.floor(100 / step) * step

    def correlated(lag: float) -> float:
        products = []
        for one, width, at in zip(step, sd, places, strict=True):
            knots = other.standard_normal(int((at + lag) / one) + 3) * width
            grid = np.arange(knots.size) * one
            products.append(np.interp(at, grid, knots) * np.interp(at + lag, grid, knots))
        return float(np.mean(products))

    assert near == pytest.approx(correlated(10), abs=0.06)
    assert far == pytest.approx(correlated(40), abs=0.04)


def test_no_pattern_is_denser_before_its_ending() -> None:
    density = CensoringPattern(closing=0.5, before=0.25).density(np.array([0.2, 0.5, 0.6]))
    np.testing.assert_allclose(density, [0.25, 0.25, 1.0])


def test_exact_marks_that_crowd() -> None:
    """Marks on a grid of steps hide what is censored beyond them, in all."""
    seen = np.arange(0.05, 1.0, 0.01)
    line = stepped_timeline(
        np.array([0.5]), np.array([0.99]), 1.0, table([0, 0.9], [400, 100]), seen, 1e-9, np.random.default_rng(0),
        DEFAULT_PRIORS,
    )  # fmt: skip
    ways = timelines_behind_marks(line, 400, None, MARKS)
    assert sum(way.share for way in ways) == pytest.approx(1)
    assert ways[0].line.hidden is not None
    assert ways[0].line.hidden[line.mark_times < 0.9].sum() == pytest.approx(210, rel=0.05)  # type: ignore[operator]


def test_bandwidths_count_that_have_a_twentieth_of_the_best_support() -> None:
    line = flat(20, marks=[3.0, 9.0])
    found = [(float(np.log(support)), WeightedTimeline(line=line)) for support in (0.07, 1.0, 0.03)]
    shares = [one.share for one in _supported(found, MARKS.least_support)]
    assert shares == pytest.approx([1 / 1.07, 0.07 / 1.07])


@pytest.mark.parametrize(("behind", "divisor"), [(2.0, 4.0), (10.0, 10.0), (60.0, 20.0)])
def test_evidence_of_islands_counts_a_fourth_to_a_twentieth(behind: float, divisor: float) -> None:
    """The median distance of three islands from the best, 4 at least and 20 at most."""
    empty: IntArray = np.zeros((0, 6), dtype=np.int64)
    run = ParticleHistories(
        events=empty, censored=empty, log_weight=np.zeros(6), ancestors=[], evidence=np.array([0.0, -behind, -behind])
    )
    np.testing.assert_allclose(run.shares(0.0), [1, np.exp(-behind / divisor), np.exp(-behind / divisor)])
