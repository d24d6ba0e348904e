"""Censoring marks of a drawing: small shapes and symbols that sit on a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survrecon.digitizing.drawn_lines import SAME, DrawnLine
from survrecon.digitizing.geometry import Box, FloatArray
from survrecon.digitizing.strokes import Colour, Stroke
from survrecon.digitizing.words import Word

__all__ = ["marks_of"]

_LARGEST = 0.06  # of the plot's height
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
    largest = max(4.0, _LARGEST * plot.height)
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
        upright = len(s.points) == 2 and b.width < 0.05 and b.height > 0.8
        round_shape = len(s.points) > 4 and abs(b.width - b.height) < 0.3 * max(b.height, 1e-6) and b.height > 1.0
        crossed = len(s.points) == 2 and b.width > 1 and b.height > 1 and abs(b.width - b.height) < 0.2
        if upright or round_shape or crossed:
            drawn.append(_shape(b, s.stroke or s.fill))
    for (tone, *_), boxes in filled.items():
        alike = any(_away(tone, line.colour) < 0.05 for line in lines)
        if alike and (len(boxes) >= 2 or boxes[0].width < 0.3 * boxes[0].height):
            drawn += [_shape(b, tone) for b in boxes if b.height > 1.5]
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
        here = np.array([shape.x - 0.03, shape.x, shape.x + 0.03])
        level = _height(line.points, np.clip(here, first, last))
        off = float(np.abs(level - (shape.y0 + shape.y1) / 2).min())
        touch = min(float(np.abs(level - shape.y0).min()), float(np.abs(level - shape.y1).min()), off)
        if touch > max(0.6, 0.12 * shape.height):
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
