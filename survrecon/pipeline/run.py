"""Run one record, or the whole catalogue; run a folder again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any

from survrecon.errors import ReportError, SurvreconError
from survrecon.figure import FigureRecord, catalogue, read_figure
from survrecon.ipd import those_made
from survrecon.pipeline.curve_record import run_curve_record
from survrecon.pipeline.run_folder import RUN_FILE, write_run
from survrecon.pipeline.summary_record import run_summary_record
from survrecon.reconstruction.reconstruct import Method
from survrecon.reconstruction.summary.reconstruct import DRAWS
from survrecon.record import SourceKind
from survrecon.report.files import refuse_unwritable
from survrecon.result import RecordResult

__all__ = ["reproduce", "rewrite_report", "run_record"]


def run_record(
    record: FigureRecord | str | Path,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    method: Method | str = Method.AUTO,
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
        if what_helps:
            _refuse_what_helps(figure, use)
        if figure.kind is SourceKind.SUMMARY:
            _refuse_for_summary(figure, method, tau)
            return run_summary_record(figure, draws=draws, seed=seed, use=use, command=command)
        return run_curve_record(
            figure, draws=draws, seed=seed, method=method, tau=tau, what_helps=what_helps, use=use, command=command
        )
    except SurvreconError as error:
        raise error if error.where.startswith(figure.name) else error.at(figure.name) from None


def reproduce(
    records: Sequence[str | Path] | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    use: Sequence[str] = (),
    output: str | Path | None = None,
    jobs: int = -1,
    progress: Callable[[RecordResult], None] | None = None,
    failed: list[SurvreconError] | None = None,
) -> tuple[RecordResult, ...]:
    """Re-analyse records of the catalogue and check them against their papers.

    Parameters
    ----------
    records : sequence of str or Path, optional
        Names in the catalogue or folders; default the whole catalogue.
    draws, seed, use
        As for ``run_record``.
    output : str or Path, optional
        A folder: one subfolder a record with page, pictures and data, and an index page.
    jobs : int
        Worker processes; -1 for one a core.
    progress : callable, optional
        Called with each result as it is done, in order.
    failed : list of SurvreconError, optional
        Where given, the errors of records that cannot be run are added to it and the others still are; without it
        the first such record is an error.

    Returns
    -------
    tuple of RecordResult
        In the order of ``records``; their reconstructions hold the draws that were made, and make no more.

    Raises
    ------
    SurvreconError
        If a record cannot be read, two of one name are to be written, or one cannot be run and ``failed`` is not
        given.
    """
    from joblib import Parallel, delayed

    figures = [read_figure(record) for record in (catalogue() if records is None else records)]
    named = [figure.name for figure in figures] if records is None else records
    target = None if output is None else Path(output)
    if target is not None:
        _refuse_same_folder(figures, target)
        refuse_unwritable(target)
    settings: dict[str, Any] = {"draws": draws, "seed": seed, "use": tuple(use)}
    run = _run_and_write if failed is None else _run_or_error
    work = (
        delayed(run)(figure, settings | {"command": _command(record, **settings)}, target)
        for figure, record in zip(figures, named, strict=True)
    )
    results = []
    try:
        for result in Parallel(n_jobs=min(jobs, len(figures)) if jobs > 0 else jobs, return_as="generator")(work):
            if failed is not None and isinstance(result, SurvreconError):
                failed.append(result)
                continue
            results.append(result)
            if progress is not None:
                progress(result)
    except BrokenProcessPool:
        raise ReportError(
            "reproduce", "worker processes that live", "one that ended by itself, out of memory perhaps", "use one job"
        ) from None
    if target is not None and results:
        from survrecon.report.write import write_index

        write_index(results, target)
    return tuple(results)


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


def _run_and_write(figure: FigureRecord, settings: Mapping[str, Any], output: Path | None) -> RecordResult:
    result = run_record(figure, **settings)
    if output is not None:
        write_run(result, output / figure.name, with_draws=False)
    return _with_draws_made(result)


def _with_draws_made(result: RecordResult) -> RecordResult:
    """Return the result with the draws that were made in place of what makes more: that stays in its process."""
    made = {arm.name: arm.draws for arm in result.arms}
    kept = {
        name: replace(rebuilt, drawer=those_made(name, made[name])) if rebuilt.has_draws and name in made else rebuilt
        for name, rebuilt in result.reconstructions.items()
    }
    return replace(result, reconstructions=kept)


def _run_or_error(
    figure: FigureRecord, settings: Mapping[str, Any], output: Path | None
) -> RecordResult | SurvreconError:
    try:
        return _run_and_write(figure, settings, output)
    except SurvreconError as error:
        return error


def _command(record: str | Path, *, draws: int, seed: int, use: Sequence[str]) -> str:
    """Return the call of ``survrecon reproduce`` that repeats one record."""
    words = ["survrecon", "reproduce", str(record)]
    words += ["--use", ",".join(use)] if use else []
    words += ["--draws", str(draws)] if draws != DRAWS else []
    words += ["--seed", str(seed)] if seed else []
    return shlex.join(words)


def _refuse_same_folder(figures: Sequence[FigureRecord], target: Path) -> None:
    """Refuse records of one name, of which the second would be written over the first."""
    names = [figure.name for figure in figures]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise ReportError(
            str(target), "a folder for each record", f"{', '.join(sorted(repeated))} twice", "run them one by one"
        )


def _refuse_for_summary(figure: FigureRecord, method: Method | str, tau: float | None) -> None:
    """Refuse options that have no say in how printed numbers are rebuilt."""
    given = {"--method": method if method != Method.AUTO else None, "--tau": tau}
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
