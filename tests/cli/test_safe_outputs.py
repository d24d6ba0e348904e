"""Nothing is overwritten that somebody else wrote or that a person changed; the same call again works."""

from __future__ import annotations

import gzip
import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from survrecon import __version__
from survrecon.files.ipd_csv import open_patients, read_draws
from survrecon.files.outputs import publish, sha256_of, staging, write_whole
from tests.batch.folders import contents
from tests.cli.conftest import Call, Files, refused
from tests.digitizing.rendered import Look, render, simulate

Survrecon = Callable[..., Call]


@pytest.fixture
def little(tmp_path: Path, survrecon: Survrecon) -> Path:
    """A record that is run in no time: one arm, four points."""
    (tmp_path / "points.csv").write_text("time,survival\n0,1\n3,0.8\n6,0.5\n9,0.3\n")
    folder = tmp_path / "little"
    assert survrecon("new", folder, "--arm", f"a={tmp_path / 'points.csv'}", "--n", "a=20").status == 0
    return folder


def ran(survrecon: Survrecon, little: Path, *words: object, method: str = "guyot", out: str = "a") -> Call:
    return survrecon("run", little, "-o", little.parent / out, "--method", method, *words)


def test_run_json_holds_options_and_hashes(survrecon: Survrecon, little: Path, tmp_path: Path) -> None:
    options = ("--draws", 3)
    assert ran(survrecon, little, *options, method="auto").status == 0
    assert ran(survrecon, little, *options, method="auto", out="b").status == 0
    a, b = (json.loads((tmp_path / name / "run.json").read_text()) for name in "ab")
    written = {name: data for name, data in contents(tmp_path / "a").items() if name != "run.json"}
    assert a["outputs"] == {name: sha256_of(data) for name, data in written.items()}
    assert {"ipd.csv", "ipd_draws.csv", "ipd.json", "report.json", "report.html", "figure.toml"} <= written.keys()
    assert (a["seed"], a["draws"], a["version"], a["record"]) == (0, 3, __version__, "little")
    assert a["options_sha256"] == b["options_sha256"]  # never of a folder's name
    ran(survrecon, little, *options, "--seed", 1, method="auto", out="c")
    assert json.loads((tmp_path / "c" / "run.json").read_text())["options_sha256"] != a["options_sha256"]


def test_the_same_call_again_works(survrecon: Survrecon, little: Path, tmp_path: Path) -> None:
    first = ran(survrecon, little)
    before = contents(tmp_path / "a")
    assert ran(survrecon, little).status == first.status
    assert contents(tmp_path / "a") == before
    (tmp_path / "a" / "my notes.txt").write_text("mine")  # hurts nothing
    assert ran(survrecon, little, "--points", "steps").status == 0
    assert contents(tmp_path / "a").keys() == before.keys() | {"my notes.txt"}
    (tmp_path / "a" / "report.html").unlink()
    assert ran(survrecon, little).status == first.status


@pytest.mark.parametrize("name", ["ipd.csv", "report.html", "figure.toml"])
def test_what_a_person_changed_is_not_overwritten(
    survrecon: Survrecon, little: Path, tmp_path: Path, name: str
) -> None:
    ran(survrecon, little)
    changed = (tmp_path / "a" / name).read_text() + "\n"
    (tmp_path / "a" / name).write_text(changed)
    before = contents(tmp_path / "a")
    call = ran(survrecon, little, "--points", "steps")
    refused(call, name, "--overwrite")
    assert contents(tmp_path / "a") == before
    assert ran(survrecon, little, "--points", "steps", "--overwrite").status == 0
    assert (tmp_path / "a" / name).read_text() != changed
    assert ran(survrecon, little, "--points", "steps").status == 0


def test_a_folder_with_other_files_is_left_alone(survrecon: Survrecon, little: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "ipd.csv").write_text("mine")
    (tmp_path / "a" / "thesis.docx").write_text("mine too")
    refused(ran(survrecon, little), "one that holds other files: ipd.csv, thesis.docx", "--overwrite")
    assert contents(tmp_path / "a") == {"ipd.csv": b"mine", "thesis.docx": b"mine too"}
    assert ran(survrecon, little, "--overwrite").status == 0
    assert (tmp_path / "a" / "thesis.docx").read_text() == "mine too"
    assert (tmp_path / "a" / "ipd.csv").read_text() != "mine"


def test_a_file_put_where_an_output_goes_is_not_overwritten(survrecon: Survrecon, little: Path, tmp_path: Path) -> None:
    ran(survrecon, little)
    (tmp_path / "a" / "ipd_draws.csv.gz").write_text("mine")
    before = contents(tmp_path / "a")
    refused(ran(survrecon, little, "--draws", 2, "--compress", method="auto"), "ipd_draws.csv.gz")
    assert contents(tmp_path / "a") == before


def test_a_run_joins_its_own_record_and_leaves_its_corrections(
    survrecon: Survrecon, record: Path, files: Files
) -> None:
    figure = record / "figure.toml"
    figure.write_text(figure.read_text().replace('trial = "not given"', 'trial = "MINE"'))
    mine = figure.read_bytes()
    for seed in (0, 1):
        assert survrecon("run", record, "-o", record, "--method", "auto", "--draws", 2, "--seed", seed).status == 0
        assert figure.read_bytes() == mine
    assert "MINE" in (record / "report.html").read_text()
    refused(survrecon("new", record, "--arm", f"control={files.control}", "--n", "control=120"), "figure.toml")
    assert figure.read_bytes() == mine


def test_interrupted_before_the_end_nothing_is_there(
    survrecon: Survrecon, little: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("survrecon.report.page.write_report", cut)
        assert ran(survrecon, little).status == 130
    assert not (tmp_path / "a").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    ran(survrecon, little)
    before = contents(tmp_path / "a")
    with monkeypatch.context() as patched:
        patched.setattr("survrecon.report.page.write_report", cut)
        assert ran(survrecon, little, "--points", "steps").status == 130
    assert contents(tmp_path / "a") == before


def test_cut_short_between_two_files_the_same_call_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(text: str) -> None:
        with staging(tmp_path / "out") as place:
            made = place / "made"
            made.mkdir()
            for name in "ab":
                (made / name).write_text(text)
            publish(made, tmp_path / "out", "state.json", {})

    write("old")
    real = Path.replace

    def dies(self: Path, other: Path) -> Path:
        if self.name == "b":
            raise KeyboardInterrupt
        return real(self, other)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", dies)
        with pytest.raises(KeyboardInterrupt):
            write("new")
    assert [(tmp_path / "out" / name).read_text() for name in "ab"] == ["new", "old"]
    write("newer")
    assert contents(tmp_path / "out").keys() == {"a", "b", "state.json"}
    assert (tmp_path / "out" / "b").read_text() == "newer"


def test_reproduce_leaves_changed_pages_alone(survrecon: Survrecon, little: Path, tmp_path: Path) -> None:
    words = ("reproduce", little, "--draws", 2, "--jobs", 1, "-o", tmp_path / "out")
    first = survrecon(*words)
    assert survrecon(*words).status == first.status
    (tmp_path / "out" / "little" / "ipd.csv").write_text("mine")
    call = survrecon(*words)
    assert call.status == 2
    assert "ipd.csv" in call.err
    assert (tmp_path / "out" / "little" / "ipd.csv").read_text() == "mine"
    (tmp_path / "out" / "index.html").write_text("mine")
    refused(survrecon(*words), "index.html")
    assert survrecon(*words, "--overwrite").status == first.status
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "index.html").write_text("mine")
    refused(survrecon(*words[:-1], tmp_path / "other"), "index.html")


def test_reconstruct_leaves_what_is_not_its_own(survrecon: Survrecon, files: Files) -> None:
    out = files.folder / "ipd.csv"
    words = ("reconstruct", files.control, "--n", 120, "-o", out)
    out.write_text("mine")
    refused(survrecon(*words), "ipd.csv", "--overwrite")
    assert out.read_text() == "mine"
    assert survrecon(*words, "--overwrite").status == 0
    assert survrecon(*words, "--draws", 2).status == 0
    assert survrecon(*words).status == 0
    assert not (files.folder / "ipd_draws.csv").exists()  # of the call before, it would belong to other patients
    told = json.loads((files.folder / "ipd.json").read_text())
    (files.folder / "ipd.json").write_text(json.dumps(told | {"endpoint": "mine"}))
    refused(survrecon(*words), "ipd.json")


def test_new_again(survrecon: Survrecon, files: Files) -> None:
    words = ("new", files.folder / "r", "--arm", f"control={files.control}", "--n", "control=120")
    assert survrecon(*words).status == 0
    before = contents(files.folder / "r")
    assert survrecon(*words).status == 0
    assert contents(files.folder / "r") == before
    (files.folder / "r" / "control.csv").write_text("time,survival\n0,1\n3,0.4\n")
    refused(survrecon(*words), "control.csv")
    assert survrecon(*words, "--overwrite").status == 0
    assert contents(files.folder / "r") == before


def test_a_report_changed_by_hand(survrecon: Survrecon, little: Path, tmp_path: Path) -> None:
    out = tmp_path / "a"
    ran(survrecon, little)
    before = contents(out)
    assert survrecon("report", out).status == 0
    assert contents(out) == before
    (out / "ipd.csv").write_text("mine")  # none of the report's
    assert survrecon("report", out).status == 0
    assert (out / "ipd.csv").read_text() == "mine"
    (out / "report.html").write_text("my own words")
    refused(survrecon("report", out), "report.html", "--overwrite")
    assert (out / "report.html").read_text() == "my own words"
    assert survrecon("report", out, "--overwrite").status == 0
    assert (out / "report.html").read_bytes() == before["report.html"]
    assert (out / "ipd.csv").read_text() == "mine"


def test_compressed_draws(survrecon: Survrecon, files: Files) -> None:
    out = files.folder / "ipd.csv"
    words = ("reconstruct", files.control, "--n", 120, "--arm", "control", "--draws", 3, "-o", out)
    assert survrecon(*words).status == 0
    plain = (files.folder / "ipd_draws.csv").read_bytes()
    assert survrecon(*words, "--compress").status == 0
    assert not (files.folder / "ipd_draws.csv").exists()
    packed = files.folder / "ipd_draws.csv.gz"
    assert gzip.decompress(packed.read_bytes()) == plain
    assert packed.read_bytes()[3:8] == bytes(5)  # no name, no date
    [draws] = read_draws(open_patients(packed, draws=True)).values()
    assert len(draws) == 3
    assert survrecon("analyze", out, "--draws", packed).status == 0
    packed.write_bytes(packed.read_bytes()[:40])
    refused(survrecon("analyze", out, "--draws", packed), "gzip")
    packed.write_bytes(b"no archive")
    refused(survrecon("analyze", out, "--draws", packed), "gzip")


def test_compressed_draws_of_a_run(survrecon: Survrecon, little: Path, tmp_path: Path) -> None:
    ran(survrecon, little, "--draws", 3, method="auto")
    ran(survrecon, little, "--compress", "--draws", 3, method="auto", out="b")
    a, b = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert gzip.decompress(b["ipd_draws.csv.gz"]) == a["ipd_draws.csv"]
    assert a.keys() - b.keys() == {"ipd_draws.csv"}
    assert survrecon("report", tmp_path / "b").status == 0
    assert contents(tmp_path / "b").keys() == b.keys()


def test_outputs_have_names_of_their_own(
    survrecon: Survrecon, files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = tmp_path / "elsewhere"
    place.mkdir()
    monkeypatch.chdir(place)
    rng = np.random.default_rng(3)
    render(tmp_path / "fig.v2.svg", [simulate(rng, "A", 40, median=9)], Look(names_with_n=True, marks="|"))
    assert survrecon("reconstruct", files.control, "--n", 120).status == 0
    assert survrecon("digitize", tmp_path / "fig.v2.svg").status == 0
    assert survrecon("run", tmp_path / "fig.v2.svg", "--draws", 2).status == 0
    assert survrecon("run", "fig.v2_record", "--draws", 2).status == 0
    (tmp_path / "figures.csv").write_text("figure,draws\nfig.v2.svg,2\n")
    assert survrecon("batch", tmp_path / "figures.csv", "--jobs", 1).status == 0
    assert {path.name for path in place.iterdir()} == {
        "control_ipd.csv", "control_ipd.json", "fig.v2_record", "fig.v2_run", "fig.v2_record_run",
        "figures_batch",
    }  # fmt: skip
    before = contents(place / "fig.v2_record")
    assert survrecon("digitize", tmp_path / "fig.v2.svg").status == 0
    assert contents(place / "fig.v2_record") == before
    (place / "fig.v2_record" / "overlay.png").write_bytes(b"painted over")
    refused(survrecon("digitize", tmp_path / "fig.v2.svg"), "overlay.png")
    refused(survrecon("digitize", tmp_path / "fig.v2.svg", "-o", "fig.v2_run"), "the folder of a run")


def test_files_have_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "a", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_the_umask_of_other_threads_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "umask", lambda mask: pytest.fail(f"umask set to {mask}"))
    threads = [threading.Thread(target=write_whole, args=(tmp_path / str(i), "x")) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert contents(tmp_path) == {str(i): b"x" for i in range(4)}
