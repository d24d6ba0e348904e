"""What options look like as text, in a call or in a cell of a manifest, read into values.

It imports nothing heavy, so that the command line starts quickly. A text that cannot be read is a ``ValueError``.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from math import isfinite

__all__ = [
    "METHODS",
    "POINT_KINDS",
    "TIME_UNITS",
    "Y_UNITS",
    "ends",
    "files_by_arm",
    "names",
    "numbers",
    "numbers_by_arm",
    "span",
]

TIME_UNITS = ("days", "weeks", "months", "years")
Y_UNITS = ("fraction", "percent")
POINT_KINDS = ("auto", "steps", "landmarks", "clicks")
METHODS = ("auto", "statespace", "spread", "guyot")


def names(text: str) -> tuple[str, ...]:
    """Return names with commas between.

    Examples
    --------
    >>> names("hr, p")
    ('hr', 'p')
    """
    found = tuple(part.strip() for part in text.split(","))
    if not all(found):
        raise ValueError(text)
    return found


def numbers(text: str, *, count: Container[int]) -> tuple[float, ...]:
    """Return finite numbers with commas between, as many as ``count`` holds.

    Examples
    --------
    >>> numbers("0,36", count={2})
    (0.0, 36.0)
    """
    found = tuple(float(part) for part in text.split(","))
    if len(found) not in count or not all(map(isfinite, found)):
        raise ValueError(text)
    return found


def span(text: str) -> tuple[float, ...]:
    """Return the two ends of an axis, the lower first.

    Examples
    --------
    >>> span("0,36")
    (0.0, 36.0)
    """
    return ends(numbers(text, count={2}))


def ends(values: Sequence[float]) -> tuple[float, float]:
    """Return the two ends of an axis as they are, finite and the lower first.

    Examples
    --------
    >>> ends([0, 36])
    (0, 36)
    """
    if len(values) != 2 or not all(map(isfinite, values)) or not values[0] < values[1]:
        raise ValueError(values)
    return values[0], values[1]


def numbers_by_arm(text: str) -> dict[str, int]:
    """Return whole numbers by the name of an arm, which may hold an equals sign, each name once.

    Examples
    --------
    >>> numbers_by_arm("placebo=120, dose=5 mg=118")
    {'placebo': 120, 'dose=5 mg': 118}
    """
    pairs = [part.rpartition("=") for part in text.split(",")]
    return {name: int(number) for name, number in _once([(name, number) for name, _, number in pairs])}


def files_by_arm(text: str) -> dict[str, str]:
    """Return paths by the name of an arm; a path may hold an equals sign, each name comes once.

    Examples
    --------
    >>> files_by_arm("placebo=points/p=1.csv")
    {'placebo': 'points/p=1.csv'}
    """
    pairs = [part.partition("=") for part in text.split(",")]
    return dict(_once([(name if sign else "", path) for name, sign, path in pairs]))


def _once(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the pairs stripped of blanks; an empty or repeated name is an error."""
    found = [(name.strip(), value.strip()) for name, value in pairs]
    if not all(name for name, _ in found) or len(dict(found)) < len(found):
        raise ValueError(", ".join(name for name, _ in found))
    return found
