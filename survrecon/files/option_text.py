"""Read the values of options from text, as a command line or a cell of a manifest holds them.

Names are parted by commas; one that holds a comma stands in double quotes, as in CSV: ``"A, high dose"=120,B=118``.
It imports nothing heavy, so that the command line starts quickly. A text that cannot be read is a ``ValueError``.
"""

from __future__ import annotations

import re
from math import isfinite
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

__all__ = [
    "DRAWING_METHODS",
    "DRAWS",
    "METHODS",
    "POINT_KINDS",
    "TIME_UNITS",
    "USES",
    "Y_UNITS",
    "GivenTwiceError",
    "coding",
    "ends",
    "files_by_arm",
    "merged",
    "name_of_figure",
    "names",
    "numbers",
    "numbers_by_arm",
    "parse_times",
    "span",
]

TIME_UNITS = ("days", "weeks", "months", "years")
Y_UNITS = ("fraction", "percent")
POINT_KINDS = ("auto", "steps", "landmarks", "clicks")
METHODS = ("auto", "statespace", "spread", "guyot")
DRAWING_METHODS = ("auto", "statespace")
"""The methods that use randomness, and of which draws can be asked."""
DRAWS = 200
"""Draws an arm where their number is not stated."""
USES = ("hr", "hr-value", "p", "median", "median-value", "survival", "events-at-least")
"""The printed statistics that can weight draws."""
_Value = TypeVar("_Value")


class GivenTwiceError(ValueError):
    """A name that comes twice where each may come once."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name!r} is given twice")


def name_of_figure(figure: str | PurePath, stated: Mapping[str, Any]) -> str:
    """Return the file's name without its ending, with the page and panel that are read of it.

    Examples
    --------
    >>> name_of_figure("papers/smith.pdf", {"page": 5, "panel": "A"}), name_of_figure("fig.png", {})
    ('smith_p5_A', 'fig')
    """
    name = PurePath(figure).stem
    if stated.get("page") is not None:
        name += f"_p{stated['page']}"
    panel = stated.get("panel") or "all"
    if panel != "all":
        name += "_" + re.sub(r"[^\w-]+", "-", panel).strip("-")
    return name


def names(text: str) -> tuple[str, ...]:
    """Return names with commas between.

    Examples
    --------
    >>> names("hr, p"), names('"A, high dose",B')
    (('hr', 'p'), ('A, high dose', 'B'))
    """
    found = tuple(_plain(part).strip() for part in _parts(text))
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


def parse_times(text: str) -> tuple[float, ...]:
    """Return times from 0 with commas between, each once.

    Examples
    --------
    >>> parse_times("12,24")
    (12.0, 24.0)
    """
    found = tuple(float(part) for part in text.split(","))
    if not all(isfinite(time) and time >= 0 for time in found):
        raise ValueError(text)
    _each_once(f"{time:g}" for time in found)
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
    >>> numbers_by_arm('"A, high dose"=120,B=118')
    {'A, high dose': 120, 'B': 118}
    """
    found = {}
    for name, number in _once(_last_split(part) for part in _parts(text)):
        if not re.fullmatch(r"[+-]?[0-9]+", number):
            raise ValueError(text)
        found[name] = int(number)
    return found


def files_by_arm(text: str) -> dict[str, str]:
    """Return paths by the name of an arm, each name once.

    The last equals sign parts the two, unless another one leaves a file that is there and the last does not.

    Examples
    --------
    >>> files_by_arm('"dose=5 mg"=points/p=1.csv,A="a,b.csv"')
    {'dose=5 mg': 'points/p=1.csv', 'A': 'a,b.csv'}
    """
    return dict(_once(_file_split(part) for part in _parts(text)))


def coding(text: str) -> dict[str, bool]:
    """Return what values of an event column mean: True for an event.

    Examples
    --------
    >>> coding("1=censored,0=event")
    {'1': False, '0': True}
    """
    meanings = {"event": True, "censored": False}
    found = dict(_once(_last_split(part) for part in _parts(text)))
    if not meanings.keys() >= {word.lower() for word in found.values()}:
        raise ValueError(text)
    return {value: meanings[word.lower()] for value, word in found.items()}


def merged(parts: Iterable[Mapping[str, _Value]]) -> dict[str, _Value]:
    """Merge the values of several uses of one option.

    Raises
    ------
    GivenTwiceError
        If two of them give a value for one name.

    Examples
    --------
    >>> merged([{"A": 84}, {"B": 70}])
    {'A': 84, 'B': 70}
    """
    found: dict[str, _Value] = {}
    for part in parts:
        for name, value in part.items():
            if name in found:
                raise GivenTwiceError(name)
            found[name] = value
    return found


_Part = list[tuple[str, bool]]
"""Letters of a part of a text, and whether each stands in quotes."""


def _parts(text: str) -> list[_Part]:
    """Split a text at its commas; quotes open at the start of a part or behind an equals sign."""
    parts: list[_Part] = [[]]
    quoted, closed, at = False, False, 0
    while at < len(text):
        letter, part = text[at], parts[-1]
        if quoted and letter == '"' and text[at + 1 : at + 2] == '"':
            part.append(('"', True))
            at += 1
        elif quoted and letter == '"':
            quoted, closed = False, True
        elif quoted:
            part.append((letter, True))
        elif letter == ",":
            parts.append([])
            closed = False
        elif letter == '"' and not closed and (not _plain(part).strip() or part[-1] == ("=", False)):
            quoted = True
        elif closed and letter not in "= ":
            raise ValueError(text)  # letters behind a closing quote: a quote within a name was not doubled
        else:
            closed = closed and letter == " "
            part.append((letter, False))
        at += 1
    if quoted:
        raise ValueError(text)
    return parts


def _plain(part: _Part) -> str:
    return "".join(letter for letter, _ in part)


def _splits(part: _Part) -> list[tuple[str, str]]:
    """Return name and value at each equals sign that may part them; quoted ones only where there is no other."""
    text = _plain(part)
    open_signs = [k for k, (letter, quoted) in enumerate(part) if letter == "=" and not quoted]
    return [(text[:k], text[k + 1 :]) for k in open_signs or [k for k, letter in enumerate(text) if letter == "="]]


def _last_split(part: _Part) -> tuple[str, str]:
    found = _splits(part)
    return found[-1] if found else ("", "")


def _file_split(part: _Part) -> tuple[str, str]:
    found, signs = _splits(part), [k for k, letter in enumerate(part) if letter == ("=", False)]
    if signs and any(quoted for _, quoted in part[: signs[0]]):
        return found[0]  # the name stands in quotes, so what follows them is the path
    there = [
        pair for pair in found if any(Path(file.strip()).is_file() for file in (pair[1], pair[1].rpartition("#")[0]))
    ]
    if len(there) > 1:
        raise ValueError(_plain(part))
    return there[0] if there else _last_split(part)


def _is_there(path: str) -> bool:
    """Whether a path, or ``path#curve``, is that of a file."""
    return Path(path).is_file() or Path(path.rpartition("#")[0]).is_file()


def _each_once(found: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in found:
        if name in seen:
            raise GivenTwiceError(name)
        seen.add(name)


def _once(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the pairs stripped of blanks; an empty or repeated name is an error."""
    found = [(name.strip(), value.strip()) for name, value in pairs]
    if not all(name and value for name, value in found):
        raise ValueError(", ".join(name for name, _ in found))
    _each_once(name for name, _ in found)
    return found
