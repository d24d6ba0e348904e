"""What the command ``list`` prints, and which quantities are checked, in words.

It imports no array library, so that a list takes no time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from survrecon.model.published import Bound, PTest, PublishedFact, Quantity
from survrecon.model.quantities import QUANTITIES
from survrecon.records.schema import RecordDocument, SourceKind, printed_points
from survrecon.report.table import TextTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["CHECKED", "KIND_WORDS", "catalogue_table", "catalogue_to_dict", "is_checked", "not_printed"]

KIND_WORDS: Mapping[SourceKind, str] = {
    SourceKind.VECTOR: "read from the drawing commands of a PDF or SVG figure",
    SourceKind.TRACED: "read from the pixels of a figure image",
    SourceKind.MANUAL: "points that a person placed on the figure",
    SourceKind.SUMMARY: "built from printed numbers, not read from a figure",
}


def catalogue_table(documents: Mapping[str, RecordDocument]) -> TextTable:
    """Return the catalogue by record name: endpoint, source kind, and what can be checked."""
    rows = tuple(
        (
            name,
            document.analysis.trial,
            document.analysis.endpoint,
            document.analysis.data_cutoff or "",
            document.digitized.kind.value,
            _checkable(document),
        )
        for name, document in documents.items()
    )
    kinds = dict.fromkeys(document.digitized.kind for document in documents.values())
    return TextTable(
        heading="1 record" if len(rows) == 1 else f"{len(rows)} records",
        columns=("record", "trial", "endpoint", "data cut-off", "source", "what can be checked"),
        rows=rows,
        notes=tuple(f"{kind}: {KIND_WORDS[kind]}" for kind in kinds),
        grouped=("trial",),
        stacked={"data cut-off": "record"},
        unbroken=("record", "source"),
    )


def catalogue_to_dict(documents: Mapping[str, RecordDocument]) -> list[dict[str, Any]]:
    """Return the same as plain values."""
    return [
        {
            "record": name,
            "trial": document.analysis.trial,
            "endpoint": document.analysis.endpoint,
            "data_cutoff": document.analysis.data_cutoff,
            "source_kind": document.digitized.kind.value,
            "arms": [{"name": arm.name, "n": arm.n, "events": arm.events} for arm in document.arms],
            "checks": _checkable(document),
        }
        for name, document in documents.items()
    ]


def _checkable(document: RecordDocument) -> str:
    """Count the printed facts that leave something to rebuild from; of a summary, each is left out in turn."""
    summary = document.digitized.kind is SourceKind.SUMMARY
    if summary and not all(printed_points(document, arm.name) for arm in document.arms):
        return "not buildable"
    found = []
    for kind in CHECKED:
        facts = [fact for fact in document.facts_of(kind.key) if is_checked(fact)]
        count = sum(not (summary and _builds(fact)) or _leaves_something(document, fact) for fact in facts)
        if count:
            found.append(kind.one if count == 1 else f"{kind.one} x{count}")
    return ", ".join(found) or "nothing: no other number of an arm is printed"


def _builds(fact: PublishedFact) -> bool:
    """Whether a summary record is built from facts of this kind, so that a check must leave it out."""
    if fact.bound is not Bound.EXACT and not fact.quantity.definition.lower_bound:
        return False
    return fact.quantity.definition.builds


def _leaves_something(document: RecordDocument, left_out: PublishedFact) -> bool:
    """Whether an arm has another printed number that fixes its level."""
    others = (fact for fact in document.facts if fact.arm == left_out.arm and fact.quantity.definition.fixes_level)
    return any(fact.number is not None and fact.bound is Bound.EXACT and fact != left_out for fact in others)


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
