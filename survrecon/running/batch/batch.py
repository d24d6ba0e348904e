"""Many figures through the same path as one: a manifest in, a folder a figure, a summary and an index out."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any

from survrecon import __version__
from survrecon.callers import option_name
from survrecon.errors import BatchError
from survrecon.files.outputs import not_ours, publish, refuse_changed, write_whole
from survrecon.report.content.batch import BatchRow, BatchStatus, finished_row, summary_csv
from survrecon.report.page import batch_page
from survrecon.running.batch.folder import STATE_FILE, fingerprint, finished_runs, note_of, workplace
from survrecon.running.batch.manifest import read_manifest
from survrecon.running.batch.worker import Outcome, Task, run_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["batch"]

_LOST = "its worker process died: out of memory, or a crash in a library"
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)


def batch(
    manifest: str | Path,
    output: str | Path,
    *,
    jobs: int = -1,
    again: bool = False,
    overwrite: bool = False,
    draws: int | None = None,
    seed: int | None = None,
    method: str | None = None,
    compress: bool = False,
    progress: Callable[[str, int, int, int], None] | None = None,
) -> tuple[BatchRow, ...]:
    """Digitize, rebuild and check the figures that a manifest lists, in parallel.

    A figure that is finished in ``output``, with the same file, options and version, is not done again;
    what failed is tried again. Work is handed out by joblib: within
    ``joblib.parallel_config(backend="dask")`` it goes to the workers of a cluster, which must see the
    files under the same paths.

    Parameters
    ----------
    manifest : str or Path
        CSV with a header: ``figure``, ``id``, and options of ``survrecon run``; one row a figure.
    output : str or Path
        Gets a folder a figure, named by its id, ``summary.csv`` and ``index.html``.
    jobs : int
        Worker processes, each on one core; -1 for one a core.
    again : bool
        Whether to do finished figures again.
    overwrite : bool
        Whether files in ``output`` that a person changed or put there are replaced. Otherwise such a figure fails,
        and a summary or index that was changed is an error.
    draws, seed, method
        As for `survrecon.run_record`, for rows that do not state them.
    compress : bool
        Whether draws are written as ``.gz``.
    progress : callable, optional
        Called with the id of each figure that is through, how many are, how many of them failed, and
        how many there are.

    Returns
    -------
    tuple of BatchRow
        In the order of the manifest; a figure of which all panels were asked for has a row a panel.

    Raises
    ------
    BatchError
        If the manifest or the output folder cannot be used. A figure that fails raises nothing.
    """
    rows = read_manifest(manifest, {"draws": draws, "seed": seed, "method": method, "compress": compress or None})
    output = Path(output)
    errors: dict[str, str] = {}
    if not overwrite:
        refuse_changed(output, not_ours(output, STATE_FILE, ("summary.csv", "index.html")), BatchError)
    with workplace(output) as unfinished:
        place = Path(tempfile.mkdtemp(dir=unfinished)).absolute()
        tasks = [
            Task(
                row=row.absolute(),
                command=row.command(output / row.id),
                fingerprint=fingerprint(row),
                folder=(output / row.id).absolute(),
                place=place / row.id,
                overwrite=overwrite,
            )
            for row in rows
        ]
        left = [task for task in tasks if again or not _is_finished(task)]
        through = len(tasks) - len(left)
        if progress is not None:
            progress("", through, 0, len(tasks))
        for outcome in _outcomes(left, jobs):
            through += 1
            if outcome.error:
                errors[outcome.id] = outcome.error
            if progress is not None:
                progress(outcome.id, through, len(errors), len(tasks))
        found = tuple(row for task in tasks for row in _rows(task, errors.get(task.row.id, "")))
        write_whole(place / "summary.csv", summary_csv(found))
        write_whole(place / "index.html", batch_page(found, output))
        publish(place, output, STATE_FILE, {"version": __version__}, overwrite=overwrite, refuse=BatchError)
    return found


def _is_finished(task: Task) -> bool:
    runs = finished_runs(task.folder, task.fingerprint)
    return bool(runs) and not note_of(task.folder)["failed"]  # what failed is tried again


def _outcomes(tasks: Sequence[Task], jobs: int) -> Iterator[Outcome]:
    """Yield what became of each task; where a worker dies, those it may have died of are done one by one."""
    left = {task.row.id: task for task in tasks}
    lost: list[Exception] = []
    while left:
        before = len(left)
        for outcome in _in_parallel(list(left.values()), jobs, lost):
            del left[outcome.id]
            yield outcome
        for task in [task for task in left.values() if task.place.exists()]:  # begun, and not ended
            again = replace(task, place=task.place.parent / ".alone" / task.row.id)
            alone = next(_in_parallel([again], jobs if jobs != 1 else 2, lost), None)
            del left[task.row.id]
            yield alone or Outcome(id=task.row.id, error=f"{_LOST} ({_short(lost)})")
        if len(left) == before:
            advice = f"see to the cluster, or try {option_name('jobs', '1')}"
            raise BatchError("workers", "processes that take work", _short(lost), advice)


def _short(lost: Sequence[Exception]) -> str:
    """Return the beginning of what joblib said last."""
    return " ".join(f"{type(lost[-1]).__name__}: {lost[-1]}".split())[:160] if lost else "no more is known"


def _in_parallel(tasks: Sequence[Task], jobs: int, lost: list[Exception]) -> Iterator[Outcome]:
    """Yield outcomes as they come; where a worker dies, end early and add its error to ``lost``.

    No backend is named, so the reader's joblib configuration holds.
    """
    from joblib import Parallel, delayed

    workers = min(jobs, max(len(tasks), 2)) if jobs > 1 else jobs
    with _one_thread_each(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="A worker stopped")
        parallel = Parallel(n_jobs=workers, batch_size=1, return_as="generator_unordered")
        try:
            with _interrupts_are_ours():
                outcomes = parallel(delayed(run_task)(task) for task in tasks)
            yield from outcomes
        except Exception as error:  # every backend has its own for a lost worker; a figure's own never gets here
            lost.append(error)


@contextmanager
def _interrupts_are_ours() -> Iterator[None]:
    """Let worker processes that start here ignore Ctrl-C, which a terminal sends to them too: we end them."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is ignored stays so in new processes
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let worker processes that start here use one thread each; character recognition sees to its own models."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _rows(task: Task, error: str) -> list[BatchRow]:
    """Return the summary of a figure from its folder: one row, or one a panel where all were asked for."""
    known: dict[str, Any] = {"id": task.row.id, "figure": task.row.shown}
    runs = [] if error else finished_runs(task.folder, task.fingerprint)
    if not runs:
        return [BatchRow(status=BatchStatus.FAILED, error=error or "its outputs are gone", **known)]
    note = note_of(task.folder)
    known["seconds"] = note["seconds"]
    done = [_finished(task, Path(run), known) for run in runs]
    failed = [
        BatchRow(status=BatchStatus.FAILED, panel=panel["panel"], error=panel["error"], **known)
        for panel in note["failed"]
    ]
    return sorted([*done, *failed], key=lambda row: row.panel)


def _finished(task: Task, inner: Path, known: Mapping[str, Any]) -> BatchRow:
    report = json.loads((task.folder / inner / "report.json").read_text(encoding="utf-8"))
    panel = "" if inner == Path() else report["provenance"].get("panel", "")
    return finished_row(report, panel=panel, folder=(Path(task.row.id) / inner).as_posix(), **known)
