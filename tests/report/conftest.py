"""A small re-analysed record, of each kind of source, built or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.checks.results import LandmarkRatio, RecordResult, Scenario, Verdict
from survrecon.model.curve import RiskTable, SurvivalCurve
from survrecon.model.estimate import Estimate, Interval, Status
from survrecon.records.folder import FigureRecord
from tests.report.made_up import (
    checks_of,
    comparison_of,
    document_of,
    patients_of,
    reconstruction_of,
    summary_of,
)

if TYPE_CHECKING:
    from pathlib import Path

MakeResult = Callable[..., RecordResult]


@pytest.fixture
def make_result(tmp_path: Path) -> MakeResult:
    """Return a maker of results: kind of source, arm names, and whether anything was built."""

    def make(
        kind: str = "summary", *, control: str = "placebo", treatment: str = "drug", built: bool = True
    ) -> RecordResult:
        document = document_of(kind, control, treatment)
        points = SurvivalCurve(time=np.array([0.0, 10, 20]), survival=np.array([1, 0.7, 0.45]))
        table = RiskTable(time=np.array([0.0, 12, 24]), at_risk=np.array([60, 39, 19]))
        record = FigureRecord(
            name="example_pfs_2020-01",
            folder=tmp_path,
            document=document,
            curves={} if kind == "summary" else {control: points},
            risk_tables={control: table} if kind == "traced" else {},
            censor_times={},
        )
        if not built:
            checks = tuple(
                replace(c, verdict=Verdict.NOT_BUILDABLE, obtained=None, difference=None, interval=None)
                for c in checks_of(document)
            )
            return RecordResult(
                record=record,
                reconstructions={},
                arms=(),
                comparisons=(),
                checks=checks,
                not_buildable=f"{control} has no printed survival point",
            )
        rng = np.random.default_rng(7)
        arms = (
            summary_of(control, [patients_of(rng, control, 26.0) for _ in range(20)], Estimate(value=18.4)),
            summary_of(
                treatment,
                [patients_of(rng, treatment, 50.0) for _ in range(20)],
                Estimate(value=None, status=Status.NOT_REACHED, interval=Interval(low=25.0, high=None)),
            ),
        )
        comparison = comparison_of(arms)
        return RecordResult(
            record=record,
            reconstructions={arm.name: reconstruction_of(arm) for arm in arms},
            arms=arms,
            comparisons=(comparison,),
            checks=checks_of(document),
            scenarios=(
                Scenario(
                    name="early accrual",
                    description="half of the patients enter early",
                    hazard_ratio=comparison.hazard_ratio,
                ),
            ),
            landmark_ratios=(
                LandmarkRatio(at=24.0, ratio=Estimate(value=0.52, of=treatment, over=control), note="ln S ratio"),
            ),
            draws=20,
            seed=1,
            command="survrecon reproduce example_pfs_2020-01 --seed 1",
        )

    return make


@pytest.fixture
def result(make_result: MakeResult) -> RecordResult:
    """Return the summary record."""
    return make_result()
