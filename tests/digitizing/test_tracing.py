"""Which paths through ink are curves."""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.digitizing.raster.curves import RawCurve, find_curves, hidden_stretches, lost
from survrecon.digitizing.raster.trace import Path, kind_of_line, last_drop, trace
from tests.digitizing.plotted import BLACK, BLUE, GREY, PAPER, RED, Plot

STEPS = [(60, 60), (150, 110), (260, 170), (370, 210)]
NEAR = [(62, 60), (152, 110), (300, 130), (400, 150)]


def _found(plot: Plot) -> list[RawCurve]:
    return find_curves(plot.area, PAPER, first_row=plot.first_row, blank=plot.empty)[0]


def _ends(curves: list[RawCurve]) -> list[int]:
    return sorted(round(float(curve.y[-1])) for curve in curves)


def test_a_curve_s_corners() -> None:
    plot = Plot()
    plot.curve(STEPS, BLUE)
    [curve] = _found(plot)
    assert curve.x[1:] == pytest.approx([61, 151, 261, 371], abs=0.3)
    assert curve.y == pytest.approx([21, 61, 111, 171, 211], abs=0.3)
    assert curve.dash == "solid"


@pytest.mark.parametrize(("dash", "kind"), [((1, 0), "solid"), ((12, 6), "dashed"), ((3, 4), "dotted")])
def test_kinds_of_lines(dash: tuple[int, int], kind: str) -> None:
    coverage = np.zeros((40, 300))
    on, off = dash
    for start in range(0, 300, on + off):
        coverage[20:22, start : start + on] = 1.0
    path = Path(start=0, stop=300, rows=np.full(300, 20), cost=0.0)
    assert kind_of_line(coverage, path, 2.0) == kind


def test_a_dotted_arm_that_coincides_with_a_solid_one_at_first() -> None:
    plot = Plot()
    plot.curve(STEPS, BLACK)
    plot.curve(NEAR, BLACK, width=2, dash=(2, 3))
    assert _ends(_found(plot)) == [151, 211]


def test_a_dotted_arm_close_to_a_solid_one() -> None:
    plot = Plot()
    plot.curve([(60, 40), (200, 60), (330, 80)], BLACK)
    plot.curve([(80, 46), (215, 66), (340, 86)], BLACK, dash=(2, 3))
    assert _ends(_found(plot)) == [81, 87]


def test_two_black_lines_of_which_one_is_thicker() -> None:
    plot = Plot()
    plot.curve(STEPS, BLACK, width=1)
    plot.curve([(60, 30), (200, 45), (330, 60)], BLACK, width=5)
    assert _ends(_found(plot)) == pytest.approx([62, 210], abs=3)


def test_marks_beside_a_solid_line_are_no_second_arm() -> None:
    plot = Plot()
    plot.curve(STEPS, BLACK)
    levels = ((20, 10, 60), (60, 70, 150), (110, 160, 260), (170, 270, 370), (210, 380, 480))
    for row, start, stop in levels:
        for column in range(start, stop, 9):
            plot.box((row - 4, row + 6), (column, column + 2), BLACK)
    assert _ends(_found(plot)) == [211]


def test_open_circles_on_a_line_are_no_second_arm() -> None:
    """Rings of six pixels around a falling line, white within: their lower halves look like dashes beside it."""
    plot = Plot()
    steps = [(30 * k, 20 + 12 * k) for k in range(1, 15)]
    plot.curve(steps, BLACK)
    rows, columns = np.mgrid[:300, :500]
    for k, (column, row) in enumerate(steps):
        off = np.hypot(columns - column - 15, rows - row - (3 if k % 2 else 0))
        plot.area[off < 6.5] = BLACK
        plot.area[off < 5] = PAPER
    assert len(_found(plot)) == 1


def test_black_marks_on_a_coloured_line_are_no_arm() -> None:
    plot = Plot()
    plot.curve(STEPS, BLUE)
    for row, start, stop in ((60, 70, 150), (110, 160, 260), (170, 270, 370), (210, 380, 480)):
        for column in range(start, stop, 7):
            plot.box((row - 4, row + 6), (column, column + 2), BLACK)
    assert [curve.layer.chroma > 0.3 for curve in _found(plot)] == [True]


def test_a_field_of_dots_is_no_dotted_curve() -> None:
    plot = Plot()
    for row in range(24, 296, 8):
        for column in range(60 + row % 16 // 2, 330, 8):
            plot.box((row, row + 2), (column, column + 2), GREY)
    plot.curve([(60, 60), (150, 110), (260, 170)], BLUE)
    [curve] = _found(plot)
    assert curve.layer.chroma > 0.3


def test_a_path_from_a_curve_down_to_other_ink_is_cut() -> None:
    plot = Plot()
    plot.curve([(60, 40), (200, 60)], BLACK)
    plot.level(240, (120, 470), BLACK)
    assert _ends(_found(plot)) == [61]
    ink = (plot.area.min(axis=2) < 0.5).astype(float)
    rows = np.concatenate([np.full(130, 40), np.full(340, 240)])
    assert lost(ink, Path(start=0, stop=470, rows=rows, cost=0.0), 2.0) == 130


def test_a_path_over_bare_background_is_cut() -> None:
    ink = np.zeros((100, 400))
    ink[20:22, :100] = ink[40:42, 250:] = 1.0
    rows = np.concatenate([np.full(240, 20), np.full(160, 40)])
    assert lost(ink, Path(start=0, stop=400, rows=rows, cost=0.0), 2.0) == 100


def test_a_covered_stretch_is_told_and_not_cut() -> None:
    coverage, nothing = np.zeros((100, 400)), np.zeros((100, 400))
    coverage[20:22, :180] = coverage[60:62, 210:] = 1.0
    rows = np.concatenate([np.full(195, 20), np.full(205, 60)])
    path = Path(start=0, stop=400, rows=rows, cost=0.0)
    assert lost(coverage, path, 2.0) == 400
    [(start, stop)] = hidden_stretches(coverage, nothing, path, 2.0, broken=False)
    assert (start, stop) == pytest.approx((180, 210), abs=1)


def test_an_axis_without_full_survival_has_no_curve() -> None:
    plot = Plot(first_row=-40.0)
    plot.curve(STEPS, BLUE)
    assert _found(plot) == []


def test_two_arms_of_two_colours_cross() -> None:
    plot = Plot()
    plot.curve([(50, 100), (300, 120)], BLUE)
    plot.curve([(120, 60), (200, 160)], RED)
    assert _ends(_found(plot)) == [121, 161]


def test_a_traced_path_never_rises() -> None:
    rng = np.random.default_rng(4)
    cost = rng.random((40, 120))
    path = trace(cost, cost, first_row=5, slack=3)
    assert (np.diff(path.rows) >= 0).all()
    assert abs(int(path.rows[0]) - 5) <= 40


def test_the_stroke_that_ends_a_curve() -> None:
    coverage = np.zeros((80, 100))
    coverage[20:22, :60] = coverage[20:61, 60:62] = 1.0
    path = Path(start=0, stop=61, rows=np.full(61, 20), cost=0.0)
    place, foot = last_drop(coverage, path, 1.0, 21.0)
    assert place == pytest.approx(61.0, abs=0.5)
    assert foot == pytest.approx(60.0, abs=1.0)


def test_one_line_of_which_compression_made_two_tones_is_one_curve() -> None:
    """Every other stretch of a blue line is deeper and less blue; an arm of that tone that parts from it is one."""
    plot = Plot()
    plot.curve(STEPS, (0.0, 0.24, 0.62))
    plot.curve(STEPS, (0.05, 0.12, 0.26), dash=(9, 7))
    assert _ends(_found(plot)) == [211]
    apart = Plot()
    apart.curve(STEPS, (0.0, 0.24, 0.62))
    apart.curve(NEAR, (0.05, 0.12, 0.26), dash=(14, 4))
    assert _ends(_found(apart)) == [151, 211]
