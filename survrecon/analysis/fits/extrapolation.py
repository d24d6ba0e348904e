"""What extrapolation returns: each identified model in each arm up to a horizon, and what little speaks for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.fits.pooling import PooledValues, PoolingScale, pool_draws
from survrecon.analysis.fits.settings import EXTRAPOLATING
from survrecon.errors import AnalysisError
from survrecon.model.show import BriefRepr, Shown

if TYPE_CHECKING:
    import pandas as pd

    from survrecon.analysis.fits.results import FitSet, ModelFit
    from survrecon.arrays import FloatArray
    from survrecon.model.external import ExternalPoint, Population

__all__ = [
    "DIFFERENCE_COLUMNS",
    "EXTRAPOLATION_COLUMNS",
    "ArmCaution",
    "Extrapolation",
    "FloorBinding",
    "ModelExtrapolation",
    "PopulationUse",
]


class PopulationUse(StrEnum):
    """How the general population's mortality enters."""

    FLOOR = "floor"
    EXCESS = "excess"


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmCaution:
    """From when on little or nothing of an arm's data speaks for what is extrapolated.

    Parameters
    ----------
    arm : str
        The arm.
    few_at_risk : float
        The time after which fewer than ten are at risk, in the central data set.
    last_event : float
        When its last event is.
    far : float
        Three times that.
    """

    arm: str
    few_at_risk: float
    last_event: float
    far: float

    def at(self, time: float) -> str:
        """Return what is to be said of a time, or nothing."""
        if time > self.far:
            return "beyond three times the last event"
        return f"fewer than {EXTRAPOLATING.fewest_at_risk} at risk" if time > self.few_at_risk else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FloorBinding:
    """How often the general population's mortality takes the place of a model's lower one.

    Parameters
    ----------
    share : float
        Of the samples in which it does between the arm's last event and the horizon.
    first, median : float or None
        The earliest such time in any sample, and the median over those that have one; ``None`` where none has.
    within_data : float
        Share of the samples in which it does before the last event, where the data speak: many models start at 0.
    """

    share: float
    first: float | None
    median: float | None
    within_data: float


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class ModelExtrapolation(BriefRepr):
    """One identified model in one arm, up to the horizon.

    Parameters
    ----------
    fit : ModelFit
        The model.
    arm : str
        The arm, also where the fit is joint.
    times : array of float, shape (T,)
        At which ``survival`` and ``hazard`` are given.
    survival, hazard : PooledValues
        On the logit and log scale.
    milestones : array of float, shape (m,)
        Times asked for, with those of external points.
    milestone_survival, restricted_mean : PooledValues
        At and up to these times.
    mean : PooledValues
        Mean survival time up to the horizon, on the log scale, one value.
    median : PooledValues or None
        On the log scale, one value; ``None`` where it is not reached by the horizon in half of the draws or more.
    floor : FloorBinding or None
        Where the general population's mortality is a floor.
    sampled_mean : array of float, shape (S,)
        The samples behind the mean's interval, draw by draw.
    """

    fit: ModelFit
    arm: str
    times: FloatArray
    survival: PooledValues
    hazard: PooledValues
    milestones: FloatArray
    milestone_survival: PooledValues
    restricted_mean: PooledValues
    mean: PooledValues
    median: PooledValues | None
    floor: FloorBinding | None
    sampled_mean: FloatArray

    @property
    def model(self) -> str:
        """The model's name, and that the fit is joint where it is."""
        return f"{self.fit.name} (joint)" if self.fit.joint else self.fit.name


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Extrapolation(Shown):
    """All identified models up to a horizon.

    Parameters
    ----------
    fits : FitSet
        All models, those that are not identified among them.
    models : tuple of ModelExtrapolation
        By arm, then joint fits.
    horizon : float
        In ``fits.time_unit``.
    horizon_rule : str
        Who chose it.
    cautions : tuple of ArmCaution
        For each arm.
    population : Population or None
        The general population alike to the patients.
    population_use : PopulationUse or None
        How its mortality enters.
    external : tuple of ExternalPoint
        What other sources tell.
    notes : tuple of str
        What a reader must know.
    """

    fits: FitSet
    models: tuple[ModelExtrapolation, ...]
    horizon: float
    horizon_rule: str
    cautions: tuple[ArmCaution, ...]
    population: Population | None = None
    population_use: PopulationUse | None = None
    external: tuple[ExternalPoint, ...] = ()
    notes: tuple[str, ...] = ()

    def get(self, model: str, arm: str) -> ModelExtrapolation:
        """Return one model in one arm; a joint fit is ``"weibull (joint)"``.

        Raises
        ------
        AnalysisError
            If there is none, as of a model that is not identified.
        """
        for one in self.models:
            if (one.model, one.arm) == (model, arm):
                return one
        known = ", ".join(f"{one.model} in {one.arm}" for one in self.models)
        raise AnalysisError("get", f"one of {known}", f"{model} in {arm}", "ask for an identified model")

    def of_arm(self, arm: str) -> tuple[ModelExtrapolation, ...]:
        """Return the models of one arm."""
        return tuple(one for one in self.models if one.arm == arm)

    def caution(self, arm: str) -> ArmCaution:
        """Return from when on an arm's data say little."""
        return next(one for one in self.cautions if one.arm == arm)

    def range_of_means(self, arm: str) -> tuple[float, float]:
        """Return the lowest and highest mean to the horizon over the models of an arm: a range, no variance."""
        found = [float(one.mean.value[0]) for one in self.of_arm(arm)]
        if not found:
            raise AnalysisError(f"arm {arm}", "a model that the data tell", "none", "ask for simpler models")
        return min(found), max(found)

    def mean_difference(self, model: str, *, of: str, over: str) -> PooledValues:
        """Return the difference of two arms' means to the horizon under one model, draws paired.

        Sampling variances are those of the samples within each draw; arms fitted apart are independent given a draw.
        """
        first, second = self.get(model, of), self.get(model, over)
        sampled = first.sampled_mean - second.sampled_mean
        values = first.mean.draws - second.mean.draws
        within = sampled.reshape(len(values), -1).var(axis=1, ddof=1)
        return pool_draws(values, within[:, None], sampled[:, None], PoolingScale.IDENTITY)

    def difference_rows(self) -> list[tuple[object, ...]]:
        """Return the difference of every arm's mean to the control's, one row a model that both have."""
        control, *others = self.fits.arm_names
        found: list[tuple[object, ...]] = []
        for arm in others:
            shared = {one.model for one in self.of_arm(control)}
            for model in (one.model for one in self.of_arm(arm) if one.model in shared):
                pooled = self.mean_difference(model, of=arm, over=control)
                between = pooled.se_reconstruction
                numbers = (float(part[0]) for part in (pooled.value, pooled.low, pooled.high, pooled.se_sampling))
                more = None if between is None else float(between[0])
                found.append((arm, control, model, self.horizon, "mean difference", *numbers, more))
        return found

    def to_frame(self) -> pd.DataFrame:
        """Return one row a quantity: what ``extrapolation.csv`` holds."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()), columns=list(EXTRAPOLATION_COLUMNS))

    def rows(self) -> list[tuple[object, ...]]:
        """Return the rows of `to_frame`."""
        found: list[tuple[object, ...]] = []
        for one in self.models:
            caution = self.caution(one.arm)
            horizon = np.array([self.horizon])
            for quantity, times, pooled in (
                ("survival", one.times, one.survival),
                ("hazard", one.times, one.hazard),
                ("milestone", one.milestones, one.milestone_survival),
                ("rmst", one.milestones, one.restricted_mean),
                ("mean", horizon, one.mean),
                ("median", horizon, one.median),
            ):
                found += _rows(one, quantity, times, pooled, caution)
        return found


EXTRAPOLATION_COLUMNS = (
    *("arm", "model", "time", "quantity", "value", "low", "high", "se_sampling", "se_reconstruction"),
    *("scale", "caution"),
)
"""Columns of ``extrapolation.csv``; standard errors are on ``scale``."""


DIFFERENCE_COLUMNS = (
    *("of", "over", "model", "time", "quantity", "value", "low", "high", "se_sampling", "se_reconstruction"),
)
"""Columns of ``differences.csv``; standard errors are in units of time."""


def _rows(
    one: ModelExtrapolation, quantity: str, times: FloatArray, pooled: PooledValues | None, caution: ArmCaution
) -> list[tuple[object, ...]]:
    if pooled is None:
        return [(one.arm, one.model, float(times[0]), quantity, None, None, None, None, None, "", "not reached")]
    between = pooled.se_reconstruction
    return [
        (
            *(one.arm, one.model, float(time), quantity),
            *(_reached(part[place]) for part in (pooled.value, pooled.low, pooled.high, pooled.se_sampling)),
            None if between is None else float(between[place]),
            str(pooled.scale),
            caution.at(float(pooled.value[place]) if quantity == "median" else float(time)),
        )
        for place, time in enumerate(times)
    ]


def _reached(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
