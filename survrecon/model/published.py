"""Printed facts: a value as a paper prints it, the model behind it, and its place in the paper."""

from __future__ import annotations

from enum import StrEnum
from math import inf
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints, model_validator

from survrecon.model.document import Document
from survrecon.model.estimate import USUAL_LEVEL, Interval, format_decimals
from survrecon.model.quantities import Quantity, Scope
from survrecon.model.settings import NUMERICAL_NOISE

__all__ = [
    "Because",
    "Bound",
    "DirectionSource",
    "Explained",
    "ModelKind",
    "PTest",
    "PublishedFact",
    "Quantity",
    "RatioClass",
    "Reference",
    "printed_direction",
]

_NO_LIMIT = ("not reached", "not estimable")
_TAKEN_AS_LOGRANK = "the test is taken to be the log-rank"
"""The note of version 0.1.0 on every p of a figure, whose test it did not read."""


class Bound(StrEnum):
    """Whether the printed number is the value or a bound of it."""

    EXACT = "exact"
    LESS_THAN = "less than"
    MORE_THAN = "more than"


class PTest(StrEnum):
    """The test behind a p value other than the log-rank test's."""

    WALD = "Wald"
    """ln HR of Cox's model over its standard error."""
    COX = "Cox"
    """Of Cox's model, by which of its three tests is not said."""
    WILCOXON = "Wilcoxon"
    """Gehan's, Breslow's or Peto's weights."""
    OTHER = "other"


class ModelKind(StrEnum):
    """The model behind a contrast."""

    UNADJUSTED = "unadjusted"
    STRATIFIED = "stratified"
    ADJUSTED = "adjusted"
    WEIGHTED = "weighted"
    CAUSE_SPECIFIC = "cause-specific"
    SUBDISTRIBUTION = "subdistribution"
    SWITCHING_ADJUSTED = "switching-adjusted"
    """Of patients as if none had changed treatment."""
    NOT_STATED = "not stated"

    @property
    def ratio_class(self) -> RatioClass:
        """How close its ratio can be to one that is rebuilt from the two curves."""
        if self is ModelKind.UNADJUSTED:
            return RatioClass.UNADJUSTED
        return RatioClass.OTHER_MODEL if self in _OTHER_MODELS else RatioClass.OTHER_ESTIMAND

    @property
    def of_another_estimand(self) -> bool:
        """Whether its ratio is no ratio of the two curves, so that none rebuilt from them is compared with it."""
        return self.ratio_class is RatioClass.OTHER_ESTIMAND


_OTHER_MODELS = (ModelKind.STRATIFIED, ModelKind.NOT_STATED)


class RatioClass(StrEnum):
    """The three classes of published ratios, which are never pooled."""

    UNADJUSTED = "a"
    """Of the model that is fitted to the rebuilt patients."""
    OTHER_MODEL = "b"
    """Stratified, or of a model that is not said: the same contrast by a model that differs, or may."""
    OTHER_ESTIMAND = "c"
    """Adjusted, weighted, cause-specific, of the subdistribution, or as if nobody had changed treatment."""

    @property
    def words(self) -> str:
        """What is in the class."""
        return _CLASS_WORDS[self]


_CLASS_WORDS = {
    RatioClass.UNADJUSTED: "unadjusted",
    RatioClass.OTHER_MODEL: "stratified, or model not said",
    RatioClass.OTHER_ESTIMAND: "another estimand",
}


class DirectionSource(StrEnum):
    """How it is known of which arm over which a ratio is, where the words beside it do not say so."""

    CONTROL_STATED = "control stated"
    """The control was typed: of the other arm over it."""
    NAMES = "arms' names"
    """One name says that its arm is the control."""
    OWN_NUMBERS = "numbers of single arms"
    """Numbers printed of single arms tell the curves apart, and one direction alone fits the rebuilt ratio."""
    NOT_ESTABLISHED = "not established"
    """Nothing says it: ``of`` and ``over`` are no more than the two arms."""


class Because(StrEnum):
    """The closed list of reasons why a correct reconstruction may differ from its paper."""

    MODEL = "model"
    POPULATION = "population"
    DATA_CUTOFF = "data cut-off"
    ASSESSOR = "assessor"
    CENSORING_RULE = "censoring rule"
    ROUNDING = "rounding"
    ESTIMATOR = "estimator"
    """The curve is no Kaplan-Meier estimate: one of Aalen and Johansen's read as 1 - S, say."""
    CURVE_CUT = "curve cut"
    CRUDE_PROPORTION = "survival printed as a crude proportion"


def _differ(of: str | None, over: str | None) -> bool:
    return bool(of and over) and of != over


def _interval(value: Any) -> Any:
    """Read ``[low, high]``, of 95%, or a table of low, high and level; a limit may be words."""
    level = USUAL_LEVEL
    if isinstance(value, dict):
        if set(value) != {"low", "high", "level"} or not _is_level(value["level"]):
            raise ValueError("an interval of another level is { low, high, level }, the level as 0.9 for 90%")
        value, level = [value["low"], value["high"]], float(value["level"])
    if not isinstance(value, list):
        return value
    if len(value) != 2 or not all(_is_limit(v) for v in value):
        raise ValueError("an interval is [low, high], each a number, 'not reached' or 'not estimable'")
    low, high = (None if isinstance(v, str) else float(v) for v in value)
    return Interval(low=low, high=high, level=level)


def _is_limit(value: Any) -> bool:
    return value in _NO_LIMIT if isinstance(value, str) else isinstance(value, int | float)


def _is_level(value: Any) -> bool:
    """Whether it is the level of an interval: 90 for 90% is none, and nobody prints one below a half."""
    return isinstance(value, int | float) and 0.5 <= value < 1


def _interval_to_plain(value: Interval | None) -> list[float | str] | dict[str, float | str] | None:
    if value is None:
        return None
    low, high = (_NO_LIMIT[1] if v is None else v for v in (value.low, value.high))
    return [low, high] if value.level == USUAL_LEVEL else {"low": low, "high": high, "level": value.level}


PrintedInterval = Annotated[
    Interval | None,
    BeforeValidator(_interval),
    PlainSerializer(_interval_to_plain, return_type=list[float | str] | dict[str, float | str] | None),
]


class Reference(Document):
    """A source that facts are taken from."""

    citation: str
    doi: str | None = None
    read: str = Field(description="what was read: full text, abstract, registry entry, stored page")


class PublishedFact(Document):
    """One printed fact.

    Parameters
    ----------
    quantity : Quantity
        What it is.
    arm : str or None
        Name of the arm it is of; ``None`` for contrasts and facts of both arms.
    of, over : str or None
        For a hazard ratio: of which arm, over which arm, as printed.
    direction : DirectionSource or None
        Of a ratio: how ``of`` and ``over`` are known; None where the words beside it say so.
    stratum : str or None
        Of a ratio: the patients that it is of, where the figure has several groups of them.
    at : float or None
        For survival and restricted means: the time, in the record's time unit.
    value : float or str
        As printed; "not reached" or "not estimable" where the paper says so; words for a context
        fact that is no number. Survival as a fraction.
    interval : Interval or None
        The printed interval, with its level.
    decimals : int
        Decimals printed, of the fraction for survival: 0.59 and 59% have 2. Left out with words.
    unit : str or None
        Unit of a context fact; every other quantity has its own.
    out_of : int or None
        The number that a count is out of.
    spread : tuple of float or None
        Printed range, lowest to highest, of a context fact that is a median.
    bound : Bound
        "less than" for p < 0.001.
    sides : {1, 2}
        Of a p value; two-sided unless the source says otherwise.
    test : PTest or None
        Of a ``p_value``: the test, where the source names it.
    model : ModelKind
        The model behind a contrast, with ``model_by`` naming strata or covariates.
    population, data_cutoff : str or None
        Whom it is of and the date of its data, where these are not the figure's.
    place, source : str
        Where in which source, a key of the record's references.
    also : tuple of str
        Further sources that print the same.
    name : str or None
        What a context fact is.

    Examples
    --------
    >>> fact = PublishedFact(quantity="hazard_ratio", of="drug", over="placebo", value=0.5, interval=[0.4, 0.62],
    ...                      decimals=2, model="unadjusted", place="p. 4", source="paper")
    >>> fact.label, fact.printed
    ('hazard ratio, drug over placebo', '0.50 (0.40 to 0.62)')
    """

    quantity: Quantity
    arm: str | None = None
    of: str | None = None
    over: str | None = None
    direction: DirectionSource | None = None
    stratum: str | None = None
    at: float | None = Field(default=None, gt=0)
    value: float | str
    interval: PrintedInterval = None
    decimals: int = Field(ge=0, le=30)
    unit: str | None = None
    out_of: int | None = Field(default=None, ge=1)
    spread: tuple[float, float] | None = None
    bound: Bound = Bound.EXACT
    sides: Literal[1, 2] = 2
    test: PTest | None = None
    model: ModelKind | None = None
    model_by: tuple[str, ...] = ()
    population: str | None = None
    data_cutoff: Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None = None
    place: str
    source: str
    also: tuple[str, ...] = ()
    name: str | None = None
    note: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _test_that_was_not_read(cls, data: Any) -> Any:
        """Read a p value that version 0.1.0 took from a figure: it called the test of every one the log-rank."""
        if isinstance(data, dict) and data.get("note") == _TAKEN_AS_LOGRANK:
            return {key: value for key, value in data.items() if key != "note"} | {"quantity": Quantity.P_VALUE}
        return data

    @model_validator(mode="before")
    @classmethod
    def _words_have_no_decimals(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("value"), str):
            return {"decimals": 0, **data}
        return data

    @model_validator(mode="after")
    def _coherent(self) -> PublishedFact:
        for holds, rule in (*self._rules_of_its_kind(), *self._rules_of_all()):
            if not holds:
                raise ValueError(rule)
        return self

    def _rules_of_its_kind(self) -> tuple[tuple[bool, str], ...]:
        """Return what the table of quantities asks of it, each rule with whether it holds."""
        kind = self.quantity.definition
        contrast, context = kind.of is Scope.CONTRAST, kind.of is Scope.ANY
        ratio = self.quantity is Quantity.HAZARD_RATIO
        return (
            (not contrast or self.arm is None, "a contrast is of two arms: leave out 'arm'"),
            (contrast or context or self.arm is not None, "'arm' names the arm it is of"),
            (not ratio or _differ(self.of, self.over), "a hazard ratio says 'of' which arm 'over' which other"),
            (ratio or not (self.direction or self.stratum), "'direction' and 'stratum' go with a hazard ratio"),
            (not kind.counts or self._is_count(), "a count is a whole number from 0"),
            (not contrast or self.model is not None, "a contrast names its 'model' ('not stated' is one)"),
            (
                context or bool(kind.at) is (self.at is not None),
                "'at' goes with survival and restricted means, which need it",
            ),
            (self._is_in_range(), kind.rule),
            (kind.is_p or self.sides == 2, "'sides' go with a p value"),
            (
                not kind.lower_bound or self.bound is not Bound.LESS_THAN,
                "a count that leaves events out is no upper bound of them: leave out 'bound'",
            ),
            (not context or self.name is not None, "a context fact has a 'name'"),
            (context or self.number is not None or self.value in _NO_LIMIT, f"a number, or one of {_NO_LIMIT}"),
            (context or not (self.unit or self.out_of or self.spread), "'unit', 'out_of', 'spread' go with context"),
        )

    def _rules_of_all(self) -> tuple[tuple[bool, str], ...]:
        """Return what holds of every printed number, each rule with whether it holds."""
        digits_fit = self.number is None or abs(round(self.number, self.decimals) - self.number) < NUMERICAL_NOISE
        return (
            (
                self.quantity is Quantity.P_VALUE or self.test is None,
                "'test' goes with a p_value; a logrank_p names its test already",
            ),
            (self.bound is Bound.EXACT or self.number is not None, "'bound' goes with a number"),
            (digits_fit, "'decimals' covers the digits of 'value'"),
            (not self._outside_its_interval(), "a value lies inside its interval"),
        )

    def _is_in_range(self) -> bool:
        """Whether a printed number is in the range of its kind, where that has one."""
        kind = self.quantity.definition
        if kind.low is None:
            return True
        high = (self.at or 0.0) if kind.high is None else kind.high
        return self._is_within(kind.low, high)

    def _is_within(self, low: float, high: float) -> bool:
        return self.number is not None and low <= self.number <= high

    def _is_count(self) -> bool:
        return self.number is not None and self.number >= 0 and self.number == int(self.number)

    def _outside_its_interval(self) -> bool:
        if self.interval is None or self.number is None:
            return False
        low, high = self.interval.low, self.interval.high
        return (low is not None and self.number < low) or (high is not None and self.number > high)

    @property
    def number(self) -> float | None:
        """The printed number; ``None`` where the paper says there is none."""
        return None if isinstance(self.value, str) else self.value

    @property
    def rounding(self) -> float:
        """Half a unit of the last printed decimal."""
        return 0.5 * float(10**-self.decimals)

    @property
    def has_no_direction(self) -> bool:
        """Whether it is a ratio of two arms of which nothing says which is over which."""
        return self.direction is DirectionSource.NOT_ESTABLISHED

    @property
    def bound_in(self) -> tuple[float, float]:
        """The range of obtained minus printed in which the printed bound holds; unlimited without a bound."""
        if self.bound is Bound.EXACT:
            return -inf, inf
        return (-inf, 0.0) if self.bound is Bound.LESS_THAN else (0.0, inf)

    @property
    def leaves_side_open(self) -> bool:
        """Whether it is a bound of a one-sided p that either direction of the effect meets, as above 0.05."""
        past_half = (self.number or 0.0) > 0.5
        return self.sides == 1 and self.bound is (Bound.LESS_THAN if past_half else Bound.MORE_THAN)

    @property
    def label(self) -> str:
        """A short name, ``survival at 36, placebo``."""
        kind = self.quantity.definition
        words = [self.name or kind.words]
        if self.test is not None:
            words.insert(0, self.test)
        if self.at is not None:
            words.append(f"{kind.at or 'at'} {self.at:g}")
        who = self.arm or (f"{self.of} over {self.over}" if self.of else None)
        if self.has_no_direction:
            who = f"{self.of} and {self.over}, direction not established"
        return " ".join(words) + (f", {who}" if who else "")

    @property
    def printed(self) -> str:
        """The fact as a paper prints it, ``<0.001`` or ``0.18 (90% CI 0.09 to 0.32)``; 95% is not named."""
        sign = {Bound.LESS_THAN: "<", Bound.MORE_THAN: ">"}.get(self.bound, "")
        text = str(self.value) if self.number is None else sign + format_decimals(self.number, self.decimals)
        if self.sides == 1:
            text += " (one-sided)"
        return text if self.interval is None else f"{text} ({self.interval.labelled(self.decimals)})"

    @property
    def statement(self) -> str:
        """What is printed of what, ``hazard ratio, drug over placebo, 0.62 (0.50 to 0.77)``."""
        return f"{self.label}, {self.printed}"

    def without_interval(self) -> PublishedFact:
        """Return the same fact, its interval left aside."""
        return self.model_copy(update={"interval": None})


def printed_direction(fact: PublishedFact) -> int:
    """Return the sign of the ln HR that a printed ratio states, of ``of`` over ``over``; 0 for 1.00, or an open bound.

    Examples
    --------
    >>> told = {"quantity": "hazard_ratio", "of": "drug", "over": "placebo", "model": "unadjusted", "decimals": 1,
    ...         "place": "text", "source": "p", "bound": "less than"}
    >>> [printed_direction(PublishedFact(**told, value=value)) for value in (0.5, 1.2)]
    [-1, 0]
    """
    ratio = 1.0 if fact.number is None or fact.has_no_direction else fact.number
    if fact.bound is Bound.LESS_THAN:
        return -1 if ratio <= 1 else 0
    if fact.bound is Bound.MORE_THAN:
        return 1 if ratio >= 1 else 0
    return (ratio > 1) - (ratio < 1)


class Explained(Document):
    """Why a check of this record differs, with the evidence."""

    quantity: Quantity
    arm: str | None = None
    at: float | None = None
    because: Because
    evidence: str = Field(min_length=20)

    def covers(self, fact: PublishedFact) -> bool:
        """Whether it speaks of this fact."""
        return (self.quantity, self.arm, self.at) == (fact.quantity, fact.arm, fact.at)
