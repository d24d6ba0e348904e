"""Numbers of the model with a name, a unit and a reason: margins of agreement and tolerances of what is printed."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

__all__ = [
    "DAYS_IN",
    "DRAWS_QUANTILES",
    "LARGEST_RATIO",
    "MARGINS",
    "NUMERICAL_NOISE",
    "SMALLEST_RATIO",
    "USUAL_LEVEL",
    "Margin",
    "Margins",
]

USUAL_LEVEL = 0.95
"""The level of intervals that do not say theirs."""
DRAWS_QUANTILES = (0.025, 0.975)
"""Ends of the 95% interval over draws."""
NUMERICAL_NOISE = 1e-9
"""Numbers that are equal on paper differ by the rounding of floats at most."""
SMALLEST_RATIO = 1e-9
"""A hazard ratio is above this and below ``LARGEST_RATIO``: beyond, a number is mistyped."""
LARGEST_RATIO = 1e9
DAYS_IN = {"days": 1.0, "weeks": 7.0, "months": 365.25 / 12, "years": 365.25}
"""Days in a time unit: of the mean Gregorian year, near enough for follow-up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Margin:
    """How far an obtained value may lie from a printed one and still agree.

    Parameters
    ----------
    share : float
        Of what the quantity is measured in: the published value, its standard error, its time.
    least, most : float
        Ends of the margin, on the scale of the difference.

    Examples
    --------
    >>> Margin(share=0.25, least=0.05, most=0.10).of(0.3)
    0.075
    >>> Margin(least=0.01).of()
    0.01
    """

    share: float = 0.0
    least: float = 0.0
    most: float = inf

    def of(self, size: float = 0.0) -> float:
        """Return the margin where what it is a share of is ``size``."""
        return min(self.most, max(self.least, self.share * size))


@dataclass(frozen=True, kw_only=True, slots=True)
class Margins:
    """The margins of every check, fixed beforehand.

    Parameters
    ----------
    log_hazard_ratio : Margin
        On ln HR, a share of the published standard error: small beside the trial's own uncertainty. 0.05 takes 0.70 to
        0.67 or 0.74, near what two printed decimals tell; beyond 0.10 a reader would notice.
    standard_error : Margin
        On the ratio of the HR's standard errors, 0.90 to 1.10: about a fifth more or fewer events.
    z : Margin
        Of a test: a quarter of the unit standard error of z, as for ln HR.
    survival : Margin
        One unit of the last digit of a printed percentage.
    median : Margin
        A share of the printed median; one pixel of the time axis where that is wider.
    half : Margin
        A median also agrees where S at the printed median is a half to within this: a flat curve crosses it anywhere.
    events : Margin
        A share of a total that the inputs do not identify; one event where that is more.
    restricted_mean : Margin
        A share of the horizon: as if S were off by 0.01 all the way.
    """

    log_hazard_ratio: Margin = Margin(share=0.25, least=0.05, most=0.10)
    standard_error: Margin = Margin(least=0.10)
    z: Margin = Margin(least=0.25)
    survival: Margin = Margin(least=0.01)
    median: Margin = Margin(share=0.03)
    half: Margin = Margin(least=0.01)
    events: Margin = Margin(share=0.02, least=1.0)
    restricted_mean: Margin = Margin(share=0.01)


MARGINS = Margins()
