"""Ink near a person's clicks: the nearest line, and the step line along it from the first click to the last."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
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


def _standing_out(cover: FloatArray, line: FloatArray, settings: SnapSettings) -> tuple[float, float]:
    """Return the coverage of what is behind a line, a band or a tinted plot, and that from which a pixel is the line's.

    Parameters
    ----------
    cover : numpy.ndarray
        Coverage within reach of a hand.
    line : numpy.ndarray
        Of these, where the line is.
    """
    behind = float(np.quantile(cover, settings.around))
    return behind, max(settings.least_ink, (behind + float(line.max())) / 2)


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
    found = (cover > _standing_out(cover, cover, settings)[1]) & (far <= settings.reach)
    if not found.any():
        return place, colour
    near = np.where(found, far, np.inf)
    k, j = np.unravel_index(int(near.argmin()), near.shape)
    own = _colour_near(ink, x0 + int(j), y0 + int(k), settings) if colour is None else _contrast(ink, colour)
    cover = _coverage(ink.tones[part], own, settings)
    column = cover[:, j]
    behind, least = _standing_out(cover, column, settings)
    top, bottom = int(k), int(k)
    while top > 0 and column[top - 1] > least:
        top -= 1
    while bottom < len(column) - 1 and column[bottom + 1] > least:
        bottom += 1
    if bottom - top >= 2 * r - 1:  # a vertical stroke: its height is where the hand is
        return (x0 + int(j) + 0.5, y), _hex(ink, own)
    weight = np.maximum(column[max(0, top - 1) : bottom + 2] - behind, 0.0)
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
    heights = [_height(ink, place, own, settings) for place in places]
    starts, levels = _followed(ink, np.array(places), heights, own, rising=rising, settings=settings)
    corners = [(first + float(start), float(level)) for start, level in zip(starts, levels, strict=True)]
    corners[0] = (places[0][0], corners[0][1])
    if corners[-1][0] < places[-1][0]:
        corners.append((places[-1][0], corners[-1][1]))
    return corners, _hex(ink, own)


def _followed(
    ink: Ink,
    places: FloatArray,
    heights: list[tuple[float, bool]],
    own: FloatArray,
    *,
    rising: bool,
    settings: SnapSettings,
) -> tuple[FloatArray, FloatArray]:
    """Return where levels start, in columns from the first place, and what they are, along ink of a contrast."""
    h, first, last = ink.strength.shape[0], int(places[0, 0]), int(places[-1, 0])
    y, sure = np.array([height for height, _ in heights]), np.array([own_ink for _, own_ink in heights])
    reach = settings.reach
    top, bottom = max(0, int(y.min() - 2 * reach)), min(h, int(y.max() + 2 * reach) + 1)
    coverage = _above_ground(_coverage(ink.tones[top:bottom, first : last + 1], own, settings), settings)
    way = -1 if rising else 1
    coverage = coverage[::way]
    rows = (y - top) if way > 0 else (bottom - top) - y
    x = places[:, 0] - first
    outside = _outside(coverage.shape, x, rows, np.where(sure, settings.at_click, reach), reach)
    cost = (1.0 - coverage) + settings.beside_band * outside
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
    treads = _Treads(layer, x[sure], settings, dashed=curve.dash != "solid")
    beyond = curve.falls_to is not None and curve.y[-1] - rows[-1] > settings.at_click
    known = np.s_[: len(curve.x) - beyond]  # no fall beyond the last click
    starts, levels = treads.tidied(curve.x[known], curve.y[known], float(path.stop))
    return starts, top + (levels if way > 0 else (bottom - top) - levels)


class _Treads:
    """Levels of a step line as traced, made into those that its ink shows.

    Parameters
    ----------
    layer : Layer
        The line's ink, the line falling.
    clicked : numpy.ndarray, shape (m,)
        Columns of clicks on it.
    settings : SnapSettings
        What a level and a fall are.
    dashed : bool
        Whether the line is of dashes or dots.
    """

    def __init__(self, layer: Layer, clicked: FloatArray, settings: SnapSettings, *, dashed: bool) -> None:
        self.coverage, self.settings, self.clicked = layer.coverage, settings, clicked
        # a dash that begins in an upright stroke and turns with it is wider than the stroke
        self.widest = layer.line_width * (2.0 if dashed else 1.0) + 1.0
        self.dashed = dashed
        self.whole = settings.dashed_upright if dashed else settings.whole_upright
        self.height = settings.tall * layer.line_width

    def tidied(self, x: FloatArray, y: FloatArray, stop: float) -> tuple[FloatArray, FloatArray]:
        """Return where levels start and what they are, of those at ``y`` from ``x`` on, up to ``stop``."""
        starts, levels = list(map(float, x)), list(map(float, y))
        starts, levels = self._across_gaps(starts, levels, stop)
        starts, levels = self._one_fall(starts, levels, stop)
        return self._apart(starts, levels, stop)

    def _with_ink(self, start: float, end: float, level: float) -> FloatArray:
        """Return the columns of a level that have the line's ink, or a click."""
        columns = np.arange(int(start), max(int(np.ceil(end)), int(start) + 1))
        columns = columns[columns < self.coverage.shape[1]]
        row, reach = int(level), int(np.ceil(self.widest))
        near = self.coverage[max(row - 1, 0) : row + 2, columns]
        seen = near.max(axis=0, initial=0.0) > self.settings.inked
        if self.dashed:  # a dash that stands upright is no part of a level
            around = self.coverage[max(row - reach, 0) : row + reach + 1, columns]
            seen &= (around > self.settings.inked).sum(axis=0) <= self.widest
        seen |= np.isin(columns, self.clicked.astype(int))
        return np.asarray(columns[seen], float)

    def _is_clicked(self, start: float, end: float) -> bool:
        return bool(((self.clicked >= start) & (self.clicked < end)).any())

    def _fall(self, start: float, end: float, upper: float, lower: float, least: float) -> float | None:
        """Return the middle of the upright ink between two levels and columns; None where there is too little."""
        first, last = max(int(start), 0), min(int(np.ceil(end)) + 1, self.coverage.shape[1])
        part = self.coverage[int(upper) + 1 : max(int(lower), int(upper) + 2), first:last]
        if not part.size:
            return None
        share = part.mean(axis=0)
        best = int(share.argmax())
        if share[best] < least:
            return None
        near = np.s_[max(best - int(self.widest), 0) : best + int(self.widest) + 1]
        columns = np.arange(first, last)[near] + 0.5
        return float(columns @ share[near] / share[near].sum())

    def _across_gaps(self, x: list[float], y: list[float], stop: float) -> tuple[list[float], list[float]]:
        """Leave out levels without ink; where a gap of a dashed line hides a fall, it is at the ink upright there."""
        ends = [*x[1:], stop]
        inked = [self._with_ink(*tread) for tread in zip(x, ends, y, strict=True)]
        last = len(x) - 1
        kept = [
            k for k, (start, end) in enumerate(zip(x, ends, strict=True))
            if k in (0, last) or self._is_clicked(start, end)
            or len(inked[k]) >= self.settings.bare_tread * max(end - start, 1.0)
        ]  # fmt: skip
        starts, levels = [x[0]], [y[0]]
        for before, k in pairwise(kept):
            ends_at = inked[before].max(initial=x[before]) + 1
            begins = max(inked[k].min(initial=ends[k]), ends_at)
            if begins - ends_at > self.widest or k > before + 1:
                found = self._fall(ends_at - 1, begins, y[before], y[k], self.settings.least_upright)
                middle = (ends_at + begins) / 2 if k > before + 1 else min(max(x[k], ends_at), begins)
                at = middle if found is None else found
            else:
                at = x[k]
            starts.append(max(at, starts[-1]))
            levels.append(y[k])
        return starts, levels

    def _one_fall(self, x: list[float], y: list[float], stop: float) -> tuple[list[float], list[float]]:
        """Leave out levels within the width of one upright stroke, which is put at its middle."""
        ends = [*x[1:], stop]
        starts, levels = [x[0]], [y[0]]
        k = 1
        while k < len(x):
            j = k  # levels k to j-1 lie within one stroke that begins at x[k]
            while j < len(x) - 1 and ends[j] - x[k] <= self.widest and not self._is_clicked(x[j], ends[j]):
                j += 1
            at = None
            if j > k and y[j] - levels[-1] >= self.height and x[k] - starts[-1] > self.widest:
                at = self._fall(x[k] - 1, x[j], levels[-1], y[j], self.whole)
            starts.append(max(x[k] if at is None else at, starts[-1]))
            levels.append(y[k] if at is None else y[j])
            k = k + 1 if at is None else j + 1
        return starts, levels

    def _apart(self, x: list[float], y: list[float], stop: float) -> tuple[FloatArray, FloatArray]:
        """Join levels that are closer than a line shows, at the middle of both by their lengths."""
        ends = [*x[1:], stop]
        starts, levels, lengths = [x[0]], [y[0]], [ends[0] - x[0]]
        for start, end, level in zip(x[1:], ends[1:], y[1:], strict=True):
            if level - levels[-1] < self.settings.least_drop:
                both = lengths[-1] + end - start
                levels[-1] += (level - levels[-1]) * (end - start) / both if both > 0 else 0.0
                lengths[-1] = both
            else:
                starts.append(start)
                levels.append(level)
                lengths.append(end - start)
        return np.array(starts), np.array(levels)


def _height(ink: Ink, place: tuple[float, float], own: FloatArray, settings: SnapSettings) -> tuple[float, bool]:
    """Return the height of a line of a contrast near a click, and that it is there; else of any ink, and that not."""
    of_line = nearest_ink(ink, place, _hex(ink, own), settings)[0][1]
    if of_line != place[1]:
        return of_line, True
    return nearest_ink(ink, place, settings=settings)[0][1], False


def _outside(shape: tuple[int, int], x: FloatArray, y: FloatArray, at_click: FloatArray, reach: float) -> FloatArray:
    """Return 1 for pixels out of reach of a falling line through the clicks at x and rows y, 0 for the others."""
    columns, rows = np.arange(shape[1]) + 0.5, np.arange(shape[0])[:, None] + 0.5
    before = np.searchsorted(x, columns, side="right") - 1
    highest = y[before.clip(0)] - reach
    lowest = y[(before + 1).clip(None, len(y) - 1)] + reach
    highest, lowest = np.minimum(highest, lowest), np.maximum(highest, lowest)
    # in a click's own column the line passes its ink
    own = x.astype(int).clip(0, shape[1] - 1)
    highest[own], lowest[own] = np.maximum(highest[own], y - at_click), np.minimum(lowest[own], y + at_click)
    return np.asarray((rows < highest) | (rows > lowest), float)


def _coverage(tones: FloatArray, own: FloatArray, settings: SnapSettings) -> FloatArray:
    """Return how much of each pixel ink of a contrast covers, 0 to 1."""
    flat = tones.reshape(-1, 3).astype(float)
    share = np.clip(flat @ own / (own @ own), 0.0, 1.0)
    like = np.clip(2.0 - off_ray(flat, own) / settings.off_colour, 0.0, 1.0)
    return np.asarray((share * like).reshape(tones.shape[:2]), float)


def _above_ground(coverage: FloatArray, settings: SnapSettings) -> FloatArray:
    """Return coverage by the line alone: what a band or a tinted plot behind it has of its colour is taken off."""
    ground = min(float(np.quantile(coverage, settings.ground)), settings.most_ground)
    return np.asarray(np.clip((coverage - ground) / (1.0 - ground), 0.0, 1.0))


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
