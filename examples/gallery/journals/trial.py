"""The patients and the look of a figure in a journal's style, and the results that a paper would print of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from examples.gallery.patients import TrueCox, cut_at, simulated, true_cox
from survrecon.model.kaplan_meier import KaplanMeier, kaplan_meier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.model.ipd import PseudoIPD

__all__ = ["Group", "Look", "Margins", "Trial"]


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group of simulated patients and its names.

    Parameters
    ----------
    lines : tuple of str
        Its name as the table prints it, over one or more lines.
    n : int
        Patients.
    median : float
        Median time of the simulated events, in the figure's unit.
    label : tuple of str
        Its name beside the curve or in the legend, where that is another.
    colour, dash, width : str, str or sequence, float
        Its line.
    label_at : float
        Where along the time axis a direct label stands, as a share of it.
    label_below : bool
        Whether the label stands below its curve.
    """

    lines: tuple[str, ...]
    n: int
    median: float
    label: tuple[str, ...] = ()
    colour: str = "black"
    dash: Any = "-"
    width: float = 1.4
    label_at: float = 0.7
    label_below: bool = False

    @property
    def name(self) -> str:
        """The name on one line."""
        return " ".join(self.lines)

    @property
    def shown(self) -> tuple[str, ...]:
        """The lines of the name in the plot."""
        return self.label or self.lines


@dataclass(frozen=True, kw_only=True)
class Margins:
    """Distances of the plot from the edges of the image, in inches."""

    left: float = 0.9
    right: float = 0.3
    bottom: float = 1.3
    top: float = 0.3


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one drawing of a figure differs in from another: groups, size, type, axes.

    The last patients leave at the share ``follow_up`` of the time axis; above 1 the axis cuts the curves. Words in
    the plot begin at ``words_at``, in shares of it; the axis extends beyond its first and last tick by ``pads``.
    """

    groups: Sequence[Group]
    seed: int
    end: float
    step: float
    table_step: float = 0.0
    unit: str = "Months"
    size: tuple[float, float] = (6.0, 4.8)
    dpi: int = 130
    font: str = "DejaVu Sans"
    font_size: float = 9.0
    margins: Margins = Margins()
    xlabel: str = "Months"
    ylabel: str = "Overall survival"
    percent: bool = False
    rising: bool = False
    lowest: float = 0.0
    highest: float = 1.0
    survival_step: float = 0.2
    boxed: bool = False
    axis_width: float = 0.8
    shape: float = 1.0
    entry: float = 0.5
    follow_up: float = 0.96
    words_at: tuple[float, float] = (0.04, 0.2)
    pads: tuple[float, float] = (0.0, 0.02)


class Trial:
    """The patients of a figure, cut where it ends, control first, with the results that a paper prints.

    Parameters
    ----------
    look : Look
        The groups and the end of the time axis.
    """

    def __init__(self, look: Look) -> None:
        self.look = look
        self.arms: Mapping[str, PseudoIPD] = cut_at(_patients(look), look.end)

    @cached_property
    def cox(self) -> TrueCox:
        """Cox's model of the second group over the first."""
        control, treatment = list(self.arms.values())[:2]
        return true_cox(control, treatment)

    @cached_property
    def logrank_p(self) -> float:
        """The p of the log-rank test of all groups."""
        from lifelines.statistics import multivariate_logrank_test

        frames = [ipd.to_frame().assign(arm=name) for name, ipd in self.arms.items()]
        time, event, arm = (np.concatenate([frame[key] for frame in frames]) for key in ("time", "event", "arm"))
        return float(multivariate_logrank_test(time, arm, event).p_value)

    @cached_property
    def curves(self) -> list[KaplanMeier]:
        """The estimates, in order of the groups."""
        return [kaplan_meier(ipd.time, ipd.event) for ipd in self.arms.values()]

    @property
    def times(self) -> tuple[float, ...]:
        """The times of the table of numbers at risk."""
        step = self.look.table_step or self.look.step
        return tuple(float(t) for t in np.arange(0.0, self.look.end + 1e-9, step))

    def counts(self, times: Sequence[float] | None = None) -> list[list[int]]:
        """Return the numbers at risk, a row a group."""
        return [ipd.at_risk(times or self.times).tolist() for ipd in self.arms.values()]

    def censored(self) -> list[list[int]]:
        """Return the patients censored before each time of the table, a row a group."""
        return [[int((ipd.time[~ipd.event] < t).sum()) for t in self.times] for ipd in self.arms.values()]

    def failed(self) -> list[list[int]]:
        """Return the events before each time of the table, a row a group."""
        return [[int((ipd.time[ipd.event] < t).sum()) for t in self.times] for ipd in self.arms.values()]

    def ratio(self, pattern: str = "{:.2f} (95% CI {:.2f}-{:.2f})") -> str:
        """Return the hazard ratio with its interval, as printed."""
        return pattern.format(self.cox.ratio, self.cox.low, self.cox.high)

    def p(self, pattern: str = "p = {}") -> str:
        """Return the log-rank p, as printed."""
        p = self.logrank_p
        if p < 0.001:
            below = pattern.replace("= {}", "< {}").replace("={}", "<{}")
            return below.format("0.001") if below != pattern else pattern.format("<0.001")
        return pattern.format(f"{p:.3f}" if p < 0.1 else f"{p:.2f}")

    def median(self, k: int, pattern: str = "{:.1f} ({}-{})") -> str:
        """Return the median of group ``k`` with its 95% limits, as printed."""
        value, limits = self.curves[k].median(), self.curves[k].median_limits()
        low, high = ("NR" if v is None or not np.isfinite(v) else f"{v:.1f}" for v in (limits.low, limits.high))
        return "NR" if value is None else pattern.format(value, low, high)

    def milestone(self, k: int, time: float, pattern: str = "{:.1f}% ({:.1f}-{:.1f})") -> str:
        """Return survival of group ``k`` at a time with its 95% limits, in percent, as printed."""
        curve = self.curves[k]
        low, high = curve.band()
        at = int(np.searchsorted(curve.time, time, side="right")) - 1
        return pattern.format(*(100 * float(v[at]) for v in (curve.survival, low, high)))


def _patients(look: Look) -> dict[str, PseudoIPD]:
    """Simulate each group with a stream of its own, so that groups may differ in size."""
    found: dict[str, PseudoIPD] = {}
    for k, group in enumerate(look.groups):
        seed = 100 * look.seed + k
        found |= simulated(
            seed, {group.name: group.median}, group.n, end=look.follow_up * look.end, shape=look.shape, entry=look.entry
        )
    return found
