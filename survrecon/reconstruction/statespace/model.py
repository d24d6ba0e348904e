r"""The generative model of one arm, which the particle filter follows.

Time is cut into bins j = 1..J (`timeline`): pixel columns, drops, or even columns between clicks. Numbers at risk are
printed at ends of bins.

State after bin j, of each path
    n_j
        Patients at risk, a whole number; n_0 = N.
    S_j
        The exact Kaplan-Meier value of the path; S_0 = 1.
    u_j
        Log density of censoring beside an even spread, about a level l of the path; and, with marks, what of a run of
        marks is still to come.
    b
        A shift that all points of a traced line share, b ~ Normal(0, line_shift), kept in closed form: its mean for
        each path, its variance for all.

Prior of events (`emission.EventTransition`; `priors.EventPrior`)
    d_j | n ~ (1 - v) F(n h_j) + v Geometric(n h'_j)
    n -> n - d,  S_j = S_(j-1) (1 - d_j / n)

    h is the hazard of the points smoothed over ``window_events`` events, h' over three bins, v = ``visit``. F is a
    Poisson distribution, or a negative binomial one where numbers of events vary ``clumped`` times as much. Clicks add
    ``burst`` times Geometric(burst_size n). Where the curve falls to 0 all who are left fail together, with log
    density -tie (n - 1) or -many - many_power log n. At the end of a curve one last patient fails with odds
    ``last_fails`` times the hazard of the follow-up that is not seen.

Prior of censoring (`censored_counts.CensoringTransition`, `censoring.CensoringBalance`; `priors.CensoringPrior`)
    l ~ Normal(0, level_sd),  u | l ~ Normal(level_kept l, pinned_sd) with a printed number ahead, Normal(l, open_sd)
    without one, each mixed with a uniform density; u is drawn anew ``changes`` times a follow-up on average
    c_j | n, S, u ~ Poisson(exp(u) C_j w_j),  n_j = n - d_j - c_j

    C_j is the number of censorings to come until the next printed number m: the balance of the interval,
    C = (n S_end / S - m) / k, where k is the part of those censored who would outlive it. After the last printed
    number it is n, or n less the events to come where their total is known. w_j is the bin's share of it: even in time
    by the hazard of trials that enrolled evenly, or tilted so that the known total of events gives the curve's fall.
    Half of the islands have trials that end at a time of their own (`censored_counts.closings`), from when on all
    leave evenly; before it they leave with the density `censored_counts.density_before`.

    Marks (`priors.MarkModel`): censorings fall on marks, one or more each, a bin late or early with ``read_late`` and
    ``read_early``; runs of marks that touch (`crowding`) hide as many as their density suggests.

Emission (`emission.Emission`; `priors.ReadingModel`)
    y_j | S_j, b ~ Normal(S_j + b, noise), of a trace; at 0 and at 1 a censored observation
    y | S_j ~ a mixture, of clicks: S at its own time, ``click_before`` S before the bin, ``click_earlier`` before the
    last events, and a Laplace slip; the noise of clicks is found by its evidence (`sampler.noise_of_clicks`)

Conditions
    Numbers at risk are met exactly: the last bin before a printed time censors all beyond it. A total of events is met
    exactly: other paths weigh exp(-off_total) for each event; so are events so far that are told at a printed time,
    which with the numbers at risk also tell how many are censored before it, and how early. Decoded steps (`decode`)
    are met within their rounding.

Approximations, and what each replaces
    Events of a bin are drawn from d | n, y (all numbers are tried), not from the prior: the fully adapted filter.
    *Look-ahead* (`look_ahead`): paths are lent weight for being near the smoothed curve, since a plateau ahead kills
    those that are not; `repay` takes it back at the end, so no density changes.
    *Course* (`total_course`): the same for the total of events, by its normal approximation from the printed numbers.
    *Overfit* (`overfit`): h was fitted to the points, which favours many patients; the log density that paths gain by
    it is taken off, as if h were integrated out.
    *Plateaus*: the noise of a long plateau is inflated so that it counts as ``plateau_points`` points, as if their
    errors were not independent; without it too few paths meet it.
    *Tempering* (`smc.tempered_shares`): what early bins cannot settle is kept in islands (`particles.IslandPlan`). The
    log evidence of an island of a hundred particles is noisy, so it is divided by 4 to 20. Draws are then calibrated on
    simulated trials rather than a posterior in the strict sense.
    *Pairing* (`survrecon.analysis.pairing`): one arm's figure says nothing of the other's follow-up. Draws of two arms
    are paired by a joint prior of follow-up, in place of one filter over both arms.
    Times within a bin (`patients`; `priors.PlacementPrior`) are drawn after the filter: one arm's curve is the same
    for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.reconstruction.statespace.censored_counts import CensoringTransition
from survrecon.reconstruction.statespace.censoring import events_to_come
from survrecon.reconstruction.statespace.emission import Emission, EventTransition
from survrecon.reconstruction.statespace.settings import SAMPLER

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.reconstruction.statespace.particles import IslandPlan, Particles
    from survrecon.reconstruction.statespace.priors import Priors
    from survrecon.reconstruction.statespace.reading import PointReading
    from survrecon.reconstruction.statespace.timeline import Timeline

__all__ = ["ArmModel"]


class ArmModel:
    """The model above, of one arm.

    Parameters
    ----------
    line : Timeline
        The time bins, and the numbers at risk printed at their ends.
    read : PointReading
        How the points were read.
    n, total : int, int or None
        Patients at the start; total events, if told.
    priors : Priors
        Every number of the model.
    plan : IslandPlan
        What the islands differ in.
    rng : Generator
        For draws of censoring.
    """

    def __init__(
        self,
        line: Timeline,
        read: PointReading,
        n: int,
        total: int | None,
        priors: Priors,
        plan: IslandPlan,
        rng: np.random.Generator,
    ) -> None:
        self.line, self.read, self.n, self.total, self.plan = line, read, n, total, plan
        self.noise_factor: FloatArray | float = 1.0
        if (plan.noise != 1).any():
            self.noise_factor = plan.of_particles(plan.noise)
        self.emission = Emission(line, read, priors.reading, self.noise_factor)
        self.clicks, self.zero_bin = self.emission.clicks, self.emission.zero_bin
        self.events = EventTransition(
            line, n, self.emission.noise, priors.events, clicks=self.clicks, zero_bin=self.zero_bin
        )
        self.censoring = CensoringTransition(line, n, total, read, priors, plan, rng)
        self.course = None
        if total is not None and (line.printed >= 0).any():
            self.course = events_to_come(line, self.censoring.balance, n, total, read.noise)
        self.led_from = 0  # up to the last column whose events are told, those lead
        if line.told is not None:
            self.led_from = int(np.flatnonzero(line.told >= 0)[-1]) + 1

    def initial_state(self) -> Particles:
        """Return paths before the first bin."""
        state = self.censoring.first_paths()
        if self.read.bias and self.read.blurs(self.n):  # a shift may pass for a patient: each island has its own
            self.emission.bias_variance = (SAMPLER.own_shift * self.read.grid) ** 2
            state.bias = self.plan.of_particles(self.read.grid * self.plan.shift)
        return state

    def log_event_density(self, j: int, died: IntArray, state: Particles) -> FloatArray:
        """Return log p(d | n) of ``died`` events, (P,) or (D, P), in bin ``j``."""
        return self.events.log_density(j, died, state)

    def event_densities(self, j: int, most: int, state: Particles) -> FloatArray:
        """Return p(d | n) of 0 to ``most`` events (most + 1, P) in bin ``j``."""
        return self.events.density_up_to(j, most, state)

    def log_emission_density(self, j: int, after: FloatArray, state: Particles) -> FloatArray:
        """Return log p(y | S) of the points of bin ``j``, given survival ``after`` it (D, P)."""
        return self.emission.log_density(j, after, state)

    def overfit(self, j: int, state: Particles) -> FloatArray:
        """Return the log density (P,) by which the fitted hazard favours paths in bin ``j``."""
        return self.events.overfit(j, state, self.noise_factor)

    def draw_censored(self, j: int, state: Particles) -> tuple[IntArray, FloatArray | float]:
        """Draw c | n, S, u in bin ``j`` (P,), and return its log weight: paths that cannot meet a printed number."""
        censored, log_weight = self.censoring.draw(j, state)
        state.at_risk = state.at_risk - censored
        return censored, log_weight

    def fail(self, j: int, died: IntArray, state: Particles, log_weight: FloatArray) -> None:
        """Move paths by ``died`` events (P,) in bin ``j``: S falls by the factor 1 - d / n; the shift is learnt."""
        if self.clicks:
            state.earlier = state.survival
        state.survival = state.survival * (1 - died / np.maximum(state.at_risk, 1))
        state.at_risk = state.at_risk - died
        state.events = state.events + died
        if self.line.points[j]:
            self.emission.learn_shift(j, state, log_weight)

    def look_ahead(self, j: int, after: FloatArray, state: Particles) -> FloatArray:
        """Return the auxiliary log weight (D, P) of survival ``after`` bin ``j``: how near it is to the curve ahead."""
        return self.emission.look_ahead(j, after, state)

    def total_course(self, j: int, state: Particles) -> FloatArray | None:
        """Return the auxiliary log weight (P,) of the events so far, given the total; ``None`` where nothing leads."""
        last = j == len(self.line) - 1
        if self.course is None or j < self.led_from or not (j % SAMPLER.goal_every == SAMPLER.goal_every - 1 or last):
            return None
        mean, slope, spread = self.course
        assert self.total is not None
        missed = state.events + mean[j] + slope[j] * state.bias - self.total
        return np.asarray(-0.5 * (missed / spread[j]) ** 2)
