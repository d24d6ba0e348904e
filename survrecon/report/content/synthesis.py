"""What is told of several trials together: as tables of words, and as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from survrecon.analysis.synthesis.pooling import natural_estimate
from survrecon.model.estimate import Interval, Scale, format_decimals, normal_quantile
from survrecon.model.settings import DECIMALS
from survrecon.report.content.words import estimate_text, p_text
from survrecon.report.json import estimate_to_dict
from survrecon.report.plots.settings import SYNTHESIS_TABLES
from survrecon.report.table import TextTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.analysis.synthesis.contrasts import TrialContrast
    from survrecon.analysis.synthesis.pooling import IndirectContrast, PooledContrast
    from survrecon.model.estimate import Estimate

__all__ = ["indirect_table", "indirect_to_dict", "pooled_table", "pooled_to_dict", "trial_estimate"]


def trial_estimate(one: TrialContrast) -> Estimate:
    """Return a trial's contrast on its natural scale, with a 95% interval of both sources of error."""
    half = normal_quantile() * one.se
    return natural_estimate(
        one.measure,
        one.effect,
        Interval(low=one.effect - half, high=one.effect + half),
        of=one.of,
        over=one.over,
        se=one.se,
        reconstruction_se=one.reconstruction_variance**0.5,
    )


def pooled_table(found: PooledContrast) -> TextTable:
    """Return the trials, their weights and the pooled effect."""
    first = found.contrasts[0]
    rows = [
        (*_row(one), f"{100 * weight:.{SYNTHESIS_TABLES.weight_decimals}f}%")
        for one, weight in zip(found.contrasts, found.weights, strict=True)
    ]
    rows.append((f"pooled, {found.method.words}", estimate_text(found.estimate), "", "", "", "100%"))
    until = "" if first.tau is None else f" at {first.tau:g} {first.time_unit}".rstrip()
    return TextTable(
        heading=f"{first.measure.words.capitalize()}{until}: {first.of} over {first.over}, {first.endpoint}",
        columns=("trial", "effect (95% CI)", "SE", "of it reading", "source", "weight"),
        rows=tuple(rows),
        notes=(*_heterogeneity(found), *found.notes),
        numeric=("SE", "of it reading", "weight"),
    )


def _row(one: TrialContrast) -> tuple[str, str, str, str, str]:
    read = one.reconstruction_variance**0.5
    return (
        one.study,
        estimate_text(trial_estimate(one)),
        format_decimals(one.se, DECIMALS.standard_error),
        format_decimals(read, DECIMALS.standard_error) if read else "none",
        one.source,
    )


def _heterogeneity(found: PooledContrast) -> list[str]:
    degrees = len(found.contrasts) - 1
    lines = [
        f"between trials: tau {found.tau2**0.5:.3f}, I2 {100 * found.inconsistency:.0f}%, "
        f"Q {found.heterogeneity:.2f} on {degrees} df, p {p_text(found.heterogeneity_p)}"
    ]
    if found.hartung_knapp:
        lines.append("interval of Hartung and Knapp")
    if found.prediction is not None:
        lines.append(f"a new trial's effect, 95% prediction interval: {_natural(found, found.prediction)}")
    return lines


def _natural(found: PooledContrast, interval: Interval) -> str:
    inverse = found.measure.scale.inverse
    limits = [limit for limit in (interval.low, interval.high) if limit is not None]
    decimals = DECIMALS.ratio if found.measure.scale is Scale.LOG else DECIMALS.other
    return " to ".join(format_decimals(inverse(limit), decimals) for limit in limits)


def indirect_table(found: IndirectContrast) -> TextTable:
    """Return the two contrasts and the indirect one."""
    rows = [(f"{one.study}: {one.of} over {one.over}", *_row(one)[1:]) for one in (found.first, found.second)]
    rows.append(
        (
            f"indirect: {found.first.of} over {found.second.of}",
            estimate_text(found.estimate),
            "",
            "",
            "",
        )
    )
    return TextTable(
        heading=f"{found.first.measure.words.capitalize()}, {found.first.endpoint}, through {found.first.over}",
        columns=("contrast", "effect (95% CI)", "SE", "of it reading", "source"),
        rows=tuple(rows),
        notes=found.notes,
        numeric=("SE", "of it reading"),
    )


def pooled_to_dict(found: PooledContrast) -> dict[str, Any]:
    """Return a pooled contrast as plain values."""
    prediction = found.prediction
    inverse = found.measure.scale.inverse
    return {
        "estimate": estimate_to_dict(found.estimate),
        "hartung_knapp": found.hartung_knapp,
        "heterogeneity": {
            "i_squared": found.inconsistency,
            "p": found.heterogeneity_p,
            "q": found.heterogeneity,
            "tau_squared": found.tau2,
        },
        "measure": str(found.measure),
        "method": str(found.method),
        "notes": list(found.notes),
        "prediction_interval": None
        if prediction is None or prediction.low is None or prediction.high is None
        else {"low": inverse(prediction.low), "high": inverse(prediction.high), "level": prediction.level},
        "trials": _trials(found.contrasts, found.weights.tolist()),
    }


def indirect_to_dict(found: IndirectContrast) -> dict[str, Any]:
    """Return an indirect contrast as plain values."""
    return {
        "estimate": estimate_to_dict(found.estimate),
        "measure": str(found.first.measure),
        "notes": list(found.notes),
        "trials": _trials([found.first, found.second], None),
    }


def _trials(contrasts: Sequence[TrialContrast], weights: Sequence[float] | None) -> list[dict[str, Any]]:
    return [
        {
            "endpoint": one.endpoint,
            "estimate": estimate_to_dict(trial_estimate(one)),
            "source": one.source,
            "study": one.study,
            "tau": one.tau,
            **({} if weights is None else {"weight": weights[place]}),
        }
        for place, one in enumerate(contrasts)
    ]
