"""The files of a report, each whole or absent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from survrecon.files.outputs import write_whole
from survrecon.report.content.fit import residuals
from survrecon.report.files import OVERLAY
from survrecon.report.json import dump_json, result_to_dict
from survrecon.report.page import index_page, record_page

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
    folder, svg = Path(folder), None
    written = [write_whole(folder / "report.json", dump_json(result_to_dict(result)))]
    if result.arms:
        from survrecon.report.plots.curves import rendered_curves

        svg, png = rendered_curves(result)
        written += [write_whole(folder / "curves.svg", svg), write_whole(folder / "curves.png", png)]
    return [*written, write_whole(folder / "report.html", _page(result, svg))]


def whole_page(result: RecordResult) -> str:
    """Return ``report.html`` of a result, which needs no other file."""
    if not result.arms:
        return _page(result, None)
    from survrecon.report.plots.curves import rendered_curves

    return _page(result, rendered_curves(result)[0])


def _page(result: RecordResult, svg: bytes | None) -> str:
    """Return the page with the curves that are given, the residuals, and the overlay where the record has one."""
    differences, found = None, residuals(result)
    if found:
        from survrecon.report.plots.curves import rendered_residuals

        differences = rendered_residuals(result, found)
    picture = result.record.folder / OVERLAY
    overlay = picture.read_bytes() if picture.is_file() else None
    return record_page(result, svg, overlay, differences)


def write_index(results: Sequence[RecordResult], folder: str | Path) -> Path:
    """Write ``index.html``, which leads to ``<record>/report.html`` of every record in ``folder``."""
    pages = {result.record.name: f"{quote(result.record.name)}/report.html" for result in results}
    return write_whole(Path(folder) / "index.html", index_page(results, pages))
