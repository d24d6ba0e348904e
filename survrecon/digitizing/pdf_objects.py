"""What the objects of a PDF page share: matrices, boxes and colours."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.strokes import Colour

__all__ = ["Matrix", "box_of", "colour_of", "matrix_of", "times"]

Matrix = tuple[float, float, float, float, float, float]


def times(m: Matrix, n: Matrix) -> Matrix:
    """Return the matrix that applies ``m`` first and then ``n``."""
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )


def matrix_of(obj: Any) -> Matrix:
    """Return an object's own matrix."""
    m = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(obj, m):
        return (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    return (m.a, m.b, m.c, m.d, m.e, m.f)


def box_of(m: Matrix, left: float, bottom: float, right: float, top: float) -> Box:
    """Return the box of a rectangle that a matrix moves."""
    ends = np.array(
        [[m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]] for x, y in ((left, bottom), (right, top))]
    )
    (x0, y0), (x1, y1) = ends.min(axis=0), ends.max(axis=0)
    return Box(x0=float(x0), y0=float(y0), x1=float(x1), y1=float(y1))


def colour_of(obj: Any, getter: Any) -> Colour | None:
    """Return an object's colour on white; None where it has none or is transparent."""
    r, g, b, a = (ctypes.c_uint() for _ in range(4))
    if not getter(obj, r, g, b, a) or a.value == 0:
        return None
    share = a.value / 255
    return tuple(1 - share * (1 - c.value / 255) for c in (r, g, b))  # type: ignore[return-value]
