"""Places in a figure: boxes, plane maps, lines through points, calibrated axes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from survrecon.arrays import BoolArray, FloatArray

__all__ = ["Affine", "Axis", "Box", "around", "grown", "on_one_line", "strongest"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A rectangle in the figure, y pointing down."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Extent along x."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Extent along y."""
        return self.y1 - self.y0

    def grown(self, by: float) -> Box:
        """Return the box with ``by`` added on every side."""
        return Box(x0=self.x0 - by, y0=self.y0 - by, x1=self.x1 + by, y1=self.y1 + by)

    def moved(self, dx: float, dy: float) -> Box:
        """Return the box moved to the right and down."""
        return Box(x0=self.x0 + dx, y0=self.y0 + dy, x1=self.x1 + dx, y1=self.y1 + dy)

    def holds(self, other: Box) -> bool:
        """Return whether another box lies within this one."""
        return self.x0 <= other.x0 and other.x1 <= self.x1 and self.y0 <= other.y0 and other.y1 <= self.y1


def around(boxes: Iterable[Box]) -> Box:
    """Return the box around others, of which there is one at least."""
    parts = list(boxes)
    return Box(
        x0=min(b.x0 for b in parts),
        y0=min(b.y0 for b in parts),
        x1=max(b.x1 for b in parts),
        y1=max(b.y1 for b in parts),
    )


@dataclass(frozen=True, kw_only=True)
class Affine:
    """A plane map ``(x, y) -> (a x + b y + c, d x + e y + f)``, such as undoing a scan's rotation."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 1.0
    f: float = 0.0

    def __call__(self, x: FloatArray | float, y: FloatArray | float) -> tuple[FloatArray, FloatArray]:
        """Map points."""
        x, y = np.asarray(x, float), np.asarray(y, float)
        return self.a * x + self.b * y + self.c, self.d * x + self.e * y + self.f

    def then(self, other: Affine) -> Affine:
        """Return the map that applies this one first and the other after it."""
        return Affine(
            a=other.a * self.a + other.b * self.d,
            b=other.a * self.b + other.b * self.e,
            c=other.a * self.c + other.b * self.f + other.c,
            d=other.d * self.a + other.e * self.d,
            e=other.d * self.b + other.e * self.e,
            f=other.d * self.c + other.e * self.f + other.f,
        )

    def inverse(self) -> Affine:
        """Return the map back."""
        det = self.a * self.e - self.b * self.d
        a, b, d, e = self.e / det, -self.b / det, -self.d / det, self.a / det
        return Affine(a=a, b=b, c=-(a * self.c + b * self.f), d=d, e=e, f=-(d * self.c + e * self.f))


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One calibrated axis: ``position = offset + scale * value`` along its direction.

    Parameters
    ----------
    offset, scale : float
        Position of value 0 and pixels (or points) per unit of the printed value, after straightening.
    values, positions : numpy.ndarray, shape (k,)
        Values of the ticks used and where their marks were found.
    residuals : numpy.ndarray, shape (k,)
        Found minus fitted position of each tick, in pixels or points.
    resolution : float
        The smallest difference that the drawing shows, in units of the printed value.
    source : str
        ``"tick marks"``, ``"labels"`` or ``"given"``.
    label : str or None
        The axis title, where it was read.
    pieces : bool
        Whether the ticks are unevenly spaced, so that each piece between neighbours has a scale of its own.
    """

    offset: float
    scale: float
    values: FloatArray
    positions: FloatArray
    residuals: FloatArray
    resolution: float
    source: str
    label: str | None = None
    pieces: bool = False

    def __post_init__(self) -> None:
        for name in ("values", "positions", "residuals"):
            array = np.array(getattr(self, name), float)
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def value(self, position: FloatArray | float) -> FloatArray:
        """Return the printed value at a position."""
        at = np.asarray(position, float)
        if not self.pieces:
            return (at - self.offset) / self.scale
        order = np.argsort(self.positions)
        return _between(at, self.positions[order], self.values[order])

    def position(self, value: FloatArray | float) -> FloatArray:
        """Return the position of a printed value."""
        at = np.asarray(value, float)
        if not self.pieces:
            return self.offset + self.scale * at
        order = np.argsort(self.values)
        return _between(at, self.values[order], self.positions[order])


def _between(at: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Interpolate between rising ``x``; beyond them the outer pieces go on."""
    k = np.clip(np.searchsorted(x, at), 1, len(x) - 1)
    return np.asarray(y[k - 1] + (at - x[k - 1]) * (y[k] - y[k - 1]) / (x[k] - x[k - 1]))


def strongest(colours: FloatArray) -> FloatArray:
    """Return the largest of three channels, the last axis, several times as fast as a maximum along it."""
    found: FloatArray = np.maximum(np.maximum(colours[..., 0], colours[..., 1]), colours[..., 2])
    return found


def grown(mask: BoolArray, reach: int) -> BoolArray:
    """Return a mask grown by squares of 2 ``reach`` + 1 pixels: rows first, then columns."""
    return np.asarray(ndimage.maximum_filter(mask.view(np.uint8), 2 * reach + 1, mode="constant").view(bool))


def on_one_line(
    values: FloatArray, places: FloatArray, agree: float | Callable[[float], float], *, sign: int = 0
) -> BoolArray | None:
    """Return which points lie on one line, as many different values as can be: a line through every two is tried.

    Parameters
    ----------
    values, places : array of float, shape (n,)
        What a tick or label says, and where it stands.
    agree : float or callable
        How far from the line a place may be; a callable gives it for two points that are so far apart.
    sign : int
        1 if values must rise with places, -1 if they must fall, 0 for either.

    Returns
    -------
    array of bool, shape (n,), or None
        None if no line goes through two different values. Of lines with equally many values the nearest is taken.

    References
    ----------
    Fischler, Bolles. Random sample consensus. Communications of the ACM 1981;24:381; here every pair is taken, not
    random ones.

    Examples
    --------
    >>> on_one_line(np.array([0.0, 1, 2, 3]), np.array([10.0, 20, 33, 40]), 1.0).tolist()
    [True, True, False, True]
    """
    best: tuple[tuple[int, float], BoolArray] | None = None
    for i, j in combinations(range(len(values)), 2):
        if values[i] == values[j] or places[i] == places[j]:
            continue
        scale = (places[j] - places[i]) / (values[j] - values[i])
        if scale * sign < 0:
            continue
        away = np.abs(places - places[i] - scale * (values - values[i]))
        keep = away < (agree(abs(places[j] - places[i])) if callable(agree) else agree)
        rank = (len(np.unique(values[keep])), -float(away[keep].mean()))
        if best is None or rank > best[0]:
            best = (rank, keep)
    return None if best is None else best[1]
