"""Where censored patients stand between the steps, and steps read at a printed time."""

import numpy as np

from survrecon import Resolution, RiskTable, SurvivalCurve, reconstruct


def curve_of(times: list[float], survival: list[float], resolution: Resolution | None = None) -> SurvivalCurve:
    return SurvivalCurve(time=np.array(times), survival=np.array(survival), resolution=resolution)


def table_of(times: list[float], at_risk: list[int]) -> RiskTable:
    return RiskTable(time=np.array(times), at_risk=np.array(at_risk))


def figure(end: float) -> tuple[SurvivalCurve, RiskTable]:
    """Return ten deaths of 40 in ten months, and nobody seen after ``end``."""
    times = np.arange(1.0, 11.0)
    survival = 1 - np.arange(1, 11) / 40
    curve = SurvivalCurve(
        time=np.append(np.append(0.0, times), end), survival=np.append(np.append(1.0, survival), 0.75).round(6)
    )
    return curve, table_of([0, 5, 10], [40, 36, 31])


def test_draws_differ_in_when_patients_left_after_the_last_step() -> None:
    curve, table = figure(30.0)
    result = reconstruct(curve, n=40, risk_table=table, events=10, rng=np.random.default_rng(1))
    left = [float(np.median(d.time[~d.event])) for d in result.draws(60)]
    assert min(left) < 21.5, "even: the middle of 10 to 30 months"
    assert max(left) > 27.0, "nearly all at the end"


def test_a_last_step_at_the_end_of_the_curve_has_its_patients_at_risk() -> None:
    curve = curve_of([0, 10, 52.02], [1, 0.95, 0.9], Resolution(survival=0.001, time=0.09))
    result = reconstruct(curve, n=100, risk_table=table_of([0, 52], [100, 95]))
    assert (result.diagnostics.largest_residual or 0) < 0.002


def test_a_step_rounded_past_a_printed_time_leaves_its_total_possible() -> None:
    curve = curve_of([0, 5, 10.000004, 15], [1, 0.9, 0.7, 0.7])
    result = reconstruct(curve, n=20, risk_table=table_of([0, 10, 15], [20, 18, 14]), events=6)
    assert result.ipd.events == 6
    early = curve_of([0, 5, 9.999996, 15], [1, 0.9, 0.7, 0.7])
    result = reconstruct(early, n=20, risk_table=table_of([0, 10, 15], [20, 18, 14]), events=6)
    assert result.ipd.events == 6


def test_the_last_mark_may_hide_all_who_were_followed_to_the_end() -> None:
    """Ten deaths of 40 in ten months, marks at 12, 18 and 30, the last of which hides 28 of the 30 left, or few."""
    curve, table = figure(30.0)
    result = reconstruct(
        curve,
        n=40,
        risk_table=RiskTable(time=table.time, at_risk=np.array([40, 35, 31])),
        censor_times=np.array([12.0, 18.0, 30.0]),
        rng=np.random.default_rng(1),
    )
    at_end = np.array([(draw.time == 30.0).sum() for draw in result.draws(100)])
    assert at_end.min() < 16
    assert 20 < (at_end == 28).sum() < 80
    assert (result.ipd.time == 30.0).sum() == 28, "27 hidden by three marks"
