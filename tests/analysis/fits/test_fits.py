"""Fits against published programs and closed forms."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from survrecon.analysis.comparison import ArmData
from survrecon.analysis.fits.fit import fit_arms
from survrecon.analysis.fits.likelihood import LikelihoodOptions, data_sets_of, log_likelihood
from survrecon.analysis.fits.models import model_named
from survrecon.analysis.fits.results import FitSet
from survrecon.errors import AnalysisError
from survrecon.model.ipd import PseudoIPD
from tests.analysis.fits.samples import bootstrapped, gbsg2, lung

# R 4.2.2, flexsurv 2.3.2 and flexsurvcure 1.3.3 on lifelines' data, months of 30.4375 days: log likelihood, estimates.
FLEXSURV = [
    ("gbsg2", "no", "exponential", -1089.3409629, [0.0133818178696]),
    ("gbsg2", "no", "weibull", -1081.6731909, [1.27932796517, 66.3271428716]),
    ("gbsg2", "no", "gompertz", -1088.3569928, [0.00548185178, 0.0117258956]),
    ("gbsg2", "no", "gamma", -1078.9873761, [1.4951789336, 0.0239806517]),
    ("gbsg2", "no", "gengamma", -1066.1158059, [3.5940188441, 1.1959196874, -0.7127149216]),
    ("gbsg2", "no", "rp-odds-2", -1065.1399729, [-9.9499519750, 3.3627326825, 0.4994785726, -0.3165184500]),
    ("gbsg2", "no", "rp-normal-1", -1065.5363380, [-4.3539095656, 1.2818578488, 0.0629384339]),
    ("gbsg2", "no", "cure-mixture-loglogistic", -1070.0245279, [0.2916616005, 1.9813677203, 30.4084463644]),
    ("gbsg2", "no", "cure-nonmixture-lognormal", -1066.8703662, [0.2293650448, 3.9490926853, 0.9919636994]),
    ("lung", "women", "gengamma", -201.7139846, [2.9036804803, 0.5705813044, 1.2645336815]),
    ("lung", "women", "gompertz", -202.4520908, [0.0712661696, 0.0277795723]),
    (
        "lung", "women", "rp-hazard-3", -201.4512449,
        [-4.2582519516, 0.8851865332, -0.4022868610, 1.0402458320, -0.9048837],
    ),
    ("gbsg2", "joint", "gompertz", -1620.5166021, [0.0059528702, 0.0115833120, -0.3741387334]),
    ("gbsg2", "joint", "gamma", -1607.1068920, [1.4923041234, 0.0239169586, -0.3063878297]),
    ("gbsg2", "joint", "gengamma", -1588.5723160, [3.5767284185, 1.2315049325, -0.7890610320, 0.3048071604]),
    (
        "gbsg2", "joint", "rp-hazard-2", -1586.6703722,
        [-10.2508372301, 3.4772372843, 0.5835328650, -0.3611924901, -0.3614165884],
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def fits() -> dict[tuple[str, str], FitSet]:
    named = {"gbsg2": gbsg2(), "lung": lung()}
    found = {}
    for of_set, arm in {row[:2] for row in FLEXSURV}:
        arms = [one for one in named[of_set] if arm in (one.arm, "joint")]
        models = [row[2] for row in FLEXSURV if row[:2] == (of_set, arm)]
        found[of_set, arm] = fit_arms(arms, models=models, joint=arm == "joint")
    return found


@pytest.mark.parametrize(("of_set", "arm", "model", "loglik", "estimates"), FLEXSURV, ids=lambda v: str(v)[:30])
def test_flexsurv(
    fits: dict[tuple[str, str], FitSet], of_set: str, arm: str, model: str, loglik: float, estimates: list[float]
) -> None:
    fit = fits[of_set, arm].get(model, arm)
    assert fit.identified
    assert -1e-4 < fit.log_likelihood[0] - loglik < 1e-3
    tolerance = np.maximum(0.02 * fit.standard_errors[0], 1e-3 * np.abs(estimates))
    assert (np.abs(fit.estimates[0] - estimates) < tolerance).all()


def test_standard_errors_of_flexsurv(fits: dict[tuple[str, str], FitSet]) -> None:
    """Those of the joint generalised gamma, which has every kind of parameter."""
    found = fits["gbsg2", "joint"].get("gengamma", "joint").standard_errors[0]
    assert found == pytest.approx([0.134656804367, 0.0575922014827, 0.26850254835, 0.10379530906677], rel=2e-3)


def test_criteria_and_parameters_back_and_forth(fits: dict[tuple[str, str], FitSet]) -> None:
    fit = fits["gbsg2", "no"].get("gengamma", "no")
    assert fit.aic[0] == pytest.approx(2138.23161176)
    assert fit.bic[0] == pytest.approx(2138.23161176 - 6 + 3 * np.log(440))
    assert fit.working(fit.estimates) == pytest.approx(fit.theta)
    assert fit.parameter_names == ("mu", "sigma", "Q")


@pytest.mark.slow
def test_every_draw_is_as_if_fitted_alone() -> None:
    arm = bootstrapped(lung()[1], 3)
    models = ["gompertz", "gengamma", "rp-odds-2"]
    together = fit_arms([arm], models=models)
    alone = fit_arms([ArmData(central=arm.central, draws=(arm.central, arm.draws[2]))], models=models)
    for fit, single in zip(together.fits, alone.fits, strict=True):
        assert fit.log_likelihood[3] == pytest.approx(single.log_likelihood[2], abs=1e-6)


def test_time_in_another_unit_changes_times_alone() -> None:
    months = lung()[0]
    days = replace(months, time=30 * months.time, time_unit="days")
    for name in ("gengamma", "rp-hazard-1", "gompertz"):
        one, other = (fit_arms([arm], models=name).fits[0] for arm in (months, days))
        # a density per day is a thirtieth of one per month
        assert one.log_likelihood[0] - other.log_likelihood[0] == pytest.approx(months.events * np.log(30), abs=1e-5)
        times = np.array([5.0, 20.0])
        assert one.survival(times)[0] == pytest.approx(other.survival(30 * times)[0], abs=1e-6)


def test_piecewise_rates_are_events_over_time_at_risk() -> None:
    arm = lung()[1]
    fit = fit_arms([arm], models="piecewise").fits[0]
    edges = np.concatenate([[0.0], fit.model.cuts if fit.model.cuts is not None else [], [np.inf]])
    events = np.histogram(arm.time[arm.event], np.nextafter(edges, np.inf))[0]
    spent = [(np.clip(arm.time, low, high) - low).sum() for low, high in pairwise(edges)]
    assert fit.estimates[0] == pytest.approx(events / spent)
    assert fit.standard_errors[0] == pytest.approx(np.sqrt(events) / spent)


PATIENTS = PseudoIPD(
    time=np.array([2.0, 4, 5, 7, 9, 11]), event=np.array([1, 1, 0, 1, 1, 0], dtype=bool), arm="drug"
)  # 4 events in 38 months


def rate(options: LikelihoodOptions) -> float:
    return float(fit_arms([PATIENTS], models="exponential", options=options).fits[0].estimates[0, 0])


def test_entry_times_leave_out_the_time_before() -> None:
    entry = (np.array([1.0, 0, 3, 0, 2, 0]),)
    assert rate(LikelihoodOptions(entry=entry)) == pytest.approx(4 / (38 - 6))


def test_left_truncation_of_a_weibull_is_conditional_survival() -> None:
    """Everybody enters at 5: the likelihood is that of the conditional distribution."""
    model = model_named("weibull", np.array([6.0, 9.0]))
    patients = PseudoIPD(time=np.array([6.0, 9.0, 12.0]), event=np.array([True, True, False]))
    data = data_sets_of([[patients]], LikelihoodOptions(entry=(np.full(3, 5.0),)))
    theta = np.array([[2.2, -0.5]])
    scale, shape = np.exp(2.2), np.exp(0.5)
    H = (np.array([6.0, 9, 12, 5]) / scale) ** shape
    h = shape / scale * (np.array([6.0, 9]) / scale) ** (shape - 1)
    expected = np.log(h).sum() - H[:3].sum() + 3 * H[3]
    assert log_likelihood(model.family, data, theta).value[0] == pytest.approx(expected)


def test_visits_have_events_between_them() -> None:
    """Whole months alone: each month is survived with probability e^-rate, a geometric likelihood."""
    time = np.array([1.0, 2, 2, 3, 5, 6])
    event = np.array([1, 1, 0, 1, 1, 0], dtype=bool)
    options = LikelihoodOptions(visit_gap=1.0)
    found = fit_arms([PseudoIPD(time=time, event=event)], models="exponential", options=options)
    survived, died = float(time.sum()) - 4, 4
    assert found.fits[0].estimates[0, 0] == pytest.approx(-np.log(survived / (survived + died)))
    assert "between two visits" in found.options.words


def test_hazards_in_excess_of_the_populations() -> None:
    """A constant background b is taken off the rate."""
    options = LikelihoodOptions(background=lambda _arm, times: np.full_like(times, 0.02))
    assert rate(options) == pytest.approx(4 / 38 - 0.02)


@pytest.mark.parametrize("name", ["weibull", "rp-hazard-1", "cure-mixture-weibull"])
@pytest.mark.parametrize(
    "options",
    [
        LikelihoodOptions(visit_gap=1.0),
        LikelihoodOptions(background=lambda _arm, times: 0.001 * times),
        LikelihoodOptions(entry=(np.full(138, 0.1), np.full(90, 0.1))),
    ],
    ids=["visits", "excess", "entry"],
)
def test_gradient_and_curvature_of_the_likelihood(name: str, options: LikelihoodOptions) -> None:
    arms = lung()
    model = model_named(name, np.concatenate([arm.time[arm.event] for arm in arms]))
    data = data_sets_of([[arm] for arm in arms], options)
    start = {"weibull": [2.4, -0.2], "rp-hazard-1": [-3.0, 1.2, 0.01], "cure-mixture-weibull": [-3.0, 2.4, -0.3]}[name]
    theta = np.array([[*start, 0.2]])
    found = log_likelihood(model.family, data, theta)
    step = 1e-5
    for j in range(theta.shape[1]):
        aside = np.zeros_like(theta)
        aside[0, j] = step
        above, below = (log_likelihood(model.family, data, theta + sign * aside) for sign in (1, -1))
        assert found.gradient[0, j] == pytest.approx((above.value - below.value)[0] / (2 * step), rel=1e-5, abs=1e-4)
        slope = (above.gradient - below.gradient)[0] / (2 * step)
        assert found.hessian[0, j] == pytest.approx(slope, rel=1e-5, abs=1e-3)


def test_events_at_time_0_are_moved_and_said() -> None:
    found = fit_arms([PseudoIPD(time=np.array([0.0, 2, 3, 4]), event=np.ones(4, dtype=bool))], models="weibull")
    assert found.arms[0].central.time[0] == 1.0
    assert "events at time 0 are taken to be at half the first time" in found.notes[0]
    assert np.isfinite(found.fits[0].log_likelihood).all()


def test_models_with_too_many_knots_are_said_not_to_be_fitted() -> None:
    found = fit_arms([PseudoIPD(time=np.array([2.0, 3, 4]), event=np.ones(3, dtype=bool))], models="weibull,rp-odds-3")
    assert found.models == ("weibull",)
    assert "rp-odds-3" in found.notes[0]
    assert "not fitted: 5 different event times or more, and there are 3" in found.notes[0]


def test_what_cannot_be_fitted() -> None:
    none = PseudoIPD(time=np.array([2.0, 3]), event=np.zeros(2, dtype=bool), arm="drug")
    with pytest.raises(AnalysisError, match="arm drug: an event; got none"):
        fit_arms([none])
    with pytest.raises(AnalysisError, match="arms have different names"):
        fit_arms([PATIENTS, PATIENTS])
    with pytest.raises(AnalysisError, match="as many of every arm"):
        fit_arms([bootstrapped(lung()[0], 3), bootstrapped(lung()[1], 4)])
    with pytest.raises(AnalysisError, match="one time unit"):
        fit_arms([PATIENTS, replace(PATIENTS, arm="other", time_unit="days")])
