"""The commands ``shape`` and ``export``, and the page of fits: what they write, and what they refuse."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.files.ipd_csv import write_draws, write_patients
from survrecon.model.ipd import PseudoIPD
from tests.cli.conftest import Call, refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def arm(name: str, scale: float, seed: int) -> PseudoIPD:
    rng = np.random.default_rng(seed)
    times, end = rng.weibull(1.3, 60) * scale, rng.uniform(15, 30, 60)
    return PseudoIPD(time=np.minimum(times, end), event=times <= end, arm=name)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The patients and draws of a run's folder."""
    folder = tmp_path / "my run"
    folder.mkdir()
    arms = [arm("placebo", 12, 1), arm("drug $5", 20, 2)]
    write_patients(folder / "ipd.csv", arms)
    drawn = {
        one.arm: [PseudoIPD(time=one.time * f, event=one.event, arm=one.arm) for f in (0.98, 1.0, 1.03)] for one in arms
    }
    write_draws(folder / "ipd_draws.csv", drawn, compress=True)
    files = ["ipd.csv", "ipd_draws.csv.gz"]
    (folder / "ipd.json").write_text(json.dumps({"time_unit": "months", "files": files}), encoding="utf-8")
    return folder


def test_shape_as_json_has_both_bands_and_p_values_with_weights_and_sides(
    survrecon: Callable[..., Call], run: Path
) -> None:
    call = survrecon("shape", run, "--landmarks", "5", "--cuts", "6,12", "--one-sided", "--json")
    assert call.status == 0, call.err
    told = json.loads(call.out)
    assert (told["time_unit"], told["draws"]) == ("months", 3)
    hazard = told["arms"][0]["hazard"]
    for band in ("reading_low", "reading_high", "sampling_low", "sampling_high", "bandwidth"):
        assert len(hazard[band]) == len(hazard["time"])
    (contrast,) = told["contrasts"]
    assert (contrast["of"], contrast["over"]) == ("drug $5", "placebo")
    assert [part["after"] for part in contrast["piecewise_hazard_ratio"]] == [0, 6, 12]
    assert contrast["landmark_hazard_ratio"][0]["after"] == 5
    names = [test["name"] for test in contrast["tests"]]
    assert "Fleming-Harrington (0, 1), one-sided, fewer events under treatment" in names
    assert any(name.startswith("MaxCombo over (0, 0), (0, 1), (1, 0), (1, 1)") for name in names)
    assert all(test["p_low"] <= test["p_median"] <= test["p_high"] for test in contrast["tests"])


@pytest.mark.slow
def test_shape_as_a_page_with_tables_and_plots(survrecon: Callable[..., Call], run: Path, tmp_path: Path) -> None:
    out = tmp_path / "shape"
    call = survrecon("shape", run, "-o", out)
    assert call.status == 0, call.err
    assert "Smoothed hazard" in call.out
    page = (out / "shape.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 4
    assert "reading: 95% of the draws" in page
    svg = (out / "hazards.svg").read_text(encoding="utf-8")
    words = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert {"at risk", "placebo, reading: 95% of the draws", "drug $5"} <= {word.strip() for word in words}
    curve = list(csv.DictReader(io.StringIO((out / "curve_hazard_placebo.csv").read_text(encoding="utf-8"))))
    assert list(curve[0])[:4] == ["time", "hazard", "reading_low", "reading_high"]
    (out / "hazards.svg").write_text("mine", encoding="utf-8")
    refused(survrecon("shape", run, "-o", out), "hazards.svg", "--overwrite")


def test_shape_of_one_arm_alone(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    path = write_patients(tmp_path / "one.csv", [arm("placebo", 12, 1)])
    call = survrecon("shape", path)
    assert call.status == 0, call.err
    assert "reading" not in "\n".join(call.out.splitlines()[2:4])


@pytest.mark.slow
def test_fits_have_a_page_beside_the_report_that_a_person_keeps(survrecon: Callable[..., Call], run: Path) -> None:
    words = ("fit", run, "--models", "weibull,lognormal", "--horizon", 40, "--bootstraps", 0)
    assert survrecon(*words).status == 0
    page = run / "fits.html"
    text = page.read_text(encoding="utf-8")
    assert text.count("<svg") == 8  # survival and hazard of two arms; hazards, ln(-ln S), ratios over time and of times
    assert "weibull, reading: 95%" in text
    assert "weibull, sampling and reading: 95%" in text
    assert 'download="models_of_placebo.csv"' in text
    assert survrecon(*words).status == 0
    assert page.read_text(encoding="utf-8") == text
    page.write_text(text.replace("Fits and", "My fits and"), encoding="utf-8")
    refused(survrecon(*words), "fits.html", "--overwrite")
    assert survrecon(*words, "--overwrite").status == 0
    assert page.read_text(encoding="utf-8") == text


def test_export_writes_a_folder_that_is_its_own(survrecon: Callable[..., Call], run: Path, tmp_path: Path) -> None:
    out = tmp_path / "multinma"
    call = survrecon("export", run, "--to", "multinma", "-o", out)
    assert call.status == 0, call.err
    assert "and 3 draws in" in call.out
    assert (out / "draws" / "draw_0003.csv").is_file()
    state = json.loads((out / "export.json").read_text(encoding="utf-8"))
    assert set(state["outputs"]) >= {"README.txt", "central.csv", "loop.R"}
    (out / "central.csv").write_text("mine", encoding="utf-8")
    refused(survrecon("export", run, "--to", "multinma", "-o", out), "central.csv", "--overwrite")
    told = survrecon("export", run, "--to", "meta", "-o", tmp_path / "meta", "--json")
    assert json.loads(told.out)["files"] == ["README.txt", "contrasts.csv"]


def test_export_takes_the_models_of_fits_and_refuses_those_of_others(
    survrecon: Callable[..., Call], run: Path, tmp_path: Path
) -> None:
    assert survrecon("fit", run, "--models", "weibull", "--bootstraps", 0).status == 0
    call = survrecon("export", run, "--to", "hesim", "--fits", run / "fits", "--samples", 12, "-o", tmp_path / "hesim")
    assert call.status == 0, call.err
    samples = sorted(path.name for path in (tmp_path / "hesim" / "samples").iterdir())
    assert samples == ["weibull_drug-5.csv", "weibull_placebo.csv"]
    table = run / "fits" / "fits.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    table.write_text("\n".join([lines[0], ",".join([*cells[:3], "-99.0", *cells[4:]])]), encoding="utf-8")
    words = ("export", run, "--to", "excel", "--fits", run / "fits", "-o", tmp_path / "excel")
    refused(survrecon(*words), "fits of the patients of this run", "-99.0000 there")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--to", "multinma", "--fits", "."), "--fits: an option that an export for multinma uses"),
        (("--to", "excel", "--external", "ipd.csv"), "--external: an option that an export for excel uses"),
        (("--to", "nonmem"), "one of multinma, maicplus"),
    ],
)
def test_what_an_export_has_no_use_for(
    survrecon: Callable[..., Call], run: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(run)
    refused(survrecon("export", ".", *words, "-o", run.parent / "out"), message)


def test_a_folder_that_is_no_run(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    refused(survrecon("export", tmp_path, "--to", "meta"), "a run's folder, with ipd.csv", "survrecon run")
    refused(survrecon("shape", tmp_path), "a run's folder, with ipd.csv")
