"""What paths carry from slot to slot, and what a finished pass of many of them keeps."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray

__all__ = ["IMPOSSIBLE", "Particles", "Passed", "Stored", "StoredSteps", "systematic"]

IMPOSSIBLE = -1e300
_TEMPER = 4.0  # evidence of a hundred paths is known to a few units of its log, so it counts for less
_MOST_TEMPER = 20.0


@dataclass(kw_only=True, slots=True)
class Particles:
    """Possible pasts, P of them; arrays (P,).

    Parameters
    ----------
    at_risk : array of int
        Patients left.
    survival, earlier : array of float
        The exact Kaplan-Meier value now and before the last events.
    used : array of int
        Events so far.
    bias : array of float
        Mean of the shift that all points of a line share.
    base, density : array of float
        How dense censoring is relative to an even spread: log of a path's usual level, and the factor now.
    pending : array of int
        Patients whose marks ran into the last one.
    spent : array of int
        1 where the patient of the mark right ahead has left already, -1 where that of the last one is still to leave.
    rate : array of float
        How many of them leave in a slot.
    run : array of int
        The first slot that is not in the run of touching marks.
    part : array of float
        How much of a fall across the next printed time comes before it, from 0 to 1.
    closing : array of float
        From when on the patients left leave evenly because the trial ends, as a part of the follow-up.
    near, goal : array of float
        Log weight lent for being near the curve ahead and near the total of events.
    """

    at_risk: IntArray
    survival: FloatArray
    earlier: FloatArray
    used: IntArray
    bias: FloatArray
    base: FloatArray
    density: FloatArray
    pending: IntArray
    spent: IntArray
    rate: FloatArray
    run: IntArray
    part: FloatArray
    closing: FloatArray
    near: FloatArray
    goal: FloatArray

    @classmethod
    def at_start(
        cls, n: int, *, base: FloatArray, density: FloatArray, part: FloatArray, closing: FloatArray
    ) -> Particles:
        """Return paths of ``n`` patients before the first slot."""
        size = base.size
        whole, zero, one = np.zeros(size, dtype=np.int64), np.zeros(size), np.ones(size)
        return cls(
            at_risk=np.full(size, n), survival=one, earlier=one, used=whole, bias=zero, base=base, density=density,
            pending=whole, spent=whole, rate=zero, run=whole, part=part, closing=closing, near=zero, goal=zero,
        )  # fmt: skip

    def take(self, index: IntArray) -> None:
        """Replace paths by those at ``index``."""
        taken: dict[int, FloatArray | IntArray] = {}
        for f in fields(self):
            old = getattr(self, f.name)
            if id(old) not in taken:  # what a kind of points does not use shares one array
                taken[id(old)] = old[index]
        for f in fields(self):
            setattr(self, f.name, taken[id(getattr(self, f.name))])


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """Paths after a slot, before resampling, kept for sampling backward; arrays (P,)."""

    at_risk: IntArray
    survival: FloatArray
    bias: FloatArray
    used: IntArray
    log_weight: FloatArray
    bias_variance: float


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredSteps:
    """Decoded paths after a slot, before resampling; arrays (P,).

    Parameters
    ----------
    at_risk, survival, used, log_weight : array
        As of other paths.
    log_density : array of float
        How dense censoring was in the slot, relative to what was expected.
    """

    at_risk: IntArray
    survival: FloatArray
    used: IntArray
    log_weight: FloatArray
    log_density: FloatArray


@dataclass(kw_only=True, slots=True)
class Passed:
    """A finished pass of one or more islands: groups of paths of equal size that are resampled among themselves.

    Parameters
    ----------
    events, censored : array of int, shape (J, P)
        What each particle drew in each slot, one island after the other.
    log_weight : array of float, shape (P,)
        Final weights.
    ancestors : list of array of int (P,) or None, length J
        Which particle each one came from where they were resampled after a slot.
    evidence : array of float, shape (K,)
        Log of the mean weight of each island: how likely the points are, by it; -inf where no path was possible.
    stored : dict of int to Stored
        States kept, by slot.
    steps : dict of int to StoredSteps
        The same of decoded paths.
    """

    events: IntArray
    censored: IntArray
    log_weight: FloatArray
    ancestors: list[IntArray | None]
    evidence: FloatArray
    stored: dict[int, Stored] = field(default_factory=dict)
    steps: dict[int, StoredSteps] = field(default_factory=dict)

    def island_weights(self, log_weight: FloatArray) -> FloatArray:
        """Return log weights (P,) that sum to 1 within each island."""
        rows = log_weight.reshape(self.evidence.size, -1)
        rows = rows - rows.max(axis=1, keepdims=True)
        return np.asarray((rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))).ravel())

    def shares(self, best: float) -> FloatArray:
        """Return how much each island counts (K,): 1 for one whose evidence is ``best``, less for the others.

        Where islands differ by more than their evidence is known to, it is known less well than that.
        """
        behind = float(np.median(self.evidence.max() - self.evidence))
        return np.asarray(np.exp((self.evidence - best) / np.clip(behind, _TEMPER, _MOST_TEMPER)))

    def final(self, size: int, rng: np.random.Generator) -> IntArray:
        """Draw ``size`` final particles by the shares of the islands and their weights within them."""
        weight = np.exp(self.island_weights(self.log_weight)).reshape(self.evidence.size, -1)
        return systematic((weight * self.shares(float(self.evidence.max()))[:, None]).ravel(), size, rng)


def systematic(weight: FloatArray, size: int, rng: np.random.Generator) -> IntArray:
    """Return ``size`` indices drawn by weight, evenly."""
    total = np.cumsum(weight)
    index = np.searchsorted(total, (rng.random() + np.arange(size)) / size * total[-1])
    return np.asarray(np.minimum(index, weight.size - 1))
