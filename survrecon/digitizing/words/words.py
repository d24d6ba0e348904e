"""Words of a figure with their places: from a text layer or from character recognition."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from survrecon.digitizing.geometry import Box

__all__ = ["Word", "number_of"]

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
        """Height of the line of text."""
        return self.box.width if self.vertical else self.box.height

    def scaled(self, factor: float) -> Word:
        """Return the word where it stands in a resized figure."""
        b = self.box
        return replace(self, box=Box(x0=b.x0 * factor, y0=b.y0 * factor, x1=b.x1 * factor, y1=b.y1 * factor))

    @property
    def plausible(self) -> bool:
        """Whether it looks like text, and not like strokes that were taken for letters."""
        count = sum(ch.isalnum() and ch < "\u2000" for ch in self.text)
        long = self.box.height if self.vertical else self.box.width
        if re.fullmatch(r"[HhIlTtFEf1|+\-–—=_\s]{1,12}", self.text) and not re.fullmatch(r"1+", self.text):
            return False  # censoring marks on a line look like these letters
        if count == 0 or "++" in self.text or long > 2.2 * self.size * len(self.text):
            return False
        return self.confidence >= 0.7

    @property
    def number(self) -> float | None:
        """The number the word is, or None."""
        return number_of(self.text)


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
