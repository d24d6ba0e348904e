"""What was found of a figure so far, so that a failure shows what it stumbled over."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from survrecon.digitizing.geometry import Affine
from survrecon.errors import DigitizingError, SurvreconError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from survrecon.arrays import ImageArray
    from survrecon.digitizing.geometry import Axis, Box
    from survrecon.digitizing.panels.regions import Region
    from survrecon.digitizing.result import DigitizedFigure, Doubt
    from survrecon.digitizing.words.scene import DrawnCurve
    from survrecon.digitizing.words.words import Word

__all__ = ["ReadingSoFar", "Stage", "reading_of", "shows_itself"]


class Stage(StrEnum):
    """What is being done while a figure is read."""

    FILE = "opening the file"
    WORDS = "reading the words"
    PANELS = "telling the panels apart"
    AXES = "calibrating the axes"
    CURVES = "following the curves"
    NAMES = "reading names, tables and statistics"
    STEPS = "setting steps and marks to their times"
    DONE = "putting the reading together"


@dataclass(kw_only=True)
class ReadingSoFar:
    """What was found of a figure, stage by stage; the reader fills it in as it goes.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    stage : Stage
        What is being done.
    panel : str or None
        The panel's letter or title, once one is being read.
    image : numpy.ndarray or None
        The figure as pixels, once it could be decoded.
    image_scale : float
        Pixels of the image per unit of the file's coordinates.
    straighten : Affine
        From the file's coordinates to straightened ones, in which everything below stands.
    words : sequence of Word
        The words.
    plots : dict of str to Box
        The panels' places, by letter or title.
    time_axis, survival_axis : Axis or None
        The axes.
    plot_area : Box or None
        The plot area.
    percent, rising : bool
        Whether the survival axis is in percent, and whether it shows 1 - S.
    curves : sequence of DrawnCurve
        The curves before they have names.
    doubts : list of Doubt
        What may be wrong.
    figure : DigitizedFigure or None
        The whole reading, where what failed came after it.
    """

    path: Path
    stage: Stage = Stage.FILE
    panel: str | None = None
    image: ImageArray | None = None
    image_scale: float = 1.0
    straighten: Affine = field(default_factory=Affine)
    words: Sequence[Word] = ()
    plots: dict[str, Box] = field(default_factory=dict)
    time_axis: Axis | None = None
    survival_axis: Axis | None = None
    plot_area: Box | None = None
    percent: bool = False
    rising: bool = False
    curves: Sequence[DrawnCurve] = ()
    doubts: list[Doubt] = field(default_factory=list)
    figure: DigitizedFigure | None = None

    def decoded(self, image: ImageArray, *, scale: float = 1.0) -> None:
        """Take note of the figure as pixels."""
        self.image, self.image_scale, self.stage = image, scale, Stage.WORDS

    def divided(self, regions: Sequence[Region], words: Sequence[Word]) -> None:
        """Take note of the words, and of the panels that they make."""
        self.words, self.stage = words, Stage.PANELS
        self.plots = {region.name or str(k): region.box for k, region in enumerate(regions, start=1)}

    def of_panel(self, region: Region) -> ReadingSoFar:
        """Return a reading of one panel, which goes on from here by itself."""
        return replace(
            self, stage=Stage.AXES, panel=region.name, words=region.words, plots={}, doubts=list(self.doubts)
        )

    def calibrated(self, time: Axis, survival: Axis, plot: Box) -> None:
        """Take note of the axes."""
        self.time_axis, self.survival_axis, self.plot_area, self.stage = time, survival, plot, Stage.CURVES

    def followed(self, curves: Sequence[DrawnCurve], *, percent: bool, rising: bool) -> None:
        """Take note of the curves."""
        self.curves, self.percent, self.rising, self.stage = curves, percent, rising, Stage.NAMES

    def settling(self, doubts: Sequence[Doubt]) -> None:
        """Take note of the doubts about names, tables and statistics: what is left is the time of each step."""
        self.doubts += doubts
        self.stage = Stage.STEPS


def reading_of(figure: DigitizedFigure) -> ReadingSoFar:
    """Return a reading that is complete, for what fails after it."""
    return ReadingSoFar(
        path=figure.path,
        stage=Stage.DONE,
        panel=figure.panel,
        image=figure.image,
        image_scale=figure.image_scale,
        straighten=figure.straighten,
        time_axis=figure.time_axis,
        survival_axis=figure.survival_axis,
        plot_area=figure.plot_area,
        percent=figure.percent,
        rising=figure.rising,
        doubts=list(figure.doubts),
        figure=figure,
    )


_Made = TypeVar("_Made")


def shows_itself(seen: ReadingSoFar, read: Callable[[], _Made]) -> _Made:
    """Return what ``read`` makes; an error bears what was found until then, and a fault of the program becomes one.

    Parameters
    ----------
    seen : ReadingSoFar
        What ``read`` fills in as it goes.
    read : callable
        Reads a figure, or a panel of it.

    Raises
    ------
    DigitizingError
        Where anything but an error for the reader happens: it names the stage, and asks to report the figure.
    """
    try:
        return read()
    except SurvreconError as error:
        error.so_far = error.so_far or seen
        raise
    except MemoryError:
        raise
    except Exception as error:
        where = str(seen.path) + (f", panel {seen.panel}" if seen.panel else "")
        found = " ".join(f"{type(error).__name__}: {error}".split())
        fault = DigitizingError(
            where,
            "a figure that the program was made for",
            f"a fault of the program while {seen.stage} ({found})",
            "report this message with the figure; another copy of the figure, or a crop of it, may be read",
        )
        fault.so_far = seen
        raise fault from error
