"""Of which arm a printed number is, which arms a ratio compares, and which arm's name says that it is the control."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import permutations, product
from math import log
from typing import TYPE_CHECKING

from survrecon.digitizing.result import Doubt
from survrecon.digitizing.words.names import clean_name, same_name
from survrecon.digitizing.words.scene import Colour, colour_distance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from survrecon.digitizing.result import PrintedStatistic
    from survrecon.digitizing.words.layout import TextLine
    from survrecon.digitizing.words.scene import Surroundings
    from survrecon.digitizing.words.statistics_table import PlacedStatistic

__all__ = [
    "ArmMatching",
    "arm_named",
    "arms_compared",
    "control_of",
    "statistic_doubts",
    "strata_of",
    "tone_of",
    "with_arms",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmMatching:
    """When a text names an arm."""

    alike: float = 0.8
    """Likeness of two names, 0 to 1: one letter of a short name may be misread, as in Post-ICl."""
    apart: float = 0.1
    """By so much the likeness to the next best name must be smaller."""
    prose: int = 12
    """Words: a longer line is a sentence, whose numbers may be of an arm that it does not name."""
    coloured: float = 0.2
    """Of full intensity: the channels of a coloured text differ by more; those of black and grey do not."""
    tone: float = 0.2
    """Of full intensity: a text in an arm's colour is no further from it, and by as much nearer than to the next."""
    skewed: float = 0.15
    """Of an interval's width on the log scale: a ratio lies no further from its middle, whatever the rounding."""
    sure: float = 0.5
    """Confidence of a number that cannot be right as it was read, or was completed."""


MATCHING = ArmMatching()


def with_arms(
    placed: Sequence[PlacedStatistic], names: Sequence[str], *, tone: Callable[[TextLine], str | None] | None = None
) -> list[PrintedStatistic]:
    """Return statistics with the arms that they are of, as far as the words or their colour say so.

    Parameters
    ----------
    placed : sequence of PlacedStatistic
        In the order of the page.
    names : sequence of str
        The arms.
    tone : callable, optional
        The arm whose curve has the colour of a line of text.
    """
    return [_with_arm(one, names, tone) for one in placed]


def tone_of(around: Surroundings, colours: Mapping[str, Colour]) -> Callable[[TextLine], str | None]:
    """Return a function that says which arm's curve has the colour of a line of text; None for black and grey."""

    def tone(line: TextLine) -> str | None:
        ink = around.ink(line.first)
        if ink is None or max(ink) - min(ink) < MATCHING.coloured:
            return None
        far = sorted((colour_distance(ink, colour), name) for name, colour in colours.items())
        if far[0][0] > MATCHING.tone or (len(far) > 1 and far[1][0] - far[0][0] < MATCHING.tone):
            return None
        return far[0][1]

    return tone


def _with_arm(
    placed: PlacedStatistic, names: Sequence[str], tone: Callable[[TextLine], str | None] | None
) -> PrintedStatistic:
    statistic = placed.statistic
    if statistic.quantity in ("hazard_ratio", "p_value"):
        of, over, stratum = arms_compared(placed.named, names)
        return replace(statistic, of=of, over=over, stratum=stratum)
    texts = [text for text in placed.named if len(text.split()) <= MATCHING.prose]
    arm = next(filter(None, (arm_named(text, names) for text in texts)), None)
    if arm is None and tone is not None:
        arm = tone(placed.line)
    return replace(statistic, arm=arm)


def _tokens(text: str) -> set[str]:
    """Return the words, numbers and comparison signs of a text."""
    return set(re.findall(r"[^\W_]+|[<>≥≤=]", text.casefold()))


def arm_named(text: str, names: Sequence[str]) -> str | None:
    """Return the one arm that a text names; None where it names none or several.

    Examples
    --------
    >>> arms = ["Ribociclib + Letrozole", "Placebo + Letrozole"]
    >>> arm_named("Placebo + Letrozole n=334", arms), arm_named("Ribociclib", arms), arm_named("+ Letrozole", arms)
    ('Placebo + Letrozole', 'Ribociclib + Letrozole', None)
    >>> arm_named("Female: median 426 days", ["Male", "Female"])
    'Female'
    """
    cleaned = clean_name(text)
    ranked = sorted(((same_name(cleaned, name), name) for name in names), reverse=True)
    if ranked and ranked[0][0] >= MATCHING.alike:
        runner_up = ranked[1][0] if len(ranked) > 1 else 0.0
        if ranked[0][0] == 1 or ranked[0][0] - runner_up >= MATCHING.apart:
            return ranked[0][1]
    inside = _contained(text, names)
    if inside:
        return inside[0] if len(inside) == 1 else None
    words = _tokens(cleaned)
    partly = [name for name in names if words and words <= _tokens(name) and any(len(word) > 2 for word in words)]
    return partly[0] if len(partly) == 1 else None


def _contained(text: str, names: Sequence[str]) -> list[str]:
    """Return the names that stand in a text as whole words; a name within a longer one is not named by it."""
    low, found = text.casefold(), []
    for name in sorted(names, key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(name.casefold())}(?!\w)"
        if len(name) > 1 and re.search(pattern, low):
            found.append(name)
            low = re.sub(pattern, " ", low)
    return found


_VERSUS = re.compile(
    r"\s*(?:\bvs?\b\.?|\bversus\b|\bagainst\b|\bover\b|\bcompared\s+(?:with|to)\b|\brelative\s+to\b|/)\s*",
    re.IGNORECASE,
)
_CUT = re.compile(r"[:;()\[\]=]|\bHR\b|\bhazards?\s+ratio\b(?:\s+for)?", re.IGNORECASE)


_RATIO_FOR = re.compile(r"\b(?:HR|ratio)\b[^\d]*?\b(?:for|with)\s+(.+)", re.IGNORECASE)
_VALUE = re.compile(r"(?<![\d.])\d*[.\u00b7]\d+(?!\s*-?\s*m?c?g\b)")
"""A number with decimals that is no dose: where the words before a ratio end."""


def arms_compared(texts: Sequence[str], names: Sequence[str]) -> tuple[str | None, str | None, str | None]:
    """Return of which arm over which other a ratio is, as texts around it say, and the stratum that they name.

    Parameters
    ----------
    texts : sequence of str
        The surest first: the ratio's own line, then those over it.
    names : sequence of str
        The arms.

    Examples
    --------
    >>> arms_compared(["HR 0.69", "ABCP vs BCP"], ["ABCP", "BCP"])
    ('ABCP', 'BCP', None)
    >>> arms = ["Drug, young", "Drug, old", "Placebo, young", "Placebo, old"]
    >>> arms_compared(["HR 0.8", "Old:", "HR 0.7", "Young:", "Drug versus placebo"], arms)
    ('Drug, old', 'Placebo, old', 'old')
    """
    strata = strata_of(names)
    stratum = None if strata is None else _stratum(texts, [part for part, _ in strata.values()])
    for text in texts:
        whole = _whole_names(text, names)
        if whole is not None:
            return (*whole, stratum)
        for hit in _VERSUS.finditer(text):
            left, right = _CUT.split(text[: hit.start()])[-1], _CUT.split(text[hit.end() :])[0]
            of, over = _arms_of(left, names, strata, stratum), _arms_of(right, names, strata, stratum)
            if of and over and of != over:
                return of, over, stratum
    said = _RATIO_FOR.search(texts[0]) if texts and len(names) == 2 else None
    named = _contained(_VALUE.split(said[1])[0], names) if said else []
    if len(named) == 1:
        return named[0], next(name for name in names if name != named[0]), None
    return None, None, stratum


def _whole_names(text: str, names: Sequence[str]) -> tuple[str, str] | None:
    """Return the two arms that stand in a text with a word of comparison between them."""
    for of, over in permutations(sorted(names, key=len, reverse=True), 2):
        pattern = rf"(?<!\w){re.escape(of)}{_VERSUS.pattern}{re.escape(over)}(?!\w)"
        if re.search(pattern, text, re.IGNORECASE):
            return of, over
    return None


def _arms_of(
    phrase: str, names: Sequence[str], strata: Mapping[str, tuple[str, str]] | None, stratum: str | None
) -> str | None:
    """Return the arm that one side of a comparison names: of several strata the one of the stratum."""
    if strata is None:
        return arm_named(phrase, names)
    treatment = arm_named(phrase, sorted({part for _, part in strata.values()}))
    return next((name for name, parts in strata.items() if parts == (stratum, treatment)), None)


def _stratum(texts: Sequence[str], strata: Sequence[str]) -> str | None:
    """Return the stratum that the nearest text names: the one of most words, as ``no`` is one of them."""
    for text in texts:
        words = _tokens(text)
        named = {stratum: len(_tokens(stratum)) for stratum in strata if _tokens(stratum) <= words}
        most = [stratum for stratum, count in named.items() if count == max(named.values())]
        if len(most) == 1:
            return most[0]
    return None


_PARTS = re.compile(r"\s*[/,;|:]\s*|\s+[-–—]\s+")


def strata_of(names: Sequence[str]) -> dict[str, tuple[str, str]] | None:
    """Return stratum and treatment of each arm, where the names are all pairs of the two; None where they are not.

    Examples
    --------
    >>> strata_of(["EF low / Placebo", "EF low / Drug", "EF high / Placebo", "EF high / Drug"])["EF low / Drug"]
    ('EF low', 'Drug')
    >>> strata_of(["A", "B", "C", "D"]) is None
    True
    """
    parts = [tuple(_PARTS.split(name, maxsplit=1)) for name in names]
    if len(names) < 4 or any(len(part) != 2 for part in parts):
        return None
    sides = [sorted({part[k] for part in parts}) for k in (0, 1)]
    if min(map(len, sides)) < 2 or sorted(product(*sides)) != sorted(parts):
        return None
    told = [_told_by(side) for side in sides]
    if told[0] == told[1]:
        return None
    treatment = 0 if told[0] > told[1] else 1
    return {name: (part[1 - treatment], part[treatment]) for name, part in zip(names, parts, strict=True)}


def _told_by(side: Sequence[str]) -> int:
    """Return how well two names say which is the control: 2 by a treatment, 1 by the lack of something, 0 not."""
    control = control_of(side) if len(side) == 2 else None
    if control is None:
        return 0
    return 1 if _LACK.search(control) or not _CONTROL.search(control) else 2


_LACK = re.compile(r"^\W*no\b|\bnon\b|\bwithout\b|\bw/o\b", re.IGNORECASE)
_CONTROL = re.compile(
    r"\bplacebo\b|\bPBO\b|\bPLB\b|\bvehicle\b|\bobservation\b|\bstandard\b|\busual\b|\bsupportive\b|\bBSC\b|\bSOC\b|\balone\b|\bonly\b|^\W*no\b|\bnon\b|"
    r"\bwithout\b|\bw/o\b|\b(?:investigator|physician)\W?s?\W+choice\b|\bsham\b|\bconventional\b|\buntreated\b|"
    r"^\W*controls?\b\W*(?:groups?|arms?|patients|subjects)?\W*$|\bcontrol\s+(?:group|arm)\b|\bwatchful\b|\breference\b",
    re.IGNORECASE,
)


def control_of(names: Sequence[str]) -> str | None:
    """Return the arm whose name says that it is the control; None where names do not tell.

    What all names share says nothing. An arm whose treatment the other adds something to is the control.

    Examples
    --------
    >>> control_of(["Intensive control", "Standard control"]), control_of(["Usual care", "Early rhythm control"])
    ('Standard control', 'Usual care')
    >>> control_of(["Relatlimab-nivolumab", "Nivolumab"]), control_of(["ABCP", "BCP"]) is None
    ('Nivolumab', True)
    >>> control_of(["Drug 10 mg", "PBO"]), control_of(["AZ-101", "Vehicle"])
    ('PBO', 'Vehicle')
    """
    found = [name for name in names if all(_is_control(name, other) for other in names if other != name)]
    return found[0] if len(found) == 1 and len(names) > 1 else None


def _is_control(name: str, other: str) -> bool:
    """Return whether one of two arms is the control by their names."""
    own, others = _tokens(name), _tokens(other)
    told = [_CONTROL.search(_less(text, own & others)) is not None for text in (name, other)]
    if told[0] != told[1]:
        return told[0]
    generic = {"group", "arm", "patients", "mg"}
    return bool(own - generic) and own - generic < others - generic


def _less(text: str, words: set[str]) -> str:
    """Return a name without some words."""
    return re.sub(r"[^\W_]+", lambda hit: "" if hit[0].casefold() in words else hit[0], text)


_FIELDS = {
    "hazard_ratio": "hazard ratio",
    "p_value": "p value",
    "median": "median",
    "survival_at": "milestone",
    "n": "n",
    "events": "events",
}


def statistic_doubts(statistics: Sequence[PrintedStatistic]) -> list[Doubt]:
    """Return a doubt for each printed statistic that was completed or cannot be right as it was read."""
    return [
        Doubt(
            where=f"printed {_FIELDS.get(s.quantity, s.quantity)}",
            read=s.text,
            confidence=MATCHING.sure,
            why=why,
            options=(),
            otherwise="compare it with the figure",
            field=_FIELDS.get(s.quantity, s.quantity),
            arm=s.arm,
            time=s.time,
        )
        for s in statistics
        if (why := _doubt_of(s))
    ]


def _doubt_of(statistic: PrintedStatistic) -> str:
    """Return what is doubtful of a number; nothing of a ratio in the middle of its interval: its points are right."""
    against = _out_of_place(statistic)
    ratio = statistic.quantity == "hazard_ratio" and statistic.value is not None
    return against or ("" if ratio and statistic.low and statistic.high else statistic.remark)


def _out_of_place(statistic: PrintedStatistic) -> str:
    """Return what speaks against a value and its interval: it lies outside, or a ratio far off its middle."""
    value, low, high = statistic.value, statistic.low, statistic.high
    if value is not None and ((low is not None and value < low) or (high is not None and value > high)):
        return "the value lies outside its interval"
    if statistic.quantity != "hazard_ratio" or not (value and low and high) or low >= high:
        return ""
    rounding = 10.0 ** -(statistic.decimals or 0) / 2
    slack = MATCHING.skewed * log(high / low) + rounding / low + rounding / value
    off = abs(log(value) - (log(low) + log(high)) / 2)
    return "the ratio is far from the middle of its interval on the log scale" if off > slack else ""
