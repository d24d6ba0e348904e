"""Rebuilt patients as files: ``ipd.csv``, ``ipd_draws.csv`` and ``ipd.json``."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

import survrecon
from survrecon.csv_text import csv_rows
from survrecon.errors import AnalysisError
from survrecon.ipd import PseudoIPD
from survrecon.record_writer import sha256_of
from survrecon.report.files import write_whole

__all__ = [
    "DRAWS_FILE",
    "file_hash",
    "read_draws",
    "read_patients",
    "sidecar",
    "write_draws",
    "write_patients",
    "write_sidecar",
]

DRAWS_FILE = "ipd_draws.csv"
_TRUE_FALSE = {"1": True, "0": False, "1.0": True, "0.0": False, "true": True, "false": False}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Table:
    """A file's columns by lower-case name, and where in the file each row stands."""

    path: Path
    lines: Sequence[int]
    columns: Mapping[str, Sequence[str]]

    def part(self, rows: Sequence[int]) -> _Table:
        """Return some of the rows."""
        columns = {name: [column[i] for i in rows] for name, column in self.columns.items()}
        return _Table(path=self.path, lines=[self.lines[i] for i in rows], columns=columns)

    def error(self, row: int, rule: str, got: str, advice: str) -> AnalysisError:
        """Return an error that names the file's line."""
        return AnalysisError(f"{self.path}, line {self.lines[row]}", rule, got, advice)


def write_patients(path: Path, patients: Sequence[PseudoIPD]) -> Path:
    """Write ``time,event,arm``: one row a patient, arms one after the other."""
    return write_whole(path, "time,event,arm\n" + "".join(_rows(patients)))


def write_draws(path: Path, draws: Mapping[str, Sequence[PseudoIPD]], *, compress: bool = False) -> Path:
    """Write ``draw,time,event,arm``, draws numbered from 1 and paired over the arms; with ``.gz`` if compressed."""
    out = io.StringIO()
    out.write("draw,time,event,arm\n")
    for number, paired in enumerate(zip(*draws.values(), strict=True), start=1):
        head = f"{number},"
        out.write(head + head.join(_rows(paired)))
    if not compress:
        return write_whole(path, out.getvalue())
    packed = gzip.compress(out.getvalue().encode(), mtime=0)  # no name and no date: the same draws, the same bytes
    return write_whole(path.with_name(f"{path.name}.gz"), packed)


def write_sidecar(path: Path, **facts: Any) -> Path:
    """Write how a data set came about, as JSON with sorted keys."""
    return write_whole(path, json.dumps(sidecar(**facts), indent=2, sort_keys=True, allow_nan=False) + "\n")


def sidecar(**facts: Any) -> dict[str, Any]:
    """Return how a data set came about, and by which program."""
    return {"program": "survrecon", "version": survrecon.__version__, **facts}


def read_patients(path: Path, *, time_unit: str = "months") -> list[PseudoIPD]:
    """Read one or more arms from ``time,event[,arm]``; without the last, the file's name is the arm's.

    Raises
    ------
    AnalysisError
        If the file cannot be read, a column is missing, or a cell is no number.
    """
    return _grouped(_table(path), time_unit)


def read_draws(path: Path, *, time_unit: str = "months") -> dict[str, list[PseudoIPD]]:
    """Read ``draw,time,event[,arm]``: the draws of each arm, in order of their numbers."""
    table = _table(path)
    if "draw" not in table.columns:
        raise AnalysisError(
            str(path),
            "draws have a column draw",
            f"columns {', '.join(table.columns)}",
            "give it without --draws, or another file",
        )
    numbers = np.array(table.columns["draw"])
    by_arm: dict[str, list[PseudoIPD]] = {}
    for number in sorted(set(numbers.tolist()), key=lambda text: (len(text), text)):
        for ipd in _grouped(table.part(np.flatnonzero(numbers == number).tolist()), time_unit):
            by_arm.setdefault(ipd.arm, []).append(ipd)
    counts = {arm: len(found) for arm, found in by_arm.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{arm} {count}" for arm, count in counts.items())
        raise AnalysisError(str(path), "as many draws of every arm", told, "give complete draws")
    return by_arm


def file_hash(path: Path) -> str:
    """Return the sha256 of a file."""
    return sha256_of(path.read_bytes())


def _rows(patients: Sequence[PseudoIPD]) -> list[str]:
    """Return a line a patient; 200 draws are 10^5 of them, so only the arm's name goes through the csv module."""
    rows: list[str] = []
    for ipd in patients:
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerow(["", ipd.arm])
        ends = ("0" + out.getvalue(), "1" + out.getvalue())
        rows += [f"{t:.10g},{ends[e]}" for t, e in zip(ipd.time.tolist(), ipd.event.tolist(), strict=True)]
    return rows


def _table(path: Path) -> _Table:
    """Return the file's columns by lower-case name."""
    rows = list(csv_rows(path, AnalysisError))
    names = [name.lower() for name in rows[0][1]] if rows else []
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise AnalysisError(str(path), "each column once", f"{', '.join(sorted(repeated))} twice", "remove one of them")
    missing = {"time", "event"} - set(names)
    if missing or len(rows) < 2:
        raise AnalysisError(
            str(path),
            "columns time and event, and a row a patient",
            f"columns {', '.join(names) or 'none'} and {max(len(rows) - 1, 0)} rows",
            "rename the columns, event 1 for an event and 0 for censored",
        )
    for line, row in rows[1:]:
        if len(row) != len(names):
            raise AnalysisError(
                f"{path}, line {line}", f"{len(names)} cells as in the header", f"{len(row)}", "correct the row"
            )
    return _Table(
        path=path,
        lines=[line for line, _ in rows[1:]],
        columns={name: [row[i] for _, row in rows[1:]] for i, name in enumerate(names)},
    )


def _grouped(table: _Table, time_unit: str) -> list[PseudoIPD]:
    """Return the arms of a table in order of appearance."""
    cells = table.columns
    arms = cells.get("arm") or [Path(table.path.name.removesuffix(".gz")).stem] * len(table.lines)
    if "" in arms:
        raise table.error(arms.index(""), "every patient has an arm", "an empty cell", "fill it in")
    time, event = [], []
    for row, (t, e) in enumerate(zip(cells["time"], cells["event"], strict=True)):
        try:
            time.append(_time(t))
            event.append(_TRUE_FALSE[e.lower()])
        except (ValueError, KeyError):
            advice = "write decimals with a point" if "," in t else "correct the row"
            raise table.error(row, "time is a number from 0 on, event 1 or 0", f"{t!r} and {e!r}", advice) from None
    names = np.array(arms)
    times, events = np.array(time), np.array(event)
    return [
        PseudoIPD(time=times[names == arm], event=events[names == arm], arm=arm, time_unit=time_unit)
        for arm in dict.fromkeys(arms)
    ]


def _time(cell: str) -> float:
    time = float(cell)
    if not 0 <= time < inf:
        raise ValueError
    return time
