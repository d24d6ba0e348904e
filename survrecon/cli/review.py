"""Commands in which a person has the say: ``review``, ``agree`` and ``accept``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survrecon.cli.options import EachOptionOnce, note, overwrite_option, reading_options, stated, warn

if TYPE_CHECKING:
    from survrecon.review.state import StartedFrom

__all__ = ["accept_command", "agree_command", "review_command"]

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(name="review", cls=EachOptionOnce)
@click.argument("target", type=click.Path(exists=True, path_type=Path), metavar="FIGURE|DIR")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Default FIGURE_review."
)
@click.option("--reader", metavar="NAME", help="Who reads; a second reader starts blind, from the figure alone.")
@click.option("--blind", is_flag=True, help="Start from the figure alone, as a first reader too.")
@click.option("--from-automatic", is_flag=True, help="Start from the program's reading; this is no second reader.")
@click.option("--port", type=click.IntRange(min=0, max=65535), help="Where the page is served; default a free port.")
@click.option("--no-browser", is_flag=True, help="Print the page's address, and open no browser.")
@overwrite_option
@reading_options
def review_command(
    target: Path,
    output: Path | None,
    reader: str | None,
    blind: bool,
    from_automatic: bool,
    port: int | None,
    no_browser: bool,
    overwrite: bool,
    **said: Any,
) -> None:
    """Check and correct a reading in the browser, or read a figure by hand; Ctrl-C ends.

    The page is served on this computer alone, and nothing leaves it. Every edit is on the disk at once, in
    DIR/readers/NAME/edits.jsonl, and can be undone. Once accepted, DIR is a record: survrecon run DIR. The same call
    goes on where it was left. DIR may be a review's folder, or a record with its figure beside it.

    \b
    Example:
      survrecon review figure2.png --reader "A. Reader"
    """
    from survrecon.review.folder import make_review, open_reader
    from survrecon.review.server import serve
    from survrecon.review.session import ReviewSession

    if blind and from_automatic:
        raise click.UsageError("--blind and --from-automatic exclude each other")
    note("survrecon: reading the figure ...")
    review = make_review(target, stated(said), output)
    found = open_reader(review, reader, started_from=_start(blind=blind, automatic=from_automatic))
    session = ReviewSession(review, found, overwrite=overwrite)
    if found.log.cut_short is not None:
        warn(f"the last edit was cut short when it was written, and is left out; it is kept in {found.log.cut_short}")
    session.warm_up()

    def opened(address: str) -> None:
        note(f"survrecon: {found.name} reviews {review.path} (started from: {found.started_from}); Ctrl-C ends")
        click.echo(address, err=True)
        if not no_browser:
            import webbrowser

            if not webbrowser.open(address):
                warn("no browser could be opened: open the address by hand")

    serve(session, port=port, opened=opened)
    accepted = session.progress.accepted
    if accepted is None:
        note(f"survrecon: {len(session.progress.steps)} edits kept, nothing accepted yet; the same call goes on")
    else:
        note(f"survrecon: accepted. Next: {shlex.join(['survrecon', 'run', str(review.path)])}")


def _start(*, blind: bool, automatic: bool) -> StartedFrom | None:
    """Return what a new reader starts from, where it is said."""
    from survrecon.review.state import StartedFrom

    if blind:
        return StartedFrom.BLIND
    return StartedFrom.AUTOMATIC if automatic else None


@click.command(name="agree", cls=EachOptionOnce)
@click.argument("folders", nargs=-1, required=True, type=_FOLDER, metavar="DIR|A B")
@click.option(
    "--reader", "readers", multiple=True, metavar="NAME", help="Which readers of DIR, where it has more than two."
)
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Where the page goes."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON with sorted keys.")
def agree_command(folders: tuple[Path, ...], readers: tuple[str, ...], output: Path | None, as_json: bool) -> int:
    """Compare two readers of one figure: of a review's folder DIR, or two records A and B.

    Facts that differ (N, numbers at risk, names, ends of axes, directions, the number of arms, arms exchanged after a
    crossing) are listed, to be settled in a third, consensus record, and never averaged. Curves and hazard ratios are
    held against what the reading model expects of two readings; what goes beyond it is told, and put into the record of
    DIR, so that survrecon run adds it once. Page and JSON go to DIR, or to the current folder. Exit status 1 where
    something is to be settled, or goes beyond.

    \b
    Example:
      survrecon agree figure2_review
    """
    from survrecon.report.json import dump_json
    from survrecon.report.table import show
    from survrecon.review.consensus import (
        agreement_tables,
        agreement_to_dict,
        compare_readers,
        compare_records,
        lead_of,
        put_on_record,
        write_agreement,
    )

    if len(folders) > 2:
        raise click.UsageError(f"one folder of a review, or two records; got {len(folders)}")
    if len(folders) == 2 and readers:
        raise click.UsageError("--reader goes with one folder of a review")
    result = compare_records(*folders) if len(folders) == 2 else compare_readers(folders[0], readers)
    place = output or (folders[0] if len(folders) == 1 else Path("_".join(folder.resolve().name for folder in folders)))
    page = write_agreement(result, place)
    if as_json:
        click.echo(dump_json(agreement_to_dict(result)), nl=False)
    else:
        show(agreement_tables(result))
    for sentence in lead_of(result):
        note(sentence)
    note(f"Page: {page}")
    if len(folders) == 1 and put_on_record(folders[0], result):
        note(f"On record. Next: {shlex.join(['survrecon', 'run', str(folders[0])])}")
    if result.facts and len(folders) == 1:
        note(f"Next: {shlex.join(['survrecon', 'review', str(folders[0]), '--reader', 'consensus'])}")
    return int(not result.agrees)


@click.command(name="accept", cls=EachOptionOnce)
@click.argument("folder", type=_FOLDER, metavar="DIR")
@click.option("--reader", metavar="NAME", help="Who made the changes.")
def accept_command(folder: Path, reader: str | None) -> None:
    """Take over a record, or the record in a run's folder, that was edited by hand.

    figure.toml, the arms' files and risk_table.csv may be corrected with a text editor. The record is checked as a
    whole; then figure.toml gets the new hashes, and a line for each changed file: which values, by whom, when.

    \b
    Example:
      survrecon accept my_record --reader "A. Reader"
    """
    from survrecon.records.folder import RUN_FILE
    from survrecon.running.accept import accept_edits

    edits = accept_edits(folder, reader)
    for edit in edits:
        click.echo(f"{folder / edit.file}: {'; '.join(edit.changes)}")
    again = "report" if (folder / RUN_FILE).is_file() else "run"
    click.echo(f"{folder}: " + (f"on record. Next: survrecon {again} {folder}" if edits else "nothing was edited"))
