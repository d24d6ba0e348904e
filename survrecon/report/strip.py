"""A small picture of one verdict: the margin as a zone, the interval of the difference as a bar."""

from __future__ import annotations

from dataclasses import dataclass

from survrecon.agreement import Agreement

__all__ = ["Strip", "strip"]

WIDTH = 132.0
_PAD = 8.0
_REACH = 3.0  # margins shown on either side of no difference; beyond it the bar is cut


@dataclass(frozen=True, kw_only=True, slots=True)
class Strip:
    """Places in pixels from the left of a strip ``WIDTH`` wide.

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
    span = min(_REACH, max(1.5, 1.15 * max(abs(low), abs(high), abs(check.difference)) / check.margin)) * check.margin

    def place(value: float) -> float:
        share = (min(max(value, -span), span) + span) / (2 * span)
        return round(_PAD + share * (WIDTH - 2 * _PAD), 1)

    words = f"difference {check.difference:.3g}, 95% interval {low:.3g} to {high:.3g}, margin {check.margin:.3g}"
    return Strip(
        zone=(place(-check.margin), round(place(check.margin) - place(-check.margin), 1)),
        middle=place(0.0),
        bar=(place(low), round(max(place(high) - place(low), 1.0), 1)),
        point=place(check.difference),
        words=words,
        short=f"{check.difference:+.3f}, margin {check.margin:.2g}",
    )
