"""One self-contained page a record, and an index of many: nothing is loaded from elsewhere."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from survrecon import __version__
from survrecon.agreement import Verdict
from survrecon.estimate import Estimate
from survrecon.published import Quantity
from survrecon.readings import AT_RISK, SURE, Reading
from survrecon.record import SourceKind
from survrecon.report.analysis_text import analysis_tables
from survrecon.report.catalogue import KIND_WORDS
from survrecon.report.checklist import checklist
from survrecon.report.checklist_given import risk_convention
from survrecon.report.constraint_words import constraint_rows
from survrecon.report.fit import RiskCell, residuals, risk_cells
from survrecon.report.json_report import assumptions, plain
from survrecon.report.origin import context_words, follow_up_pairs, provenance_pairs
from survrecon.report.rows import check_rows, headlines
from survrecon.report.strip import WIDTH, strip
from survrecon.report.text import warning_lines
from survrecon.report.what_helps import help_tables
from survrecon.report.words import NOT_REAL, VERDICT_STYLE, WATERMARK, estimate_text
from survrecon.result import RecordResult

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["index_page", "record_page", "template"]

_Cell = TypeVar("_Cell", RiskCell, Reading)
_DOI = re.compile(r"10\.\d{4,9}/[^\s<>\"]+")


def record_page(
    result: RecordResult, svg: bytes | None, overlay: bytes | None = None, residual_plot: bytes | None = None
) -> str:
    """Return the page of a record.

    Parameters
    ----------
    result : RecordResult
        What came of it.
    svg : bytes or None
        The figure; ``None`` where nothing was built.
    overlay : bytes or None
        The picture of what was read, drawn on the original figure (PNG).
    residual_plot : bytes or None
        Rebuilt minus read survival (SVG).
    """
    document = result.record.document
    rows = check_rows(result)
    return template(
        "record.html.j2",
        arms_and_contrasts=analysis_tables(result.arms, result.comparisons) if result.arms else [],
        assumed=assumptions(result),
        checks=[(row, strip(check)) for check, row in zip(result.checks, rows, strict=True)],
        constraints=result.constraints,
        constraint_rows=constraint_rows(result.constraints),
        context=[(*context_words(fact), fact.note) for fact in document.facts_of(Quantity.CONTEXT)],
        diagnostics={name: _shown(r.diagnostics) for name, r in result.reconstructions.items() if r.diagnostics},
        reasons=[row for row in rows if row.verdict is Verdict.DIFFERS or row.reason],
        document=document,
        doi=_doi(document.digitized.doi),
        figure=_embedded(svg),
        overlay=_embedded(overlay),
        residual_picture=_embedded(residual_plot),
        **_assessment(result),
        headlines=[row for _, row in headlines(result)],
        kind_words=KIND_WORDS[result.record.kind] if result.reconstructions else "printed numbers alone, nothing built",
        not_real=NOT_REAL,
        provenance=provenance_pairs(result),
        follow_up=follow_up_pairs(result),
        references=[(key, r, _doi(r.doi)) for key, r in document.references.items()],
        result=result,
        scenarios=[(s, estimate_text(s.hazard_ratio, 3)) for s in result.scenarios],
        landmarks=[(r, estimate_text(r.ratio, 3), _contrast(r.ratio)) for r in result.landmark_ratios],
        warnings=warning_lines(result),
        what_helps=help_tables(result),
        watermark=WATERMARK if result.record.kind is SourceKind.SUMMARY and result.reconstructions else "",
    )


def index_page(results: Sequence[RecordResult], pages: Mapping[str, str]) -> str:
    """Return the index of many records.

    Parameters
    ----------
    results : sequence of RecordResult
        In the order to show.
    pages : mapping of str to str
        Relative address of each record's page, by record name.
    """
    trials: dict[str, list[tuple[RecordResult, list[Any], dict[str, int]]]] = {}
    for result in results:
        rows = check_rows(result)
        shown = [(row, None if check is None else strip(check)) for check, row in headlines(result)]
        counts = {verdict.value: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
        trials.setdefault(result.record.trial, []).append((result, shown, counts))
    totals = {verdict.value: sum(c.verdict is verdict for r in results for c in r.checks) for verdict in Verdict}
    summary = any(result.record.kind is SourceKind.SUMMARY and result.reconstructions for result in results)
    return template(
        "index.html.j2",
        trials=trials,
        pages=pages,
        totals=totals,
        watermark=WATERMARK if summary else "",
        not_real=NOT_REAL,
    )


def template(name: str, **values: Any) -> str:
    """Return a page of a template of this folder; what all of them need is added."""
    signs = {verdict.value: sign for verdict, (_, sign) in VERDICT_STYLE.items()}
    return _environment().get_template(name).render(signs=signs, strip_width=WIDTH, version=__version__, **values)


def _assessment(result: RecordResult) -> dict[str, Any]:
    """Return what tells how far the result can be relied on: fit, inputs read and typed, checklist."""
    at_risk = [reading for reading in result.record.readings if reading.what == AT_RISK]
    return {
        "checklist": checklist(result),
        "readings": [reading for reading in result.record.readings if reading.what != AT_RISK],
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


def _embedded(picture: bytes | None) -> str | None:
    return None if picture is None else b64encode(picture).decode("ascii")


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
    environment.filters["css"] = lambda verdict: str(verdict).replace(" ", "-")
    return environment


def _doi(text: str | None) -> str | None:
    """Return a DOI that is safe to link to, or ``None``."""
    return text if text is not None and _DOI.fullmatch(text) else None


def _contrast(ratio: Estimate) -> str:
    return f"{ratio.of} over {ratio.over}" if ratio.of and ratio.over else ""


def _shown(diagnostics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a method reports of itself, without long arrays."""
    shown = []
    for key, value in diagnostics.items():
        flat = plain(value)
        if isinstance(flat, float):
            flat = f"{flat:.4g}"
        text = "not available" if flat is None else str(flat)
        shown.append((key.replace("_", " "), text if len(text) <= 160 else text[:159] + "…"))
    return shown
