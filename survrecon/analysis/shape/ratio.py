"""How a hazard ratio changes with time, and how the times of two arms compare: what a model of both must allow for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.comparison import hazard_ratio_of
from survrecon.analysis.cox import CoxStatus, contrast, contrast_draws
from survrecon.analysis.shape.results import BandedCurve, IntervalRatio, banded
from survrecon.analysis.shape.settings import RATIO
from survrecon.model.estimate import normal_quantile
from survrecon.model.kaplan_meier import FLAT, KaplanMeier, kaplan_meier, tied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import PseudoIPD

    Pair = tuple[PseudoIPD, PseudoIPD]

__all__ = [
    "ScaledResiduals",
    "events_quantiles",
    "interval_ratios",
    "quantile_ratio",
    "ratio_over_time",
    "residuals_of",
]


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
    seen_0, seen_1 = time_0[control.event], time_1[treatment.event]
    times, d = np.unique(np.concatenate([seen_0, seen_1]), return_counts=True)
    n0, n1 = (t.size - np.searchsorted(t, times, side="left") for t in (time_0, time_1))
    d1 = np.searchsorted(seen_1, times, side="right") - np.searchsorted(seen_1, times, side="left")
    # The share of the treatment in the risk that each event met, by Efron's ties, and its mean over tied events.
    rank = np.arange(int(d.sum())) - np.repeat(np.cumsum(d) - d, d)
    lost = rank / np.repeat(d, d)
    a = np.repeat(n0, d) - lost * np.repeat(d - d1, d)
    b = (np.repeat(n1, d) - lost * np.repeat(d1, d)) * np.exp(fit.log_hr)
    share = np.add.reduceat(b / (a + b), np.cumsum(d) - d) / d
    # Of d events at a time, d1 are of the treatment.
    treated = rank < np.repeat(d1, d)
    survival = np.cumprod(1 - d / (n0 + n1))
    return ScaledResiduals(
        time=np.repeat(times, d),
        value=np.asarray(fit.log_hr + int(d.sum()) * fit.se**2 * (treated - np.repeat(share, d))),
        transformed=np.repeat(1 - survival, d),
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


def _events_between(one: PseudoIPD, start: float, end: float) -> int:
    return int(np.count_nonzero(one.event & (one.time > start) & (one.time <= end)))


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
