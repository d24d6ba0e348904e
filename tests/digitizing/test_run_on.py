"""Curves that run on behind the end of their path: under marks of another tone, and down a dashed last fall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.digitizing.geometry import strongest
from survrecon.digitizing.raster.curves import find_curves
from survrecon.digitizing.raster.run_on import to_their_ends
from tests.digitizing.plotted import BLACK, BLUE, GREY, PAPER, RED, Plot

if TYPE_CHECKING:
    from survrecon.digitizing.raster.curves import RawCurve

STEPS = [(60, 60), (150, 110), (260, 150), (370, 170)]


def _followed(plot: Plot) -> tuple[list[RawCurve], list[RawCurve]]:
    """The curves as traced, and as they run on."""
    found, _ = find_curves(plot.area, PAPER, first_row=plot.first_row, blank=plot.empty)
    return found, to_their_ends(found, strongest(np.abs(plot.area - PAPER)), plot.empty)


def test_a_block_of_marks_of_another_tone_hides_the_end_of_a_curve() -> None:
    plot = Plot()
    plot.curve(STEPS, BLUE, end=430)
    for column in range(430, 450, 4):  # black bars so close that the line shows between none of them
        plot.box((165, 178), (column, column + 3), BLACK)
    plot.level(170, (430, 449), BLACK)
    [short], [whole] = _followed(plot)
    assert short.stop == pytest.approx(430, abs=2)
    assert whole.stop == pytest.approx(449, abs=1)
    assert whole.y[-1] == short.y[-1]


def test_a_line_of_another_tone_behind_the_end_is_no_block_of_marks() -> None:
    plot = Plot()
    plot.curve(STEPS, BLUE, end=430)
    plot.level(170, (430, 449), BLACK)
    [short], [whole] = _followed(plot)
    assert whole.stop == short.stop


def test_another_curve_that_runs_on_is_no_block_of_marks() -> None:
    plot = Plot()
    plot.curve([(60, 70), (150, 120), (260, 160), (370, 170)], RED, width=5)
    plot.curve(STEPS, BLUE, end=430)
    _, whole = _followed(plot)
    assert {round(curve.stop, -1) for curve in whole} == {430, 480}


@pytest.mark.parametrize("dash", [(8, 4), (3, 3)], ids=["dashed", "dotted"])
def test_a_dashed_last_fall_is_followed_to_the_level_at_its_foot(dash: tuple[int, int]) -> None:
    plot = Plot()
    plot.curve([*STEPS, (464, 250)], GREY, end=480, dash=dash)
    _, [whole] = _followed(plot)
    assert whole.stop == pytest.approx(480, abs=3)
    assert whole.y[-1] == pytest.approx(251, abs=1)
    assert whole.x[-1] == pytest.approx(465, abs=2)
