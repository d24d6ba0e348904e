"""Summaries of one arm and comparisons of two, over posterior draws of their patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Union

import numpy as np

from survrecon.analysis.cox import ContrastDraws, central_fit, contrast_draws
from survrecon.analysis.medians import (
    horizon,
    median_draws,
    milestone,
    pooled_median,
    reverse_kaplan_meier,
    rmst_difference,
)
from survrecon.analysis.pairing import reorder_if_identical
from survrecon.analysis.results import ArmSummary, Comparison, LogRank, RmstDifference
from survrecon.errors import AnalysisError
from survrecon.model.columns import StatedColumns, find_columns
from survrecon.model.estimate import USUAL_LEVEL, Estimate, Interval, Scale, Status, pooled_estimate
from survrecon.model.ipd import PseudoIPD, Reconstruction, nearest_to_middle
from survrecon.model.kaplan_meier import KaplanMeier

if TYPE_CHECKING:
    import pandas as pd

    from survrecon.arrays import FloatArray

    Patients = Union[Reconstruction, PseudoIPD, pd.DataFrame, Sequence[PseudoIPD]]  # noqa: UP007

__all__ = [
    "ArmData",
    "arm_data",
    "compare_arms",
    "contrast_draws",
    "hazard_ratio_of",
    "kaplan_meier_curves",
    "summarize_arm",
    "with_different_names",
]

_UNNAMED = "arm"
"""The name that `PseudoIPD` gives an arm which has none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmData:
    """One arm's central data set and its posterior draws; without draws, the data set is the only one."""

    central: PseudoIPD
    draws: tuple[PseudoIPD, ...]

    @property
    def name(self) -> str:
        """The arm's name."""
        return self.central.arm

    def named(self, name: str) -> ArmData:
        """Return the same patients under another name."""
        return ArmData(central=replace(self.central, arm=name), draws=tuple(replace(d, arm=name) for d in self.draws))


def arm_data(patients: Patients, *, draws: int, where: str = "arm") -> ArmData:
    """Read an arm from a reconstruction, a data set, a data frame, or a sequence of draws.

    Parameters
    ----------
    patients : Reconstruction, PseudoIPD, DataFrame or sequence of PseudoIPD
        A frame has columns for time and event under their usual names, and may have one for the arm.
    draws : int
        How many draws to take of a reconstruction that has them; with 0 its central data set stands alone.
    where : str
        The argument's name, for messages.

    Raises
    ------
    AnalysisError
        If it is none of these, holds two arms, or is empty.
    """
    if draws < 0:
        raise AnalysisError("draws", "a number from 0, the central data set alone", f"{draws}", "give another")
    if isinstance(patients, Reconstruction):
        sampled = patients.draws(draws) if patients.has_draws and draws > 0 else [patients.ipd]
        return ArmData(central=patients.ipd, draws=tuple(sampled))
    if isinstance(patients, PseudoIPD):
        return ArmData(central=patients, draws=(patients,))
    if isinstance(patients, Sequence) and patients and all(isinstance(d, PseudoIPD) for d in patients):
        return ArmData(central=patients[nearest_to_middle(patients)], draws=tuple(patients))
    frame: Any = patients
    if hasattr(frame, "columns"):
        data = PseudoIPD.from_frame(frame, arm=_frame_name(frame, where))
        return ArmData(central=data, draws=(data,))
    raise AnalysisError(
        where,
        "a reconstruction, rebuilt patients, a data frame, or draws of one arm",
        "nothing" if isinstance(patients, Sequence) and not patients else f"a {type(patients).__name__}",
        "pass what reconstruct() returned, or columns time and event",
    )


def with_different_names(control: ArmData, treatment: ArmData) -> tuple[ArmData, ArmData]:
    """Return both arms under different names: ``control`` and ``treatment`` where they have none.

    Raises
    ------
    AnalysisError
        If both bear the same name, or their time units differ.
    """
    if control.name == _UNNAMED:
        control = control.named("control")
    if treatment.name == _UNNAMED:
        treatment = treatment.named("treatment")
    if control.name == treatment.name:
        raise AnalysisError(
            "control, treatment", "arms have different names", f"{control.name} twice", "name one of them otherwise"
        )
    units = control.central.time_unit, treatment.central.time_unit
    if units[0] != units[1]:
        raise AnalysisError(
            f"{control.name}, {treatment.name}", "one time unit", " and ".join(units), "convert one of them"
        )
    return control, treatment


def _frame_name(frame: Any, where: str) -> str:
    names = list(map(str, frame.columns))
    columns = find_columns(names, where=where, stated=StatedColumns(options=False), single_arm=True)
    if columns.arm is None:
        return _UNNAMED
    found = frame.iloc[:, columns.arm].unique()
    if len(found) != 1:
        shown = ", ".join(map(str, found))[:80] or "no row"
        raise AnalysisError(
            where, "the patients of one arm", shown, f"select one value of the column {names[columns.arm]}"
        )
    return str(found[0])


def summarize_arm(patients: Patients, *, milestones: Sequence[float] = (), draws: int = 200) -> ArmSummary:
    """Summarize one arm: events, median, follow-up, survival at times of interest.

    Parameters
    ----------
    patients : Reconstruction, PseudoIPD, DataFrame or sequence of PseudoIPD
        A frame has columns ``time`` and ``event``; a sequence holds draws of the same arm.
    milestones : sequence of float
        Times of interest, in the time unit of the data.
    draws : int
        How many draws to take of a reconstruction that has them.

    Raises
    ------
    AnalysisError
        If the patients cannot be read, or a time of interest is negative.

    Examples
    --------
    >>> arm = summarize_arm(PseudoIPD(time=[2, 4, 5, 7, 9], event=[1, 1, 0, 1, 0], arm="drug"), milestones=[4])
    >>> arm.n, arm.events.value, arm.median.format(0), arm.milestones[0].survival.format(2)
    (5, 3.0, '7 (2 to NR)', '0.60 (0.13 to 0.88)')
    """
    data = arm_data(patients, draws=draws)
    return _summary(data, kaplan_meier_curves(data.draws), milestones)


def compare_arms(
    *,
    control: Patients,
    treatment: Patients,
    milestones: Sequence[float] = (),
    tau: float | None = None,
    printed_tau: float | None = None,
    draws: int = 200,
) -> Comparison:
    """Compare a treatment with a control; every contrast is of the treatment over the control.

    Each draw of one arm is paired with the draw of the same place of the other, analysed as a data set,
    and the analyses are pooled by Rubin's rules. Draws that are the same in both arms one by one, as those of two
    arms with the same inputs and seed are, are paired anew.

    Parameters
    ----------
    control, treatment : Reconstruction, PseudoIPD, DataFrame or sequence of PseudoIPD
        An arm without draws goes with every draw of the other.
    milestones : sequence of float
        Times of interest, in the time unit of the data.
    tau : float, optional
        Horizon of the restricted mean, one for all draws; by default ``printed_tau``, else the last time at which both
        arms have 10 patients and 10% of all at risk. The result says which.
    printed_tau : float, optional
        The horizon that a paper prints; taken where the data reach it.
    draws : int
        How many draws to take of reconstructions that have them.

    Raises
    ------
    AnalysisError
        If an arm cannot be read, names are the same, time units or numbers of draws differ, or ``tau`` lies
        beyond the data.

    Examples
    --------
    >>> a = PseudoIPD(time=[1, 3, 5, 6, 8, 9], event=[1, 1, 0, 1, 1, 0], arm="placebo")
    >>> b = PseudoIPD(time=[2, 4, 7, 9, 10, 11], event=[1, 0, 1, 0, 1, 0], arm="drug")
    >>> found = compare_arms(control=a, treatment=b)
    >>> found.hazard_ratio.of, found.hazard_ratio.over, found.hazard_ratio.format(2)
    ('drug', 'placebo', '0.38 (0.07 to 2.11)')
    """
    data = with_different_names(
        arm_data(control, draws=draws, where="control"), arm_data(treatment, draws=draws, where="treatment")
    )
    shared = treatment.shared_follow_up if isinstance(treatment, Reconstruction) else None
    data = data[0], replace(data[1], draws=tuple(reorder_if_identical(data[0].draws, data[1].draws, shared=shared)))
    over, of = data[0].name, data[1].name
    fits = contrast_draws(data[0].draws, data[1].draws)
    curves = kaplan_meier_curves(data[0].draws), kaplan_meier_curves(data[1].draws)
    until = horizon(data[0].draws, data[1].draws, tau, printed=printed_tau)
    central, proportional = central_fit(data[0].central, data[1].central)
    return Comparison(
        of=of,
        over=over,
        time_unit=data[0].central.time_unit,
        arms=(_summary(data[0], curves[0], milestones), _summary(data[1], curves[1], milestones)),
        hazard_ratio=hazard_ratio_of(fits, of=of, over=over),
        logrank=_logrank(fits, of=of, over=over),
        rmst_difference=RmstDifference(
            tau=until.tau,
            difference=rmst_difference(*curves, until.tau, of=of, over=over),
            at_risk={d.name: int(d.central.at_risk(until.tau)) for d in data},
            rule=until.rule,
        ),
        proportional_hazards=proportional,
        central_hazard_ratio=central,
        log_hazard_ratios=fits.log_hr,
        standard_errors=fits.se,
        z=fits.z,
        notes=_notes(fits),
    )


def kaplan_meier_curves(draws: Sequence[PseudoIPD]) -> tuple[KaplanMeier, ...]:
    """Return the Kaplan-Meier estimate of each draw."""
    return tuple(d.estimate for d in draws)


def hazard_ratio_of(fits: ContrastDraws, *, of: str, over: str) -> Estimate:
    """Pool the hazard ratios of the draws; "not estimable" where at least half of them have none."""
    found = np.isfinite(fits.log_hr)
    if 2 * np.count_nonzero(found) <= found.size:
        return Estimate(value=None, status=Status.NOT_ESTIMABLE, scale=Scale.LOG, of=of, over=over)
    return pooled_estimate(fits.log_hr[found].tolist(), fits.se[found].tolist(), scale=Scale.LOG, of=of, over=over)


def _logrank(fits: ContrastDraws, *, of: str, over: str) -> LogRank:
    z = fits.z[np.isfinite(fits.z)]
    if 2 * z.size <= fits.z.size:
        return LogRank(z=Estimate(value=None, status=Status.NOT_ESTIMABLE, of=of, over=over), p=1.0)
    pooled = pooled_estimate(z.tolist(), [1.0] * z.size, of=of, over=over)
    standardized = (pooled.value or 0.0) / (pooled.total_se or 1.0)
    return LogRank(z=pooled, p=2 * NormalDist().cdf(-abs(standardized)))


def _notes(fits: ContrastDraws) -> tuple[str, ...]:
    lost = [s for s, value in zip(fits.status, fits.log_hr, strict=True) if not np.isfinite(value)]
    if not lost:
        return ()
    reasons = "; ".join(sorted({s.value for s in lost}))
    return (f"{len(lost)} of {len(fits.status)} data sets have no finite hazard ratio ({reasons})",)


def _summary(data: ArmData, curves: Sequence[KaplanMeier], milestones: Sequence[float]) -> ArmSummary:
    medians = median_draws(curves)
    return ArmSummary(
        name=data.name,
        n=data.central.n,
        events=_events(np.array([d.events for d in data.draws], dtype=float)),
        median=pooled_median(curves),
        follow_up=pooled_median([reverse_kaplan_meier(d) for d in data.draws]),
        milestones=tuple(milestone(curves, at) for at in milestones),
        draws=data.draws,
        central=data.central,
        median_reached=float(np.isfinite(medians).mean()),
    )


def _events(events: FloatArray) -> Estimate:
    """Return the mean number of events with the 95% interval of the draws: counted, not sampled."""
    k = events.size
    interval_at = partial(_share_of_draws, events) if k > 1 else None
    return Estimate(
        value=float(events.mean()),
        interval=None if interval_at is None else interval_at(USUAL_LEVEL),
        reconstruction_se=sqrt((1 + 1 / k) * float(events.var(ddof=1))) if k > 1 else None,
        interval_at=interval_at,
    )


def _share_of_draws(values: FloatArray, level: float) -> Interval:
    """Return the middle share of draws (k,)."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Interval(low=low, high=high, level=level)
