"""What is asked of the draws, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from survrecon.model.show import BriefRepr

if TYPE_CHECKING:
    from survrecon.model.estimate import Interval
    from survrecon.model.ipd import Reconstruction
    from survrecon.model.published import PublishedFact

__all__ = ["Constrained", "Constraint", "Constraints", "UsedConstraint"]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Constraint(BriefRepr):
    """One printed fact that weights the draws.

    Parameters
    ----------
    fact : PublishedFact
        A hazard ratio, a log-rank p, a median, a survival probability, or a least number of events.
    value_only : bool
        Whether its interval is left aside (and stays a check).
    direction : {-1, 0, 1}
        Of a p value: sign of the printed ln HR of ``of`` over ``over``, the arms in order of their names;
        0 where none is printed.
    """

    fact: PublishedFact
    value_only: bool = False
    direction: int = 0

    @property
    def printed(self) -> str:
        """The fact as it is used, ``hazard ratio, drug over placebo, 0.62 (0.50 to 0.77)``."""
        if self.value_only:
            return f"{self.fact.without_interval().statement} without its interval"
        return self.fact.statement


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class UsedConstraint(BriefRepr):
    """A constraint beside what the figure alone allows.

    Parameters
    ----------
    constraint : Constraint
        What was asked.
    without : float or None
        The same quantity by the figure alone: mean of the draws before weighting, on its usual scale.
    interval : Interval or None
        95% interval of those draws.
    distance : float
        From ``without`` to the nearest value that the paper would round to what it prints, in standard
        deviations of the draws.
    share : float
        Share of the draws that print the fact, before weighting.
    """

    constraint: Constraint
    without: float | None
    interval: Interval | None
    distance: float
    share: float


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Constraints(BriefRepr):
    """What weighted the draws, and how many of them are left.

    Parameters
    ----------
    used : tuple of UsedConstraint
        In the order asked.
    effective_sample_size : float
        Equally weighted data sets that the weighted ones are worth: the least over arms, and over combinations.
    data_sets : int
        Data sets drawn of each arm.
    combinations : int
        Combinations of them, one of each arm, that were weighted.
    assumptions : tuple of str
        What was assumed because the paper does not say it.
    """

    used: tuple[UsedConstraint, ...]
    effective_sample_size: float
    data_sets: int
    combinations: int
    assumptions: tuple[str, ...]

    @property
    def summary(self) -> str:
        """One line: what was used, and the effective sample size."""
        facts = "; ".join(used.constraint.printed for used in self.used)
        return (
            f"draws weighted by printed statistics: {facts}. "
            f"Effective sample size {self.effective_sample_size:.0f} of {self.data_sets} data sets an arm"
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Constrained(BriefRepr):
    """Reconstructions whose draws are weighted.

    Parameters
    ----------
    reconstructions : dict of str to Reconstruction
        By arm. Draw i of every arm belongs together; the single data set is the combination nearest to their middle.
    constraints : Constraints
        What was used.
    """

    reconstructions: dict[str, Reconstruction]
    constraints: Constraints
