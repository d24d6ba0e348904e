"""The one table of operations: what the page sends is checked, applied to a state, and told as a difference."""

from __future__ import annotations

import json
from functools import cache
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from survrecon.digitizing.words.risk_table import rises_at_first
from survrecon.errors import ReviewError
from survrecon.model.document import document_error
from survrecon.review.curves import CURVE_OPERATIONS
from survrecon.review.numbers import NUMBER_OPERATIONS
from survrecon.review.settings import EDITING
from survrecon.review.state import ReviewState, RowKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["OPERATIONS", "READ_AGAIN", "applied", "differences", "problems"]


def read_again(state: ReviewState, reading: ReviewState) -> ReviewState:
    """Start over from another reading of the same figure: of another panel, or of a part of it."""
    if reading.figure.sha256 != state.figure.sha256:
        raise ReviewError("reading", "the figure under review", reading.figure.name, "start another review for it")
    return reading


OPERATIONS: Mapping[str, Callable[..., ReviewState]] = {**CURVE_OPERATIONS, **NUMBER_OPERATIONS}
"""By the name that the page sends."""
READ_AGAIN = "read_again"
"""The operation that the server alone makes: with what was read."""
_ALL = {**OPERATIONS, READ_AGAIN: read_again}
_STATISTICS = ("add_statistic", "set_statistic")
"""Operations whose arguments beside the first are what is said of a printed number."""


@cache
def _arguments(op: str) -> type[BaseModel]:
    """Return the model of an operation's arguments, made from its annotations."""
    import survrecon.review.curves as of_curves
    import survrecon.review.numbers as of_numbers

    operation = _ALL[op]
    names = {**vars(of_curves), **vars(of_numbers)}
    hints = get_type_hints(operation, {**operation.__globals__}, names, include_extras=True)
    fields: dict[str, Any] = {
        name: (hints[name], ... if parameter.default is Parameter.empty else parameter.default)
        for name, parameter in list(signature(operation).parameters.items())[1:]
    }
    return create_model(f"Arguments of {op}", __config__=ConfigDict(extra="forbid"), **fields)


def applied(state: ReviewState, op: str, given: Mapping[str, Any]) -> ReviewState:
    """Return the state after an operation; the one that is given stays as it is.

    Parameters
    ----------
    state : ReviewState
        The state before.
    op : str
        The operation's name.
    given : mapping
        Its arguments, as values of JSON.

    Raises
    ------
    ReviewError
        If there is no such operation, an argument is not what it must be, or the result cannot be.
    """
    if op not in _ALL:
        raise ReviewError("operation", f"one of {', '.join(sorted(OPERATIONS))}", repr(op)[:80], "reload the page")
    if op in _STATISTICS and "changes" not in given:
        first = "quantity" if op == "add_statistic" else "statistic"
        rest = {key: value for key, value in given.items() if key != first}
        given = {key: value for key, value in given.items() if key == first} | {"changes": rest}
    try:
        arguments = _arguments(op).model_validate_json(json.dumps(given), strict=True)
    except ValidationError as error:
        found = document_error(error, op)
        raise ReviewError(found.where, found.rule, found.got, "correct it") from None
    except (ValueError, TypeError) as error:
        raise ReviewError(op, "arguments that JSON can hold", str(error), "reload the page") from None
    return _ALL[op](state, **{name: getattr(arguments, name) for name in type(arguments).model_fields})


def problems(state: ReviewState) -> list[ReviewError]:
    """Return what stands in the way of a record."""
    found = []
    for name, axis in (("time axis", state.time_axis), ("survival axis", state.survival_axis)):
        if not axis.calibrated:
            got = "none" if not axis.handles else "one"
            advice = "click on two of its ticks, and type what is printed there"
            found.append(ReviewError(name, "two lines with their printed values", got, advice))
    if not state.arms:
        found.append(ReviewError("arms", "one curve at least", "none", "trace one by clicks along it"))
    if found:
        return found
    found += _rising_rows(state)
    _, top, _, bottom = state.frame
    for arm in state.arms:
        ys = [y for _, y in arm.corners]
        far = max(top - min(ys, default=top), max(ys, default=bottom) - bottom)
        if far > EDITING.off_frame:
            got = f"{far:.0f} pixels outside it"
            found.append(
                ReviewError(f"arm {arm.name}", "a curve between survival 0 and 1", got, "check the survival axis")
            )
    return found


def _rising_rows(state: ReviewState) -> list[ReviewError]:
    """Return the rows that rise at first, where the program took that for patients who enter late.

    Once no row does, that was a misreading; where a person has removed the rows, it is as printed.
    """
    if not state.figure.late_entry:
        return []
    advice = "correct the number that is wrong; if it is printed so, delete the row, and patients who enter late are "
    advice += "taken as if they did not"
    return [
        ReviewError(
            f"numbers at risk of {state.name_of(row.arm)}", "numbers that never rise",
            f"{', '.join('none' if cell.value is None else str(cell.value) for cell in row.cells)}", advice,
        )
        for row in state.table.rows
        if row.arm is not None and row.kind is RowKind.AT_RISK and rises_at_first([cell.value for cell in row.cells])
    ]  # fmt: skip


def differences(before: ReviewState, after: ReviewState) -> dict[str, tuple[Any, Any]]:
    """Return what two states differ in, by place: what stood there and what stands there now.

    Parts of lists that are equal at both ends are left out; the place names the first that is not.
    """
    found: dict[str, tuple[Any, Any]] = {}
    if before is not after:
        _compare("", before.model_dump(mode="json"), after.model_dump(mode="json"), found)
    return found


def _compare(place: str, a: Any, b: Any, found: dict[str, tuple[Any, Any]]) -> None:
    if a == b:
        return
    if isinstance(a, dict) and isinstance(b, dict):
        for key in dict.fromkeys([*a, *b]):
            _compare(f"{place}.{key}".lstrip("."), a.get(key), b.get(key), found)
        return
    if not (isinstance(a, list) and isinstance(b, list)):
        found[place] = (a, b)
        return
    if _have_ids(a) and _have_ids(b):
        _compare_by_id(place, a, b, found)
        return
    if len(a) == len(b) and all(isinstance(one, dict) for one in (*a, *b)):
        for k, (one, other) in enumerate(zip(a, b, strict=True)):
            _compare(f"{place}[{k}]", one, other, found)
        return
    start = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    ends = zip(reversed(a[start:]), reversed(b[start:]), strict=False)
    same = next((k for k, (x, y) in enumerate(ends) if x != y), min(len(a), len(b)) - start)
    found[f"{place}[{start}]"] = (a[start : len(a) - same], b[start : len(b) - same])


def _have_ids(values: list[Any]) -> bool:
    return all(isinstance(one, dict) and "id" in one for one in values)


def _compare_by_id(place: str, a: list[Any], b: list[Any], found: dict[str, tuple[Any, Any]]) -> None:
    old, new = ({one["id"]: one for one in values} for values in (a, b))
    for key in dict.fromkeys([*old, *new]):
        if key in old and key in new:
            _compare(f"{place}.{key}", old[key], new[key], found)
        else:
            found[f"{place}.{key}"] = (old.get(key), new.get(key))
    kept = [[key for key in keys if key in old and key in new] for keys in (old, new)]
    if kept[0] != kept[1]:
        found[place] = (list(old), list(new))
