"""The sample of line beside a name in a legend."""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.surroundings import key_of
from survrecon.digitizing.words.words import Word

BLACK = np.zeros(3)
WORD = Word(text="Treatment", box=Box(x0=100.0, y0=20.0, x1=180.0, y1=36.0))  # 16 pixels high


def _page(*columns: tuple[int, int]) -> np.ndarray:
    """White, with black strokes of 3 rows at mid-height of the word."""
    pixels = np.ones((60, 200, 3))
    for first, last in columns:
        pixels[27:30, first:last] = 0.0
    return pixels


def _key_length(pixels: np.ndarray) -> float | None:
    key = key_of(pixels, WORD, np.zeros(pixels.shape[:2], bool), [BLACK])
    return None if key is None else key.length


def test_a_dashed_sample() -> None:
    assert _key_length(_page((50, 64), (70, 84))) == 34


@pytest.mark.parametrize("reaching", [99, 100])
def test_a_letter_that_reaches_out_of_the_words_box(reaching: int) -> None:
    """The bar of a T in the first columns beside the word is not the sample, which stands 15 pixels before it."""
    pixels = _page((50, 64), (70, 84))
    pixels[22:24, reaching : reaching + 1] = 0.0
    assert _key_length(pixels) == 34


def test_no_sample() -> None:
    assert _key_length(_page()) is None
    assert _key_length(_page((96, 100))) is None  # as short as a letter
    assert _key_length(_page((10, 40))) is None  # too far from the word


def test_black_letters_beside_a_name_are_no_sample_of_a_dark_line() -> None:
    """Their soft edges look like a dark green; their middles do not. A green line between two black ones is one."""
    green = np.array([0.03, 0.38, 0.27])
    pixels = np.ones((60, 200, 3))
    pixels[24:32:2, 50:80] = 0.14
    pixels[25:33:2, 50:80] = 0.57
    nothing = np.zeros(pixels.shape[:2], bool)
    assert key_of(pixels, WORD, nothing, [green]) is None
    pixels[27:29, 50:80] = green
    found = key_of(pixels, WORD, nothing, [green])
    assert found is not None
    assert found.colour == pytest.approx(tuple(green))


def test_a_frame_beside_a_sample_is_no_part_of_it() -> None:
    """A legend in the corner of a plot: its pale line has its own colour, and not that of the axis beside it."""
    pink = np.array([0.97, 0.46, 0.43])
    pixels = np.ones((60, 200, 3))
    pixels[:, 46:48] = 0.4
    pixels[28:30, 60:84] = (1 + pink) / 2 - 0.02
    found = key_of(pixels, WORD, np.zeros(pixels.shape[:2], bool), [pink, BLACK])
    assert found is not None
    assert found.length == 24
    assert found.colour == pytest.approx(tuple(pink))


def test_a_tick_behind_an_axis_is_no_dash_of_a_sample_near_it() -> None:
    """A legend at the foot of a plot: its solid line stands near the axis, and a tick behind it would break it."""
    pixels = _page((60, 84))
    pixels[:, 48:50] = 0.0
    pixels[27:30, 42:48] = 0.0
    found = key_of(pixels, WORD, np.zeros(pixels.shape[:2], bool), [BLACK])
    assert found is not None
    assert (found.length, found.duty) == (24, 1.0)
    pixels[24:33, 70:72] = 0.0  # a mark on the sample is no frame
    assert _key_length(pixels) == 24


def test_a_line_that_was_read_with_its_name_is_its_sample() -> None:
    pixels = _page((103, 123))
    for x in (140, 148, 156, 164, 172):
        pixels[22:35, x : x + 5] = 0.0
    assert _key_length(pixels) == 20
    assert _key_length(_page((103, 110))) is None


def test_a_letter_behind_the_widest_gap_is_no_part_of_a_solid_sample() -> None:
    """With the gap before the letter it would look dashed, and be given to the dashed arm."""
    pixels = _page((62, 86))
    pixels[22:24, 98:101] = 0.0
    found = key_of(pixels, WORD, np.zeros(pixels.shape[:2], bool), [BLACK])
    assert found is not None
    assert (found.length, found.duty) == (24, 1.0)


def test_the_soft_edges_of_a_dark_sample_are_no_pale_line() -> None:
    dark, pale = np.full(3, 0.3), np.full(3, 0.7)
    pixels = _page((62, 86))
    pixels[26:31, 62:86] = 0.72
    pixels[28, 62:86] = 0.3
    found = key_of(pixels, WORD, np.zeros(pixels.shape[:2], bool), [pale, dark])
    assert found is not None
    assert found.colour == pytest.approx(tuple(dark))


def test_gaps_that_compression_has_greyed_are_gaps() -> None:
    """The gaps of a dashed sample are a third as dark as its dashes."""
    pixels = _page((50, 84))
    pixels[27:30, 58:64] = pixels[27:30, 72:78] = 0.66
    found = key_of(pixels, WORD, np.zeros(pixels.shape[:2], bool), [BLACK])
    assert found is not None
    assert found.length == 34
    assert found.duty == pytest.approx(22 / 34)


def test_the_soft_edge_of_an_axis_is_no_dash_of_a_sample() -> None:
    pixels = _page((50, 84))
    pixels[:, 40:43] = 0.0
    pixels[:, 43] = 0.6
    pixels[24, 43] = 0.9  # not grey from top to bottom
    assert _key_length(pixels) == 34


def test_a_thin_sample_of_a_pale_line() -> None:
    """It is as faint as noise beside black ink, and there is no paler line than its curve."""
    pale = np.array([0.75, 0.75, 0.75])
    pixels = np.ones((60, 200, 3))
    pixels[28, 50:84] = 0.86
    nothing = np.zeros(pixels.shape[:2], bool)
    found = key_of(pixels, WORD, nothing, [pale, BLACK])
    assert found is not None
    assert found.length == 34
    assert found.colour == pytest.approx(tuple(pale))
    assert key_of(pixels, WORD, nothing, [BLACK]) is None
