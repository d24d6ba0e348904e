"""Errors of files that hold no curves that can be read."""

from __future__ import annotations

from collections.abc import Sequence

from survrecon.digitizing.source import FigureFile, frames
from survrecon.digitizing.words import Word
from survrecon.errors import DigitizingError

__all__ = ["blank", "without_axes", "without_curves"]


def blank(where: str, file: FigureFile) -> DigitizingError:
    """Return the error of an image of one colour."""
    kind, count = frames(file)
    got = "an image of one colour" if count == 1 else f"a {kind} whose first frame of {count} is of one colour"
    advice = "check the file" if count == 1 else "save the frame with the figure as an image of its own"
    return DigitizingError(where, "a figure with curves", got, advice)


def without_axes(where: str, *, reads: bool, words: Sequence[Word]) -> DigitizingError:
    """Return the error of an image without numbered axes; ``reads`` is whether its text could be read."""
    if not reads:
        return DigitizingError(
            where,
            "axes that can be read",
            "an image whose text is not read, for the extra [ocr] is not installed",
            "pip install 'survrecon[ocr]', or give --x-range and --y-range",
        )
    numbers = sum(w.number is not None for w in words)
    return DigitizingError(
        where,
        "a time axis and a survival axis with numbered ticks",
        f"{len(words)} words, {numbers} of them numbers, that make no such axes",
        "give --crop, or --x-range and --y-range; photographs, bar charts and tables cannot be digitized",
    )


def without_curves(where: str) -> DigitizingError:
    """Return the error of a panel that has axes and no survival curve."""
    return DigitizingError(
        where,
        "curves that start at full survival",
        "none",
        "check --y-range, --one-minus-survival and --crop; a bar chart has none",
    )
