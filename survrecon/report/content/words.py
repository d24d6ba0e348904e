"""How every report prints numbers, models, kinds and verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from survrecon.checks.results import Verdict
from survrecon.model.estimate import Estimate, Scale, format_decimals
from survrecon.model.published import ModelKind, PublishedFact
from survrecon.model.settings import DECIMALS
from survrecon.report.settings import TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from survrecon.checks.results import RecordResult

__all__ = [
    "NOT_REAL",
    "VERDICT_STYLE",
    "WATERMARK",
    "error_texts",
    "estimate_text",
    "fact_to_dict",
    "grade_lines",
    "model_text",
    "p_text",
]

WATERMARK = "SUMMARY: built from printed numbers, not read from a figure"
"""Stands on everything that is made from a ``summary`` record."""

NOT_REAL = "Reconstructed patients, not the trial's own: times and events of one endpoint, no covariates."
"""Stands under every result."""

VERDICT_STYLE: Mapping[Verdict, tuple[str, str]] = {
    Verdict.AGREES: ("bold green", "✓"),
    Verdict.CONSISTENT: ("bold cyan", "≈"),
    Verdict.INCONCLUSIVE: ("dim", "~"),
    Verdict.DOUBTFUL: ("bold yellow", "!"),
    Verdict.DIFFERS: ("bold red", "✗"),
    Verdict.USED_AS_INPUT: ("dim", "→"),
    Verdict.USED_AS_CONSTRAINT: ("dim", "→"),
    Verdict.ANOTHER_ESTIMAND: ("dim", "-"),
    Verdict.DIRECTION_NOT_ESTABLISHED: ("yellow", "?"),
    Verdict.NOT_BUILDABLE: ("magenta", "-"),
    Verdict.NOT_CHECKABLE: ("dim", "-"),
    Verdict.NOT_REPORTED: ("dim", "-"),
}
"""Terminal style and sign of each verdict; the word is always printed too."""


def grade_lines(result: RecordResult) -> list[str]:
    """Return how far the reading of a figure can be relied on, and why not further; empty where no program read it."""
    reading = result.reading
    if reading is None:
        return []
    by_print = "" if reading.against_print is None else f", against what is printed {reading.against_print}"
    lines = [f"reading graded {reading.grade} (by what holds inside the figure {reading.internal}{by_print})"]
    return [*lines, *(f"reading: {reason}" for reason in reading.reasons)]


def p_text(p: float) -> str:
    """Print a p value as papers do.

    Examples
    --------
    >>> p_text(0.00002), p_text(0.0123), p_text(0.29)
    ('<0.001', '0.012', '0.29')
    """
    if p < TEXT.smallest_p:
        return "<0.001"
    return format_decimals(p, 3 if p < TEXT.small_p else 2)


def model_text(fact: PublishedFact) -> str:
    """Name the model behind a printed contrast, ``stratified by age, sex``; empty for other facts."""
    if fact.model is None:
        return ""
    by = ", ".join(fact.model_by)
    words = {ModelKind.STRATIFIED: "stratified by", ModelKind.ADJUSTED: "adjusted for"}
    if fact.model in words:
        return f"{words[fact.model]} {by}" if by else f"{fact.model} (by what is not printed)"
    return "model not stated" if fact.model is ModelKind.NOT_STATED else str(fact.model)


def estimate_text(estimate: Estimate, decimals: int | None = None) -> str:
    """Print an estimate with its interval, ``0.512 (0.401 to 0.643)``, or why there is none.

    Without ``decimals`` a ratio has those of every ratio, and another quantity those of all others.
    """
    if decimals is None:
        decimals = DECIMALS.ratio if estimate.scale is Scale.LOG else DECIMALS.other
    if estimate.value is None and estimate.interval is not None and estimate.interval.low is not None:
        return f"{estimate.status} (from {format_decimals(estimate.interval.low, decimals)})"
    return estimate.format(decimals)


def error_texts(estimate: Estimate) -> tuple[str, str]:
    """Print the sampling and the reconstruction standard error of an estimate, each empty where there is none."""
    errors = estimate.sampling_se, estimate.reconstruction_se
    sampling, drawn = ("" if se is None else format_decimals(se, DECIMALS.standard_error) for se in errors)
    return sampling, drawn


def fact_to_dict(fact: PublishedFact) -> dict[str, Any]:
    """Return a printed fact: its interval as two limits beside their level; a value that is not there has a status."""
    dumped = fact.model_dump(mode="json", exclude_none=True)
    interval = dumped.get("interval")
    if isinstance(interval, dict):
        dumped["interval"] = [interval["low"], interval["high"]]
    level = {} if fact.interval is None else {"level": fact.interval.level}
    status = {"status": fact.value} if fact.number is None else {}
    return dumped | level | {"value": fact.number, "printed": fact.printed} | status
