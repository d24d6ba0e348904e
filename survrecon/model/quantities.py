"""The table of quantities that papers print: name, scope, scale, margin, and whether it builds or weights.

To add one, write its member of `Quantity` and its row of `QUANTITIES`, and register how it is obtained from rebuilt
patients in `survrecon.checks` (``ARM_CHECKS`` or ``CONTRAST_CHECKS``). Records, the catalogue, the checklist, reports
and weighting read the table. A quantity that builds a summary curve, or that may weight draws, also needs the code that
does so: `survrecon.reconstruction.summary.inputs`, or `survrecon.weighting.boxes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from survrecon.model.estimate import Scale
from survrecon.model.settings import LARGEST_RATIO, MARGINS, SMALLEST_RATIO, Margin

__all__ = ["QUANTITIES", "Quantity", "QuantityDef", "Scope"]


class Quantity(StrEnum):
    """The kinds of printed facts."""

    HAZARD_RATIO = "hazard_ratio"
    LOGRANK_P = "logrank_p"
    """Of a test that the source names as the log-rank, stratified or not."""
    P_VALUE = "p_value"
    """Of another test, or of one that the source does not name."""
    MEDIAN = "median"
    SURVIVAL = "survival"
    EVENTS = "events"
    """A total of the endpoint itself."""
    EVENTS_AT_LEAST = "events_at_least"
    """A count that leaves out some of the endpoint's events: a lower bound, not a total."""
    RESTRICTED_MEAN = "restricted_mean"
    """The area under an arm's curve up to a time."""
    CONTEXT = "context"
    """Kept and shown; it neither builds a curve nor is checked."""

    @property
    def definition(self) -> QuantityDef:
        """Its row of the table."""
        return _ROWS[self]

    @property
    def is_p(self) -> bool:
        """Whether it is a p value."""
        return self.definition.is_p

    @property
    def counts(self) -> bool:
        """Whether it is a number of patients of the arm."""
        return self.definition.counts

    @property
    def of_whole_follow_up(self) -> bool:
        """Whether it is of every event, so that a curve that is cut before the follow-up ends lacks some of it."""
        return self.definition.of is Scope.CONTRAST or self.definition.counts


class Scope(StrEnum):
    """Whether a quantity belongs to one arm, to a contrast of two, or to neither."""

    ARM = "arm"
    CONTRAST = "contrast"
    """Of two arms."""
    ANY = "any"
    """Of an arm, of several or of none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuantityDef:
    """One row of the table.

    Parameters
    ----------
    key : Quantity
        The name in ``figure.toml`` and in JSON.
    words : str
        What a printed fact of it is called.
    of : Scope
        Of one arm, or of the contrast of two.
    one, question : str
        What a list of checks calls one of them, and what an assessor asks for; several kinds may answer one question.
        Empty where nothing is compared.
    scale : Scale
        Scale of a difference, obtained minus printed.
    margin : Margin or None
        How far an obtained value may lie off and still agree; ``None`` where a bound alone is compared.
    low, high : float or None
        Range of a printed number; ``high`` of a quantity that runs up to a time is that time.
    rule : str
        The range in words.
    at : str
        The word before its time: ``at``, ``to``; empty where it has none.
    is_p, counts, in_time_unit, has_interval : bool
        Whether it is a p value; a number of patients; told with a time, or a time itself; usually printed with
        an interval.
    lower_bound : bool
        Whether what is printed is a lower bound by its kind.
    is_point : bool
        Whether it is a point of the arm's curve.
    builds : bool
        Whether a summary record's curve is built from it, so that a check leaves it out.
    use : str
        What the option ``use`` calls it; empty where it may not weight draws.
    """

    key: Quantity
    words: str
    of: Scope
    one: str = ""
    question: str = ""
    scale: Scale = Scale.IDENTITY
    margin: Margin | None = None
    low: float | None = None
    high: float | None = None
    rule: str = ""
    at: str = ""
    is_p: bool = False
    counts: bool = False
    in_time_unit: bool = False
    has_interval: bool = False
    lower_bound: bool = False
    is_point: bool = False
    builds: bool = False
    use: str = ""

    @property
    def is_checked(self) -> bool:
        """Whether it is compared with what was rebuilt."""
        return bool(self.one)

    @property
    def fixes_level(self) -> bool:
        """Whether it fixes the level of a summary curve, as a bound does not."""
        return self.builds and not self.lower_bound


QUANTITIES = (
    QuantityDef(
        key=Quantity.HAZARD_RATIO,
        words="hazard ratio",
        of=Scope.CONTRAST,
        one="hazard ratio",
        question="hazard ratio",
        scale=Scale.LOG,
        margin=MARGINS.log_hazard_ratio,
        low=SMALLEST_RATIO,
        high=LARGEST_RATIO,
        rule="a hazard ratio is a positive number",
        has_interval=True,
        use="hr",
    ),
    QuantityDef(
        key=Quantity.LOGRANK_P,
        words="log-rank p",
        of=Scope.CONTRAST,
        one="log-rank p",
        question="p value of a named test",
        margin=MARGINS.z,
        low=0.0,
        high=1.0,
        rule="a p value is from 0 to 1",
        is_p=True,
        use="p",
    ),
    QuantityDef(
        key=Quantity.P_VALUE,
        words="p value",
        of=Scope.CONTRAST,
        one="Wald p",
        question="p value of a named test",
        margin=MARGINS.z,
        low=0.0,
        high=1.0,
        rule="a p value is from 0 to 1",
        is_p=True,
    ),
    QuantityDef(
        key=Quantity.MEDIAN,
        words="median",
        of=Scope.ARM,
        one="median",
        question="medians",
        margin=MARGINS.median,
        in_time_unit=True,
        has_interval=True,
        is_point=True,
        builds=True,
        use="median",
    ),
    QuantityDef(
        key=Quantity.SURVIVAL,
        words="survival",
        of=Scope.ARM,
        one="survival",
        question="survival probabilities",
        margin=MARGINS.survival,
        low=0.0,
        high=1.0,
        rule="survival is a fraction from 0 to 1",
        at="at",
        in_time_unit=True,
        is_point=True,
        builds=True,
        use="survival",
    ),
    QuantityDef(
        key=Quantity.EVENTS,
        words="events",
        of=Scope.ARM,
        one="events",
        question="totals of events",
        margin=MARGINS.events,
        counts=True,
        builds=True,
    ),
    QuantityDef(
        key=Quantity.EVENTS_AT_LEAST,
        words="events at least",
        of=Scope.ARM,
        one="events at least",
        question="totals of events",
        counts=True,
        lower_bound=True,
        builds=True,
        use="events-at-least",
    ),
    QuantityDef(
        key=Quantity.RESTRICTED_MEAN,
        words="restricted mean",
        of=Scope.ARM,
        one="restricted mean",
        question="restricted means",
        margin=MARGINS.restricted_mean,
        low=0.0,
        rule="a restricted mean is from 0 to its time 'at'",
        at="to",
        in_time_unit=True,
    ),
    QuantityDef(key=Quantity.CONTEXT, words="context", of=Scope.ANY),
)
"""In the order in which reports name them."""

_ROWS = {row.key: row for row in QUANTITIES}
