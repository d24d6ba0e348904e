"""Bad input: one message, exit 2, nothing on stdout, nothing half-written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from survrecon.cli import cli
from survrecon.files.option_text import METHODS, TIME_UNITS
from survrecon.model.settings import DAYS_IN
from survrecon.reconstruction.reconstruct import Method
from tests.cli.conftest import Call, Files, refused

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("0,100\n5,80\n9,40\n", ["--y-unit"]),
        ("0,0\n5,0.2\n9,0.5\n12,0.7\n", ["--one-minus-survival"]),
        ("0,1\n5,zero\n", ["bad.csv", "zero"]),
        ("", ["bad.csv"]),
    ],
)
def test_points(survrecon: Callable[..., Call], tmp_path: Path, rows: str, words: list[str]) -> None:
    points = tmp_path / "bad.csv"
    points.write_text("time,survival\n" + rows)
    out = tmp_path / "ipd.csv"
    refused(survrecon("reconstruct", points, "--n", 50, "-o", out), *words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv"]


def test_draws_of_a_method_without(survrecon: Callable[..., Call], files: Files) -> None:
    out = files.folder / "x.csv"
    refused(survrecon("reconstruct", files.control, "--n", 120, "--draws", 5, "--method", "guyot", "-o", out), "draws")
    assert not out.exists()


def test_unknown_method(survrecon: Callable[..., Call], files: Files) -> None:
    refused(
        survrecon("reconstruct", files.control, "--n", 120, "--method", "magic", "-o", files.folder / "x.csv"), "magic"
    )


def test_no_record_no_run(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    refused(survrecon("run", tmp_path, "-o", tmp_path / "out"), "figure.toml")
    refused(survrecon("report", tmp_path), "run.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_settings_that_are_none(survrecon: Callable[..., Call], record: Path, files: Files) -> None:
    out = files.folder / "run"
    survrecon("run", record, "-o", out)
    (out / "run.json").write_text('{"record": "my_record", "drawz": 3}')
    refused(survrecon("report", out), "drawz")


def test_output_that_cannot_be_written(survrecon: Callable[..., Call], files: Files) -> None:
    blocker = files.folder / "file"
    blocker.write_text("in the way")
    refused(survrecon("reconstruct", files.control, "--n", 120, "-o", blocker / "ipd.csv"), "written")


@pytest.mark.parametrize(
    "words", [("new", "x"), ("nonsense",), ("new", "x", "--arm", "no-equals"), ("run",), ("reproduce", "--draws", "0")]
)
def test_usage(survrecon: Callable[..., Call], words: tuple[str, ...]) -> None:
    call = survrecon(*words)
    assert call.status == 2
    assert re.fullmatch(r"survrecon: [^\n]+: [^\n]+; got [^\n]+\. What to do: [^\n]+\.", " ".join(call.err.split()))


def test_same_arm_twice(survrecon: Callable[..., Call], files: Files) -> None:
    arm = f"control={files.control}"
    refused(survrecon("new", files.folder / "r", "--arm", arm, "--arm", arm), "given twice")


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("--cite",), ("run", "--help"), ("new", "-h")])
def test_help(survrecon: Callable[..., Call], words: tuple[str, ...]) -> None:
    call = survrecon(*words)
    assert call.status == 0
    assert call.out


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_help_ends_with_a_call(survrecon: Callable[..., Call], command: str) -> None:
    text = survrecon(command, "--help").out
    assert f"Example:\n    survrecon {command} " in text or f"Example:\n    survrecon {command}\n" in text


def test_help_loads_no_array_library() -> None:
    """Whatever a command needs it imports when it runs, so that help comes at once."""
    code = "import sys; import survrecon.cli; print({'numpy', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_list_imports_nothing_heavy() -> None:
    code = (
        "import sys; from survrecon.cli import main; sys.argv = ['survrecon', 'list']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'scipy', 'pandas', 'matplotlib', 'lifelines', 'rich', 'jinja2', 'joblib'} & set(sys.modules)\n"
        "print('heavy', sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy []"


def test_output_never_replaces_an_input(survrecon: Callable[..., Call], files: Files) -> None:
    before = files.control.read_bytes()
    refused(survrecon("reconstruct", files.control, "--n", 120, "-o", files.control), "inputs")
    refused(survrecon("reconstruct", files.control, "--n", 120, "-o", files.folder / "x.json"), ".csv")
    assert files.control.read_bytes() == before
    assert not (files.folder / "x.json").exists()


def test_output_that_is_no_file(survrecon: Callable[..., Call], files: Files) -> None:
    pipe = files.folder / "pipe.csv"
    os.mkfifo(pipe)
    refused(survrecon("reconstruct", files.control, "--n", 120, "-o", pipe), "put there by someone else: pipe.csv")
    assert pipe.is_fifo()


@pytest.mark.slow
def test_run_never_replaces_another_record(survrecon: Callable[..., Call], record: Path, files: Files) -> None:
    other = files.folder / "other"
    survrecon("new", other, "--arm", f"control={files.control}", "--n", "control=120")
    before = (other / "figure.toml").read_bytes()
    refused(survrecon("run", record, "-o", other), "a record that is no run")
    assert (other / "figure.toml").read_bytes() == before
    survrecon("run", record, "-o", files.folder / "run")
    refused(survrecon("run", other, "-o", files.folder / "run"), "my_record")
    assert survrecon("run", record, "-o", files.folder / "run").status == 0


def test_reader_that_closes_the_pipe() -> None:
    command = f"{sys.executable} -m survrecon list | true; exit ${{PIPESTATUS[0]}}"
    assert subprocess.run(["bash", "-c", command], capture_output=True, check=False).returncode == 0


def test_one_curve_of_a_file_with_several(survrecon: Callable[..., Call], files: Files) -> None:
    both = files.folder / "both.csv"
    both.write_text("a,,b,\nX,Y,X,Y\n0,1,0,1\n4,0.8,3,0.7\n9,0.6,8,0.4\n")
    assert survrecon("reconstruct", f"{both}#b", "--n", 40, "-o", files.folder / "b.csv").status == 0


def test_total_of_no_events_on_a_curve_that_falls(survrecon: Callable[..., Call], files: Files) -> None:
    out = files.folder / "x.csv"
    refused(survrecon("reconstruct", files.control, "--n", 120, "--events", 0, "-o", out), "allow 1 to")


def test_methods_and_units_of_the_options_are_those_of_the_package() -> None:
    """The command line lists them itself, so that it starts without the engine."""
    assert set(METHODS) == set(Method)
    assert set(TIME_UNITS) == set(DAYS_IN)


@pytest.mark.parametrize("options", [("--method", "guyot"), ("--tau", "24")])
def test_options_of_points_with_printed_numbers(
    survrecon: Callable[..., Call], tmp_path: Path, options: tuple[str, str]
) -> None:
    call = survrecon("run", "quiredex_ttp_2012-10", *options, "--draws", 3, "-o", tmp_path / "out")
    refused(call, options[0], "built from printed numbers", "leave it out")
    assert not (tmp_path / "out").exists()


def test_a_full_disk_behind_stdout() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "survrecon", "list"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "survrecon: output: a place that can be read and written; got No space left on device. "
        "What to do: make room for it, or name another.\n"
    )


def test_an_output_folder_that_cannot_be_written_is_refused_before_the_work(
    survrecon: Callable[..., Call], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    call = survrecon("reproduce", "quiredex_ttp_2012-10", "-o", tmp_path / "file" / "out")
    refused(call, "a folder that can be written to", "name another output folder")
    assert call.err.count("survrecon: ") == 1


def test_what_is_wrong_with_a_curve_is_said_of_its_file_once(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("time,survival\n0,0\n5,0.2\n9,0.6\n")
    (tmp_path / "t.csv").write_text("time\n-1\n")
    words = ("reconstruct", tmp_path / "p.csv", "--n", 50, "-o", tmp_path / "ipd.csv")
    assert survrecon(*words).err.startswith("survrecon: p.csv: curve: survival never rises")
    assert survrecon(*words, "--arm", "drug").err.startswith("survrecon: p.csv: arm drug: curve: survival never rises")
    assert survrecon(*words, "--censor-times", tmp_path / "t.csv").err.startswith("survrecon: t.csv, line 2: a time")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_letters_that_the_terminal_lacks(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "p.csv").write_text("time,event,arm\n1,1,λ→\n2,0,λ→\n3,1,b\n4,0,b\n", encoding="utf-8")
    command = [sys.executable, "-m", "survrecon", "analyze", str(tmp_path / "p.csv")]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert rb"\u03bb\u2192" in done.stdout
