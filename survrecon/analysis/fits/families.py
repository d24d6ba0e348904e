"""Families of survival times as functions of working parameters: log f and log S at a time, with two derivatives.

Working parameters are those on which the likelihood is close to quadratic and every value is allowed: logarithms of
scales and shapes, logits of shares. What a reader sees is on the scale of R's flexsurv instead: see `models.py`.

Everything is vectorised over records: times (R,) and parameters (K, R), one column a record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from survrecon.analysis.fits.settings import DIFFERENCES
from survrecon.analysis.fits.standard import EXTREME_VALUE, StandardDistribution

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = [
    "EXPONENTIAL",
    "Derivatives",
    "Family",
    "GompertzFamily",
    "LocationScale",
    "MixtureCure",
    "NonMixtureCure",
    "PiecewiseExponential",
    "RestrictedCubicSpline",
]

_CUBIC = 3
"""Power of the spline's basis."""


class Derivatives(NamedTuple):
    """A function of K working parameters at R records: value (R,), slope (K, R) and curvature (K, K, R)."""

    value: FloatArray
    slope: FloatArray
    curve: FloatArray


class Family(Protocol):
    """A family of survival times."""

    @property
    def size(self) -> int:
        """Number of working parameters, K."""

    @property
    def shifted(self) -> FloatArray:
        """Which working parameters an arm's coefficient is added to, (K,): 1 for those, 0 for the others."""

    def log_density(self, time: FloatArray, theta: FloatArray) -> Derivatives:
        """Return log f at times (R,) under parameters (K, R)."""

    def log_survival(self, time: FloatArray, theta: FloatArray) -> Derivatives:
        """Return log S at times (R,) under parameters (K, R)."""

    def curves(self, time: FloatArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return log S and log f without derivatives; times and each parameter broadcast."""


def _first(size: int) -> FloatArray:
    return np.asarray(np.eye(1, size)[0], dtype=float)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LocationScale:
    """Times with z = (log t - mu) / sigma of a standard distribution; parameters mu, log sigma, shape, as far as had.

    Parameters
    ----------
    standard : StandardDistribution
        Of z.
    has_scale : bool
        Whether sigma is a parameter; else it is 1.
    has_shape : bool
        Whether the standard distribution has a shape.
    """

    standard: StandardDistribution
    has_scale: bool = True
    has_shape: bool = False

    @property
    def size(self) -> int:
        """Number of working parameters."""
        return 1 + self.has_scale + self.has_shape

    @property
    def shifted(self) -> FloatArray:
        """The location."""
        return _first(self.size)

    def _parts(self, time: FloatArray, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return z, sigma and the shape."""
        zero = np.zeros_like(theta[0])
        sigma = np.exp(theta[1]) if self.has_scale else np.ones_like(zero)
        return (np.log(time) - theta[0]) / sigma, sigma, theta[-1] if self.has_shape else zero

    def curves(self, time: FloatArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return log S and log f."""
        z, sigma, shape = self._parts(time, theta)
        log_f = self.standard.log_density(z, shape).value - np.log(sigma) - np.log(time)
        return self.standard.log_survival(z, shape), log_f

    def log_density(self, time: FloatArray, theta: FloatArray) -> Derivatives:
        """Return log f."""
        z, sigma, shape = self._parts(time, theta)
        middle = self.standard.log_density(z, shape)
        aside = [self.standard.log_density(z, shape + step) for step in self._steps()]
        found = self._chained(z, sigma, middle, [(one.value, one.slope) for one in aside])
        if self.has_scale:
            found.slope[1] -= 1
        return Derivatives(found.value - np.log(sigma) - np.log(time), found.slope, found.curve)

    def log_survival(self, time: FloatArray, theta: FloatArray) -> Derivatives:
        """Return log S."""
        z, sigma, shape = self._parts(time, theta)
        aside = [self._tail(z, shape + step)[:2] for step in self._steps()]
        return self._chained(z, sigma, self._tail(z, shape), aside)

    def _steps(self) -> tuple[float, ...]:
        return (-DIFFERENCES.shape_step, DIFFERENCES.shape_step) if self.has_shape else ()

    def _tail(self, z: FloatArray, shape: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return log S of z and its derivatives."""
        density, log_S = self.standard.log_density(z, shape), self.standard.log_survival(z, shape)
        hazard = np.exp(density.value - log_S)
        return log_S, -hazard, -hazard * (density.slope + hazard)

    def _chained(
        self,
        z: FloatArray,
        sigma: FloatArray,
        middle: tuple[FloatArray, FloatArray, FloatArray],
        aside: list[tuple[FloatArray, FloatArray]],
    ) -> Derivatives:
        """Carry derivatives in z, and differences in the shape, over to the working parameters."""
        value, slope, curve = middle
        grad = np.empty((self.size, z.size))
        hess = np.empty((self.size, self.size, z.size))
        by_mu = -1 / sigma
        grad[0], hess[0, 0] = slope * by_mu, curve * by_mu**2
        if self.has_scale:
            # dz / d log sigma = -z, and the second derivatives of z are 1 / sigma and z.
            grad[1] = -slope * z
            hess[0, 1] = hess[1, 0] = -(curve * z + slope) * by_mu
            hess[1, 1] = curve * z**2 + slope * z
        if aside:
            (below, slope_below), (above, slope_above) = aside
            grad[-1] = (above - below) / (2 * DIFFERENCES.shape_step)
            hess[-1, -1] = (above - 2 * value + below) / DIFFERENCES.shape_step**2
            mixed = (slope_above - slope_below) / (2 * DIFFERENCES.shape_step)
            hess[0, -1] = hess[-1, 0] = mixed * by_mu
            if self.has_scale:
                hess[1, -1] = hess[-1, 1] = -mixed * z
        return Derivatives(value, grad, hess)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class GompertzFamily:
    """Times with hazard exp(a + b t); parameters a, the log rate, and b, of either sign."""

    size: int = 2

    @property
    def shifted(self) -> FloatArray:
        """The log rate."""
        return _first(2)

    def curves(self, time: FloatArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return log S and log f."""
        log_S = -np.exp(theta[0]) * time * _growth(theta[1] * time)[0]
        return log_S, theta[0] + theta[1] * time + log_S

    def log_survival(self, time: FloatArray, theta: FloatArray) -> Derivatives:
        """Return log S = -exp(a) t g(b t), g(x) = (e^x - 1) / x."""
        parts = _growth(theta[1] * time)
        value, by_b, twice = (-np.exp(theta[0]) * part * time ** (j + 1) for j, part in enumerate(parts))
        return Derivatives(value, np.stack([value, by_b]), np.stack([np.stack([value, by_b]), np.stack([by_b, twice])]))

    def log_density(self, time: FloatArray, theta: FloatArray) -> Derivatives:
        """Return log f."""
        tail = self.log_survival(time, theta)
        return Derivatives(
            tail.value + theta[0] + theta[1] * time, tail.slope + np.stack([np.ones_like(time), time]), tail.curve
        )


def _growth(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return g(x) = (e^x - 1) / x and its first two derivatives."""
    small = np.abs(x) < DIFFERENCES.growth_below
    series = np.polynomial.Polynomial(1 / np.cumprod(np.arange(1.0, DIFFERENCES.growth_terms + 1)))
    near = np.where(small, x, 0.0)
    far = np.where(small, 1.0, x)
    g = np.expm1(far) / far
    slope = (np.exp(far) - g) / far
    curve = (np.exp(far) - 2 * slope) / far
    of_series = (series, series.deriv(), series.deriv(2))
    g, slope, curve = (np.where(small, s(near), f) for s, f in zip(of_series, (g, slope, curve), strict=True))
    return g, slope, curve


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RestrictedCubicSpline:
    """Royston and Parmar's splines: z of a standard distribution is a natural cubic spline in log time.

    Parameters
    ----------
    standard : StandardDistribution
        `ExtremeValue` for the log cumulative hazard, `Logistic` for the log odds, `Normal` for the probit.
    knots : array of float, shape (m + 2,)
        Log times: lower boundary, inner knots, upper boundary.

    References
    ----------
    Royston and Parmar, Statistics in Medicine 21 (2002) 2175-2197, equations 3 and 4.
    """

    standard: StandardDistribution
    knots: FloatArray

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return int(self.knots.size)

    @property
    def shifted(self) -> FloatArray:
        """The constant."""
        return _first(self.size)

    def basis(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the basis at log times (R,), and its derivative there, each (m + 2, R)."""
        low, high = self.knots[0], self.knots[-1]
        rows, slopes = [np.ones_like(x), x], [np.zeros_like(x), np.ones_like(x)]
        below, above = (np.maximum(x - knot, 0.0) for knot in (low, high))
        for knot in self.knots[1:-1]:
            share = (high - knot) / (high - low)
            inner = np.maximum(x - knot, 0.0)
            rows.append(inner**_CUBIC - share * below**_CUBIC - (1 - share) * above**_CUBIC)
            slopes.append(_CUBIC * (inner**2 - share * below**2 - (1 - share) * above**2))
        return np.stack(rows), np.stack(slopes)

    def curves(self, time: FloatArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return log S and log f."""
        basis, slopes = self.basis(np.log(time))
        z = sum(theta[j] * basis[j] for j in range(self.size))
        slope = np.asarray(sum(theta[j] * slopes[j] for j in range(self.size)))
        z = np.asarray(z)
        zero = np.zeros_like(z)
        log_f = self.standard.log_density(z, zero).value + np.log(np.maximum(slope, 0.0)) - np.log(time)
        return self.standard.log_survival(z, zero), log_f

    def log_survival(self, time: FloatArray, theta: FloatArray) -> Derivatives:
        """Return log S."""
        basis, _ = self.basis(np.log(time))
        z = (basis * theta).sum(axis=0)
        density, value = self.standard.log_density(z, z), self.standard.log_survival(z, z)
        hazard = np.exp(density.value - value)
        return Derivatives(value, -hazard * basis, -hazard * (density.slope + hazard) * _outer(basis))

    def log_density(self, time: FloatArray, theta: FloatArray) -> Derivatives:
        """Return log f, which is -inf where the spline falls."""
        basis, slopes = self.basis(np.log(time))
        z, rise = (basis * theta).sum(axis=0), (slopes * theta).sum(axis=0)
        density = self.standard.log_density(z, z)
        value = np.where(rise > 0, density.value + np.log(np.where(rise > 0, rise, 1.0)) - np.log(time), -np.inf)
        relative = slopes / rise
        return Derivatives(value, density.slope * basis + relative, density.curve * _outer(basis) - _outer(relative))


def _outer(rows: FloatArray) -> FloatArray:
    """Return the products of rows (K, R) by twos, (K, K, R)."""
    return rows[:, None] * rows[None]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _CureModel:
    """A share of patients never has the event; the logit of that share is the first parameter."""

    others: LocationScale

    @property
    def size(self) -> int:
        """Number of working parameters."""
        return 1 + self.others.size

    @property
    def shifted(self) -> FloatArray:
        """The logit of the cured share."""
        return _first(self.size)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class MixtureCure(_CureModel):
    """A share of patients never has the event: S = p + (1 - p) S0; parameters logit p, then those of the others."""

    def curves(self, time: FloatArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return log S and log f."""
        log_S, log_f = self.others.curves(time, theta[1:])
        ill = -np.logaddexp(0.0, theta[0])
        return np.logaddexp(theta[0], log_S) + ill, log_f + ill

    def log_density(self, time: FloatArray, theta: FloatArray) -> Derivatives:
        """Return log f = log(1 - p) + log f0."""
        inner = self.others.log_density(time, theta[1:])
        cured = _expit(theta[0])
        none = np.zeros_like(cured)
        value = inner.value - np.logaddexp(0.0, theta[0])
        return _joined(value, inner, (-cured, np.ones_like(none)), (-cured * (1 - cured), none, none))

    def log_survival(self, time: FloatArray, theta: FloatArray) -> Derivatives:
        """Return log S."""
        inner = self.others.log_survival(time, theta[1:])
        cured, certain = _expit(theta[0]), _expit(theta[0] - inner.value)
        value = np.logaddexp(theta[0], inner.value) - np.logaddexp(0.0, theta[0])
        both = certain * (1 - certain)
        return _joined(value, inner, (certain - cured, 1 - certain), (both - cured * (1 - cured), -both, both))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class NonMixtureCure(_CureModel):
    """A bounded cumulative hazard: S = p^F0; parameters logit p, then those of F0."""

    def curves(self, time: FloatArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return log S and log f."""
        inner_S, inner_f = self.others.curves(time, theta[1:])
        bound = np.logaddexp(0.0, -theta[0])
        log_S = bound * np.expm1(inner_S)
        return log_S, np.log(bound) + inner_f + log_S

    def log_survival(self, time: FloatArray, theta: FloatArray) -> Derivatives:
        """Return log S = -M F0, M = -log p."""
        inner = self.others.log_survival(time, theta[1:])
        bound, cured, left = np.logaddexp(0.0, -theta[0]), _expit(theta[0]), np.exp(inner.value)
        dead, fall = -np.expm1(inner.value), 1 - cured
        slopes = (fall * dead, bound * left)
        return _joined(-bound * dead, inner, slopes, (-cured * fall * dead, -fall * left, bound * left))

    def log_density(self, time: FloatArray, theta: FloatArray) -> Derivatives:
        """Return log f = log M + log f0 + log S."""
        inner, tail = self.others.log_density(time, theta[1:]), self.log_survival(time, theta)
        bound, cured = np.logaddexp(0.0, -theta[0]), _expit(theta[0])
        none = np.zeros_like(cured)
        relative = -(1 - cured) / bound
        curve = cured * (1 - cured) / bound - relative**2
        top = _joined(np.log(bound) + inner.value, inner, (relative, np.ones_like(none)), (curve, none, none))
        return Derivatives(top.value + tail.value, top.slope + tail.slope, top.curve + tail.curve)


def _joined(
    value: FloatArray, inner: Derivatives, slopes: tuple[FloatArray, ...], curves: tuple[FloatArray, ...]
) -> Derivatives:
    """Return derivatives in (c, parameters of s) of a function of c and s.

    Parameters
    ----------
    value : array of float, shape (R,)
        The function.
    inner : Derivatives
        Of s.
    slopes : pair of arrays
        In c and s.
    curves : three arrays
        In cc, cs, ss.
    """
    by_c, by_s = slopes
    cc, cs, ss = curves
    size = 1 + len(inner.slope)
    hess = np.empty((size, size, value.size))
    hess[0, 0] = cc
    hess[0, 1:] = hess[1:, 0] = cs * inner.slope
    hess[1:, 1:] = ss * _outer(inner.slope) + by_s * inner.curve
    return Derivatives(value, np.concatenate([by_c[None], by_s * inner.slope]), hess)


def _expit(x: FloatArray) -> FloatArray:
    from scipy.special import expit

    return np.asarray(expit(x))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PiecewiseExponential:
    """A hazard that is constant between cuts; parameters are log rates.

    Parameters
    ----------
    cuts : array of float, shape (m,)
        Times between the pieces; the last piece has no end.
    """

    cuts: FloatArray
    _edges: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_edges", np.concatenate([[0.0], self.cuts, [np.inf]]))

    @property
    def size(self) -> int:
        """Number of pieces."""
        return int(self.cuts.size) + 1

    @property
    def shifted(self) -> FloatArray:
        """Every log rate."""
        return np.ones(self.size)

    def _spent(self, time: FloatArray) -> FloatArray:
        """Return the time spent in each piece, (K, R)."""
        low, high = self._edges[:-1, None], self._edges[1:, None]
        return np.maximum(np.minimum(time, high) - low, 0.0)

    def _piece(self, time: FloatArray) -> FloatArray:
        """Return 1 for the piece that holds each time, else 0, (K, R); a cut belongs to the piece before it."""
        place = np.searchsorted(self.cuts, time, side="left")
        return np.asarray(place == np.arange(self.size)[:, None], dtype=float)

    def curves(self, time: FloatArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return log S and log f."""
        spent, piece = self._spent(time), self._piece(time)
        log_S = -sum(np.exp(theta[j]) * spent[j] for j in range(self.size))
        return np.asarray(log_S), np.asarray(log_S + sum(theta[j] * piece[j] for j in range(self.size)))

    def log_survival(self, time: FloatArray, theta: FloatArray) -> Derivatives:
        """Return log S."""
        parts = -np.exp(theta) * self._spent(time)
        return Derivatives(parts.sum(axis=0), parts, np.eye(self.size)[:, :, None] * parts)

    def log_density(self, time: FloatArray, theta: FloatArray) -> Derivatives:
        """Return log f."""
        tail, piece = self.log_survival(time, theta), self._piece(time)
        return Derivatives(tail.value + (theta * piece).sum(axis=0), tail.slope + piece, tail.curve)


EXPONENTIAL = LocationScale(standard=EXTREME_VALUE, has_scale=False)
