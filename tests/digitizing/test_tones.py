"""Which tones of ink are lines of their own."""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.digitizing.raster.colours import Layer, line_width, separate
from tests.digitizing.plotted import BLACK, BLUE, GREY, PAPER, RED, Plot

UPPER = [(40, 40), (130, 80), (250, 110), (390, 130)]
LOWER = [(30, 70), (120, 140), (240, 190), (350, 240)]


def _like(layers: list[Layer], colour: tuple[float, float, float], within: float = 0.12) -> list[Layer]:
    return [layer for layer in layers if np.abs(np.subtract(layer.colour, colour)).max() < within]


def _columns(layer: Layer) -> int:
    return int((layer.coverage > 0.5).any(axis=0).sum())


def test_two_colours_are_two_layers() -> None:
    plot = Plot()
    plot.curve(UPPER, BLUE)
    plot.curve(LOWER, RED)
    layers = separate(plot.area, PAPER)
    assert len(layers) == 2
    assert all(_columns(layer) > 400 for layer in layers)
    assert [layer.line_width for layer in layers] == pytest.approx([2.0, 2.0], abs=0.3)


def test_a_grey_arm_stays_beside_black_words_and_guide_lines() -> None:
    plot = Plot()
    plot.curve(LOWER, GREY)
    for column in range(250, 400, 12):  # letters
        plot.box((40, 52), (column, column + 2), BLACK)
    plot.box((100, 300), (450, 452), BLACK)
    [grey] = _like(separate(plot.area, PAPER), GREY)
    assert _columns(grey) > 450


def test_black_and_grey_arms_are_two() -> None:
    plot = Plot()
    plot.curve(UPPER, BLACK)
    plot.curve(LOWER, GREY)
    layers = separate(plot.area, PAPER)
    assert len(layers) == 2
    assert _like(layers, GREY)
    assert _like(layers, BLACK)


def test_a_thin_black_line_between_two_rows_is_no_grey_one() -> None:
    plot = Plot()
    plot.curve(UPPER, BLACK, width=1)
    for row, start, stop in ((140, 0, 240), (200, 240, 480)):  # each row takes half the ink of one
        plot.box((row, row + 2), (start, stop), (0.5, 0.5, 0.5))
    layers = separate(plot.area, PAPER)
    assert len(layers) == 1
    assert _like(layers, BLACK)


@pytest.mark.parametrize("alpha", [0.3, 0.6, 0.8])
def test_a_line_is_told_from_a_band_of_its_colour(alpha: float) -> None:
    plot = Plot()
    row, start = 20, 0
    for column, below in [*LOWER, (480, 0)]:
        plot.box((max(0, row - 25), row + 27), (start, column), BLUE, alpha=alpha)
        row, start = below, column
    plot.curve(LOWER, BLUE)
    [layer] = _like(separate(plot.area, PAPER), BLUE)
    seen = layer.coverage > 0.5
    assert _columns(layer) > 440
    assert np.median(seen.sum(axis=0)) <= 4


def test_a_line_under_another_arm_s_band_is_one_tone() -> None:
    plot = Plot()
    plot.curve(LOWER, BLUE)
    plot.box((60, 230), (60, 330), RED, alpha=0.25)
    plot.curve(UPPER, RED)
    layers = separate(plot.area, PAPER)
    assert len(_like(layers, BLUE)) == 1
    assert len([layer for layer in layers if _columns(layer) > 200]) == 2


def test_a_band_over_most_of_the_plot_is_no_stripe_of_the_background() -> None:
    plot = Plot()
    plot.box((100, 160), (40, 500), (0.9, 0.8, 0.75))
    plot.curve(UPPER, BLUE)
    plot.curve(LOWER, BLUE)
    [layer] = _like(separate(plot.area, PAPER), BLUE)
    assert _columns(layer) > 450


@pytest.mark.parametrize("width", [1, 2, 5, 9])
def test_the_width_of_lines(width: int) -> None:
    coverage = np.zeros((60, 200))
    coverage[20 : 20 + width, :100] = coverage[35 : 35 + width, 100:] = 1.0
    assert line_width(coverage) == pytest.approx(width, abs=0.1)
