"""Which name belongs to which curve: legend keys, coloured labels, rows of the risk table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.geometry import Box, strongest

if TYPE_CHECKING:
    from survrecon.digitizing.words.words import Word

__all__ = ["Key", "Named", "clean_name", "match_legend", "same_name", "word_colour"]

Colour = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A short sample of line or a swatch beside a word."""

    colour: Colour
    duty: float
    length: float
    box: Box


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """The name of a curve and how it was found."""

    name: str
    source: str
    word: Word
    score: float


def colour_distance(a: Colour, b: Colour) -> float:
    """Return the largest difference of two colours' channels."""
    return float(np.abs(np.array(a) - np.array(b)).max())


def clean_name(text: str) -> str:
    """Strip marks, counts and statistics from a legend's text.

    Examples
    --------
    >>> clean_name("+ Placebo (n=120)"), clean_name("1992-2004 (n=2392): MS 13 mos")
    ('Placebo', '1992-2004')
    """
    text = re.sub(r"^[\s+\-–—_=|·•.,:;'\"*]+(?=\w)", "", text.strip())
    text = re.split(r"\s*[(\[,;:]?\s*\b[nN]\s*[=:]\s*\d", text)[0]
    text = re.split(r"\s*[(\[]\s*(?:events?|deaths?|median|HR)\b", text, flags=re.IGNORECASE)[0]
    text = re.split(r"\s*[(\[,;:]+\s*\d+\s*(?:/\s*\d+\s*)?(?:events?|deaths?)\b", text, flags=re.IGNORECASE)[0]
    return text.strip(" :;,(")


def same_name(a: str, b: str) -> float:
    """Return how alike two names are, 0 to 1, whatever the case and punctuation."""
    plain = [
        re.sub(r"[^0-9a-z+\-−⁺⁻]", "", x.lower()).replace("⁺", "+").replace("⁻", "-").replace("−", "-") for x in (a, b)
    ]
    if not all(plain):
        return 0.0
    return SequenceMatcher(None, plain[0], plain[1]).ratio()


def word_colour(patch: np.ndarray, page: np.ndarray) -> Colour | None:
    """Return the ink's colour in a patch of pixels, or None where it is blank."""
    away = strongest(np.abs(patch - page))
    if away.max(initial=0.0) < 0.2:
        return None
    strong = away >= 0.8 * away.max()
    tone = np.median(patch[strong], axis=0)
    return float(tone[0]), float(tone[1]), float(tone[2])


def match_legend(costs: np.ndarray, limit: float) -> dict[int, int]:
    """Assign words to curves, one each, at the least total cost.

    Parameters
    ----------
    costs : numpy.ndarray, shape (curves, words)
        Small where a word's key looks like the curve; infinite where it cannot be.
    limit : float
        A pair that costs more is no pair.
    """
    from scipy.optimize import linear_sum_assignment

    if not costs.size:
        return {}
    rows, columns = linear_sum_assignment(np.minimum(costs, 10 * limit + 10))
    return {int(r): int(c) for r, c in zip(rows, columns, strict=True) if costs[r, c] <= limit}
