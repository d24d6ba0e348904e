"""Pixels as fractions: background, straightening of scans, long straight lines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from survrecon.digitizing.geometry import Affine, strongest
from survrecon.digitizing.raster.settings import PIXELS

if TYPE_CHECKING:
    from survrecon.arrays import BoolArray, FloatArray, ImageArray, IntArray

__all__ = ["Line", "as_fractions", "background", "long_lines", "nearest_in_columns", "panel_edges", "straighten"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A long straight line along an axis: where it runs and how thick it is."""

    across: float
    start: float
    stop: float
    thickness: float
    colour: tuple[float, float, float]


def as_fractions(image: ImageArray) -> FloatArray:
    """Return an image as fractions of full brightness, shape (h, w, 3)."""
    return np.asarray(image.astype(np.float32) / np.float32(PIXELS.white), np.float32)


def nearest_in_columns(mask: BoolArray) -> tuple[IntArray, IntArray]:
    """Return, for every pixel, the row of the mask's nearest pixel in its column at or above it, and at or below it.

    Where there is none that is -1 above, and the height below.

    Examples
    --------
    >>> above, below = nearest_in_columns(np.array([[False], [True], [False]]))
    >>> above.ravel().tolist(), below.ravel().tolist()
    ([-1, 1, 1], [1, 1, 3])
    """
    height, rows = len(mask), np.arange(len(mask))[:, None]
    above = np.maximum.accumulate(np.where(mask, rows, -1), axis=0)
    below = np.minimum.accumulate(np.where(mask, rows, height)[::-1], axis=0)[::-1]
    return above, below


def background(pixels: FloatArray) -> FloatArray:
    """Return the most frequent colour."""
    coarse = (pixels[::2, ::2] * PIXELS.levels).astype(np.int32)
    code = (coarse[..., 0] << 10) | (coarse[..., 1] << 5) | coarse[..., 2]
    top = int(np.bincount(code.ravel(), minlength=1 << PIXELS.code_bits).argmax())
    return np.asarray(np.median(pixels[::2, ::2][code == top], axis=0), float)


def _slant(dark: FloatArray, degrees: FloatArray) -> FloatArray:
    """Return how sharply rows of darkness stand out when the image is sheared by each angle."""
    h, w = dark.shape
    blocks = 40
    edges = np.linspace(0, w, blocks + 1).astype(int)
    profiles = np.stack([dark[:, a:b].sum(axis=1) for a, b in pairwise(edges)])
    centres = (edges[:-1] + edges[1:]) / 2 - w / 2
    rows = np.arange(h)
    scores = []
    for angle in degrees:
        shift = np.tan(np.radians(angle)) * centres
        total = np.zeros(h)
        for profile, s in zip(profiles, shift, strict=True):
            total += np.interp(rows + s, rows, profile, left=0.0, right=0.0)
        scores.append(float((np.diff(total) ** 2).sum()))
    return np.array(scores)


def straighten(image: ImageArray) -> tuple[ImageArray, Affine, float]:
    """Undo a small rotation.

    Returns
    -------
    tuple of image, map, degrees
        The straightened image, the map from original to straightened coordinates, and the angle undone.
    """
    grey = np.asarray(Image.fromarray(image).convert("L"), float)
    dark = np.abs(np.median(grey) - grey) / PIXELS.white
    dark[dark < PIXELS.paper] = 0.0
    coarse = np.arange(-PIXELS.steepest, PIXELS.steepest + PIXELS.past_end, PIXELS.coarse_step)
    scores = _slant(dark, coarse)
    best = float(coarse[int(scores.argmax())])
    fine = best + np.arange(-PIXELS.fine_reach, PIXELS.fine_end, PIXELS.fine_step)
    fine_scores = _slant(dark, fine)
    k = int(fine_scores.argmax())
    angle = float(fine[k])
    if abs(angle) < PIXELS.worth or fine_scores[k] < PIXELS.sharper * _slant(dark, np.zeros(1))[0]:
        return image, Affine(), 0.0
    h, w = image.shape[:2]
    turn = np.radians(angle)
    cos, sin, cx, cy = float(np.cos(turn)), float(np.sin(turn)), w / 2, h / 2
    forward = Affine(a=cos, b=sin, c=cx - cos * cx - sin * cy, d=-sin, e=cos, f=cy + sin * cx - cos * cy)
    back = forward.inverse()
    page = tuple(round(PIXELS.white * c) for c in background(as_fractions(image)))
    turned = Image.fromarray(image).transform(
        (w, h),
        Image.Transform.AFFINE,
        (back.a, back.b, back.c, back.d, back.e, back.f),
        resample=Image.Resampling.BICUBIC,
        fillcolor=page,
    )
    return np.asarray(turned), forward, angle


def long_lines(
    pixels: FloatArray,
    *,
    share: float = PIXELS.long_share,
    thickest: float = PIXELS.thickest,
    faintest: float = PIXELS.faintest,
) -> tuple[list[Line], list[Line]]:
    """Return horizontal and vertical straight lines longer than a share of the image."""
    page = background(pixels)
    ink = strongest(np.abs(pixels - page)) > faintest
    h, w = ink.shape
    limit = max(PIXELS.thick_pixels, thickest * max(h, w))
    return _runs(ink, pixels, int(share * w), limit), _runs(ink.T, pixels.transpose(1, 0, 2), int(share * h), limit)


def panel_edges(pixels: FloatArray) -> tuple[Line, Line] | None:
    """Return the lower and left edge of a panel with a background of its own, as themes without axis lines draw it."""
    frame = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    page = np.median(frame, axis=0)
    other = strongest(np.abs(pixels - page)) > PIXELS.own_tone
    if not PIXELS.least_panel < other.mean() < PIXELS.most_panel:
        return None
    tone = background(pixels[other][None])
    inside = strongest(np.abs(pixels - tone)) < PIXELS.own_tone
    rows = np.flatnonzero(inside.mean(axis=1) > PIXELS.panel_row)
    columns = np.flatnonzero(inside.mean(axis=0) > PIXELS.panel_row)
    if len(rows) < PIXELS.smallest_panel or len(columns) < PIXELS.smallest_panel:
        return None
    x0, x1, y0, y1 = float(columns[0]), float(columns[-1] + 1), float(rows[0]), float(rows[-1] + 1)
    shade = (float(tone[0]), float(tone[1]), float(tone[2]))
    low = Line(across=y1 - 0.5, start=x0, stop=x1, thickness=1.0, colour=shade)
    left = Line(across=x0 + 0.5, start=y0, stop=y1, thickness=1.0, colour=shade)
    return low, left


def _runs(ink: npt.NDArray[np.bool_], pixels: FloatArray, length: int, limit: float) -> list[Line]:
    full = ndimage.uniform_filter1d(ink.astype(np.float32), size=length, axis=1, mode="constant") > PIXELS.unbroken
    long = (ndimage.maximum_filter1d(full.astype(np.uint8), size=length, axis=1) > 0) & ink
    tagged, _ = ndimage.label(long, structure=np.ones((3, 3), int))
    lines = []
    for rows, columns in ndimage.find_objects(tagged):
        thick = rows.stop - rows.start
        if thick > limit:
            continue
        patch = pixels[rows, columns]
        page = np.array([1.0, 1.0, 1.0])
        weight = strongest(np.abs(patch - page)).sum(axis=1)
        across = float((weight * (np.arange(rows.start, rows.stop) + 0.5)).sum() / max(weight.sum(), PIXELS.tiny))
        tone = np.median(patch[int(np.argmax(weight))], axis=0)
        lines.append(
            Line(
                across=across,
                start=float(columns.start),
                stop=float(columns.stop),
                thickness=float(thick),
                colour=(float(tone[0]), float(tone[1]), float(tone[2])),
            )
        )
    return lines
