"""How far hazards may vary between printed numbers: the priors of patients who are rebuilt from these alone."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

__all__ = ["SUMMARY_PRIORS", "SummaryPriors"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SummaryPriors:
    """What curves are like where nothing is printed."""

    trend: float = 0.25
    """Standard deviation of the log of the power of time with which the hazard of a trial accumulates.

    With the change within a stretch it lets the hazard of the first eighth, quarter, half and three quarters of a
    follow-up differ from the rest as it does among published curves (`python -m benchmarks.hazards`).
    """
    half_to_double: float = log(2)
    """Log range of the change of the hazard within a stretch, and of the tail's hazard."""
    bend: tuple[float, float] = (0.2, 0.8)
    """Where in a stretch between printed points the hazard may change, as a share of it."""
    most_dead: float = 0.99
    """Share of an arm that is taken to have died at most where only its events are printed: a hazard is finite."""
    least_survival: float = 1e-3
    """Survival below which the hazard up to a printed point is told no better."""


SUMMARY_PRIORS = SummaryPriors()
