"""Where a result comes from, as pairs of a name and words: publication, analysis, arms, follow-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from survrecon.model.estimate import format_decimals
from survrecon.report.content.words import model_text

if TYPE_CHECKING:
    from survrecon.checks.results import RecordResult
    from survrecon.model.published import PublishedFact

__all__ = ["context_words", "follow_up_pairs", "provenance_pairs"]

_NAMES = {
    "what": "what was taken",
    "how": "how",
    "nct": "registry number",
    "image_sha256": "sha256 of the figure file",
    "data_cutoff": "data cut-off",
    "data_cutoff_note": "data cut-off, note",
    "doubts": "to look at",
    "naive": "no ordinary curve",
}
_SHOWN_ELSEWHERE = ("citation", "doi", "kind", "calibration", "readings", "edits")


def context_words(fact: PublishedFact) -> tuple[str, str, str]:
    """Return name, printed value with its unit, and place of a fact that is not checked."""
    printed = fact.printed
    if fact.out_of is not None:
        printed += f" of {fact.out_of}"
    if fact.unit is not None:
        printed += f" {fact.unit}"
    if fact.spread is not None:
        printed += f" (range {fact.spread[0]:g} to {fact.spread[1]:g})"
    model = model_text(fact)
    place = f"{fact.place} ({', '.join((fact.source, *fact.also))})"
    return fact.label, printed, f"{place}; {model}" if model else place


def provenance_pairs(result: RecordResult) -> list[tuple[str, str]]:
    """Return what was digitized and which analysis it shows, as pairs of name and words."""
    document = result.record.document
    parts = (document.digitized, document.analysis)
    pairs = [
        (_NAMES.get(key, key.replace("_", " ")), _words(value))
        for part in parts
        for key, value in part.model_dump(mode="json", exclude_none=True).items()
        if key not in _SHOWN_ELSEWHERE and value not in ([], "")
    ]
    for arm in document.arms:
        events = f", {arm.events} events" if arm.events is not None else ""
        note = f"; {arm.note}" if arm.note else ""
        pairs.append((f"arm {arm.name}", f"{arm.role}, {arm.n} patients{events} ({arm.place}, {arm.source}){note}"))
    pairs += [("changed by a person after it was read", edit.words) for edit in document.digitized.edits]
    return pairs + [(f"sha256 of {data.file}", data.sha256) for data in document.files]


def _words(value: Any) -> str:
    """Return a value as text; the items of a list as sentences."""
    return " ".join(f"{str(item).rstrip('.')}." for item in value) if isinstance(value, list) else str(value)


def follow_up_pairs(result: RecordResult) -> list[tuple[str, str]]:
    """Return the follow-up design as printed, and what is assumed where it is not."""
    follow_up, unit = result.record.document.follow_up, result.record.document.axes.time_unit
    recruited = follow_up.recruitment_start or follow_up.recruitment_end
    dates = f"{follow_up.recruitment_start or 'not printed'} to {follow_up.recruitment_end or 'not printed'}"
    pairs = [
        ("recruitment", dates if recruited else "not printed"),
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
