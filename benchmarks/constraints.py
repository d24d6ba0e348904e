"""What printed statistics as constraints bring: simulated trials with known patients, rebuilt without and with them.

    python -m benchmarks constraints [--trials 12] [--points trace] [--information none,risk]

Trials are those of the benchmark of coverage, 80 to 400 patients an arm. Each prints what papers do: the hazard ratio
and its interval to two decimals, the log-rank p to two decimals, three below 0.10, or "<0.001".
"""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.cases import INFORMATION, POINTS, Case, rebuild
from benchmarks.coverage import QUANTITIES, places
from benchmarks.options import chosen, first_line
from benchmarks.printed import printed_contrast
from benchmarks.results import markdown_table, write_section
from benchmarks.simulated import simulate
from survrecon import constrain
from survrecon.errors import ConstraintError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.model.ipd import Reconstruction

DRAWS = 200
NAMES = ("control", "treatment")
Row = dict[str, tuple[float, ...]]


def measured(case: Case, results: tuple[Reconstruction, Reconstruction]) -> Row:
    """Return error of the median, width of the 95% interval, and whether it holds the truth; arms averaged."""
    half = float(case.arms[0].table.time[-1]) / 2
    seen = [(quantity, place) for quantity, _, place in places(case, results, DRAWS, half) if place is not None]
    found = {}
    for name in QUANTITIES:
        own = [place for quantity, place in seen if quantity == name]
        values = [(place.error, place.width, place.closed[-1]) for place in own]
        found[name] = tuple(map(float, np.mean(values, axis=0))) if own else (math.nan,) * 3
    return found


def compared(case: Case, points: str, information: str, seed: int) -> tuple[Row, Row | None, float]:
    """Return a trial without and with constraints, and the effective sample size; ``None`` where refused."""
    control, treatment = (arm.patients for arm in case.arms)
    facts = printed_contrast(control, treatment, of=NAMES[1], over=NAMES[0])
    arms = rebuild(case, points, information, seed=seed)
    before = measured(case, arms)
    try:
        found = constrain(arms, facts, draws=DRAWS, rng=np.random.default_rng(seed))
    except ConstraintError:
        return before, None, 0.0
    weighted = (found.reconstructions[NAMES[0]], found.reconstructions[NAMES[1]])
    return before, measured(case, weighted), found.constraints.effective_sample_size


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, rebuild both ways, compare."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks constraints", description=first_line(__doc__))
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--points", type=chosen(POINTS), default=("trace",))
    parser.add_argument("--information", type=chosen(INFORMATION), default=("none", "risk"))
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args(arguments)
    table, refused = [], []
    for points in asked.points:
        for information in asked.information:
            trials = []
            for k in range(asked.trials):
                case = simulate(np.random.default_rng([asked.seed, k]), smallest=80, largest=400)
                trials.append(compared(case, points, information, seed=k))
                print(points, information, k, f"{trials[-1][2]:.0f}", flush=True)
            kept = [(before, after) for before, after, _ in trials if after is not None]
            what = f"{points}, {'no risk table' if information == 'none' else information}"
            refused.append(f"{what}: refused in {len(trials) - len(kept)} of {len(trials)}")
            table += [_row(what, name, kept) for name in QUANTITIES if kept]
    columns = [
        "figure",
        "quantity",
        "error",
        "with --use",
        "width of 95% interval",
        "with --use",
        "truth inside",
        "with --use",
    ]
    text = (
        "`--use hr,p` against the draws alone; errors are those of the draws' median; trials that were not refused.\n\n"
    )
    text += markdown_table(columns, table) + "\n\n" + "; ".join(refused) + "."
    command = f"python -m benchmarks constraints --trials {asked.trials}"
    command += f" --points {','.join(asked.points)} --information {','.join(asked.information)}"
    write_section("Published statistics as constraints", command, text)


def _row(what: str, name: str, kept: list[tuple[Row, Row]]) -> list[str]:
    cells = [what, name]
    for i, form in ((0, ".4f" if name == "ln HR" else ".2f"), (1, ".4f" if name == "ln HR" else ".1f"), (2, ".0%")):
        cells += [
            format(float(np.nanmean([side[name][i] for side in sides])), form) for sides in zip(*kept, strict=True)
        ]
    return cells


if __name__ == "__main__":
    main()
