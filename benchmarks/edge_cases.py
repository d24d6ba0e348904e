"""What users send: each row of a folder of odd inputs, and whether the answer is the expected one.

Usage: python -m benchmarks.edge_cases FOLDER

FOLDER holds ``manifest.csv`` and, for each case, ``<case>_points.csv`` and ``<case>_risk.csv``. The expectations of
the manifest stand below in a form that a program can check.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pandas as pd

from benchmarks.results import markdown_table, write_section
from survrecon.errors import SurvreconError
from survrecon.model.curve import AtRiskConvention, RiskTable
from survrecon.model.repair import to_survival_curve
from survrecon.reconstruction.reconstruct import reconstruct

if TYPE_CHECKING:
    from survrecon.model.ipd import Reconstruction

METHODS = ("guyot", "auto")
_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What must come back: an answer, or a refusal whose message holds ``refused``.

    ``within`` bounds the error of the events, ``inside`` asks that the reported range holds the true number,
    ``median`` bounds the median's error, ``says`` are words of a repair or warning, ``declared`` are the units
    with which a refused curve must be accepted.
    """

    within: float | None = None
    inside: bool = False
    median: float | None = None
    says: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    declared: dict[str, Any] | None = None
    convention: AtRiskConvention = AtRiskConvention.BEFORE
    either: bool = False


EXPECTED = {
    "base_drops": Expected(within=1, median=0.05),
    "base_drops_te": Expected(within=0),
    "corners": Expected(within=1),
    "jitter": Expected(within=4, says=("order of time", "rises")),
    "dense1200": Expected(within=2, median=0.05),
    "sparse13": Expected(within=12, says=("coarse",)),
    "percent": Expected(refused=("--y-unit",), declared={"survival_unit": "percent"}),
    "no_origin": Expected(within=1, says=("origin (0, 1) added",)),
    "neg_time": Expected(within=2, says=("left of the origin",)),
    "no_risk": Expected(inside=True, says=("censoring rest on the steps",)),
    "no_risk_te": Expected(within=0),
    "risk_ends_only": Expected(inside=True),
    "risk_trailing_zeros": Expected(within=1),
    "empty_interval": Expected(),
    "risk_typo_increase": Expected(refused=("never rises", "time 18")),
    "risk_starts_late": Expected(within=3),
    "te_too_big": Expected(refused=("allow", " to ")),
    "te_too_small": Expected(refused=("allow", " to ")),
    "risk_in_days": Expected(refused=("at risk", "days against months")),
    "failure_curve": Expected(refused=("--one-minus-survival",), declared={"one_minus_survival": True}),
    "reaches_zero": Expected(within=0),
    "flat_tail": Expected(within=1),
    "low_event_bigN": Expected(within=2),
    "tiny5": Expected(within=0),
    "survHE_issue30": Expected(convention=AtRiskConvention.AFTER, either=True),
}


def rebuild(folder: Path, row: Any, expected: Expected, method: str, **declared: Any) -> Reconstruction:
    """Rebuild one case as a user would ask for it."""
    points = pd.read_csv(folder / f"{row.case}_points.csv")
    curve = to_survival_curve(points["time"], points["survival"], **declared)
    table = None
    if str(row.risk) == "True":
        risk = pd.read_csv(folder / f"{row.case}_risk.csv")
        table = RiskTable(
            time=risk["time"].to_numpy(), at_risk=risk["at_risk"].to_numpy(), convention=expected.convention
        )
    events = None if pd.isna(row.tot_events) else int(row.tot_events)
    return reconstruct(curve, n=int(row.n_total), risk_table=table, events=events, method=method, arm=row.case)


def verdict(folder: Path, row: Any, expected: Expected, method: str) -> tuple[bool, str]:
    """Return whether the expectation is met, and what came back in a few words."""
    start = perf_counter()
    try:
        result = rebuild(folder, row, expected, method)
    except SurvreconError as error:
        met = expected.either or (bool(expected.refused) and all(words in str(error) for words in expected.refused))
        if met and expected.declared:
            accepted = rebuild(folder, row, expected, method, **expected.declared)
            met = accepted.ipd.n == row.n_total and abs(accepted.ipd.events - row.true_events) <= 2
        return met, f"refused: {error.got}"
    seconds = perf_counter() - start
    d = result.diagnostics
    said = " ".join([*map(str, result.repairs), *result.warnings])
    checks = [
        not expected.refused,
        result.ipd.n == row.n_total,
        seconds < _SECONDS,
        expected.within is None or abs(result.ipd.events - row.true_events) <= expected.within,
        not expected.inside or (d.events_low or 0) <= row.true_events <= (d.events_high or 0),
        expected.median is None or abs(median(result) - row.true_median) <= expected.median,
        all(words in said for words in expected.says),
        "numbers at risk not met" not in said,
    ]
    true = "" if pd.isna(row.true_events) else f" (true {row.true_events:.0f})"
    return all(checks), f"N {result.ipd.n}, events {result.ipd.events}{true}"


def median(result: Reconstruction) -> float:
    """Return the Kaplan-Meier median, infinite where it is not reached."""
    times, survival = result.ipd.kaplan_meier()
    return float(times[survival <= 0.5][0]) if (survival <= 0.5).any() else float("inf")


def main() -> None:
    """Run, print, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    rows, met = [], dict.fromkeys(METHODS, 0)
    for row in pd.read_csv(folder / "manifest.csv").itertuples():
        line = [str(row.case)]
        for method in METHODS:
            good, text = verdict(folder, row, EXPECTED[str(row.case)], method)
            met[method] += good
            line.append(f"{'met' if good else 'NOT MET'}: {text}")
        rows.append(line)
    rows.append(["all", *(f"{met[m]} of {len(rows)}" for m in METHODS)])
    table = markdown_table(["case", *METHODS], rows)
    print(table)
    write_section("Edge cases", f"python -m benchmarks.edge_cases {folder.name}", table)


if __name__ == "__main__":
    main()
