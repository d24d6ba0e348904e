"""The second page of a report: hazards and fits, printable, tables as CSV, plots as SVG in which words are words."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.fits.results import JOINT
from survrecon.files.outputs import sha256_of
from survrecon.files.tables import csv_text
from survrecon.report.content.fits import choice_tables, extrapolation_tables
from survrecon.report.content.shape import shape_tables
from survrecon.report.content.words import NOT_REAL, WATERMARK
from survrecon.report.page import template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from survrecon.analysis.fits.choice import ModelChoice
    from survrecon.analysis.fits.extrapolation import Extrapolation
    from survrecon.analysis.shape.results import ContrastShape, SurvivalShape
    from survrecon.arrays import FloatArray
    from survrecon.report.table import TextTable

__all__ = [
    "PagePlot",
    "PageSection",
    "TableFile",
    "file_safe",
    "fits_page",
    "is_changed_page",
    "page_of_sections",
    "page_plot",
    "shape_files",
    "shape_page",
    "table_file",
]

_SEAL = re.compile(r"<!-- sha256 ([0-9a-f]{64}) -->\n$")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PagePlot:
    """A plot: its markup, what it shows in words, and the name of its file."""

    svg: str
    alt: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TableFile:
    """A table as a file: its name, its text, and its address within a page."""

    name: str
    text: str

    @property
    def address(self) -> str:
        """What a link within a page leads to."""
        return f"data:text/csv;base64,{b64encode(self.text.encode()).decode('ascii')}"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PageSection:
    """A heading with its plots and tables."""

    heading: str
    plots: Sequence[PagePlot]
    tables: Sequence[tuple[TextTable, TableFile]]


def shape_files(shape: SurvivalShape, *, from_summary: bool = False) -> dict[str, str | bytes]:
    """Return ``shape.html``, a CSV of every table and curve, and an SVG of every plot, by name."""
    sections = _shape_sections(shape, from_summary)
    files: dict[str, str | bytes] = {"shape.html": _shape_page(shape, sections, from_summary)}
    for section in sections:
        files |= {table.name: table.text for _, table in section.tables}
        files |= {plot.name: plot.svg for plot in section.plots}
    return files | _curve_files(shape)


def shape_page(shape: SurvivalShape) -> str:
    """Return ``shape.html``, which needs no other file."""
    return _shape_page(shape, _shape_sections(shape, from_summary=False), from_summary=False)


def _shape_page(shape: SurvivalShape, sections: Sequence[PageSection], from_summary: bool) -> str:
    return page_of_sections("Hazards before a model is chosen", _subtitle(shape), shape.notes, sections, from_summary)


def fits_page(
    extrapolation: Extrapolation,
    choice: Sequence[ModelChoice],
    shape: SurvivalShape | None,
    *,
    from_summary: bool = False,
) -> str:
    """Return ``fits.html``: models beside each other, what they say up to the horizon, and hazards without a model.

    Parameters
    ----------
    extrapolation : Extrapolation
        The identified models up to the horizon.
    choice : sequence of ModelChoice
        How all models compare.
    shape : SurvivalShape or None
        Hazards without a model; None where there are too few events for them.
    from_summary : bool
        Whether the patients are of a record of printed numbers, which every plot then says.
    """
    fits = extrapolation.fits
    sections = [_fit_section(extrapolation, choice, arm, shape, from_summary) for arm in fits.arm_names]
    joint = choice_tables([one for one in choice if one.arm == JOINT])
    if joint:
        tables = [(table, table_file(table)) for table in joint]
        sections.append(PageSection(heading="All arms jointly", plots=(), tables=tables))
    sections += [] if shape is None else _shape_sections(shape, from_summary)
    subtitle = f"{fits.endpoint or 'survival'}, {fits.time_unit}; {fits.options.words}"
    notes = (*fits.notes, *extrapolation.notes)
    return _sealed(page_of_sections("Fits and extrapolation", subtitle, notes, sections, from_summary))


def is_changed_page(text: str) -> bool:
    """Return whether a page is not as it was written: its last line has the hash of the rest."""
    found = _SEAL.search(text)
    return found is None or sha256_of(text[: found.start()]) != found[1]


def _sealed(page: str) -> str:
    page = page.rstrip("\n") + "\n"
    return f"{page}<!-- sha256 {sha256_of(page)} -->\n"


def page_of_sections(
    title: str, subtitle: str, notes: Sequence[str], sections: Sequence[PageSection], from_summary: bool
) -> str:
    """Return a page of sections that needs no other file, with its notes above them."""
    from markupsafe import Markup

    shown = [
        {
            "heading": one.heading,
            "plots": [{"svg": Markup(plot.svg[plot.svg.index("<svg") :]), "alt": plot.alt} for plot in one.plots],
            "tables": one.tables,
        }
        for one in sections
    ]
    return template(
        "hazards.html.j2",
        title=title,
        subtitle=subtitle,
        notes=notes,
        sections=shown,
        not_real=NOT_REAL,
        watermark=WATERMARK if from_summary else "",
    )


def _subtitle(shape: SurvivalShape) -> str:
    drawn = f"{shape.draws} data sets that agree with the input" if shape.draws > 1 else "one data set"
    return f"{', '.join(arm.name for arm in shape.arms)}; times in {shape.time_unit}; {drawn}"


def _shape_sections(shape: SurvivalShape, from_summary: bool) -> list[PageSection]:
    """Return hazards without a model, and how each treatment differs from its control."""
    from survrecon.report.plots.shape import plot_hazards, plot_log_cumulative_hazards

    hazards, *others = shape_tables(shape)
    lines = "ln(-ln S) over time: straight lines are Weibull's, parallel ones proportional hazards"
    smooth = "Smoothed hazard of each arm, with numbers at risk"
    plots = [
        page_plot(plot_hazards(shape), smooth, "hazards", from_summary),
        page_plot(plot_log_cumulative_hazards(shape), lines, "log_cumulative_hazards", from_summary),
    ]
    sections = [PageSection(heading="Hazards without a model", plots=plots, tables=[(hazards, table_file(hazards))])]
    each = len(others) // max(len(shape.contrasts), 1)
    for place, one in enumerate(shape.contrasts):
        tables = others[place * each : (place + 1) * each]
        sections.append(_contrast_section(one, shape, tables, place + 1, from_summary))
    return sections


def _contrast_section(
    one: ContrastShape, shape: SurvivalShape, tables: Sequence[TextTable], place: int, from_summary: bool
) -> PageSection:
    from survrecon.report.plots.shape import plot_quantiles, plot_ratio_over_time

    who = f"{one.of} over {one.over}"
    ratio = f"Hazard ratio over time, {who}, by smoothed scaled Schoenfeld residuals (points: those of events)"
    times = f"Times by which a share has had the event, {who}: level for accelerated failure times"
    plots = [
        page_plot(plot_ratio_over_time(one, shape), ratio, f"ratio_over_time_{place}", from_summary),
        page_plot(plot_quantiles(one, shape), times, f"ratio_of_times_{place}", from_summary),
    ]
    found = [(table, table_file(table)) for table in tables]
    return PageSection(heading=f"How the arms differ: {who}", plots=plots, tables=found)


def page_plot(ax: Axes, words: str, name: str, from_summary: bool) -> PagePlot:
    """Return a plot of a page: what it shows in words, and the name of its file."""
    from survrecon.report.plots.shape import editable_svg

    return PagePlot(svg=editable_svg(ax, words, from_summary=from_summary).decode(), alt=words, name=f"{name}.svg")


def _fit_section(
    extrapolation: Extrapolation,
    choice: Sequence[ModelChoice],
    arm: str,
    shape: SurvivalShape | None,
    from_summary: bool,
) -> PageSection:
    from survrecon.report.plots.fits import FitCurve, plot_fits

    own = None if shape is None else next((one for one in shape.arms if one.name == arm), None)
    plots = []
    for curve in FitCurve if extrapolation.of_arm(arm) else ():
        ax = plot_fits(extrapolation, arm, curve=curve, shape=own)
        until = f"{extrapolation.horizon:g} {extrapolation.fits.time_unit}"
        alt = f"{str(curve).capitalize()} of {arm} by model up to {until}"
        plots.append(page_plot(ax, alt, f"fits_{curve}_{file_safe(arm)}", from_summary))
    tables = choice_tables([one for one in choice if one.arm == arm])
    tables += [table for table in extrapolation_tables(extrapolation) if table.heading.startswith(f"{arm}, ")]
    return PageSection(heading=f"Fits of {arm}", plots=plots, tables=[(table, table_file(table)) for table in tables])


def table_file(table: TextTable) -> TableFile:
    """Return a table as a file named by its heading."""
    return TableFile(name=f"{file_safe(table.heading)[:60]}.csv", text=csv_text(table.columns, table.rows))


def file_safe(text: str) -> str:
    """Return a text as a file may be named.

    Examples
    --------
    >>> file_safe("RT + TMZ, 10 mg")
    'rt_tmz_10_mg'
    """
    return re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").lower() or "table"


def _curve_files(shape: SurvivalShape) -> dict[str, str]:
    """Return every curve with all its points."""
    files = {}
    for arm in shape.arms:
        hazard = arm.hazard.columns("time", "hazard") | {"bandwidth": arm.bandwidth}
        files[f"curve_hazard_{file_safe(arm.name)}.csv"] = _columns(hazard)
        files[f"curve_log_cumulative_{file_safe(arm.name)}.csv"] = _columns(arm.log_cumulative.columns("time", "value"))
    for one in shape.contrasts:
        who = file_safe(f"{one.of} over {one.over}")
        files[f"curve_hazard_ratio_{who}.csv"] = _columns(one.ratio_over_time.columns("time", "hazard_ratio"))
        files[f"curve_ratio_of_times_{who}.csv"] = _columns(one.quantiles.columns("share", "ratio"))
    return files


def _columns(columns: dict[str, FloatArray]) -> str:
    values = np.array(list(columns.values())).T
    rows = [[f"{value:.10g}" if np.isfinite(value) else None for value in row] for row in values.tolist()]
    return csv_text(columns, rows)
