"""What the second number of a cell counts, told by what adds up in all columns of all arms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.words.settings import COUNTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray

__all__ = ["ArmCells", "SecondNumber", "as_totals", "what_seconds_count"]


class SecondNumber(StrEnum):
    """What the second number of a cell counts."""

    PERCENT = "percentage at risk"
    CENSORED = "censored so far"
    EVENTS = "events so far"
    CENSORED_SINCE = "censored since the column before"
    EVENTS_SINCE = "events since the column before"

    @property
    def counted(self) -> str:
        """The word for what is counted: ``"censored"``, ``"events"`` or ``"percentage"``."""
        return self.value.split(" ", maxsplit=1)[0]

    @property
    def since(self) -> bool:
        """Whether the count begins anew at each column."""
        return "since" in self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmCells:
    """What is printed of one arm at each column.

    Parameters
    ----------
    times : tuple of float
        The columns' times.
    at_risk : tuple of int or None
        Numbers at risk.
    second : tuple of float or None
        The second numbers.
    survival : tuple of float
        The arm's curve at each column.
    """

    times: tuple[float, ...]
    at_risk: tuple[int | None, ...]
    second: tuple[float | None, ...]
    survival: tuple[float, ...]


def what_seconds_count(arms: Sequence[ArmCells], heading: str, *, percent: bool) -> SecondNumber | None:
    """Return what second numbers count; None where several readings add up and the heading chooses none.

    Parameters
    ----------
    arms : sequence of ArmCells
        All arms of the table: a reading must add up in each column of each.
    heading : str
        What the table says of them; it chooses among readings that add up, and makes none of one that does not.
    percent : bool
        Whether percent signs are printed.
    """
    if percent:
        return SecondNumber.PERCENT if all(_fits(SecondNumber.PERCENT, arm) for arm in arms) else None
    fitting = [kind for kind in SecondNumber if all(_fits(kind, arm) for arm in arms)]
    if len(fitting) == 1 and not _contradicts(fitting[0], heading):
        return fitting[0]
    named = [kind for kind in fitting if _named(kind, heading)]
    if len(named) > 1 and re.search(r"cumul|total", heading, re.IGNORECASE):
        named = [kind for kind in named if not kind.since]
    return named[0] if len(named) == 1 else None


def as_totals(kind: SecondNumber, arm: ArmCells) -> tuple[int | None, ...]:
    """Return the second numbers as counts from the start up to each column."""
    total = 0.0
    made: list[int | None] = []
    for value in arm.second:
        if value is None:
            made.append(None)
            continue
        total = total + value if kind.since else value
        made.append(round(total))
    return tuple(made)


def _named(kind: SecondNumber, heading: str) -> bool:
    """Return whether a heading speaks of what a reading counts."""
    word = {"censored": r"censor", "events": r"event|death", "percentage": r"%|percent"}[kind.counted]
    return re.search(word, heading, re.IGNORECASE) is not None


def _contradicts(kind: SecondNumber, heading: str) -> bool:
    """Return whether a heading speaks of something else that a second number may count."""
    return not _named(kind, heading) and any(_named(other, heading) for other in SecondNumber)


def _fits(kind: SecondNumber, arm: ArmCells) -> bool:
    """Return whether a reading of the second numbers adds up in every column of an arm."""
    known = [k for k, (n, c) in enumerate(zip(arm.at_risk, arm.second, strict=True)) if n is not None and c is not None]
    whole = known == list(range(len(arm.times))) or not kind.since
    if len(known) < 2 or known[0] != 0 or abs(arm.times[0]) > 0 or not whole:
        return False
    n = np.array([arm.at_risk[k] for k in known], float)
    second = np.array([arm.second[k] for k in known], float)
    survival = np.array([arm.survival[k] for k in known])
    if n[0] <= 0:
        return False
    if kind is SecondNumber.PERCENT:
        return bool(np.abs(second - 100 * n / n[0]).max() <= COUNTS.percent_slack)
    if np.abs(second - np.round(second)).max() > 0:
        return False
    total = np.cumsum(second) if kind.since else second
    rest = n[0] - n - total
    events = total if kind.counted == "events" else rest
    return _adds_up(n, total, rest, events, survival)


def _adds_up(n: FloatArray, total: FloatArray, rest: FloatArray, events: FloatArray, survival: FloatArray) -> bool:
    """Return whether counts never fall, none is negative, and events are as many as the curve's drop allows.

    Those who leave at a column's very time may be counted there and still be at risk. An event while n are at risk
    lowers S by at most 1/n, and by at least 1/N.
    """
    leave = max(COUNTS.leave_least, COUNTS.leave * float(n[0]))
    if total[0] > leave or (np.diff(total) < 0).any() or (rest < -leave).any() or (np.diff(rest) < -leave).any():
        return False
    slack = leave + COUNTS.curve_slack * float(n[0])
    fallen = 1.0 - survival
    return bool((events <= n[0] * fallen + slack).all() and (events >= n * fallen - slack).all())
