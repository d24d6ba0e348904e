"""Reports of results: text for the terminal, JSON, figures, and one self-contained page a record.

Nothing here is computed anew: a report shows what a `survrecon.result.RecordResult` holds.
"""

from __future__ import annotations

from pathlib import Path

from survrecon.report.analysis_text import analysis_tables
from survrecon.report.files import write_whole
from survrecon.report.html import record_page, write_index
from survrecon.report.json_report import comparison_to_dict, dump_json, result_to_dict
from survrecon.report.table import TextTable, show
from survrecon.report.text import catalogue_table, trial_tables
from survrecon.result import RecordResult

__all__ = [
    "TextTable",
    "analysis_tables",
    "catalogue_table",
    "comparison_to_dict",
    "dump_json",
    "result_to_dict",
    "show",
    "trial_tables",
    "write_index",
    "write_report",
    "write_whole",
]


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
        from survrecon.report.plots import rendered_curves

        svg, png = rendered_curves(result)
        written += [write_whole(folder / "curves.svg", svg), write_whole(folder / "curves.png", png)]
    return [*written, write_whole(folder / "report.html", record_page(result, svg))]
