"""Put the draws of progression-free and of overall survival together, and say what both curves tell jointly.

A draw of each endpoint has n patients. They can be the same ones if each can have been followed for progression no
longer than for death: if the patients of the one can be put beside those of the other with

* a progression-free time that is at most the overall time, and
* no death at the very time at which the same patient, progression-free, was censored: a death is an event of both.

Both are an order of (time, censored after event), and patients that are ordered can be put side by side if and only if
they can be by rank: the first of the one beside the first of the other. So it is asked of the patients by rank, and
that is the same as asking whether the numbers at risk, before and after the events at any time, are never higher for
progression-free than for overall survival.

It is not asked that each death is an event of both: many trials censor progression-free survival at the last
assessment, and the patient dies later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.analysis.comparison import ArmData, kaplan_meier_curves
from survrecon.analysis.endpoints.dependence import (
    Dependence,
    PatientPairs,
    covariance_at_one_time,
    restricted_mean_influence,
)
from survrecon.analysis.endpoints.results import (
    CurvesCross,
    DrawPairing,
    EndpointArm,
    MovedMean,
    PairedEndpoints,
    ProgressedShare,
)
from survrecon.analysis.endpoints.settings import ENDPOINTS, EndpointSettings
from survrecon.analysis.medians import horizon, rmst_draws
from survrecon.errors import AnalysisError
from survrecon.model.estimate import Estimate, normal_quantile, pooled_estimate
from survrecon.model.settings import NUMERICAL_NOISE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.arrays import BoolArray, FloatArray, IntArray
    from survrecon.model.ipd import PseudoIPD
    from survrecon.model.kaplan_meier import KaplanMeier

__all__ = ["admissible_pairs", "matched_pairs", "pair_draws"]


def pair_draws(
    pfs: Sequence[ArmData],
    os: Sequence[ArmData],
    *,
    tau: float | None = None,
    time_slack: float = 0.0,
    trial: str = "",
    seed: int = 0,
    notes: Sequence[str] = (),
    settings: EndpointSettings = ENDPOINTS,
) -> PairedEndpoints:
    """Put the draws of two endpoints of one trial together.

    Parameters
    ----------
    pfs, os : sequence of ArmData
        The arms, in any order, under the same names and of the same sizes. Draw k of one arm goes with draw k of
        another, so pairs are of all arms at once.
    tau : float, optional
        Horizon of the area between the curves; the last time with 10 patients and 10% of all at risk where left out.
    time_slack : float
        How much later a progression-free time may seem than the overall one of the same patient.
    trial : str
        Its name.
    seed : int
        Of the matching.
    notes : sequence of str
        What is to be said besides.
    settings : EndpointSettings
        Numbers behind it.

    Raises
    ------
    AnalysisError
        If the arms differ in name, size or unit, or the first endpoint is the higher one.

    Examples
    --------
    >>> from survrecon.model.ipd import PseudoIPD
    >>> first = PseudoIPD(time=[2, 4, 5, 7, 9], event=[1, 1, 1, 1, 0], arm="drug")
    >>> last = PseudoIPD(time=[3, 6, 8, 9, 9], event=[1, 1, 0, 0, 0], arm="drug")
    >>> found = pair_draws([ArmData(central=first, draws=(first,))], [ArmData(central=last, draws=(last,))], tau=8)
    >>> found.unmatched, found.arms[0].time_progressed[Dependence.LIKELY].format(2)
    (0.0, '1.40 (0.28 to 2.52)')
    """
    arms = _same_arms(pfs, os)
    counts = [max(len(one[side].draws) for one in arms) for side in (0, 1)]
    _refuse_unlike_counts(arms, counts)
    counts = [max(counts) if count == 1 else count for count in counts]  # a single data set goes with every draw
    admissible = np.ones(tuple(counts), dtype=bool)
    for early, late in arms:
        admissible &= admissible_pairs(_draws(early, counts[0]), _draws(late, counts[1]), time_slack=time_slack)
    rng = np.random.default_rng(seed)
    pairs = matched_pairs(admissible, rng)
    unmatched = 1 - len(pairs) / min(counts)
    pairing = DrawPairing.MATCHED
    if unmatched > 1 - settings.least_matched:
        pairing, pairs = DrawPairing.INDEPENDENT, _at_random(counts, rng)
    every = [horizon(early.draws, late.draws, tau) for early, late in arms]
    until = min(every, key=lambda one: one.tau)
    plan = _PairPlan(tau=until.tau, slack=time_slack, pairs=pairs, settings=settings)
    found = tuple(plan.arm(early, late) for early, late in arms)
    if pairing is DrawPairing.INDEPENDENT:
        _refuse_reversed(found)
    return PairedEndpoints(
        arms=found,
        time_unit=found[0].os.central.time_unit,
        tau=until.tau,
        tau_rule=until.rule.replace("both arms", "both curves of every arm"),
        pairing=pairing,
        pairs=pairs,
        admissible=float(admissible.mean()),
        unmatched=unmatched,
        time_slack=time_slack,
        trial=trial,
        seed=seed,
        notes=tuple(notes),
    )


def _same_arms(pfs: Sequence[ArmData], os: Sequence[ArmData]) -> list[tuple[ArmData, ArmData]]:
    """Return the arms by twos, in the order of the first endpoint."""
    names = [[arm.name for arm in side] for side in (pfs, os)]
    if not pfs or sorted(names[0]) != sorted(names[1]) or len({*names[0]}) < len(names[0]):
        raise AnalysisError(
            "arms of the two endpoints",
            "the same names",
            f"{', '.join(names[0]) or 'none'} and {', '.join(names[1]) or 'none'}",
            "name the arms of both figures alike",
        )
    late = {arm.name: arm for arm in os}
    for one in pfs:
        other = late[one.name].central
        for what, first, second in (
            ("patients", one.central.n, other.n),
            ("time unit", one.central.time_unit, other.time_unit),
        ):
            if first != second:
                raise AnalysisError(
                    f"arm {one.name}, {what}",
                    "the same in both endpoints, which are of the same patients",
                    f"{first} and {second}",
                    "use figures of one population",
                )
    return [(one, late[one.name]) for one in pfs]


def _refuse_unlike_counts(arms: Sequence[tuple[ArmData, ArmData]], counts: Sequence[int]) -> None:
    odd = [one.name for pair in arms for one, most in zip(pair, counts, strict=True) if len(one.draws) not in (1, most)]
    if odd:
        raise AnalysisError("draws", "as many of every arm of an endpoint", f"others of {odd[0]}", "rebuild all alike")


def _draws(arm: ArmData, count: int) -> tuple[PseudoIPD, ...]:
    """Return the draws of an arm; one that has a single data set has it in all of them."""
    return arm.draws if len(arm.draws) == count else arm.draws * count


def _at_random(counts: Sequence[int], rng: np.random.Generator) -> IntArray:
    size = min(counts)
    first, second = (np.arange(size), rng.permutation(counts[1])[:size])
    return np.stack([first, second], axis=1)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _PairPlan:
    """What is computed of every arm."""

    tau: float
    slack: float
    pairs: IntArray
    settings: EndpointSettings

    def arm(self, pfs: ArmData, os: ArmData) -> EndpointArm:
        """Return both endpoints of one arm."""
        paired = [
            tuple(one.draws[i % len(one.draws)] for i in self.pairs[:, side]) for side, one in enumerate((pfs, os))
        ]
        curves = [kaplan_meier_curves(draws) for draws in paired]
        kept = [ArmData(central=one.central, draws=draws) for one, draws in zip((pfs, os), paired, strict=True)]
        return EndpointArm(
            pfs=kept[0],
            os=kept[1],
            progressed=self._progressed(curves[0], curves[1]),
            time_progressed=self._areas(kept[0], kept[1], curves[0], curves[1]),
            crossing=self._crossing(*(kaplan_meier_curves(one.draws) for one in (pfs, os))),
            moved={
                name: _moved(rmst_draws(kaplan_meier_curves(one.draws), self.tau)[0], rmst_draws(used, self.tau)[0])
                for name, one, used in zip(("pfs", "os"), (pfs, os), curves, strict=True)
            },
            late_deaths=max(os.central.events - pfs.central.events, 0),
        )

    def _progressed(self, pfs: Sequence[KaplanMeier], os: Sequence[KaplanMeier]) -> ProgressedShare:
        """Return the share alive with progression, with the covariance of the two curves at each time."""
        times = np.linspace(0, self.tau, self.settings.times + 1)
        (S_pfs, G_pfs), (S_os, G_os) = (_survival_and_greenwood(curves, times) for curves in (pfs, os))
        apart = S_pfs**2 * G_pfs + S_os**2 * G_os
        # Rounding, and curves that cross, must not make a variance negative.
        variance = np.maximum(apart - 2 * covariance_at_one_time(S_pfs, S_os, G_os), 0.0).mean(axis=0)
        share = S_os - S_pfs
        between = (1 + 1 / len(pfs)) * share.var(axis=0, ddof=1) if len(pfs) > 1 else None
        half = normal_quantile() * np.sqrt(variance + (0.0 if between is None else between))
        value = share.mean(axis=0)
        return ProgressedShare(
            time=times,
            pfs=S_pfs.mean(axis=0),
            os=S_os.mean(axis=0),
            value=value,
            se_sampling=np.sqrt(variance),
            se_reconstruction=None if between is None else np.sqrt(between),
            se_if_independent=np.sqrt(apart.mean(axis=0)),
            low=value - half,
            high=value + half,
        )

    def _areas(
        self, pfs: ArmData, os: ArmData, pfs_curves: Sequence[KaplanMeier], os_curves: Sequence[KaplanMeier]
    ) -> Mapping[Dependence, Estimate]:
        """Return the area between the curves, by how the two times of a patient go together."""
        (mean_pfs, se_pfs), (mean_os, se_os) = (rmst_draws(curves, self.tau) for curves in (pfs_curves, os_curves))
        correlation = dict.fromkeys(Dependence, 0.0)
        some = np.unique(np.linspace(0, len(pfs_curves) - 1, self.settings.sampling_draws).astype(int))
        for k in some:
            patients = PatientPairs.of(pfs.draws[k], os.draws[k])
            early = restricted_mean_influence(pfs.draws[k], pfs_curves[k], self.tau)
            late = restricted_mean_influence(os.draws[k], os_curves[k], self.tau)
            size = float(np.linalg.norm(early) * np.linalg.norm(late))
            for dependence in Dependence:
                together = patients.products(early[None], late[None], dependence)[0, 0]
                correlation[dependence] += float(together) / size / some.size if size > 0 else 0.0
        found = {}
        for dependence, r in correlation.items():
            errors = np.sqrt(np.maximum(se_pfs**2 + se_os**2 - 2 * r * se_pfs * se_os, 0.0))
            found[dependence] = pooled_estimate((mean_os - mean_pfs).tolist(), errors.tolist())
        return found

    def _crossing(self, pfs: Sequence[KaplanMeier], os: Sequence[KaplanMeier]) -> CurvesCross | None:
        """Return where progression-free survival is above overall survival by more than the draws leave open."""
        settings = self.settings
        reach = min(min(km.last for km in (*pfs, *os)), np.inf)
        times = np.linspace(0, reach, settings.times + 1)
        early, _ = _survival_and_greenwood(pfs, times)
        late, _ = _survival_and_greenwood(os, np.maximum(times - self.slack, 0.0))
        above = early.mean(axis=0) - late.mean(axis=0)
        read = np.sqrt(early.var(axis=0) + late.var(axis=0))
        beyond = above > settings.crossing_sds * read + settings.least_crossing
        if not beyond.any():
            return None
        worst = int(np.argmax(np.where(beyond, above, -np.inf)))
        return CurvesCross(first=float(times[beyond.argmax()]), largest=float(above[worst]), at=float(times[worst]))


def _survival_and_greenwood(curves: Sequence[KaplanMeier], times: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return S(t) and Greenwood's sums of k curves at T times, each (k, T); where S is 0 the sum is 0 too."""
    found = np.empty((2, len(curves), times.size))
    for k, km in enumerate(curves):
        place = np.searchsorted(km.time, times, side="right")
        found[0, k] = np.concatenate([[1.0], km.survival])[place]
        found[1, k] = np.concatenate([[0.0], np.where(km.survival > 0, km.greenwood, 0.0)])[place]
    return found[0], found[1]


def _moved(every: FloatArray, kept: FloatArray) -> MovedMean:
    """Return how the mean and spread of the draws that are left differ from those of all."""
    spread = float(every.std())
    if spread == 0:
        return MovedMean(shift=0.0, sd_ratio=1.0)
    return MovedMean(shift=float(kept.mean() - every.mean()) / spread, sd_ratio=float(kept.std()) / spread)


def _refuse_reversed(arms: Sequence[EndpointArm]) -> None:
    """Refuse endpoints that stand in the wrong order: then the area between the curves is negative in every arm."""
    areas = [arm.time_progressed[Dependence.LIKELY].value or 0.0 for arm in arms]
    if max(areas) < 0 and all(arm.crossing is not None for arm in arms):
        raise AnalysisError(
            "progression-free and overall survival",
            "overall survival above progression-free survival",
            f"the contrary: {areas[0]:.3g} between the curves of {arms[0].name}",
            "exchange the two",
        )


def admissible_pairs(pfs: Sequence[PseudoIPD], os: Sequence[PseudoIPD], *, time_slack: float = 0.0) -> BoolArray:
    """Return which draws of two endpoints of one arm can be of the same patients, shape (draws of pfs, draws of os).

    Parameters
    ----------
    pfs, os : sequence of PseudoIPD
        Draws, all of n patients.
    time_slack : float
        How much later a progression-free time may seem than the overall one, by the reading of both time axes.

    Examples
    --------
    >>> from survrecon.model.ipd import PseudoIPD
    >>> early, late = (PseudoIPD(time=time, event=[1, 0]) for time in ([1, 3], [2, 4]))
    >>> admissible_pairs([early, late], [early, late]).tolist()
    [[True, True], [False, True]]
    """
    late = np.array([one.time for one in os]) + time_slack
    dead = np.array([one.event for one in os])
    found = np.empty((len(pfs), len(os)), dtype=bool)
    for row, one in enumerate(pfs):
        after = one.time > late + NUMERICAL_NOISE
        # Censored without progression at the time of the death: possible only where the death is read too early.
        together = ~one.event & dead & (np.abs(one.time - late) <= NUMERICAL_NOISE)
        found[row] = ~(after | together).any(axis=1)
    return found


def matched_pairs(admissible: BoolArray, rng: np.random.Generator) -> IntArray:
    """Return as many pairs of draws as there can be, each draw in one pair at most, shape (pairs, 2).

    It is a maximum matching of a matrix whose rows and columns are in random order, so that no draw is preferred for
    its place. Pairs are in the order of the first endpoint's draws.

    Examples
    --------
    >>> only = np.array([[True, True], [True, False]])
    >>> matched_pairs(only, np.random.default_rng(0)).tolist()
    [[0, 1], [1, 0]]
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    rows, columns = (rng.permutation(size) for size in admissible.shape)
    shuffled = csr_array(admissible[np.ix_(rows, columns)])
    partner = np.asarray(maximum_bipartite_matching(shuffled, perm_type="column"))
    found = partner >= 0
    pairs = np.stack([rows[found], columns[partner[found]]], axis=1)
    return np.asarray(pairs[np.argsort(pairs[:, 0], kind="stable")], dtype=np.int64)
