"""How long one reconstruction, the import and the catalogue take.

Usage: python -m benchmarks.speed
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from time import perf_counter

import numpy as np

from benchmarks.results import markdown_table, write_section
from survrecon.curve import RiskTable, SurvivalCurve
from survrecon.ipd import PseudoIPD
from survrecon.reconstruction.reconstruct import reconstruct

CALLS, STARTS = 200, 7
_CLI = "from survrecon.cli import main; main()"


def arm(seed: int = 0) -> tuple[PseudoIPD, SurvivalCurve, RiskTable]:
    """Simulate 300 patients, their curve at 600 pixel columns with noise, and 10 risk times."""
    rng = np.random.default_rng(seed)
    event, censoring = rng.exponential(20, 300), rng.uniform(20, 40, 300)
    patients = PseudoIPD(time=np.minimum(event, censoring), event=event <= censoring)
    columns = np.linspace(0, 38, 600)
    rows = np.round(patients.survival_at(columns) * 400 + rng.normal(0, 0.3, 600)) / 400
    times = np.linspace(0, 36, 10)
    table = RiskTable(time=times, at_risk=patients.at_risk(times))
    return patients, SurvivalCurve(time=columns, survival=np.clip(rows, 0, 1)), table


def milliseconds_a_call(method: str) -> float:
    """Return the median time of `reconstruct`, repairs and checks included."""
    patients, curve, table = arm()
    seconds = []
    for _ in range(CALLS):
        start = perf_counter()
        reconstruct(curve, n=patients.n, risk_table=table, events=patients.events, method=method)
        seconds.append(perf_counter() - start)
    return 1000 * median(seconds)


def seconds_of(*command: str) -> float | None:
    """Return the median time of a command from a cold interpreter, or ``None`` where it fails."""
    seconds = []
    for _ in range(STARTS):
        start = perf_counter()
        if subprocess.run([sys.executable, *command], capture_output=True, check=False).returncode:
            return None
        seconds.append(perf_counter() - start)
    return median(seconds)


def main() -> None:
    """Run, print, and write the section of RESULTS.md."""
    rows = [
        [f"`reconstruct(..., method='{method}')`, 600 points, 10 risk times, 300 patients", f"{ms:.2f} ms"]
        for method, ms in ((m, milliseconds_a_call(m)) for m in ("guyot", "spread"))
    ]
    commands = {
        "an interpreter alone": ("-c", "pass"),
        "`import survrecon`": ("-c", "import survrecon"),
        "`survrecon list`": ("-c", _CLI, "list"),
        "`survrecon --help`": ("-c", _CLI, "--help"),
    }
    for name, command in commands.items():
        seconds = seconds_of(*command)
        rows.append([name, "failed" if seconds is None else f"{seconds:.2f} s"])
    table = markdown_table(["what", "median"], rows)
    print(table)
    write_section("Speed", "python -m benchmarks.speed", table)


if __name__ == "__main__":
    main()
