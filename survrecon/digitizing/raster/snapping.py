"""Ink near a person's clicks: the nearest line, and the step line along it from the first click to the last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.geometry import strongest
from survrecon.digitizing.raster.colours import Layer, line_width, off_ray
from survrecon.digitizing.raster.curves import with_corners
from survrecon.digitizing.raster.pixels import as_fractions, background
from survrecon.digitizing.raster.trace import trace
from survrecon.digitizing.settings import SNAPPING
from survrecon.digitizing.words.scene import hex_colour
from survrecon.errors import DigitizingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray, ImageArray
    from survrecon.digitizing.settings import SnapSettings

__all__ = ["Ink", "nearest_ink", "path_along_ink"]


@dataclass(frozen=True, kw_only=True)
class Ink:
    """A picture as what stands out from its page.

    Parameters
    ----------
    tones : numpy.ndarray, shape (h, w, 3)
        The page's brightness minus each pixel's.
    strength : numpy.ndarray, shape (h, w)
        Contrast to the page, 0 to 1.
    page : numpy.ndarray, shape (3,)
        The page's colour.
    """

    tones: FloatArray
    strength: FloatArray
    page: FloatArray

    @classmethod
    def of(cls, image: ImageArray) -> Ink:
        """Return the ink of a picture."""
        pixels = as_fractions(image)
        page = background(pixels)
        tones = page.astype(np.float32) - pixels
        return cls(tones=tones, strength=strongest(np.abs(tones)), page=page)


def nearest_ink(
    ink: Ink, place: tuple[float, float], colour: str | None = None, settings: SnapSettings = SNAPPING
) -> tuple[tuple[float, float], str | None]:
    """Return the middle of the line nearest to a place, and its colour; the place itself where no ink is near.

    Parameters
    ----------
    ink : Ink
        The picture.
    place : tuple of float
        x and y in pixels; the middle of the first pixel is 0.5.
    colour : str or None
        The line's colour as ``#rrggbb``; any where left out.
    """
    h, w = ink.strength.shape
    x, y = place
    r = int(np.ceil(settings.reach))
    x0, x1, y0, y1 = max(0, int(x) - r), min(w, int(x) + r + 1), max(0, int(y) - r), min(h, int(y) + r + 1)
    if x1 <= x0 or y1 <= y0:
        return place, colour
    rows, columns = np.mgrid[y0:y1, x0:x1] + 0.5
    far = np.hypot(rows - y, columns - x)
    part = np.s_[y0:y1, x0:x1]
    cover = ink.strength[part] if colour is None else _coverage(ink.tones[part], _contrast(ink, colour), settings)
    found = (cover > settings.least_ink) & (far <= settings.reach)
    if not found.any():
        return place, colour
    near = np.where(found, far, np.inf)
    k, j = np.unravel_index(int(near.argmin()), near.shape)
    own = _colour_near(ink, x0 + int(j), y0 + int(k), settings) if colour is None else _contrast(ink, colour)
    column = _coverage(ink.tones[y0:y1, x0 + int(j)][:, None], own, settings)[:, 0]
    top, bottom = int(k), int(k)
    while top > 0 and column[top - 1] > settings.least_ink:
        top -= 1
    while bottom < len(column) - 1 and column[bottom + 1] > settings.least_ink:
        bottom += 1
    if bottom - top >= 2 * r - 1:  # a vertical stroke: its height is where the hand is
        return (x0 + int(j) + 0.5, y), _hex(ink, own)
    weight = column[max(0, top - 1) : bottom + 2]
    at = np.arange(max(0, top - 1), max(0, top - 1) + len(weight)) + 0.5
    return (x, y0 + float((weight * at).sum() / weight.sum())), _hex(ink, own)


def path_along_ink(
    ink: Ink,
    clicks: Sequence[tuple[float, float]],
    colour: str | None = None,
    *,
    rising: bool = False,
    settings: SnapSettings = SNAPPING,
) -> tuple[list[tuple[float, float]], str]:
    """Return the corners of the step line along ink from the first click to the last, and the line's colour.

    Parameters
    ----------
    ink : Ink
        The picture.
    clicks : sequence of (x, y)
        Places along the line, in any order; the line passes each within reach of it.
    colour : str or None
        The line's colour; as at most of the clicks where left out.
    rising : bool
        Whether the line goes up.

    Raises
    ------
    DigitizingError
        If the clicks are too close to each other, or not within the picture.
    """
    h, w = ink.strength.shape
    places = sorted((min(max(x, 0.0), w - 1e-3), min(max(y, 0.0), h - 1e-3)) for x, y in clicks)
    first, last = int(places[0][0]), int(places[-1][0])
    if len(places) < 2 or last - first < settings.shortest:
        got = f"{len(clicks)} within {last - first} columns"
        raise DigitizingError("clicks", "two or more, some pixels apart", got, "click further along the line")
    own = _contrast(ink, colour) if colour is not None else _usual_colour(ink, places, settings)
    # where another line hides this one, the ink of any colour is nearer to it than a hand
    y = np.array([_height(ink, place, own, settings) for place in places])
    reach = settings.reach
    top, bottom = max(0, int(y.min() - 2 * reach)), min(h, int(y.max() + 2 * reach) + 1)
    coverage = _coverage(ink.tones[top:bottom, first : last + 1], own, settings)
    way = -1 if rising else 1
    coverage = coverage[::way]
    rows = (y - top) if way > 0 else (bottom - top) - y
    cost = (1.0 - coverage) + settings.beside_band * _outside(
        coverage.shape, np.array([p[0] for p in places]) - first, rows, reach
    )
    path = trace(cost, 1.0 - coverage, first_row=int(rows[0]), slack=int(reach), after=settings.to_the_end)
    layer = Layer(
        colour=(float(own[0]), float(own[1]), float(own[2])),
        coverage=coverage,
        line_width=line_width(coverage),
        ink=coverage,
        strength=float(np.abs(own).max()),
    )
    seen = float((coverage[path.rows, path.columns] > 0.5).mean())
    curve = with_corners(layer, coverage, path, seen)
    levels = curve.y if way > 0 else (bottom - top) - curve.y
    offset = float(top)
    corners = [(first + float(x), offset + float(level)) for x, level in zip(curve.x, levels, strict=True)]
    corners[0] = (places[0][0], corners[0][1])
    if corners[-1][0] < places[-1][0]:
        corners.append((places[-1][0], corners[-1][1]))
    return corners, _hex(ink, own)


def _height(ink: Ink, place: tuple[float, float], own: FloatArray, settings: SnapSettings) -> float:
    """Return the height of a line of a contrast near a click; of any ink where it is not there."""
    of_line = nearest_ink(ink, place, _hex(ink, own), settings)[0][1]
    return of_line if of_line != place[1] else nearest_ink(ink, place, settings=settings)[0][1]


def _outside(shape: tuple[int, int], x: FloatArray, y: FloatArray, reach: float) -> FloatArray:
    """Return 1 for pixels out of reach of a falling line through the clicks at x and rows y, 0 for the others."""
    columns, rows = np.arange(shape[1]) + 0.5, np.arange(shape[0])[:, None] + 0.5
    before = np.searchsorted(x, columns, side="right") - 1
    highest = y[before.clip(0)] - reach
    lowest = y[(before + 1).clip(None, len(y) - 1)] + reach
    highest, lowest = np.minimum(highest, lowest), np.maximum(highest, lowest)
    return np.asarray((rows < highest) | (rows > lowest), float)


def _coverage(tones: FloatArray, own: FloatArray, settings: SnapSettings) -> FloatArray:
    """Return how much of each pixel ink of a contrast covers, 0 to 1."""
    flat = tones.reshape(-1, 3).astype(float)
    share = np.clip(flat @ own / (own @ own), 0.0, 1.0)
    like = np.clip(2.0 - off_ray(flat, own) / settings.off_colour, 0.0, 1.0)
    return np.asarray((share * like).reshape(tones.shape[:2]), float)


def _contrast(ink: Ink, colour: str) -> FloatArray:
    """Return a colour as its contrast to the page.

    Raises
    ------
    DigitizingError
        If it is no colour, or the page's own.
    """
    try:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)] if len(colour) == 7 and colour[0] == "#" else []
    except ValueError:
        parts = []
    own = ink.page - np.array(parts or ink.page, float)
    if np.abs(own).max() < 1e-2:
        raise DigitizingError(
            "colour", "a colour other than the page's, as #rrggbb", repr(colour)[:40], "click on the line"
        )
    return np.asarray(own, float)


def _colour_near(ink: Ink, column: int, row: int, settings: SnapSettings) -> FloatArray:
    """Return the contrast of the ink at a pixel, as it is where it is purest beside it."""
    part = np.s_[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3]
    strength, tones = ink.strength[part].ravel(), ink.tones[part].reshape(-1, 3).astype(float)
    here = ink.tones[row, column].astype(float)[None]
    # of the strongest pixels beside it the first of which it is a lighter shade
    order = [k for k in np.argsort(-strength) if strength[k] > settings.least_ink]
    own = next((tones[k] for k in order if off_ray(here, tones[k])[0] < settings.off_colour), here[0])
    like = (off_ray(tones, own) < settings.off_colour) & (strength >= settings.solid_ink * float(np.abs(own).max()))
    return np.asarray(np.median(tones[like], axis=0) if like.any() else own, float)


def _usual_colour(ink: Ink, places: Sequence[tuple[float, float]], settings: SnapSettings) -> FloatArray:
    """Return the contrast of the ink that most clicks are near."""
    found = [nearest_ink(ink, place, settings=settings)[1] for place in places]
    tones = [_contrast(ink, colour) for colour in found if colour is not None]
    if not tones:
        return np.asarray(ink.page, float) if ink.page.max() > 0 else np.full(3, -1.0)
    near = [sum(float(np.abs(a - b).max()) < settings.off_colour for b in tones) for a in tones]
    most = tones[int(np.argmax(near))]
    alike = [tone for tone in tones if float(np.abs(tone - most).max()) < settings.off_colour]
    return np.asarray(np.median(alike, axis=0), float)


def _hex(ink: Ink, own: FloatArray) -> str:
    red, green, blue = (float(v) for v in np.clip(ink.page - own, 0.0, 1.0))
    return hex_colour((red, green, blue))
