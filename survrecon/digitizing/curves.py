"""The curves of one plot area: layers of ink, one monotone path each, several where dashes share a colour."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from survrecon.digitizing.colours import Layer, separate
from survrecon.digitizing.corners import fit_corners
from survrecon.digitizing.dashes import kind_of_line, last_drop, usual_run
from survrecon.digitizing.geometry import FloatArray, grown
from survrecon.digitizing.steps import centre_line, merge_slivers, step_fit
from survrecon.digitizing.trace import Path, trace
from survrecon.digitizing.unseen import hidden_stretches, jump, upper_and_lower

__all__ = ["RawCurve", "find_curves"]

_HIDDEN = 0.52  # price of a column where another curve may cover this one
_SHORTEST = 0.12  # share of the plot's width that a curve must reach
_FAINT = 0.25  # share of the boldest curve's contrast below which a grey line is a grid line or an edge
_BROKEN = 0.3  # share of covered columns that a dashed curve must have


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


def _thick(coverage: FloatArray, width: float) -> FloatArray:
    size = max(1, round(width))
    smooth = ndimage.uniform_filter1d(coverage, size=size, axis=0, mode="constant")
    scale = max(1e-6, min(1.0, width / size))
    return np.asarray(np.clip(smooth / (0.85 * scale), 0.0, 1.0), float)


def find_curves(
    area: FloatArray,
    page: FloatArray,
    *,
    first_row: float,
    blank: npt.NDArray[np.bool_],
    wanted: int | None = None,
) -> tuple[list[RawCurve], list[Layer]]:
    """Trace every curve of a plot area.

    Parameters
    ----------
    area : numpy.ndarray, shape (h, w, 3)
        The plot area from time 0, survival falling with the row.
    page : numpy.ndarray, shape (3,)
        Its background colour.
    first_row : float
        Continuous row of full survival.
    blank : numpy.ndarray of bool, shape (h, w)
        Pixels to take no notice of: words, legend keys, axis lines.
    wanted : int or None
        The number of curves, where the caller knows it.

    Returns
    -------
    tuple of curves, layers
        The curves found and all layers of ink.
    """
    clean = area.copy()
    clean[blank] = page
    layers = separate(clean, page)
    w = area.shape[1]
    found: list[RawCurve] = []
    strong = [layer for layer in layers if (layer.coverage > 0.4).any(axis=0).sum() >= _SHORTEST * 0.6 * w]
    for layer in strong:
        others = np.zeros(area.shape[:2])
        for other in strong:
            if other is not layer:
                others = np.maximum(others, other.coverage)
        found += _of_layer(layer, others, first_row, blank, 4)
    found.sort(key=lambda c: -c.covered * c.stop)
    found = [c for k, c in enumerate(found) if not any(_ghost(c, other) for other in found[:k])]
    boldest = max((c.layer.strength for c in found), default=0.0)
    found = [c for c in found if c.layer.chroma > 0.1 or c.layer.strength > _FAINT * boldest]
    moving = [c for c in found if c.y[-1] - c.y[0] > max(2.0, 0.005 * area.shape[0])]
    found = moving or found
    limit = wanted if wanted is not None else 6
    return found[:limit], layers


def _ghost(curve: RawCurve, other: RawCurve) -> bool:
    """Return whether a broken curve merely follows the edge of another one of another tone."""
    if curve.layer is other.layer or curve.covered > 0.75 or curve.layer.chroma > max(0.3, other.layer.chroma + 0.2):
        return False
    n = min(curve.path.stop, other.path.stop)
    close = (curve.layer.line_width + other.layer.line_width) / 2 + 3
    seen = curve.layer.coverage[curve.path.rows[:n], curve.path.columns[:n]] > 0.4
    if not seen.any():
        return True
    return bool((np.abs(curve.path.rows[:n] - other.path.rows[:n])[seen] <= close).mean() > 0.5)


def _of_layer(
    layer: Layer, others: FloatArray, first_row: float, blank: npt.NDArray[np.bool_], most: int
) -> list[RawCurve]:
    """Trace the curves that share one colour."""
    h, w = layer.coverage.shape
    own = _thick(layer.coverage, layer.line_width)
    hidden = np.maximum(_thick(others, layer.line_width), blank.astype(float))
    used = np.zeros((h, w))
    curves: list[RawCurve] = []
    slack = int(np.ceil(layer.line_width + 2))
    for k in range(most):
        free = np.clip(own - used, 0.0, 1.0)
        cover = np.maximum(hidden, np.minimum(used, own))
        ease = 0.75 if k == 0 else 0.55
        cost = (1.0 - free) * np.where(cover > 0.5, _HIDDEN, ease)
        bare = ease * (1.0 - np.clip(layer.coverage - used, 0.0, 1.0)) * np.where(cover > 0.5, _HIDDEN, 1.0)
        path = _trimmed(trace(cost, bare, first_row=int(first_row), slack=slack), free)
        seen = free[path.rows, path.columns]
        share = float((seen > 0.5).mean())
        if k > 0 and not _separate(path, curves, seen > 0.5, free, layer.line_width):
            break
        if path.stop < _SHORTEST * w or share < _BROKEN or (seen > 0.5).sum() < 0.08 * w:
            break
        curve = _corners(layer, np.clip(layer.coverage - used, 0.0, 1.0), path, share)
        curves.append(curve)
        used = np.maximum(used, _footprint((h, w), path, layer.line_width))
        if k == 0 and _leftover(own, used) < 0.1 * w:
            break
    if len(curves) == 2 and all(c.dash == "solid" for c in curves):
        curves = _twins(layer, others, first_row, blank) or [replace(c, twin=True) for c in curves]
    return [
        replace(
            c,
            hidden=tuple(hidden_stretches(layer.coverage, others, c.path, layer.line_width, broken=c.dash != "solid")),
        )
        for c in curves
    ]


def _twins(layer: Layer, others: FloatArray, first_row: float, blank: npt.NDArray[np.bool_]) -> list[RawCurve]:
    """Trace two solid curves of one colour as the uppermost and the lowest ink; none if these are not two lines."""
    hidden = np.maximum(_thick(others, layer.line_width), blank.astype(float)) > 0.5
    slack = int(np.ceil(layer.line_width + 2))
    found = []
    for mask in upper_and_lower(layer.coverage):
        coverage = np.where(mask, layer.coverage, 0.0)
        free = _thick(coverage, layer.line_width)
        cost = (1.0 - free) * np.where(hidden, _HIDDEN, 0.75)
        bare = 0.75 * (1.0 - coverage) * np.where(hidden, _HIDDEN, 1.0)
        path = _trimmed(trace(cost, bare, first_row=int(first_row), slack=slack), free)
        end = jump(coverage, path, layer.line_width)
        path = _trimmed(replace(path, stop=end, rows=path.rows[:end]), free)
        share = float((free[path.rows, path.columns] > 0.5).mean())
        if path.stop < _SHORTEST * layer.coverage.shape[1] or share < 0.75:
            return []
        found.append(replace(_corners(layer, coverage, path, share), twin=True))
    return found


def _trimmed(path: Path, free: FloatArray) -> Path:
    """Return the path up to the last column where its own ink is seen."""
    seen = np.flatnonzero(free[path.rows, path.columns] > 0.5)
    stop = int(seen[-1]) + 1 if len(seen) else 1
    return replace(path, stop=stop, rows=path.rows[:stop])


def _separate(path: Path, others: list[RawCurve], seen: npt.NDArray[np.bool_], free: FloatArray, width: float) -> bool:
    """Return whether a path of the same colour is another curve and not what censoring marks left."""
    far = np.ones(path.stop, bool)
    for other in others:
        n = min(path.stop, other.path.stop)
        far[:n] &= np.abs(path.rows[:n] - other.path.rows[:n]) > 3 * width + 4
    if (far & seen).sum() < 0.25 * seen.sum():
        return False
    if usual_run(seen) >= max(4.0, 2.0 * width):
        return True
    ink = free > 0.4  # dots are as thick as the line, marks stand out of it
    reach = int(np.ceil(2 * width + 2))
    rows = np.clip(path.rows[:, None] + np.arange(-reach, reach + 1)[None, :], 0, len(ink) - 1)
    thick = ink[rows, path.columns[:, None]].sum(axis=1)
    dots = np.flatnonzero(np.diff((far & seen).astype(int)) == 1)
    return len(dots) >= 12 and bool((thick[far & seen] <= 1.8 * width + 1).mean() > 0.5)


def _leftover(own: FloatArray, used: FloatArray) -> int:
    """Return in how many columns the layer has ink away from the curves traced so far."""
    return int(((own > 0.6) & (used < 0.5)).any(axis=0).sum())


def _footprint(shape: tuple[int, int], path: Path, width: float) -> FloatArray:
    """Return the pixels that a traced curve covers, its vertical steps included."""
    grow = int(np.ceil(width / 2 + 0.5))
    return grown(path.mask(shape), grow).astype(float)


def _corners(layer: Layer, coverage: FloatArray, path: Path, share: float) -> RawCurve:
    """Return the step curve under a path, with steps placed at the middle of their vertical strokes."""
    half = layer.line_width / 2
    centre, weight, edges = centre_line(coverage, path, layer.line_width)
    weight = np.where(weight > 0.25, weight, 1e-3)
    noise = float(np.quantile(np.abs(np.diff(centre)), 0.2)) if len(centre) > 1 else 0.0
    levels, starts = step_fit(centre, weight, price=max(0.03, 60.0 * noise**2))
    heights, places = merge_slivers(levels, starts, path.stop, widest=2 if layer.line_width > 2.5 else 1)
    x, y = [0.0], [heights[0]]
    for after, place in zip(heights[1:], places[1:], strict=True):
        if after - y[-1] < 0.05:
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
        footprint=_footprint(coverage.shape, path, layer.line_width) > 0,
        falls_to=bottom,
    )
