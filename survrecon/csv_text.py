"""Tables as the text of CSV files, all in one dialect: commas, quotes where needed, lines that end as in Unix."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

__all__ = ["csv_text"]


def csv_text(header: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    r"""Return a header and rows as CSV; ``None`` is an empty cell.

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
