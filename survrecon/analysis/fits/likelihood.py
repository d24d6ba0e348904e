"""The log likelihood of a model in many data sets at once, with its first two derivatives.

Patients of all data sets stand one after the other in `Block`s of one kind and one arm each, so that a family is asked
once for all of them; sums over patients are taken by data set. Densities are on the time scale, not that of log time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from survrecon.analysis.fits.families import Derivatives, Family
from survrecon.arrays import BoolArray, FloatArray, IntArray
from survrecon.model.show import BriefRepr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.model.ipd import PseudoIPD

__all__ = [
    "Block",
    "Contribution",
    "DataSets",
    "LikelihoodOptions",
    "LikelihoodTerms",
    "data_sets_of",
    "log_likelihood",
]


class Contribution(Enum):
    """What patients contribute to the likelihood."""

    EVENT = "the density at their event"
    VISIT = "the probability of an event since the visit before"
    CENSORED = "survival to when they were last seen"
    ENTRY = "one over survival to when they came under observation"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Block:
    """Patients of one arm who contribute alike, over all data sets.

    Parameters
    ----------
    kind : Contribution
        What they contribute.
    arm : int
        Place of their arm.
    time : array of float, shape (R,)
        Of their event, of last contact, or of entry.
    data_set : array of int, shape (R,)
        Which data set each is of, rising.
    earlier : array of float, shape (R,), or None
        Of events found at a visit, when the visit before was.
    background : array of float, shape (R,), or None
        Of events, the hazard of the general population, to which that of the model adds.
    """

    kind: Contribution
    arm: int
    time: FloatArray
    data_set: IntArray
    earlier: FloatArray | None = None
    background: FloatArray | None = None

    def only(self, rows: BoolArray, places: IntArray) -> Block:
        """Return the patients of some data sets, which are numbered anew by ``places``."""
        keep = rows[self.data_set]
        return replace(
            self,
            time=self.time[keep],
            data_set=places[self.data_set[keep]],
            earlier=None if self.earlier is None else self.earlier[keep],
            background=None if self.background is None else self.background[keep],
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DataSets:
    """Data sets to fit a model to.

    Parameters
    ----------
    blocks : tuple of Block
        Their patients.
    count : int
        Number of data sets, D.
    arms : int
        Number of arms that are fitted jointly, A; 1 for a fit to one arm.
    patients : array of int, shape (D,)
        Patients in each.
    events : array of int, shape (D,)
        Events in each.
    """

    blocks: tuple[Block, ...]
    count: int
    arms: int
    patients: IntArray
    events: IntArray

    def only(self, rows: BoolArray) -> DataSets:
        """Return some of the data sets."""
        places = np.cumsum(rows) - 1
        return replace(
            self,
            blocks=tuple(block.only(rows, places) for block in self.blocks),
            count=int(rows.sum()),
            patients=self.patients[rows],
            events=self.events[rows],
        )

    def repeated(self, times: int) -> DataSets:
        """Return every data set several times: first all once, then all again."""
        blocks = tuple(
            replace(
                block,
                time=np.tile(block.time, times),
                data_set=np.concatenate([block.data_set + j * self.count for j in range(times)]),
                earlier=None if block.earlier is None else np.tile(block.earlier, times),
                background=None if block.background is None else np.tile(block.background, times),
            )
            for block in self.blocks
        )
        return replace(
            self,
            blocks=blocks,
            count=self.count * times,
            patients=np.tile(self.patients, times),
            events=np.tile(self.events, times),
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class LikelihoodOptions(BriefRepr):
    """What patients contribute to the likelihood, beside their times.

    Parameters
    ----------
    entry : tuple of array of float, optional
        For each arm, when each patient came under observation (left truncation), in the order of the patients, (n,),
        or (D, n) where it differs by data set.
    visit_gap : float, optional
        Time between visits: an event at t lies between t - visit_gap and t.
    background : callable, optional
        ``background(arm, times)`` is the hazard of the general population, to which the model's adds.
    """

    entry: tuple[FloatArray, ...] | None = None
    visit_gap: float | None = None
    background: Callable[[int, FloatArray], FloatArray] | None = None

    def of_arms(self, places: Sequence[int]) -> LikelihoodOptions:
        """Return the options of some arms."""
        entry, background = self.entry, self.background
        return replace(
            self,
            entry=None if entry is None else tuple(entry[place] for place in places),
            background=None if background is None else lambda arm, times: background(places[arm], times),
        )

    @property
    def words(self) -> str:
        """What an event contributes, in words."""
        parts = ["exact times of events"]
        if self.visit_gap is not None:
            parts = [f"events between two visits, {self.visit_gap:g} apart"]
        if self.entry is not None:
            parts.append("patients under observation from their time of entry")
        if self.background is not None:
            parts.append("hazards in excess of the general population's")
        return "; ".join(parts)


def data_sets_of(arms: Sequence[Sequence[PseudoIPD]], options: LikelihoodOptions | None = None) -> DataSets:
    """Put patients in order for the likelihood.

    Parameters
    ----------
    arms : sequence of sequences of PseudoIPD
        For each arm its D data sets.
    options : LikelihoodOptions, optional
        Of these arms.
    """
    options = options or LikelihoodOptions()
    entry, visit_gap, background = options.entry, options.visit_gap, options.background
    blocks = []
    counts = {len(draws) for draws in arms}
    assert len(counts) == 1, "arms of one number of data sets"
    for place, draws in enumerate(arms):
        time = np.concatenate([one.time for one in draws])
        event = np.concatenate([one.event for one in draws])
        data_set = np.repeat(np.arange(len(draws)), [one.n for one in draws])
        late = np.zeros_like(time) if entry is None else _of_every(entry[place], len(draws))
        kind = Contribution.EVENT if visit_gap is None else Contribution.VISIT
        died = Block(kind=kind, arm=place, time=time[event], data_set=data_set[event])
        if visit_gap is not None:
            died = replace(died, earlier=np.maximum(died.time - visit_gap, 0.0))
        elif background is not None:
            died = replace(died, background=background(place, died.time))
        # Who left at time 0 says nothing; survival at time 0 is 1 and needs no logarithm.
        seen, entered = ~event & (time > 0), late > 0
        blocks += [
            died,
            Block(kind=Contribution.CENSORED, arm=place, time=time[seen], data_set=data_set[seen]),
            Block(kind=Contribution.ENTRY, arm=place, time=late[entered], data_set=data_set[entered]),
        ]
    columns = list(zip(*arms, strict=True))
    return DataSets(
        blocks=tuple(block for block in blocks if block.time.size),
        count=len(columns),
        arms=len(arms),
        patients=np.array([sum(one.n for one in column) for column in columns]),
        events=np.array([sum(one.events for one in column) for column in columns]),
    )


def _of_every(entry: FloatArray, count: int) -> FloatArray:
    """Return entry times of all data sets, one after the other."""
    return entry.ravel() if entry.ndim > 1 else np.tile(entry, count)


class LikelihoodTerms(NamedTuple):
    """The log likelihood of D data sets (D,), its gradient (D, p) and Hessian (D, p, p)."""

    value: FloatArray
    gradient: FloatArray
    hessian: FloatArray


def log_likelihood(family: Family, data: DataSets, theta: FloatArray) -> LikelihoodTerms:
    """Return the log likelihood of each data set under its own parameters.

    Parameters
    ----------
    family : Family
        With K working parameters.
    data : DataSets
        D data sets of A arms.
    theta : array of float, shape (D, p)
        Working parameters, and a coefficient for each arm but the first: p = K + A - 1.
    """
    size, total = family.size, family.size + data.arms - 1
    value = np.zeros(data.count)
    gradient = np.zeros((data.count, total))
    hessian = np.zeros((data.count, total, total))
    for block in data.blocks:
        # An arm's coefficient is added to some parameters: the map from all p to the K of this arm.
        onto = np.zeros((size, total))
        onto[:, :size] = np.eye(size)
        if block.arm > 0:
            onto[:, size + block.arm - 1] = family.shifted
        here = (theta @ onto.T).T[:, block.data_set]
        # Parameters that no patient can have had give what is not finite; that is seen below.
        with np.errstate(all="ignore"):
            found = _contribution(family, block, here)
            present, starts = np.unique(block.data_set, return_index=True)
            value[present] += np.add.reduceat(found.value, starts)
            slope = np.add.reduceat(found.slope, starts, axis=-1).T
            curve = np.moveaxis(np.add.reduceat(found.curve, starts, axis=-1), -1, 0)
            gradient[present] += slope @ onto
            hessian[present] += onto.T @ curve @ onto
    fine = np.isfinite(value) & np.isfinite(gradient).all(axis=1) & np.isfinite(hessian).all(axis=(1, 2))
    return LikelihoodTerms(
        np.where(fine, value, -np.inf),
        np.where(fine[:, None], gradient, 0.0),
        np.where(fine[:, None, None], hessian, 0.0),
    )


def _contribution(family: Family, block: Block, theta: FloatArray) -> Derivatives:
    """Return what each patient of a block contributes."""
    match block.kind:
        case Contribution.CENSORED:
            return family.log_survival(block.time, theta)
        case Contribution.ENTRY:
            tail = family.log_survival(block.time, theta)
            return Derivatives(-tail.value, -tail.slope, -tail.curve)
        case Contribution.VISIT:
            return _between_visits(family, block, theta)
    density = family.log_density(block.time, theta)
    if block.background is None:
        return density
    return _added(density, family.log_survival(block.time, theta), block.background)


def _between_visits(family: Family, block: Block, theta: FloatArray) -> Derivatives:
    """Return log(S(earlier) - S(time)) = log S(earlier) + log(1 - e^-D), D the hazard that came in between."""
    assert block.earlier is not None
    last = family.log_survival(block.time, theta)
    started = block.earlier > 0
    first = family.log_survival(np.where(started, block.earlier, block.time), theta)
    first = Derivatives(*(np.where(started, part, 0.0) for part in first))
    between = first.value - last.value
    slope, curve = first.slope - last.slope, first.curve - last.curve
    rise = 1 / np.expm1(between)
    outer = slope[:, None] * slope[None]
    return Derivatives(
        first.value + np.log(-np.expm1(-between)),
        first.slope + rise * slope,
        first.curve + rise * curve - rise * (1 + rise) * outer,
    )


def _added(density: Derivatives, tail: Derivatives, background: FloatArray) -> Derivatives:
    """Return log(h + b) + log S: the density where the hazard of the general population is added to the model's."""
    log_h, slope, curve = (f - s for f, s in zip(density, tail, strict=True))
    own = np.exp(log_h)
    share = own / (own + background)
    outer = slope[:, None] * slope[None]
    return Derivatives(
        np.log(own + background) + tail.value,
        share * slope + tail.slope,
        share * curve + share * (1 - share) * outer + tail.curve,
    )
