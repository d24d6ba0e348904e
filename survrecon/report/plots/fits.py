"""Plots of fitted models: survival and hazard up to the horizon, beside what the patients show without a model."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.model.settings import DRAWS_QUANTILES
from survrecon.report.plots.curves import GREY, INK, arm_style
from survrecon.report.plots.shape import framed, new_axes, numbers_below
from survrecon.report.settings import DASHES, SHAPE_PLOTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from survrecon.analysis.fits.extrapolation import Extrapolation, ModelExtrapolation
    from survrecon.analysis.shape.results import ArmShape
    from survrecon.arrays import FloatArray

__all__ = ["FitCurve", "draw_external", "plot_extrapolation", "plot_fits"]

_COLOURS = ("#0072b2", "#c44e00", "#00795a", "#a8458a", "#8a6d00", "#3d7fa6", "#5b5b5b", "#b0413e")


class FitCurve(StrEnum):
    """What is drawn of a fit."""

    SURVIVAL = "survival"
    HAZARD = "hazard"


def plot_fits(
    extrapolation: Extrapolation,
    arm: str,
    ax: Axes | None = None,
    *,
    curve: FitCurve = FitCurve.SURVIVAL,
    shape: ArmShape | None = None,
    colours: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Axes:
    """Draw every identified model of an arm; the one with the lowest AIC has its two bands.

    Parameters
    ----------
    extrapolation : Extrapolation
        Up to the horizon.
    arm : str
        Whose.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where left out.
    curve : FitCurve
        Survival, beside the Kaplan-Meier estimate, or the hazard, beside the smoothed one of ``shape``.
    shape : ArmShape, optional
        The arm's hazard without a model.
    colours, labels : mapping of str to str, optional
        By model.
    """
    models = extrapolation.of_arm(arm)
    ax = new_axes(1, (len(models) + 4) // 2) if ax is None else ax
    best = min(models, key=lambda one: float(one.fit.aic[0]), default=None)
    for place, one in enumerate(models):
        dash = DASHES.arms[place // len(_COLOURS) % len(DASHES.arms)]
        colour = (colours or {}).get(one.model, _COLOURS[place % len(_COLOURS)])
        label = (labels or {}).get(one.model, one.model)
        if one is best:
            _draw_bands(ax, one, curve, colour, label)
        values = one.survival.value if curve is FitCurve.SURVIVAL else one.hazard.value
        line: dict[str, Any] = {"linestyle": (0, dash) if dash else "solid", "color": colour}
        ax.plot(one.times, values, label=label, linewidth=SHAPE_PLOTS.curve_width, **line)
    _draw_data(ax, extrapolation, arm, curve, shape)
    ax.set_xlim(0, extrapolation.horizon)
    _draw_cautions(ax, extrapolation, arm)
    framed(ax, extrapolation.fits.time_unit, f"{curve}, {arm}")
    if shape is not None:
        step = shape.ticks[1] - shape.ticks[0] if shape.ticks.size > 1 else extrapolation.horizon
        every = max(1, int(np.ceil(extrapolation.horizon / step / SHAPE_PLOTS.most_ticks)))
        times = np.arange(0, extrapolation.horizon + step / 2, every * step)
        ax.set_xticks(times)
        numbers_below(ax, [(arm, INK, _counts(shape, times))], times, legend_columns=2)
    return ax


def plot_extrapolation(extrapolation: Extrapolation, ax: Axes | None = None) -> Axes:
    """Draw each arm's Kaplan-Meier curve and its model with the lowest AIC up to the horizon, with both bands.

    Parameters
    ----------
    extrapolation : Extrapolation
        Up to the horizon.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where left out.
    """
    names = extrapolation.fits.arm_names
    ax = new_axes(0, 4 * len(names)) if ax is None else ax
    for place, arm in enumerate(names):
        colour = arm_style(place).colour
        models = extrapolation.of_arm(arm)
        if models:
            best = min(models, key=lambda one: float(one.fit.aic[0]))
            label = f"{arm}, {best.model}"
            _draw_bands(ax, best, FitCurve.SURVIVAL, colour, label)
            ax.plot(best.times, best.survival.value, color=colour, label=label, linewidth=SHAPE_PLOTS.curve_width)
        central = next(one.central for one in extrapolation.fits.arms if one.name == arm)
        times, survival = central.kaplan_meier()
        line: dict[str, Any] = {"color": colour, "linewidth": SHAPE_PLOTS.sampling_width, "label": arm}
        ax.step(np.r_[0.0, times], np.r_[1.0, survival], where="post", **line)
    draw_external(ax, extrapolation)
    ax.set_xlim(0, extrapolation.horizon)
    ax.set_ylim(0, 1)
    framed(ax, extrapolation.fits.time_unit, "survival")
    ax.legend(frameon=False, fontsize=SHAPE_PLOTS.tick_size)
    return ax


def _draw_bands(ax: Axes, one: ModelExtrapolation, curve: FitCurve, colour: str, label: str) -> None:
    """Draw what the draws span, filled, and between dashed lines the interval of both sources, by the mixture.

    Standard errors would not do: far out, a symmetric band on the scale of the logit holds next to everything.
    """
    pooled = one.survival if curve is FitCurve.SURVIVAL else one.hazard
    wide: dict[str, Any] = {"color": colour, "alpha": SHAPE_PLOTS.sampling_alpha, "linewidth": 0}
    ax.fill_between(one.times, pooled.low, pooled.high, **wide)
    thin: dict[str, Any] = {"color": colour, "linewidth": SHAPE_PLOTS.sampling_width, "linestyle": "--"}
    drawn = len(pooled.draws) > 1
    both = "sampling and reading" if drawn else "sampling"
    ax.plot(one.times, pooled.low, label=f"{label}, {both}: 95%", **thin)
    ax.plot(one.times, pooled.high, **thin)
    if drawn:
        low, high = np.quantile(pooled.draws, DRAWS_QUANTILES, axis=0)
        fill: dict[str, Any] = {"color": colour, "alpha": SHAPE_PLOTS.reading_alpha, "linewidth": 0}
        ax.fill_between(one.times, low, high, label=f"{label}, reading: 95%", **fill)


def _draw_data(ax: Axes, extrapolation: Extrapolation, arm: str, curve: FitCurve, shape: ArmShape | None) -> None:
    """Draw what the patients show without a model."""
    thick: dict[str, Any] = {"color": INK, "linewidth": SHAPE_PLOTS.curve_width}
    if curve is FitCurve.HAZARD:
        if shape is not None:
            ax.plot(shape.hazard.x, shape.hazard.value, label="smoothed hazard", **thick)
            ax.set_ylim(0, SHAPE_PLOTS.highest * float(np.nanmax(shape.hazard.value)) or 1.0)
        return
    central = next(one.central for one in extrapolation.fits.arms if one.name == arm)
    times, survival = central.kaplan_meier()
    last = survival[-1] if survival.size else 1.0
    times, survival = np.r_[0.0, times, central.time[-1]], np.r_[1.0, survival, last]
    ax.step(times, survival, where="post", label="Kaplan-Meier", **thick)
    draw_external(ax, extrapolation, arm)
    ax.set_ylim(0, 1)


def draw_external(ax: Axes, extrapolation: Extrapolation, arm: str | None = None) -> None:
    """Draw survival that other sources tell, with its intervals, and that of the general population.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    extrapolation : Extrapolation
        With what other sources tell.
    arm : str, optional
        Whose points; of all arms where left out.
    """
    for point in extrapolation.external:
        if arm is None or point.arm in (None, arm):
            below, above = (0.0 if limit is None else abs(limit - point.survival) for limit in (point.low, point.high))
            style: dict[str, Any] = {"fmt": "D", "color": INK, "markersize": SHAPE_PLOTS.external_size}
            label = point.source or "external"
            shown = {one.get_label() for one in ax.containers}
            ax.errorbar(point.time, point.survival, [[below], [above]], label="_" if label in shown else label, **style)
    if extrapolation.population is not None:
        times = np.linspace(0, extrapolation.horizon, SHAPE_PLOTS.population_points)
        thin: dict[str, Any] = {"color": GREY, "linewidth": SHAPE_PLOTS.sampling_width}
        ax.plot(times, extrapolation.population.survival_and_hazard(times)[0], label="general population", **thin)


def _draw_cautions(ax: Axes, extrapolation: Extrapolation, arm: str) -> None:
    """Mark where fewer than ten are at risk, and three times the last event."""
    caution = extrapolation.caution(arm)
    for time, words in ((caution.few_at_risk, "<10 at risk"), (caution.far, "3 x last event")):
        if 0 < time < extrapolation.horizon:
            ax.axvline(time, color=GREY, linewidth=SHAPE_PLOTS.sampling_width, linestyle=":")
            small: dict[str, Any] = {"fontsize": SHAPE_PLOTS.tick_size, "color": GREY, "rotation": 90}
            ax.text(time, 1.0, f" {words}", va="top", ha="left", transform=ax.get_xaxis_transform(), **small)


def _counts(shape: ArmShape, times: FloatArray) -> list[str]:
    known = {round(float(time), 6): int(n) for time, n in zip(shape.ticks, shape.at_risk, strict=True)}
    return [str(known.get(round(float(time), 6), 0)) for time in times]
