"""Corners of a step curve from the edges of its line: a least-squares fit of times and levels together.

A line of width 2h along the falling step curve y(x) has its upper edge at y(x - h) - h and its lower edge at
y(x + h) + h. Read from a column of pixels, an edge is its mean over that column, so both edges are means of y over
windows one column wide. Times and levels of the steps that give those means best are found by Gauss-Newton; where
the windows cannot tell a level from its neighbours, the steps on both sides of it become one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from survrecon.digitizing.geometry import FloatArray

__all__ = ["Edges", "fit_corners"]

_SPLITS = 2
_JOINS = 2
_STEPS = 6  # of Gauss-Newton in a round
_FAR = 0.25  # pixels from which a residual counts less: marks, crossings
_FARTHEST = 4.0
_MARK = 0.5  # pixels by which ink beyond both edges shows a mark
_LOWEST = 0.12  # pixels: a lower step is noise
_UNSURE = 0.35  # standard error of a level, in pixels, above which its two steps are told as one
_NOISIEST = 0.15
_LONG = 2.5  # columns: a level is told apart on more
_ROUGHEST = 0.4  # pixels of usual distance: marks all along the line, or a blurred one, have no such edges
_CLEAR = 2.0  # pixels: what is further away is no edge of the line
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


@dataclass(frozen=True, kw_only=True)
class _Windows:
    """Left ends of the windows, one column wide, what was read in them, and weights."""

    left: FloatArray
    read: FloatArray
    weight: FloatArray


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
    windows = _Windows(
        left=np.concatenate([columns - edges.half, columns + edges.half]),
        read=np.concatenate([edges.top + edges.half, edges.bottom - edges.half]),
        weight=np.concatenate([edges.weight, edges.weight]),
    )
    used = windows.weight > 0
    if used.sum() < 20:
        return x, y, 0.0
    at, level = np.asarray(x[1:], float), np.asarray(y, float)
    noise = _FAR
    for turn in range(_SPLITS + _JOINS + 1):
        far = max(_FAR, _FARTHEST / 2**turn)  # wide at first, or a step set wrong passes for a mark
        at, level, rest, normal = _settle(windows, at, level, far)
        noise = 1.4826 * float(np.median(np.abs(rest[used])))
        if turn < _SPLITS:
            at, level = _split(windows, at, level, rest, noise)
        elif turn < _SPLITS + _JOINS:
            fewer, joined = _joined(at, level, normal, noise)
            if len(fewer) == len(at):
                break
            at, level = fewer, joined
    level = np.maximum.accumulate(level)
    first = _misfit(windows, np.asarray(x[1:], float), np.asarray(y, float))
    if noise > _ROUGHEST or _misfit(windows, at, level) > first:
        return x, y, noise
    return np.concatenate([[0.0], at]), level, noise


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


def _model(windows: _Windows, at: FloatArray, level: FloatArray) -> _Model:
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


def _misfit(windows: _Windows, at: FloatArray, level: FloatArray) -> float:
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


def _settle(
    windows: _Windows, at: FloatArray, level: FloatArray, far: float
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
        band[-1, ::2] += 1e-4
        band[-1, 1::2] += 0.05
        change = solveh_banded(band, right)
        size = len(level)
        at, level = at + np.clip(change[1::2], -0.5, 0.5), level + change[::2]
        at, level = _ordered(at, level, float(windows.left.max()) + 1.0)
        if len(level) == size and np.abs(change).max(initial=0.0) < 0.005:
            break
    if band.shape[1] != 2 * len(level) - 1:
        model = _model(windows, at, level)
        rest = windows.read - model.mean
        band, _ = _normal(model, windows.weight / (1.0 + (rest / far) ** 2), rest, len(level))
    return at, level, rest, band


def _errors(band: FloatArray, noise: float) -> FloatArray:
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
    blocks += 1e-6 * np.eye(2 * reach + 1)
    spread = np.linalg.inv(blocks)[::2, reach, reach]
    return np.asarray(np.clip(noise, 0.03, _NOISIEST) * np.sqrt(np.maximum(spread, 0.0)), float)


def _ordered(at: FloatArray, level: FloatArray, end: float) -> tuple[FloatArray, FloatArray]:
    """Put steps in order and drop those that rise or are no higher than noise."""
    at = np.maximum.accumulate(np.clip(at, 0.0, end))
    while len(at):
        height = np.diff(level)
        low = int(height.argmin())
        if height[low] >= _LOWEST:
            break
        length = np.diff(np.concatenate([[0.0], at, [end]]))
        a, b = length[low] + 1e-6, length[low + 1] + 1e-6
        level = level.copy()
        level[low] = (a * level[low] + b * level[low + 1]) / (a + b)
        level = np.delete(level, low + 1)
        at = np.delete(at, low)
    return at, level


def _split(
    windows: _Windows, at: FloatArray, level: FloatArray, rest: FloatArray, noise: float
) -> tuple[FloatArray, FloatArray]:
    """Add a step where what is left over on one level rises along it."""
    price = max(8.0 * noise**2, 0.02)
    above, below = np.split(rest, 2)
    marked = np.tile((above < -_MARK) & (below > _MARK), 2)  # ink on both sides of the line is no step
    use = (windows.weight > 0) & ~marked
    left, rest = windows.left[use], rest[use]
    own = np.searchsorted(at, left + 0.5)
    order = np.argsort(left, kind="stable")
    middle, value, piece = left[order] + 0.5, np.clip(rest[order], -3.0, 3.0), own[order]
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
            if gain[best] > price and after[best] - before[best] > _LOWEST:
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
    error = _errors(normal, noise)
    length = np.diff(at)
    inner = np.where(length < _SHORT, 10.0 + error[1:-1], np.where(length > _LONG, 0.0, error[1:-1]))
    doubt = np.concatenate([[0.0], inner, [0.0]])
    at, level = at.copy(), level.copy()
    gone_at, gone_level = np.zeros(len(at), bool), np.zeros(size, bool)
    near = np.zeros(size, bool)
    for k in np.argsort(-doubt):
        if doubt[k] <= _UNSURE:
            break
        if near[k]:
            continue
        whole = level[k + 1] - level[k - 1]
        share = (level[k] - level[k - 1]) / whole if whole > 0 else 0.5
        at[k - 1] = share * at[k - 1] + (1 - share) * at[k]
        gone_at[k], gone_level[k] = True, True
        near[max(0, k - 2) : k + 3] = True
    return at[~gone_at], level[~gone_level]
