"""A small trial with draws and fits, as it is handed over, and a reader of workbooks apart from their writer."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from math import exp, log, pi, sqrt
from typing import Any

import numpy as np
from scipy.special import gammainc, ndtr

from survrecon.analysis.comparison import ArmData
from survrecon.analysis.fits.fit import fit_arms
from survrecon.analysis.fits.results import FitSet
from survrecon.export.trial import ExportedTrial
from survrecon.model.ipd import PseudoIPD

MODELS = (
    *("exponential", "weibull", "gompertz", "lognormal", "loglogistic", "gamma", "gengamma"),
    *("rp-hazard-1", "rp-odds-2", "rp-normal-1", "cure-mixture-weibull", "cure-nonmixture-lognormal", "piecewise"),
)
JOINT_MODELS = ("exponential", "gamma", "rp-odds-2", "cure-mixture-weibull", "piecewise")
ARMS = ("placebo", "new drug, 5 mg")


@lru_cache(maxsize=1)
def trial() -> ExportedTrial:
    """Return two arms of 150 patients, a fifth of them cured, and four draws that jitter their times."""
    rng = np.random.default_rng(5)
    central, draws = {}, {}
    for arm, scale in zip(ARMS, (10.0, 16.0), strict=True):
        own = np.where(rng.random(150) < 0.2, 1e3, scale * rng.weibull(1.4, 150)) + 0.05
        censored = rng.uniform(12, 60, 150)
        time, event = np.minimum(own, censored), own <= censored
        central[arm] = PseudoIPD(time=time, event=event, arm=arm)
        draws[arm] = [PseudoIPD(time=time * np.exp(rng.normal(0, 0.03, 150)), event=event, arm=arm) for _ in range(4)]
    return ExportedTrial(
        study="A trial", endpoint="overall survival", time_unit="months", central=central, draws=draws, samples=20
    )


@lru_cache(maxsize=1)
def fits() -> FitSet:
    """Return the models of the trial, each arm alone, and some jointly."""
    one = trial()
    arms = [ArmData(central=one.central[arm], draws=tuple(one.draws[arm])) for arm in ARMS]
    joint = [fit for fit in fit_arms(arms, models=JOINT_MODELS, joint=True).fits if fit.joint]
    alone = fit_arms(arms, models=MODELS)
    return replace(alone, fits=(*alone.fits, *joint))


_CELL = re.compile(r"(?:(\w+)!)?\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")


class Workbook:
    """Formulas of a workbook, evaluated from its values alone."""

    def __init__(self, path: Any) -> None:
        from openpyxl import load_workbook

        self.book: Any = load_workbook(path)
        self.picked = 0
        self._known: dict[tuple[str, str], Any] = {}

    def pick(self, sample: int) -> None:
        """Set the sample that all sheets follow."""
        self.picked = sample
        self._known.clear()

    def value(self, sheet: str, cell: str) -> Any:
        """Return the value of a cell."""
        key = (sheet, cell)
        if key not in self._known:
            raw: Any = self.picked if key == ("Control", "B2") else self.book[sheet][cell].value
            is_formula = isinstance(raw, str) and raw.startswith("=")
            self._known[key] = self.evaluated(sheet, raw[1:]) if is_formula else raw
        return self._known[key]

    def evaluated(self, sheet: str, formula: str) -> Any:
        """Return the value of a formula on a sheet."""

        def cell(found: re.Match[str]) -> str:
            where, column, row, _, last = found.groups()
            if last is None:
                return f"V({where or sheet!r}, {column + row!r})".replace(f"V({where}", f"V({where!r}")
            return f"R({sheet!r}, {column!r}, {row}, {last})"

        python = _CELL.sub(cell, formula).replace("^", "**")
        python = re.sub(r"\bIF\(", "If(lambda: ", python)
        names = {
            "V": self.value,
            "R": lambda where, column, first, last: [self.value(where, f"{column}{k}") for k in range(first, last + 1)],
            "EXP": lambda x: exp(min(x, 700.0)),
            "LN": log,
            "ABS": abs,
            "MAX": max,
            "MIN": min,
            "SQRT": sqrt,
            "PI": lambda: pi,
            "TRUE": True,
            "INDEX": lambda values, place: values[int(place) - 1] if place >= 1 else None,
            "NORMSDIST": lambda x: float(ndtr(x)),
            "GAMMADIST": lambda x, shape, scale, _: float(gammainc(shape, x / scale)),
        }
        return eval(_lazy(python), names)


def _lazy(python: str) -> str:
    """Return an expression in which If(lambda: a, b, c) evaluates b or c alone."""
    while "If(lambda: " in python:
        start = python.rindex("If(lambda: ")
        depth, parts, last = 0, [], start + len("If(lambda: ")
        for k in range(last, len(python)):
            depth += python[k] == "("
            depth -= python[k] == ")"
            if depth < 0 or (depth == 0 and python[k] == ","):
                parts.append(python[last:k])
                last = k + 1
            if depth < 0:
                break
        test, yes, no = parts
        python = f"{python[:start]}(({yes}) if ({test}) else ({no})){python[last:]}"
    return python
