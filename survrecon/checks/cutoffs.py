"""Whether two data cut-offs may be joined: what they are of, and whether what both print can be of the same patients.

Under independent censoring the later estimate of survival at a time, given the earlier one, is normal about it with the
variance S(t)^2 [G1(t) - G2(t)], G being Greenwood's sums: see docs/model.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from math import erfc, exp, log, pi, sqrt
from typing import TYPE_CHECKING

import numpy as np

from survrecon.model.estimate import Scale
from survrecon.model.settings import NUMERICAL_NOISE
from survrecon.model.show import BriefRepr
from survrecon.reconstruction.summary.draws import draw_at_cutoff
from survrecon.reconstruction.summary.inputs import summary_arms
from survrecon.reconstruction.summary.joint import FurtherHistories, TwoCutoffs
from survrecon.reconstruction.summary.proposals import Placing
from survrecon.records.schema import SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from survrecon.checks.results import Agreement
    from survrecon.model.estimate import Estimate
    from survrecon.model.ipd import PseudoIPD
    from survrecon.reconstruction.summary.accepted import CutoffDraws
    from survrecon.reconstruction.summary.inputs import SummaryArm
    from survrecon.reconstruction.summary.patients import PatientBatch
    from survrecon.records.schema import RecordDocument

__all__ = ["FactPair", "JointAnalysis", "Narrowed", "overlapping_pairs", "two_cutoffs", "why_not_joined"]

LARGEST_Z = 2.0
"""Distance of two facts, in standard deviations, beyond which they are not of the same patients."""

PAIR_DRAWS = 60
"""Data sets from which Greenwood's sums are known: to a few percent."""

_SLOPE = 0.1  # of a median: the part of it on either side over which the hazard is taken
_DEATH_ALONE = "overall survival"  # the one endpoint that nobody has to assess


def why_not_joined(earlier: RecordDocument, later: RecordDocument) -> tuple[str, ...]:
    """Return in words what keeps two records from being two cut-offs of one endpoint in the same patients."""
    return tuple(_reasons(earlier, later))


def _reasons(earlier: RecordDocument, later: RecordDocument) -> Iterator[str]:
    for document in (earlier, later):
        if document.digitized.kind is not SourceKind.SUMMARY:
            yield "source: a joint analysis is built from printed numbers, not from a curve that was read"
            break
    yield from _not_the_same(earlier, later)
    if earlier.digitized.estimator is not later.digitized.estimator:
        yield f"estimator: {earlier.digitized.estimator}, {later.digitized.estimator}"
    sizes = [[(arm.name, arm.n) for arm in document.arms] for document in (earlier, later)]
    if sorted(sizes[0]) != sorted(sizes[1]):
        yield "population: the arms differ in name or number of patients"
    yield from _not_later(earlier, later)
    bare = [arm.name for arm in summary_arms(earlier) if not arm.has_survival_point]
    if bare:
        yield f"no survival probability or median is printed at the earlier cut-off of {' and '.join(bare)}"


def _not_the_same(earlier: RecordDocument, later: RecordDocument) -> Iterator[str]:
    """Compare in words what each analysis says it is of; what neither says cannot be known to be the same."""
    one, other = earlier.analysis, later.analysis
    pairs = {
        "trial": (one.trial, other.trial),
        "endpoint": (one.endpoint, other.endpoint),
        "definition": (one.event_definition, other.event_definition),
        "assessor": (one.assessor, other.assessor),
        "time origin": (one.time_origin, other.time_origin),
        "population": (one.population, other.population),
        "subgroup": (one.subgroup, other.subgroup),
        "censoring rule": (one.censoring_rule, other.censoring_rule),
        "time unit": (earlier.axes.time_unit, later.axes.time_unit),
    }
    needed = ["definition", "time origin", "population", *(() if one.endpoint == _DEATH_ALONE else ("assessor",))]
    for name, (first, second) in pairs.items():
        if first != second:
            yield f"{name}: {first or 'not stated'}, {second or 'not stated'}"
        elif first is None and name in needed:
            yield f"{name}: not stated"


def _not_later(earlier: RecordDocument, later: RecordDocument) -> Iterator[str]:
    """Ask for one recruitment and two cut-offs by date."""
    first, second = earlier.follow_up, later.follow_up
    windows = first.window(earlier.axes.time_unit), second.window(later.axes.time_unit)
    if windows[0] is None or windows[1] is None or first.assumed or second.assumed:
        yield "cut-off: recruitment and both cut-offs are not printed by date"
    elif (first.recruitment_start, first.recruitment_end) != (second.recruitment_start, second.recruitment_end):
        yield "population: the recruitment differs"
    elif windows[1][1] <= windows[0][1]:
        yield "cut-off: the same"


def two_cutoffs(earlier: RecordDocument, later: RecordDocument) -> TwoCutoffs:
    """Return what two records print, arms in the order of the earlier one."""
    late = {arm.name: arm for arm in summary_arms(later)}
    early = summary_arms(earlier)
    return TwoCutoffs(
        earlier=early,
        later=tuple(late[arm.name] for arm in early),
        earlier_follow_up=earlier.follow_up,
        later_follow_up=later.follow_up,
        time_unit=earlier.axes.time_unit,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class FactPair:
    """One quantity that both cut-offs print, and how far apart its values are.

    Parameters
    ----------
    label : str
        The quantity in words, with time and arm.
    earlier, later : float
        As printed.
    z : float
        Their difference over its standard deviation, rounding included; infinite where a count falls.
    """

    label: str
    earlier: float
    later: float
    z: float

    @property
    def refuses(self) -> bool:
        """Whether the two are too far apart to be of the same patients."""
        return abs(self.z) > LARGEST_Z


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrowed:
    """One quantity by a cut-off alone and by both together.

    Parameters
    ----------
    label : str
        The quantity in words, with time and arm.
    alone, joint : Estimate
        The middle of the draws with their 95% interval; a ratio on the log scale.
    decimals : int
        With which they are shown.
    """

    label: str
    alone: Estimate
    joint: Estimate
    decimals: int

    @property
    def ratio(self) -> float | None:
        """Width of the joint interval over that of the cut-off alone; of a ratio, on the log scale."""
        widths = [_width(estimate) for estimate in (self.joint, self.alone)]
        if widths[0] is None or not widths[1]:
            return None
        return widths[0] / widths[1]


def _width(estimate: Estimate) -> float | None:
    interval = estimate.interval
    if interval is None or interval.low is None or interval.high is None:
        return None
    if estimate.scale is Scale.LOG:
        return log(interval.high / interval.low)
    return interval.high - interval.low


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class JointAnalysis(BriefRepr):
    """A cut-off together with another one: what was borrowed and tested, and what came of it, or why nothing did.

    Parameters
    ----------
    other : str
        The record of the other cut-off.
    is_later : bool
        Whether this record's own cut-off is the later of the two.
    refused : str or None
        Why the two were not joined.
    borrowed : tuple of str
        What the other cut-off prints and the joint analysis is built from.
    pairs : tuple of FactPair
        What both print, tested before anything was borrowed.
    quantities : tuple of Narrowed
        The hazard ratio first.
    checks : tuple of Agreement
        Printed contrasts of this record against the joint analysis. What was borrowed, built from or tested is none.
    effective, data_sets
        Effective sample size of the data sets, and how many there were.
    own_draws : mapping of str to sequence of PseudoIPD
        The joint draws of this record's own cut-off, by arm; empty where nothing was joined.
    """

    other: str
    is_later: bool = False
    refused: str | None = None
    borrowed: tuple[str, ...] = ()
    pairs: tuple[FactPair, ...] = ()
    quantities: tuple[Narrowed, ...] = ()
    checks: tuple[Agreement, ...] = ()
    effective: float = 0.0
    data_sets: int = 0
    own_draws: Mapping[str, Sequence[PseudoIPD]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def summary(self) -> str:
        """What was joined and tested, or why not, in a sentence."""
        which = "earlier" if self.is_later else "later"
        if self.refused is not None:
            return f"not joined with the {which} cut-off, {self.other}: {self.refused}"
        tested = (
            f"{len(self.pairs)} tested, none refused" if self.pairs else "nothing is printed at both, so none tested"
        )
        return (
            f"joined with the {which} cut-off, {self.other}; pairs of facts: {tested}; "
            f"effective sample size {self.effective:.0f} of {self.data_sets} data sets"
        )


def overlapping_pairs(cutoffs: TwoCutoffs, rng: np.random.Generator) -> tuple[FactPair, ...]:
    """Return every quantity that both cut-offs print: survival at the same time, medians, counts of events.

    Raises
    ------
    ReconstructionError
        If the numbers of the earlier cut-off cannot be met.
    """
    found = list(_counts(cutoffs))
    shared = [
        (a, b) for a, b in zip(cutoffs.earlier, cutoffs.later, strict=True) if _same_times(a, b) or _medians(a, b)
    ]
    if not shared:
        return tuple(found)
    state = draw_at_cutoff(
        cutoffs.earlier,
        cutoffs.earlier_follow_up,
        time_unit=cutoffs.time_unit,
        k=PAIR_DRAWS,
        rng=rng,
        placing=Placing.BETWEEN_POINTS,
        admitted=partial(cutoffs.admits, rng=rng),
    )
    for earlier, later in shared:
        followed, _ = FurtherHistories.of(earlier, state, cutoffs.gap).draw(rng)
        found += _pairs_of_arm(earlier, later, state, followed)
    return tuple(found)


def _same_times(earlier: SummaryArm, later: SummaryArm) -> list[float]:
    late = [point.time for point in later.points]
    return [point.time for point in earlier.points if any(abs(point.time - time) <= NUMERICAL_NOISE for time in late)]


def _medians(earlier: SummaryArm, later: SummaryArm) -> bool:
    return earlier.median is not None and later.median is not None


def _counts(cutoffs: TwoCutoffs) -> Iterator[FactPair]:
    """Compare counts of events, which can only rise."""
    for earlier, later in zip(cutoffs.earlier, cutoffs.later, strict=True):
        first = earlier.events if earlier.events is not None else earlier.events_at_least
        second = later.events if later.events is not None else later.events_at_least
        known = later.events is not None or (earlier.events is None and bool(later.events_at_least))
        if first and known:
            z = 0.0 if second >= first else -np.inf
            yield FactPair(label=f"events, {earlier.name}", earlier=first, later=second, z=z)


def _pairs_of_arm(
    earlier: SummaryArm, later: SummaryArm, state: CutoffDraws, followed: PatientBatch
) -> Iterator[FactPair]:
    """Test survival at shared times, and the medians by the survival at the earlier one."""
    before = state.arms[earlier.name].batch
    for time in _same_times(earlier, later):
        first = next(point for point in earlier.points if point.time == time)
        second = next(point for point in later.points if abs(point.time - time) <= NUMERICAL_NOISE)
        middle = (first.survival + second.survival) / 2
        yield FactPair(
            label=f"survival at {time:g}, {earlier.name}",
            earlier=first.survival,
            later=second.survival,
            z=_z(
                second.survival - first.survival,
                middle * sqrt(_change(before, followed, time)),
                first.rounding + second.rounding,
            ),
        )
    if earlier.median is not None and later.median is not None:
        time, spread = earlier.median.time, 0.5 * sqrt(_change(before, followed, earlier.median.time))
        yield FactPair(
            label=f"median, {earlier.name}",
            earlier=time,
            later=later.median.time,
            z=_z(
                later.median.time - time,
                spread / max(_slope(state, earlier), NUMERICAL_NOISE),
                earlier.median.rounding + later.median.rounding,
            ),
        )


def _z(difference: float, spread: float, unit: float) -> float:
    """Return the z whose two-sided p is the chance that printed numbers are as far apart as these.

    Parameters
    ----------
    difference : float
        Of the printed numbers.
    spread : float
        Standard deviation of the difference before rounding.
    unit : float
        In which both are printed. A difference of D units is printed as k or more with the chance D - (k - 1), within
        0 and 1, for where a number lies between two printed ones is uniform; D is half-normal.
    """
    from scipy.special import ndtri

    apart = abs(difference) / unit - 1
    p = _beyond(apart, spread / unit) - _beyond(apart + 1, spread / unit)
    z = -float(ndtri(max(min(p, 1.0), _LEAST_P) / 2))
    return z if difference > 0 else -z


_LEAST_P = 1e-99  # so that its z is a number


def _beyond(limit: float, spread: float) -> float:
    """Return the mean of what a half-normal variable is beyond a limit."""
    if spread <= NUMERICAL_NOISE:
        return max(-limit, 0.0)
    if limit <= 0:
        return spread * sqrt(2 / pi) - limit
    far = limit / spread
    return 2 * spread * (exp(-0.5 * far**2) / sqrt(2 * pi) - far * 0.5 * erfc(far / sqrt(2)))


def _change(before: PatientBatch, followed: PatientBatch, time: float) -> float:
    """Return G1(t) - G2(t), the mean over draws."""
    return max(float(np.mean(before.greenwood_at(time)) - np.mean(followed.greenwood_at(time))), 0.0)


def _slope(state: CutoffDraws, arm: SummaryArm) -> float:
    """Return how fast the arm's curve falls at its median, the mean over draws, per unit of time."""
    assert arm.median is not None
    ends = arm.median.time * (1 - _SLOPE), arm.median.time * (1 + _SLOPE)
    levels = [np.mean([np.interp(end, state.grid, row) for row in state.arms[arm.name].survival]) for end in ends]
    return float(levels[0] - levels[1]) / (ends[1] - ends[0])
