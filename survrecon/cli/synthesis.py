"""Commands on several trials: ``pool`` and ``indirect``."""

from __future__ import annotations

from pathlib import Path

import click

from survrecon.cli.options import EachOptionOnce, note, overwrite_option
from survrecon.model.settings import USUAL_LEVEL

__all__ = ["indirect_command", "pool_command"]

_SOURCE = click.Path(exists=True, path_type=Path)
_MEASURE = click.option(
    "--measure",
    type=click.Choice(["hr", "rmst", "survival"]),
    default="hr",
    show_default=True,
    help="Hazard ratio, or difference of restricted means or of survival probabilities.",
)
_TAU = click.option(
    "--tau", type=float, help="Of folders: up to which time means go, or at which survival is compared."
)
_LEVEL = click.option("--level", type=float, default=USUAL_LEVEL, show_default=True, help="Of intervals.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON with sorted keys.")


@click.command(name="pool", cls=EachOptionOnce)
@click.argument("sources", nargs=-1, required=True, type=_SOURCE, metavar="RUN_DIR|CONTRASTS.csv ...")
@_MEASURE
@_TAU
@click.option(
    "--method",
    type=click.Choice(["common", "dl", "pm", "reml"]),
    default="reml",
    show_default=True,
    help="Variance between trials: none, DerSimonian-Laird, Paule-Mandel, restricted maximum likelihood.",
)
@click.option("--hartung-knapp", is_flag=True, help="Hartung and Knapp's t interval; three trials or more.")
@click.option("--at-least-one", is_flag=True, help="Hold their factor q at 1 or more.")
@_LEVEL
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the forest plot, an SVG.")
@overwrite_option
@_JSON
def pool_command(
    sources: tuple[Path, ...],
    measure: str,
    tau: float | None,
    method: str,
    hartung_knapp: bool,
    at_least_one: bool,
    level: float,
    output: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Pool the contrasts of several trials of the same treatments.

    Each source is a run's folder, or a table as an export for a meta-analysis writes it: one row a trial, a published
    hazard ratio preferred. A trial's variance is that of sampling and of the reconstruction together.

    \b
    Example:
      survrecon pool first_run second_run third_run --method reml --hartung-knapp
    """
    from survrecon.analysis.synthesis.contrasts import ContrastMeasure
    from survrecon.analysis.synthesis.pooling import BetweenTrials, pool_contrasts
    from survrecon.report.content.synthesis import pooled_table, pooled_to_dict
    from survrecon.report.json import dump_json
    from survrecon.report.table import show
    from survrecon.running.after.synthesis import read_contrasts, write_forest

    found = pool_contrasts(
        read_contrasts(sources, ContrastMeasure(measure), tau=tau),
        method=BetweenTrials(method),
        hartung_knapp=hartung_knapp,
        at_least_one=at_least_one,
        level=level,
    )
    if output is not None:
        note(f"Forest plot: {write_forest(found, output, overwrite=overwrite)}")
    if as_json:
        click.echo(dump_json(pooled_to_dict(found)), nl=False)
    else:
        show([pooled_table(found)])


@click.command(name="indirect", cls=EachOptionOnce)
@click.argument("first", type=_SOURCE, metavar="RUN_DIR|CONTRASTS.csv")
@click.argument("second", type=_SOURCE, metavar="RUN_DIR|CONTRASTS.csv")
@_MEASURE
@_TAU
@_LEVEL
@_JSON
def indirect_command(first: Path, second: Path, measure: str, tau: float | None, level: float, as_json: bool) -> None:
    """Compare two treatments that no trial compared, through a comparator that both were compared with.

    Each source holds one contrast, both over the same comparator by the same name. Nothing here adjusts for patients
    that differ between the trials.

    \b
    Example:
      survrecon indirect drug_over_placebo other_over_placebo
    """
    from survrecon.analysis.synthesis.contrasts import ContrastMeasure
    from survrecon.analysis.synthesis.pooling import indirect_contrast
    from survrecon.report.content.synthesis import indirect_table, indirect_to_dict
    from survrecon.report.json import dump_json
    from survrecon.report.table import show
    from survrecon.running.after.synthesis import read_one

    kind = ContrastMeasure(measure)
    found = indirect_contrast(read_one(first, kind, tau=tau), read_one(second, kind, tau=tau), level=level)
    if as_json:
        click.echo(dump_json(indirect_to_dict(found)), nl=False)
    else:
        show([indirect_table(found)])
