"""A figure file with known truth, digitized: axes, curves, marks, numbers at risk, and the hazard ratio at the end."""

from __future__ import annotations

import csv
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.analysis.cox import contrast
from survrecon.digitizing import DigitizedFigure, arm_curve, arm_risk_table, digitize
from survrecon.errors import SurvreconError
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.reconstruct import reconstruct

if TYPE_CHECKING:
    from pathlib import Path

    from survrecon.arrays import FloatArray

__all__ = ["Result", "corner_places", "measure"]


@dataclass(kw_only=True)
class Result:
    """What was measured on one file."""

    case: str
    file: str
    primary: bool
    kind: str = "refused"
    seconds: float = 0.0
    cpu: float = 0.0
    mean_error: list[float] = field(default_factory=list)
    away_error: list[float] = field(default_factory=list)
    drops: list[tuple[int, int]] = field(default_factory=list)
    axes_pixels: float = math.nan
    names: tuple[int, int] = (0, 0)
    ticks: tuple[int, int] = (0, 0)
    cells: tuple[int, int] = (0, 0)
    silent: int = 0
    n_exact: tuple[int, int] = (0, 0)
    recall: list[float] = field(default_factory=list)
    precision: list[float] = field(default_factory=list)
    log_hr_error: float = math.nan
    events_error: list[float] = field(default_factory=list)
    note: str = ""


def measure(folder: Path, truth: dict[str, Any], name: str) -> tuple[Result, DigitizedFigure | None]:
    """Digitize one file and compare it with the truth."""
    result = Result(case=folder.name, file=name, primary=name == truth["primary"])
    printed = truth.get("risk_table")
    given = {} if printed else {a["label"]: a["n"] for a in truth["arms"]}  # as a user must where none is printed
    began, worked = time.perf_counter(), time.process_time()
    try:
        figure = _digitized(folder / name, given)
    except SurvreconError as error:
        result.note = str(error)
        return result, None
    result.seconds, result.cpu = time.perf_counter() - began, time.process_time() - worked
    result.kind = str(figure.kind)
    arms = truth["arms"]
    labels = [a["label"] for a in arms]
    result.names = (sum(a.name in labels for a in figure.arms), len(labels))
    _axes(result, figure, truth, truth["files"][name]["corners"])
    _curves(result, figure, truth, folder)
    _table(result, figure, truth)
    try:
        _end_to_end(result, figure, truth, folder)
    except SurvreconError as error:
        result.note = f"reconstruction: {error}"
    return result, figure


def _digitized(path: Path, given: dict[str, int]) -> DigitizedFigure:
    """Read a figure with the numbers of patients; where a name was misread, with those of the names that were not."""
    try:
        return digitize(path, n=given)
    except SurvreconError as error:
        if not error.where.endswith("n="):
            raise
        found = [arm.name for arm in digitize(path).arms]
        return digitize(path, n={name: n for name, n in given.items() if name in found})


def corner_places(figure: DigitizedFigure, truth: dict[str, Any]) -> dict[str, list[float]]:
    """Return where the reading puts the corners of the data, in the file's own coordinates."""
    x, y = truth["x_axis"], truth["y_axis"]
    found = {}
    for corner in ("xmin_ymin", "xmax_ymin", "xmin_ymax", "xmax_ymax"):
        value = y["min" if "ymin" in corner else "max"] / (100 if figure.percent else 1)
        at = figure.pixel(x["min" if "xmin" in corner else "max"], 1 - value if figure.rising else value)
        found[corner] = [float(v) for v in at]
    return found


def _axes(result: Result, figure: DigitizedFigure, truth: dict[str, Any], corners: dict[str, list[float]]) -> None:
    places = corner_places(figure, truth)
    result.axes_pixels = float(np.mean([math.dist(places[corner], place) for corner, place in corners.items()]))
    read = {round(float(v), 6) for v in [*figure.time_axis.values, *figure.survival_axis.values]}
    printed = {round(float(v), 6) for v in [*truth["x_axis"]["ticks"], *truth["y_axis"]["ticks"]]}
    result.ticks = (len(read & printed), len(printed))
    result.silent += len(read - printed)


def _curves(result: Result, figure: DigitizedFigure, truth: dict[str, Any], folder: Path) -> None:
    patients = _patients(folder / "ipd.csv")
    sources = list(patients)
    width = truth["x_axis"]["max"] - truth["x_axis"]["min"]
    for k, arm in enumerate(truth["arms"]):
        read = next((a for a in figure.arms if a.name == arm["label"]), None)
        if read is None:
            result.mean_error.append(math.nan)
            continue
        t, s = _corners(folder / f"arm{arm['index']}.csv")
        at = np.linspace(0, t[-1], 1000)
        result.mean_error.append(float(np.abs(_step(read.time, read.survival, at) - _step(t, s, at)).mean()))
        fine = np.linspace(0, t[-1], 20001)
        steps = np.unique(t[:-1][(np.diff(t) == 0) & (np.diff(s) < 0)])
        far = np.abs(fine[:, None] - steps[None]).min(axis=1) > 5e-4 * t[-1] if len(steps) else np.ones(len(fine), bool)
        result.away_error.append(
            float(np.abs(_step(read.time, read.survival, fine) - _step(t, s, fine))[far].max(initial=0.0))
        )
        result.drops.append((int((np.diff(read.survival) < 0).sum()), len(steps)))
        if truth["censor_marks"]:
            times, events = patients[sources[k]]
            marks = np.unique(times[(events == 0) & (times <= truth["curve_drawn_to"] * 1.0001)])
            found = read.censor_times if read.censor_times is not None else np.zeros(0)
            reach = max(0.004 * width, 1.5 * figure.time_axis.resolution)
            away = np.abs(found[:, None] - marks[None])
            result.recall.append(float((away.min(axis=0) <= reach).mean()) if len(found) and len(marks) else 0.0)
            if len(found):
                result.precision.append(float((away.min(axis=1) <= reach).mean()))
        elif read.censor_times is not None:
            result.precision.append(0.0)


def _table(result: Result, figure: DigitizedFigure, truth: dict[str, Any]) -> None:
    printed = truth.get("risk_table")
    if not printed:
        return
    right = total = exact = 0
    doubted = " ".join(d.where for d in figure.doubts)
    for row in printed["rows"]:
        read = () if figure.risk_table is None else figure.risk_table.rows.get(row["label"], ())
        total += len(row["n"])
        right += sum(a == b for a, b in zip(read, row["n"], strict=False))
        wrong = sum(a is not None and a != b for a, b in zip(read, row["n"], strict=False))
        result.silent += wrong if row["label"] not in doubted else 0
        arm = next((a for a in figure.arms if a.name == row["label"]), None)
        exact += arm is not None and arm.n == row["n"][0]
    result.cells = (right, total)
    result.n_exact = (exact, len(printed["rows"]))


def _end_to_end(result: Result, figure: DigitizedFigure, truth: dict[str, Any], folder: Path) -> None:
    patients = _patients(folder / "ipd.csv")
    rebuilt: list[PseudoIPD] = []
    true: list[PseudoIPD] = []
    for k, arm in enumerate(truth["arms"]):
        read = next((a for a in figure.arms if a.name == arm["label"]), None)
        if read is None:
            return
        t, e = patients[list(patients)[k]]
        true.append(PseudoIPD(time=t, event=e > 0, arm=arm["label"]))
        ipd = reconstruct(
            arm_curve(figure, read),
            n=read.n or arm["n"],
            risk_table=arm_risk_table(figure, read),
            censor_times=read.censor_times,
        ).ipd
        rebuilt.append(ipd)
        drawn = e[t <= truth["curve_drawn_to"]].sum()
        result.events_error.append(abs(float(ipd.event.sum()) - float(drawn)) / arm["n"])
    end = truth["curve_drawn_to"]
    cut = [PseudoIPD(time=np.minimum(p.time, end), event=p.event & (p.time <= end), arm=p.arm) for p in true]
    result.log_hr_error = abs(contrast(*rebuilt[:2]).log_hr - contrast(*cut[:2]).log_hr)


def _step(t: FloatArray, s: FloatArray, at: FloatArray) -> FloatArray:
    return np.concatenate([[1.0], s])[np.searchsorted(t, at, side="right")]


def _corners(path: Path) -> tuple[FloatArray, FloatArray]:
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    return table[:, 0], table[:, 1]


def _patients(path: Path) -> dict[str, tuple[FloatArray, FloatArray]]:
    arms: dict[str, list[tuple[float, float]]] = {}
    with path.open(newline="") as handle:
        for row in csv.DictReader(handle):
            arms.setdefault(row["arm"], []).append((float(row["time"]), float(row["event"])))
    return {k: (np.array([p[0] for p in v]), np.array([p[1] for p in v])) for k, v in arms.items()}
