"""How points were read: their grid, their noise, and what kind of points they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.convention import PointKind

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.model.curve import Resolution, SurvivalCurve

__all__ = ["Kind", "PointReading", "Points", "decreasing_fit", "grid_height", "ordered", "reading", "undecoded"]

_FINEST_NOISE = 1e-5
_LEAST_CLICK = 2e-4
_LINE_BIAS = 0.29  # sd, in pixels, of a shift shared by all points of a line: uniform over one pixel
_UNIFORM = 12**-0.5  # sd of rounding, in units of the grid
_BETWEEN_ROWS = 0.43  # sd, in rows, of what is read off a drawn line, where no rises are left to show it
_EVEN = 0.02  # relative spread of the gaps of a tracer's points
_MANY = 40  # points of an automatic trace, at least
_DECODABLE = 0.25  # rounding unit times patients below which steps can be told apart
_DECODABLE_DROPS = 1.0  # the same of points that are known to be drops: of several patients each, so few are possible
_EVENTS_A_DROP = 2.5  # mean events between landmarks, at least
_FEW = 60


class Kind(Enum):
    """What points are."""

    STEPS = auto()
    """Corners of steps, finely read: numbers at risk can be decoded from the heights."""
    DROPS = auto()
    """Times of steps as drawn, with survival too coarse to decode."""
    TRACE = auto()
    """One point a pixel column."""
    CLICKS = auto()
    """Points by hand, or landmarks: events fall between them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PointReading:
    """How the points of one arm were read.

    Parameters
    ----------
    kind : Kind
        What the points are.
    grid : float
        Spacing of the values, 0 where they lie on none.
    noise : float
        Standard deviation of a point; of clicks the least possible one, as only paths through them show it.
    bias : float
        Standard deviation of a shift that all points share.
    """

    kind: Kind
    grid: float
    noise: float
    bias: float

    def blurs(self, n: int) -> bool:
        """Return whether the step of one of ``n`` patients is less than a row, and may be taken for a shift."""
        return n * self.grid > 1


def reading(
    time: FloatArray,
    survival: FloatArray,
    n: int,
    resolution: Resolution | None,
    points: PointKind = PointKind.AUTO,
) -> PointReading:
    """Judge points (m,) in order of time by themselves, where it is not known what they are.

    A declared resolution is a lower limit of the noise.
    """
    grid = grid_height(survival)
    if points is PointKind.AUTO:
        kind = _kind(time, survival, n, grid)
    elif points is PointKind.STEPS:
        kind = Kind.STEPS if grid * n <= _DECODABLE_DROPS else Kind.DROPS
    else:
        kind = Kind.CLICKS
    declared = resolution.survival if resolution is not None else 0.0
    if kind is Kind.DROPS and _counts_patients(grid, n):
        kind, grid = Kind.STEPS, 0.0
    if kind is Kind.STEPS and declared * n > _DECODABLE:
        kind = Kind.DROPS
    if kind is Kind.STEPS:
        step = max(grid, 1e-6)
        return PointReading(kind=kind, grid=step, noise=max(step, declared) * _UNIFORM, bias=0.0)
    usual = _UNIFORM
    if kind is Kind.TRACE and grid == 0:  # of a picture, read between its rows and made to fall
        grid, usual = declared, _BETWEEN_ROWS
    least = _LEAST_CLICK if kind is Kind.CLICKS else max(_trace_noise(survival, grid), grid * usual)
    noise = max(least, declared * _UNIFORM)
    return PointReading(kind=kind, grid=grid, noise=noise, bias=_LINE_BIAS * grid if kind is Kind.TRACE else 0.0)


def grid_height(values: FloatArray) -> float:
    """Return the unit of which all values are multiples, or 0."""
    for decimals in range(1, 7):
        scaled = values * 10.0**decimals
        whole = np.round(scaled)
        if np.abs(scaled - whole).max() < 1e-6 * 10.0 ** max(decimals - 3, 0):
            return float(max(np.gcd.reduce(whole.astype(np.int64)), 1) * 10.0**-decimals)
    return _row_height(values)


def decreasing_fit(values: FloatArray) -> FloatArray:
    """Return the closest sequence, in least squares, that never rises."""
    if not (np.diff(values) > 0).any():
        return values
    from scipy.optimize import isotonic_regression

    return np.asarray(isotonic_regression(values, increasing=False).x, dtype=float)


def _row_height(values: FloatArray) -> float:
    """Return the height of a pixel row whose multiples were printed with more decimals than it has, or 0."""
    gaps = np.diff(np.unique(np.round(values, 9)))
    if gaps.size < 6 or gaps.min() < 5e-4:
        return 0.0
    units = gaps / gaps.min()
    return float(gaps.min()) if (np.abs(units - np.round(units)) < 0.05).all() else 0.0


def _kind(time: FloatArray, survival: FloatArray, n: int, grid: float) -> Kind:
    gaps = np.diff(np.unique(time))
    rises = bool((np.diff(survival) > max(grid / 2, 1e-9)).any())
    corners = bool((np.diff(time) == 0).any())
    even = gaps.size > _MANY and float(np.ptp(gaps)) < _EVEN * float(gaps.mean())
    if even and not corners:
        return Kind.TRACE
    if rises:
        return Kind.CLICKS
    levels = survival[np.diff(np.append(1.0, survival)) < 0]
    early = levels[: -(-levels.size // 2)]  # while few are censored a fall of 1 / n is an event
    if not corners and 0 < levels.size < _FEW and n * (1 - early[-1]) > _EVENTS_A_DROP * early.size:
        return Kind.CLICKS
    return _finely_read(n, grid)


def _finely_read(n: int, grid: float) -> Kind:
    return Kind.STEPS if grid * n <= _DECODABLE else Kind.DROPS


def _counts_patients(grid: float, n: int) -> bool:
    """Whether levels are multiples of 1 / n because nobody was censored, and not of a decimal or a pixel row."""
    decimal = abs(np.log10(grid) - round(np.log10(grid))) < 1e-9 if 0 < grid < 1 else False
    return bool(grid > 0 and not decimal and grid * n >= 1 - 1e-6 and abs(grid * n - round(grid * n)) < 1e-6 * n)


def _trace_noise(survival: FloatArray, grid: float) -> float:
    """Estimate the standard deviation of a point.

    Neighbours on a plateau differ by noise alone and rise as often as they fall, while drops add to the
    falls only: so noise is read from the rises.
    """
    inside = survival[(survival < 1 - grid / 2) & (survival > grid / 2)]
    change = np.diff(inside)
    rises = change[change > grid / 4]
    level = int((np.abs(change) <= grid / 4).sum())
    found = float(np.sqrt((rises**2).sum() / (2 * (rises.size + 0.5 * level)))) if rises.size else 0.0
    return max(found, _FINEST_NOISE)


_FEWEST_COLUMNS, _MOST_COLUMNS = 100, 4000  # of pixels in a figure's time axis
_MOST_DECODED = 3000  # steps: of more, and of so many patients, no path is found that meets all of them
_MOST_DROPS = 1000  # levels that are followed one by one where they are not decoded
_EVEN_COLUMNS = 500  # that more of them are followed in
_ROW_OF_PATIENTS = 7.0  # height of the rows that such columns are taken to be read in


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Points:
    """Points in order of time, within the axes, and how they were read.

    ``joined`` are steps that were too many to be followed one by one: here they are columns.
    """

    time: FloatArray
    survival: FloatArray
    read: PointReading
    joined: bool = False


def ordered(curve: SurvivalCurve, n: int, points: PointKind = PointKind.AUTO) -> Points:
    """Return the points (m,) of an arm of ``n`` patients; steps of a picture that cannot be told apart by columns."""
    order = np.lexsort((-curve.survival, curve.time))
    time, survival = np.maximum(curve.time[order], 0.0), np.clip(curve.survival[order], 0.0, 1.0)
    read = reading(time, survival, n, curve.resolution, points)
    if read.kind is Kind.DROPS and curve.resolution is not None:
        columns = _columns(time, survival, curve.resolution.time)
        if columns is not None:
            time, survival = columns
            read = reading(time, survival, n, curve.resolution)
    found = Points(time=time, survival=survival, read=read)
    decoded = read.kind is Kind.STEPS and np.unique(survival).size <= _MOST_DECODED
    return found if decoded else undecoded(found, n)


def undecoded(points: Points, n: int) -> Points:
    """Return steps as they are followed where they are not decoded: one by one, or many of them in even columns.

    Of tens of thousands of patients a step is less than its rounding, and errors of single steps add up, while a curve
    over a column is known well: to a few patients, more would tell nothing but hold paths too narrowly.
    """
    if points.read.kind not in (Kind.STEPS, Kind.DROPS):
        return points
    columns = None
    if np.unique(points.survival).size > _MOST_DROPS:
        columns = _columns(points.time, points.survival, float(points.time[-1]) / _EVEN_COLUMNS)
    if columns is None:
        return replace(points, read=replace(points.read, kind=Kind.DROPS))
    row = max(points.read.grid, _ROW_OF_PATIENTS / n)
    read = PointReading(kind=Kind.TRACE, grid=row, noise=row * _UNIFORM, bias=0.0)
    return Points(time=columns[0], survival=columns[1], read=read, joined=True)


def _columns(time: FloatArray, survival: FloatArray, width: float | None) -> tuple[FloatArray, FloatArray] | None:
    """Return a step curve one point a pixel column, or None where the figure is no picture.

    Steps of several patients, and neighbours that the pixels ran together, are no events one by one: followed
    column by column they may be any events that give the same fall.
    """
    if not width or not _FEWEST_COLUMNS <= time[-1] / width <= _MOST_COLUMNS:
        return None
    at = np.arange(0.0, float(time[-1]), width)
    level = np.minimum.accumulate(np.append(1.0, survival))[np.searchsorted(time, at, side="right")]
    return at, level
