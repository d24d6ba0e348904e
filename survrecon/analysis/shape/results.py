"""What is found about the shape of hazards: curves with two bands, and what is known of each arm and contrast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.estimate import USUAL_LEVEL
from survrecon.model.show import BriefRepr, Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from survrecon.analysis.shape.weighted_tests import PValueDraws
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.model.estimate import Estimate

__all__ = ["ArmShape", "BandedCurve", "ContrastShape", "IntervalRatio", "SurvivalShape"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class BandedCurve(BriefRepr):
    """A curve of the central data set, with what reading leaves open and what sampling does.

    Parameters
    ----------
    x : array of float, shape (m,)
        Times, or what else the curve runs over.
    value : array of float, shape (m,)
        Of the central data set; NaN where it has none.
    reading_low, reading_high : array of float, shape (m,), or None
        The middle 95% of the draws, point by point: what is not known because patients were rebuilt from a figure.
        None where there is a single data set.
    sampling_low, sampling_high : array of float, shape (m,)
        The 95% confidence interval that the central data set alone gives: what is not known because the trial had no
        more patients.
    """

    x: FloatArray
    value: FloatArray
    reading_low: FloatArray | None
    reading_high: FloatArray | None
    sampling_low: FloatArray
    sampling_high: FloatArray

    def columns(self, x: str, value: str) -> dict[str, FloatArray]:
        """Return the curve as the columns of a table, ``x`` and ``value`` named as they are to be."""
        found = {x: self.x, value: self.value}
        if self.reading_low is not None and self.reading_high is not None:
            found |= {"reading_low": self.reading_low, "reading_high": self.reading_high}
        return found | {"sampling_low": self.sampling_low, "sampling_high": self.sampling_high}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class ArmShape(BriefRepr):
    """The hazard of one arm.

    Parameters
    ----------
    name : str
        The arm.
    n : int
        Patients.
    hazard : BandedCurve
        Events a patient and unit of time, smoothed; up to the time with 10 at risk.
    bandwidth : array of float, shape (m,)
        Half the width of the smoothing at each time of ``hazard``, set on the central data set.
    log_cumulative : BandedCurve
        ln(-ln S) at the times of the central data set's events.
    ticks : array of float, shape (t,)
        Times at which the numbers at risk are given.
    at_risk, at_risk_low, at_risk_high : array of int, shape (t,)
        Of the central data set, and the range over draws.
    """

    name: str
    n: int
    hazard: BandedCurve
    bandwidth: FloatArray
    log_cumulative: BandedCurve
    ticks: FloatArray
    at_risk: IntArray
    at_risk_low: IntArray
    at_risk_high: IntArray


@dataclass(frozen=True, kw_only=True, slots=True)
class IntervalRatio:
    """The hazard ratio of the events after ``start`` and up to ``end``; a landmark's interval has no end."""

    start: float
    end: float | None
    hazard_ratio: Estimate
    events: Mapping[str, int]
    at_risk: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class ContrastShape(BriefRepr):
    """How a treatment and its control differ over time.

    Parameters
    ----------
    of, over : str
        Treatment and control.
    ratio_over_time : BandedCurve
        Hazard ratio by smoothed scaled Schoenfeld residuals.
    residual_times, residuals : array of float, shape (d,)
        The scaled Schoenfeld residuals of the central data set, ln HR plus noise of one event each.
    proportional_hazards : PValueDraws
        Grambsch and Therneau's test on Kaplan-Meier transformed time.
    quantiles : BandedCurve
        Over probabilities of an event: the treatment's time over the control's. A level line is an accelerated failure
        time model's.
    quantile_times : array of float, shape (2, m)
        The times themselves, control first, of the central data set.
    quantile_at_risk : array of int, shape (2, m)
        Patients at risk at these times; 0 where there is none.
    piecewise : tuple of IntervalRatio
        Hazard ratios of intervals that follow each other.
    landmarks : tuple of IntervalRatio
        Hazard ratios among those still at risk at a landmark.
    tests : tuple of PValueDraws
        Weighted log-rank tests and the largest of them, weights and side in their names.
    """

    of: str
    over: str
    ratio_over_time: BandedCurve
    residual_times: FloatArray
    residuals: FloatArray
    proportional_hazards: PValueDraws
    quantiles: BandedCurve
    quantile_times: FloatArray
    quantile_at_risk: IntArray
    piecewise: tuple[IntervalRatio, ...]
    landmarks: tuple[IntervalRatio, ...]
    tests: tuple[PValueDraws, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class SurvivalShape(Shown):
    """The hazards of a trial's arms, before any model is fitted to them.

    Parameters
    ----------
    arms : tuple of ArmShape
        Control first.
    contrasts : tuple of ContrastShape
        Every treatment over the control.
    time_unit : str
        Of all times.
    draws : int
        Data sets behind the bands of reading; 1 where there are none.
    notes : tuple of str
        What was chosen, and on what.
    """

    arms: tuple[ArmShape, ...]
    contrasts: tuple[ContrastShape, ...]
    time_unit: str
    draws: int
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return the smoothed hazards as a data frame: arm, time, hazard and the limits of both bands."""
        import pandas as pd

        parts = [pd.DataFrame(arm.hazard.columns("time", "hazard")).assign(arm=arm.name) for arm in self.arms]
        return pd.concat(parts, ignore_index=True)


def banded(x: FloatArray, value: FloatArray, draws: FloatArray, sampling: tuple[FloatArray, FloatArray]) -> BandedCurve:
    """Return a curve with its bands.

    Parameters
    ----------
    x, value : array of float, shape (m,)
        The curve of the central data set.
    draws : array of float, shape (k, m)
        The curves of the draws; NaN where one has none. Where fewer than half have one, there is no band.
    sampling : pair of arrays of float, shape (m,)
        Limits by sampling.
    """
    low = high = None
    if draws.shape[0] > 1:
        enough = 2 * np.isfinite(draws).sum(axis=0) > draws.shape[0]
        low, high = np.full(x.size, np.nan), np.full(x.size, np.nan)
        tail = (1 - USUAL_LEVEL) / 2
        low[enough], high[enough] = np.nanquantile(draws[:, enough], [tail, 1 - tail], axis=0)
    return BandedCurve(
        x=x, value=value, reading_low=low, reading_high=high, sampling_low=sampling[0], sampling_high=sampling[1]
    )
