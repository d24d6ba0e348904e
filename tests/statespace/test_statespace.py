"""The state-space method against patients who are known."""

import numpy as np
import pytest

from survrecon.model.curve import AtRiskConvention, Resolution, RiskTable, SurvivalCurve
from survrecon.model.ipd import PseudoIPD, Reconstruction
from survrecon.reconstruction.reconstruct import reconstruct
from tests.build import curve, followed
from tests.statespace.figures import HEIGHT, clicks, corners, marks, printed, simulated, trace

READERS = {
    "corners": lambda arm: corners(arm),
    "trace": lambda arm: trace(arm, 1),
    "clicks": lambda arm: clicks(arm, 1),
}
CONVENTIONS = [AtRiskConvention.BEFORE, AtRiskConvention.AFTER]


def agrees(ipd: PseudoIPD, arm: PseudoIPD, table: RiskTable) -> bool:
    """Whether the hard facts hold: N, numbers at risk, total."""
    same = ipd.at_risk(table.time, table.convention) == table.at_risk
    return bool(ipd.n == arm.n and ipd.events == arm.events and same.all())


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_every_draw_keeps_n_numbers_at_risk_and_total(reader: str, convention: AtRiskConvention) -> None:
    arm = simulated(150, seed=3)
    table = printed(arm, 4, convention)
    result = reconstruct(READERS[reader](arm), n=arm.n, risk_table=table, events=arm.events, method="statespace")
    assert agrees(result.ipd, arm, table)
    assert all(agrees(draw, arm, table) for draw in result.draws(30))


@pytest.mark.parametrize("n", [5, 40, 300])
def test_curve_of_a_trace_is_met_within_pixels(n: int) -> None:
    """Half a pixel of noise and as much of bias: a rebuilt curve stays within three rows where it is seen."""
    arm = simulated(n, seed=n)
    result = reconstruct(trace(arm, 2), n=n, method="statespace")
    middles = np.linspace(0, arm.time[-1], 50)[1:-1]
    # at a step the two curves may change a column apart
    nearest = [np.abs(result.ipd.survival_at(middles + shift) - arm.survival_at(middles)) for shift in (-0.06, 0, 0.06)]
    assert np.min(nearest, axis=0).max() < 3 / HEIGHT


def test_steps_alone_give_the_numbers_at_risk() -> None:
    arm = simulated(120, seed=8)
    result = reconstruct(corners(arm), n=arm.n, events=arm.events, method="statespace")
    times, _ = arm.kaplan_meier()
    assert followed(result).path == "decoded"
    # between two events nobody can tell when patients were censored; at the events numbers are known
    np.testing.assert_array_equal(result.ipd.at_risk(times), arm.at_risk(times))


def test_marks_make_the_solution_unique_and_right() -> None:
    arm = simulated(90, seed=4)
    seen = marks(arm)
    assert seen.size == (~arm.event).sum()
    result = reconstruct(corners(arm), n=arm.n, censor_times=seen, method="statespace")
    assert followed(result).unique
    np.testing.assert_allclose(result.ipd.time, arm.time, atol=1e-6)
    np.testing.assert_array_equal(result.ipd.event, arm.event)


def test_one_mark_may_hide_several_patients() -> None:
    arm = simulated(200, seed=5, censoring=1.5)
    pixel = arm.time[-1] / 600
    table = printed(arm, 3)
    result = reconstruct(
        trace(arm, 3), n=200, risk_table=table, censor_times=marks(arm, 1.5 * pixel), method="statespace"
    )
    assert result.ipd.n == 200
    assert abs(result.ipd.events - arm.events) <= 2
    np.testing.assert_array_equal(result.ipd.at_risk(table.time), table.at_risk)


def test_no_deaths_on_a_flat_tail() -> None:
    """All events before 10, everybody else censored from 30 to 40; the curve's points end at 12."""
    rng = np.random.default_rng(0)
    time, event = np.concatenate([rng.uniform(0, 10, 30), rng.uniform(30, 40, 50)]), np.arange(80) < 30
    arm = PseudoIPD(time=time, event=event)
    table = RiskTable(time=np.arange(0.0, 40, 5), at_risk=arm.at_risk(np.arange(0.0, 40, 5)))
    x = np.linspace(0.01, 12, 300)
    points = SurvivalCurve(time=x, survival=np.round(arm.survival_at(x) * HEIGHT) / HEIGHT)
    result = reconstruct(points, n=80, risk_table=table, method="statespace")
    assert result.ipd.events == 30
    assert result.ipd.time[result.ipd.event].max() < 12.1


def test_many_deaths_at_visits() -> None:
    """Visits every 2 months find many progressions at once."""
    arm = simulated(180, seed=6)
    visits = PseudoIPD(time=np.where(arm.event, np.ceil(arm.time / 2) * 2, arm.time), event=arm.event)
    result = reconstruct(corners(visits), n=180, risk_table=printed(visits, 5), method="statespace")
    assert abs(result.ipd.events - visits.events) <= 3  # at the end one of two and two of four look the same
    assert np.isin(np.round(result.ipd.time[result.ipd.event], 6) % 2, [0, 2]).all()


@pytest.mark.parametrize("n", [1, 5])
def test_a_single_point_is_enough(n: int) -> None:
    result = reconstruct(curve([12.0], [1.0]), n=n, method="statespace")
    assert (result.ipd.n, result.ipd.events) == (n, 0)


def test_curve_to_zero_without_censoring() -> None:
    everyone = PseudoIPD(time=simulated(40, seed=7).time, event=np.ones(40, dtype=bool))
    result = reconstruct(trace(everyone, 7, bias=0.0), n=40, events=40, method="statespace")
    assert result.ipd.events == 40


def test_thousands_of_patients() -> None:
    arm = simulated(5000, seed=9)
    table = printed(arm, 4)
    result = reconstruct(trace(arm, 9), n=5000, risk_table=table, method="statespace")
    assert abs(result.ipd.events / arm.events - 1) < 0.05
    np.testing.assert_array_equal(result.ipd.at_risk(table.time), table.at_risk)


def test_draws_repeat_and_differ() -> None:
    arm = simulated(300, seed=10)
    first, second = (reconstruct(trace(arm, 10), n=300, rng=np.random.default_rng(5)) for _ in range(2))
    one, two = first.draws(10), second.draws(10)
    assert all(np.array_equal(a.time, b.time) for a, b in zip(one, two, strict=True))
    assert not np.array_equal(one[0].time, one[1].time)


def test_a_quick_look_is_the_data_set_of_the_whole_and_draws_from_one_decoding() -> None:
    arm = simulated(80, seed=12)
    table = printed(arm, 4)
    look, whole = (
        reconstruct(corners(arm), n=arm.n, risk_table=table, method="statespace", quick=quick)
        for quick in (True, False)
    )
    assert followed(look).path == "decoded"
    np.testing.assert_array_equal(look.ipd.time, whole.ipd.time)
    assert all((one.at_risk(table.time) == table.at_risk).all() for one in look.draws(10))
    assert len(passes_of(look)) == 1
    whole.draws(10)
    assert len(passes_of(whole)) == 8


def passes_of(result: Reconstruction) -> list[int]:
    """Return which passes were made for what was asked."""
    return list(result.drawer.__self__.made)  # type: ignore[union-attr]


@pytest.mark.slow
def test_interval_holds_the_truth_more_often_than_not() -> None:
    """With a risk table, events within their 95% interval in at least 8 of 10 arms; the benchmark measures more."""
    held = 0
    for seed in range(10):
        arm = simulated(150, seed=100 + seed)
        drawn = [d.events for d in reconstruct(trace(arm, seed), n=150, risk_table=printed(arm, 4)).draws(60)]
        low, high = np.quantile(drawn, [0.025, 0.975])
        held += low <= arm.events <= high
    assert held >= 8


def test_steps_of_a_picture_that_run_together_are_followed_by_column() -> None:
    """Drops merged and rounded to pixels, as a 500 by 400 picture shows them: the risk table fixes the total."""
    rng = np.random.default_rng(4)
    entry, death = rng.uniform(0, 20, 300), rng.exponential(18, 300)
    time, event = np.minimum(death, 40 - entry), death <= 40 - entry
    truth = PseudoIPD(time=time, event=event, arm="a")
    column, row = 0.08, 0.0025
    at = np.unique(np.round(time[event] / column) * column)
    level = np.round(truth.survival_at(at + column / 2) / row) * row
    last = float(time.max())
    read = SurvivalCurve(
        time=np.r_[0.0, at, last],
        survival=np.minimum.accumulate(np.r_[1.0, level, level[-1]]),
        resolution=Resolution(survival=row, time=column),
    )
    times = np.arange(0, 40, 5.0)
    table = RiskTable(time=times, at_risk=truth.at_risk(times, AtRiskConvention.BEFORE))
    result = reconstruct(read, n=300, risk_table=table)
    assert followed(result).kind == "trace"
    assert abs(result.ipd.events - truth.events) <= 3  # one per cent of the patients
