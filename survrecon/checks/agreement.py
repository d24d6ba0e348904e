"""Obtained against published: every printed fact of a comparison, and of an arm, with its verdict."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from typing import TYPE_CHECKING

from survrecon.checks.arms import ARM_CHECKS, check_fact
from survrecon.checks.contrasts import (
    CONTRAST_CHECKS,
    RebuiltContrast,
    check_hazard_ratio,
    check_logrank,
    check_p,
    published_log_se,
)
from survrecon.checks.verdicts import Agreement, Verdict, as_constraint, as_input, without_verdict
from survrecon.model.published import Bound, Explained, PublishedFact, Quantity, printed_direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.analysis.results import ArmSummary, Comparison
    from survrecon.weighting.results import Constraint

__all__ = [
    "Agreement",
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
    "not_twice",
    "published_log_se",
    "without_verdict",
]


def check_comparisons(
    comparisons: Sequence[Comparison],
    facts: Sequence[PublishedFact],
    explanations: Sequence[Explained] = (),
) -> tuple[Agreement, ...]:
    """Check the printed contrasts of every comparison of a record.

    A p value that names no arms belongs to the one comparison there is. Of several, it may be of any two arms or of
    all together, so it has no verdict.
    """
    unnamed = [f for f in facts if f.quantity.is_p and f.of is None] if len(comparisons) > 1 else []
    named = [f for f in facts if f not in unnamed]
    checks = [check for comparison in comparisons for check in check_comparison(comparison, named, explanations)]
    note = "it does not say of which two arms"
    return (*checks, *(without_verdict(fact, Verdict.NOT_CHECKABLE, note) for fact in unnamed))


def check_comparison(
    comparison: Comparison,
    facts: Sequence[PublishedFact],
    explanations: Sequence[Explained] = (),
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
        Attached where a check differs.

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
        published_se=_se_from_counts(facts, of, over),
        explanations=explanations,
    )
    return tuple(check for fact in mine for check in CONTRAST_CHECKS[fact.quantity](fact, rebuilt))


def check_arm(
    arm: ArmSummary,
    facts: Sequence[PublishedFact],
    explanations: Sequence[Explained] = (),
    *,
    used: Sequence[PublishedFact] = (),
    identified: bool = False,
    pixel: float = 0.0,
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
    """
    mine = [f for f in facts if f.arm == arm.name and f.quantity in ARM_CHECKS]
    checks = [check_fact(f, arm.draws, identified=identified, pixel=pixel, explanations=explanations) for f in mine]
    return tuple(as_input(check) if check.fact in used else check for check in checks)


def not_twice(checks: Sequence[Agreement], constraints: Sequence[Constraint]) -> tuple[Agreement, ...]:
    """Return the checks, less the verdicts on what weighted the draws; what hangs together with it says so.

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


def _se_from_counts(facts: Sequence[PublishedFact], of: str, over: str) -> float | None:
    """Return sqrt(1/d0 + 1/d1), about the standard error of ln HR, where both totals are printed."""
    printed = (f for f in facts if f.quantity is Quantity.EVENTS and f.bound is Bound.EXACT)
    totals = {f.arm: f.number for f in printed if f.number}
    found = [totals[name] for name in (of, over) if name in totals]
    return sqrt(1 / found[0] + 1 / found[1]) if len(found) == 2 else None
