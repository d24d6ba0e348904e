"""How a step curve's line covers pixels: the forward model of its fit.

A line of width 2h along a falling step curve covers what lies under its upper edge and over its lower one. The upper
edge runs h above the levels and h to the right of the steps, and round the corners where joins are round; the lower
edge is the same upside down. A pixel's coverage is the share of it under the one and over the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from survrecon.digitizing.geometry import FloatArray
from survrecon.digitizing.line_pixels import Pixels

__all__ = ["IntArray", "Seen", "Stairs", "normal_matrix", "seen_through"]

IntArray = npt.NDArray[np.int64]
_Entries = tuple[IntArray, IntArray, FloatArray]

_NEXT = 12  # steps within half a width that are asked which is the higher edge


@dataclass(kw_only=True)
class Stairs:
    """Corners, half the line's width, the strength of its ink and the width of a pixel's view."""

    at: FloatArray
    level: FloatArray
    half: float
    ink: float
    spread: float
    round: bool = True


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Coverage by the model, and its derivatives to times (p, K), levels (p, K + 1), half and ink (p,)."""

    cover: FloatArray
    by_time: sparse.csr_matrix
    by_level: sparse.csr_matrix
    by_half: FloatArray
    by_ink: FloatArray


def seen_through(pixels: Pixels, stairs: Stairs) -> Seen:
    """Return coverage as what lies under the upper edge and over the lower one, which is the upper one upside down."""
    p, steps = len(pixels.column), len(stairs.at)
    x, y = np.asarray(pixels.column + 0.5, float), np.asarray(pixels.row + 0.5, float)
    under = _under(x, y, stairs.at, stairs.level, stairs)
    over = _under(-x, -y, -stairs.at[::-1], -stairs.level[::-1], stairs)
    cover = under.share + over.share - 1.0
    times = [under.by_time, (over.by_time[0], steps - 1 - over.by_time[1], -over.by_time[2])]
    levels = [under.by_level, (over.by_level[0], steps - over.by_level[1], -over.by_level[2])]
    shown = np.minimum(stairs.ink * cover, 1.0)
    unsaturated = stairs.ink * cover < 1.0
    free: FloatArray = np.where(unsaturated | (stairs.ink <= 1.0), stairs.ink, 0.0).astype(np.float64)
    return Seen(
        cover=shown,
        by_time=_matrix(times, (p, steps), free),
        by_level=_matrix(levels, (p, steps + 1), free),
        by_half=(under.by_half + over.by_half) * free,
        by_ink=cover * (free > 0),
    )


@dataclass(frozen=True, kw_only=True)
class _Under:
    """Share of each pixel under the upper edge, and its derivatives: pixel, parameter and value."""

    share: FloatArray
    by_time: _Entries
    by_level: _Entries
    by_half: FloatArray


def _under(x: FloatArray, y: FloatArray, at: FloatArray, level: FloatArray, stairs: Stairs) -> _Under:
    """Return how much of the pixels around (x, y) lies under the upper edge of the line.

    The edge falls by a jump half a width after each step. Between two jumps it is level, and round about the corner
    where the line's joins are: there, the edge of a following step may be the higher one.
    """
    s, half, steps = stairs.spread, stairs.half, len(at)
    jump = at + half
    left, foot = x - s / 2, y + s / 2
    right = left + s
    first = np.searchsorted(jump, left, side="right")
    most = int((np.searchsorted(jump, right, side="left") - first).max(initial=0))
    index = np.arange(len(x))
    total, by_half = np.zeros(len(x)), np.zeros(len(x))
    times: list[_Entries] = []
    levels: list[_Entries] = []
    start, before = left, None
    for k in range(most + 1):
        own = first + k
        inside = own < steps
        end = np.where(inside, np.minimum(jump[np.minimum(own, steps - 1)], right), right) if steps else right
        length = np.maximum(end - start, 0.0) / s
        middle = (start + end) / 2
        edge, which, lean, swell = _edge(middle, own, at, level, stairs)
        under = np.clip((foot - edge) / s, 0.0, 1.0)
        total += length * under
        partly = (under > 0.0) & (under < 1.0) & (length > 0.0)
        slope = -length[partly] / s
        levels.append((index[partly], which[partly], slope))
        turning = lean[partly] != 0.0
        times.append((index[partly][turning], which[partly][turning], slope[turning] * lean[partly][turning]))
        by_half[partly] += slope * swell[partly]
        if before is not None:
            crossed = (start > left) & (start < right) & (first + k - 1 < steps)
            move = (before - under)[crossed] / s
            times.append((index[crossed], (own - 1)[crossed], move))
            by_half[crossed] += move
        start, before = np.maximum(end, left), under
    return _Under(share=total, by_time=_joined(times), by_level=_joined(levels), by_half=by_half)


def _edge(
    x: FloatArray, own: IntArray, at: FloatArray, level: FloatArray, stairs: Stairs
) -> tuple[FloatArray, IntArray, FloatArray, FloatArray]:
    """Return the upper edge at places x, the level it belongs to, and its slopes by that level's end and by half."""
    half, steps = stairs.half, len(at)
    which = np.minimum(own, steps)
    edge, lean, swell = level[which] - half, np.zeros(len(x)), np.full(len(x), -1.0)
    if not stairs.round or not steps:
        return edge, which, lean, swell
    most = int((np.searchsorted(at, x, side="right") - own).max(initial=0))
    lowest = np.full(len(x), np.inf)
    best, off = which.copy(), np.zeros(len(x))
    for m in range(min(most, _NEXT) + 1):
        k = np.minimum(own + m, steps)
        begun = (k == which) | (at[np.maximum(k - 1, 0)] <= x)
        past = np.where(k < steps, np.maximum(x - at[np.minimum(k, steps - 1)], 0.0), 0.0)
        past = np.minimum(past, half)
        height = np.where(begun, level[k] - np.sqrt(half * half - past * past), np.inf)
        better = height < lowest
        lowest, best, off = np.where(better, height, lowest), np.where(better, k, best), np.where(better, past, off)
    depth = np.maximum(np.sqrt(half * half - off * off), 0.2 * half)
    return lowest, best, -off / depth, -half / depth


def _joined(entries: list[_Entries]) -> _Entries:
    rows, columns, values = (np.concatenate(part) for part in zip(*entries, strict=True))
    return rows, columns, values


def _matrix(entries: list[_Entries], shape: tuple[int, int], scale: FloatArray) -> sparse.csr_matrix:
    rows, columns, values = _joined(entries)
    return sparse.csr_matrix((values * scale[rows], (rows, columns)), shape=shape)


def normal_matrix(seen: Seen, weight: FloatArray) -> tuple[sparse.csc_matrix, sparse.csr_matrix]:
    """Return the normal matrix of times, then levels, and the Jacobian."""
    jacobian = sparse.hstack([seen.by_time, seen.by_level], format="csr")
    weighted = jacobian.copy()
    weighted.data *= np.repeat(weight, np.diff(jacobian.indptr))
    return (jacobian.T @ weighted).tocsc(), jacobian
