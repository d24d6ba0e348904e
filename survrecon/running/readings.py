"""What was read of a figure as its record has it: every value beside what was typed and what is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from survrecon.callers import shell_flag
from survrecon.digitizing.result import CountSource, NameSource
from survrecon.model.estimate import level_label
from survrecon.records.readings import Basis, ReadKind, ReadValue
from survrecon.records.schema import ArmRole, ControlSource
from survrecon.running.as_read import matching_curves
from survrecon.running.facts import control_as_read, printed_facts, totals_of_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from survrecon.digitizing import DigitizedArm, DigitizedFigure
    from survrecon.digitizing.result import PrintedStatistic
    from survrecon.model.curve import RiskTable

__all__ = ["Typed", "figure_readings"]

_OPEN = "not reached"
_BY = {
    ControlSource.TYPED: "",
    ControlSource.TEXT: "a printed ratio is over it",
    ControlSource.NAMES: "arms' names",
    ControlSource.ORDER: "order: the first arm",
}
"""How a control is known, in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """What the user stated about a figure.

    Parameters
    ----------
    options : mapping of str to value
        Those of `survrecon.digitizing.Options`.
    n, events : mapping of str to int
        By arm.
    control : str or None
        The control arm.
    tables : mapping of str to RiskTable
        Numbers at risk from a file, by arm; empty where those of the figure are used.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    n: Mapping[str, int] = field(default_factory=dict)
    events: Mapping[str, int] = field(default_factory=dict)
    control: str | None = None
    tables: Mapping[str, RiskTable] = field(default_factory=dict)


def figure_readings(
    figure: DigitizedFigure,
    alone: DigitizedFigure | None,
    used: Mapping[str, RiskTable],
    built: Mapping[str, Mapping[str, Any]],
    *,
    typed: Typed,
) -> list[ReadValue]:
    """Return every value of a figure: as read, as typed, as used.

    Parameters
    ----------
    figure : DigitizedFigure
        What was read with what was typed.
    alone : DigitizedFigure or None
        What is read when nothing is typed; None where that fails.
    used : mapping of str to RiskTable
        The numbers at risk that are built from, by arm.
    built : mapping of str to mapping
        The record's tables of the arms, by name: their ``n`` and, where one is used, their total ``events``.
    typed : Typed
        What was typed.
    """
    return [
        *_axes(figure, alone, typed.options),
        *_arms(figure, alone, built, typed),
        *_cells(figure, used, typed.tables),
        *_printed_rows(figure, typed.control),
    ]


def _axes(figure: DigitizedFigure, alone: DigitizedFigure | None, options: Mapping[str, Any]) -> Iterator[ReadValue]:
    unread = "" if alone is not None else "cannot be read without the options"
    for what, option, axis in (
        (ReadKind.TIME_TICKS, "x_range", "time_axis"),
        (ReadKind.SURVIVAL_TICKS, "y_range", "survival_axis"),
    ):
        place = unread or f"{getattr(alone, axis).source}, {len(getattr(alone, axis).values)} ticks"
        yield _value(
            what,
            read="" if alone is None else _ends(getattr(alone, axis).values),
            typed=_ends(options[option]) if options.get(option) else "",
            used=_ends(getattr(figure, axis).values),
            place=place,
            option=shell_flag(option),
        )
    yield _value(
        ReadKind.TIME_UNIT,
        read="" if alone is None else alone.time_unit or "",
        typed=options.get("time_unit") or "",
        used=figure.time_unit or "months",
        place=unread or "title of the time axis",
        option=shell_flag("time_unit"),
    )
    yield _value(
        ReadKind.SURVIVAL_UNIT,
        read="" if alone is None else _unit(percent=alone.percent),
        typed=options.get("y_unit") or "",
        used=_unit(percent=figure.percent),
        place=unread or "tick labels",
        option=shell_flag("y_unit"),
    )
    yield _value(
        ReadKind.DIRECTION,
        read="" if alone is None else _direction_row(rising=alone.rising),
        typed="1 - S" if options.get("one_minus_survival") else "",
        used=_direction_row(rising=figure.rising),
        place=unread or "title and curves",
        option=shell_flag("one_minus_survival"),
    )


def _arms(
    figure: DigitizedFigure, alone: DigitizedFigure | None, built: Mapping[str, Mapping[str, Any]], typed: Typed
) -> Iterator[ReadValue]:
    wanted = typed.options.get("arms")
    read = "" if alone is None else str(len(alone.arms))
    yield _value(
        ReadKind.CURVES, read=read, typed=str(wanted or ""), used=str(len(figure.arms)), option=shell_flag("arms"),
        place="colours, dashes and grey levels",
    )  # fmt: skip
    twins = matching_curves(figure, alone)
    named = bool(typed.options.get("arm_names"))
    for arm in figure.arms:
        twin = twins.get(arm.name)
        yield _value(
            ReadKind.ARM_NAME, arm=arm.name,
            read="" if twin is None or twin.name_source is NameSource.NONE else twin.name,
            typed=arm.name if named else "", used=arm.name, option=shell_flag("arm_names"),
            place="" if twin is None or twin.name_source is NameSource.NONE else twin.name_source,
        )  # fmt: skip
        count, place = _read_size(figure, arm)
        size = typed.n.get(arm.name)
        table = typed.tables.get(arm.name)
        known = built[arm.name].get("n")
        if size is None and table is not None and known == table.at_risk[0]:
            size = known
        yield _value(
            ReadKind.PATIENTS, arm=arm.name, read=count, typed="" if size is None else str(size),
            used="" if known is None else str(known), place=place,
            option=shell_flag("risk_table" if arm.name not in typed.n and table is not None else "n"),
            confidence=_first_confidence(figure, arm) if place == "risk table" else None,
        )  # fmt: skip
        total = _total(figure, arm, built[arm.name].get("events"), typed.events.get(arm.name))
        if total is not None:
            yield total
        marks = 0 if arm.censor_times is None else arm.censor_times.size
        taken = str(marks) if not marks or "censored" in built[arm.name] else ""
        yield _value(ReadKind.CENSORING_MARKS, arm=arm.name, read=str(marks), used=taken, place="along the curve")
    if len(figure.arms) > 1:
        _, _, source = control_as_read([arm.name for arm in figure.arms], figure.printed, typed.control)
        controls = [name for name, keys in built.items() if keys.get("role") == ArmRole.CONTROL]
        read = ", ".join(controls) if source is ControlSource.TEXT else ""
        yield _value(
            ReadKind.CONTROL, read=read, typed=typed.control or "", used=", ".join(controls),
            option=shell_flag("control"), place="" if source is None else _BY[source],
        )  # fmt: skip


def _cells(
    figure: DigitizedFigure, used: Mapping[str, RiskTable], typed: Mapping[str, RiskTable]
) -> Iterator[ReadValue]:
    read = figure.risk_table
    for arm in figure.arms:
        cells: dict[str, tuple[str, float]] = {}
        if read is not None and arm.name in read.rows:
            found = zip(read.times.tolist(), read.rows[arm.name], read.confidence[arm.name], strict=True)
            cells = {f"{at:.6g}": ("" if cell is None else str(cell), sure) for at, cell, sure in found}
        given, taken = (_by_time(tables.get(arm.name)) for tables in (typed, used))
        for at in sorted({*cells, *given}, key=float):
            cell, sure = cells.get(at, ("", None))
            if not (cell or given.get(at) or taken.get(at)) and (sure is None or not _within(cells, at)):
                continue
            yield _value(
                ReadKind.AT_RISK, arm=arm.name, at=float(at), read=cell, confidence=sure, typed=given.get(at, ""),
                used=taken.get(at, ""), place="risk table" if at in cells else "", option=shell_flag("risk_table"),
            )  # fmt: skip


def _printed_rows(figure: DigitizedFigure, control: str | None) -> Iterator[ReadValue]:
    names = [arm.name for arm in figure.arms]
    for statistic in dict.fromkeys(figure.printed):
        facts, _ = printed_facts(
            [statistic],
            arms=names,
            control=control,
            time_unit=figure.time_unit or "months",
            source="figure",
            rising=figure.rising,
        )
        if not facts and statistic.quantity in ("n", "events"):
            continue
        yield ReadValue(
            what=ReadKind(statistic.quantity.replace("_", " ")),
            arm=statistic.arm or (facts[0].arm if facts else None) or "",
            at=statistic.time,
            read=_number(statistic),
            place=f"printed: {statistic.text}",
            used=facts[0].statement if facts else "",
            basis=Basis.CHECK if facts else Basis.UNUSED,
        )


def _value(what: ReadKind, *, used: str, **keys: Any) -> ReadValue:
    """Return a reading whose basis is what its parts say: typed before read, else assumed."""
    read, typed = keys.get("read", ""), keys.get("typed", "")
    basis = Basis.TYPED if typed else Basis.READ if read else Basis.ASSUMED
    return ReadValue(what=what, used=used, basis=basis if used else Basis.UNUSED, **keys)


def _total(figure: DigitizedFigure, arm: DigitizedArm, used: int | None, typed: int | None) -> ReadValue | None:
    """Return an arm's total of events; None where it is neither printed nor typed."""
    printed = next((s for s in figure.printed if s.quantity == "events" and s.arm == arm.name), None)
    counted = totals_of_table(figure).get(arm.name)
    if printed is None and counted is None and typed is None:
        return None
    read, place = ("", "") if counted is None else (str(counted), "beside the numbers at risk, at the last column")
    return _value(
        ReadKind.EVENTS, arm=arm.name, read=read if printed is None else _number(printed),
        place=place if printed is None else f"printed: {printed.text}", typed="" if typed is None else str(typed),
        used="" if used is None else str(used), option=shell_flag("events"),
    )  # fmt: skip


def _read_size(figure: DigitizedFigure, arm: DigitizedArm) -> tuple[str, str]:
    """Return the patients of an arm as read, and where, even where the number was typed."""
    if arm.n_source is not CountSource.GIVEN:
        return ("" if arm.n is None else str(arm.n)), arm.n_source or ""
    table = figure.risk_table
    if table is not None and arm.name in table.rows and table.times[0] == 0 and table.rows[arm.name][0] is not None:
        return str(table.rows[arm.name][0]), "risk table"
    found = (s.value for s in figure.printed if s.quantity == "n" and s.arm == arm.name and s.value is not None)
    count = next(found, None)
    return ("", "") if count is None else (f"{count:.0f}", "legend")


def _first_confidence(figure: DigitizedFigure, arm: DigitizedArm) -> float | None:
    table = figure.risk_table
    return None if table is None or arm.name not in table.confidence else table.confidence[arm.name][0]


def _by_time(table: RiskTable | None) -> dict[str, str]:
    if table is None:
        return {}
    return {f"{at:.6g}": str(count) for at, count in zip(table.time.tolist(), table.at_risk.tolist(), strict=True)}


def _within(cells: Mapping[str, tuple[str, float]], at: str) -> bool:
    """Whether a filled cell follows an empty one, which is then a cell that could not be read."""
    return any(float(other) > float(at) and cell for other, (cell, _) in cells.items())


def _ends(values: Any) -> str:
    return f"{float(min(values)):g} to {float(max(values)):g}"


def _unit(*, percent: bool) -> str:
    return "percent" if percent else "fraction"


def _direction_row(*, rising: bool) -> str:
    return "1 - S" if rising else "S"


def _number(statistic: PrintedStatistic) -> str:
    """Return a printed number with its interval, as it is printed."""
    decimals = statistic.decimals or 0
    if statistic.value is not None:
        text = f"{statistic.value:.{decimals}f}"
    else:
        bounds = (("<", statistic.less_than), (">", statistic.more_than))
        text = next((f"{sign}{bound:g}" for sign, bound in bounds if bound is not None), "")
    if statistic.low is not None or statistic.high is not None:
        limits = [_OPEN if v is None else f"{v:.{decimals}f}" for v in (statistic.low, statistic.high)]
        text += f" ({level_label(statistic.level)}{' to '.join(limits)})"
    return f"{text} (one-sided)" if statistic.sides == 1 else text
