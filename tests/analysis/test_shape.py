"""Hazards without a model, against reference values of R and by hand."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from survrecon.analysis.cox import central_fit, contrast
from survrecon.analysis.shape.hazard import boundary_kernel, choose_smoothing, residuals_of, smoothed_hazard
from survrecon.analysis.shape.shape import survival_shape
from survrecon.analysis.shape.weighted_tests import FlemingHarrington, TestSide, largest_of, weighted_statistics
from survrecon.errors import AnalysisError
from survrecon.model.ipd import PseudoIPD

DAYS = 30.4375  # in a month
MUHAZ = {
    6.6: 0.0087812, 9.6: 0.0124367, 12.6: 0.0152041, 15.6: 0.0161335, 18.6: 0.0156432, 21.6: 0.0151404,
    24.6: 0.0146111, 27.6: 0.0142518, 30.6: 0.0139386, 33.6: 0.0139536, 36.6: 0.0138524, 39.6: 0.0143036,
    42.6: 0.0141315, 45.6: 0.0139063, 48.6: 0.0138699, 51.6: 0.0141888,
}  # fmt: skip
"""Smoothed hazard of GBSG2 without hormonal therapy to 60 months by R's muhaz 1.2.6.4, defaults."""
Z = {
    "gbsg2": (2.926565, 2.260677, 2.951913, 2.425141),
    "lung": (3.213525, 1.860103, 3.565691, 2.768534),
}
"""Fleming-Harrington z of the control over the treatment: (0, 0) (0, 1) (1, 0) (1, 1), by R."""
MAX_COMBO = {"gbsg2": (0.00595, 0.00635), "lung": (0.00080, 0.00099)}
"""Of (0, 0) (0, 1) (1, 0) by R's nph, and of all four by another package; within 5e-5 and 1e-4 of themselves."""


@lru_cache(maxsize=2)
def arms(name: str) -> tuple[PseudoIPD, PseudoIPD]:
    """Return GBSG2 without and with hormonal therapy, or lung cancer of men and women, in months."""
    from lifelines.datasets import load_gbsg2, load_lung

    if name == "gbsg2":
        table = load_gbsg2()
        time, event, arm = table["time"], table["cens"] == 1, table["horTh"] == "yes"
    else:
        table = load_lung()
        time, event, arm = table["time"], table["status"] == 1, table["sex"] == 2
    first, second = (
        PseudoIPD(time=time[arm == one] / DAYS, event=event[arm == one], arm=name)
        for one, name in ((False, "control"), (True, "treatment"))
    )
    return first, second


@pytest.mark.parametrize("name", Z)
def test_weighted_tests_are_those_of_r(name: str) -> None:
    found = weighted_statistics(*arms(name))
    assert -found.z == pytest.approx(Z[name], abs=1e-6 if name == "gbsg2" else 1e-5)
    three = weighted_statistics(*arms(name), [FlemingHarrington(*pair) for pair in ((0, 0), (0, 1), (1, 0))])
    assert largest_of(three) == pytest.approx(MAX_COMBO[name][0], abs=2e-4)
    assert largest_of(found) == pytest.approx(MAX_COMBO[name][1], abs=2e-4)


def test_sides_of_a_max_combo() -> None:
    """Against a large sample of the normal distribution; the other side has hardly any evidence."""
    found = weighted_statistics(*arms("lung"))
    rng = np.random.default_rng(1)
    values, vectors = np.linalg.eigh(found.correlation)
    z = rng.standard_normal((200_000, 4)) @ (vectors * np.sqrt(np.maximum(values, 0))).T
    turned = weighted_statistics(*arms("lung")[::-1])
    better, worse = largest_of(found, TestSide.TREATMENT_BETTER), largest_of(turned, TestSide.TREATMENT_BETTER)
    assert better == pytest.approx((z.max(axis=1) > (-found.z).max()).mean(), abs=2e-4)
    assert worse == pytest.approx((z.max(axis=1) > found.z.max()).mean(), abs=2e-3)


def test_one_weight_is_its_own_largest() -> None:
    from scipy.special import ndtr

    found = weighted_statistics(*arms("lung"), [FlemingHarrington(0, 1)])
    assert largest_of(found) == pytest.approx(2 * ndtr(-abs(found.z[0])), rel=1e-9)


def test_smoothed_hazard_is_that_of_muhaz() -> None:
    """Within 5% from the 5th to the 95th percentile of the events up to 60 months, where its curve ends."""
    control = arms("gbsg2")[0]
    smoothing = choose_smoothing(control, 60.0)
    hazard = np.interp(list(MUHAZ), smoothing.time, smoothed_hazard(control, smoothing))
    assert hazard == pytest.approx(list(MUHAZ.values()), rel=0.05)


@pytest.mark.parametrize("reach", [0.0, 0.3, 0.8, 1.0])
def test_the_boundary_kernel_has_mass_one_and_no_first_moment(reach: float) -> None:
    z = np.linspace(-1, reach, 20_001)
    kernel = boundary_kernel(z, np.array(reach))
    step = z[1] - z[0]
    assert np.trapezoid(kernel, dx=step) == pytest.approx(1, abs=1e-6)
    assert np.trapezoid(kernel * z, dx=step) == pytest.approx(0, abs=1e-6)


def test_a_constant_hazard_is_flat_to_its_ends() -> None:
    rng = np.random.default_rng(3)
    own, censored = rng.exponential(10, 6000), rng.uniform(5, 20, 6000)
    patients = PseudoIPD(time=np.minimum(own, censored), event=own <= censored)
    smoothing = choose_smoothing(patients)
    hazard = smoothed_hazard(patients, smoothing)
    assert hazard[5:70] == pytest.approx(0.1, rel=0.1)
    assert hazard[0] == pytest.approx(0.1, rel=0.2)


def test_the_test_of_proportional_hazards_is_that_of_lifelines() -> None:
    residuals, reference = residuals_of(*arms("lung")), central_fit(*arms("lung"))[1]
    assert residuals is not None
    assert reference is not None
    assert residuals.z**2 == pytest.approx(reference.statistic, rel=1e-4)


def test_residuals_sum_to_nothing_and_a_ratio_that_changes_is_seen() -> None:
    rng = np.random.default_rng(8)
    hazards = rng.exponential(1, 3000), rng.exponential(1, 3000)
    control = hazards[0]
    treatment = np.where(hazards[1] < 0.5 * 0.5, hazards[1] / 0.5, 0.5 + (hazards[1] - 0.25) / 2)  # 0.5 then 2
    pair = [
        PseudoIPD(time=np.minimum(t, 1.5), event=t < 1.5, arm=name)
        for t, name in ((control, "control"), (treatment, "treatment"))
    ]
    residuals = residuals_of(*pair)
    assert residuals is not None
    assert residuals.value.mean() == pytest.approx(residuals.log_hr, abs=1e-9)
    found = survival_shape(control=pair[0], treatments=[pair[1]], cuts=[0.5], landmarks=[0.5]).contrasts[0]
    early, late = found.piecewise
    assert early.hazard_ratio.value == pytest.approx(0.5, rel=0.12)
    assert late.hazard_ratio.value == pytest.approx(2.0, rel=0.12)
    assert found.landmarks[0].hazard_ratio.value == late.hazard_ratio.value
    curve = found.ratio_over_time
    assert np.interp(0.15, curve.x, curve.value) < 0.75
    assert np.interp(1.2, curve.x, curve.value) > 1.5


def test_a_piece_that_holds_all_events_has_the_whole_ratio() -> None:
    whole = contrast(*arms("gbsg2"))
    assert contrast(*arms("gbsg2"), after=0, until=1e3) == whole
    early, late = contrast(*arms("gbsg2"), until=24.0), contrast(*arms("gbsg2"), after=24.0)
    assert min(early.log_hr, late.log_hr) < whole.log_hr < max(early.log_hr, late.log_hr)


def test_times_that_are_stretched_have_a_level_ratio() -> None:
    control = arms("gbsg2")[0]
    later = PseudoIPD(time=1.5 * control.time, event=control.event, arm="treatment")
    found = survival_shape(control=control, treatments=[later]).contrasts[0].quantiles
    assert found.value == pytest.approx(1.5, rel=1e-9)
    known = np.isfinite(found.sampling_low)
    assert known.sum() > 20
    assert (found.sampling_low[known] < 1.5).all()


def test_bands_of_reading_and_of_sampling_are_apart() -> None:
    control, treatment = arms("lung")
    rng = np.random.default_rng(0)
    draws = [
        PseudoIPD(time=treatment.time * rng.uniform(0.97, 1.03), event=treatment.event, arm="treatment")
        for _ in range(30)
    ]
    found = survival_shape(control=control, treatments=[draws])
    alone, drawn = (arm.hazard for arm in found.arms)
    assert alone.reading_low is None
    assert drawn.reading_low is not None
    assert drawn.reading_high is not None
    middle = slice(20, 80)
    reading = (drawn.reading_high - drawn.reading_low)[middle]
    assert (reading > 0).all()
    assert (reading < (drawn.sampling_high - drawn.sampling_low)[middle]).all()
    first = found.contrasts[0].tests[0]
    assert first.low < first.median < first.high
    assert first.draws == 30
    assert first.name == "Fleming-Harrington (0, 0), the log-rank test, two-sided"
    assert (found.arms[1].at_risk_low <= found.arms[1].at_risk_high).all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (([5.0, 4.0], []), "cuts=: times above 0 that rise"),
        (([], [400.0]), "landmarks=: times before"),
    ],
)
def test_times_that_cannot_be(given: tuple[list[float], list[float]], message: str) -> None:
    control, treatment = arms("lung")
    with pytest.raises(AnalysisError, match=message):
        survival_shape(control=control, treatments=[treatment], cuts=given[0], landmarks=given[1])


def test_too_few_events_to_smooth() -> None:
    with pytest.raises(AnalysisError, match="2 events to smooth a hazard of; got 1"):
        choose_smoothing(PseudoIPD(time=np.arange(1.0, 30), event=np.arange(29) == 0))
