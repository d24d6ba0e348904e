"""A vector figure as strokes and words, whatever file it came from, and its picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from survrecon.digitizing.geometry import Box

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, ImageArray
    from survrecon.digitizing.words.words import Word

__all__ = ["Drawing", "PlacedPicture", "Stroke", "flatten_curve", "picture"]

Colour = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Stroke:
    """One subpath in page coordinates, y down.

    Parameters
    ----------
    points : numpy.ndarray, shape (k, 2)
        Its corners; curves are cut into short pieces.
    stroke, fill : tuple of float or None
        Colours, None where it is not stroked or not filled.
    width : float
        Line width.
    dash : tuple of float
        Lengths of dashes and gaps; empty for a solid line.
    closed : bool
        Whether it returns to its start.
    path : int
        Number of the path it is part of.
    """

    points: FloatArray
    stroke: Colour | None
    fill: Colour | None
    width: float
    dash: tuple[float, ...] = ()
    closed: bool = False
    path: int = 0

    @property
    def box(self) -> Box:
        """Its extent."""
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        return Box(x0=float(low[0]), y0=float(low[1]), x1=float(high[0]), y1=float(high[1]))

    @property
    def duty(self) -> float:
        """Inked share of its length."""
        total = sum(self.dash)
        if total <= 0:
            return 1.0
        dash = self.dash if len(self.dash) % 2 == 0 else self.dash * 2
        return sum(dash[::2]) / sum(dash)


@dataclass(frozen=True, kw_only=True)
class PlacedPicture:
    """A picture on a page: its place, and how many of its pixels are a unit of the page wide."""

    box: Box
    dots: float


@dataclass(kw_only=True)
class Drawing:
    """A page of strokes and words; ``outlined``: the words are drawn by strokes too."""

    width: float
    height: float
    strokes: list[Stroke] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    image: ImageArray | None = None
    image_scale: float = 1.0
    outlined: bool = False
    pictures: list[PlacedPicture] = field(default_factory=list)


def flatten_curve(p0: FloatArray, p1: FloatArray, p2: FloatArray, p3: FloatArray, pieces: int = 8) -> FloatArray:
    """Return points along a cubic Bezier curve, its start left out."""
    t = np.linspace(0.0, 1.0, pieces + 1)[1:, None]
    return np.asarray((1 - t) ** 3 * p0 + 3 * (1 - t) ** 2 * t * p1 + 3 * (1 - t) * t**2 * p2 + t**3 * p3, float)


def picture(drawing: Drawing, scale: float) -> ImageArray:
    """Draw strokes and words as pixels, for reading text without a text layer and for the overlay."""
    over = 2
    s = scale * over
    size = (max(1, int(drawing.width * s)), max(1, int(drawing.height * s)))
    canvas = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(canvas)
    by_path: dict[int, list[Stroke]] = {}
    for stroke in drawing.strokes:
        by_path.setdefault(stroke.path, []).append(stroke)
    for group in by_path.values():
        _fill(canvas, pen, group, s)
        for stroke in group:
            if stroke.stroke is not None and stroke.width > 0:
                points = [tuple(p) for p in (stroke.points * s).tolist()]
                if stroke.closed:
                    points.append(points[0])
                if len(points) > 1:
                    pen.line(points, fill=_rgb(stroke.stroke), width=max(1, round(stroke.width * s)))
    for word in [] if drawing.outlined else drawing.words:
        font = ImageFont.load_default(size=max(6.0, 0.8 * word.size * s))
        if word.vertical:
            length = font.getbbox(word.text)
            tile = Image.new("L", (int(length[2]) + 2, int(length[3]) + 2), 0)
            ImageDraw.Draw(tile).text((0, 0), word.text, fill=255, font=font)
            tile = tile.rotate(90, expand=True)
            canvas.paste(_rgb(word.colour or (0, 0, 0)), (int(word.box.x0 * s), int(word.box.y0 * s)), tile)
        else:
            pen.text((word.box.x0 * s, word.box.y0 * s), word.text, fill=_rgb(word.colour or (0, 0, 0)), font=font)
    small = (max(1, int(drawing.width * scale)), max(1, int(drawing.height * scale)))
    return np.asarray(canvas.resize(small, Image.Resampling.BOX))


def _fill(canvas: Image.Image, pen: ImageDraw.ImageDraw, group: list[Stroke], s: float) -> None:
    """Fill a path by the even-odd rule."""
    colour = next((g.fill for g in group if g.fill is not None), None)
    shapes = [g.points * s for g in group if g.fill is not None and len(g.points) >= 3]
    if colour is None or not shapes:
        return
    if len(shapes) == 1:
        pen.polygon([tuple(p) for p in shapes[0].tolist()], fill=_rgb(colour))
        return
    corners = np.concatenate(shapes)
    x0, y0 = np.floor(corners.min(axis=0)).astype(int)
    x1, y1 = np.ceil(corners.max(axis=0)).astype(int) + 1
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, canvas.width), min(y1, canvas.height)
    if x1 <= x0 or y1 <= y0:
        return
    parity = np.zeros((y1 - y0, x1 - x0), bool)
    for shape in shapes:
        mask = Image.new("1", (x1 - x0, y1 - y0), 0)
        ImageDraw.Draw(mask).polygon([(x - x0, y - y0) for x, y in shape.tolist()], fill=1)
        parity ^= np.asarray(mask)
    canvas.paste(_rgb(colour), (x0, y0), Image.fromarray(parity.astype(np.uint8) * 255))


def _rgb(colour: Colour) -> tuple[int, int, int]:
    r, g, b = (round(255 * min(1.0, max(0.0, c))) for c in colour)
    return r, g, b
