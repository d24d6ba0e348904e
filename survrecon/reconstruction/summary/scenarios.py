"""Named scenarios of the sensitivity table: each changes one thing that the paper does not print."""

from __future__ import annotations

from collections.abc import Sequence

from survrecon.followup import FollowUp
from survrecon.reconstruction.summary.design import Variation
from survrecon.reconstruction.summary.inputs import SummaryArm

__all__ = ["EXTRA_YEARLY_LOSS", "scenarios"]

EXTRA_YEARLY_LOSS = 0.10
"""Yearly loss of one arm on top of that of both: a tenth of its patients a year, a badly kept arm."""


def scenarios(arms: Sequence[SummaryArm], follow_up: FollowUp) -> tuple[Variation, ...]:
    """Return the scenarios that apply: accrual, drop-out of one arm, tail hazard, assumed follow-up.

    The tail is not varied where totals of events are printed for every arm, for they fix it.
    """
    found = [
        Variation(
            name="early accrual",
            description="accrual shape halved: more patients entered early, against the printed median follow-up",
            shape_factor=0.5,
        ),
        Variation(
            name="late accrual",
            description="accrual shape doubled: more patients entered late, against the printed median follow-up",
            shape_factor=2.0,
        ),
    ]
    found += [
        Variation(
            name=f"drop-out in {arm.name}",
            description=f"{EXTRA_YEARLY_LOSS:.0%} a year more are lost to follow-up in this arm alone",
            extra_yearly_loss=((arm.name, EXTRA_YEARLY_LOSS),),
        )
        for arm in arms
    ]
    if any(arm.events is None for arm in arms):
        found += [
            Variation(
                name=f"tail hazard {word}",
                description=f"after the last printed point the hazard is {word} the mean before, in both arms",
                tail_factor=factor,
            )
            for word, factor in (("half", 0.5), ("double", 2.0))
        ]
    if follow_up.assumed is not None:
        found += [
            Variation(
                name=f"{word} shortest follow-up",
                description=f"the {word} end of the assumed range, {value:g}",
                shortest_at=place,
            )
            for word, value, place in zip(("low", "high"), follow_up.assumed.shortest, (0.0, 1.0), strict=True)
        ]
    return tuple(found)
