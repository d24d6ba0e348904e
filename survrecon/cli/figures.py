"""``digitize``: a figure file in, a record out."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, NoReturn

import click

from survrecon.cli.options import (
    OnceEach,
    declared,
    figure_options,
    note,
    overwrite_option,
    panels_status,
    stated,
    warn,
)
from survrecon.cli.progress import Progress
from survrecon.files.option_text import name_of_figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from survrecon.digitizing import FailedPanel

__all__ = ["batch", "digitize"]


@click.command(cls=OnceEach)
@click.argument("figure", type=click.Path(path_type=Path), metavar="FIGURE")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="Default FIGURE_record.")
@overwrite_option
@figure_options
def digitize(figure: Path, output: Path | None, overwrite: bool, **options: Any) -> int:
    """Read the curves, numbers at risk and printed statistics of a figure into a record.

    FIGURE is a PNG, JPEG, PDF or SVG. What is not stated by an option is read from it. overlay.png in
    DIR shows what was read; look at it before use. DIR is by default named after the figure, with the page and
    panel that are asked for, and made in the current folder. The same call again replaces its own output; what a
    person changed, or a folder with other files, is left alone.

    \b
    Example:
      survrecon digitize figure2.pdf --page 5 --panel A -o my_record
    """
    from survrecon.running.figure import digitize_to_records

    failed: list[FailedPanel] = []
    said = stated(options)
    output = Path(f"{name_of_figure(figure, said)}_record") if output is None else output
    for record in digitize_to_records(figure, output, said, failed, overwrite=overwrite):
        place = output if record.folder == output.resolve() else output / record.folder.name
        for doubt in record.document.digitized.doubts:
            warn(doubt)
        sizes = ", ".join(f"{arm.name} {arm.n}" for arm in record.document.arms)
        click.echo(f"{place}: {record.kind}, {sizes} patients. Next: look at {place / 'overlay.png'}")
    return panels_status(failed)


@click.command(cls=OnceEach)
@click.argument("manifest", type=click.Path(path_type=Path), metavar="MANIFEST.csv")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Default MANIFEST_batch."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes, one core each; default one a core.")
@click.option("--again", is_flag=True, help="Do figures again that are finished.")
@overwrite_option
@declared("compress")
@declared("draws", help="As for run, of rows that do not state it.")
@declared("seed", help="The same.")
@declared("method", help="The same.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON with sorted keys.")
def batch(
    manifest: Path, output: Path | None, jobs: int | None, again: bool, as_json: bool, overwrite: bool, **settings: Any
) -> None:
    """Run many figures: MANIFEST.csv has one row a figure, columns named as the options of run.

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
