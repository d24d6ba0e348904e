"""One monotone path per curve: a dynamic programme over the columns of a plot area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from survrecon.arrays import run_edges
from survrecon.digitizing.raster.settings import TRACING

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = ["Path", "kind_of_line", "last_drop", "trace", "usual_gap", "usual_run"]

_UNCOVERED = 1.0  # cost of a column where the path runs over bare background
_AFTER = 0.5  # cost of each column left after the curve's end


@dataclass(frozen=True, kw_only=True)
class Path:
    """A traced curve: the row in every column from ``start`` to ``stop``."""

    start: int
    stop: int
    rows: npt.NDArray[np.int64]
    cost: float

    @property
    def columns(self) -> npt.NDArray[np.int64]:
        """The columns of the path."""
        return np.arange(self.start, self.stop)

    def mask(self, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
        """Return the pixels on the path, its vertical steps included."""
        rows = np.arange(shape[0])[:, None]
        before = np.concatenate([self.rows[:1], self.rows[:-1]])
        found = np.zeros(shape, bool)
        found[:, self.start : self.stop] = (rows >= np.minimum(before, self.rows)) & (
            rows <= np.maximum(before, self.rows)
        )
        return found


def trace(cost: FloatArray, bare: FloatArray, *, first_row: int, slack: int, after: float = _AFTER) -> Path:
    """Find the cheapest path that never rises.

    Parameters
    ----------
    cost : numpy.ndarray, shape (h, w)
        What each pixel costs as part of a horizontal run, 0 on the curve.
    bare : numpy.ndarray, shape (h, w)
        How uncovered each pixel is, 0 to 1, for vertical steps.
    first_row : int
        Row of full survival, where the path starts.
    slack : int
        Rows by which the start may stray.
    after : float
        Cost of every column after the end.

    Returns
    -------
    Path
        From column 0 to the end of the curve.
    """
    h, w = cost.shape
    fall = np.cumsum(bare * TRACING.bare_drop, axis=0)
    best = np.full(h, np.inf)
    lo, hi = max(0, first_row - slack), min(h, first_row + slack + 1)
    best[lo:hi] = TRACING.start_slip * np.abs(np.arange(lo, hi) - first_row)
    came = np.empty((w, h), np.int32)
    rows = np.arange(h)
    ends = np.empty(w)
    last = np.empty(w, np.int64)
    for x in range(w):
        drop = fall[:, x]
        level = best - drop
        low = np.minimum.accumulate(level)
        fresh = np.concatenate([[True], level[1:] < low[:-1]])
        came[x] = np.maximum.accumulate(np.where(fresh, rows, 0))
        best = low + drop + cost[:, x]
        last[x] = int(best.argmin())
        ends[x] = best[last[x]]
    total = ends + after * (w - 1 - np.arange(w))
    stop = int(total.argmin())
    path = np.empty(stop + 1, np.int64)
    row = int(last[stop])
    for x in range(stop, -1, -1):
        path[x] = row
        row = int(came[x, row])
    return Path(start=0, stop=stop + 1, rows=path, cost=float(total[stop]))


def kind_of_line(coverage: FloatArray, path: Path, width: float) -> str:
    """Return the kind of line from the lengths of its dashes and gaps on level stretches."""
    level = np.concatenate([[False], np.diff(path.rows) == 0])
    seen = coverage[path.rows, path.columns] > TRACING.dash_ink
    edges = run_edges(seen)
    starts, ends = edges[::2], edges[1::2]
    if len(starts) < 4:
        return "solid"
    gaps = starts[1:] - ends[:-1]
    clean = np.array([bool(level[a:b].all()) for a, b in zip(ends[:-1], starts[1:], strict=True)])
    if not clean.any() or clean.sum() < 3 or gaps[clean].sum() < TRACING.least_gaps * path.stop:
        return "solid"
    ons = (ends - starts)[1:-1]
    short = float(np.median(ons)) if len(ons) else 0.0
    if short <= TRACING.dot_length * max(width, 1.0):
        return "dotted"
    spread = np.quantile(ons, [TRACING.short_dash, TRACING.long_dash]) if len(ons) else np.array([1.0, 1.0])
    if spread[0] <= TRACING.dot_length * max(width, 1.0) and spread[1] >= TRACING.dash_ratio * spread[0]:
        return "dash-dotted"
    return "dashed"


def last_drop(coverage: FloatArray, path: Path, half: float, level: float) -> tuple[float, float | None]:
    """Return the place and foot of a vertical stroke that ends the curve, if there is one."""
    h, w = coverage.shape
    best: tuple[float, float | None] = (float(path.stop), None)
    lo, hi = max(0, path.stop - int(2 * half + 3)), min(w, path.stop + 2)
    top = int(np.ceil(level + half + 0.5))
    if top >= h - 1:
        return best
    depth = 0
    while top + depth < h and coverage[top + depth, lo:hi].max(initial=0.0) > 0.5:
        depth += 1
    if depth < max(TRACING.last_stroke, 3 * half):
        return best
    above = coverage[max(0, int(level - half - 1 - depth)) : max(0, int(level - half - 1)), lo:hi]
    if above.size and above.max(axis=1).mean() > 0.5 and depth < 8 * half + 4:
        return best
    profile = coverage[top : top + depth, lo:hi].mean(axis=0)
    if profile.max() < 0.5:
        return best
    x = float(lo + (profile * (np.arange(hi - lo) + 0.5)).sum() / profile.sum())
    return x, float(top + depth - half)


def usual_gap(bare: npt.NDArray[np.bool_], least: int = 1) -> float:
    """Return the median length of runs of bare columns that are at least so long; 0 where there is none."""
    edges = run_edges(bare)
    lengths = edges[1::2] - edges[::2]
    lengths = lengths[lengths >= least]
    return float(np.median(lengths)) if len(lengths) else 0.0


def usual_run(seen: npt.NDArray[np.bool_]) -> float:
    """Return the length of the run of seen columns in which half of all seen columns lie or less."""
    edges = run_edges(seen)
    lengths = np.sort(edges[1::2] - edges[::2])
    if not len(lengths):
        return 0.0
    return float(lengths[np.searchsorted(np.cumsum(lengths), lengths.sum() / 2)])
