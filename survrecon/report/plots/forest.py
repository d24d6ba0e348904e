"""Hazard ratios below each other, printed beside rebuilt, on one scale: the first picture of an index."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from survrecon.checks.results import JUDGED, Verdict
from survrecon.records.schema import SourceKind
from survrecon.report.content.checks import headlines
from survrecon.report.plots.settings import FOREST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.checks.results import Agreement, RecordResult
    from survrecon.model.estimate import Interval
    from survrecon.report.content.checks import CheckRow

__all__ = ["forest_plot"]

_INKS = {
    Verdict.AGREES: "#17693a",
    Verdict.CONSISTENT: "#17693a",
    Verdict.INCONCLUSIVE: "#7a5200",
    Verdict.DOUBTFUL: "#b85c00",
    Verdict.DIFFERS: "#a4161a",
}
_OTHER = "#50555a"
_INK = "#1d1f21"
_HEADS = {True: "read from figures", False: "built from printed numbers"}


def forest_plot(results: Sequence[RecordResult]) -> bytes | None:
    """Return a drawing of every hazard ratio that is printed and rebuilt; ``None`` where there is none.

    Parameters
    ----------
    results : sequence of RecordResult
        Those that were read from a figure come first.
    """
    rows = [
        (result, check, row)
        for result in sorted(results, key=lambda one: one.record.kind is SourceKind.SUMMARY)
        for check, row in headlines(result)
        if check is not None and check.obtained is not None and check.published
    ]
    if not rows:
        return None
    parts: list[str] = []
    y, head = FOREST.top, None
    for result, check, row in rows:
        real = result.record.kind is not SourceKind.SUMMARY
        if real is not head:
            head = real
            y += FOREST.row
            parts.append(_text(FOREST.names, y + FOREST.base, _HEADS[real], weight="bold"))
            y += FOREST.row
        parts += _row(result, check, row, y)
        y += FOREST.row
    height = y + FOREST.foot
    head_lines = [*_axis(y), _key()]
    body = "\n".join([*head_lines, *parts])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {FOREST.width} {height}" font-family="sans-serif" '
        f'font-size="{FOREST.letters}"><title>Hazard ratios, printed and rebuilt</title>\n'
        f'<rect width="{FOREST.width}" height="{height}" fill="#fff"/>\n{body}\n</svg>\n'
    ).encode()


def _x(ratio: float) -> float:
    """Return the place of a ratio on the scale of logarithms, kept within the axis."""
    share = (log(ratio) - log(FOREST.lowest)) / (log(FOREST.highest) - log(FOREST.lowest))
    return FOREST.left + min(1.0, max(0.0, share)) * (FOREST.right - FOREST.left)


def _row(result: RecordResult, check: Agreement, row: CheckRow, y: float) -> list[str]:
    """Return a line of the plot: printed ratio above, what the inputs allow and the rebuilt one below."""
    ink, middle = _INKS.get(check.verdict, _OTHER), y + FOREST.row / 2
    published, obtained = check.published or 1.0, check.obtained or 1.0
    words = f"{result.record.name}: printed {row.paper}, rebuilt {row.rebuilt}, {check.verdict}"
    parts = [f"<g><title>{escape(words)}</title>"]
    parts.append(_text(FOREST.names, y + FOREST.base, _name(result, check)))
    interval = _turned(check)
    if interval is not None and interval.low and interval.high:
        parts.append(_line(interval.low, interval.high, middle - FOREST.apart, "#96a0a8", 1))
    size = FOREST.mark
    parts.append(
        f'<rect x="{_x(published) - size:.1f}" y="{middle - FOREST.apart - size:.1f}" width="{2 * size}" '
        f'height="{2 * size}" fill="#5c6166"/>'
    )
    allowed = _allowed(check)
    if allowed is not None:
        parts.append(_line(*allowed, middle + FOREST.apart, ink, FOREST.thick))
    parts.append(f'<circle cx="{_x(obtained):.1f}" cy="{middle + FOREST.apart:.1f}" r="{size}" fill="{ink}"/>')
    verdict = check.verdict.value if check.verdict in JUDGED else f"({check.verdict})"
    numbers = f"{row.paper.partition(' (')[0]} / {row.rebuilt}"
    parts.append(_text(FOREST.numbers, y + FOREST.base, numbers))
    parts.append(_text(FOREST.verdicts, y + FOREST.base, f"{row.ratio_class or ''} {verdict}", ink=ink))
    return [*parts, "</g>"]


def _name(result: RecordResult, check: Agreement) -> str:
    several = len(result.comparisons) > 1
    stratum = check.fact.stratum or check.fact.of or ""
    return f"{result.record.name}{f', {stratum}' if several else ''}"[: FOREST.longest_name]


def _turned(check: Agreement) -> Interval | None:
    interval = check.fact.interval
    return interval.inverted() if interval is not None and check.turned else interval


def _allowed(check: Agreement) -> tuple[float, float] | None:
    """Return the ratios that the inputs allow, or None where nothing was compared."""
    interval, difference = check.interval, check.difference
    if interval is None or difference is None or check.obtained is None or None in (interval.low, interval.high):
        return None
    low, high = (check.obtained * exp((end or 0.0) - difference) for end in (interval.low, interval.high))
    return low, high


def _axis(bottom: float) -> list[str]:
    """Return the scale: a line at 1, light ones elsewhere, with their numbers above and below."""
    parts = []
    for tick in FOREST.ticks:
        ink = _INK if tick == 1 else "#dcdcd6"
        place = _x(tick)
        parts.append(f'<line x1="{place:.1f}" x2="{place:.1f}" y1="{FOREST.top}" y2="{bottom}" stroke="{ink}"/>')
        ends = (FOREST.top - FOREST.mark, bottom + FOREST.row)
        parts += [_text(place, y, f"{tick:g}", anchor="middle") for y in ends]
    return parts


def _key() -> str:
    """Return what the signs mean."""
    words = (
        "square: the paper, with its 95% CI; circle: rebuilt, with what the inputs allow; a, b, c: class of the ratio"
    )
    return _text(FOREST.names, FOREST.base, words)


def _line(low: float, high: float, y: float, ink: str, width: float) -> str:
    ends = f'x1="{_x(low):.1f}" x2="{_x(high):.1f}" y1="{y:.1f}" y2="{y:.1f}"'
    return f'<line {ends} stroke="{ink}" stroke-width="{width}"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "start", weight: str = "normal", ink: str = _INK) -> str:
    keys = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="{ink}"'
    return f"<text {keys}>{escape(words)}</text>"
