"""What was read of a figure, and what was typed, as a record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from survrecon.callers import option_name
from survrecon.digitizing import (
    DigitizedArm,
    DigitizedFigure,
    arm_curve,
    draw_overlay,
)
from survrecon.digitizing.result import CountSource
from survrecon.digitizing.words.risk_table import LATE_ENTRY, NO_LATE_ENTRY
from survrecon.errors import CurveError, RecordError
from survrecon.model.curve import AtRiskConvention, RiskTable, SurvivalCurve
from survrecon.model.document import document_error
from survrecon.records.folder import (
    FigureRecord,
    read_figure,
    write_record,
)
from survrecon.records.new import RecordFiles, number_of_patients, read_risk_tables, refuse_total
from survrecon.records.schema import NOT_GIVEN, RecordDocument
from survrecon.report.settings import OVERLAY
from survrecon.running.as_read import (
    ArmNumbers,
    analysis_as_read,
    automatic_reading,
    axes_as_read,
    digitized_as_read,
    prefer_typed,
    tables_as_read,
    to_be_checked,
)
from survrecon.running.facts import PLACE, control_as_read, printed_facts, totals_of_table
from survrecon.running.readings import Typed, figure_readings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


__all__ = ["NO_PATIENTS", "digitized_record", "figure_as_record"]

_SOURCE = "figure"
NO_PATIENTS = "number of patients not printed"
"""The place of an arm's number of patients where the figure has none, and none was typed."""


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
        The control arm; where left out, as printed ratios or the arms' names say, else the first.
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
        If an option names no arm or not as many curves as there are, patients enter late, or the folder holds
        something.
    """
    document, files = figure_as_record(
        figure,
        control=control,
        n=n,
        events=events,
        risk_table=risk_table,
        late_entry=late_entry,
        typed=typed,
    )
    graded = replace(figure, reading=document.digitized.reading)
    contents: dict[str, str | bytes] = {**files, OVERLAY: draw_overlay(graded)}
    return read_figure(write_record(folder, document, contents, overwrite=overwrite))


def figure_as_record(
    figure: DigitizedFigure,
    *,
    control: str | None = None,
    n: Mapping[str, int] | None = None,
    events: Mapping[str, int] | None = None,
    risk_table: str | Path | None = None,
    late_entry: bool = False,
    typed: Mapping[str, Any] | None = None,
    read_before: DigitizedFigure | None = None,
) -> tuple[RecordDocument, dict[str, str]]:
    """Return the document of a record of a digitized figure, and its other files by name.

    Parameters
    ----------
    figure, control, n, events, risk_table, late_entry, typed
        As of `digitized_record`.
    read_before : DigitizedFigure or None
        What the program read by itself, of a figure that a person corrected; where left out, it is read again without
        what was typed.

    Raises
    ------
    RecordError
        As of `digitized_record`.
    """
    where = str(figure.path) + (f", panel {figure.panel}" if figure.panel else "")
    names = [arm.name for arm in figure.arms]
    for option, given in (("n", n), ("events", events), ("control", [control] if control else [])):
        _known(where, option, given or (), names)
    figure = _entry(where, figure, late_entry=late_entry, typed_table=risk_table is not None)
    remarks = list(figure.warnings)
    tables = (
        read_risk_tables(risk_table, names, AtRiskConvention.AUTO) if risk_table else tables_as_read(figure, remarks)
    )
    if risk_table:
        remarks += dict.fromkeys(note for table in tables.values() for note in table.notes)
    files = RecordFiles()
    said = Typed(
        options=typed or {}, n=n or {}, events=events or {}, control=control, tables=tables if risk_table else {}
    )
    read_tables = tables
    arms, tables = _arms(where, figure, tables, said, files, remarks, typed_table=risk_table)
    typed_arms = {*said.n, *said.events, *said.tables}
    figure = to_be_checked(figure, [one for one in read_tables if one not in tables and one not in typed_arms])
    facts, more = printed_facts(
        figure.printed,
        arms=names,
        control=control,
        time_unit=figure.time_unit or "months",
        source=_SOURCE,
        rising=figure.rising,
    )
    said = replace(said, tables=tables if risk_table else {})
    untyped = automatic_reading(figure, said.options) if read_before is None else read_before
    readings = figure_readings(figure, untyped, tables, {arm["name"]: arm for arm in arms}, typed=said)
    remarks += [reading.remark for reading in readings if reading.disagrees]
    _, _, control_source = control_as_read(names, figure.printed, control)
    document: dict[str, Any] = {
        "format": 1,
        "digitized": digitized_as_read(figure, tables, [*remarks, *more])
        | {"readings": files.add_readings(readings)}
        | ({} if control_source is None else {"control_source": control_source}),
        "analysis": analysis_as_read(figure),
        "axes": axes_as_read(figure),
        "arms": arms,
        "published": [fact.model_dump(mode="json", exclude_none=True) for fact in facts],
        "references": {_SOURCE: {"citation": NOT_GIVEN, "read": f"the figure {figure.path.name}"}},
    }
    if tables:
        document["risk_table"] = {"points": files.add_risk_table(tables, names), "convention": "auto"}
        if any(table.events for table in tables.values()):
            document["risk_table"]["events"] = files.add_events_so_far(tables, names)
    return _validated(where, document), dict(files.texts)


def _validated(where: str, document: Mapping[str, Any]) -> RecordDocument:
    try:
        return RecordDocument.model_validate(document)
    except ValidationError as error:
        raise document_error(error, where) from None


def _arms(
    where: str,
    figure: DigitizedFigure,
    tables: Mapping[str, RiskTable],
    said: Typed,
    files: RecordFiles,
    remarks: list[str],
    *,
    typed_table: str | Path | None,
) -> tuple[list[dict[str, Any]], dict[str, RiskTable]]:
    """Return the arms' part of the record, its files added, and the numbers at risk that nothing typed contradicts."""
    of_table = totals_of_table(figure)
    totals = of_table | _totals(figure) | dict(said.events)
    strata, controls, _ = control_as_read([arm.name for arm in figure.arms], figure.printed, said.control)
    arms, kept_tables = [], dict(tables)
    for arm in figure.arms:
        name, table = arm.name, tables.get(arm.name)
        keys, curve = _arm(where, figure, arm, table, said.n.get(name), typed_table=typed_table)
        if name in said.events and "n" in keys:
            refuse_total(f"{where}: {option_name('events')}", name, said.events[name], keys["n"])
        marks = 0 if arm.censor_times is None else arm.censor_times.size
        stated: dict[str, Collection[str]] = {"n": said.n, "table": said.tables, "events": said.events}
        total = totals.get(name)
        if "n" in keys:
            typed = [key for key, by_arm in stated.items() if name in by_arm]
            numbers = ArmNumbers(n=keys["n"], table=table, events=total, marks=marks, typed=typed)
            kept = prefer_typed(name, curve, numbers, remarks)
            table, total, marks = kept.table, kept.events, kept.marks
        if total is not None and total == of_table.get(name) and name not in said.events:
            remarks.append(
                f"{name}: {total} events in total, by what is printed beside the numbers at risk, are held to"
            )
        if table is not None:
            kept_tables[name] = table
        else:
            kept_tables.pop(name, None)
        keys |= {"points": files.add_points(name, curve)}
        if arm.ends_at is not None:
            keys |= {"ends_at": arm.ends_at, "cut": arm.cut}
        if arm.censor_times is not None and marks:
            keys["censored"] = files.add_censor_times(name, np.maximum(arm.censor_times, 0.0))
        keys |= {"role": "control" if name in controls else "treatment"}
        keys |= {} if strata[name] is None else {"stratum": strata[name]}
        arms.append(keys | ({"events": total} if total is not None else {}))
    return arms, kept_tables


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
        read = f"; read: {arm.n}" if arm.n not in (None, given) and arm.n_source is not CountSource.GIVEN else ""
        size = number_of_patients(arm.name, given, table if typed_table is not None else None)
        return keys | {"n": size, "place": f"given by hand{read}"}, curve
    fits = arm.n is not None and (table is None or typed_table is None or int(table.at_risk.max()) <= arm.n)
    if arm.n is not None and not from_table and fits:
        return keys | {"n": arm.n, "place": f"{PLACE}: {arm.n_source}"}, curve
    if table is None or table.time[0] != 0:
        return keys | {"place": NO_PATIENTS}, curve
    place = "risk table" + (" given" if typed_table is not None else "")
    return keys | {"n": number_of_patients(arm.name, None, table), "place": place}, curve


def _entry(where: str, figure: DigitizedFigure, *, late_entry: bool, typed_table: bool) -> DigitizedFigure:
    """Return the figure as it is taken where its numbers at risk were read to rise at first.

    Raises
    ------
    RecordError
        If patients enter late and neither that nor the numbers at risk are typed, or that is typed for nothing.
    """
    if late_entry and not figure.late_entry:
        raise RecordError(
            f"{where}: {option_name('late_entry')}",
            "numbers at risk that rise at first",
            "none that do",
            "leave it out",
        )
    if not figure.late_entry or late_entry:
        return figure
    if not typed_table:
        raise RecordError(
            where,
            "an ordinary Kaplan-Meier curve",
            "numbers at risk that rise at first: patients enter late (left truncation)",
            f"give {option_name('late_entry', True)} and {option_name('n')} to go on as if they did not, "
            f"or {option_name('risk_table')} if they were misread",
        )
    warnings = tuple(NO_LATE_ENTRY if warning == LATE_ENTRY else warning for warning in figure.warnings)
    return replace(figure, late_entry=False, warnings=warnings)


def _totals(figure: DigitizedFigure) -> dict[str, int]:
    """Return the totals of events that the figure prints beside an arm's name."""
    return {s.arm: int(s.value) for s in figure.printed if s.quantity == "events" and s.arm and s.value is not None}


def _known(where: str, option: str, given: Iterable[str], names: list[str]) -> None:
    for name in given:
        if name not in names:
            raise RecordError(
                f"{where}: {option_name(option)}",
                f"the name of an arm: {', '.join(names)}",
                repr(name),
                "name one of these",
            )
