"""Of which arm over which a ratio is, in the words of journals; and what looks like a ratio or median and is none."""

from __future__ import annotations

import pytest

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.result import PrintedStatistic
from survrecon.digitizing.words.comparisons import arms_compared, control_of
from survrecon.digitizing.words.placed import placed_statistics, with_arms
from survrecon.digitizing.words.words import Word
from survrecon.model.published import DirectionSource
from survrecon.running.facts import printed_facts

ARMS = ["Placebo", "Drug"]
VALUE = "0.65 (95% CI 0.50-0.84)"
DOSES = ["Placebo", "Low dose", "High dose"]


def read(*lines: str, arms: list[str] | None = None) -> list[PrintedStatistic]:
    """Return the statistics of lines under each other, with their arms."""
    boxes = [Box(x0=300, y0=100 + 14 * i, x1=300 + 5.2 * len(text), y1=110 + 14 * i) for i, text in enumerate(lines)]
    words = [Word(text=text, box=box) for text, box in zip(lines, boxes, strict=True)]
    return with_arms(placed_statistics(words), arms or ARMS)


def ratios(*lines: str, arms: list[str] | None = None) -> list[tuple[float | None, str | None, str | None]]:
    return [(s.value, s.of, s.over) for s in read(*lines, arms=arms) if s.quantity == "hazard_ratio"]


@pytest.mark.parametrize(
    "lines",
    [
        ("Drug (reference)", f"Placebo HR {VALUE}"),
        (f"HR {VALUE}", "Ref: drug"),
        (f"HR {VALUE}, drug as reference",),
        (f"HR (ref. drug) {VALUE}",),
        (f"HR vs drug {VALUE}",),
        (f"HR (vs. drug): {VALUE}",),
        (f"HR of placebo to drug, {VALUE}",),
        (f"Placebo : Drug HR {VALUE}",),
        (f"HR {VALUE} for placebo over drug",),
        (f"Hazard ratio for death in the placebo group, {VALUE}",),
    ],
)
def test_ratios_of_the_control_over_the_drug(lines: tuple[str, ...]) -> None:
    assert ratios(*lines) == [(0.65, "Placebo", "Drug")]


@pytest.mark.parametrize("text", ["HR compared with placebo", "HR vs placebo", "HR relative to placebo"])
def test_ratios_over_the_control(text: str) -> None:
    assert ratios(f"{text} {VALUE}") == [(0.65, "Drug", "Placebo")]


def test_a_line_that_names_the_control_alone_leaves_the_direction_open() -> None:
    assert ratios(f"Placebo: HR {VALUE}") == [(0.65, "Placebo", None)]
    (fact,), _ = printed_facts(
        read(f"Placebo: HR {VALUE}"), arms=ARMS, control=None, time_unit="months", source="figure"
    )
    assert fact.direction is DirectionSource.NOT_ESTABLISHED


def test_crossing_over_is_no_comparison() -> None:
    assert arms_compared(["Patients who crossed from placebo to drug"], ARMS) == (None, None, None)


def test_each_ratio_of_a_line_has_its_own_arms() -> None:
    high, low = (0.45, "High dose", "Placebo"), (0.7, "Low dose", "Placebo")
    before = "High dose vs placebo: HR 0.45 (0.34-0.60); low dose vs placebo: HR 0.70 (0.54-0.90)"
    behind = "HR 0.45 (0.34-0.60) high dose vs placebo, HR 0.70 (0.54-0.90) low dose vs placebo"
    assert ratios(before, arms=DOSES) == ratios(behind, arms=DOSES) == [high, low]
    texts = [s.text for s in read("HR 0.65 (0.50-0.84) unadjusted; HR 0.70 (0.53-0.92) adjusted")]
    assert texts == ["HR 0.65 (0.50-0.84) unadjusted", "HR 0.70 (0.53-0.92) adjusted"]


@pytest.mark.parametrize(
    "text",
    [
        "CI = confidence interval; HR = hazard ratio; NR = not reached. Data cutoff 15 June 2020.",
        "HR indicates hazard ratio; NR, not reached; 2 patients were excluded.",
        "HR, hazard ratio. *One patient in 2012.",
    ],
)
def test_footnotes_state_no_ratio(text: str) -> None:
    assert ratios(text) == []


def test_ratios_of_no_arms_are_no_facts() -> None:
    for text in ("HR for interaction 0.65 (0.50-0.84)", "HR per 10-year increase 1.25 (1.10-1.42)", "HR per 1 SD 1.2"):
        facts, _ = printed_facts(read(text), arms=ARMS, control=None, time_unit="months", source="figure")
        assert facts == []


def test_levels_of_significance_are_no_p_values() -> None:
    assert read("P <0.05 was significant") == read("* P<0.05") == []


def test_intervals_by_other_names() -> None:
    for text in ("two-sided 95% CI 0.50 to 0.84", "repeated CI 0.50 to 0.84"):
        (ratio,) = read(f"HR 0.65 ({text})")
        assert (ratio.value, ratio.low, ratio.high) == (0.65, 0.5, 0.84)


def test_numbers_in_the_names_of_arms_are_no_medians() -> None:
    arms = ["ECOG 0", "ECOG 1-2"]
    found = [(s.value, s.arm) for s in read("Median ECOG 1-2: 8.5 years", "Median ECOG 0: 8.8 years", arms=arms)]
    assert found == [(8.5, "ECOG 1-2"), (8.8, "ECOG 0")]
    assert [s.arm for s in read("12-month rate: 67% vs 64%", arms=arms)] == [None]


def test_the_only_arm_has_the_numbers_that_are_printed_once() -> None:
    found = read("12-month OS: 71.2% (95% CI, 64.9-77.5)", "Median OS, 18.2 months", arms=["All"])
    assert [(s.quantity, s.value, s.low, s.arm) for s in found] == [
        ("survival_at", 0.712, 0.649, "All"),
        ("median", 18.2, None, "All"),
    ]
    assert [s.arm for s in read("Median OS, 18.2 months", "Median PFS, 8.2 months", arms=["All"])] == [None, None]


@pytest.mark.parametrize(
    ("names", "control"),
    [
        (["Deferred therapy", "Immediate therapy"], "Deferred therapy"),
        (["Historical controls", "Cell therapy"], "Historical controls"),
        (["Active surveillance", "Tamoxifen"], "Active surveillance"),
        (["Control group", "Observation group"], "Control group"),
        (["Smokers", "Never-smokers"], "Never-smokers"),
        (["Tight control", "Less tight control"], None),
        (["Rate control", "Rhythm control"], None),
    ],
)
def test_controls_by_other_names(names: list[str], control: str | None) -> None:
    assert control_of(names) == control


def test_a_column_of_ratios_with_its_reference() -> None:
    def row(y: float, *texts: str) -> list[Word]:
        places = (300, 400, 460, 540)
        return [
            Word(text=t, box=Box(x0=x, y0=y - 5, x1=x + 5.2 * len(t), y1=y + 5))
            for t, x in zip(texts, places, strict=True)
            if t
        ]

    for first, of, over in (("Ref.", "Drug", "Placebo"), ("1", "Drug", "Placebo")):
        words = [*row(60, "", "Events", "HR", "95% CI"), *row(76, "Placebo", "178", first, "")]
        words += row(92, "Drug", "111", "0.52", "0.41-0.66")
        (ratio,) = [s for s in with_arms(placed_statistics(words), ARMS) if s.quantity == "hazard_ratio"]
        assert (ratio.value, ratio.low, ratio.high, ratio.of, ratio.over) == (0.52, 0.41, 0.66, of, over)


@pytest.mark.parametrize(
    ("text", "arms"),
    [
        ("HR for cohort 2 vs cohort 1: ", ["Cohort 2", "Cohort 1"]),
        ("HR 14 vs 21 ", ["R-CHOP-14", "R-CHOP-21"]),
        ("HR (2:1) ", ["Cohort 2", "Cohort 1"]),
        ("SoC vs drug, HR ", ["Standard of care", "Drug"]),
        ("Observation vs RT HR ", ["Observation", "Radiotherapy"]),
        ("HR obs/RT ", ["Observation", "Radiotherapy"]),
    ],
)
def test_numbers_of_names_and_short_forms_beside_a_ratio(text: str, arms: list[str]) -> None:
    assert ratios(f"{text}{VALUE}", arms=arms[::-1]) == [(0.65, *arms)]


def test_whole_ratios_and_their_p_values_stay() -> None:
    found = [(s.quantity, s.value, s.low) for s in read("HR 2 (95% CI 1-4), p=0.03")]
    assert found == [("hazard_ratio", 2, 1), ("p_value", 0.03, None)]
    assert [(s.value, s.low) for s in read("HR, 2; 95% CI, 1.2-3.4")] == [(2, 1.2)]


def test_planned_ratios_and_lists_of_milestones_are_none() -> None:
    for text in ("Noninferiority margin HR 1.25", "Target HR 0.70"):
        assert printed_facts(read(text), arms=ARMS, control=None, time_unit="months", source="figure")[0] == []
    assert read("1-, 3-, and 5-year OS: 90%, 70%, and 45%") == []


def test_a_ratio_and_its_interval_on_lines_of_their_own() -> None:
    (ratio,) = read("HR", "0.71", "(95% CI 0.58-0.87)")
    assert (ratio.value, ratio.low, ratio.high) == (0.71, 0.58, 0.87)
