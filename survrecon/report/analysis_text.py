"""What the command ``analyze`` prints."""

from __future__ import annotations

from collections.abc import Sequence

from survrecon.analysis.results import ArmSummary, Comparison
from survrecon.estimate import Estimate, format_decimals
from survrecon.report.table import TextTable
from survrecon.report.words import NOT_REAL, estimate_text, p_text

__all__ = ["analysis_tables", "contrast_rows"]


def analysis_tables(
    arms: Sequence[ArmSummary], comparisons: Sequence[Comparison], notes: Sequence[str] = ()
) -> list[TextTable]:
    """Return a table of the arms and one of each contrast.

    Parameters
    ----------
    arms : sequence of ArmSummary
        Control first.
    comparisons : sequence of Comparison
        Empty for one arm.
    notes : sequence of str
        What to say below the arms.
    """
    contrasts = [
        TextTable(
            heading=f"{comparison.of} over {comparison.over}",
            columns=("quantity", "estimate (95% CI)", "sampling SE", "reconstruction SE", "note"),
            rows=tuple(contrast_rows(comparison)),
            notes=(_horizon(comparison), *((NOT_REAL,) if comparison is comparisons[-1] else ())),
            stacked={"note": "quantity"},
        )
        for comparison in comparisons
    ]
    return [_arm_table(arms, notes=(*notes, *(() if contrasts else (NOT_REAL,)))), *contrasts]


def contrast_rows(comparison: Comparison) -> list[tuple[str, str, str, str, str]]:
    """Return quantity, estimate, sampling SE, reconstruction SE and note of a contrast, as words."""
    unit, rmst = comparison.time_unit, comparison.rmst_difference
    z, hazards = comparison.logrank.z, comparison.proportional_hazards
    at_risk = ", ".join(f"{name} {count}" for name, count in rmst.at_risk.items())
    p = p_text(comparison.logrank.p)
    rows = [
        (
            f"hazard ratio of {comparison.of} over {comparison.over}",
            estimate_text(comparison.hazard_ratio),
            *_errors(comparison.hazard_ratio, 3),
            "Cox model, Efron ties; standard errors of ln HR",
        ),
        ("log-rank z", estimate_text(z), *_errors(z, 3), f"p {p}" if p.startswith("<") else f"p = {p}"),
        (
            f"difference of restricted mean survival to {rmst.tau:.4g} {unit}",
            estimate_text(rmst.difference),
            *_errors(rmst.difference, 3),
            f"{unit}; at risk then: {at_risk}",
        ),
    ]
    if comparison.hazard_ratio.reconstruction_se is not None:
        rows.insert(
            1,
            (
                "the same, most central data set alone",
                estimate_text(comparison.central_hazard_ratio),
                *_errors(comparison.central_hazard_ratio, 3),
                "",
            ),
        )
    test = "no event in an arm" if hazards is None else f"chi2 = {hazards.statistic:.2f}, p {_equals(hazards.p)}"
    rows.append(("proportional hazards (Grambsch-Therneau)", test, "", "", "most central data set"))
    return rows


def _horizon(comparison: Comparison) -> str:
    """Say up to when restricted means are taken, and by which rule."""
    rmst = comparison.rmst_difference
    return f"restricted means up to {rmst.tau:.4g} {comparison.time_unit}: {rmst.rule}"


def _arm_table(arms: Sequence[ArmSummary], *, notes: tuple[str, ...]) -> TextTable:
    unit = arms[0].central.time_unit if arms else ""
    times = list(dict.fromkeys(m.at for arm in arms for m in arm.milestones))
    rows = []
    for arm in arms:
        survival = {m.at: estimate_text(m.survival, 3) for m in arm.milestones}
        rows.append(
            (
                arm.name,
                str(arm.n),
                _count(arm.events),
                estimate_text(arm.median, 1),
                estimate_text(arm.follow_up, 1),
                *(survival.get(at, "") for at in times),
            )
        )
    return TextTable(
        heading=f"Arms (times in {unit})",
        columns=(
            "arm",
            "patients",
            "events",
            "median (95% CI)",
            "median follow-up",
            *(f"survival at {at:g}" for at in times),
        ),
        rows=tuple(rows),
        numeric=("patients", "events"),
        notes=notes,
    )


def _count(events: Estimate) -> str:
    """Print a number of events; a mean over draws with their interval."""
    if events.value is None:
        return str(events.status)
    decimals = 0 if float(events.value).is_integer() else 1
    interval = events.interval
    if interval is None or interval.low == interval.high:
        return format_decimals(events.value, decimals)
    return f"{format_decimals(events.value, decimals)} ({interval.format(0)})"


def _errors(estimate: Estimate, decimals: int) -> tuple[str, str]:
    sampling, drawn = (
        "" if se is None else format_decimals(se, decimals) for se in (estimate.sampling_se, estimate.reconstruction_se)
    )
    return sampling, drawn


def _equals(p: float) -> str:
    text = p_text(p)
    return text if text.startswith("<") else f"= {text}"
