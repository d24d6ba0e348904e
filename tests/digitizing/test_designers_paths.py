"""Curves as illustration programs export them: backwards, in pieces, out and back as a closed path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.digitizing import FigureKind, digitize
from survrecon.digitizing.geometry import Box
from survrecon.digitizing.vector.curves import find_lines
from survrecon.digitizing.vector.strokes import Stroke

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
