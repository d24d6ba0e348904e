"""The files of a report, each whole or absent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from survrecon.files.outputs import write_whole
from survrecon.report.json import dump_json, result_to_dict
from survrecon.report.page import index_page, record_page
from survrecon.report.pictures import pictures_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.checks.results import RecordResult

__all__ = ["whole_page", "write_index", "write_report"]


def write_report(result: RecordResult, folder: str | Path) -> list[Path]:
    """Write ``report.json``, ``report.html`` and, where curves were built, ``curves.svg`` and ``curves.png``.

    Parameters
    ----------
    result : RecordResult
        What came of a record.
    folder : str or Path
        Made where missing; each file appears whole or not at all.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ReportError
        If the folder cannot be written to.
    """
    folder, pictures = Path(folder), pictures_of(result)
    written = [write_whole(folder / "report.json", dump_json(result_to_dict(result)))]
    written += [write_whole(folder / name, data) for picture in pictures for name, data in picture.files]
    return [*written, write_whole(folder / "report.html", record_page(result, pictures))]


def whole_page(result: RecordResult) -> str:
    """Return ``report.html`` of a result, which needs no other file."""
    return record_page(result, pictures_of(result))


def write_index(results: Sequence[RecordResult], folder: str | Path) -> Path:
    """Write ``index.html``, which leads to ``<record>/report.html`` of every record in ``folder``."""
    pages = {result.record.name: f"{quote(result.record.name)}/report.html" for result in results}
    return write_whole(Path(folder) / "index.html", index_page(results, pages))
