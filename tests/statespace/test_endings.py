"""How trials end: somebody is seen to the end of the curve, and many trials censor hardly anybody before they end."""

from collections.abc import Callable

import numpy as np
import pytest

from survrecon.model.curve import SurvivalCurve
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.reconstruction.statespace.censored_counts import closings, density_before, fitting_endings
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS
from survrecon.reconstruction.statespace.reading import CurveDetail, PointReading
from survrecon.reconstruction.statespace.timeline import Timeline, sampled_timeline
from tests.build import table
from tests.statespace.figures import clicks, columns, simulated, trace

READ = PointReading(detail=CurveDetail.TRACE, grid=0.0025, noise=0.001, bias=0.0007)
SLOTS = 200
PRIOR = DEFAULT_PRIORS.censoring


def steady(hazard: float = 1.0) -> Timeline:
    """A constant hazard, followed for one unit of time."""
    time = (np.arange(SLOTS) + 1) / SLOTS
    return sampled_timeline(time, np.exp(-hazard * time), READ, None, None, PRIOR)


def entered_early(n: int, seed: int) -> PseudoIPD:
    """Patients who came in over the first half of a trial, none of whom dropped out."""
    rng = np.random.default_rng(seed)
    died, left = rng.exponential(10, n), rng.uniform(6, 12, n)
    return PseudoIPD(time=np.minimum(died, left), event=died <= left)


def test_ends_begin_at_any_time_and_often_near_the_cutoff() -> None:
    """Half are even, of which 2% and 50% come after 0.98 and 0.5; the others by the log of 1 - time, from 0.02 to 1."""
    found = closings(np.random.default_rng(1), 40_000, PRIOR)
    assert (found > 0.5).mean() == pytest.approx(0.25 + 0.5 * (1 - np.log(2) / np.log(50)), abs=0.01)
    assert (found > 0.9).mean() == pytest.approx(0.05 + 0.5 * (1 - np.log(10) / np.log(50)), abs=0.01)


def test_density_before_the_end_gives_the_share_that_drops_out() -> None:
    """Censored d times as densely as evenly, (1 - c)^d are left at c: of a quarter all, at most 60% drop out."""
    place, closing = np.array([0.25, 0.625, 0.625, 1.0]), np.array([0.5, 0.5, 0.9, 0.5])
    left = (1 - closing) ** np.exp(density_before(place, closing, PRIOR))
    middle = 0.01 * (61**0.5 - 1)
    np.testing.assert_allclose(1 - left, [0.001, middle, middle, 0.6], rtol=1e-6)


@pytest.mark.parametrize("censored", [0.3, 0.5])
def test_endings_fit_the_total(censored: float) -> None:
    """The mean survival where patients are censored is the share that is, within three standard deviations."""
    line, n = steady(), 400
    closing, before = fitting_endings(line, n, round(n * (1 - censored)), 40, PRIOR, np.random.default_rng(2))
    survival = np.exp(-line.right)
    for c, b in zip(closing, before, strict=True):
        weight = np.where(line.right <= c, b, 1.0)
        assert np.average(survival, weights=weight) == pytest.approx(censored, abs=3.2 * (0.25 / n) ** 0.5)
    if censored == 0.5:  # 0.5 is the mean of exp(-t) from 0.41 on: an end that nobody leaves before begins there
        assert np.median(closing[before == 0]) == pytest.approx(0.41, abs=0.06)
        assert (before == 0).sum() == 10
        assert np.ptp(closing) > 0.3


def test_no_ending_fits_a_total_below_all_drop_out() -> None:
    """With 4 events of 400 nearly all were censored before anybody died."""
    closing, before = fitting_endings(steady(), 400, 4, 10, PRIOR, np.random.default_rng(3))
    assert closing.size == before.size == 0


@pytest.mark.parametrize("marked", [False, True])
@pytest.mark.parametrize("with_total", [False, True])
def test_somebody_is_at_risk_to_the_end_of_the_curve(with_total: bool, marked: bool) -> None:
    arm = simulated(100, 4)
    points = trace(arm, 4, bias=0.0)
    result = reconstruct(
        points,
        n=100,
        events=arm.events if with_total else None,
        censor_times=np.unique(arm.time[~arm.event]) if marked else None,
        rng=np.random.default_rng(4),
    )
    last = columns(arm)[-1]
    assert all(draw.time.max() >= last - 1e-9 for draw in result.draws(60))


def test_a_last_patient_who_fails_is_among_the_draws() -> None:
    """45 of 60 die at even times, 14 leave in between; the 46th death ends the curve, after its last column."""
    died, left = np.linspace(0.2, 9.8, 45), np.linspace(1.1, 9.1, 14)
    arm = PseudoIPD(
        time=np.concatenate([died, left, [10.0]]), event=np.repeat([True, False, True], [45, 14, 1]), arm="a"
    )
    at = np.arange(0.0, 10, 0.02)
    points = SurvivalCurve(time=at, survival=np.round(arm.survival_at(at) * 400) / 400)
    risk = table([0, 3, 6, 9], arm.at_risk(np.array([0.0, 3, 6, 9])).tolist())
    result = reconstruct(points, n=60, risk_table=risk, rng=np.random.default_rng(5))
    ends = np.mean([draw.event[draw.time == draw.time.max()].any() for draw in result.draws(200)])
    assert 0.05 < ends < 0.95
    with_total = reconstruct(points, n=60, risk_table=risk, events=arm.events, rng=np.random.default_rng(5))
    assert with_total.ipd.events == arm.events


@pytest.mark.parametrize(
    ("read", "with_total"),
    [
        (trace, False),
        pytest.param(trace, True, marks=pytest.mark.slow),
        pytest.param(clicks, False, marks=pytest.mark.slow),
        (clicks, True),
    ],
)
def test_that_nobody_drops_out_before_the_end_is_possible(
    read: Callable[[PseudoIPD, int], SurvivalCurve], with_total: bool
) -> None:
    """Arms of 500 that lose nobody for half of the follow-up: one of 40 draws has as many at risk there, within 3%."""
    reached = 0
    for seed in range(3):
        arm = entered_early(500, seed)
        points, total = read(arm, seed), arm.events if with_total else None
        result = reconstruct(points, n=500, events=total, rng=np.random.default_rng(seed))
        at_half = [int(draw.at_risk(6.0)) for draw in result.draws(100)]
        low, high = np.quantile(at_half, [0.025, 0.975])
        reached += bool(low <= int(arm.at_risk(6.0)) <= 1.03 * high)
    assert reached >= 2
