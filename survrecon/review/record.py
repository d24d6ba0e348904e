"""From a working record to the record that is run: as if the figure had been read like this."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.callers import in_shell
from survrecon.digitizing import DigitizedArm, DigitizedFigure, DigitizedRiskTable, Doubt, FigureKind
from survrecon.digitizing.ends import with_ends
from survrecon.digitizing.geometry import Affine, Axis, Box
from survrecon.digitizing.quality import graded
from survrecon.digitizing.result import CountSource, Dash, NameSource, PrintedStatistic
from survrecon.errors import ReviewError, SurvreconError
from survrecon.files.outputs import sha256_of
from survrecon.records.folder import RECORD_FILE, write_document
from survrecon.records.readings import Basis, ReadKind, readings_csv
from survrecon.records.schema import Edit, RecordDocument, ReviewedBy, SourceKind
from survrecon.review.operations import problems
from survrecon.review.state import ReviewState, RowKind
from survrecon.running.accept import changed_keys, changed_points, changed_table
from survrecon.running.figure_record import figure_as_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from survrecon.arrays import FloatArray, ImageArray
    from survrecon.review.state import ReviewArm, ReviewAxis, ReviewStatistic

__all__ = ["RecordParts", "as_figure", "edits_between", "record_parts", "with_review"]

_BY_HAND = "drawn on the picture of the figure by a person"
_FOLLOWS = tuple(f"digitized.{key}" for key in ("reading", "doubts", "remarks", "what", "how", "review"))
"""Keys of a record that follow from what a person changed."""
_NO_IMAGE = np.full((1, 1, 3), 255, np.uint8)


@dataclass(frozen=True, kw_only=True)
class RecordParts:
    """A record before it is written.

    Parameters
    ----------
    document : RecordDocument
        What ``figure.toml`` says.
    files : mapping of str to str
        The other files by name.
    figure : DigitizedFigure
        What they were made of, graded.
    """

    document: RecordDocument
    files: Mapping[str, str]
    figure: DigitizedFigure

    @property
    def texts(self) -> dict[str, str]:
        """Every file with its text, ``figure.toml`` among them."""
        return {**self.files, RECORD_FILE: write_document(self.document)}


def record_parts(state: ReviewState, start: ReviewState | None = None, image: ImageArray | None = None) -> RecordParts:
    """Return the record of a state.

    Parameters
    ----------
    state : ReviewState
        The working record.
    start : ReviewState or None
        What the program read; None where it read nothing, or the reader saw nothing of it.
    image : numpy.ndarray or None
        The picture; the overlay alone needs it.

    Raises
    ------
    SurvreconError
        If something stands in the way (`survrecon.review.operations.problems`), or no record can be made.
    """
    for problem in problems(state):
        raise problem
    figure = as_figure(state, image)
    read_before = None if start is None or problems(start) else as_figure(start)
    n = {arm.name: arm.n for arm in state.arms if arm.n is not None and arm.n_source == CountSource.GIVEN}
    printed = {s.arm: s.value for s in figure.printed if s.quantity == "events"}
    events = {arm.name: arm.events for arm in state.arms if arm.events not in (None, printed.get(arm.name))}
    try:
        document, files = figure_as_record(
            figure,
            control=state.name_of(state.control),
            n=n,
            events={name: count for name, count in events.items() if count is not None},
            read_before=figure if read_before is None else read_before,
        )
    except SurvreconError as error:
        raise ReviewError(str(error.where), str(error.rule), str(error.got), error.advice.spelled(in_shell)) from None
    return _with_typed_cells(_of_a_person(RecordParts(document=document, files=files, figure=figure), state), state)


def as_figure(state: ReviewState, image: ImageArray | None = None) -> DigitizedFigure:
    """Return a calibrated state as what digitizing would have returned, with its ends and its grade."""
    scale = state.figure.scale
    x0, y0, x1, y1 = state.figure.plot or state.frame
    table = _table(state)
    figure = DigitizedFigure(
        path=Path(state.figure.name),
        sha256=state.figure.sha256,
        kind=FigureKind.VECTOR if state.figure.kind == "vector" else FigureKind.TRACED,
        panel=state.figure.panel,
        time_axis=_axis(state.time_axis, scale, state.figure.labels[0]),
        survival_axis=_axis(state.survival_axis, scale, state.figure.labels[1]),
        straighten=Affine(),
        percent=state.percent,
        rising=state.one_minus_survival,
        time_unit=state.time_unit,
        plot_area=Box(x0=x0 / scale, y0=y0 / scale, x1=x1 / scale, y1=y1 / scale),
        arms=tuple(_arm(state, arm) for arm in state.arms),
        risk_table=table,
        printed=tuple(_statistic(state, one) for one in state.statistics if _stands(state, one)),
        warnings=state.figure.warnings,
        doubts=tuple(
            Doubt(
                where=d.where, read=d.read, confidence=d.confidence, why=d.why, options=d.options, field=d.field,
                arm=state.name_of(d.arm), time=d.time,
            )
            for d in state.doubts
            if not (d.resolved or d.derived)
        ),
        late_entry=state.figure.late_entry and not _corrected_table(state),
        image=_canvas(state) if image is None else image,
        image_scale=scale,
        estimator=state.figure.estimator,
        title=state.figure.title,
    )  # fmt: skip
    return graded(with_ends(figure, table), table)


def _canvas(state: ReviewState) -> ImageArray:
    """Return an empty picture of the right size that takes no memory."""
    return np.broadcast_to(_NO_IMAGE, (state.figure.height, state.figure.width, 3))


def _axis(axis: ReviewAxis, scale: float, label: str | None) -> Axis:
    """Return an axis in the program's units; a line through two handles has the ticks that it was fitted to."""
    values = np.array([handle.value for handle in axis.handles])
    positions = np.array([handle.pixel for handle in axis.handles]) / scale
    slope = float((positions[-1] - positions[0]) / (values[-1] - values[0]))
    pieces = len(values) > 2
    if not pieces and axis.ticks > len(values):
        values, positions = (np.linspace(ends[0], ends[-1], axis.ticks) for ends in (values, positions))
    residuals = np.zeros(len(values))
    residuals[0] = axis.residual / scale
    return Axis(
        offset=float(positions[0] - slope * values[0]),
        scale=slope,
        values=values,
        positions=positions,
        residuals=residuals,
        resolution=axis.resolution / scale / abs(slope),
        source="given" if axis.source == "by hand" else axis.source,
        label=label,
        pieces=pieces,
    )


def _curve(state: ReviewState, arm: ReviewArm) -> tuple[FloatArray, FloatArray]:
    x, y = (np.array(part, float) for part in zip(*arm.corners, strict=True))
    return np.maximum.accumulate(state.times(x)), np.minimum.accumulate(state.survival(y))


def _arm(state: ReviewState, arm: ReviewArm) -> DigitizedArm:
    time, survival = _curve(state, arm)
    marks = None if arm.marks is None else state.times(np.array(arm.marks, float))
    return DigitizedArm(
        name=arm.name,
        name_source=NameSource(arm.name_source),
        colour=arm.colour,
        dash=Dash(arm.dash),
        line_width=arm.line_width,
        time=time,
        survival=survival,
        censor_times=marks,
        n=arm.n,
        n_source=None if arm.n_source is None else CountSource(arm.n_source),
        followed=None if arm.by_hand else arm.followed,
    )


def _corrected_table(state: ReviewState) -> bool:
    return any(cell.by_hand for row in state.table.rows for cell in row.cells)


def _table(state: ReviewState) -> DigitizedRiskTable | None:
    """Return the numbers at risk of the arms, and what else is counted of them."""
    rows: dict[str, tuple[int | None, ...]] = {}
    trust: dict[str, tuple[float, ...]] = {}
    extra: dict[str, dict[str, tuple[int | None, ...]]] = {}
    for row in state.table.rows:
        name = state.name_of(row.arm)
        if name is None or row.kind is RowKind.NOT_USED or not row.cells:
            continue
        values = tuple(cell.value for cell in row.cells)
        if row.kind is RowKind.AT_RISK:
            rows[name] = values
            trust[name] = tuple(_sure(cell.value, cell.confidence, by_hand=cell.by_hand) for cell in row.cells)
        else:
            extra.setdefault(name, {})[str(row.kind)] = values
    if not rows:
        return None
    ordered = [arm.name for arm in state.arms if arm.name in rows]
    return DigitizedRiskTable(
        times=np.array(state.table.times),
        rows={name: rows[name] for name in ordered},
        confidence={name: trust[name] for name in ordered},
        extra=extra,
    )


def _sure(value: int | None, confidence: float | None, *, by_hand: bool) -> float:
    if value is None:
        return 0.0
    return 1.0 if by_hand or confidence is None else confidence


def _stands(state: ReviewState, one: ReviewStatistic) -> bool:
    """Whether a printed number is one still: totals of events and patients are those of their arms."""
    if one.quantity not in ("events", "n"):
        return True
    arm = None if one.arm is None else state.arm(one.arm)
    return arm is not None and one.value == (arm.events if one.quantity == "events" else arm.n)


def _statistic(state: ReviewState, one: ReviewStatistic) -> PrintedStatistic:
    text = one.text or f"{one.quantity.replace('_', ' ')} {one.value if one.value is not None else 'not reached'}"
    return PrintedStatistic(
        quantity=one.quantity,
        value=None if one.bound else one.value,
        less_than=one.value if one.bound == "<" else None,
        more_than=one.value if one.bound == ">" else None,
        sides=1 if one.one_sided else 2,
        text=text,
        arm=state.name_of(one.arm),
        of=state.name_of(one.of),
        over=state.name_of(one.over),
        **{
            name: getattr(one, name)
            for name in ("low", "high", "level", "stratum", "model", "test", "time", "unit", "decimals", "remark")
        },
    )


def _of_a_person(parts: RecordParts, state: ReviewState) -> RecordParts:
    """Return a record that says which curves a person drew."""
    by_hand = [arm.name for arm in state.arms if arm.by_hand]
    if not by_hand:
        return parts
    every = len(by_hand) == len(state.arms)
    digitized = parts.document.digitized
    fits = digitized.how.partition("; ")[2]
    how = f"curves {_BY_HAND}; {fits}" if every else f"{digitized.how}; {', '.join(by_hand)} {_BY_HAND}"
    kind = SourceKind.MANUAL if every else digitized.kind
    changed = digitized.model_copy(update={"how": how, "kind": kind})
    return replace(parts, document=parts.document.model_copy(update={"digitized": changed}))


def _with_typed_cells(parts: RecordParts, state: ReviewState) -> RecordParts:
    """Return a record whose readings say which numbers at risk a person typed."""
    typed: dict[tuple[float | None, str | None], str] = {
        (time, state.name_of(row.arm)): "" if cell.value is None else str(cell.value)
        for row in state.table.rows
        if row.kind is RowKind.AT_RISK
        for time, cell in zip(state.table.times, row.cells, strict=True)
        if cell.by_hand
    }
    data = parts.document.digitized.readings
    if not typed or data is None:
        return parts
    from survrecon.files.tables import csv_lines
    from survrecon.records.readings import readings_from_rows

    rows = [cells for _, cells in csv_lines(parts.files[data.file], data.file, ReviewError)]
    readings = [
        replace(
            one, typed=typed[one.at, one.arm], option="survrecon review", basis=Basis.TYPED if one.used else one.basis
        )
        if one.what is ReadKind.AT_RISK and (one.at, one.arm) in typed
        else one
        for one in readings_from_rows(rows, data.file)
    ]
    text = readings_csv(readings)
    digitized = parts.document.digitized.model_copy(
        update={"readings": data.model_copy(update={"sha256": sha256_of(text)})}
    )
    document = parts.document.model_copy(update={"digitized": digitized})
    return replace(parts, document=document, files={**parts.files, data.file: text})


def with_review(parts: RecordParts, review: ReviewedBy, edits: tuple[Edit, ...] = ()) -> RecordParts:
    """Return a record that says who read or corrected it, from what, and what was changed."""
    digitized = parts.document.digitized.model_copy(update={"review": review, "edits": edits})
    return replace(parts, document=parts.document.model_copy(update={"digitized": digitized}))


def edits_between(before: RecordParts, after: RecordParts, date: str, reader: str) -> tuple[Edit, ...]:
    """Return which values of the program's record a person changed, file by file.

    Parameters
    ----------
    before, after : RecordParts
        The program's record and the person's.
    date : str
        When, as 2026-11-28.
    reader : str
        By whom.
    """
    old, new = before.texts, after.texts
    readings = {
        parts.document.digitized.readings.file for parts in (before, after) if parts.document.digitized.readings
    }
    printed = [parts.document.risk_table for parts in (before, after) if parts.document.risk_table is not None]
    tables = {one.file for table in printed for one in (table.points, table.events) if one is not None}
    edits = []
    for name in dict.fromkeys([*old, *new]):
        a, b = old.get(name, ""), new.get(name, "")
        if a == b or name in readings:
            continue
        if name == RECORD_FILE:
            changes: tuple[str, ...] = tuple(c for c in changed_keys(a, b) if not c.startswith(_FOLLOWS))
        elif not a or not b:
            changes = ("added" if not a else "removed",)
        else:
            changes = changed_table(a, b) if name in tables else changed_points(a, b)
        if changes:
            keys: dict[str, Any] = {"sha256_before": sha256_of(a), "sha256": sha256_of(b)}
            edits.append(Edit(file=name, date=date, reader=reader, changes=changes, **keys))
    return tuple(edits)
