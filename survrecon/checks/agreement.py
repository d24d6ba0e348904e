"""Compare every printed fact of an arm, or of a contrast, with the rebuilt patients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, inf, sqrt
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.comparison import kaplan_meier_curves
from survrecon.analysis.medians import median_draws, rmst_draws, survival_draws
from survrecon.checks.contrasts import (
    CONTRAST_CHECKS,
    PrintedSe,
    RebuiltContrast,
    check_hazard_ratio,
    check_logrank,
    check_p,
    published_log_se,
    se_from_p,
)
from survrecon.checks.results import (
    JUDGED,
    Agreement,
    Verdict,
    as_constraint,
    as_input,
    compared_number,
    draws_interval,
    judge,
    with_remarks,
    without_verdict,
)
from survrecon.errors import PublishedError
from survrecon.model.published import Bound, Explained, PublishedFact, Quantity, printed_direction
from survrecon.model.settings import MARGINS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from survrecon.analysis.results import ArmSummary, Comparison
    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import PseudoIPD
    from survrecon.model.kaplan_meier import KaplanMeier
    from survrecon.weighting.constraints import Constraint

__all__ = [
    "ARM_CHECKS",
    "Agreement",
    "Rebuilt",
    "Verdict",
    "as_constraint",
    "as_input",
    "check_arm",
    "check_comparison",
    "check_comparisons",
    "check_fact",
    "check_hazard_ratio",
    "check_logrank",
    "check_p",
    "mark_constraints_as_used",
    "of_the_whole_follow_up",
    "published_log_se",
    "without_verdict",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rebuilt:
    """One arm's rebuilt patients, with which its printed facts are compared.

    Parameters
    ----------
    draws : sequence of PseudoIPD, length k
        Data sets.
    identified : bool
        Whether the inputs identify the number of events.
    pixel : float
        Width of a pixel of the time axis, in the time unit.
    widening : float
        Of intervals over the draws, to their measured coverage.
    """

    draws: Sequence[PseudoIPD]
    identified: bool = False
    pixel: float = 0.0
    widening: float = 1.0

    @property
    def curves(self) -> Sequence[KaplanMeier]:
        """The Kaplan-Meier curve of each data set."""
        return kaplan_meier_curves(self.draws)


def check_fact(
    fact: PublishedFact,
    draws: Sequence[PseudoIPD],
    *,
    identified: bool = False,
    pixel: float = 0.0,
    widening: float = 1.0,
    explanations: Sequence[Explained] = (),
    note: str = "",
) -> Agreement:
    """Check a printed fact of one arm, such as a median or a survival probability, against draws of its arm.

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
    widening : float
        Of intervals over the draws, to their measured coverage.
    explanations : sequence of Explained
        Attached unless the check agrees.
    note : str
        How the fact was left out when the draws were built, say.

    Raises
    ------
    PublishedError
        If the fact is of another kind.

    Examples
    --------
    >>> from survrecon.model.ipd import PseudoIPD
    >>> fact = PublishedFact(quantity="survival", arm="drug", at=4, value=0.61, decimals=2, place="text", source="p")
    >>> drug = PseudoIPD(time=[2, 4, 5, 7, 9], event=[1, 1, 0, 1, 0], arm="drug")
    >>> check = check_fact(fact, [drug])
    >>> str(check.verdict), round(check.obtained, 2), check.interval.format(3)
    ('doubtful', 0.6, '-0.015 to -0.005')
    """
    obtain = ARM_CHECKS.get(fact.quantity)
    if obtain is None:
        raise PublishedError(fact.label, "a fact of one arm", fact.quantity.value, "use check_comparison")
    rebuilt = Rebuilt(draws=draws, identified=identified, pixel=pixel, widening=widening)
    return with_remarks(obtain(fact, rebuilt), explanations, note)


def _survival(fact: PublishedFact, rebuilt: Rebuilt) -> Agreement:
    """Check survival at a time."""
    reached = _reaching(fact, rebuilt.curves)
    if isinstance(reached, Agreement):
        return reached
    at = fact.at or 0.0
    check = _compared(fact, survival_draws(reached, at), MARGINS.survival.of(), rebuilt.widening)
    excluded = check.verdict in (Verdict.DIFFERS, Verdict.DOUBTFUL)
    return _beside_a_step(check, fact, reached, rebuilt) if excluded and rebuilt.pixel else check


def _restricted_mean(fact: PublishedFact, rebuilt: Rebuilt) -> Agreement:
    """Check the area under the curve up to a time."""
    reached = _reaching(fact, rebuilt.curves)
    if isinstance(reached, Agreement):
        return reached
    at = fact.at or 0.0
    means, _ = rmst_draws(reached, at)
    return _compared(fact, means, MARGINS.restricted_mean.of(at), rebuilt.widening)


def _reaching(fact: PublishedFact, curves: Sequence[KaplanMeier]) -> Sequence[KaplanMeier] | Agreement:
    """Return the curves that extend to the time of a fact, or a row that says why there is nothing to compare."""
    at = fact.at
    if at is None or fact.number is None:
        return without_verdict(fact, Verdict.NOT_CHECKABLE, "no number is printed")
    reached = [km for km in curves if km.reaches(at)]
    if 2 * len(reached) <= len(curves):
        end = float(np.median([km.last for km in curves]))
        return without_verdict(fact, Verdict.NOT_CHECKABLE, f"the rebuilt data end at {end:.3g}")
    return reached


def _beside_a_step(check: Agreement, fact: PublishedFact, curves: Sequence[KaplanMeier], rebuilt: Rebuilt) -> Agreement:
    """Judge a number that is excluded again where a step within a pixel of its time explains it."""
    at, pixel = fact.at or 0.0, rebuilt.pixel
    before, after = survival_draws(curves, at - pixel), survival_draws(curves, at + pixel)
    sides = (_compared(fact, draws, MARGINS.survival.of(), rebuilt.widening).verdict for draws in (before, after))
    verdict = min(sides, key=JUDGED.index)
    if JUDGED.index(verdict) >= JUDGED.index(check.verdict):
        return check
    note = f"a step within a pixel of the printed time: S {before.mean():.3f} before, {after.mean():.3f} after"
    return replace(check, verdict=Verdict.CONSISTENT if verdict is Verdict.AGREES else verdict, note=note)


def _events(fact: PublishedFact, rebuilt: Rebuilt) -> Agreement:
    """Check a number of events; there is no margin where the inputs identify it."""
    events = np.array([draw.events for draw in rebuilt.draws], dtype=float)
    margin = 0.0 if rebuilt.identified else MARGINS.events.of(fact.number or 0.0)
    return _compared(fact, events, margin, rebuilt.widening)


def _median(fact: PublishedFact, rebuilt: Rebuilt) -> Agreement:
    """Check a median; of one that is printed as not reached, that the curve stays above a half."""
    curves = rebuilt.curves
    if fact.value == "not estimable":
        return without_verdict(fact, Verdict.NOT_CHECKABLE, "printed as not estimable: there is no number to compare")
    medians = median_draws(curves)
    if fact.number is None:
        return _no_median(fact, curves, medians, rebuilt.widening)
    exact = fact.bound is Bound.EXACT
    published, r = fact.number, fact.rounding if exact else 0.0
    low, high = draws_interval(medians, rebuilt.widening)
    obtained = _centre(medians)
    check = compared_number(
        fact,
        quantity="median",
        label=fact.label,
        published=published,
        obtained=obtained,
        difference=None if obtained is None else obtained - published,
        limits=(low - published - r, high - published + r),
        margin=max(rebuilt.pixel, MARGINS.median.of(published)),
        bounds=None if exact else fact.bound_in,
    )
    if check.verdict is Verdict.AGREES or not exact:
        return check
    return _at_half(check, rebuilt, published - r, published + r)


def _at_half(check: Agreement, rebuilt: Rebuilt, first: float, last: float) -> Agreement:
    """Apply the second rule for medians, that the curve passes one half within the rounding; the better one holds."""
    curves, margin = rebuilt.curves, MARGINS.half.of()
    low, _ = draws_interval(np.array([km.at(last) for km in curves]) - 0.5, rebuilt.widening)
    _, high = draws_interval(np.array([km.before(first) for km in curves]) - 0.5, rebuilt.widening)
    other = judge(low, high, margin=(-margin, margin), wide=MARGINS.wide * margin)
    if JUDGED.index(other) >= JUDGED.index(check.verdict):
        return check
    return replace(check, verdict=other, note=f"S at the printed median {0.5 + low:.3f} to {0.5 + high:.3f}")


def _no_median(fact: PublishedFact, curves: Sequence[KaplanMeier], medians: FloatArray, widening: float) -> Agreement:
    """Check a median printed as not reached: the curve's lowest value is no less than a half."""
    lowest = np.array([km.lowest for km in curves]) - 0.5
    check = compared_number(
        fact,
        quantity="median",
        label=fact.label,
        published=None,
        obtained=_centre(medians),
        difference=None,
        limits=draws_interval(lowest, widening),
        margin=MARGINS.half.of(),
        bounds=(-MARGINS.half.of(), inf),
    )
    share = float(np.isinf(medians).mean())
    note = f"lowest S minus a half compared; not reached in {share:.0%} of the data sets"
    return replace(check, note=note)


def _compared(fact: PublishedFact, draws: FloatArray, margin: float, widening: float) -> Agreement:
    """Compare draws with a printed number on its own scale, or with a bound, which has no rounding and no margin."""
    published, mean = fact.number or 0.0, float(draws.mean())
    at_least = fact.quantity.definition.lower_bound
    exact = fact.bound is Bound.EXACT and not at_least
    slack = fact.rounding if exact and not fact.quantity.counts else 0.0  # a count is not rounded
    low, high = draws_interval(draws - published, widening)
    bounds = (0.0, inf) if at_least else fact.bound_in
    return compared_number(
        fact,
        quantity=fact.quantity.value,
        label=fact.label,
        published=published,
        obtained=mean,
        difference=mean - published,
        limits=(low - slack, high + slack),
        margin=margin,
        bounds=None if exact else bounds,
    )


def _centre(medians: FloatArray) -> float | None:
    """Return the pooled median as the analysis reports it; ``None`` where most draws do not reach it."""
    reached = medians[np.isfinite(medians)]
    if 2 * reached.size <= medians.size:
        return None
    return exp(float(np.log(reached).mean())) if reached.min() > 0 else float(reached.mean())


ARM_CHECKS: Mapping[Quantity, Callable[[PublishedFact, Rebuilt], Agreement]] = {
    Quantity.MEDIAN: _median,
    Quantity.SURVIVAL: _survival,
    Quantity.EVENTS: _events,
    Quantity.EVENTS_AT_LEAST: _events,
    Quantity.RESTRICTED_MEAN: _restricted_mean,
}
"""How each quantity of one arm is obtained from rebuilt patients and compared."""


def check_comparisons(
    comparisons: Sequence[Comparison],
    facts: Sequence[PublishedFact],
    explanations: Sequence[Explained] = (),
    *,
    widening: float = 1.0,
) -> tuple[Agreement, ...]:
    """Check the printed contrasts of every comparison of a record.

    A p value that names no arms belongs to the one comparison there is. Of several, it may be of any two arms or of
    all together, so it has no verdict.
    """
    unnamed = [f for f in facts if f.quantity.is_p and f.of is None] if len(comparisons) > 1 else []
    named = [f for f in facts if f not in unnamed]
    checks = [
        check
        for comparison in comparisons
        for check in check_comparison(comparison, named, explanations, widening=widening)
    ]
    note = "it does not say of which two arms"
    return (*checks, *(without_verdict(fact, Verdict.NOT_CHECKABLE, note) for fact in unnamed))


def check_comparison(
    comparison: Comparison,
    facts: Sequence[PublishedFact],
    explanations: Sequence[Explained] = (),
    *,
    widening: float = 1.0,
) -> tuple[Agreement, ...]:
    """Check the printed contrasts of a comparison's two arms: hazard ratios, their standard errors, p values.

    Parameters
    ----------
    comparison : Comparison
        With one ln HR, standard error and z a draw.
    facts : sequence of PublishedFact
        All of a record; those of other arms, or of one arm alone, are passed over. A p value that names
        no arms belongs to the comparison.
    explanations : sequence of Explained
        Attached unless a check agrees.
    widening : float
        Of intervals over the draws, to their measured coverage.

    Returns
    -------
    tuple of Agreement
        Hazard ratios first.
    """
    of, over = comparison.of, comparison.over
    mine = [f for f in facts if f.quantity in CONTRAST_CHECKS and (f.of is None or {f.of, f.over} == {of, over})]
    mine.sort(key=lambda fact: fact.quantity.is_p)
    directions = (printed_direction(f) * (1 if f.of == of else -1) for f in mine if f.quantity is Quantity.HAZARD_RATIO)
    rebuilt = RebuiltContrast(
        comparison=comparison,
        direction=next(filter(None, directions), 0),
        published_se=_se_without_interval(facts, of, over),
        explanations=explanations,
        widening=widening,
    )
    return tuple(check for fact in mine for check in CONTRAST_CHECKS[fact.quantity](fact, rebuilt))


def of_the_whole_follow_up(check: Agreement, cut: Mapping[str, float]) -> Agreement:
    """Return a check, without its verdict where it is of the whole follow-up and the curve of an arm is cut before.

    Parameters
    ----------
    check : Agreement
        Any.
    cut : mapping of str to float
        When the curve is cut, by the arms whose is.
    """
    fact = check.fact
    arms = [name for name in (fact.arm, fact.of, fact.over) if name is not None]
    cut_of = [cut[name] for name in (arms or cut) if name in cut]
    if not fact.quantity.of_whole_follow_up or not cut_of or check.verdict not in JUDGED:
        return check
    note = "; ".join(filter(None, (f"curve cut at {min(cut_of):.4g}", check.note)))
    return replace(check, verdict=Verdict.NOT_CHECKABLE, explanation=None, note=note)


def check_arm(
    arm: ArmSummary,
    facts: Sequence[PublishedFact],
    explanations: Sequence[Explained] = (),
    *,
    used: Sequence[PublishedFact] = (),
    identified: bool = False,
    pixel: float = 0.0,
    widening: float = 1.0,
) -> tuple[Agreement, ...]:
    """Check what is printed of one arm: medians, survival, events, restricted means, in the order of ``facts``.

    Parameters
    ----------
    arm : ArmSummary
        With its draws.
    facts : sequence of PublishedFact
        All of a record; those of other arms are passed over.
    explanations : sequence of Explained
        Attached where a check differs.
    used : sequence of PublishedFact
        What the arm was built from: shown, but no check.
    identified : bool
        Whether the inputs identify the number of events.
    pixel : float
        Width of a pixel of the time axis, in the time unit.
    widening : float
        Of intervals over the draws, to their measured coverage.
    """
    mine = [f for f in facts if f.arm == arm.name and f.quantity in ARM_CHECKS]
    checks = [
        check_fact(f, arm.draws, identified=identified, pixel=pixel, widening=widening, explanations=explanations)
        for f in mine
    ]
    return tuple(as_input(check) if check.fact in used else check for check in checks)


def mark_constraints_as_used(checks: Sequence[Agreement], constraints: Sequence[Constraint]) -> tuple[Agreement, ...]:
    """Replace the verdict of every fact that was used as a constraint, and add a note to facts that depend on one.

    Parameters
    ----------
    checks : sequence of Agreement
        Of weighted draws.
    constraints : sequence of Constraint
        What weighted them. The interval of a constraint that leaves it aside stays a check.
    """
    of_fact = {c.fact.model_dump_json(): c for c in constraints}
    contrast = [c.fact.label for c in constraints if c.fact.arm is None]
    found = []
    for check in checks:
        used = of_fact.get(check.fact.model_dump_json())
        if used is not None and not (used.value_only and check.quantity == "hazard_ratio_se"):
            found.append(as_constraint(check))
        elif contrast and check.fact.arm is None:
            words = f"hangs together with what weighted the draws: {', '.join(contrast)}"
            found.append(replace(check, note="; ".join(filter(None, (check.note, words)))))
        else:
            found.append(check)
    return tuple(found)


def _se_without_interval(facts: Sequence[PublishedFact], of: str, over: str) -> PrintedSe | None:
    """Return about the standard error of ln HR where the ratio has no interval: by printed events, else by its p."""
    printed = (f for f in facts if f.quantity is Quantity.EVENTS and f.bound is Bound.EXACT)
    totals = {f.arm: f.number for f in printed if f.number}
    found = [totals[name] for name in (of, over) if name in totals]
    if len(found) == 2:
        return PrintedSe(value=sqrt(1 / found[0] + 1 / found[1]), source="printed events")
    ratios = [f for f in facts if f.quantity is Quantity.HAZARD_RATIO and {f.of, f.over} == {of, over}]
    tests = [f for f in facts if f.quantity.is_p and (f.of is None or {f.of, f.over} == {of, over})]
    values = (se_from_p(ratio, p) for ratio in ratios for p in tests)
    return next((PrintedSe(value=se, source="printed p") for se in values if se is not None), None)
