"""Combine what was read from a figure with what the user typed: typed values win, and the conflict is reported."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon import __version__
from survrecon.callers import in_shell
from survrecon.digitizing import DigitizedArm, DigitizedFigure, DigitizedRiskTable, FigureKind, digitize
from survrecon.digitizing.panels.titles import time_unit_of
from survrecon.digitizing.quality import impossible_cells
from survrecon.errors import CurveError, ReconstructionError, SurvreconError
from survrecon.files.option_kinds import OptionRole
from survrecon.model.consistency import (
    check_columns,
    check_events,
    check_patients,
    check_risk_table,
    resolve_convention,
)
from survrecon.model.curve import AtRiskConvention, RiskTable, StepCurve, SurvivalCurve
from survrecon.model.grade import Grade, ReadingGrade, lowest
from survrecon.model.repair import repair_curve
from survrecon.records.schema import NOT_GIVEN
from survrecon.running.facts import events_so_far
from survrecon.running.options import of_roles

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

__all__ = [
    "ArmNumbers",
    "analysis_as_read",
    "automatic_reading",
    "axes_as_read",
    "digitized_as_read",
    "matching_curves",
    "prefer_typed",
    "tables_as_read",
    "to_be_checked",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmNumbers:
    """The numbers that belong to an arm's curve: patients, events, numbers at risk, censoring marks.

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


def prefer_typed(arm: str, curve: SurvivalCurve, numbers: ArmNumbers, remarks: list[str]) -> ArmNumbers:
    """Return an arm's numbers without readings that contradict typed ones; typed values are always kept.

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
    try:
        steps, _ = repair_curve(curve)
    except CurveError:
        return numbers  # whatever reads the curve says so
    found = _with_columns_that_fit(arm, steps, _without_table(steps, numbers), remarks)
    typed = "typed" if numbers.typed else "read beside it"
    if (found.table is None) != (numbers.table is None) or _other_counts(found.table, numbers.table):
        what = "are not used" if found.table is None else f"start with the {found.n} that are typed"
        remarks.append(f"numbers at risk of {arm} {what}: as read they contradict what was {typed}")
    if "events" not in numbers.typed and numbers.events is not None and not _within_reach(steps, found):
        remarks.append(f"total events of {arm} is not used: read {numbers.events}, which contradicts what was {typed}")
        found = replace(found, events=None)
    censored = found.n - (found.events or 0 if "events" in numbers.typed else 0)
    if found.marks > censored:
        said = f"{found.marks} were read, what was {typed} leaves {censored} censored"
        remarks.append(f"censoring marks of {arm} are not used: {said}")
        found = replace(found, marks=0)
    return found


def to_be_checked(figure: DigitizedFigure, unused: Sequence[str]) -> DigitizedFigure:
    """Return a figure whose reading is to be checked, as numbers at risk that were read of some arms are not used.

    Parameters
    ----------
    figure : DigitizedFigure
        What was read.
    unused : sequence of str
        Arms whose numbers at risk their own curve does not allow, with nothing typed.
    """
    reading = figure.reading
    if reading is None or not unused:
        return figure
    why = tuple(f"numbers at risk of {arm}: read, and not used, as its curve does not allow them" for arm in unused)
    internal = lowest([reading.internal, Grade.CHECK])
    lowered = ReadingGrade(
        grade=lowest([reading.grade, internal]),
        internal=internal,
        against_print=reading.against_print,
        reasons=(*reading.reasons, *why),
    )
    return replace(figure, reading=lowered)


def _other_counts(table: RiskTable | None, before: RiskTable | None) -> bool:
    return table is not None and before is not None and table.at_risk.tolist() != before.at_risk.tolist()


def _without_table(steps: StepCurve, numbers: ArmNumbers) -> ArmNumbers:
    """Return the numbers without those at risk that were read against a typed total of patients or events."""
    if numbers.table is None or "table" in numbers.typed:
        return numbers
    table: RiskTable | None = numbers.table
    if not numbers.typed:
        table = table if _fits(steps, numbers.n, numbers.table) else None
    elif "n" in numbers.typed and not _of_patients(numbers.n, numbers.table):
        table = _possible(numbers.n, numbers.table)
        if table is not None and not _fits(steps, numbers.n, table):
            table = None
    found = replace(numbers, table=table)
    if table is None or "events" not in numbers.typed or _within_reach(steps, found):
        return found
    alone = replace(found, table=None)
    return alone if _within_reach(steps, alone) else found


def _with_columns_that_fit(arm: str, steps: StepCurve, numbers: ArmNumbers, remarks: list[str]) -> ArmNumbers:
    """Return the numbers, without events so far that curve, patients or total do not allow; what is held to is said."""
    table = numbers.table
    if table is None or not table.events:
        return numbers
    try:
        check_columns(steps, numbers.n, resolve_convention(numbers.n, table)[0], numbers.events)
    except ReconstructionError as error:
        remarks.append(f"events so far of {arm} beside the numbers at risk are not used: {error.told(in_shell)}")
        return replace(numbers, table=replace(table, events=()))
    columns = zip(table.time.tolist(), table.events, strict=True)
    told = [f"{d} up to {t:g}" for t, d in columns if d is not None and t > 0]
    remarks.append(f"{arm}: events so far beside the numbers at risk are held to: {', '.join(told)}")
    return numbers


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


def _fits(steps: StepCurve, n: int, table: RiskTable) -> bool:
    try:
        check_risk_table(steps, n, resolve_convention(n, table)[0])
    except CurveError:
        return False
    return True


def _within_reach(steps: StepCurve, numbers: ArmNumbers) -> bool:
    table = None if numbers.table is None else resolve_convention(numbers.n, numbers.table)[0]
    try:
        check_events(steps, numbers.n, table, numbers.events or 0)
    except ReconstructionError:
        return False
    return True


_PLACES = 60  # along the time axis, at which two readings of one figure are compared


def automatic_reading(figure: DigitizedFigure, options: Mapping[str, Any]) -> DigitizedFigure | None:
    """Read the figure again without the user's overrides; ``None`` where it then cannot be read.

    Parameters
    ----------
    figure : DigitizedFigure
        What was read with the options.
    options : mapping
        Those of `survrecon.digitizing.Options` that were typed.
    """
    overriding = [option.name for option in of_roles(OptionRole.OVERRIDES)]
    said = {name for name in overriding if options.get(name) not in (None, False)}
    if not said:
        return figure
    if said == {"time_unit"}:
        return replace(figure, time_unit=time_unit_of(figure.time_axis.label))
    choosing = [option.name for option in of_roles(OptionRole.CHOOSES) if option.name != "panel"]
    chosen = {name: options[name] for name in choosing if options.get(name) is not None}
    if figure.panel is not None:
        chosen["panel"] = figure.panel
    try:
        return digitize(figure.path, **chosen)
    except SurvreconError:
        return None


def matching_curves(figure: DigitizedFigure, alone: DigitizedFigure | None) -> dict[str, DigitizedArm]:
    """Match the curves of two readings of a figure by their position on the page."""
    if alone is None:
        return {}
    if alone is figure:
        return {arm.name: arm for arm in figure.arms}
    paths = {id(arm): _path(alone, arm) for arm in alone.arms}
    found: dict[str, DigitizedArm] = {}
    for arm in figure.arms:
        x, y = _path(figure, arm)
        far = {key: float(np.abs(np.interp(x, *path) - y).mean()) for key, path in paths.items()}
        if far:
            nearest = min(far, key=lambda key: far[key])
            found[arm.name] = next(other for other in alone.arms if id(other) == nearest)
            del paths[nearest]
    return found


def _path(figure: DigitizedFigure, arm: DigitizedArm) -> tuple[np.ndarray, np.ndarray]:
    """Return where an arm's curve runs on the page."""
    time = np.linspace(0, float(arm.time[-1]), _PLACES)
    index = np.clip(np.searchsorted(arm.time, time, side="right") - 1, 0, None)
    x, y = figure.pixel(time, arm.survival[index])
    return x, y


def tables_as_read(figure: DigitizedFigure, remarks: list[str]) -> dict[str, RiskTable]:
    """Return the numbers at risk of a figure, by arm, without those that cannot be.

    Parameters
    ----------
    figure : DigitizedFigure
        What was read; where patients enter late its numbers at risk are not used.
    remarks : list of str
        What is left out is added to it: cells that could not be read, or that curve and row do not allow.
    """
    read = figure.risk_table
    if read is None or figure.late_entry:
        return {}
    impossible = impossible_cells(figure, read)
    found: dict[str, RiskTable] = {}
    for arm, row in read.rows.items():
        unread = _named([float(read.times[k]) for k in _gaps(row)])
        against = _named(impossible.get(arm, []))
        remarks += [f"numbers at risk of {arm} at time {unread} are not used: not read"] if unread else []
        remarks += [f"numbers at risk of {arm} at time {against} are not used: not possible"] if against else []
        events = events_so_far(arm, read, next((one.n for one in figure.arms if one.name == arm), None), remarks)
        try:
            table = _table(read, arm, impossible.get(arm, []), events)
        except CurveError as error:
            remarks.append(f"numbers at risk of {arm} are not used: {error.told(in_shell)}")
            continue
        if table is not None:
            found[arm] = table
    return found


def _named(times: Sequence[float]) -> str:
    return ", ".join(f"{time:g}" for time in times)


def _table(
    read: DigitizedRiskTable, arm: str, without: Collection[float], events: Sequence[int | None]
) -> RiskTable | None:
    cells = zip(read.times.tolist(), read.rows[arm], events or (None,) * len(read.times), strict=True)
    known = [(t, c, d) for t, c, d in cells if c is not None and t not in without]
    if not known:
        return None
    return RiskTable(
        time=np.array([t for t, _, _ in known]),
        at_risk=np.array([c for _, c, _ in known]),
        convention=AtRiskConvention.AUTO,
        events=tuple(d for _, _, d in known) if events else (),
    )


def _gaps(row: Iterable[int | None]) -> list[int]:
    """Return the places of the empty cells that a filled one follows."""
    cells = list(row)
    last = max((k for k, cell in enumerate(cells) if cell is not None), default=-1)
    return [k for k in range(last) if cells[k] is None]


_UNIT = re.compile(r"\s*\((?:%|percent|percentage|fraction|proportion)\)\s*$", re.IGNORECASE)
"""The unit behind an axis title: survival is a fraction from here on."""

_HOW = {
    FigureKind.VECTOR: "drawing commands of the curves, read by the program",
    FigureKind.TRACED: "pixels of the curves, traced by the program",
}


def digitized_as_read(
    figure: DigitizedFigure, tables: Mapping[str, RiskTable], remarks: Sequence[str]
) -> dict[str, Any]:
    """Return the table ``digitized``: what was read, how, how well the axes fit, and what to look at."""
    unit = "px" if figure.kind is FigureKind.TRACED else "units of the drawing"
    axes = (("time", figure.time_axis), ("survival", figure.survival_axis))
    fits = "; ".join(
        f"{name} axis from {len(axis.values)} ticks ({axis.source}), "
        f"largest residual {float(np.abs(axis.residuals).max(initial=0.0)):.2f} {unit}, "
        f"resolution {axis.resolution:.3g}"
        for name, axis in axes
    )
    marked = [arm.name for arm in figure.arms if arm.censor_times is not None and arm.censor_times.size]
    what = "curves of " + ", ".join(arm.name for arm in figure.arms)
    what += "; numbers at risk" if tables else ""
    what += f"; censoring marks of {', '.join(marked)}" if marked else ""
    keys: dict[str, Any] = {
        "kind": str(figure.kind),
        "citation": NOT_GIVEN,
        "figure": figure.path.name,
        "what": what,
        "how": f"{_HOW[figure.kind]}; {fits}",
        "program": f"survrecon {__version__}",
        "image_sha256": figure.sha256,
        "estimator": str(figure.estimator),
        "doubts": [doubt.recorded() for doubt in dict.fromkeys(figure.doubts)],
        "remarks": list(dict.fromkeys(remarks)),
        "calibration": [
            {
                "axis": name,
                "ticks": len(axis.values),
                "first": float(axis.values.min()),
                "last": float(axis.values.max()),
                "source": axis.source,
                "largest_residual": float(np.abs(axis.residuals).max(initial=0.0)),
                "unit": unit,
                "resolution": axis.resolution,
            }
            for name, axis in axes
        ],
    }
    if figure.reading is not None:
        keys["reading"] = figure.reading
    return keys | ({"panel": figure.panel} if figure.panel else {})


def analysis_as_read(figure: DigitizedFigure) -> dict[str, Any]:
    """Return the table ``analysis``, as far as a figure tells it."""
    endpoint = _UNIT.sub("", figure.survival_axis.label or "")
    keys: dict[str, Any] = {"trial": figure.path.stem, "endpoint": endpoint or NOT_GIVEN}
    if figure.late_entry:
        keys["naive"] = "patients enter late (left truncation), which is not handled: the numbers at risk rise at first"
    if figure.time_unit is None:
        keys["notes"] = ["no time unit is printed: months are assumed"]
    return keys


def axes_as_read(figure: DigitizedFigure) -> dict[str, Any]:
    """Return the table ``axes``: units, direction, resolution, and the range of the ticks."""
    full = 100.0 if figure.percent else 1.0
    times, values = figure.time_axis.values, figure.survival_axis.values
    resolution = figure.survival_axis.resolution / full
    keys: dict[str, Any] = {
        "time_unit": figure.time_unit or "months",
        "survival_unit": "percent" if figure.percent else "fraction",
        "one_minus_survival": figure.rising,
        "resolution_time": figure.time_axis.resolution,
        "time_range": (float(times.min()), float(times.max())),
        "survival_range": (float(values.min()), float(values.max())),
    }
    return keys | ({"resolution_survival": resolution} if 0 < resolution < 0.5 else {})
