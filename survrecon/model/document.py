"""The strict base class of a record's tables, partial dates, and the follow-up of an analysis."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from survrecon.errors import RecordError
from survrecon.model.settings import DAYS_IN, YEARLY_LOSS

__all__ = ["Document", "FollowUp", "FollowUpAssumption", "FollowUpMethod", "PartialDate", "document_error"]


class Document(BaseModel):
    """A frozen table of a record; a key that the format does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, str_strip_whitespace=True)


_RULES = {
    "extra_forbidden": ("only the keys of the record format", "remove the key, or look for a misspelling"),
    "missing": ("a required key", "add it"),
}


def document_error(error: ValidationError, where: str) -> RecordError:
    """Turn pydantic's first finding into one ``RecordError`` that names the path in the document."""
    found: Any = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in found["loc"]) or "document"
    message = found["msg"].removeprefix("Value error, ")
    rule, advice = _RULES.get(found["type"], (message, "see the record format in digitized_curves/README.md"))
    got = "nothing" if found["type"] == "missing" else _as_written(found["input"])
    more = error.error_count() - 1
    return RecordError(f"{where}: {path}", rule, got + (f" (and {more} more)" if more else ""), advice)


def _as_written(value: Any) -> str:
    """Return a value as it stands in the file; of a table, its single values alone."""
    if isinstance(value, dict):
        plain = [f"{key} = {entry!r}" for key, entry in value.items() if not isinstance(entry, dict | list | tuple)]
        return "a table with " + (", ".join(plain[:6]) or "nothing but tables")
    return repr(value)[:200]


def _existing(text: str) -> str:
    try:
        _last_day(text)
    except ValueError:
        raise ValueError("a date that exists") from None
    return text


PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"), AfterValidator(_existing)]
"""A date as far as it is printed: 2006, 2006-07 or 2006-07-01."""

Loss = tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]]

Span = tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]]


class FollowUpMethod(StrEnum):
    """What a printed median follow-up is the median of."""

    REVERSE_KAPLAN_MEIER = "reverse Kaplan-Meier"
    """Potential follow-up: the Kaplan-Meier median with events and censorings swapped."""
    SURVIVORS = "patients without the event"
    ALL_PATIENTS = "all patients"
    NOT_STATED = "not stated"


class FollowUpAssumption(Document):
    """A follow-up that no source prints, with its sensitivity range and the reason for it.

    ``shortest`` and ``longest`` are ranges of the potential follow-up of the last and the first
    patient, in the record's time unit; every draw takes one value of each range.
    """

    shortest: Span
    longest: Span
    reason: str = Field(min_length=20)

    @model_validator(mode="after")
    def _ordered(self) -> FollowUpAssumption:
        if not (self.shortest[0] <= self.shortest[1] < self.longest[0] <= self.longest[1]):
            raise ValueError("ranges run from low to high, and the shortest follow-up ends below the longest")
        return self


class FollowUp(Document):
    """The follow-up design of an analysis; times in the record's unit.

    Parameters
    ----------
    recruitment_start, recruitment_end, data_cutoff : str or None
        Dates as far as printed.
    median : float or None
        Printed median follow-up, ``median_decimals`` printed decimals.
    method : FollowUpMethod
        What the median is of.
    observed_range : tuple of float or None
        Printed range of follow-up, lowest to highest, of the patients that ``median`` is of.
    shortest, longest : float or None
        Printed bounds of follow-up.
    assumed : FollowUpAssumption or None
        Needed where recruitment window and cut-off do not give the potential follow-up.
    yearly_loss : tuple of float
        Range of the share of patients lost a year other than by the data cut-off, an assumption; the default
        suits survival, while progression endpoints also lose patients at withdrawal and new treatment.
    yearly_loss_reason : str or None
        Why another range than the default is assumed.
    source : str or None
        A key of the record's references.
    """

    recruitment_start: PartialDate | None = None
    recruitment_end: PartialDate | None = None
    data_cutoff: PartialDate | None = None
    median: float | None = Field(default=None, gt=0)
    median_decimals: int = Field(default=0, ge=0, le=4)
    method: FollowUpMethod = FollowUpMethod.NOT_STATED
    observed_range: tuple[float, float] | None = None
    shortest: float | None = Field(default=None, ge=0)
    longest: float | None = Field(default=None, gt=0)
    assumed: FollowUpAssumption | None = None
    yearly_loss: Loss = YEARLY_LOSS
    yearly_loss_reason: str | None = None
    source: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _loss_has_a_reason(self) -> FollowUp:
        if self.yearly_loss[0] > self.yearly_loss[1]:
            raise ValueError("yearly_loss runs from low to high")
        if self.yearly_loss != FollowUp.model_fields["yearly_loss"].default and not self.yearly_loss_reason:
            raise ValueError("a yearly_loss of its own needs yearly_loss_reason")
        return self

    @model_validator(mode="after")
    def _dates_in_order(self) -> FollowUp:
        days = [_first_day(d) for d in (self.recruitment_start, self.recruitment_end, self.data_cutoff) if d]
        if days != sorted(days):
            raise ValueError("recruitment starts before it ends, and ends before the data cut-off")
        if self.observed_range is not None and self.observed_range[0] > self.observed_range[1]:
            raise ValueError("a range runs from low to high")
        return self

    @property
    def median_rounding(self) -> float:
        """Half a unit of the last printed decimal of the median."""
        return 0.5 * float(10**-self.median_decimals)

    def window(self, time_unit: str) -> tuple[float, float] | None:
        """Return the potential follow-up of the last and the first patient, or ``None`` if not printed.

        A month counts as its first day where recruitment starts, its last where it ends, its middle
        where data are cut off.

        Examples
        --------
        >>> follow_up = FollowUp(recruitment_start="2006-07", recruitment_end="2008-08", data_cutoff="2010-07-07")
        >>> [round(months, 1) for months in follow_up.window("months")]
        [22.2, 48.2]
        """
        if not (self.recruitment_start and self.recruitment_end and self.data_cutoff):
            return None
        cutoff = (_first_day(self.data_cutoff).toordinal() + _last_day(self.data_cutoff).toordinal()) / 2
        shortest = cutoff - _last_day(self.recruitment_end).toordinal()
        longest = cutoff - _first_day(self.recruitment_start).toordinal()
        return shortest / DAYS_IN[time_unit], longest / DAYS_IN[time_unit]


def _first_day(text: str) -> date:
    parts = [int(part) for part in text.split("-")]
    return date(*[*parts, 1, 1][:3])


def _last_day(text: str) -> date:
    parts = [int(part) for part in text.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return date(year, month, parts[2] if len(parts) > 2 else monthrange(year, month)[1])
