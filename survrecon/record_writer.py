"""Records on disk: ``figure.toml`` as text, and a folder that appears whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from survrecon import __version__
from survrecon.errors import RecordError
from survrecon.outputs import publish, refuse_foreign, staging
from survrecon.record import RecordDocument

__all__ = [
    "RECORD_FILE",
    "RUN_FILE",
    "STATE_FILE",
    "record_facts",
    "refuse_other_than_record",
    "write_document",
    "write_record",
]

RECORD_FILE = "figure.toml"
STATE_FILE = "record.json"
"""In a record's folder: the hash of each file as the program wrote it, and the text of those that may be corrected."""
RUN_FILE = "run.json"
"""In a run's folder: options, the hash of them and of each output, and from what the report is made again."""

_NUMBER_OR_LIMIT = r'-?[0-9][0-9.e+-]*|"not (?:estimable|reached)"'
_SHORT_ARRAY = re.compile(rf"(?<== )\[\n(?: +(?:{_NUMBER_OR_LIMIT}),\n){{1,2}}\]")


def write_document(document: RecordDocument) -> str:
    """Return a record as TOML; reading it gives the same record. Keys that hold their default are left out."""
    import tomli_w

    text = tomli_w.dumps(_plain(document.model_dump(mode="json", exclude_none=True, exclude_defaults=True)))
    return _SHORT_ARRAY.sub(lambda found: "[" + ", ".join(re.findall(_NUMBER_OR_LIMIT, found[0])) + "]", text)


def write_record(
    folder: str | Path, document: RecordDocument, files: Mapping[str, str | bytes], *, overwrite: bool = False
) -> Path:
    """Write a record folder so that it is never half there; ``record.json`` beside it tells what was written.

    Parameters
    ----------
    folder : str or Path
        Where the record goes: new, empty, or a record that was written like this and not changed since.
    document : RecordDocument
        What ``figure.toml`` says; its hashes are those of ``files``.
    files : mapping of str to str or bytes
        The other files by name.
    overwrite : bool
        Whether files that a person changed or put there are replaced.

    Raises
    ------
    RecordError
        If the folder holds something else, was changed by a person, or cannot be written.
    """
    folder = Path(folder)
    refuse_other_than_record(folder, overwrite=overwrite)
    contents = {**files, RECORD_FILE: write_document(document)}
    with staging(folder, RecordError) as place:
        made = place / "record"
        made.mkdir()
        try:
            for name, content in contents.items():
                (made / name).write_bytes(content.encode() if isinstance(content, str) else content)
        except OSError as error:
            raise RecordError(
                str(folder), "a folder that can be written to", error.strerror or str(error), "name another folder"
            ) from None
        publish(made, folder, STATE_FILE, record_facts(contents), overwrite=overwrite, refuse=RecordError)
    return folder


def refuse_other_than_record(folder: Path, *, overwrite: bool = False) -> None:
    """Refuse a folder in which a record may not be written, before long work is done for it.

    Raises
    ------
    RecordError
        If it holds files that are no record of the program, one that a person changed, or a run.
    """
    refuse_foreign(folder, STATE_FILE, overwrite=overwrite, refuse=RecordError)
    if not overwrite and (folder / RUN_FILE).exists():
        raise RecordError(
            str(folder), "a folder for a record alone", f"the folder of a run, with {RUN_FILE}",
            "name another output, or give --overwrite",
        )  # fmt: skip


def record_facts(contents: Mapping[str, str | bytes]) -> dict[str, Any]:
    """Return what ``record.json`` says beside the hashes: the text of each file that a person may correct.

    From it `survrecon accept` tells which values were changed.
    """
    texts = {
        name: content if isinstance(content, str) else content.decode("utf-8")
        for name, content in contents.items()
        if Path(name).suffix in (".csv", ".toml")
    }
    return {"texts": texts, "version": __version__}


def _plain(value: Any) -> Any:
    """Write whole numbers without a decimal point, and no decimals for words."""
    if isinstance(value, dict):
        words = isinstance(value.get("value"), str)
        return {key: _plain(item) for key, item in value.items() if not (words and key == "decimals" and item == 0)}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
