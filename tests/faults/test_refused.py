"""Inputs that contradict themselves: refused, and the message says where, which rule, what was found, what to do."""

import numpy as np
import pytest

from survrecon.errors import CurveError, ReconstructionError
from survrecon.model.repair import to_survival_curve
from survrecon.reconstruction.reconstruct import reconstruct
from tests.build import curve, table
from tests.faults.conftest import SimulatedArm


def test_percent_not_declared(arm: SimulatedArm) -> None:
    with pytest.raises(CurveError, match="_unit='percent'"):
        to_survival_curve(arm.time, 100 * arm.survival)
    with pytest.raises(CurveError, match="_unit='percent'"):
        curve(time=arm.time, survival=100 * arm.survival)


def test_percent_not_declared_with_failures(arm: SimulatedArm) -> None:
    with pytest.raises(CurveError, match="_unit='percent'"):
        to_survival_curve(arm.time, 100 * (1 - arm.survival), one_minus_survival=True)


def test_fractions_declared_as_percent(arm: SimulatedArm) -> None:
    with pytest.raises(CurveError, match="survival_unit='fraction'"):
        to_survival_curve(arm.time, arm.survival, survival_unit="percent")


def test_curve_of_failures_as_survival(arm: SimulatedArm) -> None:
    points = curve(time=arm.time, survival=1 - arm.survival)
    with pytest.raises(CurveError, match="one_minus_survival=True"):
        reconstruct(points, n=200, risk_table=arm.table)


def test_survival_declared_as_failures(arm: SimulatedArm) -> None:
    points = to_survival_curve(arm.time, arm.survival, one_minus_survival=True)
    with pytest.raises(CurveError, match="drop that option if it shows S"):
        reconstruct(points, n=200)


def test_rare_failures_as_survival() -> None:
    points = curve(time=[0, 10, 20, 30], survival=[0, 0.01, 0.02, 0.03])
    with pytest.raises(CurveError, match=r"survival never rises; got a rise from 0 at time 0 to 0.03 at time 30"):
        reconstruct(points, n=500)


def test_sustained_rise_within_a_falling_curve(arm: SimulatedArm) -> None:
    survival = arm.survival.copy()
    survival[60:75] += 0.2
    with pytest.raises(CurveError, match="points of another arm"):
        reconstruct(curve(time=arm.time, survival=survival), n=200)


def test_time_far_left_of_the_origin(arm: SimulatedArm) -> None:
    with pytest.raises(CurveError, match=r"times start at 0; got time -5 .*calibration"):
        reconstruct(curve(time=arm.time - 5, survival=arm.survival), n=200)


def test_number_at_risk_that_rises(arm: SimulatedArm) -> None:
    counts = arm.table.at_risk.copy()
    counts[3] = counts[2] + 5
    with pytest.raises(CurveError, match=r"never rises; got \d+ at time 12, then \d+ at time 18"):
        table(time=arm.table.time, at_risk=counts)


def test_risk_table_in_days_beside_points_in_months(arm: SimulatedArm) -> None:
    risk = table(time=arm.table.time * 30.4375, at_risk=arm.table.at_risk)
    with pytest.raises(CurveError, match=r"patients are at risk.*days against months"):
        reconstruct(arm.curve, n=200, risk_table=risk)


def test_points_in_days_beside_a_risk_table_in_months(arm: SimulatedArm) -> None:
    points = curve(time=arm.time * 30.4375, survival=arm.survival)
    with pytest.raises(CurveError, match=r"cover about the time axis.*months against days"):
        reconstruct(points, n=200, risk_table=arm.table)


def test_typo_at_one_time(arm: SimulatedArm) -> None:
    counts = arm.table.at_risk.copy()
    counts[2] = counts[1]
    risk = table(time=arm.table.time, at_risk=counts)
    with pytest.raises(CurveError, match=r"risk table, time 12: .*misread digit at time 12"):
        reconstruct(arm.curve, n=200, risk_table=risk)


def test_risk_table_of_another_arm(arm: SimulatedArm) -> None:
    risk = table(time=arm.table.time, at_risk=[200, 190, 180, 170, 160, 150, 140])
    with pytest.raises(CurveError, match="belongs to this arm"):
        reconstruct(arm.curve, n=200, risk_table=risk)


@pytest.mark.parametrize("n", [150, 201, 300])
def test_number_at_time_0_is_not_n(arm: SimulatedArm, n: int) -> None:
    with pytest.raises(CurveError, match=f"the number at time 0 is N = {n}"):
        reconstruct(arm.curve, n=n, risk_table=arm.table)


@pytest.mark.parametrize("error", [-30, 30])
def test_total_events_out_of_reach_prints_the_range(arm: SimulatedArm, error: int) -> None:
    with pytest.raises(ReconstructionError, match=r"allow \d+ to \d+ events") as refusal:
        reconstruct(arm.curve, n=200, risk_table=arm.table, events=arm.patients.events + error, arm="drug")
    assert str(refusal.value).startswith("arm drug: total events")


def test_more_events_than_patients(arm: SimulatedArm) -> None:
    with pytest.raises(ReconstructionError, match="from 0 to N = 200"):
        reconstruct(arm.curve, n=200, events=201)


def test_no_patients(arm: SimulatedArm) -> None:
    with pytest.raises(ReconstructionError, match="from 1 to 1000000 patients"):
        reconstruct(arm.curve, n=0)


def test_unknown_method(arm: SimulatedArm) -> None:
    with pytest.raises(ReconstructionError, match=r"one of auto, guyot, spread, statespace; got 'magic'"):
        reconstruct(arm.curve, n=200, method="magic")


@pytest.mark.parametrize("mark", [-1.0, np.nan])
def test_censoring_mark_that_is_no_time(arm: SimulatedArm, mark: float) -> None:
    with pytest.raises(CurveError, match="censoring marks"):
        reconstruct(arm.curve, n=200, censor_times=[3, mark])


@pytest.mark.parametrize("survival", [[1.0], [1.0, 0.5, 0.2]])
def test_no_time_after_the_start(survival: list[float]) -> None:
    with pytest.raises(CurveError, match="a point after time 0; got none"):
        reconstruct(curve(time=[0] * len(survival), survival=survival), n=50)
