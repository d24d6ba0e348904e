"""A record from points that another digitizer exported: what ``survrecon new`` does."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from survrecon.curve import AtRiskConvention, Resolution, RiskTable, SurvivalCurve
from survrecon.document import document_error
from survrecon.errors import CurveError, RecordError
from survrecon.figure import FigureRecord, read_figure
from survrecon.points import read_censor_times, read_datasets, read_points, read_risk_table
from survrecon.printed_points import points_csv
from survrecon.record import RecordDocument
from survrecon.record_writer import sha256_of, write_document, write_record
from survrecon.repair import repair_curve

__all__ = ["NOT_GIVEN", "details_to_fill_in", "new_record", "write_document"]

NOT_GIVEN = "not given"
_SOURCE = "figure"


def new_record(
    folder: str | Path,
    *,
    arms: Mapping[str, str | Path],
    risk_table: str | Path | Mapping[str, str | Path] | None = None,
    at_risk_convention: AtRiskConvention | str = AtRiskConvention.AUTO,
    n: Mapping[str, int] | None = None,
    events: Mapping[str, int] | None = None,
    control: str | None = None,
    censor_times: Mapping[str, str | Path] | None = None,
    y_unit: Literal["fraction", "percent"] = "fraction",
    one_minus_survival: bool = False,
    time_unit: str = "months",
    resolution: Resolution | tuple[float, ...] | float | None = None,
    program: str | None = None,
    trial: str = NOT_GIVEN,
    endpoint: str = NOT_GIVEN,
    citation: str = NOT_GIVEN,
    figure: str | None = None,
) -> FigureRecord:
    """Build a record folder, kind ``manual``, from files of points; points are kept as digitized.

    Parameters
    ----------
    folder : str or Path
        Where the record goes; must not hold anything yet.
    arms : mapping of str to path
        Points file of each arm. Of a file with several curves, ``points.csv#curve`` names one; the
        curve that bears the arm's own name needs no naming.
    risk_table : path, mapping of str to path, or None
        First column ``time``, then one column an arm; or one such file an arm.
    at_risk_convention : {"before", "after", "auto"}
        Which patients its numbers count.
    n, events : mapping of str to int
        Patients and total events by arm; n is the first number at risk, at time 0, where left out.
    control : str or None
        The control arm; the first of ``arms`` where left out.
    censor_times : mapping of str to path
        Files of censoring marks by arm.
    y_unit, one_minus_survival, time_unit
        Units of the figure.
    resolution : Resolution or tuple or float or None
        A pixel's height as a fraction, with or without its width in time.
    program, trial, endpoint, citation, figure : str
        What is known; the rest says so, see `details_to_fill_in`.

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
    own_tables = risk_table if isinstance(risk_table, Mapping) else None
    _known_arms(folder, arms, n=n, events=events, censor_times=censor_times, control=control, risk_table=own_tables)
    tables = _risk_tables(risk_table, list(arms), at_risk_convention)
    files: dict[str, str] = {}
    tabled = []
    for (arm, source), stem in zip(arms.items(), _file_stems(arms), strict=True):
        curve = _curve(arm, source, time_unit, y_unit, one_minus_survival, resolution)
        files[f"{stem}.csv"] = points_csv(zip(curve.time, curve.survival, strict=True))
        entry: dict[str, Any] = {
            "name": arm,
            "role": "control" if arm == (control or next(iter(arms))) else "treatment",
            "n": _size(folder, arm, n or {}, tables),
            "place": "under the figure" if arm not in (n or {}) else NOT_GIVEN,
            "source": _SOURCE,
            "points": _data_file(files, f"{stem}.csv"),
        }
        if arm in (events or {}):
            entry["events"] = (events or {})[arm]
        if arm in (censor_times or {}):
            marks = read_censor_times((censor_times or {})[arm])
            files[f"{stem}_censored.csv"] = "time\n" + "".join(f"{time:.10g}\n" for time in marks)
            entry["censored"] = _data_file(files, f"{stem}_censored.csv")
        tabled.append(entry)
    document: dict[str, Any] = {
        "format": 1,
        "digitized": {
            "kind": "manual",
            "citation": citation,
            "what": "points of " + ", ".join(arms),
            "how": "points exported by another program, converted to fractions of survival, otherwise as digitized",
            **_given(figure=figure, program=program),
        },
        "analysis": {"trial": trial, "endpoint": endpoint},
        "axes": {
            "time_unit": time_unit,
            "survival_unit": y_unit,
            "one_minus_survival": one_minus_survival,
            **_resolution_keys(resolution),
        },
        "arms": tabled,
        "references": {_SOURCE: {"citation": citation, "read": "the figure"}},
    }
    if tables:
        files["risk_table.csv"] = _risk_csv(tables, arms)
        convention = AtRiskConvention(at_risk_convention).value
        document["risk_table"] = {"points": _data_file(files, "risk_table.csv"), "convention": convention}
    try:
        validated = RecordDocument.model_validate(document)
    except ValidationError as error:
        raise document_error(error, str(folder)) from None
    return read_figure(write_record(folder, validated, files))


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


def _known_arms(folder: str | Path, arms: Mapping[str, str | Path], **named: Any) -> None:
    if not arms:
        raise RecordError(str(folder), "at least one arm", "none", "give --arm NAME=POINTS.csv")
    for option, value in named.items():
        for arm in [value] if isinstance(value, str) else value or ():
            if arm not in arms:
                raise RecordError(
                    f"{folder}: {option}", "the name of an arm", repr(arm), f"use one of: {', '.join(arms)}"
                )


def _curve(
    arm: str,
    source: str | Path,
    time_unit: str,
    y_unit: Literal["fraction", "percent"],
    one_minus_survival: bool,
    resolution: Resolution | tuple[float, ...] | float | None,
) -> SurvivalCurve:
    path, dataset = Path(source), None
    if not path.exists() and "#" in str(source):
        file, dataset = str(source).rsplit("#", 1)
        path = Path(file)
    if dataset is None and arm in (curves := read_datasets(path)) and len(curves) > 1:
        dataset = arm
    curve = read_points(
        path,
        time_unit=time_unit,
        survival_unit=y_unit,
        one_minus_survival=one_minus_survival,
        resolution=resolution,
        dataset=dataset,
    )
    try:
        repair_curve(curve)  # refuses what no repair makes a survival curve; the record keeps the points as they are
    except CurveError as error:
        raise error.at(path.name) from None
    return curve


def _risk_tables(
    source: str | Path | Mapping[str, str | Path] | None, arms: list[str], convention: AtRiskConvention | str
) -> dict[str, RiskTable]:
    if isinstance(source, Mapping):
        one_each = [read_risk_table(file, arms=[arm], convention=convention) for arm, file in source.items()]
        return {arm: table for tables in one_each for arm, table in tables.items()}
    return read_risk_table(source, arms=arms, convention=convention) if source else {}


def _size(folder: str | Path, arm: str, n: Mapping[str, int], tables: Mapping[str, RiskTable]) -> int:
    if arm in n:
        return n[arm]
    table = tables.get(arm)
    if table is None or table.time[0] != 0:
        raise RecordError(
            f"{folder}: n of {arm}",
            "the number of patients, given or in the risk table at time 0",
            "neither",
            f"give --n {arm}=NUMBER",
        )
    return int(table.at_risk[0])


def _file_stems(arms: Mapping[str, str | Path]) -> list[str]:
    """Return file names that every system takes, one an arm."""
    stems: list[str] = []
    for i, arm in enumerate(arms, start=1):
        stem = re.sub(r"[^a-z0-9]+", "-", arm.lower()).strip("-") or f"arm-{i}"
        stems.append(stem if stem not in (*stems, "risk-table") else f"{stem}-{i}")
    return stems


def _data_file(files: Mapping[str, str], name: str) -> dict[str, str]:
    return {"file": name, "sha256": sha256_of(files[name])}


def _given(**values: str | None) -> dict[str, str]:
    return {key: value for key, value in values.items() if value is not None}


def _resolution_keys(resolution: Resolution | tuple[float, ...] | float | None) -> dict[str, float]:
    if resolution is None:
        return {}
    if isinstance(resolution, Resolution):
        resolution = (resolution.survival, resolution.time)
    values = resolution if isinstance(resolution, tuple) else (resolution,)
    return dict(zip(("resolution_survival", "resolution_time"), map(float, values), strict=False))


def _risk_csv(tables: Mapping[str, RiskTable], arms: Iterable[str]) -> str:
    """Write one layout whatever came in; cells stay empty where an arm has no number."""
    times = sorted({time for table in tables.values() for time in table.time.tolist()})
    counts = {arm: dict(zip(t.time.tolist(), t.at_risk.tolist(), strict=True)) for arm, t in tables.items()}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["time", *arms])
    writer.writerows([f"{time:.10g}", *[counts.get(arm, {}).get(time, "") for arm in arms]] for time in times)
    return text.getvalue()
