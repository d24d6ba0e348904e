"""The figures of the gallery: each a style of papers, with its patients."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from examples.gallery import patients as true
from examples.gallery.drawing import Panel, Style, draw_figure, draw_with_lifelines, scanned
from survrecon.curve import AtRiskConvention
from survrecon.ipd import PseudoIPD

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


def _panel(patients: Mapping[str, PseudoIPD], end: float, step: float | None = None, **keys: object) -> Panel:
    """Return a panel that ends at ``end``, with numbers at risk every ``step``."""
    cut = true.cut_at(dict(patients), end)
    times = () if step is None else tuple(float(t) for t in np.arange(0, end + 1e-9, step))
    panel = Panel(arms=cut, end=end, risk_times=times)
    return replace(panel, **keys)  # type: ignore[arg-type]


def _ratio(panel: Panel) -> tuple[str, str]:
    """Return the hazard ratio and the log-rank p of the second arm over the first, as a paper prints them."""
    control, treatment = list(panel.arms.values())[:2]
    cox = true.true_cox(control, treatment)
    p = "p < 0.001" if cox.logrank_p < 0.001 else f"p = {cox.logrank_p:.3f}"
    return f"{cox.ratio:.2f} (95% CI {cox.low:.2f}-{cox.high:.2f})", p


def _with_ratio(panel: Panel, style: Style, x: float, y: float) -> tuple[Panel, Style]:
    ratio, p = _ratio(panel)
    texts = (*style.texts, (x, y, f"HR {ratio}"), (x, y - 0.075, p))
    return replace(panel, printed_ratio=ratio), replace(style, texts=texts)


def _lifelines(path: Path) -> list[Panel]:
    panel = _panel(true.gbsg2(), 84.0, 12.0, convention=AtRiskConvention.AFTER)
    return draw_with_lifelines(path, panel, title="Recurrence-free survival", xlabel="Months")


def _survminer(path: Path) -> list[Panel]:
    panel = _panel(true.lung(), 1000.0, 250.0)
    style = Style(
        size=(6.2, 5.0), colours=("#F8766D", "#00BFC4"), marks="+", mark_size=6, width=1.7, step=250,
        survival_step=0.25, xlabel="Time in days", ylabel="Survival probability", pad=0.04, box=False,
        legend_above="Strata", table=True, table_coloured=True, texts=((0.06, 0.1, _ratio(panel)[1]),),
    )  # fmt: skip
    return draw_figure(path, [(panel, style)])


def _dashed(path: Path) -> list[Panel]:
    panel = _panel(true.simulated(11, {"Placebo": 9.0, "Active": 15.0}, 140), 36.0, 6.0)
    style = Style(
        font="Liberation Serif", font_size=12, colours=("black",), dashes=("-", "--"), width=1.5, marks="|", pad=0.03,
        box=False, table=True, xlabel="Months since randomization", ylabel="Progression-free survival",
    )  # fmt: skip
    return draw_figure(path, [_with_ratio(panel, style, 0.5, 0.7)])


def _percent(path: Path) -> list[Panel]:
    panel = _panel(true.waltons(), 75.0, 15.0)
    style = Style(
        colours=("#0b3c8c", "#c8102e"), percent=True, step=15, xlabel="Days", ylabel="Alive (%)", box=False,
        table=True, table_title="No. at risk", survival_step=0.25, width=2.0,
    )  # fmt: skip
    return draw_figure(path, [(panel, style)])


def _years(path: Path) -> list[Panel]:
    panel = _panel(true.kidney(), 9.0, 1.0)
    style = Style(
        colours=("#2a6f2a", "#7a1fa2"), step=1, xlabel="Years after transplantation", table=True, legend="lower left",
        ylabel="Survival", grid="#e3e3e3",
    )  # fmt: skip
    return draw_figure(path, [_with_ratio(panel, style, 0.05, 0.42)])


def _stages(path: Path) -> list[Panel]:
    panel = _panel(true.larynx(), 10.0, 2.0)
    style = Style(size=(6.2, 5.4), step=2, xlabel="Years", table=True, box=False, marks="|")
    return draw_figure(path, [(panel, style)])


def _n_in_legend(path: Path) -> list[Panel]:
    panel = _panel(true.simulated(23, {"Standard": 12.0, "Combination": 19.0}, 180), 40.0)
    style = Style(
        colours=("#555555", "#e07b00"), step=5, names_with_n=True, marks="|", width=1.4, ylabel="Event-free survival"
    )  # fmt: skip
    return draw_figure(path, [_with_ratio(panel, style, 0.5, 0.66)])


def _grey_theme(path: Path) -> list[Panel]:
    panel = _panel(true.leukemia(), 35.0, 5.0)
    style = Style(
        colours=("#F8766D", "#00BFC4"), ground="#EBEBEB", grid="white", axis_lines=False, pad=0.05, step=5,
        xlabel="Weeks", ylabel="In remission", table=True, survival_step=0.25, marks="+", mark_size=7,
    )  # fmt: skip
    return draw_figure(path, [(panel, style)])


def _truncated(path: Path) -> list[Panel]:
    panel = _panel(true.rossi(), 52.0, 13.0)
    style = Style(
        lowest=0.6, survival_step=0.1, step=13, xlabel="Weeks since release", ylabel="Not arrested", table=True,
        legend="lower left", box=False,
    )  # fmt: skip
    return draw_figure(path, [_with_ratio(panel, style, 0.05, 0.42)])


def _rising(path: Path) -> list[Panel]:
    panel = _panel(true.simulated(31, {"Control": 20.0, "Vaccine": 45.0}, 220, entry=0.4), 24.0, 4.0)
    style = Style(
        rising=True, percent=True, step=4, legend="upper left", xlabel="Months", table=True,
        ylabel="Cumulative probability of infection (%)", colours=("#b3261e", "#1a5fb4"), font="Liberation Sans",
        font_size=11,
    )  # fmt: skip
    return draw_figure(path, [_with_ratio(panel, style, 0.05, 0.72)])


def _scan(path: Path) -> list[Panel]:
    panel = _panel(true.simulated(47, {"Surgery": 14.0, "Radiation": 22.0}, 160, end=48), 48.0, 12.0)
    style = Style(size=(6.6, 5.0), dpi=150, colours=("#1b1b8f", "#b0122b"), step=12, table=True, box=False, pad=0.02)
    panel, style = _with_ratio(panel, style, 0.45, 0.72)
    with tempfile.TemporaryDirectory() as folder:
        clean = Path(folder) / "clean.png"
        draw_figure(clean, [(panel, style)])
        scanned(clean, path, turned=0.6, blurred=0.7, quality=65)
    return [panel]


def _svg(path: Path) -> list[Panel]:
    panel = _panel(true.gbsg2(), 84.0, 12.0)
    style = Style(step=12, marks="|", table=True, ylabel="Recurrence-free survival", legend="lower left")
    return draw_figure(path, [_with_ratio(panel, style, 0.05, 0.35)])


def _pdf(path: Path) -> list[Panel]:
    panel = _panel(true.lung(), 1000.0, 200.0)
    medians = [float(ipd.kaplan_meier()[0][np.argmax(ipd.kaplan_meier()[1] <= 0.5)]) for ipd in panel.arms.values()]
    texts = tuple(
        (0.5, 0.8 - 0.075 * k, f"{name}: median {median:.0f} days")
        for k, (name, median) in enumerate(zip(panel.arms, medians, strict=True))
    )
    style = Style(step=200, table=True, percent=True, xlabel="Days", ylabel="Overall survival (%)", texts=texts)
    return draw_figure(path, [_with_ratio(panel, style, 0.5, 0.62)])


def _two_panels(path: Path) -> list[Panel]:
    first = _panel(true.simulated(61, {"Chemotherapy": 7.0, "Targeted": 12.0}, 150), 30.0, 6.0, letter="A")
    second = _panel(true.simulated(62, {"Chemotherapy": 16.0, "Targeted": 21.0}, 150), 42.0, 6.0, letter="B")
    style = Style(size=(5.6, 4.6), dpi=120, table=True, box=False, marks="|", mark_size=5)
    return draw_figure(
        path,
        [
            _with_ratio(first, replace(style, ylabel="Progression-free survival"), 0.4, 0.7),
            _with_ratio(second, replace(style, ylabel="Overall survival"), 0.4, 0.7),
        ],
    )


def _one_arm(path: Path) -> list[Panel]:
    patients = {"Transplanted": true.kidney()["Older"]}
    panel = _panel({"Transplanted": replace(patients["Transplanted"], arm="Transplanted")}, 9.0, 1.0)
    style = Style(step=1, xlabel="Years", table=True, marks="|", colours=("black",), box=False)
    return draw_figure(path, [(panel, style)])


FIGURES = (
    GalleryFigure(
        name="lifelines.png", title="lifelines", draw=_lifelines,
        about="Drawn by lifelines itself: shaded bands, and a table of at risk, censored and events.",
    ),
    GalleryFigure(
        name="survminer.png", title="In the manner of survminer", draw=_survminer,
        about="Plus signs, a legend above the panel, numbers at risk in the colours of the curves, days.",
    ),
    GalleryFigure(
        name="dashed.png", title="Black, solid and dashed", draw=_dashed,
        about="No colour: the arms differ by their dashes alone. Serif type.",
    ),
    GalleryFigure(
        name="percent.png", title="Percent axis", draw=_percent,
        about="Survival in percent, no censoring marks, thick lines, many ties.",
    ),
    GalleryFigure(
        name="years.png", title="Years and 863 patients", draw=_years,
        about="Steps of less than a pixel; a grid behind the curves.",
    ),
    GalleryFigure(
        name="four-arms.png", title="Four arms", draw=_stages,
        about="Four small groups; every contrast is against the first.",
    ),
    GalleryFigure(
        name="n-in-legend.png", title="No risk table", draw=_n_in_legend,
        about="The numbers of patients stand in the legend; nothing else is printed but the hazard ratio.",
    ),
    GalleryFigure(
        name="grey-theme.png", title="Grey theme with a grid", draw=_grey_theme,
        about="White grid on grey, no axis lines, 21 patients an arm.",
    ),
    GalleryFigure(
        name="truncated.png", title="Truncated axis", draw=_truncated,
        about="The survival axis starts at 0.6; every event is at the end of a week.",
    ),
    GalleryFigure(
        name="rising.png", title="Rising curves", draw=_rising,
        about="The axis shows 1 - S, in percent.",
    ),
    GalleryFigure(
        name="scan.jpg", title="A scan", draw=_scan,
        about="A JPEG turned by 0.6 degrees, blurred and compressed.",
    ),
    GalleryFigure(
        name="drawing.svg", title="SVG", draw=_svg,
        about="Drawing commands and text: read exactly, without character recognition.",
    ),
    GalleryFigure(
        name="paper.pdf", title="PDF", draw=_pdf,
        about="The same of a PDF; medians are printed for each arm. Many ties, percent, days.",
    ),
    GalleryFigure(
        name="two-panels.png", title="Two panels", draw=_two_panels, options=("--panel", "all"),
        about="Two endpoints side by side; each panel becomes a record.",
    ),
    GalleryFigure(
        name="one-arm.svg", title="One arm", draw=_one_arm,
        about="A single curve: patients and their median, no contrast.",
    ),
)  # fmt: skip
"""Every figure of the gallery, in its order."""
