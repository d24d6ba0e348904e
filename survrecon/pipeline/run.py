"""Run one record; run a folder again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any

from survrecon.convention import PointKind
from survrecon.errors import ReportError, SurvreconError
from survrecon.figure import FigureRecord, read_figure
from survrecon.option_text import DRAWING_METHODS, METHODS
from survrecon.outputs import not_ours, refuse_changed
from survrecon.pipeline.curve_record import run_curve_record
from survrecon.pipeline.run_folder import ABOUT, RUN_FILE, rewrite_run
from survrecon.pipeline.summary_record import run_summary_record
from survrecon.reconstruction.reconstruct import Method
from survrecon.reconstruction.summary.reconstruct import DRAWS
from survrecon.record import SourceKind
from survrecon.report.files import REPORT_FILES
from survrecon.result import RecordResult

__all__ = ["rewrite_report", "run_record", "run_settings"]


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
        _refuse_settings(draws, seed)
        if what_helps:
            _refuse_what_helps(figure, use)
        if figure.kind is SourceKind.SUMMARY:
            _refuse_for_summary(figure, method, points, tau)
            draws, seed = draws or DRAWS, seed or 0
            return run_summary_record(figure, draws=draws, seed=seed, use=use, command=command)
        _refuse_unused(figure, method, {"--draws": draws, "--seed": seed}, tau=tau, what_helps=what_helps)
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


def run_settings(
    *,
    draws: int | None = None,
    seed: int | None = None,
    method: Method | str = Method.AUTO,
    points: PointKind | str | None = None,
    tau: float | None = None,
    use: Sequence[str] = (),
) -> dict[str, Any]:
    """Return what is kept of a run so that it can be repeated; what is not stated has its default."""
    settings: dict[str, Any] = {"draws": draws, "seed": seed}
    if method in DRAWING_METHODS:
        settings = {"draws": draws or DRAWS, "seed": seed or 0}
    settings["points"] = None if points is None else str(points)
    return {name: value for name, value in settings.items() if value is not None} | {
        "method": str(method),
        "tau": tau,
        "use": list(use),
    }


def _refuse_settings(draws: int | None, seed: int | None) -> None:
    """Refuse numbers that settings of randomness cannot have."""
    for name, value, least in (("draws", draws, 1), ("seed", seed, 0)):
        if value is not None and (not isinstance(value, int) or value < least):
            raise ReportError(name, f"a whole number from {least}", repr(value), "give another, or leave it out")


def _refuse_for_summary(
    figure: FigureRecord, method: Method | str, points: PointKind | str | None, tau: float | None
) -> None:
    """Refuse options that have no say in how printed numbers are rebuilt."""
    given = {"--method": method if method != Method.AUTO else None, "--points": points, "--tau": tau}
    for option, value in given.items():
        if value is not None:
            raise ReportError(
                f"{figure.name}: {option}",
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
                f"{figure.name}: {option}",
                f"an option that the method {method} uses",
                str(value),
                f"leave it out, or give --method {DRAWING_METHODS[-1]}",
            )
    of_two_arms = {"--tau": f"{tau:g}" if tau is not None else None, "--what-helps": "it" if what_helps else None}
    for option, words in of_two_arms.items():
        if words is not None and not figure.document.treatments:
            raise ReportError(f"{figure.name}: {option}", "two arms to compare", f"{words} for one arm", "leave it out")


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
            "run once with --what-helps and once with --use",
        )
