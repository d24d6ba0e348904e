"""Forest plots: ratios of records, printed beside rebuilt, on one scale; several trials with their pooled effect."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np

from survrecon.analysis.synthesis.contrasts import ContrastMeasure
from survrecon.checks.results import JUDGED, Verdict
from survrecon.records.schema import SourceKind
from survrecon.report.content.checks import headlines
from survrecon.report.content.synthesis import trial_estimate
from survrecon.report.content.words import estimate_text
from survrecon.report.plots.curves import GREY, INK
from survrecon.report.plots.settings import FOREST, POOLED
from survrecon.report.table import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from survrecon.analysis.synthesis.pooling import PooledContrast
    from survrecon.checks.results import Agreement, RecordResult
    from survrecon.model.estimate import Estimate, Interval
    from survrecon.report.content.checks import CheckRow

__all__ = ["forest_plot", "plot_pooled"]

_INKS = {
    Verdict.AGREES: "#17693a",
    Verdict.CONSISTENT: "#0b5c6e",
    Verdict.INCONCLUSIVE: "#7a5200",
    Verdict.DOUBTFUL: "#b85c00",
    Verdict.DIFFERS: "#a4161a",
}
_OTHER = "#50555a"
_INK = "#1d1f21"
_HEADS = {True: "read from figures", False: "built from printed numbers"}


def forest_plot(results: Sequence[RecordResult]) -> bytes | None:
    """Return a drawing of every hazard ratio that is printed and rebuilt; ``None`` where there is none.

    Parameters
    ----------
    results : sequence of RecordResult
        Those that were read from a figure come first.
    """
    rows = [
        (result, check, row)
        for result in sorted(results, key=lambda one: one.record.kind is SourceKind.SUMMARY)
        for check, row in headlines(result)
        if check is not None and check.obtained is not None and check.published
    ]
    if not rows:
        return None
    parts: list[str] = []
    y, head = FOREST.top, None
    for result, check, row in rows:
        real = result.record.kind is not SourceKind.SUMMARY
        if real is not head:
            head = real
            y += FOREST.row
            parts.append(_text(FOREST.names, y + FOREST.base, _HEADS[real], weight="bold"))
            y += FOREST.row
        parts += _row(result, check, row, y)
        y += FOREST.row
    height = y + FOREST.foot
    head_lines = [*_axis(y), _key()]
    body = "\n".join([*head_lines, *parts])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {FOREST.width} {height}" font-family="sans-serif" '
        f'font-size="{FOREST.letters}"><title>Hazard ratios, printed and rebuilt</title>\n'
        f'<rect width="{FOREST.width}" height="{height}" fill="#fff"/>\n{body}\n</svg>\n'
    ).encode()


def _x(ratio: float) -> float:
    """Return the place of a ratio on the scale of logarithms, kept within the axis."""
    share = (log(ratio) - log(FOREST.lowest)) / (log(FOREST.highest) - log(FOREST.lowest))
    return FOREST.left + min(1.0, max(0.0, share)) * (FOREST.right - FOREST.left)


def _row(result: RecordResult, check: Agreement, row: CheckRow, y: float) -> list[str]:
    """Return a line of the plot: printed ratio above, what the inputs allow and the rebuilt one below."""
    ink, middle = _INKS.get(check.verdict, _OTHER), y + FOREST.row / 2
    published, obtained = check.published or 1.0, check.obtained or 1.0
    words = f"{result.record.name}: printed {row.paper}, rebuilt {row.rebuilt}, {check.verdict}"
    parts = [f"<g><title>{escape(words)}</title>"]
    parts.append(_text(FOREST.names, y + FOREST.base, _name(result, check)))
    interval = _turned(check)
    if interval is not None and interval.low and interval.high:
        parts.append(_line(interval.low, interval.high, middle - FOREST.apart, "#96a0a8", 1))
    size = FOREST.mark
    parts.append(
        f'<rect x="{_x(published) - size:.1f}" y="{middle - FOREST.apart - size:.1f}" width="{2 * size}" '
        f'height="{2 * size}" fill="#5c6166"/>'
    )
    allowed = _allowed(check)
    if allowed is not None:
        parts.append(_line(*allowed, middle + FOREST.apart, ink, FOREST.thick))
    parts.append(f'<circle cx="{_x(obtained):.1f}" cy="{middle + FOREST.apart:.1f}" r="{size}" fill="{ink}"/>')
    verdict = check.verdict.value if check.verdict in JUDGED else f"({check.verdict})"
    numbers = f"{row.paper.partition(' (')[0]} / {row.rebuilt}"
    parts.append(_text(FOREST.numbers, y + FOREST.base, numbers))
    parts.append(_text(FOREST.verdicts, y + FOREST.base, f"{row.ratio_class or ''} {verdict}", ink=ink))
    return [*parts, "</g>"]


def _name(result: RecordResult, check: Agreement) -> str:
    several = len(result.comparisons) > 1
    stratum = check.fact.stratum or check.fact.of or ""
    return f"{result.record.name}{f', {stratum}' if several else ''}"[: FOREST.longest_name]


def _turned(check: Agreement) -> Interval | None:
    interval = check.fact.interval
    return interval.inverted() if interval is not None and check.turned else interval


def _allowed(check: Agreement) -> tuple[float, float] | None:
    """Return the ratios that the inputs allow, or None where nothing was compared."""
    interval, difference = check.interval, check.difference
    if interval is None or difference is None or check.obtained is None or None in (interval.low, interval.high):
        return None
    low, high = (check.obtained * exp((end or 0.0) - difference) for end in (interval.low, interval.high))
    return low, high


def _axis(bottom: float) -> list[str]:
    """Return the scale: a line at 1, light ones elsewhere, with their numbers above and below."""
    parts = []
    for tick in FOREST.ticks:
        ink = _INK if tick == 1 else "#dcdcd6"
        place = _x(tick)
        parts.append(f'<line x1="{place:.1f}" x2="{place:.1f}" y1="{FOREST.top}" y2="{bottom}" stroke="{ink}"/>')
        ends = (FOREST.top - FOREST.mark, bottom + FOREST.row)
        parts += [_text(place, y, f"{tick:g}", anchor="middle") for y in ends]
    return parts


def _key() -> str:
    """Return what the signs mean."""
    words = (
        "square: the paper, with its 95% CI; circle: rebuilt, with what the inputs allow; a, b, c: class of the ratio"
    )
    return _text(FOREST.names, FOREST.base, words)


def _line(low: float, high: float, y: float, ink: str, width: float) -> str:
    ends = f'x1="{_x(low):.1f}" x2="{_x(high):.1f}" y1="{y:.1f}" y2="{y:.1f}"'
    return f'<line {ends} stroke="{ink}" stroke-width="{width}"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "start", weight: str = "normal", ink: str = _INK) -> str:
    keys = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="{ink}"'
    return f"<text {keys}>{escape(words)}</text>"


def plot_pooled(found: PooledContrast, ax: Axes | None = None) -> Axes:
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
        _trial_row(ax, place, one.study, trial_estimate(one), POOLED.square * float(weight) ** 0.5)
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


def _trial_row(ax: Axes, place: int, name: str, estimate: Estimate, size: float) -> None:
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
