"""The figure of a result: rebuilt curves, printed points, numbers at risk. matplotlib is imported here alone."""

from __future__ import annotations

import io
import warnings
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon import __version__
from survrecon.curve import FloatArray
from survrecon.record import SourceKind
from survrecon.report.drawn import band, last_time, printed_points, printed_risk, risk_range, tick_times
from survrecon.report.palette import GREY, INK, arm_style
from survrecon.report.rows import headlines
from survrecon.report.table import clean
from survrecon.report.words import KIND_WORDS, WATERMARK, estimate_text
from survrecon.result import RecordResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["curves_figure", "render", "rendered_curves"]

_WIDTH, _CURVES, _LINE, _HEAD, _FOOT = 8.0, 3.7, 0.185, 0.95, 0.75  # inches
_LEFT, _RIGHT = 0.18, 0.845  # the axes, as shares of the width
_DPI = 144
_NAME_WIDTH = 17  # letters of an arm's name beside its numbers at risk
_LABEL_GAP = 0.075  # least distance of two arm labels, in survival


def rendered_curves(result: RecordResult) -> tuple[bytes, bytes]:
    """Return the figure of a result as SVG and as PNG, the same bytes at every call."""
    return render(curves_figure(result), result)


def curves_figure(result: RecordResult) -> Figure:
    """Draw the rebuilt Kaplan-Meier curves of a result.

    The band holds 95% of the data sets that agree with the input, point by point. A ``summary``
    curve is hatched between its printed points and ends at the last; its watermark says why.
    """
    from matplotlib.figure import Figure

    summary = result.record.kind is SourceKind.SUMMARY
    end = max(last_time(result, arm) for arm in result.arms) or 1.0
    ticks = tick_times(result, end)
    rows = _risk_rows(result, ticks)
    table = _LINE * (len(rows) + 1)
    height = _HEAD + _CURVES + 0.5 + table + _FOOT
    figure = Figure(figsize=(_WIDTH, height))
    low = (table + _FOOT + 0.5) / height
    axes = figure.add_axes((_LEFT, low, _RIGHT - _LEFT, _CURVES / height))
    _frame(axes, result, end, ticks)
    ends = [_draw_arm(axes, result, position) for position in range(len(result.arms))]
    _label_arms(axes, result, ends)
    if summary:
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
    _draw_risk_table(axes, rows, ticks)
    _head(figure, result, height)
    _foot(figure, result, height)
    return figure


def render(figure: Figure, result: RecordResult) -> tuple[bytes, bytes]:
    """Return a figure as SVG and as PNG, with metadata that name record and kind, and no date."""
    import matplotlib as mpl

    kind = result.record.kind
    title = f"{result.record.name} ({kind})"
    description = WATERMARK if kind is SourceKind.SUMMARY else f"Rebuilt from a curve {KIND_WORDS[kind]}"
    keywords = ["survival", "reconstructed patients", f"source kind: {kind}"]
    vector, pixels = io.BytesIO(), io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "survrecon", "svg.fonttype": "path"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a name in a script that the font lacks
        figure.savefig(
            vector,
            format="svg",
            metadata={
                "Title": title,
                "Description": description,
                "Keywords": keywords,
                "Creator": f"survrecon {__version__}",
                "Date": None,
            },
        )
        figure.savefig(
            pixels,
            format="png",
            dpi=_DPI,
            metadata={
                "Title": _latin(title),
                "Description": description,
                "Source": str(kind),
                "Software": f"survrecon {__version__}",
            },
        )
    return vector.getvalue(), pixels.getvalue()


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
    _words(axes.set_xlabel, _short(f"{unit} from {origin}" if origin else unit, 80), fontsize=9)
    _words(axes.set_ylabel, _short(document.analysis.endpoint, 48), fontsize=9)


def _draw_arm(axes: Axes, result: RecordResult, position: int) -> tuple[float, float]:
    """Draw band, curve, digitized and printed points of an arm; return where its curve ends."""
    arm, style = result.arms[position], arm_style(position)
    summary = result.record.kind is SourceKind.SUMMARY
    end = last_time(result, arm)
    if len(arm.draws) > 1:
        drawn = band(arm.draws, end)
        fill: dict[str, Any] = {"facecolor": style.colour, "alpha": 0.22, "linewidth": 0}
        if summary:
            fill = {"facecolor": "none", "edgecolor": style.colour, "alpha": 0.45, "linewidth": 0, "hatch": style.hatch}
        axes.fill_between(drawn.time, drawn.low, drawn.high, step="post", zorder=1.5, **fill)
    times, survival = arm.central.kaplan_meier()
    last = float(arm.central.survival_at(end))
    shown = times <= end
    axes.step(
        np.concatenate([[0.0], times[shown], [end]]),
        np.concatenate([[1.0], survival[shown], [last]]),
        where="post",
        color=style.colour,
        linestyle=style.dash,
        linewidth=1.0 if summary else 1.6,
        alpha=0.65 if summary else 1.0,
        zorder=2,
    )
    curve = result.record.curves.get(arm.name)
    if curve is not None and not summary:
        axes.plot(curve.time, curve.survival, ".", color=INK, markersize=1.6, alpha=0.5, zorder=2.5)
    for point in printed_points(result, arm.name):
        bar = np.array([[point.bar[0]], [point.bar[1]]])
        reach = np.abs(bar - (point.time if point.is_median else point.survival))
        axes.errorbar(
            point.time,
            point.survival,
            xerr=reach if point.is_median else None,
            yerr=None if point.is_median else reach,
            fmt="D" if point.is_median else "o",
            markersize=5,
            markerfacecolor="white",
            markeredgewidth=1.4,
            color=style.colour,
            elinewidth=1.0 if point.is_interval else 2.4,
            capsize=3 if point.is_interval else 0,
            clip_on=False,
            zorder=3,
        )
    return end, last


def _label_arms(axes: Axes, result: RecordResult, ends: list[tuple[float, float]]) -> None:
    """Name each curve at its end, pushed apart where two ends are close."""
    from matplotlib.transforms import blended_transform_factory

    beside = blended_transform_factory(axes.transAxes, axes.transData)
    height = -1.0
    for position in sorted(range(len(ends)), key=lambda i: ends[i][1]):
        lines = wrap(_short(result.arms[position].name, 40), 16) or [""]
        half = _LABEL_GAP / 2 * len(lines)
        height = max(ends[position][1], height + half, half - 0.02)
        axes.text(
            1.015,
            height,
            "\n".join(lines),
            transform=beside,
            va="center",
            fontsize=9,
            weight="bold",
            color=arm_style(position).colour,
            parse_math=False,
            linespacing=1.05,
        )
        height += half


def _risk_rows(result: RecordResult, ticks: FloatArray) -> list[tuple[str, str, list[str]]]:
    """Return the rows under the axis: name, colour, cells; nothing past the end of an arm's curve."""
    rows: list[tuple[str, str, list[str]]] = []
    for position, arm in enumerate(result.arms):
        colour, end = arm_style(position).colour, last_time(result, arm)
        central, low, high = risk_range(arm, ticks)
        inside = ticks <= end * 1.001
        *above, name = wrap(_short(arm.name, 48), _NAME_WIDTH) or [""]
        rows += [(line, colour, []) for line in above]
        rows.append((name, colour, [str(n) if keep else "" for n, keep in zip(central, inside, strict=True)]))
        if (low < high)[inside].any():
            pairs = zip(low, high, inside, strict=True)
            rows.append(("  over draws", GREY, [f"{a}-{b}" if keep and a < b else "" for a, b, keep in pairs]))
        printed = printed_risk(result, arm.name, ticks)
        if printed is not None:
            rows.append(("  printed", INK, printed))
    return rows


def _draw_risk_table(axes: Axes, rows: list[tuple[str, str, list[str]]], ticks: FloatArray) -> None:
    inch = 1 / _CURVES  # of the axes' height
    top = -0.58 * inch
    axes.text(-0.035, top, "at risk (rebuilt)", transform=axes.transAxes, fontsize=8, color=GREY, ha="right")
    for i, (name, colour, cells) in enumerate(rows, start=1):
        height = top - i * _LINE * inch
        weight = "normal" if name.startswith(" ") else "bold"  # an arm's own row, not one that explains it
        axes.text(
            -0.035,
            height,
            name.strip(),
            transform=axes.transAxes,
            fontsize=7.5,
            color=colour,
            weight=weight,
            ha="right",
            parse_math=False,
        )
        for time, cell in zip(ticks, cells, strict=bool(cells)):
            share = time / axes.get_xlim()[1]
            size = 6.5 if "-" in cell else 8
            axes.text(share, height, cell, transform=axes.transAxes, fontsize=size, color=colour, ha="center")


def _head(figure: Figure, result: RecordResult, height: float) -> None:
    analysis = result.record.document.analysis
    cutoff = f", data cut-off {analysis.data_cutoff}" if analysis.data_cutoff else ""
    lines = [_short(f"{analysis.trial}: {analysis.endpoint}{cutoff}", 92)]
    if result.comparisons:
        first = result.comparisons[0]
        lines.append(f"Hazard ratio of {first.of} over {first.over}, rebuilt: {estimate_text(first.hazard_ratio)}")
    for check, row in headlines(result)[:1]:
        if check is not None:
            model = f", {row.model}" if row.model else ""
            lines.append(f"Paper: {row.paper}{model}. Verdict: {row.verdict}")
    for i, line in enumerate(lines):
        style: dict[str, Any] = {"fontsize": 11.5, "weight": "bold"} if i == 0 else {"fontsize": 9}
        _words(figure.text, 0.02, 1 - (0.24 + 0.205 * i) / height, _short(line, 108), color=INK, **style)


def _foot(figure: Figure, result: RecordResult, height: float) -> None:
    kind = result.record.kind
    marks = "Circles: printed survival. Diamonds: printed medians. Thin bars: printed interval; thick: rounding."
    drawn = f"Band: 95% of {result.draws} data sets that agree with the input. " if result.draws > 1 else ""
    source = WATERMARK if kind is SourceKind.SUMMARY else f"{kind}: {KIND_WORDS[kind]}"
    origin = f"Reconstructed patients, not the trial's own. survrecon {__version__}, seed {result.seed}."
    for i, line in enumerate((source, marks, drawn + origin)):
        weight = "bold" if i == 0 else "normal"
        figure.text(0.02, (0.46 - 0.16 * i) / height, line, fontsize=7.2, color=GREY, weight=weight)


def _words(setter: Any, *args: Any, **options: Any) -> None:
    """Set text as it is: a dollar sign in a name starts no formula."""
    setter(*args, **options).set_parse_math(False)


def _short(text: str, length: int) -> str:
    text = clean(text)
    return text if len(text) <= length else text[: length - 1] + "…"


def _latin(text: str) -> str:
    """Return text that a PNG's metadata can hold."""
    return text.encode("latin-1", "replace").decode("latin-1")
