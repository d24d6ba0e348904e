"""From printed numbers to what every reconstruction method returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.files.option_text import DRAWS
from survrecon.model.diagnostics import SummaryDiagnostics
from survrecon.model.document import FollowUp, FollowUpMethod
from survrecon.model.ipd import Reconstruction, fixed_draws, nearest_to_middle
from survrecon.reconstruction.summary.design import follow_up_range
from survrecon.reconstruction.summary.draws import SummaryDraws, draw_summary
from survrecon.reconstruction.summary.settings import PROPOSALS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.reconstruction.summary.inputs import SummaryArm

__all__ = ["DRAWS", "reconstruct_summary"]


def reconstruct_summary(
    arms: Sequence[SummaryArm],
    follow_up: FollowUp,
    *,
    time_unit: str,
    draws: int = DRAWS,
    rng: np.random.Generator,
) -> dict[str, Reconstruction]:
    """Rebuild every arm of a trial from its printed numbers.

    Parameters
    ----------
    arms : sequence of SummaryArm
        Control first.
    follow_up : FollowUp
        The printed follow-up design, or the recorded assumption in its place.
    time_unit : str
        Unit of all times.
    draws : int
        Data sets an arm; draw i of all arms shares one follow-up design.
    rng : numpy.random.Generator
        The only source of randomness.

    Returns
    -------
    dict of str to Reconstruction
        By arm. The data sets are synthetic: built from printed numbers, not read from a figure.

    Raises
    ------
    ReconstructionError
        If no data set prints what the paper prints.
    """
    drawn = draw_summary(arms, follow_up, time_unit=time_unit, k=draws, rng=rng)
    middle = nearest_to_middle(*drawn.ipd.values())
    return {
        arm.name: Reconstruction(
            ipd=drawn.ipd[arm.name][middle],
            method="summary",
            diagnostics=_diagnostics(arm, drawn),
            assumptions=_assumptions(arm, follow_up, time_unit),
            warnings=_warnings(arm, drawn, draws),
            drawer=fixed_draws(arm.name, drawn.ipd[arm.name]),
        )
        for arm in arms
    }


def _diagnostics(arm: SummaryArm, drawn: SummaryDraws) -> SummaryDiagnostics:
    return SummaryDiagnostics(
        draws=len(drawn.ipd[arm.name]),
        proposals_accepted=round(drawn.acceptance[arm.name], 3),
        accrual_shape=_median_and_range(drawn.shape),
        tail_hazard=_median_and_range(drawn.tail_factor[arm.name]) if arm.has_survival_point else None,
    )


def _median_and_range(values: FloatArray) -> str:
    return f"{np.median(values):.2f} ({values.min():.2f} to {values.max():.2f})"


def _assumptions(arm: SummaryArm, follow_up: FollowUp, time_unit: str) -> tuple[str, ...]:
    ranges = follow_up_range(follow_up, time_unit, where=f"arm {arm.name}")
    found = [
        "between printed points the hazard rises or falls with a power of time, as those of published curves do, and "
        "changes once, to half to double what it was",
        _loss(follow_up),
    ]
    if arm.events is None:
        found.append("after the last printed point the hazard is half to double the mean before")
    else:
        found.append("after the last printed point the hazard is what gives the printed total of events")
    if arm.bounds:
        found.append(f"printed as a bound, so checked and not built from: {'; '.join(arm.bounds)}")
    if ranges.assumed is not None:
        found.append(
            f"follow-up is not printed and assumed: the last patient {_span(ranges.shortest)}, the first "
            f"{_span(ranges.longest)} {time_unit}. {ranges.assumed}"
        )
    if follow_up.median is None:
        found.append("no median follow-up is printed: accrual shape varied from 1/2 to 2 around uniform entry")
    elif follow_up.method is FollowUpMethod.NOT_STATED:
        found.append("what the printed median follow-up is the median of is not stated: each feasible method in turn")
    return tuple(found)


def _warnings(arm: SummaryArm, drawn: SummaryDraws, wanted: int) -> tuple[str, ...]:
    found = ["synthetic: built from printed numbers, not read from a figure"]
    if len(drawn.ipd[arm.name]) < wanted:
        found.append(f"only {len(drawn.ipd[arm.name])} of {wanted} draws print the paper's numbers")
    factor = drawn.tail_factor[arm.name]
    slack = PROPOSALS.strained_slack
    strained = float(np.mean((factor < 0.5 * (1 - slack)) | (factor > 2 * (1 + slack))))
    if arm.has_survival_point and strained > PROPOSALS.strained_draws:
        found.append(
            f"in {strained:.0%} of the draws the total of events needs a tail hazard beyond half to double "
            f"the mean before (median {np.median(factor):.2f})"
        )
    return tuple(found)


def _loss(follow_up: FollowUp) -> str:
    low, high = follow_up.yearly_loss
    reason = "" if follow_up.yearly_loss_reason is None else f", because {follow_up.yearly_loss_reason.rstrip('.')}"
    return f"loss to follow-up from {low:.0%} to {high:.0%} a year, the same in all arms{reason}"


def _span(values: tuple[float, float]) -> str:
    low, high = values
    return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
