"""What a reconstruction method is given: inputs of one arm that were repaired and agree with each other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.consistency import TIME_SLIP
from survrecon.model.convention import PointKind
from survrecon.model.curve import AtRiskConvention, Repair, Resolution, RiskTable, StepCurve, SurvivalCurve
from survrecon.model.ipd import Reconstruction
from survrecon.reconstruction.settings import INPUTS
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS, Priors

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray

__all__ = ["Problem", "Solver", "beside_drops", "stream_of"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Problem:
    """One arm, ready to be rebuilt.

    Parameters
    ----------
    curve : StepCurve
        The repaired curve.
    n : int
        Number of patients.
    risk_table : RiskTable or None
        Under a definite convention, and within what the curve allows.
    events : int or None
        Total events, within three times the resolution of what curve and table allow.
    censor_times : array of float, shape (c,), or None
        Rising times of censoring marks.
    rng : Generator
        For methods that draw.
    arm : str
        The arm's name.
    digitized : SurvivalCurve or None
        The points before repair, whose scatter tells how they were read; ``None`` where ``curve`` is as read.
    points : PointKind
        What they are, ``auto`` where nothing more than their scatter is to tell.
    priors : Priors
        Of the state-space method.
    quick : bool
        Whether it is to take the least time, for a look.
    """

    curve: StepCurve
    n: int
    risk_table: RiskTable | None
    events: int | None
    censor_times: FloatArray | None
    rng: np.random.Generator
    arm: str
    digitized: SurvivalCurve | None = None
    points: PointKind = PointKind.AUTO
    priors: Priors = DEFAULT_PRIORS
    quick: bool = False

    @property
    def resolution(self) -> Resolution:
        """How finely the curve was read."""
        return self.curve.resolution or Resolution(survival=0.0)


Solver = Callable[[Problem], Reconstruction]
"""A method: what it returns carries its own diagnostics and warnings, none of the input's."""


def stream_of(
    rng: np.random.Generator,
    curve: SurvivalCurve,
    *,
    n: int,
    risk_table: RiskTable | None = None,
    events: int | None = None,
    censor_times: FloatArray | None = None,
) -> np.random.Generator:
    """Return the generator of an arm: the next of ``rng``, and other numbers for other inputs.

    Without the inputs, two arms that are rebuilt from one seed would share their random numbers, and the errors that
    their draws have by chance would be alike. Names do not enter, nor does the unit of time.

    Parameters
    ----------
    rng : Generator
        The caller's; it is moved on by one number.
    curve, n, risk_table, events, censor_times
        The arm's inputs.
    """
    span = float(np.max(curve.time, initial=0.0)) or 1.0
    order = np.lexsort((-curve.survival, curve.time))
    parts: list[object] = [n, events, _digits(curve.time[order] / span), _digits(curve.survival[order])]
    if risk_table is not None:
        parts += [_digits(risk_table.time / span), risk_table.at_risk.tolist(), str(risk_table.convention)]
        parts += [risk_table.events] if risk_table.events else []
    if censor_times is not None:
        parts.append(_digits(censor_times / span))
    content = int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:16], "big")
    return np.random.default_rng([int(rng.integers(INPUTS.stream_seeds)), content])


def _digits(values: FloatArray) -> list[float]:
    rounded: list[float] = np.round(np.asarray(values, dtype=float), INPUTS.digits).tolist()
    return [value + 0.0 for value in rounded]  # no minus zero


def beside_drops(
    curve: StepCurve, n: int, table: RiskTable, *, steps: bool = False
) -> tuple[RiskTable, tuple[Repair, ...]]:
    """Return the table with each time on the side of the drops beside it on which its number is possible.

    A number above what the curve allows was counted before the drop; so was one of patients who are there although
    the curve has reached 0, or reaches it within the same slip. A 0 belongs after the last drop. What no drop within
    a pixel, or half a percent of the follow-up, explains stays as it is.

    Parameters
    ----------
    curve : StepCurve
        The repaired curve, with its resolution.
    n : int
        Number of patients.
    table : RiskTable
        The risk table under a definite convention.
    steps : bool
        Whether the points are the times of drops. A number counted before a drop, of patients with time >= t, then
        belongs to the very time of the drop, so that nobody can leave between the two.

    Examples
    --------
    >>> from survrecon.model.curve import Resolution
    >>> curve = StepCurve(time=[0, 5, 23.96], survival=[1, 0.5, 0], resolution=Resolution(survival=0.001))
    >>> table, (repair,) = beside_drops(curve, 40, RiskTable(time=[0, 24], at_risk=[40, 20]))
    >>> print(repair)
    printed time moved beside the drop that its number at risk belongs to (time 24, 20 at risk; by at most 0.04007)
    """
    drops = np.flatnonzero(np.diff(curve.survival) < 0) + 1
    if not drops.size:
        return table, ()
    times = np.array(table.time)
    at_drop = steps and table.convention is AtRiskConvention.BEFORE
    for i in np.flatnonzero(table.time > 0):
        times[i] = _beside(curve, drops, n, table, int(i), at_drop)
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


def _beside(curve: StepCurve, drops: IntArray, n: int, table: RiskTable, i: int, at_drop: bool) -> float:
    """Return where the printed time ``i`` belongs."""
    time, count = float(table.time[i]), int(table.at_risk[i])
    length = float(curve.time[-1])
    read = curve.resolution.time if curve.resolution else 0.0
    slip, off = max(read, TIME_SLIP * length), INPUTS.beyond_slip * max(read, INPUTS.same_time * length)
    near = drops[np.abs(curve.time[drops] - time) <= slip * (1 + INPUTS.near_drop)]
    if not near.size:
        return time
    last = int(near[-1])
    ends = last == drops[-1]
    if count == 0:
        beyond = float(curve.time[last])
        follows = beyond > time if table.convention is AtRiskConvention.AFTER else beyond >= time
        return beyond + off if ends and follows else time
    if ends and _at_zero(curve) and count <= n * curve.survival[last - 1] + _spare(curve, n):
        stands = read == 0 and abs(curve.time[last] - time) < INPUTS.same_time * length
        counted_before = table.convention is not AtRiskConvention.AFTER
        return time if stands and counted_before else _before(curve, last, 0.0 if at_drop else off)
    return _possible(curve, near, n, table, i, 0.0 if at_drop else off)


def _possible(curve: StepCurve, near: IntArray, n: int, table: RiskTable, i: int, off: float) -> float:
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


def _before(curve: StepCurve, k: int, off: float) -> float:
    """Return a time right before the drop ``k``, after what comes before it; at the drop where ``off`` is 0."""
    return max(float(curve.time[k]) - off, float(curve.time[k] + curve.time[k - 1]) / 2)


def _spare(curve: StepCurve, n: int) -> float:
    """Return by how many patients a number may lie above the curve."""
    return n * (curve.resolution.survival if curve.resolution else 0.0) + INPUTS.count_rounding


def _at_zero(curve: StepCurve) -> bool:
    """Whether the last drop leads to 0, within half of what can be told apart."""
    return bool(curve.survival[-1] <= 0.5 * (curve.resolution.survival if curve.resolution else 0.0))
