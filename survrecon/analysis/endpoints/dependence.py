"""How the sampling errors of progression-free and overall survival go together, by which patients are paired.

A figure shows two curves and not who is who. At one time the covariance of the two estimates follows from the curves
(`covariance_at_one_time`). That of anything over several times, an area or the parameters of a fit, hangs on which
progression-free time and which overall time are of one patient. What a patient contributes to an estimate, the
influence function, or the score of a likelihood, is multiplied for the two times of a patient and summed:

* *by rank*: the first with the first. Who progresses early dies early, as far as can be;
* *least*: overall times are as unlike the progression-free ones as they can be when nobody dies before progression:
  the last to progress takes the earliest death that is left, and so on backwards. As many deaths as possible then come
  right with the progression, as deaths without progression do;
* *likely*: the middle between *least* and pairs at random among those that can be, in which the hazard of death after
  progression does not depend on when that was.

Patients who are censored without progression are, as far as that can be, those who are censored alive soonest after:
follow-up of both ends together. Where not all of them can be, or a reading is such that patients are ordered by rank
only nearly, patients who have one rank count as a possible pair.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.kaplan_meier import snapped, tied

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.model.ipd import PseudoIPD
    from survrecon.model.kaplan_meier import KaplanMeier

__all__ = ["Dependence", "PatientPairs", "covariance_at_one_time", "restricted_mean_influence"]


class Dependence(StrEnum):
    """How the two times of a patient are taken to go together."""

    LIKELY = "likely"
    BY_RANK = "by-rank"
    LEAST = "least"
    INDEPENDENT = "independent"

    @property
    def words(self) -> str:
        """It in words."""
        return {
            Dependence.LIKELY: "likely",
            Dependence.BY_RANK: "patients by rank, the most dependence",
            Dependence.LEAST: "the least dependence that patients can have",
            Dependence.INDEPENDENT: "as if of different patients",
        }[self]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PatientPairs:
    """Which progression-free and overall times of two data sets can be of one patient.

    Parameters
    ----------
    fixed : array of int, shape (2, c)
        Places of the patients censored without progression, and of who is censored alive with them.
    pfs, os : array of int, shape (m,)
        Places of the others, in order of time.
    first : array of int, shape (m,)
        For each of the others by ``pfs``, the first place in ``os`` that can be the same patient's; all later ones can.
    """

    fixed: IntArray
    pfs: IntArray
    os: IntArray
    first: IntArray

    @classmethod
    def of(cls, pfs: PseudoIPD, os: PseudoIPD) -> PatientPairs:
        """Find them for two data sets of the same number of patients."""
        early, late = _in_one_order(pfs, os)
        followed = _censored_together(pfs, os, early, late)
        if followed is None:
            followed = np.empty((2, 0), dtype=np.int64)
        others = [np.setdiff1d(np.arange(pfs.n), places) for places in followed]
        first = np.searchsorted(late[others[1]], early[others[0]], side="left")
        return cls(fixed=followed, pfs=others[0], os=others[1], first=np.minimum(first, np.arange(first.size)))

    def products(self, f: FloatArray, g: FloatArray, dependence: Dependence) -> FloatArray:
        """Return the sum over patients of what they contribute to two estimates, multiplied, shape (a, b).

        Parameters
        ----------
        f : array of float, shape (a, n)
            What each patient of the progression-free data set contributes.
        g : array of float, shape (b, n)
            The same of the overall data set.
        dependence : Dependence
            How the two are put together.
        """
        if dependence is Dependence.INDEPENDENT:
            return np.zeros((len(f), len(g)))
        together = f[:, self.fixed[0]] @ g[:, self.fixed[1]].T
        early, late = f[:, self.pfs], g[:, self.os]
        if dependence is Dependence.BY_RANK:
            return np.asarray(together + early @ late.T)
        least = early @ late[:, self._least()].T
        if dependence is Dependence.LEAST:
            return np.asarray(together + least)
        return np.asarray(together + (least + self._at_random(early, late)) / 2)

    def _least(self) -> IntArray:
        """Return the partner of each, from the last backwards the earliest one that is left."""
        left = list(range(self.first.size))
        partner = np.empty(self.first.size, dtype=np.int64)
        for place in range(self.first.size - 1, -1, -1):
            partner[place] = left.pop(bisect_left(left, self.first[place]))
        return partner

    def _at_random(self, early: FloatArray, late: FloatArray) -> FloatArray:
        """Return the mean of the products over all ways in which patients can be paired, each as likely.

        From the last backwards, each takes one of those that can be its partner and are left, with the same chance;
        as all that can be the partner of a later one can be that of an earlier one too, every pairing is as likely.
        """
        found = np.zeros((len(early), len(late)))
        waiting = np.zeros(len(late))  # sum of what those left contribute, each times the chance that it is left
        left, reached = 0, self.first.size
        for place in range(self.first.size - 1, -1, -1):
            start = int(self.first[place])
            waiting = waiting + late[:, start:reached].sum(axis=1)
            left, reached = left + reached - start, start
            found += np.outer(early[:, place], waiting / left)
            waiting = waiting * (1 - 1 / left)
            left -= 1
        return found


def _in_one_order(pfs: PseudoIPD, os: PseudoIPD) -> tuple[IntArray, IntArray]:
    """Return whole numbers in the order of (time, censored after event), one scale for both data sets."""
    early, late = tied(pfs.time, os.time)
    times = np.unique(np.concatenate([early, late]))
    ranks = [2 * np.searchsorted(times, t) + ~one.event for t, one in ((early, pfs), (late, os))]
    return np.asarray(ranks[0]), np.asarray(ranks[1])


def _censored_together(pfs: PseudoIPD, os: PseudoIPD, early: IntArray, late: IntArray) -> IntArray | None:
    """Return who is censored without progression, and who is censored alive with them; None where not all can be."""
    alive = np.flatnonzero(~os.event)
    left, ranks = alive.tolist(), late[alive].tolist()
    free = np.flatnonzero(~pfs.event)
    partner = np.empty(free.size, dtype=np.int64)
    for place in range(free.size - 1, -1, -1):
        at = bisect_left(ranks, early[free[place]])
        if at == len(ranks):
            return None
        partner[place] = left.pop(at)
        del ranks[at]
    # The others must still be ordered by rank.
    rest = np.setdiff1d(np.arange(os.n), partner)
    return None if (early[pfs.event] > late[rest]).any() else np.stack([free, partner])


def restricted_mean_influence(patients: PseudoIPD, km: KaplanMeier, tau: float) -> FloatArray:
    """Return what each patient contributes to the error of the restricted mean up to ``tau``, (n,), in their order.

    An event at u takes away the area A(u) from there to the horizon, over the number that stays; whoever was at risk
    then carries their share of that back. The squares add up to Greenwood's variance.

    References
    ----------
    Andersen, Borgan, Gill and Keiding, Statistical Models Based on Counting Processes, section IV.3.

    Examples
    --------
    >>> from survrecon.model.ipd import PseudoIPD
    >>> from survrecon.model.kaplan_meier import kaplan_meier
    >>> four = PseudoIPD(time=[1, 2, 3, 4], event=[1, 1, 1, 1])
    >>> restricted_mean_influence(four, kaplan_meier(four.time, four.event), 4.0).tolist()  # (time - mean) / 4
    [-0.375, -0.125, 0.125, 0.375]
    """
    inside = km.time < tau
    edges = np.concatenate([[0.0], km.time[inside], [tau]])
    areas = np.diff(edges) * np.concatenate([[1.0], km.survival[inside]])
    after = np.zeros(km.time.size)
    after[inside] = np.cumsum(areas[::-1])[::-1][1:]
    staying = km.at_risk - km.events
    lost = np.divide(after, staying, out=np.zeros(after.size), where=staying > 0)
    # What those at risk carry back, summed over the events up to each patient's time.
    carried = np.concatenate([[0.0], np.cumsum(lost * km.events / km.at_risk)])
    time = snapped(patients.time, km.time)
    until = np.searchsorted(km.time, time, side="right")
    own = np.where(patients.event, lost[np.maximum(until - 1, 0)] if km.time.size else 0.0, 0.0)
    return np.asarray(carried[until] - own)


def covariance_at_one_time(pfs: FloatArray, os: FloatArray, greenwood: FloatArray) -> FloatArray:
    """Return the sampling covariance of progression-free and overall survival at one time: S_PFS S_OS G_OS.

    Without censoring before that time it is exact, and is S_PFS (1 - S_OS) / n: nobody is progression-free and dead.
    With censoring it is what remains of that; docs/model.md derives it and says what is left out.

    Parameters
    ----------
    pfs, os : array of float
        Survival at the time.
    greenwood : array of float
        Greenwood's sum of overall survival there, the variance of its logarithm.

    Examples
    --------
    >>> float(covariance_at_one_time(np.array(0.5), np.array(0.8), np.array(0.2 / 0.8 / 100)))  # 0.5 * 0.2 / 100
    0.001
    """
    return np.asarray(pfs * os * greenwood)
