"""One monotone path per curve: a dynamic programme over the columns of a plot area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from survrecon.digitizing.geometry import FloatArray

__all__ = ["Path", "trace"]

_UNCOVERED = 1.0  # cost of a column where the path runs over bare background
_BARE_DROP = 0.3  # cost of each bare pixel in a vertical step
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
    fall = np.cumsum(bare * _BARE_DROP, axis=0)
    best = np.full(h, np.inf)
    lo, hi = max(0, first_row - slack), min(h, first_row + slack + 1)
    best[lo:hi] = 0.02 * np.abs(np.arange(lo, hi) - first_row)
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
