"""Which printed facts of a record may weight its draws: unadjusted, of the same patients and the same data."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from survrecon.callers import option_name
from survrecon.errors import ConstraintError
from survrecon.model.published import Because, ModelKind, PublishedFact, Quantity, printed_direction
from survrecon.records.schema import RecordDocument, SourceKind
from survrecon.weighting.results import Constraint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Use", "constraint_of", "constraints_of", "not_usable"]


class Use(StrEnum):
    """What can be asked for."""

    HAZARD_RATIO = "hr"
    HAZARD_RATIO_VALUE = "hr-value"
    """Without its interval."""
    LOGRANK_P = "p"
    MEDIAN = "median"
    MEDIAN_VALUE = "median-value"
    """Without its interval."""
    SURVIVAL = "survival"
    EVENTS_AT_LEAST = "events-at-least"

    @property
    def quantity(self) -> Quantity:
        """The kind of fact."""
        return _QUANTITY[self]

    def asks_for(self, fact: PublishedFact) -> bool:
        """Whether a fact is of this kind: every p value is, so that what may not be used is told with its reason."""
        return fact.quantity is self.quantity or (self is Use.LOGRANK_P and fact.quantity.is_p)

    @property
    def value_only(self) -> bool:
        """Whether intervals are left aside."""
        return self in (Use.HAZARD_RATIO_VALUE, Use.MEDIAN_VALUE)


_QUANTITY = {
    Use.HAZARD_RATIO: Quantity.HAZARD_RATIO,
    Use.HAZARD_RATIO_VALUE: Quantity.HAZARD_RATIO,
    Use.LOGRANK_P: Quantity.LOGRANK_P,
    Use.MEDIAN: Quantity.MEDIAN,
    Use.MEDIAN_VALUE: Quantity.MEDIAN,
    Use.SURVIVAL: Quantity.SURVIVAL,
    Use.EVENTS_AT_LEAST: Quantity.EVENTS_AT_LEAST,
}
_CONTRASTS = (Quantity.HAZARD_RATIO, Quantity.LOGRANK_P, Quantity.P_VALUE)
_SHIFTING = tuple(because for because in Because if because is not Because.ROUNDING)


def constraints_of(document: RecordDocument, names: Iterable[str]) -> tuple[Constraint, ...]:
    """Return the constraints that ``names`` ask for.

    Parameters
    ----------
    document : RecordDocument
        What the record prints.
    names : iterable of str
        Members of `Use`.

    Raises
    ------
    ConstraintError
        If a name is unknown, the record does not print it, or none of what it prints may be used.
    """
    asked, arms = _parsed(names), [arm.name for arm in document.arms]
    found: list[Constraint] = []
    for name in asked:
        facts = [fact for fact in document.facts if name.asks_for(fact)]
        reasons = [not_usable(fact) or _of_another_analysis(fact, document) for fact in facts]
        usable = [fact for fact, reason in zip(facts, reasons, strict=True) if reason is None]
        if not usable:
            told = [f"{fact.statement}: {reason}" for fact, reason in zip(facts, reasons, strict=True)]
            raise ConstraintError(
                option_name("use", name),
                "a printed statistic of this record that may weight its draws",
                "; ".join(told) or "none of this kind is printed",
                _available(document),
            )
        found += [
            Constraint(fact=fact, value_only=name.value_only, direction=_sign(fact, document.facts, arms))
            for fact in usable
        ]
    return tuple(found)


def constraint_of(fact: PublishedFact, facts: Sequence[PublishedFact], arms: Sequence[str]) -> Constraint:
    """Return the constraint of a fact that was given by itself, among others and for these arms.

    Raises
    ------
    ConstraintError
        If it may not be used, or is of other arms.
    """
    reason = not_usable(fact)
    strangers = {fact.arm, fact.of, fact.over} - {None, *arms}
    if reason is None and strangers:
        reason = f"it names {', '.join(sorted(map(str, strangers)))}"
    if reason is None and fact.quantity in _CONTRASTS and fact.of is None and len(arms) != 2:
        reason = f"it does not say of which of the {len(arms)} arms"
    if reason is not None:
        raise ConstraintError(
            fact.label, f"an unadjusted statistic of the arms {', '.join(arms)}", reason, "leave it out"
        )
    return Constraint(fact=fact, direction=_sign(fact, facts, arms))


def not_usable(fact: PublishedFact) -> str | None:
    """Return why a fact may not weight draws, by itself; ``None`` if it may."""
    if fact.quantity is Quantity.P_VALUE:
        return "test not named" if fact.test is None else f"its test is not the log-rank: {fact.test}"
    if fact.quantity not in _QUANTITY.values():
        return f"{fact.quantity.value.replace('_', ' ')} is no constraint"
    if fact.model in (ModelKind.STRATIFIED, ModelKind.ADJUSTED):
        by = f" by {', '.join(fact.model_by)}" if fact.model_by else ""
        return f"it is {fact.model}{by}, and rebuilt patients have no covariates"
    if fact.value == "not estimable":
        return "it is printed as not estimable"
    if fact.leaves_side_open:
        return "it is a bound of a one-sided p that either direction of the effect meets"
    return None


def _parsed(names: Iterable[str]) -> list[Use]:
    known = {use.value for use in Use}
    names = [names] if isinstance(names, str) else names
    words = [word.strip().lower() for name in names for word in str(name).split(",")]
    for word in words:
        if word not in known:
            raise ConstraintError(option_name("use"), f"names out of {', '.join(Use)}", repr(word), "choose from these")
    uses = [Use(word) for word in dict.fromkeys(words)]
    for use in uses:
        if any(other is not use and other.quantity is use.quantity for other in uses):
            both = " and ".join(other for other in uses if other.quantity is use.quantity)
            raise ConstraintError(option_name("use"), "each statistic once", both, "give one of them")
    return uses


def _of_another_analysis(fact: PublishedFact, document: RecordDocument) -> str | None:
    """Return why a fact is not of the analysis that the figure shows."""
    analysis, names = document.analysis, [arm.name for arm in document.arms]
    if document.digitized.kind is SourceKind.SUMMARY and fact.quantity not in _CONTRASTS:
        return "it already builds the curve of a summary record"
    if fact.population is not None and fact.population != analysis.population:
        return f"it is of another population: {fact.population}"
    if fact.data_cutoff is not None and fact.data_cutoff != analysis.data_cutoff:
        return f"it is of another data cut-off: {fact.data_cutoff}"
    reason = document.explanation(fact)
    if reason is not None and reason.because in _SHIFTING:
        return f"the record says that it differs by its {reason.because}: {reason.evidence}"
    if analysis.naive is not None:
        return f"the figure is no ordinary Kaplan-Meier curve: {analysis.naive}"
    if fact.quantity in _CONTRASTS:
        if len(names) < 2 or (fact.of is None and len(names) != 2):
            return f"it does not say of which two of the arms {', '.join(names)}"
        if fact.of is not None and document.control.name not in (fact.of, fact.over):
            return f"it does not compare with the control, {document.control.name}"
    return None


def _available(document: RecordDocument) -> str:
    """Say what may be used instead."""
    usable: dict[Use, list[str]] = {}
    for use in Use:
        facts = [f for f in document.facts if use.asks_for(f) and not use.value_only]
        good = [f for f in facts if not_usable(f) is None and _of_another_analysis(f, document) is None]
        if good:
            usable[use] = [fact.label for fact in good]
    named = "; ".join(f"{use} ({', '.join(labels)})" for use, labels in usable.items())
    if named:
        return f"use what may be: {named}"
    return f"run without {option_name('use')}: nothing in this record may weight draws"


def _sign(fact: PublishedFact, facts: Sequence[PublishedFact], arms: Sequence[str]) -> int:
    """Return the sign of the printed ln HR of the arms of a p value, the first by name over the second."""
    if fact.quantity is not Quantity.LOGRANK_P:
        return 0
    pair = sorted(arms if fact.of is None else (str(fact.of), str(fact.over)))
    ratios = (f for f in facts if f.quantity is Quantity.HAZARD_RATIO and sorted((f.of or "", f.over or "")) == pair)
    return next(filter(None, (printed_direction(f) * (1 if f.of == pair[0] else -1) for f in ratios)), 0)
