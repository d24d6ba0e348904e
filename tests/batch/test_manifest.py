"""Manifests: every option of ``run`` is a column, and one clear error a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from survrecon.cli.options import stated
from survrecon.cli.records import run_command
from survrecon.errors import BatchError
from survrecon.files.option_kinds import OptionRole
from survrecon.running.options import COLUMNS, of_roles, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

FULL = (
    "figure,name,page,panel,crop,arms,arm-names,x range,Y_RANGE,y_unit,one_minus_survival,risk_table,time_unit,"
    "n,events,control,late_entry,draws,seed,method,points,tau,use,what_helps",
    'f.pdf,smith,3,B,"0,0,300,200.5",2,"old, new","0,36","0,100",percent,yes,risk.csv,weeks,"old=90,new=95",old=40,'
    'old,no,50,7,guyot,steps,30,"hr, p",yes',
)


def manifest(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "manifest.csv"
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def test_the_columns_are_the_options_of_run() -> None:
    options = {parameter.name for parameter in run_command.params} - {"record", "output", "as_json", "overwrite"}
    assert set(COLUMNS) == options | {"figure", "id"}


def test_every_cell_means_what_the_option_means(tmp_path: Path) -> None:
    (tmp_path / "risk.csv").write_text("time,old\n0,90\n")
    [row] = read_manifest(manifest(tmp_path, *FULL))
    assert (row.id, row.figure, row.line) == ("smith", tmp_path / "f.pdf", 2)
    said = run_command.make_context("run", [str(row.figure), "-o", str(tmp_path / "out"), *row.words]).params
    assert said.pop("late_entry") is False
    assert stated(said) == dict(row.options)
    assert row.options["risk_table"] == tmp_path / "risk.csv"
    assert said.pop("compress") is False
    assert {option.name: said[option.name] for option in of_roles(OptionRole.SETTING)} == dict(row.settings)


def test_what_a_row_does_not_state_is_the_batch_s(tmp_path: Path) -> None:
    rows = read_manifest(manifest(tmp_path, "figure,seed", "a.png,", "b.png,0"), {"seed": 5, "draws": None})
    assert [dict(row.settings) for row in rows] == [{"seed": 5}, {"seed": 0}]
    assert [row.words for row in rows] == [("--seed", "5"), ("--seed", "0")]


@pytest.mark.parametrize(
    ("lines", "encoding"),
    [
        (("figure;arm_names", "Größe.png;a, b"), "utf-8"),
        (("figure\tarm_names", "Größe.png\ta, b"), "utf-16"),
        (("", "figure,arm_names", '"Größe.png","a, b"', ",,"), "utf-8-sig"),
        (("figure, arm_names\r", 'Größe.png, "a, b"\r'), "utf-8"),
    ],
    ids=["semicolons", "tabs in UTF-16", "byte-order mark and blank lines", "line ends of Windows"],
)
def test_what_spreadsheets_write_is_read(tmp_path: Path, lines: tuple[str, ...], encoding: str) -> None:
    [row] = read_manifest(manifest(tmp_path, *lines, encoding=encoding))
    assert row.id == "Größe"
    assert row.options == {"arm_names": ("a", "b")}


def test_ids_come_from_file_page_and_panel(tmp_path: Path) -> None:
    lines = ("figure,page,panel", "x/f.pdf,2,", "x/f.pdf,,B", "x/f.pdf,,all", "x/g.pdf,1,Overall survival")
    assert [row.id for row in read_manifest(manifest(tmp_path, *lines))] == [
        "f_p2",
        "f_B",
        "f",
        "g_p1_Overall-survival",
    ]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((), "an empty file"),
        (("figure,n",), "a header alone"),
        (("file,n", "a.png,"), "'file'"),
        (("id,n", "a,"), "a column figure"),
        (("figure,colour", "a.png,red"), "'colour'"),
        (("figure,n,N", "a.png,,"), "'N' again"),
        (("figure,id,name", "a.png,x,y"), "'name' again"),
        (("figure,n", ",A=3"), "line 2: figure: the path of a figure"),
        (("figure,n", "a.png,3"), "line 2: n: NAME=N"),
        (("figure,n", "a.png,A=3,B=4"), "line 2: at most 2 cells; got 3. What to do: put cells that hold commas in"),
        (("figure,n", 'a.png,"A=3,A=4"'), "line 2: n"),
        (("figure,x_range", 'a.png,"0,1,2"'), "line 2: x_range: A,B"),
        (("figure,x_range", 'a.png,"36,0"'), "line 2: x_range: A,B"),
        (("figure,crop", 'a.png,"0,0,1,nan"'), "line 2: crop"),
        (("figure,y_unit", "a.png,per cent"), "fraction or percent; got 'per cent'"),
        (("figure,late_entry", "a.png,maybe"), "yes or no; got 'maybe'"),
        (("figure,draws", "a.png,0"), "draws: a whole number from 1; got '0'"),
        (("figure,arm_names", 'a.png,"A,"'), "arm_names: A,B"),
        (("figure,tau", "a.png,-1"), "tau: a number above 0"),
        (("figure,use", 'a.png,"hr,z"'), "line 2: use: hr, hr-value, p, median,"),
        (("figure,what_helps", "a.png,maybe"), "yes or no; got 'maybe'"),
        (("figure,method", "a.png,magic"), "method: auto, statespace, spread, guyot"),
        (("figure", "x/a.png", "", "y/a.png"), "line 4: id: each id once; got 'a', as in line 2"),
        (("figure,id", "a.png,Smith", "b.png,smith"), "line 3: id: each id once"),
        (("figure,id", "a.png,../x"), "line 2: id: a name for a folder"),
        (("figure,id", "a.png,.hidden"), "line 2: id: a name for a folder"),
        (("figure,id", "a.png,summary.csv"), "a name other than"),
        (("figure,n", 'a.png,"A=3'), "line 2: a line of CSV"),
    ],
)
def test_a_fault_is_one_error_with_its_place(tmp_path: Path, lines: tuple[str, ...], says: str) -> None:
    with pytest.raises(BatchError) as caught:
        read_manifest(manifest(tmp_path, *lines) if lines else manifest(tmp_path))
    assert says in str(caught.value)
    assert "manifest.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("figure\nGröße.png\n".encode("cp1252"), "line 2: text in UTF-8; got the byte 0xf6"),
        (b"PK\x03\x04\x00\x00figure", "a text file; got binary data"),
    ],
)
def test_bytes_that_are_no_text(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "manifest.csv").write_bytes(content)
    with pytest.raises(BatchError, match=says):
        read_manifest(tmp_path / "manifest.csv")


def test_a_manifest_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="No such file"):
        read_manifest(tmp_path / "none.csv")


def test_names_with_commas_and_equals_signs(tmp_path: Path) -> None:
    """A cell with quotes within quotes, as spreadsheets write it."""
    lines = ("figure,n,arm_names", 'a.png,"""A, high dose""=120,x=5 mg=118","""A, high dose"",x=5 mg"')
    [row] = read_manifest(manifest(tmp_path, *lines))
    assert row.options["n"] == {"A, high dose": 120, "x=5 mg": 118}
    assert row.options["arm_names"] == ("A, high dose", "x=5 mg")
    said = run_command.make_context("run", [str(row.figure), "-o", str(tmp_path / "out"), *row.words]).params
    assert stated(said) == dict(row.options)


def test_settings_of_the_batch_go_where_they_are_used(tmp_path: Path) -> None:
    path = manifest(tmp_path, "figure,method,seed", "a.png,guyot,", "b.png,,")
    rows = read_manifest(path, {"draws": 7, "seed": 5})
    assert [dict(row.settings) for row in rows] == [{"method": "guyot"}, {"draws": 7, "seed": 5}]
    for settings, option in (({"method": "guyot", "draws": 7}, "draws="), ({"seed": 3}, "seed=")):
        path = manifest(tmp_path, "figure,seed", "a.png,1", "b.png,2")
        with pytest.raises(BatchError, match=f"{option}: a setting that some row uses"):
            read_manifest(path, settings)
