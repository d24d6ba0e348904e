"""Draws at one data cut-off: patients of every arm that share a follow-up design and print the paper's numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from survrecon.errors import ReconstructionError
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.summary.accepted import CutoffDraws, as_often_as_they_print, complete_everywhere
from survrecon.reconstruction.summary.design import Design, Variation, draw_designs, follow_up_range
from survrecon.reconstruction.summary.proposals import Placing
from survrecon.reconstruction.summary.settings import PROPOSALS
from survrecon.reconstruction.summary.target import central_survival

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.arrays import BoolArray, FloatArray
    from survrecon.model.document import FollowUp
    from survrecon.reconstruction.summary.inputs import SummaryArm

__all__ = ["SummaryDraws", "draw_at_cutoff", "draw_summary"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SummaryDraws:
    """Accepted draws of every arm, paired by design.

    Parameters
    ----------
    ipd : dict of str to list of PseudoIPD
        By arm, k data sets each.
    acceptance : dict of str to float
        Share of proposals that printed the paper's numbers, by arm.
    tail_factor : dict of str to array of float, shape (k,)
        Hazard after the last printed point as a multiple of the hazard before it, by arm.
    shape : array of float, shape (k,)
        Accrual shape of each draw's design.
    """

    ipd: dict[str, list[PseudoIPD]]
    acceptance: dict[str, float]
    tail_factor: dict[str, FloatArray]
    shape: FloatArray


def draw_summary(
    arms: Sequence[SummaryArm],
    follow_up: FollowUp,
    *,
    time_unit: str,
    k: int,
    rng: np.random.Generator,
    variation: Variation | None = None,
    only: Sequence[str] | None = None,
) -> SummaryDraws:
    """Draw k data sets an arm; draw i of every arm shares one follow-up design.

    Parameters
    ----------
    arms : sequence of SummaryArm
        Every arm of the trial: the design is fitted to all of them.
    follow_up : FollowUp
        The printed design.
    k : int
        Draws.
    variation : Variation, optional
        A scenario of the sensitivity table.
    only : sequence of str, optional
        Arms to draw; default all.

    Raises
    ------
    ReconstructionError
        If an arm has nothing that fixes its level, or no data set prints all of its numbers.
    """
    drawn = draw_at_cutoff(
        arms,
        follow_up,
        time_unit=time_unit,
        k=k,
        rng=rng,
        variation=variation,
        only=only,
    )
    return SummaryDraws(
        ipd=drawn.ipd(time_unit),
        acceptance={name: arm.acceptance for name, arm in drawn.arms.items()},
        tail_factor={name: arm.factor for name, arm in drawn.arms.items()},
        shape=drawn.design.shape,
    )


def draw_at_cutoff(
    arms: Sequence[SummaryArm],
    follow_up: FollowUp,
    *,
    time_unit: str,
    k: int,
    rng: np.random.Generator,
    variation: Variation | None = None,
    only: Sequence[str] | None = None,
    placing: Placing = Placing.AT_RANDOM,
    admitted: Callable[[Design], BoolArray] | None = None,
) -> CutoffDraws:
    """Draw patients that print the paper's numbers, with all that a later data cut-off will need of them.

    Parameters
    ----------
    placing : Placing
        How events fall along the target.
    admitted : callable, optional
        Which designs (k,) are possible, where more than their own data cut-off is known of them.

    The others, and what is raised, as of ``draw_summary``.
    """
    where = f"arms {', '.join(arm.name for arm in arms)}"
    ranges = follow_up_range(follow_up, time_unit, where=where)
    grid = np.linspace(0.0, ranges.longest[1], PROPOSALS.grid)
    wanted = [arm for arm in arms if only is None or arm.name in only]
    for arm in wanted:
        _require_buildable(arm)
    coarse = grid[:: PROPOSALS.coarse]
    pooled = _pooled_survival([arm for arm in arms if arm.is_buildable], coarse, sum(ranges.longest) / 4)
    settled = partial(
        draw_designs,
        follow_up,
        ranges,
        time_unit,
        arms=tuple(arm.name for arm in arms),
        grid=coarse,
        pooled_survival=pooled,
        variation=variation or Variation(),
        rng=rng,
    )
    kept: list[CutoffDraws] = []
    missing = k
    for _ in range(PROPOSALS.waves):
        designs = _admitted(settled, missing + missing // 4 + 4, admitted)  # some will not do for every arm
        if placing is Placing.AT_RANDOM:
            kept.append(as_often_as_they_print(wanted, designs, grid, missing, rng))
        else:
            kept.append(complete_everywhere(wanted, designs, grid, placing, rng))
        missing -= kept[-1].count
        if missing <= 0:
            break
    if missing == k:
        raise ReconstructionError(where, "one follow-up design fits all arms", "none does", "check the follow-up")
    return CutoffDraws.together(kept).take(np.arange(k - max(missing, 0)))


def _admitted(settled: Callable[..., Design], k: int, admitted: Callable[[Design], BoolArray] | None) -> Design:
    """Draw k designs, and more of them where few are admitted."""
    designs = settled(k=k)
    if admitted is None:
        return designs
    rows = np.flatnonzero(admitted(designs))
    for _ in range(PROPOSALS.waves):
        if 2 * rows.size >= k:
            break
        designs = settled(k=4 * designs.shape.size)
        rows = np.flatnonzero(admitted(designs))
    if rows.size == 0:
        raise ReconstructionError(
            "follow-up", "a follow-up that prints the medians of both data cut-offs", "none", "check both records"
        )
    return designs.take(np.resize(rows, k))


def _pooled_survival(arms: Sequence[SummaryArm], grid: FloatArray, mean_follow_up: float) -> FloatArray:
    """Return survival of all patients together on a grid (m,)."""
    curves = [arm.n * central_survival(arm, grid, mean_follow_up) for arm in arms]
    pooled: FloatArray = np.sum(curves, axis=0) / sum(arm.n for arm in arms)
    return pooled


def _require_buildable(arm: SummaryArm) -> None:
    if not arm.is_buildable:
        raise ReconstructionError(
            f"arm {arm.name}",
            "at least one printed survival probability, a median, or a total of events",
            "none",
            "the record shows its facts; a curve cannot be built from them",
        )
