"""The unit of a file of patients is that of its own ``.json``, or of an ``ipd.json`` that lists the file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from survrecon.running.single import analyze_files

if TYPE_CHECKING:
    from pathlib import Path

PATIENTS = "time,event\n" + "".join(f"{t},1\n" for t in range(1, 13))


def unit_of(path: Path) -> str:
    return str(analyze_files([path]).arms[0].central.time_unit)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("ipd.csv", "theirs.csv", "drug.csv"):
        (tmp_path / name).write_text(PATIENTS)
    (tmp_path / "ipd.json").write_text(json.dumps({"time_unit": "days", "files": ["ipd.csv", "theirs.csv"]}))
    (tmp_path / "drug.json").write_text(json.dumps({"time_unit": "months"}))
    return tmp_path


def test_its_own_comes_first(folder: Path) -> None:
    assert [unit_of(folder / name) for name in ("ipd.csv", "drug.csv")] == ["days", "months"]


def test_a_file_that_an_ipd_json_lists(folder: Path) -> None:
    assert unit_of(folder / "theirs.csv") == "days"


@pytest.mark.parametrize("sidecar", [{"time_unit": "days", "files": ["ipd.csv"]}, {"time_unit": "days"}, ["days"]])
def test_a_file_beside_another_runs_json_has_no_unit(folder: Path, sidecar: object) -> None:
    """Months that lay beside the days of another run became days."""
    (folder / "ipd.json").write_text(json.dumps(sidecar))
    (folder / "mine.csv").write_text(PATIENTS)
    assert unit_of(folder / "mine.csv") == "time units"


def test_draws_have_the_unit_of_their_data_set(folder: Path) -> None:
    rows = "".join(f"{draw},{t},1,drug\n" for draw in (1, 2) for t in range(1, 13))
    (folder / "drug_draws.csv").write_text("draw,time,event,arm\n" + rows)
    arms = analyze_files([folder / "drug.csv"], draw_files=[folder / "drug_draws.csv"]).arms
    assert arms[0].draws[0].time_unit == "months"
