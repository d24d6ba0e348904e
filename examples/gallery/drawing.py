"""Kaplan-Meier figures in the styles of papers, drawn with matplotlib; each returns the truth that it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from survrecon.model.curve import AtRiskConvention

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from survrecon.model.ipd import PseudoIPD

__all__ = ["Panel", "Style", "draw_figure", "draw_with_lifelines", "scanned"]

_ROW = 0.21  # inches a row of the risk table


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One panel of a figure and what is true of it.

    Parameters
    ----------
    arms : mapping of str to PseudoIPD
        The patients, cut where the figure ends, control first.
    end : float
        The end of the time axis.
    risk_times : tuple of float
        Times of the printed numbers at risk; empty without a table.
    convention : AtRiskConvention
        Which patients they count.
    letter : str or None
        The panel's letter.
    printed_ratio : str or None
        The hazard ratio as printed.
    """

    arms: Mapping[str, PseudoIPD]
    end: float
    risk_times: tuple[float, ...] = ()
    convention: AtRiskConvention = AtRiskConvention.BEFORE
    letter: str | None = None
    printed_ratio: str | None = None


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a panel looks."""

    size: tuple[float, float] = (6.2, 4.8)
    dpi: int = 130
    font: str = "DejaVu Sans"
    font_size: float = 10.0
    colours: Sequence[str] = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd")
    dashes: Sequence[Any] = ("-",)
    width: float = 1.6
    marks: str | None = None
    mark_size: float = 6.0
    percent: bool = False
    rising: bool = False
    lowest: float = 0.0
    step: float = 6.0
    survival_step: float = 0.2
    xlabel: str = "Months"
    ylabel: str = "Overall survival"
    pad: float = 0.0
    box: bool = True
    ground: str = "white"
    grid: str | None = None
    axis_lines: bool = True
    legend: Literal["upper right", "upper left", "lower left"] = "upper right"
    legend_above: str | None = None
    names_with_n: bool = False
    table: bool = False
    table_title: str = "Number at risk"
    table_coloured: bool = False
    texts: Sequence[tuple[float, float, str]] = ()


def draw_figure(path: Path, panels: Sequence[tuple[Panel, Style]]) -> list[Panel]:
    """Draw panels side by side and save the file; its suffix decides the format."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    first = panels[0][1]
    settings: Any = {
        "font.family": first.font,
        "font.size": first.font_size,
        "svg.fonttype": "none",
        "svg.hashsalt": "gallery",
        "pdf.fonttype": 42,
        "axes.unicode_minus": False,
    }
    with mpl.rc_context(settings):
        width = sum(style.size[0] for _, style in panels)
        figure = Figure(figsize=(width, first.size[1]), dpi=first.dpi)
        left = 0.0
        for panel, style in panels:
            _draw_panel(figure, left / width, style.size[0] / width, panel, style)
            left += style.size[0]
        undated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix)
        figure.savefig(path, metadata=undated)
    return [panel for panel, _ in panels]


def draw_with_lifelines(path: Path, panel: Panel, *, title: str, xlabel: str, dpi: int = 110) -> list[Panel]:
    """Draw a panel with lifelines' own functions: bands, and its table of at risk, censored and events."""
    from lifelines import KaplanMeierFitter
    from lifelines.plotting import add_at_risk_counts
    from matplotlib import pyplot as plt

    plt.switch_backend("agg")
    figure, axes = plt.subplots(figsize=(7, 5.2), dpi=dpi)
    fits = []
    for name, ipd in panel.arms.items():
        fit = KaplanMeierFitter(label=name).fit(ipd.time, ipd.event)
        fit.plot_survival_function(ax=axes, ci_show=True)
        fits.append(fit)
    axes.set_xticks(panel.risk_times)
    axes.set_xlim(0, panel.end)
    axes.set_ylim(0, 1.03)
    axes.set_xlabel(xlabel)
    axes.set_title(title)
    add_at_risk_counts(*fits, ax=axes, fig=figure)
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)
    return [panel]


def scanned(source: Path, target: Path, *, turned: float, blurred: float, quality: int) -> None:
    """Save an image as a slightly turned, slightly blurred JPEG, as a scanner does."""
    from PIL import Image, ImageFilter

    with Image.open(source) as opened:
        image = opened.convert("RGB")
    image = image.rotate(turned, resample=Image.Resampling.BICUBIC, fillcolor="white")
    image.filter(ImageFilter.GaussianBlur(blurred)).save(target, quality=quality)


def _draw_panel(figure: Figure, left: float, width: float, panel: Panel, style: Style) -> None:
    height = style.size[1]
    rows = len(panel.arms) + 1 if style.table else 0
    low = (0.62 + (_ROW * rows + 0.12 if rows else 0.0)) / height
    high = 1 - (0.62 if style.legend_above else 0.45 if panel.letter else 0.18) / height
    longest = max(len(name) for name in panel.arms)
    inset = max(0.75, 0.5 + 0.0085 * style.font_size * longest) if style.table else 0.75
    axes = figure.add_axes((left + width * inset / style.size[0], low, width * (1 - (inset + 0.25) / style.size[0]),
                            high - low))  # fmt: skip
    _curves(axes, panel, style)
    _frame(axes, panel, style)
    _words(axes, panel, style)
    if panel.letter:
        figure.text(left + 0.012 * width, 1 - 0.28 / height, panel.letter, weight="bold", fontsize=style.font_size + 5)
    if style.table:
        _table(figure, axes, left, width, panel, style)


def _curves(axes: Axes, panel: Panel, style: Style) -> None:
    for k, (name, ipd) in enumerate(panel.arms.items()):
        colour, dash = style.colours[k % len(style.colours)], style.dashes[k % len(style.dashes)]
        time, survival = ipd.kaplan_meier()
        last = float(ipd.time.max())
        time = np.concatenate([[0.0], time, [last]])
        survival = np.concatenate([[1.0], survival, [float(ipd.survival_at(last))]])
        label = f"{name} (n = {ipd.n})" if style.names_with_n else name
        axes.plot(time, _shown(survival, style), drawstyle="steps-post", color=colour, linestyle=dash, lw=style.width,
                  label=label)  # fmt: skip
        if style.marks:
            at = np.unique(ipd.time[~ipd.event])
            axes.plot(at, _shown(ipd.survival_at(at), style), style.marks, color=colour, ms=style.mark_size,
                      mew=max(0.9, 0.6 * style.width), linestyle="none")  # fmt: skip


def _frame(axes: Axes, panel: Panel, style: Style) -> None:
    full = 100.0 if style.percent else 1.0
    axes.set_facecolor(style.ground)
    axes.set_xticks(np.arange(0, panel.end + 1e-9, style.step))
    axes.set_xlim(-style.pad * panel.end, panel.end * (1 + style.pad))
    axes.set_yticks([round(full * v, 6) for v in np.arange(style.lowest, 1.0001, style.survival_step)])
    span = 1 - style.lowest
    axes.set_ylim(full * (style.lowest - style.pad * span), full * (1 + (style.pad or 0.03) * span))
    axes.set_xlabel(style.xlabel)
    axes.set_ylabel(style.ylabel)
    if style.grid:
        axes.grid(True, color=style.grid, lw=0.8)
        axes.set_axisbelow(True)
    for side, line in axes.spines.items():
        line.set_visible(style.axis_lines and (style.box or side in ("left", "bottom")))


def _words(axes: Axes, panel: Panel, style: Style) -> None:
    for x, y, text in style.texts:
        axes.text(x, y, text, transform=axes.transAxes)
    if style.legend_above is not None:
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=len(panel.arms), frameon=False,
                    title=style.legend_above)  # fmt: skip
    else:
        axes.legend(loc=style.legend, frameon=False)


def _table(figure: Figure, axes: Axes, left: float, width: float, panel: Panel, style: Style) -> None:
    box, height = axes.get_position(), style.size[1]
    first, final = axes.get_xlim()
    top = box.y0 - 0.66 / height
    figure.text(left + 0.1 / style.size[0] * width, top, style.table_title)
    for k, (name, ipd) in enumerate(panel.arms.items()):
        level = top - _ROW * (k + 1) / height
        tone = style.colours[k % len(style.colours)] if style.table_coloured else "black"
        figure.text(left + 0.1 / style.size[0] * width, level, name, color=tone)
        counts = ipd.at_risk(panel.risk_times, panel.convention)
        for at, count in zip(panel.risk_times, counts, strict=True):
            x = box.x0 + box.width * (at - first) / (final - first)
            figure.text(x, level, str(count), ha="center", color=tone if style.table_coloured else "black")


def _shown(survival: npt.NDArray[np.float64], style: Style) -> npt.NDArray[np.float64]:
    return (100.0 if style.percent else 1.0) * (1 - survival if style.rising else survival)
