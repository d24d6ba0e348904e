"""The curves in a file of points: which columns belong together, by its header.

Layouts that are understood: two columns (time, survival), with or without a header; pairs of
columns, one pair a curve, as WebPlotDigitizer and DigitizeIt export; one x column with several
curves, as Engauge exports. Where a header does not tell the last two apart, that is an error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from survrecon.curve import FloatArray
from survrecon.delimited import DelimitedTable, read_delimited

__all__ = ["DigitizedPoints", "is_time_header", "pairs_of_columns", "read_datasets", "shown"]

_X = re.compile(
    r"[xt]([ _.-]?\d+)?( ?[(\[].*)?|x[ _.-].*|(time|months?|weeks?|days?|years?)([ _.-]?\d+)?([ _(\[].*)?",
    re.IGNORECASE,
)
_Y = re.compile(
    r"(y|s|s\(t\)|surv|survival|probability|percent|%|km|pfs|os|efs|ttp|dfs)([ _.-]?\d+)?([ _(\[].*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, eq=False)
class DigitizedPoints:
    """One curve's points as a file holds them, in the units of its figure."""

    time: FloatArray
    survival: FloatArray
    lines: tuple[int, ...] = ()
    """The line of the file that each point stands in."""


def read_datasets(path: str | Path) -> dict[str, DigitizedPoints]:
    """Read every curve of a file, by its name there; a curve without a name is called after its place."""
    table = read_delimited(path)
    if not table.rows:
        raise table.error("at least one point", "none", "export the points again")
    columns = _curve_columns(table)
    shared = len({x for x, _ in columns.values()}) < len(columns)
    return {name: _curve(table, name, x, y, shared_x=shared) for name, (x, y) in columns.items()}


def is_time_header(name: str) -> bool:
    """Whether a header names a column of times."""
    return _X.fullmatch(name) is not None


def pairs_of_columns(header: Sequence[str]) -> list[int]:
    """Return where pairs of columns x, y begin, if the whole header is made of such pairs."""
    starts = list(range(0, len(header), 2))
    if len(header) % 2 or not all(_X.fullmatch(header[i]) and not _X.fullmatch(header[i + 1]) for i in starts):
        return []
    return starts


def _curve_columns(table: DelimitedTable) -> dict[str, tuple[int, int]]:
    """Find the columns of each curve, from the header where there are more than two."""
    width, header = table.width, table.header[-1] if table.header else ()
    above = table.header[-2] if len(table.header) > 1 else ()
    if width == 3 and header and not header[0] and [row.cells[0] for row in table.rows] == _row_numbers(table):
        header, above, first = header[1:], above[1:], 1  # row numbers, as R writes them
    else:
        first = 0
    width -= first
    if width < 2:
        raise table.error(
            "two columns, time and survival", f"{width} column", "export x and y; a decimal comma needs quotes or ';'"
        )
    if header and _Y.fullmatch(header[0]) and _X.fullmatch(header[1]):
        raise table.error("time before survival", f"columns {', '.join(header)}", "swap the columns")
    if width == 2:
        named = [name for name in (above[0] if above else "", header[1] if header else "") if name]
        name = next((name for name in named if not _Y.fullmatch(name)), "curve 1")
        return {name: (first, first + 1)}
    starts = pairs_of_columns(header)
    if starts and width > 2:
        names = [above[i] or above[i + 1] if above else _pair_name(header, i) for i in starts]
        return _named(table, names, [(i, i + 1) for i in starts])
    if width % 2 == 0 and header and all(header[i] and not header[i + 1] for i in range(0, width, 2)):
        return _named(table, list(header[::2]), [(i, i + 1) for i in range(0, width, 2)])
    if header and _X.fullmatch(header[0]) and not any(_X.fullmatch(name) for name in header[1:]):
        return _named(table, list(header[1:]), [(0, i) for i in range(1, width)])
    raise table.error(
        "a header that tells which columns belong together",
        f"{width} columns headed {', '.join(map(repr, header))}" if header else f"{width} columns without a header",
        "head them 'x,arm A,arm B' (one x column) or, in two lines, 'arm A,,arm B,' and 'X,Y,X,Y' (pairs)",
    )


def _row_numbers(table: DelimitedTable) -> list[float | None]:
    first = table.rows[0].cells[0]
    return [first + i for i in range(len(table.rows))] if first in (0, 1) and first is not None else []


def _pair_name(header: Sequence[str], start: int) -> str:
    """Take the name out of a header such as ``x_placebo, y_placebo``, else the y column's."""
    return "" if _Y.fullmatch(header[start + 1]) else header[start + 1]


def _named(
    table: DelimitedTable, names: Sequence[str], columns: Sequence[tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    full = [name or f"curve {i}" for i, name in enumerate(names, start=1)]
    if len(set(full)) < len(full):
        raise table.error("curve names that differ", ", ".join(full), "rename the repeated one")
    return dict(zip(full, columns, strict=True))


def _curve(table: DelimitedTable, name: str, x: int, y: int, *, shared_x: bool) -> DigitizedPoints:
    points, lines = [], []
    for row in table.rows:
        time, survival = row.cells[x], row.cells[y]
        if time is not None and survival is not None:
            points.append((time, survival))
            lines.append(row.line)
        elif survival is not None or (time is not None and not shared_x):
            raise table.error(
                "time and survival of each point",
                f"{shown(time)} and {shown(survival)} ({name})",
                "fill the empty cell or remove the point",
                line=row.line,
            )
    if not points:
        raise table.error("at least one point", f"none of {name}", "export its points, or remove its columns")
    values = np.array(points, dtype=float)
    return DigitizedPoints(values[:, 0], values[:, 1], tuple(lines))


def shown(value: float | None) -> str:
    """Print a cell in an error."""
    return "nothing" if value is None else f"{value:g}"
