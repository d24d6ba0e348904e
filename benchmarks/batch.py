"""How long a batch of figures takes: images of about 1000 pixels, text read by character recognition.

    python -m benchmarks batch [--number 100] [--jobs 2] [--keep DIR]

The figures are drawn here from simulated trials, in five looks, each with a risk table and a printed hazard ratio; 200
data sets per arm are drawn. CPU seconds of the workers, their start included, tell what the same batch takes where
nothing else runs: their sum by the number of cores.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from benchmarks.options import first_line
from benchmarks.results import markdown_table, write_section
from survrecon.analysis.cox import contrast
from survrecon.model.ipd import PseudoIPD

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = (("Placebo", "Drug"), ("Control", "Treatment"), ("Standard", "Experimental"))
LOOKS: tuple[dict[str, Any], ...] = (
    {"colours": ("#1f77b4", "#d62728"), "dashes": ("-", "-"), "marks": "|", "percent": False},
    {"colours": ("black", "#999999"), "dashes": ("-", "-"), "marks": None, "percent": True},
    {"colours": ("#00468b", "#ed0000"), "dashes": ("-", "-"), "marks": "+", "percent": True},
    {"colours": ("#2ca02c", "#9467bd"), "dashes": ("-", "--"), "marks": None, "percent": False},
    {"colours": ("#e69f00", "#0072b2"), "dashes": ("-", "-"), "marks": "|", "percent": False},
)
TICKS = np.arange(0, 37, 6)


def arm(rng: np.random.Generator, n: int, mean: float) -> PseudoIPD:
    """Simulate exponential events, staggered entry and drop-out."""
    event = rng.exponential(mean, n)
    limit = np.minimum(36 * (1 - 0.6 * rng.random(n)), rng.exponential(200, n))
    return PseudoIPD(time=np.minimum(event, limit), event=event <= limit)


def draw(path: Path, seed: int) -> None:
    """Draw one trial's figure, 1000 by 760 pixels."""
    rng = np.random.default_rng(seed)
    look, names = LOOKS[seed % len(LOOKS)], NAMES[seed % len(NAMES)]
    arms = [arm(rng, int(rng.integers(80, 400)), mean) for mean in (rng.uniform(10, 20), rng.uniform(15, 35))]
    full = 100.0 if look["percent"] else 1.0
    figure = Figure(figsize=(7.7, 5.85), dpi=130)
    axes = figure.add_axes((0.2, 0.34, 0.75, 0.6))
    for ipd, name, colour, dash in zip(arms, names, look["colours"], look["dashes"], strict=True):
        time, survival = _steps(ipd)
        axes.plot(time, full * survival, dash, color=colour, lw=1.6, drawstyle="steps-post", label=name)
        if look["marks"]:
            at = np.unique(ipd.time[~ipd.event])
            axes.plot(at, full * ipd.survival_at(at), look["marks"], color=colour, ms=6)
    axes.set(xlim=(0, 36.5), ylim=(0, 1.03 * full), xticks=TICKS, xlabel="Months", ylabel="Overall survival")
    axes.set_yticks(full * np.linspace(0, 1, 6))
    axes.legend(loc="upper right")
    fit = contrast(*arms)
    ratio, low, high = np.exp(fit.log_hr + np.array([0, -1.96, 1.96]) * fit.se)
    axes.text(0.03, 0.06, f"HR {ratio:.2f} (95% CI {low:.2f}-{high:.2f})", transform=axes.transAxes)
    figure.text(0.02, 0.16, "No. at risk")
    for row, (ipd, name) in enumerate(zip(arms, names, strict=True)):
        figure.text(0.02, 0.11 - 0.05 * row, name)
        for t, n in zip(TICKS, ipd.at_risk(TICKS), strict=True):
            figure.text(0.2 + 0.75 * t / 36.5, 0.11 - 0.05 * row, str(n), ha="center")
    figure.savefig(path)


def _steps(ipd: PseudoIPD) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    at = np.unique(np.append(ipd.time[ipd.event], [0.0, ipd.time.max()]))
    return at, ipd.survival_at(at)


def run(figures: int, jobs: int, folder: Path) -> list[list[str]]:
    """Draw the figures, run the batch from a cold start, and return the rows of the table."""
    names = [f"figure{seed:03d}.png" for seed in range(figures)]
    for seed, name in enumerate(names):
        draw(folder / name, seed)
    (folder / "manifest.csv").write_text("figure\n" + "\n".join(names) + "\n", encoding="utf-8")
    call = [sys.executable, "-m", "survrecon", "batch", str(folder / "manifest.csv"), "-o", str(folder / "out")]
    start = perf_counter()
    subprocess.run([*call, "--jobs", str(jobs)], check=True, stdout=subprocess.DEVNULL)
    wall = perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = perf_counter()
    subprocess.run([*call, "--jobs", str(jobs)], check=True, stdout=subprocess.DEVNULL)
    again = perf_counter() - start
    states = [json.loads(path.read_text(encoding="utf-8")) for path in (folder / "out").glob("*/batch.json")]
    cpu = [state["cpu_seconds"] for state in states]
    with (folder / "out" / "summary.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    done = [row for row in rows if row["status"] == "done"]
    away = [abs(float(row["difference_ln"])) for row in done if row["difference_ln"]]
    total = used.ru_utime + used.ru_stime
    cores = os.cpu_count() or 1
    return [
        [f"{figures} figures, `--jobs {jobs}`, wall time", f"{wall:.0f} s"],
        ["figures done; with their printed hazard ratio read", f"{len(done)} of {figures}; {len(away)}"],
        ["ln HR, median distance of the rebuilt from the printed", f"{median(away):.4f}"],
        ["CPU time of all processes, start included", f"{total:.0f} s"],
        [f"that by {jobs} cores: wall time where nothing else runs, at best", f"{total / jobs:.0f} s"],
        ["CPU time a figure, median (largest)", f"{median(cpu):.2f} s ({max(cpu):.2f} s)"],
        ["largest memory of a process", f"{used.ru_maxrss / 1024:.0f} MB"],
        ["the same call again: nothing left to do", f"{again:.1f} s"],
        ["cores; load of the machine (1 min) at the end", f"{cores}; {os.getloadavg()[0]:.1f}"],
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks batch", description=first_line(__doc__))
    parser.add_argument("--number", type=int, default=100, help="of figures")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="draw and run here, and keep it")
    given = parser.parse_args(arguments)
    if given.keep is not None:
        given.keep.mkdir(parents=True)
        rows = run(given.number, given.jobs, given.keep)
    else:
        with tempfile.TemporaryDirectory() as name:
            rows = run(given.number, given.jobs, Path(name))
    table = markdown_table(["what", "measured"], rows)
    print(table)
    command = f"python -m benchmarks batch --number {given.number} --jobs {given.jobs}"
    write_section("A batch of figures", command, table)


if __name__ == "__main__":
    main()
