"""How near the rebuilt patients come to what they were rebuilt from: the curve as read, the printed numbers at risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.repair import repair_curve
from survrecon.records.schema import SourceKind
from survrecon.report.content.drawn import convention_of, risk_range

if TYPE_CHECKING:
    from survrecon.analysis.results import ArmSummary
    from survrecon.arrays import FloatArray
    from survrecon.checks.results import RecordResult
    from survrecon.model.curve import SurvivalCurve

__all__ = ["Residuals", "RiskCell", "residuals", "risk_cells"]


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
