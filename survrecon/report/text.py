"""What the command ``reproduce`` prints."""

from __future__ import annotations

from collections.abc import Sequence

from survrecon.agreement import Verdict
from survrecon.published import Quantity
from survrecon.record import SourceKind
from survrecon.report.json_report import assumptions
from survrecon.report.rows import check_rows, unreported_ratios
from survrecon.report.table import TextTable
from survrecon.report.words import NOT_REAL, VERDICT_STYLE, WATERMARK, model_text
from survrecon.result import RecordResult

__all__ = ["trial_tables", "warning_lines"]

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
_TIMED = (Quantity.SURVIVAL, Quantity.MEDIAN, Quantity.RESTRICTED_MEAN)
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
        trials.setdefault(result.record.trial, []).append(result)
    return [_trial_table(trial, group) for trial, group in trials.items()]


def _trial_table(trial: str, results: Sequence[RecordResult]) -> TextTable:
    rows = tuple(row for result in results for row in _rows(result))
    return TextTable(
        heading=trial,
        columns=_COLUMNS,
        rows=rows,
        notes=tuple(dict.fromkeys(note for result in results for note in _notes(result)))
        + _units(results)
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
    models = ["" if c.fact.model is None else c.fact.model.value for c in result.checks]
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
        f"{name}: {row.quantity} {row.verdict}: {row.reason or 'no explanation on record'}"
        for row in check_rows(result)
        if row.verdict is Verdict.DIFFERS or row.reason
    ]
    if result.constraints is not None:
        notes.append(f"{name}: {result.constraints.summary}")
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


def _units(results: Sequence[RecordResult]) -> tuple[str, ...]:
    """Return the unit of printed times; records of one trial can differ in it."""
    of_unit: dict[str, list[str]] = {}
    for result in results:
        if any(check.fact.quantity in _TIMED for check in result.checks):
            of_unit.setdefault(result.record.document.axes.time_unit, []).append(result.record.name)
    if len(of_unit) < 2:
        return tuple(f"times in {unit}" for unit in of_unit)
    return ("times in " + "; in ".join(f"{unit}: {', '.join(names)}" for unit, names in of_unit.items()),)


def _models(results: Sequence[RecordResult]) -> tuple[str, ...]:
    """Return the strata and covariates of printed contrasts, each set once."""
    facts = [check.fact for result in results for check in result.checks]
    return tuple(dict.fromkeys(f"model: {model_text(fact)}" for fact in facts if fact.model_by))


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
