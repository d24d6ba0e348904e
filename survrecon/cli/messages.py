"""Messages of commands: errors in one style, and progress."""

from __future__ import annotations

import re
import sys
import textwrap
import traceback
from pathlib import Path
from typing import Self

import click

from survrecon.callers import in_shell
from survrecon.errors import SurvreconError

__all__ = ["WIDTH", "Progress", "error_text", "unexpected", "usage_fault", "wrap_lines"]

WIDTH = 200
"""Signs on a line at most."""
_LONGEST = {"where": 600, "rule": 400, "got": 400, "advice": 800}
"""Signs of each part of an error; a longer one, such as a list of a thousand names, is cut."""
_REFUSED = re.compile(r"""(?:Path |File |Directory )?(?P<got>'.*?'|".*?"|\S+) (?P<why>(?:is|does) .*)""", re.DOTALL)


def wrap_lines(text: str) -> str:
    """Return a message on lines of at most `WIDTH` signs, all but the first indented.

    Examples
    --------
    >>> print(wrap_lines("a " * 120))  # doctest: +ELLIPSIS
    a a a ...a
      a a a ...a
    """
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    shown = text.encode(encoding, "backslashreplace").decode(encoding)
    return textwrap.fill(shown, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def error_text(error: SurvreconError) -> str:
    """Return an error as the command line prints it.

    Examples
    --------
    >>> print(error_text(SurvreconError("a.csv, line 3", "time is a number", "'x'", "correct the cell")))
    survrecon: a.csv, line 3: time is a number; got 'x'. What to do: correct the cell.
    """
    parts = ((getattr(error, name).spelled(in_shell), longest) for name, longest in _LONGEST.items())
    where, rule, got, advice = (_shortened(text, longest) for text, longest in parts)
    return wrap_lines(f"survrecon: {SurvreconError(where, rule, got, advice)}")


_FOR_THE_REST = 20  # letters that say how many more there are


def _shortened(text: str, longest: int) -> str:
    return (
        text
        if len(text) <= longest
        else f"{text[: longest - _FOR_THE_REST]} ... ({len(text) - longest + _FOR_THE_REST} more signs)"
    )


def usage_fault(error: click.ClickException, command: str = "") -> SurvreconError:
    """Return what is wrong with a call, of a command where it is known, in the style of every other error."""
    context = getattr(error, "ctx", None)
    called = _commands(context) or [command] * bool(command)
    look = f"see {' '.join(['survrecon', *called])} --help"
    here = ": ".join(called)
    message = error.format_message().strip().rstrip(".")
    unknown = re.fullmatch(r"No such command '(.*?)'.*", message, re.DOTALL)
    match error:
        case click.NoSuchOption():
            near = sorted(error.possibilities or ())
            advice = f"write {' or '.join(near)}, or {look}" if near else look
            return SurvreconError(here or "survrecon", "an option that it knows", error.option_name, advice)
        case click.MissingParameter():
            return SurvreconError(_at(here, error.param), "a value, which it needs", "none", f"add it, or {look}")
        case click.BadParameter():
            rule, advice = _rule(error.param)
            return SurvreconError(_at(here, error.param), rule, _got(message, error.param), advice or look)
        case click.BadOptionUsage():
            takes = "takes" not in message and "not take" not in message
            rule = "an option with a value" if takes else "an option without a value"
            return SurvreconError(_joined(here, error.option_name), rule, "none" if takes else "one", look)
    if unknown:
        names = ", ".join(context.command.list_commands(context)) if context is not None else "none"
        return SurvreconError("COMMAND", f"one of the commands {names}", repr(unknown[1]), "correct the name")
    return SurvreconError(here or "survrecon", "a call that it understands", message, look)


_PACKAGE = Path(__file__).resolve().parents[1]
"""The program's own code; the folder that it lies in may be called anything, as a checkout is."""


def unexpected(error: Exception) -> SurvreconError:
    """Return a fault of the program as an error: what, and at which line of it."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame for frame in frames if Path(frame.filename).resolve().is_relative_to(_PACKAGE)]
    place = f" ({Path(lines[-1].filename).name}, line {lines[-1].lineno})" if lines else ""
    got = " ".join(f"{type(error).__name__}: {error}".split())
    return SurvreconError(
        "this call", "input that the program was made for", f"{got}{place}", "report this message with the input"
    )


def _commands(context: click.Context | None) -> list[str]:
    """Return the names of the command that was called, without the program's."""
    names: list[str] = []
    while context is not None and context.parent is not None:
        names.insert(0, context.info_name or "")
        context = context.parent
    return names


def _joined(here: str, name: str) -> str:
    return f"{here}: {name}" if here else name


def _at(here: str, parameter: click.Parameter | None) -> str:
    if parameter is None:
        return here or "survrecon"
    if isinstance(parameter, click.Option):
        return _joined(here, parameter.opts[0])
    return _joined(here, parameter.metavar or str(parameter.name).upper())


def _rule(parameter: click.Parameter | None) -> tuple[str, str]:
    """Return what a parameter takes, and what to do where that is plain."""
    kind = None if parameter is None else parameter.type
    match kind:
        case click.Choice():
            return f"one of {', '.join(map(str, kind.choices))}", "choose one of them"
        case click.IntRange():
            return f"a whole number from {kind.min}", "give another number"
        case click.FloatRange():
            return f"a number {'above' if kind.min_open else 'from'} {kind.min:g}", "give another number"
        case click.Path():
            what = "a folder" if not kind.file_okay else "a file" if not kind.dir_okay else "a file or folder"
            return what + (" that exists" if kind.exists else ""), "check the path"
    return "a value of its kind", ""


def _got(message: str, parameter: click.Parameter | None) -> str:
    """Return the value that click refused, from its message."""
    message = re.sub(r"^Invalid value(?: for .*?)?: ", "", message, count=1, flags=re.DOTALL)
    found = _REFUSED.match(message)
    if found is None or parameter is None:
        return message
    plain = isinstance(parameter.type, click.Choice | click.IntRange | click.FloatRange)
    return found["got"] if plain else f"{found['got']}, which {found['why']}"


class Progress:
    """A progress bar; use it in a ``with`` statement.

    Parameters
    ----------
    what : str
        What is counted, in the plural.
    total : int, optional
        How many there are, where that is known.
    """

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what, self._total = what, total

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        console = Console(stderr=True)
        self._bar = Bar(
            TextColumn(self._what),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=self._total)
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def one_more(self, name: str) -> None:
        """Count one more, the one of this name."""
        self._bar.update(self._task, advance=1, description=name)

    def show(self, through: int, total: int, text: str) -> None:
        """Show how many of how many are through, with words beside."""
        self._bar.update(self._task, completed=through, total=total, description=text)
