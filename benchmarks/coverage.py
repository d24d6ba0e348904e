"""Coverage: how often the intervals over draws hold the truth, on simulated trials digitized three ways.

    python -m benchmarks coverage [--trials 250] [--points trace,clicks] [--information none,full] [--draws 200]
                                  [--kind usual|crowded] [--jobs 2] [--quick] [--rows ROWS.csv]

The truth is a number computed from the true patients: Cox's ln HR with Efron's ties, an arm's total events, its
number at risk at a time drawn between a fifth and four fifths of the axis. The intervals are over data sets that
agree with the figure; the sampling error of the trial is not in them. Where all draws have one value the row says
how often it is the truth; coverage is counted over the others. Trials are of many shapes (``usual``), or have several
hundred patients whose censoring marks run together (``crowded``).
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.cases import INFORMATION, POINTS, Case, rebuild
from benchmarks.crowded import simulate_crowded
from benchmarks.options import chosen, first_line
from benchmarks.ranks import LEVELS, Place, binomial_interval, place
from benchmarks.results import markdown_table, write_section
from benchmarks.running import side_by_side
from benchmarks.simulated import simulate
from survrecon.analysis.cox import contrast, contrast_draws
from survrecon.errors import SurvreconError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from survrecon.model.ipd import Reconstruction

__all__ = ["QUANTITIES", "Observation", "main", "observe"]

QUANTITIES = ("ln HR", "events", "at risk")
_TRIALS, _DRAWS, _QUICK_TRIALS, _QUICK_DRAWS = 250, 200, 25, 100
_SEED = 1
KINDS = {"usual": simulate, "crowded": simulate_crowded}


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One quantity of one trial: its place, or what went wrong; ``arm`` is empty for a contrast.

    ``patients`` counts those of the trial, ``seconds`` are of processor time for both arms.
    """

    trial: int
    points: str
    information: str
    quantity: str
    arm: str
    patients: int
    place: Place | None
    seconds: float = 0.0
    failed: str = ""


def observe(seed: int, trial: int, points: str, information: str, draws: int, kind: str = "usual") -> list[Observation]:
    """Simulate one trial, rebuild it, and return where the truths lie among the draws."""
    rng = np.random.default_rng([seed, trial])
    case = KINDS[kind](rng)
    end = float(case.arms[0].table.time[-1])
    at = float(rng.uniform(0.2, 0.8)) * end
    start = time.process_time()
    try:
        found, said = places(case, rebuild(case, points, information, seed=trial), draws, at), ""
    except SurvreconError as error:
        found, said = [("ln HR", "", None)], str(error)
        print(f"trial {trial}, {points}, {information}: {error}", file=sys.stderr)
    seconds = time.process_time() - start
    return [
        Observation(
            trial=trial,
            points=points,
            information=information,
            quantity=quantity,
            arm=arm,
            patients=sum(one.patients.n for one in case.arms),
            place=where,
            seconds=seconds,
            failed=said,
        )
        for quantity, arm, where in found
    ]


def places(
    case: Case, results: tuple[Reconstruction, Reconstruction], draws: int, at: float
) -> list[tuple[str, str, Place | None]]:
    """Return quantity, arm and place of every truth; ``at`` is the time at which patients at risk are counted."""
    sets = [result.draws(draws) for result in results]
    truth = contrast(case.arms[0].patients, case.arms[1].patients).log_hr
    ratios = contrast_draws(*sets).log_hr
    finite = ratios[np.isfinite(ratios)]
    usable = np.isfinite(truth) and 2 * finite.size > ratios.size
    found: list[tuple[str, str, Place | None]] = [("ln HR", "", place(truth, finite) if usable else None)]
    for arm, own in zip(case.arms, sets, strict=True):
        name = own[0].arm
        found.append(("events", name, place(arm.patients.events, [d.events for d in own])))
        found.append(("at risk", name, place(int(arm.patients.at_risk(at)), [int(d.at_risk(at)) for d in own])))
    return found


def summarize(points: str, information: str, seen: Sequence[Observation]) -> list[list[str]]:
    """Return one row a quantity."""
    return [
        [points, information, quantity, *_row([o.place for o in seen if o.quantity == quantity])]
        for quantity in QUANTITIES
    ]


HEADER = [
    "points",
    "information",
    "quantity",
    *(f"{level:.0%} interval holds" for level in LEVELS),
    "closed 95%",
    "counted",
    "width of 95%",
    "error of the median",
    "one value: right",
    "failed",
]


def _row(found: Iterable[Place | None]) -> list[str]:
    every = list(found)
    known = [p for p in every if p is not None]
    open_ = [p for p in known if not p.fixed]
    fixed = [p for p in known if p.fixed]
    cells = [_share(sum(p.held(level) for p in open_), len(open_)) for level in LEVELS]
    cells.append(f"{np.mean([p.closed[-1] for p in open_]):.1%}" if open_ else "")
    cells.append(str(len(open_)))
    cells += [f"{np.median([getattr(p, name) for p in open_]):.4g}" if open_ else "" for name in ("width", "error")]
    cells.append(_share(sum(p.right for p in fixed), len(fixed), of=True))
    return [*cells, str(len(every) - len(known))]


def _share(held: float, number: int, *, of: bool = False) -> str:
    """Return a share with its Clopper-Pearson interval, in percent."""
    if not number:
        return ""
    ends = binomial_interval(held, number)
    return f"{held / number:.1%} ({100 * (ends.low or 0):.0f} to {100 * (ends.high or 0):.0f})" + f" of {number}" * of


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, rebuild, compare; print a row as soon as it is known, and write RESULTS.md unless ``--quick``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks coverage", description=first_line(__doc__))
    parser.add_argument("--trials", type=int, help=f"of two arms each ({_TRIALS}; quick: {_QUICK_TRIALS})")
    parser.add_argument("--points", type=chosen(POINTS), default=POINTS, help="kinds, joined by commas")
    parser.add_argument("--information", type=chosen(INFORMATION), default=INFORMATION, help="joined by commas")
    parser.add_argument("--kind", choices=list(KINDS), default="usual", help="of trials")
    parser.add_argument("--draws", type=int, help=f"of each arm ({_DRAWS}; quick: {_QUICK_DRAWS})")
    parser.add_argument("--seed", type=int, default=_SEED, help="another one has sections of its own in RESULTS.md")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="about 50 arms; RESULTS.md stays as it is")
    parser.add_argument("--rows", type=Path, help="a CSV file for every trial's places")
    asked = parser.parse_args(arguments)
    trials = asked.trials or (_QUICK_TRIALS if asked.quick else _TRIALS)
    draws = asked.draws or (_QUICK_DRAWS if asked.quick else _DRAWS)
    everything: list[Observation] = []
    for points in asked.points:
        rows: list[list[str]] = []
        for information in asked.information:
            start = time.perf_counter()
            calls = [(asked.seed, trial, points, information, draws, asked.kind) for trial in range(trials)]
            found = side_by_side(observe, calls, asked.jobs, f"{points}, {information}")
            seen = [o for trial in found for o in trial]
            rows += summarize(points, information, seen)
            everything += seen
            print(markdown_table(HEADER, rows[-len(QUANTITIES) :]).split("\n", 2)[2], flush=True)
            spent = sum(trial[0].seconds for trial in found) / (2 * trials)
            print(f"  {spent:.2f} s of processor time an arm, {time.perf_counter() - start:.0f} s in all", flush=True)
        whole = ("all",) if asked.kind == "crowded" else INFORMATION
        if not asked.quick and set(asked.information) >= set(whole):
            shown = f" --kind {asked.kind} --information {','.join(asked.information)}" * (asked.kind != "usual")
            command = f"python -m benchmarks coverage{shown} --trials {trials} --draws {draws} --seed {asked.seed}"
            said = f"{trials} simulated trials of two arms, {draws} draws of each.\n\n" + _READ
            held_out = "" if asked.seed == _SEED else f", seed {asked.seed}"
            crowds = ", marks that run together" * (asked.kind == "crowded")
            write_section(
                f"Coverage: {points}{crowds}{held_out}", command, said + "\n\n" + markdown_table(HEADER, rows)
            )
    if asked.rows is not None:
        _flat(everything).to_csv(asked.rows, index=False)


_READ = (
    "A calibrated interval holds its nominal share. In brackets: the 95% Clopper-Pearson interval of the share. Ties "
    "of whole numbers are split (mid-p), so that the share can be nominal; the closed interval holds more. Trials "
    "where all draws have one value are not counted there, but under `one value: right` (ln HR within 1e-6)."
)


def _flat(seen: Iterable[Observation]) -> pd.DataFrame:
    rows = []
    for one in seen:
        row = asdict(one)
        where = row.pop("place") or {}
        closed = where.pop("closed", ())
        row |= where | {f"closed_{level:.0%}"[:-1]: held for level, held in zip(LEVELS, closed, strict=False)}
        rows.append(row)
    return pd.DataFrame(rows)


if __name__ == "__main__":
    main()
