"""How much hazards change within a follow-up, among the curves of the catalogue that were read from figures.

Usage: python -m benchmarks.hazards

Each arm is followed as long as its risk table has patients enough. The hazard up to a part of that time over the
hazard after it is compared with what the prior of curves of printed numbers draws, and with the simulated papers. The
variance among arms is that of the curves less the sampling variance of their events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.papers import SHAPES
from benchmarks.results import markdown_table
from survrecon.reconstruction.summary.inputs import SummaryArm, SurvivalPoint
from survrecon.reconstruction.summary.priors import SUMMARY_PRIORS
from survrecon.reconstruction.summary.target import FollowedOnGrid, draw_target
from survrecon.records.folder import catalogue, read_figure
from survrecon.records.schema import SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from survrecon.arrays import FloatArray

__all__ = ["main"]

PARTS = (1 / 8, 1 / 4, 1 / 2, 3 / 4)
"""Of the follow-up: the hazard before is compared with that after."""
LEAST_AT_RISK = 15
"""Patients at risk at the end of the follow-up."""
LEAST_EVENTS = 3
"""Events expected on either side of a part."""
STILL_FOLLOWED = 0.7
"""Of those alive after a part, about so many are still followed: for the sampling variance alone."""
DRAWS = 100_000


def changes() -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield, for every arm read from a figure, the log ratio of hazards and its sampling variance at every part."""
    for folder in catalogue():
        record = read_figure(folder)
        if record.kind is SourceKind.SUMMARY:
            continue
        for arm in record.document.arms:
            curve, table = record.curves.get(arm.name), record.risk_tables.get(arm.name)
            if curve is None or table is None or arm.n is None:
                continue
            followed = table.time[table.at_risk >= LEAST_AT_RISK]
            if followed.size and followed.max() > 0:
                yield _of_arm(curve.time, curve.survival, float(followed.max()), arm.n)


def _of_arm(time: FloatArray, survival: FloatArray, end: float, n: int) -> tuple[FloatArray, FloatArray]:
    def survival_at(when: float) -> float:
        return float(survival[max(int(np.searchsorted(time, when, side="right")) - 1, 0)])

    found, variance = np.full(len(PARTS), np.nan), np.full(len(PARTS), np.nan)
    for i, part in enumerate(PARTS):
        middle, last = survival_at(part * end), survival_at(end)
        events = n * (1 - middle), n * (middle - last) * STILL_FOLLOWED
        if min(events) >= LEAST_EVENTS and last > 0:
            found[i], variance[i] = _change(-np.log(middle), -np.log(last), part), 1 / events[0] + 1 / events[1]
    return found, variance


def _change(before: float | FloatArray, whole: float | FloatArray, part: float) -> FloatArray:
    return np.asarray(np.log(before / part) - np.log((whole - before) / (1 - part)))


def of_prior(rng: np.random.Generator) -> FloatArray:
    """Return the standard deviation at every part of what the prior draws between no printed point and one."""
    grid = np.linspace(0.0, 1.0, 401)
    arm = SummaryArm(name="a", n=100, points=(SurvivalPoint(time=1.0, survival=0.5, rounding=0.0),))
    found = []
    for _ in range(DRAWS // 1000):
        power = np.exp(SUMMARY_PRIORS.trend * rng.standard_normal(1000))
        hazard = draw_target(
            arm, FollowedOnGrid(grid=grid, followed=np.ones((1000, grid.size))), rng, power=power
        ).printed
        found.append(_parts(lambda part, drawn=hazard: drawn[:, round(part * (grid.size - 1))] / drawn[:, -1]))  # type: ignore[misc]
    return np.asarray(np.std(np.concatenate(found), axis=0))


def of_simulated_papers(rng: np.random.Generator) -> FloatArray:
    """Return the same of the Weibull curves of `benchmarks.papers`."""
    shape = rng.uniform(*SHAPES, DRAWS) * np.exp(rng.uniform(-0.15, 0.15, DRAWS))
    return np.asarray(np.std(_parts(lambda part: np.asarray(part**shape)), axis=0))


def _parts(share: Callable[[float], FloatArray]) -> FloatArray:
    """Return the log ratio of hazards at every part (k, p), given the share of the hazard before it."""
    return np.stack([_change(share(part), 1.0, part) for part in PARTS], axis=1)


def main() -> None:
    """Print the standard deviations."""
    found = list(changes())
    value, variance = (np.array([pair[i] for pair in found]) for i in (0, 1))
    rng = np.random.default_rng(1)
    prior, simulated = of_prior(rng), of_simulated_papers(rng)
    rows = []
    for i, part in enumerate(PARTS):
        known = np.isfinite(value[:, i])
        spread = float(np.var(value[known, i]))
        true = np.sqrt(max(spread - float(np.mean(variance[known, i])), 0.0))
        rows.append(
            [
                f"{part:.3g}",
                str(int(known.sum())),
                f"{np.mean(value[known, i]):+.2f}",
                f"{np.sqrt(spread):.2f}",
                f"{true:.2f}",
                f"{prior[i]:.2f}",
                f"{simulated[i]:.2f}",
            ]
        )
    header = [
        "hazard before this part over that after, log",
        "arms",
        "mean",
        "SD",
        "SD less chance",
        "prior",
        "simulated papers",
    ]
    print(markdown_table(header, rows))


if __name__ == "__main__":
    main()
