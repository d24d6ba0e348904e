"""What is chosen when the shape of hazards is looked at: smoothing, intervals, weights."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["HAZARD", "MAX_COMBO", "RATIO", "TICKS", "HazardSmoothing", "MaxComboIntegral", "RatioOverTime", "RiskTicks"]


@dataclass(frozen=True, kw_only=True, slots=True)
class HazardSmoothing:
    """How a hazard is smoothed; bandwidths as multiples of a pilot one, as Müller and Wang (1994) have it.

    Parameters
    ----------
    points : int
        Times at which a hazard is given.
    places : int
        Times at which a bandwidth is chosen.
    pilot : float
        The pilot bandwidth is the length of time over this and the fifth root of the number of events: their advice.
    narrowest, widest : float
        Candidates, in pilot bandwidths. A narrower one wins by accident wherever the estimated bias crosses 0, and a
        hazard with it is noise.
    candidates : int
        How many of them are tried.
    smoothing : float
        Bandwidth with which the chosen ones are smoothed over time, in pilot bandwidths: their advice.
    nodes : int
        Of the quadrature of bias and variance: an error far below what the choice can see.
    fewest_at_risk : int
        Patients still at risk where a hazard ends; fewer say next to nothing.
    """

    points: int = 101
    places: int = 51
    pilot: float = 8.0
    narrowest: float = 3.0
    widest: float = 20.0
    candidates: int = 25
    smoothing: float = 5.0
    nodes: int = 32
    fewest_at_risk: int = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskTicks:
    """At which times the numbers at risk are given.

    Parameters
    ----------
    steps : tuple of float
        Between them, in the time unit of the data: those that papers print under their curves.
    most : int
        Of them, so that they stand side by side.
    """

    steps: tuple[float, ...] = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 36, 60, 120, 180, 365, 730)
    most: int = 9


@dataclass(frozen=True, kw_only=True, slots=True)
class RatioOverTime:
    """How a hazard ratio is followed through time.

    Parameters
    ----------
    points : int
        Times at which it is given.
    span : float
        Share of the events that the smoothing at a time takes in: fewer follow noise, more hide a change.
    fewest : int
        Events that it takes in at least.
    inner : float
        Share of the events left out at either end, where a local line has nothing on one side.
    intervals : int
        Of equal numbers of events, where no cuts are stated.
    landmark_shares : tuple of float
        Shares of the events before a landmark, where none is stated.
    quantiles : int
        Probabilities at which the times of two arms are compared.
    """

    points: int = 60
    span: float = 0.4
    fewest: int = 20
    inner: float = 0.025
    intervals: int = 3
    landmark_shares: tuple[float, ...] = (0.25, 0.5)
    quantiles: int = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class MaxComboIntegral:
    """How the probability that no weighted test is as large is integrated.

    Parameters
    ----------
    angles : int
        Directions in a plane, evenly spaced: an error below 1e-7.
    log2_directions : int
        Directions in more dimensions, as a power of 2: an error below 5e-5.
    smallest_share : float
        Share of the variance below which a dimension is round-off: the statistics of (0, 1) and (1, 0) sum to the
        log-rank's, so that three of them span a plane.
    """

    angles: int = 4000
    log2_directions: int = 13
    smallest_share: float = 1e-9


HAZARD = HazardSmoothing()
TICKS = RiskTicks()
RATIO = RatioOverTime()
MAX_COMBO = MaxComboIntegral()
