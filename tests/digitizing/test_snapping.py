"""A person's clicks near a line, and the step line that its ink shows."""

from __future__ import annotations

import numpy as np
import pytest

from survrecon.digitizing.raster.snapping import Ink, nearest_ink, path_along_ink

TINT, BAND, RED, BLUE = (240, 236, 222), (232, 200, 176), (170, 36, 33), (40, 110, 176)
X = (20, 48, 51, 120, 260, 330)
Y = (20, 44, 78, 120, 141, 141)
"""Corners of a step line: where each level begins, and its height."""


def _picture(ink: tuple[int, int, int], *, dashed: bool = False, band: bool = False) -> np.ndarray:
    """Draw the line three pixels wide, over a tinted plot with a confidence band or on white; dashes of 8 and 5."""
    image = np.full((200, 360, 3), 255, np.uint8)
    if band:
        image[10:190, 15:345] = TINT
        for k in range(len(X) - 1):
            image[max(Y[k] - 18, 12) : Y[k] + 30, X[k] : X[k + 1]] = BAND
    way = [(x, Y[k]) for k in range(len(X) - 1) for x in range(X[k], X[k + 1])]
    drops = [(X[k], y) for k in range(1, len(X) - 1) for y in range(Y[k - 1], Y[k])]
    order = sorted([*way, *drops], key=lambda place: (place[0], place[1]))
    for number, (x, y) in enumerate(order):
        if not dashed or number % 13 < 8:
            image[y - 1 : y + 2, x - 1 : x + 2] = ink
    return image


def _level(corners: list[tuple[float, float]], x: float) -> float:
    return [y for at, y in corners if at <= x][-1]


@pytest.mark.parametrize("dashed", [False, True])
@pytest.mark.parametrize("band", [False, True])
def test_levels_and_falls_are_the_lines_own(*, dashed: bool, band: bool) -> None:
    """No step of a band's or a dash's making: as many as were drawn, each where it was."""
    ink = Ink.of(_picture(RED, dashed=dashed, band=band))
    clicks = [(21.0, 22.0), (80.0, 80.5), (118.0, 77.0), (200.0, 118.5), (329.0, 143.0)]
    corners, colour = path_along_ink(ink, clicks)
    assert np.abs(np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) - RED).max() < 40
    for x in (30.5, 45.5, 90.5, 115.5, 150.5, 250.5, 280.5, 320.5):
        assert _level(corners, x) == pytest.approx(_level(list(zip(X, Y, strict=True)), x) + 0.5, abs=0.5), x
    after = [x for x, _ in corners if x > 60]
    assert len(after) - 1 == 2  # the two single falls, and the end
    assert after[:2] == pytest.approx([120.5, 260.5], abs=1.5)


def test_short_steps_stay() -> None:
    """A staircase of 6 by 5 pixels is no upright stroke."""
    image = np.full((200, 200, 3), 255, np.uint8)
    for k in range(20):
        x, y = 20 + 6 * k, 20 + 5 * k
        image[y - 1 : y + 1, x : x + 7] = BLUE
        image[y - 1 : y + 6, x + 5 : x + 7] = BLUE
    corners, _ = path_along_ink(Ink.of(image), [(21.0, 20.0), (80.0, 70.0), (136.0, 115.0)])
    for k in range(1, 19):
        assert _level(corners, 23.0 + 6 * k) == pytest.approx(20 + 5 * k, abs=0.75), k


def test_a_click_over_a_band_finds_the_line_and_not_its_upright() -> None:
    """Beside a fall the level is meant that the click is nearest to, whatever the band's colour has of the line's."""
    ink = Ink.of(_picture(RED, band=True))
    place, _ = nearest_ink(ink, (112.0, 80.5), "#aa2421")
    assert place == pytest.approx((112.0, 78.5), abs=0.5)
    nowhere, _ = nearest_ink(ink, (200.0, 60.0), "#aa2421")
    assert nowhere == (200.0, 60.0)
