"""Two endpoints of one trial: by hand, against all pairings of a few patients, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survrecon import pair_endpoints
from survrecon.analysis.comparison import ArmData
from survrecon.analysis.endpoints.dependence import Dependence, PatientPairs, restricted_mean_influence
from survrecon.analysis.endpoints.pairs import admissible_pairs, matched_pairs, pair_draws
from survrecon.analysis.endpoints.results import DrawPairing
from survrecon.analysis.medians import rmst
from survrecon.errors import AnalysisError
from survrecon.model.ipd import PseudoIPD
from survrecon.model.kaplan_meier import kaplan_meier


def ipd(*patients: tuple[float, int], arm: str = "drug") -> PseudoIPD:
    times, events = zip(*patients, strict=True)
    return PseudoIPD(time=np.array(times, dtype=float), event=np.array(events, dtype=bool), arm=arm)


def data(*draws: PseudoIPD) -> ArmData:
    return ArmData(central=draws[0], draws=draws)


def can_be_one(first: tuple[float, bool], last: tuple[float, bool]) -> bool:
    """Whether a progression-free and an overall (time, event) can be one patient's."""
    return first[0] < last[0] or (first[0] == last[0] and (first[1] or not last[1]))


def pairings(pfs: PseudoIPD, os: PseudoIPD) -> list[tuple[int, ...]]:
    """Every way in which patients can be paired."""
    early, late = (list(zip(one.time, one.event, strict=True)) for one in (pfs, os))
    return [
        way
        for way in permutations(range(pfs.n))
        if all(can_be_one(early[i], late[k]) for i, k in enumerate(way))
    ]  # fmt: skip


PATIENTS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 1)), min_size=4, max_size=4)


@settings(max_examples=60, deadline=None)
@given(PATIENTS, PATIENTS)
def test_by_rank_is_the_same_as_any_pairing(first: list[tuple[int, int]], last: list[tuple[int, int]]) -> None:
    pfs, os = ipd(*first), ipd(*last)
    assert admissible_pairs([pfs], [os])[0, 0] == bool(pairings(pfs, os))


def test_who_is_censored_without_progression_did_not_die_then() -> None:
    alive, dead = ipd((5, 0)), ipd((5, 1))
    assert admissible_pairs([alive, dead], [alive, dead]).tolist() == [[True, False], [True, True]]


def test_slack_of_reading() -> None:
    late, soon = ipd((5.2, 1)), ipd((5, 1))
    assert not admissible_pairs([late], [soon])[0, 0]
    assert admissible_pairs([late], [soon], time_slack=0.25)[0, 0]


def test_matching_takes_as_many_pairs_as_there_are() -> None:
    """Rows 0 and 1 have one partner and the same one; row 2 has either."""
    only = np.array([[True, False, False], [True, False, False], [True, True, False]])
    for seed in range(4):
        pairs = matched_pairs(only, np.random.default_rng(seed)).tolist()
        assert len(pairs) == 2
        assert [2, 1] in pairs
    assert {tuple(matched_pairs(only, np.random.default_rng(seed))[0]) for seed in range(12)} == {(0, 0), (1, 0)}
    assert matched_pairs(np.zeros((2, 2), dtype=bool), np.random.default_rng(0)).shape == (0, 2)


@settings(max_examples=60, deadline=None)
@given(PATIENTS, PATIENTS)
def test_products_against_all_pairings(first: list[tuple[int, int]], last: list[tuple[int, int]]) -> None:
    """Of events alone: by rank is the most, least is the least, and likely the middle of that and the mean of all."""
    pfs, os = (ipd(*((t, 1) for t, _ in patients)) for patients in (first, last))
    ways = pairings(pfs, os)
    if not ways:
        return
    f, g = pfs.time[None] - 3, os.time[None] ** 2
    sums = [float((f[0] * g[0, list(way)]).sum()) for way in ways]
    pairs = PatientPairs.of(pfs, os)
    assert pairs.products(f, g, Dependence.BY_RANK)[0, 0] == pytest.approx(max(sums))
    assert pairs.products(f, g, Dependence.LEAST)[0, 0] == pytest.approx(min(sums))
    assert pairs.products(f, g, Dependence.LIKELY)[0, 0] == pytest.approx((min(sums) + np.mean(sums)) / 2)
    assert pairs.products(f, g, Dependence.INDEPENDENT)[0, 0] == 0


def test_who_is_followed_to_the_end_is_one_patient() -> None:
    """Censored at 4 and 9 without progression: those censored alive at 4 and 9, not whoever dies in between."""
    pfs, os = ipd((2, 1), (3, 1), (4, 0), (9, 0)), ipd((4, 0), (6, 1), (7, 1), (9, 0))
    pairs = PatientPairs.of(pfs, os)
    assert pairs.fixed.tolist() == [[2, 3], [0, 3]]
    assert (pairs.pfs.tolist(), pairs.os.tolist(), pairs.first.tolist()) == ([0, 1], [1, 2], [0, 0])


def test_who_cannot_all_be_followed_to_the_end() -> None:
    """Two censored without progression and one alive: patients go by time alone."""
    pairs = PatientPairs.of(ipd((2, 0), (3, 0)), ipd((4, 1), (5, 0)))
    assert pairs.fixed.size == 0
    assert pairs.first.tolist() == [0, 0]


def test_influence_adds_up_to_the_variance() -> None:
    patients = ipd((1, 1), (2, 0), (2, 1), (4, 1), (5, 0), (6, 1), (8, 0))
    km = kaplan_meier(patients.time, patients.event)
    influence = restricted_mean_influence(patients, km, 7.0)
    assert influence.sum() == pytest.approx(0, abs=1e-12)
    assert np.sqrt((influence**2).sum()) == pytest.approx(rmst(km, 7.0)[1])


def test_share_progressed_has_the_variance_of_a_proportion() -> None:
    """Ten patients without censoring; at 5, six progressed and two of them dead: 4 of 10 alive with progression."""
    pfs = ipd(*((t, 1) for t in (1, 2, 3, 4, 4.5, 5, 8, 9, 10, 11)))
    os = ipd(*((t, 1) for t in (4, 4.8, 6, 7, 8, 9, 10, 11, 12, 13)))
    found = pair_draws([data(pfs)], [data(os)], tau=10).arms[0].progressed
    middle = found.time.size // 2
    assert (found.time[middle], found.value[middle]) == (5, pytest.approx(0.4))
    assert found.se_sampling[middle] ** 2 == pytest.approx(0.4 * 0.6 / 10)
    assert found.se_if_independent[middle] ** 2 == pytest.approx((0.4 * 0.6 + 0.8 * 0.2) / 10)
    assert found.se_reconstruction is None


def test_area_by_hand() -> None:
    """Uncensored, by rank: the mean of the differences, with the standard deviation of those over the root of n."""
    first, last = np.array([1.0, 2, 4, 5]), np.array([3.0, 5, 6, 10])
    pfs, os = (ipd(*((t, 1) for t in times)) for times in (first, last))
    found = pair_draws([data(pfs)], [data(os)], tau=10).arms[0].time_progressed[Dependence.BY_RANK]
    assert found.value == pytest.approx((last - first).mean())
    assert found.sampling_se == pytest.approx((last - first).std() / 2)


def test_draws_without_a_partner_are_told_and_none_is_changed() -> None:
    early, late, latest = ipd((1, 1), (5, 0)), ipd((4, 1), (8, 0)), ipd((9, 1), (9, 0))
    found = pair_draws([data(early, late, latest)], [data(late, latest, late)], tau=5)
    assert found.pairing is DrawPairing.MATCHED
    assert found.unmatched == 0
    arm = found.arms[0]
    assert {*arm.pfs.draws} == {early, late, latest}
    assert all(admissible_pairs([a], [b])[0, 0] for a, b in zip(arm.pfs.draws, arm.os.draws, strict=True))
    found = pair_draws([data(early, latest, early)], [data(late, late, late)], tau=5)
    assert found.unmatched == pytest.approx(1 / 3)
    assert found.arms[0].moved["pfs"].sd_ratio == 0  # the two left are the same
    assert "33% of the draws without a partner" in found.summary()


def test_pairs_are_of_all_arms_at_once() -> None:
    """Each arm alone has a partner for each draw, but not the same one."""
    soon, late = ipd((1, 1), (5, 0)), ipd((4, 1), (8, 0))
    other_soon, other_late = (replace(one, arm="placebo") for one in (soon, late))
    pfs = [data(soon, late), data(other_late, other_soon)]
    os = [data(soon, late), data(other_soon, other_late)]
    found = pair_draws(pfs, os, tau=5)
    assert found.admissible == pytest.approx(2 / 4)
    assert found.unmatched == pytest.approx(1 / 2)


def test_a_single_data_set_goes_with_every_draw() -> None:
    soon, late, latest = ipd((1, 1), (5, 0)), ipd((4, 1), (8, 0)), ipd((6, 1), (9, 0))
    found = pair_draws([data(soon)], [data(soon, late, latest)], tau=5)
    assert (found.unmatched, len(found.pairs)) == (0, 3)
    assert found.arms[0].pfs.draws == (soon, soon, soon)
    assert {*found.arms[0].os.draws} == {soon, late, latest}
    assert found.tau_rule == "as asked for"


def test_too_few_partners_are_said_and_nothing_is_forced() -> None:
    pfs, os = ipd((5, 1), (6, 1), (7, 0)), ipd((5.5, 1), (5.6, 0), (8, 0))
    found = pair_draws([data(pfs, pfs)], [data(os, os)], tau=5.2)
    assert found.pairing is DrawPairing.INDEPENDENT
    assert (found.unmatched, len(found.pairs)) == (1, 2)
    assert "no pair is claimed to be of the same patients" in found.summary()


def test_curves_that_cross_are_said_and_kept() -> None:
    """Who is followed longer for death alone: nobody is out of order, and the curves cross at 5."""
    pfs = ipd((1, 1), (2, 1), (3, 1), (3, 0), (3, 0), (3, 0), (9, 0), (9, 0), arm="a")
    os = ipd((4, 1), (4, 1), (5, 1), (5, 1), (6, 1), (6, 1), (9, 0), (9, 0), arm="a")
    found = pair_draws([data(pfs)], [data(os)], tau=9)
    assert found.pairing is DrawPairing.MATCHED
    crossing = found.arms[0].crossing
    assert crossing is not None
    assert 5 <= crossing.first < 5.2
    assert crossing.largest == pytest.approx(5 / 8 - 2 / 8)
    assert "the printed curves cross" in found.summary()
    assert found.arms[0].late_deaths == 3


def followed(n: int, seed: int) -> tuple[PseudoIPD, PseudoIPD]:
    rng = np.random.default_rng(seed)
    first = rng.exponential(8, n)
    last, end = first + rng.exponential(12, n), rng.uniform(15, 40, n)
    return (
        PseudoIPD(time=np.minimum(first, end), event=first <= end, arm="drug"),
        PseudoIPD(time=np.minimum(last, end), event=last <= end, arm="drug"),
    )


def test_samples_of_the_same_patients_are_the_same() -> None:
    """Of one data set as both endpoints, patients by rank have one score twice; as if independent, they have none."""
    both, _ = followed(80, 1)
    made = {
        how: pair_endpoints(
            [both], [both], pfs_model="weibull", os_model="weibull", dependence=how, samples=400, horizon=60
        ).fits
        for how in ("by-rank", "independent")
    }
    same, apart = made["by-rank"], made["independent"]
    assert same is not None
    assert apart is not None
    arm = same.arms[0]
    np.testing.assert_allclose(arm.pfs_samples, arm.os_samples, rtol=1e-6)
    assert arm.spread[Dependence.BY_RANK] == pytest.approx(0, abs=1e-6)
    assert arm.spread[Dependence.INDEPENDENT] > 1
    two = apart.arms[0]
    assert abs(np.corrcoef(two.pfs_samples[:, 0], two.os_samples[:, 0])[0, 1]) < 0.2
    assert (arm.crossing_share, arm.first_crossing) == (0, None)


def test_fitted_curves_that_cross_are_counted_and_capped_only_if_asked() -> None:
    rng = np.random.default_rng(2)
    first = np.exp(rng.normal(np.log(5), 1.8, 60))
    last, end = first + rng.exponential(3, 60), rng.uniform(30, 60, 60)
    pfs, os = (PseudoIPD(time=np.minimum(t, end), event=t <= end, arm="drug") for t in (first, last))
    plain = pair_endpoints([pfs], [os], pfs_model="lognormal", os_model="exponential", horizon=400)
    capped = pair_endpoints([pfs], [os], pfs_model="lognormal", os_model="exponential", horizon=400, cap=True)
    assert plain.fits is not None
    assert capped.fits is not None
    one, other = plain.fits.arms[0], capped.fits.arms[0]
    assert one.crossing_share == other.crossing_share
    assert one.crossing_share > 0.5
    assert one.earliest_crossing is not None
    assert one.first_crossing is not None
    assert 0 < one.earliest_crossing <= one.first_crossing < 400
    assert (one.pfs_survival > one.os_survival).any()
    assert not (other.pfs_survival > other.os_survival + 1e-12).any()
    assert (one.time_progressed.value or 0) < (other.time_progressed.value or 0)
    assert "as fitted" in plain.summary()
    rows = list(plain.fits.sample_rows())
    assert len(rows) == 1000 * (2 + 1)
    assert rows[0][:5] == ("drug", 1, 0, "pfs", "lognormal")


@pytest.mark.slow
def test_covariance_at_one_time_with_censoring() -> None:
    """Illness-death patients, a quarter of them followed no longer than that: the SD of the share, to a few percent."""
    shares, told, apart = [], [], []
    for seed in range(500):
        pfs, os = followed(300, seed + 10)
        found = pair_draws([data(pfs)], [data(os)], tau=22).arms[0].progressed
        shares.append(found.value[[45, 60]])
        told.append(found.se_sampling[[45, 60]] ** 2)
        apart.append(found.se_if_independent[[45, 60]] ** 2)
    true = np.std(shares, axis=0)
    assert np.sqrt(np.mean(told, axis=0)) / true == pytest.approx(1, abs=0.08)
    assert (np.sqrt(np.mean(apart, axis=0)) / true > 1.15).all()


@pytest.mark.parametrize(
    ("pfs", "os", "says"),
    [
        ([data(ipd((1, 1), (2, 0)))], [data(ipd((1, 1), (2, 0), (3, 0)))], "arm drug, patients: the same in both"),
        ([data(ipd((1, 1), (2, 0), arm="a"))], [data(ipd((1, 1), (2, 0)))], "the same names; got a and drug"),
        (
            [data(ipd((1, 1), (2, 0)))],
            [data(replace(ipd((1, 1), (2, 0)), time_unit="weeks"))],
            "time unit: the same in both endpoints",
        ),
        (
            [data(ipd((8, 1), (9, 0), (9, 0), (9, 0)))],
            [data(ipd((1, 1), (2, 1), (3, 1), (9, 0)))],
            "What to do: exchange the two.",
        ),
    ],
)
def test_what_cannot_be_one_trial(pfs: list[ArmData], os: list[ArmData], says: str) -> None:
    with pytest.raises(AnalysisError) as error:
        pair_draws(pfs, os)
    assert says in str(error.value)


def test_result_shows_itself() -> None:
    pfs, os = followed(60, 3)
    found = pair_endpoints([pfs], [os])
    assert repr(found).startswith("PairedEndpoints(arms=")
    assert len(repr(found)) < 400
    assert "Mean time alive with progression" in found.summary()
    assert "taken to be" in found.summary()
    frame = found.to_frame()
    np.testing.assert_allclose(frame["progressed"], frame["survival_os"] - frame["survival_pfs"])
    assert "<table" in found._repr_html_()
