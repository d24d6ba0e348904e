"""`digitize`: one figure file in, curves with everything printed around them out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from survrecon.digitizing.drawing import read_drawing
from survrecon.digitizing.image_figure import read_image
from survrecon.digitizing.options import Options
from survrecon.digitizing.result import DigitizedFigure, FailedPanel
from survrecon.digitizing.source import FileKind, decode_image, open_file
from survrecon.errors import DigitizingError

__all__ = ["digitize", "digitize_panels"]


def digitize(path: str | Path, **options: Any) -> DigitizedFigure:
    """Read the curves of one panel of a Kaplan-Meier figure.

    Parameters
    ----------
    path : str or pathlib.Path
        PNG, JPEG, PDF or SVG; the content decides, not the name.
    **options
        See `survrecon.digitizing.options.Options`.

    Returns
    -------
    DigitizedFigure
        Curves, risk table, printed statistics, and what of it is doubtful.

    Raises
    ------
    DigitizingError
        If the file is no figure, has several panels of which none is chosen, or shows no curve.
    """
    if options.get("panel") == "all":
        raise DigitizingError(str(path), "one panel", "'all'", "read them with digitize_panels")
    [figure] = _read(Path(path), Options(**options), every=False)
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
        If the file is no figure, or a panel cannot be read and ``failed`` is not given.
    """
    return _read(Path(path), Options(**options), every=True, failed=failed)


def _read(
    path: Path, options: Options, *, every: bool, failed: list[FailedPanel] | None = None
) -> list[DigitizedFigure]:
    file = open_file(path)
    if file.kind is FileKind.IMAGE:
        return read_image(file, decode_image(file), options, every=every, failed=failed)
    return read_drawing(file, options, every=every, failed=failed)
