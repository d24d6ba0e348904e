"""A figure as it is read when nothing is typed, and which of its curves is which of those read otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from survrecon.digitizing import DigitizedArm, DigitizedFigure, digitize
from survrecon.digitizing.titles import time_unit_of
from survrecon.errors import SurvreconError

__all__ = ["read_as_if_untyped", "twins_of"]

_CHOOSE = ("page", "crop")
_OVERRIDE = ("arms", "arm_names", "x_range", "y_range", "y_unit", "one_minus_survival", "time_unit")
_PLACES = 60  # along the time axis, at which two readings of one figure are compared


def read_as_if_untyped(figure: DigitizedFigure, options: Mapping[str, Any]) -> DigitizedFigure | None:
    """Return a figure as it is read without what was typed; None where it then cannot be read.

    Parameters
    ----------
    figure : DigitizedFigure
        What was read with the options.
    options : mapping
        Those of `survrecon.digitizing.Options` that were typed.
    """
    said = {name for name in _OVERRIDE if options.get(name) not in (None, False)}
    if not said:
        return figure
    if said == {"time_unit"}:
        return replace(figure, time_unit=time_unit_of(figure.time_axis.label))
    chosen = {name: options[name] for name in _CHOOSE if options.get(name) is not None}
    if figure.panel is not None:
        chosen["panel"] = figure.panel
    try:
        return digitize(figure.path, **chosen)
    except SurvreconError:
        return None


def twins_of(figure: DigitizedFigure, alone: DigitizedFigure | None) -> dict[str, DigitizedArm]:
    """Return, by name, the same curves in the other reading: those that lie nearest on the page."""
    if alone is None:
        return {}
    if alone is figure:
        return {arm.name: arm for arm in figure.arms}
    paths = {id(arm): _path(alone, arm) for arm in alone.arms}
    found: dict[str, DigitizedArm] = {}
    for arm in figure.arms:
        x, y = _path(figure, arm)
        far = {key: float(np.abs(np.interp(x, *path) - y).mean()) for key, path in paths.items()}
        if far:
            nearest = min(far, key=lambda key: far[key])
            found[arm.name] = next(other for other in alone.arms if id(other) == nearest)
            del paths[nearest]
    return found


def _path(figure: DigitizedFigure, arm: DigitizedArm) -> tuple[np.ndarray, np.ndarray]:
    """Return where an arm's curve runs on the page."""
    time = np.linspace(0, float(arm.time[-1]), _PLACES)
    index = np.clip(np.searchsorted(arm.time, time, side="right") - 1, 0, None)
    x, y = figure.pixel(time, arm.survival[index])
    return x, y
