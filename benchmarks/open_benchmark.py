"""Accuracy, coverage and speed of the state-space method on a folder of curves with known patients.

    python -m benchmarks.open_benchmark CASES [-o OUT] [--modes trace,vector] [--information full,none] [--draws K]

CASES/<case>/ holds ``ipd.csv`` (time,event,arm), ``risk.csv`` (time,n0,n1) and a folder a mode with ``arm{0,1}.csv``
(time,survival) and ``censored{0,1}.csv`` (time). Prints medians over the cases; with ``-o`` it writes the rebuilt
patients as ``OUT/<case>/<mode>/statespace_<information>_arm{0,1}.csv``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.results import write_section
from benchmarks.truth import Arm, Trial, compare, print_row, rebuild

INFORMATION = ("full", "risk", "events", "none", "ticks", "all")
MODES = ("trace", "clicks", "vector")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What to run."""

    cases: Path
    out: Path | None
    draws: int


def read_trial(case: Path, mode: str) -> Trial:
    """Return both arms of a case with their points, table and marks."""
    patients, table = pd.read_csv(case / "ipd.csv"), pd.read_csv(case / "risk.csv")
    arms = []
    for k in (0, 1):
        own, points = patients[patients["arm"] == k], pd.read_csv(case / mode / f"arm{k}.csv")
        marks = pd.read_csv(case / mode / f"censored{k}.csv")["time"].to_numpy(dtype=float)
        arms.append(
            Arm(
                time=own["time"].to_numpy(dtype=float),
                event=own["event"].to_numpy(dtype=bool),
                points=(points["time"].to_numpy(dtype=float), points["survival"].to_numpy(dtype=float)),
                table=(table["time"].to_numpy(dtype=float), table[f"n{k}"].to_numpy(dtype=np.int64)),
                marks=marks,
            )
        )
    return Trial(name=case.name, arms=(arms[0], arms[1]))


def trials(cases: Path, mode: str) -> Iterator[Trial]:
    """Yield every case."""
    for case in sorted(p for p in cases.iterdir() if (p / mode).is_dir()):
        yield read_trial(case, mode)


def run(mode: str, information: str, options: Options) -> str:
    """Rebuild every case from one kind of points and one level of information."""
    rows, start = [], time.perf_counter()
    for trial in trials(options.cases, mode):
        results = rebuild(trial, information, seed=1)
        rows.append(compare(trial, results, options.draws))
        if options.out is not None:
            folder = options.out / trial.name / mode
            folder.mkdir(parents=True, exist_ok=True)
            for k, result in enumerate(results):
                result.ipd.to_frame().to_csv(folder / f"statespace_{information}_arm{k}.csv", index=False)
    return print_row(f"{mode}/{information}", rows, time.perf_counter() - start)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("-o", "--out", type=Path)
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--information", default=",".join(INFORMATION))
    parser.add_argument("--draws", type=int, default=100)
    asked = parser.parse_args()
    options = Options(cases=asked.cases, out=asked.out, draws=asked.draws)
    kinds = [(mode, information) for mode in asked.modes.split(",") for information in asked.information.split(",")]
    lines = []
    for mode, information in kinds:
        lines.append(run(mode, information, options))
        text = "```\n" + "\n".join(lines) + "\n```"
        write_section("The state-space method on the open benchmark", "python -m benchmarks.open_benchmark CASES", text)


if __name__ == "__main__":
    main()
