"""`digitize`: one figure file in, curves with everything printed around them out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from PIL import Image

from survrecon.digitizing import ocr
from survrecon.digitizing.axes import RasterAxes, calibrate, given_axes
from survrecon.digitizing.labels import PanelLabels, find_panels
from survrecon.digitizing.legend import key_of
from survrecon.digitizing.naming import Key, word_colour
from survrecon.digitizing.panel import Surroundings, assemble, axis_title, time_unit_of
from survrecon.digitizing.pixels import as_fractions, background, straighten
from survrecon.digitizing.raster import RasterPanel, read_panel
from survrecon.digitizing.regions import Region, choose, regions_of
from survrecon.digitizing.result import Affine, Box, DigitizedFigure, Doubt, FigureKind, FloatArray, ImageArray
from survrecon.digitizing.source import FigureFile, FileKind, decode_image, open_file
from survrecon.digitizing.words import Word
from survrecon.errors import DigitizingError

__all__ = ["Options", "digitize", "digitize_panels"]

_RISING = re.compile(r"incidence|mortality|failure|cumulative|probability of (?:death|relapse|event)|relapse rate|1\s*-\s*s", re.I)
_WIDE = 1500  # pixels of a time axis beyond which a figure is halved for tracing


class Options:
    """What a caller may state about a figure; everything not stated is read from it.

    Parameters
    ----------
    page : int
        Page of a PDF, from 1.
    panel : str or None
        Letter or title of the panel to read.
    crop : tuple of float or None
        ``x0, y0, x1, y1`` in pixels of an image, or points of a page, to read alone.
    arms : int or None
        Number of curves.
    arm_names : sequence of str or None
        Their names, in the order of the result.
    x_range, y_range : tuple of float or None
        Values at the first and last tick of each axis.
    y_unit : {"fraction", "percent"} or None
        Unit of the survival axis.
    one_minus_survival : bool or None
        Whether the curves rise.
    time_unit : str or None
        Unit of the time axis.
    n : dict of str to int or None
        Patients by arm.
    text : bool
        Whether to read text by character recognition where there is no text layer.
    """

    def __init__(
        self,
        *,
        page: int = 1,
        panel: str | None = None,
        crop: tuple[float, float, float, float] | None = None,
        arms: int | None = None,
        arm_names: Sequence[str] | None = None,
        x_range: tuple[float, float] | None = None,
        y_range: tuple[float, float] | None = None,
        y_unit: str | None = None,
        one_minus_survival: bool | None = None,
        time_unit: str | None = None,
        n: dict[str, int] | None = None,
        text: bool = True,
    ) -> None:
        self.page = page
        self.panel = panel
        self.crop = crop
        self.arms = arms
        self.arm_names = arm_names
        self.x_range = x_range
        self.y_range = y_range
        self.y_unit = y_unit
        self.one_minus_survival = one_minus_survival
        self.time_unit = time_unit
        self.n = n or {}
        self.text = text


def digitize(path: str | Path, **options: object) -> DigitizedFigure:
    """Read the curves of one panel of a Kaplan-Meier figure.

    Parameters
    ----------
    path : str or pathlib.Path
        PNG, JPEG, PDF or SVG.
    **options
        See `Options`.

    Raises
    ------
    DigitizingError
        If the file is no figure, has several panels of which none is chosen, or shows no curve.
    """
    found = _panels(Path(path), Options(**options))  # type: ignore[arg-type]
    if len(found) > 1:
        names = ", ".join(f.panel or "?" for f in found)
        raise DigitizingError(str(path), "one panel", f"{len(found)} panels ({names})", "choose one with --panel, or give --panel all")
    return found[0]


def digitize_panels(path: str | Path, **options: object) -> list[DigitizedFigure]:
    """Read every panel of a figure (see `digitize`)."""
    return _panels(Path(path), Options(**options), every=True)  # type: ignore[arg-type]


def _panels(path: Path, options: Options, *, every: bool = False) -> list[DigitizedFigure]:
    file = open_file(path)
    if file.kind is FileKind.IMAGE:
        return _from_pixels(file, decode_image(file), options, every=every)
    from survrecon.digitizing.drawing import read_drawing

    return read_drawing(file, options, every=every)


def _from_pixels(
    file: FigureFile, image: ImageArray, options: Options, *, every: bool, scale: float = 1.0
) -> list[DigitizedFigure]:
    """Read the panels of an image."""
    where = str(file.path)
    if options.crop is not None:
        image = _cropped(where, image, options.crop)
    if float(np.ptp(image[::4, ::4].astype(float), axis=(0, 1)).max()) < 25:
        raise DigitizingError(where, "a figure with curves", "an image of one colour", "check the file")
    upright, forward, angle = straighten(image)
    reads = options.text and ocr.available()
    words = ocr.read_words(upright) if reads else []
    panels = find_panels(words)
    if panels and max(_span(p) for p in panels) > _WIDE:
        # fine enough at half the size, and four times as fast
        upright = np.asarray(Image.fromarray(upright).reduce(2))
        forward = Affine(**{k: v / 2 for k, v in asdict(forward).items()})
        words = [w.scaled(0.5) for w in words]
        panels = find_panels(words)
    pixels = as_fractions(upright)
    warnings: list[str] = []
    if angle:
        warnings.append(f"the figure was turned by {angle:.2f} degrees; straightened")
    regions: list[Region]
    if panels and options.x_range is None and options.y_range is None:
        regions = regions_of(panels, words, upright.shape)
    else:
        if options.x_range is None or options.y_range is None:
            raise _unreadable(where, image, reads=reads, words=words)
        axes, labels = given_axes(pixels, options.x_range, options.y_range, where)
        whole = Box(x0=0.0, y0=0.0, x1=float(upright.shape[1]), y1=float(upright.shape[0]))
        regions = [Region(name=None, title=None, box=whole, labels=labels, words=words, axes=axes)]
    picked = choose(where, regions, options.panel, every=every)
    figures = []
    for region in picked:
        figure = _panel_figure(file, upright, pixels, region, options, warnings)
        figures.append(replace(figure, straighten=forward, image=image, image_scale=scale))
    return figures


def _span(labels: PanelLabels) -> float:
    """Return the distance in pixels between the first and last label of the time axis."""
    places = [w.cx for w in labels.time.words]
    return max(places) - min(places)


def _cropped(where: str, image: ImageArray, crop: tuple[float, float, float, float]) -> ImageArray:
    h, w = image.shape[:2]
    x0, y0, x1, y1 = (round(v) for v in crop)
    if not (0 <= x0 < x1 <= w and 0 <= y0 < y1 <= h):
        raise DigitizingError(where, f"a crop within {w} x {h} pixels", f"{x0},{y0},{x1},{y1}", "give x0,y0,x1,y1 with x0 < x1 and y0 < y1")
    return np.ascontiguousarray(image[y0:y1, x0:x1])


def _unreadable(where: str, image: ImageArray, *, reads: bool, words: Sequence[Word]) -> DigitizingError:
    if not reads:
        return DigitizingError(
            where,
            "axes that can be read",
            "an image whose text is not read, for the extra [ocr] is not installed",
            "pip install 'survrecon[ocr]', or give --x-range and --y-range",
        )
    numbers = sum(w.number is not None for w in words)
    return DigitizingError(
        where,
        "a time axis and a survival axis with numbered ticks",
        f"{len(words)} words, {numbers} of them numbers, that make no such axes",
        "give --crop, or --x-range and --y-range; photographs, bar charts and tables cannot be digitized",
    )


def _panel_figure(
    file: FigureFile,
    image: ImageArray,
    pixels: FloatArray,
    region: Region,
    options: Options,
    warnings: Sequence[str],
) -> DigitizedFigure:
    where = str(file.path) + (f", panel {region.name}" if region.name else "")
    labels = region.labels
    axes = region.axes or calibrate(pixels, labels)
    tick_words = [*labels.time.words, *labels.survival.words]
    percent = None if options.y_unit is None else options.y_unit == "percent"
    hint = axis_title(region.words, _rough(axes), labels.survival.words, vertical=True) if labels.survival.words else None
    rising = options.one_minus_survival
    if rising is None and hint is not None and _RISING.search(hint) and not re.search(r"surviv", hint, re.I):
        rising = True
    panel = read_panel(pixels, labels, region.words, wanted=options.arms, rising=rising, axes=axes, percent=percent)
    if rising is None and not options.arms and not _good(panel):
        other = read_panel(pixels, labels, region.words, rising=not panel.rising, axes=axes, percent=percent)
        if _good(other):
            panel = other
    if not panel.curves:
        raise DigitizingError(
            where, "curves that start at full survival", "none", "check --y-range, --one-minus-survival and --crop; a bar chart has none"
        )
    title = axis_title(region.words, panel.plot, labels.time.words, vertical=False) if labels.time.words else None
    around = _surroundings(image, pixels, panel, reads=options.text and ocr.available())
    floor = float(panel.axes.survival.position(panel.axes.survival.values.min()))
    made = assemble(
        panel.drawn,
        region.words,
        panel.axes.time,
        plot=panel.plot,
        floor=floor,
        labels=tick_words,
        around=around,
        arm_names=options.arm_names,
    )
    arms = tuple(replace(a, n=options.n[a.name], n_source="given") if a.name in options.n else a for a in made.arms)
    doubts = list(made.doubts)
    doubts += [
        Doubt(where=f"{name} axis label", read=w.text, confidence=min(0.3, w.confidence), why="breaks the progression of the ticks; not used", option=option)
        for run, name, option in ((labels.time, "time", "--x-range"), (labels.survival, "survival", "--y-range"))
        for w in run.outliers
        if _among(w, run)
    ]
    unit = options.time_unit or time_unit_of(title)
    notes = [*warnings, *panel.axes.warnings, *made.warnings]
    if unit is None:
        doubts.append(Doubt(where="time axis", read=title or "", confidence=0.0, why="no time unit is printed", option="--time-unit"))
    return DigitizedFigure(
        path=file.path,
        sha256=file.sha256,
        kind=FigureKind.TRACED,
        panel=region.name,
        time_axis=replace(panel.axes.time, label=title),
        survival_axis=replace(panel.axes.survival, label=hint),
        straighten=Affine(),
        percent=panel.percent,
        rising=panel.rising,
        time_unit=unit,
        plot=panel.plot,
        arms=arms,
        risk_table=made.risk_table,
        printed=made.printed,
        warnings=tuple(notes),
        doubts=tuple(doubts),
        late_entry=made.late_entry,
        image=image,
        image_scale=1.0,
    )


def _rough(axes: RasterAxes) -> Box:
    x, y = axes.time.positions, axes.survival.positions
    return Box(x0=float(x.min()), y0=float(y.min()), x1=float(x.max()), y1=float(y.max()))


def _good(panel: RasterPanel) -> bool:
    """Return whether some curve was followed over a good part of the plot."""
    return any(c.covered > 0.75 and c.stop > 0.2 * panel.plot.width and c.y[-1] - c.y[0] > 0.02 * panel.plot.height for c in panel.curves)


def _among(word: Word, run: object) -> bool:
    from survrecon.digitizing.labels import LabelRun

    assert isinstance(run, LabelRun)
    along = [w.cy if run.scale < 0 else w.cx for w in run.words]
    here = word.cy if run.scale < 0 else word.cx
    return min(along) < here < max(along)


def _surroundings(image: ImageArray, pixels: FloatArray, panel: RasterPanel, *, reads: bool) -> Surroundings:
    colours = [np.array(c.colour) for c in panel.drawn]
    page = background(pixels)
    keys: dict[tuple[Word, int], Key | None] = {}

    def key(word: Word, side: int) -> Key | None:
        if (word, side) not in keys:
            keys[word, side] = key_of(pixels, word, panel.footprint, colours, side=side)
        return keys[word, side]

    def ink(word: Word) -> tuple[float, float, float] | None:
        y0, y1 = max(0, int(word.box.y0)), int(word.box.y1) + 1
        x0, x1 = max(0, int(word.box.x0)), int(word.box.x1) + 1
        patch = pixels[y0:y1, x0:x1]
        return word_colour(patch, page) if patch.size else None

    def reread(box: Box) -> tuple[str, float]:
        return ocr.read_cell(image, box)

    return Surroundings(key=key, ink=ink, reread=reread if reads else None)
