"""Check that a curve, the number of patients, a risk table and a total of events are consistent.

Without censoring N S(t-) patients are still at risk at time t; censoring only lowers that. What lies above
it by more than the points were read to is refused, with the likely cause.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, permutations
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np

from survrecon.callers import option_name
from survrecon.errors import CurveError, ReconstructionError
from survrecon.model.curve import AtRiskConvention, RiskTable, StepCurve
from survrecon.model.settings import (
    COUNT_SLACK,
    DAYS_IN,
    LEFT_AT_ZERO,
    SMALLEST_SURVIVAL,
    TABLE_COVERAGE,
    TIME_SLIP,
    TIMES_ROUNDED,
)

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = [
    "TIME_SLIP",
    "check_columns",
    "check_events",
    "check_patients",
    "check_risk_table",
    "events_range",
    "resolve_convention",
]

_REFUSAL = 3  # times the resolution: beyond that the inputs contradict each other
_GAP = 5  # patients; more than fall together at most times
_HIDDEN = 3  # events at the end of a trace that no column shows, where single steps are no larger


def resolve_convention(n: int, table: RiskTable) -> tuple[RiskTable, tuple[str, ...]]:
    """Return the table under a definite convention, and what was assumed to get there.

    ``auto`` becomes ``before`` (patients with time >= t, as R prints) unless only ``after`` is possible: wherever
    the curve allows a number under ``after`` it allows it under ``before`` too, so only a first number a little
    below N, patients who left at time 0, tells the two apart.

    Parameters
    ----------
    n : int
        Number of patients.
    table : RiskTable
        The risk table, under any convention.
    """
    if table.convention is not AtRiskConvention.AUTO:
        return table, ()
    if table.time[0] == 0 and 0 < n - table.at_risk[0] <= max(1, LEFT_AT_ZERO * n):
        table = replace(table, convention=AtRiskConvention.AFTER)
        return table, ("numbers at risk count patients with time > t (the first is a little below N)",)
    table = replace(table, convention=AtRiskConvention.BEFORE)
    return table, ("numbers at risk count patients with time >= t, as R prints (the table does not say)",)


def check_risk_table(curve: StepCurve, n: int, table: RiskTable) -> tuple[str, ...]:
    """Refuse a risk table that the curve or the number of patients rules out; return warnings.

    Parameters
    ----------
    curve : StepCurve
        The repaired curve, with its resolution.
    n : int
        Number of patients.
    table : RiskTable
        The risk table under a definite convention.

    Raises
    ------
    CurveError
        If the number at time 0 is not N, a number exceeds N S(t-) by more than three times the resolution,
        or the table's times belong to another unit.
    """
    check_patients(n, table)
    excess = _excess(curve, n, table, _REFUSAL)
    if excess.any():
        raise _too_many_at_risk(curve, n, table, excess)
    _check_coverage(curve, n, table)
    warnings = _gaps(curve, n, table)
    small = _excess(curve, n, table, 1)
    if small.any():
        named = ", ".join(f"{t:g}" for t in table.time[small])
        warnings += (f"numbers at risk a little above what the curve allows, at time {named}",)
    return warnings


def check_patients(n: int, table: RiskTable) -> None:
    """Refuse a first number at risk that contradicts the number of patients, whatever the curve.

    Raises
    ------
    CurveError
        If the number at time 0 is not N, or a number exceeds N.
    """
    if not _starts_with(n, table):
        raise CurveError(
            f"risk table, time {table.time[0]:g}",
            f"the number at time 0 is N = {n}, and no number is larger",
            f"{table.at_risk[0]}",
            "correct N or the table, or declare the convention 'after' if patients left at time 0",
        )


def events_range(curve: StepCurve, n: int, table: RiskTable | None = None, *, widen: float = 1.0) -> tuple[int, int]:
    """Return the smallest and largest total of events that curve and risk table allow.

    Between two printed numbers n0 and n1, with survival falling by the factor r, events are fewest if every
    censored patient leaves at the start, n1 (1/r - 1), and most if all leave at the end, n0 (1 - r). After
    the last number at least one patient is left before the last drop. Survival read with an error of at most
    delta shifts a total sum(n dS/S) by at most N delta, because n/S starts at N and never rises. A step read at
    a printed time, give or take the reading of times, may belong to either side: its events widen the range. Where
    a curve is read in columns, its last patient may fail after the last of them.

    Parameters
    ----------
    curve : StepCurve
        The repaired curve, with its resolution.
    n : int
        Number of patients.
    table : RiskTable or None
        The risk table under a definite convention.
    widen : float
        How many times the resolution delta is.

    Examples
    --------
    >>> halved = StepCurve(time=[0, 5, 9], survival=[1, 0.5, 0.5], resolution=0.001)
    >>> events_range(halved, 40, RiskTable(time=[0, 9], at_risk=[40, 10]))
    (9, 21)
    """
    delta = widen * curve.resolution.survival
    times, counts = [0.0], [n]
    if table is not None:
        times, counts = [*times, *table.time.tolist()], [*counts, *table.at_risk.tolist()]
    # Between two printed numbers: fewest events if the censored leave at the start, most if they leave at the end.
    boundary = _allowed(curve, np.asarray(times), table)
    boundary[0] = 1.0
    fewest = most = 0.0
    for n0, n1, s0, s1 in zip(counts, counts[1:], boundary, boundary[1:], strict=False):
        r = s1 / s0 if s0 > 0 else 1.0
        most += min(n0 * (1 - r), n0 - n1)
        fewest += min(n1 * (1 / r - 1), n0 - n1) if r > 0 else min(1, n0 - n1)
    # After the last printed number at least one patient is left before the last drop.
    last, end = float(boundary[-1]), float(curve.survival[-1])
    if counts[-1] > 0 and last - end > delta:
        most += counts[-1] * (1 - end / last)
        fewest += min(1.0, last / end - 1 if end > 0 else 1.0)
    if counts[-1] > 0 and end > 0 and curve.resolution.time > 0:
        most += 1
    # The reading of survival and of printed times widens the range on both sides.
    slack = n * delta + _at_boundaries(curve, times[1:], counts[1:])
    falls = end < 1 - 2 * delta  # a curve that falls beyond its resolution holds an event
    return max(floor(fewest - slack + COUNT_SLACK), int(falls)), min(ceil(most + slack - COUNT_SLACK), n)


def check_events(curve: StepCurve, n: int, table: RiskTable | None, events: int) -> tuple[str, ...]:
    """Refuse a total of events that curve and risk table do not allow; one that is nearly possible gives a warning.

    A drop at the very end has no width, so a trace by columns may not show it. Beyond the range such a drop may hold a
    few patients, as many as fall together elsewhere, or all of those who are counted at the end.

    Raises
    ------
    ReconstructionError
        If no data set with this total fits curve and risk table; the message prints the range.
    """
    if not 0 <= events <= n:
        raise ReconstructionError("total events", f"from 0 to N = {n}", f"{events}", "correct the total or N")
    low, high = events_range(curve, n, table, widen=_REFUSAL)
    if high < events and _may_be_hidden(curve, n, table, events - high, events - low):
        _, shown = events_range(curve, n, table)
        return (
            f"at least {events - shown} of the {events} events given are not in the points: taken to fall together at "
            "the end of the curve, after its last column",
        )
    if not low <= events <= high:
        raise ReconstructionError(
            "total events",
            f"curve and risk table allow {low} to {high} events",
            f"{events}",
            "check that the total counts this endpoint, this arm and this data cut-off, or leave it out",
        )
    low, high = events_range(curve, n, table)
    if not low <= events <= high:
        return (
            f"conflict: {events} events were given, curve and risk table allow {low} to {high} at the stated "
            "resolution",
        )
    return ()


def check_columns(curve: StepCurve, n: int, table: RiskTable, events: int | None = None) -> None:
    """Refuse events told up to the columns of a risk table that patients or curve do not allow.

    Up to each column those who failed and those still at risk are n patients at most, and the part of the curve so far
    allows that many events; after the last one the total, where it is known, leaves no more than are at risk.

    Parameters
    ----------
    curve : StepCurve
        The repaired curve, with its resolution.
    n : int
        Number of patients.
    table : RiskTable
        The risk table under a definite convention.
    events : int or None
        Total events.

    Raises
    ------
    ReconstructionError
        Of the first column whose number is not possible; the message prints the range.
    """
    for k, told in enumerate(table.events):
        if told is None:
            continue
        low, high = 0, n - int(table.at_risk[k])
        if table.time[k] > 0:
            so_far = table.at_columns(np.arange(len(table)) <= k)
            fewest, most = events_range(_until(curve, float(table.time[k])), n, so_far, widen=_REFUSAL)
            low, high = max(low, fewest), min(high, most)
        if events is not None:
            low, high = max(low, events - int(table.at_risk[k])), min(high, events)
        if not low <= told <= high:
            raise ReconstructionError(
                f"events so far, time {table.time[k]:g}",
                f"curve, numbers at risk and total allow {low} to {high}",
                f"{told}",
                "check that they count this endpoint, this arm and this data cut-off, or leave them out",
            )


def _until(curve: StepCurve, time: float) -> StepCurve:
    """Return the part of a curve up to a time, at which it goes on level."""
    kept = max(int(np.searchsorted(curve.time, time, side="right")), 1)
    return replace(curve, time=curve.time[:kept], survival=curve.survival[:kept])


def _may_be_hidden(curve: StepCurve, n: int, table: RiskTable | None, least: int, most: int) -> bool:
    """Whether ``least`` to ``most`` further events may lie after the last column of pixels of a curve."""
    width, end = curve.resolution.time, float(curve.time[-1])
    if width == 0:
        return False
    left = floor(n * float(curve.survival[-1]) + 1)
    early = curve.survival[curve.time <= end / 2]
    together = max(_HIDDEN, round(n * float(-np.diff(early).min(initial=0.0))))
    if least <= min(together, left):
        return True
    counted = table is not None and abs(float(table.time[-1]) - end) <= max(2 * width, TIME_SLIP * end)
    return counted and table is not None and least <= int(table.at_risk[-1]) <= most


def _starts_with(n: int, table: RiskTable) -> bool:
    """Whether the first number agrees with N: equal at time 0, where nobody has left under ``before``."""
    if table.time[0] == 0 and table.convention is AtRiskConvention.BEFORE:
        return bool(table.at_risk[0] == n)
    return bool(table.at_risk[0] <= n)


def _allowed(curve: StepCurve, times: FloatArray, table: RiskTable | None) -> FloatArray:
    """Return survival at the boundary of two intervals: S(t-), or S(t) under ``after``."""
    after = table is not None and table.convention is AtRiskConvention.AFTER
    return curve.at(times) if after else curve.before(times)


def _at_boundaries(curve: StepCurve, times: list[float], counts: list[int]) -> float:
    """Return the events of steps so close beside printed times that they may have come on their other side.

    A step read at the very time stands where the table's convention puts it.
    """
    if not times:
        return 0.0
    printed = np.asarray(times)
    slip = max(curve.resolution.time, TIMES_ROUNDED * float(curve.time[-1]))
    around = curve.before(printed - slip) - curve.at(printed + slip)
    beside = around - (curve.before(printed) - curve.at(printed))
    return float((np.asarray(counts) * beside / np.maximum(curve.before(printed - slip), SMALLEST_SURVIVAL)).sum())


def _excess(
    curve: StepCurve, n: int, table: RiskTable, widen: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return where the number at risk exceeds what the curve allows, by ``widen`` times the resolution."""
    resolution = curve.resolution
    slip = widen / _REFUSAL * max(resolution.time, TIME_SLIP * float(curve.time[-1]))
    allowed = n * (_allowed(curve, table.time - slip, table) + widen * resolution.survival)
    return np.asarray(table.at_risk > allowed + 0.5)


def _gaps(curve: StepCurve, n: int, table: RiskTable) -> tuple[str, ...]:
    """Name the intervals without a point after which survival falls by more than a few patients at once."""
    found = []
    for start, end in pairwise(table.time.tolist()):
        first, after = np.searchsorted(curve.time, [start, end])
        if first == after and 0 < after < len(curve):
            fall = n * (curve.survival[after - 1] - curve.survival[after])
            if fall > _GAP:
                found.append(f"no point of the curve from time {start:g} to {end:g}, where events are missing")
    return tuple(found)


def _check_coverage(curve: StepCurve, n: int, table: RiskTable) -> None:
    """Refuse a table whose times run over a small part, or many times the length, of the curve."""
    share = float(table.time[-1] / curve.time[-1]) if curve.time[-1] > 0 else 1.0
    if len(table) > 2 and not TABLE_COVERAGE[0] <= share <= TABLE_COVERAGE[1]:
        raise CurveError(
            "risk table",
            "its times cover about the time axis of the curve",
            f"times to {table.time[-1]:g} beside a curve to {curve.time[-1]:g}",
            f"give both in one unit{_unit_hint(curve, n, table)}",
        )


def _too_many_at_risk(
    curve: StepCurve, n: int, table: RiskTable, excess: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
) -> CurveError:
    """Name the number that the curve does not allow, and why it may be there."""
    i = int(np.argmax(excess))
    survival = float(_allowed(curve, table.time[i : i + 1], table)[0])
    hint = _unit_hint(curve, n, table)
    if hint:
        advice = f"give both in one unit{hint}"
    elif excess.sum() == 1:
        advice = f"look for a misread digit at time {table.time[i]:g}, in the table or in the points"
    else:
        advice = (
            "check that the row belongs to this arm and this population, that N is right, and that the curve is "
            f"survival, not incidence ({option_name('one_minus_survival', True)})"
        )
    return CurveError(
        f"risk table, time {table.time[i]:g}",
        f"at most N S(t) = {n} x {survival:.3g} = {n * survival:.0f} patients are at risk",
        f"{table.at_risk[i]}",
        advice,
    )


def _unit_hint(curve: StepCurve, n: int, table: RiskTable) -> str:
    """Return which mix-up of units would explain the table, or nothing."""
    pairs = sorted(permutations(DAYS_IN, 2), key=lambda pair: pair[1] != curve.time_unit)
    for of_table, of_curve in pairs:
        scaled = replace(table, time=table.time * (DAYS_IN[of_table] / DAYS_IN[of_curve]))
        share = scaled.time[-1] / curve.time[-1] if curve.time[-1] > 0 else 0.0
        if 0.5 <= share <= 2 and not _excess(curve, n, scaled, 1).any():
            return f"; the times fit as {of_table} against {of_curve}"
    return ""
