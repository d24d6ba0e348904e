"""What a summary reconstruction is built from: one arm's printed numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from survrecon.model.estimate import USUAL_LEVEL
from survrecon.model.published import Bound, PublishedFact, Quantity
from survrecon.reconstruction.summary.design import Variation
from survrecon.reconstruction.summary.settings import PROPOSALS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.model.document import FollowUp
    from survrecon.records.schema import Arm, RecordDocument

__all__ = [
    "PrintedMedian",
    "SummaryArm",
    "SurvivalPoint",
    "scenarios",
    "summary_arm",
    "summary_arms",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class SurvivalPoint:
    """A printed survival probability: ``survival`` at ``time``, give or take ``rounding``."""

    time: float
    survival: float
    rounding: float


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedMedian:
    """A printed median, give or take ``rounding``, with the limits of its interval where printed, of ``level``."""

    time: float
    rounding: float
    low: float | None = None
    high: float | None = None
    level: float = USUAL_LEVEL


@dataclass(frozen=True, kw_only=True, slots=True)
class SummaryArm:
    """One arm's printed numbers.

    Parameters
    ----------
    name : str
        The arm.
    n : int
        Patients.
    points : tuple of SurvivalPoint
        Printed probabilities in order of time.
    median : PrintedMedian or None
        The printed median.
    median_not_reached : bool
        Whether the paper says that the curve stays above one half.
    events : int or None
        Total events of the endpoint.
    events_at_least : int
        A count that leaves some of the endpoint's events out.
    bounds : tuple of str
        What is printed as a bound: a check, and not built from.
    """

    name: str
    n: int
    points: tuple[SurvivalPoint, ...] = ()
    median: PrintedMedian | None = None
    median_not_reached: bool = False
    events: int | None = None
    events_at_least: int = 0
    bounds: tuple[str, ...] = ()

    @property
    def has_survival_point(self) -> bool:
        """Whether a survival probability is printed, the median counting as one half."""
        return bool(self.points) or self.median is not None

    @property
    def printed_times(self) -> tuple[float, ...]:
        """The times at which the level of the curve is told, limits of the median among them, rising."""
        median = self.median
        medians = () if median is None else (median.time, median.low, median.high)
        return tuple(sorted({*(point.time for point in self.points), *(time for time in medians if time is not None)}))

    @property
    def is_buildable(self) -> bool:
        """Whether anything fixes the level of the curve."""
        return self.has_survival_point or bool(self.events)


def summary_arms(document: RecordDocument, *, without: PublishedFact | None = None) -> tuple[SummaryArm, ...]:
    """Return every arm's printed numbers, control first, with one fact left out if asked."""
    return tuple(summary_arm(document, arm, without=without) for arm in (document.control, *document.treatments))


def summary_arm(document: RecordDocument, arm: Arm, *, without: PublishedFact | None = None) -> SummaryArm:
    """Return one arm's printed numbers; leaving out a median leaves out its interval too."""

    def facts(quantity: Quantity) -> list[PublishedFact]:
        found = (fact for fact in document.facts_of(quantity, arm.name) if fact != without)
        return [fact for fact in found if fact.bound is Bound.EXACT or quantity.definition.lower_bound]

    points = [
        SurvivalPoint(time=fact.at, survival=fact.number, rounding=fact.rounding)
        for fact in facts(Quantity.SURVIVAL)
        if fact.at is not None and fact.number is not None
    ]
    medians = facts(Quantity.MEDIAN)
    printed = next((fact for fact in medians if fact.number is not None), None)
    totals = [int(fact.number) for fact in facts(Quantity.EVENTS) if fact.number is not None]
    bounds = [int(fact.number) for fact in facts(Quantity.EVENTS_AT_LEAST) if fact.number is not None]
    assert arm.n is not None  # asked for before anything is built
    return SummaryArm(
        name=arm.name,
        n=arm.n,
        points=tuple(sorted(points, key=lambda point: point.time)),
        median=None if printed is None else _printed_median(printed),
        median_not_reached=printed is None and any(fact.value == "not reached" for fact in medians),
        events=totals[0] if totals else None,
        events_at_least=max(bounds, default=0),
        bounds=tuple(
            fact.statement
            for fact in sorted(document.facts, key=lambda fact: fact.at is None)
            if fact.arm == arm.name and fact.quantity.definition.is_point and fact.bound is not Bound.EXACT
        ),
    )


def _printed_median(fact: PublishedFact) -> PrintedMedian:
    assert fact.number is not None
    interval = fact.interval
    return PrintedMedian(
        time=fact.number,
        rounding=fact.rounding,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        level=USUAL_LEVEL if interval is None else interval.level,
    )


def scenarios(arms: Sequence[SummaryArm], follow_up: FollowUp) -> tuple[Variation, ...]:
    """Return the scenarios that apply: accrual, drop-out of one arm, tail hazard, assumed follow-up.

    The tail is not varied where totals of events are printed for every arm, for they fix it.
    """
    found = [
        Variation(
            name="early accrual",
            description="accrual shape halved: more patients entered early, against the printed median follow-up",
            shape_factor=0.5,
        ),
        Variation(
            name="late accrual",
            description="accrual shape doubled: more patients entered late, against the printed median follow-up",
            shape_factor=2.0,
        ),
    ]
    found += [
        Variation(
            name=f"drop-out in {arm.name}",
            description=f"{PROPOSALS.scenario_loss:.0%} a year more are lost to follow-up in this arm alone",
            extra_yearly_loss=((arm.name, PROPOSALS.scenario_loss),),
        )
        for arm in arms
    ]
    if any(arm.events is None for arm in arms):
        found += [
            Variation(
                name=f"tail hazard {word}",
                description=f"after the last printed point the hazard is {word} the mean before, in both arms",
                tail_factor=factor,
            )
            for word, factor in (("half", 0.5), ("double", 2.0))
        ]
    if follow_up.assumed is not None:
        found += [
            Variation(
                name=f"{word} shortest follow-up",
                description=f"the {word} end of the assumed range, {value:g}",
                shortest_at=place,
            )
            for word, value, place in zip(("low", "high"), follow_up.assumed.shortest, (0.0, 1.0), strict=True)
        ]
    return tuple(found)
