"""One self-contained page a record, and an index of many: nothing is loaded from elsewhere."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from survrecon import __version__
from survrecon.agreement import Verdict
from survrecon.estimate import Estimate, format_decimals
from survrecon.published import PublishedFact, Quantity
from survrecon.record import SourceKind
from survrecon.report.analysis_text import analysis_tables
from survrecon.report.json_report import assumptions, plain
from survrecon.report.rows import check_rows, headline_checks
from survrecon.report.strip import WIDTH, strip
from survrecon.report.words import KIND_WORDS, NOT_REAL, VERDICT_STYLE, WATERMARK, estimate_text, model_text
from survrecon.result import RecordResult

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["index_page", "record_page"]

_DOI = re.compile(r"10\.\d{4,9}/[^\s<>\"]+")


def record_page(result: RecordResult, svg: bytes | None) -> str:
    """Return the page of a record.

    Parameters
    ----------
    result : RecordResult
        What came of it.
    svg : bytes or None
        The figure; ``None`` where nothing was built.
    """
    document = result.record.document
    rows = check_rows(result)
    heads = {id(check) for check in headline_checks(result)}
    pairs = list(zip(result.checks, rows, strict=True))
    return (
        _environment()
        .get_template("record.html.j2")
        .render(
            arms_and_contrasts=analysis_tables(result.arms, result.comparisons) if result.arms else [],
            assumed=assumptions(result),
            checks=[(row, strip(check)) for check, row in pairs],
            context=[(fact, _source(fact)) for fact in document.facts_of(Quantity.CONTEXT)],
            diagnostics={name: _shown(r.diagnostics) for name, r in result.reconstructions.items() if r.diagnostics},
            differs=[row for row in rows if row.verdict is Verdict.DIFFERS],
            document=document,
            doi=_doi(document.digitized.doi),
            figure=None if svg is None else b64encode(svg).decode("ascii"),
            headlines=[(check, row) for check, row in pairs if id(check) in heads],
            kind_words=KIND_WORDS[result.record.kind],
            not_real=NOT_REAL,
            provenance=_provenance(result),
            follow_up=_follow_up(result),
            references=[(key, r, _doi(r.doi)) for key, r in document.references.items()],
            result=result,
            scenarios=[(s, estimate_text(s.hazard_ratio, 3)) for s in result.scenarios],
            landmarks=[(r, estimate_text(r.ratio, 3), _contrast(r.ratio)) for r in result.landmark_ratios],
            watermark=WATERMARK if result.record.kind is SourceKind.SUMMARY else "",
            **_shared(),
        )
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
        heads = {id(check) for check in headline_checks(result)}
        shown = [(row, strip(check)) for check, row in zip(result.checks, rows, strict=True) if id(check) in heads]
        counts = {verdict.value: sum(row.verdict is verdict for row in rows) for verdict in Verdict}
        trials.setdefault(result.record.document.analysis.trial, []).append((result, shown, counts))
    totals = {verdict.value: sum(c.verdict is verdict for r in results for c in r.checks) for verdict in Verdict}
    summary = any(result.record.kind is SourceKind.SUMMARY for result in results)
    return (
        _environment()
        .get_template("index.html.j2")
        .render(
            trials=trials,
            pages=pages,
            totals=totals,
            watermark=WATERMARK if summary else "",
            not_real=NOT_REAL,
            **_shared(),
        )
    )


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


def _shared() -> dict[str, Any]:
    signs = {verdict.value: sign for verdict, (_, sign) in VERDICT_STYLE.items()}
    return {"signs": signs, "strip_width": WIDTH, "version": __version__}


def _doi(text: str | None) -> str | None:
    """Return a DOI that is safe to link to, or ``None``."""
    return text if text is not None and _DOI.fullmatch(text) else None


def _source(fact: PublishedFact) -> str:
    model = model_text(fact)
    return f"{fact.place} ({fact.source})" + (f"; {model}" if model else "")


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


def _provenance(result: RecordResult) -> list[tuple[str, str]]:
    """Return what was digitized and which analysis it shows, as pairs of name and words."""
    document = result.record.document
    names = {
        "what": "what was taken",
        "how": "how",
        "nct": "registry number",
        "image_sha256": "sha256 of the image",
        "data_cutoff": "data cut-off",
        "data_cutoff_note": "data cut-off, note",
    }
    skipped = ("citation", "doi", "kind")
    pairs = [
        (names.get(key, key.replace("_", " ")), str(value))
        for part in (document.digitized, document.analysis)
        for key, value in part.model_dump(mode="json", exclude_none=True).items()
        if key not in skipped
    ]
    for arm in document.arms:
        events = f", {arm.events} events" if arm.events is not None else ""
        note = f"; {arm.note}" if arm.note else ""
        pairs.append((f"arm {arm.name}", f"{arm.role}, {arm.n} patients{events} ({arm.place}, {arm.source}){note}"))
        pairs += [(f"sha256 of {data.file}", data.sha256) for data in (arm.points, arm.censored) if data is not None]
    return pairs


def _follow_up(result: RecordResult) -> list[tuple[str, str]]:
    follow_up, unit = result.record.document.follow_up, result.record.document.axes.time_unit
    pairs = [
        (
            "recruitment",
            f"{follow_up.recruitment_start or 'not printed'} to {follow_up.recruitment_end or 'not printed'}",
        ),
        ("data cut-off", follow_up.data_cutoff or "not printed"),
    ]
    if follow_up.median is None:
        pairs.append(("median follow-up", "not printed"))
    else:
        median = format_decimals(follow_up.median, follow_up.median_decimals)
        pairs.append(("median follow-up", f"{median} {unit}; method: {follow_up.method}"))
    window = follow_up.window(unit)
    if window is not None:
        pairs.append(("potential follow-up", f"{window[0]:.1f} to {window[1]:.1f} {unit}, from the dates"))
    if follow_up.shortest is not None or follow_up.longest is not None:
        ends = ["not printed" if v is None else f"{v:g}" for v in (follow_up.shortest, follow_up.longest)]
        pairs.append(("printed range", f"{ends[0]} to {ends[1]} {unit}"))
    if follow_up.assumed is not None:
        short, long = follow_up.assumed.shortest, follow_up.assumed.longest
        text = f"shortest {short[0]:g} to {short[1]:g}, longest {long[0]:g} to {long[1]:g} {unit}"
        pairs.append(("assumed, not printed", f"{text}: {follow_up.assumed.reason}"))
    if follow_up.note:
        pairs.append(("note", follow_up.note))
    if follow_up.source:
        pairs.append(("source", follow_up.source))
    return pairs
