"""SVG files in the form of R's svglite: read to the precision of their two decimals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.digitizing import FigureKind, digitize
from tests.digitizing.rendered import simulate
from tests.digitizing.svglite import Svglite, write_svglite

if TYPE_CHECKING:
    from pathlib import Path

LOOKS = {
    "no marks": Svglite(),
    "plus signs as letters, as survminer has them": Svglite(marks="+"),
    "strokes": Svglite(marks="|"),
    "older form": Svglite(marks="+", old=True),
}


@pytest.mark.parametrize("name", LOOKS)
def test_curves_marks_names_and_counts(tmp_path: Path, name: str) -> None:
    rng = np.random.default_rng(8)
    arms = [simulate(rng, "Placebo", 60, median=10), simulate(rng, "Nivolumab", 65, median=16)]
    look = LOOKS[name]
    table = write_svglite(tmp_path / "figure.svg", arms, look)
    figure = digitize(tmp_path / "figure.svg")
    assert figure.kind is FigureKind.VECTOR
    assert figure.time_unit == "months"
    assert [arm.name for arm in figure.arms] == ["Placebo", "Nivolumab"]
    assert figure.risk_table is not None
    assert {k: list(v) for k, v in figure.risk_table.rows.items()} == table
    for read, truth in zip(figure.arms, arms, strict=True):
        times, survival = truth.steps
        fell = np.diff(read.survival) < 0
        assert fell.sum() == len(times) - 1
        # 0.005 units of rounding are 0.0004 months, and 0.00002 of survival
        assert np.allclose(read.time[1:][fell], times[1:], atol=1e-3)
        assert np.allclose(read.survival[1:][fell], survival[1:], atol=1e-4)
        if look.marks is None:
            assert read.censor_times is None
        else:
            assert read.censor_times is not None
            assert np.allclose(read.censor_times, truth.censored, atol=2e-3)
