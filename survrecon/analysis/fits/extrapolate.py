"""Survival, hazard and means up to a horizon, by model, over draws; with the mortality of the general population."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.fits.extrapolation import (
    ArmCaution,
    Extrapolation,
    FloorBinding,
    ModelExtrapolation,
    PopulationUse,
)
from survrecon.analysis.fits.pooling import PooledValues, PoolingScale, pool_draws
from survrecon.analysis.fits.settings import DIFFERENCES, EXTRAPOLATING, ExtrapolationSettings
from survrecon.callers import option_name
from survrecon.errors import AnalysisError

if TYPE_CHECKING:
    from survrecon.analysis.comparison import ArmData
    from survrecon.analysis.fits.results import FitSet, ModelFit
    from survrecon.arrays import BoolArray, FloatArray
    from survrecon.model.external import ExternalPoint, Population

__all__ = ["excess_of", "extrapolate", "refuse_endpoint"]

_WITH_DEATH = ("overall survival", "progression-free", "disease-free", "event-free", "relapse-free", "recurrence-free")
_WITH_DEATH_SHORT = ("os", "pfs", "dfs", "efs", "rfs")
"""Endpoints of which a death of any cause is an event."""
_EARLY_TIMES = 20
"""Times within the first step of the grid, where survival may fall steeply."""


def extrapolate(
    fits: FitSet,
    *,
    horizon: float | None = None,
    at: Sequence[float] = (),
    population: Population | None = None,
    population_use: PopulationUse | str | None = None,
    external: Sequence[ExternalPoint] = (),
    settings: ExtrapolationSettings = EXTRAPOLATING,
) -> Extrapolation:
    """Carry fits on to a horizon.

    Parameters
    ----------
    fits : FitSet
        What was fitted.
    horizon : float, optional
        Up to which means are taken; default twice the longest follow-up.
    at : sequence of float
        Times at which survival, and up to which restricted means, are wanted.
    population : Population, optional
        The general population, of endpoints of which every death is an event.
    population_use : PopulationUse or str, optional
        "floor" (default): the hazard is never below the population's; "excess": the model's hazard is added to it,
        where it was fitted so.
    external : sequence of ExternalPoint
        What other sources tell; their times join ``at``.
    settings : ExtrapolationSettings
        Numbers of samples and times.

    Raises
    ------
    AnalysisError
        If the horizon or a time is out of range, or the endpoint does not count every death.
    """
    longest = max(float(arm.central.time[-1]) for arm in fits.arms)
    rule = "as asked for" if horizon is not None else f"{settings.horizon_multiple:g} times the longest follow-up"
    end = settings.horizon_multiple * longest if horizon is None else float(horizon)
    if not 0 < end < np.inf:
        raise AnalysisError("horizon", "a time above 0", f"{end:g}", "give another")
    times = np.unique([*at, *(point.time for point in external)]).astype(float)
    if times.size and not 0 < times.min() <= times.max() <= end:
        raise AnalysisError("at", f"times above 0 and up to the horizon, {end:g}", f"{times}", "raise the horizon")
    use = None if population is None else PopulationUse(population_use or PopulationUse.FLOOR)
    _refuse_mixed(fits, use)
    cautions = tuple(_caution(arm, settings) for arm in fits.arms)
    plan = _Plan(
        end=end,
        milestones=times,
        population=None,
        use=use,
        last_events={one.arm: one.last_event for one in cautions},
        settings=settings,
    )
    if population is not None:
        plan = replace(plan, population=population.survival_and_hazard(plan.grid()))
    models = []
    for place, fit in enumerate(fits.fits):
        for arm in fit.arms if fit.identified else ():
            # Joint fits of several arms share their samples, so that differences between arms are theirs.
            rng = np.random.default_rng([fits.seed, place])
            models.append(_one_model(fit, arm, plan, rng))
    return Extrapolation(
        fits=fits,
        models=tuple(models),
        horizon=end,
        horizon_rule=rule,
        cautions=cautions,
        population=population,
        population_use=use,
        external=tuple(external),
        notes=() if population is None else population.notes(end),
    )


def excess_of(population: Population, endpoint: str | None) -> Callable[[int, FloatArray], FloatArray]:
    """Return the general population's hazard at times of events, for `LikelihoodOptions.background`.

    Raises
    ------
    AnalysisError
        If the endpoint does not count every death.
    """
    refuse_endpoint(endpoint)
    return lambda _arm, times: population.survival_and_hazard(times)[1]


def refuse_endpoint(endpoint: str | None) -> None:
    """Refuse the general population's mortality for an endpoint of which not every death is an event.

    Raises
    ------
    AnalysisError
        If it is time to progression, say, or not known.
    """
    words = (endpoint or "").lower()
    if any(known in words for known in _WITH_DEATH) or words in _WITH_DEATH_SHORT:
        return
    raise AnalysisError(
        "life table",
        "an endpoint of which every death is an event: overall, progression-free or disease-free survival",
        repr(endpoint) if endpoint else "an endpoint that is not stated",
        "state the endpoint, or leave the life table out",
    )


def _refuse_mixed(fits: FitSet, use: PopulationUse | None) -> None:
    """Refuse to add the population's hazard to fits of all deaths, and excess hazards that nothing is added to."""
    if use is not None:
        refuse_endpoint(fits.endpoint)
    in_excess = fits.options.background is not None
    if in_excess is not (use is PopulationUse.EXCESS):
        fitted = "in excess of the population's" if in_excess else "of all deaths"
        raise AnalysisError(
            option_name("population_use"),
            "hazards in excess of the general population's, fitted so and then added to it, or neither",
            f"fits of hazards {fitted}, and {use or 'no life table'}",
            "fit and extrapolate alike",
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Plan:
    """What is to be computed of every model, with survival and hazard of the general population on the grid."""

    end: float
    milestones: FloatArray
    population: tuple[FloatArray, FloatArray] | None
    use: PopulationUse | None
    last_events: Mapping[str, float]
    settings: ExtrapolationSettings

    @property
    def output(self) -> FloatArray:
        """Times at which survival and hazard are given."""
        return np.linspace(0, self.end, self.settings.output_times + 1)[1:]

    def grid(self) -> FloatArray:
        """Return the times on which survival is integrated: from 0 to the horizon, with all times asked for."""
        even = np.linspace(0, self.end, self.settings.grid + 1)
        early = even[1] * np.geomspace(1 / self.settings.grid, 1, _EARLY_TIMES)
        return np.unique(np.concatenate([even, early, self.output, self.milestones]))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Curves:
    """Survival and hazard (R, G) on the grid, and whether the floor binds from each of its times to the next."""

    grid: FloatArray
    log_survival: FloatArray
    hazard: FloatArray
    bound: BoolArray | None

    def summaries(self, plan: _Plan) -> dict[str, FloatArray]:
        """Return every quantity of R sets of parameters."""
        survival = np.exp(self.log_survival)
        # Between two times the hazard is taken as constant: S (1 - e^-D) / D for a cumulative hazard of D.
        between = np.maximum(-np.diff(self.log_survival, axis=1), DIFFERENCES.least_hazard)
        areas = np.diff(self.grid) * survival[:, :-1] * -np.expm1(-between) / between
        up_to = np.concatenate([np.zeros((len(survival), 1)), np.cumsum(areas, axis=1)], axis=1)
        shown, asked = (np.searchsorted(self.grid, times) for times in (plan.output, plan.milestones))
        return {
            "survival": survival[:, shown],
            "hazard": self.hazard[:, shown],
            "milestone": survival[:, asked],
            "rmst": up_to[:, asked],
            "mean": up_to[:, -1:],
            "median": self._median()[:, None],
        }

    def _median(self) -> FloatArray:
        """Return when survival falls to a half, (R,); infinite where it does not."""
        half = np.log(0.5)
        below = self.log_survival <= half
        after = np.maximum(below.argmax(axis=1), 1)
        rows = np.arange(len(after))
        upper, lower = self.log_survival[rows, after - 1], self.log_survival[rows, after]
        with np.errstate(invalid="ignore", divide="ignore"):
            part = np.clip((upper - half) / (upper - lower), 0, 1)
        crossing = self.grid[after - 1] + part * (self.grid[after] - self.grid[after - 1])
        return np.where(below.any(axis=1), crossing, np.inf)


def _curves(fit: ModelFit, arm: str, theta: FloatArray, plan: _Plan) -> _Curves:
    """Return survival and hazard under sets of parameters (R, p), with the general population's if wanted."""
    grid = plan.grid()
    log_S, hazard = fit.log_survival_and_hazard(grid, theta, arm)
    if plan.population is None:
        return _Curves(grid=grid, log_survival=log_S, hazard=hazard, bound=None)
    alive, dying = plan.population
    with np.errstate(divide="ignore"):
        own = np.diff(-np.log(alive))
    if plan.use is PopulationUse.EXCESS:
        total = log_S - np.concatenate([[0.0], np.cumsum(own)])
        return _Curves(grid=grid, log_survival=total, hazard=hazard + dying, bound=None)
    # Between two times, the cumulative hazard grows by the model's part or the population's, whichever is more.
    growth = -np.diff(log_S, axis=1)
    bound = growth < own
    total = np.concatenate([np.zeros((len(log_S), 1)), -np.cumsum(np.maximum(growth, own), axis=1)], axis=1)
    return _Curves(grid=grid, log_survival=total, hazard=np.maximum(hazard, dying), bound=bound)


_SCALES = {
    "survival": PoolingScale.LOGIT,
    "hazard": PoolingScale.LOG,
    "milestone": PoolingScale.LOGIT,
    "rmst": PoolingScale.LOG,
    "mean": PoolingScale.LOG,
    "median": PoolingScale.LOG,
}
"""The scale of each quantity's standard errors."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Summaries:
    """Every quantity of R sets of parameters (R, T) by name, and where the floor binds (R, G - 1)."""

    values: dict[str, FloatArray]
    bound: BoolArray | None


def _summaries(fit: ModelFit, arm: str, theta: FloatArray, plan: _Plan) -> _Summaries:
    """Return every quantity under sets of parameters (R, p), some hundred at a time so that memory stays small."""
    parts = []
    bound = []
    for start in range(0, len(theta), plan.settings.at_once):
        curves = _curves(fit, arm, theta[start : start + plan.settings.at_once], plan)
        parts.append(curves.summaries(plan))
        bound.append(curves.bound)
    return _Summaries(
        values={name: np.concatenate([part[name] for part in parts]) for name in parts[0]},
        bound=None if bound[0] is None else np.concatenate([one for one in bound if one is not None]),
    )


def _one_model(fit: ModelFit, arm: str, plan: _Plan, rng: np.random.Generator) -> ModelExtrapolation:
    """Return one model in one arm, pooled over draws."""
    theta = fit.theta[fit.pooled_rows()]
    values = _summaries(fit, arm, theta, plan).values
    variances = _variances(fit, theta, values, lambda some: _summaries(fit, arm, some, plan).values)
    drawn = _summaries(fit, arm, fit.samples(plan.settings.samples, rng), plan)
    sampled = drawn.values
    pooled = {
        name: pool_draws(values[name], variances[name], sampled[name], scale)
        for name, scale in _SCALES.items()
        if name != "median"
    }
    return ModelExtrapolation(
        fit=fit,
        arm=arm,
        times=plan.output,
        survival=pooled["survival"],
        hazard=pooled["hazard"],
        milestones=plan.milestones,
        milestone_survival=pooled["milestone"],
        restricted_mean=pooled["rmst"],
        mean=pooled["mean"],
        median=_pooled_median(values["median"], variances["median"], sampled["median"]),
        floor=None if drawn.bound is None else _binding(drawn.bound, plan.grid()[:-1], plan.last_events[arm]),
        sampled_mean=sampled["mean"][:, 0],
    )


def _variances(
    fit: ModelFit,
    theta: FloatArray,
    values: dict[str, FloatArray],
    summaries: Callable[[FloatArray], dict[str, FloatArray]],
) -> dict[str, FloatArray]:
    """Return the sampling variance of every quantity of each draw, on its scale, by the delta method."""
    covariance = fit.pooled_covariance()
    steps = DIFFERENCES.of_se * np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    slopes: dict[str, list[FloatArray]] = {name: [] for name in values}
    for place in range(theta.shape[1]):
        aside = np.zeros_like(theta)
        aside[:, place] = steps[:, place]
        below, above = summaries(theta - aside), summaries(theta + aside)
        for name, scale in _SCALES.items():
            with np.errstate(invalid="ignore"):
                change = scale.forward(above[name]) - scale.forward(below[name])
                slopes[name].append(change / (2 * steps[:, [place]]))
    return {name: _quadratic(np.stack(found), covariance) for name, found in slopes.items()}


def _quadratic(slopes: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return g' V g for slopes (p, M, T) and covariances (M, p, p), as (M, T)."""
    return np.asarray(np.einsum("pmt,mpq,qmt->mt", slopes, covariance, slopes, optimize=True))


def _pooled_median(values: FloatArray, variances: FloatArray, sampled: FloatArray) -> PooledValues | None:
    """Pool medians of the draws that reach theirs; a limit that the samples do not reach is infinite."""
    reached = np.isfinite(values[:, 0]) & np.isfinite(variances[:, 0])
    if 2 * reached.sum() <= len(values):
        return None
    longest = np.finfo(float).max
    pooled = pool_draws(values[reached], variances[reached], np.minimum(sampled, longest), PoolingScale.LOG)
    low, high = (np.where(limit >= longest / 2, np.inf, limit) for limit in (pooled.low, pooled.high))
    return replace(pooled, low=low, high=high)


def _binding(bound: BoolArray, grid: FloatArray, last_event: float) -> FloorBinding:
    """Return where the floor binds beyond the last event of an arm, and how often before it."""
    late = grid >= last_event
    binds = bound[:, late].any(axis=1)
    first = grid[late][bound[binds][:, late].argmax(axis=1)] if binds.any() else np.array([])
    return FloorBinding(
        share=float(binds.mean()),
        first=float(first.min()) if first.size else None,
        median=float(np.median(first)) if first.size else None,
        within_data=float(bound[:, ~late].any(axis=1).mean()),
    )


def _caution(arm: ArmData, settings: ExtrapolationSettings) -> ArmCaution:
    """Return from when on an arm's central data set says little."""
    central = arm.central
    place = central.n - settings.fewest_at_risk
    last = float(central.time[central.event].max())
    return ArmCaution(
        arm=arm.name,
        few_at_risk=float(central.time[place]) if place >= 0 else 0.0,
        last_event=last,
        far=settings.follow_up_multiple * last,
    )
