"""`digitize`: one figure file in, curves with everything printed around them out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from survrecon.callers import option_name
from survrecon.digitizing.options import Options, options_for
from survrecon.digitizing.raster.figure import read_image
from survrecon.digitizing.result import DigitizedFigure, FailedPanel
from survrecon.digitizing.source import FileKind, decode_image, open_file
from survrecon.digitizing.vector.figure import read_drawing
from survrecon.errors import DigitizingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["digitize", "digitize_panels"]


def digitize(path: str | Path, **options: Any) -> DigitizedFigure:
    """Read the curves of one panel of a Kaplan-Meier figure.

    Parameters
    ----------
    path : str or pathlib.Path
        PNG, JPEG, PDF or SVG, or the first frame of another image; the content decides, not the name.
    **options
        See `survrecon.digitizing.options.Options`.

    Returns
    -------
    DigitizedFigure
        Curves, risk table, printed statistics, and what of it is doubtful.

    Raises
    ------
    DigitizingError
        If the file is no figure, has several panels of which none is chosen, or shows no curve, or if an option is
        unknown, is not what it must be, or contradicts the figure.
    """
    if options.get("panel") == "all":
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
    if file.kind is FileKind.IMAGE:
        figures = read_image(file, decode_image(file), options, every=every, failed=failed)
    else:
        figures = read_drawing(file, options, every=every, failed=failed)
    figures = _with_as_many(str(path), options, figures, failed)
    if not failed:  # else an arm may be one of a panel that failed
        _refuse_unknown_arms(str(path), options, figures)
    return figures


def _with_as_many(
    where: str, options: Options, figures: Sequence[DigitizedFigure], failed: list[FailedPanel] | None
) -> list[DigitizedFigure]:
    """Return the panels that have as many curves as are stated, and names; another one is an error, or has failed."""
    kept = []
    for figure in figures:
        error = _of_number(where + (f", panel {figure.panel}" if figure.panel else ""), len(figure.arms), options)
        if error is None:
            kept.append(figure)
        elif failed is None:
            raise error
        else:
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
