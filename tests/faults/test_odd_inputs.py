"""What users send that is odd but usable: an answer, with every repair, assumption and doubt on record."""

import numpy as np
import pytest

from survrecon.model.curve import AtRiskConvention
from survrecon.model.ipd import Reconstruction
from survrecon.model.repair import to_survival_curve
from survrecon.reconstruction.reconstruct import reconstruct
from tests.build import curve, patients, reach, table
from tests.faults.conftest import SimulatedArm

METHODS = ("guyot", "spread")


def said(result: Reconstruction) -> str:
    return " ".join([*map(str, result.repairs), *result.assumptions, *result.warnings])


def check(result: Reconstruction, arm: SimulatedArm, within: int) -> None:
    """N is exact, numbers at risk are met, and the events are as close as the points tell."""
    assert result.ipd.n == 200
    np.testing.assert_array_equal(result.ipd.at_risk(arm.table.time), arm.table.at_risk)
    assert abs(result.ipd.events - arm.patients.events) <= within


@pytest.mark.parametrize("method", METHODS)
def test_clean_points_need_no_repair(arm: SimulatedArm, method: str) -> None:
    result = reconstruct(arm.curve, n=200, risk_table=arm.table, method=method)
    check(result, arm, within=2)
    assert said(result) == ""
    assert result.ipd.kaplan_meier()[0][result.ipd.kaplan_meier()[1] <= 0.5][0] == pytest.approx(arm.median, abs=0.2)


@pytest.mark.parametrize("given", [0, -3, 3])
def test_total_events_within_reach_is_met_by_spread(arm: SimulatedArm, given: int) -> None:
    events = arm.patients.events + given
    result = reconstruct(arm.curve, n=200, risk_table=arm.table, events=events)
    check(result, arm, within=3)
    assert result.ipd.events == events


def test_guyot_says_when_the_last_interval_cannot_meet_the_total(arm: SimulatedArm) -> None:
    result = reconstruct(arm.curve, n=200, risk_table=arm.table, events=arm.patients.events - 6, method="guyot")
    check(result, arm, within=6)
    assert "total events not met" in said(result)


def test_landmarks_may_hold_a_plateau() -> None:
    result = reconstruct(curve([0, 6, 12, 18, 24, 30, 36], [1, 0.8, 0.7, 0.7, 0.5, 0.4, 0.3]), n=100)
    assert "the curve is coarse" in said(result)
    died = result.ipd.time[result.ipd.event]
    assert not ((died > 12.2) & (died < 17.8)).any(), "12 and 18 are read to some pixels of the axis"


def test_table_past_the_curve_under_after() -> None:
    """Patients counted with time > 12 are censored after 12, though the curve ends at 10."""
    points = curve([0, 4, 10], [1, 0.8, 0.8])
    rebuilt = reconstruct(points, n=10, risk_table=table([0, 12], [10, 5], "after")).ipd
    assert rebuilt.at_risk([12], AtRiskConvention.AFTER).tolist() == [5]


def test_both_corners_of_a_step_are_one_step(arm: SimulatedArm) -> None:
    time = np.append(np.repeat(arm.time, 2)[1:], 44)
    corners = curve(time=time, survival=np.repeat(arm.survival, 2))
    both = reconstruct(corners, n=200, risk_table=arm.table, method="guyot")
    lower = reconstruct(
        curve(time=np.append(arm.time, 44), survival=np.append(arm.survival, arm.survival[-1])),
        n=200,
        risk_table=arm.table,
        method="guyot",
    )
    assert both.ipd.events == lower.ipd.events
    assert both.repairs == ()


def test_clicks_with_noise_in_both_directions_are_repaired_on_record(arm: SimulatedArm) -> None:
    rng = np.random.default_rng(1)
    time = np.abs(np.repeat(arm.time, 2)[1:] + rng.normal(0, 0.05, 2 * arm.time.size - 1))
    survival = np.minimum(np.repeat(arm.survival, 2)[:-1] + rng.normal(0, 0.004, time.size), 1)
    result = reconstruct(curve(time=time, survival=survival), n=200, risk_table=arm.table)
    check(result, arm, within=6)
    for words in ("points put in order of time", "small rises levelled by isotonic regression"):
        assert words in said(result)


def test_automatic_trace(arm: SimulatedArm) -> None:
    columns = np.linspace(0, arm.time[-1], 1200)
    rows = np.round(arm.curve.at(columns) * 500) / 500
    result = reconstruct(curve(time=columns, survival=rows), n=200, risk_table=arm.table)
    check(result, arm, within=3)
    assert result.diagnostics.resolution_survival == pytest.approx(1 / 500)


def test_few_landmarks_are_called_coarse(arm: SimulatedArm) -> None:
    at = np.arange(0, 37, 3.0)
    result = reconstruct(curve(time=at, survival=arm.curve.at(at)), n=200, risk_table=arm.table)
    check(result, arm, within=12)
    assert "the curve is coarse" in said(result)
    assert "points are landmarks" in said(result)


def test_visits_with_their_plateaus_are_steps_not_landmarks(arm: SimulatedArm) -> None:
    at = np.arange(0, 37, 3.0)
    time, survival = np.repeat(at, 2)[1:], np.repeat(arm.curve.at(at), 2)[:-1]
    result = reconstruct(curve(time=time, survival=survival), n=200)
    assert "coarse" not in said(result)
    assert set(result.ipd.time[result.ipd.event].tolist()) <= set(at.tolist())


def test_missing_origin_is_added(arm: SimulatedArm) -> None:
    result = reconstruct(
        curve(time=arm.time[1:], survival=arm.survival[1:]), n=200, risk_table=arm.table, method="guyot"
    )
    check(result, arm, within=2)
    assert "origin (0, 1) added" in said(result)


def test_stray_click_left_of_and_above_the_origin(arm: SimulatedArm) -> None:
    time, survival = arm.time.copy(), arm.survival.copy()
    time[0], survival[0] = -0.4, 1.004
    result = reconstruct(curve(time=time, survival=survival), n=200, risk_table=arm.table)
    check(result, arm, within=2)
    assert "left of the origin" in said(result)
    assert "outside 0 to 1" in said(result)


@pytest.mark.parametrize("method", METHODS)
def test_no_risk_table_is_a_warning_with_the_range(arm: SimulatedArm, method: str) -> None:
    result = reconstruct(arm.curve, n=200, method=method)
    assert result.ipd.n == 200
    assert "censoring rest on the steps of the curve" in said(result)
    low, high = reach(result)
    assert low <= arm.patients.events <= high


@pytest.mark.parametrize("method", METHODS)
def test_no_risk_table_but_total_events(arm: SimulatedArm, method: str) -> None:
    result = reconstruct(arm.curve, n=200, events=arm.patients.events, method=method)
    assert (result.ipd.n, result.ipd.events) == (200, arm.patients.events)


def test_risk_table_of_two_columns(arm: SimulatedArm) -> None:
    risk = table(time=arm.table.time[[0, -1]], at_risk=arm.table.at_risk[[0, -1]])
    result = reconstruct(arm.curve, n=200, risk_table=risk)
    assert result.ipd.at_risk([36])[0] == risk.at_risk[1]
    low, high = reach(result)
    assert low <= arm.patients.events <= high


@pytest.mark.parametrize("method", METHODS)
def test_risk_table_running_past_the_curve_with_zeros(arm: SimulatedArm, method: str) -> None:
    risk = table(time=[*arm.table.time, 48, 54], at_risk=[*arm.table.at_risk, 0, 0])
    result = reconstruct(arm.curve, n=200, risk_table=risk, method=method)
    check(result, arm, within=3)


@pytest.mark.parametrize("method", METHODS)
def test_interval_without_any_point(arm: SimulatedArm, method: str) -> None:
    keep = (arm.time < 12) | (arm.time >= 18)
    points = curve(time=arm.time[keep], survival=arm.survival[keep])
    result = reconstruct(points, n=200, risk_table=arm.table, method=method)
    check(result, arm, within=20)  # the events of the gap, at most its 40 patients who left, are not in the points
    assert "no point of the curve from time 12 to 18" in said(result)


@pytest.mark.parametrize("method", METHODS)
def test_risk_table_starting_late_keeps_n(arm: SimulatedArm, method: str) -> None:
    risk = table(time=arm.table.time[1:], at_risk=arm.table.at_risk[1:])
    check(reconstruct(arm.curve, n=200, risk_table=risk, method=method), arm, within=3)


@pytest.mark.parametrize("method", METHODS)
def test_curve_that_falls_to_zero(method: str) -> None:
    time = np.arange(1, 41.0)
    points = curve(time=np.append(0, time), survival=1 - np.arange(41) / 40)
    risk = table(time=[0, 10, 20, 30, 45], at_risk=[40, 31, 21, 11, 0])
    result = reconstruct(points, n=40, risk_table=risk, method=method)
    assert (result.ipd.n, result.ipd.events) == (40, 40)


@pytest.mark.parametrize("method", METHODS)
def test_flat_tail_gets_no_events(method: str) -> None:
    """32 events by 30 months, then 50 patients censored in six intervals without a point."""
    event_times, censored = np.linspace(0.5, 29, 32), np.linspace(30.1, 40, 50)
    true = patients(event_times, censored)
    times, survival = true.kaplan_meier()
    at = np.arange(0, 41, 2.0)
    risk = table(time=at, at_risk=true.at_risk(at))
    result = reconstruct(curve(time=times, survival=survival), n=82, risk_table=risk, method=method)
    assert (result.ipd.n, result.ipd.events) == (82, 32)
    assert result.ipd.time[result.ipd.event].max() <= 29


@pytest.mark.parametrize("method", METHODS)
def test_few_events_among_many_patients_read_coarser_than_one_event(method: str) -> None:
    rng = np.random.default_rng(4)
    event, censoring = rng.exponential(1000, 1500), rng.uniform(20, 60, 1500)
    true = patients(event[event <= censoring], censoring[event > censoring])
    times, survival = true.kaplan_meier()
    at = np.arange(0, 60, 12.0)
    risk = table(time=at, at_risk=true.at_risk(at))
    points = curve(time=times, survival=np.round(survival, 3))
    result = reconstruct(points, n=1500, risk_table=risk, method=method)
    assert result.ipd.n == 1500
    assert abs(result.ipd.events - true.events) <= 2


@pytest.mark.parametrize("method", METHODS)
def test_five_patients(method: str) -> None:
    points = curve(time=[0, 2, 5, 9], survival=[1, 0.8, 0.6, 0.3])
    risk = table(time=[0, 5, 10], at_risk=[5, 4, 1])
    result = reconstruct(points, n=5, risk_table=risk, method=method)
    assert (result.ipd.n, result.ipd.events) == (5, 3)


def test_percent_and_failures_are_accepted_when_declared(arm: SimulatedArm) -> None:
    plain = reconstruct(arm.curve, n=200, risk_table=arm.table)
    percent = to_survival_curve(arm.time, 100 * arm.survival, survival_unit="percent")
    failures = to_survival_curve(arm.time, 1 - arm.survival, one_minus_survival=True)
    for points in (percent, failures):
        result = reconstruct(points, n=200, risk_table=arm.table)
        assert result.ipd.events == plain.ipd.events


@pytest.mark.parametrize(
    ("first", "convention", "words"), [(200, "before", ">= t"), (198, "after", "> t (the first is a little below N)")]
)
def test_convention_auto_is_an_assumption(arm: SimulatedArm, first: int, convention: str, words: str) -> None:
    counts = np.minimum(arm.patients.at_risk(arm.table.time, AtRiskConvention(convention)), first)
    risk = table(time=arm.table.time, at_risk=counts, convention="auto")
    result = reconstruct(arm.curve, n=200, risk_table=risk)
    assert words in said(result)
    met = result.ipd.at_risk(risk.time, AtRiskConvention(convention))
    np.testing.assert_array_equal(met, counts)


def test_marks_are_said_to_be_unused(arm: SimulatedArm) -> None:
    result = reconstruct(arm.curve, n=200, risk_table=arm.table, censor_times=[8, 7.5], method="spread")
    assert "censoring marks are not used" in said(result)


def test_total_just_out_of_reach_is_a_conflict(arm: SimulatedArm) -> None:
    points = curve(arm.time, arm.survival, resolution=0.01)
    risk = arm.table
    _, high = reach(reconstruct(points, n=200, risk_table=risk))
    result = reconstruct(points, n=200, risk_table=risk, events=high + 1)
    assert "conflict" in said(result)
    assert result.ipd.n == 200
    np.testing.assert_array_equal(result.ipd.at_risk(risk.time), risk.at_risk)


def test_draws_need_a_method_that_samples(arm: SimulatedArm) -> None:
    assert not reconstruct(arm.curve, n=200, method="spread").has_draws
    assert reconstruct(arm.curve, n=200).has_draws


def test_a_mark_in_another_unit_is_told() -> None:
    """A mark at day 400 on a curve of 9 months."""
    points = curve(time=[0, 2, 5, 9], survival=[1, 0.8, 0.6, 0.4])
    result = reconstruct(points, n=5, censor_times=[400], method="guyot")
    assert any("mark at time 400, far beyond the last point at 9" in warning for warning in result.warnings)
