"""Words of a figure in a file: written where it is not there, read in place of the figure's where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from survrecon.digitizing import digitize
from survrecon.digitizing.geometry import Box
from survrecon.digitizing.words.words import Word, kept_words, load_words, save_words
from survrecon.errors import DigitizingError
from tests.digitizing.rendered import Look, render, simulate

if TYPE_CHECKING:
    from pathlib import Path

WORDS = [
    Word(text="Überleben 0·5", box=Box(x0=1.0, y0=2.5, x1=30.0, y1=14.0), confidence=0.75),
    Word(text="S", box=Box(x0=3.0, y0=2.0, x1=9.0, y1=50.0), colour=(0.1, 0.2, 0.9), vertical=True),
]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "words.json"
    assert kept_words(file, unit="pixels", read=lambda: WORDS) == WORDS
    assert load_words(file, "pixels") == WORDS
    assert kept_words(file, unit="pixels", read=list) == WORDS
    assert kept_words(None, unit="pixels", read=lambda: WORDS) == WORDS


def test_words_in_another_unit_are_not_those_of_this_reading(tmp_path: Path) -> None:
    file = tmp_path / "words.json"
    save_words(file, WORDS, "points")
    assert load_words(file, "pixels") is None
    assert kept_words(file, unit="pixels", read=list) == []
    assert load_words(file, "points") == WORDS


@pytest.mark.parametrize(
    "content",
    [
        "no JSON",
        "[]",
        '{"unit": "pixels", "words": [{"text": "A"}]}',
        '{"unit": "pixels", "words": [{"text": 3, "box": [0, 0, 1, 1]}]}',
        '{"unit": "pixels", "words": [{"text": "A", "box": [5, 0, 1, 1]}]}',
        '{"unit": "pixels", "words": [{"text": "A", "box": [0, 0, 1, NaN]}]}',
        '{"unit": "pixels", "words": [{"text": "A", "box": [0, 0, 1, 1], "colour": [1]}]}',
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "words.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(DigitizingError, match="words"):
        load_words(file, "pixels")


def test_a_corrected_file_is_read_in_place_of_the_figures_words(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    arms = [simulate(rng, "Placebo", 90, median=10), simulate(rng, "Nivolumab", 95, median=16)]
    drawn = render(tmp_path / "figure.pdf", arms, Look(table="plain"))
    file = tmp_path / "words.json"
    first = digitize(drawn.path, words=file)
    assert {arm.name for arm in first.arms} == {"Placebo", "Nivolumab"}
    file.write_text(file.read_text(encoding="utf-8").replace("Placebo", "Observation"), encoding="utf-8")
    second = digitize(drawn.path, words=str(file))
    assert {arm.name: arm.n for arm in second.arms} == {"Observation": 90, "Nivolumab": 95}
    np.testing.assert_array_equal(second.arm("Observation").survival, first.arm("Placebo").survival)
