"""Trials with known patients, rebuilt and compared with the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from survrecon.curve import FloatArray, IntArray, RiskTable, SurvivalCurve
from survrecon.ipd import PseudoIPD, Reconstruction
from survrecon.reconstruction.reconstruct import reconstruct

__all__ = ["Arm", "Row", "Trial", "compare", "log_hazard_ratio", "print_row", "rebuild"]

Flags = npt.NDArray[np.bool_]
_LEVELS = (0.5, 0.8, 0.95)


@dataclass(frozen=True, kw_only=True)
class Arm:
    """Patients of one arm and what a reader sees of them: points, numbers at risk, marks."""

    time: FloatArray
    event: Flags
    points: tuple[FloatArray, FloatArray]
    table: tuple[FloatArray, IntArray]
    marks: FloatArray


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Two arms."""

    name: str
    arms: tuple[Arm, Arm]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One trial's comparison: errors of the single data set, and where the truth lies among the draws."""

    error: float
    middle_error: float
    events_exact: tuple[bool, ...]
    events_error: tuple[float, ...]
    kept: bool
    covered: dict[str, tuple[tuple[bool, ...], ...]]


def rebuild(trial: Trial, information: str, seed: int) -> tuple[Reconstruction, ...]:
    """Rebuild both arms from one level of information: full, risk, events, none, ticks or all."""
    results = []
    for k, arm in enumerate(trial.arms):
        table = RiskTable(time=arm.table[0], at_risk=arm.table[1]) if information in ("full", "risk", "all") else None
        results.append(
            reconstruct(
                SurvivalCurve(time=arm.points[0], survival=arm.points[1]),
                n=arm.time.size,
                risk_table=table,
                events=int(arm.event.sum()) if information in ("full", "events", "all") else None,
                censor_times=arm.marks if information in ("ticks", "all") else None,
                rng=np.random.default_rng([seed, k]),
            )
        )
    return tuple(results)


def log_hazard_ratio(first: tuple[FloatArray, Flags], second: tuple[FloatArray, Flags]) -> float:
    """Return the log hazard ratio of the second arm over the first: Cox, Efron's ties, by Newton steps."""
    time, event = np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]]).astype(bool)
    arm = np.repeat([0.0, 1.0], [first[0].size, second[0].size])
    order = np.argsort(time, kind="stable")
    time, event, arm = time[order], event[order], arm[order]
    times, start = np.unique(time, return_index=True)
    at_risk = time.size - start.astype(float)
    treated = np.cumsum(arm[::-1])[::-1][start]
    deaths = np.add.reduceat(event.astype(float), start)
    treated_deaths = np.add.reduceat(event * arm, start)
    own = np.repeat(np.arange(times.size), deaths.astype(int))
    gone = np.concatenate([np.arange(d) / d for d in deaths[deaths > 0].astype(int)])
    value = 0.0
    for _ in range(50):
        one = np.exp(value) * (treated[own] - gone * treated_deaths[own])
        share = one / (one + (at_risk - treated)[own] - gone * (deaths - treated_deaths)[own])
        step = np.clip((treated_deaths.sum() - share.sum()) / max(float((share * (1 - share)).sum()), 1e-9), -1, 1)
        value += float(step)
        if abs(step) < 1e-10:
            break
    return value


def compare(trial: Trial, results: tuple[Reconstruction, ...], draws: int) -> Row:
    """Compare the data sets and ``draws`` draws of both arms with the truth."""
    first, second = trial.arms
    truth = log_hazard_ratio((first.time, first.event), (second.time, second.event))
    best = _between(results[0].ipd, results[1].ipd)
    sets = [r.draws(draws) for r in results]
    ratios = np.array([_between(a, b) for a, b in zip(*sets, strict=True)])
    covered: dict[str, list[tuple[bool, ...]]] = {"log HR": [_inside(truth, ratios)], "events": [], "at risk": []}
    exact, error = [], []
    for arm, result, own in zip(trial.arms, results, sets, strict=True):
        total = int(arm.event.sum())
        exact.append(result.ipd.events == total)
        error.append(abs(result.ipd.events - total) / max(total, 1))
        covered["events"].append(_inside(total, np.array([d.events for d in own])))
        half = float(np.quantile(arm.time, 0.6)) + 1e-3 * float(arm.time.max())
        covered["at risk"].append(_inside((arm.time >= half).sum(), np.array([(d.time >= half).sum() for d in own])))
    return Row(
        error=abs(best - truth),
        middle_error=abs(float(ratios.mean()) - truth),
        events_exact=tuple(exact),
        events_error=tuple(error),
        kept=all(r.ipd.n == arm.time.size for arm, r in zip(trial.arms, results, strict=True)),
        covered={k: tuple(v) for k, v in covered.items()},
    )


def print_row(name: str, rows: list[Row], seconds: float) -> str:
    """Print and return medians and coverage over trials."""
    error = np.array([r.error for r in rows])
    exact = np.mean([e for r in rows for e in r.events_exact])
    cover = "  ".join(
        f"{what} "
        + "/".join(f"{np.mean([c[i] for r in rows for c in r.covered[what]]):.2f}" for i in range(len(_LEVELS)))
        for what in ("log HR", "events", "at risk")
    )
    line = (
        f"{name:14} |log HR| median {np.median(error):.4f} p95 {np.quantile(error, 0.95):.4f} "
        f"(mean of draws {np.median([r.middle_error for r in rows]):.4f})  events exact {exact:.2f} "
        f"error {np.mean([e for r in rows for e in r.events_error]):.4f}  "
        f"coverage 50/80/95: {cover}  N kept {np.mean([r.kept for r in rows]):.2f}  {len(rows)} trials {seconds:.0f} s"
    )
    print(line, flush=True)
    return line


def _between(first: PseudoIPD, second: PseudoIPD) -> float:
    return log_hazard_ratio((first.time, first.event), (second.time, second.event))


def _inside(truth: float, draws: FloatArray | IntArray) -> tuple[bool, ...]:
    """Return whether the truth lies in the central interval of each level, within rounding."""
    inside = []
    for level in _LEVELS:
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
        inside.append(bool(low - 1e-6 <= truth <= high + 1e-6))
    return tuple(inside)
