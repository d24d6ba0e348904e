"""Where the search for a maximum starts: models that are nested in the one to be fitted, and spread-out shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.fits.families import (
    Family,
    GompertzFamily,
    LocationScale,
    MixtureCure,
    NonMixtureCure,
    PiecewiseExponential,
    RestrictedCubicSpline,
)
from survrecon.analysis.fits.likelihood import Contribution, DataSets
from survrecon.analysis.fits.maximise import maximise
from survrecon.analysis.fits.standard import LOG_GAMMA, NORMAL, PRENTICE_GAMMA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray

__all__ = ["starts_of"]

_SHAPES = (1.0, 0.0, -1.0, 2.5, -2.5, 0.4)
"""Q from which the generalised gamma starts: Weibull, log-normal, inverse Weibull, and beyond and between."""
_CURED = (0.5, 0.2, 0.05, 0.002)
"""Cured shares from which cure models start."""
_FASTER = (0.0, 1.0)
"""By how much smaller the log location of those not cured starts than that of all."""
_BENT = (0.0, 0.5, -0.5)
"""Change of the Gompertz log hazard over the mean follow-up."""


def starts_of(family: Family, data: DataSets) -> FloatArray:
    """Return starts for every data set, shape (s, D, p).

    Parameters
    ----------
    family : Family
        What is to be fitted.
    data : DataSets
        D data sets of A arms; arms start alike.
    """
    rows = _of_family(family, data)
    arms = np.zeros((data.count, data.arms - 1))
    return np.stack([np.concatenate([row, arms], axis=1) for row in rows])


def _of_family(family: Family, data: DataSets) -> Sequence[FloatArray]:
    log_mean, ones = _log_mean(data), np.ones(data.count)
    if isinstance(family, LocationScale):
        return _location_scale(family, data, log_mean)
    if isinstance(family, GompertzFamily):
        return [np.stack([-log_mean - bend / 2, bend * np.exp(-log_mean)], axis=1) for bend in _BENT]
    if isinstance(family, PiecewiseExponential):
        return [np.tile(-log_mean[:, None], (1, family.size))]
    if isinstance(family, RestrictedCubicSpline):
        # Without bends, a spline is a location-scale model: z = (log t - mu) / sigma.
        line = _fitted(LocationScale(standard=family.standard), data, log_mean)
        rest = np.zeros((data.count, family.size - 2))
        return [np.concatenate([(-line[:, 0] * np.exp(-line[:, 1]))[:, None], np.exp(-line[:, [1]]), rest], axis=1)]
    assert isinstance(family, MixtureCure | NonMixtureCure)
    whole = _fitted(family.others, data, log_mean)
    return [
        np.concatenate([(np.log(share / (1 - share)) * ones)[:, None], whole - [faster, faster / 2]], axis=1)
        for share in _CURED
        for faster in _FASTER
    ]


def _location_scale(family: LocationScale, data: DataSets, log_mean: FloatArray) -> Sequence[FloatArray]:
    zero = np.zeros_like(log_mean)
    if family.standard is LOG_GAMMA or not family.has_scale:
        return [np.stack([log_mean, zero][: family.size], axis=1)]
    if family.standard is not PRENTICE_GAMMA:
        return [np.stack([log_mean, zero], axis=1)]
    normal = _fitted(LocationScale(standard=NORMAL), data, log_mean)
    return [np.concatenate([normal, np.full((data.count, 1), shape)], axis=1) for shape in _SHAPES]


def _fitted(family: LocationScale, data: DataSets, log_mean: FloatArray) -> FloatArray:
    """Return the fit of a simpler model to all arms together, (D, 2)."""
    start = np.concatenate(
        [np.stack([log_mean, np.zeros_like(log_mean)], axis=1), np.zeros((data.count, data.arms - 1))], axis=1
    )
    return maximise(family, data, start).theta[:, :2]


def _log_mean(data: DataSets) -> FloatArray:
    """Return the logarithm of the time at risk per event, (D,): minus the log rate of the exponential."""
    at_risk = np.zeros(data.count)
    for block in data.blocks:
        sign = -1.0 if block.kind is Contribution.ENTRY else 1.0
        at_risk += sign * np.bincount(block.data_set, weights=block.time, minlength=data.count)
    return np.log(np.maximum(at_risk, np.finfo(float).tiny) / np.maximum(data.events, 1))
