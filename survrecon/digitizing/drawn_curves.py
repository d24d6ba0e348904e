"""The lines of a vector panel as curves in data units, in drawing precision."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from survrecon.digitizing.axes import RasterAxes
from survrecon.digitizing.drawn_lines import SAME, DrawnLine
from survrecon.digitizing.drawn_marks import marks_of
from survrecon.digitizing.geometry import Box, FloatArray
from survrecon.digitizing.scene import DrawnCurve
from survrecon.digitizing.strokes import Stroke
from survrecon.digitizing.words import Word

__all__ = ["in_data_units"]


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
    marks = marks_of(lines, [s for s in strokes if (s.box.y0 + s.box.y1) / 2 < floor + 0.3], words, plot)
    full = 100.0 if percent else 1.0
    curves = []
    for line, at in zip(lines, marks, strict=True):
        points = _corners(line.points, plot.x1)
        shown = axes.survival.value(points[:, 1]) / full
        survival = np.clip(1.0 - shown if rising else shown, 0.0, 1.0)
        time = np.maximum(axes.time.value(points[:, 0]), 0.0)
        survival = np.minimum.accumulate(survival)
        if survival[0] > 1 - 5e-4:
            survival[0] = 1.0
            time[0] = 0.0 if time[0] < 0.002 * float(axes.time.value(plot.x1)) else time[0]
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
        if abs(b[1] - a[1]) < 1e-6:
            continue
        x = b[0] if b[0] - a[0] <= SAME else (a[0] + b[0]) / 2
        if out and abs(out[-1][0] - x) < 1e-6 and len(out) > 1:
            out[-1] = np.array([x, b[1]])
        else:
            out.append(np.array([x, b[1]]))
    out.append(np.array([points[-1, 0], points[-1, 1]]))
    return np.array(out)


def _dash_name(stroke: Stroke) -> str:
    if not stroke.dash:
        return "solid"
    pieces = stroke.dash[::2]
    width = max(stroke.width, 1e-6)
    if max(pieces) <= 2.0 * width:
        return "dotted"
    if len(stroke.dash) >= 4 and min(pieces) <= 2.0 * width:
        return "dash-dotted"
    return "dashed"
