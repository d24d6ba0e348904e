"""Medians, survival at a time and restricted mean survival, each pooled over posterior draws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import exp, inf, log, sqrt
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.results import Milestone
from survrecon.errors import AnalysisError
from survrecon.model.estimate import USUAL_LEVEL, Estimate, Interval, Scale, Status, normal_quantile, pooled_estimate
from survrecon.model.kaplan_meier import BandTransform, KaplanMeier, kaplan_meier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import PseudoIPD

__all__ = [
    "Horizon",
    "horizon",
    "median_draws",
    "milestone",
    "pooled_median",
    "reverse_kaplan_meier",
    "rmst",
    "rmst_difference",
    "rmst_draws",
    "survival_difference",
    "survival_draws",
]


def median_draws(curves: Sequence[KaplanMeier]) -> FloatArray:
    """Return the median of each of k curves, (k,); infinite where it is not reached."""
    medians = (km.median() for km in curves)
    return np.array([np.inf if m is None else m for m in medians])


def reverse_kaplan_meier(data: PseudoIPD) -> KaplanMeier:
    """Return the reverse Kaplan-Meier estimate, in which events and censorings are swapped: potential follow-up.

    References
    ----------
    Schemper and Smith, A note on quantifying follow-up in studies of failure time, Control Clin Trials
    17 (1996) 343-346.
    """
    return kaplan_meier(data.time, ~data.event)


def pooled_median(
    curves: Sequence[KaplanMeier],
    *,
    transform: BandTransform = BandTransform.LOG_LOG,
    level: float = USUAL_LEVEL,
) -> Estimate:
    """Pool the medians of k curves by Rubin's rules on the log scale.

    The Brookmeyer-Crowley limits of one curve are not symmetric, so the two sides are pooled apart:
    a side's sampling error is the distance from the median to that limit over the normal quantile.
    With one curve the interval is that curve's own.

    Parameters
    ----------
    curves : sequence of KaplanMeier, length k
        One a draw.
    transform : BandTransform
        Scale of the pointwise band.

    Returns
    -------
    Estimate
        "not reached" where at least half of the draws do not come down to a half; otherwise pooled over
        those that do. A limit that most of them do not reach is ``None``. ``sampling_se`` is the mean of
        the two sides, or the lower alone where the upper is not reached.

    Examples
    --------
    >>> pooled_median([kaplan_meier(range(1, 11), [1] * 10)]).format(1)
    '5.5 (1.0 to 8.0)'
    """
    medians = median_draws(curves)
    reached = [km for km, m in zip(curves, medians, strict=True) if np.isfinite(m)]
    if 2 * len(reached) <= len(curves):
        return Estimate(value=None, status=Status.NOT_REACHED)
    # Medians are pooled as logarithms, unless a value or a limit is 0.
    values = medians[np.isfinite(medians)]
    limits = [km.median_limits(transform, level) for km in reached]
    positive = values.min() > 0 and all(limit.low is None or limit.low > 0 for limit in limits)
    scale = Scale.LOG if positive else Scale.IDENTITY
    q = np.log(values) if positive else values
    # Rubin's between-draws variance; the within-draws part comes from the limits of each curve.
    k = q.size
    between = (1 + 1 / k) * float(q.var(ddof=1)) if k > 1 else None
    interval, sides = _pooled_limits(q, limits, scale, between or 0.0, level)
    return Estimate(
        value=scale.inverse(float(q.mean())),
        interval=interval,
        sampling_se=sqrt(sum(sides) / len(sides)) if sides else None,
        reconstruction_se=None if between is None else sqrt(between),
        scale=scale,
        interval_at=partial(_interval_at, tuple(reached), q, transform, scale, between or 0.0),
    )


def _interval_at(
    curves: Sequence[KaplanMeier],
    q: FloatArray,
    transform: BandTransform,
    scale: Scale,
    between: float,
    level: float,
) -> Interval:
    """Return the pooled interval of a median at another level: its band crosses one half at other times."""
    limits = [km.median_limits(transform, level) for km in curves]
    return _pooled_limits(q, limits, scale, between, level)[0]


def _pooled_limits(
    q: FloatArray, limits: Sequence[Interval], scale: Scale, between: float, level: float
) -> tuple[Interval, list[float]]:
    """Return the pooled interval of the medians ``q`` (k,), on ``scale``, and the sampling variances of its sides."""
    centre, z = float(q.mean()), normal_quantile(level)
    below = _side_variance(q, [i.low for i in limits], scale, z)
    above = _side_variance(q, [i.high for i in limits], scale, z)
    interval = Interval(
        low=None if below is None else scale.inverse(centre - z * sqrt(below + between)),
        high=None if above is None else scale.inverse(centre + z * sqrt(above + between)),
        level=level,
    )
    return interval, [v for v in (below, above) if v is not None]


def _side_variance(q: FloatArray, limits: Sequence[float | None], scale: Scale, z: float) -> float | None:
    """Return the sampling variance of one limit over the draws that have it; ``None`` if half of them have none."""
    known = [
        (v, m) for v, m in zip(limits, q.tolist(), strict=True) if v is not None and (v > 0 or scale is not Scale.LOG)
    ]
    squares = [((scale.forward(v) - m) / z) ** 2 for v, m in known]
    return sum(squares) / len(squares) if 2 * len(squares) > len(limits) else None


def survival_draws(curves: Sequence[KaplanMeier], at: float) -> FloatArray:
    """Return S(t) at one time for each of k curves, (k,), carrying the last value forward."""
    return np.array([km.at(at) for km in curves])


def milestone(curves: Sequence[KaplanMeier], at: float, *, level: float = USUAL_LEVEL) -> Milestone:
    """Pool survival at one time.

    The value is the mean over draws; its interval comes from Rubin's rules on ln(-ln S), so that it stays
    between 0 and 1. Standard errors are on the survival scale.

    Parameters
    ----------
    curves : sequence of KaplanMeier, length k
        One a draw.
    at : float
        In the time unit of the curves.

    Returns
    -------
    Milestone
        "not estimable" where half of the draws end before ``at`` with patients left.

    Raises
    ------
    AnalysisError
        If ``at`` is negative or not finite.

    Examples
    --------
    >>> from survrecon.model.kaplan_meier import kaplan_meier
    >>> milestone([kaplan_meier(range(1, 11), [1] * 10)], 4).survival.format(3)
    '0.600 (0.253 to 0.827)'
    """
    if not 0 <= at < np.inf:
        raise AnalysisError("milestone", "a time from 0", f"{at}", "give a time within follow-up")
    known = [km for km in curves if km.reach >= at]
    if 2 * len(known) <= len(curves):
        return Milestone(at=at, survival=Estimate(value=None, status=Status.NOT_ESTIMABLE))
    S = survival_draws(known, at)
    G = np.array([km.greenwood_at(at) for km in known])
    k, mean = S.size, float(S.mean())
    between = (1 + 1 / k) * float(S.var(ddof=1)) if k > 1 else None
    inside = (S > 0) & (S < 1)
    sampling = float(np.mean(S[inside] ** 2 * G[inside])) if inside.any() else 0.0
    interval_at = partial(_interval, mean, sampling + (between or 0.0)) if inside.all() else None
    return Milestone(
        at=at,
        survival=Estimate(
            value=mean,
            interval=None if interval_at is None else interval_at(level),
            sampling_se=sqrt(sampling),
            reconstruction_se=None if between is None else sqrt(between),
            interval_at=interval_at,
        ),
    )


def _interval(S: float, variance: float, level: float) -> Interval:
    """Return the log-log interval of S from a variance on the survival scale (delta method)."""
    stretch = exp(normal_quantile(level) * sqrt(variance) / (S * -log(S)))
    return Interval(low=exp(log(S) * stretch), high=exp(log(S) / stretch), level=level)


_FEWEST = 10
"""Patients at risk in either arm at a horizon, or a tenth of the arm where that is more."""


def rmst(km: KaplanMeier, tau: float) -> tuple[float, float]:
    """Return the restricted mean up to ``tau`` and its standard error, in the curve's time unit.

    The variance is the sum over events of (area from there to tau)^2 d / (n (n - d)); an event after
    which nobody is left has no area after it and adds nothing.

    References
    ----------
    Klein and Moeschberger, Survival Analysis, 2nd ed., eq. 4.5.2.

    Examples
    --------
    >>> from survrecon.model.kaplan_meier import kaplan_meier
    >>> mean, se = rmst(kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]), 4)
    >>> round(mean, 3), round(se, 3)
    (2.5, 0.559)
    """
    inside = int(np.searchsorted(km.time, tau, side="left"))
    S, d, n = km.survival[:inside], km.events[:inside], km.at_risk[:inside]
    # The area under the curve between neighbouring event times, and from each event time to the horizon.
    edges = np.concatenate([[0.0], km.time[:inside], [tau]])
    areas = np.diff(edges) * np.concatenate([[1.0], S])
    after = np.cumsum(areas[::-1])[::-1][1:]
    # Greenwood's sum, each event weighted by the square of the area that depends on it.
    left = n - d
    terms = np.divide(after**2 * d, n * left, out=np.zeros(inside), where=left > 0)
    return float(areas.sum()), float(np.sqrt(terms.sum()))


def rmst_draws(curves: Sequence[KaplanMeier], tau: float) -> tuple[FloatArray, FloatArray]:
    """Return the restricted means of k curves and their standard errors, each (k,)."""
    both = np.array([rmst(km, tau) for km in curves])
    return both[:, 0], both[:, 1]


def rmst_difference(
    control: Sequence[KaplanMeier], treatment: Sequence[KaplanMeier], tau: float, *, of: str, over: str
) -> Estimate:
    """Pool the difference, treatment minus control, over pairs; a single curve goes with every other."""
    (mean_0, se_0), (mean_1, se_1) = (rmst_draws(curves, tau) for curves in (control, treatment))
    errors = np.hypot(se_0, se_1)
    return pooled_estimate((mean_1 - mean_0).tolist(), errors.tolist(), of=of, over=over)


def survival_difference(
    control: Sequence[KaplanMeier], treatment: Sequence[KaplanMeier], at: float, *, of: str, over: str
) -> Estimate:
    """Pool the difference of survival at one time, treatment minus control, over pairs of draws.

    Raises
    ------
    AnalysisError
        If half of the curves of an arm end before ``at`` with patients left.
    """
    for curves, arm in ((control, over), (treatment, of)):
        reach = sorted(km.reach for km in curves)[len(curves) // 2]
        if reach < at:
            raise AnalysisError(
                arm, f"followed up to {at:g}", f"a curve that ends at {reach:g}", "give a time within follow-up"
            )
    S_0, S_1 = survival_draws(control, at), survival_draws(treatment, at)
    G_0, G_1 = (np.array([_greenwood(km, at) for km in curves]) for curves in (control, treatment))
    errors = np.sqrt(S_0**2 * G_0 + S_1**2 * G_1)
    return pooled_estimate((S_1 - S_0).tolist(), errors.tolist(), of=of, over=over)


def _greenwood(km: KaplanMeier, at: float) -> float:
    """Return Greenwood's sum at a time; 0 where nobody is left, as S is 0 there."""
    return km.greenwood_at(at) if km.at(at) > 0 else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Horizon:
    """The horizon ``tau`` of restricted means, and the rule that chose it, in words."""

    tau: float
    rule: str


def horizon(
    control: Sequence[PseudoIPD],
    treatment: Sequence[PseudoIPD],
    tau: float | None = None,
    *,
    printed: float | None = None,
) -> Horizon:
    """Return one horizon for every draw of two arms.

    It is ``tau`` if given, else ``printed`` where the data reach it, else the last time at which, in every data set,
    both arms have 10 patients and a tenth of all at risk: later a mean rests on too few. Of an arm of fewer than 10,
    half must be at risk. Where that leaves nothing, it is the last time with anybody at risk in both arms.

    Parameters
    ----------
    control, treatment : sequence of PseudoIPD
        The draws.
    tau : float, optional
        The horizon that is asked for.
    printed : float, optional
        The horizon that the paper prints.

    Raises
    ------
    AnalysisError
        If ``tau`` is not positive or lies beyond what an arm's data tell.
    """
    draws = (*control, *treatment)
    asked = tau is not None or printed is not None
    curves = [kaplan_meier(d.time, d.event) for d in draws] if asked else []
    if tau is not None:
        known = min((km.reach for km in curves), default=inf)
        if not 0 < tau <= known:
            raise AnalysisError(
                "tau", f"a horizon above 0 and at most {known:g}, where an arm's data end", f"{tau:g}", "lower it"
            )
        return Horizon(tau=tau, rule="as asked for")
    beyond = ""
    if printed is not None:
        if all(km.reaches(printed) for km in curves):
            return Horizon(tau=printed, rule="as the paper prints")
        beyond = f"; the paper's {printed:g} lies beyond the data"
    latest = min(float(d.time[-_needed(d.n)]) for d in draws)
    if latest > 0:
        return Horizon(tau=latest, rule=_rule(min(d.n for d in draws)) + beyond)
    last = min(float(d.time[-1]) for d in draws)
    return Horizon(tau=last, rule=f"the last time with anybody at risk in both arms{beyond}")


def _needed(n: int) -> int:
    """Return the number at risk that a horizon needs in an arm.

    Examples
    --------
    >>> [_needed(n) for n in (1, 9, 10, 100, 101, 307)]
    [1, 5, 10, 10, 11, 31]
    """
    return -(-n // 2) if n < _FEWEST else max(_FEWEST, -(-n // 10))


def _rule(smallest: int) -> str:
    if smallest < _FEWEST:
        return f"the last time with half of an arm of fewer than {_FEWEST} at risk"
    return f"the last time with {_FEWEST} patients and 10% of N at risk in both arms"
