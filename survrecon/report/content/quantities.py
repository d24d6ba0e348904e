"""What is checked against a paper, and in which words: the one list for the catalogue and the checklist.

It imports no array library, so that a list takes no time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from survrecon.model.published import PTest, PublishedFact, Quantity

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CHECKED", "CheckedQuantity", "is_checked", "not_printed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedQuantity:
    """A kind of printed fact that is checked.

    Parameters
    ----------
    quantity : Quantity
        The kind.
    one : str
        What one of them is called.
    many : str
        What an assessor calls them all; several kinds may answer one question.
    """

    quantity: Quantity
    one: str
    many: str


CHECKED = (
    CheckedQuantity(quantity=Quantity.HAZARD_RATIO, one="hazard ratio", many="hazard ratio"),
    CheckedQuantity(quantity=Quantity.LOGRANK_P, one="log-rank p", many="p value of a named test"),
    CheckedQuantity(quantity=Quantity.P_VALUE, one="Wald p", many="p value of a named test"),
    CheckedQuantity(quantity=Quantity.MEDIAN, one="median", many="medians"),
    CheckedQuantity(quantity=Quantity.SURVIVAL, one="survival", many="survival probabilities"),
    CheckedQuantity(quantity=Quantity.EVENTS, one="events", many="totals of events"),
    CheckedQuantity(quantity=Quantity.EVENTS_AT_LEAST, one="events at least", many="totals of events"),
    CheckedQuantity(quantity=Quantity.RESTRICTED_MEAN, one="restricted mean", many="restricted means"),
)
"""In the order in which reports name them."""


def is_checked(fact: PublishedFact) -> bool:
    """Whether a fact is of a kind that is checked: of p values, the test must be named, and be one that is computed."""
    if fact.quantity is Quantity.P_VALUE:
        return fact.test is PTest.WALD
    return any(kind.quantity is fact.quantity for kind in CHECKED)


def not_printed(facts: Iterable[PublishedFact]) -> tuple[list[str], int]:
    """Return the questions that no fact answers, and how many questions there are."""
    answered = {fact.quantity for fact in facts if is_checked(fact)}
    questions = {kind.many: [k.quantity in answered for k in CHECKED if k.many == kind.many] for kind in CHECKED}
    return [words for words, found in questions.items() if not any(found)], len(questions)
