"""Checks, constraints and the value of further information as rows of text, for every format of report."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import erfc, exp, isclose, isfinite, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from survrecon.checks.results import JUDGED, Agreement, Verdict
from survrecon.model.estimate import Estimate, Interval, Status, format_decimals
from survrecon.model.published import Bound, RatioClass
from survrecon.model.quantities import QUANTITIES, Quantity
from survrecon.model.settings import DECIMALS
from survrecon.records.schema import SourceKind
from survrecon.report.content.words import fact_to_dict, model_text, p_text
from survrecon.report.settings import TEXT
from survrecon.report.table import TextTable

if TYPE_CHECKING:
    from survrecon.checks.results import RecordResult
    from survrecon.value_of_information import WhatWouldHelp
    from survrecon.weighting.constraints import Constraints, UsedConstraint

__all__ = [
    "CheckRow",
    "ConstraintRow",
    "check_rows",
    "constraint_rows",
    "constraints_to_dict",
    "headlines",
    "help_tables",
    "help_to_dict",
    "unreported_ratios",
]

_MOST_DECIMALS = 4
_Z = ("logrank_z", "wald_z")
_COUNTS = tuple(row.key for row in QUANTITIES if row.counts)


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
        95% interval over the data sets that agree with the input, widened to its measured coverage and by the rounding
        of the printed number: the interval that the verdict is about.
    confidence : str
        95% confidence interval, sampling error included, where the quantity has one.
    verdict : Verdict
        See ``Verdict``.
    note, reason : str
        What to know about this check; the recorded reason of a difference with its evidence.
    ratio_class : RatioClass or None
        Of a hazard ratio.
    sentence : str
        How far rebuilt and printed are apart, and how closely the inputs tell; empty where nothing was judged.
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
    ratio_class: RatioClass | None = None
    sentence: str = ""


def check_rows(result: RecordResult) -> tuple[CheckRow, ...]:
    """Return one row per check, in the result's order."""
    return tuple(_row(check, result) for check in result.checks)


def unreported_ratios(result: RecordResult) -> tuple[CheckRow, ...]:
    """Return a row for each rebuilt hazard ratio that the record does not print."""
    facts = [check.fact for check in result.checks if check.quantity == Quantity.HAZARD_RATIO]
    printed = [{fact.of, fact.over} for fact in facts]
    return tuple(
        CheckRow(
            quantity=f"hazard ratio, {comparison.of} over {comparison.over}",
            paper="not reported",
            model="",
            place="",
            rebuilt=_value(comparison.hazard_ratio, 3),
            reconstruction="",
            confidence=_limits(comparison.hazard_ratio, 3),
            verdict=Verdict.NOT_REPORTED,
            note="",
            reason="",
        )
        for comparison in result.comparisons
        if {comparison.of, comparison.over} not in printed
    )


def headlines(result: RecordResult) -> tuple[tuple[Agreement | None, CheckRow], ...]:
    """Return what a report opens with: hazard ratios, with their check where one is printed."""
    pairs = zip(result.checks, check_rows(result), strict=True)
    printed: tuple[tuple[Agreement | None, CheckRow], ...] = tuple(
        (check, row) for check, row in pairs if check.quantity == Quantity.HAZARD_RATIO
    )
    return printed + tuple((None, row) for row in unreported_ratios(result))


def _row(check: Agreement, result: RecordResult) -> CheckRow:
    decimals = _decimals(check)
    model = model_text(check.fact)
    reason = "" if check.explanation is None else f"{check.explanation.because}: {check.explanation.evidence}"
    estimate = _whole_estimate(check, result)
    return CheckRow(
        quantity=check.label,
        paper=_paper(check),
        model=model,
        place=check.fact.place,
        rebuilt=_rebuilt(check, decimals) or _no_value(check),
        reconstruction=_reconstruction(check, decimals),
        confidence="" if estimate is None else _limits(estimate, decimals),
        verdict=check.verdict,
        note=_own_note(check.note, model, result.not_buildable),
        reason=reason,
        ratio_class=_ratio_class(check),
        sentence=_sentence(check, result, decimals),
    )


def _ratio_class(check: Agreement) -> RatioClass | None:
    """Return the class of a printed hazard ratio."""
    if check.quantity != Quantity.HAZARD_RATIO or check.fact.model is None:
        return None
    return check.fact.model.ratio_class


def _sentence(check: Agreement, result: RecordResult, decimals: int) -> str:
    """Say how far and how closely, ``0.517; the printed numbers allow 0.452 to 0.589, the paper's 0.50 among them``."""
    allowed = _reconstruction(check, decimals)
    if check.verdict not in JUDGED or not allowed:
        return ""
    low, _, high = allowed.partition(" to ")
    inputs = "the printed numbers allow" if result.record.kind is SourceKind.SUMMARY else "the figure allows"
    told = f"{_rebuilt(check, decimals) or _no_value(check)}; {inputs} {f'{low} alone' if low == high else allowed}"
    exact = check.margin is not None
    ends = _SAID if exact else _SAID_OF_BOUNDS
    return f"{told}, {ends[check.verdict].format(paper=_paper_value(check))}"


_SAID = {
    Verdict.AGREES: "all within the margin of the paper's {paper}",
    Verdict.CONSISTENT: "the paper's {paper} among them",
    Verdict.INCONCLUSIVE: "the paper's {paper} among them: too wide to say",
    Verdict.DOUBTFUL: "not the paper's {paper}",
    Verdict.DIFFERS: "all further from the paper's {paper} than the margin",
}
_SAID_OF_BOUNDS = {
    Verdict.AGREES: "all in line with the paper's {paper}",
    Verdict.CONSISTENT: "in part in line with the paper's {paper}",
    Verdict.INCONCLUSIVE: "in part in line with the paper's {paper}: too wide to say",
    Verdict.DOUBTFUL: "not in line with the paper's {paper}",
    Verdict.DIFFERS: "not in line with the paper's {paper}",
}


def _paper_value(check: Agreement) -> str:
    """Return the printed number alone, as it was compared; of a p with its z."""
    if check.quantity == "hazard_ratio_se":
        return _paper(check)
    if check.quantity in _Z and check.published is not None:
        return f"{_paper(check)}, z {format_decimals(check.published, DECIMALS.other)}"
    return _turned(check).partition(" (")[0] if check.turned else check.fact.without_interval().printed


def _own_note(note: str, model: str, not_buildable: str | None) -> str:
    """Return what a note says of its check alone: model and reason of the whole record have their own places."""
    if note == not_buildable:
        return ""
    named = (f"published: {model}", f"published {model}")
    return "; ".join(part for part in note.split("; ") if part not in named)


def _decimals(check: Agreement) -> int:
    """Return those of its kind; else the paper's and one more, since a verdict turns on less than the last one."""
    if check.quantity in _COUNTS:
        return 0 if check.obtained is None or float(check.obtained).is_integer() else 1
    if check.quantity in _Z or check.fact.quantity.is_p:
        return DECIMALS.other
    if check.quantity in (Quantity.HAZARD_RATIO, "hazard_ratio_se"):
        return DECIMALS.ratio
    if check.quantity == Quantity.MEDIAN:
        return max(DECIMALS.time, check.fact.decimals)
    return min(check.fact.decimals + 1, _MOST_DECIMALS)


def _paper(check: Agreement) -> str:
    if check.quantity == "hazard_ratio_se" and check.published is not None:
        return format_decimals(check.published, DECIMALS.standard_error)
    if check.fact.quantity.is_p:
        return f"p {check.fact.printed}" if check.fact.bound is not Bound.EXACT else f"p = {check.fact.printed}"
    if check.fact.has_no_direction:
        return f"{check.fact.printed}, or {_turned(check)}"
    return _turned(check) if check.turned else check.fact.printed


def _turned(check: Agreement) -> str:
    """Return a printed ratio the other way round, as it was compared; the note says how it is printed."""
    fact = check.fact
    sign = {Bound.LESS_THAN: ">", Bound.MORE_THAN: "<"}.get(fact.bound, "")
    interval = "" if fact.interval is None else f" ({fact.interval.inverted().labelled(DECIMALS.ratio)})"
    inverse = check.published if check.turned else 1 / fact.number if fact.number else None
    return sign + format_decimals(inverse or 0.0, DECIMALS.ratio) + interval


def _rebuilt(check: Agreement, decimals: int) -> str:
    if check.obtained is None:
        return ""
    text = format_decimals(check.obtained, decimals)
    if check.quantity in _Z:
        return f"z = {text}, p {_p_of(check, check.obtained)}"
    if check.fact.has_no_direction and check.obtained:
        return f"{text}, or {format_decimals(1 / check.obtained, decimals)}"
    return text


def _p_of(check: Agreement, z: float) -> str:
    """Return the p of an obtained z, with as many sides as the printed one has."""
    if check.fact.sides == 2:
        return p_text(erfc(abs(z) / sqrt(2)))
    below_half = (check.fact.number or 0.0) <= 0.5
    side = 1 if ((check.published or 0.0) >= 0) is below_half else -1
    return f"{p_text(NormalDist().cdf(-side * z))} (one-sided)"


def _no_value(check: Agreement) -> str:
    """Say that a median was not reached, where one was rebuilt and compared."""
    compared = check.verdict in JUDGED
    return str(Status.NOT_REACHED) if compared and check.quantity == Quantity.MEDIAN else ""


def _reconstruction(check: Agreement, decimals: int) -> str:
    """Return the interval that the verdict is about, carried from the difference to what came out."""
    interval, obtained, difference = check.interval, check.obtained, check.difference
    if obtained is None and check.quantity == Quantity.MEDIAN:  # not reached in the middle draw, but below it perhaps
        obtained, difference = check.published, 0.0
    if interval is None or obtained is None or difference is None:
        return ""
    limits: list[float | None] = [None, None]
    for i, end in enumerate((interval.low, interval.high)):
        if end is None:
            continue
        if check.quantity == Quantity.HAZARD_RATIO:  # the difference is on the log scale
            limits[i] = obtained * exp(end - difference)
        elif check.quantity == "hazard_ratio_se":  # it is a ratio less 1
            limits[i] = obtained * (1 + end) / (1 + difference)
        else:
            limits[i] = obtained + end - difference
    return Interval(low=limits[0], high=limits[1], level=interval.level).format(decimals)


def _whole_estimate(check: Agreement, result: RecordResult) -> Estimate | None:
    """Return the estimate that a check is about; a leave-one-out value has none of its own."""
    candidates: list[Estimate] = []
    for comparison in result.comparisons:
        if check.quantity == Quantity.HAZARD_RATIO:
            candidates.append(comparison.hazard_ratio)
        if check.quantity == "logrank_z":
            candidates.append(comparison.logrank.z)
    arm = check.fact.arm
    for summary in result.arms:
        if summary.name == arm and check.quantity == Quantity.MEDIAN:
            candidates.append(summary.median)
        if summary.name == arm and check.quantity == Quantity.SURVIVAL:
            candidates += [m.survival for m in summary.milestones if m.at == check.fact.at]
    return next((e for e in candidates if _is_value(e, check.obtained)), None)


def _value(estimate: Estimate, decimals: int) -> str:
    return str(estimate.status) if estimate.value is None else format_decimals(estimate.value, decimals)


def _limits(estimate: Estimate, decimals: int) -> str:
    return "" if estimate.interval is None else estimate.interval.format(decimals)


def _is_value(estimate: Estimate, value: float | None) -> bool:
    return estimate.value is not None and value is not None and isclose(estimate.value, value, rel_tol=TEXT.same_value)


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
    """Return one row per constraint; none without constraints."""
    return () if constraints is None else tuple(map(_constraint_row, constraints.used))


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


def _constraint_row(used: UsedConstraint) -> ConstraintRow:
    fact = used.constraint.fact
    return ConstraintRow(
        quantity=fact.label,
        note="without its interval" if used.constraint.value_only and fact.interval is not None else "",
        paper=fact.printed,
        place=fact.place,
        figure=_without_it(used),
        distance=f"{used.distance:.1f} SD" if isfinite(used.distance) else "out of reach",
        share=f"{used.share:.0%}" if used.share == 0 or used.share >= TEXT.smallest_share else "under 1%",
    )


def _without_it(used: UsedConstraint) -> str:
    fact, value, interval = used.constraint.fact, used.without, used.interval
    if value is None or interval is None:
        return "most draws have none"
    if fact.quantity.is_p:
        return f"{p_text(value)} ({p_text(interval.low or 0.0)} to {p_text(interval.high or 0.0)})"
    decimals = fact.decimals + (not fact.quantity.counts)
    return f"{format_decimals(value, decimals)} ({interval.format(decimals)})"


def help_tables(result: RecordResult) -> list[TextTable]:
    """Return one table per contrast; none where it was not asked for."""
    return [_help_table(one) for one in result.what_would_help]


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


def _help_table(found: WhatWouldHelp) -> TextTable:
    return TextTable(
        heading=found.now,
        columns=found.columns,
        rows=found.rows,
        notes=(found.advice, found.note),
    )
