"""Corners of a step curve from the edges of its line: a least-squares fit of times and levels together.

A line of width 2h along the falling step curve y(x) has its upper edge at y(x - h) - h and its lower edge at
y(x + h) + h. Read from a column of pixels, an edge is its mean over that column, so both edges are means of y over
windows one column wide. Times and levels of the steps that give those means best are found by Gauss-Newton; where
the windows cannot tell a level from its neighbours, the steps on both sides of it become one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survrecon.digitizing.geometry import FloatArray

__all__ = ["Edges", "fit_corners"]

_SPLITS = 2
_JOINS = 5
_STEPS = 6  # of Gauss-Newton in a round
_FAR = 0.25  # pixels from which a residual counts less: marks, crossings
_MARK = 0.5  # pixels by which ink beyond both edges shows a mark
_LOWEST = 0.12  # pixels: a lower step is noise
_UNSURE = 0.35  # standard error of a level, in pixels, above which its two steps are told as one
_NOISIEST = 0.15
_ASTRAY = 1.0  # pixels of mean distance from the first corners: the fit has lost its way
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
        at, level, rest, normal = _settle(windows, at, level)
        noise = 1.4826 * float(np.median(np.abs(rest[used])))
        if turn < _SPLITS:
            at, level = _split(windows, at, level, rest, noise)
        elif turn < _SPLITS + _JOINS:
            fewer, joined = _joined(at, level, normal, noise)
            if len(fewer) == len(at):
                break
            at, level = fewer, joined
    level = np.maximum.accumulate(level)
    if _apart(at, level, np.asarray(x[1:], float), np.asarray(y, float), len(columns)) > _ASTRAY:
        return x, y, noise
    return np.concatenate([[0.0], at]), level, noise


def _apart(at: FloatArray, level: FloatArray, other_at: FloatArray, other: FloatArray, n: int) -> float:
    """Return the mean distance of two step curves."""
    middle = np.arange(n) + 0.5
    return float(np.abs(level[np.searchsorted(at, middle)] - other[np.searchsorted(other_at, middle)]).mean())


def _design(windows: _Windows, at: FloatArray, level: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the share of each level in each window (K, m + 1) and the derivative by each step's time (K, m)."""
    inner = np.clip(at[None, :] - windows.left[:, None], 0.0, 1.0)  # share of the window before each step
    share = np.empty((len(windows.left), len(at) + 1))
    share[:, 0] = inner[:, 0] if len(at) else 1.0
    if len(at):
        share[:, 1:-1] = inner[:, 1:] - inner[:, :-1]
        share[:, -1] = 1.0 - inner[:, -1]
    moving = (inner > 0.0) & (inner < 1.0)
    return share, -np.diff(level)[None, :] * moving


def _settle(
    windows: _Windows, at: FloatArray, level: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Gauss-Newton from given steps; returns times, levels, residuals and the normal matrix."""
    rest = np.zeros(0)
    normal = np.zeros((0, 0))
    for _ in range(_STEPS):
        share, moves = _design(windows, at, level)
        rest = windows.read - share @ level
        weight = windows.weight / (1.0 + (rest / _FAR) ** 2)
        jacobian = np.concatenate([share, moves], axis=1)
        weighted = jacobian * weight[:, None]
        normal = weighted.T @ jacobian
        size = len(level)
        ridge = np.concatenate([np.full(size, 1e-4), np.full(len(at), 0.05)])
        change = np.linalg.solve(normal + np.diag(ridge), weighted.T @ rest)
        level = level + change[:size]
        at = at + np.clip(change[size:], -0.5, 0.5)
        at, level = _ordered(at, level, float(windows.left.max()) + 1.0)
        if len(at) + 1 != size:
            continue
        if np.abs(change).max(initial=0.0) < 0.005:
            break
    share, moves = _design(windows, at, level)
    rest = windows.read - share @ level
    weight = windows.weight / (1.0 + (rest / _FAR) ** 2)
    jacobian = np.concatenate([share, moves], axis=1)
    return at, level, rest, (jacobian * weight[:, None]).T @ jacobian


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
    spread = np.linalg.pinv(normal + 1e-6 * np.eye(len(normal)), hermitian=True)
    error = np.clip(noise, 0.03, _NOISIEST) * np.sqrt(np.maximum(np.diag(spread)[:size], 0.0))
    length = np.diff(at)
    doubt = np.concatenate([[0.0], np.where(length < _SHORT, 10.0 + error[1:-1], error[1:-1]), [0.0]])
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
