"""What ``figure.toml`` says of a figure that a program read: how it was digitized, which analysis, which axes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from survrecon import __version__
from survrecon.curve import RiskTable
from survrecon.digitizing import DigitizedFigure, FigureKind
from survrecon.record import NOT_GIVEN

__all__ = ["analysis_as_read", "axes_as_read", "digitized_as_read"]

_UNIT = re.compile(r"\s*\((?:%|percent|percentage|fraction|proportion)\)\s*$", re.IGNORECASE)
"""The unit behind an axis title: survival is a fraction from here on."""

_HOW = {
    FigureKind.VECTOR: "drawing commands of the curves, read by the program",
    FigureKind.TRACED: "pixels of the curves, traced by the program",
}


def digitized_as_read(
    figure: DigitizedFigure, tables: Mapping[str, RiskTable], doubts: Sequence[str]
) -> dict[str, Any]:
    """Return the table ``digitized``: what was read, how, how well the axes fit, and what to look at."""
    unit = "px" if figure.kind is FigureKind.TRACED else "units of the drawing"
    axes = (("time", figure.time_axis), ("survival", figure.survival_axis))
    fits = "; ".join(
        f"{name} axis from {len(axis.values)} ticks ({axis.source}), "
        f"largest residual {float(np.abs(axis.residuals).max(initial=0.0)):.2f} {unit}, "
        f"resolution {axis.resolution:.3g}"
        for name, axis in axes
    )
    marked = [arm.name for arm in figure.arms if arm.censor_times is not None and arm.censor_times.size]
    what = "curves of " + ", ".join(arm.name for arm in figure.arms)
    what += "; numbers at risk" if tables else ""
    what += f"; censoring marks of {', '.join(marked)}" if marked else ""
    keys = {
        "kind": str(figure.kind),
        "citation": NOT_GIVEN,
        "figure": figure.path.name,
        "what": what,
        "how": f"{_HOW[figure.kind]}; {fits}",
        "program": f"survrecon {__version__}",
        "image_sha256": figure.sha256,
        "doubts": list(dict.fromkeys(doubts)),
        "calibration": [
            {
                "axis": name,
                "ticks": len(axis.values),
                "first": float(axis.values.min()),
                "last": float(axis.values.max()),
                "source": axis.source,
                "largest_residual": float(np.abs(axis.residuals).max(initial=0.0)),
                "unit": unit,
                "resolution": axis.resolution,
            }
            for name, axis in axes
        ],
    }
    return keys | ({"panel": figure.panel} if figure.panel else {})


def analysis_as_read(figure: DigitizedFigure) -> dict[str, Any]:
    """Return the table ``analysis``, as far as a figure tells it."""
    endpoint = _UNIT.sub("", figure.survival_axis.label or "")
    keys: dict[str, Any] = {"trial": figure.path.stem, "endpoint": endpoint or NOT_GIVEN}
    if figure.late_entry:
        keys["naive"] = "patients enter late (left truncation), which is not handled: the numbers at risk rise at first"
    if figure.time_unit is None:
        keys["notes"] = ["no time unit is printed: months are assumed"]
    return keys


def axes_as_read(figure: DigitizedFigure) -> dict[str, Any]:
    """Return the table ``axes``: units, direction, resolution, and the range of the ticks."""
    full = 100.0 if figure.percent else 1.0
    times, values = figure.time_axis.values, figure.survival_axis.values
    resolution = figure.survival_axis.resolution / full
    keys: dict[str, Any] = {
        "time_unit": figure.time_unit or "months",
        "survival_unit": "percent" if figure.percent else "fraction",
        "one_minus_survival": figure.rising,
        "resolution_time": figure.time_axis.resolution,
        "time_range": (float(times.min()), float(times.max())),
        "survival_range": (float(values.min()), float(values.max())),
    }
    return keys | ({"resolution_survival": resolution} if 0 < resolution < 0.5 else {})
