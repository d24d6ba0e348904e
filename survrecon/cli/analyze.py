"""``analyze``: rebuilt patients in, hazard ratio and all that out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from survrecon.cli.options import ByName, Listed, OnceEach, Text, tau_option
from survrecon.option_text import TIME_UNITS, coding, times

__all__ = ["analyze"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(cls=OnceEach)
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="IPD.csv [MORE.csv ...]")
@click.option("--draws", "draw_files", multiple=True, type=_FILE, help="Draws of the same arms; may be repeated.")
@click.option("--control", help="The control arm; default the first.")
@tau_option
@click.option("--at", cls=Listed, type=Text("T,...", times), help="Times at which survival is wanted.")
@click.option("--time-unit", type=click.Choice(TIME_UNITS), help="Unit of the times, of files that do not tell it.")
@click.option("--time-col", metavar="NAME", help="The column of times; default by its name: time, AVAL, months ...")
@click.option("--event-col", metavar="NAME", help="The column of events: event, status, death, CNSR ...")
@click.option("--arm-col", metavar="NAME", help="The column of arms: arm, treat, trt, group ...")
@click.option(
    "--event-coding",
    cls=ByName,
    type=Text("VALUE=event|censored", coding),
    help="What values of the event column mean, 1=censored, say; the value not named is the other.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON with sorted keys.")
def analyze(
    files: tuple[Path, ...],
    draw_files: tuple[Path, ...],
    at: tuple[float, ...] | None,
    time_col: str | None,
    event_col: str | None,
    arm_col: str | None,
    event_coding: dict[str, bool] | None,
    as_json: bool,
    **stated: Any,
) -> None:
    """Compare the arms of patients: hazard ratio, log-rank, medians, restricted means.

    Files have columns for time, event and arm under their usual names; a file without a column of arms is an arm
    of its own name. What is understood by other names, and the columns that are not used, are listed. Two columns
    that may be the same thing, or one of unknown meaning where none is the arm, are an error.

    \b
    Example:
      survrecon analyze placebo.csv lenalidomide.csv --control placebo --at 12,24
    """
    from survrecon.patient_columns import StatedColumns
    from survrecon.pipeline.analysis import analyze_files
    from survrecon.report.analysis_text import analysis_tables
    from survrecon.report.json_report import comparison_to_dict, dump_json
    from survrecon.report.table import show

    columns = StatedColumns(time=time_col, event=event_col, arm=arm_col, coding=event_coding or None)
    found = analyze_files(files, draw_files=draw_files, at=_once(at or ()), columns=columns, **stated)
    if as_json:
        said = comparison_to_dict(found.arms, found.comparisons) | {"notes": list(found.notes)}
        click.echo(dump_json(said), nl=False)
    else:
        show(analysis_tables(found.arms, found.comparisons, notes=found.notes))


def _once(at: tuple[float, ...]) -> tuple[float, ...]:
    twice = next((time for time in at if at.count(time) > 1), None)
    if twice is not None:
        raise click.UsageError(f"--at: {twice:g} is given twice")
    return at
