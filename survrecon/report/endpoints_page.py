"""The page of two endpoints of one trial, its tables and plots as files, and the pairs and samples behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from survrecon.analysis.endpoints.results import CURVE_COLUMNS, TIME_COLUMNS
from survrecon.files.tables import csv_text
from survrecon.report.content.endpoints import endpoint_lines, endpoint_tables, endpoints_title
from survrecon.report.fits_page import PageSection, file_safe, page_of_sections, page_plot, table_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from survrecon.analysis.endpoints.results import PairedEndpoints
    from survrecon.report.fits_page import PagePlot

__all__ = ["endpoint_files", "endpoints_page"]

_SAMPLE_COLUMNS = ("arm", "sample", "pair", "endpoint", "model", "parameter", "value")
_DIGITS = 10  # significant, in tables


def endpoints_page(found: PairedEndpoints) -> str:
    """Return the page, which needs no other file."""
    return _page(found, _sections(found))


def endpoint_files(found: PairedEndpoints) -> dict[str, str | bytes]:
    """Return ``endpoints.html``, its plots as SVG, and curves, times, pairs and samples as CSV, by name."""
    sections = _sections(found)
    files: dict[str, str | bytes] = {
        "endpoints.html": _page(found, sections),
        "endpoints.csv": _rows(CURVE_COLUMNS, found.curve_rows()),
        "time_progressed.csv": _rows(TIME_COLUMNS, found.time_rows()),
        "pairs.csv": csv_text(
            ("pair", "pfs_draw", "os_draw"),
            ([k + 1, first + 1, second + 1] for k, (first, second) in enumerate(found.pairs.tolist())),
        ),
    }
    if found.fits is not None:
        files["samples.csv"] = _rows(_SAMPLE_COLUMNS, found.fits.sample_rows())
    return files | {plot.name: plot.svg for section in sections for plot in section.plots}


def _page(found: PairedEndpoints, sections: Sequence[PageSection]) -> str:
    title = f"{found.trial}: progression-free and overall survival" if found.trial else endpoints_title(found)
    subtitle = f"{', '.join(arm.name for arm in found.arms)}; times in {found.time_unit}; {len(found.pairs)} pairs"
    return page_of_sections(title, subtitle, endpoint_lines(found), sections, found.from_summary)


def _sections(found: PairedEndpoints) -> list[PageSection]:
    from survrecon.report.plots.endpoints import plot_both_endpoints, plot_progressed

    pairing, times, shares, *fits = endpoint_tables(found)
    bare = replace(pairing, notes=())  # they stand above everything
    curves: list[PagePlot] = [
        page_plot(
            plot_both_endpoints(found, arm.name),
            f"Progression-free and overall survival of {arm.name}; between them, those alive with progression",
            f"curves_{file_safe(arm.name)}",
            found.from_summary,
        )
        for arm in found.arms
    ]
    words = "Share of patients alive with progression, with the covariance of two curves of the same patients"
    progressed = page_plot(plot_progressed(found), words, "progressed", found.from_summary)
    both = [(table, table_file(table)) for table in (times, shares)]
    sections = [
        PageSection(heading="Both curves of each arm", plots=curves, tables=[(bare, table_file(bare))]),
        PageSection(heading="Alive with progression", plots=[progressed], tables=both),
    ]
    if fits:
        tables = [(table, table_file(table)) for table in fits]
        sections.append(PageSection(heading="Both endpoints fitted", plots=[], tables=tables))
    return sections


def _rows(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    return csv_text(
        columns, ([f"{cell:.{_DIGITS}g}" if isinstance(cell, float) else cell for cell in row] for row in rows)
    )
