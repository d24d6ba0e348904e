"""Margins of agreement and tolerances, each with a name, a unit and a reason."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

__all__ = [
    "ABOVE_ONE",
    "COARSEST",
    "COUNT_SLACK",
    "DAYS_IN",
    "DECIMALS",
    "DRAWS_QUANTILES",
    "ENDS_BEFORE",
    "EVEN_POINTS",
    "EVEN_SPREAD",
    "EXACT_GRID",
    "LARGEST_FRACTION",
    "LARGEST_RATIO",
    "LARGEST_RISE",
    "LARGEST_SE_RATIO",
    "LARGEST_STRAY",
    "LATE_START",
    "LEFT_AT_ZERO",
    "LONGEST_NAME",
    "MARGINS",
    "MARK_STRAY",
    "NUMERICAL_NOISE",
    "ON_GRID",
    "ORIGIN_SLIP",
    "REPEATED",
    "SAME_NUMBER",
    "SEEDS",
    "SMALLEST_RATIO",
    "SMALLEST_SURVIVAL",
    "TABLE_COVERAGE",
    "TIMES_ROUNDED",
    "TIME_SLIP",
    "TYPICAL_PIXEL",
    "USUAL_LEVEL",
    "YEARLY_LOSS",
    "Margin",
    "Margins",
]

USUAL_LEVEL = 0.95
"""The level of intervals that do not say theirs."""
DRAWS_QUANTILES = (0.025, 0.975)
"""Ends of the 95% interval over draws."""
NUMERICAL_NOISE = 1e-9
"""Numbers that are equal on paper differ by the rounding of floats at most."""
SAME_NUMBER = 1e-6
"""Relative difference within which a number that was typed again, or written with six digits, is the same one."""
SEEDS = 2**63
"""How many seeds there are: whole numbers that 64 bits with a sign hold."""
SMALLEST_RATIO = 1e-9
"""A hazard ratio is above this and below ``LARGEST_RATIO``: beyond, a number is mistyped."""
LARGEST_RATIO = 1e9
DAYS_IN = {"days": 1.0, "weeks": 7.0, "months": 365.25 / 12, "years": 365.25}
"""Days in a time unit: of the mean Gregorian year, near enough for follow-up."""


# Curves beside what is printed: how far a curve and the numbers that go with it may lie apart.
TIMES_ROUNDED = 1e-5
"""Of a curve's length: files round the times of steps."""
TIME_SLIP = 1 / 200
"""Of a curve's length: a click may fall this far beside a step."""
LEFT_AT_ZERO = 0.02
"""Of the patients, randomized but never followed."""
TABLE_COVERAGE = (0.1, 5.0)
"""A printed risk table ends neither before nor beyond this share of its curve."""
COUNT_SLACK = 1e-6
"""Patients: a number is whole to within the rounding of floats."""
SMALLEST_SURVIVAL = 1e-12
"""Stands for a survival of 0 that would be divided by."""
LARGEST_FRACTION = 1.05
"""A click above 1 is a slip of at most a few pixels; beyond that the axis is another one."""
ENDS_BEFORE = 0.01
"""Share of a time by which data may end before it and still be said to reach it."""
YEARLY_LOSS = (0.0, 0.05)
"""Share of patients lost to follow-up a year where nothing is known: from none to one in twenty."""

# What a repair may change.
LARGEST_RISE = 0.1
"""Of survival: isotonic regression, which moves points by half a rise, repairs slips of a hand only."""
ABOVE_ONE = 0.05
"""Of survival, above 1: as ``LARGEST_FRACTION``."""
LARGEST_STRAY = 0.05
"""Of the time axis, left of the origin."""
MARK_STRAY = 1 / 50
"""Of the time axis, left of the origin, that a click on a censoring mark may stand."""
ORIGIN_SLIP = 0.01
"""Of survival: a click at time 0 this close to 1 is meant for the origin."""
LATE_START = 0.05
"""Of the time axis: a curve that starts at 1 later than that may be one of a landmark analysis."""

# How finely a curve was read.
TYPICAL_PIXEL = 1 / 400
"""Of the survival axis: height of a pixel in a figure of ordinary size."""
EXACT_GRID = 1e-6
"""Of survival: the grid of values that count as exact."""
REPEATED = 0.3
"""Share of neighbours with one value above which they repeat, as a vector file's do."""
COARSEST = 0.25
"""Of survival: a resolution is no larger."""
EVEN_POINTS, EVEN_SPREAD = 20, 0.01
"""More points than this, and spaces that vary by less than this share of their mean, are a tracer's columns."""
ON_GRID = 0.02
"""Of a pixel: values this close to its multiples lie on the grid."""
LONGEST_NAME = 20
"""Letters of a name in a message."""


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
        """Return the margin for a printed value of ``size``."""
        return min(self.most, max(self.least, self.share * size))


@dataclass(frozen=True, kw_only=True, slots=True)
class Margins:
    """The margins of every check, fixed beforehand.

    Parameters
    ----------
    log_hazard_ratio : Margin
        On ln HR, a share of the published standard error: small beside the trial's own uncertainty. 0.05 takes 0.70 to
        0.67 or 0.74, near what two printed decimals tell; beyond 0.10 a reader would notice.
    other_model : Margin
        On ln HR where the printed ratio is stratified, or its model is not said, a share of its standard error, where
        that is more: two models of the same patients give two ratios, as close as their common events make them.
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
    wide_log_ratio : float
        On ln HR: what is told within it is told closely enough to say that the paper's ratio is among what the inputs
        allow, 0.70 between 0.57 and 0.86; beyond it nearly any ratio is.
    wide : float
        The same of every other quantity, in margins.
    """

    log_hazard_ratio: Margin = Margin(share=0.25, least=0.05, most=0.10)
    other_model: Margin = Margin(share=0.6)
    standard_error: Margin = Margin(least=0.10)
    z: Margin = Margin(least=0.25)
    survival: Margin = Margin(least=0.01)
    median: Margin = Margin(share=0.03)
    half: Margin = Margin(least=0.01)
    events: Margin = Margin(share=0.02, least=1.0)
    restricted_mean: Margin = Margin(share=0.01)
    wide_log_ratio: float = 0.20
    wide: float = 2.0


MARGINS = Margins()


@dataclass(frozen=True, kw_only=True, slots=True)
class Decimals:
    """Decimals of numbers that come out, wherever they are printed; a printed one keeps the paper's own.

    Parameters
    ----------
    ratio : int
        Of a hazard ratio: one more than papers have, since verdicts turn on less than their last one.
    survival : int
        Of a probability: likewise.
    time : int
        Of a median and of follow-up.
    other : int
        Of z, of differences of restricted means, and of ratios of widths.
    standard_error : int
        Of ln HR, and of anything else.
    """

    ratio: int = 3
    survival: int = 3
    time: int = 1
    other: int = 2
    standard_error: int = 3


DECIMALS = Decimals()

LARGEST_SE_RATIO = 1.5
"""A standard error that a printed ratio and its p imply is used where their rounding leaves it within this ratio."""
