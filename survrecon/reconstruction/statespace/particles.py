"""What paths carry from bin to bin, what the islands that they run on differ in, and what a finished pass keeps.

Islands differ in choices that early time bins cannot settle. Within an island the filter would forget all but one side
of such a choice before the curve can tell which is right. So each island keeps its own, from the first bin to the last,
and its evidence says how much it counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from survrecon.reconstruction.statespace.settings import SAMPLER
from survrecon.reconstruction.statespace.smc import normalized, systematic_resampling, tempered_shares

if TYPE_CHECKING:
    from survrecon.arrays import BoolArray, FloatArray, IntArray

__all__ = ["IslandPlan", "ParticleHistories", "Particles", "StoredDecodings", "StoredPaths", "island_plan"]

_GOLDEN = (5**0.5 - 1) / 2  # of which multiples, modulo 1, are spread evenly: the golden section
_T = TypeVar("_T", bound=np.generic)


@dataclass(kw_only=True, slots=True)
class Particles:
    """Possible pasts, P of them; arrays (P,).

    Parameters
    ----------
    at_risk : array of int
        Patients left.
    survival, earlier : array of float
        The exact Kaplan-Meier value now and before the last events.
    events : array of int
        Events so far.
    bias : array of float
        Mean of the shift that all points of a line share.
    level, density : array of float
        How dense censoring is relative to an even spread: log of a path's usual level, and the factor now.
    hidden_left : array of int
        Patients whose marks ran into the last one.
    settled : array of int
        1 where the patient of the mark right ahead has left already, -1 where that of the last one is still to leave.
    hidden_rate : array of float
        How many of those hidden leave in a bin.
    run_end : array of int
        The first bin that is not in the run of touching marks.
    before_printed : array of float
        How much of a fall across the next printed time comes before it, from 0 to 1.
    closing : array of float
        From when on the patients left leave evenly because the trial ends, as a part of the follow-up.
    near_credit, total_credit : array of float
        Log weight lent for being near the curve ahead and near the total of events.
    """

    at_risk: IntArray
    survival: FloatArray
    earlier: FloatArray
    events: IntArray
    bias: FloatArray
    level: FloatArray
    density: FloatArray
    hidden_left: IntArray
    settled: IntArray
    hidden_rate: FloatArray
    run_end: IntArray
    before_printed: FloatArray
    closing: FloatArray
    near_credit: FloatArray
    total_credit: FloatArray

    @classmethod
    def at_start(
        cls, n: int, *, level: FloatArray, density: FloatArray, before_printed: FloatArray, closing: FloatArray
    ) -> Particles:
        """Return paths of ``n`` patients before the first bin."""
        size = level.size
        whole, zero, one = np.zeros(size, dtype=np.int64), np.zeros(size), np.ones(size)
        return cls(
            at_risk=np.full(size, n), survival=one, earlier=one, events=whole, bias=zero, level=level, density=density,
            hidden_left=whole, settled=whole, hidden_rate=zero, run_end=whole, before_printed=before_printed,
            closing=closing, near_credit=zero, total_credit=zero,
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
class StoredPaths:
    """Paths after a bin, before resampling, kept for sampling backward; arrays (P,)."""

    at_risk: IntArray
    survival: FloatArray
    bias: FloatArray
    events: IntArray
    log_weight: FloatArray
    bias_variance: float


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredDecodings:
    """Decoded paths after a bin, before resampling; arrays (P,).

    Parameters
    ----------
    at_risk, survival, events, log_weight : array
        As of other paths.
    log_density : array of float
        How dense censoring was in the bin, relative to what was expected.
    """

    at_risk: IntArray
    survival: FloatArray
    events: IntArray
    log_weight: FloatArray
    log_density: FloatArray


@dataclass(kw_only=True, slots=True)
class ParticleHistories:
    """What every particle of a finished pass drew, bin by bin, and where it came from; of one or more islands.

    Parameters
    ----------
    events, censored : array of int, shape (J, P)
        What each particle drew in each bin, one island after the other.
    log_weight : array of float, shape (P,)
        Final weights.
    ancestors : list of array of int (P,) or None, length J
        Which particle each one came from where they were resampled after a bin.
    evidence : array of float, shape (K,)
        Log of the mean weight of each island: how likely the points are, by it; -inf where no path was possible.
    stored : dict of int to StoredPaths
        States kept, by bin.
    steps : dict of int to StoredDecodings
        The same of decoded paths.
    """

    events: IntArray
    censored: IntArray
    log_weight: FloatArray
    ancestors: list[IntArray | None]
    evidence: FloatArray
    stored: dict[int, StoredPaths] = field(default_factory=dict)
    steps: dict[int, StoredDecodings] = field(default_factory=dict)

    def island_weights(self, log_weight: FloatArray) -> FloatArray:
        """Return log weights (P,) that sum to 1 within each island."""
        return normalized(log_weight, self.evidence.size)

    def shares(self, best: float) -> FloatArray:
        """Return how much each island counts (K,): 1 for one whose evidence is ``best``, less for the others."""
        return tempered_shares(self.evidence, best, least=SAMPLER.temper_least, most=SAMPLER.temper_most)

    def final(self, size: int, rng: np.random.Generator) -> IntArray:
        """Draw ``size`` final particles by the shares of the islands and their weights within them."""
        weight = np.exp(self.island_weights(self.log_weight)).reshape(self.evidence.size, -1)
        return systematic_resampling((weight * self.shares(float(self.evidence.max()))[:, None]).ravel(), size, rng)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class IslandPlan:
    """The choices of each of K islands; one array (K,) a choice.

    Parameters
    ----------
    particles : int
        Of each island.
    has_ending : array of bool
        Whether the trial ends in a stretch of its own, in which all who are left leave.
    level_stratum : array of int
        Which of the even parts of its prior the level of censoring is drawn from.
    even_pattern : array of int
        Which of the patterns of censoring after the last printed number it has, if no ending.
    marks_by_neighbours : array of bool
        Whether marks hide as many patients as their neighbours are close; else all marks hide as many.
    marks_by_time : array of bool
        Whether, where they all hide as many, patients leave evenly in time, so that few marks stand apart where many
        leave.
    shift : array of float
        Shift of the line, in rows, where a patient's step is less than a row.
    noise : array of float
        How much wider than found the noise of clicks is taken to be.
    """

    particles: int
    has_ending: BoolArray
    level_stratum: IntArray
    even_pattern: IntArray
    marks_by_neighbours: BoolArray
    marks_by_time: BoolArray
    shift: FloatArray
    noise: FloatArray

    def __len__(self) -> int:
        return int(self.has_ending.size)

    def of_particles(self, choice: npt.NDArray[_T]) -> npt.NDArray[_T]:
        """Return a choice (K,) of each particle (P,)."""
        return np.repeat(choice, self.particles)


def island_plan(islands: int, particles: int, even_patterns: int, noise: tuple[float, ...] = ()) -> IslandPlan:
    """Return a plan in which every choice comes with every other about as often.

    Parameters
    ----------
    islands, particles : int
        How many, and particles of each.
    even_patterns : int
        Patterns of censoring to choose from.
    noise : tuple of float
        Of clicks, one an island; all are as found where it is left out.
    """
    island = np.arange(islands)
    pair = island // 2  # islands of one pair differ in the ending alone
    place = np.argsort(island * _GOLDEN % 1)
    return IslandPlan(
        particles=particles,
        has_ending=island % 2 == 0,
        level_stratum=pair,
        even_pattern=island % even_patterns,
        marks_by_neighbours=pair % 2 == 1,
        marks_by_time=pair % 4 == 2,
        shift=np.asarray((place + 0.5) / islands - 0.5),
        noise=np.asarray(noise or np.ones(islands), dtype=float),
    )
