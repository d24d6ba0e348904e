"""Legend keys in pixels: the sample of line left of a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from survrecon.digitizing.geometry import Box, strongest
from survrecon.digitizing.words.names import Key

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.digitizing.words.words import Word

__all__ = ["key_of"]

# in heights of the word
_NEAR = 2.2  # from the sample of line to the word
_GAP = 0.9  # between dashes of one sample
_SHORTEST, _LONGEST = 0.6, 8.5  # samples
_SERIF = 0.4  # what of a word may stand out of its box


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
    h, w = pixels.shape[:2]
    size = word.size
    reach = int(max(9 * size, 40))
    y0, y1 = max(0, int(word.cy - 0.42 * size)), min(h, int(word.cy + 0.42 * size) + 1)
    if side < 0:
        x1 = int(word.box.x0 + 0.1 * size)
        x0 = max(0, x1 - reach)
    else:
        x0 = int(word.box.x1 - 0.1 * size)
        x1 = min(w, x0 + reach)
    if x1 - x0 < 5 or y1 - y0 < 3:
        return None
    patch, taken = pixels[y0:y1, x0:x1], curves[y0:y1, x0:x1]
    page = np.median(patch.reshape(-1, 3), axis=0)
    ring = pixels[max(0, y0 - 2) : y0 + 1, x0:x1].reshape(-1, 3)
    page = np.median(ring, axis=0) if len(ring) else page
    ink = (strongest(np.abs(patch - page)) > 0.2) & ~taken
    used = np.asarray(ink.any(axis=0), bool)
    if side > 0:
        used, ink, patch = used[::-1], ink[:, ::-1], patch[:, ::-1]
    sample = _line_beside(used, size)
    if sample is None:
        return None
    start, end = sample
    length = end - start + 1
    part = ink[:, start : end + 1]
    thick = part.sum(axis=0)
    duty = float((thick > 0).mean())
    tones = patch[:, start : end + 1][part]
    best, found = None, 0
    for c in colours:
        full = c - page
        share = (tones - page) @ full / max(float(full @ full), 1e-9)
        rest = np.abs(tones - page - share[:, None] * full).max(axis=1)
        near = int(((share > 0.5) & (share < 1.25) & (rest < 0.13)).sum())
        if near > found:
            best, found = c, near
    if best is None or found < 0.12 * len(tones) or found < 3:
        return None
    heights = np.flatnonzero(part.any(axis=1))
    grey = float(np.ptp(best)) < 0.2
    line_like = not grey or np.median(thick[thick > 0]) <= 0.55 * size or part.mean() > 0.85
    if not line_like or not len(heights):
        return None
    return Key(
        colour=(float(best[0]), float(best[1]), float(best[2])),
        duty=duty,
        length=float(length),
        box=Box(x0=float(x0 + start), y0=float(y0), x1=float(x0 + end), y1=float(y1)),
    )


def _line_beside(used: npt.NDArray[np.bool_], size: float) -> tuple[int, int] | None:
    """Return the first and last column of the sample of line that ends next to a word, which begins where they end."""
    n = len(used)
    columns = np.flatnonzero(used)
    if not len(columns):
        return None
    breaks = np.flatnonzero(np.diff(columns) > _GAP * size + 1)
    starts, ends = columns[np.r_[0, breaks + 1]], columns[np.r_[breaks, len(columns) - 1]]
    if len(starts) > 1 and n - starts[-1] < _SERIF * size:  # a letter that reaches out of its word's box
        starts, ends = starts[:-1], ends[:-1]
    start, end = int(starts[-1]), int(ends[-1])
    near = n - 1 - end < _NEAR * size
    return (start, end) if near and _SHORTEST * size <= end - start + 1 <= _LONGEST * size else None
