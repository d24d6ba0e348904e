"""Rows of counts that tell of each other, names that run over columns, kinds said in names, times in other units."""

from __future__ import annotations

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.words.counts import CountTable
from survrecon.digitizing.words.names import clean_name
from survrecon.digitizing.words.reread import bracketed_reading, falling_row
from survrecon.digitizing.words.words import Word
from tests.digitizing.layouts import (
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


def values(table: CountTable) -> list[list[float | None]]:
    return [[None if c is None else c.value for c in r.cells] for r in table.rows]


def test_a_row_that_is_the_sum_of_the_others_is_no_arm() -> None:
    table = found(counts(("Drug", HIGH), ("Control", LOW), ("All", ("238", "140", "53", "4"))))
    assert [r.name for r in table.rows] == ["Drug", "Control"]


def test_the_digit_of_an_arm_that_was_read_with_its_first_count() -> None:
    words = [word("Number at risk", 50, 395)]
    for y, first, cells in ((415, "Arm 1120", HIGH), (435, "Arm 2118", LOW)):
        words += [Word(text=first, box=Box(x0=50, y0=y - 6, x1=112, y1=y + 6)), *row(("", *cells[1:]), y)]
    table = found(words)
    assert [r.name for r in table.rows] == ["Arm 1", "Arm 2"]
    assert values(table) == [[120, 80, 33, 4], [118, 60, 20, 0]]


def test_the_last_digit_of_a_name_is_no_count_of_a_column_that_is_not_there() -> None:
    for names in (("CONUT 0-1", "CONUT 2-4"), ("ECOG 0", "ECOG 1")):
        words = [word("Number at risk", 50, 395)]
        for y, name, cells in ((415, names[0], HIGH), (435, names[1], LOW)):
            words += [Word(text=name, box=Box(x0=40, y0=y - 6, x1=103, y1=y + 6)), *row(("", *cells[1:]), y)]
        table = found(words)
        assert [r.name for r in table.rows] == list(names)
        assert table.times == (10, 20, 30)


def test_heads_of_totals_that_were_read_as_one_say_no_kind() -> None:
    words = [word("Number at risk", 220, 380), Word(text="Total Events", box=Box(x0=10, y0=394, x1=80, y1=406))]
    for y, both, cells in ((415, "120 44", HIGH), (435, "118 55", LOW)):
        words += [Word(text=both, box=Box(x0=14, y0=y - 6, x1=70, y1=y + 6)), *row(("", *cells[1:]), y)]
    assert [(r.kind.value, r.patients, r.events) for r in found(words).rows] == [
        ("at risk", 120, 44),
        ("at risk", 118, 55),
    ]


def test_an_o_over_totals_that_was_read_as_a_0_is_their_head() -> None:
    words = [word("0", 20, 395), word("N", 60, 395), word("Number at risk", 220, 395)]
    for y, o, n, cells in ((415, "44", "120", HIGH), (435, "55", "118", LOW)):
        words += [word(o, 20, y), word(n, 60, y), *row(cells, y)]
    assert [(r.patients, r.events, r.name) for r in found(words).rows] == [(120, 44, ""), (118, 55, "")]


def test_a_column_of_events_behind_the_last_is_none_of_the_counts() -> None:
    words = [*counts(("Drug", HIGH), ("Control", LOW), heading="At risk"), word("Events", 440, 395)]
    table = found([*words, word("51", 440, 420), word("71", 440, 440)])
    assert table.times == (0, 10, 20, 30)


def test_names_over_rows_may_run_over_the_first_column() -> None:
    words = [word("At risk", 50, y) for y in (420, 470)] + [word("Events", 50, y) for y in (435, 485)]
    for y, name in ((405, "Chemotherapy"), (455, "Chemotherapy and placebo")):
        words.append(from_left(name, 60, y))
    for y, cells in ((420, HIGH), (435, ("0", "20", "30", "36")), (470, LOW), (485, ("0", "40", "50", "52"))):
        words += row(cells, y)
    assert [r.name for r in found(words).rows] == ["Chemotherapy"] * 2 + ["Chemotherapy and placebo"] * 2


def test_kinds_are_said_in_the_names_of_rows() -> None:
    events = ("0", "20", "30", "36")
    table = found(counts(("Drug at risk", HIGH), ("Drug events", events), heading=""))
    assert [(r.name, r.kind.value) for r in table.rows] == [("Drug", "at risk"), ("Drug", "events")]


def test_years_over_the_columns_of_an_axis_in_months() -> None:
    words = [*counts(("Drug", HIGH), ("Control", LOW), heading="At risk")]
    header = [word(f"{t:g} y", 100 + 120 * t, 400) for t in (0, 1, 2)]
    table = found([*words, *header])
    assert table.times[:3] == (0, 12, 24)


def test_thousands_behind_a_name_and_apostrophes() -> None:
    words = [word("Number at risk", 50, 395), Word(text="Drug 8 803", box=Box(x0=30, y0=409, x1=118, y1=421))]
    words += [*row(("", "8429", "4'806", "12"), 415), *row(("8801", "8350", "4'796", "9"), 435)]
    assert values(found(words)) == [[8803, 8429, 4806, 12], [8801, 8350, 4796, 9]]


def test_a_table_of_no_patients_is_a_doubt() -> None:
    made = read([*counts(("Drug", HIGH), ("Control", LOW), heading="Number of events at risk times")], [UPPER, LOWER])
    assert made.risk_table is not None
    made = read([word("At risk", 20, 380), *counts(("Drug", HIGH), heading="No. of events")], [UPPER])
    assert [d for d in made.doubts if "none for patients at risk" in d.why]


def test_a_row_that_is_like_two_labels_is_told_by_neither() -> None:
    keys = {"ECOG 0": key((0.1, 0.1, 0.1), 240, 100), "ECOG 1-2": key(RED, 240, 120)}
    legend = [from_left(name, 250, 100 + 20 * k) for k, name in enumerate(keys)]
    made = read([*counts(("", HIGH), ("ECOG", LOW)), *legend], [UPPER, LOWER], around(keys))
    assert {a.name: a.n for a in made.arms} == {"ECOG 0": 120, "ECOG 1-2": 118}


def test_patients_in_words_behind_names() -> None:
    texts = ["Drug, 120 patients", "Drug (120 patients)", "Drug: 120 pts", "Drug (97/120 eve"]
    assert {clean_name(text) for text in texts} == {"Drug"}
    keys = {"Drug, 120 patients": key((0.1, 0.1, 0.1), 240, 100), "Control, 118 patients": key(RED, 240, 120)}
    legend = [from_left(name, 250, 100 + 20 * k) for k, name in enumerate(keys)]
    assert {a.name: a.n for a in read(legend, [UPPER, LOWER], around(keys)).arms} == {"Drug": 120, "Control": 118}


def test_a_reading_that_may_be_cut_off_speaks_for_the_longer_one() -> None:
    texts = [["440(0)"], ["281(115)"], ["95(158)", "95(158", "1)195(158)"], ["63(199)"]]
    seen = [[one for text in column if (one := bracketed_reading(text, 0.9)) is not None] for column in texts]
    assert [column[0].count for column in falling_row(seen)] == [440, 281, 195, 63]


def test_a_label_that_is_cut_short_is_its_row_s_where_the_other_row_has_a_label_of_its_own() -> None:
    """ "Standard" is as like "Drug plus standard care" as "Standard care", and the first of these is told."""
    long, short = "Velomab plus standard treatment", "Standard treatment"
    labels_of = [from_left(long, 320, 140), from_left("Standard", 300, 250)]
    made = read([*counts((short, LOW), (long, HIGH)), *labels_of], [UPPER, LOWER])
    assert {a.name: a.n for a in made.arms} == {long: 120, short: 118}
