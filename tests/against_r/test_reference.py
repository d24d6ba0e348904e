"""The analysis against R's survival 3.5-3; ``reference.R`` made the values, to 12 digits.

Tolerances: R's Cox fit stops at a relative change of 1e-12 of the likelihood, so its coefficient is
good to about 1e-6; everything else is a closed formula, held to 1e-9.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from lifelines import datasets

from survrecon.analysis.comparison import compare_arms, summarize_arm
from survrecon.analysis.cox import contrast
from survrecon.analysis.medians import reverse_kaplan_meier, rmst
from survrecon.model.kaplan_meier import BandTransform, kaplan_meier
from tests.analysis.patients import patients

if TYPE_CHECKING:
    from survrecon.model.ipd import PseudoIPD

REFERENCE = pd.read_csv(Path(__file__).parent / "reference.csv", dtype={"arm": "Int64"})
SETS = ("waltons", "gbsg2", "lung", "flat")
EXACT: dict[str, Any] = {"rel": 1e-9, "abs": 1e-9}
FITTED: dict[str, Any] = {"rel": 0.0, "abs": 2e-6}


@cache
def arms(name: str) -> tuple[PseudoIPD, PseudoIPD]:
    if name == "flat":
        control, treatment = (
            ([1, 2, 3, 5, 6, 8], [1, 1, 1, 1, 0, 0]),
            (
                [2, 4, 4, 7, 9, 9, 10, 11],
                [1, 1, 1, 1, 0, 1, 0, 1],
            ),
        )
    else:
        frame, columns, treated = {
            "waltons": (datasets.load_waltons, ("T", "E", "group"), "miR-137"),
            "gbsg2": (datasets.load_gbsg2, ("time", "cens", "horTh"), "yes"),
            "lung": (datasets.load_lung, ("time", "status", "sex"), 2),
        }[name]
        data = frame()[list(columns)].set_axis(["time", "event", "group"], axis=1)
        is_treated = data["group"] == treated
        control, treatment = (
            (part["time"].to_numpy(), part["event"].to_numpy()) for part in (data[~is_treated], data[is_treated])
        )
    return (
        patients(time=control[0], event=control[1], arm="control"),
        patients(time=treatment[0], event=treatment[1], arm="treatment"),
    )


def reference(name: str, quantity: str, arm: int | None = None, at: float | None = None) -> float | None:
    rows = REFERENCE[(REFERENCE["data"] == name) & (REFERENCE["quantity"] == quantity)]
    if arm is not None:
        rows = rows[rows["arm"] == arm]
    if at is not None:
        rows = rows[rows["at"] == at]
    (value,) = rows["value"].tolist()
    return None if math.isnan(value) else float(value)


def horizons(name: str) -> list[float]:
    return sorted(REFERENCE[(REFERENCE["data"] == name) & (REFERENCE["quantity"] == "rmst")]["at"].unique().tolist())


@pytest.mark.parametrize("name", SETS)
def test_cox_and_logrank(name: str) -> None:
    fit = contrast(*arms(name))
    assert fit.log_hr == pytest.approx(reference(name, "log_hr"), **FITTED)
    assert fit.se == pytest.approx(reference(name, "se"), **FITTED)
    assert fit.logrank_z == pytest.approx(reference(name, "z"), **EXACT)


@pytest.mark.parametrize("arm", [0, 1])
@pytest.mark.parametrize("name", SETS)
def test_medians_and_their_three_bands(name: str, arm: int) -> None:
    data = arms(name)[arm]
    km = kaplan_meier(data.time, data.event)
    assert km.median() == pytest.approx(reference(name, "median", arm), **EXACT)
    for transform in BandTransform:
        limits = km.median_limits(transform)
        assert limits.low == reference(name, f"median low {transform}", arm)
        assert limits.high == reference(name, f"median high {transform}", arm)


@pytest.mark.parametrize("arm", [0, 1])
@pytest.mark.parametrize("name", SETS)
def test_follow_up(name: str, arm: int) -> None:
    assert reverse_kaplan_meier(arms(name)[arm]).median() == reference(name, "follow-up", arm)


@pytest.mark.parametrize("arm", [0, 1])
@pytest.mark.parametrize("name", SETS)
def test_restricted_mean(name: str, arm: int) -> None:
    data = arms(name)[arm]
    for at in horizons(name):
        mean, se = rmst(kaplan_meier(data.time, data.event), at)
        assert mean == pytest.approx(reference(name, "rmst", arm, at), **EXACT)
        assert se == pytest.approx(reference(name, "rmst se", arm, at), **EXACT)


@pytest.mark.parametrize("arm", [0, 1])
@pytest.mark.parametrize("name", SETS)
def test_milestones(name: str, arm: int) -> None:
    times = horizons(name)
    summary = summarize_arm(arms(name)[arm], milestones=times)
    for at, found in zip(times, summary.milestones, strict=True):
        survival = found.survival
        assert survival.interval is not None
        assert survival.value == pytest.approx(reference(name, "survival", arm, at), **EXACT)
        assert survival.interval.low == pytest.approx(reference(name, "survival low", arm, at), **EXACT)
        assert survival.interval.high == pytest.approx(reference(name, "survival high", arm, at), **EXACT)


def test_comparison_carries_the_same_numbers() -> None:
    control, treatment = arms("gbsg2")
    comparison = compare_arms(control=control, treatment=treatment)
    log_hr, se = reference("gbsg2", "log_hr"), reference("gbsg2", "se")
    assert log_hr is not None
    for ratio in (comparison.hazard_ratio, comparison.central_hazard_ratio):
        assert ratio.value == pytest.approx(math.exp(log_hr), **FITTED)
        assert ratio.sampling_se == pytest.approx(se, **FITTED)
    assert comparison.logrank.z.value == pytest.approx(reference("gbsg2", "z"), **EXACT)
    assert comparison.logrank.p == pytest.approx(math.erfc(abs(reference("gbsg2", "z") or 0.0) / math.sqrt(2)))
