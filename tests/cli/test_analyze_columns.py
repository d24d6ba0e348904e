"""``analyze`` finds time, event and arm by the usual names of columns, or refuses; arms are never pooled unsaid."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import Call, refused

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., Call]
ROWS = [(1.5, 1, "A"), (2.0, 0, "A"), (4.0, 1, "A"), (3.0, 1, "B"), (5.0, 0, "B"), (6.0, 1, "B")]


def table(path: Path, header: str, row: Callable[[float, int, str], str]) -> Path:
    path.write_text(header + "\n" + "".join(row(*values) + "\n" for values in ROWS))
    return path


@pytest.fixture
def plain(survrecon: Run, tmp_path: Path) -> str:
    """What is printed of the same patients under the project's own names, less the notes."""
    call = survrecon(
        "analyze", table(tmp_path / "plain.csv", "time,event,arm", lambda t, e, a: f"{t},{e},{a}"), "--json"
    )
    return without_notes(call)


def without_notes(call: Call) -> str:
    assert call.status == 0, call.err
    said = json.loads(call.out)
    said.pop("notes")
    return json.dumps(said, sort_keys=True)


@pytest.mark.parametrize("arm", ["treat", "TRT", "Group", "strata", "treatment", "ARM", "rx", "TRTP"])
def test_an_arm_by_any_usual_name_is_no_pool(survrecon: Run, tmp_path: Path, plain: str, arm: str) -> None:
    path = table(tmp_path / "p.csv", f"time,event,{arm}", lambda t, e, a: f"{t},{e},{a}")
    assert without_notes(survrecon("analyze", path, "--json")) == plain
    assert arm.lower() == "arm" or f"arm from the column '{arm}'" in survrecon("analyze", path).out


@pytest.mark.parametrize(
    ("header", "row", "note"),
    [
        ("AVAL,CNSR,TRTP", lambda t, e, a: f"{t},{1 - e},{a}", "0 event, above 0 censored, as CDISC codes it"),
        ("futime,status,group", lambda t, e, a: f"{t},{1 + e},{a}", "1 censored, 2 event, as R codes it"),
        ("tte,death,arm", lambda t, e, a: f"{t},{bool(e)},{a}", "time from the column 'tte'"),
        ("survtime,OS_STATUS,arm", lambda t, e, a: f"{t},{'1:DECEASED' if e else '0:LIVING'},{a}", "OS_STATUS"),
        ("time,cens,arm", lambda t, e, a: f"{t},{'event' if e else 'censored'},{a}", "event from the column 'cens'"),
        ('"","time","event","treat"', lambda t, e, a: f'"{t}",{t},{e},"{a}"', "columns not used: 'column 1'"),
        ("time,event,treat", lambda t, e, a: f'"{t}",{t},{e},"{a}"', "columns not used: 'column 1'"),
        ("ID,time,age,event,sex,arm", lambda t, e, a: f"{t},{t},60,{e},m,{a}", "not used: 'ID', 'age', 'sex'"),
        ("time,event,arm,stage", lambda t, e, a: f"{t},{e},{a},II", "not used: 'stage'"),
        ("time,event,arm,", lambda t, e, a: f"{t},{e},{a},", ""),
    ],
)  # fmt: skip
def test_other_names_and_codings_are_read_and_told(
    survrecon: Run, tmp_path: Path, plain: str, header: str, row: Callable[[float, int, str], str], note: str
) -> None:
    path = table(tmp_path / "p.csv", header, row)
    assert without_notes(survrecon("analyze", path, "--json")) == plain
    assert note in "\n".join(json.loads(survrecon("analyze", path, "--json").out)["notes"])


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("time,event,stage", ["'stage'", "pooled", "--arm-col stage"]),
        ("time,event,my arm", ["'my arm'", "--arm-col 'my arm'"]),
        ("time,event,treat,group", ["one column that is the arm", "'treat', 'group'", "--arm-col treat"]),
        ("time,event,status,arm", ["'event', 'status'", "--event-col event"]),
        ("time,months,event,arm", ["'time', 'months'", "--time-col time"]),
        ("OS,event,arm", ["none is known as time", "'OS'", "--time-col NAME"]),
        ("time,state,arm", ["none is known as event", "--event-col NAME"]),
        ("time,cens,arm", ["cens", "1 may be an event or censored", "--event-coding 1=event"]),
        ("time,censored,arm", ["censored", "--event-coding"]),
        ("draw,time,event,arm", ["a column draw", "--draws"]),
    ],
)
def test_what_may_be_two_things_is_asked(survrecon: Run, tmp_path: Path, header: str, words: list[str]) -> None:
    cells = {"time": "3", "months": "3", "OS": "3", "draw": "1"}
    rows = [",".join(cells.get(name, str(k % 2)) for name in header.split(",")) for k in range(4)]
    path = tmp_path / "p.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    call = survrecon("analyze", path)
    refused(call, "p.csv", *words)
    assert len(call.err.strip()) <= 200 + len(str(tmp_path))


def test_an_event_that_is_coded_1_and_2_or_1_alone(survrecon: Run, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("time,event\n1,1\n2,2\n")
    refused(survrecon("analyze", path), "1 and 2", "--event-coding 2=event or --event-coding 1=event")
    assert json.loads(survrecon("analyze", path, "--event-coding", "1=event", "--json").out)["arms"][0]["events"] == 1
    path.write_text("time,status\n1,1\n2,1\n")  # of R's coding it is two censored patients
    refused(survrecon("analyze", path), "--event-coding")
    path.write_text("time,event\n1,0\n2,1\n3,2\n")
    refused(survrecon("analyze", path), "line 4", "'2'", "--event-coding")
    refused(survrecon("analyze", path, "--event-coding", "1=event"), "--event-coding", "none for '0', '2'")
    assert survrecon("analyze", path, "--event-coding", "1=event,2=event,0=censored").status == 0


def test_a_status_is_coded_alike_in_all_files(survrecon: Run, tmp_path: Path) -> None:
    """In R's coding the first arm has no event; alone it would be all events."""
    (tmp_path / "a.csv").write_text("time,status\n1,1\n2,1\n")
    (tmp_path / "b.csv").write_text("time,status\n1,2\n2,1\n")
    found = json.loads(survrecon("analyze", tmp_path / "a.csv", tmp_path / "b.csv", "--json").out)
    assert [arm["events"] for arm in found["arms"]] == [0, 1]


def test_columns_that_are_stated(survrecon: Run, tmp_path: Path, plain: str) -> None:
    path = table(tmp_path / "p.csv", "OS,cens,my arm,arm", lambda t, e, a: f"{t},{1 - e},{a},x")
    said = ("--time-col", "OS", "--arm-col", "my arm", "--event-coding", "1=censored")
    assert without_notes(survrecon("analyze", path, *said, "--json")) == plain
    refused(survrecon("analyze", path, *said, "--event-col", "nope"), "--event-col", "'nope'", "name one of them")
    refused(survrecon("analyze", path, *said, "--event-col", "OS"), "one role for each column")


def test_draws_under_other_names(survrecon: Run, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", "time,event,treat", lambda t, e, a: f"{t},{e},{a}")
    draws = tmp_path / "d.csv"
    rows = [f"{draw},{t + draw / 10},{e},{a}" for draw in (1, 2, 3) for t, e, a in ROWS]
    draws.write_text("\n".join(["Draw,TIME,status,Treat", *rows]) + "\n")
    call = survrecon("analyze", path, "--draws", draws, "--json")
    assert json.loads(call.out)["contrasts"][0]["hazard_ratio"]["reconstruction_se"] is not None
    refused(survrecon("analyze", path, "--draws", draws, "--draws", draws), "--draws", "a second file of 'A'")
    draws.write_text("\n".join(["draw,time,event,treat", *rows[:-1]]) + "\n")
    refused(survrecon("analyze", path, "--draws", draws), "3 patients of B in every draw", "got 2")


def test_rows_of_several_endpoints(survrecon: Run, tmp_path: Path) -> None:
    path = tmp_path / "adtte.csv"
    path.write_text("PARAMCD,AVAL,CNSR,TRTP\nOS,3,0,A\nOS,4,1,B\nPFS,2,0,A\nPFS,2,0,B\n")
    refused(survrecon("analyze", path), "PARAMCD", "OS, PFS", "keep the rows of one of them")


def test_survival_at_times_and_beyond_follow_up(survrecon: Run, tmp_path: Path) -> None:
    """Of four patients A loses one at 1 and one at 2, B at 1 and at 3; A is followed to 5, B to 7."""
    path = tmp_path / "p.csv"
    path.write_text("time,event,arm\n1,1,A\n2,1,A\n4,0,A\n5,0,A\n1,1,B\n3,1,B\n6,0,B\n7,0,B\n")
    call = survrecon("analyze", path, "--at", "2,3", "--at", "6", "--time-unit", "months", "--json")
    first, second = json.loads(call.out)["arms"]
    assert [m["at"] for m in first["milestones"]] == [2, 3, 6]
    assert [m["value"] for m in first["milestones"]] == [pytest.approx(0.5), pytest.approx(0.5), None]
    assert first["milestones"][2]["status"] == "not estimable"
    assert first["milestones"][0]["low"] < 0.5 < first["milestones"][0]["high"]
    assert [m["value"] for m in second["milestones"]] == [pytest.approx(0.75), pytest.approx(0.5), pytest.approx(0.5)]
    text = survrecon("analyze", path, "--at", "2,6", "--time-unit", "months").out
    assert all(word in text for word in ("times in months", "survival at 2", "0.500 (0.058 to 0.845)", "not estimable"))
    refused(survrecon("analyze", path, "--at", "2,2"), "--at", "'2', which is given twice")
    refused(survrecon("analyze", path, "--at", "2", "--at", "2"), "--at", "2 is given twice")
    refused(survrecon("analyze", path, "--at", "-1"), "--at")
    refused(survrecon("analyze", path, "--at", "x"), "--at")


def test_a_unit_that_a_file_tells_is_not_overruled(survrecon: Run, tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", "OS_MONTHS,event,arm", lambda t, e, a: f"{t},{e},{a}")
    assert "times in months" in survrecon("analyze", path).out
    refused(survrecon("analyze", path, "--time-unit", "days"), "--time-unit", "months, as p.csv tells")


def test_what_one_arm_cannot_use(survrecon: Run, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("time,event\n1,1\n2,0\n")
    refused(survrecon("analyze", path, "--tau", 1), "--tau", "two arms")
    refused(survrecon("analyze", path, "--control", "p"), "--control", "two arms")
