"""Two-arm data sets with their figures: read from a benchmark folder, or digitized here from lifelines' data sets.

Three ways of reading a figure of 600 by 400 pixels: `trace`, one point a pixel column with half a pixel of noise
and a line-width bias; `clicks`, a person's 60 to 110 clicks with three quarters of a pixel of noise in both
directions; `vector`, the corners of the steps to five decimals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from survrecon.curve import FloatArray, IntArray, SurvivalCurve
from survrecon.ipd import PseudoIPD

__all__ = ["MODES", "Case", "own_cases", "read_cases"]

WIDTH, HEIGHT = 600, 400
MODES = ("trace", "clicks", "vector")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One figure of two arms, and the patients behind it."""

    name: str
    patients: tuple[PseudoIPD, PseudoIPD]
    risk_time: FloatArray
    at_risk: tuple[IntArray, IntArray]
    points: dict[str, tuple[SurvivalCurve, SurvivalCurve]]


def read_cases(folder: Path) -> list[Case]:
    """Read ``cases/<name>/{ipd,risk}.csv`` and ``<mode>/arm{0,1}.csv``."""
    cases = []
    for path in sorted((folder / "cases").iterdir()):
        ipd, risk = pd.read_csv(path / "ipd.csv"), pd.read_csv(path / "risk.csv")
        arms = [PseudoIPD.from_frame(ipd[ipd["arm"] == a], arm=str(a)) for a in (0, 1)]
        counts = [risk[f"n{a}"].to_numpy() for a in (0, 1)]
        points = {
            mode: (_read_points(path / mode / "arm0.csv"), _read_points(path / mode / "arm1.csv")) for mode in MODES
        }
        cases.append(
            Case(
                name=path.name,
                patients=(arms[0], arms[1]),
                risk_time=risk["time"].to_numpy(),
                at_risk=(counts[0], counts[1]),
                points=points,
            )
        )
    return cases


def own_cases(seed: int = 0) -> list[Case]:
    """Digitize data sets that ship with lifelines; a fixed seed, so the set is always the same."""
    from lifelines import datasets

    gbsg2, rossi, leukemia = datasets.load_gbsg2(), datasets.load_rossi(), datasets.load_leukemia()
    lung, waltons, larynx = datasets.load_lung(), datasets.load_waltons(), datasets.load_larynx()
    frames = {
        "gbsg2_hormone": (gbsg2["time"], gbsg2["cens"], gbsg2["horTh"] == "yes"),
        "rossi_aid": (rossi["week"], rossi["arrest"], rossi["fin"] == 1),
        "leukemia_rx": (leukemia["t"], leukemia["status"], leukemia["Rx"] == 1),
        "lung_sex": (lung["time"], lung["status"], lung["sex"] == 2),
        "waltons_group": (waltons["T"], waltons["E"], waltons["group"] == "control"),
        "larynx_stage": (larynx["time"], larynx["death"], larynx[["Stage_III", "Stage_IV"]].sum(axis=1) > 0),
    }
    rng = np.random.default_rng(seed)
    return [_digitized(name, np.asarray(t), np.asarray(e), np.asarray(g), rng) for name, (t, e, g) in frames.items()]


def _digitized(
    name: str, time: FloatArray, event: npt.NDArray[np.int64], treated: npt.NDArray[np.bool_], rng: np.random.Generator
) -> Case:
    arms = [PseudoIPD(time=time[treated == a], event=event[treated == a] > 0, arm=str(int(a))) for a in (False, True)]
    end = float(time.max())
    risk_time = np.linspace(0, end, 8)[:-1]
    bias = rng.normal(0, 0.25) / HEIGHT
    readers: dict[str, Callable[[PseudoIPD], SurvivalCurve]] = {
        "trace": lambda ipd: _trace(ipd, end, bias, rng),
        "clicks": lambda ipd: _clicks(ipd, end, rng),
        "vector": _vector,
    }
    return Case(
        name=name,
        patients=(arms[0], arms[1]),
        risk_time=risk_time,
        at_risk=(arms[0].at_risk(risk_time), arms[1].at_risk(risk_time)),
        points={mode: (read(arms[0]), read(arms[1])) for mode, read in readers.items()},
    )


def _trace(ipd: PseudoIPD, end: float, bias: float, rng: np.random.Generator) -> SurvivalCurve:
    columns = (np.arange(WIDTH) + 0.5) * end / WIDTH
    columns = columns[columns <= ipd.time.max()]
    columns[-1] = ipd.time.max()  # the last column shows the curve's last step, if it ends with one
    rows = (
        ipd.survival_at(columns) + bias + rng.normal(0, 0.5 / HEIGHT, columns.size) * rng.integers(0, 2, columns.size)
    )
    return SurvivalCurve(time=columns, survival=np.clip(np.round(rows * HEIGHT) / HEIGHT, 0, 1))


def _clicks(ipd: PseudoIPD, end: float, rng: np.random.Generator) -> SurvivalCurve:
    corners = _vector(ipd)
    wanted = min(int(rng.integers(60, 111)), len(corners))
    chosen = np.sort(rng.choice(np.arange(1, len(corners) - 1), max(wanted - 2, 0), replace=False))
    chosen = np.concatenate([[0], chosen, [len(corners) - 1]])
    time = corners.time[chosen] + rng.normal(0, 0.75 * end / WIDTH, chosen.size)
    survival = corners.survival[chosen] + rng.normal(0, 0.75 / HEIGHT, chosen.size)
    return SurvivalCurve(time=np.maximum(time, 0), survival=np.clip(survival, 0, 1))


def _vector(ipd: PseudoIPD) -> SurvivalCurve:
    times, after = ipd.kaplan_meier()
    before = np.append(1.0, after[:-1])
    time = np.concatenate([[0.0], np.repeat(times, 2), [ipd.time.max()]])
    survival = np.concatenate([[1.0], np.ravel(np.column_stack([before, after])), [after[-1]]])
    return SurvivalCurve(time=time, survival=np.round(survival, 5))


def _read_points(path: Path) -> SurvivalCurve:
    frame = pd.read_csv(path)
    return SurvivalCurve(time=frame["time"].to_numpy(), survival=frame["survival"].to_numpy())
