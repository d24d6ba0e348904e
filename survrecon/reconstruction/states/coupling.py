"""Draws of two arms that go together: arms of one trial are followed alike.

Where one arm lost patients early the other probably did. Pairs of draws that are independent in this show a hazard
ratio as more certain than it is: unlike follow-up in one arm partly makes up for that in the other, where alike it
adds up. So the draw with a certain number has, in every arm, about the same place among the arm's draws.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from survrecon.ipd import PseudoIPD

__all__ = ["in_step"]

_ALIKE = 0.8  # correlation of how long patients were seen in the draws of two arms


def in_step(sets: Sequence[PseudoIPD], rng: np.random.Generator) -> list[PseudoIPD]:
    """Return the K draws of an arm in an order that makes those of two arms with one number alike.

    What is compared is how long patients were seen, as a place among the arm's draws, with noise. Which place a number
    stands for is the same for all arms.
    """
    seen = np.array([one.time.sum() for one in sets])
    place = ndtri((np.argsort(np.argsort(seen, kind="stable")) + 0.5) / len(sets))
    alike = np.argsort(_ALIKE * place + (1 - _ALIKE**2) ** 0.5 * rng.standard_normal(len(sets)))
    return [sets[alike[i]] for i in np.random.default_rng(0).permutation(len(sets))]
