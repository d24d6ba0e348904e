"""The pixels near a traced line: coverage, and what hides the line or stands on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import ndimage, sparse

from survrecon.arrays import FloatArray, IntArray
from survrecon.digitizing.geometry import grown
from survrecon.digitizing.raster.steps.settings import COVER

if TYPE_CHECKING:
    from survrecon.digitizing.raster.marks import Marks
    from survrecon.digitizing.raster.trace import Path

__all__ = ["Pixels", "Seen", "Stairs", "beside_marks", "near_pixels", "normal_matrix", "seen_through"]

_AROUND = 2  # pixels around a line that are looked at
_PALE, _DARKEST = COVER.pale, COVER.darkest  # strength of a band beneath a line that is allowed for
_INKED = 0.5  # coverage from which a pixel belongs to a dash


@dataclass(frozen=True, kw_only=True)
class Pixels:
    """Pixels near a line that nothing hides: where they are, and how much of each is covered.

    Parameters
    ----------
    column, row : numpy.ndarray of int, shape (p,)
        Places.
    coverage : numpy.ndarray, shape (p,)
        Coverage, 0 to 1.
    marked : numpy.ndarray of bool, shape (p,)
        Whether a mark may have left more ink there than the line.
    """

    column: IntArray
    row: IntArray
    coverage: FloatArray
    marked: npt.NDArray[np.bool_]

    @cached_property
    def columns(self) -> tuple[IntArray, IntArray]:
        """The columns in which there are pixels, and which of them each pixel stands in."""
        found, of = np.unique(self.column, return_inverse=True)
        return found, np.asarray(of, np.int64)

    def trust(self, rest: FloatArray, scale: float) -> FloatArray:
        """Return the weight of residuals: far ones count less, and ink beside marks says little."""
        weight = 1.0 / (1.0 + (rest / scale) ** 2) ** 2
        return np.where(self.marked & (rest > 0), COVER.marked * weight, weight)

    def loss(self, rest: FloatArray, scale: float) -> float:
        """Return what `trust` is the weight of: squares that level off."""
        share = np.where(self.marked & (rest > 0), COVER.marked, 1.0)
        return float((share * rest**2 / (1.0 + (rest / scale) ** 2)).sum())


def near_pixels(
    coverage: FloatArray, ink: FloatArray, over: FloatArray, path: Path, half: float, *, broken: bool
) -> Pixels:
    """Return the pixels near a path but for those that something else covers or stands next to.

    Parameters
    ----------
    coverage, ink, over : numpy.ndarray, shape (h, w)
        Coverage by the line's colour; ink of any colour; coverage by other curves and words.
    path : Path
        The path on whole pixels.
    half : float
        Half the line's width.
    broken : bool
        Whether the line is dashed: then only what lies beside the inner part of a dash counts.
    """
    reach = int(np.ceil(half)) + _AROUND
    mask = grown(path.mask(coverage.shape), reach)
    mask[:, max(0, int(path.stop - half - 1)) :] = False  # what ends the line is looked at apart
    hidden = grown(over > COVER.hidden, 1)
    size = 2 * int(np.ceil(half)) + 5
    ground = ndimage.grey_opening(ink, size=(size, size))  # what is wider than the line: a band beneath it
    clean = (coverage - ground) / (1.0 - np.minimum(ground, _DARKEST))
    coverage = np.where((ground > _PALE) & (ground < _DARKEST), clean, coverage)
    if broken:
        mask &= _beside_dashes(coverage > _INKED, half)
    row, column = np.nonzero(mask & ~hidden)
    return Pixels(
        column=column,
        row=row,
        coverage=np.clip(coverage[row, column], 0.0, 1.0),
        marked=np.zeros(len(row), bool),
    )


def _beside_dashes(ink: npt.NDArray[np.bool_], half: float) -> npt.NDArray[np.bool_]:
    """Return the pixels beside the inner part of level and of upright dashes."""
    length, reach = 2 * int(np.ceil(half)) + 2, 2 * (int(np.ceil(half)) + _AROUND) + 1
    found = np.zeros(ink.shape, bool)
    for along in (1, 0):
        shape = (1, length) if along else (length, 1)
        dash = ndimage.binary_opening(ink, structure=np.ones(shape, bool))
        inner = ndimage.binary_erosion(dash, structure=np.ones((1, 3) if along else (3, 1), bool))
        found |= ndimage.binary_dilation(inner, structure=np.ones((reach, 1) if along else (1, reach), bool))
    return found


def beside_marks(pixels: Pixels, marks: Marks, x: FloatArray, y: FloatArray) -> Pixels:
    """Return pixels with those noted that a censoring mark may cover."""
    level = y[np.clip(np.searchsorted(x, marks.columns, side="right") - 1, 0, len(y) - 1)]
    reach = marks.reach + COVER.mark_edge
    order = np.argsort(marks.columns)
    column, level = marks.columns[order], level[order]
    middle = pixels.column + 0.5
    first, last = np.searchsorted(column, middle - reach), np.searchsorted(column, middle + reach)
    marked = np.zeros(len(middle), bool)
    for k in range(int((last - first).max(initial=0))):
        one = np.minimum(first + k, len(column) - 1)
        marked |= (first + k < last) & (np.abs(pixels.row + 0.5 - level[one]) <= reach)
    return replace(pixels, marked=marked)


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
    """Coverage by the model, and its derivatives to half and ink (p,), times and levels (p, 2 K + 1).

    The matrix is made where it is asked for: most trials of a fit want the coverage alone.
    """

    cover: FloatArray
    by_half: FloatArray
    by_ink: FloatArray
    steps: int
    entries: list[_Entries]
    scale: FloatArray

    @cached_property
    def jacobian(self) -> sparse.csr_matrix:
        """Derivatives of coverage to times, then levels."""
        rows, columns, values = (np.concatenate(part) for part in zip(*self.entries, strict=True))
        shape = (len(self.cover), 2 * self.steps + 1)
        return sparse.csr_matrix((values * self.scale[rows], (rows, columns)), shape=shape)

    @property
    def by_time(self) -> sparse.csr_matrix:
        """Derivatives to times, shape (p, K)."""
        return self.jacobian[:, : self.steps]

    @property
    def by_level(self) -> sparse.csr_matrix:
        """Derivatives to levels, shape (p, K + 1)."""
        return self.jacobian[:, self.steps :]


def seen_through(pixels: Pixels, stairs: Stairs) -> Seen:
    """Return coverage as what lies under the upper edge and over the lower one, which is the upper one upside down."""
    steps = len(stairs.at)
    columns, of = pixels.columns
    x, y = np.asarray(columns + 0.5, float), np.asarray(pixels.row + 0.5, float)
    under = _under(x, of, y, stairs.at, stairs.level, stairs)
    over = _under(-x, of, -y, -stairs.at[::-1], -stairs.level[::-1], stairs)
    cover = under.share + over.share - 1.0
    entries = [
        *under.by_time,
        *((rows, steps - 1 - of, -slope) for rows, of, slope in over.by_time),
        *((rows, steps + of, slope) for rows, of, slope in under.by_level),
        *((rows, 2 * steps - of, -slope) for rows, of, slope in over.by_level),
    ]
    shown = np.minimum(stairs.ink * cover, 1.0)
    unsaturated = stairs.ink * cover < 1.0
    free: FloatArray = np.where(unsaturated | (stairs.ink <= 1.0), stairs.ink, 0.0).astype(np.float64)
    return Seen(
        cover=shown,
        by_half=(under.by_half + over.by_half) * free,
        by_ink=cover * (free > 0),
        steps=steps,
        entries=entries,
        scale=free,
    )


@dataclass(frozen=True, kw_only=True)
class _Under:
    """Share of each pixel under the upper edge, and its derivatives: pixel, parameter and value."""

    share: FloatArray
    by_time: list[_Entries]
    by_level: list[_Entries]
    by_half: FloatArray


def _under(x: FloatArray, of: IntArray, y: FloatArray, at: FloatArray, level: FloatArray, stairs: Stairs) -> _Under:
    """Return how much of each pixel lies under the upper edge of the line; pixel i is at (x[of[i]], y[i]).

    The edge falls by a jump half a width after each step. Between two jumps it is level, and round about the corner
    where the line's joins are: there, the edge of a following step may be the higher one. It is worked out once a
    column, not for each of its pixels.
    """
    s, half = stairs.spread, stairs.half
    jump = np.append(at + half, np.inf)
    left, foot = x - s / 2, y + s / 2
    right = left + s
    first = np.searchsorted(jump, left, side="right")
    jumps = np.searchsorted(jump, right, side="left") - first
    total, by_half = np.zeros(len(y)), np.zeros(len(y))
    times: list[_Entries] = []
    levels: list[_Entries] = []
    index: IntArray | slice = slice(None)
    start, before = left, np.zeros(0)
    for k in range(int(jumps.max(initial=0)) + 1):
        if k:  # few pixels see a jump, fewer a second one
            more = np.flatnonzero((jumps >= k)[of])
            index, of, before = more if isinstance(index, slice) else index[more], of[more], before[more]
        own = np.minimum(first + k, len(at))
        end = np.minimum(jump[own], right)
        length = (end - start) / s
        edge, which, lean, swell = _edge((start + end) / 2, own, at, level, stairs)
        under = np.minimum(np.maximum((foot[index] - edge[of]) / s, 0.0), 1.0)
        total[index] += length[of] * under
        partly = np.flatnonzero((under > 0.0) & (under < 1.0) & (length > 0.0)[of])
        pixel, column = partly if isinstance(index, slice) else index[partly], of[partly]
        slope, leaning = -length[column] / s, lean[column]
        levels.append((pixel, which[column], slope))
        turning = np.flatnonzero(leaning)
        times.append((pixel[turning], which[column[turning]], slope[turning] * leaning[turning]))
        by_half[pixel] += slope * swell[column]
        if not isinstance(index, slice):
            move = (before - under) / s
            times.append((index, own[of] - 1, move))
            by_half[index] += move
        start, before = end, under
    return _Under(share=total, by_time=times, by_level=levels, by_half=by_half)


def _edge(
    x: FloatArray, own: IntArray, at: FloatArray, level: FloatArray, stairs: Stairs
) -> tuple[FloatArray, IntArray, FloatArray, FloatArray]:
    """Return the upper edge at places x, the level it belongs to, and its slopes by that level's end and by half."""
    half, steps = stairs.half, len(at)
    if not stairs.round or not steps:
        return level[own] - half, own, np.zeros(len(x)), np.full(len(x), -1.0)
    begun = np.searchsorted(at, x, side="right") - own
    ends = np.append(at, np.inf)
    off = np.clip(x - ends[own], 0.0, half)
    edge, which = level[own] - np.sqrt(half * half - off * off), own.copy()
    for m in range(1, min(int(begun.max(initial=0)), _NEXT) + 1):
        index = np.flatnonzero(begun >= m)
        k = own[index] + m
        past = np.clip(x[index] - ends[k], 0.0, half)
        height = level[k] - np.sqrt(half * half - past * past)
        better = height < edge[index]
        index = index[better]
        edge[index], which[index], off[index] = height[better], k[better], past[better]
    depth = np.maximum(np.sqrt(half * half - off * off), COVER.join * half)
    return edge, which, -off / depth, -half / depth


def normal_matrix(seen: Seen, weight: FloatArray) -> tuple[sparse.csc_matrix, sparse.csr_matrix]:
    """Return the normal matrix of times, then levels, and the Jacobian."""
    jacobian = seen.jacobian
    weighted = jacobian.copy()
    weighted.data *= np.repeat(weight, np.diff(jacobian.indptr))
    return (jacobian.T @ weighted).tocsc(), jacobian
