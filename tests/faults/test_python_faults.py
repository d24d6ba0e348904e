"""Wrong values from Python are the project's own errors too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from survrecon import (
    PseudoIPD,
    RiskTable,
    SurvivalCurve,
    SurvreconError,
    reconstruct,
    reproduce,
    run_record,
    what_would_help,
)

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


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"n": 0}, "n: from 1 to 1000000 patients; got 0"),
        ({"n": 10**20}, "n: from 1 to 1000000 patients; got 100000000000000000000"),
        ({"n": 10, "arm": " "}, "arm: a name; got ' '"),
        ({"n": 10, "arm": 3}, "arm: a name; got 3"),
        ({"n": 10, "risk_table": {0: 10}}, "risk_table: a RiskTable; got {0: 10}"),
        ({"n": 10, "rng": 3}, "rng: a numpy Generator; got 3"),
        ({"n": 10, "censor_times": "early"}, "censoring marks: times are numbers"),
        ({"n": 3, "censor_times": [1, 2, 3, 4]}, "censoring marks: at most one a patient, 3; got 4"),
    ],
)
def test_what_no_arm_can_have(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(SurvreconError, match=says):
        reconstruct(SurvivalCurve(**CURVE), **wrong)


def test_a_number_at_risk_beyond_any_trial() -> None:
    with pytest.raises(SurvreconError, match=r"whole numbers from 0 to 1000000; got 1e\+30 at time 0"):
        RiskTable(time=np.array([0.0, 3]), at_risk=np.array([1e30, 5]))


def test_an_arm_without_a_name_is_not_named() -> None:
    """The message starts with what is wrong, not with the word that stands in for a name."""
    points = SurvivalCurve(time=np.array([0.0, 5, 9]), survival=np.array([0.0, 0.2, 0.6]))
    with pytest.raises(SurvreconError, match=r"^curve: survival never rises"):
        reconstruct(points, n=50)
    with pytest.raises(SurvreconError, match=r"^arm drug: curve: survival never rises"):
        reconstruct(points, n=50, arm="drug")


def test_a_curve_is_a_curve() -> None:
    with pytest.raises(SurvreconError, match=r"curve: a SurvivalCurve; got 'points\.csv'"):
        reconstruct("points.csv", n=10)  # type: ignore[arg-type]


@pytest.mark.parametrize("k", [0, -1, 1.5])
def test_draws_are_counted(k: Any) -> None:
    with pytest.raises(SurvreconError, match="draws: a whole number from 1; got"):
        reconstruct(SurvivalCurve(**CURVE), n=10).draws(k)


@pytest.mark.parametrize(
    ("wrong", "says"), [({"draws": 0}, "draws=: a whole number from 1"), ({"seed": -1}, "seed=: a")]
)
def test_settings_of_a_run(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(SurvreconError, match=says):
        run_record("quiredex_ttp_2012-10", **wrong)


def test_one_record_needs_no_list() -> None:
    (result,) = reproduce("quiredex_ttp_2012-10", draws=2, jobs=1)
    assert result.record.name == "quiredex_ttp_2012-10"
    with pytest.raises(SurvreconError, match="jobs: worker processes"):
        reproduce("quiredex_ttp_2012-10", jobs=0)


def test_what_would_help_is_asked_of_reconstructions() -> None:
    patients = PseudoIPD(time=np.array([1.0]), event=np.array([1]))
    with pytest.raises(SurvreconError, match=r"control: what reconstruct\(\) returned; got a PseudoIPD"):
        what_would_help(control=patients, treatment=patients)  # type: ignore[arg-type]
