"""A record folder as a `FigureRecord`, and the catalogue of the shipped records."""

from __future__ import annotations

import re
import shlex
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import ValidationError

from survrecon import __version__
from survrecon.callers import option_name
from survrecon.errors import RecordError
from survrecon.files.outputs import publish, refuse_foreign, sha256_of, staging
from survrecon.model.document import document_error
from survrecon.model.show import BriefRepr
from survrecon.records.readings import ReadValue, read_readings
from survrecon.records.schema import NOT_GIVEN, DataFile, RecordDocument, SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from survrecon.arrays import FloatArray
    from survrecon.model.curve import RiskTable, SurvivalCurve

__all__ = [
    "RECORD_FILE",
    "RUN_FILE",
    "STATE_FILE",
    "FigureRecord",
    "FilesRead",
    "catalogue",
    "catalogue_folder",
    "read_document",
    "read_figure",
    "record_facts",
    "record_folder",
    "refuse_other_than_record",
    "with_files",
    "write_document",
    "write_record",
]

T = TypeVar("T")
FilesRead = dict[tuple[object, str, str, bytes], object]
"""What was read of files: by the function that read it, the file's name, what it was told, and what the file held."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False, weakref_slot=True)
class FigureRecord(BriefRepr):
    """One figure: what is printed, and the points of its curves.

    Parameters
    ----------
    name : str
        The folder's name, ``<trial>_<endpoint>_<data-cut-off>``.
    folder : Path
        Where it lies.
    document : RecordDocument
        The whole of ``figure.toml``.
    curves : mapping of str to SurvivalCurve
        By arm; an arm without points is absent.
    risk_tables : mapping of str to RiskTable
        By arm; empty where none is printed.
    censor_times : mapping of str to array of float
        Censoring marks by arm.
    readings : tuple of Reading
        What a program read from the figure beside what was typed; empty where none did.
    """

    name: str
    folder: Path
    document: RecordDocument
    curves: Mapping[str, SurvivalCurve]
    risk_tables: Mapping[str, RiskTable]
    censor_times: Mapping[str, FloatArray]
    readings: tuple[ReadValue, ...] = ()

    @property
    def kind(self) -> SourceKind:
        """Where the points come from."""
        return self.document.digitized.kind

    @property
    def trial(self) -> str:
        """The trial's name; the record's own where none is given."""
        trial = self.document.analysis.trial
        return self.name if trial == NOT_GIVEN else trial

    @property
    def endpoint(self) -> str:
        """The endpoint in words; ``survival`` where none is given."""
        endpoint = self.document.analysis.endpoint
        return "survival" if endpoint == NOT_GIVEN else endpoint


def read_document(folder: str | Path) -> RecordDocument:
    """Read and validate ``figure.toml`` alone, without the points.

    Raises
    ------
    RecordError
        If the file is missing, is no TOML, or breaks the format; the message names the key.
    """
    path = Path(folder) / RECORD_FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordError(
            str(folder),
            f"a record holds {RECORD_FILE}",
            "no such file",
            "name a record folder, or make one with: survrecon new",
        ) from None
    except (NotADirectoryError, IsADirectoryError, PermissionError) as error:
        raise RecordError(
            str(folder), "a readable record folder", error.strerror or str(error), "check the path"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecordError(str(path), "valid TOML in UTF-8", str(error), "correct the line") from None
    try:
        return RecordDocument.model_validate(table)
    except ValidationError as error:
        raise document_error(error, str(path)) from None


def read_figure(path: str | Path) -> FigureRecord:
    """Read a record folder: ``figure.toml``, its CSV files, and their hashes.

    Parameters
    ----------
    path : str or Path
        The folder, or the name of a catalogue record.

    Raises
    ------
    RecordError
        If the record breaks its format or a file is not the one that was recorded.
    CurveError
        If points are no survival curve.
    """
    folder = record_folder(path)
    document = read_document(folder)
    for data in document.files:
        _check_hash(folder, data)
    return with_files(folder, document)


def with_files(folder: Path, document: RecordDocument, read_before: FilesRead | None = None) -> FigureRecord:
    """Return a record with the files that its document names, whatever their hashes.

    Parameters
    ----------
    folder : Path
        Where they are.
    document : RecordDocument
        What names them.
    read_before : FilesRead or None
        What was read of arms' files before; what is read now is put into it.

    Raises
    ------
    SurvreconError
        If a file cannot be read, or points are no survival curve.
    """
    from survrecon.files.points import read_censor_times, read_events_so_far, read_points, read_risk_table

    unit, resolution = document.axes.time_unit, _resolution(document)

    def once(read: Callable[..., T], file: str, **told: object) -> T:
        if read_before is None:
            return read(folder / file, **told)
        key = (read, file, repr(told), (folder / file).read_bytes())
        if key not in read_before:
            read_before[key] = read(folder / file, **told)
        return cast("T", read_before[key])

    curves: dict[str, SurvivalCurve] = {
        arm.name: once(read_points, arm.points.file, time_unit=unit, resolution=resolution)
        for arm in document.arms
        if arm.points is not None
    }
    marks: dict[str, FloatArray] = {
        arm.name: once(read_censor_times, arm.censored.file) for arm in document.arms if arm.censored is not None
    }
    tables: dict[str, RiskTable] = {}
    if document.risk_table is not None:
        tables = read_risk_table(
            folder / document.risk_table.points.file,
            arms=[arm.name for arm in document.arms],
            convention=document.risk_table.convention,
            gaps=True,
        )
        if document.risk_table.events is not None:
            tables = read_events_so_far(folder / document.risk_table.events.file, tables)
    readings = document.digitized.readings
    return FigureRecord(
        name=folder.name,
        folder=folder,
        document=document,
        curves=curves,
        risk_tables=tables,
        censor_times=marks,
        readings=() if readings is None else read_readings(folder / readings.file),
    )


def catalogue_folder() -> Path:
    """Return the folder of the shipped records, in a checkout or an installed package."""
    here = Path(__file__).parents[1]  # the package
    return next(path for path in (here / "digitized_curves", here.parent / "digitized_curves") if path.is_dir())


def catalogue() -> tuple[Path, ...]:
    """Return the folders of the shipped records, in order of their names."""
    return tuple(sorted(path.parent for path in catalogue_folder().glob(f"*/{RECORD_FILE}")))


def record_folder(path: str | Path) -> Path:
    """Return the folder of a record given by path or by its name in the catalogue."""
    for folder in (Path(path), catalogue_folder() / str(path)):
        if (folder / RECORD_FILE).is_file():
            return folder.resolve()
    known = ", ".join(folder.name for folder in catalogue())
    raise RecordError(
        str(path),
        f"a folder with {RECORD_FILE}, or the name of a catalogue record",
        "neither",
        f"choose one of: {known}",
    )


def _check_hash(folder: Path, data: DataFile) -> None:
    path = folder / data.file
    if not path.is_file():
        raise RecordError(
            str(path), "a file that figure.toml names exists", "no such file", "restore it, or remove the entry"
        )
    found = sha256_of(path.read_bytes())
    if found != data.sha256:
        raise RecordError(
            str(path),
            f"sha256 {data.sha256[:12]}... as recorded",
            f"{found[:12]}...",
            f"restore the file; if the change is meant, run: survrecon accept {shlex.quote(str(folder))}",
        )


def _resolution(document: RecordDocument) -> tuple[float, float] | None:
    if document.axes.resolution_survival is None:
        return None
    return document.axes.resolution_survival, document.axes.resolution_time or 0.0


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
    """Write a record folder atomically; its ``record.json`` holds what was written.

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
            f"name another output, or give {option_name('overwrite', True)}",
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
