"""What an analysis returns: one summary per arm, one comparison per pair of arms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from survrecon.model.show import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from survrecon.arrays import FloatArray
    from survrecon.model.estimate import Estimate
    from survrecon.model.ipd import PseudoIPD

__all__ = ["ArmSummary", "Comparison", "LogRank", "Milestone", "ProportionalHazards", "RmstDifference", "arms_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Milestone:
    """Survival at one time, ``at``, in the time unit of the analysis."""

    at: float
    survival: Estimate


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class ArmSummary(Shown):
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


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Comparison(Shown):
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
        One value per draw; NaN where a draw has no finite hazard ratio.
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

    def to_frame(self) -> pd.DataFrame:
        """Return a data frame of one row per contrast: quantity, of, over, value, low, high, and both standard errors.

        Standard errors of the hazard ratio are those of its logarithm; ``p`` stands beside the log-rank z alone.
        """
        import pandas as pd

        contrasts = {
            "hazard ratio": self.hazard_ratio,
            "log-rank z": self.logrank.z,
            "difference of restricted mean survival": self.rmst_difference.difference,
        }
        rows = [
            {
                "quantity": quantity,
                "of": self.of,
                "over": self.over,
                "value": estimate.value,
                "low": None if estimate.interval is None else estimate.interval.low,
                "high": None if estimate.interval is None else estimate.interval.high,
                "sampling_se": estimate.sampling_se,
                "reconstruction_se": estimate.reconstruction_se,
                "p": self.logrank.p if estimate is self.logrank.z else None,
            }
            for quantity, estimate in contrasts.items()
        ]
        return pd.DataFrame(rows)


def arms_of(comparisons: Sequence[Comparison]) -> tuple[ArmSummary, ...]:
    """Return the arms of comparisons, each once and every control before its treatments."""
    return tuple({arm.name: arm for comparison in comparisons for arm in comparison.arms}.values())
