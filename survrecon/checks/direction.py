"""Of which arm over which a printed ratio is, where no words say it: settled by numbers of single arms, or open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.checks.agreement import check_fact
from survrecon.checks.contrasts import SWAPPED, check_hazard_ratio
from survrecon.checks.results import Agreement, Verdict
from survrecon.model.published import DirectionSource, PublishedFact, Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.analysis.results import ArmSummary, Comparison
    from survrecon.model.curve import RiskTable, SurvivalCurve

__all__ = ["row_tells", "speaks_of_exchanged_arms", "told_apart_by", "with_settled_directions"]

_OWN = (Quantity.MEDIAN, Quantity.SURVIVAL)
_HALF_A_PATIENT = 0.5


def with_settled_directions(
    facts: Sequence[PublishedFact],
    comparisons: Sequence[Comparison],
    *,
    apart: Callable[[Comparison], str] | None = None,
    pixel: float = 0.0,
) -> tuple[PublishedFact, ...]:
    """Return facts, each ratio without a direction with one where the figure settles it without that ratio.

    The curves of two arms are told apart by what the ratio does not enter: a median or a survival probability that is
    printed of one arm and holds of its curve and not of the other's, or a row of numbers at risk that is impossible
    under the other's. Only then may the rebuilt ratio choose between the printed one and its inverse, and only where
    one of the two differs from it and the other does not. Else exchanged arms would turn into agreement.

    Parameters
    ----------
    facts : sequence of PublishedFact
        All of a record.
    comparisons : sequence of Comparison
        Of its arms.
    apart : callable
        What else tells the arms of a comparison apart, in words; empty where nothing does.
    pixel : float
        Width of a pixel of the time axis, in the time unit.
    """
    by_arms = {frozenset((one.of, one.over)): one for one in comparisons}
    settled = []
    for fact in facts:
        comparison = by_arms.get(frozenset((fact.of or "", fact.over or ""))) if fact.has_no_direction else None
        if comparison is None:
            settled.append(fact)
            continue
        told = told_apart_by(facts, comparison.arms, pixel) or (apart(comparison) if apart is not None else "")
        settled.append(_settled(fact, comparison, told) if told else fact)
    return tuple(settled)


def _settled(fact: PublishedFact, comparison: Comparison, told: str) -> PublishedFact:
    """Return a ratio in the one direction that does not differ from the rebuilt one; as it is where that is not one."""
    fitting = []
    for of, over in ((fact.of, fact.over), (fact.over, fact.of)):
        note = f"direction taken that fits: the arms are told apart by {told}"
        keys = {"of": of, "over": over, "direction": DirectionSource.OWN_NUMBERS, "note": note}
        turned = fact.model_copy(update=keys)
        check = check_hazard_ratio(
            turned, comparison.log_hazard_ratios, comparison.standard_errors, of=comparison.of, over=comparison.over
        )[0]
        if check.verdict in (Verdict.AGREES, Verdict.INCONCLUSIVE):
            fitting.append(turned)
    return fitting[0] if len(fitting) == 1 else fact


def told_apart_by(facts: Sequence[PublishedFact], arms: Sequence[ArmSummary], pixel: float = 0.0) -> str:
    """Return the printed number of one arm that tells two arms apart; empty where none does, or one contradicts it.

    Parameters
    ----------
    facts : sequence of PublishedFact
        All of a record.
    arms : sequence of ArmSummary
        The two, with their draws.
    pixel : float
        Width of a pixel of the time axis, in the time unit.
    """
    found = ""
    for arm, other in (tuple(arms), tuple(arms)[::-1]):
        for fact in (f for f in facts if f.arm == arm.name and f.quantity in _OWN):
            own = check_fact(fact, arm.draws, pixel=pixel).verdict
            if own is Verdict.DIFFERS:
                return ""
            if own is Verdict.AGREES and check_fact(fact, other.draws, pixel=pixel).verdict is Verdict.DIFFERS:
                found = found or fact.label
    return found


def row_tells(n: int, table: RiskTable, own: SurvivalCurve, other: SurvivalCurve, *, step: float) -> bool:
    """Return whether numbers at risk are possible under an arm's own curve and impossible under another's.

    No more patients are at risk than have no event yet: n S(t) is the most.

    Parameters
    ----------
    n : int
        The arm's patients.
    table : RiskTable
        Its numbers at risk.
    own, other : SurvivalCurve
        The two curves.
    step : float
        How finely survival was read.
    """

    def possible(curve: SurvivalCurve) -> bool:
        index = np.searchsorted(curve.time, table.time, side="left") - 1
        before = np.where(index < 0, 1.0, curve.survival[np.clip(index, 0, None)])
        return bool(np.all(table.at_risk <= n * (before + step) + _HALF_A_PATIENT))

    return possible(own) and not possible(other)


def speaks_of_exchanged_arms(checks: Sequence[Agreement]) -> tuple[Agreement, ...]:
    """Return the checks of ratios that contradict their direction: the inverse fits what was rebuilt."""
    return tuple(check for check in checks if check.quantity == Quantity.HAZARD_RATIO.value and SWAPPED in check.note)
