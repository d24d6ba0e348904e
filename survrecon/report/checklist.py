"""What an assessor asks of a reconstruction, in the order in which it is asked."""

from __future__ import annotations

from survrecon.record import SourceKind
from survrecon.report import checklist_given as given
from survrecon.report import checklist_reliance as reliance
from survrecon.report.checklist_item import ChecklistItem
from survrecon.result import RecordResult

__all__ = ["checklist"]


def checklist(result: RecordResult) -> tuple[ChecklistItem, ...]:
    """Return the questions in the order in which an assessor asks them."""
    if not result.reconstructions:
        return ()
    items = [
        given.points(result),
        given.sizes(result),
        given.risk_table(result),
        given.totals(result),
        given.marks(result),
    ]
    if result.record.readings:
        items += [given.unit(result), given.direction(result), reliance.doubts(result)]
    if result.record.kind is SourceKind.SUMMARY:
        items.append(given.follow_up(result))
    return (
        *items,
        reliance.unique(result),
        reliance.width(result),
        reliance.repairs(result),
        reliance.checks(result),
        given.COVARIATES,
    )
