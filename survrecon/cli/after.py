"""Commands after the hazard ratio: of a trial ``shape``, ``fit``, ``export``; of several ``pool``, ``indirect``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survrecon.callers import Wording, in_shell
from survrecon.cli.options import EachOptionOnce, Listed, Text, declared, note, overwrite_option, warn
from survrecon.files.option_text import parse_times
from survrecon.model.settings import USUAL_LEVEL

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["endpoints_command", "export_command", "fit_command", "indirect_command", "pool_command", "shape_command"]

_PATIENTS = click.Path(exists=True, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_TARGETS = ("multinma", "maicplus", "flexsurv", "survextrap", "hesim", "excel", "meta")
_ABOVE_0 = click.FloatRange(min=0, min_open=True)
_FROM_0 = click.FloatRange(min=0)
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


def _population_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what is told of the general population."""
    for option in reversed(
        (
            click.option("--life-table", type=_FILE, help="CSV of age, sex, year, qx; mortality of the population."),
            click.option(
                "--population-use",
                type=click.Choice(["floor", "excess"]),
                help="The population's hazard as a floor (default), or the model's added to it.",
            ),
            click.option("--cohort", type=_FILE, help="CSV of age, sex, share of the patients at the start."),
            click.option("--mean-age", type=_FROM_0, help="Their mean age, in its place, with --sd-age and --male."),
            click.option("--sd-age", type=_FROM_0, help="Standard deviation of age."),
            click.option("--male", type=click.FloatRange(0, 1), help="Share of men."),
            click.option("--start-year", type=float, help="Calendar year at the start of follow-up."),
        )
    ):
        command = option(command)
    return command


@click.command(name="fit", cls=EachOptionOnce)
@click.argument("source", type=click.Path(exists=True, path_type=Path), metavar="IPD.csv|RUN_DIR")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Default RUN_DIR/fits, or IPD_fits in the current folder.",
)
@click.option("--draws", "draw_files", multiple=True, type=_FILE, help="Draws; default those beside the patients.")
@click.option("--models", metavar="all|standard|NAME,...", help="Default standard: the seven of NICE DSU TSD 14.")
@click.option("--joint", is_flag=True, help="Fit all arms with one model and a coefficient for each further arm, too.")
@declared("control")
@click.option("--horizon", type=_ABOVE_0, help="Of means; default twice the longest follow-up.")
@click.option("--at", cls=Listed, type=Text("T,...", parse_times), help="Times of survival and restricted means.")
@_population_options
@click.option("--external", type=_FILE, help="CSV of time, survival (low, high, arm, source) from elsewhere.")
@click.option("--entry", type=_FROM_0, help="Time at which all patients come under observation, of a landmark.")
@click.option("--visit-gap", type=_ABOVE_0, help="Time between visits: events lie somewhere between two of them.")
@click.option("--endpoint", help="Where the files do not tell; a life table needs one that counts every death.")
@declared("time_unit", help="Unit of the times, of files that do not tell it.")
@click.option(
    "--bootstraps",
    type=click.IntRange(min=0),
    default=200,
    show_default=True,
    help="Of the central data set: how far the choice of a model hangs on who was in the trial.",
)
@declared("seed")
@overwrite_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON with sorted keys.")
def fit_command(
    source: Path,
    output: Path | None,
    draw_files: tuple[Path, ...],
    overwrite: bool,
    mean_age: float | None,
    sd_age: float | None,
    male: float | None,
    cohort: Path | None,
    start_year: float | None,
    at: tuple[float, ...] | None,
    seed: int | None,
    as_json: bool,
    **told: Any,
) -> None:
    """Fit parametric models to patients, over all draws, and carry them on to a horizon.

    SOURCE is a CSV of patients, or the folder of a run; draws that lie beside it are used. DIR gets fits.csv,
    parameters.csv, pooled_parameters.csv, extrapolation.csv, differences.csv, choice.csv and fit.json; fits.html,
    beside a run's report, shows them with the hazards. Models: exponential, weibull, gompertz, lognormal,
    loglogistic, gamma, gengamma (these are "standard"), rp-hazard-K, rp-odds-K, rp-normal-K with K inner knots,
    cure-mixture-DIST and cure-nonmixture-DIST (weibull, lognormal, loglogistic), piecewise. A model that the data
    do not tell is said to be so, and is not carried on.

    \b
    Example:
      survrecon fit my_run --models weibull,lognormal,rp-hazard-2 --horizon 240 --at 60,120
    """
    from survrecon.files.outputs import refuse_foreign
    from survrecon.report.content.fits import fit_tables
    from survrecon.report.json import dump_json, fits_to_dict
    from survrecon.report.table import show
    from survrecon.running.after.fitting import FITS_FILE, CohortSummary, FitOptions, fit_source, write_fits
    from survrecon.running.after.hand_over import refuse_changed_page, write_fits_page

    if output is None:
        output = source / "fits" if source.is_dir() else Path(f"{source.name.split('.')[0]}_fits")
    refuse_foreign(output, FITS_FILE, overwrite=overwrite)
    run = source if source.is_dir() else None
    refuse_changed_page(output, run=run, overwrite=overwrite)
    patients = CohortSummary(mean_age=mean_age, sd_age=sd_age, male=male, file=cohort, start_year=start_year)
    options = FitOptions(patients=patients, at=tuple(at or ()), seed=seed or 0, **told)
    fitted = fit_source(source, options, draw_files=draw_files)
    write_fits(fitted, output, options, overwrite=overwrite)
    for line in (*fitted.notes, *fitted.fits.notes, *fitted.extrapolation.notes):
        warn(Wording(line).spelled(in_shell))
    if as_json:
        click.echo(dump_json(fits_to_dict(fitted.extrapolation, fitted.choice)), nl=False)
    else:
        show(fit_tables(fitted.extrapolation, fitted.choice))
    page = write_fits_page(fitted, output, run=run, overwrite=overwrite)
    note(f"Page: {page}, tables: {output}")


@click.command(name="pool", cls=EachOptionOnce)
@click.argument("sources", nargs=-1, required=True, type=_PATIENTS, metavar="RUN_DIR|CONTRASTS.csv ...")
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
@click.argument("first", type=_PATIENTS, metavar="RUN_DIR|CONTRASTS.csv")
@click.argument("second", type=_PATIENTS, metavar="RUN_DIR|CONTRASTS.csv")
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
