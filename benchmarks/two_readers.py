"""Whether two readers of a figure differ in the hazard ratio by as much as the reading model says.

    python -m benchmarks.two_readers [--trials 100] [--first 0] [--rereads 12] [--draws 100] [--jobs 1] [--quick]

Each trial is simulated (40 to 120 patients an arm, the numbers at risk printed), and its figure clicked by two readers
who are three quarters of a pixel off on 600 by 400 pixels. What each rebuilds from the clicks gives a log hazard
ratio. Their difference, over the square root of 2 times the reading part of the standard error that both readers'
own figures give, is to lie within 1.96 in 90 to 99 of 100 trials.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.options import first_line
from benchmarks.readers import read_arm
from benchmarks.results import markdown_table, write_section
from benchmarks.running import side_by_side
from benchmarks.simulated import simulate
from survrecon.review.readings_apart import ArmInputs, log_ratio, ratio_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.cases import Case

__all__ = ["Pair", "compared_readers", "main"]

_SMALLEST, _LARGEST = 40, 120
_TRIALS, _REREADS, _DRAWS = 100, 12, 100
_QUICK = 10  # times fewer trials
_LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Pair:
    """What two readers of a trial differ in: the log hazard ratio, and the reading part of its standard error."""

    difference: float
    error: float

    @property
    def z(self) -> float:
        """The difference in units of what is expected of it."""
        return self.difference / (2**0.5 * self.error)


def compared_readers(seed: int, rereads: int, draws: int) -> Pair:
    """Simulate a trial, read it twice, and compare."""
    rng = np.random.default_rng([2, seed])
    case = simulate(rng, smallest=_SMALLEST, largest=_LARGEST)
    first, second = _read(case, rng), _read(case, rng)
    rebuilt = [tuple(arm.rebuilt(name) for arm, name in zip(arms, "ab", strict=True)) for arms in (first, second)]
    ratios = [log_ratio(made[0], made[1], draws) for made in rebuilt]
    readings = [(arms, (made[0], made[1])) for arms, made in zip((first, second), rebuilt, strict=True)]
    error = ratio_error(readings, rereads=rereads, draws=draws, rng=rng)
    return Pair(difference=ratios[0] - ratios[1], error=error)


def _read(case: Case, rng: np.random.Generator) -> tuple[ArmInputs, ArmInputs]:
    """Return both arms as one reader clicks them."""
    end = max(float(arm.patients.time[-1]) for arm in case.arms)
    control, treatment = (
        ArmInputs(curve=read_arm(arm.patients, end, 0.0, rng)[0]["clicks"], n=arm.patients.n, table=arm.table)
        for arm in case.arms
    )
    return control, treatment


def _section(pairs: Sequence[Pair], rereads: int, draws: int) -> str:
    z = np.array([pair.z for pair in pairs])
    limit = NormalDist().inv_cdf(0.5 + _LEVEL / 2)
    within = int((np.abs(z) <= limit).sum())
    rows = [
        ["pairs of readers", f"{len(pairs)}"],
        ["differences within 1.96", f"{within} ({within / len(pairs):.0%})"],
        ["standard deviation of difference / (sqrt 2 x error)", f"{z.std():.2f}"],
        ["median difference of ln HR", f"{np.median([abs(pair.difference) for pair in pairs]):.4f}"],
        ["median reading part of its standard error", f"{np.median([pair.error for pair in pairs]):.4f}"],
    ]
    return f"{rereads} simulated rereads of each reading, {draws} data sets an arm.\n\n" + markdown_table(
        ["", "value"], rows
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the trials and print what came of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.two_readers", description=first_line(__doc__))
    parser.add_argument("--trials", type=int, default=_TRIALS)
    parser.add_argument("--first", type=int, default=0, help="number of the first trial; others than from 0 are fresh")
    parser.add_argument("--rereads", type=int, default=_REREADS)
    parser.add_argument("--draws", type=int, default=_DRAWS)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="a tenth of the trials; RESULTS.md stays as it is")
    asked = parser.parse_args(arguments)
    trials = max(1, asked.trials // _QUICK) if asked.quick else asked.trials
    calls = [(seed, asked.rereads, asked.draws) for seed in range(asked.first, asked.first + trials)]
    pairs = side_by_side(compared_readers, calls, asked.jobs, "two readers")
    text = _section(pairs, asked.rereads, asked.draws)
    print(text)
    if not asked.quick and asked.trials == _TRIALS:
        write_section(
            "Two readers", f"python -m benchmarks.two_readers --first {asked.first} --rereads {asked.rereads}", text
        )


if __name__ == "__main__":
    main()
