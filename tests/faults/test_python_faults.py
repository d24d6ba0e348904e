"""Wrong values from Python are the project's own errors too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from survrecon import PseudoIPD, RiskTable, SurvivalCurve, SurvreconError, reconstruct

CURVE: dict[str, Any] = {"time": np.array([0.0, 2, 5]), "survival": np.array([1.0, 0.8, 0.6])}


@pytest.mark.parametrize("resolution", [(), [0.01, 0.1, 1], "fine", -1.0])
def test_resolution(resolution: Any) -> None:
    with pytest.raises(SurvreconError, match="resolution"):
        SurvivalCurve(**CURVE, resolution=resolution)


def test_resolution_as_a_list() -> None:
    found = SurvivalCurve(**CURVE, resolution=[0.01, 0.1])  # type: ignore[arg-type]
    assert found.resolution is not None
    assert found.resolution.time == 0.1


def test_convention() -> None:
    with pytest.raises(SurvreconError, match="before, after, auto"):
        RiskTable(time=np.array([0.0]), at_risk=np.array([5]), convention="both")  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"n": "10"}, {"n": 10.5}, {"n": 10, "events": 4.5}])
def test_counts_are_whole(wrong: dict[str, Any]) -> None:
    with pytest.raises(SurvreconError, match="a whole number"):
        reconstruct(SurvivalCurve(**CURVE), **wrong)


def test_patients_are_numbers() -> None:
    with pytest.raises(SurvreconError, match="times are numbers"):
        PseudoIPD(time=np.array(["a"]), event=np.array([1]))
