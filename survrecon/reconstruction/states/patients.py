"""From events and censorings of slots to patients with times, and the draw in the middle of many."""

from __future__ import annotations

import numpy as np

from survrecon.curve import FloatArray, IntArray
from survrecon.ipd import PseudoIPD
from survrecon.reconstruction.states.timeline import Timeline

__all__ = ["middle", "to_patients"]


def middle(events: IntArray, censored: IntArray) -> int:
    """Return which of K draws (J, K) is nearest to their mean.

    Nearest in its pull on a hazard ratio (the log-rank score over its variance against the mean draw), in
    its number of events and in its numbers at risk; the first counts most, as it is what data sets are built for.
    """
    gone = events + censored
    at_risk = np.cumsum(gone[::-1], axis=0)[::-1]
    mean, deaths = at_risk.mean(axis=1, keepdims=True), events.mean(axis=1, keepdims=True)
    share = at_risk / np.maximum(at_risk + mean, 1e-9)
    score = (events - (events + deaths) * share).sum(axis=0)
    pull = score / np.maximum(((events + deaths) * share * (1 - share)).sum(axis=0), 1e-9)
    apart = ((at_risk - mean) ** 2).sum(axis=0)
    return int(np.argmin(10 * _standard(pull) + 2 * _standard(events.sum(axis=0)) + apart / max(apart.mean(), 1e-9)))


def _standard(values: FloatArray) -> FloatArray:
    return np.asarray(((values - values.mean()) / max(float(values.std()), 1e-9)) ** 2)


def to_patients(
    line: Timeline,
    events: IntArray,
    censored: IntArray,
    *,
    at_end: bool,
    arm: str,
    time_unit: str,
    rng: np.random.Generator,
) -> PseudoIPD:
    """Return the patients of one draw (J,).

    Parameters
    ----------
    line : Timeline
        The slots.
    events, censored : array of int, shape (J,)
        How many in each slot.
    at_end : bool
        Whether events fall at the right end of their slot, or anywhere within it.
    arm, time_unit : str
        For the data set.
    rng : Generator
        For times within slots. Without marks, censorings fall anywhere between two slots with events: numbers at
        risk matter at events only.
    """
    slots = np.arange(len(line))
    slot = np.repeat(slots, events)
    died = line.right[slot] if at_end else _within(line, slot, slot, rng)
    if line.marks is None:
        left = _between_events(line, events, censored, rng)
        if at_end and censored[-1] and line.pin[-1] < 0:
            left[-1] = line.right[-1]  # the curve is drawn up to its last patient
    elif at_end:
        left = _at_marks(line, censored, rng)
    else:
        own = np.repeat(slots, censored)
        left = _within(line, own, own, rng)
    flags = np.concatenate([np.ones(died.size, dtype=bool), np.zeros(left.size, dtype=bool)])
    return PseudoIPD(time=np.concatenate([died, left]), event=flags, arm=arm, time_unit=time_unit)


def _between_events(line: Timeline, events: IntArray, censored: IntArray, rng: np.random.Generator) -> FloatArray:
    slots = np.arange(len(line))
    border = (events > 0) | (line.pin >= 0)
    start = np.maximum.accumulate(np.where(np.append(True, border[:-1]), slots, 0))
    stop = np.minimum.accumulate(np.where(border | (slots == slots[-1]), slots, slots[-1])[::-1])[::-1]
    own = np.repeat(slots, censored)
    return _within(line, start[own], stop[own], rng)


def _within(line: Timeline, first: IntArray, last: IntArray, rng: np.random.Generator) -> FloatArray:
    """Draw times from slot ``first`` to ``last``, on the right side of printed times at both ends."""
    low, high = line.left[first], line.right[last]
    times = low + (high - low) * rng.random(first.size)
    if line.counts_after:
        return np.clip(times, np.nextafter(low, np.inf), high)
    return np.clip(times, low, np.nextafter(high, 0))


def _at_marks(line: Timeline, censored: IntArray, rng: np.random.Generator) -> FloatArray:
    assert line.marks is not None
    assert line.mark_times is not None
    stops = np.cumsum(line.marks)
    times = []
    for j in np.flatnonzero(censored):
        count, marks = int(censored[j]), line.mark_times[stops[j] - line.marks[j] : stops[j]]
        if marks.size == 0:
            times.append(line.left[j] + (line.right[j] - line.left[j]) * rng.random(count))
        elif count < marks.size:
            times.append(marks[:count])
        else:
            times.append(np.append(marks, marks[rng.integers(marks.size, size=count - marks.size)]))
    return np.concatenate(times) if times else np.zeros(0)
