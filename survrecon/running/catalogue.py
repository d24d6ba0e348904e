"""Run the whole catalogue, or several records, side by side."""

from __future__ import annotations

import shlex
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survrecon import __version__
from survrecon.callers import shell_flag
from survrecon.errors import ReportError, SurvreconError
from survrecon.files.outputs import not_ours, publish, refuse_changed, refuse_unwritable, staging
from survrecon.reconstruction.summary.reconstruct import DRAWS
from survrecon.records.folder import FigureRecord, catalogue, read_figure
from survrecon.running.folder import refuse_other_run, write_run
from survrecon.running.record import run_record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from survrecon.checks.results import RecordResult

__all__ = ["reproduce"]

STATE_FILE = "reproduce.json"
"""Beside the index page: the hash that it was written with."""


def reproduce(
    records: Sequence[str | Path] | str | Path | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    use: Sequence[str] = (),
    output: str | Path | None = None,
    overwrite: bool = False,
    jobs: int = -1,
    progress: Callable[[RecordResult], None] | None = None,
    failed: list[SurvreconError] | None = None,
) -> tuple[RecordResult, ...]:
    """Re-analyse records of the catalogue and check them against their papers.

    Parameters
    ----------
    records : sequence of str or Path, or one of them, optional
        Names in the catalogue or folders; default the whole catalogue.
    draws, seed, use
        As for ``run_record``.
    output : str or Path, optional
        A folder: one subfolder a record with page, pictures and data, and an index page.
    overwrite : bool
        Whether files in it that a person changed or put there are replaced.
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
        In the order of ``records``; their reconstructions make more draws where they are asked.

    Raises
    ------
    SurvreconError
        If a record cannot be read, two of one name are to be written, or one cannot be run and ``failed`` is not
        given.
    """
    from joblib import Parallel, delayed

    if isinstance(records, str | Path):
        records = [records]
    if jobs == 0:
        raise ReportError("jobs", "worker processes, -1 for one a core", "0", "leave it out")
    figures = [read_figure(record) for record in (catalogue() if records is None else records)]
    named = [figure.name for figure in figures] if records is None else records
    target = None if output is None else Path(output)
    if target is not None:
        _refuse_same_folder(figures, target)
        refuse_unwritable(target)
        if not overwrite:
            refuse_changed(target, not_ours(target, STATE_FILE, ["index.html"]))
    settings: dict[str, Any] = {"draws": draws, "seed": seed, "use": tuple(use)}
    run = _run_and_write if failed is None else _run_or_error
    work = (
        delayed(run)(figure, settings | {"command": _command(record, **settings)}, target, overwrite)
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
            "reproduce", "worker processes that live", "one that ended by itself, out of memory perhaps", "try one job"
        ) from None
    if target is not None and results:
        from survrecon.report.write import write_index

        with staging(target) as place:
            write_index(results, place)
            publish(place, target, STATE_FILE, {"version": __version__}, overwrite=overwrite)
    return tuple(results)


def _run_and_write(
    figure: FigureRecord, settings: Mapping[str, Any], output: Path | None, overwrite: bool
) -> RecordResult:
    if output is not None:
        refuse_other_run(output / figure.name, figure.name, home=figure.folder, overwrite=overwrite)
    result = run_record(figure, **settings)
    if output is not None:
        write_run(result, output / figure.name, with_draws=False, settings=settings, overwrite=overwrite)
    return result


def _run_or_error(
    figure: FigureRecord, settings: Mapping[str, Any], output: Path | None, overwrite: bool
) -> RecordResult | SurvreconError:
    try:
        return _run_and_write(figure, settings, output, overwrite)
    except SurvreconError as error:
        return error


def _command(record: str | Path, *, draws: int, seed: int, use: Sequence[str]) -> str:
    """Return the call of ``survrecon reproduce`` that repeats one record."""
    words = ["survrecon", "reproduce", str(record)]
    words += [shell_flag("use"), ",".join(use)] if use else []
    words += [shell_flag("draws"), str(draws)] if draws != DRAWS else []
    words += [shell_flag("seed"), str(seed)] if seed else []
    return shlex.join(words)


def _refuse_same_folder(figures: Sequence[FigureRecord], target: Path) -> None:
    """Refuse records of one name, of which the second would be written over the first."""
    names = [figure.name for figure in figures]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise ReportError(
            str(target), "a folder for each record", f"{', '.join(sorted(repeated))} twice", "run them one by one"
        )
