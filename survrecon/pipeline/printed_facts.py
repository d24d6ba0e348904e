"""Statistics printed in a figure as facts of its record; what cannot be one is said, not dropped in silence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from survrecon.digitizing.result import PrintedStatistic
from survrecon.document import document_error
from survrecon.published import PublishedFact, Quantity

__all__ = ["PLACE", "printed_facts"]

PLACE = "printed in figure"
_WITH_LIMITS = (Quantity.HAZARD_RATIO, Quantity.MEDIAN)
_INTERVAL = re.compile(r"\bC\.?r?I\b|\binterval\b|\d\s*%\s*C", re.IGNORECASE)
_MONTHS = {"months": 1.0, "years": 12.0}


def printed_facts(
    printed: Sequence[PrintedStatistic], *, arms: Sequence[str], control: str, time_unit: str, source: str
) -> tuple[list[PublishedFact], list[str]]:
    """Return the facts of a record, and remarks about what was printed but is no fact of it.

    Parameters
    ----------
    printed : sequence of PrintedStatistic
        What was read.
    arms : sequence of str
        The record's arms.
    control : str
        Where a hazard ratio does not say of which arm over which, the other arm's over this one is assumed.
    time_unit : str
        The record's time unit.
    source : str
        Key of the record's references.
    """
    facts: list[PublishedFact] = []
    remarks: list[str] = []
    for statistic in printed:
        keys = _keys(statistic, arms, control, time_unit)
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
        if fact.interval is None and fact.quantity in _WITH_LIMITS and _INTERVAL.search(statistic.text):
            remarks.append(f"printed with an interval that could not be read: {statistic.text}")
    return facts, remarks


def _keys(statistic: PrintedStatistic, arms: Sequence[str], control: str, time_unit: str) -> dict[str, Any] | None:
    """Return the keys of a fact, or None where the figure does not say what it is of."""
    shared = _printed(statistic)
    if statistic.quantity == "hazard_ratio":
        direction = _direction(statistic.text, arms, control)
        if direction is None:
            return None
        notes = [keys["note"] for keys in (direction, shared) if "note" in keys]
        keys = {"quantity": "hazard_ratio", **shared, **_model(statistic), **direction}
        return keys | ({"note": "; ".join(notes)} if notes else {})
    if statistic.quantity == "p_value" and len(arms) == 2:
        return {**_test(statistic), **shared, **_model(statistic)}
    arm = _arm(statistic, arms)
    if arm is None:
        return None
    if statistic.quantity == "median" and statistic.unit in (None, time_unit):
        return {"quantity": "median", "arm": arm, **shared}
    if statistic.quantity == "survival_at" and statistic.time is not None:
        at = _converted(statistic.time, statistic.unit, time_unit)
        return None if at is None else {"quantity": "survival", "arm": arm, "at": at, **shared}
    return None


def _printed(statistic: PrintedStatistic) -> dict[str, Any]:
    """Return the number or bound as printed, and its interval with its level."""
    bounds = {"less than": statistic.less_than, "more than": statistic.more_than}
    keys: dict[str, Any] = {} if statistic.value is None else {"value": statistic.value}
    keys |= next(({"value": value, "bound": bound} for bound, value in bounds.items() if value is not None), {})
    if statistic.low is None or statistic.high is None:
        return keys
    if statistic.level is None:
        taken = "level of the interval not printed: 95% taken"
        return keys | {"interval": [statistic.low, statistic.high], "note": taken}
    return keys | {"interval": {"low": statistic.low, "high": statistic.high, "level": statistic.level}}


def _test(statistic: PrintedStatistic) -> dict[str, Any]:
    """Return the kind of a p value: of the log-rank test where the words name it."""
    if statistic.test == "log-rank":
        return {"quantity": "logrank_p", "sides": statistic.sides}
    return {"quantity": "p_value", "sides": statistic.sides} | ({"test": statistic.test} if statistic.test else {})


def _arm(statistic: PrintedStatistic, arms: Sequence[str]) -> str | None:
    """Return the arm that a number is of: as read, or the one that its words name, ``Female: median 426 days``."""
    if statistic.arm in arms:
        return statistic.arm
    low, named = statistic.text.casefold(), []
    for arm in sorted(arms, key=len, reverse=True):  # a name within a longer one is not named by it
        pattern = rf"(?<!\w){re.escape(arm.casefold())}(?!\w)"
        if len(arm) > 1 and re.search(pattern, low):
            named.append(arm)
            low = re.sub(pattern, " ", low)
    return named[0] if len(named) == 1 else None


def _direction(text: str, arms: Sequence[str], control: str) -> dict[str, str] | None:
    """Return of which arm over which other a hazard ratio is."""
    low = text.casefold()
    for of in arms:
        for over in arms:
            named = rf"{re.escape(of.casefold())}\s*(?:vs\.?|versus|over|/)\s*{re.escape(over.casefold())}(?!\w)"
            if of != over and re.search(named, low):
                return {"of": of, "over": over}
    if len(arms) != 2:
        return None
    treatment = next(arm for arm in arms if arm != control)
    return {
        "of": treatment,
        "over": control,
        "note": f"the figure does not say of which arm over which: {treatment} over {control} is assumed",
    }


def _model(statistic: PrintedStatistic) -> dict[str, str]:
    """Return the model that the words name."""
    low = statistic.text.casefold()
    for word in ("unadjusted", "unstratified", "stratified", "adjusted"):
        if word in low:
            return {"model": "unadjusted" if word.startswith("un") else word}
    return {"model": "not stated"}


def _converted(time: float, unit: str | None, wanted: str) -> float | None:
    """Return a time in the record's unit; None where the conversion is not exact."""
    if unit in (None, wanted):
        return time
    if unit in _MONTHS and wanted in _MONTHS:
        return time * _MONTHS[unit] / _MONTHS[wanted]
    return None
