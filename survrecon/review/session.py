"""A reader at work: the state, the log that it is kept in, and what comes of accepting it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.errors import ReviewError, SurvreconError
from survrecon.review.folder import accepted_parts, publish_record
from survrecon.review.log import ACCEPT, REDO, UNDO, continued
from survrecon.review.operations import OPERATIONS, READ_AGAIN, problems
from survrecon.review.rebuilt import Rebuilder, accepted_result, error_words, record_in_memory
from survrecon.review.state import StartedFrom
from survrecon.running.accept import check_parts
from survrecon.running.facts import control_as_read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from survrecon.review.folder import ReaderFolder, ReviewFolder
    from survrecon.review.log import ReaderProgress
    from survrecon.review.state import ReviewState

__all__ = ["ReviewSession", "StaleRevisionError"]


class StaleRevisionError(ReviewError):
    """An edit of a state that is not the newest."""


class ReviewSession:
    """One reader's work on one figure; every edit is on the disk before the next.

    Parameters
    ----------
    review : ReviewFolder
        The figure and what the program read.
    reader : ReaderFolder
        Who reads.
    overwrite : bool
        Whether a record that was changed with a text editor since it was accepted may be replaced.
    """

    def __init__(self, review: ReviewFolder, reader: ReaderFolder, *, overwrite: bool = False) -> None:
        self.review = review
        self.reader = reader
        self.overwrite = overwrite
        self.progress: ReaderProgress = reader.log.replayed(reader.start)
        self._lock = threading.RLock()
        self._rebuilder = Rebuilder()
        self._accepted: tuple[int, dict[str, Any]] | None = None

    @property
    def seen(self) -> ReviewState | None:
        """The program's reading, if this reader may see it."""
        return None if self.reader.started_from is StartedFrom.BLIND else self.review.automatic

    @property
    def revision(self) -> int:
        """The number of lines of the log."""
        return self.progress.revision

    def edit(self, revision: int, op: str, given: Mapping[str, Any]) -> None:
        """Apply an operation and put it into the log.

        Raises
        ------
        StaleRevisionError
            If the state was edited since that revision.
        ReviewError
            If it cannot be done; nothing is changed then.
        """
        if op not in OPERATIONS:
            raise ReviewError("operation", "one of the page's operations", repr(op)[:80], "reload the page")
        self._go_on(revision, op, given)

    def undo(self, revision: int) -> None:
        """Take back the last edit."""
        self._go_on(revision, UNDO, {})

    def redo(self, revision: int) -> None:
        """Do again what was undone."""
        self._go_on(revision, REDO, {})

    def read_again(self, revision: int, reading: ReviewState) -> None:
        """Start over from another reading of the figure, as one edit."""
        if self.seen is None:
            raise ReviewError(
                f"reader {self.reader.name}", "a reader who may see the program's reading", "one who reads blind",
                "choose the panel by its name, and read it by hand",
            )  # fmt: skip
        self._go_on(revision, READ_AGAIN, {"reading": reading.model_dump(mode="json")})

    def _go_on(self, revision: int, what: str, given: Mapping[str, Any]) -> None:
        with self._lock:
            self._refuse_stale(revision)
            when = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            after = continued(self.progress, what, given, when)
            self.reader.log.write(self.progress, after, what, given, when)
            self.progress = after

    def _refuse_stale(self, revision: int) -> None:
        if revision != self.revision:
            raise StaleRevisionError(
                "revision", f"the newest, {self.revision}", f"{revision}", "look at the newest state and try again"
            )

    def accept(self, revision: int) -> None:
        """Make the state the record of the review's folder.

        Raises
        ------
        SurvreconError
            If something stands in the way; nothing is changed then.
        """
        with self._lock:
            self._refuse_stale(revision)
            for problem in self.problems():
                raise problem
            self.reader.log.refuse_changed()
            when = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            after = continued(self.progress, ACCEPT, {}, when)
            assert after.accepted is not None
            parts = accepted_parts(self.review, self.reader, after.accepted)
            check_parts(record_in_memory(parts, self.review.path.name))
            publish_record(self.review.path, parts, overwrite=self.overwrite)
            self.reader.log.write(self.progress, after, ACCEPT, {}, when)
            self.progress = after

    def problems(self) -> list[ReviewError]:
        """Return what stands in the way of accepting."""
        found = problems(self.progress.state)
        if self.reader.started_from is StartedFrom.AGREEMENT:
            found += [
                ReviewError(d.text, "every difference settled", "one that is open", "correct what is wrong, or keep it")
                for d in self.progress.state.doubts
                if not d.resolved
            ]
        return found

    @property
    def accepted_now(self) -> bool:
        """Whether the state as it is was accepted."""
        accepted = self.progress.accepted
        return accepted is not None and accepted.state == self.progress.state

    def state_view(self) -> dict[str, Any]:
        """Return the working record as the page has it."""
        with self._lock:
            progress = self.progress
            state = progress.state
            view = state.model_dump(mode="json")
            axes = {name: view.pop(f"{name}_axis") for name in ("time", "survival")}
            for axis, unit in (("time", state.time_unit), ("survival", "percent" if state.percent else "fraction")):
                axes[axis]["unit"] = unit
            figure = view.pop("figure")
            accepted = progress.accepted
            return view | {
                "revision": progress.revision,
                "reader": self.reader.name,
                "started_from": str(self.reader.started_from),
                "readers": list(self.reader.readers),
                "can_undo": bool(progress.steps),
                "can_redo": bool(progress.undone),
                "edits": len(progress.steps),
                "accepted": accepted.revision if accepted is not None and self.accepted_now else None,
                "figure": figure,
                "picture": {"width": figure["width"], "height": figure["height"]},
                "frame": list(state.frame),
                "axes": axes,
                "control": _control(state),
                "control_stated": state.control is not None,
                "problems": [error_words(problem) for problem in self.problems()],
            }

    def result_view(self) -> dict[str, Any]:
        """Return what is rebuilt, and once the reader has accepted, the comparison with what is printed."""
        with self._lock:
            revision, state, accepted = self.revision, self.progress.state, self.accepted_now
            view = self._rebuilder.result(state, self.seen)
            found = self._compared(accepted_result) if accepted else None
            return view | {"revision": revision, "hidden_until_accepted": not accepted, "accepted": found}

    def _compared(self, compare: Callable[..., dict[str, Any]]) -> dict[str, Any]:
        """Return what the accepted record says, computed once."""
        accepted = self.progress.accepted
        assert accepted is not None
        if self._accepted is None or self._accepted[0] != accepted.revision:
            try:
                found = compare(self.review.path)
            except SurvreconError as error:
                found = {"contrasts": [], "checks": [], "reading": None, "error": error_words(error)}
            self._accepted = (accepted.revision, found)
        return self._accepted[1]

    def warm_up(self) -> None:
        """Load what the first edit would else wait for."""
        import survrecon.analysis.cox
        import survrecon.reconstruction.reconstruct  # noqa: F401

        np.linalg.svd(np.eye(2))


def _control(state: ReviewState) -> str | None:
    """Return the id of the control arm: as stated, else as names and order tell."""
    if state.control is not None or not state.arms:
        return state.control
    _, controls, _ = control_as_read([arm.name for arm in state.arms], (), None)
    return next((arm.id for arm in state.arms if arm.name in controls), None)
