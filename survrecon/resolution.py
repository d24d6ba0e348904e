"""How finely a curve was read, judged by its points alone."""

from __future__ import annotations

import numpy as np

from survrecon.curve import FloatArray, Resolution, SurvivalCurve

__all__ = ["estimate_resolution", "isotonic"]

_TYPICAL_PIXEL = 1 / 400  # height of a pixel on the axis of a figure of ordinary size
_TALLEST_PIXEL = 1 / 100
_PIXELS = range(1, 4)  # that the smallest step of a trace may be high
_DECIMALS = range(2, 7)  # one decimal alone is a round number, not a resolution


def estimate_resolution(curve: SurvivalCurve) -> Resolution:
    """Return how finely points were read, judged by themselves.

    Survival: the grid that all values lie on (pixel rows, printed decimals), or twice the root mean square
    of what makes the points rise, whichever is coarser. Values that lie on no grid and never rise count as
    exact if they repeat from point to point, as a vector file's do, and as read to a pixel of an ordinary
    figure otherwise. Time: the spacing of the points where it is constant, as a tracer leaves it, else 0.
    """
    order = np.lexsort((-curve.survival, curve.time))
    time, survival = curve.time[order], curve.survival[order]
    grid = _grid(survival)
    shift = isotonic(survival) - survival
    noise = 2 * float(np.sqrt(np.mean(shift**2)))
    if grid is None and noise == 0:
        repeats = np.mean(np.diff(survival) == 0) if survival.size > 1 else 0.0
        grid = 1e-6 if repeats > 0.3 else _TYPICAL_PIXEL
    spacing = np.diff(np.unique(time))
    even = spacing.size > 20 and np.ptp(spacing) < 0.01 * spacing.mean()
    return Resolution(survival=min(max(grid or 0.0, noise), 0.25), time=float(spacing.mean()) if even else 0.0)


def _grid(values: FloatArray) -> float | None:
    """Return the spacing of the grid that all values lie on, or ``None``."""
    steps = np.diff(np.unique(values))
    if steps.size == 0:
        return None
    smallest = float(steps[steps > 1e-9].min(initial=np.inf))
    for pixels in _PIXELS:
        height = smallest / pixels
        if (
            height < _TALLEST_PIXEL
            and steps.size > 5
            and (np.abs(steps / height - np.round(steps / height)) < 0.02).all()
        ):
            return height
    for decimals in _DECIMALS:
        if np.allclose(values, np.round(values, decimals), rtol=0, atol=1e-9):
            return float(10.0**-decimals)
    return None


def isotonic(survival: FloatArray) -> FloatArray:
    """Return the closest curve, in least squares, that never rises."""
    if not (np.diff(survival) > 0).any():
        return survival
    from scipy.optimize import isotonic_regression

    return np.asarray(isotonic_regression(survival, increasing=False).x, dtype=float)
