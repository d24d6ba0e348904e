"""What the benchmarks' command lines share."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["chosen", "first_line"]


def chosen(allowed: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    """Return an argument type: some of ``allowed``, joined by commas, in the order asked for."""

    def read(text: str) -> tuple[str, ...]:
        wanted = tuple(part.strip() for part in text.split(",") if part.strip())
        unknown = [part for part in wanted if part not in allowed]
        if unknown or not wanted:
            raise argparse.ArgumentTypeError(f"choose from {', '.join(allowed)}; got {text!r}")
        return wanted

    return read


def first_line(text: str | None) -> str:
    """Return the first line of a docstring."""
    return (text or "").strip().splitlines()[0]
