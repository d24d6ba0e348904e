"""Checks of what is printed of one arm: survival, medians, events, restricted means."""

from __future__ import annotations

from dataclasses import replace
from math import exp, inf
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.comparison import curves_of
from survrecon.analysis.medians import median_draws, rmst_draws, survival_draws
from survrecon.checks import margins
from survrecon.checks.verdicts import Agreement, Verdict, compared, draws_interval, judge, with_remarks, without_verdict
from survrecon.errors import PublishedError
from survrecon.model.published import Bound, Explained, PublishedFact, Quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import PseudoIPD
    from survrecon.model.kaplan_meier import KaplanMeier

__all__ = ["ARM_QUANTITIES", "check_fact"]

ARM_QUANTITIES = (
    *(Quantity.MEDIAN, Quantity.SURVIVAL, Quantity.EVENTS, Quantity.EVENTS_AT_LEAST),
    Quantity.RESTRICTED_MEAN,
)
"""What is checked arm by arm."""


def check_fact(
    fact: PublishedFact,
    draws: Sequence[PseudoIPD],
    *,
    identified: bool = False,
    pixel: float = 0.0,
    explanations: Sequence[Explained] = (),
    note: str = "",
) -> Agreement:
    """Check one printed median, survival probability, restricted mean or number of events against draws of its arm.

    Parameters
    ----------
    fact : PublishedFact
        Of one arm.
    draws : sequence of PseudoIPD, length k
        One data set where the method has no draws.
    identified : bool
        Whether the inputs identify the number of events.
    pixel : float
        Width of a pixel of the time axis, in the time unit.
    explanations : sequence of Explained
        Attached where the check differs.
    note : str
        How the fact was left out when the draws were built, say.

    Raises
    ------
    PublishedError
        If the fact is of another kind.

    Examples
    --------
    >>> fact = PublishedFact(quantity="survival", arm="drug", at=4, value=0.61, decimals=2, place="text", source="p")
    >>> drug = PseudoIPD(time=[2, 4, 5, 7, 9], event=[1, 1, 0, 1, 0], arm="drug")
    >>> check = check_fact(fact, [drug])
    >>> str(check.verdict), round(check.obtained, 2), check.interval.format(3)
    ('inconclusive', 0.6, '-0.015 to -0.005')
    """
    if fact.quantity is Quantity.MEDIAN:
        check = _median(fact, curves_of(draws), pixel)
    elif fact.quantity in (Quantity.SURVIVAL, Quantity.RESTRICTED_MEAN):
        check = _at_time(fact, curves_of(draws), pixel)
    elif fact.quantity in (Quantity.EVENTS, Quantity.EVENTS_AT_LEAST):
        check = _events(fact, np.array([d.events for d in draws], dtype=float), identified)
    else:
        raise PublishedError(fact.label, "a fact of one arm", fact.quantity.value, "use check_comparison")
    return with_remarks(check, explanations, note)


def _at_time(fact: PublishedFact, curves: Sequence[KaplanMeier], pixel: float) -> Agreement:
    """Check survival at a time, or the restricted mean up to it."""
    at = fact.at
    if at is None or fact.number is None:
        return without_verdict(fact, Verdict.NOT_CHECKABLE, "no number is printed")
    reached = [km for km in curves if km.reaches(at)]
    if 2 * len(reached) <= len(curves):
        end = float(np.median([km.last for km in curves]))
        return without_verdict(fact, Verdict.NOT_CHECKABLE, f"the rebuilt data end at {end:.3g}")
    if fact.quantity is Quantity.SURVIVAL:
        check = _compared(fact, survival_draws(reached, at), fact.rounding, margins.SURVIVAL)
        return _beside_a_step(check, fact, reached, at, pixel) if check.verdict is Verdict.DIFFERS else check
    means, _ = rmst_draws(reached, at)
    return _compared(fact, means, fact.rounding, margins.rmst_margin(at))


def _beside_a_step(
    check: Agreement, fact: PublishedFact, curves: Sequence[KaplanMeier], at: float, pixel: float
) -> Agreement:
    """Leave open what differs on one side of a step only that stands within a pixel of the printed time."""
    before, after = survival_draws(curves, at - pixel), survival_draws(curves, at + pixel)
    sides = [_compared(fact, draws, fact.rounding, margins.SURVIVAL) for draws in (before, after)]
    if all(side.verdict is Verdict.DIFFERS for side in sides):
        return check
    note = f"a step within a pixel of the printed time: S {before.mean():.3f} before, {after.mean():.3f} after"
    return replace(check, verdict=Verdict.INCONCLUSIVE, note=note)


def _events(fact: PublishedFact, events: FloatArray, identified: bool) -> Agreement:
    margin = margins.events_margin(fact.number or 0.0, identified=identified)
    return _compared(fact, events, 0.0, margin)


def _median(fact: PublishedFact, curves: Sequence[KaplanMeier], pixel: float) -> Agreement:
    if fact.value == "not estimable":
        return without_verdict(fact, Verdict.NOT_CHECKABLE, "printed as not estimable: there is no number to compare")
    medians = median_draws(curves)
    if fact.number is None:
        return _no_median(fact, curves, medians)
    exact = fact.bound is Bound.EXACT
    published, r = fact.number, fact.rounding if exact else 0.0
    low, high = draws_interval(medians)
    obtained = _centre(medians)
    check = compared(
        fact,
        quantity="median",
        label=fact.label,
        published=published,
        obtained=obtained,
        difference=None if obtained is None else obtained - published,
        limits=(low - published - r, high - published + r),
        margin=margins.median_margin(published, pixel) if exact else None,
        bounds=fact.bound_in,
    )
    if check.verdict is Verdict.AGREES or not exact:
        return check
    return _at_half(check, curves, published - r, published + r)


def _at_half(check: Agreement, curves: Sequence[KaplanMeier], first: float, last: float) -> Agreement:
    """Apply the other rule of a median: S at the printed one, anywhere within its rounding, is a half."""
    low, _ = draws_interval(np.array([km.at(last) for km in curves]) - 0.5)
    _, high = draws_interval(np.array([km.before(first) for km in curves]) - 0.5)
    other = judge(low, high, margin_low=-margins.HALF, margin_high=margins.HALF)
    if other is check.verdict:
        return check
    verdict = Verdict.AGREES if other is Verdict.AGREES else Verdict.INCONCLUSIVE
    return replace(check, verdict=verdict, note=f"S at the printed median {0.5 + low:.3f} to {0.5 + high:.3f}")


def _no_median(fact: PublishedFact, curves: Sequence[KaplanMeier], medians: FloatArray) -> Agreement:
    """Check a median printed as not reached: the curve's lowest value is no less than a half."""
    lowest = np.array([km.lowest for km in curves]) - 0.5
    check = compared(
        fact,
        quantity="median",
        label=fact.label,
        published=None,
        obtained=_centre(medians),
        difference=None,
        limits=draws_interval(lowest),
        bounds=(-margins.HALF, inf),
    )
    share = float(np.isinf(medians).mean())
    note = f"lowest S minus a half compared; not reached in {share:.0%} of the data sets"
    return replace(check, note=note)


def _compared(fact: PublishedFact, draws: FloatArray, rounding: float, margin: float) -> Agreement:
    """Compare draws with a printed number on its own scale, or with a bound, which has no rounding and no margin."""
    published, mean = fact.number or 0.0, float(draws.mean())
    at_least = fact.quantity is Quantity.EVENTS_AT_LEAST
    exact = fact.bound is Bound.EXACT and not at_least
    slack = rounding if exact else 0.0
    low, high = draws_interval(draws - published)
    return compared(
        fact,
        quantity=fact.quantity.value,
        label=fact.label,
        published=published,
        obtained=mean,
        difference=mean - published,
        limits=(low - slack, high + slack),
        margin=margin if exact else None,
        bounds=(0.0, inf) if at_least else fact.bound_in,
    )


def _centre(medians: FloatArray) -> float | None:
    """Return the pooled median as the analysis reports it; ``None`` where most draws do not reach it."""
    reached = medians[np.isfinite(medians)]
    if 2 * reached.size <= medians.size:
        return None
    return exp(float(np.log(reached).mean())) if reached.min() > 0 else float(reached.mean())
