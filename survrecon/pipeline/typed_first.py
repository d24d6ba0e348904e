"""What is typed beats what was read: readings that contradict typed numbers are not used, and that is said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from survrecon.consistency import check_events, check_patients, check_risk_table, resolve_convention
from survrecon.curve import RiskTable, SurvivalCurve
from survrecon.errors import CurveError, ReconstructionError
from survrecon.repair import repair_curve

__all__ = ["ArmNumbers", "typed_first"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmNumbers:
    """What stands beside an arm's curve.

    Parameters
    ----------
    n : int
        Patients.
    table : RiskTable or None
        Numbers at risk.
    events : int or None
        Total events.
    marks : int
        Censoring marks.
    typed : collection of str
        Which of ``n``, ``table`` and ``events`` were typed; the others were read.
    """

    n: int
    table: RiskTable | None
    events: int | None
    marks: int
    typed: Collection[str] = ()


def typed_first(arm: str, curve: SurvivalCurve, numbers: ArmNumbers, remarks: list[str]) -> ArmNumbers:
    """Return an arm's numbers without readings that contradict what was typed; nothing typed is ever left out.

    Parameters
    ----------
    arm : str
        The arm's name.
    curve : SurvivalCurve
        Its points as read.
    numbers : ArmNumbers
        As typed and as read.
    remarks : list of str
        What is left out is added to it.
    """
    if not numbers.typed:
        return numbers  # readings that contradict each other are an error of their own
    try:
        steps, _ = repair_curve(curve)
    except CurveError:
        return numbers  # whatever reads the curve says so
    found = _without_table(steps, numbers)
    if found.table is not numbers.table:
        what = "are not used" if found.table is None else f"start with the {found.n} that are typed"
        remarks.append(f"numbers at risk of {arm} {what}: as read they contradict what was typed")
    if "events" not in numbers.typed and numbers.events is not None and not _within_reach(steps, found):
        remarks.append(f"total events of {arm} is not used: read {numbers.events}, which contradicts what was typed")
        found = replace(found, events=None)
    censored = found.n - (found.events or 0 if "events" in numbers.typed else 0)
    if found.marks > censored and {"n", "table", "events"} & set(numbers.typed):
        remarks.append(
            f"censoring marks of {arm} are not used: {found.marks} were read, what was typed leaves {censored} censored"
        )
        found = replace(found, marks=0)
    return found


def _without_table(steps: SurvivalCurve, numbers: ArmNumbers) -> ArmNumbers:
    """Return the numbers without those at risk that were read against a typed total of patients or events."""
    if numbers.table is None or "table" in numbers.typed:
        return numbers
    table: RiskTable | None = numbers.table
    if "n" in numbers.typed and not _of_patients(numbers.n, numbers.table):
        table = _possible(numbers.n, numbers.table)
        if table is not None and not _fits(steps, numbers.n, table):
            table = None
    found = replace(numbers, table=table)
    if table is None or "events" not in numbers.typed or _within_reach(steps, found):
        return found
    alone = replace(found, table=None)
    return alone if _within_reach(steps, alone) else found


def _possible(n: int, table: RiskTable) -> RiskTable | None:
    """Return the numbers that can be those of n patients, who are at risk at time 0; None where a later one cannot."""
    counts = np.array(table.at_risk)
    if table.time[0] == 0:
        counts[0] = n
    return None if counts.max() > n else replace(table, at_risk=counts)


def _of_patients(n: int, table: RiskTable) -> bool:
    try:
        check_patients(n, resolve_convention(n, table)[0])
    except CurveError:
        return False
    return True


def _fits(steps: SurvivalCurve, n: int, table: RiskTable) -> bool:
    try:
        check_risk_table(steps, n, resolve_convention(n, table)[0])
    except CurveError:
        return False
    return True


def _within_reach(steps: SurvivalCurve, numbers: ArmNumbers) -> bool:
    table = None if numbers.table is None else resolve_convention(numbers.n, numbers.table)[0]
    try:
        check_events(steps, numbers.n, table, numbers.events or 0)
    except ReconstructionError:
        return False
    return True
