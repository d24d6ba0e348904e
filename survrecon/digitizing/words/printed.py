"""Statistics in one line of text: hazard ratios, p values, medians, milestones, numbers of patients and events."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from survrecon.digitizing.result import PrintedStatistic
from survrecon.digitizing.words.spelling import (
    NUMBER,
    P_NAME,
    RATIO_NAME,
    named_model,
    named_sides,
    named_test,
    plain_text,
    with_points,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


__all__ = [
    "Heading",
    "clauses_in",
    "heading_in",
    "statistic_cells",
    "statistics_in",
    "unit_in",
]

_OPEN = r"N\.?[REA]\b\.?|not\s+(?:reached|estimable|evaluable|available)|∞"
_LIMIT = rf"(?:\d*\.\d+|\d+|{_OPEN})"
_BETWEEN = r"\s*(?:-|\bto\b|\band\b|,|;|~)\s*"
_SHARE = r"(?P<share>\d{2}(?:\.\d+)?)\s*%\s*CI"  # any level, as `plain_text` writes it
_LEVEL = r"(?:\(?\s*(?:(?P<level>\d{2}(?:\.\d+)?)\s*%\s*)?\bCI\s*(?:(?:of|for)\s*(?:the\s*)?median)?\s*[:,=)]*\s*)?"
_PAIR = rf"(?P<low>{_LIMIT})\s*%?{_BETWEEN}(?P<high>{_LIMIT})\s*%?"
_LIMITS = rf"(?:\s*[,;(\[]*\s*{_LEVEL}[\[(]*\s*{_PAIR})?"
_MEASURE = r"(?:years?|yrs?|y|months?|mos?|weeks?|wks?|days?|d|mc?g|\u03bcg|g|m[lL]|Gy|IU|U|units?)\b"
_IN_WORDS = (
    rf"\d+(?:\.\d+)?(?:(?:\s*-\s*\d+)?\s*-?\s*{_MEASURE}|(?!\.?\d)(?!\s*(?:[(\[,;]|CI\b|%|$)))|"
    r"(?<=[^\W\d_])-?\d+(?!\.?\d)"
)
"""A number that is no ratio: a time, a dose, part of a name, or a whole number that no interval follows."""
_WORDS = (
    rf"(?:[^\d(\[]|{_IN_WORDS}|[(\[][^\d()\[\]]*[)\]]|"
    r"[(\[][^()\[\]]*(?:\bvs?\b|\bversus\b|\bover\b|/)[^()\[\]]*[)\]])*?"
)
_MARK = r"(?:[a-d*\u2020\u2021\u00a7\u00b6](?![^\W_]))?"
"""The letter or sign of a footnote behind a value."""
_NO_WORD = r"(?![\d.]*\s+(?!CI\b|p\b|to\b|and\b)[^\W\d_])"
"""A whole number that words go on behind is of something else: "HR per 1 SD"."""
_HAZARD = re.compile(
    rf"{RATIO_NAME}(?P<between>{_WORDS}(?:[(\[]?\s*{_SHARE}\s*[)\]]?\s*)?(?P<before>[^\d(]*))"
    rf"(?P<value>\d*\.\d+|(?<![^\W_])(?<![-.])\d+(?![\d.]*\s*-?\s*{_MEASURE})(?![\d.]*\s*-\s*\d)(?!\s*\(?\s*ref){_NO_WORD})(?![\d.]*\s*%){_MARK}{_LIMITS}",
    re.IGNORECASE,
)
_DECIMAL_HAZARD = re.compile(
    rf"{RATIO_NAME}(?P<between>(?:[^\d(\[]|\d+(?!\.?\d)|[(\[](?:(?!\d*\.\d)[^()\[\]])*[)\]])*?"
    rf"(?:[(\[]?\s*{_SHARE}\s*[)\]]?\s*)?(?P<before>[^\d(]*))"
    rf"(?<![\d.])(?<!-)(?P<value>\d*\.\d+)(?!\s*-?\s*{_MEASURE})(?!\s*%){_MARK}{_LIMITS}",
    re.IGNORECASE,
)
"""A ratio with decimals behind whole numbers that are of names or times: "HR at month 12, 0.71"."""
_HAS_VALUE = re.compile(
    rf"\bp\b|;|\d[\s,;]*[(\[]?\s*{_SHARE.replace('?P<share>', '?:')}|\d\s*(?:-|to)\s*$", re.IGNORECASE
)
"""Words between that are not passed over: a p value, or an interval, before which a whole ratio stands."""
_INTERVAL = re.compile(rf"\W*{_LEVEL}[(\[]*{_PAIR}[)\]]*(?:\W*$|[;,.)]\s*(?=[A-Za-z]))", re.IGNORECASE)
_POWER = r"(?:\s*(?:e|[x×*]\s*10\s*\^?)\s*-\s*(?P<power>\d+))?"
_P_SIGN = r"(?P<sign>=|<|>|:|(?<=\s)(?=0?\.\d))"
_LEVEL_SAID = r"(?!\s*(?:was|were|is|are|considered|indicat\w*|denot\w*)\b)"
_P_VALUE = re.compile(
    rf"(?<!\*)(?<!\*\s){P_NAME}\s*{_P_SIGN}\s*(?P<value>{NUMBER})(?![\d.]){_POWER}{_LEVEL_SAID}", re.IGNORECASE
)
"""A p value, and no level of significance, as "P<0.05 was significant" or "* P<0.05"."""
_A_P = re.compile(rf"{P_NAME}\s*[=<>:]", re.IGNORECASE)
"""A p value behind the name of a ratio that is not printed itself."""
_NO_RATIO = re.compile(
    r"(?<!\bvs)(?<!\bv)\.\s+(?-i:[A-Z])|^\W*(?:denotes|indicates|means)\b|^[\s=,:]*hazards?\s+ratio\s*[,;.]|"
    r";\s*(?-i:[A-Z])[A-Za-z]*\s*[=,:]\s*(?-i:[a-z])",
    re.IGNORECASE,
)
"""Where the words behind the name of a ratio go on to another sentence, or explain it as a footnote does."""
_UNIT_WORD = r"(?P<unit>mos?\b|months?\b|yrs?\b|years?\b|days?\b|weeks?\b|wks?\b|m\b|y\b)"
_OUTCOME = r"(?:OS|PFS|DFS|EFS|RFS|TTP|DSS)"
_OF_SURVIVAL = (
    rf"(?:\s*(?:overall|(?:progression|disease|event|relapse|recurrence)\W*free|survival|time|{_OUTCOME})\b)*"
)
_MEDIAN_NAME = rf"(?:\bmedian\b{_OF_SURVIVAL}|\bm{_OUTCOME}\b|\bMS\b)"
_NAMED = (
    r"(?:,?\s+(?!(?:follow|age|dose|duration|number|time\s+to|observation|treatment|interval|response|range)\b)"
    r"[^:;(\[]{1,40}:(?=\s))?"
)
"""The name of an arm before a colon: "Median Drug 10 mg: 12.3 months"."""
_MEDIAN = re.compile(
    rf"(?:{_MEDIAN_NAME}{_NAMED}\s*(?:was|is)?\s*(?:\(\s*{_SHARE}\s*\))?\s*[:=,]?|\b{_OUTCOME}\s*[=:](?=\s*[\d.]+\s*(?:mo|y|w|d)))"
    rf"\s*(?P<sign>[<>]?)\s*(?P<value>{_LIMIT})(?![\d.]*\s*%|\s*years?\s+(?:or|and)\b)\s*{_UNIT_WORD}?\.?{_LIMITS}",
    re.IGNORECASE,
)
_MILESTONE = re.compile(
    rf"(?P<time>{NUMBER})\s*-?\s*(?P<unit>yr|year|month|mo|week|day)s?\.?(?:\s*(?:rate|survival|{_OUTCOME}))*(?:\s*\(\s*{_SHARE}\s*\))?"
    rf"\s*[:;,.=]*\s*(?P<sign>[<>]?)\s*(?P<value>{NUMBER})\s*%{_LIMITS}",
    re.IGNORECASE,
)
_OF_A_LIST = re.compile(r"\d-?\s*(?:,\s*(?:and\s*)?|and\s*)$", re.IGNORECASE)
"""What stands before the last of several times: "1-, 3- and 5-year survival"."""
_PATIENTS = re.compile(r"\bn\s*[=:]\s*(\d[\d,]*)", re.IGNORECASE)
_OF_PATIENTS = re.compile(r"\bn\s*/\s*N\s*=\s*(\d[\d,]*)\s*/\s*(\d[\d,]*)")
_WORD = r"(?:events?|deaths?)"
_EVENTS = re.compile(
    rf"\b{_WORD}\s*[=:]\s*(?P<a>\d+)|(?P<b>\d+)\s*{_WORD}\b|"  # events = 97; 97 events / 138
    rf"(?P<c>\d+)\s*/\s*(?P<n>\d+)\s*{_WORD}\b|"  # 97/138 events
    rf"\b{_WORD}\s*/\s*(?:n|patients|total|no\.?)\s*[=:]?\s*(?P<d>\d+)\s*/\s*(?P<m>\d+)(?!\s*(?:vs|versus|,))",
    re.IGNORECASE,
)
_OF = re.compile(rf"\d+\s*{_WORD}\s*(?:/|of|out of)\s*(\d+)", re.IGNORECASE)
_UNITS = {"mo": "months", "m": "months", "yr": "years", "y": "years", "d": "days", "w": "weeks"}

_UNSURE_SIGN = re.compile(r"\bp\s*(?:[cC]|-\s?)(?=0?\.\d)", re.IGNORECASE)


def _decimals(number: str) -> int:
    return len(number.partition(".")[2])


def _unit(word: str | None) -> str | None:
    if not word:
        return None
    low = word.lower()
    return next((unit for start, unit in _UNITS.items() if low.startswith(start)), None)


def unit_in(text: str) -> str | None:
    """Return the unit of time that a text names; None where it names none."""
    hit = re.search(_UNIT_WORD, text, re.IGNORECASE)
    return _unit(hit["unit"]) if hit else None


def statistics_in(raw: str) -> list[PrintedStatistic]:
    """Return the statistics in one line of text.

    Examples
    --------
    >>> [hr] = statistics_in("HR (95% CI): 0.41 (0.32, 0.52)")
    >>> hr.value, hr.low, hr.high, hr.level
    (0.41, 0.32, 0.52, 0.95)
    >>> [p] = statistics_in("Log-rank p-value : <.0001")
    >>> p.value is None, p.less_than
    (True, 0.0001)
    """
    text, restored = with_points(plain_text(raw))
    found = [*_ratios(text, raw)]
    if not found and (hit := _INTERVAL.match(text)) is not None and hit["level"]:
        alone = PrintedStatistic(quantity="interval", value=None, text=raw)
        found.append(_with_limits(alone, hit, hit["level"]))
    line = re.sub(r"[:=]\s*(?=[<>])", "", text)
    found += [_p_value(hit, line, raw) for hit in _P_VALUE.finditer(line)]
    found += [*_medians(text, raw), *_milestones(text, raw), *_counts(text, raw)]
    if _UNSURE_SIGN.search(raw):
        sign = "the sign before the number was not recognised and is guessed from its shape"
        found = [replace(s, remark=s.remark or sign) if s.quantity == "p_value" else s for s in found]
    if restored:
        lost = "a decimal point was not recognised and is taken to stand after the first digit"
        found = [s if s.remark or s.quantity in ("n", "events") else replace(s, remark=lost) for s in found]
    return found


_APART = re.compile(r"\s*;\s*")


def clauses_in(raw: str) -> list[str]:
    """Return the parts of a line that state a ratio or a median each; the whole line where there is one at most.

    Words of comparison stand before all ratios, or behind them where the line begins with a ratio.

    Examples
    --------
    >>> clauses_in("B vs A: HR 0.70 (0.54-0.90), p=0.01, C vs A: HR 0.45 (0.34-0.60)")
    ['B vs A: HR 0.70 (0.54-0.90), p=0.01', 'C vs A: HR 0.45 (0.34-0.60)']
    >>> clauses_in("HR 0.65 unadjusted, HR 0.70 adjusted")
    ['HR 0.65 unadjusted', 'HR 0.70 adjusted']
    """
    text = plain_text(raw)
    parts = _APART.split(text)
    for counts in ([len(_hazards(part)) for part in parts], [len(_MEDIAN.findall(part)) for part in parts]):
        if sum(counts) > 1 and max(counts) == 1:
            starts = [k for k, count in enumerate(counts) if count]
            bounds = [0, *starts[1:], len(parts)]
            return ["; ".join(parts[a:b]) for a, b in pairwise(bounds)]
    hits = _hazards(text)
    if len(hits) < 2:
        return [raw]
    leading = re.search(r"[^\W\d_]{2}|\b[A-Z]\b", text[: hits[0].start()]) is not None
    cuts = [_end_of(hit, text, other.start()) if leading else other.start() for hit, other in pairwise(hits)]
    return [text[a:b].strip(" ,;") for a, b in pairwise([0, *cuts, len(text)])]


def _hazards(text: str) -> list[re.Match[str]]:
    """Return where ratios stand: those with decimals and an interval first, whatever whole numbers stand before."""
    found: list[re.Match[str]] = []
    at = 0
    while (hit := _HAZARD.search(text, at)) is not None or _DECIMAL_HAZARD.search(text, at) is not None:
        other = _DECIMAL_HAZARD.search(text, at)
        if other is not None and (hit is None or (hit["value"].isdecimal() and hit["low"] is None)):
            passed = _HAS_VALUE.search(other["between"]) is None and (hit is None or other.start() == hit.start())
            hit = other if passed and other["low"] is not None else hit
        if hit is None:
            break
        found.append(hit)
        at = hit.end()
    return found


def _end_of(hit: re.Match[str], text: str, stop: int) -> int:
    """Return where what is said of a ratio ends, its bracket and a p value behind it included."""
    values = [one.end() for one in _P_VALUE.finditer(text, hit.end(), stop)]
    closed = re.match(r"[)\]]*", text[hit.end() :])
    return max([hit.end() + (closed.end() if closed else 0), *values])


def _ratios(text: str, raw: str) -> Iterator[PrintedStatistic]:
    """Read every hazard ratio of a line, each with the model that the words up to it name."""
    start = 0
    for hit in _hazards(text):
        if _A_P.search(hit["between"]) or _NO_RATIO.search(hit["between"]):
            continue
        bound = re.search(r"[<>](?=\s*$)", hit["before"])
        ratio = _statistic("hazard_ratio", raw, hit["value"], bound[0] if bound else "")
        ratio = _with_limits(ratio, hit, hit["share"] or hit["level"])
        yield replace(ratio, model=named_model(text[start : hit.end()]))
        start = hit.end()


def _medians(text: str, raw: str) -> Iterator[PrintedStatistic]:
    hit = _MEDIAN.search(text)
    if hit is None:
        return
    median = replace(_statistic("median", raw, hit["value"], hit["sign"]), unit=_unit(hit["unit"]))
    yield _with_limits(median, hit, hit["share"] or hit["level"])


def _milestones(text: str, raw: str) -> Iterator[PrintedStatistic]:
    for hit in _MILESTONE.finditer(text):
        if _OF_A_LIST.search(text[: hit.start()]):
            continue
        percent = _statistic("survival_at", raw, hit["value"], hit["sign"])
        percent = _with_limits(percent, hit, hit["share"] or hit["level"])
        yield replace(_as_fraction(percent), time=float(hit["time"]), unit=_unit(hit["unit"]))


def _counts(text: str, raw: str) -> Iterator[PrintedStatistic]:
    """Read numbers of patients and of events, ``events / patients`` among them."""
    counts: dict[str, str] = {}
    if (hit := _OF_PATIENTS.search(text)) is not None:
        counts = {"n": hit[2], "events": hit[1]}
    elif len(stated := _PATIENTS.findall(text)) == 1:  # several are of several arms
        counts = {"n": stated[0]}
    if (hit := _EVENTS.search(text)) is not None:
        counts["events"] = next(hit[k] for k in "abcd" if hit[k] is not None)
        patients = hit["n"] or hit["m"] or (of[1] if (of := _OF.search(text)) else None)
        if patients is not None:
            counts.setdefault("n", patients)
    for quantity, number in counts.items():
        yield PrintedStatistic(quantity=quantity, value=float(number.replace(",", "")), text=raw, decimals=0)


def _statistic(quantity: str, text: str, printed: str, sign: str) -> PrintedStatistic:
    """Return a number, the bound that the sign before it makes of it, or neither where it is printed as not reached."""
    number = float(printed) if printed[-1].isdecimal() else None
    return PrintedStatistic(
        quantity=quantity,
        value=None if sign else number,
        text=text,
        less_than=number if sign == "<" else None,
        more_than=number if sign == ">" else None,
        decimals=None if number is None else _decimals(printed),
    )


def _with_limits(statistic: PrintedStatistic, hit: re.Match[str], level: str | None) -> PrintedStatistic:
    """Return a statistic with its interval, one limit of which may be not reached, and the level that is printed."""
    limits = [float(hit[key]) if hit[key] and hit[key][-1].isdecimal() else None for key in ("low", "high")]
    if limits == [None, None]:
        return statistic
    return replace(statistic, low=limits[0], high=limits[1], level=_level(level) if level else None)


def _level(percent: str) -> float:
    return round(float(percent) / 100, 2 + _decimals(percent))


def _p_value(hit: re.Match[str], line: str, raw: str) -> PrintedStatistic:
    p = _p_number(hit, raw)
    return replace(p, sides=named_sides(line, hit.span()), test=named_test(line, hit.span()))


def _p_number(hit: re.Match[str], raw: str) -> PrintedStatistic:
    """Return a p value; one that no p value can be has no number but a remark."""
    power = -int(hit["power"] or 0)
    p = _statistic("p_value", raw, f"{hit['value']}e{power}", hit["sign"].strip("=:"))
    decimals = _decimals(hit["value"]) - power
    number = round(float(hit["value"]) * 10.0**power, decimals)
    least = round(10.0**-decimals, decimals)
    if number == 0 and decimals >= 2:  # 0.000 is what rounding leaves of a small one
        return replace(p, value=None, less_than=least, more_than=None, decimals=decimals)
    if 0 < number <= 1:
        bounds = {key: None if getattr(p, key) is None else number for key in ("value", "less_than", "more_than")}
        return replace(p, decimals=decimals, value=bounds["value"], less_than=bounds["less_than"],
                       more_than=bounds["more_than"])  # fmt: skip
    why = f"no p value is {hit['value']}: a sign or a decimal point was not recognised"
    return PrintedStatistic(quantity="p_value", value=None, text=raw, remark=why)


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """What stands over or before numbers and says what they are.

    Parameters
    ----------
    quantity : str
        As of `PrintedStatistic`.
    text : str
        The words.
    unit : str or None
        The unit of time that they name.
    level : float or None
        The level of the intervals.
    time : float or None
        Of survival: the time.
    """

    quantity: str
    text: str
    unit: str | None = None
    level: float | None = None
    time: float | None = None


_NO_HEADING = re.compile(r"risk|censor|follow|\bage\b|interaction|subgroup\s*analys", re.IGNORECASE)
_COUNT_WORD = r"(?:patients|subjects|participants|pts)"
_HEADINGS = (
    ("hazard_ratio", re.compile(RATIO_NAME, re.IGNORECASE)),
    ("p_value", re.compile(r"\bp\s*-?\s*values?\b|^\W*P\W*$|\brank\s*p\W*$", re.IGNORECASE)),
    ("median", re.compile(_MEDIAN_NAME, re.IGNORECASE)),
    ("survival_at", re.compile(rf"(?:^\W*|\bat\s*)(?P<time>{NUMBER})\s*-?\s*{_UNIT_WORD}", re.IGNORECASE)),
    ("events", re.compile(rf"^\W*(?:(?:no\.?|number|n)\s*(?:of)?\s*|total\s*)?{_WORD}\b|^\W*O\W*$", re.IGNORECASE)),
    (
        "n",
        re.compile(rf"^\W*(?:(?:no\.?|number)\s*(?:of)?\s*)?{_COUNT_WORD}\b|^\W*(?:n|no\.?|total)\W*$", re.IGNORECASE),
    ),
)
_FILLING = re.compile(
    r"(?:\d{2}(?:\.\d+)?\s*%\s*(?:CI|a)\b)|\(\s*%\s*\)|[,;]?\s*\bn\b\s*(?:\(\s*%\s*\))?$", re.IGNORECASE
)


def heading_in(raw: str) -> Heading | None:
    """Return what a text without a value announces, such as ``Median PFS (95% CI), months``; None if nothing.

    Examples
    --------
    >>> heading_in("Median PFS (95% CI), months").unit, heading_in("No. of Events/Patients").quantity
    ('months', 'events')
    >>> heading_in("Median follow-up") is None, heading_in("HR 0.66") is None, heading_in("Ribociclib") is None
    (True, True, True)
    """
    text = plain_text(raw)
    if _NO_HEADING.search(text):
        return None
    for quantity, pattern in _HEADINGS:
        hit = pattern.search(text)
        if hit is None:
            continue
        time = hit["time"] if quantity == "survival_at" else None
        rest = text.replace(hit[0], " ", 1) if time is not None else text
        if re.search(r"\d", _FILLING.sub(" ", rest)):
            return None
        share = re.search(_SHARE, text)
        return Heading(
            quantity=quantity,
            text=raw,
            unit=unit_in(text),
            level=_level(share["share"]) if share else None,
            time=None if time is None else float(time),
        )
    return None


_CELL = re.compile(
    rf"(?<![\d.])(?P<sign>[<>]?)\s*(?P<value>\d{{1,3}}(?:,\d{{3}})+|{_LIMIT}){_POWER}\s*(?P<percent>%?)"
    rf"(?:\s*{_UNIT_WORD}\.?)?(?:\s*/\s*(?P<of>\d+))?(?:\s*[,;(\[]+\s*{_LEVEL}[\[(]*\s*{_PAIR}\s*[)\]]*|\s*[(\[]\s*\d*\.?\d+\s*%?\s*[)\]])?",
    re.IGNORECASE,
)


def statistic_cells(heading: Heading, raw: str) -> list[tuple[list[PrintedStatistic], tuple[int, int]]]:
    """Return the statistics of each cell in a stretch of text under or behind a heading, and where the cell stands.

    Examples
    --------
    >>> found = statistic_cells(heading_in("Median (95% CI), months"), "14.9 (8.7 to 17.3) 11.6 (8.4 to NR)")
    >>> [(cell[0].value, cell[0].low, cell[0].high) for cell, _ in found]
    [(14.9, 8.7, 17.3), (11.6, 8.4, None)]
    """
    text, restored = with_points(plain_text(raw))
    found = []
    for hit in _CELL.finditer(text):
        cell = _cell(heading, hit, f"{heading.text}: {hit[0].strip()}")
        if restored:
            cell = [replace(s, remark="a decimal point was not recognised") for s in cell]
        if cell:
            found.append((cell, hit.span()))
    return found


def _cell(heading: Heading, hit: re.Match[str], text: str) -> list[PrintedStatistic]:
    """Return what one cell states: a number that cannot be of the heading's kind states nothing."""
    number = hit["value"].replace(",", "")
    if heading.quantity in ("n", "events"):
        counts = {"n": hit["of"], heading.quantity: number} if hit["of"] else {heading.quantity: number}
        return [
            PrintedStatistic(quantity=quantity, value=float(count), text=text, decimals=0)
            for quantity, count in counts.items()
            if number.isdecimal()
        ]
    if heading.quantity == "p_value":
        if re.fullmatch(NUMBER, hit["value"]) is None:
            return []
        return [replace(_p_number(hit, text), test=named_test(heading.text), sides=named_sides(heading.text))]
    return _estimate(heading, hit, number, text)


def _estimate(heading: Heading, hit: re.Match[str], number: str, text: str) -> list[PrintedStatistic]:
    """Return a ratio, a median or a milestone with its interval."""
    known = number[-1].isdecimal()
    if (heading.quantity == "survival_at" and not (known and hit["percent"])) or (
        heading.quantity == "hazard_ratio" and (not known or number.isdecimal())
    ):
        return []
    made = _with_limits(_statistic(heading.quantity, text, number, hit["sign"]), hit, hit["level"])
    made = replace(
        made, unit=heading.unit or unit_in(hit["unit"] or ""), time=heading.time, level=made.level or heading.level
    )
    if heading.quantity == "hazard_ratio":
        return [replace(made, unit=None, model=named_model(heading.text))]
    return [_as_fraction(made) if heading.quantity == "survival_at" else made]


def _as_fraction(percent: PrintedStatistic) -> PrintedStatistic:
    """Return a milestone printed in percent as a fraction."""
    decimals = (percent.decimals or 0) + 2

    def fraction(value: float | None) -> float | None:
        return None if value is None else round(value / 100, _decimals(repr(value)) + 2)

    numbers = {key: fraction(getattr(percent, key)) for key in ("value", "low", "high", "less_than", "more_than")}
    return replace(percent, value=numbers["value"], low=numbers["low"], high=numbers["high"], decimals=decimals,
                   less_than=numbers["less_than"], more_than=numbers["more_than"])  # fmt: skip
