"""From curves and words of one panel to named arms, a risk table, statistics and doubts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from survrecon.digitizing.naming import Key, clean_name, colour_distance, match_legend, same_name
from survrecon.digitizing.printed import lines_of, read_statistics, statistics_in
from survrecon.digitizing.result import (
    Axis,
    Box,
    DigitizedArm,
    DigitizedRiskTable,
    Doubt,
    FloatArray,
    PrintedStatistic,
)
from survrecon.digitizing.risktable import Cell, RiskRow, find_rows, snap_times
from survrecon.digitizing.words import Word

__all__ = ["Assembled", "DrawnCurve", "Surroundings", "assemble", "axis_title", "time_unit_of"]

_SURE = 0.8  # confidence below which a cell is listed as doubtful
_UNITS = (("day", "days"), ("week", "weeks"), ("month", "months"), ("year", "years"), ("yr", "years"), ("mos", "months"))
_NOT_A_NAME = re.compile(
    r"at\s*risk|censor|\bHR\b|hazard|\bp\s*[=<>]|p[\s-]*value|log-?\s*rank|\bCI\b|median|surviv|probab|%\)|"
    r"^\W*$|^number|^no\.|^time\b|months?\b|years?\b|days?\b|weeks?\b|^events?$|^strata$|^legend$|^group$|^arm$|"
    r"^treatment$|kaplan|estimate|proportion|subjects",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class DrawnCurve:
    """A curve in data units before it has a name."""

    colour: tuple[float, float, float]
    duty: float
    dash: str
    line_width: float
    time: FloatArray
    survival: FloatArray
    censor_times: FloatArray | None


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the naming needs to see of the figure around the words.

    Parameters
    ----------
    key : callable
        Legend key of a word on one side (-1 left, 1 right), or None.
    ink : callable
        Colour of a word's letters, or None.
    reread : callable or None
        Reads one place again: text and confidence. None where text is exact.
    """

    key: Callable[[Word, int], Key | None]
    ink: Callable[[Word], tuple[float, float, float] | None]
    reread: Callable[[Box], tuple[str, float]] | None


@dataclass(frozen=True, kw_only=True)
class Assembled:
    """Named arms with everything printed around them."""

    arms: tuple[DigitizedArm, ...]
    risk_table: DigitizedRiskTable | None
    printed: tuple[PrintedStatistic, ...]
    warnings: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    late_entry: bool


@dataclass
class _Draft:
    name: str
    source: str
    text: str


def _hex(colour: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, v))):02x}" for v in colour)


def time_unit_of(text: str | None) -> str | None:
    """Return the time unit that a title names."""
    low = (text or "").lower()
    return next((unit for word, unit in _UNITS if word in low), None)


def axis_title(words: Sequence[Word], plot: Box, labels: Sequence[Word], *, vertical: bool) -> str | None:
    """Return the title of an axis: the words beyond its labels."""
    if vertical:
        right = max(w.box.x1 for w in labels)
        side = [w for w in words if w.number is None and w.cx < right and plot.y0 - 30 < w.cy < plot.y1 + 30 and (w.vertical or w.box.x1 < plot.x0)]
        side = [w for w in side if w.vertical] or side[:1]
        return " ".join(w.text for w in sorted(side, key=lambda w: -w.cy)) or None
    bottom = max(w.box.y1 for w in labels)
    size = labels[0].size
    under = [
        w
        for w in words
        if w.number is None
        and not w.vertical
        and bottom - 0.3 * size < w.cy < bottom + 5 * size
        and plot.x0 - 0.1 * plot.width < w.cx < plot.x1 + 0.05 * plot.width
        and not re.search(r"at\s*risk|no\.", w.text, re.IGNORECASE)
    ]
    units = [w for w in under if time_unit_of(w.text)]
    pick = units or under
    if not pick:
        return None
    top = min(pick, key=lambda w: (abs(w.cy - bottom), abs(w.cx - (plot.x0 + plot.x1) / 2)))
    line = [t for t, first in lines_of(under) if abs(first.cy - top.cy) < 0.5 * size]
    return " ".join(line) or top.text


def assemble(
    curves: Sequence[DrawnCurve],
    words: Sequence[Word],
    axis: Axis,
    *,
    plot: Box,
    floor: float,
    labels: Sequence[Word],
    around: Surroundings,
    arm_names: Sequence[str] | None = None,
) -> Assembled:
    """Name the curves of one panel and read what is printed around them.

    Parameters
    ----------
    curves : sequence of DrawnCurve
        The curves.
    words : sequence of Word
        The panel's words.
    axis : Axis
        The time axis.
    plot : Box
        The plot area.
    floor : float
        Height of the lowest survival tick: counts stand below.
    labels : sequence of Word
        The tick labels.
    around : Surroundings
        Access to what stands beside the words.
    arm_names : sequence of str or None
        Names that the caller gives, in the order of the curves as found (top curve at the end first).
    """
    rows = find_rows(words, axis, top=floor + 1, taken=labels)
    in_rows = {id(c.word) for r in rows for c in r.cells} | {id(r.label_word) for r in rows} | {id(r.group_word) for r in rows}
    skip = {id(w) for w in labels} | in_rows
    drafts, legend_order = _from_legend(curves, [w for w in words if id(w) not in skip], around)
    warnings: list[str] = []
    doubts: list[Doubt] = []
    owners = _row_owners(rows, drafts, curves, around, doubts)
    for k, draft in enumerate(drafts):
        if draft is None and k in owners.values():
            row = next(r for r, owner in owners.items() if owner == k)
            name = clean_name(rows[row].group or rows[row].label)
            if name:
                drafts[k] = _Draft(name, "risk table", name)
    order = _order(curves, drafts, legend_order, rows, owners)
    named = [k for k in order if drafts[k] is not None or k in owners.values()]
    counted = sum(r.kind == "at risk" for r in rows)
    if arm_names is None and named and len(named) < len(order) and counted in (0, len(named)):
        left = ", ".join(_hex(curves[k].colour) for k in order if k not in named)
        warnings.append(f"lines that bear no name were left out: {left}")
        order = named
    if arm_names is None and not named:
        order = _without_limits(curves, order, warnings)
    doubts += [
        Doubt(
            where=f"risk table row {(rows[i].group or rows[i].label)!r}",
            read=", ".join(str(c.count) for c in rows[i].cells),
            confidence=0.0,
            why="no curve was found for it",
            option="--arms or --risk-table",
        )
        for i, r in enumerate(rows)
        if r.kind == "at risk" and i not in owners
    ]
    names: list[str] = []
    arms: list[DigitizedArm] = []
    statistics: list[PrintedStatistic] = list(read_statistics([w for w in words if id(w) not in in_rows]))
    for place, k in enumerate(order):
        draft = drafts[k]
        given = arm_names[place] if arm_names is not None and place < len(arm_names) else None
        name = given or (draft.name if draft else f"arm {place + 1}")
        if name in names:
            name = f"{name} ({place + 1})"
        names.append(name)
        if draft is None and given is None:
            doubts.append(Doubt(where=f"curve {place + 1}", read=name, confidence=0.0, why="no name was found for it", option="--arm-names"))
        own = statistics_in(draft.text) if draft else []
        n, n_source = None, None
        counted = next((int(s.value) for s in own if s.quantity == "n" and s.value), None)
        if counted is not None:
            n, n_source = counted, "legend"
        statistics = [s if not draft or s.text != draft.text else replace(s, arm=name) for s in statistics]
        c = curves[k]
        arms.append(
            DigitizedArm(
                name=name,
                name_source="given" if given else draft.source if draft else "none",
                colour=_hex(c.colour),
                dash=c.dash,
                line_width=c.line_width,
                time=c.time,
                survival=c.survival,
                censor_times=c.censor_times,
                n=n,
                n_source=n_source,
            )
        )
    table, late = _table(rows, owners, order, arms, axis, around, doubts, warnings)
    if table is not None:
        for place, arm in enumerate(arms):
            row_counts = table.rows.get(arm.name)
            if row_counts and row_counts[0] is not None and abs(float(table.times[0])) < 1e-9 and not late:
                if arm.n is not None and arm.n != row_counts[0]:
                    warnings.append(f"{arm.name}: the legend says n = {arm.n}, the risk table {row_counts[0]}; the table is used")
                arms[place] = replace(arm, n=row_counts[0], n_source="risk table")
    return Assembled(
        arms=tuple(arms),
        risk_table=table,
        printed=tuple(statistics),
        warnings=tuple(warnings),
        doubts=tuple(doubts),
        late_entry=late,
    )


def _from_legend(
    curves: Sequence[DrawnCurve], words: Sequence[Word], around: Surroundings
) -> tuple[list[_Draft | None], dict[int, tuple[float, float]]]:
    """Return a draft name for each curve from keys and coloured labels, and where the words stand."""
    candidates: list[tuple[Word, str, np.ndarray]] = []
    drafts: list[_Draft | None] = [None] * len(curves)
    lines = [(text, first) for text, first in lines_of([w for w in words if not w.vertical]) if first.plausible]
    left = {id(first) for _, first in lines if (found := around.key(first, -1)) is not None and found.length > 0}
    side = -1 if left else 1
    for text, first in lines:
        name = clean_name(text)
        if not name or (_NOT_A_NAME.search(name) and not re.search(r"n\s*=", text)):
            continue
        key = around.key(first, side)
        ink = around.ink(first)
        costs = np.full(len(curves), np.inf)
        for k, curve in enumerate(curves):
            if key is not None:
                costs[k] = 2.0 * colour_distance(key.colour, curve.colour) + 1.2 * abs(key.duty - curve.duty)
            if ink is not None and max(ink) - min(ink) > 0.2:
                tone = colour_distance(ink, curve.colour)
                if tone < 0.2:
                    costs[k] = min(costs[k], 0.35 + tone)
        if np.isfinite(costs).any() and (first.number is None or key is not None):
            candidates.append((first, text, costs))
    if not candidates:
        return drafts, {}
    matrix = np.stack([c for _, _, c in candidates], axis=1)
    pairs = match_legend(matrix, limit=0.75)
    where: dict[int, tuple[float, float]] = {}
    for k, j in pairs.items():
        word, text, _ = candidates[j]
        name = clean_name(text)
        drafts[k] = _Draft(name, "legend" if around.key(word, side) is not None else "label", text)
        where[k] = (word.cy, word.cx)
    return drafts, where


def _row_owners(
    rows: Sequence[RiskRow],
    drafts: Sequence[_Draft | None],
    curves: Sequence[DrawnCurve],
    around: Surroundings,
    doubts: list[Doubt],
) -> dict[int, int]:
    """Match each row of numbers at risk to a curve: by name, by colour, else by order."""
    counted = [i for i, r in enumerate(rows) if r.kind == "at risk"]
    owners: dict[int, int] = {}
    if not counted:
        return owners
    costs = np.full((len(counted), len(curves)), np.inf)
    for a, i in enumerate(counted):
        row = rows[i]
        label = clean_name(row.group or row.label)
        word = row.group_word or row.label_word or row.cells[0].word
        ink = around.ink(word)
        key = around.key(word, -1)
        for k, curve in enumerate(curves):
            draft = drafts[k]
            if draft is not None and label:
                alike = same_name(label, draft.name)
                if alike > 0.75:
                    costs[a, k] = 1.0 - alike
            if ink is not None and max(ink) - min(ink) > 0.2 and colour_distance(ink, curve.colour) < 0.25:
                costs[a, k] = min(costs[a, k], 0.4 + colour_distance(ink, curve.colour))
            if key is not None and not np.isfinite(costs[a, k]):
                costs[a, k] = 0.8 + 2.0 * colour_distance(key.colour, curve.colour) + 1.2 * abs(key.duty - curve.duty)
    for a, k in match_legend(costs, limit=1.4).items():
        owners[counted[a]] = k
    left_rows = [i for i in counted if i not in owners]
    left_curves = [k for k in range(len(curves)) if k not in owners.values()]
    if len(left_rows) == len(left_curves) and left_rows:
        sure = 0.95 if len(left_rows) == 1 else 0.3
        ranked = sorted(left_curves, key=lambda k: -float(curves[k].survival[-1]))
        for i, k in zip(left_rows, ranked, strict=True):
            owners[i] = k
            if sure < _SURE:
                doubts.append(
                    Doubt(
                        where=f"risk table row {rows[i].label!r}",
                        read=rows[i].label,
                        confidence=sure,
                        why="neither name nor colour ties this row to a curve; taken in the order of the curves' ends",
                        option="--arm-names or --risk-table",
                    )
                )
    return owners


def _without_limits(curves: Sequence[DrawnCurve], order: list[int], warnings: list[str]) -> list[int]:
    """Leave out broken lines above and below a solid one of their colour: its confidence limits."""
    out: set[int] = set()
    for k in order:
        if curves[k].dash != "solid":
            continue
        broken = [j for j in order if curves[j].dash != "solid" and colour_distance(curves[j].colour, curves[k].colour) < 0.1]
        sides = {bool(_area(curves[j]) > _area(curves[k])) for j in broken}
        if len(broken) >= 2 and len(sides) == 2:
            out.update(broken)
    if out:
        warnings.append(f"{len(out)} broken lines around a solid one were taken for its confidence limits")
    return [k for k in order if k not in out]


def _area(curve: DrawnCurve) -> float:
    """Return the mean survival until the curve's end."""
    return float((np.diff(curve.time) * curve.survival[:-1]).sum() / max(float(curve.time[-1]), 1e-9))


def _order(
    curves: Sequence[DrawnCurve],
    drafts: Sequence[_Draft | None],
    legend: dict[int, tuple[float, float]],
    rows: Sequence[RiskRow],
    owners: dict[int, int],
) -> list[int]:
    """Order the curves as the risk table or else the legend does."""
    by_row = {k: rows[i].y for i, k in owners.items()}

    def rank(k: int) -> tuple[int, float, float]:
        if k in by_row:
            return 0, by_row[k], 0.0
        if k in legend and drafts[k] is not None and drafts[k].source == "legend":  # type: ignore[union-attr]
            return 1, round(legend[k][0] / 8), legend[k][1]
        return 2, -float(curves[k].survival[-1]), 0.0

    return sorted(range(len(curves)), key=rank)


def _table(
    rows: Sequence[RiskRow],
    owners: dict[int, int],
    order: Sequence[int],
    arms: Sequence[DigitizedArm],
    axis: Axis,
    around: Surroundings,
    doubts: list[Doubt],
    warnings: list[str],
) -> tuple[DigitizedRiskTable | None, bool]:
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
        warnings.append(
            "the numbers at risk rise at first: patients enter late (left truncation), so these are not ordinary "
            "Kaplan-Meier curves of one cohort"
        )
    ordered = {a.name: counts[a.name] for a in arms if a.name in counts}
    if not ordered:
        return None, late
    return DigitizedRiskTable(times=np.array(times), rows=ordered, confidence={k: sure[k] for k in ordered}, extra=extra), late


def _fill(
    row: RiskRow, values: list[int | None], trust: list[float], times: Sequence[float], axis: Axis, around: Surroundings
) -> None:
    """Read missing and weak cells again, alone and enlarged."""
    assert around.reread is not None
    size = row.cells[0].word.size
    shift = float(np.median([c.word.cx - float(axis.position(times[int(np.abs(axis.position(np.array(times)) - c.word.cx).argmin())])) for c in row.cells]))
    spacing = abs(float(np.median(np.diff(axis.position(np.array(times)))))) if len(times) > 1 else 4 * size
    widest = max(c.word.box.width for c in row.cells)
    for k, t in enumerate(times):
        if values[k] is not None and trust[k] >= _SURE:
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


def _check(owner: str, values: list[int | None], trust: list[float], times: Sequence[float], doubts: list[Doubt]) -> bool:
    """List doubtful cells; return whether the row rises as it does with late entry."""
    known = [(t, v, k) for k, (t, v) in enumerate(zip(times, values, strict=True)) if v is not None]
    where = f"risk table, {owner}"
    rises = [(b[0], b[1], b[2]) for a, b in zip(known[:-1], known[1:], strict=True) if b[1] > a[1]]
    start = known[0][1] if known else 0
    above = sum(v > start for _, v, _ in known[1:])
    late = above >= 2 and all(trust[k] >= 0.7 for _, _, k in rises)
    last = known[-1][2] if known else -1
    for k, (t, v) in enumerate(zip(times, values, strict=True)):
        if v is None and k < last:
            doubts.append(Doubt(where=f"{where}, time {t:g}", read="", confidence=0.0, why="no count was read", option="--risk-table"))
        elif v is not None and trust[k] < _SURE:
            doubts.append(Doubt(where=f"{where}, time {t:g}", read=str(v), confidence=trust[k], why="weak reading", option="--risk-table"))
    if rises and not late:
        doubts += [
            Doubt(
                where=f"{where}, time {t:g}",
                read=str(v),
                confidence=min(0.3, trust[k]),
                why="the row rises here, which numbers at risk never do",
                option="--risk-table",
            )
            for t, v, k in rises
        ]
    return late
