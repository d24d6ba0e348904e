"""How far an obtained value may lie from a printed one and still agree: fixed beforehand, here alone."""

from __future__ import annotations

__all__ = [
    "HALF",
    "LOGRANK_Z",
    "STANDARD_ERROR",
    "SURVIVAL",
    "events_margin",
    "hazard_ratio_margin",
    "median_margin",
    "rmst_margin",
]

HAZARD_RATIO_SMALLEST, HAZARD_RATIO_LARGEST = 0.05, 0.10
"""On ln HR: 0.05 takes 0.70 to 0.67 or 0.74, near what two printed decimals tell; beyond 0.10 a reader would notice."""
HAZARD_RATIO_OF_SE = 0.25
"""Between the two, a quarter of the published standard error: small beside the trial's own uncertainty."""
STANDARD_ERROR = 0.10
"""On the ratio of the HR's standard errors, 0.90 to 1.10: about a fifth more or fewer events."""
LOGRANK_Z = 0.25
"""A quarter of the unit standard error of z, as for ln HR."""
SURVIVAL = 0.01
"""One unit of the last digit of a printed percentage."""
MEDIAN = 0.03
"""Of the printed median; one pixel of the time axis where that is wider."""
HALF = 0.01
"""A median also agrees where S at the printed median is a half to within this: a flat curve crosses it anywhere."""
EVENTS = 0.02
"""Of a total that the inputs do not identify; one event where that is more."""
RMST = 0.01
"""Of the horizon: as if S were off by 0.01 all the way."""


def hazard_ratio_margin(published_se: float | None) -> float:
    """Return the margin on ln HR from the published standard error of ln HR, if there is one.

    Examples
    --------
    >>> [hazard_ratio_margin(se) for se in (None, 0.1, 0.3, 0.9)]
    [0.05, 0.05, 0.075, 0.1]
    """
    wanted = 0.0 if published_se is None else HAZARD_RATIO_OF_SE * published_se
    return min(HAZARD_RATIO_LARGEST, max(HAZARD_RATIO_SMALLEST, wanted))


def median_margin(published: float, pixel: float = 0.0) -> float:
    """Return the margin of a median, in its time unit; ``pixel`` is a pixel's width in it."""
    return max(pixel, MEDIAN * published)


def events_margin(published: float, *, identified: bool = False) -> float:
    """Return the margin of a number of events: none where the inputs identify it."""
    return 0.0 if identified else max(1.0, EVENTS * published)


def rmst_margin(tau: float) -> float:
    """Return the margin of a restricted mean up to ``tau``, in its time unit."""
    return RMST * tau
