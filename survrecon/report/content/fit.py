"""Curves, bands, printed points and numbers at risk that a figure shows, and how well the patients fit them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.curve import AtRiskConvention
from survrecon.model.estimate import USUAL_LEVEL
from survrecon.model.published import Bound, PublishedFact, Quantity
from survrecon.model.repair import repair_curve
from survrecon.records.schema import SourceKind
from survrecon.report.settings import CURVES

if TYPE_CHECKING:
    from survrecon.analysis.results import ArmSummary
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.checks.results import RecordResult
    from survrecon.model.curve import SurvivalCurve
    from survrecon.model.ipd import PseudoIPD

__all__ = [
    "Band",
    "PrintedPoint",
    "Residuals",
    "RiskCell",
    "band",
    "convention_of",
    "last_time",
    "points_beside_curves",
    "printed_risk",
    "residuals",
    "risk_cells",
    "risk_range",
    "tick_times",
]

_STEPS = {
    "days": (1, 2, 5, 10, 30, 60, 90, 180, 360, 720),
    "weeks": (1, 2, 4, 8, 13, 26, 52, 104),
    "months": (0.5, 1, 2, 3, 6, 12, 24, 36, 60),
    "years": (0.5, 1, 2, 5, 10),
}
_MOST_TICKS = 9
_MOST_PRINTED_TICKS = 13


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Band:
    """Pointwise range of the draws' curves, ``low`` and ``high`` (m,) from each ``time`` (m,) on."""

    time: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedPoint:
    """A printed probability or median as a point, with its printed interval or else its rounding."""

    time: float
    survival: float
    bar: tuple[float, float]
    is_median: bool
    is_interval: bool


def points_beside_curves(result: RecordResult, arm: str) -> list[PrintedPoint]:
    """Return an arm's printed survival probabilities and median, in order of time."""
    document = result.record.document
    facts = [fact for fact in document.facts if fact.arm == arm and fact.quantity.definition.is_point]
    facts.sort(key=lambda fact: fact.at is None)
    points = [_printed_point(fact) for fact in facts if fact.number is not None and fact.bound is Bound.EXACT]
    return sorted(points, key=lambda point: point.time)


def last_time(result: RecordResult, arm: ArmSummary) -> float:
    """Return where an arm's curve ends: the last printed point of a summary, else the end of follow-up."""
    if result.record.kind is SourceKind.SUMMARY:
        return max((point.time for point in points_beside_curves(result, arm.name)), default=0.0)
    end = float(max(arm.central.time.max(), *(draw.time.max() for draw in arm.draws[:1])))
    limits, curve = result.record.document.axes.time_range, result.record.curves.get(arm.name)
    if limits is None:
        return end
    drawn = 0.0 if curve is None else float(curve.time.max())  # a curve may run on past the last tick
    return min(end, max(limits[1], drawn))


def band(draws: tuple[PseudoIPD, ...], end: float, *, level: float = USUAL_LEVEL, steps: int = 240) -> Band:
    """Return the pointwise range of the draws' Kaplan-Meier curves up to ``end``.

    Parameters
    ----------
    draws : tuple of PseudoIPD, length k
        Data sets that all agree with the input.
    end : float
        Last time shown.
    level : float
        Share of the draws inside.
    steps : int
        Times at which the range is taken.
    """
    times = np.linspace(0, end, steps)
    curves = np.stack([draw.survival_at(times) for draw in draws])
    low, high = np.quantile(curves, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Band(time=times, low=low, high=high)


def printed_risk(result: RecordResult, arm: str, times: FloatArray) -> list[str] | None:
    """Return the printed numbers at risk at ``times``, empty where none is printed; ``None`` without a table."""
    table = result.record.risk_tables.get(arm)
    if table is None:
        return None
    printed = dict(zip(table.time.tolist(), table.at_risk.tolist(), strict=True))
    return [str(printed.get(float(time), "")) for time in times]


def convention_of(result: RecordResult, arm: ArmSummary) -> AtRiskConvention:
    """Return which patients an arm's printed numbers at risk count, so that the rebuilt ones count the same."""
    table = result.record.risk_tables.get(arm.name)
    if table is None:
        return AtRiskConvention.BEFORE
    if table.convention is not AtRiskConvention.AUTO:
        return table.convention
    both = (AtRiskConvention.BEFORE, AtRiskConvention.AFTER)
    return min(both, key=lambda convention: (arm.central.at_risk(table.time, convention) != table.at_risk).sum())


def risk_range(
    arm: ArmSummary, times: FloatArray, convention: AtRiskConvention = AtRiskConvention.BEFORE
) -> tuple[IntArray, IntArray, IntArray]:
    """Return the central numbers at risk at ``times``, and the lowest and highest over the draws."""
    drawn = np.stack([draw.at_risk(times, convention) for draw in arm.draws or (arm.central,)])
    return arm.central.at_risk(times, convention), drawn.min(axis=0), drawn.max(axis=0)


def tick_times(result: RecordResult, end: float) -> FloatArray:
    """Return the times under the axis: those of a printed risk table, else round ones."""
    tables = list(result.record.risk_tables.values())
    if tables:
        times = np.unique(np.concatenate([table.time for table in tables]))
        times = times[times <= end * CURVES.tick_slack]
        if 2 <= times.size <= _MOST_PRINTED_TICKS:
            return np.asarray(times, dtype=float)
    steps = _STEPS[result.record.document.axes.time_unit]
    step = next((step for step in steps if end / step <= _MOST_TICKS), end / 8)
    return np.arange(0, end * CURVES.tick_slack, step)


def _printed_point(fact: PublishedFact) -> PrintedPoint:
    value, printed = float(fact.number or 0.0), fact.interval
    is_interval = printed is not None and printed.low is not None and printed.high is not None
    bar = (value - fact.rounding, value + fact.rounding)
    if printed is not None and printed.low is not None and printed.high is not None:
        bar = (printed.low, printed.high)
    is_median = fact.quantity is Quantity.MEDIAN
    if is_median and printed is not None and printed.low is not None and printed.high is None:
        is_interval, bar = True, (printed.low, np.inf)  # printed as not reached
    time, survival = (value, 0.5) if is_median else (float(fact.at or 0.0), value)
    return PrintedPoint(time=time, survival=survival, bar=bar, is_median=is_median, is_interval=is_interval)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Residuals:
    """Rebuilt minus read survival of one arm, at every point that was read.

    Parameters
    ----------
    arm : str
        The arm's name.
    time, difference : array of float, shape (m,)
        Times of the points after repair, and rebuilt minus read survival there, fractions; within the time that the
        figure tells apart, the nearest.
    resolution : float
        How finely the curve was read.
    """

    arm: str
    time: FloatArray
    difference: FloatArray
    resolution: float

    @property
    def largest(self) -> float:
        """Largest absolute difference."""
        return float(np.abs(self.difference).max())

    @property
    def largest_at(self) -> float:
        """Time of the largest absolute difference."""
        return float(self.time[np.abs(self.difference).argmax()])

    @property
    def root_mean_square(self) -> float:
        """Root mean square over the points."""
        return float(np.sqrt(np.mean(self.difference**2)))


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskCell:
    """One printed number at risk and the rebuilt one: of the most central data set, and its range over draws."""

    arm: str
    time: float
    printed: int
    rebuilt: int
    lowest: int
    highest: int

    @property
    def difference(self) -> int:
        """Rebuilt less printed."""
        return self.rebuilt - self.printed


def residuals(result: RecordResult) -> tuple[Residuals, ...]:
    """Return the residuals of every arm with a curve; none for curves that were not read from a figure."""
    if result.record.kind is SourceKind.SUMMARY:
        return ()
    curves = result.record.curves
    return tuple(_residuals(arm, curves[arm.name]) for arm in result.arms if arm.name in curves)


def risk_cells(result: RecordResult) -> tuple[RiskCell, ...]:
    """Return every printed number at risk beside the rebuilt one, arm by arm, in order of time."""
    return tuple(cell for arm in result.arms for cell in _risk_cells(result, arm))


def _residuals(arm: ArmSummary, curve: SurvivalCurve) -> Residuals:
    steps, _ = repair_curve(curve)
    return Residuals(
        arm=arm.name,
        time=steps.time,
        difference=arm.central.residuals_from(steps),
        resolution=0.0 if steps.resolution is None else steps.resolution.survival,
    )


def _risk_cells(result: RecordResult, arm: ArmSummary) -> list[RiskCell]:
    table = result.record.risk_tables.get(arm.name)
    if table is None:
        return []
    central, low, high = risk_range(arm, table.time, convention_of(result, arm))
    columns = (table.time.tolist(), table.at_risk.tolist(), central.tolist(), low.tolist(), high.tolist())
    return [
        RiskCell(arm=arm.name, time=at, printed=printed, rebuilt=rebuilt, lowest=least, highest=most)
        for at, printed, rebuilt, least, most in zip(*columns, strict=True)
    ]
