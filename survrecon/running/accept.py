"""Accept a person's edits of a record: describe which values changed, and record them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError

from survrecon.errors import RecordError, SurvreconError
from survrecon.files.outputs import changed_by_hand, read_state, sha256_of, write_state, write_whole
from survrecon.files.tables import csv_lines
from survrecon.model.document import document_error
from survrecon.model.grade import Grade, ReadingGrade
from survrecon.reconstruction.reconstruct import Method, reconstruct
from survrecon.records.folder import (
    RECORD_FILE,
    STATE_FILE,
    FigureRecord,
    read_document,
    record_facts,
    with_files,
    write_document,
)
from survrecon.records.readings import Basis, ReadKind, ReadValue, readings_csv
from survrecon.records.schema import DataFile, Edit, RecordDocument, SourceKind

__all__ = [
    "UNKNOWN",
    "accept_edits",
    "changed_keys",
    "changed_points",
    "changed_table",
    "check_parts",
    "edited_cells",
    "unrecorded_change",
]

UNKNOWN = "which values is not known: the earlier file was not kept"
_SHOWN = 5
_ROUND_OFF = 1e-9
"""Of an axis in fractions or percent: less is no rise."""
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
    return [tuple(_number(cell) for cell in row) for row in _lines(text)[1:]]


def _lines(text: str) -> list[list[str]]:
    """Return the lines of a record's file that hold anything."""
    return [cells for _, cells in csv_lines(text, "a file of the record", RecordError)]


def _number(cell: str) -> str:
    try:
        return f"{float(cell):.10g}"
    except ValueError:
        return cell


def _cells(text: str) -> dict[tuple[float, str], str]:
    rows = _lines(text)
    header = rows[0] if rows else []
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


def accept_edits(folder: str | Path, reader: str | None = None) -> tuple[Edit, ...]:
    """Take over what a person changed in a record's files with a text editor.

    Parameters
    ----------
    folder : str or Path
        The record, or the folder of a run.
    reader : str or None
        Who made the changes.

    Returns
    -------
    tuple of Edit
        One for each file that was changed; they stand in ``figure.toml`` from now on.

    Raises
    ------
    SurvreconError
        If the record as it is now breaks its format, or its numbers cannot belong together; nothing is changed then.
    """
    folder = Path(folder)
    document = read_document(folder)
    texts = _texts(folder)
    contents = {data.file: _content(folder, data) for data in document.files}
    written = (folder / RECORD_FILE).read_text(encoding="utf-8")
    _refuse_other_readings(folder, document, contents)
    for data in document.files:
        if data is not document.digitized.readings:
            _refuse_other_layout(folder / data.file, contents[data.file])
    _refuse_lost_edits(folder, document, texts)
    for arm in document.arms:
        if arm.points is not None and arm.points.file in texts:
            now, before = contents[arm.points.file], texts[arm.points.file]
            _refuse_new_rise(folder / arm.points.file, before, now, upwards=document.axes.one_minus_survival)
    today = date.today().isoformat()
    edits = tuple(
        Edit(file=name, sha256_before=before, sha256=now, date=today, reader=reader, changes=changes)
        for name, before, now, changes in _changes(document, contents, written, texts)
    )
    if not edits and all(sha256_of(contents[data.file]) == data.sha256 for data in document.files):
        return ()
    readings = _with_changed_cells(with_files(folder, document).readings, edits, document, contents, texts)
    if readings is not None and document.digitized.readings is not None:
        contents[document.digitized.readings.file] = readings
    hashes = {name: sha256_of(content) for name, content in contents.items()}
    accepted = _with(folder, written, hashes, edits)
    check_parts(with_files(folder, accepted))
    text = _as_text(document, accepted, written, hashes, edits)
    if readings is not None and document.digitized.readings is not None:
        write_whole(folder / document.digitized.readings.file, readings)
    write_whole(folder / RECORD_FILE, text)
    state = read_state(folder, STATE_FILE) or {"outputs": {}}
    write_state(folder, STATE_FILE, {**state, **record_facts({**contents, RECORD_FILE: text})})
    return edits


def unrecorded_change(folder: Path) -> bool:
    """Whether ``figure.toml`` was changed by a person and the change is not on record."""
    before = _texts(folder).get(RECORD_FILE)
    now = folder / RECORD_FILE
    return before is not None and now.is_file() and bool(changed_keys(before, now.read_text(encoding="utf-8")))


def _texts(folder: Path) -> dict[str, str]:
    """Return the record's files as they were written or last accepted; none where that is not known for sure."""
    if STATE_FILE in changed_by_hand(folder, STATE_FILE):
        return {}
    texts: dict[str, str] = read_state(folder, STATE_FILE).get("texts", {})
    return texts


def _content(folder: Path, data: DataFile) -> str:
    """Return the text of a file that the record names."""
    path = folder / data.file
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise RecordError(
            str(path), "a file that figure.toml names exists", "no such file", "restore it, or remove the entry"
        ) from None
    except UnicodeDecodeError:
        raise RecordError(str(path), "text in UTF-8", "other bytes", "save it as CSV UTF-8") from None


def _refuse_other_layout(path: Path, text: str) -> None:
    """Refuse what the record's own layout is not: the readers of foreign files would take a bad line for a header."""
    rows = list(csv_lines(text, str(path), RecordError))
    if not rows or rows[0][1][0] != "time":
        raise RecordError(
            f"{path}, line 1", "a header that begins with time", repr(text[:20]), "restore the first line"
        )
    for number, row in rows[1:]:
        for cell in filter(None, row):
            try:
                float(cell)
            except ValueError:
                raise RecordError(
                    f"{path}, line {number}", "every cell is a number", repr(cell), "correct the cell"
                ) from None


def _refuse_new_rise(path: Path, before: str, now: str, *, upwards: bool) -> None:
    """Refuse points of which survival rises as it did nowhere before: a click may, what is typed is a slip."""
    sign = -1.0 if upwards else 1.0
    (known, _), (largest, line) = (_largest_rise(text, sign) for text in (before, now))
    if largest > known + _ROUND_OFF:
        rows = _lines(now)
        rule, got = "survival never rises", f"{rows[line][1]} after {rows[line - 1][1]}"
        raise RecordError(f"{path}, row {line + 1}", rule, got, "correct the point")


def _largest_rise(text: str, sign: float) -> tuple[float, int]:
    """Return by how much survival rises most from one point to the next, and at which row."""
    levels = [(sign * float(row[1]), k) for k, row in enumerate(_lines(text)) if k and len(row) > 1 and row[1]]
    return max(((b - a, k) for (a, _), (b, k) in pairwise(levels)), default=(0.0, 0))


def _refuse_other_readings(folder: Path, document: RecordDocument, contents: Mapping[str, str]) -> None:
    data = document.digitized.readings
    if data is not None and sha256_of(contents[data.file]) != data.sha256:
        raise RecordError(
            str(folder / data.file),
            "what the program read stays as it is",
            "a changed file",
            "restore it; correct the arms' files, risk_table.csv or figure.toml instead",
        )


def _refuse_lost_edits(folder: Path, document: RecordDocument, texts: Mapping[str, str]) -> None:
    before = tomllib.loads(texts.get(RECORD_FILE, "")).get("digitized", {}).get("edits", [])
    if [Edit.model_validate(edit) for edit in before] != list(document.digitized.edits):
        raise RecordError(
            f"{folder / RECORD_FILE}: digitized.edits", "the edits on record stay", "others", "restore the entries"
        )


def _changes(
    document: RecordDocument, contents: Mapping[str, str], written: str, texts: Mapping[str, str]
) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Return each changed file with its hash before and now, and which values changed."""
    found = []
    printed = document.risk_table
    tables = () if printed is None else {one.file for one in (printed.points, printed.events) if one is not None}
    for data in dict.fromkeys(document.files):
        now, before = contents[data.file], texts.get(data.file)
        old = data.sha256 if before is None else sha256_of(before)
        if sha256_of(now) == old:
            continue
        if before is None:
            changes: tuple[str, ...] = (UNKNOWN,)
        else:
            changes = changed_table(before, now) if data.file in tables else changed_points(before, now)
        found.append((data.file, old, sha256_of(now), changes))
    before = texts.get(RECORD_FILE)
    if before is not None and (changes := changed_keys(before, written)):
        found.append((RECORD_FILE, sha256_of(before), sha256_of(written), changes))
    return found


def _with_changed_cells(
    readings: tuple[ReadValue, ...],
    edits: tuple[Edit, ...],
    document: RecordDocument,
    contents: Mapping[str, str],
    texts: Mapping[str, str],
) -> str | None:
    """Return the readings with changed numbers at risk as typed; ``None`` where none is."""
    table = None if document.risk_table is None else document.risk_table.points.file
    if table is None or table not in texts or table not in {edit.file for edit in edits}:
        return None
    cells = edited_cells(texts[table], contents[table])
    kept = [
        replace(reading, typed=cells[key], used=cells[key], option="survrecon accept", basis=Basis.TYPED)
        if reading.what is ReadKind.AT_RISK and reading.at is not None and (key := (reading.at, reading.arm)) in cells
        else reading
        for reading in readings
    ]
    return readings_csv(kept) if kept != list(readings) else None


def _with(folder: Path, written: str, hashes: Mapping[str, str], edits: tuple[Edit, ...]) -> RecordDocument:
    """Return the document with the hashes of the files as they are, and the edits."""
    table = tomllib.loads(written)
    for entry in _named(table):
        entry["sha256"] = hashes[entry["file"]]
    before = table["digitized"].get("edits", [])
    table["digitized"]["edits"] = [*before, *(edit.model_dump(mode="json", exclude_none=True) for edit in edits)]
    try:
        return RecordDocument.model_validate(table)
    except ValidationError as error:
        raise document_error(error, str(folder / RECORD_FILE)) from None


def _named(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of a document that name a file."""
    holders = [(arm, key) for arm in table["arms"] for key in ("points", "censored")]
    holders += [(table.get("risk_table", {}), key) for key in ("points", "events")]
    holders.append((table["digitized"], "readings"))
    return [holder[key] for holder, key in holders if key in holder]


def _as_text(
    document: RecordDocument,
    accepted: RecordDocument,
    written: str,
    hashes: Mapping[str, str],
    edits: tuple[Edit, ...],
) -> str:
    """Return ``figure.toml`` as the person left it, comments and all, with the new hashes and the edits at its end."""
    text = written
    for data in document.files:
        text = text.replace(data.sha256, hashes[data.file])
    added = {"digitized": {"edits": [edit.model_dump(mode="json", exclude_none=True) for edit in edits]}}
    text = text.rstrip("\n") + "\n\n" + tomli_w.dumps(added)
    try:
        if RecordDocument.model_validate(tomllib.loads(text)) == accepted:
            return text
    except (tomllib.TOMLDecodeError, ValidationError):
        pass  # inline tables, say, that cannot be added to
    return write_document(accepted)


def check_parts(record: FigureRecord) -> None:
    """Refuse arms whose points, numbers at risk, totals and marks cannot belong together.

    Raises
    ------
    SurvreconError
        Of the first such arm.
    """
    if record.kind is SourceKind.SUMMARY:
        return
    for arm in record.document.arms:
        if arm.name not in record.curves or arm.n is None:
            continue
        try:
            reconstruct(
                record.curves[arm.name],
                n=arm.n,
                risk_table=record.risk_tables.get(arm.name),
                events=arm.events,
                censor_times=record.censor_times.get(arm.name),
                method=Method.GUYOT,  # the quickest; what is given is checked before any method
                arm=arm.name,
            )
        except SurvreconError as error:
            raise error.at(record.name) from None


def graded_by_hand(document: RecordDocument) -> ReadingGrade | None:
    """Return the grade of a record's reading; one that a person corrected is theirs, and to be checked at worst."""
    if document.digitized.reading is None:
        return None
    reading = document.digitized.reading.alone
    if not document.digitized.edits or reading.grade is Grade.GOOD:
        return reading
    said = f"corrected by a person; as the program read it: {reading.internal}"
    return ReadingGrade(grade=Grade.CHECK, internal=Grade.CHECK, reasons=(said, *reading.reasons))
