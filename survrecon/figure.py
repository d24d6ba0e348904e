"""A folder of ``digitized_curves/`` as an object, and the catalogue of all of them."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from survrecon.document import document_error
from survrecon.errors import RecordError
from survrecon.outputs import sha256_of
from survrecon.readings import Reading, read_readings
from survrecon.record import NOT_GIVEN, DataFile, RecordDocument, SourceKind
from survrecon.record_writer import RECORD_FILE

if TYPE_CHECKING:
    from survrecon.curve import FloatArray, RiskTable, SurvivalCurve

__all__ = [
    "FigureRecord",
    "catalogue",
    "catalogue_folder",
    "read_document",
    "read_figure",
    "record_folder",
    "with_files",
]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FigureRecord:
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
    readings: tuple[Reading, ...] = ()

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


def with_files(folder: Path, document: RecordDocument) -> FigureRecord:
    """Return a record with the files that its document names, whatever their hashes.

    Raises
    ------
    SurvreconError
        If a file cannot be read, or points are no survival curve.
    """
    from survrecon.points import read_censor_times, read_points, read_risk_table

    unit = document.axes.time_unit
    curves = {
        arm.name: read_points(
            folder / arm.points.file,
            time_unit=unit,
            resolution=_resolution(document),
        )
        for arm in document.arms
        if arm.points is not None
    }
    marks = {
        arm.name: read_censor_times(folder / arm.censored.file) for arm in document.arms if arm.censored is not None
    }
    tables: dict[str, RiskTable] = {}
    if document.risk_table is not None:
        tables = read_risk_table(
            folder / document.risk_table.points.file,
            arms=[arm.name for arm in document.arms],
            convention=document.risk_table.convention,
        )
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
    here = Path(__file__).parent
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
