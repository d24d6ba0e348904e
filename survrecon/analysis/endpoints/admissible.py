"""Which draws of progression-free and of overall survival can be of the same patients, and pairs of such draws.

A draw of each endpoint has n patients. They can be the same ones if each can have been followed for progression no
longer than for death: if the patients of the one can be put beside those of the other with

* a progression-free time that is at most the overall time, and
* no death at the very time at which the same patient, progression-free, was censored: a death is an event of both.

Both are an order of (time, censored after event), and patients that are ordered can be put side by side if and only if
they can be by rank: the first of the one beside the first of the other. So it is asked of the patients by rank, and
that is the same as asking whether the numbers at risk, before and after the events at any time, are never higher for
progression-free than for overall survival.

It is not asked that each death is an event of both: many trials censor progression-free survival at the last
assessment, and the patient dies later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.settings import NUMERICAL_NOISE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import BoolArray, IntArray
    from survrecon.model.ipd import PseudoIPD

__all__ = ["admissible_pairs", "matched_pairs"]


def admissible_pairs(pfs: Sequence[PseudoIPD], os: Sequence[PseudoIPD], *, time_slack: float = 0.0) -> BoolArray:
    """Return which draws of two endpoints of one arm can be of the same patients, shape (draws of pfs, draws of os).

    Parameters
    ----------
    pfs, os : sequence of PseudoIPD
        Draws, all of n patients.
    time_slack : float
        How much later a progression-free time may seem than the overall one, by the reading of both time axes.

    Examples
    --------
    >>> from survrecon.model.ipd import PseudoIPD
    >>> early, late = (PseudoIPD(time=time, event=[1, 0]) for time in ([1, 3], [2, 4]))
    >>> admissible_pairs([early, late], [early, late]).tolist()
    [[True, True], [False, True]]
    """
    late = np.array([one.time for one in os]) + time_slack
    dead = np.array([one.event for one in os])
    found = np.empty((len(pfs), len(os)), dtype=bool)
    for row, one in enumerate(pfs):
        after = one.time > late + NUMERICAL_NOISE
        # Censored without progression at the time of the death: possible only where the death is read too early.
        together = ~one.event & dead & (np.abs(one.time - late) <= NUMERICAL_NOISE)
        found[row] = ~(after | together).any(axis=1)
    return found


def matched_pairs(admissible: BoolArray, rng: np.random.Generator) -> IntArray:
    """Return as many pairs of draws as there can be, each draw in one pair at most, shape (pairs, 2).

    It is a maximum matching of a matrix whose rows and columns are in random order, so that no draw is preferred for
    its place. Pairs are in the order of the first endpoint's draws.

    Examples
    --------
    >>> only = np.array([[True, True], [True, False]])
    >>> matched_pairs(only, np.random.default_rng(0)).tolist()
    [[0, 1], [1, 0]]
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    rows, columns = (rng.permutation(size) for size in admissible.shape)
    shuffled = csr_array(admissible[np.ix_(rows, columns)])
    partner = np.asarray(maximum_bipartite_matching(shuffled, perm_type="column"))
    found = partner >= 0
    pairs = np.stack([rows[found], columns[partner[found]]], axis=1)
    return np.asarray(pairs[np.argsort(pairs[:, 0], kind="stable")], dtype=np.int64)
