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
from survrecon.report.table import clean

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from survrecon.arrays import FloatArray
    from survrecon.checks.results import RecordResult

__all__ = ["RISK_LINE", "RiskTableRow", "draw_arm", "draw_risk_table", "label_arms", "risk_rows", "shortened"]

RISK_LINE = 0.185  # inches a row
_NAME_WIDTH = 17  # letters of an arm's name beside its numbers at risk
_LABEL_WIDTH = 14  # letters of an arm's name at the end of its curve
_LABEL_GAP = 0.075  # least distance of two arm labels, in survival


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
    if curve is not None and result.record.kind is SourceKind.MANUAL:
        axes.plot(curve.time, curve.survival, ".", color=INK, markersize=1.6, alpha=0.5, zorder=2.5)
    elif curve is not None and not summary:
        axes.step(curve.time, curve.survival, where="post", color=INK, linewidth=4, alpha=0.2, zorder=1.8)
    for point in printed_points(result, arm.name):
        _draw_point(axes, point, style)
    return end, last


def _draw_point(axes: Axes, point: PrintedPoint, style: ArmStyle) -> None:
    """Draw a printed number with its interval or rounding; an interval that goes on past the axis ends in an arrow."""
    edge = axes.get_xlim()[1]
    goes_on = point.is_median and point.bar[1] > edge
    high = min(point.bar[1], 1.05 * edge) if point.is_median else point.bar[1]  # its cap is then beyond the axis
    reach = np.abs(np.array([[point.bar[0]], [high]]) - (point.time if point.is_median else point.survival))
    _, caps, bars = axes.errorbar(
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
    for part in (*caps, *bars):  # past the axis stand the arms' names
        part.set_clip_on(True)
    if goes_on:
        axes.plot(edge, point.survival, ">", color=style.colour, markersize=6, clip_on=False, zorder=3.2)


def label_arms(axes: Axes, result: RecordResult, ends: list[tuple[float, float]]) -> None:
    """Name each curve at its end, pushed apart where two ends are close."""
    from matplotlib.transforms import blended_transform_factory

    beside = blended_transform_factory(axes.transAxes, axes.transData)
    height = -1.0
    for position in sorted(range(len(ends)), key=lambda i: ends[i][1]):
        lines = wrap(shortened(result.arms[position].name, 40), _LABEL_WIDTH) or [""]
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


def risk_rows(result: RecordResult, ticks: FloatArray) -> list[RiskTableRow]:
    """Return the rows under the axis; nothing stands past the end of an arm's curve."""
    rows: list[RiskTableRow] = []
    for position, arm in enumerate(result.arms):
        colour, end = arm_style(position).colour, last_time(result, arm)
        central, low, high = risk_range(arm, ticks, convention_of(result, arm))
        inside = ticks <= end * 1.001
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
    top = -0.58 / height
    beside: dict[str, Any] = {"transform": axes.transAxes, "ha": "right", "parse_math": False}
    axes.text(-0.035, top, "at risk (rebuilt)", fontsize=8, color=GREY, **beside)
    for i, row in enumerate(rows, start=1):
        level, weight = top - i * RISK_LINE / height, "bold" if row.is_arm else "normal"
        axes.text(-0.035, level, row.name, fontsize=7.5, color=row.colour, weight=weight, **beside)
        for time, cell in zip(ticks, row.cells, strict=bool(row.cells)):
            share, size = time / axes.get_xlim()[1], 6.5 if "-" in cell else 8
            axes.text(share, level, cell, transform=axes.transAxes, fontsize=size, color=row.colour, ha="center")


def shortened(text: str, length: int) -> str:
    """Return ``text`` on one line, cut at ``length``."""
    text = clean(text)
    return text if len(text) <= length else text[: length - 1] + "…"
