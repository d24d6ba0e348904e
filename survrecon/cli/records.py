"""``new``, ``run`` and ``report``: records from points, and what comes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from survrecon.cli.figure_options import figure_options, stated
from survrecon.cli.options import (
    Text,
    curve_options,
    draw_options,
    exit_status,
    panels_status,
    points_option,
    use_option,
    warn,
)
from survrecon.option_text import METHODS, files_by_arm, numbers_by_arm

__all__ = ["new", "report", "run"]

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--arm", "arms", multiple=True, required=True, type=Text("NAME=POINTS.csv", files_by_arm), help="Once an arm."
)
@click.option("--n", "n", type=Text("NAME=N", numbers_by_arm), help="Patients by arm; default the number at risk at 0.")
@click.option("--events", type=Text("NAME=D", numbers_by_arm), help="Total events by arm.")
@click.option("--control", help="The control arm; default the first.")
@click.option(
    "--censor-times", multiple=True, type=Text("NAME=TICKS.csv", files_by_arm), help="Censoring marks by arm."
)
@click.option("--trial", help="Name of the trial.")
@click.option("--endpoint", help="Name of the endpoint.")
@click.option("--citation", help="The paper that the figure is in.")
@click.option("--facts-from", metavar="RECORD", help="Take the printed facts over from a record of the same figure.")
@points_option()
@curve_options
def new(
    folder: Path,
    arms: tuple[dict[str, str], ...],
    censor_times: tuple[dict[str, str], ...],
    trial: str | None,
    endpoint: str | None,
    citation: str | None,
    points: str | None,
    **options: Any,
) -> None:
    """Make a record from points that another program exported.

    WebPlotDigitizer, DigitizeIt and Engauge exports are read as they are: paired columns, semicolons,
    decimal commas. Of a file with several curves, POINTS.csv#CURVE names one.

    \b
    Example:
      survrecon new my_record --arm placebo=placebo.csv --arm drug=drug.csv --risk-table risk.csv
    """
    from survrecon.record_from_points import details_to_fill_in, new_record

    told = {"trial": trial, "endpoint": endpoint, "citation": citation}
    record = new_record(
        folder,
        arms=_merged(arms, "--arm"),
        censor_times=_merged(censor_times, "--censor-times") or None,
        points=points or "auto",
        details={key: value for key, value in told.items() if value is not None},
        **options,
    )
    sizes = ", ".join(f"{arm.name} {arm.n}" for arm in record.document.arms)
    click.echo(f"{folder}: {sizes} patients. Next: survrecon run {folder} -o {folder.name}_run")
    missing = details_to_fill_in(record.document)
    if missing:
        warn(f"fill in by hand in {folder / 'figure.toml'}: {', '.join(missing)}")


@click.command()
@click.argument("record", metavar="FIGURE|RECORD_DIR")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, metavar="DIR")
@click.option("--method", type=click.Choice(METHODS), default="auto", show_default=True, help="How to rebuild.")
@click.option("--tau", type=click.FloatRange(min=0, min_open=True), help="Horizon of the restricted mean.")
@click.option("--what-helps", is_flag=True, help="Say which further information would narrow the ratio most; minutes.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON with sorted keys.")
@points_option()
@use_option
@draw_options
@figure_options
def run(
    record: str,
    output: Path,
    method: str,
    tau: float | None,
    what_helps: bool,
    as_json: bool,
    draws: int | None,
    seed: int,
    use: tuple[str, ...],
    points: str | None,
    **said: Any,
) -> int:
    """Rebuild the patients of a record or figure, analyse them, check what is printed, and write it all to DIR.

    A figure (PNG, JPEG, PDF, SVG) is digitized first; what the options do not state is read from it.

    \b
    Example:
      survrecon run figure2.png --n placebo=120,drug=118 -o my_run
    """
    from survrecon.digitizing import FailedPanel
    from survrecon.pipeline.figure_run import run_figure
    from survrecon.pipeline.run import run_record
    from survrecon.pipeline.run_folder import write_run
    from survrecon.reconstruction.summary.reconstruct import DRAWS
    from survrecon.report.json_report import dump_json, result_to_dict
    from survrecon.report.table import show
    from survrecon.report.text import trial_tables
    from survrecon.report.what_helps import help_tables

    settings: dict[str, Any] = {"draws": draws or DRAWS, "seed": seed, "method": method, "tau": tau, "use": list(use)}
    settings |= {"points": points} if points else {}
    settings |= {"command": _call()} | ({"what_helps": True} if what_helps else {})
    options = stated(said)
    failed: list[FailedPanel] = []
    if _is_figure(record):
        results = run_figure(record, output, options, settings, failed)
    elif options:
        raise click.UsageError(f"--{next(iter(options)).replace('_', '-')} goes with a figure; {record} is a record")
    else:
        results = [run_record(record, **settings)]
        write_run(results[0], output, settings=settings)
    if as_json:
        found = [result_to_dict(result) for result in results]
        click.echo(dump_json(found[0] if options.get("panel") != "all" else found), nl=False)
    else:
        show([*trial_tables(results), *(table for result in results for table in help_tables(result))])
    for result in results:
        for doubt in result.record.document.digitized.doubts:
            warn(doubt)
    pages = "report.html" if options.get("panel") != "all" else "*/report.html"
    click.echo(f"Page: {output / pages}", err=True)
    return panels_status(failed) or exit_status(sum(len(result.unexplained) for result in results))


@click.command()
@click.argument("folder", type=_FOLDER, metavar="DIR")
def report(folder: Path) -> int:
    """Rewrite the report of a run's folder from that folder alone, after correcting its record, say.

    \b
    Example:
      survrecon report my_run
    """
    from survrecon.pipeline.run import rewrite_report

    result = rewrite_report(folder)
    click.echo(f"{folder / 'report.html'}")
    return exit_status(len(result.unexplained))


def _is_figure(name: str) -> bool:
    path = Path(name)
    return path.is_file() or path.suffix.lower() in (".png", ".jpg", ".jpeg", ".pdf", ".svg")


def _merged(parts: tuple[dict[str, str], ...], option: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in parts:
        for name, value in part.items():
            if name in found:
                raise click.UsageError(f"{option}: {name!r} is given twice")
            found[name] = value
    return found


def _call() -> str:
    """Return the call as it was typed."""
    import shlex
    import sys

    return shlex.join(["survrecon", *sys.argv[1:]])
