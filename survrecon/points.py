"""Points, risk tables and censoring marks from files, survrecon's own and those of other digitizers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from survrecon.curve import AtRiskConvention, FloatArray, Resolution, RiskTable, SurvivalCurve, read_only
from survrecon.datasets import is_time_header, pairs_of_columns, read_datasets, shown
from survrecon.delimited import DelimitedTable, read_delimited
from survrecon.errors import CurveError
from survrecon.repair import MARK_STRAY

__all__ = ["read_censor_times", "read_points", "read_risk_table"]


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
        A delimited text file in one of the layouts of `survrecon.datasets`.
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

    Examples
    --------
    >>> from survrecon.figure import catalogue_folder
    >>> curve = read_points(catalogue_folder() / "quiredex_ttp_2012-10" / "observation.csv")
    >>> curve.time, curve.survival
    (array([ 0., 21., 36.]), array([1. , 0.5, 0.3]))
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

    Clicks a little before 0 are kept as they are; `survrecon.reconstruct` moves them to 0 and says so.

    Raises
    ------
    CurveError
        If a time is missing or lies far before 0, or it is not clear which column holds the times.
    """
    table = read_delimited(path)
    header = table.header[-1] if table.header else ()
    if table.width > 1 and not (header and all(header) and is_time_header(header[0])):
        raise table.error(
            "one column of times",
            f"{table.width} columns headed {', '.join(map(repr, header))}" if header else f"{table.width} columns",
            "write one time a line under the header time, with decimal points",
        )
    if len(pairs_of_columns(header)) > 1:
        raise table.error("the marks of one arm", "several pairs of columns", "write one file an arm")
    if not table.rows and len(table.header) > 1:
        raise table.error("a time a line under one header", ", ".join(map(repr, header)), "correct the line")
    times = []
    stray = -MARK_STRAY * max((row.cells[0] or 0.0 for row in table.rows), default=0.0)
    for row in table.rows:
        value = row.cells[0]
        if value is None or value < stray:
            raise table.error("a time from 0", shown(value), "correct it", line=row.line)
        times.append(value)
    return np.asarray(read_only(np.sort(np.array(times, dtype=float))))


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
