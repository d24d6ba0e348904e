"""A digitized arm as the reconstruction's inputs: its curve with its resolution, its risk table."""

from __future__ import annotations

import numpy as np

from survrecon.curve import AtRiskConvention, FloatArray, Resolution, RiskTable, SurvivalCurve
from survrecon.digitizing.result import DigitizedArm, DigitizedFigure

__all__ = ["arm_curve", "arm_risk_table"]


def arm_curve(figure: DigitizedFigure, arm: DigitizedArm) -> SurvivalCurve:
    """Return an arm's curve with the figure's resolution: a pixel, or the last decimal of a drawing.

    Both corners of each step are points, so that the curve is known to be level between them.
    """
    full = 100.0 if figure.percent else 1.0
    resolution = Resolution(survival=figure.survival_axis.resolution / full, time=figure.time_axis.resolution)
    time, survival = _corners(arm.time, arm.survival)
    return SurvivalCurve(time=time, survival=survival, time_unit=figure.time_unit or "months", resolution=resolution)


def _corners(time: FloatArray, survival: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return points with the upper corner of each step that has its lower one alone."""
    alone = np.flatnonzero((np.diff(time) > 0) & (np.diff(survival) < 0)) + 1
    return np.insert(time, alone, time[alone]), np.insert(survival, alone, survival[alone - 1])


def arm_risk_table(figure: DigitizedFigure, arm: DigitizedArm) -> RiskTable | None:
    """Return an arm's numbers at risk, empty cells left out; None where none are printed or patients enter late."""
    if figure.risk_table is None or arm.name not in figure.risk_table.rows or figure.late_entry:
        return None
    cells = figure.risk_table.rows[arm.name]
    known = np.array([c is not None for c in cells])
    if not known.any():
        return None
    counts = np.array([c for c in cells if c is not None], np.int64)
    return RiskTable(time=figure.risk_table.times[known], at_risk=counts, convention=AtRiskConvention.AUTO)
