"""Words become lines, and lines tables with heads, rows and cells."""

from __future__ import annotations

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.words.layout import text_lines, text_tables
from survrecon.digitizing.words.words import Word


def word(text: str, x: float, y: float, *, height: float = 10.0) -> Word:
    """Return a word that begins at x, with its middle at y."""
    box = Box(x0=x, y0=y - height / 2, x1=x + 0.6 * height * len(text), y1=y + height / 2)
    return Word(text=text, box=box)


def test_words_of_a_line_are_joined_and_columns_are_not() -> None:
    lines = text_lines([word("Number", 0, 0), word("at", 42, 0), word("risk", 60, 0.5), word("120", 150, 0)])
    assert [line.text for line in lines] == ["Number at risk", "120"]


def test_a_table_has_heads_rows_and_cells() -> None:
    words = [
        *(word("Ribociclib", 120, 0), word("Placebo", 220, 0), word("n=334", 125, 12), word("n=334", 222, 12)),
        *(word("Number of events", 0, 30), word("140 (41.9)", 120, 30), word("205 (61.4)", 215, 30)),
        *(word("Median", 0, 45), word("PFS", 40, 45), word("25.3", 135, 45), word("16.0", 225, 45)),
    ]
    [table] = text_tables(text_lines(words))
    assert [table.head(k) for k in range(2)] == ["Ribociclib n=334", "Placebo n=334"]
    assert [row.name for row in table.rows] == ["Number of events", "Median PFS"]
    assert [[c.text if c else None for c in row.cells] for row in table.rows] == [
        ["140 (41.9)", "205 (61.4)"],
        ["25.3", "16.0"],
    ]
