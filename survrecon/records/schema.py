"""Every key of ``figure.toml``, with its rule, and the points of a curve that a paper prints."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from survrecon.model.convention import MOST_PATIENTS, AtRiskConvention, Estimator, PointKind
from survrecon.model.document import Document, FollowUp, PartialDate
from survrecon.model.grade import ReadingDoubt, ReadingGrade
from survrecon.model.published import Bound, Explained, PublishedFact, Quantity, Reference

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "NOT_GIVEN",
    "Analysis",
    "Arm",
    "ArmRole",
    "Axes",
    "AxisFit",
    "DataFile",
    "Digitized",
    "Edit",
    "OtherCutoff",
    "PrintedRiskTable",
    "RecordDocument",
    "ReviewedBy",
    "SourceKind",
    "points_csv",
    "printed_points",
]

NOT_GIVEN = "not given"
"""Stands for words that a record must have and nobody has filled in yet."""

FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._ -]*\.csv$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Share = Annotated[float, Field(gt=0, lt=0.5)]


class SourceKind(StrEnum):
    """Where a curve's points come from; printed wherever the curve is."""

    VECTOR = "vector"
    TRACED = "traced"
    MANUAL = "manual"
    SUMMARY = "summary"


class ArmRole(StrEnum):
    """Which side of the contrast an arm is."""

    CONTROL = "control"
    TREATMENT = "treatment"


class DataFile(Document):
    """A CSV file of the record's folder and the hash that it must have."""

    file: FileName
    sha256: Sha256


class AxisFit(Document):
    """How a program calibrated one axis: the ticks that it used and how well one line fits them."""

    axis: Literal["time", "survival"]
    ticks: int = Field(ge=0)
    first: float
    last: float
    source: str
    largest_residual: float = Field(ge=0)
    unit: str
    resolution: float = Field(ge=0)


class Edit(Document):
    """A change that a person made to a file of the record, and that `survrecon accept` put on record.

    The hashes of ``figure.toml`` are of the file before the change and as the person left it.
    """

    file: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._ -]*\.(csv|toml)$")]
    sha256_before: Sha256
    sha256: Sha256
    date: PartialDate
    reader: str | None = None
    changes: tuple[str, ...] = Field(min_length=1)

    @property
    def words(self) -> str:
        """The change in a sentence: where, by whom, when, what."""
        by = f" by {self.reader}" if self.reader else ""
        return f"{self.file} changed{by}, {self.date}: {'; '.join(self.changes)}"


class ReviewedBy(Document):
    """Who checked, corrected or read the figure by hand, and what they started from.

    Parameters
    ----------
    reader : str
        Who.
    started_from : str
        ``"automatic"``: the program's reading; ``"blind"``: the figure alone; ``"agreement"``: one reader's record,
        with the places where another one read something else.
    readers : tuple of str
        Of a consensus: whose records it settles.
    edits : int
        How many edits stand.
    after_result : int
        How many of them were made after the rebuilt hazard ratio had been seen.
    accepted : str
        When the reader accepted the record.
    """

    reader: str = Field(min_length=1)
    started_from: Literal["automatic", "blind", "agreement"]
    readers: tuple[str, ...] = ()
    edits: int = Field(ge=0)
    after_result: int = Field(default=0, ge=0)
    accepted: PartialDate

    @property
    def words(self) -> str:
        """The review in a sentence."""
        how = {
            "automatic": "checked the program's reading",
            "blind": "read the figure by hand, without the program's reading",
            "agreement": f"settled what {' and '.join(self.readers)} read differently",
        }[self.started_from]
        count = f"{self.edits} edit{'' if self.edits == 1 else 's'}"
        late = f", {self.after_result} of them after the rebuilt result had been seen" if self.after_result else ""
        return f"{self.reader} {how}: {count}{late}; accepted {self.accepted}"


class ReadersApart(Document):
    """How far two readers' hazard ratios of a figure are apart, and what of it the reading model does not explain.

    Parameters
    ----------
    readers : tuple of str
        Whose reading the record holds, and who read the figure as well.
    of, over : str
        Of which arm over which.
    difference : float
        Of the logarithms of their hazard ratios, the second reader's minus the first one's.
    excess : float
        Standard deviation of a log hazard ratio beyond what the reading model expects; 0 within it. It rests on one
        difference, and is added once to the standard error.
    """

    readers: tuple[str, str]
    of: str
    over: str
    difference: float = Field(allow_inf_nan=False)
    excess: float = Field(ge=0, allow_inf_nan=False)

    @property
    def words(self) -> str:
        """What came of the two readings in a sentence."""
        apart = f"ln HR of {self.of} over {self.over} differs by {self.difference:+.3f} between {self.readers[0]} and "
        apart += self.readers[1]
        if not self.excess:
            return f"{apart}, within what reading is off by chance: nothing is added"
        return (
            f"{apart}, beyond what reading is off by chance: the excess, {self.excess:.3f}, is added once to its "
            "standard error; it rests on one difference"
        )


class ControlSource(StrEnum):
    """How it is known which arm is the control."""

    TYPED = "typed"
    TEXT = "text"
    """A printed ratio is said to be over it."""
    NAMES = "names"
    """Its name says so, as ``placebo`` does."""
    ORDER = "order"
    """Nothing says so: it is the first."""


class Digitized(Document):
    """What was digitized, how, and from which publication."""

    kind: SourceKind
    citation: str
    doi: str | None = None
    nct: Annotated[str, StringConstraints(pattern=r"^NCT\d{8}(, NCT\d{8})*$")] | None = None
    figure: str | None = None
    panel: str | None = None
    what: str
    how: str
    program: str | None = None
    image_sha256: Sha256 | None = None
    estimator: Estimator = Estimator.KAPLAN_MEIER
    reading: ReadingGrade | None = None
    doubts: tuple[ReadingDoubt | str, ...] = ()
    """What was read and may be wrong; words alone in records of earlier versions."""
    remarks: tuple[str, ...] = ()
    """What else is said of the reading: what was not used, what was typed against it."""
    calibration: tuple[AxisFit, ...] = ()
    readings: DataFile | None = None
    control_source: ControlSource | None = None
    edits: tuple[Edit, ...] = ()
    review: ReviewedBy | None = None
    second_reader: tuple[ReadersApart, ...] | None = None

    @property
    def to_look_at(self) -> tuple[str, ...]:
        """Doubts and remarks in words, doubts first."""
        return (*map(str, self.doubts), *self.remarks)


class Analysis(Document):
    """The analysis that the figure shows."""

    trial: str
    endpoint: str
    event_definition: str | None = None
    censoring_rule: str | None = None
    time_origin: str | None = None
    data_cutoff: PartialDate | None = None
    data_cutoff_note: str | None = None
    population: str | None = None
    subgroup: str | None = None
    assessor: str | None = None
    naive: str | None = Field(default=None, description="why the curve is no ordinary Kaplan-Meier curve, if known")
    notes: tuple[str, ...] = ()


class Axes(Document):
    """Units of the figure, how finely it was read, and what its points are.

    The survival axis as it is printed; the record's own files always hold survival as fractions. What the points are is
    told by the data unless it is stated.
    """

    time_unit: Literal["days", "weeks", "months", "years"]
    survival_unit: Literal["fraction", "percent"] = "fraction"
    one_minus_survival: bool = False
    resolution_survival: Share | None = None
    resolution_time: float | None = Field(default=None, ge=0)
    time_range: tuple[float, float] | None = None
    survival_range: tuple[float, float] | None = None
    points: PointKind = PointKind.AUTO


class Arm(Document):
    """One arm: its size and its total events where printed, where its follow-up ends, and its files.

    An arm without its number of patients has a curve, and no patients can be rebuilt from it. The last patient leaves
    where the follow-up ends; ``cut`` says that others are followed on beyond what the figure shows.
    """

    name: str = Field(min_length=1)
    label: str | None = None
    role: ArmRole
    stratum: str | None = None
    n: int | None = Field(default=None, ge=1, le=MOST_PATIENTS)
    events: int | None = Field(default=None, ge=0)
    place: str
    source: str
    points: DataFile | None = None
    censored: DataFile | None = None
    ends_at: float | None = Field(default=None, gt=0)
    cut: bool = False
    note: str | None = None

    @model_validator(mode="after")
    def _cut_somewhere(self) -> Arm:
        if self.cut and self.ends_at is None:
            raise ValueError("a curve that is cut has the time ends_at at which it is")
        return self

    @model_validator(mode="after")
    def _events_within_n(self) -> Arm:
        if self.events is not None and self.n is not None and self.events > self.n:
            raise ValueError(f"events are at most n ({self.events} of {self.n})")
        return self


class PrintedRiskTable(Document):
    """The risk table under the figure: first column ``time``, then one column per arm; ``events`` so far likewise."""

    points: DataFile
    events: DataFile | None = None
    convention: AtRiskConvention = AtRiskConvention.AUTO


class OtherCutoff(Document):
    """Another record, of the same endpoint in the same patients at another data cut-off: a folder beside this one.

    A record of printed numbers is then analysed jointly with it, where definition, assessor, estimator and population
    are the same and nothing that both print contradicts that.
    """

    record: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._ -]*$")]
    note: str | None = None


class RecordDocument(Document):
    """The whole of ``figure.toml``."""

    format: Literal[1]
    digitized: Digitized
    analysis: Analysis
    axes: Axes
    arms: tuple[Arm, ...] = Field(min_length=1)
    risk_table: PrintedRiskTable | None = None
    follow_up: FollowUp = FollowUp()
    published: tuple[PublishedFact, ...] = ()
    explained: tuple[Explained, ...] = ()
    other_cutoff: OtherCutoff | None = None
    references: dict[str, Reference] = Field(min_length=1)

    @model_validator(mode="after")
    def _arms_differ(self) -> RecordDocument:
        names = [arm.name for arm in self.arms]
        if len(set(names)) < len(names):
            raise ValueError(f"arm names differ from each other ({', '.join(names)})")
        for stratum in dict.fromkeys(arm.stratum for arm in self.arms):
            roles = [arm.role for arm in self.arms if arm.stratum == stratum]
            if len(names) > 1 and roles.count(ArmRole.CONTROL) != 1:
                where = "" if stratum is None else f" in each stratum, as in {stratum}"
                raise ValueError(f"exactly one arm has the role control{where}")
        return self

    @model_validator(mode="after")
    def _facts_are_of_these_arms(self) -> RecordDocument:
        sizes = {arm.name: arm.n for arm in self.arms}
        for i, fact in enumerate(self.published):
            unknown = {fact.arm, fact.of, fact.over} - {None, *sizes}
            if unknown:
                raise ValueError(f"published.{i} names an arm of this record, not {sorted(map(str, unknown))}")
            size = sizes.get(fact.arm or "")
            if size is not None and fact.quantity.counts and (fact.number or 0) > size:
                raise ValueError(f"published.{i} counts at most the {size} patients of {fact.arm}")
            if fact.quantity is Quantity.EVENTS:
                raise ValueError(f"published.{i}: a total of events is the 'events' of its arm")
        return self

    @model_validator(mode="after")
    def _sources_are_referenced(self) -> RecordDocument:
        used = {arm.source for arm in self.arms} | {s for fact in self.published for s in (fact.source, *fact.also)}
        unknown = (used | {self.follow_up.source or next(iter(used))}) - set(self.references)
        if unknown:
            raise ValueError(f"every source is a key of [references]: {', '.join(sorted(unknown))} is not")
        return self

    @model_validator(mode="after")
    def _explanations_have_their_fact(self) -> RecordDocument:
        for i, reason in enumerate(self.explained):
            if not any(reason.covers(fact) for fact in self.facts):
                raise ValueError(f"explained.{i} covers a fact of this record")
        return self

    @property
    def facts(self) -> tuple[PublishedFact, ...]:
        """Every printed fact, the arms' total events among them."""
        totals = tuple(
            PublishedFact(
                quantity=Quantity.EVENTS, arm=arm.name, value=arm.events, decimals=0, place=arm.place, source=arm.source
            )
            for arm in self.arms
            if arm.events is not None
        )
        return self.published + totals

    @property
    def files(self) -> tuple[DataFile, ...]:
        """The CSV files of the folder with their hashes, those of the arms first."""
        files = [data for arm in self.arms for data in (arm.points, arm.censored)]
        files += [] if self.risk_table is None else [self.risk_table.points, self.risk_table.events]
        files.append(self.digitized.readings)
        return tuple(data for data in files if data is not None)

    def facts_of(self, quantity: Quantity, arm: str | None = None) -> tuple[PublishedFact, ...]:
        """Return the facts of a quantity, of one arm or of any."""
        wanted = Quantity(quantity)
        return tuple(f for f in self.facts if f.quantity is wanted and (arm is None or f.arm == arm))

    @property
    def without_patients(self) -> tuple[str, ...]:
        """The arms whose number of patients is not known: they have a curve, and nothing can be rebuilt of them."""
        return tuple(arm.name for arm in self.arms if arm.n is None)

    @property
    def survival_times(self) -> tuple[float, ...]:
        """The times at which survival is printed, rising."""
        return tuple(sorted({fact.at for fact in self.facts_of(Quantity.SURVIVAL) if fact.at is not None}))

    def printed_tau(self, *arms: str) -> float | None:
        """Return the latest time up to which a restricted mean of one of these arms is printed."""
        times = [f.at for f in self.facts_of(Quantity.RESTRICTED_MEAN) if f.arm in arms and f.at is not None]
        return max(times, default=None)

    @property
    def control(self) -> Arm:
        """The control arm, or the only one; of several strata the first one's."""
        return next((arm for arm in self.arms if arm.role is ArmRole.CONTROL), self.arms[0])

    @property
    def treatments(self) -> tuple[Arm, ...]:
        """The arms that are compared with a control, in the record's order."""
        return tuple(treatment for _, treatment in self.contrasts)

    @property
    def contrasts(self) -> tuple[tuple[Arm, Arm], ...]:
        """Control and treatment of every contrast, in the record's order: both are of one stratum."""
        controls = {arm.stratum: arm for arm in self.arms if arm.role is ArmRole.CONTROL}
        controls.setdefault(self.control.stratum, self.control)
        pairs = ((controls.get(arm.stratum), arm) for arm in self.arms)
        return tuple((control, arm) for control, arm in pairs if control is not None and control is not arm)

    def explanation(self, fact: PublishedFact) -> Explained | None:
        """Return the recorded reason why a check of this fact differs."""
        return next((reason for reason in self.explained if reason.covers(fact)), None)


def printed_points(document: RecordDocument, arm: str) -> tuple[tuple[float, float], ...]:
    """Return (time, survival) of every printed point of an arm in order of time, (0, 1) first.

    Empty if no point is printed: a curve that starts at 1 and is then unknown is no curve.
    """
    points = sorted({_time_and_survival(fact) for fact in document.published if fact.arm == arm and _is_point(fact)})
    return ((0.0, 1.0), *points) if points else ()


def points_csv(points: Iterable[tuple[float, float]]) -> str:
    r"""Return the text of a record's points file.

    Examples
    --------
    >>> points_csv([(0, 1), (36, 0.59)])
    'time,survival\n0,1\n36,0.59\n'
    """
    return "time,survival\n" + "".join(f"{time:.10g},{survival:.10g}\n" for time, survival in points)


def _is_point(fact: PublishedFact) -> bool:
    printed = fact.number is not None and fact.bound is Bound.EXACT
    return printed and fact.quantity.definition.is_point


def _time_and_survival(fact: PublishedFact) -> tuple[float, float]:
    if fact.number is None or (fact.at is None and fact.quantity.definition.at):
        raise TypeError(fact.label)
    return (fact.number, 0.5) if fact.at is None else (fact.at, fact.number)
