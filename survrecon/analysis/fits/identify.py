"""Whether the data tell the parameters of a model: by curvature in each data set, by profile in the central one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.fits.families import LocationScale, MixtureCure, NonMixtureCure
from survrecon.analysis.fits.maximise import Maxima, maximise
from survrecon.analysis.fits.models import Link
from survrecon.analysis.fits.results import Identification
from survrecon.analysis.fits.settings import IDENTIFYING, IdentificationSettings
from survrecon.analysis.fits.standard import PRENTICE_GAMMA

if TYPE_CHECKING:
    from survrecon.analysis.fits.likelihood import DataSets
    from survrecon.analysis.fits.models import Model
    from survrecon.arrays import BoolArray, FloatArray

__all__ = ["covariance_of", "identification", "told_by_curvature"]


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
