"""Numbers printed beside curves as facts of a record: of which arm or ratio they are; events that a table counts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from survrecon.checks.contrasts import ARMS_SWAPPED
from survrecon.checks.direction import speaks_of_exchanged_arms
from survrecon.digitizing.result import Doubt
from survrecon.digitizing.words.comparisons import arm_named, arms_compared, control_of, strata_of
from survrecon.digitizing.words.spelling import RATIO_NAME, named_model
from survrecon.model.document import document_error
from survrecon.model.published import DirectionSource, PublishedFact
from survrecon.records.schema import ControlSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.checks.results import Agreement
    from survrecon.digitizing import DigitizedFigure, DigitizedRiskTable
    from survrecon.digitizing.result import PrintedStatistic

__all__ = ["PLACE", "control_as_read", "direction_doubts", "events_so_far", "printed_facts", "totals_of_table"]

PLACE = "printed in figure"
_NOT_REACHED = "not reached"
_INTERVAL = re.compile(r"\bC\.?r?I\b|\binterval\b|\d\s*%\s*C", re.IGNORECASE)
_MONTHS = {"months": 1.0, "years": 12.0}
_AT_THE_COLUMN = 2.0  # pixels of the time axis within which a step may be counted in a column or after it


def printed_facts(
    printed: Sequence[PrintedStatistic],
    *,
    arms: Sequence[str],
    control: str | None,
    time_unit: str,
    source: str,
    rising: bool = False,
) -> tuple[list[PublishedFact], list[str]]:
    """Return the facts of a record, and remarks about what was printed but is no fact of it.

    Parameters
    ----------
    printed : sequence of PrintedStatistic
        What was read.
    arms : sequence of str
        The record's arms.
    control : str or None
        The control as it was typed: where a hazard ratio does not say of which arm over which, the other arm's over
        this one is assumed. Else the arms' names tell, or its direction is not established.
    time_unit : str
        The record's time unit.
    source : str
        Key of the record's references.
    rising : bool
        Whether the figure shows 1 - S, as its milestones then do unless they are called survival.
    """
    facts: list[PublishedFact] = []
    remarks: list[str] = []
    for statistic in printed:
        keys = _keys(statistic, arms, control, time_unit, rising=rising)
        if keys is None:
            if statistic.quantity not in ("n", "events"):
                remarks.append(f"printed but not taken over, for it is not clear of what it is: {statistic.text}")
            continue
        try:
            fact = PublishedFact.model_validate(
                {"place": PLACE, "source": source, "decimals": statistic.decimals or 0, **keys}
            )
        except ValidationError as error:
            remarks.append(f"printed but not taken over: {document_error(error, repr(statistic.text))}")
            continue
        if fact not in facts:
            facts.append(fact)
        if fact.interval is None and fact.quantity.definition.has_interval and _INTERVAL.search(statistic.text):
            remarks.append(f"printed with an interval that could not be read: {statistic.text}")
    return facts, remarks


def control_as_read(
    arms: Sequence[str], printed: Sequence[PrintedStatistic], typed: str | None
) -> tuple[dict[str, str | None], tuple[str, ...], ControlSource | None]:
    """Return the stratum of each arm, the control of each stratum, and how the controls are known.

    A control is typed, or a printed ratio is over it, or its name says so; else it is the first arm of its stratum.

    Parameters
    ----------
    arms : sequence of str
        In the order of the risk table or the legend.
    printed : sequence of PrintedStatistic
        What is printed.
    typed : str or None
        The control as it was typed: then the arms are of one stratum.
    """
    strata = None if typed is not None else strata_of(arms)
    of_arm = {arm: None if strata is None else strata[arm][0] for arm in arms}
    controls: list[str] = []
    sources: list[ControlSource] = []
    for stratum in dict.fromkeys(of_arm.values()):
        group = [arm for arm in arms if of_arm[arm] == stratum]
        over = {s.over for s in printed if s.quantity == "hazard_ratio" and s.over in group}
        told = ((typed, ControlSource.TYPED), (over.pop() if len(over) == 1 else None, ControlSource.TEXT),
                (control_of(group), ControlSource.NAMES), (group[0], ControlSource.ORDER))  # fmt: skip
        control, source = next((name, source) for name, source in told if name is not None)
        controls.append(control)
        sources.append(source)
    return of_arm, tuple(controls), max(sources, key=list(ControlSource).index) if len(arms) > 1 else None


def direction_doubts(checks: Sequence[Agreement]) -> tuple[Doubt, ...]:
    """Return a doubt for each check that exchanged arms would explain."""
    return tuple(
        Doubt(
            where=check.fact.label,
            read=check.fact.printed,
            confidence=_SWAPPED_SURE,
            why=next(part for part in check.note.split("; ") if ARMS_SWAPPED in part),
            options=("control", "arm_names"),
            field="direction",
            arm=check.fact.arm or check.fact.of,
            time=check.fact.at,
        )
        for check in speaks_of_exchanged_arms(checks)
    )


_SWAPPED_SURE = 0.3


"""Confidence of a direction whose inverse fits: then names are exchanged or it is printed the other way round."""


def _keys(
    statistic: PrintedStatistic, arms: Sequence[str], control: str | None, time_unit: str, *, rising: bool
) -> dict[str, Any] | None:
    """Return the keys of a fact, or None where the figure does not say what it is of."""
    shared = _printed(statistic)
    if statistic.quantity == "hazard_ratio":
        direction = _direction(statistic, arms, control)
        if direction is None:
            return None
        notes = [keys["note"] for keys in (direction, shared) if "note" in keys]
        keys = {"quantity": "hazard_ratio", **shared, **_model(statistic), **direction}
        return keys | ({"note": "; ".join(notes)} if notes else {})
    if statistic.quantity == "p_value" and len(arms) == 2 and "value" in shared:
        return {**_test(statistic), **shared, **_model(statistic)}
    arm = _arm(statistic, arms)
    if arm is None:
        return None
    if statistic.quantity == "median" and statistic.unit in (None, time_unit):
        return {"quantity": "median", "arm": arm, **shared} | ({} if "value" in shared else {"value": "not reached"})
    if statistic.quantity == "survival_at" and statistic.time is not None:
        at = _converted(statistic.time, statistic.unit, time_unit)
        shown = _printed(_as_survival(statistic, rising=rising))
        return None if at is None else {"quantity": "survival", "arm": arm, "at": at, **shown}
    return None


_SURVIVING = re.compile(r"surviv|free|\b(?:OS|PFS|DFS|EFS|RFS)\b", re.IGNORECASE)


def _as_survival(statistic: PrintedStatistic, *, rising: bool) -> PrintedStatistic:
    """Return a milestone as survival: of a figure of 1 - S a share with the event, unless called survival."""
    if not rising or _SURVIVING.search(statistic.text):
        return statistic
    decimals = statistic.decimals or 0

    def rest(value: float | None) -> float | None:
        return None if value is None else round(1 - value, decimals)

    return replace(statistic, value=rest(statistic.value), low=rest(statistic.high), high=rest(statistic.low),
                   less_than=rest(statistic.more_than), more_than=rest(statistic.less_than))  # fmt: skip


def _printed(statistic: PrintedStatistic) -> dict[str, Any]:
    """Return the number or bound as printed, and its interval with its level."""
    bounds = {"less than": statistic.less_than, "more than": statistic.more_than}
    keys: dict[str, Any] = {} if statistic.value is None else {"value": statistic.value}
    keys |= next(({"value": value, "bound": bound} for bound, value in bounds.items() if value is not None), {})
    if statistic.low is None and statistic.high is None:
        return keys
    low, high = (_NOT_REACHED if limit is None else limit for limit in (statistic.low, statistic.high))
    if statistic.level is None:
        taken = "level of the interval not printed: 95% taken"
        return keys | {"interval": [low, high], "note": taken}
    return keys | {"interval": {"low": low, "high": high, "level": statistic.level}}


def _test(statistic: PrintedStatistic) -> dict[str, Any]:
    """Return the kind of a p value: of the log-rank test where the words name it."""
    if statistic.test == "log-rank":
        return {"quantity": "logrank_p", "sides": statistic.sides}
    return {"quantity": "p_value", "sides": statistic.sides} | ({"test": statistic.test} if statistic.test else {})


def _arm(statistic: PrintedStatistic, arms: Sequence[str]) -> str | None:
    """Return the arm that a number is of: as read, or the one that its words name, ``Female: median 426 days``."""
    return statistic.arm if statistic.arm in arms else arm_named(statistic.text, arms)


_OF_NO_ARMS = re.compile(
    rf"(?:interaction|margin|target|assumed|expected|planned|\blog)\W+(?:of\s+|for\s+|an?\s+)*{RATIO_NAME}|"
    rf"{RATIO_NAME}[^\d;]*?(?:\bper\s+(?:\d|one\b|SD\b|unit|standard|log|doubling|year)|interaction)",
    re.IGNORECASE,
)
"""A ratio of an interaction, a margin or plan, or for each unit of something."""


def _direction(statistic: PrintedStatistic, arms: Sequence[str], control: str | None) -> dict[str, Any] | None:
    """Return of which arm over which other a ratio is: by its words, else by what tells the control, else open."""
    if _OF_NO_ARMS.search(statistic.text):
        return None
    stratum = {} if statistic.stratum is None else {"stratum": statistic.stratum}
    if statistic.of in arms and statistic.over in arms:
        return {"of": statistic.of, "over": statistic.over, **stratum}
    of, over, _ = arms_compared([statistic.text], arms)
    if of is not None and over is not None:
        return {"of": of, "over": over, **stratum}
    pair = _pair(arms, statistic.stratum)
    if pair is None:
        return None
    named = control_of(pair)
    told = control if control in pair else named
    open_note = "the figure does not say of which arm over which, and the arms' names do not tell which is the control"
    if named is not None and statistic.of == named and told != control:
        told, open_note = None, f"the words before the ratio name {named}, which is the control by its name"
    if told is None:
        source, note = DirectionSource.NOT_ESTABLISHED, open_note
        return {"of": pair[1], "over": pair[0], "direction": source, "note": note, **stratum}
    treatment = next(arm for arm in pair if arm != told)
    source = DirectionSource.CONTROL_STATED if control in pair else DirectionSource.NAMES
    note = f"the figure does not say of which arm over which: {treatment} over {told} is assumed"
    return {"of": treatment, "over": told, "direction": source, "note": note, **stratum}


def _pair(arms: Sequence[str], stratum: str | None) -> tuple[str, str] | None:
    """Return the two arms that a ratio can be of: the only two, or those of its stratum."""
    strata = strata_of(arms)
    inside = arms if strata is None or stratum is None else [arm for arm in arms if strata[arm][0] == stratum]
    return (inside[0], inside[1]) if len(inside) == 2 else None


def _model(statistic: PrintedStatistic) -> dict[str, str]:
    """Return the model that the words name."""
    return {"model": statistic.model or named_model(statistic.text) or "not stated"}


def _converted(time: float, unit: str | None, wanted: str) -> float | None:
    """Return a time in the record's unit; None where the conversion is not exact."""
    if unit in (None, wanted):
        return time
    if unit in _MONTHS and wanted in _MONTHS:
        return time * _MONTHS[unit] / _MONTHS[wanted]
    return None


def totals_of_table(figure: DigitizedFigure) -> dict[str, int]:
    """Return the total of events of each arm whose numbers at risk stand beside those of events or censored so far.

    It is told by the last column, where nobody is at risk any more or the curve takes no step from there on. Of the
    censored only the first will do: who leaves at a column's very time may be counted or not.

    Parameters
    ----------
    figure : DigitizedFigure
        What was read; where patients enter late nothing is told.
    """
    table = figure.risk_table
    if table is None or figure.late_entry:
        return {}
    found: dict[str, int] = {}
    for arm in figure.arms:
        row, counts = table.rows.get(arm.name, ()), table.extra.get(arm.name, {})
        for what, made in counts.items():
            last = max((k for k, value in enumerate(made) if value is not None), default=None)
            count = None if last is None else made[last]
            if last is None or count is None or arm.n is None or row[last] is None:
                continue
            place = np.searchsorted(arm.time, table.times[last] - _AT_THE_COLUMN * figure.time_axis.resolution, "right")
            level = float(arm.survival[max(0, int(place) - 1)])
            if row[last] == 0 or (what == "events" and level <= float(arm.survival[-1])):
                found.setdefault(arm.name, count if what == "events" else arm.n - count)
    return found


def events_so_far(arm: str, read: DigitizedRiskTable, n: int | None, remarks: list[str]) -> tuple[int | None, ...]:
    """Return the events told up to each column by what is counted beside the numbers at risk; empty where none are.

    Of the censored so far the events are what is missing to n. Where both are printed and all do not add up to n at a
    column, because of those who leave at its very time, it is left open.

    Parameters
    ----------
    arm : str
        The arm's name.
    read : DigitizedRiskTable
        The table with what else it counts.
    n : int or None
        Patients; where that is not known, nothing is told.
    remarks : list of str
        What is left open is added to it.
    """
    counted = read.extra.get(arm, {})
    if n is None or not counted:
        return ()
    empty: tuple[int | None, ...] = (None,) * len(read.times)
    events, censored = counted.get("events", empty), counted.get("censored", empty)
    told: list[int | None] = []
    over: list[float] = []
    for t, left, d, c in zip(read.times.tolist(), read.rows[arm], events, censored, strict=True):
        known = d if d is not None or left is None or c is None else n - left - c
        adds_up = left is not None and known is not None and known >= 0 and _adds_up(n, left, d, c)
        over += [t] if known is not None and not adds_up else []
        told.append(known if adds_up else None)
    if over:
        named = ", ".join(f"{t:g}" for t in over)
        remarks.append(f"events so far of {arm} at time {named} are left open: all do not add up to {n}")
    known_ones = [d for d in told if d is not None]
    if known_ones != sorted(known_ones):
        remarks.append(f"events so far of {arm} are not used: they would fall, by the numbers censored so far")
        return ()
    return tuple(told) if any(told) else ()


def _adds_up(n: int, left: int, events: int | None, censored: int | None) -> bool:
    """Return whether patients at risk, failed and censored are all of n; n at most where only some of them are told."""
    known = left + (events or 0) + (censored or 0)
    return known == n if events is not None and censored is not None else known <= n
