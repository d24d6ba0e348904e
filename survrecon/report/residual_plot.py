"""A small plot of rebuilt minus read survival, arm by arm, beside the resolution of the figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from survrecon.report.fit import Residuals
from survrecon.report.palette import GREY, INK, arm_style
from survrecon.report.panels import shortened
from survrecon.report.render import as_svg
from survrecon.result import RecordResult

__all__ = ["rendered_residuals"]

_PERCENT = 100.0
_WIDTH, _HEIGHT = 8.0, 1.75  # inches
_LEFT, _RIGHT = 0.18, 0.845  # as under the curves, so that the time axes lie above each other


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

    figure = Figure(figsize=(_WIDTH, _HEIGHT))
    axes = figure.add_axes((_LEFT, 0.27, _RIGHT - _LEFT, 0.6))
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
