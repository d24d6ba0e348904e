"""Tables as CSV: written in one dialect, and read in those that spreadsheets write."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from survrecon.errors import SurvreconError

__all__ = ["csv_rows", "csv_text"]

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

    UTF-8 and UTF-16 are read; commas, semicolons or tabs separate, whichever the first line has most of.

    Parameters
    ----------
    path : Path
        The file.
    refuse : type of SurvreconError
        What is raised if it cannot be read, is no text, or is no CSV.
    """
    text = _text(path, refuse)
    header = text.lstrip().split("\n", 1)[0]
    mark = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise refuse(
            f"{path}, row {reader.line_num}", "a line of CSV", str(error), "close the quotes, or double those within"
        ) from None


def _text(path: Path, refuse: type[SurvreconError]) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise refuse(str(path), "a readable file", error.strerror or "an error", "check the path") from None
    encoding = "utf-16" if raw.startswith(_UTF_16) else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise refuse(
            f"{path}, row {line}", "text in UTF-8", f"the byte 0x{raw[error.start]:02x}", "save it as CSV UTF-8"
        ) from None
    if "\x00" in text:
        raise refuse(str(path), "a text file", "binary data", "save it as CSV, not as a workbook")
    return text
