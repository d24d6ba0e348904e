"""What a caller may state about a figure, as options of ``digitize`` and ``run``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from survrecon.cli.options import IN_QUOTES, ByName, Listed, Text
from survrecon.option_text import TIME_UNITS, Y_UNITS, names, numbers, numbers_by_arm, span

__all__ = ["figure_options", "stated"]

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
