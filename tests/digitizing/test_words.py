"""Numbers in the spellings of figures, and statistics printed in them."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.vector.svg import commented_words
from survrecon.digitizing.words.names import clean_name
from survrecon.digitizing.words.placed import read_statistics
from survrecon.digitizing.words.printed import statistics_in
from survrecon.digitizing.words.words import Word, number_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0·75", 0.75),
        ("1,000", 1000),
        ("50%", 50),
        ("0,8", 0.8),
        (".5", 0.5),
        ("1.0-", 1.0),
        ("l0", 10),
        ("O", 0),
        ("12,345", 12345),
    ],
)
def test_number_spellings(text: str, value: float) -> None:
    assert number_of(text) == value


@pytest.mark.parametrize("text", ["", "Months", "+", "n=20", "12-24", "A1b"])
def test_what_is_no_number(text: str) -> None:
    assert number_of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Hazard ratio for death, 0.59 (95% CI, 0.42-0.82)",
        "HR 0·59 (95% CI 0·42–0·82); p=0·012",
        "HR (95% CI): 0.59 (0.42, 0.82)",
        "HR = 0.59 (95% Cl,0.42–0.82)",
        "HR 0.59 (95% CI 0.42 to 0.82)",
        "Hazard ratio, 0.59 [95% CI: 0.42; 0.82]",
    ],
)
def test_hazard_ratio_in_the_journals_ways(text: str) -> None:
    hr = next(s for s in statistics_in(text) if s.quantity == "hazard_ratio")
    assert (hr.value, hr.low, hr.high, hr.level, hr.decimals) == (0.59, 0.42, 0.82, 0.95, 2)


@pytest.mark.parametrize(
    ("text", "value", "bound"),
    [
        ("P=0.001", 0.001, None),
        ("p = 0.0013", 0.0013, None),
        ("Log-rank P = .75", 0.75, None),
        ("P<0.001", None, 0.001),
        ("Log-rank p-value : <.0001", None, 0.0001),
        ("Log-rank p-value < 0.001", None, 0.001),
        ("Logrank p=0.30", 0.3, None),
    ],
)
def test_p_values_and_their_bounds(text: str, value: float | None, bound: float | None) -> None:
    p = next(s for s in statistics_in(text) if s.quantity == "p_value")
    assert (p.value, p.less_than) == (value, bound)


def test_a_legend_that_says_everything() -> None:
    found = statistics_in("1992-2004 (n=2392): MS 13 mos; 1-yr 52%; 5-yr, 18%")
    assert {(s.quantity, s.value, s.time) for s in found} == {
        ("median", 13.0, None),
        ("survival_at", 0.52, 1.0),
        ("survival_at", 0.18, 5.0),
        ("n", 2392.0, None),
    }


@pytest.mark.parametrize("text", ["Months since randomisation", "Placebo", "No. at risk", "Group 2"])
def test_text_without_statistics(text: str) -> None:
    assert statistics_in(text) == []


@pytest.mark.parametrize(
    ("text", "name", "events", "patients"),
    [
        ("Placebo (100 events / 150)", "Placebo", 100, 150),
        ("Drug A: 95/140 events", "Drug A", 95, 140),
        ("Drug A (N = 140, events = 95)", "Drug A", 95, 140),
        ("Drug A (deaths: 95)", "Drug A", 95, None),
    ],
)
def test_totals_of_events_beside_a_name(text: str, name: str, events: int, patients: int | None) -> None:
    found = {s.quantity: s.value for s in statistics_in(text)}
    assert clean_name(text) == name
    assert found["events"] == events
    assert found.get("n") == patients


def test_an_interval_under_its_ratio_belongs_to_it() -> None:
    words = [
        Word(text="HR 0.61", box=Box(x0=10, y0=10, x1=60, y1=20)),
        Word(text="(95% CI 0.46-0.81)", box=Box(x0=10, y0=24, x1=100, y1=34)),
        Word(text="P = 0.0007", box=Box(x0=10, y0=38, x1=100, y1=48)),
    ]
    ratio, p = read_statistics(words)
    assert (ratio.value, ratio.low, ratio.high, ratio.level) == (0.61, 0.46, 0.81, 0.95)
    assert p.value == 0.0007


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("One-sided log-rank test", Box(x0=10, y0=-4, x1=100, y1=6)),
        ("(one-sided log-rank test)", Box(x0=10, y0=24, x1=100, y1=34)),
        ("one-sided log-rank", Box(x0=130, y0=10, x1=200, y1=20)),
    ],
    ids=["above", "below", "beside"],
)
def test_a_test_named_on_a_line_of_its_own(line: str, place: Box) -> None:
    words = [Word(text="P = 0.0012", box=Box(x0=10, y0=10, x1=100, y1=20)), Word(text=line, box=place)]
    (p,) = read_statistics(words)
    assert (p.value, p.test, p.sides) == (0.0012, "log-rank", 1)


def test_a_test_named_far_away_is_not_that_of_a_p() -> None:
    words = [
        Word(text="P = 0.0012", box=Box(x0=10, y0=10, x1=100, y1=20)),
        Word(text="log-rank test", box=Box(x0=10, y0=90, x1=100, y1=100)),
    ]
    (p,) = read_statistics(words)
    assert p.test is None


def test_signs_in_the_comments_of_outlined_text() -> None:
    """Matplotlib writes "<" as an entity there; "P < 0.001" was then no statistic, without a word."""
    parent = ET.Element("{http://www.w3.org/2000/svg}g")
    parent.append(ET.Comment(" P &lt; 0.001 "))
    glyphs = ET.SubElement(parent, "{http://www.w3.org/2000/svg}g", {"transform": "translate(10 20) scale(0.1 -0.1)"})
    for k in range(9):
        ET.SubElement(glyphs, "{http://www.w3.org/2000/svg}use", {"transform": f"translate({60 * k} 0)"})
    (p,) = read_statistics(commented_words(parent))
    assert (p.value, p.less_than) == (None, 0.001)
