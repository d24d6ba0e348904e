"""Checks of printed contrasts: hazard ratios with their standard errors, and p values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, inf, isinf, log
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from survrecon.checks.results import Agreement, Verdict, compared_number, draws_interval, with_remarks, without_verdict
from survrecon.errors import PublishedError
from survrecon.model.estimate import normal_quantile
from survrecon.model.published import (
    Bound,
    DirectionSource,
    Explained,
    ModelKind,
    PTest,
    PublishedFact,
    Quantity,
    RatioClass,
)
from survrecon.model.settings import LARGEST_SE_RATIO, MARGINS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from survrecon.analysis.results import Comparison
    from survrecon.arrays import FloatArray

__all__ = [
    "CONTRAST_CHECKS",
    "PrintedSe",
    "RebuiltContrast",
    "check_hazard_ratio",
    "check_logrank",
    "check_p",
    "published_log_se",
    "se_from_p",
]

_TINY = 1e-12
ARMS_SWAPPED = "arms may be swapped"
"""In the note of each check that exchanged arms would explain."""
SWAPPED = f"{ARMS_SWAPPED}, or the ratio is of control over treatment"
"""The note of a ratio whose inverse fits what was rebuilt, and which itself does not."""


def check_hazard_ratio(
    fact: PublishedFact,
    log_hazard_ratios: FloatArray,
    standard_errors: FloatArray,
    *,
    of: str,
    over: str,
    published_se: PrintedSe | None = None,
    widening: float = 1.0,
    explanations: Sequence[Explained] = (),
    note: str = "",
) -> tuple[Agreement, ...]:
    """Check a printed hazard ratio, or bound of one, and its standard error where an interval is printed.

    Parameters
    ----------
    fact : PublishedFact
        Printed in either direction; it is turned to that of the draws, and the note says so.
    log_hazard_ratios, standard_errors : array of float, shape (k,)
        One a draw; NaN where a draw has none.
    of, over : str
        Direction of the draws.
    published_se : PrintedSe, optional
        Standard error of ln HR for the margin where no interval is printed.
    widening : float
        Of intervals over the draws, to their measured coverage.

    Raises
    ------
    PublishedError
        If the fact is no hazard ratio of these two arms.

    Examples
    --------
    >>> fact = PublishedFact(quantity="hazard_ratio", of="placebo", over="drug", value=2.0, decimals=1,
    ...                      model="unadjusted", place="text", source="p")
    >>> check, = check_hazard_ratio(fact, np.log([0.505]), np.array([0.2]), of="drug", over="placebo")
    >>> str(check.verdict), check.published, round(check.obtained, 3), check.note
    ('agrees', 0.5, 0.505, 'printed as 2.0 of placebo over drug')
    """
    if {fact.of, fact.over} != {of, over} or fact.number is None:
        raise PublishedError(
            fact.label, f"a hazard ratio of {of} and {over}", fact.printed, "choose the arms that it compares"
        )
    known = np.isfinite(log_hazard_ratios)
    sign = 1 if fact.of == of else -1
    if not known.any():
        open_ = without_verdict(fact, Verdict.NOT_CHECKABLE, "no rebuilt data set has a finite hazard ratio")
        return (replace(open_, published=fact.number**sign, turned=sign < 0),)
    q, centre = log_hazard_ratios[known], float(log_hazard_ratios[known].mean())
    if fact.has_no_direction:
        return (_open_either_way(fact, exp(centre), of, over),)
    printed_se = published_log_se(fact)
    found_se = PrintedSe(value=printed_se[0]) if printed_se else published_se
    margin = MARGINS.log_hazard_ratio.of(found_se.value if found_se else 0.0)
    same_model = _ratio_check(fact, q, sign, margin=margin, widening=widening, label=f"hazard ratio, {of} over {over}")
    if fact.model is not None and fact.model.of_another_estimand:
        open_ = replace(same_model, verdict=Verdict.ANOTHER_ESTIMAND, difference=None, interval=None, margin=None)
        return (with_remarks(open_, explanations, note, _printed_turned(fact, sign)),)
    of_class = max(margin, MARGINS.other_model.of(found_se.value)) if found_se and _by_other_model(fact) else margin
    check = _ratio_check(fact, q, sign, margin=of_class, widening=widening, label=same_model.label)
    inverse = _ratio_check(fact, q, -sign, margin=margin, widening=widening, label=check.label).verdict
    if same_model.verdict is Verdict.AGREES and inverse is Verdict.AGREES and fact.direction is DirectionSource.NAMES:
        check = replace(check, verdict=Verdict.DIRECTION_NOT_ESTABLISHED, note="it agrees in either direction")
    doubt = SWAPPED if check.verdict is not Verdict.AGREES and _contradicted(same_model.verdict, inverse) else ""
    said = (_printed_turned(fact, sign), doubt, _assumed(fact), _about_margin(fact, found_se))
    checks = [with_remarks(check, explanations, note, *said)]
    if printed_se:
        check = _standard_error(
            fact, standard_errors[known], printed_se, label=f"SE of ln HR, {of} over {over}", widening=widening
        )
        checks.append(with_remarks(check, explanations, note))
    return tuple(checks)


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedSe:
    """The standard error of a printed ln HR, and what it was computed from where not from the ratio's interval."""

    value: float
    source: str = ""


def _by_other_model(fact: PublishedFact) -> bool:
    """Whether a ratio is of the same contrast by a model that differs from the one that is fitted, or may."""
    return fact.model is not None and fact.model.ratio_class is RatioClass.OTHER_MODEL


def _about_margin(fact: PublishedFact, se: PrintedSe | None) -> str:
    """Say what a margin rests on beside the interval of the ratio: another model, events or a p."""
    model = "the model may differ" if fact.model is ModelKind.NOT_STATED else "the model differs"
    source = f"SE {se.value:.3f} from the {se.source}" if se is not None and se.source else ""
    return "; ".join(filter(None, (model if _by_other_model(fact) else "", source)))


def _ratio_check(
    fact: PublishedFact, q: FloatArray, sign: int, *, margin: float, widening: float, label: str
) -> Agreement:
    """Return the judged row of a ratio, its logarithm taken with a sign."""
    number = fact.number or _TINY
    exact = fact.bound is Bound.EXACT
    published, r = sign * log(number), fact.rounding if exact else 0.0
    rounded = sorted(sign * log(v) for v in (max(number - r, _TINY), number + r))
    low, high = draws_interval(q, widening)
    centre = float(q.mean())
    return compared_number(
        fact,
        quantity="hazard_ratio",
        label=label,
        published=number if sign > 0 else 1 / number,
        obtained=exp(centre),
        difference=centre - published,
        limits=(low - rounded[1], high - rounded[0]),
        margin=margin,
        wide=max(margin, MARGINS.wide_log_ratio),
        bounds=None if exact else _turned(fact.bound_in, sign),
        turned=sign < 0,
    )


def _contradicted(verdict: Verdict, inverse: Verdict) -> bool:
    """Return whether the inverse of a printed ratio fits what was rebuilt better than the ratio itself."""
    if verdict is Verdict.DIFFERS:
        return inverse is not Verdict.DIFFERS
    return verdict is not Verdict.AGREES and inverse is Verdict.AGREES


def _open_either_way(fact: PublishedFact, ratio: float, of: str, over: str) -> Agreement:
    """Return the row of a ratio whose direction nothing says: what was rebuilt, both ways, and no verdict."""
    both = f"rebuilt {ratio:.3f} of {of} over {over}, {1 / ratio:.3f} of {over} over {of}"
    return replace(without_verdict(fact, Verdict.DIRECTION_NOT_ESTABLISHED, both), obtained=ratio)


def _assumed(fact: PublishedFact) -> str:
    """Return how a direction is known that is not printed."""
    return "" if fact.direction is None else fact.note or f"direction by the {fact.direction}"


def _printed_turned(fact: PublishedFact, sign: int) -> str:
    return "" if sign > 0 else f"printed as {fact.printed} of {fact.of} over {fact.over}"


def published_log_se(fact: PublishedFact) -> tuple[float, float, float] | None:
    """Return the standard error of ln HR that a printed interval implies, and how low and high its rounding lets it be.

    Examples
    --------
    >>> fact = PublishedFact(quantity="hazard_ratio", of="drug", over="placebo", value=0.5, interval=[0.25, 1.0],
    ...                      decimals=2, model="unadjusted", place="text", source="p")
    >>> [round(se, 3) for se in published_log_se(fact)]
    [0.354, 0.347, 0.36]
    """
    interval, r = fact.interval, fact.rounding
    if interval is None or not interval.low or not interval.high:
        return None
    width = 2 * normal_quantile(interval.level)
    narrow = (interval.high - r) / (interval.low + r)
    return (
        log(interval.high / interval.low) / width,
        log(max(narrow, 1.0)) / width,
        log((interval.high + r) / max(interval.low - r, _TINY)) / width,
    )


def se_from_p(ratio: PublishedFact, p: PublishedFact) -> float | None:
    """Return the standard error of ln HR that a printed ratio and its p imply, ln HR / z, if rounding leaves it clear.

    Examples
    --------
    >>> told = {"model": "not stated", "place": "text", "source": "p", "decimals": 2}
    >>> ratio = PublishedFact(quantity="hazard_ratio", of="drug", over="placebo", value=1.25, **told)
    >>> round(se_from_p(ratio, PublishedFact(quantity="logrank_p", value=0.29, **told)), 3)
    0.211
    """
    if Bound.EXACT is not ratio.bound or Bound.EXACT is not p.bound or ratio.number is None or p.number is None:
        return None
    if ratio.has_no_direction:
        return None
    effects = sorted(abs(log(max(ratio.number + step * ratio.rounding, _TINY))) for step in (-1, 0, 1))
    scores = sorted(abs(_z_of(p.number + step * p.rounding, p.sides)) for step in (-1, 0, 1))
    if (
        effects[0] == 0
        or scores[0] == 0
        or isinf(scores[2])
        or (effects[2] / scores[0]) / (effects[0] / scores[2]) > LARGEST_SE_RATIO
    ):
        return None
    return abs(log(ratio.number)) / abs(_z_of(p.number, p.sides))


def check_p(
    fact: PublishedFact,
    *,
    logrank_z: FloatArray,
    wald_z: FloatArray,
    direction: int = 0,
    widening: float = 1.0,
    explanations: Sequence[Explained] = (),
) -> Agreement:
    """Check a printed p value against the test it comes from; without a named test there is no verdict.

    Parameters
    ----------
    fact : PublishedFact
        A log-rank p, or the p value of another test.
    logrank_z, wald_z : array of float, shape (k,)
        Log-rank z, and ln HR over its standard error, one per draw; NaN where a draw has none.
    direction : {-1, 0, 1}
        Sign of the published effect on the hazard; 0 takes that of the draws.
    widening : float
        Of intervals over the draws, to their measured coverage.

    Examples
    --------
    >>> fact = PublishedFact(quantity="p_value", value=0.03, decimals=2, model="not stated", place="text", source="p")
    >>> check = check_p(fact, logrank_z=np.array([-2.2]), wald_z=np.array([-2.1]), direction=-1)
    >>> str(check.verdict), check.note
    ('not checkable', 'test not named')
    """
    if fact.quantity is Quantity.LOGRANK_P:
        return check_logrank(fact, logrank_z, direction=direction, widening=widening, explanations=explanations)
    if fact.test is PTest.WALD:
        check = _z_check(fact, wald_z, direction, widening, "Wald")
        return with_remarks(check, explanations)
    return without_verdict(fact, Verdict.NOT_CHECKABLE, _NO_TEST.get(fact.test, f"test not computed: {fact.test}"))


def check_logrank(
    fact: PublishedFact,
    z: FloatArray,
    *,
    direction: int = 0,
    widening: float = 1.0,
    explanations: Sequence[Explained] = (),
    note: str = "",
) -> Agreement:
    """Check a printed log-rank p on the scale of z; "<0.001" agrees where all of the interval is below it.

    A two-sided p says nothing of its direction. A one-sided p below a half lies on the side of the published effect,
    above a half on the other.

    Parameters
    ----------
    fact : PublishedFact
        A log-rank p.
    z : array of float, shape (k,)
        Log-rank z, one per draw; NaN where a draw has none.
    direction : {-1, 0, 1}
        Sign of the published effect on the hazard; 0 takes that of the draws.
    widening : float
        Of intervals over the draws, to their measured coverage.

    Raises
    ------
    PublishedError
        If the fact is no log-rank p.

    Examples
    --------
    >>> told = {"quantity": "logrank_p", "decimals": 2, "model": "not stated", "place": "text", "source": "p"}
    >>> check = check_logrank(PublishedFact(**told, value=0.03), np.array([-2.2]), direction=-1)
    >>> round(check.published, 2), check.interval.format(2), str(check.verdict)
    (-2.17, '-0.09 to 0.04', 'agrees')
    >>> round(check_logrank(PublishedFact(**told, value=0.03, sides=1), np.array([-2.2]), direction=-1).published, 2)
    -1.88
    """
    if fact.quantity is not Quantity.LOGRANK_P:
        raise PublishedError(fact.label, "a p value of the log-rank test", fact.printed, "use check_p")
    return with_remarks(_z_check(fact, z, direction, widening, "log-rank"), explanations, note)


_NO_TEST = {
    None: "test not named",
    PTest.COX: "which test of Cox's model is not named: Wald's, score or likelihood ratio",
}


_WITHOUT = {
    "Wald": "no rebuilt data set has a finite hazard ratio",
    "log-rank": "no rebuilt data set has a log-rank test",
}


def _z_check(fact: PublishedFact, z: FloatArray, direction: int, widening: float, test: str) -> Agreement:
    """Compare z of the draws with the printed p as a z, on the side of the published effect."""
    known, p = z[np.isfinite(z)], fact.number
    if not known.size or p is None:
        return without_verdict(fact, Verdict.NOT_CHECKABLE, _WITHOUT[test])
    if fact.leaves_side_open:
        return without_verdict(fact, Verdict.NOT_CHECKABLE, "a bound of a one-sided p that either direction meets")
    mean = float(known.mean())
    sign = direction or (1 if mean >= 0 else -1)
    side = -sign if fact.sides == 1 and p > 0.5 else sign  # the side of the alternative
    exact = fact.bound is Bound.EXACT
    r = fact.rounding if exact else 0.0
    published, rounded = side * _z_of(p, fact.sides), sorted(side * _z_of(v, fact.sides) for v in (p - r, p + r))
    bounds = _turned(fact.bound_in, -side)
    if fact.bound is Bound.MORE_THAN and fact.sides == 2:  # |z| is smaller, so neither side is far out
        bounds = (min(0.0, -2 * published), max(0.0, -2 * published))
    low, high = draws_interval(known, widening)
    check = compared_number(
        fact,
        quantity=f"{test.lower().replace('-', '')}_z",
        label=f"{test} z, p {'= ' if exact else ''}{fact.printed}",
        published=published,
        obtained=mean,
        difference=mean - published,
        limits=(low - rounded[1], high - rounded[0]),
        margin=MARGINS.z.of(),
        bounds=None if exact else bounds,
    )
    return check if direction else replace(check, note="direction not printed, that of the rebuilt data taken")


def _turned(bounds: tuple[float, float], sign: int) -> tuple[float, float]:
    """Return the bounds of a difference, with their sign reversed where the contrast is."""
    return bounds if sign > 0 else (-bounds[1], -bounds[0])


def _standard_error(
    fact: PublishedFact,
    standard_errors: FloatArray,
    printed: tuple[float, float, float],
    *,
    label: str,
    widening: float,
) -> Agreement:
    """Compare the ratio of standard errors, obtained over published, with 1."""
    published, smallest, largest = printed
    low, high = draws_interval(standard_errors, widening)
    obtained = float(np.sqrt(np.mean(standard_errors**2)))
    return compared_number(
        fact,
        quantity="hazard_ratio_se",
        label=label,
        published=published,
        obtained=obtained,
        difference=obtained / published - 1,
        limits=(low / largest - 1, high / smallest - 1 if smallest > 0 else inf),
        margin=MARGINS.standard_error.of(),
    )


def _z_of(p: float, sides: int) -> float:
    """Convert p to z, |z| for a two-sided p; infinite for p = 0 or a one-sided p = 1, which rounding may leave."""
    share = p / sides
    if share <= 0:
        return inf
    return -inf if share >= 1 else NormalDist().inv_cdf(1 - min(share, 1.0 if sides == 1 else 0.5))


@dataclass(frozen=True, kw_only=True, slots=True)
class RebuiltContrast:
    """The rebuilt contrast of two arms, with which their printed contrasts are compared.

    Parameters
    ----------
    comparison : Comparison
        With one ln HR, standard error and z a draw.
    direction : {-1, 0, 1}
        Sign of the published effect on the hazard.
    published_se : PrintedSe or None
        Standard error of ln HR where the ratio has no interval.
    widening : float
        Of intervals over the draws, to their measured coverage.
    explanations : sequence of Explained
        Attached unless a check agrees.
    """

    comparison: Comparison
    direction: int = 0
    published_se: PrintedSe | None = None
    widening: float = 1.0
    explanations: Sequence[Explained] = ()


def _hazard_ratio_rows(fact: PublishedFact, rebuilt: RebuiltContrast) -> tuple[Agreement, ...]:
    comparison = rebuilt.comparison
    return check_hazard_ratio(
        fact,
        comparison.log_hazard_ratios,
        comparison.standard_errors,
        of=comparison.of,
        over=comparison.over,
        published_se=rebuilt.published_se,
        widening=rebuilt.widening,
        explanations=rebuilt.explanations,
    )


def _p_rows(fact: PublishedFact, rebuilt: RebuiltContrast) -> tuple[Agreement, ...]:
    comparison = rebuilt.comparison
    check = check_p(
        fact,
        logrank_z=comparison.z,
        wald_z=comparison.log_hazard_ratios / comparison.standard_errors,
        direction=rebuilt.direction,
        widening=rebuilt.widening,
        explanations=rebuilt.explanations,
    )
    return (check,)


CONTRAST_CHECKS: Mapping[Quantity, Callable[[PublishedFact, RebuiltContrast], tuple[Agreement, ...]]] = {
    Quantity.HAZARD_RATIO: _hazard_ratio_rows,
    Quantity.LOGRANK_P: _p_rows,
    Quantity.P_VALUE: _p_rows,
}
"""How each contrast is obtained from rebuilt patients and compared; a hazard ratio has a row of its standard error."""
