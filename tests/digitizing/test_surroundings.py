"""What stands beside a word in pixels: keys on both sides, the ink of letters, lines that lead to a curve."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.surroundings import _Leaders, ink_colour, key_of
from survrecon.digitizing.words.words import Word

WORD = Word(text="Treatment", box=Box(x0=100.0, y0=20.0, x1=180.0, y1=36.0))
BLUE = np.array([0.2, 0.4, 0.8])
WHITE = np.ones(3)


def test_the_place_of_a_key_at_the_right() -> None:
    pixels = np.ones((60, 260, 3))
    pixels[27:30, 190:225] = BLUE
    found = key_of(pixels, WORD, np.zeros((60, 260), bool), [BLUE], side=1)
    assert found is not None
    assert abs(found.box.x0 - 190) <= 1
    assert abs(found.box.x1 - 224) <= 1


def test_a_key_at_the_foot_of_its_word_and_one_whose_colour_no_curve_has() -> None:
    pixels = np.ones((60, 260, 3))
    pixels[35:37, 60:90] = BLUE
    found = key_of(pixels, WORD, np.zeros((60, 260), bool), [BLUE])
    assert found is not None
    pixels[35:37, 60:90] = WHITE
    pixels[27:30, 60:90] = (0.1, 0.45, 0.7)
    found = key_of(pixels, WORD, np.zeros((60, 260), bool), [np.array([0.5, 0.5, 0.55])])
    assert found is not None
    assert np.allclose(found.colour, (0.1, 0.45, 0.7))


def test_letters_on_a_field_of_colour() -> None:
    patch = np.full((12, 40, 3), (0.9, 0.1, 0.1))
    patch[4:8, 5:30:3] = 1.0
    assert ink_colour(patch, WHITE) == (1.0, 1.0, 1.0)
    assert ink_colour(np.ones((12, 40, 3)), WHITE) is None


def leaders(pixels: np.ndarray, covered: np.ndarray) -> _Leaders:
    panel: Any = SimpleNamespace(footprint=covered)
    return _Leaders(pixels, WHITE, panel)


def test_a_line_that_leads_from_a_label() -> None:
    pixels = np.ones((120, 300, 3))
    pixels[22:34, 105:175:6] = 0.1  # letters
    for step in range(20):
        pixels[40 + step, 150 + step : 152 + step] = 0.1
    pixels[62:64, 20:280] = BLUE
    covered = np.zeros((120, 300), bool)
    covered[61:65, 20:280] = True
    end = leaders(pixels, covered)(WORD.box)
    assert end is not None
    assert np.hypot(end[0] - 170, end[1] - 59) < 3


def test_no_line_leads_from_a_label_without_one() -> None:
    pixels = np.ones((120, 300, 3))
    pixels[22:34, 105:175:6] = 0.1
    pixels[62:64, 20:280] = BLUE
    covered = np.zeros((120, 300), bool)
    covered[61:65, 20:280] = True
    assert leaders(pixels, covered)(WORD.box) is None
