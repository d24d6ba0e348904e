"""Search combinations of draws, one per arm, that print what the paper prints; their weights and effective sample size.

A combination is a trial: one draw of each arm. What the arms have in common before anything printed is used is their
follow-up, by the prior of `survrecon.analysis.pairing`; given that, the draws of one arm know nothing of the other's.
So each round pairs all draws anew by that prior, and 200 draws per arm are up to 40,000 trials. What is printed
weights the pairs, and never breaks them up: a draw's partner in the end is one that the prior gave it. Draws that
belong together, as those of a ``summary`` record that share their follow-up design, have one round as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from survrecon.analysis.comparison import kaplan_meier_curves
from survrecon.analysis.cox import ContrastDraws, contrast_draws
from survrecon.analysis.pairing import follow_up_scores, joint_pairs, reorder_if_identical
from survrecon.model.settings import NUMERICAL_NOISE
from survrecon.reconstruction.statespace.smc import effective_sample_size, systematic_resampling
from survrecon.weighting.boxes import PrintedRange, arm_boxes, contrast_boxes

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.model.ipd import PseudoIPD
    from survrecon.weighting.constraints import Constraint

__all__ = [
    "ENOUGH",
    "FEWEST",
    "LEVELS",
    "LEVELS_TOGETHER",
    "WIDEN",
    "Screen",
    "Search",
    "Weighted",
    "distinct_combinations",
    "effective_size",
    "resampled",
    "rounds",
]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Weighted:
    """Combinations of draws with a positive weight.

    Parameters
    ----------
    rows : array of int, shape (T, A)
        Which draw of each arm.
    weights : array of float, shape (T,)
        Their likelihoods.
    tried : int
        Combinations that were weighted, those of weight 0 among them.
    """

    rows: IntArray
    weights: FloatArray
    tried: int

    @property
    def effective_size(self) -> float:
        """The effective sample size of the weighted combinations."""
        return effective_size(self.rows, self.weights)


def effective_size(rows: IntArray, weights: FloatArray) -> float:
    """Return the least of Kish's number over combinations and over each arm's draws.

    Combinations share draws, so their own number says too much; a draw's weight is the sum over the
    combinations that it is in.

    Parameters
    ----------
    rows : array of int, shape (T, A)
        Which draw of each arm.
    weights : array of float, shape (T,)
        Of the combinations.

    Examples
    --------
    >>> effective_size(np.array([[0, 0], [0, 1], [1, 2]]), np.ones(3))
    1.8
    """
    of_arms = [np.bincount(rows[:, m], weights).astype(float) for m in range(rows.shape[1])] if rows.size else []
    return min(float(effective_sample_size(own)) for own in (weights, *of_arms))


def rounds(
    scores: Sequence[FloatArray],
    shared: Sequence[float],
    alive: Sequence[npt.NDArray[np.bool_]],
    rng: np.random.Generator,
) -> Iterator[IntArray]:
    """Yield combinations (T, A) of the draws of positive weight, paired by the prior of follow-up, one round at a time.

    There are as many rounds as draws, so that on average every combination comes as often as the prior has it come.

    Parameters
    ----------
    scores, shared
        As for `survrecon.analysis.pairing.joint_pairs`.
    alive : sequence of array of bool, shape (k,)
        By arm: the draws that print what is printed of the arm alone; the others are in no combination.
    rng : Generator
        Of the pairing.
    """
    waiting: list[IntArray] = []
    k = min(map(len, scores)) if len(scores) > 1 else 1
    for turn in range(k):
        rows = joint_pairs(scores, shared, rng)
        waiting.append(rows[np.all([own[rows[:, m]] for m, own in enumerate(alive)], axis=0)])
        if sum(map(len, waiting)) >= k / 2 or turn == k - 1:
            yield np.concatenate(waiting)
            waiting = []


def distinct_combinations(rows: IntArray, weights: FloatArray, tried: int) -> Weighted:
    """Return distinct combinations (T, A); repeated ones have the sum of their weights.

    Examples
    --------
    >>> once = distinct_combinations(np.array([[0, 1], [2, 0], [0, 1]]), np.array([1.0, 0.5, 1.0]), tried=9)
    >>> once.rows.tolist(), once.weights.tolist()
    ([[0, 1], [2, 0]], [2.0, 0.5])
    """
    each, place = np.unique(rows, axis=0, return_inverse=True)
    summed = np.bincount(place.ravel(), weights, minlength=len(each)).astype(float)
    return Weighted(rows=each, weights=summed, tried=tried)


def resampled(weighted: Weighted, k: int, rng: np.random.Generator) -> IntArray:
    """Return ``k`` combinations, (k, A), each as often as its weight asks for, give or take one."""
    return np.asarray(weighted.rows[rng.permutation(systematic_resampling(weighted.weights, k, rng))])


_OTHERS = 4  # data sets of the other arm
_FEWEST = 20  # exact fits without which nothing is screened
_EDGE = NUMERICAL_NOISE

BoxesOf = Callable[[ContrastDraws], list[PrintedRange]]


class Screen:
    """Screen pairs of draws by approximate contrasts of two arms, before Cox's model is fitted.

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
        # ln HR, its standard error and z are about additive over arms: one effect per draw of either arm, from fits
        # with a few draws of the other.
        some = [np.linspace(0, len(arm) - 1, _OTHERS).astype(np.int64) for arm in (over, of)]
        below = np.mean([_table(contrast_draws(over, [of[j]])) for j in some[1]], axis=0)
        above = np.mean([_table(contrast_draws([over[i]], of)) for i in some[0]], axis=0)
        self._added = below, above - below[:, some[0]].mean(axis=1, keepdims=True)
        # How far the approximation is off where exact fits are known: its mean, and the largest deviation from it.
        self._boxes = boxes
        self._shift: list[tuple[float, float]] = []
        for known, about in zip(boxes(exact), boxes(self._fits(rows)), strict=True):
            off = known.measured(known.values) - about.measured(about.values)
            off = off[np.isfinite(off)]
            slack = float(np.abs(off - off.mean()).max()) if off.size >= _FEWEST else np.inf
            self._shift.append((float(off.mean()) if off.size else 0.0, slack))

    def near(self, rows: IntArray) -> IntArray:
        """Return the indices of combinations (T, 2) that may satisfy every constraint."""
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
    boxes: Mapping[int, tuple[FloatArray, list[PrintedRange]]]


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
            sets[1:] = [
                tuple(reorder_if_identical(sets[0], sets[m], shared=parts[m], arm=m)) for m in range(1, len(sets))
            ]
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
            # Enough combinations, all the fits that are allowed, or too few so far to reach the fewest in the end.
            if kept >= enough or self.fitted >= most:
                break
            if self.fitted >= _EARLY and (kept + 2 * sqrt(kept) + 3) * 4 * most / self.fitted < FEWEST:
                break
        return distinct_combinations(np.concatenate(rows), np.concatenate(weights), tried)

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
            # Cox's model is fitted to those combinations alone that the screen lets through.
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

    def boxes(self) -> list[tuple[FloatArray, list[PrintedRange]]]:
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
            curves = kaplan_meier_curves(draws)
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

    def _printed(self, pair: Pair, fits: ContrastDraws) -> list[tuple[FloatArray, list[PrintedRange]]]:
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
