"""Plain simulated figures: drawn in several styles with their truth, digitized with nothing typed, and measured.

    python -m benchmarks.plain_figures DIR [--number 60] [--seed 1] [--every 1] [--draw-only]

DIR holds one folder a figure, ``single-000`` and ``several-000`` on: ``figure.png`` or ``figure.pdf``, and
``truth.json`` (axes, arms with the corners of their curves, patients, table). The integrated error of S is the mean
absolute distance of the curve as read from the true one over the time that it covers; arms are paired by their curves.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.options import first_line
from benchmarks.simulated import SHAPES
from survrecon.digitizing import DigitizedArm, DigitizedFigure, digitize
from survrecon.errors import SurvreconError
from survrecon.model.ipd import PseudoIPD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from survrecon.arrays import FloatArray

__all__ = ["draw", "main", "measure"]

_NAMES = ("Control", "Treatment", "Low dose", "High dose")
_PALETTES = (
    ("#1f77b4", "#d62728", "#2ca02c", "#9467bd"),
    ("#F8766D", "#00BFC4", "#7CAE00", "#C77CFF"),
    ("black", "#E69F00", "#56B4E9", "#009E73"),
    ("#00468B", "#ED0000", "#42B540", "#0099B4"),
    ("black", "#808080", "#b0b0b0", "#505050"),
)
_FONTS = ("DejaVu Sans", "STIXGeneral", "DejaVu Serif")
_WRONG = 0.02  # integrated error of S above which a figure counts as read wrong
_GRID = 1000


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """What one figure shows, and how."""

    arms: dict[str, PseudoIPD]
    end: float
    step: float
    unit: str
    percent: bool
    marks: str | None
    table: bool
    medians: bool
    legend: bool
    bands: bool
    theme: str
    palette: tuple[str, ...]
    font: str
    width: float
    pixels: int
    suffix: str


def draw(folder: Path, *, single: bool, rng: np.random.Generator) -> None:
    """Draw one figure with its truth into a folder."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    plan = _plan(rng, single=single)
    folder.mkdir(parents=True, exist_ok=True)
    settings: Any = {"font.family": plan.font, "font.size": 10, "pdf.fonttype": 42}
    with mpl.rc_context(settings):
        inches = 6.5
        figure = Figure(figsize=(inches, 5.0), dpi=plan.pixels / inches)
        low = 0.16 + (0.06 * (len(plan.arms) + 1) if plan.table else 0.0)
        axes = figure.add_axes((0.18, low, 0.77, 0.92 - low))
        _curves(axes, plan)
        _frame(axes, plan)
        if plan.table:
            _table(figure, axes, plan)
        figure.savefig(folder / f"figure{plan.suffix}")
    (folder / "truth.json").write_text(json.dumps(_truth(plan), indent=1) + "\n", encoding="utf-8")


def _plan(rng: np.random.Generator, *, single: bool) -> _Plan:
    unit, end, step = [("Months", 60.0, 12.0), ("Months", 36.0, 6.0), ("Years", 10.0, 2.0), ("Days", 1000.0, 250.0),
                       ("Weeks", 52.0, 13.0)][int(rng.integers(5))]  # fmt: skip
    count = 1 if single else int(rng.choice([2, 2, 2, 3, 4]))
    shape, n = SHAPES[int(rng.integers(len(SHAPES)))], int(np.exp(rng.uniform(np.log(20), np.log(1000))))
    arms = {}
    for name in _NAMES[:count]:
        own = max(20, int(n * rng.uniform(0.6, 1.4)))
        event = shape(rng, own) * end * rng.uniform(0.3, 1.2)
        left = end * np.minimum(rng.uniform(0.5, 1.0, own), rng.exponential(4, own))
        arms[name] = PseudoIPD(time=np.minimum(event, left), event=event <= left, arm=name)
    return _Plan(
        arms=arms, end=end, step=step, unit=unit, percent=bool(rng.random() < 0.4),
        marks=[None, None, "+", "|", "x", "o"][int(rng.integers(6))], table=bool(rng.random() < 0.5),
        medians=bool(rng.random() < 0.2), legend=not single or bool(rng.random() < 0.4), bands=bool(rng.random() < 0.2),
        theme=str(rng.choice(["open", "boxed", "grid", "grey"])), palette=_PALETTES[int(rng.integers(len(_PALETTES)))],
        font=str(rng.choice(_FONTS)), width=float(rng.uniform(0.9, 2.4)), pixels=int(rng.integers(600, 1601)),
        suffix=".pdf" if rng.random() < 0.15 else ".png",
    )  # fmt: skip


def _curves(axes: Axes, plan: _Plan) -> None:
    full = 100.0 if plan.percent else 1.0
    for k, (name, ipd) in enumerate(plan.arms.items()):
        time, survival = _corners(ipd)
        dash = "-" if k == 0 or plan.palette[k] != "#808080" else "--"
        axes.plot(
            time, full * survival, drawstyle="steps-post", color=plan.palette[k], lw=plan.width, ls=dash, label=name
        )
        if plan.marks:
            at = np.unique(ipd.time[~ipd.event])
            axes.plot(at, full * ipd.survival_at(at), plan.marks, color=plan.palette[k], ms=5, mew=1.0, mfc="none")
        if plan.bands:
            error = 1.96 * np.sqrt(survival * (1 - survival) / ipd.n)
            axes.fill_between(time, full * np.clip(survival - error, 0, 1), full * np.clip(survival + error, 0, 1),
                              step="post", color=plan.palette[k], alpha=0.2, lw=0)  # fmt: skip
        below = np.flatnonzero(survival <= 0.5)
        if plan.medians and below.size:
            half = time[below[0]]
            axes.plot([0, half, half], [full / 2, full / 2, 0], color="grey", lw=0.8, ls="--")


def _frame(axes: Axes, plan: _Plan) -> None:
    full = 100 if plan.percent else 1
    axes.set_xticks(np.arange(0, plan.end + 1e-9, plan.step))
    axes.set_xlim(0, 1.03 * plan.end)
    axes.set_ylim(0, 1.04 * full)
    axes.set_yticks(full * np.linspace(0, 1, 6 if plan.theme != "grey" else 5))
    axes.set_xlabel(f"Time ({plan.unit.lower()})" if plan.theme == "grey" else plan.unit)
    axes.set_ylabel("Survival probability (%)" if plan.percent else "Survival probability")
    if plan.legend:
        axes.legend(loc="upper right", frameon=plan.theme == "boxed")
    for side in ("top", "right"):
        axes.spines[side].set_visible(plan.theme == "boxed")
    if plan.theme in ("grid", "grey"):
        axes.set_axisbelow(True)
        axes.grid(True, color="white" if plan.theme == "grey" else "#dddddd", lw=0.9)
    if plan.theme == "grey":
        axes.set_facecolor("#ebebeb")
        for line in axes.spines.values():
            line.set_visible(False)


def _table(figure: Figure, axes: Axes, plan: _Plan) -> None:
    box, times = axes.get_position(), np.arange(0, plan.end + 1e-9, plan.step)
    level = box.y0 - 0.145
    figure.text(0.02, level, "Number at risk", fontsize=9)
    for name, ipd in plan.arms.items():
        level -= 0.045
        figure.text(0.02, level, name, fontsize=9)
        for t, count in zip(times, ipd.at_risk(times), strict=True):
            figure.text(box.x0 + box.width * t / (1.03 * plan.end), level, str(count), ha="center", fontsize=9)


def _corners(ipd: PseudoIPD) -> tuple[FloatArray, FloatArray]:
    time, survival = ipd.kaplan_meier()
    last = float(ipd.time.max())
    ends = np.array([float(ipd.survival_at([last])[0])])
    return np.concatenate([[0.0], time, [last]]), np.concatenate([[1.0], survival, ends])


def _truth(plan: _Plan) -> dict[str, Any]:
    times = np.arange(0, plan.end + 1e-9, plan.step)
    style = {
        key: getattr(plan, key) for key in ("theme", "marks", "table", "medians", "legend", "bands", "font", "pixels")
    }
    arms = []
    for name, ipd in plan.arms.items():
        time, survival = _corners(ipd)
        arms.append({"name": name if plan.legend or plan.table else None, "n": ipd.n, "events": ipd.events,
                     "time": time.tolist(), "survival": survival.tolist(),
                     "risk": ipd.at_risk(times).tolist() if plan.table else None})  # fmt: skip
    return {"unit": plan.unit.lower(), "end": plan.end, "step": plan.step, "percent": plan.percent, "style": style,
            "arms": arms}  # fmt: skip


def measure(figure: DigitizedFigure, truth: dict[str, Any]) -> tuple[list[float], str]:
    """Return the integrated error of S of each true arm, and what else is wrong."""
    far = np.array([[_error(true, arm) for arm in figure.arms] for true in truth["arms"]])
    rows, columns = linear_sum_assignment(far)
    pairs = [(truth["arms"][int(i)], figure.arms[int(k)]) for i, k in zip(rows, columns, strict=True)]
    wrong = []
    if len(figure.arms) != len(truth["arms"]):
        wrong.append(f"{len(figure.arms)} of {len(truth['arms'])} arms")
    if any(true["name"] is not None and true["name"] != arm.name for true, arm in pairs):
        wrong.append(f"names {', '.join(arm.name for _, arm in pairs)}")
    table = figure.risk_table
    for true, arm in pairs:
        if true["risk"] is not None:
            cells = () if table is None else table.rows.get(arm.name, ())
            read = sum(a == b for a, b in zip(cells, true["risk"], strict=False))
            if read < len(true["risk"]):
                wrong.append(f"{read} of {len(true['risk'])} cells")
    return [float(far[i, k]) for i, k in zip(rows, columns, strict=True)], "; ".join(wrong)


def _error(true: dict[str, Any], arm: DigitizedArm) -> float:
    last = true["time"][-1]
    at = np.linspace(0, last, _GRID)
    return float(np.abs(_step(true["time"], true["survival"], at) - _step(arm.time, arm.survival, at)).mean())


def _step(time: Sequence[float] | FloatArray, survival: Sequence[float] | FloatArray, at: FloatArray) -> FloatArray:
    return np.concatenate([[1.0], survival])[np.searchsorted(np.asarray(time), at, side="right")]


def _read(folder: Path) -> tuple[list[float], str]:
    """Digitize one figure and say what is wrong; no errors where it was refused."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    path = next(path for path in folder.glob("figure.*"))
    try:
        return measure(digitize(path), truth)
    except SurvreconError as error:
        return [], f"refused: {error}"
    except Exception as error:  # a fault, which the list names like a refusal
        return [], f"traceback: {error!r}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw what is not there yet, read, and print errors and refusals."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plain_figures", description=first_line(__doc__))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--number", type=int, default=60, help="of figures of one arm, and of several")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="read each so many-th figure alone")
    parser.add_argument("--draw-only", action="store_true")
    given = parser.parse_args(arguments)
    for kind in ("single", "several"):
        folders = [given.folder / f"{kind}-{k:03d}" for k in range(given.number)]
        for k, folder in enumerate(folders):
            if not (folder / "truth.json").is_file():
                draw(folder, single=kind == "single", rng=np.random.default_rng([given.seed, kind == "single", k]))
        if given.draw_only:
            continue
        errors: list[float] = []
        refused = far = 0
        for folder in folders[:: given.every]:
            found, wrong = _read(folder)
            refused += not found
            far += max(found, default=0.0) > _WRONG
            errors += found
            if wrong or max(found, default=1.0) > _WRONG:
                print(f"{folder.name}: {' '.join(f'{e:.4f}' for e in found)} {wrong}", flush=True)
        count = len(folders[:: given.every])
        print(f"{kind}: {refused} of {count} refused, {far} wrong; integrated error of S, mean {np.mean(errors):.4f}, "
              f"median {np.median(errors):.4f}, largest {np.max(errors):.4f}")  # fmt: skip


if __name__ == "__main__":
    main()
