"""What a figure that is refused leaves behind: the picture of what was found of it, and every value that was read."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from survrecon import __version__
from survrecon.callers import in_shell, shell_flag
from survrecon.digitizing.overlay import draw_so_far
from survrecon.digitizing.so_far import ReadingSoFar
from survrecon.errors import SurvreconError
from survrecon.files.outputs import publish, refuse_foreign, staging
from survrecon.records.folder import RECORD_FILE
from survrecon.records.readings import Basis, ReadKind, ReadValue, readings_csv
from survrecon.report.settings import OVERLAY
from survrecon.running.page import folder_name
from survrecon.running.readings import Typed, figure_readings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from survrecon.digitizing import DigitizedFigure, FailedPanel
    from survrecon.records.folder import FigureRecord

__all__ = ["leave_picture", "leave_pictures", "leave_record", "leaves_its_picture", "read_so_far"]

READINGS = "readings.csv"
"""Every value that was read; beside the picture of it."""
_BESIDE = "_refused"
"""Ending of the folder beside one that holds a finished result, which a refused call leaves as it is."""


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
