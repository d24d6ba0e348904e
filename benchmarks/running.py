"""Many reconstructions side by side, with a line of progress on a terminal."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import starmap
from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["side_by_side"]

T = TypeVar("T")


def side_by_side(function: Callable[..., T], calls: Iterable[tuple[object, ...]], jobs: int, name: str) -> list[T]:
    """Return ``function(*call)`` of every call, in order, ``jobs`` at a time."""
    waiting, done = list(calls), []
    shown = sys.stderr.isatty()
    for value in starmap(function, waiting) if jobs == 1 else _in_processes(function, waiting, jobs):
        done.append(value)
        if shown:
            print(f"\r{name}: {len(done)} of {len(waiting)}", end="", file=sys.stderr, flush=True)
    if shown:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return done


def _in_processes(function: Callable[..., T], calls: Sequence[tuple[object, ...]], jobs: int) -> Iterator[T]:
    """Yield results from processes of one thread each, which stay until all is done.

    joblib ends a process that has grown by 300 MB since its first call, or has waited for five minutes, and warns of
    it; neither is a fault where a trial of 40 patients comes before one of 900.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    pool = ProcessPoolExecutor(jobs if jobs > 0 else None, mp_context=get_context("spawn"))
    try:
        for waiting in [pool.submit(function, *call) for call in calls]:
            yield waiting.result()
    finally:
        pool.shutdown(cancel_futures=True)
