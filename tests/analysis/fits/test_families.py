"""Densities and their derivatives: against differences, against integrals, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from survrecon.analysis.fits.families import Family
from survrecon.analysis.fits.models import ALL_MODELS, Link, model_named, model_names
from survrecon.analysis.fits.standard import LOG_GAMMA, PRENTICE_GAMMA
from survrecon.errors import AnalysisError
from tests.analysis.fits.samples import gbsg2

EVENTS = gbsg2()[0].time[gbsg2()[0].event]
TIMES = np.array([0.7, 6.0, 19.0, 33.0, 58.0, 90.0])


def typical(name: str) -> tuple[Family, list[float]]:
    """Return a family and working parameters at which it is sound."""
    family = model_named(name, EVENTS).family
    kind = name.rsplit("-", 1)[0] if name.startswith("rp") else name
    by_name = {
        "exponential": [4.1], "weibull": [4.0, -0.2], "gompertz": [-4.4, 0.01], "lognormal": [3.8, 0.1],
        "loglogistic": [3.8, -0.4], "gamma": [3.7, 0.4], "gengamma": [3.6, 0.2, -0.7],
        "piecewise": [-4.5, -4, -4.2, -4.1],
    }  # fmt: skip
    if kind.startswith("rp"):
        return family, [-5.5, 1.3, *([0.02] * (family.size - 2))]
    if kind.startswith("cure"):
        return family, [-0.8, *by_name[name.rsplit("-", 1)[1]]]
    return family, by_name[name]


@pytest.mark.parametrize("name", ALL_MODELS)
def test_derivatives_are_those_of_differences(name: str) -> None:
    family, at = typical(name)
    theta = np.repeat(np.array(at)[:, None], TIMES.size, axis=1)
    step = 1e-5
    for function in (family.log_density, family.log_survival):
        found = function(TIMES, theta)
        for j in range(family.size):
            aside = np.zeros_like(theta)
            aside[j] = step
            above, below = function(TIMES, theta + aside), function(TIMES, theta - aside)
            assert found.slope[j] == pytest.approx((above.value - below.value) / (2 * step), rel=1e-5, abs=1e-6)
            # second differences in a shape are known to some 1e-6
            assert found.curve[j] == pytest.approx((above.slope - below.slope) / (2 * step), rel=1e-4, abs=3e-5)


@pytest.mark.parametrize("name", ALL_MODELS)
def test_survival_is_one_less_the_integral_of_the_density(name: str) -> None:
    family, at = typical(name)

    def density(time: float) -> float:
        return float(np.exp(family.curves(np.array([time]), np.array(at)[:, None])[1][0]))

    points = [*getattr(family, "cuts", ())]
    dead, _ = integrate.quad(density, 1e-9, 58.0, points=[p for p in points if p < 58] or None, limit=200)
    log_S, log_f = family.curves(np.array([58.0]), np.array(at)[:, None])
    assert np.exp(log_S[0]) == pytest.approx(1 - dead, abs=2e-6)
    theta = np.array(at)[:, None]
    assert log_S[0] == pytest.approx(family.log_survival(np.array([58.0]), theta).value[0])
    assert log_f[0] == pytest.approx(family.log_density(np.array([58.0]), theta).value[0])


@pytest.mark.parametrize("Q", [-3.0, -0.7, -0.051, 0.051, 0.4, 1.0, 2.5])
def test_the_generalised_gamma_is_that_of_the_incomplete_gamma_function(Q: float) -> None:
    z = np.linspace(-4, 2, 7)
    k = Q**-2
    law = stats.gamma(k)
    log_S = law.logsf(k * np.exp(Q * z)) if Q > 0 else law.logcdf(k * np.exp(Q * z))
    assert PRENTICE_GAMMA.log_survival(z, np.full(7, Q)) == pytest.approx(log_S, rel=1e-9, abs=1e-13)


def test_the_generalised_gamma_is_smooth_through_the_log_normal() -> None:
    z = np.linspace(-6, 8, 29)
    normal = stats.norm.logsf(z)
    assert PRENTICE_GAMMA.log_survival(z, np.zeros(29)) == pytest.approx(normal, rel=1e-10)
    for edge in (0.05, -0.05):
        below, above = (PRENTICE_GAMMA.log_survival(z, np.full(29, edge * s)) for s in (1 - 1e-9, 1 + 1e-9))
        assert below == pytest.approx(above, rel=1e-7, abs=1e-15)
        densities = [PRENTICE_GAMMA.log_density(z, np.full(29, edge * s)).value for s in (1 - 1e-9, 1 + 1e-9)]
        assert densities[0] == pytest.approx(densities[1], rel=1e-8)
    little = PRENTICE_GAMMA.log_survival(z, np.full(29, 1e-7))
    assert little == pytest.approx(normal, rel=1e-5)


def test_tails_beyond_what_a_double_holds_are_finite() -> None:
    deep = PRENTICE_GAMMA.log_survival(np.array([7.0, 8.0]), np.array([1.0, 1.0]))
    assert deep == pytest.approx(-np.exp([7.0, 8.0]), rel=1e-6)
    assert np.isfinite(LOG_GAMMA.log_survival(np.array([8.0]), np.array([0.5]))).all()
    assert np.isfinite(PRENTICE_GAMMA.log_survival(np.array([400.0]), np.array([-2.0]))).all()


@pytest.mark.parametrize(
    ("Q", "z", "log_S"),
    [(20, -50, -0.08444847896450669), (40, -20, -0.9262349505010136), (100, -8, -2.555154170397111)],
)
def test_early_deaths_count_where_a_large_shape_puts_them_below_what_a_double_holds(
    Q: float, z: float, log_S: float
) -> None:
    # by arithmetic of 60 digits; with x taken for 0, all of these were 0 and the likelihood rose without end
    assert PRENTICE_GAMMA.log_survival(np.array([z]), np.array([Q])) == pytest.approx(log_S, rel=1e-9)
    assert PRENTICE_GAMMA.log_survival(np.array([-z]), np.array([-Q])) == pytest.approx(
        np.log(-np.expm1(log_S)), rel=1e-9
    )


@pytest.mark.parametrize("link", list(Link))
def test_links_go_back_and_forth(link: Link) -> None:
    working = np.array([-1.3, 0.2, 2.0])
    assert link.working(link.seen(working)) == pytest.approx(working)
    step = 1e-6
    slope = (link.seen(working + step) - link.seen(working - step)) / (2 * step)
    assert link.slope(working) == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize(
    ("asked", "words"), [("weibul", "'weibul'"), ("weibull,weibull", "weibull twice"), ("rp-hazard-4", "'rp-hazard-4'")]
)
def test_models_that_are_not_known(asked: str, words: str) -> None:
    with pytest.raises(AnalysisError, match=words):
        model_names(asked)


def test_too_few_times_for_knots() -> None:
    with pytest.raises(AnalysisError, match="4 different event times or more; got 3"):
        model_named("rp-odds-2", np.array([1.0, 2.0, 2.0, 3.0]))
