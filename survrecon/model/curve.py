"""Curves as digitized and as step functions, the risk table under them, and how finely they were read.

`SurvivalCurve` holds points as they were digitized, small imperfections included;
`survrecon.model.repair.repair_curve` turns them into a `StepCurve`, which is in order and never rises, and says what it
changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from survrecon.callers import option_name
from survrecon.errors import CurveError
from survrecon.model.convention import MOST_PATIENTS, AtRiskConvention
from survrecon.model.settings import LARGEST_FRACTION
from survrecon.model.show import BriefRepr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import BoolArray, FloatArray, IntArray

__all__ = [
    "AtRiskConvention",
    "Repair",
    "Resolution",
    "RiskTable",
    "StepCurve",
    "SurvivalCurve",
    "read_only",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """One change made to an input: what, where, how much.

    Parameters
    ----------
    what : str
        The kind of change, in words.
    where : str
        The place: times, rows, an arm.
    amount : float
        The largest change, in the unit of what was changed.
    """

    what: str
    where: str
    amount: float

    def __str__(self) -> str:
        return f"{self.what} ({self.where}; by at most {self.amount:.4g})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolution:
    """How finely a curve was read.

    Parameters
    ----------
    survival : float
        Smallest difference of survival that can be told apart, as a fraction: a pixel's height, or
        one unit of the last decimal.
    time : float
        The same along the time axis, in the curve's time unit; 0 where times are as drawn.
    """

    survival: float
    time: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.survival < 0.5 and 0 <= self.time < np.inf):
            raise CurveError(
                "resolution",
                "survival from 0 to 0.5 and time from 0",
                f"survival {self.survival}, time {self.time}",
                "give a pixel's height as a fraction of the axis and its width in the time unit",
            )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class SurvivalCurve(BriefRepr):
    """Points of one arm's Kaplan-Meier curve as digitized.

    Parameters
    ----------
    time : array of float, shape (m,)
        Times in ``time_unit``, in any order; a little below 0 is a stray click.
    survival : array of float, shape (m,)
        Survival as fractions; both corners of a step may be given.
    time_unit : str
        The figure's own unit.
    resolution : Resolution or tuple or float or None
        How finely the points were read: a pixel's height as a fraction, with or without a pixel's
        width in time; ``None`` where it is to be estimated from the points.
    notes : tuple of str
        What a reader of files left out or took for granted.

    Raises
    ------
    CurveError
        If the points are no survival curve: shapes differ, a value is missing, a survival lies
        outside 0 to 1 by more than a slip of the hand (a percent axis, say).

    Examples
    --------
    >>> curve = SurvivalCurve(time=[0, 2, 5], survival=[1, 0.8, 0.6])
    >>> len(curve)
    3
    """

    time: FloatArray
    survival: FloatArray
    time_unit: str = "months"
    resolution: Resolution | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        time, survival = (_column(v, name) for v, name in ((self.time, "time"), (self.survival, "survival")))
        if time.shape != survival.shape:
            raise CurveError(
                "curve",
                "one survival per time",
                f"{time.size} times and {survival.size} survivals",
                "give both for each point",
            )
        if time.size < 1:
            raise CurveError("curve", "at least one point", "none", "digitize the curve's steps")
        if survival.max() > LARGEST_FRACTION:
            raise CurveError(
                "curve",
                "survival is a fraction from 0 to 1",
                f"{survival.max():g} at time {time[survival.argmax()]:g}",
                f"declare a percent axis ({option_name('y_unit', 'percent')}), or divide by 100",
                index=int(survival.argmax()),
            )
        if survival.min() < 1 - LARGEST_FRACTION:
            raise CurveError(
                "curve",
                "survival is a fraction from 0 to 1",
                f"{survival.min():g} at time {time[survival.argmin()]:g}",
                "check the calibration of the survival axis",
                index=int(survival.argmin()),
            )
        object.__setattr__(self, "time", read_only(time))
        object.__setattr__(self, "survival", read_only(survival))
        object.__setattr__(self, "resolution", _as_resolution(self.resolution))

    def __len__(self) -> int:
        return int(self.time.size)

    def at(self, times: npt.ArrayLike) -> FloatArray:
        """Return the step curve at ``times`` (any shape): the last point at or before each, else 1.

        Points out of order are put in order of time first, the lower of two at one time last.

        Examples
        --------
        >>> SurvivalCurve(time=[5, 0, 2], survival=[0.6, 1, 0.8]).at([1, 2, 6]).tolist()
        [1.0, 0.8, 0.6]
        """
        return self._stepped(times, "right")

    def before(self, times: npt.ArrayLike) -> FloatArray:
        """Return the step curve just before ``times``: S(t-)."""
        return self._stepped(times, "left")

    def _stepped(self, times: npt.ArrayLike, side: Literal["left", "right"]) -> FloatArray:
        time, survival = self.time, self.survival
        later, rise = np.diff(time), np.diff(survival)
        if ((later < 0) | ((later == 0) & (rise > 0))).any():
            order = np.lexsort((-survival, time))
            time, survival = time[order], survival[order]
        index = np.searchsorted(time, np.asarray(times, dtype=float), side=side)
        return np.concatenate([[1.0], survival])[index]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class StepCurve(SurvivalCurve):
    """The step curve behind points, as `survrecon.model.repair.repair_curve` makes it.

    Parameters
    ----------
    time : array of float, shape (m,)
        Times that rise strictly from 0.
    survival : array of float, shape (m,)
        Survival just after each time, a fraction that never rises.
    time_unit : str
        The figure's own unit.
    resolution : Resolution
        How finely the points were read.
    notes : tuple of str
        What a reader of files left out or took for granted.

    Raises
    ------
    CurveError
        If the points are no step curve: they do not start at time 0, are out of order, or rise.

    Examples
    --------
    >>> StepCurve(time=[0, 2, 5], survival=[1, 0.8, 0.6], resolution=0.001).before([2, 5]).tolist()
    [1.0, 0.8]
    """

    resolution: Resolution

    def __post_init__(self) -> None:
        SurvivalCurve.__post_init__(self)
        falls = self.time[0] == 0 and (np.diff(self.time) > 0).all() and (np.diff(self.survival) <= 0).all()
        if not falls or self.survival[0] > 1 or self.survival[-1] < 0:
            raise CurveError(
                "step curve",
                "times rise strictly from 0, and survival never rises",
                f"{len(self)} points from time {self.time[0]:g} with survival {self.survival[0]:g}",
                "make it of a SurvivalCurve with repair_curve, which says what it changes",
            )
        if self.resolution is None:
            raise CurveError("step curve", "a resolution", "none", "give a pixel's height as a fraction")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class RiskTable(BriefRepr):
    """The numbers at risk printed under a curve, for one arm.

    Parameters
    ----------
    time : array of float, shape (k,)
        Rising times in the curve's unit.
    at_risk : array of int, shape (k,)
        Patients at risk; never rising.
    convention : {"before", "after", "auto"}
        Whether ``at_risk`` counts patients with time >= t, time > t, or is to be found out.
    notes : tuple of str
        What a reader of files left out or took for granted.
    events : tuple of int or None
        Events from the start up to each column, None where they are not told; empty where they are told at none.
        Who fails at a column's very time is counted as ``convention`` says.

    Raises
    ------
    CurveError
        If a time does not rise, or a number is negative, not whole, beyond any trial's size, or rises.
    """

    time: FloatArray
    at_risk: IntArray
    convention: AtRiskConvention = AtRiskConvention.BEFORE
    notes: tuple[str, ...] = ()
    events: tuple[int | None, ...] = ()

    def __post_init__(self) -> None:
        time = _column(self.time, "risk table, time")
        counts = _column(self.at_risk, "risk table, number at risk")
        where = "risk table"
        if time.shape != counts.shape or time.size == 0:
            raise CurveError(
                where,
                "one number at risk per time",
                f"{time.size} times and {counts.size} numbers",
                "give both for each column",
            )
        _refuse_times(time, where)
        _refuse_counts(time, counts, where)
        _refuse_events(time, self.events)
        object.__setattr__(self, "time", read_only(time))
        object.__setattr__(self, "at_risk", read_only(counts.astype(np.int64)))
        try:
            object.__setattr__(self, "convention", AtRiskConvention(self.convention))
        except ValueError:
            known = ", ".join(AtRiskConvention)
            raise CurveError(where, f"the convention is one of {known}", repr(self.convention), "choose one") from None

    def __len__(self) -> int:
        return int(self.time.size)

    @property
    def total_events(self) -> int | None:
        """All events, where the last column tells them and nobody is at risk there any more."""
        return self.events[-1] if self.events and self.at_risk[-1] == 0 else None

    def at_columns(self, kept: BoolArray) -> RiskTable:
        """Return the table with some of its columns (k,) alone."""
        events = tuple(d for d, keep in zip(self.events, kept, strict=True) if keep) if self.events else ()
        return replace(self, time=self.time[kept], at_risk=self.at_risk[kept], events=events)


def _refuse_events(time: FloatArray, events: Sequence[int | None]) -> None:
    """Refuse events up to each column that are no counts, or fall."""
    where = "risk table, events so far"
    if events and len(events) != time.size:
        got = f"{len(events)} for {time.size} columns"
        raise CurveError(where, "one number for each column", got, "leave those empty that are not known")
    known = [(t, d) for t, d in zip(time.tolist(), events, strict=False) if d is not None]
    for (_, before), (t, d) in pairwise([(0.0, 0), *known]):
        if d < before or d != round(d):
            got = f"{before} events, then {d} up to time {t:g}"
            raise CurveError(where, "whole numbers that never fall", got, "correct the number, or leave it out")


def _refuse_times(time: FloatArray, where: str) -> None:
    """Refuse printed times that do not rise from 0."""
    if time[0] < 0 or (np.diff(time) <= 0).any():
        bad = 0 if time[0] < 0 else int(np.argmax(np.diff(time) <= 0)) + 1
        raise CurveError(
            where,
            "times rise from 0",
            f"time {time[bad]:g} out of order",
            "sort the columns and remove repeats",
            index=bad,
        )


def _refuse_counts(time: FloatArray, counts: FloatArray, where: str) -> None:
    """Refuse numbers at risk that are no counts, or rise."""
    wrong = (counts < 0) | (counts != np.round(counts)) | (counts > MOST_PATIENTS)
    if wrong.any():
        raise CurveError(
            where,
            f"whole numbers from 0 to {MOST_PATIENTS}",
            f"{counts[wrong][0]:g} at time {time[wrong][0]:g}",
            "correct the number",
            index=int(np.argmax(wrong)),
        )
    if (np.diff(counts) > 0).any():
        i = int(np.argmax(np.diff(counts) > 0)) + 1
        raise CurveError(
            where,
            "a number at risk never rises",
            f"{counts[i - 1]:.0f} at time {time[i - 1]:g}, then {counts[i]:.0f} at time {time[i]:g}",
            "look for a misread digit at either time; a row that rises steadily means late entry, "
            "which is not an ordinary Kaplan-Meier curve",
            index=i,
        )


def read_only(values: Any) -> Any:
    """Return a copy of an array that nobody can write to."""
    copy = np.array(values)
    copy.setflags(write=False)
    return copy


def _column(values: npt.ArrayLike, name: str) -> FloatArray:
    """Return ``values`` as a one-dimensional array of finite floats."""
    try:
        column = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise CurveError(name, "every value is a number", str(error), "remove text and empty cells") from None
    if column.ndim != 1:
        raise CurveError(name, "one value per point", f"an array of shape {column.shape}", "give a flat sequence")
    if not np.isfinite(column).all():
        row = int(np.argmin(np.isfinite(column)))
        raise CurveError(
            name, "every value is a finite number", f"{column[row]} in row {row + 1}", "fill or remove the row"
        )
    return column


def _as_resolution(value: Resolution | tuple[float, ...] | float | None) -> Resolution | None:
    """Accept a pixel's height alone, or its height and width."""
    if value is None or isinstance(value, Resolution):
        return value
    try:
        numbers = [float(part) for part in np.atleast_1d(np.asarray(value, dtype=float))]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) not in (1, 2):
        raise CurveError("resolution", "one or two numbers", repr(value), "give a pixel's height, and its width")
    return Resolution(survival=numbers[0], time=numbers[1] if len(numbers) > 1 else 0.0)
