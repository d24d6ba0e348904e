"""The assessor's checklist, and where the numbers of a record come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.checks.results import JUDGED, Verdict
from survrecon.model.curve import AtRiskConvention
from survrecon.model.diagnostics import SolutionPath, StateSpaceDiagnostics
from survrecon.model.estimate import format_decimals
from survrecon.model.settings import DRAWS_QUANTILES
from survrecon.records.readings import SURE, Basis, ReadKind, ReadValue
from survrecon.records.schema import NOT_GIVEN, Arm, ControlSource, SourceKind
from survrecon.report.catalogue import KIND_WORDS, not_printed
from survrecon.report.content.fit import convention_of, risk_cells
from survrecon.report.content.words import model_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from survrecon.analysis.results import ArmSummary, Comparison
    from survrecon.checks.results import RecordResult
    from survrecon.model.published import PublishedFact

__all__ = [
    "ChecklistItem",
    "checklist",
    "context_words",
    "doubtful_cells",
    "follow_up_pairs",
    "provenance_pairs",
    "risk_convention",
]

_NAMES = {
    "what": "what was taken",
    "how": "how",
    "nct": "registry number",
    "image_sha256": "sha256 of the figure file",
    "data_cutoff": "data cut-off",
    "data_cutoff_note": "data cut-off, note",
    "to_look_at": "to look at",
    "naive": "no ordinary curve",
}
_SHOWN_ELSEWHERE = (
    "citation", "doi", "kind", "calibration", "readings", "edits", "doubts", "remarks", "reading", "review",
    "second_reader",
)  # fmt: skip


def context_words(fact: PublishedFact) -> tuple[str, str, str]:
    """Return name, printed value with its unit, and place of a fact that is not checked."""
    printed = fact.printed
    if fact.out_of is not None:
        printed += f" of {fact.out_of}"
    if fact.unit is not None:
        printed += f" {fact.unit}"
    if fact.spread is not None:
        printed += f" (range {fact.spread[0]:g} to {fact.spread[1]:g})"
    model = model_text(fact)
    place = f"{fact.place} ({', '.join((fact.source, *fact.also))})"
    return fact.label, printed, f"{place}; {model}" if model else place


def provenance_pairs(result: RecordResult) -> list[tuple[str, str]]:
    """Return what was digitized and which analysis it shows, as pairs of name and words."""
    document = result.record.document
    parts = (document.digitized, document.analysis)
    pairs = [
        (_NAMES.get(key, key.replace("_", " ")), _in_words(value))
        for part in parts
        for key, value in part.model_dump(mode="json", exclude_none=True).items()
        if key not in _SHOWN_ELSEWHERE and value not in ([], "")
    ]
    if document.digitized.to_look_at:
        pairs.append((_NAMES["to_look_at"], _in_words(list(document.digitized.to_look_at))))
    for arm in document.arms:
        events = f", {arm.events} events" if arm.events is not None else ""
        note = f"; {arm.note}" if arm.note else ""
        pairs.append((f"arm {arm.name}", f"{arm.role}, {_patients(arm)}{events} ({arm.place}, {arm.source}){note}"))
    if document.digitized.review is not None:
        pairs.append(("review", document.digitized.review.words))
    pairs += [("second reader", apart.words) for apart in document.digitized.second_reader or ()]
    pairs += [("changed by a person after it was read", edit.words) for edit in document.digitized.edits]
    return pairs + [(f"sha256 of {data.file}", data.sha256) for data in document.files]


def _patients(arm: Arm) -> str:
    return "number of patients not known" if arm.n is None else f"{arm.n} patients"


def _in_words(value: Any) -> str:
    """Return a value as text; the items of a list as sentences."""
    return " ".join(f"{str(item).rstrip('.')}." for item in value) if isinstance(value, list) else str(value)


def follow_up_pairs(result: RecordResult) -> list[tuple[str, str]]:
    """Return the follow-up design as printed, and what is assumed where it is not."""
    follow_up, unit = result.record.document.follow_up, result.record.document.axes.time_unit
    recruited = follow_up.recruitment_start or follow_up.recruitment_end
    dates = f"{follow_up.recruitment_start or 'not printed'} to {follow_up.recruitment_end or 'not printed'}"
    pairs = [
        ("recruitment", dates if recruited else "not printed"),
        ("data cut-off", follow_up.data_cutoff or "not printed"),
    ]
    if follow_up.median is None:
        pairs.append(("median follow-up", "not printed"))
    else:
        median = format_decimals(follow_up.median, follow_up.median_decimals)
        pairs.append(("median follow-up", f"{median} {unit}; method: {follow_up.method}"))
    window = follow_up.window(unit)
    if window is not None:
        pairs.append(("potential follow-up", f"{window[0]:.1f} to {window[1]:.1f} {unit}, from the dates"))
    if follow_up.shortest is not None or follow_up.longest is not None:
        ends = ["not printed" if v is None else f"{v:g}" for v in (follow_up.shortest, follow_up.longest)]
        pairs.append(("printed range", f"{ends[0]} to {ends[1]} {unit}"))
    if follow_up.assumed is not None:
        short, long = follow_up.assumed.shortest, follow_up.assumed.longest
        text = f"shortest {short[0]:g} to {short[1]:g}, longest {long[0]:g} to {long[1]:g} {unit}"
        pairs.append(("assumed, not printed", f"{text}: {follow_up.assumed.reason}"))
    if follow_up.note:
        pairs.append(("note", follow_up.note))
    if follow_up.source:
        pairs.append(("source", follow_up.source))
    return pairs


@dataclass(frozen=True, kw_only=True, slots=True)
class ChecklistItem:
    """One question: what was given, ``yes``, ``no`` or ``in part``; what it was; what was assumed otherwise.

    An item that is no input has no ``given``.
    """

    item: str
    given: str
    found: str
    assumed: str = ""


def _known_of(known: int, of: int) -> str:
    """Return whether all, some or none of what is asked for was given."""
    return "no" if not known else "yes" if known >= of else "in part"


_CONVENTION = {
    AtRiskConvention.BEFORE: "patients with time >= t, as R prints",
    AtRiskConvention.AFTER: "patients with time > t, as lifelines prints",
}
_COVARIATES = ChecklistItem(
    item="Covariates, strata, other endpoints",
    given="no",
    found="a figure shows none",
    assumed="rebuilt patients have a time and an event of one endpoint; nothing adjusted can be computed from them",
)


def _points_item(result: RecordResult) -> ChecklistItem:
    """Return whether there are curves, how they were read, and how finely."""
    kind, document = result.record.kind, result.record.document
    if kind is SourceKind.SUMMARY:
        return ChecklistItem(
            item="Curves",
            given="no",
            found=KIND_WORDS[kind],
            assumed="the shape between and beyond printed points is varied over the data sets",
        )
    counts = ", ".join(f"{name} {len(curve)} points" for name, curve in result.record.curves.items())
    axes = document.axes
    if axes.resolution_survival is None:
        return ChecklistItem(
            item="Curves", given="yes", found=f"{KIND_WORDS[kind]}: {counts}",
            assumed="resolution not stated: estimated from the points",
        )  # fmt: skip
    fine = f"{axes.resolution_survival:.2g} in survival"
    if axes.resolution_time:
        fine += f" and {axes.resolution_time:.2g} {axes.time_unit}"
    return ChecklistItem(item="Curves", given="yes", found=f"{KIND_WORDS[kind]}: {counts}; resolution {fine}")


def _sizes_item(result: RecordResult) -> ChecklistItem:
    """Return the patients of each arm."""
    arms = result.record.document.arms
    said = (f"{a.name} {a.n or 'not known'}" + ("" if a.place == NOT_GIVEN else f" ({a.place})") for a in arms)
    return ChecklistItem(item="Patients in each arm (N)", given="yes", found="; ".join(said))


def _risk_table_item(result: RecordResult) -> ChecklistItem:
    """Return the numbers at risk: how many, and whether the rebuilt data meet them."""
    tables, item = result.record.risk_tables, "Numbers at risk"
    if not tables:
        return ChecklistItem(
            item=item, given="no", found="no risk table",
            assumed="the amount of censoring and its times rest on the steps of the curve alone"
            if result.record.kind is not SourceKind.SUMMARY else "censoring follows from the follow-up design",
        )  # fmt: skip
    cells = risk_cells(result)
    missed = sum(cell.difference != 0 for cell in cells)
    met = "all met exactly" if not missed else f"{missed} of {len(cells)} not met"
    every = len(tables) == len(result.arms)
    return ChecklistItem(
        item=item,
        given="yes" if every else "in part",
        found=f"{len(cells)} numbers of {', '.join(tables)}: {met}",
        assumed=risk_convention(result),
    )


def risk_convention(result: RecordResult) -> str:
    """Say which patients the printed numbers at risk count, and whether that is stated; empty without any."""
    tables = result.record.risk_tables
    if not tables:
        return ""
    arms = [arm for arm in result.arms if arm.name in tables]
    words = {arm.name: _CONVENTION[convention_of(result, arm)] for arm in arms}
    open_ = any(tables[arm.name].convention is AtRiskConvention.AUTO for arm in arms)
    start = "convention not stated, taken as" if open_ else "convention stated"
    if len(set(words.values())) == 1:
        return f"{start}: {next(iter(words.values()))}"
    return f"{start}: " + "; ".join(f"{name}, {counted}" for name, counted in words.items())


def _totals_item(result: RecordResult) -> ChecklistItem:
    """Return the total events, given or rebuilt."""
    arms = {arm.name: arm for arm in result.record.document.arms}
    known = [f"{name} {arm.events}" for name, arm in arms.items() if arm.events is not None]
    open_ = [summary for summary in result.arms if arms[summary.name].events is None]
    found = "given: " + ", ".join(known) if known else "none"
    assumed = "; ".join(_free_total(result, arm) for arm in open_)
    return ChecklistItem(item="Total events", given=_known_of(len(known), len(arms)), found=found, assumed=assumed)


def _free_total(result: RecordResult, arm: ArmSummary) -> str:
    words = arm.name if arm.events.value is None else f"{arm.name} {format_decimals(arm.events.value, 0)} rebuilt"
    interval, reach = arm.events.interval, result.reconstructions[arm.name].diagnostics
    if interval is not None and len(arm.draws) > 1:
        same = interval.low == interval.high
        words += ", in every data set" if same else f", {interval.format(0)} over data sets"
    if reach.events_low is not None:
        words += f" (bounds: {reach.events_low} to {reach.events_high})"
    return words


def _marks_item(result: RecordResult) -> ChecklistItem:
    """Return the censoring marks."""
    marks = {name: times.size for name, times in result.record.censor_times.items() if times.size}
    return ChecklistItem(
        item="Censoring marks",
        given=_known_of(len(marks), len(result.arms)),
        found=", ".join(f"{name} {count}" for name, count in marks.items()) or "none",
        assumed="" if len(marks) == len(result.arms) else "censoring times are not known and varied over the data sets",
    )


def _unit_item(result: RecordResult) -> ChecklistItem:
    """Return where the time unit comes from."""
    reading = next((r for r in result.record.readings if r.what is ReadKind.TIME_UNIT), None)
    unit = result.record.document.axes.time_unit
    if reading is None or reading.basis is Basis.ASSUMED:
        return ChecklistItem(item="Time unit", given="no", found="not printed", assumed=f"{unit} are assumed")
    return ChecklistItem(item="Time unit", given="yes", found=f"{unit}, {reading.basis}")


def _direction_item(result: RecordResult) -> ChecklistItem:
    """Return where the control arm comes from."""
    control: Arm = result.record.document.control
    if not result.comparisons:
        return ChecklistItem(item="Control arm", given="", found="one arm: no contrast")
    reading = next((r for r in result.record.readings if r.what is ReadKind.CONTROL), None)
    source = result.record.document.digitized.control_source
    if reading is not None and reading.basis is Basis.TYPED:
        source = ControlSource.TYPED
    found = {
        ControlSource.TYPED: f"{control.name}, typed",
        ControlSource.TEXT: f"{control.name}: a printed ratio is over it",
    }.get(source or ControlSource.ORDER, "not stated")
    by_name = f"{control.name}, by the arms' names: every contrast is of another arm over it"
    by_order = f"{control.name}, the first arm: every contrast is of another arm over it"
    assumed = {ControlSource.NAMES: by_name, ControlSource.ORDER: by_order, None: by_order}.get(source, "")
    return ChecklistItem(item="Control arm", given="no" if assumed else "yes", found=found, assumed=assumed)


def _follow_up_item(result: RecordResult) -> ChecklistItem:
    """Return what is printed of the follow-up."""
    follow_up = result.record.document.follow_up
    dates = follow_up.recruitment_start is not None and follow_up.data_cutoff is not None
    printed = ["recruitment and data cut-off"] if dates else []
    printed += [] if follow_up.median is None else [f"median follow-up {follow_up.median:g}"]
    return ChecklistItem(
        item="Follow-up",
        given=_known_of(len(printed), 2),
        found=f"printed: {', '.join(printed)}" if printed else "not printed",
        assumed="" if follow_up.assumed is None else follow_up.assumed.reason,
    )


_NO_CHECK = {Verdict.USED_AS_INPUT: "built from", Verdict.USED_AS_CONSTRAINT: "weighting the draws"}


def doubtful_cells(readings: Iterable[ReadValue]) -> tuple[ReadValue, ...]:
    """Return the numbers at risk that were read with little confidence, or not at all, and that nobody typed."""
    cells = (reading for reading in readings if reading.what is ReadKind.AT_RISK and not reading.typed)
    return tuple(c for c in cells if not c.read or (c.confidence is not None and c.confidence < SURE))


def _doubts_item(result: RecordResult) -> ChecklistItem:
    """Return what was read with little confidence, and what was typed otherwise than read."""
    cells, readings = doubtful_cells(result.record.readings), result.record.readings
    apart = sum(reading.disagrees for reading in readings)
    count = len(result.record.document.digitized.to_look_at)
    numbers = sum(reading.what is ReadKind.AT_RISK for reading in readings)
    found = f"{len(cells)} of {numbers} numbers at risk are doubtful" if numbers else "no numbers at risk were read"
    found += f"; {apart} values typed otherwise than read" if apart else "; no value typed otherwise than read"
    return ChecklistItem(
        item="Doubtful readings", given="", found=f"{found}; {count} remarks to look at",
        assumed="doubtful cells are used as read unless typed" if cells else "",
    )  # fmt: skip


_FOUND = {SolutionPath.DECODED: ", steps decoded", SolutionPath.SAMPLED: ", sampled"}


def _unique_item(result: RecordResult) -> ChecklistItem:
    """Return whether one data set alone fits."""
    words = []
    for name, made in result.reconstructions.items():
        found = made.diagnostics
        if isinstance(found, StateSpaceDiagnostics) and found.unique:
            words.append(f"{name}: yes, one data set alone fits")
        elif made.has_draws:
            how = _FOUND[found.path] if isinstance(found, StateSpaceDiagnostics) else ""
            words.append(f"{name}: no, several data sets fit{how}")
        else:
            words.append(f"{name}: not known, method {made.method} returns one data set")
    return ChecklistItem(item="Is the solution unique?", given="", found="; ".join(words))


def _width_item(result: RecordResult) -> ChecklistItem:
    """Return how far apart the data sets are that agree with the input."""
    item = "Width of the interval over data sets"
    if result.comparisons:
        return ChecklistItem(item=item, given="", found="; ".join(_ratio_width(c) for c in result.comparisons))
    arm = result.arms[0]
    interval = arm.events.interval
    spread = "" if interval is None else f" ({interval.format(0)} over data sets)"
    events = "" if arm.events.value is None else format_decimals(arm.events.value, 0)
    return ChecklistItem(item=item, given="", found=f"{arm.name}: {events} events{spread}")


def _ratio_width(comparison: Comparison) -> str:
    drawn = comparison.log_hazard_ratios[np.isfinite(comparison.log_hazard_ratios)]
    which = f"hazard ratio of {comparison.of} over {comparison.over}"
    if drawn.size < 2:
        return f"{which}: one data set, no interval"
    low, high = np.exp(np.quantile(drawn, DRAWS_QUANTILES))
    made, sampled = comparison.hazard_ratio.reconstruction_se, comparison.hazard_ratio.sampling_se
    errors = (
        "" if made is None or sampled is None else f"; SE of ln HR {made:.3f} beside a sampling SE of {sampled:.3f}"
    )
    return f"{which}: {low:.3f} to {high:.3f}{errors}"


def _repairs_item(result: RecordResult) -> ChecklistItem:
    """Return how much of the input was repaired, and how often the methods warned."""
    made = [repair for r in result.reconstructions.values() for repair in r.repairs]
    warned = len({text for r in result.reconstructions.values() for text in r.warnings})
    found = "none" if not made else f"{len(made)}, each listed below"
    return ChecklistItem(item="Repairs of the input, warnings", given="", found=f"repairs: {found}; warnings: {warned}")


def _checks_item(result: RecordResult) -> ChecklistItem:
    """Return what could be checked against printed numbers, and what came of it."""
    judged = [c for c in result.checks if c.verdict in JUDGED]
    missing, questions = not_printed(result.record.document.facts)
    counts = {v.value: sum(c.verdict is v for c in judged) for v in Verdict}
    found = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    built = "".join(
        f"; {words}, so no check: {used}"
        for verdict, words in _NO_CHECK.items()
        if (used := sum(c.verdict is verdict for c in result.checks))
    )
    return ChecklistItem(
        item="Checks against printed numbers",
        given=_known_of(questions - len(missing), questions) if judged else "no",
        found=(f"{len(judged)} made: {found}" if judged else "none could be made") + built,
        assumed=f"not printed or not given: {', '.join(missing)}" if missing else "",
    )


def checklist(result: RecordResult) -> tuple[ChecklistItem, ...]:
    """Return the questions in the order in which an assessor asks them."""
    if not result.reconstructions:
        return ()
    items = [
        _points_item(result),
        _sizes_item(result),
        _risk_table_item(result),
        _totals_item(result),
        _marks_item(result),
    ]
    if result.record.readings:
        items += [_unit_item(result), _direction_item(result), _doubts_item(result)]
    if result.record.kind is SourceKind.SUMMARY:
        items.append(_follow_up_item(result))
    return (
        *items,
        _unique_item(result),
        _width_item(result),
        _repairs_item(result),
        _checks_item(result),
        _COVARIATES,
    )
