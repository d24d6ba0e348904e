"""Kaplan-Meier figures drawn on the spot, with the truth they were drawn from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from PIL import Image, ImageFilter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One arm's patients and their Kaplan-Meier steps."""

    name: str
    time: Array
    event: npt.NDArray[np.bool_]

    @property
    def steps(self) -> tuple[Array, Array]:
        """Corners: time and the survival that holds from then on."""
        t, s = [0.0], [1.0]
        for u in np.unique(self.time[self.event]):
            at_risk = int((self.time >= u).sum())
            deaths = int(((self.time == u) & self.event).sum())
            t.append(float(u))
            s.append(s[-1] * (1 - deaths / at_risk))
        return np.array(t), np.array(s)

    @property
    def censored(self) -> Array:
        return np.unique(self.time[~self.event])

    def at_risk(self, times: Sequence[float]) -> list[int]:
        return [int((self.time >= t).sum()) for t in times]

    def survival(self, at: Array) -> Array:
        t, s = self.steps
        return s[np.searchsorted(t, at, side="right") - 1]


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a figure is drawn."""

    size: tuple[float, float] = (7.0, 5.0)
    dpi: int = 130
    colours: tuple[str, ...] = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd")
    dashes: tuple[str, ...] = ("-", "-", "-", "-")
    width: float = 1.6
    marks: str | None = None
    mark_size: float = 7.0
    band: str | None = None
    grid: str | None = None
    spines: str = "box"
    ticks: str = "out"
    minor: bool = False
    background: str = "white"
    page: str = "white"
    percent: bool = False
    rising: bool = False
    bottom: float = 0.0
    margin: float = 0.0
    legend: str = "upper right"
    legend_frame: bool = True
    direct: bool = False
    table: str | None = None
    table_colour: bool = False
    title: str | None = None
    texts: tuple[tuple[float, float, str], ...] = ()
    font: str = "DejaVu Sans"
    font_size: float = 10.0
    guide: bool = False
    xlabel: str = "Months"
    ylabel: str = "Overall survival"
    step: float = 6.0
    end: float | None = None
    names_with_n: bool = False
    simplified: bool = False
    table_above: bool = False
    table_heading: str | None = None
    table_events: bool = False


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A drawn figure file with its truth."""

    path: Path
    arms: list[Arm]
    look: Look
    end: float
    ticks: list[float]
    table: dict[str, list[int]] = field(default_factory=dict)


def simulate(
    rng: np.random.Generator,
    name: str,
    n: int,
    *,
    median: float,
    shape: float = 1.0,
    end: float = 36.0,
    late: float = 0.5,
) -> Arm:
    """Patients with Weibull event times, drop-out and staggered entry."""
    times = median / np.log(2) ** (1 / shape) * rng.weibull(shape, n)
    limit = np.minimum(end * (1 - late * rng.random(n)), rng.exponential(6 * end, n))
    return Arm(name=name, time=np.minimum(times, limit), event=times <= limit)


def render(path: Path, arms: list[Arm], look: Look) -> Rendered:
    """Draw one panel and save it."""
    with mpl.rc_context(
        {
            "font.family": look.font,
            "font.size": look.font_size,
            "axes.unicode_minus": False,
            "path.simplify": look.simplified,
        }
    ):
        figure = Figure(figsize=look.size, dpi=look.dpi, facecolor=look.page)
        height = 0.8 if look.table is None else 0.8 - 0.055 * (len(arms) + 2)
        low = look.table is None or look.table_above
        axes = figure.add_axes((0.2, 0.13 if low else 0.93 - height, 0.74, height))
        made = draw_panel(figure, axes, arms, look)
        figure.savefig(path, facecolor=look.page)
    return Rendered(path=path, arms=arms, look=look, end=made[0], ticks=made[1], table=made[2])


def draw_panel(
    figure: Figure, axes: Axes, arms: list[Arm], look: Look
) -> tuple[float, list[float], dict[str, list[int]]]:
    """Draw curves, marks, bands, legend and risk table into one pair of axes."""
    end = look.end or max(float(a.time.max()) for a in arms)
    factor = 100.0 if look.percent else 1.0
    axes.set_facecolor(look.background)

    def shown(s: Array | float) -> Array:
        return factor * (1 - np.asarray(s) if look.rising else np.asarray(s))

    for arm, colour, dash in zip(arms, look.colours, look.dashes, strict=False):
        t, s = arm.steps
        last = min(float(arm.time.max()), end)
        keep = t <= last
        t, s = np.append(t[keep], last), np.append(s[keep], s[keep][-1])
        label = f"{arm.name} (n={len(arm.time)})" if look.names_with_n else arm.name
        axes.plot(t, shown(s), drawstyle="steps-post", color=colour, linestyle=dash, lw=look.width, label=label)
        if look.band is not None:
            spread = 1.96 * np.sqrt(np.maximum(s * (1 - s), 0) / max(len(arm.time), 1)) * (1 + 0.5 * t / end)
            low, high = shown(np.clip(s - spread, 0, 1)), shown(np.clip(s + spread, 0, 1))
            if look.band == "fill":
                axes.fill_between(t, low, high, step="post", color=colour, alpha=0.25, lw=0)
            else:
                for edge in (low, high):
                    axes.plot(t, edge, drawstyle="steps-post", color=colour, lw=0.6 * look.width, linestyle=":")
        if look.marks is not None:
            at = arm.censored[arm.censored <= end]
            axes.plot(
                at,
                shown(arm.survival(at)),
                look.marks,
                color=colour,
                ms=look.mark_size,
                mew=max(0.8, 0.6 * look.width),
                linestyle="none",
                mfc="none",
            )
        if look.direct:
            x = 0.45 * end
            axes.text(x, float(shown(arm.survival(np.array([x]))[0])) + 0.05 * factor, label, color=colour)
    ticks = [float(v) for v in np.arange(0, end + 1e-9, look.step)]
    axes.set_xticks(ticks)
    axes.set_xlim(-look.margin * end, end * (1 + look.margin))
    axes.set_ylim(factor * (look.bottom - look.margin), factor * (1.0 + (look.margin or 0.03)))
    axes.set_yticks([factor * v for v in np.arange(look.bottom, 1.001, 0.1 if look.bottom else 0.2)])
    axes.set_xlabel(look.xlabel)
    axes.set_ylabel(look.ylabel + (" (%)" if look.percent else ""))
    axes.tick_params(direction=look.ticks if look.ticks != "none" else "out", length=0 if look.ticks == "none" else 4)
    if look.minor:
        axes.minorticks_on()
    if look.grid is not None:
        axes.grid(True, color=look.grid, lw=0.8)
        axes.set_axisbelow(True)
    if look.spines != "box":
        for side in ("top", "right", "left", "bottom"):
            axes.spines[side].set_visible(look.spines == "l" and side in ("left", "bottom"))
    if look.guide:
        axes.axhline(0.5 * factor, color="grey", lw=0.8, ls="--")
    if look.title:
        axes.set_title(look.title)
    for x, y, text in look.texts:
        axes.text(x, y, text, transform=axes.transAxes)
    if not look.direct and len(arms) > 0:
        if look.legend == "outside":
            axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.01), ncol=len(arms), frameon=look.legend_frame)
        else:
            axes.legend(loc=look.legend, frameon=look.legend_frame)  # type: ignore[call-overload]
    table: dict[str, list[int]] = {}
    if look.table is not None:
        box = axes.get_position()
        every = 2 if look.table == "sparse" else 1
        columns = ticks[::every]
        y = box.y1 + 0.05 * (len(arms) + 1) if look.table_above else box.y0 - 0.17
        figure.text(0.02, y, look.table_heading or ("No. at risk" if look.table != "plain" else "Number at risk"))
        for k, (arm, colour) in enumerate(zip(arms, look.colours, strict=False)):
            counts = arm.at_risk(columns)
            table[arm.name] = counts
            row = y - 0.05 * (k + 1)
            tone = colour if look.table_colour else "black"
            figure.text(0.02, row, arm.name, color=tone)
            first, final = axes.get_xlim()
            for at_time, n in zip(columns, counts, strict=True):
                x = box.x0 + box.width * (at_time - first) / (final - first)
                beside = f" ({int((arm.event & (arm.time < at_time)).sum())})" if look.table_events else ""
                figure.text(x, row, f"{n}{beside}", ha="center", color=tone)
    return end, ticks, table


def degrade(
    source: Path,
    target: Path,
    *,
    quality: int = 60,
    blur: float = 0.0,
    turn: float = 0.0,
    noise: float = 0.0,
    width: int | None = None,
) -> Path:
    """Save a worse copy of an image."""
    image = Image.open(source).convert("RGB")
    if width is not None:
        image = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
    if turn:
        image = image.rotate(turn, resample=Image.Resampling.BICUBIC, fillcolor="white")
    if blur:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    if noise:
        rng = np.random.default_rng(0)
        pixels = np.asarray(image, float) + rng.normal(0, noise, (image.height, image.width, 3))
        image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    image.save(target, quality=quality)
    return target


def render_panels(path: Path, panels: Sequence[tuple[str, list[Arm], Look]], *, bars: str | None = None) -> Path:
    """Draw panels side by side, each under its title, and where asked for a bar chart as the last."""
    count = len(panels) + (bars is not None)
    figure = Figure(figsize=(5.6 * count, 4.6), dpi=130)
    for k in range(count):
        axes = figure.add_axes(((k + 0.16) / count, 0.15, 0.78 / count, 0.7))
        if k < len(panels):
            title, arms, look = panels[k]
            draw_panel(figure, axes, arms, replace(look, title=title))
            continue
        axes.bar([0, 6, 12, 18, 24], [35, 48, 22, 61, 30], width=3)
        axes.set_xticks([0, 6, 12, 18, 24], ["0", "6", "12", "18", "24"])
        axes.set_ylim(0, 100)
        axes.set_xlabel("Months")
        axes.set_ylabel("Response (%)")
        axes.set_title(str(bars))
    figure.savefig(path)
    return path
