"""An SVG figure as strokes and words. Nothing outside the file is fetched and no script is run."""

from __future__ import annotations

import io
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import numpy as np

from survrecon.digitizing.geometry import FloatArray
from survrecon.digitizing.source import FigureFile
from survrecon.digitizing.strokes import Colour, Drawing, Stroke
from survrecon.digitizing.svg_words import commented_words, word_on
from survrecon.errors import DigitizingError

__all__ = ["read_svg"]

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
        svg = SVG.parse(io.BytesIO(clean), ppi=72.0, reify=True)
    except (ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError, RecursionError) as error:
        raise DigitizingError(
            where, "an SVG in its usual form", f"one that is not understood ({error})", "export it as PDF or PNG"
        ) from None
    width, height = float(svg.width or 0), float(svg.height or 0)
    if not (10 < width < 20000 and 10 < height < 20000):
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
    if share <= 0.01:
        return None
    red, green, blue = (1.0 - share * (1.0 - c / 255.0) for c in (paint.red, paint.green, paint.blue))
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
    size = float(element.font_size or 12.0) * math.sqrt(abs(matrix.determinant))
    start = matrix.point_in_matrix_space((float(element.x or 0.0), float(element.y or 0.0)))
    written = str(element.values.get("textLength") or "")
    hit = re.match(r"[\d.]+", written)
    length = float(hit[0]) * math.sqrt(abs(matrix.determinant)) if hit else 0.52 * size * len(text)
    degrees = math.degrees(math.atan2(matrix.b, matrix.a))
    anchor = element.anchor or "start"
    back = {"middle": 0.5, "end": 1.0}.get(anchor, 0.0) * length
    x = float(start.x) - back * math.cos(math.radians(degrees))
    y = float(start.y) - back * math.sin(math.radians(degrees))
    drawing.words.append(word_on(text, x, y, length, size, degrees, _tone(element.fill) or (0.0, 0.0, 0.0)))
