"""How much of every pixel each tone of ink covers, and how thick its strokes are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from survrecon.digitizing.geometry import FloatArray, strongest

__all__ = ["SAME_RAY", "cover", "line_width", "off_ray"]

SAME_RAY = 0.13  # difference from a mixture with the background below which two tones share a ray

BoolArray = npt.NDArray[np.bool_]


def cover(ink: FloatArray, strength: FloatArray, centres: list[FloatArray], *, banded: bool) -> list[FloatArray]:
    """Return the coverage by each of the tones ``centres``, each of shape (h, w)."""
    wet = strength > 0.03
    flat = ink[wet]
    away = np.stack([off_ray(flat, c) for c in centres], axis=1)
    shares = np.stack([flat @ c / (c @ c) for c in centres], axis=1)
    away = away + np.maximum(shares - 1.15, 0.0)
    parents = [
        [
            j
            for j, o in enumerate(centres)
            if np.abs(o).max() > np.abs(c).max() and float(off_ray(c[None], o)[0]) < SAME_RAY
        ]
        for c in centres
    ]
    for k, above in enumerate(parents):
        for j in above:
            solid = np.zeros(strength.shape, bool)
            solid[wet] = (shares[:, j] > 0.8) & (away[:, j] < 0.15)
            near = ndimage.binary_dilation(solid, iterations=2)[wet]
            away[:, k] = np.where(near, 1.0, away[:, k])
            away[:, j] = np.where(~near & (away[:, k] < 0.15) & (shares[:, k] < 1.3), 1.0, away[:, j])
    own = away.argmin(axis=1)
    coverages = []
    for k in range(len(centres)):
        coverage = np.zeros(strength.shape)
        trust = np.clip(1.5 - away[:, k] / 0.16, 0.0, 1.0)
        coverage[wet] = np.where(own == k, np.clip(shares[:, k], 0.0, 1.0) * trust, 0.0)
        coverages.append(coverage)
    if banded:
        _share(flat, wet, away.min(axis=1), centres, coverages)
    return coverages


def _share(
    flat: FloatArray, wet: BoolArray, away: FloatArray, centres: list[FloatArray], coverages: list[FloatArray]
) -> None:
    """Divide pixels that no single tone explains between two: lines under another arm's band."""
    left = np.flatnonzero(away > 0.07)
    if not len(left):
        return
    tones = flat[left]
    best = np.full(len(left), 0.09)
    split: list[tuple[int, int, FloatArray, FloatArray, BoolArray]] = []
    for i in range(min(4, len(centres))):
        for j in range(i):
            pair = np.stack([centres[i], centres[j]])
            if abs(float(np.linalg.det(pair @ pair.T))) < 0.02:
                continue
            shares = tones @ pair.T @ np.linalg.inv(pair @ pair.T)
            residual = strongest(np.abs(tones - shares @ pair))
            fits = (shares > 0.02).all(axis=1) & (shares.sum(axis=1) < 1.2) & (residual < best)
            best[fits] = residual[fits]
            split.append((i, j, shares[:, 0], shares[:, 1], fits))
    places = np.flatnonzero(wet.ravel())[left]
    for i, j, a, b, fits in split:
        for coverage in coverages:
            coverage.ravel()[places[fits]] = 0.0
        coverages[i].ravel()[places[fits]] = np.clip(a[fits], 0.0, 1.0)
        coverages[j].ravel()[places[fits]] = np.clip(b[fits], 0.0, 1.0)


def line_width(coverage: FloatArray) -> float:
    """Return the usual vertical thickness of the layer's strokes, in pixels of full coverage."""
    on = coverage > 0.25
    if not on.any():
        return 1.0
    padded = np.concatenate([np.zeros((1, on.shape[1]), bool), on, np.zeros((1, on.shape[1]), bool)])
    edges = np.diff(padded.astype(np.int8), axis=0)
    start_column, start_row = np.nonzero(edges.T == 1)
    stop_column, stop_row = np.nonzero(edges.T == -1)
    total = np.concatenate([np.zeros((1, on.shape[1])), np.cumsum(coverage, axis=0)])
    sums = (
        total[np.minimum(stop_row + 1, len(coverage)), stop_column] - total[np.maximum(start_row - 1, 0), stop_column]
    )
    down = np.concatenate([coverage, np.zeros((1, coverage.shape[1]))]).T.ravel()
    at = np.stack(
        [start_column * (len(coverage) + 1) + start_row, stop_column * (len(coverage) + 1) + stop_row], axis=1
    )
    peaks = np.maximum.reduceat(down, at.ravel())[::2]
    clear = peaks > min(0.7, 0.8 * float(np.quantile(peaks, 0.9)))
    sums = sums[(sums > 0.5) & clear]
    return float(np.clip(np.quantile(sums, 0.25), 1.0, 14.0)) if len(sums) else 1.0


def off_ray(tones: FloatArray, c: FloatArray) -> FloatArray:
    """Return how far tones are from the ray of mixtures of ``c`` with the background."""
    share = np.clip(tones @ c / (c @ c), 0.05, 1.3)
    return np.asarray(strongest(np.abs(tones - share[:, None] * c)) / np.maximum(share, 0.3) ** 0.5, float)
