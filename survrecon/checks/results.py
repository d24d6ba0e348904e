"""The rule of verdicts, one row for each check, and everything that came of one record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf, isfinite
from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.estimate import Interval
from survrecon.model.grade import Grade, ReadingGrade
from survrecon.model.published import Explained, ModelKind, PublishedFact
from survrecon.model.settings import DRAWS_QUANTILES, MARGINS, NUMERICAL_NOISE
from survrecon.model.show import BriefRepr, Shown, report_function

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from survrecon.analysis.fits.results import FitSet
    from survrecon.analysis.results import ArmSummary, Comparison
    from survrecon.arrays import FloatArray
    from survrecon.checks.cutoffs import JointAnalysis
    from survrecon.model.estimate import Estimate
    from survrecon.model.external import Population
    from survrecon.model.ipd import Reconstruction
    from survrecon.records.folder import FigureRecord
    from survrecon.value_of_information import WhatWouldHelp
    from survrecon.weighting.constraints import Constraints

__all__ = [
    "JUDGED",
    "Agreement",
    "LandmarkRatio",
    "RecordResult",
    "Scenario",
    "Verdict",
    "as_constraint",
    "as_input",
    "compared_number",
    "draws_interval",
    "judge",
    "with_remarks",
    "without_verdict",
]


class Verdict(StrEnum):
    """The outcome of comparing a printed number with the rebuilt one."""

    AGREES = "agrees"
    """Whatever the inputs leave open, the paper's number is as near as the margin."""
    CONSISTENT = "consistent"
    """The paper's number is among those that the inputs allow, and they tell it closely."""
    INCONCLUSIVE = "inconclusive"
    """The paper's number is among those that the inputs allow, but so is nearly any other."""
    DOUBTFUL = "doubtful"
    """The inputs exclude the paper's number; whether by more than the margin is open."""
    DIFFERS = "differs"
    """Whatever the inputs leave open, the paper's number is further off than the margin."""
    USED_AS_INPUT = "used as input"
    USED_AS_CONSTRAINT = "used as a constraint"
    ANOTHER_ESTIMAND = "another estimand"
    DIRECTION_NOT_ESTABLISHED = "direction not established"
    NOT_BUILDABLE = "not buildable"
    NOT_CHECKABLE = "not checkable"
    NOT_REPORTED = "not reported"


JUDGED = (Verdict.AGREES, Verdict.CONSISTENT, Verdict.INCONCLUSIVE, Verdict.DOUBTFUL, Verdict.DIFFERS)
"""The verdicts on a comparison, the best first; the others say why there was none."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Agreement(BriefRepr):
    """One printed number beside the rebuilt one, with the verdict.

    Parameters
    ----------
    quantity : str
        What is compared, ``hazard_ratio``, ``hazard_ratio_se``, ``logrank_z``, ``median``, ...
    label : str
        The same in words, with time and arm.
    fact : PublishedFact
        The printed fact.
    published, obtained : float or None
        Both on the natural scale (hazard ratio, time in the record's unit, fraction), in the comparison's direction.
    difference : float or None
        Obtained minus published; on the log scale for hazard ratios; for their standard errors the ratio minus 1.
    interval : Interval or None
        95% interval of the difference over the draws, widened to its measured coverage and by the rounding of the
        printed number.
    margin : float or None
        Largest difference that still agrees, on the scale of ``difference``; ``None`` where a bound is printed.
    verdict : Verdict
        See ``Verdict``.
    note : str
        Model named beside it, how it was left out, why there is no verdict.
    explanation : Explained or None
        The recorded reason of a difference, or of a doubt.
    turned : bool
        Whether a ratio is printed the other way round than it was compared; ``published`` is turned already.
    """

    quantity: str
    label: str
    fact: PublishedFact
    published: float | None
    obtained: float | None
    difference: float | None
    interval: Interval | None
    margin: float | None
    verdict: Verdict
    note: str = ""
    explanation: Explained | None = None
    turned: bool = False


def judge(
    low: float, high: float, *, margin: tuple[float, float], wide: float, printed: tuple[float, float] = (0.0, 0.0)
) -> Verdict:
    """Return the verdict on an interval I of the difference, by the first rule that holds; all ranges are closed.

    Agrees: I inside M. Differs: I and M do not meet. Doubtful: what is printed is not in I. Consistent: I inside W.
    Inconclusive: the rest.

    Parameters
    ----------
    low, high : float
        I.
    margin : tuple of float
        M, or the range in which a printed bound holds.
    wide : float
        W reaches as far to either side of what is printed.
    printed : tuple of float
        The differences that are none: 0, or the range of a bound.

    Examples
    --------
    >>> intervals = [(-0.02, 0.02), (-0.02, 0.1), (-0.02, 0.3), (0.03, 0.07), (0.06, 0.1)]
    >>> [str(judge(low, high, margin=(-0.05, 0.05), wide=0.2)) for low, high in intervals]
    ['agrees', 'consistent', 'inconclusive', 'doubtful', 'differs']
    """
    noise = NUMERICAL_NOISE
    if low >= margin[0] - noise and high <= margin[1] + noise:
        return Verdict.AGREES
    if low > margin[1] + noise or high < margin[0] - noise:
        return Verdict.DIFFERS
    if low > printed[1] + noise or high < printed[0] - noise:
        return Verdict.DOUBTFUL
    inside = low >= printed[0] - wide - noise and high <= printed[1] + wide + noise
    return Verdict.CONSISTENT if inside else Verdict.INCONCLUSIVE


def draws_interval(draws: FloatArray, widening: float = 1.0) -> tuple[float, float]:
    """Return the 95% interval of draws (k,); its limits are draws, so that some may be infinite (not reached).

    Parameters
    ----------
    draws : array of float, shape (k,)
        Of a difference.
    widening : float
        Either limit is moved away from the middle draw by this factor.

    Examples
    --------
    >>> draws_interval(np.arange(200.0))
    (4.0, 195.0)
    >>> [round(limit, 6) for limit in draws_interval(np.arange(201.0), widening=1.1)]
    [-4.5, 204.5]
    """
    low = float(np.quantile(draws, DRAWS_QUANTILES[0], method="lower"))
    high = float(np.quantile(draws, DRAWS_QUANTILES[1], method="higher"))
    middle = float(np.quantile(draws, 0.5, method="lower"))
    if widening == 1.0 or not isfinite(middle):
        return low, high
    return middle - widening * (middle - low), middle + widening * (high - middle)


def compared_number(
    fact: PublishedFact,
    *,
    quantity: str,
    label: str,
    published: float | None,
    obtained: float | None,
    difference: float | None,
    limits: tuple[float, float],
    margin: float,
    wide: float | None = None,
    bounds: tuple[float, float] | None = None,
    turned: bool = False,
) -> Agreement:
    """Return the row of a comparison with its verdict; ``bounds`` replace the margin of a printed bound."""
    wide = MARGINS.wide * margin if wide is None else wide
    if bounds is None:
        verdict = judge(*limits, margin=(-margin, margin), wide=wide)
    else:
        verdict = judge(*limits, margin=bounds, wide=wide, printed=bounds)
    return Agreement(
        quantity=quantity,
        label=label,
        fact=fact,
        published=published,
        obtained=obtained,
        difference=difference,
        interval=Interval(low=_finite(limits[0]), high=_finite(limits[1])),
        margin=margin if bounds is None else None,
        verdict=verdict,
        turned=turned,
    )


def with_remarks(check: Agreement, explanations: Sequence[Explained], *notes: str) -> Agreement:
    """Return the row with its notes, the published model's name, and the recorded reason unless it agrees."""
    reasons = [e for e in explanations if e.covers(check.fact)]
    doubtful = check.verdict in JUDGED and check.verdict is not Verdict.AGREES
    words = (check.note, *notes, _model(check.fact))
    return replace(
        check,
        note="; ".join(word for word in words if word),
        explanation=reasons[0] if doubtful and reasons else None,
    )


def as_input(check: Agreement) -> Agreement:
    """Mark a comparison with a number from which the data were built: it is shown, but is no check."""
    return replace(check, verdict=Verdict.USED_AS_INPUT, explanation=None)


def as_constraint(check: Agreement) -> Agreement:
    """Mark a comparison with a number that weighted the draws: it is shown, but is no check."""
    return replace(check, verdict=Verdict.USED_AS_CONSTRAINT, explanation=None)


def without_verdict(fact: PublishedFact, verdict: Verdict, note: str) -> Agreement:
    """Return the row of a fact that was not compared: not checkable, not buildable, used as input."""
    return Agreement(
        quantity=fact.quantity.value,
        label=fact.label,
        fact=fact,
        published=fact.number,
        obtained=None,
        difference=None,
        interval=None,
        margin=None,
        verdict=verdict,
        note=note,
    )


def _finite(limit: float) -> float | None:
    return None if abs(limit) == inf else limit


def _model(fact: PublishedFact) -> str:
    """Return the published model in words, unless it is the one that was fitted."""
    by = ", ".join(fact.model_by) or "factors not named"
    return {
        ModelKind.STRATIFIED: f"published: stratified by {by}",
        ModelKind.ADJUSTED: f"published: adjusted for {by}",
        ModelKind.WEIGHTED: "published: weighted",
        ModelKind.CAUSE_SPECIFIC: "published: cause-specific",
        ModelKind.SUBDISTRIBUTION: "published: of the subdistribution",
        ModelKind.SWITCHING_ADJUSTED: "published: adjusted for switching",
        ModelKind.NOT_STATED: "published model not stated",
    }.get(fact.model or ModelKind.UNADJUSTED, "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One row of the sensitivity table: what was changed, and the hazard ratio that it gives."""

    name: str
    description: str
    hazard_ratio: Estimate


@dataclass(frozen=True, kw_only=True, slots=True)
class LandmarkRatio:
    """The naive alternative without any reconstruction: the ratio of ln S of two arms at a printed time."""

    at: float
    ratio: Estimate
    note: str


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class RecordResult(Shown):
    """One record re-analysed.

    Parameters
    ----------
    record : FigureRecord
        What was given.
    reconstructions : mapping of str to Reconstruction
        By arm, control first; empty where the record is not buildable.
    arms : tuple of ArmSummary
        Control first.
    comparisons : tuple of Comparison
        Every treatment against the control.
    checks : tuple of Agreement
        Hazard ratios first.
    scenarios : tuple of Scenario
        Sensitivity of the hazard ratio.
    landmark_ratios : tuple of LandmarkRatio
        Naive alternatives.
    not_buildable : str or None
        Why nothing could be built.
    what_would_help : tuple of WhatWouldHelp
        For each comparison, where it was asked for.
    draws, seed : int
        How many data sets, from which seed.
    command : str
        The call that repeats it.
    constraints : Constraints or None
        Printed statistics that weighted the draws.
    reading : ReadingGrade or None
        How far the reading of the figure can be relied on; None where no program read it.
    joint : JointAnalysis or None
        Beside it, the analysis together with another data cut-off, where the record names one.
    """

    record: FigureRecord
    reconstructions: Mapping[str, Reconstruction]
    arms: tuple[ArmSummary, ...]
    comparisons: tuple[Comparison, ...]
    checks: tuple[Agreement, ...]
    scenarios: tuple[Scenario, ...] = ()
    landmark_ratios: tuple[LandmarkRatio, ...] = ()
    not_buildable: str | None = None
    what_would_help: tuple[WhatWouldHelp, ...] = ()
    draws: int = 0
    seed: int = 0
    command: str = ""
    constraints: Constraints | None = None
    reading: ReadingGrade | None = None
    joint: JointAnalysis | None = None

    def to_frame(self) -> pd.DataFrame:
        """Return the rebuilt patients of all arms as ``ipd.csv`` holds them: ``time``, ``event`` and ``arm``."""
        import pandas as pd

        if not self.arms:
            return pd.DataFrame({"time": [], "event": [], "arm": []})
        frames = [arm.central.to_frame().assign(arm=arm.name) for arm in self.arms]
        return pd.concat(frames, ignore_index=True)

    def checks_frame(self) -> pd.DataFrame:
        """Return the checks in the report's words: what the paper says, what came out, and the verdict."""
        frame: pd.DataFrame = report_function("checks_frame")(self)
        return frame

    def fit(
        self,
        models: str | Sequence[str] | None = None,
        *,
        joint: bool = False,
        visit_gap: float | None = None,
        background: Population | None = None,
    ) -> FitSet:
        """Fit parametric models to the rebuilt patients of each arm, over the central data set and all draws.

        Parameters
        ----------
        models : str or sequence of str, optional
            Names, "all", or "standard", the seven of NICE DSU TSD 14 (default).
        joint : bool
            Whether to fit all arms with one model and a coefficient for each arm but the first besides.
        visit_gap : float, optional
            Time between visits, for a likelihood in which an event lies somewhere between two of them.
        background : Population, optional
            The general population, for hazards in excess of its own; survival is then to be extrapolated likewise.

        Returns
        -------
        FitSet
            Whose `extrapolate` carries the models on to a horizon.

        Raises
        ------
        AnalysisError
            If nothing was rebuilt, or a model is unknown.
        """
        from survrecon.analysis.comparison import ArmData
        from survrecon.analysis.fits.extrapolate import excess_of
        from survrecon.analysis.fits.fit import fit_arms
        from survrecon.analysis.fits.likelihood import LikelihoodOptions

        endpoint = self.record.endpoint
        return fit_arms(
            [ArmData(central=arm.central, draws=arm.draws) for arm in self.arms],
            models=models,
            joint=joint,
            options=LikelihoodOptions(
                visit_gap=visit_gap, background=None if background is None else excess_of(background, endpoint)
            ),
            endpoint=endpoint,
            seed=self.seed,
        )

    @property
    def unreliable(self) -> bool:
        """Whether the reading contradicts its figure, so that nothing is put forward."""
        return self.reading is not None and self.reading.grade is Grade.UNRELIABLE

    @property
    def unexplained(self) -> tuple[Agreement, ...]:
        """The checks that differ without a reason on record."""
        return tuple(c for c in self.checks if c.verdict is Verdict.DIFFERS and c.explanation is None)
