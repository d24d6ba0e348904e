"""Estimates and intervals: a value, its uncertainty, and how a paper would print it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from math import exp, log, sqrt
from typing import TYPE_CHECKING

from survrecon.errors import AnalysisError, PublishedError
from survrecon.model.settings import USUAL_LEVEL

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "USUAL_LEVEL",
    "Estimate",
    "Interval",
    "Scale",
    "Status",
    "format_decimals",
    "level_label",
    "normal_quantile",
    "pooled_estimate",
    "with_further_error",
]


class Status(StrEnum):
    """Why a quantity has no value, or that it has one."""

    ESTIMATED = "estimated"
    NOT_REACHED = "not reached"
    NOT_ESTIMABLE = "not estimable"


class Scale(StrEnum):
    """The scale on which an estimate is approximately normal."""

    IDENTITY = "identity"
    LOG = "log"

    def forward(self, value: float) -> float:
        """Transform a value to the scale."""
        return log(value) if self is Scale.LOG else value

    def inverse(self, value: float) -> float:
        """Transform a value back from the scale."""
        return exp(value) if self is Scale.LOG else value


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A confidence or reconstruction interval.

    Parameters
    ----------
    low, high : float or None
        Limits, in the unit of what the interval is of; ``None`` where a limit is not reached.
    level : float
        Share of cases that such intervals are to hold.

    Raises
    ------
    PublishedError
        If the limits are swapped or the level is no share.

    Examples
    --------
    >>> Interval(low=0.52, high=0.891).format(2)
    '0.52 to 0.89'
    """

    low: float | None
    high: float | None
    level: float = USUAL_LEVEL

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise PublishedError(
                "interval", "the lower limit is at most the upper", f"{self.low} to {self.high}", "swap the limits"
            )
        if not 0 < self.level < 1:
            raise PublishedError("interval", "its level is between 0 and 1", f"{self.level}", "write 0.95 for 95%")

    def inverted(self) -> Interval:
        """Return the interval of the reciprocal, for a ratio printed the other way round.

        A limit that is printed as 0.00 has no reciprocal: it turns into no limit.

        Examples
        --------
        >>> Interval(low=0.0, high=0.16, level=0.9).inverted()
        Interval(low=6.25, high=None, level=0.9)
        """
        return Interval(
            low=1 / self.high if self.high else None,
            high=1 / self.low if self.low else None,
            level=self.level,
        )

    def labelled(self, decimals: int = 2) -> str:
        """Print with the level where that is not 95%, ``90% CI 0.45 to 0.96``."""
        return level_label(self.level) + self.format(decimals)

    def format(self, decimals: int = 2) -> str:
        """Print as a paper does, ``0.45 to 0.96``."""
        return " to ".join(
            "NR" if limit is None else format_decimals(limit, decimals) for limit in (self.low, self.high)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A quantity with its uncertainty split by origin.

    Parameters
    ----------
    value : float or None
        The estimate on its natural scale; ``None`` with a ``status`` where there is none.
    interval : Interval or None
        Confidence interval holding both sources of uncertainty.
    sampling_se : float or None
        Standard error, on ``scale``, that the true patients would have given.
    reconstruction_se : float or None
        Standard deviation, on ``scale``, over data sets that agree with the figure; 0 where the
        data set is known to be unique, ``None`` where the method does not tell.
    scale : Scale
        Where the standard errors live.
    of, over : str or None
        For contrasts: of which arm, over which arm.
    status : Status
        Why ``value`` is missing.
    interval_at : callable or None
        Gives the interval at any level by the rule that gave ``interval``, or ``None`` where the quantity has none;
        see `confidence_interval`.

    Examples
    --------
    >>> ratio = pooled_estimate([-0.5], [0.1], scale=Scale.LOG, of="drug", over="placebo")
    >>> ratio.format(2), ratio.confidence_interval(0.9).format(2)
    ('0.61 (0.50 to 0.74)', '0.51 to 0.71')
    """

    value: float | None
    interval: Interval | None = None
    sampling_se: float | None = None
    reconstruction_se: float | None = None
    scale: Scale = Scale.IDENTITY
    of: str | None = None
    over: str | None = None
    status: Status = Status.ESTIMATED
    interval_at: Callable[[float], Interval | None] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if (self.value is None) is (self.status is Status.ESTIMATED):
            raise AnalysisError(
                "estimate",
                "a value, or the reason why there is none",
                f"{self.value}, {self.status}",
                "give one of them",
            )

    @property
    def total_se(self) -> float | None:
        """Standard error of both sources together, on ``scale``."""
        if self.sampling_se is None:
            return self.reconstruction_se
        return sqrt(self.sampling_se**2 + (self.reconstruction_se or 0.0) ** 2)

    def confidence_interval(self, level: float = USUAL_LEVEL) -> Interval | None:
        """Return the interval at a level, by the rule that gave ``interval``: at its own level the two are equal.

        Limits stay where the quantity can be: a survival probability within 0 to 1, a ratio above 0.

        Raises
        ------
        AnalysisError
            If the level is no share, or ``interval`` is not of a kind that has levels (that of rounding, say).
        """
        if not 0 < level < 1:
            raise AnalysisError("level", "a share between 0 and 1", f"{level}", "write 0.95 for 95%")
        if self.interval_at is not None:
            return self.interval_at(level)
        if self.interval is None or self.interval.level == level:
            return self.interval
        raise AnalysisError(
            "confidence_interval", f"the one level that is known, {self.interval.level}", f"{level}", "ask for that one"
        )

    def format(self, decimals: int = 2) -> str:
        """Print value and interval to a paper's decimals, ``0.68 (0.52 to 0.89)``."""
        if self.value is None:
            return str(self.status)
        text = format_decimals(self.value, decimals)
        return text if self.interval is None else f"{text} ({self.interval.format(decimals)})"


def normal_quantile(level: float = USUAL_LEVEL) -> float:
    """Return z with P(-z < Z < z) = ``level`` for a standard normal Z.

    Examples
    --------
    >>> round(normal_quantile(0.95), 3)
    1.96
    """
    from statistics import NormalDist

    return NormalDist().inv_cdf(0.5 + level / 2)


def level_label(level: float | None) -> str:
    """Return how a level is printed before an interval, ``90% CI``; nothing where it is 95%, or not known.

    Examples
    --------
    >>> level_label(0.9967), level_label(0.95)
    ('99.67% CI ', '')
    """
    return "" if level in (None, USUAL_LEVEL) else f"{100 * (level or 0.0):.6g}% CI "


def format_decimals(value: float, decimals: int) -> str:
    """Print with a fixed number of decimals and no negative zero.

    Examples
    --------
    >>> format_decimals(-0.001, 2)
    '0.00'
    """
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text


def pooled_estimate(
    values: list[float],
    sampling_se: list[float],
    *,
    scale: Scale = Scale.IDENTITY,
    of: str | None = None,
    over: str | None = None,
    level: float = USUAL_LEVEL,
) -> Estimate:
    """Pool per-draw estimates by Rubin's rules.

    With K draws whose estimates on ``scale`` are q_k with standard errors u_k, the pooled value is
    mean(q), the sampling variance mean(u^2), the reconstruction variance (1 + 1/K) var(q). The
    draws are draws of the whole unseen data set, so the normal quantile is used; a single value
    has no reconstruction variance to report.

    Parameters
    ----------
    values : list of float, length K
        Estimates already on ``scale`` (log hazard ratios, say).
    sampling_se : list of float, length K
        Their standard errors, on ``scale``.
    scale : Scale
        Where both live; the result's ``value`` is carried back.

    References
    ----------
    Rubin, Multiple Imputation for Nonresponse in Surveys, 1987, eq. 3.1.5-3.1.8.

    Examples
    --------
    >>> e = pooled_estimate([-0.4, -0.2], [0.1, 0.1], scale=Scale.LOG, of="drug", over="placebo")
    >>> e.format(2), round(e.reconstruction_se, 4)
    ('0.74 (0.50 to 1.10)', 0.1732)
    """
    k = len(values)
    centre = sum(values) / k
    within = sum(u * u for u in sampling_se) / k
    between = (1 + 1 / k) * sum((q - centre) ** 2 for q in values) / (k - 1) if k > 1 else None
    interval_at = partial(_normal_interval, centre, sqrt(within + (between or 0.0)), scale)
    return Estimate(
        value=scale.inverse(centre),
        interval=interval_at(level),
        sampling_se=sqrt(within),
        reconstruction_se=None if between is None else sqrt(between),
        scale=scale,
        of=of,
        over=over,
        interval_at=interval_at,
    )


def with_further_error(estimate: Estimate, error: float) -> Estimate:
    """Return an estimate whose reconstruction part holds another standard error, on ``scale``, that was not in it.

    Examples
    --------
    >>> ratio = pooled_estimate([-0.4, -0.2], [0.1, 0.1], scale=Scale.LOG, of="drug", over="placebo")
    >>> wider = with_further_error(ratio, 0.1)
    >>> ratio.format(2), wider.format(2), round(wider.reconstruction_se, 4)
    ('0.74 (0.50 to 1.10)', '0.74 (0.48 to 1.15)', 0.2)
    """
    if estimate.value is None or estimate.interval is None or error == 0:
        return estimate
    made = sqrt((estimate.reconstruction_se or 0.0) ** 2 + error**2)
    whole = sqrt((estimate.sampling_se or 0.0) ** 2 + made**2)
    interval_at = partial(_normal_interval, estimate.scale.forward(estimate.value), whole, estimate.scale)
    return replace(
        estimate, interval=interval_at(estimate.interval.level), reconstruction_se=made, interval_at=interval_at
    )


def _normal_interval(centre: float, se: float, scale: Scale, level: float) -> Interval:
    """Return the interval that is symmetric on ``scale``, where ``centre`` and ``se`` live."""
    half = normal_quantile(level) * se
    return Interval(low=scale.inverse(centre - half), high=scale.inverse(centre + half), level=level)
