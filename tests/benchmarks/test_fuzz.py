"""Damaged input for the benchmark is the same again, and what hangs or fails is counted as that."""

from __future__ import annotations

import contextlib
import time

import numpy as np
import pytest
from PIL import Image

from benchmarks import fuzz
from benchmarks.fuzz_pictures import DAMAGES, damaged_picture
from benchmarks.fuzz_words import damaged_words, kind_of_layout, read_layout
from benchmarks.limited import End, Outcome, each_within
from survrecon.digitizing.geometry import Box
from survrecon.digitizing.words.words import Word
from survrecon.errors import DigitizingError, SurvreconError

WORDS = [
    Word(text=text, box=Box(x0=50.0 * k, y0=20.0 * row, x1=50.0 * k + 30, y1=20.0 * row + 12))
    for row in range(3)
    for k, text in enumerate(("Placebo", "120", "90", "45 (3)", "0"))
]
WAITS = 30.0  # seconds, far beyond the limit given


def test_words_are_damaged_the_same_way_again() -> None:
    for seed in range(60):
        one, other = (damaged_words(WORDS, np.random.default_rng(seed)) for _ in range(2))
        assert one == other
    assert any(damaged_words(WORDS, np.random.default_rng(seed)) != WORDS for seed in range(5))


@pytest.mark.parametrize("name", DAMAGES)
def test_every_damage_leaves_a_picture(name: str) -> None:
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8))
    for seed in range(10):
        damaged = DAMAGES[name](image, np.random.default_rng(seed))
        assert damaged.mode == "RGB"
        assert min(damaged.size) >= 8
    assert damaged_picture(image, np.random.default_rng(1))[1]


def test_words_at_random_end_in_a_value_or_a_clear_error() -> None:
    for task in ((5, place) for place in range(60)):
        if kind_of_layout(task) == "words at random":
            with contextlib.suppress(SurvreconError):
                assert read_layout(task) >= 0


def nothing(_: str) -> None:
    """Prepare nothing."""


def ends_as_told(task: str) -> int:
    """End in the way that a task names."""
    if task == "error":
        raise DigitizingError("a figure", "two axes", "one", "give another")
    if task == "hang":
        time.sleep(WAITS)
    return {"value": 0, "doubts": 2}[task]


def test_each_end_is_told_apart_and_a_hang_is_ended() -> None:
    tasks = ["value", "hang", "error", "no such end", "doubts"]
    seen: list[int] = []
    outcomes = each_within(0.5, ends_as_told, tasks, prepare=nothing, jobs=1, told=lambda k, _: seen.append(k))
    assert [outcome.end for outcome in outcomes] == [End.VALUE, End.HANG, End.ERROR, End.TRACEBACK, End.DOUBT]
    assert "KeyError" in outcomes[3].told
    assert "two axes" in outcomes[2].told
    assert sorted(seen) == [0, 1, 2, 3, 4]


def test_the_table_counts_every_end() -> None:
    told = 'Traceback\n  File "/a/words/names.py", line 7, in f\nZeroDivisionError: division by zero'
    text = fuzz.table([Outcome(end=End.VALUE, seconds=1.0, megabytes=300.0), Outcome(end=End.TRACEBACK, told=told)])
    assert "| traceback | 1 |" in text
    assert "words/names.py:7 ZeroDivisionError" in text
