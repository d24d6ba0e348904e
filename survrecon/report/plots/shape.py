"""Plots of hazards: each with two named bands and numbers at risk, on the caller's axes or on new ones.

Words stay words in SVG, so that a plot can be searched and edited.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon import __version__
from survrecon.report.content.shape import READING, SAMPLING
from survrecon.report.plots.curves import GREY, INK, arm_style
from survrecon.report.settings import SHAPE_PLOTS
from survrecon.report.table import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from survrecon.analysis.shape.results import ArmShape, BandedCurve, ContrastShape, SurvivalShape
    from survrecon.arrays import FloatArray, IntArray

__all__ = [
    "draw_banded",
    "editable_svg",
    "new_axes",
    "numbers_below",
    "plot_hazards",
    "plot_log_cumulative_hazards",
    "plot_quantiles",
    "plot_ratio_over_time",
]


def plot_hazards(
    shape: SurvivalShape,
    ax: Axes | None = None,
    *,
    colours: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Axes:
    """Draw the smoothed hazard of each arm.

    Parameters
    ----------
    shape : SurvivalShape
        What was found.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where left out.
    colours, labels : mapping of str to str, optional
        By arm; the report's own where left out.
    """
    ax = new_axes(len(shape.arms)) if ax is None else ax
    for place, arm in enumerate(shape.arms):
        draw_banded(ax, arm.hazard, _colour(arm.name, place, colours), _label(arm.name, labels))
    tallest = max(float(np.nanmax(arm.hazard.value)) for arm in shape.arms)
    ax.set_ylim(0, SHAPE_PLOTS.highest * tallest or 1.0)
    ax.set_xlim(0, max(float(arm.hazard.x[-1]) for arm in shape.arms))
    _words(ax, shape.time_unit, f"hazard a {shape.time_unit.removesuffix('s')}")
    _arms_at_risk(ax, shape.arms, colours, labels)
    return ax


def plot_log_cumulative_hazards(
    shape: SurvivalShape,
    ax: Axes | None = None,
    *,
    colours: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Axes:
    """Draw ln(-ln S) over time on a logarithmic axis: straight lines are Weibull's, parallel ones proportional hazards.

    Parameters
    ----------
    shape, ax, colours, labels
        As of `plot_hazards`.
    """
    ax = new_axes(len(shape.arms)) if ax is None else ax
    ax.set_xscale("log")
    for place, arm in enumerate(shape.arms):
        draw_banded(ax, arm.log_cumulative, _colour(arm.name, place, colours), _label(arm.name, labels))
    values = np.concatenate([arm.log_cumulative.value for arm in shape.arms])
    if values.size:
        ax.set_ylim(float(values.min()) - 1, float(values.max()) + 1)
        ax.set_xlim(min(float(arm.log_cumulative.x[0]) for arm in shape.arms if arm.log_cumulative.x.size), None)
    _plain_ticks(ax, _on_log_axis(shape.arms[0].ticks, ax.get_xlim()))
    _words(ax, f"{shape.time_unit}, logarithmic", "ln(-ln S)")
    _arms_at_risk(ax, shape.arms, colours, labels)
    return ax


def plot_ratio_over_time(
    contrast: ContrastShape, shape: SurvivalShape, ax: Axes | None = None, *, colour: str | None = None
) -> Axes:
    """Draw the hazard ratio over time by smoothed scaled Schoenfeld residuals, on a logarithmic axis.

    Parameters
    ----------
    contrast : ContrastShape
        Of ``shape``.
    shape : SurvivalShape
        For numbers at risk and the time unit.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where left out.
    colour : str, optional
        Of the curve.
    """
    arms = [arm for arm in shape.arms if arm.name in (contrast.over, contrast.of)]
    ax = new_axes(len(arms)) if ax is None else ax
    colour = _colour(contrast.of, 1, None) if colour is None else colour
    ax.set_yscale("log")
    draw_banded(ax, contrast.ratio_over_time, colour, f"{contrast.of} over {contrast.over}")
    residuals: dict[str, Any] = {"markersize": SHAPE_PLOTS.residual_size, "alpha": SHAPE_PLOTS.residual_alpha}
    reach = SHAPE_PLOTS.widest_ratio
    ax.plot(contrast.residual_times, np.exp(contrast.residuals), ".", color=GREY, zorder=0, **residuals)
    ax.axhline(1.0, color=GREY, linewidth=SHAPE_PLOTS.sampling_width)
    ax.set_ylim(1 / reach, reach)
    ax.set_yticks([1 / reach, 2 / reach, 0.5, 1, 2, reach / 2, reach])
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.minorticks_off()
    ax.set_xlim(0, float(contrast.residual_times[-1]))
    _words(ax, shape.time_unit, "hazard ratio")
    _arms_at_risk(ax, arms, None, None)
    return ax


def plot_quantiles(
    contrast: ContrastShape, shape: SurvivalShape, ax: Axes | None = None, *, colour: str | None = None
) -> Axes:
    """Draw the treatment's times over the control's: a level line is that of an accelerated failure time model.

    Parameters
    ----------
    contrast, shape, ax, colour
        As of `plot_ratio_over_time`.
    """
    ax = new_axes(2) if ax is None else ax
    colour = _colour(contrast.of, 1, None) if colour is None else colour
    ax.set_yscale("log")
    draw_banded(ax, contrast.quantiles, colour, f"time of {contrast.of} over that of {contrast.over}")
    ax.axhline(1.0, color=GREY, linewidth=SHAPE_PLOTS.sampling_width)
    reach = SHAPE_PLOTS.widest_ratio
    ax.set_ylim(1 / reach, reach)
    ax.set_yticks([1 / reach, 2 / reach, 0.5, 1, 2, reach / 2, reach])
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.minorticks_off()
    shares = contrast.quantiles.x
    ax.set_xlim(0, float(shares[-1]))
    places = np.linspace(0, shares.size - 1, min(SHAPE_PLOTS.most_ticks, shares.size)).astype(int)
    _words(
        ax, f"share with the event (numbers at risk when it is reached; times in {shape.time_unit})", "ratio of times"
    )
    ax.set_xticks(shares[places], [f"{share:.2f}" for share in shares[places]])
    names = (contrast.over, contrast.of)
    rows = [
        (name, _colour(name, k, None), [str(n) for n in contrast.quantile_at_risk[k, places]])
        for k, name in enumerate(names)
    ]
    numbers_below(ax, rows, shares[places])
    return ax


def draw_banded(ax: Axes, curve: BandedCurve, colour: str, label: str) -> None:
    """Draw a curve and its two bands: filled what reading leaves open, between dashed lines what sampling does."""
    if curve.reading_low is not None and curve.reading_high is not None:
        fill: dict[str, Any] = {"alpha": SHAPE_PLOTS.reading_alpha, "linewidth": 0}
        ax.fill_between(
            curve.x, curve.reading_low, curve.reading_high, color=colour, label=f"{label}, {READING}", **fill
        )
    ax.fill_between(
        curve.x, curve.sampling_low, curve.sampling_high, color=colour, alpha=SHAPE_PLOTS.sampling_alpha, linewidth=0
    )
    thin: dict[str, Any] = {"linewidth": SHAPE_PLOTS.sampling_width, "linestyle": "--"}
    ax.plot(curve.x, curve.sampling_low, color=colour, label=f"{label}, {SAMPLING}", **thin)
    ax.plot(curve.x, curve.sampling_high, color=colour, **thin)
    ax.plot(curve.x, curve.value, color=colour, linewidth=SHAPE_PLOTS.curve_width, label=label)


def new_axes(rows: int) -> Axes:
    """Return axes on a new figure with room below for rows of numbers at risk."""
    from matplotlib.figure import Figure

    look = SHAPE_PLOTS
    below = look.below + look.line * (rows + 1) + look.foot
    height = look.head + look.axes_height + below
    figure = Figure(figsize=(look.width, height))
    place = (look.left, below / height, look.right - look.left, look.axes_height / height)
    return figure.add_axes(place)


def numbers_below(ax: Axes, rows: Sequence[tuple[str, str, Sequence[str]]], times: FloatArray) -> None:
    """Write rows of numbers at risk below the axes, each at its place on the x axis.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        The axes, with their limits and scale set.
    rows : sequence of (name, colour, cells)
        One cell a time.
    times : array of float
        In the units of the x axis.
    """
    from matplotlib.transforms import blended_transform_factory

    look = SHAPE_PLOTS
    figure = ax.get_figure(root=True)
    tall = look.axes_height if figure is None else ax.get_position().height * figure.get_figheight()
    at_times = blended_transform_factory(ax.transData, ax.transAxes)
    words: dict[str, Any] = {"fontsize": look.tick_size, "parse_math": False}
    ax.text(look.names, -look.below / tall, "at risk", ha="right", color=GREY, transform=ax.transAxes, **words)
    low, high = ax.get_xlim()
    for i, (name, colour, cells) in enumerate(rows, start=1):
        level = -(look.below + look.line * i) / tall
        ax.text(look.names, level, clean(name)[:24], ha="right", color=colour, transform=ax.transAxes, **words)
        for time, cell in zip(times, cells, strict=True):
            if low <= time <= high:
                ax.text(time, level, cell, ha="center", color=colour, transform=at_times, **words)
    drop = -(look.below + look.line * (len(rows) + 1)) / tall
    ax.legend(loc="upper left", bbox_to_anchor=(0.0, drop), frameon=False, fontsize=look.tick_size, ncols=2)


def editable_svg(ax: Axes, title: str) -> bytes:
    """Return the figure of axes as SVG in which text is text, the same bytes at every call."""
    import matplotlib as mpl

    stream = io.BytesIO()
    metadata = {"Title": title, "Creator": f"survrecon {__version__}", "Date": None}
    figure: Figure | Any = ax.get_figure()
    with mpl.rc_context({"svg.hashsalt": "survrecon", "svg.fonttype": "none"}):
        figure.savefig(stream, format="svg", metadata=metadata)
    return stream.getvalue()


def _arms_at_risk(
    ax: Axes,
    arms: Sequence[ArmShape],
    colours: Mapping[str, str] | None,
    labels: Mapping[str, str] | None,
) -> None:
    times = arms[0].ticks if ax.get_xscale() == "linear" else _on_log_axis(arms[0].ticks, ax.get_xlim())
    rows = []
    for k, arm in enumerate(arms):
        counts = _counts(arm, times)
        rows.append((_label(arm.name, labels), _colour(arm.name, k, colours), [str(n) for n in counts]))
    if ax.get_xscale() == "linear":
        ax.set_xticks([time for time in times if time <= ax.get_xlim()[1]])
    numbers_below(ax, rows, times)


def _counts(arm: ArmShape, times: FloatArray) -> IntArray:
    """Return the numbers at risk at ticks, which are among the arm's own or beyond its follow-up."""
    known = dict(zip(arm.ticks.tolist(), arm.at_risk.tolist(), strict=True))
    return np.array([known.get(time, 0) for time in times.tolist()])


def _on_log_axis(ticks: FloatArray, limits: tuple[float, float]) -> FloatArray:
    """Return the ticks that stand inside an axis from which 0 is left out."""
    return ticks[(ticks > 0) & (ticks >= limits[0]) & (ticks <= limits[1])]


def _plain_ticks(ax: Axes, times: FloatArray) -> None:
    ax.set_xticks(times, [f"{time:g}" for time in times])
    ax.minorticks_off()


def _words(ax: Axes, x: str, y: str) -> None:
    look = SHAPE_PLOTS
    ax.set_xlabel(x, fontsize=look.words_size)
    ax.set_ylabel(y, fontsize=look.words_size)
    ax.tick_params(labelsize=look.tick_size, colors=INK)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def _colour(name: str, place: int, colours: Mapping[str, str] | None) -> str:
    return (colours or {}).get(name, arm_style(place).colour)


def _label(name: str, labels: Mapping[str, str] | None) -> str:
    return (labels or {}).get(name, name).replace("$", r"\$").lstrip("_") or "arm"
