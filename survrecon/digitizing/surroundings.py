"""What stands beside a word of a figure: keys of a legend and the word's ink, in pixels or as drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from survrecon.arrays import run_edges
from survrecon.digitizing.geometry import Box, grown, strongest
from survrecon.digitizing.raster import ocr
from survrecon.digitizing.raster.pixels import background
from survrecon.digitizing.words.scene import Colour, Key, Place, Surroundings
from survrecon.digitizing.words.settings import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.arrays import FloatArray, ImageArray
    from survrecon.digitizing.raster.axes import RasterAxes
    from survrecon.digitizing.raster.read_panel import RasterPanel
    from survrecon.digitizing.vector.curves import DrawnLine
    from survrecon.digitizing.vector.strokes import Drawing, Stroke
    from survrecon.digitizing.words.words import Word

__all__ = ["beside_pixels", "beside_strokes", "key_of"]


def beside_pixels(
    image: ImageArray, pixels: FloatArray, panel: RasterPanel, *, reads: bool, labels: Sequence[Word] = ()
) -> Surroundings:
    """Return access to the pixels of an image.

    Parameters
    ----------
    image : numpy.ndarray of uint8, shape (h, w, 3)
        The image, for reading text again.
    pixels : numpy.ndarray, shape (h, w, 3)
        The same, 0 to 1.
    panel : RasterPanel
        The panel with its curves.
    reads : bool
        Whether text can be read again.
    labels : sequence of Word
        The labels of the survival axis: neither they nor their ticks are part of a sample of line right of them.
    """
    colours = [np.array(c.colour) for c in panel.drawn]
    page = background(pixels)
    taken = panel.footprint.copy()
    for label in labels:
        box = label.box
        right = int(box.x1 + KEYS.tick * label.size) + 1
        taken[max(0, int(box.y0)) : int(box.y1) + 1, max(0, int(box.x0)) : right] = True
    keys: dict[tuple[Word, int], Key | None] = {}

    def key(word: Word, side: int) -> Key | None:
        if (word, side) not in keys:
            keys[word, side] = key_of(pixels, word, taken, colours, side=side)
        return keys[word, side]

    def ink(word: Word) -> Colour | None:
        y0, y1 = max(0, int(word.box.y0)), int(word.box.y1) + 1
        x0, x1 = max(0, int(word.box.x0)), int(word.box.x1) + 1
        patch = pixels[y0:y1, x0:x1]
        return ink_colour(patch, page) if patch.size else None

    def reread(box: Box) -> tuple[str, float]:
        return ocr.read_cell(image, box)

    place = _place(panel.axes, full=panel.full, rising=panel.rising)
    leader = _Leaders(pixels, page, panel)
    return Surroundings(key=key, ink=ink, reread=reread if reads else None, place=place, leader=leader)


def _place(axes: RasterAxes, *, full: float, rising: bool) -> Place:
    """Return the function from times and survival fractions to places in the figure."""

    def place(time: FloatArray, survival: FloatArray) -> tuple[FloatArray, FloatArray]:
        shown = (1.0 - survival if rising else survival) * full
        return np.asarray(axes.time.position(time), float), np.asarray(axes.survival.position(shown), float)

    return place


def ink_colour(patch: FloatArray, page: FloatArray) -> Colour | None:
    """Return the ink's colour in a patch of pixels, or None where it is blank."""
    own = np.median(patch.reshape(-1, 3), axis=0)  # a field of its own colour, or the page
    field = own if float(np.abs(own - page).max()) > KEYS.field else page
    away = strongest(np.abs(patch - field))
    if away.max(initial=0.0) < KEYS.faintest:
        return None
    strong = away >= KEYS.strong * away.max()
    tone = np.median(patch[strong], axis=0)
    return float(tone[0]), float(tone[1]), float(tone[2])


class _Leaders:
    """Thin straight lines that lead from a label to a curve."""

    def __init__(self, pixels: FloatArray, page: FloatArray, panel: RasterPanel) -> None:
        self.pixels, self.page, self.covered = pixels, page, panel.footprint

    def __call__(self, box: Box) -> tuple[float, float] | None:
        """Return the far end of the line that begins at a box."""
        height, width = self.covered.shape
        reach = KEYS.longest_leader * box.height
        x0, x1 = max(0, int(box.x0 - reach)), min(width, int(box.x1 + reach) + 1)
        y0, y1 = max(0, int(box.y0 - reach)), min(height, int(box.y1 + reach) + 1)
        if x1 - x0 < 2 or y1 - y0 < 2:
            return None
        ink = strongest(np.abs(self.pixels[y0:y1, x0:x1] - self.page)) > KEYS.leader_ink
        ink &= ~grown(self.covered[y0:y1, x0:x1], 1)
        own = (
            slice(max(0, int(box.y0) - y0), int(box.y1) + 1 - y0),
            slice(max(0, int(box.x0) - x0), int(box.x1) + 1 - x0),
        )
        ink[own] = False
        tagged, _ = ndimage.label(ink, structure=np.ones((3, 3), int))
        ends = []
        for k, place in enumerate(ndimage.find_objects(tagged), start=1):
            y, x = np.nonzero(tagged[place] == k)
            line = _straight(x + place[1].start + x0, y + place[0].start + y0)
            ends += [] if line is None else [e for e in (line, line[::-1]) if _leaves(e[0], e[1], box)]
        if not ends:
            return None
        end = max(ends, key=lambda e: float(np.hypot(*(e[1] - e[0]))))[1]
        return float(end[0]), float(end[1])


def _straight(x: npt.NDArray[np.int64], y: npt.NDArray[np.int64]) -> tuple[FloatArray, FloatArray] | None:
    """Return the ends of pixels that form a thin straight line, or None."""
    length = float(np.hypot(np.ptp(x), np.ptp(y)))
    if length < KEYS.shortest_leader or len(x) > KEYS.leader_thickness * length:
        return None
    points = np.stack([x, y]).astype(float)
    away = points - points.mean(axis=1, keepdims=True)
    spread, axes = np.linalg.eigh(away @ away.T / len(x))
    if spread[0] > KEYS.leader_straight * spread[1]:
        return None
    along = axes[:, 1] @ away
    return points[:, int(along.argmin())], points[:, int(along.argmax())]


def _leaves(start: FloatArray, end: FloatArray, box: Box) -> bool:
    """Return whether a line begins at a label and leads away from it."""

    def away(point: FloatArray) -> float:
        across = max(box.x0 - point[0], 0.0, point[0] - box.x1)
        return float(np.hypot(across, max(box.y0 - point[1], 0.0, point[1] - box.y1)))

    return away(start) < KEYS.leader_gap * box.height and away(end) > away(start) + KEYS.leader_length * box.height


def beside_strokes(
    drawing: Drawing,
    lines: Sequence[DrawnLine],
    plot: Box,
    axes: RasterAxes,
    *,
    recognised: bool,
    percent: bool,
    rising: bool,
) -> Surroundings:
    """Return access to a drawing's strokes.

    Parameters
    ----------
    drawing : Drawing
        All strokes of the page.
    lines : sequence of DrawnLine
        Those that are curves.
    plot : Box
        The plot area.
    axes : RasterAxes
        The calibrated axes.
    recognised : bool
        Whether the text was read from a picture of the drawing.
    percent, rising : bool
        Whether the axis is in percent, and whether it shows 1 - S.
    """
    used = {id(line.stroke) for line in lines}
    samples = [
        s
        for s in drawing.strokes
        if id(s) not in used
        and (s.stroke is not None or s.fill is not None)
        and KEYS.shortest_drawn < s.box.width < KEYS.widest_drawn * plot.width
        and s.box.height < KEYS.highest_drawn
        and (s.stroke is None or not s.closed or s.fill is not None)
    ]

    def key(word: Word, side: int) -> Key | None:
        return _drawn_key(word, side, samples)

    def ink(word: Word) -> Colour | None:
        return word.colour

    def reread(box: Box) -> tuple[str, float]:
        assert drawing.image is not None
        k = drawing.image_scale
        return ocr.read_cell(drawing.image, Box(x0=box.x0 * k, y0=box.y0 * k, x1=box.x1 * k, y1=box.y1 * k))

    place = _place(axes, full=100.0 if percent else 1.0, rising=rising)
    leader = _drawn_leaders(samples)
    return Surroundings(key=key, ink=ink, reread=reread if recognised else None, place=place, leader=leader)


def _drawn_key(word: Word, side: int, samples: Sequence[Stroke]) -> Key | None:
    """Return the stroke nearest to a word on one side that can be its sample."""
    size = word.size
    best: tuple[float, Key] | None = None
    for s in samples:
        b = s.box
        level = abs((b.y0 + b.y1) / 2 - word.cy)
        gap = word.box.x0 - b.x1 if side < 0 else b.x0 - word.box.x1
        beside = level <= KEYS.level * size and -KEYS.overlap * size < gap < KEYS.drawn_gap * size
        if not beside or not KEYS.shortest * size < b.width < KEYS.longest * size:
            continue
        flat = b.height < KEYS.flat * size
        tone = s.stroke if s.stroke is not None and (flat or s.fill is None) else s.fill
        if tone is None or (min(tone) > KEYS.white and not flat):
            continue
        cost = gap / size + level / size + (0.0 if flat else KEYS.swatch_cost)
        found = Key(colour=tone, duty=s.duty, length=b.width, box=b)
        if best is None or cost < best[0]:
            best = (cost, found)
    return None if best is None else best[1]


def _drawn_leaders(samples: Sequence[Stroke]) -> Callable[[Box], tuple[float, float] | None]:
    """Return the function that finds the far end of a straight stroke that begins at a box."""
    straight = [s for s in samples if s.stroke is not None and len(s.points) == 2]

    def leader(box: Box) -> tuple[float, float] | None:
        ends = [e for s in straight for e in (s.points, s.points[::-1]) if _leaves(e[0], e[1], box)]
        return (float(ends[0][1][0]), float(ends[0][1][1])) if ends else None

    return leader


def key_of(
    pixels: FloatArray, word: Word, curves: npt.NDArray[np.bool_], colours: list[FloatArray], *, side: int = -1
) -> Key | None:
    """Return the key at one side of a word.

    Parameters
    ----------
    pixels : numpy.ndarray, shape (h, w, 3)
        The whole figure.
    word : Word
        A candidate for a curve's name.
    curves : numpy.ndarray of bool, shape (h, w)
        Pixels of the traced curves and of an axis's labels and ticks, which are no keys.
    colours : list of numpy.ndarray, shape (3,)
        Colours of the curves.
    side : int
        -1 looks at the left of the word, 1 at its right.
    """
    level = _key_at(pixels, word, curves, colours, side, KEYS.half_height)
    found = level or _key_at(pixels, word, curves, colours, side, KEYS.off_level)
    if found is not None or side > 0:
        return found
    parted = _without_line(pixels, word)
    if parted is not None:
        return _key_at(pixels, parted, curves, colours, side, KEYS.half_height)
    # thin samples of pale lines are hardly darker than noise
    page = background(pixels)
    palest = min((float(np.abs(c - page).max()) for c in colours), default=1.0)
    if palest >= KEYS.pale:
        return None
    return _key_at(pixels, word, curves, colours, side, KEYS.half_height, faintest=KEYS.pale_share * palest)


def _without_line(pixels: FloatArray, word: Word) -> Word | None:
    """Return a word whose box began with its sample of line, without that; None where it begins with a letter."""
    x0, x1, y0, y1 = int(word.box.x0), int(word.box.x1) + 1, int(word.box.y0), int(word.box.y1) + 1
    patch = pixels[max(0, y0) : y1, max(0, x0) : x1]
    if not patch.size:
        return None
    page = np.median(patch.reshape(-1, 3), axis=0)
    ink = strongest(np.abs(patch - page)) > KEYS.faintest
    edges = run_edges(ink.any(axis=0))
    if len(edges) < 2 * KEYS.line_and_letters:
        return None
    start, stop = int(edges[0]), int(edges[1])
    thick = float(np.median(ink[:, start:stop].sum(axis=0)))
    if stop - start < KEYS.line_in_box * word.size or thick > KEYS.thin_in_box * word.size:
        return None
    return replace(word, box=replace(word.box, x0=max(0, x0) + float(edges[2])))


def _key_at(
    pixels: FloatArray,
    word: Word,
    curves: npt.NDArray[np.bool_],
    colours: list[FloatArray],
    side: int,
    half_height: float,
    faintest: float = KEYS.faintest,
) -> Key | None:
    """Return the key in a strip of so many word heights above and below the middle of a word."""
    size = word.size
    x0, y0, x1, y1 = _place_beside(word, side, half_height, pixels.shape)
    if x1 - x0 < KEYS.least_width or y1 - y0 < KEYS.least_height:
        return None
    patch, taken = pixels[y0:y1, x0:x1], curves[y0:y1, x0:x1]
    page = np.median(patch.reshape(-1, 3), axis=0)
    ring = pixels[max(0, y0 - 2) : y0 + 1, x0:x1].reshape(-1, 3)
    page = np.median(ring, axis=0) if len(ring) else page
    strength = strongest(np.abs(patch - page))
    ink = (strength > faintest) & ~taken
    # what stands behind a frame or an axis is no part of a sample
    tall = int(KEYS.rule * size)
    rules = _rules(pixels[max(0, y0 - tall) : y1, x0:x1], page) | _rules(pixels[y0 : y1 + tall, x0:x1], page)
    if side > 0:
        ink, patch, rules, strength = ink[:, ::-1], patch[:, ::-1], rules[::-1], strength[:, ::-1]
    ink[:, : int(np.flatnonzero(rules)[-1]) + 1 + KEYS.soft_edge if rules.any() else 0] = False
    used = np.asarray(ink.any(axis=0), bool)
    sample = _line_beside(used, size)
    if sample is None:
        return None
    start, end = sample
    length = end - start + 1
    colour = _key_colour(ink[:, start : end + 1], patch[:, start : end + 1], colours, page, size)
    if colour is None:
        return None
    left = x0 + start if side < 0 else x1 - 1 - end  # the right side was turned round
    return Key(
        colour=colour,
        duty=_inked_share(np.where(ink, strength, 0.0)[:, start : end + 1]),
        length=float(length),
        box=Box(x0=float(left), y0=float(y0), x1=float(left + end - start), y1=float(y1)),
    )


def _inked_share(sample: FloatArray) -> float:
    """Return the share of a sample's columns that show its ink: compression and soft edges fill gaps of dashes."""
    darkest = sample.max(axis=0)
    usual = float(np.quantile(darkest, KEYS.dark_columns))
    return float((darkest > KEYS.gap_ink * usual).mean())


def _place_beside(word: Word, side: int, half_height: float, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return where a sample is looked for, at one side of a word: columns and rows from and to."""
    h, w = shape[:2]
    size = word.size
    reach = int(max(KEYS.reach * size, KEYS.least_reach))
    y0, y1 = max(0, int(word.cy - half_height * size)), min(h, int(word.cy + half_height * size) + 1)
    if side < 0:
        x1 = int(word.box.x0 + KEYS.beside * size)
        return max(0, x1 - reach), y0, x1, y1
    x0 = int(word.box.x1 - KEYS.beside * size)
    return x0, y0, min(w, x0 + reach), y1


def _rules(patch: FloatArray, page: FloatArray) -> npt.NDArray[np.bool_]:
    """Return the columns that ink fills from top to bottom."""
    return np.asarray((strongest(np.abs(patch - page)) > KEYS.faintest).all(axis=0), bool)


def _key_colour(
    part: npt.NDArray[np.bool_], patch: FloatArray, colours: list[FloatArray], page: FloatArray, size: float
) -> Colour | None:
    """Return the colour of a sample: the curve's it has most pixels of, else its own; None where it is no line."""
    tones = patch[part]
    away = strongest(np.abs(tones - page))
    best, found = None, 0
    for c in colours:
        full = c - page
        share = (tones - page) @ full / max(float(full @ full), KEYS.no_colour)
        rest = np.abs(tones - page - share[:, None] * full).max(axis=1)
        if float(np.median(share[away >= KEYS.strong * away.max(initial=0.0)])) > KEYS.most_share:
            continue  # of a darker line, whose soft edges have this colour
        near = int(((share > KEYS.least_share) & (share < KEYS.most_share) & (rest < KEYS.other_tone)).sum())
        # soft edges of black letters look like a dark colour; their middles do not
        middle = away >= KEYS.strong * min(float(away.max(initial=0.0)), float(np.abs(full).max()))
        if near > found and bool((rest[middle] < KEYS.other_tone).mean() >= KEYS.own_pixels):
            best, found = c, near
    if best is None or found < KEYS.own_pixels * len(tones) or found < KEYS.least_pixels:
        best = _own_colour(tones, page)
    if best is None or not part.any():
        return None
    thick = part.sum(axis=0)
    grey = float(np.ptp(best)) < KEYS.grey
    line_like = not grey or np.median(thick[thick > 0]) <= KEYS.thickest * size or part.mean() > KEYS.filled
    return (float(best[0]), float(best[1]), float(best[2])) if line_like else None


def _own_colour(tones: FloatArray, page: FloatArray) -> FloatArray | None:
    """Return the colour of a sample that is none of the curves', whose colours a band may change; None for grey ink."""
    away = strongest(np.abs(tones - page))
    if len(tones) < KEYS.least_pixels:
        return None
    tone: FloatArray = np.median(tones[away >= KEYS.strong * away.max()], axis=0)
    return tone if float(np.ptp(tone)) > KEYS.grey else None


def _line_beside(used: npt.NDArray[np.bool_], size: float) -> tuple[int, int] | None:
    """Return the first and last column of the sample of line that ends next to a word, which begins where they end."""
    n = len(used)
    columns = np.flatnonzero(used)
    if not len(columns):
        return None
    breaks = np.flatnonzero(np.diff(columns) > KEYS.gap * size + 1)
    starts, ends = columns[np.r_[0, breaks + 1]], columns[np.r_[breaks, len(columns) - 1]]
    if len(starts) > 1 and n - starts[-1] < KEYS.serif * size:  # a letter that reaches out of its word's box
        starts, ends = starts[:-1], ends[:-1]
    start, end = int(starts[-1]), int(ends[-1])
    end = _without_letter(used[start : end + 1], n - start, size) + start
    near = n - 1 - end < KEYS.near * size
    return (
        (start, end) if near and KEYS.shortest_sample * size <= end - start + 1 <= KEYS.longest_sample * size else None
    )


def _without_letter(sample: npt.NDArray[np.bool_], beyond: int, size: float) -> int:
    """Return where a sample ends, without a letter of its word that stands behind a gap wider than all others.

    With that gap in it a solid sample would look dashed.

    Parameters
    ----------
    sample : numpy.ndarray of bool, shape (m,)
        The inked columns of a sample of line, the last one next to its word.
    beyond : int
        Columns from its first to the word's box.
    size : float
        Height of the word.
    """
    edges = run_edges(sample)
    starts, stops = edges[::2], edges[1::2]
    gaps = starts[1:] - stops[:-1]
    if not len(gaps) or beyond - int(starts[-1]) >= KEYS.serif * size or gaps[-1] <= gaps[:-1].max(initial=1):
        return len(sample) - 1
    return int(stops[-2]) - 1
