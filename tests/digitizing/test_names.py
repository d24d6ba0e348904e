"""Names of curves from words alone: legends, labels beside curves, rows of the risk table, and all of them at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.panel import assemble
from survrecon.digitizing.result import NameSource
from survrecon.digitizing.words.names import clean_name, same_name
from survrecon.digitizing.words.scene import DrawnCurve, Key
from survrecon.digitizing.words.words import Word
from survrecon.records.readings import SURE
from tests.digitizing.layouts import (
    AXIS,
    BLACK,
    BLUE,
    FLOOR,
    RED,
    around,
    counts,
    curve,
    from_left,
    key,
    labels,
    read,
    word,
)

UPPER, LOWER = curve(1.0, 0.8, 0.7, 0.6), curve(1.0, 0.6, 0.4, 0.2)
ROWS = (("Drug", ("120", "90", "70", "40")), ("Control", ("118", "60", "30", "10")))
GREY = (0.6, 0.6, 0.6)


def names(*args: object, **how: object) -> list[str]:
    return [arm.name for arm in read(*args, **how).arms]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Flecainide group 23 events", "Flecainide group"),
        ("Subgroup (n/N = 122/425)", "Subgroup"),
        ("Placebo, 26 events", "Placebo"),
        ("Pre-ICI (n = 120): 8.9 (6.9-10.9)", "Pre-ICI"),
    ],
)
def test_counts_beside_a_name_are_no_part_of_it(text: str, name: str) -> None:
    assert clean_name(text) == name


def test_names_that_differ_in_what_matters_are_not_alike() -> None:
    for one, other in (
        ("LVEF <40% / Placebo", "LVEF ≥40% / Placebo"),
        ("Drug 500 mg", "Drug 250 mg"),
        ("With AF", "Without AF"),
        ("No baseline", "Baseline"),
        ("Stage II", "Stage III"),
        ("Arm A", "Arm B"),
        ("HER2+", "HER2−"),
    ):
        assert same_name(one, other) < 0.75
    assert same_name("Intensive", "Intensive control") == 0.9
    assert same_name("Post-ICI", "Post-ICl") > 0.8
    assert same_name("Relatlimab–nivolumab", "Relatlimab- nivolumab") == 1.0


def test_legend_keys_by_colour() -> None:
    curves = [curve(1.0, 0.8, 0.7, 0.6, colour=BLUE), curve(1.0, 0.6, 0.4, 0.2, colour=RED)]
    words = [from_left("Drug", 300, 80), from_left("Control", 300, 95), from_left("Log-rank p = 0.03", 290, 110)]
    found = read(words, curves, around({"Drug": key(RED, 295, 80), "Control": key(BLUE, 295, 95)}))
    assert [(a.name, a.name_source, a.colour) for a in found.arms] == [
        ("Drug", NameSource.LEGEND, "#cc1a1a"),
        ("Control", NameSource.LEGEND, "#1a33cc"),
    ]


def test_legend_keys_by_dash_and_at_the_right() -> None:
    curves = [UPPER, curve(1.0, 0.6, 0.4, 0.2, dash="dashed")]
    words = [from_left("Drug", 250, 80), from_left("Control", 250, 95)]
    keys = {"Drug": key(BLACK, 330, 80), "Control": key(BLACK, 330, 95, duty=0.5)}
    assert names(words, curves, around(keys, side=1)) == ["Drug", "Control"]


def test_labels_beside_their_curves() -> None:
    words = [from_left("Upper arm", 300, 140), from_left("Lower arm", 240, 285), from_left("Study title", 180, 10)]
    found = read(words, [LOWER, UPPER])
    assert [(a.name, a.survival[-1], a.name_source) for a in found.arms] == [
        ("Upper arm", 0.6, NameSource.LABEL),
        ("Lower arm", 0.2, NameSource.LABEL),
    ]


def test_labels_at_the_curves_ends() -> None:
    words = [from_left("No", 410, 165), from_left("Yes", 410, 292)]
    assert names(words, [LOWER, UPPER]) == ["No", "Yes"]


def test_labels_over_two_lines() -> None:
    words = [
        *(from_left("Standard", 300, 128), from_left("control", 305, 142)),
        *(from_left("Intensive", 300, 306), from_left("control", 305, 320)),
        *(from_left("Drug A–", 410, 160), from_left("Drug B", 415, 173)),
    ]
    third = curve(1.0, 0.8, 0.7, 0.62)
    assert sorted(names(words[:4], [LOWER, UPPER])) == ["Intensive control", "Standard control"]
    assert "Drug A– Drug B" in names(words[2:], [LOWER, third])


def test_a_leader_line_tells_the_curve_though_another_is_nearer() -> None:
    near = curve(1.0, 0.8, 0.72, 0.7)
    words = [from_left("Delayed", 250, 100), from_left("Early", 320, 200)]

    def leader(box: Box) -> tuple[float, float] | None:
        return (300.0, 140.0) if box.y0 < 150 else (300.0, 134.0)

    assert names(words, [UPPER, near], around(leader=leader)) == ["Early", "Delayed"]


def test_a_label_at_the_end_of_its_curve_is_led_to_no_other() -> None:
    """The foot of the upper curve's last fall looks like a line from the lower label to that curve."""
    near = curve(1.0, 0.8, 0.58, 0.55)
    words = [from_left("Early", 410, 164), from_left("Delayed", 410, 186)]

    def leader(box: Box) -> tuple[float, float] | None:
        return (399.0, 169.0) if box.y0 > 170 else None

    assert names(words, [UPPER, near], around(leader=leader)) == ["Early", "Delayed"]


def test_colour_of_the_letters() -> None:
    curves = [curve(1.0, 0.8, 0.7, 0.6, colour=BLUE), curve(1.0, 0.6, 0.4, 0.2, colour=GREY)]
    words = [
        from_left("Pre (n = 120): 8.9", 130, 320, colour=GREY),
        from_left("Post (n = 92): 12.7", 130, 335, colour=BLUE),
    ]
    found = read(words, curves)
    assert {a.name: (a.survival[-1], a.n) for a in found.arms} == {"Post": (0.6, 92), "Pre": (0.2, 120)}


def test_pale_small_letters_have_the_hue_of_their_curve() -> None:
    green, purple = (0.25, 0.47, 0.0), (0.24, 0.0, 0.64)
    curves = [curve(1.0, 0.8, 0.7, 0.6, colour=purple), curve(1.0, 0.6, 0.4, 0.2, colour=green)]
    words = [
        from_left("Late", 130, 320, colour=(0.47, 0.54, 0.42)),
        from_left("Soon", 130, 335, colour=(0.4, 0.33, 0.62)),
    ]
    assert names(words, curves) == ["Soon", "Late"]


def test_columns_of_a_legend() -> None:
    curves = [curve(1.0, 0.8, 0.7, 0.6, colour=BLUE), curve(1.0, 0.6, 0.4, 0.2, colour=RED)]
    words = [
        *(from_left("Event", 200, 280), from_left("Total", 250, 280)),
        *(from_left("Within 1 month", 100, 295, colour=BLUE), from_left("170", 207, 295), from_left("993", 257, 295)),
        *(from_left("3 months or longer 48", 81, 310, colour=RED), from_left("221", 257, 310)),
    ]
    found = read(words, curves)
    assert [(a.name, a.n) for a in found.arms] == [("Within 1 month", 993), ("3 months or longer", 221)]
    assert {(s.arm, s.value) for s in found.printed if s.quantity == "events"} == {
        ("Within 1 month", 170.0),
        ("3 months or longer", 48.0),
    }


def test_events_beside_a_name() -> None:
    words = [from_left("Drug 23 events", 300, 80), from_left("Control", 300, 95), from_left("26 events", 370, 95)]
    keys = {"Drug 23 events": key(BLUE, 295, 80), "Control": key(RED, 295, 95)}
    curves = [curve(1.0, 0.8, 0.7, 0.6, colour=BLUE), curve(1.0, 0.6, 0.4, 0.2, colour=RED)]
    found = read(words, curves, around(keys))
    assert [a.name for a in found.arms] == ["Drug", "Control"]
    assert {(s.arm, s.value) for s in found.printed if s.quantity == "events"} == {("Drug", 23.0), ("Control", 26.0)}


def test_a_ratio_and_statistics_that_stand_like_legend_entries_are_no_names() -> None:
    texts = (
        "Drug",
        "Control",
        "HR 0.89; 95% CI 0.71; 1.11",
        "Median, 12.3 mo",
        "34% (26-44)",
        "Drug vs Control",
        "12 months",
    )
    words = [from_left(text, 300, 80 + 14 * k) for k, text in enumerate(texts)]
    keys = {text: key(BLUE if k % 2 else RED, 295, 80 + 14 * k) for k, text in enumerate(texts)}
    curves = [curve(1.0, 0.8, 0.7, 0.6, colour=BLUE), curve(1.0, 0.6, 0.4, 0.2, colour=RED)]
    assert sorted(names(words, curves, around(keys))) == ["Control", "Drug"]


def test_rows_and_labels_of_one_name_go_together() -> None:
    """The row's name is part of the label; its colour is that of no curve."""
    words = [*counts(*ROWS), from_left("Drug arm", 300, 140), from_left("Control arm", 240, 288)]
    found = read(words, [LOWER, UPPER])
    assert [(a.name, a.n, float(a.survival[-1])) for a in found.arms] == [
        ("Drug arm", 120, 0.6),
        ("Control arm", 118, 0.2),
    ]
    assert not found.doubts


def test_a_label_whose_second_line_was_not_read_has_the_name_of_its_row() -> None:
    rows = (("Drug plus treatment", ROWS[0][1]), ("Standard treatment", ROWS[1][1]))
    words = [*counts(*rows), from_left("Drug plus treatment", 300, 140), from_left("Standard", 240, 288)]
    assert names(words, [LOWER, UPPER]) == ["Drug plus treatment", "Standard treatment"]


def test_more_patients_than_the_curve_leaves_tell_rows_without_any_name() -> None:
    """The upper row ends with 40 of 120, which the lower curve (S = 0.2) cannot leave."""
    words = counts(("Group 1", ("118", "60", "30", "10")), ("Group 2", ("120", "90", "70", "40")))
    labelled = [*words, from_left("Upper arm", 300, 140), from_left("Lower arm", 240, 288)]
    found = read(labelled, [UPPER, LOWER])
    assert {a.name: a.n for a in found.arms} == {"Upper arm": 120, "Lower arm": 118}
    assert not [d for d in found.doubts if "ties this row" in d.why and float(d.confidence) > 0.3]


def test_rows_that_nothing_ties_are_doubts() -> None:
    even = (("A", ("101", "50", "20", "5")), ("B", ("101", "50", "20", "5")))
    found = read(counts(*even), [curve(1.0, 0.8, 0.7, 0.6), curve(1.0, 0.75, 0.68, 0.55)])
    assert [(d.field, d.arm, d.options) for d in found.doubts] == [
        ("arm name", name, ("arm_names", "risk_table")) for name in ("A", "B")
    ]


def test_colour_of_the_rows() -> None:
    curves = [curve(1.0, 0.8, 0.7, 0.6, colour=BLUE), curve(1.0, 0.75, 0.68, 0.55, colour=RED)]
    words = [
        w
        for name, row, colour in (("Drug", ROWS[1][1], RED), ("Control", ROWS[1][1], BLUE))
        for w in _coloured(name, row, colour)
    ]
    found = read(words, curves)
    assert {a.name: a.colour for a in found.arms} == {"Drug": "#cc1a1a", "Control": "#1a33cc"}
    assert not found.doubts


def _coloured(name: str, row: tuple[str, ...], colour: tuple[float, float, float]) -> list[Word]:
    y = 420.0 if name == "Drug" else 440.0
    return [replace(w, colour=colour) for w in counts((name, row), heading="", top=y)]


def test_numbers_of_patients_in_a_caption_tie_rows_to_labels() -> None:
    rows = counts(("group A", ("62", "30", "20", "9")), ("group B", ("654", "300", "200", "90")))
    words = [*rows, from_left("Asymptomatic", 300, 140), from_left("Arrest", 260, 235)]
    words.append(from_left("The cardiac arrest group (n=62) was worse than the asymptomatic group (n=654).", 10, 500))
    found = read(words, [UPPER, curve(1.0, 0.6, 0.45, 0.4)])
    assert {a.name: a.n for a in found.arms} == {"Asymptomatic": 654, "Arrest": 62}
    assert not found.doubts


def test_a_caption_that_is_cut_leaves_one_row_for_the_last_name() -> None:
    rows = [("group A", ("62", "30", "20", "9")), ("group B", ("654", "300", "200", "90"))]
    words = [*counts(*rows), from_left("Asymptomatic", 300, 140), from_left("Arrest", 260, 235)]
    words.append(from_left("2) had shorter times than patients of the asymptomatic group (n=654).", 10, 500))
    found = read(words, [UPPER, curve(1.0, 0.6, 0.45, 0.4)])
    assert {a.name: a.n for a in found.arms} == {"Asymptomatic": 654, "Arrest": 62}
    assert not found.doubts


def test_a_sample_of_line_that_was_read_as_a_dash() -> None:
    """The name begins behind it, so that it is seen as a sample of line again."""
    curves = [curve(1.0, 0.8, 0.7, 0.6, colour=BLUE), curve(1.0, 0.6, 0.4, 0.2, colour=RED)]
    words = [from_left("—Hybrid", 300, 80), from_left("— Traditional", 300, 95)]
    seen = around({"Hybrid": key(RED, 311, 80), "Traditional": key(BLUE, 311, 95)})
    assert {a.name: a.colour for a in read(words, curves, seen).arms} == {"Hybrid": "#cc1a1a", "Traditional": "#1a33cc"}


def test_the_p_of_a_p_value_and_a_misread_figure_number_are_no_names() -> None:
    """A P stands apart from its index and number; an arm may be called P."""
    words = [from_left("P", 300, 140), from_left("interaction", 309, 146), from_left("= 0.31", 390, 140)]
    caption = from_left("Figuro 3. Kenlen", 300, 132)
    assert names([*words, caption], [UPPER, LOWER]) == ["arm 1", "arm 2"]
    assert "P" in names([from_left("P", 300, 140), from_left("T", 260, 285)], [UPPER, LOWER])


def _in_steps(count: int, last: float) -> DrawnCurve:
    """A curve that falls to ``last`` in equal steps."""
    made = curve(1.0, last)
    return replace(made, time=np.linspace(0.0, 30.0, count + 1), survival=np.linspace(1.0, last, count + 1))


def test_steps_smaller_than_one_patient_tell_whose_row_it_is_not() -> None:
    """The rows are in no order, and fit either curve; 40 patients cannot fall by less than 1/40 at a time."""
    rows = counts(("A", ("40", "20", "10", "5")), ("B", ("400", "200", "100", "50")))
    coarse, fine = _in_steps(8, 0.7), _in_steps(30, 0.6)
    for curves in ([coarse, fine], [fine, coarse]):
        found = read(rows, curves)
        assert {a.name: len(a.time) for a in found.arms} == {"A": 9, "B": 31}
        assert not found.doubts


def test_two_rows_of_one_colour_whose_lines_nothing_tells_apart() -> None:
    """Solid and dashed lines of each of two colours, and no legend: rows tell their colour and no more."""
    even = ("101", "50", "20", "5")
    made = [("A", BLUE, 400), ("B", BLUE, 420), ("C", RED, 440)]
    words = [replace(w, colour=colour) for name, colour, y in made for w in counts((name, even), heading="", top=y)]
    curves = [
        curve(1.0, 0.8, 0.7, 0.6, colour=BLUE),
        curve(1.0, 0.75, 0.68, 0.55, colour=BLUE, dash="dashed"),
        curve(1.0, 0.75, 0.65, 0.5, colour=RED),
    ]
    found = [d for d in read(words, curves).doubts if "two lines have the colour" in d.why]
    assert sorted(str(d.arm) for d in found) == ["A", "B"]


def test_single_digits_behind_samples_of_line_are_looked_at_again() -> None:
    """Three rows without names; behind each a sample of its curve's colour, and a digit under a heading."""
    rows = [("", ("120", "90", "70", "40")), ("", ("118", "60", "30", "10"))]
    words = [*counts(*rows), word("Performance status", 480, 406)]
    looks = {420.0: BLUE, 440.0: RED}

    def seen(w: Word, side: int) -> Key | None:
        colour = looks.get(w.cy)
        return key(colour, 450, w.cy) if colour is not None and (side > 0) == (w.box.x1 < 440) else None

    def again(box: Box) -> tuple[str, float]:
        return {420.0: ("0 ", 0.95), 440.0: ("- 1", 0.95)}[(box.y0 + box.y1) / 2]

    curves = [curve(1.0, 0.8, 0.7, 0.6, colour=BLUE), curve(1.0, 0.6, 0.4, 0.2, colour=RED)]
    found = read(words, curves, replace(around(), key=seen, reread=again))
    assert {a.name: a.n for a in found.arms} == {"Performance status 0": 120, "Performance status 1": 118}
    unsure = replace(around(), key=seen, reread=lambda _: ("8", 0.4))
    assert [a.name for a in read(words, curves, unsure).arms] == ["arm 1", "arm 2"]


def test_no_name_at_all() -> None:
    found = read([], [UPPER, LOWER])
    assert [a.name for a in found.arms] == ["arm 1", "arm 2"]
    assert [(d.field, d.arm, d.options) for d in found.doubts] == [
        ("arm name", name, ("arm_names",)) for name in ("arm 1", "arm 2")
    ]


def test_numbers_are_no_names() -> None:
    words = [from_left("993", 410, 165), from_left("50 60 70", 410, 292), from_left("0.3084", 300, 140)]
    assert names(words, [UPPER, LOWER]) == ["arm 1", "arm 2"]


def test_a_row_without_a_curve_and_a_line_without_a_name() -> None:
    found = read(counts(*ROWS), [UPPER])
    assert [(d.arm, d.field) for d in found.doubts if "no curve" in d.why] == [("Control", "curve")]
    blue, red = curve(1.0, 0.8, 0.7, 0.6, colour=BLUE), curve(1.0, 0.6, 0.4, 0.2, colour=RED)
    words = [from_left("Drug", 300, 80), from_left("Control", 300, 95)]
    keys = {"Drug": key(BLUE, 295, 80), "Control": key(RED, 295, 95)}
    found = read(words, [blue, red, curve(0.3, 0.3, 0.3, colour=GREY, end=12.0)], around(keys))
    assert [a.name for a in found.arms] == ["Drug", "Control"]
    assert [(d.field, d.read) for d in found.doubts if "no name were left out" in d.why] == [("curve", "#999999")]


def test_entries_of_a_legend_beyond_the_rows_are_curves_too() -> None:
    """Two causes in two groups: patients are counted by group, and each curve has its own key."""
    looks = {
        "Drug, relapse": (BLUE, "solid", 1.0, 80),
        "Drug, death without relapse": (BLUE, "dashed", 0.5, 95),
        "Control, relapse": (RED, "solid", 1.0, 110),
        "Control, death without relapse": (RED, "dashed", 0.5, 125),
    }
    lows = (0.3, 0.6, 0.2, 0.5)
    curves = [
        curve(1.0, (1 + low) / 2, low, colour=colour, dash=dash)
        for low, (colour, dash, _, _) in zip(lows, looks.values(), strict=True)
    ]
    words = [from_left(name, 300, y) for name, (_, _, _, y) in looks.items()]
    keys = {name: key(colour, 295, y, duty=duty) for name, (colour, _, duty, y) in looks.items()}
    assert set(names([*words, *counts(*ROWS)], curves, around(keys))) == set(looks)


def test_labels_as_close_to_one_curve_as_to_another_are_doubts() -> None:
    near = curve(1.0, 0.79, 0.69, 0.59)
    words = [from_left("One", 250, 90), from_left("Other", 320, 90)]
    doubts = [d for d in read(words, [UPPER, near]).doubts if d.field == "arm name"]
    assert sorted(d.read for d in doubts) == ["One", "Other"]


def test_a_legend_in_one_line() -> None:
    """Keys part its words; where it was read as one word, the names of the rows do."""
    curves = [curve(1.0, 0.8, 0.7, 0.6, colour=BLUE), curve(1.0, 0.6, 0.4, 0.2, colour=RED)]
    words = [from_left("Therapy", 110, 30), from_left("None", 172, 30), from_left("Tamoxifen", 213, 30)]
    keys = {"None": key(BLUE, 171, 30), "Tamoxifen": key(RED, 212, 30)}
    rows = counts(("None", ROWS[0][1]), ("Tamoxifen", ROWS[1][1]))
    assert names([*words, *rows], curves, around(keys)) == ["None", "Tamoxifen"]
    one = from_left("Therapy + No tamoxifen + Tamoxifen", 110, 30)
    rows = counts(("No tamoxifen", ROWS[0][1]), ("Tamoxifen", ROWS[1][1]))
    assert names([one, *rows], curves, around({})) == ["No tamoxifen", "Tamoxifen"]


@pytest.mark.parametrize("name", ["Treatment", "Group", "Treatment arm", "Arm"])
def test_an_arm_called_as_a_legend_is_titled(name: str) -> None:
    """With a sample of line beside it, or a row of counts that is called so, it is a name; else a title."""
    curves = [curve(1.0, 0.8, 0.7, 0.6, colour=BLUE), curve(1.0, 0.6, 0.4, 0.2, colour=RED)]
    words = [from_left(name, 300, 80), from_left("Control", 300, 95)]
    keys = {name: key(BLUE, 295, 80), "Control": key(RED, 295, 95)}
    assert names(words, curves, around(keys)) == [name, "Control"]
    assert names(counts((name, ROWS[0][1]), ROWS[1]), [UPPER, LOWER]) == [name, "Control"]
    titled = [from_left(name, 300, 65), from_left("Drug", 300, 80), from_left("Control", 300, 95)]
    assert names(titled, curves, around({"Drug": key(BLUE, 295, 80), "Control": key(RED, 295, 95)})) == [
        "Drug",
        "Control",
    ]


def test_a_line_left_out_for_want_of_a_name_is_a_doubt() -> None:
    """Rows of counts for the others tell that these are all; without any, the doubt is a whole one."""
    lines = [
        curve(1.0, 0.8, 0.7, 0.6, colour=BLUE),
        curve(1.0, 0.6, 0.4, 0.2, colour=RED),
        curve(1.0, 0.5, 0.3, 0.1, colour=GREY),
    ]
    words = [from_left("Drug", 300, 80), from_left("Control", 300, 95)]
    keys = {"Drug": key(BLUE, 295, 80), "Control": key(RED, 295, 95)}
    for table, confidence in (([], 0.0), (counts(*ROWS), SURE)):
        found = read([*words, *table], lines, around(keys))
        assert [(d.field, d.options, d.confidence) for d in found.doubts if "left out" in d.why] == [
            ("curve", ("arms",), confidence)
        ]


def test_a_caption_states_whose_numbers_rows_of_other_names_are() -> None:
    """Rows called by letters; the lower curve could be either's by its numbers."""
    table = counts(("group 1", ("468", "350", "200", "60")), ("group 2", ("561", "400", "250", "70")))
    words = [from_left("Drug induced", 410, 165), from_left("Spontaneous", 410, 285), *table]
    ticks = labels()
    for caption in ("those with a spontaneous sign (n=468) against others (n=561)", "a spontaneous sign (n5468)"):
        made = assemble(
            [UPPER, LOWER], [*ticks, *words], AXIS, floor=FLOOR, labels=ticks, around=around(), caption=caption
        )
        assert {arm.name: arm.n for arm in made.arms} == {"Drug induced": 561, "Spontaneous": 468}
        assert not [d for d in made.doubts if d.field == "arm name"]


def test_counts_at_their_columns_decide_before_the_order_of_the_curves_and_are_a_doubt() -> None:
    """At the second column the lower row exceeds what the lower curve leaves, by less than columns may slip."""
    upper, lower = curve(1.0, 0.95, 0.7, 0.6), curve(1.0, 0.90, 0.6, 0.5)
    found = read(
        counts(("Control", ("440", "379", "200", "60")), ("Drug", ("246", "226", "120", "30"))), [upper, lower]
    )
    assert {arm.name: arm.survival[-1] for arm in found.arms} == {"Control": 0.5, "Drug": 0.6}
    assert {d.arm for d in found.doubts if d.field == "arm name"} == {"Control", "Drug"}


def test_words_without_height_divide_nothing_by_zero() -> None:
    words = [from_left("Drug", 410, 165), from_left("Control", 300, 300), *counts(*ROWS)]
    flat = [replace(w, box=replace(w.box, y1=w.box.y0)) for w in words]
    assert len(read(flat, [UPPER, LOWER]).arms) == 2


def test_a_curve_alone_needs_no_name_and_bears_what_its_legend_says() -> None:
    alone = read([from_left("Follow-up", 200, 380)], [UPPER])
    assert (alone.arms[0].name, alone.doubts) == ("arm 1", ())
    keys = {"KM_estimate": key(BLACK, 295, 80), "Overall survival": key(BLACK, 295, 80)}
    for name in keys:
        found = read([from_left(name, 300, 80), from_left("timeline", 230, 380)], [UPPER], around(keys))
        assert (found.arms[0].name, found.arms[0].name_source) == (name, NameSource.LEGEND)


def test_stages_and_ranges_are_names() -> None:
    keys = {"T1": key(BLUE, 295, 80), "1-2": key(RED, 295, 95)}
    words = [from_left("T1", 300, 80), from_left("1-2", 300, 95)]
    blue, red = curve(1.0, 0.8, 0.7, 0.6, colour=BLUE), curve(1.0, 0.6, 0.4, 0.2, colour=RED)
    assert names(words, [blue, red], around(keys)) == ["T1", "1-2"]


def test_an_entry_for_what_a_mark_is_goes_on_with_no_name() -> None:
    keys = {"Drug": key(BLUE, 295, 80), "Control": key(RED, 295, 95)}
    words = [from_left("Drug", 300, 80), from_left("Control", 300, 95), from_left("+Drug-censored", 300, 110)]
    blue, red = curve(1.0, 0.8, 0.7, 0.6, colour=BLUE), curve(1.0, 0.6, 0.4, 0.2, colour=RED)
    assert names(words, [blue, red], around(keys)) == ["Drug", "Control"]


def test_an_arm_is_called_zero_beside_one_called_one_or_more_than_a_number() -> None:
    blue, red = curve(1.0, 0.8, 0.7, 0.6, colour=BLUE), curve(1.0, 0.6, 0.4, 0.2, colour=RED)
    for other in ("1-2", ">=3"):
        keys = {"0": key(BLUE, 295, 80), other: key(RED, 295, 95)}
        assert names([from_left("0", 300, 80), from_left(other, 300, 95)], [blue, red], around(keys)) == ["0", other]
    for other, named in (("1", ["0", "1"]), ("7", ["arm 1", "arm 2"])):
        keys = {"0": key(BLUE, 295, 80), other: key(RED, 295, 95)}
        assert names([from_left("0", 300, 80), from_left(other, 300, 95)], [blue, red], around(keys)) == named


def test_a_name_whose_key_is_of_another_s_curve_is_in_doubt() -> None:
    """Two names have the red key: one of them is given the blue curve, to which nothing ties it."""
    words = [from_left("Drug", 300, 80), from_left("Control", 300, 100)]
    curves = [replace(UPPER, colour=RED), replace(LOWER, colour=BLUE)]
    both = around({"Drug": key(RED, 295, 80), "Control": key(RED, 295, 100)})
    own = around({"Drug": key(RED, 295, 80), "Control": key(BLUE, 295, 100)})
    told, clear = (read([*words, *counts(*ROWS)], curves, surroundings) for surroundings in (both, own))
    assert any("given to the curve that was left" in doubt.why for doubt in told.doubts)
    assert not any("given to the curve that was left" in doubt.why for doubt in clear.doubts)


def test_a_name_with_a_key_and_no_curve_is_in_doubt() -> None:
    """Three names in a legend, two curves: one arm is drawn over another. Marks in a legend are no arm."""
    third = {"Both": key(GREY, 295, 120), "Censored": key(BLACK, 295, 140)}
    keys = {"Drug": key(RED, 295, 80), "Control": key(BLUE, 295, 100), **third}
    words = [from_left(text, 300, 80 + 20 * k) for k, text in enumerate(keys)]
    curves = [replace(UPPER, colour=RED), replace(LOWER, colour=BLUE)]
    told = [doubt.read for doubt in read(words, curves, around(keys)).doubts if "no curve bears it" in doubt.why]
    assert told == ["Both"]


def test_a_label_whose_own_curve_looks_like_a_sample_beside_it_is_no_legend() -> None:
    """Ink of the upper curve stands left of its label; the label of the lower one counts as well."""
    words = [word("Drug", 300, 350 - 300 * 0.7 - 24), word("Control", 250, 350 - 300 * 0.5 + 16)]
    sample = key(BLUE, 280, 350 - 300 * 0.7 - 24)
    lines = [replace(UPPER, colour=BLUE), replace(LOWER, colour=RED)]
    found = read(words, lines, around({"Drug": sample}))
    assert [(arm.name, arm.survival[-1]) for arm in found.arms] == [("Drug", 0.6), ("Control", 0.2)]


def test_a_figure_that_prints_no_name_says_so_and_one_whose_names_were_not_found_is_in_doubt() -> None:
    """Beside the axes' labels stands a title of one word; or words enough for names, far from every curve."""
    for words, why, sure in (
        ([from_left("Months", 200, 390)], "the figure prints no name for it", True),
        ([from_left("P", 200, 10), from_left("Study", 300, 10)], "no name was found for it", False),
    ):
        doubts = [d for d in read(words, [LOWER, UPPER]).doubts if d.field == "arm name"]
        assert [d.why for d in doubts] == [why, why]
        assert all((d.confidence > 0) == sure for d in doubts)


def test_marks_at_the_end_of_a_curve_are_no_sample_beside_its_label() -> None:
    """The label stands over two lines; the last symbols reach as high as its first one."""
    words = [from_left("Adjuvant", 410, 158), from_left("(n=71)", 410, 172), from_left("Observation", 410, 290)]
    symbols = {"Adjuvant": replace(key((0.0, 0.0, 0.0), 399, 158), duty=0.1)}
    assert names(words, [UPPER, LOWER], around(symbols)) == ["Adjuvant", "Observation"]
