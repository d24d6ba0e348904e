"""What stands in a plot area and is no curve is taken out before curves are traced, and no curve is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.raster.axes import RasterAxes, fit_axis, plot_area
from survrecon.digitizing.raster.figure import falls_at_once
from survrecon.digitizing.raster.not_curves import not_curves, straight_lines
from survrecon.digitizing.words.words import Word
from tests.digitizing.plotted import BLACK, BLUE, PAPER, Plot

if TYPE_CHECKING:
    from survrecon.arrays import BoolArray
    from survrecon.digitizing.raster.read_panel import RasterPanel

STEPS = [(60, 60), (150, 110), (260, 170), (370, 210)]


def _blank(plot: Plot, words: list[Word] | None = None, *, falling: bool = True) -> BoolArray:
    h, w = plot.area.shape[:2]
    box = Box(x0=0.0, y0=0.0, x1=float(w), y1=float(h))
    return not_curves(
        plot.area, PAPER, words=words or [], lines=([], []), plot=box, first_row=plot.first_row, falling=falling
    )


def _word(text: str, x: float, y: float) -> Word:
    return Word(text=text, box=Box(x0=x, y0=y, x1=x + 8.0 * len(text), y1=y + 12.0))


@pytest.mark.parametrize("colour", [BLACK, BLUE])
@pytest.mark.parametrize("dash", [(1, 0), (9, 5), (3, 4)])
def test_a_curve_is_left_as_it_is(colour: tuple[float, float, float], dash: tuple[int, int]) -> None:
    plot = Plot()
    plot.curve(STEPS, colour, dash=dash)
    assert not _blank(plot).any()


def test_a_first_drop_at_the_origin_is_a_curve() -> None:
    plot = Plot()
    plot.curve([(0, 90), (200, 150)], BLACK)
    assert not _blank(plot)[90:92, 10:190].any()


def test_a_legend_s_frame_is_none() -> None:
    plot = Plot()
    plot.curve(STEPS, BLACK)
    for row in (230, 280):
        plot.level(row, (20, 200), BLACK)
    for column in (20, 198):
        plot.box((230, 282), (column, column + 2), BLACK)
    blank = _blank(plot)
    assert blank[230:282, 20:22].all()
    assert blank[280:282, 20:200].all()
    assert not blank[:215].any()


@pytest.mark.parametrize("dash", [(1, 0), (6, 4)], ids=["solid", "dashed"])
def test_a_median_s_guide_line_is_none(dash: tuple[int, int]) -> None:
    plot = Plot()
    plot.curve(STEPS, BLACK)
    plot.level(140, (0, 262), BLACK, dash=dash)
    blank = _blank(plot)
    assert blank[140:142, 5:250].mean() > 0.9
    assert not blank[60:130].any()


def test_a_landmark_s_upright_line_is_none() -> None:
    plot = Plot()
    plot.curve(STEPS, BLACK)
    for top in range(0, 300, 10):
        plot.box((top, top + 6), (200, 202), BLACK)
    blank = _blank(plot)
    assert blank[120:300, 200:202].mean() > 0.9
    assert blank.sum() < 6 * 300


def test_a_hatched_area_hides_no_curve() -> None:
    """Slanted strokes in two directions, of which every row and column looks like a dashed line."""
    plot = Plot()
    rows, columns = np.mgrid[20:300, 150:320]
    plot.area[20:300, 150:320][((rows + columns) % 16 < 2) | ((rows - columns) % 16 < 2)] = 0.6
    plot.curve(STEPS, BLUE, width=3)
    blank = _blank(plot)
    assert blank[110:113, 155:255].mean() < 0.1


def test_rules_of_a_table_are_none_and_a_plateau_is() -> None:
    plot = Plot()
    plot.curve([(60, 60), (150, 210)], BLACK)
    for row in (100, 130):
        plot.level(row, (250, 480), BLACK)
    blank = _blank(plot)
    assert blank[100:102, 250:480].all()
    assert blank[130:132, 250:480].all()
    assert not blank[205:215].any()


def test_the_end_of_a_dashed_curve_beside_its_name_is_no_legend_key() -> None:
    plot = Plot()
    plot.curve(STEPS, BLACK, end=400, dash=(9, 5))
    beside = [_word("Control", 408.0, 205.0)]
    assert not _blank(plot, beside).any()
    key = Plot()
    key.level(211, (360, 400), BLACK, dash=(9, 5))
    assert _blank(key, beside)[211:213, 360:400].mean() > 0.9


def test_dashes_are_one_line_and_two_levels_are_two() -> None:
    plot = Plot()
    plot.level(50, (10, 200), BLACK, dash=(6, 4))
    plot.level(80, (10, 100), BLACK)
    plot.level(82, (100, 200), BLACK)
    ink = plot.area.min(axis=2) < 0.5
    found = straight_lines(ink, length=80, gap=6, thickest=6)
    assert [(line.top, line.start) for line in found] == [(50, 10)]


def test_a_shaded_panel_goes_on_below_its_last_label_as_far_as_its_shade() -> None:
    """White grid lines run through to its edge, so that the place of the time axis was taken from inside it."""
    pixels = np.ones((260, 400, 3))
    pixels[20:230, 40:380] = 0.9
    pixels[:, 100:300:50] = 1.0
    axes = RasterAxes(
        time=fit_axis(np.array([0.0, 10.0, 20.0]), np.array([50.0, 200.0, 350.0]), resolution=0.1, source="tick marks"),
        survival=fit_axis(
            np.array([1.0, 0.6, 0.2]), np.array([30.0, 110.0, 190.0]), resolution=0.01, source="tick marks"
        ),
        time_line=200.0,
        survival_line=40.0,
        warnings=(),
    )
    assert plot_area(pixels, axes, [], 1.0).y1 == pytest.approx(230.0, abs=8.0)
    assert plot_area(np.ones_like(pixels), axes, [], 1.0).y1 == pytest.approx(200.0, abs=8.0)


def test_an_axis_and_a_grid_line_fall_at_once_and_curves_do_not() -> None:
    """Taken for a curve they hide that the plot's curves rise."""

    def falls(x: list[float], y: list[float]) -> bool:
        curves = [SimpleNamespace(x=np.array(x), y=np.array(y))]
        return falls_at_once(cast("RasterPanel", SimpleNamespace(curves=curves, plot=Box(x0=0, y0=0, x1=300, y1=200))))

    assert falls([0.0, 1.0, 150.0], [0.0, 40.0, 60.0])
    assert not falls([0.0, 1.0, 150.0], [0.0, 5.0, 60.0])
    assert not falls([0.0, 20.0, 150.0], [0.0, 40.0, 60.0])
