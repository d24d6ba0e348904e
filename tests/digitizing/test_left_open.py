"""What the pixels leave open: how curves begin, what hides them, which is which after two meet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from survrecon.digitizing import DigitizedFigure, digitize
from survrecon.digitizing.raster.curves import find_curves
from survrecon.digitizing.raster.left_open import height_of_dots
from survrecon.model.grade import Grade
from tests.digitizing.plotted import BLUE, PAPER, Plot
from tests.digitizing.rendered import Arm, Look, render, simulate

if TYPE_CHECKING:
    from pathlib import Path

BLACK = Look(colours=("black", "black"), spines="l", margin=0.04)


def _read(path: Path) -> DigitizedFigure:
    return digitize(path, text=False, x_range=(0, 30), y_range=(0, 1))


def _dies_at_once(arm: Arm, share: float) -> Arm:
    """The same arm with a share of its patients lost at time 0."""
    first = np.arange(len(arm.time)) < share * len(arm.time)
    return replace(arm, time=np.where(first, 0.0, arm.time), event=first | arm.event)


def _without_stroke(path: Path, to: Path) -> Path:
    """The same picture without what is drawn above the first level of the lower curve, at the axis."""
    pixels = np.asarray(Image.open(path).convert("RGB")).copy()
    coloured = np.ptp(pixels.astype(int), axis=2) > 60
    column = int(np.flatnonzero(coloured.any(axis=0))[0])
    rows = np.flatnonzero(coloured[:, column : column + 4].any(axis=1))
    pixels[rows[0] + 6 : rows[-1] - 4, column : column + 12] = 255
    Image.fromarray(pixels).save(to)
    return to


@pytest.mark.parametrize("spines", [pytest.param("box", marks=pytest.mark.slow), "l"])
def test_a_first_drop_that_is_drawn_is_said_and_in_no_doubt(tmp_path: Path, spines: str) -> None:
    """Of one arm 12% die at time 0; where their stroke is rubbed out, the curve may begin anywhere."""
    rng = np.random.default_rng(7)
    arms = [simulate(rng, "A", 100, median=20.0), _dies_at_once(simulate(rng, "B", 100, median=15.0), 0.12)]
    drawn = render(tmp_path / "figure.png", arms, Look(spines=spines, margin=0.04 if spines == "l" else 0.0))
    seen, rubbed = _read(drawn.path), _read(_without_stroke(drawn.path, tmp_path / "rubbed.png"))
    low, other = (min(figure.arms, key=lambda arm: float(arm.survival[0])) for figure in (seen, rubbed))
    assert float(low.survival[low.time < 0.3][-1]) == pytest.approx(0.87, abs=0.02)
    assert (low.first_drop, other.first_drop) == (True, False)
    assert not any("full survival" in doubt.why for doubt in seen.doubts)
    assert any("at time 0, where its first events" in said for said in seen.warnings)
    assert any("full survival" in doubt.why for doubt in rubbed.doubts)


@pytest.mark.slow
def test_lines_of_one_colour_are_in_doubt_where_they_meet_again(tmp_path: Path) -> None:
    """The first two part and stay apart; of the others the worse becomes the better."""
    rng = np.random.default_rng(3)
    apart = [simulate(rng, "A", 300, median=60.0), simulate(rng, "B", 300, median=9.0)]
    crossing = [simulate(rng, "A", 300, median=14.0, shape=2.5), simulate(rng, "B", 300, median=14.0, shape=0.6)]
    clear, open_ = (_read(render(tmp_path / f"{k}.png", arms, BLACK).path) for k, arms in enumerate((apart, crossing)))
    assert [sum("same colour" in doubt.why for doubt in figure.doubts) for figure in (clear, open_)] == [0, 2]


@pytest.mark.slow
def test_a_line_that_goes_straight_on_behind_a_box_is_in_no_doubt(tmp_path: Path) -> None:
    """One arm has no event between times 12 and 20, where a box hides both; the other falls there."""
    rng = np.random.default_rng(5)
    one, other = simulate(rng, "A", 60, median=40.0), simulate(rng, "B", 60, median=12.0)
    early = one.event & ((one.time < 12) | (one.time > 20))
    drawn = render(tmp_path / "figure.png", [replace(one, event=early), other], Look())
    pixels = np.asarray(Image.open(drawn.path).convert("RGB")).copy()
    figure = _read(drawn.path)
    left, right = (int(figure.time_axis.position(t) * figure.image_scale) for t in (14.5, 17.5))
    pixels[int(figure.plot_area.y0) + 20 : int(figure.plot_area.y1) - 40, left:right] = 255
    Image.fromarray(pixels).save(tmp_path / "box.png")
    hidden = [doubt.arm for doubt in _read(tmp_path / "box.png").doubts if "hidden" in doubt.why]
    assert len(hidden) == 1
    assert _read(drawn.path).reading.grade is not Grade.UNRELIABLE  # type: ignore[union-attr]


def test_strokes_that_hatch_a_band_stand_higher_than_the_dots_of_a_line() -> None:
    """A dotted line as thick as its dots are high, and the same with strokes of 12 rows at its dots."""
    plot = Plot()
    plot.curve([(60, 60), (200, 110)], BLUE, dash=(2, 3))
    [curve] = find_curves(plot.area, PAPER, first_row=plot.first_row, blank=plot.empty)[0]
    plain = height_of_dots(curve)
    coverage = curve.layer.coverage.copy()
    for row, column in zip(curve.path.rows, curve.path.columns, strict=True):
        if coverage[row, column] > 0.5:
            coverage[max(0, row - 6) : row + 6, column] = 1.0
    hatched = height_of_dots(replace(curve, layer=replace(curve.layer, coverage=coverage)))
    assert plain is not None
    assert hatched is not None
    assert (plain < 2, hatched > 3) == (True, True)
    assert height_of_dots(replace(curve, dash="solid")) is None
