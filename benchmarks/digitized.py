"""Cases with known patients: read from a benchmark folder, or data sets of lifelines whose figures are read here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.cases import POINTS, Arm, Case
from benchmarks.readers import read_arm
from survrecon.model.curve import RiskTable, SurvivalCurve
from survrecon.model.ipd import PseudoIPD

if TYPE_CHECKING:
    from pathlib import Path

    from survrecon.arrays import FloatArray

__all__ = ["own_cases", "read_cases"]

_COLUMNS = 7  # of the risk tables printed under lifelines' data


def read_cases(folder: Path) -> list[Case]:
    """Read ``cases/<name>/{ipd,risk}.csv`` and, by kind of points, ``<kind>/{arm,censored}{0,1}.csv``."""
    return [_read_case(path) for path in sorted((folder / "cases").iterdir())]


def _read_case(folder: Path) -> Case:
    patients, table = pd.read_csv(folder / "ipd.csv"), pd.read_csv(folder / "risk.csv")
    arms = []
    for a in (0, 1):
        points = {kind: pd.read_csv(folder / kind / f"arm{a}.csv") for kind in POINTS}
        marks = {kind: pd.read_csv(folder / kind / f"censored{a}.csv") for kind in POINTS}
        arms.append(
            Arm(
                patients=PseudoIPD.from_frame(patients[patients["arm"] == a], arm=str(a)),
                points={
                    kind: SurvivalCurve(time=p["time"].to_numpy(), survival=p["survival"].to_numpy())
                    for kind, p in points.items()
                },
                marks={kind: m["time"].to_numpy(dtype=float) for kind, m in marks.items()},
                table=RiskTable(time=table["time"].to_numpy(), at_risk=table[f"n{a}"].to_numpy()),
            )
        )
    return Case(name=folder.name, arms=(arms[0], arms[1]))


def own_cases(seed: int = 0) -> list[Case]:
    """Read the figures of data sets that ship with lifelines; a fixed seed, so the set is always the same."""
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
    return [_read_figure(name, np.asarray(t), np.asarray(e), np.asarray(g), rng) for name, (t, e, g) in frames.items()]


def _read_figure(
    name: str, time: FloatArray, event: npt.NDArray[np.int64], treated: npt.NDArray[np.bool_], rng: np.random.Generator
) -> Case:
    end, shift = float(time.max()), float(rng.uniform(-0.5, 0.5))
    printed = np.linspace(0, end, _COLUMNS + 1)[:-1]
    arms = []
    for group in (False, True):
        own = PseudoIPD(time=time[treated == group], event=event[treated == group] > 0, arm=str(int(group)))
        points, marks = read_arm(own, end, shift, rng)
        table = RiskTable(time=printed, at_risk=own.at_risk(printed))
        arms.append(Arm(patients=own, points=points, marks=marks, table=table))
    return Case(name=name, arms=(arms[0], arms[1]))
