"""Ranges ("boxes") of values that would be rounded to a printed number, and which data sets fall into them.

The likelihood of a printed number is 1 for a data set that would print it and 0 for any other. Where few data sets
print everything, more are drawn; only where that is not enough are boxes widened, by a small share of the draws'
standard deviation (`Box.slack`), and the result says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from survrecon.analysis.medians import median_draws
from survrecon.model.estimate import Scale, normal_quantile
from survrecon.model.kaplan_meier import BandTransform, KaplanMeier
from survrecon.model.published import Bound, PublishedFact, Quantity
from survrecon.model.settings import NUMERICAL_NOISE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.analysis.cox import ContrastDraws
    from survrecon.arrays import FloatArray
    from survrecon.weighting.constraints import Constraint

__all__ = ["PrintedRange", "arm_boxes", "contrast_boxes"]

_EDGE = NUMERICAL_NOISE
"""A value on the edge of its rounding is within it: papers round a half up, or to even."""
_SMALLEST_P = 1e-300
_LARGEST_P = {1: 1 - 1e-15, 2: 1.0}
"""By sides: a one-sided p of 1 would have a z without end."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PrintedRange:
    """The range of values that round to a printed number, beside the same statistic of k data sets.

    Parameters
    ----------
    name : str
        In words.
    printed : str
        As printed.
    decimals : int
        Printed decimals.
    low, high : float
        Ends of the box.
    values : array of float, shape (k,)
        Of the data sets; infinite where not reached, NaN where there is none.
    scale : Scale
        Where distances are measured; a p value is measured as z.
    sides : int
        Sides of a p value; 0 for another number.
    slack : float
        How much wider the box is taken on either side, on the scale of distances.
    """

    name: str
    printed: str
    decimals: int
    low: float
    high: float
    values: FloatArray
    scale: Scale = Scale.IDENTITY
    sides: int = 0
    slack: float = 0.0

    def holds(self) -> FloatArray:
        """Return 1.0 for each data set whose statistic rounds to the printed number, else 0.0."""
        inside = (self.values >= self.low - _EDGE) & (self.values <= self.high + _EDGE)
        if self.slack:
            low, high = np.sort(self.measured(np.array([self.low, self.high])))
            value = self.measured(self.values)
            inside |= np.isfinite(self.values) & (value >= low - self.slack) & (value <= high + self.slack)
        return np.asarray(inside, dtype=float)

    def spread(self) -> float:
        """Return the standard deviation of the statistic over data sets that have it, on its scale."""
        known = np.isfinite(self.values)
        return float(self.measured(self.values[known]).std()) if known.any() else 0.0

    def measured(self, values: FloatArray) -> FloatArray:
        """Transform values to the scale on which distances are measured."""
        if self.sides:
            return np.asarray(-ndtri(np.clip(values, _SMALLEST_P, _LARGEST_P[self.sides]) / self.sides))
        if self.scale is Scale.LOG:
            return np.log(np.maximum(values, _SMALLEST_P))
        return np.asarray(values, dtype=float)

    def back(self, value: float) -> float:
        """Transform a value back from the scale of distances."""
        return float(self.sides * ndtr(-value)) if self.sides else self.scale.inverse(value)


def arm_boxes(
    constraint: Constraint, curves: Sequence[KaplanMeier], events: FloatArray, reading: float, widen: float = 0.0
) -> tuple[FloatArray, list[PrintedRange]]:
    """Return the likelihood (k,) of one arm's printed fact, and its boxes.

    Parameters
    ----------
    constraint : Constraint
        A median with its limits, survival at a time, or a least number of events.
    curves : sequence of KaplanMeier, length k
        Of the data sets.
    events : array of float, shape (k,)
        Events of the data sets.
    reading : float
        Half a pixel of the time axis: times of the data sets are known no better.
    widen : float
        Slack of every box, in standard deviations of the data sets.
    """
    fact = constraint.fact
    if fact.quantity is Quantity.SURVIVAL:
        return _survival(fact, curves, reading, widen)
    if fact.quantity.definition.lower_bound:
        box = _box(fact, fact.label, events, *_ends(fact.number or 0.0, 0.0, fact.bound, at_least=True))
        return box.holds(), [box]
    low, high = _ends(fact.number, fact.rounding, fact.bound)
    value = _wider(_box(fact, fact.label, median_draws(curves), low - reading, high + reading, scale=Scale.LOG), widen)
    if constraint.value_only or fact.interval is None:
        return value.holds(), [value]
    bands = [_limit_boxes(fact, curves, transform, reading) for transform in BandTransform]
    limits = [(_wider(low, widen), _wider(high, widen)) for low, high in bands]
    printed = np.mean([low.holds() * high.holds() for low, high in limits], axis=0)
    return value.holds() * printed, [value, *(box for pair in limits for box in pair)]


def contrast_boxes(
    constraint: Constraint, fits: ContrastDraws, *, turned: bool, slack: Sequence[float] | None = None
) -> tuple[FloatArray, list[PrintedRange]]:
    """Return the likelihood (k,) of a printed hazard ratio or p value, and its boxes.

    Parameters
    ----------
    constraint : Constraint
        A hazard ratio with its interval, or a log-rank p.
    fits : ContrastDraws
        Of k combinations of data sets.
    turned : bool
        Whether the fact is printed the other way round than ``fits``.
    slack : sequence of float, optional
        Of each box.
    """
    fact = constraint.fact
    if fact.quantity is Quantity.LOGRANK_P:
        boxes = [_p_box(constraint, fits.z)]
    else:
        log_hr = -fits.log_hr if turned else fits.log_hr
        boxes = [
            _box(fact, fact.label, np.exp(log_hr), *_ends(fact.number, fact.rounding, fact.bound), scale=Scale.LOG)
        ]
        if not constraint.value_only and fact.interval is not None:
            half = normal_quantile(fact.interval.level) * fits.se
            for name, limit, values in (
                ("lower", fact.interval.low, log_hr - half),
                ("upper", fact.interval.high, log_hr + half),
            ):
                if limit is not None:
                    ends = limit - fact.rounding, limit + fact.rounding
                    boxes.append(_limit(fact, name, limit, np.exp(values), *ends))
    if slack is not None:
        boxes = [replace(box, slack=s) for box, s in zip(boxes, slack, strict=True)]
    return np.prod([box.holds() for box in boxes], axis=0), boxes


def _p_box(constraint: Constraint, z: FloatArray) -> PrintedRange:
    """Return the box of p; where the printed hazard ratio tells the direction, the other one has p above 1.

    A one-sided p below a half lies on the side of the effect, that of the draws where none is printed.
    """
    fact = constraint.fact
    if fact.sides == 1:
        effect = np.abs(z) if not constraint.direction else z * constraint.direction
        p = ndtr(effect if (fact.number or 0.0) > 0.5 else -effect)
    else:
        p = 2 * ndtr(-np.abs(z))
        if constraint.direction:
            p = np.where(np.sign(z) * constraint.direction < 0, 2 - p, p)
    low, high = _ends(fact.number, fact.rounding, fact.bound)
    if fact.bound is Bound.MORE_THAN and fact.sides == 2:
        high = 2 - low  # |z| is smaller, whatever the direction
    return _box(fact, fact.label, p, max(low, 0.0), high, sides=fact.sides)


def _survival(
    fact: PublishedFact, curves: Sequence[KaplanMeier], reading: float, widen: float
) -> tuple[FloatArray, list[PrintedRange]]:
    """Compare S anywhere within the reading of its time; a data set that ends before it has none."""
    at = fact.at or 0.0
    known = np.array([km.reaches(at) for km in curves])
    latest = np.array([km.at(at + reading) for km in curves])
    earliest = np.array([km.at(max(at - reading, 0.0)) for km in curves])
    values = np.where(known, [km.at(at) for km in curves], np.nan)
    box = _wider(_box(fact, fact.label, values, *_ends(fact.number, fact.rounding, fact.bound)), widen)
    off = box.slack + _EDGE
    printed = known & (latest <= box.high + off) & (earliest >= box.low - off)
    return np.asarray(printed, dtype=float), [box]


def _wider(box: PrintedRange, widen: float) -> PrintedRange:
    return replace(box, slack=widen * box.spread()) if widen else box


def _limit_boxes(
    fact: PublishedFact, curves: Sequence[KaplanMeier], transform: BandTransform, reading: float
) -> tuple[PrintedRange, PrintedRange]:
    """Return the boxes of both limits of a median under one scale of the band."""
    interval = fact.interval
    assert interval is not None
    found = [km.median_limits(transform, interval.level) for km in curves]
    slack = fact.rounding + reading
    boxes = []
    for name, limit, values in (
        ("lower", interval.low, [f.low for f in found]),
        ("upper", interval.high, [f.high for f in found]),
    ):
        times = np.array([inf if v is None else v for v in values])
        ends = (inf, inf) if limit is None else (limit - slack, limit + slack)
        boxes.append(_limit(fact, f"{name} ({transform} band)", limit, times, *ends))
    return boxes[0], boxes[1]


def _limit(
    fact: PublishedFact, name: str, limit: float | None, values: FloatArray, low: float, high: float
) -> PrintedRange:
    side, _, band = name.partition(" ")
    return PrintedRange(
        name=f"{side} limit of the {fact.label}{' ' + band if band else ''}",
        printed="not reached" if limit is None else f"{limit:.{fact.decimals}f}",
        decimals=fact.decimals,
        low=low,
        high=high,
        values=values,
        scale=Scale.LOG,
    )


def _box(
    fact: PublishedFact,
    name: str,
    values: FloatArray,
    low: float,
    high: float,
    *,
    scale: Scale = Scale.IDENTITY,
    sides: int = 0,
) -> PrintedRange:
    printed = fact.without_interval().printed
    return PrintedRange(
        name=name, printed=printed, decimals=fact.decimals, low=low, high=high, values=values, scale=scale, sides=sides
    )


def _ends(value: float | None, rounding: float, bound: Bound, *, at_least: bool = False) -> tuple[float, float]:
    """Return the ends of the range that rounds to a printed number; infinite for a bound, or a median not reached."""
    if value is None:
        return inf, inf
    if bound is Bound.LESS_THAN:
        return -inf, value
    if bound is Bound.MORE_THAN or (at_least and bound is Bound.EXACT):
        return value, inf
    return value - rounding, value + rounding
