"""Which curve bears which name and which row of counts: one assignment at the least cost over all evidence.

Evidence is the key beside a name, the colour of its letters, the place of a label beside its curve or at the end of a
line that leads there, the name that a row shares with a label, and that no more patients can be at risk than the curve
leaves: n(t) <= N S(t).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.result import Doubt
from survrecon.digitizing.words.counts import CountKind
from survrecon.digitizing.words.names import NameText, clean_name, same_name
from survrecon.digitizing.words.scene import Colour, DrawnCurve, Key, Surroundings, colour_distance
from survrecon.digitizing.words.settings import COUNTS, NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.arrays import FloatArray
    from survrecon.digitizing.geometry import Box
    from survrecon.digitizing.words.counts import CountRow, CountTable
    from survrecon.digitizing.words.words import Word

__all__ = [
    "Assignment",
    "CurveName",
    "assign",
    "excess_at_risk",
    "has_key",
    "in_order",
    "key_side",
    "trusted_keys",
    "without_limits",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class CurveName:
    """The name of a curve, where it was read, and what stands with it.

    Parameters
    ----------
    name, source : str
        The name, and a value of `survrecon.digitizing.result.NameSource`.
    text : str
        The whole text it was read from.
    n, events : int or None
        Patients and events that are printed with it.
    where : tuple of float
        Height and column of its first word.
    """

    name: str
    source: str
    text: str
    n: int | None
    events: int | None
    where: tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """Names and rows of counts by curve.

    Parameters
    ----------
    names : dict of int to CurveName
        For curves that bear a name.
    rows : dict of int to int
        The curve of each row of numbers at risk that belongs to one.
    doubts : tuple of Doubt
        Rows and names that nothing but an order ties to a curve.
    """

    names: dict[int, CurveName]
    rows: dict[int, int]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Claim:
    """What wants one curve: a name with its occurrences in the figure, a row, or both."""

    texts: tuple[NameText, ...]
    row: int | None
    costs: FloatArray
    told: bool


def assign(
    curves: Sequence[DrawnCurve],
    texts: Sequence[NameText],
    table: CountTable | None,
    around: Surroundings,
    sentences: Sequence[str] = (),
) -> Assignment:
    """Assign names and rows of numbers at risk to curves.

    Parameters
    ----------
    curves : sequence of DrawnCurve
        The curves; some may be lines that are none.
    texts : sequence of NameText
        What may be names.
    table : CountTable or None
        The rows of counts.
    around : Surroundings
        Access to keys, inks and places.
    sentences : sequence of str
        Other lines of text, such as a caption that says "the placebo group (n=62)".
    """
    if not curves:
        return Assignment(names={}, rows={}, doubts=())
    look = _Look(curves, around, [t.first for t in texts])
    rows = {} if table is None else {i: r for i, r in enumerate(table.rows) if r.kind is CountKind.AT_RISK}
    evidence = {i: look.of_row(r) for i, r in rows.items()}
    excess = {i: look.excess(table, r) for i, r in rows.items()} if table is not None else {}
    order = {i: look.out_of_order(place, len(rows)) for place, i in enumerate(rows)}
    claims = _claims(texts, rows, evidence, excess, order, sentences, look)
    owners = _cheapest([c.costs for c in claims], look)
    tied = {row: k for a, k in owners.items() if (row := claims[a].row) is not None}
    lone = [i for i in rows if i not in {c.row for c in claims}]
    named = {k for a, k in owners.items() if claims[a].row is None}
    tied |= _lone_rows(lone, set(tied.values()), named, evidence, excess, order, look)
    told = {c.row for c in claims if c.told} | {i for i in lone if np.isfinite(evidence[i]).any()}
    doubts = _close_calls(claims, owners)
    doubts += _untold(rows, {i: k for i, k in tied.items() if i not in told}, tied, excess, curves)
    names = {k: _text_name(claims[a].texts, look) for a, k in owners.items() if claims[a].texts}
    for i, k in tied.items():
        if k not in names and rows[i].name:
            names[k] = _row_name(rows[i])
    return Assignment(names=names, rows=tied, doubts=tuple(doubts))


def _claims(
    texts: Sequence[NameText],
    rows: Mapping[int, CountRow],
    evidence: Mapping[int, FloatArray],
    excess: Mapping[int, FloatArray],
    order: Mapping[int, FloatArray],
    sentences: Sequence[str],
    look: _Look,
) -> list[_Claim]:
    """Return what wants a curve by its name: names of rows and labels alike, and labels alone."""
    groups = _occurrences(texts)
    costs = [np.min([look.of_text(t) for t in group], axis=0) for group in groups]
    keyed = [any(look.has_key(t.first) for t in group) for group in groups]
    near = [g for g, cost in enumerate(costs) if np.isfinite(cost).any()]
    links = _linked(groups, rows) or _counted({g: groups[g] for g in near}, rows, sentences)
    claims = []
    colours = [bool(np.isfinite(found).any()) for found in evidence.values()]
    for g in _worth(costs, keyed, links, rows=len(rows), rows_told=len(colours) > 1 and all(colours)):
        row = links.get(g)
        total = costs[g]
        told = bool(np.isfinite(total).any())
        if row is not None:
            told |= bool(np.isfinite(evidence[row]).any())
            of_row = NAMES.row_share * np.minimum(evidence[row], NAMES.untold) + excess[row] + order[row]
            total = np.minimum(total, NAMES.untold) + of_row
        claims.append(_Claim(texts=tuple(groups[g]), row=row, costs=total, told=told))
    return claims


def _cheapest(costs: Sequence[FloatArray], look: _Look) -> dict[int, int]:
    """Return the curve of each claim at the least total cost; claims that nothing ties to a curve have none."""
    if not costs:
        return {}
    short = np.array([NAMES.short_line * (1.0 - look.length(k)) for k in range(len(look.curves))])
    return _pairs(np.stack(costs) + short, NAMES.claim_limit)


def _lone_rows(
    lone: Sequence[int],
    taken: set[int],
    named: set[int],
    evidence: Mapping[int, FloatArray],
    excess: Mapping[int, FloatArray],
    order: Mapping[int, FloatArray],
    look: _Look,
) -> dict[int, int]:
    """Return the curves of rows whose names no label shares: those with names of their own first."""
    free = [k for k in range(len(look.curves)) if k not in taken]
    if len(named) >= len(lone):
        free = [k for k in free if k in named]
    if not lone or not free:
        return {}
    costs = [np.minimum(evidence[i], NAMES.untold)[free] + excess[i][free] + order[i][free] for i in lone]
    short = np.array([NAMES.short_line * (1.0 - look.length(k)) for k in free])
    return {lone[a]: free[b] for a, b in _pairs(np.stack(costs) + short, NAMES.claim_limit).items()}


def _close_calls(claims: Sequence[_Claim], owners: Mapping[int, int]) -> list[Doubt]:
    """Return doubts about labels that could as well be exchanged: each stands about as close to the other's curve."""
    found: dict[str, Doubt] = {}
    for a, b in combinations([a for a in owners if claims[a].told and claims[a].texts], 2):
        one, other = claims[a].costs, claims[b].costs
        more = one[owners[b]] + other[owners[a]] - one[owners[a]] - other[owners[b]]
        if not more < NAMES.close_call:
            continue
        for claim, rival in ((claims[a], claims[b]), (claims[b], claims[a])):
            name, text = claim.texts[0].name, rival.texts[0].name
            found[name] = Doubt(
                where=f"name {name!r}",
                read=name,
                confidence=NAMES.close_confidence,
                why=f"the figure ties this name and {text!r} to two curves nearly as well the other way round",
                options=("arm_names",),
                field="arm name",
                arm=name,
            )
    return list(found.values())


def _untold(
    rows: Mapping[int, CountRow],
    untold: Mapping[int, int],
    tied: Mapping[int, int],
    excess: Mapping[int, FloatArray],
    curves: Sequence[DrawnCurve],
) -> list[Doubt]:
    """Return doubts about rows that could be exchanged, or given to another line, as far as anything tells."""
    spare = [k for k in range(len(curves)) if k not in tied.values()] if len(untold) == len(rows) > 1 else []
    open_rows: set[int] = set()
    tie = NAMES.excess_weight * NAMES.excess_tie
    for i, j in combinations(untold, 2):
        kept = excess[i][untold[i]] + excess[j][untold[j]]
        if excess[i][untold[j]] + excess[j][untold[i]] - kept < tie:
            open_rows |= {i, j}
    for i, k in untold.items():
        if any(excess[i][other] - excess[i][k] < tie for other in spare):
            open_rows.add(i)
    return [
        Doubt(
            where=f"risk table row {rows[i].name!r}",
            read=rows[i].name or ", ".join(c.word.text for c in rows[i].printed[: COUNTS.shown]),
            confidence=NAMES.untold_confidence,
            why="neither name nor colour ties this row to a curve; taken in the order of the curves' ends",
            options=("arm_names", "risk_table"),
            field="arm name",
            arm=rows[i].name or None,
        )
        for i in sorted(open_rows)
    ]


def _text_name(texts: Sequence[NameText], look: _Look) -> CurveName:
    """Return the name that texts give: the one with a key, or the longest, with all counts that stand beside any."""
    best = max(texts, key=lambda t: (look.has_key(t.first), len(t.name)))
    return CurveName(
        name=best.name,
        source="legend" if look.has_key(best.first) else "label",
        text=best.text,
        n=next((t.n for t in [best, *texts] if t.n is not None), None),
        events=next((t.events for t in [best, *texts] if t.events is not None), None),
        where=(best.first.cy, best.first.cx),
    )


def _row_name(row: CountRow) -> CurveName:
    """Return the name of a row of counts."""
    word = row.name_word
    where = (row.y, 0.0 if word is None else word.cx)
    name = clean_name(row.name) or row.name
    return CurveName(name=name, source="risk table", text=row.name, n=None, events=None, where=where)


class _Look:
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

    def _led(self, box: Box, size: float) -> int | None:
        """Return the curve that a line from a label leads to."""
        end = None if self.around.leader is None else self.around.leader(box)
        if end is None:
            return None
        away = [np.inf if line is None else _from_point(end, line) for line in self.lines]
        nearest = int(np.argmin(away))
        return nearest if away[nearest] < NAMES.leader_reach * size else None

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
        """Return the cost, for each curve, of the survival by which more patients are at risk than it leaves."""
        counts = [None if c is None or not c.whole else c.value for c in row.cells]
        found = [excess_at_risk(table.times, counts, curve) for curve in self.curves]
        return NAMES.excess_weight * np.minimum(found, NAMES.most_excess)

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
        return None if any(_runs_into(line, found.box, word.size) for line in lines) else found

    return replace(around, key=key)


def _hides(word: Word, key: Key, around: Surroundings) -> bool:
    """Return whether a key is the ink of another word: it stands in its box, and is not coloured beside black ink."""
    box, ink = key.box, around.ink(word)
    across = min(word.box.x1, box.x1) - max(word.box.x0, box.x0)
    within = across > box.width / 2 and word.box.y0 < (box.y0 + box.y1) / 2 < word.box.y1
    coloured = max(key.colour) - min(key.colour) > NAMES.coloured
    black = ink is not None and max(ink) < NAMES.black and max(ink) - min(ink) < NAMES.coloured
    return within and not (coloured and black)


def _runs_into(line: tuple[FloatArray, FloatArray], box: Box, size: float) -> bool:
    """Return whether a curve runs through a place, or ends just before it at its height."""
    x, y = line
    middle = (box.y0 + box.y1) / 2
    ends = -size / 2 < box.x0 - float(x[-1]) < NAMES.end_gap * size and abs(float(y[-1]) - middle) < NAMES.level * size
    over = (x >= box.x0) & (x <= box.x1)
    inside = np.append(y[over], np.interp([box.x0, box.x1], x, y)) if x[0] < box.x1 and x[-1] > box.x0 else y[:0]
    return ends or bool((np.abs(inside - middle) < NAMES.on_line * size).any())


def has_key(around: Surroundings, word: Word, side: int) -> bool:
    """Return whether a sample of line stands at one side of a word."""
    found = around.key(word, side)
    return found is not None and found.length > 0


def key_side(around: Surroundings, words: Sequence[Word]) -> int:
    """Return the side of the words, -1 or 1, on which a figure has the keys of its legend: where there are more."""
    left, right = (sum(has_key(around, w, side) for w in words) for side in (-1, 1))
    return 1 if right > left else -1


def excess_at_risk(times: Sequence[float], counts: Sequence[float | None], curve: DrawnCurve) -> float:
    """Return by how much survival more patients are at risk than N S(t), beyond rounding and the columns' offset."""
    known = [(t, n) for t, n in zip(times, counts, strict=True) if n is not None]
    if len(known) < 2 or known[0][1] <= 0:
        return 0.0
    start, total = known[0]
    step = float(np.median(np.diff(times)))

    def survival(t: float) -> float:
        k = int(np.searchsorted(curve.time, t, "left")) - 1
        return float(curve.survival[k]) if k >= 0 else 1.0

    begin = max(survival(start + COUNTS.offset * step), COUNTS.excess)
    allowed = [n / total - survival(t - COUNTS.offset * step) / begin - 0.5 / total for t, n in known[1:]]
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


def _occurrences(texts: Sequence[NameText]) -> list[list[NameText]]:
    """Return texts that say the same name together."""
    groups: list[list[NameText]] = []
    for text in texts:
        own = next((g for g in groups if same_name(g[0].name, text.name) > NAMES.surely_same), None)
        if own is None:
            groups.append([text])
        else:
            own.append(text)
    return groups


def _linked(groups: Sequence[Sequence[NameText]], rows: Mapping[int, CountRow]) -> dict[int, int]:
    """Return the row that has the name of each group of texts."""
    if not groups or not rows:
        return {}
    keys = list(rows)
    alike = np.array([[same_name(g[0].name, rows[i].name) for i in keys] for g in groups])
    return {g: keys[a] for g, a in _pairs(1.0 - alike, 1.0 - NAMES.same_name).items()}


def _counted(
    groups: Mapping[int, Sequence[NameText]], rows: Mapping[int, CountRow], sentences: Sequence[str]
) -> dict[int, int]:
    """Return the row of each name by the number of patients that a legend or a sentence states with it.

    It holds where the rows begin with different numbers, and each number is stated with one name.
    """
    first = {i: r.cells[0].value for i, r in rows.items() if r.cells and r.cells[0] is not None}
    if len(first) < len(rows) or len(set(first.values())) < len(first):
        return {}
    found: dict[int, set[int]] = {}
    told = _stated({g: group[0].name for g, group in groups.items()}, " ".join(sentences))
    for g, group in groups.items():
        stated = {t.n for t in group if t.n is not None} | told.get(g, set())
        for i, value in first.items():
            if value in stated:
                found.setdefault(i, set()).add(g)
    pairs = {next(iter(names)): i for i, names in found.items() if len(names) == 1}
    return pairs if len(pairs) == len({g for names in found.values() for g in names}) else {}


def _stated(names: Mapping[int, str], text: str) -> dict[int, set[int]]:
    """Return the numbers of patients in brackets of a text, by the name that stands last before each."""
    found: dict[int, set[int]] = {}
    for hit in re.finditer(r"\(\s*n\s*=\s*(\d[\d,]*)", text, re.IGNORECASE):
        before = text[max(0, hit.start() - NAMES.sentence_reach) : hit.start()]
        ends: dict[int, int] = {}
        for g, name in names.items():
            stem = re.escape(name[:-1] if len(name) > NAMES.stem else name)
            places = [m.start() for m in re.finditer(rf"\b{stem}\w*", before, re.IGNORECASE)]
            ends |= {g: places[-1]} if places else {}
        if ends:
            found.setdefault(max(ends, key=lambda g: ends[g]), set()).add(int(hit[1].replace(",", "")))
    return found


def _pairs(costs: FloatArray, limit: float) -> dict[int, int]:
    """Return the pairs of rows and columns at the least total cost, none dearer than a limit."""
    from scipy.optimize import linear_sum_assignment

    if not costs.size:
        return {}
    capped = np.minimum(costs, NAMES.no_tie * (limit + 1))
    rows, columns = linear_sum_assignment(capped)
    return {int(r): int(c) for r, c in zip(rows, columns, strict=True) if costs[r, c] <= limit}


def _worth(
    costs: Sequence[FloatArray], keyed: Sequence[bool], links: Mapping[int, int], *, rows: int, rows_told: bool
) -> list[int]:
    """Return the names worth a curve: those of all rows, or of a legend, else all that are tied to a curve.

    Where the colour of each row tells its curve, texts that no row shares are no names, but for a legend's.
    """
    if links and len(links) == rows:
        return sorted(links)
    tied = [g for g, cost in enumerate(costs) if np.isfinite(cost).any()]
    legend = [g for g in tied if keyed[g]]
    if len(legend) > 1 or (legend and len(links) <= 1):
        return sorted({*legend, *links})
    return sorted(links) if len(links) > 1 or rows_told else sorted({*tied, *links})


def without_limits(curves: Sequence[DrawnCurve], order: Sequence[int]) -> tuple[list[int], str | None]:
    """Leave out broken lines above and below a solid one of their colour, its confidence limits; say so."""
    out: set[int] = set()
    for k in order:
        if curves[k].dash != "solid":
            continue
        broken = [
            j
            for j in order
            if curves[j].dash != "solid" and colour_distance(curves[j].colour, curves[k].colour) < NAMES.limits_ink
        ]
        sides = {bool(_area(curves[j]) > _area(curves[k])) for j in broken}
        if len(broken) >= 2 and len(sides) == 2:
            out.update(broken)
    told = f"{len(out)} broken lines around a solid one were taken for its confidence limits" if out else None
    return [k for k in order if k not in out], told


def _area(curve: DrawnCurve) -> float:
    """Return the mean survival until the curve's end."""
    return float((np.diff(curve.time) * curve.survival[:-1]).sum() / max(float(curve.time[-1]), COUNTS.no_time))


def in_order(curves: Sequence[DrawnCurve], found: Assignment, rows: Sequence[CountRow]) -> list[int]:
    """Order the curves as the risk table or else the legend does, else by where they end."""
    by_row = {k: rows[i].y for i, k in found.rows.items()}

    def rank(k: int) -> tuple[int, float, float]:
        name = found.names.get(k)
        if k in by_row:
            return 0, by_row[k], 0.0
        if name is not None and name.source == "legend":
            return 1, round(name.where[0] / NAMES.legend_line), name.where[1]
        return 2, -float(curves[k].survival[-1]), 0.0

    return sorted(range(len(curves)), key=rank)
