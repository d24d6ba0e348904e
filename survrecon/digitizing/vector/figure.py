"""Vector figures: strokes and words to calibrated axes and to curves in drawing precision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.geometry import Axis, Box, on_one_line
from survrecon.digitizing.options import MOST_OF_FRACTION, Options, refuse_unit, turned_round
from survrecon.digitizing.panel_figure import FoundPanel, panel_figure, survival_title
from survrecon.digitizing.panels.choice import choose, read_each
from survrecon.digitizing.panels.competing import refuse_hazard
from survrecon.digitizing.panels.regions import Region, regions_of
from survrecon.digitizing.panels.settings import DRAWN, PLOT
from survrecon.digitizing.raster import ocr
from survrecon.digitizing.raster.axes import RasterAxes, fit_axis, restated, uneven_note, with_uneven_ticks
from survrecon.digitizing.raster.figure import read_image
from survrecon.digitizing.result import DigitizedFigure, FailedPanel, FigureKind
from survrecon.digitizing.so_far import shows_itself
from survrecon.digitizing.source import FigureFile, FileKind, without_curves
from survrecon.digitizing.surroundings import beside_strokes
from survrecon.digitizing.vector.curves import DrawnLine, find_lines, in_data_units
from survrecon.digitizing.vector.pages import TRACED, in_picture, read_pictures, read_under_axes
from survrecon.digitizing.vector.pdf import read_pdf
from survrecon.digitizing.vector.settings import DRAWING
from survrecon.digitizing.vector.strokes import Drawing, picture
from survrecon.digitizing.vector.svg import read_svg
from survrecon.digitizing.words.labels import find_panels
from survrecon.digitizing.words.words import load_words, save_words
from survrecon.errors import DigitizingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray
    from survrecon.digitizing.so_far import ReadingSoFar
    from survrecon.digitizing.vector.strokes import Stroke
    from survrecon.digitizing.words.labels import LabelRun, PanelLabels

__all__ = ["calibrate_drawing", "drawn_plot_area", "read_drawing"]

_PICTURE = 4  # strokes that a page which only holds a picture may have


def read_drawing(
    file: FigureFile,
    options: Options,
    *,
    every: bool,
    seen: ReadingSoFar,
    failed: list[FailedPanel] | None = None,
) -> list[DigitizedFigure]:
    """Read the panels of a PDF page or SVG; a page that only holds a picture is read as that picture.

    Panels that cannot be read go to ``failed``, where there is one.
    """
    drawing = read_pdf(file, options.page or 1) if file.kind is FileKind.PDF else read_svg(file)
    if drawing.image is None:
        scale = min(DRAWING.largest_scale, max(1.0, DRAWING.picture_side / max(drawing.width, drawing.height)))
        drawing.image, drawing.image_scale = picture(drawing, scale), scale
    seen.decoded(drawing.image, scale=drawing.image_scale)
    if options.crop is not None:
        drawing = _cropped(str(file.path), drawing, options.crop)
        assert drawing.image is not None
        seen.decoded(drawing.image, scale=drawing.image_scale)
    known = load_words(Path(options.words), "points") if options.words and Path(options.words).exists() else None
    words = drawing.words if known is None else known
    notes: list[str] = []
    panels = find_panels(words)
    drawn = len(drawing.strokes) > _PICTURE
    if not panels and options.text and ocr.available() and drawing.image is not None and drawn:
        words = [w.scaled(1 / drawing.image_scale) for w in ocr.read_words(drawing.image)]
        panels = find_panels(words)
        if panels:
            notes.append("the figure's text is drawn as shapes; it was read by character recognition")
    if panels:
        regions = regions_of(panels, words, (int(drawing.height), int(drawing.width)))
        seen.divided(regions, words)
        usable, against = _usable(str(file.path), drawing, regions, options)
        read_as_drawn = [r for r in regions if r in usable or r in against]
        others = [r for r in regions if r not in read_as_drawn] if words is drawing.words else []
        # beside panels whose curves are drawn, one without is a bar chart, unless its plot is a picture
        traced = [r for r in others if not read_as_drawn or in_picture(drawing, r)]
        if read_as_drawn or traced:
            asked = every or options.panel is not None
            named = regions if asked else usable or (read_as_drawn if against else traced)
            picked = choose(str(file.path), named, options.panel, every=every)
            recognised = words is not drawing.words and known is None
            if options.words and not Path(options.words).exists():
                save_words(Path(options.words), words, "points")

            def read(region: Region) -> DigitizedFigure:
                of_panel = seen.of_panel(region)
                if region in traced:
                    return shows_itself(
                        of_panel, lambda: read_under_axes(file, drawing, region, options, seen=of_panel)
                    )
                return shows_itself(
                    of_panel,
                    lambda: _panel_figure(file, drawing, region, options, notes, recognised=recognised, seen=of_panel),
                )

            return read_each(picked, read, failed)
    assert drawing.image is not None
    whole = replace(options, crop=None)
    if options.crop is None and drawing.pictures:
        return read_pictures(file, drawing, options, every=every, failed=failed, seen=seen)
    figures = read_image(file, drawing.image, whole, every=every, scale=drawing.image_scale, failed=failed, seen=seen)
    if not drawn:
        return figures
    return [replace(figure, warnings=(TRACED, *figure.warnings)) for figure in figures]


def _cropped(where: str, drawing: Drawing, crop: tuple[float, float, float, float]) -> Drawing:
    x0, y0, x1, y1 = crop
    if not (0 <= x0 < x1 <= drawing.width + 1 and 0 <= y0 < y1 <= drawing.height + 1):
        raise DigitizingError(
            where,
            f"a crop within {drawing.width:.0f} x {drawing.height:.0f} points",
            f"{x0:g},{y0:g},{x1:g},{y1:g}",
            "give x0,y0,x1,y1",
        )
    shift = np.array([x0, y0])
    strokes = [
        replace(s, points=s.points - shift)
        for s in drawing.strokes
        if s.box.x0 >= x0 - 1 and s.box.x1 <= x1 + 1 and s.box.y0 >= y0 - 1 and s.box.y1 <= y1 + 1
    ]
    words = [
        replace(w, box=Box(x0=w.box.x0 - x0, y0=w.box.y0 - y0, x1=w.box.x1 - x0, y1=w.box.y1 - y0))
        for w in drawing.words
        if x0 <= w.cx <= x1 and y0 <= w.cy <= y1
    ]
    assert drawing.image is not None
    k = drawing.image_scale
    image = np.ascontiguousarray(drawing.image[int(y0 * k) : int(y1 * k), int(x0 * k) : int(x1 * k)])
    return Drawing(
        width=x1 - x0,
        height=y1 - y0,
        strokes=strokes,
        words=words,
        image=image,
        image_scale=k,
        outlined=drawing.outlined,
        pictures=[replace(p, box=p.box.moved(-x0, -y0)) for p in drawing.pictures],
    )


def _usable(
    where: str, drawing: Drawing, regions: Sequence[Region], options: Options
) -> tuple[list[Region], list[Region]]:
    """Return the regions that have curves, and those that contradict what is stated about them."""
    usable, against = [], []
    for region in regions:
        try:
            if _curves(where, drawing, region, options)[0]:
                usable.append(region)
        except DigitizingError:
            against.append(region)
    return usable, against


def _curves(
    where: str, drawing: Drawing, region: Region, options: Options
) -> tuple[list[DrawnLine], RasterAxes, tuple[Box, bool, bool]]:
    """Return the curves of a region with its axes and what kind of axis it is.

    Raises
    ------
    DigitizingError
        If the axis is of another unit, or the curves run the other way, than is stated.
    """
    axes = calibrate_drawing(drawing, region.labels)
    if options.x_range is not None:
        axes = replace(axes, time=restated(axes.time, options.x_range))
    if options.y_range is not None:
        axes = replace(axes, survival=restated(axes.survival, options.y_range))
    title = survival_title(region, axes if region.outer is None else calibrate_drawing(drawing, region.outer))
    refuse_hazard(where, title)
    refuse_unit(where, axes.survival, title, options)
    highest = axes.highest(region.labels.survival)
    percent = highest > MOST_OF_FRACTION if options.percent is None else options.percent
    full = 100.0 if percent else 1.0
    plot = drawn_plot_area(drawing, axes, min(full, highest) if highest < DRAWING.rising_below * full else full)
    zero = float(axes.time.position(axes.begins))
    strokes = [s for s in drawing.strokes if not any(box.holds(s.box) for box in region.hidden)]
    found: dict[bool, list[DrawnLine]] = {}
    for rising in (False, True):
        row = float(axes.survival.position(0.0 if rising else full))
        found[rising] = find_lines(strokes, plot, zero=zero, full_row=row, rising=rising)
    said = options.one_minus_survival
    if said is not None and not found[said] and found[not said]:
        raise turned_round(where, rising=said)
    rising = len(found[True]) > len(found[False]) if said is None else said
    return found[rising], axes, (plot, percent, rising)


def _panel_figure(
    file: FigureFile,
    drawing: Drawing,
    region: Region,
    options: Options,
    notes: Sequence[str],
    *,
    recognised: bool,
    seen: ReadingSoFar,
) -> DigitizedFigure:
    where = str(file.path) + (f", panel {region.name}" if region.name else "")
    lines, axes, (plot, percent, rising) = _curves(where, drawing, region, options)
    seen.calibrated(axes.time, axes.survival, plot)
    if not lines:
        raise without_curves(where)
    warnings = [*notes, *axes.warnings]
    if options.arms is not None:
        lines = sorted(lines, key=lambda line: -(line.points[-1, 0] - line.points[0, 0]))[: options.arms]
    curves = in_data_units(lines, drawing.strokes, region.words, axes, plot, percent=percent, rising=rising)
    seen.followed(curves, percent=percent, rising=rising)
    if any(line.slanted > DRAWING.slanted * len(line.points) for line in lines):
        warnings.append("curves are drawn with slanted lines; steps are placed at their middles")
    outer = axes if region.outer is None else calibrate_drawing(drawing, region.outer)
    beside = plot if region.outer is None else outer.box
    assert drawing.image is not None
    found = FoundPanel(
        kind=FigureKind.VECTOR,
        region=region,
        axes=axes,
        outer=outer,
        plot=plot,
        percent=percent,
        rising=rising,
        title=survival_title(region, outer),
        curves=curves,
        around=beside_strokes(drawing, lines, beside, axes, recognised=recognised, percent=percent, rising=rising),
        image=drawing.image,
        image_scale=drawing.image_scale,
        warnings=tuple(warnings),
    )
    return panel_figure(found, file, options, seen=seen, settle=lambda arms, _, __: tuple(arms))


def _segments(strokes: Sequence[Stroke], *, lettered: bool) -> FloatArray:
    """Return every straight piece as rows x0, y0, x1, y1; thin filled boxes too, but not where letters are shapes."""
    pieces = []
    for s in strokes:
        thin = min(s.box.width, s.box.height) < DRAWN.thin and len(s.points) <= 5
        if s.stroke is None and not (
            thin and s.fill is not None and max(s.box.width, s.box.height) > DRAWN.long and not lettered
        ):
            continue
        points = np.vstack([s.points, s.points[:1]]) if s.closed else s.points
        if len(points) > DRAWN.corners:
            continue
        pieces.append(np.hstack([points[:-1], points[1:]]))
    return np.concatenate(pieces) if pieces else np.zeros((0, 4))


def _ticks_on_a_line(
    values: FloatArray, places: list[list[float]], agree: float
) -> tuple[FloatArray, FloatArray] | None:
    """Return the values and places of the ticks that lie on one line; each label may have several strokes near it."""
    flat = [(v, p) for v, near in zip(values, places, strict=True) for p in near]
    v, p = np.array([f[0] for f in flat]), np.array([f[1] for f in flat])
    keep = on_one_line(v, p, agree)
    need = 2 if len(values) <= 3 else int(np.ceil(DRAWN.most_ticks * len(values)))
    if keep is None or len(np.unique(v[keep])) < need:
        return None
    chosen = np.unique(v[keep])
    return chosen, np.array([float(np.mean(p[keep & (v == c)])) for c in chosen])


def _axis(
    run: LabelRun, segments: FloatArray, *, vertical: bool, beside: tuple[float, float]
) -> tuple[Axis, float | None]:
    """Fit one axis; ``beside`` limits where across the axis its ticks may start or end."""
    a, b = (0, 1) if not vertical else (1, 0)
    straight = np.abs(segments[:, a] - segments[:, a + 2]) < DRAWN.straight
    length = np.abs(segments[:, b] - segments[:, b + 2])
    low, high = np.minimum(segments[:, b], segments[:, b + 2]), np.maximum(segments[:, b], segments[:, b + 2])
    touches = (high >= beside[0]) & (low <= beside[1])
    marks = segments[straight & (length > 0.5) & touches]
    values = np.array(run.values)
    guess = np.array([run.position(v) for v in values])
    reach = min(DRAWN.reach * run.spacing, max(DRAWN.least_reach, DRAWN.reach_heights * run.words[0].size))
    at = marks[:, a]
    found = [np.unique(np.round(at[np.abs(at - g) < reach], 4)).tolist() for g in guess]
    found = [sorted(f, key=lambda x, g=g: abs(x - g))[:6] for f, g in zip(found, guess, strict=True)]  # type: ignore[misc]
    hit = _ticks_on_a_line(values, found, DRAWN.agree)
    placed = hit is None  # by a designer, and not by a program
    hit = _ticks_on_a_line(values, found, DRAWN.placed) if hit is None else hit
    if hit is None:
        centres = np.array([w.cy if vertical else w.cx for w in run.words])
        return fit_axis(values, centres, resolution=1.0, source="labels"), None
    axis = fit_axis(hit[0], hit[1], resolution=DRAWN.precision, source="tick marks", pieces=placed)
    more = with_uneven_ticks(axis, run, found)
    axis = axis if more is None else fit_axis(*more, resolution=DRAWN.precision, source="tick marks", pieces=True)
    hit = hit if more is None else more
    used = np.abs(at[:, None] - hit[1][None]).min(axis=1) < (DRAWN.placed if placed else DRAWN.agree)
    short = used & (length[straight & (length > 0.5) & touches] < DRAWN.tick_length)
    ends = marks[short][:, [b, b + 2]] if short.any() else marks[used][:, [b, b + 2]]
    return axis, float(np.median(ends.min(axis=1) if not vertical else ends.max(axis=1)))


def calibrate_drawing(drawing: Drawing, labels: PanelLabels) -> RasterAxes:
    """Calibrate the axes of one panel of a drawing."""
    segments = _segments(drawing.strokes, lettered=drawing.outlined or not drawing.words)
    row, column = labels.time, labels.survival
    label_top = min(w.box.y0 for w in row.words)
    label_right = max(w.box.x1 for w in column.words)
    bottom = max(column.position(v) for v in column.values)
    left = min(row.position(v) for v in row.values)
    size = row.words[0].size
    time, line = _axis(row, segments, vertical=False, beside=(min(bottom, label_top) - 2 * size, label_top + size))
    survival, side = _axis(
        column, segments, vertical=True, beside=(label_right - size, max(left, label_right) + 2 * size)
    )
    warnings = [
        f"no tick marks found on the {name} axis; calibrated from the labels' centres"
        for name, axis in (("time", time), ("survival", survival))
        if axis.source == "labels"
    ]
    warnings += [note for name, axis in (("time", time), ("survival", survival)) for note in uneven_note(name, axis)]
    return RasterAxes(time=time, survival=survival, time_line=line, survival_line=side, warnings=tuple(warnings))


def _as_axis_is_drawn(drawing: Drawing, axes: RasterAxes, high: float, low: float) -> float:
    """Return the upper end of the survival axis, up to a tick beyond its last label: curves may rise as far."""
    ticks = np.sort(axes.time.positions)
    near = float(ticks[0]) - float(np.median(np.diff(ticks))), float(ticks[0]) + DRAWN.thin
    tick = float(np.median(np.abs(np.diff(np.sort(axes.survival.positions)))))
    tops = [
        s.box.y0
        for s in drawing.strokes
        if s.box.y1 - s.box.y0 > DRAWN.tall * (low - high)
        and near[0] < s.box.x0 < near[1]
        and high - tick < s.box.y0 < high
        and s.box.y1 < low + PLOT.below * (low - high)
    ]
    return min([high, *tops])


def drawn_plot_area(drawing: Drawing, axes: RasterAxes, full: float) -> Box:
    """Return the box of time 0, or of a landmark, to the end of the axis line, frame or background."""
    ticks = np.sort(axes.time.positions)
    gap = float(np.median(np.diff(ticks)))
    high = float(axes.survival.position(max(full, axes.survival.values.max())))
    low = float(axes.survival.position(axes.survival.values.min()))
    ends = []
    for s in drawing.strokes:
        b = s.box
        if (
            len(s.points) > 6
            or b.x0 > ticks[0] + 0.5 * gap
            or b.x1 < ticks[-1] - PLOT.short_of_tick * gap
            or b.x1 > ticks[-1] + DRAWN.past_tick * gap
        ):
            continue
        level = b.height < 0.5 and high - DRAWN.above * (low - high) < b.y0 < low + PLOT.below * (low - high)
        tall = b.height > DRAWN.tall * (low - high) and b.y1 < low + PLOT.below * (low - high)
        frame = tall and (s.closed or len(s.points) > 3)  # three corners are two axes in one stroke
        if frame or (level and b.x1 > ticks[-1] + 0.5):  # R's axis line ends at the last tick, the curves need not
            ends.append(b.x1)
    right = max(float(ticks[-1]), min(ends)) if ends else float(ticks[-1]) + gap
    if full <= float(axes.survival.values.max()):
        high = _as_axis_is_drawn(drawing, axes, high, low)
    pad = PLOT.pad * (low - high)
    return Box(x0=float(axes.time.position(axes.begins)), y0=high - pad, x1=right, y1=low + pad)
