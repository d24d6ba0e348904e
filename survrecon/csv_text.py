"""Tables as CSV: written in one dialect, and read in those that spreadsheets write; text files of any encoding."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from survrecon.errors import SurvreconError

__all__ = ["SEPARATOR_LINE", "csv_rows", "csv_text", "file_text"]

SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?", re.IGNORECASE)
"""The first line that Excel understands: which mark separates the cells."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def csv_text(header: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    r"""Return a header and rows as CSV: commas, quotes where needed, Unix line ends; ``None`` is an empty cell.

    Examples
    --------
    >>> csv_text(("time", "A, B"), [(0, 12), (6, None)])
    'time,"A, B"\n0,12\n6,\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def csv_rows(path: Path, refuse: type[SurvreconError]) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of a file that hold anything, each with its number in the file and its cells.

    UTF-8 and UTF-16 are read; commas, semicolons or tabs separate, whichever the first line has most of, unless that
    is Excel's line ``sep=;``.

    Parameters
    ----------
    path : Path
        The file.
    refuse : type of SurvreconError
        What is raised if it cannot be read, is no text, or is no CSV.
    """
    text = file_text(path, refuse)
    header = text.lstrip().split("\n", 1)[0]
    stated = SEPARATOR_LINE.fullmatch(header.strip("\r\n "))
    mark = stated.group(1) if stated else max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not (stated and reader.line_num == 1):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise refuse(
            f"{path}, line {reader.line_num}", "a line of CSV", str(error), "close the quotes, or double those within"
        ) from None


def file_text(path: Path, refuse: type[SurvreconError], *, fallback: str | None = None) -> str:
    """Return a text file's content, UTF-8 or UTF-16; one that ends in ``.gz`` is unpacked.

    Parameters
    ----------
    path : Path
        The file.
    refuse : type of SurvreconError
        What is raised if it cannot be read or is no text.
    fallback : str or None
        The encoding of files that are neither, where a wrong letter does no harm; ``None`` to refuse them.
    """
    try:
        raw = path.read_bytes()
        if path.suffix.lower() == ".gz":
            raw = gzip.decompress(raw)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise refuse(str(path), "a file that gzip made", str(error), "compress it again, or unpack it") from None
    except OSError as error:
        raise refuse(str(path), "a readable file", error.strerror or "an error", "check the path") from None
    wide = raw.startswith(_UTF_16)
    if not wide and b"\x00" in raw:
        raise refuse(str(path), "a text file", "binary data", "save it as CSV, not as a workbook")
    try:
        return raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        if fallback is not None and not wide:
            return raw.decode(fallback, errors="replace")
        line = raw[: error.start].count(b"\n") + 1
        raise refuse(
            f"{path}, line {line}", "text in UTF-8", f"the byte 0x{raw[error.start]:02x}", "save it as CSV UTF-8"
        ) from None
