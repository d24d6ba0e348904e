"""Printed statistics: in lines, in tables of arms, under headings; of which arm, of which over which."""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.words.comparisons import arms_compared, control_of, strata_of
from survrecon.digitizing.words.placed import placed_statistics, read_statistics, statistic_doubts, with_arms
from survrecon.digitizing.words.printed import statistics_in
from survrecon.digitizing.words.words import Word

_SIZE, _LETTER = 10.0, 6.0


def words_of(*placed: tuple[float, float, str]) -> list[Word]:
    """Return words that begin at x, their middles at y, of letters of one width."""
    return [
        Word(text=text, box=Box(x0=x, y0=y - _SIZE / 2, x1=x + _LETTER * len(text), y1=y + _SIZE / 2))
        for x, y, text in placed
    ]


def told(words: list[Word], arms: list[str]) -> set[tuple[str, str | None, float | None, float | None, float | None]]:
    """Return what is read of each arm."""
    return {(s.quantity, s.arm, s.value, s.low, s.high) for s in with_arms(placed_statistics(words), arms)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HR 0.89; 95% CI 0.71; 1.11", (0.89, 0.71, 1.11, 0.95)),
        ("Hazard ratio for death, 0·66 (96% CI 0·50–0·87)", (0.66, 0.50, 0.87, 0.96)),
        ("HR 0.73 (99.67% CI, 0.52 to 1.02)", (0.73, 0.52, 1.02, 0.9967)),
        ("HR 0,66 (IC 95% 0,50-0,87)", (0.66, 0.50, 0.87, 0.95)),
        ("HR 0.66 (90% confidence interval 0.50 to 0.87)", (0.66, 0.50, 0.87, 0.90)),
        ("Adjusted hazard ratio 0.66 (95%CI: 0.50~0.87)", (0.66, 0.50, 0.87, 0.95)),
        ("HR (500 mg vs 250 mg), 0.66 (95% Cl 0.50, 0.87)", (0.66, 0.50, 0.87, 0.95)),
    ],
)
def test_ratios_with_intervals_of_any_level(text: str, expected: tuple[float, ...]) -> None:
    (ratio,) = [s for s in statistics_in(text) if s.quantity == "hazard_ratio"]
    assert (ratio.value, ratio.low, ratio.high, ratio.level) == expected


def test_two_ratios_of_one_line_have_each_its_model() -> None:
    found = statistics_in("Unstratified HR 0.72 (0.49-1.05); stratified HR 0.70 (0.48-1.02)")
    assert [(s.value, s.model) for s in found] == [(0.72, "unadjusted"), (0.70, "stratified")]


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("Adjusted HR 0.66", "adjusted"),
        ("Subdistribution HR 0.66", "subdistribution"),
        ("sHR 0.66", "subdistribution"),
        ("Cause-specific HR 0.66", "cause-specific"),
        ("IPTW-weighted HR 0.66", "weighted"),
        ("Hazard ratio, 0.66", None),
    ],
)
def test_models_named(text: str, model: str | None) -> None:
    (ratio,) = statistics_in(text)
    assert ratio.model == model


@pytest.mark.parametrize(
    ("text", "p"),
    [
        ("P=3.29×10-6 for superiority", 3.29e-6),
        ("p = 3.29 x 10⁻⁶", 3.29e-6),
        ("P=3.29x10^-6", 3.29e-6),
        ("p=0·0052", 0.0052),
        ("p=0 0052", 0.0052),
        ("p=00052", 0.0052),
        ("p = 0,0052", 0.0052),
        ("P-0.05", 0.05),
    ],
)
def test_p_values_however_their_point_came_out(text: str, p: float) -> None:
    (found,) = statistics_in(text)
    assert found.value == pytest.approx(p, rel=1e-12)


@pytest.mark.parametrize("text", ["p=0 0052", "p=00052", "P-0.05", "p=0", "p = 52", "Pc0.01"])
def test_a_guessed_or_impossible_p_is_a_doubt(text: str) -> None:
    (found,) = statistics_in(text)
    assert found.value != 0
    (doubt,) = statistic_doubts([found])
    assert (doubt.field, doubt.read) == ("p value", text)
    assert "override" not in str(doubt)


def test_a_p_of_zeros_is_a_bound() -> None:
    (found,) = statistics_in("p = 0.000")
    assert (found.value, found.less_than) == (None, 0.001)


def test_a_ratio_that_does_not_fit_its_interval_is_a_doubt() -> None:
    good, skewed, outside = (statistics_in(f"HR {value} (95% CI 0.49-0.84)")[0] for value in ("0.64", "0.82", "0.94"))
    assert statistic_doubts([good]) == []
    assert [d.field for d in statistic_doubts([skewed, outside])] == ["hazard ratio", "hazard ratio"]


@pytest.mark.parametrize(
    "text", ["Median follow-up 23.5 months", "Median age 62 years", "No. at risk", "12 24 36", "0.64 0.8"]
)
def test_what_is_no_statistic_of_an_arm(text: str) -> None:
    assert statistics_in(text) == []


def test_a_table_with_a_column_for_each_arm() -> None:
    words = words_of(
        (330, 10, "Ribociclib"), (430, 10, "Placebo"), (325, 25, "+ Letrozole"), (420, 25, "+ Letrozole"),
        (340, 40, "n=334"), (435, 40, "n=331"),
        (150, 60, "Number of events, n (%)"), (330, 60, "140 (41.9)"), (425, 60, "205 (61.4)"),
        (150, 80, "Median PFS, months"), (345, 80, "25.3"), (440, 80, "16.0"),
        (150, 95, "(95% CI)"), (325, 95, "(23.0-30.3)"), (420, 95, "(13.4-18.2)"),
        (150, 115, "Hazard ratio (95% CI)"), (350, 115, "0.568 (0.457-0.704)"),
        (150, 135, "P value"), (380, 135, "9.63x10-8"),
    )  # fmt: skip
    treated, control = "Ribociclib + Letrozole", "Placebo + Letrozole"
    assert told(words, [treated, control]) == {
        ("n", treated, 334, None, None),
        ("n", control, 331, None, None),
        ("events", treated, 140, None, None),
        ("events", control, 205, None, None),
        ("median", treated, 25.3, 23.0, 30.3),
        ("median", control, 16.0, 13.4, 18.2),
        ("hazard_ratio", None, 0.568, 0.457, 0.704),
        ("p_value", None, 9.63e-8, None, None),
    }


def test_a_row_that_is_read_as_one_word() -> None:
    words = words_of(
        (500, 10, "Drug"), (600, 10, "Chemotherapy"), (495, 23, "(n = 74)"), (605, 23, "(n = 63)"),
        (250, 40, "Events, No."), (505, 40, "55"), (620, 40, "54"),
        (250, 56, "Median (95% Cl), months"), (470, 56, "14.9 (8.7 to NR) 11.6 (8.4 to 12.6)"),
    )  # fmt: skip
    found = told(words, ["Drug", "Chemotherapy"])
    assert {("median", "Drug", 14.9, 8.7, None), ("median", "Chemotherapy", 11.6, 8.4, 12.6)} <= found
    assert {("events", "Drug", 55, None, None), ("events", "Chemotherapy", 54, None, None)} <= found


def test_a_table_with_a_row_for_each_arm() -> None:
    words = words_of(
        (420, 10, "Median"), (385, 25, "Progression-free"), (300, 25, "No. of"), (415, 40, "Survival"),
        (297, 40, "Patients"), (413, 55, "(95% CI)"), (430, 68, "mo"),
        (150, 84, "Relatlimab-"), (312, 84, "355"), (380, 84, "10.12 (6.37-15.74)"), (165, 97, "nivolumab"),
        (150, 114, "Nivolumab"), (312, 114, "359"), (385, 114, "4.63 (3.38-5.62)"),
    )  # fmt: skip
    both, alone = "Relatlimab-nivolumab", "Nivolumab"
    assert told(words, [both, alone]) == {
        ("n", both, 355, None, None),
        ("n", alone, 359, None, None),
        ("median", both, 10.12, 6.37, 15.74),
        ("median", alone, 4.63, 3.38, 5.62),
    }


def test_counts_that_stand_close_behind_the_names() -> None:
    words = words_of(
        (320, 10, "Event"), (356, 10, "Total"),
        (100, 25, "Within 1 month"), (324, 25, "170"), (360, 25, "993"),
        (70, 40, "2 months or longer, less than 3 months 110"), (360, 40, "442"),
    )  # fmt: skip
    arms = ["Within 1 month", "2 months or longer, less than 3 months"]
    assert told(words, arms) == {
        ("events", arms[0], 170, None, None),
        ("n", arms[0], 993, None, None),
        ("events", arms[1], 110, None, None),
        ("n", arms[1], 442, None, None),
    }


def test_milestones_in_rows_of_times() -> None:
    words = words_of(
        (200, 10, "Standard"), (400, 10, "Standard + ECMO"),
        (100, 25, "3 months"), (190, 25, "66.7% (45.5%-86.3%)"), (390, 25, "43.8% (23.8%-70.5%)"),
    )  # fmt: skip
    found = with_arms(placed_statistics(words), ["Standard", "Standard + ECMO"])
    assert [(s.arm, s.time, s.unit, s.value, s.low, s.high) for s in found] == [
        ("Standard", 3, "months", 0.667, 0.455, 0.863),
        ("Standard + ECMO", 3, "months", 0.438, 0.238, 0.705),
    ]


def test_a_list_under_its_heading_and_an_interval_below() -> None:
    words = words_of(
        (100, 10, "Median OS (95% CI), months"), (100, 25, "Before (n = 120): 8.9 (6.9-10.9)"),
        (100, 40, "After (n = 92): 12.7"), (100, 55, "95% CI of median: [8.5, NE]"),
    )  # fmt: skip
    assert told(words, ["Before", "After"]) == {
        ("median", "Before", 8.9, 6.9, 10.9),
        ("n", "Before", 120, None, None),
        ("median", "After", 12.7, 8.5, None),
        ("n", "After", 92, None, None),
    }


def test_counts_beside_and_medians_under_a_name() -> None:
    words = words_of(
        (100, 10, "Control group"), (210, 10, "26 events"), (100, 60, "Drug (n=11)"), (100, 75, "OS = 17.8 months")
    )
    found = told(words, ["Drug", "Control group"])
    assert {("events", "Control group", 26, None, None), ("median", "Drug", 17.8, None, None)} <= found


def test_a_median_in_the_colour_of_its_curve() -> None:
    words = words_of((100, 10, "Median, 20.3 mo"), (100, 23, "(95% CI: 17.0, 26.2)"))
    (found,) = with_arms(placed_statistics(words), ["A", "B"], tone=lambda _: "B")
    assert (found.arm, found.value, found.low, found.high) == ("B", 20.3, 17.0, 26.2)


@pytest.mark.parametrize(
    "lines",
    [
        ["Hazard ratio for death,", "0.64 (95% CI, 0.49-0.84)"],
        ["HR 0.64", "95% CI 0.49-0.84"],
        ["HR, 0.64", "(0.49-0.84)"],
        ["HR 0.64 (95% CI, 0.49-", "0.84)"],
        ["HR 0.64", "95% CI 0.49-0.84; P=0.001"],
    ],
)
def test_a_ratio_over_two_lines(lines: list[str]) -> None:
    words = words_of(*((100, 10 + 14 * k, text) for k, text in enumerate(lines)))
    (ratio,) = [s for s in read_statistics(words) if s.quantity == "hazard_ratio"]
    assert (ratio.value, ratio.low, ratio.high) == (0.64, 0.49, 0.84)


def test_a_ratio_in_each_stratum_under_one_comparison() -> None:
    arms = [
        "Drug, baseline SGLT2i",
        "Drug, no baseline SGLT2i",
        "Placebo, baseline SGLT2i",
        "Placebo, no baseline SGLT2i",
    ]
    words = words_of(
        (100, 10, "Drug versus placebo"),
        (100, 24, "SGLT2i use at baseline:"), (100, 38, "HR 0.89; 95% CI 0.71; 1.11"),
        (100, 52, "No SGLT2i use at baseline:"), (100, 66, "HR 0.84; 95% CI 0.74; 0.95"),
        (108, 85, "P"), (125, 82, "= 0.6561"), (115, 90, "interaction"),
    )  # fmt: skip
    found = with_arms(placed_statistics(words), arms)
    ratios = [(s.value, s.of, s.over, s.stratum) for s in found if s.quantity == "hazard_ratio"]
    assert ratios == [
        (0.89, arms[0], arms[2], "baseline SGLT2i"),
        (0.84, arms[1], arms[3], "no baseline SGLT2i"),
    ]
    assert all(s.test == "other" for s in found if s.quantity == "p_value")


@pytest.mark.parametrize(
    ("texts", "pair"),
    [
        (["ABCP vs BCP: HR 0.69"], ("ABCP", "BCP")),
        (["HR (BCP/ABCP) 1.45"], ("BCP", "ABCP")),
        (["HR for ABCP 0.69"], ("ABCP", "BCP")),
        (["HR 0.69", "ABCP vs BCP"], ("ABCP", "BCP")),
        (["HR 0.69", "TC1/2/3 or IC1/2/3"], (None, None)),
        (["HR for death 0.69"], (None, None)),
    ],
)
def test_of_which_over_which_by_the_text(texts: list[str], pair: tuple[str | None, str | None]) -> None:
    assert arms_compared(texts, ["ABCP", "BCP"])[:2] == pair


@pytest.mark.parametrize(
    ("arms", "control"),
    [
        (["Drug", "Placebo"], "Placebo"),
        (["Placebo + Letrozole", "Ribociclib + Letrozole"], "Placebo + Letrozole"),
        (["Intensive control", "Standard control"], "Standard control"),
        (["Usual care", "Early rhythm control"], "Usual care"),
        (["RT + TMZ", "RT Only"], "RT Only"),
        (["PVI + ablation group", "PVI-alone group"], "PVI-alone group"),
        (["Trastuzumab deruxtecan", "Physician's choice"], "Physician's choice"),
        (["With AF", "Without AF"], "Without AF"),
        (["Radiotherapy plus cetuximab", "Radiotherapy"], "Radiotherapy"),
        (["Flecainide group", "Control group"], "Control group"),
        (["Best supportive care", "Drug A", "Drug B"], "Best supportive care"),
        (["Fulvestrant 500 mg", "Fulvestrant 250 mg"], None),
        (["ABCP", "BCP"], None),
        (["Placebo", "Observation"], None),
        (["1992-2004", "2005-2009"], None),
        (["arm 1", "arm 2"], None),
        (["All patients"], None),
    ],
)
def test_controls_by_name(arms: list[str], control: str | None) -> None:
    assert control_of(arms) == control
    assert control_of(arms[::-1]) == control


def test_strata_are_told_from_treatments() -> None:
    arms = ["LVEF <40% / Placebo", "LVEF <40% / Exenatide", "LVEF ≥40% / Placebo", "LVEF ≥40% / Exenatide"]
    strata = strata_of(arms)
    assert strata is not None
    assert strata[arms[3]] == ("LVEF ≥40%", "Exenatide")
    assert strata_of(["Young / Before", "Young / After", "Old / Before", "Old / After"]) is None


def test_a_sentence_gives_no_arm_a_number() -> None:
    line = "313 (n=313) had a shorter time to their first event than the patients from the low group."
    (found,) = with_arms(placed_statistics(words_of((0, 10, line))), ["Low", "High"])
    assert found.arm is None


@pytest.mark.slow
def test_damaged_layouts_end_in_statistics_or_nothing() -> None:
    """Words lost, doubled, misread and shifted: whatever comes, no traceback and no p of 0."""
    rng = np.random.default_rng(3)
    texts = [
        "Median (95% CI), months", "14.9 (8.7 to NR)", "11.6", "HR", "0.66 (0.50-0.87)", "P value", "NR", "1,106", "n=",
        "Events, No.", "55", "P", "= 0.65", "interaction", "12 months", "66.7% (45.5%-86.3%)", "Drug", "Placebo", "N",
        "%", "Drug vs Placebo", "95% CI 0.5;", "0.9", "p=0", "No. of", "Patients", "10^9", "×10-6", "Log-rank P<",
        ":", "(",
    ]  # fmt: skip
    for _ in range(120):
        places = rng.integers(0, 25, size=(25, 2))
        chosen = [str(rng.choice(texts)) + str(rng.choice(["", "", "", " 0", "-", "I"])) for _ in places]
        words = words_of(*((float(20 * x), float(9 * y), text) for (x, y), text in zip(places, chosen, strict=True)))
        found = with_arms(placed_statistics(words), ["Drug", "Placebo"])
        assert all(s.value != 0 for s in found if s.quantity == "p_value")
        statistic_doubts(found)
