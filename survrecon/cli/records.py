"""Commands on records: ``new``, ``run``, ``report``, ``list`` and ``reproduce``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survrecon.callers import NamedOption, in_shell, option_name
from survrecon.cli.messages import Progress, error_text
from survrecon.cli.options import (
    IN_QUOTES,
    ByName,
    EachOptionOnce,
    Text,
    curve_options,
    declared,
    exit_status,
    figure_options,
    list_panels,
    note,
    overwrite_option,
    panels_status,
    results_status,
    settings_options,
    stated,
    warn,
)
from survrecon.errors import MissingPatientsError, RecordError, ReportError
from survrecon.files.option_text import files_by_arm, name_of_figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.checks.results import RecordResult
    from survrecon.digitizing import FailedPanel
    from survrecon.errors import SurvreconError

__all__ = ["list_command", "new_command", "report_command", "reproduce_command", "run_command"]

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(name="new", cls=EachOptionOnce)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--arm",
    "arms",
    cls=ByName,
    required=True,
    type=Text("NAME=POINTS.csv", files_by_arm, IN_QUOTES),
    help="Once per arm.",
)
@declared("n", help="Patients by arm; default the number at risk at 0. A name with a comma in double quotes.")
@declared("events")
@declared("control")
@click.option(
    "--censor-times", cls=ByName, type=Text("NAME=TICKS.csv", files_by_arm, IN_QUOTES), help="Censoring marks by arm."
)
@click.option("--trial", help="Name of the trial.")
@click.option("--endpoint", help="Name of the endpoint.")
@click.option("--citation", help="The paper that the figure is in.")
@click.option("--facts-from", metavar="RECORD", help="Take the printed facts over from a record of the same figure.")
@overwrite_option
@declared("points")
@curve_options
def new_command(
    folder: Path,
    arms: dict[str, str],
    trial: str | None,
    endpoint: str | None,
    citation: str | None,
    points: str | None,
    **options: Any,
) -> None:
    """Make a record from points that another program exported.

    Exports and projects of WebPlotDigitizer (.csv, .json, .tar), DigitizeIt and Engauge (.csv, .dig), and what R,
    Stata, survHE and spreadsheets write (.csv, .txt, .xlsx) are read as they are. Of a file with several curves,
    POINTS.csv#CURVE names one.

    \b
    Example:
      survrecon new my_record --arm placebo=placebo.csv --arm drug=drug.csv --risk-table risk.csv
    """
    from survrecon.records.new import details_to_fill_in, left_out, new_record

    told = {"trial": trial, "endpoint": endpoint, "citation": citation}
    try:
        record = new_record(
            folder,
            arms=arms,
            points=points or "auto",
            details={key: value for key, value in told.items() if value is not None},
            **{name: value for name, value in options.items() if value not in (None, ())},
        )
    except RecordError as error:
        raise _of_options(error, options) from None
    sizes = ", ".join(f"{arm.name} {arm.n}" for arm in record.document.arms)
    following = shlex.join(["survrecon", "run", str(folder), "-o", f"{folder.name}_run"])
    click.echo(f"{folder}: {sizes} patients. Next: {following}")
    for left in left_out(record.document):
        warn(left)
    missing = details_to_fill_in(record.document)
    if missing:
        warn(f"fill in by hand in {folder / 'figure.toml'}: {', '.join(missing)}")


@click.command(name="run", cls=EachOptionOnce)
@click.argument("record", metavar="FIGURE|RECORD_DIR")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Default FIGURE_run."
)
@settings_options
@figure_options
def run_command(record: str, output: Path | None, as_json: bool, overwrite: bool, **said: Any) -> int:
    """Rebuild the patients of a record or figure, analyse them, check what is printed, and write it all to DIR.

    A figure (PNG, JPEG, PDF, SVG) is digitized first; what the options do not state is read from it. DIR is by
    default named after the figure or record and made in the current folder; run.json in it keeps the options, and
    a hash of them and of every output. The same call again replaces its own outputs; what a person changed, or a
    folder with other files, is left alone.

    \b
    Example:
      survrecon run figure2.png --n placebo=120,drug=118 -o my_run
    """
    from survrecon.digitizing.raster.ocr import on_several_processors
    from survrecon.report.content.checks import help_tables
    from survrecon.report.json import dump_json, named_result_to_dict
    from survrecon.report.table import show
    from survrecon.report.text import trial_tables
    from survrecon.running.figure import run_figure
    from survrecon.running.options import run_settings

    options = stated(said)
    settings = run_settings(**said) | {"command": _call()}
    failed: list[FailedPanel] = []
    output = _default_folder(record, options) if output is None else output
    try:
        if _is_figure(record):
            with on_several_processors(meanwhile=_load_what_follows):
                results = run_figure(record, output, options, settings, failed, overwrite=overwrite)
        else:
            results = [_run_of_record(record, output, options, settings, overwrite=overwrite)]
    except MissingPatientsError as error:
        error.next_call = f"{_call()} {in_shell(NamedOption('n', 'NUMBER', error.arms[0], error.arms[1:]))}"
        raise
    if as_json:
        found = [named_result_to_dict(result) for result in results]
        click.echo(dump_json(found[0] if options.get("panel") != "all" else found), nl=False)
    else:
        show([*trial_tables(results), *(table for result in results for table in help_tables(result))])
    _say_of_records(results)
    every = options.get("panel") == "all"
    note(f"Page: {output / ('*/report.html' if every else 'report.html')}")
    if every:
        list_panels(output)
        return panels_status(failed)
    return results_status(results)


def _run_of_record(
    record: str, output: Path, options: Mapping[str, Any], settings: Mapping[str, Any], *, overwrite: bool
) -> RecordResult:
    """Run a record whose points are read already, and write the run's folder."""
    from survrecon.records.folder import read_figure
    from survrecon.running.arm_patients import with_patients
    from survrecon.running.folder import refuse_other_run, write_run
    from survrecon.running.options import run_keywords
    from survrecon.running.record import run_record

    figure = with_patients(read_figure(record), _patients_of(record, options))
    refuse_other_run(output, figure.name, home=figure.folder, overwrite=overwrite)
    result = run_record(figure, **run_keywords(settings))
    write_run(result, output, settings=settings, overwrite=overwrite)
    return result


def _load_what_follows() -> None:
    """Import what a run needs once its figure is read."""
    import survrecon.running.record  # noqa: F401
    from survrecon.analysis.cox import load_cox_libraries
    from survrecon.report.plots.curves import load_plot_libraries

    load_cox_libraries()
    load_plot_libraries()


@click.command(name="report", cls=EachOptionOnce)
@click.argument("folder", type=_FOLDER, metavar="DIR")
@overwrite_option
def report_command(folder: Path, overwrite: bool) -> int:
    """Rewrite the report of a run's folder from that folder alone, after correcting its record, say.

    The patients are written anew only where the record was changed since. A report that a person changed is left
    alone.

    \b
    Example:
      survrecon report my_run
    """
    from survrecon.running.accept import unrecorded_change
    from survrecon.running.record import rewrite_report

    result, more = rewrite_report(folder, overwrite=overwrite)
    if more:
        warn(f"{folder}: the record was changed since the run, so these are written anew too: {', '.join(more)}")
    if unrecorded_change(folder):
        warn(f"figure.toml was changed by hand; to put it on record: survrecon accept {folder}")
    click.echo(f"{folder / 'report.html'}")
    return results_status([result])


def _of_options(error: RecordError, options: Mapping[str, Any]) -> RecordError:
    """Return the error with the option's name in place of the argument's."""
    where, _, argument = error.where.rpartition(": ")
    name = argument.replace(" ", "_")
    if name not in options:
        return error
    return RecordError(f"{where}: {option_name(name)}", error.rule, error.got, error.advice)


def _say_of_records(results: Sequence[RecordResult]) -> None:
    """Say what is doubtful in each record, and what a person changed."""
    from survrecon.running.accept import unrecorded_change

    for result in results:
        for doubt in result.record.document.digitized.to_look_at:
            warn(doubt)
        for edit in result.record.document.digitized.edits:
            warn(edit.words)
        if unrecorded_change(result.record.folder):
            warn(f"figure.toml was changed by hand; to put it on record: survrecon accept {result.record.folder}")


def _patients_of(record: str, options: Mapping[str, Any]) -> Mapping[str, int]:
    """Return the numbers of patients typed for a record; nothing else can be typed for one."""
    for name in options:
        if name != "n":
            option = option_name(name)
            raise ReportError(f"run: {option}", "an option for a figure", f"{record}, a record", "leave the option out")
    found: Mapping[str, int] = options.get("n") or {}
    return found


def _default_folder(name: str, options: Mapping[str, Any]) -> Path:
    """Return the folder of a run where none is named: in the current folder, after the figure or record."""
    stem = name_of_figure(name, options) if _is_figure(name) else Path(name).resolve().name
    return Path(f"{stem}_run")


def _is_figure(name: str) -> bool:
    path = Path(name)
    return path.is_file() or path.suffix.lower() in (".png", ".jpg", ".jpeg", ".pdf", ".svg")


def _call() -> str:
    """Return the call as it was typed."""
    import sys

    return shlex.join(["survrecon", *sys.argv[1:]])


@click.command(name="list", cls=EachOptionOnce)
@click.option("--json", "as_json", is_flag=True, help="Print JSON with sorted keys.")
def list_command(as_json: bool) -> None:
    """List the catalogue: record, endpoint, source kind, what can be checked.

    \b
    Example:
      survrecon list
    """
    from survrecon.records.folder import catalogue, read_document
    from survrecon.report.catalogue import catalogue_table, catalogue_to_dict
    from survrecon.report.table import show

    documents = {folder.name: read_document(folder) for folder in catalogue()}
    if as_json:
        import json

        click.echo(json.dumps(catalogue_to_dict(documents), indent=2, sort_keys=True))
    else:
        show([catalogue_table(documents)])


@click.command(name="reproduce", cls=EachOptionOnce)
@click.argument("records", nargs=-1, metavar="[RECORD ...]")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Write pages and pictures here.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON with sorted keys.")
@click.option("--details", is_flag=True, help="Print every check with its model, place, intervals and notes.")
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes; default one per core.")
@overwrite_option
@declared("draws")
@declared("seed")
@declared("use")
def reproduce_command(
    records: tuple[str, ...],
    output: Path | None,
    as_json: bool,
    details: bool,
    jobs: int | None,
    overwrite: bool,
    draws: int | None,
    seed: int | None,
    use: tuple[str, ...] | None,
) -> int:
    """Rebuild catalogue records (default all), re-analyse them, and compare with what the papers print.

    RECORD is a name that `survrecon list` prints, or a record's folder. One that cannot be run is named with its
    reason, costs no other, and makes the exit status 2.

    \b
    Example:
      survrecon reproduce quiredex_ttp_2012-10 -o reproduced
    """
    from survrecon.reconstruction.summary.reconstruct import DRAWS
    from survrecon.records.folder import catalogue
    from survrecon.report.brief import brief_table
    from survrecon.report.json import dump_json, named_result_to_dict
    from survrecon.report.table import show
    from survrecon.report.text import trial_tables
    from survrecon.running.front import reproduce as reproduce_records

    failed: list[SurvreconError] = []
    with Progress("records", total=len(records) or len(catalogue())) as bar:
        results = reproduce_records(
            records or None,
            draws=draws or DRAWS,
            seed=seed or 0,
            use=use or (),
            output=output,
            overwrite=overwrite,
            jobs=jobs or -1,
            progress=lambda result: bar.one_more(result.record.name),
            failed=failed,
        )
    if results and as_json:
        click.echo(dump_json([named_result_to_dict(result) for result in results]), nl=False)
    elif results:
        show(trial_tables(results) if details else [brief_table(results, details="--details")])
    if results and output is not None:
        note(f"Pages: {output / 'index.html'}")
    for error in failed:
        click.echo(error_text(error), err=True)
    return 2 if failed else exit_status(sum(len(result.unexplained) for result in results))
