"""Simulated papers that print what the papers of the case studies print: how often the intervals hold the truth.

Usage: python -m benchmarks.papers [PAPERS] [--draws 100] [--seed 1] [--draws-alone] [--shapes 0.6 1.6]

Five kinds of papers in turn, after the records of the catalogue: progression at an early and at a late data cut-off,
deaths with their total, a registry's medians with intervals and no recruitment window, a small trial. Each is rebuilt
and checked as a record is. A printed number is held where the interval that its verdict is about has room for it; what
the paper does not print (survival at 6, 12, 18 and 24 months, events, medians) is held where the 95% interval over
draws has the value of the true patients. With ``--draws-alone`` nothing is checked: the ratio is held where the
interval over draws, not widened, has the ratio of the true patients.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.joint import ARMS, log_hazard_ratios, simulated_trial
from benchmarks.options import first_line
from benchmarks.printed import printed_contrast
from benchmarks.results import markdown_table
from survrecon.checks.results import Verdict, draws_interval
from survrecon.model.kaplan_meier import kaplan_meier
from survrecon.model.published import Quantity
from survrecon.reconstruction.summary.draws import draw_summary
from survrecon.reconstruction.summary.inputs import summary_arms
from survrecon.records.folder import FigureRecord
from survrecon.records.schema import RecordDocument
from survrecon.running.record import run_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from survrecon.checks.results import RecordResult
    from survrecon.model.ipd import PseudoIPD

__all__ = ["main", "simulated_paper"]

UNPRINTED = (6.0, 12.0, 18.0, 24.0)
"""Months at which survival is asked for that no paper prints."""

SHAPES = (0.6, 1.6)
"""Range of the Weibull shapes: hazards vary as much as among published curves (`python -m benchmarks.hazards`)."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a kind of paper prints."""

    n: int
    deaths: bool
    later: float
    points: tuple[float, ...] = ()
    median: bool = False
    limits: bool = False
    events: bool = False
    at_least: bool = False
    interval: bool = False
    window: bool = True


KINDS = {
    "progression, early": Kind(n=307, deaths=False, later=0.0, points=(36,), median=True, at_least=True),
    "progression, late": Kind(n=307, deaths=False, later=14.8, points=(48,), at_least=True),
    "deaths, total": Kind(n=307, deaths=True, later=14.8, points=(48,), events=True),
    "registry": Kind(n=176, deaths=False, later=0.0, median=True, limits=True, interval=True, window=False),
    "small": Kind(n=60, deaths=False, later=0.0, points=(36,), median=True, events=True, interval=True),
}


def simulated_paper(
    kind: Kind, rng: np.random.Generator, shapes: tuple[float, float] = SHAPES
) -> tuple[FigureRecord, dict[str, PseudoIPD]]:
    """Return the record of a paper, and the patients it is about."""
    trial = simulated_trial(rng, deaths=kind.deaths, n=kind.n, shapes=shapes)
    patients = trial.at(kind.later)
    document = RecordDocument.model_validate(
        {
            "format": 1,
            "digitized": {"kind": "summary", "citation": "simulated", "what": "printed numbers", "how": "simulated"},
            "analysis": {"trial": "simulated", "endpoint": "survival"},
            "axes": {"time_unit": "months"},
            "arms": [_arm(name, patients[name], kind) for name in ARMS],
            "follow_up": _follow_up(patients, kind),
            "published": [*_contrast(patients, kind), *(f for name in ARMS for f in _facts(patients[name], kind))],
            "references": {"simulated": {"citation": "simulated", "read": "all"}},
        }
    )
    record = FigureRecord(
        name="simulated", folder=Path(), document=document, curves={}, risk_tables={}, censor_times={}
    )
    return record, patients


def _arm(name: str, data: PseudoIPD, kind: Kind) -> dict[str, Any]:
    role = "control" if name == "control" else "treatment"
    total = {"events": data.events} if kind.events else {}
    return {"name": name, "role": role, "n": data.n, "place": "simulated", "source": "simulated", **total}


def _contrast(patients: dict[str, PseudoIPD], kind: Kind) -> list[dict[str, Any]]:
    facts = printed_contrast(patients["control"], patients["treatment"], of="treatment", over="control")
    found = [fact.model_dump(mode="json", exclude_none=True) for fact in facts]
    for fact in found:
        limits = fact.pop("interval", None)
        if kind.interval and limits is not None:
            fact["interval"] = limits
    return found


def _facts(data: PseudoIPD, kind: Kind) -> list[dict[str, Any]]:
    shared = {"arm": data.arm, "place": "simulated", "source": "simulated"}
    curve = kaplan_meier(data.time, data.event)
    found: list[dict[str, Any]] = [
        {"quantity": "survival", "at": at, "value": round(float(data.survival_at(at)), 2), "decimals": 2}
        for at in kind.points
    ]
    middle = curve.median()
    if kind.median and middle is None:
        found.append({"quantity": "median", "value": "not reached"})
    if kind.median and middle is not None:
        decimals = 1 if kind.limits else 0
        fact = {"quantity": "median", "value": round(middle, decimals), "decimals": decimals}
        if kind.limits:
            band = curve.median_limits()
            fact["interval"] = ["not reached" if x is None else round(x, decimals) for x in (band.low, band.high)]
        found.append(fact)
    if kind.at_least:
        found.append({"quantity": "events_at_least", "value": round(0.88 * data.events), "decimals": 0})
    return [shared | fact for fact in found]


def _follow_up(patients: dict[str, PseudoIPD], kind: Kind) -> dict[str, Any]:
    loss = {} if kind.deaths else {"yearly_loss": [0, 0.2], "yearly_loss_reason": "as of a progression endpoint"}
    if not kind.window:
        reason = "no source prints the recruitment window; the registry bounds it"
        return {**loss, "assumed": {"shortest": [18, 26], "longest": [44, 50], "reason": reason}}
    time = np.concatenate([one.time for one in patients.values()])
    event = np.concatenate([one.event for one in patients.values()])
    median = kaplan_meier(time, ~event).median()
    dates = {"recruitment_start": "2006-07", "recruitment_end": "2008-08"}
    dates["data_cutoff"] = "2011-10-01" if kind.later else "2010-07-07"
    method = {"median": round(median), "method": "reverse Kaplan-Meier"} if median is not None else {}
    return {**dates, **method, **loss}


@dataclass
class Held:
    """One quantity of one paper: of which kind it is, whether its interval held the truth, and the verdict."""

    paper: str
    quantity: str
    held: bool
    verdict: str = ""


def judged(name: str, result: RecordResult, patients: dict[str, PseudoIPD]) -> list[Held]:
    """Return every quantity of a paper that is checked, and those that it does not print."""
    found = []
    for check in result.checks:
        if check.interval is None or check.fact.bound != "exact" or check.quantity == "events_at_least":
            continue
        low, high = (x if x is not None else sign * np.inf for x, sign in zip(_limits(check), (-1, 1), strict=True))
        found.append(Held(name, check.quantity, low - 1e-9 <= 0 <= high + 1e-9, check.verdict.value))
    counted = result.record.document.arms[0].events is None
    for arm, made in result.reconstructions.items():
        printed = result.record.document.facts_of(Quantity.MEDIAN, arm)
        found += of_draws(name, made.draws(result.draws), patients[arm], events=counted, median=not printed)
    return found


def of_draws(name: str, draws: list[PseudoIPD], truth: PseudoIPD, *, events: bool, median: bool) -> list[Held]:
    """Return what a paper does not print of an arm, events and the median only where asked."""
    measured: dict[str, Callable[[PseudoIPD], float]] = {
        f"survival at {at:g}": partial(_survival, at=at) for at in UNPRINTED
    }
    if events:
        measured["events"] = _events
    if median:
        measured["median"] = _median
    found = []
    for quantity, measure in measured.items():
        low, high = draws_interval(np.array([measure(one) for one in draws]))
        found.append(Held(name, f"{quantity}, not printed", low - 1e-9 <= measure(truth) <= high + 1e-9))
    return found


def of_draws_alone(
    name: str, record: FigureRecord, patients: dict[str, PseudoIPD], draws: int, seed: int
) -> list[Held]:
    """Return what the draws of a paper say, without any check: all that it does not print, and the ratio."""
    document, rng = record.document, np.random.default_rng(seed)
    made = draw_summary(summary_arms(document), document.follow_up, time_unit="months", k=draws, rng=rng).ipd
    found = []
    for arm in ARMS:
        printed = document.facts_of(Quantity.MEDIAN, arm)
        counted = document.arms[0].events is None
        found += of_draws(name, made[arm], patients[arm], events=counted, median=not printed)
    low, high = draws_interval(log_hazard_ratios(made["control"], made["treatment"]))
    truth = log_hazard_ratios([patients["control"]], [patients["treatment"]])[0]
    return [*found, Held(name, "ln HR, not widened", bool(low - 1e-9 <= truth <= high + 1e-9))]


def _survival(data: PseudoIPD, at: float) -> float:
    return float(data.survival_at(at))


def _events(data: PseudoIPD) -> float:
    return float(data.events)


def _median(data: PseudoIPD) -> float:
    """Return the median, infinite where it is not reached."""
    median = kaplan_meier(data.time, data.event).median()
    return np.inf if median is None else float(median)


def _limits(check: Any) -> tuple[float | None, float | None]:
    return check.interval.low, check.interval.high


def report(found: list[Held], refused: list[str], papers: int) -> str:
    """Return the shares by quantity and by kind of paper."""
    rows = []
    for by in ("quantity", "paper"):
        for name in dict.fromkeys(getattr(one, by) for one in found):
            mine = [one.held for one in found if getattr(one, by) == name]
            rows.append([f"{by}: {name}", f"{np.mean(mine):.1%} of {len(mine)}"])
    printed = [one for one in found if one.verdict]
    differs = [one.verdict == Verdict.DIFFERS.value for one in printed]
    rows.append(["all quantities", f"{np.mean([one.held for one in found]):.1%} of {len(found)}"])
    if printed:
        rows.append(["printed ones alone", f"{np.mean([one.held for one in printed]):.1%} of {len(printed)}"])
        rows.append([f"verdict {Verdict.DIFFERS.value}", f"{np.mean(differs):.1%} of {len(printed)}"])
    rows.append(["papers that could not be built", f"{len(refused)} of {papers}"])
    return markdown_table(["95% interval holds the truth", "share"], rows) + "".join(f"\n{one}" for one in refused)


def main() -> None:
    """Run the papers and print what came of them."""
    from survrecon.errors import SurvreconError

    parser = argparse.ArgumentParser(prog="python -m benchmarks.papers", description=first_line(__doc__))
    parser.add_argument("papers", nargs="?", type=int, default=40)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--draws-alone", action="store_true")
    parser.add_argument("--shapes", nargs=2, type=float, default=SHAPES, help="range of the Weibull shapes")
    given = parser.parse_args()
    found: list[Held] = []
    refused: list[str] = []
    for number in range(given.papers):
        name, kind = list(KINDS.items())[number % len(KINDS)]
        rng = np.random.default_rng([given.seed, number])
        record, patients = simulated_paper(kind, rng, tuple(given.shapes))
        try:
            if given.draws_alone:
                found += of_draws_alone(name, record, patients, given.draws, number)
            else:
                found += judged(name, run_record(record, draws=given.draws, seed=number), patients)
        except SurvreconError as error:
            refused.append(f"{name}: {error}")
        if (number + 1) % len(KINDS) == 0 and number + 1 < given.papers:
            print(f"after {number + 1}: {np.mean([one.held for one in found]):.1%} of {len(found)}", flush=True)
    print(report(found, refused, given.papers))


if __name__ == "__main__":
    main()
