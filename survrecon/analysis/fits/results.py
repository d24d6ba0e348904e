"""What fitting returns: each model in each arm, over the central data set and all draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.analysis.fits.likelihood import LikelihoodOptions
from survrecon.errors import AnalysisError
from survrecon.model.show import BriefRepr, Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from survrecon.analysis.comparison import ArmData
    from survrecon.analysis.fits.choice import ModelChoice
    from survrecon.analysis.fits.extrapolation import Extrapolation
    from survrecon.analysis.fits.models import Model, Parameter
    from survrecon.arrays import BoolArray, FloatArray, IntArray

__all__ = ["CENTRAL", "JOINT", "FitSet", "Identification", "ModelFit"]

CENTRAL = "central"
"""How the central data set is named in tables; draws have their numbers, from 1."""
JOINT = "joint"
"""What stands in place of an arm's name where all arms are fitted with one model."""
_LOG_LIKELIHOOD_FACTOR = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Identification:
    """Whether the data tell the parameters of a model.

    Parameters
    ----------
    identified : bool
        Whether they do, in the central data set by curvature and profile, and in the draws by curvature.
    reason : str
        Why not; empty where they do.
    cured_upper : float or None
        Of a cure model, the upper 95% profile limit of the cured share in the central data set; ``None`` where the
        likelihood sets no limit, or for other models.
    """

    identified: bool
    reason: str = ""
    cured_upper: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class ModelFit(BriefRepr):
    """One model fitted to one arm, or to all arms jointly, in every data set: row 0 is the central one, then draws.

    Parameters
    ----------
    model : Model
        With its knots or cuts, which are the same in all data sets.
    arms : tuple of str
        The arm; all of them, the first without a coefficient, where the fit is joint.
    joint : bool
        Whether it is.
    theta : array of float, shape (1 + M, p)
        Working parameters: see `survrecon.analysis.fits.families`.
    theta_covariance : array of float, shape (1 + M, p, p)
        Their sampling covariance; NaN where the curvature has no inverse.
    log_likelihood : array of float, shape (1 + M,)
        On the time scale.
    converged, told : array of bool, shape (1 + M,)
        Whether a maximum was reached; whether its curvature tells all parameters besides.
    patients, events : array of int, shape (1 + M,)
        In each data set.
    identification : Identification
        Of the model, over all data sets.
    """

    model: Model
    arms: tuple[str, ...]
    joint: bool
    theta: FloatArray
    theta_covariance: FloatArray
    log_likelihood: FloatArray
    converged: BoolArray
    told: BoolArray
    patients: IntArray
    events: IntArray
    identification: Identification

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    @property
    def arm(self) -> str:
        """The arm's name, or "joint"."""
        return JOINT if self.joint else self.arms[0]

    @property
    def draws(self) -> int:
        """Number of draws, M; 0 where the central data set stands alone."""
        return len(self.theta) - 1

    @property
    def identified(self) -> bool:
        """Whether the data tell the model's parameters."""
        return self.identification.identified

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters as a reader sees them, in order: on the scale of flexsurv."""
        return self.model.with_arms(self.arms) if self.joint else self.model.parameters

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(one.name for one in self.parameters)

    @property
    def estimates(self) -> FloatArray:
        """Estimates on the scale of flexsurv, (1 + M, p), in the order of `parameters`."""
        return self.seen(self.theta)

    @property
    def covariance(self) -> FloatArray:
        """Sampling covariance of `estimates`, (1 + M, p, p), by the delta method."""
        order = [one.index for one in self.parameters]
        slopes = np.stack([one.link.slope(self.theta[:, one.index]) for one in self.parameters], axis=1)
        sorted_ = self.theta_covariance[:, order][:, :, order]
        return np.asarray(sorted_ * slopes[:, :, None] * slopes[:, None, :])

    @property
    def standard_errors(self) -> FloatArray:
        """Standard errors of `estimates`, (1 + M, p)."""
        return np.sqrt(np.diagonal(self.covariance, axis1=1, axis2=2))

    @property
    def aic(self) -> FloatArray:
        """Akaike's criterion, (1 + M,)."""
        return np.asarray(2 * self.theta.shape[1] - _LOG_LIKELIHOOD_FACTOR * self.log_likelihood)

    @property
    def bic(self) -> FloatArray:
        """Bayesian criterion with the number of patients, (1 + M,)."""
        return np.asarray(self.theta.shape[1] * np.log(self.patients) - _LOG_LIKELIHOOD_FACTOR * self.log_likelihood)

    def seen(self, theta: FloatArray) -> FloatArray:
        """Carry working parameters (..., p) over to the scale of flexsurv, in the order of `parameters`."""
        return np.stack([one.link.seen(theta[..., one.index]) for one in self.parameters], axis=-1)

    def working(self, seen: FloatArray) -> FloatArray:
        """Carry parameters on the scale of flexsurv (..., p) back to working parameters."""
        theta = np.empty(np.shape(seen))
        for place, one in enumerate(self.parameters):
            theta[..., one.index] = one.link.working(np.asarray(seen)[..., place])
        return theta

    def log_survival_and_hazard(
        self, times: FloatArray, theta: FloatArray | None = None, arm: str | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Return log S(t) and the hazard at times (T,), each (S, T), for S sets of working parameters.

        Parameters
        ----------
        times : array of float, shape (T,)
            From 0; at 0 survival is 1, and the hazard is that just after.
        theta : array of float, shape (S, p), optional
            Default the estimates of all data sets.
        arm : str, optional
            Of a joint fit, which arm.
        """
        rows = (self.theta if theta is None else theta) @ self._onto(arm).T
        at = np.asarray(times, dtype=float)
        started = at > 0
        smallest = at[started].min() if started.any() else 1.0
        with np.errstate(all="ignore"):
            log_S, log_f = self.model.family.curves(np.where(started, at, smallest * _JUST_AFTER), rows.T[:, :, None])
            hazard = np.exp(log_f - log_S)
        return np.where(started, log_S, 0.0), hazard

    def survival(self, times: FloatArray, theta: FloatArray | None = None, arm: str | None = None) -> FloatArray:
        """Return S(t); see `log_survival_and_hazard`."""
        return np.exp(self.log_survival_and_hazard(times, theta, arm)[0])

    def hazard(self, times: FloatArray, theta: FloatArray | None = None, arm: str | None = None) -> FloatArray:
        """Return the hazard; see `log_survival_and_hazard`."""
        return self.log_survival_and_hazard(times, theta, arm)[1]

    def samples(self, count: int, rng: np.random.Generator) -> FloatArray:
        """Return working parameters drawn from the mixture over draws of their normal approximations, (count, p).

        Each draw of the patients gives as many; a draw whose own curvature does not tell all parameters takes the mean
        covariance of the others. Without draws, all are of the central data set.

        Raises
        ------
        AnalysisError
            If the model is not identified.
        """
        rows = self.pooled_rows()
        covariance = self.pooled_covariance()
        each = -(-count // rows.size)
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
        # Each deviation comes with its negative, so that the samples of a draw lie evenly about its estimate.
        half = rng.standard_normal((rows.size, -(-each // 2), self.theta.shape[1]))
        noise = np.concatenate([half, -half], axis=1)[:, :each]
        return np.asarray(
            (self.theta[rows][:, None] + np.einsum("dij,dsj->dsi", root, noise)).reshape(-1, self.theta.shape[1])
        )

    def pooled_rows(self) -> IntArray:
        """Return the data sets that a pooled summary is of: all draws, or the central data set where there are none.

        Raises
        ------
        AnalysisError
            If the model is not identified: it has no pooled summary.
        """
        if not self.identified:
            raise AnalysisError(
                f"{self.name}, {self.arm}", "a model that the data tell", self.identification.reason, "use another"
            )
        return np.arange(1, len(self.theta)) if self.draws else np.array([0])

    def pooled_covariance(self) -> FloatArray:
        """Return the covariance of `pooled_rows`, that of draws which do not tell theirs replaced by the mean."""
        rows = self.pooled_rows()
        told = self.told[rows]
        covariance = self.theta_covariance[rows].copy()
        covariance[~told] = covariance[told].mean(axis=0)
        return covariance

    def _onto(self, arm: str | None) -> FloatArray:
        """Return the map from all parameters to those of an arm."""
        family = self.model.family
        onto = np.zeros((family.size, self.theta.shape[1]))
        onto[:, : family.size] = np.eye(family.size)
        if not self.joint:
            return onto
        if arm not in self.arms:
            raise AnalysisError(f"{self.name}, joint", f"one of {', '.join(self.arms)}", repr(arm), "name the arm")
        if (place := self.arms.index(arm)) > 0:
            onto[:, family.size + place - 1] = family.shifted
        return onto


_JUST_AFTER = 1e-6
"""Share of the first time that stands for just after 0."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class FitSet(Shown):
    """Models fitted to rebuilt patients, over the central data set and all draws.

    Parameters
    ----------
    fits : tuple of ModelFit
        By arm, then joint, each in the order of the models asked for.
    arms : tuple of ArmData
        The patients that they were fitted to.
    time_unit : str
        Of all times and rates.
    endpoint : str or None
        As the record names it.
    options : LikelihoodOptions
        What patients contribute to the likelihood.
    seed : int
        Of everything that is drawn at random from the fits.
    notes : tuple of str
        What a reader must know: repairs, models that could not be fitted at all. Which are not identified is with them.
    """

    fits: tuple[ModelFit, ...]
    arms: tuple[ArmData, ...]
    time_unit: str
    endpoint: str | None = None
    options: LikelihoodOptions = field(default_factory=LikelihoodOptions)
    seed: int = 0
    notes: tuple[str, ...] = ()
    _by_name: dict[tuple[str, str], ModelFit] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {(fit.arm, fit.name): fit for fit in self.fits})

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Names of the arms, control first."""
        return tuple(arm.name for arm in self.arms)

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models."""
        return tuple(dict.fromkeys(fit.name for fit in self.fits))

    def get(self, model: str, arm: str) -> ModelFit:
        """Return one model in one arm, or in "joint".

        Raises
        ------
        AnalysisError
            If it was not fitted.
        """
        found = self._by_name.get((arm, model))
        if found is None:
            known = ", ".join(f"{m} in {a}" for a, m in self._by_name)
            raise AnalysisError("get", f"one of {known}", f"{model} in {arm}", "fit it")
        return found

    def of_arm(self, arm: str) -> tuple[ModelFit, ...]:
        """Return the models of one arm, or of "joint"."""
        return tuple(fit for fit in self.fits if fit.arm == arm)

    def extrapolate(self, **keywords: Any) -> Extrapolation:
        """Carry the fits on to a horizon; the parameters are those of `survrecon.analysis.fits.extrapolate`."""
        from survrecon.analysis.fits.extrapolate import extrapolate

        return extrapolate(self, **keywords)

    def choice(self, *, bootstraps: int = 0) -> tuple[ModelChoice, ...]:
        """Compare the models of each arm; see `survrecon.analysis.fits.choice.model_choice`."""
        from survrecon.analysis.fits.choice import model_choice

        return model_choice(self, bootstraps=bootstraps)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a model, arm and data set: what ``fits.csv`` holds."""
        import pandas as pd

        names = ("arm", "model", "data_set", "loglik", "aic", "bic", "identified", "reason")
        return pd.DataFrame(list(self.fit_rows()), columns=list(names))

    def fit_rows(self) -> Sequence[tuple[str, str, str, float, float, float, str, str]]:
        """Return the rows of `to_frame`."""
        rows = []
        for fit in self.fits:
            for place, name in enumerate(data_set_names(fit)):
                known = fit.identified if place == 0 else bool(fit.told[place])
                reason = fit.identification.reason if place == 0 else "" if known else _reason(fit, place)
                rows.append(
                    (
                        fit.arm,
                        fit.name,
                        name,
                        float(fit.log_likelihood[place]),
                        float(fit.aic[place]),
                        float(fit.bic[place]),
                        "yes" if known else "no",
                        reason,
                    )
                )
        return rows

    def parameters_frame(self) -> pd.DataFrame:
        """Return one row a parameter, model, arm and data set: what ``parameters.csv`` holds."""
        import pandas as pd

        names = ("arm", "model", "data_set", "parameter", "estimate", "se")
        return pd.DataFrame(list(self.parameter_rows()), columns=list(names))

    def parameter_rows(self) -> Sequence[tuple[str, str, str, str, float, float]]:
        """Return the rows of `parameters_frame`."""
        rows = []
        for fit in self.fits:
            estimates, errors = fit.estimates, fit.standard_errors
            for place, name in enumerate(data_set_names(fit)):
                for column, parameter in enumerate(fit.parameter_names):
                    found = float(estimates[place, column]), float(errors[place, column])
                    rows.append((fit.arm, fit.name, name, parameter, *found))
        return rows


def data_set_names(fit: ModelFit) -> tuple[str, ...]:
    """Return how the data sets of a fit are named in tables."""
    return (CENTRAL, *map(str, range(1, fit.draws + 1)))


def _reason(fit: ModelFit, place: int) -> str:
    return "no maximum found" if not fit.converged[place] else "too flat at its maximum"
