"""Commands in which a person has the say: ``review``, ``agree`` and ``accept``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survrecon.cli.options import EachOptionOnce, note, overwrite_option, reading_options, stated, warn

if TYPE_CHECKING:
    from survrecon.review.state import StartedFrom

__all__ = ["accept_command", "review_command"]

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
