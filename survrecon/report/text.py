"""What the commands ``reproduce`` and ``list`` print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from survrecon.agreement import Verdict
from survrecon.published import Quantity
from survrecon.record import RecordDocument, SourceKind
from survrecon.report.json_report import assumptions
from survrecon.report.rows import check_rows
from survrecon.report.table import TextTable
from survrecon.report.words import KIND_WORDS, NOT_REAL, VERDICT_STYLE, WATERMARK
from survrecon.result import RecordResult

__all__ = ["catalogue_table", "trial_tables"]

_COLUMNS = ("record", "source", "quantity", "paper", "model", "place", "rebuilt", "data sets", "95% CI", "verdict")
_COLUMN_NOTE = (
    "data sets: 95% interval over the data sets that agree with the input, widened by the rounding of the printed "
    "number; the verdict is about this one. 95% CI: sampling error included."
)


def trial_tables(results: Sequence[RecordResult]) -> list[TextTable]:
    """Return one table a trial: what each paper says, what came out, and the verdict.

    Below each table stand why nothing was built, the recorded reasons of differences, and the
    assumptions and warnings, each once.
    """
    trials: dict[str, list[RecordResult]] = {}
    for result in results:
        trials.setdefault(result.record.document.analysis.trial, []).append(result)
    return [_trial_table(trial, group) for trial, group in trials.items()]


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
        heading=f"{len(rows)} records",
        columns=("record", "trial", "endpoint", "data cut-off", "source", "printed facts to check"),
        rows=rows,
        notes=tuple(f"{kind}: {KIND_WORDS[kind]}" for kind in kinds),
    )


def _trial_table(trial: str, results: Sequence[RecordResult]) -> TextTable:
    rows = tuple(row for result in results for row in _rows(result))
    return TextTable(
        heading=trial,
        columns=_COLUMNS,
        rows=rows,
        notes=tuple(dict.fromkeys(note for result in results for note in _notes(result)))
        + _summary_notes(results)
        + _said_once(results),
        styles={verdict.value: style for verdict, (style, _) in VERDICT_STYLE.items()},
        grouped=("record", "source"),
        stacked={"model": "paper", "place": "paper", "data sets": "rebuilt", "95% CI": "rebuilt"},
    )


def _rows(result: RecordResult) -> list[tuple[str, ...]]:
    name, kind = result.record.name, result.record.kind.value
    if not result.checks:
        verdict = Verdict.NOT_BUILDABLE if result.not_buildable else Verdict.NOT_REPORTED
        return [(name, kind, "", "", "", "", "", "", "", verdict.value)]
    return [
        (
            *(name, kind, row.quantity, row.paper, row.model, row.place, row.rebuilt),
            *(row.reconstruction, row.confidence, row.verdict.value),
        )
        for row in check_rows(result)
    ]


def _notes(result: RecordResult) -> list[str]:
    name = result.record.name
    notes = [f"{name}: not buildable, {result.not_buildable}"] if result.not_buildable else []
    notes += [
        f"{name}: {row.quantity} differs: {row.reason or 'no explanation on record'}"
        for row in check_rows(result)
        if row.verdict is Verdict.DIFFERS
    ]
    notes += [f"{name}: warning, {arm}: {text}" for arm, r in result.reconstructions.items() for text in r.warnings]
    return notes


def _summary_notes(results: Sequence[RecordResult]) -> tuple[str, ...]:
    if any(result.record.kind is SourceKind.SUMMARY for result in results):
        return (WATERMARK,)
    return ()


def _said_once(results: Sequence[RecordResult]) -> tuple[str, ...]:
    assumed = dict.fromkeys(text for result in results for text in assumptions(result))
    built = any(result.reconstructions for result in results)
    return tuple(f"assumed: {text}" for text in assumed) + ((_COLUMN_NOTE, NOT_REAL) if built else ())


def _checkable(document: RecordDocument) -> str:
    words = {
        Quantity.HAZARD_RATIO: "hazard ratio",
        Quantity.LOGRANK_P: "log-rank p",
        Quantity.MEDIAN: "median",
        Quantity.SURVIVAL: "survival",
        Quantity.EVENTS: "events",
    }
    found = []
    for quantity, word in words.items():
        count = len(document.facts_of(quantity))
        if count:
            found.append(word if count == 1 else f"{word} x{count}")
    return ", ".join(found)
