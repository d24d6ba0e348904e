"""How models of one arm compare, and what the comparison hangs on: the reading of the figure, and the luck of the draw.

AIC and BIC differ over draws because the figure leaves the patients open. How often a model has the lowest AIC over
reconstructions says how far the choice hangs on the reading; it is no probability of the model. How often it would
over trials of the same patients is another question, which bootstraps of the central data set answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.fits.likelihood import data_sets_of
from survrecon.analysis.fits.maximise import maximise
from survrecon.model.ipd import PseudoIPD
from survrecon.model.settings import DRAWS_QUANTILES
from survrecon.model.show import BriefRepr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.analysis.fits.results import FitSet, ModelFit
    from survrecon.arrays import FloatArray, IntArray

__all__ = ["HANGS_ON_THE_READING", "HANGS_ON_THE_SAMPLE", "CriterionSpread", "ModelChoice", "model_choice"]

HANGS_ON_THE_READING = "how far the choice hangs on the reading, not the probability of the model"
"""What the share of reconstructions in which a model has the lowest AIC is to be called."""
HANGS_ON_THE_SAMPLE = "how far the choice hangs on who was in the trial: bootstraps of the central data set"
"""What the share of bootstraps is to be called."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CriterionSpread:
    """A number over draws: median and 95% range."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ModelChoice(BriefRepr):
    """One model beside the others of its arm.

    Parameters
    ----------
    arm, model : str
        Arm, or "joint"; the model's name.
    identified : bool
        Whether the data tell it; if not, it does not compete, and has neither spread nor shares.
    reason : str
        Why not.
    aic, bic : float
        Of the central data set.
    aic_spread, bic_spread : CriterionSpread or None
        Over draws.
    behind_best : CriterionSpread or None
        AIC less the lowest of the arm's identified models in the same draw.
    lowest_in_draws : float or None
        Share of reconstructions in which its AIC is lowest: `HANGS_ON_THE_READING`.
    lowest_in_bootstraps : float or None
        Share of bootstraps of the central data set: `HANGS_ON_THE_SAMPLE`.
    """

    arm: str
    model: str
    identified: bool
    reason: str
    aic: float
    bic: float
    aic_spread: CriterionSpread | None = None
    bic_spread: CriterionSpread | None = None
    behind_best: CriterionSpread | None = None
    lowest_in_draws: float | None = None
    lowest_in_bootstraps: float | None = None


def model_choice(fits: FitSet, *, bootstraps: int = 0) -> tuple[ModelChoice, ...]:
    """Compare the models of each arm.

    Parameters
    ----------
    fits : FitSet
        All models.
    bootstraps : int
        Bootstraps of the central data set; 0 leaves them out.

    Returns
    -------
    tuple of ModelChoice
        In the order of the fits.
    """
    found = []
    for arm in dict.fromkeys(fit.arm for fit in fits.fits):
        group = fits.of_arm(arm)
        known = [fit for fit in group if fit.identified]
        rows = slice(1, None) if known and known[0].draws else slice(0, 1)
        aic = np.array([fit.aic[rows] for fit in known])
        luck = _bootstrap_shares(fits, known, bootstraps) if bootstraps and known else None
        places = {fit.name: place for place, fit in enumerate(known)}
        found += [_choice(fit, places.get(fit.name), aic, luck, rows) for fit in group]
    return tuple(found)


def _choice(fit: ModelFit, place: int | None, aic: FloatArray, luck: FloatArray | None, rows: slice) -> ModelChoice:
    known = place is not None
    return ModelChoice(
        arm=fit.arm,
        model=fit.name,
        identified=known,
        reason=fit.identification.reason,
        aic=float(fit.aic[0]),
        bic=float(fit.bic[0]),
        aic_spread=_spread(aic[place]) if known else None,
        bic_spread=_spread(fit.bic[rows]) if known else None,
        behind_best=_spread(aic[place] - aic.min(axis=0)) if known else None,
        lowest_in_draws=float((aic.argmin(axis=0) == place).mean()) if known and fit.draws else None,
        lowest_in_bootstraps=float(luck[place]) if known and luck is not None else None,
    )


def _spread(values: FloatArray) -> CriterionSpread:
    low, high = np.quantile(values, DRAWS_QUANTILES)
    return CriterionSpread(median=float(np.median(values)), low=float(low), high=float(high))


def _bootstrap_shares(fits: FitSet, known: Sequence[ModelFit], bootstraps: int) -> FloatArray:
    """Return in which share of bootstraps of the central data set each model's AIC is lowest."""
    rng = np.random.default_rng([fits.seed, bootstraps])
    places = [place for place, arm in enumerate(fits.arms) if arm.name in known[0].arms]
    arms = [fits.arms[place].central for place in places]
    rows = [rng.integers(0, arm.n, (bootstraps, arm.n)) for arm in arms]
    # Patients are sorted by time within a data set, and so are the rows: entry times stay with their patients.
    rows = [np.sort(one, axis=1) for one in rows]
    again = [[_patients(arm, row) for row in one] for arm, one in zip(arms, rows, strict=True)]
    options = fits.options.of_arms(places)
    if options.entry is not None:
        options = replace(options, entry=tuple(entry[one] for entry, one in zip(options.entry, rows, strict=True)))
    data = data_sets_of(again, options)
    aic = []
    for fit in known:
        top = maximise(fit.model.family, data, np.repeat(fit.theta[:1], bootstraps, axis=0))
        aic.append(2 * fit.theta.shape[1] - 2 * top.value)
    lowest = np.array(aic).argmin(axis=0)
    return np.bincount(lowest, minlength=len(known)) / bootstraps


def _patients(arm: PseudoIPD, rows: IntArray) -> PseudoIPD:
    return PseudoIPD(time=arm.time[rows], event=arm.event[rows], arm=arm.arm, time_unit=arm.time_unit)
