"""Run the figures of a manifest in worker processes; each figure's folder appears whole or not at all."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import tempfile
import warnings
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock, current_thread, main_thread
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from survrecon import __version__
from survrecon.callers import option_name, shell_flag
from survrecon.errors import BatchError, SurvreconError
from survrecon.files.outputs import (
    changed_by_hand,
    not_ours,
    publish,
    read_state,
    refuse_changed,
    refuse_foreign,
    write_whole,
)
from survrecon.report.content.batch import BatchRow, BatchStatus, finished_row, summary_csv
from survrecon.report.page import batch_page
from survrecon.running.figure import run_figure
from survrecon.running.folder import RUN_FILE, Source, write_run
from survrecon.running.options import in_manifest, read_manifest, run_keywords, run_settings
from survrecon.running.record import run_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from survrecon.digitizing import FailedPanel
    from survrecon.running.options import ManifestRow

__all__ = [
    "STATE_FILE",
    "UNFINISHED",
    "Outcome",
    "Task",
    "batch",
    "fingerprint",
    "finished_runs",
    "note_of",
    "publish_figure",
    "refuse_other_figure",
    "run_task",
    "workplace",
]

STATE_FILE = "batch.json"
"""In a figure's folder: which runs it holds (one, or one per panel), what failed, how long it took; written last. In
the batch's own folder: the hashes of summary and index."""
_TOLD = {"failed", "runs", "seconds"}
UNFINISHED = ".unfinished"
"""In a batch's folder while it is at work: figures before they are whole."""


def fingerprint(row: ManifestRow) -> str:
    """Return the hash of everything that a figure's outputs depend on, the one that ``run.json`` holds."""
    return Source(row.figure.name, row.figure, row.options).fingerprint(row.settings)


def note_of(folder: Path) -> dict[str, Any]:
    """Return what a batch noted in a figure's folder; empty where none did."""
    try:
        note = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) and note.keys() >= _TOLD and isinstance(note["runs"], list) else {}


def finished_runs(folder: Path, options_sha256: str) -> list[str]:
    """Return the runs in a figure's folder if all are whole, untouched and of these options; else none."""
    note = note_of(folder)
    runs = [str(name) for name in note.get("runs", [])]
    whole = "unfinished" not in note and all(_is_whole(folder / name, options_sha256) for name in runs)
    return runs if whole else []


def _is_whole(run: Path, options_sha256: str) -> bool:
    state = read_state(run, RUN_FILE)
    there = all((run / name).is_file() for name in state.get("outputs", {}))
    same = bool(state) and state.get("options_sha256") == options_sha256 and "unfinished" not in state
    return there and same and not changed_by_hand(run, RUN_FILE)


def refuse_other_figure(folder: Path, *, overwrite: bool = False) -> None:
    """Refuse a folder that holds something else than a figure of a batch or a run, or what a person changed.

    Raises
    ------
    BatchError
        If it does.
    """
    note = note_of(folder)
    for run in note.get("runs", ["."]):
        refuse_foreign(folder / run, RUN_FILE, overwrite=overwrite, refuse=BatchError)


def publish_figure(made: Path, folder: Path, note: Mapping[str, Any], *, overwrite: bool = False) -> None:
    """Move the runs of a figure, one or one per panel, to their place and note that they are all there.

    Earlier outputs of the same figure go; files that a user added stay. Cut short, the note says so and
    each run tells which of its files are the program's.
    """
    runs = sorted(path.parent.relative_to(made).as_posix() for path in made.rglob(RUN_FILE))
    runs = [run for run in runs if "refused" not in read_state(made / run, RUN_FILE)]
    earlier = note_of(folder).get("runs", [])
    if not folder.exists():
        _write(made, {**note, "runs": runs})
        made.replace(folder)
        return
    _write(folder, {"failed": [], "runs": sorted({*earlier, *runs}), "seconds": None, "unfinished": True})
    for run in runs:
        facts = read_state(made / run, RUN_FILE)
        publish(made / run, folder / run, RUN_FILE, facts, overwrite=overwrite, refuse=BatchError)
    for run in set(earlier) - set(runs):
        for name in [*read_state(folder / run, RUN_FILE).get("outputs", {}), RUN_FILE]:
            (folder / run / name).unlink(missing_ok=True)
        with suppress(OSError):  # a panel's folder that holds other files
            (folder / run).rmdir()
    _write(folder, {**note, "runs": runs})


def _write(folder: Path, note: Mapping[str, Any]) -> None:
    write_whole(folder / STATE_FILE, json.dumps(note, indent=2, sort_keys=True) + "\n")


@contextmanager
def workplace(output: Path) -> Iterator[Path]:
    """Give the place for unfinished figures; what an interrupted batch left there is removed.

    Raises
    ------
    BatchError
        If the folder cannot be written to, or another batch is at work in it.
    """
    place = output / UNFINISHED
    try:
        place.mkdir(parents=True, exist_ok=True)
        lock = (place / "lock").open("w")
    except OSError as error:
        raise BatchError(
            str(output), "a folder that can be written to", error.strerror or "an error", "name another folder"
        ) from None
    with lock:
        if not _locked(lock.fileno()):
            raise BatchError(
                str(output), "one batch at a time", "another one at work here", "wait for it, or name another folder"
            )
        for item in place.iterdir():
            if item.is_dir():
                shutil.rmtree(item, ignore_errors=True)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)


def _locked(file: int) -> bool:
    """Take a lock that ends with this process; where the system has none, go on without."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


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
    """The outcome of one figure in a worker; its results are in the figure's folder."""

    id: str
    error: str = ""


def run_task(task: Task) -> Outcome:
    """Run one figure in a worker; an error becomes its outcome."""
    from joblib import parallel_config

    # a worker is one core, so what a figure would spread over all cores stays in it
    with _ONE_AT_A_TIME, _tidied(), parallel_config(backend="sequential"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a reader must know stands in the report
        try:
            task.place.mkdir(parents=True)
            _run_and_publish(task)
        except Exception as error:
            _leave_refused(task)
            return Outcome(id=task.row.id, error=_words(error))
        finally:
            shutil.rmtree(task.place, ignore_errors=True)
    return Outcome(id=task.row.id)


def _leave_refused(task: Task) -> None:
    """Move picture and readings of a refused figure to its folder, unless something stands there."""
    made = task.place / task.row.id
    if (made / RUN_FILE).is_file() and not task.folder.exists():
        with suppress(SurvreconError, OSError):
            publish_figure(made, task.folder, {"failed": [], "seconds": None}, overwrite=task.overwrite)


@contextmanager
def _tidied() -> Iterator[None]:
    """Free what is made within: pictures in reference cycles, 15 MB per figure; joblib restarts workers that grow.

    What was there before, the libraries above all, is set aside: to search it takes 0.2 s per figure.
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
        of_run = run_keywords(settings)
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
        CSV with a header: ``figure``, ``id``, and options of ``survrecon run``; one row per figure.
    output : str or Path
        Gets one folder per figure, named by its id, ``summary.csv`` and ``index.html``.
    jobs : int
        Worker processes, each on one core; -1 for one per core.
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
        In the order of the manifest; a figure of which all panels were asked for has one row per panel.

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
    """Return the summary of a figure from its folder: one row, or one per panel where all were asked for."""
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
