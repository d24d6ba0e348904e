"""Spell an option in a message as its caller writes it: in Python, in the shell, or in a manifest.

The same fault is told to a caller in Python, who wrote ``n=``, and to one in a shell, who typed ``--n``. A message is
therefore written with marks, which `option_name` makes, and each caller's side spells them: see `Wording`.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["NamedOption", "Wording", "in_python", "in_shell", "option_name", "shell_flag"]

_OPEN, _PART, _CLOSE, _AND = "\x1c", "\x1d", "\x1e", "\x1f"
"""Separators of ASCII, which no message and no name that a person writes has."""
_MARK = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_FLAGS = {"output": "-o", "draw_files": "--draws", "survival_unit": "--y-unit"}
"""What the command line calls an option whose name there is another."""
_KEYWORDS = {"arm": "arms", "event_coding": "coding", "time_col": "time", "event_col": "event", "arm_col": "arm"}
"""What Python calls an option whose name there is another."""


@dataclass(frozen=True, slots=True)
class NamedOption:
    """An option as a message names it.

    Parameters
    ----------
    name : str
        Its name, with underscores.
    value : str
        What the reader may give it; "yes" for an option that is given or not, empty where only its name is meant.
    key : str
        The arm, or what else the value belongs to, of an option that takes several.
    more : tuple of str
        Other arms for which the same is to be given.
    """

    name: str
    value: str = ""
    key: str = ""
    more: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Every arm that it is to be given for."""
        return (self.key, *self.more) if self.key else ()


def option_name(name: str, value: str | bool = "", *, key: str = "", more: Sequence[str] = ()) -> str:
    """Return a placeholder for an option within a message; the parameters are those of `NamedOption`.

    Examples
    --------
    >>> text = f"declare a percent axis ({option_name('y_unit', 'percent')})"
    >>> print(Wording(text))
    declare a percent axis (y_unit='percent')
    >>> print(Wording(text).spelled(in_shell))
    declare a percent axis (--y-unit percent)
    """
    given = "yes" if value is True else str(value or "")
    return _OPEN + _PART.join((name, given, _AND.join((key, *more)))) + _CLOSE


class Wording(str):
    """A message as Python spells its options, which remembers its marks so that another caller's side can spell them.

    Parameters
    ----------
    text : str
        The message with marks; a `Wording` keeps its own.
    """

    __slots__ = ("marked",)
    marked: str

    def __new__(cls, text: str) -> Self:
        """Spell the marks for Python."""
        marked = text.marked if isinstance(text, Wording) else text
        made = super().__new__(cls, _spelled(marked, in_python))
        made.marked = marked
        return made

    def __getnewargs__(self) -> tuple[str]:
        """Rebuild from the marks, so that a message survives a worker process."""
        return (self.marked,)

    def spelled(self, spell: Callable[[NamedOption], str]) -> str:
        """Return the message with options as ``spell`` writes them."""
        return _spelled(self.marked, spell)


def _spelled(marked: str, spell: Callable[[NamedOption], str]) -> str:
    def spelled(found: re.Match[str]) -> str:
        name, value, keys = found[1].split(_PART)
        key, *more = keys.split(_AND)
        return spell(NamedOption(name, value, key, tuple(more)))

    return _MARK.sub(spelled, marked)


def in_python(option: NamedOption) -> str:
    """Return an option as a keyword of a call.

    Examples
    --------
    >>> print(in_python(NamedOption("n")), in_python(NamedOption("n", "NUMBER", "Arm A")))
    n= n={'Arm A': NUMBER}
    >>> print(in_python(NamedOption("n", "NUMBER", "A", ("B",))))
    n={'A': NUMBER, 'B': NUMBER}
    >>> print(in_python(NamedOption("late_entry", "yes")))
    late_entry=True
    """
    name = _KEYWORDS.get(option.name, option.name)
    value = "True" if option.value == "yes" else option.value
    shown = value if value in ("", "True") or value.isupper() else repr(value)
    if not option.keys:
        return f"{name}={shown}"
    return f"{name}={{{', '.join(f'{key!r}: {shown}' for key in option.keys)}}}"


def in_shell(option: NamedOption) -> str:
    """Return an option as it can be pasted into a shell.

    Examples
    --------
    >>> print(in_shell(NamedOption("n", "NUMBER", "Arm A")))
    --n 'Arm A=NUMBER'
    >>> print(in_shell(NamedOption("n", "NUMBER", "A, high dose")))
    --n '"A, high dose"=NUMBER'
    >>> print(in_shell(NamedOption("n", "NUMBER", "A", ("B: 1",))))
    --n A=NUMBER --n 'B: 1=NUMBER'
    >>> print(in_shell(NamedOption("late_entry", "yes")), in_shell(NamedOption("output")))
    --late-entry -o
    """
    flag = shell_flag(option.name)
    if not option.value or option.value == "yes":
        return flag
    values = [f"{_in_quotes(key)}={option.value}" for key in option.keys] or [option.value]
    return " ".join(f"{flag} {shlex.quote(value)}" for value in values)


def shell_flag(name: str) -> str:
    """Return what the command line calls an option.

    Examples
    --------
    >>> shell_flag("y_unit"), shell_flag("output")
    ('--y-unit', '-o')
    """
    return _FLAGS.get(name, "--" + name.replace("_", "-"))


def _in_quotes(name: str) -> str:
    """Return a name as CSV has it: in quotes where it would be taken apart."""
    return '"' + name.replace('"', '""') + '"' if "," in name or '"' in name else name
