"""Run a record whose points were read from a figure: rebuild, compare and check it."""

from __future__ import annotations

import json
from dataclasses import replace
from inspect import signature
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from survrecon.analysis.comparison import compare_arms, summarize_arm
from survrecon.analysis.results import ArmSummary, Comparison, arms_of
from survrecon.callers import option_name
from survrecon.checks.agreement import (
    check_arm,
    check_comparisons,
    mark_constraints_as_used,
    of_the_whole_follow_up,
)
from survrecon.checks.contrasts import ARMS_SWAPPED
from survrecon.checks.direction import against_print, noting_exchanged, row_rules_out, with_settled_directions
from survrecon.checks.results import JUDGED, Agreement, RecordResult, Verdict, without_verdict
from survrecon.checks.settings import MEASURED_COVERAGE
from survrecon.errors import RecordError, ReportError, SurvreconError
from survrecon.files.option_kinds import OptionRole, check_values
from survrecon.files.option_text import DRAWING_METHODS, METHODS
from survrecon.files.outputs import not_ours, refuse_changed
from survrecon.model.convention import Estimator
from survrecon.model.estimate import with_further_error
from survrecon.model.grade import Grade, ReadingGrade
from survrecon.model.published import Quantity
from survrecon.reconstruction.reconstruct import Method, reconstruct
from survrecon.reconstruction.summary.reconstruct import DRAWS
from survrecon.records.folder import FigureRecord, read_figure
from survrecon.records.schema import Arm, RecordDocument, SourceKind
from survrecon.report.settings import REPORT_FILES
from survrecon.running.accept import graded_by_hand
from survrecon.running.arm_patients import followed_to_the_end, refuse_without_patients, without_zero_counts
from survrecon.running.facts import direction_doubts
from survrecon.running.folder import NOT_SETTINGS, RUN_FILE, generator, rewrite_run
from survrecon.running.options import of_roles
from survrecon.running.summary import record_constraints, run_summary_record, weight_curves
from survrecon.value_of_information import what_would_help
from survrecon.weighting.constraints import constraints_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.digitizing.result import Doubt
    from survrecon.model.convention import PointKind
    from survrecon.model.ipd import Reconstruction

__all__ = ["rebuild_arm", "rewrite_report", "run_curve_record", "run_record"]

_CORES = -1  # joblib's sign for all of them


def run_curve_record(
    record: FigureRecord,
    *,
    draws: int,
    seed: int,
    method: Method | str = Method.AUTO,
    points: PointKind | str | None = None,
    tau: float | None = None,
    what_helps: bool = False,
    use: Sequence[str] = (),
    command: str = "",
) -> RecordResult:
    """Rebuild every arm from its points and compare treatments with the control.

    Parameters
    ----------
    record : FigureRecord
        Of any kind but ``summary``.
    draws, seed : int
        Data sets per arm, for methods that draw, and where randomness starts.
    method : Method
        How to rebuild.
    points : PointKind, optional
        What the points are; as the record says where not stated.
    tau : float, optional
        Horizon of the restricted mean, in the record's time unit.
    what_helps : bool
        Also say what further information would narrow each hazard ratio most.
    use : sequence of str
        Printed statistics that weight the draws.

    Raises
    ------
    RecordError
        If an arm has no points.
    ConstraintError
        If a statistic of ``use`` may not weight draws, or hardly any draw agrees with it.
    """
    document = record.document
    reading = graded_by_hand(document)
    if reading is not None and reading.grade is Grade.UNRELIABLE:
        return _not_rebuilt(record, reading, draws=draws, seed=seed, command=command)
    if document.analysis.naive is not None and document.without_patients:
        return _not_rebuilt(record, reading, draws=draws, seed=seed, command=command, why=document.analysis.naive)
    refuse_without_patients(record)
    wanted = constraints_of(document, use)
    order = {arm.name: arm for pair in document.contrasts for arm in pair} or {document.control.name: document.control}
    rebuilt = {name: rebuild_arm(record, arm, seed, method, points) for name, arm in order.items()}
    weighted = weight_curves(record, rebuilt, wanted, draws=draws, seed=seed)
    rebuilt = rebuilt if weighted is None else dict(weighted.reconstructions)
    competing = document.digitized.estimator is Estimator.COMPETING  # a ratio of 1 - S would be no ratio of hazards
    contrasts = () if competing else document.contrasts
    arms, comparisons = _analysed(document, rebuilt, contrasts, draws=draws, tau=tau)
    checks = () if competing else mark_constraints_as_used(_checks(record, arms, comparisons, rebuilt), wanted)
    doubts = direction_doubts(checks)
    reading = against_print(graded_by_hand(document), checks, [doubt.why for doubt in doubts])
    if reading is not None and reading.grade is Grade.UNRELIABLE:
        return _not_rebuilt(record, reading, draws=draws, seed=seed, command=command)
    return RecordResult(
        record=_with_doubts(record_constraints(record, wanted), doubts),
        reconstructions=rebuilt,
        arms=arms,
        comparisons=comparisons,
        checks=checks,
        reading=reading,
        what_would_help=tuple(
            what_would_help(control=rebuilt[control.name], treatment=rebuilt[arm.name], seed=seed, jobs=_CORES)
            for control, arm in contrasts
            if what_helps
        ),
        draws=draws if any(result.has_draws for result in rebuilt.values()) else 1,
        seed=seed,
        command=command,
        constraints=None if weighted is None else weighted.constraints,
    )


def _analysed(
    document: RecordDocument,
    rebuilt: Mapping[str, Reconstruction],
    contrasts: Sequence[tuple[Arm, Arm]],
    *,
    draws: int,
    tau: float | None,
) -> tuple[tuple[ArmSummary, ...], tuple[Comparison, ...]]:
    """Return the arms, each control before its treatments, and every treatment against its control."""
    times = document.survival_times
    comparisons = tuple(
        _with_excess_of_readers(
            compare_arms(
                control=rebuilt[control.name],
                treatment=rebuilt[arm.name],
                milestones=times,
                draws=draws,
                tau=tau,
                printed_tau=document.printed_tau(control.name, arm.name),
            ),
            document,
        )
        for control, arm in contrasts
    )
    if comparisons:
        return arms_of(comparisons), comparisons
    return tuple(summarize_arm(made, milestones=times, draws=draws) for made in rebuilt.values()), ()


def _with_excess_of_readers(comparison: Comparison, document: RecordDocument) -> Comparison:
    """Return a contrast whose standard error holds what two readers are apart beyond chance, once, and says so."""
    for apart in document.digitized.second_reader or ():
        if {apart.of, apart.over} == {comparison.of, comparison.over}:
            ratio = with_further_error(comparison.hazard_ratio, apart.excess)
            return replace(comparison, hazard_ratio=ratio, notes=(*comparison.notes, apart.words))
    return comparison


def _not_rebuilt(
    record: FigureRecord, reading: ReadingGrade | None, *, draws: int, seed: int, command: str, why: str = ""
) -> RecordResult:
    """Return a result without patients: its figure contradicts the reading, or (``why``) facts are all there is."""
    facts = [fact for fact in record.document.facts if why and fact.quantity.definition.is_checked]
    return RecordResult(
        record=record,
        reconstructions={},
        arms=(),
        comparisons=(),
        checks=tuple(without_verdict(fact, Verdict.NOT_BUILDABLE, why) for fact in facts),
        not_buildable=why or "the reading of the figure is unreliable",
        draws=draws,
        seed=seed,
        command=command,
        reading=reading,
    )


def rebuild_arm(
    record: FigureRecord,
    arm: Arm,
    seed: int,
    method: Method | str = Method.AUTO,
    points: PointKind | str | None = None,
    *,
    quick: bool = False,
) -> Reconstruction:
    """Rebuild one arm of a record, whose number of patients is known; the parameters are those of `run_record`.

    ``quick`` is for a look (`survrecon.reconstruction.reconstruct.reconstruct`).

    Raises
    ------
    SurvreconError
        If it has no points, or its inputs cannot belong together.
    """
    if arm.name not in record.curves:
        raise RecordError(
            f"{record.name}, arm {arm.name}", "every arm has points", "none", "add its CSV, or remove the arm"
        )
    assert arm.n is not None  # asked for before
    made = reconstruct(
        record.curves[arm.name],
        n=arm.n,
        risk_table=without_zero_counts(record.risk_tables.get(arm.name), arm),
        events=_total(record, arm),
        censor_times=record.censor_times.get(arm.name),
        method=method,
        rng=generator(seed, record.document.arms.index(arm)),
        arm=arm.name,
        points=record.document.axes.points if points is None else points,
        quick=quick,
    )
    return followed_to_the_end(made, arm)


def _total(record: FigureRecord, arm: Arm) -> int | None:
    """Return an arm's total of events: as printed, or by the last column of the risk table."""
    table = record.risk_tables.get(arm.name)
    return table.total_events if arm.events is None and table is not None else arm.events


def _checks(
    record: FigureRecord,
    arms: Sequence[ArmSummary],
    comparisons: Sequence[Comparison],
    rebuilt: Mapping[str, Reconstruction],
) -> tuple[Agreement, ...]:
    """Check contrasts first, then every arm; totals of events built the arm and check nothing.

    What is printed of the whole follow-up is no check of a curve that is cut before its end.
    """
    document = record.document
    cut = {arm.name: arm.ends_at for arm in document.arms if arm.cut and arm.ends_at is not None}
    pixel = document.axes.resolution_time or 0.0
    facts = with_settled_directions(
        document.facts, comparisons, apart=lambda one: _arms_told_by_rows(record, one.of, one.over), pixel=pixel
    )
    widening = MEASURED_COVERAGE.widening(record.kind)
    contrasts = check_comparisons(comparisons, facts, document.explained, widening=widening)
    singles = chain.from_iterable(
        check_arm(
            arm,
            document.facts,
            document.explained,
            used=document.facts_of(Quantity.EVENTS, arm.name),
            identified=rebuilt[arm.name].diagnostics.events_low == rebuilt[arm.name].diagnostics.events_high,
            pixel=pixel,
            widening=widening,
        )
        for arm in arms
    )
    checks = (*contrasts, *noting_exchanged(tuple(singles), comparisons, pixel))
    if document.analysis.naive is not None:
        return tuple(_without_its_verdict(check, document.analysis.naive) for check in checks)
    return tuple(of_the_whole_follow_up(check, cut) for check in checks)


def _without_its_verdict(check: Agreement, why: str) -> Agreement:
    """Return a check without its verdict: curves that are no ordinary Kaplan-Meier curves cannot be built from."""
    if check.verdict not in JUDGED:
        return check
    note = "; ".join(filter(None, (why, check.note)))
    return replace(check, verdict=Verdict.NOT_BUILDABLE, explanation=None, note=note)


def _with_doubts(record: FigureRecord, raised: Sequence[Doubt]) -> FigureRecord:
    """Return the record with the doubts that its checks raise, in place of those of an earlier run."""
    digitized = record.document.digitized
    kept = [doubt for doubt in digitized.doubts if ARMS_SWAPPED not in str(doubt)]
    doubts = (*kept, *(doubt.recorded() for doubt in raised))
    if doubts == digitized.doubts:
        return record
    digitized = digitized.model_copy(update={"doubts": doubts})
    return replace(record, document=record.document.model_copy(update={"digitized": digitized}))


def _arms_told_by_rows(record: FigureRecord, *names: str) -> str:
    """Return in words whether the numbers at risk of one of two arms are impossible under the other's curve."""
    step = record.document.axes.resolution_survival or 0.0
    for name, other in (names, names[::-1]):
        arm = next(arm for arm in record.document.arms if arm.name == name)
        table = record.risk_tables.get(name)
        if table is None or arm.n is None:
            continue
        if row_rules_out(arm.n, table, record.curves[name], record.curves[other], step=step):
            return f"numbers at risk of {name}"
    return ""


def run_record(
    record: FigureRecord | str | Path,
    *,
    draws: int | None = None,
    seed: int | None = None,
    method: Method | str = Method.AUTO,
    points: PointKind | str | None = None,
    tau: float | None = None,
    what_helps: bool = False,
    use: Sequence[str] = (),
    command: str = "",
) -> RecordResult:
    """Rebuild a record's patients, re-analyse them, and check them against what is printed.

    Parameters
    ----------
    record : FigureRecord, str or Path
        A record, its folder, or its name in the catalogue.
    draws : int, optional
        Data sets per arm, by default 200; refused with a method that does not draw.
    seed : int, optional
        Where randomness starts, by default 0; the same seed gives the same result. Refused likewise.
    method : Method
        How to rebuild from points; refused with a ``summary`` record, which has its own.
    points : {"auto", "steps", "landmarks", "clicks"}, optional
        What the points are; as the record says where not stated. Refused with a ``summary`` record.
    tau : float, optional
        Horizon of the restricted mean, in the record's time unit; refused with a ``summary`` record.
    what_helps : bool
        Also say what further information would narrow the hazard ratios most; takes minutes. Not with ``use``: it is
        asked of what the figure leaves open.
    use : sequence of str
        Printed statistics that weight the draws, and are then no checks: ``hr`` (with its interval), ``hr-value``,
        ``p``, ``median`` (with its interval), ``median-value``, ``survival``, ``events-at-least``. Unadjusted, of
        the figure's patients and data.
    command : str
        The call that repeats it, for the report.

    Raises
    ------
    ConstraintError
        If a statistic of ``use`` is not printed or may not weight draws, or fewer than 50 effective data sets
        agree with figure and paper.
    SurvreconError
        If the record cannot be read or nothing can be rebuilt from it.
    """
    figure = record if isinstance(record, FigureRecord) else read_figure(record)
    try:
        given = {"draws": draws, "seed": seed, "tau": tau}
        stated = {name: value for name, value in given.items() if value is not None}
        check_values(of_roles(OptionRole.SETTING), stated, ReportError)
        if what_helps:
            _refuse_what_helps(figure, use)
        if figure.kind is SourceKind.SUMMARY:
            refuse_without_patients(figure)
            _refuse_for_summary(figure, method, points, tau)
            draws, seed = draws or DRAWS, seed or 0
            return run_summary_record(figure, draws=draws, seed=seed, use=use, command=command)
        _refuse_unused(figure, method, {"draws": draws, "seed": seed}, tau=tau, what_helps=what_helps)
        draws, seed = draws or DRAWS, seed or 0
        return run_curve_record(
            figure,
            draws=draws,
            seed=seed,
            method=method,
            points=points,
            tau=tau,
            what_helps=what_helps,
            use=use,
            command=command,
        )
    except SurvreconError as error:
        raise error if error.where.startswith(figure.name) else error.at(figure.name) from None


def rewrite_report(folder: str | Path, *, overwrite: bool = False) -> tuple[RecordResult, tuple[str, ...]]:
    """Run a folder that ``write_run`` wrote again, with the settings it keeps, and rewrite its report.

    Parameters
    ----------
    folder : str or Path
        The folder of a run.
    overwrite : bool
        Whether a report that a person changed is replaced.

    Returns
    -------
    tuple
        What came of it, and the other outputs that had to be written anew because the record was changed since.

    Raises
    ------
    ReportError
        If the folder is not that of a run, or a person changed what would be replaced.
    """
    target = Path(folder)
    try:
        settings = json.loads((target / RUN_FILE).read_text(encoding="utf-8"))
        name = settings["record"]
    except (OSError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise ReportError(
            str(target), f"a run's folder with {RUN_FILE}", str(error), "make one with: survrecon run RECORD -o DIR"
        ) from None
    unused = () if settings.get("method", "auto") in DRAWING_METHODS else ("draws", "seed")
    options = {key: value for key, value in settings.items() if key not in (*NOT_SETTINGS, *unused)}
    unknown = [key for key in options if key not in signature(run_record).parameters]
    if unknown:
        raise ReportError(
            str(target / RUN_FILE), "the settings of a run", f"the unknown {unknown[0]!r}", "run the record again"
        )
    if not overwrite:
        refuse_changed(target, not_ours(target, RUN_FILE, REPORT_FILES))
    result = run_record(replace(read_figure(target), name=name), **options)
    return result, rewrite_run(result, target, settings, overwrite=overwrite)


def _refuse_for_summary(
    figure: FigureRecord, method: Method | str, points: PointKind | str | None, tau: float | None
) -> None:
    """Refuse options that have no say in how printed numbers are rebuilt."""
    given = {"method": method if method != Method.AUTO else None, "points": points, "tau": tau}
    for option, value in given.items():
        if value is not None:
            raise ReportError(
                f"{figure.name}: {option_name(option)}",
                "an option for curves with points",
                f"{value} for a record built from printed numbers",
                "leave it out",
            )


def _refuse_unused(
    figure: FigureRecord,
    method: Method | str,
    drawing: Mapping[str, int | None],
    *,
    tau: float | None,
    what_helps: bool,
) -> None:
    """Refuse what would have no say in this run, instead of dropping it in silence."""
    for option, value in drawing.items():
        if value is not None and method in set(METHODS) - set(DRAWING_METHODS):
            raise ReportError(
                f"{figure.name}: {option_name(option)}",
                f"an option that the method {method} uses",
                str(value),
                f"leave it out, or give {option_name('method', DRAWING_METHODS[-1])}",
            )
    of_two_arms = {"tau": f"{tau:g}" if tau is not None else None, "what_helps": "it" if what_helps else None}
    for option, words in of_two_arms.items():
        if words is not None and not figure.document.treatments:
            raise ReportError(
                f"{figure.name}: {option_name(option)}", "two arms to compare", f"{words} for one arm", "leave it out"
            )


def _refuse_what_helps(figure: FigureRecord, use: Sequence[str]) -> None:
    if figure.kind is SourceKind.SUMMARY:
        raise ReportError(
            figure.name,
            "what would help is asked of curves with points",
            "a record built from printed numbers",
            "leave the option out; the checks name the numbers that were not printed",
        )
    if use:
        raise ReportError(
            figure.name,
            "what would help is asked of what the figure leaves open",
            f"draws that printed statistics narrow ({', '.join(use)})",
            f"run once with {option_name('what_helps', True)} and once with {option_name('use')}",
        )
