"""What stands in a plot area and is no curve: words, legend keys, axes, frames, rules and guide lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from survrecon.digitizing.geometry import strongest
from survrecon.digitizing.raster.settings import NOT_CURVES

if TYPE_CHECKING:
    from survrecon.arrays import BoolArray, FloatArray, IntArray
    from survrecon.digitizing.geometry import Box
    from survrecon.digitizing.raster.pixels import Line
    from survrecon.digitizing.words.words import Word

__all__ = ["StraightLine", "not_curves", "straight_lines", "without_curves_start"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StraightLine:
    """A level stretch of ink: its first row and column, and those after its last; upright ones are turned."""

    top: int
    bottom: int
    start: int
    stop: int

    @property
    def patch(self) -> tuple[slice, slice]:
        """Its rows and columns."""
        return slice(self.top, self.bottom), slice(self.start, self.stop)


def not_curves(
    area: FloatArray,
    page: FloatArray,
    *,
    words: list[Word],
    lines: tuple[list[Line], list[Line]],
    plot: Box,
    first_row: float,
    falling: bool = True,
) -> BoolArray:
    """Return the pixels of a plot area that belong to no curve.

    Parameters
    ----------
    area : numpy.ndarray, shape (h, w, 3)
        The plot area.
    page : numpy.ndarray, shape (3,)
        Its background.
    words : list of Word
        The panel's words.
    lines : tuple of list of Line
        Long horizontal and vertical lines of the figure.
    plot : Box
        Where the plot area lies in the figure.
    first_row : float
        Row of full survival in the area, as the curves fall.
    falling : bool
        Whether survival falls with the row; else the area is turned round here.
    """
    origin = (round(plot.x0), int(np.floor(plot.y0)))
    blank = _axis_lines(area.shape[:2], origin, lines, plot)
    ink = strongest(np.abs(area - page)) > NOT_CURVES.ink
    ink &= ~blank
    letters = _letters(ink, origin, words)
    blank |= letters
    step = 1 if falling else -1
    turned = area[::step]
    ruled = _ruled(ink[::step] & ~blank[::step], turned, first_row)
    return np.asarray(blank | ruled[::step], bool)


def _axis_lines(
    shape: tuple[int, int], origin: tuple[int, int], lines: tuple[list[Line], list[Line]], plot: Box
) -> BoolArray:
    """Return the pixels of long neutral lines along the edges of a plot."""
    found = np.zeros(shape, bool)
    edges = (
        (lines[0], found, origin, (plot.y0, plot.y1), plot.width, NOT_CURVES.axis_near),
        (lines[1], found.T, origin[::-1], (plot.x0, plot.x1), plot.height, NOT_CURVES.axis_left),
    )
    for several, mask, (along, across), (first, last), length, near_first in edges:
        for line in several:
            near = line.across < first + near_first * (last - first) or line.across > last - NOT_CURVES.axis_near * (
                last - first
            )
            neutral = max(line.colour) - min(line.colour) < NOT_CURVES.neutral
            if near and neutral and line.stop - line.start > NOT_CURVES.axis_length * length:
                half = line.thickness / 2 + NOT_CURVES.line_margin
                rows = slice(max(0, round(line.across - across - half)), max(0, round(line.across - across + half)))
                mask[rows, max(0, int(line.start - along)) : max(0, int(line.stop - along))] = True
    return found


def _letters(ink: BoolArray, origin: tuple[int, int], words: list[Word]) -> BoolArray:
    """Return the pixels of words and of the samples of line left of them, with their soft edges."""
    h, w = ink.shape
    x0, y0 = origin
    tagged, _ = ndimage.label(ink, structure=np.ones((3, 3), int))
    boxes = ndimage.find_objects(tagged)
    found = np.zeros_like(ink)
    if not boxes:
        return found
    sides = np.array([(r.start, r.stop, c.start, c.stop) for r, c in boxes])
    for word in words:
        pad = NOT_CURVES.text_pad * word.size
        text = (word.box.y0 - pad - y0, word.box.y1 + pad - y0, word.box.x0 - pad - x0, word.box.x1 + pad - x0)
        if not word.plausible or text[3] < 0 or text[2] > w or text[1] < 0 or text[0] > h:
            continue
        middle, reach, left = word.cy - y0, NOT_CURVES.key_height * word.size, word.box.x0 - x0
        key = (middle - reach, middle + reach, left - NOT_CURVES.key_reach * w, left)
        for a, b, c, d in (text, key) if word.number is None else (text,):
            inside = np.flatnonzero((sides[:, 0] >= a) & (sides[:, 1] <= b) & (sides[:, 2] >= c) & (sides[:, 3] <= d))
            if d == left and _runs_on(ink, sides[inside], word.size):
                continue
            for tag in inside.tolist():
                found[boxes[tag]] |= tagged[boxes[tag]] == tag + 1
    return np.asarray(ndimage.binary_dilation(found, iterations=NOT_CURVES.text_margin), bool)


def _runs_on(ink: BoolArray, dashes: IntArray, size: float) -> bool:
    """Return whether what looks like a legend key is the end of a broken line, which comes from the left or above."""
    if not len(dashes):
        return False
    order = dashes[np.argsort(dashes[:, 2])]
    gaps = order[1:, 2] - np.maximum.accumulate(order[:, 3])[:-1]
    reach = int(max(NOT_CURVES.key_apart * size, NOT_CURVES.next_dash * gaps.max(initial=0))) + 1
    first = int(order[0, 2])
    rows = slice(max(0, int(order[:, 0].min()) - 1), int(order[:, 1].max()) + 1)
    above = slice(max(0, rows.start - min(reach, int(NOT_CURVES.key_height * size))), rows.start)
    beside = ink[rows, max(0, first - reach) : first]
    return bool(beside.any() or ink[above, max(0, first - 1) : first + reach].any())


def straight_lines(ink: BoolArray, *, length: int, gap: int, thickest: float) -> list[StraightLine]:
    """Return level lines of at least a length, dashed ones too, whose gaps are no longer than ``gap`` columns."""
    wide = np.pad(ink.view(np.uint8), ((0, 0), (gap, gap)))
    joined = ndimage.minimum_filter1d(
        ndimage.maximum_filter1d(wide, 2 * (gap // 2) + 1, axis=1), 2 * (gap // 2) + 1, axis=1
    )
    joined = joined[:, gap:-gap] if gap else joined
    long = ndimage.minimum_filter1d(joined, length, axis=1, mode="constant")
    level = ndimage.maximum_filter1d(long, length, axis=1, mode="constant", origin=-1 if length % 2 == 0 else 0) > 0
    tagged, _ = ndimage.label(level, structure=np.ones((3, 3), int))
    found = []
    for tag, (rows, columns) in enumerate(ndimage.find_objects(tagged), start=1):
        full = (tagged[rows, columns] == tag).mean()
        if rows.stop - rows.start <= thickest and full >= NOT_CURVES.straight:
            found.append(StraightLine(top=rows.start, bottom=rows.stop, start=columns.start, stop=columns.stop))
    return found


def without_curves_start(ink: BoolArray, line: StraightLine) -> bool:
    """Return whether no curve comes down to where a level line begins: all but its first level do."""
    joint = NOT_CURVES.joint
    above = slice(max(0, line.top - joint - 1), max(0, line.top - 1))
    left = ink[max(0, line.top - joint - 1) : line.bottom + 1, max(0, line.start - joint) : line.start]
    stroke = ink[above, max(0, line.start - 1) : line.start + joint].any(axis=1)
    return not left.any() and int(stroke.sum()) < NOT_CURVES.joint_rows


def _ruled(ink: BoolArray, area: FloatArray, first_row: float) -> BoolArray:
    """Return the pixels of frames, rules and guide lines, in an area in which curves fall."""
    h, w = ink.shape
    found = np.zeros_like(ink)
    if not ink.any():
        return found
    thickest = max(2.0, NOT_CURVES.thickest * max(h, w))
    left = ink.copy()
    level = straight_lines(
        ink, length=int(NOT_CURVES.shortest_rule * w), gap=int(NOT_CURVES.dash_gap * w), thickest=thickest
    )
    upright = straight_lines(
        np.ascontiguousarray(ink.T),
        length=int(NOT_CURVES.shortest_upright * h),
        gap=int(NOT_CURVES.dash_gap * h),
        thickest=thickest,
    )
    level = [line for line in level if _neutral(area, ink, line) and not _hatches(ink, line)]
    upright = [line for line in upright if _neutral(area.transpose(1, 0, 2), ink.T, line) and not _hatches(ink.T, line)]
    for _ in range(NOT_CURVES.turns):
        gone = [line for line in level if _is_rule(left, line, first_row)]
        stand = [line for line in upright if _is_guide(left, found, line, first_row)]
        if not gone and not stand:
            break
        for line in gone:
            found[line.patch] = True
        for line in stand:
            found.T[line.patch] = True
        level = [line for line in level if line not in gone]
        upright = [line for line in upright if line not in stand]
        left = ink & ~ndimage.binary_dilation(found)
    return np.asarray(ndimage.binary_dilation(found) if found.any() else found, bool)


def _neutral(area: FloatArray, ink: BoolArray, line: StraightLine) -> bool:
    """Return whether a line is black or grey."""
    tone = np.median(area[line.patch][ink[line.patch]], axis=0)
    return bool(np.ptp(tone) < NOT_CURVES.neutral)


def _hatches(ink: BoolArray, line: StraightLine) -> bool:
    """Return whether what looks like a dashed line is a row of a hatched area: as much ink stands on both its sides."""
    own = float(ink[line.patch].mean())
    if own >= NOT_CURVES.straight:
        return False
    width, clear = NOT_CURVES.joint, 1  # a soft edge
    over = ink[max(0, line.top - clear - width) : max(0, line.top - clear), line.start : line.stop]
    under = ink[line.bottom + clear : line.bottom + clear + width, line.start : line.stop]
    return all(side.size and float(side.mean()) > NOT_CURVES.hatched * own for side in (over, under))


def _is_rule(ink: BoolArray, line: StraightLine, first_row: float) -> bool:
    """Return whether a level line is a guide line, a rule or a frame's side: no curve comes down to its start."""
    h, w = ink.shape
    full = NOT_CURVES.below_full * h + (line.bottom - line.top)
    if abs((line.top + line.bottom) / 2 - first_row) < full:
        return False
    if line.start <= NOT_CURVES.guide_start * w:
        length, lowest = line.stop - line.start, line.top > (1 - NOT_CURVES.axis_near) * h
        along = length > NOT_CURVES.axis_length * w or (lowest and length > w / 2)
        return along or without_curves_start(ink, line) or _crossed(ink, line)
    solid = ink[line.patch].any(axis=0).mean() > NOT_CURVES.straight
    return bool(solid) and without_curves_start(ink, line)


def _crossed(ink: BoolArray, line: StraightLine) -> bool:
    """Return whether a curve comes down to a level line that begins at the axis, as to a guide line."""
    h, w = ink.shape
    first = int(NOT_CURVES.guide_start * w)
    tagged, _ = ndimage.label(ink[: max(0, line.top - 1), first:], structure=np.ones((3, 3), int))
    touching = np.unique(tagged[-2:, max(0, line.start - first) : line.stop - first + NOT_CURVES.joint])
    sizes = ndimage.find_objects(tagged)
    return any(sizes[tag - 1][0].stop - sizes[tag - 1][0].start > NOT_CURVES.crossing * h for tag in touching if tag)


def _is_guide(ink: BoolArray, found: BoolArray, line: StraightLine, first_row: float) -> bool:
    """Return whether an upright line is an axis, a frame's side or a guide line, and no drop of a curve.

    It stands at time 0, or hangs from what is no curve, or comes from above full survival, or goes down to the axis
    from a curve that runs on.
    """
    h, w = ink.shape
    joint = NOT_CURVES.joint
    if line.bottom <= NOT_CURVES.guide_start * w:
        return bool(line.stop - line.start > h / 2)
    above = found[max(0, line.start - joint) : line.start + joint, max(0, line.top - joint) : line.bottom + joint]
    if above.any():
        return True
    if line.start < first_row - joint or line.stop - line.start > NOT_CURVES.axis_length * h:
        return True
    if line.stop < h - NOT_CURVES.below_full * h - joint:
        return False
    runs_on = ink[max(0, line.start - joint) : line.start + joint + 1, line.bottom + 1 : line.bottom + 1 + joint]
    comes = ink[
        max(0, line.start - joint) : line.start + joint + 1, max(0, line.top - 1 - joint) : max(0, line.top - 1)
    ]
    return bool(runs_on.any(axis=0).all() and comes.any())
