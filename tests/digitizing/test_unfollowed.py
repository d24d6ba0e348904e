"""Lines of a plot that no curve follows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np

from survrecon.digitizing.raster.left_open import unfollowed_lines
from tests.digitizing.made import an_axis

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.digitizing.raster.read_panel import RasterPanel

HEIGHT, WIDTH = 200, 300


def steps(image: FloatArray, levels: list[int], *, dashed: bool = False) -> None:
    """Draw a step curve of two pixels in black, one level a tenth of the width."""
    for k, row in enumerate(levels):
        for x in range(30 * k, 30 * (k + 1)):
            if not dashed or x % 9 < 6:
                image[row : row + 2, x] = 0.0
        before = levels[k - 1] if k else row
        image[min(before, row) : max(before, row) + 2, 30 * k : 30 * k + 2] = 0.0


def panel(*, footprint: list[int] | None = None, rising: bool = False) -> RasterPanel:
    """Return a panel of the whole picture in which one curve was followed, or another than the picture shows."""
    covered = np.zeros((HEIGHT, WIDTH), bool)
    for k, row in enumerate(footprint or []):
        covered[row : row + 2, 30 * k : 30 * (k + 1)] = True
        before = (footprint or [])[k - 1] if k else row
        covered[before : row + 2, 30 * k : 30 * k + 2] = True
    curve = SimpleNamespace(layer=SimpleNamespace(line_width=2.0))
    made = SimpleNamespace(
        curves=[curve],
        origin=(0, 0),
        blank=np.zeros((HEIGHT, WIDTH), bool),
        page=np.ones(3),
        footprint=covered,
        rising=rising,
        axes=SimpleNamespace(time=an_axis([0, 30], 10.0, 0.0)),
    )
    return cast("RasterPanel", made)


UPPER = [10, 14, 18, 25, 30, 40, 44, 50, 60, 60]
LOWER = [30, 50, 60, 80, 90, 110, 120, 130, 150, 150]


def picture() -> FloatArray:
    return np.ones((HEIGHT, WIDTH, 3))


def test_a_line_that_falls_and_that_no_curve_follows_is_a_doubt() -> None:
    image = picture()
    steps(image, UPPER)
    steps(image, LOWER, dashed=True)
    (doubt,) = unfollowed_lines(panel(footprint=UPPER), image)
    assert (doubt.field, doubt.options) == ("curve", ("arms", "crop"))


def test_what_is_followed_is_no_doubt() -> None:
    image = picture()
    steps(image, UPPER)
    assert unfollowed_lines(panel(footprint=UPPER), image) == []


def test_level_lines_rising_lines_blocks_and_short_keys_are_no_curves() -> None:
    for rows, columns in (((100, 102), (0, 300)), ((100, 140), (0, 300)), ((20, 22), (200, 240))):
        image = picture()
        image[rows[0] : rows[1], columns[0] : columns[1]] = 0.0
        assert unfollowed_lines(panel(), image) == []
    image = picture()
    steps(image, LOWER[::-1])
    assert unfollowed_lines(panel(), image) == []
    assert len(unfollowed_lines(panel(rising=True), image)) == 1


def test_the_edge_of_a_tinted_band_is_no_line() -> None:
    image = picture()
    for k, row in enumerate(LOWER):
        image[row:, 30 * k : 30 * (k + 1)] = 0.8  # tinted below
    steps(image, LOWER)
    image[image == 0.0] = 0.7  # a little darker, where two bands meet
    assert unfollowed_lines(panel(), image) == []
