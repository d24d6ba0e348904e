"""A quick look at many combinations, so that only those near the printed numbers are fitted.

Events and numbers at risk are counted in intervals of time once a data set; Cox's score (ties by Breslow) and the
log-rank statistic then cost a few array operations for hundreds of combinations at once. How far this is from the
exact fit is measured on combinations that were fitted exactly, and what lies within half as much again of a printed
number's box is fitted exactly: the screen decides what is fitted, never what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from survrecon.analysis.cox import ContrastDraws, CoxStatus
from survrecon.constraints.boxes import Box
from survrecon.curve import FloatArray, IntArray
from survrecon.ipd import PseudoIPD

__all__ = ["Screen"]

_INTERVALS = 120
_OF = 20  # data sets whose events place the intervals
_STEPS = 4  # of Newton's method; an approximation needs no more
_WIDER = 1.5  # times the largest distance between screen and exact fit
_FEWEST = 20  # exact fits without which nothing is screened

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
        times = np.concatenate([d.time[d.event] for d in (*over[:_OF], *of[:_OF])])
        edges = np.unique(np.quantile(times, np.linspace(0, 1, _INTERVALS + 1))[1:-1]) if times.size else times
        self._counts = _counted(over, edges), _counted(of, edges)
        self._start = float(np.nanmean(exact.log_hr)) if np.isfinite(exact.log_hr).any() else 0.0
        self._boxes = boxes
        self._shift: list[tuple[float, float]] = []
        self.usable = True
        for known, about in zip(boxes(exact), boxes(self._fits(rows)), strict=True):
            off = known.measured(known.values) - about.measured(about.values)
            off = off[np.isfinite(off)]
            if off.size < _FEWEST:
                self.usable = False
                return
            self._shift.append((float(off.mean()), _WIDER * float(np.abs(off - off.mean()).max())))

    def near(self, rows: IntArray) -> IntArray:
        """Return the places of the combinations (T, 2) that may print every number."""
        may = np.ones(len(rows), dtype=bool)
        if not self.usable:
            return np.flatnonzero(may)
        for box, (shift, slack) in zip(self._boxes(self._fits(rows)), self._shift, strict=True):
            value = box.measured(box.values) + shift
            low, high = np.sort(box.measured(np.array([box.low, box.high])))
            may &= ~np.isfinite(value) | ((value >= low - slack) & (value <= high + slack))
        return np.flatnonzero(may)

    def _fits(self, rows: IntArray) -> ContrastDraws:
        (n0, d0), (n1, d1) = ((n[rows[:, m]], d[rows[:, m]]) for m, (n, d) in enumerate(self._counts))
        d, total = d0 + d1, d1.sum(axis=1)
        with np.errstate(all="ignore"):
            p = n1 / np.maximum(n0 + n1, 1e-9)
            z = (total - (d * p).sum(axis=1)) / np.sqrt((d * p * (1 - p)).sum(axis=1))
            log_hr = np.full(len(rows), self._start)
            for _ in range(_STEPS):
                ratio = n1 * np.exp(log_hr)[:, None]
                p = ratio / np.maximum(n0 + ratio, 1e-9)
                information = (d * p * (1 - p)).sum(axis=1)
                log_hr = log_hr + np.clip((total - (d * p).sum(axis=1)) / information, -2, 2)
            se = 1 / np.sqrt(information)
        return ContrastDraws(log_hr=log_hr, se=se, z=z, status=(CoxStatus.CONVERGED,) * len(rows))


def _counted(draws: Sequence[PseudoIPD], edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return numbers at risk half way through each interval and events in it, each (k, G)."""
    at_risk, events = np.zeros((len(draws), edges.size + 1)), np.zeros((len(draws), edges.size + 1))
    for k, draw in enumerate(draws):
        gone = np.searchsorted(draw.time, edges, side="right")
        left = np.diff(gone, prepend=0, append=draw.n)
        dead = np.searchsorted(draw.time[draw.event], edges, side="right")
        events[k] = np.diff(dead, prepend=0, append=draw.events)
        at_risk[k] = draw.n - np.concatenate([[0], gone]) - left / 2
    return at_risk, events
