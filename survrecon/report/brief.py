"""What is read in a minute: of a record, answers to what is asked first and a sentence to quote; of many, a table.

The table has hazard ratios, printed beside rebuilt, and below it a line a group of assumptions.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from survrecon import __version__
from survrecon.checks.results import JUDGED, Verdict
from survrecon.model.estimate import format_decimals
from survrecon.model.published import RatioClass
from survrecon.records.schema import NOT_GIVEN, SourceKind
from survrecon.report.content.checks import headlines
from survrecon.report.content.fit import residuals, risk_cells
from survrecon.report.content.words import NOT_REAL, VERDICT_STYLE, WATERMARK
from survrecon.report.json import assumptions
from survrecon.report.settings import TEXT
from survrecon.report.table import TextTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from survrecon.checks.results import Agreement, RecordResult
    from survrecon.report.content.checks import CheckRow

__all__ = ["at_a_glance", "brief_table", "cut_to_width", "quotation", "ratio_counts"]

_COLUMNS = ("record", "endpoint", "paper", "rebuilt", "allowed", "verdict")
_GROUP_ENDS = re.compile(r"[:,;]|\s(?=\d)")
"""Where the words end that texts of one group of assumptions share."""


def cut_to_width(text: str, width: int) -> str:
    """Return a text on no more columns than ``width``, its end cut.

    Examples
    --------
    >>> cut_to_width("progression-free survival", 12)
    'progression…'
    """
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def brief_table(results: Sequence[RecordResult], details: str = "") -> TextTable:
    """Return a table with a row for each hazard ratio: record, endpoint, paper, rebuilt, allowed interval, verdict.

    Parameters
    ----------
    results : sequence of RecordResult
        In the order to show; records that were read from a figure come first.
    details : str
        How to see all of it, for the last line.
    """
    ordered = sorted(results, key=lambda result: result.record.kind is SourceKind.SUMMARY)
    rows = [row for result in ordered for row in _rows(result)]
    widths = [max(len(cell) for cell in column) for column in zip(_COLUMNS, *rows, strict=True)]
    gaps = TEXT.gap * (len(_COLUMNS) - 1)
    left = max(TEXT.narrowest_endpoint, TEXT.brief_width - gaps - sum(widths) + widths[1])
    cut = tuple((name, cut_to_width(endpoint, left), *rest) for name, endpoint, *rest in rows)
    return TextTable(
        heading=f"{len(results)} records" if len(results) != 1 else "1 record",
        columns=_COLUMNS,
        rows=cut,
        notes=tuple(cut_to_width(line, TEXT.brief_width) for line in _notes(results, details)),
        styles={verdict.value: style for verdict, (style, _) in VERDICT_STYLE.items()},
        unbroken=("record", "rebuilt", "allowed", "verdict"),
    )


def _rows(result: RecordResult) -> list[tuple[str, ...]]:
    """Return a row for each hazard ratio, or one that says that there is none."""
    record, found = result.record, headlines(result)
    if not found:
        verdict = Verdict.NOT_BUILDABLE if result.not_buildable else Verdict.NOT_REPORTED
        return [(record.name, record.endpoint, "not reported", "", "", verdict.value)]
    several = len(found) > 1
    return [
        (
            record.name,
            _arm_of(check, row) if several else record.endpoint,
            row.paper,
            row.rebuilt,
            row.reconstruction,
            row.verdict.value,
        )
        for check, row in found
    ]


def _arm_of(check: Agreement | None, row: CheckRow) -> str:
    """Return of which arm a ratio is, where a record has several."""
    return row.quantity.partition(", ")[2] if check is None else check.fact.of or ""


def ratio_counts(results: Iterable[RecordResult]) -> dict[RatioClass, Counter[Verdict]]:
    """Return how many printed hazard ratios have which verdict, by their class."""
    counts: dict[RatioClass, Counter[Verdict]] = {one: Counter() for one in RatioClass}
    for result in results:
        for check, row in headlines(result):
            if check is not None and row.ratio_class is not None:
                counts[row.ratio_class][check.verdict] += 1
    return counts


def _notes(results: Sequence[RecordResult], details: str) -> list[str]:
    """Return what stands below: counts, what differs, a line for each group of assumptions."""
    lines = [
        f"class {one} ({one.words}): {_counted(counts)}" for one, counts in ratio_counts(results).items() if counts
    ]
    others = Counter(check.verdict for r in results for check in r.checks if check.quantity != "hazard_ratio")
    lines += [f"other checks: {_counted(others)}"] if others else []
    lines += [
        f"{r.record.name}: {check.label} differs: {_because(check)}"
        for r in results
        for check in r.checks
        if check.verdict is Verdict.DIFFERS
    ]
    lines += assumption_groups(results)
    if any(result.record.kind is SourceKind.SUMMARY and result.reconstructions for result in results):
        lines.append(WATERMARK)
    lines += [NOT_REAL] if any(result.reconstructions for result in results) else []
    return [*lines, *((f"Everything else, with places, models and sentences: {details}",) if details else ())]


def _because(check: Agreement) -> str:
    return "no reason on record" if check.explanation is None else check.explanation.because.value


def _counted(counts: Counter[Verdict]) -> str:
    order = [*JUDGED, *(verdict for verdict in Verdict if verdict not in JUDGED)]
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in order if counts[verdict])


def assumption_groups(results: Sequence[RecordResult]) -> list[str]:
    """Return a line for each group of assumptions that begin alike, with how many records make one."""
    groups: dict[str, dict[str, None]] = {}
    records: Counter[str] = Counter()
    for result in results:
        texts = assumptions(result)
        keys = [_GROUP_ENDS.split(text, maxsplit=1)[0] for text in texts]
        records.update(set(keys))
        for key, text in zip(keys, texts, strict=True):
            groups.setdefault(key, {})[text] = None
    built = sum(bool(result.reconstructions) for result in results)
    lines = []
    for key in sorted(groups, key=lambda key: -records[key]):
        first, *more = groups[key]
        others = f" (and {len(more)} like it)" if more else ""
        head = "assumed: " if records[key] == built else f"assumed in {records[key]} of {built}: "
        lines.append(head + cut_to_width(first, TEXT.brief_width - len(head) - len(others)) + others)
    return lines


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
