"""The methods ``summary``, ``plot`` and ``report`` of results, called through `survrecon.model.show` alone."""

from __future__ import annotations

from base64 import b64encode
from functools import singledispatch
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survrecon.analysis.endpoints.results import PairedEndpoints
from survrecon.analysis.fits.extrapolation import Extrapolation
from survrecon.analysis.fits.results import FitSet
from survrecon.analysis.results import ArmSummary, Comparison
from survrecon.analysis.shape.results import SurvivalShape
from survrecon.checks.results import RecordResult
from survrecon.digitizing.result import DigitizedFigure
from survrecon.files.outputs import write_whole
from survrecon.model.ipd import PseudoIPD, Reconstruction
from survrecon.report.content.checks import check_rows
from survrecon.report.content.endpoints import endpoint_tables
from survrecon.report.content.fits import choice_tables, extrapolation_tables
from survrecon.report.content.shape import shape_tables
from survrecon.report.content.words import NOT_REAL
from survrecon.report.endpoints_page import endpoints_page
from survrecon.report.fits_page import shape_page
from survrecon.report.page import whole_page
from survrecon.report.table import TextTable, clean
from survrecon.report.text import analysis_tables, trial_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["checks_frame", "html", "plot", "report", "summary"]

_PAGE = "report.html"


def summary(result: Any) -> str:
    """Return the tables of a result as plain text."""
    return "\n".join(table.plain() for table in _tables(result)).rstrip("\n")


def html(result: Any) -> str:
    """Return the tables of a result as HTML without scripts or styles of its own."""
    return "\n".join(_html_table(table) for table in _tables(result))


def plot(result: Any, ax: Axes | None = None) -> Axes:
    """Draw the curves of a result; on a new figure of pyplot, which notebooks show, where no axes are given."""
    from survrecon.report.plots import results

    return results.plot_result(result, ax)


def report(result: Any, path: str | Path) -> Path:
    """Write a result as one page that needs no other file."""
    target = Path(path)
    target = target / _PAGE if target.is_dir() else target
    if isinstance(result, RecordResult):
        page = whole_page(result)
    elif isinstance(result, PairedEndpoints):
        page = endpoints_page(result)
    else:
        page = shape_page(result) if isinstance(result, SurvivalShape) else _page(result)
    return write_whole(target, page)


def checks_frame(result: RecordResult) -> pd.DataFrame:
    """Return the checks of a record's result, one per row, in words."""
    import pandas as pd

    names = ("quantity", "paper", "model", "rebuilt", "reconstruction", "confidence", "verdict", "note", "reason")
    return pd.DataFrame([[str(getattr(row, name)) for name in names] for row in check_rows(result)], columns=names)


@singledispatch
def _tables(result: Any) -> list[TextTable]:
    """Return what a result says as tables."""
    raise NotImplementedError(type(result).__name__)


@_tables.register(RecordResult)
def _(result: RecordResult) -> list[TextTable]:
    return trial_tables([result])


@_tables.register(Comparison)
def _(result: Comparison) -> list[TextTable]:
    return analysis_tables(result.arms, [result], result.notes)


@_tables.register(ArmSummary)
def _(result: ArmSummary) -> list[TextTable]:
    return analysis_tables([result], [])


@_tables.register(FitSet)
def _(result: FitSet) -> list[TextTable]:
    return choice_tables(result.choice())


@_tables.register(Extrapolation)
def _(result: Extrapolation) -> list[TextTable]:
    return extrapolation_tables(result)


@_tables.register(SurvivalShape)
def _(result: SurvivalShape) -> list[TextTable]:
    return shape_tables(result)


@_tables.register(PairedEndpoints)
def _(result: PairedEndpoints) -> list[TextTable]:
    return endpoint_tables(result)


@_tables.register(PseudoIPD)
def _(result: PseudoIPD) -> list[TextTable]:
    columns = ("arm", "patients", "events", f"last time, {result.time_unit}")
    row = (result.arm, str(result.n), str(result.events), f"{result.time[-1]:.4g}")
    return [TextTable(heading="Patients", columns=columns, rows=(row,), numeric=columns[1:])]


@_tables.register(Reconstruction)
def _(result: Reconstruction) -> list[TextTable]:
    ipd, found = result.ipd, result.diagnostics
    rows = [("method", result.method), ("patients", str(ipd.n)), ("events", str(ipd.events))]
    if found.events_low is not None:
        rows.append(("events that the inputs allow", f"{found.events_low} to {found.events_high}"))
    if found.largest_residual is not None:
        rows.append(("largest distance from the points, survival", f"{found.largest_residual:.4f}"))
    rows.append(("draws", "as many as are asked for" if result.has_draws else "none: the method gives one data set"))
    notes = (*map(str, result.repairs), *result.assumptions, *result.warnings, NOT_REAL)
    return [
        TextTable(heading=f"Arm {ipd.arm}, {ipd.time_unit}", columns=("", "rebuilt"), rows=tuple(rows), notes=notes)
    ]


@_tables.register(DigitizedFigure)
def _(result: DigitizedFigure) -> list[TextTable]:
    unit = f" ({result.time_unit})" if result.time_unit else ""
    rows = tuple(
        (
            arm.name,
            "" if arm.n is None else str(arm.n),
            str(arm.time.size),
            "" if arm.censor_times is None else str(arm.censor_times.size),
            f"{arm.time[-1]:.4g}",
            f"{arm.survival[-1]:.3f}",
        )
        for arm in result.arms
    )
    columns = ("arm", "patients", "points", "censoring marks", f"last time{unit}", "survival there")
    panel = f", panel {result.panel}" if result.panel else ""
    printed = tuple(f"printed: {one.text}" for one in result.printed)
    grade = () if result.reading is None else (f"reading graded {result.reading.grade}",)
    notes = (*grade, *printed, *result.warnings, *map(str, result.doubts), "Look at .overlay() before use.")
    return [
        TextTable(
            heading=f"{result.path.name}{panel}: {result.kind}", columns=columns, rows=rows, notes=notes,
            numeric=columns[1:],
        )
    ]  # fmt: skip


def _html_table(table: TextTable) -> str:
    filled = [i for i in range(len(table.columns)) if any(row[i] for row in table.rows)]
    head = "".join(f"<th>{escape(table.columns[i])}</th>" for i in filled)
    rows = "".join(f"<tr>{''.join(_html_cell(row[i]) for i in filled)}</tr>" for row in table.rows)
    notes = "".join(f"<p>{escape(clean(note))}</p>" for note in table.notes)
    heading = f"<caption>{escape(clean(table.heading))}</caption>"
    return f"<table>{heading}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{notes}"


def _html_cell(text: str) -> str:
    return f"<td>{escape(clean(text))}</td>"


def _page(result: Any) -> str:
    """Return a result that is no record's as a page: its picture, then its tables."""
    from survrecon.report.plots import results

    pictures: Sequence[bytes] = [results.result_png(result)]
    if isinstance(result, DigitizedFigure):
        pictures = [result.overlay(), *pictures]
    images = "".join(
        f'<p><img style="max-width: 100%" alt="curves" src="data:image/png;base64,{b64encode(one).decode()}"></p>'
        for one in pictures
    )
    title = escape(type(result).__name__)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body style="font-family: sans-serif; max-width: 60em; margin: auto">{images}{html(result)}</body></html>\n'
    )
