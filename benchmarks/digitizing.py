"""Accuracy and speed of digitizing on a folder of figures with known truth.

    python -m benchmarks.digitizing CASES [--out DIR] [--only TEXT] [--record]

CASES holds one folder a case: ``truth.json`` (axes, arms, files with the places of the data corners), ``arm<k>.csv``
(corners of each drawn curve) and ``ipd.csv`` (patients). Every file of every case is read; the table of results says
what was reached. With ``--out`` the curves are also written, one folder a case, for other scoring programs.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.results import markdown_table, write_section
from survrecon.curve import FloatArray
from survrecon.digitizing import DigitizedFigure, FigureKind, arm_curve, arm_risk_table, digitize, draw_overlay
from survrecon.errors import SurvreconError

__all__ = ["Result", "main", "measure"]


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


def measure(folder: Path, truth: dict[str, Any], name: str) -> tuple[Result, DigitizedFigure | None]:
    """Digitize one file and compare it with the truth."""
    result = Result(case=folder.name, file=name, primary=name == truth["primary"])
    printed = truth.get("risk_table")
    given = {} if printed else {a["label"]: a["n"] for a in truth["arms"]}  # as a user must where none is printed
    began, worked = time.perf_counter(), time.process_time()
    try:
        figure = digitize(folder / name, n=given)
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


def _axes(result: Result, figure: DigitizedFigure, truth: dict[str, Any], corners: dict[str, list[float]]) -> None:
    x, y = truth["x_axis"], truth["y_axis"]
    away = []
    for corner, place in corners.items():
        value = y["min" if "ymin" in corner else "max"] / (100 if figure.percent else 1)
        at = figure.pixel(x["min" if "xmin" in corner else "max"], 1 - value if figure.rising else value)
        away.append(math.dist([float(v) for v in at], place))
    result.axes_pixels = float(np.mean(away))
    read = {round(float(v), 6) for v in [*figure.time_axis.values, *figure.survival_axis.values]}
    printed = {round(float(v), 6) for v in [*x["ticks"], *y["ticks"]]}
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
    from survrecon.analysis.cox import contrast
    from survrecon.ipd import PseudoIPD
    from survrecon.reconstruction.reconstruct import reconstruct

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


def _share(pairs: Sequence[tuple[int, int]]) -> str:
    got, of = sum(p[0] for p in pairs), sum(p[1] for p in pairs)
    return f"{got}/{of} ({100 * got / max(of, 1):.1f}%)"


def _print(results: list[Result]) -> None:
    head = f"{'case':26s}{'file':18s} {'kind':7s} {'sec':>5s} {'mean error of S':32s} {'axes':>5s} {'cells':>7s}"
    print(f"{head} {'lnHR':>7s}  marks")
    for r in results:
        errors = " ".join(f"{e:.4f}" for e in r.mean_error)
        marks = " ".join(f"{a:.2f}/{b:.2f}" for a, b in zip(r.recall, r.precision, strict=False))
        print(
            f"{r.case:26s}{r.file:18s} {r.kind:7s} {r.seconds:5.1f} {errors:32s} {r.axes_pixels:5.2f} "
            f"{r.cells[0]:3d}/{r.cells[1]:<3d} {r.log_hr_error:7.4f}  {marks} {r.note}"
        )


def _summary(results: list[Result], wide: set[tuple[str, str]]) -> list[tuple[str, str]]:
    read = sum(r.kind != "refused" for r in results)
    vector = [r for r in results if r.kind == FigureKind.VECTOR]
    raster = [r for r in results if r.kind == FigureKind.TRACED]
    primary = [r for r in results if r.primary]
    means = np.array([e for r in primary for e in r.mean_error])
    hr = np.array([r.log_hr_error for r in primary])
    hr = hr[np.isfinite(hr)]
    events = np.array([e for r in primary for e in r.events_error])
    marked = [r for r in raster if (r.case, r.file) in wide]
    recall = [x for r in marked for x in r.recall]
    precision = [x for r in marked for x in r.precision]
    wall, cpu = [r.seconds for r in raster], [r.cpu for r in raster]
    away = max([e for r in vector for e in r.away_error], default=math.nan)
    lines = [
        ("files digitized, with no option but N where none is printed", f"{read} of {len(results)}"),
        ("vector: largest error of S away from drops", f"{away:.1e}"),
        ("vector: drops found", _share([(min(a, b), b) for r in vector for a, b in r.drops])),
        (
            "raster, primary files: mean error of S, median and worst arm",
            f"{np.nanmedian(means):.4f}, {np.nanmax(means):.4f}",
        ),
        ("raster: largest mean error of the axes", f"{max((r.axes_pixels for r in raster), default=math.nan):.2f} px"),
        ("arm names", _share([r.names for r in results])),
        ("tick labels", _share([r.ticks for r in results])),
        ("risk-table cells", _share([r.cells for r in results])),
        ("read wrong in silence", str(sum(r.silent for r in results))),
        ("N exact where printed", _share([r.n_exact for r in results])),
    ]
    if recall:
        lines += [
            ("marks, 900 px and more: recall, mean and worst arm", f"{np.mean(recall):.2f}, {min(recall):.2f}"),
            ("marks: precision, mean and worst arm", f"{np.mean(precision):.2f}, {min(precision):.2f}"),
        ]
    if len(hr):
        lines += [
            (
                "end to end, primary files: ln HR error, median and 90th percentile",
                f"{np.median(hr):.4f}, {np.quantile(hr, 0.9):.4f}",
            ),
            ("events within 1% of N", f"{100 * (events <= 0.01).mean():.0f}% of {len(events)} arms"),
        ]
    lines.append(
        (
            "seconds a raster figure, median and most: CPU; wall clock",
            f"{np.median(cpu):.1f}, {max(cpu):.1f}; {np.median(wall):.1f}, {max(wall):.1f}",
        )
    )
    return lines


def _write(folder: Path, figure: DigitizedFigure, truth: dict[str, Any], name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for arm in figure.arms:
        index = next((a["index"] for a in truth["arms"] if a["label"] == arm.name), None)
        if index is not None:
            table = np.column_stack([arm.time, arm.survival])
            np.savetxt(
                folder / f"arm{index}.csv", table, delimiter=",", header="time,survival", comments="", fmt="%.8g"
            )
    x, y, corners = truth["x_axis"], truth["y_axis"], {}
    for corner in ("xmin_ymin", "xmax_ymin", "xmin_ymax", "xmax_ymax"):
        value = y["min" if "ymin" in corner else "max"] / (100 if figure.percent else 1)
        at = figure.pixel(x["min" if "xmin" in corner else "max"], 1 - value if figure.rising else value)
        corners[corner] = [float(v) for v in at]
    (folder / "axes.json").write_text(json.dumps({"file": name, "corners": corners}))
    (folder / "overlay.png").write_bytes(draw_overlay(figure))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--record", action="store_true", help="write the summary to RESULTS.md")
    given = parser.parse_args(arguments)
    results: list[Result] = []
    wide: set[tuple[str, str]] = set()
    for path in sorted(given.cases.glob("*/truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        for name, file in truth["files"].items():
            if given.only not in f"{path.parent.name}/{name}":
                continue
            result, figure = measure(path.parent, truth, name)
            results.append(result)
            if file.get("width", 0) >= 900 or "width" not in file:
                wide.add((result.case, name))
            if figure is not None and given.out is not None and result.primary:
                _write(given.out / path.parent.name, figure, truth, name)
    _print(results)
    lines = _summary(results, wide)
    print("\n" + "\n".join(f"{what}: {value}" for what, value in lines))
    if given.record:
        table = markdown_table(["what", "reached"], [list(line) for line in lines])
        write_section("Digitizing", "python -m benchmarks.digitizing CASES", table)


if __name__ == "__main__":
    main()
