"""How points were read: their grid, their noise, and what kind of points they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.convention import CurveDetail, PointKind
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS, ReadingModel
from survrecon.reconstruction.statespace.settings import COLUMNS, GRID, GUARDS

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.model.curve import Resolution, SurvivalCurve

__all__ = [
    "CurveDetail",
    "PointReading",
    "Points",
    "grid_height",
    "is_landmarks",
    "judge_reading",
    "points_for_sampling",
    "points_in_order",
]

_BASE = 10.0  # of decimals
_ROUNDING_SD = 12**-0.5  # sd of rounding, in units of the grid


@dataclass(frozen=True, kw_only=True, slots=True)
class PointReading:
    """How the points of one arm were read.

    Parameters
    ----------
    detail : CurveDetail
        How finely the points tell the curve, which says how they are followed.
    grid : float
        Spacing of the values, 0 where they lie on none.
    noise : float
        Standard deviation of a point; of clicks the least possible one, as only paths through them show it.
    bias : float
        Standard deviation of a shift that all points share.
    """

    detail: CurveDetail
    grid: float
    noise: float
    bias: float

    def blurs(self, n: int) -> bool:
        """Return whether the step of one of ``n`` patients is less than a row, and may be taken for a shift."""
        return n * self.grid > 1


def judge_reading(
    time: FloatArray,
    survival: FloatArray,
    n: int,
    resolution: Resolution | None,
    points: PointKind = PointKind.AUTO,
    model: ReadingModel = DEFAULT_PRIORS.reading,
) -> PointReading:
    """Judge points (m,) in order of time by themselves, where it is not known what they are.

    A declared resolution is a lower limit of the noise.
    """
    grid = grid_height(survival)
    if points is PointKind.AUTO:
        detail = _detail_of(time, survival, n, grid, model)
    elif points is PointKind.STEPS:
        detail = CurveDetail.STEPS if grid * n <= model.decodable_drops else CurveDetail.DROPS
    else:
        detail = CurveDetail.CLICKS
    declared = resolution.survival if resolution is not None else 0.0
    if detail is CurveDetail.DROPS and _counts_patients(grid, n):
        detail, grid = CurveDetail.STEPS, 0.0
    if detail is CurveDetail.STEPS and declared * n > model.decodable:
        detail = CurveDetail.DROPS
    if detail is CurveDetail.STEPS:
        step = max(grid, GRID.whole)
        return PointReading(detail=detail, grid=step, noise=max(step, declared) * _ROUNDING_SD, bias=0.0)
    usual = _ROUNDING_SD
    if detail is CurveDetail.TRACE and grid == 0:  # of a picture, read between its rows and made to fall
        grid, usual = declared, model.between_rows
    found = max(_trace_noise(survival, grid), model.finest_noise)
    least = model.least_click if detail is CurveDetail.CLICKS else max(found, grid * usual)
    noise = max(least, declared * _ROUNDING_SD)
    return PointReading(
        detail=detail, grid=grid, noise=noise, bias=model.line_shift * grid if detail is CurveDetail.TRACE else 0.0
    )


def grid_height(values: FloatArray) -> float:
    """Return the unit of which all values are multiples, or 0."""
    for decimals in range(1, GRID.decimals + 1):
        scaled = values * _BASE**decimals
        whole = np.round(scaled)
        if np.abs(scaled - whole).max() < GRID.whole * _BASE ** max(decimals - 3, 0):
            return float(max(np.gcd.reduce(whole.astype(np.int64)), 1) * _BASE**-decimals)
    return _row_height(values)


def _row_height(values: FloatArray) -> float:
    """Return the height of a pixel row whose multiples were printed with more decimals than it has, or 0."""
    gaps = np.diff(np.unique(np.round(values, 9)))
    if gaps.size < GRID.fewest_levels or gaps.min() < GRID.lowest_row:
        return 0.0
    units = gaps / gaps.min()
    return float(gaps.min()) if (np.abs(units - np.round(units)) < GRID.off_row).all() else 0.0


def _detail_of(time: FloatArray, survival: FloatArray, n: int, grid: float, model: ReadingModel) -> CurveDetail:
    gaps = np.diff(np.unique(time))
    rises = bool((np.diff(survival) > max(grid / 2, GUARDS.small)).any())
    corners = bool((np.diff(time) == 0).any())
    even = gaps.size > model.fewest_columns and float(np.ptp(gaps)) < model.even_gaps * float(gaps.mean())
    if even and not corners:
        return CurveDetail.TRACE
    if rises:
        return CurveDetail.CLICKS
    levels = survival[np.diff(np.append(1.0, survival)) < 0]
    early = levels[: -(-levels.size // 2)]  # while few are censored a fall of 1 / n is an event
    few = 0 < levels.size < model.few_drops
    if not corners and few and n * (1 - early[-1]) > model.events_a_drop * early.size:
        return CurveDetail.CLICKS
    return CurveDetail.STEPS if grid * n <= model.decodable else CurveDetail.DROPS


def is_landmarks(points: SurvivalCurve, fixed: SurvivalCurve, n: int, model: ReadingModel) -> bool:
    """Return whether points are landmarks rather than steps.

    They are few, each stands for several events, and survival falls from nearly every point to the next: a
    curve of true steps, at visits say, also shows the plateaus between them.

    Parameters
    ----------
    points, fixed : SurvivalCurve
        As digitized, and repaired.
    n : int
        Number of patients.
    model : ReadingModel
        How points are judged.
    """
    drops = int(np.count_nonzero(np.diff(fixed.survival) < 0))
    if not 0 < drops < model.few_landmarks or n * (1 - fixed.survival[-1]) < model.events_a_drop * drops:
        return False
    survival = points.survival[np.lexsort((-points.survival, points.time))]
    margin = fixed.resolution.survival if fixed.resolution else 0.0
    return survival.size < 3 or float(np.mean(-np.diff(survival) > margin / 2)) >= model.landmark_falls


def _counts_patients(grid: float, n: int) -> bool:
    """Whether levels are multiples of 1 / n because nobody was censored, and not of a decimal or a pixel row."""
    decimal = abs(np.log10(grid) - round(np.log10(grid))) < GUARDS.small if 0 < grid < 1 else False
    return bool(
        grid > 0 and not decimal and grid * n >= 1 - GRID.whole and abs(grid * n - round(grid * n)) < GRID.whole * n
    )


def _trace_noise(survival: FloatArray, grid: float) -> float:
    """Estimate the standard deviation of a point.

    Neighbours on a plateau differ by noise alone and rise as often as they fall, while drops add to the
    falls only: so noise is read from the rises.
    """
    inside = survival[(survival < 1 - grid / 2) & (survival > grid / 2)]
    change = np.diff(inside)
    rises = change[change > grid / 4]
    level = int((np.abs(change) <= grid / 4).sum())
    return float(np.sqrt((rises**2).sum() / (2 * (rises.size + 0.5 * level)))) if rises.size else 0.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Points:
    """Points in order of time, within the axes, and how they were read.

    ``joined`` are steps that were too many to be followed one by one: here they are columns.
    """

    time: FloatArray
    survival: FloatArray
    read: PointReading
    in_columns: bool = False


def points_in_order(
    curve: SurvivalCurve, n: int, points: PointKind = PointKind.AUTO, model: ReadingModel = DEFAULT_PRIORS.reading
) -> Points:
    """Return the points (m,) of an arm of ``n`` patients; steps of a picture that cannot be told apart by columns."""
    order = np.lexsort((-curve.survival, curve.time))
    time, survival = np.maximum(curve.time[order], 0.0), np.clip(curve.survival[order], 0.0, 1.0)
    read = judge_reading(time, survival, n, curve.resolution, points, model)
    if read.detail is CurveDetail.DROPS and curve.resolution is not None:
        columns = _columns(time, survival, curve.resolution.time)
        if columns is not None:
            time, survival = columns
            read = judge_reading(time, survival, n, curve.resolution, model=model)
    found = Points(time=time, survival=survival, read=read)
    decoded = read.detail is CurveDetail.STEPS and np.unique(survival).size <= COLUMNS.most_decoded
    return found if decoded else points_for_sampling(found, n)


def points_for_sampling(points: Points, n: int) -> Points:
    """Return steps as they are followed where they are not decoded: one by one, or many of them in even columns.

    Of tens of thousands of patients a step is less than its rounding, and errors of single steps add up, while a curve
    over a column is known well: to a few patients, more would tell nothing but hold paths too narrowly.
    """
    if points.read.detail not in (CurveDetail.STEPS, CurveDetail.DROPS):
        return points
    columns = None
    if np.unique(points.survival).size > COLUMNS.most_drops:
        columns = _columns(points.time, points.survival, float(points.time[-1]) / COLUMNS.even)
    if columns is None:
        return replace(points, read=replace(points.read, detail=CurveDetail.DROPS))
    row = max(points.read.grid, COLUMNS.row_of_patients / n)
    read = PointReading(detail=CurveDetail.TRACE, grid=row, noise=row * _ROUNDING_SD, bias=0.0)
    return Points(time=columns[0], survival=columns[1], read=read, in_columns=True)


def _columns(time: FloatArray, survival: FloatArray, width: float | None) -> tuple[FloatArray, FloatArray] | None:
    """Return a step curve one point a pixel column, or None where the figure is no picture.

    Steps of several patients, and neighbours that the pixels ran together, are no events one by one: followed
    column by column they may be any events that give the same fall.
    """
    if not width or not COLUMNS.fewest <= time[-1] / width <= COLUMNS.most:
        return None
    at = np.arange(0.0, float(time[-1]), width)
    level = np.minimum.accumulate(np.append(1.0, survival))[np.searchsorted(time, at, side="right")]
    return at, level
