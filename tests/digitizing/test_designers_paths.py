"""Curves as illustration programs export them: backwards, in pieces, out and back as a closed path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.digitizing import FigureKind, digitize
from survrecon.digitizing.geometry import Box
from survrecon.digitizing.raster.axes import RasterAxes, fit_axis
from survrecon.digitizing.vector.curves import find_lines
from survrecon.digitizing.vector.figure import drawn_plot_area
from survrecon.digitizing.vector.strokes import Drawing, Stroke

if TYPE_CHECKING:
    from pathlib import Path

LEFT, TOP, WIDE, HIGH = 60.0, 40.0, 400.0, 300.0
CURVE = [(0.0, 1.0), (4.0, 1.0), (4.0, 0.8), (9.0, 0.8), (9.0, 0.55), (15.0, 0.55), (15.0, 0.3), (19.0, 0.3)]


def points(curve: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(LEFT + WIDE * t / 20, TOP + HIGH * (1 - s)) for t, s in curve]


def path(corners: list[tuple[float, float]], *, close: bool = False) -> str:
    steps = " L".join(f"{x:.2f},{y:.2f}" for x, y in corners)
    return f'<path fill="none" stroke="#c00000" stroke-width="1.2" d="M{steps}{" Z" if close else ""}"/>'


def figure(where: Path, curve: str) -> Path:
    ticks = "".join(
        f'<path stroke="black" d="M{LEFT + 100 * k},{TOP + HIGH} v5"/>'
        f'<text font-size="12" x="{LEFT + 100 * k - 4}" y="{TOP + HIGH + 20}">{5 * k}</text>'
        for k in range(5)
    )
    ticks += "".join(
        f'<path stroke="black" d="M{LEFT},{TOP + HIGH * (1 - k / 4)} h-5"/>'
        f'<text font-size="12" x="{LEFT - 34}" y="{TOP + HIGH * (1 - k / 4) + 4}">{k / 4:.2f}</text>'
        for k in range(5)
    )
    axes = f'<path fill="none" stroke="black" d="M{LEFT},{TOP} V{TOP + HIGH} H{LEFT + WIDE}"/>'
    title = f'<text font-size="12" x="220" y="{TOP + HIGH + 40}">Months</text>'
    where.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="520" height="420">{axes}{ticks}{title}{curve}</svg>',
        encoding="utf-8",
    )
    return where


def drawings() -> dict[str, str]:
    corners = points(CURVE)
    pieces = [path(corners[k : k + 2][::-1]) for k in range(len(corners) - 1)]
    there_and_back = corners + [(x, y + 0.1) for x, y in corners[::-1]]
    return {
        "backwards": path(corners[::-1]),
        "pieces in any order": "".join([*pieces[3:], *pieces[:3]]),
        "out and back": path(there_and_back, close=True),
    }


@pytest.mark.parametrize("name", drawings())
def test_a_curve_is_read_whichever_way_its_path_runs(tmp_path: Path, name: str) -> None:
    read = digitize(figure(tmp_path / "f.svg", drawings()[name]))
    assert read.kind is FigureKind.VECTOR
    [arm] = read.arms
    assert np.allclose(arm.time[[0, -1]], [0, 19], atol=0.02)
    at = np.array([2.0, 6.0, 12.0, 17.0])
    assert np.allclose(arm.survival[np.searchsorted(arm.time, at, side="right") - 1], [1, 0.8, 0.55, 0.3], atol=2e-3)


@pytest.mark.parametrize("rising", [False, True])
def test_two_sides_of_a_frame_are_no_curve(rising: bool) -> None:
    """The bottom and the right side of a plot begin where rising curves do, and seem to have one drop at the end."""
    plot = Box(x0=LEFT, y0=TOP, x1=LEFT + WIDE, y1=TOP + HIGH)
    bottom, top = TOP + HIGH, TOP
    sides = [
        [(LEFT, bottom), (LEFT + WIDE, bottom), (LEFT + WIDE, top)],
        [(LEFT, top), (LEFT, bottom), (LEFT + WIDE, bottom)],
    ]
    frames = [Stroke(points=np.array(side), stroke=(0.0, 0.0, 0.0), fill=None, width=1.0) for side in sides]
    full = bottom if rising else top
    assert find_lines(frames, plot, zero=LEFT, full_row=full, rising=rising) == []


def test_a_rising_curve_may_pass_the_last_label_as_far_as_the_axis_is_drawn() -> None:
    """An inset from 0 to 0.08 whose axis line goes on to 0.095, and a grey line beyond it."""
    months = np.array([0.0, 12.0, 24.0])
    levels = np.array([0.0, 0.02, 0.04, 0.06, 0.08])
    axes = RasterAxes(
        time=fit_axis(months, 100 + 10 * months, resolution=0.1, source="tick marks"),
        survival=fit_axis(levels, 300 - 2500 * levels, resolution=1e-4, source="tick marks"),
        time_line=300.0,
        survival_line=100.0,
        warnings=(),
    )

    def upright(x: float, top: float, bottom: float = 300.0) -> Stroke:
        return Stroke(
            points=np.array([[x, top], [x, bottom]]),
            stroke=(0, 0, 0),
            fill=None,
            width=1.0,
            dash=(),
            closed=False,
            path=0,
        )

    def top(*strokes: Stroke) -> float:
        return drawn_plot_area(Drawing(width=400, height=400, strokes=list(strokes), words=[]), axes, 0.08).y0

    assert top(upright(100.0, 62.5)) == pytest.approx(62.5, abs=10)
    assert top(upright(100.0, 20.0)) == pytest.approx(100.0, abs=10)  # more than a tick beyond: another plot's axis
    assert top() == pytest.approx(100.0, abs=10)
