"""Invariants of reconstruction: patients are generated first, then their figure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survrecon.model.curve import AtRiskConvention, RiskTable, SurvivalCurve
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.reconstruct import reconstruct
from tests.build import curve, reach, table

METHODS = st.sampled_from(["guyot", "spread", "statespace"])
CONVENTIONS = st.sampled_from([AtRiskConvention.BEFORE, AtRiskConvention.AFTER])


@st.composite
def arms(draw: st.DrawFn) -> PseudoIPD:
    """From 5 to 120 patients; times on a grid of a tenth, so that ties and visits are common."""
    n = draw(st.integers(5, 120))
    tenths = draw(st.lists(st.integers(1, 400), min_size=n, max_size=n))
    event = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    return PseudoIPD(time=np.array(tenths) / 10, event=np.array(event))


def figure(arm: PseudoIPD) -> SurvivalCurve:
    """Both corners of every step, as a vector file holds them, to the last patient."""
    times, after = arm.kaplan_meier()
    before = np.append(1.0, after)[: times.size]
    end = after[-1] if after.size else 1.0
    time = np.concatenate([[0.0], np.repeat(times, 2), [arm.time[-1]]])
    return curve(time, np.concatenate([[1.0], np.column_stack([before, after]).ravel(), [end]]), resolution=1e-6)


def printed(arm: PseudoIPD, columns: int, convention: AtRiskConvention) -> RiskTable:
    """A table whose last column lies within the curve."""
    at = np.linspace(0, arm.time[-1], columns + 1)[:-1].round(1)
    at = np.unique(at)
    return table(at, arm.at_risk(at, convention), convention)


@given(arms(), METHODS, CONVENTIONS, st.integers(1, 8))
def test_n_and_numbers_at_risk_are_kept(
    arm: PseudoIPD, method: str, convention: AtRiskConvention, columns: int
) -> None:
    risk = printed(arm, columns, convention)
    rebuilt = reconstruct(figure(arm), n=arm.n, risk_table=risk, method=method).ipd
    assert rebuilt.n == arm.n
    np.testing.assert_array_equal(rebuilt.at_risk(risk.time, convention), risk.at_risk)


@given(arms(), METHODS, st.integers(0, 8))
def test_n_is_kept_without_a_table_or_with_one_that_starts_late(arm: PseudoIPD, method: str, dropped: int) -> None:
    risk = printed(arm, 8, AtRiskConvention.BEFORE)
    late = table(risk.time[dropped:], risk.at_risk[dropped:]) if dropped < len(risk) else None
    rebuilt = reconstruct(figure(arm), n=arm.n, risk_table=late, method=method).ipd
    assert rebuilt.n == arm.n
    if late is not None:
        np.testing.assert_array_equal(rebuilt.at_risk(late.time), late.at_risk)


@given(arms(), CONVENTIONS, st.integers(1, 8))
def test_true_total_is_within_the_range_and_met(arm: PseudoIPD, convention: AtRiskConvention, columns: int) -> None:
    risk = printed(arm, columns, convention)
    result = reconstruct(figure(arm), n=arm.n, risk_table=risk, events=arm.events)
    low, high = reach(result)
    assert low <= arm.events <= high
    assert (result.ipd.n, result.ipd.events) == (arm.n, arm.events)
    np.testing.assert_array_equal(result.ipd.at_risk(risk.time, convention), risk.at_risk)
    assert not any("conflict" in warning for warning in result.warnings)


@given(arms())
def test_total_without_a_table_is_met(arm: PseudoIPD) -> None:
    result = reconstruct(figure(arm), n=arm.n, events=arm.events)
    assert (result.ipd.n, result.ipd.events) == (arm.n, arm.events)


@given(arms())
def test_curve_is_followed_to_half_an_event(arm: PseudoIPD) -> None:
    """Without numbers to meet, rounding at a drop is off by at most half an event: S/n/2 of the rebuilt patients."""
    points = figure(arm)
    rebuilt = reconstruct(points, n=arm.n, method="guyot").ipd
    times, survival = rebuilt.kaplan_meier()
    before = np.append(1.0, survival)[: times.size]
    height = before / rebuilt.at_risk(times)
    assert (np.abs(survival - points.at(times)) <= height / 2 + 1e-6).all()


@given(arms(), METHODS, st.integers(1, 8), st.sampled_from([0.25, 2.0, 64.0]))
def test_rescaling_time_changes_only_time(arm: PseudoIPD, method: str, columns: int, factor: float) -> None:
    """Factors are powers of two, which floating point carries exactly."""
    points, risk = figure(arm), printed(arm, columns, AtRiskConvention.BEFORE)
    first = reconstruct(points, n=arm.n, risk_table=risk, events=arm.events, method=method).ipd
    second = reconstruct(
        curve(points.time * factor, points.survival, resolution=1e-6),
        n=arm.n,
        risk_table=table(risk.time * factor, risk.at_risk),
        events=arm.events,
        method=method,
    ).ipd
    np.testing.assert_array_equal(first.event, second.event)
    np.testing.assert_allclose(second.time, factor * first.time, rtol=1e-12)


@pytest.mark.slow
@given(arms(), METHODS, st.integers(0, 2**31), st.floats(0.001, 0.01))
def test_noisy_clicks_keep_n_and_end_in_time(arm: PseudoIPD, method: str, seed: int, noise: float) -> None:
    """Time is off by three quarters of a pixel of 600, survival by half a pixel to four."""
    rng = np.random.default_rng(seed)
    points = figure(arm)
    clicks = curve(
        np.abs(points.time + rng.normal(0, arm.time[-1] / 800, len(points))),
        np.clip(points.survival + rng.normal(0, noise, len(points)), 0, 1),
    )
    rebuilt = reconstruct(clicks, n=arm.n, method=method).ipd
    assert rebuilt.n == arm.n
    assert rebuilt.time[-1] <= clicks.time.max()


@given(arms(), METHODS)
def test_told_that_nobody_was_censored_the_patients_are_found(arm: PseudoIPD, method: str) -> None:
    everyone = PseudoIPD(time=arm.time, event=np.ones(arm.n, dtype=bool))
    rebuilt = reconstruct(figure(everyone), n=arm.n, events=arm.n, method=method).ipd
    np.testing.assert_allclose(rebuilt.time, everyone.time)
    assert rebuilt.event.all()


@given(arms(), METHODS)
def test_untold_that_nobody_was_censored_the_curve_is_kept(arm: PseudoIPD, method: str) -> None:
    """No figure shows it: 2 of 4 patients may fail, or 1 of 2 after 2 were censored, and S is halved."""
    everyone = PseudoIPD(time=arm.time, event=np.ones(arm.n, dtype=bool))
    rebuilt = reconstruct(figure(everyone), n=arm.n, method=method).ipd
    assert rebuilt.n == arm.n
    times, survival = everyone.kaplan_meier()
    np.testing.assert_allclose(rebuilt.survival_at(times), survival, atol=1e-6)


def test_pairs_of_events_without_censoring_are_found_from_n_alone() -> None:
    """S is a multiple of 2/53 everywhere: a grid that is no rounding. Before the last drop to 0 all is known."""
    everyone = PseudoIPD(time=np.repeat(np.arange(1.0, 28.0), 2)[:53], event=np.ones(53, dtype=bool))
    rebuilt = reconstruct(figure(everyone), n=53).ipd
    np.testing.assert_allclose(rebuilt.time[:52], everyone.time[:52])
    assert rebuilt.event[:52].all()


def test_runs_repeat() -> None:
    arm = PseudoIPD(time=np.arange(1.0, 31), event=np.arange(30) % 3 > 0)
    first, second = (reconstruct(figure(arm), n=30, events=arm.events).ipd for _ in range(2))
    np.testing.assert_array_equal(first.time, second.time)
    assert pytest.approx(first.survival_at(15)) == second.survival_at(15)
