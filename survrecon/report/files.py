"""Files that are either whole or absent."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from survrecon.errors import ReportError

__all__ = ["OVERLAY", "refuse_unwritable", "write_whole"]

OVERLAY = "overlay.png"
"""What was read, drawn on the figure; beside the record of a digitized one."""


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
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        raise ReportError(
            str(path), "a folder that can be written to", error.strerror or str(error), "name another output folder"
        ) from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
    return path


def refuse_unwritable(folder: Path) -> None:
    """Refuse a folder that could not be made or written to, before long work is done for it.

    Raises
    ------
    ReportError
        If it, or the folder above it that exists, is no folder or may not be written to.
    """
    above = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        got = "Permission denied" if above.is_dir() else "Not a directory"
        raise ReportError(str(folder), "a folder that can be written to", got, "name another output folder")


def _umask() -> int:
    """Return the process's umask, which ``mkstemp`` ignores."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
