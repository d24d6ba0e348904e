"""The figures of the gallery: each a style of papers, with its patients."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from examples.gallery import styles
from examples.gallery.drawing import Panel

__all__ = ["FIGURES", "GalleryFigure"]

Draw = Callable[[Path], list[Panel]]


@dataclass(frozen=True, kw_only=True)
class GalleryFigure:
    """A figure of the gallery.

    Parameters
    ----------
    name : str
        Its file name, with the suffix that decides the format.
    title, about : str
        A heading, and what is special about its style.
    draw : callable
        Draws the file and returns the truth of its panels.
    options : tuple of str
        What ``survrecon run`` is told about it.
    """

    name: str
    title: str
    about: str
    draw: Draw
    options: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """The heading's anchor on the page."""
        return re.sub(r"[^a-z0-9 -]", "", self.title.lower()).replace(" ", "-")

    @property
    def traced(self) -> bool:
        """Whether it is an image, whose text is read by character recognition."""
        return Path(self.name).suffix in (".png", ".jpg")


FIGURES = (
    GalleryFigure(
        name="lifelines.png", title="lifelines", draw=styles.lifelines,
        about="Drawn by lifelines itself: shaded bands, and a table of at risk, censored and events.",
    ),
    GalleryFigure(
        name="survminer.png", title="In the manner of survminer", draw=styles.survminer,
        about="Plus signs, a legend above the panel, numbers at risk in the colours of the curves, days.",
    ),
    GalleryFigure(
        name="dashed.png", title="Black, solid and dashed", draw=styles.dashed,
        about="No colour: the arms differ by their dashes alone. Serif type.",
    ),
    GalleryFigure(
        name="percent.png", title="Percent axis", draw=styles.percent,
        about="Survival in percent, no censoring marks, thick lines, many ties.",
    ),
    GalleryFigure(
        name="years.png", title="Years and 863 patients", draw=styles.years,
        about="Steps of less than a pixel; a grid behind the curves.",
    ),
    GalleryFigure(
        name="four-arms.png", title="Four arms", draw=styles.stages,
        about="Four small groups; every contrast is against the first.",
    ),
    GalleryFigure(
        name="n-in-legend.png", title="No risk table", draw=styles.n_in_legend,
        about="The numbers of patients stand in the legend; nothing else is printed but the hazard ratio.",
    ),
    GalleryFigure(
        name="grey-theme.png", title="Grey theme with a grid", draw=styles.grey_theme,
        about="White grid on grey, no axis lines, 21 patients per arm.",
    ),
    GalleryFigure(
        name="truncated.png", title="Truncated axis", draw=styles.truncated,
        about="The survival axis starts at 0.6; every event is at the end of a week.",
    ),
    GalleryFigure(
        name="rising.png", title="Rising curves", draw=styles.rising,
        about="The axis shows 1 - S, in percent.",
    ),
    GalleryFigure(
        name="scan.jpg", title="A scan", draw=styles.scan,
        about="A JPEG turned by 0.6 degrees, blurred and compressed.",
    ),
    GalleryFigure(
        name="drawing.svg", title="SVG", draw=styles.svg,
        about="Drawing commands and text: read exactly, without character recognition.",
    ),
    GalleryFigure(
        name="paper.pdf", title="PDF", draw=styles.pdf,
        about="The same of a PDF; medians are printed for each arm. Many ties, percent, days.",
    ),
    GalleryFigure(
        name="two-panels.png", title="Two panels", draw=styles.two_panels, options=("--panel", "all"),
        about="Two endpoints side by side; each panel becomes a record.",
    ),
    GalleryFigure(
        name="one-arm.svg", title="One arm", draw=styles.one_arm,
        about="A single curve: patients and their median, no contrast.",
    ),
)  # fmt: skip
"""Every figure of the gallery, in its order."""
