"""The folder of a batch: what is finished in it, and figures that appear in it whole or not at all."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from survrecon.errors import BatchError
from survrecon.files.outputs import changed_by_hand, publish, read_state, refuse_foreign, write_whole
from survrecon.running.folder import RUN_FILE, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from survrecon.running.batch.manifest import ManifestRow

__all__ = [
    "STATE_FILE",
    "UNFINISHED",
    "fingerprint",
    "finished_runs",
    "note_of",
    "publish_figure",
    "refuse_other_figure",
    "workplace",
]

STATE_FILE = "batch.json"
"""In a figure's folder: which runs it holds (one, or one a panel), what failed, how long it took; written last. In
the batch's own folder: the hashes of summary and index."""
_TOLD = {"failed", "runs", "seconds"}
UNFINISHED = ".unfinished"
"""In a batch's folder while it is at work: figures before they are whole."""


def fingerprint(row: ManifestRow) -> str:
    """Return the hash of everything that a figure's outputs depend on, the one that ``run.json`` holds."""
    return Source(row.figure.name, row.figure, row.options).fingerprint(row.settings)


def note_of(folder: Path) -> dict[str, Any]:
    """Return what a batch noted in a figure's folder; empty where none did."""
    try:
        note = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) and note.keys() >= _TOLD and isinstance(note["runs"], list) else {}


def finished_runs(folder: Path, options_sha256: str) -> list[str]:
    """Return the runs in a figure's folder if all are whole, untouched and of these options; else none."""
    note = note_of(folder)
    runs = [str(name) for name in note.get("runs", [])]
    whole = "unfinished" not in note and all(_is_whole(folder / name, options_sha256) for name in runs)
    return runs if whole else []


def _is_whole(run: Path, options_sha256: str) -> bool:
    state = read_state(run, RUN_FILE)
    there = all((run / name).is_file() for name in state.get("outputs", {}))
    same = bool(state) and state.get("options_sha256") == options_sha256 and "unfinished" not in state
    return there and same and not changed_by_hand(run, RUN_FILE)


def refuse_other_figure(folder: Path, *, overwrite: bool = False) -> None:
    """Refuse a folder that holds something else than a figure of a batch or a run, or what a person changed.

    Raises
    ------
    BatchError
        If it does.
    """
    note = note_of(folder)
    for run in note.get("runs", ["."]):
        refuse_foreign(folder / run, RUN_FILE, overwrite=overwrite, refuse=BatchError)


def publish_figure(made: Path, folder: Path, note: Mapping[str, Any], *, overwrite: bool = False) -> None:
    """Move the runs of a figure, one or one a panel, to their place and note that they are all there.

    Earlier outputs of the same figure go; files that a user added stay. Cut short, the note says so and
    each run tells which of its files are the program's.
    """
    runs = sorted(path.parent.relative_to(made).as_posix() for path in made.rglob(RUN_FILE))
    earlier = note_of(folder).get("runs", [])
    if not folder.exists():
        _write(made, {**note, "runs": runs})
        made.replace(folder)
        return
    _write(folder, {"failed": [], "runs": sorted({*earlier, *runs}), "seconds": None, "unfinished": True})
    for run in runs:
        facts = read_state(made / run, RUN_FILE)
        publish(made / run, folder / run, RUN_FILE, facts, overwrite=overwrite, refuse=BatchError)
    for run in set(earlier) - set(runs):
        for name in [*read_state(folder / run, RUN_FILE).get("outputs", {}), RUN_FILE]:
            (folder / run / name).unlink(missing_ok=True)
        with suppress(OSError):  # a panel's folder that holds other files
            (folder / run).rmdir()
    _write(folder, {**note, "runs": runs})


def _write(folder: Path, note: Mapping[str, Any]) -> None:
    write_whole(folder / STATE_FILE, json.dumps(note, indent=2, sort_keys=True) + "\n")


@contextmanager
def workplace(output: Path) -> Iterator[Path]:
    """Give the place for unfinished figures; what an interrupted batch left there is removed.

    Raises
    ------
    BatchError
        If the folder cannot be written to, or another batch is at work in it.
    """
    place = output / UNFINISHED
    try:
        place.mkdir(parents=True, exist_ok=True)
        lock = (place / "lock").open("w")
    except OSError as error:
        raise BatchError(
            str(output), "a folder that can be written to", error.strerror or "an error", "name another folder"
        ) from None
    with lock:
        if not _locked(lock.fileno()):
            raise BatchError(
                str(output), "one batch at a time", "another one at work here", "wait for it, or name another folder"
            )
        for item in place.iterdir():
            if item.is_dir():
                shutil.rmtree(item, ignore_errors=True)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)


def _locked(file: int) -> bool:
    """Take a lock that ends with this process; where the system has none, go on without."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True
