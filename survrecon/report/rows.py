"""One check as a row of words, shared by the terminal and the page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import erfc, exp, isclose, log, sqrt

from survrecon.agreement import Agreement, Verdict
from survrecon.estimate import Estimate, Interval, format_decimals
from survrecon.published import Quantity
from survrecon.report.words import model_text, p_text
from survrecon.result import RecordResult

__all__ = ["CheckRow", "check_rows", "headline_checks"]

_ON_LOG_SCALE = ("hazard_ratio", "hazard_ratio_se")
_MOST_DECIMALS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckRow:
    """What the paper says, what came out, and the verdict, as text.

    Parameters
    ----------
    quantity : str
        What is compared, in words.
    paper, model, place : str
        The printed number, the model behind it, and where it stands.
    rebuilt : str
        What came out.
    reconstruction : str
        95% interval over the data sets that agree with the input, widened by the rounding of the
        printed number: the interval that the verdict is about.
    confidence : str
        95% confidence interval, sampling error included, where the quantity has one.
    verdict : Verdict
        See ``Verdict``.
    note, reason : str
        What to know about this check; the recorded reason of a difference with its evidence.
    """

    quantity: str
    paper: str
    model: str
    place: str
    rebuilt: str
    reconstruction: str
    confidence: str
    verdict: Verdict
    note: str
    reason: str


def check_rows(result: RecordResult) -> tuple[CheckRow, ...]:
    """Return one row a check, in the result's order."""
    return tuple(_row(check, result) for check in result.checks)


def headline_checks(result: RecordResult) -> tuple[Agreement, ...]:
    """Return the checks of printed hazard ratios, or the first check where none is printed."""
    ratios = tuple(check for check in result.checks if check.quantity == Quantity.HAZARD_RATIO)
    return ratios or result.checks[:1]


def _row(check: Agreement, result: RecordResult) -> CheckRow:
    check, decimals = _as_printed(check), _decimals(check)
    place = "" if check.fact is None else check.fact.place
    reason = "" if check.explanation is None else f"{check.explanation.because}: {check.explanation.evidence}"
    estimate = _whole_estimate(check, result)
    interval = None if estimate is None else estimate.interval
    return CheckRow(
        quantity=check.label,
        paper=_paper(check),
        model=model_text(check.fact),
        place=place,
        rebuilt=_rebuilt(check, decimals) or _no_value(check, result),
        reconstruction=_reconstruction(check, decimals),
        confidence="" if interval is None else interval.format(decimals),
        verdict=check.verdict,
        note=check.note,
        reason=reason,
    )


def _as_printed(check: Agreement) -> Agreement:
    """Turn a hazard ratio that was compared the other way round back to the paper's direction."""
    fact = check.fact
    if check.quantity != Quantity.HAZARD_RATIO or fact is None or fact.number is None or check.published is None:
        return check
    if abs(log(check.published / fact.number)) <= abs(log(check.published * fact.number)):
        return check
    interval = check.interval
    return replace(
        check,
        published=1 / check.published,
        obtained=None if check.obtained is None else 1 / check.obtained,
        difference=None if check.difference is None else -check.difference,
        interval=None if interval is None else _negated(interval),
    )


def _decimals(check: Agreement) -> int:
    """Return the paper's decimals and one more, since a verdict turns on less than the last printed one."""
    if check.quantity in (Quantity.EVENTS, Quantity.EVENTS_AT_LEAST):
        return 0 if check.obtained is None or float(check.obtained).is_integer() else 1
    if check.quantity == "logrank_z" or check.quantity == Quantity.LOGRANK_P:
        return 2
    if check.quantity == "hazard_ratio_se" or check.fact is None:
        return 3
    return min(check.fact.decimals + 1, _MOST_DECIMALS)


def _paper(check: Agreement) -> str:
    if check.quantity == "hazard_ratio_se" and check.published is not None:
        return format_decimals(check.published, 3)
    if check.fact is None:
        return "not reported" if check.published is None else format_decimals(check.published, 3)
    if check.fact.quantity is Quantity.LOGRANK_P:
        return f"p {check.fact.printed}" if check.fact.printed.startswith(("<", ">")) else f"p = {check.fact.printed}"
    return check.fact.printed


def _rebuilt(check: Agreement, decimals: int) -> str:
    if check.obtained is None:
        return ""
    text = format_decimals(check.obtained, decimals)
    if check.quantity == "logrank_z":
        p = erfc(abs(check.obtained) / sqrt(2))
        return f"z = {text}, p {p_text(p)}"
    return text


def _no_value(check: Agreement, result: RecordResult) -> str:
    """Say why an arm's median has no value, where that is what was compared."""
    judged = (Verdict.AGREES, Verdict.DIFFERS, Verdict.INCONCLUSIVE)
    if check.quantity != Quantity.MEDIAN or check.fact is None or check.verdict not in judged:
        return ""
    median = next((arm.median for arm in result.arms if arm.name == check.fact.arm), None)
    return "" if median is None or median.value is not None else str(median.status)


def _reconstruction(check: Agreement, decimals: int) -> str:
    if check.interval is None or check.obtained is None or check.difference is None:
        return ""

    def limit(value: float | None) -> float | None:
        if value is None or check.obtained is None or check.difference is None:
            return None
        apart = value - check.difference
        return check.obtained * exp(apart) if check.quantity in _ON_LOG_SCALE else check.obtained + apart

    low, high = limit(check.interval.low), limit(check.interval.high)
    return Interval(low=low, high=high, level=check.interval.level).format(decimals)


def _whole_estimate(check: Agreement, result: RecordResult) -> Estimate | None:
    """Return the estimate that a check is about; a leave-one-out value has none of its own."""
    candidates: list[Estimate] = []
    for comparison in result.comparisons:
        if check.quantity == Quantity.HAZARD_RATIO:
            candidates += [comparison.hazard_ratio, _inverted(comparison.hazard_ratio)]
        if check.quantity == "logrank_z":
            candidates.append(comparison.logrank.z)
    arm = None if check.fact is None else check.fact.arm
    for summary in result.arms:
        if summary.name == arm and check.quantity == Quantity.MEDIAN:
            candidates.append(summary.median)
        if summary.name == arm and check.quantity == Quantity.SURVIVAL and check.fact is not None:
            candidates += [m.survival for m in summary.milestones if m.at == check.fact.at]
    return next((e for e in candidates if _is_value(e, check.obtained)), None)


def _negated(interval: Interval) -> Interval:
    low, high = interval.low, interval.high
    return Interval(low=None if high is None else -high, high=None if low is None else -low, level=interval.level)


def _is_value(estimate: Estimate, value: float | None) -> bool:
    return estimate.value is not None and value is not None and isclose(estimate.value, value, rel_tol=1e-9)


def _inverted(estimate: Estimate) -> Estimate:
    """Return a ratio the other way round, as some papers print it."""
    if estimate.value is None:
        return estimate
    interval = None if estimate.interval is None else estimate.interval.inverted()
    return Estimate(value=1 / estimate.value, interval=interval, of=estimate.over, over=estimate.of)
