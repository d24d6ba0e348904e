"""What `what_would_help` returns: widths now, and with each thing that a paper may print."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from survrecon.model.show import BriefRepr

if TYPE_CHECKING:
    from survrecon.model.estimate import Interval

__all__ = ["Gain", "Information", "WhatWouldHelp", "width"]

_WORTH = 0.9
"""Share of the present width above which a gain is not worth a search."""
_SMALL = 0.1
"""Share of the trial's own confidence interval below which the width is small."""


class Information(StrEnum):
    """What a paper or its supplement may print about a curve."""

    EVENTS = "total events"
    RISK_TABLE = "risk table"
    MARKS = "censoring marks"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Gain(BriefRepr):
    """The widths that are left with more information; means over candidate truths.

    Parameters
    ----------
    information : tuple of Information
        What is added.
    width : float
        Width of the 95% interval of ln HR over data sets.
    least, most : float
        The same, of the single candidate truths.
    events : tuple of float
        Widths of the 95% intervals of the arms' events, control first.
    truths : int
        How many candidate truths it rests on.
    """

    information: tuple[Information, ...]
    width: float
    least: float
    most: float
    events: tuple[float, float]
    truths: int

    @property
    def name(self) -> str:
        """In words."""
        return " and ".join(self.information) if len(self.information) < 3 else "all of them"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class WhatWouldHelp(BriefRepr):
    """How wide the inputs leave a contrast, and how much narrower it would be with what was not given.

    Parameters
    ----------
    of, over : str
        Names of the treatment and the control.
    hazard_ratio : Interval
        95% interval of the hazard ratio over data sets that agree with the inputs; no sampling error.
    width : float
        Its width on ln HR.
    events : tuple of Interval
        95% intervals of the arms' events over the data sets, control first.
    sampling_width : float
        Width of the 95% confidence interval of ln HR that the trial itself has.
    gains : tuple of Gain
        Each missing kind of information, and all of them; empty where nothing is missing or nothing is left open.
    truths, draws, seed : int
        Candidate truths, data sets an arm of each reconstruction, where randomness started.
    left_out : int
        Reconstructions that failed: what a candidate would print contradicts the points.
    implied : tuple of Information
        Not given, but the same in all data sets: the total events where the steps tell them.
    """

    of: str
    over: str
    hazard_ratio: Interval
    width: float
    events: tuple[Interval, Interval]
    sampling_width: float
    gains: tuple[Gain, ...]
    truths: int
    draws: int
    seed: int
    left_out: int = 0
    implied: tuple[Information, ...] = ()

    @property
    def most_helpful(self) -> Gain | None:
        """The single kind of information that narrows ln HR most; ``None`` where none does by a tenth."""
        single = [gain for gain in self.gains if len(gain.information) == 1]
        best = min(single, key=lambda gain: gain.width, default=None)
        return best if best is not None and best.width < _WORTH * self.width else None

    @property
    def advice(self) -> str:
        """One sentence on what to look for."""
        if not self.gains:
            return "Nothing is left open." if self.width == 0 else "Nothing to add: what could help was given."
        best = self.most_helpful
        if best is None:
            said = "Nothing alone would narrow ln HR by a tenth."
        else:
            said = f"Most helpful: the {best.name}." if len(self.gains) > 1 else f"Worth looking for: the {best.name}."
        small = self.width < _SMALL * self.sampling_width
        return f"{said} Little is left open beside the trial's own sampling error." if small else said

    @property
    def columns(self) -> tuple[str, str, str, str]:
        """What ``rows`` hold."""
        return "95% widths", "ln HR", f"events, {self.over}", f"events, {self.of}"

    @property
    def rows(self) -> tuple[tuple[str, str, str, str], ...]:
        """Return what is known, width of ln HR, and widths of the events of control and treatment, as words."""
        control, treatment = (f"{width(interval):.0f}" for interval in self.events)
        return (("now", f"{self.width:.3f}", control, treatment), *(_row(gain) for gain in self.gains))

    @property
    def now(self) -> str:
        """What the inputs leave open, in one sentence."""
        control, treatment = (interval.format(0) for interval in self.events)
        return (
            f"{self.of} over {self.over}: hazard ratio over data sets {self.hazard_ratio.format(3)}, "
            f"events {self.over} {control}, {self.of} {treatment}"
        )

    def __str__(self) -> str:
        """Return a table of a few lines, and the advice."""
        lines = [self.columns, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        return "\n".join([self.now, *(line.rstrip() for line in table), self.advice, self.note])

    @property
    def note(self) -> str:
        """How the widths were found, and what to compare them with."""
        how = (
            f"Means over {self.truths} candidate truths, in brackets the least and the most; each was rebuilt with "
            f"what it would have printed, {self.draws} data sets an arm."
        )
        lost = f" {self.left_out} contradicted the points and were left out." if self.left_out else ""
        known = f" The {' and the '.join(self.implied)} can be told from the inputs." if self.implied else ""
        own = f"The trial's own confidence interval of ln HR is {self.sampling_width:.2f} wide, whatever is printed."
        return f"{how if self.gains else ''}{lost}{known} {own}".strip()


def _row(gain: Gain) -> tuple[str, str, str, str]:
    text = f"{gain.width:.3f} ({gain.least:.3f} to {gain.most:.3f})"
    return f"with {gain.name}", text, f"{gain.events[0]:.1f}", f"{gain.events[1]:.1f}"


def width(interval: Interval) -> float:
    """Return how wide an interval with both limits is."""
    return (interval.high or 0.0) - (interval.low or 0.0)
