"""Options that several commands share, and how their values are read."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survrecon.cli.progress import fold
from survrecon.errors import SurvreconError
from survrecon.files.option_text import (
    POINT_KINDS,
    TIME_UNITS,
    Y_UNITS,
    GivenTwiceError,
    merged,
    names,
    numbers,
    numbers_by_arm,
    span,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.digitizing import FailedPanel

__all__ = [
    "IN_QUOTES",
    "ByName",
    "Listed",
    "OnceEach",
    "Text",
    "compress_option",
    "curve_options",
    "draw_options",
    "exit_status",
    "figure_options",
    "note",
    "overwrite_option",
    "panels_status",
    "points_option",
    "stated",
    "tau_option",
    "use_option",
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


class OnceEach(click.Command):
    """A command whose options come once each, but for those that take several values: the last never wins unsaid."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse an option that comes twice; the same value twice is no exception."""
        _, _, given = self.make_parser(ctx).parse_args(args=list(args))
        for param, count in Counter(map(id, given)).items():
            option = next(one for one in given if id(one) == param)
            if count > 1 and isinstance(option, click.Option) and not option.multiple and not option.is_eager:
                raise click.UsageError(f"{max(option.opts, key=len)} is given {count} times; give it once", ctx)
        return super().parse_args(ctx, args)


def use_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that weights draws by printed statistics."""
    return click.option(
        "--use",
        cls=Listed,
        type=Text("NAME,...", names),
        help="Printed statistics that weight the draws and are then no checks: hr, hr-value, p, median, median-value, "
        "survival, events-at-least. hr and median take the printed interval too.",
    )(command)


def tau_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the horizon of the restricted mean."""
    return click.option(
        "--tau",
        type=click.FloatRange(min=0, min_open=True),
        help="Horizon of the restricted mean, one for all data sets; default the paper's where it prints one, else the "
        "last time with 10 patients and 10% of N at risk in both arms.",
    )(command)


def points_option(name: str = "points") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option that says what the points are, under a name that a command has no other use for."""
    return click.option(
        "--points",
        name,
        type=click.Choice(POINT_KINDS),
        help="What the points are: each a drop (steps), survival at a few times (landmarks), clicks along the curve "
        "(clicks), or told by the data (auto), as where it is not stated.",
    )


_RESOLUTION = Text("DS[,DT]", partial(numbers, count={1, 2}))


def curve_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how points are to be read."""
    for option in (
        click.option("--time-unit", type=click.Choice(TIME_UNITS), help="The figure's."),
        click.option(
            "--resolution",
            type=_RESOLUTION,
            help="A pixel's height as a fraction, and its width.",
        ),
        click.option("--one-minus-survival", is_flag=True, help="The axis shows incidence, 1 - S."),
        click.option("--y-unit", type=click.Choice(["fraction", "percent"]), default="fraction", show_default=True),
        click.option(
            "--at-risk-convention",
            type=click.Choice(["before", "after", "auto"]),
            help="A number at risk counts patients with time >= t (before) or > t (after); default auto. Goes with "
            "--risk-table.",
        ),
        click.option("--risk-table", type=_READABLE, help="Time, then one column an arm; of one arm, time and nrisk."),
    ):
        command = option(command)
    return command


def draw_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of randomness."""
    for option in (
        click.option("--seed", type=click.IntRange(min=0), help="Where randomness starts; default 0."),
        click.option("--draws", type=click.IntRange(min=1), help="Data sets an arm, where the method draws."),
    ):
        command = option(command)
    return command


def overwrite_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that gives up what a person changed."""
    return click.option(
        "--overwrite", is_flag=True, help="Replace outputs that a person changed, or files of the same names."
    )(command)


def compress_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that compresses draws."""
    return click.option("--compress", is_flag=True, help="Write draws as .csv.gz.")(command)


def warn(text: str) -> None:
    """Say something that is not a result."""
    note(f"survrecon: {text}")


def note(text: str) -> None:
    """Say where something is, beside the results."""
    click.echo(fold(text), err=True)


def exit_status(unexplained: int) -> int:
    """Return 1 where checks differ without an explanation on record, and say so."""
    if unexplained:
        warn(
            f"{unexplained} {'check differs' if unexplained == 1 else 'checks differ'} without an explanation on record"
        )
    return 1 if unexplained else 0


def panels_status(failed: Sequence[FailedPanel]) -> int:
    """Return 2 where panels of a figure failed, and say which and why; the other panels are written."""
    for panel in failed:
        fault = "" if isinstance(panel.error, SurvreconError) else f"{type(panel.error).__name__}: "
        warn(f"panel {panel.panel or '?'} failed: {fault}{panel.error}")
    return 2 if failed else 0


_RANGE = Text("A,B", span, ", the lower end of the axis first")
_EVENTS = Text("NAME=D", numbers_by_arm, IN_QUOTES)
_PATIENTS = Text("NAME=N", numbers_by_arm, IN_QUOTES)
_NAMES = Text("A,B", names, IN_QUOTES)
_CROP = Text("X0,Y0,X1,Y1", partial(numbers, count={4}))


def figure_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what a figure shows; what is not said is read from it."""
    for option in (
        click.option("--late-entry", is_flag=True, help="Go on although patients enter late."),
        click.option("--control", help="The control arm; default the first."),
        click.option("--events", cls=ByName, type=_EVENTS, help="Total events by arm."),
        click.option(
            "--n",
            "n",
            cls=ByName,
            type=_PATIENTS,
            help="Patients by arm; default as printed.",
        ),
        click.option("--time-unit", type=click.Choice(TIME_UNITS), help="The figure's."),
        click.option(
            "--risk-table", type=click.Path(exists=True, path_type=Path), help="CSV, instead of the printed one."
        ),
        click.option("--one-minus-survival", is_flag=True, help="The axis shows incidence, 1 - S."),
        click.option("--y-unit", type=click.Choice(Y_UNITS), help="Unit of the survival axis."),
        click.option("--y-range", type=_RANGE, help="The same of the survival axis."),
        click.option("--x-range", type=_RANGE, help="Values at the first and last tick of the time axis."),
        click.option(
            "--arm-names",
            cls=Listed,
            type=_NAMES,
            help="Names of the arms, in the order of the result.",
        ),
        click.option("--arms", type=click.IntRange(min=1), help="Number of curves."),
        click.option(
            "--crop",
            type=_CROP,
            help="Read this part alone; pixels, or points of a page.",
        ),
        click.option("--panel", metavar="A|all", help="The panel to read, by letter or title; all for each."),
        click.option("--page", type=click.IntRange(min=1), help="Page of a PDF."),
    ):
        command = option(command)
    return command


def stated(options: dict[str, Any]) -> dict[str, Any]:
    """Take the figure's options that were stated out of all options of a command."""
    names = (
        *("page", "panel", "crop", "arms", "arm_names", "x_range", "y_range", "y_unit", "one_minus_survival"),
        *("risk_table", "time_unit", "n", "events", "control", "late_entry"),
    )
    found = {name: options.pop(name) for name in names if name in options}
    return {name: value for name, value in found.items() if value not in (None, False, ())}
