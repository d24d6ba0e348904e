"""The figure of a result: rebuilt curves, printed points, numbers at risk."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon import __version__
from survrecon.records.schema import SourceKind
from survrecon.report.catalogue import KIND_WORDS
from survrecon.report.content.checks import headlines
from survrecon.report.content.drawn import last_time, printed_points, tick_times
from survrecon.report.content.words import WATERMARK, estimate_text
from survrecon.report.plots.panels import RISK_LINE, draw_arm, draw_risk_table, label_arms, risk_rows, shortened
from survrecon.report.plots.render import GREY, INK, arm_style, as_png, as_svg

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from survrecon.arrays import FloatArray
    from survrecon.checks.results import RecordResult
    from survrecon.report.content.fit import Residuals

__all__ = ["curves_figure", "draw_curves", "rendered_curves", "rendered_residuals"]

_WIDTH, _CURVES, _FOOT = 8.0, 3.7, 0.75  # inches
_HEAD, _HEAD_LINE = 0.335, 0.205  # inches above the curves, and more for each line of words
_LEFT, _RIGHT = 0.18, 0.845  # the axes, as shares of the width
_TIME_TO = "time to "


def rendered_curves(result: RecordResult) -> tuple[bytes, bytes]:
    """Return the figure of a result as SVG and as PNG, the same bytes at every call."""
    figure = curves_figure(result)
    return as_svg(figure, result), as_png(figure, result)


def curves_figure(result: RecordResult, new_figure: Callable[..., Figure] | None = None) -> Figure:
    """Draw the rebuilt Kaplan-Meier curves of a result, on a figure that ``new_figure(figsize=...)`` makes.

    The band holds 95% of the data sets that agree with the input, point by point. A ``summary``
    curve is hatched between its printed points and ends at the last; its watermark says why.
    """
    from matplotlib.figure import Figure

    end = max(last_time(result, arm) for arm in result.arms) or 1.0
    ticks = tick_times(result, end)
    rows = risk_rows(result, ticks)
    table = RISK_LINE * (len(rows) + 1)
    head = _head_lines(result)
    height = _HEAD + _HEAD_LINE * len(head) + _CURVES + 0.5 + table + _FOOT
    figure = (new_figure or Figure)(figsize=(_WIDTH, height))
    low = (table + _FOOT + 0.5) / height
    axes = figure.add_axes((_LEFT, low, _RIGHT - _LEFT, _CURVES / height))
    draw_curves(axes, result, end)
    draw_risk_table(axes, rows, ticks, height=_CURVES)
    for i, line in enumerate(head):
        style: dict[str, Any] = {"fontsize": 11.5, "weight": "bold"} if i == 0 else {"fontsize": 9}
        place = 1 - (0.24 + _HEAD_LINE * i) / height
        _words(figure.text, 0.02, place, shortened(line, 108), color=INK, **style)
    _foot(figure, result, height, axes.get_xlim()[1])
    return figure


def draw_curves(axes: Axes, result: RecordResult, end: float) -> None:
    """Draw curves, bands, printed points and names of a result on axes up to a time; a summary's watermark too."""
    _frame(axes, result, end, tick_times(result, end))
    ends = [draw_arm(axes, result, position) for position in range(len(result.arms))]
    label_arms(axes, result, ends)
    if result.record.kind is SourceKind.SUMMARY:
        axes.text(
            0.5,
            0.5,
            "\n".join(wrap(WATERMARK, 34)),
            transform=axes.transAxes,
            ha="center",
            va="center",
            rotation=18,
            fontsize=17,
            color="#8a8a8a",
            alpha=0.38,
            weight="bold",
            zorder=0.5,
        )


def _frame(axes: Axes, result: RecordResult, end: float, ticks: FloatArray) -> None:
    document = result.record.document
    axes.set_xlim(0, end * 1.01)
    axes.set_ylim(0, 1.03)
    axes.set_xticks(ticks)
    axes.set_yticks(np.arange(0, 1.01, 0.2))
    axes.tick_params(labelsize=8.5, colors=INK, length=3)
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    origin = document.analysis.time_origin
    unit = document.axes.time_unit
    _words(axes.set_xlabel, shortened(f"{unit} from {origin}" if origin else unit, 80), fontsize=9)
    endpoint = result.record.endpoint
    if endpoint.startswith(_TIME_TO):  # what the axis shows is the share without it
        endpoint = f"without {endpoint.removeprefix(_TIME_TO)}"
    _words(axes.set_ylabel, shortened(endpoint, 48), fontsize=9)


def _head_lines(result: RecordResult) -> list[str]:
    """Return what stands above the curves: the endpoint, and the first hazard ratio beside the paper's."""
    record, date = result.record, result.record.document.analysis.data_cutoff
    cutoff = f", data cut-off {date}" if date else ""
    lines = [shortened(f"{record.trial}: {record.endpoint}{cutoff}", 92)]
    if result.comparisons:
        first = result.comparisons[0]
        lines.append(f"Hazard ratio of {first.of} over {first.over}, rebuilt: {estimate_text(first.hazard_ratio)}")
    for check, row in headlines(result)[:1]:
        if check is not None:
            model = f", {row.model}" if row.model else ""
            lines.append(f"Paper: {row.paper}{model}. Verdict: {row.verdict}")
    return lines


def _foot(figure: Figure, result: RecordResult, height: float, end: float) -> None:
    kind = result.record.kind
    marks = _marks(result, end)
    drawn = f"Band: 95% of {result.draws} data sets that agree with the input. " if result.draws > 1 else ""
    source = WATERMARK if kind is SourceKind.SUMMARY else f"{kind}: {KIND_WORDS[kind]}"
    origin = f"Reconstructed patients, not the trial's own. survrecon {__version__}, seed {result.seed}."
    for i, line in enumerate((source, marks, drawn + origin)):
        weight = "bold" if i == 0 else "normal"
        figure.text(0.02, (0.46 - 0.16 * i) / height, line, fontsize=7.2, color=GREY, weight=weight)


def _marks(result: RecordResult, end: float) -> str:
    """Say what the marks on a figure mean, those that it has, up to the end of its axis."""
    points = [point for arm in result.arms for point in printed_points(result, arm.name)]
    said = (
        (result.record.kind is SourceKind.MANUAL and result.record.curves, "Dots: digitized points."),
        (result.record.kind in (SourceKind.TRACED, SourceKind.VECTOR), "Broad grey lines: curves as read."),
        (any(not point.is_median for point in points), "Circles: printed survival."),
        (any(point.is_median for point in points), "Diamonds: printed medians."),
        (any(point.is_interval for point in points), "Thin bars: printed interval."),
        (any(not point.is_interval for point in points), "Thick bars: rounding."),
        (any(point.is_median and point.bar[1] > end for point in points), "Arrows: the interval goes on."),
    )
    return " ".join(words for holds, words in said if holds)


def _words(setter: Any, *args: Any, **options: Any) -> None:
    """Set text as it is: a dollar sign in a name starts no formula."""
    setter(*args, **options).set_parse_math(False)


_PERCENT = 100.0
_RESIDUAL_WIDTH, _HEIGHT = 8.0, 1.75  # inches
_RESIDUAL_LEFT, _RESIDUAL_RIGHT = 0.18, 0.845  # as under the curves, so that the time axes lie above each other


def rendered_residuals(result: RecordResult, found: Sequence[Residuals]) -> bytes:
    """Return the plot as SVG, the same bytes at every call.

    Parameters
    ----------
    result : RecordResult
        Its arms give the colours.
    found : sequence of Residuals
        At least one.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_RESIDUAL_WIDTH, _HEIGHT))
    axes = figure.add_axes((_RESIDUAL_LEFT, 0.27, _RESIDUAL_RIGHT - _RESIDUAL_LEFT, 0.6))
    resolution = _PERCENT * max(one.resolution for one in found)
    reach = max(1.15 * _PERCENT * max(one.largest for one in found), 1.5 * resolution, 1e-4)
    names = [arm.name for arm in result.arms]
    axes.axhspan(-resolution, resolution, color="#e9e9e6", linewidth=0)
    axes.axhline(0, color=GREY, linewidth=0.7)
    for one in found:
        style = arm_style(names.index(one.arm))
        axes.plot(one.time, _PERCENT * one.difference, "-", color=style.colour, linewidth=0.7, alpha=0.6)
        axes.plot(one.time, _PERCENT * one.difference, ".", color=style.colour, markersize=3.2)
        label: dict[str, Any] = {"fontsize": 8, "weight": "bold", "color": style.colour, "parse_math": False}
        place = 0.9 - 0.18 * names.index(one.arm)
        axes.text(1.015, place, shortened(one.arm, 18), transform=axes.transAxes, va="center", **label)
    axes.set_xlim(0, 1.01 * max(float(one.time[-1]) for one in found))
    axes.set_ylim(-reach, reach)
    axes.tick_params(labelsize=8, colors=INK, length=3)
    axes.set_xlabel(result.record.document.axes.time_unit, fontsize=8.5)
    axes.set_ylabel("rebuilt - read, %", fontsize=8.5)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return as_svg(figure, result)
