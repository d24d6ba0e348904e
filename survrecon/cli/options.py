"""Options that several commands share, and how their values are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survrecon.errors import SurvreconError

if TYPE_CHECKING:
    from survrecon.digitizing import FailedPanel

__all__ = [
    "Names",
    "Numbers",
    "Pairs",
    "curve_options",
    "draw_options",
    "exit_status",
    "panels_status",
    "use_option",
    "warn",
]

_READABLE = click.Path(exists=True, path_type=Path)


class Pairs(click.ParamType[dict[str, Any]]):
    """``NAME=VALUE``, or several with commas between."""

    def __init__(self, kind: Callable[[str], Any], metavar: str) -> None:
        self.name = metavar
        self._kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read ``A=1,B=2`` into a mapping."""
        if not isinstance(value, str):
            return value
        found: dict[str, Any] = {}
        for part in value.split(","):
            name, sign, text = part.partition("=")
            try:
                if not sign or not name.strip() or name.strip() in found:
                    raise ValueError
                found[name.strip()] = self._kind(text.strip())
            except ValueError:
                self.fail(f"{part!r} is not of the form {self.name}, each name once", param, ctx)
        return found


class Numbers(click.ParamType[tuple[float, ...]]):
    """Numbers with commas between, as many as ``metavar`` names; those in brackets may be left out."""

    def __init__(self, metavar: str) -> None:
        self.name = metavar
        self._counts = range(metavar.split("[")[0].count(",") + 1, metavar.count(",") + 2)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read ``0,36``."""
        if not isinstance(value, str):
            return value
        try:
            numbers = tuple(float(part) for part in value.split(","))
        except ValueError:
            numbers = ()
        if len(numbers) not in self._counts:
            self.fail(f"{value!r} is not of the form {self.name}", param, ctx)
        return numbers


class Names(click.ParamType[tuple[str, ...]]):
    """Names with commas between."""

    def __init__(self, metavar: str) -> None:
        self.name = metavar

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read ``hr,p``."""
        if not isinstance(value, str):
            return value
        names = tuple(part.strip() for part in value.split(","))
        if not all(names):
            self.fail(f"{value!r} is not of the form {self.name}", param, ctx)
        return names


def use_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that weights draws by printed statistics."""
    return click.option(
        "--use",
        type=Names("NAME,..."),
        default=(),
        help="Printed statistics that weight the draws and are then no checks: hr, hr-value, p, median, median-value, "
        "survival, events-at-least. hr and median take the printed interval too.",
    )(command)


def curve_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how points are to be read."""
    for option in (
        click.option("--time-unit", type=click.Choice(["days", "weeks", "months", "years"]), help="The figure's."),
        click.option("--resolution", type=Numbers("DS[,DT]"), help="A pixel's height as a fraction, and its width."),
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
