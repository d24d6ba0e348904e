"""The score of published figures: what is wrong is told by stage."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.real import Outcome, Scored, Stage, scored, table

if TYPE_CHECKING:
    from pathlib import Path

RECORD = """
[digitized]
doubts = []
[axes]
time_unit = "months"
survival_unit = "percent"
[[arms]]
name = "Placebo"
n = 50
points = { file = "placebo.csv" }
"""


def truth(**changed: Any) -> dict[str, Any]:
    arm = {"name": "Placebo", "n": 50, "risk": {"times": [0, 12], "counts": [50, 31]}, "ends_at": 24}
    arm |= {"survival": [[6, 0.8, 0.002], [18, 0.5, 0.002]]}
    x, y = {"first": 0, "last": 24, "unit": "months"}, {"first": 0, "last": 100, "percent": True}
    return {"kind": "survival", "x": x, "y": y, "arms": [arm], "tags": ["colour"], "printed": {}} | changed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "figure.toml").write_text(RECORD)
    (tmp_path / "overlay.png").write_bytes(b"")
    (tmp_path / "placebo.csv").write_text("time,survival\n0,1\n6,0.8\n15,0.5\n24,0.5\n")
    (tmp_path / "risk_table.csv").write_text("time,Placebo\n0,50\n12,31\n")
    return tmp_path


def test_a_reading_that_fits_its_truth_is_right(folder: Path) -> None:
    assert scored("f", truth(), folder, "").outcome is Outcome.RIGHT


@pytest.mark.parametrize(
    ("changed", "stage"),
    [
        ({"x": {"first": 0, "last": 24, "unit": "days"}}, Stage.AXES),
        ({"arms": truth()["arms"] * 2}, Stage.CURVES),
        ({"arms": [truth()["arms"][0] | {"survival": [[6, 0.6, 0.002]]}]}, Stage.CURVES),
        ({"arms": [truth()["arms"][0] | {"name": "Nivolumab"}]}, Stage.NAMES),
        ({"arms": [truth()["arms"][0] | {"n": 51}]}, Stage.TABLE),
    ],
)
def test_each_stage_has_its_faults(folder: Path, changed: dict[str, Any], stage: Stage) -> None:
    found = scored("f", truth(**changed), folder, "")
    assert found.outcome is Outcome.SILENT
    assert stage in found.wrong
    (folder / "report.json").write_text(json.dumps({"reading": {"grade": "check"}}))
    assert scored("f", truth(**changed), folder, "").outcome is Outcome.FLAGGED


def test_a_refusal_is_right_where_the_truth_expects_it(tmp_path: Path) -> None:
    assert scored("f", truth(), tmp_path, "one panel to read").outcome is Outcome.REFUSED
    expected = truth(expected="refuse", words=["panel"])
    assert scored("f", expected, tmp_path, "one panel to read").outcome is Outcome.RIGHT


def test_the_table_counts_by_style_and_stage() -> None:
    right = Scored(name="a", styles=("colour",), outcome=Outcome.RIGHT)
    wrong = Scored(name="b", styles=("colour", "grey"), outcome=Outcome.SILENT, wrong={Stage.NAMES: "x"})
    lines = table([right, wrong]).splitlines()
    assert lines[2].startswith("| all | 2 | 1 | 0 | 1 | 0 | 2/2 | 2/2 | 1/2 |")
    assert lines[4].startswith("| grey | 1 | 0 | 0 | 1 | 0 | 1/1 | 1/1 | 0/1 |")
