"""Raster figures: pixels to words, panels, curves and everything printed around them."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from survrecon.digitizing.geometry import Affine, Box
from survrecon.digitizing.options import Options, refuse_unit, turned_round
from survrecon.digitizing.panel_figure import FoundPanel, panel_figure, survival_title
from survrecon.digitizing.panels.choice import choose, read_each
from survrecon.digitizing.panels.competing import refuse_hazard
from survrecon.digitizing.panels.regions import Region, regions_of, with_caption
from survrecon.digitizing.panels.settings import LABELS
from survrecon.digitizing.panels.titles import says_rising
from survrecon.digitizing.raster import ocr
from survrecon.digitizing.raster.axes import RasterAxes, calibrate, given_axes, restated
from survrecon.digitizing.raster.left_open import unfollowed_lines
from survrecon.digitizing.raster.pixels import as_fractions, background, straighten
from survrecon.digitizing.raster.read_panel import read_panel
from survrecon.digitizing.raster.settings import PANEL
from survrecon.digitizing.raster.tied import at_the_same_times, of_patients
from survrecon.digitizing.result import DigitizedFigure, Doubt, FailedPanel, FigureKind
from survrecon.digitizing.so_far import shows_itself
from survrecon.digitizing.source import FigureFile, blank, frames, without_axes, without_curves
from survrecon.digitizing.surroundings import beside_pixels
from survrecon.digitizing.words.labels import LabelRun, PanelLabels, find_panels
from survrecon.digitizing.words.words import kept_words
from survrecon.errors import DigitizingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray, ImageArray
    from survrecon.digitizing.raster.read_panel import RasterPanel
    from survrecon.digitizing.result import DigitizedArm, DigitizedRiskTable
    from survrecon.digitizing.so_far import ReadingSoFar
    from survrecon.digitizing.words.words import Word

__all__ = ["falls_at_once", "read_image"]

_WIDE = 1500  # pixels of a time axis beyond which a figure is halved for tracing


def read_image(
    file: FigureFile,
    image: ImageArray,
    options: Options,
    *,
    every: bool,
    seen: ReadingSoFar,
    scale: float = 1.0,
    failed: list[FailedPanel] | None = None,
    known: Sequence[Word] | None = None,
    corner: tuple[float, float] = (0.0, 0.0),
    caption: str = "",
) -> list[DigitizedFigure]:
    """Read the panels of an image; those that cannot be read go to ``failed``, where there is one.

    Parameters
    ----------
    file, image, options, every, failed
        The file, its pixels or those of a part of a page, and what is stated and wanted.
    scale : float
        Pixels of the image per unit of the file's coordinates.
    known : sequence of Word or None
        The image's words from a page's text layer, which are not read again.
    corner : tuple of float
        Where on the page the image begins, in the file's coordinates.
    caption : str
        The caption that a page's text layer has beside the image.
    """
    where = str(file.path)
    seen.decoded(image, scale=scale)
    if options.crop is not None:
        image = _cropped(where, image, options.crop)
        seen.decoded(image, scale=scale)
    if float(np.ptp(image[::4, ::4].astype(float), axis=(0, 1)).max()) < PANEL.blank_range:
        raise blank(where, file)
    upright, forward, angle = straighten(image) if known is None else (image, Affine(), 0.0)
    reads = options.text and ocr.available()
    if known is not None:
        words = list(known)
    else:
        words = kept_words(options.words, unit="pixels", read=lambda: ocr.read_words(upright) if reads else [])
    panels = find_panels(words)
    if panels and max(_span(p) for p in panels) > _WIDE:
        # fine enough at half the size, and four times as fast
        upright = np.asarray(Image.fromarray(upright).reduce(2))
        forward = Affine(**{k: v / 2 for k, v in asdict(forward).items()})
        words = [w.scaled(0.5) for w in words]
        panels = find_panels(words)
    pixels = as_fractions(upright)
    seen.straighten = forward
    seen.divided([], words)
    warnings: list[str] = []
    kind, count = frames(file)
    if count > 1:
        warnings.append(f"the first of {count} frames of the {kind} was read")
    if angle:
        warnings.append(f"the figure was turned by {angle:.2f} degrees; straightened")
    regions: list[Region]
    if panels:
        regions = regions_of(panels, words, upright.shape)
    else:
        if options.x_range is None or options.y_range is None:
            raise without_axes(where, reads=reads, words=words)
        axes, labels = given_axes(pixels, options.x_range, options.y_range, where)
        whole = Box(x0=0.0, y0=0.0, x1=float(upright.shape[1]), y1=float(upright.shape[0]))
        regions = [Region(name=None, title=None, box=whole, labels=labels, words=words, axes=axes)]
    regions = [with_caption(region, caption) for region in regions]
    seen.divided(regions, words)
    picked = choose(where, regions, options.panel, every=every)
    of_file = Affine(a=scale, c=-scale * corner[0], e=scale, f=-scale * corner[1]).then(forward)

    def read(region: Region) -> DigitizedFigure:
        own, part, parts, shift = _cut(region, upright, pixels, alone=len(regions) == 1)
        of_panel = replace(seen.of_panel(own), image=image, image_scale=scale, straighten=of_file.then(shift))
        figure = shows_itself(of_panel, lambda: _panel_figure(file, part, parts, own, options, warnings, seen=of_panel))
        return replace(figure, straighten=of_file.then(shift))

    found = read_each(picked, read, failed, place=of_file.inverse())
    return [replace(figure, image=image, image_scale=scale) for figure in found]


def _cut(
    region: Region, image: ImageArray, pixels: FloatArray, *, alone: bool
) -> tuple[Region, ImageArray, FloatArray, Affine]:
    """Return a panel with its own part of the image, insets that are not read painted over, and the way to it."""
    if region.hidden:
        image, pixels = image.copy(), pixels.copy()
        for box in region.hidden:
            rows, columns = slice(max(0, int(box.y0)), int(box.y1) + 1), slice(max(0, int(box.x0)), int(box.x1) + 1)
            tone = background(pixels[rows, columns])
            pixels[rows, columns] = tone
            image[rows, columns] = np.round(255 * tone).astype(np.uint8)
    if alone:
        return region, image, pixels, Affine()
    extent = region.extent
    x0, y0 = max(0, int(extent.x0)), max(0, int(extent.y0))
    x1, y1 = min(image.shape[1], int(extent.x1) + 1), min(image.shape[0], int(extent.y1) + 1)
    part = np.ascontiguousarray(image[y0:y1, x0:x1])
    return region.moved(-x0, -y0), part, pixels[y0:y1, x0:x1], Affine(c=-float(x0), f=-float(y0))


def _span(labels: PanelLabels) -> float:
    """Return the distance in pixels between the first and last label of the time axis."""
    places = [w.cx for w in labels.time.words]
    return max(places) - min(places)


def _cropped(where: str, image: ImageArray, crop: tuple[float, float, float, float]) -> ImageArray:
    h, w = image.shape[:2]
    x0, y0, x1, y1 = (round(v) for v in crop)
    if not (0 <= x0 < x1 <= w and 0 <= y0 < y1 <= h):
        raise DigitizingError(
            where,
            f"a crop within {w} x {h} pixels",
            f"{x0},{y0},{x1},{y1}",
            "give x0,y0,x1,y1 with x0 < x1 and y0 < y1",
        )
    return np.ascontiguousarray(image[y0:y1, x0:x1])


def _panel_figure(
    file: FigureFile,
    image: ImageArray,
    pixels: FloatArray,
    region: Region,
    options: Options,
    warnings: Sequence[str],
    *,
    seen: ReadingSoFar,
) -> DigitizedFigure:
    where = str(file.path) + (f", panel {region.name}" if region.name else "")
    labels = region.labels
    axes = region.axes or calibrate(pixels, labels)
    if region.axes is None and options.x_range is not None:
        axes = replace(axes, time=restated(axes.time, options.x_range))
    if region.axes is None and options.y_range is not None:
        axes = replace(axes, survival=restated(axes.survival, options.y_range))
    outer = axes if region.outer is None else calibrate(pixels, region.outer)
    seen.calibrated(axes.time, axes.survival, axes.box)
    title = survival_title(region, outer)
    refuse_hazard(where, title)
    refuse_unit(where, axes.survival, title, options)
    panel = _traced(where, pixels, region, axes, options, rising=says_rising(title))
    seen.followed(panel.drawn, percent=panel.percent, rising=panel.rising)
    column = abs(1.0 / panel.axes.time.scale)
    pixel = abs(1.0 / panel.axes.survival.scale) / (100.0 if panel.percent else 1.0)

    def settle(arms: Sequence[DigitizedArm], counts: DigitizedRiskTable | None, late: bool) -> tuple[DigitizedArm, ...]:
        if not late or options.risk_table is not None:
            arms = tuple(of_patients(a, counts, pixel=pixel, column=column) for a in arms)
        return at_the_same_times(arms, column)

    found = FoundPanel(
        kind=FigureKind.TRACED,
        region=region,
        axes=panel.axes,
        outer=outer,
        plot=panel.plot,
        percent=panel.percent,
        rising=panel.rising,
        title=title,
        curves=panel.drawn,
        around=beside_pixels(
            image,
            pixels,
            panel,
            reads=options.text and ocr.available(),
            labels=[*region.labels.survival.words, *region.labels.survival.outliers],
        ),
        image=image,
        image_scale=1.0,
        warnings=(*warnings, *panel.axes.warnings),
        doubts=(*_odd_labels(region.labels), *unfollowed_lines(panel, pixels)),
    )
    return panel_figure(found, file, options, seen=seen, settle=settle)


def _traced(
    where: str, pixels: FloatArray, region: Region, axes: RasterAxes, options: Options, *, rising: bool
) -> RasterPanel:
    """Trace the curves in the direction that is stated, else that the axis's title says, else that shows curves.

    Raises
    ------
    DigitizingError
        If there are no curves, or they run the other way than is stated.
    """
    said = options.one_minus_survival

    def read(way: bool | None, wanted: int | None = None) -> RasterPanel:
        return read_panel(
            pixels, region.labels, region.words, wanted=wanted, rising=way, axes=axes, percent=options.percent
        )

    panel = read(rising or None if said is None else said, options.arms)
    open_way = said is None and not options.arms and (not _good(panel) or falls_at_once(panel))
    against = said is not None and all(len(curve.y) <= 2 for curve in panel.curves)
    other = read(not panel.rising) if open_way or against else None
    better = other is not None and (not _good(panel) or len(other.curves) > len(panel.curves))
    if other is not None and ((_good(other) and better) or (other.curves and not panel.curves)):
        if against:
            raise turned_round(where, rising=panel.rising)
        panel = other
        if rising:
            told = "the survival axis's title names what rises; its curves fall from full survival and are read so"
            panel = replace(panel, axes=replace(panel.axes, warnings=(*panel.axes.warnings, told)))
    if not panel.curves:
        raise without_curves(where)
    return panel


def _good(panel: RasterPanel) -> bool:
    """Return whether some curve was followed over a good part of the plot."""
    return any(
        c.covered > PANEL.good_share
        and c.stop > PANEL.good_width * panel.plot.width
        and c.y[-1] - c.y[0] > PANEL.good_fall * panel.plot.height
        for c in panel.curves
    )


def falls_at_once(panel: RasterPanel) -> bool:
    """Return whether every curve falls far at time 0, as the axis and a grid line do where curves rise.

    Parameters
    ----------
    panel : RasterPanel
        The panel with its curves.
    """
    soon = PANEL.at_once_width * panel.plot.width
    low = PANEL.at_once_fall * panel.plot.height
    return all(float(c.y[max(0, int(np.searchsorted(c.x, soon)) - 1)]) - float(c.y[0]) > low for c in panel.curves)


def _odd_labels(labels: PanelLabels) -> list[Doubt]:
    """Return the doubts about numbers among an axis's labels that are none, or were taken for others."""
    axes = ((labels.time, "time", "x_range"), (labels.survival, "survival", "y_range"))
    odd = [
        Doubt(
            where=f"{name} axis label",
            read=w.text,
            confidence=min(LABELS.odd, w.confidence),
            why="breaks the progression of the ticks; not used",
            options=(option,),
            field=f"{name} axis",
        )
        for run, name, option in axes
        for w in run.outliers
        if _among(w, run)
    ]
    return odd + [
        Doubt(
            where=f"{name} axis label",
            read=w.text,
            confidence=LABELS.repaired,
            why=f"taken for {value:g}, as the progression of the ticks demands",
            options=(option,),
            field=f"{name} axis",
        )
        for run, name, option in axes
        for w, value in run.repaired
    ]


def _among(word: Word, run: LabelRun) -> bool:
    """Return whether a word stands between the first and last label of an axis."""
    along = [w.cy if run.scale < 0 else w.cx for w in run.words]
    here = word.cy if run.scale < 0 else word.cx
    return min(along) < here < max(along)
