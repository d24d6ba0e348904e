"""``reconstruct``: one arm's patients from its points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from survrecon.cli.options import (
    OnceEach,
    compress_option,
    curve_options,
    draw_options,
    overwrite_option,
    points_option,
    warn,
)
from survrecon.option_text import METHODS

__all__ = ["reconstruct"]


@click.command(cls=OnceEach)
@click.argument("points", type=click.Path(path_type=Path), metavar="POINTS.csv[#CURVE]")
@click.option("--n", "n", type=click.IntRange(min=1), required=True, help="Patients in the arm.")
@click.option("--events", type=click.IntRange(min=0), help="Total events, where the paper prints it.")
@click.option("--censor-times", type=click.Path(exists=True, path_type=Path), help="CSV of censoring marks.")
@click.option("--arm", default="arm", show_default=True, help="The arm's name.")
@click.option("--endpoint", help="Noted in ipd.json.")
@click.option("--method", type=click.Choice(METHODS), default="auto", show_default=True, help="How to rebuild.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="IPD.csv",
    help="Default POINTS_ipd.csv, in the current folder.",
)
@overwrite_option
@compress_option
@points_option("point_kind")
@curve_options
@draw_options
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
    from survrecon.pipeline.single_curve import SingleCurve, write_single_curve

    stated = {name: value for name, value in options.items() if value is not None}
    single = SingleCurve(points=points, **stated)
    output = single.default_output if output is None else output
    result = write_single_curve(single, output, overwrite=overwrite)
    for line in (*map(str, result.repairs), *result.assumptions, *result.warnings):
        warn(line)
    low, high = (result.diagnostics.get(key) for key in ("events_low", "events_high"))
    ipd = result.ipd
    click.echo(
        f"{ipd.arm}: {ipd.n} patients, {ipd.events} events (inputs allow {low} to {high}), method {result.method}, "
        f"largest distance from the points {result.diagnostics['largest_residual']:.4f}: {output}"
    )
