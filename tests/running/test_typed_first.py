"""What is typed beats what was read: a misreading vetoes nothing, and what is not used for it is said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.digitizing import DigitizedFigure, Options, digitize
from survrecon.digitizing.raster.tied import with_stated_counts
from survrecon.digitizing.words.risk_table import LATE_ENTRY
from survrecon.errors import CurveError, DigitizingError, RecordError
from survrecon.model.grade import Grade
from survrecon.running import as_read
from survrecon.running.figure import digitize_to_records
from survrecon.running.figure_record import digitized_record
from survrecon.running.record import run_record
from tests.digitizing.rendered import Arm, Look, Rendered, render, render_panels, simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from survrecon.records.folder import FigureRecord


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    rng = np.random.default_rng(5)
    arms = [simulate(rng, "Placebo", 90, median=10), simulate(rng, "Nivolumab", 95, median=16)]
    return render(tmp_path_factory.mktemp("figure") / "figure.svg", arms, Look(table="plain", marks="|"))


@pytest.fixture(scope="module")
def figure(drawn: Rendered) -> DigitizedFigure:
    return digitize(drawn.path)


@pytest.fixture
def typed_table(drawn: Rendered, figure: DigitizedFigure, tmp_path: Path) -> Path:
    assert figure.risk_table is not None
    columns = zip(figure.risk_table.times.tolist(), *drawn.table.values(), strict=True)
    path = tmp_path / "risk.csv"
    path.write_text("time," + ",".join(drawn.table) + "\n" + "".join(",".join(map(str, c)) + "\n" for c in columns))
    return path


def misread(
    figure: DigitizedFigure, change: Callable[[tuple[int | None, ...]], tuple[int | None, ...]]
) -> DigitizedFigure:
    """Return the figure with a row of its risk table misread, and its number of patients with it."""
    table = figure.risk_table
    assert table is not None
    row = change(table.rows["Placebo"])
    arms = tuple(replace(a, n=row[0]) if a.name == "Placebo" else a for a in figure.arms)
    return replace(figure, risk_table=replace(table, rows=table.rows | {"Placebo": row}), arms=arms)


def of_placebo(record: FigureRecord) -> str:
    """Return what is said of the arm."""
    return "; ".join(text for text in record.document.digitized.to_look_at if "Placebo" in text)


def test_a_misread_late_entry_does_not_veto_a_typed_risk_table(
    figure: DigitizedFigure, drawn: Rendered, typed_table: Path, tmp_path: Path
) -> None:
    late = replace(misread(figure, lambda row: (9, *row[1:])), late_entry=True, warnings=(LATE_ENTRY,))
    with pytest.raises(RecordError, match="or risk_table= if they were misread"):
        digitized_record(tmp_path / "record", late)
    record = digitized_record(tmp_path / "record", late, risk_table=typed_table)
    assert {name: table.at_risk.tolist() for name, table in record.risk_tables.items()} == drawn.table
    assert [arm.n for arm in record.document.arms] == [90, 95]
    assert record.document.analysis.naive is None
    doubts = " ".join(record.document.digitized.to_look_at)
    assert LATE_ENTRY not in doubts
    assert "read to rise at first" in doubts


def test_late_entry_that_is_typed_for_nothing(figure: DigitizedFigure, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="late_entry=: numbers at risk that rise at first"):
        digitized_record(tmp_path / "record", figure, late_entry=True)


def test_a_misread_number_at_time_0_does_not_veto_typed_patients(
    figure: DigitizedFigure, drawn: Rendered, tmp_path: Path
) -> None:
    wrong = misread(figure, lambda row: (290, *row[1:]))
    record = digitized_record(tmp_path / "record", wrong, n={"Placebo": 90})
    assert record.document.arms[0].n == 90
    assert record.risk_tables["Placebo"].at_risk.tolist() == drawn.table["Placebo"]
    assert "start with the 90 that are typed" in of_placebo(record)
    assert run_record(record, draws=5).arms[0].n == 90
    far = misread(figure, lambda row: tuple(None if c is None else 10 * c + 3 for c in row))
    record = digitized_record(tmp_path / "other", far, n={"Placebo": 90})
    assert "Placebo" not in record.risk_tables
    assert run_record(record, draws=5).arms[0].n == 90


def test_a_row_that_its_curve_does_not_allow_is_left_out_and_lowers_the_grade(
    figure: DigitizedFigure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def graded(folder: str, **typed: dict[str, int]) -> Grade:
        record = digitized_record(tmp_path / folder, figure, **typed)  # type: ignore[arg-type]
        assert record.document.digitized.reading is not None
        return record.document.digitized.reading.grade

    assert graded("good") is Grade.GOOD
    monkeypatch.setattr(as_read, "_fits", lambda _steps, n, _table: n != 90)
    record = digitized_record(tmp_path / "record", figure)
    assert "Placebo" not in record.risk_tables
    reading = record.document.digitized.reading
    assert reading is not None
    assert reading.grade is Grade.CHECK
    assert [reason for reason in reading.reasons if "Placebo: read, and not used" in reason]
    assert graded("typed", n={"Placebo": 90}) is Grade.GOOD


def test_a_misread_row_does_not_veto_a_typed_total(figure: DigitizedFigure, drawn: Rendered, tmp_path: Path) -> None:
    """As read, nearly all are censored by the second time, which leaves few for the events that are typed."""
    total = int(drawn.arms[0].event.sum())
    wrong = misread(figure, lambda row: (row[0], *(2 for _ in row[1:])))
    record = digitized_record(tmp_path / "record", wrong, events={"Placebo": total})
    assert "Placebo" not in record.risk_tables
    assert "contradict what was typed" in of_placebo(record)
    assert run_record(record, draws=5).arms[0].events.value == total


def test_misread_totals_and_marks_do_not_veto_typed_numbers(figure: DigitizedFigure, tmp_path: Path) -> None:
    times = np.linspace(1, 20, 89)
    crowded = replace(figure, arms=(replace(figure.arms[0], censor_times=times), *figure.arms[1:]))
    record = digitized_record(tmp_path / "record", crowded, events={"Placebo": 45})
    assert "Placebo" not in record.censor_times
    assert "89 were read, what was typed leaves 45 censored" in of_placebo(record)
    assert next(r for r in record.readings if r.what == "censoring marks" and r.arm == "Placebo").used == ""


def test_a_typed_risk_table_and_patients_that_contradict_it(
    figure: DigitizedFigure, typed_table: Path, tmp_path: Path
) -> None:
    with pytest.raises(CurveError, match=r"n of Placebo: risk table, time 0: the number at time 0 is N = 60"):
        digitized_record(tmp_path / "record", figure, risk_table=typed_table, n={"Placebo": 60})


def test_traced_steps_go_by_typed_counts(figure: DigitizedFigure, drawn: Rendered, typed_table: Path) -> None:
    wrong = misread(figure, lambda row: (9, *row[1:]))
    arms, counts = with_stated_counts(wrong.arms, wrong.risk_table, Options(risk_table=typed_table))
    assert [arm.n for arm in arms] == [90, 95]
    assert counts is not None
    assert {name: list(row) for name, row in counts.rows.items()} == drawn.table
    arms, counts = with_stated_counts(wrong.arms, wrong.risk_table, Options(n={"Placebo": 60}))
    assert counts is not None
    assert max(count for count in counts.rows["Placebo"] if count is not None) <= 60
    with pytest.raises(DigitizingError, match=r"No such file|readable"):
        with_stated_counts(wrong.arms, wrong.risk_table, Options(risk_table=typed_table.with_name("none.csv")))


def test_options_that_a_figure_cannot_use(drawn: Rendered, tmp_path: Path) -> None:
    with pytest.raises(DigitizingError, match="page=: a PDF, which has pages; got no PDF, and 1"):
        digitize(drawn.path, page=1)
    with pytest.raises(DigitizingError, match="arms=, arm_names=: as many names as curves"):
        digitize(drawn.path, arms=3, arm_names=["A", "B"])
    for names, said in ((["A"], "2 names"), (["A", "A"], "each once")):
        with pytest.raises(DigitizingError, match=f"arm_names=: .*{said}"):
            digitize(drawn.path, arm_names=names)
    with pytest.raises(RecordError, match="events=: the name of an arm"):
        digitize_to_records(drawn.path, tmp_path / "record", {"events": {"Nobody": 3}})


def test_numbers_of_arms_of_several_panels_go_to_their_panels(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    look = Look(marks="|")
    panels = [(t, [simulate(rng, name, 50, median=9)], look) for t, name in (("First", "Old"), ("Second", "New"))]
    figure = render_panels(tmp_path / "f.svg", panels)
    options = {"panel": "all", "n": {"Old": 50, "New": 50}, "events": {"New": 30}, "control": "Old"}
    first, second = digitize_to_records(figure, tmp_path / "records", options)
    assert [arm.events for arm in (*first.document.arms, *second.document.arms)] == [None, 30]
    for wrong in ({"events": {"Nobody": 3}}, {"control": "Nobody"}, {"late_entry": True}):
        with pytest.raises(RecordError, match=f"{next(iter(wrong))}="):
            digitize_to_records(figure, tmp_path / "none", options | wrong)


def test_a_figure_whose_printed_row_looks_like_late_entry(
    drawn: Rendered, typed_table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row starts with 9 for 90, so that it rises at first; the file that is typed says 90."""
    at_risk = Arm.at_risk
    monkeypatch.setattr(Arm, "at_risk", lambda arm, at: [9 if n == 90 else n for n in at_risk(arm, at)])
    figure = render(tmp_path / "misprint.svg", drawn.arms, drawn.look).path
    assert digitize(figure).late_entry
    with pytest.raises(RecordError, match="late_entry="):
        digitize_to_records(figure, tmp_path / "none", {})
    (record,) = digitize_to_records(figure, tmp_path / "record", {"risk_table": typed_table})
    assert [arm.n for arm in record.document.arms] == [90, 95]
    assert {name: table.at_risk.tolist() for name, table in record.risk_tables.items()} == drawn.table


def test_a_total_of_more_than_all_patients(figure: DigitizedFigure, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="events=: from 0 to the 90 patients of Placebo; got 91"):
        digitized_record(tmp_path / "record", figure, events={"Placebo": 91})
