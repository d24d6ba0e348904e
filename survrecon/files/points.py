"""Read points, risk tables and censoring marks from survrecon's own files and those of other digitizers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from survrecon.callers import option_name
from survrecon.errors import CurveError
from survrecon.files.datasets import counts_rows, curves_column, pairs_of_columns, read_datasets, shown
from survrecon.files.projects import read_project
from survrecon.files.tables import DelimitedTable, is_missing, is_number, listed, read_delimited
from survrecon.model.columns import ColumnRole, column_role
from survrecon.model.curve import AtRiskConvention, Resolution, RiskTable, SurvivalCurve, read_only
from survrecon.model.repair import MARK_STRAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.arrays import FloatArray

__all__ = ["read_censor_times", "read_events_so_far", "read_points", "read_risk_table"]


def read_points(
    path: str | Path,
    *,
    time_unit: str = "months",
    survival_unit: Literal["fraction", "percent"] = "fraction",
    one_minus_survival: bool = False,
    resolution: Resolution | tuple[float, ...] | float | None = None,
    dataset: str | None = None,
) -> SurvivalCurve:
    """Read the points of one curve.

    Parameters
    ----------
    path : str or Path
        A delimited text file, workbook or digitizer's project in one of the layouts of `survrecon.files.datasets`.
    time_unit : str
        The figure's time unit; carried by name.
    survival_unit : {"fraction", "percent"}
        Unit of the figure's survival axis; never guessed.
    one_minus_survival : bool
        Whether the axis shows incidence, 1 - S.
    resolution : Resolution or tuple or float or None
        A pixel's height as a fraction, with or without its width in time.
    dataset : str or None
        Which of several curves in the file; may be left out when there is one.

    Returns
    -------
    SurvivalCurve
        The points as digitized, survival as fractions; its notes say what of the file was left out.

    Raises
    ------
    CurveError
        If the file or its layout cannot be read without guessing, or the points are no survival curve.

    Examples
    --------
    >>> from survrecon.records.folder import catalogue_folder
    >>> curve = read_points(catalogue_folder() / "quiredex_ttp_2012-10" / "observation.csv")
    >>> curve.time, curve.survival
    (array([ 0., 21., 36.]), array([1. , 0.5, 0.3]))
    """
    from survrecon.model.repair import to_survival_curve

    curves = read_datasets(path)
    name = Path(path).name
    if dataset is None and len(curves) > 1:
        raise CurveError(
            name,
            "one curve, or the name of the one to read",
            f"{len(curves)} curves: {', '.join(list(curves)[:8])}",
            "name one of them (FILE#CURVE on the command line, dataset= in Python)",
        )
    if dataset is not None and dataset not in curves:
        raise CurveError(name, f"a curve named {dataset!r}", f"curves named {listed(curves)}", "name one of these")
    points = curves[dataset] if dataset is not None else next(iter(curves.values()))
    if points.in_percent and survival_unit == "fraction":
        advice = f"declare a percent axis ({option_name('survival_unit', 'percent')})"
        raise CurveError(name, "survival is a fraction", "numbers with percent signs", advice)
    try:
        curve = to_survival_curve(
            points.time,
            points.survival,
            time_unit=time_unit,
            survival_unit=survival_unit,
            one_minus_survival=one_minus_survival,
            resolution=resolution,
        )
    except CurveError as error:
        raise error.at(_line_of(name, points.lines, error)) from None
    return replace(curve, notes=points.notes)


def read_risk_table(
    path: str | Path,
    *,
    arms: Sequence[str],
    convention: AtRiskConvention | str = AtRiskConvention.AUTO,
    gaps: bool = False,
) -> dict[str, RiskTable]:
    """Read a risk table: a column of times, then one column per arm, headed by its name.

    Parameters
    ----------
    path : str or Path
        A delimited text file or workbook. With one arm and one column of numbers any header will do, and of more
        columns the one headed as numbers at risk is taken; arms may also stand below each other, with their names in
        a column. Cells after an arm's last number may be empty or NA; an arm without any number is left out. Of
        ``120 (3)`` the first number counts; the tables' notes say what was left out.
    arms : sequence of str
        The arms whose numbers are wanted.
    convention : {"before", "after", "auto"}
        Which patients a number counts.
    gaps : bool
        Whether a cell between two numbers may be empty, as where a program could not read it.

    Raises
    ------
    CurveError
        If an arm has no column, a cell between two numbers is empty, or a number cannot be one at risk.
    """
    if read_project(Path(path)) is not None:
        rule, got = "a table of times and numbers at risk", "the points of a digitizer's project"
        raise CurveError(Path(path).name, rule, got, "write the table as CSV: time, then one column per arm")
    table = read_delimited(path)
    if not table.rows or _is_turned(table):
        turned = bool(table.rows) or _numbers_after_the_first(table.header[0])
        raise table.error(
            "times down the first column, one column per arm",
            "times along the top" if turned else "no line of numbers",
            "turn the table: first line time,arm A,arm B",
        )
    time, columns = _risk_columns(table, arms)
    times = table.numbers([time])[time]
    return {
        arm: _risk_column(table, arm, times, column, AtRiskConvention(convention), gaps=gaps)
        for arm, column in columns.items()
        if any(not is_missing(table.rows[i].cells[column.index]) for i in column.rows)
    }


def read_events_so_far(path: str | Path, tables: Mapping[str, RiskTable]) -> dict[str, RiskTable]:
    """Return risk tables with the events so far that a file tells: times of their columns, then one column per arm.

    Parameters
    ----------
    path : str or Path
        A delimited text file. Cells are empty where nothing is told.
    tables : mapping of str to RiskTable
        Numbers at risk by arm.

    Raises
    ------
    CurveError
        If a time is none of the arm's risk table, or a number falls or is none of events.
    """
    table = read_delimited(path)
    time, columns = _risk_columns(table, list(tables))
    times = table.numbers([time])[time]
    found = dict(tables)
    for arm, column in columns.items():
        cells, at = table.numbers([column.index])[column.index], tables[arm].time.tolist()
        told = {t: d for t, d in zip(times, cells, strict=True) if d is not None}
        for t, d in told.items():
            if t not in at or d != round(d):
                got = f"{d:g} at time {shown(t)}"
                rule = f"whole numbers at times of the numbers at risk of {arm}"
                raise table.error(rule, got, "correct the number or its time, or remove it")
        events = tuple(None if told.get(t) is None else int(told[t]) for t in at)
        try:
            found[arm] = replace(tables[arm], events=events if told else ())
        except CurveError as error:
            raise error.at(f"{table.name}, {arm}") from None
    return found


def read_censor_times(path: str | Path) -> FloatArray:
    """Read censoring times: a column ``time``, or the x column of exported marks; sorted.

    Clicks a little before 0 are kept as they are; `survrecon.reconstruct` moves them to 0 and says so.

    Raises
    ------
    CurveError
        If a time is missing or lies far before 0, or it is not clear which column holds the times.
    """
    project = read_project(Path(path))
    if project is not None and len(project) > 1:
        raise CurveError(Path(path).name, "the marks of one arm", f"curves {listed(project)}", "write one file per arm")
    if project is not None:
        return np.asarray(read_only(np.sort(next(iter(project.values()))[:, 0])))
    table = read_delimited(path)
    header = table.header[-1] if table.header else ()
    column = _marks_column(table, header)
    if not table.rows and len(table.header) > 1:
        raise table.error("one time per line under one header", listed(header), "correct the line")
    times = []
    found = table.numbers([column])[column]
    stray = -MARK_STRAY * max((value or 0.0 for value in found), default=0.0)
    for row, value in zip(table.rows, found, strict=True):
        if value is None or value < stray:
            raise table.error("a time from 0", shown(value), "correct it", line=row.line)
        times.append(value)
    return np.asarray(read_only(np.sort(np.array(times, dtype=float))))


def _marks_column(table: DelimitedTable, header: Sequence[str]) -> int:
    """Return the column of the marks' times."""
    roles = [column_role(name) for name in header]
    if len(pairs_of_columns(header)) > 1 or ColumnRole.CURVE in roles:
        got = "several pairs of columns" if ColumnRole.CURVE not in roles else f"columns {listed(header)}"
        raise table.error("the marks of one arm", got, "write one file per arm")
    if ColumnRole.EVENT in roles and table.width > 1:
        advice = "write the times of those censored alone, under the header time"
        raise table.error("times of marks", f"patients, columns {listed(header)}", advice)
    times = [i for i, role in enumerate(roles) if role is ColumnRole.TIME] or [
        i for i, role in enumerate(roles) if role is ColumnRole.X
    ]
    if table.width == 1 and not (roles and roles[0] is ColumnRole.ROW and header[0]):
        return 0
    if len(times) != 1 or not all(header[times[0] :]):
        raise table.error(
            "one column of times",
            f"{table.width} columns headed {listed(header)}" if header else f"{table.width} columns",
            "write one time per line under the header time, with decimal points",
        )
    return times[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class _ArmColumn:
    """Where an arm's numbers at risk stand: a column, its rows, and what was left out beside it."""

    index: int
    rows: Sequence[int]
    left: tuple[str, ...] = ()


def _risk_columns(table: DelimitedTable, arms: Sequence[str]) -> tuple[int, dict[str, _ArmColumn]]:
    """Return the column of times, and where each arm's numbers stand."""
    header = table.header[-1] if table.header else ("",) * table.width
    known = [any(_same(name, arm) for arm in arms) for name in header]
    roles = [ColumnRole.NAME if i and known[i] else column_role(name) for i, name in enumerate(header)]
    every = range(len(table.rows))
    counted = [i for i, role in enumerate(roles) if role is ColumnRole.AT_RISK]
    time = _risk_time(table, header, roles)
    named = {arm: [i for i, name in enumerate(header) if i != time and _same(name, arm)] for arm in arms}
    names = [i for i, role in enumerate(roles) if role is ColumnRole.CURVE and _below_each_other(table, i)]
    if len(names) == 1 and len(counted) == 1:
        rows = curves_column(table, names[0])
        below = {arm: [of for name, of in rows.items() if _same(name, arm)] for arm in arms}
        for arm, found in below.items():
            if len(found) != 1:
                got = f"names {listed(rows)}"
                raise table.error(f"rows of {arm!r} in the column {header[names[0]]!r}", got, "name the arms alike")
        return time, {arm: _ArmColumn(index=counted[0], rows=found[0]) for arm, found in below.items()}
    if len(arms) == 1 and table.width == 2:
        return time, {arms[0]: _ArmColumn(index=1 - time, rows=every)}
    if len(arms) == 1 and not named[arms[0]] and len(counted) == 1:
        left = tuple(name for i, name in enumerate(header) if name and i not in (time, counted[0]))
        return time, {arms[0]: _ArmColumn(index=counted[0], rows=every, left=left)}
    for arm, places in named.items():
        if len(places) != 1:
            advice = "head the times with time and every other column with its arm's name"
            if len(arms) == 1 and table.width > 2:
                advice += ", or the arm's numbers with nrisk"
            raise table.error(f"one column headed {arm!r}", f"columns {listed(header)}", advice)
    return time, {arm: _ArmColumn(index=places[0], rows=every) for arm, places in named.items()}


def _risk_time(table: DelimitedTable, header: Sequence[str], roles: Sequence[ColumnRole]) -> int:
    """Return the column headed as times; the first where none is, unless it is headed as something else."""
    for wanted in ((ColumnRole.RISK_TIME,), (ColumnRole.TIME,), (ColumnRole.X,)):
        found = [i for i, role in enumerate(roles) if role in wanted]
        if len(found) > 1:
            raise table.error("one column of times", f"columns {listed(header)}", "remove the others")
        if found:
            return found[0]
    if header[0] and roles[0] in (ColumnRole.ROW, ColumnRole.AT_RISK, ColumnRole.CURVE, ColumnRole.BESIDE):
        raise table.error("a column headed time", f"columns {listed(header)}", "head the times so")
    if not header[0] and table.header and table.width > 2 and counts_rows(table, 0):
        raise table.error("a column headed time", f"columns {listed(header)}", "head the times so")
    return 0


def _line_of(name: str, lines: Sequence[int], error: CurveError) -> str:
    """Return the file's name, with the line of the value at fault where that is known."""
    return name if error.index is None or error.index >= len(lines) else f"{name}, line {lines[error.index]}"


def _same(name: str, arm: str) -> bool:
    return name.casefold() == arm.strip().casefold()


def _below_each_other(table: DelimitedTable, column: int) -> bool:
    cells = table.column(column)
    return len(set(cells)) < len(cells) or not all(map(is_number, cells))


def _is_turned(table: DelimitedTable) -> bool:
    """Whether arms stand down the first column and times along the top."""
    if table.header and ColumnRole.CURVE in map(column_role, table.header[-1]):
        return False
    words = [bool(row.cells[0]) and not is_number(row.cells[0]) and not is_missing(row.cells[0]) for row in table.rows]
    return table.width > 2 and all(words[1:]) and any(words) and _numbers_after_the_first(table.rows[-1].cells)


def _numbers_after_the_first(cells: Sequence[str]) -> bool:
    return len(cells) > 2 and all(is_number(cell) or is_missing(cell) for cell in cells[1:])


def _risk_column(
    table: DelimitedTable,
    arm: str,
    times: list[float | None],
    column: _ArmColumn,
    convention: AtRiskConvention,
    *,
    gaps: bool,
) -> RiskTable:
    counts, more = table.counts(column.index)
    filled = [i for i in column.rows if counts[i] is not None]
    for i in column.rows:
        row, cell = table.rows[i], table.rows[i].cells[column.index]
        unused = counts[i] is None and (times[i] is None or (gaps and is_missing(cell)))
        if not unused and (times[i] is None or (counts[i] is None and i < filled[-1])):
            got = repr(cell) if cell and times[i] is not None else "an empty cell"
            advice = "fill it, or remove the row"
            raise table.error(f"time and number at risk of {arm}", got, advice, line=row.line)
    notes = [f"columns left out of {table.name}: {', '.join(column.left)}"] if column.left else []
    if more:
        notes.append(f"numbers in brackets beside those at risk left out of {table.name}")
    try:
        return RiskTable(
            time=np.array([times[i] for i in filled], dtype=float),
            at_risk=np.array([counts[i] for i in filled]),
            convention=convention,
            notes=tuple(notes),
        )
    except CurveError as error:
        lines = [table.rows[i].line for i in filled]
        raise error.at(f"{_line_of(table.name, lines, error)}, {arm}") from None
