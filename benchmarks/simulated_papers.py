"""Papers of simulated trials that print what the case studies print, and whether the intervals hold the truth.

    python -m benchmarks.simulated_papers [--papers 40] [--draws 100] [--seed 5]

A trial recruits evenly over two years and loses up to 5% of its patients a year; hazards fall, rise or stay, and their
ratio is constant. Its paper prints the hazard ratio with interval and the log-rank p, and of each arm one of four sets:
survival at a time and the median; the median alone, with its interval; survival at two times; survival at a time and
the total of events. Everything but ratio and p builds, each number is also left out in turn, and each of the
comparisons has an interval that should hold the printed, true number.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import beta

from benchmarks.printed import printed_contrast
from benchmarks.results import markdown_table, write_section
from survrecon.analysis.medians import median_draws
from survrecon.checks.results import JUDGED, Verdict
from survrecon.errors import SurvreconError
from survrecon.model.ipd import PseudoIPD
from survrecon.model.kaplan_meier import kaplan_meier
from survrecon.records.folder import FigureRecord
from survrecon.records.schema import RecordDocument
from survrecon.running.record import run_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.checks.results import Agreement

ARMS = ("control", "treatment")
_RECRUITMENT = 24.0
"""Months, from 2010-01 to 2011-12."""
_CUTOFFS = {"2012-12": 12.0, "2013-12": 24.0, "2014-12": 36.0}
"""Data cut-offs and months from the end of recruitment to them."""
_SOURCE = {"place": "simulated", "source": "simulated"}
_HEADER = ["quantity", "intervals", "hold the printed number", *map(str, JUDGED)]


def trial(rng: np.random.Generator) -> tuple[tuple[PseudoIPD, PseudoIPD], str]:
    """Return the patients of two arms, and when their data were cut off."""
    n, cutoff = int(rng.integers(60, 320)), str(rng.choice(list(_CUTOFFS)))
    median, shape = float(np.exp(rng.uniform(np.log(8), np.log(40)))), float(rng.choice([0.8, 1.0, 1.3]))
    ratio, loss = float(np.exp(rng.normal(-0.4, 0.35))), rng.uniform(0.001, 0.05)
    arms = []
    for name, hazard in zip(ARMS, (1.0, ratio), strict=True):
        event = median * (rng.exponential(size=n) / np.log(2) / hazard) ** (1 / shape)
        seen = np.minimum(_CUTOFFS[cutoff] + rng.uniform(0, _RECRUITMENT, n), rng.exponential(-12 / np.log1p(-loss), n))
        time = np.maximum(np.minimum(event, seen), 0.01)
        arms.append(PseudoIPD(time=time, event=(event <= seen).astype(int), arm=name))
    return (arms[0], arms[1]), cutoff


def printed(arm: PseudoIPD, kind: int, at: tuple[float, float]) -> list[dict[str, Any]]:
    """Return what a paper prints of one arm."""
    km = kaplan_meier(arm.time, arm.event)
    of = {"arm": arm.arm, **_SOURCE}
    survival = [
        of | {"quantity": "survival", "at": time, "value": round(float(km.at(time)), 2), "decimals": 2} for time in at
    ]
    middle = float(median_draws([km])[0])
    value = {"value": "not reached"} if not np.isfinite(middle) else {"value": float(round(middle)), "decimals": 0}
    median = of | {"quantity": "median"} | value
    return ([survival[0], median], [median], survival, survival[:1])[kind]


def paper(rng: np.random.Generator, number: int) -> FigureRecord:
    """Return a record of a simulated paper."""
    patients, cutoff = trial(rng)
    kind = int(rng.integers(4))
    last = _CUTOFFS[cutoff] + _RECRUITMENT / 2
    at = (float(round(rng.uniform(0.3, 0.5) * last)), float(round(rng.uniform(0.7, 1.0) * last)))
    facts = [fact for arm in patients for fact in printed(arm, kind, at)]
    contrasts = printed_contrast(*patients, of=ARMS[1], over=ARMS[0])
    ratios = [fact.model_dump(mode="json", exclude_none=True) for fact in contrasts]
    if kind == 1 and any(fact["value"] == "not reached" for fact in facts):
        return paper(rng, number)
    table = {
        "format": 1,
        "digitized": {"kind": "summary", "citation": "simulated", "figure": "none", "what": "text", "how": "typed"},
        "analysis": {"trial": f"paper {number}", "endpoint": "survival", "data_cutoff": cutoff},
        "axes": {"time_unit": "months"},
        "arms": [{"name": arm.arm, "role": role, "n": arm.n, **_SOURCE, **({"events": arm.events} if kind == 3 else {})}
                 for arm, role in zip(patients, ARMS, strict=True)],
        "follow_up": {"recruitment_start": "2010-01", "recruitment_end": "2011-12", "data_cutoff": cutoff},
        "published": [*ratios, *facts],
        "references": {"simulated": {"citation": "simulated", "read": "simulated"}},
    }  # fmt: skip
    document = RecordDocument.model_validate(table)
    return FigureRecord(
        name=f"paper-{number}", folder=Path(), document=document, curves={}, risk_tables={}, censor_times={}
    )


def holds(check: Agreement) -> bool:
    """Whether the interval of a difference holds none."""
    interval = check.interval
    if interval is None:
        return False
    return (interval.low is None or interval.low <= 1e-9) and (interval.high is None or interval.high >= -1e-9)


def rows_of(checks: Sequence[Agreement]) -> list[list[str]]:
    """Return a row for each quantity, and one of all."""
    names = list(dict.fromkeys(check.quantity for check in checks))
    groups = [(name.replace("_", " "), [check for check in checks if check.quantity == name]) for name in names]
    rows = []
    for name, group in [*groups, ("all", list(checks))]:
        exact = [check for check in group if check.margin is not None]
        k, n = sum(map(holds, exact)), len(exact)
        ends = beta.ppf(0.025, k, n - k + 1) if k else 0.0, beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
        share = f"{k / n:.1%} ({ends[0]:.0%} to {ends[1]:.0%})" if n else ""
        counts = Counter(check.verdict for check in group)
        rows.append([name, str(n), share, *(str(counts[verdict]) for verdict in JUDGED)])
    return rows


def main() -> None:
    """Simulate, rebuild, count; write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulated_papers")
    parser.add_argument("--papers", type=int, default=40)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--seed", type=int, default=5)
    asked = parser.parse_args()
    checks, failed = [], []
    for number, rng in enumerate(np.random.default_rng(asked.seed).spawn(asked.papers)):
        record = paper(rng, number)
        try:
            result = run_record(record, draws=asked.draws)
        except SurvreconError as error:
            failed.append(str(error))
            continue
        checks += [check for check in result.checks if check.verdict in JUDGED and check.interval is not None]
    differs = sum(check.verdict is Verdict.DIFFERS for check in checks)
    text = f"{asked.papers} papers, {len(failed)} failed; `differs` in {differs} of {len(checks)} comparisons "
    text += f"({differs / len(checks):.1%}).\n\n{markdown_table(_HEADER, rows_of(checks))}"
    print("\n".join([text, *failed]))
    command = f"python -m benchmarks.simulated_papers --papers {asked.papers} --draws {asked.draws} --seed {asked.seed}"
    write_section("Simulated papers", command, text)


if __name__ == "__main__":
    main()
