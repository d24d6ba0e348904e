"""The pictures of docs/methods.md: one figure whose patients are known, rebuilt by both methods."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from benchmarks.cases import Case, rebuild
from survrecon.analysis.cox import contrast, contrast_draws
from survrecon.report.plots.curves import GREY, INK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from survrecon.arrays import FloatArray
    from survrecon.model.ipd import PseudoIPD, Reconstruction

__all__ = ["Answer", "answers", "answers_picture", "curves_picture", "svg"]

_TRUTH, _ENGINE, _GUYOT = "#b9b9b9", "#0072b2", "#c44e00"
_KINDS = {"trace": "one point a pixel column", "clicks": "a person's clicks"}
_KNOWN = {"none": "N alone", "risk": "N, risk table", "full": "N, risk table, total events"}
_DRAWS = 200


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Both methods on one kind of points and one level of information; events are those of the control arm."""

    points: str
    information: str
    guyot: float
    guyot_events: int
    ratios: FloatArray
    events: FloatArray

    @property
    def name(self) -> str:
        """In words."""
        return _KNOWN[self.information]


def answers(case: Case) -> list[Answer]:
    """Rebuild a case with both methods, from two kinds of points and three levels of information."""
    return [_answer(case, points, information) for points in _KINDS for information in _KNOWN]


def _answer(case: Case, points: str, information: str) -> Answer:
    single = [result.ipd for result in rebuild(case, points, information, method="guyot")]
    draws = [result.draws(_DRAWS) for result in rebuild(case, points, information)]
    return Answer(
        points=points,
        information=information,
        guyot=contrast(*single).log_hr,
        guyot_events=single[0].events,
        ratios=contrast_draws(*draws).log_hr,
        events=np.array([d.events for d in draws[0]], dtype=float),
    )


def curves_picture(case: Case, names: Sequence[str], unit: str) -> Figure:
    """Draw the curves and the numbers at risk of both arms, true and rebuilt from the curve and N alone."""
    guyot, engine = (rebuild(case, "trace", "none", method=method) for method in ("guyot", "auto"))
    end = max(float(arm.patients.time[-1]) for arm in case.arms)
    at = np.linspace(0, end, 300)
    figure = Figure(figsize=(8.6, 6.4), layout="constrained")
    axes = figure.subplots(2, 2, sharex=True, gridspec_kw={"height_ratios": (1, 1.05)})
    for k, arm in enumerate(case.arms):
        draws = engine[k].draws(_DRAWS)
        above, below = axes[0, k], axes[1, k]
        above.set_title(f"{names[k]} ({arm.patients.n} patients)", loc="left", fontsize=10, color=INK)
        _curves(above, at, arm.patients, guyot[k], engine[k])
        _at_risk(below, at, arm.patients, guyot[k].ipd, draws)
        below.set_xlabel(unit, color=INK)
    axes[0, 0].set_ylabel("survival", color=INK)
    axes[1, 0].set_ylabel("number at risk", color=INK)
    for one in axes.ravel():
        _frame(one)
        one.set_xlim(0, end)
    axes[0, 1].sharey(axes[0, 0])
    axes[0, 0].set_ylim(0, 1.02)
    handles, labels = axes[1, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=3, frameon=False, fontsize=9)
    return figure


def _curves(axes: Axes, at: FloatArray, truth: PseudoIPD, guyot: Reconstruction, engine: Reconstruction) -> None:
    axes.plot(at, truth.survival_at(at), color=_TRUTH, lw=5, drawstyle="steps-post", solid_capstyle="butt")
    axes.plot(at, guyot.ipd.survival_at(at), color=_GUYOT, lw=1.4, ls=(0, (5, 2)), drawstyle="steps-post", zorder=3)
    axes.plot(at, engine.ipd.survival_at(at), color=_ENGINE, lw=1.1, drawstyle="steps-post")


def _at_risk(axes: Axes, at: FloatArray, truth: PseudoIPD, guyot: PseudoIPD, draws: Sequence[PseudoIPD]) -> None:
    counts = np.array([draw.at_risk(at) for draw in draws])
    low, high = np.quantile(counts, [0.025, 0.975], axis=0)
    axes.plot(at, truth.at_risk(at), color=_TRUTH, lw=5, label="true patients", solid_capstyle="butt")
    axes.plot(at, guyot.at_risk(at), color=_GUYOT, lw=1.4, ls=(0, (5, 2)), label="Guyot's algorithm")
    axes.fill_between(at, low, high, color=_ENGINE, alpha=0.35, lw=0)
    axes.plot(
        at, np.median(counts, axis=0), color=_ENGINE, lw=1.1, label="state-space engine, with 95% of its data sets"
    )
    axes.set_ylim(0, None)


def answers_picture(case: Case, found: Sequence[Answer], control: str) -> Figure:
    """Draw ln HR and the control's events: the truth as a line, both methods' answers in rows."""
    truth, total = contrast(case.arms[0].patients, case.arms[1].patients).log_hr, case.arms[0].patients.events
    figure = Figure(figsize=(8.6, 3.9), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, gridspec_kw={"width_ratios": (1.25, 1)})
    rows, places = _rows(found)
    for axes, value in ((left, truth), (right, total)):
        axes.axvline(value, color=_TRUTH, lw=3, label="true patients")
        axes.xaxis.set_major_locator(MaxNLocator(5))
    for one, y in places:
        _interval(left, one.ratios, y)
        _interval(right, one.events, y)
        left.plot(one.guyot, y + 0.16, "D", color=_GUYOT, ms=5.5, label="Guyot's algorithm")
        right.plot(one.guyot_events, y + 0.16, "D", color=_GUYOT, ms=5.5)
    left.set_yticks([y for y, _, _ in rows], [text for _, text, _ in rows], color=INK)
    for label, (_, _, heading) in zip(left.get_yticklabels(), rows, strict=True):
        label.set_fontweight("bold" if heading else "normal")
    left.set_ylim(len(rows) - 0.4, -0.6)
    left.set_xlabel("ln HR", color=INK)
    right.set_xlabel(f"events, {control}", color=INK)
    for axes in (left, right):
        _frame(axes)
        axes.tick_params(axis="y", length=0, labelcolor=INK)
        axes.spines["left"].set_visible(False)
    handles = dict(zip(*reversed(left.get_legend_handles_labels()), strict=True))
    figure.legend(handles.values(), handles.keys(), loc="outside upper left", ncols=3, frameon=False, fontsize=9)
    return figure


def _rows(found: Sequence[Answer]) -> tuple[list[tuple[int, str, bool]], list[tuple[Answer, int]]]:
    """Return rows as place, label and whether it heads a group, and the place of each answer."""
    rows: list[tuple[int, str, bool]] = []
    places = []
    for points, words in _KINDS.items():
        rows.append((len(rows), words, True))
        for one in found:
            if one.points == points:
                places.append((one, len(rows)))
                rows.append((len(rows), one.name, False))
    return rows, places


def _interval(axes: Axes, values: FloatArray, y: float) -> None:
    low, middle, high = np.quantile(values, [0.025, 0.5, 0.975])
    axes.plot([low, high], [y - 0.16] * 2, color=_ENGINE, lw=2.6, solid_capstyle="butt")
    axes.plot(middle, y - 0.16, "o", color=_ENGINE, ms=6, label="state-space engine, with 95% of its data sets")


def _frame(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(GREY)
    axes.tick_params(colors=GREY, labelsize=9)


def svg(figure: Figure) -> bytes:
    """Return the same bytes for the same picture, on white."""
    written = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "survrecon"}):
        figure.savefig(written, format="svg", facecolor="white", metadata={"Date": None, "Creator": None})
    return re.sub(rb" *\n(?=[LQCz])", b" ", written.getvalue())  # a path a line, not a point a line
