"""The folder of a review: what the program read, each reader's edits, and the record that was accepted.

``automatic/`` is written once; ``readers/NAME/`` holds what a reader started from and every edit; ``figure.toml`` and
the files that it names are what was accepted last.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from survrecon import __version__
from survrecon.callers import option_name
from survrecon.digitizing.overlay import draw_overlay
from survrecon.digitizing.picture import picture_as_png, picture_from_png
from survrecon.errors import ReviewError, SurvreconError
from survrecon.files.option_text import name_of_figure
from survrecon.files.outputs import publish, sha256_of, staging, write_state, write_whole
from survrecon.model.document import document_error
from survrecon.records.folder import RECORD_FILE, RUN_FILE, STATE_FILE, record_facts
from survrecon.records.schema import Edit, ReviewedBy
from survrecon.report.json import plain
from survrecon.report.settings import OVERLAY
from survrecon.review.log import Accepted, EditLog
from survrecon.review.operations import problems
from survrecon.review.record import RecordParts, edits_between, edits_of_refused, record_parts, with_review
from survrecon.review.start import Start, blank_of, read_start
from survrecon.review.state import ReviewState, StartedFrom, state_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from survrecon.arrays import ImageArray

__all__ = [
    "CONSENSUS",
    "ReaderFolder",
    "ReviewFolder",
    "accepted_parts",
    "is_review",
    "make_review",
    "open_reader",
    "open_review",
    "publish_record",
    "reader_names",
    "write_start",
]

_AUTOMATIC, _READERS = "automatic", "readers"
_READING, _PICTURE, _SOURCE, _START, _READER, _EDITS = (
    "reading.json", "picture.png", "source.json", "start.json", "reader.json", "edits.jsonl",
)  # fmt: skip
_NAME = re.compile(r"[^\W_][\w .-]{0,60}")
FIRST_READER = "reader"
"""The name of a reader who gives none."""
CONSENSUS = "consensus"
"""The name of the reader who settles what two others read differently."""


@dataclass(frozen=True, kw_only=True)
class ReviewFolder:
    """The folder of a review, with what all readers share.

    Parameters
    ----------
    path : Path
        The folder.
    figure : Path
        The copy of the figure in it.
    options : mapping
        What was stated about the figure.
    automatic : ReviewState
        What the program read.
    image : numpy.ndarray
        The picture on which readers work.
    """

    path: Path
    figure: Path
    options: Mapping[str, Any]
    automatic: ReviewState
    image: ImageArray


@dataclass(frozen=True, kw_only=True)
class ReaderFolder:
    """One reader's folder: who it is, what they started from, and the log of their edits."""

    path: Path
    name: str
    started_from: StartedFrom
    readers: tuple[str, ...]
    start: ReviewState
    log: EditLog


def make_review(
    target: str | Path, options: Mapping[str, Any] | None = None, output: str | Path | None = None
) -> ReviewFolder:
    """Open the review of a figure, a record or a review's folder, and start it where there is none.

    Parameters
    ----------
    target : str or Path
        A figure, the folder of a review, or that of a record whose figure is beside it.
    options : mapping
        What is stated about a figure.
    output : path or None
        Where the review of a figure goes; default ``FIGURE_review`` in the current folder.

    Raises
    ------
    SurvreconError
        If there is no such figure, or the folder holds the review of another one.
    """
    target, options = Path(target), dict(options or {})
    if target.is_dir():
        if output is not None:
            raise ReviewError(option_name("output"), "a figure to be reviewed", f"{target}, a folder", "leave it out")
        if is_review(target):
            return open_review(target)
        if (target / _READERS).is_dir() and not (target / RECORD_FILE).is_file():
            rule, advice = "what the program read, beside its readers", "put it back, or review the figure anew"
            raise ReviewError(str(target / _AUTOMATIC), rule, "no such folder", advice)
        figure, kept = _figure_of(target)
        return _started(figure, target, {**kept, **options})
    folder = Path(output) if output is not None else Path(f"{name_of_figure(target, options)}_review")
    if not is_review(folder):
        others = [item.name for item in folder.iterdir()] if folder.is_dir() else []
        if others and not (folder / RECORD_FILE).exists():
            rule, got = (
                "a new or empty folder, or a review's",
                f"one that holds other files: {', '.join(sorted(others)[:6])}",
            )
            raise ReviewError(str(folder), rule, got, f"name another with {option_name('output')}")
        return _started(target, folder, options)
    review = open_review(folder)
    if not target.is_file() or sha256_of(target.read_bytes()) != review.automatic.figure.sha256:
        rule, got = f"the figure under review, {review.automatic.figure.name}", str(target)
        raise ReviewError(str(folder), rule, got, f"name another folder with {option_name('output')}")
    said = {key: value for key, value in plain(options).items() if review.options.get(key) != value}
    if said:
        rule, got = "the options that the review was started with", ", ".join(sorted(said))
        raise ReviewError(
            str(folder), rule, got, f"leave them out, or name another folder with {option_name('output')}"
        )
    return review


def is_review(folder: Path) -> bool:
    """Whether a folder is that of a review."""
    return (folder / _AUTOMATIC / _SOURCE).is_file()


def open_review(folder: Path) -> ReviewFolder:
    """Open the folder of a review.

    Raises
    ------
    ReviewError
        If a file of it is missing or was changed.
    """
    place = folder / _AUTOMATIC
    try:
        source = json.loads((place / _SOURCE).read_text(encoding="utf-8"))
        state = ReviewState.model_validate_json((place / _READING).read_bytes())
        image = picture_from_png((place / _PICTURE).read_bytes())
        return ReviewFolder(
            path=folder, figure=place / source["figure"], options=source["options"], automatic=state, image=image
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        rule, advice = "what the program read, as it was written", "start the review in another folder"
        raise ReviewError(str(place), rule, _shortly(error), advice) from None


def _figure_of(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the figure of a record, found beside it by its digest, and what was stated about it."""
    from survrecon.records.folder import read_document

    digitized = read_document(folder).digitized
    name = digitized.figure or ""
    kept: dict[str, Any] = {}
    if (folder / RUN_FILE).is_file():
        kept = _options_of_run(folder / RUN_FILE)
    if digitized.panel is not None:
        kept.setdefault("panel", digitized.panel)
    for place in (folder, folder.resolve().parent, Path()):
        figure = place / name
        if name and figure.is_file() and sha256_of(figure.read_bytes()) == digitized.image_sha256:
            return figure, _of_figure(kept)
    rule = f"the figure {name or 'that it was read from'} in the record's folder, the one above it or the current one"
    raise ReviewError(str(folder), rule, "no such file", "put it there, or name the figure instead of the folder")


def _options_of_run(path: Path) -> dict[str, Any]:
    """Return the options that a run was called with."""
    try:
        options = json.loads(path.read_text(encoding="utf-8"))["options"]
        return dict(options)
    except (OSError, ValueError, KeyError, TypeError) as error:
        rule, advice = "the file that the run wrote", "name the figure instead of the folder"
        raise ReviewError(str(path), rule, _shortly(error), advice) from None


def _of_figure(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a run's options the digitizer takes."""
    from survrecon.digitizing.options import FIGURE_OPTIONS

    names = {option.name for option in FIGURE_OPTIONS}
    return {key: value for key, value in options.items() if key in names and value not in (None, False)}


def _started(figure: Path, folder: Path, options: Mapping[str, Any]) -> ReviewFolder:
    """Read a figure, and write what was read into a folder that is a review's from then on."""
    if options.get("panel") == "all":
        raise ReviewError(option_name("panel"), "one panel", "all", "review one panel after the other")
    return write_start(figure, folder, read_start(figure, options), options)


def write_start(figure: Path, folder: Path, start: Start, options: Mapping[str, Any] | None = None) -> ReviewFolder:
    """Write what was read of a figure into a folder, which is that of its review from then on.

    Parameters
    ----------
    figure : Path
        The figure, which is copied.
    folder : Path
        The review's folder.
    start : Start
        What was read.
    options : mapping
        What was stated about the figure.

    Raises
    ------
    SurvreconError
        If the folder cannot be written to.
    """
    copy = f"figure{figure.suffix.lower()}"
    source = {"figure": copy, "name": figure.name, "options": plain(dict(options or {})), "version": __version__}
    files: dict[str, str | bytes] = {
        copy: figure.read_bytes(),
        _SOURCE: json.dumps(source, indent=2, sort_keys=True) + "\n",
        _READING: state_bytes(start.state),
        _PICTURE: picture_as_png(start.image),
    }
    record: dict[str, str | bytes] = {}
    if not problems(start.state):
        try:
            parts = record_parts(start.state, start.state, start.image)
            record = {**parts.texts, OVERLAY: draw_overlay(parts.figure)}
        except SurvreconError:
            record = {}  # what is wrong is told where the reader corrects it
    with staging(folder, ReviewError) as place:
        made = place / _AUTOMATIC
        made.mkdir()
        for name, content in {**files, **record}.items():
            (made / name).write_bytes(content.encode() if isinstance(content, str) else content)
        if record:
            hashes = {name: sha256_of(content) for name, content in record.items()}
            write_state(made, STATE_FILE, {**record_facts(record), "outputs": hashes})
        folder.mkdir(parents=True, exist_ok=True)
        try:
            made.replace(folder / _AUTOMATIC)
        except OSError as error:
            raise ReviewError(
                str(folder), "a folder that can be written to", error.strerror or str(error), "name another one"
            ) from None
    return open_review(folder)


def reader_names(folder: Path) -> list[str]:
    """Return the readers of a review by name."""
    place = folder / _READERS
    return sorted(item.name for item in place.iterdir() if (item / _READER).is_file()) if place.is_dir() else []


def open_reader(
    review: ReviewFolder,
    name: str | None = None,
    *,
    started_from: StartedFrom | None = None,
    start: ReviewState | None = None,
    readers: tuple[str, ...] = (),
) -> ReaderFolder:
    """Open a reader's folder, and make it for one who is new.

    The first reader of a review starts from the program's reading, every other one blind, unless it is said.

    Parameters
    ----------
    review : ReviewFolder
        The review.
    name : str or None
        Who reads; where left out, the only reader there is, or one without a name.
    started_from : StartedFrom or None
        What a new reader starts from.
    start, readers
        Of a consensus: the state to start from, and whose records are settled.

    Raises
    ------
    ReviewError
        If the name can be none, or the reader started from something else.
    """
    known = reader_names(review.path)
    if name is None:
        others = [one for one in known if one != CONSENSUS]
        name = others[0] if len(others) == 1 else FIRST_READER
    if not _NAME.fullmatch(name) or name.endswith((" ", ".")):
        rule = "a name of letters, digits, spaces, dots and dashes, up to 61"
        raise ReviewError(option_name("reader"), rule, repr(name), "give another")
    folder = review.path / _READERS / name
    for other in known:
        if other != name and _plain_name(other) == _plain_name(name):
            rule = "a name that differs from the other readers' by more than capitals"
            raise ReviewError(option_name("reader"), rule, f"{name}, beside {other}", f"write {other}, or another name")
    if not (folder / _READER).is_file():
        chosen = started_from or (StartedFrom.BLIND if known else StartedFrom.AUTOMATIC)
        if start is None:
            start = blank_of(review.automatic) if chosen is StartedFrom.BLIND else review.automatic
        said = {"reader": name, "started_from": chosen, "readers": list(readers), "version": __version__}
        try:
            write_whole(folder / _START, state_bytes(start))
            write_whole(folder / _READER, json.dumps(said, indent=2, sort_keys=True) + "\n")
        except SurvreconError as error:
            advice = "make it writable: a reader's edits are kept there"
            raise ReviewError(str(folder), error.rule, error.got, advice) from None
    found = _opened(folder, name)
    if started_from is not None and found.started_from is not started_from:
        rule = f"a new reader, or one who started from: {started_from}"
        raise ReviewError(
            f"reader {name}",
            rule,
            f"{found.started_from}, on record",
            f"give another name with {option_name('reader')}",
        )
    return found


def _plain_name(name: str) -> str:
    """Return a name as folders are told apart where capitals do not count."""
    return unicodedata.normalize("NFKC", name).casefold()


def _opened(folder: Path, name: str) -> ReaderFolder:
    try:
        said = json.loads((folder / _READER).read_text(encoding="utf-8"))
        return ReaderFolder(
            path=folder,
            name=name,
            started_from=StartedFrom(said["started_from"]),
            readers=tuple(said["readers"]),
            start=ReviewState.model_validate_json((folder / _START).read_bytes()),
            log=EditLog(folder / _EDITS, name),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        rule, advice = "a reader's folder as it was written", "restore it, or read again by another name"
        raise ReviewError(str(folder), rule, _shortly(error), advice) from None


def _shortly(error: Exception) -> str:
    """Return what is wrong with a file of a review in a few words."""
    if isinstance(error, ValidationError):
        found = document_error(error, "")
        return f"{found.where}: {found.rule}; got {found.got}".lstrip(": ")
    if isinstance(error, KeyError):
        return f"no {error.args[0]}"
    return str(error)[:200]


def accepted_parts(review: ReviewFolder, reader: ReaderFolder, accepted: Accepted) -> RecordParts:
    """Return the record of what a reader accepted: the same, byte for byte, whenever it is made of the log.

    Raises
    ------
    SurvreconError
        If no record can be made of it.
    """
    seen = None if reader.started_from is StartedFrom.BLIND else review.automatic
    parts = record_parts(accepted.state, seen, review.image)
    date = accepted.when[:10]
    edits: tuple[Edit, ...] = ()
    if seen is not None and seen.as_it_can_be_read:
        try:
            edits = edits_between(record_parts(seen, seen), parts, date, reader.name)
        except SurvreconError as error:
            edits = edits_of_refused(error, parts, date, reader.name)
    said = ReviewedBy(
        reader=reader.name,
        started_from=str(reader.started_from),
        readers=reader.readers,
        edits=accepted.edits,
        after_result=accepted.after_result,
        accepted=date,
    )
    return with_review(parts, said, edits)


def publish_record(folder: Path, parts: RecordParts, *, overwrite: bool = False) -> None:
    """Write an accepted record into the folder of its review, in place of the one accepted before.

    Raises
    ------
    ReviewError
        If a person changed that with a text editor since, or the disk does not take it.
    """
    contents: dict[str, str | bytes] = {**parts.texts, OVERLAY: draw_overlay(parts.figure)}
    with staging(folder, ReviewError) as place:
        made = place / "record"
        made.mkdir()
        for name, content in contents.items():
            (made / name).write_bytes(content.encode() if isinstance(content, str) else content)
        publish(made, folder, STATE_FILE, record_facts(contents), overwrite=overwrite, refuse=ReviewError)
