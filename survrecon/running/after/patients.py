"""Patients of a trial from their files, or from a run's folder: central data sets, draws, control first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from survrecon.callers import option_name
from survrecon.errors import AnalysisError
from survrecon.files.ipd_csv import (
    DRAWS_FILE,
    PatientTable,
    event_coding,
    open_patients,
    read_draws,
    read_patients,
)
from survrecon.model.columns import StatedColumns, unit_of
from survrecon.records.folder import RECORD_FILE, RUN_FILE, read_document
from survrecon.records.schema import NOT_GIVEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.model.ipd import PseudoIPD
    from survrecon.records.schema import RecordDocument

__all__ = ["TrialPatients", "read_run_patients", "read_trial"]

_NO_UNIT = "time units"
_PATIENTS_FILE = "ipd.csv"


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialPatients:
    """The rebuilt patients of one trial.

    Parameters
    ----------
    central : mapping of str to PseudoIPD
        The central data set of each arm, control first.
    draws : mapping of str to list of PseudoIPD
        Draws of the arms that have them, paired over arms.
    notes : tuple of str
        How columns were understood where their names are not the usual ones, and which were not used.
    document : RecordDocument or None
        Of a run's folder, what its figure and paper say.
    folder : Path or None
        The run's folder.
    """

    central: Mapping[str, PseudoIPD]
    draws: Mapping[str, Sequence[PseudoIPD]]
    notes: tuple[str, ...] = ()
    document: RecordDocument | None = None
    folder: Path | None = None

    @property
    def control(self) -> str:
        """The control's name, or that of the only arm."""
        return next(iter(self.central))

    @property
    def study(self) -> str:
        """The trial's name, as its record has it; else its folder's."""
        told = NOT_GIVEN if self.document is None else self.document.analysis.trial
        folder = "study" if self.folder is None else self.folder.resolve().name
        return folder if told == NOT_GIVEN else told

    @property
    def endpoint(self) -> str:
        """What the events are, as the record has it."""
        told = NOT_GIVEN if self.document is None else self.document.analysis.endpoint
        return "survival" if told == NOT_GIVEN else told

    @property
    def time_unit(self) -> str:
        """The unit of all times."""
        return self.central[self.control].time_unit

    @property
    def patients(self) -> dict[str, PseudoIPD | Sequence[PseudoIPD]]:
        """Each arm as an analysis takes it: its draws, or the one data set that it has."""
        return {name: self.draws.get(name) or ipd for name, ipd in self.central.items()}


def read_trial(
    files: Sequence[Path],
    *,
    draw_files: Sequence[Path] = (),
    control: str | None = None,
    time_unit: str | None = None,
    columns: StatedColumns | None = None,
) -> TrialPatients:
    """Read the patients of a trial.

    Parameters
    ----------
    files : sequence of Path
        Data sets; or one folder of a run, which has its draws and its control.
    draw_files : sequence of Path
        Draws of the same arms.
    control : str, optional
        The control arm; default the first, or the record's.
    time_unit : str, optional
        Unit of the files that do not tell theirs.
    columns : StatedColumns, optional
        What is stated about the columns; the others are told from their names.

    Raises
    ------
    AnalysisError
        If it is not clear what a column holds, an arm comes twice, the control is unknown, or draws belong to no arm or
        to other patients.
    """
    if len(files) == 1 and files[0].is_dir():
        if draw_files or time_unit is not None:
            option = option_name("draw_files" if draw_files else "time_unit")
            raise AnalysisError(option, "an option for files of patients", f"{files[0]}, a folder", "leave it out")
        return read_run_patients(files[0], control=control)
    arms, draws, told = _read_arms(files, draw_files, time_unit=time_unit, columns=columns)
    first = next(iter(arms)) if control is None else control
    if first not in arms:
        raise AnalysisError(
            option_name("control"), f"one of {', '.join(arms)}", repr(control), "name an arm of the files"
        )
    central = {name: arms[name] for name in (first, *(name for name in arms if name != first))}
    return TrialPatients(central=central, draws=draws, notes=told)


def _read_arms(
    files: Sequence[Path],
    draw_files: Sequence[Path],
    *,
    time_unit: str | None = None,
    columns: StatedColumns | None = None,
) -> tuple[dict[str, PseudoIPD], dict[str, Sequence[PseudoIPD]], tuple[str, ...]]:
    """Return the data set of each arm, the draws of those that have them, and how columns were understood.

    Raises
    ------
    AnalysisError
        If it is not clear what a column holds, an arm comes twice, or draws belong to no arm or to other patients.
    """
    tables = [open_patients(path, stated=columns) for path in files]
    drawn = [open_patients(path, stated=columns, draws=True) for path in draw_files]
    codings, notes = event_coding([*tables, *drawn], columns)
    units = _units([*tables, *drawn], time_unit)
    arms: dict[str, PseudoIPD] = {}
    for table, coding, unit in zip(tables, codings, units, strict=False):
        for ipd in read_patients(table, coding=coding, time_unit=unit):
            if ipd.arm in arms:
                raise AnalysisError(
                    str(table.path), "each arm comes once", f"a second arm {ipd.arm!r}", "rename one of them"
                )
            arms[ipd.arm] = ipd
    draws: dict[str, Sequence[PseudoIPD]] = {}
    for table, coding, unit in zip(drawn, codings[len(tables) :], units[len(tables) :], strict=True):
        for arm, found in read_draws(table, coding=coding, time_unit=unit).items():
            _refuse_draws(table.path, arm, found, arms, draws)
            draws[arm] = found
    told = dict.fromkeys([*(f"{t.path.name}: {n}" for t in (*tables, *drawn) for n in t.columns.notes), *notes])
    return arms, draws, tuple(told)


def read_run_patients(folder: Path, *, control: str | None = None) -> TrialPatients:
    """Read the patients of a run's folder, with what its record says.

    Raises
    ------
    AnalysisError
        If it is no folder of a run that rebuilt patients.
    """
    patients = folder / _PATIENTS_FILE
    if not patients.is_file():
        got = "a run from which nothing was rebuilt" if (folder / RUN_FILE).is_file() else f"no {_PATIENTS_FILE}"
        raise AnalysisError(
            str(folder), f"a run's folder, with {_PATIENTS_FILE}", got, "make one with: survrecon run FIGURE"
        )
    drawn = [folder / name for name in (DRAWS_FILE, f"{DRAWS_FILE}.gz") if (folder / name).is_file()][:1]
    document = read_document(folder) if (folder / RECORD_FILE).is_file() else None
    told = control if control is not None or document is None else document.control.name
    found = read_trial([patients], draw_files=drawn, control=told)
    return TrialPatients(central=found.central, draws=found.draws, document=document, folder=folder)


def _refuse_draws(
    path: Path, arm: str, found: Sequence[PseudoIPD], arms: Mapping[str, PseudoIPD], draws: Mapping[str, object]
) -> None:
    """Refuse draws that belong to no arm of the files, that come twice, or that are of other patients."""
    if arm not in arms:
        raise AnalysisError(
            option_name("draw_files", str(path)),
            f"draws of {', '.join(arms)}",
            f"of {arm}",
            "give the arm's data set too",
        )
    if arm in draws:
        raise AnalysisError(
            option_name("draw_files", str(path)),
            "draws of each arm once",
            f"a second file of {arm!r}",
            "give one of them",
        )
    odd = next((ipd.n for ipd in found if ipd.n != arms[arm].n), None)
    if odd is not None:
        raise AnalysisError(
            option_name("draw_files", str(path)),
            f"{arms[arm].n} patients of {arm} in every draw, as in its data set",
            f"{odd}",
            "give the draws that were made with the data set",
        )


def _units(tables: Sequence[PatientTable], stated: str | None) -> list[str]:
    """Return each file's unit: what the file tells, else what is stated, else unnamed."""
    units = []
    for table in tables:
        own = _time_unit(table.path)
        own = (unit_of(table.columns.names[table.columns.time]) or own) if own == _NO_UNIT else own
        if stated is not None and own not in (_NO_UNIT, stated):
            raise AnalysisError(
                option_name("time_unit"),
                f"{own}, as {table.path.name} tells",
                stated,
                "leave it out, or correct the file",
            )
        units.append(own if stated is None else stated)
    return units


def _time_unit(path: Path) -> str:
    """Return the unit that the file's own ``.json`` tells, or an ``ipd.json`` beside it that lists the file.

    A file that merely lies beside an ``ipd.json`` is no part of it: its unit stays unnamed.
    """
    stem = Path(path.name.removesuffix(".gz")).stem
    own = [path.with_name(f"{name}.json") for name in (stem, stem.removesuffix("_draws"))]
    for beside in dict.fromkeys((*own, path.with_name("ipd.json"))):
        try:
            told = json.loads(beside.read_text(encoding="utf-8"))
            unit, listed = told["time_unit"], beside in own or path.name in told.get("files", told.get("outputs"))
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if listed:
            return str(unit)
    return _NO_UNIT
