"""What rows of counts are called, and what they count: names over lines, short forms, headings, totals beside them."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from survrecon.digitizing.geometry import Box
from survrecon.digitizing.words.counts import CountKind, CountRow
from survrecon.digitizing.words.layout import TextLine, text_lines
from survrecon.digitizing.words.row_evidence import RowLine, heads_in, spacing_of
from survrecon.digitizing.words.settings import TABLE
from survrecon.digitizing.words.words import Word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from survrecon.digitizing.words.counts import CountTable
    from survrecon.digitizing.words.scene import Surroundings

__all__ = [
    "AT_RISK",
    "named_behind_keys",
    "named_rows",
    "rows_by_short_form",
    "table_kind",
]

AT_RISK = re.compile(
    r"at\s*(?:r[il1|]|n)[s5]k\b|at\s*ri[s5]k|^n\s*risk|still\s*in\s*study|under\s*observation", re.IGNORECASE
)
"""What the heading of a table of numbers at risk says."""
_LETTER = re.compile(r"[^\W\d_]")
_BEGINS = re.compile(r"^\W*[A-Z0-9]")
_GOES_ON = re.compile(r"^(?:[a-z]{2}|[+&(/])")
_CENSORED = re.compile(r"censor", re.IGNORECASE)
_EVENTS = re.compile(r"\b(?:events?|deaths?)\b", re.IGNORECASE)
_PERCENT = re.compile(
    r"percent|%\s*(?:of\s*\w+\s*)?at\s*risk|proportion\s*at\s*risk|at\s*risk\s*[,:]?\s*\(?\s*%", re.IGNORECASE
)
_SURVIVING = re.compile(r"surviv\w*\W*(?:rates?|probability)?\W*%|%\s*(?:surviv|alive|event-?free)", re.IGNORECASE)
"""What a row of the curve's own values under the counts is called."""
_SAYS_KIND = re.compile(
    r"\b(?:no\.|no(?=\s*(?:at|of)\b)|numbers?|n|patients|subjects|participants|cumulative|total|of|the|still|events?|deaths?|censor\w*)(?![^\W\d_])|"
    r"at\s*ri[s5]k|\bat\b|\brisk\b(?!\s*group)",
    re.IGNORECASE,
)
"""Words of a row's name that say what is counted; what is left of it is the name of an arm."""
_WEIGHTED = re.compile(r"weighted|adjusted|standardi[sz]ed|effective|IPTW", re.IGNORECASE)
_TIME_TITLE = re.compile(r"\b(?:time|months?|years?|days?|weeks?|follow-?\s*up)\b", re.IGNORECASE)
_SHORTEST = 3
"""Letters: a shorter beginning of a word, as of "Pl", may be that of several."""
_SMALL = {"plus", "and", "with", "of", "or", "the", "in", "for", "group", "arm", "patients", "mg"}
"""Words that short forms leave out."""


def named_rows(
    rows: Sequence[RowLine],
    near: Sequence[Word],
    heads: Sequence[Word],
    places: Sequence[float],
    totals: dict[int, tuple[str, int]],
) -> tuple[list[CountRow], list[Word]]:
    """Return the rows with their names, headings and kinds, and the words that belong to the table."""
    spacing = spacing_of(np.array(places))
    skip = {id(w) for w in heads} | set(totals)
    on_rows = [w for line in rows for w in line.text if id(w) not in skip]
    own = {id(w) for line in rows for w in line.text}
    edge = places[0] + TABLE.one_column * spacing
    over = [w for w in near if w.box.x0 < edge and w.cy < rows[-1].y]  # names over rows may run over the columns
    beside = [w for w in near if w.box.x1 < edge or w.box.x0 > places[-1]]
    beside += [w for w in over if w not in beside and not (totals and heads_in(w))]
    whole = {id(w) for w in near if any(abs(w.cy - line.y) < TABLE.beside * max(w.size, line.size) for line in rows)}
    skip |= {id(w) for w in beside if totals and heads_in(w)}
    off_rows = [w for w in beside if id(w) not in skip | own | whole and _may_name(w)]
    lines = text_lines(_once([w for w in [*on_rows, *off_rows] if w.text.strip()]))
    labels: list[list[TextLine]] = [[] for _ in rows]
    apart: list[TextLine] = []
    for line in lines:
        nearest = min(range(len(rows)), key=lambda k: abs(rows[k].y - line.cy))
        if abs(rows[nearest].y - line.cy) < TABLE.beside * max(line.size, rows[nearest].size):
            labels[nearest].append(line)
        else:
            apart.append(line)
    labels = [_next_to(label, places) for label in labels]
    grouped = _says_kinds([" ".join(x.text for x in label) for label in labels])
    headings = [x for x in apart if grouped or _kind_of(x.text) is not None or AT_RISK.search(x.text)]
    wrapped = sorted((x for x in apart if x not in headings), key=lambda x: x.cy)
    way = _way_of_names(wrapped, rows, places)
    for line in wrapped if way >= 0 else wrapped[::-1]:
        if (k := _wrapped_to(line, rows, labels, way)) is not None:
            labels[k].append(line)
    made = _of_the_row_above([_row(one, labels[j], headings, totals, grouped=grouped) for j, one in enumerate(rows)])
    used = {id(x) for label in labels for line in label for x in line.words} | {
        id(x) for h in headings for x in h.words
    }
    claimed = [w for w in near if id(w) in skip | used | whole]
    return made, claimed


def _may_name(word: Word) -> bool:
    """Return whether a word above or below a row may be of its name: it has letters, and speaks of no time."""
    return _LETTER.search(word.text) is not None and _TIME_TITLE.search(word.text) is None


def _once(words: Sequence[Word]) -> list[Word]:
    """Return words, each once, though two rows may be close to one."""
    return list({id(w): w for w in words}.values())


def _next_to(label: list[TextLine], places: Sequence[float]) -> list[TextLine]:
    """Return the lines that stand next to a row's cells on one side, without letters and notes further off."""
    left = sorted((x for x in label if x.cx < places[0]), key=lambda x: -x.box.x1)
    kept = [
        x
        for x in left
        if left[0].box.x0 - x.box.x1 < TABLE.name_words * min(x.size, left[0].size) or x.box.x0 > left[0].box.x0
    ]
    right = [x for x in label if x.cx > places[-1]]
    return sorted(kept, key=lambda x: x.box.x0) or right or label[:1]


def _says_kinds(labels: Sequence[str]) -> bool:
    """Return whether the rows' names say what is counted, so that the arms' names stand over them."""
    risky = sum(bool(AT_RISK.search(x)) for x in labels)
    return risky > 1 or (risky > 0 and any(_kind_of(x) is not None for x in labels))


def _kind_of(text: str) -> CountKind | None:
    """Return what a text says that a row counts other than patients at risk."""
    if AT_RISK.search(text):
        return None
    if _CENSORED.search(text):
        return CountKind.CENSORED
    if _SURVIVING.search(text):
        return CountKind.PERCENT
    return CountKind.EVENTS if _EVENTS.search(text) else None


def _way_of_names(wrapped: Sequence[TextLine], rows: Sequence[RowLine], places: Sequence[float]) -> int:
    """Return 1 where names go on below their rows, -1 where their last line stands at them, 0 where it is not told.

    It is told by lines beyond the table: under the last row and not over the first, or the other way round.
    """

    def beyond(row: RowLine, way: int) -> bool:
        close = (x for x in wrapped if 0 < way * (x.cy - row.y) < TABLE.name_reach * _height(x, row))
        return any(x.box.x1 < places[0] or x.box.x0 > places[-1] for x in close)

    return int(beyond(rows[-1], 1)) - int(beyond(rows[0], -1))


def _height(line: TextLine, row: RowLine) -> float:
    """Return the height of the text of a row and a line beside it."""
    return max(line.size, row.size, TABLE.least_size)


def _goes_on_in(line: TextLine, label: Sequence[TextLine]) -> bool:
    """Return whether a name that begins in one line goes on in small letters beside a row."""
    return bool(label) and _BEGINS.match(line.text) is not None and _GOES_ON.match(label[0].text) is not None


def _wrapped_to(line: TextLine, rows: Sequence[RowLine], labels: Sequence[Sequence[TextLine]], way: int) -> int | None:
    """Return the row that a line of a name belongs to which stands above or below it.

    That is the nearest, the one above where in doubt; or the next against the ``way`` in which names go on from their
    rows, where a line of its name stands between.
    """
    reach = [(line.cy - row.y) / _height(line, row) for row in rows]
    costs = [gap if gap > 0 else -gap * TABLE.from_below for gap in reach]
    if way:
        costs = [abs(gap) if gap * way > 0 else float("inf") for gap in reach]
    k = min(range(len(rows)), key=lambda j: costs[j])
    below = next((j for j, gap in enumerate(reach) if gap < 0), None)
    if below is not None and -reach[below] < TABLE.name_reach and _goes_on_in(line, labels[below]):
        return below
    if abs(reach[k]) < TABLE.name_reach:
        return k
    near = any(abs(line.cy - other.cy) < TABLE.name_reach * line.size for other in labels[k])
    return k if way and near and costs[k] < TABLE.long_name_reach else None


def _row(
    line: RowLine,
    label: list[TextLine],
    headings: Sequence[TextLine],
    totals: dict[int, tuple[str, int]],
    *,
    grouped: bool,
) -> CountRow:
    """Return one row with what its name and the headings above it say."""
    name = " ".join(x.text for x in label)
    above = [h for h in headings if h.cy < line.y]
    kinds = [h for h in above if _kind_of(h.text) is not None or AT_RISK.search(h.text)]
    kind = _kind_of(name) if grouped or not label else None
    if kind is None and not grouped and kinds:
        kind = _kind_of(max(kinds, key=lambda h: h.cy).text)
    arms = [h for h in above if h not in kinds]
    heading = max(arms, key=lambda h: h.cy) if grouped and arms else None
    mine: dict[str, int] = dict(totals[id(w)] for w in line.text if id(w) in totals)
    if AT_RISK.search(name) or (kind is not None and heading is None):
        label = [part for x in label if (part := _without_kind(x)) is not None]
    return CountRow(
        label=tuple(sorted(label, key=lambda x: x.cy)),
        heading=heading,
        cells=tuple(line.cells),
        y=line.y,
        size=line.size,
        kind=kind or CountKind.AT_RISK,
        patients=mine.get("n"),
        events=mine.get("events"),
    )


def _of_the_row_above(rows: Sequence[CountRow]) -> list[CountRow]:
    """Return rows, those that are called by what they count alone with the name of the arm in the row above."""
    made: list[CountRow] = []
    named = next((row for row in rows if row.kind is CountKind.AT_RISK), None)
    for row in rows:
        kind = _kind_of(row.name) if row.label and row.heading is None else None
        own = [part for line in row.label if (part := _without_kind(line)) is not None]
        if kind is not None and not own and made and named is not None and made[0] is named:
            above = next(one for one in reversed(made) if one.kind is CountKind.AT_RISK)
            row = replace(row, kind=kind, label=above.label, heading=above.heading)
        made.append(row)
    return made


def _without_kind(line: TextLine) -> TextLine | None:
    """Return a line of a row's name without the words that say what it counts; None where nothing is left of it."""
    words = []
    for word in line.words:
        left = [(0, 0), *(hit.span() for hit in _SAYS_KIND.finditer(word.text)), (len(word.text), len(word.text))]
        for (_, start), (stop, _) in pairwise(left):
            piece = word.text[start:stop]
            if re.search(r"[^\W_]", piece):
                lead, end = re.search(r"[^\W_(<>≥≤]|[<>≥≤(]", piece), len(piece.rstrip(" :,;-–—"))
                words.append(word.part(start + (lead.start() if lead else 0), start + end))
    return TextLine(words=tuple(words)) if words else None


def table_kind(title: str, rows: Sequence[CountRow]) -> CountKind:
    """Return what a table counts: patients, percentages of them, or weights."""
    cells = [c for row in rows for c in row.printed]
    share = sum(c.percent for c in cells) / max(1, len(cells))
    single = all(c.second is None and c.value <= 100 for c in cells)
    if share > TABLE.percent_share or (_PERCENT.search(title) and single):
        return CountKind.PERCENT
    broken = sum(c.value != round(c.value) or "." in c.word.text.split("(")[0] for c in cells) / max(1, len(cells))
    if broken > TABLE.weighted_share or _WEIGHTED.search(title):
        return CountKind.WEIGHTED
    return CountKind.AT_RISK


def named_behind_keys(table: CountTable, words: Sequence[Word], around: Surroundings) -> CountTable:
    """Return a table whose rows bear the names that stand at its right, behind samples of line.

    Single digits and letters there are often missed, so that rows without any name are looked at again. A number that
    stands under a heading of its own is a name with it: "Performance status" over 0, 1 and 2.

    Parameters
    ----------
    table : CountTable
        The rows.
    words : sequence of Word
        All words of the panel.
    around : Surroundings
        Access to keys, and to the picture where it can be read again.
    """
    rows = [row for row in table.rows if row.kind is CountKind.AT_RISK]
    if around.reread is None or len(rows) < 2 or any(row.name for row in rows) or not all(row.printed for row in rows):
        return table
    right = max(row.printed[-1].word.box.x1 for row in rows)
    found = [_behind_key(row, right, around) for row in rows]
    names = [word for word in found if word is not None]
    if len(names) < len(rows) or len({word.text for word in names}) < len(rows):
        return table
    title, claimed = _title_over(names[0], words), table.words
    if title is not None and not any(_LETTER.search(word.text) for word in names):
        claimed = (*claimed, title)
        names = [replace(word, text=f"{title.text} {word.text}") for word in names]
    labels = {id(row): (TextLine(words=(word,)),) for row, word in zip(rows, names, strict=True)}
    rows_named = tuple(replace(row, label=labels.get(id(row), row.label)) for row in table.rows)
    return replace(table, rows=rows_named, words=claimed)


def _behind_key(row: CountRow, right: float, around: Surroundings) -> Word | None:
    """Return what stands behind the sample of line at the right of a row, read again; None where there is none."""
    half = row.size / 2
    cell = Word(text="0", box=Box(x0=right - row.size, y0=row.y - half, x1=right, y1=row.y + half))
    key = around.key(cell, 1)
    if key is None or around.reread is None:
        return None
    high = TABLE.reread_height * row.size
    start = key.box.x1 - TABLE.key_overlap * row.size  # a letter close behind a sample of line is taken for its end
    seen = []
    for wide in (TABLE.name_width, TABLE.letter_width):
        place = Box(x0=start, y0=row.y - high, x1=start + wide * row.size, y1=row.y + high)
        text, confidence = around.reread(place)
        seen.append((re.sub(r"^\W+|\W+$", "", text), confidence))
    text, confidence = seen[0]
    if text == seen[1][0]:  # a single letter is surer alone than with the blank behind it
        confidence = max(confidence, seen[1][1])
    if not text or confidence < TABLE.name_confidence:
        return None
    name = Box(x0=start, y0=row.y - half, x1=start + half * len(text), y1=row.y + half)
    return Word(text=text, box=name, confidence=confidence)


def _title_over(first: Word, words: Sequence[Word]) -> Word | None:
    """Return the text right over the first of several names."""
    over = [
        word
        for word in words
        if _LETTER.search(word.text)
        and 0 < first.cy - word.cy < TABLE.title_reach * max(word.size, first.size)
        and word.box.x0 - first.size < first.box.x0 < word.box.x1
    ]
    return max(over, key=lambda word: word.cy, default=None)


def rows_by_short_form(names: Mapping[int, str], rows: Mapping[int, str]) -> dict[int, int]:
    """Return the row that is surely called by a short form of each name.

    What all names, or all rows, have in common tells none apart. A row and a name belong together where neither can
    belong to another; of two rows one of which adds to the other, the longer is that of the name that adds.

    Parameters
    ----------
    names, rows : mapping of int to str
        By any number.

    Examples
    --------
    >>> rows_by_short_form({0: "Placebo plus drug", 1: "Apalutamide plus drug"}, {0: "APA + drug", 1: "Placebo"})
    {0: 1, 1: 0}
    >>> rows_by_short_form({0: "Percutaneous intervention", 1: "Medical therapy"}, {4: "PI", 5: "MT"})
    {0: 4, 1: 5}
    >>> rows_by_short_form({0: "Lenalidomide", 1: "Ixazomib-lenalidomide"}, {0: "IRd", 1: "Rd"})
    {0: 1, 1: 0}
    >>> rows_by_short_form({0: "Drug A", 1: "Drug B"}, {0: "Low", 1: "High"})
    {}
    """
    if len(names) < 2 or len(rows) < 2:
        return {}
    long, short = _apart(names), _apart(rows)
    fits = [(a, i) for a in names for i in rows if _stands_for(rows[i], short[i], names[a], long[a])]
    alone = {
        a: i for a, i in fits if sum(a == other for other, _ in fits) == 1 and sum(i == row for _, row in fits) == 1
    }
    return alone or _by_addition(names, rows)


def _words(name: str) -> list[str]:
    """Return the words and numbers of a name, without those that short forms leave out."""
    return [word for word in re.findall(r"[^\W\d_]+|\d[\d.]*", name.casefold()) if word not in _SMALL]


def _apart(names: Mapping[int, str]) -> dict[int, list[str]]:
    """Return the words of each name that not all names have."""
    common = set.intersection(*(set(_words(name)) for name in names.values()))
    return {key: [word for word in _words(name) if word not in common] for key, name in names.items()}


def _stands_for(row: str, short: Sequence[str], name: str, long: Sequence[str]) -> bool:
    """Return whether a row may be the short form of a name: each of its words that tell is one of the name's."""
    initials = "".join(word[0] for word in _words(name))
    letters = re.sub(r"[^a-z]", "", row.casefold())
    if len(initials) > 1 and letters == initials:
        return True
    whole = all(any(_begins(word, other) for other in _words(name)) for word in short)
    return whole and any(_begins(word, other) for word in short for other in long)


def _begins(word: str, other: str) -> bool:
    """Return whether two words are the same, or one is the beginning of the other."""
    least = min(len(word), len(other))
    return word == other or (least >= _SHORTEST and word[:least] == other[:least])


def _by_addition(names: Mapping[int, str], rows: Mapping[int, str]) -> dict[int, int]:
    """Return the rows of two names one of which adds to the other, as one of the rows does."""
    if len(names) != 2 or len(rows) != 2:
        return {}
    plain_name = _plainer({key: _words(name) for key, name in names.items()})
    plain_row = _plainer({key: re.findall(r"[^\W_]", name.casefold()) for key, name in rows.items()})
    if plain_name is None or plain_row is None:
        return {}
    other_name, other_row = (
        next(k for k in keys if k != one) for keys, one in ((names, plain_name), (rows, plain_row))
    )
    return dict(sorted({plain_name: plain_row, other_name: other_row}.items()))


def _plainer(parts: Mapping[int, Sequence[str]]) -> int | None:
    """Return which of two lists of parts the other one begins or ends with, and adds to; None for neither."""
    one, other = sorted(parts, key=lambda key: len(parts[key]))
    short, long = parts[one], parts[other]
    inside = bool(short) and len(short) < len(long) and short in (long[: len(short)], long[-len(short) :])
    return one if inside else None
