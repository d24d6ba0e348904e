"""Running text told from figures: paragraphs and captions, by length, spacing and flush edges of their lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from survrecon.digitizing.geometry import Box, around
from survrecon.digitizing.panels.settings import REGIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.digitizing.words.words import Word

__all__ = ["Paragraph", "first_sentence", "paragraphs_of", "running_heads", "title_in_caption"]

_PARTED = "\x02"  # how PDFium writes the hyphen at the end of a line
_CAPTION = re.compile(r"^\W*(?:supplement\w*\s+|extended\s+data\s+|e)?fig(?:ure|\.)?\s*S?\d", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """Lines of running text that follow each other.

    Parameters
    ----------
    words : tuple of Word
        Its lines, from the top.
    box : Box
        Where it stands.
    """

    words: tuple[Word, ...]
    box: Box

    @property
    def is_caption(self) -> bool:
        """Whether it is the caption of a figure."""
        return _CAPTION.match(self.text) is not None

    @property
    def text(self) -> str:
        """Its lines in one, words that were parted at their ends put together."""
        return " ".join(w.text for w in self.words).replace(f"{_PARTED} ", "")


def paragraphs_of(words: Sequence[Word], plots: Sequence[Box]) -> list[Paragraph]:
    """Return the paragraphs and captions of a figure or page.

    Parameters
    ----------
    words : sequence of Word
        Everything that was read.
    plots : sequence of Box
        The plots, from first to last tick label: text in them is no running text.
    """
    level = [w for w in words if not w.vertical and not any(_inside(w, plot) for plot in plots)]
    numbers = [w for w in level if _is_numbers(w)]
    long = [w for w in level if _is_line(w) and not _in_table(w, numbers)]
    groups = _chains(long, long)
    kept = []
    for group in groups:
        caption = _CAPTION.match(min(group, key=lambda w: w.cy).text) is not None
        if len(group) >= REGIONS.lines or caption:
            kept.append(group)
    seen = {id(w) for group in kept for w in group}
    short = [w for w in level if _CAPTION.match(w.text) and id(w) not in seen]
    kept += [[w] for w in short]
    seen |= {id(w) for w in short}
    rest = [w for w in level if id(w) not in seen and not _is_numbers(w) and not _in_table(w, numbers)]
    return [_paragraph([*group, *_last_lines(group, rest)]) for group in kept]


def running_heads(words: Sequence[Word], height: float) -> list[Word]:
    """Return the first and last line of a page, where they stand apart in its margins: they name journal and paper.

    Parameters
    ----------
    words : sequence of Word
        Everything that was read.
    height : float
        Of the page.
    """
    level = sorted((w for w in words if not w.vertical), key=lambda w: w.cy)
    found = []
    for ordered, margin in ((level, REGIONS.margin * height), (level[::-1], (1 - REGIONS.margin) * height)):
        line: list[Word] = []
        for word in ordered:
            if line and abs(word.cy - line[0].cy) > REGIONS.level * line[0].size:
                apart = abs(word.cy - line[0].cy) > REGIONS.set_solid * max(word.size, line[0].size)
                at_edge = line[0].cy < margin if ordered is level else line[0].cy > margin
                found += line if apart and at_edge else []
                break
            line.append(word)
    return found


def first_sentence(caption: str) -> str | None:
    """Return a caption's number and first sentence.

    Examples
    --------
    >>> first_sentence("Fig. 2. Survival by sex. Data were cut off in May.")
    'Fig. 2. Survival by sex'
    """
    hit = re.match(r"\W*(\D+\s*S?\d+\w?[.:]?\s.*?)(?:\.(?:\s|$)|$)", caption)
    return hit[1].strip() if hit else None


def title_in_caption(caption: str, letter: str | None) -> str | None:
    """Return what a caption calls the panel of a letter; None where it does not say, or not behind the letter.

    Examples
    --------
    >>> title_in_caption("Figure 1. Incidence. A, Time to first stroke. B, Time to death. CI indicates", "B")
    'Time to death'
    >>> title_in_caption("Figure 1: Survival (A) for all patients, (B) for patients after matching.", "A")
    'for all patients'
    >>> title_in_caption("scores in the development (A) and validation cohort (B). AF, fibrillation", "B")
    """
    if letter is None or not letter.isalpha():
        return None
    begins = rf"(?:\({letter}\)\s*[,:]?|(?<![A-Za-z]){letter}[,:.])\s+"
    ends = r"(?=[.;](?:\s|$)|[,;]?\s*\([B-H]\)|$)"
    hit = re.search(rf"{begins}((?!and\b|or\b|versus\b|vs\b)\w.*?){ends}", caption)
    return hit[1].strip() if hit else None


def _inside(word: Word, plot: Box) -> bool:
    return plot.x0 < word.cx < plot.x1 and plot.y0 < word.cy < plot.y1


def _is_line(word: Word) -> bool:
    """Return whether a word is long enough for a line of running text."""
    return len(word.text.split()) >= REGIONS.few_words and word.box.width > REGIONS.sentence * word.size


def _is_numbers(word: Word) -> bool:
    """Return whether a word is cells alone, such as ``83 (97%)``."""
    return word.number is not None or re.fullmatch(r"[\s.,%()\[\]/]*\d[\d\s.,%()\[\]/]*", word.text) is not None


def _in_table(word: Word, numbers: Sequence[Word]) -> bool:
    """Return whether cells stand on a word's level, or within it where a row was read as one word."""
    digits, letters = (sum(map(kind, word.text)) for kind in (str.isdecimal, str.isalpha))
    if digits > letters and len(re.findall(r"\d+", word.text)) >= REGIONS.few_words:
        return True
    beside = sum(abs(n.cy - word.cy) < REGIONS.level * word.size and n.box.x0 > word.box.x1 for n in numbers)
    return beside >= 2


def _follows(a: Word, b: Word) -> bool:
    """Return whether two lines may be neighbours in one paragraph."""
    small, large = sorted((a.size, b.size))
    if abs(a.cy - b.cy) > REGIONS.set_solid * large or large > REGIONS.size * small:
        return False
    overlap = min(a.box.x1, b.box.x1) - max(a.box.x0, b.box.x0)
    left, right = abs(a.box.x0 - b.box.x0), abs(a.box.x1 - b.box.x1)
    return overlap > 0 and min(left, right) < REGIONS.flush * large


def _chains(lines: Sequence[Word], among: Sequence[Word]) -> list[list[Word]]:
    """Return the groups of lines that follow each other."""
    left = list(among)
    groups = []
    for line in lines:
        if not any(line is other for other in left):
            continue
        left = [other for other in left if other is not line]
        group, front = [line], [line]
        while front:
            at = front.pop()
            near = [other for other in left if _follows(at, other)]
            left = [other for other in left if not any(other is n for n in near)]
            group += near
            front += near
        groups.append(sorted(group, key=lambda w: (w.cy, w.cx)))
    return groups


def _last_lines(group: Sequence[Word], rest: Sequence[Word]) -> list[Word]:
    """Return the short lines right below or above a paragraph, flush with it: its last line and its heading."""
    box = around(w.box for w in group)
    ends = (min(group, key=lambda w: w.cy), max(group, key=lambda w: w.cy))
    return [
        w
        for w in rest
        if any(_follows(w, end) for end in ends)
        and box.x0 - REGIONS.flush * w.size < w.box.x0
        and w.box.x1 < box.x1 + REGIONS.flush * w.size
        and (abs(w.box.x0 - box.x0) < REGIONS.flush * w.size or w.cy < box.y0)
        and len(w.text) > 1
    ]


def _paragraph(lines: Sequence[Word]) -> Paragraph:
    ordered = sorted(lines, key=lambda w: (w.cy, w.cx))
    return Paragraph(words=tuple(ordered), box=around(w.box for w in ordered))
