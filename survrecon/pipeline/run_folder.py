"""The folder of a run: the record itself, the rebuilt patients, the settings that repeat it, and the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from survrecon.errors import ReportError
from survrecon.figure import RECORD_FILE, FigureRecord
from survrecon.pipeline.patients_csv import write_draws, write_patients, write_sidecar
from survrecon.readings import readings_csv
from survrecon.record import SourceKind
from survrecon.record_writer import sha256_of
from survrecon.report.files import OVERLAY, write_whole
from survrecon.result import RecordResult

__all__ = ["RUN_FILE", "write_run"]

RUN_FILE = "run.json"
"""The settings of a run, from which its report is made again."""


def write_run(result: RecordResult, folder: str | Path, *, with_draws: bool = True, settings: Any = None) -> None:
    """Write a run's folder: the record itself, patients, draws, pages and pictures.

    The folder is a record again, so every command that takes a record takes it.
    """
    from survrecon.report.write import write_report

    target = Path(folder)
    _refuse_other_record(result.record, target)
    _copy_record(result.record, target)
    if result.arms:
        files = [write_patients(target / "ipd.csv", [arm.central for arm in result.arms])]
        if with_draws and max(len(arm.draws) for arm in result.arms) > 1:
            files.append(write_draws(target / "ipd_draws.csv", {arm.name: arm.draws for arm in result.arms}))
        write_sidecar(target / "ipd.json", files=[file.name for file in files], **_sidecar(result))
    if settings is not None:
        kept = {"record": result.record.name, **settings}
        write_whole(target / RUN_FILE, json.dumps(kept, indent=2, sort_keys=True) + "\n")
    write_report(result, target)


def _refuse_other_record(record: FigureRecord, target: Path) -> None:
    """Refuse to write over a record, or over the run of another one."""
    if not (target / RECORD_FILE).exists() or target.resolve() == record.folder.resolve():
        return
    try:
        found = json.loads((target / RUN_FILE).read_text(encoding="utf-8"))["record"]
    except (OSError, ValueError, KeyError, TypeError):
        found = "a record that is no run"
    if found != record.name:
        raise ReportError(
            str(target), f"an empty folder, or an earlier run of {record.name}", f"{found}", "name another folder"
        )


def _copy_record(record: FigureRecord, target: Path) -> None:
    """Copy a record's files; readings that this run changed are written anew, with their hash."""
    document = record.document
    names = [RECORD_FILE]
    names += [data.file for arm in document.arms for data in (arm.points, arm.censored) if data is not None]
    if document.risk_table is not None:
        names.append(document.risk_table.points.file)
    if (record.folder / OVERLAY).is_file():
        names.append(OVERLAY)
    files = {name: (record.folder / name).read_bytes() for name in names}
    readings = document.digitized.readings
    if readings is not None:
        files[readings.file] = (record.folder / readings.file).read_bytes()
        before = sha256_of(files[readings.file])
        if before != readings.sha256:
            files[readings.file] = readings_csv(record.readings).encode()
            files[RECORD_FILE] = files[RECORD_FILE].replace(before.encode(), readings.sha256.encode())
    for name, content in files.items():
        if target.resolve() != record.folder.resolve() or content != (target / name).read_bytes():
            write_whole(target / name, content)


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
