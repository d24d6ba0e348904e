"""Where the truth lies among draws, and how often intervals over draws hold it.

Events and numbers at risk are whole numbers, so a closed interval over their draws holds more than its nominal share
of truths even where the draws are perfectly calibrated. The calibrated measure splits ties: if draws and truth are
exchangeable, the truth's rank among K draws, ties broken at random, is uniform on 0..K, and so is
u = (rank + V) / (K + 1) with V uniform on (0, 1). A level's coverage is the share of trials with u in the middle of
(0, 1); instead of breaking ties once, each trial counts with the probability that u falls there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import beta

from survrecon.model.estimate import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray

__all__ = ["LEVELS", "Place", "binomial_interval", "place"]

LEVELS = (0.5, 0.8, 0.95)
_EQUAL = 1e-6


@dataclass(frozen=True, kw_only=True)
class Place:
    """The truth of one quantity among its draws.

    Parameters
    ----------
    truth : float
        The quantity of the true patients.
    draws : int
        How many there are.
    less, equal : int
        Draws below the truth and, within 1e-6, at it.
    fixed : bool
        Whether all draws have the same value, within 1e-6.
    closed : tuple of bool
        Whether the closed central interval of each level holds the truth.
    error : float
        Of the median of the draws.
    width : float
        Of the 95% interval.
    """

    truth: float
    draws: int
    less: int
    equal: int
    fixed: bool
    closed: tuple[bool, ...]
    error: float
    width: float

    @property
    def right(self) -> bool:
        """Whether the draws agree on the truth."""
        return self.fixed and self.equal == self.draws

    def held(self, level: float) -> float:
        """Return the probability, over the breaking of ties, that the central interval holds the truth.

        >>> Place(truth=7, draws=3, less=0, equal=3, fixed=True, closed=(True,), error=0, width=0).held(0.5)
        0.5
        """
        low, high = self.less / (self.draws + 1), (self.less + self.equal + 1) / (self.draws + 1)
        inside = min(high, (1 + level) / 2) - max(low, (1 - level) / 2)
        return max(inside, 0.0) / (high - low)


def place(truth: float, values: Sequence[float] | FloatArray) -> Place:
    """Return where ``truth`` lies among the values (K,) of the draws."""
    drawn = np.asarray(values, dtype=float)
    ends = np.array([[(1 - level) / 2, (1 + level) / 2] for level in LEVELS])
    limits = np.quantile(drawn, ends)
    return Place(
        truth=truth,
        draws=drawn.size,
        less=int((drawn < truth - _EQUAL).sum()),
        equal=int((np.abs(drawn - truth) <= _EQUAL).sum()),
        fixed=bool(np.ptp(drawn) <= _EQUAL),
        closed=tuple(bool(low - _EQUAL <= truth <= high + _EQUAL) for low, high in limits),
        error=abs(float(np.median(drawn)) - truth),
        width=float(limits[-1, 1] - limits[-1, 0]),
    )


def binomial_interval(held: float, of: int, level: float = 0.95) -> Interval:
    """Return the interval of Clopper and Pearson (Biometrika 26 (1934) 404-413) of a share; ``held`` need not be whole.

    >>> found = binomial_interval(8, 10)
    >>> round(found.low, 4), round(found.high, 4)
    (0.4439, 0.9748)
    """
    tail = (1 - level) / 2
    low = float(beta.ppf(tail, held, of - held + 1)) if held > 0 else 0.0
    high = float(beta.ppf(1 - tail, held + 1, of - held)) if held < of else 1.0
    return Interval(low=low, high=high, level=level)
