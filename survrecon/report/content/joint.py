"""What two data cut-offs say together, beside each alone: rows of text, and plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from survrecon.model.estimate import format_decimals
from survrecon.model.published import Quantity
from survrecon.model.settings import DECIMALS
from survrecon.report.content.words import VERDICT_STYLE, fact_to_dict
from survrecon.report.table import TextTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.checks.cutoffs import JointAnalysis, Narrowed
    from survrecon.checks.results import RecordResult
    from survrecon.model.estimate import Estimate

__all__ = ["joint_tables", "joint_to_dict"]

_COLUMNS = ("record", "quantity", "this cut-off alone", "both cut-offs", "ratio of widths", "paper", "verdict")
_NOTE = (
    "middle of the data sets with their 95% interval; the ratio of widths is that of both over this one alone, of a "
    "hazard ratio on the log scale. What was borrowed, built from or tested is no check."
)


def joint_tables(results: Sequence[RecordResult], *, details: bool = True) -> list[TextTable]:
    """Return a table of the records that name another data cut-off; none where no record does.

    Parameters
    ----------
    details : bool
        Whether every quantity has a row; the hazard ratio alone otherwise, and less is said below.
    """
    joined = [(result.record.name, result.joint) for result in results if result.joint is not None]
    if not joined:
        return []
    rows = [row for name, joint in joined for row in _rows(name, joint, details=details)]
    notes = [f"{name}: {joint.summary}" for name, joint in joined]
    if details:
        notes += [f"{name}: borrowed {'; '.join(joint.borrowed)}" for name, joint in joined if joint.borrowed]
        notes += [f"{name}: tested {line}" for name, joint in joined for line in _tested(joint)]
    table = TextTable(
        heading="Two data cut-offs together",
        columns=_COLUMNS,
        rows=tuple(rows),
        notes=(*notes, *((_NOTE,) if rows else ())),
        styles={verdict.value: style for verdict, (style, _) in VERDICT_STYLE.items()},
        grouped=("record",),
        unbroken=("verdict",),
    )
    return [table]


def _rows(name: str, joint: JointAnalysis, *, details: bool) -> list[tuple[str, ...]]:
    checks = {check.label: check for check in joint.checks if check.quantity == Quantity.HAZARD_RATIO}
    found: list[tuple[str, ...]] = []
    for quantity in joint.quantities:
        is_ratio = quantity.label.startswith(Quantity.HAZARD_RATIO.definition.words)
        if not (details or is_ratio):
            continue
        check = next(iter(checks.values()), None) if is_ratio and len(checks) == 1 else checks.get(quantity.label)
        said = ("", "") if check is None else (check.fact.printed, check.verdict.value)
        found.append((name, quantity.label, *_both(quantity), *said))
    return found


def _both(quantity: Narrowed) -> tuple[str, str, str]:
    ratio = "" if quantity.ratio is None else format_decimals(quantity.ratio, DECIMALS.other)
    return quantity.alone.format(quantity.decimals), quantity.joint.format(quantity.decimals), ratio


def _tested(joint: JointAnalysis) -> list[str]:
    return [f"{pair.label}: {pair.earlier:g} and then {pair.later:g}, z = {pair.z:.1f}" for pair in joint.pairs]


def joint_to_dict(joint: JointAnalysis | None) -> dict[str, Any] | None:
    """Return plain values for JSON; ``None`` where the record names no other data cut-off."""
    if joint is None:
        return None
    return {
        "other": joint.other,
        "is_later": joint.is_later,
        "refused": joint.refused,
        "borrowed": list(joint.borrowed),
        "effective_sample_size": joint.effective,
        "data_sets": joint.data_sets,
        "pairs": [
            {"label": p.label, "earlier": p.earlier, "later": p.later, "z": p.z, "refuses": p.refuses}
            for p in joint.pairs
        ],
        "quantities": [
            {"label": q.label, "alone": _estimate(q.alone), "joint": _estimate(q.joint), "ratio_of_widths": q.ratio}
            for q in joint.quantities
        ],
        "checks": [
            {
                "label": check.label,
                "published": check.published,
                "obtained": check.obtained,
                "verdict": check.verdict,
                "note": check.note,
                "fact": fact_to_dict(check.fact),
            }
            for check in joint.checks
        ],
    }


def _estimate(estimate: Estimate) -> dict[str, Any]:
    interval = estimate.interval
    limits = (None, None) if interval is None else (interval.low, interval.high)
    return {"value": estimate.value, "low": limits[0], "high": limits[1]}
