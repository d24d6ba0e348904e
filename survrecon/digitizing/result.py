"""What digitizing a figure returns: axes, arms, risk table, printed statistics and what is doubtful."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from survrecon.callers import NamedOption, in_python, in_shell
from survrecon.errors import DigitizingError
from survrecon.files.outputs import write_whole
from survrecon.model.convention import Estimator
from survrecon.model.curve import AtRiskConvention, Resolution, RiskTable, SurvivalCurve
from survrecon.model.grade import ReadingDoubt, ReadingGrade
from survrecon.model.show import BriefRepr, Shown

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from survrecon.arrays import FloatArray, ImageArray
    from survrecon.digitizing.geometry import Affine, Axis, Box

__all__ = [
    "DigitizedArm",
    "DigitizedFigure",
    "DigitizedRiskTable",
    "Doubt",
    "FailedPanel",
    "FigureKind",
    "PrintedStatistic",
    "arm_curve",
    "arm_risk_table",
]


class FigureKind(StrEnum):
    """Where the points of a figure come from."""

    VECTOR = "vector"
    """The drawing commands of a PDF or SVG."""
    TRACED = "traced"
    """The pixels of an image."""


class NameSource(StrEnum):
    """Where an arm's name was read."""

    LEGEND = "legend"
    LABEL = "label"
    RISK_TABLE = "risk table"
    GIVEN = "given"
    NONE = "none"


class CountSource(StrEnum):
    """Where an arm's number of patients was read."""

    RISK_TABLE = "risk table"
    LEGEND = "legend"
    GIVEN = "given"


class Dash(StrEnum):
    """How the line of a curve is drawn."""

    SOLID = "solid"
    DASHED = "dashed"
    DOTTED = "dotted"
    DASH_DOTTED = "dash-dotted"


@dataclass(frozen=True, kw_only=True, repr=False)
class DigitizedArm(BriefRepr):
    """One curve of a figure.

    Parameters
    ----------
    name : str
        As printed, or ``arm 1`` ... where no name was read.
    name_source : NameSource
        Where the name was read.
    colour : str
        ``#rrggbb``.
    dash : Dash
        How the line is drawn.
    line_width : float
        In pixels or points.
    time, survival : numpy.ndarray, shape (m,)
        Corners of the step curve: time in the figure's unit, survival as a fraction.
    censor_times : numpy.ndarray, shape (c,), or None
        Censoring marks; None where the figure shows none.
    n : int or None
        Patients in the arm, where printed.
    n_source : CountSource or None
        Where the patients were read.
    followed : float or None
        Share of its columns where its ink was seen, of a traced curve.
    ends_at : float or None
        When its last patient leaves, as far as that is known.
    cut : bool
        Whether patients are followed on beyond that, where the figure does not show them.
    first_drop : bool
        Whether a traced curve that begins below full survival is seen to come down from there at time 0.
    dot_height : float or None
        How high the dots or dashes of a traced curve stand, in line widths.
    aslant : float
        Share of a traced curve's fall that is drawn aslant, without upright strokes.
    """

    name: str
    name_source: NameSource
    colour: str
    dash: Dash
    line_width: float
    time: FloatArray
    survival: FloatArray
    censor_times: FloatArray | None = None
    n: int | None = None
    n_source: CountSource | None = None
    followed: float | None = None
    ends_at: float | None = None
    cut: bool = False
    first_drop: bool = False
    dot_height: float | None = None
    aslant: float = 0.0

    def __post_init__(self) -> None:
        for name in ("time", "survival", "censor_times"):
            value = getattr(self, name)
            if value is not None:
                array = np.array(value, float)
                array.flags.writeable = False
                object.__setattr__(self, name, array)


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Something read that may be wrong.

    Parameters
    ----------
    where, read : str
        The place, and what was read there.
    confidence : float
        How sure, from 0 to 1.
    why : str
        What speaks against it.
    options : tuple of str
        The names of the options, each of which overrides it.
    otherwise : str
        What else helps.
    field : str
        What was read there: ``"curve"``, ``"arm name"``, ``"n"``, ``"numbers at risk"``, ``"end of follow-up"``,
        ``"hazard ratio"``, ``"direction"``, ``"marks"``, ``"time axis"``, ``"survival axis"``, ``"panel"`` ...
    arm : str or None
        The arm it belongs to.
    time : float or None
        Where on the time axis, in the figure's unit.
    """

    where: str
    read: str
    confidence: float
    why: str
    options: tuple[str, ...]
    otherwise: str = ""
    field: str = ""
    arm: str | None = None
    time: float | None = None

    def __str__(self) -> str:
        return self.told(in_python)

    def told(self, spell: Callable[[NamedOption], str]) -> str:
        """Return the doubt with options as ``spell`` writes them, such as `survrecon.callers.in_shell`."""
        named = " or ".join(spell(NamedOption(name)) for name in self.options)
        ways = [f"override with {named}"] if named else []
        ways += [self.otherwise] if self.otherwise else []
        told = f"{self.where}: read {self.read!r} ({self.confidence:.0%} sure): {self.why}"
        return f"{told}; {', or '.join(ways)}" if ways else told

    def recorded(self) -> ReadingDoubt:
        """Return the doubt as a record keeps it, in words of the command line."""
        return ReadingDoubt(
            field=self.field or "figure",
            arm=self.arm,
            time=self.time,
            read=self.read,
            option=self.options[0] if self.options else None,
            text=self.told(in_shell),
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class DigitizedRiskTable(BriefRepr):
    """Numbers at risk as printed.

    Parameters
    ----------
    times : numpy.ndarray, shape (k,)
        Column times, in the figure's unit.
    rows : dict of str to tuple
        For each arm its counts, None where a cell is empty or could not be read.
    confidence : dict of str to tuple of float
        How sure the reading of each cell is, 0 to 1.
    extra : dict of str to dict of str to tuple
        ``"censored"`` and ``"events"`` by arm: patients up to each column since the start, printed in rows of their
        own or in brackets; only where it is told what was counted, as it adds up with the numbers at risk and the
        curve in every column. At a column's very time those who leave then may be counted or not.
    boxes : dict of str to tuple
        For each arm where its cells stand, in straightened coordinates; None where that is not known.
    """

    times: FloatArray
    rows: dict[str, tuple[int | None, ...]]
    confidence: dict[str, tuple[float, ...]]
    extra: dict[str, dict[str, tuple[int | None, ...]]] = field(default_factory=dict)
    boxes: dict[str, tuple[Box | None, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        array = np.array(self.times, float)
        array.flags.writeable = False
        object.__setattr__(self, "times", array)


@dataclass(frozen=True, kw_only=True)
class PrintedStatistic:
    """A number printed in the figure.

    Parameters
    ----------
    quantity : str
        ``"hazard_ratio"``, ``"p_value"``, ``"median"``, ``"survival_at"``, ``"n"`` or ``"events"``.
    value : float or None
        The number; None where a bound alone is printed.
    text : str
        The words it was read from.
    arm : str or None
        The arm it belongs to.
    low, high, level : float or None
        Its interval.
    less_than, more_than : float or None
        The bound that is printed as ``<`` or ``>``.
    sides : int
        Of a p value, 1 where the words say so.
    test : str or None
        The test of a p value: ``"log-rank"``, ``"Wald"``, ``"Cox"`` or ``"Wilcoxon"`` where the words name it.
    decimals : int or None
        Printed decimals of the value.
    time : float or None
        For a milestone: its time in the printed unit.
    unit : str or None
        The unit printed beside it.
    of, over : str or None
        Of a ratio: the arms that the words compare, where they say so.
    stratum : str or None
        Of a ratio: the words that say in which patients, where there are several.
    model : str or None
        Of a ratio: ``"unadjusted"``, ``"stratified"``, ``"adjusted"``, ``"weighted"``, ``"cause-specific"`` or
        ``"subdistribution"``, where the words name it.
    remark : str
        What is doubtful about it.
    """

    quantity: str
    value: float | None
    text: str
    arm: str | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    less_than: float | None = None
    more_than: float | None = None
    sides: int = 2
    test: str | None = None
    decimals: int | None = None
    time: float | None = None
    unit: str | None = None
    of: str | None = None
    over: str | None = None
    stratum: str | None = None
    model: str | None = None
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class FailedPanel:
    """A panel of a figure of which the others could be read.

    Parameters
    ----------
    panel : str or None
        Its letter or title.
    error : Exception
        Why.
    title : str or None
        Its title.
    place : Box or None
        Where its plot stands, in the file's coordinates.
    """

    panel: str | None
    error: Exception
    title: str | None = None
    place: Box | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class DigitizedFigure(Shown):
    """Everything read from one panel of a figure.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    sha256 : str
        Its digest.
    kind : FigureKind
        Vector or traced.
    panel : str or None
        The panel's letter or title, where the figure has several.
    time_axis, survival_axis : Axis
        Calibration of straightened coordinates.
    straighten : Affine
        From the file's coordinates to straightened ones.
    percent, rising : bool
        Whether the axis is in percent, and whether it shows 1 - S.
    time_unit : str or None
        ``"days"``, ``"weeks"``, ``"months"`` or ``"years"``.
    plot_area : Box
        The plot area in straightened coordinates.
    arms : tuple of DigitizedArm
        The curves, in the order of the legend or the risk table.
    risk_table : DigitizedRiskTable or None
        Where one is printed.
    printed : tuple of PrintedStatistic
        Hazard ratios, p values, medians and milestones in the figure.
    warnings : tuple of str
        What a reader should look at.
    doubts : tuple of Doubt
        Low-confidence readings.
    late_entry : bool
        Whether the numbers at risk rise at first, as they do where patients enter late.
    image : numpy.ndarray, shape (h, w, 3)
        The figure as pixels, for the overlay.
    image_scale : float
        Pixels of `image` per unit of the file's coordinates.
    reading : ReadingGrade or None
        How far the reading can be relied on, by what must hold inside the figure.
    estimator : Estimator
        What the curves are, as the panel's words tell.
    title : str or None
        The panel's title.
    """

    path: Path
    sha256: str = field(repr=False)
    kind: FigureKind
    panel: str | None
    time_axis: Axis
    survival_axis: Axis
    straighten: Affine
    percent: bool
    rising: bool
    time_unit: str | None
    plot_area: Box
    arms: tuple[DigitizedArm, ...]
    risk_table: DigitizedRiskTable | None
    printed: tuple[PrintedStatistic, ...]
    warnings: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    late_entry: bool
    image: ImageArray
    image_scale: float
    reading: ReadingGrade | None = None
    estimator: Estimator = Estimator.KAPLAN_MEIER
    title: str | None = None

    def __post_init__(self) -> None:
        image = np.array(self.image, np.uint8)
        image.flags.writeable = False
        object.__setattr__(self, "image", image)

    def pixel(self, time: FloatArray | float, survival: FloatArray | float) -> tuple[FloatArray, FloatArray]:
        """Return the place of data points in the file's coordinates."""
        s = np.asarray(survival, float)
        shown = (1.0 - s if self.rising else s) * (100.0 if self.percent else 1.0)
        return self.straighten.inverse()(self.time_axis.position(time), self.survival_axis.position(shown))

    def arm(self, name: str) -> DigitizedArm:
        """Return the arm of a name.

        Raises
        ------
        DigitizingError
            If no arm bears it.
        """
        for arm in self.arms:
            if arm.name == name:
                return arm
        names = ", ".join(arm.name for arm in self.arms)
        raise DigitizingError(str(self.path), f"the name of an arm: {names}", repr(name), "name one of these")

    def curve(self, name: str) -> SurvivalCurve:
        """Return the points of an arm's curve as `survrecon.reconstruct` takes them, with the figure's resolution."""
        return arm_curve(self, self.arm(name))

    def risk_table_of(self, name: str) -> RiskTable | None:
        """Return an arm's numbers at risk as `survrecon.reconstruct` takes them; None where none can be used."""
        return arm_risk_table(self, self.arm(name))

    def overlay(self, path: str | Path | None = None) -> bytes:
        """Return the picture for review, what was read drawn on the figure, as the bytes of a PNG.

        Parameters
        ----------
        path : str or Path, optional
            A file to write it to as well.
        """
        from survrecon.digitizing.overlay import draw_overlay  # it draws what this module defines

        picture = draw_overlay(self)
        if path is not None:
            write_whole(Path(path), picture)
        return picture

    def to_frame(self) -> pd.DataFrame:
        """Return the points of all curves: ``arm``, ``time`` in the figure's unit, ``survival`` as a fraction."""
        import pandas as pd

        frames = [pd.DataFrame({"arm": arm.name, "time": arm.time, "survival": arm.survival}) for arm in self.arms]
        return pd.concat(frames, ignore_index=True)


def arm_curve(figure: DigitizedFigure, arm: DigitizedArm) -> SurvivalCurve:
    """Return an arm's curve with the figure's resolution: a pixel, or the last decimal of a drawing.

    Both corners of each step are points, so that the curve is known to be level between them.
    """
    full = 100.0 if figure.percent else 1.0
    resolution = Resolution(survival=figure.survival_axis.resolution / full, time=figure.time_axis.resolution)
    time, survival = _corners(arm.time, arm.survival)
    return SurvivalCurve(time=time, survival=survival, time_unit=figure.time_unit or "months", resolution=resolution)


def _corners(time: FloatArray, survival: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return points with the upper corner of each step that has its lower one alone."""
    alone = np.flatnonzero((np.diff(time) > 0) & (np.diff(survival) < 0)) + 1
    return np.insert(time, alone, time[alone]), np.insert(survival, alone, survival[alone - 1])


def arm_risk_table(figure: DigitizedFigure, arm: DigitizedArm) -> RiskTable | None:
    """Return an arm's numbers at risk, empty cells left out; None where none are printed or patients enter late."""
    if figure.risk_table is None or arm.name not in figure.risk_table.rows or figure.late_entry:
        return None
    cells = figure.risk_table.rows[arm.name]
    known = np.array([c is not None for c in cells])
    if not known.any():
        return None
    counts = np.array([c for c in cells if c is not None], np.int64)
    return RiskTable(time=figure.risk_table.times[known], at_risk=counts, convention=AtRiskConvention.AUTO)
