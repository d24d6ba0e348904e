"""Legend keys in pixels: the sample of line left of a word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from survrecon.arrays import run_edges
from survrecon.digitizing.geometry import Box, strongest
from survrecon.digitizing.words.scene import Colour, Key
from survrecon.digitizing.words.settings import KEYS

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.digitizing.words.words import Word

__all__ = ["key_of"]


def key_of(
    pixels: FloatArray, word: Word, curves: npt.NDArray[np.bool_], colours: list[FloatArray], *, side: int = -1
) -> Key | None:
    """Return the key at one side of a word.

    Parameters
    ----------
    pixels : numpy.ndarray, shape (h, w, 3)
        The whole figure.
    word : Word
        A candidate for a curve's name.
    curves : numpy.ndarray of bool, shape (h, w)
        Pixels of the traced curves, which are no keys.
    colours : list of numpy.ndarray, shape (3,)
        Colours of the curves.
    side : int
        -1 looks at the left of the word, 1 at its right.
    """
    level = _key_at(pixels, word, curves, colours, side, KEYS.half_height)
    found = level or _key_at(pixels, word, curves, colours, side, KEYS.off_level)
    if found is not None or side > 0:
        return found
    parted = _without_line(pixels, word)
    return None if parted is None else _key_at(pixels, parted, curves, colours, side, KEYS.half_height)


def _without_line(pixels: FloatArray, word: Word) -> Word | None:
    """Return a word whose box began with its sample of line, without that; None where it begins with a letter."""
    x0, x1, y0, y1 = int(word.box.x0), int(word.box.x1) + 1, int(word.box.y0), int(word.box.y1) + 1
    patch = pixels[max(0, y0) : y1, max(0, x0) : x1]
    if not patch.size:
        return None
    page = np.median(patch.reshape(-1, 3), axis=0)
    ink = strongest(np.abs(patch - page)) > KEYS.faintest
    edges = run_edges(ink.any(axis=0))
    if len(edges) < 2 * KEYS.line_and_letters:
        return None
    start, stop = int(edges[0]), int(edges[1])
    thick = float(np.median(ink[:, start:stop].sum(axis=0)))
    if stop - start < KEYS.line_in_box * word.size or thick > KEYS.thin_in_box * word.size:
        return None
    return replace(word, box=replace(word.box, x0=max(0, x0) + float(edges[2])))


def _key_at(
    pixels: FloatArray,
    word: Word,
    curves: npt.NDArray[np.bool_],
    colours: list[FloatArray],
    side: int,
    half_height: float,
) -> Key | None:
    """Return the key in a strip of so many word heights above and below the middle of a word."""
    size = word.size
    x0, y0, x1, y1 = _place_beside(word, side, half_height, pixels.shape)
    if x1 - x0 < KEYS.least_width or y1 - y0 < KEYS.least_height:
        return None
    patch, taken = pixels[y0:y1, x0:x1], curves[y0:y1, x0:x1]
    page = np.median(patch.reshape(-1, 3), axis=0)
    ring = pixels[max(0, y0 - 2) : y0 + 1, x0:x1].reshape(-1, 3)
    page = np.median(ring, axis=0) if len(ring) else page
    ink = (strongest(np.abs(patch - page)) > KEYS.faintest) & ~taken
    # what stands behind a frame or an axis is no part of a sample
    tall = int(KEYS.rule * size)
    rules = _rules(pixels[max(0, y0 - tall) : y1, x0:x1], page) | _rules(pixels[y0 : y1 + tall, x0:x1], page)
    if side > 0:
        ink, patch, rules = ink[:, ::-1], patch[:, ::-1], rules[::-1]
    ink[:, : int(np.flatnonzero(rules)[-1]) + 1 if rules.any() else 0] = False
    used = np.asarray(ink.any(axis=0), bool)
    sample = _line_beside(used, size)
    if sample is None:
        return None
    start, end = sample
    length = end - start + 1
    colour = _key_colour(ink[:, start : end + 1], patch[:, start : end + 1], colours, page, size)
    if colour is None:
        return None
    left = x0 + start if side < 0 else x1 - 1 - end  # the right side was turned round
    return Key(
        colour=colour,
        duty=float(ink[:, start : end + 1].any(axis=0).mean()),
        length=float(length),
        box=Box(x0=float(left), y0=float(y0), x1=float(left + end - start), y1=float(y1)),
    )


def _place_beside(word: Word, side: int, half_height: float, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return where a sample is looked for, at one side of a word: columns and rows from and to."""
    h, w = shape[:2]
    size = word.size
    reach = int(max(KEYS.reach * size, KEYS.least_reach))
    y0, y1 = max(0, int(word.cy - half_height * size)), min(h, int(word.cy + half_height * size) + 1)
    if side < 0:
        x1 = int(word.box.x0 + KEYS.beside * size)
        return max(0, x1 - reach), y0, x1, y1
    x0 = int(word.box.x1 - KEYS.beside * size)
    return x0, y0, min(w, x0 + reach), y1


def _rules(patch: FloatArray, page: FloatArray) -> npt.NDArray[np.bool_]:
    """Return the columns that ink fills from top to bottom."""
    return np.asarray((strongest(np.abs(patch - page)) > KEYS.faintest).all(axis=0), bool)


def _key_colour(
    part: npt.NDArray[np.bool_], patch: FloatArray, colours: list[FloatArray], page: FloatArray, size: float
) -> Colour | None:
    """Return the colour of a sample: the curve's it has most pixels of, else its own; None where it is no line."""
    tones = patch[part]
    away = strongest(np.abs(tones - page))
    best, found = None, 0
    for c in colours:
        full = c - page
        share = (tones - page) @ full / max(float(full @ full), KEYS.no_colour)
        rest = np.abs(tones - page - share[:, None] * full).max(axis=1)
        near = int(((share > KEYS.least_share) & (share < KEYS.most_share) & (rest < KEYS.other_tone)).sum())
        # soft edges of black letters look like a dark colour; their middles do not
        middle = away >= KEYS.strong * min(float(away.max(initial=0.0)), float(np.abs(full).max()))
        if near > found and bool((rest[middle] < KEYS.other_tone).mean() >= KEYS.own_pixels):
            best, found = c, near
    if best is None or found < KEYS.own_pixels * len(tones) or found < KEYS.least_pixels:
        best = _own_colour(tones, page)
    if best is None or not part.any():
        return None
    thick = part.sum(axis=0)
    grey = float(np.ptp(best)) < KEYS.grey
    line_like = not grey or np.median(thick[thick > 0]) <= KEYS.thickest * size or part.mean() > KEYS.filled
    return (float(best[0]), float(best[1]), float(best[2])) if line_like else None


def _own_colour(tones: FloatArray, page: FloatArray) -> FloatArray | None:
    """Return the colour of a sample that is none of the curves', whose colours a band may change; None for grey ink."""
    away = strongest(np.abs(tones - page))
    if len(tones) < KEYS.least_pixels:
        return None
    tone: FloatArray = np.median(tones[away >= KEYS.strong * away.max()], axis=0)
    return tone if float(np.ptp(tone)) > KEYS.grey else None


def _line_beside(used: npt.NDArray[np.bool_], size: float) -> tuple[int, int] | None:
    """Return the first and last column of the sample of line that ends next to a word, which begins where they end."""
    n = len(used)
    columns = np.flatnonzero(used)
    if not len(columns):
        return None
    breaks = np.flatnonzero(np.diff(columns) > KEYS.gap * size + 1)
    starts, ends = columns[np.r_[0, breaks + 1]], columns[np.r_[breaks, len(columns) - 1]]
    if len(starts) > 1 and n - starts[-1] < KEYS.serif * size:  # a letter that reaches out of its word's box
        starts, ends = starts[:-1], ends[:-1]
    start, end = int(starts[-1]), int(ends[-1])
    near = n - 1 - end < KEYS.near * size
    return (
        (start, end) if near and KEYS.shortest_sample * size <= end - start + 1 <= KEYS.longest_sample * size else None
    )
