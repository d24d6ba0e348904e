"""Every value read from a figure beside the value that the user typed, and which of the two is used."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from math import isclose
from typing import TYPE_CHECKING

from survrecon.errors import RecordError
from survrecon.files.tables import csv_rows, csv_text
from survrecon.model.settings import NUMERICAL_NOISE, SAME_NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["SURE", "Basis", "ReadKind", "ReadValue", "read_readings", "readings_csv", "readings_from_rows"]


class ReadKind(StrEnum):
    """What a value of a figure is."""

    TIME_TICKS = "time axis, first and last tick"
    SURVIVAL_TICKS = "survival axis, first and last tick"
    TIME_UNIT = "time unit"
    SURVIVAL_UNIT = "unit of the survival axis"
    DIRECTION = "direction of the survival axis"
    CURVES = "number of curves"
    ARM_NAME = "name of the arm"
    PATIENTS = "patients"
    EVENTS = "total events"
    CENSORING_MARKS = "censoring marks"
    CONTROL = "control arm"
    AT_RISK = "number at risk"
    """A cell of the risk table."""
    HAZARD_RATIO = "hazard ratio"
    P_VALUE = "p value"
    MEDIAN = "median"
    SURVIVAL_AT = "survival at"
    INTERVAL = "interval"
    """Printed by itself: of what is not said."""
    N_PRINTED = "n"
    EVENTS_PRINTED = "events"


SURE = 0.8
"""Confidence below which a reading counts as doubtful."""


class Basis(StrEnum):
    """Where the value that is used comes from."""

    READ = "read"
    TYPED = "typed"
    ASSUMED = "assumed"
    CHECK = "check"
    """Printed, and a fact of the record: compared with what was rebuilt."""
    CONSTRAINT = "used as a constraint"
    """Printed, and it weighted the draws of this run."""
    UNUSED = "not used"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadValue:
    """One value of a figure.

    Parameters
    ----------
    what : ReadKind
        Which value, in words.
    arm : str
        Whose; empty where the value is the whole figure's.
    at : float or None
        For a number at risk: its time.
    read, typed, used : str
        As the program read it, as the user typed it, and as it went on; empty where there is none. A printed
        statistic goes on as a fact, `survrecon.model.published.PublishedFact.statement`.
    confidence : float or None
        How sure the reading is, 0 to 1, where that is known.
    place : str
        Where in the figure it was read.
    option : str
        The option that states it.
    basis : Basis
        Where ``used`` comes from.
    """

    what: ReadKind
    arm: str = ""
    at: float | None = None
    read: str = ""
    confidence: float | None = None
    place: str = ""
    typed: str = ""
    option: str = ""
    used: str = ""
    basis: Basis = Basis.READ

    @property
    def disagrees(self) -> bool:
        """Whether what was read and what was typed are two different values.

        Examples
        --------
        >>> ReadValue(what=ReadKind.PATIENTS, read="90", typed="90.0").disagrees
        False
        >>> ReadValue(what=ReadKind.TIME_TICKS, read="0 to 30", typed="0 to 36").disagrees
        True
        """
        if not self.read or not self.typed:
            return False
        pairs = zip(self.read.split(), self.typed.split(), strict=False)
        return len(self.read.split()) != len(self.typed.split()) or not all(_same(a, b) for a, b in pairs)

    @property
    def remark(self) -> str:
        """The disagreement in words."""
        whose = (f" of {self.arm}" if self.arm else "") + ("" if self.at is None else f" at {self.at:g}")
        return f"{self.what}{whose}: read {self.read!r}, typed {self.typed!r}; what was typed is used"


_COLUMNS = tuple(field.name for field in fields(ReadValue))


def readings_csv(readings: Iterable[ReadValue]) -> str:
    """Return readings as the text of a CSV file, one line per value."""
    values = ([getattr(reading, name) for name in _COLUMNS] for reading in readings)
    return csv_text(_COLUMNS, ([f"{v:.6g}" if isinstance(v, float) else v for v in row] for row in values))


def read_readings(path: Path) -> tuple[ReadValue, ...]:
    """Read the file that ``readings_csv`` made.

    Raises
    ------
    RecordError
        If a column is missing, or a value is none of its kind.
    """
    return readings_from_rows([cells for _, cells in csv_rows(path, RecordError)], str(path))


def readings_from_rows(lines: Sequence[Sequence[str]], where: str) -> tuple[ReadValue, ...]:
    """Return the readings of the rows of such a file, its header first; ``where`` names it in errors."""
    try:
        rows = [dict(zip(lines[0], cells, strict=True)) for cells in lines[1:]]
        return tuple(
            ReadValue(
                **{name: row[name] for name in _COLUMNS if name not in ("what", "at", "confidence", "basis")},
                what=ReadKind(row["what"]),
                at=float(row["at"]) if row["at"] else None,
                confidence=float(row["confidence"]) if row["confidence"] else None,
                basis=Basis(row["basis"]),
            )
            for row in rows
        )
    except (KeyError, IndexError, ValueError) as error:
        raise RecordError(
            where, f"the columns {', '.join(_COLUMNS)}", str(error), "restore the file, or digitize again"
        ) from None


def _same(a: str, b: str) -> bool:
    try:
        return isclose(float(a), float(b), rel_tol=SAME_NUMBER, abs_tol=NUMERICAL_NOISE)
    except ValueError:
        return a == b
