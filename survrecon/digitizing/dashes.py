"""Dashes and ends of a traced line: solid, dashed or dotted, and a vertical stroke that ends it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from survrecon.digitizing.geometry import FloatArray
from survrecon.digitizing.trace import Path

__all__ = ["kind_of_line", "last_drop", "usual_run"]


def kind_of_line(coverage: FloatArray, path: Path, width: float) -> str:
    """Return the kind of line from the lengths of its dashes and gaps on level stretches."""
    level = np.concatenate([[False], np.diff(path.rows) == 0])
    seen = coverage[path.rows, path.columns] > 0.35
    edges = np.flatnonzero(np.diff(np.concatenate([[0], seen.astype(int), [0]])))
    starts, ends = edges[::2], edges[1::2]
    if len(starts) < 4:
        return "solid"
    gaps = starts[1:] - ends[:-1]
    clean = np.array([bool(level[a:b].all()) for a, b in zip(ends[:-1], starts[1:], strict=True)])
    if not clean.any() or clean.sum() < 3 or gaps[clean].sum() < 0.06 * path.stop:
        return "solid"
    ons = (ends - starts)[1:-1]
    short = float(np.median(ons)) if len(ons) else 0.0
    if short <= 2.2 * max(width, 1.0):
        return "dotted"
    spread = np.quantile(ons, [0.2, 0.8]) if len(ons) else np.array([1.0, 1.0])
    if spread[0] <= 2.2 * max(width, 1.0) and spread[1] >= 2.5 * spread[0]:
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
    if depth < max(4.0, 3 * half):
        return best
    above = coverage[max(0, int(level - half - 1 - depth)) : max(0, int(level - half - 1)), lo:hi]
    if above.size and above.max(axis=1).mean() > 0.5 and depth < 8 * half + 4:
        return best
    profile = coverage[top : top + depth, lo:hi].mean(axis=0)
    if profile.max() < 0.5:
        return best
    x = float(lo + (profile * (np.arange(hi - lo) + 0.5)).sum() / profile.sum())
    return x, float(top + depth - half)


def usual_run(seen: npt.NDArray[np.bool_]) -> float:
    """Return the length of the run of seen columns in which half of all seen columns lie or less."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], seen.astype(int), [0]])))
    lengths = np.sort(edges[1::2] - edges[::2])
    if not len(lengths):
        return 0.0
    return float(lengths[np.searchsorted(np.cumsum(lengths), lengths.sum() / 2)])
