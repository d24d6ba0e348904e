"""Reading curves, risk tables and printed numbers from figures of published papers."""

from survrecon.digitizing.entry import digitize, digitize_panels
from survrecon.digitizing.options import Options
from survrecon.digitizing.overlay import draw_overlay
from survrecon.digitizing.result import (
    DigitizedArm,
    DigitizedFigure,
    DigitizedRiskTable,
    Doubt,
    FailedPanel,
    FigureKind,
    arm_curve,
    arm_risk_table,
)

__all__ = [
    "DigitizedArm",
    "DigitizedFigure",
    "DigitizedRiskTable",
    "Doubt",
    "FailedPanel",
    "FigureKind",
    "Options",
    "arm_curve",
    "arm_risk_table",
    "digitize",
    "digitize_panels",
    "draw_overlay",
]
