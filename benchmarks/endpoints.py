"""Progression-free and overall survival of simulated illness-death trials: marginals that stay, truth that is held.

    python -m benchmarks.endpoints [--trials 200] [--draws 100] [--jobs 1] [--seed 0]

Patients of two arms progress or die, and die after progression. Half of the trials have a frailty that makes who
progresses early die early. In a third, progression is found at visits, and who has not progressed is censored at the
last of them. Both curves of each arm are printed with numbers at risk, read as a trace, rebuilt one without the other,
and put together. Asked is whether leaving out draws without a partner moves the curves, and whether the intervals of
the mean time alive with progression hold that of the true patients (by what the figures leave open) and that of the
population (by both sources of error), under each way in which the two times of a patient may go together.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from benchmarks.options import first_line
from benchmarks.readers import WIDTH, read_arm
from benchmarks.results import markdown_table
from benchmarks.running import side_by_side
from survrecon.analysis.comparison import ArmData
from survrecon.analysis.endpoints.dependence import Dependence
from survrecon.analysis.endpoints.pairs import pair_draws
from survrecon.analysis.endpoints.results import DrawPairing, EndpointArm, PairedEndpoints
from survrecon.analysis.medians import rmst
from survrecon.arrays import BoolArray, FloatArray
from survrecon.model.curve import RiskTable
from survrecon.model.estimate import normal_quantile
from survrecon.model.ipd import PseudoIPD
from survrecon.model.kaplan_meier import kaplan_meier
from survrecon.reconstruction.reconstruct import reconstruct

__all__ = ["IllnessDeath", "main", "simulate_arm"]

_POPULATION = 50_000
"""Patients by whom the curves of the population are known: to 0.002."""
_COLUMNS = 8  # of the risk table
_ARMS = ("control", "treatment")


@dataclass(frozen=True, kw_only=True)
class IllnessDeath:
    """Hazards of one arm a month, and how its patients are followed.

    Parameters
    ----------
    progression, death, death_after : float
        Hazards of progression, of death before and of death after it.
    frailty : float
        Variance of the factor, of mean 1, that all three of a patient share.
    visits : float
        Time between visits at which progression is found; 0 where it is known at once.
    shortest, longest : float
        Follow-up is uniform between them.
    """

    progression: float
    death: float
    death_after: float
    frailty: float
    visits: float
    shortest: float
    longest: float


def simulate_arm(
    law: IllnessDeath, n: int, rng: np.random.Generator, *, followed: bool = True
) -> tuple[tuple[FloatArray, BoolArray], tuple[FloatArray, BoolArray]]:
    """Return times and events of progression-free and of overall survival, patient by patient."""
    factor = rng.gamma(1 / law.frailty, law.frailty, n) if law.frailty else np.ones(n)
    progressed = rng.exponential(size=n) / (law.progression * factor)
    without = rng.exponential(size=n) / (law.death * factor)
    died = np.where(progressed < without, progressed + rng.exponential(size=n) / (law.death_after * factor), without)
    found = np.ceil(progressed / law.visits) * law.visits if law.visits else progressed
    first = np.minimum(found, died)  # death before the visit at which it would have been found
    end = rng.uniform(law.shortest, law.longest, n) if followed else np.full(n, np.inf)
    seen = np.floor(end / law.visits) * law.visits if law.visits and followed else end
    # A death between the last visit and the end of follow-up is an event of both.
    event = (first <= seen) | ((died <= end) & (first == died))
    return (np.where(event, first, seen), event), (np.minimum(died, end), died <= end)


def _law(rng: np.random.Generator) -> IllnessDeath:
    progression = float(np.exp(rng.uniform(np.log(0.02), np.log(0.1))))
    shortest = float(rng.uniform(8, 25))
    return IllnessDeath(
        progression=progression,
        death=progression * float(rng.uniform(0.05, 0.6)),
        death_after=float(np.exp(rng.uniform(np.log(0.02), np.log(0.15)))),
        frailty=float(rng.choice([0.0, 0.5])),
        visits=float(rng.choice([0.0, 0.0, 2.0])),
        shortest=shortest,
        longest=shortest + float(rng.uniform(5, 25)),
    )


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What came of one arm."""

    matched: bool
    admissible: float
    unmatched: float
    crosses: bool
    shifts: tuple[float, float]
    ratios: tuple[float, float]
    events: float
    read: bool
    read_apart: bool
    held: dict[Dependence, bool]
    overstated: float


def one_trial(number: int, draws: int, seed: int) -> list[_Found]:
    """Simulate a trial, rebuild both figures, put the endpoints together, and compare with the truth."""
    rng = np.random.default_rng([seed, number])
    n, law = int(np.exp(rng.uniform(np.log(60), np.log(250)))), _law(rng)
    laws = dict(zip(_ARMS, (law, _other_arm(law, float(np.exp(rng.normal(-0.3, 0.3))))), strict=True))
    truth = {name: simulate_arm(one, n, rng) for name, one in laws.items()}
    end = max(float(sides[1][0].max()) for sides in truth.values())
    rebuilt: list[list[ArmData]] = []
    patients: list[dict[str, PseudoIPD]] = []
    for side in (0, 1):
        shift = float(rng.uniform(-0.5, 0.5))
        true = {name: PseudoIPD(time=s[side][0], event=s[side][1], arm=name) for name, s in truth.items()}
        patients.append(true)
        rebuilt.append([_rebuilt(one, end, shift, draws, rng) for one in true.values()])
    found = pair_draws(rebuilt[0], rebuilt[1], time_slack=end / WIDTH, seed=number)
    return [_compared(found, arm, patients, laws[arm.name], rebuilt, rng) for arm in found.arms]


def _other_arm(law: IllnessDeath, ratio: float) -> IllnessDeath:
    return IllnessDeath(**{**vars(law), "progression": law.progression * ratio})


def _rebuilt(true: PseudoIPD, end: float, shift: float, draws: int, rng: np.random.Generator) -> ArmData:
    points, _ = read_arm(true, end, shift, rng)
    printed = np.linspace(0, end, _COLUMNS + 1)[:-1]
    table = RiskTable(time=printed, at_risk=true.at_risk(printed))
    made = reconstruct(points["trace"], n=true.n, risk_table=table, arm=true.arm, rng=rng)
    return ArmData(central=made.ipd, draws=tuple(made.draws(draws)))


def _compared(
    found: PairedEndpoints,
    arm: EndpointArm,
    patients: list[dict[str, PseudoIPD]],
    law: IllnessDeath,
    rebuilt: list[list[ArmData]],
    rng: np.random.Generator,
) -> _Found:
    of_patients = _area([patients[side][arm.name] for side in (0, 1)], found.tau)
    everyone = simulate_arm(law, _POPULATION, rng, followed=False)
    of_all = _area([PseudoIPD(time=t, event=e) for t, e in everyone], found.tau)
    likely = arm.time_progressed[Dependence.LIKELY]
    assert likely.value is not None
    assert likely.reconstruction_se is not None
    held = {}
    for dependence, one in arm.time_progressed.items():
        assert one.interval is not None
        assert one.interval.low is not None
        assert one.interval.high is not None
        held[dependence] = one.interval.low <= of_all <= one.interval.high
    every = [next(one for one in side if one.name == arm.name).draws for side in rebuilt]
    events = max(
        abs(np.mean([d.events for d in kept.draws]) - np.mean([d.events for d in draws]))
        for kept, draws in zip((arm.pfs, arm.os), every, strict=True)
    )
    apart = np.sqrt(sum(np.var([_mean_to(d, found.tau) for d in draws]) for draws in every))
    middle = arm.progressed.time.size // 2
    return _Found(
        matched=found.pairing is DrawPairing.MATCHED,
        admissible=found.admissible,
        unmatched=found.unmatched,
        crosses=arm.crossing is not None,
        shifts=(arm.moved["pfs"].shift, arm.moved["os"].shift),
        ratios=(arm.moved["pfs"].sd_ratio, arm.moved["os"].sd_ratio),
        events=float(events),
        read=abs(of_patients - likely.value) <= normal_quantile() * likely.reconstruction_se,
        read_apart=abs(of_patients - likely.value) <= normal_quantile() * apart,
        held=held,
        overstated=float(arm.progressed.se_if_independent[middle] / arm.progressed.se_sampling[middle]),
    )


def _area(both: list[PseudoIPD], tau: float) -> float:
    early, late = (_mean_to(one, tau) for one in both)
    return late - early


def _mean_to(patients: PseudoIPD, tau: float) -> float:
    return rmst(kaplan_meier(patients.time, patients.event), tau)[0]


def _rows(found: list[_Found]) -> list[list[str]]:
    shifts = np.array([one.shifts for one in found]).ravel()
    ratios = np.array([one.ratios for one in found]).ravel()
    share = np.mean
    rows = [
        ["arms whose draws were matched", f"{share([one.matched for one in found]):.1%}"],
        ["pairs of draws that can be of the same patients, median", f"{np.median([o.admissible for o in found]):.0%}"],
        ["draws without a partner, mean (90th percentile)", _spread(np.array([one.unmatched for one in found]))],
        ["printed curves that cross", f"{share([one.crosses for one in found]):.1%}"],
        ["shift of the restricted mean in SD of its draws, mean", f"{shifts.mean():+.3f}"],
        ["the same without its sign, mean (90th percentile)", _spread(np.abs(shifts), 3)],
        ["ratio of its SD, mean", f"{ratios.mean():.3f}"],
        ["the same, 5th to 95th percentile", " to ".join(f"{q:.2f}" for q in np.quantile(ratios, [0.05, 0.95]))],
        ["shift of the events, mean (largest)", _largest(np.array([one.events for one in found]))],
        ["interval over pairs of draws holds the true patients' area", f"{share([one.read for one in found]):.1%}"],
        ["the same with draws paired at random", f"{share([one.read_apart for one in found]):.1%}"],
    ]
    for dependence in Dependence:
        held = share([one.held[dependence] for one in found])
        rows.append([f"95% interval holds the population's area: {dependence.words}", f"{held:.1%}"])
    over = np.median([one.overstated for one in found])
    rows.append(["SD of the share progressed if independent, over what it is: median", f"{over:.2f}"])
    return rows


def _spread(values: FloatArray, decimals: int = 2) -> str:
    return f"{values.mean():.{decimals}f} ({np.quantile(values, 0.9):.{decimals}f})"


def _largest(values: FloatArray) -> str:
    return f"{values.mean():.2f} ({values.max():.2f})"


def main() -> None:
    """Simulate, rebuild, put together, and print the table."""
    parser = argparse.ArgumentParser(description=first_line(__doc__), allow_abbrev=False)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    calls = [(number, asked.draws, asked.seed) for number in range(asked.trials)]
    found = [arm for trial in side_by_side(one_trial, calls, asked.jobs, "endpoints") for arm in trial]
    print(f"{asked.trials} trials of two arms, {asked.draws} draws of each endpoint, seed {asked.seed}")
    print(markdown_table(["what", "measured"], _rows(found)))


if __name__ == "__main__":
    main()
