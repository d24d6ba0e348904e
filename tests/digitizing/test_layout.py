"""Words become lines, and what is level a row."""

from __future__ import annotations

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.words.layout import clusters, text_lines
from survrecon.digitizing.words.words import Word


def word(text: str, x: float, y: float, *, height: float = 10.0) -> Word:
    """Return a word that begins at x, with its middle at y."""
    box = Box(x0=x, y0=y - height / 2, x1=x + 0.6 * height * len(text), y1=y + height / 2)
    return Word(text=text, box=box)


def test_words_of_a_line_are_joined_and_columns_are_not() -> None:
    lines = text_lines([word("Number", 0, 0), word("at", 42, 0), word("risk", 60, 0.5), word("120", 150, 0)])
    assert [line.text for line in lines] == ["Number at risk", "120"]


def test_lines_at_two_heights_and_words_that_overlap() -> None:
    lines = text_lines([word("below", 0, 14), word("above", 0, 0), word("overlaps", 27, 0)])
    assert [line.text for line in lines] == ["above overlaps", "below"]
    assert lines[0].box == Box(x0=0.0, y0=-5.0, x1=75.0, y1=5.0)
    assert clusters([line.cy for line in lines], apart=5.0) == [[0], [1]]
