"""Tables as journals set them: long names, short forms, blanks in thousands, totals, cells that were not seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from survrecon.arrays import ImageArray
from survrecon.digitizing.geometry import Box
from survrecon.digitizing.panels.prose import paragraphs_of
from survrecon.digitizing.raster import ocr
from survrecon.digitizing.words.words import Word
from tests.digitizing.layouts import (
    BLACK,
    RED,
    around,
    counts,
    curve,
    found,
    from_left,
    key,
    read,
    row,
    word,
)

UPPER, LOWER = curve(1.0, 0.8, 0.7, 0.6), curve(1.0, 0.6, 0.4, 0.3, colour=RED)
HIGH, LOW = ("120", "80", "33", "4"), ("118", "60", "20", "0")


def table_of(*lines: tuple[float, str], rows: tuple[float, float]) -> list[str]:
    names = [from_left(text, -40, y) for y, text in lines]
    words = [word("Number at risk", 50, 395), *names, *row(HIGH, rows[0]), *row(LOW, rows[1])]
    return [r.name for r in found(words).rows]


LONG = ["Drug one with", "drug two for", "the old", "Standard"]


def test_names_of_three_lines_that_begin_at_their_rows() -> None:
    lines = [(415 + 16 * k, text) for k, text in enumerate(["Standard", *LONG[:3]])]
    assert table_of(*lines, rows=(415, 431)) == ["Standard", " ".join(LONG[:3])]


def test_names_of_three_lines_that_end_at_their_rows() -> None:
    lines = [(415 + 16 * k, text) for k, text in enumerate(LONG)]
    assert table_of(*lines, rows=(447, 463)) == [" ".join(LONG[:3]), "Standard"]


def test_a_capital_over_a_row_in_small_letters_begins_its_name() -> None:
    lines = [(415, "Surgery alone"), (431, "Perioperative"), (447, "chemotherapy"), (463, "and surgery")]
    assert table_of(*lines, rows=(415, 447)) == ["Surgery alone", "Perioperative chemotherapy and surgery"]


def test_rows_by_short_forms_of_labels() -> None:
    keys = {"Placebo plus docetaxel": key(BLACK, 240, 100), "Apalutamide plus docetaxel": key(RED, 240, 120)}
    legend = [from_left(name, 250, 100 + 20 * k) for k, name in enumerate(keys)]
    made = read([*counts(("APA + DOC", LOW), ("PBO + DOC", HIGH)), *legend], [UPPER, LOWER], around(keys))
    assert {a.name: a.n for a in made.arms} == {"Placebo plus docetaxel": 120, "Apalutamide plus docetaxel": 118}
    assert not [d for d in made.doubts if d.field == "arm name"]


def test_blanks_part_thousands() -> None:
    words = [
        word("Number at risk", 50, 395),
        *row(("2 856", "1 044", "684", "0"), 415),
        *row(("12 004", "9 871", "96", "4"), 431),
    ]
    assert [[c and c.value for c in r.cells] for r in found(words).rows] == [[2856, 1044, 684, 0], [12004, 9871, 96, 4]]


def test_totals_left_of_the_columns_are_no_cells() -> None:
    words = [word("O", 40, 395), word("N", 66, 395), word("Number of patients at risk", 220, 395)]
    for y, o, n, cells in ((415, "44", "120", ("", *HIGH[1:])), (431, "55", "118", ("", *LOW[1:]))):
        words += [word(o, 40, y), word(n, 66, y), *row(cells, y)]
    table = found(words)
    assert table.times == (10, 20, 30)
    assert [(r.patients, r.events, r.cells[0] and r.cells[0].value) for r in table.rows] == [
        (120, 44, 80),
        (118, 55, 60),
    ]


def test_a_last_column_that_was_not_seen_is_looked_for() -> None:
    words = counts(("Drug", HIGH[:3]), ("Control", LOW[:3]))
    seen = replace(around(), reread=lambda box: ("0", 0.95) if box.x0 < 400 < box.x1 else ("", 1.0))
    made = read(words, [UPPER, LOWER], seen)
    assert made.risk_table is not None
    assert made.risk_table.rows == {"Drug": (120, 80, 33, 0), "Control": (118, 60, 20, 0)}
    for text in ("", "99", "n"):  # blank, more than before, no number

        def again(box: Box, text: str = text) -> tuple[str, float]:
            return (text, 0.95) if box.x0 < 400 < box.x1 else ("", 1.0)

        other = replace(around(), reread=again)
        made = read(words, [UPPER, LOWER], other)
        assert made.risk_table is not None
        assert len(made.risk_table.times) == 3


def test_bracketed_cells_of_a_row_read_as_one_word_are_read_in_several_widths() -> None:
    """A place that is too narrow cuts off a first digit; the row that falls tells."""
    narrow = {100: "120(0)", 200: "0(30", 300: "3(60", 400: "4(80)"}
    wide = {100: "120(0)", 200: "80(30)", 300: "33(60)", 400: "4(80)"}

    def reread(box: Box) -> tuple[str, float]:
        middle = round((box.x0 + box.x1) / 200) * 100
        return (narrow if box.width < 90 else wide).get(middle, ""), 0.95

    run = Word(text="Drug120 (0)80 (3033 (60) 4 (80)", box=Box(x0=40, y0=409, x1=415, y1=421))
    words = [
        word("Number at risk (events)", 150, 395),
        run,
        *row(("118 (0)", "60 (40)", "20 (60)", "0 (70)"), 431),
        from_left("Control", 20, 431),
    ]
    made = read(words, [UPPER, LOWER], replace(around(), reread=reread))
    assert made.risk_table is not None
    assert made.risk_table.rows["Drug"] == (120, 80, 33, 4)


@pytest.mark.parametrize("cells", [("83 (100%)", "69 (83%)", "48 (58%)"), ("83", "69", "48")])
def test_a_row_close_above_a_caption_is_no_prose(cells: tuple[str, ...]) -> None:
    caption = from_left("Figure 3. Kaplan-Meier estimates of survival in 171 patients of the trial", 16, 460)
    name = from_left("Placebo plus Docetaxel arm of the trial", 16, 440)
    words = [caption, name, *(word(text, 420 + 100 * k, 440) for k, text in enumerate(cells))]
    words.append(from_left("0 (44)", 16 + 7 * len(caption.text) - 30, 440))  # flush with the caption's right edge
    (paragraph,) = paragraphs_of(words, [Box(x0=100, y0=50, x1=400, y1=350)])
    assert [w.text for w in paragraph.words] == [caption.text]


def _inked(blocks: list[tuple[int, int]]) -> ImageArray:
    """Return a strip of 20 by 400 pixels with black blocks for digits."""
    image = np.full((20, 400, 3), 255, np.uint8)
    for start, stop in blocks:
        image[4:16, start:stop] = 0
    return image


def test_recognised_numbers_are_parted_but_not_at_the_blank_of_thousands() -> None:
    digits = [(10, 18), (24, 32), (34, 42), (44, 52), (90, 98), (100, 108), (110, 118)]  # 2 856, 684
    cells = Word(text="2 856 684", box=Box(x0=8, y0=2, x1=120, y1=18))
    assert [w.text for w in ocr.apart(_inked(digits), cells)] == ["2,856", "684"]
    labels_of_ticks = replace(cells, text="2 456 684")
    assert [w.text for w in ocr.apart(_inked(digits), labels_of_ticks)] == ["2", "456", "684"]
