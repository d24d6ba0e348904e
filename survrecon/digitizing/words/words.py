"""Words of a figure with their places: from a text layer or from character recognition."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survrecon.callers import option_name
from survrecon.digitizing.geometry import Box
from survrecon.digitizing.words.settings import GLYPHS, PLAUSIBLE
from survrecon.errors import DigitizingError
from survrecon.files.outputs import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Word", "kept_words", "load_words", "number_of", "save_words"]

_LOOKALIKES = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1", "S": "5", "·": ".", "−": "-", "–": "-"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """A run of text on one line.

    Parameters
    ----------
    text : str
        What it says.
    box : Box
        Where it stands.
    confidence : float
        1 for a text layer.
    colour : tuple of float or None
        Red, green and blue, 0 to 1, where known.
    vertical : bool
        Whether it runs upwards.
    """

    text: str
    box: Box
    confidence: float = 1.0
    colour: tuple[float, float, float] | None = None
    vertical: bool = False

    @property
    def cx(self) -> float:
        """Centre along x."""
        return (self.box.x0 + self.box.x1) / 2

    @property
    def cy(self) -> float:
        """Centre along y."""
        return (self.box.y0 + self.box.y1) / 2

    @property
    def size(self) -> float:
        """Height of the line of text; that of nothing, where a word file has a box without height, is a speck."""
        return max(self.box.width if self.vertical else self.box.height, PLAUSIBLE.speck)

    def scaled(self, factor: float) -> Word:
        """Return the word where it stands in a resized figure."""
        b = self.box
        return replace(self, box=Box(x0=b.x0 * factor, y0=b.y0 * factor, x1=b.x1 * factor, y1=b.y1 * factor))

    def part(self, start: int, stop: int) -> Word:
        """Return the characters from ``start`` to before ``stop``, where they stand by the widths of characters."""
        widths = [_width(ch) for ch in self.text]
        per = self.box.width / max(sum(widths), GLYPHS.narrow)
        x0 = self.box.x0 + per * sum(widths[:start])
        x1 = self.box.x0 + per * sum(widths[:stop])
        return replace(self, text=self.text[start:stop], box=replace(self.box, x0=x0, x1=x1))

    @property
    def plausible(self) -> bool:
        """Whether it looks like text, and not like strokes that were taken for letters."""
        count = sum(ch.isalnum() and ch < "\u2000" for ch in self.text)
        long = self.box.height if self.vertical else self.box.width
        if re.fullmatch(r"[HhIlTtFEf1|+\-–—=_\s]{1,12}", self.text) and not re.fullmatch(r"1+|[TFE]1", self.text):
            return False  # censoring marks on a line look like these letters
        if count == 0 or "++" in self.text or long > PLAUSIBLE.widest * self.size * len(self.text):
            return False
        return self.confidence >= PLAUSIBLE.confidence

    @property
    def number(self) -> float | None:
        """The number the word is, or None."""
        return number_of(self.text)


def _width(character: str) -> float:
    """Return how wide a character is, in digits."""
    if character in GLYPHS.thin:
        return GLYPHS.narrow
    if character in GLYPHS.broad:
        return GLYPHS.wide
    return GLYPHS.capital if character.isupper() else 1.0


def number_of(text: str) -> float | None:
    """Return the number that a text is, in the spellings that figures use.

    Examples
    --------
    >>> number_of("0·75"), number_of("1,000"), number_of("50%"), number_of("0,8"), number_of(".5")
    (0.75, 1000.0, 50.0, 0.8, 0.5)
    >>> number_of("Months") is None
    True
    """
    plain = (
        text.strip().rstrip("-−–—_一~ ").removesuffix("%").strip().replace("·", ".").replace("−", "-").replace("–", "-")
    )
    if not re.search(r"\d", plain):
        if plain in {"O", "o"}:
            return 0.0
        return None
    if re.fullmatch(r"[\dOolI|]+([.,][\dOolI|]+)?", plain):
        plain = plain.translate(_LOOKALIKES)
    if re.fullmatch(r"\d{1,3}(,\d{3})+", plain):
        plain = plain.replace(",", "")
    elif re.fullmatch(r"\d+,\d+", plain):
        plain = plain.replace(",", ".")
    if re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", plain):
        return float(plain)
    return None


def kept_words(path: str | Path | None, *, unit: str, read: Callable[[], list[Word]]) -> list[Word]:
    """Return the words of a file that a caller names; where it is not there, those of the figure, written to it.

    Parameters
    ----------
    path : path or None
        The file, if one is named.
    unit : str
        What the words' places are in, ``"pixels"`` or ``"points"``: a file in another is of another kind of reading.
    read : callable
        Reads the words of the figure.
    """
    if path is None:
        return read()
    if Path(path).exists():
        kept = load_words(Path(path), unit)
        return read() if kept is None else kept
    words = read()
    save_words(Path(path), words, unit)
    return words


def save_words(path: Path, words: Sequence[Word], unit: str) -> None:
    """Write words to a JSON file, to be read again by `load_words`."""
    rows = [
        {
            "text": w.text,
            "box": [round(v, 3) for v in (w.box.x0, w.box.y0, w.box.x1, w.box.y1)],
            "confidence": round(w.confidence, 4),
            "colour": None if w.colour is None else [round(v, 4) for v in w.colour],
            "vertical": w.vertical,
        }
        for w in words
    ]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows)
    write_whole(path, f'{{"unit": {json.dumps(unit)}, "words": [\n{lines}\n]}}\n')


def load_words(path: Path, unit: str) -> list[Word] | None:
    """Read the words that `save_words` wrote, or a person corrected; None where they are in another unit.

    Raises
    ------
    DigitizingError
        If the file is not a list of words with their boxes.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return [_word(row) for row in content["words"]] if content["unit"] == unit else None
    except (OSError, UnicodeDecodeError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise DigitizingError(
            f"{path}: {option_name('words')}",
            "a JSON object with the unit of places, pixels or points, and a list of words, each with text and box",
            f"{type(error).__name__}: {error}"[:120],
            "remove it to have it written again, and change nothing but texts and numbers",
        ) from error


def _word(row: dict[str, Any]) -> Word:
    """Return the word of one entry."""
    x0, y0, x1, y1 = (float(v) for v in row["box"])
    if (
        not all(math.isfinite(v) for v in (x0, y0, x1, y1))
        or not (x0 <= x1 and y0 <= y1)
        or not isinstance(row["text"], str)
    ):
        raise ValueError(f"box {row['box']}, text {row['text']!r}")
    colour = row.get("colour")
    red_green_blue = None if colour is None else (float(colour[0]), float(colour[1]), float(colour[2]))
    return Word(
        text=row["text"],
        box=Box(x0=x0, y0=y0, x1=x1, y1=y1),
        confidence=float(row.get("confidence", 1.0)),
        colour=red_green_blue,
        vertical=bool(row.get("vertical", False)),
    )
