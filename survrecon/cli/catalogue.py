"""``list`` and ``reproduce``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from survrecon.cli.messages import says
from survrecon.cli.options import OnceEach, declared, exit_status, note, overwrite_option
from survrecon.cli.progress import Progress

if TYPE_CHECKING:
    from survrecon.errors import SurvreconError

__all__ = ["list_records", "reproduce"]


@click.command(name="list", cls=OnceEach)
@click.option("--json", "as_json", is_flag=True, help="Print JSON with sorted keys.")
def list_records(as_json: bool) -> None:
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


@click.command(cls=OnceEach)
@click.argument("records", nargs=-1, metavar="[RECORD ...]")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Write pages and pictures here.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON with sorted keys.")
@click.option("--jobs", type=click.IntRange(min=1), help="Worker processes; default one a core.")
@overwrite_option
@declared("draws")
@declared("seed")
@declared("use")
def reproduce(
    records: tuple[str, ...],
    output: Path | None,
    as_json: bool,
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
    from survrecon.report.json import dump_json, named_result_to_dict
    from survrecon.report.table import show
    from survrecon.report.text import trial_tables
    from survrecon.running.front import reproduce as reproduce_records

    failed: list[SurvreconError] = []
    with Progress("records") as bar:
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
        show(trial_tables(results))
    if results and output is not None:
        note(f"Pages: {output / 'index.html'}")
    for error in failed:
        click.echo(says(error), err=True)
    return 2 if failed else exit_status(sum(len(result.unexplained) for result in results))
