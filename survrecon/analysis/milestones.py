"""Survival at times of interest, pooled over draws."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import exp, log, sqrt

import numpy as np

from survrecon.analysis.results import Milestone
from survrecon.curve import FloatArray
from survrecon.errors import AnalysisError
from survrecon.estimate import Estimate, Interval, Status, normal_quantile
from survrecon.kaplan_meier import KaplanMeier

__all__ = ["milestone", "survival_draws"]


def survival_draws(curves: Sequence[KaplanMeier], at: float) -> FloatArray:
    """Return S at one time for each of k curves, (k,), the last value carried on."""
    return np.array([km.at(at) for km in curves])


def milestone(curves: Sequence[KaplanMeier], at: float, *, level: float = 0.95) -> Milestone:
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
    >>> from survrecon.kaplan_meier import kaplan_meier
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
