"""How trials end: some patients drop out before, and from some time on those left are censored, as they came in.

A trial that stops enrolling before its data are cut off censors hardly anybody until its last patients reach the
cut-off. Where numbers at risk are not printed nothing else in a figure says so.
"""

from __future__ import annotations

import numpy as np

from survrecon.curve import FloatArray
from survrecon.reconstruction.states.timeline import Timeline

__all__ = ["closings", "density_before", "fitting_endings"]

_SHORTEST = 0.02  # of the follow-up, in which a trial ends
_NOBODY = 0.25  # part of the trials in which nobody drops out before
_MOST_OUT, _FEW_OUT = 0.6, 0.01  # of the others: largest share; the share from where on more is as much rarer
_AT_CUTOFF = 0.5  # part of the trials in which short ends are as likely as long ones, by the log of their lengths
_LEAST_OUT = 1e-3  # instead of nobody, where a logarithm is taken
_TRIED, _NEARLY_NOBODY = 60, 0.1  # beginnings of the end; share of drop-out at the first that fits, to be none


def closings(rng: np.random.Generator, size: int) -> FloatArray:
    """Draw from when on patients leave because the trial ends (P,), as a part of the follow-up."""
    place, at_cutoff = rng.random(size), rng.random(size) < _AT_CUTOFF
    return np.asarray(1 - np.where(at_cutoff, _SHORTEST**place, place))


def density_before(place: FloatArray, closing: FloatArray) -> FloatArray:
    """Return the log density of censoring before the end begins, relative to an even one (P,).

    ``place``, from 0 to 1, says how many drop out among the shares that are possible.
    """
    share = _FEW_OUT * ((1 + _MOST_OUT / _FEW_OUT) ** ((place - _NOBODY) / (1 - _NOBODY)) - 1)
    end = np.clip(closing, _SHORTEST, 1 - _SHORTEST)
    return np.asarray(np.log(np.log1p(-np.maximum(share, _LEAST_OUT)) / np.log1p(-end)))


def fitting_endings(
    line: Timeline, n: int, events: int, number: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Draw endings by which ``n`` patients of this curve have that many events.

    The mean survival at which patients are censored, weighted by how many would still be there, is the share that is
    censored: so for each beginning of the end one share drops out before it, and at the first one that fits it is
    nobody. Numbers vary by chance, and so do the endings that fit.

    Returns
    -------
    closing, before : array of float, shape (number,) or (0,)
        From when on patients leave because the trial ends, as a part of the follow-up; how dense censoring is before,
        relative to afterwards. None where no such ending fits.
    """
    time, width = line.right / line.right[-1], line.weight
    survival = np.exp(-line.hazard)
    tried = 1 - np.geomspace(1 - _SHORTEST, _SHORTEST, _TRIED)
    early = time <= tried[:, None]
    before = (early * width * survival).sum(axis=1) / np.maximum((early * width).sum(axis=1), 1e-9)
    after = (~early * width * survival).sum(axis=1) / np.maximum((~early * width).sum(axis=1), 1e-9)
    censored = 1 - events / n
    censored = censored + np.sqrt(censored * (1 - censored) / n) * rng.standard_normal((number, 1))
    share = (censored - after) / np.maximum(before - after, 1e-9)
    usual = _AT_CUTOFF + (1 - _AT_CUTOFF) * -np.log(_SHORTEST) * (1 - tried)  # the trials that `closings` draws
    fits = (share >= 0) & (share <= _MOST_OUT)
    weight = np.where(fits, usual / (share + _FEW_OUT) / np.maximum(before - after, 1e-9), 0.0)
    rows = np.flatnonzero(weight.any(axis=1))
    if not rows.size:
        return np.zeros(0), np.zeros(0)
    row = rows[np.arange(number) * rows.size // number]
    total = np.cumsum(weight[row], axis=1)
    place = (np.arange(number) + rng.random(number)) / number * total[:, -1]
    column = np.minimum((total < place[:, None]).sum(axis=1), _TRIED - 1)
    first = np.minimum((total == 0).sum(axis=1), _TRIED - 1)
    nobody = (np.arange(number) % round(1 / _NOBODY) == 0) & (share[row, first] < _NEARLY_NOBODY)
    column = np.where(nobody, first, column)
    closing, share = tried[column], np.where(nobody, 0.0, share[row, column])
    return closing, share * (1 - closing) / (closing * (1 - share))
