"""A panel among running text, tables and other panels, and plots inside plots."""

from __future__ import annotations

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.panels.choice import listing_of
from survrecon.digitizing.panels.prose import paragraphs_of, running_heads
from survrecon.digitizing.panels.regions import Region, regions_of
from survrecon.digitizing.panels.titles import percent_doubt, unit_of_time
from survrecon.digitizing.vector.pages import each_its_own, touching
from survrecon.digitizing.words.labels import find_panels
from survrecon.digitizing.words.words import Word

PAGE = (800, 600)
SENTENCE = "patients of both groups were followed until death or the end of the trial"


def word(text: str, x: float, y: float, *, size: float = 9.0, vertical: bool = False) -> Word:
    """Return a word that begins at ``x`` and stands at ``y``."""
    return Word(text=text, box=Box(x0=x, y0=y - size / 2, x1=x + 4.5 * len(text), y1=y + size / 2), vertical=vertical)


def plot(left: float, top: float, *, high: float = 100.0, last: float = 48.0, size: float = 1.0) -> list[Word]:
    """Return the tick labels of a plot of 160 x 100 points times ``size``."""
    survival = [word(f"{high * (1 - k / 4):g}", left - 20, top + 25 * k * size) for k in range(5)]
    return survival + [word(f"{last * k / 4:g}", left + 40 * k * size, top + 112 * size) for k in range(5)]


def lines(x: float, y: float, count: int, text: str = SENTENCE) -> list[Word]:
    return [word(text, x, y + 11 * k) for k in range(count)]


def regions(words: list[Word]) -> list[Region]:
    return regions_of(find_panels(words), words, PAGE)


def test_running_text_and_captions_belong_to_no_panel() -> None:
    table = [word("Drug", 20, 262), word("100", 78, 262), word("80", 118, 262), word("61", 158, 262)]
    caption = lines(60, 290, 4, "Figure 2. Overall survival, in months, by the treatment that they had received")
    words = [*lines(60, 40, 6), *plot(80, 130), *table, *caption, *lines(60, 400, 12)]
    [region] = regions(words)
    assert {w.text for w in table} <= {w.text for w in region.words}
    assert not any(w.text in (SENTENCE, caption[0].text) for w in region.words)
    assert region.caption.startswith("Figure 2. Overall survival")
    assert 95 < region.box.y0 < 130
    assert 262 < region.box.y1 < 300


def test_text_in_a_plot_and_rows_of_a_table_are_no_running_text() -> None:
    note = lines(85, 140, 3, "hazard ratio for death 0.76 in all")
    name = "arm of the trial of many patients, in all of them"
    cells = [word(count, x, 270 + 11 * k) for k in range(3) for count, x in (("90", 260), ("70", 300))]
    rows = [*(word(name, 0, 270 + 11 * k) for k in range(3)), *cells]
    assert paragraphs_of([*note, *rows], [Box(x0=60, y0=130, x1=300, y1=230)]) == []


def test_letters_and_names_of_rows_go_to_the_panel_at_the_right() -> None:
    words = [*plot(100, 60), *plot(400, 60), word("A", 60, 40), word("B", 320, 40), word("Death", 345, 40)]
    names = [word("Control", 40, 200), word("100", 100, 200), word("Placebo", 320, 200), word("98", 400, 200)]
    first, second = regions([*words, *names])
    assert (first.name, second.name, second.title) == ("A", "B", "Death")
    assert "Placebo" in {w.text for w in second.words}
    assert "Placebo" not in {w.text for w in first.words}
    assert listing_of([first, second]) == "A; B (Death)"


def test_an_inset_over_the_whole_time_is_read_with_the_outer_table() -> None:
    inner = plot(110, 65, high=20.0, size=0.6)
    [region] = regions([*plot(80, 60), *inner, word("Months", 150, 190), word("400", 78, 220)])
    assert max(region.labels.survival.values) == 20.0
    assert region.outer is not None
    assert max(region.outer.survival.values) == 100.0
    assert region.titled is region.outer
    assert "the inset was read" in region.inset_note[0]


def test_an_inset_over_a_part_of_the_time_is_hidden() -> None:
    inner = plot(110, 65, high=20.0, last=12.0, size=0.6)
    [region] = regions([*plot(80, 60), *inner, word("Months", 150, 190)])
    assert max(region.labels.survival.values) == 100.0
    assert region.outer is None
    [hidden] = region.hidden
    assert hidden.x0 < 110 < 206 < hidden.x1
    assert not any(w in region.words for w in inner)


def test_a_panel_moves_with_its_words() -> None:
    [region] = regions([*plot(80, 60), word("Months", 150, 190)])
    moved = region.moved(-10.0, -20.0)
    assert moved.labels.time.position(0.0) == region.labels.time.position(0.0) - 10
    assert moved.labels.survival.position(0.0) == region.labels.survival.position(0.0) - 20
    assert all(any(w is tick for w in moved.words) for tick in moved.tick_words)


def test_the_caption_names_the_time_unit_where_the_axis_does_not() -> None:
    [region] = regions(
        [*plot(80, 130), *lines(60, 290, 3, "Figure 1. Survival in the months after the operation of all")]
    )
    unit, doubts = unit_of_time("Time", region, None)
    assert unit == "months"
    assert [d.field for d in doubts] == ["time unit"]
    assert "caption" in doubts[0].why
    assert unit_of_time("Time from ablation (d)", region, None) == ("days", [])
    assert unit_of_time("Time", region, "weeks") == ("weeks", [])


def test_a_percent_sign_on_an_axis_of_fractions_is_doubtful() -> None:
    assert percent_doubt(1.0, "Survival (%)", None)[0].options == ("y_unit",)
    assert percent_doubt(100.0, "Survival (%)", None) == []
    assert percent_doubt(1.0, "Survival (%)", "percent") == []


def test_running_heads_are_no_words_of_a_panel() -> None:
    head, foot = word("Intensive control of the disease", 60, 20), word("Volume 7", 60, 780)
    table = [word("Intensive", 20, 262), word("100", 78, 262), word("80", 118, 262), word("61", 158, 262)]
    words = [head, foot, *plot(80, 130), *table, *lines(60, 400, 12)]
    assert running_heads(words, PAGE[0]) == [head, foot]
    [region] = regions(words)
    assert not any(w.text in (head.text, foot.text) for w in region.words)
    assert region.title is None


def test_a_lower_panel_begins_at_its_letter_though_a_legend_stands_between() -> None:
    table = [word("Drug", 20, 262), word("100", 78, 262), word("80", 118, 262), word("61", 158, 262)]
    legend = [word("Placebo", 120, 320), word("Exenatide", 120, 334)]
    letter = word("B. Death from any cause", 40, 290)
    upper, lower = regions([word("A. Stroke", 40, 55), *plot(80, 80), *table, letter, *legend, *plot(80, 350)])
    assert [(r.name, r.title) for r in (upper, lower)] == [("A", "Stroke"), ("B", "Death from any cause")]
    assert upper.box.y1 == lower.box.y0
    assert 268 < lower.box.y0 < 290
    assert {"Placebo", "Exenatide"} <= {w.text for w in lower.words}
    assert "Drug" in {w.text for w in upper.words}
    assert "Drug" not in {w.text for w in lower.words}


def test_without_a_letter_a_panel_begins_in_the_gap_below_the_table_above() -> None:
    table = [word("Drug", 20, 262), word("100", 78, 262), word("80", 118, 262), word("61", 158, 262)]
    title = word("Death from any cause", 90, 310)
    upper, lower = regions([*plot(80, 80), *table, title, *plot(80, 350)])
    assert lower.title == title.text
    assert 268 < lower.box.y0 < 304
    assert title.text not in {w.text for w in upper.words}


def test_pictures_that_touch_are_one_figure_and_their_panels_have_names_of_their_own() -> None:
    strips = [Box(x0=0, y0=0, x1=100, y1=50), Box(x0=0, y0=50, x1=100, y1=90), Box(x0=150, y0=0, x1=200, y1=80)]
    assert [len(group) for group in touching(strips)] == [2, 1]
    assert each_its_own(["A", "B", "C"]) == ["A", "B", "C"]
    assert each_its_own(["A", None, "A"]) == ["1", "2", "3"]
    assert each_its_own([None]) == [None]


def test_a_caption_gives_a_panel_its_title_and_its_letter_names_no_arm() -> None:
    caption = lines(60, 290, 3, "Figure 2. Incidence. A, Time to first stroke. B, Time to death. And more of it all")
    words = [word("A", 60, 118), word("Drug", 120, 150), *plot(80, 130), *caption, *lines(60, 400, 12)]
    [region] = regions(words)
    assert (region.name, region.title) == ("A", "Time to first stroke")
    assert "Drug" in {w.text for w in region.words}
    assert "A" not in {w.text for w in region.words}
