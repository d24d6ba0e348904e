"""Restricted mean survival time: the area under the curve up to a horizon."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np

from survrecon.curve import FloatArray
from survrecon.errors import AnalysisError
from survrecon.estimate import Estimate, pooled_estimate
from survrecon.kaplan_meier import KaplanMeier

__all__ = ["horizon", "rmst", "rmst_difference", "rmst_draws"]


def rmst(km: KaplanMeier, tau: float) -> tuple[float, float]:
    """Return the restricted mean up to ``tau`` and its standard error, in the curve's time unit.

    The variance is the sum over events of (area from there to tau)^2 d / (n (n - d)); an event after
    which nobody is left has no area after it and adds nothing.

    References
    ----------
    Klein and Moeschberger, Survival Analysis, 2nd ed., eq. 4.5.2.

    Examples
    --------
    >>> from survrecon.kaplan_meier import kaplan_meier
    >>> mean, se = rmst(kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]), 4)
    >>> round(mean, 3), round(se, 3)
    (2.5, 0.559)
    """
    inside = int(np.searchsorted(km.time, tau, side="left"))
    S, d, n = km.survival[:inside], km.events[:inside], km.at_risk[:inside]
    edges = np.concatenate([[0.0], km.time[:inside], [tau]])
    areas = np.diff(edges) * np.concatenate([[1.0], S])
    after = np.cumsum(areas[::-1])[::-1][1:]
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


def horizon(control: Sequence[KaplanMeier], treatment: Sequence[KaplanMeier], tau: float | None = None) -> float:
    """Return ``tau`` if every curve is known up to there; without one, the smallest of their largest times.

    Raises
    ------
    AnalysisError
        If ``tau`` is not positive or lies beyond what an arm's data tell.
    """
    curves = (*control, *treatment)
    if tau is None:
        return min(km.last for km in curves)
    known = min((km.reach for km in curves), default=inf)
    if not 0 < tau <= known:
        raise AnalysisError(
            "tau", f"a horizon above 0 and at most {known:g}, where an arm's data end", f"{tau:g}", "lower it"
        )
    return tau
