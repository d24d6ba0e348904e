"""How close rebuilt patients come to the true ones.

Usage: python -m benchmarks.accuracy [FOLDER] [--methods guyot,spread] [--keep DIR]

FOLDER is a benchmark of two-arm data sets with their true patients (layout in `digitized.read_cases`), with what other
programs reached on the same inputs in ``peers.csv``; without it, data sets that ship with lifelines are digitized
here. Rebuilt patients are written to ``DIR/<case>/<mode>/<method>_<info>_arm{0,1}.csv``.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.digitized import MODES, Case, own_cases, read_cases
from benchmarks.results import markdown_table, write_section
from survrecon.analysis.cox import fit_cox
from survrecon.curve import RiskTable
from survrecon.errors import SurvreconError
from survrecon.ipd import PseudoIPD
from survrecon.reconstruction.reconstruct import reconstruct

INFOS = ("full", "risk", "events", "none")


@dataclass(frozen=True, kw_only=True)
class Score:
    """One figure rebuilt with one method at one level of information."""

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


def score(case: Case, mode: str, info: str, method: str, out: Path) -> Score:
    """Rebuild both arms, write them, and compare them with the true patients."""
    rebuilt = []
    for a in (0, 1):
        truth = case.patients[a]
        table = RiskTable(time=case.risk_time, at_risk=case.at_risk[a]) if info in ("full", "risk") else None
        try:
            result = reconstruct(
                case.points[mode][a],
                n=truth.n,
                risk_table=table,
                events=truth.events if info in ("full", "events") else None,
                method=method,
                arm=str(a),
            )
        except SurvreconError as error:
            print(f"{case.name} {mode} {info} {method}: {error}", file=sys.stderr)
            return Score(case=case.name, mode=mode, info=info, method=method, failed=1)
        rebuilt.append(result.ipd)
        path = out / case.name / mode / f"{method}_{info}_arm{a}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        result.ipd.to_frame().to_csv(path, index=False)
    pairs = list(zip(case.patients, rebuilt, strict=True))
    return Score(
        case=case.name,
        mode=mode,
        info=info,
        method=method,
        dloghr=abs(log_hr(*rebuilt) - log_hr(*case.patients)),
        km_mae=float(np.mean([np.abs(t.survival_at(_grid(t)) - r.survival_at(_grid(t))).mean() for t, r in pairs])),
        risk_mae=float(np.mean([np.abs(t.at_risk(_grid(t)) - r.at_risk(_grid(t))).mean() / t.n for t, r in pairs])),
        events=float(np.mean([abs(r.events - t.events) / max(t.events, 1) for t, r in pairs])),
        events_exact=float(np.mean([r.events == t.events for t, r in pairs])),
        n=float(max(abs(r.n - t.n) for t, r in pairs)),
    )


def log_hr(control: PseudoIPD, treatment: PseudoIPD) -> float:
    """Return ln HR of treatment over control."""
    group = np.repeat([0, 1], [control.n, treatment.n])
    time, event = (np.concatenate([getattr(i, name) for i in (control, treatment)]) for name in ("time", "event"))
    return fit_cox(time, event, group).log_hr


def _grid(truth: PseudoIPD) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return times up to where a tenth of the patients, and at least five, are left."""
    last = np.sort(truth.time)[int(max(0, truth.n - max(5, 0.1 * truth.n)))]
    return np.linspace(0, float(last), 400)


def summary(scores: pd.DataFrame) -> str:
    """Return medians over the cases, one row a mode, level of information and method."""
    rows = []
    for keys, group in scores.groupby(["mode", "info", "method"]):
        done = group[group["failed"] == 0]
        exact = done["events_exact"].mean()
        medians = [f"{done[name].median():.4f}" for name in ("dloghr", "km_mae", "risk_mae", "events")]
        rows.append(
            [
                *map(str, keys),
                *medians[:1],
                f"{done['dloghr'].quantile(0.95):.4f}",
                *medians[1:],
                "" if np.isnan(exact) else f"{exact:.0%}",
                str(int((done["n"] > 0).sum())),
                f"{len(done)} + {int(group['failed'].sum())}",
            ]
        )
    header = ["points", "information", "program", "ln HR error", "its 95th percentile", "S(t) error"]
    header += ["at-risk error / N", "events error", "events exact", "wrong N", "cases + failed"]
    return markdown_table(header, rows)


def main() -> None:
    """Run, print, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--methods", default="guyot,spread")
    parser.add_argument("--keep", type=Path, help="where to leave the rebuilt patients")
    args = parser.parse_args()
    cases = read_cases(args.folder) if args.folder else own_cases()
    with tempfile.TemporaryDirectory() as temporary:
        out = args.keep or Path(temporary)
        jobs = [(c, mode, info, m) for c in cases for mode in MODES for info in INFOS for m in args.methods.split(",")]
        scores = pd.DataFrame([score(*job, out) for job in jobs])
    scores["method"] = "survrecon " + scores["method"]
    title = "Accuracy on data sets of lifelines"
    if args.folder:
        title = "Accuracy on the open benchmark"
        peers = args.folder / "peers.csv"
        if peers.is_file():
            others = pd.read_csv(peers)
            others = others[others["info"].isin(INFOS) & others["mode"].isin(MODES)]
            scores = pd.concat([scores, others[[c for c in scores if c in others]]])
    table = summary(scores)
    print(table)
    text = f"Medians over {len(cases)} two-arm figures; each arm's S(t) and numbers at risk while a tenth is left.\n\n"
    write_section(title, f"python -m benchmarks.accuracy {shlex.join(_shown(sys.argv[1:]))}".strip(), text + table)


def _shown(arguments: list[str]) -> list[str]:
    """Leave out where a folder lies on this machine."""
    return [Path(a).name if Path(a).is_dir() else a for a in arguments]


if __name__ == "__main__":
    main()
