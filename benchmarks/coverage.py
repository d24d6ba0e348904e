"""Coverage of the draws' intervals on simulated trials of many shapes, digitized three ways.

    python benchmarks/coverage.py [--trials 100] [--modes trace,clicks] [--information full,none] [--draws K]

Each trial has its own size, survival shape, hazard ratio and censoring pattern (uniform, late, staggered entry,
clustered at the data cut-off, steady drop-out, hardly any), some with events at visits. The printed numbers at
risk are those of a figure with four to ten columns.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
from results import write_section
from truth import Arm, Trial, compare, print_row, rebuild

from survrecon.curve import FloatArray

_WIDTH, _HEIGHT = 600, 400
_SHAPES: tuple[Callable[[np.random.Generator, int], FloatArray], ...] = (
    lambda rng, n: rng.exponential(size=n),
    lambda rng, n: rng.weibull(0.7, n),
    lambda rng, n: rng.weibull(1.5, n),
    lambda rng, n: np.exp(rng.standard_normal(n)),
    lambda rng, n: np.where(rng.random(n) < 0.4, np.inf, rng.exponential(size=n)),
    lambda rng, n: np.where(rng.random(n) < 0.7, np.inf, rng.exponential(size=n)),
    lambda rng, n: _bent(rng.exponential(size=n), 0.4),
    lambda rng, n: _bent(rng.exponential(size=n), 3.0),
)
_CENSORING: tuple[Callable[[np.random.Generator, int], FloatArray], ...] = (
    lambda rng, n: rng.uniform(0, 1, n),
    lambda rng, n: rng.uniform(0.5, 1, n),
    lambda rng, n: np.minimum(1 - 0.6 * rng.random(n) ** 0.7, rng.exponential(8, n)),
    lambda rng, n: np.minimum(rng.uniform(0.93, 1, n), rng.exponential(12, n)),
    lambda rng, n: np.minimum(rng.exponential(0.8, n), rng.uniform(0.7, 1, n)),
    lambda rng, n: np.where(rng.random(n) < 0.9, rng.uniform(0.95, 1, n), rng.uniform(0, 1, n)),
)


def simulate(rng: np.random.Generator, mode: str, smallest: int = 40, largest: int = 900) -> Trial:
    """Return a trial and what its figure shows."""
    size = int(np.exp(rng.uniform(np.log(smallest), np.log(largest))))
    shape, censoring = _SHAPES[rng.integers(len(_SHAPES))], _CENSORING[rng.integers(len(_CENSORING))]
    scale = np.exp(rng.uniform(np.log(5), np.log(40)))
    cutoff = scale * rng.uniform(0.7, 4)
    visit = 1.5 if cutoff > 15 and rng.random() < 0.25 else 0.0
    effect = np.exp(rng.normal(0.2, 0.3))
    ratio = rng.choice([1.0, 1.0, 1.0, 0.5, 2.0])
    patients = []
    for k in (0, 1):
        n = int(size * (ratio if k else 1.0)) + 1
        died = shape(rng, n) * scale * (effect if k else 1.0)
        if visit:
            died = np.ceil(died / visit) * visit + np.where(rng.random(n) < 0.5, 0.0, rng.normal(0, 0.05 * visit, n))
        left = censoring(rng, n) * cutoff
        patients.append((np.maximum(np.round(np.minimum(died, left), int(rng.integers(2, 4))), 0.01), died <= left))
    if min(int(event.sum()) for _, event in patients) < 3:
        return simulate(rng, mode, smallest, largest)
    return _figure(patients, mode, rng)


def _bent(exposure: FloatArray, factor: float) -> FloatArray:
    """Return times whose hazard changes by 1 / ``factor`` at half a unit."""
    return np.where(exposure < 0.5, exposure, 0.5 + (exposure - 0.5) * factor)


def _figure(
    patients: list[tuple[FloatArray, np.ndarray[tuple[int], np.dtype[np.bool_]]]], mode: str, rng: np.random.Generator
) -> Trial:
    longest = max(float(time.max()) for time, _ in patients)
    step = longest / rng.integers(4, 11)
    unit = 10 ** np.floor(np.log10(step))
    step = unit * min((1, 2, 3, 5, 6, 10), key=lambda m: abs(m * unit - step))
    printed = np.arange(0, longest + 1e-9, step)
    arms = []
    for time_, event in patients:
        counts = np.array([(time_ >= t).sum() for t in printed])
        points, marks = _READERS[mode](time_, event, longest, rng)
        arms.append(Arm(time=time_, event=event, points=points, table=(printed, counts), marks=marks))
    return Trial(name="simulated", arms=(arms[0], arms[1]))


def _kaplan_meier(time_: FloatArray, event: FloatArray) -> tuple[FloatArray, FloatArray]:
    times, deaths = np.unique(time_[event.astype(bool)], return_counts=True)
    at_risk = time_.size - np.searchsorted(np.sort(time_), times)
    return times, np.append(1.0, np.cumprod(1 - deaths / at_risk))


def _merged(times: FloatArray, pixel: float, gap: int) -> FloatArray:
    """Return the marks a reader can tell apart: the first of each run of touching marks."""
    columns = np.unique(np.round(times / pixel))
    return np.asarray((columns[np.append(True, np.diff(columns) >= gap)[: columns.size]] + 0.5) * pixel)


Seen = tuple[tuple[FloatArray, FloatArray], FloatArray]


def _trace(time_: FloatArray, event: FloatArray, longest: float, rng: np.random.Generator) -> Seen:
    times, level = _kaplan_meier(time_, event)
    pixel = longest / _WIDTH
    x = (np.arange(_WIDTH) + 0.5) * pixel
    x = x[x <= time_.max()]
    rows = level[np.searchsorted(times, x, "right")] * _HEIGHT + rng.uniform(-0.5, 0.5) + rng.normal(0, 0.3, x.size)
    return (x, np.clip(np.round(rows) / _HEIGHT, 0, 1)), _merged(time_[event == 0], pixel, 2)


def _clicks(time_: FloatArray, event: FloatArray, longest: float, rng: np.random.Generator) -> Seen:
    times, level = _kaplan_meier(time_, event)
    pixel, last = longest / _WIDTH, float(time_.max())
    along = np.linspace(0, last, int(np.clip(0.6 * times.size, 30, 60)))
    along[1:-1] += rng.normal(0, pixel, along.size - 2)
    chosen = rng.random(times.size) < min(1.0, 50 / times.size)
    corner = np.concatenate([times[chosen], times[chosen]])
    x = np.concatenate([along, corner + rng.normal(0, 0.75 * pixel, corner.size)])
    on_curve = level[np.searchsorted(times, along, "right")]
    y = np.concatenate([on_curve, level[:-1][chosen], level[1:][chosen]])
    order = np.argsort(x)
    x, y = np.clip(x[order], 0, last), np.clip(y[order] + rng.normal(0, 0.75 / _HEIGHT, x.size), 0, 1)
    return (x, y), _merged(time_[event == 0], pixel, 3)


def _vector(time_: FloatArray, event: FloatArray, longest: float, _: np.random.Generator) -> Seen:
    times, level = _kaplan_meier(time_, event)
    unit = longest / 1e6
    x = np.concatenate([[0.0], np.repeat(times, 2), [time_.max()]])
    y = np.concatenate([[1.0], np.column_stack([level[:-1], level[1:]]).ravel(), level[-1:]])
    marks = np.unique(time_[event == 0])
    return (np.round(x / unit) * unit, np.round(y, 5)), np.round(marks / unit) * unit


_READERS: dict[str, Callable[..., Seen]] = {"trace": _trace, "clicks": _clicks, "vector": _vector}


def main() -> None:
    """Simulate, rebuild, compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--modes", default="trace,clicks,vector")
    parser.add_argument("--information", default="full,risk,events,none,ticks,all")
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--largest", type=int, default=900)
    asked = parser.parse_args()
    lines = []
    for mode in asked.modes.split(","):
        for information in asked.information.split(","):
            rows, start = [], time.perf_counter()
            for k in range(asked.trials):
                trial = simulate(np.random.default_rng([asked.seed, k]), mode, largest=asked.largest)
                rows.append(compare(trial, rebuild(trial, information, seed=k), asked.draws))
            lines.append(print_row(f"{mode}/{information}", rows, time.perf_counter() - start))
    text = "```\n" + "\n".join(lines) + "\n```"
    command = f"python benchmarks/coverage.py --trials {asked.trials} --information {asked.information}"
    write_section("Coverage of intervals on simulated trials", command, text)


if __name__ == "__main__":
    main()
