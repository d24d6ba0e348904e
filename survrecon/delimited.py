"""Delimited text as other programs write it, read into names and numbers; nothing is guessed in silence.

Separators (comma, semicolon, tab, blanks), decimal commas, quotes, a byte-order mark, comment and
blank lines, and none to three header lines are understood. Whatever can be read in two ways is an
error that names the file, the line and what to do.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from survrecon.csv_text import file_text
from survrecon.errors import CurveError

__all__ = ["DataRow", "DelimitedTable", "read_delimited"]

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_DECIMAL_COMMA = re.compile(r"[-+]?(\d+,\d*|,\d+)([eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
_LIKE_A_PAIR = re.compile(r"[-+]?\d+(,\d+)?([ ]+[-+]?\d+(,\d+)?)+")
_COMMENT = ("#", "%", "//")
_MOST_HEADER_LINES = 3
_WORDS_FOR_NOTHING = {"na", "nan", "n/a", "null", "none", "-"}


@dataclass(frozen=True, slots=True)
class DataRow:
    """One line of numbers; an empty cell is ``None``."""

    line: int
    cells: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class DelimitedTable:
    """A file's header lines, all as wide as its data, and its data."""

    name: str
    header: tuple[tuple[str, ...], ...]
    rows: tuple[DataRow, ...]

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.rows[0].cells) if self.rows else max((len(line) for line in self.header), default=0)

    def error(self, rule: str, got: str, advice: str, *, line: int | None = None) -> CurveError:
        """Return an error that names the file, and the line where there is one."""
        return CurveError(self.name if line is None else f"{self.name}, line {line}", rule, got, advice)


def read_delimited(path: str | Path) -> DelimitedTable:
    """Read a delimited text file of numbers under at most three header lines.

    Raises
    ------
    CurveError
        If the file cannot be read, holds no numbers, or can be read in more than one way.
    """
    path = Path(path)
    text = file_text(path, CurveError, fallback="cp1252")  # numbers are ASCII; only names of arms can suffer
    lines = [
        (number, line.strip("\r\n "))
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip(" \t;,\r\n\"'") and not line.lstrip().startswith(_COMMENT)
    ]
    if not lines:
        raise CurveError(str(path), "a table of numbers", "an empty file", "export the points again")
    separator = _separator([line for _, line in lines])
    table = [(number, _cells(line, separator)) for number, line in lines]
    headers = _header_lines([cells for _, cells in table])
    data = [(number, cells) for number, cells in table[headers:]]
    _refuse_ambiguous_commas(path.name, data)
    comma = any(_DECIMAL_COMMA.fullmatch(cell) for _, cells in data for cell in cells)
    rows = [DataRow(number, _numbers(path.name, number, cells, comma)) for number, cells in data]
    return _rectangle(path.name, [cells for _, cells in table[:headers]], rows)


def _separator(lines: list[str]) -> str:
    """Return the separator; blanks only where no other mark separates."""
    for mark in "\t;":
        if any(mark in line for line in lines):
            return mark
    numbers = [line for line in lines if not re.search(r"[A-Za-z]", line)]
    if not any("," in line for line in lines) or (numbers and all(_LIKE_A_PAIR.fullmatch(line) for line in numbers)):
        return " "
    return ","


def _cells(line: str, separator: str) -> list[str]:
    if separator == " ":
        line = re.sub(r"\s+", " ", line)
    return [cell.strip().strip("'") for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=True))]


def _is_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _DECIMAL_COMMA.fullmatch(cell) or _THOUSANDS.fullmatch(cell))


def _header_lines(table: list[list[str]]) -> int:
    """Count the leading lines of names; a line of blanks and numbers above a line of names is one of them."""
    for index, cells in enumerate(table[: _MOST_HEADER_LINES + 1]):
        words = [cell for cell in cells if cell and not _is_number(cell) and cell.lower() not in _WORDS_FOR_NOTHING]
        below = table[index + 1] if index + 1 < len(table) else []
        names_below = bool(below) and not any(_is_number(cell) for cell in below)
        if not words and not (names_below and "" in cells):
            return index
        if words and _is_number(cells[0]):
            return index
    return min(len(table), _MOST_HEADER_LINES)


def _refuse_ambiguous_commas(name: str, data: list[tuple[int, list[str]]]) -> None:
    """Refuse 998 followed by 1,005: thousands or decimals is not for a program to guess."""
    for column in range(max((len(cells) for _, cells in data), default=0)):
        cells = [(number, row[column]) for number, row in data if column < len(row) and row[column]]
        grouped = [(number, cell) for number, cell in cells if "," in cell]
        large = any(cell.isdigit() and len(cell) == 3 for _, cell in cells)
        if grouped and large and all(_THOUSANDS.fullmatch(cell) for _, cell in grouped):
            number, cell = grouped[0]
            raise CurveError(
                f"{name}, line {number}",
                "numbers without thousands separators",
                f"{cell!r}",
                "remove the comma if it groups thousands; write 1.005 if it is a decimal comma",
            )


def _numbers(name: str, line: int, cells: list[str], decimal_comma: bool) -> tuple[float | None, ...]:
    if not any(_is_number(cell) for cell in cells) and any(cells[1:]):
        raise CurveError(
            f"{name}, line {line}",
            "one header in a file",
            f"a second one, {', '.join(map(repr, cells))}",
            "export all curves on each line, or split the file",
        )
    values: list[float | None] = []
    for cell in cells:
        if not cell:
            values.append(None)
        elif _NUMBER.fullmatch(cell) and not (decimal_comma and "." in cell):
            values.append(float(cell))
        elif _DECIMAL_COMMA.fullmatch(cell):
            values.append(float(cell.replace(",", ".")))
        elif _NUMBER.fullmatch(cell):
            raise CurveError(
                f"{name}, line {line}",
                "one decimal mark in a file",
                f"{cell!r} beside decimal commas",
                "write every number with the same decimal mark",
            )
        else:
            raise CurveError(
                f"{name}, line {line}", "every cell is a number", f"{cell!r}", "correct the cell, or remove the row"
            )
    return tuple(values)


def _rectangle(name: str, header: list[list[str]], rows: list[DataRow]) -> DelimitedTable:
    """Drop trailing separators, fill short lines, and return header and data of one width."""
    width = max((_used(row.cells) for row in rows), default=max((_used(line) for line in header), default=0))
    if rows and header and _used(header[-1]) > width:
        width = _used(header[-1])
    full = tuple(DataRow(row.line, (*row.cells[:width], *[None] * (width - len(row.cells)))) for row in rows)
    names = tuple((*line[:width], *[""] * (width - len(line))) for line in header)
    return DelimitedTable(name, names, full)


def _used(cells: list[str] | tuple[float | None, ...]) -> int:
    """Count the cells up to the last that is filled."""
    return max((i + 1 for i, cell in enumerate(cells) if cell not in ("", None)), default=0)
