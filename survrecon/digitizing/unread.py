"""What stands in a plot area and is no curve: words, legend keys, axis lines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from survrecon.digitizing.geometry import Box, FloatArray, strongest
from survrecon.digitizing.pixels import Line
from survrecon.digitizing.words import Word

__all__ = ["unread"]


def unread(
    shape: tuple[int, ...],
    origin: tuple[int, int],
    area: FloatArray,
    page: FloatArray,
    words: list[Word],
    horizontal: list[Line],
    vertical: list[Line],
    plot: Box,
) -> npt.NDArray[np.bool_]:
    """Return the pixels of words, legend keys and axis lines."""
    h, w = shape[:2]
    x0, y0 = origin
    blank = np.zeros((h, w), bool)
    for line in horizontal:
        near = line.across < plot.y0 + 0.1 * plot.height or line.across > plot.y1 - 0.1 * plot.height
        if near and line.stop - line.start > 0.85 * plot.width and max(line.colour) - min(line.colour) < 0.15:
            a, b = line.across - y0 - line.thickness / 2 - 0.6, line.across - y0 + line.thickness / 2 + 0.6
            blank[max(0, round(a)) : max(0, round(b)), max(0, int(line.start - x0)) : max(0, int(line.stop - x0))] = (
                True
            )
    for line in vertical:
        near = line.across < plot.x0 + 0.03 * plot.width or line.across > plot.x1 - 0.1 * plot.width
        if near and line.stop - line.start > 0.85 * plot.height and max(line.colour) - min(line.colour) < 0.15:
            a, b = line.across - x0 - line.thickness / 2 - 0.6, line.across - x0 + line.thickness / 2 + 0.6
            blank[max(0, int(line.start - y0)) : max(0, int(line.stop - y0)), max(0, round(a)) : max(0, round(b))] = (
                True
            )
    ink = strongest(np.abs(area - page)) > 0.25
    ink &= ~blank
    tagged, _ = ndimage.label(ink, structure=np.ones((3, 3), int))
    boxes = ndimage.find_objects(tagged)
    words_only = np.zeros_like(blank)
    for word in words:
        if not word.plausible:
            continue
        pad = 0.25 * word.size
        left = word.box.x0 - pad
        text_box = (word.box.y0 - pad - y0, word.box.y1 + pad - y0, left - x0, word.box.x1 + pad - x0)
        key_box = (
            word.cy - 0.75 * word.size - y0,
            word.cy + 0.75 * word.size - y0,
            word.box.x0 - x0 - 0.13 * w,
            word.box.x0 - x0,
        )
        if text_box[3] < 0 or text_box[2] > w or text_box[1] < 0 or text_box[0] > h:
            continue
        for tag, where in enumerate(boxes, start=1):
            rows, columns = where
            for n, (a, b, c, d) in enumerate((text_box, key_box)):
                if rows.start >= a and rows.stop <= b and columns.start >= c and columns.stop <= d:
                    if n == 1 and word.number is not None:
                        continue
                    words_only[rows, columns] |= tagged[rows, columns] == tag
    return np.asarray(blank | ndimage.binary_dilation(words_only, iterations=3), bool)
