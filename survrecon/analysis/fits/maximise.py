"""Newton's method over many data sets at once, each with its own start, step length and end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.fits.families import (
    Family,
    GompertzFamily,
    LocationScale,
    MixtureCure,
    NonMixtureCure,
    PiecewiseExponential,
    RestrictedCubicSpline,
)
from survrecon.analysis.fits.likelihood import Contribution, DataSets, LikelihoodTerms, log_likelihood
from survrecon.analysis.fits.settings import MAXIMISING, STARTS, MaximisationSettings
from survrecon.analysis.fits.standard import LOG_GAMMA, NORMAL, PRENTICE_GAMMA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import BoolArray, FloatArray, IntArray

__all__ = ["Maxima", "best_of_starts", "maximise", "starts_of"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Maxima:
    """The maximum of the likelihood of each of D data sets.

    Parameters
    ----------
    theta : array of float, shape (D, p)
        Working parameters there.
    value : array of float, shape (D,)
        Log likelihood.
    information : array of float, shape (D, p, p)
        Minus its Hessian.
    converged : array of bool, shape (D,)
        Whether a maximum was reached: nothing to gain, and a curvature that is positive in every direction.
    """

    theta: FloatArray
    value: FloatArray
    information: FloatArray
    converged: BoolArray

    def put(self, rows: BoolArray, other: Maxima) -> None:
        """Take the maxima of some data sets from another search."""
        self.theta[rows], self.value[rows] = other.theta, other.value
        self.information[rows], self.converged[rows] = other.information, other.converged


def maximise(
    family: Family,
    data: DataSets,
    start: FloatArray,
    *,
    fixed: int | None = None,
    settings: MaximisationSettings = MAXIMISING,
) -> Maxima:
    """Maximise the likelihood of every data set, from its own start.

    Directions in which the likelihood is not concave are climbed along the absolute curvature, so that no step goes
    to a saddle; a step that lowers the likelihood is halved until it does not.

    Parameters
    ----------
    family : Family
        What is fitted.
    data : DataSets
        D data sets.
    start : array of float, shape (D, p)
        Where to start.
    fixed : int, optional
        A working parameter that stays at its start, for profiles.
    settings : MaximisationSettings
        When to end.
    """
    theta = np.array(start, dtype=float)
    free = np.array([j for j in range(theta.shape[1]) if j != fixed])
    terms = log_likelihood(family, data, theta)
    value, gradient, hessian = (np.array(part) for part in terms)
    converged = np.zeros(data.count, dtype=bool)
    active = np.isfinite(value)
    held, held_rows = data, np.ones(data.count, dtype=bool)
    for _ in range(settings.most_steps):
        if not active.any():
            break
        # Patients of data sets that are through are left aside, once these are half of all.
        if 2 * active.sum() <= held_rows.sum():
            held, held_rows = data.only(active), active.copy()
        step, gain, concave = _newton_step(gradient[active], hessian[active], free, settings)
        through = gain < settings.gain
        rows = np.flatnonzero(active)
        converged[rows[through & concave]] = True
        active[rows[through]] = False
        if through.all():
            break
        moved = _line_search(family, held, held_rows, theta, value, rows[~through], step[~through], settings)
        for name, part in zip((value, gradient, hessian), moved.terms, strict=True):
            name[moved.rows] = part
        theta[moved.rows] = moved.theta
        stuck = np.setdiff1d(rows[~through], moved.rows)
        # Where no step gains anything, rounding is all that is left, unless the step promised more than that.
        converged[stuck] = (gain[~through] < settings.stuck_gain)[np.isin(rows[~through], stuck)]
        active[stuck] = False
    return Maxima(theta=theta, value=value, information=-hessian, converged=converged)


def _newton_step(
    gradient: FloatArray, hessian: FloatArray, free: FloatArray, settings: MaximisationSettings
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return the step (D, p), what it would gain (D,), and whether the likelihood is concave there (D,)."""
    information = -hessian[:, free[:, None], free]
    diagonal = np.sqrt(np.abs(np.diagonal(information, axis1=1, axis2=2)))
    scale = 1 / np.where(diagonal > 0, diagonal, 1.0)
    values, vectors = np.linalg.eigh(information * scale[:, :, None] * scale[:, None, :])
    along = np.einsum("dij,di->dj", vectors, gradient[:, free] * scale)
    size = np.maximum(np.abs(values), settings.least_curvature)
    short = np.einsum("dij,dj->di", vectors, along / size) * scale
    gain = (along**2 / size).sum(axis=1) / 2
    longest = np.abs(short).max(axis=1)
    short *= np.minimum(1.0, settings.longest_step / np.maximum(longest, settings.longest_step))[:, None]
    step = np.zeros_like(gradient)
    step[:, free] = short
    return step, np.asarray(gain), np.asarray((values > settings.least_curvature).all(axis=1))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Moved:
    """Data sets whose likelihood a step has raised."""

    rows: IntArray
    theta: FloatArray
    terms: LikelihoodTerms


def _line_search(
    family: Family,
    held: DataSets,
    held_rows: BoolArray,
    theta: FloatArray,
    value: FloatArray,
    rows: IntArray,
    step: FloatArray,
    settings: MaximisationSettings,
) -> _Moved:
    """Halve the steps of ``rows`` until none lowers the likelihood."""
    place = np.cumsum(held_rows) - 1
    part = np.ones(len(rows))
    left = np.ones(len(rows), dtype=bool)
    at = theta[rows].copy()
    kept = [np.empty((len(rows), *shape)) for shape in ((), (theta.shape[1],), (theta.shape[1],) * 2)]
    for _ in range(settings.most_halvings):
        trial = theta[rows[left]] + part[left, None] * step[left]
        wanted = np.zeros(held.count, dtype=bool)
        wanted[place[rows[left]]] = True
        some = held if wanted.all() else held.only(wanted)
        terms = log_likelihood(family, some, trial)
        better = terms.value > value[rows[left]] - settings.rounding * np.abs(value[rows[left]])
        done = np.flatnonzero(left)[better]
        at[done] = trial[better]
        for target, found in zip(kept, terms, strict=True):
            target[done] = found[better]
        left[done] = False
        if not left.any():
            break
        part[left] /= 2
    return _Moved(rows=rows[~left], theta=at[~left], terms=LikelihoodTerms(*(part[~left] for part in kept)))


def best_of_starts(family: Family, data: DataSets, starts: FloatArray) -> Maxima:
    """Maximise every data set from several starts, and keep the best.

    Parameters
    ----------
    starts : array of float, shape (s, D, p)
        Where to start.
    """
    starts = np.broadcast_to(
        starts[:, None] if starts.ndim == 2 else starts, (len(starts), data.count, starts.shape[-1])
    )
    found = maximise(family, data.repeated(len(starts)), starts.reshape(-1, starts.shape[-1]))
    # One that has converged is kept before one that has not, unless the latter is clearly higher.
    value = found.value.reshape(len(starts), data.count)
    value = np.where(np.isfinite(value), value, -np.inf) + np.where(
        found.converged.reshape(value.shape), MAXIMISING.worth_converged, 0.0
    )
    rows = value.argmax(axis=0) * data.count + np.arange(data.count)
    return Maxima(
        theta=found.theta[rows],
        value=found.value[rows],
        information=found.information[rows],
        converged=found.converged[rows],
    )


def starts_of(family: Family, data: DataSets) -> FloatArray:
    """Return starts for every data set, shape (s, D, p).

    Parameters
    ----------
    family : Family
        What is to be fitted.
    data : DataSets
        D data sets of A arms; arms start alike.
    """
    rows = _of_family(family, data)
    arms = np.zeros((data.count, data.arms - 1))
    return np.stack([np.concatenate([row, arms], axis=1) for row in rows])


def _of_family(family: Family, data: DataSets) -> Sequence[FloatArray]:
    log_mean, ones = _log_mean(data), np.ones(data.count)
    if isinstance(family, LocationScale):
        return _location_scale(family, data, log_mean)
    if isinstance(family, GompertzFamily):
        return [np.stack([-log_mean - bend / 2, bend * np.exp(-log_mean)], axis=1) for bend in STARTS.bends]
    if isinstance(family, PiecewiseExponential):
        return [np.tile(-log_mean[:, None], (1, family.size))]
    if isinstance(family, RestrictedCubicSpline):
        # Without bends, a spline is a location-scale model: z = (log t - mu) / sigma.
        line = _fitted(LocationScale(standard=family.standard), data, log_mean)
        rest = np.zeros((data.count, family.size - 2))
        return [np.concatenate([(-line[:, 0] * np.exp(-line[:, 1]))[:, None], np.exp(-line[:, [1]]), rest], axis=1)]
    assert isinstance(family, MixtureCure | NonMixtureCure)
    whole = _fitted(family.others, data, log_mean)
    return [
        np.concatenate([(np.log(share / (1 - share)) * ones)[:, None], whole - [faster, faster / 2]], axis=1)
        for share in STARTS.cured
        for faster in STARTS.faster
    ]


def _location_scale(family: LocationScale, data: DataSets, log_mean: FloatArray) -> Sequence[FloatArray]:
    zero = np.zeros_like(log_mean)
    if family.standard is LOG_GAMMA or not family.has_scale:
        return [np.stack([log_mean, zero][: family.size], axis=1)]
    if family.standard is not PRENTICE_GAMMA:
        return [np.stack([log_mean, zero], axis=1)]
    normal = _fitted(LocationScale(standard=NORMAL), data, log_mean)
    return [np.concatenate([normal, np.full((data.count, 1), shape)], axis=1) for shape in STARTS.shapes]


def _fitted(family: LocationScale, data: DataSets, log_mean: FloatArray) -> FloatArray:
    """Return the fit of a simpler model to all arms together, (D, 2)."""
    start = np.concatenate(
        [np.stack([log_mean, np.zeros_like(log_mean)], axis=1), np.zeros((data.count, data.arms - 1))], axis=1
    )
    return maximise(family, data, start).theta[:, :2]


def _log_mean(data: DataSets) -> FloatArray:
    """Return the logarithm of the time at risk per event, (D,): minus the log rate of the exponential."""
    at_risk = np.zeros(data.count)
    for block in data.blocks:
        sign = -1.0 if block.kind is Contribution.ENTRY else 1.0
        at_risk += sign * np.bincount(block.data_set, weights=block.time, minlength=data.count)
    return np.log(np.maximum(at_risk, np.finfo(float).tiny) / np.maximum(data.events, 1))
