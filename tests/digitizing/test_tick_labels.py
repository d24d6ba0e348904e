"""Tick labels as character recognition leaves them: joined, with marks read as digits, off even scales."""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.digitizing.geometry import Axis, Box
from survrecon.digitizing.raster.axes import RasterAxes, calibrate, fit_axis, with_uneven_ticks
from survrecon.digitizing.raster.ocr import apart
from survrecon.digitizing.words.labels import LabelRun, find_panels, label_columns
from survrecon.digitizing.words.words import Word


def word(text: str, x: float, y: float, *, width: float = 0.0, height: float = 10.0) -> Word:
    wide = width or 6.0 * len(text)
    return Word(text=text, box=Box(x0=x - wide / 2, y0=y - height / 2, x1=x + wide / 2, y1=y + height / 2))


def time_row(values: list[float], *, left: float = 60.0, step: float = 5.0, y: float = 320.0) -> list[Word]:
    return [word(f"{v:g}", left + step * v, y) for v in values]


def column(texts: list[str], *, x: float = 40.0, top: float = 20.0, gap: float = 50.0) -> list[Word]:
    return [word(text, x, top + gap * k, width=24.0) for k, text in enumerate(texts)]


def panel(texts: list[str]) -> tuple[tuple[float, ...], tuple[float, ...], list[tuple[str, float]]]:
    [found] = find_panels([*column(texts), *time_row([0, 12, 24, 36, 48])])
    return found.time.values, found.survival.values, [(w.text, v) for w, v in found.survival.repaired]


@pytest.mark.parametrize(
    ("texts", "values", "repaired"),
    [
        (["1.001", "0.75", "0.50", "0.25", "0.00"], (1.0, 0.75, 0.5, 0.25, 0.0), [("1.001", 1.0)]),
        (["1.0+", "0.8-", "0.6", "0.4-", "0.2", "0.0-"], (1.0, 0.8, 0.6, 0.4, 0.2, 0.0), []),
        (["100¬", "80", "60", "40", "20", "0"], (100.0, 80.0, 60.0, 40.0, 20.0, 0.0), []),
        (["A 1.0", "0.8", "0.6", "0.4", "0.2", "0.0"], (1.0, 0.8, 0.6, 0.4, 0.2, 0.0), []),
        (["1.0", "0.9", "0.8", "7", "0.6", "0.5"], (1.0, 0.9, 0.8, 0.7, 0.6, 0.5), [("7", 0.7)]),
        (["1.0", "08", "Q6", "04", "02", "00"], (1.0, 0.8, 0.4, 0.2, 0.0), []),
        (["1.0", "O.8", "0.B", "0.4", "0.2", "0.0"], (1.0, 0.8, 0.6, 0.4, 0.2, 0.0), [("0.B", 0.6)]),
    ],
)
def test_a_label_with_its_tick_mark_is_the_number_that_the_progression_demands(
    texts: list[str], values: tuple[float, ...], repaired: list[tuple[str, float]]
) -> None:
    times, read, mended = panel(texts)
    assert times == (0.0, 12.0, 24.0, 36.0, 48.0)
    assert read == values
    assert mended == repaired


def test_a_low_end_of_an_axis_in_percent_is_a_survival_axis() -> None:
    texts = [f"{4 - k / 2:.1f}" for k in range(9)]
    [found] = find_panels([*column(texts, gap=30.0), *time_row([0, 12, 24, 36, 48])])
    assert found.survival.values[0] == 4.0
    assert find_panels([*column(["4.0", "2.0"]), *time_row([0, 12, 24, 36, 48])]) == []


def test_numbers_of_a_table_are_no_axis() -> None:
    assert label_columns(column(["0.865", "0.689", "0.379", "0.075"], gap=21.0)) == []


def test_panels_that_share_the_axis_at_the_left_are_told_apart() -> None:
    words = [*column(["1.0", "0.8", "0.6", "0.4", "0.2", "0.0"])]
    words += [*time_row([0, 12, 24, 36]), *time_row([0, 12, 24, 36], left=320.0)]
    first, second = find_panels(words)
    assert first.survival is second.survival
    assert second.time.words[0].cx == 320.0


def test_numbers_read_as_one_word_are_cut_where_the_ink_has_its_widest_gaps() -> None:
    image = np.full((20, 200, 3), 255, np.uint8)
    for start, digits in ((10, 1), (60, 2), (120, 2)):
        for k in range(digits):
            image[4:16, start + 9 * k : start + 9 * k + 7] = 0
    whole = Word(text="5 10 15", box=Box(x0=8, y0=2, x1=140, y1=18))
    cut = apart(image, whole)
    assert [w.text for w in cut] == ["5", "10", "15"]
    assert [(w.box.x0, w.box.x1) for w in cut] == [(10, 17), (60, 76), (120, 136)]
    assert apart(image, Word(text="5 of 15", box=whole.box)) == [Word(text="5 of 15", box=whole.box)]
    assert len(apart(image, Word(text="5 1015 20 25", box=whole.box))) == 1  # more numbers than gaps between them


def labels(places: list[float], values: list[float]) -> LabelRun:
    words = tuple(word(f"{v:g}", p, 300.0) for v, p in zip(values, places, strict=True))
    scale, offset = np.polyfit(values, places, 1)
    return LabelRun(words=words, values=tuple(values), outliers=(), scale=float(scale), offset=float(offset))


def test_ticks_that_a_designer_placed_unevenly_have_a_scale_a_piece() -> None:
    places, values = [100.0, 218.6, 333.4, 447.0, 563.0], [0.0, 90.0, 180.0, 270.0, 360.0]
    axis = fit_axis(np.array(values[2:]), np.array(places[2:]), resolution=1.0, source="tick marks")
    more = with_uneven_ticks(axis, labels(places, values), [[p] for p in places])
    assert more is not None
    pieces = fit_axis(*more, resolution=1.0, source="tick marks", pieces=True)
    assert pieces.value(np.array(places)) == pytest.approx(values)
    assert float(pieces.value((100.0 + 218.6) / 2)) == pytest.approx(45.0)
    assert pieces.position(np.array([0.0, 400.0])) == pytest.approx([100.0, 563.0 + 40 * 116 / 90])


def test_one_tick_that_slipped_is_left_out() -> None:
    places, values = [100.0, 200.0, 303.0, 400.0, 500.0], [0.0, 10.0, 20.0, 30.0, 40.0]
    axis = fit_axis(np.array(values)[[0, 1, 3, 4]], np.array(places)[[0, 1, 3, 4]], resolution=1.0, source="tick marks")
    assert with_uneven_ticks(axis, labels([100.0, 200.0, 300.0, 400.0, 500.0], values), [[p] for p in places]) is None


def test_an_axis_of_one_scale_is_as_before() -> None:
    axis = Axis(
        offset=10.0, scale=2.0, values=np.array([0.0, 5.0]), positions=np.array([10.0, 20.0]),
        residuals=np.zeros(2), resolution=0.5, source="tick marks",
    )  # fmt: skip
    assert float(axis.position(7.0)) == 24.0
    assert float(axis.value(24.0)) == 7.0


def test_uneven_ticks_in_pixels_are_said() -> None:
    pixels = np.ones((360, 700, 3))
    places = [100, 222, 333, 452, 563]
    pixels[300:302, 98:600] = 0.0
    pixels[50:302, 98:100] = 0.0
    for p in places:
        pixels[302:308, p : p + 2] = 0.0
    for k in range(6):
        pixels[50 + 50 * k : 52 + 50 * k, 92:98] = 0.0
    words = [word(f"{v:g}", p + 1, 322.0) for v, p in zip([0, 90, 180, 270, 360], places, strict=True)]
    words += [word(f"{1 - 0.2 * k:.1f}", 75.0, 51.0 + 50 * k) for k in range(6)]
    [found] = find_panels(words)
    axes = calibrate(pixels, found)
    assert axes.time.pieces
    assert axes.time.value(np.array(places) + 1.0) == pytest.approx([0, 90, 180, 270, 360], abs=0.5)
    assert any("unevenly spaced" in warning for warning in axes.warnings)
    assert not axes.survival.pieces


def test_the_head_of_a_table_that_repeats_the_labels_is_not_the_axis() -> None:
    own, head = time_row([12, 24, 36, 48], y=240.0), time_row([0, 12, 24, 36, 48], left=66.0, y=280.0)
    [found] = find_panels([*column(["1.0", "0.8", "0.6", "0.4", "0.2"]), *own, *head])
    assert {w.cy for w in found.time.words} == {240.0}


def test_a_number_below_the_last_label_is_none_that_was_misread() -> None:
    words = [*column(["100", "90", "80", "70", "60", "50"]), word("0", 40.0, 320.0, width=24.0)]
    [run] = label_columns(words)
    assert run.values == (100.0, 90.0, 80.0, 70.0, 60.0, 50.0)
    assert run.repaired == ()


def test_a_label_whose_tick_was_not_found_still_tells_how_high_the_axis_reaches() -> None:
    labels = LabelRun(words=(), values=(100.0, 80.0, 60.0), outliers=(), scale=-1.0, offset=100.0)
    time = fit_axis(np.array([0.0, 10.0]), np.array([0.0, 100.0]), resolution=1.0, source="labels")
    for ticks, highest in (((80.0, 60.0), 100.0), ((0.8, 0.6), 0.8)):
        survival = fit_axis(np.array(ticks), np.array([20.0, 40.0]), resolution=1.0, source="labels")
        axes = RasterAxes(time=time, survival=survival, time_line=None, survival_line=None, warnings=())
        assert axes.highest(labels) == highest


def test_cells_of_a_table_under_a_plot_make_no_panel_of_their_own() -> None:
    """Rows of events rise as time labels do, and numbers at risk fall as survival labels do."""
    months = [0.0, 12.0, 24.0, 36.0, 48.0]
    rows = [("47", "23", "20", "11", "6"), ("0", "13", "28", "35", "41"), ("33", "27", "13", "11", "1")]
    cells = [
        word(text, 60 + 5.0 * t, 360 + 20 * k)
        for k, row in enumerate(rows)
        for t, text in zip(months, row, strict=True)
    ]
    [found] = find_panels([*column(["1.0", "0.8", "0.6", "0.4", "0.2", "0.0"]), *time_row(months), *cells])
    assert found.time.values == (0.0, 12.0, 24.0, 36.0, 48.0)
    lower = [*column(["1.0", "0.8", "0.6", "0.4", "0.2", "0.0"], top=420.0), *time_row(months, y=720.0)]
    upper = [*column(["1.0", "0.8", "0.6", "0.4", "0.2", "0.0"]), *time_row(months)]
    assert len(find_panels([*upper, *lower])) == 2
