"""Operations on everything beside the curves: axes, the table, printed statistics, units, doubts."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from survrecon.errors import ReviewError
from survrecon.model.convention import MOST_PATIENTS
from survrecon.model.document import document_error
from survrecon.review.curves import Place, arm_of, with_arm
from survrecon.review.state import (
    AxisHandle,
    AxisName,
    BoxInPicture,
    ReviewArm,
    ReviewAxis,
    ReviewCell,
    ReviewRow,
    ReviewState,
    ReviewStatistic,
    RowKind,
    TimeUnit,
    settled,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["NUMBER_OPERATIONS", "axis_of"]

_FROM_TABLE = "risk table"
_BY_HAND = "by hand"
_TYPED = "given"
_A_PIXEL = 1.0
"""Pixels to which a person sets a handle."""


def axis_of(state: ReviewState, axis: AxisName) -> ReviewAxis:
    """Return an axis by its name."""
    return state.time_axis if axis == "time" else state.survival_axis


def _with_axis(state: ReviewState, axis: AxisName, handles: Sequence[AxisHandle], source: str) -> ReviewState:
    """Return a state with other handles on an axis, if they can be those of one."""
    before = axis_of(state, axis)
    made = tuple(sorted(handles, key=lambda handle: handle.pixel))
    values = [handle.value for handle in made]
    steps = [b - a for a, b in pairwise(values)]
    rises = axis == "time"
    if any(b.pixel - a.pixel <= 0 for a, b in pairwise(made)):
        raise ReviewError(f"{axis} axis", "each handle at a place of its own", "two at one place", "move one of them")
    if not all(step > 0 if rises else step < 0 for step in steps):
        rule = "times that rise to the right" if rises else "values that rise from the bottom to the top"
        shown = ", ".join(f"{value:g}" for value in (values if rises else values[::-1]))
        raise ReviewError(f"{axis} axis", rule, shown, "correct the value, or move the handle")
    by_hand = source == _BY_HAND
    update = {
        "handles": made,
        "source": source,
        "ticks": len(made) if by_hand else before.ticks,
        "residual": 0.0 if by_hand else before.residual,
        "resolution": max(before.resolution, _A_PIXEL) if by_hand else before.resolution,
    }
    state = state.model_copy(update={f"{axis}_axis": before.model_copy(update=update)})
    return settled(state, f"{axis} axis")


def _handle(axis: ReviewAxis, index: int, where: str) -> AxisHandle:
    if not 0 <= index < len(axis.handles):
        raise ReviewError(f"{where} axis", f"one of its {len(axis.handles)} handles", f"{index}", "choose another")
    return axis.handles[index]


def set_axis(state: ReviewState, axis: AxisName, handles: tuple[AxisHandle, ...]) -> ReviewState:
    """Calibrate an axis: all its handles at once."""
    return _with_axis(state, axis, handles, _BY_HAND)


def move_handle(state: ReviewState, axis: AxisName, index: int, pixel: Place) -> ReviewState:
    """Move a handle, which keeps its value; it stops beside its neighbours."""
    found = axis_of(state, axis)
    handle = _handle(found, index, axis)
    others = [one for k, one in enumerate(found.handles) if k != index]
    most = float(state.figure.width if axis == "time" else state.figure.height)
    low = max((one.pixel + _A_PIXEL for one in others if one.pixel < handle.pixel), default=min(0.0, handle.pixel))
    high = min((one.pixel - _A_PIXEL for one in others if one.pixel > handle.pixel), default=max(most, handle.pixel))
    moved = handle.model_copy(update={"pixel": max(low, min(high, pixel))})
    return _with_axis(state, axis, [*others, moved], _BY_HAND)


def set_handle(state: ReviewState, axis: AxisName, index: int, value: Place) -> ReviewState:
    """Type the value of a handle, which stays where it is."""
    found = axis_of(state, axis)
    handle = _handle(found, index, axis)
    others = [one for k, one in enumerate(found.handles) if k != index]
    source = _BY_HAND if found.source == _BY_HAND else _TYPED
    return _with_axis(state, axis, [*others, handle.model_copy(update={"value": value})], source)


def add_handle(state: ReviewState, axis: AxisName, pixel: Place, value: Place) -> ReviewState:
    """Add a handle with its value."""
    found = axis_of(state, axis)
    return _with_axis(state, axis, [*found.handles, AxisHandle(pixel=pixel, value=value)], _BY_HAND)


def delete_handle(state: ReviewState, axis: AxisName, index: int) -> ReviewState:
    """Remove a handle."""
    found = axis_of(state, axis)
    _handle(found, index, axis)
    return _with_axis(state, axis, [one for k, one in enumerate(found.handles) if k != index], _BY_HAND)


def _with_rows(state: ReviewState, rows: Sequence[ReviewRow], times: Sequence[float] | None = None) -> ReviewState:
    update: dict[str, Any] = {"rows": tuple(rows)} | ({} if times is None else {"times": tuple(times)})
    return state.model_copy(update={"table": state.table.model_copy(update=update)})


def _row(state: ReviewState, row: str) -> ReviewRow:
    for one in state.table.rows:
        if one.id == row:
            return one
    known = ", ".join(one.id for one in state.table.rows) or "none yet"
    raise ReviewError("table", f"the id of a row: {known}", repr(row), "choose one of them")


def _column(state: ReviewState, column: int) -> int:
    if not 0 <= column < len(state.table.times):
        raise ReviewError("table", f"one of its {len(state.table.times)} columns", f"{column}", "choose another")
    return column


def _rising(times: Sequence[float]) -> tuple[float, ...]:
    falls = any(b <= a for a, b in pairwise(times))
    if falls or (times and times[0] < 0):
        shown = ", ".join(f"{time:g}" for time in times)
        raise ReviewError("table: times", "times from 0 on, each later than the one before", shown, "correct them")
    return tuple(times)


def set_cell(state: ReviewState, row: str, column: int, value: int | None) -> ReviewState:
    """Type a number of the table; at time 0 it is the arm's number of patients too, where that came from the table."""
    found = _row(state, row)
    k = _column(state, column)
    if value is not None and not 0 <= value <= MOST_PATIENTS:
        raise ReviewError("table", f"a number from 0 to {MOST_PATIENTS}", f"{value}", "correct it")
    before = found.cells[k]
    cell = before.model_copy(update={"value": value, "confidence": None, "by_hand": True})
    cells = (*found.cells[:k], cell, *found.cells[k + 1 :])
    made = found.model_copy(update={"cells": cells})
    state = _with_rows(state, [made if one.id == row else one for one in state.table.rows])
    state = settled(state, "numbers at risk", found.arm, state.table.times[k])
    return _with_patients_of_row(state, made, before) if k == 0 else state


def _with_patients_of_row(state: ReviewState, row: ReviewRow, before: ReviewCell | None = None) -> ReviewState:
    """Return a state whose arm has the patients that its row begins with, unless another number of them is stated."""
    arm = None if row.arm is None else state.arm(row.arm)
    if arm is None or row.kind is not RowKind.AT_RISK or not row.cells or state.table.times[0] != 0:
        return state
    stated = arm.n is not None and arm.n_source != _FROM_TABLE and (before is None or arm.n != before.value)
    if stated or not row.cells[0].value:
        return state
    update: dict[str, Any] = {"n": row.cells[0].value, "n_source": _FROM_TABLE}
    return with_arm(state, arm.model_copy(update=update))


def set_times(state: ReviewState, times: tuple[Place, ...]) -> ReviewState:
    """Type the times of the table's columns."""
    made = _rising(times)
    if state.table.rows and len(made) != len(state.table.times):
        rule = f"{len(state.table.times)} times, one for each column"
        raise ReviewError("table: times", rule, f"{len(made)}", "add or delete columns first")
    return _with_rows(state, state.table.rows, made)


def add_column(state: ReviewState, time: Place) -> ReviewState:
    """Add an empty column at a time."""
    times = sorted([*state.table.times, time])
    k = times.index(time)
    rows = [
        row.model_copy(update={"cells": (*row.cells[:k], ReviewCell(by_hand=True), *row.cells[k:])})
        for row in state.table.rows
    ]
    return _with_rows(state, rows, _rising(times))


def delete_column(state: ReviewState, column: int) -> ReviewState:
    """Remove a column."""
    k = _column(state, column)
    rows = [row.model_copy(update={"cells": row.cells[:k] + row.cells[k + 1 :]}) for row in state.table.rows]
    state = settled(state, "numbers at risk", time=state.table.times[k])
    return _with_rows(state, rows, state.table.times[:k] + state.table.times[k + 1 :])


def _one_row_each(state: ReviewState, arm: str | None, kind: RowKind, but: str | None = None) -> None:
    for row in state.table.rows:
        if arm is not None and row.id != but and (row.arm, row.kind) == (arm, kind) and kind is not RowKind.NOT_USED:
            name = arm_of(state, arm).name
            raise ReviewError("table", f"one row of {kind} an arm", f"another of {name}", "change that one first")


def add_row(state: ReviewState, arm: str | None = None, kind: RowKind = RowKind.AT_RISK) -> ReviewState:
    """Add an empty row."""
    if arm is not None:
        arm_of(state, arm)
    _one_row_each(state, arm, kind)
    taken = {row.id for row in state.table.rows}
    name = next(name for k in range(1, len(taken) + 2) if (name := f"r{k}") not in taken)
    cells = tuple(ReviewCell(by_hand=True) for _ in state.table.times)
    return _with_rows(state, [*state.table.rows, ReviewRow(id=name, arm=arm, kind=kind, cells=cells)])


def delete_row(state: ReviewState, row: str) -> ReviewState:
    """Remove a row."""
    gone = _row(state, row)
    state = _without_doubts_of(state, gone)
    return _with_rows(state, [one for one in state.table.rows if one is not gone])


def set_row(state: ReviewState, row: str, arm: str | None, kind: RowKind) -> ReviewState:
    """Say of which arm a row is, and what it counts."""
    found = _row(state, row)
    if arm is not None:
        arm_of(state, arm)
    _one_row_each(state, arm, kind, but=row)
    made = found.model_copy(update={"arm": arm, "kind": kind})
    if kind is not RowKind.AT_RISK:
        state = _without_doubts_of(state, found)
    elif arm is not None and arm != found.arm:
        state = _with_doubts_of(state, found, arm)
    state = _with_rows(state, [made if one.id == row else one for one in state.table.rows])
    return _with_patients_of_row(state, made)


def _without_doubts_of(state: ReviewState, row: ReviewRow) -> ReviewState:
    """Return a state in which the cells of a row that is used no more are not doubtful."""
    return state if row.arm is None else settled(state, "numbers at risk", row.arm)


def _with_doubts_of(state: ReviewState, row: ReviewRow, arm: str) -> ReviewState:
    """Return a state in which the doubts about the cells of a row are those of another arm."""
    doubts = tuple(
        d.model_copy(update={"arm": arm}) if (d.field, d.arm) == ("numbers at risk", row.arm) else d
        for d in state.doubts
    )
    return state.model_copy(update={"doubts": doubts})


def _with_total(state: ReviewState, arm: ReviewArm, update: dict[str, Any]) -> ReviewState:
    try:
        made = ReviewArm.model_validate(arm.model_dump() | update)
    except ValidationError as error:
        raise _told(error, f"arm {arm.name}") from None
    if made.n is not None and (made.n > MOST_PATIENTS or (made.events or 0) > made.n):
        got = f"{made.events} events of {made.n}"
        raise ReviewError(f"arm {arm.name}", f"up to {MOST_PATIENTS} patients, no more events", got, "correct it")
    return with_arm(state, made)


def _told(error: ValidationError, where: str) -> ReviewError:
    """Return pydantic's first finding as an error of the page."""
    found = document_error(error, where)
    return ReviewError(found.where, found.rule, found.got, "correct it")


def set_n(state: ReviewState, arm: str, value: int | None) -> ReviewState:
    """Type an arm's number of patients; None where it is not known."""
    made = _with_total(state, arm_of(state, arm), {"n": value, "n_source": None if value is None else _TYPED})
    return settled(made, "n", arm)


def set_events(state: ReviewState, arm: str, value: int | None) -> ReviewState:
    """Type an arm's total of events; None where it is not printed."""
    return _with_total(state, arm_of(state, arm), {"events": value})


def _decimals(*values: float | None) -> int:
    """Return how many decimals numbers were typed with."""
    texts = [f"{value:.10f}".rstrip("0") for value in values if value is not None]
    return max((len(text.partition(".")[2]) for text in texts), default=0)


def _checked(state: ReviewState, one: ReviewStatistic) -> ReviewStatistic:
    for key in ("arm", "of", "over"):
        if getattr(one, key) is not None:
            arm_of(state, getattr(one, key))
    limits_swapped = one.low is not None and one.high is not None and one.low > one.high
    outside = one.value is not None and (
        (one.low is not None and one.value < one.low) or (one.high is not None and one.value > one.high)
    )
    if limits_swapped or outside:
        got = f"{one.value} ({one.low} to {one.high})"
        raise ReviewError("statistic", "a value inside its interval", got, "correct the number that is wrong")
    if one.of is not None and one.of == one.over:
        raise ReviewError("statistic", "a ratio of one arm over another", "one arm twice", "choose another arm")
    fewest = max(one.decimals or 0, _decimals(one.value, one.low, one.high))
    return one.model_copy(update={"decimals": fewest})


def _edited(state: ReviewState, one: dict[str, Any], changes: dict[str, Any]) -> ReviewStatistic:
    try:
        return _checked(state, ReviewStatistic.model_validate(one | changes | {"by_hand": True}))
    except ValidationError as error:
        raise _told(error, "statistic") from None


_EDITABLE = (
    "value", "low", "high", "level", "bound", "arm", "of", "over", "model", "test", "time", "unit", "text", "one_sided",
    "decimals", "stratum",
)  # fmt: skip


def _editable(changes: dict[str, Any]) -> dict[str, Any]:
    for key in changes:
        if key not in _EDITABLE:
            raise ReviewError("statistic", f"one of {', '.join(_EDITABLE)}", repr(key), "leave it out")
    return changes


def add_statistic(
    state: ReviewState,
    quantity: Literal["hazard_ratio", "p_value", "median", "survival_at"],
    changes: dict[str, Any],
) -> ReviewState:
    """Add a number that the figure prints."""
    taken = {one.id for one in state.statistics}
    name = next(name for k in range(1, len(taken) + 2) if (name := f"s{k}") not in taken)
    made = _edited(state, {"id": name, "quantity": quantity}, _editable(changes))
    return state.model_copy(update={"statistics": (*state.statistics, made)})


def set_statistic(state: ReviewState, statistic: str, changes: dict[str, Any]) -> ReviewState:
    """Correct a number that the figure prints, or say of what it is."""
    found = _statistic(state, statistic)
    made = _edited(state, found.model_dump(), _editable(changes))
    return state.model_copy(update={"statistics": tuple(made if one is found else one for one in state.statistics)})


def delete_statistic(state: ReviewState, statistic: str) -> ReviewState:
    """Remove a number that the figure does not print."""
    gone = _statistic(state, statistic)
    return state.model_copy(update={"statistics": tuple(one for one in state.statistics if one is not gone)})


def _statistic(state: ReviewState, statistic: str) -> ReviewStatistic:
    for one in state.statistics:
        if one.id == statistic:
            return one
    known = ", ".join(one.id for one in state.statistics) or "none yet"
    raise ReviewError("statistic", f"the id of a printed number: {known}", repr(statistic), "choose one of them")


def set_percent(state: ReviewState, value: bool) -> ReviewState:
    """Say whether the survival axis is in percent; its printed values stay."""
    return state.model_copy(update={"percent": value})


def set_one_minus_survival(state: ReviewState, value: bool) -> ReviewState:
    """Say whether the axis shows 1 - S, and the curves go up."""
    if value == state.one_minus_survival:
        return state
    for arm in state.arms:
        if arm.corners and arm.corners[0][1] != arm.corners[-1][1]:
            way = "up" if state.one_minus_survival else "down"
            raise ReviewError(
                f"arm {arm.name}", "survival never rises", f"a curve that goes {way} in the picture",
                "delete the curves first, if they are none",
            )  # fmt: skip
    return state.model_copy(update={"one_minus_survival": value})


def set_time_unit(state: ReviewState, value: TimeUnit | None) -> ReviewState:
    """Say the unit of the time axis; None where none is printed."""
    return settled(state.model_copy(update={"time_unit": value}), "time unit")


def set_control(state: ReviewState, arm: str | None) -> ReviewState:
    """Say which arm is the control; None to leave it to names and order."""
    return settled(state.model_copy(update={"control": None if arm is None else arm_of(state, arm).id}), "direction")


def set_crop(state: ReviewState, box: BoxInPicture | None) -> ReviewState:
    """Say which part of the picture is looked at; None for all of it."""
    if box is not None:
        x0, y0, x1, y1 = box
        w, h = state.figure.width, state.figure.height
        if not (0 <= x0 < x1 <= w and 0 <= y0 < y1 <= h):
            got = ", ".join(f"{v:g}" for v in box)
            raise ReviewError("crop", f"left, top, right, bottom within {w} x {h} pixels", got, "draw it again")
    return state.model_copy(update={"figure": state.figure.model_copy(update={"crop": box})})


def set_panel(state: ReviewState, name: str | None) -> ReviewState:
    """Say which panel of the figure is read."""
    return state.model_copy(update={"figure": state.figure.model_copy(update={"panel": name or None})})


def resolve_doubt(state: ReviewState, doubt: str, resolved: bool) -> ReviewState:
    """Settle a doubt, or open it again."""
    if all(one.id != doubt for one in state.doubts):
        raise ReviewError("doubt", "the id of a doubt", repr(doubt), "choose one of those listed")
    doubts = tuple(d.model_copy(update={"resolved": resolved}) if d.id == doubt else d for d in state.doubts)
    return state.model_copy(update={"doubts": doubts})


NUMBER_OPERATIONS: dict[str, Callable[..., ReviewState]] = {
    one.__name__: one
    for one in (
        set_axis, move_handle, set_handle, add_handle, delete_handle, set_cell, set_times, add_column, delete_column,
        add_row, delete_row, set_row, set_n, set_events, add_statistic, set_statistic, delete_statistic, set_percent,
        set_one_minus_survival, set_time_unit, set_control, set_crop, set_panel, resolve_doubt,
    )
}  # fmt: skip
"""By the name that the page sends."""
