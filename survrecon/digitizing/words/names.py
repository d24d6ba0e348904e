"""What may be a name in a figure: texts of one or more lines, with the counts that stand beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from survrecon.digitizing.words.layout import TextLine, box_of_words, text_lines
from survrecon.digitizing.words.settings import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from survrecon.digitizing.geometry import Box
    from survrecon.digitizing.words.words import Word

__all__ = ["NameText", "clean_name", "legend_text", "name_texts", "same_name"]

_UNIT = r"(?:minutes?|mins?|hours?|days?|weeks?|wks?|months?|mos?|years?|yrs?)"
_NOT_A_NAME = re.compile(
    r"at\s*risk|censor|\bHR\b|hazard|\bp\s*[=<>]|p[\s-]*value|log-?\s*\(?rank|\bC[Il1]\b|median|surviv|probab|%\)|"
    r"^\W*$|^number|^numbers\b|^no\.|^time\b|^events?\b|^strata\b|^legend$|"
    r"kaplan|estimate|proportion|subjects|\bvs\.?\b|\bversus\b|\w\s(?-i:v)\.?\s\w|^fig(?:ure|\.|\w{0,4}\.?\s*\d)|interaction|follow-?\s*up\s*time|"
    r"^patients?$|^total$|^n$|^\d+\s*(?:events?|deaths?|patients)?$|randomi[sz]|"
    rf"^\W*[\d.]+\s*{_UNIT}\W*$|^{_UNIT}\b|[=:]\s*[\d.]+\s*{_UNIT}\b|\((?:in\s*)?(?:{_UNIT}|[dmwy])\)\s*$|\bin\s+{_UNIT}\s*$|"
    r"^\W*[\d.,·]+\s*(?:%|\(|[-–—]\s*\d*[.,·]\d+\W*$)",
    re.IGNORECASE,
)
_TITLE = re.compile(r"^(?:(?:treatment\s+)?(?:group|arms?)|treatment)$", re.IGNORECASE)
"""What a legend's title says, unless a sample of line stands beside it or a row of counts is called so."""
_GOES_ON = re.compile(r"(?:[-–—,+/&]|\b(?:plus|and|or|with|of|versus|followed\s+by))$", re.IGNORECASE)
_BEGINS_LATER = re.compile(r"^(?:[a-z+&(/]|and\b|or\b|plus\b|with\b)")
_NEGATION = re.compile(r"\b(?:no|non|not|without|never|un(?!der|til|it)\w+)\b", re.IGNORECASE)
_PEOPLE = r"(?:patients|pts|subjects|participants|cases|persons|people|individuals|women|men|children|eyes)"
_PATIENTS = re.compile(
    r"(?:(?P<d>[nN]\s*/\s*)[nN]\s*[=:]\s*(?P<of>\d[\d,]{0,9})\s*/\s*|\b[nN]\s*[=:]\s*|(?<=[a-z])n\s?=\s?(?=\d{3}))"
    rf"(?P<n>\d[\d,]{{0,9}})(?!\d)|(?<![\d/.])(?P<m>\d[\d,]{{0,9}})\s*{_PEOPLE}\b(?!\s*at\s*risk)"
)
"""Patients, as (n = 120), 120 patients; "n=" may have run into the name before three digits, not in "Region=1"."""
_EVENTS = re.compile(
    r"(?P<a>(?<!\d)\d{1,9})\s*(?:/\s*\d+\s*)?(?:events?|deaths?)\b|\b(?:events?|deaths?)\s*[=:]\s*(?P<b>\d{1,9})(?!\d)",
    re.IGNORECASE,
)
_DASH = re.compile(r"^[—–_-]+\s*(?=[^\W\d_])")
_DASH_LETTERS = 2
"""Letters that a dash is as wide as: it is a sample of line that was read with its name."""
_OF_A_P = re.compile(r"^(?:[=<>≤≥]|inter|value|for\s|trend|het)", re.IGNORECASE)
"""How a line goes on in which a P stands apart, with a word below the line."""
_CENSORED = re.compile(r"censor", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER_NAME = re.compile(
    r"^(?:[<>≥≤=]*\s*\d{1,3}|\d{1,3}\s*[-–—]\s*\d{1,3}|\d{4}\s*[-–—]\s*\d{2,4}|[<>≥≤]\s*\d+(?:\.\d+)?)$"
)
_LOOK_ALIKE = str.maketrans("l10", "iio")
_HEADS = {
    "n": re.compile(r"^(?:n|total|patients|no\.?(?:\s*of\s*patients)?|number)$", re.IGNORECASE),
    "events": re.compile(r"^(?:events?|deaths?|ev\.?|no\.?\s*of\s*(?:events|deaths))$", re.IGNORECASE),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class NameText:
    """A text that may be the name of a curve.

    Parameters
    ----------
    name : str
        The name, without counts and statistics.
    text : str
        All that stands on its lines.
    lines : tuple of TextLine
        Its lines.
    n, events : int or None
        Patients and events that are printed with it.
    """

    name: str
    text: str
    lines: tuple[TextLine, ...]
    n: int | None = None
    events: int | None = None

    @property
    def first(self) -> Word:
        """The first word."""
        return self.lines[0].first

    @property
    def box(self) -> Box:
        """The place of all its lines."""
        return box_of_words([w for line in self.lines for w in line.words])

    @property
    def size(self) -> float:
        """Height of its text."""
        return self.lines[0].size


def clean_name(text: str) -> str:
    """Strip marks, counts and statistics from a legend's text.

    Examples
    --------
    >>> clean_name("+ Placebo (n=120)"), clean_name("1992-2004 (n=2392): MS 13 mos")
    ('Placebo', '1992-2004')
    >>> clean_name("Flecainide group 23 events"), clean_name("Subgroup (n/N = 122/425)")
    ('Flecainide group', 'Subgroup')
    >>> clean_name("Placebo, 250 patients"), clean_name("Placebon=250"), clean_name("Region=1")
    ('Placebo', 'Placebo', 'Region=1')
    """
    text = re.sub(r"^[\s+\-–—_=|·•.,:;'\"*]+(?=\w)", "", text.strip())
    text = re.split(r"\s*[(\[,;:]?\s*\b(?:n\s*/\s*)?[nN]\s*[=:]\s*\d|(?<=[a-z])n\s?=\s?\d{3}", text)[0]
    text = re.split(rf"\s*[(\[,;:–—-]\s*\d[\d,]*\s*{_PEOPLE}\b", text, flags=re.IGNORECASE)[0] or text
    text = re.split(r"\s*[(\[]\s*(?:events?|deaths?|median|HR)\b", text, flags=re.IGNORECASE)[0]
    text = re.split(r"\s*[(\[,;:]+\s*\d+\s*(?:/\s*\d+\s*)?(?:events?|deaths?)\b", text, flags=re.IGNORECASE)[0]
    text = re.sub(r"\s*[(\[]\s*\d{2,}\s*/\s*\d{2,}(?!\d)[^)\]]*[)\]]?$", "", text)
    text = re.sub(r"\s+\d+\s*(?:/\s*\d+\s*)?(?:events?|deaths?)\s*$", "", text, flags=re.IGNORECASE)
    return re.sub(r"\s+\+$", "", text.strip(" :;,("))


def same_name(a: str, b: str) -> float:
    """Return how alike two names are, 0 to 1, whatever the case and punctuation.

    Names that differ in a number, a comparison or a negation are not alike, however long the rest.

    Examples
    --------
    >>> same_name("Intensive", "Intensive control"), same_name("LVEF <40%", "LVEF ≥40%") < 0.75
    (0.9, True)
    >>> same_name("Fulvestrant 500 mg", "Fulvestrant 250 mg") < 0.75, same_name("HER2+", "HER2\u2212") < 0.75
    (True, True)
    """
    one, other = _plain(a), _plain(b)
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    alike = SequenceMatcher(None, one, other).ratio()
    parts = [set(re.findall(r"[0-9a-z+<>=%]+", _spelt(x))) for x in (a, b)]
    if parts[0] and parts[1] and (parts[0] <= parts[1] or parts[1] <= parts[0]):
        alike = max(alike, NAMES.contained)
    return min(alike, NAMES.other_name) if _told_apart(a, b, *parts) else alike


def _told_apart(a: str, b: str, one: set[str], other: set[str]) -> bool:
    """Return whether names differ in a number, comparison, final sign, negation, or a letter or numeral as A or III."""
    for pattern in (r"\d+", r"[<>]=?", r"(?<=\w)[+-](?!\w)"):
        found = [set(re.findall(pattern, _spelt(x))) for x in (a, b)]
        if found[0] and found[1] and found[0] != found[1]:
            return True
    if bool(_NEGATION.search(a)) != bool(_NEGATION.search(b)):
        return True
    alone = [{x.translate(_LOOK_ALIKE) for x in mine} for mine in (one - other, other - one)]
    short = all(len(x) <= NAMES.short_word for mine in alone for x in mine)
    return bool(alone[0] and alone[1] and short and alone[0] != alone[1])


def _spelt(text: str) -> str:
    """Return a text in one spelling of its signs."""
    signs = {"≥": ">=", "≤": "<=", "⩾": ">=", "⩽": "<=", "⁺": "+", "⁻": "-", "−": "-", "–": "-", "—": "-"}
    return "".join(signs.get(ch, ch) for ch in text.lower())


def _plain(text: str) -> str:
    """Return the letters, digits and signs of a name."""
    return re.sub(r"[^0-9a-z+\-<>=%]", "", _spelt(text)).strip("-")


@dataclass(slots=True)
class _Columns:
    """Numbers under the heads of a legend's columns, by the height they stand at."""

    found: list[tuple[str, int, Word]] = field(default_factory=list)

    def beside(self, line: TextLine) -> dict[str, int]:
        """Return what is printed at the right of a name, at its height."""
        return {
            kind: value
            for kind, value, word in self.found
            if abs(word.cy - line.cy) < NAMES.level * line.size
            and -line.size < word.box.x0 - line.box.x1 < NAMES.columns_reach * line.size
        }


def name_texts(words: Sequence[Word], known: Sequence[str], has_key: Callable[[Word], bool]) -> list[NameText]:
    """Return what may be a name, lines of one name joined.

    Parameters
    ----------
    words : sequence of Word
        Words that are neither tick labels nor of the risk table.
    known : sequence of str
        Names of the rows of the risk table, which tell where a name goes on in the next line.
    has_key : callable
        Whether a sample of line stands beside a word: a line with its own begins a name.
    """
    plain = [_without_dash(w) for w in words if not w.vertical and w.plausible]
    columns, rest = _legend_columns([piece for w in plain for piece in _between_names(w, known)])
    lines = [piece for line in text_lines(rest) for piece in _between_keys(line, known, has_key)]
    texts = []
    for block in _blocks(lines, known, has_key):
        made = _name_text(block, lines, columns)
        if made is not None and _is_title(made, known, has_key):
            continue
        if made is not None and (_LETTER.search(made.name) or (_NUMBER_NAME.match(made.name) and has_key(made.first))):
            texts.append(made)
    return [t for t in texts if not t.name.isdecimal() or t.n is not None or _in_a_legend(t, texts, has_key)]


def _in_a_legend(text: NameText, texts: Sequence[NameText], has_key: Callable[[Word], bool]) -> bool:
    """Return whether a number stands above or below another entry of a legend: the next number, or more than one."""
    return any(
        (not other.name.isdecimal() or abs(int(other.name) - int(text.name)) == 1)
        and has_key(other.first)
        and abs(other.first.box.x0 - text.first.box.x0) < text.size
        and abs(other.first.cy - text.first.cy) < NAMES.entries_apart * text.size
        for other in texts
    )


def legend_text(words: Sequence[Word], has_key: Callable[[Word], bool]) -> list[NameText]:
    """Return the text with the one sample of line in a figure of one curve: "Overall survival" names it there.

    Parameters
    ----------
    words : sequence of Word
        Words that are neither tick labels nor of the risk table.
    has_key : callable
        Whether a sample of line stands beside a word.
    """
    lines = text_lines([w for w in words if not w.vertical and w.plausible and not _CENSORED.search(w.text)])
    keyed = [line for line in lines if has_key(line.first) and _LETTER.search(line.text)]
    if len(keyed) != 1 or len(keyed[0].text.split()) > NAMES.most_words:
        return []
    text = keyed[0].text
    return [
        NameText(name=clean_name(text), text=text, lines=(keyed[0],), n=_patients_in(text), events=_events_in(text))
    ]


def _without_dash(word: Word) -> Word:
    """Return a word without the sample of line that was read as a dash before it."""
    hit = _DASH.match(word.text)
    if hit is None:
        return word
    width = word.box.width / (len(word.text) + hit.end() * (_DASH_LETTERS - 1))
    name = word.part(hit.end(), len(word.text))
    return replace(name, box=replace(name.box, x0=word.box.x0 + _DASH_LETTERS * hit.end() * width))


def _is_title(text: NameText, known: Sequence[str], has_key: Callable[[Word], bool]) -> bool:
    """Return whether a text is the title of a legend, and not the name of an arm that is called "Treatment"."""
    if not _TITLE.match(text.name) or text.n is not None or has_key(text.first):
        return False
    return all(same_name(text.name, name) < NAMES.surely_same for name in known)


def _between_names(word: Word, known: Sequence[str]) -> list[Word]:
    """Part a word that holds several names of rows: a legend in one line that was read as one."""
    spans: list[tuple[int, int]] = []
    for name in sorted(known, key=len, reverse=True):
        edge = r"\b" if len(name) <= NAMES.short_word else ""
        for hit in re.finditer(rf"{edge}{re.escape(name)}{edge}", word.text, re.IGNORECASE):
            if all(hit.end() <= start or hit.start() >= stop for start, stop in spans):
                spans.append(hit.span())
                break
    if len(spans) < 2:
        return [word]
    starts = [0, *(start for start, _ in sorted(spans) if start > 0), len(word.text)]
    pieces = [word.part(start, stop) for start, stop in pairwise(starts)]
    return [_trimmed(piece) for piece in pieces if re.search(r"\w", piece.text)]


def _trimmed(word: Word) -> Word:
    """Return a word without marks and blanks at its end."""
    hit = re.search(r"[\s+|,;–—-]*$", word.text)
    return word.part(0, hit.start()) if hit is not None and hit.start() > 0 else word


def _between_keys(line: TextLine, known: Sequence[str], has_key: Callable[[Word], bool]) -> list[TextLine]:
    """Part a line before each word that a sample of line stands beside, or that is the name of a row."""

    def begins(word: Word) -> bool:
        return has_key(word) or any(same_name(clean_name(word.text), name) >= NAMES.surely_same for name in known)

    starts = [0, *(k for k, w in enumerate(line.words) if k and begins(w)), len(line.words)]
    return [TextLine(words=line.words[start:stop]) for start, stop in pairwise(starts)]


def _legend_columns(words: Sequence[Word]) -> tuple[_Columns, list[Word]]:
    """Return the numbers under heads such as "Events" and "Total", and the words without them."""
    columns = _Columns()
    used: set[int] = set()
    kept: dict[int, Word] = {}
    for head in words:
        kind = next((k for k, pattern in _HEADS.items() if pattern.match(head.text.strip(" :,."))), None)
        if kind is None:
            continue
        under = [
            (w, number)
            for w in words
            if 0 < w.cy - head.cy < NAMES.head_reach * head.size and (number := _last_number(w, head)) is not None
        ]
        if len(under) < 2:
            continue
        used.add(id(head))
        for word, number in under:
            columns.found.append((kind, int(number.text.replace(",", "")), number))
            if number.text == word.text:
                used.add(id(word))
            else:
                kept[id(word)] = word.part(0, len(word.text) - len(number.text))
    return columns, [kept.get(id(w), w) for w in words if id(w) not in used]


def _last_number(word: Word, head: Word) -> Word | None:
    """Return the number that a word is or ends in, where it stands under a head."""
    hit = re.search(r"(?:^|\s)(\d[\d,]{0,9})$", word.text)
    if hit is None:
        return None
    number = word.part(hit.start(1), hit.end(1))
    under = number.box.x0 < head.box.x1 and number.box.x1 > head.box.x0
    return number if under else None


def _blocks(lines: Sequence[TextLine], known: Sequence[str], has_key: Callable[[Word], bool]) -> list[list[TextLine]]:
    """Join lines that are one name: the second goes on with the first, and has no key of its own."""
    blocks: list[list[TextLine]] = []
    for line in lines:
        above = [b for b in blocks if _under(b[-1], line)]
        owner = next((b for b in reversed(above) if _one_name(b, line, known)), None)
        if owner is not None and (line.text.startswith("(") or not has_key(line.first)):
            owner.append(line)
        else:
            blocks.append([line])
    return blocks


def _under(above: TextLine, below: TextLine) -> bool:
    """Return whether a line stands right under another one."""
    size = min(above.size, below.size)
    over = min(above.box.x1, below.box.x1) - max(above.box.x0, below.box.x0)
    alike = max(above.size, below.size) < NAMES.one_size * size
    return alike and 0 < below.cy - above.cy < NAMES.line_gap * size and over > 0


def _one_name(block: Sequence[TextLine], line: TextLine, known: Sequence[str]) -> bool:
    """Return whether a line goes on with a name."""
    if _CENSORED.search(line.text):
        return False  # "+ Placebo-censored" tells what a mark is
    text = " ".join(x.text for x in block)
    both = f"{text} {line.text}"
    alike = max((same_name(both, name) for name in known), default=0.0)
    alone = max((same_name(clean_name(line.text), name) for name in known), default=0.0)
    if alone > max(NAMES.surely_same, alike):
        return False
    if alike > max(NAMES.surely_same, *(same_name(text, name) for name in known), 0.0):
        return True
    return bool(_GOES_ON.search(text.rstrip()) or _BEGINS_LATER.match(line.text.strip()))


def _name_text(block: list[TextLine], lines: Sequence[TextLine], columns: _Columns) -> NameText | None:
    """Return the name that lines may be, or None."""
    text = " ".join(line.text for line in block)
    name = clean_name(text)
    counted = _PATIENTS.search(text) is not None
    called = _NUMBER_NAME.match(name) if name.isdecimal() else counted and re.match(r"[^\W\d_]", name)
    if not name or (_NOT_A_NAME.search(name) and not called):
        return None
    if len(text.split()) > NAMES.most_words or (text.rstrip().endswith(":") and not counted):
        return None
    beside = [
        line.text
        for line in lines
        if abs(line.cy - block[0].cy) < NAMES.level * block[0].size
        and 0 < line.box.x0 - block[0].box.x1 < NAMES.columns_reach * block[0].size
        and re.match(r"^\W*(?:n\s*=|\d+\s*(?:/\s*\d+\s*)?(?:events?|deaths?))", line.text, re.IGNORECASE)
    ]
    whole = " ".join([text, *beside])
    if _of_a_p_value(name, block[0], lines):
        return None
    counts = columns.beside(block[0])
    n = counts.get("n", _patients_in(whole))
    return NameText(name=name, text=whole, lines=tuple(block), n=n, events=counts.get("events", _events_in(whole)))


def _of_a_p_value(name: str, own: TextLine, lines: Sequence[TextLine]) -> bool:
    """Return whether a name is the P of a p value, whose index and number stand apart from it."""
    return name in ("p", "P") and any(
        abs(line.cy - own.cy) < own.size
        and 0 < line.box.x0 - own.box.x1 + own.size < NAMES.columns_reach * own.size
        and _OF_A_P.match(line.text.strip()) is not None
        for line in lines
        if line is not own
    )


def _patients_in(text: str) -> int | None:
    """Return the number of patients that a text states."""
    hit = _PATIENTS.search(text)
    return None if hit is None else int((hit["n"] or hit["m"]).replace(",", ""))


def _events_in(text: str) -> int | None:
    """Return the number of events that a text states."""
    hit = _EVENTS.search(text)
    return None if hit is None else int(hit["a"] or hit["b"])
