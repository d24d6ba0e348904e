"""The base of everything that is written in a record: frozen, and strict about unknown keys."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from survrecon.errors import RecordError

__all__ = ["Document", "document_error"]


class Document(BaseModel):
    """A frozen table of a record; a key that the format does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, str_strip_whitespace=True)


_RULES = {
    "extra_forbidden": ("only the keys of the record format", "remove the key, or look for a misspelling"),
    "missing": ("a required key", "add it"),
}


def document_error(error: ValidationError, where: str) -> RecordError:
    """Turn pydantic's first finding into one ``RecordError`` that names the path in the document."""
    found: Any = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in found["loc"]) or "document"
    message = found["msg"].removeprefix("Value error, ")
    rule, advice = _RULES.get(found["type"], (message, "see the record format in digitized_curves/README.md"))
    got = "nothing" if found["type"] == "missing" else _short(found["input"])
    more = error.error_count() - 1
    return RecordError(f"{where}: {path}", rule, got + (f" (and {more} more)" if more else ""), advice)


def _short(value: Any) -> str:
    """Return a value as it stands in the file; of a table, its single values alone."""
    if isinstance(value, dict):
        plain = [f"{key} = {entry!r}" for key, entry in value.items() if not isinstance(entry, dict | list | tuple)]
        return "a table with " + (", ".join(plain[:6]) or "nothing but tables")
    return repr(value)[:200]
