"""Marks wider than a stroke are found once, at their middle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.digitizing import digitize
from tests.digitizing.rendered import Look, render, simulate
from tests.digitizing.test_raster import ocr

if TYPE_CHECKING:
    from pathlib import Path


@ocr
@pytest.mark.parametrize("mark", ["x", pytest.param("o", marks=pytest.mark.slow)])
def test_crosses_and_circles_are_found_once(tmp_path: Path, mark: str) -> None:
    rng = np.random.default_rng(5)
    arms = [simulate(rng, "Placebo", 40, median=12), simulate(rng, "Active", 40, median=20)]
    drawn = render(tmp_path / "figure.png", arms, Look(marks=mark, table="plain", end=36.0))
    figure = digitize(drawn.path)
    reach = 1.5 * figure.time_axis.resolution
    for arm in arms:
        truth = arm.censored[arm.censored <= drawn.end]
        found = next(a for a in figure.arms if a.name == arm.name).censor_times
        assert found is not None
        away = np.abs(found[:, None] - truth[None])
        assert (away.min(axis=1) <= reach).all()  # none where there is none
        assert len(found) <= len(truth)  # none twice
        assert (away.min(axis=0) <= reach).mean() > 0.75
