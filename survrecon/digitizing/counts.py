"""The counts of the risk table, arm by arm: filled in, checked, and doubted where they must be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from survrecon.digitizing.geometry import Axis, Box
from survrecon.digitizing.result import DigitizedArm, DigitizedRiskTable, Doubt
from survrecon.digitizing.risktable import Cell, RiskRow, snap_times
from survrecon.digitizing.scene import Surroundings
from survrecon.readings import SURE

__all__ = ["LATE_ENTRY", "read_counts"]

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
                    option="--risk-table",
                )
            )
        elif v is not None and trust[k] < SURE:
            doubts.append(
                Doubt(
                    where=f"{where}, time {t:g}",
                    read=str(v),
                    confidence=trust[k],
                    why="weak reading",
                    option="--risk-table",
                )
            )
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
