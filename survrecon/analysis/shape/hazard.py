"""The hazard of one arm without a model: smoothed with a boundary kernel, and ln(-ln S).

How much is smoothed is chosen once, on the central data set, and is the same in all draws: a band over draws that were
each smoothed differently would show the choice, not the reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.shape.results import BandedCurve, banded
from survrecon.analysis.shape.settings import HAZARD
from survrecon.errors import AnalysisError
from survrecon.model.estimate import normal_quantile
from survrecon.model.kaplan_meier import kaplan_meier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import PseudoIPD

__all__ = [
    "Smoothing",
    "boundary_kernel",
    "choose_smoothing",
    "hazard_curve",
    "log_cumulative_hazard",
    "smoothed_hazard",
]


def boundary_kernel(z: FloatArray, reach: FloatArray) -> FloatArray:
    """Return Müller and Wang's boundary kernel of Epanechnikov's shape, on -1 <= z <= ``reach``.

    With a reach of 1 it is Epanechnikov's kernel; near a boundary it takes nothing from beyond, and has integral 1
    and first moment 0, so that a hazard is not pulled towards 0 there.

    References
    ----------
    Müller and Wang, Hazard rate estimation under random censoring with varying kernels and bandwidths, Biometrics 50
    (1994) 61-76, table 1.

    Examples
    --------
    >>> boundary_kernel(np.array([-1.0, 0.0, 0.5, 1.0]), np.array(1.0)).tolist()
    [0.0, 0.75, 0.5625, 0.0]
    """
    q = reach
    inside = (z >= -1) & (z <= q)
    return np.where(inside, 12 / (1 + q) ** 4 * (z + 1) * (z * (1 - 2 * q) + (3 * q**2 - 2 * q + 1) / 2), 0.0)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Smoothing:
    """The times at which a hazard is wanted, and the bandwidth at each.

    Parameters
    ----------
    time, bandwidth : array of float, shape (m,)
        In the time unit of the data.
    end : float
        Where the hazard ends.
    """

    time: FloatArray
    bandwidth: FloatArray
    end: float

    def weights(self, at: FloatArray) -> FloatArray:
        """Return the weight of an event at each of ``at`` (d,) for the hazard at each time, (m, d)."""
        b = self.bandwidth[:, None]
        return _weights(self.time[:, None], b, at, self.end) / b


def _weights(x: FloatArray, b: FloatArray, at: FloatArray, end: float) -> FloatArray:
    """Return the kernel at (x - at) / b; where both boundaries are near, the one at 0 has its way."""
    z = (x - at) / b
    left = x < b
    right = (end - x < b) & ~left
    near_end = boundary_kernel(-z, np.where(right, (end - x) / b, 1.0))
    return np.where(right, near_end, boundary_kernel(z, np.where(left, x / b, 1.0)))


def choose_smoothing(patients: PseudoIPD, end: float | None = None) -> Smoothing:
    """Choose a bandwidth at each time that makes the squared error of the hazard least.

    A pilot hazard gives bias and variance of each candidate at each of 51 times; the best ones are smoothed over time.

    Parameters
    ----------
    patients : PseudoIPD
        The central data set.
    end : float, optional
        Where the hazard is to end; the last time with 10 at risk where left out.

    Raises
    ------
    AnalysisError
        If there are fewer than 2 events up to the end.

    References
    ----------
    Müller and Wang, Biometrics 50 (1994) 61-76; Hess, Serachitopol and Brown, Hazard function estimators: a simulation
    study, Statistics in Medicine 18 (1999) 3075-3088.
    """
    end = _last_with(patients, HAZARD.fewest_at_risk) if end is None else end
    at = patients.time[patients.event]
    if end <= 0 or np.count_nonzero(at <= end) < 2:
        got = f"{np.count_nonzero(at <= end)} up to {end:.4g} {patients.time_unit}"
        raise AnalysisError(f"arm {patients.arm}", "2 events to smooth a hazard of", got, "look at its curve instead")
    pilot = end / HAZARD.pilot / max(patients.events, 1) ** 0.2
    places = np.linspace(0, end, HAZARD.places)
    candidates = pilot * np.linspace(HAZARD.narrowest, HAZARD.widest, HAZARD.candidates)
    best = candidates[_squared_errors(patients, places, candidates, pilot, end).argmin(axis=1)]
    # The chosen bandwidths, smoothed over time.
    time = np.linspace(0, end, HAZARD.points)
    width = np.full(time.size, HAZARD.smoothing * pilot)[:, None]
    weights = _weights(time[:, None], width, places, end)
    return Smoothing(time=time, bandwidth=weights @ best / weights.sum(axis=1), end=end)


def _squared_errors(
    patients: PseudoIPD, places: FloatArray, candidates: FloatArray, pilot: float, end: float
) -> FloatArray:
    """Return the estimated squared error of the hazard at each place with each candidate, (places, candidates)."""
    # The pilot hazard, finely enough for linear interpolation.
    fine = np.linspace(0, end, HAZARD.places * 8 - 7)
    at_pilot = Smoothing(time=fine, bandwidth=np.full(fine.size, pilot), end=end)
    hazard = smoothed_hazard(patients, at_pilot)
    # Quadrature over the part of each kernel's support that lies in [0, end].
    nodes, shares = np.polynomial.legendre.leggauss(HAZARD.nodes)
    x, b = places[:, None, None], candidates[None, :, None]
    low, high = np.maximum(0, x - b), np.minimum(end, x + b)
    u, share = (high - low) / 2 * nodes + (low + high) / 2, shares * (high - low) / 2
    kernel, h = _weights(x, b, u, end) / b, np.interp(u, fine, hazard)
    at_risk = np.maximum(patients.n - np.searchsorted(patients.time, u, side="left"), 1)
    bias = (share * kernel * h).sum(axis=-1) - np.interp(places, fine, hazard)[:, None]
    variance = (share * kernel**2 * h / at_risk).sum(axis=-1)
    return np.asarray(bias**2 + variance)


def smoothed_hazard(patients: PseudoIPD, smoothing: Smoothing) -> FloatArray:
    """Return the smoothed hazard of a data set (m,), at least 0."""
    at, jump = _increments(patients)
    return np.maximum(smoothing.weights(at) @ jump, 0.0)


def hazard_curve(central: PseudoIPD, draws: Sequence[PseudoIPD], smoothing: Smoothing) -> BandedCurve:
    """Return the smoothed hazard with its bands; the sampling interval is symmetric in the logarithm."""
    at, jump = _increments(central)
    weights = smoothing.weights(at)
    value = np.maximum(weights @ jump, 0.0)
    se = np.sqrt(weights**2 @ jump**2)
    known = value > 0
    stretch = np.exp(normal_quantile() * np.divide(se, value, out=np.zeros(value.size), where=known))
    limits = np.where(known, value / stretch, 0.0), np.where(known, value * stretch, np.nan)
    return banded(smoothing.time, value, np.array([smoothed_hazard(one, smoothing) for one in draws]), limits)


def log_cumulative_hazard(central: PseudoIPD, draws: Sequence[PseudoIPD]) -> BandedCurve:
    """Return ln(-ln S) at the times of the central data set's events, with its bands; straight is Weibull's."""
    km = kaplan_meier(central.time, central.event)
    inside = (km.survival > 0) & (km.survival < 1) & (km.time > 0)
    time, log_s = km.time[inside], np.log(km.survival[inside])
    half = normal_quantile() * np.sqrt(km.greenwood[inside]) / -log_s
    value = np.log(-log_s)
    survival = np.array([one.survival_at(time) for one in draws])
    with np.errstate(divide="ignore"):
        over_draws = np.log(-np.log(survival))
    over_draws[~np.isfinite(over_draws)] = np.nan
    return banded(time, value, over_draws, (value - half, value + half))


def _increments(patients: PseudoIPD) -> tuple[FloatArray, FloatArray]:
    """Return the times of events and the steps of the cumulative hazard there; tied events leave one by one."""
    rank = np.arange(patients.n)
    return patients.time[patients.event], 1.0 / (patients.n - rank[patients.event])


def _last_with(patients: PseudoIPD, at_risk: int) -> float:
    """Return the last time with a number at risk; of an arm of fewer patients, with half of them."""
    needed = at_risk if patients.n >= 2 * at_risk else -(-patients.n // 2)
    return float(patients.time[patients.n - needed])
