"""What the pixels of one panel hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from survrecon.arrays import FloatArray
    from survrecon.digitizing.geometry import Box
    from survrecon.digitizing.raster.axes import RasterAxes
    from survrecon.digitizing.raster.steps.raw_curve import RawCurve
    from survrecon.digitizing.words.scene import DrawnCurve

__all__ = ["RasterPanel"]


@dataclass(frozen=True, kw_only=True)
class RasterPanel:
    """What the pixels of one panel hold.

    Parameters
    ----------
    axes : RasterAxes
        The calibrated axes.
    plot : Box
        The plot area.
    percent, rising : bool
        Whether the axis is in percent, and whether it shows 1 - S.
    page : numpy.ndarray, shape (3,)
        The plot area's background.
    curves : list of RawCurve
        The curves in pixels of the plot area, turned so that they fall.
    drawn : list of DrawnCurve
        The same in data units.
    origin : tuple of int
        Column and row of the plot area's first pixel.
    blank : numpy.ndarray of bool, shape of the plot area
        Its pixels of which no notice is taken.
    footprint : numpy.ndarray of bool, shape (h, w)
        Pixels of the whole figure that the curves cover.
    """

    axes: RasterAxes
    plot: Box
    percent: bool
    rising: bool
    page: FloatArray
    curves: list[RawCurve]
    drawn: list[DrawnCurve]
    origin: tuple[int, int]
    blank: npt.NDArray[np.bool_]
    footprint: npt.NDArray[np.bool_]

    @property
    def full(self) -> float:
        """Full survival on the axis."""
        return 100.0 if self.percent else 1.0
