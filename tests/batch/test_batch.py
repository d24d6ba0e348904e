"""A batch does what ``run`` does, figure by figure, and no figure costs another."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib
import pytest

from survrecon import batch
from survrecon.checks.results import Verdict
from survrecon.errors import BatchError
from survrecon.report.content.batch import BatchStatus
from survrecon.running.batch import STATE_FILE
from survrecon.running.figure import run_figure
from tests.batch.folders import PLAIN, contents, summary

if TYPE_CHECKING:
    from tests.cli.conftest import Call

Write = Callable[..., Path]


@pytest.mark.slow
def test_each_folder_is_what_run_writes(write: Write, survrecon: Callable[..., Call], tmp_path: Path) -> None:
    manifest = write("id,figure,n,draws,control", 'a name,one.svg,"Placebo=50,Drug=45",5,Drug', "second,two.svg,,5,")
    call = survrecon("batch", manifest, "-o", tmp_path / "out", "--jobs", 2)
    assert call.status == 0, call.err
    for name, words in (
        ("a name", ("one.svg", "--n", "Placebo=50,Drug=45", "--draws", 5, "--control", "Drug")),
        ("second", ("two.svg", "--draws", 5)),
    ):
        made = contents(tmp_path / "out" / name)
        note = json.loads(made.pop(STATE_FILE))
        assert note["runs"] == ["."]
        assert json.loads(made["run.json"])["outputs"].keys() == made.keys() - {"run.json"}
        (tmp_path / "out" / name).rename(tmp_path / f"batch {name}")
        figure, *options = words
        folder = tmp_path / "out" / name
        assert survrecon("run", tmp_path / str(figure), "-o", folder, *options).status in (0, 1)
        assert made == contents(folder)


@pytest.mark.slow
def test_no_name_of_a_folder_changes_a_number(write: Write, survrecon: Callable[..., Call], tmp_path: Path) -> None:
    """The same figure run in two folders, in a batch, and as a record: the same patients, draws and report."""
    manifest = write("id,figure,n,draws", 'named otherwise,one.svg,"Placebo=50,Drug=45",5')
    assert survrecon("batch", manifest, "-o", tmp_path / "batch", "--jobs", 1).status == 0
    figure, options = tmp_path / "one.svg", ("--n", "Placebo=50,Drug=45", "--draws", 5)
    (tmp_path / "moved").mkdir()
    moved = shutil.copy(figure, tmp_path / "moved")
    shutil.copytree(tmp_path / "batch" / "named otherwise", tmp_path / "record")
    calls = {"run": figure, "moved/again": moved, "of the record": tmp_path / "record"}
    for folder, given in calls.items():
        words = options if given != tmp_path / "record" else options[2:]
        assert survrecon("run", given, "-o", tmp_path / folder, *words).status in (0, 1)
    for name in ("ipd.csv", "ipd_draws.csv", "ipd.json", "report.json"):
        made = {(tmp_path / folder / name).read_bytes() for folder in ("batch/named otherwise", *calls)}
        assert len(made) == 1, name


def test_the_summary_has_a_row_a_figure_in_order(write: Write, tmp_path: Path) -> None:
    manifest = write("id,figure,draws", "second,two.svg,5", "gone,none.svg,", "first,one.svg,5")
    rows = batch(manifest, tmp_path / "out", jobs=1)
    read = summary(tmp_path / "out")
    assert [row["id"] for row in read] == [row.id for row in rows] == ["second", "gone", "first"]
    assert [row["status"] for row in read] == ["done", "failed", "done"]
    assert "no such file" in read[1]["error"]
    assert not (tmp_path / "out" / "gone").exists()
    one = read[2]
    assert (one["figure"], one["folder"], one["arms"], one["n"]) == ("one.svg", "first", "Placebo; Drug", "50; 45")
    assert (one["of"], one["over"], one["contrasts"]) == ("Drug", "Placebo", "1")
    assert (one["printed_hazard_ratio"], one["printed_low"], one["printed_high"]) == ("0.6", "0.38", "0.95")
    report = json.loads((tmp_path / "out/first/report.json").read_text())
    ratio = report["contrasts"][0]["hazard_ratio"]
    for column, key in (("hazard_ratio", "value"), ("hazard_ratio_low", "low"), ("hazard_ratio_high", "high")):
        assert float(one[column]) == pytest.approx(ratio[key], abs=5e-5)
    assert one["events"] == "; ".join(f"{arm['events']:g}" for arm in report["arms"])
    [check] = [check for check in report["checks"] if check["quantity"] == "hazard_ratio"]
    assert Verdict(one["verdict"]) is Verdict(check["verdict"])
    assert float(one["difference_ln"]) == pytest.approx(check["difference"], abs=5e-5)
    said = (report["warnings"], report["doubts"], report["provenance"].get("remarks", []))
    assert one["warnings"] == str(sum(map(len, said)))
    assert one["grade"] == report["reading"]["grade"]
    assert float(one["seconds"]) > 0
    assert read[0]["verdict"] == read[0]["printed_hazard_ratio"] == ""


def test_a_ratio_printed_the_other_way_round_is_turned(write: Write, tmp_path: Path) -> None:
    [row] = batch(write("figure,draws,control", "one.svg,5,Drug"), tmp_path / "out", jobs=1)
    assert row.hazard_ratio is not None
    assert (row.hazard_ratio.of, row.hazard_ratio.over) == ("Placebo", "Drug")
    report = json.loads((tmp_path / "out/one/report.json").read_text())
    [check] = [check for check in report["checks"] if check["quantity"] == "hazard_ratio"]
    assert row.printed is not None
    assert row.printed.value is not None
    assert row.printed.interval is not None
    assert row.printed.value == check["published"]
    assert row.printed.interval.low is not None
    assert row.printed.interval.high is not None
    assert row.printed.interval.low < row.printed.value < row.printed.interval.high


def test_relative_paths_hold_in_workers_that_run_elsewhere(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers of a cluster have their own folders."""
    write("figure,draws,risk_table", "one.svg,5,risk.csv")
    (tmp_path / "risk.csv").write_text("time,Placebo,Drug\n0,50,45\n")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)

    def moved(*args: Any) -> Any:
        monkeypatch.chdir(tmp_path / "elsewhere")
        try:
            return run_figure(*args)
        finally:
            monkeypatch.chdir(tmp_path)

    monkeypatch.setattr("survrecon.running.batch.run_figure", moved)
    [row] = batch("manifest.csv", "out", jobs=1)
    assert row.status is BatchStatus.DONE, row.error
    said = json.loads((tmp_path / "out" / "one" / "run.json").read_text())["command"]
    assert said == "survrecon run one.svg -o out/one --draws 5 --risk-table risk.csv"


def test_the_index_leads_to_every_page(write: Write, tmp_path: Path) -> None:
    lines = ("id,figure,draws,panel", "a name,one.svg,5,", "<b>,x.svg,,", "of many,panels.svg,5,all")
    with pytest.raises(BatchError, match="folder"):
        batch(write(*lines), tmp_path / "out")
    batch(write(*lines[:2], 'x & y,"<i>.svg",,', lines[3]), tmp_path / "out", jobs=1)
    page = (tmp_path / "out" / "index.html").read_text()
    targets = set(re.findall(r'(?:href|src)="([^"]+)"', page))
    assert targets == {"summary.csv", "a%20name/report.html", "a%20name/overlay.png", "of%20many/1/report.html",
                       "of%20many/1/overlay.png"}  # fmt: skip
    for target in targets:
        assert (tmp_path / "out" / target.replace("%20", " ")).is_file()
    assert "&lt;i&gt;.svg" in page
    assert "x &amp; y" in page
    assert "<i>" not in page


def test_panels_are_rows_and_fail_alone(write: Write, survrecon: Callable[..., Call], tmp_path: Path) -> None:
    manifest = write("figure,panel,draws", "panels.svg,all,5")
    call = survrecon("batch", manifest, "-o", tmp_path / "out", "--jobs", 1, "--json")
    assert call.status == 0
    rows = json.loads(call.out)
    assert [(row["id"], row["panel"], row["status"], row["folder"]) for row in rows] == [
        ("panels", "1", "done", "panels/1"), ("panels", "2", "failed", ""), ("panels", "3", "failed", ""),
    ]  # fmt: skip
    assert "give Placebo=NUMBER,Drug=NUMBER in column n" in rows[1]["error"]
    assert "curves that start at full survival" in rows[2]["error"]
    assert "2 of 3 failed" in call.err


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (KeyError("oops"), "unexpected KeyError: 'oops'"),
        (MemoryError(), "out of memory"),
        (OSError(28, "full"), "full"),
    ],
)
def test_the_unforeseen_stays_with_its_figure(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception, says: str
) -> None:
    def faulty(path: Path, *args: Any) -> Any:
        if path.name == "one.svg":
            raise fault
        return run_figure(path, *args)

    monkeypatch.setattr("survrecon.running.batch.run_figure", faulty)
    with joblib.parallel_config(backend="threading"):
        rows = batch(write(*PLAIN), tmp_path / "out", jobs=2)
    assert [row.status for row in rows] == [BatchStatus.FAILED, BatchStatus.DONE]
    assert says in rows[0].error
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "batch.json",
        "index.html",
        "second",
        "summary.csv",
    ]


def test_a_record_is_run_as_it_is(write: Write, survrecon: Callable[..., Call], tmp_path: Path) -> None:
    manifest = write("id,figure,draws,page", "made,record,5,", "stated,record,5,2")
    assert survrecon("digitize", tmp_path / "one.svg", "-o", tmp_path / "record").status == 0
    rows = batch(manifest, tmp_path / "out", jobs=1)
    assert rows[0].status is BatchStatus.DONE
    assert rows[0].arms == ("Placebo", "Drug")
    assert "page" in rows[1].error


def test_the_table_on_stdout(write: Write, survrecon: Callable[..., Call], tmp_path: Path) -> None:
    call = survrecon("batch", write(*PLAIN, "gone,none.svg,5"), "-o", tmp_path / "out", "--jobs", 1)
    lines = call.out.splitlines()
    assert lines[0] == "2 done, 1 failed"
    assert lines[3].startswith("first   Placebo, Drug  50, 45")
    assert lines[5].startswith("failed: gone: ")
    assert "1 of 3 failed" in call.err
    assert "\x1b" not in call.err


def test_the_help_shows_a_manifest_and_a_call(survrecon: Callable[..., Call]) -> None:
    shown = survrecon("batch", "--help").out
    assert "id,figure,n,y_unit" in shown
    assert "survrecon batch manifest.csv -o results --jobs 4" in shown
