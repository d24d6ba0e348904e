"""Write rebuilt patients as ``ipd.csv``, ``ipd_draws.csv`` and ``ipd.json``, and read tables of patients."""

from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import dataclass, replace
from itertools import chain
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

import survrecon
from survrecon.callers import option_name
from survrecon.errors import AnalysisError
from survrecon.files.outputs import sha256_of, write_whole
from survrecon.files.tables import csv_rows
from survrecon.model.columns import (
    NoCodingError,
    PatientColumns,
    StatedColumns,
    event_values,
    find_columns,
    several_endpoints,
)
from survrecon.model.ipd import PseudoIPD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = [
    "DRAWS_FILE",
    "PatientTable",
    "event_coding",
    "file_hash",
    "open_patients",
    "read_draws",
    "read_patients",
    "sidecar",
    "write_draws",
    "write_patients",
    "write_sidecar",
]

_DRAW = "draw"
DRAWS_FILE = "ipd_draws.csv"


@dataclass(frozen=True, kw_only=True, slots=True)
class PatientTable:
    """A file of patients, its columns found.

    Parameters
    ----------
    path : Path
        The file.
    lines : sequence of int
        Where in it each row stands.
    columns : PatientColumns
        What its columns are.
    rows : sequence of sequence of str
        Its cells.
    draw : int or None
        Place of the column ``draw``.
    """

    path: Path
    lines: Sequence[int]
    columns: PatientColumns
    rows: Sequence[Sequence[str]]
    draw: int | None = None

    @property
    def event_name(self) -> str:
        """The event column's name."""
        return self.columns.names[self.columns.event]

    def cells(self, place: int) -> list[str]:
        """Return the cells of a column."""
        return [row[place] for row in self.rows]

    def part(self, rows: Sequence[int]) -> PatientTable:
        """Return some of the rows."""
        return replace(self, lines=[self.lines[i] for i in rows], rows=[self.rows[i] for i in rows])

    def error(self, row: int, rule: str, got: str, advice: str) -> AnalysisError:
        """Return an error that names the file's line."""
        return AnalysisError(f"{self.path}, line {self.lines[row]}", rule, got, advice)


def write_patients(path: Path, patients: Sequence[PseudoIPD]) -> Path:
    """Write ``time,event,arm``: one row per patient, arms one after the other."""
    return write_whole(path, "time,event,arm\n" + _rows(patients))


def write_draws(path: Path, draws: Mapping[str, Sequence[PseudoIPD]], *, compress: bool = False) -> Path:
    """Write ``draw,time,event,arm``, draws numbered from 1 and paired over the arms; with ``.gz`` if compressed."""
    numbered = enumerate(zip(*draws.values(), strict=True), start=1)
    rows = (_rows(paired, start=f"{number},") for number, paired in numbered)
    text = "".join(chain(["draw,time,event,arm\n"], rows))
    if not compress:
        return write_whole(path, text)
    packed = gzip.compress(text.encode(), mtime=0)  # no name and no date: the same draws, the same bytes
    return write_whole(path.with_name(f"{path.name}.gz"), packed)


def write_sidecar(path: Path, **facts: Any) -> Path:
    """Write the provenance of a data set as JSON with sorted keys."""
    return write_whole(path, json.dumps(sidecar(**facts), indent=2, sort_keys=True, allow_nan=False) + "\n")


def sidecar(**facts: Any) -> dict[str, Any]:
    """Return the provenance of a data set: the facts given, the program and its version."""
    return {"program": "survrecon", "version": survrecon.__version__, **facts}


def open_patients(path: Path, *, stated: StatedColumns | None = None, draws: bool = False) -> PatientTable:
    """Open a file of patients, or of ``draws`` of them, and find its columns.

    Raises
    ------
    AnalysisError
        If the file cannot be read, it is not clear what a column is, or a row has another number of cells.
    """
    rows = list(csv_rows(path, AnalysisError))
    lines, cells = [line for line, _ in rows[1:]], [row for _, row in rows[1:]]
    names = _headed(rows[0][1] if rows else [], cells)
    repeated = {name.lower() for name in names if name and [other.lower() for other in names].count(name.lower()) > 1}
    if repeated:
        raise AnalysisError(str(path), "each column once", f"{', '.join(sorted(repeated))} twice", "remove one of them")
    for line, row in zip(lines, cells, strict=True):
        if len(row) != len(names):
            raise AnalysisError(
                f"{path}, line {line}", f"{len(names)} cells as in the header", f"{len(row)}", "correct the row"
            )
    kept = [k for k, name in enumerate(names) if name or any(row[k] for row in cells)]  # a comma may end each line
    names, cells = [names[k] for k in kept], [[row[k] for k in kept] for row in cells]
    numbered = next((k for k, name in enumerate(names) if name.lower() == _DRAW), None)
    if (numbered is not None) is not draws:
        way = option_name("draw_files")
        raise AnalysisError(
            str(path),
            "draws have a column draw, other files have none",
            "a column draw in a file of patients" if not draws else f"columns {', '.join(names)[:80]}",
            f"give it without {way}, or another file" if draws else f"give it with {way}, beside the patients",
        )
    columns = find_columns(names, where=str(path), stated=stated, allowed=(_DRAW,) if draws else ())
    if not cells:
        raise AnalysisError(str(path), "one row per patient", "a header alone", "give the file with its rows")
    table = PatientTable(path=path, lines=lines, columns=columns, rows=cells, draw=numbered)
    for place in several_endpoints(columns):
        found = list(dict.fromkeys(table.cells(place)))
        if len(found) > 1:
            raise AnalysisError(
                f"{path}: {names[place]}", "rows of one endpoint", ", ".join(found)[:80], "keep the rows of one of them"
            )
    return table


def event_coding(
    tables: Sequence[PatientTable], stated: StatedColumns | None = None
) -> tuple[list[dict[str, bool]], list[str]]:
    """Return what the event values mean in each table, and notes on how that was decided.

    Columns of one name are read alike in all files: of a ``status`` coded 1 and 2, one arm may hold 1 alone.

    Raises
    ------
    AnalysisError
        If a coding is ambiguous or a value has none.
    """
    codings: dict[str, dict[str, bool]] = {}
    notes = []
    for name in dict.fromkeys(table.event_name.lower() for table in tables):
        alike = [table for table in tables if table.event_name.lower() == name]
        values = [value for table in alike for value in table.cells(table.columns.event)]
        try:
            codings[name], note = event_values(values, alike[0].event_name, where=str(alike[0].path), stated=stated)
        except NoCodingError as error:
            table = next(table for table in alike if error.value in table.cells(table.columns.event))
            row = table.cells(table.columns.event).index(error.value)
            raise table.error(row, error.rule, error.got, error.advice) from None
        notes += [note] if note else []
    return [codings[table.event_name.lower()] for table in tables], notes


def read_patients(
    table: PatientTable, *, coding: Mapping[str, bool] | None = None, time_unit: str = "months"
) -> list[PseudoIPD]:
    """Return the arms of a table in order of appearance; without a column of arms, the file's name is the arm's.

    Raises
    ------
    AnalysisError
        If a patient has no arm, or a time is no number from 0.
    """
    coding = event_coding([table])[0][0] if coding is None else coding
    arms = [table.path.stem] * len(table.rows) if table.columns.arm is None else table.cells(table.columns.arm)
    if "" in arms:
        raise table.error(arms.index(""), "every patient has an arm", "an empty cell", "fill it in")
    time = []
    for row, cell in enumerate(table.cells(table.columns.time)):
        try:
            time.append(_time(cell))
        except ValueError:
            advice = "write decimals with a point" if "," in cell else "correct the row"
            raise table.error(row, "time is a number from 0 on", repr(cell), advice) from None
    names, times = np.array(arms), np.array(time)
    events = np.array([coding[cell] for cell in table.cells(table.columns.event)])
    return [
        PseudoIPD(time=times[names == arm], event=events[names == arm], arm=arm, time_unit=time_unit)
        for arm in dict.fromkeys(arms)
    ]


def read_draws(
    table: PatientTable, *, coding: Mapping[str, bool] | None = None, time_unit: str = "months"
) -> dict[str, list[PseudoIPD]]:
    """Return the draws of each arm, in order of their numbers.

    Raises
    ------
    AnalysisError
        As `read_patients`, or if an arm has fewer draws than another.
    """
    coding = event_coding([table])[0][0] if coding is None else coding
    numbers = np.array([] if table.draw is None else table.cells(table.draw))
    by_arm: dict[str, list[PseudoIPD]] = {}
    for number in sorted(set(numbers.tolist()), key=lambda text: (len(text), text)):
        part = table.part(np.flatnonzero(numbers == number).tolist())
        for ipd in read_patients(part, coding=coding, time_unit=time_unit):
            by_arm.setdefault(ipd.arm, []).append(ipd)
    counts = {arm: len(found) for arm, found in by_arm.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{arm} {count}" for arm, count in counts.items())
        raise AnalysisError(str(table.path), "as many draws of every arm", told, "give complete draws")
    return by_arm


def file_hash(path: Path) -> str:
    """Return the sha256 of a file."""
    return sha256_of(path.read_bytes())


def _rows(patients: Sequence[PseudoIPD], start: str = "") -> str:
    """Return one line per patient, each with the same ``start``.

    200 draws are millions of lines: the times of a data set are filled into one pattern, which holds all its lines.
    """
    filled = []
    for ipd in patients:
        named = io.StringIO()
        csv.writer(named, lineterminator="\n").writerow(["", ipd.arm])  # a name may need quotes
        end = named.getvalue().replace("%", "%%")
        line = (f"{start}%.10g,0{end}", f"{start}%.10g,1{end}")
        filled.append("".join([line[event] for event in ipd.event.tolist()]) % tuple(ipd.time.tolist()))
    return "".join(filled)


def _headed(names: list[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the header, with an unnamed first column where R wrote names of rows under no head."""
    first = {row[0] for row in rows}
    shifted = len(first) == len(rows) > 0 and all(len(row) == len(names) + 1 for row in rows)
    return ["", *names] if shifted else names


def _time(cell: str) -> float:
    time = float(cell)
    if not 0 <= time < inf:
        raise ValueError
    return time
