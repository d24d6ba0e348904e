"""What one figure of 1000 pixels takes through everything: from the start of the process, and in one that is warm."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time

from joblib import parallel_config

from benchmarks.batch import draw
from survrecon.running.figure import run_figure

__all__ = ["cold", "warm"]

_SETTINGS = {"draws": 200, "seed": 0, "method": "auto", "tau": None}


def cold() -> tuple[float, float]:
    """Return CPU and wall seconds of `survrecon run` on a figure with two arms, the whole process on one core."""
    with tempfile.TemporaryDirectory() as name:
        draw(Path(name) / "figure.png", 0)
        call = [sys.executable, "-m", "survrecon", "run", str(Path(name) / "figure.png"), "-o", str(Path(name) / "out")]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
        subprocess.run(call, check=False, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
        wall, after = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        if not (Path(name) / "out" / "report.html").is_file():
            raise RuntimeError(f"{' '.join(call)} wrote no report")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def warm() -> tuple[float, float]:
    """Return CPU and wall seconds of the same in a process that has run another figure before, and nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_second_figure).result()


def _second_figure() -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as name, parallel_config(backend="sequential"):
        for seed in (1, 0):
            path = Path(name) / f"figure{seed}.png"
            draw(path, seed)
            worked, start = process_time(), perf_counter()
            run_figure(path, Path(name) / path.stem, {}, {**_SETTINGS, "command": "survrecon run"})
    return process_time() - worked, perf_counter() - start
