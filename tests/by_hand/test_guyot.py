"""Guyot's steps on few patients, every intermediate derived by hand."""

import numpy as np
import pytest

from survrecon.model.diagnostics import GuyotDiagnostics
from survrecon.model.repair import repair_curve
from survrecon.reconstruction.guyot.guyot import close_interval, forward, risk_intervals
from survrecon.reconstruction.reconstruct import reconstruct
from tests.build import curve, rows, steps, table

EIGHT = curve(time=[0, 1, 3, 5, 7, 10], survival=[1, 7 / 8, 35 / 48, 7 / 12, 7 / 18, 7 / 18], resolution=0.001)
"""Eight patients: events at 1, 3, 5, 7, censored at 2, 6, 9, 10.

At 1, n = 8: S = 7/8. At 3, n = 6: S = 7/8 x 5/6 = 35/48. At 5, n = 5: S = 35/48 x 4/5 = 7/12. At 7, n = 3:
S = 7/12 x 2/3 = 7/18. At risk at 0, 4, 8 (time >= t): 8, 5, 2.
"""


def test_steps_1_to_6_find_eight_patients() -> None:
    """Each interval meets its number at once, so steps 4 and 5 only go on.

    [0, 4): step 1, round(8 x 35/48) - 5 = round(5.83) - 5 = 1 censored; step 2, at 4 x 1/2 = 2; step 3,
    at 1: n = 8, d = round(8 x 1/8) = 1, S = 7/8; at 3: n = 8 - 1 - 1 = 6, d = round(6 x (1 - 5/6)) = 1,
    S = 35/48; left 8 - 2 - 1 = 5, as printed.
    [4, 8): round(5 x (7/18)/(35/48)) - 2 = round(2.67) - 2 = 1 censored, at 4 + 4 x 1/2 = 6; at 5: n = 5,
    d = 1; at 7: n = 5 - 1 - 1 = 3, d = 1; left 2, as printed.
    [8, 10]: step 6, round(2 x 2/8) = round(0.5) = 0 censored (halves to even); no drop; the 2 who are left are
    censored at the end, 10.
    """
    risk = table(time=[0, 4, 8], at_risk=[8, 5, 2])
    result = reconstruct(EIGHT, n=8, risk_table=risk, method="guyot")
    assert rows(result.ipd) == [
        (1, True), (2, False), (3, True), (5, True), (6, False), (7, True), (10, False), (10, False)
    ]  # fmt: skip
    assert isinstance(result.diagnostics, GuyotDiagnostics)
    assert result.diagnostics.converged
    assert result.diagnostics.largest_residual == pytest.approx(0, abs=1e-12)
    assert result.warnings == ()


def test_step_4_corrects_the_first_guess() -> None:
    """Ten patients, one drop to 0.9 at 3.9, then to 0.5 at 5; at risk at 0, 4, 8: 10, 3, 1; the curve ends at 9.

    [0, 4): guess round(10 x 0.9) - 3 = 6 censored at 4j/7, all before 3.9: n = 4, d = round(4 x 0.1) = 0, left 4:
    one too many. Step 4: 6 + (4 - 3) = 7 censored at j/2, the last at 3.5: n = 3, d = round(0.3) = 0, left 3.
    [4, 8): S is still 1. Guess round(3 x 0.5) - 1 = 2 - 1 = 1 censored at 6. At 5: n = 3, 3 x (1 - 0.5) = 1.5,
    halves down: d = 1, S = 2/3; left 3 - 1 - 1 = 1.
    [8, 9]: step 6, round(8 x 1/8) = 1 censored, at 8.5.
    """
    points = steps(time=[0, 3.9, 5, 9], survival=[1, 0.9, 0.5, 0.5], resolution=0.001)
    risk = table(time=[0, 4, 8], at_risk=[10, 3, 1])
    first = risk_intervals(points, 10, risk)[0]
    assert (forward(first, 1.0, 6).deaths, forward(first, 1.0, 6).left) == ([0], 4)
    passage, met = close_interval(first, 1.0)
    assert (passage.deaths, passage.left, met) == ([0], 3, True)
    np.testing.assert_allclose(passage.censored, np.arange(1, 8) / 2)
    result = reconstruct(points, n=10, risk_table=risk, method="guyot")
    assert rows(result.ipd)[7:] == [(5, True), (6, False), (8.5, False)]


def test_step_7_without_a_risk_table() -> None:
    """The eight patients' curve, N = 8 and 4 events: one interval [0, 10].

    Step 6: no interval before, so 0 censored. At 1: n = 8, d = 1, S = 7/8. At 3: n = 7, 7/6 = 1.17, d = 1, S = 3/4.
    At 5: n = 6, 6 x (1 - (7/12)/(3/4)) = 1.33, d = 1, S = 5/8. At 7: n = 5, 5 x (1 - (7/18)/(5/8)) = 1.89, d = 2.
    Step 7: 5 events, 1 too many: 1 censored, at 5, counts as at risk at 5; at 7: n = 4, 4 x 0.378 = 1.51, d = 2.
    Again 5: 2 censored, at 10/3 and 20/3. At 5: n = 8 - 1 - 2 = 5, 5 x 2/9 = 1.11, d = 1, S = 3/4 x 4/5 = 3/5.
    At 7: n = 8 - 2 - 3 = 3, 3 x (1 - (7/18)/(3/5)) = 1.06, d = 1. Total 4. Two are left at 10.
    """
    result = reconstruct(EIGHT, n=8, events=4, method="guyot")
    assert rows(result.ipd) == [
        (1, True), (3, True), (3.333333, False), (5, True), (6.666667, False), (7, True), (10, False), (10, False)
    ]  # fmt: skip


def test_step_7_when_the_total_is_reached_before_the_last_interval() -> None:
    """At risk at 0 and 4: 8, 5; two events happen before 4, and 2 is the total: nobody leaves until the end."""
    risk = table(time=[0, 4], at_risk=[8, 5])
    points = curve(time=[0, 1, 3, 5, 10], survival=[1, 7 / 8, 35 / 48, 0.65, 0.65], resolution=0.03)
    result = reconstruct(points, n=8, risk_table=risk, events=2, method="guyot")
    assert rows(result.ipd) == [(1, True), (2, False), (3, True), *[(10.0, False)] * 5]


def test_a_drop_at_a_printed_time_belongs_where_the_convention_says() -> None:
    """Four patients, an event at 2, the rest censored at 4: at 2 four are at risk before, three after."""
    points = curve(time=[0, 2, 4], survival=[1, 0.75, 0.75], resolution=0.001)
    for convention, at_risk in (("before", 4), ("after", 3)):
        risk = table(time=[0, 2], at_risk=[4, at_risk], convention=convention)
        result = reconstruct(points, n=4, risk_table=risk, method="guyot")
        assert rows(result.ipd) == [(2, True), (4, False), (4, False), (4, False)]


def test_the_printed_number_limits_events() -> None:
    """Two are printed at 4 of four at 0, but survival halves twice: round(4/2) + round(2/2) = 3 would leave 1.

    Survival 0.5 at 1: n = 4, d = 2, S = 0.5. At 3: n = 2, 2 x (1 - 0.4/0.5) = 0.4, d = 0. The curve falls to 0.25
    at 3.5: n = 2, d = 1 by the curve, but only 4 - 2 = 2 patients may leave: d = 0.
    """
    points = curve(time=[0, 1, 3, 3.5, 6], survival=[1, 0.5, 0.4, 0.25, 0.25], resolution=0.13)
    risk = table(time=[0, 4], at_risk=[4, 2])
    result = reconstruct(points, n=4, risk_table=risk, method="guyot")
    assert rows(result.ipd)[:2] == [(1, True), (1, True)]
    assert result.ipd.at_risk([4]).tolist() == [2]


def test_an_interval_that_does_not_converge_closes_at_its_end() -> None:
    """A curve for which the correction of step 4 goes round in circles; found by search, 3 of 30,000 do.

    138 patients, none left at 8. Nobody censored leaves 1, as do all numbers that step 4 tries after it. The walk
    without censoring comes closest, so its one patient is censored just before 8.
    """
    drops, survival = [0.65, 0.96, 3.91, 6, 7.5, 7.67, 7.88], [0.92, 0.72, 0.62, 0.45, 0.43, 0.39, 0.01]
    points = curve([0, *np.repeat(drops, 2), 8], np.repeat([1, *survival], 2), resolution=0.001)
    risk = table([0, 8, 9], [138, 0, 0])
    interval = risk_intervals(repair_curve(points)[0], 138, risk)[0]
    assert close_interval(interval, 1.0)[1] is False
    result = reconstruct(points, n=138, risk_table=risk, method="guyot")
    assert isinstance(result.diagnostics, GuyotDiagnostics)
    assert result.diagnostics.not_converged_at == (8.0,)
    assert (result.ipd.n, result.ipd.events) == (138, 137)
    assert rows(result.ipd)[-1] == (7.999992, False)
