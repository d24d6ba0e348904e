"""Printed statistics that weighted the draws, as rows of words and as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from survrecon.model.estimate import format_decimals
from survrecon.report.content.words import fact_to_dict, p_text
from survrecon.report.settings import TEXT
from survrecon.report.table import TextTable

if TYPE_CHECKING:
    from survrecon.checks.results import RecordResult
    from survrecon.value_of_information.results import WhatWouldHelp
    from survrecon.weighting.results import Constraints, UsedConstraint

__all__ = ["ConstraintRow", "constraint_rows", "constraints_to_dict", "help_tables", "help_to_dict"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConstraintRow:
    """One constraint as text: what is printed and where, what the figure alone allows, how far apart they are."""

    quantity: str
    note: str
    paper: str
    place: str
    figure: str
    distance: str
    share: str


def constraint_rows(constraints: Constraints | None) -> tuple[ConstraintRow, ...]:
    """Return one row a constraint; none without constraints."""
    return () if constraints is None else tuple(map(_row, constraints.used))


def constraints_to_dict(constraints: Constraints | None) -> dict[str, Any] | None:
    """Return what weighted the draws for JSON; ``None`` without constraints."""
    if constraints is None:
        return None
    return {
        "assumptions": constraints.assumptions,
        "combinations": constraints.combinations,
        "data_sets": constraints.data_sets,
        "effective_sample_size": constraints.effective_sample_size,
        "used": [
            {
                "distance": used.distance,
                "fact": fact_to_dict(used.constraint.fact),
                "label": used.constraint.fact.label,
                "share_of_draws": used.share,
                "value_only": used.constraint.value_only,
                "without": None
                if used.interval is None
                else {"value": used.without, "low": used.interval.low, "high": used.interval.high},
            }
            for used in constraints.used
        ],
    }


def _row(used: UsedConstraint) -> ConstraintRow:
    fact = used.constraint.fact
    return ConstraintRow(
        quantity=fact.label,
        note="without its interval" if used.constraint.value_only and fact.interval is not None else "",
        paper=fact.printed,
        place=fact.place,
        figure=_figure(used),
        distance=f"{used.distance:.1f} SD" if isfinite(used.distance) else "out of reach",
        share=f"{used.share:.0%}" if used.share == 0 or used.share >= TEXT.smallest_share else "under 1%",
    )


def _figure(used: UsedConstraint) -> str:
    fact, value, interval = used.constraint.fact, used.without, used.interval
    if value is None or interval is None:
        return "most draws have none"
    if fact.quantity.is_p:
        return f"{p_text(value)} ({p_text(interval.low or 0.0)} to {p_text(interval.high or 0.0)})"
    decimals = fact.decimals + (not fact.quantity.counts)
    return f"{format_decimals(value, decimals)} ({interval.format(decimals)})"


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
