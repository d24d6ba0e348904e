"""What a curve's own ink says against its reading: ink left aside, a line that goes on, falls drawn as slopes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from survrecon.digitizing.raster.against import columns_off_ink, share_aslant, what_speaks_against
from survrecon.digitizing.raster.curves import find_curves
from survrecon.digitizing.raster.left_open import what_is_left_open
from tests.digitizing.made import an_axis
from tests.digitizing.plotted import BLACK, BLUE, PAPER, RED, Plot

if TYPE_CHECKING:
    from survrecon.digitizing.raster.curves import RawCurve
    from survrecon.digitizing.raster.read_panel import RasterPanel

TANGLED = "crosses another line of its colour too often for dashes to tell which is which"
STEPS = [(60, 60), (150, 110), (260, 170), (370, 210)]


def _panel(plot: Plot, curves: list[RawCurve] | None = None) -> RasterPanel:
    """The panel of a plot with its curves, or with others."""
    found = find_curves(plot.area, PAPER, first_row=plot.first_row, blank=plot.empty)[0]
    made = SimpleNamespace(
        curves=found if curves is None else curves,
        origin=(0, 0),
        blank=plot.empty,
        rising=False,
        axes=SimpleNamespace(time=an_axis([0, 50], 10.0, 0.0)),
    )
    return cast("RasterPanel", made)


@pytest.mark.parametrize("dash", [(1, 0), (9, 5), (3, 4)], ids=["solid", "dashed", "dotted"])
def test_nothing_speaks_against_a_curve_on_its_ink(dash: tuple[int, int]) -> None:
    plot = Plot()
    plot.curve(STEPS, BLUE, dash=dash)
    panel = _panel(plot)
    assert what_speaks_against(panel, panel.curves[0]) == []


def test_a_level_beside_its_ink_is_told() -> None:
    """A level of 110 columns is read ten rows too low, the ink above it in its own colour."""
    plot = Plot()
    plot.curve(STEPS, BLUE)
    panel = _panel(plot)
    [curve] = panel.curves
    low = np.where(np.isclose(curve.y, 111, atol=2), curve.y + 10, curve.y)
    off = columns_off_ink(panel, curve, curve.x, low)
    assert 90 < off.sum() < 110
    [told] = what_speaks_against(panel, replace(curve, y=low))
    assert "ink of its colour stands above or below it" in told


def test_ink_that_compression_took_the_colour_of_is_told_too() -> None:
    """A line that another one hides is taken to run behind it, where in truth its paler ink stands above."""
    plot = Plot()
    plot.curve(STEPS, BLACK)
    plot.curve([(60, 40), (150, 90), (200, 110), (260, 150), (370, 190)], RED)
    plot.box((90, 92), (156, 200), (0.45, 0.4, 0.4))
    plot.box((90, 112), (200, 202), (0.45, 0.4, 0.4))
    panel = _panel(plot)
    red = next(curve for curve in panel.curves if curve.layer.colour[0] > 0.6)
    corners = (np.array([0, 60, 150, 260, 370, 480]), np.array([21, 41, 111, 151, 191]))
    level = np.repeat(corners[1], np.diff(corners[0]))
    covered = np.zeros_like(red.footprint)
    covered[level - 1, np.arange(480)] = covered[level, np.arange(480)] = True
    behind = replace(red, x=corners[0][:-1].astype(float), y=corners[1].astype(float), footprint=covered)
    assert any("stands above or below" in told for told in what_speaks_against(panel, behind))


def test_a_line_that_shows_behind_its_end_is_told() -> None:
    plot = Plot()
    plot.curve(STEPS, BLUE)
    panel = _panel(plot)
    [curve] = panel.curves
    [told] = what_speaks_against(panel, replace(curve, stop=440.0))
    assert "ink of its colour shows behind its end at time 44" in told


def test_half_a_mark_behind_the_end_is_no_line() -> None:
    plot = Plot()
    plot.curve(STEPS, BLUE, end=466)
    plot.box((204, 219), (458, 460), BLUE)  # a plus sign, the curve's end in its middle
    panel = _panel(plot)
    [curve] = panel.curves
    assert what_speaks_against(panel, replace(curve, stop=459.0)) == []


def test_slopes_between_events_are_no_steps() -> None:
    """A line drawn from event to event; the same events as steps."""
    slopes, steps = Plot(), Plot()
    corners = [(0, 20), (60, 60), (150, 110), (260, 170), (370, 210), (480, 212)]
    for (x, y), (stop, below) in pairwise(corners):
        for column in range(x, stop):
            row = y + (below - y) * (column - x) / (stop - x)
            slopes.box((round(row), round(row) + 2), (column, column + 1), BLUE)
    steps.curve(STEPS, BLUE)
    aslant, upright = (share_aslant(panel.curves[0]) for panel in (_panel(slopes), _panel(steps)))
    assert aslant > 0.5
    assert upright == 0


@pytest.mark.parametrize("exchanged", [False, True])
def test_dashes_that_do_not_stay_with_their_line_are_told(exchanged: bool) -> None:
    """A dashed and a dotted black line meet at column 200 and part again; the readings go on with the other's ink."""
    plot = Plot()
    for pair, dash in (((60, 180), (10, 5)), ((110, 240), (2, 5))):
        plot.level(pair[0], (0, 200), BLACK, dash=dash)
        plot.level(150, (200, 240), BLACK, dash=dash)
        plot.level(pair[1], (240, 480), BLACK, dash=dash)
    [found, *_] = find_curves(plot.area, PAPER, first_row=60.5, blank=plot.empty)[0]
    alike = replace(found, dash="dashed", x=np.zeros(1), y=np.full(1, 60.0), stop=480.0, hidden=())
    curves = []
    for before, behind in ((60, 240 if exchanged else 180), (110, 180 if exchanged else 240)):
        rows = np.repeat([before, 150, behind], [200, 40, 240])
        curves.append(replace(alike, path=replace(found.path, start=0, stop=480, rows=rows)))
    panel = _panel(plot, curves)
    told = [any("dashes do not stay" in said for said in what_is_left_open(panel, curve)) for curve in curves]
    assert told == [exchanged, exchanged]


@pytest.mark.parametrize(("dash", "told"), [((22, 8), True), ((6, 4), False)], ids=["long", "short"])
def test_lines_that_cross_within_a_dash_are_tangled(dash: tuple[int, int], *, told: bool) -> None:
    """A solid and a dashed line cross four times in 60 columns: no gap of long dashes falls there, several of short."""
    plot = Plot()
    plot.curve([(20, 40), (34, 66), (56, 90), (150, 110), (260, 140)], BLACK)
    plot.curve([(10, 52), (46, 80), (70, 120), (200, 180), (300, 230)], BLACK, dash=dash)
    panel = _panel(plot)
    assert len(panel.curves) == 2
    for curve in panel.curves:
        said = [one for one in what_is_left_open(panel, curve) if "too often for dashes" in one]
        assert said == ["from time 1 to 7 it " + TANGLED] * told


def test_a_long_stretch_of_bare_paper_is_told_and_words_that_hide_a_level_are_not() -> None:
    """Words may hide a level; where the curve falls behind them, how it does is open."""
    plot = Plot()
    plot.curve(STEPS, BLUE)
    panel = _panel(plot)
    [curve] = panel.curves
    said = "none of its ink shows, and nothing covers it"
    level, step = replace(curve, hidden=((180, 220),)), replace(curve, hidden=((240, 280),))
    for one in (level, step):
        assert any(said in told for told in what_speaks_against(panel, one))
    panel.blank[100:120, 170:240] = panel.blank[140:180, 230:290] = True
    assert what_speaks_against(panel, level) == []
    assert any("words hide how it falls" in told for told in what_speaks_against(panel, step))


def test_a_line_that_is_solid_here_and_dashed_there_is_told() -> None:
    """The solid line's path goes over to the dashed one, and that of the dashed one runs over bare paper."""
    plot = Plot()
    plot.curve([(60, 100), (220, 120)], BLACK)
    plot.curve([(60, 40), (220, 60), (260, 200)], BLACK, dash=(6, 4))
    solid, dashed = sorted(_panel(plot).curves, key=lambda curve: -curve.covered)

    def strayed(curve: RawCurve, row: int) -> RawCurve:
        rows = np.where(np.arange(curve.path.stop) < 300, curve.path.rows, row)
        return replace(curve, path=replace(curve.path, rows=rows))

    mixed, other = strayed(solid, 201), strayed(dashed, 160)
    told = what_is_left_open(_panel(plot, [mixed, other]), mixed)
    assert any("their dashes do not stay with them" in one for one in told)
    assert not any("dashes" in one for one in what_is_left_open(_panel(plot, [solid, dashed]), solid))
