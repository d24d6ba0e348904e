"""What further information would help, as tables and as plain values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from survrecon.information.results import WhatWouldHelp
from survrecon.report.table import TextTable
from survrecon.result import RecordResult

__all__ = ["help_tables", "help_to_dict"]


def help_tables(result: RecordResult) -> list[TextTable]:
    """Return one table a contrast; none where it was not asked for."""
    return [_table(one) for one in result.what_would_help]


def help_to_dict(found: WhatWouldHelp) -> dict[str, Any]:
    """Return plain values; widths are of 95% intervals over data sets, of ln HR and of the arms' events."""
    best = found.most_helpful
    values = asdict(found)
    values["events"] = dict(zip((found.over, found.of), values["events"], strict=True))
    values["gains"] = [
        gain | {"name": one.name, "events": dict(zip((found.over, found.of), one.events, strict=True))}
        for gain, one in zip(values["gains"], found.gains, strict=True)
    ]
    return values | {"advice": found.advice, "most_helpful": None if best is None else best.name}


def _table(found: WhatWouldHelp) -> TextTable:
    return TextTable(
        heading=found.now,
        columns=found.columns,
        rows=found.rows,
        notes=(found.advice, found.note),
    )
