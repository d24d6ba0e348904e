"""``batch``: a manifest of figures in, a folder a figure and a summary out."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any, NoReturn

import click

from survrecon.cli.options import OnceEach, compress_option, note, overwrite_option, warn
from survrecon.cli.progress import Progress
from survrecon.option_text import METHODS

__all__ = ["batch"]


@click.command(cls=OnceEach)
@click.argument("manifest", type=click.Path(path_type=Path), metavar="MANIFEST.csv")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Default MANIFEST_batch."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes, one core each; default one a core.")
@click.option("--again", is_flag=True, help="Do figures again that are finished.")
@overwrite_option
@compress_option
@click.option("--draws", type=click.IntRange(min=1), help="As for run, of rows that do not state it.")
@click.option("--seed", type=click.IntRange(min=0), help="The same.")
@click.option("--method", type=click.Choice(METHODS), help="The same.")
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
    from survrecon.pipeline.batch import batch as run_batch
    from survrecon.report.batch_page import batch_table
    from survrecon.report.batch_rows import BatchStatus, batch_to_dict
    from survrecon.report.json_report import dump_json
    from survrecon.report.table import show

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
