"""What ties a label or a row of counts to a curve: keys, colours, places, leader lines, numbers at risk."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.words.counts import enters_late
from survrecon.digitizing.words.scene import Colour, DrawnCurve, Key, Surroundings, colour_distance
from survrecon.digitizing.words.settings import COUNTS, NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.digitizing.geometry import Box
    from survrecon.digitizing.words.counts import CountRow, CountTable
    from survrecon.digitizing.words.names import NameText
    from survrecon.digitizing.words.words import Word

__all__ = ["Ties", "excess_at_risk", "has_key", "key_side", "trusted_keys"]


_NO_ARM = re.compile(r"censor|\bC[Il1]\b|confidence|median|limit|interval|^\W*$", re.IGNORECASE)
"""What else a legend explains: marks, bands, guide lines."""


class Ties:
    """Costs of ties between curves and what stands around the words."""

    def __init__(self, curves: Sequence[DrawnCurve], around: Surroundings, words: Sequence[Word]) -> None:
        self.curves = curves
        self.around = around
        self.side = key_side(around, words)
        place = around.place
        self.lines = [None if place is None else _polyline(*place(c.time, c.survival)) for c in curves]
        self.top, self.bottom = -np.inf, np.inf
        if place is not None:
            ends = np.sort(place(np.zeros(2), np.array([0.0, 1.0]))[1])
            self.top, self.bottom = float(ends[0]), float(ends[1])

    def has_key(self, word: Word) -> bool:
        """Return whether a sample of line stands beside a word, on the side where this figure has them."""
        return has_key(self.around, word, self.side)

    def of_text(self, text: NameText) -> FloatArray:
        """Return what it costs to give a text's name to each curve; infinite where nothing ties them."""
        key = self.around.key(text.first, self.side)
        ink = self.around.ink(text.first)
        away = self.distances(text.box, text.size)
        led = self._led(text.box, text.size)
        if led is not None and (at_end := self._at_end_of(text.box, text.size)) is not None:
            led = at_end  # what leads from there to another curve is that one's own ink
        costs = np.full(len(self.curves), np.inf)
        for k, curve in enumerate(self.curves):
            ways = [np.inf]
            if key is not None:
                ways.append(_key_cost(key, curve))
            if (tone := _tone(ink, curve.colour)) is not None and tone < NAMES.same_ink:
                ways.append(NAMES.ink_cost + tone + NAMES.ink_place * min(away[k], NAMES.place_reach))
            ways = [w for w in ways if w <= NAMES.limit]
            within = self.top - text.size < text.lines[0].cy < self.bottom + text.size
            if key is None and within and not self._another_ink(ink, curve.colour):
                if led == k:
                    ways.append(NAMES.leader_cost)
                elif away[k] <= NAMES.place_reach:
                    ways.append(NAMES.place_cost + NAMES.place_weight * away[k])
            costs[k] = min(ways, default=np.inf)
        return costs

    def _another_ink(self, ink: Colour | None, colour: Colour) -> bool:
        """Return whether letters have the colour of another curve, and not of this one."""
        own = _tone(ink, colour)
        others = [_tone(ink, c.colour) for c in self.curves]
        return own is not None and own > NAMES.same_ink and any(t is not None and t < NAMES.same_ink for t in others)

    def distances(self, box: Box, size: float) -> FloatArray:
        """Return how far a label stands from each curve, in word heights."""
        return np.array([np.inf if line is None else _distance(box, line, size) for line in self.lines])

    def _at_end_of(self, box: Box, size: float) -> int | None:
        """Return the curve that ends at a label, right before it and at its height."""
        ends = (k for k, line in enumerate(self.lines) if line is not None and _ends_at(line, box, size, NAMES.at_end))
        return next(ends, None)

    def _led(self, box: Box, size: float) -> int | None:
        """Return the curve that a line from a label leads to."""
        end = None if self.around.leader is None else self.around.leader(box)
        if end is None:
            return None
        away = [np.inf if line is None else _from_point(end, line) for line in self.lines]
        nearest = int(np.argmin(away))
        return nearest if away[nearest] < NAMES.leader_reach * size else None

    def of_one_legend(self, texts: Sequence[NameText], named: Sequence[NameText]) -> list[NameText]:
        """Return the texts whose keys are lines as long as those of named curves, one below or beside the other."""
        keys = [(t, key) for t in named if (key := self.around.key(t.first, self.side)) is not None]
        found = []
        for text in texts:
            key = self.around.key(text.first, self.side)
            if key is None or text in named or _NO_ARM.search(text.text):
                continue
            for other, known in keys:
                size = NAMES.one_legend * text.size
                in_column = abs(key.box.x0 - known.box.x0) < size
                in_row = abs(text.first.cy - other.first.cy) < size
                below = abs(text.first.cy - other.first.cy) < NAMES.next_entry * text.size
                alike = abs(key.length - known.length) < size
                if alike and (in_row or (in_column and below)):
                    found.append(text)
                    break
        return found

    def of_row(self, row: CountRow) -> FloatArray:
        """Return what it costs to give a row to each curve by colour and key; infinite where neither tells."""
        word = row.name_word
        words = [w for w in (word, *(c.word for c in row.printed[:1])) if w is not None]
        inks = [self.around.ink(w) for w in words]
        after = word is not None and bool(row.printed) and word.cx > row.printed[-1].word.cx
        keys = [] if word is None else [self.around.key(word, side) for side in ((-1, 1) if after else (-1,))]
        costs = np.full(len(self.curves), np.inf)
        for k, curve in enumerate(self.curves):
            tones = [t for ink in inks if (t := _tone(ink, curve.colour)) is not None and t < NAMES.same_ink]
            ways = [NAMES.row_ink + t for t in tones]
            ways += [NAMES.row_key + _key_cost(key, curve) for key in keys if key is not None]
            costs[k] = min((w for w in ways if w <= NAMES.row_limit), default=np.inf)
        return costs

    def excess(self, table: CountTable, row: CountRow) -> FloatArray:
        """Return the cost, for each curve, of the survival by which more patients are at risk than it leaves.

        Of patients who enter late the first number is not all of them: it tells nothing.
        """
        counts = [None if c is None or not c.whole else c.value for c in row.cells]
        if enters_late([n for n in counts if n is not None]):
            return np.zeros(len(self.curves))
        found = [excess_at_risk(table.times, counts, curve) for curve in self.curves]
        at_column = [excess_at_risk(table.times, counts, curve, offset=0.0) for curve in self.curves]
        small = np.minimum(at_column, NAMES.excess_tie)
        return NAMES.excess_weight * np.minimum(found, NAMES.most_excess) + NAMES.at_column_weight * small

    def small_steps(self, row: CountRow) -> FloatArray:
        """Return the cost, for each curve, of steps too small for an arm of as many patients as a row begins with.

        An event lowers survival by at least 1/N. Steps that follow at once are one, traced in pieces.
        """
        first = row.cells[0] if row.cells and row.cells[0] is not None and row.cells[0].whole else None
        height = self.bottom - self.top
        costs = np.zeros(len(self.curves))
        late = enters_late([c.value for c in row.printed])
        if late or first is None or first.value <= 0 or not np.isfinite(height) or height <= 0:
            return costs
        patient = height / first.value
        least = min(patient - NAMES.step_slip, NAMES.step_share * patient)
        for k, line in enumerate(self.lines):
            steps = np.zeros(0) if line is None else _steps(*line)
            if patient >= NAMES.least_patient and len(steps) >= NAMES.fewest_steps:
                costs[k] = NAMES.step_weight * float((steps < least).mean())
        return costs

    def out_of_order(self, place: int, count: int) -> FloatArray:
        """Return a small cost of each curve for a row: rows often stand in the order of the curves' ends."""
        ends = np.argsort(np.argsort([-float(c.survival[-1]) for c in self.curves], kind="stable"), kind="stable")
        return NAMES.order_weight * np.abs(ends / max(1, len(self.curves) - 1) - place / max(1, count - 1))

    def length(self, k: int) -> float:
        """Return the share of the longest curve that a curve covers."""
        most = max(float(c.time[-1]) for c in self.curves)
        return float(self.curves[k].time[-1]) / most if most > 0 else 1.0


def trusted_keys(around: Surroundings, words: Sequence[Word], curves: Sequence[DrawnCurve]) -> Surroundings:
    """Return access to keys without what is another word, or the end of a curve that runs up to its label."""
    place = around.place
    lines = [] if place is None else [_polyline(*place(c.time, c.survival)) for c in curves]
    others = [w for w in words if not w.vertical and w.plausible]

    def key(word: Word, side: int) -> Key | None:
        found = around.key(word, side)
        if found is None or any(_hides(other, found, around) for other in others if other is not word):
            return None
        runs = [k for k, line in enumerate(lines) if _runs_into(line, found.box, word.size)]
        return None if any(_of_curve(found, curves[k]) for k in runs) else found

    return replace(around, key=key)


def _hides(word: Word, key: Key, around: Surroundings) -> bool:
    """Return whether a key is the ink of another word: it stands in its box, and is not coloured beside black ink."""
    box, ink = key.box, around.ink(word)
    across = min(word.box.x1, box.x1) - max(word.box.x0, box.x0)
    within = across > box.width / 2 and word.box.y0 < (box.y0 + box.y1) / 2 < word.box.y1
    coloured = max(key.colour) - min(key.colour) > NAMES.coloured
    black = ink is not None and max(ink) < NAMES.black and max(ink) - min(ink) < NAMES.coloured
    return within and not (coloured and black)


def _of_curve(key: Key, curve: DrawnCurve) -> bool:
    """Return whether a key may be the ink of a curve behind it; under a legend on white runs a curve of any colour.

    What is left beside a black line that was taken away is its soft edge, a grey one.
    """
    tone = _tone(key.colour, curve.colour)
    neutral = all(max(c) - min(c) < NAMES.coloured for c in (key.colour, curve.colour))
    return tone is None or tone < NAMES.same_ink or neutral


def _runs_into(line: tuple[FloatArray, FloatArray], box: Box, size: float) -> bool:
    """Return whether a curve runs through a place, or ends just before it at its height."""
    x, y = line
    middle = (box.y0 + box.y1) / 2
    over = (x >= box.x0) & (x <= box.x1)
    inside = np.append(y[over], np.interp([box.x0, box.x1], x, y)) if x[0] < box.x1 and x[-1] > box.x0 else y[:0]
    # a label over two lines stands beside the end of its curve, whose last marks reach as high as its first line
    at_end = x[-1] - NAMES.end_gap * size < box.x1 and box.x0 < x[-1]
    near = NAMES.beside_end if at_end else NAMES.on_line
    return _ends_at(line, box, size, NAMES.level) or bool((np.abs(inside - middle) < near * size).any())


def _ends_at(line: tuple[FloatArray, FloatArray], box: Box, size: float, off: float) -> bool:
    """Return whether a curve ends right before a place, at its height but for so many word heights."""
    across, middle = box.x0 - float(line[0][-1]), (box.y0 + box.y1) / 2
    return -size / 2 < across < NAMES.end_gap * size and abs(float(line[1][-1]) - middle) < off * size


def has_key(around: Surroundings, word: Word, side: int) -> bool:
    """Return whether a sample of line stands at one side of a word."""
    found = around.key(word, side)
    return found is not None and found.length > 0


def key_side(around: Surroundings, words: Sequence[Word]) -> int:
    """Return the side of the words, -1 or 1, on which a figure has the keys of its legend: where there are more."""
    left, right = (sum(has_key(around, w, side) for w in words) for side in (-1, 1))
    return 1 if right > left else -1


def excess_at_risk(
    times: Sequence[float], counts: Sequence[float | None], curve: DrawnCurve, offset: float = COUNTS.offset
) -> float:
    """Return by how much survival more patients are at risk than N S(t), beyond rounding and the columns' offset."""
    known = [(t, n) for t, n in zip(times, counts, strict=True) if n is not None]
    if len(known) < 2 or known[0][1] <= 0:
        return 0.0
    start, total = known[0]
    step = float(np.median(np.diff(times)))

    def survival(t: float) -> float:
        k = int(np.searchsorted(curve.time, t, "left")) - 1
        return float(curve.survival[k]) if k >= 0 else 1.0

    begin = max(survival(start + offset * step), COUNTS.excess)
    allowed = [n / total - survival(t - offset * step) / begin - 0.5 / total for t, n in known[1:]]
    return max(0.0, max(allowed) - COUNTS.excess)


def _key_cost(key: Key, curve: DrawnCurve) -> float:
    """Return what it costs that a key is a curve's."""
    away = NAMES.colour_weight * colour_distance(key.colour, curve.colour)
    return away + NAMES.duty_weight * abs(key.duty - curve.duty)


def _tone(ink: Colour | None, colour: Colour) -> float | None:
    """Return how far letters are from a curve's colour; None where letters are black or near it, and tell nothing.

    Small letters are mixed with the page: it is the direction of their colour that tells, less its depth.
    """
    if ink is None:
        return None
    depth = 1.0 - min(ink)
    away = colour_distance(ink, colour)
    if max(ink) - min(ink) > NAMES.coloured * depth and depth > NAMES.coloured:
        one, other = (np.array(c) - float(np.mean(c)) for c in (ink, colour))
        size = float(np.linalg.norm(one) * np.linalg.norm(other))
        if max(colour) - min(colour) <= NAMES.coloured * (1.0 - min(colour)) or size <= 0:
            return 1.0
        return NAMES.hue_weight * (1.0 - float(one @ other) / size) + NAMES.depth_weight * away
    grey = NAMES.darkest_grey < min(ink) and max(ink) < NAMES.lightest_grey
    return away if grey else None


def _polyline(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a step curve's corners as a line."""
    return np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]


def _steps(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the heights of a line's steps, those that follow at once joined."""
    falls = np.abs(np.diff(y))
    at, falls = x[1:][falls > 0], falls[falls > 0]
    if not len(falls):
        return falls
    starts = np.flatnonzero(np.append(True, np.diff(at) >= NAMES.step_apart))
    return np.asarray(np.add.reduceat(falls, starts), float)


def _distance(box: Box, line: tuple[FloatArray, FloatArray], size: float) -> float:
    """Return how far a label stands from a curve: above or below it, or from its end, in word heights."""
    x, y = line
    end_x, end_y = float(x[-1]), float(y[-1])
    middle = (box.y0 + box.y1) / 2
    if box.x0 > end_x - size / 2:
        across = max(0.0, box.x0 - end_x) / size
        return NAMES.along_weight * across + abs(middle - end_y) / size
    low, high = max(box.x0 - size, float(x[0])), min(box.x1 + size, end_x)
    if low > high:
        return float(np.inf)
    over = (x >= low) & (x <= high)
    heights = np.append(y[over], np.interp([low, high], x, y))
    gaps = np.maximum(np.maximum(box.y0 - heights, heights - box.y1), 0.0)
    if heights.min() < box.y1 and heights.max() > box.y0:
        return 0.0
    return float(gaps.min()) / size


def _from_point(point: tuple[float, float], line: tuple[FloatArray, FloatArray]) -> float:
    """Return the distance of a point from a curve."""
    x, y = line
    corner = float(np.hypot(x - point[0], y - point[1]).min())
    if not x[0] <= point[0] <= x[-1]:
        return corner
    return min(corner, abs(float(np.interp(point[0], x, y)) - point[1]))
