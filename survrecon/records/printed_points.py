"""The points that a paper's text prints of a curve: survival probabilities, and a median as survival 0.5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from survrecon.model.published import Bound, PublishedFact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from survrecon.records.schema import RecordDocument

__all__ = ["points_csv", "printed_points"]


def printed_points(document: RecordDocument, arm: str) -> tuple[tuple[float, float], ...]:
    """Return (time, survival) of every printed point of an arm in order of time, (0, 1) first.

    Empty if no point is printed: a curve that starts at 1 and is then unknown is no curve.
    """
    points = sorted({_point(fact) for fact in document.published if fact.arm == arm and _is_point(fact)})
    return ((0.0, 1.0), *points) if points else ()


def points_csv(points: Iterable[tuple[float, float]]) -> str:
    r"""Return the text of a record's points file.

    Examples
    --------
    >>> points_csv([(0, 1), (36, 0.59)])
    'time,survival\n0,1\n36,0.59\n'
    """
    return "time,survival\n" + "".join(f"{time:.10g},{survival:.10g}\n" for time, survival in points)


def _is_point(fact: PublishedFact) -> bool:
    printed = fact.number is not None and fact.bound is Bound.EXACT
    return printed and fact.quantity.definition.is_point


def _point(fact: PublishedFact) -> tuple[float, float]:
    if fact.number is None or (fact.at is None and fact.quantity.definition.at):
        raise TypeError(fact.label)
    return (fact.number, 0.5) if fact.at is None else (fact.at, fact.number)
