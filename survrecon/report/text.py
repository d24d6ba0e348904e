"""Tables of text for the terminal: an analysis, and the checks of each trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from survrecon.checks.results import Verdict
from survrecon.model.estimate import Estimate, format_decimals
from survrecon.records.schema import SourceKind
from survrecon.report.content.checks import check_rows, unreported_ratios
from survrecon.report.content.joint import joint_tables
from survrecon.report.content.words import (
    NOT_REAL,
    VERDICT_STYLE,
    WATERMARK,
    estimate_text,
    grade_lines,
    model_text,
    p_text,
)
from survrecon.report.json import assumptions
from survrecon.report.table import TextTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.analysis.results import ArmSummary, Comparison
    from survrecon.checks.results import RecordResult

__all__ = ["analysis_tables", "contrast_rows", "trial_tables", "warning_lines"]


def analysis_tables(
    arms: Sequence[ArmSummary], comparisons: Sequence[Comparison], notes: Sequence[str] = ()
) -> list[TextTable]:
    """Return a table of the arms and one of each contrast.

    Parameters
    ----------
    arms : sequence of ArmSummary
        Control first.
    comparisons : sequence of Comparison
        Empty for one arm.
    notes : sequence of str
        What to say below the arms.
    """
    contrasts = [
        TextTable(
            heading=f"{comparison.of} over {comparison.over}",
            columns=("quantity", "estimate (95% CI)", "sampling SE", "reconstruction SE", "note"),
            rows=tuple(contrast_rows(comparison)),
            notes=(
                _horizon(comparison),
                *comparison.notes,
                *((NOT_REAL,) if comparison is comparisons[-1] else ()),
            ),
            stacked={"note": "quantity"},
        )
        for comparison in comparisons
    ]
    return [_arm_table(arms, notes=(*notes, *(() if contrasts else (NOT_REAL,)))), *contrasts]


def contrast_rows(comparison: Comparison) -> list[tuple[str, str, str, str, str]]:
    """Return quantity, estimate, sampling SE, reconstruction SE and note of a contrast, as words."""
    unit, rmst = comparison.time_unit, comparison.rmst_difference
    z, hazards = comparison.logrank.z, comparison.proportional_hazards
    at_risk = ", ".join(f"{name} {count}" for name, count in rmst.at_risk.items())
    p = p_text(comparison.logrank.p)
    rows = [
        (
            f"hazard ratio of {comparison.of} over {comparison.over}",
            estimate_text(comparison.hazard_ratio),
            *_errors(comparison.hazard_ratio, 3),
            "Cox model, Efron ties; standard errors of ln HR",
        ),
        ("log-rank z", estimate_text(z), *_errors(z, 3), f"p {p}" if p.startswith("<") else f"p = {p}"),
        (
            f"difference of restricted mean survival to {rmst.tau:.4g} {unit}",
            estimate_text(rmst.difference),
            *_errors(rmst.difference, 3),
            f"{unit}; at risk then: {at_risk}",
        ),
    ]
    if comparison.hazard_ratio.reconstruction_se is not None:
        rows.insert(
            1,
            (
                "the same, most central data set alone",
                estimate_text(comparison.central_hazard_ratio),
                *_errors(comparison.central_hazard_ratio, 3),
                "",
            ),
        )
    test = "no event in an arm" if hazards is None else f"chi2 = {hazards.statistic:.2f}, p {_equals(hazards.p)}"
    rows.append(("proportional hazards (Grambsch-Therneau)", test, "", "", "most central data set"))
    return rows


def _horizon(comparison: Comparison) -> str:
    """Say up to when restricted means are taken, and by which rule."""
    rmst = comparison.rmst_difference
    return f"restricted means up to {rmst.tau:.4g} {comparison.time_unit}: {rmst.rule}"


def _arm_table(arms: Sequence[ArmSummary], *, notes: tuple[str, ...]) -> TextTable:
    unit = arms[0].central.time_unit if arms else ""
    times = list(dict.fromkeys(m.at for arm in arms for m in arm.milestones))
    rows = []
    for arm in arms:
        survival = {m.at: estimate_text(m.survival, 3) for m in arm.milestones}
        rows.append(
            (
                arm.name,
                str(arm.n),
                _count(arm.events),
                estimate_text(arm.median, 1),
                estimate_text(arm.follow_up, 1),
                *(survival.get(at, "") for at in times),
            )
        )
    return TextTable(
        heading=f"Arms (times in {unit})",
        columns=(
            "arm",
            "patients",
            "events",
            "median (95% CI)",
            "median follow-up",
            *(f"survival at {at:g}" for at in times),
        ),
        rows=tuple(rows),
        numeric=("patients", "events"),
        notes=notes,
    )


def _count(events: Estimate) -> str:
    """Print a number of events; a mean over draws with their interval."""
    if events.value is None:
        return str(events.status)
    decimals = 0 if float(events.value).is_integer() else 1
    interval = events.interval
    if interval is None or interval.low == interval.high:
        return format_decimals(events.value, decimals)
    return f"{format_decimals(events.value, decimals)} ({interval.format(0)})"


def _errors(estimate: Estimate, decimals: int) -> tuple[str, str]:
    sampling, drawn = (
        "" if se is None else format_decimals(se, decimals) for se in (estimate.sampling_se, estimate.reconstruction_se)
    )
    return sampling, drawn


def _equals(p: float) -> str:
    text = p_text(p)
    return text if text.startswith("<") else f"= {text}"


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
_COLUMN_NOTE = (
    "data sets: 95% interval over the data sets that agree with the input, widened to its measured coverage and by the "
    "rounding of the printed number; the verdict is about this one. 95% CI: sampling error included."
)


def trial_tables(results: Sequence[RecordResult]) -> list[TextTable]:
    """Return one table per trial: what each paper says, what came out, and the verdict; last, cut-offs together.

    Below each table stand why nothing was built, the recorded reasons of differences, and the
    assumptions and warnings, each once.
    """
    trials: dict[str, list[RecordResult]] = {}
    for result in results:
        trials.setdefault(result.record.trial, []).append(result)
    return [_trial_table(trial, group) for trial, group in trials.items()] + joint_tables(results)


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
        + _without_repeats(results),
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
    notes += [f"{name}: {line}" for line in grade_lines(result)]
    notes += [
        f"{name}: {row.quantity} {row.verdict}: {row.reason or 'no explanation on record'}"
        for row in check_rows(result)
        if row.verdict is Verdict.DIFFERS or row.reason
    ]
    if result.constraints is not None:
        notes.append(f"{name}: {result.constraints.summary}")
    notes += [f"{name}: {note}" for comparison in result.comparisons for note in comparison.notes]
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
        if any(check.fact.quantity.definition.in_time_unit for check in result.checks):
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


def _without_repeats(results: Sequence[RecordResult]) -> tuple[str, ...]:
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
