"""What the pixels leave open: how curves begin, where they are hidden, which is which after two meet; other lines.

A line of the plot that no curve follows may be a missing arm.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from survrecon.arrays import runs
from survrecon.digitizing.geometry import grown, strongest
from survrecon.digitizing.raster.pixels import nearest_in_columns
from survrecon.digitizing.raster.settings import PANEL
from survrecon.digitizing.raster.trace import usual_gap
from survrecon.digitizing.result import Doubt
from survrecon.digitizing.settings import UNFOLLOWED

if TYPE_CHECKING:
    from survrecon.arrays import BoolArray, FloatArray
    from survrecon.digitizing.raster.curves import RawCurve
    from survrecon.digitizing.raster.read_panel import RasterPanel
    from survrecon.digitizing.settings import UnfollowedSettings

__all__ = [
    "LeftOpenSettings",
    "comes_down",
    "height_of_dots",
    "time_of_column",
    "unfollowed_lines",
    "what_is_left_open",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOpenSettings:
    """When a curve's ink tells how it runs, and when it leaves that open."""

    ink: float = 0.35
    """Share of a line's full tone from which a pixel is of its ink; soft edges of thin lines have little more."""
    tint: float = 0.2
    """The same of a coloured line's colour alone: a black axis beside it or over it leaves as much."""
    other_tone: float = 0.25
    """Channels by which a pixel may be off the blend of page and line; black axes beside coloured lines are further."""
    beside_origin: float = 2.0
    """Line widths on each side of time 0 within which the stroke of a first drop stands: an axis may be inset."""
    stroke: float = 0.75
    """Share of the rows from full survival to a curve's first level that must show ink; dashed strokes have gaps."""
    level: float = 1.0
    """Pixels by which a level may differ before and behind what hides a line that goes straight on there."""
    told_apart: float = 0.05
    """Share of the plot's width of a stretch whose dashes are counted: a few of them, and gaps."""
    dashes_differ: float = 0.05
    """Share of ink by which the dashes of two lines differ, and of a solid and a broken one may seem to, at least."""
    unbroken: float = 0.95
    """Share of ink from which a stretch is of a solid line ..."""
    breaks: float = 0.2
    """... and by how much less a stretch of a broken one holds: long dashes leave a quarter of the line bare."""
    parted: float = 0.02
    """Share of the plot's width over which two lines must run apart before they can meet again."""
    tangled: float = 0.015
    """Share of the plot's height by which two lines stand apart between two crossings, so that it matters which is
    which: half as much again as a reading may be off."""
    whole_gap: float = 0.75
    """Of the usual gap between a line's dashes: so much bare paper tells where the broken line is."""
    crossings: int = 2
    """Stretches between crossings, one behind the other and none of them told, from which on lines are tangled: the
    place of a single one follows from the lines before and behind it."""


_SETTINGS = LeftOpenSettings()


def comes_down(panel: RasterPanel, curve: RawCurve, pixels: FloatArray, settings: LeftOpenSettings = _SETTINGS) -> bool:
    """Return whether a stroke is seen at time 0 from full survival down to a curve's first level.

    Then the curve begins with events at time 0. The stroke is of the curve's ink, or other curves cover it; an axis
    that stands there tells nothing.

    Parameters
    ----------
    panel : RasterPanel
        The panel with its curves.
    curve : RawCurve
        The curve.
    pixels : numpy.ndarray, shape (h, w, 3)
        The figure, 0 to 1.
    settings : LeftOpenSettings
        The thresholds.
    """
    step = -1 if panel.rising else 1
    half, height = curve.layer.line_width / 2, len(panel.blank)
    full = float(panel.axes.survival.position(0.0 if panel.rising else panel.full)) - panel.origin[1]
    full = height - full if panel.rising else full
    rows = slice(max(0, int(full)), max(0, int(curve.y[0] - half)))
    reach = int(np.ceil(settings.beside_origin * 2 * half)) + 1
    if rows.stop <= rows.start:
        return True
    # within the plot area, left of it, and the other curves over both
    (x0, y0), left = panel.origin, max(0, panel.origin[0] - reach)
    beside = pixels[y0 : y0 + height, left : x0 + reach][::step][rows]
    axis = np.zeros(beside.shape[:2], bool)
    axis[:, x0 - left :] = panel.blank[::step][rows, :reach]
    shown = np.zeros(rows.stop - rows.start, bool)
    for one in panel.curves:
        colour = np.array(one.layer.colour)
        if one.layer.chroma > PANEL.own_ink:
            ink = _of_colour(beside, colour, settings)
        else:
            ink = _of_ink(beside, panel.page, colour, settings) & ~axis
            ink[:, : x0 - left] = False  # a black axis cannot be told from a black stroke
        shown |= ink.any(axis=1)
        if one is not curve:
            shown |= one.footprint[rows, :reach].any(axis=1)
    return bool(shown.mean() >= settings.stroke)


def _of_ink(area: FloatArray, page: FloatArray, colour: FloatArray, settings: LeftOpenSettings) -> BoolArray:
    """Return the pixels that are a blend of the page and a line's colour."""
    way = np.asarray(page) - colour
    away = np.asarray(page) - area
    share = (away * way).sum(axis=-1) / max(float((way * way).sum()), PANEL.own_ink**2)
    off = np.abs(away - share[..., None] * way).max(axis=-1)
    return np.asarray((share > settings.ink) & (off < settings.other_tone), bool)


def _of_colour(area: FloatArray, colour: FloatArray, settings: LeftOpenSettings) -> BoolArray:
    """Return the pixels that are tinted as a line is, however dark they are."""
    hue, tints = colour - colour.mean(), area - area.mean(axis=-1, keepdims=True)
    share = (tints * hue).sum(axis=-1) / float((hue * hue).sum())
    off = np.abs(tints - share[..., None] * hue).max(axis=-1)
    return np.asarray((share > settings.tint) & (off < settings.other_tone * np.abs(hue).max()), bool)


def height_of_dots(curve: RawCurve) -> float | None:
    """Return how high the ink of a broken line stands where it runs level, in line widths; None of a solid line.

    Dots and dashes are as high as the line is wide; strokes that hatch a band are higher.

    Parameters
    ----------
    curve : RawCurve
        The curve.
    """
    ink = curve.layer.coverage > PANEL.seen
    rows, columns = curve.path.rows, curve.path.columns
    on = ink[rows, columns] & (np.diff(rows, prepend=rows[:1]) == 0)
    if curve.dash == "solid" or not on.any():
        return None
    above, below = nearest_in_columns(~ink)
    heights = (below - above - 1)[rows[on], columns[on]]
    return float(np.median(heights)) / max(curve.layer.line_width, 1.0)


def time_of_column(panel: RasterPanel, column: float) -> float:
    """Return the time at a column of the plot area."""
    return float(panel.axes.time.value(column + panel.origin[0]))


def what_is_left_open(panel: RasterPanel, curve: RawCurve, settings: LeftOpenSettings = _SETTINGS) -> list[str]:
    """Say what the pixels leave open about a curve.

    Parameters
    ----------
    panel : RasterPanel
        The panel with its curves.
    curve : RawCurve
        The curve.
    settings : LeftOpenSettings
        The thresholds.
    """
    found = []
    if curve.twin and _meet_again(panel, curve, settings):
        found.append(
            "another solid line has the same colour: neither names nor the lines after they meet are told apart"
        )
    if not curve.twin and _exchanged_dashes(panel, curve, settings):
        found.append("another line has the same colour, and where they run apart their dashes do not stay with them")
    for start, stop in _tangles(panel, curve, settings):
        a, b = (max(time_of_column(panel, x), 0.0) for x in (start, stop))
        found.append(
            f"from time {a:.4g} to {b:.4g} it crosses another line of its colour too often for dashes to tell which is "
            "which"
        )
    if curve.layer.banded and curve.covered < PANEL.solid:
        found.append("areas are filled nearly as dark as the line is: it may follow their edge")
    if _ends_behind(panel, curve):
        end = time_of_column(panel, curve.stop)
        found.append(f"ends at time {end:.4g} where another curve covers it: it may run on behind that one")
    for start, stop in curve.hidden:
        if _goes_straight_on(curve, start, stop, settings):
            continue
        a, b = (time_of_column(panel, x) for x in (start, stop))
        found.append(f"hidden from time {a:.4g} to {b:.4g}, where it is taken to run on")
    return found


def _goes_straight_on(curve: RawCurve, start: int, stop: int, settings: LeftOpenSettings) -> bool:
    """Return whether a line that never rises stands at one level before and behind what hides it.

    Words hide it, or their white ground; over a long stretch of bare paper no line runs.
    """
    reach = int(np.ceil(curve.layer.line_width))
    before = curve.path.rows[max(0, start - reach) : start]
    behind = curve.path.rows[stop : stop + reach]
    if not len(before) or not len(behind):
        return False
    return float(np.median(behind) - np.median(before)) <= settings.level


def _runs_apart(curve: RawCurve, other: RawCurve) -> list[tuple[int, int]]:
    """Return the runs of columns in which two curves stand apart, by more than a line's width."""
    n = min(curve.path.stop, other.path.stop)
    return runs(np.abs(curve.path.rows[:n] - other.path.rows[:n]) > curve.layer.line_width + 1)


def _meet_again(panel: RasterPanel, curve: RawCurve, settings: LeftOpenSettings) -> bool:
    """Return whether a curve touches another one of its ink after the two have run apart."""
    least = settings.parted * panel.blank.shape[1]
    for other in panel.curves:
        if other is curve or other.layer is not curve.layer:
            continue
        both = min(curve.path.stop, other.path.stop)
        if any(stop - start > least and stop < both for start, stop in _runs_apart(curve, other)):
            return True
    return False


def _exchanged_dashes(panel: RasterPanel, curve: RawCurve, settings: LeftOpenSettings) -> bool:
    """Return whether dashes tell that a curve and another one of its ink may have been exchanged where they meet.

    How much of a line is ink is the same all along it: of two lines one holds more, wherever they run apart.
    """
    least = settings.told_apart * panel.blank.shape[1]
    for other in panel.curves:
        if other.path is curve.path or other.layer is not curve.layer or {curve.dash, other.dash} == {"solid"}:
            continue
        apart = [(start, stop) for start, stop in _runs_apart(curve, other) if stop - start > least]
        own, their = ([_inked(one, *run) for run in apart] for one in (curve, other))
        if len(apart) < 2:
            continue
        # a line that is solid here and broken there is two lines
        if any(max(ink) > settings.unbroken and min(ink) < max(ink) - settings.breaks for ink in (own, their)):
            return True
        more = [mine - theirs for mine, theirs in zip(own, their, strict=True)]
        # the line that holds more somewhere should hold more everywhere; a solid one may be seen a little less of
        differ = -settings.dashes_differ if "solid" in (curve.dash, other.dash) else settings.dashes_differ
        way = np.sign(max(more, key=abs))
        if any(difference * way < differ for difference in more):
            return True
    return False


def _tangles(panel: RasterPanel, curve: RawCurve, settings: LeftOpenSettings) -> list[tuple[int, int]]:
    """Return the stretches in which a curve crosses another one of its ink so often that none tells which is which.

    Between two crossings a whole gap of the broken line tells it from the solid one.
    """
    found = []
    for other in panel.curves:
        if other.layer is not curve.layer or (curve.dash == "solid") == (other.dash == "solid"):
            continue
        solid, broken = (curve, other) if curve.dash == "solid" else (other, curve)
        between = _between_crossings(solid, broken, settings, panel.blank.shape[0])
        left_open = np.array([not told for _, _, told in between], bool)
        found += [
            (between[first][0], between[last - 1][1])
            for first, last in runs(left_open)
            if last - first >= settings.crossings
        ]
    return found


def _between_crossings(
    solid: RawCurve, broken: RawCurve, settings: LeftOpenSettings, height: int
) -> list[tuple[int, int, bool]]:
    """Return the stretches of columns from each crossing to the next, and whether it is told which line is which.

    Told too are stretches in which the lines hardly stand apart.
    """
    n = min(solid.path.stop, broken.path.stop)
    apart = solid.path.rows[:n] - broken.path.rows[:n]
    bare = broken.layer.coverage[broken.path.rows, broken.path.columns] <= settings.ink
    alone = np.ones(len(bare), bool)
    alone[:n] = np.abs(apart) > broken.layer.line_width + 1
    usual = usual_gap(bare & alone, least=2)
    side = np.where(np.abs(apart) > 1, np.sign(apart), 0)
    places = np.flatnonzero(side)
    if not usual or not len(places):
        return []
    edges = [int(places[0]), *places[1:][np.diff(side[places]) != 0].tolist(), n]
    found = []
    for start, stop in pairwise(edges):
        hardly = bool(np.abs(apart[start:stop]).max() <= settings.tangled * height)
        seen = max((b - a for a, b in runs((bare & alone)[start:stop])), default=0)
        found.append((start, stop, hardly or seen >= settings.whole_gap * usual))
    return found


def _inked(curve: RawCurve, start: int, stop: int) -> float:
    """Return the share of ink along a stretch of a curve's level runs."""
    rows, columns = curve.path.rows[start:stop], curve.path.columns[start:stop]
    level = np.diff(rows, prepend=rows[:1]) == 0
    return float(curve.layer.coverage[rows, columns][level].mean())


def _ends_behind(panel: RasterPanel, curve: RawCurve) -> bool:
    """Return whether another curve runs on where a curve ends, so that its end may be hidden."""
    half, stop = curve.layer.line_width / 2, int(curve.stop)
    row, width = float(curve.y[-1]), panel.blank.shape[1]
    reach = int(PANEL.end_widths * 2 * half) + 1
    if curve.falls_to is not None or stop + 2 * reach >= width:
        return False
    level = (o.path.rows[stop - 1 : stop + 2 * reach] for o in panel.curves if o is not curve)
    return any(len(rows) == 2 * reach + 1 and bool((np.abs(rows - row) <= half + 1).all()) for rows in level)


def unfollowed_lines(panel: RasterPanel, pixels: FloatArray, settings: UnfollowedSettings = UNFOLLOWED) -> list[Doubt]:
    """Return a doubt for each line that looks like a survival curve and that no curve follows.

    Parameters
    ----------
    panel : RasterPanel
        The panel with its curves.
    pixels : numpy.ndarray, shape (h, w, 3)
        The figure, 0 to 1.
    settings : UnfollowedSettings
        The thresholds.
    """
    if not panel.curves:
        return []
    x0, y0 = panel.origin
    height, width = panel.blank.shape
    line = max(curve.layer.line_width for curve in panel.curves)
    area = pixels[y0 : y0 + height, x0 : x0 + width]
    own = grown(panel.footprint[y0 : y0 + height, x0 : x0 + width], max(1, round(settings.beside * line)))
    strength = strongest(np.abs(area - panel.page))
    ink = (strength > settings.ink) & ~panel.blank & ~own
    if panel.rising:
        ink, strength = ink[::-1], strength[::-1]
    # dashes, and what is left of a line on both sides of another, are one piece
    reach = max(1, round(settings.gap * width / 2))
    joined = ndimage.maximum_filter(ink.view(np.uint8), (3, 2 * reach + 1), mode="constant").view(bool)
    tagged, _ = ndimage.label(joined, structure=np.ones((3, 3), int))
    found = []
    for tag, (rows, columns) in enumerate(ndimage.find_objects(tagged), start=1):
        if columns.stop - columns.start - 2 * reach < settings.length * width:
            continue
        piece = ink[rows, columns] & (tagged[rows, columns] == tag)
        stands_out = _stands_out(piece, strength, (rows.start, columns.start), line, settings)
        if stands_out and _is_a_curve(piece, line, height, settings):
            start, stop = (time_of_column(panel, x) for x in (columns.start + reach, columns.stop - reach))
            found.append(_doubt(max(start, 0.0), stop))
    return found


def _stands_out(
    piece: BoolArray, strength: FloatArray, corner: tuple[int, int], line: float, settings: UnfollowedSettings
) -> bool:
    """Whether a piece of ink is darker than what lies above and below it; the edge of a band is not."""
    inked = np.flatnonzero(piece.any(axis=0))
    if not len(inked):
        return False
    away = max(1, round(settings.clear * line))
    columns = inked + corner[1]
    top = piece.argmax(axis=0)[inked] + corner[0]
    bottom = len(piece) - 1 - piece[::-1].argmax(axis=0)[inked] + corner[0]
    over = strength[np.maximum(top - away, 0), columns]
    under = strength[np.minimum(bottom + away, len(strength) - 1), columns]
    own = strength[(top + bottom) // 2, columns]
    return float(np.median(own - np.maximum(over, under))) > settings.ink * settings.contrast


def _is_a_curve(piece: BoolArray, line: float, height: int, settings: UnfollowedSettings) -> bool:
    """Whether a piece of ink is thin, falls, and hardly ever rises."""
    inked = np.flatnonzero(piece.any(axis=0))
    if len(inked) < settings.seen * piece.shape[1]:
        return False
    top = piece.argmax(axis=0)[inked]
    bottom = len(piece) - piece[::-1].argmax(axis=0)[inked]
    if float(np.median(bottom - top)) > max(settings.thickness * line, settings.thinnest):
        return False
    centre = (top + bottom) / 2.0
    steps = np.diff(centre)
    falls = float(centre[-1] - centre[0]) > settings.fall * height
    return falls and float((steps < -1.0).mean()) < settings.rising


def _doubt(start: float, stop: float) -> Doubt:
    return Doubt(
        where="plot",
        read=f"a line from time {start:.4g} to {stop:.4g}",
        confidence=0.0,
        why="no curve follows it: an arm may be missing",
        options=("arms", "crop"),
        field="curve",
        time=start,
    )
