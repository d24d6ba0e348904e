"""Commands on several figures: ``pool`` and ``indirect`` of several trials, ``endpoints`` of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from survrecon.cli.options import EachOptionOnce, declared, note, overwrite_option
from survrecon.model.settings import USUAL_LEVEL

__all__ = ["endpoints_command", "indirect_command", "pool_command"]

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
_ABOVE_0 = click.FloatRange(min=0, min_open=True)
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


@click.command(name="endpoints", cls=EachOptionOnce)
@click.argument("pfs", metavar="PFS_RUN|RECORD")
@click.argument("os", metavar="OS_RUN|RECORD")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write page and tables here.",
)
@click.option("--tau", type=_ABOVE_0, help="Horizon of the time alive with progression.")
@click.option("--time-slack", type=click.FloatRange(min=0), help="Reading error of times; default as on record.")
@click.option("--different-cutoffs", is_flag=True, help="The two are of different data cut-offs, and are to be.")
@click.option("--pfs-model", metavar="MODEL", help="Fit both endpoints: the model of progression-free survival,")
@click.option("--os-model", metavar="MODEL", help="and that of overall survival.")
@click.option("--horizon", type=_ABOVE_0, help="Of the fits; default twice the longest follow-up.")
@click.option("--samples", type=click.IntRange(min=1), help="Of the parameters of both fits; default 1000.")
@click.option(
    "--dependence",
    type=click.Choice(["likely", "by-rank", "least", "independent"]),
    help="Of the two times of a patient, in the samples; default likely.",
)
@click.option("--cap", is_flag=True, help="Hold fitted progression-free survival at overall survival.")
@declared("seed")
@overwrite_option
@_JSON
def endpoints_command(
    pfs: str, os: str, output: Path | None, overwrite: bool, seed: int | None, as_json: bool, **told: Any
) -> None:
    """Put progression-free and overall survival of one trial together.

    Each is the folder of a run, or a record by its folder or name, which is then rebuilt (with another data cut-off
    where it names one). Draws of the two are paired such that each pair can be of the same patients; none is changed.
    DIR gets endpoints.html, endpoints.csv (both curves and the share alive with progression), time_progressed.csv,
    pairs.csv, plots, and samples.csv where models are named.

    \b
    Example:
      survrecon endpoints pfs_run os_run --pfs-model weibull --os-model lognormal -o both
    """
    from survrecon.files.outputs import refuse_foreign
    from survrecon.report.content.endpoints import endpoint_tables, endpoints_to_dict
    from survrecon.report.json import dump_json
    from survrecon.report.table import show
    from survrecon.running.after.endpoints import ENDPOINTS_STATE, pair_endpoints, write_endpoints

    if output is not None:
        refuse_foreign(output, ENDPOINTS_STATE, overwrite=overwrite)
    found = pair_endpoints(pfs, os, seed=seed or 0, **told)
    if as_json:
        click.echo(dump_json(endpoints_to_dict(found)), nl=False)
    else:
        show(endpoint_tables(found))
    if output is not None:
        note(f"Page: {write_endpoints(found, output, overwrite=overwrite)}")
