"""Results as values that JSON can hold: no NaN, no infinity, no Python objects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon import __version__
from survrecon.analysis.fits.choice import HANGS_ON_THE_READING, HANGS_ON_THE_SAMPLE, ModelChoice
from survrecon.analysis.fits.extrapolation import EXTRAPOLATION_COLUMNS, Extrapolation
from survrecon.analysis.fits.results import pooled_parameter_rows
from survrecon.analysis.fits.settings import EXTRAPOLATING
from survrecon.model.estimate import Estimate, Interval
from survrecon.model.published import Bound
from survrecon.records.schema import SourceKind
from survrecon.report.content.checklist import checklist
from survrecon.report.content.checks import check_rows, constraints_to_dict, help_to_dict
from survrecon.report.content.fit import residuals, risk_cells
from survrecon.report.content.joint import joint_to_dict
from survrecon.report.content.words import NOT_REAL, WATERMARK, fact_to_dict

if TYPE_CHECKING:
    from survrecon.analysis.results import ArmSummary, Comparison
    from survrecon.checks.results import Agreement, RecordResult
    from survrecon.model.grade import ReadingDoubt
    from survrecon.records.readings import ReadValue
    from survrecon.report.content.checks import CheckRow
    from survrecon.report.content.fit import Residuals

__all__ = [
    "comparison_to_dict",
    "dump_json",
    "estimate_to_dict",
    "fits_to_dict",
    "named_result_to_dict",
    "result_to_dict",
]


def fits_to_dict(extrapolation: Extrapolation, choice: Iterable[ModelChoice]) -> dict[str, Any]:
    """Return fitted models, how they compare, and what the identified ones say up to the horizon.

    Parameters
    ----------
    extrapolation : Extrapolation
        With the fits.
    choice : iterable of ModelChoice
        Models beside each other.
    """
    fits = extrapolation.fits
    names = ("arm", "model", "parameter", "value", "low", "high", "se_sampling", "se_reconstruction", "scale")
    rows = pooled_parameter_rows(fits, EXTRAPOLATING.samples)
    single = [
        dict(zip(EXTRAPOLATION_COLUMNS, row, strict=True))
        for row in extrapolation.rows()
        if row[EXTRAPOLATION_COLUMNS.index("quantity")] not in ("survival", "hazard")
    ]
    found: dict[str, Any] = plain(
        {
            "arms": [{"name": arm.name, "n": arm.central.n, "events": arm.central.events} for arm in fits.arms],
            "time_unit": fits.time_unit,
            "endpoint": fits.endpoint,
            "likelihood": fits.options.words,
            "horizon": extrapolation.horizon,
            "models": [asdict(one) for one in choice],
            "lowest_in_draws": HANGS_ON_THE_READING,
            "lowest_in_bootstraps": HANGS_ON_THE_SAMPLE,
            "parameters": [dict(zip(names, row, strict=True)) for row in rows],
            "extrapolation": single,
            "floor": [
                {"arm": one.arm, "model": one.model} | asdict(one.floor)
                for one in extrapolation.models
                if one.floor is not None
            ],
            "cautions": [asdict(one) for one in extrapolation.cautions],
            "notes": [*fits.notes, *extrapolation.notes, NOT_REAL],
        }
    )
    return found


def dump_json(value: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> str:
    """Return JSON text with sorted keys, ending in a newline."""
    return json.dumps(plain(value), sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def comparison_to_dict(arms: Iterable[ArmSummary], comparisons: Iterable[Comparison]) -> dict[str, Any]:
    """Return arms and contrasts as the ``analyze`` command prints them."""
    cleaned: dict[str, Any] = plain(
        {
            "arms": [_arm(arm) for arm in arms],
            "contrasts": [_contrast(comparison) for comparison in comparisons],
            "version": __version__,
        }
    )
    return cleaned


def result_to_dict(result: RecordResult) -> dict[str, Any]:
    """Return one re-analysed record: arms, contrasts, checks, and everything needed to judge them.

    Nothing in it tells where the record lies, where the result goes or by which call it was made, so that the same
    record gives the same file in every folder.
    """
    cleaned: dict[str, Any] = plain(
        comparison_to_dict(result.arms, result.comparisons)
        | _record_to_dict(result)
        | _rebuilding_to_dict(result)
        | _judgement_to_dict(result)
    )
    return cleaned


def _record_to_dict(result: RecordResult) -> dict[str, Any]:
    """Return what was given: the source, what was read of it, and what must be said with it."""
    document = result.record.document
    return {
        "follow_up": document.follow_up.model_dump(mode="json", exclude_none=True),
        "kind": result.record.kind,
        "notice": _notice(result),
        "doubts": [_doubt(doubt) for doubt in document.digitized.doubts],
        "provenance": document.digitized.model_dump(mode="json", exclude_none=True, exclude={"reading", "doubts"})
        | {"analysis": document.analysis.model_dump(mode="json", exclude_none=True)},
        "reading": None if result.reading is None else result.reading.model_dump(mode="json"),
        "readings": [_reading(reading) for reading in result.record.readings],
        "references": {key: r.model_dump(mode="json", exclude_none=True) for key, r in document.references.items()},
        "time_unit": document.axes.time_unit,
    }


def _doubt(doubt: ReadingDoubt | str) -> dict[str, Any]:
    """Return a doubt as data; one of an earlier record, in words alone, has nothing else."""
    if isinstance(doubt, str):
        return {"field": None, "arm": None, "time": None, "read": None, "option": None, "text": doubt}
    return doubt.model_dump(mode="json")


def _rebuilding_to_dict(result: RecordResult) -> dict[str, Any]:
    """Return how patients were rebuilt, what was assumed and repaired on the way, or why nothing was built."""
    built = result.reconstructions
    return {
        "assumptions": assumptions(result),
        "constraints": constraints_to_dict(result.constraints),
        "diagnostics": {name: r.diagnostics.to_dict() for name, r in built.items()},
        "draws": result.draws,
        "method": {name: r.method for name, r in built.items()},
        "not_buildable": result.not_buildable,
        "repairs": [
            {"arm": name, "what": repair.what, "where": repair.where, "amount": repair.amount}
            for name, r in built.items()
            for repair in r.repairs
        ],
        "seed": result.seed,
        "warnings": [{"arm": name, "text": text} for name, r in built.items() for text in r.warnings],
    }


def _judgement_to_dict(result: RecordResult) -> dict[str, Any]:
    """Return what tells how far the result can be relied on: checks, fit, sensitivity, what would help."""
    found = {
        "checklist": [asdict(item) for item in checklist(result)],
        "checks": [_check(*pair) for pair in zip(result.checks, check_rows(result), strict=True)],
        "joint": joint_to_dict(result.joint),
        "naive_alternatives": [
            {"at": ratio.at, "note": ratio.note, "ratio": estimate_to_dict(ratio.ratio)}
            for ratio in result.landmark_ratios
        ],
        "residuals": [_residual(one) for one in residuals(result)],
        "risk_table": [asdict(cell) | {"difference": cell.difference} for cell in risk_cells(result)],
        "sensitivity": [
            {"name": s.name, "description": s.description, "hazard_ratio": estimate_to_dict(s.hazard_ratio)}
            for s in result.scenarios
        ],
    }
    if result.what_would_help:
        found["what_would_help"] = [help_to_dict(one) for one in result.what_would_help]
    return found


def _residual(one: Residuals) -> dict[str, Any]:
    return {
        "arm": one.arm,
        "points": one.time.size,
        "largest": one.largest,
        "largest_at": one.largest_at,
        "root_mean_square": one.root_mean_square,
        "resolution": one.resolution,
        "time": one.time,
        "rebuilt_minus_read": one.difference,
    }


def named_result_to_dict(result: RecordResult) -> dict[str, Any]:
    """Return the same with the record's name and the call that repeats it, for output that holds several records."""
    return result_to_dict(result) | {"command": result.command, "record": result.record.name}


def assumptions(result: RecordResult) -> list[str]:
    """Return what was assumed, each once, in the order of the arms."""
    follow_up = result.record.document.follow_up.assumed
    texts = [text for r in result.reconstructions.values() for text in r.assumptions]
    reason = "" if follow_up is None else follow_up.reason.rstrip(".")
    if reason and result.reconstructions and not any(reason in text for text in texts):
        texts.append(f"follow-up: {reason}")
    return list(dict.fromkeys(texts))


def plain(value: Any) -> Any:
    """Return ``value`` in the types of JSON; what is not finite becomes ``None``.

    Examples
    --------
    >>> plain({"a": (1, float("nan")), "b": np.float64(2.5)})
    {'a': [1, None], 'b': 2.5}
    """
    match value:
        case np.ndarray() | np.generic():
            return plain(value.tolist())
        case Enum():
            return plain(value.value)
        case None | bool() | int() | str():
            return value
        case float():
            return value if isfinite(value) else None
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case Interval():
            return _interval(value)
        case Iterable():
            return [plain(item) for item in value]
        case _:
            return str(value)


def _notice(result: RecordResult) -> list[str]:
    """Return what must be read with the numbers; nothing where none were rebuilt."""
    if not result.reconstructions:
        return []
    return [NOT_REAL, WATERMARK] if result.record.kind is SourceKind.SUMMARY else [NOT_REAL]


def _reading(reading: ReadValue) -> dict[str, Any]:
    """Return a reading, numbers as numbers, what is not there as ``null``."""
    values = {key: value if value != "" else None for key, value in asdict(reading).items()}
    return values | {
        "read": _as_number(values["read"]),
        "typed": _as_number(values["typed"]),
        "used": _as_number(values["used"]),
        "disagrees": reading.disagrees,
    }


def _as_number(text: str | None) -> str | float | None:
    try:
        number = float(text or "")
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _interval(interval: Interval | None) -> dict[str, float | None] | None:
    if interval is None:
        return None
    return {"low": interval.low, "high": interval.high, "level": interval.level}


def estimate_to_dict(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate: value, limits with their level, status and standard errors."""
    interval = estimate.interval
    return {
        "value": estimate.value,
        "low": None if interval is None else interval.low,
        "high": None if interval is None else interval.high,
        "level": None if interval is None else interval.level,
        "status": estimate.status,
        "sampling_se": estimate.sampling_se,
        "reconstruction_se": estimate.reconstruction_se,
    }


def _arm(arm: ArmSummary) -> dict[str, Any]:
    events = arm.events.value
    return {
        "name": arm.name,
        "n": arm.n,
        "events": int(events) if events is not None and float(events).is_integer() else events,
        "events_interval": _interval(arm.events.interval),
        "median": estimate_to_dict(arm.median),
        "follow_up": estimate_to_dict(arm.follow_up),
        "milestones": [{"at": m.at} | estimate_to_dict(m.survival) for m in arm.milestones],
    }


def _contrast(comparison: Comparison) -> dict[str, Any]:
    rmst, hazards = comparison.rmst_difference, comparison.proportional_hazards
    return {
        "of": comparison.of,
        "over": comparison.over,
        "time_unit": comparison.time_unit,
        "hazard_ratio": estimate_to_dict(comparison.hazard_ratio),
        "central_hazard_ratio": estimate_to_dict(comparison.central_hazard_ratio),
        "logrank": {
            "z": comparison.logrank.z.value,
            "p": comparison.logrank.p,
            "interval": _interval(comparison.logrank.z.interval),
        },
        "rmst_difference": estimate_to_dict(rmst.difference)
        | {"tau": rmst.tau, "tau_rule": rmst.rule, "at_risk": rmst.at_risk},
        "proportional_hazards": None if hazards is None else {"statistic": hazards.statistic, "p": hazards.p},
        **({"notes": comparison.notes} if comparison.notes else {}),
    }


def _check(check: Agreement, row: CheckRow) -> dict[str, Any]:
    fact, reason = check.fact, check.explanation
    return {
        "quantity": check.quantity,
        "label": check.label,
        "published": _published(check),
        "obtained": check.obtained,
        "difference": check.difference,
        "interval": _interval(check.interval),
        "margin": check.margin,
        "verdict": check.verdict,
        "note": check.note,
        "ratio_class": row.ratio_class,
        "sentence": row.sentence,
        "turned": check.turned,
        "explanation": None if reason is None else {"because": reason.because, "evidence": reason.evidence},
        "fact": fact_to_dict(fact),
    }


def _published(check: Agreement) -> Any:
    """Return the printed number as it was compared; a bound as ``{"less_than": 0.5}``, of p as printed."""
    fact = check.fact
    if fact.bound is Bound.EXACT or check.quantity == "hazard_ratio_se":
        return check.published
    less = (fact.bound is Bound.LESS_THAN) is not check.turned
    return {"less_than" if less else "more_than": check.published if check.turned else fact.number}
