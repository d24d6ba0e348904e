"""What survrecon makes of a figure of the gallery, measured against the patients behind it."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

import numpy as np

from examples.gallery.patients import true_cox
from survrecon.report.content.fit import Residuals, residuals
from survrecon.running.figure import run_figure

if TYPE_CHECKING:
    from pathlib import Path

    from examples.gallery.drawing import Panel
    from examples.gallery.figures import GalleryFigure
    from survrecon.analysis.results import Comparison
    from survrecon.checks.results import RecordResult
    from survrecon.model.curve import SurvivalCurve
    from survrecon.model.ipd import PseudoIPD
    from survrecon.records.schema import SourceKind

__all__ = ["ArmMeasure", "ContrastMeasure", "PanelMeasure", "measure"]

_GRID = 2000


@dataclass(frozen=True, kw_only=True)
class ArmMeasure:
    """One arm: what was rebuilt beside what is true.

    Parameters
    ----------
    name : str
        As in the figure.
    n, true_n : int
        Patients; rebuilt 0 where no arm bears the name.
    events, true_events : float, int
        Mean over data sets, and true.
    cells, cells_exact : int
        Printed numbers at risk, and how many were read as printed.
    mean_error : float
        Mean absolute error of the survival that was read, over time.
    away_error : float
        Largest such error away from the steps.
    fit : Residuals or None
        Rebuilt less read survival.
    """

    name: str
    n: int
    true_n: int
    events: float
    true_events: int
    cells: int
    cells_exact: int
    mean_error: float
    away_error: float
    fit: Residuals | None


@dataclass(frozen=True, kw_only=True)
class ContrastMeasure:
    """One contrast: the hazard ratio rebuilt, beside the true patients' Cox model."""

    of: str
    over: str
    true_ratio: float
    ratio: float
    low: float
    high: float

    @property
    def log_error(self) -> float:
        """Absolute error of ln HR."""
        return abs(log(self.ratio / self.true_ratio))


@dataclass(frozen=True, kw_only=True)
class PanelMeasure:
    """One panel of a figure."""

    kind: SourceKind
    names: tuple[str, ...]
    panel: Panel
    arms: tuple[ArmMeasure, ...]
    contrasts: tuple[ContrastMeasure, ...]
    result: RecordResult
    folder: Path


def measure(figure: GalleryFigure, folder: Path, *, draws: int) -> list[PanelMeasure]:
    """Draw a figure into ``folder``, run it into a subfolder, and measure each of its panels."""
    path = folder / figure.name
    panels = figure.draw(path)
    options = {"panel": "all"} if "all" in figure.options else {}
    words = " ".join(("survrecon run", figure.name, *figure.options, "-o", f"{path.stem}_run"))
    settings = {"draws": draws, "seed": 0, "method": "auto", "tau": None, "command": words}
    results = run_figure(path, folder / f"{path.stem}_run", options, settings)
    run = folder / f"{path.stem}_run"
    folders = [run / result.record.name if len(results) > 1 else run for result in results]
    return [_panel(*parts) for parts in zip(panels, results, folders, strict=True)]


def _panel(panel: Panel, result: RecordResult, folder: Path) -> PanelMeasure:
    fits = {one.arm: one for one in residuals(result)}
    return PanelMeasure(
        kind=result.record.kind,
        names=tuple(arm.name for arm in result.arms),
        panel=panel,
        arms=tuple(_arm(panel, name, truth, result, fits.get(name)) for name, truth in panel.arms.items()),
        contrasts=tuple(_contrast(panel, comparison) for comparison in result.comparisons),
        result=result,
        folder=folder,
    )


def _arm(panel: Panel, name: str, truth: PseudoIPD, result: RecordResult, fit: Residuals | None) -> ArmMeasure:
    summary = next((arm for arm in result.arms if arm.name == name), None)
    expected = truth.at_risk(panel.risk_times, panel.convention).tolist()
    table = result.record.risk_tables.get(name)
    found = {} if table is None else dict(zip(table.time.round(6).tolist(), table.at_risk.tolist(), strict=True))
    exact = sum(found.get(round(at, 6)) == count for at, count in zip(panel.risk_times, expected, strict=True))
    curve = result.record.curves.get(name)
    mean, away = (np.nan, np.nan) if curve is None else _survival_errors(curve, truth, panel.end)
    events = np.nan if summary is None or summary.events.value is None else summary.events.value
    return ArmMeasure(
        name=name,
        n=0 if summary is None else summary.n,
        true_n=truth.n,
        events=float(events),
        true_events=truth.events,
        cells=len(expected),
        cells_exact=exact,
        mean_error=float(mean),
        away_error=float(away),
        fit=fit,
    )


def _survival_errors(curve: SurvivalCurve, truth: PseudoIPD, end: float) -> tuple[float, float]:
    """Return mean and largest absolute error of a read curve; the largest a hair away from every true step."""
    last = min(float(truth.time.max()), end)
    at = np.linspace(0, last, _GRID)
    off = np.abs(curve.at(at) - truth.survival_at(at))
    steps = truth.kaplan_meier()[0]
    far = np.abs(at[:, None] - steps[None]).min(axis=1) > 5e-4 * last if steps.size else np.ones(at.size, bool)
    return float(off.mean()), float(off[far].max(initial=0.0))


def _contrast(panel: Panel, comparison: Comparison) -> ContrastMeasure:
    cox = true_cox(panel.arms[comparison.over], panel.arms[comparison.of])
    ratio = comparison.hazard_ratio
    low, high = (None, None) if ratio.interval is None else (ratio.interval.low, ratio.interval.high)
    return ContrastMeasure(
        of=comparison.of,
        over=comparison.over,
        true_ratio=cox.ratio,
        ratio=_number(ratio.value),
        low=_number(low),
        high=_number(high),
    )


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
