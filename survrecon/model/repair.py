"""Turn digitized points into a valid step curve, recording every change.

`repair_curve` never deletes a drop: what looks like an outlier may be a visit at which many
patients were found to have progressed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from survrecon.arrays import monotone_fit
from survrecon.callers import option_name
from survrecon.errors import CurveError
from survrecon.model.curve import Repair, Resolution, StepCurve, SurvivalCurve
from survrecon.model.kaplan_meier import tied
from survrecon.model.settings import (
    ABOVE_ONE,
    COARSEST,
    EVEN_POINTS,
    EVEN_SPREAD,
    EXACT_GRID,
    LARGEST_RISE,
    LARGEST_STRAY,
    LATE_START,
    MARK_STRAY,
    NUMERICAL_NOISE,
    ON_GRID,
    ORIGIN_SLIP,
    REPEATED,
    TYPICAL_PIXEL,
)

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = ["MARK_STRAY", "estimate_resolution", "repair_curve", "to_survival_curve"]

_TIME_SLIP = 1 / 100  # of the time axis: six pixels of 600, which both corners of a last step may be off together
_ROUNDS = 3
_LANDMARK = "origin (0, 1) added: assumed flat before a start at 1, of a landmark analysis perhaps"


def to_survival_curve(
    time: npt.ArrayLike,
    survival: npt.ArrayLike,
    *,
    time_unit: str = "months",
    survival_unit: Literal["fraction", "percent"] = "fraction",
    one_minus_survival: bool = False,
    resolution: Resolution | tuple[float, ...] | float | None = None,
) -> SurvivalCurve:
    """Make a curve in fractions of survival from points in declared units, which are never guessed.

    Parameters
    ----------
    time : array of float, shape (m,)
        Times in ``time_unit``.
    survival : array of float, shape (m,)
        Survival, or with ``one_minus_survival`` cumulative incidence, in ``survival_unit``.
    time_unit : str
        The figure's own unit.
    survival_unit : {"fraction", "percent"}
        Unit of ``survival``.
    one_minus_survival : bool
        Whether the curve rises from 0: a curve of failures.
    resolution : Resolution or tuple or float or None
        How finely the points were read, survival as a fraction; ``None`` to estimate it.

    Raises
    ------
    CurveError
        If a declared unit does not fit the values, or the points are no curve.

    Examples
    --------
    >>> to_survival_curve([0, 3], [0, 20], survival_unit="percent", one_minus_survival=True).survival
    array([1. , 0.8])
    """
    values = np.asarray(survival, dtype=float)
    largest = float(np.nanmax(values, initial=0.0))
    if survival_unit == "percent":
        if largest <= 1:
            raise CurveError(
                "curve",
                "a percent axis reaches beyond 1",
                f"values of at most {largest:g}",
                f"declare fractions ({option_name('survival_unit', 'fraction')})",
            )
        values = values / 100
    elif largest > 1 + ABOVE_ONE:
        raise CurveError(
            "curve",
            "survival is a fraction from 0 to 1",
            f"values up to {largest:g}",
            f"declare a percent axis ({option_name('survival_unit', 'percent')})",
            index=int(np.nanargmax(values)),
        )
    if one_minus_survival:
        values = 1 - values
    return SurvivalCurve(
        time=np.asarray(time, dtype=float),
        survival=values,
        time_unit=time_unit,
        resolution=resolution,  # type: ignore[arg-type]  # the class accepts and converts all three
    )


def repair_curve(curve: SurvivalCurve) -> tuple[StepCurve, tuple[Repair, ...]]:
    """Return the step curve behind digitized points, and what was changed to get there.

    The result starts at time 0, its times rise strictly, its survival never does, and its resolution is set.
    Where both corners of a step were given, the lower one stays: survival just after the time.

    Parameters
    ----------
    curve : SurvivalCurve
        Points as digitized.

    Returns
    -------
    curve : StepCurve
        The step curve.
    repairs : tuple of Repair
        What was done, where, by how much; empty for a clean curve.

    Raises
    ------
    CurveError
        If a repair would be large: a sustained rise, a point far left of the origin, an origin farther away than
        the curve is long; if no point is after time 0.

    Examples
    --------
    >>> fixed, repairs = repair_curve(SurvivalCurve(time=[3, 1, 1, 2], survival=[0.7, 1, 0.9, 0.9]))
    >>> fixed.time, fixed.survival
    (array([0., 1., 2., 3.]), array([1. , 0.9, 0.9, 0.7]))
    >>> for repair in repairs:
    ...     print(repair)
    points put in order of time (3 of 4 points; by at most 2)
    origin (0, 1) added (before the first point, at time 1 with survival 1; by at most 1)
    """
    resolution = curve.resolution or estimate_resolution(curve)
    repairs: list[Repair] = []
    time, survival = _within_axes(curve, repairs)
    (time,) = tied(time)
    time, survival = _in_order(time, survival, repairs)
    _refuse_rising_curve(time, survival, resolution)
    survival = _corners_in_order(time, survival, repairs)
    time, survival = _from_origin(time, survival, resolution, repairs)
    survival = _never_rising(time, survival, curve.resolution, repairs)
    last_of_time = np.append(np.diff(time) > 0, True)
    fixed = StepCurve(
        time=time[last_of_time],
        survival=survival[last_of_time],
        time_unit=curve.time_unit,
        resolution=resolution,
        notes=curve.notes,
    )
    return fixed, tuple(repairs)


def _within_axes(curve: SurvivalCurve, repairs: list[Repair]) -> tuple[FloatArray, FloatArray]:
    """Move points that lie a little outside the axes onto them."""
    time, survival = curve.time, curve.survival
    if time.max() <= 0:
        raise CurveError("curve", "a point after time 0", "none", "digitize the curve, or look at its time axis")
    left, limit = float(-time.min()), LARGEST_STRAY * float(np.ptp(time))
    if left > limit:
        raise CurveError(
            "curve",
            "times start at 0",
            f"time {-left:g} at survival {survival[time.argmin()]:g}",
            "check the calibration of the time axis",
        )
    if left > 0:
        repairs.append(
            Repair(what="stray point left of the origin moved to time 0", where=_times(time[time < 0]), amount=left)
        )
    outside = np.maximum(survival - 1, -survival)
    if outside.max() > 0:
        where = _times(time[outside > 0])
        repairs.append(
            Repair(what="survival outside 0 to 1 moved to the limit", where=where, amount=float(outside.max()))
        )
    return np.maximum(time, 0.0), np.clip(survival, 0.0, 1.0)


def _in_order(time: FloatArray, survival: FloatArray, repairs: list[Repair]) -> tuple[FloatArray, FloatArray]:
    """Sort by time; of points at one time the higher comes first, as the corners of a step do."""
    back = -np.diff(time, prepend=time[0])
    if back.max() > 0:
        earlier = int((np.maximum.accumulate(time) > time).sum())
        largest = float((np.maximum.accumulate(time) - time).max())
        where = f"{earlier} of {time.size} points"
        repairs.append(Repair(what="points put in order of time", where=where, amount=largest))
    order = np.lexsort((-survival, time))
    return time[order], survival[order]


def _refuse_rising_curve(time: FloatArray, survival: FloatArray, resolution: Resolution) -> None:
    """Refuse a curve of failures, which rises throughout."""
    rise = float(survival[-1] - survival[0])
    only_rises = not (np.diff(survival) < 0).any() and rise > 3 * resolution.survival
    if rise > 0 and (survival[0] < 0.5 or only_rises):
        raise _sustained_rise(time[0], survival[0], time[-1], survival[-1])


def _corners_in_order(time: FloatArray, survival: FloatArray, repairs: list[Repair]) -> FloatArray:
    """Swap the corners of a step that a slip in time put in the wrong order.

    Such neighbours rise and lie much closer together than points do on average. Three points at the end of a
    curve, corners and last plateau, need as many rounds.
    """
    if time.size < 3:
        return survival
    gap = np.diff(time)
    close = gap < 0.5 * float(np.mean(gap))
    sorted_corners, moved = survival.copy(), np.zeros(gap.size, dtype=bool)
    for _ in range(_ROUNDS):
        first = np.flatnonzero(close & (np.diff(sorted_corners) > 0))
        first = first[np.diff(first, prepend=-2) > 1]  # in a round a point takes part in one swap only
        sorted_corners[first], sorted_corners[first + 1] = sorted_corners[first + 1], sorted_corners[first]
        moved[first] = True
    if moved.any():
        where, slip = _times(time[:-1][moved]), float(gap[moved].max())
        repairs.append(Repair(what="corners of a step put in order", where=where, amount=slip))
    return sorted_corners


def _from_origin(
    time: FloatArray, survival: FloatArray, resolution: Resolution, repairs: list[Repair]
) -> tuple[FloatArray, FloatArray]:
    """Add or move a point so that the curve starts at (0, 1)."""
    at_zero, start, length = int((time == 0).sum()), float(time[0]), float(np.ptp(time))
    if at_zero == 0 and start > length > 0:
        raise CurveError(
            "curve",
            "time from 0, the first point nearer to it than the curve is long",
            f"points from time {start:g} to {time[-1]:g}",
            "subtract the start, of calendar years, say; or give the point at time 0 with survival 1",
        )
    if at_zero == 0:
        where = f"before the first point, at time {start:.4g} with survival {survival[0]:.4g}"
        landmark = start > LATE_START * float(time[-1]) and survival[0] == 1 and (time.size < 2 or time[1] > start)
        what = _LANDMARK if landmark else "origin (0, 1) added"
        repairs.append(Repair(what=what, where=where, amount=start))
    elif survival[0] < 1 and 1 - survival[at_zero - 1] <= max(ORIGIN_SLIP, 2 * resolution.survival):
        amount = float(1 - survival[at_zero - 1])
        repairs.append(Repair(what="point beside the origin moved to (0, 1)", where="time 0", amount=amount))
        survival = np.where(time == 0, 1.0, survival)
    elif survival[0] < 1:
        amount = float(1 - survival[0])
        repairs.append(Repair(what="origin (0, 1) added above a drop at time 0", where="time 0", amount=amount))
    else:
        return time, survival
    return np.append(0.0, time), np.append(1.0, survival)


def _never_rising(
    time: FloatArray, survival: FloatArray, declared: Resolution | None, repairs: list[Repair]
) -> FloatArray:
    """Repair small rises by isotonic regression; refuse a sustained one.

    A rise is sustained if it lasts longer than a slip in time: within one, corners of steps may be in any order.
    """
    fitted = monotone_fit(survival, increasing=False)
    shift = np.abs(fitted - survival)
    if shift.max() == 0:
        return survival
    # How far each point lies above the lowest one that is earlier by more than a slip of the hand.
    slip = _TIME_SLIP * float(np.ptp(time))
    earlier = np.searchsorted(time, time - slip, side="right")  # points that lie at least a slip before each
    lowest = np.append(1.0, np.minimum.accumulate(survival))[earlier]
    high = int(np.argmax(survival - lowest))
    if survival[high] - lowest[high] > max(LARGEST_RISE, 6 * declared.survival if declared else 0.0):
        low = int(np.argmin(survival[: earlier[high]]))
        raise _sustained_rise(time[low], survival[low], time[high], survival[high])
    moved = shift > 0
    where = f"{int(moved.sum())} points from time {time[moved][0]:.4g} to {time[moved][-1]:.4g}"
    repairs.append(Repair(what="small rises levelled by isotonic regression", where=where, amount=float(shift.max())))
    return fitted


def _sustained_rise(start: float, low: float, end: float, high: float) -> CurveError:
    return CurveError(
        "curve",
        "survival never rises",
        f"a rise from {low:.3g} at time {start:.4g} to {high:.3g} at time {end:.4g}",
        f"declare a curve of failures ({option_name('one_minus_survival', True)}) if its axis shows 1 - S, "
        "drop that option if it shows S; else look for points of another arm",
    )


def _times(times: FloatArray, most: int = 5) -> str:
    """Name up to ``most`` times."""
    named = ", ".join(f"{t:.4g}" for t in times[:most])
    return f"time {named}" + (f" and {times.size - most} more" if times.size > most else "")


_TALLEST_PIXEL = 1 / 100
_PIXELS = range(1, 4)  # that the smallest step of a trace may be high
_DECIMALS = range(2, 7)  # one decimal alone is a round number, not a resolution


def estimate_resolution(curve: SurvivalCurve) -> Resolution:
    """Estimate from the points themselves how finely they were read.

    Survival: the grid that all values lie on (pixel rows, printed decimals), or twice the root mean square
    of what makes the points rise, whichever is coarser. Values that lie on no grid and never rise count as
    exact if they repeat from point to point, as a vector file's do, and as read to a pixel of an ordinary
    figure otherwise. Time: the spacing of the points where it is constant, as a tracer leaves it, else 0.
    """
    # Survival: the grid of the values, or the noise that makes neighbouring points rise.
    order = np.lexsort((-curve.survival, curve.time))
    time, survival = curve.time[order], curve.survival[order]
    grid = _grid(survival)
    shift = monotone_fit(survival, increasing=False) - survival
    noise = 2 * float(np.sqrt(np.mean(shift**2)))
    if grid is None and noise == 0:
        repeats = np.mean(np.diff(survival) == 0) if survival.size > 1 else 0.0
        grid = EXACT_GRID if repeats > REPEATED else TYPICAL_PIXEL
    # Time: the spacing of the points, where it is constant.
    spacing = np.diff(np.unique(time))
    even = spacing.size > EVEN_POINTS and np.ptp(spacing) < EVEN_SPREAD * spacing.mean()
    return Resolution(survival=min(max(grid or 0.0, noise), COARSEST), time=float(spacing.mean()) if even else 0.0)


def _grid(values: FloatArray) -> float | None:
    """Return the spacing of the grid that all values lie on, or ``None``."""
    steps = np.diff(np.unique(values))
    if steps.size == 0:
        return None
    smallest = float(steps[steps > NUMERICAL_NOISE].min(initial=np.inf))
    for pixels in _PIXELS:
        height = smallest / pixels
        if (
            height < _TALLEST_PIXEL
            and steps.size > 5
            and (np.abs(steps / height - np.round(steps / height)) < ON_GRID).all()
        ):
            return height
    for decimals in _DECIMALS:
        if np.allclose(values, np.round(values, decimals), rtol=0, atol=NUMERICAL_NOISE):
            return float(10**-decimals)
    return None
