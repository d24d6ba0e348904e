"""The parts of a new record: foreign files read, checked and written in the record's own layouts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from survrecon.consistency import check_patients, resolve_convention
from survrecon.convention import PointKind
from survrecon.csv_text import csv_text
from survrecon.curve import AtRiskConvention, FloatArray, Resolution, RiskTable, SurvivalCurve
from survrecon.datasets import read_datasets
from survrecon.errors import CurveError, RecordError
from survrecon.option_text import one_by_arm
from survrecon.outputs import sha256_of
from survrecon.points import read_censor_times, read_points, read_risk_table
from survrecon.printed_points import points_csv
from survrecon.readings import Reading, readings_csv
from survrecon.repair import repair_curve

__all__ = ["FigureUnits", "RecordFiles", "arm_curve", "patients", "read_risk_tables", "refuse_total", "split_dataset"]


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

    def add_readings(self, readings: Iterable[Reading]) -> dict[str, str]:
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


def arm_curve(arm: str, source: str | Path, units: FigureUnits) -> SurvivalCurve:
    """Read an arm's points as digitized, fractions of survival; refuse what no repair makes a survival curve.

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
    """Read one file for all arms, or one file an arm."""
    if isinstance(source, Mapping):
        one_each = [read_risk_table(file, arms=[arm], convention=convention) for arm, file in source.items()]
        return {arm: table for tables in one_each for arm, table in tables.items()}
    return read_risk_table(source, arms=arms, convention=convention) if source else {}


def patients(arm: str, n: int | None, table: RiskTable | None) -> int:
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
            f"give {one_by_arm('--n', arm, 'NUMBER')}",
        )
    return int(table.at_risk[0])


def refuse_total(where: str, arm: str, events: int, n: int) -> None:
    """Refuse a stated total of events that is none of n patients.

    Raises
    ------
    RecordError
        If it is below 0 or above n.
    """
    if not 0 <= events <= n:
        raise RecordError(
            where, f"from 0 to the {n} patients of {arm}", f"{events}", "correct the total, or give the right --n"
        )


def _stem(arm: str) -> str:
    """Return a file name that every system takes."""
    stem = re.sub(r"[^a-z0-9]+", "-", arm.lower()).strip("-")
    return stem or "arm"


def _risk_csv(tables: Mapping[str, RiskTable], arms: list[str]) -> str:
    times = sorted({time for table in tables.values() for time in _floats(table.time)})
    counts = {arm: dict(zip(_floats(t.time), t.at_risk.tolist(), strict=True)) for arm, t in tables.items()}
    rows = ([f"{time:.10g}", *[counts.get(arm, {}).get(time) for arm in arms]] for time in times)
    return csv_text(["time", *arms], rows)


def _floats(values: FloatArray) -> list[float]:
    return [float(value) for value in values]
