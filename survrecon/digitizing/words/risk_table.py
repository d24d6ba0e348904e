"""The numbers at risk by arm: cells read again where they are weak, checked against what must hold, doubts listed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.result import DigitizedArm, DigitizedRiskTable, Doubt
from survrecon.digitizing.words.counts import (
    ArmCells,
    CountKind,
    SecondNumber,
    as_totals,
    what_seconds_count,
)
from survrecon.digitizing.words.reread import CellsOfRow, read_row, with_last_column
from survrecon.digitizing.words.settings import COUNTS, TABLE
from survrecon.records.readings import SURE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.digitizing.words.counts import CountRow, CountTable
    from survrecon.digitizing.words.scene import Surroundings

__all__ = ["LATE_ENTRY", "NO_LATE_ENTRY", "ReadCounts", "read_counts", "rises_at_first", "unusable"]


LATE_ENTRY = (
    "the numbers at risk rise at first: patients enter late (left truncation), so these are not ordinary "
    "Kaplan-Meier curves of one cohort"
)
"""The remark on numbers at risk that rise at first."""
NO_LATE_ENTRY = (
    "the printed numbers at risk were read to rise at first, as where patients enter late; those typed are used"
)
"""What is remarked instead once a person has corrected them."""


@dataclass(frozen=True, kw_only=True)
class ReadCounts:
    """What the table of numbers at risk says.

    Parameters
    ----------
    table : DigitizedRiskTable or None
        The counts by arm; None where none can be used.
    late_entry : bool
        Whether patients enter late.
    """

    table: DigitizedRiskTable | None
    late_entry: bool


def read_counts(
    found: CountTable,
    owners: Mapping[int, int],
    arms: Sequence[DigitizedArm],
    around: Surroundings,
    doubts: list[Doubt],
    warnings: list[str],
) -> ReadCounts:
    """Return the numbers at risk by arm; doubtful cells are added to ``doubts``, remarks to ``warnings``.

    Parameters
    ----------
    found : CountTable
        The rows as they stand in the figure.
    owners : mapping of int to int
        The place in ``arms`` of each row that belongs to one.
    arms : sequence of DigitizedArm
        The arms by name.
    around : Surroundings
        Access to the picture, where cells can be read again.
    doubts, warnings : list
        Where to add what is doubtful.
    """
    if found.kind is not CountKind.AT_RISK:
        doubts.append(unusable(found))
        return ReadCounts(table=None, late_entry=False)
    if all(row.kind is not CountKind.AT_RISK for row in found.rows):
        doubts.append(_of_no_patients(found))
    found = with_last_column(found, around)
    made: dict[str, CellsOfRow] = {}
    rows: dict[str, dict[CountKind, CountRow]] = {}
    late = False
    for i, row in ((i, row) for i, row in enumerate(found.rows) if i in owners):
        name = arms[owners[i]].name
        twice = row.kind in rows.setdefault(name, {})
        rows[name][row.kind] = row
        if row.kind is CountKind.AT_RISK:
            doubts += [_twice(name, row)] if twice else []
            made[name] = read_row(found, row, around)
            late |= _check(name, made[name], found.times, doubts)
    if late:
        warnings.append(LATE_ENTRY)
    if made and all(row.values and row.values[0] == 100 for row in made.values()):
        doubts.append(_all_begin_at_100(found))
    ordered = [a.name for a in arms if a.name in made]
    if not ordered:
        return ReadCounts(table=None, late_entry=late)
    table = DigitizedRiskTable(
        times=np.array(found.times),
        rows={name: tuple(made[name].values) for name in ordered},
        confidence={name: tuple(made[name].trust) for name in ordered},
        extra={} if late else _others(found, rows, made, {a.name: a for a in arms}, doubts),
        boxes={name: _boxes(found, rows[name][CountKind.AT_RISK]) for name in ordered},
    )
    return ReadCounts(table=table, late_entry=late)


def _boxes(found: CountTable, row: CountRow) -> tuple[Box, ...]:
    """Return where each cell of a row stands, or where it would where none was read.

    Words may hold several cells: of each, no more is taken than reaches half way to the next column.
    """
    gaps = np.diff(found.places)
    half = float(np.median(gaps)) / 2 if len(gaps) else TABLE.lone_column * row.size
    boxes = []
    for cell, place in zip(row.cells, found.places, strict=True):
        box = Box(x0=place - half, y0=row.y - row.size / 2, x1=place + half, y1=row.y + row.size / 2)
        word = box if cell is None else cell.word.box
        x0, x1 = max(box.x0, word.x0), min(box.x1, word.x1)
        boxes.append(box if x1 <= x0 else Box(x0=x0, y0=word.y0, x1=x1, y1=word.y1))
    return tuple(boxes)


def unusable(found: CountTable) -> Doubt:
    """Return the doubt about a table that counts no patients."""
    kind = {
        CountKind.PERCENT: "percentages at risk are printed, not numbers of patients",
        CountKind.WEIGHTED: "weighted or adjusted counts with decimals are printed, not whole patients",
    }.get(found.kind, f"{found.kind} are printed, not patients at risk")
    cells = ", ".join(f"{c.value:g}" for c in found.rows[0].printed[: COUNTS.shown]) if found.rows else ""
    return Doubt(
        where="risk table",
        read=f"{found.heading}: {cells}".strip(": "),
        confidence=0.0,
        why=f"{kind}; they are not used",
        options=("risk_table", "n"),
        field="numbers at risk",
    )


def rises_at_first(counts: Sequence[int | None]) -> bool:
    """Whether a row is higher than it begins at two places or more, as where patients enter late.

    >>> rises_at_first([11, 101, 91, None]), rises_at_first([118, 101, 102])
    (True, False)
    """
    known = [count for count in counts if count is not None]
    return sum(count > known[0] for count in known) >= 2


def _check(arm: str, row: CellsOfRow, times: Sequence[float], doubts: list[Doubt]) -> bool:
    """List doubtful cells; return whether the row rises as it does with late entry."""
    values, trust = row.values, row.trust
    known = [(t, v, k) for k, (t, v) in enumerate(zip(times, values, strict=True)) if v is not None]
    rises = [b for a, b in pairwise(known) if b[1] > a[1]]
    late = rises_at_first(values) and all(trust[k] >= COUNTS.late_trust for _, _, k in rises)
    last = known[-1][2] if known else -1
    for k, (t, v) in enumerate(zip(times, values, strict=True)):
        if v is None and k < last:
            doubts.append(_cell_doubt(arm, t, None, 0.0, "no count was read"))
        elif v is None and k in row.unread:
            doubts.append(_cell_doubt(arm, t, None, 0.0, f"something stands here that is no count ({row.unread[k]!r})"))
        elif v is not None and trust[k] < SURE:
            doubts.append(_cell_doubt(arm, t, v, trust[k], "weak reading"))
    if rises and not late:
        why = "the row rises here, which numbers at risk never do"
        doubts += [_cell_doubt(arm, t, v, min(COUNTS.misread, trust[k]), why) for t, v, k in rises]
    if not known:
        doubts.append(_cell_doubt(arm, times[0], None, 0.0, "no count of this row was read"))
    if known and known[0][1] == 0:
        doubts.append(_cell_doubt(arm, known[0][0], 0, COUNTS.misread, "no patient is at risk at the first column"))
    return late


def _cell_doubt(arm: str, time: float, read: int | None, confidence: float, why: str) -> Doubt:
    """Return the doubt about one number at risk."""
    return Doubt(
        where=f"risk table, {arm}, time {time:g}",
        read="" if read is None else str(read),
        confidence=confidence,
        why=why,
        options=("risk_table",),
        field="numbers at risk",
        arm=arm,
        time=time,
    )


def _all_begin_at_100(found: CountTable) -> Doubt:
    """Return the doubt about rows that all begin with 100."""
    return Doubt(
        where="risk table",
        read=found.heading,
        confidence=COUNTS.misread,
        why="every row begins with 100: these may be percentages at risk, and not patients",
        options=("risk_table", "n"),
        field="numbers at risk",
        time=found.times[0],
    )


def _of_no_patients(found: CountTable) -> Doubt:
    """Return the doubt about a table none of whose rows counts patients at risk, by what stands over or beside them."""
    row = found.rows[0]
    return Doubt(
        where="risk table",
        read=f"{found.heading}: {', '.join(c.word.text for c in row.printed[: COUNTS.shown])}".strip(": "),
        confidence=COUNTS.misread,
        why=f"its rows are taken for {row.kind}, and none for patients at risk",
        options=("risk_table", "n"),
        field="numbers at risk",
    )


def _twice(arm: str, row: CountRow) -> Doubt:
    """Return the doubt about a second row of numbers at risk of one arm."""
    return Doubt(
        where=f"risk table, {arm}",
        read=", ".join(c.word.text for c in row.printed[: COUNTS.shown]),
        confidence=COUNTS.misread,
        why="two rows of numbers at risk belong to this arm; the lower one is used",
        options=("risk_table",),
        field="numbers at risk",
        arm=arm,
    )


def _others(
    found: CountTable,
    rows: Mapping[str, Mapping[CountKind, CountRow]],
    made: Mapping[str, CellsOfRow],
    arms: Mapping[str, DigitizedArm],
    doubts: list[Doubt],
) -> dict[str, dict[str, tuple[int | None, ...]]]:
    """Return censored patients and events up to each column, where it is told what was counted."""
    extra: dict[str, dict[str, tuple[int | None, ...]]] = {}
    bracketed = {name: row for name, row in made.items() if any(v is not None for v in row.seconds)}
    if bracketed:
        cells = [_arm_cells(found, arms[name], row.values, row.seconds) for name, row in bracketed.items()]
        kind = what_seconds_count(cells, found.heading, percent=any(row.percent for row in bracketed.values()))
        if kind is None:
            row = rows[next(iter(bracketed))][CountKind.AT_RISK]
            doubts.append(_undecided(found, "the numbers in brackets", row))
        elif kind is not SecondNumber.PERCENT:
            for name, one in zip(bracketed, cells, strict=True):
                extra.setdefault(name, {})[kind.counted] = as_totals(kind, one)
    for kind_of_row in (CountKind.CENSORED, CountKind.EVENTS):
        own = {name: kinds[kind_of_row] for name, kinds in rows.items() if name in made and kind_of_row in kinds}
        if not own:
            continue
        cells = [_arm_cells(found, arms[name], made[name].values, _first(row)) for name, row in own.items()]
        kind = what_seconds_count(cells, kind_of_row.value, percent=False)
        if kind is None or kind.counted != kind_of_row.value:
            doubts.append(_undecided(found, f"the rows of {kind_of_row.value}", next(iter(own.values()))))
            continue
        for name, one in zip(own, cells, strict=True):
            extra.setdefault(name, {})[kind.counted] = as_totals(kind, one)
    return extra


def _first(row: CountRow) -> tuple[float | None, ...]:
    return tuple(None if c is None or not c.whole else c.value for c in row.cells)


def _arm_cells(
    found: CountTable, arm: DigitizedArm, counts: Sequence[int | None], second: Sequence[float | None]
) -> ArmCells:
    """Return what is printed of an arm at each column, with its curve there."""
    at = np.searchsorted(arm.time, np.array(found.times), "right") - 1
    survival = np.where(at >= 0, arm.survival[np.maximum(at, 0)], 1.0)
    return ArmCells(times=found.times, at_risk=tuple(counts), second=tuple(second), survival=tuple(survival.tolist()))


def _undecided(found: CountTable, what: str, row: CountRow) -> Doubt:
    """Return the doubt about numbers of which it is not told what they count."""
    read = ", ".join(c.word.text for c in row.printed[: COUNTS.shown])
    return Doubt(
        where="risk table",
        read=f"{found.heading}: {read}".strip(": "),
        confidence=COUNTS.misread,
        why=f"{what} may be percentages, events or censored patients, in all or since the column before: nothing else "
        "adds up in every column, and they are not used",
        options=("risk_table",),
        field="numbers at risk",
    )
