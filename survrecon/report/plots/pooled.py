"""The forest plot of several trials: each with its interval, the pooled effect as a diamond below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.synthesis.contrasts import ContrastMeasure
from survrecon.report.content.synthesis import trial_estimate
from survrecon.report.content.words import estimate_text
from survrecon.report.plots.curves import GREY, INK
from survrecon.report.plots.settings import POOLED
from survrecon.report.table import clean

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from survrecon.analysis.synthesis.pooling import PooledContrast
    from survrecon.model.estimate import Estimate, Interval

__all__ = ["plot_forest"]


def plot_forest(found: PooledContrast, ax: Axes | None = None) -> Axes:
    """Draw trials and their pooled effect, a ratio on a log axis.

    The area of a square is the weight of its trial; the line under the diamond is the prediction interval.

    Parameters
    ----------
    found : PooledContrast
        What was pooled.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where left out.
    """
    ax = _new_axes(len(found.contrasts)) if ax is None else ax
    ratio = found.measure is ContrastMeasure.HAZARD_RATIO
    for place, (one, weight) in enumerate(zip(found.contrasts, found.weights, strict=True)):
        _row(ax, place, one.study, trial_estimate(one), POOLED.square * float(weight) ** 0.5)
    below = len(found.contrasts)
    _pooled(ax, below, found)
    first = found.contrasts[0]
    ax.axvline(1.0 if ratio else 0.0, color=GREY, linewidth=POOLED.rule, zorder=0)
    if ratio:
        ax.set_xscale("log")
        _ratio_ticks(ax)
    ax.set_ylim(below + POOLED.margin, -POOLED.margin)
    ax.set_yticks(range(below + 1), [*(clean(one.study) for one in found.contrasts), "pooled"])
    ax.tick_params(labelsize=POOLED.words_size, left=False)
    unit = "" if ratio or found.measure is ContrastMeasure.SURVIVAL else f", {first.time_unit}"
    ax.set_xlabel(clean(f"{first.measure.words} of {first.of} over {first.over}{unit}"), fontsize=POOLED.words_size)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    return ax


def _new_axes(trials: int) -> Axes:
    from matplotlib.figure import Figure

    height = POOLED.line * (trials + 1 + 2 * POOLED.margin) + POOLED.foot
    figure = Figure(figsize=(POOLED.width, height))
    width = POOLED.right - POOLED.left
    return figure.add_axes((POOLED.left, POOLED.foot / height, width, 1 - POOLED.foot / height))


def _row(ax: Axes, place: int, name: str, estimate: Estimate, size: float) -> None:
    assert estimate.value is not None
    low, high = _limits(estimate.interval)
    ax.plot([low, high], [place, place], color=INK, linewidth=POOLED.line_width)
    ax.plot([estimate.value], [place], marker="s", color=INK, markersize=size, linestyle="none", label=clean(name))
    _value(ax, place, estimate)


def _pooled(ax: Axes, place: int, found: PooledContrast) -> None:
    estimate = found.estimate
    assert estimate.value is not None
    low, high = _limits(estimate.interval)
    if found.prediction is not None:
        ends = [found.measure.scale.inverse(limit) for limit in _limits(found.prediction)]
        ax.plot(ends, [place, place], color=INK, linewidth=POOLED.line_width)
    half = POOLED.diamond
    ax.fill([low, estimate.value, high, estimate.value], [place, place - half, place, place + half], color=INK)
    _value(ax, place, estimate)


def _value(ax: Axes, place: int, estimate: Estimate) -> None:
    text = estimate_text(estimate)
    ax.text(POOLED.value_at, place, text, transform=ax.get_yaxis_transform(), va="center", fontsize=POOLED.words_size)


def _limits(interval: Interval | None) -> tuple[float, float]:
    assert interval is not None
    assert interval.low is not None
    assert interval.high is not None
    return interval.low, interval.high


def _ratio_ticks(ax: Axes) -> None:
    """Write plain ratios on the axis: 0.5, 1, 2 and those between that fit."""
    low, high = ax.get_xlim()
    ticks = [tick for tick in POOLED.ratios if low <= tick <= high]
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.set_xticks(np.array([]), minor=True)
