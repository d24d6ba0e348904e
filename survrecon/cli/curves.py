"""``analyze``: rebuilt patients in, hazard ratio and all that out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from survrecon.cli.options import (
    ByName,
    Listed,
    OnceEach,
    Text,
    curve_options,
    declared,
    overwrite_option,
    warn,
)
from survrecon.files.option_text import coding, times

__all__ = ["analyze", "reconstruct"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(cls=OnceEach)
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="IPD.csv [MORE.csv ...]")
@click.option("--draws", "draw_files", multiple=True, type=_FILE, help="Draws of the same arms; may be repeated.")
@declared("control")
@declared("tau")
@click.option("--at", cls=Listed, type=Text("T,...", times), help="Times at which survival is wanted.")
@declared("time_unit", help="Unit of the times, of files that do not tell it.")
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
    from survrecon.model.patient_columns import StatedColumns
    from survrecon.report.json import comparison_to_dict, dump_json
    from survrecon.report.table import show
    from survrecon.report.text import analysis_tables
    from survrecon.running.single import analyze_files

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


@click.command(cls=OnceEach)
@click.argument("points", type=click.Path(path_type=Path), metavar="POINTS.csv[#CURVE]")
@click.option("--n", "n", type=click.IntRange(min=1), required=True, help="Patients in the arm.")
@click.option("--events", type=click.IntRange(min=0), help="Total events, where the paper prints it.")
@click.option("--censor-times", type=click.Path(exists=True, path_type=Path), help="CSV of censoring marks.")
@click.option("--arm", default="arm", show_default=True, help="The arm's name.")
@click.option("--endpoint", help="Noted in ipd.json.")
@declared("method", default="auto", show_default=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="IPD.csv",
    help="Default POINTS_ipd.csv, in the current folder.",
)
@overwrite_option
@declared("compress")
@declared("points", "point_kind")
@curve_options
@declared("draws")
@declared("seed")
def reconstruct(points: Path, output: Path | None, overwrite: bool, **options: Any) -> None:
    """Rebuild the patients behind one Kaplan-Meier curve.

    POINTS.csv has columns time and survival; exports and projects of WebPlotDigitizer (.csv, .json, .tar),
    DigitizeIt and Engauge (.csv, .dig), and what R, Stata's ipdfc, survHE and spreadsheets write (.csv, .txt,
    .xlsx) are read as they are. Of a file with several curves, POINTS.csv#CURVE names one. Beside IPD.csv (time,
    event, arm) come IPD.json, which says how it was made, and with --draws, for methods that draw, IPD_draws.csv.
    What a person changed, and files of others, are left alone.

    \b
    Example:
      survrecon reconstruct placebo.csv --n 307 --risk-table risk.csv --events 212 --arm placebo -o ipd.csv
    """
    from survrecon.running.single import SingleCurve, write_single_curve

    stated = {name: value for name, value in options.items() if value is not None}
    single = SingleCurve(points=points, **stated)
    output = single.default_output if output is None else output
    result = write_single_curve(single, output, overwrite=overwrite)
    for line in (*map(str, result.repairs), *result.assumptions, *result.warnings):
        warn(line)
    ipd, found = result.ipd, result.diagnostics
    allowed = f"inputs allow {found.events_low} to {found.events_high}"
    click.echo(
        f"{ipd.arm}: {ipd.n} patients, {ipd.events} events ({allowed}), method {result.method}, "
        f"largest distance from the points {found.largest_residual:.4f}: {output}"
    )
