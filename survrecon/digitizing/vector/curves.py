"""Lines of a drawing that run as survival curves do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.vector.settings import LINES
from survrecon.digitizing.words.scene import DrawnCurve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.digitizing.geometry import Box
    from survrecon.digitizing.raster.axes import RasterAxes
    from survrecon.digitizing.vector.strokes import Colour, Stroke
    from survrecon.digitizing.words.words import Word

__all__ = ["SAME", "DrawnLine", "find_lines", "in_data_units", "marks_of"]

SAME = LINES.same
"""Points: coordinates closer than this are the same."""


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
        for s in map(_unclosed, strokes)
        if s.stroke is not None
        and not s.closed
        and len(s.points) >= 2
        and s.box.x0 > plot.x0 - 3
        and s.box.y0 > plot.y0 - 3
        and s.box.y1 < plot.y1 + LINES.below * plot.height
    ]
    lines = []
    for points, stroke in _chained(inside):
        dx, dy = np.diff(points[:, 0]), np.diff(points[:, 1]) * (-1 if rising else 1)
        if len(points) < 3 or _backwards(dx) or _backwards(dy):
            continue
        if _is_frame(points, plot):
            continue
        span = points[-1, 0] - points[0, 0]
        moved = min(abs(points[-1, 1] - points[0, 1]), abs(points[-1, 1] - full_row))
        if span < LINES.shortest * plot.width or moved < LINES.least_fall * plot.height:
            continue  # an axis with its first tick comes back to where curves start
        if (
            abs(points[0, 1] - full_row) > LINES.off_full * plot.height
            or points[0, 0] > zero + LINES.late_start * plot.width
        ):
            continue
        points = np.column_stack([np.maximum.accumulate(points[:, 0]), points[:, 1]])
        slanted = int(((dx > 0.5) & (dy > 0.5)).sum())
        lines.append(DrawnLine(points=points, stroke=stroke, slanted=slanted))
    return _without_bands(lines)


def _is_frame(points: FloatArray, plot: Box) -> bool:
    """Return whether a line is two sides of the plot's frame, perhaps with a tick at their ends.

    One of its sides is upright, as high as the plot, and stands where the line begins or at the plot's right edge.
    """
    if len(points) > LINES.frame_corners:
        return False
    upright = np.abs(np.diff(points[:, 0])) < SAME
    high = np.abs(np.diff(points[:, 1])) > LINES.frame * plot.height
    at_edge = np.abs(points[:-1, 0] - plot.x1) < LINES.frame_edge * plot.width
    at_edge[0] = True
    return bool((upright & high & at_edge).any())


def _unclosed(s: Stroke) -> Stroke:
    """Return a closed path that runs along a line and back again as that line."""
    if not s.closed or s.fill is not None or s.stroke is None or len(s.points) < LINES.outline:
        return s
    x, y = s.points[:, 0], s.points[:, 1]
    area = abs(float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())) / 2
    if area > LINES.hair * (float(np.ptp(x)) + float(np.ptp(y))):
        return s
    return replace(s, points=s.points[: int(x.argmax()) + 1], closed=False)


def _backwards(steps: FloatArray) -> bool:
    """Return whether a line runs back, beyond what rounding does in a few places."""
    return bool((steps < -LINES.rounded).any() or (steps < -SAME).mean() > LINES.few)


def _style(s: Stroke) -> tuple[object, ...]:
    assert s.stroke is not None
    return (tuple(round(c, 2) for c in s.stroke), round(s.width, 2), tuple(round(d, 1) for d in s.dash))


def _chained(strokes: Sequence[Stroke]) -> list[tuple[FloatArray, Stroke]]:
    """Join strokes of one style where one ends as the next begins, whichever way and in whichever order they run."""
    chains: list[tuple[FloatArray, Stroke]] = []
    open_ends: dict[tuple[object, ...], list[int]] = {}
    for s in strokes:
        style = _style(s)
        points = s.points if s.points[0, 0] <= s.points[-1, 0] + SAME else s.points[::-1]
        for k in reversed(open_ends.get(style, [])[-LINES.recent :]):
            joined = _joined(chains[k][0], points)
            if joined is not None:
                chains[k] = (joined, chains[k][1])
                break
        else:
            open_ends.setdefault(style, []).append(len(chains))
            chains.append((points, s))
    return [part for ends in open_ends.values() for part in _merged([chains[k] for k in ends])]


def _joined(a: FloatArray, b: FloatArray) -> FloatArray | None:
    """Return two pieces as one where they meet; an upright piece may run either way."""
    if min(abs(a[-1, 0] - b[0, 0]), abs(a[0, 0] - b[-1, 0])) > SAME:
        return None
    upright = float(np.ptp(b[:, 0])) < SAME
    for piece in (b, b[::-1]) if upright else (b,):
        if np.abs(a[-1] - piece[0]).max() < SAME:
            return np.vstack([a, piece[1:]])
        if np.abs(a[0] - piece[-1]).max() < SAME:
            return np.vstack([piece, a[1:]])
    return None


def _merged(chains: list[tuple[FloatArray, Stroke]]) -> list[tuple[FloatArray, Stroke]]:
    """Join chains of one style that meet although they were not drawn one after the other."""
    if not 1 < len(chains) <= LINES.most_pieces:
        return chains
    left = sorted(chains, key=lambda chain: float(chain[0][0, 0]))
    merged: list[tuple[FloatArray, Stroke]] = []
    while left:
        points, stroke = left.pop(0)
        while True:
            met = [(k, j) for k, (other, _) in enumerate(left) if (j := _joined(points, other)) is not None]
            if len(met) != 1:  # where several begin there is no telling which goes on
                break
            points = met[0][1]
            left.pop(met[0][0])
        merged.append((points, stroke))
    return merged


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


_SYMBOLS = frozenset({"+", "|", "×", "x", "o", "○", "ı"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shape:
    """What may be a mark: its place along the axis, from where to where it stands, its colour."""

    x: float
    y0: float
    y1: float
    height: float
    colour: Colour | None


def marks_of(
    lines: Sequence[DrawnLine], strokes: Sequence[Stroke], words: Sequence[Word], plot: Box
) -> list[FloatArray | None]:
    """Return the places of each line's censoring marks; None for a line without."""
    found: list[list[float]] = [[] for _ in lines]
    for shape in [*_shapes(lines, strokes, plot), *_symbols(words)]:
        k = _bearer(shape, lines)
        if k is not None:
            found[k].append(shape.x)
    return [np.unique(np.round(f, 3)) if len(f) >= 1 else None for f in found]


def _shapes(lines: Sequence[DrawnLine], strokes: Sequence[Stroke], plot: Box) -> list[_Shape]:
    """Return the small strokes that are as marks are drawn, and small filled shapes of a line's colour."""
    largest = max(LINES.small_plot, LINES.largest * plot.height)
    parts = {id(line.stroke) for line in lines}
    drawn: list[_Shape] = []
    filled: dict[tuple[Colour, int, float, float], list[Box]] = {}
    for s in strokes:
        b = s.box
        if (
            id(s) in parts
            or not (plot.x0 - largest / 2 <= b.x0 and b.x1 <= plot.x1 + largest / 2)
            or b.height > largest
            or b.width > largest
        ):
            continue
        if s.stroke is None and s.fill is not None:
            filled.setdefault((s.fill, len(s.points), round(b.width, 1), round(b.height, 1)), []).append(b)
            continue
        upright = len(s.points) == 2 and b.width < LINES.upright and b.height > LINES.least_mark
        round_shape = (
            len(s.points) > 4
            and abs(b.width - b.height) < LINES.round_shape * max(b.height, LINES.tiny)
            and b.height > 1.0
        )
        crossed = len(s.points) == 2 and b.width > 1 and b.height > 1 and abs(b.width - b.height) < LINES.crossed
        if upright or round_shape or crossed:
            drawn.append(_shape(b, s.stroke or s.fill))
    for (tone, *_), boxes in filled.items():
        alike = any(_away(tone, line.colour) < LINES.same_tone for line in lines)
        if alike and (len(boxes) >= 2 or boxes[0].width < LINES.filled_stroke * boxes[0].height):
            drawn += [_shape(b, tone) for b in boxes if b.height > LINES.filled_height]
    return drawn


def _shape(box: Box, colour: Colour | None) -> _Shape:
    return _Shape(x=(box.x0 + box.x1) / 2, y0=box.y0, y1=box.y1, height=box.height, colour=colour)


def _away(a: Colour, b: Colour) -> float:
    return max(abs(x - y) for x, y in zip(a, b, strict=True))


def _symbols(words: Sequence[Word]) -> list[_Shape]:
    """Return the plotting symbols that were set as text."""
    return [
        _Shape(x=word.cx, y0=word.cy - 1.0, y1=word.cy + 1.0, height=2.0, colour=word.colour)
        for word in words
        if word.text in _SYMBOLS
    ]


def _bearer(shape: _Shape, lines: Sequence[DrawnLine]) -> int | None:
    """Return which line a shape sits on: one that it touches, of its colour if there is one."""
    best: tuple[float, int] | None = None
    for k, line in enumerate(lines):
        first, last = line.points[0, 0], line.points[-1, 0]
        if not first - 0.5 <= shape.x <= last + 0.5:
            continue
        here = np.array([shape.x - LINES.beside, shape.x, shape.x + LINES.beside])
        level = _height(line.points, np.clip(here, first, last))
        off = float(np.abs(level - (shape.y0 + shape.y1) / 2).min())
        touch = min(float(np.abs(level - shape.y0).min()), float(np.abs(level - shape.y1).min()), off)
        if touch > max(LINES.touching, LINES.touching_share * shape.height):
            continue
        tone = 0.0 if shape.colour is None else _away(shape.colour, line.colour)
        cost = tone * 5 + off / max(shape.height, 1.0)
        if best is None or cost < best[0]:
            best = (cost, k)
    return None if best is None else best[1]


def _height(points: FloatArray, x: FloatArray) -> FloatArray:
    """Return the row of a drawn step curve at places x, the lower end at a step."""
    index = np.clip(np.searchsorted(points[:, 0], x + SAME, side="right") - 1, 0, len(points) - 1)
    return np.asarray(points[index, 1], float)


def in_data_units(
    lines: Sequence[DrawnLine],
    strokes: Sequence[Stroke],
    words: Sequence[Word],
    axes: RasterAxes,
    plot: Box,
    *,
    percent: bool,
    rising: bool,
) -> list[DrawnCurve]:
    """Turn drawn lines into times and survival, with their censoring marks."""
    floor = float(axes.survival.position(axes.survival.values.min()))
    marks = marks_of(lines, [s for s in strokes if (s.box.y0 + s.box.y1) / 2 < floor + LINES.axis_edge], words, plot)
    full = 100.0 if percent else 1.0
    curves = []
    for line, at in zip(lines, marks, strict=True):
        points = _corners(line.points, plot.x1)
        shown = axes.survival.value(points[:, 1]) / full
        survival = np.clip(1.0 - shown if rising else shown, 0.0, 1.0)
        time = np.maximum(axes.time.value(points[:, 0]), 0.0)
        survival = np.minimum.accumulate(survival)
        if survival[0] > 1 - LINES.at_full:
            survival[0] = 1.0
            late = time[0] - axes.begins
            time[0] = 0.0 if late < LINES.at_zero * float(axes.time.value(plot.x1)) else time[0]
        keep = np.concatenate([[True], (np.diff(survival) < 0) | (np.arange(1, len(survival)) == len(survival) - 1)])
        censored = (
            None if at is None else np.asarray(np.unique(np.round(np.clip(axes.time.value(at), 0.0, None), 9)), float)
        )
        curves.append(
            DrawnCurve(
                colour=line.colour,
                duty=line.stroke.duty,
                dash=_dash_name(line.stroke),
                line_width=line.stroke.width,
                time=np.maximum.accumulate(time[keep]),
                survival=survival[keep],
                censor_times=censored,
            )
        )
    return curves


def _corners(points: FloatArray, right: float) -> FloatArray:
    """Return the points after each step: time and the level that holds from there on.

    A slanted piece, left by a program that merged small steps, counts as one step at its middle.
    """
    inside = points[:, 0] <= right + SAME
    if not inside.all() and inside.any():
        last = int(np.flatnonzero(inside)[-1])
        points = np.vstack([points[: last + 1], [right, points[last, 1]]])
    out = [points[0]]
    for a, b in pairwise(points):
        if abs(b[1] - a[1]) < LINES.level:
            continue
        x = b[0] if b[0] - a[0] <= SAME else (a[0] + b[0]) / 2
        if out and abs(out[-1][0] - x) < LINES.level and len(out) > 1:
            out[-1] = np.array([x, b[1]])
        else:
            out.append(np.array([x, b[1]]))
    out.append(np.array([points[-1, 0], points[-1, 1]]))
    return np.array(out)


def _dash_name(stroke: Stroke) -> str:
    if not stroke.dash:
        return "solid"
    pieces = stroke.dash[::2]
    width = max(stroke.width, LINES.least_width)
    if max(pieces) <= 2.0 * width:
        return "dotted"
    if len(stroke.dash) >= 4 and min(pieces) <= 2.0 * width:
        return "dash-dotted"
    return "dashed"
