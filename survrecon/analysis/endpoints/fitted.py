"""Both endpoints fitted, with samples of their parameters that go together: what a partitioned-survival model needs.

A sample is of one pair of draws, so that what the figures leave open is the same in both fits. Given a pair, the
parameters of the two fits are normal about their estimates with the correlation that the patients' scores have: an
estimate errs by the sum of its patients' scores, carried over by its covariance. Which scores are of one patient is as
`survrecon.analysis.endpoints.dependence` has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.comparison import ArmData
from survrecon.analysis.endpoints.dependence import Dependence, PatientPairs
from survrecon.analysis.endpoints.settings import ENDPOINTS, EndpointSettings
from survrecon.analysis.fits.fit import fit_arms
from survrecon.analysis.fits.settings import EXTRAPOLATING
from survrecon.errors import AnalysisError
from survrecon.model.estimate import Estimate, Interval
from survrecon.model.settings import DRAWS_QUANTILES
from survrecon.model.show import BriefRepr

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from survrecon.analysis.endpoints.results import PairedEndpoints
    from survrecon.analysis.fits.families import Family
    from survrecon.analysis.fits.results import FitSet, ModelFit
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.model.ipd import PseudoIPD

__all__ = ["EndpointFits", "FittedArm", "fit_endpoints"]

_LEAST_EIGENVALUE = 1e-10
"""Of a matrix of scores, relative to its largest: below, a direction is not told, and nothing correlates with it."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class FittedArm(BriefRepr):
    """Both endpoints of one arm fitted.

    Parameters
    ----------
    name : str
        The arm.
    pfs, os : ModelFit
        The fits, over the draws of the pairs.
    pair : array of int, shape (S,)
        Which pair of draws each sample is of, from 1; 0 where there are central data sets alone.
    pfs_samples, os_samples : array of float, shape (S, p) and (S, q)
        Parameters as flexsurv has them, in the order of each fit's ``parameter_names``; row by row they go together.
    time : array of float, shape (T,)
        From 0 to the horizon.
    pfs_survival, os_survival : array of float, shape (T,)
        Means over the samples, the first capped where a cap was asked for.
    crossing_share : float
        Share of samples in which fitted progression-free survival exceeds overall survival before the horizon.
    first_crossing, earliest_crossing : float or None
        Of those samples, when it first does: the median, and the earliest.
    time_progressed : Estimate
        Mean time alive with progression up to the horizon, over the samples.
    spread : mapping of Dependence to float
        Standard deviation of that time over samples, by how the two times of a patient go together.
    """

    name: str
    pfs: ModelFit
    os: ModelFit
    pair: IntArray
    pfs_samples: FloatArray
    os_samples: FloatArray
    time: FloatArray
    pfs_survival: FloatArray
    os_survival: FloatArray
    crossing_share: float
    first_crossing: float | None
    earliest_crossing: float | None
    time_progressed: Estimate
    spread: Mapping[Dependence, float]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class EndpointFits(BriefRepr):
    """Both endpoints of a trial fitted.

    Parameters
    ----------
    arms : tuple of FittedArm
        Control first.
    pfs_model, os_model : str
        Names of the models.
    horizon : float
        Of the mean time.
    horizon_rule : str
        Why this one.
    dependence : Dependence
        How the two times of a patient go together in the samples.
    capped : bool
        Whether progression-free survival was held at overall survival where it exceeded it.
    time_unit : str
        Of times and rates.
    """

    arms: tuple[FittedArm, ...]
    pfs_model: str
    os_model: str
    horizon: float
    horizon_rule: str
    dependence: Dependence
    capped: bool
    time_unit: str

    def sample_rows(self) -> Iterator[tuple[str | float | int, ...]]:
        """Return one row a sample, endpoint and parameter: arm, sample, pair, endpoint, model, parameter, value."""
        for arm in self.arms:
            for endpoint, fit, samples in (("pfs", arm.pfs, arm.pfs_samples), ("os", arm.os, arm.os_samples)):
                for k, row in enumerate(samples.tolist()):
                    for name, value in zip(fit.parameter_names, row, strict=True):
                        yield arm.name, k + 1, int(arm.pair[k]), endpoint, fit.name, name, value


def fit_endpoints(
    found: PairedEndpoints,
    *,
    pfs_model: str,
    os_model: str,
    horizon: float | None = None,
    samples: int | None = None,
    dependence: Dependence | str = Dependence.LIKELY,
    cap: bool = False,
    settings: EndpointSettings = ENDPOINTS,
) -> EndpointFits:
    """Fit both endpoints of each arm, and draw parameters of both that go together.

    Parameters
    ----------
    found : PairedEndpoints
        The pairs of draws.
    pfs_model, os_model : str
        Names of models, as of `survrecon.fit_arms`.
    horizon : float, optional
        Up to which the mean time alive with progression is taken; default twice the longest follow-up.
    samples : int, optional
        How many, at least; each pair of draws gives as many. Default 1000.
    dependence : Dependence or str
        How the two times of a patient go together.
    cap : bool
        Whether to hold progression-free survival at overall survival where a sample has it higher.
    settings : EndpointSettings
        Numbers behind it.

    Raises
    ------
    AnalysisError
        If a model is unknown or not identified, or a number is out of range.
    """
    longest = max(float(one.central.time[-1]) for arm in found.arms for one in (arm.pfs, arm.os))
    end = EXTRAPOLATING.horizon_multiple * longest if horizon is None else float(horizon)
    count = settings.samples if samples is None else samples
    if not 0 < end < np.inf or count < 1:
        wrong, rule = ("samples", "a number from 1") if count < 1 else ("horizon", "a time above 0")
        raise AnalysisError(wrong, rule, f"{count if count < 1 else end:g}", "give another")
    fits = [
        fit_arms([arm.pfs if side == 0 else arm.os for arm in found.arms], models=[model], seed=found.seed)
        for side, model in enumerate((pfs_model, os_model))
    ]
    how = Dependence(dependence)
    arms = []
    for place, arm in enumerate(found.arms):
        pfs, os = (_one(fit, name, arm.name) for fit, name in zip(fits, (pfs_model, os_model), strict=True))
        joint = _JointFit.of(pfs, os, fits[0].arms[place], fits[1].arms[place], settings)
        arms.append(joint.fitted(arm.name, np.linspace(0, end, settings.grid + 1), count, how, cap, found.seed + place))
    return EndpointFits(
        arms=tuple(arms),
        pfs_model=pfs_model,
        os_model=os_model,
        horizon=end,
        horizon_rule="as asked for" if horizon is not None else "twice the longest follow-up",
        dependence=how,
        capped=cap,
        time_unit=found.time_unit,
    )


def _one(fits: FitSet, model: str, arm: str) -> ModelFit:
    """Return the one model of an arm, or say why it could not be fitted."""
    found = fits.of_arm(arm)
    if len(found) != 1:
        why = "; ".join(fits.notes) or f"{len(found)} models"
        raise AnalysisError(f"{model}, {arm}", "one model that can be fitted", why, "name another")
    found[0].pooled_rows()  # refuses a model that the data do not tell
    return found[0]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _JointFit:
    """Two fits of one arm, with the correlation of their standardized errors by dependence, each (p, q)."""

    pfs: ModelFit
    os: ModelFit
    correlation: Mapping[Dependence, FloatArray]
    settings: EndpointSettings

    @classmethod
    def of(
        cls, pfs: ModelFit, os: ModelFit, pfs_arm: ArmData, os_arm: ArmData, settings: EndpointSettings
    ) -> _JointFit:
        """Take the correlation over some of the pairs of draws."""
        rows = pfs.pooled_rows()
        some = rows[np.unique(np.linspace(0, rows.size - 1, settings.sampling_draws).astype(int))]
        sums = {one: np.zeros((pfs.theta.shape[1], os.theta.shape[1])) for one in Dependence}
        for row in some:
            early, late = (arm.central if row == 0 else arm.draws[row - 1] for arm in (pfs_arm, os_arm))
            patients = PatientPairs.of(early, late)
            f, g = (_standardized(_scores(fit.model.family, one, fit.theta[row])) for fit, one in
                    ((pfs, early), (os, late)))  # fmt: skip
            for one in Dependence:
                sums[one] += patients.products(f, g, one) / some.size
        return cls(pfs=pfs, os=os, correlation=sums, settings=settings)

    def samples(self, count: int, dependence: Dependence, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Return working parameters of both fits, (S, p) and (S, q), as many of each pair of draws."""
        rows = self.pfs.pooled_rows()
        each = -(-count // rows.size)
        R = self.correlation[dependence]
        rest = _root(np.eye(R.shape[1]) - R.T @ R)
        z = rng.standard_normal((rows.size, each, R.shape[0]))
        w = z @ R + rng.standard_normal((rows.size, each, R.shape[1])) @ rest
        found = []
        for fit, noise in ((self.pfs, z), (self.os, w)):
            roots = np.stack([_root(one) for one in fit.pooled_covariance()])
            moved = fit.theta[fit.pooled_rows()][:, None] + np.einsum("dij,dsj->dsi", roots, noise)
            found.append(moved.reshape(-1, fit.theta.shape[1]))
        return found[0], found[1]

    def fitted(
        self, name: str, time: FloatArray, count: int, dependence: Dependence, cap: bool, seed: int
    ) -> FittedArm:
        """Return the arm with its samples and what they say up to the horizon."""
        spread = {}
        for one in Dependence:
            theta = self.samples(count, one, np.random.default_rng(seed))
            early, late = (fit.survival(time, some) for fit, some in zip((self.pfs, self.os), theta, strict=True))
            spread[one] = float(_between(early, late, time).std())
            if one is dependence:
                kept, curves = theta, (early, late)
        early, late = curves
        above = early - late > self.settings.fitted_crossing
        crosses = above.any(axis=1)
        first = time[above[crosses].argmax(axis=1)]
        early = np.minimum(early, late) if cap else early
        area = _between(early, late, time)
        low, high = np.quantile(area, DRAWS_QUANTILES)
        rows = self.pfs.pooled_rows()
        return FittedArm(
            name=name,
            pfs=self.pfs,
            os=self.os,
            pair=np.repeat(rows, len(area) // rows.size),
            pfs_samples=self.pfs.seen(kept[0]),
            os_samples=self.os.seen(kept[1]),
            time=time,
            pfs_survival=early.mean(axis=0),
            os_survival=late.mean(axis=0),
            crossing_share=float(crosses.mean()),
            first_crossing=float(np.median(first)) if first.size else None,
            earliest_crossing=float(first.min()) if first.size else None,
            time_progressed=Estimate(value=float(area.mean()), interval=Interval(low=float(low), high=float(high))),
            spread=spread,
        )


def _between(early: FloatArray, late: FloatArray, time: FloatArray) -> FloatArray:
    """Return the area between curves (S, T), by the trapezoidal rule."""
    apart = late - early
    return np.asarray((apart[:, 1:] + apart[:, :-1]) @ np.diff(time) / 2)


def _scores(family: Family, patients: PseudoIPD, theta: FloatArray) -> FloatArray:
    """Return the slope of each patient's log likelihood in the working parameters, (p, n), in their order."""
    found = np.zeros((theta.size, patients.n))
    seen = ~patients.event & (patients.time > 0)
    for who, contribution in ((patients.event, family.log_density), (seen, family.log_survival)):
        if who.any():
            at = np.repeat(theta[:, None], int(who.sum()), axis=1)
            found[:, who] = contribution(patients.time[who], at).slope
    return found


def _standardized(scores: FloatArray) -> FloatArray:
    """Return scores whose products add up to the unit matrix, so that those of two fits add up to a correlation."""
    values, vectors = np.linalg.eigh(scores @ scores.T)
    told = values > _LEAST_EIGENVALUE * values.max()
    inverse = np.where(told, 1 / np.sqrt(np.where(told, values, 1.0)), 0.0)
    return np.asarray((vectors * inverse) @ vectors.T @ scores)


def _root(matrix: FloatArray) -> FloatArray:
    """Return the symmetric square root; eigenvalues below 0 by rounding are 0."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)
