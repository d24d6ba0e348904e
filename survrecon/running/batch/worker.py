"""One figure of a batch, in a worker: through the same path as one alone, and whole into its folder."""

from __future__ import annotations

import gc
import shutil
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from survrecon.callers import shell_flag
from survrecon.errors import BatchError, SurvreconError
from survrecon.running.batch.folder import publish_figure, refuse_other_figure
from survrecon.running.figure import run_figure
from survrecon.running.folder import Source, write_run
from survrecon.running.options import in_manifest, run_settings, told_to_run
from survrecon.running.record import run_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from survrecon.digitizing import FailedPanel
    from survrecon.running.batch.manifest import ManifestRow

__all__ = ["Outcome", "Task", "run_task"]

_ONE_AT_A_TIME = Lock()  # the libraries that read and draw figures are not safe among threads


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One figure to do: what, under which fingerprint, and where; paths hold in every worker's folder."""

    row: ManifestRow
    command: str
    fingerprint: str
    folder: Path
    place: Path
    overwrite: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a worker says when it is through with a figure; the results are in the figure's folder."""

    id: str
    error: str = ""


def run_task(task: Task) -> Outcome:
    """Do one figure in a worker; whatever goes wrong is its outcome."""
    from joblib import parallel_config

    # a worker is one core, so what a figure would spread over all cores stays in it
    with _ONE_AT_A_TIME, _tidied(), parallel_config(backend="sequential"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a reader must know stands in the report
        try:
            task.place.mkdir(parents=True)
            _run_and_publish(task)
        except Exception as error:
            return Outcome(id=task.row.id, error=_words(error))
        finally:
            shutil.rmtree(task.place, ignore_errors=True)
    return Outcome(id=task.row.id)


@contextmanager
def _tidied() -> Iterator[None]:
    """Free what is made within: pictures in reference cycles, 15 MB a figure; joblib restarts workers that grow.

    What was there before, the libraries above all, is set aside: to search it takes 0.2 s a figure.
    """
    aside = not gc.get_freeze_count()
    if aside:
        gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        if aside:
            gc.unfreeze()


def _run_and_publish(task: Task) -> None:
    row = task.row
    refuse_other_figure(task.folder, overwrite=task.overwrite)
    wall, cpu = perf_counter(), process_time()
    made = task.place / row.id  # a record bears the name of its folder
    settings = run_settings(**row.settings) | {"command": task.command}
    failed: list[FailedPanel] = []
    if not row.figure.is_dir():
        run_figure(row.figure, made, row.options, settings, failed)
    elif row.options:
        option = next(iter(row.options))
        raise BatchError(
            str(row.figure), "a figure, for the options of one", f"a record, with {option}", "empty the cell"
        )
    else:
        of_run = told_to_run(settings)
        source = Source(row.figure.name, row.figure)
        write_run(run_record(row.figure, **of_run), made, settings=settings, source=source)
    note = {
        "cpu_seconds": round(process_time() - cpu, 3),
        "failed": [{"panel": panel.panel or "", "error": _words(panel.error)} for panel in failed],
        "seconds": round(perf_counter() - wall, 3),
    }
    publish_figure(made, task.folder, note, overwrite=task.overwrite)


def _words(error: Exception) -> str:
    if isinstance(error, SurvreconError):
        return error.told(in_manifest)
    if isinstance(error, MemoryError):
        return f"out of memory: crop or reduce the figure, or give fewer {shell_flag('jobs')}"
    if isinstance(error, OSError):
        return f"{error.filename or 'a file'}: {error.strerror or error}"
    return f"unexpected {type(error).__name__}: {error}"
