"""What was read, drawn on the figure for review: one panel, or every panel of a page."""

from __future__ import annotations

import io
import textwrap
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.panels.settings import OVERVIEW
from survrecon.digitizing.source import FileKind, decode_image, open_file
from survrecon.model.grade import Grade

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.arrays import FloatArray, ImageArray
    from survrecon.digitizing.geometry import Affine, Axis
    from survrecon.digitizing.result import DigitizedArm, DigitizedFigure, FailedPanel
    from survrecon.digitizing.so_far import ReadingSoFar
    from survrecon.digitizing.words.scene import DrawnCurve

__all__ = ["draw_overlay", "draw_page", "draw_so_far", "place_of"]

_INKS = ((214, 0, 147), (0, 140, 60), (20, 60, 230), (230, 110, 0), (0, 150, 170), (120, 60, 160))
_GREY = (70, 70, 70)
_RED = (220, 30, 30)
_WORD = (120, 160, 220)
_NUMBER = (230, 140, 40)
_GRADE_INKS = {Grade.GOOD: (0, 120, 60), Grade.CHECK: (200, 110, 0), Grade.UNRELIABLE: _RED}
_FRAME = (150, 190, 230)
_TICK = 6.0
"""Pixels of the strokes that show a tick and a corner of the calibration."""
_MARK = 3.0
"""Radius in pixels of the circle around a censoring mark."""
_MARGIN = 6
"""Pixels around the strip's words."""
_LETTER_WIDTH = 8
"""Pixels of a letter of the strip, about."""
_FEWEST_LETTERS = 40
"""On a line of the strip, however narrow the figure."""
_NARROWEST = 900
"""Pixels across a sheet at least, so that its words can be read; a smaller figure is enlarged."""
_LIGHTER = 0.45
"""How far the figure is lightened, of 1, so that what is drawn on it stands out."""
_LETTERS = 13
"""Pixels of the strip's letters."""
_ROW = 18
"""Pixels from one of its lines to the next."""
_READ, _FAILED = (20, 110, 60), (220, 30, 30)


def draw_overlay(figure: DigitizedFigure, said: str = "") -> bytes:
    """Draw traces, marks, calibration and readings on a figure.

    Parameters
    ----------
    figure : DigitizedFigure
        What was read.
    said : str
        What went wrong after that, to stand first among the readings.

    Returns
    -------
    bytes
        A PNG: the figure lightened, with a strip of readings under it.
    """

    def draw(pen: ImageDraw.ImageDraw, scale: float) -> None:
        _axes(pen, figure.time_axis, figure.survival_axis, figure.plot_area, figure.straighten, scale)
        for k, arm in enumerate(figure.arms):
            _curve(figure, arm, pen, scale, _INKS[k % len(_INKS)])

    failed = [(_RED, f"refused: {said}")] if said else []
    return _sheet(figure.image, figure.image_scale, draw, [*failed, *_readings(figure)])


def draw_so_far(seen: ReadingSoFar, said: str) -> bytes | None:
    """Draw what was found of a figure until something failed: words, panels, axes, curves, as far as it came.

    Parameters
    ----------
    seen : ReadingSoFar
        What was found.
    said : str
        What went wrong.

    Returns
    -------
    bytes or None
        A PNG as of `draw_overlay`; None where the figure could not be decoded.
    """
    if seen.figure is not None:
        return draw_overlay(seen.figure, said)
    if seen.image is None:
        return None

    def draw(pen: ImageDraw.ImageDraw, scale: float) -> None:
        for word in seen.words:
            ink = _NUMBER if word.number is not None else _WORD
            pen.line(_corners(word.box, seen.straighten, scale), fill=ink, width=1)
        for name, box in seen.plots.items():
            pen.line(_corners(box, seen.straighten, scale), fill=_RED, width=1)
            pen.text(_corners(box, seen.straighten, scale)[0], name, fill=_RED)
        if seen.time_axis is None or seen.survival_axis is None or seen.plot_area is None:
            return
        _axes(pen, seen.time_axis, seen.survival_axis, seen.plot_area, seen.straighten, scale)
        for k, curve in enumerate(seen.curves):
            pen.line(_way(seen, curve, scale), fill=_INKS[k % len(_INKS)], width=2)

    return _sheet(seen.image, seen.image_scale, draw, _found_so_far(seen, said))


def _found_so_far(seen: ReadingSoFar, said: str) -> list[tuple[tuple[int, int, int], str]]:
    """Return the lines of the strip of a reading that failed."""
    panel = f" of panel {seen.panel}" if seen.panel else ""
    numbers = sum(word.number is not None for word in seen.words)
    lines = [
        (_RED, f"refused: {said}"),
        (_GREY, f"failed while {seen.stage}{panel}; {len(seen.words)} words read, {numbers} of them numbers"),
    ]
    for name, axis in (("time", seen.time_axis), ("survival", seen.survival_axis)):
        if axis is not None:
            values = ", ".join(f"{value:g}" for value in axis.values)
            lines.append((_GREY, f"{name} axis from {axis.source}: {values}"))
    for k, curve in enumerate(seen.curves):
        end = f"S({curve.time[-1]:.4g}) = {curve.survival[-1]:.4f}"
        lines.append((_INKS[k % len(_INKS)], f"curve {k + 1}, {curve.dash}: to {end}"))
    return lines + [(_RED, f"look at: {doubt}") for doubt in seen.doubts]


def _way(seen: ReadingSoFar, curve: DrawnCurve, scale: float) -> list[tuple[float, float]]:
    """Return where a curve without a name runs on the sheet."""
    assert seen.time_axis is not None
    assert seen.survival_axis is not None
    time, survival = np.repeat(curve.time, 2)[1:], np.repeat(curve.survival, 2)[:-1]
    shown = (1.0 - survival if seen.rising else survival) * (100.0 if seen.percent else 1.0)
    return _place(seen.straighten, seen.time_axis.position(time), seen.survival_axis.position(shown), scale)


def _corners(box: Box, straighten: Affine, scale: float) -> list[tuple[float, float]]:
    x, y = np.array([box.x0, box.x1, box.x1, box.x0, box.x0]), np.array([box.y0, box.y0, box.y1, box.y1, box.y0])
    return _place(straighten, x, y, scale)


def _sheet(
    image: ImageArray,
    image_scale: float,
    draw: Callable[[Any, float], None],
    lines: Sequence[tuple[tuple[int, int, int], str]],
) -> bytes:
    """Return a PNG of the figure lightened, with what ``draw`` adds, and lines of words under it."""
    zoom = max(1.0, _NARROWEST / image.shape[1])
    size = (round(image.shape[1] * zoom), round(image.shape[0] * zoom))
    base = Image.fromarray(image).resize(size, Image.Resampling.BICUBIC)
    base = Image.blend(base, Image.new("RGB", base.size, "white"), _LIGHTER)
    draw(ImageDraw.Draw(base), image_scale * zoom)
    font = _font()
    wrapped = [
        (ink, piece)
        for ink, line in lines
        for piece in textwrap.wrap(line, max(_FEWEST_LETTERS, base.width // _LETTER_WIDTH))
    ]
    sheet = Image.new("RGB", (base.width, base.height + _ROW * len(wrapped) + 2 * _MARGIN), "white")
    sheet.paste(base, (0, 0))
    writer = ImageDraw.Draw(sheet)
    for row, (ink, piece) in enumerate(wrapped):
        writer.text((_MARGIN, base.height + _MARGIN + _ROW * row), piece, fill=ink, font=font)
    out = io.BytesIO()
    sheet.save(out, format="PNG")  # optimize=True takes four times as long for 3% of the size
    return out.getvalue()


@cache
def _font() -> Any:
    """Return DejaVu Sans, which matplotlib brings: names and ratios hold signs that Pillow's own font lacks."""
    found = find_spec("matplotlib")  # where it is, without the second that importing it takes
    folder = Path(found.origin).parent if found is not None and found.origin is not None else Path()
    path = folder / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    return ImageFont.truetype(path, size=_LETTERS) if path.is_file() else ImageFont.load_default(size=_LETTERS)


def _place(straighten: Affine, x: FloatArray, y: FloatArray, scale: float) -> list[tuple[float, float]]:
    px, py = straighten.inverse()(x, y)
    return [(float(a) * scale, float(b) * scale) for a, b in zip(np.atleast_1d(px), np.atleast_1d(py), strict=True)]


def _axes(
    pen: ImageDraw.ImageDraw, time_axis: Axis, survival_axis: Axis, box: Box, straighten: Affine, scale: float
) -> None:
    """Draw fitted tick lines and the plot area."""
    pen.line(_corners(box, straighten, scale), fill=_FRAME, width=1)
    ys, xs = survival_axis.positions, time_axis.positions
    if not len(xs) or not len(ys):
        return
    low, high = float(max(ys.max(), ys.min())), float(min(ys.max(), ys.min()))
    for value in time_axis.values:
        x = float(time_axis.position(value))
        pen.line(
            _place(straighten, np.array([x, x]), np.array([low + _TICK / 2, low - _TICK]), scale), fill=_RED, width=1
        )
    left = float(xs.min())
    for value in survival_axis.values:
        y = float(survival_axis.position(value))
        pen.line(
            _place(straighten, np.array([left - _TICK / 2, left + _TICK]), np.array([y, y]), scale), fill=_RED, width=1
        )
    for x in (left, float(xs.max())):
        for y in (low, high):
            [(a, b)] = _place(straighten, np.array([x]), np.array([y]), scale)
            pen.line([(a - _TICK, b), (a + _TICK, b)], fill=_RED, width=1)
            pen.line([(a, b - _TICK), (a, b + _TICK)], fill=_RED, width=1)


def _curve(
    figure: DigitizedFigure, arm: DigitizedArm, pen: ImageDraw.ImageDraw, scale: float, ink: tuple[int, int, int]
) -> None:
    time = np.repeat(arm.time, 2)[1:]
    survival = np.repeat(arm.survival, 2)[:-1]
    x, y = figure.pixel(time, survival)
    pen.line([(float(a) * scale, float(b) * scale) for a, b in zip(x, y, strict=True)], fill=ink, width=2)
    if arm.censor_times is None:
        return
    index = np.clip(np.searchsorted(arm.time, arm.censor_times, side="right") - 1, 0, len(arm.time) - 1)
    x, y = figure.pixel(arm.censor_times, arm.survival[index])
    for a, b in zip(x, y, strict=True):
        px, py = float(a) * scale, float(b) * scale
        pen.ellipse([px - _MARK, py - _MARK, px + _MARK, py + _MARK], outline=ink)


def _readings(figure: DigitizedFigure) -> list[tuple[tuple[int, int, int], str]]:
    """Return the lines of the strip with their ink."""
    unit = figure.time_unit or "unit not printed"
    kind = "1 - S" if figure.rising else "survival"
    worst_x = float(np.abs(figure.time_axis.residuals).max(initial=0.0))
    worst_y = float(np.abs(figure.survival_axis.residuals).max(initial=0.0))
    lines = [
        (
            _GREY,
            f"{figure.kind}; time in {unit}, {kind} in {'percent' if figure.percent else 'fractions'}; "
            f"ticks fit within {worst_x:.2f} and {worst_y:.2f}; "
            f"resolution {figure.time_axis.resolution:.3g} and {figure.survival_axis.resolution:.3g}",
        )
    ]
    for k, arm in enumerate(figure.arms):
        marks = "no censoring marks" if arm.censor_times is None else f"{len(arm.censor_times)} censoring marks"
        count = "n not printed" if arm.n is None else f"n = {arm.n} ({arm.n_source})"
        steps = int((np.diff(arm.survival) < 0).sum())
        lines.append(
            (
                _INKS[k % len(_INKS)],
                f"{arm.name} (from {arm.name_source}): {count}; {steps} steps to "
                f"S({arm.time[-1]:.4g}) = {arm.survival[-1]:.4f}; {marks}",
            )
        )
        if figure.risk_table is not None and arm.name in figure.risk_table.rows:
            cells = zip(figure.risk_table.times, figure.risk_table.rows[arm.name], strict=True)
            lines.append(
                (
                    _INKS[k % len(_INKS)],
                    "   at risk: " + ", ".join(f"{t:g}: {'?' if n is None else n}" for t, n in cells),
                )
            )
    if figure.reading is not None:
        reasons = f": {'; '.join(figure.reading.reasons)}" if figure.reading.reasons else ""
        lines.insert(0, (_GRADE_INKS[figure.reading.grade], f"reading graded {figure.reading.grade}{reasons}"))
    lines += [(_GREY, f"printed: {s.quantity.replace('_', ' ')}: {s.text}") for s in figure.printed]
    lines += [(_RED, f"look at: {doubt}") for doubt in figure.doubts]
    lines += [(_RED, f"note: {warning}") for warning in figure.warnings]
    return lines


def place_of(figure: DigitizedFigure) -> Box:
    """Return a panel's plot in the file's coordinates: pixels of a picture, points of a page."""
    box = figure.plot_area
    x, y = figure.straighten.inverse()(np.array([box.x0, box.x1]), np.array([box.y0, box.y1]))
    return Box(x0=float(x[0]), y0=float(y[0]), x1=float(x[1]), y1=float(y[1]))


def draw_page(
    path: str | Path, figures: Sequence[DigitizedFigure], failed: Sequence[FailedPanel], *, page: int | None = None
) -> bytes:
    """Draw the panels of a figure or page on it: each with its letter and curves, or why it was not read.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.
    figures : sequence of DigitizedFigure
        The panels that were read.
    failed : sequence of FailedPanel
        Those that were not.
    page : int or None
        Page of a PDF, from 1.

    Returns
    -------
    bytes
        A PNG.
    """
    image, scale = _picture(Path(path), page)
    base = Image.fromarray(image)
    base = Image.blend(base, Image.new("RGB", base.size, "white"), OVERVIEW.lightened)
    pen = ImageDraw.Draw(base)
    font = ImageFont.load_default(size=OVERVIEW.type_size)
    for figure in figures:
        _frame(pen, place_of(figure), scale, _READ)
        place = place_of(figure)
        pen.text((place.x0 * scale + 4, place.y0 * scale + 2), f"{figure.panel or 1}: read", fill=_READ, font=font)
        for k, arm in enumerate(figure.arms):
            time, survival = np.repeat(arm.time, 2)[1:], np.repeat(arm.survival, 2)[:-1]
            x, y = figure.pixel(time, survival)
            points = [(float(a) * scale, float(b) * scale) for a, b in zip(x, y, strict=True)]
            if len(points) > 1:
                pen.line(points, fill=_INKS[k % len(_INKS)], width=2)
    for panel in failed:
        if panel.place is not None:
            _frame(pen, panel.place, scale, _FAILED)
            at = (panel.place.x0 * scale + 4, panel.place.y0 * scale + 2)
            pen.text(at, f"{panel.panel or '?'}: not read", fill=_FAILED, font=font)
    out = io.BytesIO()
    base.save(out, format="PNG")
    return out.getvalue()


def _frame(pen: Any, box: Box, scale: float, ink: tuple[int, int, int]) -> None:
    corners = [min(box.x0, box.x1), min(box.y0, box.y1), max(box.x0, box.x1), max(box.y0, box.y1)]
    pen.rectangle([c * scale for c in corners], outline=ink, width=2)


def _picture(path: Path, page: int | None) -> tuple[ImageArray, float]:
    """Return a file as pixels, and their scale."""
    from survrecon.digitizing.vector.pdf import read_pdf
    from survrecon.digitizing.vector.strokes import picture
    from survrecon.digitizing.vector.svg import read_svg

    file = open_file(path)
    if file.kind is FileKind.IMAGE:
        return decode_image(file), 1.0
    drawing = read_pdf(file, page or 1) if file.kind is FileKind.PDF else read_svg(file)
    if drawing.image is not None:
        return drawing.image, drawing.image_scale
    scale = OVERVIEW.longest / max(drawing.width, drawing.height)
    return picture(drawing, scale), scale
