"""A small .xlsx workbook as bytes, for tests."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_DAY = '<numFmts><numFmt numFmtId="170" formatCode="dd\\-mmm"/></numFmts>'
_STYLES = f'{_DAY}<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>'

Cell = str | float | None


def workbook(*sheets: Sequence[Sequence[Cell]], dates: Sequence[str] = ()) -> bytes:
    """Return a workbook of these sheets; text is shared, and the cells named in ``dates`` are shown as dates."""
    texts = sorted({cell for rows in sheets for row in rows for cell in row if isinstance(cell, str)})
    links = "".join(
        f'<Relationship Id="r{i}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(len(sheets))
    )
    names = "".join(f'<sheet name="Sheet{i}" sheetId="{i + 1}" r:id="r{i}"/>' for i in range(len(sheets)))
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{links}</Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{"".join(f"<si><t>{t}</t></si>" for t in texts)}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">{_STYLES}</styleSheet>',
    }
    for i, rows in enumerate(sheets):
        parts[f"xl/worksheets/sheet{i}.xml"] = _sheet(rows, texts, dates)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def _sheet(rows: Sequence[Sequence[Cell]], texts: list[str], dates: Sequence[str]) -> str:
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = []
        for column, cell in enumerate(row):
            place = f"{chr(ord('A') + column)}{number}"
            style = ' s="1"' if place in dates else ""
            if isinstance(cell, str):
                cells.append(f'<c r="{place}" t="s"><v>{texts.index(cell)}</v></c>')
            elif cell is not None:
                cells.append(f'<c r="{place}"{style}><v>{cell!r}</v></c>')
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
