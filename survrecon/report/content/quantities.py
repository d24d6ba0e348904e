"""What is checked against a paper, and in which words, out of the table of quantities.

It imports no array library, so that a list takes no time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from survrecon.model.published import PTest, PublishedFact, Quantity
from survrecon.model.quantities import QUANTITIES

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CHECKED", "is_checked", "not_printed"]


CHECKED = tuple(row for row in QUANTITIES if row.is_checked)
"""In the order in which reports name them."""


def is_checked(fact: PublishedFact) -> bool:
    """Whether a fact is of a kind that is checked: of p values, the test must be named, and be one that is computed."""
    if fact.quantity is Quantity.P_VALUE:
        return fact.test is PTest.WALD
    return fact.quantity.definition.is_checked


def not_printed(facts: Iterable[PublishedFact]) -> tuple[list[str], int]:
    """Return the questions that no fact answers, and how many questions there are."""
    answered = {fact.quantity for fact in facts if is_checked(fact)}
    questions = {kind.question: [k.key in answered for k in CHECKED if k.question == kind.question] for kind in CHECKED}
    return [words for words, found in questions.items() if not any(found)], len(questions)
