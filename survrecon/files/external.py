"""Read what other sources tell: a life table, the ages and sexes of a trial's patients, survival at later times."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from survrecon.errors import AnalysisError
from survrecon.files.tables import csv_rows
from survrecon.model.external import Cohort, ExternalPoint, LifeTable, Sex, cohort_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from survrecon.arrays import FloatArray

__all__ = ["SURVIVOR_COLUMNS", "read_cohort", "read_external", "read_life_table", "read_survivors"]

SURVIVOR_COLUMNS = ("start", "stop", "n", "r")
"""Of a file of survivors: an interval, those alive at its start, and those of them alive at its end."""

_SEXES = {
    **dict.fromkeys(("f", "female", "females", "woman", "women", "w"), Sex.FEMALE),
    **dict.fromkeys(("m", "male", "males", "man", "men"), Sex.MALE),
}


class _Table:
    """The rows of a CSV under a header, by the names of its columns."""

    def __init__(self, path: Path, needed: Sequence[str], optional: Sequence[str] = ()) -> None:
        self.path = path
        lines = list(csv_rows(path, AnalysisError))
        if not lines:
            raise AnalysisError(str(path), f"columns {', '.join(needed)}", "an empty file", "give another file")
        self.names = [cell.strip().lower() for cell in lines[0][1]]
        self.rows = lines[1:]
        known = (*needed, *optional)
        for name in needed:
            if self.names.count(name) != 1:
                raise AnalysisError(
                    f"{path}, line 1", f"a column {name} beside {', '.join(needed)}", ", ".join(lines[0][1]), "name it"
                )
        odd = [name for name in self.names if name not in known]
        if odd:
            raise AnalysisError(f"{path}, line 1", f"no columns but {', '.join(known)}", repr(odd[0]), "leave it out")
        if not self.rows:
            raise AnalysisError(str(path), "rows below the header", "none", "add them")

    def error(self, line: int, rule: str, got: str) -> AnalysisError:
        return AnalysisError(f"{self.path}, line {line}", rule, got, "correct the cell")

    def cell(self, line: int, cells: Sequence[str], name: str) -> str:
        """Return a cell; empty where the column is missing."""
        if name not in self.names:
            return ""
        place = self.names.index(name)
        if place >= len(cells):
            raise self.error(line, f"a cell of {name}", "a shorter line")
        return cells[place]

    def number(self, line: int, cells: Sequence[str], name: str, low: float, high: float) -> float:
        """Return a number within a range, both ends in it."""
        text = self.cell(line, cells, name)
        try:
            value = float(text)
        except ValueError:
            raise self.error(line, f"{name} is a number", repr(text)) from None
        if not (isfinite(value) and low <= value <= high):
            above = "" if high == float("inf") else f" to {high:g}"
            raise self.error(line, f"{name} from {low:g}{above}", text)
        return value

    def sex(self, line: int, cells: Sequence[str]) -> Sex:
        """Return the sex of a row."""
        text = self.cell(line, cells, "sex")
        found = _SEXES.get(text.lower())
        if found is None:
            raise self.error(line, "sex is female or male", repr(text))
        return found


_ANY = float("inf")


def read_life_table(path: Path) -> LifeTable:
    """Return a life table from a CSV with columns age, sex, year and qx, one row each.

    Parameters
    ----------
    path : Path
        Ages in full years and calendar years one after the other, without gaps, the same for both sexes; ``year`` may
        be one year alone. qx is the probability of dying before the next birthday, from 0 to 1.

    Raises
    ------
    AnalysisError
        If a column, a row or a number is missing, comes twice or is out of range.
    """
    table = _Table(path, ("age", "sex", "year", "qx"))
    cells: dict[tuple[Sex, int, int], float] = {}
    for line, row in table.rows:
        age, year = (table.number(line, row, name, 0, _ANY) for name in ("age", "year"))
        if age != int(age) or year != int(year):
            raise table.error(line, "whole years", f"age {age:g}, year {year:g}")
        key = (table.sex(line, row), int(age), int(year))
        if key in cells:
            raise table.error(line, "each age, sex and year once", f"{key[0]} {key[1]} {key[2]} again")
        cells[key] = table.number(line, row, "qx", 0, 1)
    ages, years = sorted({age for _, age, _ in cells}), sorted({year for _, _, year in cells})
    sexes = sorted({key[0] for key in cells})
    for values, name in ((ages, "age"), (years, "year")):
        gap = next((a for a, b in pairwise(values) if b != a + 1), None)
        if gap is not None:
            raise AnalysisError(str(path), f"every {name} from the first to the last", f"none after {gap}", "add rows")
    lacking = next(((s, a, y) for s in sexes for a in ages for y in years if (s, a, y) not in cells), None)
    if lacking is not None:
        got = f"none of {lacking[0]} {lacking[1]} in {lacking[2]}"
        raise AnalysisError(str(path), "a row of every age, sex and year", got, "add it")
    return LifeTable(
        ages=np.array(ages, dtype=float),
        years=np.array(years, dtype=float),
        q={sex: np.array([[cells[sex, age, year] for year in years] for age in ages]) for sex in sexes},
        name=path.name,
    )


def read_cohort(path: Path, start_year: float) -> Cohort:
    """Return ages and sexes from a CSV with columns age, sex and share, one row a group.

    Raises
    ------
    AnalysisError
        If a column or a number is missing or out of range.
    """
    table = _Table(path, ("age", "sex", "share"))
    groups = [
        (table.number(line, row, "age", 0, _ANY), table.sex(line, row), table.number(line, row, "share", 0, _ANY))
        for line, row in table.rows
    ]
    try:
        return cohort_of(groups, start_year)
    except AnalysisError as error:
        raise error.at(str(path)) from None


def read_external(path: Path) -> tuple[ExternalPoint, ...]:
    """Return survival at times from a CSV with columns time and survival, and perhaps low, high, arm and source.

    Raises
    ------
    AnalysisError
        If a column or a number is missing or out of range.
    """
    table = _Table(path, ("time", "survival"), ("low", "high", "arm", "source"))
    found = []
    for line, row in table.rows:
        limits = {
            name: table.number(line, row, name, 0, 1) if table.cell(line, row, name) else None
            for name in ("low", "high")
        }
        point = ExternalPoint(
            time=table.number(line, row, "time", 0, _ANY),
            survival=table.number(line, row, "survival", 0, 1),
            low=limits.get("low"),
            high=limits.get("high"),
            arm=table.cell(line, row, "arm") or None,
            source=table.cell(line, row, "source"),
        )
        if not (point.low or 0.0) <= point.survival <= (1.0 if point.high is None else point.high):
            raise table.error(line, "survival between low and high", f"{point.survival:g}")
        found.append(point)
    return tuple(found)


def read_survivors(path: Path) -> FloatArray:
    """Return survivors, (k, 4), from a CSV with columns start, stop, n (alive at start) and r (of them alive at stop).

    Raises
    ------
    AnalysisError
        If a column or a number is missing or out of range, or a row cannot be of survivors.
    """
    table = _Table(path, SURVIVOR_COLUMNS)
    found = np.array(
        [[table.number(line, row, name, 0, _ANY) for name in SURVIVOR_COLUMNS] for line, row in table.rows]
    )
    for (line, _), (start, stop, n, r) in zip(table.rows, found.tolist(), strict=True):
        if not (start < stop and r <= n):
            got = f"start {start:g}, stop {stop:g}, n {n:g}, r {r:g}"
            raise table.error(line, "a stop after its start, and at most n survivors r (survivors, not deaths)", got)
    return found
