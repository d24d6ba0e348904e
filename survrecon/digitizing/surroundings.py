"""What stands beside a word of a figure: keys of lines and the word's ink, in pixels or as drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.raster import ocr
from survrecon.digitizing.raster.legend import key_of
from survrecon.digitizing.raster.pixels import background
from survrecon.digitizing.words.names import Key, word_colour
from survrecon.digitizing.words.scene import Surroundings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray, ImageArray
    from survrecon.digitizing.raster.read_panel import RasterPanel
    from survrecon.digitizing.vector.curves import DrawnLine
    from survrecon.digitizing.vector.strokes import Drawing
    from survrecon.digitizing.words.words import Word

__all__ = ["beside_pixels", "beside_strokes"]


def beside_pixels(image: ImageArray, pixels: FloatArray, panel: RasterPanel, *, reads: bool) -> Surroundings:
    """Return access to the pixels of an image; ``reads`` is whether text can be read again."""
    colours = [np.array(c.colour) for c in panel.drawn]
    page = background(pixels)
    keys: dict[tuple[Word, int], Key | None] = {}

    def key(word: Word, side: int) -> Key | None:
        if (word, side) not in keys:
            keys[word, side] = key_of(pixels, word, panel.footprint, colours, side=side)
        return keys[word, side]

    def ink(word: Word) -> tuple[float, float, float] | None:
        y0, y1 = max(0, int(word.box.y0)), int(word.box.y1) + 1
        x0, x1 = max(0, int(word.box.x0)), int(word.box.x1) + 1
        patch = pixels[y0:y1, x0:x1]
        return word_colour(patch, page) if patch.size else None

    def reread(box: Box) -> tuple[str, float]:
        return ocr.read_cell(image, box)

    return Surroundings(key=key, ink=ink, reread=reread if reads else None)


def beside_strokes(drawing: Drawing, lines: Sequence[DrawnLine], plot: Box, *, recognised: bool) -> Surroundings:
    """Return access to a drawing's strokes; ``recognised`` is whether its text was read from its picture."""
    used = {id(line.stroke) for line in lines}
    samples = [
        s
        for s in drawing.strokes
        if id(s) not in used
        and (s.stroke is not None or s.fill is not None)
        and 3 < s.box.width < 0.3 * plot.width
        and s.box.height < 20
        and (s.stroke is None or not s.closed or s.fill is not None)
    ]

    def key(word: Word, side: int) -> Key | None:
        size = word.size
        best: tuple[float, Key] | None = None
        for s in samples:
            b = s.box
            level = abs((b.y0 + b.y1) / 2 - word.cy)
            gap = word.box.x0 - b.x1 if side < 0 else b.x0 - word.box.x1
            if level > 0.6 * size or not -0.3 * size < gap < 3.0 * size or not 0.5 * size < b.width < 10 * size:
                continue
            flat = b.height < 0.15 * size
            tone = s.stroke if s.stroke is not None and (flat or s.fill is None) else s.fill
            if tone is None or (min(tone) > 0.9 and not flat):
                continue
            cost = gap / size + level / size + (0.0 if flat else 1.5)
            found = Key(colour=tone, duty=s.duty, length=b.width, box=b)
            if best is None or cost < best[0]:
                best = (cost, found)
        return None if best is None else best[1]

    def ink(word: Word) -> tuple[float, float, float] | None:
        return word.colour

    def reread(box: Box) -> tuple[str, float]:
        assert drawing.image is not None
        k = drawing.image_scale
        return ocr.read_cell(drawing.image, Box(x0=box.x0 * k, y0=box.y0 * k, x1=box.x1 * k, y1=box.y1 * k))

    return Surroundings(key=key, ink=ink, reread=reread if recognised else None)
