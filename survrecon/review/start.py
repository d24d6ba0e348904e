"""What a reader starts from: the program's reading, as far as it came, of a figure or a part; or the figure alone."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from survrecon.callers import in_shell
from survrecon.digitizing import FigureKind, digitize
from survrecon.digitizing.ends import with_ends
from survrecon.digitizing.picture import StraightPicture, decoded_picture, picture_as_png, straight_picture
from survrecon.digitizing.quality import graded
from survrecon.digitizing.so_far import ReadingSoFar
from survrecon.digitizing.source import FileKind, open_file
from survrecon.digitizing.words.scene import hex_colour
from survrecon.errors import ReviewError, SurvreconError
from survrecon.review.state import (
    AxisHandle,
    Corner,
    ReviewArm,
    ReviewAxis,
    ReviewCell,
    ReviewDoubtItem,
    ReviewedFigure,
    ReviewRow,
    ReviewState,
    ReviewStatistic,
    ReviewTable,
    RowKind,
    TimeUnit,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from survrecon.arrays import FloatArray, ImageArray
    from survrecon.digitizing import DigitizedArm, DigitizedFigure, Doubt
    from survrecon.digitizing.geometry import Axis
    from survrecon.digitizing.result import DigitizedRiskTable, PrintedStatistic
    from survrecon.review.folder import ReviewFolder
    from survrecon.review.state import BoxInPicture

__all__ = ["Start", "blank_of", "read_part", "read_start", "start_of"]

Kind = Literal["vector", "traced", "manual"]


@dataclass(frozen=True, kw_only=True)
class Start:
    """A figure's picture, and the state that the program's reading gives.

    Parameters
    ----------
    image : numpy.ndarray, shape (h, w, 3)
        The straightened picture.
    state : ReviewState
        As read; with no more than the figure in it where nothing was.
    """

    image: ImageArray
    state: ReviewState


def read_start(path: str | Path, options: Mapping[str, Any]) -> Start:
    """Read a figure, and return what was read, all of it or as far as it came.

    Parameters
    ----------
    path : str or Path
        PNG, JPEG, PDF or SVG.
    options : mapping
        Those of `survrecon.digitizing.digitize`.

    Raises
    ------
    DigitizingError
        If the file is no figure that can be decoded.
    """
    file = open_file(Path(path))
    page = options.get("page") if file.kind is FileKind.PDF else None
    try:
        figure = digitize(path, **options)
    except SurvreconError as error:
        seen = error.so_far
        if isinstance(seen, ReadingSoFar) and seen.figure is not None:
            return start_of(seen.figure, page=page, message=_why(error))
        if isinstance(seen, ReadingSoFar) and seen.image is not None:
            return _of_part(seen, file.sha256, page=page, message=_why(error))
        image, scale = decoded_picture(file, page)
        h, w = image.shape[:2]
        blank = ReviewedFigure(
            name=file.path.name, sha256=file.sha256, kind="manual", width=w, height=h, scale=scale, page=page,
            message=_why(error),
        )  # fmt: skip
        return Start(image=image, state=ReviewState(figure=blank))
    return start_of(figure, page=page)


def _why(error: SurvreconError) -> str:
    """Return why nothing was read, for a page on which options of the command line are no help."""
    return f"it needs {error.rule.spelled(in_shell)}; it found {error.got.spelled(in_shell)}."


def blank_of(state: ReviewState) -> ReviewState:
    """Return a state with nothing but the figure in it, for a reader who is to see no reading."""
    kept = state.figure.model_copy(
        update={
            "kind": "manual", "plot": None, "labels": (None, None), "message": None, "warnings": (), "title": None,
            "estimator": type(state.figure.estimator).KAPLAN_MEIER, "late_entry": False,
        }
    )  # fmt: skip
    return ReviewState(figure=kept)


def start_of(figure: DigitizedFigure, *, page: int | None = None, message: str | None = None) -> Start:
    """Return the state of a whole reading.

    Parameters
    ----------
    figure : DigitizedFigure
        What was read.
    page : int or None
        The page of a PDF that it was read from.
    message : str or None
        What is wrong with it as a whole.
    """
    picture = straight_picture(figure.image, figure.image_scale, figure.straighten)
    of_ends = with_ends(replace(figure, warnings=()), figure.risk_table).warnings  # said again after every edit
    ids = {arm.name: f"a{k}" for k, arm in enumerate(figure.arms, start=1)}
    time, survival = _axis(picture, figure.time_axis, along=0), _axis(picture, figure.survival_axis, along=1)
    facts = ReviewedFigure(
        name=figure.path.name,
        sha256=figure.sha256,
        kind="vector" if figure.kind is FigureKind.VECTOR else "traced",
        width=picture.image.shape[1],
        height=picture.image.shape[0],
        scale=picture.scale,
        panel=figure.panel,
        panels=(figure.panel,) if figure.panel else (),
        title=figure.title,
        page=page,
        plot=picture.box(figure.plot_area),
        labels=(figure.time_axis.label, figure.survival_axis.label),
        message=message,
        warnings=tuple(said for said in figure.warnings if said not in of_ends),
        estimator=figure.estimator,
        late_entry=figure.late_entry,
    )
    state = ReviewState(
        figure=facts,
        time_axis=time,
        survival_axis=survival,
        percent=figure.percent,
        one_minus_survival=figure.rising,
        time_unit=cast("TimeUnit | None", figure.time_unit),
        table=_table(picture, figure.risk_table, ids),
        statistics=tuple(_statistic(k, one, ids) for k, one in enumerate(dict.fromkeys(figure.printed), start=1)),
    )
    state = state.model_copy(update={"arms": tuple(_arm(state, ids[arm.name], arm) for arm in figure.arms)})
    again = graded(replace(figure, doubts=()), figure.risk_table).doubts
    return Start(
        image=picture.image, state=state.model_copy(update={"doubts": _doubts(state, figure.doubts, ids, again)})
    )


def _of_part(seen: ReadingSoFar, sha256: str, *, page: int | None, message: str) -> Start:
    """Return the state of a reading that failed: axes and curves, as far as they were found."""
    assert seen.image is not None
    picture = straight_picture(seen.image, seen.image_scale, seen.straighten)
    facts = ReviewedFigure(
        name=seen.path.name,
        sha256=sha256,
        kind="manual",
        width=picture.image.shape[1],
        height=picture.image.shape[0],
        scale=picture.scale,
        panel=seen.panel,
        panels=tuple(seen.plots) if len(seen.plots) > 1 else (),
        page=page,
        plot=None if seen.plot_area is None else picture.box(seen.plot_area),
        message=message,
    )
    state = ReviewState(figure=facts, percent=seen.percent, one_minus_survival=seen.rising)
    if seen.time_axis is None or seen.survival_axis is None:
        return Start(image=picture.image, state=state)
    time, survival = _axis(picture, seen.time_axis, along=0), _axis(picture, seen.survival_axis, along=1)
    state = state.model_copy(update={"time_axis": time, "survival_axis": survival})
    arms = tuple(
        ReviewArm(
            id=f"a{k}", name=f"arm {k}", colour=hex_colour(curve.colour), dash=curve.dash, line_width=curve.line_width,
            name_source="none", followed=curve.followed, corners=_corners(state, curve.time, curve.survival),
            marks=_marks(state, curve.censor_times),
        )
        for k, curve in enumerate(seen.curves, start=1)
    )  # fmt: skip
    state = state.model_copy(update={"arms": arms})
    return Start(image=picture.image, state=state.model_copy(update={"doubts": _doubts(state, seen.doubts, {})}))


def _axis(picture: StraightPicture, axis: Axis, *, along: int) -> ReviewAxis:
    """Return an axis by two handles at its first and last tick; by all ticks where these are unevenly spaced."""
    values = axis.values[np.argsort(axis.values)]
    if not axis.pieces and len(values) > 1:
        values = values[[0, -1]]
    elif len(values) < 2:
        values = np.array([0.0, 1.0])
    places = [picture.place(*((p, 0.0) if along == 0 else (0.0, p)))[along] for p in axis.position(values).tolist()]
    pixels = abs(axis.scale) * picture.scale
    return ReviewAxis(
        handles=tuple(AxisHandle(pixel=p, value=v) for p, v in sorted(zip(places, values.tolist(), strict=True))),
        source=axis.source,
        ticks=len(axis.values),
        residual=float(np.abs(axis.residuals).max(initial=0.0)) * picture.scale,
        resolution=axis.resolution * pixels,
    )


def _corners(state: ReviewState, time: FloatArray, survival: FloatArray) -> tuple[Corner, ...]:
    """Return a step curve in pixels; of points at one time the last level counts."""
    last = np.append(np.diff(time) > 0, True)
    x, y = state.time_axis.pixel(time[last]), state.heights(survival[last])
    return tuple(zip(x.tolist(), y.tolist(), strict=True))


def _marks(state: ReviewState, times: FloatArray | None) -> tuple[float, ...] | None:
    return None if times is None else tuple(sorted(state.time_axis.pixel(times).tolist()))


def _arm(state: ReviewState, name: str, arm: DigitizedArm) -> ReviewArm:
    return ReviewArm(
        id=name,
        name=arm.name,
        colour=arm.colour,
        dash=str(arm.dash),
        line_width=arm.line_width,
        name_source=str(arm.name_source),
        n=arm.n or None,
        n_source=None if arm.n_source is None else str(arm.n_source),
        events=next(
            (int(s.value) for s in state.statistics if (s.quantity, s.arm) == ("events", name) and s.value), None
        ),
        followed=arm.followed,
        corners=_corners(state, arm.time, arm.survival),
        marks=_marks(state, arm.censor_times),
    )


def _table(picture: StraightPicture, table: DigitizedRiskTable | None, ids: Mapping[str, str]) -> ReviewTable:
    """Return the numbers at risk, and beside them what else the table counts."""
    if table is None:
        return ReviewTable()
    rows: list[ReviewRow] = []
    for name, values in table.rows.items():
        boxes = table.boxes.get(name, (None,) * len(values))
        trust = table.confidence.get(name, (None,) * len(values))
        cells = tuple(
            ReviewCell(value=value, confidence=sure, box=None if box is None else picture.box(box))
            for value, sure, box in zip(values, trust, boxes, strict=True)
        )
        rows.append(ReviewRow(id=f"r{len(rows) + 1}", arm=ids.get(name), cells=cells))
    for name, kinds in table.extra.items():
        for kind, values in kinds.items():
            cells = tuple(ReviewCell(value=value) for value in values)
            rows.append(ReviewRow(id=f"r{len(rows) + 1}", arm=ids.get(name), kind=RowKind(kind), cells=cells))
    return ReviewTable(times=tuple(table.times.tolist()), rows=tuple(rows))


def _statistic(k: int, one: PrintedStatistic, ids: Mapping[str, str]) -> ReviewStatistic:
    bound: Literal["<", ">"] | None = "<" if one.less_than is not None else ">" if one.more_than is not None else None
    value = one.less_than if one.less_than is not None else one.more_than if one.more_than is not None else one.value
    return ReviewStatistic(
        id=f"s{k}",
        quantity=cast("Any", one.quantity),
        value=value,
        bound=bound,
        arm=ids.get(one.arm or ""),
        of=ids.get(one.of or ""),
        over=ids.get(one.over or ""),
        one_sided=one.sides == 1,
        **{
            name: getattr(one, name)
            for name in (
                "low", "high", "level", "stratum", "model", "test", "time", "unit", "decimals", "text", "remark",
            )
        },
    )  # fmt: skip


def _doubts(
    state: ReviewState, doubts: Iterable[Doubt], ids: Mapping[str, str], derived: Collection[Doubt] = ()
) -> tuple[ReviewDoubtItem, ...]:
    return tuple(
        ReviewDoubtItem(
            id=f"d{k}", field=doubt.field, text=f"{doubt.where}: read {doubt.read!r}: {doubt.why}",
            arm=ids.get(doubt.arm or ""), time=doubt.time, read=doubt.read, options=doubt.options, where=doubt.where,
            why=doubt.why, confidence=doubt.confidence, derived=doubt in derived,
            at=_place(state, doubt, ids.get(doubt.arm or "")),
        )
        for k, doubt in enumerate(dict.fromkeys(doubts), start=1)
    )  # fmt: skip


def _place(state: ReviewState, doubt: Doubt, arm: str | None) -> Corner | None:
    """Return where a doubt is: its cell, its place on its curve, or its time."""
    if doubt.field == "numbers at risk" and doubt.time is not None:
        for row in state.table.rows:
            for time, cell in zip(state.table.times, row.cells, strict=True):
                if row.arm == arm and time == doubt.time and cell.box is not None:
                    return (cell.box[0] + cell.box[2]) / 2, (cell.box[1] + cell.box[3]) / 2
    if doubt.time is None or not state.calibrated:
        return None
    x = float(state.time_axis.pixel(doubt.time))
    found = next((one for one in state.arms if one.id == arm), None)
    levels = [] if found is None else [y for at, y in found.corners if at <= x]
    x0, y0, _, y1 = state.frame
    return max(x, x0), levels[-1] if levels else (y0 + y1) / 2


def read_part(review: ReviewFolder, panel: Any = None, crop: Any = None) -> ReviewState:
    """Return what the program reads of a panel, or of a part of the picture, in the pixels of the picture.

    Parameters
    ----------
    review : ReviewFolder
        The figure under review.
    panel : str or None
        The panel's letter or title.
    crop : four floats or None
        Left, top, right, bottom in pixels of the picture.

    Raises
    ------
    SurvreconError
        If they are none, or nothing can be read there.
    """
    if not (panel is None or isinstance(panel, str)):
        raise ReviewError("panel", "a panel's letter or title", repr(panel)[:80], "choose one of the panels")
    options = {name: value for name, value in review.options.items() if name not in ("panel", "crop")}
    options |= {} if not panel else {"panel": panel}
    known = review.automatic.figure
    if crop is None:
        state = read_start(review.figure, options).state
        _refuse_unread(state)
        if (state.figure.width, state.figure.height) != (known.width, known.height):
            rule, got = "a panel of the same picture", f"{panel}, a picture of its own in the file"
            raise ReviewError("panel", rule, got, "review it by itself, naming the panel when you start")
        return _with_panels(state, known.panels)
    x0, y0, x1, y1 = box = _box(crop, known.width, known.height)
    with tempfile.TemporaryDirectory(prefix="survrecon-") as place:
        part = Path(place) / "part.png"
        part.write_bytes(picture_as_png(review.image[round(y0) : round(y1), round(x0) : round(x1)]))
        state = read_start(part, options).state
    _refuse_unread(state)
    figure = state.figure.model_copy(
        update={
            "name": known.name, "sha256": known.sha256, "width": known.width, "height": known.height, "crop": box,
            "page": known.page, "plot": _moved(state.figure.plot, round(x0), round(y0)),
        }
    )  # fmt: skip
    return _with_panels(_shifted(state, round(x0), round(y0)).model_copy(update={"figure": figure}), known.panels)


def _box(crop: Any, width: int, height: int) -> BoxInPicture:
    numbers = isinstance(crop, list) and len(crop) == 4 and all(isinstance(v, int | float) for v in crop)
    if not numbers or not (0 <= crop[0] < crop[2] <= width and 0 <= crop[1] < crop[3] <= height):
        rule = f"left, top, right, bottom within {width} x {height} pixels"
        raise ReviewError("crop", rule, repr(crop)[:80], "draw it again")
    return (float(crop[0]), float(crop[1]), float(crop[2]), float(crop[3]))


def _refuse_unread(state: ReviewState) -> None:
    if not state.arms:
        got = (state.figure.message or "none").rstrip(".")
        raise ReviewError(
            "figure", "curves that the program can read there", got, "read it by hand, or choose another part"
        )


def _with_panels(state: ReviewState, panels: tuple[str, ...]) -> ReviewState:
    names = tuple(dict.fromkeys((*panels, *state.figure.panels)))
    return state.model_copy(update={"figure": state.figure.model_copy(update={"panels": names})})


def _moved(box: BoxInPicture | None, dx: float, dy: float) -> BoxInPicture | None:
    return None if box is None else (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy)


def _shifted(state: ReviewState, dx: float, dy: float) -> ReviewState:
    """Return a state whose places are those of a picture that begins further left and above."""

    def axis(name: str, by: float) -> Any:
        found = getattr(state, name)
        handles = tuple(h.model_copy(update={"pixel": h.pixel + by}) for h in found.handles)
        return found.model_copy(update={"handles": handles})

    arms = tuple(
        arm.model_copy(
            update={
                "corners": tuple((x + dx, y + dy) for x, y in arm.corners),
                "marks": None if arm.marks is None else tuple(x + dx for x in arm.marks),
            }
        )
        for arm in state.arms
    )
    rows = tuple(
        row.model_copy(update={"cells": tuple(c.model_copy(update={"box": _moved(c.box, dx, dy)}) for c in row.cells)})
        for row in state.table.rows
    )
    doubts = tuple(
        d if d.at is None else d.model_copy(update={"at": (d.at[0] + dx, d.at[1] + dy)}) for d in state.doubts
    )
    return state.model_copy(
        update={
            "time_axis": axis("time_axis", dx), "survival_axis": axis("survival_axis", dy), "arms": arms,
            "table": state.table.model_copy(update={"rows": rows}), "doubts": doubts,
        }
    )  # fmt: skip
