"""Patients from files, compared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from survrecon.analysis.comparison import compare_arms, summarize_arm
from survrecon.analysis.results import ArmSummary, Comparison, arms_of
from survrecon.errors import AnalysisError
from survrecon.ipd import PseudoIPD
from survrecon.patient_columns import StatedColumns, unit_of
from survrecon.pipeline.patients_csv import PatientTable, event_coding, open_patients, read_draws, read_patients

__all__ = ["FilesAnalysis", "analyze_files"]

_NO_UNIT = "time units"


@dataclass(frozen=True, kw_only=True, slots=True)
class FilesAnalysis:
    """Patients of files, analysed.

    Parameters
    ----------
    arms : tuple of ArmSummary
        Control first.
    comparisons : tuple of Comparison
        One a treatment; empty for a single arm.
    notes : tuple of str
        How columns were understood where their names are not the usual ones, and which were not used.
    """

    arms: tuple[ArmSummary, ...]
    comparisons: tuple[Comparison, ...]
    notes: tuple[str, ...] = ()


def analyze_files(
    files: Sequence[Path],
    *,
    draw_files: Sequence[Path] = (),
    control: str | None = None,
    tau: float | None = None,
    at: Sequence[float] = (),
    time_unit: str | None = None,
    columns: StatedColumns | None = None,
) -> FilesAnalysis:
    """Compare every arm in ``files`` with the control.

    Parameters
    ----------
    files, draw_files : sequences of Path
        Data sets, and draws of the same arms.
    control : str, optional
        The control arm; default the first.
    tau : float, optional
        Horizon of the restricted mean.
    at : sequence of float
        Times at which survival is wanted.
    time_unit : str, optional
        Unit of the files that do not tell theirs.
    columns : StatedColumns, optional
        What is stated about the columns; the others are told from their names.

    Raises
    ------
    AnalysisError
        If it is not clear what a column holds, an arm comes twice, the control is unknown, draws belong to no arm or
        to other patients, or something stated is not used.
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
    draws: dict[str, list[PseudoIPD]] = {}
    for table, coding, unit in zip(drawn, codings[len(tables) :], units[len(tables) :], strict=True):
        for arm, found in read_draws(table, coding=coding, time_unit=unit).items():
            _refuse_draws(table.path, arm, found, arms, draws)
            draws[arm] = found
    first = next(iter(arms)) if control is None else control
    if first not in arms:
        raise AnalysisError("--control", f"one of {', '.join(arms)}", repr(control), "name an arm of the files")
    others = [name for name in arms if name != first]
    for option, value in (("--control", control), ("--tau", tau)):
        if value is not None and not others:
            raise AnalysisError(option, "two arms to compare", f"the arm {first!r} alone", "leave it out")
    told = tuple(dict.fromkeys([*(f"{t.path.name}: {n}" for t in (*tables, *drawn) for n in t.columns.notes), *notes]))
    patients = {name: draws.get(name) or ipd for name, ipd in arms.items()}
    if not others:
        return FilesAnalysis(arms=(summarize_arm(patients[first], milestones=at),), comparisons=(), notes=told)
    comparisons = tuple(
        compare_arms(control=patients[first], treatment=patients[name], tau=tau, milestones=at) for name in others
    )
    return FilesAnalysis(arms=arms_of(comparisons), comparisons=comparisons, notes=told)


def _refuse_draws(
    path: Path, arm: str, found: Sequence[PseudoIPD], arms: Mapping[str, PseudoIPD], draws: Mapping[str, object]
) -> None:
    """Refuse draws that belong to no arm of the files, that come twice, or that are of other patients."""
    if arm not in arms:
        raise AnalysisError(
            f"--draws {path}", f"draws of {', '.join(arms)}", f"of {arm}", "give the arm's data set too"
        )
    if arm in draws:
        raise AnalysisError(
            f"--draws {path}", "draws of each arm once", f"a second file of {arm!r}", "give one of them"
        )
    odd = next((ipd.n for ipd in found if ipd.n != arms[arm].n), None)
    if odd is not None:
        raise AnalysisError(
            f"--draws {path}",
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
                "--time-unit", f"{own}, as {table.path.name} tells", stated, "leave it out, or correct the file"
            )
        units.append(own if stated is None else stated)
    return units


def _time_unit(path: Path) -> str:
    """Return the unit that the file's own ``.json`` tells, or an ``ipd.json`` beside it that lists the file.

    A file that merely lies beside an ``ipd.json`` is no part of it: its unit stays unnamed.
    """
    stem = Path(path.name.removesuffix(".gz")).stem
    own = [path.with_name(f"{name}.json") for name in (stem, stem.removesuffix("_draws"))]
    for sidecar in dict.fromkeys((*own, path.with_name("ipd.json"))):
        try:
            told = json.loads(sidecar.read_text(encoding="utf-8"))
            unit, listed = told["time_unit"], sidecar in own or path.name in told.get("files", told.get("outputs"))
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if listed:
            return str(unit)
    return _NO_UNIT
