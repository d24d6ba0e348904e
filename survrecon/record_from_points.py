"""A record from points that another digitizer exported: what ``survrecon new`` does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from survrecon.convention import PointKind
from survrecon.curve import AtRiskConvention, Resolution
from survrecon.document import document_error
from survrecon.errors import RecordError
from survrecon.figure import FigureRecord, read_document, read_figure, record_folder
from survrecon.record import NOT_GIVEN, RecordDocument
from survrecon.record_parts import FigureUnits, RecordFiles, arm_curve, patients, read_risk_tables, refuse_total
from survrecon.record_writer import write_document, write_record

__all__ = ["details_to_fill_in", "left_out", "new_record", "write_document"]

_SOURCE = "figure"
_HOW = "points exported by another program, converted to fractions of survival, otherwise as digitized"


def new_record(
    folder: str | Path,
    *,
    arms: Mapping[str, str | Path],
    risk_table: str | Path | Mapping[str, str | Path] | None = None,
    at_risk_convention: AtRiskConvention | str | None = None,
    n: Mapping[str, int] | None = None,
    events: Mapping[str, int] | None = None,
    control: str | None = None,
    censor_times: Mapping[str, str | Path] | None = None,
    y_unit: Literal["fraction", "percent"] = "fraction",
    one_minus_survival: bool = False,
    time_unit: str | None = None,
    resolution: Resolution | tuple[float, ...] | float | None = None,
    points: PointKind | str = PointKind.AUTO,
    facts_from: str | Path | None = None,
    details: Mapping[str, str] | None = None,
    overwrite: bool = False,
) -> FigureRecord:
    """Build a record folder, kind ``manual``, from files of points; points are kept as digitized.

    Parameters
    ----------
    folder : str or Path
        Where the record goes: new, empty, or a record that was written like this and nobody changed.
    arms : mapping of str to path
        Points file of each arm. Of a file with several curves, ``points.csv#curve`` names one; the
        curve that bears the arm's own name needs no naming.
    risk_table : path, mapping of str to path, or None
        First column ``time``, then one column an arm; or one such file an arm.
    at_risk_convention : {"before", "after", "auto"}
        Which patients its numbers count; ``auto`` where left out.
    n, events : mapping of str to int
        Patients and total events by arm; n is the number at risk at time 0 where left out.
    control : str or None
        The control arm; the first of ``arms`` where left out.
    censor_times : mapping of str to path
        Files of censoring marks by arm.
    y_unit, one_minus_survival, time_unit
        Units of the figure; months where neither ``time_unit`` nor ``facts_from`` tells.
    resolution : Resolution or tuple or float or None
        A pixel's height as a fraction, with or without its width in time.
    points : {"auto", "steps", "landmarks", "clicks"}
        What the points are; told by the data where ``auto``.
    facts_from : path, name of a catalogue record, or None
        A record of the same figure: its citation, analysis, follow-up, sizes and printed facts are
        taken over, so that the digitized curve is checked against them.
    details : mapping of str to str
        More keys of the table ``digitized`` (citation, doi, nct, figure, panel, program), and
        ``trial``, ``endpoint``; what is missing says so, see `details_to_fill_in`.
    overwrite : bool
        Whether files that a person changed or put there are replaced.

    Returns
    -------
    FigureRecord
        The record as read back from the folder.

    Raises
    ------
    RecordError
        If the folder holds something, or the parts do not make a record.
    CurveError
        If a file cannot be read or its points are no survival curve.
    """
    where = str(folder)
    if at_risk_convention is not None and not risk_table:
        raise RecordError(
            f"{where}: at_risk_convention",
            "numbers at risk that it tells of",
            "no risk table",
            "give one, or leave it out",
        )
    convention = AtRiskConvention(at_risk_convention or AtRiskConvention.AUTO)
    facts = read_document(record_folder(facts_from)) if facts_from is not None else None
    _known_arms(where, arms, facts, n=n, events=events, censor_times=censor_times, risk_table=risk_table)
    if control is not None:
        _known_arms(where, arms, None, control=(control,))
        if facts is not None and control != facts.control.name:
            raise RecordError(
                f"{where}: control", f"{facts.control.name}, as in the facts taken over", control, "leave it out"
            )
    units = FigureUnits(
        time_unit=_time_unit(where, time_unit, facts),
        y_unit=y_unit,
        one_minus_survival=one_minus_survival,
        resolution=resolution,
        points=_point_kind(where, points),
    )
    files, tables = RecordFiles(), read_risk_tables(risk_table, list(arms), convention)
    document = _base(facts, dict(details or {}), tuple(arms)) | {"axes": units.axes()}
    known = {arm.name: arm for arm in facts.arms} if facts else {}
    document["arms"] = []
    notes: list[str] = []
    for arm, source in arms.items():
        entry: dict[str, Any] = (
            known[arm].model_dump(mode="json", exclude_none=True, exclude={"points", "censored"})
            if arm in known
            else {"name": arm, "role": _role(arm, control or next(iter(arms))), "place": NOT_GIVEN, "source": _SOURCE}
        )
        if (n or {}).get(arm, 1) < 1:
            raise RecordError(f"{where}: n", "a whole number from 1", f"{(n or {})[arm]} of {arm}", "correct it")
        curve = arm_curve(arm, source, units)
        notes += curve.notes
        entry["points"] = files.add_points(arm, curve)
        entry["n"] = patients(arm, (n or {}).get(arm, entry.get("n")), tables.get(arm))
        if arm in (events or {}):
            entry["events"] = (events or {})[arm]
            refuse_total(f"{where}: events", arm, entry["events"], entry["n"])
        if arm in (censor_times or {}):
            entry["censored"] = files.add_marks(arm, (censor_times or {})[arm])
        document["arms"].append(entry)
    notes += [note for table in tables.values() for note in table.notes]
    document["digitized"]["how"] = "; ".join(dict.fromkeys([_HOW, *notes]))
    if tables:
        document["risk_table"] = {"points": files.add_risk_table(tables, arms), "convention": convention.value}
    try:
        validated = RecordDocument.model_validate(document)
    except ValidationError as error:
        raise document_error(error, where) from None
    return read_figure(write_record(folder, validated, files.texts, overwrite=overwrite))


def details_to_fill_in(document: RecordDocument) -> tuple[str, ...]:
    """Return the keys of ``figure.toml`` that still say that nothing is known."""
    missing = [
        f"{table}.{key}"
        for table in ("digitized", "analysis")
        for key, value in getattr(document, table).model_dump().items()
        if value == NOT_GIVEN
    ]
    missing += [f"references.{key}.citation" for key, ref in document.references.items() if ref.citation == NOT_GIVEN]
    missing += [f"arms.{arm.name}.place" for arm in document.arms if arm.place == NOT_GIVEN]
    return tuple(missing)


def left_out(document: RecordDocument) -> tuple[str, ...]:
    """Return what was left out of the files that a record was made of."""
    return tuple(filter(None, document.digitized.how.removeprefix(_HOW).split("; ")))


def _base(facts: RecordDocument | None, details: dict[str, str], arms: tuple[str, ...]) -> dict[str, Any]:
    """Return the document without axes and arms: taken over from a record, or with what is known."""
    made = {"kind": "manual", "what": "points of " + ", ".join(arms), "how": _HOW}
    analysis = {key: details.pop(key) for key in ("trial", "endpoint") if key in details}
    if facts is None:
        citation = details.get("citation", NOT_GIVEN)
        return {
            "format": 1,
            "digitized": {"citation": citation, **details, **made},
            "analysis": {"trial": NOT_GIVEN, "endpoint": NOT_GIVEN, **analysis},
            "references": {_SOURCE: {"citation": citation, "read": "the figure"}},
        }
    taken = facts.model_dump(mode="json", exclude_none=True, exclude={"axes", "arms", "risk_table", "explained"})
    taken["digitized"] |= details | made
    taken["analysis"] |= analysis
    return taken


def _point_kind(where: str, name: PointKind | str) -> PointKind:
    try:
        return PointKind(name)
    except ValueError:
        raise RecordError(
            f"{where}: points", f"one of {', '.join(PointKind)}", repr(name), "say what the points are, or leave it out"
        ) from None


def _role(arm: str, control: str) -> str:
    return "control" if arm == control else "treatment"


def _time_unit(where: str, time_unit: str | None, facts: RecordDocument | None) -> str:
    if facts is None:
        return time_unit or "months"
    if time_unit not in (None, facts.axes.time_unit):
        raise RecordError(
            f"{where}: time unit",
            f"{facts.axes.time_unit}, the unit of the facts taken over",
            str(time_unit),
            f"digitize the time axis in {facts.axes.time_unit}",
        )
    return facts.axes.time_unit


def _known_arms(where: str, arms: Mapping[str, Any], facts: RecordDocument | None, **named: Any) -> None:
    """Refuse names of arms that are none of the record."""
    if not arms:
        raise RecordError(where, "at least one arm", "none", "give --arm NAME=POINTS.csv")
    if facts is not None and set(arms) != {arm.name for arm in facts.arms}:
        names = ", ".join(arm.name for arm in facts.arms)
        raise RecordError(where, f"the arms of the facts: {names}", ", ".join(arms), "name the arms alike")
    for option, value in named.items():
        given: Iterable[str] = () if value is None or isinstance(value, str | Path) else value
        for arm in given:
            if arm not in arms:
                raise RecordError(
                    f"{where}: {option}",
                    "the name of an arm",
                    repr(arm),
                    f"use one of {', '.join(arms)}",
                )
