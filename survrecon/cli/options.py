"""Options that several commands share, and how their values are read."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survrecon.callers import in_shell, shell_flag
from survrecon.cli.messages import wrap_lines
from survrecon.errors import SurvreconError
from survrecon.files.option_kinds import ARM_NAMES, OptionKind, OptionRole, Shape
from survrecon.files.option_text import GivenTwiceError, merged, numbers
from survrecon.running.options import OPTIONS, of_roles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from survrecon.checks.results import RecordResult
    from survrecon.digitizing import FailedPanel

__all__ = [
    "IN_QUOTES",
    "ByName",
    "EachOptionOnce",
    "Listed",
    "Text",
    "curve_options",
    "declared",
    "exit_status",
    "figure_options",
    "list_panels",
    "note",
    "overwrite_option",
    "panels_status",
    "reading_options",
    "settings_options",
    "stated",
    "warn",
]

IN_QUOTES = "; a name with a comma stands in double quotes"
"""What the form of an option that names arms does not say."""
_READABLE = click.Path(exists=True, path_type=Path)


class Text(click.ParamType[Any]):
    """An option whose text `survrecon.files.option_text` reads; ``rule`` is what its form does not say."""

    def __init__(self, metavar: str, read: Callable[[str], Any], rule: str = "") -> None:
        self.name = metavar
        self._read, self._rule = read, rule

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the text; a default is no text."""
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except GivenTwiceError as error:
            self.fail(str(error), param, ctx)
        except ValueError:
            self.fail(f"{value!r} is not of the form {self.name}{self._rule}", param, ctx)


class ByName(click.Option):
    """An option that gives values by name, once or several times; a name that comes twice is an error."""

    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **(keys | {"multiple": True}))

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """Return one mapping of what the uses of the option give."""
        parts = super().type_cast_value(ctx, value)
        if not isinstance(parts, tuple) or not parts:
            return parts  # not given
        try:
            return merged(parts)
        except GivenTwiceError as error:
            raise click.BadParameter(str(error), ctx, self) from None


class Listed(click.Option):
    """An option that gives values with commas between, once or several times."""

    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **(keys | {"multiple": True}))

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """Return one tuple of what the uses of the option give."""
        parts = super().type_cast_value(ctx, value)
        if not isinstance(parts, tuple) or not parts:
            return parts  # not given
        return tuple(one for part in parts for one in part)


class EachOptionOnce(click.Command):
    """A command that refuses an option given twice, unless it takes several values."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse an option that comes twice; the same value twice is no exception."""
        _, _, given = self.make_parser(ctx).parse_args(args=list(args))
        for param, count in Counter(map(id, given)).items():
            option = next(one for one in given if id(one) == param)
            if count > 1 and isinstance(option, click.Option) and not option.multiple and not option.is_eager:
                raise click.UsageError(f"{max(option.opts, key=len)} is given {count} times; give it once", ctx)
        return super().parse_args(ctx, args)


def declared(
    name: str, parameter: str = "", *, called: str = "", **changes: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return an option of a command, made from its declaration.

    Parameters
    ----------
    name : str
        Its name in `survrecon.running.options.OPTIONS`.
    parameter : str
        The command's parameter, if that has another name.
    called : str
        What the command line calls it, if not by its name.
    **changes : value
        What differs in this command, such as ``help``.
    """
    option = OPTIONS[name]
    found: dict[str, Any] = {"help": option.help} | _shape(option.kind) | changes
    return click.option(called or shell_flag(name), parameter or name, **found)


def _shape(kind: OptionKind) -> dict[str, Any]:
    """Return what click is told about the values that an option takes."""
    named = "NAME=" in kind.form or kind is ARM_NAMES
    text = Text(kind.form, kind.read, kind.hint or (IN_QUOTES if named else ""))
    shapes: dict[Shape, dict[str, Any]] = {
        Shape.CHOICE: {"type": click.Choice(kind.choices)},
        Shape.WHOLE: {"type": click.IntRange(min=kind.least)},
        Shape.POSITIVE: {"type": click.FloatRange(min=0, min_open=True)},
        Shape.FLAG: {"is_flag": True},
        Shape.PATH: {"type": _READABLE},
        Shape.TEXT: {"metavar": kind.form or None},
        Shape.VALUES: {"type": text},
        Shape.LIST: {"cls": Listed, "type": text},
        Shape.BY_NAME: {"cls": ByName, "type": text},
    }
    return shapes[kind.shape]


def _all_of(
    options: Iterable[Callable[[Callable[..., Any]], Callable[..., Any]]],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds several options, which the help lists in this order."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(list(options)):
            command = option(command)
        return command

    return add


def _shown_default(name: str) -> dict[str, Any]:
    """Return the default of a choice, which the help shows."""
    option = OPTIONS[name]
    chosen = option.kind.shape is Shape.CHOICE and option.default is not None
    return {"default": option.default, "show_default": True} if chosen else {}


curve_options = _all_of(
    (
        declared("risk_table", help="Time, then one column per arm; of one arm, time and nrisk."),
        click.option(
            "--at-risk-convention",
            type=click.Choice(["before", "after", "auto"]),
            help="A number at risk counts patients with time >= t (before) or > t (after); default auto. Goes with "
            "--risk-table.",
        ),
        declared("y_unit", default="fraction", show_default=True, help=None),
        declared("one_minus_survival"),
        click.option(
            "--resolution",
            type=Text("DS[,DT]", partial(numbers, count={1, 2})),
            help="A pixel's height as a fraction, and its width.",
        ),
        declared("time_unit"),
    )
)
"""The options that say how points are to be read."""


def overwrite_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that gives up what a person changed."""
    return click.option(
        "--overwrite", is_flag=True, help="Replace outputs that a person changed, or files of the same names."
    )(command)


def warn(text: str) -> None:
    """Say something that is not a result."""
    note(f"survrecon: {text}")


def note(text: str) -> None:
    """Say where something is, beside the results."""
    click.echo(wrap_lines(text), err=True)


def exit_status(unexplained: int) -> int:
    """Return 1 where checks differ without an explanation on record, and say so."""
    if unexplained:
        warn(
            f"{unexplained} {'check differs' if unexplained == 1 else 'checks differ'} without an explanation on record"
        )
    return 1 if unexplained else 0


def results_status(results: Sequence[RecordResult]) -> int:
    """Return 1 where a reading is unreliable, or checks differ without an explanation on record, and say so."""
    unreliable = [result.record.name for result in results if result.unreliable]
    if unreliable:
        warn(f"unreliable reading, from which nothing is rebuilt: {', '.join(unreliable)}")
    return exit_status(sum(len(result.unexplained) for result in results)) or int(bool(unreliable))


def panels_status(failed: Sequence[FailedPanel]) -> int:
    """Say which panels of a figure failed, and why, and return 0: as in a batch, every one was tried."""
    for panel in failed:
        error = panel.error
        told = error.told(in_shell) if isinstance(error, SurvreconError) else f"{type(error).__name__}: {error}"
        title = f" ({panel.title})" if panel.title else ""
        for doubt in getattr(error, "doubts", ()):
            warn(f"panel {panel.panel or '?'}{title}: {doubt}")
        warn(f"panel {panel.panel or '?'}{title} failed: {told}")
    return 0


def list_panels(folder: Path) -> None:
    """Say which panels a page has, by letter and title, and what came of each."""
    from survrecon.running.page import read_outcomes

    for panel in read_outcomes(folder):
        title = f" ({panel.title})" if panel.title else ""
        where = f"{folder / panel.folder}" if panel.folder else "not read"
        note(f"panel {panel.name}{title}: {where}")


_OF_FIGURE = of_roles(OptionRole.CHOOSES, OptionRole.OVERRIDES, OptionRole.RECORD)
figure_options = _all_of([declared(option.name) for option in _OF_FIGURE])
"""The options that say what a figure shows; what is not said is read from it."""
reading_options = _all_of([declared(option.name) for option in of_roles(OptionRole.CHOOSES, OptionRole.OVERRIDES)])
"""Those of them that say how a figure is read, and nothing of patients."""
_OF_RUN = [option.name for option in of_roles(OptionRole.SETTING, OptionRole.FOLDER)]
_BEFORE_OVERWRITE = ("method", "tau", "what_helps")
settings_options = _all_of(
    [
        *(declared(name, **_shown_default(name)) for name in _BEFORE_OVERWRITE),
        click.option("--json", "as_json", is_flag=True, help="Print JSON with sorted keys."),
        overwrite_option,
        *(declared(name, **_shown_default(name)) for name in _OF_RUN if name not in _BEFORE_OVERWRITE),
    ]
)
"""The options that say how a run is done and written."""


def stated(options: dict[str, Any]) -> dict[str, Any]:
    """Take the figure's options that were stated out of all options of a command."""
    names = [option.name for option in _OF_FIGURE]
    found = {name: options.pop(name) for name in names if name in options}
    return {name: value for name, value in found.items() if value not in (None, False, ())}
