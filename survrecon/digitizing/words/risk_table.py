"""The risk table: rows of counts under the axis, their columns' times, and the arms they belong to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.geometry import Axis, Box
from survrecon.digitizing.result import DigitizedArm, DigitizedRiskTable, Doubt
from survrecon.records.readings import SURE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.arrays import FloatArray
    from survrecon.digitizing.words.scene import Surroundings
    from survrecon.digitizing.words.words import Word

__all__ = ["LATE_ENTRY", "Cell", "RiskRow", "find_rows", "read_counts", "snap_times"]

_CELL = re.compile(r"^(\d{1,3}(?:,\d{3})+|\d+)(?:\s*[(\[/]\s*(\d+)\s*[)\]]?)?$")
_AT_RISK = re.compile(r"at\s*ri[s5]k|^n\s*risk", re.IGNORECASE)
_CENSORED = re.compile(r"censor", re.IGNORECASE)
_EVENTS = re.compile(r"^\s*(?:no\.?\s*of\s*)?events?|deaths?\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One printed count."""

    count: int
    second: int | None
    word: Word


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskRow:
    """One row of counts with the words at its left."""

    label: str
    label_word: Word | None
    cells: tuple[Cell, ...]
    y: float
    kind: str = "at risk"
    group: str | None = None
    group_word: Word | None = field(default=None)


def _cell(word: Word) -> Cell | None:
    text = word.text.strip().replace("O", "0").replace("o", "0").replace("l", "1").replace("I", "1").replace("|", "1")
    hit = _CELL.match(text.strip(" .:;-_'`"))
    if hit is None or not re.search(r"\d|[oO]", word.text):
        return None
    return Cell(count=int(hit[1].replace(",", "")), second=int(hit[2]) if hit[2] else None, word=word)


def _split(word: Word) -> list[Word]:
    """Split a box that swallowed several neighbouring cells."""
    parts = re.findall(r"\d[\d,]*(?:\s*\(\s*\d+\s*\))?", word.text)
    if len(parts) < 2 or re.sub(r"[\s\d,()]", "", word.text):
        return [word]
    words, total = [], max(1, len(word.text))
    for hit in re.finditer(r"\d[\d,]*(?:\s*\(\s*\d+\s*\))?", word.text):
        x0 = word.box.x0 + word.box.width * hit.start() / total
        x1 = word.box.x0 + word.box.width * hit.end() / total
        words.append(
            replace(
                word,
                text=hit[0],
                box=Box(x0=x0, y0=word.box.y0, x1=x1, y1=word.box.y1),
                confidence=0.6 * word.confidence,
            )
        )
    return words


def _unglued(word: Word, first: float, reach: float) -> list[Word]:
    """Part a row's name from a first count that was read as one text with it."""
    hit = re.match(r"^(.*[A-Za-z)].*?)\s*(\d[\d,]*)$", word.text)
    if hit is None or abs(word.box.x1 - first) > reach:
        return [word]
    cut = word.box.x0 + word.box.width * (len(hit[1]) + 0.5) / len(word.text)
    if abs((cut + word.box.x1) / 2 - first) > reach:
        return [word]
    left = replace(word, text=hit[1].strip(), box=Box(x0=word.box.x0, y0=word.box.y0, x1=cut, y1=word.box.y1))
    right = replace(word, text=hit[2], box=Box(x0=cut, y0=word.box.y0, x1=word.box.x1, y1=word.box.y1))
    return [left, replace(right, confidence=0.85 * word.confidence)]


def find_rows(words: Sequence[Word], axis: Axis, *, top: float, taken: Sequence[Word]) -> list[RiskRow]:
    """Find the rows of counts of one panel: below its curves, or above them under a heading that says so.

    Parameters
    ----------
    words : sequence of Word
        All words of the panel.
    axis : Axis
        The calibrated time axis.
    top : float
        Above this height stand the curves and their axis.
    taken : sequence of Word
        Tick labels, which are not counts.
    """
    used = {id(w) for w in taken}
    free = [w for w in words if id(w) not in used and not w.vertical]
    below = _rows([w for w in free if w.cy > top], axis)
    if below or not taken:
        return below
    ceiling = min(w.box.y0 for w in taken)
    above = [w for w in free if w.cy < ceiling]
    headings = [w.cy - 0.6 * w.size for w in above if _AT_RISK.search(w.text)]
    return _rows([w for w in above if w.cy >= min(headings)], axis) if headings else []


def _rows(words: Sequence[Word], axis: Axis) -> list[RiskRow]:
    """Return the rows of counts among words that stand on one side of the curves."""
    spacing = abs(float(np.median(np.diff(np.sort(axis.positions))))) if len(axis.positions) > 1 else 40.0
    first, last = float(axis.positions.min()), float(axis.positions.max())
    pieces = [piece for w in words for piece in _split(w)]
    pieces = [piece for w in pieces for piece in _unglued(w, first, 0.3 * spacing)]
    cells = [c for c in (_cell(w) for w in pieces) if c is not None]
    inside = [c for c in cells if first - 0.42 * spacing <= c.word.cx <= last + 0.6 * spacing]
    inside.sort(key=lambda c: c.word.cy)
    groups: list[list[Cell]] = []
    for cell in inside:
        if groups and abs(cell.word.cy - np.median([c.word.cy for c in groups[-1]])) < 0.55 * cell.word.size:
            groups[-1].append(cell)
        else:
            groups.append([cell])
    rows = []
    texts = [w for w in pieces if id(w) not in {id(c.word) for c in inside}]
    for group in groups:
        group.sort(key=lambda c: c.word.cx)
        named = None
        if (
            len(group) > 2
            and group[0].word.cx < first - 0.15 * spacing
            and abs(group[1].word.cx - first) < 0.25 * spacing
        ):
            named = group.pop(0).word  # an arm called by a number
        y = float(np.median([c.word.cy for c in group]))
        beside = [
            w
            for w in texts
            if abs(w.cy - y) < 0.6 * max(w.size, group[0].word.size)
            and w.box.x0 < group[0].word.box.x0
            and w.cx < group[0].word.cx
        ]
        beside += [named] if named is not None else []
        beside.sort(key=lambda w: w.box.x0)
        if len(group) < 2 and not (beside and len(group) == 1 and len(axis.positions) <= 2):
            continue
        label = " ".join(w.text for w in beside).strip()
        rows.append(RiskRow(label=label, label_word=beside[0] if beside else None, cells=tuple(group), y=y))
    rows = _regular(rows, np.sort(axis.positions), spacing)
    return _grouped(rows, texts)


def _regular(rows: list[RiskRow], ticks: FloatArray, spacing: float) -> list[RiskRow]:
    """Leave out stray rows of numbers: short ones, and those between the ticks where others stand under them."""
    if len(rows) < 2:
        return rows
    most = max(len(r.cells) for r in rows)

    def slip(row: RiskRow) -> float:
        x = np.array([c.word.cx for c in row.cells])
        return float(np.abs(x[:, None] - ticks[None]).min(axis=1).max())

    lined = sum(slip(r) < 0.25 * spacing for r in rows if len(r.cells) >= 0.6 * most) > 0
    return [
        r for r in rows if (len(r.cells) >= max(2, 0.3 * most) or r.label) and not (lined and slip(r) > 0.35 * spacing)
    ]


def _grouped(rows: list[RiskRow], texts: Sequence[Word]) -> list[RiskRow]:
    """Tell rows of censored patients and events from numbers at risk, and find the heading of each group."""
    out: list[RiskRow] = []
    labels = [r.label for r in rows]
    several = sum(bool(_AT_RISK.search(x)) for x in labels) > 1
    previous = -np.inf
    heading: Word | None = None
    for row in rows:
        kind = "at risk"
        if _CENSORED.search(row.label):
            kind = "censored"
        elif _EVENTS.search(row.label):
            kind = "events"
        if several or kind != "at risk" or any(_CENSORED.search(x) for x in labels):
            size = row.cells[0].word.size
            above = [
                w
                for w in texts
                if previous + 0.4 * size < w.cy < row.y - 0.4 * size
                and w.cx < row.cells[-1].word.cx
                and not re.search(r"number|no\.|at risk", w.text, re.IGNORECASE)
                and row.y - w.cy < 2.2 * size
                and w.number is None
            ]
            if above:
                heading = max(above, key=lambda w: w.cy)
            if heading is not None:
                row = replace(row, group=heading.text, group_word=heading)
        out.append(replace(row, kind=kind))
        previous = row.y
    return out


def snap_times(rows: Sequence[RiskRow], axis: Axis) -> tuple[list[float], Callable[[float], int]]:
    """Return the columns' times and a function from a cell's centre to its column.

    Columns stand at ticks, all moved alike where the counts are set flush to one side.
    """
    centres = np.array([c.word.cx for r in rows for c in r.cells])
    spacing = abs(float(np.median(np.diff(np.sort(axis.positions))))) if len(axis.positions) > 1 else 40.0
    ticks = np.sort(axis.positions)
    extended = np.concatenate([ticks, [ticks[-1] + spacing]])
    away = centres - extended[np.abs(centres[:, None] - extended[None]).argmin(axis=1)]
    shift = float(np.median(away)) if len(away) else 0.0
    if np.abs(away - shift).max(initial=0.0) > 0.3 * spacing:
        places: list[float] = []
        for c in np.sort(centres):
            if not places or c - places[-1] > 0.25 * spacing:
                places.append(float(c))
        times = [_nice(float(axis.value(p)), spacing / abs(axis.scale)) for p in places]
    else:
        nearest = np.abs(centres[:, None] - shift - extended[None]).argmin(axis=1)
        places = [float(extended[k] + shift) for k in sorted(set(nearest.tolist()))]
        order = np.argsort(axis.positions)
        printed = np.concatenate([axis.values[order], [2 * axis.values[order][-1] - axis.values[order][-2]]])
        times = [float(printed[k]) for k in sorted(set(nearest.tolist()))]
    table = np.array(places)

    def column(x: float) -> int:
        return int(np.abs(table - x).argmin())

    return times, column


def _nice(value: float, step: float) -> float:
    """Round to the steps of the axis where that is what was meant, else to a tenth of a step."""
    grid = 10 ** np.floor(np.log10(step)) if step > 0 else 1.0
    for unit in (step, step / 2, grid, grid / 2, grid / 10):
        near = round(value / unit) * unit
        if abs(near - value) < 0.06 * step:
            return float(round(near, 9))
    return float(round(value, 6))


LATE_ENTRY = (
    "the numbers at risk rise at first: patients enter late (left truncation), so these are not ordinary "
    "Kaplan-Meier curves of one cohort"
)
"""The remark on numbers at risk that rise at first."""


def read_counts(
    rows: Sequence[RiskRow],
    owners: dict[int, int],
    order: Sequence[int],
    arms: Sequence[DigitizedArm],
    axis: Axis,
    around: Surroundings,
    doubts: list[Doubt],
    warnings: list[str],
) -> tuple[DigitizedRiskTable | None, bool]:
    """Return the risk table by arm, and whether its numbers show late entry.

    Doubtful cells are added to ``doubts``, remarks to ``warnings``.
    """
    if not rows or not owners:
        return None, False
    kept = [r for i, r in enumerate(rows) if i in owners or r.kind != "at risk"]
    times, column = snap_times(kept, axis)
    names = {k: arms[place].name for place, k in enumerate(order)}
    groups = {rows[i].group: names[k] for i, k in owners.items() if rows[i].group and k in names}
    counts: dict[str, tuple[int | None, ...]] = {}
    sure: dict[str, tuple[float, ...]] = {}
    extra: dict[str, dict[str, tuple[int | None, ...]]] = {}
    late = False
    for i, row in enumerate(rows):
        owner = names.get(owners[i]) if i in owners else groups.get(row.group)
        if owner is None:
            continue
        cells: list[Cell | None] = [None] * len(times)
        for cell in row.cells:
            cells[column(cell.word.cx)] = cell
        values: list[int | None] = [None if c is None else c.count for c in cells]
        trust = [0.0 if c is None else c.word.confidence for c in cells]
        if around.reread is not None:
            _fill(row, values, trust, times, axis, around)
        if row.kind != "at risk":
            extra.setdefault(owner, {})[row.kind] = tuple(values)
            continue
        if any(c is not None and c.second is not None for c in cells):
            extra.setdefault(owner, {})["censored"] = tuple(None if c is None else c.second for c in cells)
        late |= _check(owner, values, trust, times, doubts)
        counts[owner], sure[owner] = tuple(values), tuple(trust)
    if late:
        warnings.append(LATE_ENTRY)
    ordered = {a.name: counts[a.name] for a in arms if a.name in counts}
    if not ordered:
        return None, late
    return DigitizedRiskTable(
        times=np.array(times), rows=ordered, confidence={k: sure[k] for k in ordered}, extra=extra
    ), late


def _fill(
    row: RiskRow, values: list[int | None], trust: list[float], times: Sequence[float], axis: Axis, around: Surroundings
) -> None:
    """Read missing and weak cells again, alone and enlarged."""
    assert around.reread is not None
    size = row.cells[0].word.size
    shift = float(
        np.median(
            [
                c.word.cx
                - float(axis.position(times[int(np.abs(axis.position(np.array(times)) - c.word.cx).argmin())]))
                for c in row.cells
            ]
        )
    )
    spacing = abs(float(np.median(np.diff(axis.position(np.array(times)))))) if len(times) > 1 else 4 * size
    widest = max(c.word.box.width for c in row.cells)
    for k, t in enumerate(times):
        if values[k] is not None and trust[k] >= SURE:
            continue
        x = float(axis.position(t)) + shift
        reach = min(0.48 * spacing, 0.5 * widest + 0.5 * size)
        text, score = around.reread(Box(x0=x - reach, y0=row.y - 0.75 * size, x1=x + reach, y1=row.y + 0.75 * size))
        digits = text.replace("O", "0").replace("o", "0").replace("l", "1").replace("I", "1")
        hit = re.match(r"^(\d+)", digits.replace(",", ""))
        if hit is None:
            continue
        if values[k] is None:
            values[k], trust[k] = int(hit[1]), min(score, 0.9)
        elif int(hit[1]) == values[k]:
            trust[k] = max(trust[k], score)
        elif score > trust[k]:
            values[k], trust[k] = int(hit[1]), 0.5 * score


def _check(
    owner: str, values: list[int | None], trust: list[float], times: Sequence[float], doubts: list[Doubt]
) -> bool:
    """List doubtful cells; return whether the row rises as it does with late entry."""
    known = [(t, v, k) for k, (t, v) in enumerate(zip(times, values, strict=True)) if v is not None]
    where = f"risk table, {owner}"
    rises = [(b[0], b[1], b[2]) for a, b in pairwise(known) if b[1] > a[1]]
    start = known[0][1] if known else 0
    above = sum(v > start for _, v, _ in known[1:])
    late = above >= 2 and all(trust[k] >= 0.7 for _, _, k in rises)
    last = known[-1][2] if known else -1
    for k, (t, v) in enumerate(zip(times, values, strict=True)):
        if v is None and k < last:
            doubts.append(
                Doubt(
                    where=f"{where}, time {t:g}",
                    read="",
                    confidence=0.0,
                    why="no count was read",
                    options=("risk_table",),
                    field="numbers at risk",
                    arm=owner,
                    time=t,
                )
            )
        elif v is not None and trust[k] < SURE:
            doubts.append(
                Doubt(
                    where=f"{where}, time {t:g}",
                    read=str(v),
                    confidence=trust[k],
                    why="weak reading",
                    options=("risk_table",),
                    field="numbers at risk",
                    arm=owner,
                    time=t,
                )
            )
    if rises and not late:
        doubts += [
            Doubt(
                where=f"{where}, time {t:g}",
                read=str(v),
                confidence=min(0.3, trust[k]),
                why="the row rises here, which numbers at risk never do",
                options=("risk_table",),
                field="numbers at risk",
                arm=owner,
                time=t,
            )
            for t, v, k in rises
        ]
    return late
