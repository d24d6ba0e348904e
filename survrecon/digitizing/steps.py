"""From a traced path to the corners of a step curve, to a fraction of a pixel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from survrecon.digitizing.corners import Edges
from survrecon.digitizing.geometry import FloatArray
from survrecon.digitizing.trace import Path

_GUESS = 0.03  # weight of a column where another curve hides this one

__all__ = ["centre_line", "isotonic", "merge_slivers", "step_fit"]


def centre_line(coverage: FloatArray, path: Path, width: float) -> tuple[FloatArray, FloatArray, Edges | None]:
    """Return the height of a falling curve in every column of a path, and how well it is seen there.

    A line of width b along a falling step curve y(x) covers in column x the rows from y(x - b/2) - b/2 to
    y(x + b/2) + b/2. So the upper edge of the ink, moved by half a width down and left, is the curve, and so is
    the lower edge moved up and right. Edges are read to a fraction of a pixel from partial coverage. Censoring
    marks push the upper edge up and the lower edge down in single columns, which monotony undoes.

    Parameters
    ----------
    coverage : numpy.ndarray, shape (h, w)
        Soft coverage of the curve's colour.
    path : Path
        The path on whole pixels.
    width : float
        The line's width.

    Returns
    -------
    tuple of centre, weight : numpy.ndarray, shape (n,), and Edges or None
        Continuous rows (the middle of pixel j is j + 0.5) and weights, low where the line is hidden; the edges that
        they were read from, None where none is seen.
    """
    top, bottom, seen = _edges(coverage, path, width)
    if not seen.any():
        return np.asarray(path.rows + 0.5, np.float64), np.zeros(path.stop), None
    thin = np.quantile((bottom - top)[seen], 0.3)
    half = float(thin) / 2
    x = path.columns + 0.5
    upper = np.maximum.accumulate(_without_slips(top[seen], sign=1))
    lower = np.minimum.accumulate(_without_slips(bottom[seen], sign=-1)[::-1])[::-1]
    at = x[seen]
    from_top = np.interp(x, at - half, upper + half)
    from_bottom = np.interp(x, at + half, lower - half)
    centre = (from_top + from_bottom) / 2
    hidden = ~seen & (np.minimum(_gap(seen), _gap(seen[::-1])[::-1]) > half + 0.5)
    centre[hidden] = path.rows[hidden] + 0.5
    weight: FloatArray = np.where(hidden, _GUESS, 1.0)
    edges = Edges(top=top, bottom=bottom, weight=seen.astype(float), half=half)
    return np.asarray(centre, np.float64), weight, edges


def _gap(seen: npt.NDArray[np.bool_]) -> FloatArray:
    """Return for every column how far back the last seen one lies."""
    index = np.arange(len(seen))
    last = np.maximum.accumulate(np.where(seen, index, -len(seen)))
    return np.asarray(index - last, float)


def _without_slips(edge: FloatArray, sign: int) -> FloatArray:
    """Return an edge without single columns that stand out against the direction of the curve."""
    if len(edge) < 5:
        return edge
    padded = np.pad(edge, 2, mode="edge")
    near = np.stack([padded[k : k + len(edge)] for k in (0, 1, 3, 4)])
    limit = near.max(axis=0) if sign > 0 else near.min(axis=0)
    return np.asarray(np.minimum(edge, limit) if sign > 0 else np.maximum(edge, limit), np.float64)


def _edges(coverage: FloatArray, path: Path, width: float) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """Return the upper and lower edge of the ink around a path and where there is ink."""
    h, _ = coverage.shape
    n = path.stop
    ink = np.clip(coverage[:, :n] / 0.95, 0.0, 1.0)
    index = np.arange(h)[:, None]
    low = ink < 0.12
    above = np.maximum.accumulate(np.where(low, index, -1), axis=0)
    below = np.minimum.accumulate(np.where(low, index, h)[::-1], axis=0)[::-1]
    total = np.concatenate([np.zeros((1, n)), np.cumsum(ink, axis=0)])
    columns = path.columns
    reach = int(np.ceil(width + 1.5))
    offsets = np.arange(-reach, reach + 1)
    near = np.clip(path.rows[:, None] + offsets[None, :], 0, h - 1)
    row = near[np.arange(n), ink[near, columns[:, None]].argmax(axis=1)]
    seen = (ink[path.rows, columns] > 0.4) | (ink[np.minimum(path.rows + 1, h - 1), columns] > 0.4)
    seen |= ink[np.maximum(path.rows - 1, 0), columns] > 0.4
    row = np.where(ink[path.rows, columns] > 0.4, path.rows, row)
    back = np.clip(np.arange(n) - reach, 0, n - 1)
    ahead = np.clip(np.arange(n) + reach, 0, n - 1)
    first = np.maximum(above[row, columns], (path.rows[back] - width / 2 - 2).astype(int))
    last = np.minimum(below[row, columns], np.ceil(path.rows[ahead] + width / 2 + 2).astype(int))
    first = np.minimum(np.maximum(first, 0), row)
    last = np.maximum(np.minimum(last, h - 1), row)
    top = row + 1 - (total[row + 1, columns] - total[first, columns])
    bottom = row + (total[last + 1, columns] - total[row, columns])
    return top, bottom, seen


def isotonic(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the closest non-decreasing sequence (pool adjacent violators)."""
    from scipy.optimize import isotonic_regression

    return np.asarray(isotonic_regression(values, weights=weights).x, float)


def step_fit(values: FloatArray, weights: FloatArray, price: float) -> tuple[FloatArray, list[int]]:
    """Fit the best step function by least squares plus a price for each step.

    Returns
    -------
    tuple of levels, starts
        The level of each piece and the index at which it starts; levels never fall.
    """
    n = len(values)
    w = np.concatenate([[0.0], np.cumsum(weights)])
    wv = np.concatenate([[0.0], np.cumsum(weights * values)])
    wvv = np.concatenate([[0.0], np.cumsum(weights * values * values)])
    best = np.full(n + 1, np.inf)
    best[0] = -price
    back = np.zeros(n + 1, np.int64)
    for j in range(1, n + 1):
        mass = w[j] - w[:j]
        cost = wvv[j] - wvv[:j] - (wv[j] - wv[:j]) ** 2 / np.maximum(mass, 1e-9)
        total = best[:j] + np.maximum(cost, 0.0) + price
        back[j] = int(total.argmin())
        best[j] = total[back[j]]
    starts: list[int] = []
    j = n
    while j > 0:
        j = int(back[j])
        starts.append(j)
    starts.reverse()
    ends = [*starts[1:], n]
    mass = np.array([w[b] - w[a] for a, b in zip(starts, ends, strict=True)])
    level = np.array([(wv[b] - wv[a]) / max(m, 1e-9) for a, b, m in zip(starts, ends, mass, strict=True)])
    return isotonic(level, np.maximum(mass, 1e-9)), starts


def merge_slivers(levels: FloatArray, starts: list[int], stop: int, widest: int) -> tuple[list[float], list[float]]:
    """Replace pieces too short to be steps of their own by one step that keeps the area under the curve.

    A vertical stroke leaves a column or two at heights between two levels. The share of those columns says where
    in them the stroke stands.

    Returns
    -------
    tuple of list of float
        Levels and the continuous columns at which they start.
    """
    ends = [*starts[1:], stop]
    lengths = [b - a for a, b in zip(starts, ends, strict=True)]
    out_level, out_start = [float(levels[0])], [float(starts[0])]
    k = 1
    n = len(levels)
    while k < n:
        j = k
        while j < n and lengths[j] <= widest and j - k < widest and starts[j] + lengths[j] - starts[k] <= widest:
            j += 1
        if j in (k, n):
            out_level.append(float(levels[k]))
            out_start.append(float(starts[k]))
            k += 1
            continue
        before, after = out_level[-1], float(levels[j])
        span = after - before
        area = sum((after - float(levels[m])) * lengths[m] for m in range(k, j))
        place = starts[k] + (area / span if span > 1e-9 else 0.0)
        out_level.append(after)
        out_start.append(float(np.clip(place, starts[k], starts[j])))
        k = j + 1
    return out_level, out_start
