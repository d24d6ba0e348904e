"""The algorithm of Guyot, Ades, Ouwens and Welton (2012), step by step.

Step 1 guesses the censored of an interval, step 2 spreads them evenly, step 3 walks through the curve's drops,
step 4 corrects the guess until the printed number at risk is met, step 5 goes on to the next interval, step 6
extrapolates censoring to the last interval, step 7 corrects that to meet the total of events.

Where the paper is silent: a printed number that the patients cannot reach even without censoring limits the
events of its interval (`Interval.leaving`); loops are bounded, and an interval that does not converge censors
its surplus at its end, which is recorded; patients who are left at the end of the curve are censored there.

References
----------
Guyot, Ades, Ouwens, Welton. Enhanced secondary analysis of survival data: reconstructing the data from
published Kaplan-Meier survival curves. BMC Medical Research Methodology 2012;12:9. Steps 1-7 of Methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.curve import AtRiskConvention
from survrecon.model.diagnostics import GuyotDiagnostics
from survrecon.model.ipd import PseudoIPD, Reconstruction
from survrecon.reconstruction.guyot.intervals import Passage, RiskInterval, forward, split

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.reconstruction.problem import Problem

__all__ = ["close_interval", "extrapolate_censored", "guyot", "last_interval", "patients"]

_MOST_CORRECTIONS = 50


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
    *closed, last = split(problem.curve, problem.n, problem.risk_table)
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
    return last.upper + max(problem.resolution.time, 1e-6 * last.upper, 1e-9)
