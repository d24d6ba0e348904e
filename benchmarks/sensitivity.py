"""What happens to accuracy and coverage where a prior of the state-space method is halved or doubled.

    python -m benchmarks.sensitivity [--trials 8] [--draws 60] [--seed 7] [--quick]

Each prior is changed alone, on the kind of figure where it matters most, on the same simulated trials with the same
random numbers as the default, so that differences are those of the prior. Writes the table of ``docs/model.md``
between its marks, unless ``--quick``.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.cases import Case, rebuild
from benchmarks.coverage import places
from benchmarks.options import first_line
from benchmarks.results import markdown_table
from benchmarks.simulated import simulate
from survrecon.errors import SurvreconError
from survrecon.reconstruction.statespace.priors import Priors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray

__all__ = ["CHANGED", "HEADER", "changed", "main", "rows"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "model.md"
_START, _END = "<!-- sensitivity: start -->", "<!-- sensitivity: end -->"
_TRIALS, _DRAWS, _SEED, _LARGEST, _LEVEL = 8, 60, 7, 250, 0.95
_RESAMPLED = 500
CHANGED = {
    ("trace", "none"): (
        "censoring.level_sd", "censoring.changes", "censoring.nobody_before", "events.window_events", "events.visit",
        "reading.plateau_points", "reading.line_shift",
    ),
    ("trace", "risk"): ("censoring.level_kept", "censoring.pinned_sd", "censoring.convention_kept"),
    ("trace", "all"): ("marks.read_late",),
    ("clicks", "events"): ("censoring.tilt_sd", "reading.click_noise"),
    ("vector", "risk"): ("decoding.shape", "placement.evenly"),
}  # fmt: skip
"""Priors by points and information."""
HEADER = ("points", "information", "prior", "changed to", "median error of ln HR", "95% holds ln HR", "holds events")


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """Of each trial (m,): the error of ln HR, whether 95% intervals hold ln HR and events; NaN where not known."""

    error: FloatArray
    ratio: FloatArray
    events: FloatArray


def changed(name: str, factor: float) -> Priors:
    """Return the default priors with one field multiplied.

    >>> changed("censoring.level_sd", 2.0).censoring.level_sd
    2.4
    """
    part, field = name.split(".")
    priors = Priors()
    whole = getattr(priors, part)
    value = type(getattr(whole, field))(getattr(whole, field) * factor)
    one: dict[str, Any] = {part: replace(whole, **{field: value})}
    return replace(priors, **one)


def rows(trials: int, draws: int, seed: int) -> list[list[str]]:
    """Return the rows of the table, each as soon as it is known printed too."""
    cases = [simulate(np.random.default_rng([seed, trial]), largest=_LARGEST) for trial in range(trials)]
    found = []
    for (points, information), names in CHANGED.items():
        usual = _seen(cases, points, information, draws, None)
        found.append([points, information, "(default)", "", *_cells(usual, usual)])
        print(" | ".join(found[-1]), flush=True)
        for name in names:
            for factor in (0.5, 2.0):
                priors = changed(name, factor)
                part, field = name.split(".")
                value = f"{getattr(getattr(priors, part), field):g}"
                other = _seen(cases, points, information, draws, priors)
                found.append([points, information, name, value, *_cells(other, usual)])
                print(" | ".join(found[-1]), flush=True)
    return found


def _seen(cases: Sequence[Case], points: str, information: str, draws: int, priors: Priors | None) -> _Seen:
    error, ratio, events = [], [], []
    for trial, case in enumerate(cases):
        try:
            results = rebuild(case, points, information, seed=trial, priors=priors)
            known = places(case, results, draws, float(case.arms[0].table.time[-1]) / 2)
        except SurvreconError:
            known = []
        by = {(quantity, arm): where for quantity, arm, where in known if where is not None}
        hr = by.get(("ln HR", ""))
        error.append(np.nan if hr is None else hr.error)
        ratio.append(np.nan if hr is None else hr.held(_LEVEL))
        held = [where.held(_LEVEL) for (quantity, _), where in by.items() if quantity == "events" and not where.fixed]
        events.append(np.mean(held) if held else np.nan)
    return _Seen(error=np.array(error), ratio=np.array(ratio), events=np.array(events, dtype=float))


def _cells(found: _Seen, usual: _Seen) -> list[str]:
    """Return the values, and their differences from the default with the standard error over trials."""
    both = np.isfinite(found.error) & np.isfinite(usual.error)
    rng = np.random.default_rng(0)
    picks = rng.integers(0, int(both.sum()), (_RESAMPLED, int(both.sum())))
    mine, default = found.error[both], usual.error[both]
    cells = [f"{np.median(mine):.4f}"]
    if found is not usual:
        apart = np.median(mine[picks], axis=1) - np.median(default[picks], axis=1)
        cells[0] += f" ({np.median(mine) - np.median(default):+.4f} +- {apart.std():.4f})"
    for own, other in ((found.ratio, usual.ratio), (found.events, usual.events)):
        known = np.isfinite(own) & np.isfinite(other)
        if not known.any():
            cells.append("")
            continue
        cell = f"{own[known].mean():.0%}"
        if found is not usual and known.sum() > 1:  # of one trial no noise is known
            apart = own[known] - other[known]
            error = apart.std(ddof=1) / known.sum() ** 0.5
            cell += f" ({100 * apart.mean():+.0f} +- {100 * error:.0f})"
        cells.append(cell)
    return cells


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the table into ``docs/model.md`` unless ``--quick``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sensitivity", description=first_line(__doc__))
    parser.add_argument("--trials", type=int, default=_TRIALS, help=f"of two arms each ({_TRIALS})")
    parser.add_argument("--draws", type=int, default=_DRAWS, help=f"of each arm ({_DRAWS})")
    parser.add_argument("--seed", type=int, default=_SEED)
    parser.add_argument("--quick", action="store_true", help="two trials; the page stays as it is")
    asked = parser.parse_args(arguments)
    trials, start = 2 if asked.quick else asked.trials, time.process_time()
    found = rows(trials, asked.draws, asked.seed)
    print(f"{time.process_time() - start:.0f} s of processor time")
    if asked.quick:
        return
    command = f"`python -m benchmarks.sensitivity --trials {trials} --draws {asked.draws} --seed {asked.seed}`"
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(_START)
    after = rest.split(_END)[1]
    table = markdown_table(list(HEADER), found)
    PAGE.write_text(f"{before}{_START}\n{command}\n\n{table}\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
