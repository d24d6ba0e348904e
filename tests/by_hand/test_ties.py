"""Times that differ by round-off are one time: a file of 15 digits and one of 17 are the same patients."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from survrecon.analysis.comparison import compare_arms
from survrecon.analysis.cox import contrast, fit_cox
from survrecon.model.ipd import PseudoIPD
from survrecon.model.kaplan_meier import kaplan_meier, snapped, tied
from survrecon.model.repair import repair_curve
from survrecon.reconstruction.reconstruct import reconstruct
from tests.analysis.patients import patients
from tests.build import curve, table

LATER = 0.1 + 0.2  # 0.30000000000000004


def test_a_log_rank_by_hand() -> None:
    """Four patients an arm, one event in either at 0.3: tied, z = (1 - 1) / sqrt(V) = 0; apart it is not 0.

    V = d (n1/n) (n0/n) (n - d) / (n - 1) = 2 (1/2) (1/2) (6/7).
    """
    control = patients(time=[0.3, 1, 1, 1], event=[1, 0, 0, 0], arm="a")
    treatment = patients(time=[LATER, 1, 1, 1], event=[1, 0, 0, 0], arm="b")
    fit = contrast(control, treatment)
    assert fit.logrank_z == pytest.approx(0, abs=1e-12)
    assert fit.log_hr == pytest.approx(0, abs=1e-9)
    apart = contrast(control, patients(time=[0.31, 1, 1, 1], event=[1, 0, 0, 0], arm="b"))
    first, second = 1 / 2, 4 / 7  # shares of the treatment at risk at 0.3 and at 0.31
    expected = (1 - first - second) / sqrt(first * (1 - first) + second * (1 - second))
    assert apart.logrank_z == pytest.approx(expected)


def test_one_arm_in_15_digits_and_one_in_17_give_the_same_comparison() -> None:
    rng = np.random.default_rng(5)
    days = rng.integers(1, 60, 80)
    event = rng.random(80) < 0.7
    seventeen = days / 30.4375
    fifteen = np.array([float(f"{t:.15g}") for t in seventeen])
    assert (fifteen != seventeen).any()
    control = PseudoIPD(time=seventeen[:40], event=event[:40], arm="a")
    exact = compare_arms(control=control, treatment=PseudoIPD(time=seventeen[40:], event=event[40:], arm="b"))
    mixed = compare_arms(control=control, treatment=PseudoIPD(time=fifteen[40:], event=event[40:], arm="b"))
    for name in ("hazard_ratio", "central_hazard_ratio"):
        assert getattr(mixed, name).value == pytest.approx(getattr(exact, name).value, abs=1e-9)
    assert mixed.logrank.p == pytest.approx(exact.logrank.p, abs=1e-12)
    pooled = fit_cox(np.append(seventeen[:40], fifteen[40:]), event, np.repeat([0, 1], 40))
    assert pooled.log_hr == pytest.approx(float(exact.log_hazard_ratios[0]), abs=1e-9)


def test_a_kaplan_meier_estimate_has_no_steps_of_round_off() -> None:
    km = kaplan_meier([0.3, LATER, 1, 2], [1, 1, 0, 1])
    assert km.time.tolist() == [0.3, 2]
    assert km.events.tolist() == [2, 1]
    censored = kaplan_meier([LATER, 0.3, 1, 2], [1, 0, 0, 1])  # censored with the event, so still at risk
    assert censored.at_risk.tolist() == [4, 1]


def test_times_farther_apart_than_round_off_stay_apart() -> None:
    times = np.array([1.0, 1.0001, 2.0])
    assert tied(times)[0].tolist() == times.tolist()
    assert tied(np.empty(0))[0].size == 0
    assert snapped(np.array([1.0001]), np.array([1.0])).tolist() == [1.0001]
    assert snapped(np.array([0.5]), np.array([0.5 + 1e-15])).tolist() == [0.5 + 1e-15]


def test_corners_of_a_step_at_times_of_round_off_are_one_step() -> None:
    fixed, _ = repair_curve(curve(time=[0, LATER, 0.3, 1], survival=[1, 1, 0.9, 0.8]))
    assert fixed.time.tolist() == [0, 0.3, 1]
    assert fixed.survival.tolist() == [1, 0.9, 0.8]


def test_marks_and_risk_times_of_round_off_are_at_the_steps() -> None:
    """The mark and the number at risk stand at the step itself, not a hair behind it."""
    points = curve(time=[0, 0.3, 0.6, 1], survival=[1, 0.9, 0.8, 0.8])
    exact, later = (
        reconstruct(points, n=10, risk_table=table(time=[0, time], at_risk=[10, 10]), censor_times=[time]).ipd
        for time in (0.3, LATER)
    )
    assert exact.time.tolist() == later.time.tolist()
    assert exact.event.tolist() == later.event.tolist()
