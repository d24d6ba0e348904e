"""How much of every pixel each tone of ink covers, and how thick its strokes are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from survrecon.arrays import run_edges
from survrecon.digitizing.geometry import grown, strongest
from survrecon.digitizing.raster.settings import TONES

if TYPE_CHECKING:
    from survrecon.arrays import BoolArray, FloatArray

__all__ = ["SAME_RAY", "Layer", "cover", "line_width", "off_ray", "separate"]

SAME_RAY = TONES.same_ray  # difference from a mixture with the background below which two tones share a ray


def cover(ink: FloatArray, strength: FloatArray, centres: list[FloatArray], *, banded: bool) -> list[FloatArray]:
    """Return the coverage by each of the tones ``centres``, each of shape (h, w)."""
    wet = strength > TONES.wet
    flat = ink[wet]
    away = np.stack([off_ray(flat, c) for c in centres], axis=1)
    shares = np.stack([flat @ c / (c @ c) for c in centres], axis=1)
    away = away + np.maximum(shares - TONES.most_share, 0.0)
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
            solid[wet] = (shares[:, j] > _core_share(centres, k, j)) & (away[:, j] < TONES.sure_away)
            near = ndimage.binary_dilation(solid, iterations=2)[wet]
            away[:, k] = np.where(near, 1.0, away[:, k])
            away[:, j] = np.where(
                ~near & (away[:, k] < TONES.sure_away) & (shares[:, k] < TONES.strong_share), 1.0, away[:, j]
            )
    own = away.argmin(axis=1)
    coverages = []
    for k in range(len(centres)):
        coverage = np.zeros(strength.shape)
        trust = np.clip(TONES.trust_offset - away[:, k] / TONES.trust_fall, 0.0, 1.0)
        coverage[wet] = np.where(own == k, np.clip(shares[:, k], 0.0, 1.0) * trust, 0.0)
        coverages.append(coverage)
    if banded:
        _share(flat, wet, away.min(axis=1), centres, coverages)
    return coverages


def _core_share(centres: list[FloatArray], k: int, parent: int) -> float:
    """Return the share of a darker tone from which a pixel is a core of its line, whose edges look like a paler tone.

    A line that falls between two rows is nowhere as dark as its tone. Where the two tones are the only ones of their
    hue, what is clearly darker than the paler one is the darker line; else it may be a line of a tone between them.
    """
    others = [o for m, o in enumerate(centres) if m not in (k, parent)]
    if any(float(off_ray(o[None], centres[parent])[0]) < TONES.sure_away + SAME_RAY for o in others):
        return TONES.sure_share
    paler = TONES.darker * float(np.abs(centres[k]).max() / np.abs(centres[parent]).max())
    return min(TONES.sure_share, max(paler, TONES.least_core))


def _share(
    flat: FloatArray, wet: BoolArray, away: FloatArray, centres: list[FloatArray], coverages: list[FloatArray]
) -> None:
    """Divide pixels that no single tone explains between two: lines under another arm's band."""
    left = np.flatnonzero(away > TONES.unexplained)
    if not len(left):
        return
    tones = flat[left]
    best = np.full(len(left), TONES.mixture_fit)
    split: list[tuple[int, int, FloatArray, FloatArray, BoolArray]] = []
    for i in range(min(4, len(centres))):
        for j in range(i):
            pair = np.stack([centres[i], centres[j]])
            if abs(float(np.linalg.det(pair @ pair.T))) < TONES.parallel:
                continue
            shares = tones @ pair.T @ np.linalg.inv(pair @ pair.T)
            residual = strongest(np.abs(tones - shares @ pair))
            fits = (
                (shares > TONES.least_mixed).all(axis=1) & (shares.sum(axis=1) < TONES.most_mixed) & (residual < best)
            )
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
    on = coverage > TONES.stroke_ink
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
    clear = peaks > min(TONES.clear_peak, TONES.clear_share * float(np.quantile(peaks, TONES.dark_quantile)))
    sums = sums[(sums > 0.5) & clear]
    return float(np.clip(np.quantile(sums, TONES.width_quantile), 1.0, TONES.widest)) if len(sums) else 1.0


def off_ray(tones: FloatArray, c: FloatArray) -> FloatArray:
    """Return how far tones are from the ray of mixtures of ``c`` with the background."""
    share = np.clip(tones @ c / (c @ c), TONES.least_ray, TONES.most_ray)
    return np.asarray(strongest(np.abs(tones - share[:, None] * c)) / np.maximum(share, TONES.ray_floor) ** 0.5, float)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One colour of ink.

    Parameters
    ----------
    colour : tuple of float
        Its full tone.
    coverage : numpy.ndarray, shape (h, w)
        How much of every pixel it covers, 0 to 1.
    line_width : float
        Usual thickness of its strokes in pixels.
    ink : numpy.ndarray, shape (h, w)
        Ink of any colour in units of this one's strength; the colour of thin strokes is lost in compression.
    strength : float
        Contrast of the full tone to the background, 0 to 1.
    banded : bool
        Whether areas are filled nearly as dark, whose edges look like lines.
    """

    colour: tuple[float, float, float]
    coverage: FloatArray
    line_width: float
    ink: FloatArray
    strength: float
    banded: bool = False

    @property
    def chroma(self) -> float:
        """How far the colour is from grey."""
        return max(self.colour) - min(self.colour)


def _flatten(area: FloatArray, page: FloatArray) -> FloatArray:
    """Return the difference from background with full-length grid lines and stripes removed, shape (h, w, 3)."""
    ink = area - page
    rows, columns = np.median(area, axis=1), np.median(area, axis=0)
    for axis, tones in ((0, rows), (1, columns)):
        shaded = np.abs(tones - page).max(axis=1) > TONES.grid_faintest
        edges = run_edges(shaded)
        thick = np.zeros(len(shaded), bool)
        for a, b in zip(edges[::2], edges[1::2], strict=True):
            thick[a:b] = b - a > TONES.grid_thickest
        for k in np.flatnonzero(shaded):
            line = ink[k] if axis == 0 else ink[:, k]
            tone = tones[k] - page
            other = float((np.abs(line - tone).max(axis=1) >= TONES.grid_same).mean())
            empty = float((np.abs(line).max(axis=1) < TONES.grid_missing * np.abs(tone).max()).mean())
            if thick[k] and other > TONES.stripe_other:  # a confidence band does not begin at the axis
                continue
            if np.ptp(tone) > TONES.neutral or np.abs(tone).max() > TONES.grid_darkest or empty > TONES.grid_empty:
                continue
            line[np.abs(line - tone).max(axis=1) < TONES.grid_same] = 0.0
    return ink


def separate(area: FloatArray, page: FloatArray, most: int = 8) -> list[Layer]:
    """Split a plot area into layers of ink.

    Parameters
    ----------
    area : numpy.ndarray, shape (h, w, 3)
        The plot area.
    page : numpy.ndarray, shape (3,)
        Its background.
    most : int
        At most so many layers.

    Returns
    -------
    list of Layer
        By decreasing share of ink. Soft edges belong to the layer whose full tone they are a mixture
        of; areas filled more faintly than the lines, such as confidence bands, belong to none.
    """
    ink = _flatten(np.asarray(area, float), page)
    strength = strongest(np.abs(ink))
    k = int(max(9, 2 * round(TONES.widest_line * area.shape[1]) + 1))
    filled = ndimage.grey_opening(strength, size=(k, k))
    line = strength - filled
    core = _cores(strength, filled, k)
    if core.sum() < TONES.fewest_core:
        return []
    tones = ink[core]
    centres = _centres(tones, most)
    centres = _settle(tones, centres)
    tint = filled > TONES.filled
    centres = _prune(ink, core, centres, tint)
    banded = float(tint.mean()) > TONES.filled_area
    if banded:
        centres = _unblended(tones, centres, tint[core])
    coverages = cover(ink, strength, centres, banded=banded)
    beside_tint = ndimage.binary_dilation(tint, iterations=3)
    layers = []
    for c, coverage in zip(centres, coverages, strict=True):
        band = ndimage.grey_opening(coverage, size=(k, k))
        coverage = np.where(
            band < TONES.band_cover,
            np.clip((coverage - band) / (1.0 - np.minimum(band, TONES.band_cover)), 0.0, 1.0),
            coverage,
        )
        coverage, on_band = _on_dark_band(ink, c, coverage, k)
        tone = np.clip(page + c, 0.0, 1.0)
        layers.append(
            Layer(
                colour=(float(tone[0]), float(tone[1]), float(tone[2])),
                coverage=coverage,
                line_width=line_width(coverage),
                strength=float(np.abs(c).max()),
                banded=on_band,
                ink=np.where(
                    beside_tint, coverage, np.clip(line / max(float(np.abs(c).max()), TONES.least_strength), 0.0, 1.0)
                ),
            )
        )
    return sorted(layers, key=lambda layer: -float(layer.coverage.sum()))


def _cores(strength: FloatArray, filled: FloatArray, size: int) -> BoolArray:
    """Return the pixels in the middle of lines: as dark as their neighbours, and darker than what is filled."""
    line = strength - filled
    peak = (strength >= ndimage.maximum_filter(strength, size=3) - TONES.peak_slack) & (strength > TONES.faintest)
    core = np.asarray(peak & (line > 0.5 * strength), bool)
    level = strength - ndimage.grey_opening(strength, size=(size, 1))  # without the strokes of hatched bands
    beside = peak & (np.minimum(line, level) > TONES.on_band) & (filled > TONES.on_band)
    if (core & ~beside).any(axis=0).sum() < beside.any(axis=0).sum() / 2:
        core |= beside  # bands so dark that lines stand out of them by less than by half
    return core


def _on_dark_band(ink: FloatArray, c: FloatArray, coverage: FloatArray, size: int) -> tuple[FloatArray, bool]:
    """Return a tone's coverage without that by a band nearly as dark, hatched ones too, and whether there is a band.

    A line on it is what is darker than the band above and below it in the same column.
    """
    closed = ndimage.grey_closing(coverage, size=(1, TONES.hatch))
    band = ndimage.grey_opening(closed, size=(2 * size, 2 * size)) > TONES.dark_band
    if band.any(axis=0).sum() < TONES.shortest * band.shape[1]:
        return coverage, False
    band = np.asarray(ndimage.binary_dilation(band, iterations=TONES.edge), bool)
    level = ink @ c / (c @ c)
    above = level - ndimage.median_filter(level, size=(2 * size + 1, 1))
    usual = float(np.quantile(above[band], TONES.band_line))
    if usual < TONES.band_contrast:
        return coverage, True
    return np.asarray(np.where(band, np.clip(above / usual, 0.0, 1.0), coverage), float), True


def _centres(tones: FloatArray, most: int) -> list[FloatArray]:
    """Return the frequent tones, no two alike."""
    bins = np.round(tones * TONES.bins).astype(int)
    _, inverse, counts = np.unique(bins, axis=0, return_inverse=True, return_counts=True)
    inverse = inverse.ravel()
    means = np.stack([np.bincount(inverse, tones[:, c]) for c in range(3)], axis=1) / counts[:, None]
    weight = counts * (TONES.pale_weight + np.abs(means).max(axis=1))
    chosen: list[FloatArray] = []
    for k in np.argsort(-weight):
        c = means[k]
        if counts[k] < max(4, TONES.rarest * len(tones)):
            continue
        if any(
            float(np.abs(c - other).max()) < TONES.apart or _mixture(c, other) < TONES.mixed_apart for other in chosen
        ):
            continue
        chosen.append(c)
        if len(chosen) == 2 * most:
            break
    return chosen


def _mixture(c: FloatArray, other: FloatArray) -> float:
    """Return how far a tone is from any mixture of another with the background; 1 where much weaker or stronger."""
    share = float(c @ other / (other @ other))
    if not TONES.edge_from < share < TONES.edge_to:
        return 1.0
    return float(np.abs(c - share * other).max())


def _settle(tones: FloatArray, centres: list[FloatArray]) -> list[FloatArray]:
    """Move each centre to the middle of the tones nearest to it."""
    table = np.stack(centres)
    away = strongest(np.abs(tones[:, None, :] - table[None]))
    own = away.argmin(axis=1)
    settled = []
    for k, c in enumerate(table):
        mine = tones[(own == k) & (away[:, k] < TONES.settled)]
        settled.append(np.median(mine, axis=0) if len(mine) >= 4 else c)
    return settled


def _prune(ink: FloatArray, core: BoolArray, centres: list[FloatArray], tint: BoolArray) -> list[FloatArray]:
    """Drop tones that are only soft edges or thin strokes of a stronger tone on the same ray."""
    strong_first = sorted(centres, key=lambda c: -float(np.abs(c).max()))
    rows, columns = np.nonzero(core)
    tones = ink[core]
    beside = ndimage.binary_dilation(tint, iterations=TONES.edge) & ~ndimage.binary_erosion(tint, iterations=TONES.edge)
    kept: list[FloatArray] = []
    for c in strong_first:
        if _is_halo(ink, tones, rows, columns, c, kept):
            continue
        on_ray = [o for o in kept if float(off_ray(c[None], o)[0]) < SAME_RAY]
        if on_ray and _of_parents(ink, (rows, columns), tones, c, on_ray, beside):
            continue
        kept.append(c)
    return kept


def _of_parents(
    ink: FloatArray,
    places: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
    tones: FloatArray,
    c: FloatArray,
    parents: list[FloatArray],
    beside: BoolArray,
) -> bool:
    """Return whether a tone is but a soft edge, or a band's outline, or a stronger line that falls between two rows."""
    near = strongest(np.abs(tones - c)) < TONES.near
    mine = np.zeros_like(beside)
    rows, columns = places
    mine[rows[near], columns[near]] = True
    solid = np.zeros_like(mine)
    for o in parents:
        solid |= (ink @ o / (o @ o) > TONES.solid) & (strongest(np.abs(ink - o)) < TONES.parent)
    free = mine & ~ndimage.binary_dilation(solid, iterations=TONES.edge)
    if free.any(axis=0).sum() < TONES.shortest * mine.shape[1] or free.sum() < mine.sum() / 2:
        return True
    if (free & beside).sum() > TONES.outline * free.sum():
        return True
    return any(_between_rows(ink, free, solid, c, o) for o in parents)


def _between_rows(ink: FloatArray, free: BoolArray, solid: BoolArray, c: FloatArray, parent: FloatArray) -> bool:
    """Return whether the fainter stretches hold as much ink across as the stronger line does: then they are that line.

    A grey line of the same thickness holds less; one that is thicker than two rows does not fall between them. Where
    the stronger tone shows in strokes and marks on the line alone, a line of one pixel is what can fall between.
    """
    window = np.ones(2 * TONES.edge + 1)
    line = solid & (ndimage.convolve1d(solid.astype(float), window, axis=0) <= TONES.two_rows)
    level = [mask & np.roll(mask, 1, axis=1) & np.roll(mask, -1, axis=1) for mask in (free, line)]
    if not level[0].any():
        return False
    across = ndimage.convolve1d(np.clip(ink @ parent / (parent @ parent), 0.0, 1.0), window, axis=0)
    own = ndimage.convolve1d(np.clip(ink @ c / (c @ c), 0.0, 1.0), window, axis=0)
    held = float(np.median(across[level[0]]))
    if np.median(own[level[0]]) >= TONES.two_rows:
        return False
    coloured = bool(np.ptp(parent) > TONES.neutral)
    if level[1].sum() >= TONES.fewest:
        least = TONES.same_colour_ink if coloured else TONES.same_ink
        return bool(held > least * float(np.quantile(across[level[1]], TONES.thinnest)))
    return held > TONES.hairline and coloured  # black strokes are words and guide lines as often as marks


def _unblended(tones: FloatArray, centres: list[FloatArray], tinted: BoolArray) -> list[FloatArray]:
    """Drop tones that a line takes under another arm's band: mixtures of two other tones.

    These are more frequent, or the mixture is found on filled areas alone and is mostly the one tone.

    Parameters
    ----------
    tones : numpy.ndarray, shape (p, 3)
        Tones of lines.
    centres : list of numpy.ndarray, shape (3,)
        The tones to choose from.
    tinted : numpy.ndarray of bool, shape (p,)
        Which of the tones stand on filled areas.
    """
    own = strongest(np.abs(tones[:, None, :] - np.stack(centres)[None])).argmin(axis=1)
    counts = np.bincount(own, minlength=len(centres))
    on_tint = np.bincount(own, tinted, minlength=len(centres)) > TONES.outline * np.maximum(counts, 1)
    kept: list[int] = []
    order = np.argsort(-counts).tolist()
    for k in order:
        pairs = [(i, j) for i in kept for j in kept if j < i]
        if on_tint[k]:
            pairs += [(i, j) for i in order for j in order if j < i and k not in (i, j)]
        if not any(_blend(centres[k], centres[i], centres[j], frequent={i, j} <= set(kept)) for i, j in pairs):
            kept.append(k)
    return [centres[k] for k in kept]


def _blend(c: FloatArray, one: FloatArray, other: FloatArray, *, frequent: bool) -> bool:
    """Return whether a tone is a mixture of two others: of any shares of more frequent ones, else of one most."""
    pair = np.stack([one, other])
    shares, *_ = np.linalg.lstsq(pair.T, c, rcond=None)
    rest = float(np.abs(c - shares @ pair).max())
    mixed = rest < TONES.blend and min(shares) > TONES.least_share and float(shares.sum()) < TONES.most_ink
    return bool(mixed and (frequent or max(shares) > TONES.main_share))


def _is_halo(
    ink: FloatArray,
    tones: FloatArray,
    rows: npt.NDArray[np.intp],
    columns: npt.NDArray[np.intp],
    c: FloatArray,
    kept: list[FloatArray],
) -> bool:
    """Return whether a tone is found mostly right beside stronger tones: soft edges and compression noise."""
    height = float(np.abs(c).max())
    stronger = [o for o in kept if float(np.abs(o).max()) > TONES.halo_stronger * height]
    if not stronger:
        return False
    near = strongest(np.abs(tones - c)) < TONES.near_tone
    if not near.any():
        return True
    strength = strongest(np.abs(ink))
    close = np.zeros(strength.shape, bool)
    for o in stronger:
        close |= (strongest(np.abs(ink - o)) < TONES.halo_parent) & (strength > TONES.halo_strength * height)
    close = grown(close, 2 if height > TONES.pale else 4)
    return float(close[rows[near], columns[near]].mean()) > TONES.halo_share
