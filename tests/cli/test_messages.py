"""Errors: one style, exit 2, at most 200 signs a line, never a traceback; and readers that go away."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click
import pytest

from survrecon.cli import cli
from survrecon.cli.messages import WIDTH, error_text
from survrecon.errors import SurvreconError
from tests.cli.conftest import Call, Files

if TYPE_CHECKING:
    from pathlib import Path

Survrecon = Callable[..., Call]
STYLE = re.compile(r"survrecon: [^;]+: .+; got .+\. What to do: .+\.", re.DOTALL)
LONG = "x" * 150


def in_style(call: Call) -> str:
    """Check an error and return it on one line."""
    assert call.status == 2
    assert call.out == ""
    assert max(map(len, call.err.splitlines())) <= WIDTH == 200
    assert all(line.startswith("  ") for line in call.err.splitlines()[1:])
    text = " ".join(line.strip() for line in call.err.splitlines())
    assert STYLE.fullmatch(text), text
    return text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("nonsense", "COMMAND: one of the commands accept, agree, analyze,"),
        ("run", "run: FIGURE|RECORD_DIR: a value, which it needs; got none. What to do: add it"),
        ("run x --colour", "run: an option that it knows; got --colour. What to do: see survrecon run --help"),
        ("run x --what-help", "got --what-help. What to do: write --help or --what-helps, or see"),
        ("run x --draws 0", "run: --draws: a whole number from 1; got 0. What to do: give another"),
        ("run x --draws few", "run: --draws: a whole number from 1; got 'few'."),
        ("run x --draws", "run: --draws: an option with a value; got none."),
        ("run x --json=3", "run: --json: an option without a value; got one."),
        ("run x --tau 0", "run: --tau: a number above 0; got 0"),
        ("run x --method magic", "run: --method: one of auto, statespace, spread, guyot; got 'magic'."),
        ("run x -o pyproject.toml y", "run: a call that it understands; got"),
        ("reconstruct x.csv", "reconstruct: --n: a value, which it needs; got none."),
        ("reconstruct x.csv --n 5 --risk-table no.csv", "--risk-table: a file or folder that exists; got 'no.csv', "),
        ("report nowhere", "report: DIR: a folder that exists; got 'nowhere', which does not exist. What to do: check"),
        ("accept nowhere", "accept: DIR: a folder that exists; got 'nowhere'"),
        ("new d --arm a", "new: --arm: "),
        ("endpoints x", "endpoints: OS_RUN|RECORD: a value, which it needs; got none."),
        ("endpoints x y --dependence some", "--dependence: one of likely, by-rank, least, independent; got 'some'."),
        ("endpoints nowhere y", "nowhere: a folder with figure.toml, or the name of a catalogue record; got neither."),
        ("run nowhere", "nowhere: a folder with figure.toml, or the name of a catalogue record; got neither."),
        ("digitize no.png", "no.png"),
        ("batch no.csv", "no.csv"),
        ("reconstruct no.csv --n 9", "no.csv"),
        ("reproduce " + LONG * 3, "got File name too long"),
        ("run " + LONG * 3 + " --draws 0", "got 0"),
    ],
)  # fmt: skip
def test_a_call_that_cannot_be(
    survrecon: Survrecon, words: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert says in in_style(survrecon(*words.split()))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_option_that_takes_a_value_refuses_in_style(survrecon: Survrecon, command: str) -> None:
    """Whatever its type: none given, and one that nothing can be."""
    for parameter in cli.commands[command].params:
        if isinstance(parameter, click.Option) and not parameter.is_flag:
            assert parameter.opts[0] in in_style(survrecon(command, parameter.opts[0]))
            if not isinstance(parameter.type, click.types.StringParamType | click.Path):
                in_style(survrecon(command, "a", *(["b"] if command == "analyze" else []), parameter.opts[0], "=\0,"))


def test_the_line_of_the_file_is_named(survrecon: Survrecon, files: Files) -> None:
    points, risk = files.folder / "p.csv", files.folder / "r.csv"
    points.write_text("# clicked\n\ntime,survival\n0,1\n5,0.8\n7,-0.4\n9,0.4\n")
    words = ("reconstruct", points, "--n", 50, "-o", files.folder / "x.csv")
    assert "p.csv, line 6: " in in_style(survrecon(*words))
    points.write_text("time,survival\n0,1\n5,0.8\n9,0.4\n")
    risk.write_text("time,arm\n0,50\n\n5,39\n9,41\n")
    assert "r.csv, line 5, arm: risk table: a number at risk never rises" in in_style(
        survrecon(*words, "--risk-table", risk)
    )
    risk.write_text("time,arm\n0,50\n5,39\n5,38\n")
    assert "r.csv, line 4, arm: risk table: times rise" in in_style(survrecon(*words, "--risk-table", risk))


def test_a_list_of_a_thousand_is_shortened() -> None:
    names = ", ".join(f"arm {i}" for i in range(1000))
    lines = error_text(SurvreconError("a.csv", names, names, "name one of them")).splitlines()
    assert len(lines) < 8
    assert max(map(len, lines)) <= WIDTH
    assert "more signs" in lines[-1] or "more signs" in lines[-2]


def test_a_fault_of_the_program_is_no_traceback(survrecon: Survrecon, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty() -> None:
        raise IndexError("out of\nbounds")

    monkeypatch.setattr("survrecon.records.folder.catalogue", faulty)
    assert "got IndexError: out of bounds (records.py, line" in in_style(survrecon("list"))


def test_a_broken_pipe_that_is_not_the_reader_s_is_an_error(
    survrecon: Survrecon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty() -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("survrecon.records.folder.catalogue", faulty)
    call = survrecon("list")
    assert call.status != 2 or "Broken pipe" in call.err
    assert call.status != 0


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("list", "| true"),
        ("list", "| head -1"),
        ("list --json", "| head -c 1"),
        ("--help", "| true"),
        ("--cite", "| true"),
        ("run --help", "| true"),
        ("list", "2>&1 | true"),
        ("list", ">&-"),
        ("list", ">&- 2>&-"),
    ],
)
def test_a_reader_that_goes_away(words: str, end: str) -> None:
    command = f"{sys.executable} -m survrecon {words} {end}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_error_without_a_reader_keeps_its_status() -> None:
    command = f"{sys.executable} -m survrecon nonsense 2>&-; exit $?"
    assert subprocess.run(["bash", "-c", command], capture_output=True, check=False).returncode == 2


@pytest.mark.parametrize(("set_before", "found"), [(None, "1"), ("4", "4")])
def test_products_of_matrices_take_one_thread_unless_the_caller_says_otherwise(
    set_before: str | None, found: str, survrecon: Survrecon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", set_before or "")
    if set_before is None:
        monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    assert survrecon("--version").status == 0
    assert os.environ["OPENBLAS_NUM_THREADS"] == found
