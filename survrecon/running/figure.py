"""Digitize a figure into a record folder, and run the record; what a figure that is refused leaves behind."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from survrecon import __version__
from survrecon.callers import in_shell, option_name, shell_flag
from survrecon.digitizing import DigitizedFigure, FailedPanel, digitize, digitize_panels
from survrecon.digitizing.overlay import draw_so_far
from survrecon.digitizing.so_far import ReadingSoFar, reading_of, shows_itself
from survrecon.errors import RecordError, SurvreconError
from survrecon.files.option_kinds import OptionRole
from survrecon.files.outputs import publish, refuse_foreign, staging
from survrecon.model.convention import Estimator
from survrecon.records.folder import RECORD_FILE, RUN_FILE, STATE_FILE, FigureRecord, refuse_other_than_record
from survrecon.records.readings import Basis, ReadKind, ReadValue, readings_csv
from survrecon.report.settings import OVERLAY
from survrecon.running.figure_record import digitized_record
from survrecon.running.folder import Source, refuse_other_run, write_run
from survrecon.running.options import of_roles, run_keywords
from survrecon.running.page import folder_name, folder_names, refuse_other_page, write_page
from survrecon.running.readings import Typed, figure_readings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from survrecon.checks.results import RecordResult

__all__ = [
    "digitize_to_records",
    "leave_picture",
    "leave_pictures",
    "leave_record",
    "leaves_its_picture",
    "read_so_far",
    "run_figure",
]

_Made = TypeVar("_Made")
READINGS = "readings.csv"
"""Every value that was read; beside the picture of it."""
_BESIDE = "_refused"
"""Ending of the folder beside one that holds a finished result, which a refused call leaves as it is."""


def digitize_to_records(
    path: str | Path,
    folder: str | Path,
    options: Mapping[str, Any],
    failed: list[FailedPanel] | None = None,
    *,
    overwrite: bool = False,
    to_rebuild: bool = False,
    seen: list[DigitizedFigure] | None = None,
) -> list[FigureRecord]:
    """Digitize a figure into a record folder; with ``panel="all"`` into one subfolder per panel.

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
    to_rebuild : bool
        Whether patients are to be rebuilt, so that curves of several causes are refused.
    seen : list of DigitizedFigure or None
        With ``panel="all"``, the panels whose curves were read are added to it, and the caller writes the page's own
        files; without it they are written here.

    Raises
    ------
    SurvreconError
        If the figure cannot be read or the record cannot be made of it; of several panels, if none can.
    """
    folder = Path(folder)
    if options.get("panel") == "all":
        refuse_other_page(folder, overwrite=overwrite)
    else:
        refuse_other_than_record(folder, overwrite=overwrite)
    with leaves_its_picture(folder, STATE_FILE, overwrite=overwrite):
        made = _to_records(path, folder, options, failed, overwrite=overwrite, to_rebuild=to_rebuild, seen=seen)
    leave_pictures(failed or (), folder, STATE_FILE, overwrite=overwrite)
    return made


def _to_records(
    path: str | Path,
    folder: Path,
    options: Mapping[str, Any],
    failed: list[FailedPanel] | None,
    *,
    overwrite: bool,
    to_rebuild: bool,
    seen: list[DigitizedFigure] | None,
) -> list[FigureRecord]:
    """Digitize a figure into a record folder, or its panels into subfolders; an error bears what was found."""
    stated_of_record = of_roles(OptionRole.RECORD)
    names = {option.name for option in stated_of_record}
    of_record = {key: value for key, value in options.items() if key in names}
    of_figure = {key: value for key, value in options.items() if key not in names}
    of_record["typed"] = dict(of_figure)
    of_figure |= {name: of_record[name] for name in ("n", "risk_table") if of_record.get(name)}
    of_record["overwrite"] = overwrite
    if of_figure.get("panel") != "all":
        figure = digitize(path, **of_figure)
        return [_recorded(folder, figure, of_record, to_rebuild=to_rebuild)]
    figures = digitize_panels(path, failed=failed, **{**of_figure, "panel": None})
    folders = [folder / name for name in folder_names(figures)]
    if not failed:  # else an arm may be one of a panel that failed
        _refuse_unused(str(path), figures, of_record)
    named = [(figure.panel, (target, figure)) for target, figure in zip(folders, figures, strict=True)]

    def record(pair: tuple[Path, DigitizedFigure]) -> FigureRecord:
        return _recorded(pair[0], pair[1], _of_panel(of_record, pair[1]), to_rebuild=to_rebuild)

    records = _each(named, record, failed)
    if seen is None:
        of_panels = [target.name for target in folders]
        write_page(
            Path(folder),
            path,
            figures,
            of_panels,
            failed or (),
            page=of_figure.get("page"),
            overwrite=of_record["overwrite"],
        )
    else:
        seen += figures
    return records


def _recorded(folder: Path, figure: DigitizedFigure, of_record: Mapping[str, Any], *, to_rebuild: bool) -> FigureRecord:
    """Return the record of a figure; what is wrong with it bears the whole reading."""

    def made() -> FigureRecord:
        if to_rebuild:
            _refuse_causes(figure)
        return digitized_record(folder, figure, **of_record)

    return shows_itself(reading_of(figure), made)


def _refuse_causes(figure: DigitizedFigure) -> None:
    """Refuse to rebuild patients from cumulative incidences of several causes."""
    if figure.estimator is Estimator.CAUSES:
        raise RecordError(
            str(figure.path) + (f", panel {figure.panel}" if figure.panel else ""),
            "curves of one cause each arm",
            f"cumulative incidences of several causes, competing events: {', '.join(a.name for a in figure.arms)}",
            "Kaplan-Meier patients cannot be rebuilt from them; "
            f"give {option_name('one_minus_survival', True)} if each is 1 - S all the same",
        )


def _refuse_unused(where: str, figures: Sequence[DigitizedFigure], of_record: Mapping[str, Any]) -> None:
    """Refuse what is stated of no panel."""
    names = list(dict.fromkeys(arm.name for figure in figures for arm in figure.arms))
    control = of_record.get("control")
    for option, given in (("events", of_record.get("events") or ()), ("control", [control] if control else ())):
        for name in given:
            if name not in names:
                raise RecordError(
                    f"{where}: {option_name(option)}",
                    f"the name of an arm: {', '.join(names)}",
                    repr(name),
                    "name one of these",
                )
    if of_record.get("late_entry") and not any(figure.late_entry for figure in figures):
        raise RecordError(
            f"{where}: {option_name('late_entry')}",
            "a panel whose numbers at risk rise at first",
            "none",
            "leave it out",
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
    if every:
        refuse_other_page(folder, overwrite=overwrite)
    else:
        refuse_other_run(folder, source.name, overwrite=overwrite)
    of_run = run_keywords(settings)
    with tempfile.TemporaryDirectory() as name:
        made = Path(name) / "record"

        def run(record: FigureRecord) -> RecordResult:
            from survrecon.running.record import run_record  # only now: to digitize needs nothing of it

            target = folder if record.folder == made.resolve() else folder / record.folder.name
            refuse_other_run(target, source.name, overwrite=overwrite)
            try:
                result = run_record(replace(record, name=target.resolve().name), **of_run)
            except SurvreconError as error:
                leave_record(error, record, target, RUN_FILE, overwrite=overwrite)
                raise
            write_run(result, target, settings=settings, source=source, overwrite=overwrite)
            return result

        seen: list[DigitizedFigure] = []
        with leaves_its_picture(folder, RUN_FILE, overwrite=overwrite):
            records = _to_records(path, made, options, failed, overwrite=overwrite, to_rebuild=True, seen=seen)
        panels = [(record.document.digitized.panel, record) for record in records]
        results = _each(panels, run, failed if every else None)
        leave_pictures(failed or (), folder, RUN_FILE, overwrite=overwrite)
        if every:
            write_page(
                folder, path, seen, folder_names(seen), failed or (), page=options.get("page"), overwrite=overwrite
            )
        return results


def _each(
    panels: Sequence[tuple[str | None, Any]], make: Callable[[Any], _Made], failed: list[FailedPanel] | None
) -> list[_Made]:
    """Apply a function to every panel; a panel that fails is noted and does not stop the others."""
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


@contextmanager
def leaves_its_picture(folder: Path, state_file: str, *, overwrite: bool = False) -> Iterator[None]:
    """Write picture and readings of a figure into a folder where it is refused, and tell the error where they are.

    Parameters
    ----------
    folder : Path
        Where the result would go. One that holds a finished result keeps it: the picture goes beside it.
    state_file : str
        Name of the file that tells which files of the folder are the program's.
    overwrite : bool
        Whether files that a person changed or put there are replaced.
    """
    try:
        yield
    except SurvreconError as error:
        leave_picture(error, folder, state_file, overwrite=overwrite)
        raise


def leave_picture(error: SurvreconError, folder: Path, state_file: str, *, overwrite: bool = False) -> None:
    """Write what an error bears of a figure, once; the parameters are those of `leaves_its_picture`."""
    seen = error.so_far
    if not isinstance(seen, ReadingSoFar) or error.left_in is not None:
        return
    said = error.told(in_shell)
    picture = draw_so_far(seen, said)
    if picture is None:
        return
    error.doubts = tuple(doubt.told(in_shell) for doubt in seen.doubts)
    files = {OVERLAY: picture, READINGS: readings_csv(read_so_far(seen)).encode()}
    error.left_in = _left(files, {"refused": said, "source": seen.path.name}, folder, state_file, overwrite=overwrite)


def leave_pictures(failed: Sequence[FailedPanel], folder: Path, state_file: str, *, overwrite: bool) -> None:
    """Leave the picture of each panel that could not be read in the folder that it would have had."""
    for panel in failed:
        if isinstance(panel.error, SurvreconError) and panel.panel:
            leave_picture(panel.error, folder / folder_name(panel.panel), state_file, overwrite=overwrite)


def leave_record(
    error: SurvreconError, record: FigureRecord, folder: Path, state_file: str, *, overwrite: bool
) -> None:
    """Write picture and readings of a digitized figure from which nothing could be rebuilt, and keep its doubts."""
    error.doubts = record.document.digitized.to_look_at
    names = (OVERLAY, READINGS)
    files = {name: (record.folder / name).read_bytes() for name in names if (record.folder / name).is_file()}
    facts = {"refused": error.told(in_shell), "source": record.document.digitized.figure}
    error.left_in = _left(files, facts, folder, state_file, overwrite=overwrite)


def _left(
    files: Mapping[str, bytes], facts: Mapping[str, Any], folder: Path, state_file: str, *, overwrite: bool
) -> Path | None:
    """Write files of a refused figure, and return where; None where there is no place for them."""
    target = folder.with_name(folder.name + _BESIDE) if (folder / RECORD_FILE).exists() else folder
    try:
        refuse_foreign(target, state_file, overwrite=overwrite)
        with staging(target) as place:
            made = place / "refused"
            made.mkdir()
            for name, content in files.items():
                (made / name).write_bytes(content)
            publish(made, target, state_file, {**facts, "version": __version__}, overwrite=overwrite)
    except (SurvreconError, OSError):
        return None  # what is wrong with the figure is to be told, not what is wrong with the folder
    return target


def read_so_far(seen: ReadingSoFar) -> list[ReadValue]:
    """Return what was read of a figure until it was refused, value by value; none of it is used."""
    if seen.figure is not None:
        return _of_figure(seen.figure)
    found = []
    for what, option, axis in (
        (ReadKind.TIME_TICKS, "x_range", seen.time_axis),
        (ReadKind.SURVIVAL_TICKS, "y_range", seen.survival_axis),
    ):
        if axis is not None and len(axis.values):
            ends = f"{float(axis.values.min()):g} to {float(axis.values.max()):g}"
            place = f"{axis.source}, {len(axis.values)} ticks"
            found.append(ReadValue(what=what, read=ends, place=place, option=shell_flag(option), basis=Basis.UNUSED))
    if seen.curves:
        count = str(len(seen.curves))
        found.append(ReadValue(what=ReadKind.CURVES, read=count, option=shell_flag("arms"), basis=Basis.UNUSED))
    return found


def _of_figure(figure: DigitizedFigure) -> list[ReadValue]:
    built: dict[str, dict[str, int]] = {arm.name: {} for arm in figure.arms}
    read = figure_readings(figure, figure, {}, built, typed=Typed())
    return [replace(value, used="", basis=Basis.UNUSED) for value in read]
