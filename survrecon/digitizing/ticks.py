"""Tick marks in pixels: thin strokes beside the labels, found to a fraction of a pixel."""

from __future__ import annotations

import numpy as np

from survrecon.digitizing.geometry import Axis, BoolArray, FloatArray
from survrecon.digitizing.labels import LabelRun
from survrecon.digitizing.pixels import Line

__all__ = ["fit_axis", "locate_ticks", "restated", "tick_row"]

_FAINT = 0.06  # of full contrast: below it a stroke is not told from noise
_AGREE = 1.25  # pixels between a tick and the fitted axis


def _strokes(line: FloatArray, widest: float) -> list[tuple[float, float]]:
    """Return centres and peak contrasts of the thin strokes in one line of pixels, shape (w, 3)."""
    away = np.abs(line - np.median(line, axis=0)).max(axis=1)
    peak = float(away.max(initial=0.0))
    if peak < _FAINT:
        return []
    noise = float(np.median(away))
    on = away > max(_FAINT, 0.4 * peak, 3 * noise)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
    found = []
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        if b - a > widest or a == 0 or b == len(on):
            continue
        lo, hi = max(0, a - 1), min(len(on), b + 1)
        weight = np.maximum(away[lo:hi] - noise, 0.0)
        found.append((float((weight * (np.arange(lo, hi) + 0.5)).sum() / weight.sum()), float(away[a:b].max())))
    return found


def locate_ticks(block: FloatArray, labels: LabelRun) -> tuple[FloatArray, FloatArray, int] | None:
    """Find the tick of each label.

    Parameters
    ----------
    block : numpy.ndarray, shape (k, w, 3)
        Lines of pixels between labels and curves, each running along the axis.
    labels : LabelRun
        The labels with their approximate places.

    Returns
    -------
    tuple of values, positions, line, or None
        Values and sub-pixel positions of the ticks that agree, and the middle of the lines that show them.
    """
    values = np.array(labels.values)
    guess = np.array([labels.position(v) for v in values])
    reach = min(0.42 * labels.spacing, max(6.0, 0.75 * labels.words[0].size))
    widest = max(5.0, 0.008 * block.shape[1])
    found = np.full((len(block), len(values)), np.nan)
    for k, g in enumerate(guess):
        lo, hi = max(0, int(g - 2 * reach)), min(block.shape[1], int(g + 2 * reach) + 1)
        if hi <= lo:
            continue
        window = block[:, lo:hi]
        inked = (window.max(axis=1) - window.min(axis=1)).max(axis=1) >= _FAINT  # most lines are bare
        for r in np.flatnonzero(inked).tolist():
            near = [(abs(c + lo - g), c + lo) for c, _ in _strokes(window[r], widest) if abs(c + lo - g) <= reach]
            if near:
                found[r, k] = min(near)[1]
    best: tuple[float, FloatArray, list[int]] | None = None
    fits = [_robust(values, row) for row in found]
    scores = [0.0 if fit is None else fit[0].sum() - 0.5 * fit[1] for fit in fits]
    if not scores or max(scores) < 1.5:
        return None
    top = max(scores)
    lead = int(np.argmax(scores))
    fit = fits[lead]
    assert fit is not None
    rows = [lead]
    for r, other in enumerate(fits):
        if other is None or r == lead or scores[r] < top - max(1.0, 0.2 * len(values)):
            continue
        same = fit[0] & other[0]
        if same.any() and np.abs(found[r, same] - found[lead, same]).max() < 0.75:
            rows.append(r)
    middle = np.array([float(np.median(seen)) if len(seen := c[np.isfinite(c)]) else np.nan for c in found[rows].T])
    best = (top, middle, rows)
    robust = _robust(values, best[1])
    if robust is None:
        return None
    keep = robust[0]
    return values[keep], best[1][keep], int(np.median(best[2]))


def _robust(values: FloatArray, positions: FloatArray) -> tuple[BoolArray, float] | None:
    """Return which positions lie on one line, and their root mean square residual."""
    ok = np.flatnonzero(np.isfinite(positions))
    need = 2 if len(values) <= 3 else max(3, int(np.ceil(0.5 * len(values))))
    if len(ok) < need:
        return None
    best = None
    for i in ok:
        for j in ok:
            if j <= i or values[i] == values[j]:
                continue
            scale = (positions[j] - positions[i]) / (values[j] - values[i])
            away = np.abs(positions - positions[i] - scale * (values - values[i]))
            keep = np.nan_to_num(away, nan=np.inf) < _AGREE
            rank = (int(keep.sum()), -float(away[keep].sum()))
            if best is None or rank > best[0]:
                best = (rank, keep)
    if best is None or best[0][0] < need:
        return None
    keep = best[1]
    line = np.polyval(np.polyfit(values[keep], positions[keep], 1), values[keep])
    return keep, float(np.sqrt(np.mean((positions[keep] - line) ** 2)))


def fit_axis(values: FloatArray, positions: FloatArray, *, resolution: float, source: str) -> Axis:
    """Fit an axis through its ticks by least squares."""
    scale, offset = np.polyfit(values, positions, 1)
    return Axis(
        offset=float(offset),
        scale=float(scale),
        values=values,
        positions=positions,
        residuals=positions - (offset + scale * values),
        resolution=abs(resolution / float(scale)),
        source=source,
    )


def restated(axis: Axis, ends: tuple[float, float]) -> Axis:
    """Return an axis with the values that the caller gives to its lowest and highest tick."""
    first, last = float(axis.values.min()), float(axis.values.max())
    low, high = ends
    values = low + (axis.values - first) / (last - first) * (high - low)
    return fit_axis(values, axis.positions, resolution=axis.resolution * abs(axis.scale), source="given")


def tick_row(pixels: FloatArray, line: Line, *, before: bool = False) -> FloatArray:
    """Return the places of evenly spaced tick marks beside an axis line, the longest marks only.

    Parameters
    ----------
    pixels : numpy.ndarray, shape (h, w, 3)
        The figure, turned so that the line runs along its rows.
    line : Line
        The axis line.
    before : bool
        Whether outward is towards smaller rows, as left of a vertical axis.
    """
    start, stop = max(0, int(line.start) - 3), min(pixels.shape[1], int(line.stop) + 3)
    best = np.zeros(0)
    for side in (-1, 1) if before else (1, -1):
        for depth in (6, 4, 3, 2):
            at = round(line.across + side * (line.thickness / 2 + depth) - 0.5)
            if not 0 <= at < len(pixels):
                continue
            marks = np.array(
                [c + start for c, _ in _strokes(pixels[at, start:stop], max(5.0, 0.008 * pixels.shape[1]))]
            )
            if len(marks) < 2:
                continue
            gaps = np.diff(marks)
            if len(marks) > 2 and np.ptp(gaps) > 0.08 * np.median(gaps) + 2:
                continue
            if len(marks) > len(best):
                best = marks
            if len(best) >= 3:
                return best  # the longest marks; nearer to the line minor ones would join them
    return best
