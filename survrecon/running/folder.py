"""The folder of a run, and its random streams: one per purpose, so that results do not depend on what else is run.

What a stream is told by is a seed, an arm's place in its record and the purpose; `reconstruct` adds what the arm is
rebuilt from. Names of folders and files do not enter: a record that is moved gives the same numbers.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from survrecon import __version__
from survrecon.callers import option_name
from survrecon.errors import ReportError
from survrecon.files.ipd_csv import DRAWS_FILE, file_hash, write_draws, write_patients, write_sidecar
from survrecon.files.option_kinds import OptionRole
from survrecon.files.outputs import (
    BOOKKEEPING,
    changed_by_hand,
    publish,
    read_state,
    refuse_changed,
    refuse_foreign,
    refuse_unwritable,
    sha256_of,
    staging,
    write_state,
)
from survrecon.records.folder import RECORD_FILE, RUN_FILE, STATE_FILE, record_facts, write_document
from survrecon.records.readings import readings_csv
from survrecon.records.schema import RecordDocument, SourceKind
from survrecon.report.json import plain
from survrecon.report.settings import DRAWN_OVERLAY, OVERLAY
from survrecon.running.options import OPTIONS, of_roles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from survrecon.checks.results import RecordResult

__all__ = [
    "NOT_SETTINGS",
    "RUN_FILE",
    "Source",
    "generator",
    "refuse_other_run",
    "rewrite_run",
    "write_run",
]


def generator(seed: int, *purpose: str | int) -> np.random.Generator:
    """Return the generator of a seed and a purpose (place of an arm, scenario, printed numbers).

    Place 0 is the seed alone, so the first arm of a record has the stream of a curve by itself.

    Examples
    --------
    >>> generator(0, "a scenario").integers(1000) == generator(0, "a scenario").integers(1000)
    np.True_
    >>> generator(3, 0).integers(1000) == generator(3).integers(1000)
    np.True_
    """
    return np.random.default_rng([seed, *(w if isinstance(w, int) else crc32(w.encode()) for w in purpose)])


_DEFAULTS: Mapping[str, Any] = {option.name: option.default for option in OPTIONS.values() if option.always_kept}
"""The settings of a run that states none."""
_OF_FOLDER = [option.name for option in of_roles(OptionRole.FOLDER)]
NOT_SETTINGS = ("record", "source", "options", "options_sha256", "version", *_OF_FOLDER, *BOOKKEEPING)
"""Keys of ``run.json`` that are no settings of the run."""


def write_run(
    result: RecordResult,
    folder: str | Path,
    *,
    with_draws: bool = True,
    settings: Mapping[str, Any] | None = None,
    source: Source | None = None,
    overwrite: bool = False,
) -> None:
    """Write a run's folder: the record itself, patients, draws, pages and pictures, and `run.json` about them.

    The folder is a record again, so every command that takes a record takes it. It appears whole or not at all.

    Parameters
    ----------
    result : RecordResult
        What came of a record.
    folder : str or Path
        Where it goes: new, empty, an earlier run of the same source that nobody changed, or the record's own folder.
    with_draws : bool
        Whether the draws are written too.
    settings : mapping or None
        Those of `survrecon.run_record`, and ``compress``; as the result tells where left out.
    source : Source or None
        What was run; the result's record where left out.
    overwrite : bool
        Whether files that a person changed or put there are replaced.

    Raises
    ------
    ReportError
        If the folder holds something else, was changed by a person, or cannot be written to.
    """
    target, record = Path(folder), result.record
    settings = dict(settings) if settings is not None else _settings(result)
    source = Source(record.name, record.folder) if source is None else source
    refuse_other_run(target, source.name, home=record.folder, overwrite=overwrite)
    facts = {
        "record": record.name,
        "source": source.name,
        **settings,
        "options": plain(source.options),
        "options_sha256": source.fingerprint(settings),
        "version": __version__,
    }
    with staging(target) as place:
        made = place / "run"
        made.mkdir()
        at_home = target.resolve() == record.folder.resolve()
        copied = _copy_record(result, made, target if at_home else None)
        write_patients_of(result, made, with_draws=with_draws, compress=bool(settings.get("compress")))
        _write_report(result, made)
        publish(made, target, RUN_FILE, facts, overwrite=overwrite, keep=copied if at_home else ())


def rewrite_run(
    result: RecordResult, folder: Path, state: Mapping[str, Any], *, overwrite: bool = False
) -> tuple[str, ...]:
    """Write the report of a run's folder anew, and its patients where the record was changed since; return those.

    Raises
    ------
    ReportError
        If a file that is to be replaced was changed by a person.
    """
    written = state.get("outputs", {})
    facts = {key: value for key, value in state.items() if key not in BOOKKEEPING}
    with staging(folder) as place:
        made = place / "run"
        made.mkdir()
        drawn = [name for name in (DRAWS_FILE, f"{DRAWS_FILE}.gz") if name in written]
        write_patients_of(result, made, with_draws=bool(drawn), compress=f"{DRAWS_FILE}.gz" in drawn)
        again: list[str] = []
        for item in sorted(made.iterdir()):
            if file_hash(item) == written.get(item.name):
                item.unlink()  # as it was: what stands there, changed by a person or not, is none of the report
            else:
                again.append(item.name)
        _write_report(result, made)
        publish(made, folder, RUN_FILE, facts, overwrite=overwrite, keep=list(written))
    return tuple(again)


def write_patients_of(result: RecordResult, folder: Path, *, with_draws: bool, compress: bool) -> None:
    """Write the rebuilt patients of a result, if there are any, with their draws and how they came about."""
    if not result.arms:
        return
    files = [write_patients(folder / "ipd.csv", [arm.central for arm in result.arms])]
    if with_draws and max(len(arm.draws) for arm in result.arms) > 1:
        drawn = {arm.name: arm.draws for arm in result.arms}
        files.append(write_draws(folder / DRAWS_FILE, drawn, compress=compress))
    write_sidecar(folder / "ipd.json", files=[file.name for file in files], **_sidecar(result))


def _write_report(result: RecordResult, folder: Path) -> None:
    from survrecon.report.page import write_report

    write_report(result, folder)


def refuse_other_run(target: Path, source: str, *, home: Path | None = None, overwrite: bool = False) -> None:
    """Refuse a folder in which a run may not be written, before long work is done for it.

    Parameters
    ----------
    target : Path
        Where the run is to go.
    source : str
        What is run, by name.
    home : Path or None
        The folder of the record that is run: a run may join it.
    overwrite : bool
        Whether only the disk can refuse.

    Raises
    ------
    ReportError
        If it holds something else, the run of another source, or outputs that a person changed.
    """
    refuse_unwritable(target)
    if overwrite:
        return
    if home is not None and target.resolve() == home.resolve():
        refuse_changed(target, [name for name in changed_by_hand(target, RUN_FILE) if name not in _record_files(home)])
        return
    state = read_state(target, RUN_FILE)
    found = f"a run of {state.get('source')}" if state else "a record that is no run"
    if (target / RECORD_FILE).exists() and (not state or state.get("source") != source):
        raise ReportError(
            str(target), f"an empty folder, or an earlier run of {source}", found,
            f"name another folder with {option_name('output')}, or give {option_name('overwrite', True)}",
        )  # fmt: skip
    refuse_foreign(target, RUN_FILE)


def _record_files(folder: Path) -> set[str]:
    """Return the names of the files in a folder that belong to its record: ``figure.toml`` and what it names."""
    try:
        text = (folder / RECORD_FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return set()
    named = {item.name for item in folder.iterdir() if item.suffix == ".csv" and f'"{item.name}"' in text}
    return named | {RECORD_FILE, STATE_FILE, OVERLAY, DRAWN_OVERLAY}


@dataclass(frozen=True, slots=True)
class Source:
    """What a run was made from: a figure or a record, and what was stated about it.

    Parameters
    ----------
    name : str
        The figure's file name, or the record's.
    path : Path
        Where it lies.
    options : mapping
        What was stated about the figure.
    """

    name: str
    path: Path
    options: Mapping[str, Any] = field(default_factory=dict)

    def fingerprint(self, settings: Mapping[str, Any]) -> str:
        """Return the hash of everything that the outputs depend on: files, options, version; never of a place.

        Examples
        --------
        >>> a, b = Source("a.png", Path("here/a.png")), Source("a.png", Path("there/a.png"))
        >>> a.fingerprint({"seed": 1}) == b.fingerprint({"seed": 1}), a.fingerprint({}) == a.fingerprint({"seed": 1})
        (True, False)
        """
        given = {
            "version": __version__,
            "source": [self.name, _content(self.path)],
            "options": {name: value for name, value in self.options.items() if name != "risk_table"},
            "risk_table": _content(Path(self.options["risk_table"])) if self.options.get("risk_table") else None,
            "settings": {**_DEFAULTS, **{name: value for name, value in settings.items() if name != "command"}},
        }
        return sha256_of(json.dumps(plain(given), sort_keys=True))


_NO_INPUT = {STATE_FILE, OVERLAY, DRAWN_OVERLAY}
"""Files of a record that nothing is rebuilt from."""


def _content(path: Path) -> Any:
    """Return the hash of a file, or those of a record's files; ``None`` where it cannot be read."""
    try:
        if path.is_dir():
            return {name: file_hash(path / name) for name in sorted(_record_files(path) - _NO_INPUT)}
        return file_hash(path) if path.is_file() else None
    except OSError:
        return None


def _settings(result: RecordResult) -> dict[str, Any]:
    """Return the settings that reproduce a result, as far as it holds them."""
    found = {**_DEFAULTS, "seed": result.seed, "command": result.command}
    return found | ({"draws": result.draws} if result.draws > 1 else {})


def _record_of_this_run(result: RecordResult, written: bytes) -> bytes:
    """Return ``figure.toml``, written anew where this run knows more: typed numbers of patients, a grade by print."""
    document = result.record.document
    digitized = document.digitized.model_copy(update={"reading": result.reading or document.digitized.reading})
    document = document.model_copy(update={"digitized": digitized})
    if RecordDocument.model_validate(tomllib.loads(written.decode())) == document:
        return written
    return write_document(document).encode()


def _copy_record(result: RecordResult, made: Path, home: Path | None) -> list[str]:
    """Copy a record's files; readings that this run changed are written anew, with their hash.

    Parameters
    ----------
    result : RecordResult
        With the record.
    made : Path
        Where the copies go.
    home : Path or None
        The record's own folder, if the run is to join it: what stands there as it is to be is not copied.

    Returns
    -------
    list of str
        The names of the record's files.
    """
    record = result.record
    document = record.document
    names = [RECORD_FILE]
    names += [data.file for arm in document.arms for data in (arm.points, arm.censored) if data is not None]
    if document.risk_table is not None:
        names.append(document.risk_table.points.file)
    names += [name for name in (OVERLAY, DRAWN_OVERLAY) if (record.folder / name).is_file()]
    files = {name: (record.folder / name).read_bytes() for name in names}
    readings = document.digitized.readings
    if readings is not None:
        files[readings.file] = (record.folder / readings.file).read_bytes()
        before = sha256_of(files[readings.file])
        if before != readings.sha256:
            files[readings.file] = readings_csv(record.readings).encode()
            files[RECORD_FILE] = files[RECORD_FILE].replace(before.encode(), readings.sha256.encode())
    if home is None:
        files[RECORD_FILE] = _record_of_this_run(result, files[RECORD_FILE])
    for name, content in files.items():
        if home is None or content != (home / name).read_bytes():
            (made / name).write_bytes(content)
    if home is None:
        hashes = {name: sha256_of(content) for name, content in files.items()}
        write_state(made, STATE_FILE, {**record_facts(files), "outputs": hashes})
    return [*files, STATE_FILE]


def _sidecar(result: RecordResult) -> dict[str, Any]:
    document = result.record.document
    return {
        "source_kind": str(result.record.kind),
        "synthetic": result.record.kind is SourceKind.SUMMARY,
        "endpoint": document.analysis.endpoint,
        "time_unit": document.axes.time_unit,
        "seed": result.seed,
        "draws": result.draws,
        "constraints": None if result.constraints is None else result.constraints.summary,
        "method": {name: r.method for name, r in result.reconstructions.items()},
        "assumptions": {name: list(r.assumptions) for name, r in result.reconstructions.items()},
        "repairs": {name: [str(repair) for repair in r.repairs] for name, r in result.reconstructions.items()},
        "warnings": {name: list(r.warnings) for name, r in result.reconstructions.items()},
        "inputs_sha256": {arm.points.file: arm.points.sha256 for arm in document.arms if arm.points is not None},
    }
