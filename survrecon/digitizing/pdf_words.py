"""The text of a PDF page: words of its text layer, and plotting symbols set as text."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pypdfium2.raw as raw

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.pdf_objects import Matrix, box_of, colour_of
from survrecon.digitizing.strokes import Colour, Drawing
from survrecon.digitizing.words import Word

__all__ = ["SYMBOLS", "add_symbol", "words_of"]

SYMBOLS = frozenset("+|×○")


def add_symbol(obj: Any, above: Matrix, drawing: Drawing, text_page: Any) -> None:
    """Add a plotting symbol that was set as text; the text layer merges those that overlap."""
    buffer = (ctypes.c_ushort * 8)()
    length = raw.FPDFTextObj_GetText(obj, text_page.raw, buffer, 16)
    text = "".join(chr(c) for c in buffer[: max(0, length // 2)] if c).strip()
    if text and text not in SYMBOLS:
        return  # an empty one is a symbol that the text layer took for a duplicate of its neighbour
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(obj, left, bottom, right, top):
        return
    box = box_of(above, left.value, bottom.value, right.value, top.value)
    if not text and not (0.7 < box.width / max(box.height, 1e-6) < 1.4 and any(w.text == "+" for w in drawing.words)):
        return
    text = text or "+"
    tone = colour_of(obj, raw.FPDFPageObj_GetFillColor)
    drawing.words.append(Word(text=text, box=box, colour=tone))


def words_of(text_page: Any, m: Matrix) -> list[Word]:
    """Group the characters of the text layer into words and short lines of words."""
    count = text_page.count_chars()
    words: list[Word] = []
    run: list[tuple[str, Box, float]] = []
    colour: Colour | None = None
    tight: dict[int, Box] = {}

    def finish() -> None:
        text = "".join(c for c, _, _ in run).strip()
        if text and set(text) <= {"+", "|", " "}:
            words.extend(Word(text=c, box=tight[id(b)], colour=colour) for c, b, _ in run if c.strip())
        elif text:
            boxes = [b for c, b, _ in run if c.strip()]
            box = Box(
                x0=min(b.x0 for b in boxes),
                y0=min(b.y0 for b in boxes),
                x1=max(b.x1 for b in boxes),
                y1=max(b.y1 for b in boxes),
            )
            upwards = abs(np.sin(run[0][2])) > 0.7
            words.append(Word(text=text, box=box, colour=colour, vertical=bool(upwards)))
        run.clear()

    for k in range(count):
        code = raw.FPDFText_GetUnicode(text_page.raw, k)
        char = chr(code) if code else ""
        if char in "\r\n" or not char:
            finish()
            continue
        box = box_of(m, *text_page.get_charbox(k, loose=True))
        if char in "+|":
            tight[id(box)] = box_of(m, *text_page.get_charbox(k))
        angle = float(raw.FPDFText_GetCharAngle(text_page.raw, k))
        if run and char.strip():
            last = next((b for c, b, _ in reversed(run) if c.strip()), run[-1][1])
            upwards = abs(np.sin(angle)) > 0.7
            size = max(1e-6, box.width if upwards else box.height)
            gap = (last.y0 - box.y1) if upwards else (box.x0 - last.x1)
            slip = (
                abs((last.x0 + last.x1) - (box.x0 + box.x1)) / 2
                if upwards
                else abs((last.y0 + last.y1) - (box.y0 + box.y1)) / 2
            )
            if abs(angle - run[0][2]) > 0.1 or gap > 0.75 * size or gap < -1.5 * size or slip > 0.6 * size:
                finish()
        if not run and char.strip():
            r, g, b, a = (ctypes.c_uint() for _ in range(4))
            ok = raw.FPDFText_GetFillColor(text_page.raw, k, r, g, b, a)
            colour = (r.value / 255, g.value / 255, b.value / 255) if ok else None
        if run or char.strip():
            run.append((char, box, angle))
    finish()
    return words
