"""What was given to a reconstruction, and what was assumed in its absence: the first part of the checklist."""

from __future__ import annotations

from survrecon.analysis.results import ArmSummary
from survrecon.curve import AtRiskConvention
from survrecon.estimate import format_decimals
from survrecon.readings import Basis
from survrecon.record import NOT_GIVEN, Arm, SourceKind
from survrecon.report.catalogue import KIND_WORDS
from survrecon.report.checklist_item import ChecklistItem, share
from survrecon.report.drawn import convention_of
from survrecon.report.fit import risk_cells
from survrecon.result import RecordResult

__all__ = [
    "COVARIATES",
    "direction",
    "follow_up",
    "marks",
    "points",
    "risk_convention",
    "risk_table",
    "sizes",
    "totals",
    "unit",
]

_CONVENTION = {
    AtRiskConvention.BEFORE: "patients with time >= t, as R prints",
    AtRiskConvention.AFTER: "patients with time > t, as lifelines prints",
}
COVARIATES = ChecklistItem(
    item="Covariates, strata, other endpoints",
    given="no",
    found="a figure shows none",
    assumed="rebuilt patients have a time and an event of one endpoint; nothing adjusted can be computed from them",
)


def points(result: RecordResult) -> ChecklistItem:
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


def sizes(result: RecordResult) -> ChecklistItem:
    """Return the patients of each arm."""
    arms = result.record.document.arms
    said = (f"{a.name} {a.n}" + ("" if a.place == NOT_GIVEN else f" ({a.place})") for a in arms)
    return ChecklistItem(item="Patients in each arm (N)", given="yes", found="; ".join(said))


def risk_table(result: RecordResult) -> ChecklistItem:
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


def totals(result: RecordResult) -> ChecklistItem:
    """Return the total events, given or rebuilt."""
    arms = {arm.name: arm for arm in result.record.document.arms}
    known = [f"{name} {arm.events}" for name, arm in arms.items() if arm.events is not None]
    open_ = [summary for summary in result.arms if arms[summary.name].events is None]
    found = "given: " + ", ".join(known) if known else "none"
    assumed = "; ".join(_free_total(result, arm) for arm in open_)
    return ChecklistItem(item="Total events", given=share(len(known), len(arms)), found=found, assumed=assumed)


def _free_total(result: RecordResult, arm: ArmSummary) -> str:
    words = arm.name if arm.events.value is None else f"{arm.name} {format_decimals(arm.events.value, 0)} rebuilt"
    interval, reach = arm.events.interval, result.reconstructions[arm.name].diagnostics
    if interval is not None and len(arm.draws) > 1:
        same = interval.low == interval.high
        words += ", in every data set" if same else f", {interval.format(0)} over data sets"
    if "events_low" in reach:
        words += f" (bounds: {reach['events_low']} to {reach['events_high']})"
    return words


def marks(result: RecordResult) -> ChecklistItem:
    """Return the censoring marks."""
    marks = {name: times.size for name, times in result.record.censor_times.items() if times.size}
    return ChecklistItem(
        item="Censoring marks",
        given=share(len(marks), len(result.arms)),
        found=", ".join(f"{name} {count}" for name, count in marks.items()) or "none",
        assumed="" if len(marks) == len(result.arms) else "censoring times are not known and varied over the data sets",
    )


def unit(result: RecordResult) -> ChecklistItem:
    """Return where the time unit comes from."""
    reading = next((r for r in result.record.readings if r.what == "time unit"), None)
    unit = result.record.document.axes.time_unit
    if reading is None or reading.basis is Basis.ASSUMED:
        return ChecklistItem(item="Time unit", given="no", found="not printed", assumed=f"{unit} are assumed")
    return ChecklistItem(item="Time unit", given="yes", found=f"{unit}, {reading.basis}")


def direction(result: RecordResult) -> ChecklistItem:
    """Return where the control arm comes from."""
    control: Arm = result.record.document.control
    if not result.comparisons:
        return ChecklistItem(item="Control arm", given="", found="one arm: no contrast")
    reading = next((r for r in result.record.readings if r.what == "control arm"), None)
    typed = reading is not None and reading.basis is Basis.TYPED
    return ChecklistItem(
        item="Control arm", given="yes" if typed else "no", found=f"{control.name}, typed" if typed else "not stated",
        assumed="" if typed else f"{control.name}, the first arm: every contrast is of another arm over it",
    )  # fmt: skip


def follow_up(result: RecordResult) -> ChecklistItem:
    """Return what is printed of the follow-up."""
    follow_up = result.record.document.follow_up
    dates = follow_up.recruitment_start is not None and follow_up.data_cutoff is not None
    printed = ["recruitment and data cut-off"] if dates else []
    printed += [] if follow_up.median is None else [f"median follow-up {follow_up.median:g}"]
    return ChecklistItem(
        item="Follow-up",
        given=share(len(printed), 2),
        found=f"printed: {', '.join(printed)}" if printed else "not printed",
        assumed="" if follow_up.assumed is None else follow_up.assumed.reason,
    )
