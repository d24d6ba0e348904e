"""``reconstruct``, ``analyze``, ``new``, ``run`` and ``report``."""

from __future__ import annotations

import json
from math import log
from typing import TYPE_CHECKING

import pytest

from survrecon.analysis.comparison import compare_arms

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Call, Files


def test_reconstruct_writes_patients_and_how(survrecon: Callable[..., Call], files: Files) -> None:
    out = files.folder / "ipd.csv"
    call = survrecon(
        "reconstruct", files.control, "--n", 120, "--risk-table", files.risk, "--arm", "control",
        "--events", files.truth["control"].events, "--time-unit", "months", "-o", out,
    )  # fmt: skip
    assert call.status == 0, call.err
    rows = out.read_text().splitlines()
    assert rows[0] == "time,event,arm"
    assert len(rows) == 121
    assert sum(row.split(",")[1] == "1" for row in rows[1:]) == files.truth["control"].events
    how = json.loads((files.folder / "ipd.json").read_text())
    assert how["n"] == 120
    assert how["time_unit"] == "months"
    assert set(how["inputs_sha256"]) == {"control.csv", "risk.csv"}


def test_analyze_two_files(survrecon: Callable[..., Call], files: Files) -> None:
    for name, n in (("control", 120), ("drug", 118)):
        survrecon(
            "reconstruct", files.folder / f"{name}.csv", "--n", n, "--risk-table", files.risk, "--arm", name,
            "--time-unit", "months", "-o", files.folder / f"{name}_ipd.csv",
        )  # fmt: skip
    call = survrecon("analyze", files.folder / "control_ipd.csv", files.folder / "drug_ipd.csv", "--json")
    assert call.status == 0, call.err
    found = json.loads(call.out)
    true = compare_arms(control=files.truth["control"], treatment=files.truth["drug"])
    ratio = found["contrasts"][0]["hazard_ratio"]["value"]
    assert true.hazard_ratio.value is not None
    assert log(ratio) == pytest.approx(log(true.hazard_ratio.value), abs=0.02)
    text = survrecon("analyze", files.folder / "control_ipd.csv", files.folder / "drug_ipd.csv", "--control", "drug")
    assert "control over drug" in text.out


def test_analyze_one_arm_has_no_contrast(survrecon: Callable[..., Call], files: Files) -> None:
    path = files.folder / "one.csv"
    path.write_text("time,event\n1,1\n2,0\n3,1\n")
    found = json.loads(survrecon("analyze", path, "--json").out)
    assert found["contrasts"] == []
    assert found["arms"][0]["name"] == "one"


def test_run_and_report(survrecon: Callable[..., Call], record: Path, files: Files) -> None:
    out = files.folder / "run"
    call = survrecon("run", record, "-o", out)
    assert call.status == 0, call.err
    names = {path.name for path in out.iterdir()}
    assert {"figure.toml", "control.csv", "drug.csv", "ipd.csv", "ipd.json", "report.html", "report.json"} <= names
    found = json.loads((out / "report.json").read_text())
    assert [arm["n"] for arm in found["arms"]] == [120, 118]
    events = {check["label"]: check["verdict"] for check in found["checks"]}
    assert set(events.values()) == {"used as input"}
    before = (out / "report.html").read_bytes()
    (out / "report.html").unlink()
    assert survrecon("report", out).status == 0
    assert (out / "report.html").read_bytes() == before


@pytest.mark.slow
def test_run_takes_the_folder_of_a_run(survrecon: Callable[..., Call], record: Path, files: Files) -> None:
    survrecon("run", record, "-o", files.folder / "first")
    assert survrecon("run", files.folder / "first", "-o", files.folder / "second").status == 0


def test_one_arm_runs_without_a_contrast(survrecon: Callable[..., Call], files: Files) -> None:
    folder = files.folder / "single"
    survrecon("new", folder, "--arm", f"control={files.control}", "--n", "control=120")
    call = survrecon("run", folder, "-o", files.folder / "single_run", "--json")
    assert call.status == 0, call.err
    assert json.loads(call.out)["contrasts"] == []


@pytest.mark.parametrize("method", ["guyot", "spread", "auto"])
def test_methods(survrecon: Callable[..., Call], record: Path, files: Files, method: str) -> None:
    assert survrecon("run", record, "--method", method, "-o", files.folder / method).status == 0
