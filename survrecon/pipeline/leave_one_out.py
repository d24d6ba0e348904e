"""Each printed number of a summary record is checked by rebuilding its arm without it."""

from __future__ import annotations

import numpy as np

from survrecon.agreement import Agreement, Verdict, check_fact, without_verdict
from survrecon.errors import ReconstructionError
from survrecon.published import PublishedFact, Quantity
from survrecon.reconstruction.summary.draws import draw_summary
from survrecon.reconstruction.summary.inputs import summary_arms
from survrecon.record import RecordDocument

__all__ = ["LEFT_OUT_DRAWS", "check_left_out", "checkable_facts"]

LEFT_OUT_DRAWS = 60
"""Draws of a leave-one-out check: enough for the 95% interval of the difference."""

_BUILDING = (Quantity.SURVIVAL, Quantity.MEDIAN, Quantity.EVENTS, Quantity.EVENTS_AT_LEAST)


def checkable_facts(document: RecordDocument) -> tuple[PublishedFact, ...]:
    """Return the printed facts of single arms that can build or be checked, control first."""
    order = [document.control.name, *(arm.name for arm in document.treatments)]
    facts = [fact for fact in document.facts if fact.quantity in _BUILDING]
    return tuple(
        sorted(facts, key=lambda fact: (order.index(str(fact.arm)), _BUILDING.index(fact.quantity), fact.at or 0))
    )


def check_left_out(document: RecordDocument, fact: PublishedFact, rng: np.random.Generator) -> Agreement:
    """Rebuild a fact's arm without it, and without what derives from it, and compare.

    A median leaves together with its interval, for both come of the same stretch of the curve. Where
    nothing is left that fixes the arm's level, the fact is "not checkable".
    """
    arms = summary_arms(document, without=fact)
    mine = next(arm for arm in arms if arm.name == fact.arm)
    if fact.value == "not estimable":
        return without_verdict(fact, Verdict.NOT_CHECKABLE, "printed as not estimable: there is no number to compare")
    if not mine.is_buildable:
        return without_verdict(fact, Verdict.NOT_CHECKABLE, "nothing is left to build this arm from")
    try:
        drawn = draw_summary(
            arms,
            document.follow_up,
            time_unit=document.axes.time_unit,
            k=LEFT_OUT_DRAWS,
            rng=rng,
            only=[mine.name],
            scatter=True,
        )
    except ReconstructionError as error:
        return without_verdict(fact, Verdict.NOT_CHECKABLE, f"nothing can be built without it: {error.got}")
    left = "total events alone" if not mine.has_survival_point else "the arm's other printed numbers"
    return check_fact(
        fact, drawn.ipd[mine.name], explanations=document.explained, note=f"left out; rebuilt from {left}"
    )
