"""What naming works on: curves before they have names, and access to what stands around the words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.digitizing.geometry import Box
    from survrecon.digitizing.words.words import Word

__all__ = ["Colour", "DrawnCurve", "Key", "Surroundings", "colour_distance", "hex_colour"]

Colour = tuple[float, float, float]
Place = Callable[["FloatArray", "FloatArray"], tuple["FloatArray", "FloatArray"]]


@dataclass(frozen=True, kw_only=True)
class DrawnCurve:
    """A curve in data units before it has a name."""

    colour: Colour
    duty: float
    dash: str
    line_width: float
    time: FloatArray
    survival: FloatArray
    censor_times: FloatArray | None
    remarks: tuple[str, ...] = ()
    followed: float | None = None
    """Share of a traced curve's columns where its ink was seen."""
    first_drop: bool = False
    """Whether a traced curve that begins below full survival is seen to come down from there at time 0."""
    dot_height: float | None = None
    """How high the dots or dashes of a traced curve stand, in line widths."""
    contradictions: tuple[str, ...] = ()
    """What of a traced curve's own ink speaks against its reading."""
    aslant: float = 0.0
    """Share of a traced curve's fall that is drawn aslant, without upright strokes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A short sample of line or a swatch beside a word."""

    colour: Colour
    duty: float
    length: float
    box: Box


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
    place : callable or None
        Places of times and survival fractions in the figure; None where they are not known.
    leader : callable or None
        The far end of a thin line that begins at a box, or None.
    """

    key: Callable[[Word, int], Key | None]
    ink: Callable[[Word], Colour | None]
    reread: Callable[[Box], tuple[str, float]] | None
    place: Place | None = None
    leader: Callable[[Box], tuple[float, float] | None] | None = None


def colour_distance(a: Colour, b: Colour) -> float:
    """Return the largest difference of two colours' channels."""
    return float(np.abs(np.array(a) - np.array(b)).max())


def hex_colour(colour: Colour) -> str:
    """Return a colour as ``#rrggbb``."""
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, v))):02x}" for v in colour)
