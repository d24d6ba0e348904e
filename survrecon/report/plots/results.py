"""The ``plot`` method of results: curves on the caller's axes, or on a new figure of pyplot."""

from __future__ import annotations

import io
from functools import singledispatch
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
from survrecon.model.estimate import USUAL_LEVEL, Estimate, Scale, normal_quantile
from survrecon.model.ipd import PseudoIPD, Reconstruction
from survrecon.report.content.fit import band, last_time
from survrecon.report.plots.curves import GREY, INK, arm_style, curves_figure, draw_curves
from survrecon.report.settings import RESULT_PLOTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from survrecon.arrays import FloatArray

__all__ = ["plot_estimates", "plot_result", "result_png"]

_MOST_DRAWS = 200  # for the band of a reconstruction: as many as a run draws


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
