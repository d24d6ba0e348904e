"""Restricted mean survival time: the area under the curve up to a horizon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from survrecon.curve import FloatArray
from survrecon.errors import AnalysisError
from survrecon.estimate import Estimate, pooled_estimate
from survrecon.ipd import PseudoIPD
from survrecon.kaplan_meier import KaplanMeier, kaplan_meier

__all__ = ["Horizon", "horizon", "rmst", "rmst_difference", "rmst_draws"]

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Horizon:
    """Up to when restricted means are taken, ``tau``, and by which rule, in words."""

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
    """Return how many of an arm's patients are at risk at a horizon.

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
