"""Plots inside plots: an inset that shows the same curves on a larger scale is read in place of the outer plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from survrecon.digitizing.panels.settings import REGIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.digitizing.geometry import Box
    from survrecon.digitizing.words.labels import PanelLabels

__all__ = ["Inset", "insets_among"]


@dataclass(frozen=True, kw_only=True)
class Inset:
    """A plot inside another, by their numbers among the panels.

    Parameters
    ----------
    inner, outer : int
        The two plots.
    same : bool
        Whether the inner one shows the outer one's curves over the same time, on a larger scale.
    """

    inner: int
    outer: int
    same: bool


def insets_among(panels: Sequence[PanelLabels], frames: Sequence[Box]) -> list[Inset]:
    """Return the plots that stand inside others.

    Parameters
    ----------
    panels : sequence of PanelLabels
        The panels.
    frames : sequence of Box
        Their places, from the survival labels to the last ticks.
    """
    found = []
    for inner, frame in enumerate(frames):
        holding = [k for k, other in enumerate(frames) if k != inner and other.grown(1.0).holds(frame)]
        if holding:
            outer = min(holding, key=lambda k: frames[k].width * frames[k].height)
            found.append(Inset(inner=inner, outer=outer, same=_enlarges(panels[inner], panels[outer])))
    return found


def _enlarges(inner: PanelLabels, outer: PanelLabels) -> bool:
    """Return whether a plot covers another one's time, and a part of its survival axis from an end on."""
    x, y = outer.time.values, inner.time.values
    span = max(x) - min(x)
    begins = abs(min(x) - min(y)) <= REGIONS.inset_share * span
    unread = min(b - a for a, b in zip(sorted(y), sorted(y)[1:], strict=False))  # a curve may hide the last label
    ends = max(y) + unread >= max(x) - REGIONS.last_tick * span
    low, high = min(outer.survival.values), max(outer.survival.values)
    part = (max(inner.survival.values) - min(inner.survival.values)) / (high - low)
    from_an_end = min(inner.survival.values) == low or max(inner.survival.values) == high
    return begins and ends and from_an_end and part < 1
