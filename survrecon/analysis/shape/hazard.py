"""Hazards without a model: of one arm, smoothed, and ln(-ln S); how a hazard ratio and times of two arms compare.

How much is smoothed is chosen once, on the central data set, and is the same in all draws: a band over draws that were
each smoothed differently would show the choice, not the reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.comparison import hazard_ratio_of
from survrecon.analysis.cox import CoxStatus, contrast, contrast_draws, risk_sets
from survrecon.analysis.shape.results import BandedCurve, IntervalRatio, banded
from survrecon.analysis.shape.settings import HAZARD, RATIO
from survrecon.errors import AnalysisError
from survrecon.model.estimate import normal_quantile
from survrecon.model.kaplan_meier import FLAT, KaplanMeier, kaplan_meier, tied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import PseudoIPD

    Pair = tuple[PseudoIPD, PseudoIPD]

__all__ = [
    "ScaledResiduals",
    "Smoothing",
    "boundary_kernel",
    "choose_smoothing",
    "events_quantiles",
    "hazard_curve",
    "interval_ratios",
    "log_cumulative_hazard",
    "quantile_ratio",
    "ratio_over_time",
    "residuals_of",
    "smoothed_hazard",
]

_KERNEL_MASS = 12
"""Makes the kernel's integral 1 at every boundary."""


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
    return np.where(inside, _KERNEL_MASS / (1 + q) ** 4 * (z + 1) * (z * (1 - 2 * q) + (3 * q**2 - 2 * q + 1) / 2), 0.0)


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
    pilot = end / HAZARD.pilot / max(patients.events, 1) ** HAZARD.pilot_power
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


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ScaledResiduals:
    """The scaled Schoenfeld residuals of Cox's model with the arm alone.

    Parameters
    ----------
    time : array of float, shape (d,)
        Of the events, rising.
    value : array of float, shape (d,)
        ln HR plus the scaled residual of each event: their smooth course is ln HR over time.
    transformed : array of float, shape (d,)
        1 - S(t) of both arms together, on which proportionality is tested.
    log_hr, variance : float
        Of the fit, and of ln HR.
    """

    time: FloatArray
    value: FloatArray
    transformed: FloatArray
    log_hr: float
    variance: float

    @property
    def z(self) -> float:
        """The root of Grambsch and Therneau's statistic: positive where ln HR rises."""
        g = self.transformed - self.transformed.mean()
        spread = float(g @ g) * self.time.size * self.variance
        return float(g @ self.value) / float(np.sqrt(spread)) if spread > 0 else float("nan")


def residuals_of(control: PseudoIPD, treatment: PseudoIPD) -> ScaledResiduals | None:
    """Return the scaled Schoenfeld residuals of a pair of data sets; None where it has no finite hazard ratio.

    References
    ----------
    Grambsch and Therneau, Proportional hazards tests and diagnostics based on weighted residuals, Biometrika 81 (1994)
    515-526.
    """
    fit = contrast(control, treatment)
    if fit.status is not CoxStatus.CONVERGED:
        return None
    time_0, time_1 = tied(control.time, treatment.time)
    sets = risk_sets(time_0, time_0[control.event], time_1, time_1[treatment.event])
    d = sets.d
    # The share of the treatment in the risk that each event met, by Efron's ties, and its mean over tied events.
    rank, a, b = sets.by_efron()
    b = b * np.exp(fit.log_hr)
    share = np.add.reduceat(b / (a + b), np.cumsum(d) - d) / d
    # Of d events at a time, d1 are of the treatment.
    treated = rank < np.repeat(sets.d1, d)
    return ScaledResiduals(
        time=np.repeat(sets.time, d),
        value=np.asarray(fit.log_hr + int(d.sum()) * fit.se**2 * (treated - np.repeat(share, d))),
        transformed=np.repeat(1 - sets.survival, d),
        log_hr=fit.log_hr,
        variance=fit.se**2,
    )


def ratio_over_time(central: ScaledResiduals, draws: Sequence[ScaledResiduals | None]) -> BandedCurve:
    """Return the hazard ratio over time: a local line through the scaled residuals.

    The times and how far the line looks at each of them are those of the central data set in all draws.
    """
    d = central.time.size
    inner = np.quantile(central.time, [RATIO.inner, 1 - RATIO.inner])
    at = np.linspace(inner[0], inner[1], RATIO.points)
    nearest = min(d, max(RATIO.fewest, int(np.ceil(RATIO.span * d))))
    reach = np.sort(np.abs(at[:, None] - central.time), axis=1)[:, nearest - 1]
    reach = np.maximum(reach, np.finfo(float).eps)
    value, se = _local_line(central, at, reach)
    over_draws = [np.full(at.size, np.nan) if one is None else _local_line(one, at, reach)[0] for one in draws]
    half = normal_quantile() * se
    limits = np.exp(value - half), np.exp(value + half)
    return banded(at, np.exp(value), np.exp(np.array(over_draws)), limits)


def _local_line(residuals: ScaledResiduals, at: FloatArray, reach: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the value of a weighted line at each of ``at`` (m,) and its standard error; NaN where it has none."""
    apart = residuals.time - at[:, None]
    w = np.clip(1 - (apart / reach[:, None]) ** 2, 0, None)
    # Weights of the residuals in the line's value at its middle, by the normal equations of two coefficients.
    s0, s1, s2 = w.sum(axis=1), (w * apart).sum(axis=1), (w * apart**2).sum(axis=1)
    determinant = s0 * s2 - s1**2
    solved = determinant > FLAT * s0 * s2
    share = np.divide(
        w * (s2[:, None] - s1[:, None] * apart),
        determinant[:, None],
        out=np.full(w.shape, np.nan),
        where=solved[:, None],
    )
    # Each scaled residual varies as a single event tells of ln HR: d times the variance of the fit.
    se = np.sqrt((share**2).sum(axis=1) * residuals.time.size * residuals.variance)
    return share @ residuals.value, se


def events_quantiles(pair: Pair, shares: Sequence[float]) -> tuple[float, ...]:
    """Return the times by which shares of both arms' events have happened, each once."""
    seen = np.concatenate([one.time[one.event] for one in pair])
    return tuple(dict.fromkeys(np.quantile(seen, shares, method="inverted_cdf").tolist())) if seen.size else ()


def interval_ratios(
    central: Pair, draws: tuple[Sequence[PseudoIPD], Sequence[PseudoIPD]], bounds: Sequence[tuple[float, float | None]]
) -> tuple[IntervalRatio, ...]:
    """Return the hazard ratio of each interval, pooled over draws by Rubin's rules.

    Parameters
    ----------
    central : pair of PseudoIPD
        Control and treatment, for events and numbers at risk.
    draws : pair of sequences of PseudoIPD
        Paired.
    bounds : sequence of pairs
        After which time, and up to which; None for no end.
    """
    found = []
    for start, end in bounds:
        until = np.inf if end is None else end
        fits = contrast_draws(*draws, after=start, until=until)
        within = {
            one.arm: int(np.count_nonzero(one.event & (one.time > start) & (one.time <= until))) for one in central
        }
        found.append(
            IntervalRatio(
                start=start,
                end=end,
                hazard_ratio=hazard_ratio_of(fits, of=central[1].arm, over=central[0].arm),
                events=within,
                at_risk={one.arm: int(np.count_nonzero(one.time > start)) for one in central},
            )
        )
    return tuple(found)


def quantile_ratio(central: Pair, draws: Sequence[Pair]) -> tuple[BandedCurve, FloatArray]:
    """Return the treatment's time over the control's at each share of events, and the times (2, m), control first."""
    curves = tuple(kaplan_meier(one.time, one.event) for one in central)
    reached = 1 - max(km.lowest for km in curves)
    shares = reached * (np.arange(RATIO.quantiles) + 0.5) / RATIO.quantiles
    times = np.array([_times_of(km.time, km.survival, shares) for km in curves])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = _finite(times[1] / times[0])
        pairs = ([_times_of(*one.kaplan_meier(), shares) for one in pair] for pair in draws)
        over_draws = np.array([_finite(second / first) for first, second in pairs])
        stretch = np.exp(normal_quantile() * np.hypot(*(_log_time_se(km, shares) for km in curves)))
    return banded(shares, ratio, over_draws, (ratio / stretch, ratio * stretch)), times


def _times_of(time: FloatArray, survival: FloatArray, shares: FloatArray) -> FloatArray:
    """Return the first times at which a curve is at 1 - share or below; NaN where it stays above."""
    place = np.searchsorted(-survival, -(1 - shares + FLAT), side="left")
    return np.concatenate([time, [np.nan]])[place]


def _log_time_se(km: KaplanMeier, shares: FloatArray) -> FloatArray:
    """Return the standard error of the logarithm of each time: half the width of its interval, by the curve's band."""
    low, high = (np.where(np.isnan(limit), 0.0, limit) for limit in km.band())
    early, late = (
        _times_of(km.time, limit, shares) for limit in (np.minimum.accumulate(low), np.minimum.accumulate(high))
    )
    return np.asarray((np.log(late) - np.log(early)) / (2 * normal_quantile()))


def _finite(values: FloatArray) -> FloatArray:
    return np.where(np.isfinite(values), values, np.nan)
