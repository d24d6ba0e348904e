"""Constraints on a record, from Python and from the command line: what was used, and that it is no check."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon import run_record
from survrecon.analysis.cox import contrast
from survrecon.checks.results import JUDGED, Verdict
from survrecon.cli import main
from survrecon.errors import ConstraintError
from survrecon.records.folder import FigureRecord, read_figure
from survrecon.records.new import new_record
from survrecon.weighting.constraints import USES
from tests.statespace.figures import trace
from tests.weighting.trials import data_set

if TYPE_CHECKING:
    from pathlib import Path

    from survrecon.model.ipd import PseudoIPD

HAZARDS = {"placebo": 0.06, "drug": 0.04}


def truth() -> dict[str, PseudoIPD]:
    return {name: data_set(np.random.default_rng([9, k]), name, h, 150) for k, (name, h) in enumerate(HAZARDS.items())}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trace of both arms without a risk table, and what its paper prints."""
    place = tmp_path_factory.mktemp("record")
    real = truth()
    for name, ipd in real.items():
        curve = trace(ipd, seed=1)
        rows = [f"{t:.5f},{s:.5f}" for t, s in zip(curve.time, curve.survival, strict=True)]
        (place / f"{name}.csv").write_text("time,survival\n" + "\n".join(rows) + "\n")
    new_record(
        place / "trial",
        arms={name: place / f"{name}.csv" for name in HAZARDS},
        n=dict.fromkeys(HAZARDS, 150),
        time_unit="months",
    )
    fit = contrast(real["placebo"], real["drug"])
    low, value, high = np.exp(fit.log_hr + np.array([-1.959964, 0, 1.959964]) * fit.se)
    text = (place / "trial" / "figure.toml").read_text()
    ratio = 'quantity = "hazard_ratio"\nof = "drug"\nover = "placebo"\ndecimals = 2\n'
    other = "place = 'text'\nsource = 'figure'\n"
    facts = [
        f"{ratio}value = {value:.2f}\ninterval = [{low:.2f}, {high:.2f}]\nmodel = 'not stated'\n{other}",
        f"{ratio}value = 0.61\nmodel = 'stratified'\nmodel_by = ['age']\n{other}",
        f"quantity = 'logrank_p'\nvalue = 0.2\nbound = 'less than'\ndecimals = 1\nmodel = 'adjusted'\n{other}",
        f"quantity = 'p_value'\nvalue = 0.2\ndecimals = 1\nmodel = 'unadjusted'\n{other}",
        f"quantity = 'survival'\narm = 'drug'\nat = 6\nvalue = 0.9\ndecimals = 1\npopulation = 'per protocol'\n{other}",
        f"quantity = 'median'\narm = 'drug'\nvalue = 18.0\ndecimals = 0\ndata_cutoff = '2019'\n{other}",
    ]
    head, rest = text.split("[references", 1)
    published = "".join(f"[[published]]\n{fact}\n" for fact in facts)
    (place / "trial" / "figure.toml").write_text(f"{head}{published}[references{rest}")
    return place / "trial"


@pytest.fixture(scope="module")
def record(folder: Path) -> FigureRecord:
    return read_figure(folder)


def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: object) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["survrecon", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    found = capsys.readouterr()
    return int(str(ended.value.code)), found.out, found.err


@pytest.mark.slow
def test_run_uses_records_and_does_not_check(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out, err = call(capsys, monkeypatch, "run", folder, "--use", "hr-value", "-o", tmp_path / "run")
    assert status in (0, 1), err
    assert "Effective sample size" in out
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    used = report["constraints"]
    assert used["effective_sample_size"] >= 50
    assert [entry["label"] for entry in used["used"]] == ["hazard ratio, drug over placebo"]
    assert used["used"][0]["without"]["low"] < used["used"][0]["without"]["value"]
    assert any("is not stated: taken as unadjusted" in text for text in report["assumptions"])
    verdicts = [(c["quantity"], c["verdict"]) for c in report["checks"]]
    assert verdicts[0] == ("hazard_ratio", "used as a constraint")
    assert verdicts[1][0] == "hazard_ratio_se"  # left aside, so still a check, which says that it is no new one
    assert verdicts[1][1] in map(str, JUDGED)
    assert "hangs together with what weighted the draws" in report["checks"][1]["note"]
    assert report["checks"][2]["verdict"] != "used as a constraint"  # the stratified ratio
    printed = used["used"][0]["fact"]["value"]
    ratio = report["contrasts"][0]["hazard_ratio"]
    assert ratio["value"] == pytest.approx(printed, abs=0.0051)
    assert 0 < ratio["reconstruction_se"] < 0.006 / printed
    page = (tmp_path / "run" / "report.html").read_text()
    assert "Printed statistics used as constraints" in page
    assert "used as a constraint" in page
    assert (
        "draws weighted by printed statistics" in json.loads((tmp_path / "run" / "ipd.json").read_text())["constraints"]
    )
    assert json.loads((tmp_path / "run" / "run.json").read_text())["use"] == ["hr-value"]
    before = (tmp_path / "run" / "report.html").read_bytes()
    assert call(capsys, monkeypatch, "report", tmp_path / "run")[0] == status
    assert (tmp_path / "run" / "report.html").read_bytes() == before


@pytest.mark.slow
def test_one_seed_one_result(record: FigureRecord) -> None:
    first, second = (run_record(record, use=("hr-value",), seed=3, draws=60) for _ in range(2))
    assert first.comparisons[0].log_hazard_ratios.tolist() == second.comparisons[0].log_hazard_ratios.tolist()
    assert first.arms[0].draws[0] is not second.arms[0].draws[0]


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (("hazard",), f"names out of {', '.join(map(str, USES))}; got 'hazard'"),
        (("rmst",), "got 'rmst'"),
        (("hr", "hr-value"), "each statistic once; got hr and hr-value"),
        (("p",), "it is adjusted, and rebuilt patients have no covariates"),
        (("p",), "p value, 0.2: test not named"),
        (("survival",), "it is of another population: per protocol"),
        (("median",), "it is of another data cut-off: 2019"),
        (("events-at-least",), "none of this kind is printed. What to do: use what may be: hr"),
    ],
    ids=["unknown", "rmst", "twice", "adjusted", "no test", "population", "cut-off", "not printed"],
)
def test_what_may_not_be_used(record: FigureRecord, use: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConstraintError) as caught:
        run_record(record, use=use)
    assert message in str(caught.value)
    assert str(caught.value).startswith("trial: use=")


@pytest.mark.parametrize("use", ["hr", "hr-value"])
def test_a_ratio_of_the_whole_trial_is_not_used_on_a_curve_that_is_cut(record: FigureRecord, use: str) -> None:
    """Patients of one arm are followed on beyond the figure: the printed ratio has events that the curves lack."""
    arms = tuple(
        arm.model_copy(update={"cut": True, "ends_at": 30.0}) if arm.name == "drug" else arm
        for arm in record.document.arms
    )
    cut = replace(record, document=record.document.model_copy(update={"arms": arms}))
    with pytest.raises(
        ConstraintError, match="of the whole follow-up, and the figure is cut before its end: drug at 30"
    ):
        run_record(cut, use=use)


def test_a_method_of_one_data_set(record: FigureRecord) -> None:
    with pytest.raises(ConstraintError, match="method guyot, which returns one data set"):
        run_record(record, use=("hr",), method="guyot")


def test_bad_use_is_one_message(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, _, err = call(capsys, monkeypatch, "run", folder, "--use", "p", "-o", tmp_path / "no")
    assert status == 2
    assert err.startswith("survrecon: trial: --use p: ")
    assert not (tmp_path / "no").exists()


@pytest.mark.slow
def test_a_summary_record_is_weighted_by_its_hazard_ratio() -> None:
    """Draws that share a follow-up design stay together, and what built the curve is no constraint."""
    result = run_record("quiredex_ttp_2012-10", use=("hr-value",))
    assert result.constraints is not None
    ratios = np.exp(result.comparisons[0].log_hazard_ratios)
    wider = any("wider" in text for text in result.constraints.assumptions)
    assert np.abs(ratios - 0.18).max() <= (0.02 if wider else 0.005 + 1e-9)
    assert result.scenarios[0].name == "as printed, weighted"
    assert result.scenarios[1].name == "as printed"
    first = next(check for check in result.checks if check.quantity == "hazard_ratio")
    assert first.verdict is Verdict.USED_AS_CONSTRAINT
    with pytest.raises(ConstraintError, match="it already builds the curve of a summary record"):
        run_record("quiredex_ttp_2012-10", use=("survival",))
