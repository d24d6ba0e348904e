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
from survrecon.digitizing.step_windows import LOWEST, Windows, level_errors, misfit, settle

__all__ = ["Edges", "fit_corners"]

_SPLITS = 2
_JOINS = 2
_FAR = 0.25  # pixels from which a residual counts less: marks, crossings
_FARTHEST = 4.0
_MARK = 0.5  # pixels by which ink beyond both edges shows a mark
_UNSURE = 0.35  # standard error of a level, in pixels, above which its two steps are told as one
_LONG = 2.5  # columns: a level is told apart on more
_ROUGHEST = 0.4  # pixels of usual distance: marks all along the line, or a blurred one, have no such edges
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
    if used.sum() < 20:
        return x, y, 0.0
    at, level = np.asarray(x[1:], float), np.asarray(y, float)
    noise = _FAR
    for turn in range(_SPLITS + _JOINS + 1):
        far = max(_FAR, _FARTHEST / 2**turn)  # wide at first, or a step set wrong passes for a mark
        at, level, rest, normal = settle(windows, at, level, far)
        noise = 1.4826 * float(np.median(np.abs(rest[used])))
        if turn < _SPLITS:
            at, level = _split(windows, at, level, rest, noise)
        elif turn < _SPLITS + _JOINS:
            fewer, joined = _joined(at, level, normal, noise)
            if len(fewer) == len(at):
                break
            at, level = fewer, joined
    level = np.maximum.accumulate(level)
    first = misfit(windows, np.asarray(x[1:], float), np.asarray(y, float))
    if noise > _ROUGHEST or misfit(windows, at, level) > first:
        return x, y, noise
    return np.concatenate([[0.0], at]), level, noise


def _split(
    windows: Windows, at: FloatArray, level: FloatArray, rest: FloatArray, noise: float
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
