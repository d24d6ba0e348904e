"""The index page of a batch: one row a figure, with the picture of what was read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from survrecon.estimate import format_decimals
from survrecon.report.batch_rows import BatchRow, BatchStatus
from survrecon.report.files import OVERLAY
from survrecon.report.html import template
from survrecon.report.table import TextTable
from survrecon.report.words import NOT_REAL, VERDICT_STYLE, estimate_text

__all__ = ["batch_page", "batch_table"]


def batch_page(rows: Sequence[BatchRow], folder: Path) -> str:
    """Return the index page of a batch.

    Parameters
    ----------
    rows : sequence of BatchRow
        In the order to show.
    folder : Path
        The batch's folder; pages and pictures in it are linked to.
    """
    shown = [
        (row, quote(row.folder), (folder / row.folder / OVERLAY).is_file(), _arms(row), _contrast(row)) for row in rows
    ]
    counts = {status.value: sum(row.status is status for row in rows) for status in BatchStatus}
    verdicts = {verdict.value: sum(row.verdict is verdict for row in rows) for verdict in VERDICT_STYLE}
    return template(
        "batch.html.j2",
        rows=shown,
        counts=counts,
        verdicts=verdicts,
        ratio=estimate_text,
        overlay=OVERLAY,
        not_real=NOT_REAL,
    )


def batch_table(rows: Sequence[BatchRow]) -> TextTable:
    """Return what the command ``batch`` prints."""
    done = [row for row in rows if row.status is BatchStatus.DONE]
    failed = [row for row in rows if row.status is BatchStatus.FAILED]
    cells = [
        (
            *(
                row.id,
                row.panel,
                ", ".join(row.arms),
                ", ".join(map(_count, row.n)),
                ", ".join(map(_count, row.events)),
            ),
            "" if row.hazard_ratio is None else estimate_text(row.hazard_ratio, 3),
            _contrast(row),
            "" if row.printed is None else estimate_text(row.printed),
            "" if row.verdict is None else row.verdict.value,
            str(row.warnings or ""),
        )
        for row in done
    ]
    return TextTable(
        heading=f"{len(done)} done, {len(failed)} failed",
        columns=("id", "panel", "arms", "N", "events", "hazard ratio", "contrast", "printed", "verdict", "warnings"),
        rows=tuple(cells),
        notes=(
            *(f"failed: {row.id}{f', panel {row.panel}' if row.panel else ''}: {row.error}" for row in failed),
            *((NOT_REAL,) if done else ()),
        ),
        numeric=("warnings",),
        styles={verdict.value: style for verdict, (style, _) in VERDICT_STYLE.items()},
        stacked={"events": "N", "contrast": "arms", "printed": "hazard ratio"},
        unbroken=("hazard ratio", "verdict"),
    )


def _arms(row: BatchRow) -> list[tuple[str, str, str]]:
    return [(name, _count(n), _count(d)) for name, n, d in zip(row.arms, row.n, row.events, strict=True)]


def _contrast(row: BatchRow) -> str:
    """Say of what a hazard ratio is, and how many more the report has."""
    if row.hazard_ratio is None:
        return ""
    more = f"; {row.contrasts - 1} more in the report" if row.contrasts > 1 else ""
    return f"{row.hazard_ratio.of} over {row.hazard_ratio.over}{more}"


def _count(value: float) -> str:
    """Print a count; pooled over draws it may have a decimal."""
    return format_decimals(value, 0 if float(value).is_integer() else 1)
