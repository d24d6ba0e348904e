"""Weights of pairs of draws: data sets one by one, then as the prior pairs them, until enough print everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from survrecon.analysis.comparison import curves_of
from survrecon.analysis.cox import ContrastDraws, contrast_draws
from survrecon.constraints.boxes import Box, arm_boxes, contrast_boxes
from survrecon.constraints.results import Constraint
from survrecon.constraints.screen import Screen
from survrecon.constraints.weighting import Weighted, merged, rounds
from survrecon.curve import FloatArray, IntArray
from survrecon.ipd import PseudoIPD
from survrecon.pairing import follow_up_scores, paired_anew

__all__ = ["ENOUGH", "FEWEST", "LEVELS", "LEVELS_TOGETHER", "WIDEN", "Search"]

FEWEST = 50
"""Effective data sets below which the constraints are refused: a pooled standard error is then known to 10%."""
ENOUGH = 100
"""Effective data sets at which no more are drawn."""
LEVELS = (1, 2, 4)
"""Data sets drawn, as multiples of those asked for, until enough print everything."""
LEVELS_TOGETHER = (1, 2, 4, 8, 16)
"""The same where draws belong together, so that each gives one combination alone."""
WIDEN = (0.0, 0.05, 0.2)
"""Standard deviations of the draws by which boxes are widened, the next where too few print everything even so: 0.2
adds at most 0.2^2 / 3, or 1.3%, of the variance that the figure leaves."""
_MOST_FITS = 100  # of a search, for each draw of an arm: 0.1 ms each
_A_DRAW = 10  # combinations that print everything, per draw: more would change the draws' own weights little
_EARLY = 5_000  # fits after which a search without hope ends

Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Single:
    """One arm's draws: likelihood of what is printed of the arm, and boxes by constraint."""

    draws: tuple[PseudoIPD, ...]
    weights: FloatArray
    boxes: Mapping[int, tuple[FloatArray, list[Box]]]


class Search:
    """Draws of every arm under constraints.

    Parameters
    ----------
    draws : mapping of str to sequence of PseudoIPD
        By arm, as many of each.
    constraints : sequence of Constraint
        What the draws are weighted by.
    reading : mapping of str to float
        Half a pixel of the time axis, by arm.
    paired : bool
        Whether draw i of every arm belongs together.
    seed : int
        Of the pairing.
    shared : mapping of str to float
        How much of its follow-up each arm shares with the others; 0 where left out.
    widen : float
        By how many standard deviations of the draws every box is widened on either side.
    """

    def __init__(
        self,
        draws: Mapping[str, Sequence[PseudoIPD]],
        constraints: Sequence[Constraint],
        *,
        reading: Mapping[str, float],
        paired: bool,
        seed: int,
        shared: Mapping[str, float] | None = None,
        widen: float = 0.0,
    ) -> None:
        self.names = sorted(draws)  # by name, not by role: swapping the arms changes no weight
        self.constraints, self.paired, self.seed, self.widen, self.fitted = constraints, paired, seed, widen, 0
        sets = [tuple(draws[name]) for name in self.names]
        if not paired:
            parts = [None if shared is None else shared.get(name, 0.0) for name in self.names]
            sets[1:] = [tuple(paired_anew(sets[0], sets[m], shared=parts[m], arm=m)) for m in range(1, len(sets))]
        self.arms = {
            name: self._single(name, own, reading.get(name, 0.0)) for name, own in zip(self.names, sets, strict=True)
        }
        self.contrasts = [(k, c, self._pair(c)) for k, c in enumerate(constraints) if c.fact.arm is None]
        self.pairs = list(dict.fromkeys(pair for _, _, pair in self.contrasts))
        self.shared = [(shared or {}).get(name, 0.0) for name in self.names]
        self.scores = [follow_up_scores(self.arms[name].draws) for name in self.names]
        self.before = {pair: self._fits(pair, self._together()) for pair in self.pairs}
        self.slack = [[widen * box.spread() for box in boxes] for _, boxes in self.boxes()] if widen else None
        self.screens = {} if paired else {pair: self._screen(pair) for pair in self.pairs}

    def run(self) -> Weighted:
        """Weight combinations round by round: until enough, all, the most fits, or without hope of enough."""
        alive = [self.arms[name].weights > 0 for name in self.names]
        rows, weights = [np.zeros((0, len(alive)), dtype=np.int64)], [np.zeros(0)]
        tried, kept = 0, 0
        enough = _A_DRAW * max(int(own.sum()) for own in alive)
        most = _MOST_FITS * max(len(arm.draws) for arm in self.arms.values())
        for combined in self._rounds(alive):
            likelihood = self.weigh(combined)
            good = likelihood > 0
            rows.append(combined[good])
            weights.append(likelihood[good])
            tried, kept = tried + good.size, kept + int(good.sum())
            if kept >= enough or self.fitted >= most:
                break
            if self.fitted >= _EARLY and (kept + 2 * sqrt(kept) + 3) * 4 * most / self.fitted < FEWEST:
                break
        return merged(np.concatenate(rows), np.concatenate(weights), tried)

    def _rounds(self, alive: Sequence[npt.NDArray[np.bool_]]) -> Iterator[IntArray]:
        """Yield the combinations to weigh: as they are where draws belong together, else by the prior."""
        if self.paired:
            together = self._together()
            return iter([together[np.all([own[together[:, m]] for m, own in enumerate(alive)], axis=0)]])
        return rounds(self.scores, self.shared, alive, np.random.default_rng([self.seed, 1]))

    def weigh(self, rows: IntArray) -> FloatArray:
        """Return the likelihood of combinations (T, A)."""
        parts = [self.arms[name].weights[rows[:, m]] for m, name in enumerate(self.names)]
        weights = np.prod(parts, axis=0)
        for pair in self.pairs:
            left = np.flatnonzero(weights > 0)
            if not left.size:
                break
            if pair in self.screens:
                near = left[self.screens[pair].near(self._of_pair(pair, rows[left]))]
                weights[np.setdiff1d(left, near)] = 0.0
                left = near
            fits = self._fits(pair, rows[left])
            self.fitted += left.size
            for likelihood, _ in self._printed(pair, fits):
                weights[left] *= likelihood
        return np.asarray(weights, dtype=float)

    def boxes(self) -> list[tuple[FloatArray, list[Box]]]:
        """Return, for each constraint, likelihood and boxes over the draws before weighting and widening."""
        found = []
        for k, constraint in enumerate(self.constraints):
            if constraint.fact.arm is not None:
                found.append(self.arms[constraint.fact.arm].boxes[k])
            else:
                pair = self._pair(constraint)
                found.append(contrast_boxes(constraint, self.before[pair], turned=constraint.fact.of == pair[1]))
        return found

    def _single(self, name: str, draws: tuple[PseudoIPD, ...], reading: float) -> _Single:
        own = [(k, c) for k, c in enumerate(self.constraints) if c.fact.arm == name]
        weights, boxes = np.ones(len(draws)), {}
        if own:
            curves = curves_of(draws)
            events = np.array([d.events for d in draws], dtype=float)
            boxes = {k: arm_boxes(c, curves, events, reading) for k, c in own}
            wider = [arm_boxes(c, curves, events, reading, self.widen) for _, c in own]
            weights = np.prod([likelihood for likelihood, _ in wider], axis=0)
        return _Single(draws=draws, weights=weights, boxes=boxes)

    def _together(self) -> IntArray:
        k = min(len(arm.draws) for arm in self.arms.values())
        return np.repeat(np.arange(k)[:, None], len(self.names), axis=1)

    def _of_pair(self, pair: Pair, rows: IntArray) -> IntArray:
        """Return the draws of the arm below and above the line."""
        return rows[:, [self.names.index(pair[1]), self.names.index(pair[0])]]

    def _fits(self, pair: Pair, rows: IntArray) -> ContrastDraws:
        control, treatment = self.arms[pair[1]].draws, self.arms[pair[0]].draws
        over, of = self._of_pair(pair, rows).T
        if not over.size:
            return ContrastDraws(log_hr=np.zeros(0), se=np.zeros(0), z=np.zeros(0), status=())
        return contrast_draws([control[i] for i in over], [treatment[i] for i in of])

    def _printed(self, pair: Pair, fits: ContrastDraws) -> list[tuple[FloatArray, list[Box]]]:
        """Return likelihood and boxes of each printed contrast of two arms."""
        own = [(c, self.slack[k] if self.slack else None) for k, c, found in self.contrasts if found == pair]
        return [contrast_boxes(c, fits, turned=c.fact.of == pair[1], slack=slack) for c, slack in own]

    def _screen(self, pair: Pair) -> Screen:
        return Screen(
            self.arms[pair[1]].draws,
            self.arms[pair[0]].draws,
            self._of_pair(pair, self._together()),
            self.before[pair],
            lambda fits: [box for _, boxes in self._printed(pair, fits) for box in boxes],
        )

    def _pair(self, constraint: Constraint) -> Pair:
        """Return the two arms of a contrast in order of their names: the first over the second."""
        fact = constraint.fact
        first, second = self.names if fact.of is None else sorted((str(fact.of), str(fact.over)))
        return first, second
