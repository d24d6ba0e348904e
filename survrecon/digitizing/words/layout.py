"""The layout of a figure's text: words become lines."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.words.settings import LAYOUT, LayoutSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.digitizing.words.words import Word

__all__ = ["TextLine", "box_of_words", "clusters", "text_lines"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TextLine:
    """Words that stand on one line close together.

    Parameters
    ----------
    words : tuple of Word
        From left to right; at least one.
    """

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words with a space between neighbours."""
        return " ".join(w.text for w in self.words)

    @property
    def first(self) -> Word:
        """The word at the left."""
        return self.words[0]

    @property
    def box(self) -> Box:
        """The place of the whole line."""
        return box_of_words(self.words)

    @property
    def cx(self) -> float:
        """Centre along x."""
        return (self.box.x0 + self.box.x1) / 2

    @property
    def cy(self) -> float:
        """Centre along y."""
        return median(w.cy for w in self.words)

    @property
    def size(self) -> float:
        """Height of the text."""
        return median(w.size for w in self.words)

    @property
    def confidence(self) -> float:
        """How sure the least sure word is."""
        return min(w.confidence for w in self.words)

    @property
    def colour(self) -> tuple[float, float, float] | None:
        """Colour of the first word, where it is known."""
        return self.first.colour


def box_of_words(words: Sequence[Word]) -> Box:
    """Return the smallest box that holds words."""
    return Box(
        x0=min(w.box.x0 for w in words),
        y0=min(w.box.y0 for w in words),
        x1=max(w.box.x1 for w in words),
        y1=max(w.box.y1 for w in words),
    )


def clusters(places: Sequence[float], apart: float) -> list[list[int]]:
    """Return groups of indices whose places follow each other less than ``apart`` apart, in order of place.

    Examples
    --------
    >>> clusters([0.0, 10.0, 0.4, 10.2], apart=1.0)
    [[0, 2], [1, 3]]
    """
    order = sorted(range(len(places)), key=lambda k: places[k])
    groups: list[list[int]] = []
    for k in order:
        if groups and places[k] - places[groups[-1][-1]] < apart:
            groups[-1].append(k)
        else:
            groups.append([k])
    return groups


def text_lines(words: Sequence[Word], settings: LayoutSettings = LAYOUT) -> list[TextLine]:
    """Join upright words that stand on one line close together, from the top left."""
    rest = sorted((w for w in words if not w.vertical), key=lambda w: (w.cy, w.box.x0))
    lines: list[list[Word]] = []
    for word in sorted(rest, key=lambda w: w.box.x0):
        fitting = [line for line in lines if _continues(line[-1], word, settings)]
        if fitting:
            min(fitting, key=lambda line: word.box.x0 - line[-1].box.x1).append(word)
        else:
            lines.append([word])
    made = [TextLine(words=tuple(line)) for line in lines]
    return sorted(made, key=lambda line: (line.cy, line.box.x0))


def _continues(last: Word, word: Word, settings: LayoutSettings) -> bool:
    """Return whether a word goes on with a line that ends in another one."""
    size = min(last.size, word.size)
    gap = word.box.x0 - last.box.x1
    level = abs(word.cy - last.cy) < settings.level * size
    return level and -settings.overlap * size < gap < settings.gap * size
