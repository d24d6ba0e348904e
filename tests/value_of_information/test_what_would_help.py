"""What would help: against trials whose supplement is known, and the words."""

import numpy as np
import pytest

from survrecon import reconstruct, what_would_help
from survrecon.errors import AnalysisError
from survrecon.model.curve import AtRiskConvention, RiskTable
from survrecon.model.estimate import Interval
from survrecon.model.ipd import Reconstruction
from survrecon.value_of_information import Gain, Information, WhatWouldHelp, usual_times, widths_of, with_more
from tests.build import curve, patients
from tests.statespace.figures import clicks, corners, marks, simulated

EVENTS, TABLE, MARKS = Information
TRIALS = 4


def arms(seed: int, **more: bool) -> tuple[Reconstruction, ...]:
    """Rebuild two arms of 60 from the corners of their steps, with what their true patients would have printed."""
    rebuilt = []
    for k, name in enumerate(("placebo", "drug")):
        truth = simulated(60, seed=10 * seed + k)
        at = usual_times(float(truth.time[-1]))
        table = RiskTable(time=at, at_risk=truth.at_risk(at), convention=AtRiskConvention.BEFORE)
        rebuilt.append(
            reconstruct(
                corners(truth),
                n=60,
                risk_table=table if more.get("risk_table") else None,
                events=truth.events if more.get("events") else None,
                censor_times=marks(truth) if more.get("marks") else None,
                arm=name,
            )
        )
    return tuple(rebuilt)


def actual(seed: int, **more: bool) -> float:
    """Return the width of ln HR with the true further information."""
    return widths_of(*(result.draws(60) for result in arms(seed, **more))).log_hr


@pytest.fixture(scope="module")
def found() -> list[WhatWouldHelp]:
    answers = []
    for seed in range(TRIALS):
        control, treatment = arms(seed)
        answers.append(what_would_help(control=control, treatment=treatment, truths=2, draws=60, seed=3))
    return answers


def gained(found: list[WhatWouldHelp], *information: Information) -> list[Gain]:
    return [gain for one in found for gain in one.gains if gain.information == information]


def mean_width(found: list[WhatWouldHelp], *information: Information) -> float:
    return float(np.mean([gain.width for gain in gained(found, *information)]))


@pytest.mark.slow
def test_more_information_leaves_less_open(found: list[WhatWouldHelp]) -> None:
    """On average over the trials: everything less than a table or marks, and each of these less than now."""
    now, everything = (
        float(np.mean(widths)) for widths in zip(*((f.width, f.gains[-1].width) for f in found), strict=True)
    )
    assert everything < 0.3 * now
    for kind in (TABLE, MARKS):
        assert everything <= mean_width(found, kind) < now


@pytest.mark.slow
def test_the_foreseen_width_is_what_the_true_information_gives(found: list[WhatWouldHelp]) -> None:
    """Four trials and two candidate truths each: means agree within a half, or 0.003.

    Widths of single trials are from a half to twice their mean, so that of four the mean is known to a quarter.
    """
    table = np.mean([actual(seed, risk_table=True) for seed in range(TRIALS)])
    everything = np.mean([actual(seed, risk_table=True, events=True, marks=True) for seed in range(TRIALS)])
    assert mean_width(found, TABLE) == pytest.approx(table, rel=1 / 2)
    assert np.mean([one.gains[-1].width for one in found]) == pytest.approx(everything, rel=1 / 2, abs=0.003)


@pytest.mark.slow
def test_known_totals_leave_no_event_open() -> None:
    """Clicks leave events open, until their total is known."""
    control, treatment = (
        reconstruct(clicks(simulated(90, seed=k), seed=k, points=20), n=90, arm=name)
        for k, name in enumerate(("placebo", "drug"))
    )
    found = what_would_help(control=control, treatment=treatment, truths=1, draws=20)
    assert max(interval.high - interval.low for interval in found.events if interval.high and interval.low) > 0
    for gain in found.gains:
        assert (EVENTS in gain.information) == (gain.events == (0, 0))


def test_the_same_seed_gives_the_same_answer() -> None:
    control, treatment = arms(0, risk_table=True)
    first, second = (
        what_would_help(control=control, treatment=treatment, truths=1, draws=30, seed=5, jobs=jobs) for jobs in (1, 2)
    )
    assert first == second


def test_what_is_given_is_not_offered() -> None:
    control, treatment = arms(0, risk_table=True, events=True)
    found = what_would_help(control=control, treatment=treatment, truths=1, draws=20)
    assert [gain.information for gain in found.gains] == [(MARKS,)]


def test_nothing_is_left_open_where_all_data_sets_are_one() -> None:
    """Seven patients without censoring: their steps, of a seventh each, tell everything."""
    levels = np.round(1 - np.arange(8) / 7, 5)
    survival = np.append(1.0, np.column_stack([levels[:-1], levels[1:]]).ravel())
    control, treatment = (
        reconstruct(curve([0, *np.repeat(np.arange(1, 8) * factor, 2)], survival), n=7, arm=name)
        for factor, name in ((1.0, "a"), (1.5, "b"))
    )
    found = what_would_help(control=control, treatment=treatment)
    assert (found.width, found.gains, found.advice) == (0, (), "Nothing is left open.")


def test_a_candidate_prints_its_own_numbers() -> None:
    """Six patients, counted by hand at 0, 2 and 4: 6, then 5 with time >= 2, then 3; censored at 1, 4 and 5."""
    truth = patients(events=[2, 3, 4], censored=[1, 4, 5])
    result = reconstruct(curve([0, 2, 2, 3, 3, 4, 4, 5], [1, 1, 0.8, 0.8, 0.6, 0.6, 0.4, 0.4]), n=6)
    assert result.given is not None
    told = with_more(result, result.given, truth, (EVENTS, TABLE, MARKS), np.array([0.0, 2, 4]))
    assert told.events == 3
    assert told.risk_table is not None
    assert told.risk_table.at_risk.tolist() == [6, 5, 3]
    assert told.censor_times is not None
    assert told.censor_times.tolist() == [1, 4, 5]


@pytest.mark.parametrize(("method", "wrong"), [("guyot", "method that draws"), ("auto", "at least one truth")])
def test_what_cannot_be_asked(method: str, wrong: str) -> None:
    points = curve([0, 2, 5, 9], [1, 0.8, 0.6, 0.3])
    control, treatment = (reconstruct(points, n=10, method=method, arm=name) for name in ("a", "b"))
    with pytest.raises(AnalysisError, match=wrong):
        what_would_help(control=control, treatment=treatment, truths=0 if method == "auto" else 4)


def answer(*widths: float) -> WhatWouldHelp:
    return WhatWouldHelp(
        of="drug",
        over="placebo",
        hazard_ratio=Interval(low=0.72, high=0.81),
        width=0.12,
        events=(Interval(low=96, high=104), Interval(low=80, high=91)),
        sampling_width=0.55,
        gains=tuple(
            Gain(information=(kind,), width=w, least=w, most=w, events=(0, 1), truths=4)
            for kind, w in zip(Information, widths, strict=False)
        ),
        truths=4,
        draws=100,
        seed=0,
    )


def test_words() -> None:
    lines = str(answer(0.05, 0.03, 0.035)).splitlines()
    assert (
        lines[0]
        == "drug over placebo: hazard ratio over data sets 0.720 to 0.810, events placebo 96 to 104, drug 80 to 91"
    )
    assert lines[2].split() == ["now", "0.120", "8", "11"]
    assert lines[4].split() == ["with", "risk", "table", "0.030", "(0.030", "to", "0.030)", "0.0", "1.0"]
    assert lines[6] == "Most helpful: the risk table."


@pytest.mark.parametrize(
    ("widths", "advice"),
    [
        ((), "Nothing to add: what could help was given."),
        ((0.1,), "Worth looking for: the total events."),
        ((0.115, 0.111), "Nothing alone would narrow ln HR by a tenth."),
    ],
)
def test_advice(widths: tuple[float, ...], advice: str) -> None:
    assert answer(*widths).advice == advice
