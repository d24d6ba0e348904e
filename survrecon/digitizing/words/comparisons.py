"""What words say of arms: which one a text names, of which over which a ratio is, and whose name says control."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import permutations, product
from typing import TYPE_CHECKING

from survrecon.digitizing.words.names import clean_name, same_name
from survrecon.digitizing.words.spelling import RATIO_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["MATCHING", "REFERENCE", "ArmMatching", "arm_named", "arms_compared", "control_of", "strata_of"]


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
    beginning: int = 3
    """Letters: a shorter beginning of a name may be that of several."""
    sure: float = 0.5
    """Confidence of a number that cannot be right as it was read, or was completed."""


MATCHING = ArmMatching()


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
    short = [name for name in names if _short_for(cleaned, name)]
    if len(short) == 1:
        return short[0]
    words = _tokens(cleaned)
    partly = [name for name in names if words and words <= _tokens(name) and any(len(word) > 2 for word in words)]
    return partly[0] if len(partly) == 1 else None


def _short_for(text: str, name: str) -> bool:
    """Return whether a word is the beginning of a name, or made of its words' initials: "obs", "SoC"."""
    word, parts = text.strip().rstrip("."), re.findall(r"[^\W\d_]+", name)
    initials = "".join(part[0] for part in parts)
    begins = len(word) >= MATCHING.beginning and word.isalpha() and name.casefold().startswith(word.casefold())
    return begins or (len(parts) > 1 and word.casefold() == initials.casefold())


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
_OF_A_RATIO = re.compile(rf"{_VERSUS.pattern}|\s*(?:\bto\b|:)\s*", re.IGNORECASE)
"""What stands between arms on the line of their ratio: elsewhere "placebo to drug" is of patients who cross over."""
_CUT = re.compile(rf"[:;()\[\]=]|{RATIO_NAME}(?:\s+for\b)?", re.IGNORECASE)
_RATIO = re.compile(RATIO_NAME, re.IGNORECASE)


_RATIO_FOR = re.compile(r"\b(?:HR|ratio)\b[^\d]*?\b(?:for|with|of|in)\s+(.+)", re.IGNORECASE)
_VALUE = re.compile(r"(?<![\d.])\d*[.\u00b7]\d+(?!\s*-?\s*m?c?g\b)")
"""A number with decimals that is no dose: where the words before a ratio end."""
_LEADING = re.compile(r"^\W*(?:for|of|with|in)\s+", re.IGNORECASE)
REFERENCE = re.compile(
    r"\bref(?:erence|erent|\b\.?)(?:\s+(?:group|arm|category|level))?\b\s*[:=.]?\s*(?:is|was)?\b", re.IGNORECASE
)
"""What says that an arm is the one that others are compared with."""


def arms_compared(texts: Sequence[str], names: Sequence[str]) -> tuple[str | None, str | None, str | None]:
    """Return of which arm over which other a ratio is, as texts around it say, and the stratum that they name.

    Where the words right before a ratio name the arm that is the control by its name, or one of two that no name tells
    apart, and say no more, they are of that arm, over none: it stays open of which over which the ratio is.

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
    >>> arms_compared(["HR 0.69", "Reference: ABCP"], ["ABCP", "BCP"])
    ('BCP', 'ABCP', None)
    >>> arms_compared(["Placebo: HR 0.69"], ["Drug", "Placebo"])
    ('Placebo', None, None)
    >>> arms = ["Drug, young", "Drug, old", "Placebo, young", "Placebo, old"]
    >>> arms_compared(["HR 0.8", "Old:", "HR 0.7", "Young:", "Drug versus placebo"], arms)
    ('Drug, old', 'Placebo, old', 'old')
    """
    strata = strata_of(names)
    stratum = None if strata is None else _stratum(texts, [part for part, _ in strata.values()])
    for text in texts:
        pair = _whole_names(text, names) or _both_sides(text, names, strata, stratum)
        if pair is not None:
            return (*pair, stratum)
    found = _over_one(texts, names) or (_of_one(texts[0], names) if texts and len(names) == 2 else None)
    return (*found, stratum) if found else (None, None, stratum)


def _both_sides(
    text: str, names: Sequence[str], strata: Mapping[str, tuple[str, str]] | None, stratum: str | None
) -> tuple[str, str] | None:
    """Return the arms that stand before and behind a word of comparison, in short forms too."""
    for hit in _between(text).finditer(text):
        left, right = _sides_of(text, hit)
        of, over = _arms_of(left, names, strata, stratum), _arms_of(right, names, strata, stratum)
        if of and over and of != over:
            return of, over
    return None


def _between(text: str) -> re.Pattern[str]:
    """Return what may stand between the two arms of a comparison on a line."""
    return _OF_A_RATIO if _RATIO.search(text) else _VERSUS


def _sides_of(text: str, hit: re.Match[str]) -> tuple[str, str]:
    """Return the words before and behind a word of comparison, up to values and other signs."""
    before, behind = _CUT.split(text[: hit.start()])[-1], _CUT.split(text[hit.end() :])[0]
    return _LEADING.sub("", _VALUE.split(before)[-1]), _VALUE.split(behind)[0]


def _over_one(texts: Sequence[str], names: Sequence[str]) -> tuple[str, str] | None:
    """Return the arms of a ratio whose words name the one that others are compared with: "HR vs drug", "ref: drug"."""
    half = next(filter(None, (_one_side(text, names) for text in texts[:2])), None) if len(names) == 2 else None
    if half is not None:
        return half
    over = _behind_versus(texts[0], names) if texts else None
    over = over or next(filter(None, (_reference(text, names) for text in texts)), None)
    others = [name for name in names if name != over]
    if len(others) > 1 and over is not None:
        others = [name for name in _contained(texts[0], names) if name != over]
    return (others[0], over) if over is not None and len(others) == 1 else None


def _one_side(text: str, names: Sequence[str]) -> tuple[str, str] | None:
    """Return two arms of which one is named beside a word of comparison, and the other by words that are no name."""
    if len(text.split()) > MATCHING.prose:
        return None
    for hit in _VERSUS.finditer(text):
        left, right = _sides_of(text, hit)
        if not all(re.search(r"[^\W\d_]{2}", side) for side in (left, right)):
            continue
        if "/" in hit[0] and not (_RATIO.search(text) and len(left.split()) == len(right.split()) == 1):
            continue
        of, over = arm_named(left, names), arm_named(right, names)
        if (of is None) != (over is None):
            other = next(name for name in names if name != (of or over))
            return (of or other, over or other)
    return None


def _behind_versus(text: str, names: Sequence[str]) -> str | None:
    """Return the arm behind a word of comparison that nothing stands before but the ratio's name."""
    for hit in _VERSUS.finditer(text):
        before, behind = _CUT.split(text[: hit.start()])[-1], _CUT.split(text[hit.end() :])[0]
        if "/" not in hit[0] and not re.search(r"\w", before) and (arm := arm_named(_VALUE.split(behind)[0], names)):
            return arm
    return None


def _reference(text: str, names: Sequence[str]) -> str | None:
    """Return the arm that a text calls the reference: the one behind that word, or else before it."""
    hits = list(REFERENCE.finditer(text))
    if len(hits) != 1 or any(REFERENCE.search(name) for name in names) or len(text.split()) > MATCHING.prose:
        return None
    behind, before = re.split(r"[;()\[\]]", text[hits[0].end() :])[0], text[: hits[0].start()]
    return arm_named(behind, names) or arm_named(re.split(r"[;,]\s", before)[-1], names) or arm_named(before, names)


def _of_one(text: str, names: Sequence[str]) -> tuple[str, str | None] | None:
    """Return the one arm that the words before a ratio name, over the other; over none where names speak against it."""
    said, control = _RATIO_FOR.search(text), control_of(names)
    named = _contained(_VALUE.split(said[1])[0], names) if said else []
    if len(named) == 1:
        return named[0], next(name for name in names if name != named[0])
    for name in _contained(_VALUE.split(text)[0], names):
        beside = rf"(?<!\w){re.escape(name)}(?P<colon>\s*:)?\W*{RATIO_NAME}|{RATIO_NAME}\W*{re.escape(name)}(?!\w)"
        hit = re.search(beside, text, re.IGNORECASE)
        if hit is not None and (name == control or control is None):
            other = next(one for one in names if one != name)
            return name, other if hit["colon"] and control is None else None
    return None


def _whole_names(text: str, names: Sequence[str]) -> tuple[str, str] | None:
    """Return the two arms that stand in a text with a word of comparison between them."""
    between = _between(text).pattern
    for of, over in permutations(sorted(names, key=len, reverse=True), 2):
        pattern = rf"(?<!\w){re.escape(of)}(?:{between}){re.escape(over)}(?!\w)"
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


_LACK = re.compile(r"^\W*no\b|\bnon\b|\bnever\b|\bwithout\b|\bw/o\b", re.IGNORECASE)
_CONTROL = re.compile(
    r"\bplacebo\b|\bPBO\b|\bPLB\b|\bvehicle\b|\bobservation\b|\bstandard\b|\busual\b|\bsupportive\b|\bBSC\b|\bSOC\b|"
    r"\balone\b|\bonly\b|\b(?:investigator|physician)\W?s?\W+choice\b|\bTPC\b|\bbest\s+available\b|\bBAT\b|"
    r"\bsham\b|\bconventional\b|\buntreated\b|\bwatchful\b|\breference\b|\bdeferred\b|\bdelayed\b|"
    r"\bsurveillance\b|\bexpectant\b|^\W*controls?\W*(?:groups?|arms?|patients|subjects)?\W*$|"
    r"\bcontrol\s+(?:group|arm)\b|\b(?:historical|external|synthetic|matched|concurrent)\s+controls?\b|"
    rf"{_LACK.pattern}",
    re.IGNORECASE,
)
_CALLED_CONTROL = re.compile(r"^\W*controls?\W*(?:groups?|arms?)?\W*$", re.IGNORECASE)
_NO_ADDITION = {"less", "more", "very", "lower", "higher", "low", "high", "early", "late", "earlier", "later", "not"}
"""Words that make another arm of a name, and add no treatment to it."""


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
    >>> control_of(["Never smokers", "Smokers"]), control_of(["Tight control", "Less tight control"]) is None
    ('Never smokers', True)
    """
    found = [name for name in names if all(_is_control(name, other) for other in names if other != name)]
    return found[0] if len(found) == 1 and len(names) > 1 else None


def _is_control(name: str, other: str) -> bool:
    """Return whether one of two arms is the control by their names."""
    own, others = _tokens(name), _tokens(other)
    told = [_CONTROL.search(_less(text, own & others)) is not None for text in (name, other)]
    if told[0] != told[1]:
        return told[0]
    called = [_CALLED_CONTROL.search(text) is not None for text in (name, other)]
    if all(told) and called[0] != called[1]:
        return called[0]  # "Control group" and "Observation group"
    generic = {"group", "arm", "patients", "mg"}
    return bool(own - generic) and own - generic < others - generic and not (others - own) & _NO_ADDITION


def _less(text: str, words: set[str]) -> str:
    """Return a name without some words."""
    return re.sub(r"[^\W_]+", lambda hit: "" if hit[0].casefold() in words else hit[0], text)
