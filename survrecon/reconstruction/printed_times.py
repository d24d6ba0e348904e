"""Printed times beside a step: a pixel, or a rounded time, can put a drop on the wrong side of a number at risk.

A curve that falls to 0 at its last printed time loses all who fail there if the drop was read a pixel before: the
patients counted would still be at risk when nobody is left. Such a printed time is moved to the side of the drop on
which its number is possible, and the move is on record.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from survrecon.consistency import TIME_SLIP
from survrecon.curve import AtRiskConvention, IntArray, Repair, RiskTable, SurvivalCurve

__all__ = ["beside_drops"]

_BESIDE = 3e-6  # of the follow-up: farther than times of one step differ in files
_ROUNDED = 0.5  # patients: a count is a whole number


def beside_drops(curve: SurvivalCurve, n: int, table: RiskTable) -> tuple[RiskTable, tuple[Repair, ...]]:
    """Return the table with each time on the side of the drops beside it on which its number is possible.

    A number above what the curve allows was counted before the drop; so was one of patients who are there although
    the curve has reached 0, or reaches it within the same slip. A 0 belongs after the last drop. What no drop within
    a pixel, or half a percent of the follow-up, explains stays as it is.

    Parameters
    ----------
    curve : SurvivalCurve
        The repaired curve, with its resolution.
    n : int
        Number of patients.
    table : RiskTable
        The risk table under a definite convention.

    Examples
    --------
    >>> from survrecon.curve import Resolution
    >>> curve = SurvivalCurve(time=[0, 5, 23.96], survival=[1, 0.5, 0], resolution=Resolution(survival=0.001))
    >>> table, (repair,) = beside_drops(curve, 40, RiskTable(time=[0, 24], at_risk=[40, 20]))
    >>> print(repair)
    printed time moved beside the drop that its number at risk belongs to (time 24, 20 at risk; by at most 0.04007)
    """
    drops = np.flatnonzero(np.diff(curve.survival) < 0) + 1
    if not drops.size:
        return table, ()
    times = np.array(table.time)
    for i in np.flatnonzero(table.time > 0):
        times[i] = _beside(curve, drops, n, table, int(i))
    kept = np.append(True, np.diff(times) > 0)  # never past the printed time before
    times = np.where(kept, times, table.time)
    moved = np.abs(times - table.time)
    repairs = tuple(
        Repair(
            what="printed time moved beside the drop that its number at risk belongs to",
            where=f"time {table.time[i]:g}, {table.at_risk[i]} at risk",
            amount=float(moved[i]),
        )
        for i in np.flatnonzero(moved > 0)
    )
    if not repairs or (np.diff(times) <= 0).any():
        return table, ()
    return replace(table, time=times), repairs


def _beside(curve: SurvivalCurve, drops: IntArray, n: int, table: RiskTable, i: int) -> float:
    """Return where the printed time ``i`` belongs."""
    time, count = float(table.time[i]), int(table.at_risk[i])
    length = float(curve.time[-1])
    read = curve.resolution.time if curve.resolution else 0.0
    slip, off = max(read, TIME_SLIP * length), 1.01 * max(read, _BESIDE * length)
    near = drops[np.abs(curve.time[drops] - time) <= slip * (1 + 1e-9)]
    if not near.size:
        return time
    last = int(near[-1])
    ends = last == drops[-1]
    if count == 0:
        beyond = float(curve.time[last])
        follows = beyond > time if table.convention is AtRiskConvention.AFTER else beyond >= time
        return beyond + off if ends and follows else time
    if ends and _at_zero(curve) and count <= n * curve.survival[last - 1] + _spare(curve, n):
        stands = read == 0 and abs(curve.time[last] - time) < _BESIDE * length
        counted_before = table.convention is not AtRiskConvention.AFTER
        return time if stands and counted_before else _before(curve, last, off)
    return _possible(curve, near, n, table, i, off)


def _possible(curve: SurvivalCurve, near: IntArray, n: int, table: RiskTable, i: int, off: float) -> float:
    """Return the latest place at which the number is possible, the printed one where it is."""
    time, count = float(table.time[i]), int(table.at_risk[i])
    spare = _spare(curve, n)
    after = table.convention is AtRiskConvention.AFTER
    here = float((curve.at if after else curve.before)(np.array([time]))[0])
    if count <= n * here + spare:
        return time
    for k in near[::-1]:
        passed = curve.time[k] <= time if after else curve.time[k] < time
        if passed and count <= n * curve.survival[k - 1] + spare:
            return _before(curve, int(k), off)
    return time


def _before(curve: SurvivalCurve, k: int, off: float) -> float:
    """Return a time right before the drop ``k``, after what comes before it."""
    return max(float(curve.time[k]) - off, float(curve.time[k] + curve.time[k - 1]) / 2)


def _spare(curve: SurvivalCurve, n: int) -> float:
    """Return by how many patients a number may lie above the curve."""
    return n * (curve.resolution.survival if curve.resolution else 0.0) + _ROUNDED


def _at_zero(curve: SurvivalCurve) -> bool:
    """Whether the last drop leads to 0, within half of what can be told apart."""
    return bool(curve.survival[-1] <= 0.5 * (curve.resolution.survival if curve.resolution else 0.0))
