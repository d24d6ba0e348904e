"""What must hold of any two arms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import logrank_test

from survrecon.analysis.comparison import hazard_ratio_of, kaplan_meier_curves
from survrecon.analysis.cox import CoxStatus, contrast, contrast_draws
from survrecon.analysis.medians import pooled_median, rmst, rmst_difference
from survrecon.model.kaplan_meier import BandTransform, kaplan_meier
from tests.analysis.patients import patients

if TYPE_CHECKING:
    from survrecon.model.ipd import PseudoIPD


@st.composite
def arms(draw: st.DrawFn, smallest: int = 1) -> PseudoIPD:
    """Patients whose times are whole, so that ties are many."""
    n = draw(st.integers(smallest, 25))
    time = draw(st.lists(st.integers(1, 30), min_size=n, max_size=n))
    event = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    return patients(time=time, event=event)


def simulated(rng: np.random.Generator, n: int, scale: float, arm: str = "arm") -> PseudoIPD:
    """Exponential events, uniform censoring, times rounded to a tenth."""
    event, censored = rng.exponential(scale, n), rng.uniform(6, 40, n)
    return patients(time=np.round(np.minimum(event, censored), 1), event=event <= censored, arm=arm)


@given(arms(), arms())
def test_swapping_arms_inverts_every_contrast(a: PseudoIPD, b: PseudoIPD) -> None:
    forth, back = contrast(a, b), contrast(b, a)
    assert forth.status is back.status
    assert forth.log_hr == pytest.approx(-back.log_hr, abs=1e-8, nan_ok=True)
    assert forth.se == pytest.approx(back.se, rel=1e-6, nan_ok=True)
    assert forth.logrank_z == pytest.approx(-back.logrank_z, abs=1e-8, nan_ok=True)
    tau = min(a.time[-1], b.time[-1])
    differences = [
        rmst_difference(kaplan_meier_curves([x]), kaplan_meier_curves([y]), float(tau), of="y", over="x").value
        for x, y in ((a, b), (b, a))
    ]
    assert differences[0] == pytest.approx(-(differences[1] or 0.0), abs=1e-9)


@given(arms(), arms(), st.sampled_from([1 / 30.4375, 0.5, 12.0]))
def test_rescaling_time_changes_times_alone(a: PseudoIPD, b: PseudoIPD, factor: float) -> None:
    scaled = [patients(time=x.time * factor, event=x.event) for x in (a, b)]
    assert contrast(*scaled) == contrast(a, b) or math.isnan(contrast(a, b).log_hr)
    before, after = kaplan_meier(a.time, a.event), kaplan_meier(scaled[0].time, a.event)
    assert after.survival.tolist() == before.survival.tolist()
    for transform in BandTransform:
        old, new = before.median_limits(transform), after.median_limits(transform)
        for was, now in ((old.low, new.low), (old.high, new.high)):
            assert now == (None if was is None else pytest.approx(was * factor))
    assert rmst(after, 10 * factor) == pytest.approx([factor * v for v in rmst(before, 10)], abs=1e-9)


@given(arms(), arms())
def test_a_maximum_is_found_exactly_where_there_is_one(a: PseudoIPD, b: PseudoIPD) -> None:
    """Where each arm sees an event while the other has patients at risk beyond it, the likelihood has a maximum."""
    fit = contrast(a, b)
    assert fit.status is not CoxStatus.NOT_CONVERGED
    both = [(x.time[x.event] <= y.time.max()).any() for x, y in ((a, b), (b, a))]
    if not any(both):
        assert fit.status is CoxStatus.NO_EVENT
    assert (fit.status is CoxStatus.CONVERGED) == math.isfinite(fit.log_hr)
    if fit.status is CoxStatus.CONVERGED:
        assert all(both)


@given(arms(smallest=4))
def test_limits_enclose_the_median(a: PseudoIPD) -> None:
    km = kaplan_meier(a.time, a.event)
    median = km.median()
    for transform in BandTransform:
        limits = km.median_limits(transform)
        if limits.low is not None and median is not None:
            assert limits.low <= median
        if limits.high is not None:
            assert median is not None
            assert median <= limits.high


@given(arms(smallest=4), arms(smallest=4), st.data())
def test_order_of_patients_does_not_matter(a: PseudoIPD, b: PseudoIPD, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(a.n)))
    time, event = [float(a.time[i]) for i in order], [bool(a.event[i]) for i in order]
    km = kaplan_meier(time, event)
    assert km.survival.tolist() == kaplan_meier(a.time, a.event).survival.tolist()
    assert contrast(patients(time=time, event=event), b) == contrast(a, b) or math.isnan(contrast(a, b).log_hr)


@given(arms(smallest=6), arms(smallest=6), st.integers(2, 5))
def test_equal_draws_leave_no_reconstruction_error(a: PseudoIPD, b: PseudoIPD, k: int) -> None:
    one, many = contrast_draws([a], [b]), contrast_draws([a] * k, [b] * k)
    assume(np.isfinite(one.log_hr).all())
    single, pooled = (hazard_ratio_of(fits, of="b", over="a") for fits in (one, many))
    assert pooled.value == pytest.approx(single.value)
    assert pooled.total_se == pytest.approx(single.total_se)
    assert pooled.reconstruction_se == pytest.approx(0.0, abs=1e-7)
    assert single.reconstruction_se is None
    median = pooled_median(kaplan_meier_curves([a] * k))
    assert median.value == pytest.approx(pooled_median(kaplan_meier_curves([a])).value)


@pytest.mark.parametrize("seed", range(8))
def test_lifelines_agrees(seed: int) -> None:
    """The fit that serves the draws and the reported one: within 1e-6, with ties."""
    rng = np.random.default_rng(seed)
    a, b = simulated(rng, 150, 15), simulated(rng, 150, 15 * math.exp(rng.uniform(-1, 1)))
    frame = pd.concat([a.to_frame().assign(treated=0), b.to_frame().assign(treated=1)]).reset_index(drop=True)
    reference = CoxPHFitter().fit(frame, "time", "event", fit_options={"precision": 1e-10})
    fit = contrast(a, b)
    assert fit.log_hr == pytest.approx(reference.params_["treated"], abs=1e-6)
    assert fit.se == pytest.approx(reference.standard_errors_["treated"], abs=1e-6)
    test = logrank_test(a.time, b.time, a.event, b.event)
    assert fit.logrank_z**2 == pytest.approx(test.test_statistic, rel=1e-9)
    curve = KaplanMeierFitter().fit(a.time, a.event)
    assert [kaplan_meier(a.time, a.event).at(t) for t in (5, 20)] == pytest.approx(curve.predict([5, 20]).tolist())


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_pooled_interval_covers_the_draws_own(seed: int) -> None:
    """Between-draw variance only ever adds."""
    rng = np.random.default_rng(seed)
    fits = contrast_draws([simulated(rng, 60, 15) for _ in range(5)], [simulated(rng, 60, 20) for _ in range(5)])
    pooled = hazard_ratio_of(fits, of="b", over="a")
    assert pooled.total_se is not None
    assert pooled.sampling_se is not None
    assert pooled.total_se >= pooled.sampling_se
    assert pooled.sampling_se == pytest.approx(math.sqrt(float(np.mean(fits.se**2))))
