"""What an analysis returns: one summary an arm, one comparison a pair of arms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.arrays import FloatArray
    from survrecon.model.estimate import Estimate
    from survrecon.model.ipd import PseudoIPD

__all__ = ["ArmSummary", "Comparison", "LogRank", "Milestone", "ProportionalHazards", "RmstDifference", "arms_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Milestone:
    """Survival at a time of interest, ``at`` in the time unit of the analysis."""

    at: float
    survival: Estimate


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ArmSummary:
    """One arm re-analysed.

    Parameters
    ----------
    name : str
        The arm.
    n : int
        Patients, exact.
    events : Estimate
        Events: mean over draws, with the interval of the draws.
    median : Estimate
        Kaplan-Meier median with its confidence interval; its status says "not reached".
    follow_up : Estimate
        Median follow-up by reverse Kaplan-Meier.
    milestones : tuple of Milestone
        Survival at the times asked for.
    draws : tuple of PseudoIPD
        The data sets behind the numbers; one where the method has no draws.
    central : PseudoIPD
        The data set to show.
    median_reached : float
        Share of the draws whose curve comes down to a half.
    """

    name: str
    n: int
    events: Estimate
    median: Estimate
    follow_up: Estimate
    milestones: tuple[Milestone, ...]
    draws: tuple[PseudoIPD, ...]
    central: PseudoIPD
    median_reached: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class LogRank:
    """Log-rank test.

    Parameters
    ----------
    z : Estimate
        Mean of the draws, positive where ``of`` has more events than expected.
    p : float
        Two-sided, of the pooled z over its total standard error, as Rubin's rules have it.
    """

    z: Estimate
    p: float


@dataclass(frozen=True, kw_only=True, slots=True)
class RmstDifference:
    """Difference of restricted mean survival times up to ``tau``, with the numbers still at risk there.

    ``rule`` says how ``tau`` was chosen: one for all draws.
    """

    tau: float
    difference: Estimate
    at_risk: Mapping[str, int]
    rule: str = "as asked for"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProportionalHazards:
    """Grambsch-Therneau test of proportional hazards on the central data set."""

    statistic: float
    p: float


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Comparison:
    """A treatment against a control.

    Parameters
    ----------
    of, over : str
        Names of the treatment and the control; every contrast is of the first over the second.
    time_unit : str
        Unit of all times.
    arms : tuple of ArmSummary
        Control first.
    hazard_ratio : Estimate
        Cox model with Efron ties, pooled over draws; sampling and reconstruction errors apart.
    logrank : LogRank
        Pooled over draws.
    rmst_difference : RmstDifference
        Pooled over draws.
    proportional_hazards : ProportionalHazards or None
        ``None`` where an arm has no event.
    central_hazard_ratio : Estimate
        lifelines' Cox fit of the central data sets alone.
    log_hazard_ratios, standard_errors, z : array of float, shape (k,)
        One value a draw; NaN where a draw has no finite hazard ratio.
    notes : tuple of str
        What a reader must know: draws left out of a pooled value, say.
    """

    of: str
    over: str
    time_unit: str
    arms: tuple[ArmSummary, ArmSummary]
    hazard_ratio: Estimate
    logrank: LogRank
    rmst_difference: RmstDifference
    proportional_hazards: ProportionalHazards | None
    central_hazard_ratio: Estimate
    log_hazard_ratios: FloatArray
    standard_errors: FloatArray
    z: FloatArray
    notes: tuple[str, ...] = ()


def arms_of(comparisons: Sequence[Comparison]) -> tuple[ArmSummary, ...]:
    """Return the arms of comparisons with one control: it first, then every treatment."""
    return (comparisons[0].arms[0], *(comparison.arms[1] for comparison in comparisons))
