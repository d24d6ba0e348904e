"""A quick look at many combinations, so that only those near the printed numbers are fitted.

Data sets of an arm differ little from each other, so that ln HR, its standard error and the log-rank z of a
combination are nearly the sum of what each arm's data set adds. What it adds is found by exact fits with a few data
sets of the other arm. How far the sum is from the exact fit at most is measured on a few hundred other combinations,
and whatever lies within that of a printed number's box is fitted exactly: the screen decides what is fitted, not what
is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from survrecon.analysis.cox import ContrastDraws, contrast_draws
from survrecon.constraints.boxes import Box
from survrecon.curve import FloatArray, IntArray
from survrecon.ipd import PseudoIPD

__all__ = ["Screen"]

_OTHERS = 4  # data sets of the other arm
_FEWEST = 20  # exact fits without which nothing is screened
_EDGE = 1e-9

BoxesOf = Callable[[ContrastDraws], list[Box]]


class Screen:
    """Approximate contrasts of two arms.

    Parameters
    ----------
    over, of : sequence of PseudoIPD
        Draws of the arm below and above the line.
    rows : array of int, shape (k, 2)
        Combinations, draw of ``over`` and of ``of``, that ``exact`` holds.
    exact : ContrastDraws
        Their fits.
    boxes : callable
        Printed numbers as boxes, from fits.
    """

    def __init__(
        self, over: Sequence[PseudoIPD], of: Sequence[PseudoIPD], rows: IntArray, exact: ContrastDraws, boxes: BoxesOf
    ) -> None:
        some = [np.linspace(0, len(arm) - 1, _OTHERS).astype(np.int64) for arm in (over, of)]
        below = np.mean([_table(contrast_draws(over, [of[j]])) for j in some[1]], axis=0)
        above = np.mean([_table(contrast_draws([over[i]], of)) for i in some[0]], axis=0)
        self._added = below, above - below[:, some[0]].mean(axis=1, keepdims=True)
        self._boxes = boxes
        self._shift: list[tuple[float, float]] = []
        for known, about in zip(boxes(exact), boxes(self._fits(rows)), strict=True):
            off = known.measured(known.values) - about.measured(about.values)
            off = off[np.isfinite(off)]
            slack = float(np.abs(off - off.mean()).max()) if off.size >= _FEWEST else np.inf
            self._shift.append((float(off.mean()) if off.size else 0.0, slack))

    def near(self, rows: IntArray) -> IntArray:
        """Return the places of the combinations (T, 2) that may print every number."""
        may = np.ones(len(rows), dtype=bool)
        for box, (shift, slack) in zip(self._boxes(self._fits(rows)), self._shift, strict=True):
            value = box.measured(box.values) + shift
            low, high = np.sort(box.measured(np.array([box.low, box.high])))
            off = slack + box.slack + _EDGE
            may &= ~np.isfinite(value) | ((value >= low - off) & (value <= high + off))
        return np.flatnonzero(may)

    def _fits(self, rows: IntArray) -> ContrastDraws:
        log_hr, log_se, z = self._added[0][:, rows[:, 0]] + self._added[1][:, rows[:, 1]]
        return ContrastDraws(log_hr=log_hr, se=np.exp(log_se), z=z, status=())


def _table(fits: ContrastDraws) -> FloatArray:
    """Return ln HR, the log of its standard error, and z: three rows that add up over arms."""
    return np.stack([fits.log_hr, np.log(fits.se), fits.z])
