"""Printed facts as constraints: which of them may weight draws, what was asked, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from survrecon.callers import option_name
from survrecon.errors import ConstraintError
from survrecon.model.published import Because, ModelKind, PublishedFact, Quantity, printed_direction
from survrecon.model.quantities import QUANTITIES, Scope
from survrecon.model.show import BriefRepr
from survrecon.records.schema import RecordDocument, SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from survrecon.model.estimate import Interval
    from survrecon.model.ipd import Reconstruction

__all__ = [
    "USES",
    "Constrained",
    "Constraint",
    "Constraints",
    "Use",
    "UsedConstraint",
    "constraint_of",
    "constraints_of",
    "not_usable",
    "use_named",
]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Constraint(BriefRepr):
    """One printed fact that weights the draws.

    Parameters
    ----------
    fact : PublishedFact
        A hazard ratio, a log-rank p, a median, a survival probability, or a least number of events.
    value_only : bool
        Whether its interval is left aside (and stays a check).
    direction : {-1, 0, 1}
        Of a p value: sign of the printed ln HR of ``of`` over ``over``, the arms in order of their names;
        0 where none is printed.
    """

    fact: PublishedFact
    value_only: bool = False
    direction: int = 0

    @property
    def printed(self) -> str:
        """The fact as it is used, ``hazard ratio, drug over placebo, 0.62 (0.50 to 0.77)``."""
        if self.value_only:
            return f"{self.fact.without_interval().statement} without its interval"
        return self.fact.statement


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class UsedConstraint(BriefRepr):
    """A constraint beside what the figure alone allows.

    Parameters
    ----------
    constraint : Constraint
        What was asked.
    without : float or None
        The same quantity by the figure alone: mean of the draws before weighting, on its usual scale.
    interval : Interval or None
        95% interval of those draws.
    distance : float
        From ``without`` to the nearest value that the paper would round to what it prints, in standard
        deviations of the draws.
    share : float
        Share of the draws that print the fact, before weighting.
    """

    constraint: Constraint
    without: float | None
    interval: Interval | None
    distance: float
    share: float


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Constraints(BriefRepr):
    """The constraints that weighted the draws, and the effective sample size that is left.

    Parameters
    ----------
    used : tuple of UsedConstraint
        In the order asked.
    effective_sample_size : float
        Equally weighted data sets that the weighted ones are worth: the least over arms, and over combinations.
    data_sets : int
        Data sets drawn of each arm.
    combinations : int
        Combinations of them, one of each arm, that were weighted.
    assumptions : tuple of str
        What was assumed because the paper does not say it.
    """

    used: tuple[UsedConstraint, ...]
    effective_sample_size: float
    data_sets: int
    combinations: int
    assumptions: tuple[str, ...]

    @property
    def summary(self) -> str:
        """One line: what was used, and the effective sample size."""
        facts = "; ".join(used.constraint.printed for used in self.used)
        return (
            f"draws weighted by printed statistics: {facts}. "
            f"Effective sample size {self.effective_sample_size:.0f} of {self.data_sets} data sets per arm"
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Constrained(BriefRepr):
    """Reconstructions whose draws are weighted.

    Parameters
    ----------
    reconstructions : dict of str to Reconstruction
        By arm. Draw i of every arm belongs together; the single data set is the combination nearest to their middle.
    constraints : Constraints
        What was used.
    """

    reconstructions: dict[str, Reconstruction]
    constraints: Constraints


@dataclass(frozen=True, slots=True)
class Use:
    """A kind of constraint that can be asked for by name: a quantity, or its value without the interval.

    Parameters
    ----------
    name : str
        As it is asked for.
    quantity : Quantity
        The kind of fact.
    value_only : bool
        Whether intervals are left aside.
    """

    name: str
    quantity: Quantity
    value_only: bool = False

    def __str__(self) -> str:
        return self.name

    def asks_for(self, fact: PublishedFact) -> bool:
        """Whether a fact is of this kind; every p value is, so that an unusable one is refused with a reason."""
        return fact.quantity is self.quantity or (self.quantity.is_p and fact.quantity.is_p)


def _uses() -> Iterable[Use]:
    """Yield what the table of quantities lets weight draws."""
    for row in QUANTITIES:
        if row.use:
            yield Use(row.use, row.key)
            if row.has_interval:
                yield Use(f"{row.use}-value", row.key, value_only=True)


USES = tuple(_uses())
"""Everything that can be asked for."""


def use_named(name: str) -> Use:
    """Return what can be asked for by this name.

    Raises
    ------
    ValueError
        If nothing has this name.
    """
    for use in USES:
        if use.name == name:
            return use
    raise ValueError(f"{name!r} is none of {', '.join(map(str, USES))}")


_SHIFTING = tuple(because for because in Because if because is not Because.ROUNDING)


def constraints_of(document: RecordDocument, names: Iterable[str]) -> tuple[Constraint, ...]:
    """Return the constraints that ``names`` ask for.

    Parameters
    ----------
    document : RecordDocument
        What the record prints.
    names : iterable of str
        Names of `USES`.

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
                option_name("use", name.name),
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
    if reason is None and fact.quantity.definition.of is Scope.CONTRAST and fact.of is None and len(arms) != 2:
        reason = f"it does not say of which of the {len(arms)} arms"
    if reason is not None:
        raise ConstraintError(
            fact.label, f"an unadjusted statistic of the arms {', '.join(arms)}", reason, "leave it out"
        )
    return Constraint(fact=fact, direction=_sign(fact, facts, arms))


def not_usable(fact: PublishedFact) -> str | None:
    """Return the reason why a fact may not weight draws; ``None`` if it may."""
    if fact.quantity is Quantity.P_VALUE:
        return "test not named" if fact.test is None else f"its test is not the log-rank: {fact.test}"
    if not fact.quantity.definition.use:
        return f"{fact.quantity.definition.words} is no constraint"
    if fact.has_no_direction:
        return "its direction is not established: nothing says of which arm over which it is"
    if fact.model is ModelKind.STRATIFIED or (fact.model is not None and fact.model.of_another_estimand):
        by = f" by {', '.join(fact.model_by)}" if fact.model_by else ""
        return f"it is {fact.model}{by}, and rebuilt patients have no covariates"
    if fact.value == "not estimable":
        return "it is printed as not estimable"
    if fact.leaves_side_open:
        return "it is a bound of a one-sided p that either direction of the effect meets"
    return None


def _parsed(names: Iterable[str]) -> list[Use]:
    known = {use.name: use for use in USES}
    names = [names] if isinstance(names, str) else names
    words = [word.strip().lower() for name in names for word in str(name).split(",")]
    for word in words:
        if word not in known:
            raise ConstraintError(
                option_name("use"), f"names out of {', '.join(known)}", repr(word), "choose from these"
            )
    uses = [known[word] for word in dict.fromkeys(words)]
    for use in uses:
        if any(other is not use and other.quantity is use.quantity for other in uses):
            both = " and ".join(other.name for other in uses if other.quantity is use.quantity)
            raise ConstraintError(option_name("use"), "each statistic once", both, "give one of them")
    return uses


def _of_another_analysis(fact: PublishedFact, document: RecordDocument) -> str | None:
    """Return why a fact is not of the analysis that the figure shows."""
    analysis, names = document.analysis, [arm.name for arm in document.arms]
    if document.digitized.kind is SourceKind.SUMMARY and fact.quantity.definition.of is not Scope.CONTRAST:
        return "it already builds the curve of a summary record"
    if fact.population is not None and fact.population != analysis.population:
        return f"it is of another population: {fact.population}"
    if fact.data_cutoff is not None and fact.data_cutoff != analysis.data_cutoff:
        return f"it is of another data cut-off: {fact.data_cutoff}"
    cut = _cut_before_the_end(fact, document)
    if cut is not None:
        return cut
    reason = document.explanation(fact)
    if reason is not None and reason.because in _SHIFTING:
        return f"the record says that it differs by its {reason.because}: {reason.evidence}"
    if analysis.naive is not None:
        return f"the figure is no ordinary Kaplan-Meier curve: {analysis.naive}"
    if fact.quantity.definition.of is Scope.CONTRAST:
        if len(names) < 2 or (fact.of is None and len(names) != 2):
            return f"it does not say of which two of the arms {', '.join(names)}"
        if fact.of is not None and document.control.name not in (fact.of, fact.over):
            return f"it does not compare with the control, {document.control.name}"
    return None


def _cut_before_the_end(fact: PublishedFact, document: RecordDocument) -> str | None:
    """Return that a fact is of the whole follow-up and a curve of its arms ends before, or None."""
    named = [name for name in (fact.arm, fact.of, fact.over) if name is not None]
    arms = [arm for arm in document.arms if arm.cut and (arm.name in named or not named)]
    if not fact.quantity.of_whole_follow_up or not arms:
        return None
    ends = "; ".join(arm.name + (f" at {arm.ends_at:.4g}" if arm.ends_at is not None else "") for arm in arms)
    return f"it is of the whole follow-up, and the figure is cut before its end: {ends}"


def _available(document: RecordDocument) -> str:
    """Say what may be used instead."""
    usable: dict[Use, list[str]] = {}
    for use in USES:
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
