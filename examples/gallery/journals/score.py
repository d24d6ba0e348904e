"""How well a figure of known truth is read with nothing typed: right, flagged, refused or silent.

A reading is right when its arms, names, numbers of patients, printed cells, curves, their ends and the hazard ratio
are. It is flagged where one is wrong and the reading says so, by a grade below good or by a doubt or warning about that
thing; refused where the program ends with a clear error; silent where one is wrong and nothing says so.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from survrecon.report.settings import OVERLAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

__all__ = ["Score", "State", "score", "summary"]

_LIKE_A_NAME = 0.8  # of two names' letters that agree: a letter may be misread
_CELLS = 0.98  # of the printed cells to be read, and none wrong
_SURVIVAL = 0.01  # of the survival axis beyond the checkpoint's own tolerance
_END = 0.02  # of the time axis
_LOG_RATIO, _OF_ITS_SE = 0.05, 0.25  # distance of ln HR: the larger of the two
_Z95 = 1.96  # half-widths of a printed 95% interval, in standard errors
_PRINTED = 0.006  # a printed ratio of two decimals
_CLEAR_ERROR = 2  # exit status
_SAID = {
    "arms": "curve|arm|line",
    "names": "name|arm|swap",
    "patients": "patient|--n|at risk",
    "cells": "risk",
    "curve": "curve|hidden|point",
    "end": "end|stop|follow",
    "ratio": "ratio|hazard|direction|swap",
}


class State(StrEnum):
    """What became of a figure."""

    RIGHT = "right"
    FLAGGED = "flagged"
    REFUSED = "refused"
    SILENT = "silent"
    FAULT = "fault"
    """A traceback or any other end than the three of the interface."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """How one figure was read.

    Parameters
    ----------
    figure : str
        Its name.
    state : State
        The outcome.
    arms, names, patients, cells : tuple of int
        How many were read right, and how many there are.
    survival : float or None
        Largest error at the checkpoints, beyond their tolerance.
    log_error : float or None
        Rebuilt less true ln HR.
    grade : str or None
        Of the reading, where it has one.
    doubts : int
        How many were told.
    wrong : dict of str to str
        What is wrong, by the thing.
    message : str
        The error of a figure that was refused.
    overlay : bool
        Whether there is a picture of what was read.
    """

    figure: str
    state: State
    arms: tuple[int, int] = (0, 0)
    names: tuple[int, int] = (0, 0)
    patients: tuple[int, int] = (0, 0)
    cells: tuple[int, int] = (0, 0)
    survival: float | None = None
    log_error: float | None = None
    grade: str | None = None
    doubts: int = 0
    wrong: Mapping[str, str]
    message: str = ""
    overlay: bool = False


@dataclass(frozen=True, kw_only=True)
class _Arm:
    """One arm as read."""

    name: str
    n: int | None
    time: npt.NDArray[np.float64]
    survival: npt.NDArray[np.float64]
    counts: Mapping[float, int]

    def at(self, time: float) -> float:
        """Return survival at a time, 1 before the first point."""
        index = int(np.searchsorted(self.time, time, side="right"))
        return float(self.survival[index - 1]) if index else 1.0


def score(figure: Path, truth: Mapping[str, Any], folder: Path, *, draws: int) -> Score:
    """Run ``survrecon run`` on a figure file and hold what it wrote into ``folder`` against the truth."""
    found = _scored(figure, truth, folder, draws=draws)
    return replace(found, overlay=(folder / OVERLAY).is_file())


def _scored(figure: Path, truth: Mapping[str, Any], folder: Path, *, draws: int) -> Score:
    call = [sys.executable, "-m", "survrecon", "run", str(figure), "-o", str(folder), "--draws", str(draws)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    name, message = str(truth["id"]), done.stderr.strip()
    if done.returncode == _CLEAR_ERROR:
        return Score(figure=name, state=State.REFUSED, wrong={}, message=message)
    if done.returncode not in (0, 1) or not (folder / "figure.toml").is_file():
        return Score(figure=name, state=State.FAULT, wrong={}, message=message)
    record = tomllib.loads((folder / "figure.toml").read_text(encoding="utf-8"))
    report = folder / "report.json"
    results = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {}
    found = _held_against(truth, _arms(folder, record), results)
    digitized = record["digitized"]
    grade = (results.get("reading") or digitized.get("reading") or {}).get("grade")
    doubts = [str(doubt) for doubt in digitized.get("doubts", [])]
    told = " ".join([*doubts, *(str(warning) for warning in results.get("warnings", [])), message])
    if done.returncode == 1 and not found.wrong:
        found = replace(found, wrong={"ratio": "a check differs"})
    return replace(found, state=_state(found.wrong, grade, told), grade=grade, doubts=len(doubts), message=message)


def summary(scores: Sequence[Score]) -> dict[State, int]:
    """Return how many figures ended in each state."""
    return {state: sum(one.state is state for one in scores) for state in State}


def _state(wrong: Mapping[str, str], grade: str | None, told: str) -> State:
    if not wrong and grade != "unreliable":
        return State.RIGHT
    graded = grade in ("check", "unreliable")
    by_words = grade is None and all(re.search(_SAID[thing], told, re.IGNORECASE) for thing in wrong)
    return State.FLAGGED if graded or by_words else State.SILENT


def _arms(folder: Path, record: Mapping[str, Any]) -> list[_Arm]:
    import pandas as pd

    table = folder / "risk_table.csv"
    printed = pd.read_csv(table) if table.is_file() else pd.DataFrame({"time": []})
    found = []
    for arm in record["arms"]:
        points = pd.read_csv(folder / arm["points"]["file"]).sort_values("time", kind="stable")
        own = printed[["time", arm["name"]]].dropna() if arm["name"] in printed else pd.DataFrame()
        found.append(
            _Arm(
                name=arm["name"],
                n=arm.get("n"),
                time=points["time"].to_numpy(float),
                survival=points["survival"].to_numpy(float),
                counts={float(t): int(n) for t, n in own.to_numpy()},
            )
        )
    return found


def _held_against(truth: Mapping[str, Any], arms: Sequence[_Arm], results: Mapping[str, Any]) -> Score:
    """Return a score without its state; arms are paired by their curves."""
    true = truth["arms"]
    far = np.array([[_off(one, arm, rising=truth["kind"] != "survival") for arm in arms] for one in true])
    pairs = [(true[int(i)], arms[int(k)]) for i, k in zip(*linear_sum_assignment(far), strict=True)] if arms else []
    found = [one for one, _ in pairs]
    names = sum(_named(one, arm, true) for one, arm in pairs if one["name"])
    patients = sum(arm.n == one["n"] for one, arm in pairs if one["n"] is not None)
    cells, misread = _cells(pairs, abs(float(truth["x"]["last"])))
    total = sum(len(one["risk"]["counts"]) for one in found if one["risk"])
    survival = max((_off(one, arm, rising=truth["kind"] != "survival") for one, arm in pairs), default=math.nan)
    end = max((abs(arm.time[-1] - one["ends_at"]) / truth["x"]["last"] for one, arm in pairs), default=0.0)
    log_error, of_ratio = _ratio(truth, pairs, results)
    axis = abs(truth["y"]["last"] - truth["y"]["first"]) / (100 if truth["y"]["percent"] else 1)
    counted = sum(one["n"] is not None for one in found)
    wrong = {
        "arms": f"{len(arms)} of {len(true)}" if len(arms) != len(true) else "",
        "names": f"{names} of {len(true)}" if names < sum(bool(one["name"]) for one in found) else "",
        "patients": f"{patients} of {counted}" if patients < counted else "",
        "cells": f"{cells} of {total}, {misread} misread" if misread or cells < _CELLS * total else "",
        "curve": f"off by {survival:.3f}" if survival > _SURVIVAL * axis else "",
        "end": f"off by {end:.3f} of the axis" if end > _END else "",
        "ratio": of_ratio,
    }
    return Score(
        figure=str(truth["id"]),
        state=State.FAULT,
        arms=(len(arms), len(true)),
        names=(names, len(true)),
        patients=(patients, counted),
        cells=(cells, total),
        survival=survival,
        log_error=log_error,
        wrong={thing: text for thing, text in wrong.items() if text},
    )


def _off(true: Mapping[str, Any], arm: _Arm, *, rising: bool) -> float:
    """Return the largest error of survival at the checkpoints beyond their tolerance."""
    return float(max(max(0.0, abs(arm.at(t) - (1 - s if rising else s)) - by) for t, s, by in true["survival"]))


def _named(true: Mapping[str, Any], arm: _Arm, every: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether an arm bears its own name, and none of another arm fits better."""

    def likeness(one: Mapping[str, Any]) -> float:
        letters = [
            re.sub(r"[^0-9a-z+<>≥≤=%]", "", text.lower()) for text in (arm.name, one["name"], *one["other_names"])
        ]
        return max(SequenceMatcher(None, letters[0], other).ratio() for other in letters[1:])

    own = likeness(true)
    return own > _LIKE_A_NAME and all(own >= likeness(other) for other in every)


def _cells(pairs: Sequence[tuple[Mapping[str, Any], _Arm]], axis: float) -> tuple[int, int]:
    """Return how many printed numbers at risk were read right, and how many wrong."""
    right = wrong = 0
    for true, arm in pairs:
        for time, count in zip(true["risk"]["times"], true["risk"]["counts"], strict=True) if true["risk"] else ():
            read = next((n for t, n in arm.counts.items() if abs(t - time) < _SURVIVAL * axis), None)
            right += read == count
            wrong += read is not None and read != count
    return right, wrong


def _ratio(
    truth: Mapping[str, Any], pairs: Sequence[tuple[Mapping[str, Any], _Arm]], results: Mapping[str, Any]
) -> tuple[float | None, str]:
    """Return rebuilt less true ln HR, and what is wrong with it; nothing where none is put forward."""
    known, contrasts = truth["published"], results.get("contrasts") or []
    if not known or not contrasts or len(pairs) < len(truth["arms"]):
        return None, ""
    value = contrasts[0]["hazard_ratio"]["value"]
    if value is None:
        return None, ""
    of = next((true["name"] for true, arm in pairs if arm.name == contrasts[0]["of"]), None)
    error = (math.log(value) if of == known["of"] else -math.log(value)) - math.log(known["hr"])
    se = math.log(known["high"] / known["low"]) / (2 * _Z95)
    if truth["printed"]["hr"] is not None and not _was_read(known["hr"], results.get("checks") or []):
        return error, "the printed one was not read"
    far = truth["whole_follow_up"] and abs(error) > max(_LOG_RATIO, _OF_ITS_SE * se)
    return error, f"ln HR off by {error:+.3f}" if far else ""


def _was_read(printed: float, checks: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a printed hazard ratio, or its inverse where it was turned, is among the facts of the checks."""
    facts = [check["fact"]["value"] for check in checks if check["quantity"] == "hazard_ratio" and check.get("fact")]
    return any(value and min(abs(value - printed), abs(1 / value - printed)) <= _PRINTED for value in facts)
