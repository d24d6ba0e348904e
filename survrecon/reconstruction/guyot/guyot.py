"""The algorithm of Guyot, Ades, Ouwens and Welton (2012), step by step.

Step 1 guesses the censored of an interval, step 2 spreads them evenly, step 3 walks through the curve's drops,
step 4 corrects the guess until the printed number at risk is met, step 5 goes on to the next interval, step 6
extrapolates censoring to the last interval, step 7 corrects that to meet the total of events.

Where the paper is silent: a printed number that the patients cannot reach even without censoring limits the
events of its interval (`RiskInterval.leaving`); loops are bounded, and an interval that does not converge censors
its surplus at its end, which is recorded; patients who are left at the end of the curve are censored there.

References
----------
Guyot, Ades, Ouwens, Welton. Enhanced secondary analysis of survival data: reconstructing the data from
published Kaplan-Meier survival curves. BMC Medical Research Methodology 2012;12:9. Steps 1-7 of Methods.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Literal

import numpy as np

from survrecon.model.curve import AtRiskConvention, RiskTable, StepCurve
from survrecon.model.diagnostics import GuyotDiagnostics
from survrecon.model.ipd import PseudoIPD, Reconstruction

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.reconstruction.problem import Problem

__all__ = [
    "Passage",
    "RiskInterval",
    "close_interval",
    "extrapolate_censored",
    "forward",
    "guyot",
    "last_interval",
    "patients",
    "risk_intervals",
]

_INSIDE = 1e-6  # share of an interval, or of the follow-up, that keeps censoring times off its ends
_HALF_DOWN = 0.5 + 1e-9  # a half is rounded down: the printed number then asks for a censored patient, if for anyone
_SOONEST = 1e-9  # of a unit of time: what comes after a time that is 0
_MOST_CORRECTIONS = 50


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RiskInterval:
    """The drops of a curve between two printed numbers at risk.

    Parameters
    ----------
    lower, upper : float
        Its ends; the last interval ends with the curve.
    time : array of float, shape (k,)
        Times at which the curve drops.
    survival : array of float, shape (k,)
        Survival just after each.
    at_risk : int
        Patients who enter.
    left : int or None
        Patients who must be left at the end; ``None`` in the last interval, after which nothing is printed.
    """

    lower: float
    upper: float
    time: FloatArray
    survival: FloatArray
    at_risk: int
    left: int | None

    @property
    def width(self) -> float:
        """Its length."""
        return self.upper - self.lower

    @property
    def leaving(self) -> int:
        """The most patients who may leave in it."""
        return self.at_risk - (self.left or 0)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Passage:
    """What a forward pass through an interval gives.

    Parameters
    ----------
    deaths : list of int, length k
        Events at each drop, d_k.
    censored : array of float
        Times of the patients censored on the way.
    at_risk : list of int, length k
        Patients at risk at each drop, n_k.
    curve : list of float, length k
        Kaplan-Meier estimate of the rebuilt patients just after each drop.
    survival : float
        The same at the interval's end.
    left : int
        Patients left at the end.
    """

    deaths: list[int]
    censored: FloatArray
    at_risk: list[int]
    curve: list[float]
    survival: float
    left: int

    @property
    def events(self) -> int:
        """Events in the interval."""
        return sum(self.deaths)

    def closed(self, interval: RiskInterval) -> Passage:
        """Return the passage with patients above the printed number censored at the interval's end."""
        surplus = self.left - (interval.left or 0)
        end = np.full(surplus, interval.lower + (1 - _INSIDE) * interval.width)
        return replace(self, censored=np.append(self.censored, end), left=self.left - surplus)


def risk_intervals(curve: StepCurve, n: int, table: RiskTable | None) -> list[RiskInterval]:
    """Cut a repaired curve at the times of its risk table.

    A drop at a printed time belongs to the interval that follows it where the number counts patients with
    time >= t, and to the one before it where it counts time > t. N patients enter the first interval at
    time 0, wherever the table starts. An interval after which nobody is left ends with the curve if the
    curve ends in it.
    """
    drop = np.diff(curve.survival, prepend=1.0) < 0
    time, survival = curve.time[drop], curve.survival[drop]
    after = table is not None and table.convention is AtRiskConvention.AFTER
    end = float(curve.time[-1])
    rows: list[tuple[float, int]] = (
        [] if table is None else list(zip(table.time.tolist(), table.at_risk.tolist(), strict=True))
    )
    if rows and rows[0][0] == 0 and not after:
        rows = rows[1:]
    bounds = [(0.0, n), *rows]
    side: Literal["left", "right"] = "right" if after else "left"
    cuts = [0, *np.searchsorted(time, [t for t, _ in rows], side=side).tolist(), time.size]
    intervals = []
    for ((lower, entering), (upper, left)), (first, stop) in zip(pairwise(bounds), pairwise(cuts), strict=False):
        last = end if left == 0 and lower < end < upper else upper
        intervals.append(
            RiskInterval(
                lower=lower,
                upper=last,
                time=time[first:stop],
                survival=survival[first:stop],
                at_risk=entering,
                left=left,
            )
        )
    lower, entering = bounds[-1]
    intervals.append(
        RiskInterval(
            lower=lower,
            upper=max(end, lower),
            time=time[cuts[-2] :],
            survival=survival[cuts[-2] :],
            at_risk=entering,
            left=None,
        )
    )
    return intervals


def forward(interval: RiskInterval, survival: float, censored: int, shift: float = 0.0) -> Passage:
    """Spread the censored over an interval, then walk through its drops: steps 2 and 3 of the paper.

    At drop k the number of events solves S_k = S (1 - d_k/n_k) for the Kaplan-Meier value S of the patients
    rebuilt so far: d_k = round(n_k (1 - S_k/S)), halves down.

    Parameters
    ----------
    interval : Interval
        Where to walk.
    survival : float
        Kaplan-Meier estimate of the rebuilt patients at its start.
    censored : int
        Patients to censor on the way.
    shift : float from -1 to 1
        Zero spreads the censored evenly, as the paper does; towards 1 they leave late, towards -1 early
        (our extension, see `spread`).
    """
    share = np.arange(1, censored + 1) / (censored + 1)
    if shift:
        share = share ** ((1 - shift) / max(1 + shift, _INSIDE))
    times = interval.lower + interval.width * np.clip(share, _INSIDE, 1 - _INSIDE)
    gone = np.searchsorted(times, interval.time, side="left").tolist()
    most, total = interval.leaving, 0
    deaths, exposed, curve = [], [], []
    for target, lost in zip(interval.survival.tolist(), gone, strict=True):
        at_risk = interval.at_risk - lost - total
        d = 0
        if at_risk > 0 and target < survival:
            d = min(ceil(at_risk * (1 - target / survival) - _HALF_DOWN), most - total)
            survival *= 1 - d / at_risk
            total += d
        deaths.append(d)
        exposed.append(at_risk)
        curve.append(survival)
    kept = min(censored, interval.at_risk - total)
    return Passage(
        deaths=deaths,
        censored=times[:kept],
        at_risk=exposed,
        curve=curve,
        survival=survival,
        left=interval.at_risk - total - kept,
    )


def guyot(problem: Problem) -> Reconstruction:
    """Rebuild one arm by the published algorithm.

    Parameters
    ----------
    problem : Problem
        Repaired and consistent inputs.

    Returns
    -------
    Reconstruction
        One data set of exactly n patients; no draws.
    """
    *closed, last = risk_intervals(problem.curve, problem.n, problem.risk_table)
    passages: list[Passage] = []
    survival, unmet = 1.0, []
    for interval in closed:  # step 5
        passage, met = close_interval(interval, survival)
        survival = passage.survival
        passages.append(passage)
        if not met:
            unmet.append(interval.upper)
    passages.append(last_interval(last, survival, closed, passages, problem.events))
    return Reconstruction(
        ipd=patients(problem, [*closed, last], passages),
        method="guyot",
        diagnostics=GuyotDiagnostics(converged=not unmet, not_converged_at=tuple(unmet)),
    )


def close_interval(interval: RiskInterval, survival: float, shift: float = 0.0) -> tuple[Passage, bool]:
    """Take steps 1 to 4 for an interval with a printed number at its end.

    Returns
    -------
    passage : Passage
        Which leaves the printed number.
    met : bool
        Whether the correction of step 4 arrived by itself.
    """
    left = interval.left or 0
    end = float(interval.survival[-1]) if interval.survival.size else survival
    expected = interval.at_risk * end / survival if survival > 0 else interval.at_risk
    censored = min(max(round(expected) - left, 0), interval.leaving)  # step 1
    best = forward(interval, survival, 0, shift)  # leaves the printed number or more
    for _ in range(_MOST_CORRECTIONS):
        passage = forward(interval, survival, censored, shift)  # steps 2 and 3
        surplus = passage.left - left
        if left <= passage.left < best.left:
            best = passage
        if surplus == 0:
            return passage, True
        censored = min(max(censored + surplus, 0), interval.leaving)  # step 4
    return best.closed(interval), False


def extrapolate_censored(closed: list[RiskInterval], passages: list[Passage], last: RiskInterval) -> int:
    """Step 6: the censored of the last interval, at the rate of the intervals before it; 0 with none before."""
    length = sum(interval.width for interval in closed)
    if length <= 0:
        return 0
    censored = sum(passage.censored.size for passage in passages)
    return min(round(censored * last.width / length), last.at_risk)


def patients(problem: Problem, intervals: list[RiskInterval], passages: list[Passage]) -> PseudoIPD:
    """Return the data set: events at the curve's drops, the censored between them, the rest at its end."""
    event_times = [np.repeat(i.time, p.deaths) for i, p in zip(intervals, passages, strict=True)]
    rest = np.full(passages[-1].left, _time_of_rest(problem, intervals[-1]))
    censored = [*(p.censored for p in passages), rest]
    events = sum(t.size for t in event_times)
    time: FloatArray = np.concatenate([*event_times, *censored])
    return PseudoIPD(time=time, event=np.arange(time.size) < events, arm=problem.arm, time_unit=problem.curve.time_unit)


def last_interval(
    last: RiskInterval, survival: float, closed: list[RiskInterval], passages: list[Passage], events: int | None
) -> Passage:
    """Take steps 6 and 7, the latter where a total of events is given."""
    censored = extrapolate_censored(closed, passages, last)
    passage = forward(last, survival, censored)
    if events is None:
        return passage
    wanted = events - sum(p.events for p in passages)
    if wanted <= 0 and closed:
        return Passage(
            deaths=[0] * last.time.size,
            censored=last.time[:0],
            at_risk=[last.at_risk] * last.time.size,
            curve=[survival] * last.time.size,
            survival=survival,
            left=last.at_risk,
        )
    best = passage
    for _ in range(_MOST_CORRECTIONS):  # step 7
        surplus = passage.events - wanted
        if abs(surplus) < abs(best.events - wanted):
            best = passage
        if surplus == 0 or (surplus < 0 and censored == 0):
            break
        censored = min(max(censored + surplus, 0), last.at_risk)
        passage = forward(last, survival, censored)
    return best


def _time_of_rest(problem: Problem, last: RiskInterval) -> float:
    """Return when the patients who are left are censored: at the end of the curve.

    Where the table runs past the curve, they were seen at its last time, and under ``after`` beyond it.
    """
    table = problem.risk_table
    if table is None or table.convention is not AtRiskConvention.AFTER or last.width > 0:
        return last.upper
    return last.upper + max(problem.resolution.time, _INSIDE * last.upper, _SOONEST)
