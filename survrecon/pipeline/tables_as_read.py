"""Numbers at risk as a program read them, as risk tables; what is left out of them is said."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from survrecon.curve import AtRiskConvention, RiskTable
from survrecon.digitizing import DigitizedFigure, DigitizedRiskTable
from survrecon.errors import CurveError

__all__ = ["tables_as_read"]


def tables_as_read(figure: DigitizedFigure, remarks: list[str]) -> dict[str, RiskTable]:
    """Return the numbers at risk of a figure, by arm.

    Parameters
    ----------
    figure : DigitizedFigure
        What was read; where patients enter late its numbers at risk are not used.
    remarks : list of str
        What is left out is added to it: a column with an unread cell before a row's end, an arm whose numbers
        contradict each other.
    """
    read = figure.risk_table
    if read is None or figure.late_entry:
        return {}
    gaps = sorted({k for row in read.rows.values() for k in _gaps(row)})
    if gaps:
        times = ", ".join(f"{read.times[k]:g}" for k in gaps)
        remarks.append(f"numbers at risk at time {times} are not used: a cell could not be read")
    found: dict[str, RiskTable] = {}
    for arm in read.rows:
        try:
            table = _table(read, arm, set(gaps))
        except CurveError as error:
            remarks.append(f"numbers at risk of {arm} are not used: {error}")
            continue
        if table is not None:
            found[arm] = table
    return found


def _table(read: DigitizedRiskTable, arm: str, gaps: set[int]) -> RiskTable | None:
    cells = [(t, c) for k, (t, c) in enumerate(zip(read.times, read.rows[arm], strict=True)) if k not in gaps]
    known = [(float(t), c) for t, c in cells if c is not None]
    if not known:
        return None
    return RiskTable(
        time=np.array([t for t, _ in known]),
        at_risk=np.array([c for _, c in known]),
        convention=AtRiskConvention.AUTO,
    )


def _gaps(row: Iterable[int | None]) -> list[int]:
    """Return the places of the empty cells that a filled one follows."""
    cells = list(row)
    last = max((k for k, cell in enumerate(cells) if cell is not None), default=-1)
    return [k for k in range(last) if cells[k] is None]
