"""Records on disk: ``figure.toml`` as text, and a folder that appears whole or not at all."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from survrecon.errors import RecordError
from survrecon.record import RecordDocument

__all__ = ["sha256_of", "write_document", "write_record"]

_NUMBER_OR_LIMIT = r'-?[0-9][0-9.e+-]*|"not (?:estimable|reached)"'
_SHORT_ARRAY = re.compile(rf"(?<== )\[\n(?: +(?:{_NUMBER_OR_LIMIT}),\n){{1,2}}\]")


def write_document(document: RecordDocument) -> str:
    """Return a record as TOML; reading it gives the same record. Keys that hold their default are left out."""
    import tomli_w

    text = tomli_w.dumps(_plain(document.model_dump(mode="json", exclude_none=True, exclude_defaults=True)))
    return _SHORT_ARRAY.sub(lambda found: "[" + ", ".join(re.findall(_NUMBER_OR_LIMIT, found[0])) + "]", text)


def write_record(folder: str | Path, document: RecordDocument, files: Mapping[str, str | bytes]) -> Path:
    """Write a new record folder: beside its place first, then renamed, so that it is never half there.

    Parameters
    ----------
    folder : str or Path
        Where the record goes; must not exist, or be empty.
    document : RecordDocument
        What ``figure.toml`` says; its hashes are those of ``files``.
    files : mapping of str to str or bytes
        The other files by name.

    Raises
    ------
    RecordError
        If the folder holds something already or cannot be written.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RecordError(
            str(folder), "a new folder", "one that holds files", "choose another name, or remove it first"
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            for name, content in {**files, "figure.toml": write_document(document)}.items():
                (new / name).write_bytes(content.encode() if isinstance(content, str) else content)
            new.chmod(0o755)
            new.replace(folder)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
    except OSError as error:
        raise RecordError(
            str(folder), "a folder that can be written to", error.strerror or str(error), "name another folder"
        ) from None
    return folder


def sha256_of(content: str | bytes) -> str:
    """Return the hash that a record keeps of a file."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def _plain(value: Any) -> Any:
    """Write whole numbers without a decimal point, and no decimals for words."""
    if isinstance(value, dict):
        words = isinstance(value.get("value"), str)
        return {key: _plain(item) for key, item in value.items() if not (words and key == "decimals" and item == 0)}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
