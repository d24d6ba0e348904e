"""A step curve seen through windows one column wide: the times and levels that give what was read in them best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from survrecon.arrays import monotone_fit
from survrecon.digitizing.raster.steps.settings import EDGES

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.digitizing.raster.trace import Path

__all__ = [
    "LOWEST",
    "Edges",
    "Windows",
    "centre_line",
    "fit_corners",
    "level_errors",
    "merge_slivers",
    "misfit",
    "settle",
    "step_fit",
]

LOWEST = EDGES.lowest
"""Pixels: a lower step is noise."""
_STEPS = 6  # of Gauss-Newton in a round
_CLEAR = 2.0  # pixels: what is further away is no edge of the line


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Left ends of the windows, one column wide, what was read in them, and weights."""

    left: FloatArray
    read: FloatArray
    weight: FloatArray


@dataclass(frozen=True, kw_only=True)
class _Model:
    """A step curve seen through windows one column wide.

    Parameters
    ----------
    first : numpy.ndarray of int, shape (K,)
        The level at the left end of each window.
    share : numpy.ndarray, shape (K, q + 1)
        How much of the window lies on that level and on the following ones.
    moves : numpy.ndarray, shape (K, q)
        By how much the window's mean changes as each step between them moves.
    mean : numpy.ndarray, shape (K,)
        The means.
    """

    first: npt.NDArray[np.int64]
    share: FloatArray
    moves: FloatArray
    mean: FloatArray


def _model(windows: Windows, at: FloatArray, level: FloatArray) -> _Model:
    left = windows.left
    first = np.searchsorted(at, left, side="right")
    most = int((np.searchsorted(at, left + 1.0, side="left") - first).max(initial=0))
    steps = first[:, None] + np.arange(most)
    inside = steps < len(at)
    place = np.where(inside, at[np.minimum(steps, len(at) - 1)] if len(at) else 0.0, np.inf)
    before = np.clip(place - left[:, None], 0.0, 1.0)
    share = np.diff(np.concatenate([np.zeros((len(left), 1)), before, np.ones((len(left), 1))], axis=1), axis=1)
    levels = level[np.minimum(first[:, None] + np.arange(most + 1), len(level) - 1)]
    moves = np.where((before > 0.0) & (before < 1.0), -np.diff(levels, axis=1), 0.0)
    return _Model(first=first, share=share, moves=moves, mean=(share * levels).sum(axis=1))


def misfit(windows: Windows, at: FloatArray, level: FloatArray) -> float:
    """Return the distance of the edges from those of a step curve, no mark counting more than a little."""
    away = np.abs(windows.read - _model(windows, at, level).mean)
    return float((windows.weight * np.minimum(away, _CLEAR)).sum())


def _normal(model: _Model, weight: FloatArray, rest: FloatArray, size: int) -> tuple[FloatArray, FloatArray]:
    """Return the normal equations in upper banded form, levels and times of steps in turn, and their right side."""
    most = model.moves.shape[1]
    count = 2 * most + 1
    jacobian = np.empty((len(rest), count))
    jacobian[:, ::2], jacobian[:, 1::2] = model.share, model.moves
    total = 2 * size - 1
    index = np.minimum(2 * model.first[:, None] + np.arange(count), total - 1)
    band = np.zeros((count, total))
    weighted = jacobian * weight[:, None]
    for a in range(count):
        for b in range(a, count):
            near = np.bincount(index[:, b], weighted[:, a] * jacobian[:, b], minlength=total)
            band[count - 1 - (b - a)] += near
    right = np.bincount(index.ravel(), (weighted * rest[:, None]).ravel(), minlength=total)
    return band, np.asarray(right, float)


def settle(
    windows: Windows, at: FloatArray, level: FloatArray, far: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Gauss-Newton from given steps; returns times, levels, residuals and the banded normal matrix."""
    from scipy.linalg import solveh_banded

    rest, band = np.zeros(0), np.zeros((1, 0))
    for turn in range(_STEPS + 1):
        model = _model(windows, at, level)
        rest = windows.read - model.mean
        band, right = _normal(model, windows.weight / (1.0 + (rest / far) ** 2), rest, len(level))
        if turn == _STEPS:
            break
        band = band.copy()
        band[-1, ::2] += EDGES.level_damping
        band[-1, 1::2] += EDGES.time_damping
        change = solveh_banded(band, right)
        size = len(level)
        at, level = at + np.clip(change[1::2], -0.5, 0.5), level + change[::2]
        at, level = _ordered(at, level, float(windows.left.max()) + 1.0)
        if len(level) == size and np.abs(change).max(initial=0.0) < EDGES.still:
            break
    if band.shape[1] != 2 * len(level) - 1:
        model = _model(windows, at, level)
        rest = windows.read - model.mean
        band, _ = _normal(model, windows.weight / (1.0 + (rest / far) ** 2), rest, len(level))
    return at, level, rest, band


def level_errors(band: FloatArray, noise: float) -> FloatArray:
    """Return the standard error of each level, its neighbours left free."""
    rows, total = band.shape
    reach = 3
    blocks = np.zeros((total, 2 * reach + 1, 2 * reach + 1))
    for a in range(-reach, reach + 1):
        for b in range(a, reach + 1):
            if b - a >= rows:
                continue
            j = np.arange(total) + b
            ok = (j >= 0) & (j < total) & (j - (b - a) >= 0)
            value = np.where(ok, band[rows - 1 - (b - a), np.clip(j, 0, total - 1)], 0.0)
            blocks[:, a + reach, b + reach] = blocks[:, b + reach, a + reach] = value
    blocks += EDGES.ridge * np.eye(2 * reach + 1)
    spread = np.linalg.inv(blocks)[::2, reach, reach]
    return np.asarray(np.clip(noise, EDGES.quietest, EDGES.noisiest) * np.sqrt(np.maximum(spread, 0.0)), float)


def _ordered(at: FloatArray, level: FloatArray, end: float) -> tuple[FloatArray, FloatArray]:
    """Put steps in order and drop those that rise or are no higher than noise."""
    at = np.maximum.accumulate(np.clip(at, 0.0, end))
    while len(at):
        height = np.diff(level)
        low = int(height.argmin())
        if height[low] >= LOWEST:
            break
        length = np.diff(np.concatenate([[0.0], at, [end]]))
        a, b = length[low] + EDGES.least_length, length[low + 1] + EDGES.least_length
        level = level.copy()
        level[low] = (a * level[low] + b * level[low + 1]) / (a + b)
        level = np.delete(level, low + 1)
        at = np.delete(at, low)
    return at, level


_SPLITS = 2
_JOINS = 2
_MARK = 0.5  # pixels by which ink beyond both edges shows a mark
_SHORT = 1.0  # columns: no level is told apart on less


@dataclass(frozen=True, kw_only=True)
class Edges:
    """Upper and lower edge of a line in every column.

    Parameters
    ----------
    top, bottom : numpy.ndarray, shape (n,)
        Continuous rows, y down.
    weight : numpy.ndarray, shape (n,)
        How well the column is seen, 0 where it is hidden.
    half : float
        Half the line's width.
    """

    top: FloatArray
    bottom: FloatArray
    weight: FloatArray
    half: float


def fit_corners(edges: Edges, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Fit the corners of a step curve to the edges of its line.

    Parameters
    ----------
    edges : Edges
        What was read from the pixels.
    x, y : numpy.ndarray, shape (m,)
        First corners: each level holds from its x on; x rises from 0, y never falls.

    Returns
    -------
    tuple of x, y, noise
        Fitted corners, and the usual distance of an edge from the fit, in pixels.
    """
    columns = np.arange(len(edges.top), dtype=float)
    windows = Windows(
        left=np.concatenate([columns - edges.half, columns + edges.half]),
        read=np.concatenate([edges.top + edges.half, edges.bottom - edges.half]),
        weight=np.concatenate([edges.weight, edges.weight]),
    )
    used = windows.weight > 0
    if used.sum() < EDGES.fewest:
        return x, y, 0.0
    at, level = np.asarray(x[1:], float), np.asarray(y, float)
    noise = EDGES.far
    for turn in range(_SPLITS + _JOINS + 1):
        far = max(EDGES.far, EDGES.farthest / 2**turn)  # wide at first, or a step set wrong passes for a mark
        at, level, rest, normal = settle(windows, at, level, far)
        noise = EDGES.mad * float(np.median(np.abs(rest[used])))
        if turn < _SPLITS:
            at, level = _split(windows, at, level, rest, noise)
        elif turn < _SPLITS + _JOINS:
            fewer, joined = _joined(at, level, normal, noise)
            if len(fewer) == len(at):
                break
            at, level = fewer, joined
    level = np.maximum.accumulate(level)
    first = misfit(windows, np.asarray(x[1:], float), np.asarray(y, float))
    if noise > EDGES.roughest or misfit(windows, at, level) > first:
        return x, y, noise
    return np.concatenate([[0.0], at]), level, noise


def _split(
    windows: Windows, at: FloatArray, level: FloatArray, rest: FloatArray, noise: float
) -> tuple[FloatArray, FloatArray]:
    """Add a step where what is left over on one level rises along it."""
    price = max(EDGES.step_noise * noise**2, EDGES.step_price)
    above, below = np.split(rest, 2)
    marked = np.tile((above < -_MARK) & (below > _MARK), 2)  # ink on both sides of the line is no step
    use = (windows.weight > 0) & ~marked
    left, rest = windows.left[use], rest[use]
    own = np.searchsorted(at, left + 0.5)
    order = np.argsort(left, kind="stable")
    middle, value, piece = left[order] + 0.5, np.clip(rest[order], -EDGES.clip, EDGES.clip), own[order]
    bounds = np.searchsorted(piece, np.arange(len(level) + 1))
    new_at: list[float] = []
    new_level: list[float] = []
    for k in range(len(level)):
        a, b = bounds[k], bounds[k + 1]
        new_level.append(float(level[k]))
        if b - a >= 4:
            v = value[a:b]
            total = np.cumsum(v)
            n = np.arange(1, b - a)
            before, after = total[:-1] / n, (total[-1] - total[:-1]) / (b - a - n)
            gain = n * (b - a - n) / (b - a) * (after - before) ** 2 * (after > before)
            best = int(gain.argmax())
            if gain[best] > price and after[best] - before[best] > LOWEST:
                new_at.append(float((middle[a + best] + middle[a + best + 1]) / 2))
                new_level[-1] = float(level[k] + before[best])
                new_level.append(float(level[k] + after[best]))
        if k < len(at):
            new_at.append(float(at[k]))
    return np.array(new_at), np.maximum.accumulate(np.array(new_level))


def _joined(at: FloatArray, level: FloatArray, normal: FloatArray, noise: float) -> tuple[FloatArray, FloatArray]:
    """Make one step of two between which the level is not told apart, keeping the area under the curve.

    Neighbours wait for the next round, for they are told apart better once this level is gone.
    """
    size = len(level)
    error = level_errors(normal, noise)
    length = np.diff(at)
    inner = np.where(length < _SHORT, EDGES.surely + error[1:-1], np.where(length > EDGES.long, 0.0, error[1:-1]))
    doubt = np.concatenate([[0.0], inner, [0.0]])
    at, level = at.copy(), level.copy()
    gone_at, gone_level = np.zeros(len(at), bool), np.zeros(size, bool)
    near = np.zeros(size, bool)
    for k in np.argsort(-doubt):
        if doubt[k] <= EDGES.unsure:
            break
        if near[k]:
            continue
        whole = level[k + 1] - level[k - 1]
        share = (level[k] - level[k - 1]) / whole if whole > 0 else 0.5
        at[k - 1] = share * at[k - 1] + (1 - share) * at[k]
        gone_at[k], gone_level[k] = True, True
        near[max(0, k - 2) : k + 3] = True
    return at[~gone_at], level[~gone_level]


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
    thin = np.quantile((bottom - top)[seen], EDGES.thin)
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
    weight: FloatArray = np.where(hidden, EDGES.guess, 1.0)
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
    ink = np.clip(coverage[:, :n] / EDGES.full, 0.0, 1.0)
    index = np.arange(h)[:, None]
    low = ink < EDGES.beyond
    above = np.maximum.accumulate(np.where(low, index, -1), axis=0)
    below = np.minimum.accumulate(np.where(low, index, h)[::-1], axis=0)[::-1]
    total = np.concatenate([np.zeros((1, n)), np.cumsum(ink, axis=0)])
    columns = path.columns
    reach = int(np.ceil(width + EDGES.around))
    offsets = np.arange(-reach, reach + 1)
    near = np.clip(path.rows[:, None] + offsets[None, :], 0, h - 1)
    row = near[np.arange(n), ink[near, columns[:, None]].argmax(axis=1)]
    seen = (ink[path.rows, columns] > EDGES.seen) | (ink[np.minimum(path.rows + 1, h - 1), columns] > EDGES.seen)
    seen |= ink[np.maximum(path.rows - 1, 0), columns] > EDGES.seen
    row = np.where(ink[path.rows, columns] > EDGES.seen, path.rows, row)
    back = np.clip(np.arange(n) - reach, 0, n - 1)
    ahead = np.clip(np.arange(n) + reach, 0, n - 1)
    first = np.maximum(above[row, columns], (path.rows[back] - width / 2 - 2).astype(int))
    last = np.minimum(below[row, columns], np.ceil(path.rows[ahead] + width / 2 + 2).astype(int))
    first = np.minimum(np.maximum(first, 0), row)
    last = np.maximum(np.minimum(last, h - 1), row)
    top = row + 1 - (total[row + 1, columns] - total[first, columns])
    bottom = row + (total[last + 1, columns] - total[row, columns])
    return top, bottom, seen


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
        cost = wvv[j] - wvv[:j] - (wv[j] - wv[:j]) ** 2 / np.maximum(mass, EDGES.tiny)
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
    level = np.array([(wv[b] - wv[a]) / max(m, EDGES.tiny) for a, b, m in zip(starts, ends, mass, strict=True)])
    return monotone_fit(level, np.maximum(mass, EDGES.tiny)), starts


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
        place = starts[k] + (area / span if span > EDGES.tiny else 0.0)
        out_level.append(after)
        out_start.append(float(np.clip(place, starts[k], starts[j])))
        k = j + 1
    return out_level, out_start
