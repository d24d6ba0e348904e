"""What a plot area leaves open about its curves: stretches behind something, and two solid lines of one colour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from survrecon.arrays import run_edges
from survrecon.digitizing.geometry import grown
from survrecon.digitizing.raster.colours import Layer, separate
from survrecon.digitizing.raster.marks import holes_of_symbols
from survrecon.digitizing.raster.settings import TRACING
from survrecon.digitizing.raster.steps.edges import centre_line, fit_corners, merge_slivers, step_fit
from survrecon.digitizing.raster.steps.settings import EDGES
from survrecon.digitizing.raster.trace import Path, kind_of_line, last_drop, trace, usual_run
from survrecon.digitizing.settings import MARKS

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = ["RawCurve", "find_curves", "hidden_stretches", "jump", "lost", "upper_and_lower"]

_SHORTEST_HIDDEN = 10  # columns


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


def hidden_stretches(
    coverage: FloatArray, others: FloatArray, path: Path, width: float, *, broken: bool
) -> list[tuple[int, int]]:
    """Return the stretches of columns where neither a curve's ink is seen nor another curve's on top of it.

    Parameters
    ----------
    coverage, others : numpy.ndarray, shape (h, w)
        Ink of the curve's colour and of all other curves.
    path : Path
        The curve's path.
    width : float
        Its line width.
    broken : bool
        Whether it is dashed or dotted.
    """
    h, w = coverage.shape
    reach = int(np.ceil(width / 2 + 1))
    rows = np.clip(path.rows[:, None] + np.arange(-reach, reach + 1)[None, :], 0, h - 1)
    columns = path.columns[:, None]
    bare = (coverage[rows, columns].max(axis=1) < TRACING.ink) & (others[rows, columns].max(axis=1) < TRACING.ink)
    edges = run_edges(bare)
    runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    least = max(float(_SHORTEST_HIDDEN), TRACING.longest_bare * w)
    if broken and runs:
        least = max(least, TRACING.longer_gaps * float(np.median([b - a for a, b in runs])))
    return [(a, b) for a, b in runs if b - a >= least]


def upper_and_lower(coverage: FloatArray) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return the uppermost and the lowest run of ink of every column, with their soft edges."""
    ink = coverage > TRACING.ink
    starts = ink & ~np.concatenate([np.zeros((1, ink.shape[1]), bool), ink[:-1]])
    number = np.cumsum(starts, axis=0)
    upper, lower = ink & (number == 1), ink & (number == number[-1])
    return _softened(upper), _softened(lower)


def _softened(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    out = mask.copy()
    out[1:] |= mask[:-1]
    out[:-1] |= mask[1:]
    return out


def jump(coverage: FloatArray, path: Path, width: float) -> int:
    """Return the column where a solid line's path falls through bare background, its end where it never does."""
    ink = np.maximum(coverage, np.concatenate([coverage[:, 1:], coverage[:, -1:]], axis=1))
    ink = np.maximum(ink, np.concatenate([coverage[:, :1], coverage[:, :-1]], axis=1))
    total = np.concatenate([np.zeros((1, ink.shape[1])), np.cumsum(ink < TRACING.ink, axis=0)])
    before, after = path.rows[:-1], path.rows[1:]
    bare = total[after, path.columns[1:]] - total[np.minimum(before + 1, after), path.columns[1:]]
    falls = np.flatnonzero(bare > max(TRACING.fall_pixels, TRACING.fall_widths * width))
    return int(falls[0]) + 1 if len(falls) else path.stop


def lost(ink: FloatArray, path: Path, width: float) -> int:
    """Return the column where a path falls far through bare background: there it leaves the curve for other ink.

    Strokes between levels may be dashed, and in some figures there are none; but no step without a stroke is as high.
    """
    h, w = ink.shape
    limit = max(TRACING.widths_bare * width, TRACING.height_bare * h)
    near = int(TRACING.beside_fall * w)
    falls = np.flatnonzero(np.diff(path.rows) > limit)
    for k in falls.tolist():
        rows = slice(int(path.rows[k]) + 1, int(path.rows[k + 1]))
        bare = ink[rows, max(0, k - 1) : min(w, k + 3)].max(axis=1) < TRACING.ink
        edges = run_edges(bare)
        beside = [ink[path.rows[a:b], path.columns[a:b]] for a, b in ((max(0, k - near), k), (k + 2, k + 2 + near))]
        covered = any(len(side) and (side < TRACING.ink).all() for side in beside)  # by what hides the fall too
        if (edges[1::2] - edges[::2]).max(initial=0) > limit and not covered:
            return min(k + 1, _unseen_from(ink, path, width))
    return _unseen_from(ink, path, width)


def _unseen_from(ink: FloatArray, path: Path, width: float) -> int:
    """Return the column where a path begins to run over bare background for long, its end where it never does."""
    h, w = ink.shape
    reach = int(np.ceil(width / 2 + 1))
    rows = np.clip(path.rows[:, None] + np.arange(-reach, reach + 1)[None, :], 0, h - 1)
    bare = ink[rows, path.columns[:, None]].max(axis=1) < TRACING.ink
    edges = run_edges(bare)
    long = np.flatnonzero(edges[1::2] - edges[::2] > TRACING.longest_hidden * w)
    return max(1, int(edges[::2][long[0]])) if len(long) else path.stop


def _thick(coverage: FloatArray, width: float) -> FloatArray:
    size = max(1, round(width))
    smooth = ndimage.uniform_filter1d(coverage, size=size, axis=0, mode="constant")
    scale = max(TRACING.least_scale, min(1.0, width / size))
    return np.asarray(np.clip(smooth / (TRACING.full_cover * scale), 0.0, 1.0), float)


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
    h, w = area.shape[:2]
    found: list[RawCurve] = []
    if not 0 <= first_row < h:  # an axis that does not show full survival
        return found, layers
    strong = [
        layer
        for layer in layers
        if (layer.coverage > TRACING.strong).any(axis=0).sum() >= TRACING.shortest * TRACING.strong_share * w
    ]
    strong = [layer for layer in strong if not _is_texture(layer.coverage)] or strong
    for layer in strong:
        others = np.zeros(area.shape[:2])
        for other in strong:
            if other is not layer:
                others = np.maximum(others, other.coverage)
        found += _of_layer(layer, others, first_row, blank, 4)
    found.sort(key=lambda c: -c.covered * c.stop)
    found = [c for k, c in enumerate(found) if not any(_ghost(c, other) for other in found[:k])]
    boldest = max((c.layer.strength for c in found), default=0.0)
    found = [c for c in found if c.layer.chroma > TRACING.grey or c.layer.strength > TRACING.faint * boldest]
    moving = [c for c in found if c.y[-1] - c.y[0] > max(2.0, TRACING.least_fall * area.shape[0])]
    found = moving or found
    limit = wanted if wanted is not None else 6
    return found[:limit], layers


def _is_texture(coverage: FloatArray) -> bool:
    """Return whether a tone's ink hatches or dots an area: its columns hold more strokes than lines and marks would."""
    ink = coverage > TRACING.strong
    strokes = (ink & ~np.concatenate([np.zeros((1, ink.shape[1]), bool), ink[:-1]])).sum(axis=0)
    return bool(np.median(strokes[strokes > 0]) > TRACING.most_strokes)


def _ghost(curve: RawCurve, other: RawCurve) -> bool:
    """Return whether a broken curve merely follows the edge of another one of another tone."""
    if curve.layer is other.layer or curve.covered > TRACING.solid:
        return False
    clear = curve.layer.chroma > max(TRACING.ghost_chroma, other.layer.chroma + TRACING.more_chroma)
    if clear and not _one_hue(curve.layer, other.layer):
        return False
    n = min(curve.path.stop, other.path.stop)
    close = (curve.layer.line_width + other.layer.line_width) / 2 + 3
    seen = curve.layer.coverage[curve.path.rows[:n], curve.path.columns[:n]] > TRACING.ghost_ink
    if not seen.any():
        return True
    least = TRACING.all_along if clear else 1 / 2
    return bool((np.abs(curve.path.rows[:n] - other.path.rows[:n])[seen] <= close).mean() > least)


def _one_hue(layer: Layer, other: Layer) -> bool:
    """Return whether two tones differ in depth alone: compression makes one line two of them."""
    one, two = (np.array(one.colour) - float(np.mean(one.colour)) for one in (layer, other))
    size = float(np.linalg.norm(one) * np.linalg.norm(two))
    coloured = min(layer.chroma, other.chroma) > TRACING.grey
    return bool(coloured and one @ two > TRACING.one_hue * size)


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
        ease = TRACING.bare_price if k == 0 else TRACING.next_price
        cost = (1.0 - free) * np.where(cover > 0.5, TRACING.hidden_price, ease)
        bare = (
            ease * (1.0 - np.clip(layer.coverage - used, 0.0, 1.0)) * np.where(cover > 0.5, TRACING.hidden_price, 1.0)
        )
        path = _trimmed(trace(cost, bare, first_row=int(first_row), slack=slack), free)
        end = lost(np.maximum(layer.coverage, hidden), path, layer.line_width)
        path = path if end == path.stop else _trimmed(replace(path, stop=end, rows=path.rows[:end]), free)
        seen = free[path.rows, path.columns] > 0.5
        followed = share = float(seen.mean())
        if k > 0:
            visible = seen | (cover[path.rows, path.columns] <= 0.5)
            followed = float(seen[visible].mean()) if visible.sum() >= TRACING.own_width * w else 0.0
            apart = _apart(path, curves, seen, layer.coverage, layer.line_width)
            if not apart and not _separate(path, curves, seen, free, layer.line_width):
                break
        if path.stop < TRACING.shortest * w or followed < TRACING.broken or seen.sum() < TRACING.own_width * w:
            break
        curve = with_corners(layer, np.clip(layer.coverage - used, 0.0, 1.0), path, share)
        curves.append(curve)
        used = np.maximum(used, footprint((h, w), path, _reach_of_line(layer.coverage, path, layer.line_width)))
        if k == 0 and (layer.banded or _leftover(own, used) < TRACING.left_over * w):
            break
    if len(curves) == 2 and all(c.dash == "solid" for c in curves):
        curves = _twins(layer, others, first_row, blank) or [replace(c, twin=True) for c in curves]
    # a frame or a guide line hides no more than the line itself is thick: where a curve runs behind it is known
    over, width = np.maximum(others, _thin(blank, layer.line_width)), layer.line_width
    return [
        replace(c, hidden=tuple(hidden_stretches(layer.coverage, over, c.path, width, broken=c.dash != "solid")))
        for c in curves
    ]


def _reach_of_line(coverage: FloatArray, path: Path, width: float) -> float:
    """Return the line width; twice that of a line thicker than others of its colour, at whose edge paths may run."""
    ink = coverage > TRACING.ink
    index = np.arange(len(ink))[:, None]
    above = np.maximum.accumulate(np.where(ink, -1, index), axis=0)
    below = np.minimum.accumulate(np.where(ink, len(ink), index)[::-1], axis=0)[::-1]
    on = ink[path.rows, path.columns]
    if not on.any():
        return width
    rows, columns = path.rows[on], path.columns[on]
    usual = float(np.median(below[rows, columns] - above[rows, columns] - 1))
    return 2 * usual if usual > TRACING.thick * width + 1 else width


def _thin(blank: npt.NDArray[np.bool_], width: float) -> npt.NDArray[np.bool_]:
    """Return the level lines among pixels of no notice, without words."""
    thick = np.ones((int(TRACING.thin_widths * width + TRACING.thin_pixels), 1), bool)
    return np.asarray(blank & ~ndimage.binary_opening(blank, structure=thick), bool)


def _twins(layer: Layer, others: FloatArray, first_row: float, blank: npt.NDArray[np.bool_]) -> list[RawCurve]:
    """Trace two solid curves of one colour as the uppermost and the lowest ink; none if these are not two lines."""
    hidden = np.maximum(_thick(others, layer.line_width), blank.astype(float)) > 0.5
    slack = int(np.ceil(layer.line_width + 2))
    found = []
    for mask in upper_and_lower(layer.coverage):
        coverage = np.where(mask, layer.coverage, 0.0)
        free = _thick(coverage, layer.line_width)
        cost = (1.0 - free) * np.where(hidden, TRACING.hidden_price, TRACING.bare_price)
        bare = TRACING.bare_price * (1.0 - coverage) * np.where(hidden, TRACING.hidden_price, 1.0)
        path = _trimmed(trace(cost, bare, first_row=int(first_row), slack=slack), free)
        end = jump(coverage, path, layer.line_width)
        path = _trimmed(replace(path, stop=end, rows=path.rows[:end]), free)
        share = float((free[path.rows, path.columns] > 0.5).mean())
        if path.stop < TRACING.shortest * layer.coverage.shape[1] or share < TRACING.twin_solid:
            return []
        found.append(replace(with_corners(layer, coverage, path, share), twin=True))
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
    if (far & seen).sum() < TRACING.own_share * seen.sum():
        return False
    if usual_run(seen) >= max(TRACING.longest_mark, 2.0 * width):
        return True
    ink = free > TRACING.dot_ink  # dots are as thick as the line, marks stand out of it
    reach = int(np.ceil(2 * width + 2))
    rows = np.clip(path.rows[:, None] + np.arange(-reach, reach + 1)[None, :], 0, len(ink) - 1)
    thick = ink[rows, path.columns[:, None]].sum(axis=1)
    dots = np.flatnonzero(np.diff((far & seen).astype(int)) == 1)
    return len(dots) >= TRACING.fewest_dots and bool((thick[far & seen] <= TRACING.thin * width + 1).mean() > 0.5)


def _apart(path: Path, others: list[RawCurve], seen: npt.NDArray[np.bool_], coverage: FloatArray, width: float) -> bool:
    """Return whether a path follows a line of its own close to other curves of its colour.

    A censoring mark touches the line that bears it, and what is left of a ring has its like on the line's other side.
    """
    n = path.stop
    ink = coverage > TRACING.ink
    total = np.concatenate([np.zeros((1, ink.shape[1])), np.cumsum(~ink, axis=0)])
    columns, alone = path.columns, seen & ~_of_rings(ink, width)[path.rows, path.columns]
    for other in others:
        m = min(n, other.path.stop)
        here, there, at = path.rows[:m], other.path.rows[:m], columns[:m]
        upper, lower = np.minimum(here, there), np.maximum(here, there)
        bare = total[lower, at] - total[upper, at]
        mirrored = np.clip(2 * there - here, 0, len(ink) - 1)
        like = ink[mirrored, at] | ink[np.maximum(mirrored - 1, 0), at]
        like |= ink[np.minimum(mirrored + 1, len(ink) - 1), at]
        alone[:m] &= (bare >= 1) & ~like
    reach = int(np.ceil(TRACING.thin * width + 1))
    rows = np.clip(path.rows[:, None] + np.arange(-reach, reach + 1)[None, :], 0, len(ink) - 1)
    alone &= ink[rows, columns[:, None]].sum(axis=1) <= TRACING.thin * width + 1
    runs = int((np.diff(alone.astype(np.int8)) == 1).sum())
    enough = alone.sum() >= max(TRACING.own_share * seen.sum(), TRACING.own_columns * coverage.shape[1])
    return bool(enough) and runs >= TRACING.own_runs


def _of_rings(ink: npt.NDArray[np.bool_], width: float) -> npt.NDArray[np.bool_]:
    """Return the pixels in and around the holes of open symbols, which are no larger than a censoring mark."""
    found = np.zeros(ink.shape, bool)
    for place, here in holes_of_symbols(ink, width):
        if min(here.shape) >= MARKS.least_hole:
            found[place] |= here
    return ndimage.binary_dilation(found, iterations=int(np.ceil(width)) + 1)


def _leftover(own: FloatArray, used: FloatArray) -> int:
    """Return in how many columns the layer has ink away from the curves traced so far."""
    return int(((own > TRACING.left_ink) & (used < 0.5)).any(axis=0).sum())
