"""The shape of a trial's hazards over all draws: everything that is looked at before a model is chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.comparison import ArmData, arm_data, with_different_names
from survrecon.analysis.pairing import reorder_if_identical
from survrecon.analysis.shape.hazard import (
    ScaledResiduals,
    choose_smoothing,
    events_quantiles,
    hazard_curve,
    interval_ratios,
    log_cumulative_hazard,
    quantile_ratio,
    ratio_over_time,
    residuals_of,
)
from survrecon.analysis.shape.results import ArmShape, ContrastShape, SurvivalShape
from survrecon.analysis.shape.settings import HAZARD, RATIO, TICKS
from survrecon.analysis.shape.weighted_tests import (
    USUAL_WEIGHTS,
    FlemingHarrington,
    PValueDraws,
    TestSide,
    p_value_draws,
    summarized_p,
    weighted_statistics,
)
from survrecon.callers import option_name
from survrecon.errors import AnalysisError
from survrecon.model.ipd import Reconstruction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.analysis.comparison import Patients
    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import PseudoIPD

__all__ = ["survival_shape"]


def survival_shape(
    *,
    control: Patients,
    treatments: Sequence[Patients] = (),
    cuts: Sequence[float] = (),
    landmarks: Sequence[float] = (),
    weights: Sequence[FlemingHarrington] = USUAL_WEIGHTS,
    side: TestSide = TestSide.TWO_SIDED,
    draws: int = 200,
) -> SurvivalShape:
    """Look at the hazards of a trial before a model is chosen.

    Parameters
    ----------
    control : Reconstruction, PseudoIPD, DataFrame or sequence of PseudoIPD
        The arm that the others are compared with, or the only one.
    treatments : sequence of the same
        Empty for one arm.
    cuts : sequence of float
        Where a piecewise hazard ratio changes; at equal numbers of events of the central data set where left out.
    landmarks : sequence of float
        Times from which on hazard ratios are wanted; where a quarter and half of the events have happened if left out.
    weights : sequence of FlemingHarrington
        Of the weighted log-rank tests; the MaxCombo is the largest of them.
    side : TestSide
        Of the p values.
    draws : int
        How many draws to take of reconstructions that have them.

    Raises
    ------
    AnalysisError
        If an arm cannot be read or has too few events, or a time lies beyond the data.

    Examples
    --------
    >>> from survrecon.model.ipd import PseudoIPD
    >>> a = PseudoIPD(time=range(1, 25), event=[1, 1, 0] * 8, arm="placebo")
    >>> b = PseudoIPD(time=range(2, 26), event=[1, 0, 0] * 8, arm="drug")
    >>> found = survival_shape(control=a, treatments=[b], weights=[FlemingHarrington(0, 1)])
    >>> [arm.name for arm in found.arms], found.contrasts[0].tests[0].name
    (['placebo', 'drug'], 'Fleming-Harrington (0, 1), two-sided')
    """
    _refuse_times(cuts, landmarks)
    first = arm_data(control, draws=draws, where="control")
    pairs = []
    for place, one in enumerate(treatments, start=1):
        base, arm = with_different_names(first, arm_data(one, draws=draws, where="treatments"))
        shared = one.shared_follow_up if isinstance(one, Reconstruction) else None
        ordered = reorder_if_identical(base.draws, arm.draws, shared=shared, arm=place)
        pairs.append((base, replace(arm, draws=tuple(ordered))))
    arms = [pairs[0][0] if pairs else first, *(arm for _, arm in pairs)]
    notes = [
        "how much is smoothed, and where a piecewise ratio is cut, was set once, on the central data set",
        f"a smoothed hazard ends where {HAZARD.fewest_at_risk} patients are at risk in the central data set",
    ]
    contrasts = []
    for base, arm in pairs:
        residuals = residuals_of(base.central, arm.central)
        if residuals is None:
            notes.append(f"{arm.name} over {base.name}: the central data set has no finite hazard ratio")
            continue
        contrasts.append(_contrast(base, arm, residuals, cuts, landmarks, weights, side))
    return SurvivalShape(
        arms=tuple(_arm(one) for one in arms),
        contrasts=tuple(contrasts),
        time_unit=first.central.time_unit,
        draws=max(len(one.draws) for one in arms),
        notes=tuple(notes),
    )


def _refuse_times(cuts: Sequence[float], landmarks: Sequence[float]) -> None:
    for name, times in (("cuts", cuts), ("landmarks", landmarks)):
        if any(not 0 < time < np.inf for time in times) or list(times) != sorted(set(times)):
            got = ", ".join(f"{time:g}" for time in times)
            raise AnalysisError(option_name(name), "times above 0 that rise", got, "correct them")


def _arm(data: ArmData) -> ArmShape:
    smoothing = choose_smoothing(data.central)
    ticks = _ticks(float(data.central.time[-1]))
    over_draws = np.array([one.at_risk(ticks) for one in data.draws])
    return ArmShape(
        name=data.name,
        n=data.central.n,
        hazard=hazard_curve(data.central, data.draws, smoothing),
        bandwidth=smoothing.bandwidth,
        log_cumulative=log_cumulative_hazard(data.central, data.draws),
        ticks=ticks,
        at_risk=data.central.at_risk(ticks),
        at_risk_low=over_draws.min(axis=0),
        at_risk_high=over_draws.max(axis=0),
    )


def _ticks(end: float) -> FloatArray:
    """Return round times from 0 to the end, few enough to stand side by side."""
    steps = (step for step in TICKS.steps if end / step < TICKS.most)
    step = next(steps, end / (TICKS.most - 1) or 1.0)
    return np.arange(0, end + step * np.finfo(float).eps, step)


def _contrast(
    base: ArmData,
    arm: ArmData,
    residuals: ScaledResiduals,
    cuts: Sequence[float],
    landmarks: Sequence[float],
    weights: Sequence[FlemingHarrington],
    side: TestSide,
) -> ContrastShape:
    central, pairs = (base.central, arm.central), _pairs(base.draws, arm.draws)
    over_draws = [residuals_of(*pair) for pair in pairs]
    quantiles, times = quantile_ratio(central, pairs)
    edges = tuple(cuts) or events_quantiles(central, [k / RATIO.intervals for k in range(1, RATIO.intervals)])
    start = tuple(landmarks) or events_quantiles(central, RATIO.landmark_shares)
    _refuse_beyond(central, cuts, landmarks)
    bounds = list(zip((0.0, *edges), (*edges, None), strict=True))
    draws = tuple(one for one, _ in pairs), tuple(one for _, one in pairs)
    return ContrastShape(
        of=arm.name,
        over=base.name,
        ratio_over_time=ratio_over_time(residuals, over_draws),
        residual_times=residuals.time,
        residuals=residuals.value,
        proportional_hazards=_proportional(residuals, over_draws),
        quantiles=quantiles,
        quantile_times=times,
        quantile_at_risk=np.array([one.at_risk(t) for one, t in zip(central, times, strict=True)]),
        piecewise=interval_ratios(central, draws, bounds),
        landmarks=interval_ratios(central, draws, [(time, None) for time in start]),
        tests=p_value_draws(
            weighted_statistics(*central, weights),
            [weighted_statistics(*pair, weights) for pair in pairs],
            weights,
            side,
        ),
    )


def _refuse_beyond(central: tuple[PseudoIPD, PseudoIPD], cuts: Sequence[float], landmarks: Sequence[float]) -> None:
    """Refuse a time after which an arm has nobody at risk."""
    end = min(float(one.time[-1]) for one in central)
    for name, times in (("cuts", cuts), ("landmarks", landmarks)):
        if times and times[-1] >= end:
            raise AnalysisError(
                option_name(name), f"times before {end:g}, where an arm's data end", f"{times[-1]:g}", "lower it"
            )


def _pairs(control: Sequence[PseudoIPD], treatment: Sequence[PseudoIPD]) -> list[tuple[PseudoIPD, PseudoIPD]]:
    """Return the draws in pairs; a single data set goes with every draw of the other arm."""
    k = max(len(control), len(treatment))
    if {len(control), len(treatment)} - {1, k}:
        raise AnalysisError(
            "draws of two arms",
            "as many of one as of the other, or one",
            f"{len(control)} of the control and {len(treatment)} of the treatment",
            "draw the same number for both",
        )
    return [(control[i % len(control)], treatment[i % len(treatment)]) for i in range(k)]


def _proportional(central: ScaledResiduals, draws: Sequence[ScaledResiduals | None]) -> PValueDraws:
    """Return Grambsch and Therneau's test over draws."""
    from scipy.special import ndtr

    z = np.array([np.nan if one is None else one.z for one in draws])
    name = "proportional hazards, Grambsch-Therneau on Kaplan-Meier transformed time, two-sided"
    return summarized_p(name, 2 * ndtr(-np.abs(z)), float(2 * ndtr(-abs(central.z))), z)
