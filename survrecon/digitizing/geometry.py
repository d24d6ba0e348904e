"""Places in a figure: boxes, plane maps, calibrated axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from survrecon.arrays import BoolArray, FloatArray

__all__ = ["Affine", "Axis", "Box", "grown", "strongest"]


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
    """

    offset: float
    scale: float
    values: FloatArray
    positions: FloatArray
    residuals: FloatArray
    resolution: float
    source: str
    label: str | None = None

    def __post_init__(self) -> None:
        for name in ("values", "positions", "residuals"):
            array = np.array(getattr(self, name), float)
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def value(self, position: FloatArray | float) -> FloatArray:
        """Return the printed value at a position."""
        return (np.asarray(position, float) - self.offset) / self.scale

    def position(self, value: FloatArray | float) -> FloatArray:
        """Return the position of a printed value."""
        return self.offset + self.scale * np.asarray(value, float)


def strongest(colours: FloatArray) -> FloatArray:
    """Return the largest of three channels, the last axis, several times as fast as a maximum along it."""
    found: FloatArray = np.maximum(np.maximum(colours[..., 0], colours[..., 1]), colours[..., 2])
    return found


def grown(mask: BoolArray, reach: int) -> BoolArray:
    """Return a mask grown by squares of 2 ``reach`` + 1 pixels: rows first, then columns."""
    return np.asarray(ndimage.maximum_filter(mask.view(np.uint8), 2 * reach + 1, mode="constant").view(bool))
