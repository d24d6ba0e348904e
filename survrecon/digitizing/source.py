"""Opening a figure file: what it really is, and refusing what cannot be a figure."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from survrecon.callers import option_name
from survrecon.errors import DigitizingError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from survrecon.arrays import ImageArray
    from survrecon.digitizing.words.words import Word

__all__ = ["FigureFile", "FileKind", "blank", "decode_image", "frames", "open_file", "without_axes", "without_curves"]

LARGEST_BYTES = 100_000_000
LONGEST_SIDE = 6000
MOST_PIXELS = 30_000_000
SMALLEST_SIDE = 150


class FileKind(StrEnum):
    """What the first bytes of a file say it is."""

    IMAGE = "image"
    PDF = "pdf"
    SVG = "svg"


@dataclass(frozen=True, kw_only=True)
class FigureFile:
    """A figure file's bytes, kind and digest."""

    path: Path
    data: bytes
    kind: FileKind
    sha256: str


def open_file(path: Path) -> FigureFile:
    """Read a file and tell its kind from its content, whatever it is called."""
    if not path.is_file():
        raise DigitizingError(str(path), "an existing file", "no such file", "check the path")
    size = path.stat().st_size
    if size == 0:
        raise DigitizingError(str(path), "a figure", "an empty file", "save the figure again")
    if size > LARGEST_BYTES:
        raise DigitizingError(str(path), "at most 100 MB", f"{size / 1e6:.0f} MB", "crop or reduce the figure")
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return FigureFile(path=path, data=data, kind=_kind(path, data), sha256=digest)


def _kind(path: Path, data: bytes) -> FileKind:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"%PDF-" in data[:1024]:
        return FileKind.PDF
    if head.startswith((b"<svg", b"<?xml", b"<!DOCTYPE svg", b"<!--")) and b"<svg" in data[:20000]:
        return FileKind.SVG
    if head.startswith(b"PK\x03\x04"):
        raise DigitizingError(
            str(path),
            "a PNG, JPEG, PDF or SVG figure",
            "a zip archive or Office file",
            "take the figure out of it and give that",
        )
    if data[:3] == b"\x1f\x8b\x08":
        raise DigitizingError(str(path), "a PNG, JPEG, PDF or SVG figure", "a gzip file", "unpack it first")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)):
                pass
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, Image.DecompressionBombError):
            return FileKind.IMAGE
        raise DigitizingError(
            str(path),
            "a PNG, JPEG, PDF or SVG figure",
            "content that is none of them",
            "export the figure in one of these formats",
        ) from None
    return FileKind.IMAGE


def decode_image(file: FigureFile) -> ImageArray:
    """Return the pixels of an image file on white, shape (h, w, 3)."""
    where = str(file.path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(file.data)) as opened:
                check_size(where, *opened.size)
                image = ImageOps.exif_transpose(opened) or opened
                image.load()
                if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
                    image = image.convert("RGBA")
                    white = Image.new("RGBA", image.size, "white")
                    image = Image.alpha_composite(white, image)
                if image.mode in {"I", "I;16", "I;16B", "F"}:
                    deep = np.asarray(image, float)
                    image = Image.fromarray((255 * (deep - deep.min()) / max(np.ptp(deep), 1e-9)).astype(np.uint8))
                return np.asarray(image.convert("RGB"))
    except DigitizingError:
        raise
    except Image.DecompressionBombError:
        raise DigitizingError(
            where,
            f"at most {MOST_PIXELS // 1_000_000} million pixels",
            "far more",
            "crop the figure out of the scan or reduce it",
        ) from None
    except (OSError, ValueError, SyntaxError) as error:
        raise DigitizingError(where, "a readable image", f"a damaged one ({error})", "save the figure again") from None


def frames(file: FigureFile) -> tuple[str, int]:
    """Return the format of an image file, GIF, say, and how many frames or pages it holds: the first one is read."""
    if file.kind is not FileKind.IMAGE:
        return file.kind.upper(), 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(file.data)) as opened:
            name = opened.format or "image"
            return name, 1 if name == "MPO" else int(getattr(opened, "n_frames", 1))  # a camera's JPEG with a preview


def check_size(where: str, width: int, height: int) -> None:
    """Refuse images too large to be worked on or too small to be read."""
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise DigitizingError(
            where,
            f"at most {LONGEST_SIDE} pixels a side and {MOST_PIXELS // 1_000_000} million in all",
            f"{width} x {height} pixels",
            "crop the figure out of the scan or reduce it to about 2000 pixels",
        )
    if min(width, height) < SMALLEST_SIDE:
        raise DigitizingError(
            where,
            f"at least {SMALLEST_SIDE} pixels a side",
            f"{width} x {height} pixels",
            "use a larger copy of the figure",
        )


def blank(where: str, file: FigureFile) -> DigitizingError:
    """Return the error of an image of one colour."""
    kind, count = frames(file)
    got = "an image of one colour" if count == 1 else f"a {kind} whose first frame of {count} is of one colour"
    advice = "check the file" if count == 1 else "save the frame with the figure as an image of its own"
    return DigitizingError(where, "a figure with curves", got, advice)


def without_axes(where: str, *, reads: bool, words: Sequence[Word]) -> DigitizingError:
    """Return the error of an image without numbered axes; ``reads`` is whether its text could be read."""
    if not reads:
        return DigitizingError(
            where,
            "axes that can be read",
            "an image whose text is not read, for rapidocr or onnxruntime cannot be imported",
            f"pip install rapidocr onnxruntime, or give {option_name('x_range')} and {option_name('y_range')}",
        )
    numbers = sum(w.number is not None for w in words)
    return DigitizingError(
        where,
        "a time axis and a survival axis with numbered ticks",
        f"{len(words)} words, {numbers} of them numbers, that make no such axes",
        f"give {option_name('crop')}, or {option_name('x_range')} and {option_name('y_range')}; "
        "photographs, bar charts and tables cannot be digitized",
    )


def without_curves(where: str) -> DigitizingError:
    """Return the error of a panel that has axes and no survival curve."""
    return DigitizingError(
        where,
        "curves that start at full survival",
        "none",
        f"check {option_name('y_range')}, {option_name('one_minus_survival')} and {option_name('crop')}; "
        "a bar chart has none",
    )
