"""Cox's model with the arm as its only covariate, and the log-rank test, fast enough to fit every posterior draw.

Both need only, at each distinct time of an event, the numbers at risk and of events in either
arm. lifelines gives the reported fit of the central data set; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import exp, inf, nan, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from survrecon.analysis.results import ProportionalHazards
from survrecon.errors import AnalysisError
from survrecon.model.estimate import Estimate, Scale, Status, pooled_estimate
from survrecon.model.kaplan_meier import tied
from survrecon.model.show import BriefRepr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray, IntArray
    from survrecon.model.ipd import PseudoIPD

__all__ = [
    "ContrastDraws",
    "CoxFit",
    "CoxStatus",
    "RiskSets",
    "central_fit",
    "contrast",
    "contrast_draws",
    "fit_cox",
    "load_cox_libraries",
    "risk_sets",
]

_MOST_STEPS = 60
_STEP = 1e-10
"""Newton's last step on ln HR; convergence is quadratic, so the error is far below it."""
_LONGEST_STEP = 3.0


class CoxStatus(StrEnum):
    """How a fit ended."""

    CONVERGED = "converged"
    NO_EVENT = "no event while both arms have patients at risk"
    MONOTONE = "every event could only be in one arm's favour, so no finite hazard ratio fits best"
    NOT_CONVERGED = "Newton's steps did not settle"


@dataclass(frozen=True, kw_only=True, slots=True)
class CoxFit:
    """One fit: the treatment's hazard over the control's.

    Parameters
    ----------
    log_hr, se : float
        ln HR and its standard error from the information; NaN unless ``status`` is converged.
    logrank_z : float
        Log-rank z, positive where the treatment has more events than expected; NaN without events.
    status : CoxStatus
        How the fit ended.
    """

    log_hr: float
    se: float
    logrank_z: float
    status: CoxStatus


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class ContrastDraws(BriefRepr):
    """Fits of k paired draws; NaN where there is none.

    Parameters
    ----------
    log_hr, se, z : array of float, shape (k,)
        ln HR of the treatment over the control, its standard error, and the log-rank z.
    status : tuple of CoxStatus
        How each fit ended.
    """

    log_hr: FloatArray
    se: FloatArray
    z: FloatArray
    status: tuple[CoxStatus, ...]


def fit_cox(time: npt.ArrayLike, event: npt.ArrayLike, group: npt.ArrayLike) -> CoxFit:
    """Fit Cox's model with Efron's ties to two groups.

    Parameters
    ----------
    time : array of float, shape (n,)
        Times, in any order.
    event : array of bool, shape (n,)
        True for an event.
    group : array of int, shape (n,)
        1 for the treatment, 0 for the control.

    Returns
    -------
    CoxFit
        Its ``status`` says when there is no finite maximum.

    Raises
    ------
    AnalysisError
        If a group is empty or labelled otherwise.

    References
    ----------
    Efron, The efficiency of Cox's likelihood function for censored data, JASA 72 (1977) 557-565.

    Examples
    --------
    >>> fit = fit_cox([1, 2, 3, 4], [1, 1, 1, 1], [1, 0, 1, 0])
    >>> round(fit.log_hr, 4), round(fit.logrank_z, 4), fit.status.value
    (0.9406, 0.7845, 'converged')
    """
    t, flag, arm = np.asarray(time, dtype=float), np.asarray(event, dtype=bool), np.asarray(group)
    if not np.isin(arm, (0, 1)).all() or arm.min() == arm.max():
        found = ", ".join(map(str, np.unique(arm)))
        raise AnalysisError("group", "1 for the treatment, 0 for the control, both present", found, "label both arms")
    (t,), treated = tied(t), arm == 1
    return _fit(np.sort(t[~treated]), np.sort(t[~treated & flag]), np.sort(t[treated]), np.sort(t[treated & flag]))


def contrast(control: PseudoIPD, treatment: PseudoIPD, *, after: float = -inf, until: float = inf) -> CoxFit:
    """Fit Cox's model to the treatment over the control; times that differ by round-off count as tied.

    Parameters
    ----------
    control, treatment : PseudoIPD
        One data set each.
    after, until : float
        Only the events after the one time and up to the other count: the hazard ratio of that interval.
    """
    time_0, time_1 = tied(control.time, treatment.time)
    seen_0, seen_1 = time_0[control.event], time_1[treatment.event]
    within_0, within_1 = ((seen > after) & (seen <= until) for seen in (seen_0, seen_1))
    return _fit(time_0, seen_0[within_0], time_1, seen_1[within_1])


def contrast_draws(
    control: Sequence[PseudoIPD], treatment: Sequence[PseudoIPD], *, after: float = -inf, until: float = inf
) -> ContrastDraws:
    """Fit Cox's model to every pair of draws; a single data set is paired with every draw of the other arm.

    Parameters
    ----------
    control, treatment : sequence of PseudoIPD, length k or 1
        Paired draws.
    after, until : float
        Only the events after the one time and up to the other count.

    Returns
    -------
    ContrastDraws
        One fit a pair, without the tests and summaries of `survrecon.compare_arms`, and as much quicker.

    Raises
    ------
    AnalysisError
        If both arms have several draws, but not the same number.
    """
    k = max(len(control), len(treatment))
    if {len(control), len(treatment)} - {1, k} or not (control and treatment):
        raise AnalysisError(
            "draws of two arms",
            "as many of one as of the other, or one",
            f"{len(control)} of the control and {len(treatment)} of the treatment",
            "draw the same number for both",
        )
    pairs = ((control[i % len(control)], treatment[i % len(treatment)]) for i in range(k))
    fits = [contrast(a, b, after=after, until=until) for a, b in pairs]
    return ContrastDraws(
        log_hr=np.array([f.log_hr for f in fits]),
        se=np.array([f.se for f in fits]),
        z=np.array([f.logrank_z for f in fits]),
        status=tuple(f.status for f in fits),
    )


class RiskSets(NamedTuple):
    """Patients at risk and events of two arms at each distinct time of an event; arrays (m,).

    Parameters
    ----------
    time : array of float
        The times.
    n0, n1 : array of int
        Patients at risk just before, of the control and of the treatment.
    d, d1 : array of int
        All events, and those of the treatment.
    """

    time: FloatArray
    n0: IntArray
    n1: IntArray
    d: IntArray
    d1: IntArray

    @property
    def survival(self) -> FloatArray:
        """The Kaplan-Meier estimate of both arms together, just after each time."""
        return np.asarray(np.cumprod(1 - self.d / (self.n0 + self.n1)))

    def by_efron(self) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return of each event its rank among those tied with it, and the patients of either arm in its risk set.

        Efron's ties: of d tied events the one of rank r = 0..d-1 meets a risk set short of r/d of each arm's.
        """
        d = self.d
        rank = np.arange(int(d.sum())) - np.repeat(np.cumsum(d) - d, d)
        lost = rank / np.repeat(d, d)
        control = np.repeat(self.n0, d) - lost * np.repeat(d - self.d1, d)
        return rank, control, np.repeat(self.n1, d) - lost * np.repeat(self.d1, d)


def risk_sets(time_0: FloatArray, seen_0: FloatArray, time_1: FloatArray, seen_1: FloatArray) -> RiskSets:
    """Return the risk sets of sorted times of all patients and of events; 0 is the control, 1 the treatment.

    Examples
    --------
    >>> control, treatment = np.array([1.0, 3, 5]), np.array([2.0, 3, 4])
    >>> sets = risk_sets(control, control[:2], treatment, treatment[1:])
    >>> sets.time.tolist(), sets.n0.tolist(), sets.n1.tolist(), sets.d.tolist(), sets.d1.tolist()
    ([1.0, 3.0, 4.0], [3, 2, 1], [3, 2, 1], [1, 2, 1], [0, 1, 1])
    """
    times, d = np.unique(np.concatenate([seen_0, seen_1]), return_counts=True)
    n0, n1 = (t.size - np.searchsorted(t, times, side="left") for t in (time_0, time_1))
    d1 = np.searchsorted(seen_1, times, side="right") - np.searchsorted(seen_1, times, side="left")
    return RiskSets(time=times, n0=n0, n1=n1, d=d, d1=d1)


def _fit(time_0: FloatArray, seen_0: FloatArray, time_1: FloatArray, seen_1: FloatArray) -> CoxFit:
    """Fit from sorted times of all patients and of events; 0 is the control, 1 the treatment."""
    sets = risk_sets(time_0, seen_0, time_1, seen_1)
    z = _logrank_z(sets.n0, sets.n1, sets.d, sets.d1)
    _, a, b = sets.by_efron()
    # Without patients of both arms at risk, or with events of one arm alone, no finite ratio maximizes the likelihood.
    total_1 = int(sets.d1.sum())
    if not ((a > 0) & (b > 0)).any():
        return CoxFit(log_hr=nan, se=nan, logrank_z=z, status=CoxStatus.NO_EVENT)
    if not np.count_nonzero(a <= 0) < total_1 < np.count_nonzero(b > 0):
        return CoxFit(log_hr=nan, se=nan, logrank_z=z, status=CoxStatus.MONOTONE)
    return _newton(a, b, total_1, z)


def _newton(a: FloatArray, b: FloatArray, total_1: int, z: float) -> CoxFit:
    """Solve U(beta) = D1 - sum p = 0 with p = b e^beta / (a + b e^beta); U falls, so its root stays bracketed."""
    beta, low, high = 0.0, -inf, inf
    for _ in range(_MOST_STEPS):
        # Score and information of the partial likelihood at the present ratio.
        bt = b * exp(beta)
        p = bt / (a + bt)
        score, information = total_1 - float(p.sum()), float(p @ (1 - p))
        # A Newton step, or the middle of the bracket where the step would leave it.
        low, high = (beta, high) if score > 0 else (low, beta)
        step = max(-_LONGEST_STEP, min(_LONGEST_STEP, score / information))
        if abs(step) < _STEP:
            return CoxFit(log_hr=beta + step, se=1 / sqrt(information), logrank_z=z, status=CoxStatus.CONVERGED)
        beta = beta + step if low < beta + step < high else (low + high) / 2
    return CoxFit(log_hr=nan, se=nan, logrank_z=z, status=CoxStatus.NOT_CONVERGED)


def _logrank_z(
    n0: npt.NDArray[np.int64], n1: npt.NDArray[np.int64], d: npt.NDArray[np.int64], d1: npt.NDArray[np.int64]
) -> float:
    """Return (O - E) / sqrt(V) of the treatment, with the hypergeometric variance."""
    n = n0 + n1
    expected = d * n1 / n
    variance = float((expected * (n0 / n) * (n - d) / np.maximum(n - 1, 1)).sum())
    return float((d1 - expected).sum()) / sqrt(variance) if variance > 0 else nan


def central_fit(control: PseudoIPD, treatment: PseudoIPD) -> tuple[Estimate, ProportionalHazards | None]:
    """Return lifelines' hazard ratio of the treatment over the control, and its test of proportionality.

    Parameters
    ----------
    control, treatment : PseudoIPD
        One data set each.

    Returns
    -------
    hazard_ratio : Estimate
        Efron ties; "not estimable" where no finite hazard ratio fits best.
    proportional_hazards : ProportionalHazards or None
        On Kaplan-Meier transformed time; ``None`` where there is no hazard ratio.

    Raises
    ------
    AnalysisError
        If lifelines does not converge although a finite hazard ratio fits best.

    References
    ----------
    Grambsch and Therneau, Proportional hazards tests and diagnostics based on weighted residuals,
    Biometrika 81 (1994) 515-526.

    Examples
    --------
    >>> from survrecon.model.ipd import PseudoIPD
    >>> a = PseudoIPD(time=[1, 3, 5, 6, 8, 9], event=[1, 1, 0, 1, 1, 0], arm="placebo")
    >>> b = PseudoIPD(time=[2, 4, 7, 9, 10, 11], event=[1, 0, 1, 0, 1, 0], arm="drug")
    >>> ratio, test = central_fit(a, b)
    >>> ratio.of, ratio.over, ratio.format(2)
    ('drug', 'placebo', '0.38 (0.07 to 2.11)')
    """
    of, over = treatment.arm, control.arm
    own = contrast(control, treatment)
    if own.status is not CoxStatus.CONVERGED:
        return Estimate(value=None, status=Status.NOT_ESTIMABLE, scale=Scale.LOG, of=of, over=over), None
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError
    from lifelines.statistics import proportional_hazard_test

    times = tied(control.time, treatment.time)
    arms = zip((control, treatment), times, (0, 1), strict=True)
    frame = pd.concat([ipd.to_frame().assign(time=time, treated=treated) for ipd, time, treated in arms])
    frame = frame.reset_index(drop=True)
    fitter: Any = CoxPHFitter()
    near = np.array([own.log_hr * float(frame["treated"].std())])  # of the column as lifelines scales it
    try:
        try:
            with np.errstate(over="ignore"):
                fitter.fit(frame, duration_col="time", event_col="event")
        except ConvergenceError:  # arms of very different size and survival: the first step from 0 goes too far
            fitter.fit(frame, duration_col="time", event_col="event", initial_point=near)
    except ConvergenceError as error:
        raise AnalysisError(
            f"hazard ratio of {of} over {over}",
            "arms of which Cox's model can be fitted",
            f"a fit that does not converge: {str(error).splitlines()[0]}",
            "look at the curves, times and numbers of patients: the arms may hardly overlap in time, or be misread",
        ) from error
    log_hr, se = float(fitter.params_["treated"]), float(fitter.standard_errors_["treated"])
    test: Any = proportional_hazard_test(fitter, frame, time_transform="km").summary.loc["treated"]
    proportional = ProportionalHazards(statistic=float(test["test_statistic"]), p=float(test["p"]))
    return pooled_estimate([log_hr], [se], scale=Scale.LOG, of=of, over=over), proportional


def load_cox_libraries() -> None:
    """Import what `central_fit` needs, a second of work, at a time that suits the caller."""
    import lifelines.statistics  # noqa: F401
    import pandas  # noqa: F401
