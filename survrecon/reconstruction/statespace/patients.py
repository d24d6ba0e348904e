"""From events and censorings of bins to patients with times, or seen at visits alone; the draw in the middle of many.

Visits are whole months or weeks, every third month, at which alone patients are seen to fail or to leave. Where all
drops of a curve lie at multiples of one time, so do the censorings that no drop shows. A patient censored at the time
of a drop was still at risk there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from survrecon.arrays import nearest_to_mean
from survrecon.model.ipd import PseudoIPD
from survrecon.reconstruction.statespace.settings import GRID, GUARDS, SAMPLER

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray, IntArray
    from survrecon.reconstruction.statespace.priors import PlacementPrior
    from survrecon.reconstruction.statespace.timeline import Timeline

__all__ = ["Visits", "find_visits", "middle_draw", "to_patients", "visit_unit"]


def middle_draw(events: IntArray, censored: IntArray) -> int:
    """Return which of K draws (J, K) is nearest to their mean.

    Nearest in its pull on a hazard ratio (the log-rank score over its variance against the mean draw), in
    its number of events and in its numbers at risk; the first counts most, as it is what data sets are built for.
    Where a quarter of the draws and more have one total of events, more than any other, it is one of those.
    """
    totals, times = np.unique(events.sum(axis=0), return_counts=True)
    if totals.size > 1 and times.max() >= SAMPLER.common_total * events.shape[1] and (times == times.max()).sum() == 1:
        common = np.flatnonzero(events.sum(axis=0) == totals[times.argmax()])
        return int(common[middle_draw(events[:, common], censored[:, common])])
    gone = events + censored
    at_risk = np.cumsum(gone[::-1], axis=0)[::-1]
    mean, deaths = at_risk.mean(axis=1, keepdims=True), events.mean(axis=1, keepdims=True)
    share = at_risk / np.maximum(at_risk + mean, GUARDS.small)
    score = (events - (events + deaths) * share).sum(axis=0)
    pull = score / np.maximum(((events + deaths) * share * (1 - share)).sum(axis=0), GUARDS.small)
    return nearest_to_mean([pull, events.sum(axis=0), at_risk.T], [*SAMPLER.middle_weights, 1.0])


def to_patients(
    line: Timeline,
    events: IntArray,
    censored: IntArray,
    *,
    at_end: bool,
    arm: str,
    time_unit: str,
    rng: np.random.Generator | None,
    prior: PlacementPrior,
    visits: Visits | None = None,
) -> PseudoIPD:
    """Return the patients of one draw (J,).

    Parameters
    ----------
    line : Timeline
        The bins.
    events, censored : array of int, shape (J,)
        How many in each bin.
    at_end : bool
        Whether events fall at the right end of their bin, or anywhere within it.
    arm, time_unit : str
        For the data set.
    rng : Generator or None
        For times within bins; ``None`` spaces them evenly. Between the steps of one arm nothing shows when patients
        left, but the other arm may have events there: draws differ in it.
    prior : PlacementPrior
        How patients leave within bins.
    visits : Visits or None
        At which patients leave, if all steps lie at visits.
    """
    bins = np.arange(len(line))
    event_bin = np.repeat(bins, events)
    died = line.right[event_bin] if at_end else _within(line, event_bin, rng)
    own = np.repeat(bins, censored)
    if line.marks is not None and at_end:
        left = _at_marks(line, censored, rng, prior)
    elif visits is not None and at_end and not line.counts_after:
        left = _at_visits(line, visits, own, rng, prior)
    else:
        left = _after(line, event_bin, died, own, rng, prior)
    if line.marks is None and at_end and censored[-1] and line.printed[-1] < 0:
        left[-1] = line.right[-1]  # the curve is drawn up to its last patient
        if line.open_until > 0:
            left[own == bins[-1]] = _followed_on(line, int(censored[-1]), rng, prior, visits)
    flags = np.concatenate([np.ones(died.size, dtype=bool), np.zeros(left.size, dtype=bool)])
    return PseudoIPD(time=np.concatenate([died, left]), event=flags, arm=arm, time_unit=time_unit)


def _after(
    line: Timeline,
    event_bin: IntArray,
    died: FloatArray,
    own: IntArray,
    rng: np.random.Generator | None,
    prior: PlacementPrior,
) -> FloatArray:
    """Draw times of censoring within their bins, after the events there: sampled paths were drawn so.

    Bins that end at an event hold the censorings before it.
    """
    since = line.left.copy()
    inner = died < line.right[event_bin]
    np.maximum.at(since, event_bin[inner], died[inner])
    places = _late(line, own, _places(own, rng), rng, prior)
    return _inside(since[own], line.right[own], line.counts_after, places)


def _at_visits(
    line: Timeline, visits: Visits, own: IntArray, rng: np.random.Generator | None, prior: PlacementPrior
) -> FloatArray:
    """Return times of censoring at the visits of their bins ``own``, rising, or within bins that have no visit.

    Between drops none are moved towards the end of their bin, as in `_late`: a visit without an event is not a sign of
    a cut-off. After the last drop some draws do: there the trial ends.
    """
    places = _places(own, rng)
    places = np.where(own == len(line) - 1, _late(line, own, places, rng, prior), places)
    times = _inside(line.left[own], line.right[own], line.counts_after, places)
    for j in np.unique(own):
        left, here = float(line.left[j]), own == j
        to_last = visits.apart / 2 if j == len(line) - 1 else 0.0  # the curve is drawn up to a visit
        placed = visits.placed(left, float(line.right[j]) + to_last, places[here], rng, prior.visit_shape)
        if placed is not None:
            times[here] = np.maximum(placed, left)
    return times


def _followed_on(
    line: Timeline, number: int, rng: np.random.Generator | None, prior: PlacementPrior, visits: Visits | None
) -> FloatArray:
    """Draw when patients leave who are seen on after the last drop, or the last printed number, without an event.

    The longer they are followed the less likely it is that none of them fails: the time to the end is exponential by
    their hazard, which may be higher or lower by then. In half of the draws all stay to the end, in the others any part
    of them does, while the rest leave evenly until then.
    """
    since = float(line.left[-1])
    most = max(line.open_until - since, 0.0)
    hazard = max(float(line.hazard[-1]) / float(line.right[-1]), GUARDS.tiny)
    staying, place = 1.0, 0.5
    if rng is not None:
        staying, place = 1.0 if rng.random() < prior.evenly else float(rng.random()), float(rng.random())
        hazard *= float(np.exp(prior.hazard_sd * rng.standard_normal()))
    rate = number * hazard * (1.0 + staying) / 2
    length = -np.log1p(-place * -np.expm1(-rate * most)) / rate  # of an exponential that ends at ``most``
    places = np.ones(number)
    early = number - round(staying * number)
    places[:early] = np.sort(_places(np.zeros(early), rng))
    times = since + length * places
    return np.asarray(times if visits is None else np.maximum(visits.latest(times), since))


def _late(
    line: Timeline, own: IntArray, places: FloatArray, rng: np.random.Generator | None, prior: PlacementPrior
) -> FloatArray:
    """Return places in long bins between steps, in half of the draws moved towards their ends.

    Nothing in one arm's figure shows when patients left between its steps; many trials have them leave at the cut-off.
    """
    if rng is None or rng.random() < prior.evenly:
        return places
    part = np.exp(rng.uniform(np.log(prior.shortest_part), 0.0))
    long = (line.right - line.left > prior.long_bin * line.right[-1])[own]
    return np.asarray(np.where(long, 1 - part * (1 - places), places))


def _within(line: Timeline, event_bin: IntArray, rng: np.random.Generator | None) -> FloatArray:
    """Draw times within bins, on the right side of printed times at both ends."""
    return _inside(line.left[event_bin], line.right[event_bin], line.counts_after, _places(event_bin, rng))


def _places(group: FloatArray | IntArray, rng: np.random.Generator | None) -> FloatArray:
    """Return places from 0 to 1: at random, or even within runs of equal ``group``."""
    if rng is not None:
        return rng.random(group.size)
    _, first, count = np.unique(group, return_index=True, return_counts=True)
    rank = np.arange(group.size) - np.repeat(first, count)
    return np.asarray((rank + 0.5) / np.repeat(count, count))


def _inside(low: FloatArray, high: FloatArray, counts_after: bool, place: FloatArray) -> FloatArray:
    times = low + (high - low) * place
    if counts_after:
        return np.clip(times, np.nextafter(low, np.inf), high)
    return np.clip(times, low, np.maximum(low, np.nextafter(high, 0)))  # with the last step there may be no time left


def _at_the_end(hidden: int, marks: int, rng: np.random.Generator | None, prior: PlacementPrior) -> bool:
    """Whether patients hidden by the marks after the last step are all hidden by the last one.

    Nothing in the figure says so. Many trials stop following at one time, and where each mark would hide another
    patient and more that is likelier: half of the draws have it, and the single data set where it is.
    """
    return hidden > marks if rng is None else rng.random() < prior.evenly


def _likely(line: Timeline, rng: np.random.Generator | None, prior: PlacementPrior) -> FloatArray:
    """Return how likely each mark (m,) is to hide a patient, in draws more or less than the marks around it suggest."""
    assert line.mark_times is not None
    size = line.mark_times.size
    likely = np.ones(size) if line.hidden is None else line.hidden
    if rng is None or size == 0:
        return likely
    step = float(np.exp(rng.uniform(*np.log(prior.hidden_marks))))
    knots = np.arange(0, size + step, step)
    uneven = rng.uniform(*prior.hidden_sd) * rng.standard_normal(knots.size)
    smooth = np.exp(np.interp(np.arange(size), knots, uneven))
    shape = float(np.exp(rng.uniform(*np.log(prior.hidden_shape))))  # visits fill single marks
    return np.asarray(likely * smooth * rng.gamma(shape, 1 / shape, size))


def _at_marks(line: Timeline, censored: IntArray, rng: np.random.Generator | None, prior: PlacementPrior) -> FloatArray:
    assert line.marks is not None
    assert line.mark_times is not None
    stops = np.cumsum(line.marks)
    likely = _likely(line, rng, prior)
    times = []
    for j in np.flatnonzero(censored):
        own = slice(int(stops[j] - line.marks[j]), int(stops[j]))
        count, marks = int(censored[j]), line.mark_times[own]
        if marks.size == 0:
            place = _places(np.zeros(count), rng)
            times.append(line.left[j] + (line.right[j] - line.left[j]) * place)
        elif count < marks.size or (count == marks.size and j < len(line) - 1):
            times.append(marks[:count])
        else:
            hidden = count - marks.size
            up_to = np.cumsum(likely[own])
            more = np.searchsorted(up_to, _places(np.zeros(hidden), rng) * up_to[-1]).clip(max=marks.size - 1)
            if j == len(line) - 1 and _at_the_end(hidden, marks.size, rng, prior):
                more[:] = marks.size - 1
            times.append(np.append(marks, marks[more]))
    return np.concatenate(times) if times else np.zeros(0)


def visit_unit(time: FloatArray) -> float | None:
    """Return the time of which all times (m,) are multiples, as visits are, or ``None``.

    Examples
    --------
    >>> visit_unit(np.array([0.0, 6, 9, 12, 18]))
    3.0
    >>> visit_unit(np.array([0.0, 5.1, 7.9, 12.2, 17.7])) is None
    True
    """
    times = np.unique(time[time > 0])
    if times.size < 2:
        return None
    shortest = float(np.diff(np.append(0.0, times)).min())
    for parts in range(1, GRID.visit_parts + 1):
        unit = shortest / parts
        whole = np.round(times / unit)
        unit = float((whole @ times) / (whole @ whole))  # least squares: visits may be rounded to two decimals
        if unit > 0 and np.abs(times - unit * np.round(times / unit)).max() <= GRID.off_visit * unit:
            return unit
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Visits:
    """Times at which the patients of one arm were seen.

    Parameters
    ----------
    apart : float
        Time between them; the first is one such time after the start.
    exact : bool
        Whether drops lie at them to the last digit. Where they were rounded, censorings are put a little later, after
        whatever fell at the same visit in another arm.
    """

    apart: float
    exact: bool

    def times(self, number: FloatArray | IntArray) -> FloatArray:
        """Return when the visits of these numbers (m,) were."""
        late = 0.0 if self.exact else GRID.off_visit * self.apart
        return np.asarray(np.round(number * self.apart + late, GRID.digits))

    def latest(self, time: FloatArray) -> FloatArray:
        """Return the latest visit up to each time (m,), which must be after the first of an interval between drops."""
        return self.times(np.floor(time / self.apart + GRID.off_visit))

    def between(self, left: float, right: float) -> tuple[int, int]:
        """Return the first visit from ``left`` on, after the start, and how many there are before ``right``."""
        first = max(int(np.ceil(left / self.apart - GRID.off_visit)), 1)
        return first, max(int(np.ceil(right / self.apart - GRID.off_visit)) - first, 0)

    def placed(
        self, left: float, right: float, places: FloatArray, rng: np.random.Generator | None, shape: float
    ) -> FloatArray | None:
        """Return times of censoring at visits from ``left`` to before ``right``; ``None`` where there is none.

        Parameters
        ----------
        left, right : float
            Neighbouring drops, or printed times.
        places : array of float, shape (m,)
            From 0 to 1, how early each patient leaves.
        rng : Generator or None
            For how many leave at each visit, which is as uneven as decoding takes it to be between drops; ``None`` has
            them even.
        shape : float
            Of the gamma number of patients who leave at each visit.
        """
        first, number = self.between(left, right)
        if not number:
            return None
        share = np.ones(number) if rng is None else rng.standard_gamma(shape, number)
        up_to = np.cumsum(share)
        return self.times(first + np.searchsorted(up_to, places * up_to[-1]).clip(max=number - 1))


def find_visits(time: FloatArray, survival: FloatArray) -> Visits | None:
    """Return the visits at which a curve of steps (m,) drops; ``None`` where its drops lie at no multiples of one time.

    Examples
    --------
    >>> find_visits(np.arange(7.0), 1 - 0.1 * np.arange(7))
    Visits(apart=1.0, exact=True)
    """
    drops = np.unique(time[np.diff(survival, prepend=1.0) < 0])
    apart = visit_unit(drops) if drops.size >= GRID.fewest_visits else None
    if apart is None or drops[-1] > GRID.most_visits * apart:
        return None
    off = np.abs(drops - apart * np.round(drops / apart)).max()
    return Visits(apart=apart, exact=bool(off <= GRID.exact_visit * apart))
