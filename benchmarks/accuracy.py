"""How close rebuilt patients come to the true ones, beside other programs on the same inputs.

    python -m benchmarks accuracy [--cases DIR] [--methods auto,spread,guyot] [--points vector,...]
                                  [--information none,...] [--draws 100] [--jobs 2] [--quick] [--out DIR]

DIR is a benchmark of two-arm data sets with their true patients (layout in `digitized.read_cases`), with what other
programs reached on the same inputs in ``peers.csv``; the variable SURVRECON_BENCHMARK names it as well. Without one,
data sets that ship with lifelines are digitized here. Rebuilt patients are written to
``OUT/<case>/<points>/<method>_<information>_arm{0,1}.csv``.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.cases import INFORMATION, POINTS, Case, rebuild
from benchmarks.coverage import QUANTITIES, places
from benchmarks.digitized import own_cases, read_cases
from benchmarks.options import chosen, first_line
from benchmarks.results import markdown_table, write_section
from benchmarks.running import side_by_side
from survrecon.analysis.cox import contrast
from survrecon.errors import SurvreconError
from survrecon.reconstruction.reconstruct import Method

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.model.ipd import PseudoIPD, Reconstruction

__all__ = ["Score", "main", "score", "summary"]

_QUICK_CASES = 3
_USES_MARKS = (Method.AUTO, Method.STATESPACE)


@dataclass(frozen=True, kw_only=True)
class Score:
    """One figure rebuilt with one method at one level of information; shares are of its two arms."""

    case: str
    mode: str
    info: str
    method: str
    failed: int = 0
    dloghr: float = float("nan")
    km_mae: float = float("nan")
    risk_mae: float = float("nan")
    events: float = float("nan")
    events_exact: float = float("nan")
    n: float = float("nan")
    held_ratio: float = float("nan")
    held_events: float = float("nan")
    held_at_risk: float = float("nan")


def score(case: Case, points: str, information: str, method: str, draws: int, out: Path | None) -> Score:
    """Rebuild both arms and compare them with the true patients; write them where ``out`` is given."""
    failed = Score(case=case.name, mode=points, info=information, method=f"survrecon {method}", failed=1)
    try:
        results = rebuild(case, points, information, method=method, seed=1)
        held = _held(case, results, draws) if results[0].has_draws else (float("nan"),) * 3
    except SurvreconError as error:
        print(f"{case.name}, {points}, {information}, {method}: {error}", file=sys.stderr)
        return failed
    rebuilt = [result.ipd for result in results]
    if out is not None:
        _write(rebuilt, out / case.name / points, f"{method}_{information}")
    truth = [arm.patients for arm in case.arms]
    pairs = [(t, r, _grid(t)) for t, r in zip(truth, rebuilt, strict=True)]
    return replace(
        failed,
        failed=0,
        dloghr=abs(contrast(*rebuilt).log_hr - contrast(*truth).log_hr),
        km_mae=float(np.mean([np.abs(t.survival_at(at) - r.survival_at(at)).mean() for t, r, at in pairs])),
        risk_mae=float(np.mean([np.abs(t.at_risk(at) - r.at_risk(at)).mean() / t.n for t, r, at in pairs])),
        events=float(np.mean([abs(r.events - t.events) / max(t.events, 1) for t, r, _ in pairs])),
        events_exact=float(np.mean([r.events == t.events for t, r, _ in pairs])),
        n=float(max(abs(r.n - t.n) for t, r, _ in pairs)),
        held_ratio=held[0],
        held_events=held[1],
        held_at_risk=held[2],
    )


def _held(case: Case, results: tuple[Reconstruction, Reconstruction], draws: int) -> tuple[float, ...]:
    """Return how often the closed 95% intervals over draws hold the true ln HR, events and numbers at risk."""
    rng = np.random.default_rng(list(case.name.encode()))
    at = float(rng.uniform(0.2, 0.8)) * float(case.arms[0].table.time[-1])
    found = places(case, results, draws, at)
    inside = {
        quantity: [p.closed[-1] for q, _, p in found if q == quantity and p is not None] for quantity in QUANTITIES
    }
    return tuple(float(np.mean(held)) if held else float("nan") for held in inside.values())


def _grid(truth: PseudoIPD) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return times up to where a tenth of the patients, and at least five, are left."""
    last = np.sort(truth.time)[int(max(0, truth.n - max(5, 0.1 * truth.n)))]
    return np.linspace(0, float(last), 400)


def _write(rebuilt: Sequence[PseudoIPD], folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for a, arm in enumerate(rebuilt):
        arm.to_frame().to_csv(folder / f"{name}_arm{a}.csv", index=False)


HEADER = [
    "points",
    "information",
    "program",
    "ln HR error",
    "its 95th percentile",
    "events exact",
    "95% interval holds ln HR",
    "events",
    "at risk",
    "S(t) error",
    "at-risk error / N",
    "events error",
    "wrong N",
    "cases + failed",
]


def summary(scores: pd.DataFrame) -> str:
    """Return medians over the cases, one row a kind of points, level of information and program."""
    order = [(points, information) for points in POINTS for information in INFORMATION]
    rows = []
    for points, information in order:
        seen = scores[(scores["mode"] == points) & (scores["info"] == information)]
        programs = sorted(seen["method"].unique(), key=lambda m: (not str(m).startswith("survrecon"), str(m)))
        rows += [[points, information, *_row(str(m), seen[seen["method"] == m])] for m in programs]
    return markdown_table(HEADER, rows)


def _row(program: str, found: pd.DataFrame) -> list[str]:
    done = found[found["failed"] == 0]
    return [
        program,
        *(_number(float(done["dloghr"].quantile(level))) for level in (0.5, 0.95)),
        *(_percent(done[name]) for name in ("events_exact", "held_ratio", "held_events", "held_at_risk")),
        *(_number(float(done[name].median())) for name in ("km_mae", "risk_mae", "events")),
        str(int((done["n"] > 0).sum())),
        f"{len(done)} + {int(found['failed'].sum())}",
    ]


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.4f}"


def _percent(shares: pd.Series[float]) -> str:
    return "" if shares.isna().all() else f"{shares.mean():.0%}"


def _peers(folder: Path, cases: Sequence[Case], asked: argparse.Namespace) -> pd.DataFrame:
    """Return what other programs reached on these cases, points and levels of information."""
    path = folder / "peers.csv"
    if not path.is_file():
        return pd.DataFrame()
    found = pd.read_csv(path).assign(events_exact=lambda peers: (peers["events"] == 0).astype(float))
    wanted = found["mode"].isin(asked.points) & found["info"].isin(asked.information)
    return found[wanted & found["case"].isin([case.name for case in cases])]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print, and write the section of RESULTS.md, unless it was a part only."""
    asked = _options(arguments)
    cases = read_cases(asked.cases) if asked.cases else own_cases()
    cases = cases[:_QUICK_CASES] if asked.quick else cases
    calls = [
        (case, points, information, method, asked.draws, asked.out)
        for points in asked.points
        for information in asked.information
        for method in asked.methods
        for case in cases
        if method in _USES_MARKS or information not in ("ticks", "all")
    ]
    scores = pd.DataFrame(side_by_side(score, calls, asked.jobs, "accuracy"))
    if asked.cases:
        scores = pd.concat([scores, _peers(asked.cases, cases, asked)])
    table = summary(scores)
    print(table)
    whole = set(asked.points) == set(POINTS) and set(asked.information) == set(INFORMATION)
    if whole and not asked.quick:
        title = "Accuracy on the open benchmark" if asked.cases else "Accuracy on data sets of lifelines"
        shown = ["--cases", "DIR"] * bool(asked.cases) + ["--methods", ",".join(asked.methods)]
        command = f"python -m benchmarks accuracy {shlex.join(shown)} --draws {asked.draws}"
        write_section(title, command, _READ.format(number=len(cases), draws=asked.draws) + table)


_READ = (
    "Medians over {number} two-arm figures; the error is that of the one data set a program returns. Each arm's S(t) "
    "and numbers at risk while a tenth is left. `events exact` counts arms, of other programs figures with both arms "
    "exact. The 95% intervals are closed and over {draws} draws; the number at risk is the one at a time drawn between "
    "a fifth and four fifths of the table. Censoring marks (`ticks`, `all`) are used by `auto` and by the quadratic "
    "programme (CIFresolve). A case for which a program gave no data set has failed.\n\n"
)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks accuracy", description=first_line(__doc__))
    given = os.environ.get("SURVRECON_BENCHMARK")
    parser.add_argument("--cases", type=Path, default=Path(given) if given else None, metavar="DIR")
    parser.add_argument("--methods", type=chosen(list(Method)), default=("auto", "spread", "guyot"))
    parser.add_argument("--points", type=chosen(POINTS), default=POINTS, help="joined by commas")
    parser.add_argument("--information", type=chosen(INFORMATION), default=INFORMATION, help="joined by commas")
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="a few cases; RESULTS.md stays as it is")
    parser.add_argument("--out", type=Path, help="where to leave the rebuilt patients")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
