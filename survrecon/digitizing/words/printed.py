"""Statistics printed in a figure: hazard ratios, p values, medians, milestones, numbers of patients."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from survrecon.digitizing.result import PrintedStatistic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survrecon.digitizing.words.words import Word

__all__ = ["lines_of", "read_statistics"]

_NUMBER = r"(\d*\.\d+|\d+)"
_BETWEEN = r"\s*(?:-|to|,|;|~)\s*"
_SHARE = r"(\d{2}(?:\.\d+)?)\s*%\s*CI"  # any level, as `_plain` writes it
_LEVEL = rf"(?:\(?\s*{_SHARE}\s*[:,=)]*\s*)?"
_WORDS = r"(?:[^\d(\[]|[(\[][^\d()\[\]]*[)\]])*?"  # with words in brackets, without a number
_HAZARD = re.compile(
    rf"(?:\bHR\b|hazard\s*ratio){_WORDS}(?:[(\[]?\s*{_SHARE}\s*[)\]]?\s*)?([^\d(]*){_NUMBER}(?![\d.]*\s*%)"
    rf"(?:\s*[,;(\[]*\s*{_LEVEL}[\[(]*\s*{_NUMBER}{_BETWEEN}{_NUMBER})?",
    re.IGNORECASE,
)
_POWER = r"(?:\s*e\s*-\s*(\d+)|\s*[x×*]\s*10\s*\^?\s*-\s*(\d+))?"
_P_VALUE = re.compile(
    rf"\bp\s*(?:-?\s*values?)?\s*(?:[(\[][^()\[\]=<>]*[)\]]\s*)?[:;,]?\s*(=|<|>|:)\s*{_NUMBER}{_POWER}", re.IGNORECASE
)
_MEDIAN = re.compile(
    rf"(?:\bmedian\b(?:\s*(?:survival|OS|PFS))?|\bmOS\b|\bmPFS\b|\bMS\b)\s*(?:\(\s*{_SHARE}\s*\))?\s*[:=,]?\s*"
    rf"([<>]?)\s*{_NUMBER}(?![\d.]*\s*%)\s*(mos?\b|months?|yrs?|years?|days?|weeks?|wks?|m\b)?\.?"
    rf"(?:\s*[,(\[]+\s*{_LEVEL}{_NUMBER}{_BETWEEN}{_NUMBER})?",
    re.IGNORECASE,
)
_MILESTONE = re.compile(
    rf"{_NUMBER}\s*-?\s*(yr|year|month|mo|week|day)s?\.?(?:\s*(?:rate|survival|OS|PFS|EFS))*\s*[:;,.=]*\s*"
    rf"([<>]?)\s*{_NUMBER}\s*%",
    re.IGNORECASE,
)
_PATIENTS = re.compile(r"\bn\s*[=:]\s*(\d[\d,]*)", re.IGNORECASE)
_WORD = r"(?:events?|deaths?)"
_EVENTS = re.compile(
    rf"\b{_WORD}\s*[=:]\s*(?P<a>\d+)|(?P<b>\d+)\s*{_WORD}\b|"  # events = 97; 97 events / 138
    rf"(?P<c>\d+)\s*/\s*(?P<n>\d+)\s*{_WORD}\b|"  # 97/138 events
    rf"\b{_WORD}\s*/\s*(?:n|patients|total|no\.?)\s*[=:]?\s*(?P<d>\d+)\s*/\s*(?P<m>\d+)(?!\s*(?:vs|versus|,))",
    re.IGNORECASE,
)
_OF = re.compile(rf"\d+\s*{_WORD}\s*(?:/|of|out of)\s*(\d+)", re.IGNORECASE)
_UNITS = {"mo": "months", "m": "months", "yr": "years", "y": "years", "d": "days", "w": "weeks"}


_SAME = str.maketrans(
    "·−–—\u2010\u2011，；：（）＜\uff1e≤≥\u2a7d\u2a7e",
    ".-----,;:()<><><>",
)


def _plain(text: str) -> str:
    """Return a line with one spelling of each sign, and levels as ``95% CI``."""
    text = re.sub(r"([<>])\s*=", r"\1", text.translate(_SAME))
    text = re.sub(r"(?<=%)\s*C[lI1]\b", " CI", text)
    text = re.sub(r"\bC[l1]\b|\bC\.\s?I\.?|\bconfidence\s*(?:intervals?|limits?)", "CI", text, flags=re.IGNORECASE)
    text = re.sub(r"%\s*-\s*CI\b", "% CI", text)
    text = re.sub(r"(?<!%)(?<!%\s)\bCI\s*:?\s*(\d{2}(?:\.\d+)?)\s*%", r"\1% CI", text)
    return re.sub(r"(?<=\d),(?=\d{2}\b)(?!\d{3})", ".", text) if re.search(r"\d,\d{2}\D*\(", text) else text


def _decimals(number: str) -> int:
    return len(number.partition(".")[2])


def _unit(word: str | None) -> str | None:
    if not word:
        return None
    low = word.lower()
    return next((unit for start, unit in _UNITS.items() if low.startswith(start)), None)


def lines_of(words: Sequence[Word]) -> list[tuple[str, Word]]:
    """Join words that stand on one line close together; return each line's text with its first word."""
    rest = sorted((w for w in words if not w.vertical), key=lambda w: (w.cy, w.box.x0))
    lines: list[list[Word]] = []
    for word in rest:
        for line in lines:
            last = line[-1]
            near = -0.5 * last.size < word.box.x0 - last.box.x1 < 1.2 * last.size
            if abs(word.cy - last.cy) < 0.4 * last.size and near:
                line.append(word)
                break
        else:
            lines.append([word])
    return [(" ".join(w.text for w in line), line[0]) for line in lines]


def read_statistics(words: Sequence[Word]) -> list[PrintedStatistic]:
    """Return the statistics that the words state."""
    found: list[tuple[PrintedStatistic, Word]] = [
        (statistic, first) for raw, first in lines_of(words) for statistic in statistics_in(raw)
    ]
    bare = [(s, w) for s, w in found if s.quantity in ("hazard_ratio", "median") and s.low is None]
    joined: dict[int, PrintedStatistic] = {}
    used: set[int] = set()
    for interval, word in found:
        if interval.quantity != "interval":
            continue
        above = [(word.cy - w.cy, s) for s, w in bare if _under(w, word) and _holds(interval, s)]
        if above:
            _, owner = min(above, key=lambda pair: pair[0])
            text = f"{owner.text} {interval.text}"
            joined[id(owner)] = replace(owner, low=interval.low, high=interval.high, level=interval.level, text=text)
            used.add(id(interval))
    known = [(joined.get(id(s), s), word) for s, word in found if id(s) not in used]
    return [_with_test(s, word, words) if s.quantity == "p_value" and s.test is None else s for s, word in known]


def _with_test(p: PrintedStatistic, word: Word, words: Sequence[Word]) -> PrintedStatistic:
    """Return a p value with the test that a line beside it names, which states no p of its own."""
    beside = [
        (abs(word.cy - first.cy), text, first)
        for text, first in lines_of(words)
        if (_under(first, word) or _under(word, first) or _abreast(first, word)) and not _P_VALUE.search(_plain(text))
    ]
    for _, text, first in sorted(beside, key=lambda line: line[0]):
        if (test := named_test(text)) is not None:
            both = f"{text} {p.text}" if (first.cy, first.cx) < (word.cy, word.cx) else f"{p.text} {text}"
            return replace(p, test=test, sides=1 if 1 in (p.sides, _sides(_plain(text))) else 2, text=both)
    return p


def _abreast(one: Word, other: Word) -> bool:
    """Return whether two words stand on one line, a little too far apart to be read as one."""
    left, right = (one, other) if one.cx < other.cx else (other, one)
    return one is not other and abs(one.cy - other.cy) < 0.4 * one.size and right.box.x0 - left.box.x1 < 4 * one.size


def _under(above: Word, below: Word) -> bool:
    """Return whether a word starts a line right under another one's."""
    return 0 < below.cy - above.cy < 2.2 * above.size and abs(below.box.x0 - above.box.x0) < 8 * above.size


def _holds(interval: PrintedStatistic, statistic: PrintedStatistic) -> bool:
    low, high, value = interval.low, interval.high, statistic.value
    return low is not None and high is not None and value is not None and low <= value <= high


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
    text = _plain(raw)
    found: list[PrintedStatistic] = []
    if (hit := _HAZARD.search(text)) is not None:
        bound = re.search(r"[<>](?=\s*$)", hit[2])
        ratio = _statistic("hazard_ratio", raw, float(hit[3]), bound[0] if bound else "", decimals=_decimals(hit[3]))
        found.append(_with_limits(ratio, hit[5], hit[6], hit[1] or hit[4]))
    elif (hit := re.fullmatch(rf"\W*{_LEVEL}\(?{_NUMBER}{_BETWEEN}{_NUMBER}\)?\W*", text)) is not None and hit[1]:
        found.append(
            PrintedStatistic(
                quantity="interval",
                value=None,
                text=raw,
                low=float(hit[2]),
                high=float(hit[3]),
                level=_level(hit[1]),
            )
        )
    line = re.sub(r"[:=]\s*(?=[<>])", "", text)
    found += [_p_value(hit, line, raw) for hit in _P_VALUE.finditer(line)]
    if (hit := _MEDIAN.search(text)) is not None:
        median = _statistic("median", raw, float(hit[3]), hit[2], decimals=_decimals(hit[3]))
        found.append(_with_limits(replace(median, unit=_unit(hit[4])), hit[6], hit[7], hit[1] or hit[5]))
    for hit in _MILESTONE.finditer(text):
        survival = _statistic("survival_at", raw, float(hit[4]) / 100, hit[3], decimals=_decimals(hit[4]) + 2)
        found.append(replace(survival, time=float(hit[1]), unit=_unit(hit[2])))
    if (hit := _PATIENTS.search(text)) is not None:
        found.append(PrintedStatistic(quantity="n", value=float(hit[1].replace(",", "")), text=raw, decimals=0))
    if (hit := _EVENTS.search(text)) is not None:
        events = next(hit[k] for k in "abcd" if hit[k] is not None)
        found.append(PrintedStatistic(quantity="events", value=float(events), text=raw, decimals=0))
        patients = hit["n"] or hit["m"] or (of[1] if (of := _OF.search(text)) else None)
        if patients is not None and not any(s.quantity == "n" for s in found):
            found.append(PrintedStatistic(quantity="n", value=float(patients), text=raw, decimals=0))
    return found


def _statistic(quantity: str, text: str, number: float, sign: str, *, decimals: int) -> PrintedStatistic:
    """Return a number, or the bound that the sign before it makes of it."""
    return PrintedStatistic(
        quantity=quantity,
        value=None if sign else number,
        text=text,
        less_than=number if sign == "<" else None,
        more_than=number if sign == ">" else None,
        decimals=decimals,
    )


def _with_limits(statistic: PrintedStatistic, low: str | None, high: str | None, level: str | None) -> PrintedStatistic:
    """Return a statistic with its interval and the level that is printed."""
    if low is None or high is None:
        return statistic
    return replace(statistic, low=float(low), high=float(high), level=_level(level) if level else None)


def _level(percent: str) -> float:
    return round(float(percent) / 100, 2 + _decimals(percent))


def _p_value(hit: re.Match[str], line: str, raw: str) -> PrintedStatistic:
    power = int(hit[3] or hit[4] or 0)
    decimals = _decimals(hit[2]) + power
    number = round(float(hit[2]) * 10.0**-power, decimals)
    p = _statistic("p_value", raw, number, hit[1] if hit[1] in "<>" else "", decimals=decimals)
    return replace(p, sides=_sides(line, hit.span()), test=named_test(line, hit.span()))


_SIDED = re.compile(r"\b(?:(one|1)|two|2)\s*-?\s*(?:sided|tailed)\b", re.IGNORECASE)
_RANKS = r"[l1I|]og\s*-?\s*rank"
_TESTS = re.compile(
    rf"(?P<other>(?:weighted|peto\S*|harrington\S*|tarone\S*|modified)\W+(?:\w+\W+)?{_RANKS}|max\s*-?combo|"
    rf"\bgr[ae]y'?s?\s+test|fisher|likelihood\s*-?\s*ratio|\bscore\s+test|harrington|tarone|peto)|"
    rf"(?P<logrank>{_RANKS}|mantel\s*-?\s*cox|mantel\s*-?\s*haenszel)|"
    rf"(?P<wilcoxon>wilcoxon|gehan|breslow)|(?P<wald>\bwald\b)|(?P<cox>\bcox\b)",
    re.IGNORECASE,
)
_OF_ANOTHER_QUESTION = re.compile(r"trend|interaction|non\s*-?\s*inferiority|equivalence|heterogeneity", re.IGNORECASE)
_TEST_NAMES = {"other": "other", "logrank": "log-rank", "wilcoxon": "Wilcoxon", "wald": "Wald", "cox": "Cox"}


def named_test(text: str, at: tuple[int, int] = (0, 0)) -> str | None:
    """Return the test that a line names, the one nearest to a stretch of it; None where it names none.

    Examples
    --------
    >>> [named_test(text) for text in ("Logrank test", "Gehan-Breslow-Wilcoxon test", "Wald P", "P = 0.03")]
    ['log-rank', 'Wilcoxon', 'Wald', None]
    """
    plain = _plain(text)
    hits = list(_TESTS.finditer(plain))
    if not hits:
        return None
    if _OF_ANOTHER_QUESTION.search(plain):
        return "other"
    return _TEST_NAMES[str(min(hits, key=lambda hit: _gap(hit, at)).lastgroup)]


def _sides(text: str, at: tuple[int, int] = (0, 0)) -> int:
    """Return 1 where the words nearest to a stretch say one-sided, else 2."""
    hits = list(_SIDED.finditer(text))
    return 1 if hits and min(hits, key=lambda hit: _gap(hit, at))[1] else 2


def _gap(hit: re.Match[str], at: tuple[int, int]) -> int:
    """Return how far a hit is from a stretch of its line; 0 where it lies within."""
    return max(at[0] - hit.end(), hit.start() - at[1], 0)
