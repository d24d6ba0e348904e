"""The working record of a review: what a reader corrects, in pixels of the picture that the page shows.

Every value is frozen; an operation makes a new state that shares all parts which did not change.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from survrecon.model.convention import Estimator
from survrecon.model.document import Document

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray

__all__ = [
    "AxisHandle",
    "AxisName",
    "BoxInPicture",
    "Corner",
    "ReviewArm",
    "ReviewAxis",
    "ReviewCell",
    "ReviewDoubtItem",
    "ReviewRow",
    "ReviewState",
    "ReviewStatistic",
    "ReviewTable",
    "ReviewedFigure",
    "RowKind",
    "StartedFrom",
    "TimeUnit",
    "level_at",
    "settled",
    "state_bytes",
]

Corner = tuple[float, float]
"""From x on the curve is level at y, in pixels."""
BoxInPicture = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels."""
AxisName = Literal["time", "survival"]
TimeUnit = Literal["days", "weeks", "months", "years"]


class StartedFrom(StrEnum):
    """What a reader saw first."""

    AUTOMATIC = "automatic"
    """The program's reading: corrected, but not read a second time."""
    BLIND = "blind"
    """The figure alone."""
    AGREEMENT = "agreement"
    """One reader's record, with the places where another one read something else."""


class RowKind(StrEnum):
    """What a row of the table under a figure counts."""

    AT_RISK = "at risk"
    EVENTS = "events"
    CENSORED = "censored"
    NOT_USED = "not used"


class ReviewedFigure(Document):
    """The figure file and what is known of it beside curves, words and numbers.

    Parameters
    ----------
    name, sha256 : str
        The file's name and digest.
    kind : str
        ``"vector"``, ``"traced"``, or ``"manual"`` where the program read nothing.
    width, height : int
        Of the picture, in pixels.
    scale : float
        Pixels of the picture per unit in which the program measured.
    panel, panels, title, page, crop
        The panel that is read, those there are, its title, the page of a PDF, the part of the picture.
    plot : box or None
        The plot area, where it is known.
    labels : tuple
        The titles of the time and the survival axis.
    message : str or None
        Why the program read nothing.
    warnings : tuple of str
        What the program remarked.
    """

    name: str
    sha256: str
    kind: Literal["vector", "traced", "manual"]
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    scale: float = Field(default=1.0, gt=0)
    panel: str | None = None
    panels: tuple[str, ...] = ()
    title: str | None = None
    page: int | None = None
    crop: BoxInPicture | None = None
    plot: BoxInPicture | None = None
    labels: tuple[str | None, str | None] = (None, None)
    message: str | None = None
    warnings: tuple[str, ...] = ()
    estimator: Estimator = Estimator.KAPLAN_MEIER
    late_entry: bool = False


class AxisHandle(Document):
    """A place on an axis and the value that is printed there."""

    pixel: float = Field(allow_inf_nan=False)
    value: float = Field(allow_inf_nan=False)


class ReviewAxis(Document):
    """One axis by its handles: two are a line, more are a line between neighbours.

    ``ticks``, ``residual`` (in pixels) and ``resolution`` (in pixels) are those of the program's calibration; a
    person's is read to a pixel.
    """

    handles: tuple[AxisHandle, ...] = ()
    source: str = "by hand"
    ticks: int = 0
    residual: float = 0.0
    resolution: float = 1.0

    @property
    def calibrated(self) -> bool:
        """Whether pixels can be turned into values."""
        return len(self.handles) > 1

    def value(self, pixel: FloatArray | float) -> FloatArray:
        """Return the printed value at a place."""
        return _between(pixel, [(h.pixel, h.value) for h in self.handles])

    def pixel(self, value: FloatArray | float) -> FloatArray:
        """Return the place of a printed value."""
        return _between(value, [(h.value, h.pixel) for h in self.handles])


def _between(at: FloatArray | float, pairs: list[tuple[float, float]]) -> FloatArray:
    """Interpolate between pairs; beyond them the outer pieces go on."""
    x, y = (np.array(part, float) for part in zip(*sorted(pairs), strict=True))
    places = np.asarray(at, float)
    k = np.clip(np.searchsorted(x, places), 1, len(x) - 1)
    return np.asarray(y[k - 1] + (places - x[k - 1]) * (y[k] - y[k - 1]) / (x[k] - x[k - 1]))


class ReviewArm(Document):
    """One curve with its name and numbers; ``corners`` as of `Corner`, the last one is the curve's end.

    ``by_hand`` says that a person drew the curve, and not the program.
    """

    id: str
    name: str = Field(min_length=1)
    colour: str = Field(default="#000000", pattern=r"^#[0-9a-fA-F]{6}$")
    dash: str = "solid"
    line_width: float = 1.0
    name_source: str = "given"
    n: int | None = Field(default=None, ge=1)
    n_source: str | None = None
    events: int | None = Field(default=None, ge=0)
    followed: float | None = None
    corners: tuple[Corner, ...] = ()
    marks: tuple[float, ...] | None = None
    by_hand: bool = False


class ReviewCell(Document):
    """A number of the table, how sure it is (None where typed, or not known), and where it stands."""

    value: int | None = Field(default=None, ge=0)
    confidence: float | None = None
    box: BoxInPicture | None = None
    by_hand: bool = False


class ReviewRow(Document):
    """A row of the table: of which arm, and what it counts."""

    id: str
    arm: str | None = None
    kind: RowKind = RowKind.AT_RISK
    cells: tuple[ReviewCell, ...] = ()


class ReviewTable(Document):
    """The numbers under the figure: a time for each column, rows with a cell for each time."""

    times: tuple[float, ...] = ()
    rows: tuple[ReviewRow, ...] = ()


class ReviewStatistic(Document):
    """A number printed in the figure (see `survrecon.digitizing.result.PrintedStatistic`); arms by their id."""

    id: str
    quantity: Literal["hazard_ratio", "p_value", "median", "survival_at", "n", "events"]
    value: float | None = Field(default=None, allow_inf_nan=False)
    low: float | None = Field(default=None, allow_inf_nan=False)
    high: float | None = Field(default=None, allow_inf_nan=False)
    level: float | None = Field(default=None, gt=0, lt=1)
    bound: Literal["<", ">"] | None = None
    arm: str | None = None
    of: str | None = None
    over: str | None = None
    stratum: str | None = None
    model: str | None = None
    test: str | None = None
    time: float | None = Field(default=None, allow_inf_nan=False)
    unit: str | None = None
    decimals: int | None = Field(default=None, ge=0, le=30)
    one_sided: bool = False
    text: str = ""
    remark: str = ""
    by_hand: bool = False


class ReviewDoubtItem(Document):
    """Something that may be wrong, where it is in the picture, and whether the reader has settled it.

    ``derived`` says that it comes of holding parts of the reading against each other, which is done again after edits.
    """

    id: str
    field: str
    text: str
    arm: str | None = None
    time: float | None = None
    read: str = ""
    options: tuple[str, ...] = ()
    where: str = ""
    why: str = ""
    confidence: float = 0.0
    derived: bool = False
    resolved: bool = False
    at: Corner | None = None


class ReviewState(Document):
    """Everything that a reader has before them and may change."""

    figure: ReviewedFigure
    time_axis: ReviewAxis = ReviewAxis()
    survival_axis: ReviewAxis = ReviewAxis()
    percent: bool = False
    one_minus_survival: bool = False
    time_unit: TimeUnit | None = None
    control: str | None = None
    arms: tuple[ReviewArm, ...] = ()
    table: ReviewTable = ReviewTable()
    statistics: tuple[ReviewStatistic, ...] = ()
    doubts: tuple[ReviewDoubtItem, ...] = ()

    @property
    def full(self) -> float:
        """The printed value of full survival: 100 or 1."""
        return 100.0 if self.percent else 1.0

    @property
    def calibrated(self) -> bool:
        """Whether both axes can turn pixels into values."""
        return self.time_axis.calibrated and self.survival_axis.calibrated

    @property
    def as_it_can_be_read(self) -> bool:
        """Whether there are curves on calibrated axes, which say times and survival."""
        return self.calibrated and bool(self.arms)

    @property
    def downwards(self) -> int:
        """1 where survival falls down the picture, -1 where the axis shows 1 - S and the curves go up."""
        return -1 if self.one_minus_survival else 1

    @property
    def frame(self) -> BoxInPicture:
        """Where corners may be: survival from 0 to 1 and times from 0 on, as far as the axes are calibrated."""
        x0, y0, x1, y1 = 0.0, 0.0, float(self.figure.width), float(self.figure.height)
        if self.time_axis.calibrated:
            x0 = min(float(self.time_axis.pixel(0.0)), x1)
        if self.survival_axis.calibrated:
            y0, y1 = sorted((float(self.survival_axis.pixel(0.0)), float(self.survival_axis.pixel(self.full))))
        return x0, y0, x1, y1

    def times(self, x: FloatArray) -> FloatArray:
        """Return the times at places along the time axis; none is before 0."""
        return np.maximum(self.time_axis.value(x), 0.0)

    def survival(self, y: FloatArray) -> FloatArray:
        """Return survival, a fraction from 0 to 1, at places along the survival axis."""
        shown = self.survival_axis.value(y) / self.full
        return np.clip(1.0 - shown if self.one_minus_survival else shown, 0.0, 1.0)

    def heights(self, survival: FloatArray) -> FloatArray:
        """Return the places of survival along its axis."""
        return self.survival_axis.pixel((1.0 - survival if self.one_minus_survival else survival) * self.full)

    def arm(self, arm: str) -> ReviewArm | None:
        """Return the arm of an id."""
        return next((one for one in self.arms if one.id == arm), None)

    def name_of(self, arm: str | None) -> str | None:
        """Return the name of an arm by its id."""
        found = None if arm is None else self.arm(arm)
        return None if found is None else found.name


def settled(state: ReviewState, field: str, arm: str | None = None, time: float | None = None) -> ReviewState:
    """Return a state in which doubts about a field are settled: of one arm and one time, where these are named."""

    def meant(doubt: ReviewDoubtItem) -> bool:
        return doubt.field == field and (arm is None or doubt.arm == arm) and (time is None or doubt.time == time)

    if not any(meant(doubt) and not doubt.resolved for doubt in state.doubts):
        return state
    doubts = tuple(d.model_copy(update={"resolved": True}) if meant(d) else d for d in state.doubts)
    return state.model_copy(update={"doubts": doubts})


def level_at(corners: tuple[Corner, ...], x: float) -> float | None:
    """Return the height of a curve at a place; None before it starts.

    Examples
    --------
    >>> level_at(((0.0, 10.0), (5.0, 20.0)), 4.0), level_at(((0.0, 10.0), (5.0, 20.0)), 5.0)
    (10.0, 20.0)
    """
    before = [y for at, y in corners if at <= x]
    return before[-1] if before else None


def state_bytes(state: ReviewState) -> bytes:
    """Return a state as the bytes of a JSON file: equal states have equal bytes."""
    return state.model_dump_json().encode() + b"\n"
