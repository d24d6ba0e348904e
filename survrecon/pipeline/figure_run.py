"""From a figure file to records, and through everything."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from survrecon.digitizing import DigitizedFigure, digitize, digitize_panels
from survrecon.figure import FigureRecord
from survrecon.pipeline.digitized_record import digitized_record
from survrecon.pipeline.run import run_record, write_run
from survrecon.result import RecordResult

__all__ = ["digitize_to_records", "run_figure"]

_OF_THE_RECORD = ("control", "n", "events", "risk_table", "late_entry")


def digitize_to_records(path: str | Path, folder: str | Path, options: Mapping[str, Any]) -> list[FigureRecord]:
    """Digitize a figure into a record folder; with ``panel="all"`` into one subfolder a panel.

    Parameters
    ----------
    path : str or Path
        PNG, JPEG, PDF or SVG.
    folder : str or Path
        Where the record goes; must not hold anything yet.
    options : mapping
        Those of `survrecon.digitizing.Options` and of `digitized_record`.

    Raises
    ------
    SurvreconError
        If the figure cannot be read or the record cannot be made of it.
    """
    of_record = {key: value for key, value in options.items() if key in _OF_THE_RECORD}
    of_figure = {key: value for key, value in options.items() if key not in _OF_THE_RECORD}
    of_record["typed"] = dict(of_figure)
    if of_record.get("n"):
        of_figure["n"] = of_record["n"]
    if of_figure.get("panel") != "all":
        return [digitized_record(folder, digitize(path, **of_figure), **of_record)]
    figures = digitize_panels(path, **{**of_figure, "panel": None})
    return [
        digitized_record(Path(folder) / name, figure, **of_record)
        for name, figure in zip(_folder_names(figures), figures, strict=True)
    ]


def run_figure(
    path: str | Path, folder: str | Path, options: Mapping[str, Any], settings: Mapping[str, Any]
) -> list[RecordResult]:
    """Digitize a figure, rebuild and analyse its arms, and write the run's folder, a record with its report.

    Parameters
    ----------
    path, folder, options
        As for `digitize_to_records`, but the folder may exist: each file is replaced whole.
    settings : mapping
        Those of `survrecon.run_record`.
    """
    folder = Path(folder)
    results = []
    with tempfile.TemporaryDirectory() as name:
        made = Path(name) / "record"
        for record in digitize_to_records(path, made, options):
            target = folder if record.folder == made.resolve() else folder / record.folder.name
            result = run_record(replace(record, name=target.resolve().name), **settings)
            write_run(result, target, settings=dict(settings))
            results.append(result)
    return results


def _folder_names(figures: list[DigitizedFigure]) -> list[str]:
    """Return a folder name for each panel, each once."""
    names: list[str] = []
    for number, figure in enumerate(figures, start=1):
        stem = re.sub(r"[^A-Za-z0-9]+", "-", figure.panel or "").strip("-") or f"panel-{number}"
        names.append(stem if stem not in names else f"{stem}-{number}")
    return names
