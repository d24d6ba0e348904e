"""What is pinned: small trials read in every way, with every set of inputs, by every method; figures; a printed record.

Whole numbers are compared exactly, times to 1e-9 of the follow-up: sums of floats differ between processors.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from examples.gallery.figures import FIGURES
from survrecon import PseudoIPD, Reconstruction, RiskTable, SurvivalCurve, digitize, reconstruct, run_record
from tests.statespace.figures import clicks, corners, marks, printed, simulated, trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from survrecon.arrays import FloatArray

__all__ = ["INPUTS", "METHODS", "READ", "SUMMARIES", "curves", "figure_pin", "gallery", "pin", "summary_pin"]

READ = ("vector", "trace", "clicks")
INPUTS = {
    "none": (),
    "events": ("events",),
    "risk": ("risk_table",),
    "marks": ("censor_times",),
    "full": ("risk_table", "events"),
    "all": ("risk_table", "events", "censor_times"),
}
METHODS = ("auto", "guyot", "spread")
SUMMARIES = ("ifm-2005-02_pfs_2010-07", "mm009_ttp_registry")
_SIZES, _DRAWS, _TIMES = {"small": 40, "large": 150}, 4, 6


@dataclass(frozen=True, kw_only=True)
class _Arm:
    patients: PseudoIPD
    curve: SurvivalCurve
    given: dict[str, Any]


def curves() -> Iterator[tuple[str, str, str, str]]:
    """Return what identifies each pinned reconstruction: size, reading, inputs, method."""
    for size in _SIZES:
        for read in READ:
            for inputs in INPUTS:
                for method in METHODS:
                    if method == "auto" or inputs in ("none", "risk", "full"):
                        yield size, read, inputs, method


def pin(size: str, read: str, inputs: str, method: str) -> dict[str, Any]:
    """Rebuild one arm and return what must not move."""
    arm = _arm(size, read)
    given = {key: arm.given[key] for key in INPUTS[inputs]}
    rng = np.random.default_rng(20)
    result = reconstruct(arm.curve, n=arm.patients.n, method=method, rng=rng, **given)
    end = float(arm.patients.time[-1])
    return {"central": _whole(result.ipd, end), "times": _times(result), "draws": _draws(result, end)}


def summary_pin(name: str) -> dict[str, Any]:
    """Rebuild one record from its printed numbers and return what must not move."""
    result = run_record(name, draws=_DRAWS)
    pins = {}
    for arm, rebuilt in result.reconstructions.items():
        end = float(rebuilt.ipd.time[-1])
        pins[arm] = {"central": _whole(rebuilt.ipd, end), "draws": _draws(rebuilt, end)}
    return pins


def gallery() -> list[str]:
    """Return the names of the gallery's figures that hold one panel."""
    return [figure.name for figure in FIGURES if "panels" not in figure.name]


def figure_pin(name: str, folder: Path) -> dict[str, Any]:
    """Draw a figure of the gallery, digitize it, and return what must not move."""
    figure = next(figure for figure in FIGURES if figure.name == name)
    path = folder / figure.name
    figure.draw(path)
    read = digitize(path)
    table = read.risk_table
    return {
        "drawn": hashlib.sha256(read.image.tobytes()).hexdigest(),
        "unit": read.time_unit,
        "arms": {
            arm.name: {
                "n": arm.n,
                "points": int(arm.time.size),
                "marks": None if arm.censor_times is None else int(arm.censor_times.size),
                "end": float(arm.time[-1]),
                "survival": _survival(arm.time, arm.survival),
            }
            for arm in read.arms
        },
        "table": None if table is None else {name: list(row) for name, row in table.rows.items()},
        "printed": [statistic.text for statistic in read.printed],
        "doubts": [f"{doubt.where}: {doubt.read}" for doubt in read.doubts],
    }


def _survival(time: FloatArray, survival: FloatArray) -> list[float]:
    at = np.linspace(0, time[-1], _TIMES + 3)
    return [round(float(read), 6) for read in np.interp(at, time, survival)]


def _arm(size: str, read: str) -> _Arm:
    patients = simulated(_SIZES[size], seed=len(size), censoring=1.5)
    draw: dict[str, Callable[[], SurvivalCurve]] = {
        "vector": lambda: corners(patients),
        "trace": lambda: trace(patients, seed=1),
        "clicks": lambda: clicks(patients, seed=1),
    }
    apart = {"vector": 0.0, "trace": 0.05, "clicks": 0.1}[read]
    table: RiskTable = printed(patients, every=4.0)
    given = {"events": patients.events, "risk_table": table, "censor_times": marks(patients, apart)}
    return _Arm(patients=patients, curve=draw[read](), given=given)


def _whole(ipd: PseudoIPD, end: float) -> dict[str, Any]:
    at = np.linspace(0, end, _TIMES + 2)[1:-1]
    order = np.argsort(ipd.time, kind="stable")
    return {
        "events": int(ipd.events),
        "at risk": [int(count) for count in ipd.at_risk(at)],
        "event by rank": "".join(str(int(event)) for event in ipd.event[order]),
    }


def _times(result: Reconstruction) -> list[float]:
    return [float(f"{time:.11g}") for time in np.sort(result.ipd.time)]


def _draws(result: Reconstruction, end: float) -> list[dict[str, Any]] | None:
    if result.method in ("guyot", "spread"):
        return None
    return [_whole(ipd, end) for ipd in result.draws(_DRAWS)]
