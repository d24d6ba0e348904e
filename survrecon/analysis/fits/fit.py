"""Fit models to the patients of each arm, and of all arms jointly; whether the data tell a model's parameters.

The central data set is fitted first, draws from there. Parameters are told by curvature in each data set, and by
profile in the central one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.comparison import ArmData, arm_data
from survrecon.analysis.fits.families import LocationScale, MixtureCure, NonMixtureCure
from survrecon.analysis.fits.likelihood import DataSets, LikelihoodOptions, data_sets_of
from survrecon.analysis.fits.maximise import Maxima, best_of_starts, maximise, starts_of
from survrecon.analysis.fits.models import Link, model_named, model_names
from survrecon.analysis.fits.results import FitSet, Identification, ModelFit
from survrecon.analysis.fits.settings import IDENTIFYING, IdentificationSettings
from survrecon.analysis.fits.standard import PRENTICE_GAMMA
from survrecon.errors import AnalysisError
from survrecon.files.option_text import DRAWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.analysis.comparison import Patients
    from survrecon.analysis.fits.models import Model
    from survrecon.arrays import BoolArray, FloatArray
    from survrecon.model.ipd import PseudoIPD

__all__ = ["covariance_of", "fit_arms", "fit_model", "identification", "told_by_curvature"]

_EARLIEST = 0.5
"""Share of an arm's first positive time at which an event at time 0 is taken to be."""


def fit_model(model: Model, data: DataSets, arms: tuple[str, ...]) -> ModelFit:
    """Fit one model to the central data set (the first), then to all draws from there.

    A draw that does not reach a maximum from the central estimate is tried from every start.
    """
    first = np.zeros(data.count, dtype=bool)
    first[0] = True
    central = data.only(first)
    top = best_of_starts(model.family, central, starts_of(model.family, central))
    found = top
    if data.count > 1:
        found = best_of_starts(model.family, data, _starts_of_draws(model, top.theta[0], data.count))
        found.put(first, top)
        failed = ~found.converged & ~first
        if failed.any():
            some = data.only(failed)
            found.put(failed, best_of_starts(model.family, some, starts_of(model.family, some)))
    return _with_identification(model, central, data, found, arms)


def _starts_of_draws(model: Model, best: FloatArray, count: int) -> FloatArray:
    """Return starts of every data set (s, D, p): the central estimate; of Q, which may have two maxima, both sides."""
    starts = [best]
    family = model.family
    if isinstance(family, LocationScale) and family.standard is PRENTICE_GAMMA:
        place = family.size - 1
        aside = best.copy()
        aside[place] = -1.0 if best[place] > 0 else 1.0
        starts.append(aside)
    return np.repeat(np.array(starts)[:, None], count, axis=1)


def _with_identification(
    model: Model, central: DataSets, data: DataSets, found: Maxima, arms: tuple[str, ...]
) -> ModelFit:
    covariance = covariance_of(found)
    told = told_by_curvature(model, found, covariance)
    return ModelFit(
        model=model,
        arms=arms,
        joint=data.arms > 1,
        theta=found.theta,
        theta_covariance=covariance,
        log_likelihood=found.value,
        converged=found.converged,
        told=told,
        patients=data.patients,
        events=data.events,
        identification=identification(model, central, found, told),
    )


def fit_arms(
    arms: Sequence[ArmData | Patients],
    *,
    draws: int = DRAWS,
    models: str | Sequence[str] | None = None,
    joint: bool = False,
    options: LikelihoodOptions | None = None,
    endpoint: str | None = None,
    seed: int = 0,
) -> FitSet:
    """Fit models to rebuilt patients.

    Parameters
    ----------
    arms : sequence
        Control first: reconstructions, data sets, data frames, sequences of draws, as `compare_arms` takes them; draws
        are paired by their place.
    draws : int
        How many draws to take of reconstructions that have them; with 0 the central data sets stand alone.
    models : str or sequence of str, optional
        Names, "all", or "standard", the seven of NICE DSU TSD 14 (default).
    joint : bool
        Whether to fit all arms with one model and a coefficient for each arm but the first, beside each arm alone.
    options : LikelihoodOptions, optional
        Entry times, visits, the hazard of the general population.
    endpoint : str, optional
        As the record names it.
    seed : int
        Of what is drawn from the fits.

    Raises
    ------
    AnalysisError
        If a model is unknown, an arm has no event, or arms have unlike numbers of draws.

    Examples
    --------
    >>> from survrecon.model.ipd import PseudoIPD
    >>> patients = PseudoIPD(time=[2, 4, 5, 7, 9, 11], event=[1, 1, 0, 1, 1, 0], arm="drug")
    >>> fits = fit_arms([patients], models="exponential")
    >>> round(float(fits.get("exponential", "drug").estimates[0, 0]), 6)  # 4 events in 38 months
    0.105263
    """
    names = model_names(models)
    options = options or LikelihoodOptions()
    read = [arm if isinstance(arm, ArmData) else arm_data(arm, draws=draws) for arm in arms]
    ready, notes = _ready(read)
    columns = [[arm.central, *(arm.draws if len(arm.draws) > 1 else ())] for arm in ready]
    counts = {len(column) for column in columns}
    if len(counts) > 1:
        told = ", ".join(f"{arm.name} {len(column) - 1}" for arm, column in zip(ready, columns, strict=True))
        raise AnalysisError("draws", "as many of every arm", told, "give complete draws")
    groups: list[tuple[tuple[str, ...], Sequence[Sequence[PseudoIPD]]]]
    groups = [((arm.name,), [column]) for arm, column in zip(ready, columns, strict=True)]
    if joint and len(ready) > 1:
        groups.append((tuple(arm.name for arm in ready), columns))
    fits: list[ModelFit] = []
    for group, patients in groups:
        places = [place for place, arm in enumerate(ready) if arm.name in group]
        found, refused = _fit_group(names, group, patients, places, options)
        fits += found
        notes += refused
    return FitSet(
        fits=tuple(fits),
        arms=tuple(ready),
        time_unit=ready[0].central.time_unit,
        endpoint=endpoint,
        options=options,
        seed=seed,
        notes=tuple(notes),
    )


def _fit_group(
    names: Sequence[str],
    arms: tuple[str, ...],
    patients: Sequence[Sequence[PseudoIPD]],
    places: Sequence[int],
    options: LikelihoodOptions,
) -> tuple[list[ModelFit], list[str]]:
    """Return the models of one arm, or of all arms jointly, and why some could not be fitted."""
    data = data_sets_of(patients, options.of_arms(places))
    events = np.concatenate([column[0].time[column[0].event] for column in patients])
    found, refused = [], []
    for name in names:
        try:
            model = model_named(name, events)
        except AnalysisError as error:
            refused.append(f"{error.where}, {' and '.join(arms)}: not fitted: {error.rule}, and there are {error.got}")
            continue
        found.append(fit_model(model, data, arms))
    return found, refused


def _ready(arms: Sequence[ArmData]) -> tuple[list[ArmData], list[str]]:
    """Return arms that every model can be fitted to, and what had to be changed for that."""
    if not arms:
        raise AnalysisError("fit", "one arm or more", "none", "give patients")
    ready, notes = [], []
    names = [arm.name for arm in arms]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise AnalysisError("fit", "arms have different names", f"{twice} twice", "name one of them otherwise")
    units = sorted({arm.central.time_unit for arm in arms})
    if len(units) > 1:
        raise AnalysisError("fit", "one time unit", " and ".join(units), "convert one of them")
    for arm in arms:
        if arm.central.events == 0:
            raise AnalysisError(f"arm {arm.name}", "an event", "none", "leave the arm out: no model has a fit")
        early = [int(((one.time == 0) & one.event).sum()) for one in (arm.central, *arm.draws)]
        if any(early):
            notes.append(
                f"{arm.name}: {max(early)} events at time 0 are taken to be at half the first time after it: "
                "no model has an event at 0"
            )
            arm = replace(arm, central=_later(arm.central), draws=tuple(map(_later, arm.draws)))
        ready.append(arm)
    return ready, notes


def _later(patients: PseudoIPD) -> PseudoIPD:
    """Return patients without an event at time 0."""
    positive = patients.time[patients.time > 0]
    first = _EARLIEST * float(positive.min() if positive.size else 1.0)
    return replace(patients, time=np.where((patients.time == 0) & patients.event, first, patients.time))


def covariance_of(found: Maxima) -> FloatArray:
    """Return the inverse of the information, (D, p, p); NaN where it has none, or is not positive."""
    out = np.full(found.information.shape, np.nan)
    diagonal = np.diagonal(found.information, axis1=1, axis2=2)
    usable = np.isfinite(found.information).all(axis=(1, 2)) & (diagonal > 0).all(axis=1)
    scale = np.sqrt(diagonal[usable])
    scaled = found.information[usable] / (scale[:, :, None] * scale[:, None, :])
    values, vectors = np.linalg.eigh(scaled)
    positive = values[:, 0] > 0
    inverse = np.einsum("dij,dj,dkj->dik", vectors[positive], 1 / values[positive], vectors[positive])
    rows = np.flatnonzero(usable)[positive]
    out[rows] = inverse / (scale[positive][:, :, None] * scale[positive][:, None, :])
    return out


def told_by_curvature(
    model: Model, found: Maxima, covariance: FloatArray, settings: IdentificationSettings = IDENTIFYING
) -> BoolArray:
    """Return in which data sets a maximum was found whose curvature tells every parameter, (D,)."""
    logs = [one.index for one in model.parameters if one.link not in (Link.SAME, Link.NEGATIVE)]
    variances = np.diagonal(covariance, axis1=1, axis2=2)
    with np.errstate(invalid="ignore"):
        narrow = (variances[:, logs] < settings.largest_log_se**2).all(axis=1)
    return np.asarray(found.converged & np.isfinite(variances).all(axis=1) & narrow)


def identification(
    model: Model,
    central: DataSets,
    found: Maxima,
    told: BoolArray,
    settings: IdentificationSettings = IDENTIFYING,
) -> Identification:
    """Return whether a model is identified.

    Parameters
    ----------
    model : Model
        The model.
    central : DataSets
        The central data set alone.
    found : Maxima
        Of the central data set, then of all draws.
    told : array of bool, shape (1 + M,)
        Whether the curvature tells all parameters.
    """
    if not found.converged[0]:
        return Identification(identified=False, reason="no maximum found: the likelihood rises without end")
    cured, reason = None, ""
    if isinstance(model.family, MixtureCure | NonMixtureCure):
        cured, reason = _cured_share(model, central, found, settings)
    elif isinstance(model.family, LocationScale) and model.family.standard is PRENTICE_GAMMA:
        reason = _shape(model, central, found, settings)
    if not reason and not told[0]:
        reason = "the likelihood is too flat at its maximum to tell all parameters"
    if not reason and len(told) > 1:
        failed = int((~told[1:]).sum())
        if failed > settings.failed_share * (len(told) - 1):
            reason = f"the fit fails in {failed} of {len(told) - 1} draws"
    return Identification(identified=not reason, reason=reason, cured_upper=cured)


def _profile(model: Model, central: DataSets, found: Maxima, index: int, values: FloatArray) -> FloatArray:
    """Return the profile log likelihood of the central data set at values of one working parameter, less its maximum.

    The search goes outwards from the maximum, so that each value starts where its neighbour ended.
    """
    best = found.theta[0]
    profile = np.full(values.size, -np.inf)
    above = values >= best[index]
    for side in (np.flatnonzero(above), np.flatnonzero(~above)[::-1]):
        start = best
        for place in side:
            here = start.copy()
            here[index] = values[place]
            at = maximise(model.family, central, here[None], fixed=index)
            profile[place], start = at.value[0], at.theta[0]
    return np.asarray(profile - found.value[0])


def _cured_share(
    model: Model, central: DataSets, found: Maxima, settings: IdentificationSettings
) -> tuple[float | None, str]:
    """Return the upper limit of the cured share, and why it is not told, if so."""
    shares = np.array(settings.cured_shares)
    fall = -_profile(model, central, found, 0, np.log(shares) - np.log1p(-shares))
    best = 1 / (1 + np.exp(-found.theta[0, 0]))
    beyond = (shares > best) & (fall > settings.interval_fall)
    upper = None
    if beyond.any():
        # Where the profile crosses the limit, between two shares.
        after = int(np.argmax(beyond))
        near = (shares[after - 1], fall[after - 1]) if shares[after - 1] > best else (float(best), 0.0)
        part = (settings.interval_fall - near[1]) / (fall[after] - near[1])
        upper = float(near[0] + part * (shares[after] - near[0]))
    if fall[0] >= settings.profile_fall:
        return upper, ""
    limit = "no upper limit" if upper is None else f"at most {upper:.2g}"
    return upper, f"follow-up too short to tell a cured share from none ({limit})"


def _shape(model: Model, central: DataSets, found: Maxima, settings: IdentificationSettings) -> str:
    """Return why Q of the generalised gamma is not told, or nothing."""
    index = model.family.size - 1
    for sign, side in ((1.0, "above"), (-1.0, "below")):
        ends = sign * np.array([settings.shape_from, settings.shape_to])
        near, far = np.sort(ends)[:: int(sign)]
        fall_near, fall_far = -_profile(model, central, found, index, np.array([near, far]))
        flat = abs(fall_far - fall_near) < settings.profile_fall
        if flat and min(fall_near, fall_far) < settings.interval_fall:
            return f"the likelihood hardly changes with Q {side} {near:g}"
    return ""
