"""Lines of a drawing that run as survival curves do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survrecon.digitizing.geometry import Box, FloatArray
from survrecon.digitizing.strokes import Colour, Stroke

__all__ = ["SAME", "DrawnLine", "find_lines"]

SAME = 0.02
"""Points: coordinates closer than this are the same."""
_SHORTEST = 0.08  # share of the plot's width that a curve must reach


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawnLine:
    """A chain of strokes of one style that runs through a plot."""

    points: FloatArray
    stroke: Stroke
    slanted: int

    @property
    def colour(self) -> Colour:
        """The colour of its strokes."""
        assert self.stroke.stroke is not None
        return self.stroke.stroke


def find_lines(strokes: Sequence[Stroke], plot: Box, *, zero: float, full_row: float, rising: bool) -> list[DrawnLine]:
    """Return the lines that run as survival curves do: forward in time, never back up.

    Parameters
    ----------
    strokes : sequence of Stroke
        All strokes of the panel.
    plot : Box
        The plot area.
    zero, full_row : float
        Place of time 0 and of full survival.
    rising : bool
        Whether the curves show 1 - S.
    """
    inside = [
        s
        for s in strokes
        if s.stroke is not None
        and (s.fill is None or not s.closed)
        and not s.closed
        and len(s.points) >= 2
        and s.box.x0 > plot.x0 - 3
        and s.box.y0 > plot.y0 - 3
        and s.box.y1 < plot.y1 + 0.2 * plot.height
    ]
    lines = []
    for points, stroke in _chained(inside):
        dx, dy = np.diff(points[:, 0]), np.diff(points[:, 1]) * (-1 if rising else 1)
        if len(points) < 3 or (dx < -SAME).any() or (dy < -0.5).any() or (dy < -SAME).mean() > 0.02:
            continue
        if len(points) == 3 and dx[0] < SAME and abs(points[1, 1] - points[0, 1]) > 0.9 * plot.height:
            continue  # two sides of the plot's frame
        span = points[-1, 0] - points[0, 0]
        if span < _SHORTEST * plot.width or abs(points[-1, 1] - points[0, 1]) < 0.005 * plot.height:
            continue
        if abs(points[0, 1] - full_row) > 0.04 * plot.height or points[0, 0] > zero + 0.25 * plot.width:
            continue
        slanted = int(((dx > 0.5) & (dy > 0.5)).sum())
        lines.append(DrawnLine(points=points, stroke=stroke, slanted=slanted))
    return _without_bands(lines)


def _style(s: Stroke) -> tuple[object, ...]:
    assert s.stroke is not None
    return (tuple(round(c, 2) for c in s.stroke), round(s.width, 2), tuple(round(d, 1) for d in s.dash))


def _chained(strokes: Sequence[Stroke]) -> list[tuple[FloatArray, Stroke]]:
    """Join strokes of one style where one ends as the next begins."""
    chains: list[tuple[FloatArray, Stroke]] = []
    open_ends: dict[tuple[object, ...], list[int]] = {}
    for s in strokes:
        style = _style(s)
        points = s.points
        joined = False
        for k in reversed(open_ends.get(style, [])[-8:]):
            known = chains[k][0]
            if np.abs(known[-1] - points[0]).max() < SAME:
                chains[k] = (np.vstack([known, points[1:]]), chains[k][1])
                joined = True
                break
        if not joined:
            open_ends.setdefault(style, []).append(len(chains))
            chains.append((points, s))
    return chains


def _without_bands(lines: list[DrawnLine]) -> list[DrawnLine]:
    """Drop confidence limits: two lines of a colour that run above and below a third one of it."""
    groups: dict[tuple[float, ...], list[DrawnLine]] = {}
    for line in lines:
        groups.setdefault(tuple(round(c, 2) for c in line.colour), []).append(line)
    kept: list[DrawnLine] = []
    for group in groups.values():
        styles = {_style(line.stroke)[1:] for line in group}
        if len(group) < 3 or len(group) % 3 or len(styles) != 2:
            kept += group
            continue
        widest = max(group, key=lambda line: (line.stroke.duty, line.stroke.width))
        mains = [line for line in group if _style(line.stroke) == _style(widest.stroke)]
        kept += mains if len(mains) * 3 == len(group) else group
    return [line for line in lines if any(line is k for k in kept)]
