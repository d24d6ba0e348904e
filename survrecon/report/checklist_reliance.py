"""How far the answer can be relied on: doubts, uniqueness, width, repairs, checks; the second part of the checklist."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from survrecon.agreement import Verdict
from survrecon.analysis.results import Comparison
from survrecon.estimate import format_decimals
from survrecon.readings import AT_RISK, SURE, Reading
from survrecon.report.checklist_item import ChecklistItem, share
from survrecon.report.quantities import not_printed
from survrecon.result import RecordResult

__all__ = ["checks", "doubtful_cells", "doubts", "repairs", "unique", "width"]

_NO_CHECK = {Verdict.USED_AS_INPUT: "built from", Verdict.USED_AS_CONSTRAINT: "weighting the draws"}


def doubtful_cells(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Return the numbers at risk that were read with little confidence, or not at all, and that nobody typed."""
    cells = (reading for reading in readings if reading.what == AT_RISK and not reading.typed)
    return tuple(c for c in cells if not c.read or (c.confidence is not None and c.confidence < SURE))


def doubts(result: RecordResult) -> ChecklistItem:
    """Return what was read with little confidence, and what was typed otherwise than read."""
    cells, readings = doubtful_cells(result.record.readings), result.record.readings
    apart = sum(reading.disagrees for reading in readings)
    count = len(result.record.document.digitized.doubts)
    numbers = sum(reading.what == AT_RISK for reading in readings)
    found = f"{len(cells)} of {numbers} numbers at risk are doubtful" if numbers else "no numbers at risk were read"
    found += f"; {apart} values typed otherwise than read" if apart else "; no value typed otherwise than read"
    return ChecklistItem(
        item="Doubtful readings", given="", found=f"{found}; {count} remarks to look at",
        assumed="doubtful cells are used as read unless typed" if cells else "",
    )  # fmt: skip


def unique(result: RecordResult) -> ChecklistItem:
    """Return whether one data set alone fits."""
    words = []
    for name, made in result.reconstructions.items():
        if made.diagnostics.get("unique"):
            words.append(f"{name}: yes, one data set alone fits")
        elif made.has_draws:
            path = made.diagnostics.get("path")
            how = {"decoded": ", steps decoded", "sampled": ", sampled"}.get(str(path), "")
            words.append(f"{name}: no, several data sets fit{how}")
        else:
            words.append(f"{name}: not known, method {made.method} returns one data set")
    return ChecklistItem(item="Is the solution unique?", given="", found="; ".join(words))


def width(result: RecordResult) -> ChecklistItem:
    """Return how far apart the data sets are that agree with the input."""
    item = "Width of the interval over data sets"
    if result.comparisons:
        return ChecklistItem(item=item, given="", found="; ".join(_ratio_width(c) for c in result.comparisons))
    arm = result.arms[0]
    interval = arm.events.interval
    spread = "" if interval is None else f" ({interval.format(0)} over data sets)"
    events = "" if arm.events.value is None else format_decimals(arm.events.value, 0)
    return ChecklistItem(item=item, given="", found=f"{arm.name}: {events} events{spread}")


def _ratio_width(comparison: Comparison) -> str:
    drawn = comparison.log_hazard_ratios[np.isfinite(comparison.log_hazard_ratios)]
    which = f"hazard ratio of {comparison.of} over {comparison.over}"
    if drawn.size < 2:
        return f"{which}: one data set, no interval"
    low, high = np.exp(np.quantile(drawn, [0.025, 0.975]))
    made, sampled = comparison.hazard_ratio.reconstruction_se, comparison.hazard_ratio.sampling_se
    errors = (
        "" if made is None or sampled is None else f"; SE of ln HR {made:.3f} beside a sampling SE of {sampled:.3f}"
    )
    return f"{which}: {low:.3f} to {high:.3f}{errors}"


def repairs(result: RecordResult) -> ChecklistItem:
    """Return how much of the input was repaired, and how often the methods warned."""
    made = [repair for r in result.reconstructions.values() for repair in r.repairs]
    warned = len({text for r in result.reconstructions.values() for text in r.warnings})
    found = "none" if not made else f"{len(made)}, each listed below"
    return ChecklistItem(item="Repairs of the input, warnings", given="", found=f"repairs: {found}; warnings: {warned}")


def checks(result: RecordResult) -> ChecklistItem:
    """Return what could be checked against printed numbers, and what came of it."""
    judged = [c for c in result.checks if c.verdict in (Verdict.AGREES, Verdict.DIFFERS, Verdict.INCONCLUSIVE)]
    missing, questions = not_printed(result.record.document.facts)
    counts = {v.value: sum(c.verdict is v for c in judged) for v in Verdict}
    found = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    built = "".join(
        f"; {words}, so no check: {used}"
        for verdict, words in _NO_CHECK.items()
        if (used := sum(c.verdict is verdict for c in result.checks))
    )
    return ChecklistItem(
        item="Checks against printed numbers",
        given=share(questions - len(missing), questions) if judged else "no",
        found=(f"{len(judged)} made: {found}" if judged else "none could be made") + built,
        assumed=f"not printed or not given: {', '.join(missing)}" if missing else "",
    )
