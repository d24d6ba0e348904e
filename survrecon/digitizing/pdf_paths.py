"""The paths of a PDF page as strokes."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from survrecon.digitizing.geometry import FloatArray
from survrecon.digitizing.pdf_objects import Matrix, colour_of
from survrecon.digitizing.strokes import Drawing, Stroke, flatten_curve

__all__ = ["add_path"]


def add_path(obj: Any, matrix: Matrix, drawing: Drawing) -> None:
    """Add a path's strokes to the drawing."""
    fill_mode, stroked = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(obj, fill_mode, stroked)
    stroke = colour_of(obj, raw.FPDFPageObj_GetStrokeColor) if stroked.value else None
    fill = colour_of(obj, raw.FPDFPageObj_GetFillColor) if fill_mode.value else None
    if stroke is None and fill is None:
        return
    width = ctypes.c_float()
    raw.FPDFPageObj_GetStrokeWidth(obj, width)
    size = float(np.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2])))
    dashes = raw.FPDFPageObj_GetDashCount(obj)
    dash: tuple[float, ...] = ()
    if dashes > 0:
        lengths = (ctypes.c_float * dashes)()
        if raw.FPDFPageObj_GetDashArray(obj, lengths, dashes):
            dash = tuple(float(v) * size for v in lengths)
            dash = dash if sum(dash) > 0 else ()
    for points, closed in _subpaths(obj, matrix):
        drawing.strokes.append(
            Stroke(
                points=points,
                stroke=stroke,
                fill=fill,
                width=float(width.value) * size,
                dash=dash,
                closed=closed,
                path=id(obj),
            )
        )


def _subpaths(obj: Any, m: Matrix) -> list[tuple[FloatArray, bool]]:
    out: list[tuple[FloatArray, bool]] = []
    now: list[FloatArray] = []
    closed = False
    control: list[FloatArray] = []

    def finish() -> None:
        if len(now) > 1:
            out.append((np.array(now), closed))

    for k in range(raw.FPDFPath_CountSegments(obj)):
        segment = raw.FPDFPath_GetPathSegment(obj, k)
        x, y = ctypes.c_float(), ctypes.c_float()
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        at = np.array([m[0] * x.value + m[2] * y.value + m[4], m[1] * x.value + m[3] * y.value + m[5]])
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            finish()
            now, closed = [at], False
        elif kind == raw.FPDF_SEGMENT_BEZIERTO:
            control.append(at)
            if len(control) == 3 and now:
                now.extend(flatten_curve(now[-1], control[0], control[1], control[2]))
                control = []
        else:
            now.append(at)
        if raw.FPDFPathSegment_GetClose(segment):
            closed = True
    finish()
    return out
