"""Times that a figure does not tell apart: steps of several arms in one place, marks and ends at a step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.raster.settings import TIED
from survrecon.digitizing.result import CountSource, DigitizedArm, DigitizedRiskTable
from survrecon.errors import CurveError, DigitizingError
from survrecon.files.points import read_risk_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from survrecon.arrays import FloatArray
    from survrecon.digitizing.options import Options

__all__ = ["at_the_same_times", "of_patients", "stated_table", "whole_steps", "with_stated_counts"]


def at_the_same_times(arms: Sequence[DigitizedArm], column: float) -> tuple[DigitizedArm, ...]:
    """Return arms whose events and censorings in one place have one time.

    Whether a patient censored at another's event was still at risk then, and which of two events came first, would
    otherwise hang on hundredths of a pixel. Tied, they count as the Kaplan-Meier estimate and Cox's model count ties.

    Parameters
    ----------
    arms : sequence of DigitizedArm
        The arms of one panel.
    column : float
        Width of a pixel in units of time.
    """
    strokes = [_strokes(a) for a in arms]
    times = np.unique(np.concatenate(strokes)) if strokes else np.zeros(0)
    if not len(times):
        return tuple(arms)
    group = np.cumsum(np.concatenate([[True], np.diff(times) > TIED.strokes * column])) - 1
    mean = np.bincount(group, times) / np.bincount(group)
    out = []
    for arm, own in zip(arms, strokes, strict=True):
        time = np.where(
            np.isin(arm.time, own), mean[group[np.searchsorted(times, arm.time).clip(0, len(times) - 1)]], arm.time
        )
        if len(time) > 1 and arm.time[-1] not in own:
            time[-1] = max(_nearest(arm.time[-1:], mean, TIED.mark * column)[0], time[-2])
        marks = arm.censor_times
        out.append(
            replace(
                arm,
                time=np.maximum.accumulate(time),
                censor_times=None if marks is None else np.sort(_nearest(np.asarray(marks), mean, TIED.mark * column)),
            )
        )
    return tuple(out)


def _strokes(arm: DigitizedArm) -> FloatArray:
    """Return the times at which a curve falls."""
    return np.asarray(arm.time[1:][np.diff(arm.survival) < 0], float)


def _nearest(at: FloatArray, times: FloatArray, reach: float) -> FloatArray:
    """Return the nearest of ``times`` where it lies within reach, else the time itself."""
    if not len(at):
        return at
    near = times[np.abs(at[:, None] - times[None]).argmin(axis=1)]
    return np.where(np.abs(near - at) <= reach, near, at)


_MARGIN = 0.5  # pixels by which a level may be off


def with_stated_counts(
    arms: Sequence[DigitizedArm], read: DigitizedRiskTable | None, options: Options
) -> tuple[tuple[DigitizedArm, ...], DigitizedRiskTable | None]:
    """Return arms with the stated numbers of patients, and the numbers at risk that hold: stated before read.

    Of those read, none is larger than a stated number of patients.

    Raises
    ------
    DigitizingError
        If the stated numbers at risk cannot be read.
    """
    sizes = {arm.name: int(options.n[arm.name]) for arm in arms if arm.name in options.n}
    if options.risk_table is not None:
        read = stated_table(options.risk_table, [arm.name for arm in arms])
        first = {name: row[0] for name, row in read.rows.items() if read.times[0] == 0}
        sizes = {name: count for name, count in first.items() if count is not None} | sizes
    elif read is not None:
        rows = {
            name: tuple(None if c is None or c > sizes.get(name, c) else c for c in row)
            for name, row in read.rows.items()
        }
        read = replace(read, rows=rows)
    return tuple(replace(a, n=sizes[a.name], n_source=CountSource.GIVEN) if a.name in sizes else a for a in arms), read


def stated_table(path: str | Path, names: list[str]) -> DigitizedRiskTable:
    """Return numbers at risk from a file, by arm.

    Raises
    ------
    DigitizingError
        If they cannot be read.
    """
    try:
        tables = read_risk_table(path, arms=names)
    except CurveError as error:
        raise DigitizingError(error.where, error.rule, error.got, error.advice) from None
    times = sorted({time for table in tables.values() for time in table.time.tolist()})
    counts = {name: dict(zip(t.time.tolist(), t.at_risk.tolist(), strict=True)) for name, t in tables.items()}
    return DigitizedRiskTable(
        times=np.array(times),
        rows={name: tuple(found.get(time) for time in times) for name, found in counts.items()},
        confidence={name: (1.0,) * len(times) for name in counts},
    )


def of_patients(arm: DigitizedArm, table: DigitizedRiskTable | None, *, pixel: float, column: float) -> DigitizedArm:
    """Return an arm whose drops are not lower than a patient's, where the number of patients is known."""
    if arm.n is None or arm.n < 1:  # a first cell may be read as 0
        return arm
    cells = () if table is None else zip(table.times, table.rows.get(arm.name, ()), strict=False)
    known = [(float(t), float(count)) for t, count in cells if count is not None]
    printed = (np.array([t for t, _ in known]), np.array([count for _, count in known])) if known else None
    time, survival = whole_steps(arm.time, arm.survival, arm.n, pixel=pixel, column=column, printed=printed)
    return replace(arm, time=time, survival=survival)


def whole_steps(
    time: FloatArray,
    survival: FloatArray,
    n: int,
    *,
    pixel: float,
    column: float,
    printed: tuple[FloatArray, FloatArray] | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Join drops that are too low to be a patient's.

    With n at risk of N, survival is at least n/N, as patients are censored as well as lost to events. An event
    lowers it by 1/n of itself, so by at least 1/N. A lower drop is part of a step beside it, or noise. After a
    printed number at risk no more than that are at risk, and a drop is the higher.

    Parameters
    ----------
    time, survival : numpy.ndarray, shape (m,)
        Corners: each level holds from its time on.
    n : int
        Patients in the arm, N.
    pixel, column : float
        Height and width of a pixel in units of survival and time.
    printed : tuple of numpy.ndarray or None
        Times and printed numbers at risk.

    Returns
    -------
    tuple of time, survival
        The same with low drops joined; the last corner stays.

    Examples
    --------
    >>> import numpy as np
    >>> t, s = whole_steps(np.array([0, 4, 4.5, 9]), np.array([1, 0.96, 0.9, 0.9]), 10, pixel=0.002, column=0.1)
    >>> t.tolist(), s.tolist()
    ([0.0, 4.3, 9.0], [1.0, 0.9, 0.9])
    """
    drop = np.flatnonzero(np.diff(survival) < 0) + 1
    if min(TIED.step_share / n, 1.0 / n - _MARGIN * pixel) <= 0 or not len(drop):
        return np.asarray(time, float), np.asarray(survival, float)
    at, level, end = time[drop].tolist(), [float(survival[0]), *survival[drop].tolist()], float(time[-1])
    while at:
        height = -np.diff(level)
        whole = np.array(level[:-1]) / _most_at_risk(np.array(at), n, printed, column)
        least = np.minimum(TIED.step_share * whole, whole - _MARGIN * pixel)
        short = np.where(least > 0, height / np.maximum(least, TIED.least_step), np.inf)
        k = int(short.argmin())
        if short[k] >= 1.0:
            break
        sides = [(abs(at[j] - at[k]), j) for j in (k - 1, k + 1) if 0 <= j < len(at)]
        gap, j = min(sides, default=(np.inf, k))
        first = min(j, k)
        if gap <= TIED.near_steps * column:  # one step of two: the level between goes, the area stays
            total = level[first] - level[first + 2]
            share = (level[first] - level[first + 1]) / total if total > 0 else 0.5
            at[first] = share * at[first] + (1 - share) * at[first + 1]
            del at[first + 1], level[first + 1]
            continue
        before = at[k] - (at[k - 1] if k else float(time[0])) + TIED.least_time
        after = (at[k + 1] if k + 1 < len(at) else end) - at[k] + TIED.least_time
        if k > 0:
            level[k] = (before * level[k] + after * level[k + 1]) / (before + after)
        del at[k], level[k + 1]
    return np.array([float(time[0]), *at, end]), np.array([*level, level[-1]])


def _most_at_risk(at: FloatArray, n: int, printed: tuple[FloatArray, FloatArray] | None, column: float) -> FloatArray:
    """Return the most patients that can be at risk at each step: those printed last, less a patient a step since."""
    since = np.arange(len(at))
    most = n - since.astype(float)
    if printed is not None:
        for time, count in zip(*printed, strict=True):
            later = at > time + 2 * column
            if later.any():
                most[later] = np.minimum(most[later], count - (since[later] - int(since[later][0])))
    return np.asarray(np.maximum(most, 1.0), float)
