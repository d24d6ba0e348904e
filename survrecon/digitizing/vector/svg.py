"""Words of an SVG: from where a text's baseline starts, and from the comments beside text drawn as outlines."""

from __future__ import annotations

import io
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html import unescape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.vector.settings import SVG_DRAWING
from survrecon.digitizing.vector.strokes import Colour, Drawing, Stroke
from survrecon.digitizing.words.words import Word
from survrecon.errors import DigitizingError

if TYPE_CHECKING:
    from survrecon.arrays import FloatArray
    from survrecon.digitizing.source import FigureFile

__all__ = ["commented_words", "read_svg", "word_on"]

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
        return [*starts, starts[-1] + SVG_DRAWING.next_column]
    last = max(starts, default=0.0) + SVG_DRAWING.next_column
    return [last * k / max(1, len(text)) for k in range(len(text) + 1)]


def _parts(text: str, places: list[float]) -> list[tuple[str, float, float]]:
    """Part a text at wide gaps: cells of a table that were written as one line."""
    return [(hit[0], places[hit.start()], places[hit.end()]) for hit in re.finditer(r"\S+(?: \S+)*", text)]


def _hex(code: str) -> Colour:
    return tuple(int(code[k : k + 2], 16) / SVG_DRAWING.white for k in (1, 3, 5))  # type: ignore[return-value]


def word_on(text: str, x: float, y: float, length: float, size: float, degrees: float, colour: Colour | None) -> Word:
    """Return a word from the start of its baseline."""
    if abs(math.sin(math.radians(degrees))) > SVG_DRAWING.upwards:
        up = 1.0 if degrees < 0 or degrees > SVG_DRAWING.half_turn else -1.0
        y0, y1 = sorted((y, y - up * length))
        box = Box(x0=x - SVG_DRAWING.ascent_upwards * size, y0=y0, x1=x + SVG_DRAWING.descent_upwards * size, y1=y1)
        return Word(text=text, box=box, colour=colour, vertical=True)
    return Word(
        text=text,
        box=Box(x0=x, y0=y - SVG_DRAWING.ascent * size, x1=x + length, y1=y + SVG_DRAWING.descent * size),
        colour=colour,
    )


_MOST_ELEMENTS = 200_000

_FORBIDDEN = (
    (re.compile(rb"<!ENTITY", re.IGNORECASE), "entity definitions"),
    (re.compile(rb"<\s*script[\s>]", re.IGNORECASE), "a script"),
    (re.compile(rb"<\s*foreignObject[\s>]", re.IGNORECASE), "foreign content"),
    (re.compile(rb"\son[a-z]+\s*=\s*[\"']", re.IGNORECASE), "an event handler"),
    (re.compile(rb"(?:xlink:)?href\s*=\s*[\"'](?!#|data:image/)[^\"']", re.IGNORECASE), "a reference to another file"),
    (re.compile(rb"@import|url\(\s*[\"']?(?!#|[\"']?#)[a-z]+:", re.IGNORECASE), "a reference to another file"),
)


def read_svg(file: FigureFile) -> Drawing:
    """Return an SVG's strokes and words in units of its view box.

    Raises
    ------
    DigitizingError
        If it holds scripts or references to other files, or is no well-formed SVG.
    """
    where = str(file.path)
    for pattern, what in _FORBIDDEN:
        if pattern.search(file.data):
            raise DigitizingError(
                where,
                "an SVG of drawing commands alone",
                f"{what}, which is neither run nor fetched",
                "remove it, or export the figure again",
            )
    try:
        tree = ET.parse(io.BytesIO(file.data), parser=ET.XMLParser(target=ET.TreeBuilder(insert_comments=True)))
    except ET.ParseError as error:
        raise DigitizingError(
            where, "a well-formed SVG", f"a damaged one ({error})", "export the figure again"
        ) from None
    root = tree.getroot()
    if _too_many(root):
        raise DigitizingError(
            where,
            f"at most {_MOST_ELEMENTS:,} elements, repeated ones counted each time",
            "more",
            "export the figure again, or as PDF or PNG",
        )
    glyphs = commented_words(root)
    for node in root.iter():
        if isinstance(node.tag, str) and node.tag.endswith("}path") and "d" not in node.attrib:
            node.set("d", "")
    _drop_comments(root)
    clean = ET.tostring(root)
    from svgelements import SVG

    try:
        svg = SVG.parse(io.BytesIO(clean), ppi=SVG_DRAWING.ppi, reify=True)
    except (ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError, RecursionError) as error:
        raise DigitizingError(
            where, "an SVG in its usual form", f"one that is not understood ({error})", "export it as PDF or PNG"
        ) from None
    width, height = float(svg.width or 0), float(svg.height or 0)
    if not (10 < width < SVG_DRAWING.largest and 10 < height < SVG_DRAWING.largest):
        raise DigitizingError(where, "an SVG with a size", f"{width:g} x {height:g}", "export the figure again")
    drawing = Drawing(width=width, height=height)
    sheet = " ".join(
        node.text or "" for node in root.iter() if isinstance(node.tag, str) and node.tag.endswith("}style")
    )
    plain_fill = re.search(r"[^-]fill\s*:\s*none", sheet) is not None
    plain_stroke = re.search(r"[^-]stroke\s*:\s*#0+\b", sheet) is not None
    for number, element in enumerate(svg.elements()):
        _element(element, number, drawing, plain_fill=plain_fill, plain_stroke=plain_stroke)
    box = root.get("viewBox")
    factor = float(re.split(r"[\s,]+", box.strip())[2]) / width if box else 1.0
    strokes = [
        replace(s, points=s.points * factor, width=s.width * factor, dash=tuple(v * factor for v in s.dash))
        for s in drawing.strokes
    ]
    words = [w.scaled(factor) for w in drawing.words] + glyphs
    return Drawing(width=width * factor, height=height * factor, strokes=strokes, words=words, outlined=bool(glyphs))


def _too_many(root: ET.Element) -> bool:
    """Return whether copies of copies make a drawing that nobody can work on."""
    named = {name: node for node in root.iter() if (name := node.get("id")) is not None}
    left, count = [root], 0
    while left:
        node = left.pop()
        count += 1
        if count > _MOST_ELEMENTS:
            return True
        left.extend(node)
        if isinstance(node.tag, str) and node.tag.endswith("}use"):
            target = next((v for k, v in node.attrib.items() if k.endswith("href")), "")
            if target[1:] in named:
                left.append(named[target[1:]])
    return False


def _drop_comments(root: ET.Element) -> None:
    for parent in root.iter():
        for child in list(parent):
            if not isinstance(child.tag, str):
                parent.remove(child)


def _tone(paint: Any) -> Colour | None:
    if paint is None or paint.value is None:
        return None
    share = paint.opacity if paint.opacity is not None else 1.0
    if share <= SVG_DRAWING.invisible:
        return None
    red, green, blue = (1.0 - share * (1.0 - c / SVG_DRAWING.white) for c in (paint.red, paint.green, paint.blue))
    return red, green, blue


def _element(element: Any, number: int, drawing: Drawing, *, plain_fill: bool, plain_stroke: bool) -> None:
    """Add one shape or text; ``plain_*``: what the style sheet says of shapes that state nothing themselves."""
    from svgelements import Path, Shape, Text

    if isinstance(element, Text):
        _text(element, drawing)
        return
    if not isinstance(element, Shape):
        return
    values = element.values
    if values.get("display") == "none" or values.get("visibility") == "hidden":
        return
    stroke, fill = _tone(element.stroke), _tone(element.fill)
    if plain_fill and "fill" not in _stated(values):
        fill = None
    if plain_stroke and "stroke" not in _stated(values):
        stroke = (0.0, 0.0, 0.0)
    faint = float(values.get("opacity", 1) or 1)
    if stroke is None and fill is None:
        return
    if faint < 1.0:
        stroke = None if stroke is None else tuple(1 - faint * (1 - c) for c in stroke)  # type: ignore[assignment]
        fill = None if fill is None else tuple(1 - faint * (1 - c) for c in fill)  # type: ignore[assignment]
    path = Path(element) if not isinstance(element, Path) else element
    matrix = element.transform
    size = math.sqrt(abs(matrix.determinant)) if matrix is not None else 1.0
    width = float(element.stroke_width or 0.0) * (1.0 if getattr(element, "_reified", True) else size)
    written = str(values.get("stroke-dasharray") or "none")
    dash = () if written == "none" else tuple(float(v) for v in re.findall(r"[\d.]+(?:e-?\d+)?", written))
    dash = dash if sum(dash) > 0 else ()
    path = abs(path)
    for part in path.as_subpaths():
        points, closed = _points(Path(part))
        if len(points) > 1:
            drawing.strokes.append(
                Stroke(points=points, stroke=stroke, fill=fill, width=width, dash=dash, closed=closed, path=number)
            )


def _stated(values: Any) -> set[str]:
    """Return the properties that an element states itself."""
    own = {str(k) for k in values.get("attributes", {})}
    own |= set(re.findall(r"([\w-]+)\s*:", str(values.get("attributes", {}).get("style", ""))))
    return own


def _points(path: Any) -> tuple[FloatArray, bool]:
    from svgelements import Arc, Close, CubicBezier, Line, Move, QuadraticBezier

    points: list[tuple[float, float]] = []
    closed = False
    for segment in path:
        if isinstance(segment, Close):
            closed = True
        elif isinstance(segment, Move | Line):
            if segment.end is not None:
                points.append((float(segment.end.x), float(segment.end.y)))
        elif isinstance(segment, CubicBezier | QuadraticBezier | Arc):
            points += [(float(p.x), float(p.y)) for p in (segment.point(t) for t in np.linspace(0, 1, 9)[1:])]
    return np.array(points, float).reshape(-1, 2), closed


def _text(element: Any, drawing: Drawing) -> None:
    text = (element.text or "").strip()
    if not text:
        return
    matrix = element.transform
    size = float(element.font_size or SVG_DRAWING.type_size) * math.sqrt(abs(matrix.determinant))
    start = matrix.point_in_matrix_space((float(element.x or 0.0), float(element.y or 0.0)))
    written = str(element.values.get("textLength") or "")
    hit = re.match(r"[\d.]+", written)
    length = float(hit[0]) * math.sqrt(abs(matrix.determinant)) if hit else SVG_DRAWING.letter * size * len(text)
    degrees = math.degrees(math.atan2(matrix.b, matrix.a))
    anchor = element.anchor or "start"
    back = {"middle": 0.5, "end": 1.0}.get(anchor, 0.0) * length
    x = float(start.x) - back * math.cos(math.radians(degrees))
    y = float(start.y) - back * math.sin(math.radians(degrees))
    drawing.words.append(word_on(text, x, y, length, size, degrees, _tone(element.fill) or (0.0, 0.0, 0.0)))
