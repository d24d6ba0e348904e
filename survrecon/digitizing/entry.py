"""`digitize`: one figure file in, curves with everything printed around them out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from survrecon.callers import option_name
from survrecon.digitizing.ends import with_ends
from survrecon.digitizing.options import Options, options_for
from survrecon.digitizing.quality import graded
from survrecon.digitizing.raster.figure import read_image
from survrecon.digitizing.raster.tied import stated_table
from survrecon.digitizing.result import DigitizedFigure, FailedPanel
from survrecon.digitizing.so_far import ReadingSoFar, reading_of, shows_itself
from survrecon.digitizing.source import FileKind, decode_image, open_file
from survrecon.digitizing.vector.figure import read_drawing
from survrecon.errors import DigitizingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["digitize", "digitize_panels"]


def digitize(
    path: str | Path,
    *,
    page: int | None = None,
    panel: str | None = None,
    crop: Sequence[float] | None = None,
    arms: int | None = None,
    arm_names: Sequence[str] | None = None,
    x_range: Sequence[float] | None = None,
    y_range: Sequence[float] | None = None,
    y_unit: Literal["fraction", "percent"] | None = None,
    one_minus_survival: bool | None = None,
    time_unit: Literal["days", "weeks", "months", "years"] | None = None,
    n: Mapping[str, int] | None = None,
    risk_table: str | Path | None = None,
    text: bool = True,
    words: str | Path | None = None,
) -> DigitizedFigure:
    """Read the curves of one panel of a Kaplan-Meier figure; what is not stated is read from it.

    Parameters
    ----------
    path : str or pathlib.Path
        PNG, JPEG, PDF or SVG, or the first frame of another image; the content decides, not the name.
    page : int or None
        Page of a PDF, from 1; the first where left out.
    panel : str or None
        Letter or title of the panel to read.
    crop : four floats or None
        ``x0, y0, x1, y1`` in pixels of an image, or points of a page, to read alone.
    arms : int or None
        Number of curves.
    arm_names : sequence of str or None
        Their names, in the order of the result.
    x_range, y_range : two floats or None
        Values at the first and last tick of each axis.
    y_unit : {"fraction", "percent"} or None
        Unit of the survival axis.
    one_minus_survival : bool or None
        Whether the curves rise.
    time_unit : {"days", "weeks", "months", "years"} or None
        Unit of the time axis.
    n : mapping of str to int or None
        Patients by arm.
    risk_table : path or None
        CSV of numbers at risk that hold in place of the printed ones.
    text : bool
        Whether to read text by character recognition where there is no text layer.
    words : path or None
        JSON of the figure's words: read in place of those of the figure where it is there, else written.

    Returns
    -------
    DigitizedFigure
        Curves, risk table, printed statistics, and what of it is doubtful.

    Raises
    ------
    DigitizingError
        If the file is no figure, has several panels of which none is chosen, or shows no curve, or if an option
        is not what it must be, or contradicts the figure.
    """
    stated = {
        "page": page, "panel": panel, "crop": crop, "arms": arms, "arm_names": arm_names, "x_range": x_range,
        "y_range": y_range, "y_unit": y_unit, "one_minus_survival": one_minus_survival, "time_unit": time_unit,
        "n": n, "risk_table": risk_table, "words": words,
    }  # fmt: skip
    options: dict[str, Any] = {name: value for name, value in stated.items() if value is not None} | {"text": text}
    if panel == "all":
        raise DigitizingError(str(path), "one panel", "'all'", "read them with digitize_panels")
    [figure] = _read(path, options, every=False)
    return figure


def digitize_panels(
    path: str | Path, *, failed: list[FailedPanel] | None = None, **options: Any
) -> list[DigitizedFigure]:
    """Read every panel of a figure (see `digitize`).

    Parameters
    ----------
    path : str or pathlib.Path
        As for `digitize`.
    failed : list of FailedPanel or None
        Where given, panels that cannot be read are added to it and the others are returned; without
        it the first such panel is an error.
    **options
        See `survrecon.digitizing.options.Options`.

    Raises
    ------
    DigitizingError
        If the file is no figure, an option is unknown or not what it must be, or a panel cannot be read and
        ``failed`` is not given.
    """
    return _read(path, options, every=True, failed=failed)


def _read(
    path: str | Path, given: Mapping[str, Any], *, every: bool, failed: list[FailedPanel] | None = None
) -> list[DigitizedFigure]:
    if not isinstance(path, str | Path):
        raise DigitizingError("path", "a path, as text or pathlib.Path", repr(path)[:80], "give the figure's path")
    options = options_for(path, given)
    file = open_file(Path(path))
    if options.page is not None and file.kind is not FileKind.PDF:
        raise DigitizingError(
            f"{path}: {option_name('page')}", "a PDF, which has pages", f"no PDF, and {options.page}", "leave it out"
        )
    seen = ReadingSoFar(path=file.path)

    def read() -> list[DigitizedFigure]:
        if file.kind is FileKind.IMAGE:
            return read_image(file, decode_image(file), options, every=every, failed=failed, seen=seen)
        return read_drawing(file, options, every=every, failed=failed, seen=seen)

    figures = _with_as_many(str(path), options, shows_itself(seen, read), failed)
    figures = [shows_itself(reading_of(figure), partial(_graded, figure, options)) for figure in figures]
    if not failed:  # else an arm may be one of a panel that failed
        shows_itself(
            reading_of(figures[0]) if len(figures) == 1 else seen,
            lambda: _refuse_unknown_arms(str(path), options, figures),
        )
    return figures


def _graded(figure: DigitizedFigure, options: Options) -> DigitizedFigure:
    """Return a figure with its ends and its grade; what was read instead of a typed table is in no doubt."""
    if options.risk_table is None:
        return graded(with_ends(figure, figure.risk_table), figure.risk_table)
    typed = stated_table(options.risk_table, [arm.name for arm in figure.arms])
    left = tuple(doubt for doubt in figure.doubts if doubt.options[:1] != ("risk_table",))
    return graded(with_ends(replace(figure, doubts=left), typed), typed)


def _with_as_many(
    where: str, options: Options, figures: Sequence[DigitizedFigure], failed: list[FailedPanel] | None
) -> list[DigitizedFigure]:
    """Return the panels that have as many curves as are stated, and names; another one is an error, or has failed."""
    kept = []
    for figure in figures:
        error = _of_number(where + (f", panel {figure.panel}" if figure.panel else ""), len(figure.arms), options)
        if error is None:
            kept.append(figure)
            continue
        error.so_far = reading_of(figure)
        if failed is None:
            raise error
        failed.append(FailedPanel(panel=figure.panel, error=error))
    return kept


def _of_number(where: str, curves: int, options: Options) -> DigitizingError | None:
    """Return the error of a stated number of curves, or of their names, that is not that of the curves found."""
    named = list(options.arm_names or ())
    if options.arms is not None and options.arms != curves:
        rule, got = f"as many curves as are found, {curves}", f"{options.arms}"
        advice = f"leave it out, or {option_name('crop')} to them"
        return DigitizingError(f"{where}: {option_name('arms')}", rule, got, advice)
    if named and (len(named) != curves or len(set(named)) < curves):
        rule, got = f"{curves} names, each once", ", ".join(named)
        return DigitizingError(f"{where}: {option_name('arm_names')}", rule, got, "name every curve that is found")
    return None


def _refuse_unknown_arms(where: str, options: Options, figures: Sequence[DigitizedFigure]) -> None:
    names = list(dict.fromkeys(arm.name for figure in figures for arm in figure.arms))
    for name in options.n:
        if name not in names:
            raise DigitizingError(
                f"{where}: {option_name('n')}",
                f"the name of an arm: {', '.join(names)}",
                repr(name),
                "name one of these",
            )
