"""Make a new record: read and check files of points, and write them in the record's own layouts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from survrecon.callers import option_name
from survrecon.errors import CurveError, RecordError
from survrecon.files.datasets import read_datasets
from survrecon.files.outputs import sha256_of
from survrecon.files.points import read_censor_times, read_points, read_risk_table
from survrecon.files.tables import csv_text
from survrecon.model.consistency import check_patients, resolve_convention
from survrecon.model.convention import PointKind
from survrecon.model.curve import AtRiskConvention, Resolution, RiskTable, SurvivalCurve
from survrecon.model.document import document_error
from survrecon.model.repair import repair_curve
from survrecon.records.folder import (
    FigureRecord,
    read_document,
    read_figure,
    record_folder,
    write_document,
    write_record,
)
from survrecon.records.readings import ReadValue, readings_csv
from survrecon.records.schema import NOT_GIVEN, RecordDocument, points_csv

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = [
    "FigureUnits",
    "RecordFiles",
    "details_to_fill_in",
    "left_out",
    "new_record",
    "number_of_patients",
    "read_arm_curve",
    "read_risk_tables",
    "refuse_total",
    "split_dataset",
    "write_document",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class FigureUnits:
    """Units of a figure's axes, how finely it was read, and what its points are."""

    time_unit: str
    y_unit: Literal["fraction", "percent"] = "fraction"
    one_minus_survival: bool = False
    resolution: Resolution | tuple[float, ...] | float | None = None
    points: PointKind = PointKind.AUTO

    def axes(self) -> dict[str, object]:
        """Return the table ``[axes]``."""
        keys: dict[str, object] = {
            "time_unit": self.time_unit,
            "survival_unit": self.y_unit,
            "one_minus_survival": self.one_minus_survival,
            "points": self.points,
        }
        if self.resolution is None:
            return keys
        given = self.resolution
        values = (given.survival, given.time) if isinstance(given, Resolution) else given
        values = values if isinstance(values, tuple) else (values,)
        return keys | dict(zip(("resolution_survival", "resolution_time"), map(float, values), strict=False))


class RecordFiles:
    """The CSV files of a record, each with the entry that names it in ``figure.toml``."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def add_points(self, arm: str, curve: SurvivalCurve) -> dict[str, str]:
        """Add an arm's points."""
        return self._add(_stem(arm), points_csv(zip(curve.time, curve.survival, strict=True)))

    def add_marks(self, arm: str, path: str | Path) -> dict[str, str]:
        """Add an arm's censoring marks from a file."""
        return self.add_censor_times(arm, read_censor_times(path))

    def add_censor_times(self, arm: str, times: FloatArray) -> dict[str, str]:
        """Add an arm's censoring marks."""
        return self._add(f"{_stem(arm)}_censored", "time\n" + "".join(f"{time:.10g}\n" for time in times))

    def add_risk_table(self, tables: Mapping[str, RiskTable], arms: Iterable[str]) -> dict[str, str]:
        """Add the risk table, one layout whatever came in; cells stay empty where an arm has no number."""
        return self._add("risk_table", _risk_csv(tables, list(arms)))

    def add_events_so_far(self, tables: Mapping[str, RiskTable], arms: Iterable[str]) -> dict[str, str]:
        """Add the events so far at the columns of the risk table; cells stay empty where none are told."""
        return self._add("risk_table_events", _risk_csv(tables, list(arms), events=True))

    def add_readings(self, readings: Iterable[ReadValue]) -> dict[str, str]:
        """Add what a program read from the figure beside what was typed."""
        return self._add("readings", readings_csv(readings))

    def _add(self, stem: str, text: str) -> dict[str, str]:
        name = f"{stem}.csv"
        for i in range(2, len(self.texts) + 2):
            if name not in self.texts:
                break
            name = f"{stem}-{i}.csv"
        self.texts[name] = text
        return {"file": name, "sha256": sha256_of(text)}


def read_arm_curve(arm: str, source: str | Path, units: FigureUnits) -> SurvivalCurve:
    """Read an arm's points as fractions of survival; refuse points that no repair makes a survival curve.

    Of a file with several curves, ``points.csv#curve`` names one; the curve that bears the arm's own
    name needs no naming.
    """
    path, dataset = split_dataset(source)
    if dataset is None and len(curves := read_datasets(path)) > 1:
        alike = [name for name in curves if name.casefold() == arm.casefold()]
        dataset = alike[0] if len(alike) == 1 else dataset
    curve = read_points(
        path,
        time_unit=units.time_unit,
        survival_unit=units.y_unit,
        one_minus_survival=units.one_minus_survival,
        resolution=units.resolution,
        dataset=dataset,
    )
    try:
        repair_curve(curve)
    except CurveError as error:
        raise error.at(path.name) from None
    return curve


def split_dataset(source: str | Path) -> tuple[Path, str | None]:
    """Split ``points.csv#curve`` into the file and the curve; ``None`` where no curve is named."""
    path = Path(source)
    if path.exists() or "#" not in str(source):
        return path, None
    file, dataset = str(source).rsplit("#", 1)
    return Path(file), dataset


def read_risk_tables(
    source: str | Path | Mapping[str, str | Path] | None, arms: list[str], convention: AtRiskConvention | str
) -> dict[str, RiskTable]:
    """Read one file for all arms, or one file per arm."""
    if isinstance(source, Mapping):
        one_each = [read_risk_table(file, arms=[arm], convention=convention) for arm, file in source.items()]
        return {arm: table for tables in one_each for arm, table in tables.items()}
    return read_risk_table(source, arms=arms, convention=convention) if source else {}


def number_of_patients(arm: str, n: int | None, table: RiskTable | None) -> int:
    """Return the number of patients: given, or the number at risk at time 0.

    Raises
    ------
    CurveError
        If a given number contradicts the numbers at risk.
    RecordError
        If there is neither.
    """
    if n is not None:
        if table is not None:
            try:
                check_patients(n, resolve_convention(n, table)[0])
            except CurveError as error:
                raise error.at(f"n of {arm}") from None
        return n
    if table is None or table.time[0] != 0:
        raise RecordError(
            f"n of {arm}",
            "the number of patients, given or in the risk table at time 0",
            "neither",
            f"give {option_name('n', 'NUMBER', key=arm)}",
        )
    return int(table.at_risk[0])


def refuse_total(where: str, arm: str, events: int, n: int) -> None:
    """Refuse a stated total of events that n patients cannot have.

    Raises
    ------
    RecordError
        If it is below 0 or above n.
    """
    if not 0 <= events <= n:
        advice = f"correct the total, or give the right {option_name('n')}"
        raise RecordError(where, f"from 0 to the {n} patients of {arm}", f"{events}", advice)


def _stem(arm: str) -> str:
    """Return a file name that every system takes."""
    stem = re.sub(r"[^a-z0-9]+", "-", arm.lower()).strip("-")
    return stem or "arm"


def _risk_csv(tables: Mapping[str, RiskTable], arms: list[str], *, events: bool = False) -> str:
    times = sorted({time for table in tables.values() for time in _floats(table.time)})
    counts: dict[str, dict[float, int | None]] = {
        arm: dict(zip(_floats(t.time), t.events if events else t.at_risk.tolist(), strict=not events))
        for arm, t in tables.items()
    }
    rows = ([f"{time:.10g}", *[counts.get(arm, {}).get(time) for arm in arms]] for time in times)
    return csv_text(["time", *arms], rows)


def _floats(values: FloatArray) -> list[float]:
    return [float(value) for value in values]


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
        First column ``time``, then one column per arm; or one such file per arm.
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
    _refuse_control(where, arms, facts, control)
    units = FigureUnits(
        time_unit=_time_unit(where, time_unit, facts),
        y_unit=y_unit,
        one_minus_survival=one_minus_survival,
        resolution=resolution,
        points=_point_kind(where, points),
    )
    files, tables = RecordFiles(), read_risk_tables(risk_table, list(arms), convention)
    document = _base(facts, dict(details or {}), tuple(arms)) | {"axes": units.axes(), "arms": []}
    notes: list[str] = []
    numbers = _Numbers(where=where, n=n or {}, events=events or {}, censor_times=censor_times or {}, tables=tables)
    for arm, source in arms.items():
        curve = read_arm_curve(arm, source, units)
        notes += curve.notes
        role = _role(arm, control or next(iter(arms)))
        document["arms"].append(_arm_entry(arm, curve, numbers, files, _known_entry(facts, arm, role)))
    notes += [note for table in tables.values() for note in table.notes]
    document["digitized"]["how"] = "; ".join(dict.fromkeys([_HOW, *notes]))
    if tables:
        document["risk_table"] = {"points": files.add_risk_table(tables, arms), "convention": convention.value}
    try:
        validated = RecordDocument.model_validate(document)
    except ValidationError as error:
        raise document_error(error, where) from None
    return read_figure(write_record(folder, validated, files.texts, overwrite=overwrite))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Numbers:
    """What is stated of each arm beside its points, by arm."""

    where: str
    n: Mapping[str, int]
    events: Mapping[str, int]
    censor_times: Mapping[str, str | Path]
    tables: Mapping[str, RiskTable]


def _refuse_control(where: str, arms: Mapping[str, Any], facts: RecordDocument | None, control: str | None) -> None:
    """Refuse a control that is no arm, or another one than the facts taken over name."""
    if control is None:
        return
    _known_arms(where, arms, None, control=(control,))
    if facts is not None and control != facts.control.name:
        raise RecordError(
            f"{where}: control", f"{facts.control.name}, as in the facts taken over", control, "leave it out"
        )


def _known_entry(facts: RecordDocument | None, arm: str, role: str) -> dict[str, Any]:
    """Return an arm's entry as the facts taken over have it, but its files; a new one where they have none."""
    for known in facts.arms if facts else ():
        if known.name == arm:
            return known.model_dump(mode="json", exclude_none=True, exclude={"points", "censored"})
    return {"name": arm, "role": role, "place": NOT_GIVEN, "source": _SOURCE}


def _arm_entry(
    arm: str, curve: SurvivalCurve, numbers: _Numbers, files: RecordFiles, known: dict[str, Any]
) -> dict[str, Any]:
    """Return an arm's entry in ``figure.toml``, and add its files to the record's."""
    if numbers.n.get(arm, 1) < 1:
        raise RecordError(f"{numbers.where}: n", "a whole number from 1", f"{numbers.n[arm]} of {arm}", "correct it")
    entry = known | {"points": files.add_points(arm, curve)}
    entry["n"] = number_of_patients(arm, numbers.n.get(arm, entry.get("n")), numbers.tables.get(arm))
    if arm in numbers.events:
        entry["events"] = numbers.events[arm]
        refuse_total(f"{numbers.where}: events", arm, entry["events"], entry["n"])
    if arm in numbers.censor_times:
        entry["censored"] = files.add_marks(arm, numbers.censor_times[arm])
    return entry


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
        raise RecordError(where, "at least one arm", "none", f"give {option_name('arm', 'POINTS.csv', key='NAME')}")
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
