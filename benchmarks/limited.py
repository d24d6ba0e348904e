"""Calls in processes of their own that may not hang: what each returned or raised, how long it took, and its memory."""

from __future__ import annotations

import resource
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing import get_context
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter
from typing import TYPE_CHECKING, Any

from survrecon.errors import SurvreconError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from multiprocessing.connection import Connection

__all__ = ["End", "Outcome", "each_within", "peak_megabytes"]

_KILOBYTE = 1024
_PREPARING = 600.0  # seconds that a process may take to import everything and to prepare a task


class End(StrEnum):
    """How a call ended."""

    VALUE = "value"
    DOUBT = "value with doubts"
    ERROR = "clear error"
    TRACEBACK = "traceback"
    HANG = "hang"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one call ended.

    Parameters
    ----------
    end : End
        The kind of end.
    told : str
        The error, the traceback, or nothing.
    seconds : float
        Wall time.
    megabytes : float
        The largest memory of the process so far.
    warned : str
        The first warning of NumPy and its place, where there was one.
    """

    end: End
    told: str = ""
    seconds: float = 0.0
    megabytes: float = 0.0
    warned: str = ""


def each_within(
    limit: float,
    call: Callable[[Any], int],
    tasks: Iterable[Any],
    *,
    prepare: Callable[[Any], object],
    jobs: int,
    told: Callable[[int, Outcome], None],
) -> list[Outcome]:
    """Call a function on every task, ``jobs`` at a time; a process that takes longer than ``limit`` seconds is ended.

    Parameters
    ----------
    limit : float
        Seconds a call may take.
    call : callable
        Returns the number of doubts; it must be importable in another process.
    tasks : iterable
        What it is called on.
    prepare : callable
        Called on each task first, outside the limit.
    jobs : int
        Processes.
    told : callable
        Called with the place and outcome of each task as it ends.
    """
    waiting = list(tasks)
    free: SimpleQueue[_Process] = SimpleQueue()
    made = [_Process(prepare, call, limit) for _ in range(jobs)]
    for process in made:
        free.put(process)

    def one(place: int) -> Outcome:
        process = free.get()
        try:
            outcome = process.ask(waiting[place])
        finally:
            free.put(process)
        told(place, outcome)
        return outcome

    try:
        with ThreadPoolExecutor(jobs) as threads:
            return list(threads.map(one, range(len(waiting))))
    finally:
        for process in made:
            process.end()


class _Process:
    """A process that answers one task after the other, and is made anew where it had to be ended."""

    def __init__(self, prepare: Callable[[Any], object], call: Callable[[Any], int], limit: float) -> None:
        self._calls, self._limit = (prepare, call), limit
        self._start()

    def _start(self) -> None:
        context = get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_answer, args=(theirs, *self._calls), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, task: Any) -> Outcome:
        """Return what became of a task."""
        self._line.send(task)
        start = perf_counter()
        try:
            if self._line.poll(_PREPARING):
                self._line.recv()
                start = perf_counter()
            if self._line.poll(self._limit):
                answer: Outcome = self._line.recv()
                return answer
            ended = Outcome(end=End.HANG, told=f"ended after {self._limit:g} s", seconds=perf_counter() - start)
        except EOFError:
            ended = Outcome(end=End.TRACEBACK, told="the process died", seconds=perf_counter() - start)
        self.end()
        self._start()
        return ended

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._line.close()


def _answer(line: Connection, prepare: Callable[[Any], object], call: Callable[[Any], int]) -> None:
    """Say that a task is prepared, then what became of it, until the other side closes."""
    while True:
        try:
            task = line.recv()
        except EOFError:
            return
        prepare(task)
        line.send(None)
        start = perf_counter()
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always", RuntimeWarning)
            end, told = _ended(call, task)
        numeric = [w for w in seen if issubclass(w.category, RuntimeWarning)]
        warned = f"{numeric[0].filename}:{numeric[0].lineno} {numeric[0].message}" if numeric else ""
        peak = peak_megabytes()
        line.send(Outcome(end=end, told=told, seconds=perf_counter() - start, megabytes=peak, warned=warned))


def peak_megabytes() -> float:
    """Return the largest memory of this process so far.

    Linux says it of the program that runs now. ``getrusage`` also counts what the process held before that program
    began in it: a worker that a large process started would be as large as its parent.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / _KILOBYTE
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KILOBYTE


def _ended(call: Callable[[Any], int], task: Any) -> tuple[End, str]:
    try:
        return (End.DOUBT if call(task) else End.VALUE), ""
    except SurvreconError as error:
        return End.ERROR, str(error)
    except Exception:  # whatever comes is what is counted here
        return End.TRACEBACK, traceback.format_exc()
