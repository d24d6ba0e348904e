"""``analyze``: rebuilt patients in, hazard ratio and all that out."""

from __future__ import annotations

from pathlib import Path

import click

from survrecon.cli.options import OnceEach

__all__ = ["analyze"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(cls=OnceEach)
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="IPD.csv [MORE.csv ...]")
@click.option("--draws", "draw_files", multiple=True, type=_FILE, help="Draws of the same arms; may be repeated.")
@click.option("--control", help="The control arm; default the first.")
@click.option("--tau", type=click.FloatRange(min=0, min_open=True), help="Horizon of the restricted mean.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON with sorted keys.")
def analyze(
    files: tuple[Path, ...], draw_files: tuple[Path, ...], control: str | None, tau: float | None, as_json: bool
) -> None:
    """Compare the arms of rebuilt data: hazard ratio, log-rank, medians, restricted means.

    Files have columns time, event and arm; without the last, a file is an arm of its own name.

    \b
    Example:
      survrecon analyze placebo.csv lenalidomide.csv --control placebo
    """
    from survrecon.pipeline.analysis import analyze_files
    from survrecon.report.analysis_text import analysis_tables
    from survrecon.report.json_report import comparison_to_dict, dump_json
    from survrecon.report.table import show

    arms, comparisons = analyze_files(files, draw_files=draw_files, control=control, tau=tau)
    if as_json:
        click.echo(dump_json(comparison_to_dict(arms, comparisons)), nl=False)
    else:
        show(analysis_tables(arms, comparisons))
