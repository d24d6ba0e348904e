"""A page or picture of several panels: its picture with what was read of each, and where each stands."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.panels.settings import OVERVIEW
from survrecon.digitizing.source import FileKind, decode_image, open_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import ImageArray
    from survrecon.digitizing.result import DigitizedFigure, FailedPanel

__all__ = ["draw_page", "place_of"]

_INKS = ((214, 0, 147), (0, 140, 60), (20, 60, 230), (230, 110, 0), (0, 150, 170), (120, 60, 160))
_READ, _FAILED = (20, 110, 60), (220, 30, 30)


def place_of(figure: DigitizedFigure) -> Box:
    """Return a panel's plot in the file's coordinates: pixels of a picture, points of a page."""
    box = figure.plot_area
    x, y = figure.straighten.inverse()(np.array([box.x0, box.x1]), np.array([box.y0, box.y1]))
    return Box(x0=float(x[0]), y0=float(y[0]), x1=float(x[1]), y1=float(y[1]))


def draw_page(
    path: str | Path, figures: Sequence[DigitizedFigure], failed: Sequence[FailedPanel], *, page: int | None = None
) -> bytes:
    """Draw the panels of a figure or page on it: each with its letter and curves, or why it was not read.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.
    figures : sequence of DigitizedFigure
        The panels that were read.
    failed : sequence of FailedPanel
        Those that were not.
    page : int or None
        Page of a PDF, from 1.

    Returns
    -------
    bytes
        A PNG.
    """
    image, scale = _picture(Path(path), page)
    base = Image.fromarray(image)
    base = Image.blend(base, Image.new("RGB", base.size, "white"), OVERVIEW.lightened)
    pen = ImageDraw.Draw(base)
    font = ImageFont.load_default(size=OVERVIEW.type_size)
    for figure in figures:
        _frame(pen, place_of(figure), scale, _READ)
        place = place_of(figure)
        pen.text((place.x0 * scale + 4, place.y0 * scale + 2), f"{figure.panel or 1}: read", fill=_READ, font=font)
        for k, arm in enumerate(figure.arms):
            time, survival = np.repeat(arm.time, 2)[1:], np.repeat(arm.survival, 2)[:-1]
            x, y = figure.pixel(time, survival)
            points = [(float(a) * scale, float(b) * scale) for a, b in zip(x, y, strict=True)]
            if len(points) > 1:
                pen.line(points, fill=_INKS[k % len(_INKS)], width=2)
    for panel in failed:
        if panel.place is not None:
            _frame(pen, panel.place, scale, _FAILED)
            at = (panel.place.x0 * scale + 4, panel.place.y0 * scale + 2)
            pen.text(at, f"{panel.panel or '?'}: not read", fill=_FAILED, font=font)
    out = io.BytesIO()
    base.save(out, format="PNG")
    return out.getvalue()


def _frame(pen: Any, box: Box, scale: float, ink: tuple[int, int, int]) -> None:
    corners = [min(box.x0, box.x1), min(box.y0, box.y1), max(box.x0, box.x1), max(box.y0, box.y1)]
    pen.rectangle([c * scale for c in corners], outline=ink, width=2)


def _picture(path: Path, page: int | None) -> tuple[ImageArray, float]:
    """Return a file as pixels, and their scale."""
    from survrecon.digitizing.vector.pdf import read_pdf
    from survrecon.digitizing.vector.strokes import picture
    from survrecon.digitizing.vector.svg import read_svg

    file = open_file(path)
    if file.kind is FileKind.IMAGE:
        return decode_image(file), 1.0
    drawing = read_pdf(file, page or 1) if file.kind is FileKind.PDF else read_svg(file)
    if drawing.image is not None:
        return drawing.image, drawing.image_scale
    scale = OVERVIEW.longest / max(drawing.width, drawing.height)
    return picture(drawing, scale), scale
