"""Wordings of journals: what no ratio is, what a line goes on with, and of which arm over which a ratio is."""

from __future__ import annotations

import pytest

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.result import PrintedStatistic
from survrecon.digitizing.words.comparisons import arms_compared
from survrecon.digitizing.words.placed import read_statistics, statistic_doubts
from survrecon.digitizing.words.printed import statistics_in
from survrecon.digitizing.words.words import Word

ARMS = ["Placebo", "Nivolumab"]


def read(*lines: str) -> list[PrintedStatistic]:
    """Return the statistics of lines under each other."""
    boxes = [Box(x0=300, y0=100 + 14 * i, x1=300 + 5.2 * len(text), y1=110 + 14 * i) for i, text in enumerate(lines)]
    return read_statistics([Word(text=text, box=box) for text, box in zip(lines, boxes, strict=True)])


def ratios(*lines: str) -> list[tuple[float | None, float | None, float | None, float | None]]:
    return [(s.value, s.low, s.high, s.level) for s in read(*lines) if s.quantity == "hazard_ratio"]


@pytest.mark.parametrize(
    "text",
    [
        "Hazard ratio, Drug 10 mg vs placebo, 0.71 (95% CI, 0.55-0.91)",
        "Hazard ratio for death at 5 years, 0.71 (95% CI, 0.55-0.91)",
        "HR up to 180 days 0.71 (95% CI 0.55-0.91)",
        "HR for R-CHOP21, 0.71 (95% CI 0.55-0.91)",
        "HR per 10-unit increase, 0.71 (95% CI, 0.55-0.91)",
        "HR 0.71a (95% CI 0.55 to 0.91)",
        "HR0.71(95%CI0.55-0.91)",
        "HR 0.71 (95%-KI 0.55-0.91)",
    ],
)
def test_doses_times_and_numbers_in_names_are_no_ratios(text: str) -> None:
    assert ratios(text) == [(0.71, 0.55, 0.91, 0.95)]


@pytest.mark.parametrize("text", ["HR NE; p=0.03", "HR not estimable, log-rank P=0.03"])
def test_the_p_value_behind_a_ratio_that_is_not_printed_is_none(text: str) -> None:
    assert [(s.quantity, s.value) for s in read(text)] == [("p_value", 0.03)]


def test_a_reference_is_no_ratio() -> None:
    assert ratios("HR 1 (reference)") == []
    assert ratios("HR 2 (95% CI 1-4)") == [(2.0, 1.0, 4.0, 0.95)]


def test_an_interval_without_its_level_is_one() -> None:
    assert ratios("HR, 0.71 (CI, 0.55-0.91)") == [(0.71, 0.55, 0.91, None)]


def test_a_power_of_ten_behind_a_ratio_is_of_the_p_value() -> None:
    found = {s.quantity: s.value for s in read("Hazard ratio: 0.71 (0.55 - 0.91) p = 3.2 x 10-4")}
    assert found == {"hazard_ratio": 0.71, "p_value": 0.00032}


def test_a_median_with_its_unit_before_the_interval() -> None:
    (median,) = read("Median overall survival (95% CI), 12.3 mo (10.1-15.0)")
    assert (median.value, median.low, median.high, median.unit) == (12.3, 10.1, 15.0, "months")


def test_a_level_stays_with_the_interval_on_the_second_line() -> None:
    lines = ("Hazard ratio for disease progression", "or death, 0.58 (95% CI, 0.49-0.69)")
    assert ratios(*lines) == [(0.58, 0.49, 0.69, 0.95)]


def test_a_milestone_behind_the_level_of_its_interval() -> None:
    (found,) = read("24-mo PFS (95% CI): 45%")
    assert (found.quantity, found.value, found.time) == ("survival_at", 0.45, 24)


def test_a_p_value_without_a_sign() -> None:
    (p,) = read("Log-rank P 0.006")
    assert (p.value, p.test) == (0.006, "log-rank")


def test_what_one_p_value_is_of_is_not_said_of_another() -> None:
    found = statistics_in("P<0.001 for noninferiority; P=0.21 for superiority")
    assert [(s.less_than, s.value, s.test) for s in found] == [(0.001, None, "other"), (None, 0.21, None)]
    (p,) = [s for s in statistics_in("HR 0.71, p=0.006; p for interaction=0.31") if s.quantity == "p_value"]
    assert (p.value, p.test) == (0.006, None)


@pytest.mark.parametrize(
    "text", ["HR 0-85 (95% CI 0-61-1-17); p=0-40", "HR 0-85 (95% CI 0-61–1·17), p=0-40", "HR 1-05 (95% CI 0-81-1-37)"]
)
def test_points_at_mid_height_that_were_read_as_hyphens(text: str) -> None:
    ratio = next(s for s in statistics_in(text) if s.quantity == "hazard_ratio")
    assert (ratio.value, ratio.low) in {(0.85, 0.61), (1.05, 0.81)}
    assert ratio.high in (1.17, 1.37)
    assert statistic_doubts([ratio]) == []  # it lies in the middle of its interval, so that the points are right


def test_whole_limits_stay_whole() -> None:
    assert ratios("HR 3.5 (95% CI 1-12)") == [(3.5, 1.0, 12.0, 0.95)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HR (nivolumab v placebo) 0.71", ("Nivolumab", "Placebo")),
        ("Hazard ratio with nivolumab, 0.71 (95% CI, 0.55-0.91)", ("Nivolumab", "Placebo")),
        ("Hazard ratio for death with placebo, 1.41", ("Placebo", "Nivolumab")),
        ("Hazard ratio for death, 0.71", (None, None)),
    ],
)
def test_the_arms_of_a_ratio(text: str, expected: tuple[str | None, str | None]) -> None:
    assert arms_compared([text], ARMS)[:2] == expected


def test_a_dose_in_the_name_behind_with() -> None:
    arms = ["Warfarin", "Apixaban 2.5 mg"]
    assert arms_compared(["Hazard ratio with Apixaban 2.5 mg, 0.71"], arms)[:2] == ("Apixaban 2.5 mg", "Warfarin")
