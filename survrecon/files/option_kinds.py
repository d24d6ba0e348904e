"""Declarations of options, and the kinds of values they take: how a text is read, checked and described.

An option is declared once, as an `OptionDef`. The command line's options, the columns of a manifest, the checks of what
a caller in Python gives, and what a run keeps are made from the declarations. Nothing heavy is imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from math import inf, isfinite
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from survrecon.callers import option_name
from survrecon.errors import SurvreconError
from survrecon.files.option_text import ends, names, numbers, numbers_by_arm, span

__all__ = [
    "ARM_NAMES",
    "COUNTS_BY_ARM",
    "CROP",
    "FLAG",
    "NAME_OF_ARM",
    "PANEL",
    "POSITIVE",
    "RANGE",
    "TABLE_FILE",
    "TOTALS_BY_ARM",
    "WORDS_FILE",
    "OptionDef",
    "OptionKind",
    "OptionRole",
    "Shape",
    "check_values",
    "choice_of",
    "whole_from",
    "words_among",
]

_YES, _NO = ("yes", "true", "1"), ("no", "false", "0")
_BY_NAME = "several in double quotes with commas between, a name that holds one in quotes of its own"


class Shape(StrEnum):
    """How a command line takes the values of an option."""

    CHOICE = "choice"
    WHOLE = "whole number"
    POSITIVE = "number above 0"
    FLAG = "flag"
    PATH = "path"
    TEXT = "text"
    VALUES = "values"
    LIST = "list, in one or several uses"
    BY_NAME = "values by name, in one or several uses"


@dataclass(frozen=True, kw_only=True, slots=True)
class OptionKind:
    """The values that an option takes.

    Parameters
    ----------
    rule : str
        What a value must be, in words.
    cell : str
        The same of a cell of a manifest.
    read : callable
        Reads a text; a `ValueError` where it is not of the kind.
    holds : callable
        Whether a value is of the kind.
    shape : Shape
        How a command line takes it.
    form, hint : str
        The form of the text in a call, and what that does not say.
    choices : tuple of str
        The words to choose from.
    least : int
        The least whole number.
    """

    rule: str
    cell: str
    read: Callable[[str], Any]
    holds: Callable[[Any], bool]
    shape: Shape
    form: str = ""
    hint: str = ""
    choices: tuple[str, ...] = ()
    least: int = 0


class OptionRole(StrEnum):
    """The role of an option, which decides what reads it."""

    CHOOSES = "which part of a file is read"
    OVERRIDES = "what the figure shows, in place of what is read from it"
    RECORD = "what goes into the record that is made of a figure"
    READER = "how a figure is read, for callers in Python"
    SETTING = "how the patients are rebuilt and analysed"
    FOLDER = "how outputs are written"


@dataclass(frozen=True, kw_only=True, slots=True)
class OptionDef:
    """The declaration of an option.

    Parameters
    ----------
    name : str
        The keyword in Python and the column of a manifest; the command line writes hyphens.
    kind : OptionKind
        The values that it takes.
    role : OptionRole
        What it says.
    help : str
        What the command line's help says about it.
    default : object
        What holds where it is not stated.
    of_draws : bool
        Whether only methods that draw use it.
    always_kept : bool
        Whether a run keeps it even where it is not stated.
    """

    name: str
    kind: OptionKind
    role: OptionRole
    help: str
    default: Any = None
    of_draws: bool = False
    always_kept: bool = False


def check_values(
    options: Iterable[OptionDef], given: Mapping[str, Any], refuse: type[SurvreconError] = SurvreconError
) -> None:
    """Refuse values that options cannot have; a value equal to the default, or ``None``, counts as not stated.

    Raises
    ------
    SurvreconError
        Of the type ``refuse``, which names the option.

    Examples
    --------
    >>> arms = OptionDef(name="arms", kind=whole_from(1), role=OptionRole.OVERRIDES, help="Number of curves.")
    >>> check_values([arms], {"arms": 0})
    Traceback (most recent call last):
    survrecon.errors.SurvreconError: arms=: a whole number from 1; got 0. What to do: correct it, or leave it out.
    """
    for option in options:
        value = given.get(option.name)
        unstated = value is None and option.default is None
        if option.name in given and not unstated and not option.kind.holds(value):
            raise refuse(option_name(option.name), option.kind.rule, repr(value)[:80], "correct it, or leave it out")


def whole_from(least: int) -> OptionKind:
    """Return the kind of whole numbers from a least one."""
    rule = f"a whole number from {least}"
    return OptionKind(
        rule=rule, cell=rule, read=partial(_read_whole, least), holds=partial(_is_whole, least), shape=Shape.WHOLE,
        least=least,
    )  # fmt: skip


def choice_of(*known: str) -> OptionKind:
    """Return the kind of one word out of several."""
    last = " or ".join(known[-2:])
    return OptionKind(
        rule=", ".join((*known[:-2], last)),
        cell=" or ".join(known) if len(known) == 2 else ", ".join(known),
        read=lambda text: known[known.index(text)],
        holds=lambda value: isinstance(value, str) and value in known,
        shape=Shape.CHOICE,
        choices=known,
    )


def words_among(*known: str) -> OptionKind:
    """Return the kind of several words out of a closed list; their user reports a wrong one."""

    def read(text: str) -> tuple[str, ...]:
        return tuple(known[known.index(word)] for word in names(text))

    rule = ", ".join(known)
    return OptionKind(
        rule=f"names out of {rule}", cell=f"{rule}; several in double quotes", read=read,
        holds=lambda value: isinstance(value, Sequence), shape=Shape.LIST, form="NAME,...",
    )  # fmt: skip


def _read_whole(least: int, text: str) -> int:
    if int(text) < least:
        raise ValueError(text)
    return int(text)


def _read_flag(text: str) -> bool:
    word = text.lower()
    if word not in (*_YES, *_NO):
        raise ValueError(text)
    return word in _YES


def _read_positive(text: str) -> float:
    if not 0 < float(text) < inf:
        raise ValueError(text)
    return float(text)


def _is_whole(least: int, value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _list_of(value: object) -> Sequence[Any]:
    """Return what is a sequence or a row of an array, but no text; else an empty one."""
    if getattr(value, "ndim", None) == 1 and hasattr(value, "tolist"):
        return list(value.tolist())
    return value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else ()


def _is_number(value: object) -> bool:
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False


def _are_numbers(value: object, count: int) -> bool:
    return len(_list_of(value)) == count and all(map(_is_number, _list_of(value)))


def _are_ends(value: object) -> bool:
    try:
        return _are_numbers(value, 2) and bool(ends(_list_of(value)))
    except ValueError:
        return False


def _are_names(value: object) -> bool:
    return len(_list_of(value)) > 0 and all(map(_is_name, _list_of(value)))


def _by_arm(value: object, holds: Callable[[object], bool]) -> bool:
    return isinstance(value, Mapping) and all(map(_is_name, value)) and all(map(holds, value.values()))


FLAG = OptionKind(
    rule="True or False", cell="yes or no", read=_read_flag, holds=lambda value: isinstance(value, bool),
    shape=Shape.FLAG,
)  # fmt: skip
POSITIVE = OptionKind(
    rule="a number above 0", cell="a number above 0", read=_read_positive,
    holds=lambda value: _is_number(value) and value > 0, shape=Shape.POSITIVE,
)  # fmt: skip
PANEL = OptionKind(
    rule="a letter or title, as text", cell="a letter, a title, or all", read=str, holds=_is_name, shape=Shape.TEXT,
    form="A|all",
)  # fmt: skip
NAME_OF_ARM = OptionKind(
    rule="the name of an arm", cell="the name of an arm", read=str, holds=_is_name, shape=Shape.TEXT
)
TABLE_FILE = OptionKind(
    rule="the path of a CSV file", cell="the path of a CSV file", read=str,
    holds=lambda value: isinstance(value, str | Path), shape=Shape.PATH,
)  # fmt: skip
WORDS_FILE = OptionKind(
    rule="the path of a JSON file", cell="the path of a JSON file", read=str,
    holds=lambda value: isinstance(value, str | Path), shape=Shape.TEXT, form="FILE",
)  # fmt: skip
CROP = OptionKind(
    rule="four numbers x0, y0, x1, y1", cell="X0,Y0,X1,Y1 in double quotes", read=partial(numbers, count={4}),
    holds=partial(_are_numbers, count=4), shape=Shape.VALUES, form="X0,Y0,X1,Y1",
)  # fmt: skip
RANGE = OptionKind(
    rule="two finite numbers, the lower end of the axis first", cell="A,B in double quotes, the lower end first",
    read=span, holds=_are_ends, shape=Shape.VALUES, form="A,B", hint=", the lower end of the axis first",
)  # fmt: skip
ARM_NAMES = OptionKind(
    rule="a list of names", cell="A,B in double quotes", read=names, holds=_are_names, shape=Shape.LIST, form="A,B",
)  # fmt: skip
COUNTS_BY_ARM = OptionKind(
    rule="whole numbers from 1 by the names of arms", cell=f"NAME=N, {_BY_NAME}", read=numbers_by_arm,
    holds=partial(_by_arm, holds=partial(_is_whole, 1)), shape=Shape.BY_NAME, form="NAME=N",
)  # fmt: skip
TOTALS_BY_ARM = OptionKind(
    rule="whole numbers by the names of arms", cell=f"NAME=D, {_BY_NAME}", read=numbers_by_arm,
    holds=partial(_by_arm, holds=lambda value: isinstance(value, Integral)), shape=Shape.BY_NAME, form="NAME=D",
)  # fmt: skip
