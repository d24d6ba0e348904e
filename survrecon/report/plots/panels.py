"""The parts of a figure: one arm's curve, the arms' names, the numbers at risk under the axis."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.records.schema import SourceKind
from survrecon.report.content.drawn import (
    PrintedPoint,
    band,
    convention_of,
    last_time,
    printed_points,
    printed_risk,
    risk_range,
)
from survrecon.report.plots.render import GREY, INK, ArmStyle, arm_style
from survrecon.report.settings import CURVES, DRAWING, RISK_TABLE
from survrecon.report.table import clean

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from survrecon.arrays import FloatArray
    from survrecon.checks.results import RecordResult

__all__ = ["RiskTableRow", "draw_arm", "draw_risk_table", "label_arms", "risk_rows", "shortened"]

_NAME_WIDTH = 17  # letters of an arm's name beside its numbers at risk
_LABEL_WIDTH = 14  # letters of an arm's name at the end of its curve


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
    for point in printed_points(result, arm.name):
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
        lines = wrap(shortened(result.arms[position].name, 40), _LABEL_WIDTH) or [""]
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
        *above, name = wrap(shortened(arm.name, 48), _NAME_WIDTH) or [""]
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
