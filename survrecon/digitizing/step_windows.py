"""A step curve seen through windows one column wide: the times and levels that give what was read in them best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from survrecon.digitizing.geometry import FloatArray

__all__ = ["LOWEST", "Windows", "level_errors", "misfit", "settle"]

LOWEST = 0.12
"""Pixels: a lower step is noise."""
_STEPS = 6  # of Gauss-Newton in a round
_NOISIEST = 0.15
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
    blocks += 1e-6 * np.eye(2 * reach + 1)
    spread = np.linalg.inv(blocks)[::2, reach, reach]
    return np.asarray(np.clip(noise, 0.03, _NOISIEST) * np.sqrt(np.maximum(spread, 0.0)), float)


def _ordered(at: FloatArray, level: FloatArray, end: float) -> tuple[FloatArray, FloatArray]:
    """Put steps in order and drop those that rise or are no higher than noise."""
    at = np.maximum.accumulate(np.clip(at, 0.0, end))
    while len(at):
        height = np.diff(level)
        low = int(height.argmin())
        if height[low] >= LOWEST:
            break
        length = np.diff(np.concatenate([[0.0], at, [end]]))
        a, b = length[low] + 1e-6, length[low + 1] + 1e-6
        level = level.copy()
        level[low] = (a * level[low] + b * level[low + 1]) / (a + b)
        level = np.delete(level, low + 1)
        at = np.delete(at, low)
    return at, level
