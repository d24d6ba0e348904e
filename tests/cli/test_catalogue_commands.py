"""``list`` and ``reproduce``."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from survrecon import reproduce
from survrecon.errors import ConstraintError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Call

RECORD = "quiredex_os-from-inclusion_2012-10"


def test_list_names_every_record(survrecon: Callable[..., Call]) -> None:
    call = survrecon("list")
    assert call.status == 0
    assert call.err == ""
    lines = call.out.splitlines()
    assert lines[0] == "45 records"
    assert sum("summary" in line for line in lines) >= 22


def test_list_as_json(survrecon: Callable[..., Call]) -> None:
    found = json.loads(survrecon("list", "--json").out)
    assert len(found) == 45
    assert {"record", "trial", "endpoint", "data_cutoff", "source_kind", "checks"} <= set(found[0])


def test_reproduce_one_record_plain(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    call = survrecon("reproduce", RECORD, "--draws", "20", "-o", tmp_path, "--jobs", "1")
    assert call.status == 0
    assert "0.31 (0.10 to 0.91)" in call.out
    assert "\x1b[" not in call.out, "plain when piped"
    assert max(map(len, call.out.splitlines())) <= 120
    page = (tmp_path / RECORD / "report.html").read_text()
    assert "SUMMARY" in page
    assert {path.name for path in (tmp_path / RECORD).iterdir()} >= {
        "report.html", "report.json", "curves.svg", "curves.png", "ipd.csv", "ipd.json", "figure.toml",
    }  # fmt: skip
    assert (tmp_path / "index.html").is_file()
    assert not list(tmp_path.rglob("*.part"))


def test_reproduce_in_detail(survrecon: Callable[..., Call]) -> None:
    call = survrecon("reproduce", "mm010_os_2007-paper", "--details", "--jobs", "1")
    assert "hazard ratio, lenalidomide-dexamethasone over placebo-dexamethasone" in call.out
    assert "p value" in call.out


def test_reproduce_as_json(survrecon: Callable[..., Call]) -> None:
    call = survrecon("reproduce", RECORD, "mm010_os_2007-paper", "--draws", "10", "--json", "--jobs", "1")
    first, second = json.loads(call.out)
    assert first["contrasts"][0]["of"] == "lenalidomide-dexamethasone"
    assert {check["verdict"] for check in second["checks"]} == {"not buildable"}
    assert first["command"] == f"survrecon reproduce {RECORD} --draws 10"
    assert call.out == json.dumps(json.loads(call.out), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def test_same_seed_same_output(survrecon: Callable[..., Call]) -> None:
    words = ("reproduce", RECORD, "--draws", "8", "--json", "--jobs", "1")
    assert survrecon(*words).out == survrecon(*words).out


def test_unknown_record_is_refused_with_the_known(survrecon: Callable[..., Call]) -> None:
    call = survrecon("reproduce", "no_such_record")
    assert call.status == 2
    assert call.out == ""
    assert "ifm-2005-02_pfs_2010-07" in call.err


@pytest.mark.slow
def test_a_record_that_cannot_be_constrained_costs_no_other(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    """Its p is stratified, another's record is not buildable: both are named, the third is done."""
    refused = ("ifm-2005-02_pfs_2010-07", "mm010_os_2007-paper")
    words = ("reproduce", refused[0], "quiredex_ttp_2012-10", refused[1], "--use", "p", "--draws", "20", "--jobs", "2")
    call = survrecon(*words, "--json", "-o", tmp_path / "out")
    assert call.status == 2
    assert [result["record"] for result in json.loads(call.out)] == ["quiredex_ttp_2012-10"]
    messages = [line for line in call.err.splitlines() if line.startswith("survrecon: ")]
    assert [message.split(": ")[1] for message in messages] == list(refused)
    assert "it is stratified" in messages[0]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "index.html",
        "quiredex_ttp_2012-10",
        "reproduce.json",
    }
    call = survrecon("reproduce", *refused, "--use", "p", "-o", tmp_path / "none", "--jobs", "1")
    assert (call.status, call.out) == (2, "")
    assert not (tmp_path / "none").exists()
    with pytest.raises(ConstraintError, match=refused[0]):
        reproduce(refused, use=("p",), jobs=1)


def test_the_call_of_a_folder_is_told_as_typed(survrecon: Callable[..., Call], record: Path) -> None:
    (found,) = json.loads(survrecon("reproduce", record, "--draws", "10", "--seed", "3", "--json", "--jobs", "1").out)
    assert found["command"] == f"survrecon reproduce {record} --draws 10 --seed 3"


def test_records_of_one_name_are_not_written_over_each_other(survrecon: Callable[..., Call], tmp_path: Path) -> None:
    call = survrecon("reproduce", RECORD, RECORD, "-o", tmp_path / "out")
    assert (call.status, call.out) == (2, "")
    assert f"{RECORD} twice" in call.err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_differs_without_explanation_is_status_1(survrecon: Callable[..., Call], record: Path, tmp_path: Path) -> None:
    """A hazard ratio of 3 is printed where the data give about a half."""
    toml = record / "figure.toml"
    toml.write_text(
        toml.read_text()
        + '\n[[published]]\nquantity = "hazard_ratio"\nof = "drug"\nover = "control"\nvalue = 3.0\ndecimals = 1\n'
        'model = "unadjusted"\nplace = "made up for this test"\nsource = "figure"\n'
    )
    call = survrecon("run", record, "-o", tmp_path / "out")
    assert call.status == 1, call.err
    assert "1 check differs" in call.err
    toml.write_text(
        toml.read_text() + '\n[[explained]]\nquantity = "hazard_ratio"\nbecause = "population"\n'
        'evidence = "the number was made up and is of no patients at all"\n'
    )
    explained = survrecon("run", record, "-o", tmp_path / "out")
    assert explained.status == 0, explained.err
    assert "made up and is of no patients" in explained.out


@pytest.mark.slow
def test_records_with_points_come_back_from_worker_processes(
    survrecon: Callable[..., Call], record: Path, tmp_path: Path
) -> None:
    """What draws data sets comes back with the results, and makes more where it is asked."""
    other = tmp_path / "other"
    shutil.copytree(record, other)
    found = json.loads(survrecon("reproduce", record, other, "--draws", "3", "--json", "--jobs", "2").out)
    assert [result["record"] for result in found] == [record.name, "other"]
    results = reproduce([record, other], draws=3, jobs=2)
    for rebuilt in results[0].reconstructions.values():
        assert len(rebuilt.draws(3)) == 3
        assert len(rebuilt.draws(4)) == 4
