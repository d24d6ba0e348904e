"""One trial at two data cut-offs: the same patients, seen longer.

One entry-time and one drop-out model hold for both. Patients at the earlier cut-off print its numbers; between two
printed points events fall at random. Whoever was still followed then gets a further history at random, for what
happened to them later had not been seen: an event by the hazard of the arm, known from the patients at risk as far as
there were any, or a loss, or the later cut-off. Data sets of the later cut-off count by whether they print its numbers.
The derivation of what the earlier estimate says of the later one is in docs/model.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from survrecon.errors import ReconstructionError
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.statespace.smc import effective_sample_size, systematic_resampling
from survrecon.reconstruction.summary.accepted import CutoffDraws
from survrecon.reconstruction.summary.design import median_follow_up, methods_of, potential_follow_up
from survrecon.reconstruction.summary.draws import draw_at_cutoff
from survrecon.reconstruction.summary.patients import PatientBatch
from survrecon.reconstruction.summary.proposals import Placing, prints_the_same
from survrecon.reconstruction.summary.settings import JOINT
from survrecon.reconstruction.summary.target import central_survival

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import BoolArray, FloatArray, IntArray
    from survrecon.model.document import FollowUp
    from survrecon.reconstruction.summary.design import Design
    from survrecon.reconstruction.summary.inputs import SummaryArm

__all__ = ["FurtherHistories", "JointDraws", "TwoCutoffs", "draw_joint"]


@dataclass(frozen=True, kw_only=True)
class TwoCutoffs:
    """What is printed of one endpoint of a trial at two data cut-offs; arms in the same order and of the same size.

    Parameters
    ----------
    earlier, later : tuple of SummaryArm
        Control first.
    earlier_follow_up, later_follow_up : FollowUp
        With the same recruitment, and the date of each cut-off.
    time_unit : str
        Of both.
    """

    earlier: tuple[SummaryArm, ...]
    later: tuple[SummaryArm, ...]
    earlier_follow_up: FollowUp
    later_follow_up: FollowUp
    time_unit: str

    @cached_property
    def gap(self) -> float:
        """Time between the cut-offs.

        Raises
        ------
        ReconstructionError
            If recruitment or a cut-off is not printed, or the later cut-off is not later.
        """
        windows = [follow_up.window(self.time_unit) for follow_up in (self.earlier_follow_up, self.later_follow_up)]
        if windows[0] is None or windows[1] is None:
            raise ReconstructionError(
                "two data cut-offs", "the recruitment and both cut-offs by date", "not printed", "analyse each alone"
            )
        gap = windows[1][1] - windows[0][1]
        if gap < 0:
            raise ReconstructionError(
                "two data cut-offs",
                "the earlier one first",
                f"{gap:.1f} {self.time_unit} between them",
                "exchange them",
            )
        return gap

    def admits(self, designs: Design, rng: np.random.Generator) -> BoolArray:
        """Return which designs of the earlier cut-off (k,) go on, by whether they print the later median follow-up.

        The patients are not spread evenly, so the median that a design expects is met up to chance.
        """
        follow_up = self.later_follow_up
        if follow_up.median is None or self.gap == 0:
            return np.ones(designs.shape.size, dtype=bool)
        longest = float(designs.longest.max()) + self.gap
        grid = np.linspace(0.0, longest, JOINT.median_grid)
        sizes = np.array([arm.n for arm in self.later])
        pooled = np.average([central_survival(arm, grid, longest / 2) for arm in self.later], axis=0, weights=sizes)
        followed = potential_follow_up(grid, designs.shortest + self.gap, designs.longest + self.gap, designs.shape)
        followed = followed * np.exp(-np.outer(designs.loss[self.later[0].name], grid))
        error = _error_of_median(followed.mean(axis=0), pooled, grid, follow_up.median, sizes.sum())
        printed = follow_up.median + JOINT.medians_apart * error * rng.standard_normal(designs.shape.size)
        half = 0.5 * 10.0**-follow_up.median_decimals
        near = [
            np.abs(median_follow_up(followed, method, grid, pooled) - printed) <= half
            for method in methods_of(follow_up)
        ]
        admitted: BoolArray = np.any(near, axis=0)
        return admitted


def _error_of_median(followed: FloatArray, survival: FloatArray, grid: FloatArray, at: float, n: int) -> float:
    """Return the standard error of a median follow-up by Greenwood's sum, follow-up being the event (reverse)."""
    place = min(int(np.searchsorted(grid, at)), grid.size - 2)
    at_risk = np.maximum(n * followed * survival, 1.0)
    hazard = -np.diff(np.log(np.maximum(followed[: place + 2], JOINT.least_survival)))
    error = followed[place] * np.sqrt(np.sum(hazard[:place] / at_risk[:place]))
    slope = (followed[place - 1] - followed[place + 1]) / (grid[place + 1] - grid[place - 1])
    return float(error / max(slope, JOINT.least_survival))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class JointDraws:
    """Data sets of both cut-offs: draw i of the later one holds the patients of draw i of the earlier one.

    Parameters
    ----------
    earlier, later : dict of str to list of PseudoIPD
        By arm, k data sets each, of equal weight.
    effective : float
        Effective sample size of the data sets, before they were made of equal weight.
    data_sets : int
        Data sets of the earlier cut-off that got further histories.
    accepted : dict of str to float
        By arm, the share of further histories that print the numbers of the later cut-off.
    """

    earlier: dict[str, list[PseudoIPD]]
    later: dict[str, list[PseudoIPD]]
    effective: float
    data_sets: int
    accepted: dict[str, float]


def draw_joint(cutoffs: TwoCutoffs, *, k: int, rng: np.random.Generator) -> JointDraws:
    """Draw k data sets of both cut-offs.

    Raises
    ------
    ReconstructionError
        If the numbers of the earlier cut-off cannot be met, or hardly any further history meets those of the later.
    """
    waves: list[tuple[CutoffDraws, dict[str, _Histories]]] = []
    for wave in range(JOINT.waves):
        state = draw_at_cutoff(
            cutoffs.earlier,
            cutoffs.earlier_follow_up,
            time_unit=cutoffs.time_unit,
            k=max(k, JOINT.wave) if wave else k,
            rng=rng,
            placing=Placing.BETWEEN_POINTS if cutoffs.gap > 0 else Placing.AT_RANDOM,
            admitted=partial(cutoffs.admits, rng=rng),
        )
        waves.append((state, _histories(cutoffs, state, rng)))
        weights = np.concatenate([_weights(histories) for _, histories in waves])
        effective = float(effective_sample_size(weights))
        if effective >= k / 2 or (effective == 0 and wave):
            break
    if effective < JOINT.least_effective * min(1.0, k / (2 * JOINT.least_effective)):
        raise ReconstructionError(
            "two data cut-offs",
            f"an effective sample size of {JOINT.least_effective} data sets that print the numbers of both",
            f"{effective:.0f} of {weights.size}",
            "the patients may have been assessed or censored anew: analyse each cut-off alone",
        )
    state = CutoffDraws.together([state for state, _ in waves])
    rows = systematic_resampling(weights, k, None)  # all of them in order where they weigh the same
    later = {arm.name: _chosen([histories[arm.name] for _, histories in waves], rows, rng) for arm in cutoffs.later}
    return JointDraws(
        earlier=state.take(rows).ipd(cutoffs.time_unit),
        later={name: _ipd(batch, name, cutoffs.time_unit) for name, batch in later.items()},
        effective=effective,
        data_sets=weights.size,
        accepted={
            arm.name: float(np.mean([histories[arm.name].accepted for _, histories in waves])) for arm in cutoffs.later
        },
    )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FurtherHistories:
    """What happens between two cut-offs to the patients of one arm that were still followed at the earlier one.

    Parameters
    ----------
    batch : PatientBatch
        Patients at the earlier cut-off, (k, n).
    gap : float
        Time between the cut-offs.
    grid : array of float, shape (m,)
        Times up to the end of the longer follow-up, even.
    steps : array of float, shape (k, m - 1)
        Hazard of each step of the grid.
    edges : array of int, shape (b + 1,)
        Where on the grid its pieces of equal uncertainty end.
    shape : array of float, shape (k, b)
        Events that each piece's hazard is known by.
    loss : array of float, shape (k,)
        Hazard of loss to follow-up.
    row, column : array of int, shape (p,)
        The patients still followed.
    """

    batch: PatientBatch
    gap: float
    grid: FloatArray
    steps: FloatArray
    edges: IntArray
    shape: FloatArray
    loss: FloatArray
    row: IntArray
    column: IntArray

    @classmethod
    def of(cls, arm: SummaryArm, state: CutoffDraws, gap: float) -> FurtherHistories:
        """Return those of an arm; ``arm`` is what the earlier cut-off prints of it."""
        mine = state.arms[arm.name]
        grid, hazard = _extended(state.grid, -np.log(np.maximum(mine.survival, JOINT.least_survival)), gap)
        steps = np.diff(hazard, axis=1)
        edges = np.unique(np.linspace(0, grid.size - 1, JOINT.pieces + 1).astype(int))
        row, column = np.nonzero(~mine.batch.event & ~mine.batch.lost)
        return cls(
            batch=mine.batch,
            gap=gap,
            grid=grid,
            steps=steps,
            edges=edges,
            shape=_known_by(mine.batch, grid, steps, edges, max(arm.printed_times, default=0.0)),
            loss=state.design.loss[arm.name],
            row=row,
            column=column,
        )

    def hazard(self, rng: np.random.Generator) -> FloatArray:
        """Draw cumulative hazards (k, m) as uncertain as the patients at the earlier cut-off leave them.

        In each piece the hazard is multiplied by a gamma variable of mean 1 that is worth the events there, so that
        the variance of the cumulative hazard is Greenwood's sum.
        """
        factor = rng.standard_gamma(self.shape) / self.shape
        varied = np.cumsum(self.steps * np.repeat(factor, np.diff(self.edges), axis=1), axis=1)
        return np.concatenate([np.zeros((len(varied), 1)), varied], axis=1)

    def draw(self, rng: np.random.Generator, *, events: int | None = None) -> tuple[PatientBatch, FloatArray]:
        """Follow all patients to the later cut-off once.

        Parameters
        ----------
        events : int, optional
            The printed total, which every history is made to have.

        Returns
        -------
        PatientBatch, array of float, shape (k,)
            Patients, and the chance of that total, by which each history is to be weighted; 1 without a total.
        """
        hazard, start = self.hazard(rng), self.batch.time[self.row, self.column]
        lost_at = start + rng.exponential(size=start.size) / np.maximum(self.loss[self.row], JOINT.least_loss)
        last = np.minimum(lost_at, start + self.gap)
        before, after = (_at(self.grid, hazard, self.row, time) for time in (start, last))
        level = rng.exponential(size=start.size)
        weight = np.ones(self.loss.size)
        if events is not None:
            needed = level / np.maximum(after - before, JOINT.least_survival)
            scale, weight = self._scale(hazard, needed, events, rng)
            hazard, before, after = hazard * scale[:, None], before * scale[self.row], after * scale[self.row]
        level = level + before
        fails = level <= after
        end = last.copy()
        end[fails] = np.minimum(_when(self.grid, hazard, self.row[fails], level[fails]), last[fails])
        time, event, lost = self.batch.time.copy(), self.batch.event.copy(), self.batch.lost.copy()
        time[self.row, self.column], event[self.row, self.column] = end, fails
        lost[self.row, self.column] = ~fails & (lost_at < start + self.gap)
        return PatientBatch.in_order(time, event, lost), weight

    def _scale(
        self, hazard: FloatArray, needed: FloatArray, events: int, rng: np.random.Generator
    ) -> tuple[FloatArray, FloatArray]:
        """Draw the multiple of each hazard (k,) that gives the total of events, and the chance of such a one (k,).

        Gamma variables, given their proportions, have a sum that is a gamma variable too; so the multiple has a known
        distribution. ``needed`` (p,) is the multiple from which on each patient has the event.
        """
        from scipy.special import gammainc, gammaincinv

        place = np.full(self.batch.time.shape, np.inf)
        place[self.row, self.column] = needed
        place = np.concatenate([np.zeros((len(place), 1)), np.sort(place, axis=1), np.full((len(place), 1), np.inf)], 1)
        more = events - self.batch.events
        possible = (more >= 0) & (more <= np.bincount(self.row, minlength=more.size))
        more = np.clip(more, 0, self.batch.time.shape[1])
        rows = np.arange(more.size)
        known = self.shape.sum(axis=1)
        rate = (self.shape * self._factors(hazard)).sum(axis=1)
        low, high = (gammainc(known, rate * place[rows, more + i]) for i in (0, 1))
        chance = np.where(possible, high - low, 0.0)
        place_of_total = np.clip(low + rng.uniform(size=low.size) * (high - low), 0.0, JOINT.below_one)
        drawn = gammaincinv(known, place_of_total) / rate
        # a hair within the limits, so that rounding gives no patient more or less
        inside = np.clip(drawn, place[rows, more] * (1 + JOINT.within), place[rows, more + 1] * (1 - JOINT.within))
        return np.where(possible, inside, 1.0), chance

    def _factors(self, hazard: FloatArray) -> FloatArray:
        """Return by what each piece of the hazard was multiplied (k, b)."""
        before = np.add.reduceat(self.steps, self.edges[:-1], axis=1)
        after = np.diff(hazard[:, self.edges], axis=1)
        factors: FloatArray = np.where(before > 0, after / np.where(before > 0, before, 1.0), 1.0)
        return factors


def _extended(grid: FloatArray, hazard: FloatArray, gap: float) -> tuple[FloatArray, FloatArray]:
    """Return grid (m,) and cumulative hazard (k, m) on to the later cut-off, at the slope of their last step."""
    step = grid[1] - grid[0]
    more = np.arange(1, int(np.ceil(gap / step)) + 2)
    beyond = hazard[:, -1:] + (hazard[:, -1:] - hazard[:, -2:-1]) * more
    return np.concatenate([grid, grid[-1] + step * more]), np.concatenate([hazard, beyond], axis=1)


def _known_by(
    batch: PatientBatch, grid: FloatArray, steps: FloatArray, edges: IntArray, printed_until: float
) -> FloatArray:
    """Return how many events the hazard of each piece is known by (k, b).

    They are those expected there at the earlier cut-off; beyond the last printed point the assumption about the tail
    counts as events too.
    """
    gone = np.stack([np.searchsorted(row, grid[:-1], side="left") for row in batch.time])
    events = np.add.reduceat(steps * (batch.time.shape[1] - gone), edges[:-1], axis=1)
    tail = np.clip(grid[edges[1:]] - np.maximum(grid[edges[:-1]], printed_until), 0.0, None)
    assumed = JOINT.tail_events * tail / max(float(tail.sum()), JOINT.least_shape)
    shape: FloatArray = np.maximum(events + assumed, JOINT.least_shape)
    return shape


def _at(grid: FloatArray, rows: FloatArray, row: IntArray, time: FloatArray) -> FloatArray:
    """Interpolate row ``row`` (p,) of ``rows`` (k, m) at ``time`` (p,), on an even grid."""
    place = np.minimum(time / (grid[1] - grid[0]), grid.size - 1.5)
    before = place.astype(np.int64)
    flat, index = rows.ravel(), row * grid.size + before
    low = flat[index]
    values: FloatArray = low + (place - before) * (flat[index + 1] - low)
    return values


def _when(grid: FloatArray, hazard: FloatArray, row: IntArray, level: FloatArray) -> FloatArray:
    """Return when row ``row`` (p,) of a rising ``hazard`` (k, m) reaches ``level`` (p,)."""
    apart = float(hazard[:, -1].max()) + 1.0  # lays the rows one above the other
    shift = np.arange(len(hazard)) * apart
    stacked = (hazard + shift[:, None]).ravel()
    after = np.searchsorted(stacked, level + shift[row]) % grid.size
    after = np.maximum(after, 1)
    low, high = hazard[row, after - 1], hazard[row, after]
    share = np.where(high > low, (level - low) / np.where(high > low, high - low, 1.0), 0.0)
    when: FloatArray = grid[after - 1] + np.clip(share, 0.0, 1.0) * (grid[after] - grid[after - 1])
    return when


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Histories:
    """Further histories that print the later numbers.

    Of which draw and with which weight, (p,); the weight of all of each draw's, (k,); the share of all that print them.
    """

    row: IntArray
    weight: FloatArray
    batch: PatientBatch
    evidence: FloatArray
    accepted: float


def _histories(cutoffs: TwoCutoffs, state: CutoffDraws, rng: np.random.Generator) -> dict[str, _Histories]:
    """Make further histories of all arms; a draw that one arm has ruled out is followed no further."""
    found: dict[str, _Histories] = {}
    open_draws = np.arange(state.count)
    for earlier, later in zip(cutoffs.earlier, cutoffs.later, strict=True):
        one = _histories_of(FurtherHistories.of(earlier, state.take(open_draws), cutoffs.gap), later, rng)
        evidence = np.zeros(state.count)
        evidence[open_draws] = one.evidence
        found[later.name] = replace(one, row=open_draws[one.row], evidence=evidence)
        open_draws = np.flatnonzero(evidence > 0)
    return found


def _histories_of(histories: FurtherHistories, later: SummaryArm, rng: np.random.Generator) -> _Histories:
    """Make further histories of an arm until enough of them print its later numbers."""
    k, tried = histories.loss.size, 0
    row, weight = np.zeros(0, dtype=int), np.zeros(0)
    kept = [histories.batch.take(row)]
    while tried < JOINT.histories and row.size < JOINT.enough * k:
        batch, chance = histories.draw(rng, events=later.events)
        prints = np.all([chance > 0, *prints_the_same(batch, later).values()], axis=0)
        mine = np.flatnonzero(prints)
        row, weight = np.concatenate([row, mine]), np.concatenate([weight, chance[mine]])
        kept.append(batch.take(mine))
        tried += 1
    return _Histories(
        row=row,
        weight=weight,
        batch=PatientBatch.together(kept),
        evidence=np.bincount(row, weights=weight, minlength=k) / max(tried, 1),
        accepted=float(weight.sum()) / max(tried * k, 1),
    )


def _weights(histories: dict[str, _Histories]) -> FloatArray:
    """Return each draw's chance that further histories of all arms print the later numbers (k,)."""
    weights: FloatArray = np.prod([one.evidence for one in histories.values()], axis=0)
    return weights


def _chosen(waves: Sequence[_Histories], rows: IntArray, rng: np.random.Generator) -> PatientBatch:
    """Return a further history for each chosen draw, by their weights."""
    counts = [one.evidence.size for one in waves]
    row = np.concatenate([one.row + sum(counts[:i]) for i, one in enumerate(waves)])
    weight = np.concatenate([one.weight for one in waves])
    picked = []
    for draw in rows.tolist():
        mine = np.flatnonzero(row == draw)
        picked.append(rng.choice(mine, p=weight[mine] / weight[mine].sum()))
    return PatientBatch.together([one.batch for one in waves]).take(np.array(picked))


def _ipd(batch: PatientBatch, name: str, time_unit: str) -> list[PseudoIPD]:
    return [
        PseudoIPD(time=time, event=event, arm=name, time_unit=time_unit)
        for time, event in zip(batch.time, batch.event, strict=True)
    ]
