"""Points, risk tables and censoring marks from files, survrecon's own and those of other digitizers.

Layouts of points that are understood: two columns (time, survival), with or without a header;
pairs of columns, one pair a curve, as WebPlotDigitizer and DigitizeIt export; one x column with
several curves, as Engauge exports. Where a header does not tell the last two apart, that is an error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from survrecon.curve import AtRiskConvention, FloatArray, Resolution, RiskTable, SurvivalCurve, read_only
from survrecon.delimited import DelimitedTable, read_delimited
from survrecon.errors import CurveError

__all__ = ["DigitizedPoints", "read_censor_times", "read_datasets", "read_points", "read_risk_table"]

_X = re.compile(r"(x|t|time|months?|weeks?|days?|years?)([ _.-]?\d+)?([ _(\[].*)?|x[ _.-].*", re.IGNORECASE)
_Y = re.compile(
    r"(y|s|s\(t\)|surv|survival|probability|percent|%|km|pfs|os|efs|ttp|dfs)([ _.-]?\d+)?([ _(\[].*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, eq=False)
class DigitizedPoints:
    """One curve's points as a file holds them, in the units of its figure."""

    time: FloatArray
    survival: FloatArray


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
        A delimited text file in one of the layouts above.
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
        The points as digitized, survival as fractions.

    Raises
    ------
    CurveError
        If the file or its layout cannot be read without guessing, or the points are no survival curve.
    """
    from survrecon.repair import to_survival_curve

    curves = read_datasets(path)
    name = Path(path).name
    if dataset is None and len(curves) > 1:
        raise CurveError(
            name,
            "one curve, or the name of the one to read",
            f"{len(curves)} curves: {', '.join(curves)}",
            "name one of them (NAME=FILE#CURVE on the command line, dataset= in Python)",
        )
    if dataset is not None and dataset not in curves:
        raise CurveError(
            name, f"a curve named {dataset!r}", f"curves named {', '.join(map(repr, curves))}", "name one of these"
        )
    points = curves[dataset] if dataset is not None else next(iter(curves.values()))
    try:
        return to_survival_curve(
            points.time,
            points.survival,
            time_unit=time_unit,
            survival_unit=survival_unit,
            one_minus_survival=one_minus_survival,
            resolution=resolution,
        )
    except CurveError as error:
        raise error.at(name) from None


def read_datasets(path: str | Path) -> dict[str, DigitizedPoints]:
    """Read every curve of a file, by its name there; a curve without a name is called after its place."""
    table = read_delimited(path)
    if not table.rows:
        raise table.error("at least one point", "none", "export the points again")
    columns = _curve_columns(table)
    shared = len({x for x, _ in columns.values()}) < len(columns)
    return {name: _curve(table, name, x, y, shared_x=shared) for name, (x, y) in columns.items()}


def read_risk_table(
    path: str | Path, *, arms: Sequence[str], convention: AtRiskConvention | str = AtRiskConvention.AUTO
) -> dict[str, RiskTable]:
    """Read a risk table: first column ``time``, then one column an arm, headed by its name.

    Parameters
    ----------
    path : str or Path
        A delimited text file. With one arm and one column of numbers any header will do; cells
        after an arm's last number may be empty; an arm without any number is left out.
    arms : sequence of str
        The arms whose numbers are wanted.
    convention : {"before", "after", "auto"}
        Which patients a number counts.

    Raises
    ------
    CurveError
        If an arm has no column, a cell between two numbers is empty, or a number cannot be one at risk.
    """
    table = read_delimited(path)
    if not table.rows:
        turned = bool(table.header) and _is_turned(table.header[0])
        raise table.error(
            "times down the first column, one column an arm",
            "times along the top" if turned else "no line of numbers",
            "turn the table: first line time,arm A,arm B",
        )
    header = table.header[-1] if table.header else ("",) * table.width
    if len(arms) == 1 and table.width == 2:
        columns = {arms[0]: 1}
    else:
        columns = {arm: _arm_column(table, header, arm) for arm in arms}
    numbers = {
        arm: column for arm, column in columns.items() if any(row.cells[column] is not None for row in table.rows)
    }
    return {arm: _risk_column(table, arm, column, AtRiskConvention(convention)) for arm, column in numbers.items()}


def read_censor_times(path: str | Path) -> FloatArray:
    """Read censoring times: a column ``time``, or the x column of exported marks; sorted.

    Raises
    ------
    CurveError
        If a time is missing or negative, or it is not clear which column holds the times.
    """
    table = read_delimited(path)
    header = table.header[-1] if table.header else ()
    if table.width > 1 and not (header and all(header) and _X.fullmatch(header[0])):
        raise table.error(
            "one column of times",
            f"{table.width} columns headed {', '.join(map(repr, header))}" if header else f"{table.width} columns",
            "write one time a line under the header time, with decimal points",
        )
    if len(_pairs(header)) > 1:
        raise table.error("the marks of one arm", "several pairs of columns", "write one file an arm")
    times = []
    for row in table.rows:
        value = row.cells[0]
        if value is None or value < 0:
            raise table.error("a time from 0", _shown(value), "correct it", line=row.line)
        times.append(value)
    return np.asarray(read_only(np.sort(np.array(times, dtype=float))))


def _pairs(header: Sequence[str]) -> list[int]:
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
    starts = _pairs(header)
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
    points = []
    for row in table.rows:
        time, survival = row.cells[x], row.cells[y]
        if time is not None and survival is not None:
            points.append((time, survival))
        elif survival is not None or (time is not None and not shared_x):
            raise table.error(
                "time and survival of each point",
                f"{_shown(time)} and {_shown(survival)} ({name})",
                "fill the empty cell or remove the point",
                line=row.line,
            )
    if not points:
        raise table.error("at least one point", f"none of {name}", "export its points, or remove its columns")
    values = np.array(points, dtype=float)
    return DigitizedPoints(values[:, 0], values[:, 1])


def _arm_column(table: DelimitedTable, header: Sequence[str], arm: str) -> int:
    wanted = arm.strip().casefold()
    found = [i for i, name in enumerate(header) if i and name.casefold() == wanted]
    if len(found) != 1:
        raise table.error(
            f"one column headed {arm!r}",
            f"columns {', '.join(map(repr, header))}",
            "head the first column with time and every other with its arm's name",
        )
    return found[0]


def _is_turned(header: Sequence[str]) -> bool:
    return len(header) > 2 and all(name.replace(".", "", 1).isdigit() for name in header[1:])


def _risk_column(table: DelimitedTable, arm: str, column: int, convention: AtRiskConvention) -> RiskTable:
    filled = [row for row in table.rows if row.cells[column] is not None]
    last = filled[-1].line
    for row in table.rows:
        if row.cells[0] is None or (row.cells[column] is None and row.line < last):
            raise table.error(
                f"time and number at risk of {arm}", "an empty cell", "fill it, or remove the row", line=row.line
            )
    try:
        return RiskTable(
            time=np.array([row.cells[0] for row in filled], dtype=float),
            at_risk=np.array([row.cells[column] for row in filled]),
            convention=convention,
        )
    except CurveError as error:
        raise error.at(f"{table.name}, {arm}") from None


def _shown(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g}"
