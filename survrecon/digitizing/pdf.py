"""A PDF page as strokes and words; pages that only hold a picture as that picture."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from survrecon.digitizing.pdf_objects import Matrix, matrix_of, times
from survrecon.digitizing.pdf_paths import add_path
from survrecon.digitizing.pdf_words import SYMBOLS, add_symbol, words_of
from survrecon.digitizing.source import LONGEST_SIDE, FigureFile
from survrecon.digitizing.strokes import Drawing
from survrecon.errors import DigitizingError

__all__ = ["read_pdf"]

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
            raise DigitizingError(where, f"a page from 1 to {len(document)}", f"page {page_number}", "give --page")
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
    pictures: list[tuple[float, float]] = []
    text_page = page.get_textpage()
    count = raw.FPDFPage_CountObjects(page.raw)
    for k in range(count):
        _walk(raw.FPDFPage_GetObject(page.raw, k), to_page, drawing, 0, budget, pictures, text_page)
    lone = drawing.words
    drawing.words = [w for w in words_of(text_page, to_page) if not (lone and w.text in SYMBOLS)] + lone
    text_page.close()
    scale = 150 / 72
    if pictures:
        dots, share = max(pictures, key=lambda p: p[1])
        if share / (width * height) > 0.15:
            scale = min(max(dots, 1.0), LONGEST_SIDE / max(width, height) * 0.95)
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
    pictures: list[tuple[float, float]],
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
            _walk(raw.FPDFFormObj_GetObject(obj, k), matrix, drawing, depth + 1, budget, pictures, text_page)
    elif kind == raw.FPDF_PAGEOBJ_PATH:
        add_path(obj, matrix, drawing)
    elif kind == raw.FPDF_PAGEOBJ_TEXT:
        add_symbol(obj, above, drawing, text_page)
    elif kind == raw.FPDF_PAGEOBJ_IMAGE:
        wide, high = ctypes.c_uint(), ctypes.c_uint()
        if raw.FPDFImageObj_GetImagePixelSize(obj, wide, high):
            span_x = float(np.hypot(matrix[0], matrix[1]))
            span_y = float(np.hypot(matrix[2], matrix[3]))
            pictures.append((wide.value / max(span_x, 1e-6), span_x * span_y))
