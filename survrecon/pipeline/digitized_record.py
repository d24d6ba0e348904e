"""A digitized figure as a record folder: what ``survrecon digitize`` writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from survrecon.curve import AtRiskConvention, RiskTable
from survrecon.digitizing import (
    DigitizedArm,
    DigitizedFigure,
    arm_curve,
    draw_overlay,
)
from survrecon.document import document_error
from survrecon.errors import CurveError, RecordError
from survrecon.figure import FigureRecord, read_figure
from survrecon.pipeline.document_as_read import analysis_as_read, axes_as_read, digitized_as_read
from survrecon.pipeline.figure_readings import Typed, figure_readings
from survrecon.pipeline.printed_facts import PLACE, printed_facts
from survrecon.pipeline.tables_as_read import tables_as_read
from survrecon.pipeline.untyped import read_as_if_untyped
from survrecon.record import NOT_GIVEN, RecordDocument
from survrecon.record_parts import RecordFiles, patients, read_risk_tables
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
    _as_many(where, len(names), typed or {})
    if figure.late_entry and not late_entry:
        raise RecordError(
            where,
            "an ordinary Kaplan-Meier curve",
            "numbers at risk that rise at first: patients enter late (left truncation)",
            "give --late-entry and --n to go on as if they did not",
        )
    remarks = [*figure.warnings, *map(str, figure.doubts)]
    tables = (
        read_risk_tables(risk_table, names, AtRiskConvention.AUTO) if risk_table else tables_as_read(figure, remarks)
    )
    files = RecordFiles()
    totals = _totals(figure) | dict(events or {})
    arms = [
        _arm(where, figure, arm, files, tables.get(arm.name), (n or {}).get(arm.name), typed_table=risk_table)
        | {"role": "control" if arm.name == (control or names[0]) else "treatment"}
        | ({"events": totals[arm.name]} if arm.name in totals else {})
        for arm in figure.arms
    ]
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
    files: RecordFiles,
    table: RiskTable | None,
    given: int | None,
    *,
    typed_table: str | Path | None,
) -> dict[str, Any]:
    """Return an arm's table and add its files."""
    try:
        points = files.add_points(arm.name, arm_curve(figure, arm))
    except CurveError as error:
        raise error.at(f"{where}, arm {arm.name}") from None
    keys: dict[str, Any] = {"name": arm.name, "source": _SOURCE, "points": points}
    if given is not None:
        read = f"; read: {arm.n}" if arm.n not in (None, given) and arm.n_source != "given" else ""
        keys |= {"n": given, "place": f"given by hand{read}"}
    elif typed_table is None and arm.n is not None:
        keys |= {"n": arm.n, "place": f"{PLACE}: {arm.n_source}"}
    else:
        keys |= {"n": patients(arm.name, None, table), "place": "risk table" + (" given" if typed_table else "")}
    if arm.censor_times is not None and arm.censor_times.size:
        keys["censored"] = files.add_censor_times(arm.name, np.maximum(arm.censor_times, 0.0))
    return keys


def _totals(figure: DigitizedFigure) -> dict[str, int]:
    """Return the totals of events that the figure prints beside an arm's name."""
    return {s.arm: int(s.value) for s in figure.printed if s.quantity == "events" and s.arm and s.value is not None}


def _as_many(where: str, curves: int, typed: Mapping[str, Any]) -> None:
    """Refuse a number of curves, or of their names, that is not that of the curves that were found."""
    wanted, named = typed.get("arms"), typed.get("arm_names") or ()
    if wanted and wanted != curves:
        raise RecordError(
            f"{where}: --arms", f"as many curves as are found, {curves}", f"{wanted}", "leave it out, or --crop to them"
        )
    if named and (len(named) != curves or len(set(named)) < curves):
        raise RecordError(
            f"{where}: --arm-names", f"{curves} names, each once", ", ".join(named), "name every curve that is found"
        )


def _known(where: str, option: str, given: Iterable[str], names: list[str]) -> None:
    for name in given:
        if name not in names:
            raise RecordError(
                f"{where}: {option}", f"the name of an arm: {', '.join(names)}", repr(name), "name one of these"
            )
