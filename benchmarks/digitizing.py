"""Accuracy and speed of digitizing on a folder of figures with known truth.

    python -m benchmarks.digitizing CASES [--out DIR] [--only TEXT] [--quick]

CASES holds one folder a case: ``truth.json`` (axes, arms, files with the places of the data corners), ``arm<k>.csv``
(corners of each drawn curve) and ``ipd.csv`` (patients). Every file of every case is read; the table of results says
what was reached. With ``--out`` the curves are also written, one folder a case, for other scoring programs.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.digitizing_measures import Result, corner_places, measure
from benchmarks.one_figure import cold, warm
from benchmarks.results import markdown_table, write_section
from survrecon.digitizing import DigitizedFigure, FigureKind, draw_overlay

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


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
    (folder / "axes.json").write_text(json.dumps({"file": name, "corners": corner_places(figure, truth)}))
    (folder / "overlay.png").write_bytes(draw_overlay(figure))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print, and write the section of RESULTS.md, unless it was a part only."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", default="", help="cases and files with this text; RESULTS.md stays as it is")
    parser.add_argument("--quick", action="store_true", help="one file a case; RESULTS.md stays as it is")
    given = parser.parse_args(arguments)
    results: list[Result] = []
    wide: set[tuple[str, str]] = set()
    for path in sorted(given.cases.glob("*/truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        for name, file in truth["files"].items():
            if given.only not in f"{path.parent.name}/{name}" or (given.quick and name != truth["primary"]):
                continue
            result, figure = measure(path.parent, truth, name)
            results.append(result)
            if file.get("width", 0) >= 900 or "width" not in file:
                wide.add((result.case, name))
            if figure is not None and given.out is not None and result.primary:
                _write(given.out / path.parent.name, figure, truth, name)
    _print(results)
    lines = _summary(results, wide)
    if not given.only:
        for what, measured in (("cold, whole process", cold()), ("warm", warm())):
            seconds = ", ".join(f"{value:.1f}" for value in measured)
            lines.append((f"one figure of 1000 px through `run`, {what}: seconds of CPU, wall clock", seconds))
    print("\n" + "\n".join(f"{what}: {value}" for what, value in lines))
    if not given.only and not given.quick:
        table = markdown_table(["what", "reached"], [list(line) for line in lines])
        write_section("Digitizing", "python -m benchmarks.digitizing CASES", table)


if __name__ == "__main__":
    main()
