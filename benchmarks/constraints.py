"""What printed statistics as constraints bring: simulated trials with known patients, rebuilt without and with them.

    python -m benchmarks constraints [--trials 12] [--points trace] [--information none,risk]

Trials are those of the benchmark of coverage, 80 to 400 patients an arm. Each prints what papers do: the hazard ratio
and its interval to two decimals, the log-rank p to two decimals, three below 0.10, or "<0.001".
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr

from benchmarks.cases import INFORMATION, POINTS, Case, rebuild
from benchmarks.options import chosen, first_line
from benchmarks.results import markdown_table, write_section
from benchmarks.simulated import simulate
from survrecon import PublishedFact, constrain
from survrecon.analysis.cox import contrast, contrast_draws
from survrecon.curve import FloatArray
from survrecon.errors import ConstraintError
from survrecon.ipd import PseudoIPD

DRAWS = 200
NAMES = ("control", "treatment")
QUANTITIES = ("ln HR", "events", "number at risk")
Row = dict[str, tuple[float, float, bool]]


def printed(control: PseudoIPD, treatment: PseudoIPD) -> list[PublishedFact]:
    """Return what a paper prints of these patients."""
    fit = contrast(control, treatment)
    value, low, high = (round(float(np.exp(fit.log_hr + side * 1.959964 * fit.se)), 2) for side in (0, -1, 1))
    p = float(2 * ndtr(-abs(fit.logrank_z)))
    decimals = 2 if p >= 0.1 else 3
    shared = {"model": "unadjusted", "place": "simulated", "source": "simulated"}
    small = {"value": 0.001, "bound": "less than"} if p < 0.001 else {"value": round(p, decimals)}
    ratio = {"of": NAMES[1], "over": NAMES[0], "value": value, "interval": [low, high], "decimals": 2}
    return [
        PublishedFact.model_validate({"quantity": "hazard_ratio", **ratio, **shared}),
        PublishedFact.model_validate({"quantity": "logrank_p", "decimals": decimals, **small, **shared}),
    ]


def measured(draws: list[list[PseudoIPD]], truth: list[PseudoIPD]) -> Row:
    """Return error of the mean, width of the 95% interval, and whether it holds the truth; arms averaged."""
    values: dict[str, list[tuple[FloatArray, float]]] = {
        "ln HR": [(contrast_draws(*draws).log_hr, contrast(*truth).log_hr)],
        "events": [
            (np.array([float(d.events) for d in own]), float(t.events)) for own, t in zip(draws, truth, strict=True)
        ],
        "number at risk": [],
    }
    for own, t in zip(draws, truth, strict=True):
        half = float(np.quantile(t.time, 0.6)) + 1e-3 * float(t.time.max())
        values["number at risk"].append((np.array([float(d.at_risk(half)) for d in own]), float(t.at_risk(half))))
    found = {}
    for name, pairs in values.items():
        errors, widths, inside = [], [], []
        for draw, true in pairs:
            low, high = np.quantile(draw, [0.025, 0.975])
            errors.append(abs(float(draw.mean()) - true))
            widths.append(float(high - low))
            inside.append(low - 1e-6 <= true <= high + 1e-6)
        found[name] = float(np.mean(errors)), float(np.mean(widths)), float(np.mean(inside))
    return found  # type: ignore[return-value]


def compared(case: Case, points: str, information: str, seed: int) -> tuple[Row, Row | None, float]:
    """Return a trial without and with constraints, and the effective sample size; ``None`` where refused."""
    truth = [arm.patients for arm in case.arms]
    arms = rebuild(case, points, information, seed=seed)
    before = measured([arm.draws(DRAWS) for arm in arms], truth)
    try:
        found = constrain(arms, printed(*truth), draws=DRAWS, rng=np.random.default_rng(seed))
    except ConstraintError:
        return before, None, 0.0
    after = measured([found.reconstructions[n].draws(DRAWS) for n in NAMES], truth)
    return before, after, found.constraints.effective_sample_size


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
        "mean error",
        "with --use",
        "width of 95% interval",
        "with --use",
        "truth inside",
        "with --use",
    ]
    text = (
        "`--use hr,p` against the draws alone; errors are those of the draws' mean; trials that were not refused.\n\n"
    )
    text += markdown_table(columns, table) + "\n\n" + "; ".join(refused) + "."
    command = f"python -m benchmarks constraints --trials {asked.trials}"
    command += f" --points {','.join(asked.points)} --information {','.join(asked.information)}"
    write_section("Published statistics as constraints", command, text)


def _row(what: str, name: str, kept: list[tuple[Row, Row]]) -> list[str]:
    cells = [what, name]
    for i, form in ((0, ".4f" if name == "ln HR" else ".2f"), (1, ".4f" if name == "ln HR" else ".1f"), (2, ".0%")):
        cells += [format(float(np.mean([side[name][i] for side in sides])), form) for sides in zip(*kept, strict=True)]
    return cells


if __name__ == "__main__":
    main()
