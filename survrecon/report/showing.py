"""The methods ``summary``, ``plot`` and ``report`` of results, called through `survrecon.model.show` alone."""

from __future__ import annotations

import io
from base64 import b64encode
from functools import singledispatch
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.analysis.endpoints.results import PairedEndpoints
from survrecon.analysis.fits.extrapolation import Extrapolation
from survrecon.analysis.fits.results import FitSet
from survrecon.analysis.results import ArmSummary, Comparison
from survrecon.analysis.shape.results import SurvivalShape
from survrecon.checks.results import RecordResult
from survrecon.digitizing.result import DigitizedFigure
from survrecon.errors import ReportError
from survrecon.files.outputs import write_whole
from survrecon.model.estimate import USUAL_LEVEL, Estimate, Scale, normal_quantile
from survrecon.model.ipd import PseudoIPD, Reconstruction
from survrecon.report.content.checks import check_rows
from survrecon.report.content.endpoints import endpoint_tables
from survrecon.report.content.fit import band, last_time
from survrecon.report.content.fits import choice_tables, extrapolation_tables
from survrecon.report.content.shape import shape_tables
from survrecon.report.content.words import NOT_REAL
from survrecon.report.endpoints_page import endpoints_page
from survrecon.report.fits_page import shape_page
from survrecon.report.page import whole_page
from survrecon.report.plots.curves import GREY, INK, arm_style, curves_figure, draw_curves
from survrecon.report.settings import RESULT_PLOTS
from survrecon.report.table import TextTable, clean
from survrecon.report.text import analysis_tables, trial_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from survrecon.arrays import FloatArray

__all__ = ["checks_frame", "html", "plot", "plot_estimates", "plot_result", "report", "result_png", "summary"]

_PAGE = "report.html"
_MOST_DRAWS = 200  # for the band of a reconstruction: as many as a run draws


def summary(result: Any) -> str:
    """Return the tables of a result as plain text."""
    return "\n".join(table.plain() for table in _tables(result)).rstrip("\n")


def html(result: Any) -> str:
    """Return the tables of a result as HTML without scripts or styles of its own."""
    return "\n".join(_html_table(table) for table in _tables(result))


def plot(result: Any, ax: Axes | None = None) -> Axes:
    """Draw the curves of a result; on a new figure of pyplot, which notebooks show, where no axes are given."""
    return plot_result(result, ax)


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
    pictures: Sequence[bytes] = [result_png(result)]
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


def plot_result(result: Any, ax: Axes | None = None) -> Axes:
    """Draw a result and return the axes.

    Raises
    ------
    ReportError
        If nothing was built, so that there is no curve.
    """
    if isinstance(result, RecordResult):
        return _plot_record(result, ax)
    ax = _new_axes() if ax is None else ax
    _draw(result, ax)
    return ax


def _new_axes() -> Axes:
    from matplotlib import pyplot as plt

    axes: Axes = plt.subplots(figsize=RESULT_PLOTS.size, layout="constrained")[1]
    return axes


def plot_estimates(
    estimates: Mapping[str, Estimate], ax: Axes | None = None, *, reference: float | None = None
) -> Axes:
    """Draw estimates below each other: a point, thick what the data sets allow, thin with sampling error.

    Parameters
    ----------
    estimates : mapping of str to Estimate
        By the names that stand at the axis, from the top down; one without a value is said to have none.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure of pyplot where left out.
    reference : float, optional
        A value to compare with, a printed one, say: a dotted line.

    Returns
    -------
    matplotlib.axes.Axes
        Ratios are on a logarithmic axis.
    """
    ax = _new_axes() if ax is None else ax
    half, look = normal_quantile(USUAL_LEVEL), RESULT_PLOTS
    logarithmic = any(one.scale is Scale.LOG for one in estimates.values())
    for y, one in enumerate(estimates.values()):
        if one.value is None:
            ax.text(0.5, y, str(one.status), transform=ax.get_yaxis_transform(), va="center", ha="center", color=GREY)
            continue
        if one.interval is not None:
            ends = [np.nan if end is None else end for end in (one.interval.low, one.interval.high)]
            ax.plot(ends, [y, y], color=INK, linewidth=RESULT_PLOTS.thin)
        reach = half * (one.reconstruction_se or 0.0)
        thick = one.value * np.exp([-reach, reach]) if logarithmic else one.value + np.array([-reach, reach])
        ax.plot(thick, [y, y], color=INK, solid_capstyle="butt", linewidth=look.thick, alpha=look.thick_alpha)
        ax.plot(one.value, y, "o", color=INK, markersize=RESULT_PLOTS.point_size)
    if reference is not None:
        ax.axvline(reference, color=arm_style(1).colour, linestyle=":", linewidth=RESULT_PLOTS.curve_width, zorder=0)
    if logarithmic:
        _ratio_axis(ax)
    ax.set_yticks(range(len(estimates)), list(estimates))
    ax.set_ylim(len(estimates) - 0.5, -0.5)
    return ax


def _ratio_axis(ax: Axes) -> None:
    """Make the axis of ratios logarithmic, with plain numbers at its ticks: few where it spans much."""
    from matplotlib.ticker import FuncFormatter, LogLocator

    ax.set_xscale("log")
    low, high = ax.get_xlim()
    look = RESULT_PLOTS
    subs = look.few_ticks if high / low > look.wide_axis else look.many_ticks
    ax.xaxis.set_major_locator(LogLocator(subs=subs))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.minorticks_off()


def result_png(result: Any) -> bytes:
    """Return the curves of a result as the bytes of a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=RESULT_PLOTS.size, layout="constrained")
    _draw(result, figure.add_subplot())
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=RESULT_PLOTS.dots_per_inch)
    return stream.getvalue()


def _plot_record(result: RecordResult, ax: Axes | None) -> Axes:
    """Draw the report's figure, or its curves alone on given axes."""
    if not result.arms:
        reason = result.not_buildable or "nothing was built"
        raise ReportError(result.record.name, "rebuilt curves to draw", reason, "see its .summary()")
    if ax is None:
        from matplotlib import pyplot as plt

        return curves_figure(result, plt.figure).axes[0]
    draw_curves(ax, result, max(last_time(result, arm) for arm in result.arms) or 1.0)
    return ax


@singledispatch
def _draw(result: Any, axes: Axes) -> None:
    """Draw a result's curves on axes."""
    raise NotImplementedError(type(result).__name__)


@_draw.register(PseudoIPD)
def _(result: PseudoIPD, axes: Axes) -> None:
    _draw_arms([(result, ())], axes)


@_draw.register(Reconstruction)
def _(result: Reconstruction, axes: Axes) -> None:
    draws = tuple(result.draws(_MOST_DRAWS)) if result.has_draws else ()
    _draw_arms([(result.ipd, draws)], axes)
    if result.given is not None:
        curve = result.given.curve
        axes.plot(curve.time, curve.survival, ".", color="black", markersize=2, alpha=0.5, label="points")
        axes.legend(frameon=False)


@_draw.register(ArmSummary)
def _(result: ArmSummary, axes: Axes) -> None:
    _draw_arms([(result.central, result.draws)], axes)


@_draw.register(Comparison)
def _(result: Comparison, axes: Axes) -> None:
    _draw_arms([(arm.central, arm.draws) for arm in result.arms], axes)


@_draw.register(Extrapolation)
def _(result: Extrapolation, axes: Axes) -> None:
    from survrecon.report.plots.fits import plot_extrapolation

    plot_extrapolation(result, axes)


@_draw.register(FitSet)
def _(result: FitSet, axes: Axes) -> None:
    from survrecon.report.plots.fits import plot_extrapolation

    plot_extrapolation(result.extrapolate(), axes)


@_draw.register(SurvivalShape)
def _(result: SurvivalShape, axes: Axes) -> None:
    from survrecon.report.plots.shape import plot_hazards

    plot_hazards(result, axes)


@_draw.register(PairedEndpoints)
def _(result: PairedEndpoints, axes: Axes) -> None:
    from survrecon.report.plots.endpoints import plot_progressed

    plot_progressed(result, axes)


@_draw.register(DigitizedFigure)
def _(result: DigitizedFigure, axes: Axes) -> None:
    for arm in result.arms:
        curve = result.curve(arm.name)
        axes.step(
            curve.time,
            curve.survival,
            where="post",
            color=arm.colour,
            label=_plain(arm.name),
            linewidth=RESULT_PLOTS.curve_width,
        )
        if arm.censor_times is not None:
            marks = np.asarray(arm.censor_times)
            axes.plot(marks, curve.at(marks), "|", color=arm.colour, markersize=6)
    _frame(axes, result.time_unit or "time")


def _draw_arms(arms: Sequence[tuple[PseudoIPD, Sequence[PseudoIPD]]], axes: Axes) -> None:
    """Draw each arm's Kaplan-Meier curve, and the band that holds 95% of its draws."""
    for position, (central, draws) in enumerate(arms):
        style, end = arm_style(position), float(central.time[-1])
        if len(draws) > 1:
            drawn = band(tuple(draws), end)
            axes.fill_between(
                drawn.time,
                drawn.low,
                drawn.high,
                step="post",
                color=style.colour,
                alpha=RESULT_PLOTS.band_alpha,
                linewidth=0,
            )
        times, survival = _steps(central, end)
        name = _plain(central.arm)
        axes.step(
            times,
            survival,
            where="post",
            color=style.colour,
            linestyle=style.dash,
            linewidth=RESULT_PLOTS.curve_width,
            label=name,
        )
    _frame(axes, arms[0][0].time_unit)


def _steps(patients: PseudoIPD, end: float) -> tuple[FloatArray, FloatArray]:
    times, survival = patients.kaplan_meier()
    last = survival[-1] if survival.size else 1.0
    return np.concatenate([[0.0], times, [end]]), np.concatenate([[1.0], survival, [last]])


def _frame(axes: Axes, time_label: str) -> None:
    axes.set_ylim(0, RESULT_PLOTS.survival_top)
    axes.set_xlim(left=0)
    axes.set_xlabel(time_label)
    axes.set_ylabel("survival")
    axes.legend(frameon=False)


def _plain(name: str) -> str:
    """Return a name in which a dollar sign starts no formula, and which a legend does not leave out."""
    return name.replace("$", r"\$").lstrip("_") or "arm"
