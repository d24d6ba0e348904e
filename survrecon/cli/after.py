"""Commands on rebuilt patients after the hazard ratio: ``shape`` and ``export``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from survrecon.cli.options import EachOptionOnce, Listed, Text, declared, note, overwrite_option
from survrecon.files.option_text import parse_times

__all__ = ["export_command", "shape_command"]

_PATIENTS = click.Path(exists=True, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_TARGETS = ("multinma", "maicplus", "flexsurv", "survextrap", "hesim", "excel", "meta")


@click.command(name="shape", cls=EachOptionOnce)
@click.argument("files", nargs=-1, required=True, type=_PATIENTS, metavar="RUN_DIR|IPD.csv [MORE.csv ...]")
@click.option("--draws", "draw_files", multiple=True, type=_FILE, help="Draws of the same arms; may be repeated.")
@declared("control")
@declared("time_unit", help="Unit of the times, of files that do not tell it.")
@click.option(
    "--cuts",
    cls=Listed,
    type=Text("T,...", parse_times),
    help="Where a piecewise hazard ratio changes; default at thirds of the events.",
)
@click.option(
    "--landmarks",
    cls=Listed,
    type=Text("T,...", parse_times),
    help="Times from which on hazard ratios are wanted; default where a quarter and half of the events have happened.",
)
@click.option("--one-sided", is_flag=True, help="P values of fewer events under treatment; default two-sided.")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write shape.html, its tables as CSV and its plots as SVG there.",
)
@overwrite_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON with sorted keys.")
def shape_command(
    files: tuple[Path, ...],
    cuts: tuple[float, ...] | None,
    landmarks: tuple[float, ...] | None,
    one_sided: bool,
    output: Path | None,
    overwrite: bool,
    as_json: bool,
    **stated: Any,
) -> None:
    """Look at the hazards before a model is chosen.

    Smoothed hazards, ln(-ln S), the hazard ratio over time, by interval and from landmarks on, ratios of times,
    weighted log-rank tests and their MaxCombo. Every curve has two bands: what the reading of the figure leaves
    open, and what sampling does. A p value is the median over draws, with its range.

    \b
    Example:
      survrecon shape my_run --landmarks 6,12 -o my_run_shape
    """
    from survrecon.report.content.shape import shape_tables, shape_to_dict
    from survrecon.report.json import dump_json
    from survrecon.report.table import show
    from survrecon.running.after.hand_over import refuse_changed_shape, shape_of_files, write_shape

    if output is not None:
        refuse_changed_shape(output, overwrite=overwrite)
    found = shape_of_files(files, cuts=cuts or (), landmarks=landmarks or (), one_sided=one_sided, **stated)
    if as_json:
        click.echo(dump_json(shape_to_dict(found)), nl=False)
    else:
        show(shape_tables(found))
    if output is not None:
        note(f"Page: {write_shape(found, output, source=files[0], overwrite=overwrite)}")


@click.command(name="export", cls=EachOptionOnce)
@click.argument("run", type=_FOLDER, metavar="RUN_DIR")
@click.option("--to", "target", type=click.Choice(_TARGETS), required=True, help="The program that it is for.")
@click.option(
    "--fits",
    type=_FOLDER,
    metavar="DIR",
    help="Fits of this run, for flexsurv, hesim and excel; default the seven standard models.",
)
@click.option("--external", type=_FILE, help="For survextrap: columns start, stop, n and r, the survivors.")
@click.option("--samples", type=click.IntRange(min=1), help="Samples of parameters, for hesim and excel; default 1000.")
@declared("control")
@declared("seed", help="Of the samples of parameters; default 0.")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Default RUN_DIR_TARGET."
)
@overwrite_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON with sorted keys.")
def export_command(run: Path, target: str, output: Path | None, overwrite: bool, as_json: bool, **stated: Any) -> None:
    """Hand a run over to another program: its patients, fits or contrasts.

    multinma, maicplus, survextrap: patients, one file a draw beside central.csv, and a script that loops over them.
    flexsurv (and survHE): patients, our fits, and a script that makes the same fits. hesim: samples of parameters.
    excel: a workbook whose formulas give S(t). meta: one row a contrast, the published ratio where one is printed.
    Draws are never bound into one file, which would multiply the patients. README.txt says what the patients are and
    are not; weighted and adjusted curves, and those of competing events, have none.

    \b
    Example:
      survrecon export my_run --to multinma -o my_run_multinma
    """
    from survrecon.export.trial import ExportTarget
    from survrecon.report.json import dump_json
    from survrecon.running.after.hand_over import ExportSettings, export_run

    output = Path(f"{run.resolve().name}_{target}") if output is None else output
    given = {name: value for name, value in stated.items() if value is not None}
    files = export_run(run, output, ExportSettings(target=ExportTarget(target), **given), overwrite=overwrite)
    if as_json:
        click.echo(dump_json({"folder": str(output), "files": files, "to": target}), nl=False)
        return
    draws = sum(name.startswith("draws/") for name in files)
    others = [name for name in files if not name.startswith("draws/")]
    click.echo(f"{output}: {', '.join(others)}" + (f", and {draws} draws in {output / 'draws'}" if draws else ""))
