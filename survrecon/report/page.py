"""Pages in HTML, from the templates beside this file, and the files of a report, each whole or absent."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from survrecon import __version__
from survrecon.callers import shell_flag
from survrecon.checks.results import Agreement, Verdict
from survrecon.files.outputs import write_whole
from survrecon.model.diagnostics import Diagnostics
from survrecon.model.estimate import Estimate, format_decimals
from survrecon.model.published import Quantity
from survrecon.records.readings import SURE, ReadKind, ReadValue
from survrecon.records.schema import SourceKind
from survrecon.report.brief import at_a_glance, ratio_counts
from survrecon.report.catalogue import KIND_WORDS
from survrecon.report.content.batch import BatchRow, BatchStatus
from survrecon.report.content.checklist import (
    checklist,
    context_words,
    follow_up_pairs,
    provenance_pairs,
    risk_convention,
)
from survrecon.report.content.checks import check_rows, constraint_rows, headlines, help_tables
from survrecon.report.content.fit import RiskCell, residuals, risk_cells
from survrecon.report.content.joint import joint_tables
from survrecon.report.content.words import NOT_REAL, VERDICT_STYLE, WATERMARK, estimate_text, grade_lines
from survrecon.report.json import assumptions, dump_json, plain, result_to_dict
from survrecon.report.pictures import PictureSection, pictures_of
from survrecon.report.plots.forest import forest_plot
from survrecon.report.settings import OVERLAY, STRIP, TEXT
from survrecon.report.table import TextTable
from survrecon.report.text import analysis_tables, warning_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jinja2 import Environment

    from survrecon.checks.results import RecordResult
    from survrecon.report.pictures import Picture

__all__ = [
    "Strip",
    "batch_page",
    "batch_table",
    "index_page",
    "record_page",
    "strip",
    "tables_page",
    "template",
    "whole_page",
    "write_index",
    "write_report",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Strip:
    """Places in pixels from the left of a strip `STRIP.width` wide.

    Parameters
    ----------
    zone : tuple of float
        Left end and width of the margin.
    middle : float
        No difference.
    bar : tuple of float
        Left end and width of the interval.
    point : float
        The difference.
    words : str
        The same in words, for readers who do not see it.
    short : str
        Difference and margin, to stand below.
    """

    zone: tuple[float, float]
    middle: float
    bar: tuple[float, float]
    point: float
    words: str
    short: str


def strip(check: Agreement) -> Strip | None:
    """Return the strip of a check, or ``None`` where no difference was judged."""
    if check.difference is None or not check.margin:
        return None
    low = high = check.difference
    if check.interval is not None:
        low = low if check.interval.low is None else check.interval.low
        high = high if check.interval.high is None else check.interval.high
    span = STRIP.reach * check.margin  # one scale for all strips of a page: that of their margins

    def place(value: float) -> float:
        share = (min(max(value, -span), span) + span) / (2 * span)
        return round(STRIP.padding + share * (STRIP.width - 2 * STRIP.padding), 1)

    words = f"difference {check.difference:.3g}, 95% interval {low:.3g} to {high:.3g}, margin {check.margin:.3g}"
    return Strip(
        zone=(place(-check.margin), round(place(check.margin) - place(-check.margin), 1)),
        middle=place(0.0),
        bar=(place(low), round(max(place(high) - place(low), 1.0), 1)),
        point=place(check.difference),
        words=words,
        short=f"{check.difference:+.3f}, margin {check.margin:.2g}",
    )


_Cell = TypeVar("_Cell", RiskCell, ReadValue)
_DOI = re.compile(r"10\.\d{4,9}/[^\s<>\"]+")


def record_page(result: RecordResult, pictures: Sequence[Picture]) -> str:
    """Return the page of a record.

    Parameters
    ----------
    result : RecordResult
        What came of it.
    pictures : sequence of Picture
        In the order in which a section shows them; none where nothing was built.
    """
    document = result.record.document
    rows = check_rows(result)
    return template(
        "record.html.j2",
        arms_and_contrasts=analysis_tables(result.arms, result.comparisons) if result.arms else [],
        assumed=assumptions(result),
        glance=at_a_glance(result, assumptions(result)),
        checks=[(row, strip(check)) for check, row in zip(result.checks, rows, strict=True)],
        constraints=result.constraints,
        constraint_rows=constraint_rows(result.constraints),
        context=[(*context_words(fact), fact.note) for fact in document.facts_of(Quantity.CONTEXT)],
        diagnostics={name: told for name, r in result.reconstructions.items() if (told := _shown(r.diagnostics))},
        reasons=[row for row in rows if row.verdict is Verdict.DIFFERS or row.reason],
        document=document,
        doi=_doi(document.digitized.doi),
        pictures=pictures,
        overlays=[picture for picture in pictures if picture.section is PictureSection.AS_READ],
        **_assessment(result),
        headlines=[row for _, row in headlines(result)],
        kind_words=KIND_WORDS[result.record.kind] if result.reconstructions else "printed numbers alone, nothing built",
        not_real=NOT_REAL,
        provenance=provenance_pairs(result),
        follow_up=follow_up_pairs(result),
        references=[(key, r, _doi(r.doi)) for key, r in document.references.items()],
        result=result,
        scenarios=[(s, estimate_text(s.hazard_ratio)) for s in result.scenarios],
        landmarks=[(r, estimate_text(r.ratio), _contrast(r.ratio)) for r in result.landmark_ratios],
        warnings=warning_lines(result),
        what_helps=help_tables(result),
        joint_tables=joint_tables([result]),
        grade_lines=grade_lines(result),
        watermark=WATERMARK if result.record.kind is SourceKind.SUMMARY and result.reconstructions else "",
    )


def index_page(
    results: Sequence[RecordResult], pages: Mapping[str, str], endpoints: Mapping[str, str] | None = None
) -> str:
    """Return the index of many records.

    Parameters
    ----------
    results : sequence of RecordResult
        In the order to show.
    pages : mapping of str to str
        Relative address of each record's page, by record name.
    endpoints : mapping of str to str, optional
        That of the page on which progression-free and overall survival stand together, by trial.
    """
    trials: dict[str, list[tuple[RecordResult, list[Any], dict[str, int]]]] = {}
    for result in sorted(results, key=lambda one: one.record.kind is SourceKind.SUMMARY):
        rows = check_rows(result)
        shown = [(row, None if check is None else strip(check)) for check, row in headlines(result)]
        counts = {verdict.value: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
        trials.setdefault(result.record.trial, []).append((result, shown, counts))
    totals = {verdict.value: sum(c.verdict is verdict for r in results for c in r.checks) for verdict in Verdict}
    classes = [(one, {str(v): n for v, n in counts.items()}) for one, counts in ratio_counts(results).items() if counts]
    forest = forest_plot(results)
    summary = any(result.record.kind is SourceKind.SUMMARY and result.reconstructions for result in results)
    return template(
        "index.html.j2",
        trials=trials,
        pages=pages,
        endpoints=endpoints or {},
        totals=totals,
        classes=classes,
        ratio_verdicts=[str(v) for v in Verdict if any(str(v) in counts for _, counts in classes)],
        forest="" if forest is None else b64encode(forest).decode("ascii"),
        watermark=WATERMARK if summary else "",
        not_real=NOT_REAL,
    )


def template(name: str, **values: Any) -> str:
    """Render a template of this folder with the values that all pages need."""
    signs = {verdict.value: sign for verdict, (_, sign) in VERDICT_STYLE.items()}
    return _environment().get_template(name).render(signs=signs, strip_width=STRIP.width, version=__version__, **values)


def _assessment(result: RecordResult) -> dict[str, Any]:
    """Return what tells how far the result can be relied on: fit, inputs read and typed, checklist."""
    at_risk = [reading for reading in result.record.readings if reading.what is ReadKind.AT_RISK]
    return {
        "checklist": checklist(result),
        "readings": [reading for reading in result.record.readings if reading.what is not ReadKind.AT_RISK],
        "residuals": residuals(result),
        "risk_arms": _by_arm(risk_cells(result)),
        "risk_convention": risk_convention(result),
        "risk_readings": _by_arm(at_risk),
        "sure": SURE,
    }


def _by_arm(cells: Iterable[_Cell]) -> list[tuple[str, list[_Cell]]]:
    found: dict[str, list[_Cell]] = {}
    for cell in cells:
        found.setdefault(cell.arm, []).append(cell)
    return list(found.items())


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["shell_flag"] = shell_flag
    environment.filters["css"] = lambda verdict: str(verdict).replace(" ", "-")
    return environment


def _doi(text: str | None) -> str | None:
    """Return a DOI that is safe to link to, or ``None``."""
    return text if text is not None and _DOI.fullmatch(text) else None


def _contrast(ratio: Estimate) -> str:
    return f"{ratio.of} over {ratio.over}" if ratio.of and ratio.over else ""


def _shown(diagnostics: Diagnostics) -> list[tuple[str, str]]:
    """Return what a method reports of itself, without long arrays."""
    shown, longest = [], TEXT.longest_diagnostic
    for key, value in diagnostics.to_dict().items():
        flat = plain(value)
        if isinstance(flat, float):
            flat = f"{flat:.4g}"
        text = "not available" if flat is None else str(flat)
        shown.append((key.replace("_", " "), text if len(text) <= longest else text[: longest - 1] + "…"))
    return shown


def tables_page(title: str, lead: Sequence[str], tables: Sequence[TextTable]) -> str:
    """Return a page of sentences and tables.

    Parameters
    ----------
    title : str
        What it is about.
    lead : sequence of str
        Sentences before the tables.
    tables : sequence of TextTable
        In the order to show; one without rows is its heading alone.
    """
    return template("tables.html.j2", title=title, lead=lead, tables=tables, not_real=NOT_REAL)


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
        (row, quote(row.folder), (folder / row.folder / OVERLAY).is_file(), _arms(row), _batch_contrast(row))
        for row in rows
    ]
    counts = {status.value: sum(row.status is status for row in rows) for status in BatchStatus}
    verdicts = {verdict.value: sum(row.verdict is verdict for row in rows) for verdict in VERDICT_STYLE}
    return template(
        "batch.html.j2",
        rows=shown,
        counts=counts,
        verdicts=verdicts,
        ratio=estimate_text,
        paper_decimals=TEXT.paper_decimals,
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
            "" if row.hazard_ratio is None else estimate_text(row.hazard_ratio),
            _batch_contrast(row),
            "" if row.printed is None else estimate_text(row.printed, TEXT.paper_decimals),
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


def _batch_contrast(row: BatchRow) -> str:
    """Say of what a hazard ratio is, and how many more the report has."""
    if row.hazard_ratio is None:
        return ""
    more = f"; {row.contrasts - 1} more in the report" if row.contrasts > 1 else ""
    return f"{row.hazard_ratio.of} over {row.hazard_ratio.over}{more}"


def _count(value: float) -> str:
    """Print a count; pooled over draws it may have a decimal."""
    return format_decimals(value, 0 if float(value).is_integer() else 1)


def write_report(result: RecordResult, folder: str | Path) -> list[Path]:
    """Write ``report.json``, ``report.html`` and, where curves were built, ``curves.svg`` and ``curves.png``.

    Parameters
    ----------
    result : RecordResult
        What came of a record.
    folder : str or Path
        Made where missing; each file appears whole or not at all.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ReportError
        If the folder cannot be written to.
    """
    folder, pictures = Path(folder), pictures_of(result)
    written = [write_whole(folder / "report.json", dump_json(result_to_dict(result)))]
    written += [write_whole(folder / name, data) for picture in pictures for name, data in picture.files]
    return [*written, write_whole(folder / "report.html", record_page(result, pictures))]


def whole_page(result: RecordResult) -> str:
    """Return ``report.html`` of a result, which needs no other file."""
    return record_page(result, pictures_of(result))


def write_index(
    results: Sequence[RecordResult], folder: str | Path, endpoints: Mapping[str, str] | None = None
) -> Path:
    """Write ``index.html``, which leads to ``<record>/report.html`` of every record in ``folder``, and to pages beside.

    Parameters
    ----------
    results, endpoints
        As of `index_page`.
    folder : str or Path
        Where.
    """
    pages = {result.record.name: f"{quote(result.record.name)}/report.html" for result in results}
    return write_whole(Path(folder) / "index.html", index_page(results, pages, endpoints))
