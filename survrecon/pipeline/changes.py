"""Which values differ between two versions of a record's file, in words."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

__all__ = ["UNKNOWN", "changed_keys", "changed_points", "changed_table", "edited_cells"]

UNKNOWN = "which values is not known: the earlier file was not kept"
_SHOWN = 5
_LONGEST = 80

Row = tuple[str, ...]


def changed_points(before: str, now: str) -> tuple[str, ...]:
    r"""Return how many points, or marks, were moved, added and removed, and the first of them.

    Examples
    --------
    >>> changed_points("time,survival\n0,1\n5,0.8\n", "time,survival\n0,1\n5,0.7\n9,0.6\n")
    ('1 point moved: (5, 0.8) to (5, 0.7)', '1 point added: (9, 0.6)')
    """
    old, new = _rows(before), _rows(now)
    moved, added, removed = [], [], []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        pairs = min(b - a, d - c)
        moved += [f"{_shown(old[a + i])} to {_shown(new[c + i])}" for i in range(pairs)]
        removed += [_shown(row) for row in old[a + pairs : b]]
        added += [_shown(row) for row in new[c + pairs : d]]
    name = "point" if max(map(len, [*old, *new]), default=2) > 1 else "mark"
    told = [_counted(name, verb, some) for verb, some in (("moved", moved), ("added", added), ("removed", removed))]
    return tuple(text for text in told if text) or (f"no {name}: only how the file is written",)


def changed_table(before: str, now: str) -> tuple[str, ...]:
    r"""Return which cells of a risk table changed.

    Examples
    --------
    >>> changed_table("time,A\n0,50\n6,40\n", "time,A\n0,50\n6,44\n")
    ('1 cell changed: A at 6, 40 to 44',)
    """
    cells = edited_cells(before, now)
    old = _cells(before)
    listed = [
        f"{arm} at {at:g}, {old.get((at, arm)) or 'none'} to {cell or 'none'}" for (at, arm), cell in cells.items()
    ]
    told = _counted("cell", "changed", listed)
    return (told,) if told else ("no cell: only how the file is written",)


def edited_cells(before: str, now: str) -> dict[tuple[float, str], str]:
    """Return the cells of a risk table that differ, by time and arm, as they are now; empty where there is none."""
    old, new = _cells(before), _cells(now)
    return {key: new.get(key, "") for key in dict.fromkeys([*old, *new]) if old.get(key, "") != new.get(key, "")}


def changed_keys(before: str, now: str) -> tuple[str, ...]:
    r"""Return which keys of ``figure.toml`` changed, but hashes and the edits on record.

    Examples
    --------
    >>> changed_keys("[axes]\ntime_unit = 'days'\n", "[axes]\ntime_unit = 'weeks'\n")
    ("axes.time_unit: 'days' to 'weeks'",)
    """
    old, new = _flat(tomllib.loads(before)), _flat(tomllib.loads(now))
    return tuple(
        f"{key}: {_value(old, key)} to {_value(new, key)}"
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key) and not key.endswith(".sha256") and not key.startswith("digitized.edits")
    )


def _rows(text: str) -> list[Row]:
    """Return the lines below the header, numbers in one form."""
    return [tuple(_number(cell) for cell in row) for row in csv.reader(io.StringIO(text)) if any(row)][1:]


def _number(cell: str) -> str:
    try:
        return f"{float(cell):.10g}"
    except ValueError:
        return cell.strip()


def _cells(text: str) -> dict[tuple[float, str], str]:
    rows = [row for row in csv.reader(io.StringIO(text)) if any(row)]
    header = [name.strip() for name in rows[0]] if rows else []
    found = {}
    for row in rows[1:]:
        for arm, cell in zip(header[1:], row[1:], strict=False):
            try:
                found[float(row[0]), arm] = _number(cell)
            except ValueError:
                continue
    return found


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    """Return the single values of a document by their path; arms by name."""
    if isinstance(value, Mapping):
        parts = {str(key): item for key, item in value.items()}
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        named = path == "arms"
        parts = {str(item.get("name", i)) if named else str(i): item for i, item in enumerate(value)}
    else:
        return {path: value}
    return {key: one for name, item in parts.items() for key, one in _flat(item, f"{path}.{name}".lstrip(".")).items()}


def _value(flat: Mapping[str, Any], key: str) -> str:
    text = repr(flat[key]) if key in flat else "nothing"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."


def _shown(row: Row) -> str:
    return f"({', '.join(row)})" if len(row) > 1 else row[0]


def _counted(name: str, verb: str, some: Sequence[str]) -> str:
    if not some:
        return ""
    more = f" and {len(some) - _SHOWN} more" if len(some) > _SHOWN else ""
    return f"{len(some)} {name}{'' if len(some) == 1 else 's'} {verb}: {', '.join(some[:_SHOWN])}{more}"
