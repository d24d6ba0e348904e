"""What a table counts beside the numbers at risk: events and censored so far, as events that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from survrecon.digitizing import DigitizedFigure, DigitizedRiskTable

__all__ = ["events_so_far", "totals_of_table"]

_AT_THE_COLUMN = 2.0  # pixels of the time axis within which a step may be counted in a column or after it


def totals_of_table(figure: DigitizedFigure) -> dict[str, int]:
    """Return the total of events of each arm whose numbers at risk stand beside those of events or censored so far.

    It is told by the last column, where nobody is at risk any more or the curve takes no step from there on. Of the
    censored only the first will do: who leaves at a column's very time may be counted or not.

    Parameters
    ----------
    figure : DigitizedFigure
        What was read; where patients enter late nothing is told.
    """
    table = figure.risk_table
    if table is None or figure.late_entry:
        return {}
    found: dict[str, int] = {}
    for arm in figure.arms:
        row, counts = table.rows.get(arm.name, ()), table.extra.get(arm.name, {})
        for what, made in counts.items():
            last = max((k for k, value in enumerate(made) if value is not None), default=None)
            count = None if last is None else made[last]
            if last is None or count is None or arm.n is None or row[last] is None:
                continue
            place = np.searchsorted(arm.time, table.times[last] - _AT_THE_COLUMN * figure.time_axis.resolution, "right")
            level = float(arm.survival[max(0, int(place) - 1)])
            if row[last] == 0 or (what == "events" and level <= float(arm.survival[-1])):
                found.setdefault(arm.name, count if what == "events" else arm.n - count)
    return found


def events_so_far(arm: str, read: DigitizedRiskTable, n: int | None, remarks: list[str]) -> tuple[int | None, ...]:
    """Return the events told up to each column by what is counted beside the numbers at risk; empty where none are.

    Of the censored so far the events are what is missing to n. Where both are printed and all do not add up to n at a
    column, because of those who leave at its very time, it is left open.

    Parameters
    ----------
    arm : str
        The arm's name.
    read : DigitizedRiskTable
        The table with what else it counts.
    n : int or None
        Patients; where that is not known, nothing is told.
    remarks : list of str
        What is left open is added to it.
    """
    counted = read.extra.get(arm, {})
    if n is None or not counted:
        return ()
    empty: tuple[int | None, ...] = (None,) * len(read.times)
    events, censored = counted.get("events", empty), counted.get("censored", empty)
    told: list[int | None] = []
    over: list[float] = []
    for t, left, d, c in zip(read.times.tolist(), read.rows[arm], events, censored, strict=True):
        known = d if d is not None or left is None or c is None else n - left - c
        adds_up = left is not None and known is not None and known >= 0 and _adds_up(n, left, d, c)
        over += [t] if known is not None and not adds_up else []
        told.append(known if adds_up else None)
    if over:
        named = ", ".join(f"{t:g}" for t in over)
        remarks.append(f"events so far of {arm} at time {named} are left open: all do not add up to {n}")
    known_ones = [d for d in told if d is not None]
    if known_ones != sorted(known_ones):
        remarks.append(f"events so far of {arm} are not used: they would fall, by the numbers censored so far")
        return ()
    return tuple(told) if any(told) else ()


def _adds_up(n: int, left: int, events: int | None, censored: int | None) -> bool:
    """Return whether patients at risk, failed and censored are all of n; n at most where only some of them are told."""
    known = left + (events or 0) + (censored or 0)
    return known == n if events is not None and censored is not None else known <= n
