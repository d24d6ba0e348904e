"""The figures in journals' styles, each with two looks: another size, type, palette, and other patients."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from examples.gallery.journals import designs, designs_of_tables
from examples.gallery.journals.looks import LOOKS
from examples.gallery.journals.sheet import Sheet, save
from examples.gallery.journals.truth import Printed, truth_of

if TYPE_CHECKING:
    from pathlib import Path

    from examples.gallery.journals.trial import Look

__all__ = ["JOURNAL_FIGURES", "JournalFigure", "drawn"]


@dataclass(frozen=True, kw_only=True)
class JournalFigure:
    """A figure in the style of a journal.

    Parameters
    ----------
    name : str
        What its folder is called.
    title, about : str
        A heading, and what is special about its style.
    design : callable
        Draws it in a look.
    suffix : str
        Of its file, which decides the format.
    """

    name: str
    title: str
    about: str
    design: Callable[[Look], tuple[Sheet, Printed]]
    suffix: str = ".png"

    @property
    def looks(self) -> tuple[Look, Look]:
        """The two ways in which it is drawn."""
        return LOOKS[self.name]


def drawn(figure: JournalFigure, folder: Path, *, second: bool = False) -> dict[str, Any]:
    """Draw a figure with its truth and its patients into ``folder``, and return the truth."""
    import matplotlib as mpl
    import pandas as pd

    look = figure.looks[second]
    settings: Any = {
        "font.family": look.font,
        "font.size": look.font_size,
        "svg.fonttype": "none",
        "svg.hashsalt": figure.name,
        "pdf.fonttype": 42,
        "axes.unicode_minus": False,
        "mathtext.fontset": "stix" if look.font.startswith("STIX") else "dejavusans",
    }
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(settings):
        sheet, printed = figure.design(look)
        save(sheet, folder / f"figure{figure.suffix}")
    truth = truth_of(figure.name, figure.about, sheet.trial, printed)
    (folder / "truth.json").write_text(json.dumps(truth, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    patients = pd.concat([ipd.to_frame().assign(arm=name) for name, ipd in sheet.trial.arms.items()])
    patients.to_csv(folder / "patients.csv", index=False)
    return truth


JOURNAL_FIGURES = (
    JournalFigure(
        name="direct-labels", title="Direct labels over two lines", design=designs.direct_labels,
        about="Names beside the curves and in the table run over two lines; the hazard ratio is a sentence.",
    ),
    JournalFigure(
        name="dotted-500", title="Dotted, 500 pixels wide", design=designs.dotted,
        about="Black, solid and dotted; decimal points at mid-height; numbers censored in brackets.",
    ),
    JournalFigure(
        name="grey-incidence", title="Grey curves on a short axis", design=designs.direct_labels,
        about="1 - S up to 30%, a black and a grey curve with labels beside them.",
    ),
    JournalFigure(
        name="inset", title="An inset", design=designs.inset,
        about="Rising curves on the floor of a whole axis, and again in an inset with axes of its own.",
    ),
    JournalFigure(
        name="events-in-legend", title="Events in the legend", design=designs.events_in_legend,
        about="A framed legend counts events; names of the table end close to its first cells.",
    ),
    JournalFigure(
        name="median-guides", title="Guide lines to the medians", design=designs.median_guides,
        about="Dashed guide lines in the colours of the arms; medians and table in these colours.",
    ),
    JournalFigure(
        name="milestones", title="Landmarks and medians in words", design=designs.milestones,
        about="Lines at landmarks with survival beside them; medians in coloured lines without keys.",
    ),
    JournalFigure(
        name="symbols", title="Symbols as marks", design=designs.symbols,
        about="Open circles and triangles as censoring marks; names with numbers of patients at the right; no table.",
    ),
    JournalFigure(
        name="four-lines", title="Four lines of two colours", design=designs.four_lines,
        about="Colour tells the treatment, dash the stratum; names over two lines in a coloured table.",
    ),
    JournalFigure(
        name="line-widths", title="Width alone tells the curves apart", design=designs.line_widths,
        about="Black lines of several widths; the table is ruled and has a row of its own times.",
    ),
    JournalFigure(
        name="dark-bands", title="Dark bands", design=designs.dark_bands,
        about="Bands nearly as dark as their curves; the table stands inside the plot, names at its right.",
    ),
    JournalFigure(
        name="table-inside", title="Table inside the plot", design=designs_of_tables.inside,
        about="Counts stand inside the frame, names and keys of lines at their right outside.",
    ),
    JournalFigure(
        name="events-and-totals", title="Columns of events and patients", design=designs_of_tables.with_totals,
        about="O and N stand left of a table that begins after time 0; keys and names at its right.",
    ),
    JournalFigure(
        name="statistics-inside", title="Statistics inside the plot", design=designs_of_tables.statistics_inside,
        about="A ruled table of events, medians, hazard ratio and p, a column an arm; squares as marks.",
    ),
    JournalFigure(
        name="coloured-rows", title="Coloured rows", design=designs_of_tables.coloured,
        about="Rows of the table in colours, names in white; the ratio and its interval on two lines.",
    ),
    JournalFigure(
        name="three-rows", title="Three rows an arm", design=designs_of_tables.three_rows,
        about="Bands, and a left-aligned table of at risk, censored and events.",
    ),
    JournalFigure(
        name="beside-plot", title="Statistics beside the plot", design=designs_of_tables.beside_plot, suffix=".pdf",
        about="Patients and medians in a table at the right of the plot; circles as marks.",
    ),
)  # fmt: skip
"""Every figure in a journal's style, in its order."""
