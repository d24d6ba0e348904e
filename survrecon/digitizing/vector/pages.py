"""Panels of a page that are pictures: under drawn axes with a text layer, or with everything in pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from survrecon.digitizing.geometry import Box, around
from survrecon.digitizing.panels.choice import choose
from survrecon.digitizing.panels.prose import paragraphs_of
from survrecon.digitizing.panels.regions import caption_beside
from survrecon.digitizing.panels.settings import REGIONS
from survrecon.digitizing.raster.figure import read_image
from survrecon.digitizing.source import FileKind
from survrecon.digitizing.vector.pdf import render_part
from survrecon.errors import DigitizingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import ImageArray
    from survrecon.digitizing.options import Options
    from survrecon.digitizing.panels.regions import Region
    from survrecon.digitizing.result import DigitizedFigure, FailedPanel
    from survrecon.digitizing.so_far import ReadingSoFar
    from survrecon.digitizing.source import FigureFile
    from survrecon.digitizing.vector.strokes import Drawing, PlacedPicture

__all__ = ["TRACED", "each_its_own", "in_picture", "read_pictures", "read_under_axes", "touching"]

TRACED = "its lines were not read as drawn, for want of text or of curves among them: its picture was traced"


def _pictures(drawing: Drawing) -> list[PlacedPicture]:
    """Return the pictures of a page that are large enough for a figure."""
    page = drawing.width * drawing.height
    return [p for p in drawing.pictures if p.box.width * p.box.height > REGIONS.picture * page]


def in_picture(drawing: Drawing, region: Region) -> bool:
    """Return whether a panel's plot is, by half of it at least, a picture."""
    plot = around(w.box for w in region.tick_words)
    shares = []
    for picture in drawing.pictures:
        b = picture.box
        wide = min(plot.x1, b.x1) - max(plot.x0, b.x0)
        high = min(plot.y1, b.y1) - max(plot.y0, b.y0)
        shares.append(max(0.0, wide) * max(0.0, high) / (plot.width * plot.height))
    return max(shares, default=0.0) > 0.5


def _part(file: FigureFile, drawing: Drawing, options: Options, box: Box, dots: float) -> tuple[ImageArray, float]:
    """Return a part of a page in as many pixels as its pictures have, and their scale."""
    assert drawing.image is not None
    longest = max(box.width, box.height)
    scale = min(max(dots, REGIONS.fewest_pixels / longest, drawing.image_scale), REGIONS.most_pixels / longest)
    if file.kind is FileKind.PDF and options.crop is None:
        image = render_part(file, options.page or 1, box, scale)
        return image, image.shape[1] / box.width
    k = drawing.image_scale
    part = drawing.image[int(box.y0 * k) : int(box.y1 * k) + 1, int(box.x0 * k) : int(box.x1 * k) + 1]
    return np.ascontiguousarray(part), k


def read_under_axes(
    file: FigureFile, drawing: Drawing, region: Region, options: Options, *, seen: ReadingSoFar
) -> DigitizedFigure:
    """Read a panel whose axes and words are drawn, and its curves a picture."""
    extent = region.extent
    box = Box(
        x0=max(0.0, extent.x0), y0=max(0.0, extent.y0),
        x1=min(drawing.width, extent.x1), y1=min(drawing.height, extent.y1),
    )  # fmt: skip
    dots = max((p.dots for p in _pictures(drawing)), default=drawing.image_scale)
    image, scale = _part(file, drawing, options, box, dots)
    words = [w.scaled(scale) for w in region.moved(-box.x0, -box.y0).words]
    own = replace(options, crop=None, panel=None)
    try:
        [figure] = read_image(
            file,
            image,
            own,
            every=False,
            scale=scale,
            known=words,
            corner=(box.x0, box.y0),
            seen=seen,
            caption=region.caption,
        )
    except DigitizingError as error:
        where = str(file.path) + (f", panel {region.name}" if region.name else "")
        raise DigitizingError(where, error.rule.marked, error.got.marked, error.advice.marked) from None
    pictured = "its axes and words are drawn and its curves a picture, which was traced"
    told = pictured if in_picture(drawing, region) else TRACED
    return replace(figure, panel=region.name, title=region.title, warnings=(told, *figure.warnings))


def read_pictures(
    file: FigureFile,
    drawing: Drawing,
    options: Options,
    *,
    every: bool,
    failed: list[FailedPanel] | None,
    seen: ReadingSoFar,
) -> list[DigitizedFigure]:
    """Read the panels that the pictures of a page hold; its other parts are not looked at.

    Pictures that touch are one figure, cut in strips or panels; others are read one by one, so that the words of a
    chart beside a figure are none of its own.
    """
    page = Box(x0=0.0, y0=0.0, x1=drawing.width, y1=drawing.height)
    pictures = _pictures(drawing)
    groups = touching([p.box.grown(REGIONS.picture_room * min(p.box.width, p.box.height)) for p in pictures])
    prose = paragraphs_of(drawing.words, ())
    typed = [w.box for p in prose for w in p.words if not any(q.box.holds(w.box) for q in pictures)]
    dots = max((p.dots for p in pictures), default=drawing.image_scale)

    def read(boxes: Sequence[Box], *, panel: str | None, lost: list[FailedPanel] | None) -> list[DigitizedFigure]:
        whole = _within(around(boxes), page)
        image, scale = _part(file, drawing, options, whole, dots)
        shown = _painted(image, scale, whole, shown=boxes, hidden=typed)
        return read_image(
            file,
            shown,
            replace(options, crop=None, panel=panel),
            every=every or lost is not None,
            scale=scale,
            failed=lost,
            corner=(whole.x0, whole.y0),
            seen=seen,
            caption=caption_beside(whole, prose),
        )

    if len(groups) < 2:
        return read(groups[0] if groups else [page], panel=options.panel, lost=failed if every else None)
    found: list[DigitizedFigure] = []
    lost: list[FailedPanel] = []
    errors: list[Exception] = []
    for group in groups:
        try:
            found += read(group, panel=None, lost=lost)
        except DigitizingError as error:  # a photograph, or a chart of another kind
            errors.append(error)
    if not found or (lost and every and failed is None):
        raise [*(panel.error for panel in lost), *errors][0]
    names = each_its_own([*(f.panel for f in found), *(f.panel for f in lost)])
    found = [replace(f, panel=name) for f, name in zip(found, names, strict=False)]
    if failed is not None:
        failed += [replace(f, panel=name) for f, name in zip(lost, names[len(found) :], strict=True)]
    chosen = choose(str(file.path), [_FoundOnPage(f.panel, f.title, f) for f in found], options.panel, every=every)
    return [one.figure for one in chosen]


class _FoundOnPage(NamedTuple):
    """A panel that was read, as it is chosen by name."""

    name: str | None
    title: str | None
    figure: DigitizedFigure


def _painted(image: ImageArray, scale: float, whole: Box, *, shown: Sequence[Box], hidden: Sequence[Box]) -> ImageArray:
    """Return a part of a page with its pictures alone, running text beside them painted over."""
    keep = np.zeros(image.shape[:2], bool)
    for boxes, kept in ((shown, True), (hidden, False)):
        for box in boxes:
            top, foot = (max(0, int((y - whole.y0) * scale)) for y in (box.y0, box.y1))
            left, right = (max(0, int((x - whole.x0) * scale)) for x in (box.x0, box.x1))
            keep[top : foot + 1, left : right + 1] = kept
    return np.where(keep[..., None], image, np.uint8(255))


def _within(box: Box, page: Box) -> Box:
    return Box(x0=max(0.0, box.x0), y0=max(0.0, box.y0), x1=min(page.x1, box.x1), y1=min(page.y1, box.y1))


def touching(boxes: Sequence[Box]) -> list[list[Box]]:
    """Return groups of boxes that touch, from the top of the page."""
    groups: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: (b.y0, b.x0)):
        near = [g for g in groups if any(_touch(box, other) for other in g)]
        groups = [g for g in groups if g not in near] + [[box, *(other for g in near for other in g)]]
    return sorted(groups, key=lambda g: (min(b.y0 for b in g), min(b.x0 for b in g)))


def _touch(a: Box, b: Box) -> bool:
    return a.x0 <= b.x1 and b.x0 <= a.x1 and a.y0 <= b.y1 and b.y0 <= a.y1


def each_its_own(names: Sequence[str | None]) -> list[str | None]:
    """Return the names of panels of several pictures, by number where two pictures name theirs alike."""
    known = [name for name in names if name is not None]
    if len(known) == len(names) and len(set(known)) == len(known):
        return list(names)
    return [str(k + 1) for k in range(len(names))] if len(names) > 1 else list(names)
