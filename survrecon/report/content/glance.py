"""What an assessor asks for first, each answer in a few words, and one sentence to quote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from survrecon import __version__
from survrecon.model.estimate import format_decimals
from survrecon.records.schema import NOT_GIVEN, SourceKind
from survrecon.report.content.checks import headlines
from survrecon.report.content.fit import residuals, risk_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.checks.results import RecordResult
    from survrecon.report.content.checks import CheckRow

__all__ = ["at_a_glance", "quotation"]


def at_a_glance(result: RecordResult, assumed: Sequence[str]) -> list[tuple[str, str]]:
    """Return question and answer: source, figure, reader, grade, patients, fit, hazard ratio, assumptions, edits.

    Parameters
    ----------
    result : RecordResult
        What came of a record.
    assumed : sequence of str
        What was assumed.
    """
    digitized = result.record.document.digitized
    source = "not given" if digitized.citation == NOT_GIVEN else digitized.citation
    pairs = [("source", source if digitized.doi is None or digitized.doi in source else f"{source}, {digitized.doi}")]
    pairs += [("figure, sha256", digitized.image_sha256)] if digitized.image_sha256 else []
    pairs.append(("read by", _reader(result)))
    pairs += [("grade of the reading", str(result.reading.grade))] if result.reading is not None else []
    pairs += [(f"{arm}: rebuilt (printed)", words) for arm, words in _arms(result)]
    fits = residuals(result)
    if fits:
        pairs.append(("largest difference of S", format_decimals(max(abs(one.largest) for one in fits), 4)))
    cells = risk_cells(result)
    if cells:
        missed = sum(cell.difference != 0 for cell in cells)
        pairs.append(("numbers at risk missed", f"{missed} of {len(cells)}"))
    pairs += [(row.quantity, _ratio(row)) for _, row in headlines(result)]
    pairs.append(("assumptions", f"{len(assumed)}, listed below" if assumed else "none"))
    return [*pairs, ("edits by a person", _edits(result)), ("to quote", quotation(result))]


def _reader(result: RecordResult) -> str:
    """Return who read the curves."""
    digitized = result.record.document.digitized
    if result.record.kind is SourceKind.SUMMARY:
        return "nobody: built from printed numbers"
    return digitized.program or "a person, with another program"


def _edits(result: RecordResult) -> str:
    edits = result.record.document.digitized.edits
    return f"{len(edits)}: {'; '.join(change for edit in edits for change in edit.changes)}" if edits else "none"


def _arms(result: RecordResult) -> list[tuple[str, str]]:
    """Return patients and events of each arm, rebuilt and as printed."""
    printed = {arm.name: arm for arm in result.record.document.arms}
    found = []
    for arm in result.arms:
        given = printed[arm.name]
        events = "not estimable" if arm.events.value is None else format_decimals(arm.events.value, 0)
        known = "not printed" if given.events is None else str(given.events)
        found.append((arm.name, f"{arm.n} ({given.n}) patients, {events} ({known}) events"))
    return found


def _ratio(row: CheckRow) -> str:
    """Return the printed ratio with its class, and how far and how closely the rebuilt one tells."""
    of_class = f", class {row.ratio_class}" if row.ratio_class else ""
    told = row.sentence or f"rebuilt {row.rebuilt or 'none'}"
    return f"the paper: {row.paper}{of_class}. {row.verdict}: {told}"


def quotation(result: RecordResult) -> str:
    """Return a sentence for a report: how patients were rebuilt, and how near the paper they come."""
    record = result.record
    if not result.arms:
        return f"The {record.endpoint} of {record.trial} could not be rebuilt: {result.not_buildable}."
    made = "printed numbers" if record.kind is SourceKind.SUMMARY else "its published figure"
    ratios = [
        f"hazard ratio {row.rebuilt}" + (f" ({row.confidence})" if row.confidence else "")
        + (f", printed {row.paper} ({row.verdict})" if check is not None else "")
        for check, row in headlines(result)
    ]  # fmt: skip
    told = f": {'; '.join(ratios)}" if ratios else ""
    return f"{record.endpoint[:1].upper()}{record.endpoint[1:]} of {record.trial} was rebuilt from {made} with " \
           f"survrecon {__version__}{told}."  # fmt: skip
