"""A reading's grade on its way: into the record, against printed results, and out of a result that has none."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.checks.direction import against_print
from survrecon.checks.results import Agreement, compared_number
from survrecon.digitizing import DigitizedFigure, digitize
from survrecon.model.grade import Grade, ReadingGrade
from survrecon.model.published import PublishedFact
from survrecon.records.schema import Edit
from survrecon.report.json import result_to_dict
from survrecon.report.text import trial_tables
from survrecon.running.accept import graded_by_hand
from survrecon.running.figure_record import digitized_record
from survrecon.running.folder import write_run
from survrecon.running.record import run_record
from tests.digitizing.rendered import Look, render, simulate

if TYPE_CHECKING:
    from pathlib import Path

GOOD = ReadingGrade(grade=Grade.GOOD, internal=Grade.GOOD)
BAD = ReadingGrade(grade=Grade.UNRELIABLE, internal=Grade.UNRELIABLE, reasons=("row and curve differ",))


@pytest.fixture(scope="module")
def figure(tmp_path_factory: pytest.TempPathFactory) -> DigitizedFigure:
    rng = np.random.default_rng(5)
    arms = [simulate(rng, "Placebo", 90, median=10), simulate(rng, "Nivolumab", 95, median=16)]
    return digitize(render(tmp_path_factory.mktemp("figure") / "figure.svg", arms, Look(table="plain")).path)


def check(quantity: str, value: float, difference: float, obtained: float) -> Agreement:
    whose = {"of": "B", "over": "A", "model": "unadjusted"} if quantity == "hazard_ratio" else {"arm": "A"}
    fact = PublishedFact(quantity=quantity, value=value, decimals=2, place="t", source="p", **whose)
    return compared_number(
        fact, quantity=quantity, label=fact.label, published=value, obtained=obtained, difference=difference,
        limits=(difference - 0.01, difference + 0.01), margin=0.05,
    )  # fmt: skip


def test_printed_results_only_lower_a_grade() -> None:
    agrees, differs = check("hazard_ratio", 0.7, 0.0, 0.7), check("hazard_ratio", 0.7, 0.2, 0.85)
    gross = check("hazard_ratio", 0.5, 1.2, 1.7)
    median = check("median", 10.0, 9.0, 19.0)
    for checks, grade in (
        ([agrees], "good"),
        ([differs], "check"),
        ([gross], "check"),
        ([gross, median], "unreliable"),
    ):
        found = against_print(GOOD, checks)
        assert found is not None
        assert (found.grade, found.internal, found.against_print) == (grade, "good", grade)
    found = against_print(BAD, [agrees])
    assert found is not None
    assert (found.grade, found.against_print) == ("unreliable", "good")
    assert against_print(None, [agrees]) is None


def test_a_grade_by_print_is_made_anew() -> None:
    first = against_print(GOOD, [check("hazard_ratio", 0.7, 0.2, 0.85)])
    assert first is not None
    assert first.reasons == ("hazard ratio, B over A: rebuilt and printed differ",)
    assert against_print(first, []) == GOOD


def test_a_record_keeps_grade_and_doubts_and_a_run_adds_what_is_printed(
    figure: DigitizedFigure, tmp_path: Path
) -> None:
    record = digitized_record(tmp_path / "record", figure)
    assert record.document.digitized.reading == figure.reading
    result = run_record(record, draws=20)
    write_run(result, tmp_path / "run")
    kept = tomllib.loads((tmp_path / "run" / "figure.toml").read_text())["digitized"]["reading"]
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert kept["grade"] == report["reading"]["grade"] == "good"
    assert report["doubts"] == [doubt.recorded().model_dump(mode="json") for doubt in figure.doubts]
    assert any("reading graded good" in note for table in trial_tables([result]) for note in table.notes)


def test_of_an_unreliable_reading_nothing_is_put_forward(figure: DigitizedFigure, tmp_path: Path) -> None:
    record = digitized_record(tmp_path / "record", replace(figure, reading=BAD))
    result = run_record(record, draws=20)
    assert result.unreliable
    write_run(result, tmp_path / "run")
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"figure.toml", "overlay.png", "readings.csv", "risk_table.csv", "placebo.csv", "report.json"} <= names
    assert not names & {"ipd.csv", "ipd_draws.csv", "ipd.json"}
    found = result_to_dict(result)
    assert (found["contrasts"], found["checks"], found["arms"]) == ([], [], [])
    assert found["reading"]["reasons"] == ["row and curve differ"]
    assert "row and curve differ" in (tmp_path / "run" / "report.html").read_text()


def test_what_a_person_corrected_is_to_be_checked_at_worst(figure: DigitizedFigure, tmp_path: Path) -> None:
    record = digitized_record(tmp_path / "record", replace(figure, reading=BAD))
    digest = "0" * 64
    edit = Edit(file="placebo.csv", sha256_before=digest, sha256=digest, date="2026-01", changes=("a point",))
    digitized = record.document.digitized.model_copy(update={"edits": (edit,)})
    found = graded_by_hand(record.document.model_copy(update={"digitized": digitized}))
    assert found is not None
    assert found.grade is Grade.CHECK
    assert found.reasons[0] == "corrected by a person; as the program read it: unreliable"
