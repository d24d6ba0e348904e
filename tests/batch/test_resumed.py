"""What is finished is kept, what is somebody else's is left alone, and what was cut short is taken up again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from survrecon import batch
from survrecon.files.outputs import sha256_of, write_state
from survrecon.report.content.batch import BatchStatus
from survrecon.running.batch import STATE_FILE, note_of, publish_figure, refuse_other_figure, workplace
from tests.batch.folders import PLAIN, contents, summary

if TYPE_CHECKING:
    from tests.cli.conftest import Call

Write = Callable[..., Path]


@pytest.mark.slow
def test_finished_figures_are_kept(write: Write, survrecon: Callable[..., Call], tmp_path: Path) -> None:
    out = tmp_path / "out"
    manifest = write("id,figure,draws", "first,one.svg,5", "gone,later.svg,5")
    assert survrecon("batch", manifest, "-o", out, "--jobs", 1).status == 0
    first = (out / "first" / STATE_FILE).stat().st_mtime_ns
    (out / "first" / "my notes.txt").write_text("mine")
    (tmp_path / "later.svg").write_bytes((tmp_path / "two.svg").read_bytes())
    call = survrecon("batch", manifest, "-o", out, "--jobs", 1)
    assert "1 finished before" in call.err
    assert [row["status"] for row in summary(out)] == ["done", "done"]
    assert (out / "first" / STATE_FILE).stat().st_mtime_ns == first
    survrecon("batch", manifest, "-o", out, "--jobs", 1, "--again")
    assert (out / "first" / STATE_FILE).stat().st_mtime_ns > first
    assert (out / "first" / "my notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "change", [pytest.param(change, marks=pytest.mark.slow) for change in ("file", "option", "output", "version")]
)
def test_a_change_does_a_figure_again(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    out = tmp_path / "out"
    manifest = write(*PLAIN)
    batch(manifest, out, jobs=1)
    before = [(out / name / STATE_FILE).stat().st_mtime_ns for name in ("first", "second")]
    if change == "option":
        write("id,figure,draws", "first,one.svg,6", "second,two.svg,5")
    elif change == "file":
        (tmp_path / "one.svg").write_bytes((tmp_path / "one.svg").read_bytes() + b"<!-- -->")
    elif change == "output":
        (out / "first" / "ipd.csv").unlink()
    else:
        monkeypatch.setattr("survrecon.running.folder.__version__", "0.0.0")
    batch(manifest, out, jobs=1)
    after = [(out / name / STATE_FILE).stat().st_mtime_ns for name in ("first", "second")]
    assert after[0] > before[0]
    assert (after[1] > before[1]) == (change == "version")
    assert (out / "first" / "ipd.csv").is_file()


def test_a_folder_that_is_not_the_batch_s_is_left_alone(write: Write, tmp_path: Path) -> None:
    mine = tmp_path / "out" / "first"
    mine.mkdir(parents=True)
    (mine / "ipd.csv").write_text("mine")
    rows = batch(write(*PLAIN), tmp_path / "out", jobs=1)
    assert "a new or empty folder, or one that this command wrote" in rows[0].error
    assert rows[1].status is BatchStatus.DONE
    assert contents(mine) == {"ipd.csv": b"mine"}


def test_publishing_cut_short_is_taken_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between two files: the folder says that it is unfinished, and what was there before is not lost to it."""
    for name, runs in (("old", {".": "ab", "p": "c"}), ("new", {".": "ad"})):
        for run, letters in runs.items():
            place = tmp_path / name / run
            place.mkdir(parents=True, exist_ok=True)
            for letter in letters:
                (place / letter).write_text(name)
            write_state(place, "run.json", {"outputs": dict.fromkeys(letters, sha256_of(name))})
    target, note = tmp_path / "target", {"failed": [], "seconds": 1.0}
    publish_figure(tmp_path / "old", target, note)
    assert note_of(target)["runs"] == [".", "p"]
    real = Path.replace

    def dies(self: Path, other: Path) -> Path:
        if self.name == "d":
            raise KeyboardInterrupt
        return real(self, other)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", dies)
        with pytest.raises(KeyboardInterrupt):
            publish_figure(tmp_path / "new", target, note)
    assert (target / "a").read_text() == "new"
    assert (target / "b").read_text() == (target / "p" / "c").read_text() == "old"
    assert note_of(target)["unfinished"]
    refuse_other_figure(target)
    (tmp_path / "new" / "a").write_text("new")
    publish_figure(tmp_path / "new", target, note)
    assert set(contents(target)) == {"a", "d", STATE_FILE, "run.json"}
    assert not (target / "p").exists()


def test_two_batches_do_not_share_a_folder(write: Write, survrecon: Callable[..., Call], tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    with workplace(tmp_path / "out"):
        call = survrecon("batch", write(*PLAIN), "-o", tmp_path / "out")
    assert call.status == 2
    assert "another one at work here" in call.err
    assert not (tmp_path / "out" / ".unfinished").exists()


def test_a_bad_manifest_leaves_nothing(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("figure,colour\na.png,red\n")
    call = survrecon("batch", tmp_path / "m.csv", "-o", tmp_path / "out")
    assert (call.status, call.out) == (2, "")
    assert "'colour'" in call.err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_figure_that_a_person_changed_fails_alone(write: Write, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch(write(*PLAIN), out, jobs=1)
    for name in ("first", "second"):
        (out / name / "ipd.csv").write_text("mine")
    before = contents(out / "first")
    (out / "second" / "report.html").unlink()  # not whole, and changed all the same
    write("id,figure,draws", "first,one.svg,6", "second,two.svg,5", "third,two.svg,5")
    rows = batch(tmp_path / "manifest.csv", out, jobs=1)
    assert [row.status for row in rows] == [BatchStatus.FAILED, BatchStatus.FAILED, BatchStatus.DONE]
    assert "changed or put there by someone else: ipd.csv" in rows[0].error
    assert "--overwrite" in rows[1].error
    assert contents(out / "first") == before
    rows = batch(tmp_path / "manifest.csv", out, jobs=1, overwrite=True)
    assert [row.status for row in rows] == [BatchStatus.DONE] * 3
    assert (out / "first" / "ipd.csv").read_text() != "mine"


def test_a_summary_that_a_person_changed_is_no_loss(
    write: Write, survrecon: Callable[..., Call], tmp_path: Path
) -> None:
    words = ("batch", write("figure", "gone.svg"), "-o", tmp_path / "out", "--jobs", 1)
    assert survrecon(*words).status == 0
    assert survrecon(*words).status == 0
    (tmp_path / "out" / "summary.csv").write_text("mine")
    call = survrecon(*words)
    assert (call.status, call.out) == (2, "")
    assert "summary.csv" in call.err
    assert (tmp_path / "out" / "summary.csv").read_text() == "mine"
    assert survrecon(*words, "--overwrite").status == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("mine")
    assert survrecon(*words[:3], tmp_path / "mine").status == 2


@pytest.mark.slow
def test_what_run_made_of_the_same_options_bears_the_same_hash(
    write: Write, survrecon: Callable[..., Call], tmp_path: Path
) -> None:
    manifest = write("id,figure,method,compress", "first,one.svg,guyot,", "second,two.svg,,yes")
    batch(manifest, tmp_path / "out", jobs=1, draws=2)
    for name, words in (
        ("first", ("one.svg", "--method", "guyot")),
        ("second", ("two.svg", "--compress", "--draws", 2)),
    ):
        folder = tmp_path / f"run {name}"
        assert survrecon("run", tmp_path / words[0], *words[1:], "-o", folder).status in (0, 1)
        told, alone = (json.loads((path / "run.json").read_text()) for path in (tmp_path / "out" / name, folder))
        assert told["options_sha256"] == alone["options_sha256"]
    assert (tmp_path / "out" / "second" / "ipd_draws.csv.gz").is_file()
