"""What printed numbers say of a reading: of which arm over which a ratio is, and a grade that they may only lower.

A direction that no words tell is settled by numbers of single arms, or stays open. Printed results never choose what is
read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, log
from typing import TYPE_CHECKING

import numpy as np

from survrecon.checks.agreement import check_fact
from survrecon.checks.contrasts import ARMS_SWAPPED, check_hazard_ratio, published_log_se
from survrecon.checks.results import JUDGED, Agreement, Verdict
from survrecon.model.grade import Grade, ReadingGrade
from survrecon.model.published import Bound, DirectionSource, ModelKind, PublishedFact, Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.analysis.results import ArmSummary, Comparison
    from survrecon.model.curve import RiskTable, SurvivalCurve

__all__ = [
    "PrintSettings",
    "against_print",
    "noting_exchanged",
    "row_rules_out",
    "speaks_of_exchanged_arms",
    "told_apart_by",
    "with_settled_directions",
]

_HOLDS = tuple(verdict for verdict in JUDGED if verdict is not Verdict.DIFFERS)
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
        told = told_apart_by(facts, comparison.arms, pixel)
        if told == "" and apart is not None:
            told = apart(comparison)
        settled.append(_settled(fact, comparison, told) if told else fact)
    return tuple(settled)


def _settled(fact: PublishedFact, comparison: Comparison, told: str) -> PublishedFact:
    """Return a ratio in the one direction that does not differ from the rebuilt one; as it is where that is not one."""
    fitting = []
    for of, over in ((fact.of, fact.over), (fact.over, fact.of)):
        note = f"direction taken that fits: the arms are told apart by {told}"
        keys = {"of": of, "over": over, "direction": DirectionSource.OWN_NUMBERS, "note": note}
        turned = fact.model_copy(update=keys)
        other = turned.model is None or turned.model.of_another_estimand
        # the narrower margin of the same model tells more
        same_model = turned if other else turned.model_copy(update={"model": ModelKind.UNADJUSTED})
        check = check_hazard_ratio(
            same_model, comparison.log_hazard_ratios, comparison.standard_errors, of=comparison.of, over=comparison.over
        )[0]
        if check.verdict in _HOLDS:
            fitting.append(turned)
    return fitting[0] if len(fitting) == 1 else fact


def told_apart_by(facts: Sequence[PublishedFact], arms: Sequence[ArmSummary], pixel: float = 0.0) -> str | None:
    """Return the printed number of one arm that tells two arms apart; empty where none does.

    None where a number fits the other arm's curve better than its own: then names and curves contradict each other.

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
            own, exchanged = (check_fact(fact, one.draws, pixel=pixel) for one in (arm, other))
            if own.verdict is Verdict.DIFFERS and _away(exchanged) < _away(own):
                return None
            if own.verdict in _HOLDS and exchanged.verdict is Verdict.DIFFERS:
                found = found or fact.label
    return found


def _away(check: Agreement) -> float:
    """Return how far obtained and printed are apart; a median that is not reached is far from any."""
    return inf if check.difference is None else abs(check.difference)


def noting_exchanged(
    checks: Sequence[Agreement], comparisons: Sequence[Comparison], pixel: float = 0.0
) -> tuple[Agreement, ...]:
    """Return checks of single arms, each that differs with a note where its number holds of the arm compared with.

    Parameters
    ----------
    checks : sequence of Agreement
        Of medians and survival probabilities, among others.
    comparisons : sequence of Comparison
        Of the same arms.
    pixel : float
        Width of a pixel of the time axis, in the time unit.
    """
    found = []
    for check in checks:
        if check.verdict is Verdict.DIFFERS and check.fact.quantity in _OWN:
            others = [
                other
                for one in comparisons
                for arm, other in (one.arms, one.arms[::-1])
                if arm.name == check.fact.arm and check_fact(check.fact, other.draws, pixel=pixel).verdict in _HOLDS
            ]
            for other in others[:1]:
                words = f"{ARMS_SWAPPED}: it holds of {other.name}"
                check = replace(check, note="; ".join(filter(None, (check.note, words))))
        found.append(check)
    return tuple(found)


def row_rules_out(n: int, table: RiskTable, own: SurvivalCurve, other: SurvivalCurve, *, step: float) -> bool:
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
    """Return the checks that exchanged arms would explain: ratios whose inverse fits, numbers of the other arm."""
    return tuple(check for check in checks if ARMS_SWAPPED in check.note)


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintSettings:
    """How far a rebuilt result may be from a printed one before the reading is in question."""

    gross_log_ratio: float = 0.4
    """Difference of ln HR, 1.5 times the ratio: no model, stratum or rounding of one figure moves it as far."""
    gross_errors: float = 3.0
    """Printed standard errors of ln HR that it must be off as well: small trials differ more between models."""
    gross_median: float = 0.3
    """Share of a printed median that the rebuilt one is off: another arm's, or another time axis."""
    contradictions: int = 2
    """Gross contradictions of different quantities from which a reading is unreliable; one may be a misread number."""


_SETTINGS = PrintSettings()


def against_print(
    reading: ReadingGrade | None,
    checks: Sequence[Agreement],
    exchanged: Sequence[str] = (),
    settings: PrintSettings = _SETTINGS,
) -> ReadingGrade | None:
    """Return a reading's grade beside that by printed results; what has no verdict says nothing.

    Parameters
    ----------
    reading : ReadingGrade or None
        By what holds inside the figure; None where no program read it.
    checks : sequence of Agreement
        Printed results against rebuilt ones.
    exchanged : sequence of str
        What says that arms may be exchanged.
    settings : PrintSettings
        The thresholds.

    Returns
    -------
    ReadingGrade or None
        With ``against_print``, which is None where nothing was compared.
    """
    compared = [check for check in checks if check.verdict in JUDGED]
    if reading is None or not (compared or exchanged):
        return None if reading is None else reading.alone
    differing = [check for check in compared if check.verdict is Verdict.DIFFERS and check.explanation is None]
    gross = {check.fact.label for check in differing if _gross(check, settings)}
    grade = Grade.CHECK if differing or exchanged else Grade.GOOD
    if len(gross) >= settings.contradictions:
        grade = Grade.UNRELIABLE
    return reading.lowered(grade, [*(check.label for check in differing), *dict.fromkeys(exchanged)])


def _gross(check: Agreement, settings: PrintSettings) -> bool:
    """Whether no difference of models, populations or rounding explains a check."""
    if check.difference is None or check.fact.bound is not Bound.EXACT:
        return False
    if check.quantity == Quantity.HAZARD_RATIO.value:
        printed = published_log_se(check.fact)
        least = settings.gross_errors * printed[0] if printed is not None else 0.0
        return abs(check.difference) > max(settings.gross_log_ratio, least)
    if check.quantity == Quantity.MEDIAN.value and check.published and check.obtained:
        return abs(log(check.obtained / check.published)) > settings.gross_median
    return False
