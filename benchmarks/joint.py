"""Simulated trials with the two data cut-offs of IFM 2005-02: what the joint analysis says, and what was true.

Usage: python -m benchmarks.joint [TRIALS] [--draws 100] [--seed 1]

Each trial prints of both cut-offs what that paper prints: survival at 36 months and the median at the first, survival
at 48 months at the second, and total deaths of every fifth trial, one of overall survival. Patients
drop out anywhere within the range that the records assume. For the test of pairs of facts the later cut-off prints
survival at 36 months and the median again, once of all patients and once with a tenth of the events before the first
cut-off censored anew.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.options import first_line
from benchmarks.results import markdown_table
from survrecon.analysis.cox import contrast_draws
from survrecon.checks.cutoffs import FactPair, overlapping_pairs
from survrecon.checks.results import draws_interval
from survrecon.errors import SurvreconError
from survrecon.model.document import FollowUp, FollowUpMethod
from survrecon.model.ipd import PseudoIPD
from survrecon.model.kaplan_meier import kaplan_meier
from survrecon.reconstruction.summary.inputs import PrintedMedian, SummaryArm, SurvivalPoint
from survrecon.reconstruction.summary.joint import TwoCutoffs, draw_joint

if TYPE_CHECKING:
    from survrecon.arrays import BoolArray, FloatArray

__all__ = ["ARMS", "SimulatedTrial", "main", "printed_cutoffs", "simulated_trial"]

N = 307
FIRST, SECOND = (22.2, 48.2), (37.0, 63.0)
"""Shortest and longest follow-up in months at each cut-off."""
EARLY, LATE = 36.0, 48.0
"""Months at which survival is printed at the first and at the second cut-off."""
ARMS = ("control", "treatment")
RECENSORED = 0.10
EVERY = 25  # trials after which what came of them so far is printed


@dataclass(frozen=True, kw_only=True, eq=False)
class SimulatedTrial:
    """Patients of two arms in full: months from entry to event and to loss, and follow-up at the first cut-off."""

    event: dict[str, FloatArray]
    loss: dict[str, FloatArray]
    followed: dict[str, FloatArray]
    deaths: bool

    def at(self, later: float, *, without: dict[str, BoolArray] | None = None) -> dict[str, PseudoIPD]:
        """Return the data sets ``later`` months after the first cut-off; ``without`` censors some events."""
        found = {}
        for name in ARMS:
            seen = np.minimum(self.loss[name], self.followed[name] + later)
            happened = self.event[name] <= seen
            time = np.minimum(self.event[name], seen)
            if without is not None:
                happened &= ~without[name]
            found[name] = PseudoIPD(time=time, event=happened, arm=name, time_unit="months")
        return found


SHAPES = (0.8, 1.3)
"""Range of the Weibull shapes of control arms."""


def simulated_trial(
    rng: np.random.Generator, *, deaths: bool, n: int = N, shapes: tuple[float, float] = SHAPES
) -> SimulatedTrial:
    """Return a trial of two arms with Weibull hazards that may cross, late entry and some loss to follow-up."""
    control = rng.uniform(0.70, 0.88) if deaths else rng.uniform(0.25, 0.45)
    ratio = np.exp(rng.uniform(-0.3, 0.3) if deaths else rng.uniform(-0.9, 0.1))
    at_early = {"control": control, "treatment": control**ratio}
    shape, entry, lost = rng.uniform(*shapes), np.exp(rng.uniform(0.0, 1.0)), rng.uniform(0.0, 0.05 if deaths else 0.2)
    own = {"control": shape, "treatment": shape * np.exp(rng.uniform(-0.15, 0.15))}
    event, loss, followed = {}, {}, {}
    for name in ARMS:
        scale = EARLY / (-np.log(at_early[name])) ** (1 / own[name])
        event[name] = scale * rng.weibull(own[name], n)
        loss[name] = rng.exponential(-12 / np.log1p(-lost) if lost > 0 else np.inf, n)
        followed[name] = FIRST[1] - (FIRST[1] - FIRST[0]) * rng.beta(entry, 1.0, n)
    return SimulatedTrial(event=event, loss=loss, followed=followed, deaths=deaths)


def printed_cutoffs(trial: SimulatedTrial, *, again: bool = False) -> TwoCutoffs:
    """Return what the paper prints of both cut-offs; the second prints the facts of the first again where asked."""
    first, second = trial.at(0.0), trial.at(SECOND[0] - FIRST[0])
    return TwoCutoffs(
        earlier=tuple(_printed(first[name], trial.deaths, late=False) for name in ARMS),
        later=tuple(_printed(second[name], trial.deaths, late=True, again=again) for name in ARMS),
        earlier_follow_up=_follow_up(first, "2010-07-07", trial.deaths),
        later_follow_up=_follow_up(second, "2011-10-01", trial.deaths),
        time_unit="months",
    )


def _printed(data: PseudoIPD, deaths: bool, *, late: bool, again: bool = False) -> SummaryArm:
    times = ((EARLY,) if again or not late else ()) + ((LATE,) if late else ())
    curve = kaplan_meier(data.time, data.event)
    median = curve.median()
    return SummaryArm(
        name=data.arm,
        n=data.n,
        points=tuple(
            SurvivalPoint(time=time, survival=round(float(data.survival_at(time)), 2), rounding=0.005) for time in times
        ),
        median=None
        if (late and not again) or median is None
        else PrintedMedian(time=float(round(median)), rounding=0.5),
        median_not_reached=not late and median is None,
        events=data.events if deaths and late else None,
        events_at_least=0 if deaths else round(0.88 * data.events),
    )


def _follow_up(data: dict[str, PseudoIPD], cutoff: str, deaths: bool) -> FollowUp:
    time = np.concatenate([one.time for one in data.values()])
    event = np.concatenate([one.event for one in data.values()])
    median = kaplan_meier(time, ~event).median()
    loss = {} if deaths else {"yearly_loss": (0.0, 0.2), "yearly_loss_reason": "as of the record"}
    return FollowUp(
        recruitment_start="2006-07",
        recruitment_end="2008-08",
        data_cutoff=cutoff,
        median=None if median is None else float(round(median)),
        method=FollowUpMethod.REVERSE_KAPLAN_MEIER,
        **loss,
    )


@dataclass
class Tally:
    """What came of the trials so far: by quantity, where the truth lies among the draws; differences; refusals."""

    held: dict[str, list[bool]] = field(default_factory=dict)
    deviation: dict[str, list[float]] = field(default_factory=dict)
    change: list[tuple[float, float]] = field(default_factory=list)
    clean: list[bool] = field(default_factory=list)
    recensored: list[bool] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    effective: list[float] = field(default_factory=list)

    def add(self, quantity: str, draws: FloatArray, truth: float) -> None:
        """Note whether the 95% interval over draws holds the truth."""
        low, high = draws_interval(draws)
        self.deviation.setdefault(quantity, []).append(float((truth - draws.mean()) / max(draws.std(), 1e-9)))
        self.held.setdefault(quantity, []).append(bool(low - 1e-9 <= truth <= high + 1e-9))


def log_hazard_ratios(control: list[PseudoIPD], treatment: list[PseudoIPD]) -> FloatArray:
    """Return ln HR of each pair of data sets (k,)."""
    return contrast_draws(control, treatment).log_hr


def analyse(trial: SimulatedTrial, tally: Tally, *, draws: int, rng: np.random.Generator) -> None:
    """Analyse one trial and note what came of it."""
    truth, kind = trial.at(SECOND[0] - FIRST[0]), "deaths" if trial.deaths else "progression"
    try:
        found = draw_joint(printed_cutoffs(trial), k=draws, rng=rng)
    except SurvreconError as error:
        tally.refused.append(f"{kind}: {error.rule}, {error.got}")
        return
    tally.effective.append(found.effective)
    for name in ARMS:
        later = found.later[name]
        survival = np.array([float(one.survival_at(EARLY)) for one in later])
        tally.add(f"S2(36), {kind}", survival, float(truth[name].survival_at(EARLY)))
        if not trial.deaths:
            tally.add("events", np.array([float(one.events) for one in later]), truth[name].events)
    ratios = log_hazard_ratios(found.later["control"], found.later["treatment"])
    tally.add(f"ln HR, {kind}", ratios, log_hazard_ratios([truth["control"]], [truth["treatment"]])[0])


def pairs_of(trial: SimulatedTrial, tally: Tally, rng: np.random.Generator) -> None:
    """Test the facts that a trial prints twice: of the same patients, and with early events censored anew."""
    again = printed_cutoffs(trial, again=True)
    tally.clean += [pair.refuses for pair in overlapping_pairs(again, rng) if not _is_count(pair)]
    first, second = trial.at(0.0), trial.at(SECOND[0] - FIRST[0])
    for name in ARMS:
        variance = [_greenwood(data[name]) for data in (first, second)]
        change = float(second[name].survival_at(EARLY) - first[name].survival_at(EARLY))
        tally.change.append((change, float(first[name].survival_at(EARLY)) ** 2 * (variance[0] - variance[1])))
    anew = {name: first[name].event & (rng.uniform(size=N) < RECENSORED) for name in ARMS}
    censored = trial.at(SECOND[0] - FIRST[0], without=anew)
    later = tuple(_printed(censored[name], trial.deaths, late=True, again=True) for name in ARMS)
    if trial.deaths:
        later = tuple(replace(arm, events=None) for arm in later)
    pairs = overlapping_pairs(replace(again, later=later), rng)
    tally.recensored.append(any(pair.refuses for pair in pairs if not _is_count(pair)))


def _is_count(pair: FactPair) -> bool:
    return pair.label.startswith("events")


def _greenwood(data: PseudoIPD) -> float:
    order = np.argsort(data.time, kind="stable")
    left = np.arange(data.n, 0, -1)
    terms = data.event[order] / (left * np.maximum(left - 1, 0.5))
    return float(terms[data.time[order] <= EARLY].sum())


def report(tally: Tally, trials: int) -> str:
    """Return what came of the trials, as a table."""
    rows = []
    for name, held in tally.held.items():
        z = f"mean {np.mean(tally.deviation[name]):+.2f}, SD {np.std(tally.deviation[name]):.2f}"
        rows.append([f"95% interval holds {name}", f"{np.mean(held):.1%} of {len(held)}; truth in SD of draws: {z}"])
    by_kind: dict[str, list[bool]] = {}
    for name, held in tally.held.items():
        by_kind.setdefault(name.split(",")[0], []).extend(held)
    rows += [
        [f"95% interval holds {name}, all", f"{np.mean(held):.1%} of {len(held)}"] for name, held in by_kind.items()
    ]
    change = np.array(tally.change)
    ratio = float(np.sqrt(np.mean(change[:, 0] ** 2) / np.mean(change[:, 1])))
    rows += [
        ["SD of S1 - S2 at 36 months over that of the formula", f"{ratio:.3f}"],
        ["pairs of facts refused, clean", f"{np.mean(tally.clean):.1%} of {len(tally.clean)}"],
        [
            f"trials refused, {RECENSORED:.0%} of early events censored anew",
            f"{np.mean(tally.recensored):.1%} of {len(tally.recensored)}",
        ],
        ["trials that could not be joined", f"{len(tally.refused)} of {trials}"],
        ["effective sample size, median (least)", f"{np.median(tally.effective):.0f} ({min(tally.effective):.0f})"],
    ]
    return markdown_table(["what", "reached"], rows) + "".join(f"\n{text}" for text in tally.refused)


def main() -> None:
    """Run the trials and print what came of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.joint", description=first_line(__doc__))
    parser.add_argument("trials", nargs="?", type=int, default=500)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=("both", "deaths", "progression"), default="both")
    given = parser.parse_args()
    tally = Tally()
    for number in range(given.trials):
        rng = np.random.default_rng([given.seed, number])
        deaths = given.kind == "deaths" or (given.kind == "both" and number % 5 == 4)
        trial = simulated_trial(rng, deaths=deaths)
        analyse(trial, tally, draws=given.draws, rng=rng)
        try:
            pairs_of(trial, tally, rng)
        except SurvreconError as error:
            tally.refused.append(f"pairs: {error.rule}, {error.got}")
        if (number + 1) % EVERY == 0 and number + 1 < given.trials:
            print(report(tally, number + 1), flush=True)
    print(report(tally, given.trials))


if __name__ == "__main__":
    main()
