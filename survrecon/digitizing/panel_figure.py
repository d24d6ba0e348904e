"""One panel as a `DigitizedFigure`: what pixels or drawing commands gave, with everything that its words say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from survrecon.digitizing.geometry import Affine
from survrecon.digitizing.panel import assemble
from survrecon.digitizing.panels.competing import estimator_of, few_events
from survrecon.digitizing.panels.titles import axis_title, percent_doubt, unit_of_time
from survrecon.digitizing.raster.tied import with_stated_counts
from survrecon.digitizing.result import DigitizedFigure
from survrecon.model.convention import Estimator

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.arrays import ImageArray
    from survrecon.digitizing.geometry import Box
    from survrecon.digitizing.options import Options
    from survrecon.digitizing.panels.regions import Region
    from survrecon.digitizing.raster.axes import RasterAxes
    from survrecon.digitizing.result import DigitizedArm, DigitizedRiskTable, Doubt, FigureKind
    from survrecon.digitizing.so_far import ReadingSoFar
    from survrecon.digitizing.source import FigureFile
    from survrecon.digitizing.words.scene import DrawnCurve, Surroundings

    Settle = Callable[[Sequence[DigitizedArm], DigitizedRiskTable | None, bool], tuple[DigitizedArm, ...]]

__all__ = ["FoundPanel", "panel_figure", "survival_title"]


@dataclass(frozen=True, kw_only=True)
class FoundPanel:
    """What pixels or drawing commands gave of a panel, before its words are read.

    Parameters
    ----------
    kind : FigureKind
        Which of both.
    region : Region
        The panel with its words.
    axes, outer : RasterAxes
        The axes of its curves, and those beside which titles and numbers at risk stand: others for an inset.
    plot : Box
        The plot area.
    percent, rising : bool
        Whether the axis is in percent, and whether it shows 1 - S.
    title : str or None
        The survival axis's title.
    curves : sequence of DrawnCurve
        The curves in data units.
    around : Surroundings
        Access to what stands beside the words.
    image : numpy.ndarray
        The figure's picture.
    image_scale : float
        Its pixels per unit of the figure.
    warnings, doubts : tuple
        What was said of axes and curves.
    """

    kind: FigureKind
    region: Region
    axes: RasterAxes
    outer: RasterAxes
    plot: Box
    percent: bool
    rising: bool
    title: str | None
    curves: Sequence[DrawnCurve]
    around: Surroundings
    image: ImageArray
    image_scale: float
    warnings: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def survival_title(region: Region, axes: RasterAxes) -> str | None:
    """Return the title of a panel's survival axis."""
    words = region.titled.survival.words
    return axis_title(region.words, axes.box, words, vertical=True) if words else None


def panel_figure(
    found: FoundPanel, file: FigureFile, options: Options, *, seen: ReadingSoFar, settle: Settle
) -> DigitizedFigure:
    """Return a panel's figure.

    Parameters
    ----------
    found : FoundPanel
        Its axes and curves.
    file, options
        The file, and what is stated.
    seen : ReadingSoFar
        Where what was found is noted.
    settle : callable
        What the numbers of patients, those at risk, and whether patients enter late, make of the arms.
    """
    region = found.region
    beside = found.plot if region.outer is None else found.outer.box
    labels = region.titled.time.words
    title = axis_title(region.words, beside, labels, vertical=False) if labels else None
    made = assemble(
        found.curves,
        region.words,
        found.outer.time,
        floor=float(found.outer.survival.position(found.outer.survival.values.min())),
        labels=region.tick_words,
        around=found.around,
        begins=found.outer.begins,
        caption=region.caption,
        arm_names=options.arm_names,
    )
    seen.settling(made.doubts)
    arms, counts = with_stated_counts(made.arms, made.risk_table, options)
    arms = settle(arms, counts, made.late_entry)
    unit, of_unit = unit_of_time(title, region, options.time_unit)
    highest = float(found.axes.survival.values.max())
    doubts = [*made.doubts, *found.doubts, *of_unit, *percent_doubt(highest, found.title, options.y_unit)]
    curves_are = estimator_of(
        [*region.texts, title or "", found.title or ""],
        [arm.name for arm in arms],
        rising=found.rising,
        rows=None if made.risk_table is None else len(made.risk_table.rows),
        stated=options.one_minus_survival,
    )
    if curves_are.estimator is Estimator.ASSUMED:
        doubts += few_events(arms, made.risk_table, made.printed)
    return DigitizedFigure(
        path=file.path,
        sha256=file.sha256,
        kind=found.kind,
        panel=region.name,
        time_axis=replace(found.axes.time, label=title),
        survival_axis=replace(found.axes.survival, label=found.title),
        straighten=Affine(),
        percent=found.percent,
        rising=found.rising,
        time_unit=unit,
        plot_area=found.plot,
        arms=arms,
        risk_table=made.risk_table,
        printed=made.printed,
        warnings=(*found.warnings, *region.inset_note, *made.warnings, *curves_are.remarks),
        doubts=tuple(doubts),
        late_entry=made.late_entry,
        image=found.image,
        image_scale=found.image_scale,
        estimator=curves_are.estimator,
        title=region.title,
    )
