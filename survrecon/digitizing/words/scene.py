"""What naming works on: curves before they have names, and access to what stands around the words.

Of three lines of one colour the middle one may be the curve, the others its confidence limits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.words.settings import COUNTS, NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.digitizing.geometry import Box
    from survrecon.digitizing.words.arms import Assignment
    from survrecon.digitizing.words.words import Word

__all__ = [
    "Colour",
    "DrawnCurve",
    "Key",
    "Surroundings",
    "colour_distance",
    "could_be_taken_for",
    "hex_colour",
    "limits_of",
    "on_estimates",
    "without_limits",
]

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


_PLACES = 100
"""Places along the follow-up at which three lines are compared."""


def limits_of(curves: Sequence[DrawnCurve]) -> dict[int, tuple[int, int]]:
    """Return, for each curve that lies midway between two lines of its colour, these two: its upper and lower limit.

    Three lines have the colour, none crosses another, and the two outer ones stand about as far from the middle one.

    Parameters
    ----------
    curves : sequence of DrawnCurve
        The lines of a plot.
    """
    found = {}
    left = list(range(len(curves)))
    while left:
        alike = [k for k in left if colour_distance(curves[k].colour, curves[left[0]].colour) < NAMES.limits_ink]
        left = [k for k in left if k not in alike]
        if len(alike) != NAMES.estimate_and_limits:
            continue
        lower, middle, upper = sorted(alike, key=lambda k: _area(curves[k]))
        end = min(float(curves[k].time[-1]) for k in alike)
        times = np.linspace(0.0, end, _PLACES)
        below, level, above = (_levels(curves[k], times) for k in (lower, middle, upper))
        nested = (above > level - NAMES.limits_cross) & (below < level + NAMES.limits_cross)
        apart = (above - level > NAMES.limits_apart) & (level - below > NAMES.limits_apart)
        if nested.mean() < NAMES.limits_nested or apart.mean() < 1 / 2:
            continue
        sides = float(np.median((above - level)[apart] / (level - below)[apart]))
        if max(sides, 1 / sides) < NAMES.limits_uneven:
            found[middle] = (upper, lower)
    return found


def on_estimates(curves: Sequence[DrawnCurve], found: Assignment) -> tuple[Assignment, list[str]]:
    """Return names and rows given to the curve where they were given to one of its limits, and what is told of that.

    Parameters
    ----------
    curves : sequence of DrawnCurve
        The lines of a plot.
    found : Assignment
        Names and rows by line: one of the three lines of a colour bears a name.
    """
    told = []
    for middle, limits in limits_of(curves).items():
        three = {middle, *limits}
        named = [k for k in three if k in found.names or k in found.rows.values()]
        if len(named) != 1:
            continue
        names, rows = dict(found.names), dict(found.rows)
        if named[0] in names:
            names[middle] = names.pop(named[0])
        rows = {row: middle if k == named[0] else k for row, k in rows.items()}
        found = replace(found, names=names, rows=rows)
        name = names[middle].name if middle in names else "a curve"
        told.append(f"lines above and below {name}, of its colour, were taken for its confidence limits")
    return found, told


def could_be_taken_for(curve: DrawnCurve, other: DrawnCurve) -> bool:
    """Return whether two lines look alike, and run apart for most of the follow-up.

    A line that leads to a label, or a piece of a curve that was followed twice, runs along with its curve elsewhere.
    """
    times = np.linspace(0.0, min(float(curve.time[-1]), float(other.time[-1])), _PLACES)
    apart = np.abs(_levels(curve, times) - _levels(other, times)) > NAMES.limits_apart
    alike = colour_distance(curve.colour, other.colour) < NAMES.limits_ink
    return bool(alike and (curve.dash == "solid") == (other.dash == "solid") and apart.mean() > 1 / 2)


def without_limits(curves: Sequence[DrawnCurve], order: Sequence[int]) -> tuple[list[int], str | None]:
    """Leave out lines above and below one of their colour, its confidence limits; say so.

    They are broken where it is solid, or as solid as it and equally far from it.
    """
    out = {j for pair in limits_of(curves).values() for j in pair}
    for k in order:
        if curves[k].dash != "solid":
            continue
        broken = [
            j
            for j in order
            if curves[j].dash != "solid" and colour_distance(curves[j].colour, curves[k].colour) < NAMES.limits_ink
        ]
        sides = {bool(_area(curves[j]) > _area(curves[k])) for j in broken}
        if len(broken) >= 2 and len(sides) == 2:
            out.update(broken)
    told = f"{len(out)} lines around another of their colour were taken for its confidence limits" if out else None
    return [k for k in order if k not in out], told


def _area(curve: DrawnCurve) -> float:
    """Return the mean survival until the curve's end."""
    return float((np.diff(curve.time) * curve.survival[:-1]).sum() / max(float(curve.time[-1]), COUNTS.no_time))


def _levels(curve: DrawnCurve, times: FloatArray) -> FloatArray:
    """Return survival at times."""
    return curve.survival[np.maximum(np.searchsorted(curve.time, times, side="right") - 1, 0)]
