"""Words of an SVG: from where a text's baseline starts, and from the comments beside text drawn as outlines."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from html import unescape
from itertools import pairwise

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.strokes import Colour
from survrecon.digitizing.words import Word

__all__ = ["commented_words", "word_on"]

_TRANSLATE = re.compile(r"translate\(\s*([-\d.eE]+)[\s,]+([-\d.eE]+)\s*\)")
_SCALE = re.compile(r"scale\(\s*([-\d.eE]+)")
_ROTATE = re.compile(r"rotate\(\s*([-\d.eE]+)")


def commented_words(root: ET.Element) -> list[Word]:
    """Return text that was drawn as outlines with its wording in a comment before it, as matplotlib writes it."""
    words: list[Word] = []
    for parent in root.iter():
        children = list(parent)
        for note, shape in pairwise(children):
            if isinstance(note.tag, str) or not isinstance(shape.tag, str) or not shape.tag.endswith("}g"):
                continue
            place = shape.get("transform", "")
            shift, scale, turn = _TRANSLATE.search(place), _SCALE.search(place), _ROTATE.search(place)
            text = (note.text or "").strip()
            if shift is None or scale is None or not text:
                continue
            style = f"{parent.get('style', '')};{shape.get('style', '')};fill:{shape.get('fill') or '#000000'}"
            tone = re.search(r"fill\s*:\s*(#[0-9a-fA-F]{6})", style)
            size = 100 * abs(float(scale[1]))
            raw = unescape((note.text or "")[1:-1])  # it is escaped once more than a comment needs
            for part, start, stop in _parts(raw, _advances(shape, raw)):
                step = abs(float(scale[1]))
                turned = float(turn[1]) if turn else 0.0
                along = start * step
                x = float(shift[1]) + along * math.cos(math.radians(turned))
                y = float(shift[2]) + along * math.sin(math.radians(turned))
                words.append(
                    word_on(part, x, y, (stop - start) * step, size, turned, _hex(tone[1] if tone else "#000000"))
                )
    return words


def _advances(shape: ET.Element, text: str) -> list[float]:
    """Return where each character starts and the last one ends, in hundredths of the font size."""
    found = [
        _TRANSLATE.search(u.get("transform", ""))
        for u in shape.iter()
        if isinstance(u.tag, str) and u.tag.endswith("}use")
    ]
    starts = [0.0 if hit is None else float(hit[1]) for hit in found]
    if len(starts) == len(text) and starts:
        return [*starts, starts[-1] + 62.0]
    last = max(starts, default=0.0) + 62.0
    return [last * k / max(1, len(text)) for k in range(len(text) + 1)]


def _parts(text: str, places: list[float]) -> list[tuple[str, float, float]]:
    """Part a text at wide gaps: cells of a table that were written as one line."""
    return [(hit[0], places[hit.start()], places[hit.end()]) for hit in re.finditer(r"\S+(?: \S+)*", text)]


def _hex(code: str) -> Colour:
    return tuple(int(code[k : k + 2], 16) / 255 for k in (1, 3, 5))  # type: ignore[return-value]


def word_on(text: str, x: float, y: float, length: float, size: float, degrees: float, colour: Colour | None) -> Word:
    """Return a word from the start of its baseline."""
    if abs(math.sin(math.radians(degrees))) > 0.7:
        up = 1.0 if degrees < 0 or degrees > 180 else -1.0
        y0, y1 = sorted((y, y - up * length))
        box = Box(x0=x - 0.75 * size, y0=y0, x1=x + 0.25 * size, y1=y1)
        return Word(text=text, box=box, colour=colour, vertical=True)
    return Word(text=text, box=Box(x0=x, y0=y - 0.78 * size, x1=x + length, y1=y + 0.22 * size), colour=colour)
