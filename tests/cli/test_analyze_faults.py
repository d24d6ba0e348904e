"""Tables of patients and draws that cannot be analysed, and odd ones that can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import Call, refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time,state\n1,1\n", ["time and event"]),
        ("time,event\n1,1\n2\n", ["line 3"]),
        ("time,event\n1,1\n2,dead\n", ["line 3", "dead"]),
        ("time,event\n1,1\n\n2,dead\n", ["line 4", "dead"]),
        ("time,event\n-1,1\n2,0\n", ["line 2", "a number from 0", "-1"]),
        ("time,event\n1,1\nnan,0\n", ["line 3", "a number from 0", "nan"]),
        ("time;event\n1,5;1\n", ["line 2", "'1,5'", "write decimals with a point"]),
        ('time,event\n1,"1\n', ["line 2", "a line of CSV"]),
        ("time,event\n", ["one row per patient"]),
        ("time,event,arm\n1,1,a\n", []),
    ],
)
def test_patients(survrecon: Callable[..., Call], tmp_path: Path, text: str, words: list[str]) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text)
    call = survrecon("analyze", path)
    if words:
        refused(call, *words)
    else:
        assert call.status == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("time,event,arm\n1,1,Zürich\n".encode("cp1252"), ["line 2", "text in UTF-8", "0xfc"]),
        (b"PK\x03\x04\x00\x00", ["a text file", "binary data", "not as a workbook"]),
    ],
)
def test_patients_that_are_no_text(
    survrecon: Callable[..., Call], tmp_path: Path, content: bytes, words: list[str]
) -> None:
    (tmp_path / "p.csv").write_bytes(content)
    refused(survrecon("analyze", tmp_path / "p.csv"), "p.csv", *words)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("mark", [";", "\t"])
def test_patients_as_spreadsheets_write_them(
    survrecon: Callable[..., Call], tmp_path: Path, encoding: str, mark: str
) -> None:
    """Five patients, of whom two have an event."""
    path, other = tmp_path / "p.csv", tmp_path / "other.csv"
    path.write_text("time,event,arm\n1.5,1,ä\n2,0,ä\n\n3,1,b\n4,0,b\n5,0,b\n")
    other.write_bytes(path.read_text().replace(",", mark).encode(encoding))
    assert survrecon("analyze", other, "--json").out == survrecon("analyze", path, "--json").out != ""


def test_analyze_twice_the_same_arm_and_unknown_control(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("time,event,arm\n1,1,a\n2,0,a\n3,1,b\n4,1,b\n")
    refused(survrecon("analyze", path, path), "second arm")
    refused(survrecon("analyze", path, "--control", "c"), "--control")


def test_draws_without_their_column_or_arm(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    path, draws = tmp_path / "p.csv", tmp_path / "d.csv"
    path.write_text("time,event,arm\n1,1,a\n2,0,a\n")
    draws.write_text("time,event,arm\n1,1,a\n")
    refused(survrecon("analyze", path, "--draws", draws), "column draw")
    draws.write_text("draw,time,event,arm\n1,1,1,z\n")
    refused(survrecon("analyze", path, "--draws", draws), "z")
    draws.write_text("draw,time,event,arm\n1,1,1,a\n1,2,0,a\n2,1,1,a\n2,3,0,a\n")
    assert survrecon("analyze", path, "--draws", draws).status == 0


def test_columns_twice_and_no_arm(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("time,event,event,arm\n1,1,0,a\n")
    refused(survrecon("analyze", path), "twice")
    path.write_text("time,event,arm\n1,1,a\n2,1,\n")
    refused(survrecon("analyze", path), "line 3", "empty cell")


def test_incomplete_draws(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    path, draws = tmp_path / "p.csv", tmp_path / "d.csv"
    path.write_text("time,event,arm\n1,1,a\n2,1,b\n")
    draws.write_text("draw,time,event,arm\n1,1,1,a\n1,2,1,b\n2,1,1,a\n")
    refused(survrecon("analyze", path, "--draws", draws), "as many draws")
