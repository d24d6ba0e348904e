"""The picture of a figure on which a person works: straightened, with the program's coordinates taken to its pixels."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from survrecon.digitizing.geometry import Affine
from survrecon.digitizing.source import LONGEST_SIDE, MOST_PIXELS, FigureFile, FileKind, decode_image
from survrecon.errors import DigitizingError

if TYPE_CHECKING:
    from survrecon.arrays import ImageArray
    from survrecon.digitizing.geometry import Box

__all__ = [
    "StraightPicture",
    "decoded_picture",
    "part_as_png",
    "picture_as_png",
    "picture_from_png",
    "straight_picture",
]

_WORTH = 1e-4
"""Radians of rotation below which a picture is not turned: less than half a pixel across the widest picture."""
_MOST_OF_A_SCAN = 170_000_000
"""Pixels of a scan that is opened to be reduced; half a gigabyte."""
_MOST_OF_A_PART = 1_000_000
"""Pixels of a part of the picture that is handed out by itself."""
_PAPER = (255, 255, 255)


@dataclass(frozen=True, kw_only=True)
class StraightPicture:
    """A picture without a scan's rotation, and how straightened coordinates are taken to its pixels.

    Parameters
    ----------
    image : numpy.ndarray, shape (h, w, 3)
        The picture.
    scale : float
        Its pixels per unit of the straightened coordinates.
    x0, y0 : float
        Where their origin lies in it.
    """

    image: ImageArray
    scale: float
    x0: float
    y0: float

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixels of a place in straightened coordinates."""
        return self.x0 + self.scale * x, self.y0 + self.scale * y

    def box(self, box: Box) -> tuple[float, float, float, float]:
        """Return the pixels of a box in straightened coordinates: left, top, right, bottom."""
        return (*self.place(box.x0, box.y0), *self.place(box.x1, box.y1))


def straight_picture(image: ImageArray, image_scale: float, straighten: Affine) -> StraightPicture:
    """Return a figure's picture turned so that its axes are upright.

    Parameters
    ----------
    image : numpy.ndarray, shape (h, w, 3)
        The figure as pixels.
    image_scale : float
        Its pixels per unit of the file's coordinates.
    straighten : Affine
        From the file's coordinates to straightened ones: a rotation, a scale and a shift.
    """
    turn = float(np.arctan2(-straighten.d, straighten.a))
    size = float(np.hypot(straighten.a, straighten.d))
    h, w = image.shape[:2]
    turned, rotation = image, Affine()
    if abs(turn) > _WORTH:
        cos, sin, cx, cy = float(np.cos(turn)), float(np.sin(turn)), w / 2, h / 2
        rotation = Affine(a=cos, b=sin, c=cx - cos * cx - sin * cy, d=-sin, e=cos, f=cy + sin * cx - cos * cy)
        back = rotation.inverse()
        turned = np.asarray(
            Image.fromarray(image).transform(
                (w, h), Image.Transform.AFFINE, (back.a, back.b, back.c, back.d, back.e, back.f),
                resample=Image.Resampling.BICUBIC, fillcolor=_PAPER,
            )
        )  # fmt: skip
    to_picture = straighten.inverse().then(Affine(a=image_scale, e=image_scale)).then(rotation)
    return StraightPicture(image=turned, scale=image_scale / size, x0=to_picture.c, y0=to_picture.f)


def decoded_picture(file: FigureFile, page: int | None) -> tuple[ImageArray, float]:
    """Return a figure as pixels, and its pixels per unit of the file, whether or not the program can read it.

    A scan that is too large to be read is reduced by a whole factor.

    Raises
    ------
    DigitizingError
        If it cannot be decoded.
    """
    if file.kind is FileKind.IMAGE:
        return _decoded_scan(file)
    from survrecon.digitizing.vector.pdf import read_pdf
    from survrecon.digitizing.vector.settings import DRAWING
    from survrecon.digitizing.vector.strokes import picture
    from survrecon.digitizing.vector.svg import read_svg

    drawing = read_pdf(file, page or 1) if file.kind is FileKind.PDF else read_svg(file)
    if drawing.image is not None:
        return drawing.image, drawing.image_scale
    scale = min(DRAWING.largest_scale, max(1.0, DRAWING.picture_side / max(drawing.width, drawing.height)))
    return picture(drawing, scale), scale


def _decoded_scan(file: FigureFile) -> tuple[ImageArray, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(file.data)) as opened:
                w, h = opened.size
                if max(w, h) <= LONGEST_SIDE and w * h <= MOST_PIXELS:
                    return _whatever_its_size(file), 1.0
                if w * h > _MOST_OF_A_SCAN:
                    raise Image.DecompressionBombError
                factor = max(-(-max(w, h) // LONGEST_SIDE), int(np.ceil(np.sqrt(w * h / MOST_PIXELS))))
                return np.asarray(opened.convert("RGB").reduce(factor)), 1 / factor
        except Image.DecompressionBombError:
            got, advice = "far more", "crop the figure out of the scan or reduce it"
        except (OSError, ValueError, SyntaxError) as error:
            got, advice = f"a damaged image ({error})", "save the figure again"
    rule = f"a readable image of at most {_MOST_OF_A_SCAN // 1_000_000} million pixels"
    raise DigitizingError(str(file.path), rule, got, advice)


def _whatever_its_size(file: FigureFile) -> ImageArray:
    """Return the pixels even of a picture that is too small to be read."""
    try:
        return decode_image(file)
    except DigitizingError:
        with Image.open(io.BytesIO(file.data)) as opened:
            return np.asarray(opened.convert("RGB"))


def picture_as_png(image: ImageArray) -> bytes:
    """Return a picture as the bytes of a PNG."""
    out = io.BytesIO()
    Image.fromarray(np.asarray(image)).save(out, format="PNG")
    return out.getvalue()


def picture_from_png(data: bytes) -> ImageArray:
    """Return the pixels of a picture that `picture_as_png` wrote."""
    with Image.open(io.BytesIO(data)) as opened:
        return np.asarray(opened.convert("RGB"))


def part_as_png(image: ImageArray, box: tuple[float, float, float, float]) -> bytes:
    """Return a part of a picture as a PNG.

    Raises
    ------
    DigitizingError
        If the box is no part of the picture, or too large.
    """
    h, w = image.shape[:2]
    finite = bool(np.isfinite(box).all())
    x0, y0 = (max(0, int(np.floor(v))) if finite else 0 for v in box[:2])
    x1, y1 = (min(most, int(np.ceil(v))) if finite else 0 for v, most in zip(box[2:], (w, h), strict=True))
    if x1 <= x0 or y1 <= y0 or (x1 - x0) * (y1 - y0) > _MOST_OF_A_PART:
        rule = f"left, top, right, bottom within {w} x {h} pixels, at most a million in all"
        raise DigitizingError("box", rule, ", ".join(f"{v:g}" for v in box), "ask for another part")
    return picture_as_png(image[y0:y1, x0:x1])
