"""A traced curve in pixels: its path, and the corners of the steps that its line shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from survrecon.digitizing.geometry import grown
from survrecon.digitizing.raster.steps.edges import centre_line, fit_corners, merge_slivers, step_fit
from survrecon.digitizing.raster.steps.settings import EDGES
from survrecon.digitizing.raster.trace import Path, kind_of_line, last_drop

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.digitizing.raster.colours import Layer

__all__ = ["RawCurve", "footprint", "with_corners"]


@dataclass(frozen=True, kw_only=True)
class RawCurve:
    """A curve in pixels of its plot area.

    Parameters
    ----------
    layer : Layer
        Its colour.
    path : Path
        The path on whole pixels.
    x, y : numpy.ndarray, shape (m,)
        Corners of the step curve, continuous pixels: each y holds from its x on.
    first_x, first_y : numpy.ndarray, shape (k,)
        The same before they were fitted to the line's edges, nearer to single pixels.
    stop : float
        Where the curve ends.
    covered : float
        Share of its columns where its ink is seen.
    dash : str
        Solid or the kind of dash.
    footprint : numpy.ndarray of bool, shape (h, w)
        The pixels it covers.
    falls_to : float or None
        Foot of a vertical stroke that ends the curve.
    hidden : tuple of pairs of int
        Stretches of columns where it is not seen.
    twin : bool
        Whether another solid curve has the same colour.
    """

    layer: Layer
    path: Path
    x: FloatArray
    y: FloatArray
    first_x: FloatArray
    first_y: FloatArray
    stop: float
    covered: float
    dash: str
    footprint: npt.NDArray[np.bool_]
    falls_to: float | None = None
    hidden: tuple[tuple[int, int], ...] = ()
    twin: bool = False


def with_corners(layer: Layer, coverage: FloatArray, path: Path, share: float) -> RawCurve:
    """Return the step curve under a path, with steps placed at the middle of their vertical strokes."""
    half = layer.line_width / 2
    centre, weight, edges = centre_line(coverage, path, layer.line_width)
    weight = np.where(weight > EDGES.sure, weight, EDGES.hidden_weight)
    noise = float(np.quantile(np.abs(np.diff(centre)), EDGES.quiet)) if len(centre) > 1 else 0.0
    levels, starts = step_fit(centre, weight, price=max(EDGES.least_price, EDGES.noise_price * noise**2))
    heights, places = merge_slivers(levels, starts, path.stop, widest=2 if layer.line_width > EDGES.thick_line else 1)
    x, y = [0.0], [heights[0]]
    for after, place in zip(heights[1:], places[1:], strict=True):
        if after - y[-1] < EDGES.same_level:
            continue
        x.append(place)
        y.append(after)
    first_x, first_y = np.array(x), np.array(y)
    if edges is not None:
        fitted_x, fitted_y, _ = fit_corners(edges, first_x, first_y)
        x, y = fitted_x.tolist(), fitted_y.tolist()
    stop = float(path.stop)
    ahead = max(1, int(np.searchsorted(x, path.stop - layer.line_width - 1.0)))  # before the columns of a last stroke
    end, bottom = last_drop(coverage, path, half, y[ahead - 1])
    if bottom is not None:
        x, y = [*x[:ahead], end], [*y[:ahead], bottom]
        stop = end
    return RawCurve(
        layer=layer,
        path=path,
        x=np.maximum.accumulate(np.array(x)),
        y=np.array(y),
        first_x=np.maximum.accumulate(first_x),
        first_y=first_y,
        stop=max(stop, x[-1]),
        covered=share,
        dash=kind_of_line(coverage, path, layer.line_width),
        footprint=footprint(coverage.shape, path, layer.line_width) > 0,
        falls_to=bottom,
    )


def footprint(shape: tuple[int, int], path: Path, width: float) -> FloatArray:
    """Return the pixels that a traced curve covers, its vertical steps included."""
    grow = int(np.ceil(width / 2 + 0.5))
    return grown(path.mask(shape), grow).astype(float)
