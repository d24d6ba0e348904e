"""The log of a reader's edits, a line each, and its replay.

Undo and redo are lines too: nothing that was done is ever taken out of the file. Each line bears the digest of the
state after it, so that a log that was changed, or a program that does something else, is noticed.
"""

from __future__ import annotations

import errno
import json
import os
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from survrecon.errors import ReviewError
from survrecon.files.outputs import sha256_of
from survrecon.review.operations import READ_AGAIN, applied, differences
from survrecon.review.state import ReviewState, state_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["ACCEPT", "REDO", "UNDO", "Accepted", "EditLog", "ReaderProgress", "Step", "continued"]

UNDO, REDO, ACCEPT = "undo", "redo", "accept"
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_CUT_SHORT = "cut_short.txt"
_DIGEST = 16
"""Letters of a state's digest in a line."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A state that an edit made, and whether the rebuilt result had been seen before it."""

    state: ReviewState
    after_result: bool = False


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The state that a reader accepted last: at which revision, when, after how many standing edits."""

    state: ReviewState
    revision: int
    when: str
    edits: int
    after_result: int


@dataclass(frozen=True, kw_only=True)
class ReaderProgress:
    """Where a reader stands: the state at the start and after each edit that stands, edits undone, lines of the log."""

    start: ReviewState
    steps: tuple[Step, ...] = ()
    undone: tuple[Step, ...] = ()
    revision: int = 0
    accepted: Accepted | None = None

    @property
    def state(self) -> ReviewState:
        """The state as it is."""
        return self.steps[-1].state if self.steps else self.start


def continued(progress: ReaderProgress, what: str, given: Mapping[str, Any], when: str) -> ReaderProgress:
    """Return where a reader stands after one more line.

    Parameters
    ----------
    progress : ReaderProgress
        Before.
    what : str
        An operation, ``"undo"``, ``"redo"`` or ``"accept"``.
    given : mapping
        The operation's arguments.
    when : str
        The time, as the log writes it.

    Raises
    ------
    ReviewError
        If that cannot be done.
    """
    revision, seen = progress.revision + 1, progress.accepted is not None
    if what == ACCEPT:
        late = sum(step.after_result for step in progress.steps)
        accepted = Accepted(
            state=progress.state, revision=revision, when=when, edits=len(progress.steps), after_result=late
        )
        return replace(progress, revision=revision, accepted=accepted)
    if what == UNDO:
        if not progress.steps:
            raise ReviewError(UNDO, "an edit to undo", "none", "nothing was edited")
        *steps, last = progress.steps
        return replace(progress, steps=tuple(steps), undone=(*progress.undone, last), revision=revision)
    if what == REDO:
        if not progress.undone:
            raise ReviewError(REDO, "an edit that was undone", "none", "nothing can be done again")
        *undone, last = progress.undone
        return replace(progress, steps=(*progress.steps, last), undone=tuple(undone), revision=revision)
    if what == READ_AGAIN:
        state = applied(progress.state, what, given)
    else:
        state = applied(progress.state, what, given)
        if state == progress.state:
            raise ReviewError(what, "an edit that changes something", "none", "nothing was to be changed")
    step = Step(state=state, after_result=seen)
    return replace(progress, steps=(*progress.steps, step), undone=(), revision=revision)


class EditLog:
    """The file ``edits.jsonl`` of a reader.

    Parameters
    ----------
    path : Path
        The file; made with its first line.
    reader : str
        Who edits.
    """

    def __init__(self, path: Path, reader: str) -> None:
        self.path = path
        self.reader = reader
        self.cut_short: Path | None = None
        """Where the last line is kept that was cut short, if one was."""
        self._size = 0  # bytes of the file, as it was read or written last

    def write(
        self, before: ReaderProgress, after: ReaderProgress, what: str, given: Mapping[str, Any], when: str
    ) -> None:
        """Add a line, on the disk before this returns.

        Raises
        ------
        ReviewError
            If it cannot be written; the file is then as it was.
        """
        changes = differences(before.state, after.state)
        line = {
            "n": after.revision,
            "when": when,
            "who": self.reader,
            "what": what,
            "with": dict(given),
            "from": {place: old for place, (old, _) in changes.items()},
            "to": {place: new for place, (_, new) in changes.items()},
            "after_result": before.accepted is not None,
            "state": _digest(after.state),
        }
        data = json.dumps(line, ensure_ascii=False, sort_keys=True, allow_nan=False).encode() + b"\n"
        self.refuse_changed()
        try:
            with self.path.open("ab") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            with suppress(OSError):
                os.truncate(self.path, self._size)
            advice = "free some space, and go on" if error.errno in _FULL else "make it one, and go on"
            raise ReviewError(
                str(self.path), "a place that can be written to", error.strerror or str(error), advice
            ) from None
        self._size += len(data)

    def refuse_changed(self) -> None:
        """Refuse a file that is gone, or not as it was left: lines that follow could not be replayed.

        Raises
        ------
        ReviewError
            If it is so.
        """
        try:
            size = self.path.stat().st_size
        except OSError:
            size = 0
        if size != self._size or not self.path.parent.is_dir():
            rule, got = "the edits as they were left", f"{size} bytes, where {self._size} were written"
            raise ReviewError(str(self.path), rule, got, "put the review's folder back as it was, and go on")

    def replayed(self, start: ReviewState) -> ReaderProgress:
        """Return where the log leads from the start; a last line that was cut short is kept in a file beside it.

        Raises
        ------
        ReviewError
            If a line cannot be replayed, or leads to another state than it did.
        """
        progress = ReaderProgress(start=start)
        if not self.path.exists():
            return progress
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            self._set_aside(data[whole:], whole)
        for number, line in enumerate(data[:whole].splitlines(), start=1):
            where = f"{self.path}, line {number}"
            try:
                said = json.loads(line)
                progress = continued(progress, said["what"], said["with"], said["when"])
                digest, n = said["state"], said["n"]
            except ReviewError as error:
                raise _unlike(where, f"{error.where}: {error.rule}; got {error.got}") from None
            except (ValueError, KeyError, TypeError) as error:
                raise _unlike(where, str(error)) from None
            if digest != _digest(progress.state) or n != number:
                raise _unlike(where, "one that leads to another state")
        self._size = whole
        return progress

    def _set_aside(self, cut: bytes, whole: int) -> None:
        """Keep a line that was cut short in a file of its own, and take it out of the log."""
        kept = self.path.with_name(_CUT_SHORT)
        try:
            with kept.open("ab") as stream:
                stream.write(cut + b"\n")
            os.truncate(self.path, whole)
        except OSError as error:
            rule, got = "a place that can be written to", error.strerror or str(error)
            raise ReviewError(str(self.path), rule, got, "make the folder writable") from None
        self.cut_short = kept


def _digest(state: ReviewState) -> str:
    return sha256_of(state_bytes(state))[:_DIGEST]


def _unlike(where: str, got: str) -> ReviewError:
    rule = "a line as the program wrote it"
    return ReviewError(where, rule, got, "restore the file, or rename the reader's folder and read again")
