"""Find the curves in a file of points by its header: which columns belong together.

Layouts that are understood: two columns (time, survival), with or without a header; pairs of
columns, one pair a curve, as WebPlotDigitizer and DigitizeIt export; one x column with several
curves, as Engauge exports; one curve below the other with its name in a column; row numbers, and what
R, Stata and others write beside survival, which is left out and listed; the projects of
`survrecon.files.projects`. Where a header does not tell what a column is, that is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from survrecon.callers import option_name
from survrecon.files.projects import read_project
from survrecon.files.tables import DelimitedTable, is_missing, is_number, listed, read_delimited
from survrecon.model.columns import ColumnRole, column_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.errors import CurveError

__all__ = ["DigitizedPoints", "counts_rows", "curves_column", "pairs_of_columns", "read_datasets", "shown"]

_TIMES = (ColumnRole.TIME, ColumnRole.X)
_FLAGS = {"0", "1", "2", "0.0", "1.0", "true", "false", "event", "censored", "dead", "alive", "yes", "no"}
_HEAD_THEM = "head them 'x,arm A,arm B', or in two lines 'arm A,,arm B,' and 'X,Y,X,Y'"
_LEFT = (ColumnRole.BESIDE, ColumnRole.AT_RISK, ColumnRole.RISK_TIME, ColumnRole.EVENT)


@dataclass(frozen=True, slots=True, eq=False)
class DigitizedPoints:
    """One curve's points as a file holds them, in the units of its figure.

    Parameters
    ----------
    time, survival : array of float, shape (m,)
        The points.
    in_percent : bool
        Whether the survival cells bear percent signs.
    notes : tuple of str
        What was left out of the file.
    """

    time: FloatArray
    survival: FloatArray
    in_percent: bool = False
    notes: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    """The line of the file that each point stands in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Layout:
    """The columns x and y of each curve by name, the column of curves' names, and the columns left out."""

    curves: dict[str, tuple[int, int]]
    names: int | None = None
    left: tuple[str, ...] = ()


def read_datasets(path: str | Path) -> dict[str, DigitizedPoints]:
    """Read every curve of a file, by its name there; a curve without a name is called after its place."""
    project = read_project(Path(path))
    if project is not None:
        return {name: DigitizedPoints(points[:, 0], points[:, 1]) for name, points in project.items()}
    table = read_delimited(path)
    if not table.rows:
        raise table.error("at least one point", "none", "export the points again")
    layout = _layout(table)
    notes = (f"columns left out of {table.name}: {', '.join(layout.left)}",) if layout.left else ()
    columns = sorted({column for pair in layout.curves.values() for column in pair})
    numbers = table.numbers(columns)
    shared = len({x for x, _ in layout.curves.values()}) < len(layout.curves)
    if layout.names is None:
        every = range(len(table.rows))
        return {
            name: _curve(table, numbers, name, x, y, every, shared_x=shared, notes=notes)
            for name, (x, y) in layout.curves.items()
        }
    x, y = next(iter(layout.curves.values()))
    rows = curves_column(table, layout.names)
    return {name: _curve(table, numbers, name, x, y, of, shared_x=False, notes=notes) for name, of in rows.items()}


def curves_column(table: DelimitedTable, column: int) -> dict[str, list[int]]:
    """Return the rows of each name in a column, in order of appearance; ``arm=A``, as R writes strata, is ``A``."""
    cells = table.column(column)
    if "" in cells:
        row = table.rows[cells.index("")]
        raise table.error("the curve's name in each row", "an empty cell", "fill it in", line=row.line)
    prefixes = {cell.partition("=")[0] if "=" in cell else "" for cell in cells}
    if len(prefixes) == 1 and "" not in prefixes:
        cells = [cell.partition("=")[2].strip() for cell in cells]
    rows: dict[str, list[int]] = {}
    for i, cell in enumerate(cells):
        rows.setdefault(cell, []).append(i)
    return rows


def pairs_of_columns(header: Sequence[str]) -> list[int]:
    """Return where pairs of columns x, y begin, if the whole header is made of such pairs."""
    starts = list(range(0, len(header), 2))
    roles = [column_role(name) for name in header]
    if len(header) % 2 or not all(roles[i] in _TIMES and roles[i + 1] not in (*_TIMES, *_LEFT) for i in starts):
        return []
    return starts


def counts_rows(table: DelimitedTable, column: int) -> bool:
    """Whether a column counts the rows from 0 or 1."""
    cells = table.column(column)
    numbers = table.numbers([column])[column] if all(map(is_number, cells)) else []
    return any(numbers == [float(i + first) for i in range(len(cells))] for first in (0, 1))


def _names_rows(table: DelimitedTable, column: int) -> bool:
    """Whether a column tells each row by another whole number, some of 1, 2, 3, or by another word."""
    cells = table.column(column)
    numbers = table.numbers([column])[column] if all(map(is_number, cells)) else []
    whole = all(number is not None and number == round(number) for number in numbers)
    return len(set(cells)) == len(cells) and (whole if numbers else not any(map(is_number, cells)))


def _layout(table: DelimitedTable) -> _Layout:
    """Find the columns of each curve, from the header where there are more than two."""
    width, header = table.width, table.header[-1] if table.header else ()
    above = table.header[-2] if len(table.header) > 1 else ()
    if header and above and all(re.fullmatch(r"[(\[].*[)\]]|%", name) for name in header):
        header, above = above, ()  # units stand below the names
    if width < 2:
        raise table.error(
            "two columns, time and survival", f"{width} column", "export x and y; a decimal comma needs quotes or ';'"
        )
    if not header:
        return _without_header(table)
    first = int(
        width > 3 and column_role(header[0]) is ColumnRole.ROW and _names_rows(table, 0)
    )  # pairs beside row numbers
    starts = [first + i for i in pairs_of_columns(header[first:])]
    if starts and width > 2:
        names = [above[i] or above[i + 1] if above else _pair_name(header, i) for i in starts]
        left = (header[0] or "row numbers",) if first else ()
        return _named(table, names, [(i, i + 1) for i in starts], left=left)
    if width > 2 and width % 2 == 0 and all(header[i] and not header[i + 1] for i in range(0, width, 2)):
        return _named(table, list(header[::2]), [(i, i + 1) for i in range(0, width, 2)])
    return _by_roles(table, header, above)


def _without_header(table: DelimitedTable) -> _Layout:
    if table.width == 2:
        return _Layout(curves={"curve 1": (0, 1)})
    advice = _HEAD_THEM
    if counts_rows(table, 0):
        advice = "remove the first column if it numbers the rows; name the others"
    elif all(cell.isdigit() or not cell for row in table.rows for cell in row.cells):
        advice = "if these are decimal commas, export with semicolons; else name the columns"
    rule = "a header that tells which columns belong together"
    raise table.error(rule, f"{table.width} columns without a header", advice)


def _by_roles(table: DelimitedTable, header: Sequence[str], above: Sequence[str]) -> _Layout:
    """Find times, survival and names by what the header says of each column."""
    roles = list(map(column_role, header))
    if (
        ColumnRole.TIME in roles[1:]
        and ColumnRole.SURVIVAL in roles[1:]
        and roles[0] is ColumnRole.NAME
        and counts_rows(table, 0)
    ):
        roles[0] = ColumnRole.ROW
    if ColumnRole.SURVIVAL not in roles:
        roles = [_or_name(table, i, role) for i, role in enumerate(roles)]
    time, left = _time_column(table, header, roles)
    of = {role: [i for i, found in enumerate(roles) if found is role and i not in (time, *left)] for role in ColumnRole}
    survival = of[ColumnRole.SURVIVAL] or of[ColumnRole.FAILURE]
    unknown = sorted(of[ColumnRole.NAME] + of[ColumnRole.ENDPOINT] + of[ColumnRole.X])
    names = [i for i in of[ColumnRole.CURVE] if survival or not _of_numbers(table, i)]
    unknown = sorted({*unknown, *of[ColumnRole.CURVE]} - {*names})
    if not survival and of[ColumnRole.EVENT]:
        raise _patients(table, header, of[ColumnRole.EVENT])
    left += [i for role in _LEFT for i in of[role]] + (of[ColumnRole.FAILURE] if of[ColumnRole.SURVIVAL] else [])
    left += [i for i in of[ColumnRole.ROW] if i not in left]
    curves = survival or unknown
    if survival and unknown:
        raise _unknown(table, header, unknown)
    if not curves:
        raise _no_survival(table, header, roles)
    _refuse_columns(table, header, time, curves)
    told = tuple(header[i] or "row numbers" for i in sorted(left))
    if len(names) > 1 or (names and len(curves) > 1):
        got = f"columns {listed(header[i] for i in (*names, *curves))}"
        raise table.error("one column of curves' names and one of survival", got, "remove the others")
    if names:
        return _Layout(curves={"": (time, curves[0])}, names=names[0], left=told)
    if len(curves) == 1:
        own = header[curves[0]] if roles[curves[0]] is ColumnRole.NAME else ""
        name = (above[time] if above and table.width == 2 else "") or own or "curve 1"
        return _Layout(curves={name: (time, curves[0])}, left=told)
    return _named(table, [header[i] for i in curves], [(time, i) for i in curves], left=told)


def _patients(table: DelimitedTable, header: Sequence[str], events: list[int]) -> CurveError:
    """Return the error of a table that holds patients, or columns of events that are none."""
    if not any(_flags(table, i) for i in events):
        return _unknown(table, header, events)
    rule = "points of a curve, time and survival"
    return table.error(rule, f"patients, columns {listed(header)}", "compare them with: survrecon analyze")


def _refuse_columns(table: DelimitedTable, header: Sequence[str], time: int, curves: list[int]) -> None:
    """Refuse several columns of survival of which one holds words, and survival that stands before time."""
    words = [i for i in curves if not _of_numbers(table, i)]
    if words and len(curves) > 1:
        raise _unknown(table, header, words)
    if min(curves) < time:
        raise table.error("time before survival", f"columns {', '.join(header)}", "swap the columns")


def _time_column(table: DelimitedTable, header: Sequence[str], roles: list[ColumnRole]) -> tuple[int, list[int]]:
    """Return the column of times, and those that number the rows; no other is a time beside one that is headed so."""
    times = [i for i, role in enumerate(roles) if role is ColumnRole.TIME]
    axes = [i for i, role in enumerate(roles) if role is ColumnRole.X]
    rows = [i for i, role in enumerate(roles) if role is ColumnRole.ROW]
    if len(times) == 1 and axes == [0] and _names_rows(table, 0):
        rows, axes = [*rows, 0], []  # R reads its own row numbers back as a column X
    found = times or axes
    unnamed = not header[0] and not counts_rows(table, 0)
    if not found and table.width == 2 and (unnamed or roles[0] in (ColumnRole.NAME, ColumnRole.ENDPOINT)):
        return 0, []  # two columns are time and survival, whatever their names
    if len(found) != 1:
        got = f"{table.width} columns headed {listed(header)}"
        if len(found) > 1:
            raise table.error("one column of times", got, "remove the others, or head pairs of columns X,Y,X,Y")
        if rows:
            raise table.error("a column headed time", got, f"head the times so; {header[rows[0]]!r} numbers the rows")
        raise table.error("a header that tells which columns belong together", got, _HEAD_THEM)
    for i in rows:
        if i and not header[i] and roles[i - 1] is ColumnRole.BESIDE:
            continue  # a limit of an interval that one header names
        if i and not header[i]:
            got = f"column {i + 1} without one"
            raise table.error("a name over every column", got, "name or remove it")
        if not _names_rows(table, i) and not any(role is ColumnRole.CURVE for role in roles):
            got = f"{header[i]!r} with {', '.join(table.column(i)[:3])}, ..."
            advice = "remove the column; head it curve if it tells which curve a row is of"
            raise table.error("row numbers that count 1, 2, 3", got, advice)
    return found[0], rows


def _or_name(table: DelimitedTable, column: int, role: ColumnRole) -> ColumnRole:
    """Return a role where no header says survival: ``No`` or ``Patients`` may name a curve, whose numbers tell."""
    counts = role in (ColumnRole.AT_RISK, ColumnRole.EVENT) or (
        role is ColumnRole.ROW and column and table.header[-1][column]
    )
    if not counts or not _of_numbers(table, column):
        return role
    numbers = [value for value in table.numbers([column])[column] if value is not None]
    whole = all(value == round(value) for value in numbers)
    rising = all(first < second for first, second in pairwise(numbers))
    return role if whole and (rising or role is not ColumnRole.ROW) else ColumnRole.NAME


def _of_numbers(table: DelimitedTable, column: int) -> bool:
    return all(is_missing(cell) or is_number(cell) for cell in table.column(column))


def _flags(table: DelimitedTable, column: int) -> bool:
    return {cell.casefold() for cell in table.column(column)} <= _FLAGS


def _unknown(table: DelimitedTable, header: Sequence[str], columns: Sequence[int]) -> CurveError:
    name = header[columns[0]] or f"column {columns[0] + 1}"
    advice = f"remove {name!r}; or head it curve, if it tells which curve each row is of"
    return table.error("columns whose headers are known", f"columns {listed(header)}", advice)


def _no_survival(table: DelimitedTable, header: Sequence[str], roles: Sequence[ColumnRole]) -> CurveError:
    advice = "head the survival column survival, or remove the columns that are none"
    if ColumnRole.AT_RISK in roles:
        advice = f"give the points; a risk table is given with {option_name('risk_table')}"
    return table.error("a column of survival", f"columns {listed(header)}", advice)


def _pair_name(header: Sequence[str], start: int) -> str:
    """Take the name out of a header such as ``x_placebo, y_placebo``, else the y column's."""
    return header[start + 1] if column_role(header[start + 1]) in (ColumnRole.NAME, ColumnRole.CURVE) else ""


def _named(
    table: DelimitedTable, names: Sequence[str], columns: Sequence[tuple[int, int]], left: tuple[str, ...] = ()
) -> _Layout:
    full = [name or f"curve {i}" for i, name in enumerate(names, start=1)]
    if len(set(full)) < len(full):
        raise table.error("curve names that differ", ", ".join(full[:8]), "rename the repeated one")
    return _Layout(curves=dict(zip(full, columns, strict=True)), left=left)


def _curve(
    table: DelimitedTable,
    numbers: dict[int, list[float | None]],
    name: str,
    x: int,
    y: int,
    rows: Sequence[int],
    *,
    shared_x: bool,
    notes: tuple[str, ...],
) -> DigitizedPoints:
    points: list[tuple[float, float]] = []
    lines: list[int] = []
    for i in rows:
        time, survival, row = numbers[x][i], numbers[y][i], table.rows[i]
        if time is not None and survival is not None:
            if lines and row.line > lines[-1] + 1 and _starts_again(points, time):
                got = f"a second block that starts again at time {time:g}"
                advice = "split the file, or write the curves side by side"
                raise table.error("one curve without a gap", got, advice, line=row.line)
            points.append((time, survival))
            lines.append(row.line)
        elif survival is not None or (time is not None and not shared_x):
            raw = row.cells[y if time is not None else x]
            if raw:
                advice = "correct the cell, or remove the row"
                raise table.error("every cell is a number", repr(raw), advice, line=row.line)
            raise table.error(
                "time and survival of each point",
                f"{shown(time)} and {shown(survival)} ({name})",
                "fill the empty cell or remove the point",
                line=row.line,
            )
    if not points:
        raise table.error("at least one point", f"none of {name}", "export its points, or remove its columns")
    values = np.array(points, dtype=float)
    return DigitizedPoints(values[:, 0], values[:, 1], in_percent=table.in_percent(y), notes=notes, lines=tuple(lines))


_NEAR_START = 10  # a tenth of the points' range of times


def _starts_again(points: Sequence[tuple[float, float]], time: float) -> bool:
    """Whether a time after a blank line lies in the first tenth of the points before it: another curve's."""
    times = [t for t, _ in points]
    return len(times) > 1 and time < min(times) + (max(times) - min(times)) / _NEAR_START


def shown(value: float | None) -> str:
    """Return a cell's value as an error prints it."""
    return "nothing" if value is None else f"{value:g}"
