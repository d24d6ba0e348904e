"""Whole months: trials seen in whole months, weeks or at visits, from their steps as a program prints them.

    python -m benchmarks months [--trials 500] [--draws 200] [--seed 11] [--jobs 2] [--quick] [--rows ROWS.csv]

Points are the drops of Kaplan-Meier curves, one or two a drop, to three or four decimals, and nothing says that they
are drops. Events are identified where all draws of an arm have one total. The interval over draws holds the true ln HR
if that lies within it or within 1e-6 of an end: where the patients are identified it has no width. Beside them stand
landmarks of trials whose patients are seen all the time, of which none should be taken for steps.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.options import first_line
from benchmarks.ranks import binomial_interval
from benchmarks.results import markdown_table, write_section
from benchmarks.running import side_by_side
from benchmarks.whole_months import Arm, landmark_arm, simulate
from survrecon.analysis.cox import contrast, contrast_draws
from survrecon.errors import SurvreconError
from survrecon.reconstruction.reconstruct import reconstruct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.model.ipd import Reconstruction

__all__ = ["Seen", "main", "observe"]

_TRIALS, _DRAWS, _QUICK_TRIALS = 500, 200, 20
_SEED = 11
_LIMITS = (0.025, 0.975)
_SAME = 1e-6  # of ln HR: identified patients give an interval without width, equal to the truth but for round-off
_STEPS = "points are taken as steps"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What became of one trial; numbers are of its two arms."""

    trial: int
    group: str
    arms: int = 0
    exact: int = 0
    identified: int = 0
    identified_exact: int = 0
    events_held: int = 0
    ratio_held: float = float("nan")
    width: float = float("nan")
    landmarks_kept: float = float("nan")
    failed: str = ""


def observe(seed: int, trial: int, draws: int) -> Seen:
    """Simulate a trial and a list of landmarks, rebuild both, and compare with the true patients."""
    rng = np.random.default_rng([seed, trial])
    case = simulate(rng)
    group = f"{'with' if case.with_table else 'without'} a risk table, {case.decimals} decimals"
    try:
        results = [_rebuilt(arm, trial, k) for k, arm in enumerate(case.arms)]
        kept = not any(said.startswith(_STEPS) for said in _rebuilt(landmark_arm(rng), trial, 2).assumptions)
    except SurvreconError as error:
        print(f"trial {trial}: {error}", file=sys.stderr)
        return Seen(trial=trial, group=group, failed=str(error))
    sets = [result.draws(draws) for result in results]
    truth = contrast(case.arms[0].patients, case.arms[1].patients).log_hr
    low, high = np.quantile(contrast_draws(*sets).log_hr, _LIMITS)
    totals = [np.array([draw.events for draw in own]) for own in sets]
    true = [arm.patients.events for arm in case.arms]
    fixed = [bool((own == own[0]).all()) for own in totals]
    exact = [result.ipd.events == number for result, number in zip(results, true, strict=True)]
    held = [
        np.quantile(own, _LIMITS[0]) <= d <= np.quantile(own, _LIMITS[1]) for own, d in zip(totals, true, strict=True)
    ]
    return Seen(
        trial=trial,
        group=group,
        arms=2,
        exact=sum(exact),
        identified=sum(fixed),
        identified_exact=sum(one and right for one, right in zip(fixed, exact, strict=True)),
        events_held=int(sum(held)),
        ratio_held=float(low - _SAME <= truth <= high + _SAME),
        width=float(high - low),
        landmarks_kept=float(kept),
    )


def _rebuilt(arm: Arm, trial: int, k: int) -> Reconstruction:
    return reconstruct(
        arm.points,
        n=arm.patients.n,
        risk_table=arm.table,
        events=arm.events,
        rng=np.random.default_rng([trial, k]),
    )


HEADER = [
    "inputs",
    "trials",
    "arms identified",
    "their events exact",
    "events exact, all arms",
    "95% interval holds events",
    "95% interval holds ln HR",
    "its median width",
    "landmarks kept",
    "failed",
]


def summary(seen: Sequence[Seen]) -> str:
    """Return a row a group, and one of all."""
    groups = sorted({one.group for one in seen})
    return markdown_table(
        HEADER, [*(_row(group, [s for s in seen if s.group == group]) for group in groups), _row("all", seen)]
    )


def _row(name: str, seen: Sequence[Seen]) -> list[str]:
    done = [one for one in seen if not one.failed]
    arms, identified = sum(s.arms for s in done), sum(s.identified for s in done)
    return [
        name,
        str(len(seen)),
        _share(identified, arms),
        _share(sum(s.identified_exact for s in done), identified),
        _share(sum(s.exact for s in done), arms),
        _share(sum(s.events_held for s in done), arms),
        _share(sum(s.ratio_held for s in done), len(done)),
        f"{np.median([s.width for s in done]):.4f}" if done else "",
        _share(sum(s.landmarks_kept for s in done), len(done)),
        str(len(seen) - len(done)),
    ]


def _share(held: float, number: int) -> str:
    """Return a share with its Clopper-Pearson interval, in percent."""
    if not number:
        return ""
    ends = binomial_interval(held, number)
    return f"{held / number:.1%} ({100 * (ends.low or 0):.0f} to {100 * (ends.high or 0):.0f})"


_READ = (
    "Two arms of 60 to 400 patients a trial; one or two points a drop, with or without a risk table and total events. "
    "Nothing states that points are drops. Arms are identified where all draws have one total. The interval is over "
    "draws, closed, and 1e-6 wider at both ends, as it has no width where all patients are identified. In brackets: "
    "95% Clopper-Pearson intervals. Landmarks: one list a trial, of an arm seen all the time."
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, rebuild, compare, print, and write the section of RESULTS.md, unless ``--quick``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks months", description=first_line(__doc__))
    parser.add_argument("--trials", type=int, help=f"of two arms each ({_TRIALS}; quick: {_QUICK_TRIALS})")
    parser.add_argument("--draws", type=int, default=_DRAWS, help="of each arm")
    parser.add_argument("--seed", type=int, default=_SEED, help="nothing was set on the trials of the default")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="a few trials; RESULTS.md stays as it is")
    parser.add_argument("--rows", type=Path, help="a CSV file for what became of every trial")
    asked = parser.parse_args(arguments)
    trials = asked.trials or (_QUICK_TRIALS if asked.quick else _TRIALS)
    calls = [(asked.seed, trial, asked.draws) for trial in range(trials)]
    seen = side_by_side(observe, calls, asked.jobs, "months")
    table = summary(seen)
    print(table)
    if asked.rows is not None:
        pd.DataFrame([asdict(one) for one in seen]).to_csv(asked.rows, index=False)
    if not asked.quick:
        command = f"python -m benchmarks months --trials {trials} --draws {asked.draws} --seed {asked.seed}"
        write_section("Whole months", command, f"{_READ}\n\n{table}")


if __name__ == "__main__":
    main()
