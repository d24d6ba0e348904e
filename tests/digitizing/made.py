"""Digitized figures made by hand, for what is done with a reading after its pixels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.digitizing import DigitizedArm, DigitizedFigure, DigitizedRiskTable, FigureKind
from survrecon.digitizing.geometry import Affine, Axis, Box
from survrecon.digitizing.result import Dash, NameSource

if TYPE_CHECKING:
    from collections.abc import Sequence

PIXELS = 10.0
"""Of the time axis, a unit of time."""


def an_axis(values: Sequence[float], scale: float, offset: float = 50.0, **keys: Any) -> Axis:
    """Return an axis whose ticks all fit."""
    ticks = np.array(values, float)
    made = Axis(
        offset=offset,
        scale=scale,
        values=ticks,
        positions=offset + scale * ticks,
        residuals=np.zeros(len(ticks)),
        resolution=1 / abs(scale),
        source="tick marks",
    )
    return replace(made, **keys)


def an_arm(name: str, times: Sequence[float], levels: Sequence[float], **keys: Any) -> DigitizedArm:
    """Return an arm that falls to ``levels`` at ``times``; the last time may be the end of a plateau."""
    made = DigitizedArm(
        name=name,
        name_source=NameSource.LEGEND,
        colour="#1f77b4",
        dash=Dash.SOLID,
        line_width=2.0,
        time=np.append(0.0, times),
        survival=np.append(1.0, levels),
        followed=1.0,
        n=100,
    )
    return replace(made, **keys)


def a_figure(*arms: DigitizedArm, table: DigitizedRiskTable | None = None, **keys: Any) -> DigitizedFigure:
    """Return a traced figure with a time axis to 30 and a plot that ends at 32."""
    made = DigitizedFigure(
        path=Path("figure.png"),
        sha256="0" * 64,
        kind=FigureKind.TRACED,
        panel=None,
        time_axis=an_axis([0, 6, 12, 18, 24, 30], PIXELS),
        survival_axis=an_axis([0, 0.5, 1], -400.0, 450.0),
        straighten=Affine(),
        percent=False,
        rising=False,
        time_unit="months",
        plot_area=Box(x0=50, y0=50, x1=50 + 32 * PIXELS, y1=450),
        arms=arms,
        risk_table=table,
        printed=(),
        warnings=(),
        doubts=(),
        late_entry=False,
        image=np.full((500, 500, 3), 255, np.uint8),
        image_scale=1.0,
    )
    return replace(made, **keys)


def a_table(times: Sequence[float], **rows: Sequence[int | None]) -> DigitizedRiskTable:
    """Return a risk table that was read without a doubt."""
    return DigitizedRiskTable(
        times=np.array(times, float),
        rows={name: tuple(row) for name, row in rows.items()},
        confidence={name: (1.0,) * len(row) for name, row in rows.items()},
    )
