"""Pool what draws say of a quantity: sampling and reconstruction apart and together, intervals of the mixture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.estimate import USUAL_LEVEL

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = ["PooledValues", "PoolingScale", "pool_draws"]

_SMALLEST = 1e-300
"""Least survival or hazard whose logarithm is taken."""
_NEAREST_ONE = 1e-16
"""Least distance of a survival probability from 1 whose logarithm is taken."""


class PoolingScale(StrEnum):
    """The scale on which standard errors live: where estimates are closest to normal."""

    IDENTITY = "identity"
    LOG = "log"
    LOGIT = "logit"

    def forward(self, values: FloatArray) -> FloatArray:
        """Carry values to the scale."""
        if self is PoolingScale.IDENTITY:
            return values
        logs = np.log(np.maximum(values, _SMALLEST))
        return logs if self is PoolingScale.LOG else np.asarray(logs - np.log(np.maximum(1 - values, _NEAREST_ONE)))

    def inverse(self, values: FloatArray) -> FloatArray:
        """Carry values back."""
        if self is PoolingScale.IDENTITY:
            return values
        return np.asarray(np.exp(values) if self is PoolingScale.LOG else np.exp(-np.logaddexp(0.0, -values)))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PooledValues:
    """A quantity at T times, or at one, pooled over draws.

    Parameters
    ----------
    value : array of float, shape (T,)
        Mean of the draws on ``scale``, carried back.
    low, high : array of float, shape (T,)
        95% interval of both sources: quantiles of the mixture over draws of each draw's sampling distribution.
    se_sampling : array of float, shape (T,)
        On ``scale``: root of the mean of the draws' sampling variances.
    se_reconstruction : array of float, shape (T,), or None
        On ``scale``: root of (1 + 1/M) times the variance of the draws' estimates; ``None`` without draws.
    scale : PoolingScale
        Where the standard errors live.
    draws : array of float, shape (M, T)
        The draws' estimates.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    se_sampling: FloatArray
    se_reconstruction: FloatArray | None
    scale: PoolingScale
    draws: FloatArray

    @property
    def se_total(self) -> FloatArray:
        """Standard error of both sources together, on ``scale``."""
        more = 0.0 if self.se_reconstruction is None else self.se_reconstruction
        return np.asarray(np.hypot(self.se_sampling, more))

    def sampling_band(self, z: float) -> tuple[FloatArray, FloatArray]:
        """Return the band that sampling alone gives, ``z`` standard errors to either side."""
        return self._band(z * self.se_sampling)

    def reading_band(self, z: float) -> tuple[FloatArray, FloatArray]:
        """Return the band that the reconstruction alone gives, ``z`` standard errors to either side."""
        none = np.zeros_like(self.se_sampling)
        return self._band(z * (none if self.se_reconstruction is None else self.se_reconstruction))

    def rubin_band(self, z: float) -> tuple[FloatArray, FloatArray]:
        """Return the band of both by Rubin's rules, to which that of the mixture is held."""
        return self._band(z * self.se_total)

    def _band(self, half: FloatArray) -> tuple[FloatArray, FloatArray]:
        centre = self.scale.forward(self.value)
        return self.scale.inverse(centre - half), self.scale.inverse(centre + half)


def pool_draws(
    values: FloatArray,
    variances: FloatArray,
    sampled: FloatArray,
    scale: PoolingScale,
    *,
    level: float = USUAL_LEVEL,
) -> PooledValues:
    """Pool M draws.

    Parameters
    ----------
    values : array of float, shape (M, T)
        Estimates, as they are read.
    variances : array of float, shape (M, T)
        Their sampling variances, on ``scale``.
    sampled : array of float, shape (S, T)
        Values under parameters drawn from each draw's sampling distribution, of all draws alike.
    scale : PoolingScale
        Where the variances live.
    level : float
        Of the interval.

    References
    ----------
    Rubin, Multiple Imputation for Nonresponse in Surveys, 1987, eq. 3.1.5-3.1.8.
    """
    on_scale = scale.forward(values)
    count = len(on_scale)
    between = (1 + 1 / count) * on_scale.var(axis=0, ddof=1) if count > 1 else None
    outside = (1 - level) / 2
    low, high = np.quantile(sampled, [outside, 1 - outside], axis=0)
    return PooledValues(
        value=scale.inverse(on_scale.mean(axis=0)),
        low=low,
        high=high,
        se_sampling=np.sqrt(variances.mean(axis=0)),
        se_reconstruction=None if between is None else np.sqrt(between),
        scale=scale,
        draws=values,
    )
