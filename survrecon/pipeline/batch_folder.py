"""The folder of a batch: what is finished in it, and figures that appear in it whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from survrecon import __version__
from survrecon.errors import BatchError
from survrecon.pipeline.manifest import ManifestRow
from survrecon.pipeline.patients_csv import file_hash
from survrecon.report.files import write_whole

__all__ = ["STATE_FILE", "UNFINISHED", "fingerprint", "publish", "refuse_foreign", "state_of", "workplace"]

STATE_FILE = "batch.json"
"""In a figure's folder: from what it was made, and which files it holds; written last."""
_TOLD = {"failed", "files", "fingerprint", "seconds"}
UNFINISHED = ".unfinished"
"""In a batch's folder while it is at work: figures before they are whole."""


def fingerprint(row: ManifestRow) -> str:
    """Return the hash of everything that a figure's outputs depend on: files, options, version."""
    given = {
        "version": __version__,
        "figure": [row.figure.name, _content(row.figure)],
        "options": {name: value for name, value in row.options.items() if name != "risk_table"},
        "risk_table": _content(row.options["risk_table"]) if "risk_table" in row.options else None,
        "settings": dict(row.settings),
    }
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()


def _content(path: Path) -> Any:
    """Return the hash of a file, or those of the files of a record's folder; ``None`` where it cannot be read."""
    try:
        if path.is_dir():
            return {item.name: file_hash(item) for item in sorted(path.iterdir()) if item.is_file()}
        return file_hash(path) if path.is_file() else None
    except OSError:
        return None


def state_of(folder: Path) -> dict[str, Any]:
    """Return what a figure's folder says of itself; empty where it is none, or not whole."""
    state = _read(folder)
    whole = state.keys() >= _TOLD and all((folder / name).is_file() for name in state["files"])
    return state if whole else {}


def refuse_foreign(folder: Path) -> None:
    """Refuse a folder that holds something else than a figure of a batch.

    Raises
    ------
    BatchError
        If it does.
    """
    if folder.exists() and not (folder.is_dir() and (_read(folder) or not any(folder.iterdir()))):
        raise BatchError(
            str(folder), "a new folder, or one that a batch wrote", "something else", "give another id or output folder"
        )


def publish(made: Path, folder: Path, state: Mapping[str, Any]) -> None:
    """Move the files of a figure to their place and say that they are all there.

    The earlier outputs of the same figure go; files that a user added stay. Cut short, the folder says
    that it is unfinished.
    """
    old = _read(folder).get("files", [])
    new = sorted(item.relative_to(made).as_posix() for item in made.rglob("*") if item.is_file())
    _write(folder, {"files": sorted({*old, *new}), "fingerprint": None})
    for name in new:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).replace(folder / name)
    for name in set(old) - set(new):
        (folder / name).unlink(missing_ok=True)
        with suppress(OSError):  # a panel's folder that holds other files
            if (folder / name).parent != folder:
                (folder / name).parent.rmdir()
    _write(folder, {**state, "files": new})


def _read(folder: Path) -> dict[str, Any]:
    try:
        state = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) and isinstance(state.get("files"), list) else {}


def _write(folder: Path, state: Mapping[str, Any]) -> None:
    write_whole(folder / STATE_FILE, json.dumps(state, indent=2, sort_keys=True) + "\n")


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
