"""What a data set would have printed: its total events, its numbers at risk, its censoring marks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from survrecon.analysis.cox import contrast_draws
from survrecon.analysis.pairing import paired_anew
from survrecon.errors import AnalysisError, SurvreconError
from survrecon.model.convention import Kind
from survrecon.model.curve import AtRiskConvention, RiskTable
from survrecon.model.diagnostics import StateSpaceDiagnostics
from survrecon.model.estimate import Interval, normal_quantile
from survrecon.model.ipd import Given, PseudoIPD, Reconstruction
from survrecon.model.settings import DRAWS_QUANTILES
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.value_of_information.results import Gain, Information, WhatWouldHelp, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray

__all__ = ["missing", "told_apart", "usual_times", "what_would_help", "with_more"]

_MOST_COLUMNS = 7
_STEPS = (1, 2, 2.5, 3, 4, 5, 6, 8, 10)
_MARK = 300
"""Censoring marks that a reader can tell apart on the axis of a figure read by eye or pixel: a mark is two of 600
pixels wide at least."""


def missing(given: Given) -> tuple[Information, ...]:
    """Return what an arm was rebuilt without."""
    has = {
        Information.EVENTS: given.events is not None,
        Information.RISK_TABLE: given.risk_table is not None,
        Information.MARKS: given.censor_times is not None,
    }
    return tuple(information for information, there in has.items() if not there)


def with_more(
    result: Reconstruction, given: Given, truth: PseudoIPD, more: tuple[Information, ...], at: FloatArray
) -> Given:
    """Return the inputs of an arm with what a data set would have printed beside them; what is given stays.

    Parameters
    ----------
    result : Reconstruction
        The arm as rebuilt now.
    given : Given
        Its inputs.
    truth : PseudoIPD
        The data set that is taken for the truth.
    more : tuple of Information
        What to add.
    at : array of float, shape (r,)
        Times of the numbers at risk.
    """
    added = set(more) & set(missing(given))
    if Information.EVENTS in added:
        given = replace(given, events=truth.events)
    if Information.RISK_TABLE in added:
        table = RiskTable(time=at, at_risk=truth.at_risk(at), convention=AtRiskConvention.BEFORE)
        given = replace(given, risk_table=table)
    if Information.MARKS in added:
        found = result.diagnostics
        exact = isinstance(found, StateSpaceDiagnostics) and found.kind is Kind.STEPS
        gap = 0.0 if exact else float(given.curve.time.max()) / _MARK
        given = replace(given, censor_times=told_apart(truth.time[~truth.event], gap))
    return given


def usual_times(end: float) -> FloatArray:
    """Return evenly spaced round times from 0, at most seven, as tables under figures have them.

    Examples
    --------
    >>> usual_times(36).tolist()
    [0.0, 6.0, 12.0, 18.0, 24.0, 30.0, 36.0]
    >>> usual_times(0.9).tolist()
    [0.0, 0.2, 0.4, 0.6, 0.8]
    """
    unit = 10.0 ** np.floor(np.log10(end / _MOST_COLUMNS))
    step = next(m for m in _STEPS if end / (m * unit) < _MOST_COLUMNS) * unit
    return np.asarray(np.round(np.arange(int(end / step * (1 + 1e-12)) + 1) * step, 12))


def told_apart(times: FloatArray, gap: float) -> FloatArray:
    """Return the marks a reader sees: rising times, those less than ``gap`` after the one before left out.

    Examples
    --------
    >>> told_apart(np.array([3.0, 1.0, 1.0, 1.4]), 0.5).tolist()
    [1.0, 3.0]
    """
    seen: list[float] = []
    for time in np.unique(times).tolist():
        if not seen or time - seen[-1] >= gap:
            seen.append(time)
    return np.array(seen)


_ONE_VALUE = 1e-6
"""Width of ln HR at which all data sets say the same."""


def what_would_help(
    *,
    control: Reconstruction,
    treatment: Reconstruction,
    truths: int = 4,
    draws: int = 100,
    table_times: npt.ArrayLike | None = None,
    seed: int = 0,
    jobs: int = 1,
) -> WhatWouldHelp:
    """Say how wide the inputs leave ln HR, and how much narrower it would be with what they lack.

    Some of the present draws are taken for the truth, one after the other. Each prints what the inputs lack: its total
    events, its numbers at risk, its censoring marks as far as a reader can tell them apart. Both arms are then rebuilt
    from the same points with each of these, and with all. The mean of the widths is what to expect before one knows
    what the supplement says; like the draws themselves it relies on the method's being calibrated. Widths now and
    then are of pairs of draws by one joint prior of the arms' follow-up, as in `compare_arms`.

    Parameters
    ----------
    control, treatment : Reconstruction
        From `reconstruct`, with a method that draws.
    truths : int
        Draws to take for the truth. The work is this many times four pairs of reconstructions, at most.
    draws : int
        Data sets an arm of every reconstruction.
    table_times : array of float, shape (r,), optional
        Times of a risk table, in the curve's unit; default those of the other arm's table, or up to seven round times.
    seed : int
        Where randomness starts; the same seed gives the same result.
    jobs : int
        Worker processes.

    Returns
    -------
    WhatWouldHelp
        What is given for both arms, or follows from the inputs, is not offered. Prints as a table.

    Raises
    ------
    AnalysisError
        If an arm was not rebuilt from points by a method that draws, a number is not positive, or there is no finite
        hazard ratio.

    Examples
    --------
    >>> from survrecon import SurvivalCurve, reconstruct
    >>> time = [0, 2, 2, 5, 5, 9]
    >>> a = reconstruct(SurvivalCurve(time=time, survival=[1, 1, 0.82, 0.82, 0.61, 0.61]), n=12, arm="placebo")
    >>> b = reconstruct(SurvivalCurve(time=time, survival=[1, 1, 0.9, 0.9, 0.7875, 0.7875]), n=10, arm="drug")
    >>> found = what_would_help(control=a, treatment=b, truths=2, draws=20)
    >>> [gain.name for gain in found.gains]
    ['total events', 'risk table', 'censoring marks', 'all of them']
    """
    if truths < 1 or draws < truths:
        raise AnalysisError(
            "what would help", "at least one truth, and as many draws", f"{truths}, {draws}", "raise the number"
        )
    for name, arm in (("control", control), ("treatment", treatment)):
        if not isinstance(arm, Reconstruction):
            raise AnalysisError(name, "what reconstruct() returned", f"a {type(arm).__name__}", "rebuild the arm")
    arms = _Arms(control=control, treatment=treatment, draws=draws)
    now = widths_of(*arms.sets)
    open_ = now.log_hr > _ONE_VALUE
    offered = _offered(arms.given)
    implied = tuple(kind for kind in offered if kind is Information.EVENTS and not any(map(width, now.events)))
    extras = _extras(tuple(kind for kind in offered if kind not in implied)) if open_ else []
    at = _table_times(arms.given, table_times)
    calls = [arms.told(extra, truth, at) for extra in extras for truth in range(truths)]
    seeds = [(seed, truth) for _ in extras for truth in range(truths)]
    found = _side_by_side(calls, seeds, draws, jobs)
    groups = [found[k * truths : (k + 1) * truths] for k in range(len(extras))]
    over, of = arms.names
    return WhatWouldHelp(
        of=of,
        over=over,
        hazard_ratio=now.hazard_ratio,
        width=now.log_hr if open_ else 0.0,
        events=now.events,
        sampling_width=now.sampling,
        gains=tuple(_gain(extra, group) for extra, group in zip(extras, groups, strict=True) if any(group)),
        truths=truths,
        draws=draws,
        seed=seed,
        left_out=sum(one is None for one in found),
        implied=implied,
    )


@dataclass(frozen=True, kw_only=True)
class Widths:
    """What the draws of two arms leave open: 95% intervals of the hazard ratio and of the events."""

    hazard_ratio: Interval
    log_hr: float
    events: tuple[Interval, Interval]
    sampling: float


def widths_of(control: Sequence[PseudoIPD], treatment: Sequence[PseudoIPD]) -> Widths:
    """Return the widths over paired draws.

    Raises
    ------
    AnalysisError
        If at least half of the pairs have no finite hazard ratio.
    """
    fits = contrast_draws(control, treatment)
    finite = np.isfinite(fits.log_hr)
    if 2 * np.count_nonzero(finite) <= finite.size:
        raise AnalysisError(
            "what would help", "a finite hazard ratio", "none in most data sets", "look at the events of both arms"
        )
    low, high = np.quantile(fits.log_hr[finite], DRAWS_QUANTILES).tolist()
    return Widths(
        hazard_ratio=Interval(low=exp(low), high=exp(high)),
        log_hr=high - low,
        events=(_events(control), _events(treatment)),
        sampling=2 * normal_quantile() * float(fits.se[finite].mean()),
    )


class _Arms:
    """Both arms with their inputs and present draws."""

    def __init__(self, *, control: Reconstruction, treatment: Reconstruction, draws: int) -> None:
        self.results = control, treatment
        self.given = _given(control, "control"), _given(treatment, "treatment")
        first = control.draws(draws)
        self.sets = first, paired_anew(first, treatment.draws(draws), shared=treatment.shared_follow_up)
        self.names = control.ipd.arm, treatment.ipd.arm
        if self.names[0] == self.names[1]:
            self.names = "control", "treatment"

    def told(self, extra: tuple[Information, ...], truth: int, at: FloatArray) -> tuple[Given, Given]:
        """Return the inputs of both arms with what the draw ``truth`` would have printed."""
        first, second = (
            with_more(result, given, draws[truth], extra, at)
            for result, given, draws in zip(self.results, self.given, self.sets, strict=True)
        )
        return first, second


def _given(result: Reconstruction, name: str) -> Given:
    if result.given is None or not result.has_draws:
        found = f"one with printed numbers ({result.method})" if result.given is None else f"one by {result.method}"
        raise AnalysisError(
            f"what would help, {name}",
            "a reconstruction from points alone by a method that draws",
            found,
            "rebuild it from points with method auto",
        )
    return result.given


def _offered(given: tuple[Given, Given]) -> tuple[Information, ...]:
    """Return what an arm lacks."""
    return tuple(kind for kind in Information if any(kind in missing(one) for one in given))


def _extras(offered: tuple[Information, ...]) -> list[tuple[Information, ...]]:
    """Return what to try: each kind, and all of them."""
    return [(kind,) for kind in offered] + ([offered] if len(offered) > 1 else [])


def _table_times(given: tuple[Given, Given], asked: npt.ArrayLike | None) -> FloatArray:
    if asked is not None:
        return np.asarray(asked, dtype=float)
    tables = [one.risk_table for one in given if one.risk_table is not None]
    return tables[0].time if tables else usual_times(max(float(one.curve.time.max()) for one in given))


def _side_by_side(
    calls: Sequence[tuple[Given, Given]], seeds: Sequence[tuple[int, int]], draws: int, jobs: int
) -> list[Widths | None]:
    if jobs == 1:
        return [_again(*call, seed, draws) for call, seed in zip(calls, seeds, strict=True)]
    from joblib import Parallel, delayed

    work = (delayed(_again)(*call, seed, draws) for call, seed in zip(calls, seeds, strict=True))
    return list(Parallel(n_jobs=jobs)(work))


def _again(control: Given, treatment: Given, seed: tuple[int, int], draws: int) -> Widths | None:
    """Rebuild both arms and return the widths; ``None`` where the inputs contradict each other."""
    try:
        sets = [
            reconstruct(
                one.curve,
                n=one.n,
                risk_table=one.risk_table,
                events=one.events,
                censor_times=one.censor_times,
                method=one.method,
                points=one.points,
                priors=one.priors,
                rng=np.random.default_rng([*seed, arm]),
            ).draws(draws)
            for arm, one in enumerate((control, treatment))
        ]
        return widths_of(*sets)
    except SurvreconError:
        return None


def _gain(extra: tuple[Information, ...], found: Sequence[Widths | None]) -> Gain:
    """Average over the candidate truths that could be rebuilt, of which there is one at least."""
    known = [one for one in found if one is not None]
    widths = [one.log_hr for one in known]
    control, treatment = (float(np.mean([width(one.events[arm]) for one in known])) for arm in (0, 1))
    return Gain(
        information=extra,
        width=float(np.mean(widths)),
        least=min(widths),
        most=max(widths),
        events=(control, treatment),
        truths=len(known),
    )


def _events(draws: Sequence[PseudoIPD]) -> Interval:
    low, high = np.quantile([one.events for one in draws], DRAWS_QUANTILES).tolist()
    return Interval(low=low, high=high)
