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
    rng: np.random.Generator | None,
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
    rng : Generator or None
        For times within slots; ``None`` spaces them evenly. Where points were sampled without marks, censorings
        fall anywhere between two slots with events: numbers at risk matter at events only. Decoded slots end at
        events.
    """
    slots = np.arange(len(line))
    slot = np.repeat(slots, events)
    died = line.right[slot] if at_end else _within(line, slot, rng)
    own = np.repeat(slots, censored)
    decoded = bool((line.event >= 0).any())
    if line.marks is not None and at_end:
        left = _at_marks(line, censored, rng)
    elif line.marks is not None or decoded:
        left = _within(line, own, rng)
    else:
        left = _between_events(line, slot, died, own, at_end, rng)
    if line.marks is None and at_end and censored[-1] and line.pin[-1] < 0:
        left[-1] = line.right[-1]  # the curve is drawn up to its last patient
    flags = np.concatenate([np.ones(died.size, dtype=bool), np.zeros(left.size, dtype=bool)])
    return PseudoIPD(time=np.concatenate([died, left]), event=flags, arm=arm, time_unit=time_unit)


def _between_events(
    line: Timeline, slot: IntArray, died: FloatArray, own: IntArray, at_end: bool, rng: np.random.Generator | None
) -> FloatArray:
    """Draw times of censoring anywhere between the events, and printed times, around their slot.

    Events of a slot come before its censorings: sampled paths were drawn so.
    """
    slots = np.arange(len(line))
    has_event = np.zeros(len(line), dtype=bool)
    has_event[slot] = True
    since = line.left.copy()
    np.maximum.at(since, slot, died)
    start = np.maximum.accumulate(np.where(has_event | np.append(True, line.pin[:-1] >= 0), slots, 0))
    next_event = np.where(has_event, line.right if at_end else line.left, np.inf)
    until = np.where(line.pin >= 0, line.right, np.append(next_event[1:], line.right[-1]))
    until = np.minimum.accumulate(until[::-1])[::-1]
    return _inside(since[start[own]], until[own], line.counts_after, _places(until[own], rng))


def _within(line: Timeline, slot: IntArray, rng: np.random.Generator | None) -> FloatArray:
    """Draw times within slots, on the right side of printed times at both ends."""
    return _inside(line.left[slot], line.right[slot], line.counts_after, _places(slot, rng))


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
    return np.clip(times, low, np.nextafter(high, 0))


def _at_marks(line: Timeline, censored: IntArray, rng: np.random.Generator | None) -> FloatArray:
    assert line.marks is not None
    assert line.mark_times is not None
    stops = np.cumsum(line.marks)
    times = []
    for j in np.flatnonzero(censored):
        count, marks = int(censored[j]), line.mark_times[stops[j] - line.marks[j] : stops[j]]
        if marks.size == 0:
            place = _places(np.zeros(count), rng)
            times.append(line.left[j] + (line.right[j] - line.left[j]) * place)
        elif count < marks.size:
            times.append(marks[:count])
        else:
            more = np.floor(_places(np.zeros(count - marks.size), rng) * marks.size).astype(np.int64)
            times.append(np.append(marks, marks[more]))
    return np.concatenate(times) if times else np.zeros(0)
