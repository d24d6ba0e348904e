"""What a pass looks up for each slot: the noise of its point, how often events fall, what lies ahead."""

from __future__ import annotations

import numpy as np

from survrecon.curve import FloatArray, IntArray
from survrecon.reconstruction.states.noise import Kind, Reading
from survrecon.reconstruction.states.timeline import Timeline

__all__ = [
    "clumping",
    "event_rates",
    "falls_at_printed_times",
    "mark_crowds",
    "mark_gaps",
    "next_point",
    "plateau_noise",
]

_PLATEAU = 12
_A_BLOCK, _FEWEST_BLOCKS, _EARLY = 3.0, 8, 0.6
_TOUCHING = 2.0  # slots whose marks run into one


def plateau_noise(line: Timeline, read: Reading) -> FloatArray:
    """Return the noise of the point of each slot (J,), wider on long plateaus.

    A plateau of many columns fixes survival so sharply that hardly any of the paths drawn so far would meet it;
    it counts as no more than a dozen independent points. Printed numbers at risk keep paths close enough.
    """
    level = np.exp(-line.hazard)
    if read.kind is not Kind.TRACE or (line.pin >= 0).any():
        return np.full(len(line), read.noise)
    alike = np.searchsorted(-level, -level + 0.5 * read.noise) - np.searchsorted(-level, -level - 0.5 * read.noise)
    return np.asarray(read.noise * np.sqrt(np.maximum(alike / _PLATEAU, 1.0)))


def event_rates(line: Timeline, n: int) -> tuple[FloatArray, FloatArray, FloatArray, int]:
    """Return the hazard of each slot smoothed over some ten events, and over three slots; its freedom and its width.

    The freedom is the share of a slot in the numbers that the smoothed hazard was estimated by, each from ``width``
    slots.
    """
    size = len(line)
    step = np.diff(np.append(0.0, line.hazard))
    expected = max(0.8 * n * (1 - np.exp(-line.hazard[-1])), 3.0)
    half = int(np.clip(5 * size / expected, 2, size // 12 + 2))
    smooth = np.maximum(_moving(step, half), 1e-7)
    width = 2 * half + 1
    seen = width * smooth * n * np.exp(-line.hazard)
    freedom = np.minimum(seen / (1 + seen) / width, sum(map(len, line.points)) / size)
    return smooth, _moving(step, 1), freedom, width


def clumping(line: Timeline, n: int, noise: float) -> float:
    """Return how much more numbers of events vary than by chance alone, at least 1: visits come in clumps.

    The slots are joined until some three events are expected in each block, which is compared with its neighbours.
    Only the first blocks count, where few are censored: later a fall by 1 / ``n`` is less than an event.
    """
    events = n * -np.diff(np.exp(-line.hazard), prepend=1.0)
    blocks = min(int(events.sum() / _A_BLOCK), len(line))
    if blocks < _FEWEST_BLOCKS:
        return 1.0
    block = np.add.reduceat(events, np.unique(np.linspace(0, len(line), blocks, endpoint=False).astype(np.int64)))
    block = block[: int(_EARLY * block.size)]
    apart = block[1:-1] - (block[:-2] + block[2:]) / 2
    by_chance = 1.5 * (block[1:-1].mean() + 2 * (n * noise) ** 2)
    return max(float((apart**2).mean() / by_chance), 1.0)


def _moving(values: FloatArray, half: int) -> FloatArray:
    total = np.concatenate([[0.0], np.cumsum(values)])
    i = np.arange(values.size)
    low, high = np.maximum(i - half, 0), np.minimum(i + half + 1, values.size)
    return np.asarray(np.maximum((total[high] - total[low]) / (high - low), 0.0))


def next_point(line: Timeline) -> IntArray:
    """Return for each slot the first one from it on with a point, J if there is none."""
    size = len(line)
    own = np.where([bool(p) for p in line.points], np.arange(size), size)
    return np.asarray(np.minimum.accumulate(own[::-1])[::-1])


def mark_gaps(line: Timeline) -> tuple[IntArray, IntArray]:
    """Return the slots between each slot and the next marked one, and the marks from each slot on."""
    size = len(line)
    if line.marks is None:
        return np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    own = np.where(line.marks > 0, np.arange(size), size)
    following = np.append(np.minimum.accumulate(own[::-1])[::-1][1:], size)
    return following - np.arange(size) - 1, np.cumsum((line.marks > 0)[::-1], dtype=np.int64)[::-1]


def falls_at_printed_times(line: Timeline, off: int) -> tuple[FloatArray, FloatArray]:
    """Return the hazard of points before and after the end of each slot's interval (J,), relative to it.

    A fall between the points on both sides of a printed time may come before or after it: often both are visits.
    Points less than ``off`` slots away may be of either side.
    """
    size = len(line)
    own = np.where([bool(p) for p in line.points], np.arange(size), -1)
    before = np.maximum.accumulate(own)[np.maximum(line.end - off, 0)]
    after = next_point(line)[np.minimum(line.end + off, size - 1)]
    known = (before >= 0) & (after < size) & (line.pin[line.end] >= 0)
    at = line.hazard[line.end]
    low = np.where(known, line.hazard[np.maximum(before, 0)] - at, 0.0)
    return low, np.where(known, line.hazard[np.minimum(after, size - 1)] - at, 0.0)


def mark_crowds(line: Timeline) -> FloatArray:
    """Return how many patients each mark likely hides (J,), by how far its neighbours are: as many as come near it.

    A mark hides others of its own slot, and those whose marks touch it.
    """
    crowd = np.zeros(len(line))
    if line.marks is not None:
        at = np.flatnonzero(line.marks > 0)
        gaps = np.diff(at, prepend=-1).astype(float)
        gaps[:-1] = (gaps[:-1] + gaps[1:]) / 2
        crowd[at] = _TOUCHING / np.maximum(gaps, 2.0)
    return crowd
