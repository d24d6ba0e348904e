"""Plots of two endpoints of one trial: the curves of an arm with the share progressed between them, and that share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.shape.results import BandedCurve
from survrecon.model.estimate import normal_quantile
from survrecon.report.plots.curves import INK, arm_style, shortened
from survrecon.report.plots.shape import draw_banded, framed, new_axes, numbers_below
from survrecon.report.settings import SHAPE_PLOTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from survrecon.analysis.endpoints.results import EndpointArm, PairedEndpoints
    from survrecon.arrays import FloatArray

__all__ = ["plot_both_endpoints", "plot_progressed"]


def plot_both_endpoints(found: PairedEndpoints, arm: str, ax: Axes | None = None) -> Axes:
    """Draw progression-free and overall survival of one arm, the patients alive with progression between them.

    Parameters
    ----------
    found : PairedEndpoints
        The pairs of draws.
    arm : str
        Whose.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where left out.
    """
    one = found.arm(arm)
    ax = new_axes(2, 2) if ax is None else ax
    place = found.arms.index(one)
    colour, look = arm_style(place).colour, SHAPE_PLOTS
    both = one.progressed
    ax.fill_between(
        both.time,
        both.pfs,
        both.os,
        color=colour,
        alpha=look.reading_alpha,
        linewidth=0,
        label="alive with progression",
    )
    ax.plot(both.time, both.os, color=colour, linewidth=look.curve_width, label="overall survival")
    ax.plot(both.time, both.pfs, color=colour, linewidth=look.curve_width, linestyle="--", label="progression-free")
    ax.set_xlim(0, found.tau)
    ax.set_ylim(0, 1)
    framed(ax, found.time_unit, f"survival, {shortened(arm, look.longest_name)}")
    _at_risk(ax, found, [("overall", one, 1), ("progression-free", one, 0)])
    return ax


def plot_progressed(found: PairedEndpoints, ax: Axes | None = None) -> Axes:
    """Draw the share of patients alive with progression over time, each arm with its two bands.

    Parameters
    ----------
    found : PairedEndpoints
        The pairs of draws.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where left out.
    """
    ax = new_axes(len(found.arms), 3 * len(found.arms)) if ax is None else ax
    for place, arm in enumerate(found.arms):
        draw_banded(ax, _banded(arm), arm_style(place).colour, arm.name.replace("$", r"\$"))
    ax.axhline(0.0, color=INK, linewidth=SHAPE_PLOTS.sampling_width)
    ax.set_xlim(0, found.tau)
    framed(ax, found.time_unit, "share alive with progression")
    _at_risk(ax, found, [(arm.name, arm, 1) for arm in found.arms])
    return ax


def _banded(arm: EndpointArm) -> BandedCurve:
    one, z = arm.progressed, normal_quantile()
    low, high = (None, None) if one.se_reconstruction is None else _about(one.value, z * one.se_reconstruction)
    sampling = _about(one.value, z * one.se_sampling)
    return BandedCurve(
        x=one.time, value=one.value, reading_low=low, reading_high=high, sampling_low=sampling[0],
        sampling_high=sampling[1],
    )  # fmt: skip


def _about(value: FloatArray, half: FloatArray) -> tuple[FloatArray, FloatArray]:
    return value - half, value + half


def _at_risk(ax: Axes, found: PairedEndpoints, rows: list[tuple[str, EndpointArm, int]]) -> None:
    """Write the numbers at risk of the central data sets below the axes."""
    ticks = np.asarray([tick for tick in ax.get_xticks() if 0 <= tick <= found.tau])
    shown = []
    for name, arm, side in rows:
        central = (arm.pfs, arm.os)[side].central
        colour = arm_style(found.arms.index(arm)).colour
        shown.append((name, colour, [str(n) for n in central.at_risk(ticks)]))
    numbers_below(ax, shown, ticks)
