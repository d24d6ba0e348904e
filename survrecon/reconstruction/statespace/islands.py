"""What the islands of the particle filter differ in: choices that early time bins cannot settle.

Within an island the filter would forget all but one side of such a choice before the curve can tell which is right. So
each island keeps its own, from the first bin to the last, and its evidence says how much it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from survrecon.arrays import BoolArray, FloatArray, IntArray

__all__ = ["IslandPlan", "island_plan"]

_GOLDEN = (5**0.5 - 1) / 2  # of which multiples, modulo 1, are spread evenly: the golden section
_T = TypeVar("_T", bound=np.generic)


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
