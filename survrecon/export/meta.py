"""Contrasts for a meta-analysis: one row each, the published ratio where it is printed, the rebuilt one where not."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

from survrecon.analysis.comparison import compare_arms
from survrecon.export.trial import no_patients_because
from survrecon.files.tables import csv_text
from survrecon.model.estimate import Estimate, normal_quantile
from survrecon.model.published import Bound, ModelKind, PublishedFact, Quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.analysis.results import Comparison
    from survrecon.export.trial import ExportedTrial

__all__ = ["COLUMNS", "meta_files"]

COLUMNS = (
    "study",
    "endpoint",
    "data_cutoff",
    "of",
    "over",
    "n_of",
    "n_over",
    "events_of",
    "events_over",
    "follow_up_median",
    "time_unit",
    "source",
    "model",
    "yi",
    "vi",
    "vi_reconstruction",
    "hazard_ratio",
    "low",
    "high",
    "level",
    "tau",
    "tau_rule",
    "rmst_difference",
    "rmst_vi",
    "rmst_vi_reconstruction",
    "non_proportional_p",
    "note",
)
"""yi is ln HR of ``of`` over ``over``; vi its whole variance, of which vi_reconstruction is due to the reading."""
_PREFERRED = (ModelKind.UNADJUSTED, ModelKind.STRATIFIED, ModelKind.NOT_STATED)
"""Models whose ratio is one of the two curves, the best first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ratio:
    """A hazard ratio as a row has it."""

    source: str
    model: str
    yi: float
    vi: float
    vi_reconstruction: float
    limits: tuple[float, float]
    level: float
    note: str = ""


def meta_files(trial: ExportedTrial) -> dict[str, str]:
    """Return ``contrasts.csv``: every treatment over the control of its record.

    A published ratio is taken where its interval is printed, it is of the two curves (unadjusted, stratified, or of a
    model that is not named), of the figure's population and data cut-off, and its direction is known.
    """
    names = list(trial.central)
    pairs = [(names[0], other) for other in names[1:]]
    if trial.document is not None:
        pairs = [(control.name, arm.name) for control, arm in trial.document.contrasts if arm.name in trial.central]
    rows = [_row(trial, over, of) for over, of in pairs]
    return {"contrasts.csv": csv_text(COLUMNS, rows)}


def _row(trial: ExportedTrial, over: str, of: str) -> list[object]:
    patients = {name: trial.draws.get(name) or trial.central[name] for name in (over, of)}
    facts = () if trial.document is None else trial.document.facts_of(Quantity.HAZARD_RATIO)
    found = compare_arms(control=patients[over], treatment=patients[of])
    unusable = no_patients_because(trial.document)
    ratio, why = _published(facts, over, of)
    if ratio is None and not unusable:
        ratio = _rebuilt(found, why)
    analysis = None if trial.document is None else trial.document.analysis
    control, treatment = found.arms
    known: list[object] = ["", "", "", "", "", "", "", "", ""]
    if ratio is not None:
        known = [
            *(ratio.source, ratio.model, _text(ratio.yi), _text(ratio.vi), _text(ratio.vi_reconstruction)),
            *(_text(v) for v in (exp(ratio.yi), *ratio.limits, ratio.level)),
        ]
    rmst = found.rmst_difference
    means: list[object] = [_text(rmst.tau), rmst.rule, *_mean(rmst.difference)] if not unusable else [""] * 5
    hazards = found.proportional_hazards
    return [
        *(trial.study, trial.endpoint, "" if analysis is None else str(analysis.data_cutoff or "")),
        *(of, over, treatment.n, control.n),
        *(_text(treatment.events.value), _text(control.events.value)),
        *(_text(_median_follow_up(found)), trial.time_unit),
        *known,
        *means,
        "" if hazards is None or unusable else _text(hazards.p),
        "; ".join(word for word in ("" if ratio is None else ratio.note, unusable) if word),
    ]


def _published(facts: Sequence[PublishedFact], over: str, of: str) -> tuple[_Ratio | None, str]:
    """Return the published ratio to use, or None and why it is not used."""
    here = [fact for fact in facts if {fact.of, fact.over} == {of, over}]
    if not here:
        return None, "none is printed"
    reasons = {id(fact): _not_usable(fact) for fact in here}
    usable = sorted((fact for fact in here if not reasons[id(fact)]), key=lambda fact: _rank(fact.model))
    if not usable:
        return None, "; ".join(dict.fromkeys(f"printed {fact.printed}: {reasons[id(fact)]}" for fact in here))
    fact = usable[0]
    turned = fact.of != of
    interval = fact.interval
    assert fact.number is not None
    assert interval is not None
    z = normal_quantile(interval.level)
    sign = -1 if turned else 1
    limits = sorted(sign * log(limit) for limit in (interval.low, interval.high) if limit is not None)
    note = "printed the other way round, turned here" if turned else ""
    return (
        _Ratio(
            source="published",
            model=_model(fact),
            yi=sign * log(fact.number),
            vi=((limits[1] - limits[0]) / (2 * z)) ** 2,
            vi_reconstruction=0.0,
            limits=(exp(limits[0]), exp(limits[1])),
            level=interval.level,
            note=note,
        ),
        "",
    )


def _not_usable(fact: PublishedFact) -> str:
    """Return why a printed ratio is not used; empty where it is."""
    if fact.model is not None and fact.model.of_another_estimand:
        return f"{fact.model}, not a ratio of the two curves"
    if fact.has_no_direction:
        return "its direction is not established"
    if fact.population or fact.data_cutoff or fact.stratum:
        return "of another population or data cut-off than the figure"
    interval = fact.interval
    if fact.bound is not Bound.EXACT or fact.number is None or not fact.number:
        return "a bound, no value"
    if interval is None or not interval.low or interval.high is None:
        return "printed without an interval"
    return ""


def _rank(model: ModelKind | None) -> int:
    return _PREFERRED.index(model) if model in _PREFERRED else len(_PREFERRED)


def _model(fact: PublishedFact) -> str:
    by = f" by {', '.join(fact.model_by)}" if fact.model_by else ""
    return f"{fact.model or ModelKind.NOT_STATED}{by}"


def _rebuilt(found: Comparison, why: str) -> _Ratio | None:
    """Return the ratio of the rebuilt patients; None where there is none."""
    ratio = found.hazard_ratio
    interval = ratio.interval
    if ratio.value is None or interval is None or interval.low is None or interval.high is None:
        return None
    return _Ratio(
        source="rebuilt",
        model="unadjusted Cox model of rebuilt patients",
        yi=log(ratio.value),
        vi=(ratio.total_se or 0.0) ** 2,
        vi_reconstruction=(ratio.reconstruction_se or 0.0) ** 2,
        limits=(interval.low, interval.high),
        level=interval.level,
        note=f"no published ratio used: {why}",
    )


def _mean(difference: Estimate) -> list[str]:
    whole, part = difference.total_se or 0.0, difference.reconstruction_se or 0.0
    return [_text(difference.value), _text(whole**2), _text(part**2)]


def _median_follow_up(found: Comparison) -> float | None:
    """Return the mean of the arms' median follow-up (reverse Kaplan-Meier), by their numbers of patients."""
    known = [(arm.n, arm.follow_up.value) for arm in found.arms if arm.follow_up.value is not None]
    total = sum(n for n, _ in known)
    return sum(n * value for n, value in known) / total if total else None


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"
