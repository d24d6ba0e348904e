"""``accept``: a record edited by hand is checked, hashed anew, and the edit on record."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.files.outputs import sha256_of
from survrecon.records.folder import read_document, read_figure
from survrecon.records.readings import Basis, ReadKind
from tests.batch.folders import contents
from tests.cli.conftest import Call, refused
from tests.digitizing.rendered import Look, render, simulate

if TYPE_CHECKING:
    from pathlib import Path

Survrecon = Callable[..., Call]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_an_edited_file_is_refused_until_it_is_accepted(survrecon: Survrecon, record: Path) -> None:
    points = record / "control.csv"
    lines = points.read_text().splitlines()
    before = sha256_of(points.read_bytes())
    time, survival = lines[4].split(",")
    lines[4:7] = [f"{time},{float(survival) - 0.002:.5f}"]  # one moved, two removed
    points.write_text("\n".join(lines) + "\n")
    out = record.parent / "run"
    refused(survrecon("run", record, "-o", out, "--method", "guyot"), "control.csv", f"survrecon accept {record}")
    call = survrecon("accept", record, "--reader", "A. Reader")
    assert call.status == 0, call.err
    assert "1 point moved: " in call.out
    assert "2 points removed: " in call.out
    document = read_figure(record).document
    [one] = document.digitized.edits
    assert (one.file, one.reader, one.date) == ("control.csv", "A. Reader", date.today().isoformat())
    assert (one.sha256_before, one.sha256) == (before, sha256_of(points.read_bytes()))
    assert survrecon("accept", record).out == f"{record}: nothing was edited\n"
    call = survrecon("run", record, "-o", out, "--method", "guyot")
    assert call.status == 0, call.err
    assert "control.csv changed by A. Reader" in call.err
    assert "changed by a person after it was read" in (out / "report.html").read_text()
    report = json.loads((out / "report.json").read_text())
    assert [edit["file"] for edit in report["provenance"]["edits"]] == ["control.csv"]


def test_cells_of_the_risk_table_and_keys_of_the_record(survrecon: Survrecon, record: Path) -> None:
    rows = (record / "risk_table.csv").read_text().splitlines()
    at, control, drug = rows[2].split(",")
    rows[2] = f"{at},{int(control) - 1},{drug}"
    (record / "risk_table.csv").write_text("\n".join(rows) + "\n")
    edit(record / "figure.toml", 'trial = "not given"', 'trial = "MINE"  # a comment of mine')
    assert survrecon("accept", record).status == 0
    edits = {edit.file: edit.changes for edit in read_document(record).digitized.edits}
    assert edits == {
        "risk_table.csv": (f"1 cell changed: control at {at}, {control} to {int(control) - 1}",),
        "figure.toml": ("analysis.trial: 'not given' to 'MINE'",),
    }
    assert "# a comment of mine" in (record / "figure.toml").read_text()
    edit(record / "risk_table.csv", rows[2], f"{at},{control},{drug}")  # back again: a second edit
    assert survrecon("accept", record).status == 0
    assert [edit.file for edit in read_document(record).digitized.edits] == [
        "risk_table.csv", "figure.toml", "risk_table.csv",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("control.csv", "0.0000,1.00000", "0.0000,100", "control.csv, line 2: curve: survival is a fraction"),
        ("control.csv", "time,survival", "time,survival\n1,0.2\n2,0.9", "survival never rises"),
        ("control.csv", "0.0000,1.00000", "zero,1", "control.csv, line 2"),
        ("risk_table.csv", "0,120,118", "0,120,1180", "n of drug|drug"),
        ("figure.toml", "n = 120", "n = 12000", "control"),
        ("figure.toml", "format = 1", "format = 1\ncolour = 2", "colour"),
        ("figure.toml", "format = 1", "format = = 1", "valid TOML"),
    ],
)
def test_a_bad_edit_is_refused_and_the_record_stays(
    survrecon: Survrecon, record: Path, file: str, old: str, new: str, says: str
) -> None:
    text = (record / file).read_text()
    old = old if old in text else old.replace("0.0000,1.00000", "0,1")
    edit(record / file, old, new)
    before = contents(record)
    call = survrecon("accept", record)
    refused(call)
    assert any(word in call.err for word in says.split("|")), call.err
    assert contents(record) == before


def test_what_the_program_read_and_earlier_edits_stay(survrecon: Survrecon, record: Path) -> None:
    edit(record / "figure.toml", "n = 120", "n = 121")
    assert survrecon("accept", record).status == 0
    text = (record / "figure.toml").read_text()
    (record / "figure.toml").write_text(text[: text.index("[[digitized.edits]]")])
    refused(survrecon("accept", record), "the edits on record stay")
    (record / "control.csv").unlink()
    (record / "figure.toml").write_text(text)
    refused(survrecon("accept", record), "control.csv", "no such file")
    refused(survrecon("accept", record.parent), "figure.toml")


def test_a_record_without_the_program_s_note(survrecon: Survrecon, record: Path) -> None:
    """Made by hand, or by an earlier version: what changed is not known, that it changed is."""
    (record / "record.json").unlink()
    rows = (record / "drug.csv").read_text().splitlines()
    (record / "drug.csv").write_text("\n".join(rows[:-1]) + "\n")
    assert survrecon("accept", record).status == 0
    [one] = read_document(record).digitized.edits
    assert one.changes == ("which values is not known: the earlier file was not kept",)
    read_figure(record)


def test_entries_in_one_line_can_be_added_to(survrecon: Survrecon, record: Path) -> None:
    text = (record / "figure.toml").read_text()
    (record / "figure.toml").write_text(text.replace("[digitized]\n", "[digitized]\nedits = []\n"))
    edit(record / "figure.toml", "n = 120", "n = 121")
    assert survrecon("accept", record).status == 0
    assert [one.changes for one in read_document(record).digitized.edits] == [("arms.control.n: 120 to 121",)]


def test_in_the_folder_of_a_run(survrecon: Survrecon, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    arms = [simulate(rng, "Placebo", 60, median=10), simulate(rng, "Drug", 60, median=16)]
    drawn = render(tmp_path / "figure.svg", arms, Look(table="plain", marks="|"))
    out = tmp_path / "run"
    assert survrecon("run", drawn.path, "-o", out, "--method", "guyot").status == 0
    first = (out / "ipd.csv").read_bytes()
    rows = (out / "risk_table.csv").read_text().splitlines()
    at, placebo, drug = rows[2].split(",")
    rows[2] = f"{at},{int(placebo) - 1},{drug}"
    (out / "risk_table.csv").write_text("\n".join(rows) + "\n")
    shutil.copytree(out, tmp_path / "copy")
    refused(survrecon("report", out), f"survrecon accept {out}")
    call = survrecon("accept", out)
    assert call.status == 0, call.err
    assert f"Next: survrecon report {out}" in call.out
    [cell] = [r for r in read_figure(out).readings if (r.what, r.at, r.arm) == (ReadKind.AT_RISK, float(at), "Placebo")]
    assert (cell.read, cell.typed, cell.used, cell.basis) == (placebo, str(int(placebo) - 1), str(int(placebo) - 1),
                                                              Basis.TYPED)  # fmt: skip
    call = survrecon("report", out)
    assert call.status == 0, call.err
    assert "the record was changed since the run, so these are written anew too: ipd.csv" in call.err
    assert (out / "ipd.csv").read_bytes() != first
    assert "1 cell changed: Placebo at" in (out / "report.html").read_text()
    assert survrecon("report", out).err.count("anew") == 0
    refused(survrecon("run", drawn.path, "-o", out, "--method", "guyot"), "risk_table.csv")  # not lost to the next call
    edit(tmp_path / "copy" / "readings.csv", "what,arm", "what,arms")
    refused(survrecon("accept", tmp_path / "copy"), "what the program read stays")
