"""Cox's model and the log-rank test, solved by hand on six patients."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest

from survrecon.analysis.cox import CoxStatus, contrast, contrast_draws, fit_cox
from survrecon.errors import AnalysisError
from tests.analysis.patients import patients

EXACT = 1e-12  # closed forms, so floats alone


def test_without_ties() -> None:
    """Control 2, 4+, 6+; treatment 1, 3, 5+; theta is the hazard ratio.

    ====  =====  ==  ==  =========================
    time  event  n0  n1  p of being the treated one
    ====  =====  ==  ==  =========================
    1     treat   3   3  theta / (1 + theta)
    2     contr   3   2  2 theta / (3 + 2 theta)
    3     treat   2   2  theta / (1 + theta)
    ====  =====  ==  ==  =========================

    U = 2 - 2 theta/(1 + theta) - 2 theta/(3 + 2 theta) = 0; as 2 - 2 theta/(1 + theta) = 2/(1 + theta),
    3 + 2 theta = theta + theta^2, so theta^2 - theta - 3 = 0 and theta = (1 + sqrt 13)/2 = 2.3028.
    Information, sum of p (1 - p): 2 theta/(1 + theta)^2 + 6 theta/(3 + 2 theta)^2.

    Log-rank: O = 2, E = 1/2 + 2/5 + 1/2 = 1.4, V = 1/4 + 6/25 + 1/4 = 0.74, z = 0.6/sqrt 0.74.
    """
    fit = fit_cox([2, 4, 6, 1, 3, 5], [1, 0, 0, 1, 1, 0], [0, 0, 0, 1, 1, 1])
    theta = (1 + sqrt(13)) / 2
    information = 2 * theta / (1 + theta) ** 2 + 6 * theta / (3 + 2 * theta) ** 2
    assert fit.status is CoxStatus.CONVERGED
    assert fit.log_hr == pytest.approx(log(theta), abs=EXACT)
    assert fit.se == pytest.approx(1 / sqrt(information), abs=1e-9)  # at the last step but one: error of its square
    assert fit.logrank_z == pytest.approx(0.6 / sqrt(0.74), abs=EXACT)


def test_efrons_ties() -> None:
    """Control 2+, 3; treatment 1, 1, 4+, 5+: two treated patients tie at 1.

    Efron takes the tied pair one after the other, the second from a risk set short of half of both:

    ====  ====  =======  =========  ==========================
    time  rank  n0       n1         p of being the treated one
    ====  ====  =======  =========  ==========================
    1     0     2        4          2 theta / (1 + 2 theta)
    1     1     2        4 - 1 = 3  3 theta / (2 + 3 theta)
    3     0     1        2          2 theta / (1 + 2 theta)
    ====  ====  =======  =========  ==========================

    U = 2 - 4 theta/(1 + 2 theta) - 3 theta/(2 + 3 theta) = 0, so 2/(1 + 2 theta) = 3 theta/(2 + 3 theta),
    6 theta^2 - 3 theta - 4 = 0 and theta = (3 + sqrt 105)/12 = 1.1039. (Breslow's would be exactly 1.)

    Log-rank: O = 2; at 1, d = 2, n = 6: E = 4/3, V = 2 (4/6)(2/6)(4/5) = 16/45; at 3, d = 1, n = 3:
    E = 2/3, V = 2/9. E = 2, so z = 0.
    """
    fit = fit_cox([2, 3, 1, 1, 4, 5], [0, 1, 1, 1, 0, 0], [0, 0, 1, 1, 1, 1])
    theta = (3 + sqrt(105)) / 12
    information = 4 * theta / (1 + 2 * theta) ** 2 + 6 * theta / (2 + 3 * theta) ** 2
    assert fit.log_hr == pytest.approx(log(theta), abs=EXACT)
    assert fit.se == pytest.approx(1 / sqrt(information), abs=1e-9)
    assert fit.logrank_z == pytest.approx(0.0, abs=EXACT)


@pytest.mark.parametrize(
    ("event", "status"),
    [([0, 0, 0, 1, 1, 0], CoxStatus.MONOTONE), ([1, 1, 0, 0, 0, 0], CoxStatus.MONOTONE), ([0] * 6, CoxStatus.NO_EVENT)],
    ids=["only the treated have events", "only the controls have events", "no event"],
)
def test_no_finite_hazard_ratio(event: list[int], status: CoxStatus) -> None:
    """With all events in one arm the likelihood rises for ever as the hazard ratio leaves all bounds."""
    fit = fit_cox([2, 4, 6, 1, 3, 5], event, [0, 0, 0, 1, 1, 1])
    assert fit.status is status
    assert np.isnan(fit.log_hr)
    assert np.isnan(fit.se)
    assert np.isnan(fit.logrank_z) == (status is CoxStatus.NO_EVENT)


def test_arms_that_never_meet() -> None:
    """Control 1, 2; treatment 3+, 4: the control's events are seen first, the treated one alone: monotone."""
    assert fit_cox([1, 2, 3, 4], [1, 1, 0, 1], [0, 0, 1, 1]).status is CoxStatus.MONOTONE


def test_a_hazard_ratio_far_from_one() -> None:
    """9 treated events at 1 to 9 before any of 200 controls, then 1 control event: one p of 0.5 decides, slowly."""
    time = [*range(1, 10), 12, 10, *[20] * 199]
    fit = fit_cox(time, [1] * 9 + [0, 1] + [0] * 199, [1] * 10 + [0] * 200)
    assert fit.status is CoxStatus.CONVERGED
    assert fit.log_hr > 5


def test_steps_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step is too few: not converging is an outcome, not a number."""
    monkeypatch.setattr("survrecon.analysis.cox._MOST_STEPS", 1)
    fit = fit_cox([2, 4, 6, 1, 3, 5], [1, 0, 0, 1, 1, 0], [0, 0, 0, 1, 1, 1])
    assert fit.status is CoxStatus.NOT_CONVERGED
    assert np.isnan(fit.log_hr)


def test_arms_are_labelled() -> None:
    with pytest.raises(AnalysisError, match="both present"):
        fit_cox([1, 2], [1, 1], [0, 0])
    with pytest.raises(AnalysisError, match="got 1, 2"):
        fit_cox([1, 2], [1, 1], [1, 2])


def test_draws_are_paired() -> None:
    control = [patients(time=[2, 4, 6], event=[1, 0, 0]), patients(time=[2, 4, 6], event=[1, 1, 0])]
    treatment = [patients(time=[1, 3, 5], event=[1, 1, 0]), patients(time=[1, 3, 5], event=[1, 0, 0])]
    fits = contrast_draws(control, treatment)
    assert fits.log_hr.tolist() == [contrast(a, b).log_hr for a, b in zip(control, treatment, strict=True)]
    one = contrast_draws(control, treatment[:1])
    assert one.z.tolist() == [contrast(a, treatment[0]).logrank_z for a in control]
    with pytest.raises(AnalysisError, match="3 of the control and 2 of the treatment"):
        contrast_draws([control[0]] * 3, treatment)
