"""What the commands ``reproduce`` and ``list`` print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from survrecon.agreement import Verdict
from survrecon.printed_points import printed_points
from survrecon.published import PublishedFact, Quantity
from survrecon.record import RecordDocument, SourceKind
from survrecon.report.json_report import assumptions
from survrecon.report.rows import check_rows, unreported_ratios
from survrecon.report.table import TextTable
from survrecon.report.words import KIND_WORDS, NOT_REAL, VERDICT_STYLE, WATERMARK, model_text
from survrecon.result import RecordResult

__all__ = ["catalogue_table", "trial_tables", "warning_lines"]

_SAID_BY_WATERMARK = WATERMARK.split(": ")[1]
_COLUMNS = (
    "record",
    "source",
    "quantity",
    "paper",
    "model",
    "place",
    "rebuilt",
    "data sets",
    "95% CI",
    "verdict",
    "note",
)
_CHECKED = {
    Quantity.HAZARD_RATIO: "hazard ratio",
    Quantity.LOGRANK_P: "log-rank p",
    Quantity.MEDIAN: "median",
    Quantity.SURVIVAL: "survival",
    Quantity.EVENTS: "events",
}
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
        heading="1 record" if len(rows) == 1 else f"{len(rows)} records",
        columns=("record", "trial", "endpoint", "data cut-off", "source", "what can be checked"),
        rows=rows,
        notes=tuple(f"{kind}: {KIND_WORDS[kind]}" for kind in kinds),
        grouped=("trial",),
        stacked={"data cut-off": "record"},
        unbroken=("record", "source"),
    )


def _trial_table(trial: str, results: Sequence[RecordResult]) -> TextTable:
    rows = tuple(row for result in results for row in _rows(result))
    return TextTable(
        heading=trial,
        columns=_COLUMNS,
        rows=rows,
        notes=tuple(dict.fromkeys(note for result in results for note in _notes(result)))
        + _models(results)
        + _summary_notes(results)
        + _said_once(results),
        styles={verdict.value: style for verdict, (style, _) in VERDICT_STYLE.items()},
        grouped=("record", "source"),
        stacked={"note": "quantity", "model": "paper", "place": "paper", "data sets": "rebuilt", "95% CI": "rebuilt"},
        unbroken=("verdict",),
    )


def _rows(result: RecordResult) -> list[tuple[str, ...]]:
    name, kind = result.record.name, result.record.kind.value
    models = ["" if c.fact is None or c.fact.model is None else c.fact.model.value for c in result.checks]
    rows = [("", row) for row in unreported_ratios(result)] + list(zip(models, check_rows(result), strict=True))
    if not rows:
        verdict = Verdict.NOT_BUILDABLE if result.not_buildable else Verdict.NOT_REPORTED
        return [(name, kind, "", "", "", "", "", "", "", verdict.value, "")]
    return [
        (
            *(name, kind, row.quantity, row.paper, model, row.place, row.rebuilt),
            *(row.reconstruction, row.confidence, row.verdict.value, row.note),
        )
        for model, row in rows
    ]


def _notes(result: RecordResult) -> list[str]:
    name = result.record.name
    notes = [f"{name}: not buildable, {result.not_buildable}"] if result.not_buildable else []
    notes += [
        f"{name}: {row.quantity} differs: {row.reason or 'no explanation on record'}"
        for row in check_rows(result)
        if row.verdict is Verdict.DIFFERS
    ]
    return notes + [f"{name}: warning, {text}" for text in warning_lines(result)]


def warning_lines(result: RecordResult) -> list[str]:
    """Return the methods' warnings with the arms that they are about; what holds for every arm stands once.

    That a summary curve was not read from a figure is said elsewhere on every report.
    """
    arms_of: dict[str, list[str]] = {}
    for name, made in result.reconstructions.items():
        for text in dict.fromkeys(made.warnings):
            arms_of.setdefault(text, []).append(name)
    own = {text: names for text, names in arms_of.items() if not text.endswith(_SAID_BY_WATERMARK)}
    every = len(result.reconstructions)
    return [text if len(names) == every > 1 else f"{', '.join(names)}: {text}" for text, names in own.items()]


def _models(results: Sequence[RecordResult]) -> tuple[str, ...]:
    """Return the strata and covariates of printed contrasts, each set once."""
    facts = [check.fact for result in results for check in result.checks]
    return tuple(dict.fromkeys(f"model: {model_text(fact)}" for fact in facts if fact is not None and fact.model_by))


def _summary_notes(results: Sequence[RecordResult]) -> tuple[str, ...]:
    if any(result.record.kind is SourceKind.SUMMARY and result.reconstructions for result in results):
        return (WATERMARK,)
    return ()


def _said_once(results: Sequence[RecordResult]) -> tuple[str, ...]:
    of_records: dict[str, list[str]] = {}
    for result in results:
        for text in assumptions(result):
            of_records.setdefault(text, []).append(result.record.name)
    every = sum(bool(result.reconstructions) for result in results)
    assumed = [
        f"assumed: {text}" if len(names) == every else f"assumed in {', '.join(names)}: {text}"
        for text, names in of_records.items()
    ]
    built = any(result.reconstructions for result in results)
    drawn = any(check.interval is not None for result in results for check in result.checks)
    return (*assumed, *((_COLUMN_NOTE,) if drawn else ()), *((NOT_REAL,) if built else ()))


def _checkable(document: RecordDocument) -> str:
    """Count the printed facts that leave something to rebuild from; of a summary, each is left out in turn."""
    summary = document.digitized.kind is SourceKind.SUMMARY
    if summary and not all(printed_points(document, arm.name) for arm in document.arms):
        return Verdict.NOT_BUILDABLE.value
    found = []
    for quantity, word in _CHECKED.items():
        facts = document.facts_of(quantity)
        count = sum(not summary or fact.arm is None or _leaves_something(document, fact) for fact in facts)
        if count:
            found.append(word if count == 1 else f"{word} x{count}")
    return ", ".join(found) or "nothing: no other number of an arm is printed"


def _leaves_something(document: RecordDocument, left_out: PublishedFact) -> bool:
    """Whether an arm has another printed number that fixes its level."""
    builds = (Quantity.SURVIVAL, Quantity.MEDIAN, Quantity.EVENTS)
    others = (fact for quantity in builds for fact in document.facts_of(quantity, left_out.arm))
    return any(fact.number is not None and fact != left_out for fact in others)
