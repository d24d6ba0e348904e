"""Options that several commands share, and how their values are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survrecon.errors import SurvreconError
from survrecon.option_text import POINT_KINDS, TIME_UNITS, names, numbers

if TYPE_CHECKING:
    from survrecon.digitizing import FailedPanel

__all__ = [
    "Text",
    "curve_options",
    "draw_options",
    "exit_status",
    "panels_status",
    "points_option",
    "use_option",
    "warn",
]

_READABLE = click.Path(exists=True, path_type=Path)


class Text(click.ParamType[Any]):
    """An option whose text a function of `survrecon.option_text` reads; ``rule`` is what its form does not say."""

    def __init__(self, metavar: str, read: Callable[[str], Any], rule: str = "") -> None:
        self.name = metavar
        self._read, self._rule = read, rule

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the text; a default is no text."""
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except ValueError:
            self.fail(f"{value!r} is not of the form {self.name}{self._rule}", param, ctx)


def use_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that weights draws by printed statistics."""
    return click.option(
        "--use",
        type=Text("NAME,...", names),
        default=(),
        help="Printed statistics that weight the draws and are then no checks: hr, hr-value, p, median, median-value, "
        "survival, events-at-least. hr and median take the printed interval too.",
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
            default="auto",
            show_default=True,
            help="A number at risk counts patients with time >= t (before) or > t (after).",
        ),
        click.option("--risk-table", type=_READABLE, help="CSV: time, then one column an arm."),
    ):
        command = option(command)
    return command


def draw_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of randomness."""
    for option in (
        click.option(
            "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Where randomness starts."
        ),
        click.option("--draws", type=click.IntRange(min=1), help="Data sets an arm, where the method draws."),
    ):
        command = option(command)
    return command


def warn(text: str) -> None:
    """Say something that is not a result."""
    click.echo(f"survrecon: {text}", err=True)


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
