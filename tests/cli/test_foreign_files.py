"""The same arm in the layouts that other programs write: the same patients, and what was left out on record."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.errors import CurveError
from survrecon.files.points import read_censor_times, read_points, read_risk_table
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.records.folder import read_document
from survrecon.records.new import left_out, new_record
from tests.workbooks import Cell, workbook

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Call

GOOD = Path(__file__).parents[1] / "points" / "good"
TIME = [0.0, 1.5, 4.0, 6.5, 9.0, 11.0]
SURVIVAL = [1.0, 0.95, 0.85, 0.7, 0.55, 0.5]
RISK = {0: 20, 6: 15, 12: 2}


def _rows(separator: str, *columns: list[float]) -> str:
    return "".join(separator.join(f"{value:g}" for value in row) + "\n" for row in zip(*columns, strict=True))


NUMBER = [float(i) for i in range(1, 7)]
PLAIN = "time,survival\n" + _rows(",", TIME, SURVIVAL)
PLAIN_RISK = "time,A,B\n" + "".join(f"{t},{n},{n + 5}\n" for t, n in RISK.items())
IPDFC = "ts\ts\ttrisk\tnrisk\n" + "".join(
    f"{t:g}\t{s:g}\t{f'{list(RISK)[i]}{chr(9)}{list(RISK.values())[i]}' if i < len(RISK) else chr(9)}\n"
    for i, (t, s) in enumerate(zip(TIME, SURVIVAL, strict=True))
)
POINTS = {
    "survhe": "ID time survival\n" + _rows(" ", NUMBER, TIME, SURVIVAL),
    "survhe percent signs": "K\tTk\tS\n"
    + "".join(f"{i:g}\t{t:g}\t{100 * s:g}%\n" for i, t, s in zip(NUMBER, TIME, SURVIVAL, strict=True)),
    "ipdfc": IPDFC,
    "long": "arm;time;survival\n"
    + "".join(f"A;{t:g};{s:g}\n".replace(".", ",") for t, s in zip(TIME, SURVIVAL, strict=True)),
    "gnuplot": "# x, A\n" + _rows(", ", TIME, SURVIVAL),
}
RISKS = {
    "survhe": "Interval\ttime\tlower\tupper\tnrisk\t\n"
    + "".join(f"{i}\t{t}\t1\t2\t{n}\n" for i, (t, n) in enumerate(RISK.items(), start=1)),
    "ipdfc": IPDFC,
    "brackets": "time,A,B\n" + "".join(f"{t},{n} (3),{n + 5} (0)\n" for t, n in RISK.items()),
    "shares": "time;A\n" + "".join(f"{t};{n} [9%]\n" for t, n in RISK.items()),
    "after the end": PLAIN_RISK + "18,NA,3\n24,-,.\n",
    "long": "series,x,patients\n" + "".join(f"A,{t},{n}\nB,{t},{n + 5}\n" for t, n in RISK.items()),
    "survfit": "time,n.risk,n.event,survival\n" + "".join(f"{t},{n},1,0.9\n" for t, n in RISK.items()),
}


def _write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(("points", "risk"), [("ipdfc", "ipdfc"), *((name, "survhe") for name in POINTS)])
def test_the_command_line_rebuilds_the_same_patients(
    tmp_path: Path,
    survrecon: Callable[..., Call],
    points: str,
    risk: str,
) -> None:
    plain, out = tmp_path / "plain.csv", tmp_path / "ipd.csv"
    files = _write(tmp_path / "points.txt", POINTS[points]), _write(tmp_path / "risk.txt", RISKS[risk])
    table = _write(tmp_path / "plain_risk.csv", PLAIN_RISK)
    first = survrecon(
        "reconstruct", _write(tmp_path / "p.csv", PLAIN), "--n", 20, "--risk-table", table, "--arm", "A", "-o", plain
    )
    unit = ["--y-unit", "percent"] if "%" in POINTS[points] else []
    call = survrecon("reconstruct", files[0], "--n", 20, "--risk-table", files[1], "--arm", "A", *unit, "-o", out)
    assert (first.status, call.status) == (0, 0), call.err
    assert out.read_text() == plain.read_text()
    assumptions = json.loads(out.with_suffix(".json").read_text())["assumptions"]
    assert any("columns left out of risk.txt" in line for line in assumptions)
    assert "columns left out of risk.txt" in call.err


@pytest.mark.parametrize("name", RISKS)
def test_each_layout_gives_the_same_risk_table(tmp_path: Path, name: str) -> None:
    table = read_risk_table(_write(tmp_path / "risk.csv", RISKS[name]), arms=["A"])["A"]
    assert table.time.tolist() == list(RISK)
    assert table.at_risk.tolist() == list(RISK.values())


def test_numbers_in_brackets_are_left_out_and_said(tmp_path: Path) -> None:
    path = _write(tmp_path / "risk.csv", RISKS["brackets"])
    points = read_points(_write(tmp_path / "points.csv", PLAIN))
    result = reconstruct(points, n=20, risk_table=read_risk_table(path, arms=["A"])["A"])
    assert result.assumptions[0] == "numbers in brackets beside those at risk left out of risk.csv"


@pytest.mark.parametrize("cells", [("4,400", "3,950", "800"), ("4 400", "3 950", "800"), ("4'400", "3'950", "800")])
def test_a_number_at_risk_may_group_thousands(tmp_path: Path, cells: tuple[str, ...]) -> None:
    text = "time;A\n" + "".join(f"{6 * i};{cell}\n" for i, cell in enumerate(cells))
    assert read_risk_table(_write(tmp_path / "r.csv", text), arms=["A"])["A"].at_risk.tolist() == [4400, 3950, 800]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("time,A\n0,4,400\n6,800\n", r"line 2: no more cells in a row than the header's 2 names; got 3 cells, 0,4,400"),
        ("time;A\n0;4.400\n6;800\n", r"line 2: a number at risk without a point that groups thousands; .* write 4400"),
        ("time;A\n0;1,000\n6;800\n", r"line 2: numbers without thousands separators; got '1,000'"),
        ("time,A,B\n0,20,9\n6,NA,7\n12,5,3\n", r"line 3: time and number at risk of A; got 'NA'"),
        ("Interval,A,B\n1,20,9\n2,15,7\n", r"a column headed time; got columns 'Interval', 'A', 'B'"),
        (",A,B\n1,20,9\n2,15,7\n", r"a column headed time; got columns '', 'A', 'B'"),
        ("time,months,A,B\n0,0,20,9\n", r"one column of times; got columns 'time', 'months', 'A', 'B'"),
        ("Interval,time,lower,upper\n1,0,1,9\n", r"one column headed 'A'; .* or the arm's numbers with nrisk"),
        ("arm,time,nrisk\nB,0,20\nB,6,15\n", r"rows of 'A' in the column 'arm'; got names 'B'"),
        ("time,0,6,12\nA,20,15,2\nB,25,20,7\n", r"one column per arm; got times along the top"),
        ('{"version": [4, 2], "datasetColl": [{"name": "A", "data": [{"value": [0, 1]}]}]}', r"a digitizer's project"),
    ],
)
def test_a_risk_table_of_another_layout_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CurveError, match=says):
        read_risk_table(_write(tmp_path / "risk.csv", text), arms=["A"])


def test_an_arm_may_be_named_as_times_are(tmp_path: Path) -> None:
    path = _write(tmp_path / "risk.csv", "time,Week 12,No\n0,20,9\n6,15,7\n")
    assert read_risk_table(path, arms=["Week 12", "No"])["Week 12"].at_risk.tolist() == [20, 15]


def test_a_workbook_is_read_as_its_sheet(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [
        ["time", "Placebo", "Drug"],
        [0, 1, 1],
        [2.5, 0.98, None],
        [3, None, 0.95],
        [4, 0.9, None],
    ]
    path = _write(tmp_path / "points.xlsx", workbook([], rows))
    assert read_points(path, dataset="Placebo").time.tolist() == [0, 2.5, 4]
    assert read_points(path, dataset="Drug").survival.tolist() == [1, 0.95]
    table = _write(tmp_path / "risk.xlsx", workbook([["time", "A"], [0, "120 (3)"], [6, 80]]))
    assert read_risk_table(table, arms=["A"])["A"].at_risk.tolist() == [120, 80]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (workbook([["time", "S"], [0, 1], [45000, 0.9]], dates=["A3"]), r"line 3: every cell .*; got a date"),
        (workbook([["time", "S"], [0, 1]], [["time", "S"], [0, 1]]), r"one sheet .*; got 2: Sheet0, Sheet1"),
        (workbook([]), r"a table of numbers; got an empty file"),
        (workbook([["time", "S"], [0, 1]])[:-30], r"a text file; got binary data"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), r"got an old Excel workbook .* save the sheet as CSV"),
    ],
)
def test_a_workbook_that_cannot_be_read(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(CurveError, match=says):
        read_points(_write(tmp_path / "points.xlsx", content))


def _archive(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def test_the_archive_of_a_project_is_read(tmp_path: Path) -> None:
    project = (GOOD / "webplotdigitizer_4.json").read_bytes()
    path = _write(tmp_path / "trial.tar", _archive("trial/wpd.json", project))
    np.testing.assert_array_equal(read_points(path, dataset="Drug").time, [0, 3])
    with pytest.raises(CurveError, match=r"got an archive without wpd\.json"):
        read_points(_write(tmp_path / "other.tar", _archive("readme.txt", b"none")))


def test_logarithmic_axes_of_an_engauge_document(tmp_path: Path) -> None:
    """Columns 50 and 450 are times 1 and 100, so 250 is 10; rows 250 and 50 are 0.1 and 1, so 150 is 10^-0.5."""
    text = (GOOD / "engauge_12.dig").read_text().replace('"Linear"', '"Log"')
    text = text.replace('X="0" Y="0"', 'X="1" Y="0.1"').replace('X="40" Y="0"', 'X="100" Y="0.1"')
    text = text.replace('X="0" Y="1"', 'X="1" Y="1"').replace('X="75" Y="54"', 'X="250" Y="150"')
    found = read_points(_write(tmp_path / "log.dig", text), dataset="Placebo")
    assert (found.time[1], found.survival[1]) == (pytest.approx(10), pytest.approx(10**-0.5))


def test_marks_in_a_project_and_beside_row_numbers(tmp_path: Path) -> None:
    assert read_censor_times(GOOD / "webplotdigitizer_3.json").tolist() == [0, 2.5, 4]
    assert read_censor_times(_write(tmp_path / "m.csv", "ID,time\n1,8.5\n2,3\n")).tolist() == [3, 8.5]
    with pytest.raises(CurveError, match="the marks of one arm; got curves 'Placebo', 'Drug'"):
        read_censor_times(GOOD / "webplotdigitizer_4.json")
    with pytest.raises(CurveError, match="times of marks; got patients"):
        read_censor_times(_write(tmp_path / "p.csv", "time,status\n8,0\n3,1\n"))
    with pytest.raises(CurveError, match="the marks of one arm; got columns 'arm', 'time'"):
        read_censor_times(_write(tmp_path / "a.csv", "arm,time\nA,8\nB,3\n"))


def test_a_record_says_what_was_left_out_of_its_files(tmp_path: Path) -> None:
    points = _write(tmp_path / "p.txt", "arm,ID,time,survival\n" + "".join(
        f"{arm},{i},{t:g},{s:g}\n" for arm in ("a", "B") for i, (t, s) in enumerate(zip(TIME, SURVIVAL, strict=True))
    ))  # fmt: skip
    risk = _write(tmp_path / "risk.csv", RISKS["brackets"])
    new_record(tmp_path / "record", arms={"A": points, "B": points}, risk_table=risk)
    notes = left_out(read_document(tmp_path / "record"))
    assert notes == (
        "columns left out of p.txt: ID",
        "numbers in brackets beside those at risk left out of risk.csv",
    )
