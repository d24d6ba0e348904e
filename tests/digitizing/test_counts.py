"""Numbers at risk from words alone: rows, columns, names, kinds of counts, doubtful cells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from survrecon.digitizing.geometry import Axis, Box
from survrecon.digitizing.raster import ocr
from survrecon.digitizing.result import Doubt
from survrecon.digitizing.words.counts import CountKind, CountTable
from survrecon.digitizing.words.risk_rows import find_counts
from survrecon.digitizing.words.ties import Ties
from survrecon.digitizing.words.words import Word
from tests.digitizing.layouts import AXIS, BLACK, FLOOR, RED, around, counts, curve, from_left, key, labels, read, word

UPPER, LOWER = curve(1.0, 0.8, 0.7, 0.6), curve(1.0, 0.6, 0.4, 0.3, colour=RED)
TWO = (("Drug", ("120", "80", "33", "4")), ("Control", ("118", "60", "20", "0")))


def found(words: list[Word], axis: Axis = AXIS) -> CountTable:
    ticks = labels()
    table = find_counts([*ticks, *words], axis, bottom=FLOOR + 1, taken=ticks)
    assert table is not None
    return table


def cells(table: CountTable) -> dict[str, list[float | None]]:
    return {row.name: [None if c is None else c.value for c in row.cells] for row in table.rows}


def test_rows_and_columns() -> None:
    table = found(counts(*TWO))
    assert table.times == (0, 10, 20, 30)
    assert cells(table) == {"Drug": [120, 80, 33, 4], "Control": [118, 60, 20, 0]}
    assert table.heading == "Number at risk"


@pytest.mark.parametrize("glued", ["Arm A120", "Arm 500 mg 120", "Arm A 120"])
def test_a_name_is_parted_from_the_first_cell(glued: str) -> None:
    name = glued.removesuffix("120").strip()
    words = [w for w in counts(*TWO) if w.text not in ("120", "Drug")]
    words.append(from_left(glued, 118 - 7 * len(glued), 420))
    assert cells(found(words)) == {name: [120, 80, 33, 4], "Control": [118, 60, 20, 0]}


def test_cells_and_rows_that_were_read_as_one_word() -> None:
    words = [w for w in counts(*TWO) if w.text not in ("80", "33", "Control", "118", "60", "20", "0")]
    words.append(word("80          33", 250, 420))
    row = from_left("Control 118           60            20           0", 10, 440)
    words.append(replace(row, box=replace(row.box, x1=404)))
    assert cells(found(words)) == {"Drug": [120, 80, 33, 4], "Control": [118, 60, 20, 0]}


def test_a_row_read_as_one_word_that_begins_at_the_second_column() -> None:
    """Its name covers the first column; no number is broken up to fill that, as the row would rise."""
    words = [w for w in counts(*TWO) if w.text == "Number at risk"]
    for text, x0, x1, y in (("Drug 115 101 91", 27.0, 427.0, 420.0), ("Ctl 32 10 4", 18.0, 418.0, 440.0)):
        row = from_left(text, x0, y)
        words.append(replace(row, box=replace(row.box, x1=x1)))
    table = found(words)
    assert table.times == (10, 20, 30)
    assert cells(table) == {"Drug": [115, 101, 91], "Ctl": [32, 10, 4]}


def test_digits_that_run_together_are_parted_by_columns() -> None:
    words = [w for w in counts(*TWO) if w.text not in ("60", "20")]
    words.append(word("6020", 250, 440))
    wide = [w if w.text != "6020" else Word(text="6020", box=from_left("6" * 18, 187, 440).box) for w in words]
    table = found(wide)
    assert cells(table)["Control"] == [118, 60, 20, 0]
    assert table.rows[1].cells[1] is not None
    assert table.rows[1].cells[1].word.confidence < 0.8


def test_names_over_two_lines_in_all_places() -> None:
    words = [
        *counts(("", ("120", "80", "33", "4")), ("", ("118", "60", "20", "0")), ("", ("90", "50", "9", "2"))),
        *(from_left("Drug A", 10, 414), from_left("+ drug B", 10, 427)),  # beside the middle of the row
        *(from_left("Control", 10, 440), from_left("plus nothing", 20, 449)),  # going on below
        from_left("Third", 10, 460),
    ]
    assert [row.name for row in found(words).rows] == ["Drug A + drug B", "Control plus nothing", "Third"]


def test_names_at_the_right_with_the_last_cell() -> None:
    words = [w for w in counts(("", ("120", "80", "33", "4")), ("", ("118", "60", "20", "0"))) if w.text != "4"]
    words += [from_left("4 Yes", 396, 420), from_left("No", 415, 440)]
    assert cells(found(words)) == {"Yes": [120, 80, 33, 4], "No": [118, 60, 20, 0]}


def test_a_table_inside_the_plot_needs_a_heading() -> None:
    rows = counts(*TWO, heading="", top=250.0)
    ticks = labels()
    assert find_counts([*ticks, *rows], AXIS, bottom=FLOOR + 1, taken=ticks) is None
    assert cells(found([*rows, from_left("Patients at risk", 110, 228)]))["Drug"] == [120, 80, 33, 4]


def test_other_numbers_under_a_plot_are_no_numbers_at_risk() -> None:
    ticks = labels()
    for words in (
        counts(*TWO, heading="", top=640.0),  # far below
        counts(("Age", ("54", "61", "58", "70")), ("Stage", ("12", "40", "31", "9")), heading=""),  # not falling
        [word(text, x, y) for y in (420, 440) for text, x in (("90", 131), ("80", 160), ("70", 268), ("60", 333))],
    ):
        assert find_counts([*ticks, *words], AXIS, bottom=FLOOR + 1, taken=ticks) is None
    assert cells(found(counts(*TWO, heading="")))["Drug"] == [120, 80, 33, 4]


def test_the_tables_own_times_are_no_row_of_it() -> None:
    for y in (400.0, 462.0):  # above and under the rows
        words = [*counts(*TWO, heading=""), *(word(f"{t}", 100 + 10 * t, y) for t in (0, 10, 20, 30))]
        assert cells(found(words)) == {"Drug": [120, 80, 33, 4], "Control": [118, 60, 20, 0]}


def test_a_boxed_table_beside_the_axis_has_times_of_its_own() -> None:
    words = [from_left("Numbers at risk", 10, 390)]
    words += [word(f"{t} months", 180 + 6 * t, 405) for t in (0, 10, 20, 30)]
    for k, (label, row) in enumerate(TWO):
        words += [from_left(label, 30, 422 + 18 * k)]
        words += [word(cell, 180.0 + 60 * i, 422 + 18 * k) for i, cell in enumerate(row)]
    table = found(words)
    assert table.times == (0, 10, 20, 30)
    assert cells(table) == {"Drug": [120, 80, 33, 4], "Control": [118, 60, 20, 0]}


def test_forty_six_columns() -> None:
    values = np.arange(46.0)
    axis = Axis(
        offset=100.0, scale=25.0, values=values, positions=100 + 25 * values, residuals=np.zeros(46), resolution=0.1,
        source="tick marks",
    )  # fmt: skip
    falling = [f"{300 - 6 * k}" for k in range(46)]
    words = [word(text, 100 + 25 * k, 420) for k, text in enumerate(falling)]
    words += [word(text, 100 + 25 * k, 440) for k, text in enumerate(falling)]
    table = found([*words, from_left("A", 10, 420), from_left("B", 10, 440), from_left("No. at risk", 10, 395)], axis)
    assert table.times == tuple(values.tolist())
    assert cells(table)["A"] == [float(text) for text in falling]


def test_a_first_column_later_than_zero_and_one_between_ticks() -> None:
    words = [w for w in counts(*TWO) if w.text not in ("120", "118")]
    assert found(words).times == (10, 20, 30)
    words = [from_left("No. at risk", 10, 395)]
    words += [word(text, x, 420) for text, x in (("50", 135), ("40", 185), ("30", 235))]
    assert found(words).times == pytest.approx((3.5, 8.5, 13.5))


def test_columns_of_totals_are_no_counts_at_a_time() -> None:
    words = [*counts(("", ("120", "80", "33", "4")), ("", ("118", "60", "20", "0")))]
    words += [word("O", 10, 400), word("N", 40, 400)]
    words += [word(t, x, y) for t, x, y in (("70", 10, 420), ("121", 40, 420), ("90", 10, 440), ("119", 40, 440))]
    rows = found(words).rows
    assert [(r.events, r.patients) for r in rows] == [(70, 121), (90, 119)]
    assert [c.value for c in rows[0].printed] == [120, 80, 33, 4]


def test_an_arm_called_by_a_number() -> None:
    words = counts(("", ("120", "80", "33", "4")), ("", ("118", "60", "20", "0")))
    words += [word("1", 62, 420), word("2", 62, 440)]
    table = found(words)
    assert [c.value for c in table.rows[0].printed] == [120, 80, 33, 4]


@pytest.mark.parametrize(
    ("heading", "row", "kind"),
    [
        ("Number at risk", ("4,400", "3,801", "2,743", "8"), CountKind.AT_RISK),
        ("Number at risk", ("120 (3)", "80 (9)", "33 (20)", "4 (30)"), CountKind.AT_RISK),
        ("Number at risk", ("120 (100%)", "80 (67%)", "33 (28%)", "4 (3%)"), CountKind.AT_RISK),
        ("Percentage at risk", ("100", "67", "28", "3"), CountKind.PERCENT),
        ("At risk", ("100%", "67%", "28%", "3%"), CountKind.PERCENT),
        ("Patients at risk (%)", ("100", "67", "28", "3"), CountKind.PERCENT),
        ("Number at risk", ("120.3", "80.1", "33.9", "4.2"), CountKind.WEIGHTED),
        ("Adjusted number at risk", ("120", "80", "33", "4"), CountKind.WEIGHTED),
    ],
)
def test_what_a_table_counts(heading: str, row: tuple[str, ...], kind: CountKind) -> None:
    table = found(counts(("Drug", row), ("Control", row), heading=heading))
    assert table.kind is kind
    assert [c.value for c in table.rows[0].printed] == [
        float(t.split("(")[0].strip("% ").replace(",", "")) for t in row
    ]


def test_rows_of_each_arm_under_its_name() -> None:
    words = []
    for k, name in enumerate(("Drug", "Control")):
        words.append(from_left(name, 10, 400 + 60 * k))
        for j, kind in enumerate(("At risk", "Censored", "Events")):
            words.append(from_left(kind, 20, 415 + 60 * k + 14 * j))
            words += [
                word(f"{100 - 10 * i + k if j == 0 else 5 * i}", 100 + 100 * i, 415 + 60 * k + 14 * j) for i in range(4)
            ]
    rows = found(words).rows
    assert [(r.name, r.kind.value) for r in rows] == [
        (name, kind) for name in ("Drug", "Control") for kind in ("at risk", "censored", "events")
    ]


def assembled(*rows: tuple[str, tuple[str, ...]], **how: Any) -> tuple[Any, list[Doubt]]:
    made = read(counts(*rows), [UPPER, LOWER], **how)
    return made, [d for d in made.doubts if d.field == "numbers at risk"]


def test_numbers_at_risk_by_arm() -> None:
    made, doubts = assembled(*TWO)
    assert made.risk_table is not None
    assert made.risk_table.rows == {"Drug": (120, 80, 33, 4), "Control": (118, 60, 20, 0)}
    assert [a.n for a in made.arms] == [120, 118]
    assert not doubts
    assert not made.late_entry


def test_a_missing_cell_is_doubtful_not_guessed() -> None:
    made, doubts = assembled(("Drug", ("120", "", "33", "4")), TWO[1])
    assert made.risk_table.rows["Drug"] == (120, None, 33, 4)
    assert [(d.arm, d.time, d.read) for d in doubts] == [("Drug", 10.0, "")]


def test_one_rise_is_a_misreading() -> None:
    made, doubts = assembled(("Drug", ("120", "80", "88", "4")), TWO[1])
    assert not made.late_entry
    assert [(d.arm, d.time, d.read) for d in doubts if "rises" in d.why] == [("Drug", 20.0, "88")]


def test_steady_rises_are_late_entry() -> None:
    made, _ = assembled(("Drug", ("19", "110", "113", "90")), ("Control", ("13", "14", "16", "2")))
    assert made.late_entry


def test_rows_that_rise_at_first_need_no_heading_and_weigh_against_no_curve() -> None:
    """Seven columns, as where patients enter late: the first number is not N, so n(t) <= N S tells nothing."""
    ticks = [word(f"{5 * k}", 100 + 50 * k, 365) for k in range(7)]
    axis = replace(AXIS, values=np.arange(0.0, 35.0, 5.0), positions=np.arange(100.0, 450.0, 50.0))

    def table(*rows: tuple[int, ...]) -> CountTable | None:
        cells_of = [word(f"{n}", 100 + 50 * k, 420 + 20 * i) for i, row in enumerate(rows) for k, n in enumerate(row)]
        names = [from_left(name, 10, 420 + 20 * i) for i, name in enumerate(("HER2-", "HER2+"))]
        return find_counts([*ticks, *names, *cells_of], axis, bottom=FLOOR + 1, taken=ticks)

    made = table((19, 110, 113, 111, 100, 90, 76), (13, 14, 16, 13, 9, 5, 5))
    assert made is not None
    assert [row.name for row in made.rows] == ["HER2-", "HER2+"]
    look = Ties([UPPER, LOWER], around(), [])
    assert [look.excess(made, row).tolist() for row in made.rows] == [[0.0, 0.0], [0.0, 0.0]]
    assert table((19, 110, 60, 111, 20, 90, 76), (13, 2, 16, 4, 9, 1, 5)) is None


def reading_again(text: str, score: float) -> tuple[Any, list[Doubt]]:
    """Read a table whose last cell was not found, in a picture where its place then reads as told."""
    again = replace(around(), reread=lambda box: (text, score) if box.x0 < 400 < box.x1 else ("", 1.0))
    words = counts(("Drug", ("120", "80", "33", "")), TWO[1])
    made = read(words, [UPPER, LOWER], again)
    return made, [d for d in made.doubts if d.field == "numbers at risk" and d.arm == "Drug"]


def test_a_last_cell_that_was_not_found_is_read_again() -> None:
    made, doubts = reading_again("0", 0.95)
    assert made.risk_table.rows["Drug"] == (120, 80, 33, 0)
    assert not doubts


@pytest.mark.parametrize(("text", "score"), [("", 1.0), ("–", 0.9), ("NA", 0.9)])
def test_a_last_cell_that_is_blank_is_no_doubt(text: str, score: float) -> None:
    made, doubts = reading_again(text, score)
    assert made.risk_table.rows["Drug"] == (120, 80, 33, None)
    assert not doubts


@pytest.mark.parametrize(("text", "score"), [("", 0.0), ("品", 0.5)])
def test_a_last_cell_in_which_something_stands_is_a_doubt(text: str, score: float) -> None:
    made, doubts = reading_again(text, score)
    assert made.risk_table.rows["Drug"] == (120, 80, 33, None)
    assert [(d.time, d.read) for d in doubts] == [(30.0, "")]
    assert "something stands here" in doubts[0].why


def test_a_place_with_coloured_ink_is_not_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orange is as bright as paper in its red channel."""
    monkeypatch.setattr(ocr, "_recognise", lambda _crop: ("0", 0.9))
    image = np.full((40, 40, 3), 255, np.uint8)
    place = Box(x0=5.0, y0=5.0, x1=35.0, y1=35.0)
    assert ocr.read_cell(image, place) == ("", 1.0)
    image[15:25, 15:22] = (240, 110, 20)
    assert ocr.read_cell(image, place) == ("0", 0.9)


def test_weak_readings_are_listed() -> None:
    _, doubts = assembled(*TWO, change=lambda w: replace(w, confidence=0.75) if w.text.isdigit() else w)
    assert len(doubts) == 8
    assert all(d.options == ("risk_table",) and d.arm is not None and d.time is not None for d in doubts)


def test_a_first_cell_of_nobody_and_numbers_of_no_trial_are_doubts() -> None:
    made, doubts = assembled(("Drug", ("0", "0", "0", "0")), ("Control", ("1000000000", "60", "20", "0")))
    assert {d.arm for d in doubts} == {"Drug", "Control"}
    assert made.risk_table.rows["Control"][0] is None


@pytest.mark.parametrize("heading", ["Percentage at risk", "Weighted number at risk"])
def test_what_is_no_number_of_patients_is_not_used(heading: str) -> None:
    made = read(
        counts(("Drug", ("100", "67", "28", "3")), ("Control", ("100", "50", "17", "0")), heading=heading),
        [UPPER, LOWER],
    )
    assert made.risk_table is None
    assert [a.name for a in made.arms] == ["Drug", "Control"]
    assert [a.n for a in made.arms] == [None, None]
    [doubt] = [d for d in made.doubts if d.field == "numbers at risk"]
    assert ("percent" if "Percent" in heading else "weighted") in doubt.why


def test_two_numbers_of_patients_are_a_doubt() -> None:
    words = [*counts(*TWO), from_left("Drug (n=125)", 200, 100)]
    made = read(words, [UPPER, LOWER])
    assert [(d.field, d.arm, d.read) for d in made.doubts if d.field == "n"] == [("n", "Drug", "120; 125")]


def test_rows_that_all_begin_at_100_are_a_doubt() -> None:
    made, doubts = assembled(("Drug", ("100", "67", "28", "3")), ("Control", ("100", "50", "17", "0")))
    assert made.risk_table.rows["Drug"] == (100, 67, 28, 3)
    assert ["percentages" in d.why for d in doubts] == [True]


def test_tick_marks_that_were_read_as_ones_are_no_numbers_at_risk() -> None:
    marks = [word("一", 96, 356), *(word("1", 100 + 10 * t, 356) for t in (0, 10, 20, 30))]
    ticks = labels()
    assert find_counts([*ticks, *marks], AXIS, bottom=FLOOR + 1, taken=ticks) is None
    named = [word("Drug", 60, 420), *(word("1", 100 + 10 * t, 420) for t in (0, 10, 20, 30))]
    assert cells(found(named)) == {"Drug": [1, 1, 1, 1]}


def test_labels_of_the_survival_axis_are_no_times_of_columns() -> None:
    """An axis in percent whose 10 stands just above its foot, where 10 days are, and whose first time was not read."""
    days = replace(
        AXIS, scale=0.3, values=np.array([365.0, 730, 1095]), positions=100 + 0.3 * np.array([365.0, 730, 1095])
    )
    ticks = [word(f"{t}", 100 + 0.3 * t, 365) for t in (365, 730, 1095)]
    ticks += [word(f"{s}", 94, 350 - 3 * s) for s in (0, 10, 50, 100)]
    cells_of = [word(n, 100 + 0.3 * t, 420) for n, t in (("157", 0), ("118", 365), ("82", 730), ("35", 1095))]
    table = find_counts([*ticks, word("Drug", 40, 420), *cells_of], days, bottom=FLOOR + 1, taken=ticks)
    assert table is not None
    assert table.times == (0, 365, 730, 1095)


def test_rows_inside_the_plot_that_are_called_by_the_numbers_of_the_legend() -> None:
    """Without a heading nearby: "1" and "2" stand left of the first tick, and the legend says "1: Placebo"."""
    rows = (("1", ("129", "97", "60", "26")), ("2", ("236", "161", "100", "33")))
    words = [
        word(text, x, y)
        for y, (name, cells_of) in zip((375, 390), rows, strict=True)
        for text, x in ((name, 84), *zip(cells_of, (100, 200, 300, 400), strict=True))
    ]
    ticks = [w for w in labels() if w.cy < FLOOR + 5] + [word(f"{t}", 100 + 10 * t, 410) for t in (0, 10, 20, 30)]
    table = find_counts([*ticks, *words], AXIS, bottom=FLOOR + 1, taken=ticks)
    assert table is not None
    assert cells(table) == {"1": [129, 97, 60, 26], "2": [236, 161, 100, 33]}
    keys = {"1: Placebo": key(BLACK, 295, 80), "2: Drug": key(RED, 295, 95)}
    entries = [from_left(name, 300, y) for name, y in zip(keys, (80, 95), strict=True)]
    named = read([*words, *entries], [UPPER, LOWER], around(keys))
    assert [(a.name, a.n) for a in named.arms] == [("Placebo", 129), ("Drug", 236)]
