"""Standard distributions of z = (log t - mu) / sigma: density, survival, and the derivatives that maximisation needs.

Every one gives, at z, log f and log S, and the first two derivatives of log f in z. Those of log S follow: with the
hazard h = f / S of z, (log S)' = -h and (log S)'' = -h ((log f)' + h). `ExtremeValue` is that of Weibull and
exponential times and of splines on the hazard scale, `Logistic` of log-logistic times and the odds scale, `Normal` of
log-normal times and the normal scale. `LogGamma` and `PrenticeGamma` have a shape besides.

References
----------
Prentice, A log gamma model and its maximum likelihood estimation, Biometrika 61 (1974) 539-544.
Temme, The asymptotic expansion of the incomplete gamma functions, SIAM J Math Anal 10 (1979) 757-766: near Q = 0.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import log, pi
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from survrecon.analysis.fits.settings import NEAR_LOG_NORMAL

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = ["EXTREME_VALUE", "LOGISTIC", "LOG_GAMMA", "NORMAL", "PRENTICE_GAMMA", "Density", "StandardDistribution"]

_LOG_ROOT_2_PI = log(2 * pi) / 2
_SERIES = tuple((2 / np.cumprod(np.arange(1, NEAR_LOG_NORMAL.series_terms + 1, dtype=float))[1:]).tolist())
"""2 / (j + 2)!, the coefficients of 2 (e^v - 1 - v) / v^2."""
_STIRLING = ((1, 1), (1, 12), (1, 288), (-139, 51840))
"""Coefficients of Stirling's series of the gamma function, as fractions."""
_STIRLING_OF_LOG = tuple(top / bottom for top, bottom in ((1, 12), (-1, 360), (1, 1260)))
"""Those of its logarithm."""
_LEAST_LOG = -600.0
"""Logarithm of a number below which the power of x is taken from its logarithm: a double holds none below -745."""


@cache
def _expansion() -> tuple[tuple[float, ...], ...]:
    """Return the coefficients in eta of the first terms C0, C1, C2 of Temme's expansion.

    With mu = lambda - 1 and eta^2 / 2 = mu - log(1 + mu), C0 = 1 / mu - 1 / eta and
    C_k = C'_(k - 1) / eta + (-1)^k g_k / mu, where g_k are the coefficients of Stirling's series. Exact, in fractions.

    Examples
    --------
    >>> [round(1 / c, 6) for c in _expansion()[0][:2]], round(_expansion()[1][0] * 540, 6)
    ([-3.0, 12.0], -1.0)
    """
    terms = NEAR_LOG_NORMAL.expansion_terms
    # mu as a series in eta, from mu mu' = eta (1 + mu).
    mu = [Fraction(0), Fraction(1)]
    for n in range(2, terms + 3):
        others = sum(mu[i] * (n + 1 - i) * mu[n + 1 - i] for i in range(2, n))
        mu.append((mu[n - 1] - others) / (n + 1))
    # eta / mu, whose first coefficient is 1.
    inverse = [Fraction(1)]
    for n in range(1, terms + 1):
        inverse.append(-sum((mu[j + 1] * inverse[n - j] for j in range(1, n + 1)), Fraction(0)))
    rows = [inverse[1:]]
    for k, (top, bottom) in enumerate(_STIRLING[1:-1], start=1):
        last, g = rows[-1], (-1) ** k * Fraction(top, bottom)
        rows.append([(j + 2) * last[j + 2] + g * inverse[j + 1] for j in range(len(last) - 2)])
    return tuple(tuple(map(float, row)) for row in rows)


class Density(NamedTuple):
    """log f at z with its first two derivatives in z."""

    value: FloatArray
    slope: FloatArray
    curve: FloatArray


class StandardDistribution(Protocol):
    """A distribution of z; ``shape`` is of the size of z, or broadcasts to it, and is ignored by those without one."""

    def log_density(self, z: FloatArray, shape: FloatArray) -> Density:
        """Return log f and its derivatives in z."""

    def log_survival(self, z: FloatArray, shape: FloatArray) -> FloatArray:
        """Return log S."""


class ExtremeValue:
    """S = exp(-e^z): the smallest extreme."""

    def log_density(self, z: FloatArray, shape: FloatArray) -> Density:  # noqa: ARG002
        """Return log f and its derivatives in z."""
        grown = np.exp(z)
        return Density(z - grown, 1 - grown, -grown)

    def log_survival(self, z: FloatArray, shape: FloatArray) -> FloatArray:  # noqa: ARG002
        """Return log S."""
        return -np.exp(z)


class Logistic:
    """S = 1 / (1 + e^z)."""

    def log_density(self, z: FloatArray, shape: FloatArray) -> Density:
        """Return log f and its derivatives in z."""
        from scipy.special import expit

        dead = expit(z)
        return Density(z + 2 * self.log_survival(z, shape), 1 - 2 * dead, -2 * dead * (1 - dead))

    def log_survival(self, z: FloatArray, shape: FloatArray) -> FloatArray:  # noqa: ARG002
        """Return log S."""
        return np.asarray(-np.logaddexp(0.0, z))


class Normal:
    """S = Phi(-z)."""

    def log_density(self, z: FloatArray, shape: FloatArray) -> Density:  # noqa: ARG002
        """Return log f and its derivatives in z."""
        return Density(-z * z / 2 - _LOG_ROOT_2_PI, -z, np.full_like(z, -1.0))

    def log_survival(self, z: FloatArray, shape: FloatArray) -> FloatArray:  # noqa: ARG002
        """Return log S."""
        from scipy.special import log_ndtr

        return np.asarray(log_ndtr(-z))


class LogGamma:
    """The logarithm of a gamma variable of rate 1; ``shape`` is the logarithm of its shape."""

    def log_density(self, z: FloatArray, shape: FloatArray) -> Density:
        """Return log f and its derivatives in z."""
        from scipy.special import gammaln

        a, grown = np.exp(shape), np.exp(z)
        return Density(a * z - grown - gammaln(a), a - grown, -grown)

    def log_survival(self, z: FloatArray, shape: FloatArray) -> FloatArray:
        """Return log S."""
        return _log_upper(*np.broadcast_arrays(np.exp(shape), z))


class PrenticeGamma:
    """The generalised gamma of Prentice, standardised; ``shape`` is Q: 0 is the normal, 1 the extreme value.

    With k = 1 / Q^2, S is the upper incomplete gamma function of k at k e^(Qz), or the lower one where Q < 0. Both are
    one smooth function through Q = 0, where it is taken from the uniform expansion in u = eta / Q,
    S = Phi(-u) + Q phi(u) (C0(eta) + C1(eta) Q^2 + ...), eta^2 / 2 = e^(Qz) - 1 - Qz.
    """

    def log_density(self, z: FloatArray, shape: FloatArray) -> Density:
        """Return log f and its derivatives in z."""
        z, Q = np.broadcast_arrays(z, shape)
        v = Q * z
        slope = np.where(Q == 0, -z, -np.expm1(v) / np.where(Q == 0, 1.0, Q))
        return Density(_log_constant(Q) - z * z * _curvature(v) / 2, slope, -np.exp(v))

    def log_survival(self, z: FloatArray, shape: FloatArray) -> FloatArray:
        """Return log S."""
        z, Q = np.broadcast_arrays(z, shape)
        near = np.abs(Q) < NEAR_LOG_NORMAL.shape
        if near.all():
            return _near_log_normal(z, Q)
        out = np.empty(z.shape)
        if near.any():
            out[near] = _near_log_normal(z[near], Q[near])
        for side, log_tail in ((~near & (Q > 0), _log_upper), (~near & (Q < 0), _log_lower)):
            if side.any():
                k = Q[side] ** -2.0
                out[side] = log_tail(k, np.log(k) + Q[side] * z[side])
        return out


def _curvature(v: FloatArray) -> FloatArray:
    """Return 2 (e^v - 1 - v) / v^2, which is 1 at 0."""
    small = np.abs(v) < NEAR_LOG_NORMAL.series_below
    series = np.polynomial.polynomial.polyval(np.where(small, v, 0.0), _SERIES)
    safe = np.where(small, 1.0, v)
    return np.asarray(np.where(small, series, 2 * (np.expm1(safe) - safe) / safe**2))


def _log_constant(Q: FloatArray) -> FloatArray:
    """Return log |Q| + k log k - k - log Gamma(k) for k = 1 / Q^2, by Stirling's series where k is large."""
    from scipy.special import gammaln

    square = Q * Q
    near = np.abs(Q) < NEAR_LOG_NORMAL.shape
    series = -_LOG_ROOT_2_PI - square * np.polynomial.polynomial.polyval(square * square, _STIRLING_OF_LOG)
    k = 1 / np.where(near, 1.0, square)
    return np.where(near, series, -np.log(k) / 2 + k * np.log(k) - k - gammaln(k))


def _near_log_normal(z: FloatArray, Q: FloatArray) -> FloatArray:
    """Return log S of `PrenticeGamma` where Q is near 0."""
    from scipy.special import log_ndtr

    v = Q * z
    u = z * np.sqrt(_curvature(v))
    widest = NEAR_LOG_NORMAL.widest
    eta = np.clip(Q * u, -widest, widest)
    terms = sum(np.polynomial.polynomial.polyval(eta, row) * Q ** (2 * j) for j, row in enumerate(_expansion()))
    normal = log_ndtr(-u)
    # phi / Phi grows as u only, so that the correction stays small however far out in the tail.
    ratio = np.exp(-u * u / 2 - _LOG_ROOT_2_PI - normal)
    return np.asarray(normal + np.log1p(np.maximum(Q * ratio * terms, NEAR_LOG_NORMAL.least - 1)))


def _log_upper(k: FloatArray, log_x: FloatArray) -> FloatArray:
    """Return the logarithm of the regularised upper incomplete gamma function."""
    from scipy.special import gammaincc, gammaln

    with np.errstate(all="ignore"):
        x = np.exp(log_x)
        tail = gammaincc(k, x)
        # Beyond the smallest number that a double holds, the leading term of the continued fraction.
        leading = (k - 1) * log_x - x - gammaln(k) - np.log1p((1 - k) / x)
        out = np.where((tail <= 0) & np.isfinite(x), leading, np.log(tail))
        # Where x itself is below that number, x^k is not: the leading term of the lower function's series.
        early = np.log1p(-np.exp(np.minimum(k * log_x - gammaln(k + 1), 0.0)))
        return np.asarray(np.where(log_x < _LEAST_LOG, early, out))


def _log_lower(k: FloatArray, log_x: FloatArray) -> FloatArray:
    """Return the logarithm of the regularised lower incomplete gamma function."""
    from scipy.special import gammainc, gammaln

    with np.errstate(all="ignore"):
        x = np.exp(log_x)
        tail = gammainc(k, x)
        # Below the smallest number that a double holds in full, the leading term of the series.
        return np.asarray(np.where((tail <= 0) | (log_x < _LEAST_LOG), k * log_x - x - gammaln(k + 1), np.log(tail)))


EXTREME_VALUE = ExtremeValue()
LOGISTIC = Logistic()
NORMAL = Normal()
LOG_GAMMA = LogGamma()
PRENTICE_GAMMA = PrenticeGamma()
