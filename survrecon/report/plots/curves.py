"""The plot of survival curves with its table of numbers at risk, the plot of residuals, and what every plot shares."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon import __version__
from survrecon.records.schema import SourceKind
from survrecon.report.catalogue import KIND_WORDS
from survrecon.report.content.checks import headlines
from survrecon.report.content.fit import (
    PrintedPoint,
    band,
    convention_of,
    last_time,
    points_beside_curves,
    printed_risk,
    risk_range,
    tick_times,
)
from survrecon.report.content.words import WATERMARK, estimate_text
from survrecon.report.settings import CURVES, DASHES, DRAWING, LETTERS, RESIDUALS, RISK_TABLE
from survrecon.report.table import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from survrecon.arrays import FloatArray
    from survrecon.checks.results import RecordResult
    from survrecon.report.content.fit import Residuals

__all__ = [
    "GREY",
    "INK",
    "ArmStyle",
    "RiskTableRow",
    "arm_style",
    "as_png",
    "as_svg",
    "curves_figure",
    "draw_arm",
    "draw_curves",
    "draw_risk_table",
    "draw_watermark",
    "label_arms",
    "load_plot_libraries",
    "rendered_curves",
    "rendered_residuals",
    "risk_rows",
    "shortened",
]

INK = "#222222"
GREY = "#6b6b6b"


@dataclass(frozen=True, slots=True)
class ArmStyle:
    """How an arm is drawn."""

    colour: str
    dash: str | tuple[int, tuple[float, ...]]
    hatch: str


_STYLES = (
    ("#0072b2", "////"),
    ("#c44e00", "\\\\\\\\"),
    ("#00795a", "----"),
    ("#a8458a", "||||"),
    ("#5b5b5b", "...."),
)
"""Colour and hatch of the arms, control first (Okabe and Ito's colours, darkened for text)."""


def arm_style(position: int) -> ArmStyle:
    """Return the style of the arm at a position, control first."""
    place = position % len(_STYLES)
    colour, hatch = _STYLES[place]
    dash = DASHES.arms[place]
    return ArmStyle(colour, (0, dash) if dash else "solid", hatch)


_DPI = 144
_PACKING = 3  # of 9: half the time of the usual 6, a tenth more bytes


def as_svg(figure: Figure, result: RecordResult) -> bytes:
    """Return a figure as SVG, with metadata that name record and kind, and no date."""
    metadata = {
        "Title": _title(result),
        "Description": _description(result),
        "Keywords": ["survival", "reconstructed patients", f"source kind: {result.record.kind}"],
        "Creator": f"survrecon {__version__}",
        "Date": None,
    }
    return _saved(figure, format="svg", metadata=metadata)


def as_png(figure: Figure, result: RecordResult) -> bytes:
    """Return a figure as PNG, with the metadata of `as_svg`."""
    metadata = {
        "Title": _title(result).encode("latin-1", "replace").decode("latin-1"),  # all that a PNG's metadata can hold
        "Description": _description(result),
        "Source": str(result.record.kind),
        "Software": f"survrecon {__version__}",
    }
    return _saved(figure, format="png", dpi=_DPI, metadata=metadata, pil_kwargs={"compress_level": _PACKING})


def _title(result: RecordResult) -> str:
    return f"{result.record.name} ({result.record.kind})"


def _description(result: RecordResult) -> str:
    kind = result.record.kind
    return WATERMARK if kind is SourceKind.SUMMARY else f"Rebuilt from a curve {KIND_WORDS[kind]}"


def _saved(figure: Figure, **options: Any) -> bytes:
    import matplotlib as mpl

    stream = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "survrecon", "svg.fonttype": "path"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a name in a script that the font lacks
        figure.savefig(stream, **options)
    return stream.getvalue()


@dataclass(frozen=True, slots=True)
class RiskTableRow:
    """A row under the axis: its name, its colour, a cell for each tick or none, and whether it is an arm's own."""

    name: str
    colour: str
    cells: list[str]
    is_arm: bool = False


def draw_arm(axes: Axes, result: RecordResult, position: int) -> tuple[float, float]:
    """Draw band, curve, digitized and printed points of an arm; return where its curve ends."""
    arm, style = result.arms[position], arm_style(position)
    summary = result.record.kind is SourceKind.SUMMARY
    end = last_time(result, arm)
    if len(arm.draws) > 1:
        drawn = band(arm.draws, end)
        fill: dict[str, Any] = {"facecolor": style.colour, "alpha": DRAWING.band_alpha, "linewidth": 0}
        if summary:
            fill = {"facecolor": "none", "edgecolor": style.colour, "linewidth": 0, "hatch": style.hatch}
            fill["alpha"] = DRAWING.hatch_alpha
        axes.fill_between(drawn.time, drawn.low, drawn.high, step="post", zorder=DRAWING.band_order, **fill)
    times, survival = arm.central.kaplan_meier()
    last = float(arm.central.survival_at(end))
    shown = times <= end
    axes.step(
        np.concatenate([[0.0], times[shown], [end]]),
        np.concatenate([[1.0], survival[shown], [last]]),
        where="post",
        color=style.colour,
        linestyle=style.dash,
        linewidth=DRAWING.summary_width if summary else DRAWING.curve_width,
        alpha=DRAWING.summary_alpha if summary else 1.0,
        zorder=DRAWING.curve_order,
    )
    curve = result.record.curves.get(arm.name)
    if curve is not None and result.record.kind is SourceKind.MANUAL:
        clicks: dict[str, Any] = {"markersize": DRAWING.click_size, "alpha": 0.5, "zorder": DRAWING.click_order}
        axes.plot(curve.time, curve.survival, ".", color=INK, **clicks)
    elif curve is not None and not summary:
        broad: dict[str, Any] = {
            "linewidth": DRAWING.read_width,
            "alpha": DRAWING.read_alpha,
            "zorder": DRAWING.read_order,
        }
        axes.step(curve.time, curve.survival, where="post", color=INK, **broad)
    for point in points_beside_curves(result, arm.name):
        _draw_point(axes, point, style)
    return end, last


def _draw_point(axes: Axes, point: PrintedPoint, style: ArmStyle) -> None:
    """Draw a printed number with its interval or rounding; an interval that goes on past the axis ends in an arrow."""
    edge = axes.get_xlim()[1]
    goes_on = point.is_median and point.bar[1] > edge
    high = (
        min(point.bar[1], DRAWING.beyond_axis * edge) if point.is_median else point.bar[1]
    )  # its cap is then beyond the axis
    reach = np.abs(np.array([[point.bar[0]], [high]]) - (point.time if point.is_median else point.survival))
    _, caps, bars = axes.errorbar(
        point.time,
        point.survival,
        xerr=reach if point.is_median else None,
        yerr=None if point.is_median else reach,
        fmt="D" if point.is_median else "o",
        markersize=5,
        markerfacecolor="white",
        markeredgewidth=DRAWING.marker_edge,
        color=style.colour,
        elinewidth=DRAWING.interval_width if point.is_interval else DRAWING.rounding_width,
        capsize=3 if point.is_interval else 0,
        clip_on=False,
        zorder=DRAWING.point_order,
    )
    for part in (*caps, *bars):  # past the axis stand the arms' names
        part.set_clip_on(True)
    if goes_on:
        arrow: dict[str, Any] = {"markersize": 6, "clip_on": False, "zorder": DRAWING.arrow_order}
        axes.plot(edge, point.survival, ">", color=style.colour, **arrow)


def label_arms(axes: Axes, result: RecordResult, ends: list[tuple[float, float]]) -> None:
    """Name each curve at its end, pushed apart where two ends are close."""
    from matplotlib.transforms import blended_transform_factory

    beside = blended_transform_factory(axes.transAxes, axes.transData)
    height = -1.0
    for position in sorted(range(len(ends)), key=lambda i: ends[i][1]):
        lines = wrap(shortened(result.arms[position].name, LETTERS.longest_label), LETTERS.label) or [""]
        half = DRAWING.name_gap / 2 * len(lines)
        height = max(ends[position][1], height + half, half - DRAWING.name_floor)
        axes.text(
            DRAWING.names_left,
            height,
            "\n".join(lines),
            transform=beside,
            va="center",
            fontsize=9,
            weight="bold",
            color=arm_style(position).colour,
            parse_math=False,
            linespacing=DRAWING.name_leading,
        )
        height += half


def risk_rows(result: RecordResult, ticks: FloatArray) -> list[RiskTableRow]:
    """Return the rows under the axis; nothing stands past the end of an arm's curve."""
    rows: list[RiskTableRow] = []
    for position, arm in enumerate(result.arms):
        colour, end = arm_style(position).colour, last_time(result, arm)
        central, low, high = risk_range(arm, ticks, convention_of(result, arm))
        inside = ticks <= end * CURVES.tick_slack
        *above, name = wrap(shortened(arm.name, LETTERS.longest_name), LETTERS.name) or [""]
        rows += [RiskTableRow(line, colour, [], True) for line in above]
        shown = [str(n) if keep else "" for n, keep in zip(central, inside, strict=True)]
        rows.append(RiskTableRow(name, colour, shown, True))
        if (low < high)[inside].any():
            pairs = zip(low, high, inside, strict=True)
            ranges = [f"{a}-{b}" if keep and a < b else "" for a, b, keep in pairs]
            rows.append(RiskTableRow("over draws", GREY, ranges))
        printed = printed_risk(result, arm.name, ticks)
        if printed is not None:
            rows.append(RiskTableRow("printed", INK, printed))
    return rows


def draw_risk_table(axes: Axes, rows: list[RiskTableRow], ticks: FloatArray, *, height: float) -> None:
    """Write the numbers at risk under the axis of axes that are ``height`` inches high."""
    top = RISK_TABLE.top / height
    beside: dict[str, Any] = {"transform": axes.transAxes, "ha": "right", "parse_math": False}
    axes.text(RISK_TABLE.names_right, top, "at risk (rebuilt)", fontsize=RISK_TABLE.size, color=GREY, **beside)
    for i, row in enumerate(rows, start=1):
        level = top - i * RISK_TABLE.line / height
        name: dict[str, Any] = {"fontsize": RISK_TABLE.name_size, "weight": "bold" if row.is_arm else "normal"}
        axes.text(RISK_TABLE.names_right, level, row.name, color=row.colour, **name, **beside)
        for time, cell in zip(ticks, row.cells, strict=bool(row.cells)):
            share = time / axes.get_xlim()[1]
            size = RISK_TABLE.range_size if "-" in cell else RISK_TABLE.size
            axes.text(share, level, cell, transform=axes.transAxes, fontsize=size, color=row.colour, ha="center")


def shortened(text: str, length: int) -> str:
    """Return ``text`` on one line, cut at ``length``."""
    text = clean(text)
    return text if len(text) <= length else text[: length - 1] + "…"


_TIME_TO = "time to "


def load_plot_libraries() -> None:
    """Import what `rendered_curves` needs, half a second of work, at a time that suits the caller."""
    import matplotlib.backends.backend_agg
    import matplotlib.backends.backend_svg
    import matplotlib.figure  # noqa: F401


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
    table = RISK_TABLE.line * (len(rows) + 1)
    head = _head_lines(result)
    below = table + CURVES.foot + CURVES.gap
    height = CURVES.head + CURVES.head_line * len(head) + CURVES.axes_height + below
    figure = (new_figure or Figure)(figsize=(CURVES.width, height))
    place = (CURVES.left, below / height, CURVES.right - CURVES.left, CURVES.axes_height / height)
    axes = figure.add_axes(place)
    draw_curves(axes, result, end)
    draw_risk_table(axes, rows, ticks, height=CURVES.axes_height)
    _head(figure, head, height)
    _foot(figure, result, height, axes.get_xlim()[1])
    return figure


def draw_curves(axes: Axes, result: RecordResult, end: float) -> None:
    """Draw curves, bands, printed points and names of a result on axes up to a time; a summary's watermark too."""
    _frame(axes, result, end, tick_times(result, end))
    ends = [draw_arm(axes, result, position) for position in range(len(result.arms))]
    label_arms(axes, result, ends)
    if result.record.kind is SourceKind.SUMMARY:
        draw_watermark(axes)


def draw_watermark(axes: Axes) -> None:
    """Write across the axes that the curves were not read from a figure."""
    axes.text(
        0.5,
        0.5,
        "\n".join(wrap(WATERMARK, LETTERS.watermark)),
        transform=axes.transAxes,
        ha="center",
        va="center",
        rotation=CURVES.watermark_angle,
        fontsize=CURVES.watermark_size,
        color="#8a8a8a",
        alpha=CURVES.watermark_alpha,
        weight="bold",
        zorder=0.5,
    )


def _head(figure: Figure, lines: Sequence[str], height: float) -> None:
    for i, line in enumerate(lines):
        style: dict[str, Any] = {"fontsize": CURVES.words_size}
        if i == 0:
            style = {"fontsize": CURVES.title_size, "weight": "bold"}
        place = 1 - (CURVES.head_top + CURVES.head_line * i) / height
        _words(figure.text, CURVES.words_left, place, shortened(line, LETTERS.head), color=INK, **style)


def _frame(axes: Axes, result: RecordResult, end: float, ticks: FloatArray) -> None:
    document = result.record.document
    axes.set_xlim(0, end * CURVES.time_margin)
    axes.set_ylim(0, CURVES.survival_top)
    axes.set_xticks(ticks)
    axes.set_yticks(np.arange(0, CURVES.survival_top, CURVES.survival_step))
    axes.tick_params(labelsize=CURVES.tick_size, colors=INK, length=3)
    axes.grid(axis="y", color="#e6e6e6", linewidth=CURVES.grid_width)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    origin = document.analysis.time_origin
    unit = document.axes.time_unit
    name = shortened(f"{unit} from {origin}" if origin else unit, LETTERS.time_axis)
    _words(axes.set_xlabel, name, fontsize=CURVES.words_size)
    endpoint = result.record.endpoint
    if endpoint.startswith(_TIME_TO):  # what the axis shows is the share without it
        endpoint = f"without {endpoint.removeprefix(_TIME_TO)}"
    _words(axes.set_ylabel, shortened(endpoint, LETTERS.survival_axis), fontsize=CURVES.words_size)


def _head_lines(result: RecordResult) -> list[str]:
    """Return what stands above the curves: the endpoint, and the first hazard ratio beside the paper's."""
    record, date = result.record, result.record.document.analysis.data_cutoff
    cutoff = f", data cut-off {date}" if date else ""
    lines = [shortened(f"{record.trial}: {record.endpoint}{cutoff}", LETTERS.title)]
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
        place = (CURVES.foot_top - CURVES.foot_line * i) / height
        figure.text(CURVES.words_left, place, line, fontsize=CURVES.foot_size, color=GREY, weight=weight)


def _marks(result: RecordResult, end: float) -> str:
    """Say what the marks on a figure mean, those that it has, up to the end of its axis."""
    points = [point for arm in result.arms for point in points_beside_curves(result, arm.name)]
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

    figure = Figure(figsize=(RESIDUALS.width, RESIDUALS.height))
    axes = figure.add_axes((CURVES.left, RESIDUALS.bottom, CURVES.right - CURVES.left, RESIDUALS.axes_height))
    resolution = _PERCENT * max(one.resolution for one in found)
    largest = _PERCENT * max(one.largest for one in found)
    reach = max(RESIDUALS.reach * largest, RESIDUALS.reach_of_resolution * resolution, RESIDUALS.smallest_reach)
    names = [arm.name for arm in result.arms]
    axes.axhspan(-resolution, resolution, color="#e9e9e6", linewidth=0)
    axes.axhline(0, color=GREY, linewidth=RESIDUALS.line_width)
    for one in found:
        style = arm_style(names.index(one.arm))
        apart = _PERCENT * one.difference
        line: dict[str, Any] = {"linewidth": RESIDUALS.line_width, "alpha": RESIDUALS.line_alpha}
        axes.plot(one.time, apart, "-", color=style.colour, **line)
        axes.plot(one.time, apart, ".", color=style.colour, markersize=RESIDUALS.point_size)
        label: dict[str, Any] = {
            "fontsize": RESIDUALS.label_size,
            "weight": "bold",
            "color": style.colour,
            "parse_math": False,
        }
        place = RESIDUALS.label_top - RESIDUALS.label_step * names.index(one.arm)
        axes.text(
            DRAWING.names_left,
            place,
            shortened(one.arm, LETTERS.residual_name),
            transform=axes.transAxes,
            va="center",
            **label,
        )
    axes.set_xlim(0, CURVES.time_margin * max(float(one.time[-1]) for one in found))
    axes.set_ylim(-reach, reach)
    axes.tick_params(labelsize=RESIDUALS.label_size, colors=INK, length=3)
    axes.set_xlabel(result.record.document.axes.time_unit, fontsize=RESIDUALS.words_size)
    axes.set_ylabel("rebuilt - read, %", fontsize=RESIDUALS.words_size)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return as_svg(figure, result)
