"""Do rebuilt patients print the same numbers as the paper? A draw counts only if they do."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from survrecon.curve import FloatArray
from survrecon.estimate import USUAL_LEVEL, normal_quantile
from survrecon.kaplan_meier import FLAT
from survrecon.reconstruction.summary.inputs import PrintedMedian, SummaryArm
from survrecon.reconstruction.summary.patients import PatientBatch

__all__ = ["BoolArray", "first_failure", "median_limits", "prints_the_same"]

_SLACK = 1e-9  # a value that falls on the edge of its rounding is within it

_STEPS = 2  # the three bands cross one half at different events; their mean falls between events

BoolArray = npt.NDArray[np.bool_]


def prints_the_same(batch: PatientBatch, arm: SummaryArm) -> dict[str, BoolArray]:
    """Return, for each printed number, which draws (k,) print it."""
    found: dict[str, BoolArray] = {}
    for point in arm.points:
        off = np.abs(batch.survival_at(point.time) - point.survival)
        found[f"survival at {point.time:g}"] = off <= point.rounding + _SLACK
    if arm.median is not None:
        median = batch.halved(batch.kaplan_meier())
        found[f"median {arm.median.time:g}"] = np.abs(median - arm.median.time) <= arm.median.rounding + _SLACK
        found |= _limits_print_the_same(batch, arm.median)
    if arm.median_not_reached:
        found["median not reached"] = batch.kaplan_meier()[:, -1] > 0.5 + FLAT
    if arm.events is not None:
        found[f"{arm.events} events"] = batch.events == arm.events
    if arm.events_at_least:
        found[f"at least {arm.events_at_least} events"] = batch.events >= arm.events_at_least
    return found


def first_failure(found: dict[str, BoolArray]) -> str:
    """Name the printed number that the fewest draws meet."""
    return min(found, key=lambda name: int(found[name].sum()))


def median_limits(batch: PatientBatch, *, lower: bool, level: float = USUAL_LEVEL) -> FloatArray:
    """Return a limit of the median's interval a draw (k,), averaged over plain, log and log-log bands.

    The limit is the first time at which the band's edge is at most one half (Brookmeyer and Crowley,
    Biometrics 1982;38:29-41); NaN where an edge stays above.
    """
    half = (-1.0 if lower else 1.0) * normal_quantile(level)
    survival = np.maximum(batch.kaplan_meier(), 1e-9)
    error = batch.log_standard_error()
    hazard = np.maximum(-np.log(survival), 1e-12)
    edges = (
        survival * (1 + half * error),
        survival * np.exp(half * error),
        np.exp(-hazard * np.exp(-half * error / hazard)),
    )
    limits: FloatArray = np.mean([batch.halved(edge) for edge in edges], axis=0)
    return limits


def _limits_print_the_same(batch: PatientBatch, median: PrintedMedian) -> dict[str, BoolArray]:
    """Compare limits in survival: within the rounding of the time and the steps of the curve around it.

    A limit is the time of an event, so it can move only from event to event, and the three bands cross
    one half at different events.
    """
    found: dict[str, BoolArray] = {}
    for printed, lower in ((median.low, True), (median.high, False)):
        if printed is None:
            continue
        limit = median_limits(batch, lower=lower, level=median.level)
        first, last = np.minimum(limit, printed), np.maximum(limit, printed)
        steps = (batch.event & (batch.time >= first[:, None]) & (batch.time <= last[:, None])).sum(axis=1)
        near = (np.abs(limit - printed) <= median.rounding) | (steps <= _STEPS)
        found[f"{'lower' if lower else 'upper'} limit {printed:g} of the median"] = near & np.isfinite(limit)
    return found
