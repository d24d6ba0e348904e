"""Which posterior draws of two arms belong together: arms of one trial share their follow-up.

Arms of one trial are followed alike: where one arm lost patients early, the other probably did. How long patients were
seen is part of what a figure leaves open in each arm, and what is open in two arms is open together. Taken as
independent, unlike follow-up in one arm partly makes up for that in the other, and a hazard ratio seems more certain
than it is.

So draws of two arms are not paired at random. Each draw has a score: its place among the draws of its arm by the time
that its patients were seen, as a normal deviate. The prior says that the scores of all arms of a trial have one part in
common, and that the rest is the arm's own:

    score = shared * common + sqrt(1 - shared^2) * own

The scores of two arms correlate by the product of their ``shared`` parts. With N alone that part is 0.8. Whatever is
printed of one arm's follow-up tells nothing of what the other's still leaves open, so the part falls with what an
arm's own inputs leave open (`shared_part`): little is shared where a total of events or a risk table settle how many
patients were censored. The prior says nothing of a single arm: every draw comes once, whatever it is paired with.

Draws of an arm that come from `in_joint_order` are in the order of a common part that is the same for all arms, so
that draw k of one arm and draw k of another are a pair of this prior; `joint_pairs` gives further pairs, as many as
are wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray, IntArray
    from survrecon.model.ipd import PseudoIPD

__all__ = ["SHARED", "follow_up_scores", "in_joint_order", "joint_pairs", "reorder_if_identical", "shared_part"]

SHARED = 0.8
"""Part of an arm's score that all arms of its trial share, with N alone: scores of two arms correlate by 0.64."""
_OPEN = 0.03
"""Standard deviation of the time that patients were seen, relative to its mean, from which on it is open in full.

Set on 60 simulated trials (`benchmarks/simulated.py`) with all kinds of points and inputs: the places of the true
follow-up of two arms among their draws correlate by 0.8 where draws are 3% apart and more, by 0.4 from 2 to 3%, by 0.2
from 1.2 to 2%, and not at all below."""
_COMMON_SEED = 0  # seed of the common part, one for all arms: draw k of every arm stands for the same
_OWN_SEED = 1  # seed of the own part of an arm that is paired anew


def follow_up_scores(draws: Sequence[PseudoIPD]) -> FloatArray:
    """Return the normal score of each draw's total follow-up time (k,)."""
    from scipy.special import ndtri  # a data set without draws needs none of it

    seen = np.array([one.time.sum() for one in draws])
    rank = np.argsort(np.argsort(seen, kind="stable"), kind="stable")
    return np.asarray(ndtri((rank + 0.5) / len(draws)))


def shared_part(seen: FloatArray) -> float:
    """Return how much of an arm's follow-up score other arms share, given how much follow-up varies over its draws.

    Parameters
    ----------
    seen : array of float, shape (k,)
        How long the patients of each draw were seen, in all.

    Notes
    -----
    Let the deviations of two arms be normal with variance 1 and correlation r = 0.8^2 before their own inputs are
    used, and let those inputs, which know nothing of the other arm, leave arm i the variance v_i alone. With
    p_i = 1 / v_i - 1, the precision that they add, the correlation given both is
    r / sqrt((1 + p_1 (1 - r^2)) (1 + p_2 (1 - r^2))): a product of one part an arm.

    Examples
    --------
    >>> wide, narrow = np.array([90.0, 100, 110]), np.array([99.0, 100, 101])
    >>> shared_part(wide), round(shared_part(narrow), 2), shared_part(np.full(3, 100.0))
    (0.8, 0.28, 0.0)
    """
    mean = float(seen.mean())
    apart = float(seen.std()) / mean if mean > 0 else 0.0
    if apart == 0.0:
        return 0.0
    precision = max((_OPEN / apart) ** 2 - 1, 0.0)
    return float(SHARED / np.sqrt(1 + precision * (1 - SHARED**4)))


def in_joint_order(draws: Sequence[PseudoIPD], rng: np.random.Generator, shared: float) -> list[PseudoIPD]:
    """Order the draws of one arm so that, one by one, they pair with those of another arm.

    Parameters
    ----------
    draws : sequence of PseudoIPD
        All draws of an arm, which are alike in number for all arms.
    rng : Generator
        Of the arm's own part.
    shared : float
        Part of the score that all arms share.
    """
    rows = joint_pairs([follow_up_scores(draws)], [shared], rng)[:, 0]
    return [draws[i] for i in rows[np.random.default_rng(_COMMON_SEED).permutation(len(draws))]]


def joint_pairs(scores: Sequence[FloatArray], shared: Sequence[float], rng: np.random.Generator) -> IntArray:
    """Return which draws of several arms are paired, shape (k, arms); each draw appears once.

    Parameters
    ----------
    scores : sequence of array of float, shape (k,)
        Of each arm's draws.
    shared : sequence of float
        Part of each arm's score that all arms share, from 0 (any draw goes with any) to 1.
    rng : Generator
        Of the arms' own parts.

    Examples
    --------
    >>> scores = [np.array([-1.0, 0.0, 1.0]), np.array([1.0, -1.0, 0.0])]
    >>> joint_pairs(scores, [1.0, 1.0], np.random.default_rng(0)).tolist()
    [[0, 1], [1, 2], [2, 0]]
    """
    common = [
        np.argsort(part * own + (1 - part**2) ** 0.5 * rng.standard_normal(len(own)), kind="stable")
        for own, part in zip(scores, shared, strict=True)
    ]
    return np.stack(common, axis=1)


def reorder_if_identical(
    first: Sequence[PseudoIPD], second: Sequence[PseudoIPD], *, shared: float | None = None, arm: int = 1
) -> Sequence[PseudoIPD]:
    """Return the second arm's draws, reordered by the joint prior of follow-up if they equal the first arm's.

    Arms with the same inputs that were rebuilt from one seed have the same draws. Each would be compared with itself,
    and the hazard ratio would be 1 in every pair, however little the figure tells of it.

    Parameters
    ----------
    first, second : sequence of PseudoIPD
        Draws of two arms.
    shared : float or None
        Part of the score that the arms share; ``None`` where only the draws tell.
    arm : int
        Place of the second arm, where there are more than two.
    """
    same = len(first) == len(second) and all(map(_same, first, second))
    if not same or len(second) < 2:
        return second
    part = shared_part(np.array([one.time.sum() for one in second])) if shared is None else shared
    return in_joint_order(second, np.random.default_rng([_OWN_SEED, arm]), part)


def _same(one: PseudoIPD, other: PseudoIPD) -> bool:
    return np.array_equal(one.time, other.time) and np.array_equal(one.event, other.event)
