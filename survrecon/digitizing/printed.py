"""Statistics printed in a figure: hazard ratios, p values, medians, milestones, numbers of patients."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from survrecon.digitizing.result import PrintedStatistic
from survrecon.digitizing.words import Word

__all__ = ["lines_of", "read_statistics"]

_NUMBER = r"(\d*\.\d+|\d+)"
_BETWEEN = r"\s*(?:-|to|,|;|~)\s*"
_LEVEL = r"(?:\(?\s*(\d{2}(?:\.\d)?)\s*%\s*(?:CI|confidence interval|C\.I\.?)\s*[:,=)]*\s*)?"
_HAZARD = re.compile(
    rf"(?:\bHR\b|hazard\s*ratio)[^\d(]*?(?:\((\d{{2}}(?:\.\d)?)%\s*CI\)\s*)?[^\d(]*{_NUMBER}"
    rf"(?:\s*[,;(\[]*\s*{_LEVEL}[\[(]*\s*{_NUMBER}{_BETWEEN}{_NUMBER})?",
    re.IGNORECASE,
)
_P_VALUE = re.compile(rf"\bp\s*(?:-?\s*values?)?\s*[:;]?\s*(=|<|>|≤|:)\s*{_NUMBER}", re.IGNORECASE)
_MEDIAN = re.compile(
    rf"(?:\bmedian\b(?:\s*(?:survival|OS|PFS))?|\bmOS\b|\bmPFS\b|\bMS\b)\s*[:=,]?\s*{_NUMBER}\s*"
    rf"(mos?\b|months?|yrs?|years?|days?|weeks?|wks?|m\b)?\.?(?:\s*[,(]+\s*{_LEVEL}{_NUMBER}{_BETWEEN}{_NUMBER})?",
    re.IGNORECASE,
)
_MILESTONE = re.compile(
    rf"{_NUMBER}\s*-?\s*(yr|year|month|mo|week|day)s?\.?(?:\s*(?:rate|survival|OS|PFS|EFS))*\s*[:;,.=]*\s*{_NUMBER}\s*%",
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


def _plain(text: str) -> str:
    text = (
        text.replace("·", ".")
        .replace("−", "-")
        .replace("–", "-")
        .replace("—", "-")
        .replace("，", ",")
        .replace("（", "(")
    )
    text = text.replace("）", ")").replace("：", ":").replace("；", ";").replace("＜", "<")
    text = re.sub(r"(?<=%)\s*C[lI1]\b", " CI", text)
    text = re.sub(r"\bC[l1]\b", "CI", text)
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
    return [joined.get(id(s), s) for s, _ in found if id(s) not in used]


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
        level = hit[1] or hit[3]
        low, high = (float(hit[4]), float(hit[5])) if hit[4] else (None, None)
        found.append(
            PrintedStatistic(
                quantity="hazard_ratio",
                value=float(hit[2]),
                text=raw,
                low=low,
                high=high,
                level=(float(level) / 100 if level else 0.95) if low is not None else None,
                decimals=_decimals(hit[2]),
            )
        )
    elif (hit := re.fullmatch(rf"\W*{_LEVEL}\(?{_NUMBER}{_BETWEEN}{_NUMBER}\)?\W*", text)) is not None and hit[1]:
        found.append(
            PrintedStatistic(
                quantity="interval",
                value=None,
                text=raw,
                low=float(hit[2]),
                high=float(hit[3]),
                level=float(hit[1]) / 100,
            )
        )
    if (hit := _P_VALUE.search(re.sub(r"([:=])\s*<", "<", text))) is not None:
        bound = hit[1] in "<≤"
        found.append(
            PrintedStatistic(
                quantity="p_value",
                value=None if bound else float(hit[2]),
                less_than=float(hit[2]) if bound else None,
                text=raw,
                decimals=_decimals(hit[2]),
            )
        )
    if (hit := _MEDIAN.search(text)) is not None:
        low, high = (float(hit[4]), float(hit[5])) if hit[4] else (None, None)
        found.append(
            PrintedStatistic(
                quantity="median",
                value=float(hit[1]),
                text=raw,
                unit=_unit(hit[2]),
                low=low,
                high=high,
                level=(float(hit[3]) / 100 if hit[3] else 0.95) if low is not None else None,
                decimals=_decimals(hit[1]),
            )
        )
    found += [
        PrintedStatistic(
            quantity="survival_at",
            value=float(hit[3]) / 100,
            text=raw,
            time=float(hit[1]),
            unit=_unit(hit[2]),
            decimals=_decimals(hit[3]) + 2,
        )
        for hit in _MILESTONE.finditer(text)
    ]
    if (hit := _PATIENTS.search(text)) is not None:
        found.append(PrintedStatistic(quantity="n", value=float(hit[1].replace(",", "")), text=raw, decimals=0))
    if (hit := _EVENTS.search(text)) is not None:
        events = next(hit[k] for k in "abcd" if hit[k] is not None)
        found.append(PrintedStatistic(quantity="events", value=float(events), text=raw, decimals=0))
        patients = hit["n"] or hit["m"] or (of[1] if (of := _OF.search(text)) else None)
        if patients is not None and not any(s.quantity == "n" for s in found):
            found.append(PrintedStatistic(quantity="n", value=float(patients), text=raw, decimals=0))
    return found
