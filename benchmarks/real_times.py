"""How long published figures take, each in a process of its own, with nothing kept from another one.

    python -m benchmarks.real_times FIGURES [--figures 12] [--write]

Of a folder of figures (see `benchmarks.real`) some are taken, evenly spaced by name; each is digitized, then run, which
is to digitize, rebuild and report. A process begins each time, so that character recognition is loaded anew and no word
is known. It begins as a user's does. The package is compiled before, as it is where it is installed: from a checkout in
which Python may not write (``PYTHONDONTWRITEBYTECODE``) it would be compiled at every start, for 0.7 s. Variables that
tell libraries how many threads to use are left out.

CPU seconds are those of the process and of what it starts: on a machine that does other work they are the fairer ones,
though longer than on a quiet one, and longer than what a user waits where two processors share the work. ``--write``
puts the table into RESULTS.md.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

import survrecon
from benchmarks.options import first_line
from benchmarks.real import PICTURES
from benchmarks.results import markdown_table, write_section

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main", "shares", "spaced"]

_CLI = "from survrecon.cli import main; main()"
_VERBS = ("digitize", "run")
_BARS = {"digitize": (5.0, 5.0), "run": (8.0, 15.0)}
"""Seconds on a quiet machine: the median, and nine of ten."""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def spaced(count: int, number: int) -> list[int]:
    """Return ``number`` of ``count`` places, evenly spaced.

    Examples
    --------
    >>> spaced(61, 4), spaced(2, 12)
    ([0, 20, 40, 60], [0, 1])
    """
    return sorted({round(float(place)) for place in np.linspace(0, count - 1, min(number, count))})


def shares(seconds: Sequence[float]) -> tuple[float, float, float]:
    """Return the median, what nine of ten do not exceed, and the longest.

    Examples
    --------
    >>> shares([1.0, 2.0, 3.0, 9.0, 4.0, 5.0, 6.0, 7.0, 8.0, 30.0])
    (5.5, 9.0, 30.0)
    """
    ordered = np.sort(np.asarray(seconds, dtype=float))
    return float(np.median(ordered)), float(ordered[int(np.ceil(0.9 * ordered.size)) - 1]), float(ordered[-1])


def _timed(arguments: Sequence[str]) -> tuple[float, float]:
    """Call the command line in a process of its own; return its CPU and wall seconds."""
    environment = {name: value for name, value in os.environ.items() if name not in _THREADS}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    subprocess.run([sys.executable, "-c", _CLI, *arguments], check=False, capture_output=True, env=environment)
    wall, after = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def main() -> None:
    """Time the figures, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_times", description=first_line(__doc__))
    parser.add_argument("figures_folder", metavar="FIGURES", type=Path, help="a folder a figure, with its truth.json")
    parser.add_argument("--figures", type=int, default=12, help="how many are timed")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    asked = parser.parse_args()
    folders = sorted(path.parent for path in asked.figures_folder.glob("*/truth.json"))
    if not folders:
        parser.error(f"{asked.figures_folder} holds no folder with a truth.json")
    if not compileall.compile_dir(str(Path(survrecon.__file__).parent), quiet=1):
        parser.error(f"{survrecon.__file__}: the package cannot be compiled")
    found: dict[str, list[tuple[float, float]]] = {verb: [] for verb in _VERBS}
    with tempfile.TemporaryDirectory() as name:
        for folder in (folders[k] for k in spaced(len(folders), asked.figures)):
            figure = next(p for p in sorted(folder.glob("figure.*")) if p.suffix.lower() in PICTURES)
            no_n = any(arm.get("n") is None for arm in json.loads((folder / "truth.json").read_text())["arms"])
            for verb in _VERBS[:1] if no_n else _VERBS:
                cpu, wall = _timed([verb, str(figure), "-o", str(Path(name) / folder.name / verb)])
                found[verb].append((cpu, wall))
                print(f"{folder.name}, {verb}: {cpu:.1f} s of CPU, {wall:.1f} s", flush=True)
    rows = []
    for verb, times in found.items():
        for kind, values in (("CPU", [cpu for cpu, _ in times]), ("wall", [wall for _, wall in times])):
            half, most, longest = shares(values)
            bar = "median {:g}, nine of ten {:g}".format(*_BARS[verb])
            rows.append(
                [f"`survrecon {verb}`", kind, str(len(values)), *(f"{s:.1f}" for s in (half, most, longest)), bar]
            )
    table = markdown_table(["command", "seconds", "figures", "median", "nine of ten", "longest", "bar, quiet"], rows)
    print(table)
    if asked.write:
        write_section("Time a figure", "python -m benchmarks.real_times FIGURES", table)


if __name__ == "__main__":
    main()
