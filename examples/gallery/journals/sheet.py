"""Axes, curves and words of a figure in a journal's style, placed in inches as a graphic designer does."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from examples.gallery.journals.trial import Group, Look, Trial

__all__ = [
    "Sheet",
    "band",
    "curves",
    "frame",
    "group_tone",
    "guide",
    "label_curves",
    "label_ends",
    "legend_rows",
    "save",
    "sheet_of",
    "shown",
    "words",
]

_LEADING = 1.25  # line spacing, in font sizes
_POINTS = 72.0  # an inch
_LETTER = 0.58  # width of a letter, in font sizes


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A figure that is being drawn."""

    figure: Figure
    axes: Axes
    trial: Trial

    @property
    def look(self) -> Look:
        """How it is drawn."""
        return self.trial.look

    @property
    def line(self) -> float:
        """Height of a line of text, in inches."""
        return _LEADING * self.look.font_size / _POINTS

    def inch(self, time: float) -> float:
        """Return where a time stands, in inches from the left edge."""
        margins = self.look.margins
        width = self.look.size[0] - margins.left - margins.right
        low, high = self.axes.get_xlim()
        return margins.left + width * (time - low) / (high - low)

    def write(self, x: float, y: float, text: str, **keys: Any) -> None:
        """Write a line of text at a place in inches from the lower left edge."""
        width, height = self.look.size
        given: dict[str, Any] = {"va": "center", "fontsize": self.look.font_size, **keys}
        self.figure.text(x / width, y / height, text, **given)

    def rule(self, x: Sequence[float], y: Sequence[float], **keys: Any) -> None:
        """Draw a line between places in inches."""
        from matplotlib.lines import Line2D

        width, height = self.look.size
        given: dict[str, Any] = {"color": "black", "lw": 0.8, **keys}
        self.figure.add_artist(Line2D([v / width for v in x], [v / height for v in y], **given))

    def tile(self, x0: float, y0: float, x1: float, y1: float, **keys: Any) -> None:
        """Draw a rectangle between places in inches, behind everything."""
        from matplotlib.patches import Rectangle

        width, height = self.look.size
        keys = {"lw": 0.0, "zorder": -1.0, **keys}
        self.figure.add_artist(Rectangle((x0 / width, y0 / height), (x1 - x0) / width, (y1 - y0) / height, **keys))


def sheet_of(trial: Trial) -> Sheet:
    """Return an empty figure with the axes of a look."""
    from matplotlib.figure import Figure

    look = trial.look
    (width, height), margins = look.size, look.margins
    figure = Figure(figsize=look.size, dpi=look.dpi)
    across, up = width - margins.left - margins.right, height - margins.bottom - margins.top
    axes = figure.add_axes((margins.left / width, margins.bottom / height, across / width, up / height))
    frame(axes, look)
    return Sheet(figure=figure, axes=axes, trial=trial)


def frame(axes: Axes, look: Look, *, percent_sign: bool = False) -> None:
    """Give axes their limits, ticks, titles and lines."""
    full = 100.0 if look.percent else 1.0
    axes.set_xlim(-look.pads[0] * look.end, look.end * (1 + look.pads[1]))
    axes.set_ylim(full * look.lowest, full * (look.highest + 0.02 * (look.highest - look.lowest)))
    ticks = np.arange(look.lowest, look.highest + 1e-9, look.survival_step)
    decimals = 1 if np.allclose(10 * full * ticks, np.round(10 * full * ticks)) else 2
    sign = "%" if percent_sign else ""
    texts = [f"{v:.0f}{sign}" if look.percent and full * look.survival_step >= 1 else f"{v:.{decimals}f}{sign}"
             for v in full * ticks]  # fmt: skip
    axes.set_yticks(full * ticks, texts)
    axes.set_xticks(np.arange(0, look.end + 1e-9, look.step))
    axes.set_xlabel(look.xlabel)
    axes.set_ylabel(look.ylabel)
    for side, line in axes.spines.items():
        line.set_visible(look.boxed or side in ("left", "bottom"))
        line.set_linewidth(look.axis_width)


def curves(sheet: Sheet, axes: Axes | None = None, *, marks: Sequence[str] = (), mark_size: float = 5.0,
           black_marks: bool = False) -> None:  # fmt: skip
    """Draw the curves and, where there are marks, each patient who is censored; marks are filled where they are."""
    axes = axes or sheet.axes
    for k, (group, ipd) in enumerate(zip(sheet.look.groups, sheet.trial.arms.values(), strict=True)):
        time, survival = ipd.kaplan_meier()
        last = float(ipd.time.max())
        time = np.concatenate([[0.0], time, [last]])
        survival = np.concatenate([[1.0], survival, [float(ipd.survival_at([last])[0])]])
        axes.plot(time, shown(survival, sheet.look), drawstyle="steps-post", color=group.colour, linestyle=group.dash,
                  lw=group.width)  # fmt: skip
        if not marks:
            continue
        mark = marks[k % len(marks)]
        at = np.unique(ipd.time[~ipd.event])
        face = "white" if mark in "osd^" and not black_marks else group.colour
        axes.plot(at, shown(ipd.survival_at(at), sheet.look), mark, color="black" if black_marks else group.colour,
                  mfc=face, ms=mark_size, mew=max(0.8, 0.7 * group.width), linestyle="none")  # fmt: skip


def band(sheet: Sheet, *, alpha: float) -> None:
    """Draw the 95% band of every curve; its colour is the line's, more or less dense."""
    for group, curve in zip(sheet.look.groups, sheet.trial.curves, strict=True):
        low, high = (np.concatenate([[1.0], v]) for v in curve.band())
        time = np.append(np.concatenate([[0.0], curve.time]), curve.last)
        low, high = (np.append(v, v[-1]) for v in (low, high))
        known = np.isfinite(low)
        sheet.axes.fill_between(time[known], shown(low[known], sheet.look), shown(high[known], sheet.look), step="post",
                                color=group.colour, alpha=alpha, lw=0)  # fmt: skip


def guide(sheet: Sheet, x: float | None = None, y: float | None = None, **keys: Any) -> None:
    """Draw a guide line down from a level to a time, or one across the whole plot."""
    keys = {"color": "black", "lw": 0.8, "linestyle": "--", **keys}
    low, high = sheet.axes.get_ylim()
    if x is not None:
        sheet.axes.plot([x, x], [low, high if y is None else y], **keys)
    if y is not None:
        sheet.axes.plot([0, sheet.look.end if x is None else x], [y, y], **keys)


def label_curves(sheet: Sheet, axes: Axes | None = None, *, coloured: bool, gap: float = 0.025) -> None:
    """Write each name beside its curve, above or below it, clear of it over the whole length of the name."""
    look, axes = sheet.look, axes or sheet.axes
    low, high = axes.get_ylim()
    inches = axes.get_position().width * look.size[0] if axes is sheet.axes else 0.7 * look.size[0]
    for group, ipd in zip(look.groups, sheet.trial.arms.values(), strict=True):
        first = group.label_at * look.end
        long = max(map(len, group.shown)) * _LETTER * look.font_size / _POINTS / inches * look.end
        levels = shown(ipd.survival_at([first, first + long]), look)
        level = float(min(levels) if group.label_below else max(levels))
        axes.text(first, level + (-gap if group.label_below else gap) * (high - low), "\n".join(group.shown),
                  va="top" if group.label_below else "bottom", ha="left",
                  color=group.colour if coloured else "black")  # fmt: skip


def label_ends(sheet: Sheet, texts: Sequence[str], *, apart: float) -> None:
    """Write each text at the right of the end of its curve, at least ``apart`` from the next in shares of the axis."""
    look = sheet.look
    low, high = sheet.axes.get_ylim()
    ends = [float(ipd.time.max()) for ipd in sheet.trial.arms.values()]
    levels = [float(shown(ipd.survival_at([end]), look)[0])
              for ipd, end in zip(sheet.trial.arms.values(), ends, strict=True)]  # fmt: skip
    order = np.argsort(levels)
    for lower, upper in pairwise(order):
        levels[upper] = max(levels[upper], levels[lower] + apart * (high - low))
    for text, end, level in zip(texts, ends, levels, strict=True):
        sheet.axes.text(end + 0.02 * look.end, level, text, va="center", ha="left")


def legend_rows(sheet: Sheet, x: float, y: float, texts: Sequence[str], *, columns: Sequence[str] = (),
                column_at: float = 1.2, framed: bool = False, key: float = 0.32) -> None:  # fmt: skip
    """Write a legend with keys at the left at a place in inches; ``columns`` stand at the right of the names."""
    pitch = sheet.line
    if framed:
        wide = key + 0.2 + column_at + (0.7 if columns else 0.0)
        sheet.tile(x - 0.08, y - pitch * (len(texts) - 0.4), x + wide, y + 0.65 * pitch, fc="white", ec="black", lw=0.8,
                   zorder=1.0)  # fmt: skip
    for k, (group, text) in enumerate(zip(sheet.look.groups, texts, strict=True)):
        level = y - pitch * k
        sheet.rule((x, x + key), (level, level), color=group.colour, lw=group.width, linestyle=group.dash, zorder=2.0)
        sheet.write(x + key + 0.1, level, text, zorder=2.0)
        if columns:
            sheet.write(x + key + 0.1 + column_at, level, columns[k], zorder=2.0)


def words(sheet: Sheet, x: float, y: float, lines: Sequence[str], **keys: Any) -> None:
    """Write lines one below the other, the first at a place in shares of the plot."""
    given: dict[str, Any] = {"va": "top", "linespacing": _LEADING, **keys}
    sheet.axes.text(x, y, "\n".join(lines), transform=sheet.axes.transAxes, **given)


def shown(survival: npt.NDArray[np.float64], look: Look) -> npt.NDArray[np.float64]:
    """Return survival as the axis shows it."""
    return (100.0 if look.percent else 1.0) * (1.0 - survival if look.rising else survival)


def save(sheet: Sheet, path: Path) -> None:
    """Save the figure; the suffix decides the format."""
    undated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix)
    sheet.figure.savefig(path, metadata=undated)


def group_tone(group: Group, *, coloured: bool) -> str:
    """Return the colour of a group's words."""
    return group.colour if coloured else "black"
