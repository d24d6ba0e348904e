"""How each figure of the gallery is drawn, and of which patients."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from examples.gallery import patients as true
from examples.gallery.drawing import Panel, Style, draw_figure, draw_with_lifelines, scanned
from survrecon.model.curve import AtRiskConvention

if TYPE_CHECKING:
    from collections.abc import Mapping

    from survrecon.model.ipd import PseudoIPD

__all__ = [
    "dashed",
    "grey_theme",
    "lifelines",
    "n_in_legend",
    "one_arm",
    "pdf",
    "percent",
    "rising",
    "scan",
    "stages",
    "survminer",
    "svg",
    "truncated",
    "two_panels",
    "years",
]


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


def lifelines(path: Path) -> list[Panel]:
    """Let lifelines itself draw."""
    panel = _panel(true.gbsg2(), 84.0, 12.0, convention=AtRiskConvention.AFTER)
    return draw_with_lifelines(path, panel, title="Recurrence-free survival", xlabel="Months")


def survminer(path: Path) -> list[Panel]:
    """Draw in the manner of survminer."""
    panel = _panel(true.lung(), 1000.0, 250.0)
    style = Style(
        size=(6.2, 5.0), colours=("#F8766D", "#00BFC4"), marks="+", mark_size=6, width=1.7, step=250,
        survival_step=0.25, xlabel="Time in days", ylabel="Survival probability", pad=0.04, box=False,
        legend_above="Strata", table=True, table_coloured=True, texts=((0.06, 0.1, _ratio(panel)[1]),),
    )  # fmt: skip
    return draw_figure(path, [(panel, style)])


def dashed(path: Path) -> list[Panel]:
    """Draw two black curves, solid and dashed."""
    panel = _panel(true.simulated(11, {"Placebo": 9.0, "Active": 15.0}, 140), 36.0, 6.0)
    style = Style(
        font="Liberation Serif", font_size=12, colours=("black",), dashes=("-", "--"), width=1.5, marks="|", pad=0.03,
        box=False, table=True, xlabel="Months since randomization", ylabel="Progression-free survival",
    )  # fmt: skip
    return draw_figure(path, [_with_ratio(panel, style, 0.5, 0.7)])


def percent(path: Path) -> list[Panel]:
    """Draw survival in percent, with thick lines."""
    panel = _panel(true.waltons(), 75.0, 15.0)
    style = Style(
        colours=("#0b3c8c", "#c8102e"), percent=True, step=15, xlabel="Days", ylabel="Alive (%)", box=False,
        table=True, table_title="No. at risk", survival_step=0.25, width=2.0,
    )  # fmt: skip
    return draw_figure(path, [(panel, style)])


def years(path: Path) -> list[Panel]:
    """Draw many patients over years, on a grid."""
    panel = _panel(true.kidney(), 9.0, 1.0)
    style = Style(
        colours=("#2a6f2a", "#7a1fa2"), step=1, xlabel="Years after transplantation", table=True, legend="lower left",
        ylabel="Survival", grid="#e3e3e3",
    )  # fmt: skip
    return draw_figure(path, [_with_ratio(panel, style, 0.05, 0.42)])


def stages(path: Path) -> list[Panel]:
    """Draw four arms."""
    panel = _panel(true.larynx(), 10.0, 2.0)
    style = Style(size=(6.2, 5.4), step=2, xlabel="Years", table=True, box=False, marks="|")
    return draw_figure(path, [(panel, style)])


def n_in_legend(path: Path) -> list[Panel]:
    """Draw with numbers of patients in the legend alone."""
    panel = _panel(true.simulated(23, {"Standard": 12.0, "Combination": 19.0}, 180), 40.0)
    style = Style(
        colours=("#555555", "#e07b00"), step=5, names_with_n=True, marks="|", width=1.4, ylabel="Event-free survival"
    )  # fmt: skip
    return draw_figure(path, [_with_ratio(panel, style, 0.5, 0.66)])


def grey_theme(path: Path) -> list[Panel]:
    """Draw a white grid on grey."""
    panel = _panel(true.leukemia(), 35.0, 5.0)
    style = Style(
        colours=("#F8766D", "#00BFC4"), ground="#EBEBEB", grid="white", axis_lines=False, pad=0.05, step=5,
        xlabel="Weeks", ylabel="In remission", table=True, survival_step=0.25, marks="+", mark_size=7,
    )  # fmt: skip
    return draw_figure(path, [(panel, style)])


def truncated(path: Path) -> list[Panel]:
    """Draw a survival axis that starts at 0.6."""
    panel = _panel(true.rossi(), 52.0, 13.0)
    style = Style(
        lowest=0.6, survival_step=0.1, step=13, xlabel="Weeks since release", ylabel="Not arrested", table=True,
        legend="lower left", box=False,
    )  # fmt: skip
    return draw_figure(path, [_with_ratio(panel, style, 0.05, 0.42)])


def rising(path: Path) -> list[Panel]:
    """Draw 1 - S in percent."""
    panel = _panel(true.simulated(31, {"Control": 20.0, "Vaccine": 45.0}, 220, entry=0.4), 24.0, 4.0)
    style = Style(
        rising=True, percent=True, step=4, legend="upper left", xlabel="Months", table=True,
        ylabel="Cumulative probability of infection (%)", colours=("#b3261e", "#1a5fb4"), font="Liberation Sans",
        font_size=11,
    )  # fmt: skip
    return draw_figure(path, [_with_ratio(panel, style, 0.05, 0.72)])


def scan(path: Path) -> list[Panel]:
    """Draw a JPEG as a scanner makes it."""
    panel = _panel(true.simulated(47, {"Surgery": 14.0, "Radiation": 22.0}, 160, end=48), 48.0, 12.0)
    style = Style(size=(6.6, 5.0), dpi=150, colours=("#1b1b8f", "#b0122b"), step=12, table=True, box=False, pad=0.02)
    panel, style = _with_ratio(panel, style, 0.45, 0.72)
    with tempfile.TemporaryDirectory() as folder:
        clean = Path(folder) / "clean.png"
        draw_figure(clean, [(panel, style)])
        scanned(clean, path, turned=0.6, blurred=0.7, quality=65)
    return [panel]


def svg(path: Path) -> list[Panel]:
    """Draw with drawing commands and text."""
    panel = _panel(true.gbsg2(), 84.0, 12.0)
    style = Style(step=12, marks="|", table=True, ylabel="Recurrence-free survival", legend="lower left")
    return draw_figure(path, [_with_ratio(panel, style, 0.05, 0.35)])


def pdf(path: Path) -> list[Panel]:
    """Draw a PDF with printed medians."""
    panel = _panel(true.lung(), 1000.0, 200.0)
    medians = [float(ipd.kaplan_meier()[0][np.argmax(ipd.kaplan_meier()[1] <= 0.5)]) for ipd in panel.arms.values()]
    texts = tuple(
        (0.5, 0.8 - 0.075 * k, f"{name}: median {median:.0f} days")
        for k, (name, median) in enumerate(zip(panel.arms, medians, strict=True))
    )
    style = Style(step=200, table=True, percent=True, xlabel="Days", ylabel="Overall survival (%)", texts=texts)
    return draw_figure(path, [_with_ratio(panel, style, 0.5, 0.62)])


def two_panels(path: Path) -> list[Panel]:
    """Draw two endpoints side by side."""
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


def one_arm(path: Path) -> list[Panel]:
    """Draw a single curve."""
    patients = {"Transplanted": true.kidney()["Older"]}
    panel = _panel({"Transplanted": replace(patients["Transplanted"], arm="Transplanted")}, 9.0, 1.0)
    style = Style(step=1, xlabel="Years", table=True, marks="|", colours=("black",), box=False)
    return draw_figure(path, [(panel, style)])
