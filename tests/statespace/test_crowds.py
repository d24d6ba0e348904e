"""Censoring marks that run together: where the hidden patients are, marks at printed times and by chance at a step."""

import pickle

import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import poisson as exact_poisson

from survrecon.arrays import FloatArray
from survrecon.model.curve import AtRiskConvention, SurvivalCurve
from survrecon.model.ipd import PseudoIPD, Reconstruction
from survrecon.reconstruction.reconstruct import reconstruct
from survrecon.reconstruction.statespace.counts import log_poisson
from survrecon.reconstruction.statespace.crowding import finest_unit, grid_of_columns
from survrecon.reconstruction.statespace.decode import _log_choices
from survrecon.reconstruction.statespace.priors import DEFAULT_PRIORS
from survrecon.reconstruction.statespace.timeline import stepped_timeline
from tests.build import followed, table
from tests.statespace.figures import corners, marks, printed, simulated, trace

END = 60.0
COLUMN = END / 600


def crowd(seed: int, unit: float = 0.0) -> PseudoIPD:
    """500 patients, few of whom fail; most are censored about month 30 or 48, between printed numbers at 20, 40, 60."""
    rng = np.random.default_rng(seed)
    left = np.where(
        rng.random(500) < 0.7, rng.normal(np.where(rng.random(500) < 0.5, 30, 48), 1.5), END * rng.random(500)
    )
    left = np.append(np.clip(left, 1.0, END)[1:], END)
    died = rng.exponential(250, 500)
    time = np.minimum(died, left)
    if unit:
        time = np.where(died <= left, time, np.maximum(np.round(time / unit), 1) * unit)
    return PseudoIPD(time=time, event=died <= left)


def told_apart(arm: PseudoIPD) -> FloatArray:
    """First marks of runs of touching columns, as a reader of a picture sees them."""
    columns = np.unique(np.round(arm.time[~arm.event] / COLUMN))
    return np.asarray((columns[np.append(True, np.diff(columns) >= 2)] + 0.5) * COLUMN)


def off(result: Reconstruction, arm: PseudoIPD) -> float:
    """Mean distance of the draws' median number at risk from the true one, over all columns."""
    at = np.linspace(1, END - 1, 200)
    drawn = np.median([draw.at_risk(at) for draw in result.draws(40)], axis=0)
    return float(np.abs(drawn - arm.at_risk(at)).mean())


def test_patients_behind_marks_that_run_together_are_where_marks_are_few() -> None:
    """Two crowds of a hundred and more, of whom a picture shows a few marks: even sharing puts 25 elsewhere."""
    arm = crowd(3)
    seen = told_apart(arm)
    assert seen.size < 0.45 * (~arm.event).sum()
    result = reconstruct(
        trace(arm, 3), n=500, risk_table=printed(arm, 20), events=arm.events, censor_times=seen, method="statespace"
    )
    assert off(result, arm) < 8


def test_a_mark_hides_more_where_marks_of_days_stand_close() -> None:
    arm = crowd(4, unit=0.2)
    result = reconstruct(
        corners(arm),
        n=500,
        risk_table=printed(arm, 20),
        events=arm.events,
        censor_times=marks(arm),
        method="statespace",
    )
    assert followed(result).path == "decoded"
    assert off(result, arm) < 6


@pytest.mark.parametrize(("convention", "counted"), [("before", [0, 1]), ("after", [1, 0])])
def test_a_mark_rounded_past_a_printed_time_stands_on_the_side_of_its_convention(
    convention: str, counted: list[int]
) -> None:
    for rounded in (10 - 1e-6, 10.0, 10 + 1e-6):
        line = stepped_timeline(
            np.array([]), np.array([]), 20.0, table([0, 10], [5, 4], convention), np.array([rounded]), 4e-5,
            np.random.default_rng(0), DEFAULT_PRIORS,
        )  # fmt: skip
        assert line.marks is not None
        np.testing.assert_array_equal(line.marks, counted)


def test_marks_that_rounding_alone_put_at_steps_may_stand_on_either_side() -> None:
    """400 exact times and 200 steps: that one mark has the time of a step tells nothing of their order."""
    rng = np.random.default_rng(1)
    steps = np.sort(rng.random(200).round(6))
    seen = np.unique(np.append(rng.random(400).round(6), steps[100]))
    levels = 1 - np.arange(1, 201) / 600
    found = set()
    for seed in range(20):
        line = stepped_timeline(steps, levels, 1.0, None, seen, 2e-6, np.random.default_rng(seed), DEFAULT_PRIORS)
        assert line.marks is not None
        found.add(int(line.marks[:101].sum()))
    assert len(found) == 2


def test_grids_of_times_are_told_by_their_marks() -> None:
    rng = np.random.default_rng(2)
    weeks = np.unique(np.round(rng.uniform(0, 60, 150) / 0.31)) * 0.31
    assert finest_unit(weeks.round(4), 60.0) == pytest.approx(0.31, rel=1e-3)
    assert finest_unit(rng.uniform(0, 60, 150), 60.0) < 1e-3
    spacing, _ = grid_of_columns(np.asarray(np.unique(np.round(weeks / COLUMN)) + 0.5, dtype=float), 600.0)
    assert spacing == pytest.approx(3.1, rel=1e-2)
    anywhere = np.asarray(np.unique(rng.integers(0, 600, 150)), dtype=float) + 0.5
    assert grid_of_columns(anywhere, 600.0)[0] == 0


def test_chances_of_large_counts_are_told() -> None:
    """Sixty thousand patients: counts beyond the tables, which ended at 20,000 censored and 400 events."""
    counts = np.array([0, 19_999, 20_000, 1_000_000])
    exact = gammaln(counts + 1.5) - gammaln(1.5) - gammaln(counts + 1.0)
    np.testing.assert_allclose(_log_choices(counts, 1.5), exact, rtol=1e-12)
    np.testing.assert_allclose(
        log_poisson(np.array([3, 900]), np.array([2.0, 880.0])), exact_poisson.logpmf([3, 900], [2, 880]), rtol=1e-9
    )


def test_many_events_in_one_column_are_followed() -> None:
    """Sixty columns of a curve of 60,000: six hundred events in one, more than are tried one by one."""
    died = np.random.default_rng(5).exponential(1.0, 60_000)
    arm = PseudoIPD(time=died.clip(max=1.0), event=died < 1.0)
    at = (np.arange(60) + 0.5) / 60
    points = SurvivalCurve(time=at, survival=np.round(arm.survival_at(at) * 400) / 400)
    result = reconstruct(points, n=60_000, risk_table=table([0, 0.5, 0.95], [60_000, *arm.at_risk([0.5, 0.95])]))
    assert abs(result.ipd.events / arm.events - 1) < 0.05
    np.testing.assert_allclose(result.ipd.survival_at(at), arm.survival_at(at), atol=0.01)


@pytest.mark.parametrize("reader", [lambda arm: corners(arm), lambda arm: trace(arm, 1)])
def test_a_reconstruction_can_be_sent_to_another_process(reader: object) -> None:
    arm = simulated(80, seed=2)
    result = reconstruct(reader(arm), n=80, risk_table=printed(arm, 5, AtRiskConvention.BEFORE))  # type: ignore[operator]
    sent = pickle.dumps(result)
    assert len(sent) < 200_000, "passes are made again"
    drawn, again = result.draws(5), pickle.loads(sent).draws(5)
    for one, other in zip(drawn, again, strict=True):
        assert one.time.tobytes() == other.time.tobytes()
        assert one.event.tobytes() == other.event.tobytes()
