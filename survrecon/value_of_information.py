"""How much narrower a hazard ratio would be with more of what papers print.

Each further piece of information is made up from the rebuilt patients and the patients are rebuilt with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import exp
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from survrecon.analysis.cox import contrast_draws
from survrecon.analysis.pairing import reorder_if_identical
from survrecon.errors import AnalysisError, SurvreconError
from survrecon.model.convention import CurveDetail
from survrecon.model.curve import AtRiskConvention, RiskTable
from survrecon.model.diagnostics import StateSpaceDiagnostics
from survrecon.model.estimate import Interval, normal_quantile
from survrecon.model.ipd import Given, PseudoIPD, Reconstruction
from survrecon.model.settings import DRAWS_QUANTILES
from survrecon.model.show import BriefRepr
from survrecon.reconstruction.reconstruct import reconstruct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray

__all__ = [
    "Gain",
    "Information",
    "WhatWouldHelp",
    "usual_times",
    "what_would_help",
    "width",
    "with_more",
]

_WORTH = 0.9
"""Share of the present width above which a gain is not worth a search."""
_SMALL = 0.1
"""Share of the trial's own confidence interval below which the width is small."""


class Information(StrEnum):
    """What a paper or its supplement may print about a curve."""

    EVENTS = "total events"
    RISK_TABLE = "risk table"
    MARKS = "censoring marks"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Gain(BriefRepr):
    """The expected widths of intervals with further information, averaged over draws taken as the truth.

    Parameters
    ----------
    information : tuple of Information
        What is added.
    width : float
        Width of the 95% interval of ln HR over data sets.
    least, most : float
        The same, of the single candidate truths.
    events : tuple of float
        Widths of the 95% intervals of the arms' events, control first.
    truths : int
        How many candidate truths it rests on.
    """

    information: tuple[Information, ...]
    width: float
    least: float
    most: float
    events: tuple[float, float]
    truths: int

    @property
    def name(self) -> str:
        """In words."""
        return " and ".join(self.information) if len(self.information) < 3 else "all of them"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class WhatWouldHelp(BriefRepr):
    """The present width of a contrast's interval, and how much narrower further information would make it.

    Parameters
    ----------
    of, over : str
        Names of the treatment and the control.
    hazard_ratio : Interval
        95% interval of the hazard ratio over data sets that agree with the inputs; no sampling error.
    width : float
        Its width on ln HR.
    events : tuple of Interval
        95% intervals of the arms' events over the data sets, control first.
    sampling_width : float
        Width of the 95% confidence interval of ln HR that the trial itself has.
    gains : tuple of Gain
        Each missing kind of information, and all of them; empty where nothing is missing or nothing is left open.
    truths, draws, seed : int
        Candidate truths, data sets per arm of each reconstruction, where randomness started.
    left_out : int
        Reconstructions that failed: what a candidate would print contradicts the points.
    implied : tuple of Information
        Not given, but the same in all data sets: the total events where the steps tell them.
    """

    of: str
    over: str
    hazard_ratio: Interval
    width: float
    events: tuple[Interval, Interval]
    sampling_width: float
    gains: tuple[Gain, ...]
    truths: int
    draws: int
    seed: int
    left_out: int = 0
    implied: tuple[Information, ...] = ()

    @property
    def most_helpful(self) -> Gain | None:
        """The single kind of information that narrows ln HR most; ``None`` where none does by a tenth."""
        single = [gain for gain in self.gains if len(gain.information) == 1]
        best = min(single, key=lambda gain: gain.width, default=None)
        return best if best is not None and best.width < _WORTH * self.width else None

    @property
    def advice(self) -> str:
        """One sentence on what to look for."""
        if not self.gains:
            return "Nothing is left open." if self.width == 0 else "Nothing to add: what could help was given."
        best = self.most_helpful
        if best is None:
            said = "Nothing alone would narrow ln HR by a tenth."
        else:
            said = f"Most helpful: the {best.name}." if len(self.gains) > 1 else f"Worth looking for: the {best.name}."
        small = self.width < _SMALL * self.sampling_width
        return f"{said} Little is left open beside the trial's own sampling error." if small else said

    @property
    def columns(self) -> tuple[str, str, str, str]:
        """What ``rows`` hold."""
        return "95% widths", "ln HR", f"events, {self.over}", f"events, {self.of}"

    @property
    def rows(self) -> tuple[tuple[str, str, str, str], ...]:
        """Return what is known, width of ln HR, and widths of the events of control and treatment, as words."""
        control, treatment = (f"{width(interval):.0f}" for interval in self.events)
        return (("now", f"{self.width:.3f}", control, treatment), *(_row(gain) for gain in self.gains))

    @property
    def now(self) -> str:
        """What the inputs leave open, in one sentence."""
        control, treatment = (interval.format(0) for interval in self.events)
        return (
            f"{self.of} over {self.over}: hazard ratio over data sets {self.hazard_ratio.format(3)}, "
            f"events {self.over} {control}, {self.of} {treatment}"
        )

    def __str__(self) -> str:
        """Return a table of a few lines, and the advice."""
        lines = [self.columns, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        return "\n".join([self.now, *(line.rstrip() for line in table), self.advice, self.note])

    @property
    def note(self) -> str:
        """How the widths were found, and what to compare them with."""
        how = (
            f"Means over {self.truths} candidate truths, in brackets the least and the most; each was rebuilt with "
            f"what it would have printed, {self.draws} data sets per arm."
        )
        lost = f" {self.left_out} contradicted the points and were left out." if self.left_out else ""
        known = f" The {' and the '.join(self.implied)} can be told from the inputs." if self.implied else ""
        own = f"The trial's own confidence interval of ln HR is {self.sampling_width:.2f} wide, whatever is printed."
        return f"{how if self.gains else ''}{lost}{known} {own}".strip()


def _row(gain: Gain) -> tuple[str, str, str, str]:
    text = f"{gain.width:.3f} ({gain.least:.3f} to {gain.most:.3f})"
    return f"with {gain.name}", text, f"{gain.events[0]:.1f}", f"{gain.events[1]:.1f}"


def width(interval: Interval) -> float:
    """Return the width of an interval with both limits."""
    return (interval.high or 0.0) - (interval.low or 0.0)


_MOST_COLUMNS = 7
_STEPS = (1, 2, 2.5, 3, 4, 5, 6, 8, 10)
_MARK = 300
"""Censoring marks that a reader can tell apart on the axis of a figure read by eye or pixel: a mark is two of 600
pixels wide at least."""


def _missing(given: Given) -> tuple[Information, ...]:
    """Return the kinds of information that an arm was rebuilt without."""
    has = {
        Information.EVENTS: given.events is not None,
        Information.RISK_TABLE: given.risk_table is not None,
        Information.MARKS: given.censor_times is not None,
    }
    return tuple(information for information, there in has.items() if not there)


def with_more(
    result: Reconstruction, given: Given, truth: PseudoIPD, more: tuple[Information, ...], at: FloatArray
) -> Given:
    """Add to an arm's inputs what a paper would have printed if ``truth`` were its data.

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
    added = set(more) & set(_missing(given))
    if Information.EVENTS in added:
        given = replace(given, events=truth.events)
    if Information.RISK_TABLE in added:
        table = RiskTable(time=at, at_risk=truth.at_risk(at), convention=AtRiskConvention.BEFORE)
        given = replace(given, risk_table=table)
    if Information.MARKS in added:
        found = result.diagnostics
        exact = isinstance(found, StateSpaceDiagnostics) and found.kind is CurveDetail.STEPS
        gap = 0.0 if exact else float(given.curve.time.max()) / _MARK
        given = replace(given, censor_times=_distinguishable(truth.time[~truth.event], gap))
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


def _distinguishable(times: FloatArray, gap: float) -> FloatArray:
    """Return the marks a reader sees: rising times, those less than ``gap`` after the one before left out.

    Examples
    --------
    >>> _distinguishable(np.array([3.0, 1.0, 1.0, 1.4]), 0.5).tolist()
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
    """Estimate how much narrower the interval of ln HR would be with information that the inputs lack.

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
        Data sets per arm of every reconstruction.
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
    # What is worth trying: nothing where all draws give one ratio, and no total that the inputs imply.
    extras = _extras(tuple(kind for kind in offered if kind not in implied)) if open_ else []
    at = _table_times(arms.given, table_times)
    # Each extra is made up from each of the first draws, taken as the truth, and both arms are rebuilt with it.
    calls = [arms.inputs_with(extra, truth, at) for extra in extras for truth in range(truths)]
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
    """Widths of the 95% intervals over draws of the hazard ratio and of both arms' events."""

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
        self.sets = first, reorder_if_identical(first, treatment.draws(draws), shared=treatment.shared_follow_up)
        self.names = control.ipd.arm, treatment.ipd.arm
        if self.names[0] == self.names[1]:
            self.names = "control", "treatment"

    def inputs_with(self, extra: tuple[Information, ...], truth: int, at: FloatArray) -> tuple[Given, Given]:
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
    return tuple(kind for kind in Information if any(kind in _missing(one) for one in given))


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
    """Average the widths over the candidate truths that could be rebuilt; there is at least one."""
    known = [one for one in found if one is not None]
    widths = [one.log_hr for one in known]
    control, treatment = (float(np.mean([width(one.events[arm]) for one in known])) for arm in (0, 1))
    mean, events = float(np.mean(widths)), (control, treatment)
    return Gain(information=extra, width=mean, least=min(widths), most=max(widths), events=events, truths=len(known))


def _events(draws: Sequence[PseudoIPD]) -> Interval:
    low, high = np.quantile([one.events for one in draws], DRAWS_QUANTILES).tolist()
    return Interval(low=low, high=high)
