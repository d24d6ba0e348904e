"""A record whose points were read from a figure: rebuilt, compared, checked."""

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
from survrecon.checks.agreement import check_arm, check_comparisons, not_twice
from survrecon.checks.results import Agreement, RecordResult
from survrecon.errors import RecordError, ReportError, SurvreconError
from survrecon.files.option_kinds import OptionRole, check_values
from survrecon.files.option_text import DRAWING_METHODS, METHODS
from survrecon.files.outputs import not_ours, refuse_changed
from survrecon.model.convention import Estimator
from survrecon.model.published import Quantity
from survrecon.reconstruction.reconstruct import Method, reconstruct
from survrecon.reconstruction.summary.reconstruct import DRAWS
from survrecon.records.folder import FigureRecord, read_figure
from survrecon.records.schema import Arm, RecordDocument, SourceKind
from survrecon.report.settings import REPORT_FILES
from survrecon.running.folder import ABOUT, RUN_FILE, generator, rewrite_run
from survrecon.running.options import of_roles
from survrecon.running.summary import run_summary_record, said_in_readings, weight_curves
from survrecon.value_of_information import what_would_help
from survrecon.weighting.constraints import constraints_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.model.convention import PointKind
    from survrecon.model.ipd import Reconstruction

__all__ = ["rewrite_report", "run_curve_record", "run_record"]

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
        Data sets an arm, for methods that draw, and where randomness starts.
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
    wanted = constraints_of(document, use)
    order = (document.control, *document.treatments)
    rebuilt = {arm.name: _rebuild(record, arm, seed, method, points) for arm in order}
    weighted = weight_curves(record, rebuilt, wanted, draws=draws, seed=seed)
    rebuilt = rebuilt if weighted is None else dict(weighted.reconstructions)
    times = document.survival_times
    competing = document.digitized.estimator is Estimator.COMPETING  # a ratio of 1 - S would be no ratio of hazards
    treatments = () if competing else document.treatments
    comparisons = tuple(
        compare_arms(
            control=rebuilt[document.control.name],
            treatment=rebuilt[arm.name],
            milestones=times,
            draws=draws,
            tau=tau,
            printed_tau=document.printed_tau(document.control.name, arm.name),
        )
        for arm in treatments
    )
    if comparisons:
        arms = arms_of(comparisons)
    else:
        arms = tuple(summarize_arm(rebuilt[arm.name], milestones=times, draws=draws) for arm in order)
    return RecordResult(
        record=said_in_readings(record, wanted),
        reconstructions=rebuilt,
        arms=arms,
        comparisons=comparisons,
        checks=() if competing else not_twice(_checks(document, arms, comparisons, rebuilt), wanted),
        what_would_help=tuple(
            what_would_help(control=rebuilt[document.control.name], treatment=rebuilt[arm.name], seed=seed, jobs=_CORES)
            for arm in treatments
            if what_helps
        ),
        draws=draws if any(result.has_draws for result in rebuilt.values()) else 1,
        seed=seed,
        command=command,
        constraints=None if weighted is None else weighted.constraints,
    )


def _rebuild(
    record: FigureRecord, arm: Arm, seed: int, method: Method | str, points: PointKind | str | None
) -> Reconstruction:
    if arm.name not in record.curves:
        raise RecordError(
            f"{record.name}, arm {arm.name}", "every arm has points", "none", "add its CSV, or remove the arm"
        )
    return reconstruct(
        record.curves[arm.name],
        n=arm.n,
        risk_table=record.risk_tables.get(arm.name),
        events=arm.events,
        censor_times=record.censor_times.get(arm.name),
        method=method,
        rng=generator(seed, record.document.arms.index(arm)),
        arm=arm.name,
        points=record.document.axes.points if points is None else points,
    )


def _checks(
    document: RecordDocument,
    arms: Sequence[ArmSummary],
    comparisons: Sequence[Comparison],
    rebuilt: Mapping[str, Reconstruction],
) -> tuple[Agreement, ...]:
    """Check contrasts first, then every arm; totals of events built the arm and check nothing."""
    contrasts = check_comparisons(comparisons, document.facts, document.explained)
    singles = chain.from_iterable(
        check_arm(
            arm,
            document.facts,
            document.explained,
            used=document.facts_of(Quantity.EVENTS, arm.name),
            identified=rebuilt[arm.name].diagnostics.get("events_low")
            == rebuilt[arm.name].diagnostics.get("events_high"),
            pixel=document.axes.resolution_time or 0.0,
        )
        for arm in arms
    )
    return (*contrasts, *singles)


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
        Data sets an arm, by default 200; refused with a method that does not draw.
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
    options = {key: value for key, value in settings.items() if key not in (*ABOUT, *unused)}
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
