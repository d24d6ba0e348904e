"""The cells of an .xlsx workbook as text: an archive of XML files, read as far as a table of numbers needs it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from survrecon.errors import CurveError

__all__ = ["is_workbook", "workbook_rows"]

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BUILT_IN_DATES = {*range(14, 23), *range(45, 48)}
_DATE_CODE = re.compile(r"[ymdhs]", re.IGNORECASE)
_MOST_BYTES = 50_000_000
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


def is_workbook(path: Path) -> bool:
    """Whether a file is an archive, as .xlsx files are.

    Raises
    ------
    CurveError
        If it is a workbook of another kind, or an archive of other files.
    """
    advice = "save the sheet as CSV"
    try:
        with path.open("rb") as file:
            if file.read(4) == _OLD_OFFICE:
                raise CurveError(path.name, "a text file or an .xlsx workbook", "an old Excel workbook (.xls)", advice)
    except OSError:
        return False  # whoever reads the text says why
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            got = "an OpenDocument file" if "mimetype" in archive.namelist() else "an archive of other files"
            raise CurveError(path.name, "a text file or an .xlsx workbook", got, f"{advice}, or extract the file")
    return True


def workbook_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows of the only sheet that holds anything, each with its number; dates are refused.

    Raises
    ------
    CurveError
        If several sheets hold something, a cell is a date, or the workbook is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            strings, dates = _shared_strings(archive), _date_styles(archive)
            sheets = {name: _sheet_rows(archive, file, strings, dates) for name, file in _sheets(archive)}
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError, IndexError) as error:
        got = str(error)[:80] or type(error).__name__
        raise CurveError(path.name, "a workbook that can be read", got, "save the sheet as CSV") from None
    filled = {name: rows for name, rows in sheets.items() if any(any(cells) for _, cells in rows)}
    if len(filled) > 1:
        names = ", ".join(filled)[:60]
        raise CurveError(path.name, "one sheet that holds anything", f"{len(filled)}: {names}", "save one sheet as CSV")
    rows = next(iter(filled.values()), [])
    for line, cells in rows:
        if _IS_DATE in cells:
            advice = "format the column as numbers, or write the numbers again"
            raise CurveError(f"{path.name}, row {line}", "every cell is a number or a name", "a date", advice)
    return rows


_IS_DATE = "\x00date"


def _read(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if archive.getinfo(name).file_size > _MOST_BYTES:
        raise ValueError(f"{name} is larger than {_MOST_BYTES} bytes")
    return ElementTree.fromstring(archive.read(name))


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the name and the file of each sheet."""
    links = {link.get("Id"): link.get("Target", "") for link in _read(archive, "xl/_rels/workbook.xml.rels")}
    for sheet in _read(archive, "xl/workbook.xml").iter(f"{_MAIN}sheet"):
        target = links[sheet.get(_LINK)]
        file = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if "worksheets/" in file:
            yield sheet.get("name", "?"), file


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    items = _read(archive, "xl/sharedStrings.xml").iter(f"{_MAIN}si")
    return ["".join(text.text or "" for text in item.iter(f"{_MAIN}t")) for item in items]


def _date_styles(archive: zipfile.ZipFile) -> set[str]:
    """Return the numbers of the cell styles that show a number as a date."""
    if "xl/styles.xml" not in archive.namelist():
        return set()
    styles = _read(archive, "xl/styles.xml")
    codes = {code.get("numFmtId"): code.get("formatCode", "") for code in styles.iter(f"{_MAIN}numFmt")}
    found = set()
    for index, style in enumerate(styles.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")):
        number = style.get("numFmtId", "0")
        code = re.sub(r'"[^"]*"|\\.|\[(?!h|m|s)[^\]]*\]|General', "", codes.get(number, ""), flags=re.IGNORECASE)
        if int(number) in _BUILT_IN_DATES or _DATE_CODE.search(code):
            found.add(str(index))
    return found


def _sheet_rows(
    archive: zipfile.ZipFile, name: str, strings: list[str], dates: set[str]
) -> list[tuple[int, list[str]]]:
    rows = []
    for place, row in enumerate(_read(archive, name).iter(f"{_MAIN}row"), start=1):
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            column = _column(cell.get("r", "")) if cell.get("r") else len(cells)
            cells += [""] * (column - len(cells))
            cells.append(_cell(cell, strings, dates).strip())
        rows.append((int(row.get("r", place)), cells))
    return rows


def _column(reference: str) -> int:
    number = 0
    for letter in re.match(r"[A-Z]*", reference)[0]:  # type: ignore[index]  # an empty match is a match
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _cell(cell: ElementTree.Element, strings: list[str], dates: set[str]) -> str:
    kind, value = cell.get("t", "n"), cell.findtext(f"{_MAIN}v") or ""
    if kind == "s":
        return strings[int(value)]
    if kind == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{_MAIN}t"))
    if kind == "d" or (kind == "n" and value and cell.get("s") in dates):
        return _IS_DATE
    return value
