"""What naming works on: curves in data units and access to what stands around the words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from survrecon.arrays import FloatArray
    from survrecon.digitizing.geometry import Box
    from survrecon.digitizing.words.names import Key
    from survrecon.digitizing.words.words import Word

__all__ = ["Draft", "DrawnCurve", "Surroundings", "hex_colour"]


@dataclass(frozen=True, kw_only=True)
class DrawnCurve:
    """A curve in data units before it has a name."""

    colour: tuple[float, float, float]
    duty: float
    dash: str
    line_width: float
    time: FloatArray
    survival: FloatArray
    censor_times: FloatArray | None
    remarks: tuple[str, ...] = ()
    followed: float | None = None


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the naming needs to see of the figure around the words.

    Parameters
    ----------
    key : callable
        Legend key of a word on one side (-1 left, 1 right), or None.
    ink : callable
        Colour of a word's letters, or None.
    reread : callable or None
        Reads one place again: text and confidence. None where text is exact.
    """

    key: Callable[[Word, int], Key | None]
    ink: Callable[[Word], tuple[float, float, float] | None]
    reread: Callable[[Box], tuple[str, float]] | None


@dataclass
class Draft:
    """A name before it is settled: the name, where it was read, and the whole text."""

    name: str
    source: str
    text: str


def hex_colour(colour: tuple[float, float, float]) -> str:
    """Return a colour as ``#rrggbb``."""
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, v))):02x}" for v in colour)
