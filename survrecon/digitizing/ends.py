"""Where each arm's follow-up ends: where its curve does, or where the figure cuts it off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.result import DigitizedArm, DigitizedFigure, DigitizedRiskTable
from survrecon.digitizing.settings import EndSettings

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = ["with_ends"]


_SETTINGS = EndSettings()


def with_ends(
    figure: DigitizedFigure, table: DigitizedRiskTable | None, settings: EndSettings = _SETTINGS
) -> DigitizedFigure:
    """Return a figure whose arms say when their last patient leaves, and whether the figure cuts them off there.

    A curve is drawn up to its last patient. Where it ends with the axis, or where the printed number at its end is
    above 0, patients are followed on, and the figure does not show until when.

    Parameters
    ----------
    figure : DigitizedFigure
        What was read.
    table : DigitizedRiskTable or None
        The numbers at risk that hold.
    settings : EndSettings
        The tolerances.
    """
    arms, said = [], []
    for arm in figure.arms:
        ended, reconciled = _ended(figure, arm, None if figure.late_entry else table, settings)
        arms.append(ended)
        said += [f"{arm.name}: {reconciled}"] if reconciled else []
        said += [f"{arm.name}: curve cut at {ended.ends_at:.4g}"] if ended.cut else []
    return replace(figure, arms=tuple(arms), warnings=(*figure.warnings, *said))


def _ended(
    figure: DigitizedFigure, arm: DigitizedArm, table: DigitizedRiskTable | None, settings: EndSettings
) -> tuple[DigitizedArm, str]:
    """Return an arm with its end, and what was reconciled to get there, in words."""
    end, span = float(arm.time[-1]), float(np.ptp(figure.time_axis.values))
    if end <= 0 or span <= 0:
        return arm, ""
    if arm.survival[-1] <= 0:
        return replace(arm, ends_at=end), ""
    slip = max(settings.columns_off * figure.time_axis.resolution, settings.time_off * span)
    time, count = _cells(arm, table)
    followed = float(time[count > 0].max(initial=0.0))
    nobody = float(time[(count == 0) & (time > followed)].min(initial=np.inf))
    if followed > end + settings.reconciled * span or nobody < end - settings.reconciled * span:
        return arm, ""  # curve or table is wrong: where the arm ends is not known
    said = ""
    if followed > end + slip:
        said = f"the curve ends at {end:.4g}, patients are at risk until {followed:g}: they are followed to there"
        end = followed
    elif nobody < end - slip:
        said = f"the curve goes on to {end:.4g}, nobody is at risk from {nobody:g}: the curve's end is taken"
    # a number printed at the end, or an axis that ends there, and no 0 beside it
    beside = time[(np.abs(time - end) <= slip) & (count > 0)]
    end = max(end, *beside.tolist(), 0.0)  # who is counted there is there
    cut = (beside.size > 0 or _at_an_edge(figure, end, slip)) and nobody > end + settings.reconciled * span
    return replace(arm, ends_at=end, cut=cut), said


def _cells(arm: DigitizedArm, table: DigitizedRiskTable | None) -> tuple[FloatArray, FloatArray]:
    """Return times and numbers of an arm's filled cells."""
    if table is None:
        return np.zeros(0), np.zeros(0)
    cells = zip(table.times.tolist(), table.rows.get(arm.name, ()), strict=False)
    known = [(t, c) for t, c in cells if c is not None]
    return np.array([t for t, _ in known], float), np.array([c for _, c in known], float)


def _last_place(figure: DigitizedFigure) -> float:
    """Return the time at the right edge of the plot, or of the picture where that cuts it off."""
    right = float(figure.time_axis.value(figure.plot_area.x1))
    width = figure.image.shape[1] / figure.image_scale
    edge = float(figure.time_axis.value(figure.straighten(width, 0.0)[0]))
    return min(right, edge)


def _at_an_edge(figure: DigitizedFigure, end: float, slip: float) -> bool:
    """Whether a curve ends at the last tick, or at the edge of the plot: it would be cut off there."""
    return abs(end - float(figure.time_axis.values.max())) <= slip or end >= _last_place(figure) - slip
