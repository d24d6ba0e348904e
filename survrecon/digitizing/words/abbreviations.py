"""Rows of a table called by short forms of the names in the legend: what a short form is, and whose it can be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["rows_by_short_form"]

_SHORTEST = 3
"""Letters: a shorter beginning of a word, as of "Pl", may be that of several."""
_SMALL = {"plus", "and", "with", "of", "or", "the", "in", "for", "group", "arm", "patients", "mg"}
"""Words that short forms leave out."""


def rows_by_short_form(names: Mapping[int, str], rows: Mapping[int, str]) -> dict[int, int]:
    """Return the row that is surely called by a short form of each name.

    What all names, or all rows, have in common tells none apart. A row and a name belong together where neither can
    belong to another; of two rows one of which adds to the other, the longer is that of the name that adds.

    Parameters
    ----------
    names, rows : mapping of int to str
        By any number.

    Examples
    --------
    >>> rows_by_short_form({0: "Placebo plus drug", 1: "Apalutamide plus drug"}, {0: "APA + drug", 1: "Placebo"})
    {0: 1, 1: 0}
    >>> rows_by_short_form({0: "Percutaneous intervention", 1: "Medical therapy"}, {4: "PI", 5: "MT"})
    {0: 4, 1: 5}
    >>> rows_by_short_form({0: "Lenalidomide", 1: "Ixazomib-lenalidomide"}, {0: "IRd", 1: "Rd"})
    {0: 1, 1: 0}
    >>> rows_by_short_form({0: "Drug A", 1: "Drug B"}, {0: "Low", 1: "High"})
    {}
    """
    if len(names) < 2 or len(rows) < 2:
        return {}
    long, short = _apart(names), _apart(rows)
    fits = [(a, i) for a in names for i in rows if _stands_for(rows[i], short[i], names[a], long[a])]
    alone = {
        a: i for a, i in fits if sum(a == other for other, _ in fits) == 1 and sum(i == row for _, row in fits) == 1
    }
    return alone or _by_addition(names, rows)


def _words(name: str) -> list[str]:
    """Return the words and numbers of a name, without those that short forms leave out."""
    return [word for word in re.findall(r"[^\W\d_]+|\d[\d.]*", name.casefold()) if word not in _SMALL]


def _apart(names: Mapping[int, str]) -> dict[int, list[str]]:
    """Return the words of each name that not all names have."""
    common = set.intersection(*(set(_words(name)) for name in names.values()))
    return {key: [word for word in _words(name) if word not in common] for key, name in names.items()}


def _stands_for(row: str, short: Sequence[str], name: str, long: Sequence[str]) -> bool:
    """Return whether a row may be the short form of a name: each of its words that tell is one of the name's."""
    initials = "".join(word[0] for word in _words(name))
    letters = re.sub(r"[^a-z]", "", row.casefold())
    if len(initials) > 1 and letters == initials:
        return True
    whole = all(any(_begins(word, other) for other in _words(name)) for word in short)
    return whole and any(_begins(word, other) for word in short for other in long)


def _begins(word: str, other: str) -> bool:
    """Return whether two words are the same, or one is the beginning of the other."""
    least = min(len(word), len(other))
    return word == other or (least >= _SHORTEST and word[:least] == other[:least])


def _by_addition(names: Mapping[int, str], rows: Mapping[int, str]) -> dict[int, int]:
    """Return the rows of two names one of which adds to the other, as one of the rows does."""
    if len(names) != 2 or len(rows) != 2:
        return {}
    plain_name = _plainer({key: _words(name) for key, name in names.items()})
    plain_row = _plainer({key: re.findall(r"[^\W_]", name.casefold()) for key, name in rows.items()})
    if plain_name is None or plain_row is None:
        return {}
    other_name, other_row = (
        next(k for k in keys if k != one) for keys, one in ((names, plain_name), (rows, plain_row))
    )
    return dict(sorted({plain_name: plain_row, other_name: other_row}.items()))


def _plainer(parts: Mapping[int, Sequence[str]]) -> int | None:
    """Return which of two lists of parts the other one begins or ends with, and adds to; None for neither."""
    one, other = sorted(parts, key=lambda key: len(parts[key]))
    short, long = parts[one], parts[other]
    inside = bool(short) and len(short) < len(long) and short in (long[: len(short)], long[-len(short) :])
    return one if inside else None
