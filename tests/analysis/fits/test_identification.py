"""When the data do not tell a model, that is said, and there is no pooled summary."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from survrecon.analysis.comparison import ArmData
from survrecon.analysis.fits.choice import model_choice
from survrecon.analysis.fits.extrapolate import extrapolate
from survrecon.analysis.fits.fit import fit_arms
from survrecon.errors import AnalysisError
from survrecon.model.ipd import PseudoIPD
from tests.analysis.fits.samples import bootstrapped, gbsg2, lung, simulated


def test_follow_up_too_short_to_tell_a_cured_share() -> None:
    """Exponential times, cut at the median: nothing tells a cured share from none."""
    places = (np.arange(150) + 0.5) / 150
    patients = simulated(-10 * np.log(places), 7.0)
    fit = fit_arms([patients], models="cure-mixture-weibull").fits[0]
    assert not fit.identified
    assert fit.identification.reason.startswith("follow-up too short to tell a cured share from none")


def test_a_plateau_tells_a_cured_share_and_its_upper_limit() -> None:
    rng = np.random.default_rng(4)
    times = np.where(rng.random(300) < 0.4, np.inf, rng.weibull(1.5, 300) * 6)
    fit = fit_arms([simulated(times, 60.0)], models="cure-mixture-weibull").fits[0]
    assert fit.identified
    share, upper = fit.estimates[0, 0], fit.identification.cured_upper
    assert share == pytest.approx(0.4, abs=0.08)
    # with so long a follow-up the share is a binomial one
    assert upper == pytest.approx(share + 1.96 * np.sqrt(share * (1 - share) / 300), abs=0.01)


def test_a_shape_that_few_events_do_not_tell() -> None:
    few = PseudoIPD(time=np.array([3.0, 3.1, 3.2, 3.3, *[3.4] * 16]), event=np.array([1] * 4 + [0] * 16, dtype=bool))
    fit = fit_arms([few], models="gengamma").fits[0]
    assert not fit.identified
    assert fit.identification.reason


def test_gbsg2_tells_its_shape() -> None:
    assert fit_arms([gbsg2()[0]], models="gengamma").fits[0].identified


def test_more_than_one_failed_draw_in_a_hundred_is_no_summary() -> None:
    """Draws in which all events are at one time have no Weibull shape."""
    central = lung()[1]
    bad = replace(central, time=np.where(central.event, 5.0, 5.0))
    good = bootstrapped(central, 49).draws
    found = fit_arms([ArmData(central=central, draws=(*good, bad))], models="weibull")
    fit = found.fits[0]
    assert fit.draws == 50
    assert not fit.identified
    assert fit.identification.reason == "the fit fails in 1 of 50 draws"
    assert len(found.to_frame()) == 51
    assert found.to_frame()["identified"].tolist().count("no") == 2  # the draw, and with it the model
    with pytest.raises(AnalysisError, match="fails in 1 of 50"):
        fit.samples(10, np.random.default_rng(0))
    assert extrapolate(found).models == ()
    assert not model_choice(found)[0].identified


def test_a_rare_failed_draw_is_kept_with_the_mean_covariance() -> None:
    central = lung()[1]
    bad = replace(central, time=np.where(central.event, 5.0, 5.0))
    found = fit_arms([ArmData(central=central, draws=(*bootstrapped(central, 119).draws, bad))], models="weibull")
    fit = found.fits[0]
    assert fit.identified
    assert not fit.told[-1]
    assert fit.pooled_rows().size == 120
    assert fit.pooled_covariance()[-1] == pytest.approx(fit.theta_covariance[1:-1].mean(axis=0))


def test_choice_names_what_it_hangs_on() -> None:
    arm = bootstrapped(lung()[1], 40)
    found = model_choice(fit_arms([arm], models="exponential,weibull,lognormal"), bootstraps=60)
    assert sum(one.lowest_in_draws or 0 for one in found) == pytest.approx(1)
    assert sum(one.lowest_in_bootstraps or 0 for one in found) == pytest.approx(1)
    weibull = found[1]
    assert weibull.behind_best is not None
    assert weibull.behind_best.low == 0 <= weibull.behind_best.median <= weibull.behind_best.high
    # draws that are bootstraps themselves have the luck of bootstraps
    assert weibull.lowest_in_draws == pytest.approx(weibull.lowest_in_bootstraps, abs=0.25)
    assert found[2].aic == pytest.approx(2 * 2 + 2 * 203.4, abs=10)
