"""Commands on figures and points: ``digitize``, ``batch``, ``analyze`` and ``reconstruct``."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, NoReturn

import click

from survrecon.cli.messages import Progress
from survrecon.cli.options import (
    ByName,
    EachOptionOnce,
    Listed,
    Text,
    curve_options,
    declared,
    figure_options,
    list_panels,
    note,
    overwrite_option,
    panels_status,
    stated,
    warn,
)
from survrecon.files.option_text import coding, name_of_figure, parse_times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from survrecon.digitizing import FailedPanel

__all__ = ["analyze_command", "batch_command", "digitize_command", "reconstruct_command"]


@click.command(name="digitize", cls=EachOptionOnce)
@click.argument("figure", type=click.Path(path_type=Path), metavar="FIGURE")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="Default FIGURE_record.")
@overwrite_option
@figure_options
def digitize_command(figure: Path, output: Path | None, overwrite: bool, **options: Any) -> int:
    """Read the curves, numbers at risk and printed statistics of a figure into a record.

    FIGURE is a PNG, JPEG, PDF or SVG. What is not stated by an option is read from it. overlay.png in
    DIR shows what was read; look at it before use. DIR is by default named after the figure, with the page and
    panel that are asked for, and made in the current folder. The same call again replaces its own output; what a
    person changed, or a folder with other files, is left alone.

    \b
    Example:
      survrecon digitize figure2.pdf --page 5 --panel A -o my_record
    """
    from survrecon.digitizing.raster.ocr import on_several_processors
    from survrecon.model.grade import Grade
    from survrecon.running.figure import digitize_to_records

    failed: list[FailedPanel] = []
    said = stated(options)
    output = Path(f"{name_of_figure(figure, said)}_record") if output is None else output
    unreliable = 0
    with on_several_processors():
        records = digitize_to_records(figure, output, said, failed, overwrite=overwrite)
    for record in records:
        place = output if record.folder == output.resolve() else output / record.folder.name
        digitized = record.document.digitized
        for doubt in digitized.to_look_at:
            warn(doubt)
        sizes = ", ".join(f"{arm.name} {arm.n or 'of unknown number'}" for arm in record.document.arms)
        click.echo(f"{place}: {record.kind}, {sizes} patients. Next: look at {place / 'overlay.png'}")
        reading = digitized.reading
        if reading is not None and reading.grade is not Grade.GOOD:
            warn(f"{place}: reading graded {reading.grade}: {'; '.join(reading.reasons)}")
        unreliable += reading is not None and reading.grade is Grade.UNRELIABLE
    if said.get("panel") == "all":
        list_panels(output)
        return panels_status(failed)
    return int(unreliable > 0)


@click.command(name="batch", cls=EachOptionOnce)
@click.argument("manifest", type=click.Path(path_type=Path), metavar="MANIFEST.csv")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Default MANIFEST_batch."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes, one core each; default one per core.")
@click.option("--again", is_flag=True, help="Do figures again that are finished.")
@overwrite_option
@declared("compress")
@declared("draws", help="As for run, of rows that do not state it.")
@declared("seed", help="The same.")
@declared("method", help="The same.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON with sorted keys.")
def batch_command(
    manifest: Path, output: Path | None, jobs: int | None, again: bool, as_json: bool, overwrite: bool, **settings: Any
) -> None:
    """Run many figures: MANIFEST.csv has one row per figure, columns named as the options of run.

    \b
      id,figure,n,y_unit
      smith-os,figures/smith2.png,"placebo=120,drug=118",percent
      jones-pfs,figures/jones.pdf,,

    The column figure is needed; its paths, and those of risk_table, start at the manifest's folder. Each
    figure gets DIR/<id>/, as run writes it; summary.csv and index.html lead to them. A figure that fails
    stops nothing: its error stands in the summary, and the exit status is 0 when every row was tried.
    The same call again does what is not finished, and tries again what failed. Outputs that a person changed
    are left alone: their row fails, unless --overwrite is given.

    \b
    Example:
      survrecon batch manifest.csv -o results --jobs 4
    """
    from survrecon.report.content.batch import BatchStatus, batch_to_dict
    from survrecon.report.json import dump_json
    from survrecon.report.page import batch_table
    from survrecon.report.table import show
    from survrecon.running.batch import batch as run_batch

    output = Path(f"{manifest.stem}_batch") if output is None else output
    with _stopping_cleanly(), _BatchProgress("figures") as progress:
        rows = run_batch(
            manifest, output, jobs=jobs or -1, again=again, overwrite=overwrite, progress=progress, **settings
        )
    if as_json:
        click.echo(dump_json([batch_to_dict(row) for row in rows]), nl=False)
    else:
        show([batch_table(rows)])
    note(f"Page: {output / 'index.html'}, table: {output / 'summary.csv'}")
    if progress.before:
        warn(f"{progress.before} finished before and kept; --again does them again")
    failed = sum(row.status is BatchStatus.FAILED for row in rows)
    if failed:
        warn(f"{failed} of {len(rows)} failed: the errors are in the summary")


@contextmanager
def _stopping_cleanly() -> Iterator[None]:
    """Let a request to end do what Ctrl-C does, so that nothing unfinished stays behind."""
    if current_thread() is not main_thread():
        yield
        return

    def stop(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _BatchProgress(Progress):
    """The figures that are through, and how many were before."""

    before = 0

    def __call__(self, figure: str, through: int, failed: int, total: int) -> None:
        if not figure:
            self.before = through
        self.show(through, total, (f"{failed} failed  " if failed else "") + figure)


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="analyze", cls=EachOptionOnce)
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="IPD.csv [MORE.csv ...]")
@click.option("--draws", "draw_files", multiple=True, type=_FILE, help="Draws of the same arms; may be repeated.")
@declared("control")
@declared("tau")
@click.option("--at", cls=Listed, type=Text("T,...", parse_times), help="Times at which survival is wanted.")
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
def analyze_command(
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
    from survrecon.model.columns import StatedColumns
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


@click.command(name="reconstruct", cls=EachOptionOnce)
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
def reconstruct_command(points: Path, output: Path | None, overwrite: bool, **options: Any) -> None:
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

    single = SingleCurve(points=points, stated={name: value for name, value in options.items() if value is not None})
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
