"""Patients for R programs: one file a draw, ``central.csv``, and a script that loops over the files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from survrecon.callers import option_name
from survrecon.errors import ReportError
from survrecon.export.trial import ExportedTrial, ExportTarget
from survrecon.files.tables import csv_text
from survrecon.model.settings import DAYS_IN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.model.ipd import PseudoIPD

__all__ = ["in_days", "loop_script", "patient_files", "r_script", "r_string"]

_YEARS = "years"


def patient_files(trial: ExportedTrial, target: ExportTarget) -> dict[str, str]:
    """Return the files of patients, by name.

    Raises
    ------
    ReportError
        If times must be in days, or years, and their unit is not known.
    """
    return {name: _table(trial, target, patients) for name, patients in trial.data_sets}


def _table(trial: ExportedTrial, target: ExportTarget, patients: Sequence[PseudoIPD]) -> str:
    if target is ExportTarget.MULTINMA:
        rows = [[trial.study, one.arm, f"{time:.10g}", event] for one in patients for time, event in _times(one)]
        return csv_text(("study", "trt", "eventtime", "status"), rows)
    if target is ExportTarget.MAICPLUS:
        factor = in_days(trial, target)
        rows = [
            [f"{trial.study}-{place}-{number}", one.arm, f"{factor * time:.10g}", event]
            for place, one in enumerate(patients, start=1)
            for number, (time, event) in enumerate(_times(one), start=1)
        ]
        return csv_text(("USUBJID", "ARM", "TIME", "EVENT"), rows)
    if target is ExportTarget.SURVEXTRAP:
        factor = in_days(trial, target) / DAYS_IN[_YEARS]
        rows = [[f"{factor * time:.10g}", event, one.arm] for one in patients for time, event in _times(one)]
        return csv_text(("years", "status", "treat"), rows)
    rows = [[f"{time:.17g}", event, one.arm] for one in patients for time, event in _times(one)]
    return csv_text(("time", "event", "arm"), rows)


def _times(one: PseudoIPD) -> list[tuple[float, int]]:
    return list(zip(one.time.tolist(), one.event.astype(int).tolist(), strict=True))


def in_days(trial: ExportedTrial, target: ExportTarget) -> float:
    """Return how many days the unit of the times has.

    Raises
    ------
    ReportError
        If the unit is not known.
    """
    factor = DAYS_IN.get(trial.time_unit)
    if factor is None:
        raise ReportError(
            f"{trial.study}: {option_name('to', str(target))}",
            f"times in {', '.join(DAYS_IN)}, to be told in another unit",
            trial.time_unit,
            "state the unit when the run is made",
        )
    return factor


def loop_script(trial: ExportedTrial, target: ExportTarget) -> str:
    """Return the R script that reads every file of an export, one after the other, and pools what comes of them."""
    control = next(iter(trial.central))
    return r_script("files") + r_script(str(target)).replace("@CONTROL@", r_string(control))


def r_script(name: str) -> str:
    """Return a script of the folder ``scripts``."""
    return (Path(__file__).parent / "scripts" / f"{name}.R").read_text(encoding="utf-8")


def r_string(text: str) -> str:
    r"""Return text as R writes it.

    Examples
    --------
    >>> print(r_string('a "b"'))
    "a \"b\""
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
