"""From a figure file to records, and through everything."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from survrecon.digitizing import DigitizedFigure, FailedPanel, digitize, digitize_panels
from survrecon.errors import RecordError
from survrecon.figure import FigureRecord
from survrecon.pipeline.digitized_record import digitized_record
from survrecon.pipeline.run import run_record
from survrecon.pipeline.run_folder import Source, refuse_other_run, write_run
from survrecon.record_writer import refuse_other_than_record
from survrecon.result import RecordResult

__all__ = ["digitize_to_records", "run_figure"]

_OF_THE_RECORD = ("control", "n", "events", "risk_table", "late_entry")


_Made = TypeVar("_Made")


def digitize_to_records(
    path: str | Path,
    folder: str | Path,
    options: Mapping[str, Any],
    failed: list[FailedPanel] | None = None,
    *,
    overwrite: bool = False,
) -> list[FigureRecord]:
    """Digitize a figure into a record folder; with ``panel="all"`` into one subfolder a panel.

    Parameters
    ----------
    path : str or Path
        PNG, JPEG, PDF or SVG.
    folder : str or Path
        Where the record goes: new, empty, or a record that the same command wrote and nobody changed.
    options : mapping
        Those of `survrecon.digitizing.Options` and of `digitized_record`.
    failed : list of FailedPanel or None
        With ``panel="all"``, panels that fail are added to it and the others are still made.
    overwrite : bool
        Whether files that a person changed or put there are replaced.

    Raises
    ------
    SurvreconError
        If the figure cannot be read or the record cannot be made of it; of several panels, if none can.
    """
    of_record = {key: value for key, value in options.items() if key in _OF_THE_RECORD}
    of_figure = {key: value for key, value in options.items() if key not in _OF_THE_RECORD}
    of_record["typed"] = dict(of_figure)
    of_figure |= {name: of_record[name] for name in ("n", "risk_table") if of_record.get(name)}
    of_record["overwrite"] = overwrite
    if of_figure.get("panel") != "all":
        refuse_other_than_record(Path(folder), overwrite=overwrite)
        return [digitized_record(folder, digitize(path, **of_figure), **of_record)]
    figures = digitize_panels(path, failed=failed, **{**of_figure, "panel": None})
    folders = [Path(folder) / name for name in _folder_names(figures)]
    if not failed:  # else an arm may be one of a panel that failed
        _refuse_unused(str(path), figures, of_record)
    named = [(figure.panel, (target, figure)) for target, figure in zip(folders, figures, strict=True)]
    return _each(named, lambda pair: digitized_record(*pair, **_of_panel(of_record, pair[1])), failed)


def _refuse_unused(where: str, figures: Sequence[DigitizedFigure], of_record: Mapping[str, Any]) -> None:
    """Refuse what is stated of no panel."""
    names = list(dict.fromkeys(arm.name for figure in figures for arm in figure.arms))
    control = of_record.get("control")
    for option, given in (("--events", of_record.get("events") or ()), ("--control", [control] if control else ())):
        for name in given:
            if name not in names:
                raise RecordError(
                    f"{where}: {option}", f"the name of an arm: {', '.join(names)}", repr(name), "name one of these"
                )
    if of_record.get("late_entry") and not any(figure.late_entry for figure in figures):
        raise RecordError(
            f"{where}: --late-entry", "a panel whose numbers at risk rise at first", "none", "leave it out"
        )


def _of_panel(of_record: Mapping[str, Any], figure: DigitizedFigure) -> dict[str, Any]:
    """Return what is stated of a panel's own arms."""
    names = [arm.name for arm in figure.arms]
    own = dict(of_record)
    for option in ("n", "events"):
        own[option] = {name: value for name, value in (of_record.get(option) or {}).items() if name in names}
    own["control"] = of_record.get("control") if of_record.get("control") in names else None
    own["late_entry"] = bool(of_record.get("late_entry")) and figure.late_entry
    return own


def run_figure(
    path: str | Path,
    folder: str | Path,
    options: Mapping[str, Any],
    settings: Mapping[str, Any],
    failed: list[FailedPanel] | None = None,
    *,
    overwrite: bool = False,
) -> list[RecordResult]:
    """Digitize a figure, rebuild and analyse its arms, and write the run's folder, a record with its report.

    Parameters
    ----------
    path, folder, options, failed, overwrite
        As for `digitize_to_records`, of a run's folder.
    settings : mapping
        Those of `survrecon.run_record`, and ``compress``: whether the draws are written as ``.gz``.
    """
    folder = Path(folder)
    every = options.get("panel") == "all"
    source = Source(Path(path).name, Path(path), options)
    if not every:
        refuse_other_run(folder, source.name, overwrite=overwrite)
    of_run = {key: value for key, value in settings.items() if key != "compress"}
    with tempfile.TemporaryDirectory() as name:
        made = Path(name) / "record"

        def run(record: FigureRecord) -> RecordResult:
            target = folder if record.folder == made.resolve() else folder / record.folder.name
            refuse_other_run(target, source.name, overwrite=overwrite)
            result = run_record(replace(record, name=target.resolve().name), **of_run)
            write_run(result, target, settings=settings, source=source, overwrite=overwrite)
            return result

        records = digitize_to_records(path, made, options, failed)
        return _each([(record.document.digitized.panel, record) for record in records], run, failed if every else None)


def _each(
    panels: Sequence[tuple[str | None, Any]], make: Callable[[Any], _Made], failed: list[FailedPanel] | None
) -> list[_Made]:
    """Make something of every panel; one that fails is noted and costs nothing to the others, unless all fail."""
    made = []
    for panel, given in panels:
        try:
            made.append(make(given))
        except Exception as error:  # even a fault of the program in one panel must not lose the others
            if failed is None:
                raise
            failed.append(FailedPanel(panel=panel, error=error))
    if failed and not made:
        raise failed[0].error
    return made


def _folder_names(figures: list[DigitizedFigure]) -> list[str]:
    """Return a folder name for each panel, each once."""
    names: list[str] = []
    for number, figure in enumerate(figures, start=1):
        stem = re.sub(r"[^A-Za-z0-9]+", "-", figure.panel or "").strip("-") or f"panel-{number}"
        names.append(stem if stem not in names else f"{stem}-{number}")
    return names
