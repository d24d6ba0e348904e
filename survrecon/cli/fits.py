"""The command ``fit``: models of patients, carried on to a horizon."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survrecon.callers import Wording, in_shell
from survrecon.cli.options import EachOptionOnce, Listed, Text, declared, note, overwrite_option, warn
from survrecon.files.option_text import parse_times

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["fit_command"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_ABOVE_0 = click.FloatRange(min=0, min_open=True)
_FROM_0 = click.FloatRange(min=0)


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
