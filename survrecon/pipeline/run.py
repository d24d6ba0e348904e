"""Run one record; run a folder again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from survrecon.convention import PointKind
from survrecon.errors import ReportError, SurvreconError
from survrecon.figure import FigureRecord, read_figure
from survrecon.pipeline.curve_record import run_curve_record
from survrecon.pipeline.run_folder import RUN_FILE, write_run
from survrecon.pipeline.summary_record import run_summary_record
from survrecon.reconstruction.reconstruct import Method
from survrecon.reconstruction.summary.reconstruct import DRAWS
from survrecon.record import SourceKind
from survrecon.result import RecordResult

__all__ = ["rewrite_report", "run_record"]


def run_record(
    record: FigureRecord | str | Path,
    *,
    draws: int = DRAWS,
    seed: int = 0,
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
    draws : int
        Data sets an arm, where the method draws.
    seed : int
        Where randomness starts; the same seed gives the same result.
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
            return run_summary_record(figure, draws=draws, seed=seed, use=use, command=command)
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


def rewrite_report(folder: str | Path) -> RecordResult:
    """Run a folder that ``write_run`` wrote again, with the settings it keeps, and rewrite its report.

    Raises
    ------
    ReportError
        If the folder is not that of a run.
    """
    target = Path(folder)
    try:
        settings = json.loads((target / RUN_FILE).read_text(encoding="utf-8"))
        name = settings["record"]
    except (OSError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise ReportError(
            str(target), f"a run's folder with {RUN_FILE}", str(error), "make one with: survrecon run RECORD -o DIR"
        ) from None
    try:
        options = {key: value for key, value in settings.items() if key != "record"}
        result = run_record(replace(read_figure(target), name=name), **options)
    except TypeError as error:
        raise ReportError(str(target / RUN_FILE), "the settings of a run", str(error), "run the record again") from None
    write_run(result, target, settings=settings)
    return result


def _refuse_settings(draws: int, seed: int) -> None:
    """Refuse numbers that settings of randomness cannot have."""
    for name, value, least in (("draws", draws, 1), ("seed", seed, 0)):
        if not isinstance(value, int) or value < least:
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
