"""Write CSV in one dialect, and read delimited tables in the dialects and encodings that spreadsheets write."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from survrecon.errors import CurveError, SurvreconError
from survrecon.files.projects import is_workbook, workbook_rows
from survrecon.model.columns import ColumnRole, column_role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "SEPARATOR_LINE",
    "DataRow",
    "DelimitedTable",
    "csv_lines",
    "csv_rows",
    "csv_text",
    "file_text",
    "is_missing",
    "is_number",
    "listed",
    "read_delimited",
]

SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?", re.IGNORECASE)
"""The first line that Excel understands: which mark separates the cells."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def csv_text(header: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    r"""Return a header and rows as CSV: commas, quotes where needed, Unix line ends; ``None`` is an empty cell.

    Examples
    --------
    >>> csv_text(("time", "A, B"), [(0, 12), (6, None)])
    'time,"A, B"\n0,12\n6,\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def csv_rows(path: Path, refuse: type[SurvreconError]) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of a file that hold anything, each with its number in the file and its cells.

    UTF-8 and UTF-16 are read; commas, semicolons or tabs separate, whichever the first line has most of, unless that
    is Excel's line ``sep=;``.

    Parameters
    ----------
    path : Path
        The file.
    refuse : type of SurvreconError
        What is raised if it cannot be read, is no text, or is no CSV.
    """
    text = file_text(path, refuse)
    header = text.lstrip().split("\n", 1)[0]
    stated = SEPARATOR_LINE.fullmatch(header.strip("\r\n "))
    mark = stated.group(1) if stated else max(",;\t", key=header.count)
    for number, cells in csv_lines(text, str(path), refuse, mark=mark):
        if not (stated and number == 1):
            yield number, cells


def csv_lines(
    text: str, where: str, refuse: type[SurvreconError], *, mark: str = ","
) -> Iterator[tuple[int, list[str]]]:
    r"""Yield the lines of a text that hold anything, each with its number and its cells, blanks around them left out.

    Parameters
    ----------
    text : str
        Lines of cells.
    where : str
        The file, for messages.
    refuse : type of SurvreconError
        What is raised if a quote is not closed.
    mark : str
        What separates the cells.

    Examples
    --------
    >>> list(csv_lines("time,A\n\n0, 12\n", "risk_table.csv", SurvreconError))
    [(1, ['time', 'A']), (3, ['0', '12'])]
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise refuse(
            f"{where}, line {reader.line_num}", "a line of CSV", str(error), "close the quotes, or double those within"
        ) from None


def file_text(path: Path, refuse: type[SurvreconError], *, fallback: str | None = None) -> str:
    """Return a text file's content, UTF-8 or UTF-16; one that ends in ``.gz`` is unpacked.

    Parameters
    ----------
    path : Path
        The file.
    refuse : type of SurvreconError
        What is raised if it cannot be read or is no text.
    fallback : str or None
        The encoding of files that are neither, where a wrong letter does no harm; ``None`` to refuse them.
    """
    try:
        raw = path.read_bytes()
        if path.suffix.lower() == ".gz":
            raw = gzip.decompress(raw)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise refuse(str(path), "a file that gzip made", str(error), "compress it again, or unpack it") from None
    except OSError as error:
        raise refuse(str(path), "a readable file", error.strerror or "an error", "check the path") from None
    wide = raw.startswith(_UTF_16)
    if not wide and b"\x00" in raw:
        raise refuse(str(path), "a text file", "binary data", "save it as CSV, not as a workbook")
    try:
        return raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        if fallback is not None and not wide:
            return raw.decode(fallback, errors="replace")
        line = raw[: error.start].count(b"\n") + 1
        raise refuse(
            f"{path}, line {line}", "text in UTF-8", f"the byte 0x{raw[error.start]:02x}", "save it as CSV UTF-8"
        ) from None


_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_DECIMAL_COMMA = re.compile(r"[-+]?(\d+,\d*|,\d+)([eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
_THOUSANDS_POINTS = re.compile(r"[1-9]\d{0,2}(\.\d{3})+")
_GROUPED_COUNT = re.compile(r"[1-9]\d{0,2}([ ,'\u2019\u00a0\u2009\u202f]\d{3})+")
_COUNT_AND_MORE = re.compile(r"(?P<count>[^(\[]*[^(\[\s])\s*[(\[][^()\[\]]*[)\]]")
_PAIR_NUMBER = r"[-+]?\d+(,\d+)?([eE][-+]?\d+)?"
_LIKE_A_PAIR = re.compile(rf"{_PAIR_NUMBER}([ ]+{_PAIR_NUMBER})+")
_COMMENT = ("#", "%", "//")
_SPREADSHEET_ERROR = re.compile(r"#(N/A|NAME\?|DIV/0!|VALUE!|REF!|NUM!|NULL!)", re.IGNORECASE)
_MONTH = r"jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]"
_DATE = re.compile(
    rf"\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}( .*)?|\d{{1,2}}[-/]\d{{1,4}}|"
    rf"\d{{1,4}}[-. ]*({_MONTH})[a-zä]*\.?([-. ]*\d+)?|({_MONTH})[a-zä]*[-. ]+\d+",
    re.IGNORECASE,
)
_MOST_HEADER_LINES = 3
_WORDS_FOR_NOTHING = {"na", "nan", "n/a", "null", "none", "-", ".", "–", "—", "#n/a", "<na>"}
_MOST_LISTED = 5
_LONGEST_LIST = 70


@dataclass(frozen=True, slots=True)
class DataRow:
    """One line of data: the file's line, and its cells as text; an empty cell is an empty text."""

    line: int
    cells: tuple[str, ...]


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

    def column(self, index: int) -> list[str]:
        """Return a column's cells as text."""
        return [row.cells[index] for row in self.rows]

    def numbers(self, columns: Sequence[int]) -> dict[int, list[float | None]]:
        """Return columns as numbers, ``None`` for an empty cell; a percent sign is left out, see `in_percent`.

        Raises
        ------
        CurveError
            If a cell is no number, or its comma can be read in two ways.
        """
        for column in columns:
            self._refuse_ambiguous_commas(column)
        comma = any(_DECIMAL_COMMA.fullmatch(_bare(row.cells[i])) for row in self.rows for i in columns)
        return {i: [self._number(row, i, comma) for row in self.rows] for i in columns}

    def in_percent(self, column: int) -> bool:
        """Whether the numbers of a column bear a percent sign; all of them do, or none."""
        filled = [row for row in self.rows if not is_missing(row.cells[column])]
        signed = [row.cells[column].endswith("%") for row in filled]
        if any(signed) and not all(signed):
            row = filled[signed.index(not signed[0])]
            got = f"{row.cells[column]!r} below {filled[0].cells[column]!r}"
            raise self.error("a percent sign in every cell or in none", got, "write all alike", line=row.line)
        return any(signed)

    def counts(self, column: int) -> tuple[list[float | None], bool]:
        """Return a column of patients, and whether numbers in brackets beside them were left out.

        A count is whole, so ``4,400`` is four thousand; ``120 (3)`` is 120, with what it does not count beside it.

        Raises
        ------
        CurveError
            If a cell is no number, or can be read in two ways.
        """
        cells = [_COUNT_AND_MORE.sub(r"\g<count>", cell) for cell in self.column(column)]
        grouped = [bool(_GROUPED_COUNT.fullmatch(cell)) for cell in cells]
        round_ones = [cell for cell, group in zip(cells, grouped, strict=True) if group and cell.endswith(",000")]
        if round_ones and len(round_ones) == sum(grouped):
            row = self.rows[cells.index(round_ones[0])]
            raise self._comma_error(row.line, round_ones[0])
        values: list[float | None] = []
        for row, cell, group in zip(self.rows, cells, grouped, strict=True):
            if _THOUSANDS_POINTS.fullmatch(cell) and not cell.endswith(".000"):
                rule = "a number at risk without a point that groups thousands"
                raise self.error(rule, repr(cell), f"write {cell.replace('.', '')}", line=row.line)
            plain = re.sub(r"\D", "", cell) if group else cell
            values.append(self._number(DataRow(row.line, (plain,)), 0, "," in plain))
        return values, cells != self.column(column)

    def _number(self, row: DataRow, column: int, decimal_comma: bool) -> float | None:
        cell = _bare(row.cells[column])
        if is_missing(cell):
            return None
        if _NUMBER.fullmatch(cell) and not (decimal_comma and "." in cell):
            return float(cell)
        if _DECIMAL_COMMA.fullmatch(cell):
            return float(cell.replace(",", "."))
        if _NUMBER.fullmatch(cell):
            raise self.error(
                "one decimal mark in a file",
                f"{cell!r} beside decimal commas",
                "write every number with the same decimal mark",
                line=row.line,
            )
        if not any(is_number(other) or _DATE.fullmatch(other) for other in row.cells) and any(row.cells[1:]):
            raise self.error(
                "one header in a file",
                f"a second one, {', '.join(map(repr, row.cells[:_MOST_LISTED]))}",
                "export all curves on each line, or split the file",
                line=row.line,
            )
        raise _no_number(f"{self.name}, line {row.line}", cell)

    def _refuse_ambiguous_commas(self, column: int) -> None:
        """Refuse 998 followed by 1,005: thousands or decimals is not for a program to guess."""
        cells = [(row.line, row.cells[column]) for row in self.rows if row.cells[column]]
        grouped = [(line, cell) for line, cell in cells if "," in cell]
        large = any(cell.isdigit() and len(cell) == 3 for _, cell in cells)
        if grouped and large and all(_THOUSANDS.fullmatch(cell) for _, cell in grouped):
            raise self._comma_error(*grouped[0])

    def _comma_error(self, line: int, cell: str) -> CurveError:
        return self.error(
            "numbers without thousands separators",
            repr(cell),
            f"remove the comma if it groups thousands; write {cell.replace(',', '.')} if it is a decimal comma",
            line=line,
        )


def read_delimited(path: str | Path) -> DelimitedTable:
    """Read a delimited text file, or the only sheet of a workbook, under at most three header lines.

    A header that is one name shorter than its rows is R's, whose first column holds the rows' names. A comment
    directly above the numbers that names every column is a header.

    Raises
    ------
    CurveError
        If the file cannot be read, holds nothing, or can be read in more than one way.
    """
    path = Path(path)
    if is_workbook(path):
        lines = [(number, cells) for number, cells in workbook_rows(path) if any(cells)]
        return _table(path.name, lines, " ", named_rows=False)
    text = file_text(path, CurveError, fallback="cp1252")  # numbers are ASCII; only names of arms can suffer
    declared, numbered = None, []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.replace("\u2212", "-").strip("\r\n \u00a0")
        if number == 1 and (stated := SEPARATOR_LINE.fullmatch(line)):
            declared = stated.group(1)
        elif line.strip(" \t;,\"'"):
            numbered.append((number, line))
    kept = [(number, line) for number, line in numbered if not _is_comment(line)]
    if not kept:
        raise CurveError(str(path), "a table of numbers", "an empty file", "export the points again")
    mark = declared or _separator([line for _, line in kept])
    table = [(number, _cells(line, mark)) for number, line in kept]
    commented = _commented_headers(path.name, numbered, table, mark)
    quoted = [line.startswith(('"', "'")) for _, line in kept]
    return _table(path.name, commented + table, mark, named_rows=all(quoted[1:]))


def is_number(cell: str) -> bool:
    """Whether a cell is a number, with a decimal point or comma, thousands or a percent sign."""
    cell = _bare(cell)
    return bool(_NUMBER.fullmatch(cell) or _DECIMAL_COMMA.fullmatch(cell) or _THOUSANDS.fullmatch(cell))


def is_missing(cell: str) -> bool:
    """Whether a cell is empty, or says that there is no number."""
    return not cell or cell.casefold() in _WORDS_FOR_NOTHING


def listed(names: Iterable[str]) -> str:
    """Return names for a message, the first few where there are many."""
    found = [repr(name[:30]) for name in names]
    shown = found[:1]
    while len(shown) < len(found) and len(", ".join(found[: len(shown) + 1])) <= _LONGEST_LIST:
        shown.append(found[len(shown)])
    more = f" and {len(found) - len(shown)} more" if len(found) > len(shown) else ""
    return ", ".join(shown) + more


def _bare(cell: str) -> str:
    return cell[:-1].rstrip() if cell.endswith("%") and len(cell) > 1 else cell


def _is_comment(line: str) -> bool:
    return line.startswith(_COMMENT) and not _SPREADSHEET_ERROR.match(line)


def _separator(lines: list[str]) -> str:
    """Return what separates most lines of numbers; blanks only where no other mark does."""
    numbers = [line for line in lines if is_number(re.split(r"[\t; ]", line)[-1].strip("\"'")) or line[:1].isdigit()]
    counted = numbers or lines
    for mark in "\t;":
        if 2 * sum(mark in line for line in counted) > len(counted):
            return mark
    plain = [line for line in lines if not re.search(r"[A-DF-Za-df-z]", line)]
    if not any("," in line for line in counted) or (plain and all(_LIKE_A_PAIR.fullmatch(line) for line in plain)):
        return " "
    return ","


def _cells(line: str, separator: str) -> list[str]:
    if separator == " ":
        line = re.sub(r"\b(lower|upper) +(\d+%) +CI\b", r"\1_\2_CI", line)  # as R prints a summary
        line = re.sub(r"\s+", " ", re.sub(r"\s+(?=[(\[])", "", line))  # 120 (3) is one cell
    return [cell.strip().strip("'") for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=True))]


def _commented_headers(
    name: str, lines: list[tuple[int, str]], table: list[tuple[int, list[str]]], mark: str
) -> list[tuple[int, list[str]]]:
    """Return the comment directly above the first numbers, if it names every column; refuse a second such one."""
    width, headed = max(_used(cells) for _, cells in table), _header_lines([cells for _, cells in table]) > 0
    found: list[tuple[int, list[str]]] = []
    for (number, line), (_, below) in pairwise(lines):
        if not _is_comment(line) or _is_comment(below) or not re.match(r"[\"']?[-+.\d]", below):
            continue
        text = line.lstrip("#%/")
        named = [cells for cells in (_cells(text, mark), _cells(text.strip(), mark)) if len(cells) == width]
        roles = [column_role(cell) for cell in named[0]] if named else []
        if not (ColumnRole.TIME in roles or ColumnRole.X in roles):
            continue
        if not headed and number < table[0][0]:
            found, headed = [(number, named[0])], True
        elif number > table[0][0]:
            raise CurveError(
                f"{name}, line {number}",
                "one header in a file",
                f"a second one, {listed(named[0])}",
                "export all curves on each line, or split the file",
            )
    return found


def _header_lines(table: list[list[str]]) -> int:
    """Count the leading lines of names; a line of blanks and numbers above a line of names is one of them."""
    for index, cells in enumerate(table[: _MOST_HEADER_LINES + 1]):
        words = [cell for cell in cells if not is_missing(cell) and not is_number(cell)]
        below = table[index + 1] if index + 1 < len(table) else []
        names_below = bool(below) and not any(is_number(cell) for cell in below)
        if not words and not (names_below and "" in cells):
            return index
        if words and any(is_number(cell) for cell in cells) and not _names_numbers(cells, below):
            return index
    return min(len(table), _MOST_HEADER_LINES)


def _names_numbers(cells: list[str], below: list[str]) -> bool:
    """Whether a line of words and numbers, such as ``time,2006,2010``, is a header: numbers are below its time."""
    return column_role(cells[0]) in (ColumnRole.TIME, ColumnRole.X) and bool(below) and is_number(below[0])


def _table(name: str, lines: list[tuple[int, list[str]]], mark: str, *, named_rows: bool) -> DelimitedTable:
    """Drop trailing separators, fill short lines, and return header and data of one width."""
    if not lines:
        raise CurveError(name, "a table of numbers", "an empty file", "export the points again")
    count = _header_lines([cells for _, cells in lines])
    header, data = [cells for _, cells in lines[:count]], lines[count:]
    for line, cells in lines[1:count]:
        if any(_DATE.fullmatch(cell) for cell in cells):
            raise _no_number(f"{name}, line {line}", next(cell for cell in cells if _DATE.fullmatch(cell)))
    width = max((_used(cells) for _, cells in data), default=max((_used(line) for line in header), default=0))
    header = [_split_names(line, width) for line in header]
    if header and data:
        header = _as_wide(name, header, data, width, mark, named_rows=named_rows)
        width = max(width, _used(header[-1]))
    full = tuple(DataRow(line, (*cells[:width], *[""] * (width - len(cells)))) for line, cells in data)
    return DelimitedTable(name, tuple((*line[:width], *[""] * (width - len(line))) for line in header), full)


def _split_names(names: list[str], width: int) -> list[str]:
    """Split a header that another mark separates than the numbers."""
    if _used(names) != 1 or width < 2:
        return names
    for mark in ",;\t ":
        parts = _cells(names[0], mark)
        if len(parts) == width:
            return parts
    return names


def _as_wide(
    name: str, header: list[list[str]], data: list[tuple[int, list[str]]], width: int, mark: str, *, named_rows: bool
) -> list[list[str]]:
    """Return a header as wide as its rows: R leaves out the name of its row names; else longer rows are an error."""
    names = header[-1]
    if len(names) >= width or (len(names) == width - 1 and not any(names[1::2])):
        return header  # one name over two columns may lack its last separator
    first = [cells[0] for _, cells in data]
    if len(names) == width - 1 and all(_used(cells) in (width, 0) or len(cells) == width for _, cells in data):
        counting = first in ([str(i) for i in range(1, len(first) + 1)], [str(i) for i in range(len(first))])
        if (counting and len(first) > 1) or (named_rows and len(set(first)) == len(first)):
            return [["", *line] for line in header]
    line, longest = next((line, cells) for line, cells in data if _used(cells) > len(names))
    rule = f"no more cells in a row than the header's {len(names)} names"
    if mark == "," and not any("." in cell for _, cells in data for cell in cells):
        raise _unquoted_commas(f"{name}, line {line}", rule, longest)
    got = f"{_used(longest)} cells, {','.join(longest)[:40]}"
    advice = "name every column, or quote numbers that hold the separator"
    raise CurveError(f"{name}, line {line}", rule, got, advice)


def _no_number(where: str, cell: str) -> CurveError:
    advice = "correct the cell, or remove the row"
    if _DATE.fullmatch(cell):
        advice = "a spreadsheet has made a date of it: format the column as numbers, or write the number again"
    elif any(mark in cell for mark in "\t;|,"):
        advice = "use one separator throughout the file, and no thousands marks"
    return CurveError(where, "every cell is a number", repr(cell[:40]), advice)


def _unquoted_commas(where: str, rule: str, cells: list[str]) -> CurveError:
    return CurveError(
        where,
        rule,
        f"{_used(cells)} cells, {','.join(cells)[:40]}",
        "decimal commas or thousands beside separating commas: export with semicolons",
    )


def _used(cells: Sequence[str]) -> int:
    """Count the cells up to the last that is filled."""
    return max((i + 1 for i, cell in enumerate(cells) if cell), default=0)
