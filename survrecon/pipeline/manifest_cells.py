"""What the cells of a manifest may hold: one reader a column, named as the options of ``survrecon run``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import inf
from typing import Any

from survrecon.constraints.selection import Use
from survrecon.option_text import METHODS, POINT_KINDS, TIME_UNITS, names, numbers, numbers_by_arm, span

__all__ = ["COLUMNS", "SETTINGS"]

_YES, _NO = ("yes", "true", "1"), ("no", "false", "0")


def _whole(least: int) -> Callable[[str], int]:
    def read(cell: str) -> int:
        if int(cell) < least:
            raise ValueError
        return int(cell)

    return read


def _uses(cell: str) -> tuple[str, ...]:
    return tuple(Use(name).value for name in names(cell))


def _one_of(*known: str) -> Callable[[str], str]:
    return lambda cell: known[known.index(cell)]


def _flag(cell: str) -> bool:
    word = cell.lower()
    if word not in (*_YES, *_NO):
        raise ValueError
    return word in _YES


def _positive(cell: str) -> float:
    if not 0 < float(cell) < inf:
        raise ValueError
    return float(cell)


SETTINGS = ("draws", "seed", "method", "points", "tau", "use", "what_helps", "compress")
"""The columns that say how to rebuild and analyse; the others say what a figure shows."""
COLUMNS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "figure": (str, "a path"),
    "id": (str, "a name"),
    "page": (_whole(1), "a whole number from 1"),
    "panel": (str, "a letter, a title, or all"),
    "crop": (partial(numbers, count={4}), "X0,Y0,X1,Y1 in double quotes"),
    "arms": (_whole(1), "a whole number from 1"),
    "arm_names": (names, "A,B in double quotes"),
    "x_range": (span, "A,B in double quotes, the lower end first"),
    "y_range": (span, "A,B in double quotes, the lower end first"),
    "y_unit": (_one_of("fraction", "percent"), "fraction or percent"),
    "one_minus_survival": (_flag, "yes or no"),
    "risk_table": (str, "the path of a CSV file"),
    "time_unit": (_one_of(*TIME_UNITS), ", ".join(TIME_UNITS)),
    "n": (
        numbers_by_arm,
        "NAME=N, several in double quotes with commas between, a name that holds one in quotes of its own",
    ),
    "events": (
        numbers_by_arm,
        "NAME=D, several in double quotes with commas between, a name that holds one in quotes of its own",
    ),
    "control": (str, "the name of an arm"),
    "late_entry": (_flag, "yes or no"),
    "draws": (_whole(1), "a whole number from 1"),
    "seed": (_whole(0), "a whole number from 0"),
    "method": (_one_of(*METHODS), ", ".join(METHODS)),
    "points": (_one_of(*POINT_KINDS), ", ".join(POINT_KINDS)),
    "tau": (_positive, "a number above 0"),
    "use": (_uses, ", ".join(Use) + "; several in double quotes"),
    "what_helps": (_flag, "yes or no"),
    "compress": (_flag, "yes or no"),
}
"""What each column may hold: how a cell is read, and its form in words."""
