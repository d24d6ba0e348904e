"""How long one reconstruction, its draws, the import and the commands take.

python -m benchmarks speed [--quick]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from functools import partial
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.cases import POINTS, Arm
from benchmarks.options import first_line
from benchmarks.readers import read_arm
from benchmarks.results import markdown_table, write_section
from survrecon.model.curve import RiskTable
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.reconstruct import reconstruct

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["arm", "main"]

_CALLS, _SAMPLED, _STARTS, _DRAWS = 200, 5, 7, 200
_LARGE = 3000  # patients of a large arm
_QUICK = 10  # times fewer
_CLI = "from survrecon.cli import main; main()"
_COMMANDS = {
    "an interpreter alone": ("-c", "pass"),
    "`import survrecon`": ("-c", "import survrecon"),
    "`survrecon list`": ("-c", _CLI, "list"),
    "`survrecon --help`": ("-c", _CLI, "--help"),
}


def arm(n: int = 300, seed: int = 0) -> Arm:
    """Simulate ``n`` patients, their curve as read in three ways, and 10 printed numbers at risk."""
    rng = np.random.default_rng(seed)
    event, censoring = rng.exponential(20, n), rng.uniform(20, 40, n)
    patients = PseudoIPD(time=np.minimum(event, censoring), event=event <= censoring)
    points, marks = read_arm(patients, 40.0, 0.2, rng)
    printed = np.linspace(0, 36, 10)
    return Arm(
        patients=patients,
        points=points,
        marks=marks,
        table=RiskTable(time=printed, at_risk=patients.at_risk(printed)),
    )


def reconstructions(shorter: int) -> list[list[str]]:
    """Return the rows of `reconstruct`, repairs and checks included, with table and total events and without."""
    one, rows = arm(), []
    for method in ("guyot", "spread"):
        seconds = _seconds(partial(_rebuilt, one, "trace", True, method), _CALLS // shorter)
        rows.append([f"`reconstruct(..., method='{method}')`, a trace, table and total", f"{1000 * seconds:.2f} ms"])
    for points in POINTS:
        rows += _with_draws(one, points, points, shorter)
    return rows + _with_draws(arm(_LARGE), "trace", f"trace of {_LARGE:,} patients", shorter)


def _with_draws(one: Arm, points: str, named: str, shorter: int) -> list[list[str]]:
    """Return the rows of one arm with and without table and total, with draws and without."""
    rows, calls = [], max(_SAMPLED // shorter, 1)
    for known, said in ((True, "table and total"), (False, "N alone")):
        alone = _seconds(partial(_rebuilt, one, points, known, "auto"), calls)
        drawn = _seconds(partial(_rebuilt, one, points, known, "auto", _DRAWS), calls)
        rows.append([f"`reconstruct(...)`, {named}, {said}", f"{alone:.2f} s"])
        rows.append([f"the same and {_DRAWS} draws", f"{drawn:.2f} s"])
    return rows


def _rebuilt(one: Arm, points: str, known: bool, method: str, draws: int = 0) -> None:
    result = reconstruct(
        one.points[points],
        n=one.patients.n,
        risk_table=one.table if known else None,
        events=one.patients.events if known else None,
        method=method,
    )
    if draws:
        result.draws(draws)


def _seconds(call: Callable[[], None], times: int) -> float:
    """Return the median time of a call."""
    seconds = []
    for _ in range(times):
        start = perf_counter()
        call()
        seconds.append(perf_counter() - start)
    return median(seconds)


def seconds_of(starts: int, *command: str) -> float | None:
    """Return the median time of a command from a cold interpreter, or ``None`` where it fails."""
    seconds = []
    for _ in range(starts):
        start = perf_counter()
        if subprocess.run([sys.executable, *command], capture_output=True, check=False).returncode:
            return None
        seconds.append(perf_counter() - start)
    return median(seconds)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print, and write the section of RESULTS.md unless ``--quick``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks speed", description=first_line(__doc__))
    parser.add_argument("--quick", action="store_true", help="a tenth of the calls; RESULTS.md stays as it is")
    quick = parser.parse_args(arguments).quick
    rows = reconstructions(_QUICK if quick else 1)
    for name, command in _COMMANDS.items():
        seconds = seconds_of(1 if quick else _STARTS, *command)
        rows.append([name, "failed" if seconds is None else f"{seconds:.2f} s"])
    table = markdown_table(["what, an arm of 300 patients unless said", "median"], rows)
    print(table)
    if not quick:
        write_section("Speed", "python -m benchmarks speed", table)


if __name__ == "__main__":
    main()
