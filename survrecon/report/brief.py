"""What is read in a minute: a table of hazard ratios, printed beside rebuilt, and a line a group of assumptions."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from survrecon.checks.results import JUDGED, Verdict
from survrecon.model.published import RatioClass
from survrecon.records.schema import SourceKind
from survrecon.report.content.checks import headlines
from survrecon.report.content.words import NOT_REAL, VERDICT_STYLE, WATERMARK
from survrecon.report.json import assumptions
from survrecon.report.settings import TEXT
from survrecon.report.table import TextTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from survrecon.checks.results import Agreement, RecordResult
    from survrecon.report.content.checks import CheckRow

__all__ = ["brief_table", "ratio_counts", "shortened"]

_COLUMNS = ("record", "endpoint", "paper", "rebuilt", "allowed", "verdict")
_GROUP_ENDS = re.compile(r"[:,;]|\s(?=\d)")
"""Where the words end that texts of one group of assumptions share."""


def shortened(text: str, width: int) -> str:
    """Return a text on no more columns than ``width``, its end cut.

    Examples
    --------
    >>> shortened("progression-free survival", 12)
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
    cut = tuple((name, shortened(endpoint, left), *rest) for name, endpoint, *rest in rows)
    return TextTable(
        heading=f"{len(results)} records" if len(results) != 1 else "1 record",
        columns=_COLUMNS,
        rows=cut,
        notes=tuple(shortened(line, TEXT.brief_width) for line in _notes(results, details)),
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
        lines.append(head + shortened(first, TEXT.brief_width - len(head) - len(others)) + others)
    return lines
