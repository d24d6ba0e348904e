"""What the objects of a PDF page share: matrices, boxes and colours."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from survrecon.callers import option_name
from survrecon.digitizing.geometry import Box
from survrecon.digitizing.source import LONGEST_SIDE, FigureFile
from survrecon.digitizing.vector.strokes import Colour, Drawing, PlacedPicture, Stroke, flatten_curve
from survrecon.digitizing.words.words import Word, number_of
from survrecon.errors import DigitizingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.arrays import FloatArray, ImageArray

__all__ = [
    "SYMBOLS",
    "Matrix",
    "add_path",
    "add_symbol",
    "box_of",
    "colour_of",
    "matrix_of",
    "read_pdf",
    "render_part",
    "times",
    "words_of",
]

Matrix = tuple[float, float, float, float, float, float]


def times(m: Matrix, n: Matrix) -> Matrix:
    """Return the matrix that applies ``m`` first and then ``n``."""
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )


def matrix_of(obj: Any) -> Matrix:
    """Return an object's own matrix."""
    m = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(obj, m):
        return (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    return (m.a, m.b, m.c, m.d, m.e, m.f)


def box_of(m: Matrix, left: float, bottom: float, right: float, top: float) -> Box:
    """Return the box of a rectangle that a matrix moves."""
    ends = np.array(
        [[m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]] for x, y in ((left, bottom), (right, top))]
    )
    (x0, y0), (x1, y1) = ends.min(axis=0), ends.max(axis=0)
    return Box(x0=float(x0), y0=float(y0), x1=float(x1), y1=float(y1))


def colour_of(obj: Any, getter: Any) -> Colour | None:
    """Return an object's colour on white; None where it has none or is transparent."""
    r, g, b, a = (ctypes.c_uint() for _ in range(4))
    if not getter(obj, r, g, b, a) or a.value == 0:
        return None
    share = a.value / 255
    return tuple(1 - share * (1 - c.value / 255) for c in (r, g, b))  # type: ignore[return-value]


def add_path(obj: Any, matrix: Matrix, drawing: Drawing) -> None:
    """Add a path's strokes to the drawing."""
    fill_mode, stroked = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(obj, fill_mode, stroked)
    stroke = colour_of(obj, raw.FPDFPageObj_GetStrokeColor) if stroked.value else None
    fill = colour_of(obj, raw.FPDFPageObj_GetFillColor) if fill_mode.value else None
    if stroke is None and fill is None:
        return
    width = ctypes.c_float()
    raw.FPDFPageObj_GetStrokeWidth(obj, width)
    size = float(np.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2])))
    dashes = raw.FPDFPageObj_GetDashCount(obj)
    dash: tuple[float, ...] = ()
    if dashes > 0:
        lengths = (ctypes.c_float * dashes)()
        if raw.FPDFPageObj_GetDashArray(obj, lengths, dashes):
            dash = tuple(float(v) * size for v in lengths)
            dash = dash if sum(dash) > 0 else ()
    for points, closed in _subpaths(obj, matrix):
        drawing.strokes.append(
            Stroke(
                points=points,
                stroke=stroke,
                fill=fill,
                width=float(width.value) * size,
                dash=dash,
                closed=closed,
                path=id(obj),
            )
        )


def _subpaths(obj: Any, m: Matrix) -> list[tuple[FloatArray, bool]]:
    out: list[tuple[FloatArray, bool]] = []
    now: list[FloatArray] = []
    closed = False
    control: list[FloatArray] = []

    def finish() -> None:
        if len(now) > 1:
            out.append((np.array(now), closed))

    for k in range(raw.FPDFPath_CountSegments(obj)):
        segment = raw.FPDFPath_GetPathSegment(obj, k)
        x, y = ctypes.c_float(), ctypes.c_float()
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        at = np.array([m[0] * x.value + m[2] * y.value + m[4], m[1] * x.value + m[3] * y.value + m[5]])
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            finish()
            now, closed = [at], False
        elif kind == raw.FPDF_SEGMENT_BEZIERTO:
            control.append(at)
            if len(control) == 3 and now:
                now.extend(flatten_curve(now[-1], control[0], control[1], control[2]))
                control = []
        else:
            now.append(at)
        if raw.FPDFPathSegment_GetClose(segment):
            closed = True
    finish()
    return out


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
            upwards = bool(abs(np.sin(run[0][2])) > 0.7)
            if not upwards and len(text.split()) > 1 and all(number_of(t) is not None for t in text.split()):
                words.extend(_numbers_of(run, colour))
            else:
                words.append(Word(text=text, box=box, colour=colour, vertical=upwards))
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


def _numbers_of(run: Sequence[tuple[str, Box, float]], colour: Colour | None) -> list[Word]:
    """Return the numbers of a line that holds nothing else, each with its place: labels of ticks may stand close."""
    words: list[Word] = []
    part: list[tuple[str, Box]] = []
    for char, box, _ in [*run, (" ", run[-1][1], 0.0)]:
        if char.strip():
            part.append((char, box))
        elif part:
            x0, x1 = min(b.x0 for _, b in part), max(b.x1 for _, b in part)
            y0, y1 = min(b.y0 for _, b in part), max(b.y1 for _, b in part)
            words.append(Word(text="".join(c for c, _ in part), box=Box(x0=x0, y0=y0, x1=x1, y1=y1), colour=colour))
            part = []
    return words


_DEEPEST = 12
_MOST_OBJECTS = 200_000


def read_pdf(file: FigureFile, page_number: int) -> Drawing:
    """Return one page's strokes and words with a rendering of it.

    Raises
    ------
    DigitizingError
        If the file is locked, damaged, or lacks the page.
    """
    where = str(file.path)
    try:
        document = pdfium.PdfDocument(file.data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise DigitizingError(
                where, "a PDF that opens without a password", "a locked one", "save an unlocked copy"
            ) from None
        raise DigitizingError(where, "a whole PDF", f"a damaged one ({error})", "download or save it again") from None
    try:
        if not 1 <= page_number <= len(document):
            rule, advice = f"a page from 1 to {len(document)}", f"give {option_name('page')}"
            raise DigitizingError(where, rule, f"page {page_number}", advice)
        page = document[page_number - 1]
        return _read_page(where, page)
    except pdfium.PdfiumError as error:
        raise DigitizingError(where, "a whole PDF", f"a damaged one ({error})", "download or save it again") from None
    finally:
        document.close()


def _read_page(where: str, page: Any) -> Drawing:
    x0, y0, x1, y1 = page.get_bbox()
    width, height = float(x1 - x0), float(y1 - y0)
    if not (10 < width < 5000 and 10 < height < 5000):
        raise DigitizingError(
            where, "a page of ordinary size", f"{width:.0f} x {height:.0f} points", "crop the figure out of it"
        )
    drawing = Drawing(width=width, height=height)
    to_page: Matrix = (1.0, 0.0, 0.0, -1.0, -x0, y1)
    budget = [_MOST_OBJECTS]
    text_page = page.get_textpage()
    count = raw.FPDFPage_CountObjects(page.raw)
    for k in range(count):
        _walk(raw.FPDFPage_GetObject(page.raw, k), to_page, drawing, 0, budget, text_page)
    lone = drawing.words
    drawing.words = [w for w in words_of(text_page, to_page) if not (lone and w.text in SYMBOLS)] + lone
    text_page.close()
    scale = 150 / 72
    if drawing.pictures:
        largest = max(drawing.pictures, key=lambda p: p.box.width * p.box.height)
        if largest.box.width * largest.box.height / (width * height) > 0.15:
            scale = min(max(largest.dots, 1.0), LONGEST_SIDE / max(width, height) * 0.95)
    scale = min(max(scale, 900 / max(width, height)), 4000 / max(width, height))
    bitmap = page.render(scale=scale, draw_annots=True)
    drawing.image = np.ascontiguousarray(bitmap.to_numpy()[:, :, 2::-1])
    drawing.image_scale = drawing.image.shape[1] / width
    return drawing


def _walk(
    obj: Any,
    above: Matrix,
    drawing: Drawing,
    depth: int,
    budget: list[int],
    text_page: Any,
) -> None:
    """Add an object of the page, and what a form holds, to the drawing."""
    budget[0] -= 1
    if depth > _DEEPEST or budget[0] < 0:
        return
    kind = raw.FPDFPageObj_GetType(obj)
    matrix = times(matrix_of(obj), above)
    if kind == raw.FPDF_PAGEOBJ_FORM:
        for k in range(raw.FPDFFormObj_CountObjects(obj)):
            _walk(raw.FPDFFormObj_GetObject(obj, k), matrix, drawing, depth + 1, budget, text_page)
    elif kind == raw.FPDF_PAGEOBJ_PATH:
        add_path(obj, matrix, drawing)
    elif kind == raw.FPDF_PAGEOBJ_TEXT:
        add_symbol(obj, above, drawing, text_page)
    elif kind == raw.FPDF_PAGEOBJ_IMAGE:
        wide, high = ctypes.c_uint(), ctypes.c_uint()
        if raw.FPDFImageObj_GetImagePixelSize(obj, wide, high):
            span = float(np.hypot(matrix[0], matrix[1]))
            dots = wide.value / max(span, 1e-6)
            drawing.pictures.append(PlacedPicture(box=box_of(matrix, 0.0, 0.0, 1.0, 1.0), dots=dots))


def render_part(file: FigureFile, page_number: int, box: Box, scale: float) -> ImageArray:
    """Return a part of a page as pixels, ``scale`` of them a unit of the page."""
    document = pdfium.PdfDocument(file.data)
    try:
        page = document[page_number - 1]
        x0, y0, x1, y1 = page.get_bbox()
        margins = (box.x0, (y1 - y0) - box.y1, (x1 - x0) - box.x1, box.y0)
        bitmap = page.render(scale=scale, crop=tuple(max(0.0, m) for m in margins), draw_annots=True)
        return np.ascontiguousarray(bitmap.to_numpy()[:, :, 2::-1])
    finally:
        document.close()
