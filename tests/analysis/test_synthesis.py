"""Several trials together: metafor's values, what must not be pooled, and an indirect contrast by hand."""

from __future__ import annotations

from dataclasses import replace
from math import log, sqrt

import numpy as np
import pytest

from survrecon.analysis.synthesis.contrasts import ContrastMeasure, TrialContrast
from survrecon.analysis.synthesis.pooling import BetweenTrials, indirect_contrast, pool_contrasts
from survrecon.errors import AnalysisError

RATIOS = (0.72, 0.85, 0.64, 0.91, 0.78, 1.05)
ERRORS = (0.12, 0.10, 0.15, 0.09, 0.20, 0.14)


def contrast(study: str, ratio: float, se: float, **other: object) -> TrialContrast:
    row = TrialContrast(
        study=study, endpoint="OS", of="drug", over="placebo", effect=log(ratio), sampling_variance=se**2
    )
    return replace(row, **other)  # type: ignore[arg-type]


TRIALS = [contrast(f"trial {k}", ratio, se) for k, (ratio, se) in enumerate(zip(RATIOS, ERRORS, strict=True))]


@pytest.mark.parametrize(
    ("method", "effect", "se", "tau2"),
    [
        (BetweenTrials.COMMON, -0.1796596, 0.04918499, 0.0),
        (BetweenTrials.DERSIMONIAN_LAIRD, -0.1902378, 0.06636115, 0.01038823),
        (BetweenTrials.REML, -0.1902043, 0.06628005, 0.01032916),
    ],
)
def test_as_metafor(method: BetweenTrials, effect: float, se: float, tau2: float) -> None:
    """Values of R's metafor, which stops its iterations for REML at 1e-5."""
    found = pool_contrasts(TRIALS, method=method)
    assert found.effect == pytest.approx(effect, abs=1e-5)
    assert found.se == pytest.approx(se, abs=1e-5)
    assert found.tau2 == pytest.approx(tau2, abs=1e-5)


def test_paule_and_mandel_solve_their_equation() -> None:
    """The generalised Q equals its degrees of freedom. metafor's root, 0.01197184, leaves 0.005 of Q."""
    found = pool_contrasts(TRIALS, method=BetweenTrials.PAULE_MANDEL)
    w = 1 / (np.square(ERRORS) + found.tau2)
    y = np.log(RATIOS)
    assert float(w @ (y - w @ y / w.sum()) ** 2) == pytest.approx(5.0, abs=1e-9)
    assert found.effect == pytest.approx(-0.1910791, abs=2e-5)
    assert found.se == pytest.approx(0.06849038, abs=5e-5)


def test_hartung_and_knapp_as_metafor() -> None:
    found = pool_contrasts(TRIALS, hartung_knapp=True)
    assert found.prediction is not None
    assert found.se == pytest.approx(0.06813368, abs=1e-5)
    limits = (found.interval.low, found.interval.high, found.prediction.low, found.prediction.high)
    assert limits == pytest.approx((-0.3653475, -0.0150611, -0.5047343, 0.1243256), abs=3e-5)


def test_factor_held_at_one_is_never_shorter() -> None:
    alike = [contrast(f"trial {k}", ratio, 0.2) for k, ratio in enumerate((0.80, 0.81, 0.79))]
    plain, held = (pool_contrasts(alike, hartung_knapp=True, at_least_one=held) for held in (False, True))
    usual = pool_contrasts(alike)
    assert plain.se < usual.se
    assert held.se == pytest.approx(usual.se)


def test_the_best_of_two_maxima_is_found() -> None:
    """With effects and variances drawn at random, no other tau2 has a larger restricted likelihood."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        y, se = rng.normal(0, 0.5, 5), rng.uniform(0.05, 0.8, 5)
        rows = [contrast(f"t{k}", float(np.exp(a)), float(b)) for k, (a, b) in enumerate(zip(y, se, strict=True))]
        found = pool_contrasts(rows, method=BetweenTrials.REML).tau2

        def likelihood(tau2: float, y: np.ndarray = y, se: np.ndarray = se) -> float:
            w = 1 / (se**2 + tau2)
            q = w @ (y - w @ y / w.sum()) ** 2
            return -0.5 * float(-np.log(w).sum() + np.log(w.sum()) + q)

        assert likelihood(found) >= max(map(likelihood, np.linspace(0, 3, 600))) - 1e-9


def test_reconstruction_error_widens_and_is_told_apart() -> None:
    read = [replace(one, reconstruction_variance=0.01) for one in TRIALS]
    without, found = (pool_contrasts(rows, method=BetweenTrials.COMMON) for rows in (TRIALS, read))
    w = 1 / (np.square(ERRORS) + 0.01)
    assert found.se == pytest.approx(1 / sqrt(w.sum()))
    assert found.se > without.se
    assert found.reconstruction_se == pytest.approx(sqrt(0.01 * ((w / w.sum()) ** 2).sum()))
    assert found.estimate.total_se == pytest.approx(found.se)


def test_a_reconstruction_without_draws_is_said() -> None:
    drawn = [replace(one, reconstruction_variance=0.001) for one in TRIALS[:2]]
    assert not any("too narrow" in " ".join(note.split()) for note in pool_contrasts(drawn).notes)
    notes = pool_contrasts([*drawn, TRIALS[2]]).notes
    assert any("trial 2: one data set alone" in note for note in notes)


def test_two_trials_have_no_prediction_and_no_hartung_and_knapp() -> None:
    found = pool_contrasts(TRIALS[:2])
    assert found.prediction is None
    assert any("three trials" in note for note in found.notes)
    with pytest.raises(AnalysisError, match="three trials or more"):
        pool_contrasts(TRIALS[:2], hartung_knapp=True)
    with pytest.raises(AnalysisError, match="random effects"):
        pool_contrasts(TRIALS, method=BetweenTrials.COMMON, hartung_knapp=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"study": "trial 0"}, "one row a trial"),
        ({"endpoint": "PFS"}, "one endpoint"),
        ({"of": "other"}, "one treatment over one comparator"),
        ({"over": "drug", "of": "placebo"}, "placebo over drug"),
        ({"measure": ContrastMeasure.RMST, "tau": 24.0}, "one measure"),
    ],
)
def test_rows_that_do_not_go_together(change: dict[str, object], message: str) -> None:
    with pytest.raises(AnalysisError, match=message):
        pool_contrasts([*TRIALS[:3], replace(TRIALS[3], **change)])  # type: ignore[arg-type]


def test_restricted_means_of_different_tau_are_refused() -> None:
    rows = [
        replace(one, measure=ContrastMeasure.RMST, tau=tau, time_unit="months")
        for one, tau in zip(TRIALS[:2], (24.0, 36.0), strict=True)
    ]
    with pytest.raises(AnalysisError, match="one tau"):
        pool_contrasts(rows)


@pytest.mark.parametrize(
    "change",
    [
        {"effect": np.nan},
        {"sampling_variance": -1.0},
        {"sampling_variance": 0.0},
        {"tau": 3.0},
        {"of": "placebo"},
    ],
)
def test_impossible_rows(change: dict[str, object]) -> None:
    with pytest.raises(AnalysisError):
        replace(TRIALS[0], **change)  # type: ignore[arg-type]


def test_indirect_by_hand() -> None:
    first = contrast("A", 0.70, 0.10, reconstruction_variance=0.0044)
    second = contrast("B", 0.80, 0.12, of="other")
    found = indirect_contrast(first, second)
    se = sqrt(0.01 + 0.0044 + 0.0144)
    assert found.effect == pytest.approx(log(0.70 / 0.80))
    assert found.se == pytest.approx(se)
    assert (found.estimate.of, found.estimate.over) == ("drug", "other")
    assert found.estimate.reconstruction_se == pytest.approx(sqrt(0.0044))


def test_no_common_comparator_is_unanchored() -> None:
    with pytest.raises(AnalysisError, match="unanchored"):
        indirect_contrast(contrast("A", 0.7, 0.1), contrast("B", 0.8, 0.1, of="other", over="standard"))
    turned = contrast("B", 0.8, 0.1, of="other").turned()
    with pytest.raises(AnalysisError, match="turn a row round"):
        indirect_contrast(contrast("A", 0.7, 0.1), turned)
    assert indirect_contrast(contrast("A", 0.7, 0.1), turned.turned()).effect == pytest.approx(log(0.7 / 0.8))


def test_crossing_hazards_are_warned_of() -> None:
    found = indirect_contrast(contrast("A", 0.7, 0.1), contrast("B", 0.8, 0.1, of="other", non_proportional_p=0.01))
    assert any("may not be proportional in B" in note for note in found.notes)
    assert not any("may not be proportional in A" in note for note in found.notes)
