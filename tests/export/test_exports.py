"""Exports read back by readers that know nothing of the writers: patients, S(t) and medians are ours."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.special import gammainc, ndtr

from survrecon.errors import AnalysisError, ReportError
from survrecon.export.trial import ExportedTrial, ExportTarget
from survrecon.export.write import export_files
from survrecon.files.external import read_survivors
from survrecon.model.convention import Estimator
from survrecon.records.folder import read_document, record_folder
from tests.export.trials import ARMS, MODELS, fits, trial

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = np.array([0.5, 2.0, 7.0, 15.0, 40.0, 90.0])
IN_BASE_R = ("exponential", "weibull", "lognormal", "loglogistic", "gamma", "gompertz")
FLEXSURV_COLUMNS = {
    "our_fits.csv": ("arm", "model", "data_set", "loglik", "identified"),
    "our_parameters.csv": ("arm", "model", "data_set", "parameter", "estimate", "se"),
    "our_survival.csv": ("arm", "model", "time", "survival"),
    "knots.csv": ("arm", "model", "place", "value"),
    "central.csv": ("time", "event", "arm"),
}
"""Tables that ``rebuild.R`` reads, and the columns that it takes."""


@lru_cache(maxsize=16)
def files_of(target: ExportTarget) -> dict[str, str]:
    return changed(target)


def changed(target: ExportTarget, **changes: Any) -> dict[str, str]:
    one = replace(trial(), fits=fits() if target.has_fits else None, **changes)
    return {name: text for name, text in export_files(one, target).items() if isinstance(text, str)}


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def median(times: list[float], events: list[int]) -> float:
    """Return the first time at which the product of (1 - d / n) is at a half or below."""
    survival, left = 1.0, len(times)
    for time, event in sorted(zip(times, events, strict=True), key=lambda pair: (pair[0], -pair[1])):
        survival *= 1 - event / left
        left -= 1
        if survival <= 0.5 + 1e-12:
            return time
    return np.inf


@pytest.mark.parametrize(
    ("target", "columns", "factor"),
    [
        (ExportTarget.MULTINMA, ("trt", "eventtime", "status"), 1.0),
        (ExportTarget.MAICPLUS, ("ARM", "TIME", "EVENT"), 30.4375),
        (ExportTarget.SURVEXTRAP, ("treat", "years", "status"), 1 / 12),
        (ExportTarget.FLEXSURV, ("arm", "time", "event"), 1.0),
    ],
)
def test_patients_are_ours_in_every_file(target: ExportTarget, columns: tuple[str, ...], factor: float) -> None:
    files = files_of(target)
    names = ["central.csv", *(f"draws/draw_{k:04d}.csv" for k in range(1, 5))]
    assert sorted(name for name in files if "draw" in name) == names[1:]
    for name, arm in product(names, ARMS):
        ours = trial().central[arm] if name == names[0] else trial().draws[arm][names.index(name) - 1]
        rows = [row for row in table(files[name]) if row[columns[0]] == arm]
        times = [float(row[columns[1]]) for row in rows]
        events = [int(row[columns[2]]) for row in rows]
        assert len(rows) == ours.n
        assert sum(events) == ours.events
        assert times == pytest.approx((ours.time * factor).tolist(), rel=1e-9)
        own = median(ours.time.tolist(), ours.event.astype(int).tolist())
        assert median(times, events) == pytest.approx(own * factor, rel=1e-9)


def test_no_file_holds_two_draws() -> None:
    """A stacked file would multiply the patients unnoticed."""
    everybody = sum(one.n for one in trial().central.values())
    for target in set(ExportTarget) - {ExportTarget.EXCEL}:
        for name, text in files_of(target).items():
            if name.endswith(".csv") and ("draw" in name or "central" in name):
                assert len(table(text)) == everybody


def test_maicplus_patients_have_names_of_their_own() -> None:
    names = [row["USUBJID"] for row in table(files_of(ExportTarget.MAICPLUS)["central.csv"])]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("target", [one for one in ExportTarget if one is not ExportTarget.EXCEL])
def test_each_says_what_the_patients_are_and_are_not(target: ExportTarget) -> None:
    text = files_of(target)["README.txt"]
    assert "patients rebuilt from a published Kaplan-Meier curve" in text
    assert "not: the trial's own patients" in text
    assert "Never stack draws" in text


def test_the_factor_of_days_is_stated() -> None:
    assert "months times 30.4375" in files_of(ExportTarget.MAICPLUS)["README.txt"]


def survival_by_flexsurv(model: str, p: dict[str, float], t: np.ndarray, knots: list[float]) -> Any:
    """Return S(t) by the definitions in flexsurv's manual."""
    kind, *rest = model.split("-")
    if kind == "cure":
        S0 = survival_by_flexsurv(rest[1], p, t, knots)
        return p["theta"] + (1 - p["theta"]) * S0 if rest[0] == "mixture" else p["theta"] ** (1 - S0)
    if kind == "rp":
        low, *inner, high = knots
        x = np.log(t)
        eta = p["gamma0"] + p["gamma1"] * x
        for j, knot in enumerate(inner, start=2):
            share = (high - knot) / (high - low)
            cubes = [np.maximum(x - one, 0) ** 3 for one in (knot, low, high)]
            eta = eta + p[f"gamma{j}"] * (cubes[0] - share * cubes[1] - (1 - share) * cubes[2])
        return {"hazard": np.exp(-np.exp(eta)), "odds": 1 / (1 + np.exp(eta)), "normal": ndtr(-eta)}[rest[0]]
    if kind == "piecewise":
        edges = [0.0, *knots, np.inf]
        spent = [np.clip(t, a, b) - a for a, b in pairwise(edges)]
        return np.exp(-sum(p[f"rate{j + 1}"] * one for j, one in enumerate(spent)))
    with np.errstate(divide="ignore", invalid="ignore"):
        formulas: dict[str, Callable[[], Any]] = {
            "exponential": lambda: np.exp(-p["rate"] * t),
            "weibull": lambda: np.exp(-((t / p["scale"]) ** p["shape"])),
            "gompertz": lambda: np.exp(-p["rate"] / p["shape"] * np.expm1(p["shape"] * t)),
            "lognormal": lambda: ndtr(-(np.log(t) - p["meanlog"]) / p["sdlog"]),
            "loglogistic": lambda: 1 / (1 + (t / p["scale"]) ** p["shape"]),
            "gamma": lambda: 1 - gammainc(p["shape"], p["rate"] * t),
            "gengamma": lambda: _prentice(p, t),
        }
        return formulas[kind]()


def _prentice(p: dict[str, float], t: np.ndarray) -> Any:
    q = p["Q"]
    tail = gammainc(q**-2, np.exp(q * (np.log(t) - p["mu"]) / p["sigma"]) / q**2)
    return 1 - tail if q > 0 else tail


def knots_of(files: dict[str, str], model: str, arm: str) -> list[float]:
    return [float(r["value"]) for r in table(files["knots.csv"]) if (r["model"], r["arm"]) == (model, arm)]


@pytest.mark.parametrize("model", MODELS)
def test_parameters_for_flexsurv_give_our_survival(model: str) -> None:
    files = files_of(ExportTarget.FLEXSURV)
    rows = [r for r in table(files["our_parameters.csv"]) if r["model"] == model and r["arm"] != "joint"]
    for place, arm in product(("central", "3"), ARMS):
        p = {r["parameter"]: float(r["estimate"]) for r in rows if (r["arm"], r["data_set"]) == (arm, place)}
        fit = fits().get(model, arm)
        row = 0 if place == "central" else int(place)
        ours = fit.survival(TIMES, fit.theta[row][None])[0]
        shown = survival_by_flexsurv(model, p, TIMES, knots_of(files, model, arm))
        assert np.abs(ours - shown).max() < 1e-6


@pytest.mark.parametrize("model", [name for name in MODELS if not name.startswith("cure")])
def test_samples_for_hesim_are_on_its_scales(model: str) -> None:
    files = files_of(ExportTarget.HESIM)
    flexsurv = files_of(ExportTarget.FLEXSURV)
    for arm, name in zip(ARMS, ("placebo", "new-drug-5-mg"), strict=True):
        fit = fits().get(model, arm)
        if not fit.identified:
            continue
        rows = table(files[f"samples/{model}_{name}.csv"])
        scale = {
            r["parameter"]: r["scale"] for r in table(files["scales.csv"]) if (r["model"], r["arm"]) == (model, arm)
        }
        theta = fit.samples(trial().samples, np.random.default_rng(trial().seed))
        assert len(rows) == len(theta) == trial().samples
        ours = fit.survival(TIMES, theta[:5])
        for row, expected in zip(rows, ours, strict=False):
            p = {one: float(np.exp(float(value)) if scale[one] == "log" else value) for one, value in row.items()}
            shown = survival_by_flexsurv(model, p, TIMES, knots_of(flexsurv, model, arm))
            assert np.abs(expected - shown).max() < 1e-6


def test_survival_that_r_compares_is_that_of_the_parameters_beside_it() -> None:
    files = files_of(ExportTarget.FLEXSURV)
    rows = [r for r in table(files["our_survival.csv"]) if r["model"] == "rp-odds-2" and r["arm"] == ARMS[1]]
    own = [r for r in table(files["our_parameters.csv"]) if (r["arm"], r["data_set"]) == (ARMS[1], "central")]
    p = {r["parameter"]: float(r["estimate"]) for r in own if r["model"] == "rp-odds-2"}
    times = np.array([float(r["time"]) for r in rows])
    shown = survival_by_flexsurv("rp-odds-2", p, times, knots_of(files, "rp-odds-2", ARMS[1]))
    assert [float(r["survival"]) for r in rows] == pytest.approx(shown.tolist(), abs=1e-9)
    assert len(rows) == 8


def test_hesim_has_its_names_knots_and_no_cure_models() -> None:
    files = files_of(ExportTarget.HESIM)
    script = files["hesim.R"]
    assert script.count("params_surv(") == sum(name.startswith("samples/") for name in files)
    assert 'dist = "survspline", aux = list(knots = c(' in script
    assert 'scale = "log_cumodds", timescale = "log")' in script
    assert 'dist = "pwexp", aux = list(time = c(0,' in script
    assert "hesim has no cure models" in files["README.txt"]
    assert not [name for name in files if "cure" in name]


def balanced(text: str) -> bool:
    """Whether the brackets of an R script close in order, outside strings and comments."""
    stack, quoted = [], False
    for line in text.splitlines():
        for k, sign in enumerate(line):
            if sign == '"' and (k == 0 or line[k - 1] != "\\"):
                quoted = not quoted
            elif not quoted and sign == "#":
                break
            elif not quoted and sign in "([{":
                stack.append({"(": ")", "[": "]", "{": "}"}[sign])
            elif not quoted and sign in ")]}" and (not stack or stack.pop() != sign):
                return False
        quoted = False
    return not stack


@pytest.mark.parametrize("target", [one for one in ExportTarget if one not in (ExportTarget.EXCEL, ExportTarget.META)])
def test_scripts_are_whole(target: ExportTarget) -> None:
    for name, text in files_of(target).items():
        if name.endswith(".R"):
            assert balanced(text), name
            assert "@" not in text


@pytest.mark.parametrize("target", [one for one in ExportTarget if one not in (ExportTarget.EXCEL, ExportTarget.META)])
def test_scripts_read_files_and_columns_that_are_there(target: ExportTarget) -> None:
    """What a script reads by name is in the export, and so is every column that ``rebuild.R`` takes of a table."""
    survivors = np.array([[60.0, 120.0, 200.0, 140.0]])
    files = changed(target, external=survivors) if target is ExportTarget.SURVEXTRAP else files_of(target)
    for name, text in files.items():
        if not name.endswith(".R"):
            continue
        read = set(re.findall(r'read[.]csv\("([^"]+)"', text))
        assert read <= set(files), name
        loaded = re.findall(r"^(library\(.*)$", text, re.MULTILINE)
        needed = re.findall(r"^(needed <- .*)$", text, re.MULTILINE)
        assert re.findall(r"library\((\w+)\)", "".join(loaded)) == re.findall(r'"(\w+)"', "".join(needed))
        assert text.index("needed <- ") < text.index("requireNamespace") < text.index("library(")
    if target is ExportTarget.FLEXSURV:
        for table_name, columns in FLEXSURV_COLUMNS.items():
            assert tuple(table(files[table_name])[0]) == columns


def run_r(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a folder, in English."""
    call = ["Rscript", "--vanilla", script]
    surroundings = {**os.environ, "LANGUAGE": "en", "LC_ALL": "C.UTF-8"}
    return subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False, env=surroundings)


@pytest.mark.slow
def test_r_finds_our_fits(tmp_path: Path) -> None:
    """R alone finds our survival and likelihoods; with flexsurv our fits are made again; without, one line says so.

    Where R is not installed, the test is that of the script's text, as above.
    """
    for name, text in files_of(ExportTarget.FLEXSURV).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    if shutil.which("Rscript") is None:
        test_scripts_are_whole(ExportTarget.FLEXSURV)
        test_scripts_read_files_and_columns_that_are_there(ExportTarget.FLEXSURV)
        return
    shutil.copy(Path(__file__).parent / "check_in_base_r.R", tmp_path)
    alone = run_r(tmp_path, "check_in_base_r.R")
    assert alone.returncode == 0, alone.stderr
    assert_found_by_r_alone(table((tmp_path / "checked.csv").read_text(encoding="utf-8")))
    done = run_r(tmp_path, "rebuild.R")
    if done.returncode != 0:
        assert_names_what_is_not_installed(tmp_path, done.stderr)
        assert not (tmp_path / "compared.csv").exists()
        return
    rows = table((tmp_path / "compared.csv").read_text(encoding="utf-8"))
    apart = [float(r["ours_less_flexsurv"]) for r in rows if r["ours_less_flexsurv"] not in ("", "NA")]
    assert len(apart) > 20
    survival = table((tmp_path / "survival_compared.csv").read_text(encoding="utf-8"))
    assert max(abs(float(r["survival"]) - float(r["flexsurv"])) for r in survival) < 1e-6
    assert min(apart) > -1e-3


def assert_names_what_is_not_installed(folder: Path, stderr: str) -> None:
    """A script ends with one line, which names packages that are needed and that R does not have."""
    found = re.fullmatch(r"Error: R packages not installed: ([a-z, ]+)\nExecution halted\n", stderr, re.IGNORECASE)
    assert found, stderr
    for package in found[1].split(", "):
        (folder / "there.R").write_text(f'quit(status = requireNamespace("{package}", quietly = TRUE))', "utf-8")
        assert run_r(folder, "there.R").returncode == 0, f"{package} is installed"


@pytest.mark.slow
@pytest.mark.parametrize("target", [ExportTarget(name) for name in ("multinma", "maicplus", "survextrap", "hesim")])
def test_scripts_run_or_name_what_they_lack(target: ExportTarget, tmp_path: Path) -> None:
    """Where R is not installed, the test is that of the script's text."""
    test_scripts_are_whole(target)
    if shutil.which("Rscript") is None:
        return
    for name, text in files_of(target).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (script,) = tmp_path.glob("*.R")
    done = run_r(tmp_path, script.name)
    if done.returncode != 0:
        assert_names_what_is_not_installed(tmp_path, done.stderr)


def assert_found_by_r_alone(rows: list[dict[str, str]]) -> None:
    """Patients, survival and log likelihoods that base R finds in an export for flexsurv are ours."""
    places = {"central", *map(str, range(1, 5))}
    assert {(r["arm"], r["model"], r["data_set"]) for r in rows} == set(product(ARMS, IN_BASE_R, places))
    for row in rows:
        draw = row["data_set"]
        patients = trial().central[row["arm"]] if draw == "central" else trial().draws[row["arm"]][int(draw) - 1]
        assert (int(row["patients"]), int(row["events"])) == (patients.n, patients.events)
        assert float(row["loglik"]) == pytest.approx(float(row["ours"]), abs=1e-6), row
    assert max(float(row["apart"]) for row in rows if row["data_set"] == "central") < 1e-9


@pytest.mark.slow
def test_libreoffice_calculates_the_same(tmp_path: Path) -> None:
    """Where LibreOffice is there; ``make test-all`` says where it is not."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed, so the workbook was not recalculated")
    from openpyxl import load_workbook

    from survrecon.export.workbook import workbook_bytes

    (tmp_path / "fits.xlsx").write_bytes(workbook_bytes(trial(), fits(), []))
    (tmp_path / "out").mkdir()
    call = [office, "--headless", "--convert-to", "xlsx", "--outdir", "out", "fits.xlsx"]
    subprocess.run(call, cwd=tmp_path, check=True, capture_output=True)
    before = load_workbook(tmp_path / "fits.xlsx", data_only=True)
    after = load_workbook(tmp_path / "out" / "fits.xlsx", data_only=True)
    for sheet in before.sheetnames[2:]:
        for one, two in zip(before[sheet].iter_rows(), after[sheet].iter_rows(), strict=True):
            for a, b in zip(one, two, strict=True):
                if isinstance(a.value, float):
                    assert b.value == pytest.approx(a.value, abs=1e-8), (sheet, a.coordinate)


def with_record(name: str, **digitized: Any) -> ExportedTrial:
    document = read_document(record_folder(name))
    told = document.digitized.model_copy(update=digitized)
    return replace(trial(), document=document.model_copy(update={"digitized": told}))


@pytest.mark.parametrize("target", [ExportTarget.MULTINMA, ExportTarget.FLEXSURV])
def test_what_has_no_patients_is_refused_as_patients(target: ExportTarget) -> None:
    competing = with_record("quiredex_ttp_2012-10", estimator=Estimator.COMPETING)
    with pytest.raises(ReportError, match="Aalen-Johansen"):
        export_files(replace(competing, fits=fits()), target)
    plain = with_record("quiredex_ttp_2012-10")
    assert plain.document is not None
    analysis = plain.document.analysis.model_copy(update={"naive": "weighted by the propensity of treatment."})
    weighted = replace(plain, document=plain.document.model_copy(update={"analysis": analysis}))
    with pytest.raises(ReportError, match="weighted by the propensity"):
        export_files(replace(weighted, fits=fits()), target)
    assert "No patients are handed over" in str(export_files(weighted, ExportTarget.META)["README.txt"])


def test_a_record_of_printed_numbers_says_so() -> None:
    text = export_files(with_record("quiredex_ttp_2012-10"), ExportTarget.MULTINMA)["README.txt"]
    assert "SUMMARY: built from printed numbers" in str(text)


def test_without_a_printed_ratio_the_rebuilt_one_is_used_with_its_reconstruction_part() -> None:
    (row,) = table(files_of(ExportTarget.META)["contrasts.csv"])
    assert (row["of"], row["over"], row["source"]) == (ARMS[1], ARMS[0], "rebuilt")
    assert 0 < float(row["vi_reconstruction"]) < float(row["vi"])
    assert float(row["hazard_ratio"]) == pytest.approx(np.exp(float(row["yi"])), rel=1e-9)
    assert "none is printed" in row["note"]
    assert float(row["tau"]) > 0
    assert row["rmst_difference"]


def test_survivors_from_elsewhere_go_to_survextrap_in_years(tmp_path: Path) -> None:
    path = tmp_path / "registry.csv"
    path.write_text("start,stop,n,r\n60,120,200,140\n", encoding="utf-8")
    files = changed(ExportTarget.SURVEXTRAP, external=read_survivors(path))
    assert table(files["external.csv"]) == [{"start": "5", "stop": "10", "n": "200", "r": "140"}]
    assert "survivors, not deaths" in files["README.txt"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("start,stop,n\n1,2,3\n", "a column r beside start, stop, n, r"),
        ("start,stop,n,r\n5,2,10,1\n", "a stop after its start"),
        ("start,stop,n,r\n1,2,10,11\n", "at most n survivors"),
        ("start,stop,n,r\n1,2,ten,1\n", "n is a number"),
    ],
)
def test_survivors_that_cannot_be(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "registry.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AnalysisError, match=message):
        read_survivors(path)


def test_a_unit_that_is_not_known_cannot_be_turned_into_days() -> None:
    with pytest.raises(ReportError, match="got time units"):
        changed(ExportTarget.MAICPLUS, time_unit="time units")
