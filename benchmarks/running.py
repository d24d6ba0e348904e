"""Many reconstructions side by side, with a line of progress on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

from joblib import Parallel, delayed

__all__ = ["side_by_side"]

T = TypeVar("T")


def side_by_side(function: Callable[..., T], calls: Iterable[tuple[object, ...]], jobs: int, name: str) -> list[T]:
    """Return ``function(*call)`` of every call, in order, ``jobs`` at a time."""
    waiting, done = list(calls), []
    shown = sys.stderr.isatty()
    found = Parallel(n_jobs=jobs, return_as="generator")(delayed(function)(*call) for call in waiting)
    for value in found:
        done.append(value)
        if shown:
            print(f"\r{name}: {len(done)} of {len(waiting)}", end="", file=sys.stderr, flush=True)
    if shown:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return done
