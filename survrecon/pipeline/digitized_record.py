"""A digitized figure as a record folder: what ``survrecon digitize`` writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from survrecon.curve import AtRiskConvention, RiskTable, SurvivalCurve
from survrecon.digitizing import (
    DigitizedArm,
    DigitizedFigure,
    arm_curve,
    draw_overlay,
)
from survrecon.digitizing.counts import LATE_ENTRY
from survrecon.document import document_error
from survrecon.errors import CurveError, RecordError
from survrecon.figure import FigureRecord, read_figure
from survrecon.pipeline.document_as_read import analysis_as_read, axes_as_read, digitized_as_read
from survrecon.pipeline.figure_readings import Typed, figure_readings
from survrecon.pipeline.printed_facts import PLACE, printed_facts
from survrecon.pipeline.tables_as_read import tables_as_read
from survrecon.pipeline.typed_first import ArmNumbers, typed_first
from survrecon.pipeline.untyped import read_as_if_untyped
from survrecon.record import NOT_GIVEN, RecordDocument
from survrecon.record_parts import RecordFiles, patients, read_risk_tables, refuse_total
from survrecon.record_writer import write_record
from survrecon.report.files import OVERLAY

__all__ = ["digitized_record"]

_SOURCE = "figure"


def digitized_record(
    folder: str | Path,
    figure: DigitizedFigure,
    *,
    control: str | None = None,
    n: Mapping[str, int] | None = None,
    events: Mapping[str, int] | None = None,
    risk_table: str | Path | None = None,
    late_entry: bool = False,
    typed: Mapping[str, Any] | None = None,
    overwrite: bool = False,
) -> FigureRecord:
    """Write a digitized figure as a record folder, the picture for review beside it.

    Parameters
    ----------
    folder : str or Path
        Where the record goes: new, empty, or a record that was written like this and nobody changed.
    figure : DigitizedFigure
        What was read.
    control : str or None
        The control arm; the first where left out.
    n, events : mapping of str to int
        Patients and total events by arm; as printed where left out.
    risk_table : path or None
        Numbers at risk, in place of those that were read.
    late_entry : bool
        Whether to go on although patients enter late; the numbers at risk are then not used.
    typed : mapping of str to value
        The digitizer's options that were typed; what is read without them stands beside them in the record.
    overwrite : bool
        Whether files that a person changed or put there are replaced.

    Returns
    -------
    FigureRecord
        The record as read back from the folder.

    Raises
    ------
    RecordError
        If the number of patients of an arm is neither printed nor given, an option names no arm or not as many
        curves as there are, patients enter late, or the folder holds something.
    """
    where = str(figure.path) + (f", panel {figure.panel}" if figure.panel else "")
    names = [arm.name for arm in figure.arms]
    for option, given in (("--n", n), ("--events", events), ("--control", [control] if control else [])):
        _known(where, option, given or (), names)
    figure = _entry(where, figure, late_entry=late_entry, typed_table=risk_table is not None)
    remarks = [*figure.warnings, *map(str, figure.doubts)]
    tables = (
        read_risk_tables(risk_table, names, AtRiskConvention.AUTO) if risk_table else tables_as_read(figure, remarks)
    )
    if risk_table:
        remarks += dict.fromkeys(note for table in tables.values() for note in table.notes)
    files = RecordFiles()
    totals = _totals(figure) | dict(events or {})
    arms = []
    for arm in figure.arms:
        keys, curve = _arm(where, figure, arm, tables.get(arm.name), (n or {}).get(arm.name), typed_table=risk_table)
        if arm.name in (events or {}):
            refuse_total(f"{where}: --events", arm.name, (events or {})[arm.name], keys["n"])
        stated: dict[str, Collection[str]] = {
            "n": n or (), "table": tables if risk_table else (), "events": events or (),
        }  # fmt: skip
        numbers = ArmNumbers(
            n=keys["n"],
            table=tables.get(arm.name),
            events=totals.get(arm.name),
            marks=0 if arm.censor_times is None else arm.censor_times.size,
            typed=[name for name, by_arm in stated.items() if arm.name in by_arm],
        )
        kept = typed_first(arm.name, curve, numbers, remarks)
        tables = {name: table for name, table in (tables | {arm.name: kept.table}).items() if table is not None}
        keys |= {"points": files.add_points(arm.name, curve)}
        if arm.censor_times is not None and kept.marks:
            keys["censored"] = files.add_censor_times(arm.name, np.maximum(arm.censor_times, 0.0))
        keys |= {"role": "control" if arm.name == (control or names[0]) else "treatment"}
        arms.append(keys | ({"events": kept.events} if kept.events is not None else {}))
    facts, more = printed_facts(
        figure.printed,
        arms=names,
        control=control or names[0],
        time_unit=figure.time_unit or "months",
        source=_SOURCE,
    )
    said = Typed(
        options=typed or {}, n=n or {}, events=events or {}, control=control, tables=tables if risk_table else {}
    )
    untyped = read_as_if_untyped(figure, said.options)
    readings = figure_readings(figure, untyped, tables, {arm["name"]: arm for arm in arms}, typed=said)
    remarks += [reading.remark for reading in readings if reading.disagrees]
    document: dict[str, Any] = {
        "format": 1,
        "digitized": digitized_as_read(figure, tables, [*remarks, *more]) | {"readings": files.add_readings(readings)},
        "analysis": analysis_as_read(figure),
        "axes": axes_as_read(figure),
        "arms": arms,
        "published": [fact.model_dump(mode="json", exclude_none=True) for fact in facts],
        "references": {_SOURCE: {"citation": NOT_GIVEN, "read": f"the figure {figure.path.name}"}},
    }
    if tables:
        document["risk_table"] = {"points": files.add_risk_table(tables, names), "convention": "auto"}
    try:
        validated = RecordDocument.model_validate(document)
    except ValidationError as error:
        raise document_error(error, where) from None
    contents: dict[str, str | bytes] = {**files.texts, OVERLAY: draw_overlay(figure)}
    return read_figure(write_record(folder, validated, contents, overwrite=overwrite))


def _arm(
    where: str,
    figure: DigitizedFigure,
    arm: DigitizedArm,
    table: RiskTable | None,
    given: int | None,
    *,
    typed_table: str | Path | None,
) -> tuple[dict[str, Any], SurvivalCurve]:
    """Return an arm's table, files aside, and its curve."""
    try:
        curve = arm_curve(figure, arm)
    except CurveError as error:
        raise error.at(f"{where}, arm {arm.name}") from None
    keys: dict[str, Any] = {"name": arm.name, "source": _SOURCE}
    from_table = typed_table is not None and table is not None and table.time[0] == 0
    if given is not None:
        read = f"; read: {arm.n}" if arm.n not in (None, given) and arm.n_source != "given" else ""
        size = patients(arm.name, given, table if typed_table is not None else None)
        return keys | {"n": size, "place": f"given by hand{read}"}, curve
    fits = arm.n is not None and (table is None or typed_table is None or int(table.at_risk.max()) <= arm.n)
    if arm.n is not None and not from_table and fits:
        return keys | {"n": arm.n, "place": f"{PLACE}: {arm.n_source}"}, curve
    place = "risk table" + (" given" if typed_table is not None else "")
    return keys | {"n": patients(arm.name, None, table), "place": place}, curve


def _entry(where: str, figure: DigitizedFigure, *, late_entry: bool, typed_table: bool) -> DigitizedFigure:
    """Return the figure as it is taken where its numbers at risk were read to rise at first.

    Raises
    ------
    RecordError
        If patients enter late and neither that nor the numbers at risk are typed, or that is typed for nothing.
    """
    if late_entry and not figure.late_entry:
        raise RecordError(
            f"{where}: --late-entry", "numbers at risk that rise at first", "none that do", "leave it out"
        )
    if not figure.late_entry or late_entry:
        return figure
    if not typed_table:
        raise RecordError(
            where,
            "an ordinary Kaplan-Meier curve",
            "numbers at risk that rise at first: patients enter late (left truncation)",
            "give --late-entry and --n to go on as if they did not, or --risk-table if they were misread",
        )
    said = "the printed numbers at risk were read to rise at first, as where patients enter late; those typed are used"
    warnings = tuple(said if warning == LATE_ENTRY else warning for warning in figure.warnings)
    return replace(figure, late_entry=False, warnings=warnings)


def _totals(figure: DigitizedFigure) -> dict[str, int]:
    """Return the totals of events that the figure prints beside an arm's name."""
    return {s.arm: int(s.value) for s in figure.printed if s.quantity == "events" and s.arm and s.value is not None}


def _known(where: str, option: str, given: Iterable[str], names: list[str]) -> None:
    for name in given:
        if name not in names:
            raise RecordError(
                f"{where}: {option}", f"the name of an arm: {', '.join(names)}", repr(name), "name one of these"
            )
