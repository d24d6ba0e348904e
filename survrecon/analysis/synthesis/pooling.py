"""Pooling of trials: common effect and random effects, with Hartung and Knapp's interval and a prediction interval.

Sources: DerSimonian and Laird 1986 (moments), Paule and Mandel 1982 (generalised Q), Viechtbauer 2005 (restricted
maximum likelihood), Hartung and Knapp 2001 (variance of the pooled effect), Röver, Knapp and Friede 2015 (its factor
held at 1 or more), Higgins, Thompson and Spiegelhalter 2009 (prediction), Bucher and others 1997 (indirect comparison).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import exp, sqrt
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.synthesis.contrasts import ContrastMeasure, TrialContrast, refuse_unlike
from survrecon.callers import option_name
from survrecon.errors import AnalysisError
from survrecon.model.estimate import USUAL_LEVEL, Estimate, Interval, normal_quantile
from survrecon.model.show import BriefRepr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray

__all__ = ["BetweenTrials", "IndirectContrast", "PooledContrast", "indirect_contrast", "pool_contrasts"]

_MOST_TAU2 = 100.0
"""Largest variance between trials that is looked for, in multiples of the observed variance of effects."""
_GRID = 200
"""Values of that variance at which the restricted likelihood is looked at first, as it may have two maxima."""
_NEAR = 1e-12
"""Relative precision to which the variance between trials is solved for."""
_FEWEST_FOR_PREDICTION = 3
"""Trials from which on a prediction interval is given."""
_SUSPECT_P = 0.05
"""Of the test of proportional hazards, below which an indirect hazard ratio is warned of."""


class BetweenTrials(StrEnum):
    """How the variance between trials is estimated."""

    COMMON = "common"
    """One effect for all trials ("fixed effect"): no variance between them."""
    DERSIMONIAN_LAIRD = "dl"
    PAULE_MANDEL = "pm"
    REML = "reml"
    """Restricted maximum likelihood."""

    @property
    def words(self) -> str:
        """What the method is called."""
        return {
            BetweenTrials.COMMON: "common effect",
            BetweenTrials.DERSIMONIAN_LAIRD: "random effects, DerSimonian-Laird",
            BetweenTrials.PAULE_MANDEL: "random effects, Paule-Mandel",
            BetweenTrials.REML: "random effects, REML",
        }[self]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class PooledContrast(BriefRepr):
    """Several trials pooled.

    Parameters
    ----------
    contrasts : tuple of TrialContrast
        What was pooled, k of them.
    method : BetweenTrials
        How the variance between trials was estimated.
    effect, se : float
        On the measure's scale.
    interval : Interval
        Of ``effect``, on the same scale.
    weights : array of float, shape (k,)
        Share of each trial in the pooled effect.
    tau2 : float
        Variance between trials.
    heterogeneity : float
        Cochran's Q, on k - 1 degrees of freedom.
    heterogeneity_p : float
        Its p value.
    inconsistency : float
        I squared, a share: of Q beyond its degrees of freedom.
    prediction : Interval or None
        Where the effect of a new trial lies; ``None`` with a common effect or fewer than three trials.
    reconstruction_se : float
        Part of ``se`` that is due to the reading of figures.
    hartung_knapp : bool
        Whether ``se`` and interval are Hartung and Knapp's.
    notes : tuple of str
        What a reader must know.
    """

    contrasts: tuple[TrialContrast, ...]
    method: BetweenTrials
    effect: float
    se: float
    interval: Interval
    weights: FloatArray
    tau2: float
    heterogeneity: float
    heterogeneity_p: float
    inconsistency: float
    prediction: Interval | None
    reconstruction_se: float
    hartung_knapp: bool
    notes: tuple[str, ...] = ()

    @property
    def measure(self) -> ContrastMeasure:
        """What was pooled."""
        return self.contrasts[0].measure

    @property
    def estimate(self) -> Estimate:
        """The pooled effect on its natural scale: a hazard ratio, or a difference."""
        first = self.contrasts[0]
        return natural_estimate(
            self.measure, self.effect, self.interval, of=first.of, over=first.over, se=self.se,
            reconstruction_se=self.reconstruction_se,
        )  # fmt: skip

    def __str__(self) -> str:
        first = self.contrasts[0]
        return (
            f"{self.measure.words} of {first.of} over {first.over}, {len(self.contrasts)} trials, {self.method.words}: "
            f"{self.estimate.format(2)}"
        )


def natural_estimate(
    measure: ContrastMeasure,
    effect: float,
    interval: Interval,
    *,
    of: str,
    over: str,
    se: float,
    reconstruction_se: float,
) -> Estimate:
    """Return an effect and its interval as an estimate on the natural scale of its measure."""
    ratio = measure is ContrastMeasure.HAZARD_RATIO
    return Estimate(
        value=exp(effect) if ratio else effect,
        interval=_natural(interval) if ratio else interval,
        sampling_se=sqrt(max(se**2 - reconstruction_se**2, 0.0)),
        reconstruction_se=reconstruction_se,
        scale=measure.scale,
        of=of,
        over=over,
    )


def _natural(interval: Interval) -> Interval:
    assert interval.low is not None
    assert interval.high is not None
    return Interval(low=exp(interval.low), high=exp(interval.high), level=interval.level)


def pool_contrasts(
    contrasts: Sequence[TrialContrast],
    *,
    method: BetweenTrials = BetweenTrials.REML,
    hartung_knapp: bool = False,
    at_least_one: bool = False,
    level: float = USUAL_LEVEL,
) -> PooledContrast:
    """Pool the contrasts of several trials.

    The variance of a trial is its sampling variance and that of the reconstruction together.

    Parameters
    ----------
    contrasts : sequence of TrialContrast
        One a trial, all of one measure, endpoint, tau, treatment and comparator.
    method : BetweenTrials
        How the variance between trials is estimated.
    hartung_knapp : bool
        Whether the variance of the pooled effect is Hartung and Knapp's, with a t interval.
    at_least_one : bool
        Whether their factor q is held at 1 or more, so that the interval is not shorter than without it.
    level : float
        Of intervals.

    Raises
    ------
    AnalysisError
        If there are fewer than two trials, they do not go together, or Hartung and Knapp's interval is asked for of two
        trials, or with a common effect.

    Examples
    --------
    >>> rows = [
    ...     TrialContrast(study=s, endpoint="OS", of="drug", over="placebo", effect=e, sampling_variance=v)
    ...     for s, e, v in (("A", -0.4, 0.02), ("B", -0.1, 0.01), ("C", -0.3, 0.04))
    ... ]
    >>> found = pool_contrasts(rows, method=BetweenTrials.DERSIMONIAN_LAIRD)
    >>> found.estimate.format(2), round(found.tau2, 4)
    ('0.79 (0.64 to 0.96)', 0.0121)
    """
    k = len(contrasts)
    if k < 2:
        raise AnalysisError("synthesis", "two trials or more", f"{k}", "add the contrast of another trial")
    if not 0 < level < 1:
        raise AnalysisError(option_name("level"), "a share between 0 and 1", f"{level}", "write 0.95 for 95%")
    refuse_unlike(contrasts)
    _refuse_hartung_knapp(k, method, asked=hartung_knapp, at_least_one=at_least_one)
    y = np.array([one.effect for one in contrasts])
    v = np.array([one.variance for one in contrasts])
    tau2 = _between(y, v, method)
    # the pooled effect: each trial by the inverse of its whole variance
    weights = 1 / (v + tau2)
    effect, variance = float(weights @ y / weights.sum()), 1 / float(weights.sum())
    quantile = normal_quantile(level)
    if hartung_knapp:
        q = float(weights @ (y - effect) ** 2) / (k - 1)
        variance *= max(1.0, q) if at_least_one else q
        quantile = _t_quantile(level, k - 1)
    shares = weights / weights.sum()
    read = np.array([one.reconstruction_variance for one in contrasts])
    heterogeneity = _cochran_q(y, v)
    return PooledContrast(
        contrasts=tuple(contrasts),
        method=method,
        effect=effect,
        se=sqrt(variance),
        interval=_around(effect, quantile * sqrt(variance), level),
        weights=shares,
        tau2=tau2,
        heterogeneity=heterogeneity,
        heterogeneity_p=_chi_square_tail(heterogeneity, k - 1),
        inconsistency=max(0.0, 1 - (k - 1) / heterogeneity) if heterogeneity > 0 else 0.0,
        prediction=_prediction(effect, variance, tau2, k, method, level),
        reconstruction_se=sqrt(float(shares**2 @ read)),
        hartung_knapp=hartung_knapp,
        notes=_notes(contrasts, method),
    )


def _refuse_hartung_knapp(k: int, method: BetweenTrials, *, asked: bool, at_least_one: bool) -> None:
    option = option_name("hartung_knapp")
    if at_least_one and not asked:
        raise AnalysisError(
            option_name("at_least_one"), "an option of Hartung and Knapp's interval", "it alone", "ask for both"
        )
    if asked and method is BetweenTrials.COMMON:
        raise AnalysisError(option, "random effects", "a common effect", "choose one of dl, pm, reml")
    if asked and k == 2:
        raise AnalysisError(
            option,
            "three trials or more: with two its t interval has one degree of freedom and says nothing",
            "2",
            "leave it out",
        )


def _notes(contrasts: Sequence[TrialContrast], method: BetweenTrials) -> tuple[str, ...]:
    notes = []
    if method is not BetweenTrials.COMMON and len(contrasts) < _FEWEST_FOR_PREDICTION:
        notes.append("no prediction interval: that takes three trials")
    rebuilt = [one.study for one in contrasts if one.source != "published"]
    if rebuilt:
        notes.append(f"effects of rebuilt, not real, patients: {', '.join(rebuilt)}")
    return (*notes, *_not_proportional(contrasts))


def _not_proportional(contrasts: Sequence[TrialContrast]) -> list[str]:
    if contrasts[0].measure is not ContrastMeasure.HAZARD_RATIO:
        return []
    return [
        f"hazards may not be proportional in {one.study} (p {one.non_proportional_p:.2g}): a hazard ratio is then an "
        "average over its follow-up, and differs between trials for that alone"
        for one in contrasts
        if one.non_proportional_p is not None and one.non_proportional_p < _SUSPECT_P
    ]


def _between(y: FloatArray, v: FloatArray, method: BetweenTrials) -> float:
    """Return the variance between trials."""
    if method is BetweenTrials.COMMON:
        return 0.0
    if method is BetweenTrials.DERSIMONIAN_LAIRD:
        w = 1 / v
        excess = _cochran_q(y, v) - (y.size - 1)
        return max(0.0, excess / float(w.sum() - (w**2).sum() / w.sum()))
    most = _MOST_TAU2 * max(float(y.var(ddof=1)), float(v.max()))
    return _paule_mandel(y, v, most) if method is BetweenTrials.PAULE_MANDEL else _reml(y, v, most)


def _paule_mandel(y: FloatArray, v: FloatArray, most: float) -> float:
    """Return the variance at which the generalised Q, which falls with it, equals its degrees of freedom."""
    from scipy.optimize import brentq

    def excess(tau2: float) -> float:
        return _cochran_q(y, v + tau2) - (y.size - 1)

    if excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0.0, most, xtol=_NEAR * most, rtol=_NEAR))


def _reml(y: FloatArray, v: FloatArray, most: float) -> float:
    """Return the variance at which the restricted likelihood is largest."""
    from scipy.optimize import minimize_scalar

    def loss(tau2: float) -> float:
        w = 1 / (v + tau2)
        return 0.5 * float(np.log(v + tau2).sum() + np.log(w.sum()) + _cochran_q(y, v + tau2))

    # it may have two maxima: the best of a grid, finer near 0, is where the search starts
    grid = np.concatenate([[0.0], np.geomspace(_NEAR * most, most, _GRID)])
    best = int(np.argmin([loss(value) for value in grid]))
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, _GRID)])
    found = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": _NEAR * high})
    return 0.0 if loss(0.0) <= float(found.fun) else float(found.x)


def _cochran_q(y: FloatArray, v: FloatArray) -> float:
    w = 1 / v
    return float(w @ (y - w @ y / w.sum()) ** 2)


def _prediction(
    effect: float, variance: float, tau2: float, k: int, method: BetweenTrials, level: float
) -> Interval | None:
    """Return where the effect of a new trial lies: a t interval on k - 1 degrees of freedom."""
    if method is BetweenTrials.COMMON or k < _FEWEST_FOR_PREDICTION:
        return None
    return _around(effect, _t_quantile(level, k - 1) * sqrt(tau2 + variance), level)


def _around(centre: float, half: float, level: float) -> Interval:
    return Interval(low=centre - half, high=centre + half, level=level)


def _t_quantile(level: float, degrees: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + level / 2))


def _chi_square_tail(q: float, degrees: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(degrees, q))


@dataclass(frozen=True, kw_only=True, slots=True)
class IndirectContrast:
    """One treatment against another that no trial compared, through a comparator that both were compared with.

    Parameters
    ----------
    first, second : TrialContrast
        The two contrasts, each over the common comparator.
    effect, se : float
        Of ``first.of`` over ``second.of``, on the measure's scale.
    interval : Interval
        Of ``effect``.
    notes : tuple of str
        What a reader must know.
    """

    first: TrialContrast
    second: TrialContrast
    effect: float
    se: float
    interval: Interval
    notes: tuple[str, ...]

    @property
    def estimate(self) -> Estimate:
        """The indirect contrast on its natural scale."""
        read = sqrt(self.first.reconstruction_variance + self.second.reconstruction_variance)
        return natural_estimate(
            self.first.measure, self.effect, self.interval, of=self.first.of, over=self.second.of, se=self.se,
            reconstruction_se=read,
        )  # fmt: skip


def indirect_contrast(first: TrialContrast, second: TrialContrast, *, level: float = USUAL_LEVEL) -> IndirectContrast:
    """Compare two treatments through a common comparator (Bucher and others 1997).

    It rests on the trials being alike in all that modifies the effects of the treatments, which no number here tests.

    Parameters
    ----------
    first, second : TrialContrast
        Of one measure, endpoint and tau, each over the same comparator by the same name.
    level : float
        Of the interval.

    Raises
    ------
    AnalysisError
        If the two share no comparator (`unanchored`), are of one trial, or are not alike.

    Examples
    --------
    >>> from math import log
    >>> a = TrialContrast(study="A", endpoint="OS", of="drug", over="placebo", effect=log(0.7), sampling_variance=0.01)
    >>> b = TrialContrast(study="B", endpoint="OS", of="other", over="placebo", effect=log(0.8), sampling_variance=0.02)
    >>> indirect_contrast(a, b).estimate.format(2)
    '0.87 (0.62 to 1.23)'
    """
    refuse_unlike([first, second], same_arms=False)
    if first.over.casefold() != second.over.casefold():
        raise AnalysisError(
            "unanchored",
            "both trials are over one comparator, by the same name",
            f"{first.of} over {first.over} in {first.study}, {second.of} over {second.over} in {second.study}",
            "turn a row round whose comparator is its treatment, rename a comparator that is the same, or use a method "
            "that adjusts for patients",
        )
    se = sqrt(first.variance + second.variance)
    effect = first.effect - second.effect
    notes = [
        f"indirect, through {first.over}: it holds if nothing that modifies the effects differs between "
        f"{first.study} and {second.study}",
        *_not_proportional([first, second]),
    ]
    return IndirectContrast(
        first=first,
        second=second,
        effect=effect,
        se=se,
        interval=_around(effect, normal_quantile(level) * se, level),
        notes=tuple(notes),
    )
