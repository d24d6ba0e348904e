"""Risk tables from words: rows, columns, late entry, doubtful cells."""

from __future__ import annotations

import numpy as np

from survrecon.digitizing.geometry import Axis, Box
from survrecon.digitizing.result import Dash, DigitizedArm, DigitizedRiskTable, Doubt, NameSource
from survrecon.digitizing.words.risk_table import find_rows, read_counts
from survrecon.digitizing.words.scene import Surroundings
from survrecon.digitizing.words.words import Word

AXIS = Axis(
    offset=100.0,
    scale=10.0,
    values=np.array([0.0, 10.0, 20.0, 30.0]),
    positions=np.array([100.0, 200.0, 300.0, 400.0]),
    residuals=np.zeros(4),
    resolution=0.1,
    source="tick marks",
)
BLIND = Surroundings(key=lambda _word, _side: None, ink=lambda _word: None, reread=None)


def _word(text: str, x: float, y: float, confidence: float = 1.0) -> Word:
    width = 7.0 * len(text)
    return Word(text=text, box=Box(x0=x - width / 2, y0=y - 6, x1=x + width / 2, y1=y + 6), confidence=confidence)


def _table(*rows: tuple[str, list[str]], sure: float = 1.0) -> tuple[DigitizedRiskTable | None, bool, list[Doubt]]:
    words = [_word("Number at risk", 50, 430)]
    for k, (label, cells) in enumerate(rows):
        y = 450.0 + 20 * k
        words.append(_word(label, 40, y))
        words += [_word(c, 100.0 + 100 * i, y, sure) for i, c in enumerate(cells) if c]
    found = find_rows(words, AXIS, top=400.0, taken=[])
    arms = [
        DigitizedArm(
            name=label,
            name_source=NameSource.LEGEND,
            colour="#000000",
            dash=Dash.SOLID,
            line_width=1.0,
            time=np.array([0.0, 1.0]),
            survival=np.array([1.0, 0.9]),
        )
        for label, _ in rows
    ]
    doubts: list[Doubt] = []
    owners = {i: i for i in range(len(found))}
    table, late = read_counts(found, owners, list(range(len(arms))), arms, AXIS, BLIND, doubts, [])
    return table, late, doubts


def test_rows_and_columns() -> None:
    table, late, doubts = _table(("Drug", ["120", "80", "33", "4"]), ("Control", ["118", "70", "20", "0"]))
    assert table is not None
    assert table.times.tolist() == [0, 10, 20, 30]
    assert table.rows == {"Drug": (120, 80, 33, 4), "Control": (118, 70, 20, 0)}
    assert not late
    assert doubts == []


def test_censored_counts_in_brackets() -> None:
    table, _, _ = _table(
        ("Drug", ["315 (0)", "155 (7)", "81 (59)", "0 (138)"]), ("Control", ["310 (0)", "90 (2)", "8 (9)", "0 (3)"])
    )
    assert table is not None
    assert table.rows["Drug"] == (315, 155, 81, 0)
    assert table.extra["Drug"]["censored"] == (0, 7, 59, 138)


def test_a_missing_cell_is_doubtful_not_guessed() -> None:
    table, _, doubts = _table(("Drug", ["120", "", "33", "4"]), ("Control", ["118", "70", "20", "0"]))
    assert table is not None
    assert table.rows["Drug"] == (120, None, 33, 4)
    assert [d.where for d in doubts] == ["risk table, Drug, time 10"]


def test_one_rise_is_a_misreading() -> None:
    _, late, doubts = _table(("Drug", ["120", "80", "88", "4"]), ("Control", ["118", "70", "20", "0"]))
    assert not late
    assert any("rises" in d.why and d.read == "88" for d in doubts)


def test_steady_rises_are_late_entry() -> None:
    _, late, _ = _table(("Drug", ["19", "110", "113", "90"]), ("Control", ["13", "14", "16", "2"]))
    assert late


def test_weak_readings_are_listed() -> None:
    _, _, doubts = _table(("Drug", ["120", "80", "33", "4"]), ("Control", ["118", "70", "20", "0"]), sure=0.5)
    assert len(doubts) == 8
    assert all(d.options == ("risk_table",) for d in doubts)
