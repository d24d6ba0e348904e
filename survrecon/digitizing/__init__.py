"""Reading curves, risk tables and printed numbers from figures of published papers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_HOME = {"digitize": "entry", "digitize_panels": "entry", "Options": "options", "draw_overlay": "overlay"}
"""Where names come from that are not of the module ``result``."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: the command line needs the options alone, and starts quickly."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME.get(name, 'result')}"), name)
