"""Workbooks and the projects of other digitizers, read as far as points of a curve need it."""

from __future__ import annotations

import json
import re
import tarfile
import zipfile
from pathlib import Path
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np

from survrecon.errors import CurveError
from survrecon.model.settings import NUMERICAL_NOISE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from survrecon.arrays import FloatArray

__all__ = ["is_workbook", "read_project", "workbook_rows"]

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BUILT_IN_DATES = {*range(14, 23), *range(45, 48)}
_DATE_CODE = re.compile(r"[ymdhs]", re.IGNORECASE)
_MOST_WORKBOOK_BYTES = 50_000_000
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
            raise CurveError(f"{path.name}, line {line}", "every cell is a number or a name", "a date", advice)
    return rows


_IS_DATE = "\x00date"


def _read(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if archive.getinfo(name).file_size > _MOST_WORKBOOK_BYTES:
        raise ValueError(f"{name} is larger than {_MOST_WORKBOOK_BYTES} bytes")
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
        number = len(ascii_uppercase) * number + ord(letter) - ord("A") + 1
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


_EXPORT = "export its data as CSV"
_MOST_BYTES = 100_000_000
_DIGITS = 12  # beyond them is the round-off of the transformation
_ENOUGH = 3  # axis points that settle a transformation of the plane


def read_project(path: Path) -> dict[str, FloatArray] | None:
    """Return the points (m, 2) of each curve of a digitizer's project, or ``None`` if the file is no such project.

    Raises
    ------
    CurveError
        If it is a project, but its points cannot be read.
    """
    try:
        raw = _project_text(path)
    except OSError:
        return None  # whoever reads the text says why
    start = raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:200]
    if start.startswith(b"{"):
        return _web_plot_digitizer(path.name, raw)
    if start.startswith(b"<"):
        return _engauge(path.name, raw)
    if path.suffix.lower() == ".dig":
        got = "an Engauge document of a version before 6, which is no XML"
        raise CurveError(path.name, "a text file", got, f"open it in a newer Engauge, or {_EXPORT} there")
    return None


def _project_text(path: Path) -> bytes:
    """Return a file's content; of WebPlotDigitizer's archive, that of the project in it."""
    if not (path.stat().st_size and tarfile.is_tarfile(path)):
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile() and Path(member.name).name == "wpd.json" and member.size < _MOST_BYTES:
                    content = archive.extractfile(member)
                    return content.read() if content else b""
    except tarfile.TarError:
        pass
    got = "an archive without wpd.json"
    raise CurveError(path.name, "a file of points, or a WebPlotDigitizer project", got, _EXPORT)


def _web_plot_digitizer(name: str, raw: bytes) -> dict[str, FloatArray]:
    where, advice = f"{name}, a WebPlotDigitizer project", f"calibrate XY axes, digitize and save again, or {_EXPORT}"
    try:
        document = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise CurveError(name, "a file of points", "text in braces that is no JSON", _EXPORT) from None
    old = document.get("wpd")
    if isinstance(old, dict):
        if old.get("axesType", "XYAxes") != "XYAxes":
            raise CurveError(where, "XY axes", str(old["axesType"]), advice)
        series = old.get("dataSeries")
    else:
        series = document.get("datasetColl")
    if not isinstance(series, list):
        got = "JSON of another kind"
        raise CurveError(name, "a file of points, or a WebPlotDigitizer project", got, _EXPORT)
    axes = {a.get("name"): a.get("type") for a in _dicts(document.get("axesColl"))}
    found: dict[str, FloatArray] = {}
    for curve in _dicts(series):
        title, points = str(curve.get("name") or f"curve {len(found) + 1}"), _dicts(curve.get("data"))
        if points and axes.get(curve.get("axesName"), "XYAxes") != "XYAxes":
            raise CurveError(f"{where}, {title}", "XY axes", str(axes[curve.get("axesName")]), advice)
        if points:
            _add(found, where, title, [_value(f"{where}, {title}", p.get("value"), advice) for p in points])
    if not found:
        raise CurveError(where, "at least one point", "none", advice)
    return found


def _value(where: str, value: Any, advice: str) -> tuple[float, float]:
    try:
        x, y = float(value[0]), float(value[1])
    except (TypeError, ValueError, IndexError, KeyError):
        raise CurveError(where, "two calibrated values per point", repr(value)[:40], advice) from None
    return x, y


def _dicts(items: Any) -> list[dict[str, Any]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _add(
    found: dict[str, FloatArray], where: str, title: str, points: Iterable[tuple[float, float]] | FloatArray
) -> None:
    values = np.array(list(points), dtype=float)
    if title in found:
        raise CurveError(where, "curve names that differ", f"{title} twice", "rename one of them")
    if not np.isfinite(values).all():
        raise CurveError(f"{where}, {title}", "finite values", "a point without one", _EXPORT)
    found[title] = values


def _engauge(name: str, raw: bytes) -> dict[str, FloatArray] | None:
    where = f"{name}, an Engauge document"
    try:
        document = ElementTree.fromstring(raw)
    except ElementTree.ParseError as error:
        raise CurveError(name, "a file of points", f"XML that cannot be read ({error})", _EXPORT) from None
    if document.tag != "Document":
        got = f"XML of another kind, {document.tag.rsplit('}', 1)[-1][:30]}"
        raise CurveError(name, "a file of points, or an Engauge document", got, _EXPORT)
    found: dict[str, FloatArray] = {}
    for system in document.findall("CoordSystem") or [document]:
        transformation: _Transformation | None = None
        for curve in system.iterfind("CurvesGraphs/Curve"):
            points = [point.find("PositionScreen") for point in curve.iterfind("CurvePoints/Point")]
            if not points:
                continue
            transformation = transformation or _Transformation(where, system)
            if any(point is None for point in points):
                raise CurveError(where, "a place in the picture of each point", "a point without one", _EXPORT)
            pixels = np.array([_pair(where, point) for point in points if point is not None])
            _add(found, where, curve.get("CurveName") or f"curve {len(found) + 1}", transformation.values(pixels))
    if not found:
        raise CurveError(where, "at least one point", "none", f"digitize the curve and save again, or {_EXPORT}")
    return found


class _Transformation:
    """From pixels to the values of the axes: one of the plane, logarithms of a value first where its axis has them."""

    def __init__(self, where: str, system: ElementTree.Element) -> None:
        coords = system.find("Coords")
        told = {} if coords is None else coords.attrib
        plain = told.get("TypeString", "Cartesian") == "Cartesian"
        numbers = all(told.get(key, "Number") == "Number" for key in ("UnitsXString", "UnitsYString"))
        if not plain or not numbers:
            raise CurveError(where, "Cartesian axes of numbers", "other axes", f"change them there, or {_EXPORT}")
        self._log = [told.get(key) == "Log" for key in ("ScaleXThetaString", "ScaleYRadiusString")]
        points = [p for p in system.iter("Point") if p.get("IsAxisPoint") == "True"]
        one_value = any(p.get("IsXOnly") == "True" for p in points)  # each point lies on one axis and tells its value
        rows = [_axis_point(where, point, one_value=one_value) for point in points]
        self._matrix = np.empty((3, 2))
        for axis in (0, 1):
            known = [row for row in rows if row[axis + 2] is not None]
            if len(rows) < _ENOUGH or len(known) < 2:
                got = f"{len(rows)} axis points"
                raise CurveError(where, f"at least {_ENOUGH} axis points with their values", got, _EXPORT)
            self._matrix[:, axis] = self._fit(where, axis, known, rows)

    def _fit(self, where: str, axis: int, known: list[_AxisPoint], rows: list[_AxisPoint]) -> FloatArray:
        """Return (a, b, c) of value = a px + b py + c; two points along an axis also need the other axis' direction."""
        pixels = np.array([[px, py, 1.0] for px, py, *_ in known])
        values = np.array([row[axis + 2] for row in known], dtype=float)
        if self._log[axis]:
            if (values <= 0).any():
                raise CurveError(where, "values above 0 on a logarithmic axis", f"{values.min():g}", _EXPORT)
            values = np.log10(values)
        if len(known) < _ENOUGH:
            other = np.array([[px, py, 0.0] for px, py, *both in rows if both[1 - axis] is not None])
            along = other[-1] - other[0]  # the value stays the same along the other axis
            pixels, values = np.vstack([pixels, along]), np.append(values, 0.0)
        if np.linalg.matrix_rank(pixels) < _ENOUGH:
            raise CurveError(where, "axis points that are not all in one line", "such points", _EXPORT)
        return np.asarray(np.linalg.lstsq(pixels, values, rcond=None)[0])

    def values(self, pixels: FloatArray) -> FloatArray:
        """Return the values (m, 2) at pixels (m, 2)."""
        found = np.column_stack([pixels, np.ones(len(pixels))]) @ self._matrix
        for axis, logarithmic in enumerate(self._log):
            if logarithmic:
                found[:, axis] = 10 ** found[:, axis]
            size = max(float(np.abs(found[:, axis]).max()), NUMERICAL_NOISE)
            found[:, axis] = np.round(found[:, axis], _DIGITS - int(np.ceil(np.log10(size))))
        return np.asarray(found + 0.0)


_AxisPoint = tuple[float, float, float | None, float | None]


def _axis_point(where: str, point: ElementTree.Element, *, one_value: bool) -> _AxisPoint:
    """Return an axis point's pixel and its values, ``None`` where it tells the other axis' alone."""
    px, py = _pair(where, point.find("PositionScreen"))
    x, y = _pair(where, point.find("PositionGraph"))
    x_only = point.get("IsXOnly") == "True"
    return px, py, None if one_value and not x_only else x, None if one_value and x_only else y


def _pair(where: str, element: ElementTree.Element | None) -> tuple[float, float]:
    try:
        return float(element.attrib["X"]), float(element.attrib["Y"])  # type: ignore[union-attr]  # caught below
    except (AttributeError, KeyError, ValueError):
        raise CurveError(where, "two numbers of each point", "a point without them", _EXPORT) from None
