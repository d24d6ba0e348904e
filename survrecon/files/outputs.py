"""Write files atomically, and replace only the program's own, unchanged files in a folder.

Beside what it writes, the program keeps a state file (``run.json``, say) with the hash of each output. A file whose
hash is another one was changed by a person, a file that is not listed is somebody else's: neither is overwritten
unless that is asked for.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from survrecon.callers import option_name
from survrecon.errors import ReportError, SurvreconError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

__all__ = [
    "BOOKKEEPING",
    "changed_by_hand",
    "not_ours",
    "publish",
    "read_state",
    "refuse_changed",
    "refuse_foreign",
    "refuse_unwritable",
    "sha256_of",
    "staging",
    "write_state",
    "write_whole",
]

_OUTPUTS, _EARLIER, _SEAL, _UNFINISHED = BOOKKEEPING = ("outputs", "earlier_outputs", "self_sha256", "unfinished")
"""Keys of a state file: hashes of outputs, those before a publication that was cut short, and of the rest of itself."""
_SHOWN = 6  # names in a message


def sha256_of(content: str | bytes) -> str:
    """Return the hash that records and state files keep of a file."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write to a temporary name beside ``path`` and rename, so that nobody sees half a file.

    Raises
    ------
    ReportError
        If the folder cannot be made or written to.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    if path.exists() and not path.is_file():
        raise ReportError(str(path), "a file, or nothing, at this place", "something else", "name another output")
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # a new file with the mode that the process's umask leaves
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        temporary.replace(path)
    except OSError as error:
        raise ReportError(
            str(path), "a folder that can be written to", error.strerror or str(error), "name another output folder"
        ) from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return path


def refuse_unwritable(folder: Path, refuse: type[SurvreconError] = ReportError) -> None:
    """Refuse a folder that could not be made or written to, before long work is done for it.

    Raises
    ------
    SurvreconError
        Of the type ``refuse``, if it, or the folder above it that exists, is no folder or may not be written to.
    """
    above = _existing(folder)
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        got = "Permission denied" if above.is_dir() else "Not a directory"
        raise refuse(str(folder), "a folder that can be written to", got, "name another output folder")


@contextmanager
def staging(folder: Path, refuse: type[SurvreconError] = ReportError) -> Iterator[Path]:
    """Provide an empty folder on the same disk for outputs, which `publish` then moves to ``folder``.

    It is removed at the end, whatever happens in between.
    """
    refuse_unwritable(folder, refuse)
    place = _existing(folder) / f".{folder.name[:100]}-{secrets.token_hex(8)}"
    try:
        place.mkdir()
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def read_state(folder: Path, state_file: str) -> dict[str, Any]:
    """Return what a state file says; empty where there is none that lists outputs."""
    try:
        state = json.loads((folder / state_file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    listed = isinstance(state, dict) and all(isinstance(state.get(key, {}), dict) for key in (_OUTPUTS, _EARLIER))
    return state if listed and _OUTPUTS in state else {}


def changed_by_hand(folder: Path, state_file: str) -> list[str]:
    """Return the outputs that differ from what the program wrote, the state file among them."""
    state = read_state(folder, state_file)
    known = _known(state)
    found = [name for name in sorted(known) if (folder / name).is_file() and _hash(folder / name) not in known[name]]
    return [*found, *([state_file] if _broken(folder, state_file, state) else [])]


def refuse_foreign(
    folder: Path, state_file: str, *, overwrite: bool = False, refuse: type[SurvreconError] = ReportError
) -> None:
    """Refuse a folder that is not the program's, or in which a person changed its outputs; before long work.

    Raises
    ------
    SurvreconError
        Of the type ``refuse``, if it holds files and no state file, or an output that was changed.
    """
    refuse_unwritable(folder, refuse)
    if overwrite or not folder.exists():
        return
    names = sorted(item.name for item in folder.iterdir() if not item.name.startswith("."))
    if names and not read_state(folder, state_file):
        raise refuse(
            str(folder),
            "a new or empty folder, or one that this command wrote",
            f"one that holds other files: {_listed(names)}",
            f"name another output with {option_name('output')}, or give {option_name('overwrite', True)}",
        )
    refuse_changed(folder, changed_by_hand(folder, state_file), refuse)


def refuse_changed(folder: Path, names: Collection[str], refuse: type[SurvreconError] = ReportError) -> None:
    """Refuse to go on if any file is named: a person changed it.

    Raises
    ------
    SurvreconError
        Of the type ``refuse``, which names the files.
    """
    if names:
        raise refuse(
            str(folder),
            "only what survrecon wrote is overwritten",
            f"files changed or put there by someone else: {_listed(names)}",
            f"name another output with {option_name('output')}, or give {option_name('overwrite', True)} to lose them",
        )


def publish(
    made: Path,
    folder: Path,
    state_file: str,
    facts: Mapping[str, Any],
    *,
    overwrite: bool = False,
    keep: Collection[str] = (),
    refuse: type[SurvreconError] = ReportError,
) -> None:
    """Move the files in ``made`` to ``folder`` and write there what they are; a new folder appears at once.

    Earlier outputs that are made no more go, files that somebody else put there stay. Cut short, the state file
    says of both the earlier and the new files that they are the program's, so that the same call goes on.

    Parameters
    ----------
    made : Path
        A folder on the same disk, see `staging`; it is empty afterwards.
    folder : Path
        Where the files go.
    state_file : str
        Name of the state file.
    facts : mapping
        What the state file says beside the hashes.
    overwrite : bool
        Whether files that a person changed or put there are replaced.
    keep : collection of str
        Earlier outputs that stay although they are not in ``made``.
    refuse : type of SurvreconError
        What is raised.

    Raises
    ------
    SurvreconError
        If a file is not the program's to overwrite, or the disk does not take it; checked before any is moved.
    """
    names = sorted(item.relative_to(made).as_posix() for item in made.rglob("*") if item.is_file())
    new = {name: _hash(made / name) for name in names if name != state_file}
    try:
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            write_state(made, state_file, {**facts, _OUTPUTS: new})
            folder.parent.mkdir(parents=True, exist_ok=True)
            if folder.exists():
                folder.rmdir()
            made.replace(folder)
            return
        state = read_state(folder, state_file)
        known = _known(state)
        stale = [name for name in known if name not in new and name not in keep]
        if not overwrite:
            refuse_changed(folder, _not_ours(folder, state_file, state, new, stale), refuse)
        old = {name: digest for name, digest in state.get(_OUTPUTS, {}).items() if name in keep}
        earlier = {name: list(digests) for name, digests in known.items()}
        write_state(folder, state_file, {**facts, _OUTPUTS: {**old, **new}, _EARLIER: earlier, _UNFINISHED: True})
        for name, digest in new.items():
            if _hash(folder / name) != digest:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (made / name).replace(folder / name)
        for name in stale:
            (folder / name).unlink(missing_ok=True)
        write_state(folder, state_file, {**facts, _OUTPUTS: {**old, **new}})
    except OSError as error:
        raise refuse(
            error.filename or str(folder), "a place that can be written to", error.strerror or str(error),
            "name another output with -o",
        ) from None  # fmt: skip


def not_ours(folder: Path, state_file: str, names: Collection[str]) -> list[str]:
    """Return those of the files, and of the state file, that exist and differ from what the program wrote."""
    return _not_ours(folder, state_file, read_state(folder, state_file), dict.fromkeys(names, ""), ())


def _not_ours(
    folder: Path, state_file: str, state: Mapping[str, Any], new: Mapping[str, str], stale: Collection[str]
) -> list[str]:
    """Return the files that would be replaced or removed and that the program did not write like this."""
    known = _known(state)
    at_stake = [*new, *(name for name in stale if (folder / name).is_file())]
    found = [
        name
        for name in at_stake
        if (folder / name).exists() and _hash(folder / name) not in {new.get(name), *known.get(name, ())}
    ]
    foreign_state = (folder / state_file).exists() and (not state or _broken(folder, state_file, state))
    return [*found, *([state_file] if foreign_state else [])]


def _known(state: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return the hashes that each output may have: after an interruption the earlier ones too."""
    found = {name: {digest} for name, digest in state.get(_OUTPUTS, {}).items()}
    for name, digests in state.get(_EARLIER, {}).items():
        found.setdefault(name, set()).update(digests)
    return found


def write_state(folder: Path, state_file: str, state: Mapping[str, Any]) -> None:
    """Write a state file: facts, and under ``outputs`` the hash of each file that the program wrote."""
    sealed = {key: value for key, value in state.items() if key != _SEAL}
    sealed |= {_SEAL: _seal(sealed)}
    write_whole(folder / state_file, json.dumps(sealed, indent=2, sort_keys=True, allow_nan=False) + "\n")


def _seal(state: Mapping[str, Any]) -> str:
    """Return the hash of a state file's content, by which a change by hand is noticed."""
    return sha256_of(json.dumps({key: value for key, value in state.items() if key != _SEAL}, sort_keys=True))


def _broken(folder: Path, state_file: str, state: Mapping[str, Any]) -> bool:
    return bool(state) and state.get(_SEAL) != _seal(state) and (folder / state_file).is_file()


def _hash(path: Path) -> str:
    """Return the hash of a file; empty where there is nothing, a word where there is something else."""
    return sha256_of(path.read_bytes()) if path.is_file() else "no file" if path.exists() else ""


def _listed(names: Collection[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(list(names)[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())
